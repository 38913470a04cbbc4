"""``plan evaluate``: routes that people have made, timed, loaded and judged by the rules."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.options import (
    area_option,
    force_option,
    guarantee_option,
    instance_option,
    json_option,
    path_option,
)
from planner.cli.terminal import say_json

if TYPE_CHECKING:
    from planner.evaluation.pipeline import Evaluation
    from planner.instance.schema import Instance

__all__ = ["command"]

_MOST_LATE_LEGS = 99  # of each vehicle


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["routes"], type=click.Path(path_type=Path)),
        instance_option("cli.check.instance", required=True),
        area_option("evaluate.cli.area"),
        guarantee_option("evaluate.cli.guarantee"),
        path_option("--output", text="evaluate.cli.output"),
        force_option(),
        json_option(),
    ]
    return click.Command("evaluate", callback=_run, params=list(options), help=words("cli.evaluate.help"))


def _run(
    routes: Path,
    folder: Path,
    output: Path | None,
    *,
    area: str,
    guarantee: int | None,
    force: bool,
    as_json: bool,
) -> int:
    path = routes.with_suffix(".evaluated.json") if output is None else output
    if path.is_dir() or (path.exists() and not force):
        raise InputError([Fault("C703" if path.is_dir() else "C702", "--output", value=str(path))])
    from planner.evaluation.pipeline import evaluate
    from planner.evaluation.read import read_routes
    from planner.instance.read import read_instance
    from planner.plans.file import write_plan

    instance = read_instance(folder)
    found = evaluate(instance, read_routes(routes, instance), area=area, guarantee=guarantee)
    write_plan(found.plan, instance.clock, path)
    if as_json:
        _print_json(found, instance, path)
    else:
        _print(found, instance, path)
    return int(_exit_code(found))


def _exit_code(found: Evaluation) -> ExitCode:
    from planner.plans.model import Status

    if found.verdict.violations:
        return ExitCode.CHECK_FAILED
    good = found.plan.status is Status.GUARANTEED or (
        found.plan.status is Status.ON_TIME and not found.verdict.robustness.not_guaranteed
    )
    return ExitCode.OK if good else ExitCode.NOT_ON_TIME


def _print_json(found: Evaluation, instance: Instance, path: Path) -> None:
    from planner.cli.failure import violation_document
    from planner.outputs.summary import plan_figures

    figures = plan_figures(found.plan, instance, wall_s=0.0, plan_path=str(path))
    figures.pop("wall_s", None)
    figures["violations"] = [violation_document(one) for one in found.verdict.violations]
    say_json(figures)


def _print(found: Evaluation, instance: Instance, path: Path) -> None:
    from planner.cli.printing import desk_console, say_lines, show_summary
    from planner.outputs.figures import money, number
    from planner.outputs.summary import late_lines, sentence, summary_rows

    plan, console = found.plan, desk_console()
    show_summary(console, [row.cells for row in summary_rows(plan, instance)])
    say_lines(console, late_lines(plan, instance))
    say_lines(console, [words("evaluate.cost", cost=money(plan.cost, plan.currency))])
    if found.verdict.violations:
        say_lines(console, [words("evaluate.broken", number=number(len(found.verdict.violations)))])
        for one in found.verdict.violations:
            say_lines(console, [f"  {one.rule}: {one.text}"])
    else:
        say_lines(console, [words("evaluate.kept")])
    closing = sentence(plan, instance)
    if found.verdict.violations:
        closing = words("evaluate.not_valid", sentence=closing)
    say_lines(console, [closing], style="bold")
    say_lines(console, [words("evaluate.written", path=path)])
