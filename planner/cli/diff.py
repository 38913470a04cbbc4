"""``plan diff``: two plans side by side, and what changes for whom, in words for the telephone."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.options import force_option, instance_option, json_option, path_option
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from planner.base.clock import Clock
    from planner.compare.changes import Differences
    from planner.instance.schema import Instance
    from planner.outputs.diff_areas import AreaRow
    from planner.outputs.diff_words import Message
    from planner.plans.model import Plan

__all__ = ["command"]

_MOST_LINES = 40
_RECIPIENTS = ("driver", "warehouse", "hub", "region")


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["before"], metavar="A", type=click.Path(path_type=Path)),
        click.Argument(["after"], metavar="B", type=click.Path(path_type=Path)),
        instance_option("cli.diff.instance"),
        click.Option(
            ["--tolerance", "minutes"],
            type=click.IntRange(min=0),
            metavar="MIN",
            default=30,
            show_default=True,
            help=words("cli.diff.tolerance"),
        ),
        path_option("--output", "--csv", text="cli.diff.output"),
        force_option(),
        click.Option(["--all", "show_all"], is_flag=True, help=words("cli.diff.all")),
        json_option("cli.diff.json"),
    ]
    return click.Command("diff", callback=_run, params=list(options), help=words("cli.diff.help"))


def _run(
    before: Path,
    after: Path,
    folder: Path | None,
    minutes: int,
    output: Path | None,
    *,
    force: bool,
    show_all: bool,
    as_json: bool,
) -> int:
    from planner.base.files import write_beside
    from planner.cli.printing import say_elsewhere
    from planner.compare.comparison import differences
    from planner.events.told import with_contacts
    from planner.outputs.diff_areas import area_rows
    from planner.outputs.diff_json import diff_document
    from planner.outputs.diff_list import change_list
    from planner.outputs.diff_names import DiffNames
    from planner.outputs.diff_words import messages

    if output is not None and (output.is_dir() or (output.exists() and not force)):
        raise InputError([Fault("C703" if output.is_dir() else "C702", "--output", value=str(output))])
    plans, clock, notes = _read(before, after)
    instance = _near(after) if folder is None else _instance(folder, plans, notes)
    found = differences(*plans, clock, tolerance_s=60 * minutes)
    names = DiffNames(None if instance is None else with_contacts(instance, plans[1]))
    told = messages(found, plans[1], names, clock)
    rows = area_rows(plans, instance, clock)
    if output is not None:
        wanted, output = output, write_beside(output, change_list(told, names, clock).encode("utf-8"))
        say_elsewhere(wanted, output)
    if as_json:
        files = {"a": _file(before, plans[0], clock), "b": _file(after, plans[1], clock)}
        more = {} if output is None else {"list_path": str(output)}
        document = diff_document(found, plans, rows, told, names, clock)
        say_json({**files, **document, **more})
        return int(ExitCode.OK)
    _heads((before, after), plans, notes)
    _table(rows, plans[1].currency)
    _tell(found, told, plans, clock, show_all=show_all)
    if output is not None:
        say(words("diff.head.written", path=output))
    return int(ExitCode.OK)


def _read(before: Path, after: Path) -> tuple[tuple[Plan, Plan], Clock, list[str]]:
    """Both plans by the clock of the first, and what has to be said about them."""
    from planner.outputs.figures import moment
    from planner.plans.file import by_clock, plan_digest, read_plan_clock

    first, clock = read_plan_clock(before)
    second, other = read_plan_clock(after)
    notes = []
    if first.instance_digest != second.instance_digest:
        notes.append(words("diff.head.other_files"))
    if second.replan is not None:
        same = second.replan.previous_digest == plan_digest(first, clock)
        whose = words("diff.head.replan_of_a" if same else "diff.head.replan_of_other")
        notes.append(words("diff.head.replan", now=moment(second.replan.now_s, other), plan=whose))
    if other != clock:
        notes.append(words("diff.head.other_clock"))
        second = by_clock(second, other, clock)
    return (first, second), clock, notes


def _instance(folder: Path, plans: Sequence[Plan], notes: list[str]) -> Instance:
    from planner.instance.digest import digest
    from planner.instance.read import read_instance

    instance = read_instance(folder)
    own = digest(instance)
    if own not in [plan.instance_digest for plan in plans]:
        notes.append(words("diff.head.not_compared", digest=own))
    return instance


def _near(plan: Path) -> Instance | None:
    """The tables of a plan, as an approval names them or as they lie near it; None: names are not known."""
    from planner.plans.locate import find_any

    try:
        return find_any(plan).instance
    except InputError:
        return None


def _file(path: Path, plan: Plan, clock: Clock) -> dict[str, object]:
    from planner.plans.file import plan_digest

    return {
        "path": str(path),
        "digest": plan_digest(plan, clock),
        "instance_digest": plan.instance_digest,
        "status": plan.status.value,
    }


def _heads(paths: tuple[Path, Path], plans: tuple[Plan, Plan], notes: Sequence[str]) -> None:
    from planner.outputs.figures import money, number

    for key, path, plan in zip(("before", "after"), paths, plans, strict=True):
        params = {
            "path": path,
            "status": plan.status.value,
            "on_time": number(plan.regions_on_time),
            "total": number(len(plan.regions)),
            "cost": money(plan.cost, plan.currency),
        }
        say(words(f"diff.head.{key}", **params))
    for note in notes:
        say(note)


def _table(rows: Sequence[AreaRow], currency: str) -> None:
    from planner.cli.printing import desk_console, show_table
    from planner.outputs.diff_areas import area_cells

    names = ("area", "regions", "on_time", "vehicles", "cost", "margin", "stretch")
    columns = [(words(f"diff.column.{name}"), name != "area") for name in names]
    spare = [names.index(one) for one in ("regions", "stretch", "vehicles")]
    show_table(desk_console(), "", columns, [area_cells(row, currency) for row in rows], spare)


def _tell(
    found: Differences, told: Sequence[Message], plans: tuple[Plan, Plan], clock: Clock, *, show_all: bool
) -> None:
    """Everything to be told, by recipient; the summary first, what need not be told last."""
    from planner.outputs.figures import duration, moment, number

    if not told:
        now = None if found.nothing or found.from_s is None else moment(found.from_s, clock)
        say(words("diff.head.nothing" if now is None else "diff.head.nothing_ahead", now=now))
        return
    tolerance = duration(found.tolerance_s)
    say(
        words(
            "diff.head.summary",
            regions=number(len(found.regions_changed)),
            total=number(len(plans[1].regions)),
            tolerance=tolerance,
            slight=number(sum(one.recipient == "region" and not one.counts for one in told)),
            vehicles=number(sum(one.counts for one in found.vehicles)),
            places=number(sum(one.counts for one in found.places)),
        )
    )
    lines: list[str] = []
    for recipient in _RECIPIENTS:
        mine = [one for one in told if one.recipient == recipient and one.counts]
        if mine:
            lines += [words(f"diff.recipient.{recipient}"), *(f"  {_line(one)}" for one in mine)]
    slight = [one for one in told if not one.counts]
    if slight:
        lines += [words("diff.recipient.slight", tolerance=tolerance), *(f"  {_line(one)}" for one in slight)]
    shown = lines if show_all else lines[:_MOST_LINES]
    for line in shown:
        say(line)
    if len(shown) < len(lines):
        say(words("diff.head.more", number=number(len(lines) - len(shown))))


def _line(one: Message) -> str:
    return f"{one.name if one.recipient == 'driver' else _with_id(one)}: {one.text}"


def _with_id(one: Message) -> str:
    return one.name if one.name == one.id else f"{one.name} [{one.id}]"
