"""``plan network``: model a network, and calibrate its speeds."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.options import force_option, json_option, path_option
from planner.cli.terminal import command_text, say, say_json

if TYPE_CHECKING:
    from rich.console import Console

    from planner.instance.schema import Instance
    from planner.network.calibrate import CalibrationReport

__all__ = ["command"]


def command() -> click.Group:
    """The verb and its two parts."""
    group = click.Group("network", help=words("cli.network.help"))
    folder = click.Argument(["folder"], type=click.Path(path_type=Path))
    as_json = json_option("cli.network.json")
    force = force_option("cli.network.force")
    group.add_command(
        click.Command(
            "model", callback=_model, params=[folder, force, as_json], help=words("cli.network.model")
        )
    )
    group.add_command(
        click.Command(
            "calibrate",
            callback=_calibrate,
            params=[
                folder,
                path_option("--output", "--csv", text="cli.network.output"),
                force_option("cli.network.force_output"),
                as_json,
            ],
            help=words("cli.network.calibrate"),
        )
    )
    return group


def _model(folder: Path, *, force: bool, as_json: bool) -> int:
    from planner.cli.failure import fault_document
    from planner.cli.printing import show_faults
    from planner.instance.read import raw_instance, tables_of
    from planner.instance.sheet_names import book_suffix
    from planner.network.model import replace_edges
    from planner.network.report import model_report
    from planner.starting.network_file import write_network

    raw = raw_instance(folder)
    instance, faults = tables_of(raw, needs_times=False)
    if instance is None:
        raise InputError(faults)
    edges = replace_edges(instance, force=force)
    path = write_network(folder, raw, instance, edges)
    report = model_report(instance, edges)
    if as_json:
        apart = [fault_document(fault) for fault in report.apart]
        say_json(report.as_json() | {"path": str(path), "faults": apart})
    else:
        for line in (*report.lines(), words("cli.network.written", path=path)):
            say(line)
        if report.apart:
            show_faults(report.apart)
        if book_suffix(path):
            say(words("cli.network.new_book", folder=folder))
            say(command_text("validate", path))
            say(command_text("solve", path))
    return int(ExitCode.OK)


def _calibrate(folder: Path, *, output: Path | None, force: bool, as_json: bool) -> int:
    from planner.base.files import write_beside
    from planner.cli.printing import desk_console, say_elsewhere
    from planner.instance.read import read_instance
    from planner.network.calibrate import calibration_report
    from planner.network.report import calibration_csv, calibration_json, calibration_lines

    if output is not None and (output.is_dir() or (output.exists() and not force)):
        raise InputError([Fault("C703" if output.is_dir() else "C702", "--output", value=str(output))])
    instance = read_instance(folder)
    report = calibration_report(instance)
    if output is not None:
        wanted = output
        output = write_beside(output, calibration_csv(instance, report).encode("utf-8"))
        say_elsewhere(wanted, output)
    if as_json:
        more = {} if output is None else {"list_path": str(output)}
        say_json(calibration_json(report) | more)
        return int(ExitCode.OK)
    console = desk_console()
    _show_trips(console, instance, report)
    for line in calibration_lines(report):
        console.print(line)
    if output is not None:
        say(words("cli.network.written", path=output))
    return int(ExitCode.OK)


def _show_trips(console: Console, instance: Instance, report: CalibrationReport) -> None:
    """Print the trips of each use, and the medians."""
    from planner.cli.printing import show_table
    from planner.network.report import calibration_group_rows, calibration_rows

    def show(title: str, names: Sequence[str], texts: int, rows: Sequence[Sequence[str]]) -> None:
        columns = [(words(f"network.calibrate.{name}"), at >= texts) for at, name in enumerate(names)]
        show_table(console, title, columns, rows)

    names = ("trip", "way", "published", "modelled", "error", "range_error")
    for group in report.groups():
        whole = report.group(group.use)
        if whole is not None and len(whole.rows) == len(group.rows):
            title = words(f"network.calibrate.{group.use.value}_title")
            show(title, names, 2, calibration_rows(instance, group.rows))
    if report.rows:
        medians = ("use", "modes", "number", "error", "range_error", "bias", "inside")
        show(words("network.calibrate.medians"), medians, 2, calibration_group_rows(report))
