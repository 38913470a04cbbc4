"""A ledger of replans of its own: what lies where, what has happened, who moved. From the plans' JSON alone.

It imports nothing of the program, so that the program's own view of goods, history and concern is no witness
of itself. Every function returns what is wrong, in words; nothing means that all is well.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

__all__ = [
    "Confirmed",
    "carried_by",
    "changed_confirmed",
    "changed_history",
    "disturbed",
    "lost_or_doubled",
    "read",
    "second",
    "units_of",
]

Json = Mapping[str, Any]
Unit = tuple[str, str, int]  # region, part, number within them

_BEST_FIRST = ("GUARANTEED", "ON_TIME", "LATE", "IMPOSSIBLE", "NOT_FOUND")


@dataclass(frozen=True)
class Confirmed:
    """A stop that somebody confirmed by itself: when it was served, on which trip.

    Parameters
    ----------
    trip, node
        Which stop.
    at_s
        The end of its service, Unix seconds.
    """

    trip: str
    node: str
    at_s: int


def read(path: Path) -> Json:
    """A plan's file as it is."""
    return json.loads(path.read_text(encoding="utf-8"))


def second(text: str) -> int:
    """Unix seconds of an instant as plans write it."""
    return int(datetime.fromisoformat(text).timestamp())


# ---------------------------------------------------------------- goods


def units_of(plan: Json) -> frozenset[Unit]:
    """All units that a plan hands over at their regions, as in a plan that brings everything."""
    return frozenset(
        unit
        for trip in plan["trips"]
        for stop in trip["stops"]
        for one in stop["deliveries"]
        if one["region"] == stop["node"]
        for unit in _units(one)
    )


def lost_or_doubled(
    plan: Json,
    known: frozenset[Unit],
    homes: Mapping[str, str],
    more: Mapping[str, int],
    less: Mapping[str, int] | None = None,
    carried: Mapping[str, frozenset[Unit]] | None = None,
) -> list[str]:
    """What of the goods cannot be: in two places at once, gone, or more than there is.

    Parameters
    ----------
    plan
        The plan after the replan.
    known
        Units that regions had before any report.
    homes
        Warehouse of each region.
    more, less
        Upper limits of further units of each region, by what reports ask for, and of those that it does not
        need any more.
    carried
        What trips carried in the plan in which each was first, as of `carried_by`: what they carry
        besides may have been taken over.

    Notes
    -----
    Each unit is followed from its warehouse through all trips in the order of time: it is loaded where it
    lies, unloaded by who carries it, and ends at its region, or the region is said to go without. What a
    believed report says was taken over by a trip was not loaded by it: it changes hands at that moment,
    wherever it is but at its region.
    """
    found: list[str] = []
    place: dict[Unit, tuple[str, int]] = {}
    arrived: Counter[Unit] = Counter()
    for moment, _, what, trip, node, unit in sorted(_moves(plan, carried or {})):
        here, since = place.get(unit, (homes[unit[0]], moment))
        if since > moment:
            found.append(f"{_name(unit)}: {what} by {trip} before it was there")
        lies = {"loaded": here == node, "fetched": here.startswith("aboard "), "taken": here != unit[0]}
        if not lies.get(what, here == f"aboard {trip}"):
            found.append(f"{_name(unit)}: {what} by {trip} at {node}, but it is at {here}")
        place[unit] = (node if what == "unloaded" else f"aboard {trip}", moment)
        arrived[unit] += what == "unloaded" and node == unit[0]
    found += [f"{_name(unit)}: handed over {number} times" for unit, number in arrived.items() if number > 1]
    without = {one["id"] for one in plan["regions"] if one["status"] == "undelivered"}
    there = {unit for unit, (where, _) in place.items() if where == unit[0]}
    lost = {unit for unit in known - there if unit[0] not in without}
    number_lost = Counter(unit[0] for unit in lost)
    lost = {unit for unit in lost if number_lost[unit[0]] > (less or {}).get(unit[0], 0)}
    found += [
        f"{_name(unit)}: not handed over, though its region is said to have all" for unit in sorted(lost)
    ]
    for region, number in Counter(unit[0] for unit in place if unit not in known).items():
        if number > more.get(region, 0):
            found.append(f"{region}: {number} units more than it had, reports ask for {more.get(region, 0)}")
    for one in plan["regions"]:
        ends = [moment for unit, (where, moment) in place.items() if unit[0] == one["id"] == where]
        if one["received"] is not None and ends and max(ends) != second(one["received"]):
            found.append(f"{one['id']}: received {one['received']}, but the last unit came otherwise")
    return found


def carried_by(plan: Json) -> dict[str, frozenset[Unit]]:
    """Units that each trip of a plan hands over, by its id."""
    return {
        trip["id"]: frozenset(unit for stop in trip["stops"] for unit in _brought(stop))
        for trip in plan["trips"]
    }


def _taken_over(plan: Json, carried: Mapping[str, frozenset[Unit]]) -> dict[str, dict[Unit, int]]:
    """Units that each trip took over, and when, by the reports that a replan believed."""
    events = (plan.get("replan") or {"events": ()})["events"]
    void = {one["subject"] for one in events if one["kind"] == "void"}
    found: dict[str, dict[Unit, int]] = defaultdict(dict)
    for one in events:
        if one["kind"] != "taken_over" or one["id"] in void:
            continue
        taker, moment = one["trip"].split("+")[0], second(one["from"])
        for trip in plan["trips"]:
            for stop in trip["stops"] if trip["id"] == taker else ():
                if stop["node"] == one["place"] and second(stop["end"]) >= moment:
                    more = _brought(stop) - carried.get(taker, frozenset())
                    found[taker] |= dict.fromkeys(more, moment)
    return found


def _moves(
    plan: Json, carried: Mapping[str, frozenset[Unit]]
) -> Iterator[tuple[int, int, str, str, str, Unit]]:
    """Moment, rank at one moment, what, trip, node and unit of each move."""
    taken_over = _taken_over(plan, carried)
    for trip in plan["trips"]:
        fetched = {unit for stop in trip["stops"] for one in stop.get("fetched", ()) for unit in _units(one)}
        broken = trip.get("broken") or {"deliveries": []}
        held = [one for stop in trip["stops"] for one in stop["deliveries"]] + list(broken["deliveries"])
        taken = taken_over.get(trip["id"], {})
        for unit, moment in taken.items():
            yield moment, 2, "taken", trip["id"], "", unit
        for unit in {unit for one in held for unit in _units(one)} - fetched - taken.keys():
            yield second(trip["depart"]), 1, "loaded", trip["id"], trip["origin"], unit
        for stop in trip["stops"]:
            for one in stop.get("fetched", ()):
                for unit in _units(one):
                    yield second(stop["end"]), 2, "fetched", trip["id"], stop["node"], unit
            for one in stop["deliveries"]:
                rank = 3 if stop["end"] == trip["depart"] else 0  # told to be there when it left
                for unit in _units(one):
                    yield second(stop["end"]), rank, "unloaded", trip["id"], stop["node"], unit


def _brought(stop: Json) -> set[Unit]:
    """Units that a stop hands over, in however many parts they are written."""
    return {unit for one in stop["deliveries"] for unit in _units(one)}


def _units(one: Json) -> list[Unit]:
    first = one["first_unit"]
    return [(one["region"], one["part"], number) for number in range(first, first + one["units"])]


def _name(unit: Unit) -> str:
    return f"{unit[0]} {unit[1]} {unit[2]}"


# ---------------------------------------------------------------- history


def changed_history(
    old: Json, new: Json, now_s: int, begins_s: int, about: Mapping[str, int], *, wide_s: int | None
) -> list[str]:
    """What had ended before the reports begin, or has to do with none of them, and is another one now.

    Parameters
    ----------
    old, new
        The plan in force, and the one after it.
    now_s
        Moment of the replan.
    begins_s
        The earliest moment that any report is about: what ended before has to stay.
    about
        Vehicles that reports are about, with the earliest moment that each is about.
    wide_s
        From when on a report is about more than vehicles (ways, hours, places); None: there is none.
    """
    kept = {trip["id"]: trip for trip in new["trips"]}
    reached = _reached(old, about)
    found = []
    for trip in old["trips"]:
        limit = min([now_s, *([wide_s] if wide_s is not None else [])])
        if trip["vehicle"] in reached:
            limit = min(limit, reached[trip["vehicle"]])
        limit = max(limit, min(begins_s, now_s))
        if second(trip["depart"]) > limit:
            continue
        other = kept.get(trip["id"])
        if other is None:
            found.append(f"{trip['id']}: loaded at {trip['depart']}, and is gone")
            continue
        for key in ("vehicle", "origin", "load_start", "depart"):
            if other[key] != trip[key]:
                found.append(f"{trip['id']}: {key} {trip[key]} is {other[key]}")
        for number, stop in enumerate(trip["stops"]):
            if second(stop["end"]) > limit:
                break
            same = other["stops"][number] if number < len(other["stops"]) else None
            if (
                same is None
                or any(same[key] != stop[key] for key in ("node", "start", "end"))
                or (_brought(same) != _brought(stop))
            ):
                found.append(f"{trip['id']}: stop {number + 1} at {stop['node']} {stop['end']} is another")
    return found


def _reached(plan: Json, about: Mapping[str, int]) -> dict[str, int]:
    """Vehicles that what is reported of others may move, through goods, docks and their own next trips."""
    reached = dict(about)
    by_place: dict[str, set[str]] = defaultdict(set)
    for trip in plan["trips"]:
        for node in (trip["origin"], *(stop["node"] for stop in trip["stops"])):
            by_place[node].add(trip["vehicle"])
    waiting = list(about)
    while waiting:
        one = waiting.pop()
        for vehicles in by_place.values():
            if one in vehicles:
                for other in vehicles:
                    if reached.get(other, reached[one] + 1) > reached[one]:
                        reached[other] = reached[one]
                        waiting.append(other)
    return reached


def changed_confirmed(new: Json, confirmed: Iterable[Confirmed]) -> list[str]:
    """Stops that somebody confirmed by itself, and that are otherwise now."""
    trips = {trip["id"]: trip for trip in new["trips"]}
    found = []
    for one in confirmed:
        trip = trips.get(one.trip)
        ends = (
            []
            if trip is None
            else [second(stop["end"]) for stop in trip["stops"] if stop["node"] == one.node]
        )
        if one.at_s not in ends:
            found.append(f"{one.trip}: {one.node} was confirmed at {one.at_s}, the plan says {ends}")
    return found


# ---------------------------------------------------------------- who moved


def disturbed(old: Json, new: Json, concerned: Iterable[str], type_home: Mapping[str, str]) -> list[str]:
    """Components that no report is about, and of which a trip is another one.

    Parameters
    ----------
    concerned
        Ids of components (warehouses) that reports may move.
    type_home
        Warehouse of each vehicle type.

    Notes
    -----
    Where somebody was not on time, a component may be searched on: then no more of its regions may be so.
    A status may get better by itself: fewer legs are left that may be late.
    """
    there = set(concerned)
    bad, worse = _not_on_time(old), _not_on_time(new)
    there |= {name for name, regions in bad.items() if len(worse.get(name, ())) <= len(regions)}
    before, after = (_by_component(plan, type_home) for plan in (old, new))
    found = []
    for name in sorted(before.keys() | after.keys()):
        if name not in there and before.get(name) != after.get(name):
            found.append(f"{name}: other trips, though nothing is reported of it")
    was = {one["id"]: one["status"] for one in old["components"]}
    for one in new["components"]:
        before_it = was.get(one["id"], _BEST_FIRST[0])
        if one["id"] not in there and _BEST_FIRST.index(one["status"]) > _BEST_FIRST.index(before_it):
            found.append(f"{one['id']}: {one['status']}, before {was.get(one['id'])}")
    return found


def _not_on_time(plan: Json) -> dict[str, set[str]]:
    """Regions that do not receive in time, by component; of none where all do."""
    bad = {one["id"] for one in plan["regions"] if one["status"] != "on_time"}
    return {one["id"]: mine for one in plan["components"] if (mine := bad & set(one["regions"]))}


def _by_component(plan: Json, type_home: Mapping[str, str]) -> dict[str, list[Json]]:
    found: dict[str, list[Json]] = defaultdict(list)
    for trip in sorted(plan["trips"], key=lambda one: one["id"]):
        home = type_home.get(trip["vehicle_type"], trip["origin"])
        found[home].append({key: value for key, value in trip.items() if key != "begun"})
    return found


def same_future(old: Json, new: Json) -> Sequence[str]:
    """Trips that differ though nothing was reported."""
    return disturbed(old, new, (), {})
