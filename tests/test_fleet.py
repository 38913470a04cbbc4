"""Single vehicles and boxes by tables: what is meant, what is refused, what papers print."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from shutil import copytree

import pytest

from planner.evaluation.cells import Cells
from planner.events.deadlines import with_contact
from planner.events.names import Names, UnknownNameError
from planner.events.schema import Event, EventKind
from planner.instance.boxes import Boxes, as_scanned
from planner.instance.call_signs import call_signs
from planner.instance.crews import crew_of
from planner.instance.decisions import rulings_of
from planner.instance.digest import digest
from planner.instance.read import read_instance, read_tables
from planner.instance.schema import BoxRow, FleetRow
from planner.instance.subjects import vehicle_id
from planner.instance.workbook.write import write_workbook
from planner.instance.write import write_instance
from planner.outputs.itineraries import shown
from planner.papers.filing import all_papers
from planner.papers.model import Kind
from planner.papers.settings import Letters
from planner.papers.source import source_of
from tests.hub_plan import INSTANCE, PLAN

INSTANCES = Path(__file__).resolve().parents[1] / "instances"
TOY = INSTANCES / "toy"
FLEET = (
    "vehicle,call_sign,plate,driver,phone,language\n"
    "van1,Heron,KT 1234 AB,Budi Santoso,0812,id\nvan/2,,KT-77-Z,Eko,,en\n"
)
WORDS = ["heron", "HERON", "van1", "KT 1234 AB", "kt1234ab", "kt-1234-ab", "Budi Santoso", "budi  santoso"]


def read(folder, **tables):
    copytree(TOY, folder)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return read_tables(folder)


def faults_of(folder, table, **tables):
    _, faults = read(folder, **tables)
    return [(one.code, one.row, one.column) for one in faults if one.table == table]


@pytest.mark.parametrize("word", WORDS)
def test_all_that_a_vehicle_is_called_means_it_everywhere(word, tmp_path):
    tables = {"fleet": FLEET, "decisions": f"id,subject,rule,value\nd1,elm,use,{word}\n"}
    tables |= {"contacts": f"place,name\n{word},Ani\n", "outages": f"id,subject\no1,{word}\n"}
    instance, faults = read(tmp_path / "i", **tables)
    assert instance is not None, faults
    assert [one.place for one in instance.contacts] == ["van-01"]
    assert [one.subject for one in instance.outages] == ["van-01"]
    assert rulings_of(instance)[0].vehicles == {("van", 1)}
    assert Names(instance).find(word, ("vehicle", "trip", "region")) == ("vehicle", "van-01")
    cells = Cells(instance, lambda *_: None)
    kind, number = cells.vehicle(1, word)
    assert (kind.id, number) == ("van", 1)
    assert call_signs(instance).of("van-01") == "Heron"
    assert call_signs(instance).of("van-02") == "van2"


def test_a_plan_shows_a_vehicle_by_its_driver():
    vehicle = PLAN.trips[0].vehicle_id
    instance = replace(INSTANCE, fleet=(FleetRow(vehicle=vehicle, driver="Lawing"),))
    assert shown(PLAN, instance, "lawing").rows == shown(PLAN, instance, vehicle).rows
    assert shown(PLAN, INSTANCE, "lawing") is None


def test_who_drives_two_vehicles_names_none_and_both_are_told(tmp_path):
    text = "vehicle,driver\nvan-01,Budi\nvan-02,Budi\n"
    instance, faults = read(tmp_path / "i", fleet=text)
    assert [(one.code, one.row) for one in faults if one.table == "fleet"] == [("W516", 3)]
    assert call_signs(instance).vehicle("Budi") is None
    with pytest.raises(UnknownNameError) as told:
        Names(instance).find("Budi", ("vehicle",))
    assert told.value.ambiguous and len(told.value.candidates) == 2


def test_a_driver_called_as_a_place_is_not_meant_where_the_place_is(tmp_path):
    instance, faults = read(tmp_path / "i", fleet="vehicle,driver\nvan-01,Elm hospital\n")
    assert [one.code for one in faults if one.table == "fleet"] == ["W516"]
    assert call_signs(instance).vehicle("Elm hospital") is None


FAULTY = {
    "unknown": ("vehicle\nlorry-01\n", [("I435", 2, "vehicle")]),
    "type": ("vehicle\nvan\n", [("I435", 2, "vehicle")]),
    "beyond": ("vehicle\nvan-09\n", [("I435", 2, "vehicle")]),
    "twice": ("vehicle,driver\nvan-01,A\nvan1,B\n", [("I304", 3, None)]),
    "overlap": ("vehicle,driver,until\nvan-01,A,\nvan-01,B,2025-03-03T12:00+03:00\n", [("I304", 3, None)]),
    "hours": (
        "vehicle,from,until\nvan-01,2025-03-03T10:00+03:00,2025-03-03T10:00+03:00\n",
        [("I436", 2, "until")],
    ),
    "meet": (
        "vehicle,from,until\nvan-01,,2025-03-03T12:00+03:00\nvan-01,2025-03-03T11:59+03:00,\n",
        [("I436", 3, "vehicle")],
    ),
    "plate": ("vehicle,plate\nvan-01,KT 1\nvan-02,kt  1\n", [("I438", 3, "plate")]),
    "sign of a place": ("vehicle,call_sign\nvan-01,elm\n", [("I437", 2, "call_sign")]),
    "sign of another": ("vehicle,call_sign\nvan-01,van2\n", [("I437", 2, "call_sign")]),
    "two signs": (
        "vehicle,call_sign,from,until\nvan-01,a1,,2025-03-03T12:00+03:00\nvan-01,b1,2025-03-03T12:00+03:00,\n",
        [("I437", 3, "call_sign")],
    ),
    "language": ("vehicle,language\nvan-01,xx\n", [("I439", 2, "language")]),
}
RIGHT = {
    "two": FLEET,
    "one after another": (
        "vehicle,driver,from,until\nvan-01,A,,2025-03-03T12:00+03:00\nvan-01,B,2025-03-03T12:00+03:00,\n"
    ),
    "swapped signs": "vehicle,call_sign\nvan-01,van2\nvan-02,van1\n",
    "a plate that moves": (
        "vehicle,plate,from,until\nvan-01,K,,2025-03-03T12:00+03:00\nvan-02,K,2025-03-03T12:00+03:00,\n"
    ),
}


@pytest.mark.parametrize("name", FAULTY)
def test_what_cannot_be_meant_is_a_fault(name, tmp_path):
    text, wanted = FAULTY[name]
    assert faults_of(tmp_path / "i", "fleet", fleet=text) == wanted


@pytest.mark.parametrize("name", RIGHT)
def test_what_can_be_meant_is_none(name, tmp_path):
    assert faults_of(tmp_path / "i", "fleet", fleet=RIGHT[name]) == []


def test_who_drives_depends_on_the_moment(tmp_path):
    instance, _ = read(tmp_path / "i", fleet=RIGHT["one after another"])
    noon_s = instance.clock.instant(0).replace(hour=12, minute=0)
    noon_s = int((noon_s - instance.clock.instant(0)).total_seconds())
    assert [crew_of(instance, "van-01", at_s).driver for at_s in (noon_s - 1, noon_s)] == ["A", "B"]
    assert crew_of(instance, "van-02", noon_s) is None


BOXES = "code,region,unit,item,seal\n"
BOXES_FAULTY = {
    "region": ("X,nowhere,001,box,\n", [("I301", 2, "region")]),
    "item": ("X,elm,001,nothing,\n", [("I301", 2, "item")]),
    "unit": ("X,elm,006,box,\n", [("I441", 2, "unit")]),
    "twice": ("X,elm,001,box,\nX,elm,002,box,\n", [("I304", 3, None)]),
    "alike": ("X1,elm,001,box,\nx 1,elm,002,box,\n", [("I440", 3, "code")]),
    "too many": ("X,elm,001,box,\nY,elm,001,box,\n", [("I442", 3, "item")]),
    "made": ("elm-002-B-X,elm,001,box,\n", []),
}


@pytest.mark.parametrize("name", BOXES_FAULTY)
def test_boxes_that_cannot_be_are_faults(name, tmp_path):
    text, wanted = BOXES_FAULTY[name]
    assert faults_of(tmp_path / "i", "boxes", boxes=BOXES + text) == wanted


def test_a_code_that_another_box_has_made_is_a_fault(tmp_path):
    toy = read_instance(TOY)
    boxes = Boxes(toy, ("box",))
    other = next(box for one in toy.regions for box in boxes.of_region(one) if box.unit == "002")
    text = f"{BOXES}{other.code.lower()},{other.region_id},001,{other.item_id},\n"
    assert faults_of(tmp_path / "i", "boxes", boxes=text) == [("I443", 2, "code")]


def test_given_codes_stand_before_made_ones():
    region = INSTANCE.regions[0]
    item = next(item.id for item in INSTANCE.items if item.pieces)
    bare = Boxes(INSTANCE, (item,)).of_region(region)
    row = BoxRow(code="K 7", region=region.id, unit=bare[0].unit, item=item, seal="S9")
    boxes = Boxes(replace(INSTANCE, boxes=(row,)), (item,))
    assert [(box.code, box.seal) for box in boxes.of_region(region)] == [
        ("K 7", "S9"), *((box.code, "") for box in bare[1:]),
    ]  # fmt: skip
    assert boxes.of_region(region)[0].index == bare[0].index
    assert as_scanned(" k  7\n") == "K7"


def test_rows_of_units_are_as_many_as_units(tmp_path):
    units = "region,number\nelm,A\nelm,B\n"
    _, faults = read(tmp_path / "i", units=units)
    assert [(one.code, one.row, one.value) for one in faults if one.table == "units"] == [("W517", 2, "elm")]
    whole = "region,number\n" + "".join(f"elm,{one}\n" for one in "ABCDE")
    assert not [one for one in read(tmp_path / "j", units=whole)[1] if one.table == "units"]
    assert faults_of(
        tmp_path / "k", "boxes", units=whole, boxes=f"{BOXES}X,elm,E,box,\nY,elm,005,box,\n"
    ) == [("I441", 3, "unit")]


@pytest.mark.parametrize("as_book", [False, True])
def test_both_tables_are_written_and_read_and_are_in_no_digest(as_book, tmp_path):
    plain = read_instance(TOY)
    fleet = (FleetRow(vehicle="van-01", plate="KT 1", driver="Budi", from_s=3600, until_s=7200),)
    boxes = (BoxRow(code="X-1", region="elm", unit="001", item="box", seal="S"),)
    instance = replace(plain, fleet=fleet, boxes=boxes)
    path = tmp_path / ("i.xlsx" if as_book else "i")
    (write_workbook if as_book else write_instance)(path, instance)
    again = read_instance(path)
    assert (again.fleet, again.boxes) == (fleet, boxes)
    assert digest(again) == digest(plain)


def test_papers_print_plate_driver_phone_and_codes_and_only_what_is_known():
    vehicle = PLAN.trips[0].vehicle_id
    trips = [trip for trip in PLAN.trips if trip.vehicle_id == vehicle]
    middle = trips[0].load_start_s + 1
    rows = (
        FleetRow(vehicle=vehicle, plate="KT 1", driver="Amat", phone="1", language="id", until_s=middle),
        FleetRow(vehicle=vehicle, plate="KT 2", driver="Eko", phone="2", language="en", from_s=middle),
    )
    region = INSTANCE.regions[0]
    boxes = Boxes(INSTANCE, ()).of_region(region)
    codes = tuple(
        BoxRow(code=f"GIVEN-{at}", region=region.id, unit=box.unit, item=box.item_id, seal=f"SEAL-{at}")
        for at, box in enumerate(boxes)
    )
    source = source_of(PLAN, replace(INSTANCE, fleet=rows, boxes=codes), Letters())
    notes = all_papers(source, [Kind.HANDOVER])
    mine = [paper for paper in notes if paper.groups.vehicle == vehicle]
    assert mine and {(one.body["plate"], one.body["driver"]) for one in mine} == {("KT 2", "Eko")}
    assert {one.body["plate"] for one in notes if one.groups.vehicle != vehicle} == {""}
    lists = all_papers(source, [Kind.LOADING_LIST])
    loads = [load for paper in lists for load in paper.body["trips"] if load["vehicle"] == vehicle]
    assert (loads[0]["driver"], loads[0]["phone"]) == ("Amat", "1")
    printed = {
        row["code"]: row["seal"] for one in notes for given in one.body["regions"] for row in given["codes"]
    }
    assert {f"GIVEN-{at}": f"SEAL-{at}" for at in range(len(boxes))}.items() <= printed.items()
    bare = all_papers(source_of(PLAN, INSTANCE, Letters()), [Kind.HANDOVER])
    assert {one.body["plate"] for one in bare} == {""}


def test_drivers_of_mahulu_are_invented_and_only_there():
    for name in ("toy", "clinics", "berau", "kaltim"):
        assert not read_instance(INSTANCES / name).fleet
    mahulu = read_instance(INSTANCES / "mahulu")
    every = {vehicle_id(one.id, at) for one in mahulu.vehicles for at in range(1, one.number + 1)}
    assert {row.vehicle for row in mahulu.fleet} == every
    assert all(row.source.startswith("Invented") and row.phone.startswith("000-") for row in mahulu.fleet)
    assert all("Contoh" in row.driver and "CONTOH" in row.plate for row in mahulu.fleet)


def test_a_reported_driver_drives_until_the_next_one_does():
    first = FleetRow(vehicle="van-01", plate="KT 1", driver="Budi", phone="1", until_s=1000)
    other = FleetRow(vehicle="van-01", plate="KT 1", driver="Eko", phone="2", from_s=1000)
    instance = replace(INSTANCE, fleet=(first, other))
    event = Event(id="r1", time_s=500, kind=EventKind.CONTACT, subject=("van-01",), value="Ani 0813-1111")
    told = with_contact(instance, event).fleet
    assert [(one.driver, one.phone, one.plate) for one in told] == [
        ("Ani", "0813-1111", "KT 1"),
        ("Eko", "2", "KT 1"),
    ]
    later = with_contact(instance, replace(event, from_s=1000)).fleet
    assert [one.driver for one in later] == ["Budi", "Ani"]
