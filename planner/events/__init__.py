"""Reports from the field: the events table, and what it makes of an instance."""
