"""What a replan is judged by beside its own claims: files, the reports it believed, the plans before it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from planner.events.amend import OTHERWISE
from planner.events.apply import effective, with_needs
from planner.events.loads import Net, is_loss, net_loaded
from planner.events.match import matched
from planner.events.meaning import same_report
from planner.events.read import row_faults, rows_of
from planner.events.schema import Event, EventKind
from planner.events.tellings import Dispute, Gone, Mismatch, TripReports, in_effect
from planner.instance.schema import Instance
from planner.plans.model import EventRow, Plan
from planner.proof.verdict import Override
from planner.proof.world import World

__all__ = ["Ancestry", "Past", "easing", "past_of"]

_OF_TRIPS = (
    "E919",
    "E920",
    "E921",
    "E922",
    "E942",
    "E943",
    "E945",
    "E946",
    "E947",
    "E948",
    "E949",
    "E963",
    "E966",
    "E979",
)  # reports that fit no trip, or not what happened before
_EASING = (
    EventKind.OPENED,
    EventKind.VEHICLE_ADDED,
    EventKind.REPAIRED,
    EventKind.CALENDAR,
    EventKind.BREAKDOWN,  # its goods may change vehicles
    EventKind.DEADLINE,
    EventKind.LONGEST_DELAY,  # less to withstand
    EventKind.DECISION,  # what is lifted, or left out, frees others
    EventKind.FOUND,
    EventKind.FEWER,
    *OTHERWISE,  # goods may be elsewhere, and vehicles free
)
# What may be told of a trip that had not left: it may be planned anew, by another name.
_OF_FREE_TRIPS = (EventKind.DELAY, EventKind.BREAKDOWN)
_AS_USUAL = 100  # percent
_OPEN = "open"
_NOTHING = "nothing"


@dataclass(frozen=True, slots=True)
class Ancestry:
    """The plans before a plan, as far as they are there and keep the rules themselves.

    Parameters
    ----------
    plans, digests
        Those that count, the oldest first.
    pasts
        What was behind each of them; None for one that is no replan.
    missing
        Digest of the plan before the oldest one that counts; None where that one was made from nothing.
    failed
        Digests of those that break rules: neither they nor those before them count.
    overrides
        Where reports stand against plans and least times in them.
    outside
        Reports that are told outside of plans too, as their rows; None: all are.
    """

    plans: tuple[Plan, ...] = ()
    digests: tuple[str, ...] = ()
    pasts: tuple[Past | None, ...] = ()
    missing: str | None = None
    failed: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()
    outside: Collection[EventRow] | None = ()

    def is_told(self, row: EventRow) -> bool:
        """Whether a report is told outside of plans."""
        return self.outside is None or any(same_report(row, told) for told in self.outside)


@dataclass(frozen=True, slots=True)
class Past:
    """What has been before a replan.

    Parameters
    ----------
    instance
        What the future obeys: the files with the reports applied.
    events
        The reports that the plan believed, in their order.
    faults
        What is wrong with them, in words.
    reports
        What they say of each trip of the plan.
    disputed
        Reports without effect, each beside the one that it contradicts.
    net
        What had been loaded before goods were reported to be lost.
    gone
        Reports of things that happened on trips which the plan does not have.
    mismatches
        Reports of things that happened which fit no trip of the plan.
    ancestry
        The plans before it.
    others
        Other worlds that may have held when something happened: the files, and they with the reports that the
        plans before believed. With each the ids of those reports that are not believed any more.
    judged
        Whether the rules judge what has happened; not while a replan is searched, which cannot change it.
    assume
        What the plan believes of things that are due and not reported.
    """

    instance: Instance
    events: tuple[Event, ...]
    faults: tuple[str, ...] = ()
    reports: Mapping[str, TripReports] = field(default_factory=dict)
    mismatches: tuple[Mismatch, ...] = ()
    disputed: tuple[Dispute, ...] = ()
    gone: tuple[Gone, ...] = ()
    net: Net = field(default_factory=dict)
    ancestry: Ancestry = field(default_factory=Ancestry)
    others: tuple[tuple[World, tuple[str, ...]], ...] = ()
    judged: bool = True
    assume: str = ""

    @property
    def nothing_assumed(self) -> bool:
        """Whether what nobody reported is believed not to have happened."""
        return self.assume == _NOTHING

    @property
    def held(self) -> tuple[Event, ...]:
        """The reports without those that are disputed."""
        without = {one.event.id for one in self.disputed}
        return tuple(one for one in self.events if one.id not in without)

    @property
    def before(self) -> Plan | None:
        """The plan that was replaced, where it is there and counts."""
        return self.ancestry.plans[-1] if self.ancestry.plans else None

    def explained(self, plan: Plan) -> tuple[Override, ...]:
        """Where the plans before rest on reports that a plan still believes, as they stand in it.

        Parameters
        ----------
        plan
            The plan whose past this is.
        """
        rows = {} if plan.replan is None else {row.id: row for row in plan.replan.events}
        replans = [one.replan for one in self.ancestry.plans if one.replan is not None]
        ids = {one.id for one in self.held}
        same = {
            row.id
            for replan in replans
            for row in replan.events
            if row.id in ids and row.id in rows and same_report(row, rows[row.id])
        }
        return tuple(one for one in self.ancestry.overrides if same.issuperset(one.events))


def past_of(
    plan: Plan,
    files: Instance,
    ancestry: Ancestry | None = None,
    *,
    judged: bool = True,
) -> Past | None:
    """What is behind a replan; None for a plan that is none.

    Parameters
    ----------
    plan
        The plan.
    files
        What the files say, without any report.
    ancestry
        The plans before it; None: none is there.
    judged
        See `Past`.

    Notes
    -----
    What a report about a vehicle means is read off the plan itself, which holds all trips that have begun.
    """
    if plan.replan is None:
        return None
    ancestry = ancestry or Ancestry()
    rows = tuple(_about(plan, plan.replan.events))
    events, faults = row_faults(rows_of(rows), files, plan)
    faults = [one for one in faults if one.code not in _OF_TRIPS]
    found = matched(plan, events)
    held = in_effect(events, found)
    begun = [trip for trip in plan.trips if trip.begun]
    net = net_loaded(begun, with_needs(files, held), [one for one in held if is_loss(one)], {})
    after = effective(files, held, net)
    idle: set[str] = set()
    if found.gone and ancestry.plans:  # what was disputed was without effect
        earlier = matched(ancestry.plans[-1], events)
        idle = {one.event.id for one in earlier.disputed}
        idle |= _ids_believed(ancestry.plans[-1]) & {one.event.id for one in earlier.gone}
    return Past(
        instance=after,
        net=net,
        events=events,
        faults=tuple(f"{one.code}: {one.cause}" for one in faults),
        reports=found.reports,
        disputed=found.disputed,
        gone=tuple(
            one for one in found.gone if one.event.kind not in _OF_FREE_TRIPS and one.event.id not in idle
        ),
        mismatches=tuple(one for one in found.wrong if one.event.kind is not EventKind.DELAY),
        ancestry=ancestry,
        others=tuple(_other_worlds(files, ancestry, after, events)) if judged else (),
        judged=judged,
        assume=plan.replan.assume,
    )


def _ids_believed(plan: Plan) -> set[str]:
    """Ids of the reports that a plan believed."""
    return set() if plan.replan is None else {row.id for row in plan.replan.events}


def _other_worlds(
    files: Instance, ancestry: Ancestry, own: Instance, events: Iterable[Event]
) -> Iterator[tuple[World, tuple[str, ...]]]:
    """Worlds by which something could have happened otherwise, each once, and what only they believed."""
    known, seen = {one.id for one in events}, [own]
    earlier = [(one.instance, one.events) for one in ancestry.pasts if one is not None]
    for instance, believed in [(files, ()), *earlier]:
        if not any(_alike(instance, other) for other in seen):
            seen.append(instance)
            yield World(instance), tuple(one.id for one in believed if one.id not in known)


def _alike(one: Instance, other: Instance) -> bool:
    """Whether ways, vehicles, stock and docks are the same."""
    return (
        (one.edges, one.known_trips, one.vehicles) == (other.edges, other.known_trips, other.vehicles)
        and one.stock == other.stock
        and (one.warehouses, one.hubs) == (other.warehouses, other.hubs)
    )


def easing(events: Iterable[Event], files: Instance) -> Iterator[Event]:
    """Yield reports after which more can be done than the files say; all others can only be in the way.

    Notes
    -----
    More needs, closures, losses and delays are never to anybody's good. What was earlier than planned is
    found where it happened.
    """
    docks = {one.id: one.docks for table in (files.warehouses, files.hubs) for one in table}
    for event in events:
        kind = event.kind
        if (
            kind in _EASING
            or (kind is EventKind.STOCK and not event.value.startswith("-"))
            or (kind is EventKind.SPEED and int(event.value or 0) > _AS_USUAL)
            or (kind is EventKind.WAREHOUSE and event.value == _OPEN)
            or (
                kind is EventKind.DOCK
                and any(int(event.value or 0) > docks.get(name, 0) for name in event.subject)
            )
        ):
            yield event


def _about(plan: Plan, rows: Iterable[EventRow]) -> Iterator[EventRow]:
    """Rows but delays of trips that the plan does not have: they had not begun, and are planned otherwise."""
    known = {name for trip in plan.trips for name in (trip.id, trip.vehicle_id)}
    types = {trip.vehicle_type for trip in plan.trips}
    for row in rows:
        parts = {part.strip() for part in row.subject.split("+")}
        vehicles = {part for part in parts if part.rsplit("-", 1)[0] in types}
        if row.kind != EventKind.DELAY or parts <= known | vehicles:
            yield row
