"""Verification of proofs that a region cannot be on time, from the files alone."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from planner.base.clock import parse_instant
from planner.instance.schema import Overnight, Region, VehicleType
from planner.plans.model import Proof, ProofKind
from planner.proof.calendars import Interval
from planner.proof.chain_bounds import chain_crossing_edges, chain_earliest_receipt
from planner.proof.kit import Load
from planner.proof.needs import carries, largest_unit, parts_of, smallest_unit
from planner.proof.stocks import (
    all_there_from_s,
    deliverable,
    last_to_come,
    stock_before,
    types_reaching,
)
from planner.proof.verdict import Measure
from planner.proof.world import World

__all__ = ["Flaw", "crossing_edges", "earliest_receipt", "flaws", "last_to_come", "types_reaching"]


@dataclass(frozen=True, slots=True)
class Flaw:
    """Why a proof does not hold for a region."""

    region: str
    claimed: str
    expected: str
    amount: int = 1
    measure: Measure = Measure.CASES


@dataclass(frozen=True)
class _Case:
    """A proof, and the component that holds it."""

    world: World
    proof: Proof
    component: Sequence[str]
    left_out: Collection[str]  # regions that the component's stock proofs list

    @cached_property
    def needs(self) -> Mapping[str, Mapping[str, int]]:
        """Items that can get to each region of the component, in some vehicle and at some time."""
        regions = self.world.instance.region_of
        return {name: deliverable(self.world, regions[name]) for name in self.component if name in regions}

    @cached_property
    def last_s(self) -> int:
        """Last deadline of the component's regions."""
        regions = [self.world.instance.region_of[name] for name in self.needs]
        return max((self.world.deadline_s(one) for one in regions), default=0)

    @cached_property
    def stock(self) -> Mapping[str, int]:
        """Quantity of each item that may be there before the last deadline of the component's regions."""
        warehouses = {self.world.instance.region_of[name].warehouse for name in self.needs}
        return stock_before(self.world, warehouses, self.last_s)

    @cached_property
    def all_needed(self) -> Mapping[str, int]:
        """What all regions need of each item in stock."""
        return self._needed_by(self.needs)

    @cached_property
    def others_needed(self) -> Mapping[str, int]:
        """What the regions need that no stock proof lists, of each item in stock."""
        return self._needed_by(set(self.needs) - set(self.left_out))

    def _needed_by(self, names: Collection[str]) -> Mapping[str, int]:
        return {item: sum(self.needs[name].get(item, 0) for name in names) for item in self.stock}


def flaws(world: World, proof: Proof, component: Sequence[str], left_out: Collection[str]) -> list[Flaw]:
    """Find what is wrong with a proof: nothing where it is verified.

    Parameters
    ----------
    world, proof
        What the files say, and what is claimed.
    component
        Ids of the regions of the component that holds the proof.
    left_out
        Ids of the regions that any stock proof of the component lists.
    """
    if not proof.regions:
        return [Flaw("", "", "1")]
    found: list[Flaw] = []
    members = set(component)
    case = _Case(world, proof, component, left_out)
    for name in proof.regions:
        region = world.instance.region_of.get(name)
        if region is None or name not in members:
            found.append(Flaw(name, name, ""))
        elif not world.kit.needs(region):
            found.append(Flaw(name, proof.kind.value, ""))
        else:
            found.extend(_CHECKS[proof.kind](case, region))
    return found


def _cut(case: _Case, region: Region) -> Iterator[Flaw]:
    world, proof = case.world, case.proof
    reaching = types_reaching(world, region)
    if reaching:
        yield Flaw(region.id, ProofKind.CUT.value, reaching[0].id, len(reaching))
        return
    crossing = crossing_edges(world, region)
    if crossing and not proof.edges:
        yield Flaw(region.id, "", "+".join(sorted(crossing)), len(crossing))
    for edge in proof.edges:
        if edge not in crossing:
            yield Flaw(region.id, edge, "+".join(sorted(crossing)))


def crossing_edges(world: World, region: Region) -> set[str]:
    """Edges between what is reached and the side of the region."""
    if world.chained:
        return chain_crossing_edges(world, region)
    places = world.places(region.warehouse)
    reached = {region.warehouse}.union(
        *(world.ways.least_times(kind, places) for kind in world.types_of(region.warehouse))
    )
    return world.ways.border(reached, region.id)


def _capacity(case: _Case, region: Region) -> Iterator[Flaw]:
    world = case.world
    reaching = world.types_of(region.warehouse) if world.chained else types_reaching(world, region)
    units = [largest_unit(world, region, part) for part in world.kit.needs(region)]
    carriers = min(([kind.id for kind in reaching if carries(kind, unit)] for unit in units), key=len)
    if carriers:
        yield Flaw(region.id, ProofKind.CAPACITY.value, "+".join(carriers), len(carriers))


def _stock(case: _Case, region: Region) -> Iterator[Flaw]:
    """Check that the named items (or any one) are short, and that this region must be among those left out.

    Notes
    -----
    Whoever is listed must exceed the stock of an item together with all who are not: so nobody is left out
    for whom there would be enough.
    """
    stock, before = case.stock, case.proof.figures.get("before")
    if before is not None and before != case.world.clock.text(case.last_s):
        yield Flaw(region.id, before, case.world.clock.text(case.last_s))
        return
    named = [item for item in case.proof.figures.get("items", "").split("+") if item]
    spare = {item: stock.get(item, 0) - case.all_needed.get(item, 0) for item in named}
    not_short = [
        Flaw(region.id, item, "", 1 + left, Measure.PIECES) for item, left in spare.items() if left >= 0
    ]
    if not_short:
        yield from not_short
        return
    own = case.needs.get(region.id, {})
    causes = [item for item in named or sorted(stock) if item in stock and own.get(item, 0)]
    if not causes:
        yield Flaw(region.id, "+".join(named), "")
        return
    needed = {item: case.others_needed[item] + own[item] for item in causes}
    item = max(causes, key=lambda one: needed[one] - stock[one])
    if needed[item] <= stock[item]:
        enough = stock[item] - needed[item] + 1
        yield Flaw(region.id, f"{item} > {stock[item]}", f"{item} {needed[item]}", enough, Measure.PIECES)


def _earliest_arrival(case: _Case, region: Region) -> Iterator[Flaw]:
    world, proof = case.world, case.proof
    yield from _item(case, region)
    deadline_s = world.deadline_s(region)
    own_s = earliest_receipt(world, region)
    own = "" if own_s is None else world.clock.text(own_s)
    if own_s is not None and own_s < deadline_s:
        yield Flaw(region.id, proof.figures.get("earliest", ""), own, deadline_s - own_s, Measure.SECONDS)
        return
    claimed = proof.figures.get("earliest", "")
    if own_s is None and not claimed:
        return
    try:
        claimed_s = world.clock.seconds(parse_instant(claimed))
    except (ValueError, OverflowError):
        yield Flaw(region.id, claimed, own)
        return
    if claimed_s < deadline_s:
        yield Flaw(region.id, claimed, own, deadline_s - claimed_s, Measure.SECONDS)
    elif own_s is not None and claimed_s > own_s:
        yield Flaw(region.id, claimed, own, claimed_s - own_s, Measure.SECONDS)


def _item(case: _Case, region: Region) -> Iterator[Flaw]:
    """Check that the item that a proof names as the cause comes last of all, and when."""
    named, figures = case.proof.figures.get("item"), case.proof.figures
    if named is None:
        return
    own_s, items = last_to_come(case.world, region)
    own = "" if own_s is None else case.world.clock.text(own_s)
    if named not in items or figures.get("available", "") != own or own_s == 0:
        claimed = f"{named} {figures.get('available', '')}".strip()
        yield Flaw(region.id, claimed, f"{'+'.join(sorted(items))} {own}".strip())


def earliest_receipt(world: World, region: Region) -> int | None:
    """No plan hands over everything to a region before this second; None: not within the calendars.

    Notes
    -----
    For each part the unit with most to handle travels alone, by the type and the hours that bring
    it first; other vehicles, docks and what other regions take from the stock are left out, and ``stop``
    is relaxed to ``anywhere``. Hours and closures of edges hold, but not together with pauses: what arrives
    later of both counts. The unit is loaded when its items have come. The region has received when its
    last part has come, and not before some unit that is loaded when all its items have. Under a chain this is
    `chain_earliest_receipt`.
    """
    if world.chained:
        return chain_earliest_receipt(world, region)
    latest = 0
    for part in world.kit.needs(region):
        receipt = _earliest_alone(world, region, largest_unit(world, region, part))
        if receipt is None:
            return None
        latest = max(latest, receipt)
    for item, parts in parts_of(world, region).items():
        come_s = all_there_from_s(world, region, {item: sum(parts.values())})
        if come_s == 0:
            continue
        lasts = [smallest_unit(world, region, part) for part in parts] if come_s is not None else []
        receipts = [_earliest_alone(world, region, unit, come_s or 0) for unit in lasts]
        known = [one for one in receipts if one is not None]
        if not known:
            return None
        latest = max(latest, min(known))
    return latest


def _earliest_alone(world: World, region: Region, unit: Load, not_before_s: int = 0) -> int | None:
    """Earliest receipt of one unit that travels alone, loaded when it may and not before a moment."""
    come_s = all_there_from_s(world, region, unit.items)
    if come_s is None:
        return None
    ready_s = max(come_s, not_before_s, world.release_s(region))
    receipts = (
        _earliest_by(world, kind, region, unit, ready_s)
        for kind in world.types_of(region.warehouse)
        if carries(kind, unit)
    )
    return min((receipt for receipt in receipts if receipt is not None), default=None)


@dataclass(frozen=True, slots=True)
class _Journey:
    """A trip to one region alone: from when it may load, and how long its pieces last."""

    kind: VehicleType
    region: Region
    ready_s: int
    load_s: int
    out_s: int
    serve_s: int
    back_s: int

    @property
    def work_s(self) -> int:
        return self.load_s + self.out_s + self.serve_s + self.back_s


def _earliest_by(world: World, kind: VehicleType, region: Region, unit: Load, ready_s: int) -> int | None:
    places = world.places(kind.warehouse)
    out_s = _least_out(world, kind, region)
    back_s = 0 if kind.open_end else world.ways.least_times(kind, places, back=True).get(region.id)
    if out_s is None or back_s is None:
        return None
    journey = _Journey(
        kind,
        region,
        ready_s,
        load_s=kind.load_fixed_s + kind.load_piece_s * unit.pieces,
        out_s=out_s,
        serve_s=region.handover_s + kind.unload_piece_s * unit.pieces,
        back_s=back_s,
    )
    return _by_shift(world, journey) if kind.overnight is Overnight.HOME else _by_pauses(world, journey)


def _least_out(world: World, kind: VehicleType, region: Region) -> int | None:
    """Least time from home to a region, hand-overs on the way included where there must be some.

    Notes
    -----
    A known trip may be slower than the network and holds all the same. The last leg then starts at
    home, or at another region after a hand-over there.
    """
    places = world.places(kind.warehouse)
    least = world.ways.least_times(kind, places)
    if not world.ways.has_known_to(kind, region.id, places):
        return least.get(region.id)
    last_legs = world.ways.leg_times_to(kind, region.id, places)
    ways = [last_legs[kind.warehouse]] if kind.warehouse in last_legs else []
    for other in world.regions_of.get(kind.warehouse, ()):
        reached_s = least.get(other.id)
        if reached_s is not None and other.id in last_legs:
            ways.append(reached_s + other.handover_s + last_legs[other.id])
    return min(ways, default=None)


def _by_shift(world: World, journey: _Journey) -> int | None:
    """Earliest receipt where the whole trip lies in one shift."""
    calendars, kind = world.calendars, journey.kind
    for shift in calendars.intervals(kind.calendar):
        load_start_s = _first_fit(
            _opening(world, kind), [shift], max(journey.ready_s, shift[0]), journey.load_s
        )
        if load_start_s is None:
            continue
        arrive_s = _arrival(world, journey, load_start_s + journey.load_s)
        start_s = None if arrive_s is None else _service(world, journey, [shift], arrive_s)
        if start_s is None:
            continue
        home_s = _return(world, journey, start_s + journey.serve_s)
        if home_s is None or home_s > shift[1]:
            continue
        # In a shift across midnight a later start might share the work between two days.
        one_day = calendars.day_index(shift[0]) == calendars.day_index(shift[1] - 1)
        if kind.work_s is None or not one_day or journey.work_s <= kind.work_s:
            return start_s + journey.serve_s
    return None


def _by_pauses(world: World, journey: _Journey) -> int | None:
    """Earliest receipt where the vehicle may pause on the way."""
    calendars, kind = world.calendars, journey.kind
    shifts = calendars.intervals(kind.calendar)
    load_start_s = _first_fit(_opening(world, kind), shifts, journey.ready_s, journey.load_s)
    if load_start_s is None:
        return None
    depart_s = load_start_s + journey.load_s
    used = dict(calendars.by_day([(load_start_s, depart_s)]))
    driven, arrive_s = calendars.travel(kind.calendar, depart_s, journey.out_s, kind.work_s, used)
    if arrive_s is None:
        return None
    for day, seconds in calendars.by_day(driven).items():
        used[day] = used.get(day, 0) + seconds
    by_hours_s = _arrival(world, journey, depart_s)
    return None if by_hours_s is None else _served(world, journey, max(arrive_s, by_hours_s), used)


def _arrival(world: World, journey: _Journey, depart_s: int) -> int | None:
    """No earlier does a trip arrive that leaves at a moment or later, whatever its shifts; None: never."""
    kind = journey.kind
    if not world.passages.concern(kind):
        return depart_s + journey.out_s
    places = world.places(kind.warehouse)
    by_hours_s = world.passages.arrivals(kind, places, kind.warehouse, depart_s).get(journey.region.id)
    return None if by_hours_s is None else max(by_hours_s, depart_s + journey.out_s)


def _return(world: World, journey: _Journey, depart_s: int) -> int | None:
    """No earlier is a trip at home that leaves its region at a moment or later; None: never."""
    kind = journey.kind
    if kind.open_end or not world.passages.concern(kind):
        return depart_s + journey.back_s
    places = world.places(kind.warehouse)
    by_hours_s = world.passages.arrivals(kind, places, journey.region.id, depart_s).get(kind.warehouse)
    return None if by_hours_s is None else max(by_hours_s, depart_s + journey.back_s)


def _served(world: World, journey: _Journey, arrive_s: int, used: Mapping[int, int]) -> int | None:
    """Earliest receipt after an arrival, within a day's working time unless the service crosses midnight."""
    calendars, work_s = world.calendars, journey.kind.work_s
    shifts = calendars.intervals(journey.kind.calendar)
    start_s = _service(world, journey, shifts, arrive_s)
    while start_s is not None:
        day, end_s = calendars.day_index(start_s), start_s + journey.serve_s
        if (
            work_s is None
            or end_s > calendars.midnight(day + 1)
            or used.get(day, 0) + journey.serve_s <= work_s
        ):
            return end_s
        if day + 1 >= calendars.num_days:
            return None
        start_s = _service(world, journey, shifts, calendars.midnight(day + 1) - journey.serve_s + 1)
    return None


def _opening(world: World, kind: VehicleType) -> Sequence[Interval]:
    warehouse = world.instance.warehouse_of.get(kind.warehouse)
    return world.calendars.intervals(warehouse.calendar) if warehouse is not None else ()


def _service(world: World, journey: _Journey, shifts: Sequence[Interval], arrive_s: int) -> int | None:
    """First start of a service that its region and a shift allow."""
    ready_s = max(arrive_s, world.not_before_s(journey.region) - journey.serve_s)
    calendar = journey.region.calendar
    whole = _first_fit(world.calendars.whole_intervals(calendar), shifts, ready_s, journey.serve_s)
    # Where only the start must lie in the hours, the service itself may outlast them.
    starts = [
        (from_s, to_s - 1 + journey.serve_s) for from_s, to_s in world.calendars.start_intervals(calendar)
    ]
    begun = _first_fit(starts, shifts, ready_s, journey.serve_s)
    return min((one for one in (whole, begun) if one is not None), default=None)


def _first_fit(
    first: Sequence[Interval], second: Sequence[Interval], ready_s: int, duration_s: int
) -> int | None:
    """First start from `ready_s` on of an activity that lies in one interval of both."""
    idx = jdx = 0
    while idx < len(first) and jdx < len(second):
        start_s = max(first[idx][0], second[jdx][0], ready_s)
        if start_s + duration_s <= min(first[idx][1], second[jdx][1]):
            return start_s
        if first[idx][1] <= second[jdx][1]:
            idx += 1
        else:
            jdx += 1
    return None


_CHECKS = {
    ProofKind.CUT: _cut,
    ProofKind.CAPACITY: _capacity,
    ProofKind.STOCK: _stock,
    ProofKind.EARLIEST_ARRIVAL: _earliest_arrival,
}
