"""``plan approve``: put a plan in force."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.base.errors import ExitCode, Fault, InputError
from planner.base.safe_text import label_text
from planner.base.text import words
from planner.cli.options import force_option, instance_option, json_option, path_option
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from planner.plans.locate import Found
    from planner.plans.model import Plan
    from planner.plans.registry import Approval
    from planner.proof.verdict import Verdict
    from planner.replanning.outdated import Loss

__all__ = ["command"]

_MOST_IDS = 12  # told by name


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
    from planner.events.told import told_rows
    from planner.plans.file import plan_digest, read_claims
    from planner.plans.lineage import plans_before, reports_beside
    from planner.plans.locate import files_of, find_any
    from planner.plans.registry import Approval, add_approval, approvals
    from planner.proof.check import check_plan
    from planner.replanning.known_checks import KnownChecks, folder_of_user
    from planner.store.place import has_store

    if not by.strip():
        raise InputError([Fault("E955", "--by", value=by)])
    if has_store(plan.parent):  # else no library of databases is needed
        from planner.store.people import checked_person

        by = checked_person(plan.parent, by)
    there = approvals(plan.parent)
    found = find_any(plan, folder, events)
    claimed, clock, claims = read_claims(plan)
    before = plans_before(plan, claimed, clock)
    tables = (*reports_beside(plan), found.events)
    told = () if claimed.replan is None else told_rows(tables, (claimed, *before), found.instance)
    verdict = check_plan(claimed, clock, found.instance, claims, before, outside=told)
    if not verdict.passed:
        return _reject(plan, verdict, as_json=as_json)
    past = verdict.history
    KnownChecks(found.instance, folder_of_user()).keep(
        plan_digest(found.plan, found.clock),
        () if past is None else past.compared,
        () if past is None else past.overrides,
    )
    lost = _lost(found, before)
    if lost and not force:
        raise InputError(lost)
    here = datetime.now(UTC).astimezone(found.clock.zone).replace(microsecond=0)
    approval = Approval(
        plan=plan.name,
        digest=plan_digest(found.plan, found.clock),
        instance_name=found.plan.instance_name,
        instance=_relative(found.folder, plan.parent),
        events=_relative(found.events, plan.parent),
        by=label_text(by).strip(),
        at=here.isoformat(),
        note=label_text(note),
    )
    files = files_of(found) if has_store(plan.parent) else None
    head = add_approval(plan.parent, approval, after=None if force else there, files=files)
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


def _lost(found: Found, before: Sequence[Plan]) -> tuple[Fault, ...]:
    """What would be lost by putting the plan in force, as what is asked about; nothing: it can be."""
    from planner.events.read import read_rows, row_faults
    from planner.plans.file import by_clock, plan_digest, read_plan_clock
    from planner.replanning.outdated import loss_of
    from planner.store.reports import has_reports

    if found.other is None:
        return ()
    current: Plan | None = None
    with suppress(InputError):  # it is not there any more, or was changed
        current = by_clock(*read_plan_clock(found.path.parent / found.other.plan), found.clock)
    rows = read_rows(found.events)[0] if has_reports(found.events) else ()
    plans = (found.plan, *(() if current is None else (current,)))
    held = {one.id for plan in plans for one in row_faults(rows, found.instance, plan)[0]}
    told = {row.cells.get("id", "") for row in rows}
    line = {plan_digest(one, found.clock) for one in before}
    if found.plan.replan is not None:
        line.add(found.plan.replan.previous_digest)
    loss = loss_of(found.plan, line, found.other.digest, current, (held, told), found.clock)
    return tuple(_faults(loss, found.path, found.other.plan))


def _faults(loss: Loss, path: Path, current: str) -> Iterator[Fault]:
    """A fault for each thing that would be lost."""

    def shown(ids: Sequence[str]) -> str:
        more = f", … (+{len(ids) - _MOST_IDS})" if len(ids) > _MOST_IDS else ""
        return ", ".join(ids[:_MOST_IDS]) + more

    for code, ids in (("E972", loss.not_believed), ("E973", loss.taken_back)):
        if ids:
            params = {"number": len(ids), "ids": shown(ids)}
            yield Fault(code, "in_force", value=path.name, params=params)
    if loss.from_another:
        undone = loss.undone
        params = {
            "current": current,
            "regions": "-" if undone is None else len(undone.regions),
            "vehicles": "-" if undone is None else len(undone.vehicles),
        }
        yield Fault("E974" if loss.sibling else "E975", "in_force", value=path.name, params=params)


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


def _relative(path: Path, folder: Path) -> str:
    """A path as seen from a folder, with slashes; in full where there is no such way (another drive)."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path.resolve().as_posix()
