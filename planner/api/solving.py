"""``solve``: a checked plan of an instance."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from planner.api.judging import plan_of
from planner.api.objects import CancelFlag, PlanSource, Result
from planner.api.reading import instance_of
from planner.instance.schema import Instance
from planner.propose.engines import DEFAULT_ENGINE, entry_of
from planner.solving.options import DEFAULT_TIME_LIMIT_S, SolveOptions
from planner.solving.pipeline import Progress
from planner.solving.pipeline import solve as solve_instance
from planner.solving.price_of_robustness import steps

__all__ = ["checked_options", "solve"]

_AUTO = "auto"


def solve(  # noqa: PLR0913
    instance: Instance | str | Path,
    *,
    time_limit_s: float = DEFAULT_TIME_LIMIT_S,
    effort: int | None = None,
    seed: int = 1,
    workers: int = 2,
    engine: str = DEFAULT_ENGINE,
    area: str = "",
    guarantee: int | str | None = None,
    base: PlanSource | None = None,
    output: str | Path | None = None,
    on_progress: Callable[[Progress], None] | None = None,
    cancel: CancelFlag | Callable[[], bool] | None = None,
) -> Result:
    """Plan an instance and check the plan independently.

    Parameters
    ----------
    instance
        The instance, or its path.
    time_limit_s
        Seconds of search; not used with an effort.
    effort
        Repeatable amount of work in place of time: the same input, seed, workers and effort give the same
        plan.
    seed, engine
        Start of all random numbers; ``sisr`` or ``ortools``.
    workers
        Processes. They do not import the script or notebook that calls, so no ``__main__`` guard is needed.
        0: search in this process and thread.
    area
        Comma-separated ids of areas, subareas or regions; empty for all.
    guarantee
        Late legs of each vehicle to withstand; None: as the instance says; ``"auto"``: as many as can be
        had, with the time for each number anew.
    base
        A plan, a result or a plan's path to go on from: with an area all else stays as it is there, and
        decisions ``keep`` hold on to what they name.
    output
        Where the best checked plan is written as JSON, every few seconds and at the end. An older file is
        replaced.
    on_progress
        Told of each better outcome of a component, in the thread that calls.
    cancel
        A `threading.Event`, or a function that says True, to stop with the best plan so far. It is asked
        several times a second; with ``workers=0`` only when something better is found.

    Returns
    -------
    Result
        The plan and the check of it, whatever the answer is: look at its ``status``.

    Raises
    ------
    InputError
        If the instance cannot be read, the area is unknown, or the instance asks for what a solve does not
        obey.
    ValueError
        If the engine is unknown or a number is out of its range.
    CheckFailedError
        If the check rejects what was found, which is a fault of the program.

    Notes
    -----
    Ctrl-C, and interrupting the kernel of a notebook, ends the search with the best plan so far. To go on
    with other things meanwhile, call it in a thread (``await asyncio.to_thread(planner.solve, …)``).
    """
    instance = instance_of(instance)
    auto = guarantee == _AUTO
    if isinstance(guarantee, str) and not auto:
        msg = f"guarantee is a number, None or {_AUTO!r}, not {guarantee!r}"
        raise ValueError(msg)
    options = checked_options(
        SolveOptions(
            time_limit_s=time_limit_s,
            effort=effort,
            seed=seed,
            engine=engine,
            workers=workers,
            area=area,
            guarantee=None if isinstance(guarantee, str) else guarantee,
            base=None if base is None else plan_of(base, instance),
        )
    )
    path = None if output is None else Path(output)
    asked = _Asked(on_progress, _stop(cancel))
    if auto:
        taken = list(steps(instance, options, output=path, on_progress=asked.tell, cancelled=asked.stop))
        found = [one for one in taken if one.late_legs == 0 or one.is_good][-1].result
        wall_s, interrupted = sum(one.result.wall_s for one in taken), taken[-1].result.interrupted
    else:
        found = solve_instance(instance, options, output=path, on_progress=asked.tell, cancelled=asked.stop)
        wall_s, interrupted = found.wall_s, found.interrupted
    if asked.error is not None:
        raise asked.error
    return Result(found.plan, found.verdict, instance, wall_s, interrupted)


class _Asked:
    """The caller's own functions; an error of theirs ends the search and is kept, to be raised as it is."""

    def __init__(
        self, on_progress: Callable[[Progress], None] | None, stop: Callable[[], bool] | None
    ) -> None:
        self._on_progress = on_progress
        self._stop = stop
        self.error: Exception | None = None

    def tell(self, progress: Progress) -> None:
        if self._on_progress is not None and self.error is None:
            try:
                self._on_progress(progress)
            except Exception as error:  # raised by `solve` itself
                self.error = error

    def stop(self) -> bool:
        if self._stop is not None and self.error is None:
            try:
                return bool(self._stop())
            except Exception as error:
                self.error = error
        return self.error is not None


def checked_options(options: SolveOptions) -> SolveOptions:
    """The options, if every number is in its range."""
    entry_of(options.engine)
    least: Mapping[str, float] = {"time_limit_s": 1, "effort": 1, "workers": 0, "guarantee": 0}
    for name, number in least.items():
        value = getattr(options, name)
        if value is not None and not value >= number:
            msg = f"{name} is {value}, but at least {number} is needed"
            raise ValueError(msg)
    return options


def _stop(cancel: CancelFlag | Callable[[], bool] | None) -> Callable[[], bool] | None:
    """What says whether to stop, as a function."""
    if cancel is None:
        return None
    is_set = getattr(cancel, "is_set", None)
    if callable(is_set):
        return is_set  # type: ignore[no-any-return]
    if callable(cancel):
        return cancel
    msg = f"cancel is a threading.Event or a function, not {type(cancel).__name__}"
    raise TypeError(msg)
