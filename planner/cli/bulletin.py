"""``plan bulletin``: the desk's page at a moment, as HTML, PDF, Markdown, short text and JSON."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.options import PATH, assume_option, force_option, instance_option, json_option, path_option
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from planner.papers.bulletin.situation import Situation

__all__ = ["command"]

_FORMS = ("html", "pdf", "md", "txt")
_TOLERANCE_MIN = 30


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["plans"], type=PATH, nargs=-1),
        click.Option(["--now"], help=words("cli.status.now")),
        path_option("--since", text="cli.bulletin.since"),
        click.Option(["--by"], type=click.Choice(["area", "subarea"]), help=words("cli.bulletin.by")),
        click.Option(
            ["--format", "forms"], type=click.Choice(_FORMS), multiple=True, help=words("cli.bulletin.form")
        ),
        path_option("--output", text="cli.bulletin.output"),
        path_option("--events", text="cli.event.events"),
        instance_option("cli.event.instance"),
        assume_option("cli.status.assume"),
        click.Option(
            ["--tolerance"],
            type=click.IntRange(min=0, max=100_000),
            default=_TOLERANCE_MIN,
            show_default=True,
            metavar="MIN",
            help=words("cli.status.tolerance"),
        ),
        force_option(),
        json_option(),
    ]
    return click.Command("bulletin", callback=_run, params=list(options), help=words("cli.bulletin.help"))


def _run(
    plans: tuple[Path, ...],
    output: Path | None,
    *,
    force: bool,
    as_json: bool,
    **asked: Any,  # noqa: ANN401
) -> int:
    from planner.cli.printing import desk_console, say_lines
    from planner.papers.bulletin.counts import By
    from planner.papers.bulletin.document import bulletin_document
    from planner.papers.bulletin.made import made_forms
    from planner.papers.bulletin.since import changed_since, read_bulletin

    old = None if asked["since"] is None else read_bulletin(asked["since"])
    situations = _situations(plans, asked)
    document = bulletin_document(situations, None if asked["by"] is None else By(asked["by"]))
    if old is not None:
        document["since"] = changed_since(old, document)
    forms = [name for name in _FORMS if name in asked["forms"] or not asked["forms"]]
    base = _base(situations, output, document["now"])
    files = {form: base.with_name(f"{base.name}.{form}") for form in ("json", *forms)}
    there = [path for path in files.values() if path.exists()]
    if there and not force:
        raise InputError([Fault("C702", "--output", value=str(path)) for path in there])
    content = made_forms(document, situations, forms)
    files = _write(files, content)
    if as_json:
        say_json({"files": {form: str(path) for form, path in files.items()}, "bulletin": document})
        return int(ExitCode.OK)
    say_lines(desk_console(), content["txt"].decode("utf-8").splitlines())
    for path in files.values():
        say(words("cli.bulletin.file", path=path), err=True)
    return int(ExitCode.OK)


def _situations(plans: tuple[Path, ...], asked: dict[str, Any]) -> list[Situation]:
    from planner.cli.in_force import moment_within, say_ahead, warn_of_another
    from planner.papers.bulletin.situation import plans_meant, refuse_twice, situation_of
    from planner.replanning.state import Assume

    found = plans_meant(plans, asked["folder"], asked["events"])
    refuse_twice(found)
    situations = []
    for one in found:
        warn_of_another(one)
        now_s = moment_within(one, asked["now"])
        situations.append(
            situation_of(
                one,
                now_s,
                Assume(asked["assume"]),
                tolerance_s=60 * asked["tolerance"],
                asked=asked["events"] is not None,
            )
        )
        say_ahead(situations[-1].reading.events, now_s)
    return situations


def _base(situations: list[Situation], output: Path | None, now: str) -> Path:
    """The files' name without its ending."""
    if output is not None and not output.is_dir():
        return output.with_name(output.stem) if output.suffix[1:] in (*_FORMS, "json") else output
    stamp = "".join(sign for sign in now[:16] if sign.isdigit() or sign == "T").replace("T", "-")
    return (output or situations[0].found.path.parent) / f"bulletin-{stamp}"


def _write(files: dict[str, Path], content: dict[str, bytes]) -> dict[str, Path]:
    """Write all forms, beside a file that is open in a program; gives where."""
    from planner.base.files import write_beside
    from planner.cli.printing import say_elsewhere

    written = {form: write_beside(path, content[form]) for form, path in files.items()}
    for form, path in files.items():
        say_elsewhere(path, written[form])
    return written
