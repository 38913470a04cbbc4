"""Components on processes: what a failed search costs."""

from __future__ import annotations

from pathlib import Path

import pytest

import planner.solving.jobs
from planner.instance.read import read_instance
from planner.plans.model import Status, StopReason
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
    rest = planner.solving.jobs.ComponentSearch.rest

    def find_and_fail(search, time_s):
        rest(search, time_s)
        raise RuntimeError

    monkeypatch.setattr(planner.solving.jobs.ComponentSearch, "rest", find_and_fail)
    result = solve(read_instance(TOY), SolveOptions(effort=1, workers=0))
    assert result.plan.status is Status.ON_TIME
    assert result.plan.regions_on_time == 7


@pytest.mark.parametrize("debug", ["", "1"])
def test_the_trace_is_shown_on_demand(debug, monkeypatch, caplog):
    monkeypatch.setenv("PLAN_DEBUG", debug)
    monkeypatch.setattr(planner.solving.jobs, "ComponentSearch", lambda *_args, **_more: 1 // 0)
    solve(read_instance(TOY), SolveOptions(effort=1, workers=0))
    assert ("Traceback" in caplog.text) is bool(debug)
