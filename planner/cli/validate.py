"""``plan validate``: every fault of an instance in one report."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import click

from planner.base.errors import ExitCode, Fault, Severity
from planner.base.text import words
from planner.cli.options import json_option, path_option
from planner.cli.terminal import say, say_json

__all__ = ["command"]


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["folder"], type=click.Path(path_type=Path)),
        path_option("--mark", text="book.mark.help"),
        json_option("cli.validate.json"),
    ]
    return click.Command("validate", callback=_run, params=list(options), help=words("cli.validate.help"))


def _run(folder: Path, mark: Path | None, *, as_json: bool) -> int:
    from planner.background.read import validate_all
    from planner.cli.failure import fault_document
    from planner.outputs.figures import number
    from planner.solving.unsupported import would_refuse

    instance, faults = validate_all(folder)
    if instance is not None:
        faults = (*faults, *(replace(one, severity=Severity.WARNING) for one in would_refuse(instance)))
    errors = [fault for fault in faults if fault.severity is Severity.ERROR]
    if as_json:
        say_json({"valid": not errors, "faults": [fault_document(fault) for fault in faults]})
    else:
        if faults:
            from planner.cli.printing import show_faults

            show_faults(faults)
        if instance is not None:
            say(
                words(
                    "cli.validate.valid",
                    name=instance.settings.name,
                    regions=number(len(instance.regions)),
                    warehouses=number(len(instance.warehouses)),
                    edges=number(len(instance.edges)),
                )
            )
    if mark is not None:
        _mark(folder, faults, mark)
    return int(ExitCode.BAD_INPUT if errors else ExitCode.OK)


def _mark(folder: Path, faults: Sequence[Fault], target: Path) -> None:
    from planner.cli.printing import say_elsewhere
    from planner.instance.workbook.mark import mark

    written = mark(folder, faults, target)
    say_elsewhere(target, written)
    say(words("book.marked", path=written, number=len(faults)), err=True)
