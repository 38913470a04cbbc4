"""Rule ``split``: all that is for one part of a region comes on one local day."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Iterable, Iterator, Mapping
from typing import Any, NamedTuple

from ortools.sat.python import cp_model

from planner.compose.options import Option
from planner.network.calendars import day_index
from planner.problem.one_day import received
from planner.problem.problem import Problem
from planner.problem.visits import NEVER

__all__ = ["Receipt", "given", "one_day", "receipts"]


class Receipt(NamedTuple):
    """Goods that have one day, in something that may be driven.

    Parameters
    ----------
    lot
        A name for all that has this day.
    used, start
        Whether it is driven, and from when on.
    low_s, high_s
        The closed interval of its starts, in seconds.
    after_s
        How long after its start the goods are received.
    """

    lot: Hashable
    used: cp_model.IntVar
    start: cp_model.IntVar
    low_s: int
    high_s: int
    after_s: int


def receipts(problem: Problem, options: Iterable[Option]) -> Iterator[Receipt]:
    """What the options of an echelon hand over that has one day, by the region's id and the part."""
    for one in options:
        low_s, high_s = one.variant.low_s, one.variant.high_s
        for (region, part), end_s in received(problem, one.trip.stops, one.timing):
            lot = problem.places[problem.place(region)], part
            yield Receipt(lot, one.used, one.start, low_s, high_s, end_s - low_s)


def given(problem: Problem) -> dict[Hashable, set[int]]:
    """Days that something outside an echelon gives its lots."""
    return {(problem.places[problem.place(lot[0])], lot[1]): {day} for lot, day in problem.days.items()}


def one_day(
    model: cp_model.CpModel,
    midnights: tuple[int, ...],
    found: Iterable[Receipt],
    on: Mapping[Any, Collection[int]] | None = None,
) -> None:
    """All receipts of a lot are on one local day.

    Parameters
    ----------
    model
        What the rule is added to.
    midnights
        Seconds at which local days begin.
    found
        All receipts.
    on
        Days on one of which each must be, of lots of which something comes in any case.
    """
    days: dict[Hashable, dict[int, cp_model.IntVar]] = {}
    ends = (*midnights[1:], NEVER)
    for number, one in enumerate(found):
        first, last = (day_index(midnights, start + one.after_s) for start in (one.low_s, one.high_s))
        mine = days.setdefault(one.lot, {})
        for day in range(first, last + 1):
            if day not in mine:
                mine[day] = model.new_bool_var(f"day{day}of{number}")
            if first == last:
                model.add_implication(one.used, mine[day])
                break
            on_day = model.new_bool_var(f"on{day}of{number}")
            model.add_bool_or(~one.used, ~mine[day], on_day)
            model.add(one.start + one.after_s >= midnights[day]).only_enforce_if(on_day)
            model.add(one.start + one.after_s < ends[day]).only_enforce_if(on_day)
        else:
            model.add_bool_or(~one.used, *(mine[day] for day in range(first, last + 1)))
    for lot, mine in days.items():
        allowed = (on or {}).get(lot)
        if allowed is None:
            model.add_at_most_one(mine.values())
        else:
            model.add(sum(literal for day, literal in mine.items() if day not in allowed) == 0)
