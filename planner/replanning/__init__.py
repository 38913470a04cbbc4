"""Replanning: what has happened to a plan, and what becomes of the rest."""
