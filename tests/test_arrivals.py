"""Arrivals as functions of departure: against ways searched one by one, and against plain meaning."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.network import timed as module
from planner.network.arrivals import NEVER_S, Arrivals, Driving, earliest, in_one_shift, then
from planner.network.travel import travel
from tests.test_timed import END, MINUTE, PLACES, Ticking, networks


def moments(function):
    """Moments around all bends of a function."""
    near = {max(0, one + by) for one in function.starts for by in (-61, -1, 0, 1, 59, 60)}
    return sorted(one for one in near if one < 2 * END * MINUTE)


def checked(function):
    """A function that never falls, whose pseudo-inverse is one."""
    before = 0
    for moment in moments(function):
        arrive_s = function.at(moment)
        assert arrive_s >= max(before, min(moment, NEVER_S))
        before = arrive_s
        if arrive_s < NEVER_S:
            for until_s in (arrive_s - 1, arrive_s, arrive_s + 1):
                last_s = function.latest(until_s)
                assert last_s < 0 or function.at(last_s) <= until_s
                assert function.at(last_s + 1) > until_s
    return function


@settings(max_examples=25, deadline=None)
@given(networks())
def test_functions_are_what_a_ticking_clock_finds_departure_by_departure(instance):
    ways, clock = travel(instance, instance.vehicles[0], PLACES), Ticking(instance)
    driving = Driving()
    for start, here in enumerate(PLACES):
        functions = {
            end: checked(ways.timed.arrivals(start, end, driving))
            for end in range(len(PLACES))
            if ways.timed is not None and ways.timed.affects[start][end]
        }
        for depart in range(END + 1) if functions else ():
            arrivals = clock.arrivals(here, depart)
            for end, function in functions.items():
                arrive_s = function.at(depart * MINUTE)
                expected = arrivals.get(PLACES[end])
                assert (arrive_s if arrive_s <= END * MINUTE else None) == (
                    None if expected is None else expected * MINUTE
                )


@settings(max_examples=25, deadline=None)
@given(networks())
def test_functions_are_the_ways_searched_one_by_one_at_every_bend(instance):
    timed = travel(instance, instance.vehicles[0], PLACES).timed
    for start in range(len(PLACES)) if timed is not None else ():
        for end in range(len(PLACES)):
            for choice in (timed, timed.waiting):
                if timed.affects[start][end]:
                    function = choice.arrivals(start, end, Driving())
                    for moment in moments(function):
                        way = choice.way(start, end, moment)
                        assert function.at(moment) == (NEVER_S if way is None else way.arrive_s)


@settings(max_examples=25, deadline=None)
@given(networks())
def test_the_last_departure_by_a_moment_is_the_same_by_functions_and_by_halving(instance):
    by_functions = travel(instance, instance.vehicles[0], PLACES).timed
    by_halving = travel(instance, instance.vehicles[0], PLACES).timed
    for start in range(len(PLACES)) if by_functions is not None else ():
        for end in range(len(PLACES)):
            if by_functions.affects[start][end]:
                function = by_functions.arrivals(start, end, Driving())
                for moment in (-2, -1, *moments(function)):
                    with pytest.MonkeyPatch.context() as patch:
                        patch.setattr(module, "_MANY_ARCS", 0)
                        found = by_halving.latest_s(start, end, moment)
                    assert found == by_functions.latest_s(start, end, moment) == function.latest(moment)


@st.composite
def shifts(draw):
    ends = sorted(draw(st.lists(st.integers(0, END), min_size=2, max_size=6, unique=True)))
    return tuple((MINUTE * a, MINUTE * b) for a, b in zip(ends[::2], ends[1::2], strict=False))


def pausing(hours):
    """Driving second by second would be slow: minute by minute, with pauses outside shifts."""

    def advance(pieces, now_s, time_s):
        left_s = time_s
        while left_s > 0:
            if now_s > END * MINUTE:
                return None
            shift = next((one for one in hours if one[0] <= now_s < one[1]), None)
            if shift is None:
                now_s = next((low for low, _ in hours if low > now_s), END * MINUTE + 1)
                continue
            part_s = min(left_s, shift[1] - now_s)
            pieces, now_s, left_s = (*pieces, (now_s, now_s + part_s)), now_s + part_s, left_s - part_s
        return pieces, now_s

    return advance


@settings(max_examples=25, deadline=None)
@given(networks(), shifts())
def test_with_pauses_between_shifts_too(instance, hours):
    timed = travel(instance, instance.vehicles[0], PLACES).timed
    driving, advance = Driving(hours), pausing(hours)
    for start in range(len(PLACES)) if timed is not None else ():
        for end in range(len(PLACES)):
            for choice in (timed, timed.waiting):
                if timed.affects[start][end]:
                    function = checked(choice.arrivals(start, end, driving))
                    for moment in moments(function):
                        way = choice.way(start, end, moment, advance, like="pauses")
                        assert function.at(moment) == (NEVER_S if way is None else way.arrive_s)


@settings(max_examples=25, deadline=None)
@given(networks(), shifts())
def test_in_one_shift_a_way_begins_and_ends(instance, hours):
    timed = travel(instance, instance.vehicles[0], PLACES).timed
    for start in range(len(PLACES)) if timed is not None else ():
        for end in range(len(PLACES)):
            if timed.affects[start][end]:
                whole = checked(in_one_shift(timed.arrivals(start, end, Driving()), hours))
                for moment in moments(whole):
                    ends = [
                        way.arrive_s
                        for low, high in hours
                        if max(low, moment) <= high
                        and (way := timed.way(start, end, max(low, moment))) is not None
                        and way.arrive_s <= high
                    ]
                    assert whole.at(moment) == min(ends, default=NEVER_S)


def test_the_fewest_seconds_are_those_of_the_best_departure():
    waits, drives = Arrivals((0, 50), (100, NEVER_S)), Arrivals((0, 20), (-31, -11))
    for function in (waits, drives, earliest(waits, drives), then(waits, drives)):
        ends = [(function.at(moment), moment) for moment in range(200)]
        assert function.least_s == min(end - moment for end, moment in ends if end < NEVER_S)
