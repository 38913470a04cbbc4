"""``plan status``: what of a plan is confirmed, assumed, overdue and still to come."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.options import assume_option, force_option, instance_option, json_option, path_option
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from planner.custody.ledger import Custody
    from planner.instance.schema import Instance
    from planner.outputs.status import Standing

__all__ = ["command"]

_FEW_BOXES = 15
_TOLERANCE_MIN = 30


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["plan"], type=click.Path(path_type=Path), required=False),
        path_option("--events", text="cli.event.events"),
        instance_option("cli.event.instance"),
        click.Option(["--now"], help=words("cli.status.now")),
        assume_option("cli.status.assume"),
        click.Option(
            ["--tolerance"],
            type=click.IntRange(min=0, max=100_000),
            default=_TOLERANCE_MIN,
            show_default=True,
            metavar="MIN",
            help=words("cli.status.tolerance"),
        ),
        click.Option(
            ["--by"],
            type=click.Choice(["area", "subarea"]),
            default="area",
            show_default=True,
            help=words("cli.status.by"),
        ),
        click.Option(["--now-what"], is_flag=True, help=words("cli.status.now_what")),
        click.Option(["--all", "everything"], is_flag=True, help=words("cli.status.all")),
        path_option("--output", text="cli.status.output"),
        force_option(),
        json_option("cli.status.json"),
    ]
    return click.Command("status", callback=_run, params=list(options), help=words("cli.status.help"))


def _run(
    plan: Path | None,
    events: Path | None,
    folder: Path | None,
    output: Path | None,
    *,
    force: bool,
    **asked: Any,  # noqa: ANN401
) -> int:
    from planner.base.files import write_beside
    from planner.cli.in_force import moment_within, say_ahead, warn_of_another
    from planner.cli.printing import say_elsewhere
    from planner.custody.desk import boxes_document, custody_of
    from planner.events.clocks import now_among
    from planner.events.read import Reading, read_table
    from planner.outputs.status import Standing
    from planner.outputs.status_document import status_csv, status_document
    from planner.plans.locate import find
    from planner.replanning.state import Assume, state_of
    from planner.store.reports import has_reports

    if output is not None and (output.is_dir() or (output.exists() and not force)):
        raise InputError([Fault("C703" if output.is_dir() else "C702", "--output", value=str(output))])
    found = find(plan, folder, events)
    warn_of_another(found)
    now_s = moment_within(found, asked["now"])
    reading = Reading()
    if events is not None or has_reports(found.events):
        reading = read_table(found.events, found.instance, found.plan, now_s)
        say_ahead(reading.events, now_s)
        now_s = now_among(reading.events, now_s)
    state = state_of(
        found.plan,
        found.instance,
        reading.events,
        now_s,
        Assume(asked["assume"]),
        tolerance_s=60 * asked["tolerance"],
        aside=reading.aside,
    )
    standing = Standing(state, by_subarea=asked["by"] == "subarea")
    if output is not None:
        wanted, output = output, write_beside(output, status_csv(standing).encode("utf-8"))
        say_elsewhere(wanted, output)
    custody = custody_of(found, now_s)
    if asked["as_json"]:
        document = status_document(standing, str(found.path), str(found.events))
        say_json(document | {"boxes": None if custody is None else boxes_document(custody, found.instance)})
    else:
        _print(standing, found.path.name, now_what=asked["now_what"], everything=asked["everything"])
        if custody is not None:
            _print_boxes(custody, found.instance, everything=asked["everything"])
    if output is not None:
        say(words("cli.status.written", path=output), err=True)
    return int(ExitCode.OK)


def _print(standing: Standing, plan: str, *, now_what: bool, everything: bool) -> None:
    from planner.cli.printing import desk_console, say_lines, show_table
    from planner.outputs.status_text import status_lines, status_tables, tasks_table

    console = desk_console()
    state = standing.state
    say_lines(console, status_lines(standing, plan))
    if state.now_s < 0:
        say_lines(console, [words("cli.status.before", start=state.instance.clock.text(0))])
    shown = [*(tasks_table if now_what else status_tables)(standing, everything=everything)]
    for one in shown:
        show_table(console, one.title, one.columns, one.rows)
        more = [words("status.more", number=one.left_out)] if one.left_out else []
        say_lines(console, [*more, *([one.note] if one.note else [])])
    if now_what:
        say_lines(console, [] if shown else [words("status.nothing_to_do")])
        return
    if all(state.on_time.values()):
        say_lines(console, [words("status.nothing_late")])
    if not standing.overdue:
        say_lines(console, [words("status.nothing_overdue")])


def _print_boxes(custody: Custody, instance: Instance, *, everything: bool) -> None:
    """How many boxes are where by what was scanned, and those that are not where they should be."""
    from planner.cli.printing import desk_console, say_lines, show_table
    from planner.custody.desk import counts, problems
    from planner.custody.ledger import Where
    from planner.outputs.figures import number

    console, found = desk_console(), counts(custody)
    figures = {where.value: number(found[where]) for where in Where}
    say_lines(console, [words("scan.status", boxes=number(sum(found.values())), **figures)])
    wrong = problems(custody, instance)
    shown = wrong if everything else wrong[:_FEW_BOXES]
    columns = [(words(f"scan.column.{name}"), False) for name in ("code", "how", "region", "lacked", "seen")]
    rows = [
        (one.code, words(f"scan.how.{one.where.value}"), one.region, one.lacked, one.seen) for one in shown
    ]
    if rows:
        show_table(console, words("scan.title.wrong"), columns, rows)
    if len(shown) < len(wrong):
        say_lines(console, [words("scan.more_wrong", number=number(len(wrong) - len(shown)))])
