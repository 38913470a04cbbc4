"""How much can be guaranteed at all, and what each further late leg costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

from planner.instance.schema import Instance
from planner.plan import Plan, Status
from planner.solve import Progress, SolveOptions, SolveResult, solve
from planner.spares import Spares

__all__ = ["most_legs", "steps"]


def steps(
    instance: Instance,
    options: SolveOptions,
    *,
    output: Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    spares: Spares | None = None,
) -> Iterator[tuple[int, SolveResult]]:
    """Plans that withstand 0, 1, 2, … late legs of each vehicle, until that cannot be had.

    Parameters
    ----------
    instance, options
        As for `planner.solve.solve`; the limit holds for each step.
    output
        Where the last plan that is as asked is written.
    on_progress, spares
        See `planner.solve.solve`.

    Yields
    ------
    (int, SolveResult)
        The number of late legs, and its plan. The last one is not guaranteed, unless all legs of a vehicle
        may be late or somebody asked to stop.

    Raises
    ------
    InputError, CheckFailedError
        As `planner.solve.solve` does.
    """
    number, ends = 0, False
    while not ends:
        now = replace(options, guarantee=number)
        beside = None if output is None else output.with_name(f"{output.name}.{number}")
        result = solve(instance, now, output=beside, on_progress=on_progress, spares=spares)
        good = result.plan.status is (Status.GUARANTEED if number else Status.ON_TIME)
        if output is not None and beside is not None:
            if good or number == 0:
                beside.replace(output)
            else:
                beside.unlink()
        yield number, result
        ends = not good or result.interrupted or number >= most_legs(result.plan)
        number += 1


def most_legs(plan: Plan) -> int:
    """Legs of the vehicle that has most of them."""
    legs: Counter[str] = Counter()
    for trip in plan.trips:
        legs[trip.vehicle_id] += len(trip.stops) + (trip.back is not None)
    return max(legs.values(), default=0)
