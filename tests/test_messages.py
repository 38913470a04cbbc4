"""Messages: whom a plan and a replan tell what, in parts that hold, and that nobody who escorts is named."""

import json
import random
import re
from dataclasses import replace

import hub_plan
import pytest
import small
from replans import replanned, row

from planner.base.clock import HOUR_S
from planner.compare.comparison import differences
from planner.instance.schema import Contact
from planner.instance.write import write_instance
from planner.papers.messages import change_messages, order_messages
from planner.papers.parts import Medium, parts_of
from planner.papers.settings import Letters
from planner.papers.source import source_of
from planner.plans.file import write_plan

HOSTILE = "<script>alert(1)</script> \u202eabc\n\n\U0001f600 مرحبا " + "x" * 200
GSM_LETTERS = "abcXYZ 0189 äöü@£-:;,.()/\n"


def small_size(text):
    """How long a short message of letters, figures, `GSM_LETTERS` and brackets is, by GSM 03.38."""
    if set(text) <= set(GSM_LETTERS + "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789[]"):
        return sum(2 if sign in "[]" else 1 for sign in text), 160
    return len(text.encode("utf-16-be")) // 2, 70


def source_for(plan, instance, language="en"):
    return source_of(plan, instance, Letters(language=language))


def changed(before, after, instance, language="en"):
    found = differences(before, after, instance.clock)
    return {one.vehicle: one for one in change_messages(source_for(after, instance, language), found)}


@pytest.mark.parametrize("medium", Medium)
def test_drawn_blocks_come_whole_and_in_order(medium):
    draw = random.Random(7)
    letters = GSM_LETTERS.replace("\n", "") + "[]"
    several = 0
    for _ in range(400):
        wide = draw.random() < 0.2
        blocks = [
            "".join(
                draw.choice(letters + ("漢" if wide else "")) for _ in range(draw.randint(1, 200))
            ).strip()
            or "x"
            for _ in range(draw.randint(1, 60))
        ]
        head = "tru1 24 Nov"
        parts = parts_of(head, blocks, medium)
        several += len(parts) > 9
        said = []
        for at, part in enumerate(parts, 1):
            top, *lines = part.text.split("\n")
            assert top == (head if len(parts) == 1 else f"{head} ({at}/{len(parts)})")
            size, most = small_size(part.text)
            fits = size <= most if medium is Medium.SMS else len(part.text.encode("utf-16-be")) // 2 <= 4096
            assert part.single is fits
            assert fits or len(lines) == 1
            said += lines
        assert said == blocks
    assert several > 20 if medium is Medium.SMS else True


def test_parts_are_no_more_than_are_needed():
    """The next block would not have fitted into the part before."""
    blocks = [f"{at:02d} " + "y" * (at % 7 * 9) for at in range(40)]
    parts = parts_of("tru1", blocks, Medium.SMS)
    for before, after in zip(parts, parts[1:], strict=False):
        assert small_size(f"{before.text}\n{after.text.split(chr(10))[1]}")[0] > 160


def test_orders_tell_each_stop_once_on_its_day():
    plan, instance = hub_plan.PLAN, hub_plan.INSTANCE
    source = source_for(plan, instance)
    made = [*order_messages(source)]
    whole = {(one.vehicle, one.day): "\n".join((one.head, *one.blocks)) for one in made}
    assert {name for name, _ in whole} == {trip.vehicle_id for trip in plan.trips}
    for trip in plan.trips:
        for stop in trip.stops:
            day = instance.clock.day(stop.leg.arrive_s)
            text = whole[trip.vehicle_id, day]
            arrive, end = (f"{instance.clock.instant(at):%H:%M}" for at in (stop.leg.arrive_s, stop.end_s))
            pieces = sum(one.pieces for one in stop.deliveries)
            (line,) = [
                line
                for line in text.split("\n")
                if line.startswith(f"{arrive}–{end} ") and source.names.place(stop.node_id) in line
            ]
            assert f"{pieces} pieces" in line
            assert text.startswith(source.names.sign(trip.vehicle_id))


def test_the_drivers_language_is_spoken():
    source = source_for(hub_plan.PLAN, hub_plan.INSTANCE, "id")
    assert all("berangkat" in " ".join(one.blocks) for one in order_messages(source))


def test_who_has_no_change_gets_no_message():
    plan, instance = hub_plan.PLAN, hub_plan.INSTANCE
    assert changed(plan, plan, instance) == {}
    trip = plan.trips[-1]
    hour = HOUR_S
    later = replace(trip, load_start_s=trip.load_start_s + hour, depart_s=trip.depart_s + hour)
    found = changed(plan, replace(plan, trips=(*plan.trips[:-1], later)), instance)
    assert set(found) == {trip.vehicle_id}


@pytest.mark.parametrize("served", [0, 1])
@pytest.mark.parametrize("language", ["en", "id"])
def test_a_broken_vehicle_is_told_that_its_trip_is_over(served, language):
    plan, instance = small.PLAN, small.INSTANCE
    first = plan.trips[0]
    vehicle, at_s = first.vehicle_id, [first.depart_s, first.stops[0].end_s][served] + 60
    rows = (row("E1", at_s, "breakdown", vehicle, instance.clock, from_time=at_s),)
    after = replanned(plan, instance, rows, at_s + 60)
    (broken,) = [trip for trip in after.trips if trip.broken is not None]
    assert (broken.vehicle_id, len(broken.stops)) == (vehicle, served)
    found = changed(plan, after, instance, language)
    over = {"en": "This trip is over for you", "id": "Perjalanan ini selesai bagi Anda"}[language]
    assert any(block.startswith(over) for block in found[vehicle].blocks)
    others = [one for name, one in found.items() if name != vehicle]
    assert not [one for one in others if any(over in block for block in one.blocks)]
    orders = {one.vehicle: one for one in order_messages(source_for(after, instance, language))}
    assert any(over in block for block in orders[vehicle].blocks)


def test_goods_taken_over_from_it_are_told():
    from test_check_replan import stranded

    found = changed(small.PLAN, stranded(), small.INSTANCE)
    assert any("This trip is over for you" in block for block in found["TRUCK-01"].blocks)
    assert any("take over 4 pieces" in block for block in found["TRUCK-02"].blocks)
    assert any(
        "empty, nothing is loaded, Gudang W; leave 07:46" in block for block in found["TRUCK-02"].blocks
    )


def test_what_is_over_is_not_sent_after_a_replan():
    plan, instance = small.PLAN, small.INSTANCE
    ends_s = max(trip.end_s for trip in plan.trips)
    after = replanned(plan, instance, (), ends_s)
    assert [*order_messages(source_for(after, instance), from_s=ends_s)] == []
    left = [*order_messages(source_for(after, instance), from_s=ends_s - 1)]
    assert {one.vehicle for one in left} == {trip.vehicle_id for trip in plan.trips if trip.end_s == ends_s}
    assert [*order_messages(source_for(after, instance))]


def test_names_stay_on_their_line():
    instance = hub_plan.INSTANCE
    named = replace(instance, regions=tuple(replace(one, name=HOSTILE) for one in instance.regions))
    for one in order_messages(source_for(hub_plan.PLAN, named)):
        for medium in Medium:
            parts = parts_of(one.head, one.blocks, medium)
            lines = [line for part in parts for line in part.text.split("\n")[1:]]
            assert len(lines) == len(one.blocks)
            assert "\u202e" not in "".join(lines)
            assert not any(re.search(r"[\r\n\v\f\u2028]", part.text.replace("\n", "")) for part in parts)


@pytest.fixture
def folder(tmp_path):
    """The plan and its tables, with an escort at each place and vehicle, and other people at some."""
    instance, plan = hub_plan.INSTANCE, hub_plan.PLAN
    places = [one.id for one in (*instance.regions, *instance.hubs, *instance.warehouses)]
    places += [trip.vehicle_id for trip in plan.trips] + [one.id for one in instance.vehicles]
    roles = ("escort", "Pengawal", "Brimob", "petugas pengawalan", "TNI AD", "tim kawal", "Police")
    people = [
        Contact(place=place, name=f"Secretman {at}", role=roles[at % len(roles)], phone=f"0999{at:04d}")
        for at, place in enumerate(dict.fromkeys(places))
    ]
    people.append(Contact(place="W", name="Ibu Desk", role="desk", phone="0811"))
    write_instance(tmp_path / "tables", replace(instance, contacts=tuple(people)))
    write_plan(plan, instance.clock, tmp_path / "a.json")
    hour = 3600
    later = [replace(one, load_start_s=one.load_start_s + hour) for one in plan.trips]
    write_plan(replace(plan, trips=tuple(later)), instance.clock, tmp_path / "b.json")
    return tmp_path


def test_nobody_who_escorts_is_named(folder, plan):
    said = ""
    base = ("messages", folder / "a.json", "--instance", folder / "tables")
    for lang in ("en", "id"):
        for more in ((), ("--json",), ("--for", "sms"), ("--changed-since", folder / "b.json")):
            said += "".join(plan(*base, "--lang", lang, *more))
        out = folder / f"out-{lang}"
        said += "".join(
            plan(
                "messages",
                folder / "a.json",
                "--instance",
                folder / "tables",
                "--output",
                out,
                "--lang",
                lang,
            )
        )
        files = sorted(out.glob("*.txt"))
        assert files
        said += "".join(path.read_text(encoding="utf-8") for path in files)
    assert "Ibu Desk 0811" in said
    assert "Secretman" not in said
    assert "0999" not in said


def test_one_vehicle_or_hub_is_asked_for(folder, plan):
    base = ("messages", folder / "a.json", "--instance", folder / "tables", "--json")
    every = {one["vehicle"] for one in json.loads(plan(*base)[0])["messages"]}
    assert every == {"TRUCK-01", "VAN-01"}
    for name in ("TRUCK-01", "tru1"):
        found = json.loads(plan(*base, "--vehicle", name)[0])["messages"]
        assert {one["vehicle"] for one in found} == {"TRUCK-01"}
    at_hub = json.loads(plan(*base, "--hub", "H")[0])["messages"]
    want = {
        trip.vehicle_id
        for trip in hub_plan.PLAN.trips
        if trip.origin_id == "H" or "H" in [stop.node_id for stop in trip.stops]
    }
    assert {one["vehicle"] for one in at_hub} == want
    assert json.loads(plan(*base, "--day", "2031-01-01")[0])["messages"] == []
    assert "C707" in plan(*base[:-1], "--vehicle", "truk9", code=2)[1]
    assert "C744" in plan(*base[:-1], "--day", "today", code=2)[1]


def test_files_are_not_written_over(folder, plan):
    base = ("messages", folder / "a.json", "--instance", folder / "tables", "--output", folder / "out")
    plan(*base)
    assert "C702" in plan(*base, code=2)[1]
    plan(*base, "--force")
    assert "C704" in plan(*base[:-1], folder / "a.json", code=2)[1]
