"""Comparisons of a batch are fair: equal work for all, chance told from change, never worse than keeping."""

from dataclasses import replace
from types import SimpleNamespace

import pytest

from planner.batches import tries
from planner.batches.loss_runs import loss_rows, prepare_losses
from planner.batches.losses import LossKind
from planner.batches.pipeline import carry_out
from planner.batches.prepare import Setup, prepare, write_manifest
from planner.batches.results import read_results
from planner.batches.scenarios import read_scenarios
from planner.batches.single_run import perform
from planner.batches.summary import compared, scenario_figures
from planner.batches.task import Search
from planner.batches.text_tables import scenario_table
from planner.batches.tries import best_of
from planner.instance.read import read_instance
from planner.instance.write import write_instance
from planner.plans.file import write_plan
from planner.plans.model import RegionStatus, Status
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve
from tests.chain_worlds import chain_world
from tests.worlds import road, truck, village, world

pytestmark = pytest.mark.usefixtures("short_searches")

OPTIONS = SolveOptions(effort=1, workers=0)
REGIONS = "ABCD"


def tight():
    """Four villages, two trucks for two boxes each that just reach two villages each in time."""
    edges = [
        road(f"{one}{other}", one, other, 7200, length_m=20_000)
        for at, one in enumerate(["W", *REGIONS])
        for other in ["W", *REGIONS][at + 1 :]
    ]
    trucks = [truck(number=2, mass_kg=20, calendar="shift", price_trip=1000, price_km=10)]
    return world([village(one) for one in REGIONS], trucks, edges, deadline_s=40_000)


class Searches:
    """In place of `solve`: plans of the same instance in which so many are late, one after another."""

    def __init__(self, instance, lates, *, status=Status.LATE):
        self._plan = solve(instance, OPTIONS).plan
        self._lates, self._status = iter(lates), status
        self.asked = []

    def __call__(self, _instance, options):
        self.asked.append(options)
        late, cost = next(self._lates)
        regions = tuple(
            replace(one, status=RegionStatus.LATE if at < late else RegionStatus.ON_TIME)
            for at, one in enumerate(self._plan.regions)
        )
        status = self._status if late else Status.ON_TIME
        components = tuple(replace(one, status=status) for one in self._plan.components)
        plan = replace(self._plan, regions=regions, components=components, cost=cost)
        verdict = SimpleNamespace(robustness=SimpleNamespace(not_guaranteed=()))
        return SimpleNamespace(plan=plan, verdict=verdict)


def tried(monkeypatch, lates, *, seeds=1, kept=None, status=Status.LATE):
    instance = tight()
    searches = Searches(instance, lates, status=status)
    monkeypatch.setattr(tries, "solve", searches)
    found = best_of(instance, OPTIONS, seeds=seeds, kept=kept, refuse=lambda _: None)
    return found, searches


@pytest.mark.parametrize(
    ("lates", "rounds", "settled", "late"),
    [
        ([(0, 9)], 1, True, 0),
        ([(2, 9), (2, 5)], 2, True, 2),  # cheaper, but as many are late: that is the end
        ([(3, 9), (1, 9), (0, 9)], 3, True, 0),
        ([(2, 9), (3, 1)], 2, True, 2),
        ([(4, 9), (3, 9), (2, 9), (2, 9)], 4, True, 2),
    ],
)
def test_who_is_late_gets_more_work_until_it_settles(monkeypatch, lates, rounds, settled, late):
    found, searches = tried(monkeypatch, lates)
    (only,) = found.tries
    assert (only["rounds"], only["settled"], len(only["late_regions"])) == (rounds, settled, late)
    assert len(searches.asked) == rounds
    assert [one.base is not None for one in searches.asked] == [False, *[True] * (rounds - 1)]
    assert len({one.seed for one in searches.asked}) == rounds


def test_what_still_gets_better_is_said_not_to_have_settled(monkeypatch):
    monkeypatch.setattr(tries, "MOST_ROUNDS", 3)
    found, searches = tried(monkeypatch, [(4, 9), (3, 9), (2, 9), (1, 9)])
    assert (found.tries[0]["settled"], found.tries[0]["late"], len(searches.asked)) == (False, 2, 3)


def test_what_is_proven_to_be_late_gets_no_more_work(monkeypatch):
    found, searches = tried(monkeypatch, [(2, 9)], status=Status.IMPOSSIBLE)
    assert len(searches.asked) == 1 and found.tries[0]["settled"]


def test_the_best_seed_counts_and_each_is_told(monkeypatch):
    found, searches = tried(monkeypatch, [(0, 9), (0, 5), (0, 7)], seeds=3)
    assert found.plan.cost == 5
    assert [one["cost"] for one in found.tries] == [9, 5, 7]
    assert [one.seed for one in searches.asked] == [1, 2, 3]


def test_no_plan_is_worse_than_keeping_the_old_one(monkeypatch):
    instance = tight()
    kept = Searches(instance, [(1, 3)])(instance, OPTIONS)
    found, _ = tried(monkeypatch, [(2, 1), (2, 1)], kept=(kept.plan, kept.verdict))
    assert found.is_kept and found.plan is kept.plan
    found, _ = tried(monkeypatch, [(1, 2), (1, 2)], kept=(kept.plan, kept.verdict))
    assert not found.is_kept


def record(cost, *costs, late=0, regions=4):
    entries = [{"undelivered": 0, "late": late, "cost": one} for one in costs]
    return {"cost": cost, "components": [{"id": "W", "regions": regions, "cost": cost}], "tries": entries}


@pytest.mark.parametrize(
    ("mine", "reference", "change", "spread", "different"),
    [
        (record(100, 100, 104), record(97, 97, 99), 3, 4, False),
        (record(100, 100, 101), record(97, 97, 105), 3, 8, False),
        (record(100, 100, 101), record(97, 97, 99), 3, 2, True),
        (record(100, 100), record(97, 97), 3, None, True),
        (record(100, 100), record(97, 97, 99), 3, 2, True),
        (record(90, 90, 90), record(97, 97, 99), -7, 2, True),
        (record(90, 90), record(97, 97, regions=3), None, None, False),
        (record(90, 90), None, None, None, False),
    ],
)
def test_a_difference_smaller_than_that_of_seeds_is_none(mine, reference, change, spread, different):
    found = compared(mine, reference)
    assert (found.change, found.spread, found.is_different) == (change, spread, different)


def test_a_scenario_that_changes_nothing_makes_no_difference(tmp_path):
    """However little the first plan was searched: all are compared with what was searched on as long."""
    folder, source = tmp_path / "instance", tmp_path / "same.toml"
    write_instance(folder, tight())
    lines = ['format = "scenarios/1"', "[scenarios]", 'same = ["set vehicles T number=2"]']
    source.write_text("\n".join(lines), encoding="utf-8")
    setup = Setup(folder, tmp_path / "runs", Search(effort=1, seeds=2))
    batch = prepare(read_scenarios(source), setup)
    results, complete = carry_out(batch, setup, source, workers=1)
    assert complete
    figures = {one.name: one for one in scenario_figures(results, read_instance(folder))}
    assert list(figures) == ["base", "base+", "same"]
    assert not figures["same"].comparison.is_different
    table = scenario_table(results, read_instance(folder))
    assert any("no difference" in cell for cell in table.rows[-1])


@pytest.mark.parametrize("kind", list(LossKind))
def test_no_loss_is_worse_than_keeping_what_is_left(tmp_path, kind):
    """Every loss of a plan with no time to spare, of each kind."""
    folder, output = tmp_path / "instance", tmp_path / "runs"
    write_instance(folder, chain_world(("via", "types"), 1) if kind is LossKind.HUBS else tight())
    instance = read_instance(folder)
    plan = solve(instance, OPTIONS).plan
    assert RegionStatus.ON_TIME in {one.status for one in plan.regions}
    path = tmp_path / "plan.json"
    write_plan(plan, instance.clock, path)
    setup = Setup(folder, output, Search(effort=1, seeds=2))
    batch = prepare_losses(plan, path, instance, kind, setup)
    write_manifest(batch, setup, path)
    tasks = {one.key: one for one in (batch.first, *batch.references.values(), *batch.rest)}
    for one in tasks.values():
        perform(one, 1)
    rows = loss_rows(read_results(output), plan, instance)
    assert rows and all(row["checked"] == "yes" for row in rows)
    assert all(row["weight"] <= row["weight_if_kept"] for row in rows)
    assert all(row["weight"] <= row["weight_most"] for row in rows)
    planned = [row for row in rows if row["how"] == "planned"]
    assert planned and all(row["seeds"] == 2 for row in planned)
