"""``plan bench``: an engine on public routing benchmarks."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.options import engine_option, json_option, path_option, time_limit_option, workers_option
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from planner.benchmark.run import BenchOptions, BestKnown, KnownCost, Row

__all__ = ["command"]

_CONVENTIONS = ("round", "dimacs", "exact", "exact-costs")


class _Seeds(click.ParamType):  # type: ignore[type-arg]  # generic in newer versions only
    """Whole numbers, separated by commas."""

    name = "seeds"

    def convert(
        self,
        value: Any,  # noqa: ANN401
        param: click.Parameter | None,
        ctx: click.Context | None,
    ) -> tuple[int, ...]:
        try:
            seeds = tuple(int(one) for one in str(value).split(","))
        except ValueError:
            seeds = ()
        if not seeds or min(seeds) < 0 or len(set(seeds)) < len(seeds):
            self.fail(words("bench.no_seeds", value=value), param, ctx)
        return seeds


def command() -> click.Command:
    """The verb."""
    path = click.Path(path_type=Path)
    options = [
        click.Argument(["paths"], type=path, nargs=-1, required=True, metavar="PATHS..."),
        path_option("--bks", text="bench.bks"),
        time_limit_option("bench.time_limit", 10),
        click.Option(["--seeds"], type=_Seeds(), default="1", show_default=True, help=words("bench.seeds")),
        workers_option("bench.workers", 1),
        engine_option(),
        click.Option(["--convention"], type=click.Choice(_CONVENTIONS), help=words("bench.convention")),
        path_option("--solutions", text="bench.solutions"),
        json_option("bench.json"),
    ]
    return click.Command("bench", callback=_run, params=list(options), help=words("bench.help"))


def _run(paths: Sequence[Path], bks: Path | None, solutions: Path | None, **asked: Any) -> int:  # noqa: ANN401
    from planner.benchmark.files import find_files
    from planner.benchmark.run import BenchOptions, run_all
    from planner.propose.engines import made_ready

    files = find_files(paths)
    _refuse_same_names(files)
    known = _best_known(paths, bks)
    _make_folder(solutions)
    options = BenchOptions(
        engine=made_ready(asked["engine"], lambda text: say(text, err=True)),
        time_limit_s=asked["time_limit"],
        workers=asked["workers"],
        convention=asked["convention"] or "",
        solutions=solutions,
    )
    runs = [(path, seed) for path in files for seed in asked["seeds"]]
    teller = _Teller(len(runs))
    say(_what_is_done(len(files), len(runs), options), err=True)
    rows = run_all(runs, options, known, teller.hear)
    if asked["as_json"]:
        say_json({"rows": list(rows)})
    else:
        _print_tables(rows)
    if all(row["refused"] for row in rows):
        return int(ExitCode.BAD_INPUT)
    return int(ExitCode.OK if all(row["feasible"] for row in rows) else ExitCode.NOT_ON_TIME)


def _make_folder(solutions: Path | None) -> None:
    """Before the search, so that nothing is searched for that cannot be kept."""
    if solutions is None:
        return
    if solutions.exists() and not solutions.is_dir():
        raise InputError([Fault("C704", "--solutions", value=str(solutions))])
    try:
        solutions.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError([Fault("B821", "--solutions", value=str(solutions))]) from error
    if not os.access(solutions, os.W_OK):
        raise InputError([Fault("B821", "--solutions", value=str(solutions))])


def _refuse_same_names(files: Iterable[Path]) -> None:
    """Rows and solutions are known by the file's name alone."""
    seen: dict[str, Path] = {}
    faults = [
        Fault("B812", one.name, value=str(one), params={"other": seen[one.stem]})
        for one in files
        if seen.setdefault(one.stem, one) is not one
    ]
    if faults:
        raise InputError(faults)


def _best_known(paths: Sequence[Path], bks: Path | None) -> BestKnown:
    """From the file that is named, else from any ``bks.csv`` beside the instances or in the folder above."""
    from planner.benchmark.run import best_known

    if bks is not None:
        return best_known(bks)
    folders = [path if path.is_dir() else path.parent for path in paths]
    every = dict.fromkeys(one for folder in folders for one in (folder.resolve().parent, folder.resolve()))
    found: dict[tuple[str, str], KnownCost] = {}
    for folder in every:
        if (folder / "bks.csv").is_file():
            found |= best_known(folder / "bks.csv")
    return found


def _what_is_done(num_files: int, num_runs: int, options: BenchOptions) -> str:
    """The line that says what is done and how long it will take."""
    from planner.outputs.figures import number

    return words(
        "bench.doing",
        engine=options.engine,
        files=words("bench.file" if num_files == 1 else "bench.files", number=number(num_files)),
        runs=words("bench.run" if num_runs == 1 else "bench.runs", number=number(num_runs)),
        seconds=f"{options.time_limit_s:g}",
        minutes=number(max(1, round(num_runs * (options.time_limit_s + 2) / 60))),
    )


class _Teller:
    """Tells of each row as a line on stderr."""

    def __init__(self, runs: int) -> None:
        self._runs, self._done = runs, 0

    def hear(self, row: Row) -> None:
        self._done += 1
        said = words(
            "bench.line",
            done=self._done,
            runs=self._runs,
            instance=row["instance"],
            seed=row["seed"],
            what=_outcome(row),
        )
        say(said, err=True)


def _outcome(row: Row) -> str:
    if not row["feasible"]:
        return words("bench.none", note=row["note"])
    if row["gap_percent"] is None:
        return words("bench.cost", cost=f"{row['cost']:,}")
    return words("bench.cost_gap", cost=f"{row['cost']:,}", gap=f"{row['gap_percent']:.2f}")


def _print_tables(rows: Sequence[Row]) -> None:
    """Every run, and the means of each class."""
    from planner.cli.printing import desk_console, show_table

    console = desk_console()
    names: tuple[str, ...] = (
        "class",
        "instance",
        "n",
        "seed",
        "cost",
        "bks",
        "gap",
        "wall",
        "memory",
        "note",
    )
    columns = [(words(f"bench.column.{name}"), name not in ("class", "instance", "note")) for name in names]
    spare = [names.index(one) for one in ("memory", "n", "class", "seed")]
    show_table(console, "", columns, [_cells(row) for row in rows], spare)
    names = ("class", "runs", "without", "gap", "wall", "memory")
    columns = [(words(f"bench.column.{name}"), name != "class") for name in names]
    by_class: dict[str, list[Row]] = {}
    for row in rows:
        by_class.setdefault(row["class"] or "?", []).append(row)
    show_table(console, words("bench.means"), columns, [_means(*one) for one in by_class.items()])


def _cells(row: Row) -> tuple[str, ...]:
    return (
        row["class"] or "?",
        row["instance"],
        _figure(row["n"], "d"),
        str(row["seed"]),
        _figure(row["cost"], ","),
        _figure(row["bks"], ",.12g"),
        _figure(row["gap_percent"], ".2f"),
        _figure(row["wall_s"], ".1f"),
        _figure(row["peak_rss_mb"], ".0f"),
        row["note"],
    )


def _means(name: str, rows: Sequence[Row]) -> tuple[str, ...]:
    """Means over the runs that found something; those that did not are counted."""
    return (
        name,
        str(len(rows)),
        str(sum(not row["feasible"] for row in rows)),
        *(
            _figure(sum(found) / len(found) if found else None, form)
            for found, form in (
                ([row["gap_percent"] for row in rows if row["gap_percent"] is not None], ".2f"),
                ([row["wall_s"] for row in rows], ".1f"),
                ([row["peak_rss_mb"] for row in rows if row["peak_rss_mb"] is not None], ".0f"),
            )
        ),
    )


def _figure(value: float | None, form: str) -> str:
    return "" if value is None else f"{value:{form}}"
