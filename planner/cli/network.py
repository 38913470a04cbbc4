"""``plan network``: model a network, and calibrate its speeds."""

from __future__ import annotations

import json
from pathlib import Path

import click

from planner.base.errors import ExitCode, InputError
from planner.base.text import words
from planner.cli.options import force_option, json_option

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
            "calibrate", callback=_calibrate, params=[folder, as_json], help=words("cli.network.calibrate")
        )
    )
    return group


def _model(folder: Path, *, force: bool, as_json: bool) -> int:
    from planner.instance.read import read_tables
    from planner.instance.write import write_table
    from planner.network.model import replace_edges
    from planner.network.report import model_report

    instance, faults = read_tables(folder, needs_times=False)
    if instance is None:
        raise InputError(faults)
    edges = replace_edges(instance, force=force)
    path = write_table(folder, "edges", edges)
    report = model_report(instance, edges)
    if as_json:
        click.echo(json.dumps(report.as_json() | {"path": str(path)}, ensure_ascii=False))
    else:
        for line in (*report.lines(), words("cli.network.written", path=path)):
            click.echo(line)
    return int(ExitCode.OK)


def _calibrate(folder: Path, *, as_json: bool) -> int:
    from planner.instance.read import read_instance
    from planner.network.calibrate import calibration_report
    from planner.network.report import calibration_json, calibration_lines, calibration_rows

    instance = read_instance(folder)
    report = calibration_report(instance)
    if as_json:
        click.echo(json.dumps(calibration_json(report), ensure_ascii=False))
        return int(ExitCode.OK)
    if report.rows:
        from planner.cli.printing import table, wide_console

        names = ("trip", "use", "modes", "from", "to", "speed", "published", "modelled", "error")
        columns = [(words(f"network.calibrate.{name}"), name in names[5:]) for name in names]
        wide_console().print(
            table(words("network.calibrate.title"), columns, calibration_rows(instance, report))
        )
    for line in calibration_lines(report):
        click.echo(line)
    return int(ExitCode.OK)
