"""The checker's own calendars, against hand-made days and a walk second by second (in steps of a minute)."""

from dataclasses import replace

import pytest
import small
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.base.clock import Clock, parse_instant
from planner.instance.schema import CalendarRow, Overnight
from planner.proof.calendars import Calendars
from planner.proof.impossibility import earliest_receipt
from planner.proof.world import World

DAY, HOUR = 86_400, 3600


def calendars_of(*rows, clock=small.CLOCK):
    changed = replace(small.INSTANCE.settings, clock=clock)
    return Calendars(replace(small.INSTANCE, settings=changed, calendars=rows))


def row(days, opens=None, closes=None):
    times = (None if hour is None else hour * HOUR for hour in (opens, closes))
    return CalendarRow(calendar="c", days=days, **dict(zip(("opens_s", "closes_s"), times, strict=True)))


def within(calendars):
    return [(a, b) for a, b in calendars.intervals("c") if a >= 0 and b <= 5 * DAY]


def test_a_date_beats_its_weekday_and_a_weekday_the_daily_rows():
    # Second 0 is a Friday.
    calendars = calendars_of(
        row("daily", 8, 9), row("sat+sun", 10, 11), row("2024-11-24"), row("2024-11-25", 1, 2)
    )
    hours = [(from_s // HOUR, to_s // HOUR) for from_s, to_s in within(calendars)]
    assert hours == [(8, 9), (24 + 10, 24 + 11), (72 + 1, 72 + 2), (96 + 8, 96 + 9)]


def test_intervals_that_touch_over_midnight_are_one():
    calendars = calendars_of(row("fri", 18, 24), row("sat", 0, 4))
    assert (18 * HOUR, 28 * HOUR) in calendars.intervals("c")
    assert calendars.slack("c", 18 * HOUR, 28 * HOUR) == 0
    assert calendars.slack("c", 18 * HOUR - 1, 20 * HOUR) is None
    assert calendars.outside("c", 18 * HOUR - 60, 20 * HOUR) == 60


def test_the_empty_calendar_is_always_open_and_an_unknown_one_never():
    calendars = calendars_of()
    assert calendars.slack("", -5, 10**12) is not None
    assert calendars.intervals("unknown") == ()
    assert calendars.outside("unknown", 0, 60) == 60
    assert calendars.outside("unknown", 0, 0) == 1


def test_hours_are_those_of_the_wall_where_clocks_change():
    # Clocks go back an hour on 27 October 2024 in Berlin: that day has 25 hours.
    clock = Clock(parse_instant("2024-10-27T00:00+02:00"), "Europe/Berlin")
    calendars = calendars_of(row("daily", 8, 24), clock=clock)
    assert (9 * HOUR, 25 * HOUR) in calendars.intervals("c")
    assert calendars.midnight(2) == 25 * HOUR
    assert calendars.by_day([(0, 26 * HOUR)]) == {1: 25 * HOUR, 2: HOUR}


def test_work_is_counted_on_each_day_with_its_part():
    calendars = calendars_of()
    assert calendars.by_day([(DAY - 100, DAY + 50), (DAY + 60, DAY + 70)]) == {1: 100, 2: 60}
    assert sum(calendars.by_day([(-(10**20), 10**20)]).values()) == 8 * DAY


def slow_travel(is_open, depart_s, time_s, work_s, used):
    """Travel minute by minute."""
    left, now, worked = time_s, depart_s, dict(used)
    while left > 0:
        if now >= 5 * DAY:
            return None
        day = now // DAY + 1
        if is_open(now) and (work_s is None or worked.get(day, 0) < work_s):
            left -= 60
            worked[day] = worked.get(day, 0) + 60
        now += 60
    return now


HOURS = st.lists(st.integers(0, 24), min_size=2, max_size=4, unique=True).map(sorted)


@settings(max_examples=60, deadline=None)
@given(
    HOURS,
    st.integers(0, 3000),
    st.integers(0, 2000),
    st.one_of(st.none(), st.integers(1, 900)),
    st.dictionaries(st.integers(1, 3), st.integers(0, 600)),
)
def test_travel_with_pauses_is_that_of_a_walk_minute_by_minute(hours, depart, time, work, used):
    shifts = list(zip(hours[::2], hours[1::2], strict=False))
    calendars = calendars_of(*(row("daily", a, b) for a, b in shifts))
    used = {day: 60 * minutes for day, minutes in used.items()}
    work_s = None if work is None else 60 * work
    pieces, arrive_s = calendars.travel("c", 60 * depart, 60 * time, work_s, used)

    def is_open(now):
        return any(a * HOUR <= now % DAY < b * HOUR for a, b in shifts)

    slow = slow_travel(is_open, 60 * depart, 60 * time, work_s, used)
    if slow is not None:
        assert arrive_s == slow
        assert sum(b - a for a, b in pieces) == 60 * time
    else:
        assert arrive_s is None or arrive_s > 5 * DAY


@settings(max_examples=25, deadline=None)
@given(
    st.sampled_from([Overnight.HOME, Overnight.ANYWHERE]),
    st.integers(5, 8),
    st.integers(15, 24),
    st.one_of(st.none(), st.integers(3, 12)),
    st.integers(10, 60),
    st.sampled_from(["A", "B"]),
)
def test_no_start_brings_the_goods_before_the_earliest_receipt(overnight, opens, closes, work, speed, name):
    work_s = None if work is None else work * HOUR
    kind = replace(
        small.INSTANCE.vehicles[0], overnight=overnight, work_s=work_s, calendar="c", speed_percent=speed
    )
    rows = (row("daily", opens, closes), *(one for one in small.INSTANCE.calendars))
    world = World(replace(small.INSTANCE, vehicles=(kind,), calendars=rows, known_trips=()))
    region = world.instance.region_of[name]
    earliest_s = earliest_receipt(world, region)
    receipts = [
        receipt for start_s in range(0, 3 * DAY, 600) if (receipt := alone(world, kind, region, start_s))
    ]
    if receipts:
        assert earliest_s is not None
        assert earliest_s <= min(receipts) <= earliest_s + 600
    elif earliest_s is not None:
        assert earliest_s > 3 * DAY


def alone(world, kind, region, load_start_s):
    """Receipt of one trip to a region alone that starts loading at a moment; None where it cannot be."""
    calendars, pieces = world.calendars, 3
    depart_s = load_start_s + kind.load_fixed_s + kind.load_piece_s * pieces
    if (
        calendars.slack("c", load_start_s, depart_s) is None
        or calendars.slack("store", load_start_s, depart_s) is None
    ):
        return None
    edges = {"A": [2700], "B": [2700, 1800]}[region.id]
    way_s = sum((200 * time_s + kind.speed_percent) // (2 * kind.speed_percent) for time_s in edges)
    serve_s = region.handover_s + kind.unload_piece_s * pieces
    used = dict(calendars.by_day([(load_start_s, depart_s)]))
    if kind.work_s is not None and max(used.values()) > kind.work_s:
        return None
    if kind.overnight is Overnight.HOME:
        arrive_s, driven = depart_s + way_s, [(depart_s, depart_s + way_s)]
    else:
        driven, arrive_s = calendars.travel("c", depart_s, way_s, kind.work_s, used)
        if arrive_s is None:
            return None
    for day, seconds in calendars.by_day(driven).items():
        used[day] = used.get(day, 0) + seconds
    for start_s in range(arrive_s, arrive_s + 3 * DAY, 300):
        whole = used | {}
        for day, seconds in calendars.by_day([(start_s, start_s + serve_s)]).items():
            whole[day] = whole.get(day, 0) + seconds
        end_s = start_s + serve_s
        back_s = way_s if kind.overnight is Overnight.HOME else 0
        if back_s:
            for day, seconds in calendars.by_day([(end_s, end_s + back_s)]).items():
                whole[day] = whole.get(day, 0) + seconds
        first_s = load_start_s if back_s else start_s
        fits = calendars.slack("c", first_s, end_s + back_s) is not None
        open_there = calendars.slack(region.calendar, start_s, end_s) is not None
        if fits and open_there and (kind.work_s is None or max(whole.values()) <= kind.work_s):
            return end_s
        if not fits and back_s:
            return None
    return None


@pytest.mark.parametrize("start_s", [-(10**20), 10**20])
def test_moments_beyond_all_days_are_harmless(start_s):
    calendars = calendars_of(row("daily", 6, 18))
    assert calendars.travel("c", start_s, 60, None, {})[1] in {None, 6 * HOUR - DAY + 60}
    assert calendars.slack("c", start_s, start_s + 60) is None
    assert calendars.overlap("c", start_s, start_s + 60) == 0
    assert calendars.day_index(start_s) in {0, 8}
