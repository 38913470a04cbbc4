"""Least times and ways: parallel and one-way edges, rounding, known trips, and the graph at large."""

from dataclasses import replace
from math import inf
from unittest.mock import patch

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.instance.schema import Closure, KnownTrip, Mode
from planner.network.travel import edge_time_s, shortest_distances_m, travel
from planner.plans.model import Step, StepKind
from tests.worlds import DAY, hub, road, truck, village, world

FORWARD, BACK, KNOWN = StepKind.FORWARD, StepKind.BACK, StepKind.KNOWN


def ways(edges, kind=None, places=("W", "A", "B"), **tables):
    """Travel of a type between places; every place but W is a village."""
    kind = kind or truck()
    instance = world([village(name) for name in places[1:]], [kind], edges, **tables)
    return travel(instance, kind, places)


def test_of_parallel_edges_the_quicker_one_is_taken_and_of_equally_quick_ones_the_shorter():
    edges = [road("slow", "W", "A", 900, length_m=1), road("long", "W", "A", 600, length_m=9)]
    found = ways([*edges, road("short", "A", "W", 600, length_m=8)], places=("W", "A"))
    assert (found.time_s[0, 1], found.distance_m[0, 1]) == (600, 8)
    assert found.path(0, 1) == (Step(BACK, "short"),)
    assert found.path(1, 0) == (Step(FORWARD, "short"),)


def test_of_equally_quick_ways_the_shorter_one_is_taken():
    edges = [
        road("direct", "W", "A", 600, length_m=900),
        road("one", "W", "B", 200, length_m=400),
        road("two", "B", "A", 400, length_m=499),
    ]
    found = ways(edges)
    assert (found.time_s[0, 1], found.distance_m[0, 1]) == (600, 899)
    assert found.path(0, 1) == (Step(FORWARD, "one"), Step(FORWARD, "two"))


def test_an_edge_without_time_back_is_one_way():
    found = ways([road("a", "W", "A", 600, back_s=None)], places=("W", "A"))
    assert found.reachable.tolist() == [[True, True], [False, True]]
    assert found.time_s[1, 0] == found.distance_m[1, 0] == 0
    with pytest.raises(ValueError, match="no way from A to W"):
        found.path(1, 0)


def test_time_back_is_the_edges_own():
    found = ways([road("a", "W", "A", 600, back_s=700)], places=("W", "A"))
    assert (found.time_s[0, 1], found.time_s[1, 0]) == (600, 700)


@pytest.mark.parametrize(
    ("time_s", "percent", "expected"),
    [(3, 200, 2), (1, 200, 1), (1, 201, 0), (7, 50, 14), (1, 3, 33), (10, 30, 33), (5, 30, 17), (1, 100, 1)],
)
def test_time_of_an_edge_is_rounded_half_up(time_s, percent, expected):
    assert edge_time_s(time_s, percent) == expected


def test_each_edge_is_rounded_by_itself():
    found = ways([road("a", "W", "A", 1), road("b", "A", "B", 1)], truck(speed_percent=200))
    assert found.time_s[0].tolist() == [0, 1, 2]


@pytest.mark.parametrize(
    ("closure", "closed"),
    [
        ({}, True),
        ({"from_s": 0, "until_s": 3 * DAY}, True),
        ({"from_s": -5, "until_s": 3 * DAY + 5}, True),
        ({"from_s": 1}, False),
        ({"until_s": 3 * DAY - 1}, False),
    ],
)
def test_only_an_edge_closed_for_the_whole_horizon_is_not_there(closure, closed):
    found = ways([road("a", "W", "A")], places=("W", "A"), closures=(Closure(id="c", edge="a", **closure),))
    assert found.reachable[0, 1] != closed


def test_a_vehicle_moves_only_on_its_modes():
    edges = [road("a", "W", "A", mode=Mode.RIVER), road("b", "W", "B", mode=Mode.SEA)]
    both = truck(modes=(Mode.RIVER, Mode.SEA))
    assert ways(edges).reachable[0].tolist() == [True, False, False]
    assert ways(edges, both).reachable[0].tolist() == [True, True, True]


def test_without_edges_nothing_is_reached():
    found = ways([])
    assert found.reachable.tolist() == np.eye(3, dtype=bool).tolist()


def test_a_known_trip_overrides_the_network_in_its_direction_only():
    known = KnownTrip(id="k", from_node="W", to_node="A", time_s=9999, distance_m=5)
    found = ways([road("a", "W", "A", 600, length_m=8)], places=("W", "A"), known_trips=(known,))
    assert (found.time_s[0, 1], found.distance_m[0, 1]) == (9999, 5)
    assert (found.time_s[1, 0], found.distance_m[1, 0]) == (600, 8)
    assert found.path(0, 1) == (Step(KNOWN, "k"),)
    assert found.path(1, 0) == (Step(BACK, "a"),)


def test_a_known_trip_joins_places_without_any_edge():
    known = KnownTrip(id="k", from_node="A", to_node="W", time_s=60, distance_m=5)
    found = ways([], places=("W", "A"), known_trips=(known,))
    assert found.reachable.tolist() == [[True, False], [True, True]]


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 0, 2)])
def test_the_types_own_known_trip_wins_whatever_the_order_of_rows(order):
    ends = {"from_node": "W", "to_node": "A"}
    rows = [
        KnownTrip(id="all", time_s=500, distance_m=1, **ends),
        KnownTrip(id="own", time_s=900, distance_m=2, vehicle="T", **ends),
        KnownTrip(id="other", time_s=100, distance_m=3, vehicle="X", **ends),
    ]
    found = ways([], places=("W", "A"), known_trips=tuple(rows[idx] for idx in order))
    assert (found.time_s[0, 1], found.path(0, 1)) == (900, (Step(KNOWN, "own"),))


def test_other_legs_do_not_use_known_trips():
    known = KnownTrip(id="k", from_node="W", to_node="A", time_s=1, distance_m=1)
    found = ways([road("a", "W", "A", 600), road("b", "A", "B", 600)], known_trips=(known,))
    assert found.time_s[0, 2] == 1200
    assert found.path(0, 2) == (Step(FORWARD, "a"), Step(FORWARD, "b"))


def test_an_unknown_place_is_an_error():
    with pytest.raises(KeyError):
        travel(world([village("A")], [truck()], []), truck(), ("W", "Z"))


@st.composite
def graphs(draw):
    """A type of one mode or two, edges of both between six places, and known trips between some."""
    nodes = ["W", "A", "B", "C", "J", "L"]
    edges = [
        road(
            f"e{idx}",
            draw(st.sampled_from(nodes)),
            draw(st.sampled_from(nodes)),
            draw(st.integers(1, 9)),
            back_s=draw(st.sampled_from([None, 1, 4, 9])),
            length_m=draw(st.integers(0, 9)),
            mode=draw(st.sampled_from([Mode.ROAD, Mode.RIVER])),
        )
        for idx in range(draw(st.integers(0, 14)))
    ]
    modes = draw(st.sampled_from([(Mode.ROAD,), (Mode.ROAD, Mode.RIVER)]))
    upstream = draw(st.sampled_from([None, 20, 200]))
    kind = truck(modes=modes, speed_percent=draw(st.integers(30, 250)), upstream_percent=upstream)
    ends = draw(st.lists(st.tuples(*[st.sampled_from(nodes[:4])] * 2), max_size=2, unique=True))
    known = [
        KnownTrip(id=f"k{idx}", from_node=here, to_node=there, time_s=draw(st.integers(1, 9)), distance_m=idx)
        for idx, (here, there) in enumerate(ends)
        if here != there
    ]
    regions = [village(name) for name in "ABC"]
    return world(regions, [kind], edges, hubs=(hub("J"), hub("L")), known_trips=tuple(known))


def back_percent(edge, kind):
    return kind.upstream_percent or kind.speed_percent if edge.mode is Mode.RIVER else kind.speed_percent


def in_networkx(instance, kind):
    """The same graph in networkx; shortest first by time, then by length."""
    graph = nx.MultiDiGraph()
    graph.add_nodes_from(("W", "A", "B", "C", "J", "L"))
    for edge in instance.edges:
        if edge.mode in kind.modes:
            ends = [(edge.from_node, edge.to_node, edge.time_s, kind.speed_percent)]
            if edge.time_back_s is not None:
                ends.append((edge.to_node, edge.from_node, edge.time_back_s, back_percent(edge, kind)))
            for start, end, time_s, percent in ends:
                slow_s = int(time_s * 100 / percent + 0.5)
                graph.add_edge(start, end, both=slow_s * 1000 + edge.length_m)
    return graph


@settings(max_examples=60, deadline=None)
@given(graphs())
def test_times_lengths_and_ways_agree_with_networkx(instance):
    kind, places = instance.vehicles[0], ("W", "A", "B", "C")
    found = travel(instance, kind, places)
    graph = in_networkx(instance, kind)
    known = {(row.from_node, row.to_node): row for row in instance.known_trips}
    for start, here in enumerate(places):
        least = nx.single_source_dijkstra_path_length(graph, here, weight="both")
        for end, there in enumerate(places):
            if (here, there) in known:
                row = known[here, there]
                assert found.reachable[start, end]
                assert (found.time_s[start, end], found.distance_m[start, end]) == (
                    row.time_s,
                    row.distance_m,
                )
                continue
            both = least.get(there)
            assert found.reachable[start, end] == (both is not None)
            if both is not None and start != end:
                assert (found.time_s[start, end], found.distance_m[start, end]) == divmod(both, 1000)
                assert walked(instance, kind, found.path(start, end), here, there) == divmod(both, 1000)


def walked(instance, kind, steps, here, there):
    """Time and length of a way, followed step by step."""
    edge_of = {edge.id: edge for edge in instance.edges}
    time_s = length_m = 0
    for step in steps:
        edge = edge_of[step.ref]
        start, end, edge_s = edge.from_node, edge.to_node, edge.time_s
        if step.kind is BACK:
            start, end, edge_s = edge.to_node, edge.from_node, edge.time_back_s
        percent = back_percent(edge, kind) if step.kind is BACK else kind.speed_percent
        assert here == start
        assert edge.mode in kind.modes
        here, time_s, length_m = (
            end,
            time_s + edge_time_s(edge_s, percent),
            length_m + edge.length_m,
        )
    assert here == there
    return time_s, length_m


@settings(max_examples=30, deadline=None)
@given(graphs())
def test_without_packing_times_are_the_same_and_lengths_those_of_the_ways(instance):
    kind, places = instance.vehicles[0], ("W", "A", "B", "C")
    packed = travel(instance, kind, places)
    with patch("planner.network.graph._length_bits", return_value=None):
        found = travel(instance, kind, places)
    assert (found.time_s == packed.time_s).all()
    assert (found.reachable == packed.reachable).all()
    known = {(row.from_node, row.to_node) for row in instance.known_trips}
    for start, here in enumerate(places):
        for end, there in enumerate(places):
            if start != end and found.reachable[start, end] and (here, there) not in known:
                way = walked(instance, kind, found.path(start, end), here, there)
                assert way == (found.time_s[start, end], found.distance_m[start, end])


def test_huge_figures_fall_back_and_stay_exact():
    far = [road("a", "W", "A", 2**30, length_m=2**30), road("b", "A", "B", 2**30 - 1, length_m=3)]
    found = ways(far)
    assert found.time_s[0].tolist() == [0, 2**30, 2**31 - 1]
    assert found.distance_m[0].tolist() == [0, 2**30, 2**30 + 3]


@settings(max_examples=30, deadline=None)
@given(graphs())
def test_no_way_of_a_plan_is_shorter_than_the_shortest_distance(instance):
    kind, places = instance.vehicles[0], ("W", "A", "B", "C")
    there, back = shortest_distances_m(instance, kind, places)
    found = travel(instance, kind, places)
    length = np.where(found.reachable, found.distance_m, inf)
    for through in range(len(places)):  # any chain of legs
        length = np.minimum(length, length[:, through, None] + length[None, through, :])
    assert (there <= length[0]).all()
    assert (back <= length[:, 0]).all()


def test_least_times_go_round_a_slow_known_trip():
    known = KnownTrip(id="k", from_node="W", to_node="B", time_s=9999, distance_m=1)
    found = ways([road("a", "W", "A", 600), road("b", "A", "B", 700)], known_trips=(known,))
    assert found.time_s[0].tolist() == [0, 600, 9999]
    assert found.least_times_s.tolist() == [[0, 600, 1300], [0, 600, 1300]]


def test_least_times_are_infinite_where_there_is_no_way():
    found = ways([road("a", "W", "A", 600, back_s=None)])
    assert found.least_times_s.tolist() == [[0, 600, inf], [0, inf, inf]]


def test_a_craft_may_be_slower_against_the_stream_of_rivers_alone():
    river = road("r", "W", "A", 600, back_s=700, mode=Mode.RIVER)
    lane = road("l", "A", "B", 600, back_s=700)
    kind = truck(modes=(Mode.RIVER, Mode.ROAD), speed_percent=50, upstream_percent=40)
    found = ways([river, lane], kind)
    assert (found.time_s[0, 1], found.time_s[1, 0]) == (1200, 1750)  # 600 / 0.5, 700 / 0.4
    assert (found.time_s[1, 2], found.time_s[2, 1]) == (1200, 1400)
    usual = ways([river, lane], replace(kind, upstream_percent=None))
    assert (usual.time_s[0, 1], usual.time_s[1, 0]) == (1200, 1400)
