"""Tiny plans with reports, and exhaustive search over all that can still be done.

Places lie on a grid; a leg lasts ten minutes for each step and ten more, so the direct way is the only
quickest one. One warehouse W; A and B are supplied through the hub H (or straight), C straight. All
arithmetic here is its own: what has begun is followed by the policy of docs/concepts.md, and everything else
is tried: every division into trips, every order, vehicle and sequence, what is left of trips under way in
every order.

Of starts only those matter that are as early as can be, or at which a region receives as early as it may
without a change: any other trip can begin earlier, until it meets one of these, and nobody is worse off.
"""

from dataclasses import dataclass, field, replace
from itertools import combinations, permutations, product
from random import Random

from worlds import BOX, CLOCK, DAY, road

from planner.events.schema import Event, EventKind
from planner.instance.digest import digest
from planner.instance.schema import Chain, Hub, HubKind, Instance, Region, Settings, VehicleType, Warehouse
from planner.plans.model import (
    Component,
    Delivery,
    Leg,
    Plan,
    RegionResult,
    RegionStatus,
    Status,
    Step,
    StepKind,
    Stop,
    StopReason,
    Trip,
)
from tests.replans import settled

STEP = 600
TOLERANCE_S = 1800
FAR = 10**9


@dataclass(frozen=True)
class Goods:
    """One unit on one leg of its way."""

    name: str
    region: str
    origin: str
    node: str


@dataclass
class Drive:
    """A trip with its times: of each leg and, after it, of each service."""

    vehicle: str
    origin: str
    start: int
    depart: int
    stops: list  # node, goods
    legs: list = field(default_factory=list)
    ends: list = field(default_factory=list)

    @property
    def end(self):
        return self.legs[-1][1]


class Tiny:
    """A random instance with a plan in force, a moment and reports.

    Parameters
    ----------
    seed
        Of everything.
    chained
        Whether there is a hub.
    gamma
        Late legs of each vehicle. With 1, loading takes no time: else vehicles would wait for each other at
        docks, where the checker's worst case is only an upper bound.
    """

    def __init__(self, seed, *, chained, gamma):
        self.rng = rng = Random(f"replan {seed} {chained} {gamma}")
        self.chained, self.gamma = chained, gamma
        self.load_s = 0 if gamma else STEP
        self.docks = 1 if gamma else rng.randint(1, 2)
        names = ["W", "H", "A", "B", "C"]
        spots = rng.sample([(x, y) for x in range(4) for y in range(4)], len(names))
        self.at = dict(zip(names, spots, strict=True))
        self.slow = {frozenset(pair): rng.randrange(4) * STEP for pair in combinations(names, 2)}
        self.deadline_s = rng.randint(14, 34) * STEP
        self.number = {"T": rng.randint(1, 2), "V": 1}
        self.room = {"T": rng.randint(1, 3), "V": rng.randint(1, 2)}
        self.weight = {name: rng.randint(1, 3) for name in "ABC"}
        self.instance = self._instance()
        self.drives = self._plan()
        self.plan = self._as_plan()
        self.now = rng.randrange(1, max(one.start for one in self.drives) // STEP + 2) * STEP
        self.events = ()
        for number in range(rng.randint(1, 2)):
            self.events += (self._event(number),)

    # ------------------------------------------------------------ the world

    def time(self, here, there):
        (x, y), (u, v) = self.at[here], self.at[there]
        return (1 + abs(x - u) + abs(y - v)) * STEP

    def delay(self, here, there):
        return self.slow[frozenset((here, there))]

    def _instance(self):
        edges = [
            replace(
                road(f"{a}{b}", a, b, self.time(a, b)),
                delay_max_s=self.delay(a, b),
                delay_back_max_s=self.delay(a, b),
            )
            for a, b in combinations(self.at, 2)
        ]

        def kind(name, home):
            return VehicleType(
                id=name, name=name, warehouse="W", home=home, number=self.number[name],
                modes=(edges[0].mode,), mass_kg=10 * self.room[name], volume_dm3=1000,
                load_fixed_s=self.load_s, gamma=self.gamma,
            )  # fmt: skip

        regions = tuple(
            Region(
                id=name, name=name, warehouse="W", lat=0.0, lon=0.0, handover_s=STEP,
                hub="H" if self.chained and name != "C" else "",
                counts={"boxes": 1, "people": self.weight[name]},
            )
            for name in "ABC"
        )  # fmt: skip
        hub = Hub(
            id="H", name="H", kind=HubKind.OFFICE, lat=0.0, lon=0.0, docks=self.docks, transfer_fixed_s=STEP
        )
        return Instance(
            settings=Settings(
                name="tiny", clock=CLOCK, horizon_s=2 * DAY, deadline_s=self.deadline_s,
                counts=("boxes", "people"), unit="boxes", weight="people", currency="IDR",
                chain=Chain.REQUIRED if self.chained else Chain.NONE,
            ),
            warehouses=(Warehouse(id="W", name="W", lat=0.0, lon=0.0, docks=self.docks),),
            hubs=(hub,),
            regions=regions,
            vehicles=(kind("T", ""), *((kind("V", "H"),) if self.chained else ())),
            items=(BOX,),
            edges=tuple(edges),
        )  # fmt: skip

    def legs_of(self, name, region):
        """The legs of a unit of a region."""
        places = ("W", "H", region) if self.chained and region != "C" else ("W", region)
        return [Goods(name, region, here, there) for here, there in zip(places, places[1:], strict=False)]

    def vehicles(self, origin):
        kind = "T" if origin == "W" else "V"
        return [f"{kind}-{number + 1:02d}" for number in range(self.number[kind])]

    # ------------------------------------------------------------ driving

    def driven(self, vehicle, origin, start, stops):
        """A trip that does everything as early as it can."""
        found = Drive(vehicle, origin, start, start + self.load_s, list(stops))
        now, here = found.depart, origin
        for node, _ in stops:
            found.legs.append((now, now + self.time(here, node)))
            now, here = found.legs[-1][1] + (0 if node == "H" else STEP), node
            found.ends.append(now)
        found.legs.append((now, now + self.time(here, origin)))
        return found

    def _plan(self):
        """A random plan: some division into trips, one after another as early as can be."""
        rng, drives = self.rng, []
        for origin in "WH" if self.chained else "W":
            mine = [
                one for name in "ABC" for one in self.legs_of(f"{name}/main/1", name) if one.origin == origin
            ]
            rng.shuffle(mine)
            room = self.room["T" if origin == "W" else "V"]
            while mine:
                taken = [mine.pop() for _ in range(min(len(mine), rng.randint(1, room)))]
                vehicle, stops = rng.choice(self.vehicles(origin)), stops_of(taken)
                ready = max(self.ready(one, drives) for one in taken)
                start = max(ready, rng.randrange(4) * STEP, self.free(vehicle, drives))
                drives.append(self.driven(vehicle, origin, self.at_dock(origin, start, drives, 0), stops))
        return sorted(drives, key=lambda one: one.start)

    def ready(self, goods, drives):
        """When goods can be loaded."""
        if goods.origin == "W":
            return 0
        for one in drives:
            for (node, held), end in zip(one.stops, one.ends, strict=True):
                if node == "H" and any(other.name == goods.name for other in held):
                    return end + STEP
        return FAR

    def free(self, vehicle, drives):
        return max((one.end for one in drives if one.vehicle == vehicle), default=0)

    def at_dock(self, origin, start, drives, shut_until):
        """The first moment from then on at which a dock is free; one is out of use until a moment."""
        if not self.load_s:
            return start
        moments = sorted({start, shut_until, *(one.depart for one in drives if one.origin == origin)})
        for moment in moments:
            if moment >= start:
                busy = [
                    one
                    for one in drives
                    if one.origin == origin and one.start < moment + self.load_s and moment < one.depart
                ]
                if len(busy) < self.docks - (moment < shut_until):
                    return moment
        return FAR

    def _as_plan(self):
        trips, docks = [], {}
        for number, one in enumerate(self.drives):
            dock = next(d for d in range(1, 9) if docks.get((one.origin, d), 0) <= one.start)
            docks[one.origin, dock] = one.depart
            trips.append(self._trip(f"P{number}", one, dock))
        regions = tuple(
            RegionResult(name, RegionStatus.ON_TIME, self.received(self.drives)[name], self.deadline_s)
            for name in "ABC"
        )
        component = Component("W", Status.ON_TIME, StopReason.COMPLETE, ("A", "B", "C"), 0, None)
        plan = Plan(
            "tiny", digest(self.instance), "0", {}, Status.ON_TIME, 0, "IDR", 0, (component,),
            tuple(trips), regions,
        )  # fmt: skip
        return settled(plan, self.instance)

    def _trip(self, name, one, dock):
        nodes = [one.origin, *(node for node, _ in one.stops), one.origin]
        legs = []
        for (here, there), (depart, arrive) in zip(
            zip(nodes, nodes[1:], strict=False), one.legs, strict=True
        ):
            edge = next(
                (StepKind.FORWARD if row.from_node == here else StepKind.BACK, row.id)
                for row in self.instance.edges
                if {row.from_node, row.to_node} == {here, there}
            )
            legs.append(Leg(here, there, depart, arrive, 10_000, (Step(*edge),)))
        stops = tuple(
            Stop(
                node, leg, leg.arrive_s, end,
                tuple(Delivery(g.name, g.region, "main", 0, 1, 10_000, 10_000, 1) for g in goods),
            )
            for (node, goods), leg, end in zip(one.stops, legs, one.ends, strict=False)
        )  # fmt: skip
        load = sum(len(goods) for _, goods in one.stops)
        return Trip(
            name, one.vehicle, one.vehicle[0], one.origin, dock, one.start, one.depart, stops, legs[-1],
            one.end, 10_000 * load, 10_000 * load, load, 10_000 * len(legs), one.end - one.start, 0,
        )  # fmt: skip

    # ------------------------------------------------------------ reports

    def _event(self, number):
        """A report that can be: drawn until there is one."""
        found = None
        while found is None:
            found = self._drawn(number)
        return found

    def _drawn(self, number):
        rng, now = self.rng, self.now
        kind = rng.choice(("delay", "delay", "vehicle_lost", "vehicle_added", "demand", "damaged", "dock"))
        event = Event(id=f"e{number}", time_s=now, kind=EventKind(kind), subject=("",))
        taken = {name for one in self.events for name in one.subject}
        if kind == "delay":
            legs = [
                (trip.vehicle_id, stop.node_id)
                for trip in self.plan.trips
                for stop in trip.stops
                if stop.leg.depart_s < now < stop.leg.arrive_s
            ]
            if not legs or number:
                return None
            vehicle, node = rng.choice(legs)
            value = str(rng.randint(1, 12) * STEP)
            return replace(event, subject=(vehicle,), value=value, place=node)
        if kind == "vehicle_lost":
            until = rng.choice((None, now + rng.randint(2, 12) * STEP))
            vehicle = rng.choice(self.vehicles(rng.choice("WH" if self.chained else "W")))
            return None if number else replace(event, subject=(vehicle,), until_s=until)
        if kind == "vehicle_added":
            return replace(event, subject=("T",), value="1") if "T" not in taken else None
        if kind == "dock":
            until = now + rng.randint(2, 12) * STEP
            good = self.docks == 2 and not number
            return replace(event, subject=("W",), value="1", until_s=until) if good else None
        return replace(event, subject=(rng.choice("ABC"),), value="1")

    # ------------------------------------------------------------ what plans are worth

    def received(self, drives):
        """When each region has everything it needs; nothing where something is missing."""
        held = {}
        for one in drives:
            for (node, goods), end in zip(one.stops, one.ends, strict=True):
                for good in goods:
                    if node == good.region:
                        held.setdefault(node, {})[good.name] = end
        needs = self.needs()
        return {
            name: max(held[name].values()) if set(held.get(name, ())) >= needs[name] else None
            for name in "ABC"
        }

    def needs(self):
        found = {name: {f"{name}/main/1"} for name in "ABC"}
        for one in getattr(self, "events", ()):
            if one.kind in (EventKind.DEMAND, EventKind.DAMAGED):
                found[one.subject[0]].add(f"{one.subject[0]}/{one.id}/1")
        return found

    def is_changed(self, name, old, new):
        was, now = self.received_of(old)[name], self.received(new)[name]
        if was is None or now is None:
            return was is not now
        return (
            brought_by(old, name) != brought_by(new, name)
            or abs(was - now) > TOLERANCE_S
            or was // DAY != now // DAY
        )

    def received_of(self, old):
        """Receipts of the plan in force, which knew of no reports."""
        return {
            name: max(
                (
                    end
                    for one in old
                    for (node, _), end in zip(one.stops, one.ends, strict=True)
                    if node == name
                )
            )
            for name in "ABC"
        }

    def fails(self, drives):
        """Regions that are late, or go without, for some set of late legs."""
        missing = {name for name, moment in self.received(drives).items() if moment is None}
        if not self.gamma:
            return set()
        return missing.union(
            *(self._late(self.driven_late(drives, set(late))) for late in self._late_sets(drives))
        )

    def _late(self, drives):
        found = self.received(drives)
        return {name for name, moment in found.items() if moment is not None and moment >= self.deadline_s}

    def _late_sets(self, drives):
        """Of each vehicle one leg that has not begun; and what is under way may be late besides."""
        legs, under_way = {}, []
        for idx, one in enumerate(drives):
            for number, (depart, arrive) in enumerate(one.legs):
                if one.start >= self.now or depart >= self.now:
                    legs.setdefault(one.vehicle, []).append((idx, number))
                elif arrive > self.now:
                    under_way.append((idx, number))
        return [(*chosen, *under_way) for chosen in product(*legs.values())] if legs else [tuple(under_way)]

    def driven_late(self, drives, late):
        """The plan driven with late legs: nothing leaves before its planned time."""
        done, free = [], {}
        for idx, one in sorted(enumerate(drives), key=lambda pair: pair[1].start):
            ready = [self.ready(good, done) for _, goods in one.stops for good in goods]
            begun = one.start < self.now
            start = one.start if begun else max(one.start, free.get(one.vehicle, 0), *ready)
            now, new, here = start + self.load_s, replace(one, start=start, legs=[], ends=[]), one.origin
            new.depart = now
            for number, (depart, arrive) in enumerate(one.legs):
                node = one.stops[number][0] if number < len(one.stops) else one.origin
                extra = self.delay(here, node) if (idx, number) in late else 0
                leaves = max(now, depart)
                now = max(arrive, leaves + self.time(here, node) + extra)
                if begun and depart < self.now:  # it is under way, or has been: as told, later if it is late
                    now = arrive + extra if arrive > self.now else arrive
                new.legs.append((leaves, now))
                if number < len(one.stops):
                    now = max(now + (0 if node == "H" else STEP), one.ends[number])
                    new.ends.append(now)
                here = node
            free[one.vehicle] = now
            done.append(new)
        return done

    def score(self, drives, excused):
        """Weight without goods, late, not guaranteed; weighted lateness; weight of changes."""
        received = self.received(drives)

        def weigh(names):
            return sum(self.weight[name] for name in names)

        late = {n: s for n, s in received.items() if s is not None and s >= self.deadline_s}
        return (
            weigh(name for name, moment in received.items() if moment is None),
            weigh(late),
            weigh(self.fails(drives) - excused),
            sum(self.weight[name] * (moment - self.deadline_s) for name, moment in late.items()),
            weigh(name for name in "ABC" if self.is_changed(name, self.drives, drives)),
        )

    # ------------------------------------------------------------ what can still be done

    def best(self):
        """The best score of all that can be done from now on."""
        shifted = self._shifted()
        excused = set()
        if self.gamma and self.fails(shifted):
            excused = self._fail_anyway()
        found = [self.score(shifted, excused)]
        for begun in self._begun():
            _Search(self, begun, excused, found).run()
        return found[0], excused

    def _fail_anyway(self):
        """Regions that are not guaranteed any more though nothing was reported."""
        events, self.events = self.events, ()
        try:
            return self.fails(self.drives)
        finally:
            self.events = events

    def _delayed(self, one):
        """A trip under way as it goes on after the reports."""
        if one.start >= self.now:
            return one
        new, late = replace(one, legs=[], ends=[]), 0
        for number, (depart, arrive) in enumerate(one.legs):
            node = one.stops[number][0] if number < len(one.stops) else one.origin
            leaves = depart + late
            for event in self.events:
                told = event.kind is EventKind.DELAY and event.subject == (one.vehicle,)
                if told and event.place == node and depart < self.now < arrive:
                    late += int(event.value)
            new.legs.append((leaves, arrive + late))
            if number < len(one.stops):
                new.ends.append(one.ends[number] + late)
        return new

    def _begun(self):
        """What has begun, with what is ahead of it in every order."""
        ways = []
        for one in self.drives:
            if one.start < self.now:
                ways.append(list(self._orders(self._delayed(one))))
        for chosen in product(*ways):
            yield list(chosen)

    def _orders(self, one):
        yield one
        done = sum(arrive <= self.now for (_, arrive), _ in zip(one.legs, one.stops, strict=False))
        if len(one.stops) - done < 2:
            return
        here = one.stops[done - 1][0] if done else one.origin
        now = max(self.now, one.ends[done - 1] if done else one.depart)
        kept = one.legs[:done]
        first = None
        if one.legs[done][0] < self.now:  # it finishes the leg that it is on
            first = one.legs[done]
            here, now = one.stops[done][0], first[1]
        for order in permutations(one.stops[done:]):
            if list(order) == one.stops[done:]:
                continue
            new = replace(one, stops=[*one.stops[:done], *order], legs=list(kept), ends=one.ends[:done])
            moment, place = now, here
            for number, (node, _) in enumerate(order):
                leaves = moment
                arrives = moment if place == node else moment + self.time(place, node)
                if number == 0 and first is not None:
                    leaves = first[0]
                new.legs.append((leaves, arrives))
                moment, place = arrives + (0 if node == "H" else STEP), node
                new.ends.append(moment)
            new.legs.append((moment, moment + self.time(place, one.origin)))
            yield new

    def out(self, vehicle):
        """From when until when a vehicle cannot be used."""
        for one in self.events:
            if one.kind is EventKind.VEHICLE_LOST and one.subject == (vehicle,):
                return one.time_s, FAR if one.until_s is None else one.until_s
            added = f"T-{self.number['T'] + 1:02d}"
            if one.kind is EventKind.VEHICLE_ADDED and vehicle == added:
                return 0, one.time_s
        return FAR, FAR

    def fleet(self, origin):
        extra = [f"T-{self.number['T'] + 1:02d}"] * (
            origin == "W" and any(one.kind is EventKind.VEHICLE_ADDED for one in self.events)
        )
        return [*self.vehicles(origin), *extra]

    def shut_until(self, origin):
        return max(
            (one.until_s for one in self.events if one.kind is EventKind.DOCK and one.subject == (origin,)),
            default=0,
        )

    def first_start(self, vehicle, origin, start, stops, drives):
        """The first moment from then on at which a trip can begin."""
        while start < FAR:
            start = self.at_dock(origin, start, drives, self.shut_until(origin))
            if start >= FAR:
                return FAR
            from_s, until_s = self.out(vehicle)
            if start < until_s and self.driven(vehicle, origin, start, stops).end > from_s:
                start = until_s
                continue
            return start
        return FAR

    def _shifted(self):
        """The plan in force, merely shifted; what cannot be driven is left out."""
        drives = [self._delayed(one) for one in self.drives if one.start < self.now]
        for one in self.drives:
            if one.start >= self.now:
                ready = max(self.ready(good, drives) for _, goods in one.stops for good in goods)
                start = max(one.start, ready, self.free(one.vehicle, drives))
                start = self.first_start(one.vehicle, one.origin, start, one.stops, drives)
                if start < FAR:
                    drives.append(self.driven(one.vehicle, one.origin, start, one.stops))
        return drives

    def scored(self, result, excused):
        """The score of a replan, by the program's own plan and its checker's worst case."""
        status = {one.region_id: one for one in result.plan.regions}
        late = {n: one.received_s for n, one in status.items() if one.status is RegionStatus.LATE}
        failed = set(result.verdict.robustness.not_guaranteed) - excused if self.gamma else set()

        def weigh(names):
            return sum(self.weight[name] for name in names)

        return (
            weigh(n for n, one in status.items() if one.status is RegionStatus.UNDELIVERED),
            weigh(late),
            weigh(failed),
            sum(self.weight[name] * (moment - self.deadline_s) for name, moment in late.items()),
            weigh(result.changes.regions),
        )


class _Search:
    """Adds trips in the order in which they begin to load."""

    def __init__(self, tiny, begun, excused, found):
        self.tiny, self.excused, self.found = tiny, excused, found
        held = {(good.name, good.origin) for one in begun for _, goods in one.stops for good in goods}
        legs = [
            good
            for region, names in tiny.needs().items()
            for name in sorted(names)
            for good in tiny.legs_of(name, region)
        ]
        self.legs = [good for good in legs if (good.name, good.origin) not in held]
        self.begun = begun
        self.same_from = {
            name: moment - TOLERANCE_S for name, moment in tiny.received_of(tiny.drives).items()
        }

    def run(self):
        self._go(list(self.begun), frozenset(self.legs), 0)

    def _go(self, drives, left, since):
        score = self.tiny.score(drives, self.excused)
        self.found[0] = min(self.found[0], score)
        for origin in "WH":
            mine = [
                good for good in sorted(left, key=lambda one: one.name)
                if good.origin == origin and self.tiny.ready(good, drives) < FAR
            ]  # fmt: skip
            room = self.tiny.room["T" if origin == "W" else "V"]
            for size in range(1, min(room, len(mine)) + 1):
                for goods in combinations(mine, size):
                    for stops in permutations(stops_of(goods)):
                        for vehicle in self.tiny.fleet(origin):
                            for start in self._starts(vehicle, origin, stops, drives):
                                if start >= since:
                                    new = self.tiny.driven(vehicle, origin, start, stops)
                                    self._go([*drives, new], left.difference(goods), start)

    def _starts(self, vehicle, origin, stops, drives):
        tiny = self.tiny
        ready = max(tiny.ready(good, drives) for _, goods in stops for good in goods)
        first = max(tiny.now, ready, tiny.free(vehicle, drives))
        wished = {first}
        bare = tiny.driven(vehicle, origin, 0, stops)
        for (node, _), end in zip(stops, bare.ends, strict=True):
            if node in self.same_from:
                wished.add(max(first, self.same_from[node] - end))
        found = {tiny.first_start(vehicle, origin, start, stops, drives) for start in wished}
        return sorted(start for start in found if start < DAY)


def stops_of(goods):
    """Goods by where they are handed over."""
    found = {}
    for good in goods:
        found.setdefault(good.node, []).append(good)
    return [(node, tuple(mine)) for node, mine in found.items()]


def brought_by(drives, name):
    """Vehicles that bring a region something."""
    return {one.vehicle for one in drives for node, _ in one.stops if node == name}
