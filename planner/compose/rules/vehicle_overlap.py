"""Rule ``vehicle_overlap``: no more trips at once than vehicles, none after an open end, and not too many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from ortools.sat.python import cp_model

from planner.compose.options import Driven
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem
from planner.problem.visits import UNPROMISED_S

__all__ = ["at_once", "driving", "limit_trips"]


def driving(
    model: cp_model.CpModel,
    problem: Problem,
    options: Sequence[Driven],
    name: str = "",
    until: Mapping[int, cp_model.IntVar] | None = None,
) -> list[cp_model.IntervalVar]:
    """From when to when each option keeps its vehicle: with an open end to the end of the horizon.

    Parameters
    ----------
    model, problem, options
        The echelon, and what may be driven.
    name
        Sets the names of these variables apart from others.
    until
        By position, until when an option keeps its vehicle; None, or not in it: as its variant says.
    """
    found: list[cp_model.IntervalVar] = []
    for idx, one in enumerate(options):
        if until and idx in until:
            end = until[idx]
            size = model.new_int_var(0, problem.horizon_s + UNPROMISED_S, f"z{idx}{name}")
            found.append(model.new_optional_interval_var(one.start, size, end, one.used, f"v{idx}{name}"))
            continue
        timing = one.timing
        length = timing.free_s - timing.load_start_s
        if problem.fleet[one.fleet].open_end:
            length = problem.horizon_s - timing.load_start_s
        found.append(model.new_optional_fixed_size_interval_var(one.start, length, one.used, f"v{idx}{name}"))
    return found


def at_once(
    model: cp_model.CpModel,
    intervals: Sequence[cp_model.IntervalVar],
    vehicles: cp_model.IntVar | int,
) -> None:
    """No more at once than there are vehicles: of one, one after another."""
    if isinstance(vehicles, int) and vehicles == 1:
        model.add_no_overlap(intervals)
    elif intervals:
        model.add_cumulative(intervals, [1] * len(intervals), vehicles)


def limit_trips(
    model: cp_model.CpModel, kind: FleetType, options: Sequence[Driven], vehicles: cp_model.IntVar | int
) -> None:
    """No more trips than these vehicles may make together.

    Parameters
    ----------
    model
        What the rule is added to.
    kind, options
        Their type, and what these vehicles may drive.
    vehicles
        How many they are.
    """
    if kind.max_trips is not None and options:
        model.add(sum(one.used for one in options) <= kind.max_trips * vehicles)
