"""Everything that the command line says: texts in which nothing from files or people steers the terminal."""

from __future__ import annotations

import os
import shutil
import sys
import textwrap
from collections.abc import Mapping
from pathlib import Path

import click

from planner.base.safe_text import json_text, shell_word, terminal_text
from planner.base.text import LANGUAGES, language, words

__all__ = [
    "asked",
    "command_text",
    "drop_held",
    "is_wide",
    "program",
    "say",
    "say_held",
    "say_json",
    "set_wide",
]

_HELD: list[str] = []
_wide = [False]


def set_wide(*, wide: bool) -> None:
    """Say whether tables have all their columns, however long the lines are (``--wide``)."""
    _wide[0] = wide


def is_wide() -> bool:
    """Whether ``--wide`` was asked for."""
    return _wide[0]


def say(text: object, *, err: bool = False, nl: bool = True) -> None:
    """Say a text on stdout, or on stderr, with a line end unless it has one.

    Notes
    -----
    In a terminal long lines are broken between words; commands stay whole, and so does all elsewhere.
    """
    safe = terminal_text(str(text))
    if nl and (os.environ.get("FORCE_COLOR") or (sys.stderr if err else sys.stdout).isatty()):
        width = shutil.get_terminal_size().columns
        safe = "\n".join(_broken(line, width) for line in safe.split("\n"))
    click.echo(safe, err=err, nl=nl)


def _broken(line: str, width: int) -> str:
    """A line in lines of this width, unless it is a command that may be copied."""
    if len(line) <= width or line.startswith(f"  {program()} "):
        return line
    return textwrap.fill(
        line, width, replace_whitespace=False, break_long_words=False, break_on_hyphens=False
    )


def say_json(document: Mapping[str, object]) -> None:
    """Hold the one object of JSON that a verb answers with, until nothing can go wrong any more."""
    _HELD.append(json_text(document))


def say_held() -> None:
    """Say on stdout what is held, on one line."""
    for one in _HELD:
        click.echo(one)
    _HELD.clear()


def drop_held() -> None:
    """Forget an answer, where something went wrong after it."""
    _HELD.clear()


def program() -> str:
    """How the user calls the program, for messages that can be copied."""
    return os.environ.get("PLAN_PROGRAM", "plan")


def command_text(verb: str, *rest: object) -> str:
    """A command of this program as it can be copied into the shell that runs it, on a line of its own.

    Parameters
    ----------
    verb
        The verb.
    rest
        Its words: those that begin with ``-`` and are no paths are options.
    """
    given = [f"./{one}" if isinstance(one, Path) and str(one).startswith("-") else str(one) for one in rest]
    spoken = [] if language() == usual_language() else ["--lang", language()]
    return " ".join([f"  {program()} {verb}", *map(shell_word, (*given, *spoken))])


def usual_language() -> str:
    """The language that a command speaks without ``--lang``."""
    named = os.environ.get("PLAN_LANG", "")
    return named if named in LANGUAGES else LANGUAGES[0]


def asked(question: str, *, default: bool | None = None) -> bool:
    """Ask on stderr, and take yes or no, in either language."""
    usual = {True: "yes", False: "no", None: ""}[default]
    keys = "/".join(
        words(f"cli.answer.{one}_key").upper() if one == usual else words(f"cli.answer.{one}_key")
        for one in ("yes", "no")
    )
    text = f"{terminal_text(question)} [{keys}]"
    return bool(click.prompt(text, default=default, show_default=False, type=_YesNo(), err=True))


class _YesNo(click.ParamType[bool]):
    """Yes or no."""

    name = "boolean"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> bool:
        """Whether it is a yes; the usual answer comes as it is."""
        said = str(value).strip().casefold()
        if said in ("y", "ya", "yes", "true"):
            return True
        if said not in ("n", "no", "t", "tidak", "tdk", "false"):
            self.fail(words("cli.answer.which"), param, ctx)
        return False
