"""Files in, rows in the database: all of them or none."""
