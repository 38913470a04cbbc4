"""``plan export``: a plan as files for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from planner.errors import ExitCode, Fault, InputError
from planner.text import words

__all__ = ["command"]


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["plan"], type=click.Path(path_type=Path)),
        click.Option(
            ["--format", "form"], type=click.Choice(["csv"]), required=True, help=words("cli.export.format")
        ),
        click.Option(["--output"], type=click.Path(path_type=Path), help=words("cli.export.output")),
        click.Option(["--force"], is_flag=True, help=words("cli.solve.force")),
    ]
    return click.Command("export", callback=_run, params=list(options), help=words("cli.export.help"))


def _run(plan: Path, form: str, output: Path | None, *, force: bool) -> int:
    from planner.outputs.tables import write_tables
    from planner.plan_file import read_plan_clock

    del form  # only one so far; click has checked it
    found, clock = read_plan_clock(plan)
    folder = plan.with_suffix("") if output is None else output
    if folder.exists() and not folder.is_dir():
        raise InputError([Fault("C704", "--output", value=str(folder))])
    there = [folder / name for name in ("deliveries.csv", "trips.csv") if (folder / name).exists()]
    if there and not force:
        raise InputError([Fault("C702", "--output", value=str(path)) for path in there])
    for path in write_tables(found, clock, folder):
        click.echo(words("cli.export.written", path=path))
    return int(ExitCode.OK)
