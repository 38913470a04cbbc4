"""Rule ``outage``: no trip by a vehicle that is out of use, and no load at a dock that is."""

from __future__ import annotations

from collections.abc import Sequence

from ortools.sat.python import cp_model

from planner.problem.fleet import FleetType

__all__ = ["away", "docks_away", "limit_vehicles"]


def away(model: cp_model.CpModel, kind: FleetType, vehicle: int) -> list[cp_model.IntervalVar]:
    """The times in which a vehicle is out of use, as what keeps it busy."""
    return [
        model.new_fixed_size_interval_var(begin, end - begin, f"o{kind.id}v{vehicle}@{begin}")
        for begin, end in kind.out_of(vehicle)
    ]


def limit_vehicles(model: cp_model.CpModel, kind: FleetType, driving: Sequence[cp_model.IntervalVar]) -> None:
    """No more trips of a type at once than vehicles that can be used; which drives which is seen later."""
    if kind.out and driving:
        busy = [one for vehicle in range(kind.number) for one in away(model, kind, vehicle)]
        model.add_cumulative([*driving, *busy], [1] * (len(driving) + len(busy)), kind.number)


def docks_away(
    model: cp_model.CpModel, out: Sequence[tuple[int, int, int]]
) -> tuple[list[cp_model.IntervalVar], list[int]]:
    """The times in which docks are out of use, and how many."""
    spans = [model.new_fixed_size_interval_var(begin, end - begin, f"d@{begin}") for begin, end, _ in out]
    return spans, [number for _, _, number in out]
