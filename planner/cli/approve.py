"""``plan approve``: put a plan in force."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.text import words
from planner.cli.options import force_option, instance_option, json_option, path_option
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from planner.plans.locate import Found
    from planner.plans.registry import Approval
    from planner.proof.verdict import Verdict

__all__ = ["command"]


def command() -> click.Command:
    """The verb."""
    options = [
        click.Argument(["plan"], type=click.Path(path_type=Path, dir_okay=False)),
        click.Option(["--by"], required=True, help=words("cli.approve.by")),
        click.Option(["--note"], default="", help=words("cli.approve.note")),
        path_option("--events", text="cli.approve.events"),
        force_option("cli.approve.force"),
        instance_option("cli.event.instance"),
        json_option(),
    ]
    return click.Command("approve", callback=_run, params=list(options), help=words("cli.approve.help"))


def _run(
    plan: Path,
    by: str,
    note: str,
    events: Path | None,
    folder: Path | None,
    *,
    force: bool,
    as_json: bool,
) -> int:
    from planner.replanning.approving import candidate_of, put_in_force
    from planner.store.place import has_store

    if not by.strip():
        raise InputError([Fault("E955", "--by", value=by)])
    if has_store(plan.parent):  # else no library of databases is needed
        from planner.store.people import checked_person

        by = checked_person(plan.parent, by)
    one = candidate_of(plan, folder, events)
    found, verdict, lost = one.found, one.verdict, one.lost
    if not verdict.passed:
        return _reject(plan, verdict, as_json=as_json)
    if lost and not force:
        raise InputError(lost)
    approval, head = put_in_force(one, by, note, force=force)
    if as_json:
        say_json(_document(found, approval, verdict, lost, head))
    else:
        _tell(found, by.strip(), verdict, lost, head)
    return int(ExitCode.OK)


def _reject(plan: Path, verdict: Verdict, *, as_json: bool) -> int:
    """Say which rules a plan breaks that is not put in force."""
    if as_json:
        from planner.cli.failure import violation_document

        broken = [violation_document(one) for one in verdict.violations]
        say_json({"approved": False, "plan": str(plan), "violations": broken})
    else:
        from planner.cli.printing import show_violations

        show_violations(verdict.violations)
        say(words("cli.approve.rejected", plan=plan), err=True)
    return int(ExitCode.CHECK_FAILED)


def _document(
    found: Found, approval: Approval, verdict: Verdict, lost: Sequence[Fault], head: str
) -> dict[str, object]:
    """The approval for machines."""
    from planner.cli.failure import fault_document

    before = found.approval or found.other
    return {
        "approved": True,
        "plan": str(found.path),
        "digest": approval.digest,
        "status": verdict.answer.value,
        "by": approval.by,
        "at": approval.at,
        "note": approval.note,
        "events_path": str(found.events),
        "again": found.approval is not None,
        "replaces": None
        if before is None
        else {"plan": before.plan, "digest": before.digest, "by": before.by, "at": before.at},
        "lost": [fault_document(one) for one in lost],
        "head": head or None,
        "violations": [],
    }


def _tell(found: Found, by: str, verdict: Verdict, lost: Sequence[Fault], head: str) -> None:
    from planner.outputs.history import history_lines
    from planner.outputs.knowledge import knowledge_lines

    before = found.approval or found.other
    say(words("cli.approve.done", plan=found.path, by=by, events=found.events))
    say(words("cli.approve.status", status=verdict.answer.value))
    if found.approval is not None:
        say(words("cli.approve.again"))
    elif before is not None:
        say(words("cli.approve.replaces", plan=before.plan, by=before.by, at=before.at))
    if head:
        say(words("cli.store.head", head=head))
    for line in knowledge_lines(verdict.knowledge, found.instance):
        say(line)
    for fault in lost:
        say(fault.cause)
    for line in history_lines(verdict) if verdict.as_reported else ():
        say(line)
