"""``check``, ``evaluate`` and ``export``: what is done with a plan, or with the routes of people."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

from planner.api.objects import PlanSource, Result, Rows, need
from planner.api.reading import instance_of
from planner.background.read import read_background
from planner.background.schema import NO_BACKGROUND
from planner.base.clock import Clock
from planner.base.errors import Fault, InputError
from planner.events.told import told_rows
from planner.instance.digest import digest
from planner.instance.schema import Instance
from planner.instance.settings import PLAN_FILE
from planner.outputs.map.classes import Colour
from planner.outputs.map.files import PICTURES, standing_at, write_picture
from planner.outputs.map.scene import Asked, scene_of
from planner.plans.file import by_clock, read_claims, write_plan
from planner.plans.lineage import plans_before, reports_beside
from planner.plans.model import Plan
from planner.plans.reader import FileClaims
from planner.proof.check import check_plan

__all__ = ["check", "evaluate", "export", "plan_of", "world_of"]

FORMATS = ("csv", "json", "svg", "png")


def check(
    plan: PlanSource,
    instance: Instance | str | Path | None = None,
    *,
    previous: Sequence[PlanSource] = (),
    events: str | Path | None = None,
) -> Result:
    """Recompute every claim of a plan from the instance alone.

    Parameters
    ----------
    plan
        A plan, a result, or the path of a plan's file.
    instance
        What it is checked against, or its path; may be left out for a result.
    previous
        The plan that it goes on from (``base``), or those before a replan, the oldest first: what was to stay
        is compared with them. Those before a replan's file that lie beside it are found without this.
    events
        For a replan, the table of the reports that it believed; None: those beside its file.

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
    world = world_of(plan, instance)
    clock = clock or world.clock
    path = Path(plan) if isinstance(plan, str | Path) else None
    before = [_by(clock, one) for one in previous]
    if found.replan is None:
        return Result(found, check_plan(found, clock, world, claims, before), world)
    before = [*plans_before(path, found, clock, before)]
    tables = [Path(events)] if events is not None else [] if path is None else reports_beside(path)
    told = told_rows(tables, (found, *before), world)
    return Result(found, check_plan(found, clock, world, claims, before, outside=told), world)


def evaluate(
    routes: str | Path | Rows,
    instance: Instance | str | Path,
    *,
    area: str = "",
    guarantee: int | None = None,
) -> Result:
    """Judge routes that people have made: times, loads, costs and every broken rule with its amount.

    Parameters
    ----------
    routes
        Path of a table of stops, or the table itself: the ``trips`` of a result, edited or not, or a plain
        list with the columns ``vehicle`` and ``stop`` (``docs/evaluate.md``).
    instance
        What they are for, or its path.
    area
        Comma-separated ids of areas, subareas or regions that the routes are for; empty: all regions of the
        warehouses whose vehicles drive.
    guarantee
        Late legs of each vehicle to withstand; None: as the instance says.

    Returns
    -------
    Result
        A plan of just these routes; what they break is in ``violations``, not raised.

    Raises
    ------
    InputError
        With every fault of the table (V201 to V233), or if the area is unknown.

    Examples
    --------
    >>> given = [{"vehicle": "van/1", "stop": "elm"}, {"vehicle": "van/1", "stop": "fig"}]
    >>> judged = evaluate(given, "instances/toy", area="elm,fig")
    >>> judged.plan.regions_on_time, len(judged.violations)
    (2, 0)
    """
    from planner.evaluation.pipeline import evaluate as evaluated
    from planner.evaluation.read import read_routes, routes_from_rows

    world = instance_of(instance)
    if isinstance(routes, str | Path):
        trips = read_routes(Path(routes), world)
    else:
        import pandas as pd  # heavy

        from planner.api.dataframes import raw_from_frame

        frame = routes if isinstance(routes, pd.DataFrame) else pd.DataFrame(list(routes), dtype=object)
        table, _ = raw_from_frame("routes", frame)
        rows = [(1, list(table.header)), *((row.line, list(row.cells)) for row in table.rows)]
        trips = routes_from_rows(rows, world)
    found = evaluated(world, trips, area=area, guarantee=guarantee)
    return Result(found.plan, found.verdict, world)


def _plan(plan: PlanSource) -> tuple[Plan, Clock | None, FileClaims | None]:
    if isinstance(plan, Result):
        return plan.plan, plan.instance.clock, None
    if isinstance(plan, Plan):
        return plan, None, None
    need(plan, (str, Path), "a plan is a result, a plan or the path of a plan's file")
    return read_claims(Path(plan))


def plan_of(source: PlanSource, instance: Instance) -> Plan:
    """A plan by the clock of an instance."""
    return _by(instance.clock, source)


def _by(clock: Clock, source: PlanSource) -> Plan:
    plan, own, _ = _plan(source)
    return plan if own is None else by_clock(plan, own, clock)


def world_of(plan: PlanSource, instance: Instance | str | Path | None) -> Instance:
    """What a plan is judged by: the instance that is given, else that of a result."""
    if instance is not None:
        return instance_of(instance)
    if isinstance(plan, Result):
        return plan.instance
    msg = "a plan without its result needs the instance that it was made for"
    raise TypeError(msg)


def export(  # noqa: PLR0913
    plan: PlanSource,
    output: str | Path,
    *,
    format: str = "csv",
    instance: Instance | str | Path | None = None,
    force: bool = False,
    colour: str = "status",
    area: str = "",
    width: int = 1200,
    network: bool = False,
    background: str | Path | None = None,
    events: str | Path | None = None,
    now: datetime | None = None,
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
        and ``png`` (the map), ``json`` (the plan itself, for ``plan check`` and all other verbs).
    instance
        What it was made for, or its path; may be left out for a result, and for the csv and json of a file.
    force
        Replace files that are there already.
    colour
        Of a map: what the colours of regions mean, ``status``, ``day``, ``margin`` or ``vehicle``.
    area
        Of a map: ids of areas, subareas or regions, joined by commas, that alone are shown; empty: all.
    width
        Of a map, in pixels, from 320 to 4,000.
    network
        Of a map: whether edges are drawn that no trip uses.
    background
        Folder or workbook beside which the background of a map lies; None: that of the instance, if it is
        given by its path.
    events
        Of a map: a table of reports, by which colours by status say what is known; None: the plan as
        it was made.
    now
        With reports: the moment that is shown; None: now.

    Returns
    -------
    tuple
        Paths of the files that were written.

    Raises
    ------
    InputError
        If a file cannot be read, is there already (C702), or the plan was made for another instance (P103).
    ValueError
        If the format, the colour or the width is unknown.
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
    if instance is not None or clock is None or format in PICTURES:
        world = world_of(plan, instance)
        _refuse_other(found, world)
        clock = world.clock
    if format == "csv":
        from planner.outputs.tables import write_tables

        return write_tables(found, clock, path, instance=None if instance is None else world)
    if format == "json":
        write_plan(found, clock, path)
        return (path,)
    assert world is not None
    asked = Asked(Colour(colour), area=area, width=width, network=network)
    beside = background if background is not None else None if isinstance(instance, Instance) else instance
    ground = NO_BACKGROUND if beside is None else read_background(Path(beside))
    standing = None
    if events is not None:
        at = datetime.now(UTC).replace(microsecond=0) if now is None else now
        standing = standing_at(found, world, Path(events), world.clock.seconds(at))
    scene = scene_of(found, world, ground=ground, asked=asked, standing=standing)
    return (write_picture(scene, path, format),)


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
