"""A plan on a map: what is drawn, in which order, by which classes, and where names stand."""

from __future__ import annotations

import io
import random
import re
import zlib
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import hub_plan
import pytest
import small
from pictures import SVG, drawn, name_boxes, names, overlapping, picture, plan_of_all, texts

import planner
from planner.background.read import read_background
from planner.background.schema import Background, Feature, GroundKind, Sheet
from planner.base.errors import InputError
from planner.base.text import set_language
from planner.cli import main
from planner.events.schema import Event, EventKind
from planner.instance.digest import digest
from planner.instance.read import read_instance
from planner.instance.schema import Basis, Edge, Mode, Node
from planner.instance.write import write_instance
from planner.outputs.map.classes import Colour, classes_of
from planner.outputs.map.fonts import Face, line_width, wrapped
from planner.outputs.map.png import png_bytes
from planner.outputs.map.scene import scene_of
from planner.outputs.map.ways import LAYERS
from planner.outputs.status import Standing
from planner.plans.file import write_plan
from planner.plans.model import ReasonCode, RegionResult, RegionStatus, Status, Step, StepKind
from planner.replanning.state import state_of

PLAN, INSTANCE = small.PLAN, small.INSTANCE
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(autouse=True)
def english():
    set_language("en")
    yield
    set_language("en")


def changed(*results: RegionResult):
    by_id = {item.region_id: item for item in results}
    regions = tuple(by_id.get(item.region_id, item) for item in PLAN.regions)
    return replace(PLAN, status=Status.LATE, regions=regions)


LATE_A = RegionResult(
    "A", RegionStatus.LATE, small.DEADLINE + 5400, small.DEADLINE, ReasonCode.FLEET_FULL, {}
)
NOTHING_B = RegionResult("B", RegionStatus.UNDELIVERED, None, small.DEADLINE, ReasonCode.CUT, {})


def spread(instance=INSTANCE):
    """The small instance with its regions apart from each other."""
    regions = tuple(
        replace(row, lat=0.1 * at, lon=117 + 0.07 * at * at) for at, row in enumerate(instance.regions)
    )
    houses = tuple(replace(row, lat=0.2 * at + 0.1) for at, row in enumerate(instance.warehouses))
    return replace(instance, regions=regions, warehouses=houses)


def call(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code)


def groups(root: ET.Element, kind: str = "mark") -> dict[str, ET.Element]:
    found = [item for item in root.iter(f"{SVG}g") if (item.get("class") or "").startswith(f"{kind} ")]
    return {item.get("class").removeprefix(f"{kind} "): item for item in found}


def on_map(root: ET.Element, name: str) -> list[ET.Element]:
    """Paths of a class, without those of the legend, which are level."""
    found = [item for item in root.iter(f"{SVG}path") if name in (item.get("class") or "").split()]
    return [item for item in found if "H" not in item.get("d")]


# ---------------------------------------------------------------- what is drawn


def test_a_map_has_every_region_and_warehouse():
    root = drawn(changed(LATE_A, NOTHING_B), spread())
    counts = {name: len(group.findall(f"{SVG}path")) for name, group in groups(root).items()}
    assert counts == {"on_time": 4, "late": 1, "undelivered": 1}
    (mark,) = groups(root)["late"].findall(f"{SVG}path")
    assert mark.findtext(f"{SVG}title") == "Desa A: Late, 26 Nov 01:30; margin -1 h 30 min"
    assert sorted(names(root, "house")) == ["Gudang V", "Gudang W"]
    assert sorted(names(root, "region") + names(root, "alarm")) == [f"Desa {name}" for name in "ABCDFG"]


def test_alarms_lie_on_top_of_all_other_regions():
    order = list(groups(drawn(changed(LATE_A, NOTHING_B), spread())))
    assert order[0] == "on_time"
    assert set(order[1:]) == {"late", "undelivered"}


def test_each_used_edge_is_drawn_once_for_its_mode():
    uses = scene_of(PLAN, INSTANCE).uses
    assert uses == {
        Mode.ROAD: {("A", "W"): 3, ("A", "B"): 2, ("B", "W"): 1, ("B", "D"): 1, ("G", "V"): 1},
        Mode.SEA: {("J", "W"): 1},
        Mode.RIVER: {("C", "J"): 1, ("F", "W"): 1},
    }
    root = drawn(PLAN, spread())
    for mode, lines in uses.items():
        paths = on_map(root, mode.value)
        assert sum(item.get("d").count("M") for item in paths) == len(lines)
        assert len(paths) == len(set(lines.values()))
        widths = [float(item.get("stroke-width")) for item in paths]
        assert widths == sorted(widths)


def test_modes_lie_on_each_other_in_their_order():
    order = [
        item.get("class").split()[-1]
        for item in drawn(PLAN, spread()).iter(f"{SVG}path")
        if "way" in (item.get("class") or "")
    ]
    places = [[mode.value for mode in LAYERS].index(name) for name in order if name != "way"]
    first_of_legend = next(at for at in range(1, len(places)) if places[at] < places[at - 1])
    assert places[:first_of_legend] == sorted(places[:first_of_legend])


def test_nobody_travels_no_line_unless_the_network_is_asked_for():
    assert on_map(drawn(PLAN, spread()), "net") == []
    (net,) = on_map(drawn(PLAN, spread(), network=True), "net")
    pairs = {frozenset((edge.from_node, edge.to_node)) for edge in INSTANCE.edges}
    assert net.get("d").count("M") == len(pairs)


@pytest.mark.parametrize("width", [320, 900, 1200, 1600, 2345])
def test_round_marks_are_round(width):
    """A chord that is shorter than two radii would make two arcs of it that are more than a circle."""
    (group,) = groups(drawn(PLAN, spread(), width=width)).values()
    for mark in group.findall(f"{SVG}path"):
        radius, chord = re.search(r"a([\d.]+) \S+ 0 1 0 ([\d.]+) ", mark.get("d")).groups()
        assert float(chord) == pytest.approx(2 * float(radius))


def test_a_map_says_the_answer_and_what_is_modelled():
    told = " ".join(texts(drawn()))
    assert "ON_TIME: 6 of 6" in told
    assert "modelled" not in told
    modelled = replace(INSTANCE, edges=tuple(replace(edge, basis=Basis.MODELLED) for edge in INSTANCE.edges))
    assert "The network is modelled" in " ".join(texts(drawn(instance=modelled)))
    set_language("id")
    assert "Jaringan hasil model" in " ".join(texts(drawn(instance=modelled)))


def test_a_map_needs_nothing_from_outside():
    text = picture(PLAN, spread())
    assert text == picture(PLAN, spread())
    assert re.findall(r"https?://[^\"]*", text) == ["http://www.w3.org/2000/svg"]
    assert "href" not in text
    assert "@import" not in text


def test_names_are_escaped():
    houses = tuple(replace(row, name="Gudang <\"&'> " + row.id) for row in INSTANCE.warehouses)
    root = drawn(instance=replace(spread(), warehouses=houses))
    assert "Gudang <\"&'> W" in texts(root)


@pytest.mark.parametrize("sign", ["\x01", "\ufffe", "\ud800"])
def test_signs_that_no_xml_may_have_are_replaced(sign):
    houses = tuple(replace(row, name=f"Gudang {sign}{row.id}") for row in INSTANCE.warehouses)
    world = replace(spread(), warehouses=houses)
    assert "Gudang \ufffdW" in texts(drawn(instance=world))
    assert png_bytes(picture(PLAN, world))


def test_everything_lies_on_the_map_even_across_the_180th_meridian():
    lons = iter((179.2, 179.9, -179.8, -179.1, 179.5, 180.0))
    regions = tuple(
        replace(row, lon=next(lons), lat=-17 + 0.1 * at) for at, row in enumerate(INSTANCE.regions)
    )
    houses = tuple(replace(row, lon=179.0, lat=-17.5) for row in INSTANCE.warehouses)
    hubs = tuple(replace(row, lon=179.3, lat=-17.5) for row in INSTANCE.hubs)
    root = drawn(instance=replace(INSTANCE, regions=regions, warehouses=houses, hubs=hubs))
    marks = groups(root)["on_time"].findall(f"{SVG}path")
    lefts = [float(re.match(r"M(-?[\d.]+) ", mark.get("d")).group(1)) for mark in marks]
    xs = dict(zip("ABCDFG", lefts, strict=True))
    assert xs["A"] < xs["B"] < xs["C"] < xs["D"]
    frame = next(item for item in root.iter(f"{SVG}rect") if item.get("class") == "frame")
    assert all(0 < left < float(frame.get("width")) for left in lefts)


def test_a_known_trip_and_an_unused_node():
    back = replace(small.T1.back, path=(Step(StepKind.KNOWN, "k1"),))
    plan = replace(PLAN, trips=(replace(small.T1, back=back),))
    assert scene_of(plan, INSTANCE).uses[Mode.ROAD]["B", "W"] == 1
    edge = Edge(id="x", from_node="N", to_node="W", mode=Mode.AIR, length_m=1, time_s=1)
    far = replace(spread(), nodes=(Node(id="N", lat=50.0, lon=10.0),), edges=(*INSTANCE.edges, edge))
    found = [[mark.get("d") for mark in groups(drawn(plan, world))["on_time"]] for world in (spread(), far)]
    assert found[0] == found[1]  # what no trip uses does not shrink the map


# ---------------------------------------------------------------- hubs


def test_a_map_marks_hubs_and_trunk_ways():
    root = drawn(hub_plan.PLAN, hub_plan.INSTANCE)
    hubs = [item for item in root.iter(f"{SVG}path") if item.get("class") == "hub"]
    assert len(hubs) == 2  # one on the map, one in the legend
    assert hubs[0].findtext(f"{SVG}title") == "Kantor H (regions supplied through it: 2)"
    assert sum(item.get("d").count("M") for item in on_map(root, "trunk")) == 2  # W–H and H–C
    assert sorted(names(root)) == ["Desa A", "Desa B", "Desa C", "Gudang W", "Kantor H"]
    titles = [item.text for item in root.iter(f"{SVG}title")]
    assert "Desa A: On time, 22 Nov 09:03; margin 14 h 56 min; at Kantor H 22 Nov 07:00" in titles


@pytest.mark.parametrize(
    ("code", "legend"),
    [
        ("en", ["Hub", "Trunk trips (to hubs)", "Local trips"]),
        ("id", ["Titik alih", "Perjalanan utama (ke titik alih)"]),
    ],
)
def test_the_legend_names_hubs_and_kinds_of_trips(code, legend):
    set_language(code)
    assert set(legend) <= set(texts(drawn(hub_plan.PLAN, hub_plan.INSTANCE)))
    root = drawn()
    assert not set(legend) & set(texts(root))
    assert [item for item in root.iter() if item.get("class") in ("hub", "trunk")] == []


# ---------------------------------------------------------------- colours


@pytest.mark.parametrize("colour", list(Colour))
def test_each_region_has_one_class_whatever_the_colours_mean(colour):
    root = drawn(changed(LATE_A, NOTHING_B), spread(), colour=colour)
    assert sum(len(group.findall(f"{SVG}path")) for group in groups(root).values()) == len(PLAN.regions)
    forms = [re.sub(r"[\d.-]+", "", group.find(f"{SVG}path").get("d")) for group in groups(root).values()]
    looks = [(group.get("fill"), form) for group, form in zip(groups(root).values(), forms, strict=True)]
    assert len(set(looks)) == len(looks)


def test_days_are_told_apart_by_colour_and_by_pattern(berau):
    instance, ground = berau
    root = drawn(plan_of_all(instance), instance, ground=ground, colour=Colour.DAY)
    fills = [group.get("fill") for group in groups(root, "area").values()]
    assert len(fills) == len(set(fills)) >= 4
    tiles = {item.get("id"): item for item in root.iter(f"{SVG}pattern")}
    drawn_on = [tiles[fill[5:-1]] for fill in fills if fill.startswith("url(")]
    assert len(drawn_on) >= len(fills) - 1
    assert len({tile.find(f"{SVG}path").get("d") for tile in drawn_on}) == len(drawn_on)
    assert len({tile.find(f"{SVG}rect").get("fill") for tile in drawn_on}) == len(drawn_on)


def test_more_days_than_looks_share_the_last_one():
    day = 86_400
    regions = tuple(
        replace(PLAN.regions[0], region_id=f"R{at}", received_s=at * day + 60, deadline_s=20 * day)
        for at in range(12)
    )
    rows = tuple(replace(INSTANCE.regions[0], id=f"R{at}", lon=117 + at / 10) for at in range(12))
    root = drawn(replace(PLAN, regions=regions, trips=()), replace(INSTANCE, regions=rows), colour=Colour.DAY)
    counts = [len(group.findall(f"{SVG}path")) for group in groups(root).values()]
    assert sorted(counts) == [1] * 8 + [4]
    assert "4 others" in texts(root)


@pytest.mark.parametrize("colour", [Colour.DAY, Colour.VEHICLE])
def test_what_is_the_same_looks_the_same_in_every_picture_of_a_plan(colour):
    def looks(results):
        rows = classes_of(colour, PLAN, INSTANCE, results, None).rows
        return {row.label: row.look for row in rows if row.regions}

    whole = looks(PLAN.regions)
    assert len(whole) >= 2
    for item in PLAN.regions:
        (label,) = (own := looks([item]))
        assert own[label] == whole[label]


def test_the_days_of_every_area_look_as_in_the_whole(kaltim):
    instance, _ = kaltim
    plan = plan_of_all(instance)
    rows = classes_of(Colour.DAY, plan, instance, plan.regions, None).rows
    whole = {name: (row.label, row.look) for row in rows for name in row.regions}
    for area in {row.area for row in instance.regions}:
        some = [item for item in plan.regions if instance.region_of[item.region_id].area == area]
        rows = classes_of(Colour.DAY, plan, instance, some, None).rows
        assert {name: (row.label, row.look) for row in rows for name in row.regions} == {
            item.region_id: whole[item.region_id] for item in some
        }


def test_days_beyond_the_looks_have_free_ones_where_few_days_are_shown():
    day = 86_400
    regions = tuple(
        replace(PLAN.regions[0], region_id=f"R{at:02d}", received_s=at * day + 60, deadline_s=20 * day)
        for at in range(12)
    )
    plan = replace(PLAN, regions=regions, trips=())
    rows = classes_of(Colour.DAY, plan, INSTANCE, [regions[at] for at in (0, 9, 10, 11)], None).rows
    shown = {row.regions: (row.look.fill, row.look.pattern) for row in rows if row.regions}
    assert set(shown) == {("R00",), ("R09",), ("R10",), ("R11",)}
    assert len(set(shown.values())) == 4
    first = classes_of(Colour.DAY, plan, INSTANCE, regions, None).rows[0].look
    assert shown["R00",] == (first.fill, first.pattern)


def test_one_trip_is_no_trips():
    one = drawn(replace(PLAN, trips=PLAN.trips[:1]), spread(), area="A,B")
    assert "Ways of one trip" in texts(one)
    assert "Shown: 2 of 2 regions on time, one trip." in texts(one)
    assert f"Ways of {len(PLAN.trips)} trips" in texts(drawn(PLAN, spread()))


@pytest.mark.parametrize("colour", [Colour.DAY, Colour.MARGIN, Colour.VEHICLE])
def test_reports_are_not_passed_over_by_colours_of_what_was_planned(colour):
    with pytest.raises(InputError, match="C712"):
        drawn(standing=Standing(state_of(PLAN, INSTANCE, (), now_s=8 * 3600)), colour=colour)


def test_margins_are_in_steps():
    root = drawn(changed(LATE_A, NOTHING_B), spread(), colour=Colour.MARGIN)
    assert {"Late", "Not delivered", "24 h and more"} <= set(texts(root))


@pytest.mark.parametrize("colour", [Colour.DAY, Colour.MARGIN, Colour.VEHICLE])
def test_who_needs_nothing_raises_no_alarm(colour):
    done = replace(PLAN.regions[0], received_s=None)
    plan = replace(PLAN, regions=(done,), trips=())
    rows = classes_of(colour, plan, INSTANCE, [done], None).rows
    assert [(row.key, row.is_alarm) for row in rows if row.regions] == [("unneeded", False)]


def test_who_gets_a_part_alone_is_not_delivered():
    part = replace(NOTHING_B, region_id=PLAN.regions[0].region_id)
    for colour in Colour:
        rows = classes_of(colour, replace(PLAN, regions=(part,)), INSTANCE, [part], None).rows
        assert [row.key for row in rows if row.regions] == ["undelivered"]


def test_who_is_late_at_a_hub_alone_is_late_by_margin():
    late = replace(PLAN.regions[0], status=RegionStatus.LATE, reason=ReasonCode.HUB_LATE)
    assert late.margin_s > 0
    rows = classes_of(Colour.MARGIN, PLAN, INSTANCE, [late], None).rows
    assert [row.key for row in rows if row.regions] == ["late"]


def test_reports_tell_what_is_confirmed_assumed_and_overdue():
    state = state_of(PLAN, INSTANCE, (), now_s=8 * 3600)
    standing = Standing(state)
    root = drawn(PLAN, spread(), standing=standing)
    found = {name: len(group.findall(f"{SVG}path")) for name, group in groups(root).items()}
    by_sure = {sure.value: number for sure, number in standing.received.items() if number}
    assert found == by_sure
    assert set(found) > {"future"}
    assert "Regions, by reports until 22 Nov 08:00" in " ".join(texts(root))


@pytest.mark.parametrize("kind", ["", "departed", "delay", "breakdown", "delivered"])
@pytest.mark.parametrize("case", [small, hub_plan])
def test_each_region_has_one_class_whatever_is_reported(case, kind):
    plan, instance = case.PLAN, case.INSTANCE
    for trip in plan.trips:
        now_s = trip.stops[0].leg.depart_s + 600
        value = "3600" if kind == "delay" else ""
        events = (
            [Event(id="E1", time_s=now_s, kind=EventKind(kind), subject=(trip.id,), value=value)]
            if kind
            else []
        )
        if kind == "delivered":
            now_s = trip.stops[0].end_s + 60
            more = {"time_s": now_s, "place": trip.stops[0].node_id}
            events = [replace(event, **more) for event in events]
        standing = Standing(state_of(plan, instance, events, now_s))
        rows = classes_of(Colour.STATUS, plan, instance, plan.regions, standing).rows
        assert sorted(name for row in rows for name in row.regions) == sorted(
            item.region_id for item in plan.regions
        )
        late = {name for row in rows if row.key in ("late", "undelivered") for name in row.regions}
        assert late == {
            name
            for name, sure in standing.sure_of_regions.items()
            if sure.value == "future" and not standing.state.on_time[name]
        }


# ---------------------------------------------------------------- with a background


@pytest.fixture(scope="module")
def berau():
    folder = ROOT / "instances" / "berau"
    return read_instance(folder), read_background(folder)


@pytest.fixture(scope="module")
def kaltim():
    folder = ROOT / "instances" / "kaltim"
    return read_instance(folder), read_background(folder)


def test_letters_are_as_wide_as_the_font_says():
    assert line_width("", 10) == 0
    assert line_width("M", 20) == pytest.approx(20 * 1849 / 2048)
    assert line_width("ii", 20) == pytest.approx(2 * line_width("i", 20))
    assert line_width("Melak", 12, Face.SEMIBOLD) > line_width("Melak", 12)
    assert line_width("字", 12) == 12
    assert wrapped("a bb ccc", 1000, 10) == ["a bb ccc"]
    assert wrapped("a bb ccc", 1, 10) == ["a", "bb", "ccc"]


@pytest.mark.parametrize("width", [360, 1200])
def test_no_name_lies_on_another(berau, width):
    instance, ground = berau
    root = drawn(plan_of_all(instance, late=12), instance, ground=ground, width=width)
    assert sum(len(boxes) for boxes in name_boxes(root)) > 12
    assert overlapping(root) == []


@pytest.mark.parametrize("seed", range(12))
def test_no_name_lies_on_another_wherever_places_are(seed):
    chance = random.Random(seed)
    number = chance.randint(2, 40)
    spots = [(chance.uniform(116, 118), chance.uniform(-1, chance.choice((-0.9, 1)))) for _ in range(number)]
    rows = tuple(
        replace(
            INSTANCE.regions[0], id=f"R{at}", name="Desa " + "x" * chance.randint(0, 25), lon=lon, lat=lat
        )
        for at, (lon, lat) in enumerate(spots)
    )
    houses = tuple(replace(row, lon=spots[0][0], lat=spots[0][1]) for row in INSTANCE.warehouses)
    world = replace(INSTANCE, regions=rows, warehouses=houses)
    root = drawn(plan_of_all(world, late=chance.randint(0, 3)), world, width=chance.choice((320, 800, 1600)))
    assert overlapping(root) == []
    frame = next(item for item in root.iter(f"{SVG}rect") if item.get("class") == "frame")
    wide, high = float(frame.get("width")), float(frame.get("height"))
    boxes = [box.bounds for found in name_boxes(root) for _, box in found]
    assert all(
        left >= 0 and top >= 0 and right <= wide and bottom <= high for left, top, right, bottom in boxes
    )


def test_names_lie_in_their_frame(berau):
    instance, ground = berau
    root = drawn(plan_of_all(instance), instance, ground=ground, width=500)
    frames = [item for item in root.iter(f"{SVG}rect") if item.get("class") == "frame"]
    for frame, boxes in zip(frames, name_boxes(root), strict=True):
        for name, box in boxes:
            left, top, right, bottom = box.bounds
            assert 0 <= left < right <= float(frame.get("width")), name
            assert 0 <= top < bottom <= float(frame.get("height")), name


@pytest.mark.parametrize(
    "width", [360, pytest.param(800, marks=pytest.mark.slow), pytest.param(1600, marks=pytest.mark.slow)]
)
def test_the_province_has_its_towns_by_name_and_is_small_enough(kaltim, width):
    instance, ground = kaltim
    text = picture(plan_of_all(instance, late=3), instance, ground=ground, width=width, colour=Colour.MARGIN)
    root = ET.fromstring(text)
    assert {"Melak", "Sangatta", "Tanjung Redeb", "Derawan", "Samarinda", "Ujoh Bilang"} <= set(names(root))
    assert overlapping(root) == []
    assert len(text.encode()) < 1_500_000


def test_every_area_that_is_no_city_is_named_on_a_phone(kaltim):
    instance, ground = kaltim
    root = ET.fromstring(picture(plan_of_all(instance), instance, ground=ground, width=390))
    written = " ".join(names(root, "area-name") + names(root, "small-area-name") + names(root, "seat"))
    for name in ("BERAU", "KARTANEGARA", "MAHAKAM", "PASER", "BARAT", "TIMUR", "Penajam"):
        assert name in written


def test_late_overdue_and_missing_differ_by_the_form_of_their_marks():
    state = state_of(PLAN, INSTANCE, (), small.DEADLINE)
    shown = [
        *classes_of(Colour.STATUS, PLAN, INSTANCE, PLAN.regions, None).rows,
        *classes_of(Colour.STATUS, PLAN, INSTANCE, PLAN.regions, Standing(state)).rows,
    ]
    forms = {}
    for row in shown:
        if row.is_alarm:
            forms.setdefault(row.look.mark, set()).add(row.key)
    assert sorted(map(sorted, forms.values())) == [["late"], ["overdue"], ["undelivered"]]


@pytest.mark.parametrize(("known", "edges"), [((117.1, 0.05, 117.9, 0.45), 0), (None, 4)])
def test_where_the_ground_ends_there_is_no_coast(known, edges):
    """A square of land that its file's box cuts off on all sides; a lagoon in it has a coast."""
    import shapely

    square, lagoon = shapely.box(117.1, 0.05, 117.9, 0.45), shapely.box(117.3, 0.1, 117.4, 0.2)
    land = Feature(
        GroundKind.LAND, shapely.Polygon(square.exterior, [lagoon.exterior]), source="s", licence="l"
    )
    ground = Background((Sheet("land.geojson", (land,), known=known),))
    world = spread()
    root = drawn(PLAN, world, ground=ground)
    (coast,) = (item for item in root.iter(f"{SVG}path") if item.get("class") == "coast")
    lines = [len(re.findall("[hvl]", line)) + line.count("z") for line in coast.get("d").split("M")[1:]]
    assert sum(lines) == edges + 4


def test_sources_and_licences_stand_under_the_map_and_travel_with_it(berau):
    instance, ground = berau
    root = drawn(plan_of_all(instance), instance, ground=ground)
    told = " ".join(texts(root))
    assert "wilayah_boundaries" in told
    assert "MIT" in told
    assert "Natural Earth" in told
    assert "Permission is hereby granted" in root.findtext(f"{SVG}metadata")
    assert drawn().find(f"{SVG}metadata") is None


@pytest.mark.parametrize("width", [390, 700, 800, 1200])
def test_dense_towns_are_shown_larger(kaltim, width):
    instance, ground = kaltim
    root = drawn(plan_of_all(instance), instance, ground=ground, width=width)
    frames = [item for item in root.iter(f"{SVG}rect") if item.get("class") == "frame"]
    assert len(frames) >= 2
    assert any(
        town in text for text in texts(root) if text.startswith("A ") for town in ("Samarinda", "Kutai K")
    )
    few = drawn(PLAN, spread())
    assert len([item for item in few.iter(f"{SVG}rect") if item.get("class") == "frame"]) == 1


def test_one_area_alone(berau):
    instance, ground = berau
    plan = plan_of_all(instance)
    own = {row.id for row in instance.regions if row.subarea == "64.03.07"}
    root = drawn(plan, instance, ground=ground, area="64.03.07")
    shown = [path for kind in ("area", "mark") for group in groups(root, kind).values() for path in group]
    assert len(own) <= len(shown) <= 2 * len(own)
    assert "Derawan" in names(root)
    with pytest.raises(InputError, match="X342"):
        drawn(plan, instance, area="nowhere")


# ---------------------------------------------------------------- files


@pytest.fixture
def files(tmp_path):
    """The toy with two areas, and a plan for it."""
    toy = read_instance(ROOT / "instances" / "toy")
    rows = tuple(replace(row, area="a/1" if row.id < "d" else "a/2") for row in toy.regions)
    write_instance(tmp_path / "toy", replace(toy, regions=rows))
    return tmp_path / "toy", planned(tmp_path / "plan.json", tmp_path / "toy")


def planned(path: Path, folder: Path, regions: int = 7) -> Path:
    world = read_instance(folder)
    plan = plan_of_all(world)
    write_plan(
        replace(plan, regions=plan.regions[:regions], instance_digest=digest(world)), world.clock, path
    )
    return path


def test_a_png_has_the_width_asked_for(files):
    folder, plan = files
    out = plan.with_suffix(".png")
    assert call("export", plan, "--format", "png", "--instance", folder, "--width", 400) == 0
    data = out.read_bytes()
    assert data[:8] == b"\x89PNG\r\n\x1a\n"
    assert int.from_bytes(data[16:20], "big") == 400
    assert b"iTXtTitle" in data
    assert call("export", plan, "--format", "png", "--instance", folder) == 2  # it is there
    (again,) = planner.export(plan, plan.with_name("again.png"), format="png", instance=folder, width=400)
    assert again.read_bytes() == data


def test_a_png_carries_its_texts_and_is_whole():
    blank = '<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"/>'
    texts = {"Source": "Batas: © Cahya DSN — “MIT”", "Copyright": "Permission\n" * 3000, "Comment": ""}
    data, at, found = png_bytes(blank, texts), 8, {}
    while at < len(data):
        size, kind = int.from_bytes(data[at : at + 4], "big"), data[at + 4 : at + 8]
        body = data[at + 8 : at + 8 + size]
        assert int.from_bytes(data[at + 8 + size : at + 12 + size], "big") == zlib.crc32(kind + body)
        if kind == b"iTXt":
            keyword, rest = body.split(b"\0", 1)
            assert rest[:4] == b"\1\0\0\0"
            found[keyword.decode()] = zlib.decompress(rest[4:]).decode()
        at += 12 + size
    assert kind == b"IEND"
    assert found == {key: text for key, text in texts.items() if text}
    assert png_bytes(blank) != data


def test_a_picture_of_many_colours_keeps_them_nearly_and_is_small():
    from PIL import Image

    cells = [
        f'<rect x="{x}" y="{y}" width="1" height="1" fill="#{8 * x:02x}{8 * y:02x}80"/>'
        for x in range(30)
        for y in range(30)
    ]
    data = png_bytes(f'<svg xmlns="http://www.w3.org/2000/svg" width="30" height="30">{"".join(cells)}</svg>')
    assert len(cells) > 256
    picture = Image.open(io.BytesIO(data)).convert("RGB")
    far = [
        max(abs(a - b) for a, b in zip(picture.getpixel((x, y)), (8 * x, 8 * y, 128), strict=True))
        for x in range(30)
        for y in range(30)
    ]
    assert max(far) <= 32
    blank = '<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"/>'
    assert Image.open(io.BytesIO(png_bytes(blank))).convert("RGB").getcolors() == [(81, (255, 255, 255))]


@pytest.mark.slow
def test_the_largest_picture_of_the_province_is_small_enough(kaltim):
    instance, ground = kaltim
    text = picture(
        plan_of_all(instance), instance, ground=ground, width=4000, network=True, colour=Colour.DAY
    )
    assert len(png_bytes(text)) < 1_500_000


def test_letters_are_drawn_without_fonts_of_the_machine():
    blank = png_bytes('<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30"/>')
    text = '<text x="5" y="20" font-family="Open Sans" font-size="14">Melak</text>'
    assert png_bytes(f'<svg xmlns="http://www.w3.org/2000/svg" width="90" height="30">{text}</svg>') != blank


def test_one_picture_for_each_area(files, capsys):
    folder, plan = files
    asked = ["export", plan, "--format", "svg", "--instance", folder, "--each", "area"]
    assert call(*asked) == 0
    made = sorted(path.name for path in (plan.parent / "plan-maps").iterdir())
    assert made == ["a_1.svg", "a_2.svg"]
    assert call(*asked) == 2
    assert "C702" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (["--format", "csv", "--colour", "day"], "C708"),
        (["--format", "csv", "--each", "area", "--network"], "C708"),
        (["--format", "png"], "C705"),
        (["--format", "svg", "--instance", "FOLDER", "--now", "x"], "C710"),
        (["--format", "svg", "--instance", "FOLDER", "--area", "nowhere"], "X342"),
    ],
)
def test_what_does_not_go_together_is_refused(files, capsys, options, code):
    folder, plan = files
    given = [folder if option == "FOLDER" else option for option in options]
    assert call("export", plan, *given) == 2
    assert code in capsys.readouterr().err


def test_a_plan_without_the_areas_regions_has_no_map(files, capsys):
    folder, plan = files
    planned(plan, folder, regions=2)
    assert call("export", plan, "--format", "svg", "--instance", folder, "--area", "holly") == 2
    assert "C709" in capsys.readouterr().err


def test_nothing_is_drawn_one_by_one_without_areas(files, capsys):
    folder, plan = files
    asked = ["export", plan, "--format", "svg", "--instance", folder, "--each", "subarea"]
    assert call(*asked) == 2
    assert "C711" in capsys.readouterr().err
    assert not (plan.parent / "plan-maps").exists()


@pytest.mark.parametrize("width", [320, 1200])
def test_one_place_alone_has_a_map(width):
    (row,) = (replace(row, lat=0.5, lon=117.5) for row in INSTANCE.regions[:1])
    houses = tuple(replace(house, lat=0.5, lon=117.5) for house in INSTANCE.warehouses)
    world = replace(INSTANCE, regions=(row,), warehouses=houses)
    root = drawn(replace(PLAN, regions=PLAN.regions[:1], trips=()), world, width=width)
    assert any(text.endswith((" m", " km")) for text in texts(root))
    (mark,) = groups(root)["on_time"].findall(f"{SVG}path")
    frame = next(item for item in root.iter(f"{SVG}rect") if item.get("class") == "frame")
    left, top = (float(text) for text in re.match(r"M(-?[\d.]+) (-?[\d.]+)", mark.get("d")).groups())
    assert left + 3 == pytest.approx(float(frame.get("width")) / 2, abs=2)
    assert top == pytest.approx(float(frame.get("height")) / 2, abs=2)


def test_a_width_that_is_none_is_refused():
    with pytest.raises(ValueError, match="320 to 4000"):
        drawn(width=10)
