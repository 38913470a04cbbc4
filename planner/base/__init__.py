"""What everything stands on: words, faults, moments, files."""
