"""Tiny random problems by features, made from a seed: the same seed and features give the same problem.

All times are multiples of a step of some minutes (deadlines may be a second more, as in benchmarks), so
that the exhaustive reference of ``tests/kernel_reference.py`` can try every start that may matter. Times are
metric (rounded up to steps) unless the feature `rough` is on. In about a third of the problems something has
to be left out.
"""

from random import Random

import numpy as np

from planner.base.clock import Clock, parse_instant
from planner.instance.schema import Overnight
from planner.network.calendars import Openings
from planner.network.travel import Travel
from planner.problem.consignment import Consignment
from planner.problem.fleet import FleetType, Origin, Prices
from planner.problem.problem import Problem

__all__ = ["FEATURES", "random_features", "random_problem"]

CLOCK = Clock(parse_instant("2024-11-22T00:00+08:00"), "Asia/Makassar")
DAY = 86_400

FEATURES = (
    "windows",  # one opening for each region, from - to
    "openings",  # several openings for each region and day
    "starts_only",  # openings in which only the start must lie
    "not_before",
    "home",  # shifts on several days, with each overnight rule
    "stop",
    "anywhere",
    "breaks",  # two shifts a day
    "origins",
    "types",  # several, each with times, prices and load of its own
    "capacities",  # two or three that matter
    "prices",  # for vehicle, day, trip
    "hours",  # a price for hours
    "limited",  # few vehicles
    "trips",  # small vehicles that load and go again
    "max_trips",
    "loading",  # loading takes time, in opening hours of the origin
    "releases",
    "open_end",
    "max_trip_s",
    "max_trip_m",
    "prizes",
    "same_region",  # several consignments of one region
    "masks",  # regions that a type cannot reach or serve
    "asymmetric",
    "rough",  # no triangle inequality
    "gamma1",
    "gamma2",
)
_DAYS = frozenset({"home", "stop", "anywhere", "breaks"})


def random_features(seed):
    """A few features that go together."""
    rng = Random(f"features {seed}")
    chosen = set(rng.sample(FEATURES, rng.randint(3, 9)))
    nights = [one for one in ("home", "stop", "anywhere") if one in chosen]
    return frozenset(chosen - set(nights[1:]))


def random_problem(features, seed, *, consignments=4):
    """A problem of these features with at most so many consignments."""
    return _Maker(frozenset(features), seed, consignments).problem()


class _Maker:
    def __init__(self, features, seed, consignments):
        self.on = features
        self.rng = Random(f"{sorted(features)} {seed}")
        self.step = self.rng.choice((600, 900, 1800))
        self.tight = self.rng.random() < 0.25
        self.days = self.rng.randint(2, 3) if features & _DAYS else 1
        self.num = self.rng.randint(max(2, consignments - 2), consignments)
        self.num_regions = (
            self.rng.randint(1, max(1, self.num - 1)) if "same_region" in features else self.num
        )
        self.num_origins = 2 if "origins" in features else 1
        self.horizon_s = self.days * DAY
        self.reach = self.rng.choice((3, 6, 9) if self.days > 1 else (2, 4, 6))  # side of the plane, in hours

    def problem(self):
        places = [f"O{one}" for one in range(self.num_origins)]
        places += [f"R{one}" for one in range(self.num_regions)]
        self.points = [(self.rng.uniform(0, self.reach), self.rng.uniform(0, self.reach)) for _ in places]
        not_before, deadline = self.receipts()
        return Problem(
            id="random",
            name="random",
            clock=CLOCK,
            horizon_s=self.horizon_s,
            midnights=tuple(range(0, self.horizon_s + DAY + 1, DAY)),
            places=tuple(places),
            place_names=tuple(places),
            origins=tuple(Origin(docks=9, openings=self.origin_openings()) for _ in range(self.num_origins)),
            region_openings=tuple(self.region_openings() for _ in range(self.num_regions)),
            deadline_s=np.array(deadline, dtype=np.int64),
            not_before_s=np.array(not_before, dtype=np.int64),
            handover_s=np.array(
                [self.steps(0, 2) if self.rng.random() < 0.8 else 0 for _ in range(self.num_regions)],
                dtype=np.int64,
            ),
            weight=np.ones(self.num_regions, dtype=np.int64),
            consignments=tuple(self.consignment(one) for one in range(self.num)),
            fleet=self.fleet(places),
            unserved=frozenset(),
            proofs=(),
        )

    def steps(self, low, high):
        """So many steps, as seconds."""
        return self.step * self.rng.randint(low, high)

    def moment(self, low, high):
        """A moment between two shares of the horizon."""
        return round(self.rng.uniform(low, high) * self.horizon_s / self.step) * self.step

    def hour(self, low, high):
        return round(self.rng.uniform(low, high) * 3600 / self.step) * self.step

    def receipts(self):
        not_before, deadline = [], []
        for _ in range(self.num_regions):
            early = self.moment(0, 0.5) if "not_before" in self.on and self.rng.random() < 0.7 else 0
            late = self.horizon_s + 1
            if self.tight or self.rng.random() < (0.7 if self.on & {"gamma1", "gamma2"} else 0.3):
                late = max(early, self.moment(0.2, 0.6)) + self.steps(1, 8) + self.rng.randint(0, 1)
            not_before.append(early)
            deadline.append(min(late, self.horizon_s + 1))
        return not_before, deadline

    def origin_openings(self):
        if "loading" not in self.on or self.rng.random() < 0.3:
            return Openings(((0, self.horizon_s),))
        return self.daily([(self.hour(5, 9), self.hour(10, 13)), (self.hour(14, 15), self.hour(16, 20))])

    def daily(self, hours, starts_only=False):
        hours = [(begin, end) for begin, end in hours if begin < end]
        all_hours = [
            (day * DAY + begin, min(self.horizon_s, day * DAY + end))
            for day in range(self.days)
            for begin, end in hours
        ]
        return Openings(tuple(all_hours), frozenset(all_hours if starts_only else ()))

    def region_openings(self):
        starts_only = "starts_only" in self.on and self.rng.random() < 0.7
        wide = 2 if self.tight else 6
        more = int(starts_only and self.rng.random() < 0.5)  # closed bounds, as in benchmarks
        if "openings" in self.on:
            first, second = self.hour(4, 9), self.hour(12, 16)
            hours = [
                (first, first + self.steps(1, 2 * wide)),
                (max(second, first + 2 * wide * self.step + 1), second + self.steps(1, 2 * wide)),
            ]
            hours[1] = (-(-hours[1][0] // self.step) * self.step, hours[1][1])
            return self.daily([(begin, end + more) for begin, end in hours], starts_only)
        if "windows" in self.on or starts_only:
            begin = self.moment(0.1, 0.6)
            end = min(self.horizon_s - 1, begin + self.steps(1, 2 * wide) + more)
            end -= 0 if starts_only else end % self.step
            return Openings(((begin, end),), frozenset([(begin, end)] if starts_only else ()))
        return Openings(((0, self.horizon_s),))

    def consignment(self, number):
        region = number if number < self.num_regions else self.rng.randrange(self.num_regions)
        several = "capacities" in self.on
        return Consignment(
            id=f"C{number}",
            region=region,
            part="main",
            first_unit=number,
            units=1,
            mass_g=self.rng.randint(1, 5),
            volume_cm3=self.rng.randint(1, 5) if several else 1,
            pieces=self.rng.randint(1, 3) if several or self.rng.random() < 0.3 else 1,
            release_s=self.moment(0, 0.5) if "releases" in self.on and self.rng.random() < 0.6 else 0,
            prize=self.rng.randint(1, 60) * 1000 if "prizes" in self.on and self.rng.random() < 0.6 else None,
        )

    def fleet(self, places):
        number = self.rng.randint(2, 3) if "types" in self.on else 1
        kinds = [self.kind(f"T{one}", places, one % self.num_origins) for one in range(number)]
        if len(kinds) < self.num_origins:
            kinds.append(self.kind("T9", places, 1))
        return tuple(kinds)

    def overnight(self):
        named = [one for one in ("home", "stop", "anywhere") if one in self.on]
        return Overnight(self.rng.choice(named or ["stop" if self.days > 1 else "home"]))

    def shifts(self):
        if not self.on & _DAYS:
            return Openings(((0, self.horizon_s),))
        if "breaks" in self.on:
            return self.daily([(self.hour(4, 8), self.hour(10, 12)), (self.hour(13, 14), self.hour(16, 20))])
        return self.daily([(self.hour(4, 8), self.hour(12, 20))])

    def kind(self, name, places, origin):
        rng, on = self.rng, self.on
        small = "trips" in on or "max_trips" in on
        loading = "loading" in on or "trips" in on
        few = "limited" in on or small or self.tight
        gamma = next((one for one, flag in ((2, "gamma2"), (1, "gamma1")) if flag in on), 0)
        return FleetType(
            id=name,
            number=rng.randint(1, 2) if few else self.num,
            mass_g=rng.randint(5, 7) if small else rng.randint(6, 15),
            volume_cm3=rng.randint(5, 10) if "capacities" in on else 100,
            pieces=rng.choice((None, rng.randint(3, 6))) if "capacities" in on else None,
            load_fixed_s=self.steps(0, 3) if loading else 0,
            load_piece_s=self.steps(0, 1) if loading else 0,
            unload_piece_s=self.steps(0, 1) if rng.random() < 0.5 else 0,
            shifts=self.shifts(),
            overnight=self.overnight(),
            work_s=None,
            open_end="open_end" in on and rng.random() < 0.7,
            prices=self.prices(),
            travel=self.travel(places, gamma),
            serves=np.array([not ("masks" in on and rng.random() < 0.2) for _ in range(self.num_regions)]),
            origin=origin,
            max_trips=rng.randint(1, 3) if "max_trips" in on else None,
            max_trip_s=self.hour(self.reach, 4 * self.reach) if "max_trip_s" in on else None,
            max_trip_m=rng.randint(self.reach, 4 * self.reach) * 1000 if "max_trip_m" in on else None,
            gamma=0 if gamma == 0 else rng.choice((gamma, gamma, rng.randint(0, gamma))),
        )

    def prices(self):
        rng, paid = self.rng, "prices" in self.on
        return Prices(
            vehicle=rng.choice((0, 20_000)) if paid else 0,
            day=rng.choice((0, 7000)) if paid else 0,
            trip=rng.choice((0, 3000)) if paid else 0,
            km=rng.choice((0, 1000)) if "hours" in self.on else rng.choice((1000, 1700)),
            hour=rng.choice((1000, 2501)) if "hours" in self.on else 0,
        )

    def travel(self, places, gamma):
        rng, count = self.rng, len(places)
        hours = np.array([[np.hypot(a - c, b - d) for c, d in self.points] for a, b in self.points])
        speed = rng.choice((0.5, 1.0)) if "types" in self.on else 1.0
        length = np.ceil(hours * 1000).astype(np.int64)
        if "asymmetric" in self.on:  # upstream is slower: heights keep the triangle inequality
            height = np.array([rng.uniform(0, 0.3) for _ in places])
            hours = hours * 1.3 + np.maximum(0, height[None, :] - height[:, None])
        if "rough" in self.on:
            hours = hours * np.array([[rng.uniform(0.5, 2) for _ in places] for _ in places])
        time = (np.ceil(hours * speed * 3600 / self.step) * self.step).astype(np.int64)
        np.fill_diagonal(time, 0)
        reachable = np.ones((count, count), dtype=bool)
        if "masks" in self.on:
            closed = [(one, two) for one in range(count) for two in range(count) if one != two]
            for one in closed:
                reachable[one] = rng.random() > 0.1
        delay = None
        if gamma:
            delay = np.array(
                [[self.hour(0, self.reach / 2) if rng.random() < 0.8 else 0 for _ in places] for _ in places]
            )
            np.fill_diagonal(delay, 0)
        time[~reachable], length[~reachable] = 0, 0
        return Travel(
            nodes=tuple(places), time_s=time, distance_m=length, reachable=reachable,
            delay_s=None if delay is None else delay.astype(np.int64),
        )  # fmt: skip
