"""What a bulletin is made of: plans in force, each with its reports and where it stands at the moment."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from planner.base.errors import Fault, InputError
from planner.events.clocks import now_among
from planner.events.read import Reading, read_table
from planner.outputs.status import Standing
from planner.plans.locate import FOLDERS, Found, find
from planner.plans.registry import in_force
from planner.replanning.outlook import at_risk
from planner.replanning.state import Assume, state_of
from planner.store.reports import chain_head, has_reports

__all__ = ["Situation", "plans_meant", "refuse_twice", "situation_of"]

_TRIES = 5


@dataclass(frozen=True)
class Situation:
    """One plan at the moment.

    Parameters
    ----------
    found, reading, standing
        The plan, its reports, and where it stands.
    head
        Number and hash of the last entry of its store; None: there is no store.
    risk
        Regions expected in time without a guarantee from now on; None: no late legs were asked for.
    """

    found: Found
    reading: Reading
    standing: Standing
    head: tuple[int, str] | None
    risk: frozenset[str] | None


def plans_meant(
    paths: Sequence[Path], folder: Path | None = None, events: Path | None = None
) -> Sequence[Found]:
    """The plans that are meant by files and folders: of a folder all that are in force there.

    Parameters
    ----------
    paths
        Files of plans, and folders; none: this folder or `plans`.
    folder, events
        Tables and reports, where one plan is meant.

    Raises
    ------
    InputError
        As `find`; if tables or reports are given for several plans (C749), or two plans supply the same
        region (C748).
    """
    asked: Sequence[Path | None] = paths or (None,)
    files = [file for path in asked for file in _files(path)]
    if len(files) > 1 and (folder is not None or events is not None):
        option = "--instance" if folder is not None else "--events"
        raise InputError([Fault("C749", option, value=str(folder or events))])
    return [find(file, folder, events) for file in files]


def _files(path: Path | None) -> Iterator[Path | None]:
    """All plans in force of a folder; where there is at most one, `find` says what is wrong."""
    places = [Path(one) for one in FOLDERS] if path is None else [path] if path.is_dir() else []
    for place in places:
        several = in_force(place)
        if len(several) > 1:
            yield from (place / one.plan for one in reversed(several))
            return
        if several:
            break
    yield path


def refuse_twice(found: Sequence[Found]) -> None:
    """Raise C748 where two plans supply the same region: it would be counted twice."""
    seen: dict[str, Found] = {}
    for one in found:
        for result in one.plan.regions:
            other = seen.setdefault(result.region_id, one)
            if other is not one:
                params = {"other": other.path.name, "region": result.region_id}
                raise InputError([Fault("C748", one.path.name, value=str(one.path), params=params)])


def situation_of(found: Found, now_s: int, assume: Assume, *, tolerance_s: int, asked: bool) -> Situation:
    """Where a plan stands at a moment, no sooner than its last report.

    Parameters
    ----------
    found
        The plan.
    now_s
        The moment, in seconds from the plan's start.
    assume, tolerance_s
        As for `state_of`.
    asked
        Whether its table of reports was named: then it must be there.

    Raises
    ------
    InputError
        With every fault of the table of reports.
    """
    reading, head = Reading(), chain_head(found.path.parent)
    for _ in range(_TRIES):  # the head is that of the reports that are counted
        if asked or has_reports(found.events):
            reading = read_table(found.events, found.instance, found.plan, now_s)
        before, head = head, chain_head(found.path.parent)
        if before == head:
            break
    state = state_of(
        found.plan,
        found.instance,
        reading.events,
        now_among(reading.events, now_s),
        assume,
        tolerance_s=tolerance_s,
        aside=reading.aside,
    )
    return Situation(found, reading, Standing(state), head, at_risk(state))
