"""What leaves the platform for good: maps, documents, snapshots."""
