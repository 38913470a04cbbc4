"""Exhaustive search over tiny worlds with edges that have hours, and with ways round.

Every division of the goods into trips, every order, every way of each leg, and every day on which a trip may
begin. It is driven step by step (of half an hour, of which all times are multiples) by the plain meaning of
the rules and of the policy in docs/concepts.md, once as planned and once for each set of late legs; nothing
of the program is used. Trips begin as soon as they may: without paid waiting nothing is later or dearer then,
in any set of late legs.
"""

from dataclasses import dataclass
from functools import cache
from itertools import combinations, product
from random import Random

from exhaustive_late import all_lines
from late_legs import CLOCK, DAY, HOUR, STEP

from planner.instance.schema import (
    CalendarRow,
    Chain,
    Closure,
    Deadline,
    Edge,
    Instance,
    Item,
    Mode,
    Overnight,
    Region,
    Settings,
    VehicleType,
    Warehouse,
    WindowRule,
)

__all__ = ["Answer", "HoursWorld"]

BOX_KG, DAYS, NEVER = 10, 4, 10**9
SHIFT = (6 * HOUR, 18 * HOUR)
HOURS = {"tide": [(7, 10), (14, 17)], "ferry": [(8, 8.5), (11, 11.5), (15, 15.5)], "night": [(6, 12)]}


@dataclass(frozen=True, order=True)
class Answer:
    """The best that there is: fewest late as planned, then fewest not promised, then least cost."""

    late: int
    unpromised: int
    cost: int


@dataclass(frozen=True)
class Leg:
    """A way between two places: its edges, each with its direction."""

    edges: tuple
    time_s: int
    length_m: int


class HoursWorld:
    """A random world of two or three villages, by a seed; `gamma` legs of each vehicle may be late."""

    def __init__(self, seed):
        self.rng = rng = Random(f"hours {seed}")
        self.gamma = rng.choice((0, 1, 1, 2))
        self.goods = "AB" if rng.random() < 0.4 else "ABC"
        self.kind = self._kind()
        places = ("W", *self.goods)
        pairs = [("W", one) for one in self.goods] + list(zip(self.goods, self.goods[1:], strict=False))
        self.edges = [self._edge(number, *pair) for number, pair in enumerate(pairs)]
        for number in range(rng.randint(1, 2)):  # a way round
            here, there = rng.choice(pairs)
            self.edges.append(self._edge(len(pairs) + number, here, there, hours=False, longer=3))
        self.closures = []
        if rng.random() < 0.5:
            begin = rng.randint(6, 30) * HOUR
            self.closures = [
                Closure(
                    id="x",
                    edge=rng.choice(self.edges).id,
                    from_s=begin,
                    until_s=begin + rng.randint(2, 16) * HOUR,
                )
            ]
        self.limits = {one: rng.choice((12, 18, 34, 36, 42, 60)) * HOUR for one in self.goods}
        self.instance = self._instance()
        self.ways = {
            (here, there): self._ways(here, there) for here in places for there in places if here != there
        }

    def _kind(self):
        rng = self.rng
        return VehicleType(
            id="T", name="T", warehouse="W", number=rng.randint(1, 2), modes=(Mode.ROAD,),
            mass_kg=BOX_KG * rng.randint(1, 3), volume_dm3=1000, load_fixed_s=STEP, calendar="shift",
            overnight=rng.choice(list(Overnight)), gamma=self.gamma, price_km=1,
            price_vehicle=rng.choice((0, 1000)), price_trip=rng.choice((0, 10_000)),
        )  # fmt: skip

    def _edge(self, number, here, there, *, hours=True, longer=1):
        rng = self.rng
        return Edge(
            id=f"e{number}", from_node=here, to_node=there, mode=Mode.ROAD,
            length_m=1000 * rng.randint(20, 60) * longer,
            time_s=(rng.randint(2, 5) + longer - 1) * STEP,
            time_back_s=(rng.randint(2, 5) + longer - 1) * STEP,
            delay_max_s=rng.randrange(4) * STEP, delay_back_max_s=rng.randrange(4) * STEP,
            calendar=rng.choice(("", "tide", "ferry", "night")) if hours else "",
        )  # fmt: skip

    def _instance(self):
        hours = HOURS | {"shift": [(6, 18)]}
        return Instance(
            settings=Settings(
                name="hours", clock=CLOCK, horizon_s=DAYS * DAY, deadline_s=DAYS * DAY, counts=("boxes",),
                unit="boxes", weight="boxes", chain=Chain.NONE, currency="IDR",
            ),
            warehouses=(Warehouse(id="W", name="W", lat=0, lon=0, docks=2),),
            regions=tuple(
                Region(
                    id=one, name=one, warehouse="W", lat=0, lon=0, counts={"boxes": 1},
                    handover_s=STEP * self.rng.randint(0, 1),
                )
                for one in self.goods
            ),
            vehicles=(self.kind,),
            items=(Item(id="box", name="Box", per="boxes", mass_g=BOX_KG * 1000, volume_cm3=1),),
            edges=tuple(self.edges),
            closures=tuple(self.closures),
            deadlines=tuple(
                Deadline(place=one, deadline_s=moment + 1) for one, moment in self.limits.items()
            ),
            calendars=tuple(
                CalendarRow(
                    calendar=name, opens_s=int(a * HOUR), closes_s=int(b * HOUR),
                    window=WindowRule.START if name == "ferry" else WindowRule.WHOLE,
                )
                for name, rows in hours.items()
                for a, b in rows
            ),
        )  # fmt: skip

    # ------------------------------------------------------------ ways

    def _has_hours(self, edge):
        return bool(edge.calendar) or any(one.edge == edge.id for one in self.closures)

    def _ways(self, here, there):
        """The way of least time, if that is always open; else every way without a place twice.

        Of ways that are always open only the quickest: a leg takes the way of least time where hours do not
        decide.
        """
        found, stack = [], [((here,), ())]
        while stack:
            places, edges = stack.pop()
            if places[-1] == there:
                time_s = sum(edge.time_s if forward else edge.time_back_s for edge, forward in edges)
                found.append(Leg(edges, time_s, sum(edge.length_m for edge, _ in edges)))
                continue
            for edge in self.edges:
                for begin, end, forward in (
                    (edge.from_node, edge.to_node, True),
                    (edge.to_node, edge.from_node, False),
                ):
                    if begin == places[-1] and end not in places:
                        stack.append(((*places, end), (*edges, (edge, forward))))
        least = min(found, key=lambda one: (one.time_s, one.length_m))
        if not any(self._has_hours(edge) for edge, _ in least.edges):
            return [least]
        free = [one for one in found if not any(self._has_hours(edge) for edge, _ in one.edges)]
        free = sorted(free, key=lambda one: (one.time_s, one.length_m))[:1]
        timed = [one for one in found if any(self._has_hours(edge) for edge, _ in one.edges)]
        return [*free, *timed]

    @cache  # noqa: B019
    def is_open(self, edge, begin, end):
        if not self._has_hours(edge):
            return True
        inside = not edge.calendar
        for a, b in HOURS.get(edge.calendar, ()):
            low, high = (int(moment * HOUR) + begin // DAY * DAY for moment in (a, b))
            inside |= low <= begin < high and (edge.calendar == "ferry" or end <= high)
        return inside and all(
            end <= row.from_s or begin >= row.until_s for row in self.closures if row.edge == edge.id
        )

    @cache  # noqa: B019
    def along(self, way, now, *, late, pauses):
        """(first moment of driving, end) of a way; before an edge that is closed one waits."""
        first = None
        for edge, forward in way.edges:
            seconds = edge.time_s if forward else edge.time_back_s
            seconds += (edge.delay_max_s if forward else edge.delay_back_max_s) if late else 0
            while True:
                if now >= DAYS * DAY:
                    return NEVER, NEVER
                begin, end = driven(now, seconds) if pauses else (now, now + seconds)
                if self.is_open(edge, begin, end):
                    break
                now += STEP
            first, now = begin if first is None else first, end
        return first, now

    @cache  # noqa: B019
    def planned_leg(self, way, now):
        """(departure, arrival) as planned."""
        if self.kind.overnight is Overnight.ANYWHERE:
            return self.along(way, now, late=False, pauses=True)
        start = now
        while start < DAYS * DAY:
            depart, arrive = self.along(way, start, late=False, pauses=False)
            if arrive < NEVER and in_shift(depart, arrive):
                return depart, arrive
            start += STEP
        return NEVER, NEVER

    @cache  # noqa: B019
    def late_leg(self, way, now, planned, *, late):
        """Arrival by the policy of who is at a place at a moment."""
        depart = max(now, planned[0])
        if depart >= NEVER:
            return NEVER
        if not late and depart == planned[0]:
            return planned[1]
        if self.kind.overnight is Overnight.STOP:
            while not in_shift(depart, depart + way.time_s):
                depart += STEP
        return max(planned[1], self.along(way, depart, late=late, pauses=True)[1])

    # ------------------------------------------------------------ plans

    def best(self):
        """The best answer of all plans."""
        best = Answer(len(self.goods) + 1, 0, 0)
        for cost, line in sorted(self._plans(), key=lambda one: one[0]):
            if best < Answer(0, 0, cost):
                break
            for days in product(range(3), repeat=sum(map(len, line))):
                found = self._judged(line, days)
                if found is not None:
                    best = min(best, Answer(*found, cost))
        return best

    def _plans(self):
        """(cost, trips of each vehicle: stops and ways) in every division, order and choice of ways."""
        for lines in all_lines(self.goods, self.kind):
            stops = [[[node for node, _ in trip] for trip in line] for line in lines]
            legs = [[list(zip(("W", *trip), (*trip, "W"), strict=True)) for trip in line] for line in stops]
            flat = [leg for line in legs for trip in line for leg in trip]
            for ways in product(*(self.ways[leg] for leg in flat)):
                left, plan = list(ways), []
                for line in stops:
                    plan.append([(trip, [left.pop(0) for _ in range(len(trip) + 1)]) for trip in line])
                yield self._cost(plan), plan

    def _cost(self, plan):
        trips = [trip for line in plan for trip in line]
        metres = [sum(way.length_m for way in ways) for _, ways in trips]
        return len(plan) * self.kind.price_vehicle + sum(self.kind.price_trip + one // 1000 for one in metres)

    def _judged(self, plan, days):
        """(late as planned, not promised) of a plan whose trips begin on these days; None: it cannot be."""
        left, late, unsure = list(days), set(), set()
        for line in plan:
            mine = [left.pop(0) for _ in line]
            times = self._planned(line, mine)
            if times is None:
                return None
            late |= {
                node for node, moment in self._receipts(line, times).items() if moment > self.limits[node]
            }
            unsure |= self._unsure(line, times)
        return len(late), len(late | unsure)

    def _planned(self, line, days):
        found, free = [], 0
        for (stops, ways), day in zip(line, days, strict=True):
            load = max(free, day * DAY + SHIFT[0])
            while not in_shift(load, load + STEP):
                load += STEP
            if load // DAY > day:
                return None  # it is the same as on a later day
            now, legs, services = load + STEP, [], []
            for node, way in zip((*stops, ""), ways, strict=True):
                legs.append(self.planned_leg(way, now))
                now = legs[-1][1]
                if now >= NEVER:
                    return None
                if node:
                    services.append(self._served(node, now))
                    now = services[-1][1]
            if now > DAYS * DAY or (self.kind.overnight is Overnight.HOME and not in_shift(load, now)):
                return None
            found.append((load, legs, services))
            free = now
        return found

    def _served(self, node, now):
        lasts = self.instance.region_of[node].handover_s
        while not in_shift(now, now + lasts):
            now += STEP
        return now, now + lasts

    def _receipts(self, line, times):
        return {
            node: end
            for (stops, _), (_, _, services) in zip(line, times, strict=True)
            for node, (_, end) in zip(stops, services, strict=True)
        }

    def _unsure(self, line, times):
        """Who of a vehicle's villages is not promised, over all sets of its late legs."""
        numbers = [(trip, leg) for trip, (_, ways) in enumerate(line) for leg in range(len(ways))]
        found = set()
        for late in combinations(numbers, min(self.gamma, len(numbers))):
            found |= self._failing(line, times, frozenset(late))
        return found

    def _failing(self, line, times, late):
        found, free = set(), 0
        for trip, ((stops, ways), (load, legs, services)) in enumerate(zip(line, times, strict=True)):
            now = max(load, free)
            while not in_shift(now, now + STEP):
                now += STEP
            now += STEP
            for leg, (node, way) in enumerate(zip((*stops, ""), ways, strict=True)):
                now = self.late_leg(way, now, legs[leg], late=(trip, leg) in late)
                if now >= NEVER:
                    lost = stops if self.kind.overnight is Overnight.HOME else stops[leg:]
                    return found | set(lost) | {one for rest, _ in line[trip + 1 :] for one in rest}
                if node:
                    begin, end = self._served(node, max(now, services[leg][0]))
                    if end > self.limits[node]:
                        found.add(node)
                    now = end
            home = self.kind.overnight is Overnight.HOME
            if home and now > load // DAY * DAY + SHIFT[1]:
                found |= set(stops)
            free = now
        return found


def in_shift(begin, end):
    day = begin // DAY * DAY
    return day + SHIFT[0] <= begin and end <= day + SHIFT[1] and (begin < day + SHIFT[1] or begin == end)


@cache
def driven(now, seconds):
    """(first moment, end) of driving so long, with pauses between shifts."""
    if seconds == 0:
        return now, now
    first = None
    while seconds > 0:
        if in_shift(now, now + STEP):
            first = now if first is None else first
            seconds -= STEP
        now += STEP
    return first, now
