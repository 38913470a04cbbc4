"""Backgrounds: what is read and refused in one report, cut and written; that no plan depends on them."""

from __future__ import annotations

import json
import re
import shutil
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
import shapely
from pictures import plan_of_all
from shapely import Polygon

from planner.background.cut import background_of
from planner.background.geometry import (
    Boxes,
    clipped,
    label_points,
    parts,
    polygonal,
    simplified,
    svg_path,
    turned_box,
)
from planner.background.meridian import shape_beside, told_shape
from planner.background.read import read_background, scan_background, validate_all
from planner.background.schema import KINDS, Background, Form, GroundKind
from planner.background.write import write_background
from planner.base.errors import InputError, Severity
from planner.base.text import LANGUAGES, set_language
from planner.cli import main
from planner.instance.digest import digest, table_digests
from planner.instance.read import read_instance
from planner.outputs.map.scene import scene_of
from planner.papers.bulletin.choropleth import choropleth
from planner.starting.part import part_of

ROOT = Path(__file__).resolve().parents[1]
TOY = ROOT / "instances" / "toy"
SQUARE = [[[32.0, 0.0], [33.0, 0.0], [33.0, 1.0], [32.0, 1.0], [32.0, 0.0]]]


@pytest.fixture
def folder(tmp_path):
    return Path(shutil.copytree(TOY, tmp_path / "toy"))


def feature(kind="land", geometry="Polygon", coordinates=SQUARE, **properties):
    properties = {"kind": kind, "source": "drawn", "licence": "none", **properties}
    return {
        "type": "Feature",
        "properties": properties,
        "geometry": {"type": geometry, "coordinates": coordinates},
    }


def put(folder: Path, *features, name="a.geojson", **head) -> Path:
    path = folder / "background" / name
    path.parent.mkdir(exist_ok=True)
    document = {"type": "FeatureCollection", **head, "features": list(features)}
    path.write_text(json.dumps(document), encoding="utf-8")
    return path


def codes(folder: Path) -> list[str]:
    return [fault.code for fault in scan_background(folder)[1]]


# ---------------------------------------------------------------- reading


def test_an_instance_needs_no_background(folder):
    assert scan_background(folder) == (Background(), ())
    assert not read_background(folder)


def test_every_kind_is_read_with_what_it_must_have(folder):
    shapes = {
        Form.AREA: ("Polygon", SQUARE),
        Form.LINE: ("LineString", [[32.0, 0.0], [33.0, 1.0]]),
        Form.POINT: ("Point", [32.5, 0.5]),
    }
    rows = []
    for kind, rule in KINDS.items():
        geometry, coordinates = shapes[rule.form]
        rows.append(feature(kind.value, geometry, coordinates, name="N", code="elm", rank=2))
    put(folder, *rows, notice="Keep this.", bbox=[30, -5, 40, 5])
    background, faults = scan_background(folder)
    assert [fault.code for fault in faults] == []
    (sheet,) = background.sheets
    assert [item.kind for item in sheet.features] == list(GroundKind)
    assert {(item.name, item.code, item.rank, item.source) for item in sheet.features} == {
        ("N", "elm", 2, "drawn")
    }
    assert (sheet.notice, background.known) == ("Keep this.", (30.0, -5.0, 40.0, 5.0))


def test_heights_are_left_out_wherever_they_stand(folder):
    ring = [SQUARE[0][0], [*SQUARE[0][1], 12.5], *SQUARE[0][2:]]
    put(folder, feature(coordinates=[ring]))
    (item,) = read_background(folder).of(GroundKind.LAND)
    assert item.geometry == Polygon(SQUARE[0])


def test_what_features_share_stands_once(folder):
    row = feature()
    row["properties"] = {"kind": None, "colour": "of another program"}
    put(folder, row, kind="lake", source="all", licence="free")
    (item,) = read_background(folder).of(GroundKind.LAKE)
    assert (item.source, item.licence) == ("all", "free")


def test_it_lies_beside_a_workbook_too(folder, tmp_path):
    put(folder, feature())
    assert call("init", tmp_path / "own" / "toy.xlsx", "--from", folder) == 0
    book = tmp_path / "own" / "toy.xlsx"
    assert book.is_file()
    assert len(list(read_background(book).of(GroundKind.LAND))) == 1
    assert len(list(read_background(tmp_path / "own").of(GroundKind.LAND))) == 1
    (tmp_path / "own" / "toy.background" / "b.geojson").write_text("{", encoding="utf-8")
    assert [fault.code for fault in validate_all(book)[1]] == ["B503"]


def test_two_workbooks_in_one_folder_have_their_own_and_may_share_one(folder, tmp_path):
    put(folder, feature())
    assert call("init", tmp_path / "one.xlsx", "--from", folder) == 0
    assert call("init", tmp_path / "two.xlsx", "--from", ROOT / "instances" / "mahulu") == 0
    assert [sheet.file for sheet in read_background(tmp_path / "one.xlsx").sheets] == ["a.geojson"]
    assert not any(sheet.file == "a.geojson" for sheet in read_background(tmp_path / "two.xlsx").sheets)
    assert not validate_all(tmp_path / "one.xlsx")[1]
    (tmp_path / "one.background").rename(tmp_path / "background")
    shutil.rmtree(tmp_path / "two.background")
    for book in ("one.xlsx", "two.xlsx"):
        assert [sheet.file for sheet in read_background(tmp_path / book).sheets] == ["a.geojson"]


def call(*arguments: object) -> int:
    with pytest.raises(SystemExit) as ended:
        main([str(argument) for argument in arguments])
    return int(ended.value.code)


# ---------------------------------------------------------------- faults

POINT = ("Point", [32.5, 0.5])
FAULTS = {
    "unknown kind": (feature("lakes"), "B506"),
    "no kind": (feature(""), "B511"),
    "wrong geometry": (feature("river"), "B507"),
    "no geometry type": (feature(geometry="Sphere"), "B507"),
    "no source": (feature(source=""), "B511"),
    "no licence": (feature(licence=""), "B511"),
    "an area without a code": (feature("area", name="N"), "B511"),
    "a town without a name": (feature("town", *POINT), "B511"),
    "a code that is a number": (feature("area", name="N", code=64.1), "B512"),
    "a rank that is none": (feature(rank=0), "B512"),
    "a rank in words": (feature(rank="1"), "B512"),
    "an open ring": (feature(coordinates=[SQUARE[0][:-1]]), "B510"),
    "a ring of three": (feature(coordinates=[[[34, -1], [35, -1], [34, -1]]]), "B510"),
    "a ring on a line": (feature(coordinates=[[[34, -1], [35, -1], [36, -1], [34, -1]]]), "B510"),
    "a ring at a point": (feature("lake", coordinates=[[[34, -1]] * 4]), "B510"),
    "areas that enclose nothing": (
        feature(
            geometry="MultiPolygon", coordinates=[[[[34, -1]] * 4], [[[34, -1], [35, 0], [34, -1], [34, -1]]]]
        ),
        "B510",
    ),
    "a line of one": (feature("river", "LineString", [[34, -1]]), "B510"),
    "no positions": (feature(coordinates=[]), "B508"),
    "text for a number": (feature("town", "Point", ["34", "-1"], name="N"), "B508"),
    "metres for degrees": (feature("town", "Point", [500_000.0, 9_900_000.0], name="N"), "B508"),
    "one number": (feature("town", "Point", [34.0], name="N"), "B508"),
    "nothing": (feature("town", "Point", None, name="N"), "B508"),
    "a number larger than any": (feature("town", "Point", [10**400, 1], name="N"), "B508"),
    "true": (feature("town", "Point", [True, 1], name="N"), "B508"),
    "latitude first": (feature("town", "Point", [-1.0, 134.0], name="N"), "B509"),
    "no feature": ({"type": "Polygon"}, "B505"),
    "no object": (7, "B505"),
    "no shape": ({"type": "Feature", "properties": {}, "geometry": None}, "B505"),
}


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("name", FAULTS)
def test_a_feature_with_a_fault_is_refused(folder, name, language):
    row, code = FAULTS[name]
    put(folder, row)
    background, faults = scan_background(folder)
    assert background is None
    assert [fault.code for fault in faults] == [code]
    set_language(language)
    try:
        assert all("{" not in text and "None" not in text for text in (faults[0].cause, faults[0].action))
    finally:
        set_language("en")


def test_all_faults_of_tables_and_background_are_in_one_report(folder, capsys):
    for at, (row, _) in enumerate(FAULTS.values()):
        put(folder, row, feature(), name=f"{at:02d}.geojson")
    regions = folder / "regions.csv"
    regions.write_text(regions.read_text("utf-8").replace("elm,", ",", 1), encoding="utf-8")
    instance, faults = validate_all(folder)
    assert instance is None
    found = {(fault.table, fault.code) for fault in faults}
    wanted = {(f"background/{at:02d}.geojson", code) for at, (_, code) in enumerate(FAULTS.values())}
    assert wanted < found
    assert "regions" in {table for table, _ in found}
    assert call("validate", folder) == 2
    assert "B509" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "B503"),
        (b'{"type": "FeatureCollection", "features": [', "B503"),
        (b"[" * 100_000, "B517"),
        (b"[]", "B504"),
        (b'{"type": "Feature"}', "B504"),
        (b'{"type": "FeatureCollection"}', "B504"),
        (b'{"type": "FeatureCollection", "features": [], "notice": 7}', "B512"),
        (b'{"type": "FeatureCollection", "features": [], "bbox": [1, 2]}', "B508"),
        (b'{"type": "FeatureCollection", "features": [], "bbox": [3, 2, 1, 4]}', "B508"),
        (b'{"type": "FeatureCollection", "features": [], "bbox": [0, 0, 1' + b"0" * 400 + b", 4]}", "B508"),
        ("{}é".encode("latin-1"), "B502"),
    ],
)
def test_a_file_with_a_fault_is_refused(folder, content, code):
    put(folder).write_bytes(content)
    assert codes(folder) == [code]


def test_a_box_may_have_heights_as_positions_may(folder):
    put(folder, feature(), bbox=[30, -5, 0, 40, 5, 900])
    assert read_background(folder).known == (30.0, -5.0, 40.0, 5.0)


def test_a_folder_for_a_file(folder):
    (folder / "background" / "a.geojson").mkdir(parents=True)
    assert codes(folder) == ["B501"]
    shutil.rmtree(folder / "background")
    (folder / "background").write_text("", encoding="utf-8")
    assert codes(folder) == ["B501"]


def test_a_line_is_named_where_json_breaks(folder):
    put(folder).write_bytes(b'{"type": "FeatureCollection",\n"features": [}\n')
    (fault,) = scan_background(folder)[1]
    assert (fault.row, fault.params["position"]) == (2, 14)


def test_not_a_number_is_no_position(folder):
    path = put(folder, feature("town", "Point", [0, 0], name="N"))
    path.write_text(path.read_text("utf-8").replace("[0, 0]", "[NaN, 0]"), encoding="utf-8")
    assert codes(folder) == ["B508"]


def test_too_large_is_refused(folder, monkeypatch):
    from planner.background import read

    put(folder, feature())
    monkeypatch.setattr(read, "MOST_POSITIONS", 4)
    assert codes(folder) == ["B513"]
    monkeypatch.setattr(read, "MOST_BYTES", 20)
    assert codes(folder) == ["B513"]
    with pytest.raises(InputError, match="B513"):
        read_background(folder)


def test_a_code_stands_once_for_each_kind(folder):
    area = feature("area", name="N", code="elm")
    put(folder, area, feature("region", code="elm"))
    assert codes(folder) == []
    put(folder, area, name="b.geojson")
    (fault,) = scan_background(folder)[1]
    assert (fault.code, fault.params["other"]) == ("B514", "background/a.geojson features[0]")


def test_a_background_of_another_place_is_warned_of(folder):
    put(folder, feature(coordinates=[[[100, 50], [101, 50], [101, 51], [100, 50]]]))
    background, faults = scan_background(folder, read_instance(folder))
    assert [(fault.code, fault.severity) for fault in faults] == [("B515", Severity.WARNING)]
    assert background
    assert call("validate", folder) == 0


def test_one_turned_position_is_a_fault_beside_right_ones(tmp_path):
    """Of places between 95 and 119 degrees east latitude beyond 90 tells; of these the place itself does."""
    place = Path(shutil.copytree(TOY, tmp_path / "toy"))
    instance = read_instance(place)
    lat, lon = instance.regions[0].lat, instance.regions[0].lon
    assert abs(lat) + 5 < abs(lon) < 90
    for number, (right, wrong) in enumerate((((lon, lat), (lat, lon)), ((lon, lat), (lat + 1, lon - 1)))):
        rows = [feature("town", "Point", list(at), name=name) for at, name in ((right, "A"), (wrong, "B"))]
        put(place, *rows)
        background, faults = scan_background(place, instance)
        assert background is None, number
        assert [fault.code for fault in faults] == ["B509"]


def test_a_border_with_a_strange_code_is_warned_of_where_it_is_nobody_elses(folder):
    instance = read_instance(folder)
    area = instance.regions[0].area
    assert area
    round_all = shapely.box(-179, -89, 179, 89).exterior.coords
    whole = [[list(at) for at in round_all]]
    put(folder, feature("area", "Polygon", whole, name="Mistaken", code="X9"))
    codes = [(fault.code, fault.value) for fault in scan_background(folder, instance)[1]]
    assert codes == [("B516", "X9")]
    put(
        folder,
        *(
            feature("area", "Polygon", whole, name="N", code=code)
            for code in {one.area for one in instance.regions} | {"neighbour"}
        ),
    )
    assert not scan_background(folder, instance)[1]


# ---------------------------------------------------------------- no plan depends on it


def test_no_digest_changes_and_no_solve_looks_at_it(folder):
    before = read_instance(folder)
    put(folder, feature())
    after = read_instance(folder)
    assert (digest(after), table_digests(after)) == (digest(before), table_digests(before))
    put(folder, 7)
    assert read_instance(folder) == before


# ---------------------------------------------------------------- writing and cutting


@pytest.fixture(scope="module")
def kaltim():
    return read_instance(ROOT / "instances" / "kaltim"), read_background(ROOT / "instances" / "kaltim")


def test_what_is_written_is_read_again(kaltim, tmp_path):
    _, ground = kaltim
    write_background(tmp_path / "background", ground)
    again = read_background(tmp_path)
    assert again == ground
    write_background(tmp_path / "twice" / "background", again)
    for sheet in ground.sheets:
        one, other = (folder / "background" / sheet.file for folder in (tmp_path, tmp_path / "twice"))
        assert one.read_bytes() == other.read_bytes()


def test_an_area_that_vanishes_when_it_is_rounded_is_not_written(folder):
    sliver = [[[32.0, 0.0], [32.00001, 0.0], [32.00001, 1.0], [32.0, 0.0]]]
    put(folder, feature(coordinates=sliver), feature("lake"))
    put(folder, feature("lake", coordinates=sliver), name="b.geojson")
    write_background(folder.parent / "new" / "background", read_background(folder))
    (sheet,) = read_background(folder.parent / "new").sheets
    assert [(item.kind, item.geometry.area) for item in sheet.features] == [(GroundKind.LAKE, 1.0)]


def test_the_province_has_coast_borders_river_and_lakes_with_sources(kaltim):
    instance, ground = kaltim
    for kind, attribute in (
        (GroundKind.AREA, "area"),
        (GroundKind.SUBAREA, "subarea"),
        (GroundKind.REGION, "id"),
    ):
        codes_there = [item.code for item in ground.of(kind)]
        assert sorted(codes_there) == sorted({getattr(row, attribute) for row in instance.regions})
    assert {item.name for item in ground.of(GroundKind.RIVER)} == {"Mahakam", ""}
    assert any("Jempang" in item.name for item in ground.of(GroundKind.LAKE))
    for sheet in ground.sheets:
        assert all(item.source and item.licence for item in sheet.features)
    assert all(
        "Copyright (c) 2024 Cahya DSN" in sheet.notice
        for sheet in ground.sheets
        if "MIT" in sheet.features[0].licence and sheet.file != "towns.geojson"
    )


def test_borders_of_the_province_lie_on_each_other(kaltim):
    _, ground = kaltim
    desa = [item.geometry for item in ground.of(GroundKind.REGION)]
    assert shapely.coverage_is_valid(desa)
    whole = shapely.union_all(desa)
    for kind in (GroundKind.AREA, GroundKind.SUBAREA):
        joined = shapely.union_all([item.geometry for item in ground.of(kind)])
        assert joined.symmetric_difference(whole).area < 1e-9
    land = shapely.union_all([item.geometry for item in ground.of(GroundKind.LAND)])
    assert whole.difference(land).area < 1e-6  # some hundred metres squared


def test_a_part_has_the_ground_behind_it(kaltim):
    instance, ground = kaltim
    part = part_of(instance, "64.11")
    own = background_of(part, ground)
    assert {item.code for item in own.of(GroundKind.REGION)} == {row.id for row in part.regions}
    assert {item.code for item in own.of(GroundKind.SUBAREA)} == {row.subarea for row in part.regions}
    assert "64.11" in {item.code for item in own.of(GroundKind.AREA)}
    (border,) = (item.geometry for item in own.of(GroundKind.AREA) if item.code == "64.11")
    (whole,) = (item.geometry for item in ground.of(GroundKind.AREA) if item.code == "64.11")
    assert border.equals(whole)
    assert "Melak" not in {item.name for item in own.of(GroundKind.SEAT)}
    assert own.sheets[0].notice == ground.sheets[0].notice
    west, south, east, north = own.known
    for item in own.of(GroundKind.LAND, GroundKind.RIVER):
        box = item.geometry.bounds
        assert box[0] >= west - 1e-9
        assert box[3] <= north + 1e-9
    assert south < 0 < east


def test_init_from_an_area_takes_its_ground_along(kaltim, tmp_path):
    _, ground = kaltim
    assert call("init", tmp_path / "mine", "--from", ROOT / "instances" / "mahulu", "--area", "64.11.04") == 0
    own = read_background(tmp_path / "mine")
    rows = read_instance(tmp_path / "mine").regions
    assert {item.code for item in own.of(GroundKind.REGION)} == {row.id for row in rows}
    assert own.sheets[0].notice


# ---------------------------------------------------------------- geometry


def test_simpler_areas_still_share_their_borders():
    left = Polygon([(0, 0), (5, 0), (5.1, 3), (4.9, 6), (5, 9), (0, 9)])
    right = Polygon([(5, 0), (10, 0), (10, 9), (5, 9), (4.9, 6), (5.1, 3)])
    one, other = simplified([left, right], 1.0)
    assert shapely.get_num_coordinates(one) < shapely.get_num_coordinates(left)
    assert one.intersection(other).area == 0
    assert one.union(other).area == pytest.approx(90)
    assert simplified([], 1.0) == []


def test_a_border_that_crosses_itself_is_mended():
    bow = Polygon([(0, 0), (2, 2), (2, 0), (0, 2)])
    mended = polygonal(bow)
    assert mended.is_valid
    assert mended.area == pytest.approx(2)
    assert polygonal(shapely.LineString([(0, 0), (1, 1)])).is_empty


def test_a_cut_shape_lies_in_its_box():
    shape = Polygon([(0, 0), (10, 0), (10, 10), (0, 10)])
    assert clipped(shape, (2, 2, 4, 5)).area == pytest.approx(6)
    assert clipped(shape, (-1, -1, 11, 11)) is shape
    assert clipped(shape, (20, 20, 30, 30)).is_empty
    assert clipped(shapely.LineString([(0, 5), (20, 5)]), (2, 2, 4, 8)).length == pytest.approx(2)
    assert len(parts(shapely.MultiPolygon([shape, shapely.box(20, 20, 21, 21)]))) == 2


def test_a_name_stands_where_there_is_room():
    shape = shapely.box(0, 0, 10, 4).union(shapely.box(0, 0, 3, 12))
    found = label_points(shape, most=3)
    assert len(found) == 3
    for place in found:
        assert shape.buffer(0.1).contains(shapely.Point(place.point).buffer(place.radius * 0.98))
    assert label_points(Polygon()) == []


def test_boxes_lie_apart():
    boxes = Boxes([shapely.Point(20, 0).buffer(1)])
    boxes.place(turned_box((0, 0), 10, 4))
    assert not boxes.is_free(turned_box((8, 0), 10, 4))
    assert boxes.is_free(turned_box((0, 8), 10, 4, 30))
    assert (boxes.hidden(turned_box((20, 0), 4, 4)), boxes.hidden(turned_box((0, 0), 4, 4))) == (1, 0)
    assert turned_box((5, 5), 10, 4, 90).bounds == pytest.approx((3, 0, 7, 10))


def test_paths_say_tenths_and_leave_out_what_is_too_small():
    assert svg_path(shapely.box(0, 0, 1, 1)) == "M1 0v1h-1v-1z"
    assert svg_path(shapely.box(0, 0, 0.01, 0.01)) == ""
    assert svg_path(shapely.LineString([(0, 0), (-0.5, 1.25)])) == "M0 0l-.5 1.2"


def test_a_background_beside_a_workbook_is_not_replaced_without_a_word(tmp_path, capsys):
    own = tmp_path / "b.background" / "towns.geojson"
    own.parent.mkdir()
    own.write_text("mine", "utf-8")
    part = ["--from", str(ROOT / "instances" / "mahulu"), "--area", "64.11.04"]
    with pytest.raises(SystemExit, match="2"):
        main(["init", str(tmp_path / "b.xlsx"), *part])
    assert own.read_text("utf-8") == "mine"
    assert not (tmp_path / "b.xlsx").exists()
    assert "towns.geojson" in "".join(capsys.readouterr().err.split()).replace("│", "")
    with pytest.raises(SystemExit, match="0"):
        main(["init", str(tmp_path / "b.xlsx"), *part, "--force"])
    assert own.read_text("utf-8") != "mine"


# ---------------------------------------------------------------- across the 180th meridian

SPOTS = {
    "ash": 180.0,
    "birch": -179.9,
    "cedar": -179.8,
    "elm": 179.6,
    "fig": 179.7,
    "gum": 179.9,
    "holly": 179.95,
}
EAST, WEST = (179.8, -60.2, 180.0, -59.9), (-180.0, -60.2, -179.7, -59.9)  # of an island that files cut apart


def ring(west, south, east, north):
    return [[west, south], [east, south], [east, north], [west, north], [west, south]]


def around_the_world(lons=SPOTS):
    toy = read_instance(TOY)
    rows = tuple(replace(row, lon=lons[row.id], lat=row.lat - 60.4) for row in toy.regions)
    houses = tuple(replace(row, lon=179.85, lat=-60.1) for row in toy.warehouses)
    return replace(toy, regions=rows, warehouses=houses)


def island(folder: Path, **head) -> Background:
    two = [[ring(*EAST)], [ring(*WEST)]]
    put(
        folder,
        feature("land", "MultiPolygon", two),
        feature("area", "MultiPolygon", two, name="Isla", code="east"),
        feature("town", "Point", [-179.75, -60.0], name="East side"),
        feature("river", "MultiLineString", [[[179.9, -60], [180, -60]], [[-180, -60], [-179.8, -60]]]),
        **head,
    )
    return read_background(folder)


@pytest.mark.parametrize("lons", [SPOTS, dict.fromkeys(SPOTS, 179.9), dict.fromkeys(SPOTS, -179.9)])
def test_what_files_cut_at_the_180th_meridian_is_one_beside_the_places(folder, lons):
    world, ground = around_the_world(lons), island(folder, bbox=[178, -61, -178, -59])
    scene = scene_of(plan_of_all(world), world, ground=ground)
    west, south, east, north = scene.bounds
    assert east - west < 1
    assert north - south < 1
    for item in scene.ground.of(GroundKind.LAND, GroundKind.AREA):
        assert item.geometry.geom_type == "Polygon"  # no border along the meridian
        assert item.geometry.area == pytest.approx(0.5 * 0.3)
    assert scene.ground.known is not None
    assert scene.ground.known[2] - scene.ground.known[0] == pytest.approx(4)
    assert scene.ground.known[0] < west < east < scene.ground.known[2]
    assert scan_background(folder, world)[1] == ()


def test_a_bulletin_has_its_areas_where_they_are_across_the_meridian(folder):
    world, ground = around_the_world(), island(folder)
    plan = plan_of_all(world)
    one = SimpleNamespace(found=SimpleNamespace(plan=plan, instance=world))
    rows = [
        {"plan": 0, "id": name, "name": name, "regions": {"confirmed": 1, "total": 2}}
        for name in ("east", "west")  # one with a border, one without
    ]
    svg = choropleth({"by": "area", "groups": rows}, [one], [ground])
    (path,) = re.findall(r'<path d="M[\d.]+ [\d.]+([^"]*)z"', svg)
    assert max(abs(float(step)) for step in re.findall(r"-?[\d.]+", path)) > 100
    assert "circle" in svg


def test_land_around_the_whole_pole_lies_on_both_sides():
    whole = shapely.box(-180, -90, 180, -60)
    moved = shape_beside(whole, 179.9)
    assert moved.contains(shapely.box(179, -89, 181, -61))
    assert shape_beside(whole, 0.0) is whole
    assert told_shape(moved).equals(whole)


def test_a_part_across_the_180th_meridian_is_read_again_as_it_was(folder, tmp_path):
    world, ground = around_the_world(), island(folder)
    own = background_of(part_of(world, "east"), ground)
    write_background(tmp_path / "background", own)
    again = read_background(tmp_path)
    assert [sheet.known for sheet in again.sheets] == [
        tuple(pytest.approx(value, abs=1e-4) for value in sheet.known) for sheet in own.sheets
    ]
    ((west, south, east, north),) = (sheet.known for sheet in again.sheets)
    assert 179 < west <= 180
    assert -180 <= east < -179
    (area,) = again.of(GroundKind.AREA)
    assert shape_beside(area.geometry, 180.0).equals(shapely.box(179.8, -60.2, 180.3, -59.9))
    assert scan_background(tmp_path, world)[1] == ()


def test_a_file_near_the_places_across_the_meridian_is_not_far_away(folder):
    put(folder, feature("town", "Point", [-179.9, -60], name="N"))
    assert scan_background(folder, around_the_world(dict.fromkeys(SPOTS, 179.9)))[1] == ()
    put(folder, feature("town", "Point", [-170.0, -60], name="N"))
    assert [fault.code for fault in scan_background(folder, around_the_world())[1]] == ["B515"]


@pytest.mark.parametrize(
    ("box", "code"),
    [
        ([30, 5, 40, -5], "B508"),
        ([30, -5, 30, 5], "B508"),
        ([-270, -5, 270, 5], "B508"),
        ([500_000, 9_900_000, 600_000, 9_950_000], "B508"),
        ([-5, 110, 5, 120], "B509"),
        ([1, 2, 3], "B508"),
        ("30,-5,40,5", "B508"),
    ],
)
def test_a_box_that_is_none_is_refused(folder, box, code):
    put(folder, feature(), bbox=box)
    assert codes(folder) == [code]


def test_nulls_are_nothing_and_a_file_that_is_null_is_refused(folder):
    put(folder, feature(), bbox=None, notice=None, licence=None, rank=None, kind=None)
    assert codes(folder) == []
    put(folder, feature() | {"properties": {"kind": "land"}}, source=None, licence=None)
    assert codes(folder) == ["B511", "B511"]
    for content in ("null", "true", "7", '"text"', "[]"):
        put(folder).write_text(content, encoding="utf-8")
        assert codes(folder) == ["B504"], content
