"""Opening hours and shifts of the planning side: days, merging, clipping, and what may start when."""

from dataclasses import replace
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.base.clock import Clock, parse_instant
from planner.instance.schema import CalendarRow, WindowRule
from planner.network.calendars import (
    Openings,
    day_index,
    expand,
    intersect,
    local_midnights,
    spread_over_days,
    whole_intervals,
)
from planner.proof.calendars import Calendars
from tests.worlds import DAY, HOUR, truck, village, world


def with_rows(*rows, horizon_s=3 * DAY, **more):
    return world([village("A")], [truck()], [], calendars=rows, horizon_s=horizon_s, **more)


def row(opens=None, closes=None, days="daily", **more):
    opens_s = None if opens is None else int(opens * HOUR)
    closes_s = None if closes is None else int(closes * HOUR)
    return CalendarRow(calendar="c", days=days, opens_s=opens_s, closes_s=closes_s, **more)


def hours(found):
    return [(begin / HOUR, end / HOUR) for begin, end in found.intervals]


def test_an_empty_calendar_is_always_open():
    assert expand(with_rows(), "").intervals == ((0, 3 * DAY),)


def test_a_calendar_without_rows_is_never_open():
    assert expand(with_rows(), "c").intervals == ()


def test_the_date_wins_over_the_weekday_and_that_over_daily():
    # second 0 is a Friday
    instance = with_rows(
        row(6, 18), row(7, 8, "fri+sun"), row(9, 10, "2024-11-24"), row(11, 12, "2024-11-24")
    )
    assert hours(expand(instance, "c")) == [(7, 8), (30, 42), (57, 58), (59, 60)]


def test_a_row_without_hours_closes_its_day():
    assert hours(expand(with_rows(row(6, 18), row(days="2024-11-23")), "c")) == [(6, 18), (54, 66)]


def test_intervals_that_touch_are_one_even_across_midnight():
    instance = with_rows(row(18, 24), row(0, 6), row(6, 7))
    assert hours(expand(instance, "c")) == [(0, 7), (18, 31), (42, 55), (66, 72)]


def test_intervals_are_cut_at_start_and_horizon():
    noon = Clock(parse_instant("2024-11-22T12:00+08:00"), "Asia/Makassar")
    instance = with_rows(row(6, 18), horizon_s=DAY, settings={"clock": noon})
    assert hours(expand(instance, "c")) == [(0, 6), (18, 24)]


def test_days_are_those_of_the_time_zone():
    utc = Clock(parse_instant("2024-11-21T22:00+00:00"), "Asia/Makassar")  # 6 in the morning of the 22nd
    instance = with_rows(row(6, 18), horizon_s=DAY, settings={"clock": utc})
    assert hours(expand(instance, "c")) == [(0, 12)]
    assert local_midnights(instance) == (-6 * HOUR, 18 * HOUR, 42 * HOUR)


def test_hours_are_wall_clock_hours_where_clocks_change():
    berlin = Clock(parse_instant("2024-10-26T00:00+02:00"), "Europe/Berlin")  # clocks go back on the 27th
    instance = with_rows(row(6, 24), settings={"clock": berlin})
    assert hours(expand(instance, "c")) == [(6, 24), (31, 49), (55, 72)]
    assert [second / HOUR for second in local_midnights(instance)] == [0, 24, 49, 73]


def test_midnights_reach_beyond_the_horizon():
    assert local_midnights(with_rows(horizon_s=DAY)) == (0, DAY, 2 * DAY)
    assert local_midnights(with_rows(horizon_s=DAY - 1)) == (0, DAY)


def test_the_planning_side_and_the_checker_know_the_same_hours():
    instance = with_rows(
        row(18, 24), row(0, 6), row(8, 9.5, "sat"), row(11, 12, "sat", window=WindowRule.START)
    )
    own = Calendars(instance)
    for moment in range(0, 3 * DAY - 7200, 900):
        inside = expand(instance, "c").around(moment) is not None
        assert inside == (own.slack("c", moment, moment + 1) is not None)
        assert expand(instance, "c").allows(moment, 7200) == (
            own.starts_inside("c", moment) or own.slack("c", moment, moment + 7200, service=True) is not None
        )


@pytest.mark.parametrize("duration_s", [0, 1, 1200, 3600, 7200])
def test_both_sides_allow_the_same_services_where_hours_of_two_kinds_touch(duration_s):
    start = WindowRule.START
    instance = with_rows(
        row(8, 12), row(12, 13, window=start), row(13, 14, window=start), row(14, 16), row(16, 17)
    )
    planning, own = expand(instance, "c"), Calendars(instance)
    for moment in range(0, 2 * DAY, 600):
        for start_s in (moment - 1, moment, moment + 1):
            checked = own.starts_inside("c", start_s) or (
                own.slack("c", start_s, start_s + duration_s, service=True) is not None
            )
            assert planning.allows(start_s, duration_s) == checked, start_s
            whole = own.slack("c", start_s, start_s + duration_s) is not None
            assert whole_intervals(instance, "c").allows(start_s, duration_s) == whole, start_s


@pytest.mark.parametrize(
    ("start_s", "duration_s", "allowed"),
    [
        (10, 10, True),
        (9, 5, False),
        (10, 11, False),
        (19, 1, True),
        (20, 0, True),
        (20, 1, False),
        (25, 0, False),
    ],
)
def test_an_activity_lies_in_one_interval(start_s, duration_s, allowed):
    assert Openings(((10, 20), (30, 40))).allows(start_s, duration_s) == allowed


@pytest.mark.parametrize(("start_s", "allowed"), [(9, False), (10, True), (19, True), (20, False)])
def test_with_window_start_only_the_start_lies_in_it(start_s, allowed):
    found = Openings(((10, 20),), frozenset({(10, 20)}))
    assert found.allows(start_s, 1000) == allowed
    assert found.starts(1000) == [(10, 19)]


def test_whole_intervals_ignore_window_start():
    instance = with_rows(row(6, 7, window=WindowRule.START), row(7, 8))
    assert not whole_intervals(instance, "c").allows(6 * HOUR, 3 * HOUR)
    assert whole_intervals(instance, "c").allows(6 * HOUR, 2 * HOUR)


OPENINGS = st.builds(
    lambda cuts, marks: Openings(
        tuple(zip(cuts[::2], cuts[1::2], strict=False)),
        frozenset(
            one for one, mark in zip(zip(cuts[::2], cuts[1::2], strict=False), marks, strict=False) if mark
        ),
    ),
    st.lists(st.integers(0, 60), unique=True, max_size=8).map(sorted),
    st.lists(st.booleans(), min_size=4, max_size=4),
)


@given(OPENINGS, st.integers(1, 12))
def test_starts_are_exactly_the_moments_that_are_allowed(openings, duration_s):
    inside = {moment for low, high in openings.starts(duration_s) for moment in range(low, high + 1)}
    assert inside == {moment for moment in range(-2, 70) if openings.allows(moment, duration_s)}


def test_what_takes_no_time_may_be_at_the_end_of_an_interval():
    whole = Openings(((10, 20), (30, 40)))
    assert whole.starts(0) == [(10, 20), (30, 40)]
    assert whole.allows(20, 0)
    assert not replace(whole, starts_only=frozenset({(10, 20)})).allows(20, 0)


@given(OPENINGS, st.integers(-5, 70), st.integers(0, 30))
def test_overlap_counts_the_seconds_inside(openings, start_s, length_s):
    inside = sum(openings.around(moment) is not None for moment in range(start_s, start_s + length_s))
    assert openings.overlap_s(start_s, start_s + length_s) == inside


@given(OPENINGS, OPENINGS)
def test_intersection_holds_what_is_in_both(first, second):
    def moments(intervals):
        return {moment for low, high in intervals for moment in range(low, high + 1)}

    left, right = ([(low, high - 1) for low, high in one.intervals] for one in (first, second))
    assert moments(intersect(left, right)) == moments(left) & moments(right)


@settings(max_examples=50)
@given(st.integers(0, 3 * DAY), st.integers(0, 2 * DAY))
def test_a_time_is_spread_over_its_days(start_s, length_s):
    midnights = (0, DAY, 2 * DAY, 3 * DAY)
    found = spread_over_days(midnights, start_s, start_s + length_s)
    assert sum(part for _, part in found) == length_s
    for number, (day, part) in enumerate(found):
        assert 0 < part <= (DAY if day < 3 else 2 * DAY)
        assert day == day_index(midnights, start_s) + number


def test_a_midnight_is_the_days_first_second():
    instance = with_rows()
    assert replace(instance).clock.midnight(date(2024, 11, 23)) == DAY
    assert day_index((0, DAY), DAY - 1) == 0
    assert day_index((0, DAY), DAY) == 1
