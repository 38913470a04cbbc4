"""Options that several verbs have, each written once: a verb says only what it means there."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import click

from planner.base.text import words
from planner.propose.engines import DEFAULT_ENGINE, ENGINES

__all__ = [
    "AUTO",
    "LONGEST_TIME_LIMIT_S",
    "PATH",
    "LateLegs",
    "Seconds",
    "area_option",
    "assume_option",
    "effort_option",
    "engine_option",
    "force_option",
    "guarantee_option",
    "instance_option",
    "json_option",
    "path_option",
    "quiet_option",
    "seed_option",
    "time_limit_option",
    "workers_option",
]

LONGEST_TIME_LIMIT_S = 7 * 86_400
MOST_LATE_LEGS = 99  # of each vehicle
AUTO = "auto"
PATH = click.Path(path_type=Path)


class LateLegs(click.ParamType[int | str]):
    """A number of late legs, or `auto`."""

    name = "number|auto"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | str:  # noqa: ANN401
        """The number, or `auto`."""
        if value == AUTO:
            return AUTO
        if not str(value).isdecimal() or int(value) > MOST_LATE_LEGS:
            self.fail(words("cli.solve.no_late_legs", value=value, most=MOST_LATE_LEGS), param, ctx)
        return int(value)


class Seconds(click.FloatRange):
    """A time limit: a number, at least a second and at most a week."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:  # noqa: ANN401
        """The seconds."""
        try:
            seconds = float(value)
        except ValueError:
            seconds = math.nan
        if not 1 <= seconds <= LONGEST_TIME_LIMIT_S:
            self.fail(words("cli.solve.no_time", value=value, longest=LONGEST_TIME_LIMIT_S), param, ctx)
        return seconds


def path_option(*names: str, text: str, required: bool = False, multiple: bool = False) -> click.Option:
    """A file or folder.

    Parameters
    ----------
    names
        The option, and perhaps the name of its parameter.
    text
        Key of its help in the catalogue.
    required, multiple
        Whether it must be given, and whether it may be more than once.
    """
    return click.Option(names, type=PATH, required=required, multiple=multiple, help=words(text))


def instance_option(text: str, *, required: bool = False, name: str = "folder") -> click.Option:
    """``--instance``: the files that a plan was made from."""
    return path_option("--instance", name, text=text, required=required)


def force_option(text: str = "cli.solve.force") -> click.Option:
    """``--force``: overwrite."""
    return click.Option(["--force"], is_flag=True, help=words(text))


def json_option(text: str = "cli.solve.json") -> click.Option:
    """``--json``: one object for machines."""
    return click.Option(["--json", "as_json"], is_flag=True, help=words(text))


def quiet_option() -> click.Option:
    """``--quiet``: the answer only."""
    return click.Option(["--quiet"], is_flag=True, help=words("cli.solve.quiet"))


def area_option(text: str) -> click.Option:
    """``--area``: ids of areas, subareas or regions."""
    return click.Option(["--area"], default="", help=words(text))


def seed_option() -> click.Option:
    """``--seed``: start of all random numbers."""
    return click.Option(["--seed"], type=int, default=1, show_default=True, help=words("cli.solve.seed"))


def effort_option() -> click.Option:
    """``--effort``: search by amount of work."""
    return click.Option(["--effort"], type=click.IntRange(min=1), help=words("cli.solve.effort"))


def time_limit_option(text: str, default: float | None) -> click.Option:
    """``--time-limit``, in seconds; without a default the verb finds one itself."""
    limits = Seconds(min=1, max=LONGEST_TIME_LIMIT_S)
    return click.Option(
        ["--time-limit"], type=limits, default=default, show_default=default is not None, help=words(text)
    )


def workers_option(text: str, default: int) -> click.Option:
    """``--workers``: processes that search at once."""
    return click.Option(
        ["--workers"], type=click.IntRange(min=1), default=default, show_default=True, help=words(text)
    )


def engine_option() -> click.Option:
    """``--engine``: what proposes trips."""
    return click.Option(
        ["--engine"],
        type=click.Choice(list(ENGINES)),
        default=DEFAULT_ENGINE,
        show_default=True,
        help=words("cli.solve.engine"),
    )


def guarantee_option(text: str, *, auto: bool = False) -> click.Option:
    """``--guarantee``: late legs of each vehicle to withstand; with `auto` as many as can be had."""
    number = LateLegs() if auto else click.IntRange(min=0, max=MOST_LATE_LEGS)
    return click.Option(["--guarantee"], type=number, help=words(text))


def assume_option(text: str) -> click.Option:
    """``--assume``: what is believed of stops that are due without a report."""
    return click.Option(
        ["--assume"],
        type=click.Choice(["planned", "nothing"]),
        default="planned",
        show_default=True,
        help=words(text),
    )
