"""Room on a map: texts that have their width, names inside what they name, insets of what is dense."""

from __future__ import annotations

import math
import random
import re
from dataclasses import replace
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import shapely
import small
from pictures import SVG, drawn, name_boxes, overlapping, plan_of_all, text_boxes, texts

from planner.background.read import read_background
from planner.background.schema import Background, Feature, GroundKind, Sheet
from planner.instance.read import read_instance
from planner.outputs.map.classes import Colour
from planner.outputs.map.frame import frame_around
from planner.outputs.map.labels import STYLES, Placer

INSTANCE = small.INSTANCE
ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="module")
def berau():
    folder = ROOT / "instances" / "berau"
    return read_instance(folder), read_background(folder)


@pytest.fixture(scope="module")
def kaltim():
    folder = ROOT / "instances" / "kaltim"
    return read_instance(folder), read_background(folder)


def page_is_clear(root: ET.Element) -> None:
    """Every text has its width whatever font a viewer has, lies on the page and on no other text."""
    boxes = text_boxes(root)
    wide, high = float(root.get("width")), float(root.get("height"))
    for name, box in boxes:
        left, top, right, bottom = box.bounds
        assert left >= -0.1, name
        assert right <= wide + 0.1, name
        assert 0 <= top < bottom <= high, name
    tree = shapely.STRtree([box for _, box in boxes])
    for name, box in boxes:
        under = [boxes[at] for at in tree.query(box, predicate="intersects") if boxes[at][1] is not box]
        assert [other for other, second in under if box.intersection(second).area > 0.05] == [], name


@pytest.mark.parametrize("width", [320, 800, 1200, 4000])
@pytest.mark.parametrize("colour", [Colour.MARGIN, Colour.VEHICLE])
def test_every_text_has_its_width_and_lies_on_the_page_and_on_no_other(berau, colour, width):
    """Kinds of vehicles and the name of the whole have long names, of one word too."""
    instance, ground = berau
    kinds = tuple(
        replace(row, name=f"{row.name} ({'mesin tempel dua langkah ' * (at % 3)}{'x' * (at % 2 * 40)})")
        for at, row in enumerate(instance.vehicles)
    )
    world = replace(
        instance,
        vehicles=kinds,
        settings=replace(instance.settings, name=f"Berau {'Pemilihan' * 9} {instance.settings.name}"),
    )
    trips = tuple(
        replace(
            small.T1,
            id=f"T{at}",
            vehicle_type=world.vehicles[at % len(world.vehicles)].id,
            origin_id=world.warehouses[0].id,
            stops=(
                replace(
                    small.T1.stops[0],
                    node_id=row.id,
                    leg=replace(small.T1.stops[0].leg, path=()),
                    deliveries=(replace(small.T1.stops[0].deliveries[0], region_id=row.id),),
                ),
            ),
            back=None,
        )
        for at, row in enumerate(world.regions)
    )
    plan = replace(plan_of_all(world), trips=trips)
    page_is_clear(drawn(plan, world, ground=ground, width=width, colour=colour, network=True))


def test_the_name_of_an_area_stands_inside_it_though_it_hides_something_there():
    frame = frame_around((0, 0, 1, 1), 400, 1.0)
    hidden = shapely.Point(200, 200).buffer(30)
    placer = Placer(frame, [hidden])
    area = shapely.box(60, 60, 340, 340)
    edge = 60 + placer.width_of(STYLES["area"], "Kutai") / 2 - 2  # two pixels of it lie beyond the border
    assert placer.inside(STYLES["area"], "Kutai", [(edge, 100), (200, 200)], area)
    ((name, box),) = name_boxes(ET.fromstring(_page_of(placer)))[0]
    assert name == "KUTAI"
    assert area.contains(box)


def _page_of(placer: Placer) -> str:
    rules = f".names .area-name{{font-size:{STYLES['area'].size}px}}"
    names_of = "".join(placer.texts)
    return f'<svg xmlns="{SVG[1:-1]}"><style>{rules}</style><g class="names">{names_of}</g></svg>'


@pytest.mark.parametrize("seed", range(8))
def test_the_name_of_a_lake_stays_near_it_or_is_left_out(seed):
    """Among places that take the room around it, also a long name does not run away from its lake."""
    chance = random.Random(seed)
    name = "Danau" + "semayang" * chance.randint(0, 6)
    lake = shapely.Point(117.5, 0.5).buffer(0.05)
    sheet = Sheet("l.geojson", (Feature(GroundKind.LAKE, lake, name, source="s", licence="l"),))
    rows = tuple(
        replace(
            INSTANCE.regions[0],
            id=f"R{at}",
            name="Kecamatan " * chance.randint(1, 2),
            lon=117.5 + chance.gauss(0, 0.2),
            lat=0.5 + chance.gauss(0, 0.2),
        )
        for at in range(30)
    )
    houses = tuple(replace(row, lon=117.5, lat=chance.uniform(0.4, 0.6)) for row in INSTANCE.warehouses)
    world = replace(INSTANCE, regions=rows, warehouses=houses)
    root = drawn(plan_of_all(world, late=20), world, ground=Background((sheet,)), width=800)
    assert overlapping(root) == []
    (water,) = (item for item in root.iter(f"{SVG}path") if item.get("class") == "lake")
    x, y, *steps = (float(text) for text in re.findall(r"-?\d*\.?\d+", water.get("d")))
    radius = max(map(abs, steps))  # at least the longest step along its shore
    for told, box in name_boxes(root)[0]:
        if told == name:
            away = math.dist((x, y), (box.centroid.x, box.centroid.y))
            assert away < 3 * (60 + radius), "further than its own shore and a short name"


def test_insets_are_there_whatever_room_the_legend_leaves(kaltim):
    """Beside the map where two find room below the legend, else in a row below the map."""
    instance, ground = kaltim
    for width in (900, 1600):
        root = drawn(plan_of_all(instance), instance, ground=ground, width=width)
        titles = [text[3:] for text in texts(root) if re.match("[A-C] ", text)]
        assert titles[:2] == ["Samarinda", "Balikpapan"], width
        page_is_clear(root)


def test_the_densest_town_comes_first_though_more_places_lie_scattered():
    """Twelve places of a town lie on each other; elsewhere twenty lie in pairs."""
    town = [("Kota", 117 + 0.002 * (at % 4), 0.002 * (at // 4)) for at in range(12)]
    pairs = [("Rantau", 118 + 0.03 * (at % 5), 0.5 + 0.03 * (at // 5)) for at in range(10)]
    spots = [*town, *pairs, *((area, lon + 0.004, lat) for area, lon, lat in pairs), ("Jauh", 120, 3)]
    rows = tuple(
        replace(
            INSTANCE.regions[0],
            id=f"R{at}",
            area=area,
            area_name=area,
            subarea="",
            lon=lon,
            lat=lat,
            name="N",
        )
        for at, (area, lon, lat) in enumerate(spots)
    )
    houses = tuple(replace(row, lon=119, lat=0) for row in INSTANCE.warehouses)
    world = replace(INSTANCE, regions=rows, warehouses=houses, hubs=())
    titles = [
        text for text in texts(drawn(plan_of_all(world), world, width=1200)) if re.match("[A-C] ", text)
    ]
    assert [title.split()[1] for title in titles] == ["Kota", "Rantau"]
