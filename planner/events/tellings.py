"""What reports say of a plan, once it is known what each means: which stand, and which are disputed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from planner.base.clock import Clock
from planner.base.errors import Fault, Severity
from planner.events.kinds import MEANING_KINDS, kind_word
from planner.events.meaning import LOADED, Where
from planner.events.rows import NOWHERE, TABLE
from planner.events.schema import Event, EventKind
from planner.plans.model import Trip

__all__ = [
    "CLOCKS_S",
    "Dispute",
    "Gone",
    "Happened",
    "Matched",
    "Mismatch",
    "TripReports",
    "in_effect",
    "rank",
    "settle_place",
    "settle_vehicle",
    "understood",
]

_PLACED = (
    EventKind.DEPARTED,
    EventKind.ARRIVED,
    EventKind.DELIVERED,
    EventKind.FETCHED,
    EventKind.DELAY,
    EventKind.SKIPPED,
    EventKind.REFUSED,
    EventKind.PARTLY,
)
CLOCKS_S = 600  # two who tell one thing may have clocks that differ by so much


@dataclass(frozen=True, slots=True)
class Happened:
    """When something was reported to have happened, and by which report."""

    at_s: int
    event: Event


@dataclass(slots=True)
class TripReports:
    """What is reported of one trip.

    Parameters
    ----------
    known
        By place in the order of the trip: loaded, departed, then arrived, served and left at each stop, at
        last the arrival at home.
    delays
        By leg; the last report of each.
    broken
        The report of a breakdown on it.
    last_report_s
        Time of the last report about it.
    """

    known: dict[int, Happened] = field(default_factory=dict)
    delays: dict[int, Event] = field(default_factory=dict)
    broken: Event | None = None
    last_report_s: int | None = None

    def at(self, place: int) -> int | None:
        """When a thing of the trip was reported to have happened."""
        found = self.known.get(place)
        return None if found is None else found.at_s

    def first_s(self, load_s: int) -> int | None:
        """When its vehicle was free for it at the latest: the first thing told, less its loading.

        Parameters
        ----------
        load_s
            How long its loading takes.
        """
        moments = [one.at_s - (load_s if place == LOADED else 0) for place, one in self.known.items()]
        moments += [] if self.broken is None else [self.broken.begins_s]
        return min(moments, default=None)

    @property
    def reached(self) -> int:
        """The last thing that is reported; -1: none."""
        return max(self.known, default=-1)


@dataclass(frozen=True, slots=True)
class Mismatch:
    """A report that cannot be, with the code of its fault and what the texts need."""

    event: Event
    code: str
    params: Mapping[str, object]
    column: str = "subject"
    other: Event | None = None  # a report beside which it cannot be


@dataclass(frozen=True, slots=True)
class Dispute:
    """A report without effect, since another one that stands says what cannot be beside it.

    Parameters
    ----------
    event, other
        The report, and the one that was told before it; None: it cannot be since others were taken back.
    code, params
        The fault that says why both cannot be, and what its texts need; moments are in seconds.
    """

    event: Event
    other: Event | None
    code: str
    params: Mapping[str, object]

    @property
    def beside(self) -> str:
        """Id of the other report; empty where there is none."""
        return "" if self.other is None else self.other.id

    def fault(self, clock: Clock) -> Fault:
        """Why it is disputed, to be told to people."""
        given = {**self.params}
        if "at" in given and not isinstance(given["at"], str):
            given["at"] = clock.text(int(str(given["at"])))
        return Fault(self.code, TABLE, None, "from", clock.text(self.event.begins_s), given, Severity.WARNING)


@dataclass(frozen=True, slots=True)
class Gone:
    """A report about a trip, or a stop of it, that the plan in force does not have any more."""

    event: Event
    subject: str
    trip: str


@dataclass(frozen=True)
class Matched:
    """What reports say of a plan.

    Parameters
    ----------
    reports
        By trip.
    wrong
        Reports that cannot be.
    disputed
        Reports without effect, until they or those that they contradict are taken back.
    again
        Reports of what another report, the second of each pair, has told before.
    gone
        Reports about what no longer exists; they are without effect on trips.
    meant
        By report and subject the trip, and the place in its order (of a delay the leg).
    stops
        By report and subject what it means of the plan in force: of all reports that are about a trip. Empty
        where the plan was not looked at as it went.
    """

    reports: Mapping[str, TripReports]
    wrong: tuple[Mismatch, ...]
    disputed: tuple[Dispute, ...]
    again: tuple[tuple[Event, Event], ...]
    gone: tuple[Gone, ...]
    meant: Mapping[tuple[str, str], tuple[str, int]]
    stops: Mapping[tuple[str, str], Where] = field(default_factory=dict)


def in_effect(events: Iterable[Event], found: Matched) -> tuple[Event, ...]:
    """Reports without those that are disputed."""
    without = {one.event.id for one in found.disputed}
    return tuple(one for one in events if one.id not in without)


def understood(event: Event, found: Matched, digest: str) -> Event:
    """A report with what it was found to mean, unless it says so itself: trip, stop, place and moment.

    Parameters
    ----------
    event
        A report; one that is not about a vehicle on its way stays.
    found
        What it means together with all others.
    digest
        The short digest of the plan in force.
    """
    if event.kind not in MEANING_KINDS or event.trip:
        return event
    meant = [found.stops.get((event.id, subject)) for subject in event.subject]
    place = event.place
    if event.kind in _PLACED and not place and len(meant) == 1 and meant[0] is not None:
        place = "" if meant[0].node in event.subject else meant[0].node
    return replace(
        event,
        from_s=event.begins_s,
        place=place,
        trip="+".join(NOWHERE if one is None else one.trip for one in meant),
        stop="+".join(NOWHERE if one is None else one.stop for one in meant),
        plan=digest,
    )


def settle_place(trip: str, told: Sequence[Event]) -> tuple[list[Dispute], list[tuple[Event, Event]]]:
    """Of several reports of one thing, those that contradict the one that stands, and those that repeat it.

    Parameters
    ----------
    trip
        Id of the trip that it is a thing of.
    told
        The reports.
    """
    first, *others = sorted(told, key=rank)
    disputed: list[Dispute] = []
    again: list[tuple[Event, Event]] = []
    for event in others:
        if event.bulk or abs(event.begins_s - first.begins_s) <= CLOCKS_S:
            again.append((event, first))
        elif not first.bulk:
            disputed.append(Dispute(event, first, "E962", _moments(event, first, trip)))
    return disputed, again


def _moments(event: Event, first: Event, trip: str) -> Mapping[str, object]:
    return {"what": kind_word(event.kind), "other": first.id, "at": first.begins_s, "trip": trip}


def settle_vehicle(trips: Sequence[Trip], reports: Mapping[str, TripReports]) -> Iterator[Dispute]:
    """Yield reports of a vehicle that cannot be beside others that were told before; they are taken out.

    Parameters
    ----------
    trips
        Those of the vehicle, in the order of their loading.
    reports
        By trip; what is disputed is no longer in them.
    """
    nothing = TripReports()
    last_s = 0
    for trip in trips:  # who was on a trip before after he broke down, had not begun this one
        mine = reports.get(trip.id, nothing)
        if mine.broken is not None and not mine.known and mine.broken.begins_s < last_s:
            mine.broken = None
        last_s = max([last_s, *(one.at_s for one in mine.known.values())])
    told = [
        _Told(here.event, at, place, here.at_s)
        for at, trip in enumerate(trips)
        for place, here in reports.get(trip.id, nothing).known.items()
    ]
    told += [
        _Told(event, at, _BROKEN, event.begins_s)
        for at, trip in enumerate(trips)
        if (event := reports.get(trip.id, nothing).broken) is not None
    ]
    told.sort(key=lambda one: (rank(one.event), one.trip, one.place))
    stand: list[_Told] = []
    for one in told:
        found = next((why for other in stand if (why := _against(one, other)) is not None), None)
        if found is None:
            stand.append(one)
            continue
        mine = reports[trips[one.trip].id]
        if one.place == _BROKEN:
            mine.broken = None
        else:
            del mine.known[one.place]
        if not one.event.bulk:
            code, other, params = found
            yield Dispute(one.event, other, code, {**params, "trip": trips[one.trip].id})


@dataclass(frozen=True, slots=True)
class _Told:
    """A thing that is told: number of the trip among those of the vehicle, place in its order, moment."""

    event: Event
    trip: int
    place: int
    at_s: int


def _against(one: _Told, other: _Told) -> tuple[str, Event, Mapping[str, object]] | None:
    """Why something that is told cannot be beside something that stands; None: it can."""
    if _BROKEN in (one.place, other.place):
        broken, later = (one, other) if one.place == _BROKEN else (other, one)
        if later.place == _BROKEN or broken.trip != later.trip or later.at_s <= broken.at_s:
            return None
        return "E942", other.event, {"what": kind_word(later.event.kind), "other": other.event.id}
    here, there = (one.trip, one.place), (other.trip, other.place)
    if one.at_s == other.at_s or (here < there) == (one.at_s < other.at_s):
        return None
    then, first = (one, other) if here > there else (other, one)
    params = {
        "what": kind_word(then.event.kind),
        "before": kind_word(first.event.kind),
        "other": other.event.id,
    }
    return "E919", other.event, params


def rank(event: Event) -> tuple[bool, int, str]:
    """Which of two reports stands: what somebody told of this one thing, and of these the first."""
    return (bool(event.bulk), *event.order)


_BROKEN = -1  # in place of a place in the order
