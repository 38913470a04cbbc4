"""``plan export``: a plan as files for other programs."""

from __future__ import annotations

from pathlib import Path

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.changes import change_option
from planner.cli.options import force_option, instance_option, path_option

__all__ = ["command"]


def command() -> click.Command:
    """The verb."""
    instance = instance_option("cli.export.instance")
    options = [
        click.Argument(["plan"], type=click.Path(path_type=Path)),
        click.Option(
            ["--format", "form"],
            type=click.Choice(["csv", "svg"]),
            required=True,
            help=words("cli.export.format"),
        ),
        instance,
        change_option(),
        path_option("--output", text="cli.export.output"),
        force_option(),
    ]
    return click.Command("export", callback=_run, params=list(options), help=words("cli.export.help"))


def _run(
    plan: Path, form: str, folder: Path | None, output: Path | None, *, force: bool, changes: tuple[str, ...]
) -> int:
    if form == "csv":
        return _csv(plan, folder, output, force=force, changes=changes)
    if folder is None:
        raise InputError([Fault("C705", "--instance", params={"format": form})])
    return _svg(plan, folder, output, force=force, changes=changes)


def _csv(
    plan: Path, tables: Path | None, output: Path | None, *, force: bool, changes: tuple[str, ...]
) -> int:
    from planner.cli.pair import read_pair
    from planner.cli.printing import say_elsewhere
    from planner.instance.call_signs import call_signs
    from planner.outputs.tables import TABLE_FILES, write_tables, writes_commas
    from planner.plans.file import read_plan_clock

    found, clock = read_plan_clock(plan)
    folder = plan.with_suffix("") if output is None else output
    if folder.exists() and not folder.is_dir():
        raise InputError([Fault("C704", "--output", value=str(folder))])
    there = [folder / name for name in TABLE_FILES if (folder / name).exists()]
    if there and not force:
        raise InputError([Fault("C702", "--output", value=str(path)) for path in there])
    instance = None if tables is None else read_pair(plan, tables, changes)[1]
    commas = instance is not None and writes_commas(instance)
    signs = None if instance is None else call_signs(instance)
    made = write_tables(found, clock, folder, commas=commas, signs=signs)
    for wanted, path in zip(TABLE_FILES, made, strict=False):
        say_elsewhere(folder / wanted, path)
        click.echo(words("cli.export.written", path=path))
    return int(ExitCode.OK)


def _svg(plan: Path, folder: Path, output: Path | None, *, force: bool, changes: tuple[str, ...]) -> int:
    from planner.base.files import write_text
    from planner.cli.pair import read_pair
    from planner.outputs.map_svg import map_svg

    path = plan.with_suffix(".svg") if output is None else output
    if path.is_dir() or (path.exists() and not force):
        raise InputError([Fault("C703" if path.is_dir() else "C702", "--output", value=str(path))])
    write_text(path, map_svg(*read_pair(plan, folder, changes)))
    click.echo(words("cli.export.written", path=path))
    return int(ExitCode.OK)
