"""Docks that are handed out one after another: in list scheduling, and in a replan beside trips that stay."""

from types import SimpleNamespace as Some

from hypothesis import given
from hypothesis import strategies as st

from planner.network.calendars import Openings
from planner.problem.fixings import NO_FIXINGS
from planner.problem.fleet import Origin
from planner.problem.ledger import Docks, Ledger
from planner.replanning.greedy import one_by_one
from planner.replanning.work_clock import WorkCount

HOURS = Openings(((0, 40),))
LOADS = st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8), st.integers(0, 3)), max_size=8)


def kept_docks(docks, kept):
    found = Docks(Origin(docks, HOURS))
    for begin, end, dock in kept:
        found.keep(dock, begin, end)
    return found


def replanned(docks, kept, start_s, load_s):
    """Whether a load that can begin at one moment only finds a dock beside loads that stay."""
    timing = Some(
        load_start_s=start_s, depart_s=start_s + load_s, free_s=39, end_s=39, sure_s=(), services=(), work=()
    )
    choice = Some(
        **{"origin_id": "W", "order": (0,), "stops": (), "rest_of": "", "same_as": "", "fetches": ""},
        **{"vehicles": (0,), "fleet": 0, "cost": 0, "low_s": start_s, "high_s": start_s, "timing": timing},
        candidate=None,
    )
    kind = Some(id="truck", open_end=False, work_s=None, prices=Some(day=0))
    problem = Some(
        **{"origins": [Origin(docks, HOURS)], "fleet": [kind], "midnights": (0, 40)},
        **{"consignments": [Some(region=0)], "fixings": NO_FIXINGS},
    )
    leg = Some(goods=Some(consignment_id="A/main/1", region_id="A"), fetched_from="", node_id="A", needs={})
    setting = Some(
        **{"places": {"W": Some(problem=problem, legs=[leg], nodes=["A"])}, "regions": {}, "opened": {}},
        **{"midnights": (0, 40), "days": {}, "receipts": lambda _: ()},
        **{
            "upper": {},
            "hubs": frozenset(),
            "room_cm3": {},
            "stays": (),
            "by_s": {},
            "came_s": {},
        },
        taken=Ledger(docks={"W": kept_docks(docks, kept)}),
        horizon_s=40,
    )
    return len(one_by_one(setting, [choice], work=WorkCount(), ends_s=None, tries=0, seed=1)) == 1


def test_two_loads_in_turn_at_one_dock_leave_the_other_free():
    assert replanned(2, [(0, 10, 0), (10, 20, 0)], 0, 20)
    assert not replanned(2, [(0, 10, 0), (10, 20, 1)], 0, 20)  # neither is free all the time
    assert not replanned(1, [(0, 10, 0)], 9, 2)
    assert replanned(1, [(0, 10, 0)], 10, 2)


@given(st.integers(1, 3), LOADS, st.integers(0, 30), st.integers(1, 8))
def test_a_dock_is_found_just_where_one_is_free_all_the_time(docks, loads, start_s, load_s):
    kept = [(begin, begin + length, dock) for begin, length, dock in loads]  # some at docks that are gone
    free = [
        dock
        for dock in range(docks)
        if all(
            all(not begin <= moment < end for moment in range(start_s, start_s + load_s))
            for begin, end, other in kept
            if other == dock
        )
    ]
    found = kept_docks(docks, kept)
    assert found.first_free(start_s, start_s + load_s) == (free[0] if free else None)
    assert found.first_free(start_s, start_s + load_s, 2) == (2 if 2 in free else free[0] if free else None)
    assert replanned(docks, kept, start_s, load_s) == bool(free)


@given(st.lists(st.tuples(st.integers(0, 30), st.integers(1, 8)), max_size=8), st.integers(0, 2))
def test_no_more_load_at_once_than_docks_are_in_use(loads, out):
    docks = Docks(Origin(3, HOURS, out=((10, 20, out),)))
    placed = []
    for begin, length in loads:
        dock = docks.first_free(begin, begin + length)
        if dock is not None:
            docks.keep(dock, begin, begin + length)
            placed.append((begin, begin + length, dock))
        most = max(
            sum(low <= moment < high for low, high, _ in placed) + (out if 10 <= moment < 20 else 0)
            for moment in range(begin, begin + length)
        )
        assert most <= 3
        assert (dock is not None) or most == 3 or len({one[2] for one in placed}) == 3


def test_docks_that_are_tried_leave_the_others_as_they_were():
    docks = Docks(Origin(1, HOURS))
    tried = docks.copy()
    tried.keep(0, 0, 10)
    assert docks.first_free(0, 10) == 0
    assert tried.first_free(0, 10) is None


def test_loads_at_one_dock_at_once_and_at_docks_that_are_gone_leave_the_others_free():
    docks = Docks(Origin(2, HOURS))
    for kept in ((0, 0, 10), (0, 5, 12), (5, 0, 40)):
        docks.keep(*kept)
    assert docks.in_use == [(0, 12)]
    assert docks.first_free(0, 40) == 1
