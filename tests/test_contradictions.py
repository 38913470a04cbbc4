"""What contradicts a confirmation is kept: disputed beside a single one, counted beside one in bulk."""

from dataclasses import replace
from functools import cache

import pytest
from test_otherwise import toy

from planner.base.errors import InputError
from planner.events.adding import add_report
from planner.events.bulk import add_confirmation
from planner.events.kinds import KINDS, MEANING_KINDS
from planner.events.read import read_table
from planner.events.schema import Event, EventKind
from planner.outputs.event_list import event_lines
from planner.outputs.event_words import event_in_words
from planner.replanning.state import state_of

MINUTE = 60
PLAN, INSTANCE = toy(second=True)
CLOCK = INSTANCE.clock
TRIP = next(one for one in PLAN.trips if one.stops[0].node_id == "fig")  # then Elm, and home
OTHER = next(one for one in PLAN.trips if one.vehicle_id == "van-02")
NOW = TRIP.end_s + 180 * MINUTE


def cells(kind, at_s, subject=TRIP.id, **more):
    told = {"kind": kind, "subject": subject, "from": CLOCK.text(at_s), "time": CLOCK.text(NOW)}
    return told | {name: cell for name, cell in more.items() if cell}


@cache
def confirmations(number):
    """What is confirmed singly of a stop, each by its kind, as it was planned."""
    stop = TRIP.stops[number]
    place, end_s = stop.node_id, stop.end_s
    return {
        "loaded": cells("loaded", TRIP.depart_s),
        "departed": cells("departed", TRIP.stops[0].leg.depart_s, place=TRIP.origin_id),
        "arrived": cells("arrived", stop.leg.arrive_s, place=place),
        "delivered": cells("delivered", end_s, place=place),
        "skipped": cells("skipped", stop.leg.arrive_s, place=place),
        "refused": cells("refused", end_s, place=place),
        "partly": cells("partly", end_s, place=place, value="2"),
        "returned": cells("returned", TRIP.end_s + MINUTE, place=place),
        "taken_over": cells("taken_over", stop.leg.arrive_s - MINUTE, OTHER.vehicle_id, place=place),
    }


@cache
def contradictions(number):
    """By kind what cannot be beside each of these confirmations: (their kind, cells)."""
    stop = TRIP.stops[number]
    place, end_s, arrive_s = stop.node_id, stop.end_s, stop.leg.arrive_s
    after_s = end_s + 5 * MINUTE
    more = 15 * MINUTE
    other = OTHER.vehicle_id
    loads = [
        ("arrived", cells("loaded", arrive_s + MINUTE)),
        ("loaded", cells("loaded", TRIP.depart_s + more)),
    ]
    skip, refuse = (cells(kind, after_s, place=place) for kind in ("skipped", "refused"))
    part = cells("partly", after_s, place=place, value="3")
    return {
        EventKind.LOADED: loads,
        EventKind.DEPARTED: [("arrived", cells("departed", arrive_s + MINUTE, place=TRIP.origin_id))],
        EventKind.ARRIVED: [
            ("arrived", cells("arrived", arrive_s + more, place=place)),
            ("loaded", cells("arrived", TRIP.depart_s - MINUTE, place=place)),
            ("delivered", cells("arrived", end_s + more, place=place)),
        ],
        EventKind.DELIVERED: [
            ("delivered", cells("delivered", end_s + more, place=place)),
            ("refused", cells("delivered", end_s - MINUTE, place=place)),
            ("refused", cells("delivered", end_s + 9 * MINUTE, place=place)),
            ("skipped", cells("delivered", arrive_s + 9 * MINUTE, place=place)),
            ("partly", cells("delivered", end_s + MINUTE, place=place)),
            ("returned", cells("delivered", end_s, place=place)),
            ("taken_over", cells("delivered", end_s, place=place)),
        ],
        EventKind.SKIPPED: [(one, skip) for one in ("delivered", "refused", "partly")],
        EventKind.REFUSED: [(one, refuse) for one in ("delivered", "partly")]
        + [("skipped", cells("refused", arrive_s + MINUTE, place=place))],
        EventKind.PARTLY: [(one, part) for one in ("delivered", "refused", "partly")]
        + [("skipped", cells("partly", arrive_s + MINUTE, place=place, value="3"))],
        EventKind.RETURNED: [
            ("delivered", cells("returned", TRIP.end_s + MINUTE, place=place)),
            ("returned", cells("returned", TRIP.end_s + 2 * more, place=place)),
        ],
        EventKind.TAKEN_OVER: [
            ("delivered", cells("taken_over", after_s, other, place=place)),
            ("delivered", cells("taken_over", arrive_s - MINUTE, other, place=place)),
        ],
        EventKind.BREAKDOWN: [("delivered", cells("breakdown", arrive_s - MINUTE, TRIP.vehicle_id))],
    }  # fmt: skip


# What says nothing that a confirmation of a stop, a trip or its goods could be against.
ADDING = {
    EventKind.DAMAGED, EventKind.MISSING, EventKind.RECALL, EventKind.MISDELIVERED, EventKind.FOUND,
    EventKind.FEWER, EventKind.DEMAND, EventKind.STOCK, EventKind.VEHICLE_ADDED, EventKind.VEHICLE_LOST,
    EventKind.ESCORT, EventKind.DOCK, EventKind.WAREHOUSE, EventKind.CALENDAR, EventKind.DEADLINE,
    EventKind.CONTACT, EventKind.VOID, EventKind.SPEED, EventKind.CLOSURE, EventKind.OPENED,
    EventKind.REPAIRED, EventKind.FETCHED, EventKind.DELAY, EventKind.DECISION, EventKind.LONGEST_DELAY,
}  # fmt: skip
BULK = ("loaded", "departed", "arrived", "delivered")  # what a confirmation of many is made of
CASES = [
    pytest.param(number, kind, first, at, id=f"{TRIP.stops[number].node_id}-{kind}-{first}-{at}")
    for number in range(2)
    for kind, found in contradictions(number).items()
    for at, (first, _) in enumerate(found)
]


def test_every_kind_is_looked_at():
    assert ADDING | set(contradictions(0)) == set(EventKind)
    assert not ADDING & set(contradictions(0))


def add(path, told):
    try:
        return add_report(path, told, INSTANCE, PLAN, NOW)
    except InputError as error:
        pytest.fail(f"{told}: " + "; ".join(f"{one.code} {one.cause}" for one in error.faults))


def seen(path):
    """What is known and expected, without what no report can say again: when something was reported last."""
    found = read_table(path, INSTANCE, PLAN, NOW)
    assert found.faults == ()
    state = state_of(PLAN, INSTANCE, found.events, NOW, aside=found.aside)
    trips = [replace(one, last_report_s=None) for one in state.trips]
    return trips, state.received_s, sorted((one.region_id, trip) for one, trip in state.back_with)


def alone(folder, told):
    path = folder / "alone.csv"
    path.unlink(missing_ok=True)
    add(path, told)
    return seen(path)


def by_region(told):
    """The same, told by the place alone, where its kind may be."""
    if "region" not in KINDS[EventKind(told["kind"])].subjects:
        return told
    return {name: cell for name, cell in told.items() if name != "place"} | {"subject": told["place"]}


@pytest.mark.parametrize(("number", "kind", "first", "at"), CASES)
@pytest.mark.parametrize("turned", [False, True])
def test_beside_a_single_report_it_is_disputed_until_one_is_taken_back(
    number, kind, first, at, turned, tmp_path
):
    """Whichever is told first stands; taken back, the other one counts as if it alone had been told."""
    told = [confirmations(number)[first], contradictions(number)[kind][at][1]]
    told = [by_region(one) for one in told[::-1]] if turned else told
    path, copy = tmp_path / "e.csv", tmp_path / "f.csv"
    assert add(path, told[0]).disputed == ()
    new = add(path, told[1])
    assert [(one.event.id, one.beside) for one in new.disputed] == [("E0002", "E0001")]
    assert new.disputed[0].fault(CLOCK).cause
    assert new.event.trip.startswith((TRIP.id, OTHER.id))
    assert new.event.stop
    assert new.event.plan
    assert seen(path) == alone(tmp_path, told[0])
    copy.write_bytes(path.read_bytes())
    for table, gone, left in ((path, "E0002", told[0]), (copy, "E0001", told[1])):
        add(table, {"kind": "void", "subject": gone, "time": CLOCK.text(NOW)})
        assert seen(table) == alone(tmp_path, left)


@pytest.mark.parametrize(("number", "kind", "first", "at"), [one for one in CASES if one.values[2] in BULK])
def test_beside_a_confirmation_in_bulk_it_counts(number, kind, first, at, tmp_path):
    path = tmp_path / "e.csv"
    add_confirmation(path, [confirmations(number)[first]], "Sari", INSTANCE, PLAN, NOW)
    bulk = seen(path)
    told = contradictions(number)[kind][at][1]
    new = add(path, told)
    assert all(one.event.id == "E0001" for one in new.disputed)
    assert seen(path) == alone(tmp_path, told)
    add(path, {"kind": "void", "subject": "E0002", "time": CLOCK.text(NOW)})
    assert seen(path) == bulk


# ---------------------------------------------------------------- what each kind was understood to mean

ONWARD = ("departed", "delay", "breakdown")  # these say nothing of another order
AT_FIG = "departed arrived delivered skipped refused returned delay taken_over"
MEANS = {
    **{kind: ("1", {"place": "fig"}) for kind in AT_FIG.split()},
    "partly": ("1", {"place": "fig", "value": "2"}),
    "loaded": ("0", {}),
    "breakdown": ("-", {}),
}


def test_every_kind_about_a_trip_or_stop_keeps_which():
    """But `fetched`, which needs a vehicle that broke down."""
    assert {EventKind(one) for one in MEANS} == set(MEANING_KINDS) - {EventKind.FETCHED}


@pytest.mark.parametrize("named", ["vehicle", "trip", "region"])
@pytest.mark.parametrize("other_order", [False, True])
@pytest.mark.parametrize("kind", MEANS)
def test_what_was_meant_is_kept_by_the_numbers_of_the_plan_in_force(kind, other_order, named, tmp_path):
    """Also where Elm, which comes second, was served before Fig."""
    number, more = MEANS[kind]
    path, fig = tmp_path / "e.csv", TRIP.stops[0]
    if other_order:
        add(path, cells("delivered", fig.end_s + 10 * MINUTE, place="elm"))
    early_s = fig.leg.arrive_s - 4 * MINUTE
    moments = {"loaded": TRIP.depart_s} | dict.fromkeys(("taken_over", "delay", "breakdown"), early_s)
    at_s = moments.get(kind, fig.end_s + 40 * MINUTE)
    subject = {"vehicle": TRIP.vehicle_id, "trip": TRIP.id, "region": "fig"}[named]
    if kind == "taken_over":
        subject = OTHER.vehicle_id
    if named not in KINDS[EventKind(kind)].subjects or (other_order and kind in ONWARD):
        return
    told = cells(kind, at_s, subject, **more)
    if kind == "delay":
        told["value"] = "20 min"
    if named == "region":
        told.pop("place", None)
    new = add(path, told)
    assert new.disputed == ()
    trip, stop = (TRIP.id, number) if kind != "taken_over" else (f"{OTHER.id}+{TRIP.id}", "-+1")
    assert (new.event.trip, new.event.stop) == (trip, stop)
    sentence = event_in_words(new.event, new.names, INSTANCE, PLAN, new.others)
    assert number in ("0", "-") or f"trip {TRIP.id}, stop 1, Fig" in sentence
    assert read_table(path, INSTANCE, PLAN, NOW).faults == ()


def test_what_gave_way_has_a_line_of_its_own_in_a_list():
    """Of a confirmation of many, which is one line, what has no effect stands apart."""
    rows = [
        Event(id=f"E{at}", time_s=NOW, kind=EventKind.DELIVERED, subject=(TRIP.id,), bulk="E1", by="Sari")
        for at in (1, 2, 3)
    ]
    lines = list(event_lines(rows, lambda one: one.id, INSTANCE, PLAN, apart={"E2"}))
    assert [one.id for one, _ in lines] == ["E1", "E2"]
    assert lines[1][1] == "E2"
    assert "2" in lines[0][1]
