"""The search's inner functions against a reference from scratch, on solutions that a random search passes.

The kernel runs uncompiled here, so that each of its functions can be asked by itself.
"""

from dataclasses import replace
from functools import cache
from importlib.util import find_spec
from itertools import islice
from random import Random

import numpy as np
import pytest

from planner.instance.schema import Overnight
from planner.propose.sisr.flatten import flatten
from planner.propose.sisr.kernel import arrays as at
from tests.chain_reference import Course
from tests.plain_kernel import plain_kernel, plain_state
from tests.random_problems import FEATURES, random_features, random_problem

pytestmark = pytest.mark.skipif(find_spec("numba") is None, reason="no numba for this computer")

# Consignments of one region that follow each other are one stop; the kernel is stricter with their hours.
FEATURES_APART = tuple(one for one in FEATURES if one != "same_region")
CASES = [(frozenset({one}), seed) for one in FEATURES_APART for seed in range(2)]
CASES += [(random_features(seed) - {"same_region"}, seed) for seed in range(60)]
# What seldom comes together by chance and hangs together closely, with numbers that each tell a wrong kernel.
CLOSE = (
    ({"hours", "openings", "stop", "trips"}, (7, 10, 16, 17)),
    ({"hours", "limited", "openings", "stop"}, (0, 3, 4)),
    ({"hours", "limited", "windows"}, (11, 14, 19)),
    ({"hours", "windows", "loading", "rough", "types"}, range(6)),
    ({"max_trip_s", "openings", "trips"}, (35, 56, 74, 112, 124)),
    ({"max_trip_s", "trips", "windows"}, (61, 115)),
    ({"max_trip_s", "openings", "stop", "trips", "gamma1"}, (3, 7, 34, 73)),
    ({"max_trip_s", "openings", "trips", "gamma2"}, (5, 65)),
)
CASES += [(frozenset(one), seed) for one, seeds in CLOSE for seed in seeds]
WEIGHTS = np.array((4.0, 8.0, 10.0, 11.0, 13.0, 15.0, 17.0))

kernel = cache(plain_kernel)


def with_work(problem, seed):
    """Some of those that come home work no longer than a part of a day."""
    rng = Random(seed)
    fleet = [
        replace(kind, work_s=3600 * rng.randint(4, 12))
        if kind.overnight is Overnight.HOME and rng.random() < 0.4
        else kind
        for kind in problem.fleet
    ]
    return replace(problem, fleet=tuple(fleet))


class Walk:
    """A random search on a random problem."""

    def __init__(self, features, seed, *, consignments=5):
        self.problem = with_work(random_problem(features, seed, consignments=consignments), seed)
        self.flat = flatten(self.problem, self.problem.served)
        self.data = self.flat.data
        self.jobs = len(self.data.job)
        self.state = plain_state(self.data, 2 * self.jobs + 1, 2 * self.jobs + 2, seed)
        self.rng = Random(seed)
        self.stamp = 1
        self._courses = {}

    def ruin(self):
        """Take jobs out; how many were absent before."""
        absent = int(self.state.number[at.N_ABSENT])
        self.stamp += 1
        average, longest = self.rng.choice((2.0, 10.0)), self.rng.choice((2.0, 20.0))
        with np.errstate(over="ignore"):  # of the random numbers
            kernel().ruin(self.data, self.state, average, longest, self.stamp)
        return absent

    def recreate(self):
        with np.errstate(over="ignore"):
            kernel().recreate(self.data, self.state, self.rng.choice((0.0, 0.3)), WEIGHTS, self.stamp)

    def settle(self, keep, absent):
        kernel().settle(self.data, self.state, keep, absent)

    def states(self, count):
        """Go on, and stop at each solution, also with what was just taken out."""
        for _ in range(count):
            cost, absent = float(self.state.cost[0]), self.ruin()
            yield
            self.recreate()
            keep = self.rng.random() < 0.7
            self.settle(keep, absent)
            if not keep:
                self.state.cost[0] = cost
            yield

    def chains(self):
        """The numbers of the chains that are used."""
        return np.flatnonzero(self.state.journey[:, at.COUNT] > 0).tolist()

    def trips(self, chain):
        found, trip = [], int(self.state.journey[chain, at.FIRST])
        while trip >= 0:
            found.append(trip)
            trip = int(self.state.trip[trip, at.NEXT])
        return found

    def nodes(self, trip):
        """All nodes of a trip, its start and its end too."""
        here = self.jobs + 2 * trip
        found = [here]
        while here != self.jobs + 2 * trip + 1:
            here = int(self.state.node[here, at.NXT])
            found.append(here)
        return found

    def kind(self, chain):
        return int(self.state.journey[chain, at.OF_VEH_TYPE])

    def loads(self, chain):
        return [[self.flat.jobs[one] for one in self.nodes(trip)[1:-1]] for trip in self.trips(chain)]

    def course(self, kind, loads):
        """What a chain does, asked again for as long as it stands in the solution."""
        key = kind, tuple(map(tuple, loads))
        if key not in self._courses:
            one = self.flat.veh_types[kind]
            chain = tuple((one.fleet, load) for load in key[1])
            self._courses[key] = Course(self.problem, chain, one.shifts)
        return self._courses[key]

    def courses(self):
        """Each chain that is used, with what it does."""
        return [(chain, self.course(self.kind(chain), self.loads(chain))) for chain in self.chains()]

    def absent(self):
        return self.state.lists[at.ABSENT, : self.state.number[at.N_ABSENT]].tolist()

    def column(self, node, late, first, gamma_first):
        """`START` or `LATEST` of a node for so many late legs."""
        return int(self.state.node[node, first if late == 0 else gamma_first + late - 1])


# ---- columns -------------------------------------------------------------------------------------------


def wrong_starts(walk):
    """Nodes whose starts differ from those from scratch, and chains that break a rule."""
    for chain, course in walk.courses():
        if not course.keeps() or not within_work(course):
            yield f"{course.chain} breaks a rule"
            continue
        # Where departures are put off when all is done, since that changes no end, they stand as they are.
        true = course.of_any_length if walk.data.segments else course
        for number, trip in enumerate(walk.trips(chain)):
            for stop, node in enumerate(walk.nodes(trip), -1):
                for late in range(course.kind.gamma + 1):
                    mine = walk.column(node, late, at.START, at.LATE)
                    if mine != (start := true.worst_start(number, stop, late)):
                        yield f"{course.chain} {number, stop} late {late}: {mine}, not {start}"


def wrong_latest(walk):
    """Nodes whose latest starts are not the latest that keep all in time."""
    for chain, course in walk.courses():
        gamma = course.kind.gamma
        for number, trip in enumerate(walk.trips(chain)):
            for stop, node in enumerate(walk.nodes(trip), -1):
                for late in range(gamma + 1):
                    mine = walk.column(node, late, at.LATEST, at.LATE + walk.data.gamma)
                    more = {"gamma": late, "planned": late == gamma}
                    if not course.holds_from(number, stop, mine, **more):
                        yield f"{course.chain} {number, stop} late {late}: {mine} is too late"
                    if course.holds_from(number, stop, mine + 1, **more):
                        yield f"{course.chain} {number, stop} late {late}: {mine} is not the latest"


# ---- verdicts ------------------------------------------------------------------------------------------


def metres_more(walk, kind, before, job):
    place, ways, rule = walk.data.job[job, at.AT_PLACE], walk.data.ways, walk.data.fleet[kind]
    node = walk.state.node
    after = node[before, at.NXT]
    return int(
        ways[rule[at.LENGTHS], node[before, at.PLACE], place]
        + ways[rule[at.LENGTHS], place, node[after, at.PLACE]]
        - node[before, at.DN]
    )


def may_stand(walk, trip, before, job):
    """What the kernel says of a job after a node of a trip."""
    data, state = walk.data, walk.state
    kind = int(state.trip[trip, at.VEH_TYPE])
    if not kernel().fits(data, state, trip, kind, job):
        return False
    if not data.timed:
        return True
    if not kernel().in_time(data, state, trip, kind, before, job):
        return False
    more = metres_more(walk, kind, before, job)
    return not data.limited or bool(kernel().within_limits(data, state, trip, kind, before, job, more))


def within_work(course):
    work_s = course.kind.work_s
    return work_s is None or sum(map(course.busy_s, range(len(course.chain)))) <= work_s


def put_in(loads, number, position, idx):
    load = loads[number]
    return [*loads[:number], [*load[:position], idx, *load[position:]], *loads[number + 1 :]]


def wrong_places(walk):
    """Places in trips where the kernel says another thing than the chain from scratch."""
    for job in walk.absent():
        for chain, course in walk.courses():
            for number, trip in enumerate(walk.trips(chain)):
                for position, before in enumerate(walk.nodes(trip)[:-1]):
                    loads = put_in(walk.loads(chain), number, position, walk.flat.jobs[job])
                    then = walk.course(walk.kind(chain), loads)
                    true = then.keeps() and within_work(then)
                    if may_stand(walk, trip, before, job) != true:
                        yield f"{course.chain} with {then.chain}: truly {true}"


def _too_long(course):
    return course.kind.max_trip_m is not None and course.metres(0) > course.kind.max_trip_m


def wrong_trips(walk):
    """New trips of which the kernel says another thing than the chain from scratch."""
    data, state = walk.data, walk.state
    for job in walk.absent():
        idx = walk.flat.jobs[job]
        for kind in range(len(walk.flat.veh_types)):
            then = walk.course(kind, [[idx]])
            room = data.fleet[kind, at.CAP : at.CAP + data.loads]
            if (data.job[job, at.LOADS :] > room).any() or _too_long(then):
                continue  # tested before
            if kernel().alone_in_time(data, state, kind, -1, -1, job) != then.keeps():
                yield f"{then.chain} alone: truly {then.keeps()}"
            for chain, course in walk.courses():
                if walk.kind(chain) != kind:
                    continue
                trips = walk.trips(chain)
                for number in range(len(trips) + 1):
                    before = -1 if number == 0 else trips[number - 1]
                    loads = walk.loads(chain)
                    then = walk.course(kind, [*loads[:number], [idx], *loads[number:]])
                    if kernel().alone_in_time(data, state, kind, before, chain, job) != then.keeps():
                        yield f"{course.chain} with {then.chain}: truly {then.keeps()}"


def places(walk, job):
    """Every place in trips that keeps all rules: the node before, and what is paid more for that trip."""
    idx = walk.flat.jobs[job]
    for chain, course in walk.courses():
        for number, trip in enumerate(walk.trips(chain)):
            for position, before in enumerate(walk.nodes(trip)[:-1]):
                then = walk.course(walk.kind(chain), put_in(walk.loads(chain), number, position, idx))
                if then.keeps() and within_work(then):
                    kind = walk.kind(chain)
                    yield (
                        before,
                        trip_price(walk, kind, then, number) - trip_price(walk, kind, course, number),
                    )


def trips_more(walk, job):
    """Every new trip that keeps all rules: how, and where."""
    k, data = kernel(), walk.data
    idx = walk.flat.jobs[job]
    for kind in range(len(walk.flat.veh_types)):
        then = walk.course(kind, [[idx]])
        if k.vehicle_left(data, walk.state, kind) and then.keeps() and within_work(then):
            yield k.NEW_JOURNEY, -1, kind
    for chain, _ in walk.courses():
        trips, loads, kind = walk.trips(chain), walk.loads(chain), walk.kind(chain)
        for number in range(len(trips) + 1 if len(trips) < data.fleet[kind, at.MAX_TRIPS] else 0):
            then = walk.course(kind, [*loads[:number], [idx], *loads[number:]])
            if then.keeps() and within_work(then):
                yield k.NEW_TRIP, -1 - chain if number == 0 else trips[number - 1], kind


def wrong_choices(walk):
    """Jobs for which not the cheapest place in a trip, or a place that breaks a rule, is chosen."""
    data, k = walk.data, kernel()
    if (data.fleet[:, at.GROUP] >= 0).any() or (data.gamma and data.price[:, at.PER_TIME].any()):
        return  # the price of another vehicle, and of waiting that worst cases ask for, are not in it
    for job in walk.absent():
        with np.errstate(over="ignore"):
            price, how, where, kind = k.best_place(data, walk.state, job, k.EVERYWHERE)
        known, more = dict(places(walk, job)), set(trips_more(walk, job))
        least = min(known.values(), default=k.NO_PRICE)
        if how == k.NOWHERE and (known or more):
            yield f"{job}: no place, but {known} and {more}"
        if how == k.AFTER_NODE and not (
            where in known and price < least + 1e-6 and known[where] < least + 1e-6
        ):
            yield f"{job}: {where} for {price} of {known}"
        if how in (k.NEW_TRIP, k.NEW_JOURNEY) and ((how, where, kind) not in more or price > least + 1e-6):
            yield f"{job}: new trip {how, where, kind} for {price} of {more}, others {known}"


# ---- costs and sums ------------------------------------------------------------------------------------


def trip_price(walk, kind, course, trip):
    price = walk.data.price[kind]
    paid = price[at.PER_TIME] * course.paid_s(trip) if price[at.PER_TIME] else 0.0
    return course.kind.prices.trip + price[at.PER_LENGTH] * course.metres(trip) + paid


def price_of(walk, courses):
    """The price of chains, from scratch: pairs of a kind and what it does."""
    data, total = walk.data, 0.0
    used = {}
    for kind, course in courses:
        price, fleet = data.price[kind], walk.flat.veh_types[kind].fleet
        used.setdefault(fleet, {}).setdefault(kind, []).append(price[at.PER_VEHICLE])
        total += price[at.PER_JOURNEY]
        total += sum(trip_price(walk, kind, course, trip) for trip in range(len(course.chain)))
    return total + sum(max(map(sum, kinds.values())) for kinds in used.values())


def wrong_sums(walk):
    """Sums that are kept up to date and differ from those from scratch."""
    courses = [(walk.kind(chain), course) for chain, course in walk.courses()]
    if not all(course.keeps() for _, course in courses):
        return
    mine, true = float(walk.state.cost[0]), price_of(walk, courses)
    if abs(mine - true) > 1e-6 * max(1.0, true):
        yield f"cost {mine}, not {true}"
    for chain, course in walk.courses():
        work = sum(map(course.busy_s, range(len(course.chain))))
        if walk.data.timed and walk.state.journey[chain, at.WORK] != work:
            yield f"{course.chain}: work {walk.state.journey[chain, at.WORK]}, not {work}"
        for number, trip in enumerate(walk.trips(chain)):
            row, jobs = walk.state.trip[trip], walk.nodes(trip)[1:-1]
            sums = walk.data.job[jobs, at.LOADS :].sum(axis=0)
            if row[at.SIZE] != len(jobs) or row[at.LENGTH] != course.metres(number):
                yield f"{course.chain}: size or length"
            if (row[at.LOAD : at.LOAD + walk.data.loads] != sums).any():
                yield f"{course.chain}: loads"
            if row[at.RELEASE] != max(walk.data.job[jobs, at.FROM_S]):
                yield f"{course.chain}: release"


def lists_of(walk):
    """Copies of all arrays that a change taken back must leave as they were."""
    state, number = walk.state, walk.state.number
    return {
        "node": state.node.copy(),
        "trip": state.trip.copy(),
        "journey": state.journey.copy(),
        "absent": state.lists[at.ABSENT, : number[at.N_ABSENT]].tolist(),
        "free trips": sorted(state.lists[at.FREE_TRIPS, : number[at.N_FREE_TRIPS]].tolist()),
        "free chains": sorted(state.lists[at.FREE_JOURNEYS, : number[at.N_FREE_JOURNEYS]].tolist()),
        "used": number[at.USED : at.USED + len(walk.data.fleet)].tolist(),
    }


def wrong_memory(walk):
    """What differs after a change that is taken back, or between a solution and the copy kept of it."""
    if walk.state.number[at.N_TOUCHED] > 0:
        return  # a change is under way
    state, before, cost = walk.state, lists_of(walk), float(walk.state.cost[0])
    absent = walk.ruin()
    walk.recreate()
    walk.settle(False, absent)
    state.cost[0] = cost
    for name, rows in lists_of(walk).items():
        if not np.array_equal(rows, before[name]):
            yield f"{name}: {before[name]} became {rows}"
    for name in ("node", "trip", "journey"):
        if not np.array_equal(getattr(state, name), getattr(state, f"{name}_kept")):
            yield f"{name} is not what was kept"


# ---- the tests -----------------------------------------------------------------------------------------


def faults(finds, *, count=12):
    """Whatever properties find wrong on the way of the same walks; for each at most one of each case."""
    found = {find: [] for find in finds}
    for features, seed in CASES:
        walk, left = Walk(features, seed), set(finds)
        for _ in walk.states(count):
            for find in [one for one in finds if one in left]:
                if (first := next(find(walk), None)) is not None:
                    found[find].append(f"{sorted(features)} {seed}: {first}")
                    left.remove(find)
    return found


LOOKING = (wrong_starts, wrong_latest, wrong_places, wrong_trips, wrong_sums)  # and changing nothing
looked_at = cache(lambda: faults(LOOKING))


@pytest.mark.parametrize("find", [*LOOKING, wrong_choices, wrong_memory])
def test_each_solution_on_the_way(find):
    assert (looked_at() if find in LOOKING else faults([find]))[find] == []


def moves(walk):
    """What each job finds that should follow it: (job, first, last); last is -1 where tails are exchanged."""
    for here in range(walk.jobs):
        with np.errstate(over="ignore"):  # of the random numbers
            there, last = kernel().string_at(walk.data, walk.state, here, 1e9)
            if there >= 0:
                yield here, there, last
            there = kernel().tails_at(walk.data, walk.state, here, 1e9)
            if there >= 0:
                yield here, there, -1


def wrong_moves(walk):
    """Moves of which the kernel says another thing than the chains from scratch, or that leave disorder."""
    cost, absent = float(walk.state.cost[0]), len(walk.absent())
    for move in moves(walk):
        before = [course.chain for _, course in walk.courses()]
        walk.stamp += 1
        able = bool(kernel().move_jobs(walk.data, walk.state, *move, walk.stamp))
        walk.moves[able] += 1
        true = all(course.keeps() and within_work(course) for _, course in walk.courses())
        if able != true:
            yield f"{move} of {before}: {[course.chain for _, course in walk.courses()]} truly {true}"
        if able:
            yield from (f"{move} of {before}: {one}" for find in ON_WAY for one in find(walk))
        walk.settle(False, absent)
        walk.state.cost[0] = cost
        if before != [course.chain for _, course in walk.courses()]:
            yield f"{move} of {before} was not taken back"


ON_WAY = (wrong_starts, wrong_latest, wrong_sums)


@pytest.mark.parametrize("part", range(4))
def test_moves_are_judged_as_from_scratch(part):
    tried = {True: 0, False: 0}
    found = []
    for features, seed in CASES[part::4]:
        walk = Walk(features, seed, consignments=7)
        walk.moves = tried
        settled = islice(walk.states(12), 1, None, 2)
        if (first := next((one for _ in settled for one in wrong_moves(walk)), None)) is not None:
            found.append(f"{sorted(features)} {seed}: {first}")
    assert found == []
    assert min(tried.values()) > 20  # some that break a rule, and some that do not


# ---- no index outside ------------------------------------------------------------------------------------


class Checked(np.ndarray):
    """An array that counts from its beginning only: compiled code would read and write beside it."""

    def _inside(self, index):
        indices = index if isinstance(index, tuple) else (index,)
        for one, size in zip(indices, self.shape, strict=False):
            if isinstance(one, (int, np.integer)) and not 0 <= one < size:
                raise IndexError(f"{index} in an array of {self.shape}")

    def __getitem__(self, index):
        self._inside(index)
        return super().__getitem__(index)

    def __setitem__(self, index, value):
        self._inside(index)
        super().__setitem__(index, value)


def checked(arrays):
    return type(arrays)(*(one.view(Checked) if isinstance(one, np.ndarray) else one for one in arrays))


def test_one_stop_of_several_consignments_needs_no_lists_of_windows():
    problem = random_problem(frozenset({"same_region", "hours", "windows"}), 0, consignments=10)
    flat = flatten(problem, problem.served)
    places = flat.data.job[:, at.AT_PLACE].tolist()
    first, second = next(
        [job for job, place in enumerate(places) if place == one][:2]
        for one in places
        if places.count(one) > 1
    )
    kernel, data, none = plain_kernel(), checked(flat.data), np.int64(-2)
    assert not data.general
    assert problem.fleet[0].unload_piece_s > 0
    state = checked(plain_state(flat.data, len(places) + 1, len(places) + 1, 1))
    trip = kernel.open_trip(data, state, np.int64(-1), np.int64(-1), np.int64(0), 1)
    kernel.put(data, state, first, np.int64(len(places) + 2 * trip))
    kernel.put(data, state, second, np.int64(first))
    end, _ = kernel.ends_at(data, state, np.int64(0), trip, none, none, np.int64(10**6))
    assert end >= at.FAR  # too late for either
    assert kernel.begins_at(data, state, np.int64(0), trip, none, none, np.int64(0)) < 0


def test_neighbours_are_of_several_places_where_many_jobs_share_one():
    problem = random_problem(frozenset({"same_region", "hours"}), 1, consignments=90)
    data = flatten(problem, problem.served).data
    places = data.job[:, at.AT_PLACE]
    number = len(set(places.tolist()))
    assert 2 < number < 12
    for row in data.near:
        parts = row[: data.width], row[data.width : 2 * data.width], row[2 * data.width :]
        for part, most in zip(parts, (12, 12, 4), strict=True):
            of_place = np.bincount(places[part[part >= 0]])
            assert np.count_nonzero(of_place) >= min(number, 3)
            assert of_place.max() <= most
    every = data.near[places == places[0], 2 * data.width :]
    others = np.flatnonzero(places != places[0])
    assert set(others) <= set(every.ravel().tolist())  # by some row each is reached


def test_all_of_a_chain_is_taken_out_where_its_vehicle_has_a_price():
    seen = set()
    for seed in range(40):
        walk = Walk(frozenset({"trips", "prices"}), seed)
        for _ in islice(walk.states(6), 1, None, 2):
            for chain in [one for one in walk.chains() if len(walk.trips(one)) > 1]:
                trips, prices = walk.trips(chain), walk.data.price[walk.kind(chain)]
                dear = prices[at.PER_JOURNEY] + prices[at.PER_VEHICLE] + prices[at.PER_DAY] > 0
                job = np.int64(walk.nodes(trips[1])[1])
                with np.errstate(over="ignore"):
                    drawn = {int(kernel().first_to_empty(walk.data, walk.state, job)) for _ in range(99)}
                assert drawn <= ({trips[0], -1} if dear else {-1})
                seen |= {one >= 0 for one in drawn}
    assert seen == {True, False}


def emptied_at_once(seeds):
    """Chains of several trips that one ruin leaves without any job."""
    found = 0
    for seed in seeds:
        walk = Walk(frozenset({"trips", "prices"}), seed, consignments=12)
        before = {}
        for number, _ in enumerate(walk.states(8)):
            if number % 2:  # before a ruin
                before = {chain: len(walk.trips(chain)) for chain in walk.chains()}
            else:
                found += sum(trips > 1 and chain not in walk.chains() for chain, trips in before.items())
    return found


def test_a_ruin_may_empty_a_chain_at_once(monkeypatch):
    inside = kernel().ruin.__globals__
    assert "JOURNEY_SHARE" in inside
    monkeypatch.setitem(inside, "JOURNEY_SHARE", 0.0)
    seldom = emptied_at_once(range(12))
    monkeypatch.setitem(inside, "JOURNEY_SHARE", 1.0)
    assert emptied_at_once(range(12)) > 2 * seldom


@pytest.mark.parametrize("part", range(4))
def test_no_search_reads_or_writes_beyond_an_array(part):
    for seed in range(part, 48, 4):
        problem = with_work(random_problem(random_features(seed), seed, consignments=7), seed)
        flat = flatten(problem, problem.served)
        jobs, data = len(flat.data.job), checked(flat.data)
        if not jobs:
            continue
        state, best = (checked(plain_state(flat.data, 2 * jobs + 1, 2 * jobs + 2, seed)) for _ in range(2))
        heat = float(flat.mean_price)
        with np.errstate(over="ignore"):
            stamp = kernel().search(
                data, state, best, 12, heat, heat / 9, 3.0, 2.0, 9.0, 0.01, 8, 8, WEIGHTS, 1
            )
        assert stamp > 12


@pytest.mark.parametrize("places", [1, 2])
def test_jobs_of_few_places_are_all_neighbours(places):
    problem = random_problem(frozenset({"same_region"}), 1, consignments=40)
    moved = tuple(replace(one, region=one.region % places) for one in problem.consignments)
    problem = replace(problem, consignments=moved)
    data = flatten(problem, problem.served).data
    jobs = len(data.job)
    assert len(set(data.job[:, at.AT_PLACE].tolist())) == places
    around = data.near[:, 2 * data.width :]
    assert [len(set(row.tolist()) - {-1}) for row in around] == [jobs - 1] * jobs
