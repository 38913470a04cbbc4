"""The words of click itself (help, questions, refusals) in the language in force."""

from __future__ import annotations

import gettext
from functools import cache
from typing import TypeVar

import click
from click import core, decorators, exceptions, formatting, parser, termui, types

from planner.base.text import LANGUAGES, catalogue_file, language

__all__ = ["in_language", "speak"]

_Command = TypeVar("_Command", bound=click.Command)

_FILE = "click"
_MODULES = (core, decorators, exceptions, formatting, parser, termui, types)


def speak() -> None:
    """Let click say its words as the catalogue has them; it looks each of them up when it says it.

    Notes
    -----
    Click asks `gettext`, which wants compiled files and the language of the system; the functions by which it
    asks are given here instead. What the catalogue does not have stays as it is.
    """
    for module in _MODULES:
        for name, said in (("_", _said), ("ngettext", _counted)):
            if hasattr(module, name):
                setattr(module, name, said)


def _said(text: str) -> str:
    key = _keys().get(text)
    return gettext.gettext(text) if key is None else catalogue_file(language(), _FILE)[key]


def _counted(one: str, many: str, number: int) -> str:
    return _said(one if number == 1 else many)


@cache
def _keys() -> dict[str, str]:
    """Keys of the catalogue by click's words."""
    texts = catalogue_file(LANGUAGES[0], _FILE).items()
    return {text: key for key, text in texts if not key.startswith(f"{_FILE}.form.")}


def in_language(command: _Command) -> _Command:
    """A command, and those below it, with what stands for values in its usage in the language in force."""
    command.options_metavar = _form("options") or command.options_metavar
    if isinstance(command, click.Group):
        command.subcommand_metavar = _form("subcommand") or command.subcommand_metavar
        for one in command.commands.values():
            in_language(one)
    for param in command.params:
        if isinstance(param, click.Option) and param.metavar is None:
            param.metavar = _form(param.type.name.replace(" ", "_").replace("|", "_or_"))
    return command


def _form(name: str) -> str | None:
    return catalogue_file(language(), _FILE).get(f"{_FILE}.form.{name}")
