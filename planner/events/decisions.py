"""Reports that something was decided, or lifted again, as rows of the table of decisions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from planner.base.errors import Fault
from planner.events.schema import Event, EventKind
from planner.instance.decision_faults import contradictions
from planner.instance.decisions import Ruling, Unclear, read_ruling
from planner.instance.schema import Decision, DecisionRule, Instance
from planner.instance.subjects import Subjects
from planner.plans.model import Plan, Trip

__all__ = [
    "LIFTED",
    "against_others",
    "bound",
    "not_there",
    "rule_of",
    "unclear",
    "with_decision",
]

LIFTED = "lifted"
# What rules are called; those of `before` and `keep` cannot be told: no replan looks at them.
_RULE_WORDS: Mapping[str, str] = {
    "pakai": DecisionRule.USE.value,
    "jangan_pakai": DecisionRule.NEVER_USE.value,
    "hari": DecisionRule.DAY.value,
    "berangkat_pukul": DecisionRule.DEPART_AT.value,
    "bersama": DecisionRule.TOGETHER.value,
    "tidak_dilayani": DecisionRule.LEAVE_OUT.value,
    "dicabut": LIFTED,
}


def rule_of(text: str) -> str:
    """The rule that a word names, or that a decision is lifted; empty: it names none that can be told.

    Examples
    --------
    >>> rule_of("Jangan pakai"), rule_of("dicabut"), rule_of("keep")
    ('never_use', 'lifted', '')
    """
    word = "_".join(text.casefold().replace("-", " ").replace("_", " ").split())
    known = {one: one for one in _RULE_WORDS.values()} | dict(_RULE_WORDS)
    return known.get(word, "")


def with_decision(instance: Instance, event: Event) -> Instance:
    """`decision`: it holds from when it is told, as a row of the table does; or it holds no more."""
    if event.type == LIFTED:
        left = tuple(one for one in instance.decisions if one.id not in event.subject)
        return replace(instance, decisions=left)
    return replace(instance, decisions=(*instance.decisions, _row(event)))


def _row(event: Event) -> Decision:
    return Decision(
        id=event.id,
        subject="+".join(event.subject),
        rule=DecisionRule(event.type),
        value=event.value,
        by=event.by,
        note=event.note,
    )


def unclear(event: Event, instance: Instance) -> list[Unclear]:
    """What of a decision that is told cannot be meant."""
    if event.type == LIFTED:
        return []
    horizon_s = instance.settings.horizon_s
    return read_ruling(_row(event), Subjects.of(instance), instance.clock, horizon_s)[1]


def not_there(instance: Instance, events: Sequence[Event]) -> Iterator[tuple[Event, str, tuple[str, ...]]]:
    """Yield reports that lift what is not decided (any more), with its id and those of what is.

    Parameters
    ----------
    instance
        What the files say.
    events
        All reports that hold, in their order.
    """
    known = dict.fromkeys(one.id for one in instance.decisions)
    for event in events:
        if event.kind is not EventKind.DECISION:
            continue
        if event.type != LIFTED:
            known[event.id] = None
            continue
        for name in event.subject:
            if name not in known:
                yield event, name, tuple(known)
            known.pop(name, None)


def against_others(instance: Instance, events: Sequence[Event]) -> Iterator[tuple[Event, Fault, str]]:
    """Yield decisions told that cannot hold beside others or the tables, with why, and the other's id.

    Parameters
    ----------
    instance
        What the files say.
    events
        All reports that hold, in their order.
    """
    told = {one.id: one for one in events if one.kind is EventKind.DECISION and one.type != LIFTED}
    if not told:
        return
    for event in events:
        if event.kind is EventKind.DECISION:
            instance = with_decision(instance, event)
    subjects, lines = Subjects.of(instance), list[tuple[int, Ruling]]()
    for line, row in enumerate(instance.decisions):
        ruling, _ = read_ruling(row, subjects, instance.clock, instance.settings.horizon_s)
        if ruling is not None:
            lines.append((line, ruling))
    for fault in contradictions(lines, instance, subjects):
        first = fault.params.get("first")
        names = [instance.decisions[line].id for line in (fault.row, first) if isinstance(line, int)]
        mine = [name for name in names if name in told]
        if mine:
            yield told[mine[0]], fault, next((one for one in names if one != mine[0]), "")


def bound(event: Event, instance: Instance, plan: Plan) -> tuple[Trip, ...]:
    """Trips that had begun when something was decided of them: they go on as they were ordered.

    Parameters
    ----------
    event
        The decision.
    instance
        Says which places and vehicles are meant.
    plan
        The plan in force.
    """
    if event.kind is not EventKind.DECISION or event.type == LIFTED:
        return ()
    horizon_s = instance.settings.horizon_s
    ruling, _ = read_ruling(_row(event), Subjects.of(instance), instance.clock, horizon_s)
    if ruling is None:
        return ()
    now_s = event.time_s
    under_way = [one for one in plan.trips if (one.begun or one.load_start_s < now_s) and one.end_s > now_s]
    return tuple(one for one in under_way if _is_about(ruling, one, now_s))


def _is_about(ruling: Ruling, trip: Trip, now_s: int) -> bool:
    """Whether a trip under way might go otherwise by a decision."""
    kind, _, number = trip.vehicle_id.rpartition("-")
    named = ruling.about_vehicle(kind, int(number))
    ahead = {stop.node_id for stop in trip.stops if stop.end_s > now_s}
    there = not ahead.isdisjoint(ruling.places)
    if ruling.rule is DecisionRule.USE:
        return there and not named
    if ruling.rule is DecisionRule.NEVER_USE and ruling.places:
        return there and named
    return there or named
