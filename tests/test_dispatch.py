"""Components on processes: what a failed search costs, and who gets which time."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

import planner.solving.jobs
from planner.instance.read import read_instance
from planner.plans.model import Status, StopReason
from planner.search.component import ComponentSearch, SearchOptions
from planner.solving import jobs
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve

TOY = Path(__file__).resolve().parents[1] / "instances" / "toy"


def test_a_failed_search_is_told_and_loses_only_its_component(monkeypatch, caplog):
    def fail(*_args, **_more):
        raise ZeroDivisionError("by a bug")

    monkeypatch.setattr(planner.solving.jobs, "ComponentSearch", fail)
    result = solve(read_instance(TOY), SolveOptions(effort=1, workers=0))
    assert result.plan.status is Status.NOT_FOUND
    assert {one.reason for one in result.plan.regions} == {"search_failed"}
    assert {one.params["what"] for one in result.plan.regions} == {"ZeroDivisionError: by a bug"}
    assert [one.stop_reason for one in result.plan.components] == [StopReason.NOT_STARTED]
    assert not result.verdict.violations
    assert "store failed: ZeroDivisionError: by a bug" in caplog.text
    assert "Traceback" not in caplog.text


def test_what_was_found_before_a_failure_is_kept(monkeypatch):
    rest = planner.solving.jobs.ComponentSearch.go_on

    def find_and_fail(search, time_s, **more):
        rest(search, time_s, **more)
        raise RuntimeError

    monkeypatch.setattr(planner.solving.jobs.ComponentSearch, "go_on", find_and_fail)
    result = solve(read_instance(TOY), SolveOptions(effort=1, workers=0))
    assert result.plan.status is Status.ON_TIME
    assert result.plan.regions_on_time == 7


@pytest.mark.parametrize("debug", ["", "1"])
def test_the_trace_is_shown_on_demand(debug, monkeypatch, caplog):
    monkeypatch.setenv("PLAN_DEBUG", debug)
    monkeypatch.setattr(planner.solving.jobs, "ComponentSearch", lambda *_args, **_more: 1 // 0)
    solve(read_instance(TOY), SolveOptions(effort=1, workers=0))
    assert ("Traceback" in caplog.text) is bool(debug)


# Turns: who gets which time


class Clock:
    """A clock that moves when somebody searches."""

    def __init__(self, monkeypatch):
        self.now_s = 0.0
        monkeypatch.setattr(jobs.time, "monotonic", lambda: self.now_s)


class Turns:
    """A component's search: takes so much of its time, and is as asked after so many turns."""

    def __init__(self, clock, *, work, takes_s, good_after):
        self.clock, self.work, self._takes_s, self._good_after = clock, work, takes_s, good_after
        self.given_s, self.incumbent = [], SimpleNamespace(all_on_time=False)

    @property
    def is_as_asked(self):
        return self._good_after is not None and len(self.given_s) >= self._good_after

    def go_on(self, time_s, **_):
        self.given_s.append(time_s)
        self.clock.now_s += min(time_s, self._takes_s * 2 ** (len(self.given_s) - 1))
        return f"found {len(self.given_s)}"


def turns_of(monkeypatch, limit_s, **searches):
    """Seconds that each search was given, turn after turn, and what was told at the end."""
    clock, told = Clock(monkeypatch), []
    made = {name: Turns(clock, **one) for name, one in searches.items()}
    jobs._take_turns(
        [(jobs.Job(name, (), 1), search, None) for name, search in made.items()], limit_s, told.append
    )
    assert [one.warehouse_id for one in told if one.final] == sorted(made, key=lambda name: last(told, name))
    return {name: one.given_s for name, one in made.items()}, clock.now_s


def last(told, name):
    return max(position for position, one in enumerate(told) if one.warehouse_id == name)


def test_what_small_components_leave_goes_to_those_whose_answer_is_not_the_asked_one(monkeypatch):
    given, ended_s = turns_of(
        monkeypatch,
        40,
        late={"work": 100, "takes_s": 4, "good_after": None},
        good={"work": 300, "takes_s": 4, "good_after": 1},
    )
    assert given["late"][:2] == [10, 32]  # its share; then all that is left, of which it takes 8
    assert given["good"] == [27]  # three quarters of what was left then: the other share is kept
    assert ended_s > 39.5


def test_a_late_component_takes_no_time_that_others_need(monkeypatch):
    given, ended_s = turns_of(
        monkeypatch,
        40,
        late={"work": 100, "takes_s": 100, "good_after": None},
        big={"work": 300, "takes_s": 100, "good_after": 1},
    )
    assert given["late"][0] == 10
    assert given["big"] == [pytest.approx(22.5)]
    assert ended_s == pytest.approx(40)


def test_two_that_are_late_share_what_is_left(monkeypatch):
    given, _ = turns_of(
        monkeypatch,
        40,
        late={"work": 100, "takes_s": 2, "good_after": None},
        other={"work": 100, "takes_s": 2, "good_after": 3},
    )
    assert given["late"][:3] == [20, 18, pytest.approx(14)]
    assert given["other"][:3] == [19, 16, pytest.approx(10)]
    assert len(given["other"]) == 3
    assert given["late"][3] == pytest.approx(12)  # alone again


def test_where_all_is_as_asked_each_has_one_turn(monkeypatch):
    given, ended_s = turns_of(
        monkeypatch,
        40,
        one={"work": 100, "takes_s": 3, "good_after": 1},
        two={"work": 100, "takes_s": 3, "good_after": 1},
    )
    assert [len(one) for one in given.values()] == [1, 1]
    assert ended_s == 6


def test_a_small_component_takes_a_part_of_its_time_in_each_turn_a_larger_one(monkeypatch):
    instance = read_instance(TOY)
    search = ComponentSearch(
        instance, "store", instance.regions, options=SearchOptions(), hear=lambda _: None
    )
    taken = []
    monkeypatch.setattr(
        ComponentSearch, "_search_all", lambda _self, clock: taken.append(round(clock.left_s(1.0), 1))
    )
    for _ in range(3):
        search.go_on(60.0)
    assert taken == [5.5, 11.0, 60.0]  # 2 s and half a second for each of 7; then all: little would be left
    search.go_on(3.0)
    assert taken[3:] == [3.0]
