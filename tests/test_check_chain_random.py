"""Random chains of hubs: plans made leg by leg pass the check, and no region receives before its bound.

Each place has one edge, to the place it is supplied from; each trip carries one consignment to the next place
and comes home. What a trip costs and when it ends is worked out here, apart from the checker.
"""

from dataclasses import dataclass, field, replace
from fractions import Fraction

from hypothesis import given, settings
from hypothesis import strategies as st
from worlds import CLOCK, DAY, road, store, truck, village, world

from planner.instance.digest import digest
from planner.instance.schema import Chain, Deadline, Echelon, Hub, HubKind, Mode
from planner.plans.model import (
    Component,
    Delivery,
    Leg,
    Plan,
    ReasonCode,
    RegionResult,
    RegionStatus,
    Status,
    Step,
    StepKind,
    Stop,
    StopReason,
    Trip,
)
from planner.proof.check import check_plan
from planner.proof.impossibility import earliest_receipt, types_reaching
from planner.proof.world import World

_TIMES = st.integers(60, 9000)


@st.composite
def chain_worlds(draw):
    """One warehouse, up to four hubs, a road or river from each place to the one before it."""
    names = [f"H{idx}" for idx in range(draw(st.integers(1, 4)))]
    vias = {name: draw(st.sampled_from(["", *names[:idx]])) for idx, name in enumerate(names)}
    homes = {region: draw(st.sampled_from(["", *names])) for region in "ABC"[: draw(st.integers(1, 3))]}
    hubs = [
        Hub(
            id=name,
            name=name,
            kind=HubKind.PORT,
            lat=0.0,
            lon=117.0,
            via=vias[name],
            transfer_fixed_s=60 * draw(st.integers(0, 30)),
            transfer_piece_s=draw(st.integers(0, 50)),
            price_piece=draw(st.integers(0, 90)),
        )
        for name in names
    ]
    kinds = [
        truck(
            f"K{home}",
            home=home,
            mass_kg=100,
            modes=(draw(st.sampled_from([Mode.ROAD, Mode.RIVER])),),
            speed_percent=draw(st.integers(60, 150)),
            load_fixed_s=60 * draw(st.integers(0, 20)),
            load_piece_s=draw(st.integers(0, 90)),
            unload_piece_s=draw(st.integers(0, 90)),
            price_trip=draw(st.integers(0, 900)),
            price_km=draw(st.integers(0, 900)),
            price_hour=draw(st.integers(0, 900)),
        )
        for home in ["", *names]
    ]
    modes = {kind.home: kind.modes[0] for kind in kinds}
    edges = [
        road(
            f"e{to}",
            start or "W",
            to,
            draw(_TIMES),
            draw(_TIMES),
            draw(st.integers(1, 90_000)),
            mode=modes[start],
        )
        for to, start in (vias | homes).items()
    ]
    if draw(st.booleans()):  # the warehouse's vehicles may go everywhere, too
        edges += [
            road(f"s{to}", "W", to, draw(_TIMES), draw(_TIMES), mode=modes[""]) for to in homes if homes[to]
        ]
    regions = [village(name, boxes=draw(st.integers(1, 5)), hub=hub) for name, hub in homes.items()]
    row = Deadline(
        echelon=Echelon.HUB,
        place=draw(st.sampled_from(["", *names])),
        deadline_s=draw(st.sampled_from([9000, 20_000, DAY])),
    )
    return world(
        regions,
        kinds,
        edges,
        horizon_s=9 * DAY,
        deadline_s=9 * DAY,
        hubs=tuple(hubs),
        warehouses=(store(),),
        deadlines=(row,),
        settings={"chain": draw(st.sampled_from([Chain.REQUIRED, Chain.ALLOWED]))},
    )


@dataclass
class Planner:
    """Sends everything on its way, one trip for each leg; each home has one vehicle and one dock."""

    instance: object
    free: dict = field(default_factory=dict)
    trips: list = field(default_factory=list)
    late: set = field(default_factory=set)

    def send(self, region, places):
        """Carry a region's boxes from place to place; the receipt."""
        hubs = {one.id: one for one in self.instance.hubs}
        pieces, ready = region.counts["boxes"], 0
        for start, end in zip(places, places[1:], strict=False):
            stop = self._trip(start, end, region, pieces, ready)
            if end in hubs:
                ready = stop.end_s + hubs[end].transfer_fixed_s + hubs[end].transfer_piece_s * pieces
                for row in self.instance.deadlines:
                    if row.place in {"", end} and stop.end_s >= row.deadline_s:
                        self.late.add(region.id)
        return stop.end_s

    def _trip(self, start, end, region, pieces, ready):
        kind = next(one for one in self.instance.vehicles if (one.home or "W") == start)
        edges = [one for one in self.instance.edges if (one.from_node, one.to_node) == (start, end)]
        hub = next((one for one in self.instance.hubs if one.id == end), None)
        edge = edges[0]
        times = [
            int(Fraction(one * 100, kind.speed_percent) + Fraction(1, 2))
            for one in (edge.time_s, edge.time_back_s)
        ]
        begin = max(ready, self.free.get(start, 0))
        depart = begin + kind.load_fixed_s + kind.load_piece_s * pieces
        arrive = depart + times[0]
        served = arrive + (0 if hub else region.handover_s) + kind.unload_piece_s * pieces
        home = self.free[start] = served + times[1]
        exact = Fraction(kind.price_km * 2 * edge.length_m, 1000) + Fraction(
            kind.price_hour * (home - begin), 3600
        )
        cost = kind.price_trip + int(exact + Fraction(1, 2)) + (hub.price_piece * pieces if hub else 0)
        load = (10_000 * pieces, 10_000 * pieces, pieces)
        item = Delivery(f"{region.id}/1", region.id, "main", 0, pieces, *load)
        there = Leg(start, end, depart, arrive, edge.length_m, (Step(StepKind.FORWARD, edge.id),))
        back = Leg(end, start, served, home, edge.length_m, (Step(StepKind.BACK, edge.id),))
        stop = Stop(end, there, arrive, served, (item,))
        name = f"W-{len(self.trips) + 1}"
        head = (name, f"{kind.id}-01", kind.id, start, 1, begin, depart, (stop,), back, home)
        self.trips.append(Trip(*head, *load, 2 * edge.length_m, home - begin, cost))
        return stop


def way_of(instance, region):
    vias = {one.id: one.via for one in instance.hubs}
    way, name = [region.id], region.hub
    while name:
        way.insert(0, name)
        name = vias[name]
    return ["W", *way]


def plan_of(instance, straight):
    """A plan of all regions; those named go straight."""
    maker = Planner(instance)
    received = {}
    for region in instance.regions:
        way = ["W", region.id] if region.id in straight else way_of(instance, region)
        received[region.id] = maker.send(region, way)
    regions = tuple(
        RegionResult(name, RegionStatus.LATE, end_s, 9 * DAY, ReasonCode.HUB_LATE)
        if name in maker.late
        else RegionResult(name, RegionStatus.ON_TIME, end_s, 9 * DAY)
        for name, end_s in received.items()
    )
    status = Status.LATE if maker.late else Status.ON_TIME
    cost = sum(one.cost for one in maker.trips)
    component = Component("W", status, StopReason.COMPLETE, tuple(received), cost, cost)
    head = ("world", digest(instance), "0", {}, status, 0, "IDR", cost)
    return Plan(*head, (component,), tuple(maker.trips), regions)


def straight_regions(instance):
    """Regions behind hubs that the warehouse's vehicles reach without them."""
    if instance.settings.chain is not Chain.ALLOWED:
        return set()
    return {one.to_node for one in instance.edges if one.id.startswith("s")}


@settings(max_examples=200, deadline=None)
@given(chain_worlds(), st.data())
def test_a_plan_made_leg_by_leg_passes_and_keeps_every_bound(instance, data):
    able = sorted(straight_regions(instance))
    straight = {name for name in able if data.draw(st.booleans())}
    plan = plan_of(instance, straight)
    verdict = check_plan(plan, CLOCK, instance)
    assert [(one.rule, one.text) for one in verdict.violations] == []
    own = World(instance)
    for result in plan.regions:
        region = instance.region_of[result.region_id]
        assert types_reaching(own, region)
        assert earliest_receipt(own, region) <= result.received_s


@settings(max_examples=100, deadline=None)
@given(chain_worlds(), st.data())
def test_a_trip_that_is_left_out_or_loads_a_second_early_is_caught(instance, data):
    plan = plan_of(instance, set())
    idx = data.draw(st.integers(0, len(plan.trips) - 1))
    less = replace(plan, trips=plan.trips[:idx] + plan.trips[idx + 1 :])
    assert {"chain", "exactly_once"} & {one.rule for one in check_plan(less, CLOCK, instance).violations}
    early = replace(plan.trips[idx], load_start_s=plan.trips[idx].load_start_s - 1)
    moved = replace(plan, trips=(*plan.trips[:idx], early, *plan.trips[idx + 1 :]))
    assert not check_plan(moved, CLOCK, instance).passed
