"""What a plan does by kabupaten, beside what was published: nights, splits, trucks, loads, farthest first."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import timedelta

from common import ROOT

from planner.building.places import deadline_of
from planner.instance.schema import Instance, Mode, Region
from planner.plans.model import Plan, Trip

LOADS = ROOT / "scripts" / "data" / "kaltim" / "published_loads.csv"
BOX = 2  # boxes of a TPS
EARLY_DAYS = 3  # before the vote: sooner nobody is there to guard
Row = Mapping[str, str]


def area_rows(instance: Instance, plan: Plan, far_km: Mapping[str, float]) -> list[dict[str, object]]:
    """Of each area: splits, nights, trips from the warehouse by day, boxes of a truck, farthest first."""
    return [
        {"kind": "area", "id": area, "name": regions[0].area_name, "desa": len(regions)}
        | splits(instance, plan, regions)
        | nights(instance, plan, regions)
        | trucks(instance, plan, regions)
        | farthest(instance, plan, regions, far_km)
        for area, regions in by_area(instance).items()
    ]


def by_area(instance: Instance) -> dict[str, list[Region]]:
    """Regions by the id of their area."""
    found: dict[str, list[Region]] = defaultdict(list)
    for region in instance.regions:
        found[region.area].append(region)
    return dict(sorted(found.items()))


def receipts(plan: Plan) -> dict[str, list[int]]:
    """Moments at which each region receives."""
    found: dict[str, list[int]] = defaultdict(list)
    for trip in plan.trips:
        for stop in trip.stops:
            if any(one.region_id == stop.node_id for one in stop.deliveries):
                found[stop.node_id].append(stop.end_s)
    return found


def splits(instance: Instance, plan: Plan, regions: Sequence[Region]) -> dict[str, object]:
    """How many regions have more than one delivery, on more than one day, and goods too soon."""
    got = receipts(plan)
    mine = {one.id: got[one.id] for one in regions if one.id in got}
    usual = [
        one
        for one in regions
        if one.id in mine and deadline_of(instance, one) == instance.settings.deadline_s
    ]
    vote = instance.clock.day(instance.settings.deadline_s)
    soon = [one for one in usual if (vote - instance.clock.day(min(mine[one.id]))).days >= EARLY_DAYS]
    return {
        "several_trips": sum(len(moments) > 1 for moments in mine.values()),
        "several_days": sum(
            len({instance.clock.day(one) for one in moments}) > 1 for moments in mine.values()
        ),
        "usual_deadline": len(usual),
        "too_soon": len(soon),
    }


def nights(instance: Instance, plan: Plan, regions: Sequence[Region]) -> dict[str, object]:
    """Local midnights with goods: at desa until their deadline; at hubs until they are loaded, once a hub."""
    got = receipts(plan)
    at_desa = sum(
        midnights(instance, min(got[one.id]), deadline_of(instance, one)) for one in regions if one.id in got
    )
    mine = {one.id for one in regions}
    loaded = {
        (one.consignment_id, one.first_unit + at, trip.origin_id): trip.load_start_s
        for trip in plan.trips
        for stop in trip.stops
        for one in stop.deliveries
        if one.region_id in mine
        for at in range(one.units)
    }
    held: dict[str, set[int]] = defaultdict(set)
    for trip in plan.trips:
        for stop in trip.stops:
            for one in stop.deliveries:
                for at in range(one.units):
                    until = loaded.get((one.consignment_id, one.first_unit + at, stop.node_id))
                    if until is not None and one.region_id in mine:
                        held[stop.node_id] |= days_between(instance, stop.end_s, until)
    return {"desa_nights": at_desa, "hubs": len(held), "hub_nights": sum(map(len, held.values()))}


def midnights(instance: Instance, start_s: int, end_s: int) -> int:
    """Local midnights in [start, end)."""
    return len(days_between(instance, start_s, end_s - 1)) if end_s > start_s else 0


def days_between(instance: Instance, start_s: int, end_s: int) -> set[int]:
    """The days that begin after a moment and no later than another, by their number."""
    first, last = instance.clock.day(start_s), instance.clock.day(max(start_s, end_s))
    return {(first + timedelta(days=at)).toordinal() for at in range(1, (last - first).days + 1)}


def from_store(instance: Instance, plan: Plan, regions: Sequence[Region]) -> list[Trip]:
    """Trips that load at the regions' warehouses and carry something of theirs."""
    stores = {store.id for store in instance.warehouses}
    mine = {region.id for region in regions}
    return [
        trip
        for trip in plan.trips
        if trip.origin_id in stores
        and any(one.region_id in mine for stop in trip.stops for one in stop.deliveries)
    ]


def boxes_of(trip: Trip) -> int:
    """Boxes aboard a trip at its start."""
    return BOX * sum(one.units for stop in trip.stops for one in stop.deliveries)


def trucks(instance: Instance, plan: Plan, regions: Sequence[Region]) -> dict[str, object]:
    """Trips and vehicles that leave the warehouse each day; boxes aboard, least, mean, most."""
    trips = from_store(instance, plan, regions)
    days: dict[str, list[Trip]] = defaultdict(list)
    for trip in trips:
        days[instance.clock.day(trip.depart_s).isoformat()].append(trip)
    roads = {one.id for one in instance.vehicles if one.modes == (Mode.ROAD,)}
    boxes = sorted(boxes_of(trip) for trip in trips if trip.vehicle_type in roads)
    told = [
        f"{day[-2:]}: {len({one.vehicle_id for one in found})}/{len(found)}"
        for day, found in sorted(days.items())
    ]
    mean = round(sum(boxes) / len(boxes)) if boxes else 0
    return {
        "dispatches": ", ".join(told),
        "boxes": f"{boxes[0]} – {mean} – {boxes[-1]}" if boxes else "",
    }


def farthest(
    instance: Instance, plan: Plan, regions: Sequence[Region], far_km: Mapping[str, float]
) -> dict[str, object]:
    """Spearman's rho of distance against the first departure from the warehouse, where days differ."""
    from scipy.stats import spearmanr

    mine = {one.id for one in regions}
    first: dict[str, int] = {}
    for trip in from_store(instance, plan, regions):
        for stop in trip.stops:
            for one in stop.deliveries:
                if one.region_id in mine:
                    first[one.region_id] = min(first.get(one.region_id, trip.depart_s), trip.depart_s)
    days = {instance.clock.day(moment) for moment in first.values()}
    if len(days) < 2:
        return {"spearman": ""}
    names = sorted(first)
    rho = spearmanr([far_km[name] for name in names], [first[name] for name in names]).statistic
    return {"spearman": f"{rho:+.2f}"}


def rho_rows(
    instance: Instance, plan: Plan, far_km: Mapping[str, float], view: str, seed: int
) -> list[dict[str, object]]:
    """Spearman's rho of each area whose departures span two days or more."""
    return [
        {"kind": "rho", "id": area, "name": regions[0].area_name, "tables": view, "seed": seed}
        | farthest(instance, plan, regions, far_km)
        for area, regions in by_area(instance).items()
    ]


def rho_lines(rows: Sequence[Row]) -> list[str]:
    """Mean, least and most of rho, by area and view."""
    found: dict[str, dict[str, list[float]]] = defaultdict(lambda: defaultdict(list))
    runs: dict[str, set[str]] = defaultdict(set)
    for row in rows:
        if row["kind"] == "rho":
            runs[row["tables"]].add(row["seed"])
            if row["spearman"]:
                found[row["name"]][row["tables"]].append(float(row["spearman"]))
    if not runs:
        return []
    heads = [f"{view}, {len(seeds)} seeds" for view, seeds in runs.items()]
    lines = [
        f"| farthest first: rho, mean (least to most) | {' | '.join(heads)} |",
        f"|{'---|' * (1 + len(heads))}",
    ]
    for name, views in found.items():
        cells = [
            f"{sum(one) / len(one):+.2f} ({min(one):+.2f} to {max(one):+.2f})"
            if (one := views[view])
            else "one day"
            for view in runs
        ]
        lines.append(f"| {' | '.join([name, *cells])} |")
    return [*lines, ""]


def load_rows(instance: Instance, plan: Plan) -> list[dict[str, object]]:
    """Published trucks and boxes beside the plan's."""
    rows: list[dict[str, object]] = []
    for one in published_loads():
        mine = [region for region in instance.regions if f"{region.id}.".startswith(f"{one['places']}.")]
        wanted = {region.id for region in mine}
        trips = from_store(instance, plan, mine)
        aboard = sorted(boxes_of(trip) for trip in trips)
        vehicles = len({trip.vehicle_id for trip in trips})
        rows.append(
            {
                "kind": "load",
                "id": one["id"],
                "desa": len(wanted),
                "vehicles": vehicles,
                "trips": len(trips),
                "boxes": f"{aboard[0]} – {round(sum(aboard) / len(aboard))} – {aboard[-1]}" if aboard else "",
            }
        )
    return rows


def published_loads() -> list[Row]:
    """The published loads."""
    with LOADS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def figure_lines(rows: Sequence[Row]) -> list[str]:
    """Both tables of the page."""
    areas = [row for row in rows if row["kind"] == "area"]
    if not areas:
        return []
    lines = [
        "| kabupaten | desa | by several trips | on several days | at H-3 or sooner | nights at a desa "
        "| nights at a hub | vehicles/trips from the warehouse, by day | boxes of a truck "
        "| farthest first (rho) |",
        f"|{'---|' * 10}",
    ]
    for row in areas:
        desa, usual, hubs = int(row["desa"]), int(row["usual_deadline"]), int(row["hubs"])
        cells = [
            *(row["name"], row["desa"], row["several_trips"], row["several_days"]),
            f"{row['too_soon']} of {usual}" if usual else "–",
            f"{int(row['desa_nights']) / desa:.1f}",
            f"{int(row['hub_nights']) / hubs:.1f}" if hubs else "–",
            *(row["dispatches"], row["boxes"], row["spearman"] or "one day"),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    said = {one["id"]: one for one in published_loads()}
    lines += [
        "",
        "| published load | when | trucks | boxes of a truck | plan: vehicles | trips "
        "| boxes, least – mean – most |",
        f"|{'---|' * 7}",
    ]
    for row in rows:
        if row["kind"] == "load":
            one = said[row["id"]]
            boxes = "–".join(dict.fromkeys([one["boxes_low"], one["boxes_high"]]))
            cells = [
                one["what"],
                one["when"],
                one["trucks"],
                boxes,
                row["vehicles"],
                row["trips"],
                row["boxes"],
            ]
            lines.append(f"| {' | '.join(cells)} |")
    return [*lines, ""]
