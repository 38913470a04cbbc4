"""Choices one after another, each where it is least late and changes least: what the model starts from."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import NamedTuple

from planner.network.calendars import day_index, days_between
from planner.problem.ledger import Claim
from planner.problem.trip_times import Timing
from planner.replanning.hub_capacity import without_room
from planner.replanning.routes import bundled, together
from planner.replanning.setting import (
    Choice,
    LegId,
    Lot,
    Picked,
    Setting,
    dock_before,
    timing_from,
    vehicle_id,
)
from planner.replanning.value import value_of
from planner.replanning.work_clock import Work

__all__ = ["one_by_one"]

Order = tuple[int, ...]
_BAD_SHARE, _CUT_SHARE = 0.8, 0.4
_NO_LEG: LegId = ("", -1)
_LOOK_US, _RUN_US = 20, 500  # of a place that is looked at; of all that is done once for each order


class _Late(NamedTuple):
    """Weight of what is late as planned, and of what cannot be promised, and by how much that is late."""

    late: int
    unpromised: int
    over_s: int


_ON_TIME = _Late(0, 0, 0)


class _Rank(NamedTuple):
    """How good a place is; smaller is better."""

    late: _Late
    changed: int
    other_vehicle: bool
    cost: int
    start_s: int


def one_by_one(
    setting: Setting, choices: Sequence[Choice], *, work: Work, ends_s: float | None, tries: int, seed: int
) -> list[Picked]:
    """Choices that can be driven together, as good as each can be had when its turn comes.

    Parameters
    ----------
    setting, choices
        What may be chosen.
    work
        How much has been worked; what is done here is entered.
    ends_s, tries
        Until when by that (None: no limit), and how often, other orders are tried where somebody is late.
    seed
        For these.

    Notes
    -----
    Trips under way first, then the trips that were planned, the warehouse's before those from hubs, and goods
    without a trip; then also with these before the trips of their depth. A trip that would be late is also
    tried stop by stop. Other orders: hill climbing, a trip that is late or left out goes to an earlier place
    of its depth, or is divided.
    """
    greedy = _Greedy(setting, choices)
    tasks = list(greedy.tasks())
    best, bad = greedy.run(tasks)
    work.count(greedy.worked_us())
    value = value_of(setting, best)
    random = Random(seed)
    for number in range(tries):
        if not (value.undelivered or value.unpromised) or (ends_s is not None and work.worked_s >= ends_s):
            break
        tried = _moved(tasks, bad, random) if number else _without_trip_first(tasks)
        found, worse = greedy.run(tried)
        work.count(greedy.worked_us())
        now = value_of(setting, found)
        if now <= value:
            best, value, bad, tasks = found, now, worse, tried
    return best


def _without_trip_first(tasks: Sequence[_Task]) -> list[_Task]:
    """The tasks with goods that have no trip, as those that came back, before trips of their depth."""
    return sorted(tasks, key=lambda one: (one.depth, one.planned))


def _moved(tasks: Sequence[_Task], bad: set[LegId], random: Random) -> list[_Task]:
    """The tasks with one, most often a bad one, earlier or in two parts."""
    mine = [idx for idx, one in enumerate(tasks) if any((one.origin_id, leg) in bad for leg in one.order)]
    number = random.choice(mine) if mine and random.random() < _BAD_SHARE else random.randrange(len(tasks))
    found = list(tasks)
    one = found.pop(number)
    first = next(idx for idx, other in enumerate(tasks) if other.depth == one.depth)
    parts = [one]
    if len(one.order) > 1 and random.random() < _CUT_SHARE:
        cut = random.randrange(1, len(one.order))
        parts = [replace(one, order=one.order[:cut]), replace(one, order=one.order[cut:])]
    for part in parts:
        found.insert(random.randint(first, max(first, min(number, len(found)))), part)
    return sorted(found, key=lambda task: task.depth)


@dataclass(frozen=True, slots=True)
class _Task:
    """Goods that are placed together if they can be; those of a smaller depth first."""

    depth: int
    origin_id: str
    order: Order
    planned: bool = True  # as a trip was


class _Greedy:
    def __init__(self, setting: Setting, choices: Sequence[Choice]) -> None:
        self._setting = setting
        self._by_order: dict[tuple[str, Order], list[Choice]] = {}
        self._rests: dict[str, Choice] = {}
        for one in choices:
            if one.rest_of:
                if one.same_as:
                    self._rests[one.rest_of] = one
            else:
                self._by_order.setdefault((one.origin_id, one.order), []).append(one)
        self._largest: dict[str, list[Order]] = {}
        for origin, order in self._by_order:
            self._largest.setdefault(origin, []).append(order)
        for orders in self._largest.values():
            orders.sort(key=len, reverse=True)  # of equal ones the likelier first
        self._ledger = setting.taken.copy()
        self._ready: dict[LegId, int] = {}
        self._lower = {upper: lower for lower, upper in setting.upper.items()}
        self._covered: set[LegId] = set()
        self._found: list[Picked] = []
        self._booked: list[tuple[Claim, int]] = []  # with their docks
        self._bad: set[LegId] = set()
        self._days: dict[Lot, list[int]] = {}  # on which something of it comes
        self._work_us = 0

    def worked_us(self) -> int:
        """What was done since this was asked last, in microseconds that it usually takes."""
        work_us, self._work_us = self._work_us, 0
        return work_us

    def run(self, tasks: Sequence[_Task]) -> tuple[list[Picked], set[LegId]]:
        """Place these one after another; what is chosen, and the legs that are late or left out.

        What has no room at a hub then is left out, and the others are placed again.
        """
        without: set[LegId] = set()
        while True:
            self._run(tasks, without)
            more = without_room(self._setting, self._found) - without
            if not more:
                return self._found, self._bad | without
            without |= more

    def _run(self, tasks: Sequence[_Task], without: Collection[LegId]) -> None:
        self._go_back(0)
        self._bad = set()
        self._work_us += _RUN_US
        for one in self._rests.values():
            self._take(Picked(one, one.timing, one.vehicles[0]))
        for task in tasks:
            done = self._covered.union(without)
            left = tuple(leg for leg in task.order if (task.origin_id, leg) not in done)
            if left:
                self._place(task.origin_id, left)
                self._bad |= {
                    (task.origin_id, leg) for leg in left if (task.origin_id, leg) not in self._covered
                }

    def _depth(self, origin: str) -> int:
        """How many opened legs come before those of a place."""
        depth, seen = 0, set[str]()
        mine = {leg[0] for lower, leg in self._setting.upper.items() if lower[0] == origin}
        while mine and not mine <= seen:
            seen |= mine
            depth += 1
            mine = {leg[0] for lower, leg in self._setting.upper.items() if lower[0] in mine}
        return depth

    def tasks(self) -> Iterator[_Task]:
        """Goods in the order in which they are placed."""
        setting = self._setting
        for origin in sorted(setting.places, key=lambda name: (self._depth(name), name)):
            place, depth = setting.places[origin], self._depth(origin)
            names = {leg.goods.consignment_id: number for number, leg in enumerate(place.legs)}
            planned: set[int] = set()
            for trip in sorted(setting.opened.values(), key=lambda one: (one.load_start_s, one.id)):
                if trip.origin_id == origin:
                    order = tuple(
                        names[goods.consignment_id]
                        for stop in trip.stops
                        for goods in stop.deliveries
                        if goods.consignment_id in names
                    )
                    planned.update(order)
                    if order:
                        yield _Task(depth, origin, order)
            loaded = [number for number, leg in enumerate(place.legs) if not leg.fetched_from]
            for bundle in bundled(place, loaded):
                yield _Task(depth, origin, bundle)
            without, by_node = dict[str, list[int]](), dict[str, list[int]]()
            fetched: dict[str, list[int]] = {}
            for number, leg in enumerate(place.legs):
                if leg.fetched_from:
                    fetched.setdefault(leg.fetched_from, []).append(number)
                else:
                    by_node.setdefault(leg.node_id, []).append(number)
                    if number not in planned:
                        without.setdefault(leg.node_id, []).append(number)
            for mine in (*fetched.values(), *without.values()):
                yield _Task(depth, origin, tuple(mine), planned=False)
            for mine in by_node.values():  # what is left of divided trips
                yield _Task(depth, origin, tuple(mine))

    def _place(self, origin: str, order: Order) -> None:
        """Place goods as one trip, or stop by stop where that is better; what finds no place is left out."""
        whole = self._best(origin, order)
        if whole is not None and whole[0].late == _ON_TIME:
            self._take(whole[1])
            return
        parts = together(self._setting.places[origin], order)
        of_one_place = len(parts) == 1
        if of_one_place:
            parts = self._loads(origin, order)
        if len(parts) == 1:
            if whole is not None:
                self._take(whole[1])
            return
        if whole is not None:  # late: by itself each may be less so
            before = len(self._found)
            rank = self._rank_of_parts(origin, parts)
            compared = 2 if of_one_place else 3  # what goes to one place is not divided for some minutes
            if rank is not None and rank[:compared] < whole[0].late[:compared]:
                return
            self._go_back(before)
            self._take(whole[1])
            return
        for part in parts:
            self._place(origin, part)

    def _loads(self, origin: str, order: Order) -> list[Order]:
        """Goods for one place in several loads, each the largest that there is of what is left."""
        left, found = set(order), []
        for load in self._largest.get(origin, ()):
            if len(load) < len(order) and left.issuperset(load):
                found.append(load)
                left.difference_update(load)
        return [*found, *((position,) for position in order if position in left)]

    def _rank_of_parts(self, origin: str, parts: Sequence[Order]) -> _Late | None:
        late = _ON_TIME
        for part in parts:
            found = self._best(origin, part)
            if found is None:
                return None
            late = _Late(*map(sum, zip(late, found[0].late, strict=True)))
            self._take(found[1])
        return late

    # ---------------------------------------------------------------- one trip

    def _best(self, origin: str, order: Order) -> tuple[_Rank, Picked] | None:
        best: tuple[_Rank, Picked] | None = None
        for one in self._by_order.get((origin, order), ()):
            ready_s = self._ready_s(one)
            if ready_s is None or ready_s > one.high_s:
                continue
            for number in one.vehicles:
                name = vehicle_id(self._setting, one, number)
                for start_s in self._starts(one, name, ready_s):
                    self._work_us += _LOOK_US
                    if best is not None and self._late(one, start_s)[:2] > best[0].late[:2]:
                        break
                    if not self._fits(one, name, start_s):
                        continue
                    rank = self._rank(one, name, start_s)
                    if best is None or rank < best[0]:
                        best = rank, Picked(one, timing_from(self._setting, one, start_s), number)
                    break
        return best

    def _ready_s(self, one: Choice) -> int | None:
        """From when its goods can be loaded; None where some do not come."""
        moment = one.low_s
        for position in one.order:
            leg = (one.origin_id, position)
            if leg in self._setting.upper and not one.fetches:
                if leg not in self._ready:
                    return None
                moment = max(moment, self._ready[leg])
        return moment

    def _starts(self, one: Choice, name: str, ready_s: int) -> list[int]:
        """Starts worth trying: as planned, as soon as can be, and when vehicle or dock get free."""
        old = self._setting.opened.get(one.same_as)
        moments = self._ledger.line(name).ends | self._ledger.docks[one.origin_id].ends
        found = sorted({ready_s, *(moment for moment in moments if ready_s < moment <= one.high_s)})
        first = [] if old is None else [old.load_start_s]
        midnights = self._setting.midnights
        for lot, after_s in self._setting.receipts(one):  # the first that bring it on the day of others
            first += [midnights[day] - after_s for day in self._days_of(lot) or ()]
        return [*(moment for moment in first if ready_s <= moment <= one.high_s), *found]

    def _days_of(self, lot: Lot) -> Collection[int] | None:
        """Days on one of which something of a region's part must come; None: on any."""
        return self._setting.days.get(lot) or self._days.get(lot)

    def _on_its_day(self, one: Choice, start_s: int) -> bool:
        """Whether a choice brings all on the days of the rest."""
        own: dict[Lot, int] = {}
        for lot, after_s in self._setting.receipts(one):
            day = day_index(self._setting.midnights, start_s + after_s)
            days = self._days_of(lot)
            if own.setdefault(lot, day) != day or (days and day not in days):
                return False
        return True

    def _fits(self, one: Choice, name: str, start_s: int) -> bool:
        shift_s = start_s - one.low_s
        if not self._on_its_day(one, start_s):
            return False
        for stop, sure in zip(one.stops, one.timing.sure_s, strict=True):
            hub = self._setting.places[one.origin_id].nodes[stop.region]
            if hub in self._setting.hubs:
                ready_s = sure + shift_s + self._setting.hubs[hub].transfer_s(stop.pieces)
                for position in stop.consignments:
                    by_s = self._setting.by_s.get((one.origin_id, position))
                    if by_s is not None and ready_s > by_s:
                        return False
        return self._ledger.why_not(self._claim(one, name, start_s)) is None

    def _claim(self, one: Choice, name: str, start_s: int) -> Claim:
        """What a choice takes from one of its starts on, by one of its vehicles."""
        kind = self._setting.places[one.origin_id].problem.fleet[one.fleet]
        shift_s, loads = start_s - one.low_s, not one.rest_of and not one.fetches
        return Claim(
            name,
            start_s,
            self._setting.horizon_s if kind.open_end else one.timing.free_s + shift_s,
            () if kind.work_s is None else timing_from(self._setting, one, start_s).work,
            kind.work_s,
            place=one.origin_id,
            loaded_s=one.timing.depart_s + shift_s if loads else start_s,
            dock=dock_before(self._setting, one),
            goods=tuple(self._needs(one)),
        )

    def _needs(self, one: Choice) -> Iterator[tuple[tuple[str, str], int]]:
        """How much it loads of items that are short."""
        if one.fetches or one.rest_of:
            return
        legs = self._setting.places[one.origin_id].legs
        for origin, item in self._ledger.stock:
            if origin == one.origin_id:
                need = sum(legs[position].needs.get(item, 0) for position in one.order)
                if need:
                    yield (origin, item), need

    def _late(self, one: Choice, start_s: int) -> _Late:
        place = self._setting.places[one.origin_id]
        late = unpromised = total = 0
        for position, stop in enumerate(one.stops):
            due_s = place.problem.region_deadlines[stop.region]
            over_s = one.timing.over_s(position, due_s) + start_s - one.low_s
            if over_s > 0:
                names = {place.legs[leg].goods.region_id for leg in stop.consignments}
                mine = sum(
                    self._setting.regions[name].weight for name in names if name in self._setting.regions
                )
                unpromised, total = unpromised + mine, total + mine * over_s
                late += mine if one.timing.services[position][1] + start_s - one.low_s >= due_s else 0
        return _Late(late, unpromised, total)

    def _rank(self, one: Choice, name: str, start_s: int) -> _Rank:
        place = self._setting.places[one.origin_id]
        problem = place.problem
        changed = 0
        for stop, (_, end) in zip(one.stops, one.timing.services, strict=True):
            case = self._setting.regions.get(place.nodes[stop.region])
            if case is not None:
                end_s = end + start_s - one.low_s
                same = name in case.old.vehicles and case.same_from_s <= end_s <= case.same_until_s
                changed += 0 if same else case.weight
        old = self._setting.opened.get(one.same_as)
        kind = problem.fleet[one.fleet]
        days = days_between(problem.midnights, start_s, one.timing.end_s + start_s - one.low_s)
        new_days = sum(day not in self._setting.taken.line(name).days for day in days)
        cost = one.cost + kind.prices.day * new_days
        late = self._late(one, start_s)
        return _Rank(late, changed, old is not None and old.vehicle_id != name, cost, start_s)

    def _take(self, picked: Picked) -> None:
        one, timing = picked.choice, picked.timing
        if self._late(one, timing.load_start_s) != _ON_TIME:
            self._bad.update((one.origin_id, position) for position in one.order)
        claim = self._claim(one, vehicle_id(self._setting, one, picked.vehicle), timing.load_start_s)
        self._booked.append((claim, self._ledger.book(claim)))
        self._covered.update((one.origin_id, position) for position in one.order)
        self._bring(one, timing)
        for lot, after_s in self._setting.receipts(one):
            day = day_index(self._setting.midnights, timing.load_start_s + after_s)
            self._days.setdefault(lot, []).append(day)
        self._found.append(picked)

    def _go_back(self, number: int) -> None:
        """Undo all choices but the first ones."""
        while len(self._found) > number:
            one = self._found.pop().choice
            self._ledger.release(*self._booked.pop())
            for lot, _ in self._setting.receipts(one):
                self._days[lot].pop()
            for position in one.order:
                self._covered.discard((one.origin_id, position))
                self._ready.pop(self._lower.get((one.origin_id, position), _NO_LEG), None)

    def _bring(self, one: Choice, timing: Timing) -> None:
        nodes = self._setting.places[one.origin_id].nodes
        for stop, sure in zip(one.stops, timing.sure_s, strict=True):
            hub = nodes[stop.region]
            if hub in self._setting.hubs:
                ready_s = sure + self._setting.hubs[hub].transfer_s(stop.pieces)
                for position in stop.consignments:
                    lower = self._lower.get((one.origin_id, position))
                    if lower is not None:
                        self._ready[lower] = ready_s
