"""Ways over edges with hours and closures, against a clock that ticks through every moment."""

from functools import cache

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.instance.schema import CalendarRow, Closure, KnownTrip, Mode, WindowRule
from planner.network.graph import limited_edges
from planner.network.travel import closed_edges, edge_time_s, travel
from planner.plans.model import StepKind
from planner.proof.world import World
from tests.worlds import DAY, HOUR, hub, road, truck, village, world

MINUTE, END = 60, 40  # the horizon in minutes; every time is a whole number of them
PLACES = ("W", "A", "B", "C")


def hours(name, *pairs, window=WindowRule.WHOLE):
    return tuple(
        CalendarRow(calendar=name, opens_s=MINUTE * a, closes_s=MINUTE * b, window=window) for a, b in pairs
    )


@st.composite
def networks(draw):
    """Some roads and rivers between four places and a junction, most of them closed at times."""
    minutes = st.integers(0, END)
    calendars, closures, edges = [], [], []
    for number in range(draw(st.integers(1, 7))):
        name = f"e{number}"
        pair = draw(st.lists(st.sampled_from([*PLACES, "J"]), min_size=2, max_size=2, unique=True))
        calendar = ""
        if draw(st.integers(0, 2)):
            calendar = f"c{number}"
            for _ in range(draw(st.integers(1, 3))):
                begin, end = sorted(draw(st.lists(minutes, min_size=2, max_size=2, unique=True)))
                calendars += hours(calendar, (begin, end), window=draw(st.sampled_from(WindowRule)))
        for _ in range(draw(st.integers(0, 2))):
            begin, end = sorted(draw(st.lists(minutes, min_size=2, max_size=2, unique=True)))
            times = [draw(st.sampled_from([one * MINUTE, None])) for one in (begin, end)]
            types = draw(st.sampled_from([(), (), ("T",), ("river",), ("X",), ("X", "sea")]))
            row = Closure(id=f"x{len(closures)}", edge=name, from_s=times[0], until_s=times[1], types=types)
            closures.append(row)
        time_s, back_s = (MINUTE * draw(st.integers(1, 9)) for _ in range(2))
        edges.append(
            road(
                name,
                *pair,
                time_s,
                draw(st.sampled_from([back_s, None])),
                length_m=draw(st.integers(1, 3)),
                mode=draw(st.sampled_from([Mode.ROAD, Mode.ROAD, Mode.RIVER])),
                calendar=calendar,
            )
        )
    return world(
        [village(name) for name in PLACES[1:]],
        [truck(modes=draw(st.sampled_from([(Mode.ROAD,), (Mode.ROAD, Mode.RIVER)])))],
        edges,
        hubs=(hub("J"),),
        horizon_s=END * MINUTE,
        deadline_s=END * MINUTE,
        calendars=tuple(calendars),
        closures=tuple(closures),
    )


class Ticking:
    """The same by the plain meaning of the rules, minute by minute."""

    def __init__(self, instance):
        self.instance, self.kind = instance, instance.vehicles[0]

    @cache  # noqa: B019
    def may_pass(self, edge, start, end):
        """Whether an edge may be passed in the minutes [start, end)."""
        rows = [one for one in self.instance.calendars if one.calendar == edge.calendar]
        whole = [row for row in rows if row.window is WindowRule.WHOLE]
        begun = any(
            row.opens_s <= start * MINUTE < row.closes_s for row in rows if row.window is WindowRule.START
        )
        inside = all(
            any(row.opens_s <= one * MINUTE < row.closes_s for row in whole) for one in range(start, end)
        )
        shut = any(
            (row.from_s or 0) <= one * MINUTE < (END * MINUTE if row.until_s is None else row.until_s)
            for row in self.instance.closures
            if row.edge == edge.id and (not row.types or {"T", *self.kind.modes} & set(row.types))
            for one in range(start, end)
        )
        return (not edge.calendar or begun or inside) and not shut

    def steps(self, node):
        """(next node, minutes, edge) from a node."""
        for edge in self.instance.edges:
            if edge.mode in self.kind.modes:
                if edge.from_node == node:
                    yield edge.to_node, edge.time_s // MINUTE, edge
                if edge.to_node == node and edge.time_back_s is not None:
                    yield edge.from_node, edge.time_back_s // MINUTE, edge

    def arrivals(self, start, depart):
        """First minute at which each node can be occupied, from a departure."""
        found = {start: depart}
        reached = {depart: set(found)}
        for now in range(depart, END + 1):
            here = reached.get(now, set()) | reached.get(now - 1, set()) if now > depart else reached[now]
            reached[now] = set(here)
            for node in here:
                for there, minutes, edge in self.steps(node):
                    if now + minutes <= END and self.may_pass(edge, now, now + minutes):
                        reached.setdefault(now + minutes, set()).add(there)
                        found[there] = min(found.get(there, END + 1), now + minutes)
        return found

    def arrival(self, start, end, depart):
        return self.arrivals(start, depart).get(end)


def earliest(ways, start, end, depart_s):
    """Arrival by the program, None beyond the horizon; what it says of its way is checked too."""
    if not ways.reachable[start, end]:
        return None
    if ways.timed is None or not ways.timed.affects[start][end]:
        found = depart_s + int(ways.time_s[start, end])
    else:
        way = ways.timed.way(start, end, depart_s)
        found = None if way is None else way.arrive_s
    return found if found is not None and found <= END * MINUTE else None


@settings(max_examples=150, deadline=None)
@given(networks())
def test_arrivals_are_those_of_a_ticking_clock_and_nobody_overtakes(instance):
    ways = travel(instance, instance.vehicles[0], PLACES)
    clock = Ticking(instance)
    for start, here in enumerate(PLACES):
        before = [-1] * len(PLACES)
        for depart in range(0, END + 1, 3):
            arrivals = clock.arrivals(here, depart)
            for end, there in enumerate(PLACES):
                if start == end:
                    continue
                found = earliest(ways, start, end, depart * MINUTE)
                expected = arrivals.get(there)
                assert found == (None if expected is None else expected * MINUTE)
                later = END * MINUTE + 1 if found is None else found
                assert later >= before[end]
                before[end] = later


@settings(max_examples=100, deadline=None)
@given(networks(), st.integers(0, END))
def test_a_way_found_can_be_driven_and_has_its_length(instance, depart):
    kind = instance.vehicles[0]
    ways, clock = travel(instance, kind, PLACES), Ticking(instance)
    edges = {one.id: one for one in instance.edges}
    timed = ways.timed
    for start in range(len(PLACES)) if timed is not None else ():
        for end in range(len(PLACES)):
            for choice in (timed, timed.waiting):
                way = choice.way(start, end, depart * MINUTE) if timed.affects[start][end] else None
                if way is None:
                    continue
                now, length_m = depart, 0
                for step in way.path:  # as early as may be, step by step
                    edge = edges[step.ref]
                    back = step.kind is StepKind.BACK
                    minutes = (edge.time_back_s if back else edge.time_s) // MINUTE
                    while not clock.may_pass(edge, now, now + minutes):
                        now += 1
                    length_m += edge.length_m
                    now += minutes
                assert (now * MINUTE, length_m) == (way.arrive_s, way.distance_m)
                assert way.pieces[-1][1] == way.arrive_s


@settings(max_examples=100, deadline=None)
@given(networks())
def test_a_least_time_way_runs_through_exactly_where_it_says(instance):
    ways = travel(instance, instance.vehicles[0], PLACES)
    timed = ways.timed
    for start in range(len(PLACES)) if timed is not None else ():
        for end in range(len(PLACES)):
            if timed.affects[start][end]:
                through = timed.through(start, end)
                for depart in range(END):
                    arrive_s = earliest(ways, start, end, depart * MINUTE)
                    runs = arrive_s == depart * MINUTE + ways.time_s[start, end]
                    claimed = any(low <= depart * MINUTE <= high for low, high in through)
                    if claimed:
                        assert timed.waiting.way(start, end, depart * MINUTE).arrive_s == (
                            depart * MINUTE + ways.time_s[start, end]
                        )
                    else:  # another way may be as quick
                        waits = timed.waiting.way(start, end, depart * MINUTE)
                        assert waits is None or waits.arrive_s > depart * MINUTE + ways.time_s[start, end]
                    assert runs or not claimed or arrive_s is None


@settings(max_examples=60, deadline=None)
@given(networks())
def test_ways_that_avoid_use_no_edge_that_is_ever_closed(instance):
    ways = travel(instance, instance.vehicles[0], PLACES)
    limited = limited_edges(instance, instance.vehicles[0])
    if ways.avoiding is not None:
        for start in range(len(PLACES)):
            for end in range(len(PLACES)):
                if start != end and ways.avoiding.reachable[start, end]:
                    path = ways.avoiding.path(start, end)
                    assert not {step.ref for step in path} & set(limited)
                    assert ways.avoiding.time_s[start, end] >= ways.time_s[start, end]


def test_closures_that_together_cover_the_horizon_close_an_edge_throughout():
    halves = (
        Closure(id="c", edge="a", until_s=HOUR),
        Closure(id="d", edge="a", from_s=HOUR),
        Closure(id="e", edge="b", until_s=HOUR),
        Closure(id="f", edge="b", from_s=HOUR + 1),
    )
    edges = [road("a", "W", "A"), road("b", "A", "B")]
    instance = world([village("A"), village("B")], [truck()], edges, closures=halves)
    assert closed_edges(instance, instance.vehicles[0]) == {"a"}


def test_a_known_trip_keeps_its_time_whatever_the_hours():
    known = KnownTrip(id="k", from_node="W", to_node="A", time_s=500, distance_m=7)
    instance = world(
        [village("A")],
        [truck()],
        [road("a", "W", "A")],
        closures=(Closure(id="c", edge="a", until_s=HOUR),),
        known_trips=(known,),
    )
    found = travel(instance, instance.vehicles[0], ("W", "A"))
    assert found.timed is not None
    assert not found.timed.affects[0][1]
    assert found.timed.affects[1][0]


@pytest.mark.parametrize(
    ("depart", "arrive", "edges"),
    [
        (0, 10, "f"),  # the ferry is there
        (1, 12, "d"),  # just missed: the detour is quicker than the next one
        (6, 16, "f"),  # worth waiting for nothing: it opens at 6
        (4, 15, "d"),
    ],
)
def test_a_detour_or_a_wait_is_chosen_by_arrival(depart, arrive, edges):
    ferry = hours("ferry", (0, 1), (6, 7), window=WindowRule.START)
    lines = [road("f", "W", "A", 10 * MINUTE, calendar="ferry"), road("d", "W", "A", 11 * MINUTE)]
    instance = world([village("A")], [truck()], lines, calendars=ferry)
    way = travel(instance, instance.vehicles[0], ("W", "A")).timed.way(0, 1, depart * MINUTE)
    assert (way.arrive_s, [step.ref for step in way.path]) == (arrive * MINUTE, [edges])


def test_speed_and_the_end_of_hours_count():
    lines = [road("f", "W", "A", 100, calendar="ferry")]
    instance = world([village("A")], [truck(speed_percent=80)], lines, calendars=hours("ferry", (1, 4)))
    way = travel(instance, instance.vehicles[0], ("W", "A")).timed.way(0, 1, 0)
    assert way.pieces == ((60, 60 + edge_time_s(100, 80)),)
    tomorrow = travel(instance, instance.vehicles[0], ("W", "A")).timed.way(0, 1, 2 * MINUTE)
    assert tomorrow.pieces[0][0] == DAY + MINUTE


@settings(max_examples=100, deadline=None)
@given(networks(), st.integers(0, END // 2))
def test_the_checkers_own_arrivals_are_the_same(instance, depart):
    kind = instance.vehicles[0]
    ways, files = travel(instance, kind, PLACES), World(instance)
    for start, here in enumerate(PLACES):
        found = files.passages.arrivals(kind, frozenset(PLACES), here, depart * MINUTE)
        for end, there in enumerate(PLACES):
            if start != end:
                own = found.get(there, END * MINUTE + 1)
                other = earliest(ways, start, end, depart * MINUTE)
                assert (own if own <= END * MINUTE else None) == other
