"""``plan desk``: the page on which the day is run."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.options import PATH, json_option
from planner.cli.terminal import say, say_held, say_json

if TYPE_CHECKING:
    from planner.desk.now import DeskClock

__all__ = ["command"]

_PORT = 8080
_FASTEST = 3600.0
_LONGEST_MIN = 14 * 24 * 60
_NEEDED = ("jinja2", "starlette", "uvicorn")
_DRILL = "desk drill"  # what a report of a drill was told through


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["folder"], type=PATH),
        click.Option(
            ["--port"],
            type=click.IntRange(0, 65535),
            default=_PORT,
            show_default=True,
            help=words("cli.desk.port"),
        ),
        click.Option(["--host"], default="127.0.0.1", show_default=True, help=words("cli.desk.host")),
        click.Option(["--clock"], default="", metavar="MOMENT", help=words("cli.desk.clock")),
        click.Option(
            ["--pace"],
            type=click.FloatRange(0.1, _FASTEST),
            default=1.0,
            show_default=True,
            metavar="N",
            help=words("cli.desk.pace"),
        ),
        click.Option(["--no-browser"], is_flag=True, help=words("cli.desk.no_browser")),
        click.Option(
            ["--close-after"],
            type=click.FloatRange(0.01, _LONGEST_MIN),
            metavar="MIN",
            help=words("cli.desk.close_after"),
        ),
        json_option("cli.desk.json"),
    ]
    return click.Command("desk", callback=_run, params=list(options), help=words("cli.desk.help"))


def _run(folder: Path, port: int, host: str, clock: str, pace: float, **asked: Any) -> int:  # noqa: ANN401
    missing = [name for name in _NEEDED if find_spec(name) is None]
    if missing:
        raise InputError([Fault("K034", "desk", value=", ".join(missing))])
    from planner.desk.picture import Keeper
    from planner.desk.server import refuse_beyond, serve
    from planner.store.place import as_channel

    refuse_beyond(host)
    made = _clock(folder, clock, pace)
    _refuse_mixed(folder, is_drill=bool(clock))
    as_channel(_DRILL if clock else "desk")
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
    minutes = asked["close_after"]
    serve(
        Keeper(folder, made),
        host=host,
        port=port,
        browser=not asked["no_browser"],
        close_after_s=None if minutes is None else 60 * minutes,
        say=_say_open_json if asked["as_json"] else _say_open,
    )
    say(words("cli.desk.closed"), err=True)
    return int(ExitCode.OK)


def _say_open(address: str) -> None:
    say(words("cli.desk.open", address=address))
    say(words("cli.desk.once"), err=True)


def _say_open_json(address: str) -> None:
    say_json({"address": address})
    say_held()


def _clock(folder: Path, text: str, pace: float) -> DeskClock:
    """The desk's clock; of a drill it begins at a moment that is read as the plan's people write it."""
    from planner.cli.in_force import now_of
    from planner.cli.store import make_store
    from planner.desk.now import DeskClock
    from planner.plans.locate import find
    from planner.store.place import has_store

    found = find(folder)
    if not has_store(folder):
        ledger, _ = make_store(folder)
        say(words("cli.desk.made", where=ledger.where), err=True)
    if not text:
        return DeskClock()
    return DeskClock(found.clock.instant(now_of(found, text)), pace)


def _refuse_mixed(folder: Path, *, is_drill: bool) -> None:
    """Raise where reports of a drill and real ones would stand in one store (K035, K036)."""
    from planner.store.ledger import ledger_of

    with ledger_of(folder).reading() as work:
        told = [entry.through == _DRILL for entry in work.entries("report")]
    others = sum(drill is not is_drill for drill in told)
    if others:
        raise InputError([Fault("K035" if is_drill else "K036", "desk", params={"number": others})])
