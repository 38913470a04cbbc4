"""The modelled network on small made-up regions."""

from __future__ import annotations

from dataclasses import replace

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.base.clock import Clock, parse_instant
from planner.base.errors import Severity
from planner.instance.schema import (
    Access,
    Barrier,
    Basis,
    Delay,
    Direction,
    Edge,
    Hub,
    HubKind,
    Instance,
    Item,
    Line,
    Mode,
    ModelSettings,
    Node,
    Region,
    Settings,
    Speed,
    VehicleType,
    Warehouse,
)
from planner.network.model import NetworkModelError, model_edges
from planner.network.report import model_report

SPEEDS = (
    Speed(mode=Mode.ROAD, class_="good", speed_m_per_h=60_000, circuity_milli=1200),
    Speed(mode=Mode.ROAD, class_="bad", speed_m_per_h=20_000, circuity_milli=1500),
    Speed(mode=Mode.FOOT, class_="path", speed_m_per_h=4_000),
    Speed(
        mode=Mode.RIVER, class_="river", direction=Direction.DOWN, speed_m_per_h=40_000, circuity_milli=1300
    ),
    Speed(mode=Mode.RIVER, class_="river", direction=Direction.UP, speed_m_per_h=20_000, circuity_milli=1300),
    Speed(mode=Mode.SEA, class_="sea", speed_m_per_h=30_000),
    Speed(mode=Mode.AIR, class_="plane", speed_m_per_h=200_000),
)
Points = dict[str, tuple[float, float]]


def region(name: str, lat: float, lon: float, subarea: str = "s") -> Region:
    return Region(
        id=name, name=name, warehouse="w", lat=lat, lon=lon, area="a", subarea=subarea, counts={"n": 1}
    )


def made(points: Points, access: dict[str, tuple[Mode, str]], **tables) -> Instance:
    """The first point is the warehouse."""
    (home, (lat, lon)), *others = points.items()
    model = tables.pop("model", ModelSettings(neighbours=3, longest_join_m=50_000))
    clock = Clock(parse_instant("2025-01-01T00:00+00:00"), "UTC")
    one = Settings(
        name="made",
        clock=clock,
        horizon_s=86_400,
        deadline_s=80_000,
        counts=("n",),
        unit="n",
        weight="n",
        model=model,
    )
    content = {
        "settings": one,
        "warehouses": (Warehouse(id=home, name=home, lat=lat, lon=lon),),
        "regions": tuple(region(name, *place) for name, place in others),
        "vehicles": (
            VehicleType(
                id="v", name="v", warehouse=home, number=1, modes=(Mode.ROAD,), mass_kg=1, volume_dm3=1
            ),
        ),
        "items": (Item(id="i", name="i", per="n", mass_g=1, volume_cm3=1),),
        "access": tuple(
            Access(place=place, mode=mode, class_=class_) for place, (mode, class_) in access.items()
        ),
        "speeds": SPEEDS,
    }
    return Instance(**(content | tables))


def line(name: str, mode: Mode, class_: str, nodes: str, minutes: int | None = None) -> tuple[Line, ...]:
    names = nodes.split()
    return tuple(
        Line(
            line=name,
            seq=at,
            node=node,
            mode=mode,
            class_=class_,
            minutes_s=None if minutes is None else minutes * 60,
        )
        for at, node in enumerate(names, 1)
    )


def wall(*points: tuple[float, float]) -> tuple[Barrier, ...]:
    return tuple(Barrier(barrier="wall", seq=at, lat=lat, lon=lon) for at, (lat, lon) in enumerate(points, 1))


def graph(edges: tuple[Edge, ...], *modes: Mode) -> nx.DiGraph:
    found = nx.DiGraph()
    for edge in edges:
        if edge.mode in modes:
            found.add_edge(edge.from_node, edge.to_node, time=edge.time_s)
            if edge.time_back_s is not None:
                found.add_edge(edge.to_node, edge.from_node, time=edge.time_back_s)
    return found


def pair(edges: tuple[Edge, ...], one: str, other: str) -> Edge:
    (found,) = (edge for edge in edges if {edge.from_node, edge.to_node} == {one, other})
    return found


ROW = {"w": (0.0, 0.0), "a": (0.0, 0.1), "b": (0.0, 0.2), "c": (0.0, 0.3), "d": (0.0, 0.4)}
ALL_ROAD = {"a": (Mode.ROAD, "good"), "w": (Mode.ROAD, "good")}


def test_length_is_great_circle_times_circuity_and_time_follows():
    edge = pair(model_edges(made(ROW, ALL_ROAD)), "w", "a")
    assert edge.length_m == round(0.1 * np.pi / 180 * 6_371_009 * 1.2)
    assert edge.time_s == edge.time_back_s == round(edge.length_m / 60_000 * 3600)
    assert edge.basis is Basis.MODELLED
    assert edge.source == "speeds: road good (both)"


def test_area_gives_access_until_a_more_exact_row_does():
    edges = model_edges(made(ROW, ALL_ROAD | {"b": (Mode.ROAD, "bad")}))
    assert pair(edges, "a", "b").class_ == "bad"
    assert pair(edges, "c", "d").class_ == "good"


def test_class_of_a_join_is_the_slower_one_of_its_ends():
    edges = model_edges(made(ROW, ALL_ROAD | {"b": (Mode.ROAD, "bad")}))
    assert {edge.class_ for edge in edges if "b" in (edge.from_node, edge.to_node)} == {"bad"}
    assert pair(edges, "a", "b").time_s == round(pair(edges, "a", "b").length_m / 20_000 * 3600)


def test_own_row_replaces_the_modes_of_the_area():
    edges = model_edges(made(ROW, ALL_ROAD | {"b": (Mode.SEA, "sea"), "c": (Mode.SEA, "sea")}))
    assert not any(edge.mode is Mode.ROAD and {"b", "c"} & {edge.from_node, edge.to_node} for edge in edges)
    assert pair(edges, "b", "c").mode is Mode.SEA


def test_no_join_crosses_a_barrier_and_each_side_holds_together():
    instance = made(ROW, ALL_ROAD, barriers=wall((-1.0, 0.25), (1.0, 0.25)))
    parts = list(nx.weakly_connected_components(graph(model_edges(instance), Mode.ROAD)))
    assert sorted(map(sorted, parts)) == [["a", "b", "w"], ["c", "d"]]


def test_touching_a_barrier_counts_as_crossing():
    instance = made(ROW, ALL_ROAD, barriers=wall((0.0, 0.25), (1.0, 0.25)))
    assert not graph(model_edges(instance), Mode.ROAD).has_edge("b", "c")


def test_a_way_round_the_end_of_a_barrier_is_found():
    points = ROW | {"round": (0.3, 0.25)}
    instance = made(points, ALL_ROAD, barriers=wall((-1.0, 0.25), (0.25, 0.25)))
    roads = graph(model_edges(instance), Mode.ROAD)
    assert nx.shortest_path(roads, "b", "c", weight="time") == ["b", "round", "c"]


def test_a_line_crosses_a_barrier():
    bridge = line("bridge", Mode.ROAD, "good", "b c", minutes=90)
    edges = model_edges(made(ROW, ALL_ROAD, barriers=wall((-1.0, 0.25), (1.0, 0.25)), lines=bridge))
    edge = pair(edges, "b", "c")
    assert (edge.time_s, edge.time_back_s, edge.basis) == (5400, 5400, Basis.ENTERED)
    assert nx.is_strongly_connected(graph(edges, Mode.ROAD))


def test_barriers_do_not_hold_for_water():
    instance = made(ROW, {"a": (Mode.SEA, "sea")}, barriers=wall((-1.0, 0.25), (1.0, 0.25)))
    assert nx.is_connected(graph(model_edges(instance), Mode.SEA).to_undirected())


FAR = {"w": (0.0, 0.0), "a": (0.0, 0.1), "b": (3.0, 0.0), "c": (3.0, 0.1)}


def test_no_join_is_longer_than_the_longest_and_what_stays_apart_is_named():
    instance = made(FAR, ALL_ROAD)
    edges = model_edges(instance)
    assert {edge.id for edge in edges} == {"road:w:a", "road:b:c"}
    apart = model_report(instance, edges).apart
    assert [(one.code, one.table, one.value, one.severity) for one in apart] == [
        ("W550", "regions", "b", Severity.WARNING),
        ("W550", "regions", "c", Severity.WARNING),
    ]
    assert [one.params for one in apart] == [
        {"name": "b", "km": "333.6", "other": "w", "longest_km": "50"},
        {"name": "c", "km": "333.6", "other": "a", "longest_km": "50"},
    ]
    assert "333.6 km" in apart[0].cause
    assert "lines" in apart[0].action


def test_a_line_joins_what_is_further_apart_than_any_join():
    instance = made(FAR, ALL_ROAD, lines=line("way", Mode.ROAD, "good", "a b"))
    edges = model_edges(instance)
    assert nx.is_strongly_connected(graph(edges, Mode.ROAD))
    assert model_report(instance, edges).apart == ()


def test_a_sign_that_is_wrong_makes_no_road_round_the_globe():
    instance = made(ROW | {"d": (0.0, -80.4)}, ALL_ROAD)
    edges = model_edges(instance)
    assert all(edge.length_m < 50_000 for edge in edges)
    assert [one.value for one in model_report(instance, edges).apart] == ["d"]


def test_a_place_without_a_mode_of_others_and_an_office_apart_are_named():
    hubs = (Hub(id="office", name="Office", kind=HubKind.OFFICE, lat=9.0, lon=9.0),)
    instance = made(ROW, ALL_ROAD | {"d": (Mode.SEA, "sea")}, hubs=hubs)
    apart = model_report(instance, model_edges(instance)).apart
    assert [(one.code, one.table, one.value) for one in apart] == [
        ("W551", "hubs", "office"),
        ("W551", "regions", "d"),
    ]


def test_places_too_far_from_the_river_are_joined_over_places_between_or_named():
    points = ROW | {"creek": (0.3, 0.2), "source": (0.7, 0.2), "lake": (1.5, 0.2)}
    river = line("river", Mode.RIVER, "river", "d c b w")
    instance = made(points, dict.fromkeys(["creek", "source", "lake"], (Mode.RIVER, "river")), lines=river)
    instance = replace(instance, regions=tuple(replace(row, subarea=row.id) for row in instance.regions))
    edges = model_edges(instance)
    assert {edge.id for edge in edges if "creek" in edge.id} == {"river:creek:b", "river:source:creek"}
    apart = [one for one in model_report(instance, edges).apart if one.value not in ROW]
    assert [(one.code, one.value, one.params["other"]) for one in apart] == [("W550", "lake", "source")]


def test_river_is_slower_up():
    river = line("river", Mode.RIVER, "river", "d c b w")
    edge = pair(model_edges(made(ROW, {}, lines=river)), "d", "c")
    assert (edge.from_node, edge.to_node) == ("d", "c")
    assert edge.time_back_s == pytest.approx(2 * edge.time_s, abs=1)


def test_places_off_the_river_join_its_nearest_place_and_lie_upstream():
    points = ROW | {"creek": (0.1, 0.2), "source": (0.2, 0.2)}
    river = line("river", Mode.RIVER, "river", "d c b w")
    access = {"creek": (Mode.RIVER, "river"), "source": (Mode.RIVER, "river")}
    edges = model_edges(made(points, access, lines=river))
    assert (pair(edges, "creek", "b").from_node, pair(edges, "source", "b").from_node) == ("creek", "source")
    between = pair(edges, "source", "creek")
    assert (between.from_node, between.to_node) == ("source", "creek")
    assert between.time_back_s > between.time_s


def test_near_joins_of_water_stay_in_their_subarea():
    points = ROW | {"one": (0.1, 0.0), "two": (0.1, 0.01)}
    river = line("river", Mode.RIVER, "river", "d c b w")
    instance = made(points, {"one": (Mode.RIVER, "river"), "two": (Mode.RIVER, "river")}, lines=river)
    apart = tuple(replace(row, subarea=row.id) for row in instance.regions)
    assert graph(model_edges(instance), Mode.RIVER).has_edge("one", "two")
    assert not graph(model_edges(replace(instance, regions=apart)), Mode.RIVER).has_edge("one", "two")


def test_aircraft_fly_along_lines_only():
    flight = line("flight", Mode.AIR, "plane", "w d")
    access = dict.fromkeys("abcd", (Mode.AIR, "plane"))
    assert [edge.id for edge in model_edges(made(ROW, access, lines=flight))] == ["air:w:d"]


def test_foot_is_joined_like_a_road():
    access = dict.fromkeys(ROW, (Mode.FOOT, "path"))
    instance = made(ROW, access, barriers=wall((-1.0, 0.25), (1.0, 0.25)))
    assert nx.number_weakly_connected_components(graph(model_edges(instance), Mode.FOOT)) == 2


def test_nodes_are_places_too():
    crossing = Node(id="crossing", lat=0.05, lon=0.05)
    edges = model_edges(made(ROW, ALL_ROAD | {"crossing": (Mode.ROAD, "good")}, nodes=(crossing,)))
    assert graph(edges, Mode.ROAD).has_edge("crossing", "w")


def test_a_pair_has_one_edge_of_a_mode_and_the_line_goes_first():
    twice = line("one", Mode.ROAD, "bad", "w a") + line("two", Mode.ROAD, "good", "a w")
    edges = model_edges(made(ROW, ALL_ROAD, lines=twice))
    assert pair(edges, "w", "a").class_ == "bad"
    assert len({edge.id for edge in edges}) == len(edges)


def test_delays_come_from_the_rows_of_the_mode():
    rows = (
        Delay(id="all", percent=10),
        Delay(id="road", mode=Mode.ROAD, percent=20, fixed_s=60),
        Delay(id="wet", mode=Mode.ROAD, percent=90, season="wet"),
    )
    edge = pair(model_edges(made(ROW, ALL_ROAD, delays=rows)), "w", "a")
    assert edge.delay_max_s == edge.delay_back_max_s == -(-edge.time_s * 20 // 100) + 60


def test_places_at_the_same_point_are_joined():
    edges = model_edges(made(ROW | {"twin": (0.0, 0.1)}, ALL_ROAD))
    assert (pair(edges, "a", "twin").length_m, pair(edges, "a", "twin").time_s) == (0, 1)


def test_a_lonely_place_and_no_place_have_no_edges():
    assert model_edges(made(ROW, {"w": (Mode.ROAD, "good")})) == ()
    assert model_edges(made(ROW, {})) == ()


def test_missing_speed_and_unknown_node_are_told():
    with pytest.raises(NetworkModelError, match="swamp"):
        model_edges(made(ROW, {"a": (Mode.ROAD, "swamp")}))
    with pytest.raises(NetworkModelError, match="nowhere"):
        model_edges(made(ROW, {}, lines=line("river", Mode.RIVER, "river", "a nowhere")))


coordinate = st.integers(0, 100).map(lambda value: value / 100)
towns = st.lists(st.tuples(coordinate, coordinate), min_size=1, max_size=25)


longest = st.sampled_from([5_000, 10_000, 20_000, 1_000_000])


@settings(deadline=None, max_examples=100)
@given(towns, longest)
def test_roads_connect_all_that_short_joins_can(places, longest_m):
    """Brute force: which places hang together over steps no longer than a join may be."""
    points = {"w": (0.5, 0.5)} | {f"r{at}": place for at, place in enumerate(places)}
    access = dict.fromkeys(points, (Mode.ROAD, "good"))
    instance = made(points, access, model=ModelSettings(neighbours=2, longest_join_m=longest_m))
    edges = model_edges(instance)
    assert all(edge.from_node != edge.to_node for edge in edges)
    assert all(arc_m(points[edge.from_node], points[edge.to_node]) <= longest_m + 0.01 for edge in edges)
    reached = within_steps("w", points, longest_m)
    roads = graph(edges, Mode.ROAD)
    roads.add_node("w")
    assert nx.descendants(roads, "w") | {"w"} == reached
    apart = model_report(instance, edges).apart
    assert {one.value for one in apart} == set(points) - reached
    for one in apart:
        least_m = min(arc_m(points[one.value], points[other]) for other in reached)
        assert float(one.params["km"]) == pytest.approx(least_m / 1000, abs=0.051)


def within_steps(start, points, longest_m):
    """All that is reached over steps of such a length, one after the other."""
    reached, waiting = {start}, [start]
    while waiting:
        here = waiting.pop()
        near = {one for one in points if arc_m(points[here], points[one]) <= longest_m} - reached
        reached |= near
        waiting += near
    return reached


def arc_m(one, other):
    """Great circle by the angle between two vectors, which is not the formula under test."""
    a, b = (
        np.array([np.cos(lat) * np.cos(lon), np.cos(lat) * np.sin(lon), np.sin(lat)])
        for lat, lon in (np.radians(one), np.radians(other))
    )
    return 6_371_009 * float(np.arctan2(np.linalg.norm(np.cross(a, b)), a @ b))


@settings(deadline=None, max_examples=100)
@given(towns, towns, longest)
def test_water_joins_all_that_short_joins_can(on_line, off_line, longest_m):
    """A river with places off it: those hang on it over short steps, however long its own line's are."""
    line_points = {f"l{at}": place for at, place in enumerate(on_line)}
    points = {"w": (0.5, 0.5)} | line_points | {f"r{at}": place for at, place in enumerate(off_line)}
    access = {name: (Mode.RIVER, "river") for name in points if name.startswith("r")}
    river = line("river", Mode.RIVER, "river", " ".join(["w", *line_points]))
    instance = made(points, access, lines=river, model=ModelSettings(neighbours=2, longest_join_m=longest_m))
    edges = model_edges(instance)
    joins = [edge for edge in edges if {edge.from_node[0], edge.to_node[0]} & {"r"}]
    assert all(arc_m(points[edge.from_node], points[edge.to_node]) <= longest_m + 0.01 for edge in joins)
    reached = set().union(*(within_steps(one, points, longest_m) for one in ("w", *line_points)))
    assert {one.value for one in model_report(instance, edges).apart} == set(points) - reached


@settings(deadline=None, max_examples=60)
@given(towns, st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=4))
def test_no_join_crosses_any_barrier(places, walls):
    points = {"w": (0.505, 0.505)} | {
        f"r{at}": (lat + 0.001, lon + 0.002) for at, (lat, lon) in enumerate(places)
    }
    access = dict.fromkeys(points, (Mode.ROAD, "good"))
    edges = model_edges(made(points, access, barriers=wall(*walls)))
    for edge in edges:
        for start, end in zip(walls, walls[1:], strict=False):
            assert not crosses(points[edge.from_node], points[edge.to_node], start, end)


@settings(deadline=None, max_examples=40)
@given(towns, st.lists(st.tuples(coordinate, coordinate), min_size=2, max_size=4))
def test_what_stays_apart_cannot_be_joined(places, walls):
    points = {"w": (0.505, 0.505)} | {
        f"r{at}": (lat + 0.001, lon + 0.002) for at, (lat, lon) in enumerate(places)
    }
    access = dict.fromkeys(points, (Mode.ROAD, "good"))
    roads = graph(model_edges(made(points, access, barriers=wall(*walls))), Mode.ROAD)
    roads.add_nodes_from(points)
    group = {name: at for at, part in enumerate(nx.weakly_connected_components(roads)) for name in part}
    for one, other in ((a, b) for a in points for b in points if group[a] < group[b]):
        assert arc_m(points[one], points[other]) > 50_000 or any(
            crosses(points[one], points[other], start, end)
            for start, end in zip(walls, walls[1:], strict=False)
        )


def crosses(p, q, r, s) -> bool:
    """Whether two segments share a point, by exact rational arithmetic."""
    from fractions import Fraction

    p, q, r, s = (tuple(Fraction(value) for value in point) for point in (p, q, r, s))

    def side(a, b, c):
        return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])

    def within(a, b, c):
        return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])

    turns = side(p, q, r), side(p, q, s), side(r, s, p), side(r, s, q)
    if turns[0] * turns[1] < 0 and turns[2] * turns[3] < 0:
        return True
    ends = ((p, q, r), (p, q, s), (r, s, p), (r, s, q))
    return any(turn == 0 and within(*points) for turn, points in zip(turns, ends, strict=True))


@settings(deadline=None, max_examples=20)
@given(towns, st.randoms(use_true_random=False))
def test_same_rows_give_same_edges_and_order_of_access_does_not_matter(places, random):
    points = {"w": (0.5, 0.5)} | {f"r{at}": place for at, place in enumerate(places)}
    rows = [(name, (Mode.ROAD, "good")) for name in points]
    first = model_edges(made(points, dict(rows)))
    random.shuffle(rows)
    assert model_edges(made(points, dict(rows))) == first
