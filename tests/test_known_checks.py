"""What was found of plans before is believed by replans where all is as it was then, and nowhere else."""

from dataclasses import replace
from pathlib import Path

import pytest
from test_otherwise import toy

from planner.cli import main
from planner.events.adding import add_report
from planner.events.read import read_events
from planner.instance.write import write_instance
from planner.plans.file import plan_digest, write_plan
from planner.proof import check
from planner.replanning import approving, known_checks
from planner.replanning.known_checks import KnownChecks
from planner.replanning.options import ReplanOptions
from planner.replanning.pipeline import replan


@pytest.fixture
def judged(monkeypatch):
    """Digests of the plans that are judged, in their order."""
    found, judge = [], check._judged

    def counted(facts, clock):
        found.append(plan_digest(facts.plan, clock))
        return judge(facts, clock)

    monkeypatch.setattr(check, "_judged", counted)
    return found


def chain(tmp_path, folder, number=3):
    """Replans one after the other, each from the files; gives them all."""
    plan, instance = toy()
    plans, table = [plan], tmp_path / "e.csv"
    for at in range(number):
        now_s = 30_000 + 600 * at
        time, minutes = instance.clock.text(now_s), f"{5 + at} min"
        cells = {"kind": "delay", "subject": "van-01", "value": minutes, "time": time}
        add_report(table, cells, instance, plans[-1], now_s)
        found = replan(
            plans[-1],
            instance,
            read_events(table, instance, plans[-1], now_s),
            now_s,
            ReplanOptions(effort=1, checks_folder=folder),
            previous=plans[:-1],
            output=tmp_path / f"{at}.json",
        )
        plans.append(found.plan)
    return plans, instance


def test_each_plan_of_a_day_is_judged_once_and_the_plans_are_the_same(tmp_path, judged):
    one, two = tmp_path / "one", tmp_path / "two"
    one.mkdir()
    two.mkdir()
    plans, instance = chain(one, tmp_path / "checks")
    digests = [plan_digest(plan, instance.clock) for plan in plans]
    assert [judged.count(digest) for digest in digests[:-1]] == [1, 1, 1]
    judged.clear()
    assert chain(two, None)[0] == plans
    assert judged.count(digests[0]) == 3  # without a folder the first plan is judged by each replan


def test_what_was_found_is_found_again_word_for_word(tmp_path):
    plans, instance = chain(tmp_path, tmp_path / "checks")
    known = KnownChecks(instance, tmp_path / "checks")
    judged = check.ancestry_of(plans[-1], plans[:-1], instance.clock, instance, None)
    assert check.ancestry_of(plans[-1], plans[:-1], instance.clock, instance, None, known) == judged


def test_another_world_program_or_past_makes_all_unknown(tmp_path, monkeypatch):
    plans, instance = chain(tmp_path, tmp_path / "checks")
    digests = [plan_digest(plan, instance.clock) for plan in plans]

    def found(world, *digests):
        *before, plan = digests
        return KnownChecks(world, tmp_path / "checks").find(plan, before)

    assert found(instance, *digests[:2]) is not None
    assert found(instance, digests[1]) is None
    fewer = replace(instance, vehicles=instance.vehicles[:-1])
    assert found(fewer, *digests[:2]) is None
    monkeypatch.setattr(known_checks, "_program", lambda: "another")
    assert found(instance, *digests[:2]) is None


def test_a_plan_that_breaks_rules_is_never_known(tmp_path):
    plans, instance = chain(tmp_path, tmp_path / "checks", 1)
    trip = plans[0].trips[0]
    wrong = replace(plans[0], trips=(replace(trip, end_s=trip.end_s - 600), *plans[0].trips[1:]))
    known = KnownChecks(instance, tmp_path / "checks")
    for _ in range(2):
        ancestry = check.ancestry_of(plans[1], (wrong,), instance.clock, instance, None, known)
        assert ancestry.failed == (plan_digest(wrong, instance.clock),)


def test_files_that_say_nothing_or_cannot_be_written_do_no_harm(tmp_path):
    plans, instance = chain(tmp_path, tmp_path / "checks", 1)
    for path in (tmp_path / "checks").glob("*.json"):
        path.write_text('[{"rule": 1}]', "utf-8")
    again = tmp_path / "again"
    again.mkdir()
    assert chain(again, tmp_path / "checks", 1)[0] == plans
    blocked = tmp_path / "file"
    blocked.write_text("", "utf-8")
    assert KnownChecks(instance, blocked).find("a", ()) is None
    KnownChecks(instance, blocked).keep("a", (), ())


def test_only_so_many_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(known_checks, "_MOST", 3)
    known = KnownChecks(toy()[1], tmp_path)
    for number in range(9):
        known.keep(str(number), (), ())
    assert len(list(Path(tmp_path).glob("*.json"))) == 3


def test_what_is_approved_is_known(tmp_path, judged, monkeypatch):
    plan, instance = toy()
    table, path = tmp_path / "e.csv", tmp_path / "toy.json"
    write_plan(plan, instance.clock, path)
    write_instance(tmp_path / "tables", instance)
    folder = tmp_path / "checks"
    monkeypatch.setattr(approving, "folder_of_user", lambda: folder)
    named = ["approve", str(path), "--by", "Ani", "--instance", str(tmp_path / "tables")]
    with pytest.raises(SystemExit, match="0"):
        main(named)
    own = plan_digest(plan, instance.clock)
    assert judged == [own]
    add_report(table, {"kind": "delay", "subject": "van-01", "value": "5 min"}, instance, plan, 30_000)
    options = ReplanOptions(effort=1, checks_folder=folder)
    events = read_events(table, instance, plan, 30_000)
    replan(plan, instance, events, 30_000, options)
    assert judged.count(own) == 1
