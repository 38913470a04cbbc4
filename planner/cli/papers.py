"""``plan papers``: what drivers, docks, hubs and villages carry and sign, as PDF."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.changes import change_option
from planner.cli.days import day_of
from planner.cli.options import force_option, instance_option, json_option, path_option, workers_option
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from planner.instance.schema import Instance
    from planner.papers.filing import Changed
    from planner.papers.model import Paper
    from planner.papers.source import Source
    from planner.papers.typeset import Made
    from planner.plans.model import Plan

__all__ = ["command"]

_KINDS = ("run_sheet", "loading_list", "delivery_note", "handover", "receiving_list", "labels")
_SHORT = 8  # signs of a digest at the foot of each page


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["plan"], type=click.Path(path_type=Path)),
        instance_option("cli.papers.instance", required=True),
        change_option(),
        click.Option(
            ["--by"],
            type=click.Choice(["area", "hub", "vehicle"]),
            default="area",
            show_default=True,
            help=words("cli.papers.by"),
        ),
        click.Option(
            ["--kind", "kinds"], type=click.Choice(_KINDS), multiple=True, help=words("cli.papers.kind")
        ),
        click.Option(["--day"], metavar="YYYY-MM-DD", help=words("cli.papers.day")),
        path_option("--changed-since", text="cli.papers.changed_since"),
        path_option("--output", text="cli.papers.output"),
        force_option(),
        json_option(),
        workers_option("cli.papers.workers", min(2, os.cpu_count() or 1)),
    ]
    return click.Command("papers", callback=_run, params=list(options), help=words("cli.papers.help"))


def _run(
    plan: Path,
    folder: Path,
    output: Path | None,
    *,
    force: bool,
    changes: tuple[str, ...],
    workers: int,
    as_json: bool,
    **asked: Any,  # noqa: ANN401
) -> int:
    from planner.cli.pair import read_pair
    from planner.outputs.figures import number
    from planner.papers.filing import By, all_papers, changed_papers, filed
    from planner.papers.model import Kind
    from planner.papers.settings import read_letters
    from planner.papers.source import source_of
    from planner.papers.typeset import write_sheets
    from planner.plans.file import plan_digest

    target = plan.with_name(f"{plan.stem}-papers") if output is None else output
    if target.exists() and not target.is_dir():
        raise InputError([Fault("C704", "--output", value=str(target))])
    found, instance = read_pair(plan, folder, changes)
    source = source_of(found, instance, read_letters(folder, instance))
    kinds = [Kind(name) for name in asked["kinds"]] or list(Kind)
    papers = all_papers(source, kinds, day_of(asked["day"]))
    changed: Changed | None = None
    if asked["changed_since"] is not None:
        before = _before(asked["changed_since"], source, instance)
        old = all_papers(before, kinds, day_of(asked["day"]))
        changed = changed_papers(old, papers, _from_s(found))
        papers = changed.papers
    files = filed(papers, By(asked["by"]), source, target) if papers else []
    there = [sheets.path for sheets in files if sheets.path.exists()]
    if there and not force:
        raise InputError([Fault("C702", "--output", value=str(path)) for path in there])
    whose = plan_digest(found, source.clock).removeprefix("sha256:")[:_SHORT]
    made = []
    for sheets in write_sheets(files, source.letters, plan=whose, workers=workers):
        made.append(sheets)
        if not as_json:
            sizes = {"pages": number(sheets.pages), "papers": number(sheets.papers)}
            say(words("cli.papers.file", path=sheets.path, **sizes))
    void = () if changed is None else changed.void
    if as_json:
        say_json({"plan": whose, "files": [_file(sheets) for sheets in made], "void": [*map(_named, void)]})
    else:
        _tell(made, void, whose)
    return int(ExitCode.OK)


def _file(made: Made) -> dict[str, object]:
    return {"path": str(made.path), "papers": made.papers, "pages": made.pages}


def _named(paper: Paper) -> dict[str, object]:
    return {"kind": paper.kind.value, "key": list(paper.key)}


def _tell(made: Sequence[Made], void: Sequence[Paper], whose: str) -> None:
    from planner.outputs.figures import number

    if void:
        say(words("cli.papers.void"))
        for paper in void:
            say(f"  {words(f'papers.title.{paper.kind}')}: {' · '.join(paper.key)}")
    if not made:
        say(words("cli.papers.none"))
        return
    pages, papers = (sum(getattr(sheets, name) for sheets in made) for name in ("pages", "papers"))
    params = {"pages": number(pages), "papers": number(papers), "files": number(len(made))}
    say(words("cli.papers.written", plan=whose, **params))


def _before(path: Path, source: Source, instance: Instance) -> Source:
    """The plan before, with the same tables and its own reports."""
    from planner.papers.source import source_of
    from planner.plans.file import by_clock, read_plan_clock

    old = by_clock(*read_plan_clock(path), source.clock)
    return source_of(old, instance, source.letters)


def _from_s(plan: Plan) -> int:
    """The moment of a replan; of any other plan its beginning."""
    if plan.replan is not None:
        return plan.replan.now_s
    return min((trip.load_start_s for trip in plan.trips), default=0) - 1
