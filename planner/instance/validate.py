"""Validation: what the tables of an instance mean together."""

from __future__ import annotations

from planner.errors import Fault
from planner.instance.draft import Draft
from planner.instance.schema import Instance

__all__ = ["errors_of", "warnings_of"]


def errors_of(draft: Draft) -> list[Fault]:
    """All errors of meaning."""
    return []


def warnings_of(instance: Instance, draft: Draft) -> list[Fault]:
    """All warnings."""
    return []
