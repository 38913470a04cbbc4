"""The simulation: played against a slow reference, its distributions, its counts."""

from dataclasses import replace

import hub_plan
import numpy as np
import pytest
import small
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from scipy.stats import beta, norm
from test_check_chain_random import chain_worlds, straight_regions
from test_check_chain_random import plan_of as chain_plan
from worlds import CALENDARS, DAY, outcome, plan_of, problem_of, road, timed_worlds, truck, village, world

from planner.compose.solution import Assignment, Solution
from planner.instance.schema import CalendarRow, Delay, Mode, Overnight, WindowRule
from planner.plans.model import RegionResult, RegionStatus, StepKind
from planner.problem.fleet import WayChoice
from planner.problem.problem import Route
from planner.proof.facts import PlanFacts
from planner.proof.world import World
from planner.propose.pool import candidate
from planner.simulation.distributions import BREAKDOWNS, SHARES, relative_delay, repair_s
from planner.simulation.draws import Draws
from planner.simulation.hours import NEVER, Hours
from planner.simulation.model import make_model
from planner.simulation.play import Late, play
from planner.simulation.result import wilson
from planner.simulation.run import on_time, simulate
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

HOUR = 3600
FOREVER = 10**15


def reckoned(plan, instance):
    return PlanFacts(plan, instance.clock, World(instance))


def delayed(instance, percent, fixed_s=0):
    return replace(instance, delays=(Delay(id="all", percent=percent, fixed_s=fixed_s),))


class Given:
    """The same lateness in each run: `late(trip, leg)` gives delay ÷ largest delay, and seconds of repair."""

    def __init__(self, model, late, num_runs=2):
        self._name = {
            id(leg): (trip.number, idx) for trip in model.trips for idx, leg in enumerate(trip.legs)
        }
        self._late, self._num_runs = late, num_runs

    def of(self, leg):
        relative, repair = self._late(*self._name[id(leg)])
        shape = np.full(self._num_runs, 1.0)
        return Late(dict.fromkeys(leg.way.modes, shape * relative), (shape * repair).astype(np.int64))


def played(plan, instance, late):
    """End of each service, by trip and stop."""
    model = make_model(reckoned(plan, instance))
    found = {}
    for one in play(model, Given(model, late), 2):
        assert one.ends_s[0] == one.ends_s[1]
        found[one.trip, one.stop] = int(one.ends_s[0])
    return found


# A slow reference: one run, second by second of what may be, all trips again until nothing changes.


class Reference:
    """Crews are (moment, work of that day). As planned they work `work_h`; if late, `work_late_h` more."""

    def __init__(self, plan, instance, late, planned=None):
        self.plan, self.world, self.late = plan, World(instance), late
        self.planned = planned  # crews after each step of each trip
        self.steps_of = {}
        self.loaded = {}  # end of loading by trip
        self.ends = {}  # end of services
        self.back = {}  # crews at the end of trips

    def run(self):
        if self.planned is None:
            nobody_late = Reference(self.plan, self.world.instance, lambda trip, leg: (0, 0), planned={})
            nobody_late.run()
            self.planned = nobody_late.steps_of
        before = None
        while before != (before := (dict(self.loaded), dict(self.ends), dict(self.back))):
            for number, trip in enumerate(self.plan.trips):
                self.trip(number, trip)
        return self.ends

    def trip(self, number, trip):
        kind = self.world.instance.vehicle_type_of[trip.vehicle_type]
        self.steps_of[number] = []
        crew = max(self.before(number, trip), default=(0, 0))
        now = max([trip.load_start_s, crew[0], *self.waits_for(number, trip)])
        place, load_s = self.world.loading_place(trip.origin_id), trip.depart_s - trip.load_start_s
        now = self.first(kind, crew, now, load_s, place.calendar, service=False)
        crew = self.reached(number, kind, *self.worked(crew, now, load_s))
        self.loaded[number] = crew[0]
        for stop_idx, stop in enumerate(trip.stops):
            crew = self.leg(number, stop_idx, stop.leg, kind, crew)
            place = self.world.instance.region_of.get(stop.node_id) or self.world.hubs[stop.node_id]
            time_s = stop.end_s - stop.start_s
            now = self.first(kind, crew, max(crew[0], stop.start_s), time_s, place.calendar, service=True)
            crew = self.reached(number, kind, *self.worked(crew, now, time_s))
            self.ends[number, stop_idx] = crew[0]
        if trip.back is not None:
            crew = self.leg(number, len(trip.stops), trip.back, kind, crew)
        self.back[number] = crew

    def reached(self, number, kind, moment, work):
        """Note where a crew is: no sooner than planned, with no less work of that day."""
        steps = self.steps_of[number]
        if self.planned and kind.work_s is not None:
            planned = self.planned[number][len(steps)]
            if planned[0] > moment:
                moment, work = planned[0], max(planned[1], self.work_by((moment, work), planned[0]))
            else:
                work = max(work, self.work_by(planned, moment))
        steps.append((moment, work))
        return steps[-1]

    def limit(self, kind):
        if kind.work_s is None:
            return FOREVER
        return kind.work_s + (kind.work_late_s if self.planned else 0)

    def work_by(self, crew, moment):
        return crew[1] if crew[0] // DAY == moment // DAY else 0

    def worked(self, crew, now, time_s):
        """Who works without a pause: until when, and the work of that day."""
        end = min(now + time_s, FOREVER)
        midnight = end // DAY * DAY
        return end, (self.work_by(crew, end) + time_s) if now >= midnight else end - midnight

    def before(self, number, trip):
        for other_number, other in enumerate(self.plan.trips):
            earlier = (other.load_start_s, other.depart_s) < (trip.load_start_s, trip.depart_s)
            if other.vehicle_id == trip.vehicle_id and earlier:
                yield self.back.get(other_number, (0, 0))

    def waits_for(self, number, trip):
        mine = {item.consignment_id for stop in trip.stops for item in stop.deliveries}
        for other_number, other in enumerate(self.plan.trips):
            earlier = (other.load_start_s, other.depart_s) < (trip.load_start_s, trip.depart_s)
            same_dock = (other.origin_id, other.dock) == (trip.origin_id, trip.dock)
            both_load = other.load_start_s < other.depart_s and trip.load_start_s < trip.depart_s
            if same_dock and earlier and both_load:
                yield self.loaded.get(other_number, 0)
            for idx, stop in enumerate(other.stops):
                goods = {item.consignment_id for item in stop.deliveries}
                if stop.node_id == trip.origin_id and goods & mine:
                    hub = self.world.hubs[stop.node_id]
                    pieces = sum(item.pieces for item in stop.deliveries)
                    ready = self.ends.get((other_number, idx), 0)
                    yield ready + hub.transfer_fixed_s + hub.transfer_piece_s * pieces

    def first(self, kind, crew, now, time_s, hours, *, service):
        calendars, shift, limit = self.world.calendars, kind.calendar, self.limit(kind)
        moments = {low for name in (shift, hours) for low, _ in calendars.intervals(name)}
        if limit < FOREVER:
            midnights = [day * DAY for day in range(-1, calendars.num_days)]
            moments |= {*midnights, *(one - limit + self.work_by(crew, one - 1) for one in midnights)}
        for one in [now, *sorted(moment for moment in moments if moment > now)]:
            open_now = calendars.slack(hours, one, one + time_s, service=service) is not None
            open_now |= service and calendars.starts_inside(hours, one)
            if not open_now or calendars.slack(shift, one, one + time_s) is None:
                continue
            today = min(time_s, DAY - one % DAY)
            if not time_s or (self.work_by(crew, one) + today <= limit and time_s - today <= limit):
                return (
                    one if limit >= FOREVER or one < calendars.midnight(calendars.num_days - 1) else FOREVER
                )
        return FOREVER

    def leg(self, number, idx, leg, kind, crew):
        relative, repair = self.late(number, idx)
        now = max(crew[0], leg.depart_s)
        steps = list(self.steps(leg, kind))
        if kind.overnight is Overnight.STOP:
            now = self.first(kind, crew, now, sum(one[0] for one in steps), "", service=False)
        crew = self.drive(kind, (now, self.work_by(crew, now)), repair)[1]
        for time_s, largest_s, edge in steps:
            length = time_s + largest_s * relative
            assert length == int(length)
            if edge is None or not self.world.ways.timed(kind, edge):
                crew = self.drive(kind, crew, int(length))[1]
                continue

            def drive(moment, long, crew=crew):
                pieces, end = self.drive(kind, (moment, self.work_by(crew, moment)), long)
                return pieces, end[0]

            pieces, end = self.world.passages.first(kind, edge, crew[0], int(length), drive)
            if end is None:
                crew = FOREVER, 0
            else:
                day = [high - max(low, end // DAY * DAY) for low, high in pieces if high > end // DAY * DAY]
                crew = end, self.work_by(crew, end) + sum(day)
        return self.reached(number, kind, *crew)

    def steps(self, leg, kind):
        (row,) = self.world.instance.delays
        for step in leg.path:
            if step.kind is StepKind.KNOWN:
                time_s, edge, own_s = self.world.ways.known[step.ref].time_s, None, 0
            else:
                edge, forward = self.world.ways.edges[step.ref], step.kind is StepKind.FORWARD
                nominal_s = edge.time_s if forward else edge.time_back_s
                upstream = edge.mode is Mode.RIVER and not forward and kind.upstream_percent
                time_s = int(nominal_s * 100 / (upstream or kind.speed_percent) + 0.5)
                own_s = edge.delay_max_s if forward else edge.delay_back_max_s
            yield time_s, max(own_s, int(time_s * row.percent / 100 + 0.5) + row.fixed_s), edge

    def drive(self, kind, crew, left):
        """Pieces, and the crew at the end; FOREVER where the shifts do not suffice."""
        now, work = crew
        limit, last = self.limit(kind), self.world.calendars.midnight(self.world.calendars.num_days - 1)
        if not left or now >= FOREVER:
            return (), crew
        pieces = []
        for low, high in self.world.calendars.intervals(kind.calendar):
            while max(low, now) < high:
                begin = max(low, now)
                work = self.work_by((now, work), begin)
                if limit < FOREVER and begin >= last:
                    return (), (FOREVER, 0)
                end = min(high, begin + left, begin + limit - work)
                end = min(end, begin // DAY * DAY + DAY) if limit < FOREVER else end
                if end > begin:
                    pieces.append((begin, end))
                    left -= end - begin
                    now, work = end, 0 if end % DAY == 0 else work + end - begin
                    if not left:
                        return tuple(pieces), (now, work)
                else:
                    now, work = min(high, begin // DAY * DAY + DAY), work if high % DAY else 0
                    work = work if now // DAY == begin // DAY else 0
        return (), (FOREVER, 0)


def shown(ends):
    return {key: min(end, FOREVER) for key, end in ends.items()}


def check_against_reference(plan, instance, late):
    assert shown(played(plan, instance, late)) == shown(Reference(plan, instance, late).run())


def lateness(seed):
    """Whole factors, so that no rounding is in the way; some breakdowns."""
    draw = np.random.default_rng(seed)
    drawn = {}

    def late(trip, leg):
        if (trip, leg) not in drawn:
            drawn[trip, leg] = int(draw.integers(0, 4)), int(draw.choice([0, 0, 0, 1000, 20_000]))
        return drawn[trip, leg]

    return late


@pytest.mark.parametrize("given_world", [small, hub_plan])
def test_full_delays_are_those_of_the_reference(given_world):
    instance = delayed(given_world.INSTANCE, 60, 120)
    check_against_reference(given_world.PLAN, instance, lambda trip, leg: (1, 0))
    for seed in range(30):
        check_against_reference(given_world.PLAN, instance, lateness(seed))


@settings(max_examples=60, deadline=None)
@given(chain_worlds(), st.integers(0, 99))
def test_chains_are_played_as_the_reference_plays_them(instance, seed):
    instance = delayed(instance, 80, 60)
    plan = chain_plan(instance, straight_regions(instance))
    check_against_reference(plan, instance, lambda trip, leg: (1, 0))
    check_against_reference(plan, instance, lateness(seed))


def check_played(plan, instance, seed):
    planned = {
        (number, idx): stop.end_s
        for number, trip in enumerate(plan.trips)
        for idx, stop in enumerate(trip.stops)
    }
    assert played(plan, instance, lambda trip, leg: (0, 0)) == planned
    check_against_reference(plan, instance, lambda trip, leg: (1, 0))
    check_against_reference(plan, instance, lateness(seed))


def timings(problem, one):
    """Of a candidate: those it has as points, else those of its rigid starts."""
    return [*one.points, *(one.rigid_timing(problem, start) for span in one.starts for start in span)]


@settings(max_examples=100, deadline=None)
@given(timed_worlds(), st.integers(0, 99), st.data())
def test_hours_and_shifts_are_played_as_the_reference_plays_them(instance, seed, data):
    instance = delayed(instance, 80, 60)
    problem = problem_of(instance)
    assume(problem.served and problem.fleet)
    chosen = data.draw(st.permutations(problem.served))[: data.draw(st.integers(1, 3))]
    fleet = data.draw(st.integers(0, len(problem.fleet) - 1))
    one = candidate(
        problem,
        Route(fleet, tuple(chosen), data.draw(st.lists(st.sampled_from(WayChoice), max_size=3).map(tuple))),
    )
    if one is None:
        return
    timing = data.draw(st.sampled_from(timings(problem, one)))
    solution = Solution(problem, (Assignment(one, timing, 0, 0),))
    found = outcome(problem, solution)
    check_played(plan_of(instance, found), instance, seed)


@pytest.mark.slow
@settings(max_examples=12, deadline=None)
@given(timed_worlds(), st.integers(0, 99))
def test_vehicles_and_docks_are_played_as_the_reference_plays_them(instance, seed):
    instance = delayed(instance, 80, 60)
    found = solve(instance, SolveOptions(effort=1, workers=0))
    assume(found.plan.trips)
    check_played(found.plan, instance, seed)


@pytest.mark.parametrize(
    ("overnight", "end_s"),
    [(Overnight.STOP, DAY + 7 * HOUR + 600), (Overnight.ANYWHERE, DAY + 6 * HOUR + 1800)],
)
def test_who_is_late_stops_or_pauses_at_the_end_of_the_shift(overnight, end_s):
    """Repaired for 10 h 40 min, the service at A ends at 17:20; the hour to B fits no shift until 18:00."""
    kind = truck(overnight=overnight, calendar="shift")
    edges = [road("a", "W", "A", 1800), road("b", "A", "B", 3600)]
    instance = world([village("A"), village("B")], [kind], edges)
    problem = problem_of(instance)
    one = candidate(problem, Route(0, tuple(problem.served)))
    solution = Solution(problem, (Assignment(one, timings(problem, one)[0], 0, 0),))
    plan = plan_of(instance, outcome(problem, solution))
    assert [stop.node_id for stop in plan.trips[0].stops] == ["A", "B"]
    ends = played(plan, instance, lambda trip, leg: (0, (10 * HOUR + 2400) * (leg == 0)))
    assert ends == {(0, 0): 17 * HOUR + 1200, (0, 1): end_s}


def test_the_work_of_a_day_ends_at_midnight():
    """3 h 20 min until midnight, then 1 h 49 min of the 5 h that a late crew may work on the next day."""
    kind = truck(overnight=Overnight.ANYWHERE, work_s=3 * HOUR)
    instance = delayed(world([village("A")], [kind], [road("a", "W", "A", 5400)]), 80, 60)
    problem = problem_of(instance)
    one = candidate(problem, Route(0, tuple(problem.served)))
    timing = one.timing_at(problem, 21 * HOUR - 1200)
    plan = plan_of(instance, outcome(problem, Solution(problem, (Assignment(one, timing, 0, 0),))))
    begins = plan.trips[0].stops[0].leg.depart_s
    ends = played(plan, instance, lambda trip, leg: (3 * (leg == 0), 0))
    assert ends == {(0, 0): begins + 5400 + 3 * 4380 + 600}


def test_a_passage_begins_when_the_vehicle_drives():
    """The ferry of 5:00 leaves before the shift of 6:00 begins; the next one leaves at 7:00."""
    times = ((5 * HOUR, 5 * HOUR + 1800), (7 * HOUR, 7 * HOUR + 1800))
    rows = [
        CalendarRow(calendar="boat", opens_s=opens, closes_s=closes, window=WindowRule.START)
        for opens, closes in times
    ]
    edge = road("a", "W", "A", 1800, calendar="boat")
    instance = world([village("A")], [truck()], [edge], calendars=(*CALENDARS, *rows))
    own = World(instance)
    hours = Hours(own.calendars, own.ways)
    moments = np.array([0, 4 * HOUR, 7 * HOUR + 1799, 7 * HOUR + 1800])
    ends = hours.gate(instance.vehicles[0], edge).passed(hours.shifts("shift"), moments, np.full(4, 3000))
    assert (ends - 7 * HOUR).tolist() == [3000, 3000, 4799, DAY + 3000]
    assert (
        hours.gate(instance.vehicles[0], edge)
        .passed(hours.shifts("shift"), moments, np.full(4, 99 * DAY))
        .min()
        >= NEVER
    )


@pytest.mark.parametrize("given_world", [small, hub_plan])
def test_without_delays_everybody_is_on_time_in_every_run(given_world):
    found = simulate(reckoned(given_world.PLAN, given_world.INSTANCE), 7, seed=1, breakdowns=False)
    assert found.plan.share == 1
    expected = {result.region_id: 7 for result in given_world.PLAN.regions}
    assert {region.region_id: region.chance.count for region in found.regions} == expected
    assert (found.late_mean, found.late_most) == (0, 0)


def test_a_late_trunk_trip_delays_the_local_trips():
    """The truck is 1,000 s late at the hub: 26,230 there, ready 26,860, loaded 27,160, A 28,980, B 30,500."""
    instance = delayed(hub_plan.INSTANCE, 0, 1000)
    ends = played(hub_plan.PLAN, instance, lambda trip, leg: (float((trip, leg) == (0, 0)), 0))
    assert ends == {
        (0, 0): 26_230,
        (0, 1): 27_960,
        (1, 0): 28_980,
        (1, 1): 30_500,
        (2, 0): 33_620,  # the van is back at 31,500; 300 s of loading, 900 s of way, 920 s of service
    }


@pytest.mark.parametrize(("early_s", "good"), [(0, [False, False, True]), (1, [True, True, True])])
def test_goods_that_miss_a_hubs_deadline_are_late(early_s, good):
    instance = delayed(hub_plan.INSTANCE, 0, hub_plan.HUB_DEADLINE - 25_230 - early_s)
    model = make_model(reckoned(hub_plan.PLAN, instance))
    late = Given(model, lambda trip, leg: (float((trip, leg) == (0, 0)), 0))
    assert on_time(model, late, 2).tolist() == [[one, one] for one in good]


def test_what_is_not_delivered_is_late_in_every_run():
    plan = replace(
        hub_plan.PLAN,
        trips=hub_plan.PLAN.trips[:2],
        regions=(RegionResult("A", RegionStatus.UNDELIVERED, None, hub_plan.DEADLINE),)
        + hub_plan.PLAN.regions[1:],
    )
    found = simulate(reckoned(plan, hub_plan.INSTANCE), 5, seed=1, breakdowns=False)
    assert [(one.region_id, one.chance.count) for one in found.regions] == [("A", 0), ("B", 5), ("C", 5)]
    assert (found.plan.count, found.late_mean, found.late_most) == (0, 1, 1)


def tight(percent):
    """The small plan with deadlines an hour after the planned receipts."""
    last = {one.region_id: one.received_s for one in small.PLAN.regions}
    rows = tuple(
        replace(small.INSTANCE.deadlines[0], place=name, deadline_s=at + HOUR) for name, at in last.items()
    )
    return replace(delayed(small.INSTANCE, percent), deadlines=rows)


def counts(instance, seed=1, runs=400, *, breakdowns=True):
    found = simulate(reckoned(small.PLAN, instance), runs, seed=seed, breakdowns=breakdowns)
    return {one.region_id: one.chance.count for one in found.regions}, found


def test_larger_delays_never_raise_a_chance():
    tables = [counts(tight(percent))[0] for percent in (0, 30, 60, 120, 300, 1000)]
    for fewer, more in zip(tables, tables[1:], strict=False):
        assert all(more[name] <= fewer[name] for name in fewer)
    assert sum(tables[-1].values()) < sum(tables[1].values()) < sum(tables[0].values())


def test_breakdowns_change_nothing_else():
    without, found = counts(tight(60), runs=3000, breakdowns=False)
    broken, other = counts(tight(60), runs=3000)
    assert all(broken[name] <= without[name] for name in without)
    assert sum(broken.values()) < sum(without.values())
    assert other.plan.count <= found.plan.count
    assert (found.breakdowns, other.breakdowns) == (False, True)


def test_the_same_seed_gives_the_same_result():
    first, again, other = (counts(tight(60), seed)[1] for seed in (1, 1, 2))
    assert first == again
    assert first.document == again.document
    assert first.regions != other.regions
    numbers = [region.chance.count for region in first.regions]
    assert numbers == sorted(numbers)


def test_blocks_of_runs_add_up(monkeypatch):
    monkeypatch.setattr("planner.simulation.run._BLOCK", 100)
    found = counts(tight(60), runs=250)[1]
    assert all(one.chance.runs == 250 for one in found.regions)
    assert 0 < found.plan.count < 250
    assert sum(one.chance.runs - one.chance.count for one in found.regions) == round(found.late_mean * 250)


@pytest.mark.parametrize(
    ("count", "runs", "low", "high"),
    [  # R. G. Newcombe (1998), Statistics in Medicine 17, table I, method 3
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
        (20, 20, 0.8389, 1.0),
    ],
)
def test_wilson_intervals_are_those_of_the_paper(count, runs, low, high):
    assert wilson(count, runs) == pytest.approx((low, high), abs=5e-5)


def test_delays_have_the_documented_distribution():
    chances = (np.arange(200_000) + 0.5) / 200_000
    delays = relative_delay(norm.ppf(chances))
    assert np.all(np.diff(delays) >= 0)
    assert delays[0] >= 0
    assert np.mean(delays > 1) == pytest.approx(0.02, abs=1e-4)
    assert np.mean(delays > 2) == pytest.approx(0.02 * np.exp(-1), abs=1e-4)
    assert np.mean(delays) == pytest.approx(0.98 / 3 + 0.02 * 2, abs=1e-3)
    assert np.quantile(delays, 0.98 * 0.95) == pytest.approx(beta(2, 4).ppf(0.95), abs=1e-3)


def test_repairs_have_the_documented_distribution():
    chances = (np.arange(100_000) + 0.5) / 100_000
    for mode in Mode:
        one = BREAKDOWNS[mode]
        hours = repair_s(one, chances) / HOUR
        assert np.all(np.diff(hours) >= 0)
        assert hours.min() == pytest.approx(one.least_h, abs=0.2)
        assert hours.max() == pytest.approx(one.most_h, abs=0.2)
        assert hours.mean() == pytest.approx((one.least_h + one.often_h + one.most_h) / 3, abs=1e-3)
        assert SHARES[mode].own > 0


def test_legs_of_a_day_are_late_together_and_breakdowns_as_often_as_told():
    """Two legs of the truck on Friday; the jeep's way takes 50,625 s by road."""
    model = make_model(reckoned(small.PLAN, delayed(small.INSTANCE, 50)))
    draws = Draws(model, 40_000, seed=5, block=0, breakdowns=True)
    trips = {trip.number: trip for trip in model.trips}
    friday, again = trips[0].legs[0], trips[4].legs[0]
    other_area, saturday = trips[5].legs[0], trips[2].legs[1]
    late = [draws.of(one).relative[Mode.ROAD] for one in (friday, again, other_area, saturday)]
    ranks = np.argsort(np.argsort(late, axis=1), axis=1)
    same, elsewhere, next_day = np.corrcoef(ranks)[0, 1:]
    # rank correlation of normal scores: 6/π · asin(r/2); r = 0.5, 0.2 + 0.1, 0.4 · ½ + 0.1
    assert same == pytest.approx(6 / np.pi * np.arcsin(0.25), abs=0.02)
    assert elsewhere == pytest.approx(6 / np.pi * np.arcsin(0.15), abs=0.02)
    assert next_day == pytest.approx(6 / np.pi * np.arcsin(0.15), abs=0.02)
    assert late[0].mean() == pytest.approx(0.3667, abs=0.01)
    repair = draws.of(saturday).repair_s
    assert np.mean(repair > 0) == pytest.approx(1 - np.exp(-50_625 / HOUR / 400), abs=0.004)
    assert repair[repair > 0].mean() / HOUR == pytest.approx((0.5 + 2 + 12) / 3, abs=0.3)
    assert Draws(model, 9, seed=5, block=0, breakdowns=False).of(saturday).repair_s is None


def test_a_leg_by_two_modes_has_both_shares():
    """The ship goes by sea and by river: each part of its delay is drawn by its own mode."""
    model = make_model(reckoned(small.PLAN, delayed(small.INSTANCE, 50)))
    leg = next(trip for trip in model.trips if trip.number == 1).legs[0]
    assert leg.way.time_of == {Mode.SEA: 1800, Mode.RIVER: 3600}
    assert [one.largest_s for one in leg.way.stretches] == [{Mode.SEA: 900, Mode.RIVER: 1800}]


def test_largest_delays_take_the_largest_row_that_fits():
    rows = (
        Delay(id="road", mode=Mode.ROAD, percent=10),
        Delay(id="river", mode=Mode.RIVER, percent=90),
        Delay(id="edge", edge="e2", fixed_s=700),
        Delay(id="type", vehicle="JEEP", percent=20),
        Delay(id="wet", season="wet", percent=900),
    )
    own = {"e5": {"delay_max_s": 4000, "delay_back_max_s": 12_000}}
    edges = tuple(replace(one, **own.get(one.id, {})) for one in small.INSTANCE.edges)
    instance = replace(small.INSTANCE, delays=rows, edges=edges)
    trips = {one.number: one for one in make_model(reckoned(small.PLAN, instance)).trips}
    # truck: e1 10 % of 2,700; e2 700 s; the known trip B - W 10 % of 4,000
    assert [one.way.stretches[0].largest_s for one in trips[0].legs] == [
        {Mode.ROAD: 270},
        {Mode.ROAD: 700},
        {Mode.ROAD: 400},
    ]
    # jeep at 80 %: e1 20 % of 3,375; e2 700 s; e5 20 % of 45,000, but back 12,000 s
    there, back = trips[2].legs
    assert [one.largest_s for one in there.way.stretches] == [{Mode.ROAD: 675 + 700 + 9000}]
    assert [one.largest_s for one in back.way.stretches] == [{Mode.ROAD: 675 + 700 + 12_000}]


def test_an_edge_with_hours_is_a_stretch_of_its_own():
    edges = [road("a", "W", "A", 600), road("b", "A", "B", 700, calendar="office"), road("c", "B", "C", 800)]
    instance = delayed(world([village(name) for name in "ABC"], [truck()], edges), 50)
    problem = problem_of(instance)
    one = candidate(problem, Route(0, (problem.served[-1],)))
    solution = Solution(problem, (Assignment(one, timings(problem, one)[0], 0, 0),))
    plan = plan_of(instance, outcome(problem, solution))
    (trip,) = make_model(reckoned(plan, instance)).trips
    for leg, times in zip(trip.legs, ((600, 700, 800), (800, 700, 600)), strict=True):
        assert tuple(one.time_s for one in leg.way.stretches) == times
        assert [one.gate is not None for one in leg.way.stretches] == [False, True, False]
        assert [one.largest_s[Mode.ROAD] for one in leg.way.stretches] == [time_s // 2 for time_s in times]
