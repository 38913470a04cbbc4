"""What nobody can do, by arithmetic of its own: a ledger of a plan's trips against the tables alone.

It knows nothing of hours, shifts, prices or answers, and nothing of the checker: only that a way takes its
time, that loading and handing over do, that a vehicle and a dock are in one place at a time and hold no more
than they can, that goods are where they were brought, and that each unit is there once. History and future
are the same to it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

from planner.instance.schema import Chain, Deadline, Echelon, Instance, Mode, Region, Rounding
from planner.plans.model import Leg, Plan, StepKind, Trip

Items = dict[str, int]


def faults(plan: Plan, instance: Instance) -> list[str]:
    """What of a plan nobody can do, and who of all regions is not on time; nothing where all is well."""
    ledger = _Ledger(plan, instance)
    return [*ledger.trips(), *ledger.vehicles(), *ledger.docks(), *ledger.stock(), *ledger.goods()]


def _up(number: int, by: int) -> int:
    return -(-number // by)


def unit_items(instance: Instance, region: Region) -> dict[str, list[Items]]:
    """Of each part the items of each unit of a region."""
    unit = instance.settings.unit
    number = region.counts.get(unit, 0)
    found: dict[str, list[Items]] = {}
    for item in instance.items:
        rows = found.setdefault(item.part, [{} for _ in range(number)])
        reserve = 10_000 + item.reserve_bp
        whole = 1 if item.per == "region" else region.counts.get(item.per, 0)
        if item.per == "region" or item.rounding is Rounding.REGION:
            if rows:
                rows[0][item.id] = _up(item.quantity * whole * reserve, 10_000)
            continue
        for at, row in enumerate(rows):
            share = 1 if item.per == unit else whole // number + (at < whole % number)
            row[item.id] = _up(item.quantity * share * reserve, 10_000)
    return {part: rows for part, rows in found.items() if any(any(row.values()) for row in rows)}


class _Ledger:
    def __init__(self, plan: Plan, instance: Instance) -> None:
        self.plan, self.instance = plan, instance
        self.regions = {one.id: one for one in instance.regions}
        self.hubs = {one.id: one for one in instance.hubs if instance.settings.chain is not Chain.NONE}
        self.items = {one.id: one for one in instance.items}
        self.kinds = {one.id: one for one in instance.vehicles}
        self.edges = {one.id: one for one in instance.edges}
        self.known = {one.id: one for one in instance.known_trips}
        self.units = {one.id: unit_items(instance, one) for one in instance.regions}

    # ------------------------------------------------------------ goods of a trip

    def load(self, trip: Trip, only: int | None = None) -> Items:
        """Items of a trip, or of one stop of it."""
        found: Items = defaultdict(int)
        for number, stop in enumerate(trip.stops):
            if only not in (None, number):
                continue
            for one in stop.items:
                found[one.item_id] += one.quantity
            for one in stop.deliveries:
                rows = self.units.get(one.region_id, {}).get(one.part, [])
                for row in rows[max(0, one.first_unit) : max(0, one.first_unit + one.units)]:
                    for item, quantity in row.items():
                        found[item] += quantity
        return found

    def sizes(self, load: Items) -> tuple[int, int, int]:
        rows = [(self.items[name], number) for name, number in load.items() if name in self.items]
        return (
            sum(item.mass_g * number for item, number in rows),
            sum(item.volume_cm3 * number for item, number in rows),
            sum(item.pieces * number for item, number in rows),
        )

    # ------------------------------------------------------------ trips by themselves

    def trips(self) -> Iterator[str]:
        for trip in self.plan.trips:
            kind = self.kinds.get(trip.vehicle_type)
            if kind is None:
                yield f"{trip.id}: no such type"
                continue
            names = {f"{kind.id}-{number:02d}" for number in range(1, kind.number + 1)}
            if trip.vehicle_id not in names:
                yield f"{trip.id}: no such vehicle"
            if trip.origin_id != (kind.home or kind.warehouse):
                yield f"{trip.id}: not from its home"
            if trip.broken is not None or any(stop.fetched for stop in trip.stops):
                yield f"{trip.id}: a breakdown that nobody told"
            mass_g, volume_cm3, pieces = self.sizes(self.load(trip))
            if mass_g > kind.mass_kg * 1000 or volume_cm3 > kind.volume_dm3 * 1000:
                yield f"{trip.id}: too much"
            if kind.pieces is not None and pieces > kind.pieces:
                yield f"{trip.id}: too many pieces"
            if trip.depart_s - trip.load_start_s < kind.load_fixed_s + kind.load_piece_s * pieces:
                yield f"{trip.id}: loaded too quickly"
            yield from self._way(trip)

    def _way(self, trip: Trip) -> Iterator[str]:
        kind = self.kinds[trip.vehicle_type]
        now, here = trip.depart_s, trip.origin_id
        if trip.load_start_s < 0:
            yield f"{trip.id}: before the start"
        for number, stop in enumerate(trip.stops):
            yield from self._leg(trip, stop.leg, here, stop.node_id, now)
            if stop.start_s < stop.leg.arrive_s:
                yield f"{trip.id}: served before it was there"
            region = self.regions.get(stop.node_id)
            pieces = self.sizes(self.load(trip, number))[2]
            least = (0 if region is None else region.handover_s) + kind.unload_piece_s * pieces
            if stop.end_s - stop.start_s < least:
                yield f"{trip.id}: served too quickly"
            now, here = stop.end_s, stop.node_id
        if trip.back is not None:
            yield from self._leg(trip, trip.back, here, trip.origin_id, now)
            now = trip.back.arrive_s
        elif not kind.open_end:
            yield f"{trip.id}: does not come back"
        if trip.end_s < now:
            yield f"{trip.id}: ends before it is over"

    def _leg(self, trip: Trip, leg: Leg, begin: str, end: str, ready_s: int) -> Iterator[str]:
        kind = self.kinds[trip.vehicle_type]
        node, least = begin, 0
        shut = {row.edge for row in self.instance.closures if row.from_s is None and row.until_s is None}
        for step in leg.path:
            if step.kind is StepKind.KNOWN:
                row = self.known.get(step.ref)
                if row is None or row.from_node != node:
                    yield f"{trip.id}: no such trip is known"
                    return
                node, least = row.to_node, least + row.time_s
                continue
            edge = self.edges.get(step.ref)
            if edge is None or edge.mode not in kind.modes or (step.ref in shut):
                yield f"{trip.id}: cannot go over {step.ref}"
                return
            forward = step.kind is StepKind.FORWARD
            ends = (edge.from_node, edge.to_node) if forward else (edge.to_node, edge.from_node)
            time_s = edge.time_s if forward else edge.time_back_s
            if ends[0] != node or time_s is None:
                yield f"{trip.id}: no way over {step.ref} from {node}"
                return
            node = ends[1]
            upstream = edge.mode is Mode.RIVER and not forward and kind.upstream_percent
            percent = upstream or kind.speed_percent
            least += (2 * time_s * 100 + percent) // (2 * percent)
        if node != end:
            yield f"{trip.id}: the way does not lead to {end}"
        if leg.depart_s < ready_s:
            yield f"{trip.id}: left too early"
        if leg.arrive_s - leg.depart_s < least:
            yield f"{trip.id}: too fast by {least - leg.arrive_s + leg.depart_s}"

    # ------------------------------------------------------------ trips together

    def vehicles(self) -> Iterator[str]:
        by_vehicle = defaultdict(list)
        for trip in self.plan.trips:
            by_vehicle[trip.vehicle_id].append(trip)
        for name, trips in by_vehicle.items():
            trips.sort(key=lambda one: (one.load_start_s, one.end_s))
            for before, after in zip(trips, trips[1:], strict=False):
                if after.load_start_s < before.end_s or before.back is None:
                    yield f"{name}: two trips at once"

    def docks(self) -> Iterator[str]:
        number = {
            one.id: one.docks for table in (self.instance.warehouses, self.instance.hubs) for one in table
        }
        at_dock = defaultdict(list)
        for trip in self.plan.trips:
            if not 1 <= trip.dock <= number.get(trip.origin_id, 0):
                yield f"{trip.id}: no such dock"
            if trip.depart_s > trip.load_start_s:
                at_dock[trip.origin_id, trip.dock].append((trip.load_start_s, trip.depart_s))
        for dock, loads in at_dock.items():
            loads.sort()
            if any(second[0] < first[1] for first, second in zip(loads, loads[1:], strict=False)):
                yield f"{dock}: two loads at once"

    def stock(self) -> Iterator[str]:
        rows = {(row.warehouse, row.item) for row in self.instance.stock}
        for store in rows:
            changes = [
                (row.available_s or 0, 0, row.quantity)
                for row in self.instance.stock
                if (row.warehouse, row.item) == store
            ]
            for trip in self.plan.trips:
                if trip.origin_id == store[0]:
                    changes.append((trip.load_start_s, 1, -self.load(trip).get(store[1], 0)))
                for stop in trip.stops:
                    changes += [
                        (stop.end_s, 0, one.quantity)
                        for one in stop.items
                        if (stop.node_id, one.item_id) == store
                    ]
            there = 0
            for _, _, change in sorted(changes):
                there += change
                if there < 0:
                    yield f"{store}: more than had come"
                    break

    # ------------------------------------------------------------ goods and regions

    def goods(self) -> Iterator[str]:
        """Each unit once at each place of its way, nothing before it came; every region on time."""
        seen: dict[
            tuple[str, str, str, int], int
        ] = {}  # place, region, part and unit: when it is ready there
        trips = sorted(self.plan.trips, key=lambda one: one.load_start_s)
        pieces_of = {
            id(stop): self.sizes(self.load(trip, n))[2] for trip in trips for n, stop in enumerate(trip.stops)
        }
        for trip in trips:
            for stop in trip.stops:
                hub = self.hubs.get(stop.node_id)
                for one in stop.deliveries:
                    for unit in range(one.first_unit, one.first_unit + max(0, one.units)):
                        key = (stop.node_id, one.region_id, one.part, unit)
                        if key in seen or not 0 <= unit < len(
                            self.units.get(one.region_id, {}).get(one.part, [])
                        ):
                            yield f"{key}: twice, or no such unit"
                        rest = 0
                        if hub is not None:
                            rest = hub.transfer_fixed_s + hub.transfer_piece_s * pieces_of[id(stop)]
                        elif stop.node_id != one.region_id:
                            yield f"{key}: handed over elsewhere"
                        seen[key] = stop.end_s + rest
        taken: set[tuple[str, str, str, int]] = set()
        for trip in trips:
            for stop in trip.stops:
                for one in stop.deliveries:
                    for unit in range(one.first_unit, one.first_unit + max(0, one.units)):
                        yield from self._taken(trip, one.region_id, one.part, unit, seen, taken)
        yield from self._receipts(seen)

    def _taken(
        self,
        trip: Trip,
        region: str,
        part: str,
        unit: int,
        seen: dict[tuple[str, str, str, int], int],
        taken: set[tuple[str, str, str, int]],
    ) -> Iterator[str]:
        key = (trip.origin_id, region, part, unit)
        if key in taken:
            yield f"{key}: loaded twice"
        taken.add(key)
        if trip.origin_id in self.hubs:
            if key not in seen or trip.load_start_s < seen[key]:
                yield f"{key}: loaded before it had come"
        elif region in self.regions and self.regions[region].warehouse != trip.origin_id:
            yield f"{key}: from another warehouse"

    def _receipts(self, seen: dict[tuple[str, str, str, int], int]) -> Iterator[str]:
        for region in self.instance.regions:
            deadline_s = self._deadline(region)
            for part, rows in self.units[region.id].items():
                for unit in range(len(rows)):
                    at_s = seen.get((region.id, region.id, part, unit))
                    if at_s is None or at_s >= deadline_s:
                        yield f"{region.id}: not on time ({part} {unit})"

    def _deadline(self, region: Region) -> int:
        rows: dict[str, Deadline] = {
            row.place: row for row in self.instance.deadlines if row.echelon is Echelon.REGION
        }
        for place in (region.id, region.subarea, region.area, ""):
            if place in rows and rows[place].deadline_s is not None:
                return rows[place].deadline_s or 0
        return self.instance.settings.deadline_s
