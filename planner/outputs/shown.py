"""A table that is ready to print, and how its cells call places and vehicles."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from planner.base.text import words
from planner.instance.call_signs import call_signs
from planner.instance.schema import Instance
from planner.plans.model import Trip

__all__ = ["Shown", "columns_of", "place_text", "vehicle_text"]

_NUMBERS = frozenset({"units", "kg", "pieces", "dock"})


@dataclass(frozen=True, slots=True)
class Shown:
    """A table with its heading and what stands below: texts, ready to print.

    Parameters
    ----------
    heading
        What is shown.
    columns
        Headings of the columns, each with whether it is a number.
    rows
        The cells.
    notes
        Lines below the table.
    spare
        Positions of the columns that are left out first where there is no room.
    """

    heading: str
    columns: Sequence[tuple[str, bool]]
    rows: Sequence[Sequence[str]]
    notes: Sequence[str] = ()
    spare: Sequence[int] = ()


def columns_of(names: Iterable[str]) -> Sequence[tuple[str, bool]]:
    """Headings of columns by their keys in the catalogue."""
    return [(words(f"report.show.{name}"), name in _NUMBERS) for name in names]


def vehicle_text(trip: Trip, instance: Instance) -> str:
    """A vehicle's call sign and id."""
    return f"{call_signs(instance).of(trip.vehicle_id)} {trip.vehicle_id}".strip()


def place_text(name: str, instance: Instance) -> str:
    """A place's id and name."""
    known = instance.place_name_of.get(name, name)
    return known if known == name else f"{name} {known}"
