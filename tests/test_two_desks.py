"""Two desks at once: names of replans, plans put in force, and what is lost by that. With real processes."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from replans import replanned, row

import planner
from planner.cli import main
from planner.evaluation.pipeline import evaluate
from planner.evaluation.read import routes_from_text
from planner.plans.file import plan_digest, plan_to_text, read_plan_clock
from planner.plans.registry import approvals, in_force
from planner.replanning.outdated import Loss, loss_of

ROOT = Path(__file__).resolve().parents[1]
TOY = ROOT / "instances" / "toy"


@pytest.fixture(scope="module")
def toy():
    """The toy, a plan of it by hand, and a moment at which its first van is on its way."""
    world = planner.read(TOY)
    stops = {"van/1,1": "elm fig", "van/1,2": "ash birch cedar", "boat,1": "gum holly"}
    rows = [f"{trip},{order},{stop}" for trip in stops for order, stop in enumerate(stops[trip].split(), 1)]
    plan = evaluate(world, routes_from_text("\n".join(["vehicle,trip,order,stop", *rows]), world)).plan
    return world, plan, plan.trips[0].stops[0].leg.arrive_s + 60


@pytest.fixture
def desk(toy, tmp_path, monkeypatch, capsys):
    """A folder with the plan `a.json` in force; gives what runs `plan` there."""
    monkeypatch.chdir(tmp_path)
    world, plan, _ = toy
    (tmp_path / "a.json").write_text(plan_to_text(plan, world.clock), "utf-8")

    def run(*arguments):
        with pytest.raises(SystemExit) as stopped:
            main([str(one) for one in arguments])
        out, err = capsys.readouterr()
        return stopped.value.code, out + err

    assert run("approve", "a.json", "--by", "Sari", "--instance", TOY)[0] == 0
    return run


def write(world, **plans):
    for name, one in plans.items():
        Path(f"{name}.json").write_text(plan_to_text(one, world.clock), "utf-8")


def start(*arguments):
    """A process of its own that runs `plan`."""
    code = "import sys; from planner.cli import main; main(sys.argv[1:])"
    return subprocess.Popen(
        [sys.executable, "-c", code, *(str(one) for one in arguments)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )


def ended(processes):
    found = [one.communicate(timeout=300) for one in processes]
    return [(one.returncode, out + err) for one, (out, err) in zip(processes, found, strict=True)]


def test_replans_at_once_each_have_a_file_of_their_own(toy, desk, tmp_path):
    world, _, now_s = toy
    told = ("event", "add", "a.json", "delay", "van-01", "20 min", "--time", world.clock.text(now_s))
    assert desk(*told)[0] == 0
    asked = ("replan", "--now", world.clock.text(now_s), "--effort", 1, "--quiet", "--seed")
    answers = ended([start(*asked, seed) for seed in (1, 2, 3)])
    assert {code for code, _ in answers} <= {0, 3}, answers
    made = sorted(path.name for path in tmp_path.glob("a-v*.json"))
    assert made == ["a-v2.json", "a-v3.json", "a-v4.json"]
    assert all(read_plan_clock(tmp_path / name)[0].replan is not None for name in made)


def test_of_two_replans_to_one_name_one_is_refused(toy, desk, tmp_path):
    world, _, now_s = toy
    told = ("event", "add", "a.json", "delay", "van-01", "20 min", "--time", world.clock.text(now_s))
    assert desk(*told)[0] == 0
    asked = ("replan", "--now", world.clock.text(now_s), "--effort", 1, "--quiet", "--output", "b.json")
    answers = ended([start(*asked) for _ in range(2)])
    codes = [code for code, _ in answers]
    assert codes.count(2) == 1 and "C702" in answers[codes.index(2)][1]
    assert read_plan_clock(tmp_path / "b.json")[0].replan is not None


def test_a_replan_that_makes_no_plan_gives_its_name_back(toy, desk, tmp_path):
    world, _, now_s = toy
    asked = ("replan", "--now", world.clock.text(now_s), "--effort", 1, "--output", "b.json")
    code, said = desk(*asked)  # there are no reports
    assert (code, "D801" in said) == (2, True)
    asked = ("--area", "nowhere", "--events", "a.events.csv")
    (tmp_path / "a.events.csv").write_text("id,time,kind,subject\n", "utf-8")
    code, said = desk("replan", "--now", world.clock.text(now_s), "--effort", 1, "--output", "b.json", *asked)
    assert code == 2, said
    assert not (tmp_path / "b.json").exists()


# ---------------------------------------------------------------- what is lost


def late(toy, name, minutes, now_s):
    """A replan of the plan in force after one more delay."""
    world, plan, _ = toy
    rows = (row(name, now_s, "delay", "van-01", world.clock, value=f"{minutes}min"),)
    return replanned(plan, world, rows, now_s)


def test_a_replan_of_the_plan_in_force_with_all_reports_is_approved(toy, desk):
    world, _, now_s = toy
    told = ("event", "add", "a.json", "delay", "van-01", "20 min", "--time", world.clock.text(now_s))
    assert desk(*told)[0] == 0
    asked = ("replan", "--now", world.clock.text(now_s), "--effort", 1, "--output", "b.json")
    assert desk(*asked)[0] in (0, 3)
    assert desk("approve", "b.json", "--by", "Sari")[0] == 0
    code, said = desk("approve", "b.json", "--by", "Sari")  # once more
    assert (code, "in force already" in said) == (0, True)
    assert [one.plan for one in in_force(Path())] == ["b.json"]


def test_a_plan_older_than_reports_is_asked_about_and_forced(toy, desk):
    """Just kept: no report since; just broken: one more report, or one taken back."""
    world, _, now_s = toy
    add = ("event", "add", "a.json")
    at = ("--time", world.clock.text(now_s))
    assert desk(*add, "delay", "van-01", "20 min", *at)[0] == 0
    asked = ("replan", "--now", world.clock.text(now_s), "--effort", 1, "--output", "b.json")
    assert desk(*asked)[0] in (0, 3)
    assert desk(*add, "closure", world.edges[0].id, "--from", "15.00", *at)[0] == 0
    code, said = desk("approve", "b.json", "--by", "Budi")
    assert (code, "E972" in said, "E0002" in said) == (2, True, True)
    assert desk(*add, "void", "E0002", *at)[0] == 0
    assert desk(*add, "void", "E0001", *at)[0] == 0
    code, said = desk("approve", "b.json", "--by", "Budi")
    assert (code, "E973" in said, "E0001" in said, "E972" in said) == (2, True, True, False)
    code, said = desk("approve", "b.json", "--by", "Budi", "--force")
    assert (code, "taken back since: 1 (E0001)" in said) == (0, True)
    assert in_force(Path())[0].by == "Budi"


def test_the_sibling_of_the_plan_in_force_says_what_is_undone(toy, desk):
    world, plan, now_s = toy
    write(world, b=replanned(plan, world, (), now_s), c=replanned(plan, world, (), now_s + 600))
    assert desk("approve", "b.json", "--by", "Sari", "--instance", TOY)[0] == 0
    code, said = desk("approve", "c.json", "--by", "Budi", "--instance", TOY)
    assert (code, "E974" in said, "b.json" in said) == (2, True, True)
    code, said = desk("approve", "a.json", "--by", "Budi", "--instance", TOY)  # what it replaced
    assert (code, "E975" in said) == (2, True)
    assert [one.plan for one in approvals(Path())] == ["a.json", "b.json"]


def test_of_two_siblings_approved_at_once_one_is_put_in_force(toy, desk):
    world, plan, now_s = toy
    write(world, b=replanned(plan, world, (), now_s), c=replanned(plan, world, (), now_s + 600))
    asked = ("--by", "Sari", "--instance", TOY)
    answers = ended([start("approve", name, *asked) for name in ("b.json", "c.json")])
    codes = sorted(code for code, _ in answers)
    assert codes == [0, 2], answers
    said = next(said for code, said in answers if code == 2)
    assert "E976" in said or "E974" in said
    assert len(approvals(Path())) == 2


def test_what_is_lost_follows_the_line_of_plans(toy):
    """A replan of a replan that was never approved goes on from the plan in force: nothing is undone."""
    world, plan, now_s = toy
    clock = world.clock
    middle = late(toy, "E1", 10, now_s)
    last = replanned(middle, world, middle.replan.events, now_s + 600)
    line = {plan_digest(plan, clock), plan_digest(middle, clock)}
    known = (("E1",), ("E1",))
    loss = loss_of(last, line, plan_digest(plan, clock), plan, known, clock)
    assert not (loss.not_believed or loss.taken_back or loss.from_another)
    loss = loss_of(last, line - {plan_digest(plan, clock)}, plan_digest(plan, clock), plan, known, clock)
    assert loss.from_another and not loss.sibling
    other = late(toy, "E1", 60, now_s)
    loss = loss_of(other, {plan_digest(plan, clock)}, plan_digest(middle, clock), middle, known, clock)
    assert loss.sibling and loss.undone.regions
    assert loss_of(plan, (), plan_digest(plan, clock), plan, known, clock) == Loss()  # it is in force


# ---------------------------------------------------------------- clocks


def test_a_desk_that_is_behind_takes_the_last_report_for_now_and_says_so(toy, desk, tmp_path):
    """Just kept: a report two minutes ahead; just broken: one that is more than five minutes ahead."""
    world, _, now_s = toy
    clock = world.clock
    told = ("event", "add", "a.json", "delay", "van-01", "20 min", "--time", clock.text(now_s + 120))
    assert desk(*told)[0] == 0
    code, said = desk("status", "a.json", "--now", clock.text(now_s))
    assert (code, "2 min after now by this clock" in said) == (0, True)
    asked = ("replan", "--effort", 1, "--output", "b.json", "--now")
    code, said = desk(*asked, clock.text(now_s))
    assert code in (0, 3) and "2min after now by this clock" in said.replace("2 min", "2min")
    assert read_plan_clock(tmp_path / "b.json")[0].replan.now_s == now_s + 120
    for verb in (("status", "a.json", "--now"), (*asked[:4], "c.json", "--now")):
        code, said = desk(*verb, clock.text(now_s + 120 - 301))
        assert (code, "E911" in said) == (2, True)
    assert not (tmp_path / "c.json").exists()
