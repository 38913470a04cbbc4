"""Whom a closure bars."""

from __future__ import annotations

from planner.instance.schema import Closure, VehicleType

__all__ = ["bars"]


def bars(row: Closure, kind: VehicleType) -> bool:
    """Whether a closure holds for a vehicle type: it names nobody, or the type, or one of its modes."""
    return not row.types or kind.id in row.types or any(mode.value in row.types for mode in kind.modes)
