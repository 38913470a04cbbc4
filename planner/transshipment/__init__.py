"""Lateral transshipment: goods that one warehouse sends to another before any search."""
