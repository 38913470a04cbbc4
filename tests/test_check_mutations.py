"""Corrupted plans: each is caught, and the rule is named."""

import copy
import json
import random
from dataclasses import replace
from enum import StrEnum

import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.base.errors import InputError
from planner.base.text import set_language
from planner.instance.schema import Closure
from planner.plans.file import plan_from_text, plan_to_text
from planner.plans.model import Plan
from planner.proof.certificate import certificate
from planner.proof.check import CHECKS, check_plan

T1, T2, T3, T4, T5, T6 = range(6)


def verdict_of(data):
    plan, clock = plan_from_text(small.signed(data))
    return check_plan(plan, clock, small.INSTANCE)


def shift(data, seconds, *keys):
    for key in keys:
        data[key] = small.later(data[key], seconds)


def shift_trip(trip, seconds):
    """Move every moment of a trip."""
    shift(trip, seconds, "load_start", "depart", "end")
    for stop in trip["stops"]:
        shift(stop, seconds, "start", "end")
        shift(stop["leg"], seconds, "depart", "arrive")
    if trip["back"]:
        shift(trip["back"], seconds, "depart", "arrive")


def swap_stops(plan):
    plan["trips"][T1]["stops"].reverse()


def swap_nodes_only(plan):
    first, second = plan["trips"][T1]["stops"]
    first["deliveries"], second["deliveries"] = second["deliveries"], first["deliveries"]


def leave_out_a_stop(plan):
    del plan["trips"][T1]["stops"][1]


def drop_a_unit(plan):
    plan["trips"][T5]["stops"][0]["deliveries"].pop(0)


def drop_a_trip(plan):
    del plan["trips"][T2]


def deliver_twice(plan):
    again = copy.deepcopy(plan["trips"][T5])
    again["id"] = "T7"
    shift_trip(again, 8000)
    for item in again["stops"][0]["deliveries"]:
        item["consignment"] += "-again"
    plan["trips"].append(again)


def same_trip_twice(plan):
    plan["trips"].append(copy.deepcopy(plan["trips"][T6]))


def one_unit_more(plan):
    plan["trips"][T5]["stops"][0]["deliveries"][0]["units"] = 2


def other_unit(plan):
    plan["trips"][T5]["stops"][0]["deliveries"][0]["first_unit"] = 0


def other_part(plan):
    plan["trips"][T5]["stops"][0]["deliveries"][0]["part"] = "late"


def same_consignment_id(plan):
    deliveries = plan["trips"][T1]["stops"][0]["deliveries"]
    deliveries[1]["consignment"] = deliveries[0]["consignment"]


def deliver_elsewhere(plan):
    plan["trips"][T1]["stops"][0]["deliveries"][0]["region"] = "B"


def foreign_region(plan):
    for trip in (T5, T6):
        for item in plan["trips"][trip]["stops"][0]["deliveries"]:
            item["region"] = "G" if item["region"] == "A" else "A"


def closed_shortcut(plan):
    leg = plan["trips"][T5]["stops"][0]["leg"]
    leg["path"], leg["distance_m"] = [["forward", "e7"]], 1000
    shift(leg, 2640, "depart")


def before_the_edge_opens(plan):
    leg = plan["trips"][T4]["stops"][0]["leg"]  # e6 opens at 108,000
    shift(leg, -300, "depart", "arrive")


def by_river(plan):
    plan["trips"][T1]["stops"][0]["leg"]["path"] = [["forward", "e6"]]


def against_one_way(plan):
    trip = plan["trips"][T4]
    trip["back"] = {
        "from": "F",
        "to": "W",
        "depart": trip["end"],
        "arrive": small.later(trip["end"], 2400),
        "distance_m": 12_000,
        "path": [["back", "e6"]],
    }


def jump(plan):
    plan["trips"][T3]["stops"][0]["leg"]["path"].pop(1)


def empty_way(plan):
    plan["trips"][T5]["stops"][0]["leg"]["path"] = []


def no_known_trip(plan):
    plan["trips"][T1]["back"]["path"] = [["back", "e2"], ["back", "e1"]]


def no_way_back(plan):
    trip = plan["trips"][T5]
    trip["back"], trip["end"] = None, trip["stops"][0]["end"]


def leave_earlier(plan):
    shift(plan["trips"][T1]["stops"][0]["leg"], -60, "depart", "arrive")


def arrive_earlier(plan):
    shift(plan["trips"][T1]["stops"][0]["leg"], -60, "arrive")


def no_pause(plan):
    shift(plan["trips"][T3]["stops"][0]["leg"], -57_180, "arrive")


def serve_before_arrival(plan):
    shift(plan["trips"][T1]["stops"][0], -60, "start", "end")


def serve_shorter(plan):
    shift(plan["trips"][T1]["stops"][1], -60, "end")


def load_shorter(plan):
    shift(plan["trips"][T1], 60, "load_start")


def drive_at_night(plan):
    shift_trip(plan["trips"][T5], 12 * 3600)


def load_at_night(plan):
    shift_trip(plan["trips"][T2], -6 * 3600)


def in_the_noon_break(plan):
    shift_trip(plan["trips"][T5], 3600)


def before_it_opens(plan):
    shift_trip(plan["trips"][T1], -3600)


def before_it_may_receive(plan):
    shift_trip(plan["trips"][T4], -small.DAY)


def too_late(plan):
    shift_trip(plan["trips"][T2], 4 * small.DAY)


def after_the_horizon(plan):
    shift_trip(plan["trips"][T5], 6 * small.DAY)


def before_the_start(plan):
    shift_trip(plan["trips"][T6], -1)


def two_trips_at_once(plan):
    shift_trip(plan["trips"][T5], -3600)


def used_dock(plan):
    plan["trips"][T2]["dock"] = 1


def third_dock(plan):
    plan["trips"][T3]["dock"] = 3


def before_the_stock_comes(plan):
    plan["trips"][T5]["vehicle"] = "TRUCK-02"
    plan["trips"][T5]["dock"] = 2
    shift_trip(plan["trips"][T5], 22_680 - 36_000)


def other_vehicle(plan):
    plan["trips"][T5]["vehicle"] = "TRUCK-02"


def no_such_vehicle(plan):
    plan["trips"][T5]["vehicle"] = "TRUCK-03"


def vehicle_of_another_type(plan):
    plan["trips"][T5]["vehicle"] = "JEEP-01"


def other_type(plan):
    plan["trips"][T3]["vehicle_type"], plan["trips"][T3]["vehicle"] = "TRUCK", "TRUCK-02"


def other_origin(plan):
    plan["trips"][T5]["origin"] = "V"


def overload(plan):
    plan["trips"][T5] |= {"vehicle_type": "BOAT", "vehicle": "BOAT-01"}
    deliveries = plan["trips"][T4]["stops"][0]["deliveries"]
    deliveries += plan["trips"][T5]["stops"][0]["deliveries"]


def lighter(plan):
    plan["trips"][T1]["mass_g"] -= 1


def smaller(plan):
    plan["trips"][T1]["volume_cm3"] -= 1


def fewer_pieces(plan):
    plan["trips"][T1]["pieces"] -= 1


def shorter(plan):
    plan["trips"][T1]["distance_m"] -= 1


def shorter_leg(plan):
    plan["trips"][T1]["back"]["distance_m"] -= 1


def cheaper_trip(plan):
    plan["trips"][T1]["cost"] -= 1


def paid_less(plan):
    plan["trips"][T1]["paid_s"] -= 1


def cheaper(plan):
    plan["cost"] -= 1


def cheaper_component(plan):
    plan["components"][0]["cost"] -= 1


def bound_too_high(plan):
    plan["components"][0]["lower_bound"] = small.COST + 1


def wrong_margin(plan):
    region = plan["regions"][0]
    region["received"] = small.later(region["received"], -60)
    region["margin_s"] += 60


def later_deadline(plan):
    region = plan["regions"][0]
    region["deadline"] = small.later(region["deadline"], 60)
    region["margin_s"] += 60


def says_late(plan):
    plan["regions"][0] |= {"status": "late", "reason": "fleet_full"}


def late_without_reason(plan):
    plan["regions"][0]["status"] = "late"


def hide_a_region(plan):
    del plan["regions"][0]
    plan["components"][0]["regions"].remove("A")


def list_a_region_twice(plan):
    plan["components"][1]["regions"].append("A")


def say_impossible(plan):
    plan["status"] = plan["components"][0]["status"] = "IMPOSSIBLE"


def false_proof(plan):
    say_impossible(plan)
    plan["components"][0]["proofs"] = [{"kind": "cut", "regions": ["A"], "edges": ["e7"], "figures": {}}]


def say_guaranteed(plan):
    plan["gamma"] = 1
    plan["status"] = "GUARANTEED"


def asked_for_a_guarantee(plan):
    plan["options"]["guarantee"] = "1"


def asked_for_nonsense(plan):
    plan["options"]["guarantee"] = "-1"


def hide_a_guarantee(plan):
    asked_for_a_guarantee(plan)
    plan["gamma"] = 1


def other_files(plan):
    plan["instance"]["digest"] = "sha256:" + "0" * 64


def other_currency(plan):
    plan["currency"] = "USD"


def other_start(plan):
    plan["start"] = small.later(plan["start"], 3600)


def other_area(plan):
    plan["options"]["area"] = "64.02"


MUTATIONS = {
    swap_stops: "path",
    swap_nodes_only: "stop_node",
    leave_out_a_stop: "exactly_once",
    drop_a_unit: "exactly_once",
    drop_a_trip: "exactly_once",
    deliver_twice: "exactly_once",
    same_trip_twice: "trip_id",
    one_unit_more: "exactly_once",
    other_unit: "exactly_once",
    other_part: "exactly_once",
    same_consignment_id: "exactly_once",
    deliver_elsewhere: "stop_node",
    foreign_region: "own_warehouse",
    closed_shortcut: "closed_edge",
    before_the_edge_opens: "closed_edge",
    by_river: "modes",
    against_one_way: "path",
    jump: "path",
    empty_way: "path",
    no_known_trip: "known_trip",
    no_way_back: "path",
    leave_earlier: "order",
    arrive_earlier: "travel_time",
    no_pause: "travel_time",
    serve_before_arrival: "order",
    serve_shorter: "service_time",
    load_shorter: "loading_time",
    drive_at_night: "overnight",
    load_at_night: "warehouse_hours",
    in_the_noon_break: "region_hours",
    before_it_opens: "vehicle_shift",
    before_it_may_receive: "not_before",
    too_late: "deadline",
    after_the_horizon: "horizon",
    before_the_start: "horizon",
    two_trips_at_once: "vehicle_overlap",
    used_dock: "docks",
    third_dock: "docks",
    before_the_stock_comes: "stock",
    other_vehicle: "cost",
    no_such_vehicle: "fleet",
    vehicle_of_another_type: "fleet",
    other_type: "overnight",
    other_origin: "own_warehouse",
    overload: "volume",
    lighter: "mass",
    smaller: "volume",
    fewer_pieces: "pieces",
    shorter: "distance",
    shorter_leg: "distance",
    cheaper_trip: "trip_cost",
    paid_less: "trip_cost",
    cheaper: "cost",
    cheaper_component: "cost",
    bound_too_high: "bound",
    wrong_margin: "received",
    later_deadline: "deadline",
    says_late: "deadline",
    late_without_reason: "reasons",
    hide_a_region: "regions_complete",
    list_a_region_twice: "regions_complete",
    say_impossible: "status",
    false_proof: "proof",
    say_guaranteed: "guarantee",
    asked_for_a_guarantee: "guarantee",
    asked_for_nonsense: "guarantee",
    hide_a_guarantee: "status",
    other_files: "instance_digest",
    other_currency: "header",
    other_start: "header",
    other_area: "regions_complete",
}


def test_the_plan_itself_is_right():
    assert verdict_of(small.document()).passed


@pytest.mark.parametrize("mutate", MUTATIONS, ids=lambda mutate: mutate.__name__)
def test_a_corrupted_plan_is_caught(mutate):
    data = small.document()
    mutate(data)
    verdict = verdict_of(data)
    assert MUTATIONS[mutate] in {one.rule for one in verdict.violations}
    assert not verdict.rules[MUTATIONS[mutate]].passed
    assert verdict.status == "NOT_FOUND"


@pytest.mark.parametrize("mutate", [arrive_earlier, drop_a_unit, overload, false_proof, hide_a_region])
@pytest.mark.parametrize("code", ["en", "id"])
def test_every_violation_has_words_in_both_languages(mutate, code):
    data = small.document()
    mutate(data)
    set_language(code)
    try:
        texts = [one.text for one in verdict_of(data).violations]
    finally:
        set_language("en")
    assert texts
    assert all("{" not in text for text in texts)


def leaves(data, path=()):
    """Paths of all leaves of parsed JSON."""
    if isinstance(data, dict | list) and data:
        pairs = data.items() if isinstance(data, dict) else enumerate(data)
        for key, value in pairs:
            yield from leaves(value, (*path, key))
    else:
        yield path


# What nothing in the files can contradict: names given by the plan itself, notes, and what was asked for.
FREE = {"planner_version", "reason", "params", "options", "stop_reason"}
FREE_PATHS = [("instance", "name")]


def is_free(path):
    if path[0] == "trips" and (path[-1] == "consignment" or path[2:] == ("id",)):
        return True
    return bool(FREE & set(path)) or path in FREE_PATHS or path[-1] in {"format", "digest", "lower_bound"}


def change(value, draw):
    """Another value of the same type, or of another one."""
    if isinstance(value, bool) or value is None or isinstance(value, dict | list):
        return draw(
            st.sampled_from([0, "x", "2024-11-22T06:00:00+08:00", {"a": 1}, [["forward", "e1"]], [None]])
        )
    if isinstance(value, int):
        return draw(st.integers().map(lambda number: value + (number or 1)))
    try:
        return small.later(value, draw(st.integers(-(10**6), 10**6)) or 1)
    except ValueError:
        pass
    others = sorted({"", value + "x", "A", "B", "W", "e1", "e2", "T1", "TRUCK", "TRUCK-02", "late"} - {value})
    return draw(st.sampled_from(others))


CHECKED_LEAVES = [path for path in leaves(small.document()) if not is_free(path)]


def is_refused(data):
    try:
        return not verdict_of(data).passed
    except InputError:
        return True


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_no_leaf_can_be_changed_unseen(data):
    path = data.draw(st.sampled_from(CHECKED_LEAVES))
    plan = small.document()
    holder = plan
    for key in path[:-1]:
        holder = holder[key]
    holder[path[-1]] = change(holder[path[-1]], data.draw)
    if path[-1] == "dock" and holder["dock"] in {1, 2}:
        return  # the other dock may be free
    if path[:2] == ("trips", T3) and path[-1] == "depart" and len(path) > 3:
        return  # a pause may take up a later departure
    assert is_refused(plan)


@pytest.mark.parametrize("path", CHECKED_LEAVES, ids=lambda path: ".".join(map(str, path)))
def test_no_leaf_can_be_left_out(path):
    plan = small.document()
    holder = plan
    for key in path[:-1]:
        holder = holder[key]
    del holder[path[-1]]
    assert is_refused(plan)


NAMES = ("", "A", "W", "V", "G", "e1", "k1", "J", "TRUCK", "TRUCK-01", "nobody", "0")


def senseless(value, chance):
    """The same plan with some of its figures, names and rows replaced at random."""
    if isinstance(value, tuple):
        found = tuple(senseless(one, chance) for one in value)
        return found * chance.randrange(3) if chance.random() < 0.03 else found
    if hasattr(value, "__dataclass_fields__"):
        changes = {name: senseless(getattr(value, name), chance) for name in value.__dataclass_fields__}
        return replace(value, **changes)
    if type(value) is int and chance.random() < 0.1:
        return chance.randrange(-(10 ** chance.randrange(31)), 10 ** chance.randrange(31))
    if type(value) is str and chance.random() < 0.05:
        return chance.choice(NAMES)
    if isinstance(value, StrEnum) and chance.random() < 0.05:
        return chance.choice(list(type(value)))
    return value


@settings(max_examples=150, deadline=None)
@given(st.integers(0, 2**32))
def test_senseless_plans_get_violations_and_never_an_exception(seed):
    plan = senseless(small.PLAN, random.Random(seed))
    assert isinstance(plan, Plan)
    verdict = check_plan(plan, small.CLOCK, small.INSTANCE)
    assert set(verdict.rules) == set(CHECKS)
    assert all(one.text and one.amount >= 1 for one in verdict.violations)


def test_the_certificate_names_every_rule_and_repeats_itself():
    verdict = check_plan(small.PLAN, small.CLOCK, small.INSTANCE)
    text = certificate(small.PLAN, small.CLOCK, small.INSTANCE, verdict)
    again = certificate(small.PLAN, small.CLOCK, small.INSTANCE, verdict)
    assert text == again
    document = json.loads(text)
    assert document["format"] == "certificate/2"
    assert document["plan"]["digest"] == json.loads(plan_to_text(small.PLAN, small.CLOCK))["digest"]
    assert [one["rule"] for one in document["rules"]] == list(CHECKS)
    assert document["passed"] is True
    assert document["figures"]["cost"] == small.COST
    assert document["violations"] == []


def test_the_certificate_of_a_corrupted_plan_lists_what_is_broken():
    plan = replace(small.PLAN, cost=1)
    document = json.loads(
        certificate(plan, small.CLOCK, small.INSTANCE, check_plan(plan, small.CLOCK, small.INSTANCE))
    )
    assert document["passed"] is False
    assert document["status"] == "NOT_FOUND"
    [one] = document["violations"]
    assert (one["rule"], one["amount"], one["unit"]) == ("cost", small.COST - 1, "money")


def test_a_closure_after_the_plan_was_made_is_noticed():
    closed = replace(small.INSTANCE, closures=(*small.INSTANCE.closures, Closure(id="c9", edge="e4")))
    rules = {one.rule for one in check_plan(small.PLAN, small.CLOCK, closed).violations}
    assert rules == {"instance_digest", "closed_edge"}
