"""Putting a plan in force: it is checked, what would be lost is told, and the approval is entered."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from planner.base.errors import Fault, InputError
from planner.base.safe_text import label_text
from planner.events.read import read_rows, row_faults
from planner.events.told import told_rows
from planner.plans.file import by_clock, plan_digest, read_claims, read_plan_clock
from planner.plans.lineage import plans_before, reports_beside
from planner.plans.locate import Found, files_of, find_any
from planner.plans.model import Plan
from planner.plans.registry import Approval, add_approval, approvals
from planner.proof.check import check_plan
from planner.proof.verdict import Verdict
from planner.replanning.known_checks import KnownChecks, folder_of_user
from planner.replanning.outdated import Loss, loss_of
from planner.store.place import has_store
from planner.store.reports import has_reports

__all__ = ["Candidate", "candidate_of", "put_in_force"]

_MOST_IDS = 12  # told by name


@dataclass(frozen=True)
class Candidate:
    """A plan that may be put in force.

    Parameters
    ----------
    verdict
        What the independent check found of it.
    lost
        What would be lost by putting it in force, as what is asked about; nothing: it can be.
    loss
        The same as ids; None: no other plan is in force, or the check rejects it.
    there
        All approvals when it was looked at.
    """

    found: Found
    verdict: Verdict
    lost: tuple[Fault, ...]
    loss: Loss | None
    there: tuple[Approval, ...]


def candidate_of(plan: Path, folder: Path | None = None, events: Path | None = None) -> Candidate:
    """Check a plan, and see what would be lost.

    Parameters
    ----------
    plan
        Its file, in the folder of the registry.
    folder, events
        Its tables and reports; None: looked for.

    Raises
    ------
    InputError
        If a file cannot be read.
    """
    there = approvals(plan.parent)
    found = find_any(plan, folder, events)
    claimed, clock, claims = read_claims(plan)
    before = plans_before(plan, claimed, clock)
    tables = (*reports_beside(plan), found.events)
    told = () if claimed.replan is None else told_rows(tables, (claimed, *before), found.instance)
    verdict = check_plan(claimed, clock, found.instance, claims, before, outside=told)
    if not verdict.passed:
        return Candidate(found, verdict, (), None, there)
    past = verdict.history
    KnownChecks(found.instance, folder_of_user()).keep(
        plan_digest(found.plan, found.clock),
        () if past is None else past.compared,
        () if past is None else past.overrides,
    )
    loss = _loss(found, before)
    other = found.other
    lost = () if loss is None or other is None else tuple(_faults(loss, found.path, other.plan))
    return Candidate(found, verdict, lost, loss, there)


def put_in_force(one: Candidate, by: str, note: str = "", *, force: bool = False) -> tuple[Approval, str]:
    """Enter the approval of a plan that passed; gives it, and the head of the store's chain.

    Parameters
    ----------
    one
        The plan.
    by, note
        Who approves, and why.
    force
        Whether other approvals since it was looked at do not matter.

    Raises
    ------
    InputError
        If another plan was approved since (E976).
    """
    found = one.found
    folder = found.path.parent
    here = datetime.now(UTC).astimezone(found.clock.zone).replace(microsecond=0)
    approval = Approval(
        plan=found.path.name,
        digest=plan_digest(found.plan, found.clock),
        instance_name=found.plan.instance_name,
        instance=_relative(found.folder, folder),
        events=_relative(found.events, folder),
        by=label_text(by).strip(),
        at=here.isoformat(),
        note=label_text(note),
    )
    files = files_of(found) if has_store(folder) else None
    return approval, add_approval(folder, approval, after=None if force else one.there, files=files)


def _loss(found: Found, before: Sequence[Plan]) -> Loss | None:
    """What would be lost by putting the plan in force; None: no other plan is."""
    if found.other is None:
        return None
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
    return loss_of(found.plan, line, found.other.digest, current, (held, told), found.clock)


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


def _relative(path: Path, folder: Path) -> str:
    """A path as seen from a folder, with slashes; in full where there is no such way (another drive)."""
    try:
        return Path(os.path.relpath(path, folder)).as_posix()
    except ValueError:
        return path.resolve().as_posix()
