"""A time limit is kept where edges have hours: trips are looked at only as long as there is time for it.

The clock here is one that goes on by so much each time that somebody looks at it.
"""

import pytest

from planner.compose import master, variants
from planner.compose.list_scheduling import schedule_all
from planner.compose.master import compose
from planner.propose.engine import Budget
from planner.propose.pool import Pool, direct_routes, every_route
from planner.search.echelon import EchelonSearch
from tests.worlds import DAY, FERRY, HOUR, problem_of, road, truck, village, world


class Ticking:
    """A clock that is looked at: each time it is a second later."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        self.now += 1.0
        return self.now


@pytest.fixture
def crossing():
    """Four villages beyond a ferry."""
    names = "ABCD"
    edges = [road(f"f{one}", "W", one, HOUR, calendar="ferry", length_m=9000) for one in names]
    edges += [road(f"w{one}", "W", one, 3 * HOUR, length_m=50_000) for one in names]
    return problem_of(
        world([village(one) for one in names], [truck(mass_kg=40, price_km=1)], edges, horizon_s=2 * DAY,
              deadline_s=2 * DAY, calendars=FERRY)
    )  # fmt: skip


@pytest.mark.parametrize(("seconds", "most"), [(20, 10), (100, 50), (None, 64)])
def test_hours_of_trips_are_looked_for_in_half_of_the_time(monkeypatch, crossing, seconds, most):
    pool, looked_at = Pool(crossing), []
    start = schedule_all(crossing, [one for one in pool.add(direct_routes(crossing)) if one])
    trips = [one for one in pool.add(every_route(crossing, 2500)) if one is not None]
    assert len(trips) == 64
    plain = variants.variants_of_one
    monkeypatch.setattr(master, "time", Ticking())
    monkeypatch.setattr(variants, "variants_of_one", lambda *of: looked_at.append(of[1]) or plain(*of))
    budget = Budget(effort=1) if seconds is None else Budget(time_s=seconds)
    found = compose(crossing, trips, start, budget=budget, seed=1)
    needed = {id(one.candidate) for one in start.assignments}
    assert len({id(one) for one in looked_at[: len(trips)]} | needed) <= most + len(needed)
    assert len(looked_at) >= min(most, 8)
    assert found.score <= start.score


@pytest.mark.parametrize(("seconds", "most"), [(5, 5), (None, 2500)])
def test_every_trip_is_looked_at_until_the_time_is_over(crossing, seconds, most):
    clock, search = Ticking(), EchelonSearch(crossing, lambda _: None)
    search.fall_back(is_over=lambda: seconds is not None and clock.monotonic() > seconds)
    assert search.incumbent.all_on_time
    assert len(search._every) <= most
    assert (len(search._every) > 64) == (seconds is None)
