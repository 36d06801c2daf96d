"""The database: the private cluster, sessions, and frames to tables and back."""
