"""``plan init``: a first instance of one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.options import area_option, force_option, json_option, path_option
from planner.cli.terminal import command_text, say, say_json

if TYPE_CHECKING:
    from planner.background.schema import Background
    from planner.instance.schema import Instance
    from planner.starting.begin import Begun
    from planner.starting.counts import Matched

__all__ = ["command"]


def command() -> click.Command:
    """The verb."""
    path = click.Path(path_type=Path)
    options = [
        click.Argument(["folder"], type=path),
        click.Option(["--excel"], is_flag=True, help=words("init.help.excel")),
        click.Option(["--example"], is_flag=True, help=words("init.help.example")),
        path_option("--from", "origin", text="init.help.from"),
        area_option("init.help.area"),
        path_option("--counts", text="init.help.counts"),
        click.Option(["--time-zone"], default="", help=words("init.help.time_zone")),
        force_option("init.help.force"),
        json_option("init.help.json"),
    ]
    return click.Command("init", callback=_run, params=list(options), help=words("init.help.verb"))


def _run(  # noqa: PLR0913 - one for each option
    folder: Path,
    origin: Path | None,
    counts: Path | None,
    area: str,
    time_zone: str,
    *,
    excel: bool,
    example: bool,
    force: bool,
    as_json: bool,
) -> int:
    from planner.background.schema import NO_BACKGROUND
    from planner.instance.sheet_names import book_suffix
    from planner.starting.folder import refuse_taken, refuse_taken_background, synthetic_rows, write_new

    _refuse_combinations(origin, counts, area, time_zone, example=example)
    excel = excel or book_suffix(folder)
    refuse_taken(folder, excel=excel, force=force)
    begun = _begun(origin, area, counts, time_zone, example=example)
    instance, matched = begun.instance, begun.matched
    is_template = origin is None and not example
    ground = NO_BACKGROUND if origin is None else _ground(origin, instance, area)
    refuse_taken_background(folder, ground, force=force)
    wanted, written = write_new(folder, instance, excel=excel, whole=is_template, background=ground)
    if as_json:
        found = {
            "path": str(written),
            "regions": len(instance.regions),
            "synthetic": synthetic_rows(instance),
            "counted": list(matched.regions) if matched else [],
            "not_counted": list(matched.without) if matched else [],
        }
        say_json(found)
        return int(ExitCode.OK)
    if matched:
        _tell_counts(matched)
    _tell(instance, wanted, written)
    return int(ExitCode.OK)


def _refuse_combinations(
    origin: Path | None, counts: Path | None, area: str, time_zone: str, *, example: bool
) -> None:
    """X344: options that do not go together."""
    wrong = []
    if origin is not None and example:
        wrong.append(("--example", "--from"))
    if area and origin is None:
        wrong.append(("--area", words("init.without", option="--from")))
    if counts is not None and origin is None and not example:
        wrong.append(("--counts", words("init.without", option="--from")))
    if time_zone and (origin is not None or example):
        wrong.append(("--time-zone", "--from" if origin is not None else "--example"))
    if wrong:
        raise InputError(
            Fault("X344", option, value=option, params={"other": other}) for option, other in wrong
        )


def _begun(origin: Path | None, area: str, counts: Path | None, time_zone: str, *, example: bool) -> Begun:
    """What shall be written."""
    from planner.starting.begin import begin

    whole = None
    if example:
        from planner.starting.example import example as toy

        whole = toy()
    elif origin is not None:
        from planner.instance.read import read_instance

        whole = read_instance(origin, needs_times=bool(area))
    listed = None
    if whole is not None and counts is not None:
        from planner.starting.list_file import read_list

        listed = read_list(counts, whole.settings.counts)
    return begin(whole, area=area, counts=listed, time_zone=time_zone)


def _ground(origin: Path, instance: Instance, area: str) -> Background:
    """The background of the whole, or what of it lies behind a part."""
    from planner.background.cut import background_of
    from planner.background.read import read_background

    whole = read_background(origin)
    return background_of(instance, whole) if area and whole else whole


def _tell_counts(matched: Matched) -> None:
    if matched.warnings:
        from planner.cli.printing import show_faults

        show_faults(matched.warnings)
    say(words("init.counted", number=len(matched.regions)))
    if matched.without:
        some = ", ".join(matched.without[:20]) + (", …" if len(matched.without) > 20 else "")
        say(words("init.not_counted", number=len(matched.without), some=some))


def _tell(instance: Instance, wanted: Path, written: Path) -> None:
    from planner.cli.printing import say_elsewhere
    from planner.starting.folder import synthetic_rows

    say_elsewhere(wanted, written)
    say(words("init.written", path=written, regions=len(instance.regions)))
    if invented := synthetic_rows(instance):
        rows = ", ".join(f"{name} {number}" for name, number in invented.items())
        say(words("init.synthetic", rows=rows))
    say(words("init.next"))
    say(command_text("validate", written))
    say(command_text("solve", written))
