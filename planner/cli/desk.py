"""``plan desk``: the page on which the day is run."""

from __future__ import annotations

import logging
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.options import PATH, json_option, path_option
from planner.cli.terminal import say, say_held, say_json

if TYPE_CHECKING:
    from planner.desk.now import DeskClock

__all__ = ["command"]

_PORT = 8080
_FASTEST = 3600.0
_LONGEST_MIN = 14 * 24 * 60
_NEEDED = ("jinja2", "starlette", "uvicorn")
_AUDIT, _AUDIT_BYTES = "desk.log", 5_000_000
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
        click.Option(["--address"], default="", metavar="URL", help=words("cli.desk.address")),
        path_option("--certificate", text="cli.desk.certificate"),
        path_option("--key", text="cli.desk.key"),
        click.Option(["--insecure-lan"], is_flag=True, help=words("cli.desk.insecure_lan")),
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
    from planner.desk.server import Door, serve
    from planner.store.place import as_channel

    door = Door(
        host, port, asked["address"], asked["certificate"], asked["key"], insecure_lan=asked["insecure_lan"]
    )
    door.check()
    made = _clock(folder, clock, pace)
    _refuse_mixed(folder, is_drill=bool(clock))
    as_channel(_DRILL if clock else "desk")
    logging.basicConfig(format="%(asctime)s %(message)s", level=logging.WARNING)
    _keep_audit(folder)
    minutes = asked["close_after"]
    serve(
        Keeper(folder, made),
        door,
        browser=not asked["no_browser"],
        close_after_s=None if minutes is None else 60 * minutes,
        say=_say_open_json if asked["as_json"] else _say_open,
    )
    say(words("cli.desk.closed"), err=True)
    return int(ExitCode.OK)


def _keep_audit(folder: Path) -> None:
    """Keep in a file beside the plans who came, what was pressed, and what was refused."""
    from logging.handlers import RotatingFileHandler

    audit = logging.getLogger("planner.desk.audit")
    try:
        kept = RotatingFileHandler(folder / _AUDIT, maxBytes=_AUDIT_BYTES, backupCount=4, encoding="utf-8")
    except OSError as error:
        raise InputError([Fault("C703", _AUDIT, value=f"{folder / _AUDIT}: {error}")]) from None
    kept.setFormatter(logging.Formatter("%(asctime)s %(message)s"))
    audit.addHandler(kept)
    audit.setLevel(logging.INFO)
    audit.propagate = False


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
