"""What was erased, in a list outside the database: read when a backup is restored."""
