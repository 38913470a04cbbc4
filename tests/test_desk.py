"""The desk, asked by hand: what it shows is what `plan status` says; it begins and ends as it should."""

import hashlib
import re
import signal
import socket
from pathlib import Path

import hub_plan
import pytest
from desks import Person, Served, laid_out, served, until, words_of

from planner.events.read import read_table
from planner.outputs.now_what import tasks
from planner.outputs.status import Standing
from planner.outputs.status_text import status_lines
from planner.replanning.state import state_of

pytest.importorskip("starlette")
pytestmark = pytest.mark.usefixtures("no_database")

WEB = Path(__file__).resolve().parents[1] / "planner" / "web"
CLOCK = hub_plan.INSTANCE.clock
NOON = "2024-11-22T12:00"


@pytest.fixture(scope="module")
def desk(tmp_path_factory, tables):
    folder = tmp_path_factory.mktemp("desks") / "desk"
    laid_out(folder, tables)
    with served(folder, "--clock", NOON) as found:
        yield found


@pytest.fixture
def sari(desk):
    return Person(desk)


def standing(folder, now_s):
    """By the code of `plan status` alone."""
    table, events = folder / "a.events.csv", ()
    if table.is_file():
        events = read_table(table, hub_plan.INSTANCE, hub_plan.PLAN, now_s).events
    return Standing(state_of(hub_plan.PLAN, hub_plan.INSTANCE, events, now_s))


def shown_moment(answer):
    """Seconds of the moment that a page shows."""
    day, clock = re.search(r"<strong>(\d+ \w+) (\d\d:\d\d)</strong>", answer.text).groups()
    assert day == "22 Nov"
    hours, minutes = map(int, clock.split(":"))
    return CLOCK.seconds(CLOCK.instant(0).replace(hour=hours, minute=minutes))


def test_htmx_is_the_one_that_was_published():
    lines = (WEB / "htmx" / "SHA256SUMS").read_text("utf-8").splitlines()
    assert len(lines) == 4
    for line in lines:
        expected, name = line.split()
        assert hashlib.sha256((WEB / "htmx" / name).read_bytes()).hexdigest() == expected
    assert "Zero-Clause BSD" in (WEB / "htmx" / "LICENSE.txt").read_text("utf-8")
    assert "BSD Zero Clause" in (WEB / "htmx" / "LICENSE-sse.txt").read_text("utf-8")


def test_templates_hold_no_script_and_no_handler():
    templates = list((WEB.parent / "desk" / "templates").glob("*.html"))
    assert templates
    for path in templates:
        text = path.read_text("utf-8")
        assert not re.search(
            r"<script(?! type=.application/json)(?![^>]*\bsrc=)|<style|\son\w+=|hx-on|javascript:|js:|\|safe",
            text,
        ), path
        assert not re.search(r"\sstyle=", text), path
    assert '"allowEval":false' in (WEB.parent / "desk" / "templates" / "base.html").read_text("utf-8")


def test_the_overview_says_what_status_says(desk, sari):
    answer = sari.get("/")
    said = words_of(answer)
    known = standing(desk.folder, shown_moment(answer))
    for line in status_lines(known, "a.json"):
        assert line in said
    for task in tasks(known):
        assert task.text in said
    assert answer.status == 200
    assert "DRILL" in said
    assert "0 of 3 confirmed" in said


def test_an_overview_by_area_counts_what_the_plan_brings(desk, sari):
    brought = sum(
        given.pieces
        for trip in hub_plan.PLAN.trips
        for stop in trip.stops
        for given in stop.deliveries
        if given.region_id == stop.node_id
    )
    assert f"0 of {brought} confirmed" in words_of(sari.get("/?count=pieces"))


def test_who_has_the_last_picture_gets_nothing_again(sari):
    number = re.search(r"rev=(\d+)", sari.get("/").text)[1]
    again = sari.get(f"/?part=1&count=regions&rev={number}")
    assert (again.status in (200, 204)) and (again.status == 204) == (not again.text)
    other = sari.get("/?part=1&count=regions&rev=none")
    assert other.status == 200
    assert other.text.lstrip().startswith('<div id="live"')


def test_what_is_told_elsewhere_shows_by_itself(desk, sari, plan):
    before = words_of(sari.get("/"))
    assert "No reports yet." in before
    until(lambda: shown_moment(sari.get("/")) >= CLOCK.seconds(CLOCK.instant(0).replace(hour=12)))
    plan(
        "event",
        "add",
        desk.folder / "a.json",
        "closure",
        hub_plan.INSTANCE.edges[0].id,
        *("--time", "2024-11-22T11:00+08:00", "--note", "flood"),
    )
    until(lambda: "Reports: 1;" in words_of(sari.get("/")))


def test_both_languages_are_served_at_once(desk, sari):
    budi = Person(desk, "Budi", "id")
    english, indonesian = words_of(sari.get("/")), words_of(budi.get("/"))
    assert "Overview" in english and "Ikhtisar" not in english
    assert "Ikhtisar" in indonesian and "GLADI" in indonesian
    assert sari.press("/language", language="id", back="/?count=units").where == "/?count=units"
    assert "Ikhtisar" in words_of(sari.get("/"))


def test_who_comes_is_asked_in_the_language_of_the_browser(desk):
    page = Person(desk, come_in=False).get(f"/enter?token={desk.token}", accept_language="id-ID,en;q=0.5")
    assert "Nama Anda" in words_of(page) and 'lang="id"' in page.text
    assert "Your name" in words_of(Person(desk, come_in=False).get("/enter", accept_language="fr"))


def test_the_stream_tells_of_each_picture(desk, sari):
    with socket.create_connection((desk.host, desk.port), timeout=20) as found:
        head = f"GET /live HTTP/1.1\r\nHost: {desk.host}:{desk.port}\r\nCookie: {sari.cookie}\r\n\r\n"
        found.sendall(head.encode("ascii"))
        said = b""
        while b"event: changed" not in said:
            said += found.recv(4096)
    assert b"200 OK" in said
    assert b"text/event-stream" in said


# ------------------------------------------------------------------------------------- beginning and ending


def test_ctrl_c_closes_it_while_somebody_listens(tmp_path, tables):
    laid_out(tmp_path / "desk", tables)
    desk = Served(tmp_path / "desk", "--clock", NOON)
    sari = Person(desk)
    with socket.create_connection((desk.host, desk.port), timeout=20) as found:
        head = f"GET /live HTTP/1.1\r\nHost: {desk.host}:{desk.port}\r\nCookie: {sari.cookie}\r\n\r\n"
        found.sendall(head.encode("ascii"))
        found.recv(100)
        code, err = desk.stop()
    assert code == 0
    assert "The desk is closed." in err
    assert "Traceback" not in err


def test_the_system_may_end_it_too(tmp_path, tables):
    laid_out(tmp_path / "desk", tables)
    desk = Served(tmp_path / "desk", "--clock", NOON)
    desk.process.send_signal(signal.SIGTERM)
    _, err = desk.process.communicate(timeout=30)
    assert "Traceback" not in err


def test_a_port_that_is_taken_is_a_sentence(tmp_path, tables, plan):
    laid_out(tmp_path / "desk", tables)
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        _, err = plan("desk", tmp_path / "desk", "--clock", NOON, "--port", port, "--no-browser", code=2)
    assert "K032" in err
    assert "Traceback" not in err


def test_a_folder_without_a_plan_in_force_is_a_sentence(tmp_path, plan):
    assert "E951" in plan("desk", tmp_path, "--no-browser", code=2)[1]


def test_a_store_of_a_newer_version_is_a_sentence(tmp_path, tables, plan):
    import sqlite3

    laid_out(tmp_path / "desk", tables)
    with sqlite3.connect(tmp_path / "desk" / "desk.sqlite") as base:
        base.execute("update meta set value = '999' where key = 'schema'")
    base.close()
    from planner.store import ledger

    ledger._ledgers.clear()
    assert "K003" in plan("desk", tmp_path / "desk", "--no-browser", code=2)[1]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.10", "::", "desk.example"])
def test_other_machines_are_not_served(host, tmp_path, tables, plan):
    laid_out(tmp_path / "desk", tables)
    assert "K031" in plan("desk", tmp_path / "desk", "--host", host, "--no-browser", code=2)[1]


def test_a_moment_outside_of_the_plan_is_a_sentence(tmp_path, tables, plan):
    laid_out(tmp_path / "desk", tables)
    assert "K030" in plan("desk", tmp_path / "desk", "--no-browser", "--port", 0, code=2)[1]


def test_a_folder_without_a_store_gets_one(tmp_path, tables):
    from stores import desk as without

    without(tmp_path / "desk", tables)
    with served(tmp_path / "desk", "--clock", NOON):
        assert (tmp_path / "desk" / "desk.sqlite").exists()


def test_a_drill_and_the_real_day_do_not_mix(tmp_path, tables, plan):
    from stores import note

    from planner.store.place import as_channel

    table = laid_out(tmp_path / "real", tables)
    note(table, "in earnest")
    words = ("--no-browser", "--port", 0)
    assert "K035" in plan("desk", tmp_path / "real", "--clock", NOON, *words, code=2)[1]
    table = laid_out(tmp_path / "drill", tables)
    as_channel("desk drill")
    try:
        note(table, "only played")
    finally:
        as_channel("python")
    assert "K036" in plan("desk", tmp_path / "drill", *words, code=2)[1]
    with served(tmp_path / "drill", "--clock", NOON) as found:
        assert "Reports: 1;" in words_of(Person(found).get("/"))
