"""The verbs of the command line as functions: they take and return objects, and print nothing.

``import planner`` has them as ``planner.read``, ``planner.solve`` and so on; ``docs/python.md`` shows how
they are used. Faults of the input are raised as `planner.errors.InputError`, which carries all of them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from planner.clock import Clock
from planner.errors import Fault, InputError, Severity
from planner.instance.digest import digest
from planner.instance.raw import RawTable
from planner.instance.read import read_tables, tables_from_rows
from planner.instance.schema import Instance, Settings
from planner.instance.settings import FORMAT, PLAN_FILE
from planner.plan import Plan, Status
from planner.plan_file import FileClaims, read_claims, write_plan
from planner.proof.check import check_plan
from planner.proof.verdict import Verdict
from planner.solve import DEFAULT_TIME_LIMIT_S, Progress, SolveOptions, SolveResult, is_as_asked
from planner.solve import solve as solve_instance
from planner.steps import steps

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "CancelFlag",
    "Progress",
    "Result",
    "Source",
    "Tables",
    "Validation",
    "check",
    "export",
    "frames",
    "read",
    "solve",
    "validate",
]


class CancelFlag(Protocol):
    """Something that says when to stop, such as a `threading.Event`."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


Tables: TypeAlias = "Mapping[str, pd.DataFrame | Sequence[Mapping[str, object]]]"
Source: TypeAlias = "str | Path | Tables"
FORMATS = ("csv", "json", "svg")
_AUTO = "auto"


@dataclass(frozen=True)
class Validation:
    """What the validation of an instance says.

    Parameters
    ----------
    instance
        The instance; None where there is any error.
    faults
        All errors and warnings, by table and row.
    """

    instance: Instance | None
    faults: tuple[Fault, ...]

    @property
    def valid(self) -> bool:
        """Whether a solve can begin; warnings do not stop it."""
        return self.instance is not None

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The faults that are no warnings."""
        return tuple(fault for fault in self.faults if fault.severity is Severity.ERROR)

    @property
    def table(self) -> pd.DataFrame:
        """The faults as a DataFrame; ``row`` is a file's line, in a DataFrame the position + 2."""
        from planner.frames import faults_frame

        return faults_frame(self.faults)


@dataclass(frozen=True)
class Result:
    """A plan with what the independent check says of it.

    Parameters
    ----------
    plan, verdict
        The plan, and the check of it.
    instance
        What it was made for, or checked against.
    wall_s
        Seconds that a solve took; 0 for a check.
    interrupted
        Whether somebody asked to stop before the end.
    """

    plan: Plan
    verdict: Verdict
    instance: Instance
    wall_s: float = 0.0
    interrupted: bool = False

    @property
    def status(self) -> Status:
        """The answer as the check sees it; a plan that breaks a rule is none (``NOT_FOUND``)."""
        return self.verdict.status

    @property
    def as_asked(self) -> bool:
        """Whether the plan keeps all rules and is as good as was asked for (``plan solve`` ends with 0)."""
        found = SolveResult(self.plan, self.verdict, self.wall_s, self.interrupted)
        return self.verdict.passed and is_as_asked(found)

    @property
    def cost(self) -> int:
        """Cost, as the check computes it, in the instance's currency."""
        return self.verdict.figures.cost

    @cached_property
    def trips(self) -> pd.DataFrame:
        """Trips stop by stop: the columns of ``trips.csv``."""
        from planner.frames import trips_frame

        return trips_frame(self.plan, self.instance.clock)

    @cached_property
    def deliveries(self) -> pd.DataFrame:
        """What each region receives, when and by which trip: the columns of ``deliveries.csv``."""
        from planner.frames import deliveries_frame

        return deliveries_frame(self.plan, self.instance.clock)

    @cached_property
    def transfers(self) -> pd.DataFrame:
        """What is transferred at hubs: the columns of ``transfers.csv``; no rows without hubs."""
        from planner.frames import transfers_frame

        return transfers_frame(self.plan, self.instance.clock)

    @cached_property
    def regions(self) -> pd.DataFrame:
        """One row for each region: status, receipt, deadline, margin, and where it is late, why."""
        from planner.frames import regions_frame

        return regions_frame(self.plan, self.verdict, self.instance)

    @cached_property
    def violations(self) -> pd.DataFrame:
        """Rules that the plan breaks, place by place, with the amount; no rows for a plan of a solve."""
        from planner.frames import violations_frame

        return violations_frame(self.verdict)


def read(source: Source, settings: Settings | Mapping[str, Any] | None = None) -> Instance:
    """Read and validate an instance.

    Parameters
    ----------
    source
        Path of an instance, or its tables: DataFrames (or lists of mappings) by the name of the table, with
        the columns and units of ``docs/instance_format.md``. Missing values are empty cells.
    settings
        With tables: the keys of ``plan.toml`` (``format`` may be left out), or the settings of another
        instance.

    Returns
    -------
    Instance
        All of it, frozen.

    Raises
    ------
    InputError
        With every fault of the tables and settings.
    TypeError
        If settings are given with a path.

    Examples
    --------
    >>> report = validate({"regions": [{"id": "ash"}]}, {"name": "Mine"})
    >>> "I101 The table warehouses is missing; there is no file warehouses.csv." in [
    ...     f"{fault.code} {fault.cause}" for fault in report.faults
    ... ]
    True
    """
    found = validate(source, settings)
    if found.instance is None:
        raise InputError(found.errors)
    return found.instance


def validate(source: Source, settings: Settings | Mapping[str, Any] | None = None) -> Validation:
    """Validate an instance without raising; see `read`.

    Returns
    -------
    Validation
        All faults, with the instance where there are none but warnings.
    """
    if isinstance(source, str | Path):
        if settings is not None:
            msg = "settings belong to tables; a path has its own"
            raise TypeError(msg)
        return Validation(*read_tables(Path(source)))
    rows: dict[str, RawTable | Sequence[Mapping[str, object]]] = {}
    faults: list[Fault] = []
    for name, table in source.items():
        rows[str(name)], more = _table(str(name), table)
        faults += more
    if not isinstance(settings, Settings):
        settings = {"format": FORMAT, **(settings or {})}
    instance, found = tables_from_rows(settings, rows)
    every = sorted((*faults, *found), key=lambda fault: fault.sort_key)
    return Validation(None if faults else instance, tuple(every))


def _table(name: str, table: Any) -> tuple[RawTable | Sequence[Mapping[str, object]], list[Fault]]:  # noqa: ANN401
    """A table in the form that reading takes."""
    import pandas as pd  # heavy

    from planner.frames import raw_from_frame

    is_list = isinstance(table, Sequence) and all(isinstance(row, Mapping) for row in table)
    if is_list and not table:
        return (), []
    if is_list:
        table = pd.DataFrame(table, dtype=object)
    if isinstance(table, pd.DataFrame):
        return raw_from_frame(name, table)
    return (), [Fault("A102", name, value=type(table).__name__)]


def frames(instance: Instance) -> dict[str, pd.DataFrame]:
    """Tables of an instance as DataFrames, which `read` takes again with ``instance.settings``.

    Examples
    --------
    >>> tables = frames(read("instances/toy"))
    >>> int(tables["regions"]["boxes"].sum())
    26
    """
    from planner.frames import instance_frames

    return instance_frames(instance)


def solve(  # noqa: PLR0913
    instance: Instance | str | Path,
    *,
    time_limit_s: float = DEFAULT_TIME_LIMIT_S,
    effort: int | None = None,
    seed: int = 1,
    workers: int = 2,
    engine: str = "sisr",
    area: str = "",
    guarantee: int | str | None = None,
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
    instance = _instance(instance)
    auto = guarantee == _AUTO
    if isinstance(guarantee, str) and not auto:
        msg = f"guarantee is a number, None or {_AUTO!r}, not {guarantee!r}"
        raise ValueError(msg)
    options = _options(
        SolveOptions(
            time_limit_s=time_limit_s,
            effort=effort,
            seed=seed,
            engine=engine,
            workers=workers,
            area=area,
            guarantee=None if isinstance(guarantee, str) else guarantee,
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


def _options(options: SolveOptions) -> SolveOptions:
    """The options, if every number is in its range."""
    from planner.propose.engine import ENGINES

    if options.engine not in ENGINES:
        msg = f"no engine named {options.engine!r}; there are: {', '.join(ENGINES)}"
        raise ValueError(msg)
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


def _instance(source: Instance | str | Path) -> Instance:
    return source if isinstance(source, Instance) else read(source)


def check(plan: Plan | Result | str | Path, instance: Instance | str | Path | None = None) -> Result:
    """Recompute every claim of a plan from the instance alone.

    Parameters
    ----------
    plan
        A plan, a result, or the path of a plan's file.
    instance
        What it is checked against, or its path; may be left out for a result.

    Returns
    -------
    Result
        The plan and the verdict on it; broken rules are in ``violations``, not raised.

    Raises
    ------
    InputError
        If a file cannot be read.
    TypeError
        If there is no instance.
    """
    found, clock, claims = _plan(plan)
    world = _world(plan, instance)
    return Result(found, check_plan(found, clock or world.clock, world, claims), world)


def _plan(plan: Plan | Result | str | Path) -> tuple[Plan, Clock | None, FileClaims | None]:
    if isinstance(plan, Result):
        return plan.plan, plan.instance.clock, None
    if isinstance(plan, Plan):
        return plan, None, None
    return read_claims(Path(plan))


def _world(plan: Plan | Result | str | Path, instance: Instance | str | Path | None) -> Instance:
    if instance is not None:
        return _instance(instance)
    if isinstance(plan, Result):
        return plan.instance
    msg = "a plan without its result needs the instance that it was made for"
    raise TypeError(msg)


def export(
    plan: Plan | Result | str | Path,
    output: str | Path,
    *,
    format: str = "csv",
    instance: Instance | str | Path | None = None,
    force: bool = False,
) -> tuple[Path, ...]:
    """Write a plan as files for other programs.

    Parameters
    ----------
    plan
        A plan, a result, or the path of a plan's file.
    output
        The folder for ``csv``, the file for all others; what is missing of the way to it is made.
    format
        ``csv`` (``trips.csv``, ``deliveries.csv`` and, where goods pass hubs, ``transfers.csv``), ``svg``
        (the map), ``json`` (the plan itself, for ``plan check`` and all other verbs).
    instance
        What it was made for, or its path; may be left out for a result, and for the csv and json of a file.
    force
        Replace files that are there already.

    Returns
    -------
    tuple
        Paths of the files that were written.

    Raises
    ------
    InputError
        If a file cannot be read, is there already (C702), or the plan was made for another instance (P103).
    ValueError
        If the format is unknown.
    TypeError
        If there is no instance where one is needed.
    """
    if format not in FORMATS:
        msg = f"no format named {format!r}; there are: {', '.join(FORMATS)}"
        raise ValueError(msg)
    found, clock, _ = _plan(plan)
    path = Path(output)
    _refuse_taken(path, format, force=force)
    world = None
    if instance is not None or clock is None or format == "svg":
        world = _world(plan, instance)
        _refuse_other(found, world)
        clock = world.clock
    if format == "csv":
        from planner.outputs.tables import write_tables

        return write_tables(found, clock, path)
    if format == "json":
        write_plan(found, clock, path)
        return (path,)
    from planner.files import write_text
    from planner.outputs.map_svg import map_svg

    assert world is not None
    return (write_text(path, map_svg(found, world)),)


def _refuse_taken(path: Path, form: str, *, force: bool) -> None:
    """Raise where something is in the way."""
    if form != "csv":
        wrong = [("C703", path)] if path.is_dir() else [("C702", path)] if path.exists() and not force else []
    elif path.exists() and not path.is_dir():
        wrong = [("C704", path)]
    else:
        from planner.outputs.tables import TABLE_FILES

        wrong = [("C702", path / name) for name in TABLE_FILES if not force and (path / name).exists()]
    if wrong:
        raise InputError([Fault(code, "output", value=str(there)) for code, there in wrong])


def _refuse_other(plan: Plan, instance: Instance) -> None:
    if (actual := digest(instance)) != plan.instance_digest:
        raise InputError([Fault("P103", PLAN_FILE, value=plan.instance_digest, params={"actual": actual})])
