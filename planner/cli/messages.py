"""``plan messages``: what each driver is told by WhatsApp or SMS, for a day or after a replan."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.changes import change_option
from planner.cli.days import day_of
from planner.cli.options import force_option, instance_option, json_option, path_option
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from planner.events.names import Names
    from planner.papers.messages import Message
    from planner.papers.parts import Part
    from planner.papers.source import Source

__all__ = ["command"]

_MOST = 9_999  # messages that may have the same name


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["plan"], type=click.Path(path_type=Path)),
        instance_option("cli.messages.instance", required=True),
        change_option(),
        click.Option(
            ["--for", "medium"],
            type=click.Choice(["whatsapp", "sms"]),
            default="whatsapp",
            show_default=True,
            help=words("cli.messages.medium"),
        ),
        click.Option(["--vehicle", "vehicles"], multiple=True, help=words("cli.messages.vehicle")),
        click.Option(["--hub", "hubs"], multiple=True, help=words("cli.messages.hub")),
        click.Option(["--day"], metavar="YYYY-MM-DD", help=words("cli.messages.day")),
        path_option("--changed-since", text="cli.messages.changed_since"),
        click.Option(
            ["--tolerance"],
            type=click.IntRange(min=0, max=100_000),
            metavar="MIN",
            default=30,
            show_default=True,
            help=words("cli.messages.tolerance"),
        ),
        path_option("--output", text="cli.messages.output"),
        force_option(),
        json_option(),
    ]
    return click.Command("messages", callback=_run, params=list(options), help=words("cli.messages.help"))


def _run(
    plan: Path,
    folder: Path,
    output: Path | None,
    *,
    force: bool,
    changes: tuple[str, ...],
    as_json: bool,
    **asked: Any,  # noqa: ANN401
) -> int:
    from planner.cli.pair import read_pair
    from planner.papers.parts import Medium, parts_of
    from planner.papers.settings import read_letters
    from planner.papers.source import source_of

    if output is not None and output.exists() and not output.is_dir():
        raise InputError([Fault("C704", "--output", value=str(output))])
    found, instance = read_pair(plan, folder, changes)
    source = source_of(found, instance, read_letters(folder, instance))
    wanted = _wanted(source, asked)
    made, quiet = _messages(source, asked)
    medium = Medium(asked["medium"])
    told = [(one, parts_of(one.head, one.blocks, medium)) for one in made if wanted(one)]
    if output is not None:
        _write(output, told, force=force)
    if as_json:
        rows = [_document(one, parts) for one, parts in told]
        say_json({"messages": rows, "slight": quiet, "medium": medium.value})
        return int(ExitCode.OK)
    if output is None:
        for one, parts in told:
            say(_title(one))
            say("\n\n".join(part.text for part in parts) + "\n")
    _count(told, quiet)
    return int(ExitCode.OK)


def _messages(source: Source, asked: dict[str, Any]) -> tuple[Sequence[Message], int]:
    """Messages, and how many vehicles get none as only times move a little."""
    from planner.compare.comparison import differences
    from planner.papers.messages import change_messages, order_messages
    from planner.plans.file import by_clock, read_plan_clock

    day = day_of(asked["day"])
    if asked["changed_since"] is None:
        replan = source.plan.replan
        return [*order_messages(source, from_s=None if replan is None else replan.now_s, day=day)], 0
    old = by_clock(*read_plan_clock(asked["changed_since"]), source.clock)
    found = differences(old, source.plan, source.clock, tolerance_s=60 * asked["tolerance"])
    return [*change_messages(source, found, day=day)], sum(not one.counts for one in found.vehicles)


def _wanted(source: Source, asked: dict[str, Any]) -> Callable[[Message], bool]:
    """Whether a message is for one of the vehicles and places that are asked for."""
    from planner.events.names import Names

    names = Names(source.instance, source.plan)
    vehicles = {*_ids(names, asked["vehicles"], "--vehicle", ("vehicle",))}
    hubs = {*_ids(names, asked["hubs"], "--hub", ("hub", "warehouse"))}

    def wanted(one: Message) -> bool:
        return (not vehicles or one.vehicle in vehicles) and (not hubs or bool(hubs & one.places))

    return wanted


def _ids(names: Names, texts: Iterable[str], option: str, kinds: Sequence[str]) -> Iterator[str]:
    from planner.events.names import UnknownNameError

    for text in texts:
        try:
            yield names.find(text, kinds)[1]
        except UnknownNameError as error:
            near = ", ".join(error.candidates) or "-"
            raise InputError([Fault("C707", option, value=text, params={"nearest": near})]) from None


def _title(one: Message) -> str:
    """Whom a message is sent to."""
    people = f"{one.driver.name} {one.driver.phone}".strip() or words("cli.messages.nobody")
    return words("cli.messages.to", sign=one.sign, vehicle=one.vehicle, people=people)


def _document(one: Message, parts: Sequence[Part]) -> dict[str, object]:
    return {
        "vehicle": one.vehicle,
        "call_sign": one.sign,
        "day": None if one.day is None else one.day.isoformat(),
        "driver": one.driver.name,
        "phone": one.driver.phone,
        "language": one.driver.language,
        "parts": [part.text for part in parts],
        "longer": [at for at, part in enumerate(parts, 1) if not part.single],
    }


def _write(folder: Path, told: Sequence[tuple[Message, Sequence[Part]]], *, force: bool) -> None:
    """One file for each message; parts are divided by an empty line."""
    from planner.base.files import write_text
    from planner.papers.words import file_stem

    files: dict[Path, str] = {}
    taken: set[str] = set()
    for one, parts in told:
        stem = f"{file_stem(one.sign)}-{'change' if one.day is None else one.day.isoformat()}"
        names = (f"{stem}{'' if at == 1 else f'~{at}'}.txt" for at in range(1, _MOST))
        name = next(name for name in names if name.casefold() not in taken)
        taken.add(name.casefold())
        files[folder / name] = "\n\n".join(part.text for part in parts) + "\n"
    there = [path for path in files if path.exists()]
    if there and not force:
        raise InputError([Fault("C702", "--output", value=str(path)) for path in there])
    for path, text in files.items():
        say(words("cli.messages.file", path=write_text(path, text)), err=True)


def _count(told: Sequence[tuple[Message, Sequence[Part]]], quiet: int) -> None:
    from planner.outputs.figures import number

    parts = [part for _, mine in told for part in mine]
    key = "count" if told else "none"
    say(words(f"cli.messages.{key}", messages=number(len(told)), parts=number(len(parts))), err=True)
    if longer := sum(not part.single for part in parts):
        say(words("cli.messages.longer", parts=number(longer)), err=True)
    if quiet:
        say(words("cli.messages.slight", vehicles=number(quiet)), err=True)
