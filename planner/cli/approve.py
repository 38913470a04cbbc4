"""``plan approve``: put a plan in force."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.options import instance_option, path_option

if TYPE_CHECKING:
    from planner.plans.locate import Found

__all__ = ["command"]


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["plan"], type=click.Path(path_type=Path, dir_okay=False)),
        click.Option(["--by"], required=True, help=words("cli.approve.by")),
        click.Option(["--note"], default="", help=words("cli.approve.note")),
        path_option("--events", text="cli.approve.events"),
        instance_option("cli.event.instance"),
    ]
    return click.Command("approve", callback=_run, params=list(options), help=words("cli.approve.help"))


def _run(plan: Path, by: str, note: str, events: Path | None, folder: Path | None) -> int:
    from planner.cli.printing import show_violations
    from planner.events.told import told_rows
    from planner.outputs.history import history_lines
    from planner.plans.file import plan_digest, read_claims
    from planner.plans.lineage import plans_before, reports_beside
    from planner.plans.locate import find_any
    from planner.plans.registry import Approval, add_approval
    from planner.proof.check import check_plan

    if not by.strip():
        raise InputError([Fault("E955", "--by", value=by)])
    found = find_any(plan, folder, events)
    claimed, clock, claims = read_claims(plan)
    before = plans_before(plan, claimed, clock)
    tables = (*reports_beside(plan), found.events)
    told = () if claimed.replan is None else told_rows(tables, (claimed, *before), found.instance)
    verdict = check_plan(claimed, clock, found.instance, claims, before, outside=told)
    if not verdict.passed:
        show_violations(verdict.violations)
        click.echo(words("cli.approve.rejected", plan=plan), err=True)
        return int(ExitCode.CHECK_FAILED)
    here = datetime.now(UTC).astimezone(found.clock.zone).replace(microsecond=0)
    approval = Approval(
        plan=plan.name,
        digest=plan_digest(found.plan, found.clock),
        instance_name=found.plan.instance_name,
        instance=_relative(found.folder, plan.parent),
        events=_relative(found.events, plan.parent),
        by=by.strip(),
        at=here.isoformat(),
        note=note,
    )
    add_approval(plan.parent, approval)
    _tell(found, by.strip(), words("cli.approve.status", status=verdict.answer.value))
    for line in history_lines(verdict) if verdict.as_reported else ():
        click.echo(line)
    return int(ExitCode.OK)


def _tell(found: Found, by: str, status: str) -> None:
    before = found.approval or found.other
    click.echo(words("cli.approve.done", plan=found.path, by=by, events=found.events))
    click.echo(status)
    if found.approval is not None:
        click.echo(words("cli.approve.again"))
    elif before is not None:
        click.echo(words("cli.approve.replaces", plan=before.plan, by=before.by, at=before.at))


def _relative(path: Path, folder: Path) -> str:
    """A path as seen from a folder, with slashes; in full where there is no such way (another drive)."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path.resolve().as_posix()
