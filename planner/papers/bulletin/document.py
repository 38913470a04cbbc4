"""A bulletin as an object of JSON, from which all its forms are made and with which the next one compares."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from planner.outputs.status import Standing
from planner.papers.bulletin.counts import By, Group, figures_of, groups_of
from planner.papers.bulletin.situation import Situation
from planner.papers.bulletin.tables import found_rows, preparation_rows, problem_rows
from planner.plans.file import plan_digest
from planner.proof.knowledge import Sure

__all__ = ["FORMAT", "bulletin_document"]

FORMAT = "bulletin/1"


def bulletin_document(situations: Sequence[Situation], by: By | None = None) -> dict[str, Any]:
    """Everything that a bulletin says.

    Parameters
    ----------
    situations
        The plans at the moment.
    by
        Rows for areas or for parts of them; None: for parts where there is one area alone.
    """
    rows_by = by or _usual(situations)
    groups = [(at, group) for at, one in enumerate(situations) for group in groups_of(one, rows_by)]
    every = [group for _, group in groups]
    units = dict.fromkeys(one.found.instance.settings.unit for one in situations)
    return {
        "format": FORMAT,
        "now": _now(situations),
        "by": rows_by.value,
        "unit": " / ".join(units),
        "plans": [_plan(one) for one in situations],
        "total": {**_figures(every), "last_report": _last(situations)},
        "groups": [
            {
                "plan": at,
                "id": group.id,
                "name": group.name,
                **_figures([group]),
                "last_report": _moment(situations[at].standing, group.last_report_s),
            }
            for at, group in groups
        ],
        "late": _named(situations, groups, "late"),
        "missing": _named(situations, groups, "missing"),
        "at_risk": _named(situations, groups, "at_risk"),
        **_tables(situations),
        "since": None,
    }


def _tables(situations: Sequence[Situation]) -> Mapping[str, Sequence[Mapping[str, Any]]]:
    made: dict[str, list[Mapping[str, Any]]] = {"preparation": [], "problems": [], "found": []}
    for at, one in enumerate(situations):
        state = one.standing.state
        day = state.instance.clock.day(state.now_s)
        made["preparation"] += ({"plan": at, **row} for row in preparation_rows(one, day))
        made["problems"] += ({"plan": at, **row} for row in problem_rows(one, day))
        made["found"] += ({"plan": at, **row} for row in found_rows(one))
    made["found"].sort(key=lambda row: -row["weight"])
    return made


def _usual(situations: Sequence[Situation]) -> By:
    areas = {region.area for one in situations for region in one.found.instance.regions}
    parts = {region.subarea for one in situations for region in one.found.instance.regions}
    return By.SUBAREA if len(areas) == 1 and len(parts) > 1 else By.AREA


def _figures(groups: Sequence[Group]) -> dict[str, Any]:
    """Figures of groups together, and how many regions are late, lack something or are at risk."""
    found: dict[str, Any] = {
        count.value: {
            "total": figures.total,
            "planned": figures.planned,
            **{sure.value: figures.sure[sure] for sure in Sure},
        }
        for count, figures in figures_of(groups).items()
    }
    found["late"] = sum(len(group.late) for group in groups)
    found["missing"] = sum(len(group.missing) for group in groups)
    known = [len(group.at_risk) for group in groups if group.at_risk is not None]
    found["at_risk"] = sum(known) if known else None
    return found


def _named(
    situations: Sequence[Situation], groups: Iterable[tuple[int, Group]], which: str
) -> Sequence[Mapping[str, Any]]:
    """Regions by name, with what is expected and why."""
    wanted = [(at, name) for at, group in groups for name in getattr(group, which) or ()]
    rows = []
    for at, name in wanted:
        standing = situations[at].standing
        state = standing.state
        arrival = next((one for one in standing.arrivals if one.region.id == name), None)
        region = state.effective.region_of[name]
        rows.append(
            {
                "plan": at,
                "id": name,
                "name": region.name or name,
                "part": region.subarea_name or region.subarea,
                "expected": _moment(standing, state.received_s.get(name)),
                "deadline": _moment(standing, None if arrival is None else arrival.deadline_s),
                "why": "" if arrival is None else arrival.why,
            }
        )
    return rows


def _plan(one: Situation) -> dict[str, Any]:
    found, standing = one.found, one.standing
    state = standing.state
    approval = found.approval
    return {
        "plan": found.path.name,
        "digest": plan_digest(found.plan, found.clock),
        "name": found.instance.settings.name,
        "now": _moment(standing, state.now_s),
        "time_zone": state.instance.clock.time_zone,
        "assume": state.assume.value,
        "tolerance_s": state.tolerance_s,
        "approved": None if approval is None else {"by": approval.by, "at": approval.at},
        "events": found.events.name,
        "reports": len(state.events),
        "last_report": _moment(standing, max((event.time_s for event in state.events), default=None)),
        "bulk_by": dict(standing.bulk_by),
        "chain": None if one.head is None else {"entries": one.head[0], "head": one.head[1]},
    }


def _now(situations: Iterable[Situation]) -> str:
    """The latest moment of all plans."""
    states = [one.standing.state for one in situations]
    last = max(states, key=lambda state: state.instance.clock.instant(state.now_s))
    return last.instance.clock.text(last.now_s)


def _last(situations: Iterable[Situation]) -> str | None:
    """The latest of the last reports of all plans, by the moment and not by its text."""
    last = [
        (clock.instant(event.time_s), clock.text(event.time_s))
        for one in situations
        for clock in [one.standing.state.instance.clock]
        for event in one.standing.state.events
    ]
    return max(last)[1] if last else None


def _moment(standing: Standing, moment_s: int | None) -> str | None:
    return None if moment_s is None else standing.state.instance.clock.text(moment_s)
