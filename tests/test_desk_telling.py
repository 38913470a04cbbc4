"""Telling at the desk by a press: the store has what `plan event` would say, once; it can be taken back."""

import re
from concurrent.futures import ThreadPoolExecutor

import hub_plan
import pytest
from desks import Person, laid_out, served, until, words_of
from stores import filled

from planner.events.read import read_table
from planner.outputs.status import Standing
from planner.proof.knowledge import Sure
from planner.replanning.due import due_things
from planner.replanning.state import state_of

pytest.importorskip("starlette")
pytestmark = pytest.mark.usefixtures("no_database")

CLOCK = hub_plan.INSTANCE.clock
NOON = "2024-11-22T12:00"


@pytest.fixture
def desk(tmp_path, tables):
    laid_out(tmp_path / "desk", tables)
    with served(tmp_path / "desk", "--clock", NOON, "--pace", "0.1") as found:
        yield found


@pytest.fixture
def sari(desk):
    return Person(desk)


def key_of(answer):
    return re.search(r'name="key" value="([^"]+)"', answer.text)[1]


def tell(who, trip, at, what, **fields):
    """Open the page of a stop and press a button."""
    page = who.get(f"/stop?trip={trip}&at={at}")
    assert page.status == 200
    return who.press("/tell", key=key_of(page), trip=trip, at=at, what=what, **fields)


def rows(desk):
    return filled(desk.folder / "a.events.csv")


def standing(desk, now_s):
    reading = read_table(desk.folder / "a.events.csv", hub_plan.INSTANCE, hub_plan.PLAN, now_s)
    return Standing(state_of(hub_plan.PLAN, hub_plan.INSTANCE, reading.events, now_s))


PRESSES = [
    (("T1", 0, "loaded", {"from": "06.14"}), ("loaded", "T1", "", "06.14", "")),
    (("T1", 0, "departed", {"from": "06.14"}), ("departed", "T1", "", "06.14", "W")),
    (("T1", 1, "arrived", {"from": "07.05"}), ("arrived", "T1", "", "07.05", "H")),
    (("T1", 1, "delivered", {"from": "07.20"}), ("delivered", "T1", "", "07.20", "H")),
    (("T2", 1, "delivered", {"from": "07.50"}), ("delivered", "T2", "", "07.50", "A")),
    (("T2", 1, "refused", {"from": "07.50"}), ("refused", "T2", "", "07.50", "A")),
    (("T2", 2, "skipped", {"from": "08.10"}), ("skipped", "T2", "", "08.10", "B")),
    (("T1", 2, "delay", {"late": "45 menit"}), ("delay", "T1", "45 menit", "", "C")),
    (("T1", 2, "breakdown", {"from": "07.10"}), ("breakdown", "TRUCK-01", "", "07.10", "")),
    (("T1", 3, "arrived", {"from": "08.40"}), ("arrived", "T1", "", "08.40", "W")),
]


@pytest.mark.parametrize(("pressed", "typed"), PRESSES, ids=[f"{one[0][2]}-{one[0][1]}" for one in PRESSES])
def test_a_press_says_what_the_terminal_says(desk, sari, pressed, typed, tmp_path, tables, plan):
    trip, at, what, fields = pressed
    answer = tell(sari, trip, at, what, note="by phone", **fields)
    assert answer.status == 303, words_of(answer)
    kind, subject, value, begins, place = typed
    twin = laid_out(tmp_path / "twin", tables)
    more = ("--from", begins) if begins else ()
    more += ("--place", place) if place else ()
    plan(
        "event", "add", twin.parent / "a.json", kind, subject, *([value] if value else []), *more,
        *("--note", "by phone", "--by", "Sari", "--time", NOON),
    )  # fmt: skip
    expected = filled(twin)
    told = rows(desk)
    for row in (*expected, *told):
        row.pop("time")
        if kind == "delay":
            row.pop("from", None)
    assert told == expected
    said = words_of(sari.get(answer.where))
    assert "Reported (1):" in said and "by phone" in said


def test_a_part_that_is_all_of_it_is_refused_as_in_the_terminal(desk, sari, tables, tmp_path, plan):
    answer = tell(sari, "T2", 1, "partly", units="1", **{"from": "07.50"})
    twin = laid_out(tmp_path / "twin", tables).parent / "a.json"
    typed = ("partly", "T2", "1", "--from", "07.50", "--place", "A", "--by", "Sari", "--time", NOON)
    _, err = plan("event", "add", twin, *typed, code=2)
    code = re.search(r"E\d{3}", err)[0]
    assert answer.status == 422 and code in words_of(answer)
    assert rows(desk) == []


def test_the_same_press_is_done_once(desk, sari):
    page = sari.get("/stop?trip=T1&at=1")
    fields = {"key": key_of(page), "trip": "T1", "at": 1, "what": "delivered", "from": "07.20"}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: sari.press("/tell", **fields), range(8)))
    assert {answer.status for answer in answers} == {303}
    assert len({answer.where for answer in answers}) == 1
    assert len(rows(desk)) == 1


def test_many_people_tell_at_once_and_nothing_is_lost(desk):
    people = [Person(desk, f"P{number}") for number in range(6)]
    spots = [
        ("T1", 1, "07.20"),
        ("T1", 2, "07.40"),
        ("T2", 1, "07.50"),
        ("T2", 2, "08.15"),
        ("T3", 1, "09.10"),
    ]
    with ThreadPoolExecutor(5) as pool:
        jobs = zip(people, spots, strict=False)
        done = list(pool.map(lambda one: tell(one[0], *one[1][:2], "delivered", **{"from": one[1][2]}), jobs))
    assert [answer.status for answer in done] == [303] * len(spots)
    assert len({row["id"] for row in rows(desk)}) == len(spots)
    assert {row["by"] for row in rows(desk)} == {f"P{number}" for number in range(5)}


def test_undo_takes_back_what_was_told(desk, sari):
    before = words_of(sari.get("/region?id=C"))
    answer = tell(sari, "T1", 2, "delivered", **{"from": "07.40"})
    assert "Receipt 22 Nov 07:40 confirmed" in words_of(sari.get("/region?id=C"))
    page = sari.get(answer.where)
    ids = re.search(r'name="ids" value="([^"]+)"', page.text)[1]
    undone = sari.press("/undo", key="k1", ids=ids, back="/reports")
    assert undone.status == 303
    assert [row["kind"] for row in rows(desk)] == ["delivered", "void"]
    assert words_of(sari.get("/region?id=C")).split("Reports")[0] == before.split("Reports")[0]
    again = sari.press("/undo", key="k2", ids=ids, back="/reports")
    assert again.status == 422 and "K038" in words_of(again)
    assert len(rows(desk)) == 2


def test_what_was_told_before_is_not_told_again(desk, sari):
    tell(sari, "T1", 1, "delivered", **{"from": "07.20"})
    answer = tell(Person(desk, "Budi"), "T1", 1, "delivered", **{"from": "07.21"})
    assert answer.status == 422
    assert "E961" in words_of(answer) and "/stop?trip=T1&amp;at=1" in answer.text
    assert len(rows(desk)) == 1


@pytest.mark.parametrize(
    ("what", "fields", "code"),
    [
        ("delivered", {"from": "25.99"}, "E906"),
        ("delivered", {"from": "23.00"}, "E9"),
        ("delay", {"late": "soon"}, "E9"),
        ("delay", {}, "E9"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(desk, sari, what, fields, code):
    answer = tell(sari, "T1", 1, what, **fields)
    assert answer.status == 422 and code in words_of(answer)
    assert rows(desk) == []


@pytest.mark.parametrize(
    ("trip", "at", "what"),
    [
        ("T1", 9, "delivered"),
        ("T9", 1, "delivered"),
        ("T1", 1, "void"),
        ("T1", 0, "delivered"),
        ("T1", -1, "x"),
    ],
)
def test_only_what_the_page_offers_is_taken(desk, sari, trip, at, what):
    answer = sari.press("/tell", key="k", trip=trip, at=at, what=what)
    assert answer.status in (400, 404)
    assert rows(desk) == []


# ------------------------------------------------------------------------------------------ all at once


def form_of(answer):
    return dict(re.findall(r'<input type="hidden" name="(key|id|until|digest)" value="([^"]*)"', answer.text))


@pytest.mark.parametrize("subject", ["A", "H", "TRUCK-01", "VAN-01", "W"])
def test_one_press_confirms_just_what_is_shown_and_is_counted_apart(desk, sari, subject):
    page = sari.get(f"/confirm?id={subject}")
    until_s = int(form_of(page)["until"])
    state = state_of(hub_plan.PLAN, hub_plan.INSTANCE, (), until_s)
    due = due_things(state, (subject,), until_s)
    assert page.text.count('<li><span class="time">') == len(due) > 0
    answer = sari.press("/confirm", **form_of(page))
    assert answer.status == 303
    told = rows(desk)
    assert [(row["subject"], row["kind"], row["place"]) for row in told] == [
        (one.trip, one.kind.value, one.node) for one in due
    ]
    assert {(row["bulk"], row["by"]) for row in told} == {(told[0]["id"], "Sari")}
    counts = standing(desk, until_s + 60).counts
    assert counts[Sure.CONFIRMED] == 0
    assert f"{len(due)}" in words_of(sari.get(answer.where))
    assert not due_things(standing(desk, until_s + 60).state, (subject,), until_s)


def test_what_changed_since_is_not_confirmed_unseen(desk, sari):
    page = sari.get("/confirm?id=TRUCK-01")
    tell(Person(desk, "Budi"), "T1", 1, "delivered", **{"from": "07.20"})
    answer = sari.press("/confirm", **form_of(page))
    assert answer.status == 422 and "K037" in words_of(answer)
    assert len(rows(desk)) == 1


def test_a_confirmation_of_many_is_taken_back_by_one_press(desk, sari):
    answer = sari.press("/confirm", **form_of(sari.get("/confirm?id=TRUCK-01")))
    ids = re.search(r'name="ids" value="([^"]+)"', sari.get(answer.where).text)[1]
    assert len(ids.split("+")) > 1
    assert sari.press("/undo", key="k", ids=ids, back="/reports").status == 303
    assert "No reports" in words_of(sari.get("/")) or "Nothing is reported yet." in words_of(
        sari.get("/reports")
    )


def test_what_is_told_shows_on_other_screens(desk, sari):
    budi = Person(desk, "Budi", "id")
    tell(sari, "T1", 2, "delivered", **{"from": "07.40"})
    until(lambda: "dipastikan" in words_of(budi.get("/region?id=C")), seconds=5)
