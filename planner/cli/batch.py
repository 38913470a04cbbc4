"""``plan batch``: many scenarios of an instance, or every loss of a plan; and what they show."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.changes import change_option, instance_with
from planner.cli.options import (
    area_option,
    effort_option,
    engine_option,
    guarantee_option,
    instance_option,
    json_option,
    path_option,
    quiet_option,
    seed_option,
    time_limit_option,
    workers_option,
)
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from planner.batches.prepare import Batch, Setup
    from planner.batches.results import Results
    from planner.instance.schema import Instance

__all__ = ["command"]

_LOSSES = ("vehicles", "docks", "hubs", "edges")
_DEFAULT_TIME_LIMIT_S = 45
_LOSS_TIME_LIMIT_S = 4
_LEAST_MEMORY_MB = 512
_SEEDS, _MOST_SEEDS = 3, 99
_MOST_LISTED = 40  # rows that are printed; the files have all


class _Batch(click.Group):
    """``plan batch SOURCE`` is ``plan batch run SOURCE``."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `run` first where no command is named."""
        if args and args[0] not in (*self.commands, "-h", "--help"):
            args = ["run", *args]
        return super().parse_args(ctx, args)


def command() -> click.Group:
    """The verb and its parts."""
    group = _Batch("batch", help=words("batch.help"))
    group.add_command(
        click.Command("run", callback=_run, params=list(_run_options()), help=words("batch.run.help"))
    )
    report = [
        click.Argument(["folder"], type=click.Path(path_type=Path)),
        instance_option("batch.report.instance", name="instance"),
        click.Option(["--markdown"], is_flag=True, help=words("batch.report.markdown")),
        path_option("--output", text="batch.report.output"),
        json_option(),
    ]
    group.add_command(
        click.Command("report", callback=_report, params=list(report), help=words("batch.report.help"))
    )
    return group


def _run_options() -> list[click.Parameter]:
    return [
        click.Argument(["source"], type=click.Path(path_type=Path)),
        instance_option("batch.run.instance"),
        click.Option(["--lose-each", "lose"], type=click.Choice(_LOSSES), help=words("batch.run.lose_each")),
        path_option("--output", text="batch.run.output"),
        click.Option(["--dry-run"], is_flag=True, help=words("batch.run.dry_run")),
        workers_option("batch.run.workers", 2),
        time_limit_option("batch.run.time_limit", None),
        effort_option(),
        seed_option(),
        click.Option(
            ["--seeds"],
            type=click.IntRange(1, _MOST_SEEDS),
            default=_SEEDS,
            show_default=True,
            help=words("batch.run.seeds"),
        ),
        engine_option(),
        guarantee_option("batch.run.guarantee"),
        area_option("batch.run.area"),
        path_option("--base", "base", text="batch.run.base"),
        change_option(),
        click.Option(
            ["--memory-mb"], type=click.IntRange(min=_LEAST_MEMORY_MB), help=words("batch.run.memory_mb")
        ),
        click.Option(["--from-scratch"], is_flag=True, help=words("batch.run.from_scratch")),
        click.Option(["--retry-failed"], is_flag=True, help=words("batch.run.retry_failed")),
        json_option(),
        quiet_option(),
    ]


def _run(source: Path, folder: Path | None, lose: str | None, output: Path | None, **asked: Any) -> int:  # noqa: ANN401
    from planner.batches.worker_process import can_limit_memory

    if asked["memory_mb"] is not None and not can_limit_memory():
        raise InputError([Fault("S456", "--memory-mb", value=str(asked["memory_mb"]))])
    if not asked["quiet"]:
        say(words("batch.reading", source=source), err=True)
    if lose is None:
        batch, setup = _scenarios(source, folder, output, asked)
    else:
        batch, setup = _losses(source, folder, lose, output, asked)
    if asked["dry_run"]:
        _print_dry(batch, as_json=asked["as_json"])
        return int(ExitCode.OK)
    return _do(batch, setup, source, lose, asked)


def _setup(folder: Path, output: Path, asked: dict[str, Any], time_limit_s: float) -> Setup:
    from planner.batches.prepare import Setup
    from planner.batches.task import Search

    limit_s = time_limit_s if asked["time_limit"] is None else asked["time_limit"]
    return Setup(
        folder=folder,
        output=output,
        search=Search(
            time_limit_s=limit_s,
            effort=asked["effort"],
            seed=asked["seed"],
            engine=asked["engine"],
            guarantee=asked["guarantee"],
            seeds=asked["seeds"],
        ),
        area=asked["area"],
        from_base=not asked["from_scratch"],
        memory_mb=asked["memory_mb"],
        changes=tuple(asked["changes"]),
        base=asked["base"],
    )


def _scenarios(
    source: Path, folder: Path | None, output: Path | None, asked: dict[str, Any]
) -> tuple[Batch, Setup]:
    from planner.batches.prepare import prepare
    from planner.batches.scenarios import read_scenarios

    scenarios = read_scenarios(source)
    place = folder or scenarios.base
    if place is None:
        raise InputError([Fault("S442", source.name)])
    setup = _setup(place, output or Path("runs") / source.stem, asked, _DEFAULT_TIME_LIMIT_S)
    return prepare(scenarios, setup), setup


def _losses(
    source: Path, folder: Path | None, lose: str, output: Path | None, asked: dict[str, Any]
) -> tuple[Batch, Setup]:
    from planner.batches.loss_runs import prepare_losses
    from planner.batches.losses import LossKind
    from planner.cli.pair import read_pair

    for option, given in (
        ("--guarantee", asked["guarantee"] is not None),
        ("--from-scratch", asked["from_scratch"]),
        ("--base", asked["base"] is not None),
    ):
        if given:
            raise click.UsageError(words("batch.not_for_losses", option=option))
    if folder is None:
        raise InputError([Fault("S442", source.name)])
    plan, instance = read_pair(source, folder, asked["changes"])
    place = output or source.with_name(f"{source.stem}-{lose}")
    setup = _setup(folder, place, asked, _LOSS_TIME_LIMIT_S)
    return prepare_losses(plan, source, instance, LossKind(lose), setup), setup


def _print_dry(batch: Batch, *, as_json: bool) -> None:
    """What would be run."""
    from planner.batches.task import failure_path, result_path

    if as_json:
        found = [
            {
                "name": one.name,
                "key": key,
                "area": one.area,
                "changes": [change.text for change in one.changes],
            }
            for one, key in batch.scenarios
        ]
        say_json({"scenarios": found})
        return
    from planner.cli.printing import desk_console, show_table
    from planner.outputs.figures import number

    output = Path(batch.first.output)
    states = {
        key: "done"
        if result_path(output, key).exists()
        else "failed"
        if failure_path(output, key).exists()
        else "open"
        for _, key in batch.scenarios
    }
    columns = [(words(f"batch.column.{name}"), False) for name in ("scenario", "changes", "area", "state")]
    rows = [
        (
            one.name,
            "\n".join(change.text for change in one.changes),
            _short(one.area),
            words(f"batch.state.{states[key]}"),
        )
        for one, key in batch.scenarios
    ]
    show_table(desk_console(), "", columns, rows)
    runs = len({key for _, key in batch.scenarios})
    left = sum(state == "open" for state in states.values())
    say(words("batch.dry", scenarios=number(len(rows)), runs=number(runs), open=number(left), folder=output))


def _short(area: str) -> str:
    names = area.split(",")
    return area if len(names) <= 4 else ", ".join((*names[:3], "…"))


def _do(batch: Batch, setup: Setup, source: Path, lose: str | None, asked: dict[str, Any]) -> int:
    """Do the runs and tell of them."""
    from planner.batches.pipeline import carry_out
    from planner.cli.batch_view import BatchView
    from planner.propose.engines import made_ready

    made_ready(setup.search.engine, lambda text: say(text, err=True))
    with BatchView(quiet=asked["quiet"]) as view:
        results, complete = carry_out(
            batch,
            setup,
            source,
            workers=asked["workers"],
            retry_failed=asked["retry_failed"],
            tell=view.show,
        )
    instance = instance_with(setup.folder, setup.changes)
    written = _write(results, source, instance, lose)
    if asked["as_json"]:
        states = [one.state for one in results.entries]
        figures = {state: states.count(state) for state in ("done", "failed", "open")}
        say_json(figures | {"files": [str(one) for one in written]})
    else:
        _print(results, instance, lose, quiet=asked["quiet"])
        for path in written:
            say(words("cli.export.written", path=path))
    if any(one.state == "failed" for one in results.entries):
        say(words("batch.failed_stay"), err=True)
    if not complete:
        say(words("batch.go_on"), err=True)
    failed = any(one.state != "done" for one in results.entries)
    return int(ExitCode.UNEXPECTED if failed else ExitCode.OK)


def _write(results: Results, source: Path, instance: Instance, lose: str | None) -> list[Path]:
    from planner.batches.result_tables import write_results

    written = write_results(results, instance)
    if lose is not None:
        from planner.batches.loss_runs import loss_rows, write_losses
        from planner.plans.file import read_plan

        rows = loss_rows(results, read_plan(source), instance)
        written = [write_losses(results, rows), *written]
    return written


def _print(results: Results, instance: Instance, lose: str | None, *, quiet: bool) -> None:
    from planner.batches.text_tables import loss_table, scenario_table, state_line
    from planner.cli.printing import desk_console, say_lines, show_table

    if not quiet:
        found = scenario_table(results, instance) if lose is None else loss_table(results, instance)
        console = desk_console()
        show_table(console, "", found.columns, found.rows[:_MOST_LISTED], found.spare)
        if len(found.rows) > _MOST_LISTED:
            say_lines(console, [words("batch.more", number=len(found.rows) - _MOST_LISTED)])
    say(state_line(results))


def _report(
    folder: Path, instance: Path | None, output: Path | None, *, markdown: bool, as_json: bool
) -> int:
    from planner.base.files import write_text
    from planner.batches.markdown import markdown_report
    from planner.batches.report import html_report
    from planner.batches.results import read_results

    results = read_results(folder)
    place = instance or folder / str(results.manifest["instance"])
    base = instance_with(place, results.manifest.get("all_changes", ()))
    if markdown:
        text = markdown_report(results, base)
        if output is None:
            if as_json:
                say_json({"path": None, "markdown": text})
            else:
                say(text, nl=False)
            return int(ExitCode.OK)
    else:
        text = html_report(results, base)
    path = write_text(output or folder / "report.html", text)
    if as_json:
        say_json({"path": str(path), "markdown": text if markdown else None})
    else:
        say(words("cli.export.written", path=path))
    return int(ExitCode.OK)
