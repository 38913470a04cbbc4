"""Some eighty ways to make a plan false, each a small change of its draft (`tests/forgeries.py`).

Each gets the draft (moments are seconds), a source of chance and the instance, and says whether it fitted.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from planner.base.clock import parse_instant
from planner.instance.schema import Instance
from planner.plans import model
from planner.plans.model import Status

Draft = dict[str, Any]
Forge = Callable[[Draft, Random, Instance], bool]
HOUR = 3600


# ---------------------------------------------------------------- pieces of a draft


def _trips(draft: Draft) -> list[Draft]:
    return [one for one in draft["trips"] if one["stops"]]


def _any(draft: Draft, random: Random) -> Draft | None:
    """A trip; in a replan rather one that has begun."""
    trips = _trips(draft)
    begun = [one for one in trips if one["begun"]]
    return random.choice(begun if begun and random.random() < 0.8 else trips) if trips else None


def _legs(trip: Draft) -> list[Draft]:
    return [stop["leg"] for stop in trip["stops"]] + ([] if trip["back"] is None else [trip["back"]])


def _moments(trip: Draft) -> Iterator[tuple[Draft, str]]:
    """Every moment of a trip in order: who holds it, and its key."""
    yield trip, "load_start_s"
    yield trip, "depart_s"
    for stop in trip["stops"]:
        yield stop["leg"], "depart_s"
        yield stop["leg"], "arrive_s"
        yield stop, "start_s"
        yield stop, "end_s"
    if trip["back"] is not None:
        yield trip["back"], "depart_s"
        yield trip["back"], "arrive_s"
    yield trip, "end_s"


def _from(trip: Draft, number: int, seconds: int) -> None:
    """Move all moments from the one of a number on."""
    for holder, key in list(_moments(trip))[number:]:
        holder[key] += seconds


def _shift(trip: Draft, seconds: int) -> None:
    _from(trip, 0, seconds)


def _delivery(draft: Draft, random: Random) -> tuple[Draft, Draft, Draft] | None:
    """A trip, a stop and a delivery of it."""
    found = [
        (trip, stop, item) for trip in draft["trips"] for stop in trip["stops"] for item in stop["deliveries"]
    ]
    return random.choice(found) if found else None


def _fresh(draft: Draft, trip: Draft, name: str) -> Draft:
    """A copy of a trip with an id of its own."""
    again = copy.deepcopy(trip)
    again["id"] = name
    draft["trips"].append(again)
    return again


# ---------------------------------------------------------------- times


def leg_takes_no_time(draft: Draft, random: Random, instance: Instance) -> bool:
    """All that follows comes as much sooner."""
    trip = _any(draft, random)
    if trip is None:
        return False
    number = random.randrange(len(_legs(trip)))
    leg = _legs(trip)[number]
    _from(trip, 3 + 4 * number, leg["depart_s"] - leg["arrive_s"])
    return True


def leg_is_shorter(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    number = random.randrange(len(_legs(trip)))
    leg = _legs(trip)[number]
    sooner = random.randint(1, max(1, leg["arrive_s"] - leg["depart_s"]))
    _from(trip, 3 + 4 * number, -sooner)
    return True


def arrives_sooner(draft: Draft, random: Random, instance: Instance) -> bool:
    """The arrival alone."""
    trip = _any(draft, random)
    if trip is None:
        return False
    leg = random.choice(_legs(trip))
    leg["arrive_s"] -= random.randint(1, HOUR)
    return True


def departs_later(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    leg = random.choice(_legs(trip))
    leg["depart_s"] = random.randint(leg["depart_s"], max(leg["depart_s"], leg["arrive_s"])) + 1
    return True


def trip_is_faster(draft: Draft, random: Random, instance: Instance) -> bool:
    """All moments of a trip are drawn together."""
    trip = _any(draft, random)
    if trip is None:
        return False
    start, percent = trip["load_start_s"], random.choice((0, 10, 50, 90, 99))
    for holder, key in _moments(trip):
        holder[key] = start + (holder[key] - start) * percent // 100
    return True


def all_is_faster(draft: Draft, random: Random, instance: Instance) -> bool:
    percent = random.choice((0, 25, 75, 97))
    for trip in draft["trips"]:
        start = trip["load_start_s"]
        for holder, key in _moments(trip):
            holder[key] = start + (holder[key] - start) * percent // 100
    return True


def loading_is_shorter(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None or trip["depart_s"] <= trip["load_start_s"]:
        return False
    trip["load_start_s"] += random.randint(1, trip["depart_s"] - trip["load_start_s"])
    return True


def loading_is_none(draft: Draft, random: Random, instance: Instance) -> bool:
    """All that follows comes as much sooner."""
    trip = _any(draft, random)
    if trip is None:
        return False
    _from(trip, 1, trip["load_start_s"] - trip["depart_s"])
    return True


def service_is_shorter(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    number = random.randrange(len(trip["stops"]))
    stop = trip["stops"][number]
    if stop["end_s"] <= stop["start_s"]:
        return False
    _from(trip, 5 + 4 * number, -random.randint(1, stop["end_s"] - stop["start_s"]))
    return True


def service_is_none(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    for number, stop in enumerate(trip["stops"]):
        _from(trip, 5 + 4 * number, stop["start_s"] - stop["end_s"])
    return True


def served_before_arrival(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    stop = random.choice(trip["stops"])
    sooner = stop["start_s"] - stop["leg"]["arrive_s"] + random.randint(1, HOUR)
    stop["start_s"] -= sooner
    stop["end_s"] -= sooner
    return True


def left_before_it_was_loaded(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    _from(trip, 2, -random.randint(1, 2 * HOUR))
    return True


def trip_is_sooner(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    _shift(trip, -random.choice((1, 60, HOUR, 5 * HOUR, trip["load_start_s"])))
    return True


def trip_is_later(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    _shift(trip, random.choice((1, 60, HOUR, 5 * HOUR, 48 * HOUR)))
    return True


def ends_sooner(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    trip["end_s"] -= random.randint(1, HOUR)
    return True


def back_at_once(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None or trip["back"] is None:
        return False
    trip["back"]["arrive_s"] = trip["end_s"] = trip["back"]["depart_s"]
    return True


# ---------------------------------------------------------------- goods


def drop_a_delivery(draft: Draft, random: Random, instance: Instance) -> bool:
    found = _delivery(draft, random)
    if found is None:
        return False
    found[1]["deliveries"].remove(found[2])
    return True


def drop_a_stop(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    trip["stops"].pop(random.randrange(len(trip["stops"])))
    return True


def drop_a_trip(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    draft["trips"].remove(trip)
    return True


def deliver_twice(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    again = _fresh(draft, trip, "again")
    _shift(again, trip["end_s"] - trip["load_start_s"])
    for stop in again["stops"]:
        for item in stop["deliveries"]:
            item["consignment_id"] += "-again"
    return True


def same_trip_twice(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    _fresh(draft, trip, random.choice((trip["id"], "twin")))
    return True


def more_units(draft: Draft, random: Random, instance: Instance) -> bool:
    found = _delivery(draft, random)
    if found is None:
        return False
    found[2]["units"] += random.choice((1, 5, 100))
    return True


def fewer_units(draft: Draft, random: Random, instance: Instance) -> bool:
    found = _delivery(draft, random)
    if found is None:
        return False
    found[2]["units"] -= 1
    return True


def other_units(draft: Draft, random: Random, instance: Instance) -> bool:
    found = _delivery(draft, random)
    if found is None:
        return False
    found[2]["first_unit"] += random.choice((-1, 1, 7))
    return True


def other_part(draft: Draft, random: Random, instance: Instance) -> bool:
    found = _delivery(draft, random)
    if found is None:
        return False
    found[2]["part"] = random.choice(sorted({one.part for one in instance.items} | {"other"}))
    return True


def for_another_region(draft: Draft, random: Random, instance: Instance) -> bool:
    found = _delivery(draft, random)
    if found is None:
        return False
    found[2]["region_id"] = random.choice(instance.regions).id
    return True


def on_another_trip(draft: Draft, random: Random, instance: Instance) -> bool:
    """Handed over at a stop of the same place, or wherever that other trip stops."""
    found = _delivery(draft, random)
    if found is None:
        return False
    stops = [stop for trip in draft["trips"] for stop in trip["stops"] if stop is not found[1]]
    same = [stop for stop in stops if stop["node_id"] == found[1]["node_id"]]
    if not stops:
        return False
    found[1]["deliveries"].remove(found[2])
    random.choice(same or stops)["deliveries"].append(found[2])
    return True


def all_on_one_trip(draft: Draft, random: Random, instance: Instance) -> bool:
    """One trip carries what several carried: far too much for its vehicle, if there is enough of it."""
    trip = _any(draft, random)
    if trip is None:
        return False
    served = {stop["node_id"]: stop for stop in trip["stops"]}
    others = [one for one in draft["trips"] if one is not trip and one["origin_id"] == trip["origin_id"]]
    taken = False
    for other in others:
        for stop in list(other["stops"]):
            if stop["node_id"] in served:
                served[stop["node_id"]]["deliveries"] += stop["deliveries"]
                other["stops"].remove(stop)
                taken = True
    draft["trips"] = [one for one in draft["trips"] if one["stops"]]
    return taken


def same_consignment(draft: Draft, random: Random, instance: Instance) -> bool:
    one, other = _delivery(draft, random), _delivery(draft, random)
    if one is None or other is None or one[2] is other[2]:
        return False
    one[2]["consignment_id"] = other[2]["consignment_id"]
    return True


def swap_goods(draft: Draft, random: Random, instance: Instance) -> bool:
    """Two stops hand over each other's goods."""
    one, other = _delivery(draft, random), _delivery(draft, random)
    if one is None or other is None or one[1] is other[1]:
        return False
    one[1]["deliveries"], other[1]["deliveries"] = other[1]["deliveries"], one[1]["deliveries"]
    return True


def lighter(draft: Draft, random: Random, instance: Instance) -> bool:
    found = _delivery(draft, random)
    if found is None:
        return False
    key = random.choice(("mass_g", "volume_cm3", "pieces"))
    random.choice((found[0], found[2]))[key] -= random.choice((1, 1000))
    return True


def send_items(draft: Draft, random: Random, instance: Instance) -> bool:
    """A stop brings items to where it is, as if that were a warehouse."""
    trip = _any(draft, random)
    if trip is None:
        return False
    item = random.choice(instance.items).id
    stop = random.choice(trip["stops"])
    stop["items"].append({"item_id": item, "quantity": random.choice((1, 50))})
    if random.random() < 0.5:
        stop["node_id"] = stop["leg"]["to_node"] = random.choice(instance.warehouses).id
    return True


# ---------------------------------------------------------------- vehicles and docks


def another_vehicle(draft: Draft, random: Random, instance: Instance) -> bool:
    """One of the plan's vehicles of that type, busy or not."""
    trip = _any(draft, random)
    if trip is None:
        return False
    trip["vehicle_id"] = f"{trip['vehicle_type']}-{random.randint(1, 3):02d}"
    return True


def vehicle_beyond_the_fleet(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    number = instance.vehicle_type_of[trip["vehicle_type"]].number
    name = random.choice((f"-{number + 1:02d}", f"-{number + 9:02d}", "-00", ""))
    trip["vehicle_id"] = trip["vehicle_type"] + name
    return True


def one_vehicle_for_all(draft: Draft, random: Random, instance: Instance) -> bool:
    """Several trips at once."""
    trip = _any(draft, random)
    if trip is None:
        return False
    for one in draft["trips"]:
        if one["vehicle_type"] == trip["vehicle_type"] and one is not trip:
            one["vehicle_id"] = trip["vehicle_id"]
            _shift(one, trip["load_start_s"] + 60 - one["load_start_s"])
    return True


def another_type(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    trip["vehicle_type"] = random.choice(instance.vehicles).id
    if random.random() < 0.8:
        trip["vehicle_id"] = f"{trip['vehicle_type']}-01"
    return True


def another_dock(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    trip["dock"] = random.choice((-1, 0, 1, 2, 3, 9))
    return True


def one_dock_for_all(draft: Draft, random: Random, instance: Instance) -> bool:
    for trip in draft["trips"]:
        trip["dock"] = 1
    return True


def all_at_once(draft: Draft, random: Random, instance: Instance) -> bool:
    """All trips of an origin load at the same moment."""
    trip = _any(draft, random)
    if trip is None:
        return False
    for one in draft["trips"]:
        if one["origin_id"] == trip["origin_id"]:
            _shift(one, trip["load_start_s"] - one["load_start_s"])
    return True


def another_origin(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    trip["origin_id"] = random.choice((*instance.warehouses, *instance.hubs, *instance.regions)).id
    return True


# ---------------------------------------------------------------- ways


def another_edge(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    step = random.choice([step for leg in _legs(trip) for step in leg["path"]] or [None])
    if step is None or not instance.edges:
        return False
    step["ref"] = random.choice(instance.edges).id
    step["kind"] = random.choice((model.StepKind.FORWARD, model.StepKind.BACK))
    return True


def way_without_a_step(draft: Draft, random: Random, instance: Instance) -> bool:
    """With the length and the time that this gives, so that only the gap is left."""
    trip = _any(draft, random)
    if trip is None:
        return False
    number = random.randrange(len(_legs(trip)))
    leg = _legs(trip)[number]
    if not leg["path"]:
        return False
    leg["path"].pop(random.randrange(len(leg["path"])))
    if not leg["path"]:
        trip["distance_m"] -= leg["distance_m"]
        leg["distance_m"] = 0
        _from(trip, 3 + 4 * number, leg["depart_s"] - leg["arrive_s"])
    return True


def other_ends(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    leg = random.choice(_legs(trip))
    leg[random.choice(("from_node", "to_node"))] = random.choice(instance.regions).id
    return True


def stops_in_another_order(draft: Draft, random: Random, instance: Instance) -> bool:
    trips = [one for one in _trips(draft) if len(one["stops"]) > 1]
    if not trips:
        return False
    random.choice(trips)["stops"].reverse()
    return True


def no_way_back(draft: Draft, random: Random, instance: Instance) -> bool:
    trips = [one for one in _trips(draft) if one["back"] is not None]
    if not trips:
        return False
    trip = random.choice(trips)
    trip["distance_m"] -= trip["back"]["distance_m"]
    trip["back"], trip["end_s"] = None, trip["stops"][-1]["end_s"]
    return True


def shorter_way(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    metres = random.randint(1, 20_000)
    leg = random.choice(_legs(trip))
    leg["distance_m"] -= metres
    trip["distance_m"] -= metres
    return True


def somewhere_else(draft: Draft, random: Random, instance: Instance) -> bool:
    """A stop is said to be at another place."""
    trip = _any(draft, random)
    if trip is None:
        return False
    stop = random.choice(trip["stops"])
    stop["node_id"] = random.choice((*instance.regions, *instance.hubs)).id
    return True


# ---------------------------------------------------------------- claims


def cheaper(draft: Draft, random: Random, instance: Instance) -> bool:
    holder = random.choice((draft, *draft["components"], *draft["trips"]))
    holder["cost"] -= random.randint(1, 1000)
    return True


def paid_less(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    trip["paid_s"] -= random.randint(1, HOUR)
    return True


def bound_above_the_cost(draft: Draft, random: Random, instance: Instance) -> bool:
    one = random.choice(draft["components"])
    one["lower_bound"] = one["cost"] + random.randint(1, 1000)
    return True


def received_sooner(draft: Draft, random: Random, instance: Instance) -> bool:
    rows = [one for one in draft["regions"] if one["received_s"] is not None]
    if not rows:
        return False
    random.choice(rows)["received_s"] -= random.randint(1, 24 * HOUR)
    return True


def later_deadline(draft: Draft, random: Random, instance: Instance) -> bool:
    random.choice(draft["regions"])["deadline_s"] += random.randint(1, 24 * HOUR)
    return True


def says_all_is_well(draft: Draft, random: Random, instance: Instance) -> bool:
    """Something is missing, and everybody is said to be on time."""
    if not drop_a_trip(draft, random, instance):
        return False
    draft["status"] = random.choice((Status.ON_TIME, Status.GUARANTEED))
    for one in draft["components"]:
        one["status"] = draft["status"]
    return True


def hide_a_region(draft: Draft, random: Random, instance: Instance) -> bool:
    row = random.choice(draft["regions"])
    draft["regions"].remove(row)
    for one in draft["components"]:
        one["regions"] = [name for name in one["regions"] if name != row["region_id"]]
    for trip in draft["trips"]:
        for stop in trip["stops"]:
            stop["deliveries"] = [
                item for item in stop["deliveries"] if item["region_id"] != row["region_id"]
            ]
    return True


def says_guaranteed(draft: Draft, random: Random, instance: Instance) -> bool:
    """Though nobody asked for late legs, or more are asked for than are withstood."""
    draft["options"] = {**draft["options"], "guarantee": random.choice(("0", "9", "50", ""))}
    draft["gamma"] = random.choice((0, 1, 9, 50))
    draft["status"] = Status.GUARANTEED
    for one in draft["components"]:
        one["status"] = Status.GUARANTEED
    return True


def other_files(draft: Draft, random: Random, instance: Instance) -> bool:
    draft["instance_digest"] = "sha256:" + "0" * 64
    return True


def false_proof(draft: Draft, random: Random, instance: Instance) -> bool:
    one = random.choice(draft["components"])
    if not one["regions"]:
        return False
    kind = random.choice(list(model.ProofKind))
    one["proofs"].append(
        {"kind": kind, "regions": one["regions"][:1], "edges": [], "figures": {"items": instance.items[0].id}}
    )
    draft["status"] = one["status"] = Status.IMPOSSIBLE
    return True


# ---------------------------------------------------------------- history


def _as_replan(draft: Draft, now_s: int) -> None:
    """Make it a replan of a moment, with everything before that begun."""
    if draft["replan"] is None:
        previous = "sha256:" + "1" * 64
        draft["replan"] = {"now_s": now_s, "previous_digest": previous, "assume": "planned"}
        draft["replan"] |= {"tolerance_s": 1800, "events": [], "moved": []}
    draft["replan"]["now_s"] = now_s
    for trip in draft["trips"]:
        trip["begun"] = trip["load_start_s"] < now_s


def _horizon(instance: Instance) -> int:
    return instance.settings.horizon_s - 1


def all_had_begun_at_once(draft: Draft, random: Random, instance: Instance) -> bool:
    """Everything has begun, and took no time: no leg, no loading, no service."""
    for trip in draft["trips"]:
        start = random.choice((0, trip["load_start_s"]))
        for holder, key in _moments(trip):
            holder[key] = start
    _as_replan(draft, random.choice((1, HOUR, _horizon(instance))))
    return True


def past_of_its_own(draft: Draft, random: Random, instance: Instance) -> bool:
    """A plan calls its trips history and then forges one of them."""
    _as_replan(
        draft, random.choice((*(trip["load_start_s"] + 1 for trip in draft["trips"]), _horizon(instance)))
    )
    kind = random.choice(_OF_TRIPS)
    return kind(draft, random, instance)


def everything_earlier(draft: Draft, random: Random, instance: Instance) -> bool:
    """What had begun is said to have begun a day before: hours do not count, and stock may not have come."""
    sooner = random.choice((HOUR, 6 * HOUR, 24 * HOUR))
    begun = [trip for trip in draft["trips"] if trip["begun"]] or draft["trips"]
    for trip in begun:
        _shift(trip, -min(sooner, trip["load_start_s"]))
    if draft["replan"] is None:
        _as_replan(draft, _horizon(instance))
    return True


def moment_moved(draft: Draft, random: Random, instance: Instance) -> bool:
    """The moment of the replan itself."""
    if draft["replan"] is None:
        return False
    _as_replan(draft, max(1, draft["replan"]["now_s"] + random.choice((-HOUR, -60, 60, HOUR, 24 * HOUR))))
    return True


def begun_turned_over(draft: Draft, random: Random, instance: Instance) -> bool:
    trip = _any(draft, random)
    if trip is None:
        return False
    trip["begun"] = not trip["begun"]
    return True


def other_previous(draft: Draft, random: Random, instance: Instance) -> bool:
    if draft["replan"] is None:
        return False
    draft["replan"]["previous_digest"] = random.choice(("", "sha256:" + "2" * 64))
    return True


def other_belief(draft: Draft, random: Random, instance: Instance) -> bool:
    if draft["replan"] is None:
        return False
    now = draft["replan"]["assume"]
    draft["replan"]["assume"] = {"planned": "nothing"}.get(now, "planned")
    return True


def lost_history(draft: Draft, random: Random, instance: Instance) -> bool:
    begun = [trip for trip in draft["trips"] if trip["begun"]]
    if not begun:
        return False
    draft["trips"].remove(random.choice(begun))
    return True


def invented_history(draft: Draft, random: Random, instance: Instance) -> bool:
    """A trip that is still to come is said to be over, by a vehicle that stood at home."""
    free = [trip for trip in _trips(draft) if not trip["begun"]]
    if draft["replan"] is None or not free:
        return False
    trip, now_s = random.choice(free), draft["replan"]["now_s"]
    _shift(trip, -min(trip["load_start_s"], trip["end_s"] - now_s + random.choice((0, HOUR))))
    trip["begun"] = trip["load_start_s"] < now_s
    return True


def _report(draft: Draft, instance: Instance, **cells: str) -> None:
    """A report that nobody told, at the end of the list."""
    row = dict.fromkeys(("until", "value", "item", "type", "place", "note", "from_time", "subject"), "")
    at = instance.clock.text(draft["replan"]["now_s"])
    draft["replan"]["events"].append(row | {"id": f"F{len(draft['replan']['events'])}", "time": at} | cells)


def report_of_an_arrival(draft: Draft, random: Random, instance: Instance) -> bool:
    """Somebody is said to have arrived, served or left sooner; what follows comes sooner too."""
    begun = [trip for trip in _trips(draft) if trip["begun"]]
    if draft["replan"] is None or not begun:
        return False
    trip = random.choice(begun)
    number = random.randrange(len(trip["stops"]))
    stop = trip["stops"][number]
    kind = random.choice(("arrived", "delivered"))
    place, at_s = (3, stop["leg"]["arrive_s"]) if kind == "arrived" else (5, stop["end_s"])
    sooner = random.choice((60, 600, HOUR, max(1, at_s - trip["depart_s"])))
    _from(trip, place + 4 * number, -sooner)
    moment = max(0, min(at_s - sooner, draft["replan"]["now_s"]))
    text = instance.clock.text(moment)
    _report(draft, instance, kind=kind, subject=trip["id"], from_time=text, place=stop["node_id"])
    return True


def report_of_a_loading(draft: Draft, random: Random, instance: Instance) -> bool:
    """A whole trip is said to have been loaded sooner."""
    trips = _trips(draft)
    if draft["replan"] is None or not trips:
        return False
    trip, now_s = random.choice(trips), draft["replan"]["now_s"]
    sooner = max(0, trip["depart_s"] - now_s) + random.choice((1, 600, HOUR))
    _shift(trip, -min(sooner, trip["load_start_s"]))
    trip["begun"] = trip["load_start_s"] < now_s
    text = instance.clock.text(min(trip["depart_s"], now_s))
    _report(draft, instance, kind="loaded", subject=trip["id"], from_time=text)
    return True


def report_of_a_delay(draft: Draft, random: Random, instance: Instance) -> bool:
    begun = [trip for trip in _trips(draft) if trip["begun"]]
    if draft["replan"] is None or not begun:
        return False
    _report(draft, instance, kind="delay", subject=random.choice(begun)["vehicle_id"], value="40min")
    return _OF_TRIPS[random.randrange(len(_OF_TRIPS))](draft, random, instance)


def report_of_a_breakdown(draft: Draft, random: Random, instance: Instance) -> bool:
    """A vehicle breaks down with its goods where another one fetches them."""
    begun = [trip for trip in _trips(draft) if trip["begun"]]
    if draft["replan"] is None or not begun:
        return False
    trip, now_s = random.choice(begun), draft["replan"]["now_s"]
    at_s = min(now_s, random.randint(trip["depart_s"], max(trip["depart_s"], trip["end_s"])))
    kept = [stop for stop in trip["stops"] if stop["end_s"] <= at_s]
    rest = trip["stops"][len(kept) :]
    node = random.choice(
        (kept[-1]["node_id"] if kept else trip["origin_id"], random.choice(instance.regions).id)
    )
    goods = [item for stop in rest for item in stop["deliveries"]]
    trip |= {"stops": kept, "back": None, "end_s": at_s}
    trip["broken"] = {"at_s": at_s, "node_id": node, "leg": None, "deliveries": goods, "items": []}
    at = instance.clock.text(at_s)
    _report(draft, instance, kind="breakdown", subject=trip["vehicle_id"], from_time=at)
    others = [one for one in _trips(draft) if one is not trip]
    if others and goods and random.random() < 0.7:
        taker = random.choice(others)
        taker["stops"][0]["fetched"] += copy.deepcopy(goods)
        taker["stops"][-1]["deliveries"] += copy.deepcopy(goods)
    return True


def report_of_stock(draft: Draft, random: Random, instance: Instance) -> bool:
    """More has come, so that trips may load sooner, or more."""
    if draft["replan"] is None:
        return False
    rows = [(row.warehouse, row.item) for row in instance.stock]
    warehouse, item = random.choice(rows or [(instance.warehouses[0].id, instance.items[0].id)])
    _report(
        draft, instance, kind="stock", subject=warehouse, item=item, value=random.choice(("", "1", "9999"))
    )
    return random.choice((trip_is_sooner, more_units, everything_earlier))(draft, random, instance)


def report_of_a_vehicle(draft: Draft, random: Random, instance: Instance) -> bool:
    """One more vehicle drives a trip."""
    trip = _any(draft, random)
    if draft["replan"] is None or trip is None:
        return False
    kind = instance.vehicle_type_of[trip["vehicle_type"]]
    _report(
        draft, instance, kind="vehicle_added", subject=kind.id, value="1", from_time=instance.clock.text(0)
    )
    trip["vehicle_id"] = f"{kind.id}-{kind.number + 1:02d}"
    return True


def report_of_speed(draft: Draft, random: Random, instance: Instance) -> bool:
    """Roads, or a type, are said to be faster, and trips are."""
    if draft["replan"] is None:
        return False
    subject = random.choice(("road", random.choice(instance.vehicles).id))
    _report(draft, instance, kind="speed", subject=subject, value="200")
    return random.choice((trip_is_faster, leg_is_shorter))(draft, random, instance)


def report_of_docks(draft: Draft, random: Random, instance: Instance) -> bool:
    """More docks are said to be there, and all load at once."""
    trip = _any(draft, random)
    if draft["replan"] is None or trip is None:
        return False
    _report(
        draft, instance, kind="dock", subject=trip["origin_id"], value="9", from_time=instance.clock.text(0)
    )
    trip["dock"] = random.choice((3, 5, 9))
    return True


def report_of_an_opening(draft: Draft, random: Random, instance: Instance) -> bool:
    """A closed edge is said to be open, and taken."""
    closed = [row.edge for row in instance.closures]
    if draft["replan"] is None or not closed:
        return False
    _report(draft, instance, kind="opened", subject=random.choice(closed))
    return another_edge(draft, random, instance)


def report_left_out(draft: Draft, random: Random, instance: Instance) -> bool:
    if draft["replan"] is None or not draft["replan"]["events"]:
        return False
    rows = draft["replan"]["events"]
    rows.pop(random.randrange(len(rows)))
    return True


def report_with_another_moment(draft: Draft, random: Random, instance: Instance) -> bool:
    rows = [] if draft["replan"] is None else [one for one in draft["replan"]["events"] if one["from_time"]]
    if not rows:
        return False
    row = random.choice(rows)
    at_s = max(0, instance.clock.seconds(parse_instant(row["from_time"])) - random.choice((60, HOUR)))
    row["from_time"] = instance.clock.text(at_s)
    return True


def before_its_goods_came(draft: Draft, random: Random, instance: Instance) -> bool:
    """Who loads at a hub did so before the goods were there."""
    hubs = {one.id for one in instance.hubs}
    trips = [trip for trip in _trips(draft) if trip["origin_id"] in hubs]
    if not trips:
        return False
    trip = random.choice(trips)
    _shift(trip, -random.randint(1, max(1, trip["load_start_s"])))
    if draft["replan"] is not None:
        trip["begun"] = trip["load_start_s"] < draft["replan"]["now_s"]
    return True


_OF_TRIPS: tuple[Forge, ...] = (
    leg_takes_no_time, leg_is_shorter, trip_is_faster, loading_is_none, service_is_none, trip_is_sooner,
    more_units, all_on_one_trip, another_vehicle, another_dock, one_dock_for_all, all_at_once, another_type,
    one_vehicle_for_all, deliver_twice, before_its_goods_came,
)  # fmt: skip

KINDS: Mapping[str, Forge] = {
    one.__name__: one
    for one in (
        leg_takes_no_time, leg_is_shorter, arrives_sooner, departs_later, trip_is_faster, all_is_faster,
        loading_is_shorter, loading_is_none, service_is_shorter, service_is_none, served_before_arrival,
        left_before_it_was_loaded, trip_is_sooner, trip_is_later, ends_sooner, back_at_once,
        drop_a_delivery, drop_a_stop, drop_a_trip, deliver_twice, same_trip_twice, more_units, fewer_units,
        other_units, other_part, for_another_region, on_another_trip, all_on_one_trip, same_consignment,
        swap_goods, lighter, send_items,
        another_vehicle, vehicle_beyond_the_fleet, one_vehicle_for_all, another_type, another_dock,
        one_dock_for_all, all_at_once, another_origin,
        another_edge, way_without_a_step, other_ends, stops_in_another_order, no_way_back, shorter_way,
        somewhere_else,
        cheaper, paid_less, bound_above_the_cost, received_sooner, later_deadline, says_all_is_well,
        hide_a_region, says_guaranteed, other_files, false_proof,
        all_had_begun_at_once, past_of_its_own, everything_earlier, moment_moved, begun_turned_over,
        other_previous, other_belief, lost_history, invented_history, report_of_an_arrival,
        report_of_a_loading, report_of_a_delay, report_of_a_breakdown, report_of_stock, report_of_a_vehicle,
        report_of_speed, report_of_docks, report_of_an_opening, report_left_out, report_with_another_moment,
        before_its_goods_came,
    )
}  # fmt: skip
