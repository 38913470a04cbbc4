"""Goods come to a hub that cannot hold all of them when it is their turn; then it is never too full."""

from dataclasses import replace

import pytest

from planner.instance.schema import Chain, Mode
from planner.plans.model import Status
from planner.propose.sisr import engine
from planner.search.component import ComponentSearch, SearchOptions
from planner.search.hub_capacity import HubDueDates, is_tight
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve
from tests.chain_worlds import chain_world
from tests.hub_plan import INSTANCE, T2, T3
from tests.test_chain import hand_solution
from tests.worlds import BOX, hub, road, truck, village, world

pytestmark = pytest.mark.usefixtures("short_searches")

# Loading one piece, the way to the hub, unloading it.
WAY = 600 + 60 + 2700 + 30


def asked(**hub):
    found = hand_solution(**hub)
    hub_dues = HubDueDates.nothing(found.echelons)
    able = hub_dues.ask(found.echelons, 1, found.parts[1], 600)
    return found, hub_dues, able


def sources(found, trip):
    (mine,) = (
        one.candidate.route.consignments
        for one in found.parts[1].assignments
        if one.timing.load_start_s == trip.load_start_s
    )
    return [found.echelons.each[1].source[idx] for idx in mine]


def test_what_has_room_together_is_due_at_the_latest_starts():
    found, hub_dues, able = asked(storage_dm3=300)
    assert (able, hub_dues.not_before, is_tight(found.echelons, 1)) == (True, {}, False)
    assert all(hub_dues.dues[0][one] >= T2.load_start_s - 600 + 1 for one in sources(found, T2))
    assert not asked(storage_dm3=None)[1].not_before


def test_what_a_plan_needs_at_a_hub_is_due_when_its_trips_load_it():
    found = hand_solution(storage_dm3=None)
    hub_dues = HubDueDates.as_in(found)
    transfer_s = {one.ready_s - one.end_s for one in found.unloadings(1)}.pop()
    for trip in (T2, T3):
        assert {hub_dues.dues[0][one] for one in sources(found, trip)} == {trip.load_start_s - transfer_s + 1}
    assert all(one.end_s < hub_dues.dues[0][idx] for one in found.unloadings(1) for idx in one.consignments)


def test_what_has_no_room_comes_when_the_trip_before_it_has_left():
    found, hub_dues, able = asked(storage_dm3=200)
    first, (last,) = sources(found, T2), sources(found, T3)
    assert is_tight(found.echelons, 1)
    assert hub_dues.not_before == {(0, last): T2.load_start_s - WAY}
    assert [hub_dues.dues[0][one] for one in first] == [T2.load_start_s - 600 + 1] * 2  # as planned
    assert hub_dues.dues[0][last] > T2.load_start_s
    assert able


def test_where_all_must_have_come_before_anything_leaves_there_is_no_time_for_it():
    instance = replace(
        INSTANCE, deadlines=tuple(replace(one, deadline_s=T2.load_start_s) for one in INSTANCE.deadlines)
    )
    found = hand_solution(instance, storage_dm3=200)
    assert not HubDueDates.nothing(found.echelons).ask(found.echelons, 1, found.parts[1], 600)


def test_asking_again_forgets_what_was_asked_before():
    found, hub_dues, _ = asked(storage_dm3=200)
    hub_dues.ask(hand_solution(storage_dm3=300).echelons, 1, found.parts[1], 600)
    assert not hub_dues.not_before


def test_a_hub_whose_goods_come_in_turn_is_never_too_full(monkeypatch):
    monkeypatch.setattr(engine, "_PER_EFFORT", 200)
    turns = 0
    for seed in range(12):
        instance = chain_world(("storage", "transfer", "types"), seed, large=seed % 2 == 0)
        regions = instance.regions
        search = ComponentSearch(
            instance, "W", regions, options=SearchOptions(effort=1), hear=lambda _found: None
        )
        search.go_on(None)
        best, echelons = search.incumbent, search.incumbent.echelons
        hub_dues = HubDueDates.nothing(echelons)
        for number, echelon in enumerate(echelons.each):
            if number == 0:
                continue
            hub_dues.ask(echelons, number, best.parts[number], 0)
            above = echelons.each[echelon.above].problem
            changes = []
            for one in best.parts[number].assignments:
                for idx in one.candidate.route.consignments:
                    source = echelon.source[idx]
                    goods = above.consignments[source]
                    held_s, come_s = hub_dues.not_before.get((echelon.above, source)), 0
                    if held_s is not None:
                        turns += 1
                        assert is_tight(echelons, number)
                        come_s = (
                            min(
                                above.fleet[kind].time_between(0, above.place(goods.region))
                                + above.fleet[kind].load_fixed_s
                                + (above.fleet[kind].load_piece_s + above.fleet[kind].unload_piece_s)
                                * goods.pieces
                                + int(above.handover_s[goods.region])
                                for kind in range(len(above.fleet))
                                if above.fleet[kind].serves[goods.region]
                            )
                            + held_s
                        )
                    changes.append((come_s, goods.volume_cm3))
                    changes.append((one.timing.load_start_s, -goods.volume_cm3))
                    assert come_s <= one.timing.load_start_s
            if echelon.storage_cm3 is None:
                continue
            for moment in {moment for moment, _ in changes}:
                lies_cm3 = sum(volume for at, volume in changes if at <= moment)
                assert lies_cm3 <= echelon.storage_cm3, (seed, moment)
    assert turns > 0


@pytest.mark.parametrize(("regions", "storage_dm3", "cost"), [("A", 1600, 480), ("AB", 1600, 740)])
def test_no_more_comes_to_a_hub_at_once_than_there_is_room_for(regions, storage_dm3, cost):
    """Five boxes of 400 dm³ for each village pass a hub with room for four: by hand four and one, twice.

    A truck is on its way for 2 h at 10 an hour and 100 a trip, a boat likewise; for two villages a trip of
    each that is full of both saves one of each.
    """
    prices = {"price_trip": 100, "price_hour": 10}
    kinds = [
        truck(volume_dm3=10_000, **prices),
        truck("V", number=2, home="H", volume_dm3=5000, modes=(Mode.RIVER,), **prices),
    ]
    edges = [road("wh", "W", "H", 3600)]
    edges += [road(f"h{one}".lower(), "H", one, 3600, mode=Mode.RIVER) for one in regions]
    place = replace(hub("H"), storage_dm3=storage_dm3, transfer_fixed_s=600)
    instance = world(
        [village(one, boxes=5, hub="H", handover_s=0) for one in regions],
        kinds,
        edges,
        hubs=(place,),
        items=(replace(BOX, volume_cm3=400_000),),
        settings={"chain": Chain.REQUIRED},
    )
    plan = solve(instance, SolveOptions(effort=1, workers=0)).plan
    assert (plan.status, plan.cost) == (Status.ON_TIME, cost)
