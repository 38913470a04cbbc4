"""The one ledger: what is free of vehicles, working time, docks, stock and room at hubs, and what refuses.

List scheduling, naming, replans, transshipment, the timing of people's routes and the reasons book here; the
checker has its own.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right, insort
from collections.abc import Callable, Hashable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any, NamedTuple

from planner.network.calendars import Interval, merged
from planner.problem.fleet import Origin
from planner.problem.trip_times import Timing

__all__ = ["Claim", "Docks", "Ledger", "Line", "Refusal", "Resource", "Room", "Stock"]


class Resource(StrEnum):
    """What may refuse a trip."""

    VEHICLE = "vehicle"
    WORK = "work"
    DOCK = "dock"
    STOCK = "stock"
    ROOM = "room"


class Refusal(NamedTuple):
    """What refuses a trip, and before when it does so for sure, in seconds; None: as long as can be said."""

    resource: Resource
    name: Hashable
    until_s: int | None


@dataclass
class Line:
    """What one vehicle does (or one dock): intervals in order, and a vehicle's work by day."""

    busy: list[Interval] = field(default_factory=list)
    work: dict[int, int] = field(default_factory=dict)
    days: dict[int, int] = field(default_factory=dict)  # and how often it is out on each
    trips: list[tuple[Any, Timing]] = field(default_factory=list)
    gone: bool = False
    out: tuple[Interval, ...] = ()  # in which it is out of use
    overlaps: bool = False  # some of what was given overlaps

    def copy(self) -> Line:
        """The same, to be used further by itself."""
        return Line(
            list(self.busy), dict(self.work), dict(self.days), list(self.trips), self.gone, self.out,
            self.overlaps,
        )  # fmt: skip

    @property
    def spans(self) -> list[Interval]:
        """When it is busy or out of use, as disjoint intervals in order."""
        return merged([*self.busy, *self.out])

    @property
    def ends(self) -> set[int]:
        """Moments at which it gets free."""
        return {end for spans in (self.busy, self.out) for _, end in spans}

    def free(self, start_s: int, end_s: int) -> bool:
        """Whether nothing is done in [start_s, end_s), and it can be used then."""
        if any(begin < end_s and start_s < end for begin, end in self.out):
            return False
        if self.overlaps:
            return not any(begin < end_s and start_s < end for begin, end in self.busy)
        position = bisect_left(self.busy, (start_s, start_s))
        after = position >= len(self.busy) or self.busy[position][0] >= end_s
        return after and (position == 0 or self.busy[position - 1][1] <= start_s)

    def free_from(self, start_s: int, end_s: int) -> int:
        """No start before this moment is free for what would be done in [start_s, end_s)."""
        spans = (span for spans in (self.busy, self.out) for span in spans)
        return max((end for begin, end in spans if begin < end_s and start_s < end), default=start_s)

    def occupy(self, start_s: int, end_s: int) -> None:
        """Enter an interval; what is given may overlap others."""
        self.overlaps = self.overlaps or (bool(self.busy) and not self.free(start_s, end_s))
        insort(self.busy, (start_s, end_s))

    def take(self, timing: Timing, days: Iterable[int], *, gone: bool, until_s: int | None = None) -> None:
        """Enter a trip, until its vehicle is there for sure or until another moment.

        Parameters
        ----------
        timing
            Times of the trip.
        days
            Numbers of the local days on which it is out.
        gone
            Whether the vehicle does not come back from it.
        until_s
            The other moment, in seconds; None: until it is there for sure.
        """
        insort(self.busy, (timing.load_start_s, timing.free_s if until_s is None else until_s))
        self.works(timing.work, days)
        self.gone = self.gone or gone

    def works(self, work: Iterable[tuple[int, int]], days: Iterable[int], times: int = 1) -> None:
        """Enter working time by day, and days on which it is out; with -1 take them out again."""
        for day, part in work:
            self.work[day] = self.work.get(day, 0) + times * part
        for day in days:
            self.days[day] = self.days.get(day, 0) + times
            if not self.days[day]:
                del self.days[day]

    def leave_last_at(self, until_s: int) -> Interval:
        """Keep the last interval only until a moment; as it was before."""
        last = self.busy[-1]
        self.busy[-1] = last[0], min(last[1], until_s)
        return last

    def give_back_last(self, last: Interval) -> None:
        """Undo `leave_last_at`."""
        self.busy[-1] = last

    def has_trips_left(self, most: int | None, number: int = 1) -> bool:
        """Whether a vehicle may drive so many more trips."""
        return most is None or len(self.busy) + number <= most

    def has_work_room(self, work: Iterable[tuple[int, int]], limit_s: int | None) -> bool:
        """Whether the working time of these days stays within the limit."""
        return limit_s is None or all(self.work.get(day, 0) + part <= limit_s for day, part in work)


class Docks:
    """Docks of one origin; a loading that takes no time is given the first one and keeps nobody away.

    Which docks are out of use is left open: only so many are used at once as can be.
    """

    def __init__(self, origin: Origin) -> None:
        self._number = origin.docks
        self._lines = [Line() for _ in range(origin.docks)]
        self._out = origin.out

    def copy(self) -> Docks:
        """Docks in use as these are, to be used further by themselves."""
        found = copy(self)
        found._lines = [line.copy() for line in self._lines]
        return found

    def any_free(self, start_s: int, end_s: int) -> bool:
        """Whether some dock is not in use then, though perhaps out of use."""
        return start_s == end_s or any(line.free(start_s, end_s) for line in self._lines[: self._number])

    def first_free(self, start_s: int, end_s: int, wished: int | None = None) -> int | None:
        """A dock that is free in [start_s, end_s): the one wished for if it is, else the first; or None."""
        if start_s == end_s:
            return 0
        if not self._enough(start_s, end_s):
            return None
        docks = (*(() if wished is None else (wished,)), *range(self._number))
        able = (dock for dock in docks if dock < self._number and self._lines[dock].free(start_s, end_s))
        return next(able, None)

    def free_from(self, start_s: int, end_s: int) -> int | None:
        """First moment from which a loading as long as this finds a dock; None: there is none."""
        lasts_s = end_s - start_s
        moments = (start_s, *sorted(moment for moment in self.ends if moment > start_s))
        return next((one for one in moments if self.first_free(one, one + lasts_s) is not None), None)

    def free(self, timing: Timing) -> int | None:
        """A dock that is free while a trip loads."""
        if timing.depart_s == timing.load_start_s:
            return 0
        return self.first_free(timing.load_start_s, timing.loaded_s)

    def is_free(self, dock: int, timing: Timing) -> bool:
        """Whether a dock is there and free while a trip loads."""
        if dock >= self._number:
            return False
        start_s, end_s = timing.load_start_s, timing.loaded_s
        return start_s == timing.depart_s or (
            self._enough(start_s, end_s) and self._lines[dock].free(start_s, end_s)
        )

    def _enough(self, start_s: int, end_s: int) -> bool:
        """Whether one more load does not exceed the docks that can be used, where some are out of use."""
        for begin, until, number in self._out:
            low, high = max(begin, start_s), min(until, end_s)
            if low < high and self._most_at_once(low, high) >= self._number - number:
                return False
        return True

    def _most_at_once(self, low: int, high: int) -> int:
        """Loads at once, at most, in [low, high)."""
        there = [one for line in self._lines for one in line.spans if one[0] < high and low < one[1]]
        begins = {low, *(begin for begin, _ in there if begin > low)}
        return max(sum(begin <= moment < end for begin, end in there) for moment in begins)

    def occupy(self, dock: int, timing: Timing) -> None:
        """Load a trip at a dock."""
        if timing.depart_s > timing.load_start_s:
            self.keep(dock, timing.load_start_s, timing.loaded_s)

    def keep(self, dock: int, start_s: int, end_s: int) -> None:
        """Enter a load that is given, also at a dock that is no longer there, or together with another."""
        self._lines += [Line() for _ in range(dock + 1 - len(self._lines))]
        self._lines[dock].occupy(start_s, end_s)

    def release(self, dock: int, start_s: int, end_s: int) -> None:
        """Take a load out again."""
        self._lines[dock].busy.remove((start_s, end_s))

    @property
    def in_use(self) -> list[Interval]:
        """When docks that are there are in use, each dock by itself: at most so many at once as there are."""
        return [span for line in self._lines[: self._number] for span in line.spans]

    @property
    def ends(self) -> set[int]:
        """Moments at which a loading ends, or docks can be used again."""
        ends = {end for line in self._lines for _, end in line.busy}
        return ends.union(until for _, until, _ in self._out)


class Stock:
    """What is left of an item at a place while trips are loaded.

    Parameters
    ----------
    moments, amounts
        When some of it comes, rising, and how much has come in all from each of these on; the first is 0.
    sure
        How much of that can be counted on; None: all.
    """

    def __init__(
        self, moments: Sequence[int], amounts: Sequence[int], sure: Sequence[int] | None = None
    ) -> None:
        self.moments = list(moments)
        self._left = list(amounts)
        self._sure = None if sure is None else list(sure)
        self._counted = [0] * len(self.moments)  # how often something is loaded that is promised
        self._loads: list[tuple[int, int]] = []

    def copy(self) -> Stock:
        """The same, to be used further by itself."""
        found = Stock(self.moments, self._left, self._sure)
        found._counted, found._loads = list(self._counted), list(self._loads)
        return found

    def _position(self, start_s: int) -> int:
        """Position of the last moment until then."""
        return max(0, bisect_right(self.moments, start_s) - 1)

    def allows(self, need: int, start_s: int, *, promised: bool = True) -> bool:
        """Whether so much may be loaded from a moment on: there is enough for what is loaded later, too."""
        position = self._position(start_s)
        if need > min(self._left[position:]):
            return False
        if self._sure is None:
            return True
        counted = (
            left
            for at, left in enumerate(self._sure[position:], start=position)
            if self._counted[at] or (promised and at == position)
        )
        return all(need <= left for left in counted)

    def take(self, need: int, start_s: int, *, promised: bool = True, times: int = 1) -> None:
        """Load so much from a moment on.

        Parameters
        ----------
        need, start_s
            How much, and from when on it is gone, in seconds.
        promised
            Whether it must be possible to count on it.
        times
            With -1 that load is taken out again.
        """
        position = self._position(start_s)
        for left in (self._left, self._sure or []):
            for at in range(position, len(left)):
                left[at] -= times * need
        self._counted[position] += times if promised and need > 0 else 0
        if times > 0:
            self._loads.append((start_s, need))
        else:
            self._loads.remove((start_s, need))

    def bring(self, moment_s: int, quantity: int) -> None:
        """Enter what comes besides; only where all can be counted on."""
        assert self._sure is None
        position = self._position(moment_s)
        if self.moments[position] != moment_s:
            until_s = self.moments[position + 1] if position + 1 < len(self.moments) else math.inf
            later = sum(need for start_s, need in self._loads if moment_s <= start_s < until_s)
            self.moments.insert(position + 1, moment_s)
            self._left.insert(position, self._left[position] + later)
            self._counted.insert(position, self._counted[position])
            position += 1
        for at in range(position, len(self._left)):
            self._left[at] += quantity

    def earliest(self, need: int, from_s: int = 0, *, promised: bool = True) -> int | None:
        """First moment, from one on, from which so much may be loaded; None: never."""
        moments = (from_s, *(moment for moment in self.moments if moment > from_s))
        return next((one for one in moments if self.allows(need, one, promised=promised)), None)

    def levels(self, horizon_s: int) -> list[Interval]:
        """Until when how much more may be loaded in all."""
        return list(zip((*self.moments[1:], horizon_s), self._left, strict=True))

    def spare(self) -> list[Interval]:
        """From when how much more can be given away."""
        found, given = [], 0
        for moment, left in zip(self.moments, self._left, strict=True):
            if left > given:
                found.append((moment, left - given))
                given = left
        return found


class Room:
    """What lies at a hub: each stay from its unloading until it is loaded.

    Parameters
    ----------
    room_cm3
        Most that may lie there.
    """

    def __init__(self, room_cm3: int) -> None:
        self.room_cm3 = room_cm3
        self._changes: dict[int, int] = {}

    def take(self, from_s: int, until_s: int, volume_cm3: int) -> None:
        """Enter so much; a negative volume takes it out again."""
        self._changes[from_s] = self._changes.get(from_s, 0) + volume_cm3
        self._changes[until_s] = self._changes.get(until_s, 0) - volume_cm3

    def levels(self) -> list[tuple[int, int]]:
        """How much lies there, from each moment on at which that changes."""
        found, lies_cm3 = [], 0
        for moment in sorted(self._changes):
            lies_cm3 += self._changes[moment]
            found.append((moment, lies_cm3))
        return found

    def most(self, from_s: int, until_s: int) -> int:
        """Most that lies there at once in a time."""
        most, last = 0, 0
        for moment, lies_cm3 in self.levels():
            if moment >= until_s:
                break
            last = lies_cm3
            most = max(most, last) if moment > from_s else last
        return most

    def overfull(self) -> int | None:
        """First moment at which more lies there than there is room for; None: never."""
        return next((moment for moment, lies_cm3 in self.levels() if lies_cm3 > self.room_cm3), None)


@dataclass(frozen=True, slots=True)
class Claim:
    """What a trip takes of everything; all offsets from its start stay when it is moved.

    Parameters
    ----------
    vehicle, start_s, end_s
        Whose time it takes: [start_s, end_s).
    work, work_s
        (local day, seconds) of working time, and what a day allows; None: any.
    gone
        Whether its vehicle does not come back.
    place, loaded_s, dock
        Where it keeps a dock from its start on, and until when (no later than the start: it keeps none); the
        dock that it wishes for.
    goods
        (stock, amount) that it loads.
    """

    vehicle: Hashable
    start_s: int
    end_s: int
    work: tuple[tuple[int, int], ...] = ()
    work_s: int | None = None
    gone: bool = False
    place: Hashable = None
    loaded_s: int = 0
    dock: int | None = None
    goods: tuple[tuple[Hashable, int], ...] = ()


class Ledger:
    """All accounts of a problem, a replan, or the routes of people, by names that these choose.

    Parameters
    ----------
    lines, docks, stock
        Of vehicles, of places where trips begin, and of items there.
    """

    def __init__(
        self,
        lines: Mapping[Any, Line] | None = None,
        docks: Mapping[Any, Docks] | None = None,
        stock: Mapping[Any, Stock] | None = None,
    ) -> None:
        self.lines: dict[Any, Line] = dict(lines or {})
        self.docks: dict[Any, Docks] = dict(docks or {})
        self.stock: dict[Any, Stock] = dict(stock or {})

    def copy(self) -> Ledger:
        """The same, to be used further by itself."""
        return Ledger(
            {name: one.copy() for name, one in self.lines.items()},
            {name: one.copy() for name, one in self.docks.items()},
            {name: one.copy() for name, one in self.stock.items()},
        )

    def line(self, vehicle: Hashable) -> Line:
        """The line of a vehicle; a new one where it has none."""
        return self.lines.get(vehicle) or self.lines.setdefault(vehicle, Line())

    def why_not(self, claim: Claim) -> Refusal | None:
        """What refuses a trip, the vehicle first; None: nothing does."""
        line = self.line(claim.vehicle)
        if line.gone:
            return Refusal(Resource.VEHICLE, claim.vehicle, None)
        if not line.free(claim.start_s, claim.end_s):
            return Refusal(Resource.VEHICLE, claim.vehicle, line.free_from(claim.start_s, claim.end_s))
        if not line.has_work_room(claim.work, claim.work_s):
            return Refusal(Resource.WORK, claim.vehicle, None)
        for name, need in claim.goods:
            if not self.stock[name].allows(need, claim.start_s):
                return Refusal(Resource.STOCK, name, self.stock[name].earliest(need, claim.start_s))
        if claim.loaded_s > claim.start_s:
            docks = self.docks[claim.place]
            if docks.first_free(claim.start_s, claim.loaded_s) is None:
                until_s = docks.free_from(claim.start_s, claim.loaded_s)
                return Refusal(Resource.DOCK, claim.place, until_s)
        return None

    def earliest(self, at: Callable[[int], Claim | None], moments: Iterable[int]) -> Claim | None:
        """The first of some moments at which nothing refuses a trip.

        Parameters
        ----------
        at
            What it takes when it starts then, in seconds; None: it cannot. Later ones end no sooner.
        moments
            In seconds. Where the trip is the same whenever it starts, the first moment allowed and those at
            which its vehicle or a dock gets free or something comes are enough.
        """
        after_s = 0
        for moment in sorted(moments):
            if moment < after_s or (claim := at(moment)) is None:
                continue
            refusal = self.why_not(claim)
            if refusal is None:
                return claim
            after_s = max(after_s, refusal.until_s or 0)
        return None

    def book(self, claim: Claim) -> int:
        """Enter a trip, also against what refuses it; the number of its dock."""
        line, dock = self.line(claim.vehicle), 0
        line.occupy(claim.start_s, claim.end_s)
        line.works(claim.work, ())
        line.gone = line.gone or claim.gone
        if claim.loaded_s > claim.start_s:
            docks = self.docks[claim.place]
            dock = docks.first_free(claim.start_s, claim.loaded_s, claim.dock) or 0
            docks.keep(dock, claim.start_s, claim.loaded_s)
        for name, need in claim.goods:
            self.stock[name].take(need, claim.start_s)
        return dock

    def release(self, claim: Claim, dock: int) -> None:
        """Take a trip out again that was booked at a dock."""
        line = self.line(claim.vehicle)
        line.busy.remove((claim.start_s, claim.end_s))
        line.works(claim.work, (), -1)
        line.gone = line.gone and not claim.gone
        if claim.loaded_s > claim.start_s:
            self.docks[claim.place].release(dock, claim.start_s, claim.loaded_s)
        for name, need in claim.goods:
            self.stock[name].take(need, claim.start_s, times=-1)
