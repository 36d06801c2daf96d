"""The platform over HTTP: one file a resource in `routes`, and what they share beside it."""
