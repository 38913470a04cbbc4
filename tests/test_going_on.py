"""The default limit goes on while somebody is late, an explicit one is kept; by searches that only count."""

from __future__ import annotations

from collections import Counter
from types import SimpleNamespace

import pytest

from planner.cli import main
from planner.cli import solve as verb
from planner.solving import jobs
from planner.solving.jobs import Job, Seconds, work_through


class Clock:
    """Goes on when somebody searches."""

    def __init__(self):
        self.now_s = 0.0

    def monotonic(self):
        return self.now_s


class World:
    """Components each of which is late until it has been searched for so many seconds."""

    def __init__(self, clock, needs):
        self.clock, self.needs, self.had, self.looks = clock, needs, Counter(), Counter()

    def component(self, instance, name, regions, **more):
        return Search(self, name)

    def spend(self, name, time_s):
        self.clock.now_s += max(0.5, time_s)
        self.had[name] += max(0.5, time_s)


class Search:
    work = 1

    def __init__(self, world, name):
        self._world, self._name = world, name

    def look(self, time_s):
        self._world.looks[self._name] += 1
        self._world.spend(self._name, 1.0)

    def go_on(self, time_s, *, with_latest):
        self._world.spend(self._name, time_s)
        return self._name

    @property
    def is_late(self):
        return self._world.had[self._name] < self._world.needs[self._name]

    @property
    def is_as_asked(self):
        return not self.is_late

    @property
    def incumbent(self):
        return SimpleNamespace(all_on_time=not self.is_late, score=SimpleNamespace(undelivered=0))


def run(monkeypatch, needs, seconds):
    clock = Clock()
    world, heard = World(clock, needs), []
    monkeypatch.setattr(jobs, "time", clock)
    monkeypatch.setattr(jobs, "ComponentSearch", world.component)
    given = [Job(name, (), size) for size, name in enumerate(needs)]
    work_through(None, given, None, seconds, heard.append)
    return world, heard, clock.now_s


@pytest.mark.parametrize("needs_s", [20, 44, 60, 100, 165])
def test_default_limit_goes_on_until_nobody_is_late(monkeypatch, needs_s):
    world, heard, ended_s = run(monkeypatch, {"quick": 2, "slow": needs_s}, Seconds(45, 135, is_kept=False))
    finals = {one.warehouse_id: one.outcome for one in heard if one.final}
    assert finals == {"quick": "quick", "slow": "slow"}
    assert world.had["slow"] >= needs_s  # it is on time in the end
    assert ended_s <= max(46, needs_s + 35)


def test_it_ends_after_four_times_the_limit_and_goes_on_with_who_is_late_alone(monkeypatch):
    world, heard, ended_s = run(monkeypatch, {"quick": 2, "never": 10_000}, Seconds(45, 135, is_kept=False))
    assert 175 <= ended_s <= 190
    assert world.had["quick"] < 45
    assert [one.warehouse_id for one in heard if one.final].count("never") == 1


@pytest.mark.parametrize("limit_s", [3, 10, 45])
def test_an_explicit_limit_is_kept_and_ends_first_looks_too(monkeypatch, limit_s):
    names = {f"w{number}": 10_000 for number in range(20)}
    world, heard, ended_s = run(monkeypatch, names, Seconds(limit_s))
    assert ended_s <= limit_s + 25  # each that was looked at says at last what it has
    assert len(world.looks) == min(20, limit_s)
    assert {one.warehouse_id for one in heard if one.final} == set(world.looks)
    looked, _, later_s = run(monkeypatch, names, Seconds(3, 9, is_kept=False))
    assert later_s >= 12
    assert len(looked.looks) == 20  # nobody has said how long: each is looked at


@pytest.mark.parametrize(
    ("options", "goes_on"),
    [
        ([], True),
        (["--time-limit", "45"], False),
        (["--effort", "1"], False),
        (["--guarantee", "auto"], False),
        (["--tradeoff", "cost,margin"], False),
        (["--guarantee", "1"], True),
    ],
)
def test_only_a_limit_that_nobody_set_goes_on(monkeypatch, tmp_path, options, goes_on):
    asked = []

    def solve(folder, output, worker_pool, began, *, area, as_json, quiet, search):
        asked.append(search["may_go_on"])
        return 0

    monkeypatch.setattr(verb, "_solve", solve)
    with pytest.raises(SystemExit):
        main(["solve", "instances/toy", "--output", str(tmp_path / "p.json"), "--quiet", *options])
    assert asked == [goes_on]
