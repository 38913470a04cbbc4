"""The plan as a frozen object, its file, the one in force, and which one is meant."""
