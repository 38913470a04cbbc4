"""Two plans side by side: nothing is lost, the words fit a telephone, files fit spreadsheets and machines."""

import csv
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import hub_plan
import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st
from replans import replanned, row

from planner.base.clock import Clock, parse_instant
from planner.base.text import catalogue, set_language
from planner.cli import main
from planner.compare.changes import What
from planner.compare.comparison import differences
from planner.compare.vehicles import paired, sheet
from planner.instance.schema import Contact
from planner.instance.write import write_instance
from planner.outputs.diff_areas import area_rows
from planner.outputs.diff_json import diff_document
from planner.outputs.diff_list import COLUMNS, change_list
from planner.outputs.diff_names import DiffNames
from planner.outputs.diff_words import messages
from planner.plans.file import by_clock, plan_to_text
from planner.plans.model import ReasonCode, RegionStatus

PLAN, CLOCK = small.PLAN, small.CLOCK
INSTANCE = replace(
    small.INSTANCE,
    contacts=(
        Contact(place="A", name="Pak Amin", role="PPS", phone="081234567890"),
        Contact(place="TRUCK-01", name="Bu Tini", phone="+6281298765432"),
        Contact(place="W", name="Gudang", phone="0541 123456"),
    ),
)
NAMES = DiffNames(INSTANCE)


def found_of(after, before=PLAN, minutes=30, clock=CLOCK):
    return differences(before, after, clock, tolerance_s=60 * minutes)


def told_of(after, before=PLAN, minutes=30, names=NAMES, clock=CLOCK):
    return messages(found_of(after, before, minutes, clock), after, names, clock)


def texts(after, recipient, before=PLAN, minutes=30, names=NAMES, clock=CLOCK):
    told = told_of(after, before, minutes, names, clock)
    return [f"{one.id}: {one.text}" for one in told if one.recipient == recipient and one.counts]


def with_trip(number, change, plan=PLAN):
    trips = tuple(change(one) if at == number else one for at, one in enumerate(plan.trips))
    return replace(plan, trips=trips)


def later(trip, seconds, vehicle=None):
    """Every moment of a trip moved."""

    def leg(one):
        return replace(one, depart_s=one.depart_s + seconds, arrive_s=one.arrive_s + seconds)

    stops = tuple(
        replace(one, leg=leg(one.leg), start_s=one.start_s + seconds, end_s=one.end_s + seconds)
        for one in trip.stops
    )
    return replace(
        trip,
        vehicle_id=vehicle or trip.vehicle_id,
        load_start_s=trip.load_start_s + seconds,
        depart_s=trip.depart_s + seconds,
        stops=stops,
        back=None if trip.back is None else leg(trip.back),
        end_s=trip.end_s + seconds,
    )


# ---------------------------------------------------------------- what changes


def test_a_plan_and_itself_do_not_differ():
    found = found_of(PLAN)
    assert found.nothing
    assert told_of(PLAN) == []


def test_other_ids_of_trips_are_no_change():
    renamed = replace(PLAN, trips=tuple(replace(one, id=f"X{one.id}") for one in PLAN.trips))
    assert found_of(renamed).vehicles == ()
    assert found_of(renamed).regions == ()


def test_a_small_delay_is_listed_but_needs_no_call():
    plan = with_trip(0, lambda one: later(one, 600))
    found = found_of(plan)
    assert [(one.vehicle_id, one.what) for one in found.vehicles] == [("TRUCK-01", (What.SLIGHT,))]
    assert [(one.region_id, one.what) for one in found.regions] == [
        ("A", (What.SLIGHT,)),
        ("B", (What.SLIGHT,)),
    ]
    assert found.regions_changed == ()
    assert not any(one.counts for one in told_of(plan))
    assert found_of(plan, minutes=5).regions_changed == ("A", "B")
    assert found_of(plan, minutes=10).regions_changed == ()  # by no more than the tolerance


def test_who_loads_earlier_is_always_called():
    plan = with_trip(0, lambda one: later(one, -60))
    assert [one.vehicle_id for one in found_of(plan).vehicles if one.counts] == ["TRUCK-01"]
    assert found_of(plan).regions_changed == ()


def test_another_vehicle_is_told_to_both_drivers_the_store_and_the_regions():
    plan = with_trip(0, lambda one: later(one, 0, "TRUCK-02"))
    assert texts(plan, "driver") == [
        "TRUCK-01: the trip to Desa A, Desa B, loading 22 Nov 06:00, falls away",
        "TRUCK-02: new trip: load at Gudang W, dock 1, 22 Nov 06:00; leave 22 Nov 06:18;"
        " Desa A 22 Nov 07:03, Desa B 07:50, back at Gudang W 09:13",
    ]
    assert texts(plan, "warehouse") == [
        "W: falls away: TRUCK tru1 [TRUCK-01] loads 8 pieces 22 Nov 06:00 at dock 1",
        "W: new: TRUCK tru2 [TRUCK-02] loads 8 pieces 22 Nov 06:00 at dock 1",
    ]
    assert (
        texts(plan, "region")[1]
        == "B: TRUCK tru2 [TRUCK-02] comes 22 Nov 07:50 (not TRUCK tru1 [TRUCK-01], 22 Nov 07:50)"
    )


def swapped(trip):
    """A and B change places, by the same legs' times."""
    first, second = trip.stops
    one = replace(
        second,
        leg=replace(second.leg, from_node="W", depart_s=22_680, arrive_s=26_580),
        start_s=26_580,
        end_s=27_600,
    )
    two = replace(
        first,
        leg=replace(first.leg, from_node="B", depart_s=27_600, arrive_s=29_400),
        start_s=29_400,
        end_s=30_420,
    )
    return replace(trip, stops=(one, two))


def test_another_order_is_put_into_words():
    plan = with_trip(0, swapped)
    assert texts(plan, "driver") == [
        "TRUCK-01: trip to Desa B, Desa A: go to Desa B first;"
        " times: Desa B 22 Nov 07:23, Desa A 08:10, back at Gudang W 09:13"
    ]
    assert found_of(plan).vehicles[0].what == (What.STOPS,)


def test_a_replan_says_what_to_skip_and_when_to_leave():
    """Under way, the driver hears of what lies ahead only: the words of the telephone."""
    before = with_trip(0, lambda one: later(one, 0))
    now_s = 26_000  # TRUCK-01 is at A; it was to go on to B
    after = replanned(before, small.INSTANCE, (), now_s)
    trip = after.trips[0]
    home = replace(trip.back, from_node="A", depart_s=26_600, arrive_s=29_300)
    skipping = replace(trip, stops=trip.stops[:1], back=home, end_s=29_300)
    after = replace(after, trips=(skipping, *after.trips[1:]))
    assert texts(after, "driver", before)[:1] == [
        "TRUCK-01: skip Desa B; times: back at Gudang W 22 Nov 08:08"
    ]
    first, second = trip.stops
    c_first = replace(
        first,
        node_id="C",
        leg=replace(first.leg, from_node="A", to_node="C", depart_s=26_700, arrive_s=28_000),
        start_s=28_000,
        end_s=29_000,
    )
    on = replace(
        second,
        leg=replace(second.leg, from_node="C", depart_s=29_000, arrive_s=30_800),
        start_s=30_800,
        end_s=31_820,
    )
    rerouted = replace(trip, stops=(first, c_first, on))
    after = replace(after, trips=(rerouted, *after.trips[1:]))
    assert texts(after, "driver", before)[:1] == [
        "TRUCK-01: go to Desa C too, first; leave 22 Nov 07:25;"
        " times: Desa C 22 Nov 07:46, Desa B 08:33, back at Gudang W 09:13"
    ]
    set_language("id")
    try:
        assert texts(after, "driver", before)[0].startswith(
            "TRUCK-01: pergi juga ke Desa C, lebih dahulu; berangkat 22 Nov 07:25"
        )
    finally:
        set_language("en")


def test_what_is_over_is_no_news():
    """A trip that was late in history: its region has received, its driver is back."""
    rows = (
        row("E1", 600, "departed", "VAN-01", CLOCK, from_time=600),
        row("E2", 5000, "delivered", "VAN-01", CLOCK, from_time=4500, place="G"),
    )
    now_s = 20_000
    after = replanned(PLAN, small.INSTANCE, rows, now_s)
    found = found_of(after)
    assert [(one.region_id, one.past, one.counts) for one in found.regions] == [("G", True, False)]
    assert found.vehicles == ()
    assert told_of(after) == []
    assert found.regions_changed == ()


def test_a_breakdown_says_where_it_stands_and_who_comes():
    from test_check_replan import stranded

    after = stranded()
    told = texts(after, "driver")
    assert told[0].startswith(
        "TRUCK-01: stands at Desa A since 22 Nov 07:26 with 4 pieces aboard;"
        " TRUCK tru2 [TRUCK-02] takes them over 22 Nov 08:31"
    )
    assert told[1].startswith(
        "TRUCK-02: new trip: leave Gudang W empty 22 Nov 07:46; Desa A 22 Nov 08:31, Desa B 09:15"
    )
    assert "at Desa A take over 4 pieces from the vehicle that stands there" in told[1]


def test_hubs_hear_what_comes_and_goes():
    plan = with_trip(0, lambda one: later(one, 3600), hub_plan.PLAN)
    names = DiffNames(hub_plan.INSTANCE)
    told = texts(plan, "hub", hub_plan.PLAN, names=names)
    assert told == ["H: Truk tru1 [TRUCK-01] unloads 3 pieces 22 Nov 07:59 (not 22 Nov 06:59)"]
    told = texts(plan, "warehouse", hub_plan.PLAN, names=names)
    assert told == ["W: Truk tru1 [TRUCK-01] loads 4 pieces 22 Nov 07:00 at dock 1 (not 22 Nov 06:00)"]


def test_other_goods_at_a_hub_are_named():
    def other(trip):
        first = trip.stops[0]
        items = tuple(one for one in first.deliveries if one.region_id != "B")
        return replace(trip, stops=(replace(first, deliveries=items), *trip.stops[1:]))

    plan = with_trip(0, other, hub_plan.PLAN)
    names = DiffNames(hub_plan.INSTANCE)
    assert texts(plan, "hub", hub_plan.PLAN, names=names) == [
        "H: Truk tru1 [TRUCK-01] unloads 2 pieces 22 Nov 06:59 (not 3 pieces); not for Desa B"
    ]


def test_a_region_that_becomes_late_hears_it():
    result = replace(
        PLAN.regions[1],
        status=RegionStatus.LATE,
        received_s=PLAN.regions[1].deadline_s + 7200,
        reason=ReasonCode.NO_TRIP,
    )
    plan = replace(PLAN, regions=(PLAN.regions[0], result, *PLAN.regions[2:]))
    assert texts(plan, "region") == ["B: now late by 2 h 0 min, before on time"]
    gone = replace(PLAN, trips=PLAN.trips[1:])
    assert (
        "B: nothing comes any more (was: TRUCK tru1 [TRUCK-01] 22 Nov 07:50, 2 units (late, main))"
        in texts(gone, "region")
    )


def test_names_that_are_not_unique_have_their_part_of_the_area():
    regions = tuple(replace(one, name="Muara", subarea_name=f"Kec {one.id}") for one in INSTANCE.regions)
    names = DiffNames(replace(INSTANCE, regions=regions))
    assert names.place("A") == "Muara (Kec A)"
    assert DiffNames(None).place("A") == "A"
    assert DiffNames(None).vehicle("TRUCK-01", "TRUCK") == "TRUCK-01"


def test_messages_are_in_the_order_of_time():
    plan = replace(PLAN, trips=tuple(later(one, 4000) for one in PLAN.trips))
    told = told_of(plan)
    times = [message.at_s for message in told]
    assert times == sorted(times)
    assert {one.recipient for one in told} == {"driver", "warehouse", "region"}


# ---------------------------------------------------------------- nothing is lost


def scrambled(data, plan):
    """Another plan of the same trips: moved, given to other vehicles, cut, left out."""
    trips = []
    for trip in plan.trips:
        made = _otherwise(data, trip)
        if made is not None:
            trips.append(replace(made, id=data.draw(st.sampled_from([trip.id, trip.id, f"{trip.id}x"]))))
    return replace(plan, trips=tuple(trips))


HOW = ("keep", "move", "vehicle", "dock", "reverse", "cut", "drop", "goods")


def _otherwise(data, trip):
    how = data.draw(st.sampled_from(("keep", *HOW)))
    changes = {
        "keep": lambda: trip,
        "move": lambda: later(trip, data.draw(st.integers(-5000, 90_000))),
        "vehicle": lambda: replace(
            trip, vehicle_id=data.draw(st.sampled_from(["TRUCK-02", "TRUCK-01", "VAN-01"]))
        ),
        "dock": lambda: replace(trip, dock=trip.dock + 1),
        "reverse": lambda: replace(trip, stops=trip.stops[::-1]),
        "cut": lambda: replace(trip, stops=trip.stops[1:]),
        "drop": lambda: None,
        "goods": lambda: replace(
            trip, stops=tuple(replace(one, deliveries=one.deliveries[1:]) for one in trip.stops)
        ),
    }
    return changes[how]()


def drives(plan):
    """Who drives where, when, with what: everything but ids of trips, ways and prices."""
    found = {}
    for trip in sorted(plan.trips, key=lambda one: (one.load_start_s, one.id)):
        found.setdefault(trip.vehicle_id, []).append(sheet(trip))
    return found


def applied(plan, document):
    """Who drives where by the first plan and what JSON says of the second."""
    found = {}
    for trip in sorted(plan.trips, key=lambda one: (one.load_start_s, one.id)):
        found.setdefault(trip.vehicle_id, []).append(as_told(trip))
    for one in document["vehicles"]:
        found[one["id"]] = [
            {key: value for key, value in trip.items() if key != "id"} for trip in one["after"]
        ]
    return {name: trips for name, trips in found.items() if trips}


def as_told(trip):
    from planner.outputs.diff_json import _Document

    told = _Document(NAMES, CLOCK)._trip(trip)
    return {key: value for key, value in told.items() if key != "id"}


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_the_first_plan_and_the_changes_give_the_second(data):
    before, after = scrambled(data, PLAN), scrambled(data, PLAN)
    found = found_of(after, before)
    document = diff_document(found, (before, after), [], told_of(after, before), NAMES, CLOCK)
    want = {}
    for trip in sorted(after.trips, key=lambda one: (one.load_start_s, one.id)):
        want.setdefault(trip.vehicle_id, []).append(as_told(trip))
    assert applied(before, document) == want
    json.dumps(document)
    differing = {
        name
        for name in {*drives(before), *drives(after)}
        if drives(before).get(name) != drives(after).get(name)
    }
    assert {one.vehicle_id for one in found.vehicles} == differing
    told = {one.id for one in told_of(after, before) if one.recipient == "driver"}
    assert told == differing
    assert found.nothing == (drives(before) == drives(after))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_pairs_hold_every_trip_once(data):
    before, after = scrambled(data, PLAN), scrambled(data, PLAN)
    pairs = paired(before.trips, after.trips)
    olds = [old.id for old, _ in pairs if old is not None]
    news = [new.id for _, new in pairs if new is not None]
    assert sorted(olds) == sorted(trip.id for trip in before.trips)
    assert sorted(news) == sorted(trip.id for trip in after.trips)


# ---------------------------------------------------------------- areas


def test_both_plans_by_area():
    later_plan = with_trip(0, lambda one: later(one, 3600))
    rows = area_rows((PLAN, later_plan), small.INSTANCE, CLOCK)
    assert [(one.id, one.before.regions, one.before.on_time) for one in rows] == [
        ("64.01", 5, 5), ("64.02", 1, 1), ("", 6, 6),
    ]  # fmt: skip
    assert [one.before.vehicles for one in rows] == [4, 1, 5]
    assert [one.before.cost for one in rows] == [small.COST, 0, small.COST]
    assert rows[0].before.stretch == rows[2].before.stretch != rows[1].before.stretch
    assert rows[0].after.stretch != rows[0].before.stretch


def test_areas_that_share_vehicles_have_no_cost_of_their_own():
    regions = tuple(replace(one, area=one.subarea) for one in small.INSTANCE.regions)
    instance = replace(small.INSTANCE, regions=regions)
    rows = area_rows((PLAN, PLAN), instance, CLOCK)
    assert [(one.id, one.before.cost, one.before.vehicles) for one in rows] == [
        ("64.01.01", None, 1), ("64.01.02", None, 2), ("64.01.03", None, 1),
        ("64.02.01", 0, 1), ("", small.COST, 5),
    ]  # fmt: skip
    assert rows[-1].before.stretch is None  # the plan was made for other files


def test_without_an_instance_components_are_areas():
    rows = area_rows((PLAN, PLAN), None, CLOCK)
    assert [(one.id, one.before.cost, one.before.vehicles) for one in rows] == [
        ("W", small.COST, 4), ("V", 0, 1), ("", small.COST, 5),
    ]  # fmt: skip


# ---------------------------------------------------------------- files


def test_the_change_list_fits_a_spreadsheet():
    plan = with_trip(0, lambda one: later(one, 3600))
    text = change_list(told_of(plan), NAMES, CLOCK)
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [(one["recipient"], one["id"], one["contact"], one["phone"]) for one in rows] == [
        ("driver", "TRUCK-01", "Bu Tini", "+62 8129 8765 432"),
        ("warehouse", "W", "Gudang", "0541 123456"),
        ("region", "A", "Pak Amin", "0812 3456 7890"),
        ("region", "B", "", ""),
    ]
    assert rows[0]["time"] == "2024-11-22 06:00"
    assert rows[0]["message"].startswith("trip to Desa A, Desa B: load 22 Nov 07:00 (not 22 Nov 06:00)")
    assert all(one["message"] and one["change"] for one in rows)


@pytest.mark.parametrize("cell", ["=1+1", "-2+3", "+A1", "@x"])
def test_no_cell_is_a_formula(cell):
    names = DiffNames(replace(INSTANCE, contacts=(Contact(place="TRUCK-01", name=cell),)))
    text = change_list(told_of(with_trip(0, lambda one: later(one, 3600))), names, CLOCK)
    rows = list(csv.DictReader(io.StringIO(text)))
    assert f"'{cell}" in [one["contact"] for one in rows]


# ---------------------------------------------------------------- command line


def call(*arguments, language="en"):
    try:
        with pytest.raises(SystemExit) as end:
            main(["--lang", language, *map(str, arguments)])
    finally:
        set_language("en")
    return end.value.code


@pytest.fixture
def files(tmp_path, monkeypatch):
    """The folder of the instance, and two plans."""
    monkeypatch.setattr("planner.instance.read.read_instance", lambda _: INSTANCE)
    first, second = tmp_path / "a.json", tmp_path / "b.json"
    first.write_text(plan_to_text(PLAN, CLOCK), "utf-8")
    second.write_text(plan_to_text(with_trip(0, lambda one: later(one, 3600)), CLOCK), "utf-8")
    return tmp_path, first, second


def test_diff_prints_both_sides_and_who_is_to_be_called(files, capsys):
    folder, first, second = files
    assert call("diff", first, second, "--instance", folder) == 0
    out = capsys.readouterr().out
    assert "2 of 6 regions change by more than 30 min" in out
    assert "1 drivers" in out or "1 driver" in out
    assert "Desa B [B]: TRUCK tru1 [TRUCK-01] comes 22 Nov 08:50 (not 22 Nov 07:50)" in out
    assert call("diff", first, second, language="id") == 0
    assert "Yang harus diberi tahu: 1 pengemudi" in capsys.readouterr().out


def test_diff_of_a_plan_with_itself_says_no_change(files, capsys):
    _, first, _ = files
    assert call("diff", first, first) == 0
    assert "No change" in capsys.readouterr().out
    assert call("diff", first, first, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert (document["regions"], document["vehicles"], document["messages"]) == ([], [], [])


def test_diff_writes_the_list_and_speaks_json(files, capsys):
    folder, first, second = files
    path = folder / "calls.csv"
    assert call("diff", first, second, "--instance", folder, "--csv", path, "--json") == 0
    document = json.loads(capsys.readouterr().out)
    assert document["list_path"] == str(path)
    assert document["regions_changed"] == ["A", "B"]
    assert document["messages"][0]["contacts"] == [{"name": "Bu Tini", "role": "", "phone": "+6281298765432"}]
    assert path.read_bytes().startswith(b"\xef\xbb\xbf")
    assert call("diff", first, second, "--csv", path) == 2
    assert "C702" in capsys.readouterr().err
    assert call("diff", first, second, "--csv", path, "--force") == 0
    assert call("diff", first, folder / "none.json") == 2
    assert "P100" in capsys.readouterr().err


def test_diff_says_what_plans_it_compares(files, capsys):
    folder, first, second = files
    other = replace(PLAN, instance_digest="sha256:1")
    second.write_text(plan_to_text(other, CLOCK), "utf-8")
    assert call("diff", first, second) == 0
    assert "made for different files" in capsys.readouterr().out
    new = replanned(PLAN, small.INSTANCE, (), 26_000)
    second.write_text(plan_to_text(new, CLOCK), "utf-8")
    assert call("diff", first, second, "--instance", folder) == 0
    out = capsys.readouterr().out
    assert "it replaces A" in out
    assert "No change" in out
    first.write_text(plan_to_text(other, CLOCK), "utf-8")
    assert call("diff", first, second, "--instance", folder) == 0
    assert "another one than A" in capsys.readouterr().out


def test_plans_of_different_starts_are_compared_by_one_clock(files, capsys):
    _, first, second = files
    other = Clock(parse_instant("2024-11-21T00:00+08:00"), "Asia/Makassar")
    second.write_text(plan_to_text(by_clock(PLAN, CLOCK, other), other), "utf-8")
    assert call("diff", first, second) == 0
    out = capsys.readouterr().out
    assert "begin at different moments" in out
    assert "No change" in out


def test_many_lines_are_not_cut_silently(files, capsys):
    _, first, second = files
    moved = replace(PLAN, trips=tuple(later(one, 9000) for one in PLAN.trips))
    second.write_text(plan_to_text(moved, CLOCK), "utf-8")
    from planner.cli import diff

    pytest.MonkeyPatch().setattr(diff, "_MOST_LINES", 3)
    try:
        assert call("diff", first, second) == 0
        assert "further lines: --all" in capsys.readouterr().out
        assert call("diff", first, second, "--all") == 0
        assert "further lines" not in capsys.readouterr().out
    finally:
        diff._MOST_LINES = 40


def test_an_instance_is_read_as_it_is(tmp_path, capsys):
    """The real reading, with a folder that is neither plan's."""
    folder = tmp_path / "hub"
    write_instance(folder, hub_plan.INSTANCE)
    first = tmp_path / "a.json"
    first.write_text(plan_to_text(PLAN, CLOCK), "utf-8")
    assert call("diff", first, first, "--instance", folder) == 0
    assert "which is neither plan's" in capsys.readouterr().out


def test_the_page_tells_every_key():
    page = (Path(__file__).resolve().parents[1] / "docs" / "diff.md").read_text("utf-8")
    plan = with_trip(0, lambda one: later(one, 3600), hub_plan.PLAN)
    names = DiffNames(hub_plan.INSTANCE)
    plans = (hub_plan.PLAN, plan)
    found = found_of(plan, hub_plan.PLAN)
    rows = area_rows(plans, hub_plan.INSTANCE, CLOCK)
    told = told_of(plan, hub_plan.PLAN, names=names)
    document = diff_document(found, plans, rows, told, names, CLOCK)
    told_keys = set(re.findall(r"^\| `([a-z_]+)` \|", page.split("## `--json`")[1], re.M))

    def keys_of(value):
        if isinstance(value, dict):
            for key, one in value.items():
                yield key
                if key not in ("units", "items"):
                    yield from keys_of(one)
        elif isinstance(value, list):
            for one in value:
                yield from keys_of(one)

    assert {
        *keys_of(document),
        "a",
        "b",
        "path",
        "digest",
        "instance_digest",
        "list_path",
        "role",
        "phone",
    } == told_keys
    assert [one.value for one in What if f"`{one.value}`" not in page] == []
    texts_of = catalogue("en")
    assert [texts_of[f"diff.list.{name}"] for name in COLUMNS if f"`{name}`" not in page] == []


def test_one_more_visit_from_the_same_place_is_no_other_way():
    first = PLAN.trips[0]
    again = replace(first, id="T9", vehicle_id="TRUCK-09")
    both = found_of(replace(PLAN, trips=(*PLAN.trips, again)))
    [here] = [one for one in both.regions if one.region_id == "A"]
    assert What.VEHICLE in here.what and What.WAY not in here.what
