"""A report keeps what it was understood to mean: trip, stop, plan and moment, in every later plan."""

from __future__ import annotations

from dataclasses import replace

import hub_plan
import pytest
import small
from replans import replanned

from planner.base.clock import parse_instant
from planner.base.errors import InputError
from planner.cli import main
from planner.events.adding import add_report
from planner.events.as_told import matched_as_it_went
from planner.events.kinds import ON_THE_WAY
from planner.events.match import matched
from planner.events.read import events_of, read_events
from planner.instance.write import write_instance
from planner.plans.file import plan_digest, plan_from_text, plan_to_text, short_digest, write_plan
from planner.plans.model import EventRow, Moved, Replan
from planner.proof.check import check_plan
from planner.replanning.moved import moved_trips
from planner.replanning.state import state_of

CLOCK = small.CLOCK
T1, T5 = (next(one for one in small.PLAN.trips if one.id == name) for name in ("T1", "T5"))


def clock(time):
    return CLOCK.seconds(parse_instant(f"2024-11-22T{time}+08:00"))


NOW = clock("20:00")


def add(path, kind, subject, value="", *, plan=small.PLAN, again=False, **cells):
    cells |= {"kind": kind, "subject": subject, "value": value}
    return add_report(path, cells, small.INSTANCE, plan, NOW, again=again)


@pytest.mark.parametrize("minutes", [1, 5, 30, 46])
def test_a_delay_told_between_two_trips_is_about_the_next_one(minutes, tmp_path):
    """T1 is back at 09:13:40, T5 begins to load at 10:00."""
    moment = CLOCK.text(T1.end_s + 60 * minutes)
    assert T1.end_s + 60 * minutes <= T5.load_start_s
    new = add(tmp_path / "e.csv", "delay", "TRUCK-01", "3 jam", time=moment)
    assert (new.event.trip, new.event.stop, new.event.from_s) == ("T5", "1", T1.end_s + 60 * minutes)


def test_a_second_delay_of_a_late_trip_is_about_the_same_trip(tmp_path):
    """Told at 09:20, when the truck should be back by the plan, but not 40 minutes late; and ever after."""
    path = tmp_path / "e.csv"
    add(path, "delay", "TRUCK-01", "40 menit", time="2024-11-22T08:30")
    late = add(path, "delay", "TRUCK-01", "50 menit", time="2024-11-22T09:20")
    assert (late.event.trip, late.event.stop) == ("T1", "3")
    held = read_events(path, small.INSTANCE, small.PLAN)
    rows = state_rows(held)
    second = replanned(small.PLAN, small.INSTANCE, rows, clock("09:25"))
    third = replanned(second, small.INSTANCE, second.replan.events, clock("09:40"))
    for plan in (second, third):
        assert [(row.trip, row.stop) for row in plan.replan.events] == [("T1", "3"), ("T1", "3")]
        assert next(one for one in plan.trips if one.id == "T1").end_s == T1.end_s + 50 * 60
    assert check_plan(third, CLOCK, small.INSTANCE, previous=[small.PLAN, second]).violations == ()


@pytest.mark.parametrize("subject", ["T1", "TRUCK-01"])
def test_what_happened_earlier_may_be_told_later(subject, tmp_path):
    """All things of a trip, each told after those that followed it, are about this trip's things."""
    path, told = tmp_path / "e.csv", {}
    things = [("loaded", "", T1.depart_s), ("departed", T1.origin_id, T1.stops[0].leg.depart_s)]
    for stop in T1.stops:
        things += [("arrived", stop.node_id, stop.leg.arrive_s), ("delivered", stop.node_id, stop.end_s)]
    for kind, place, at_s in reversed(things):
        cells = {"from": CLOCK.text(at_s), "time": CLOCK.text(NOW)}
        new = add(path, kind, subject, place=place, **cells)
        told[kind, place] = (new.event.trip, new.event.stop, new.disputed)
    nodes = [T1.origin_id, *(stop.node_id for stop in T1.stops)]
    for kind, place, _ in things:
        number = nodes.index(place) if place else 0
        assert told[kind, place] == ("T1", str(number), ())


def test_a_trip_does_not_begin_before_the_one_before_it_should(tmp_path):
    """T5 comes after T1; while T1 is still to come, nothing of T5 can have happened, unless T1 is told."""
    early = CLOCK.text(T1.load_start_s - 600)
    with pytest.raises(InputError) as caught:
        add(tmp_path / "e.csv", "loaded", "T5", time=early)
    assert [one.code for one in caught.value.faults] == ["E963"]
    assert caught.value.faults[0].params["other"] == "T1"
    add(tmp_path / "f.csv", "loaded", "T1", time=CLOCK.text(T1.load_start_s - 7200))
    add(tmp_path / "f.csv", "loaded", "T5", time=CLOCK.text(T5.load_start_s))


def test_a_stop_told_by_its_region_is_the_one_due_at_the_nearest_moment(tmp_path):
    """Served by a trip at dawn and by one at noon: what comes at noon says nothing of dawn."""
    morning = next(trip for trip in small.PLAN.trips if any(stop.deliveries for stop in trip.stops))
    region = morning.stops[0].node_id
    later_s = 6 * 3600
    stop = morning.stops[0]
    leg = replace(stop.leg, depart_s=stop.leg.depart_s + later_s, arrive_s=stop.leg.arrive_s + later_s)
    stop = replace(stop, leg=leg, start_s=stop.start_s + later_s, end_s=stop.end_s + later_s)
    noon = replace(
        morning, id="N1", vehicle_id="TRUCK-09", stops=(stop,), load_start_s=morning.load_start_s + later_s,
        depart_s=morning.depart_s + later_s, end_s=morning.end_s + later_s,
    )  # fmt: skip
    plan = replace(small.PLAN, trips=(*small.PLAN.trips, noon))
    for minutes, trip in ((-20, morning.id), (25, morning.id), (340, "N1"), (385, "N1")):
        moment = CLOCK.text(morning.stops[0].end_s + 60 * minutes)
        new = add(tmp_path / f"{minutes}.csv", "delivered", region, plan=plan, time=moment)
        assert new.event.trip == trip


def state_rows(events):
    from replans import rows_of

    return rows_of(events, CLOCK)


def test_what_a_typed_row_meant_stays_in_the_replan(tmp_path):
    """The table says only who and when; the replan says which trip that was, and the next one keeps it."""
    path = tmp_path / "e.csv"
    path.write_text(
        "id,time,kind,subject,value\nr1,2024-11-22T06:40+08:00,delay,TRUCK-01,4h\n"
        "r2,2024-11-22T07:00+08:00,loaded,TRUCK-01,\n"
    )
    held = read_events(path, small.INSTANCE, small.PLAN)
    assert {one.trip for one in held} == {""}
    second = replanned(small.PLAN, small.INSTANCE, state_rows(held), clock("08:00"))
    assert {row.id: (row.trip, row.stop, row.place) for row in second.replan.events} == {
        "r1": ("T1", "1", "A"),
        "r2": ("T1", "0", ""),
    }
    again = read_events(path, small.INSTANCE, second)
    assert {(one.id, one.trip, one.stop) for one in again} == {("r1", "T1", "1"), ("r2", "T1", "0")}
    other = "id,time,kind,subject,value\nr1,2024-11-22T10:30+08:00,delay,TRUCK-01,4h\n"
    path.write_text(other)  # another report of the same id: it means something else
    [one] = read_events(path, small.INSTANCE, second)
    assert one.trip == ""


def test_a_meaning_is_obeyed_whatever_the_hour(tmp_path):
    """Each kind of report about a vehicle, told hours after all its trips should be over."""
    path = tmp_path / "e.csv"
    cells = "2024-11-22T19:00+08:00,{kind},TRUCK-01,{value},2024-11-22T10:10+08:00,T5,{stop},sha256:1\n"
    for kind in ON_THE_WAY:
        value = {"delay": "2h", "partly": "1"}.get(kind, "")
        stop = {"loaded": "0", "breakdown": "-", "returned": "2"}.get(kind, "1")
        path.write_text(
            "id,time,kind,subject,value,from,trip,stop,plan\nr1,"
            + cells.format(kind=kind.value, value=value, stop=stop)
        )
        rows = read_rows_without_faults(path)
        _, found = matched_as_it_went(small.PLAN, rows, small.INSTANCE)
        assert found.stops["r1", "TRUCK-01"][:2] == ("T5", stop)


def read_rows_without_faults(path):
    from planner.events.read import read_rows, row_faults

    rows, _ = read_rows(path)
    return row_faults(rows, small.INSTANCE)[0]


def test_a_trip_in_another_order_keeps_what_was_told_of_its_stops():
    turned = replace(T1, stops=T1.stops[::-1])
    plan = replace(small.PLAN, trips=(turned, *(one for one in small.PLAN.trips if one.id != "T1")))
    event = events_of(
        [
            EventRow(
                "r1",
                CLOCK.text(clock("07:30")),
                "delivered",
                "TRUCK-01",
                place="A",
                trip="T1",
                stop="1",
                plan="sha256:1",
            )
        ],
        small.INSTANCE,
        plan,
    )
    assert matched(plan, event).meant["r1", "TRUCK-01"] == ("T1", 3 + 3)


def moved_plan(*moved, trips):
    replan = Replan(0, "sha256:0", "planned", 1800, (), tuple(moved))
    return replace(small.PLAN, trips=trips, replan=replan)


def test_a_trip_that_another_one_replaces_is_found_again_or_said_to_be_gone():
    """Renamed, the same vehicle: the same report. Given to another vehicle: about nothing any more."""
    others = tuple(one for one in small.PLAN.trips if one.id != "T5")
    row = EventRow(
        "r1",
        CLOCK.text(clock("09:30")),
        "delay",
        "TRUCK-01",
        value="1h",
        trip="T5",
        stop="1",
        plan="sha256:1",
    )
    for vehicle, gone in (("TRUCK-01", False), ("TRUCK-02", True)):
        new = replace(T5, id="N1", vehicle_id=vehicle)
        plan = moved_plan(Moved("T5", "TRUCK-01", ("N1",)), trips=(*others, new))
        found = matched(plan, events_of([row], small.INSTANCE, plan))
        assert (set(found.reports), [one.trip for one in found.gone]) == (
            (set(), ["T5"]) if gone else ({"N1"}, [])
        )
        assert found.wrong == ()


def test_plans_tell_where_trips_went_over_several_replans():
    def given(name, trip):
        return replace(trip, id=name)

    rest = tuple(one for one in small.PLAN.trips if one.id not in ("T1", "T5"))
    first = moved_plan(
        *moved_trips(small.PLAN, (*rest, T1, given("N1", T5))), trips=(*rest, T1, given("N1", T5))
    )
    assert first.replan.moved == (Moved("T5", "TRUCK-01", ("N1",)),)
    second = moved_trips(first, (*rest, T1, given("N2", T5)))
    assert second == (Moved("N1", "TRUCK-01", ("N2",)), Moved("T5", "TRUCK-01", ("N2",)))
    half = replace(T1, stops=T1.stops[:1])
    other = replace(T1, id="N3", stops=T1.stops[1:])
    assert moved_trips(small.PLAN, (*rest, half, other, T5)) == (Moved("T1", "TRUCK-01", ("N3",)),)
    assert moved_trips(small.PLAN, small.PLAN.trips) == ()
    text = plan_to_text(first, CLOCK)
    assert plan_from_text(text) == (first, CLOCK)


TWICE = {
    "delivered": ("A", "", "07:25"),
    "arrived": ("TRUCK-01", "", "07:04"),
    "delay": ("TRUCK-01", "2h", "06:40"),
    "demand": ("A", "1", "07:00"),
    "missing": ("A", "1", "07:30"),
    "stock": ("W", "-3", "07:00"),
    "speed": ("river", "50%", "07:00"),
    "closure": ("e1", "", "07:00"),
    "vehicle_lost": ("TRUCK-02", "", "07:00"),
    "dock": ("W", "1", "07:00"),
    "breakdown": ("TRUCK-01", "", "07:00"),
}


@pytest.mark.parametrize("kind", TWICE)
def test_what_is_told_twice_is_asked_about(kind, tmp_path):
    subject, value, moment = TWICE[kind]
    path = tmp_path / "e.csv"
    more = {"item": "form"} if kind == "stock" else {"place": "A"} if kind == "arrived" else {}
    told = f"2024-11-22T{moment}"
    later = CLOCK.text(clock(moment) + 300)
    if kind in ("breakdown", "delay"):
        more["from"] = told
    add(path, kind, subject, value, time=told, **more)
    before = path.read_bytes()
    with pytest.raises(InputError) as caught:
        add(path, kind, subject, value, time=later, **more)
    assert [one.code for one in caught.value.faults] == ["E961"]
    assert caught.value.faults[0].params["other"] == "E0001"
    assert path.read_bytes() == before
    assert add(path, kind, subject, value, time=later, again=True, **more).event.id == "E0002"


def test_the_same_delivery_told_twice_moves_nothing(tmp_path):
    """A receives by T1 at 07:20 and by T5 after 11: told twice, the first is not taken for the second."""
    path = tmp_path / "e.csv"
    add(path, "delivered", "A", time="2024-11-22T07:25")
    once = state_of(small.PLAN, small.INSTANCE, read_events(path, small.INSTANCE, small.PLAN), clock("08:00"))
    add(path, "delivered", "A", time="2024-11-22T07:31", again=True)
    twice = state_of(
        small.PLAN, small.INSTANCE, read_events(path, small.INSTANCE, small.PLAN), clock("08:00")
    )
    assert once.projected == twice.projected
    assert [(one.id, other.id) for one, other in twice.found.again] == [("E0002", "E0001")]


def test_the_command_line_says_what_was_understood_and_what_is_disputed(tmp_path, capsys, monkeypatch):
    write_instance(tmp_path / "tables", hub_plan.INSTANCE)
    write_plan(hub_plan.PLAN, CLOCK, tmp_path / "plan.json")
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        with pytest.raises(SystemExit) as caught:
            main([*arguments, "--instance", "tables"])
        return caught.value.code, *capsys.readouterr()

    told = ["delivered", "A", "--from", "07.48", "--time", "2024-11-22T08:00"]
    code, out, _ = call("event", "add", "plan.json", *told)
    digest = short_digest(plan_digest(hub_plan.PLAN, CLOCK))
    assert code == 0
    assert all(one in out for one in ("trip T2, stop 1", digest, "22 Nov 07:48"))
    code, _, err = call("event", "add", "plan.json", *told)
    assert code == 2
    assert "E961" in err
    false = ["delivered", "A", "--from", "07.30", "--time", "2024-11-22T08:05", "--again"]
    code, _, err = call("event", "add", "plan.json", *false)
    assert code == 0
    assert "Disputed: E0002 is without effect beside E0001" in err
    _, out, _ = call("event", "list", "plan.json")
    assert "disputed, without effect beside E0001" in out


@pytest.mark.parametrize(
    "told", [("departed", "T1"), ("skipped", "T2"), ("returned", "T2"), ("delivered", "T2")]
)
def test_a_report_that_names_a_trip_is_understood_in_every_later_replan(told, tmp_path, capsys, monkeypatch):
    """Also where the trip is gone by then: its number is never another's, so it can still be named."""
    write_instance(tmp_path / "tables", hub_plan.INSTANCE)
    write_plan(hub_plan.PLAN, CLOCK, tmp_path / "plan.json")
    monkeypatch.chdir(tmp_path)

    def call(*arguments):
        with pytest.raises(SystemExit) as caught:
            main([*arguments, "--instance", "tables"])
        return caught.value.code, *capsys.readouterr()

    moment = ("--time", "2024-11-22T08:00")
    assert call("event", "add", "plan.json", *told, *moment)[0] == 0
    plan = "plan.json"
    for number, now in enumerate(("2024-11-22T08:05", "2024-11-22T08:30", "2024-11-22T09:30")):
        more = ("--effort", "1", "--events", "plan.events.csv", "--output", f"r{number}.json")
        code, _, err = call("replan", plan, "--now", now, *more)
        assert code in {0, 3}, err
        plan = f"r{number}.json"
