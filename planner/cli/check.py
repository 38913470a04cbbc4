"""``plan check``: every claim of a plan, recomputed from the files alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.base.errors import ExitCode, Fault, InputError, Severity
from planner.base.text import words
from planner.cli.changes import change_option, instance_with, tell_of_changes
from planner.cli.options import force_option, instance_option, json_option, path_option
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from planner.instance.schema import Instance
    from planner.plans.model import EventRow, Plan
    from planner.proof.facts import PlanFacts
    from planner.proof.knowledge import Knowledge
    from planner.proof.verdict import Verdict
    from planner.simulation.result import Simulation

__all__ = ["command", "told_reports"]

_MOST_RUNS = 1_000_000
_Draw = tuple[int, int, bool]  # runs, seed, whether without breakdowns

_MOST_REGIONS = 20  # rows of the table of chances


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["plan"], type=click.Path(path_type=Path)),
        instance_option("cli.check.instance", required=True),
        change_option(),
        path_option("--certificate", "other", text="cli.check.other"),
        path_option("--previous", text="cli.check.previous", multiple=True),
        path_option("--events", text="cli.check.events"),
        path_option("--output", text="cli.check.output"),
        force_option(),
        json_option("cli.check.json"),
        click.Option(
            ["--simulate", "runs"],
            type=click.IntRange(min=1, max=_MOST_RUNS),
            metavar="N",
            help=words("cli.check.simulate"),
        ),
        click.Option(
            ["--seed"],
            type=click.IntRange(min=0),
            metavar="S",
            show_default="1",
            help=words("cli.check.seed"),
        ),
        click.Option(["--no-breakdowns"], is_flag=True, help=words("cli.check.no_breakdowns")),
    ]
    return click.Command("check", callback=_run, params=list(options), help=words("cli.check.help"))


def _refuse_taken(output: Path | None, *, force: bool) -> None:
    if output is not None and (output.is_dir() or (output.exists() and not force)):
        raise InputError([Fault("C703" if output.is_dir() else "C702", "--output", value=str(output))])


def _run(
    plan: Path,
    folder: Path,
    other: Path | None,
    previous: tuple[Path, ...],
    output: Path | None,
    *,
    force: bool,
    as_json: bool,
    changes: tuple[str, ...],
    **more: Any,  # noqa: ANN401
) -> int:
    events = more.pop("events")
    asked = _asked(**more)
    from planner.base.files import write_text
    from planner.outputs.summary import bound_line
    from planner.plans.file import read_claims
    from planner.plans.lineage import plans_before
    from planner.proof.certificate import certificate
    from planner.proof.certificate_check import differences, read_certificate
    from planner.proof.check import check_plan, facts_of

    found, clock, claims = read_claims(plan)
    _refuse_taken(output, force=force)
    claimed = None if other is None else read_certificate(other)
    instance = instance_with(folder, changes)
    tell_of_changes(found, changes)
    before = plans_before(plan, found, clock, previous)
    told = told_reports(plan, (found, *before), instance, events)
    verdict = check_plan(found, clock, instance, claims, before, outside=told)
    drawn = None if claimed is None else _drawn(claimed)  # is drawn again, to be compared
    simulations = {
        one: _simulated(facts_of(found, clock, instance, claims), *one)
        for one in dict.fromkeys((drawn, asked))
        if one is not None and verdict.passed
    }
    shown = drawn if asked is None else asked
    simulation = None if shown is None else simulations.get(shown)

    def text_with(one: _Draw | None) -> str:
        document = None if one is None or one not in simulations else simulations[one].document
        return certificate(found, clock, instance, verdict, claims, simulation=document)

    text = text_with(shown)
    path = output
    if path is None and other is None:
        path = _free_path(plan, text, force=force)
    if path is not None:
        write_text(path, text)
    own = json.loads(text)
    faults = [] if claimed is None else differences(claimed, json.loads(text_with(drawn)))
    if as_json:
        written = {} if path is None else {"certificate_path": str(path)}
        _print_json(own | written, None if other is None else faults)
    else:
        _print_verdict(verdict, instance)
        if verdict.passed and (line := bound_line(found)):
            say(line)
        if verdict.passed and found.options.get("base") and found.replan is None and not before:
            say(words("evaluate.not_compared"))
        if other is not None:
            _print_differences(other, faults)
        if path is not None:
            say(words("cli.check.certificate", path=path))
        if simulation is not None:
            _show_chances(simulation, instance)
        elif shown is not None:
            say(words("cli.check.not_simulated"), err=True)
    wrong = any(fault.severity is Severity.ERROR for fault in faults)
    if wrong or not verdict.passed:
        return int(ExitCode.CHECK_FAILED)
    return int(ExitCode.NOT_ON_TIME if verdict.as_reported else ExitCode.OK)


def told_reports(
    path: Path, plans: tuple[Plan, ...], instance: Instance, events: Path | None
) -> frozenset[EventRow]:
    """Reports that a table tells: a named one, else those beside a replan.

    Parameters
    ----------
    path, plans
        The file of a plan, and that plan with those before it.
    instance
        What they were made for.
    events
        The table; None: those beside the plan.
    """
    from planner.events.read import read_rows
    from planner.events.told import told_rows
    from planner.plans.lineage import reports_beside

    if plans[0].replan is None:
        return frozenset()
    if events is not None:
        _, faults = read_rows(events)
        if faults:
            raise InputError(faults)
    return told_rows(reports_beside(path) if events is None else (events,), plans, instance)


def _asked(*, runs: int | None, seed: int | None, no_breakdowns: bool) -> _Draw | None:
    """What the command line asks to be drawn; refuses options that would change nothing."""
    if runs is not None:
        return runs, 1 if seed is None else seed, no_breakdowns
    for option, given in (("--seed", seed is not None), ("--no-breakdowns", no_breakdowns)):
        if given:
            raise click.UsageError(words("cli.check.only_simulated", option=option))
    return None


def _simulated(facts: PlanFacts, runs: int, seed: int, no_breakdowns: bool) -> Simulation:
    from planner.simulation.run import simulate

    return simulate(facts, runs, seed=seed, breakdowns=not no_breakdowns)


def _drawn(claimed: Mapping[str, Any]) -> _Draw | None:
    """Runs, seed and whether without breakdowns of the simulation in a certificate; None: there is none."""
    one = claimed.get("simulation")
    if not isinstance(one, dict):
        return None
    runs, seed, breakdowns = (one.get(key) for key in ("runs", "seed", "breakdowns"))
    if not isinstance(runs, int) or not isinstance(seed, int) or not 1 <= runs <= _MOST_RUNS or seed < 0:
        return None
    return runs, seed, breakdowns is False


def _print_json(document: Mapping[str, Any], faults: list[Fault] | None) -> None:
    rows = [
        {"code": one.code, "place": one.column, "claimed": one.value, "own": one.params.get("actual")}
        for one in faults or ()
    ]
    more = {} if faults is None else {"certificate_differences": rows}
    say_json({**document, **more})


def _print_verdict(verdict: Verdict, instance: Instance) -> None:
    from planner.cli.printing import show_violations
    from planner.outputs.figures import number
    from planner.outputs.history import history_lines
    from planner.outputs.robustness import robustness_lines

    show_violations(verdict.violations)
    cases = sum(result.cases for result in verdict.rules.values())
    say(
        words(
            "cli.check.passed" if verdict.passed else "cli.check.failed",
            status=verdict.answer.value,
            rules=number(len(verdict.rules)),
            cases=number(cases),
            violations=number(len(verdict.violations)),
        )
    )
    for line in history_lines(verdict):
        say(line)
    if verdict.passed:
        _print_known(verdict.knowledge, instance)
        for line in robustness_lines(verdict.robustness, instance):
            say(line)


def _print_known(known: Knowledge | None, instance: Instance) -> None:
    """What of a replan is known, and what only believed."""
    from planner.cli.printing import desk_console, show_table
    from planner.outputs.knowledge import bulk_lines, knowledge_columns, knowledge_rows, silence_lines

    if known is None:
        return
    show_table(desk_console(), words("knowledge.title"), knowledge_columns(), knowledge_rows(known))
    for line in (*bulk_lines(known), *silence_lines(known, instance)):
        say(line)


def _print_differences(other: Path, faults: list[Fault]) -> None:
    from planner.cli.printing import show_faults
    from planner.outputs.figures import number

    if faults:
        show_faults(faults)
    wrong = sum(fault.severity is Severity.ERROR for fault in faults)
    key = "cli.check.other_wrong" if wrong else "cli.check.other_right"
    say(words(key, path=other, number=number(wrong)))


def _show_chances(simulation: Simulation, instance: Instance) -> None:
    from planner.cli.printing import desk_console, show_table
    from planner.outputs.chances import chance_columns, chance_lines, chance_rows

    for line in chance_lines(simulation):
        say(line)
    rows = chance_rows(simulation, instance, _MOST_REGIONS)
    if rows:
        show_table(desk_console(), words("report.chance.worst"), chance_columns(), rows)


def _free_path(plan: Path, text: str, *, force: bool) -> Path:
    """Where the certificate goes without ``--output``: beside the plan, not over one of other content."""
    usual = plan.with_suffix(".certificate.json")
    path, number = usual, 2
    while not force and path.exists() and not _holds(path, text):
        path, number = plan.with_suffix(f".certificate-{number}.json"), number + 1
    if path != usual:
        say(words("cli.check.kept", old=usual, path=path), err=True)
    return path


def _holds(path: Path, text: str) -> bool:
    from planner.base.opening import FileSort, content_of

    return path.is_file() and content_of(path, FileSort.CERTIFICATE) == text.encode("utf-8")
