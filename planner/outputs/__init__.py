"""What people and other programs get: tables, files, words."""
