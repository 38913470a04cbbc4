"""``plan report``: a plan as one page that opens in any browser, without a network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.changes import change_option
from planner.cli.options import area_option, force_option, instance_option, json_option, path_option
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from planner.instance.schema import Instance
    from planner.outputs.map.scene import Scene
    from planner.plans.model import Plan
    from planner.proof.verdict import Verdict
    from planner.simulation.result import Simulation

__all__ = ["command"]

_MOST_RUNS = 100_000


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["plan"], type=click.Path(path_type=Path)),
        instance_option("cli.report.instance", required=True),
        change_option(),
        area_option("cli.report.area"),
        path_option("--events", text="cli.report.events"),
        click.Option(["--now"], help=words("cli.report.now")),
        click.Option(
            ["--simulate", "runs"],
            type=click.IntRange(min=1, max=_MOST_RUNS),
            metavar="N",
            help=words("cli.report.simulate"),
        ),
        path_option("--against", text="cli.report.against"),
        click.Option(["--public", "is_public"], is_flag=True, help=words("cli.report.public")),
        path_option("--output", text="cli.report.output"),
        force_option(),
        json_option(),
    ]
    return click.Command("report", callback=_run, params=list(options), help=words("cli.report.help"))


def _run(
    plan: Path,
    folder: Path,
    area: str,
    output: Path | None,
    *,
    force: bool,
    as_json: bool,
    changes: tuple[str, ...],
    runs: int | None,
    **reports: Any,  # noqa: ANN401
) -> int:
    from planner.background.read import read_background
    from planner.base.files import write_text
    from planner.cli.in_force import standing_by
    from planner.cli.pair import read_pair
    from planner.outputs.map.scene import Asked, scene_of
    from planner.pages.document import page_document
    from planner.pages.html import report_html
    from planner.pages.public import public_document

    events, now, is_public = reports["events"], reports["now"], reports["is_public"]
    if is_public and runs is not None:
        raise click.UsageError(words("cli.report.public_simulate"))
    if is_public and reports["against"] is not None:
        raise click.UsageError(words("cli.report.public_against"))
    if now and events is None:
        raise InputError([Fault("C710", "--now", value=now)])
    path = output or plan.with_suffix(".html")
    if path.is_dir() or (path.exists() and not force):
        raise InputError([Fault("C703" if path.is_dir() else "C702", "--output", value=str(path))])
    found, instance = read_pair(plan, folder, changes)
    standing = None if events is None else standing_by(found, instance, events, now)
    asked = Asked(area=area)
    scene = scene_of(found, instance, ground=read_background(folder), asked=asked, standing=standing)
    if not scene.results:
        raise InputError([Fault("C709", "--area", value=area)])
    verdict, simulation = _judged(plan, found, instance, runs)
    if runs is not None and simulation is None:
        say(words("cli.check.not_simulated"), err=True)
    document = page_document(scene, verdict=verdict, simulation=simulation)
    if reports["against"] is not None:
        document = _with_other(document, scene, reports["against"])
    written = write_text(path, report_html(public_document(document, scene) if is_public else document))
    if as_json:
        simulated = simulation is not None
        say_json({"path": str(written), "passed": verdict.passed, "simulated": simulated})
    else:
        say(words("cli.export.written", path=written))
    return int(ExitCode.OK if verdict.passed else ExitCode.CHECK_FAILED)


def _with_other(document: dict[str, Any], scene: Scene, path: Path) -> dict[str, Any]:
    """The document with another plan beside it, read by the same clock."""
    from planner.pages.against import with_other
    from planner.plans.file import by_clock, read_plan_clock

    other, clock = read_plan_clock(path)
    return with_other(document, scene, by_clock(other, clock, scene.instance.clock), path.stem)


def _judged(
    path: Path, plan: Plan, instance: Instance, runs: int | None
) -> tuple[Verdict, Simulation | None]:
    """What the independent check finds, and chances where runs are asked for and the plan passes."""
    from planner.cli.check import told_reports
    from planner.plans.file import read_claims
    from planner.plans.lineage import plans_before
    from planner.proof.check import check_plan, facts_of
    from planner.simulation.run import simulate

    _, clock, claims = read_claims(path)
    before = plans_before(path, plan, clock, ())
    told = told_reports(path, (plan, *before), instance, None)
    verdict = check_plan(plan, clock, instance, claims, before, outside=told)
    if runs is None or not verdict.passed:
        return verdict, None
    return verdict, simulate(facts_of(plan, clock, instance, claims), runs, seed=1)
