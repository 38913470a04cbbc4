"""Proposals at the desk: tried apart, decided by people, and checked against what was told since."""

import json
import os
import re
import shutil
import signal
import time
from pathlib import Path

import pytest
from desks import Person, Served, by_link, laid_out, served, until, words_of

from planner.plans.registry import approvals

pytest.importorskip("starlette")
pytestmark = pytest.mark.usefixtures("no_database")

EARLY = "2024-11-22T06:40"  # the truck is on its way to the hub


def fold(tmp_path, tables, *, two=False):
    own = tables
    if two:
        own = shutil.copytree(tables, tmp_path / "tables")
        settings = own / "plan.toml"
        settings.write_text(settings.read_text("utf-8") + "\n[replan]\napprovals = 2\n", "utf-8")
    laid_out(tmp_path / "desk", own)
    return tmp_path / "desk"


@pytest.fixture
def desk(tmp_path, tables):
    with served(fold(tmp_path, tables), "--clock", EARLY, "--pace", "0.1") as found:
        yield found


@pytest.fixture
def sari(desk):
    return Person(desk)


def tell(who, trip, at, what, **fields):
    answer = who.press("/tell", key=f"{time.monotonic()}", trip=trip, at=at, what=what, **fields)
    assert answer.status == 303, words_of(answer)


def tried(who, key="try-1"):
    """Press `try` and wait until there is something to decide."""
    where = who.press("/try", key=key).where
    until(lambda: "to be decided" in words_of(who.get(where)), seconds=90)
    return where


def number_of(where):
    return where.rpartition("=")[2]


def approve(who, where, key="approve-1"):
    return who.press("/approve", key=key, n=number_of(where), note="calm")


def tried_plan(desk):
    (path,) = (one for one in desk.folder.glob("a-v*.json"))
    return path


def test_a_proposal_tells_what_changes_and_is_put_in_force(desk, sari, plan, tables):
    tell(sari, "T1", 1, "delay", late="90 min")
    where = tried(sari)
    page = sari.get(where)
    said = words_of(page)
    path = tried_plan(desk)
    out, _ = plan("check", path, "--instance", tables, "--previous", desk.folder / "a.json", "--json")
    assert json.loads(out)["passed"] is True
    out, _ = plan("messages", path, "--instance", tables, "--changed-since", desk.folder / "a.json", "--json")
    messages = json.loads(out)["messages"]
    assert f"Drivers to be told: {len(messages)}" in said and messages
    for message in messages:
        for line in "\n".join(message["parts"]).split("\n"):
            assert " ".join(line.split()) in said
    assert "Reports believed: 1, the last one E0001" in said
    assert [one.plan for one in approvals(desk.folder)] == ["a.json"]  # nothing changed so far
    assert approve(sari, where).status == 303
    last = approvals(desk.folder)[-1]
    assert (last.plan, last.by, last.note) == (path.name, "Sari", "calm")
    until(lambda: path.name in words_of(sari.get("/")))
    assert "in force" in words_of(sari.get(where))
    again = approve(sari, where, key="approve-2")
    assert again.status == 422 and "K039" in words_of(again)
    assert len(approvals(desk.folder)) == 2


def test_newer_reports_that_change_nothing_do_not_hinder_it_and_are_named(desk, sari):
    tell(sari, "T1", 1, "delay", late="40 min")
    where = tried(sari)
    tell(sari, "T1", 0, "departed", **{"from": "06.14"})
    answer = approve(sari, where)
    assert answer.status == 303, words_of(answer)
    last = approvals(desk.folder)[-1]
    assert last.plan == tried_plan(desk).name and "E0002" in last.note


def test_newer_reports_that_break_it_refuse_it_with_what_changed(desk, sari):
    tell(sari, "T1", 1, "delay", late="40 min")
    where = tried(sari)
    tell(sari, "T1", 1, "breakdown")
    answer = approve(sari, where)
    assert answer.status == 422
    said = words_of(answer)
    assert "K052" in said and "E0002" in said
    assert [one.plan for one in approvals(desk.folder)] == ["a.json"]


def test_reports_that_were_taken_back_since_refuse_it(desk, sari):
    tell(sari, "T1", 1, "delay", late="40 min")
    where = tried(sari)
    assert sari.press("/undo", key="back", ids="E0001", back="/reports").status == 303
    answer = approve(sari, where)
    assert answer.status == 422 and "E973" in words_of(answer)


def test_of_two_proposals_one_is_approved(desk, sari):
    tell(sari, "T1", 1, "delay", late="90 min")
    first = tried(sari, "a")
    tell(sari, "T1", 0, "departed", **{"from": "06.14"})
    second = tried(sari, "b")
    assert approve(sari, first, "x").status == 303
    answer = approve(sari, second, "y")
    assert answer.status == 422 and re.search("E97[45]", words_of(answer))


def test_it_expires_when_people_have_too_little_notice(tmp_path, tables):
    with served(fold(tmp_path, tables), "--clock", EARLY, "--pace", "300") as desk:
        sari = Person(desk)
        tell(sari, "T1", 1, "delay", late="90 min")
        where = tried(sari)
        until(lambda: "It could be approved until" in words_of(sari.get(where)), seconds=30)
        answer = approve(sari, where)
        assert answer.status == 422 and "K050" in words_of(answer)
        assert len(approvals(desk.folder)) == 1


def test_two_people_approve_where_settings_say_so(tmp_path, tables):
    with served(fold(tmp_path, tables, two=True), "--clock", EARLY, "--pace", "0.1") as desk:
        sari, budi = Person(desk), by_link(desk, "Budi", "approver")
        tell(sari, "T1", 1, "delay", late="90 min")
        where = tried(sari)
        assert approve(sari, where).status == 303
        assert len(approvals(desk.folder)) == 1
        assert "Approved so far by Sari; 2 people must" in words_of(budi.get(where))
        again = approve(sari, where, "second")
        assert again.status == 422 and "K053" in words_of(again)
        assert approve(budi, where).status == 303
        assert approvals(desk.folder)[-1].by == "Sari + Budi"


def test_it_can_be_put_aside_and_leaves_no_file(desk, sari):
    tell(sari, "T1", 1, "delay", late="90 min")
    where = tried(sari)
    assert tried_plan(desk).exists()
    assert sari.press("/discard", n=number_of(where)).status == 303
    assert not list(desk.folder.glob("a-v*.json"))
    assert "put aside" in words_of(sari.get(where))


def test_the_same_press_tries_once(desk, sari):
    tell(sari, "T1", 1, "delay", late="90 min")
    assert len({sari.press("/try", key="one").where for _ in range(3)}) == 1
    assert words_of(sari.get("/proposals")).count("Proposal ") == 1


def children(desk):
    """Processes in which a plan is tried, by the server of a desk."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            line = path.with_name("cmdline").read_bytes()
        except OSError:
            continue
        if parent == desk.process.pid and b"planner.desk.trial" in line:
            found.append(int(path.parent.name))
    return found


needs_proc = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc")


@needs_proc
def test_one_is_tried_at_a_time_in_a_process_that_steps_back_and_can_be_stopped(desk, sari):
    tell(sari, "T1", 1, "delay", late="90 min")
    first, second = (sari.press("/try", key=key).where for key in "ab")
    (child,) = until(lambda: children(desk))
    until(lambda: os.getpriority(os.PRIO_PROCESS, child) == 10 or not children(desk))
    os.kill(child, signal.SIGSTOP)  # so small a plan may be there before anybody stops it
    assert "waits for another one" in words_of(sari.get(second))
    assert sari.press("/stop-trying", n=number_of(second)).status == 303
    assert sari.press("/stop-trying", n=number_of(first)).status == 303
    until(lambda: not children(desk))
    assert "stopped" in words_of(sari.get(first)) and "stopped" in words_of(sari.get(second))
    time.sleep(1)
    assert not children(desk) and not list(desk.folder.glob("a-v*.json"))
    assert "to be decided" in words_of(sari.get(tried(sari, "c")))  # and it goes on


@needs_proc
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT])
def test_it_goes_with_its_server(how, tmp_path, tables):
    desk = Served(fold(tmp_path, tables), "--clock", EARLY, "--pace", "0.1")
    sari = Person(desk)
    sari.press("/try", key="a")
    (child,) = until(lambda: children(desk))
    desk.process.send_signal(how)
    desk.process.communicate(timeout=30)
    until(lambda: not Path(f"/proc/{child}").exists(), seconds=10)


def test_without_reports_trying_says_why_there_is_nothing(desk, sari):
    where = sari.press("/try", key="a").where
    said = until(
        lambda: (found := words_of(sari.get(where))) and "being tried" not in found and found, seconds=60
    )
    assert "D801" in said
    assert not list(desk.folder.glob("a-v*.json"))
