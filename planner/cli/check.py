"""``plan check``: every claim of a plan, recomputed from the files alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.errors import ExitCode, Fault, InputError
from planner.text import words

if TYPE_CHECKING:
    from planner.instance.schema import Instance
    from planner.proof.verdict import Verdict
    from planner.simulate.result import Simulation

__all__ = ["command"]

_MOST_REGIONS = 20  # rows of the table of chances


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["plan"], type=click.Path(path_type=Path)),
        click.Option(
            ["--instance", "folder"],
            type=click.Path(path_type=Path),
            required=True,
            help=words("cli.check.instance"),
        ),
        click.Option(["--output"], type=click.Path(path_type=Path), help=words("cli.check.output")),
        click.Option(["--force"], is_flag=True, help=words("cli.solve.force")),
        click.Option(["--json", "as_json"], is_flag=True, help=words("cli.check.json")),
        click.Option(
            ["--simulate", "runs"], type=click.IntRange(min=1), metavar="N", help=words("cli.check.simulate")
        ),
        click.Option(
            ["--seed"],
            type=click.IntRange(min=0),
            metavar="S",
            default=1,
            show_default=True,
            help=words("cli.check.seed"),
        ),
        click.Option(["--no-breakdowns"], is_flag=True, help=words("cli.check.no_breakdowns")),
    ]
    return click.Command("check", callback=_run, params=list(options), help=words("cli.check.help"))


def _run(
    plan: Path,
    folder: Path,
    output: Path | None,
    *,
    force: bool,
    as_json: bool,
    runs: int | None,
    seed: int,
    no_breakdowns: bool,
) -> int:
    from planner.files import write_text
    from planner.instance.read import read_instance
    from planner.plan_file import read_claims
    from planner.proof.certificate import certificate
    from planner.proof.check import check_plan

    found, clock, claims = read_claims(plan)
    if output is not None and (output.is_dir() or (output.exists() and not force)):
        raise InputError([Fault("C703" if output.is_dir() else "C702", "--output", value=str(output))])
    instance = read_instance(folder)
    verdict = check_plan(found, clock, instance, claims)
    simulation = None
    if runs is not None and verdict.passed:
        from planner.proof.reckoning import Reckoning
        from planner.proof.world import World
        from planner.simulate.run import simulate

        reckoning = Reckoning(found, clock, World(instance), claims)
        simulation = simulate(reckoning, runs, seed=seed, breakdowns=not no_breakdowns)
    document = None if simulation is None else simulation.document
    text = certificate(found, clock, instance, verdict, claims, simulation=document)
    path = _free_path(plan, text, force=force) if output is None else output
    write_text(path, text)
    if as_json:
        click.echo(json.dumps(json.loads(text) | {"certificate_path": str(path)}, ensure_ascii=False))
    else:
        _show(verdict, path)
    if simulation is not None and not as_json:
        _show_chances(simulation, instance)
    elif runs is not None and simulation is None:
        click.echo(words("cli.check.not_simulated"), err=True)
    return int(ExitCode.OK if verdict.passed else ExitCode.CHECK_FAILED)


def _show(verdict: Verdict, path: Path) -> None:
    from planner.cli.printing import show_violations
    from planner.outputs.figures import number

    show_violations(verdict.violations)
    key = "cli.check.passed" if verdict.passed else "cli.check.failed"
    cases = sum(result.cases for result in verdict.rules.values())
    click.echo(
        words(
            key,
            status=verdict.status.value,
            rules=number(len(verdict.rules)),
            cases=number(cases),
            violations=number(len(verdict.violations)),
        )
    )
    click.echo(words("cli.check.certificate", path=path))


def _show_chances(simulation: Simulation, instance: Instance) -> None:
    from planner.cli.printing import table, wide_console
    from planner.outputs.chances import chance_columns, chance_lines, chance_rows

    for line in chance_lines(simulation):
        click.echo(line)
    rows = chance_rows(simulation, instance, _MOST_REGIONS)
    if rows:
        wide_console().print(table(words("report.chance.worst"), chance_columns(), rows))


def _free_path(plan: Path, text: str, *, force: bool) -> Path:
    """Where the certificate goes without ``--output``: beside the plan, not over one of other content."""
    usual = plan.with_suffix(".certificate.json")
    path, number = usual, 2
    while not force and path.exists() and not _holds(path, text):
        path, number = plan.with_suffix(f".certificate-{number}.json"), number + 1
    if path != usual:
        click.echo(words("cli.check.kept", old=usual, path=path), err=True)
    return path


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_bytes() == text.encode("utf-8")
