"""Our search with one thing changed, to see what each part is worth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from planner.propose.sisr import engine, flatten, neighbours

Change = Callable[[], None]


def setting(module: object, **values: object) -> Change:
    """Change settings of a module, for the rest of the process."""

    def change() -> None:
        for name, value in values.items():
            if type(getattr(module, name)) is not type(value):
                raise TypeError(f"{name} is no {type(value).__name__}")
            setattr(module, name, value)

    return change


def types_stay() -> None:
    """Trips may not pass from one type to another."""
    known = flatten._group

    def none(problem: Any, veh_types: Any, fleet: Any, price: Any) -> None:
        known(problem, veh_types, fleet, price)
        fleet[:, flatten.GROUP] = -1

    flatten._group = none


def greedy_types() -> None:
    """Trips pass to other types, but new trips never seem cheaper than they are."""
    known = flatten.Data

    def plain(**fields: Any) -> Any:
        return known(**{**fields, "grouped": False})

    flatten.Data = plain


def in_random_order() -> None:
    """Removed jobs come back in random order only."""
    setting(engine, _ORDERS=(1.0,) * 7, _ORDERS_TIMED=(1.0,) * 7)()


VARIANTS: dict[str, Change] = {
    "as it is": lambda: None,
    "no blinks": setting(engine, _BLINK=0.0),
    "strings of at most 10 jobs": setting(engine, _LEAST_LONGEST=9.9, _MOST_LONGEST=10.0),
    "5 jobs removed": setting(engine, _AVERAGE=5.0),
    "20 jobs removed": setting(engine, _AVERAGE=20.0),
    "random order only": in_random_order,
    "starts a fifth as hot": setting(engine, _HOT=0.04, _HOT_TIMED=0.08),
    "no tails exchanged": setting(engine, _TAILS=0),
    "no strings moved": setting(engine, _STRINGS=0),
    "no tails, no strings": setting(engine, _STRINGS=0, _TAILS=0),
    "places near all jobs": setting(neighbours, _NEAR=10**6, _NEAR_TIMED=10**6),
    "neighbours by distance alone": setting(neighbours, _WAIT=0.0),
    "trips keep their types": types_stay,
    "new trips at their price": greedy_types,
}
