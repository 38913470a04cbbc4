"""``plan replan``: a new plan after reports from the field, with as few changes as can be."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.base.errors import ExitCode
from planner.base.files import give_back
from planner.base.text import words
from planner.cli.options import (
    area_option,
    assume_option,
    effort_option,
    force_option,
    guarantee_option,
    instance_option,
    json_option,
    path_option,
    quiet_option,
    seed_option,
    time_limit_option,
)
from planner.cli.terminal import command_text, say, say_json

if TYPE_CHECKING:
    from planner.replanning.pipeline import ReplanResult
    from planner.replanning.request import ReplanRequest
    from planner.replanning.work_clock import WorkClock

__all__ = ["command"]

_LONGEST_S = 7 * 86_400
_MOST_LATE_LEGS = 99


def command() -> click.Command:
    """The verb."""
    path: click.Path[Path] = click.Path(path_type=Path)
    options = [
        click.Argument(["plan"], type=path, required=False),
        path_option("--events", text="replan.option.events"),
        click.Option(["--now"], help=words("replan.option.now")),
        instance_option("replan.option.instance"),
        path_option("--base", text="replan.option.base"),
        path_option("--previous", text="replan.option.previous", multiple=True),
        click.Option(
            ["--tolerance"],
            type=click.IntRange(min=0, max=1440),
            default=30,
            show_default=True,
            metavar=words("replan.option.minutes"),
            help=words("replan.option.tolerance"),
        ),
        click.Option(
            ["--notice"],
            type=click.IntRange(min=0, max=1440),
            metavar=words("replan.option.minutes"),
            help=words("replan.option.notice"),
        ),
        click.Option(["--max-changes"], type=click.IntRange(min=0), help=words("replan.option.max_changes")),
        click.Option(["--stability"], is_flag=True, help=words("replan.option.stability")),
        area_option("replan.option.area"),
        assume_option("replan.option.assume"),
        guarantee_option("replan.option.guarantee"),
        time_limit_option("replan.option.time_limit", 3.5),
        effort_option(),
        seed_option(),
        path_option("--output", text="replan.option.output"),
        force_option(),
        json_option(),
        quiet_option(),
    ]
    return click.Command("replan", callback=_run, params=list(options), help=words("replan.help"))


def _run(plan: Path | None, folder: Path | None, *, as_json: bool, quiet: bool, **asked: Any) -> int:  # noqa: ANN401
    from planner.replanning.known_checks import folder_of_user
    from planner.replanning.request import Files, request_of
    from planner.replanning.work_clock import WorkClock

    clock = WorkClock.of_process()  # what starting took counts too
    files = Files(plan, folder, asked["base"], asked["events"], tuple(asked["previous"]), asked["output"])
    case = request_of(
        files,
        asked["now"],
        {
            "time_limit_s": float(asked["time_limit"]),
            "longest_s": float(asked["time_limit"]) if _is_given("time_limit") else None,
            "effort": asked["effort"],
            "seed": asked["seed"],
            "tolerance_s": 60 * asked["tolerance"],
            "assume": asked["assume"],
            "notice_s": None if asked["notice"] is None else 60 * asked["notice"],
            "area": asked["area"],
            "guarantee": asked["guarantee"],
            "most_changes": asked["max_changes"],
            "checks_folder": folder_of_user(),
        },
        force=asked["force"],
    )
    try:
        return _made(case, clock, as_json=as_json, quiet=quiet, asked=asked)
    finally:
        give_back(case.output)  # where no plan was made


def _is_given(name: str) -> bool:
    """Whether an option was given, be it with its usual value."""
    source = click.get_current_context().get_parameter_source(name)
    return source is click.core.ParameterSource.COMMANDLINE


def _made(
    case: ReplanRequest, clock: WorkClock, *, as_json: bool, quiet: bool, asked: Mapping[str, Any]
) -> int:
    from planner.replanning.pipeline import replan
    from planner.replanning.stability import curve

    if not quiet:
        for line in case.notes:
            say(line, err=True)
    result = replan(
        case.plan,
        case.instance,
        case.events,
        case.now_s,
        case.options,
        previous=case.previous,
        output=case.output,
        clock=clock,
    )
    steps = curve(case, result) if asked["stability"] else ()
    wall_s = time.monotonic() - clock.began_s
    if as_json:
        from planner.outputs.replan_summary import replan_figures

        figures = replan_figures(
            result,
            wall_s=wall_s,
            plan_path=str(case.output),
            instance=case.instance,
            events=case.added,
            steps=steps,
            most_changes=case.options.most_changes,
            notice_s=case.options.notice_of(case.instance),
        )
        say_json(figures)
    elif quiet:
        from planner.outputs.replan_summary import search_lines

        for line in search_lines(result, case.options.time_limit_s):
            say(line, err=True)
        say(words(_closing(result), sentence=_sentence(result, case)))
    else:
        _print(result, case, steps, tuple(asked["previous"]), asked["events"])
    return _exit_code(result)


def _print(
    result: ReplanResult,
    case: ReplanRequest,
    steps: Any,  # noqa: ANN401
    earlier: tuple[Path, ...],
    events: Path | None,
) -> None:
    from planner.cli.printing import desk_console, say_lines, show_table
    from planner.outputs.history import history_lines
    from planner.outputs.knowledge import bulk_lines, knowledge_columns, knowledge_rows, silence_lines
    from planner.outputs.replan_calls import calls_of
    from planner.outputs.replan_summary import (
        change_lines,
        notice_line,
        search_lines,
        step_columns,
        step_rows,
    )
    from planner.outputs.robustness import robustness_lines
    from planner.outputs.summary import late_lines

    console, instance = desk_console(), case.instance
    noticed = notice_line(result, case.options.notice_of(instance), case.now_s, instance)
    lines = (
        *change_lines(result, case.options.most_changes),
        *([noticed] if noticed else []),
        *search_lines(result, case.options.time_limit_s),
        *late_lines(result.plan, instance),
        *history_lines(result.verdict),
        *bulk_lines(result.verdict.knowledge),
        *silence_lines(result.verdict.knowledge, instance),
        *robustness_lines(result.verdict.robustness, instance),
    )
    say_lines(console, lines)
    calls = calls_of(result.plan, result.changes, instance, case.now_s)
    if calls.rows:
        show_table(console, words("replan.call.title"), calls.columns, calls.rows)
        say_lines(console, calls.notes)
    if (known := result.verdict.knowledge) is not None:
        show_table(console, words("knowledge.title"), knowledge_columns(), knowledge_rows(known))
    if steps:
        show_table(console, words("replan.stability"), step_columns(), step_rows(steps, instance))
    say_lines(console, [words(_closing(result), sentence=_sentence(result, case))], style="bold")
    say_lines(console, [words("replan.written", path=case.output)])
    say_lines(console, [words("cli.solve.next")])
    folder = case.folder
    console.print(command_text("diff", case.path, case.output, "--instance", folder), soft_wrap=True)
    more = [word for one in (*earlier, case.path) for word in ("--previous", one)]
    more += [] if events is None else ["--events", events]
    console.print(command_text("check", case.output, "--instance", folder, *more), soft_wrap=True)


def _sentence(result: ReplanResult, case: ReplanRequest) -> str:
    from planner.outputs.summary import sentence

    return sentence(result.plan, case.instance, result.verdict.knowledge)


def _closing(result: ReplanResult) -> str:
    """Key of the last words: a good answer that is only as reported is told as that."""
    return "replan.as_reported" if result.verdict.as_reported else "cli.solve.checked"


def _exit_code(result: ReplanResult) -> int:
    from planner.plans.model import Status

    status, failed = result.plan.status, result.verdict.robustness.not_guaranteed
    good = status is Status.GUARANTEED or (status is Status.ON_TIME and not failed)
    good = good and not result.verdict.as_reported
    return int(ExitCode.OK if good else ExitCode.NOT_ON_TIME)
