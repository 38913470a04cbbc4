"""``plan export``: a plan as tables for other programs, or as a picture."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.changes import change_option
from planner.cli.options import area_option, force_option, instance_option, json_option, path_option
from planner.cli.terminal import say, say_json

__all__ = ["command"]

_NARROWEST, _WIDEST, _USUAL = 320, 4000, 1200  # pixels, as planner.outputs.map.scene has them
_PICTURES = ("svg", "png")
_TRACKS = ("geojson", "gpx")
_FOR_PICTURES = ("colour", "area", "width", "network", "each", "events", "now")


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["plan"], type=click.Path(path_type=Path)),
        click.Option(
            ["--format", "form"],
            type=click.Choice(["csv", "xlsx", *_PICTURES, *_TRACKS]),
            required=True,
            help=words("cli.export.format"),
        ),
        instance_option("cli.export.instance"),
        change_option(),
        click.Option(
            ["--colour"],
            type=click.Choice(["status", "day", "margin", "vehicle"]),
            help=words("cli.export.colour"),
        ),
        area_option("cli.export.area"),
        click.Option(["--each"], type=click.Choice(["area", "subarea"]), help=words("cli.export.each")),
        click.Option(
            ["--width"],
            type=click.IntRange(min=_NARROWEST, max=_WIDEST),
            metavar="PIXELS",
            help=words("cli.export.width", usual=_USUAL),
        ),
        click.Option(["--network"], is_flag=True, help=words("cli.export.network")),
        path_option("--events", text="cli.export.events"),
        click.Option(["--now"], help=words("cli.export.now")),
        path_option("--output", text="cli.export.output"),
        force_option(),
        json_option(),
    ]
    return click.Command("export", callback=_run, params=list(options), help=words("cli.export.help"))


def _run(
    plan: Path,
    form: str,
    folder: Path | None,
    output: Path | None,
    *,
    force: bool,
    as_json: bool,
    changes: tuple[str, ...],
    **asked: Any,  # noqa: ANN401
) -> int:
    written = _written(plan, form, folder, output, force=force, changes=changes, **asked)
    if as_json:
        say_json({"format": form, "files": [str(one) for one in written]})
    else:
        for one in written:
            say(words("cli.export.written", path=one))
    return int(ExitCode.OK)


def _written(
    plan: Path,
    form: str,
    folder: Path | None,
    output: Path | None,
    *,
    force: bool,
    changes: tuple[str, ...],
    **asked: Any,  # noqa: ANN401
) -> Sequence[Path]:
    """Write what is asked for; gives the files, of tracks one by one the folder."""
    if form in ("csv", "xlsx"):
        given = [f"--{name}" for name in _FOR_PICTURES if asked[name]]
        if given:
            raise InputError(Fault("C708", name, value=name) for name in given)
        if form == "xlsx":
            return _book(plan, folder, output, force=force, changes=changes)
        return _csv(plan, folder, output, force=force, changes=changes)
    if folder is None:
        raise InputError([Fault("C705", "--instance", params={"format": form})])
    if form in _TRACKS:
        given = [name for name in _FOR_PICTURES if name != "area" and asked[name]]
        if given:
            raise InputError(Fault("C708", f"--{name}", value=f"--{name}") for name in given)
        return _tracks(plan, form, folder, output, force=force, changes=changes, area=asked["area"])
    if asked["now"] and asked["events"] is None:
        raise InputError([Fault("C710", "--now", value=asked["now"])])
    return _picture(plan, form, folder, output, force=force, changes=changes, **asked)


def _csv(
    plan: Path, tables: Path | None, output: Path | None, *, force: bool, changes: tuple[str, ...]
) -> Sequence[Path]:
    from planner.cli.pair import read_pair
    from planner.cli.printing import say_elsewhere
    from planner.outputs.tables import TABLE_FILES, write_tables
    from planner.plans.file import read_plan_clock

    found, clock = read_plan_clock(plan)
    folder = plan.with_suffix("") if output is None else output
    if folder.exists() and not folder.is_dir():
        raise InputError([Fault("C704", "--output", value=str(folder))])
    there = [folder / name for name in TABLE_FILES if (folder / name).exists()]
    if there and not force:
        raise InputError([Fault("C702", "--output", value=str(path)) for path in there])
    instance = None if tables is None else read_pair(plan, tables, changes)[1]
    made = write_tables(found, clock, folder, instance=instance)
    for wanted, path in zip(TABLE_FILES, made, strict=False):
        say_elsewhere(folder / wanted, path)
    return made


def _book(
    plan: Path, folder: Path | None, output: Path | None, *, force: bool, changes: tuple[str, ...]
) -> Sequence[Path]:
    from planner.base.files import write_beside
    from planner.cli.pair import read_pair
    from planner.cli.printing import say_elsewhere
    from planner.outputs.plan_book import plan_book

    if folder is None:
        raise InputError([Fault("C705", "--instance", params={"format": "xlsx"})])
    path = output or plan.with_suffix(".xlsx")
    _refuse_taken([path], force=force)
    made = write_beside(path, plan_book(*read_pair(plan, folder, changes)))
    say_elsewhere(path, made)
    return [made]


def _tracks(
    plan: Path,
    form: str,
    folder: Path,
    output: Path | None,
    *,
    force: bool,
    changes: tuple[str, ...],
    area: str,
) -> Sequence[Path]:
    """GeoJSON as one file; GPX as a folder with a file for each vehicle."""
    from planner.base.files import write_text
    from planner.cli.pair import read_pair
    from planner.outputs.map.files import picture_files
    from planner.outputs.map.scene import Asked, scene_of
    from planner.outputs.tracks import geojson_text, gpx_texts

    path = output or (plan.with_name(f"{plan.stem}-gpx") if form == "gpx" else plan.with_suffix(f".{form}"))
    if form == "gpx" and path.exists() and not path.is_dir():
        raise InputError([Fault("C704", "--output", value=str(path))])
    found, instance = read_pair(plan, folder, changes)
    scene = scene_of(found, instance, asked=Asked(area=area))
    if form == "gpx":
        texts = gpx_texts(scene)
        files = {file: texts[name] for name, file in picture_files(path, [*texts], form).items()}
    else:
        files = {path: geojson_text(scene)}
    _refuse_taken([*files], force=force)
    for file, text in files.items():
        write_text(file, text)
    return [path]


def _picture(
    plan: Path,
    form: str,
    folder: Path,
    output: Path | None,
    *,
    force: bool,
    changes: tuple[str, ...],
    **asked: Any,  # noqa: ANN401
) -> Sequence[Path]:
    from planner.background.read import read_background
    from planner.cli.in_force import standing_by
    from planner.cli.pair import read_pair
    from planner.outputs.map.classes import Colour
    from planner.outputs.map.files import Each, areas_of, picture_files, write_picture
    from planner.outputs.map.scene import Asked, scene_of

    path = output or (plan.with_name(f"{plan.stem}-maps") if asked["each"] else plan.with_suffix(f".{form}"))
    if asked["each"] and path.exists() and not path.is_dir():
        raise InputError([Fault("C704", "--output", value=str(path))])
    if not asked["each"]:
        _refuse_taken([path], force=force)
    found, instance = read_pair(plan, folder, changes)
    standing = None
    if asked["events"] is not None:
        standing = standing_by(found, instance, asked["events"], asked["now"])
    wanted = Asked(
        Colour(asked["colour"] or Colour.STATUS),
        area=asked["area"],
        width=asked["width"] or _USUAL,
        network=asked["network"],
    )
    scene = scene_of(found, instance, ground=read_background(folder), asked=wanted, standing=standing)
    files: list[tuple[str | None, Path]] = [(None, path)]
    if asked["each"]:
        areas = areas_of(scene, Each(asked["each"]))
        if not areas:
            raise InputError([Fault("C711", "--each", value=asked["each"])])
        files = [*picture_files(path, areas, form).items()]
        _refuse_taken([file for _, file in files], force=force)
    return [write_picture(scene, file, form, area=area) for area, file in files]


def _refuse_taken(paths: list[Path], *, force: bool) -> None:
    """C702 for each file that is there already, C703 for a folder of its name."""
    wrong = [("C703", path) for path in paths if path.is_dir()]
    wrong += [("C702", path) for path in paths if path.exists() and not path.is_dir() and not force]
    if wrong:
        raise InputError(Fault(code, "--output", value=str(path)) for code, path in wrong)
