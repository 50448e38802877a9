"""What must be remembered when the platform does not tell: grants, in SQLite or Redis."""
