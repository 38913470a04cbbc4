"""``tradeoff``: plans between the cheapest and the one with the largest smallest margin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from planner.api.objects import Result
from planner.api.reading import instance_of
from planner.api.solving import checked_options
from planner.propose.engines import DEFAULT_ENGINE
from planner.solving.options import DEFAULT_TIME_LIMIT_S, SolveOptions
from planner.solving.pareto import Front
from planner.solving.pareto import tradeoff as front_of
from planner.solving.pipeline import Progress

if TYPE_CHECKING:
    import pandas as pd

    from planner.instance.schema import Instance

__all__ = ["Tradeoff", "tradeoff"]

_FEWEST, _MOST = 2, 20  # as on the command line


@dataclass(frozen=True)
class Tradeoff:
    """Plans of which none is both dearer and tighter than another.

    Parameters
    ----------
    results
        The plans with their checks, the cheapest first.
    front
        How they were found, and what is not known of them.
    """

    results: tuple[Result, ...]
    front: Front

    def __repr__(self) -> str:
        """What a notebook shows: how many plans there are, and between which costs."""
        costs = [one.cost for one in self.results]
        return f"<Tradeoff: {len(costs)} plans, {costs[0]:,} to {costs[-1]:,}>"

    @cached_property
    def table(self) -> pd.DataFrame:
        """One row for each plan: cost, smallest margin, answer, regions on time, vehicles, trips."""
        from planner.api.dataframes import front_frame

        return front_frame(self.front)


def tradeoff(  # noqa: PLR0913
    instance: Instance | str | Path,
    *,
    points: int = 5,
    time_limit_s: float = DEFAULT_TIME_LIMIT_S,
    effort: int | None = None,
    seed: int = 1,
    workers: int = 2,
    engine: str = DEFAULT_ENGINE,
    area: str = "",
    guarantee: int | None = None,
    on_progress: Callable[[Progress], None] | None = None,
) -> Tradeoff:
    """Find plans between the cheapest and the one with the largest smallest margin.

    Parameters
    ----------
    instance
        The instance, or its path.
    points
        Searches, and plans, at most; from 2 to 20.
    time_limit_s
        Seconds for all searches together; not used with an effort.
    effort
        Repeatable amount of work of each search, in place of time.
    seed, workers, engine, area, guarantee
        See `solve`.
    on_progress
        Told of each better outcome of a component, in the thread that calls.

    Returns
    -------
    Tradeoff
        Its ``results`` are checked like those of `solve`.

    Raises
    ------
    InputError, CheckFailedError
        As `solve` does.
    ValueError
        If the engine is unknown or a number is out of its range.
    """
    if not _FEWEST <= points <= _MOST:
        msg = f"points is {points}, but {_FEWEST} to {_MOST} are possible"
        raise ValueError(msg)
    world = instance_of(instance)
    options = checked_options(
        SolveOptions(
            time_limit_s=time_limit_s,
            effort=effort,
            seed=seed,
            engine=engine,
            workers=workers,
            area=area,
            guarantee=guarantee,
        )
    )
    front = front_of(world, options, points, on_progress=on_progress)
    made = [one.result for one in front.points]
    results = tuple(Result(one.plan, one.verdict, world, one.wall_s, one.interrupted) for one in made)
    return Tradeoff(results, front)
