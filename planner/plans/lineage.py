"""What lies beside a replan, or is named: the plans before it, and tables of reports."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path

from planner.base.clock import Clock
from planner.base.errors import InputError
from planner.base.opening import FileSort, content_of
from planner.plans.file import by_clock, plan_digest, read_plan_clock
from planner.plans.model import Plan
from planner.plans.registry import approvals
from planner.store.reports import has_reports

__all__ = ["plans_before", "reports_beside"]

_DIGEST = re.compile(rb'"digest"\s*:\s*"(sha256:[0-9a-f]{64})"')
_REPORTS = ".events.csv"
_MOST_PLANS = 10_000  # in one line of plans; ends a circle, which no digests can make


def plans_before(
    path: Path | None, plan: Plan, clock: Clock, named: Iterable[Path | Plan] = ()
) -> tuple[Plan, ...]:
    """The plans before a replan by its own clock, the oldest first.

    Parameters
    ----------
    path
        Where the replan is: each plan before that is not named is looked for in this folder, by its digest.
        None: nowhere.
    plan, clock
        The replan, and the clock that it is written in.
    named
        Plans before it, by the same clock, or their files; in any order.

    Raises
    ------
    InputError
        Where a named file is no plan that can be read.

    Notes
    -----
    Of a plan that is no replan, only what is named is before it.
    """
    given = [one if isinstance(one, Plan) else _by(clock, *read_plan_clock(one)) for one in named]
    given.sort(key=lambda one: -1 if one.replan is None else one.replan.now_s)
    known = {plan_digest(one, clock): one for one in given}
    beside = None if path is None else _Folder(path.parent, clock)
    found: list[Plan] = []
    last = plan
    while last.replan is not None and len(found) < _MOST_PLANS:
        digest = last.replan.previous_digest
        before = known.pop(digest, None) or (None if beside is None else beside.plan_of(digest))
        if before is None:
            break
        found.insert(0, before)
        last = before
    if not found:
        return tuple(given)  # the check says that they do not fit
    return (*known.values(), *found)


def reports_beside(path: Path) -> tuple[Path, ...]:
    """Tables of reports in the folder of a plan, and those that its approvals name."""
    folder = path.parent
    try:
        names = sorted(entry.name for entry in os.scandir(folder) if entry.name.endswith(_REPORTS))
        found = [folder / name for name in names]
        found += [folder / one.events for one in approvals(folder)]
    except (OSError, InputError):
        return ()
    return tuple(dict.fromkeys(one for one in found if has_reports(one)))


def _by(clock: Clock, plan: Plan, own: Clock) -> Plan:
    """A plan by the clock of another one."""
    return plan if own == clock else by_clock(plan, own, clock)


class _Folder:
    """Plans of a folder by their digest; only those that are asked for are parsed."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self._folder, self._clock = folder, clock

    @cached_property
    def _paths(self) -> dict[str, list[Path]]:
        """Files by the digests that they name."""
        found: dict[str, list[Path]] = {}
        try:
            names = sorted(entry.name for entry in os.scandir(self._folder) if entry.name.endswith(".json"))
        except OSError:
            return found
        for path in (self._folder / name for name in names):
            try:
                content = content_of(path, FileSort.PLAN)
            except OSError:
                continue
            for digest in set(_DIGEST.findall(content)):
                found.setdefault(digest.decode(), []).append(path)
        return found

    def plan_of(self, digest: str) -> Plan | None:
        """The plan of a digest; None where none of the folder's files is that."""
        for path in self._paths.get(digest, ()):
            try:
                plan, clock = read_plan_clock(path)
            except InputError:
                continue
            if plan_digest(plan, clock) == digest:
                return _by(self._clock, plan, clock)
        return None
