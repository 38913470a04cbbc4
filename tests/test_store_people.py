"""People and their tokens; a store of the schema before, as today's program finds it; one of a newer."""

import json
import sqlite3
import subprocess
import sys

import pytest
from stores import ROOT, desk, filled, kept, note

from planner.base.errors import InputError
from planner.plans.registry import approvals
from planner.store import place
from planner.store.copying import opened_copy, soundness
from planner.store.ledger import begun, ledger_of
from planner.store.people import TOKEN, add_person, checked_person, people_of, revoke_person

pytestmark = pytest.mark.usefixtures("no_database")


@pytest.fixture
def table(tmp_path, tables):
    made = desk(tmp_path / "desk", tables)
    begun(made.parent)
    approvals(made.parent)
    return made


def test_only_a_token_that_holds_approves(table, monkeypatch):
    folder, ledger = table.parent, ledger_of(table.parent)
    assert checked_person(folder, "anybody") == "anybody"  # nobody is kept
    tokens = {name: add_person(ledger, name, "Budi") for name in ("Sari", "Tono")}
    cases = (
        ("", "Sari", "K040"), ("x", "Sari", "K040"), (tokens["Tono"], "Sari", "K041"),
        (tokens["Sari"], "sari", ""), (tokens["Sari"] + "x", "Sari", "K040"), (tokens["Tono"], "Tono", ""),
    )  # fmt: skip
    for token, by, code in cases:
        monkeypatch.setenv(TOKEN, token)
        if code:
            with pytest.raises(InputError) as caught:
                checked_person(folder, by)
            assert [one.code for one in caught.value.faults] == [code]
        else:
            assert checked_person(folder, by) == by.title()
    with pytest.raises(InputError, match="K042"):
        add_person(ledger, "SARI", "Budi")
    revoke_person(ledger, "sari", "Budi")
    monkeypatch.setenv(TOKEN, tokens["Sari"])
    with pytest.raises(InputError, match="K040"):
        checked_person(folder, "Sari")
    with pytest.raises(InputError, match="K043"):
        revoke_person(ledger, "Sari", "Budi")
    again = add_person(ledger, "Sari", "Budi")
    monkeypatch.setenv(TOKEN, again)
    assert checked_person(folder, "Sari") == "Sari"
    assert [(one["name"], one["what"]) for one in kept(folder, "person")] == [
        ("Sari", "added"), ("Tono", "added"), ("Sari", "revoked"), ("Sari", "added"),
    ]  # fmt: skip
    assert soundness(ledger).is_sound
    content = (folder / place.STORE).read_bytes()
    assert not [one for one in (*tokens.values(), again) if one.encode() in content]


def test_approving_needs_a_token_once_somebody_is_kept(table, tables, plan, monkeypatch):
    asked = ("approve", table.parent / "a.json", "--instance", tables, "--by")
    token = plan("store", "people", "add", "Sari", "--by", "Budi", "--in", table.parent)[0].strip()
    assert "K040" in plan(*asked, "Sari", code=2)[1]
    monkeypatch.setenv(TOKEN, token)
    assert "K041" in plan(*asked, "Budi", code=2)[1]
    plan(*asked, "Sari")
    assert [one.by for one in approvals(table.parent)][-1] == "Sari"
    listed = json.loads(plan("store", "people", "list", "--in", table.parent, "--json")[0])["people"]
    assert [(one["name"], one["until"]) for one in listed] == [("Sari", "")]


def test_an_older_copy_gives_no_token_back(table, tmp_path, plan):
    ledger = ledger_of(table.parent)
    add_person(ledger, "Sari", "Budi")
    copy = tmp_path / "copy.sqlite"
    plan("store", "backup", copy, "--in", table.parent)
    revoke_person(ledger, "Sari", "Budi")
    plan("store", "restore", copy, "--in", table.parent, "--force")
    assert [bool(one.until) for one in people_of(ledger_of(table.parent))] == [True]
    plan("store", "restore", copy, "--in", tmp_path / "new")
    assert [bool(one.until) for one in people_of(ledger_of(tmp_path / "new"))] == [False]


def as_schema_1(path):
    """Make a store what the program of schema 1 had: without the table of people."""
    with sqlite3.connect(path) as connection:
        connection.execute("drop table people")
        connection.execute("update meta set value = '1' where key = 'schema'")
    connection.close()


def program(*words):
    done = subprocess.run(
        [sys.executable, "-c", "from planner.cli import main; main()", *map(str, words)],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout, done.stderr


def test_a_store_of_the_schema_before_is_read_and_brought_up(table, tmp_path):
    for number in range(3):
        note(table, f"note {number}")
    before, rows = kept(table.parent), filled(table)
    as_schema_1(table.parent / place.STORE)
    (tmp_path / "old.sqlite").write_bytes((table.parent / place.STORE).read_bytes())
    code, out, _ = program("event", "verify", table.parent, "--json")
    assert (code, json.loads(out)["entries"]) == (0, 4)
    with sqlite3.connect(table.parent / place.STORE) as connection:
        assert connection.execute("select value from meta where key = 'schema'").fetchone() == ("2",)
        assert connection.execute("select count(*) from people").fetchone() == (0,)
    connection.close()
    assert (kept(table.parent), filled(table)) == (before, rows)
    with opened_copy(tmp_path / "old.sqlite") as copy:  # a copy of then is read, and stays as it is
        assert people_of(copy) == []
    with sqlite3.connect(tmp_path / "old.sqlite") as connection:
        assert connection.execute("select value from meta where key = 'schema'").fetchone() == ("1",)
    connection.close()


def test_two_who_bring_a_store_up_at_once(table):
    as_schema_1(table.parent / place.STORE)
    words = [sys.executable, "-c", "from planner.cli import main; main()", "store", "verify", "--in"]
    running = [
        subprocess.Popen(
            [*words, str(table.parent)], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        for _ in range(2)
    ]
    for one in running:
        _, err = one.communicate(timeout=240)
        assert one.returncode == 0, err


def test_a_newer_store_is_refused_with_a_sentence(table):
    with sqlite3.connect(table.parent / place.STORE) as connection:
        connection.execute("update meta set value = '3' where key = 'schema'")
    connection.close()
    code, _, err = program("event", "verify", table.parent)
    assert code == 2
    assert "K003" in err
    assert "newer version" in err
