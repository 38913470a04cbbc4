"""``plan solve``: a checked plan for an instance."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext, suppress
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.files import give_back, reserve
from planner.base.text import words
from planner.cli import tradeoff
from planner.cli.changes import change_option
from planner.cli.options import (
    AUTO,
    area_option,
    effort_option,
    engine_option,
    force_option,
    guarantee_option,
    json_option,
    path_option,
    quiet_option,
    seed_option,
    time_limit_option,
    workers_option,
)
from planner.cli.package import open_report, refuse_taken, write_package
from planner.cli.terminal import command_text, say, say_json

if TYPE_CHECKING:
    from planner.instance.schema import Instance
    from planner.plans.model import Plan
    from planner.solving.pipeline import SolveResult
    from planner.solving.price_of_robustness import Step
    from planner.solving.worker_pool import WorkerPool

__all__ = ["command"]

DEFAULT_TIME_LIMIT_S = 45


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["folder"], type=click.Path(path_type=Path)),
        time_limit_option("cli.solve.time_limit", DEFAULT_TIME_LIMIT_S),
        effort_option(),
        seed_option(),
        workers_option("cli.solve.workers", 2),
        engine_option(),
        guarantee_option("cli.solve.guarantee", auto=True),
        *tradeoff.point_options(),
        area_option("cli.solve.area"),
        change_option(),
        path_option("--base", text="evaluate.solve.base"),
        path_option("--output", text="cli.solve.output"),
        path_option("--package", text="cli.solve.package"),
        click.Option(["--open", "opens"], is_flag=True, help=words("cli.solve.open")),
        force_option(),
        json_option(),
        quiet_option(),
    ]
    return click.Command("solve", callback=_run, params=list(options), help=words("cli.solve.help"))


def _run(
    folder: Path,
    output: Path | None,
    *,
    area: str,
    force: bool,
    as_json: bool,
    quiet: bool,
    **search: Any,  # noqa: ANN401
) -> int:
    began = time.monotonic()
    tradeoff.refuse_alone(search, AUTO)
    search["may_go_on"] = _may_go_on(search)
    if search["opens"] and search["package"] is None:
        raise click.UsageError(words("cli.package.alone"))
    if search["package"] is not None:
        if search["tradeoff"]:
            raise click.UsageError(words("cli.package.tradeoff"))
        refuse_taken(search["package"], force=force)
    if not quiet:
        say(words("cli.solve.reading", folder=folder), err=True)
    if output is not None:
        if search["tradeoff"] and not force:
            tradeoff.refuse_taken(output, search["points"] or tradeoff.DEFAULT_POINTS)
        _take(output, force=force)
    from planner.propose.engines import made_ready
    from planner.solving.worker_pool import WorkerPool

    try:
        search["engine"] = made_ready(search["engine"], lambda text: say(text, err=True))
        with WorkerPool(search["workers"], search["engine"]) as worker_pool:
            return _solve(
                folder, output, worker_pool, began, area=area, as_json=as_json, quiet=quiet, search=search
            )
    finally:
        if output is not None:
            give_back(output)  # where no plan was made


def _solve(
    folder: Path,
    output: Path | None,
    worker_pool: WorkerPool,
    began: float,
    *,
    area: str,
    as_json: bool,
    quiet: bool,
    search: dict[str, Any],
) -> int:
    from planner.instance.area_names import area_ids

    instance = _read(folder, search)
    area = area_ids(instance, area)
    base = None if search["base"] is None else _base(search["base"], instance)
    if not quiet:
        say(_what_is_done(instance, area, search), err=True)
    from planner.cli.progress import ProgressView
    from planner.solving.options import MOST_TIMES_AS_LONG, SolveOptions
    from planner.solving.pipeline import solve
    from planner.solving.price_of_robustness import best_for_each, steps

    auto = search["guarantee"] == AUTO
    options = SolveOptions(
        time_limit_s=search["time_limit"],
        most_s=MOST_TIMES_AS_LONG * search["time_limit"] if search["may_go_on"] else 0.0,
        effort=search["effort"],
        seed=search["seed"],
        engine=search["engine"],
        workers=search["workers"],
        area=area,
        guarantee=None if auto else search["guarantee"],
        base=base,
        changes=search["changes"],
    )
    place = nullcontext(output) if output is not None else _new_name(folder)
    if search["tradeoff"]:
        with place as path:
            points = search["points"]
            return tradeoff.run(
                instance, options, path, points, worker_pool, began=began, as_json=as_json, quiet=quiet
            )
    with place as path, ProgressView(instance, quiet=quiet) as view:
        show, written = view.show, view.written
        if auto:
            taken = list(
                steps(
                    instance,
                    options,
                    output=path,
                    on_progress=show,
                    on_written=written,
                    worker_pool=worker_pool,
                )
            )
            result = [one for one in taken if one.late_legs == 0 or one.is_good][-1].result
            taken = best_for_each(taken)
        else:
            taken = []
            result = solve(
                instance, options, output=path, on_progress=show, on_written=written, worker_pool=worker_pool
            )
    if taken and not as_json and not quiet:
        _print_steps(taken)
    wall_s = time.monotonic() - began
    if as_json:
        say_json(_figures(result, instance, path, search["package"], wall_s=wall_s, taken=taken))
    else:
        _print_result(instance, result, path, folder, quiet=quiet)
    if search["package"] is not None:
        index = write_package(search["package"], path, instance, folder)
        if not as_json:
            say(words("cli.export.written", path=index), err=True)
        if search["opens"]:
            open_report(search["package"])
    return _exit_code(result)


def _may_go_on(search: Mapping[str, Any]) -> bool:
    """Whether the search may take longer while somebody is late: where nobody said how long."""
    source = click.get_current_context().get_parameter_source("time_limit")
    alone = not search["tradeoff"] and search["guarantee"] != AUTO
    return alone and search["effort"] is None and source is ParameterSource.DEFAULT


def _base(path: Path, instance: Instance) -> Plan:
    """The plan to go on from, by the instance's clock."""
    from planner.evaluation.pipeline import evaluate
    from planner.evaluation.read import read_routes
    from planner.instance.sheet_names import is_spreadsheet
    from planner.plans.file import by_clock, read_plan_clock

    if is_spreadsheet(path):  # the routes of a workbook, edited or not
        return evaluate(instance, read_routes(path, instance)).plan
    plan, clock = read_plan_clock(path)
    known = sum(one.region_id in instance.region_of for one in plan.regions)
    if 2 * known < len(plan.regions):  # some may have come or gone since it was made, most may not
        params = {"number": len(plan.regions), "known": known}
        raise InputError([Fault("X346", "--base", value=str(path), params=params)])
    return by_clock(plan, clock, instance.clock)


def _read(folder: Path, search: dict[str, Any]) -> Instance:
    """The instance with the changes that are asked for; what they ask of the search is put there."""
    from planner.instance.read import read_instance

    if not search["changes"]:
        return read_instance(folder)
    from planner.batches.apply import read_changed

    changed = read_changed(folder, search["changes"])
    search["changes"] = changed.texts
    search["seed"] = search["seed"] if changed.seed is None else changed.seed
    search["guarantee"] = search["guarantee"] if changed.guarantee is None else changed.guarantee
    return changed.instance


def _print_steps(taken: Sequence[Step]) -> None:
    """What each further late leg costs and brings."""
    from planner.cli.printing import desk_console, show_table
    from planner.outputs.figures import duration, money, number

    names = ("late_legs", "cost", "vehicles", "margin", "chance", "status")
    columns = [(words(f"report.column.{name}"), name != "status") for name in names]
    rows = [
        (
            words("report.all_legs", legs=number(one.late_legs))
            if one.withstands_all
            else number(one.late_legs),
            money(one.result.plan.cost, one.result.plan.currency),
            number(one.result.plan.vehicles_used),
            "" if (margin_s := one.result.plan.smallest_margin_s) is None else duration(margin_s),
            f"{100 * one.chance:.1f} %",
            one.result.plan.status.value,
        )
        for one in taken
    ]
    show_table(desk_console(), "", columns, rows)


def _exit_code(result: SolveResult) -> int:
    from planner.solving.pipeline import is_as_asked

    return int(ExitCode.OK if is_as_asked(result) else ExitCode.NOT_ON_TIME)


def _take(output: Path, *, force: bool) -> None:
    """Take a name, so that nobody else does meanwhile."""
    if output.is_dir():
        raise InputError([Fault("C703", "--output", value=str(output))])
    if not reserve(output) and not force:
        raise InputError([Fault("C702", "--output", value=str(output))])


@contextmanager
def _new_name(folder: Path) -> Iterator[Path]:
    """A new dated name that nobody else takes meanwhile; given back where no plan is written."""
    stem = f"{folder.resolve().name or 'plan'}-{datetime.now().astimezone():%Y%m%d-%H%M%S}"
    path, number = Path("plans") / f"{stem}.json", 2
    while not reserve(path):
        path, number = Path("plans") / f"{stem}-{number}.json", number + 1
    try:
        yield path
    finally:
        give_back(path)
        with suppress(OSError):  # others' plans may lie there
            path.parent.rmdir()


def _what_is_done(instance: Instance, area: str, search: dict[str, Any]) -> str:
    """The line that says what is done and how long it will take."""
    from planner.outputs.figures import number

    vehicles = sum(kind.number for kind in instance.vehicles)
    key = "cli.solve.doing_area" if area else "cli.solve.doing"
    return words(
        key,
        name=instance.settings.name,
        area=area,
        regions=number(len(instance.regions)),
        warehouses=number(len(instance.warehouses)),
        vehicles=number(vehicles),
        duration=_duration(search),
    )


def _duration(search: dict[str, Any]) -> str:
    """How long it will take, in words."""
    if search["tradeoff"]:
        return tradeoff.takes(search)
    each = "_each" if search["guarantee"] == AUTO else "_longer" if search["may_go_on"] else ""
    if search["effort"]:
        return words(f"cli.solve.takes_effort{each}", effort=search["effort"])
    from planner.solving.options import MOST_TIMES_AS_LONG

    most = f"{MOST_TIMES_AS_LONG * search['time_limit'] + 5:.0f}"
    return words(f"cli.solve.takes{each}", seconds=f"{search['time_limit'] + 5:.0f}", most=most)


def _figures(
    result: SolveResult,
    instance: Instance,
    path: Path,
    package: Path | None,
    *,
    wall_s: float,
    taken: Sequence[Step],
) -> dict[str, object]:
    """The answer for machines."""
    from planner.outputs.summary import plan_figures

    figures = plan_figures(result.plan, instance, wall_s=wall_s, plan_path=str(path))
    robustness = result.verdict.robustness
    figures["not_guaranteed"] = list(robustness.not_guaranteed)
    stretch = robustness.stretch
    figures["promises_given_up"] = [
        {"component": one.component, "regions": list(one.regions), "late_s": dict(one.late_s)}
        for one in result.given_up
    ]
    figures["stretch"] = {"percent": stretch.percent, "minutes": stretch.minutes}
    figures["went_on_s"] = round(result.went_on_s, 1)
    figures["ended_by_clock"] = result.is_ended_by_clock and not taken
    if taken:
        figures["steps"] = [
            {
                "gamma": one.late_legs,
                "status": one.result.plan.status.value,
                "cost": one.result.plan.cost,
                "vehicles_used": one.result.plan.vehicles_used,
                "smallest_margin_s": one.result.plan.smallest_margin_s,
                "chance": round(one.chance, 6),
            }
            for one in taken
        ]
    figures["package_path"] = None if package is None else str(package)
    return figures


def _print_result(instance: Instance, result: SolveResult, path: Path, folder: Path, *, quiet: bool) -> None:
    if quiet:
        from planner.outputs.summary import sentence

        for line in _clock_lines(result):
            say(line, err=True)
        say(words("cli.solve.checked", sentence=sentence(result.plan, instance)))
    else:
        _print_report(instance, result, path, folder)


def _print_report(instance: Instance, result: SolveResult, path: Path, folder: Path) -> None:
    from planner.batches.changes import made_with
    from planner.cli.printing import desk_console, say_lines, show_summary
    from planner.outputs.robustness import given_up_lines, robustness_lines
    from planner.outputs.summary import cost_line, hub_line, late_lines, night_line, sentence, summary_rows
    from planner.outputs.transshipments import transshipment_lines

    plan = result.plan
    console = desk_console()
    show_summary(console, [row.cells for row in summary_rows(plan, instance)])
    say_lines(console, [cost_line(plan, instance)])
    say_lines(console, filter(None, (night_line(plan, instance), hub_line(plan))))
    say_lines(console, (*transshipment_lines(plan, instance), *late_lines(plan, instance)))
    say_lines(console, robustness_lines(result.verdict.robustness, instance))
    say_lines(console, given_up_lines(result.given_up, instance))
    if result.interrupted:
        say_lines(console, [words("cli.solve.interrupted")])
    say_lines(console, _clock_lines(result))
    console.print()
    say_lines(console, [words("cli.solve.checked", sentence=sentence(plan, instance))], style="bold")
    say_lines(console, [words("cli.solve.next")])
    changes = [word for one in made_with(plan.options) for word in ("--change", one)]
    where = ("--instance", folder, *changes)
    console.print(command_text("check", path, *where), soft_wrap=True)
    console.print(command_text("export", path, "--format", "csv", *where), soft_wrap=True)
    console.print(command_text("export", path, "--format", "svg", *where), soft_wrap=True)


def _clock_lines(result: SolveResult) -> Iterator[str]:
    """What the clock has to do with the answer."""
    if result.went_on_s:
        yield words("cli.solve.went_on", seconds=f"{result.went_on_s:.0f}")
    if result.is_ended_by_clock and not result.interrupted:
        yield words("cli.solve.ended_by_clock")
