"""First looks are measured in work: the same however busy the machine is; a limit that is given ends them."""

import time
from itertools import count

import pytest

from planner.instance.schema import Chain
from planner.plans.model import Trip
from planner.propose.engine import Budget
from planner.propose.engines import engine_named
from planner.propose.sisr import engine
from planner.search import search_clock
from planner.search.component import ComponentSearch, SearchOptions
from tests import problems
from tests.chain_worlds import FEATURES, chain_world


class Slow:
    """A clock of a machine so busy that each look at it comes an hour after the last one."""

    def __init__(self):
        self._hours = count(1)
        self.asked = 0

    def monotonic(self):
        self.asked += 1
        return 3600.0 * next(self._hours)


def looked(instance, **search) -> list[tuple[Trip, ...]]:
    """Trips of each plan that three looks tell."""
    heard = []
    told = ComponentSearch(
        instance,
        "W",
        instance.regions,
        options=SearchOptions(**search),
        hear=lambda one: heard.append(one.trips),
    )
    for _ in range(3):
        told.look()
    assert heard
    return heard


@pytest.mark.parametrize("chain", [Chain.REQUIRED, Chain.ALLOWED], ids=str)
@pytest.mark.parametrize("feature", FEATURES)
def test_a_busy_machine_sees_the_same_at_first(feature, chain, monkeypatch):
    instance = chain_world((feature,), 1, chain=chain)
    quiet = looked(instance)
    for module in (engine, search_clock):
        monkeypatch.setattr(module, "time", Slow())
    assert looked(instance) == quiet


def iterations(problem, budget):
    """Iterations of the engine within a budget."""
    sisr = engine_named("sisr")
    sisr.propose(problem, budget=budget, seed=1, report=lambda _: False)
    return sisr.iterations


def test_a_look_is_so_much_work_by_the_size_of_the_problem(monkeypatch):
    small, large = problems.problem([2] * 3), problems.problem([2] * 60)
    look = Budget(is_first_look=True)
    assert 0 < iterations(small, look) < iterations(large, look)
    monkeypatch.setattr(engine, "time", Slow())
    assert iterations(large, look) == iterations(large, Budget(3600.0, is_first_look=True)) > 0


def test_where_less_time_is_left_than_a_look_may_need_the_clock_ends_it():
    problem = problems.problem([2] * 60)
    began = time.monotonic()
    for left_s in (0.0, 0.05):
        assert iterations(problem, Budget(left_s, is_first_look=True)) > 0
    assert time.monotonic() - began < 5
