"""Composition: which trips, by which vehicle, when, at which dock."""
