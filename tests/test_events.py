"""Reports from the field: moments, names, each kind's columns, what cannot be, and the order of rows."""

from __future__ import annotations

import itertools
import random
from dataclasses import replace

import pytest
import small

from planner.base.clock import Clock, parse_instant
from planner.base.errors import InputError
from planner.base.text import catalogue
from planner.events.kinds import KINDS, ON_THE_WAY
from planner.events.match import match, matched
from planner.events.moments import duration_s, moment_s
from planner.events.names import Names, UnknownNameError
from planner.events.read import events_of, read_events, read_table, rows_of
from planner.events.rows import cells_of, read_row
from planner.events.schema import ANY_KIND, COLUMNS, MEANING, EventKind
from planner.events.values import ValueFaultError, value_of
from planner.plans.model import EventRow

HEADER = ",".join(COLUMNS) + "\n"
CLOCK = small.CLOCK


def text_of(*rows):
    """A table of rows given as mappings; ids and times are filled in."""
    lines = []
    for number, row in enumerate(rows, start=1):
        full = {"id": f"r{number}", "time": "2024-11-22T12:00+08:00"} | row
        lines.append(",".join(full.get(name, "") for name in COLUMNS))
    return HEADER + "".join(line + "\n" for line in lines)


def reading(folder, *rows, now="2024-11-26T00:00+08:00", plan=small.PLAN, instance=small.INSTANCE):
    path = folder / "events.csv"
    path.write_text(text_of(*rows) if rows and isinstance(rows[0], dict) else "".join(rows), "utf-8")
    return read_table(path, instance, plan, CLOCK.seconds(parse_instant(now)))


def read(folder, *rows, **more):
    return reading(folder, *rows, **more).events


def faults(folder, *rows, **more):
    with pytest.raises(InputError) as caught:
        read(folder, *rows, **more)
    for one in caught.value.faults:
        assert one.cause
        assert one.action
    return caught.value.faults


def codes(folder, *rows, **more):
    return [one.code for one in faults(folder, *rows, **more)]


def at(time):
    return f"2024-11-22T{time}+08:00"


# ---------------------------------------------------------------- moments and values


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("14.30", 52_200),
        ("14:30", 52_200),
        ("tomorrow 08:00", 115_200),
        ("besok 08.00", 115_200),
        ("2024-11-22 06:00", 21_600),
        ("2024-11-22T06:00", 21_600),
        ("2024-11-21T22:00+00:00", 21_600),
        ("24:00", 86_400),
    ],
)
def test_moments(text, seconds):
    assert moment_s(text, CLOCK, 3600) == seconds


@pytest.mark.parametrize("text", ["", "14.60", "25:00", "soon", "2024-13-01T00:00", "2h", "1014-01-01T00:00"])
def test_no_moments(text):
    with pytest.raises(ValueError, match=r".*"):
        moment_s(text, CLOCK, 3600)


def test_a_time_of_day_is_that_of_the_zone_and_needs_a_day():
    berlin = Clock(parse_instant("2024-10-26T00:00+02:00"), "Europe/Berlin")
    assert moment_s("12:00", berlin, 90_000) == 86_400 + 13 * 3600  # the day has 25 hours
    with pytest.raises(ValueError, match=r".*"):
        moment_s("12:00", berlin)


@pytest.mark.parametrize("text", ["", "2", "h", "2 elephants", "2h 3h", "30 min 1h", "-1h", "0.0001 min"])
def test_no_durations(text):
    with pytest.raises(ValueError, match=r".*"):
        duration_s(text)


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("percent", "60 %", "60"),
        ("change", "-20", "-20"),
        ("change", "+20", "20"),
        ("counts", "voters=250, tps=1", "tps=1 voters=250"),
        ("hours", "13.00-18.00 + 6:00-12:00", "06:00-12:00+13:00-18:00"),
        ("hours", "tutup", "closed"),
        ("open", "Buka", "open"),
        ("level", "0", "0"),
    ],
)
def test_values(kind, text, value):
    assert value_of(kind, text) == value
    assert value_of(kind, value) == value


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("percent", "0"),
        ("percent", "half"),
        ("number", "0"),
        ("change", "0"),
        ("counts", "tps=1 tps=2"),
        ("counts", "tps=0"),
        ("counts", "tps=1 many"),
        ("hours", "18:00-06:00"),
        ("hours", "06:00-12:00+11:00-13:00"),
        ("open", "ajar"),
    ],
)
def test_no_values(kind, text):
    with pytest.raises(ValueFaultError):
        value_of(kind, text)


# ---------------------------------------------------------------- names


@pytest.mark.parametrize(
    ("word", "kinds", "found"),
    [
        ("TRUCK-01", ("vehicle", "trip"), ("vehicle", "TRUCK-01")),
        ("truck/2", ("vehicle", "trip"), ("vehicle", "TRUCK-02")),
        ("Truck 2", ("vehicle", "trip"), ("vehicle", "TRUCK-02")),
        ("t3", ("vehicle", "trip"), ("trip", "T3")),
        ("desa  a", ("region",), ("region", "A")),
        ("gudang w - Desa A", ("edge",), None),
        ("B - D", ("edge",), ("edge", "e5")),
        ("river", ("mode", "type"), ("mode", "river")),
    ],
)
def test_names(word, kinds, found):
    names = Names(small.INSTANCE, small.PLAN)
    if found is None:  # two roads
        with pytest.raises(UnknownNameError) as caught:
            names.find(word, kinds)
        assert caught.value.ambiguous
        assert len(caught.value.candidates) == 2
    else:
        assert names.find(word, kinds) == found


def test_an_unknown_name_gives_what_is_like_it():
    with pytest.raises(UnknownNameError) as caught:
        Names(small.INSTANCE).find("Dessa A", ("region",))
    assert not caught.value.ambiguous
    assert "Desa A, 64.01.01 (A)" in caught.value.candidates


# ---------------------------------------------------------------- kinds and their columns


RIGHT = {
    EventKind.LOADED: {"subject": "TRUCK-01", "from": "06:30"},
    EventKind.DEPARTED: {"subject": "TRUCK-01", "from": "06:35"},
    EventKind.ARRIVED: {"subject": "TRUCK-01", "from": "07:05", "place": "Desa A"},
    EventKind.DELIVERED: {"subject": "Desa A", "from": "07:30"},
    EventKind.DAMAGED: {"subject": "A", "value": "1", "type": "main"},
    EventKind.MISSING: {"subject": "A", "value": "1", "item": "box"},
    EventKind.RECALL: {"subject": "B+C", "value": "1"},
    EventKind.DELAY: {"subject": "TRUCK-01", "value": "2 jam"},
    EventKind.BREAKDOWN: {"subject": "TRUCK-01", "from": "07:00"},
    EventKind.CLOSURE: {"subject": "e1", "from": "tomorrow 08:00", "until": "2024-11-24T00:00+08:00"},
    EventKind.OPENED: {"subject": "e1"},
    EventKind.SPEED: {"subject": "river+e1", "value": "60%"},
    EventKind.DEMAND: {"subject": "B", "value": "2"},
    EventKind.STOCK: {"subject": "Gudang W", "item": "box", "value": "-3"},
    EventKind.VEHICLE_ADDED: {"subject": "TRUCK", "value": "2", "until": "2024-11-24T00:00+08:00"},
    EventKind.VEHICLE_LOST: {"subject": "TRUCK", "value": "1"},
    EventKind.DOCK: {"subject": "W", "value": "1"},
    EventKind.WAREHOUSE: {"subject": "W", "until": "18:00"},
    EventKind.CALENDAR: {"subject": "W", "value": "closed"},
}


@pytest.mark.parametrize("kind", RIGHT, ids=str)
def test_each_kind_is_read_and_written_back(kind, tmp_path):
    [event] = read(tmp_path, {"kind": kind.value} | RIGHT[kind])
    assert event.kind is kind
    again, wrong = read_row(
        rows_of(
            [
                EventRow(
                    **{
                        ("from_time" if name == "from" else name): text
                        for name, text in cells_of(event, CLOCK).items()
                    }
                )
            ]
        )[0],
        Names(small.INSTANCE, small.PLAN),
        small.INSTANCE,
    )
    assert (again, wrong) == (event, [])


@pytest.mark.parametrize("kind", [*RIGHT, EventKind.REPAIRED, EventKind.VOID], ids=str)
def test_a_kind_without_subject_is_refused(kind, tmp_path):
    rule = KINDS[kind]
    found = faults(tmp_path, {"kind": kind.value})
    assert {("E904", "subject"), *(("E904", name) for name in rule.needs)} <= {
        (one.code, one.column) for one in found
    }


@pytest.mark.parametrize("kind", RIGHT, ids=str)
def test_columns_that_a_kind_does_not_have_are_refused(kind, tmp_path):
    own = (*KINDS[kind].columns, *ANY_KIND, *(MEANING if kind in ON_THE_WAY else ()))
    wrong = {name: "x" for name in COLUMNS[4:] if name not in own}
    found = faults(tmp_path, {"kind": kind.value} | RIGHT[kind] | wrong)
    assert [one.column for one in found if one.code == "E905"] == sorted(wrong)


def test_every_kind_of_thing_and_value_has_words():
    for code in ("en", "id"):
        texts = catalogue(code)
        for rule in KINDS.values():
            assert f"events.expected.{rule.value}" in texts
            assert all(f"events.thing.{one}" in texts for one in rule.subjects)


def test_escorts_are_refused_with_a_reason(tmp_path):
    [one] = faults(tmp_path, {"kind": "escort", "subject": "W", "value": "2"})
    assert (one.code, one.row) == ("E914", 2)


# ---------------------------------------------------------------- what cannot be


IMPOSSIBLE = {
    "delivered before it was loaded": ("E920", {"kind": "delivered", "subject": "TRUCK-01", "from": "05:00"}),
    "unknown vehicle": ("E908", {"kind": "departed", "subject": "TRUCK-09"}),
    "unknown region": ("E908", {"kind": "delivered", "subject": "Desa Z"}),
    "unknown edge": ("E908", {"kind": "closure", "subject": "e99"}),
    "reported after now": ("E911", {"kind": "closure", "subject": "e1", "time": "2024-11-27T00:00+08:00"}),
    "happened after the report": ("E913", {"kind": "arrived", "subject": "TRUCK-01", "from": "13:00"}),
    "ends before it begins": (
        "E912",
        {"kind": "closure", "subject": "e1", "from": "13:00", "until": "12:30"},
    ),
    "not on its way": ("E922", {"kind": "arrived", "subject": "TRUCK-01", "place": "Desa D"}),
    "vehicle without a trip": ("E921", {"kind": "departed", "subject": "TRUCK-02"}),
    "repaired and never broken": ("E923", {"kind": "repaired", "subject": "TRUCK-01"}),
    "more than there are": ("E924", {"kind": "missing", "subject": "B", "value": "2"}),
    "an item that is always there": ("E925", {"kind": "stock", "subject": "V", "item": "box", "value": "5"}),
    "takes nothing back": ("E915", {"kind": "void", "subject": "r99"}),
    "no such kind": ("E903", {"kind": "arrivd", "subject": "TRUCK-01"}),
    "no moment": ("E906", {"kind": "departed", "subject": "TRUCK-01", "from": "early"}),
    "no duration": ("E907", {"kind": "delay", "subject": "TRUCK-01", "value": "long"}),
    "a delay that says nothing": ("E932", {"kind": "delay", "subject": "TRUCK-01"}),
    "far before the plan": ("E927", {"kind": "opened", "subject": "e1", "time": "2023-11-22T00:00+08:00"}),
    "a count that is not there": ("E940", {"kind": "demand", "subject": "B", "value": "children=4"}),
    "no unit more": ("E941", {"kind": "demand", "subject": "B", "value": "voters=4"}),
    "a part that is not there": ("E934", {"kind": "missing", "subject": "B", "value": "1", "type": "spare"}),
    "vehicles of one vehicle": ("E938", {"kind": "vehicle_lost", "subject": "TRUCK-01", "value": "2"}),
    "no type to be added": ("E936", {"kind": "vehicle_added", "subject": "W"}),
}


@pytest.mark.parametrize("case", IMPOSSIBLE)
def test_what_cannot_be_is_refused_with_code_row_and_action(case, tmp_path):
    code, row = IMPOSSIBLE[case]
    found = faults(tmp_path, row)
    assert [(one.code, one.row) for one in found] == [(code, 2)]


PAIRS = {
    "open and closed at once": (
        "E918",
        {"kind": "closure", "subject": "e1"},
        {"kind": "opened", "subject": "e1"},
    ),
    "two ids": (
        "E910",
        {"id": "x", "kind": "opened", "subject": "e1"},
        {"id": "x", "kind": "opened", "subject": "e2"},
    ),
    "takes back a void": (
        "E916",
        {"kind": "void", "subject": "r2", "time": at("12:30")},
        {"kind": "void", "subject": "r1", "time": at("13:00")},
    ),
    "takes back what is later": (
        "E917",
        {"kind": "closure", "subject": "e1", "time": at("13:00")},
        {"kind": "void", "subject": "r1"},
    ),
}


@pytest.mark.parametrize("case", PAIRS)
def test_two_reports_that_cannot_both_be(case, tmp_path):
    code, *rows = PAIRS[case]
    found = faults(tmp_path, *rows)
    assert code in [one.code for one in found]
    assert all(one.row in (2, 3) for one in found)


DISPUTES = {
    "arrival before departure": (
        "E919",
        {"kind": "departed", "subject": "TRUCK-01", "from": "07:30", "place": "W"},
        {"kind": "arrived", "subject": "TRUCK-01", "from": "07:00", "time": at("12:01")},
    ),
    "two moments of one arrival": (
        "E962",
        {"kind": "arrived", "subject": "TRUCK-01", "from": "07:00", "place": "A"},
        {"kind": "arrived", "subject": "TRUCK-01", "from": "07:40", "place": "A"},
    ),
    "on its way after it broke down": (
        "E942",
        {"kind": "breakdown", "subject": "TRUCK-01", "from": "07:00"},
        {"kind": "arrived", "subject": "TRUCK-01", "from": "08:00", "place": "B"},
    ),
    "the next trip before the end of this one": (
        "E919",
        {"kind": "delivered", "subject": "TRUCK-01", "from": "11:00", "place": "B"},
        {"kind": "loaded", "subject": "T5", "from": "10:30"},
    ),
}


@pytest.mark.parametrize("case", DISPUTES)
def test_a_report_that_contradicts_another_one_is_kept_without_effect(case, tmp_path):
    """The one that was told first stands, until one of the two is taken back."""
    code, first, then = DISPUTES[case]
    rows = [{"time": at("12:00")} | first, {"time": at("12:05")} | then]
    alone, found = (matched(small.PLAN, read(tmp_path, *rows[:number])) for number in (1, 2))
    [dispute] = found.disputed
    assert (dispute.event.id, dispute.other.id, dispute.code) == ("r2", "r1", code)
    assert dispute.fault(small.CLOCK).cause
    knowns = [
        {name: of_trip.known for name, of_trip in each.reports.items() if of_trip.known}
        for each in (alone, found)
    ]
    assert knowns[0] == knowns[1]
    void = {"kind": "void", "subject": "r1", "time": at("12:10")}
    rest = read(tmp_path, *rows, void)
    assert [held.id for held in rest] == ["r2"]
    assert matched(small.PLAN, rest).disputed == ()


def test_all_faults_come_in_one_report(tmp_path):
    rows = [row for _, row in IMPOSSIBLE.values()]
    found = codes(tmp_path, *rows)
    assert set(found) >= {code for code, _ in IMPOSSIBLE.values()} - {"E920", "E921", "E922"}


def test_a_file_that_is_no_table(tmp_path):
    assert sorted(codes(tmp_path, "who,what\n1,2\n")) == ["E902", "E902", *["I110"] * 4]
    with pytest.raises(InputError) as caught:
        read_events(tmp_path / "none.csv", small.INSTANCE)
    assert [one.code for one in caught.value.faults] == ["E901"]


def test_semicolons_and_a_byte_order_mark_are_read(tmp_path):
    text = (
        "\ufeff"
        + ";".join(COLUMNS[: COLUMNS.index("note") + 1])
        + "\r\n"
        + 'r1;2024-11-22T12:00+08:00;delay;TRUCK-01;;;2h;;;;"late; ferry"\r\n'
    )
    [event] = read(tmp_path, text)
    assert (event.value, event.note) == ("7200", "late; ferry")


# ---------------------------------------------------------------- the order of rows, corrections, taking back


def test_the_order_of_rows_is_without_effect(tmp_path):
    rows = [
        {"id": "a", "kind": "loaded", "subject": "TRUCK-01", "from": "06:20", "time": at("07:00")},
        {"id": "b", "kind": "departed", "subject": "TRUCK-01", "from": "06:25", "time": at("07:00")},
        {"id": "c", "kind": "delay", "subject": "TRUCK-01", "value": "1h", "time": at("07:10")},
        {"id": "d", "kind": "delay", "subject": "TRUCK-01", "value": "2h", "time": at("07:20")},
        {"id": "e", "kind": "delivered", "subject": "A", "from": "07:40", "time": at("08:00")},
        {"id": "f", "kind": "closure", "subject": "e2", "time": at("08:00")},
        {"id": "g", "kind": "void", "subject": "f", "time": at("08:05")},
    ]
    expected = read(tmp_path, *rows)
    assert [one.id for one in expected] == ["a", "b", "c", "d", "e"]
    for seed in range(6):
        shuffled = rows[:]
        random.Random(seed).shuffle(shuffled)
        assert read(tmp_path, *shuffled) == expected
        assert match(small.PLAN, expected) == match(small.PLAN, sorted(expected, key=lambda one: one.id))


def test_of_several_delays_on_one_leg_the_last_report_holds(tmp_path):
    rows = [
        {
            "id": "late",
            "kind": "delay",
            "subject": "TRUCK-01",
            "value": "1h",
            "from": "06:30",
            "time": at("07:20"),
        },
        {
            "id": "first",
            "kind": "delay",
            "subject": "TRUCK-01",
            "value": "2h",
            "from": "06:30",
            "time": at("07:10"),
        },
        {
            "id": "other",
            "kind": "delay",
            "subject": "TRUCK-01",
            "value": "3h",
            "place": "B",
            "time": at("07:00"),
        },
    ]
    for order in itertools.permutations(rows):
        reports, wrong = match(small.PLAN, read(tmp_path, *order))
        assert wrong == ()
        assert {leg: event.id for leg, event in reports["T1"].delays.items()} == {0: "late", 1: "other"}


def test_who_tells_a_thing_once_more_by_another_clock_changes_nothing(tmp_path):
    events = read(
        tmp_path,
        {"kind": "arrived", "subject": "TRUCK-01", "from": "07:00", "place": "A", "time": at("07:00")},
        {"kind": "arrived", "subject": "TRUCK-01", "from": "07:10", "place": "A", "time": at("07:15")},
    )
    found = matched(small.PLAN, events)
    assert (found.wrong, found.disputed) == ((), ())
    assert [(one.id, other.id) for one, other in found.again] == [("r2", "r1")]
    assert found.reports["T1"].at(2) == 7 * 3600


def test_reports_find_their_trips(tmp_path):
    """TRUCK-01 drives T1 in the morning and T5 from 10:00 on; A receives from both."""
    events = read(
        tmp_path,
        {"kind": "loaded", "subject": "TRUCK-01", "from": "10:13", "time": at("10:15")},
        {"kind": "delivered", "subject": "A", "from": "07:25", "time": at("07:30")},
        {"kind": "delivered", "subject": "A", "from": "11:20", "time": at("11:30")},
        {"kind": "delivered", "subject": "ship 1", "from": "08:00", "time": at("08:00")},
    )
    reports, wrong = match(small.PLAN, events)
    assert wrong == ()
    assert {name: sorted(one.known) for name, one in reports.items()} == {"T1": [3], "T5": [0, 3], "T2": [3]}


def test_a_late_vehicle_is_still_on_its_first_trip(tmp_path):
    """At 11:00 T5 should have begun, but T1 was two hours and a half late at its first stop."""
    events = read(
        tmp_path,
        {"kind": "arrived", "subject": "TRUCK-01", "from": "09:35", "time": at("09:40")},
        {"kind": "arrived", "subject": "TRUCK-01", "from": "11:00", "time": at("11:00")},
    )
    reports, _ = match(small.PLAN, events)
    assert {name: sorted(one.known) for name, one in reports.items()} == {"T1": [2, 5]}


def test_a_vehicle_that_a_report_adds_can_be_reported_of(tmp_path):
    added = {"id": "x", "kind": "vehicle_added", "subject": "TRUCK", "value": "1", "time": at("06:00")}
    lost = {"kind": "vehicle_lost", "subject": "TRUCK-03"}
    assert len(read(tmp_path, lost, added)) == 2
    assert codes(tmp_path, lost) == ["E908"]
    found = reading(tmp_path, lost, added, {"kind": "void", "subject": "x"})  # never refused for other rows
    assert (found.events, found.faults) == ((), ())
    assert [(one.event.id, one.beside, one.code) for one in found.aside] == [("r1", "", "E908")]


def test_reports_in_a_plan_are_those_of_the_file(tmp_path):
    rows = [
        {"kind": kind.value, "time": at(f"12:{at_:02d}")} | row
        for at_, (kind, row) in enumerate(RIGHT.items())
    ]
    skipped = (EventKind.BREAKDOWN, EventKind.OPENED)
    events = read(tmp_path, *(row for row in rows if row["kind"] not in skipped))
    held = [
        EventRow(
            **{("from_time" if name == "from" else name): text for name, text in cells_of(one, CLOCK).items()}
        )
        for one in events
    ]
    assert events_of(held, small.INSTANCE, small.PLAN) == events
    with pytest.raises(InputError):
        events_of([replace(held[0], subject="nobody")], small.INSTANCE, small.PLAN)


# ---------------------------------------------------------------- a stop reported twice


@pytest.mark.parametrize("kind", ["departed", "arrived", "delivered"])
def test_a_second_report_of_one_stop_is_not_taken_for_the_next_one(kind, tmp_path):
    """T1 is at A until about 07:25 and needs more than half an hour to B."""
    first = {"kind": kind, "subject": "TRUCK-01", "from": "07:25", "time": at("07:30"), "place": "A"}
    second = {"kind": kind, "subject": "TRUCK-01", "from": "07:26", "time": at("07:31")}
    rows = read(tmp_path, first, second)
    [(again, other)] = matched(small.PLAN, rows).again
    assert (again.id, other.id) == ("r2", "r1")
    late = {**second, "from": "07:36", "time": at("07:37")}  # no repetition, and too soon for B
    assert [(one.code, one.row) for one in faults(tmp_path, first, late)] == [("E943", 3)]


def test_a_stop_that_is_named_is_refused_where_no_drive_is_as_short(tmp_path):
    b = small.T1.stops[1]
    drive_s = b.leg.arrive_s - b.leg.depart_s
    left_s = small.T1.stops[0].end_s
    for seconds, expected in ((drive_s // 3 - 1, ["E943"]), (drive_s // 3, [])):
        rows = [
            {"kind": "departed", "subject": "TRUCK-01", "from": CLOCK.text(left_s), "place": "A"},
            {"kind": "arrived", "subject": "TRUCK-01", "from": CLOCK.text(left_s + seconds), "place": "B"},
        ]
        found = reading(tmp_path, *rows)
        assert found.faults == ()
        assert [(one.event.id, one.beside, one.code) for one in found.aside] == [
            ("r2", "r1", code) for code in expected
        ]
        assert len(found.events) == 2 - len(expected)


def test_the_first_stop_is_not_reached_as_soon_as_loading_should_begin(tmp_path):
    row = {"kind": "arrived", "subject": "A", "from": CLOCK.text(small.T1.load_start_s + 60)}
    assert codes(tmp_path, row) == ["E943"]


def test_nobody_loads_what_has_not_come(tmp_path):
    """T5 takes a fifth form, which comes at 09:00; that it came sooner is a report of its own."""
    loaded = {"kind": "loaded", "subject": small.T5.id, "from": "09:05", "time": at("09:06")}
    found = faults(tmp_path, loaded)
    assert [one.code for one in found] == ["E945"]
    assert "4 of form" in found[0].cause and "5 had been taken" in found[0].cause
    came = {
        "kind": "stock",
        "subject": "W",
        "item": "form",
        "value": "1",
        "from": "08:30",
        "time": at("08:31"),
    }
    assert len(read(tmp_path, came, loaded)) == 2
    assert codes(tmp_path, came | {"from": "09:00"}, loaded) == ["E945"]
    assert len(read(tmp_path, loaded | {"from": "09:30", "time": at("09:31")})) == 1


def test_a_last_stop_reported_again_is_not_the_first_of_the_next_trip(tmp_path):
    """T1 is two hours and a half late, so that T5 should have begun by its hours."""
    rows = [
        {"kind": "delivered", "subject": "TRUCK-01", "from": "10:50", "place": "B", "time": at("10:51")},
        {"kind": "delivered", "subject": "TRUCK-01", "from": "10:51", "time": at("10:52")},
    ]
    [(again, other)] = matched(small.PLAN, read(tmp_path, *rows)).again
    assert (again.id, other.id) == ("r2", "r1")


def test_a_stop_told_again_before_the_next_trip_is_loaded_is_one_fault(tmp_path):
    rows = [
        {"kind": "delivered", "subject": "TRUCK-01", "from": "08:07", "place": "B", "time": at("08:08")},
        {"kind": "delivered", "subject": "TRUCK-01", "from": "08:08", "time": at("08:09")},
    ]
    [(again, other)] = matched(small.PLAN, read(tmp_path, *rows)).again
    assert (again.id, other.id) == ("r2", "r1")


def test_more_vehicles_lost_than_there_are(tmp_path):
    number = small.INSTANCE.vehicle_type_of["TRUCK"].number
    lost = {"kind": "vehicle_lost", "subject": "TRUCK"}
    assert len(read(tmp_path, lost | {"value": str(number)})) == 1
    assert codes(tmp_path, lost | {"value": str(number + 1)}) == ["E944"]


def test_damaged_missing_and_called_back_count_together(tmp_path):
    units = small.INSTANCE.region_of["A"].counts["tps"]
    rows = [
        {"kind": kind, "subject": "A", "value": value, "time": at(time)}
        for kind, value, time in (("recall", str(units), "12:00"), ("missing", "1", "12:01"))
    ]
    found = faults(tmp_path, *rows)
    assert [(one.code, one.row) for one in found] == [("E924", 3)]
    more = {"kind": "demand", "subject": "A", "value": "1"}
    assert len(read(tmp_path, *rows, more)) == 3
    boxes = {"kind": "damaged", "subject": "A", "item": "box", "value": "1", "time": at("12:02")}
    assert codes(tmp_path, rows[0], boxes) == ["E924"]
    assert len(read(tmp_path, boxes)) == 1
