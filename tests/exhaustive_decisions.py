"""Exhaustive search over tiny worlds in which people have decided something, by a ledger of its own.

Every plan: which villages on which trips in which order, by which vehicle, in every order of loading; each
trip as early as vehicle, dock and hours allow, as early on the second day, or at the moment that is decided
for it. Nothing of the program that plans or judges is used. A plan is legal by the words of docs/decisions.md
and docs/concepts.md; with late legs each set of them is driven by the policy there. All vehicles come home in
their shift: who would not, late as he is, fails.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations, permutations, product
from random import Random

from planner.instance.schema import CalendarRow, Deadline, Decision, DecisionRule, Overnight
from tests.worlds import CALENDARS, DAY, HOUR, road, store, truck, village, world

STORE, SHIFT = (7 * HOUR, 17 * HOUR), (6 * HOUR, 18 * HOUR)
HOURS = {"": [(0, 2 * DAY)], "office": [(8 * HOUR, 12 * HOUR), (13 * HOUR, 16 * HOUR)]}
DATES = ("2024-11-22", "2024-11-23")
DEPARTURES = ("08:00", "10:00", "13:00", "2024-11-22T09:00+08:00", "2024-11-23T09:00+08:00")
KINDS = (
    "use", "never_use vehicle", "never_use place", "day place", "day vehicle", "depart_at place",
    "depart_at vehicle", "together", "leave_out place", "leave_out vehicle",
)  # fmt: skip
PAIRS = list(combinations(KINDS, 2))


@dataclass(frozen=True)
class Planned:
    """A trip with its times: moments of legs and services, in seconds."""

    vehicle: str
    dock: int
    load_s: int
    depart_s: int
    stops: tuple[str, ...]
    legs: tuple[tuple[int, int], ...]
    services: tuple[tuple[int, int], ...]

    @property
    def end_s(self):
        return self.legs[-1][1]


@dataclass
class Rules:
    """What decisions mean for a plan, read from what was drawn and not from their rows."""

    users: list = field(default_factory=list)  # village, vehicles that may bring it something
    days: list = field(default_factory=list)  # (village or vehicle), days
    departures: list = field(default_factory=list)  # (village or vehicle), moments
    bundles: list = field(default_factory=list)
    unused: set = field(default_factory=set)
    without: set = field(default_factory=set)


class DecidedWorld:
    """A random tiny world with decisions of these kinds, where so many legs of each vehicle may be late."""

    def __init__(self, seed, kinds, gamma=0, villages=None, departures=DEPARTURES):
        self.rng = rng = Random(f"decided {seed} {kinds} {gamma}")
        self.kinds, self.gamma, self.departures = kinds, gamma, departures
        self.names = "ABCDEFGH"[: villages or rng.choice((3, 4, 4, 5))]
        self.docks = rng.choice((1, 1, 2))
        self.boxes = {name: rng.randint(1, 2) for name in self.names}
        self.people = {name: rng.randint(1, 5) for name in self.names}
        self.hours = {name: rng.choice(("", "", "office")) for name in self.names}
        limits = (13 * HOUR, 18 * HOUR, DAY + 11 * HOUR, DAY + 15 * HOUR, 2 * DAY - 1, 2 * DAY - 1)
        self.deadline = {name: rng.choice(limits) for name in self.names}
        self.load_fixed_s, self.load_piece_s = rng.choice((600, 1500)), rng.choice((0, 120))
        self.unload_piece_s = rng.choice((0, 60))
        self.types = {"T": 2} if rng.random() < 0.5 else {"T": 1, "S": 1}
        self.room = {kind: rng.choice((4, 5, 6)) for kind in self.types}
        self.price_day = {kind: rng.choice((200_000, 400_000)) for kind in self.types}
        self.price_km = {kind: rng.choice((3000, 5000)) for kind in self.types}
        self.vehicles = [f"{kind}-{n + 1:02d}" for kind, number in self.types.items() for n in range(number)]
        places = ["W", *self.names]
        metres = {frozenset(pair): rng.randint(10, 19) * 1000 for pair in combinations(places, 2)}
        self.way = {pair: (rng.randint(20, 38) * 60, metres[frozenset(pair)]) for pair in _pairs(places)}
        self.delay = {pair: rng.choice((0, 600, 1800)) for pair in self.way}
        self.rules = Rules()
        self.decisions = tuple(
            Decision(id=f"D{at}", rule=DecisionRule(kind.split()[0]), subject=subject, value=value)
            for at, kind in enumerate(kinds, start=1)
            for subject, value in [self._decide(kind)]
        )
        self.instance = self._tables()

    # ------------------------------------------------------------ decisions

    def _decide(self, kind):
        """Subject and value of a decision, which is noted in the rules."""
        rng, rules = self.rng, self.rules
        name, vehicle = rng.choice(self.names), rng.choice(self.vehicles)
        whole_type = rng.random() < 0.4
        some = [one for one in self.vehicles if one[0] == vehicle[0]] if whole_type else [vehicle]
        written = vehicle[0] if whole_type else f"{vehicle[0]}/{int(vehicle[2:])}"
        if kind == "use":
            rules.users.append((name, set(some)))
            return name, written
        if kind == "never_use place":
            rules.users.append((name, set(self.vehicles) - set(some)))
            return (name, written) if rng.random() < 0.5 else (written, name)
        if kind in ("never_use vehicle", "leave_out vehicle", "leave_out place"):
            left = {name} if kind == "leave_out place" else some
            (rules.without if kind == "leave_out place" else rules.unused).update(left)
            return name if kind == "leave_out place" else written, ""
        if kind == "together":
            mine = rng.sample(self.names, 2)
            rules.bundles.append(set(mine))
            return (mine[0], mine[1]) if rng.random() < 0.5 else ("+".join(mine), "")
        about = [name] if kind.endswith("place") else some
        subject = name if kind.endswith("place") else written
        if kind.startswith("day"):
            day = rng.randrange(2)
            rules.days += [(one, day) for one in about]
            return subject, DATES[day]
        chosen = rng.sample(self.departures, rng.randint(1, 2))
        moments = {moment for text in chosen for moment in _moments(text)}
        rules.departures += [(one, moments) for one in about]
        return subject, "+".join(chosen)

    def _tables(self):
        edges = []
        for (here, there), (seconds, metres) in self.way.items():
            if here == "W" or here < there != "W":
                back_s = self.way[there, here][0]
                edges.append(
                    road(
                        f"{here}{there}".lower(), here, there, seconds, back_s, metres,
                        delay_max_s=self.delay[here, there], delay_back_max_s=self.delay[there, here],
                    )
                )  # fmt: skip
        kinds = [
            truck(
                kind, number=number, mass_kg=10 * self.room[kind], calendar="shift", overnight=Overnight.HOME,
                load_fixed_s=self.load_fixed_s, load_piece_s=self.load_piece_s,
                unload_piece_s=self.unload_piece_s, price_day=self.price_day[kind],
                price_km=self.price_km[kind],
            )
            for kind, number in self.types.items()
        ]  # fmt: skip
        return world(
            [
                village(name, self.boxes[name], self.people[name], calendar=self.hours[name])
                for name in self.names
            ],
            kinds,
            edges,
            horizon_s=2 * DAY,
            deadlines=tuple(Deadline(place=name, deadline_s=end) for name, end in self.deadline.items()),
            warehouses=(store(docks=self.docks, calendar="store"),),
            calendars=(*CALENDARS, CalendarRow(calendar="store", opens_s=STORE[0], closes_s=STORE[1])),
            decisions=self.decisions,
        )

    # ------------------------------------------------------------ one trip

    def trip(self, vehicle, dock, stops, start_s):
        """A trip that begins to load at a moment; None where hours, shift or a decision forbid it."""
        day = start_s // DAY
        home_s, load_s = day * DAY + SHIFT[1], self._load_s(stops)
        depart_s = start_s + load_s
        if not (day * DAY + STORE[0] <= start_s and depart_s <= day * DAY + STORE[1]):
            return None
        now, here, legs, services = depart_s, "W", [], []
        for there in (*stops, "W"):
            legs.append((now, now + self.way[here, there][0]))
            now, here = legs[-1][1], there
            if there != "W":
                begin_s = self._begin_s(there, now, day)
                if begin_s is None:
                    return None
                now = begin_s + self._service_s(there)
                services.append((begin_s, now))
        found = Planned(vehicle, dock, start_s, depart_s, tuple(stops), tuple(legs), tuple(services))
        return found if now <= home_s and self.allows(found) else None

    def _load_s(self, stops):
        return self.load_fixed_s + self.load_piece_s * sum(self.boxes[one] for one in stops)

    def _service_s(self, name):
        return 600 + self.unload_piece_s * self.boxes[name]

    def _begin_s(self, name, now, day):
        """When a service begins of who comes at a moment; None: no more on this day."""
        lasts = self._service_s(name)
        for opens, closes in HOURS[self.hours[name]]:
            ends = day * DAY + closes if self.hours[name] else 2 * DAY
            begin_s = max(now, day * DAY + opens)
            if begin_s + lasts <= ends:
                return begin_s
        return None

    def allows(self, trip):
        """Whether a trip keeps all decisions."""
        rules, stops = self.rules, set(trip.stops)
        if trip.vehicle in rules.unused or stops & rules.without:
            return False
        for bundle in rules.bundles:
            wanted = bundle - rules.without
            if stops & wanted and not wanted <= stops:
                return False
        if any(name in stops and trip.vehicle not in able for name, able in rules.users):
            return False
        services = dict(zip(trip.stops, trip.services, strict=True))
        for about, day in rules.days:
            begin_s, end_s = (
                (trip.load_s, trip.end_s) if about == trip.vehicle else services.get(about, (0, 0))
            )
            named = about == trip.vehicle or about in services
            if named and not day * DAY <= begin_s <= end_s <= (day + 1) * DAY:
                return False
        return not any(
            (about == trip.vehicle or about in stops) and trip.depart_s not in moments
            for about, moments in rules.departures
        )

    # ------------------------------------------------------------ all plans

    @property
    def wanted(self):
        return [name for name in self.names if name not in self.rules.without]

    def best(self):
        """The best plan with its rank: weight undelivered, late, 1 if not all is promised, lateness, cost."""
        self._best = None
        self._orders = [
            order
            for size in range(len(self.wanted), 0, -1)
            for order in permutations(self.wanted, size)
            if any(self._can_drive(vehicle, order) for vehicle in self.vehicles)
        ]
        able = {name for order in self._orders for name in order}
        self._floor = sum(self.people[name] for name in self.wanted if name not in able)
        self._search(frozenset(self.wanted), (), dict.fromkeys(self.vehicles, 0), (0,) * self.docks, 0)
        return self._best

    def rank(self, plan):
        """How good a plan is, in the order of the objective; whether all is promised as one figure."""
        ends = {name: end for trip in plan for name, (_, end) in zip(trip.stops, trip.services, strict=True)}
        missing = sum(self.people[name] for name in self.wanted if name not in ends)
        late = {
            name: end - self.deadline[name] + 1 for name, end in ends.items() if end >= self.deadline[name]
        }
        weight = sum(self.people[name] for name in late)
        unsure = int(bool(self.gamma) and not (missing or weight) and not self.withstands(plan))
        over = sum(self.people[name] * seconds for name, seconds in late.items())
        return missing, weight, unsure, over, self.cost(plan)

    def cost(self, plan):
        """Price of days and kilometres; nothing else has one."""
        days = {(trip.vehicle, trip.load_s // DAY) for trip in plan}
        total = sum(self.price_day[vehicle[0]] for vehicle, _ in days)
        for trip in plan:
            nodes = ["W", *trip.stops, "W"]
            metres = sum(self.way[leg][1] for leg in zip(nodes, nodes[1:], strict=False))
            total += (self.price_km[trip.vehicle[0]] * metres + 500) // 1000
        return total

    def _search(self, left, plan, free, docks, since_s):
        known = self._best
        if known is None or not self._hopeless(plan, known):
            rank = self.rank(plan)
            if known is None or rank < known[0]:
                self._best = rank, plan
        if not left or self._hopeless(plan, self._best):
            return
        dock = docks.index(min(docks))
        for stops in self._orders:
            if not left.issuperset(stops):
                continue
            tried = set()
            for vehicle in self.vehicles:
                alike = vehicle[0], free[vehicle], self._named(vehicle)
                if sum(self.boxes[one] for one in stops) > self.room[vehicle[0]] or alike in tried:
                    continue
                tried.add(alike)
                ready_s = max(free[vehicle], docks[dock], since_s)
                for start_s in self._starts(vehicle, stops, ready_s):
                    trip = self.trip(vehicle, dock + 1, stops, start_s)
                    if trip is not None:
                        busy = [*docks]
                        busy[dock] = trip.depart_s
                        now = free | {vehicle: trip.end_s}
                        self._search(left - {*stops}, (*plan, trip), now, tuple(busy), start_s)

    def _hopeless(self, plan, known):
        """Whether nothing that is added to a plan can make it better than the best one, which brings most."""
        (missing, weight, unsure, over, cost), _ = known
        _, late, _, later, dear = self._nominal(plan)
        return missing == self._floor and (late, 0, later, dear) >= (weight, unsure, over, cost)

    def _nominal(self, plan):
        gamma, self.gamma = self.gamma, 0
        found = self.rank(plan)
        self.gamma = gamma
        return found

    def _can_drive(self, vehicle, stops):
        """Whether a vehicle can make a trip at all."""
        if sum(self.boxes[one] for one in stops) > self.room[vehicle[0]]:
            return False
        return any(self.trip(vehicle, 1, stops, start_s) for start_s in self._starts(vehicle, stops, 0))

    def _named(self, vehicle):
        """What is decided of a vehicle: others of which the same is decided are like it."""
        rules = self.rules
        return (
            vehicle in rules.unused,
            tuple(vehicle in able for _, able in rules.users),
            tuple(vehicle == about for about, _ in (*rules.days, *rules.departures)),
        )

    def _starts(self, vehicle, stops, ready_s):
        """Moments at which a trip may begin to load: on each day as early as can be, or so as is decided."""
        sets = [moments for about, moments in self.rules.departures if about == vehicle or about in stops]
        if sets:
            moments = set.intersection(*sets)
            return [
                one - self._load_s(stops) for one in sorted(moments) if one - self._load_s(stops) >= ready_s
            ]
        found = [max(ready_s, day * DAY + STORE[0]) for day in (0, 1)]
        return [start_s for day, start_s in enumerate(found) if start_s // DAY == day]

    # ------------------------------------------------------------ late legs

    def withstands(self, plan):
        """Whether everybody is on time, and every vehicle home, in each largest set of late legs."""
        legs = {}
        for number, trip in enumerate(plan):
            legs.setdefault(trip.vehicle, []).extend((number, leg) for leg in range(len(trip.legs)))
        choices = [list(combinations(own, min(self.gamma, len(own)))) for own in legs.values()]
        return all(self._holds(plan, {one for part in parts for one in part}) for parts in product(*choices))

    def _holds(self, plan, late):
        free, docks = {}, {}
        for number, trip in sorted(enumerate(plan), key=lambda one: one[1].load_s):
            day, now = (
                trip.load_s // DAY,
                max(trip.load_s, free.get(trip.vehicle, 0), docks.get(trip.dock, 0)),
            )
            load_s = trip.depart_s - trip.load_s
            if now + load_s > day * DAY + STORE[1]:
                return (
                    False  # he loads on another day, and is not home in the shift in which he planned to be
                )
            docks[trip.dock] = now = now + load_s
            nodes = ["W", *trip.stops, "W"]
            for leg, (here, there) in enumerate(zip(nodes, nodes[1:], strict=False)):
                now = max(now, trip.legs[leg][0]) + self.way[here, there][0]
                now += self.delay[here, there] if (number, leg) in late else 0
                if there != "W":
                    begin_s = self._begin_s(there, max(now, trip.services[leg][0]), day)
                    if begin_s is None or begin_s + self._service_s(there) >= self.deadline[there]:
                        return False
                    now = begin_s + self._service_s(there)
            if now > day * DAY + SHIFT[1]:
                return False
            free[trip.vehicle] = now
        return True

    # ------------------------------------------------------------ plans of the program

    def as_planned(self, plan):
        """The trips of a plan of the program."""
        return [
            Planned(
                one.vehicle_id, one.dock, one.load_start_s, one.depart_s,
                tuple(stop.node_id for stop in one.stops),
                tuple((leg.depart_s, leg.arrive_s) for leg in (*(stop.leg for stop in one.stops), one.back)),
                tuple((stop.start_s, stop.end_s) for stop in one.stops),
            )
            for one in plan.trips
        ]  # fmt: skip

    def is_legal(self, plan):
        """Whether a plan keeps hours, room, docks and decisions by this ledger; each village once at most."""
        uses, goods = {}, []
        for trip in plan:
            goods += trip.stops
            if sum(self.boxes[one] for one in trip.stops) > self.room[trip.vehicle[0]]:
                return False
            if self.trip(trip.vehicle, trip.dock, trip.stops, trip.load_s) != trip:
                return False
            uses.setdefault(trip.vehicle, []).append((trip.load_s, trip.end_s))
            uses.setdefault(trip.dock, []).append((trip.load_s, trip.depart_s))
        apart = all(
            one[1] <= other[0] for mine in uses.values() for one, other in _next(sorted(mine))
        )  # nothing at once
        return apart and len(goods) == len(set(goods)) and all(trip.dock <= self.docks for trip in plan)


def _next(mine):
    return zip(mine, mine[1:], strict=False)


def _pairs(places):
    return [(one, other) for one in places for other in places if one != other]


def _moments(text):
    """Moments of an hour on both days, or the one moment that is written in full."""
    if "T" in text:
        day = DATES.index(text[:10])
        return [day * DAY + _clock_s(text[11:16])]
    return [day * DAY + _clock_s(text) for day in (0, 1)]


def _clock_s(text):
    hours, minutes = text.split(":")
    return 3600 * int(hours) + 60 * int(minutes)


def drawn(number):
    """The world of a number: decisions of one kind, then pairs, with no late legs or with one."""
    gamma = 1 if number % 4 == 3 else 0
    kinds = (KINDS[number % len(KINDS)],) if number % 5 == 0 else PAIRS[number * 7 % len(PAIRS)]
    return DecidedWorld(number, kinds, gamma)
