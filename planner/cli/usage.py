"""What is wrong with a command line, in the language in force."""

from __future__ import annotations

import re

import click

from planner.base.errors import Fault
from planner.base.text import words

__all__ = ["usage_fault"]


def usage_fault(error: click.ClickException, program: str) -> Fault:
    """What is wrong and where to look; click's own English words where the case is a rare one."""
    context = error.ctx if isinstance(error, click.UsageError) else None
    command = program if context is None else context.command_path
    what = _by_class(error) or _by_words(error.format_message())
    option = error.option_name if isinstance(error, click.NoSuchOption | click.BadOptionUsage) else None
    if isinstance(error, click.BadParameter):
        option = _name(error)
    return Fault("C720", command, column=option, params={"what": what, "command": command})


def _by_class(error: click.ClickException) -> str:
    if isinstance(error, click.NoSuchOption):
        said = words("cli.usage.no_option", option=error.option_name)
        names = ", ".join(error.possibilities or ())
        return said + words("cli.usage.similar", names=names) if names else said
    if isinstance(error, click.MissingParameter):
        return words("cli.usage.missing", name=_name(error))
    if isinstance(error, click.BadParameter):
        return words("cli.usage.bad", name=_name(error), what=_expected(error))
    if isinstance(error, click.BadOptionUsage):
        return words("cli.usage.no_value", option=error.option_name)
    return ""


def _by_words(plain: str) -> str:
    """Cases for which click has no class of their own in all its versions."""
    if found := re.match(r"No such command '(.*?)'", plain):
        return words("cli.usage.no_command", name=found[1])
    if found := re.match(r"Got unexpected extra arguments? \((.*)\)", plain):
        return words("cli.usage.extra", what=found[1])
    return words("cli.usage.missing_command") if plain == "Missing command." else plain


def _name(error: click.BadParameter) -> str:
    if error.param is None:
        return str(error.param_hint or "")
    return error.param.opts[0] if isinstance(error.param, click.Option) else str(error.param.name).upper()


def _expected(error: click.BadParameter) -> str:
    """What a parameter takes, by its type; else the words of whoever refuses the value."""
    kind = error.param.type if error.param is not None else None
    if isinstance(kind, click.Choice):
        return words("cli.usage.choice", choices=", ".join(str(one) for one in kind.choices))
    if isinstance(kind, click.IntRange):
        if kind.max is not None:
            return words("cli.usage.between", least=kind.min, most=kind.max)
        return words("cli.usage.at_least", least=kind.min)
    if kind is click.INT:
        return words("cli.usage.whole")
    return error.message
