"""Instances: what the tables hold, reading them, and finding their faults."""
