"""Edited tables as reports: each difference once, what no report can say refused, labels no difference."""

from dataclasses import replace

import pytest
from hub_plan import INSTANCE

from planner.base.errors import InputError
from planner.events.apply import effective
from planner.events.schema import EventKind
from planner.instance.schema import Closure, Contact, Stock
from planner.replanning.edits import events_between

TRUCK, VAN = INSTANCE.vehicles
A = INSTANCE.regions[0]
STOCKED = replace(INSTANCE, stock=(Stock(warehouse="W", item="box", quantity=9),))
SHUT = replace(INSTANCE, closures=(Closure(id="c", edge="e3", from_s=0, until_s=90_000),))


def more_of_a(units):
    counts = {"tps": A.counts["tps"] + units, "voters": A.counts["voters"] + 10 * units}
    return replace(INSTANCE, regions=(replace(A, counts=counts), *INSTANCE.regions[1:]))


def trucks(number):
    return replace(INSTANCE, vehicles=(replace(TRUCK, number=number), VAN))


def docks(number):
    return replace(INSTANCE, hubs=(replace(INSTANCE.hubs[0], docks=number), *INSTANCE.hubs[1:]))


def boxes(number):
    return replace(STOCKED, stock=(replace(STOCKED.stock[0], quantity=number),))


CASES = {
    "more vehicles": (INSTANCE, trucks(2), trucks(4), (EventKind.VEHICLE_ADDED, "TRUCK", "1"), "2"),
    "fewer vehicles": (trucks(3), trucks(2), trucks(1), (EventKind.VEHICLE_LOST, "TRUCK", "1"), "1"),
    "more demand": (
        INSTANCE, more_of_a(1), more_of_a(3), (EventKind.DEMAND, "A", "tps=1 voters=10"), "tps=2 voters=20",
    ),
    "more docks": (INSTANCE, docks(2), docks(3), (EventKind.DOCK, "H", "2"), "3"),
    "less stock": (STOCKED, boxes(7), boxes(4), (EventKind.STOCK, "W", "-2"), "-3"),
    "a closure": (INSTANCE, SHUT, SHUT, (EventKind.CLOSURE, "e3", ""), None),
    "no closure": (SHUT, INSTANCE, INSTANCE, (EventKind.OPENED, "e3", ""), None),
}  # fmt: skip


def said(events):
    return [(one.kind, *one.subject, one.value) for one in events]


@pytest.mark.parametrize("name", CASES)
@pytest.mark.parametrize("now_s", [0, 20_000])
def test_a_difference_becomes_a_report_once(name, now_s):
    before, after, later, report, further = CASES[name]
    first = events_between(before, after, (), now_s, set())
    assert said(first) == [report]
    assert effective(before, first) != before
    taken = {one.id for one in first}
    assert events_between(before, after, first, now_s + 600, taken) == ()
    second = events_between(before, later, first, now_s + 600, taken)
    assert said(second) == ([] if further is None else [(*report[:2], further)])
    assert taken.isdisjoint(one.id for one in second)


def test_reports_from_the_field_are_no_difference_between_tables():
    told = replace(events_between(INSTANCE, trucks(2), (), 0, set())[0], id="e1")
    assert said(events_between(INSTANCE, trucks(2), (told,), 600, {"e1"})) == [
        (EventKind.VEHICLE_ADDED, "TRUCK", "1")
    ]
    assert events_between(INSTANCE, INSTANCE, (told,), 600, {"e1"}) == ()


def test_names_and_telephone_numbers_change_nothing():
    contacts = (Contact(place="W", name="Sari", phone="0812"),)
    regions = (replace(A, name="Desa lain"), *INSTANCE.regions[1:])
    assert events_between(INSTANCE, replace(INSTANCE, contacts=contacts, regions=regions), (), 0, set()) == ()


@pytest.mark.parametrize(
    ("after", "table", "row"),
    [
        (replace(INSTANCE, vehicles=(replace(TRUCK, mass_kg=1), VAN)), "vehicles", "TRUCK"),
        (replace(INSTANCE, regions=INSTANCE.regions[1:]), "regions", "A"),
        (more_of_a(-1), "regions", "A"),
        (replace(INSTANCE, edges=INSTANCE.edges[1:]), "edges", None),
    ],
)
def test_what_no_report_can_say_is_refused(after, table, row):
    with pytest.raises(InputError) as caught:
        events_between(INSTANCE, after, (), 0, set())
    assert {(one.code, one.table) for one in caught.value.faults} == {("D806", table)}
    assert row is None or caught.value.faults[0].row in (row, None)
