"""Random plans with hubs, docks and several trips of a vehicle, and what becomes of them when legs are late.

`drive` follows a plan step by step (of half an hour, of which all times are multiples) by the policy in
docs/concepts.md, for one set of late legs; it shares nothing with the checker. With no plan to keep to it
makes the plan.
"""

from dataclasses import dataclass, field, replace
from functools import cache
from itertools import combinations, product
from random import Random
from typing import ClassVar

from planner.base.clock import Clock, parse_instant
from planner.instance.digest import digest
from planner.instance.schema import (
    CalendarRow,
    Chain,
    Closure,
    Deadline,
    Delay,
    Echelon,
    Edge,
    Hub,
    HubKind,
    Instance,
    Item,
    KnownTrip,
    Mode,
    Outage,
    Overnight,
    Region,
    Settings,
    VehicleType,
    Warehouse,
    WindowRule,
)
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

STEP, HOUR, DAY = 1800, 3600, 86_400
CLOCK = Clock(parse_instant("2024-11-22T00:00+08:00"), "Asia/Makassar")
HORIZON = 4 * DAY
KNOWN_DAYS = range(-1, 7)  # hours are known until two days after the horizon
FAR = 10**9  # never
LAST_WORK = 6 * DAY  # from when no day's work is counted any more, so none is done
HOURS = {
    "shift": [(6, 18)],
    "long": [(4, 22)],
    "office": [(8, 12), (13, 17)],
    "tide": [(9, 11)],
    "ferry": [(8, 8.5), (13, 13.5)],
}
START_ONLY = {"tide", "ferry"}
WAYS = {"W": ("H", "C"), "H": ("A", "B", "K"), "K": ("D",)}  # loads at, stops at


@cache
def intervals(calendar, *, start_only=None):
    """Hours of a calendar: all, or only those with (or without) `window = start`."""
    if not calendar:
        return [] if start_only else [(-(10**9), 10**9)]
    if start_only is not None and (calendar in START_ONLY) != start_only:
        return []
    return [
        (day * DAY + int(a * HOUR), day * DAY + int(b * HOUR))
        for day in KNOWN_DAYS
        for a, b in HOURS[calendar]
    ]


@cache
def inside(calendar, start, end, *, start_only=None):
    return start >= FAR or any(a <= start and end <= b for a, b in intervals(calendar, start_only=start_only))


def may_serve(calendar, start, end):
    starts = start >= FAR or any(a <= start < b for a, b in intervals(calendar, start_only=True))
    return starts or inside(calendar, start, end, start_only=False)


@cache
def travel(calendar, now, left, out=(0, 0), worked=0, limit=None):
    """Drive from a moment, pausing between shifts, while out of use and when the day's work is done.

    Gives when it really sets out, the end, and the work of that day.
    """
    if not calendar and out == (0, 0) and limit is None:
        return now, now + left, 0
    begun = None
    while left > 0:
        if now > 8 * DAY or (limit is not None and now >= LAST_WORK):
            return FAR, FAR, 0
        usable = inside(calendar, now, now + STEP) and not (now < out[1] and out[0] < now + STEP)
        if usable and (limit is None or worked < limit):
            begun = now if begun is None else begun
            left -= STEP
            worked += STEP
        now += STEP
        worked = 0 if now % DAY == 0 else worked
    return begun, now, worked


def fits_work(crew, start, lasts, limit):
    """Whether work without a pause keeps within the limit of each day, after what a crew did before."""
    if limit is None or start >= FAR:
        return True
    days = {}
    for moment in range(start, start + lasts, STEP):
        days[moment // DAY] = days.get(moment // DAY, worked_by(crew, moment)) + STEP
    return all(work <= limit for work in days.values()) and start < LAST_WORK


def worked_by(crew, moment):
    """What somebody has worked on the day of a later moment: crew is (moment, work of its day)."""
    return crew[1] if crew[0] // DAY == moment // DAY else 0


@dataclass
class Draft:
    """A trip before it has times: what it brings where."""

    id: str
    vehicle: str
    origin: str
    dock: int
    wish: int
    stops: list[tuple[str, list[str]]]  # node, consignments


@dataclass
class Times:
    """Moments of a trip."""

    load: int
    depart: int
    legs: list[tuple[int, int]] = field(default_factory=list)
    services: list[tuple[int, int]] = field(default_factory=list)
    work: list[int] = field(
        default_factory=list
    )  # of the day, at the end of loading, of each leg and service

    @property
    def end(self):
        return self.legs[-1][1] if len(self.legs) > len(self.services) else self.services[-1][1]


class World:
    """A random instance with its drafts of trips."""

    out: ClassVar = {}  # of a vehicle, or of a place and dock: when it is out of use

    def __init__(self, seed, *, overnight, docks, timed=False, work=False):
        self.rng = rng = Random(f"late {seed} {overnight} {docks} {timed}" + " work" * work)
        self.docks = docks  # each trip its own, each vehicle its own, or shared by all
        self.work = work
        self.kinds = {
            name: self._kind(name, home, overnight) for name, home in (("T", ""), ("V", "H"), ("X", "K"))
        }
        self.edges = {}
        for loads, stops in WAYS.items():
            places = (loads, *stops)
            for here, there in combinations(places, 2):
                self.edges[here, there] = self._edge(here, there, timed)
        self.closures = []
        if timed:
            edge = rng.choice(list(self.edges.values()))
            start = rng.randrange(8, 30) * HOUR
            self.closures = [Closure(id="c", edge=edge.id, from_s=start, until_s=start + 6 * HOUR)]
        self.known = [KnownTrip(id="k", from_node="C", to_node="W", time_s=3 * STEP, distance_m=1)]
        self.delays = [
            Delay(id="all", percent=rng.choice((0, 100)), fixed_s=rng.choice((0, STEP))),
            Delay(id="v", vehicle="V", fixed_s=rng.randrange(4) * STEP),
            Delay(id="sea", mode=Mode.SEA, fixed_s=DAY),
            Delay(id="wet", season="rain", fixed_s=DAY),
            Delay(id="wh", edge=self.edges["W", "H"].id, fixed_s=rng.randrange(5) * STEP),
        ]
        self.instance = self._instance()
        self.drafts = self._drafts()
        self.gammas = {kind.id: kind.gamma for kind in self.kinds.values()}

    def _kind(self, name, home, overnight):
        rng = self.rng
        return VehicleType(
            id=name, name=name, warehouse="W", home=home, number=2, modes=(Mode.ROAD,), mass_kg=1000,
            volume_dm3=1000, load_fixed_s=STEP, calendar=rng.choice(("", "shift", "long")),
            gamma=rng.randint(1, 2),
            overnight=overnight or rng.choice(list(Overnight)), open_end=False,
            work_s=rng.randint(10, 20) * STEP if self.work else None,
            work_late_s=rng.randrange(7) * STEP if self.work else 7200,
        )  # fmt: skip

    def _edge(self, here, there, timed):
        rng = self.rng
        return Edge(
            id=f"{here}{there}".lower(), from_node=here, to_node=there, mode=Mode.ROAD, length_m=1,
            time_s=rng.randint(1, 6) * STEP, time_back_s=rng.randint(1, 6) * STEP,
            delay_max_s=rng.randrange(4) * STEP, delay_back_max_s=rng.randrange(3) * STEP,
            calendar=rng.choice(("", "", "office", "ferry")) if timed else "",
        )  # fmt: skip

    def _instance(self):
        rng = self.rng

        def region(name, hub, units=1):
            return Region(
                id=name, name=name, warehouse="W", hub=hub, lat=0, lon=0, counts={"boxes": units},
                handover_s=STEP, calendar=rng.choice(("", "office", "tide")),
            )  # fmt: skip

        def hub(name, via=""):
            return Hub(
                id=name, name=name, kind=HubKind.OFFICE, lat=0, lon=0, via=via, docks=9,
                transfer_fixed_s=STEP, transfer_piece_s=STEP, calendar=rng.choice(("", "long")),
            )  # fmt: skip

        store = Warehouse(id="W", name="W", lat=0, lon=0, docks=9, calendar=rng.choice(("", "long")))
        limits = [rng.choice((12, 20, 40, 60, 80)) * HOUR for _ in range(3)]
        return Instance(
            settings=Settings(
                name="late", clock=CLOCK, horizon_s=HORIZON, deadline_s=limits[0], counts=("boxes",),
                unit="boxes", weight="boxes", chain=Chain.REQUIRED,
            ),
            warehouses=(store,),
            hubs=(hub("H"), hub("K", "H")),
            regions=(region("A", "H", 2), region("B", "H"), region("C", ""), region("D", "K")),
            vehicles=tuple(self.kinds.values()),
            items=(Item(id="box", name="box", per="boxes", mass_g=1, volume_cm3=1),),
            edges=tuple(self.edges.values()),
            known_trips=tuple(self.known),
            closures=tuple(self.closures),
            delays=tuple(self.delays),
            deadlines=(
                Deadline(place="A", deadline_s=limits[1]),
                Deadline(echelon=Echelon.HUB, place="H", deadline_s=limits[2]),
            ),
            calendars=tuple(
                CalendarRow(
                    calendar=name, opens_s=int(a * HOUR), closes_s=int(b * HOUR),
                    window=WindowRule.START if name in START_ONLY else WindowRule.WHOLE,
                )
                for name, hours in HOURS.items()
                for a, b in hours
            ),
        )  # fmt: skip

    def _drafts(self):
        rng, found = self.rng, []
        for kind, origin, goods in (
            ("T", "W", {"A0": "H", "A1": "H", "B0": "H", "D0": "H", "C0": "C"}),
            ("V", "H", {"A0": "A", "A1": "A", "B0": "B", "D0": "K"}),
            ("X", "K", {"D0": "D"}),
        ):
            trips = [{} for _ in range(min(len(goods), rng.randint(2, 3)))]
            for name, node in goods.items():
                rng.choice(trips).setdefault(node, []).append(name)
            for stops in filter(None, trips):
                number, vehicle = len(found) + 1, rng.randint(1, 2)
                dock = {"own": number, "vehicle": vehicle}.get(self.docks, rng.choice((1, 1, 2)))
                order = rng.sample(sorted(stops), len(stops))
                goods_of = [(node, stops[node]) for node in order]
                wish = rng.randrange(12, 40) * STEP
                found.append(Draft(f"T{number}", f"{kind}-0{vehicle}", origin, dock, wish, goods_of))
        return found

    def with_outages(self, plan):
        """Put vehicles, and all docks of a place, out of use at times when the plan does not use them."""
        rng = self.rng
        uses = {}
        for draft in self.drafts:
            now = plan[draft.id]
            uses.setdefault(draft.vehicle, []).append((now.load, now.end))
            uses.setdefault(draft.origin, []).append((now.load, now.depart))
        rows = []
        for subject, busy in uses.items():
            ends = [end for _, end in busy] + [min(begin for begin, _ in busy) - 4 * STEP]
            begin = max(0, rng.choice(ends) + rng.randrange(3) * STEP)
            until = begin + rng.randint(1, 12) * STEP
            if (
                begin < until
                and all(until <= start or end <= begin for start, end in busy)
                and until < HORIZON
            ):
                number = 9 if subject in WAYS else None
                rows.append(
                    Outage(id=f"o{len(rows)}", subject=subject, from_s=begin, until_s=until, number=number)
                )
                keys = [(subject, dock) for dock in range(1, 10)] if subject in WAYS else [subject]
                self.out = self.out | dict.fromkeys(keys, (begin, until))
        self.instance = replace(self.instance, outages=tuple(rows))
        return bool(rows)

    def meets(self, key, start, end):
        """Whether something would be used while it is out of use."""
        begin, until = self.out.get(key, (0, 0))
        return start < until and begin < end

    def paused(self, vehicle, start, end):
        """When a service ends that stands still while the vehicle is out of use."""
        begin, until = self.out.get(vehicle, (0, 0))
        return end + until - max(begin, start) if end < FAR and start < until and begin < end else end

    # ------------------------------------------------------------ driving

    def steps(self, here, there):
        """Edge or known trip of a leg, and whether forward."""
        if (here, there) == ("C", "W"):
            return self.known[0], True
        return (
            (self.edges[here, there], True)
            if (here, there) in self.edges
            else (self.edges[there, here], False)
        )

    def times(self, kind, here, there):
        """Time and largest delay of a leg, worked out row by row."""
        way, forward = self.steps(here, there)
        time = way.time_s if forward else way.time_back_s
        delays = [0] if isinstance(way, KnownTrip) else [way.delay_max_s if forward else way.delay_back_max_s]
        for row in self.delays:
            if (
                row.id in {"sea", "wet"}
                or (row.id == "v" and kind.id != "V")
                or (row.id == "wh" and way.id != "wh")
            ):
                continue
            delays.append(time * row.percent // 100 + row.fixed_s)
        return time, max(delays)

    def _is_other(self, row, kind, way):
        vehicle, edge = row.id == "v" and kind.id != "V", row.id == "wh" and way.id != "wh"
        return row.id in {"sea", "wet"} or vehicle or edge

    def leg(self, draft, here, there, crew, planned, limit, *, late, stretch=0):
        """Departure and end of a leg for who is there at a moment, and the work of the day at its end.

        Planned are departure and end, and the work of the day at the departure.
        """
        kind, out = self.kinds[draft.vehicle[0]], self.out.get(draft.vehicle, (0, 0))
        if crew[0] >= FAR:
            return FAR, FAR, 0
        time, delay = self.times(kind, here, there)
        depart = max(planned[0], crew[0])
        if kind.overnight is Overnight.STOP and (
            depart > planned[0] or worked_by(crew, depart) > worked_by(planned[2], depart)
        ):
            while not (inside(kind.calendar, depart, depart + time) and fits_work(crew, depart, time, limit)):
                depart += STEP
                if depart > 8 * DAY:
                    return FAR, FAR, 0
        whole, way = time + (delay if late else 0) + stretch * time // 100, self.steps(here, there)[0]
        now = depart
        while True:
            begun, end, worked = travel(kind.calendar, now, whole, out, worked_by(crew, now), limit)
            if end >= FAR or isinstance(way, KnownTrip) or self.is_open(way, begun, end):
                return depart, max(planned[1], end), worked if end >= planned[1] // DAY * DAY else 0
            if now > 9 * DAY:
                return FAR, FAR, 0
            now += STEP

    def is_open(self, edge, start, end):
        shut = any(row.edge == edge.id and start < row.until_s and end > row.from_s for row in self.closures)
        return may_serve(edge.calendar, start, end) and not shut

    def drive(self, plan=None, late=(), *, slip=("", 0), stretch=0):
        """Times of all trips by the policy. Without a plan it is made."""
        done, free, docks, ready = {}, {}, {}, {}
        for draft in self.drafts:
            done[draft.id] = self.drive_trip(draft, plan, late, slip, stretch, (free, docks, ready))
        return done

    def drive_trip(self, draft, plan, late, slip, stretch, state):
        free, docks, ready = state
        kind = self.kinds[draft.vehicle[0]]
        planned = plan[draft.id] if plan else None
        goods = [name for _, names in draft.stops for name in names]
        wish = draft.wish if planned is None else planned.load
        slip_s = slip[1] if slip[0] == draft.id else 0
        crew = free.get(draft.vehicle, (0, 0))
        limit = None
        if kind.work_s is not None:  # who is late may work longer
            limit = kind.work_s if planned is None else kind.work_s + kind.work_late_s
        now = max(
            wish + slip_s,
            crew[0],
            docks.get((draft.origin, draft.dock), 0),
            *(ready.get((name, draft.origin), 0) for name in goods),
        )
        origin = next(
            one for one in (*self.instance.warehouses, *self.instance.hubs) if one.id == draft.origin
        )
        lasts = 0 if planned is None or now <= planned.load else planned.end - planned.load
        while not (
            inside(kind.calendar, now, now + STEP)
            and inside(origin.calendar, now, now + STEP)
            and not self.meets((draft.origin, draft.dock), now, now + STEP)
            and not self.meets(draft.vehicle, now, now + lasts)
            and fits_work(crew, now, STEP, limit)
        ):
            now = now + STEP if now < 8 * DAY else FAR
        times = Times(now, now + STEP)
        crew = self._worked(times, planned, now + STEP, worked_by(crew, now) + STEP, limit)
        docks[draft.origin, draft.dock] = crew[0]
        here = draft.origin
        for number, (node, names) in enumerate([*draft.stops, (draft.origin, [])]):
            wanted = (0, 0, (0, 0))
            if planned:
                before = planned.services[number - 1][1] if number else planned.depart
                wanted = (*planned.legs[number], (before, planned.work[2 * number]))
            found = self.leg(
                draft, here, node, crew, wanted, limit, late=(draft.id, number + 1) in late, stretch=stretch
            )
            times.legs.append(found[:2])
            crew, here = self._worked(times, planned, *found[1:], limit), node
            if names:
                begun, end = self.service(
                    kind, node, crew, planned.services[number][0] if planned else 0, limit
                )
                worked = worked_by(crew, begun) + end - begun
                times.services.append((begun, self.paused(draft.vehicle, begun, end)))
                if times.services[-1][1] != end and end < FAR:  # what is left is worked after the outage
                    until = self.out[draft.vehicle][1]
                    left = times.services[-1][1] - max(until, begun)
                    worked = left if until // DAY != begun // DAY else worked
                crew = self._worked(times, planned, times.services[-1][1], worked, limit)
                for name in names:
                    ready[name, node] = crew[0] + STEP + STEP * len(names)  # its transfer, where it is a hub
        free[draft.vehicle] = crew
        return times

    def _worked(self, times, planned, end, worked, limit):
        """Enter what is worked by then on the day, at least what is planned for the same day."""
        worked = 0 if limit is None or end % DAY == 0 else worked
        if planned:
            ends = [planned.depart]
            for number, leg in enumerate(planned.legs):
                ends += [leg[1], *(one[1] for one in planned.services[number : number + 1])]
            number = len(times.work)
            if ends[number] // DAY == end // DAY:
                worked = max(worked, planned.work[number])
        times.work.append(worked)
        return end, worked

    def service(self, kind, node, crew, planned, limit):
        place = self.instance.region_of.get(node) or next(one for one in self.instance.hubs if one.id == node)
        length = STEP if node in self.instance.region_of else 0
        now = max(crew[0], planned)
        while not (
            inside(kind.calendar, now, now + length)
            and may_serve(place.calendar, now, now + length)
            and fits_work(crew, now, length, limit)
        ):
            now = now + STEP if now < 8 * DAY else FAR
        return now, now + length

    # ------------------------------------------------------------ as the checker sees it

    def plan_of(self, times, options=None):
        """The plan of these times; what the worst case does not ask for is left at 0."""
        trips = tuple(self._trip(draft, times[draft.id]) for draft in self.drafts)
        received = self.received(times)
        regions = tuple(
            RegionResult(one.id, RegionStatus.ON_TIME, received[one.id], self.deadline(one.id))
            for one in self.instance.regions
        )
        component = Component("W", Status.ON_TIME, StopReason.COMPLETE, ("A", "B", "C", "D"), 0, None)
        return Plan(
            "late",
            digest(self.instance),
            "0",
            options or {},
            Status.ON_TIME,
            0,
            "",
            0,
            (component,),
            trips,
            regions,
        )

    def _trip(self, draft, times):
        nodes = [draft.origin, *(node for node, _ in draft.stops), draft.origin]
        legs = []
        for here, there, (depart, arrive) in zip(nodes, nodes[1:], times.legs, strict=False):
            way, forward = self.steps(here, there)
            kind = StepKind.FORWARD if forward else StepKind.BACK
            kind = StepKind.KNOWN if isinstance(way, KnownTrip) else kind
            legs.append(Leg(here, there, depart, arrive, 1, (Step(kind, way.id),)))
        stops = tuple(
            Stop(node, leg, *service, tuple(Delivery(n, n[0], "main", int(n[1]), 1, 1, 1, 1) for n in names))
            for (node, names), leg, service in zip(draft.stops, legs, times.services, strict=False)
        )
        return Trip(
            draft.id, draft.vehicle, draft.vehicle[0], draft.origin, draft.dock, times.load, times.depart,
            stops, legs[-1], times.end, 1, 1, 1, 1, 1, 1,
        )  # fmt: skip

    def deadline(self, region):
        own = [row.deadline_s for row in self.instance.deadlines if row.place == region]
        return own[0] if own else self.instance.settings.deadline_s

    def received(self, times):
        found = {}
        for draft in self.drafts:
            for (node, _), (_, end) in zip(draft.stops, times[draft.id].services, strict=True):
                found[node] = max(end, found.get(node, 0))
        return found

    def late_sets(self):
        """All largest sets of late legs: of each vehicle as many as its type must withstand."""
        legs = {}
        for draft in self.drafts:
            own = legs.setdefault(draft.vehicle, [])
            own += [(draft.id, number + 1) for number in range(len(draft.stops) + 1)]
        choices = [
            list(combinations(own, min(self.gammas[vehicle[0]], len(own)))) for vehicle, own in legs.items()
        ]
        return [frozenset(one for part in parts for one in part) for parts in product(*choices)]

    def fails(self, region, plan, times):
        """Whether a region is not as guaranteed when this happens: late, late at the hub, not home."""
        hub = next((row.deadline_s for row in self.instance.deadlines if row.place == "H"), FAR)
        if self.received(times)[region] >= self.deadline(region):
            return True
        for draft in self.drafts:
            carried = [node for node, names in draft.stops if any(name[0] == region for name in names)]
            if not carried:
                continue
            kind, now, was = self.kinds[draft.vehicle[0]], times[draft.id], plan[draft.id]
            ends = dict(zip((node for node, _ in draft.stops), (e for _, e in now.services), strict=True))
            if "H" in carried and ends["H"] >= hub:
                return True
            if kind.overnight is Overnight.HOME and now.end > self.home_by(kind, was):
                return True
        return False

    def home_by(self, kind, was):
        """When a vehicle must be home: by the end of its next shift, if that is before the horizon."""
        shifts = intervals(kind.calendar)
        own = [b for a, b in shifts if a <= was.load and was.end <= b]
        if not own:
            return -1
        following = [b for a, b in shifts if a >= own[0]]
        return max(own[0], min([*following[:1], HORIZON])) if following else own[0]

    def is_planned(self, plan):
        """Whether who may not pause on a leg does not, and who must be home is."""
        for draft in self.drafts:
            kind, times = self.kinds[draft.vehicle[0]], plan[draft.id]
            if kind.overnight is Overnight.HOME and not inside(kind.calendar, times.load, times.end):
                return False
            legs = zip(self.ways(draft), times.legs, strict=True)
            if kind.overnight is not Overnight.ANYWHERE and any(
                end - depart != self.times(kind, *ends)[0] for ends, (depart, end) in legs
            ):
                return False
        return True

    def ways(self, draft):
        """Both ends of each leg."""
        nodes = [draft.origin, *(node for node, _ in draft.stops), draft.origin]
        return list(zip(nodes, nodes[1:], strict=False))
