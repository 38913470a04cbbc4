"""``plan solve --tradeoff``: plans between the cheapest and the one with the largest smallest margin."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from planner.instance.schema import Instance
    from planner.solving.options import SolveOptions
    from planner.solving.pareto import Front, Wish
    from planner.solving.worker_pool import WorkerPool

__all__ = ["DEFAULT_POINTS", "point_options", "refuse_alone", "refuse_taken", "run", "takes"]

DEFAULT_POINTS = 5
_FEWEST, _MOST = 2, 20
_PAIRS = ("cost,margin",)


def point_options() -> list[click.Option]:
    """The options of `plan solve` that ask for it."""
    return [
        click.Option(["--tradeoff"], type=click.Choice(_PAIRS), help=words("tradeoff.help")),
        click.Option(
            ["--points"],
            type=click.IntRange(min=_FEWEST, max=_MOST),
            show_default=str(DEFAULT_POINTS),
            help=words("tradeoff.points_help"),
        ),
    ]


def refuse_alone(search: Mapping[str, Any], auto: str) -> None:
    """Refuse options that go with others only, or not with them."""
    if search["points"] is not None and search["tradeoff"] is None:
        raise click.UsageError(words("tradeoff.points_alone"))
    if search["tradeoff"] is not None and search["guarantee"] == auto:
        raise click.UsageError(words("tradeoff.not_auto"))
    if search["tradeoff"] is not None and search["base"] is not None:
        raise click.UsageError(words("tradeoff.not_base"))


def refuse_taken(output: Path, points: int) -> None:
    """Refuse to write over files that are there."""
    for path in (*_plan_paths(output, points), _picture_path(output)):
        if path.exists():
            raise InputError([Fault("C702", "--output", value=str(path))])


def _plan_paths(path: Path, number: int) -> Iterator[Path]:
    return (path.with_name(f"{path.stem}-{position}.json") for position in range(1, number + 1))


def _picture_path(path: Path) -> Path:
    return path.with_name(f"{path.stem}.svg")


def takes(search: Mapping[str, Any]) -> str:
    """How long all searches together will take, in words."""
    points, limit = search["points"] or DEFAULT_POINTS, search["time_limit"]
    if search["effort"]:
        return words("tradeoff.takes_effort", points=points, effort=search["effort"])
    return words("tradeoff.takes", points=points, seconds=f"{limit + 5:.0f}")


def run(
    instance: Instance,
    options: SolveOptions,
    path: Path,
    points: int | None,
    worker_pool: WorkerPool,
    *,
    began: float,
    as_json: bool,
    quiet: bool,
) -> int:
    """Find, write and tell the plans; the exit code is that of the cheapest plan.

    Parameters
    ----------
    instance, options
        As for `planner.solving.pareto.tradeoff`.
    path
        File of the plan; those of the single plans and of the picture are named after it.
    points
        Plans at most; None: `DEFAULT_POINTS`.
    worker_pool
        Processes to use first.
    began
        Moment of the begin on the monotonic clock, in seconds.
    as_json
        Whether figures are printed for machines.
    quiet
        Whether nothing is said on the way.

    Raises
    ------
    InputError, CheckFailedError
        As for `planner.solving.pareto.tradeoff`.
    """
    from planner.base.files import write_text
    from planner.cli.progress import ProgressView
    from planner.outputs.tradeoff import front_svg
    from planner.plans.file import write_plan
    from planner.solving.pareto import tradeoff
    from planner.solving.pipeline import is_as_asked

    most = points or DEFAULT_POINTS

    def tell(number: int, wish: Wish) -> None:
        if not quiet:
            say(_told(number, most, wish), err=True)

    with ProgressView(instance, quiet=quiet) as view:
        front = tradeoff(instance, options, most, on_progress=view.show, on_run=tell, worker_pool=worker_pool)
    files = list(_plan_paths(path, len(front.points)))
    for one, file in zip(front.points, files, strict=True):
        write_plan(one.result.plan, instance.clock, file)
    picture = write_text(_picture_path(path), front_svg(front, instance))
    wall_s = time.monotonic() - began
    _print(front, instance, [str(one) for one in files], picture, wall_s, as_json=as_json)
    return int(ExitCode.OK if is_as_asked(front.points[0].result) else ExitCode.NOT_ON_TIME)


def _told(number: int, most: int, wish: Wish) -> str:
    """What a search asks for, in words."""
    from planner.outputs.figures import duration

    if wish.late_legs is not None:
        return words("tradeoff.run_legs", number=number, points=most, legs=wish.late_legs)
    key = "run_first" if number == 1 else "run" if wish.earlier_s else "run_again"
    return words(f"tradeoff.{key}", number=number, points=most, margin=duration(wish.earlier_s))


def _print(
    front: Front, instance: Instance, files: list[str], picture: Path, wall_s: float, *, as_json: bool
) -> None:
    from planner.cli.printing import desk_console, say_lines, show_table
    from planner.outputs.summary import plan_figures
    from planner.outputs.tradeoff import FRONT_SPARE, front_columns, front_figures, front_lines, front_rows

    if as_json:
        figures = plan_figures(front.points[0].result.plan, instance, wall_s=wall_s, plan_path=files[0])
        figures["tradeoff"] = front_figures(front, files, picture=str(picture))
        say_json(figures)
        return
    console = desk_console()
    show_table(console, "", front_columns(), front_rows(front, instance, files), FRONT_SPARE)
    say_lines(console, (*front_lines(front), words("tradeoff.picture", path=picture)))
