"""What was told to be over sooner than it can be is taken back: it lasts as long as it must again."""

from __future__ import annotations

import pytest

from planner.replanning.state import Assume
from tests.test_otherwise import toy
from tests.test_taken_back import replanned, told

TOLD = {  # of van-01, that loads 8:00 to 8:20, is at fig 8:40 to 8:55 and at elm 9:15 to 9:30
    "loaded": ("store/001", "", "08:06"),
    "departed": ("van-01", "store", "08:07"),
    "arrived": ("van-01", "fig", "08:24"),
    "delivered": ("van-01", "fig", "08:41"),
    "delivered_next": ("van-01", "elm", "09:16"),
    "loaded_next": ("store/003", "", "09:36"),
}


def lasting(plan):
    """How long each loading and stop lasts, by trip and place, in seconds."""
    found = {(trip.id, 0): trip.depart_s - trip.load_start_s for trip in plan.trips}
    found |= {
        (trip.id, number): stop.end_s - stop.start_s
        for trip in plan.trips
        for number, stop in enumerate(trip.stops, start=1)
    }
    return found


@pytest.mark.parametrize("assume", list(Assume))
@pytest.mark.parametrize("later_s", [60, 1_500, 9_000])
@pytest.mark.parametrize("case", TOLD)
def test_what_was_too_short_is_as_long_as_it_must_be_again(case, later_s, assume, tmp_path):
    plan, instance = toy()
    kind, (subject, place, at) = case.split("_")[0], TOLD[case]
    path, hours, minutes = tmp_path / "e.csv", *map(int, at.split(":"))
    now_s = hours * 3600 + minutes * 60 + 60
    cells = {"from": f"2025-03-03T{at}+03:00", "place": place}
    event = told(path, instance, plan, now_s, kind, subject, **cells)
    first = replanned(path, instance, plan, now_s, (), assume)
    then_s = now_s + later_s
    told(path, instance, first, then_s, "void", event.id)
    again = replanned(path, instance, first, then_s, (plan,), assume)
    least, found = lasting(plan), lasting(again)
    assert all(found[what] >= least[what] for what in found.keys() & least.keys())
    third = replanned(path, instance, again, then_s + 900, (plan, first), assume)
    assert {trip.id for trip in third.trips if trip.begun} >= {trip.id for trip in again.trips if trip.begun}
