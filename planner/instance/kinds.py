"""How cells are read: kinds, the choices there are, and the declaration of a column."""

from __future__ import annotations

from dataclasses import MISSING, dataclass, field
from enum import Enum, StrEnum
from typing import Any

__all__ = [
    "Basis",
    "CalibrationUse",
    "Chain",
    "Column",
    "DecisionRule",
    "Direction",
    "Echelon",
    "HubKind",
    "Kind",
    "Mode",
    "Objective",
    "Overnight",
    "Rounding",
    "Split",
    "WindowRule",
    "col",
]


class Kind(StrEnum):
    """How a cell is read."""

    ID = "id"  # text that names the row (or, with others, makes its key)
    REF = "ref"  # id of a row of another table
    TEXT = "text"
    COUNT = "count"  # integer >= 0
    DECIMAL = "decimal"  # number >= 0, kept as integer: scale in Column.scale
    DEGREE = "degree"  # decimal degrees, kept as float
    MONEY = "money"  # integer >= 0 in the smallest unit of the currency
    INSTANT = "instant"  # ISO 8601 with offset, kept as seconds from the plan's start
    HOUR = "hour"  # HH:MM, kept as seconds after midnight; 24:00 is the day's end
    DAYS = "days"  # daily, weekdays joined by "+" (mon+tue), or a date
    DATE = "date"
    CHOICE = "choice"  # one of Column.choices, kept as that enum
    CHOICES = "choices"  # some of them joined by "+", kept as a tuple
    NAMES = "names"  # ids or words joined by "+", kept as a tuple in alphabetical order
    YESNO = "yesno"  # yes or no


class Mode(StrEnum):
    """What an edge is travelled by."""

    ROAD = "road"
    RIVER = "river"
    SEA = "sea"
    AIR = "air"
    FOOT = "foot"


class Overnight(StrEnum):
    """What happens to a vehicle at the end of its shift."""

    HOME = "home"  # is back before it
    STOP = "stop"  # waits at a stop; each leg fits into a shift
    ANYWHERE = "anywhere"  # may pause on the way


class Basis(StrEnum):
    """Where a figure comes from."""

    MEASURED = "measured"
    ENTERED = "entered"
    MODELLED = "modelled"
    SYNTHETIC = "synthetic"
    DEFAULT = "default"


class HubKind(StrEnum):
    """What a hub is."""

    OFFICE = "office"
    JETTY = "jetty"
    PORT = "port"
    AIRSTRIP = "airstrip"


class WindowRule(StrEnum):
    """What of a service must lie in opening hours."""

    WHOLE = "whole"
    START = "start"


class Echelon(StrEnum):
    """Which receivers a deadline is for."""

    REGION = "region"
    HUB = "hub"


class Direction(StrEnum):
    """Direction of a speed: with the order of a line, against it, or both."""

    BOTH = "both"
    DOWN = "down"
    UP = "up"


class Rounding(StrEnum):
    """Where a quantity per count is rounded up."""

    UNIT = "unit"
    REGION = "region"


class Split(StrEnum):
    """On how many trips and days each part of a region's demand may be handed over."""

    NEVER = "never"  # on one trip
    SAME_DAY = "same_day"  # on as few trips as the largest vehicle that gets there allows, all on one day
    FREE = "free"  # as is cheapest


class CalibrationUse(StrEnum):
    """What a published trip is used for."""

    FIT = "fit"
    JUDGE = "judge"
    NONE = "none"


class Chain(StrEnum):
    """Whether consignments pass a hub."""

    NONE = "none"
    ALLOWED = "allowed"
    REQUIRED = "required"


class DecisionRule(StrEnum):
    """What a decision asks for."""

    USE = "use"
    NEVER_USE = "never_use"
    DAY = "day"
    DEPART_AT = "depart_at"
    TOGETHER = "together"
    BEFORE = "before"
    LEAVE_OUT = "leave_out"
    KEEP = "keep"


class Objective(StrEnum):
    """What comes after lateness."""

    COST = "cost"
    MARGIN = "margin"
    VEHICLES = "vehicles"
    EARLIEST = "earliest"


@dataclass(frozen=True, slots=True)
class Column:
    """One column of a table: how it is read and what it means."""

    attribute: str
    name: str
    kind: Kind
    description: str
    unit: str
    required: bool
    default: object
    refs: tuple[str, ...]
    choices: type[Enum] | None
    scale: int
    minimum: int | None
    dated: bool = False


def col(  # noqa: PLR0913 - a column has so many sides
    kind: Kind,
    description: str,
    *,
    name: str = "",
    unit: str = "",
    default: object = MISSING,
    refs: tuple[str, ...] = (),
    choices: type[Enum] | None = None,
    scale: int = 1,
    minimum: int | None = None,
    dated: bool = False,
) -> Any:  # noqa: ANN401 - stands where a dataclass wants a default
    """Declare a column; required when it has no default.

    Parameters
    ----------
    kind, description
        What a cell holds, and what it means.
    name
        In the file; empty: that of the attribute.
    unit
        In the file.
    default
        Of an empty cell, as it is inside.
    refs
        Tables that the cell's id may be of.
    choices
        What a word may be.
    scale
        Turns the file's decimal number into the integer inside (value x scale, which must be whole).
    minimum
        The smallest allowed integer *inside*; None: there is none.
    dated
        Whether dates and local times may stand in a text, joined by ``+``.
    """
    meta = {
        "kind": kind,
        "description": description,
        "name": name,
        "unit": unit,
        "refs": refs,
        "choices": choices,
        "scale": scale,
        "minimum": minimum,
        "dated": dated,
    }
    if default is MISSING:
        return field(metadata=meta)
    return field(default=default, metadata=meta)
