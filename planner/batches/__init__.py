"""Scenarios by the hundred: changes of an instance, their runs on processes, and what they show."""
