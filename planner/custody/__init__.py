"""Custody: what was scanned at hand-overs, where each box is by that and who has it, and what is wrong."""
