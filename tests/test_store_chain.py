"""The store beside others: several processes, processes that are killed; its chain, and what forgers do."""

import json
import os
import random
import shutil
import sqlite3
import subprocess
import sys
from dataclasses import replace

import hub_plan
import pytest
from stores import ROOT, desk, filled, kept, note, several_add, told

from planner.events.read import read_table
from planner.store import place
from planner.store.books import REPORTS
from planner.store.chain import GENESIS, BreakKind, Entry, linked
from planner.store.copying import soundness
from planner.store.ledger import Ledger, begun, ledger_of
from planner.store.tables import engine_of_file

pytestmark = pytest.mark.usefixtures("no_database")


def test_several_processes_add_at_once(tmp_path, tables):
    table = desk(tmp_path, tables)
    begun(tmp_path)
    several_add(table, 4, 6)


KILLED = """
import os, signal, sys
from pathlib import Path
from planner.events.table import add_row
import planner.store.mirror, planner.store.books, sqlalchemy.dialects.sqlite
table, last = Path(sys.argv[1]), int(sys.argv[2])
wanted, seen = ("planner/store/mirror.py", "planner/store/ledger.py", "planner/base/files.py"), [0]
def trace(frame, kind, value):
    if not frame.f_code.co_filename.replace("\\\\", "/").endswith(wanted):
        return None
    if kind == "line":
        seen[0] += 1
        if seen[0] == last:
            os.kill(os.getpid(), signal.SIGKILL)
    return trace
cells = {"time": "2024-11-22T01:00+08:00", "kind": "demand", "subject": "A", "value": "1"}
sys.settrace(trace)
print(add_row(table, lambda id: cells | {"id": id, "note": sys.argv[3]}).ids[0])
sys.settrace(None)
print(seen[0])
"""


def killed_at(table, last, text):
    done = subprocess.run(
        [sys.executable, "-c", KILLED, str(table), str(last), text],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    return done.returncode, done.stdout.split()


@pytest.mark.skipif(os.name == "nt", reason="needs SIGKILL")
@pytest.mark.parametrize("points", [6, pytest.param(50, marks=pytest.mark.slow)])
def test_a_process_that_is_killed_loses_and_doubles_nothing(points, tmp_path, tables):
    """Killed at points spread over all lines that write: its report is there whole, or not at all."""
    table = desk(tmp_path, tables)
    begun(tmp_path)
    lines = int(killed_at(table, 0, "first")[1][1])
    assert lines > points
    right = ["first"]
    for point in range(points):
        text = f"killed {point}"
        code, out = killed_at(table, 1 + point * lines // points, text)
        rows = kept(tmp_path)
        notes = [one["note"] for one in rows]
        assert notes in (right, [*right, text])
        assert code == -9 or notes[-1] == text
        assert not out or notes[-1] == text
        assert filled(table) == rows
        right = notes
    assert told() == []
    assert note(table, "last") == f"E{len(right) + 1:04d}"
    assert soundness(ledger_of(tmp_path)).is_sound


# ---------------------------------------------------------------------------------------------------- chain


@pytest.fixture(scope="module")
def long_chain(tmp_path_factory):
    """A store of 2,000 entries; its file, and its head."""
    folder = tmp_path_factory.mktemp("long")
    table = desk(folder, folder)
    ledger = begun(folder)
    cells = {"time": "2024-11-22T01:00+08:00", "kind": "demand", "subject": "A", "value": "1"}
    for part in range(4):
        with ledger.writing() as work:
            numbers = range(500 * part, 500 * part + 500)
            work.add(
                [REPORTS.new(table, 0, cells | {"id": f"E{at}", "note": f"n{at}"}, None) for at in numbers]
            )
    found = soundness(ledger)
    assert found.is_sound
    assert found.entries == 2000
    return folder / place.STORE, found.head


COLUMNS = (
    "id",
    "at",
    "by",
    "through",
    "content",
    "private",
    "salt",
    "private_hash",
    "before",
    "hash",
    "book",
)


def tampered(connection, draws):
    """Change one byte of one row, cut the tail, take a row out, or put one in."""
    seq = draws.randint(1, 2000)
    what = draws.choice(("byte", "byte", "cut", "insert", "remove", "again"))
    if what == "cut":
        connection.execute("delete from entries where seq >= ?", (seq,))
    elif what == "remove":
        connection.execute("delete from entries where seq = ?", (seq,))
    elif what in ("insert", "again"):
        connection.execute("update entries set seq = -seq where seq > ?", (seq,))
        connection.execute("update entries set seq = 1 - seq where seq < 0")
        row = list(connection.execute("select * from entries where seq = ?", (seq,)).fetchone())
        row[0], row[3] = seq + 1, "E999999"
        connection.execute(f"insert into entries values ({','.join('?' * len(row))})", row)
    else:
        column = draws.choice(COLUMNS)
        (cell,) = connection.execute(f"select {column} from entries where seq = ?", (seq,)).fetchone()
        content = bytearray((cell or "?").encode())
        at = draws.randrange(len(content))
        content[at] = draws.choice([one for one in b"0123456789abcdefxyz" if one != content[at]])
        try:
            connection.execute(f"update entries set {column} = ? where seq = ?", (content.decode(), seq))
        except sqlite3.IntegrityError:
            return "refused"  # two of one id: no database takes that
        return column
    return what


def made_anew(connection):
    """What a clever forger does: all hashes are worked out again after the change."""
    before = GENESIS
    for at, row in enumerate(connection.execute("select * from entries order by seq").fetchall(), 1):
        entry = linked(replace(Entry(*row), before=before, hash=""))
        before = entry.hash
        found = (entry.before, entry.hash, row[0])
        connection.execute("update entries set before = ?, hash = ? where seq = ?", found)
        connection.execute("update entries set seq = ? where seq = ?", (-at, row[0]))
    connection.execute("update entries set seq = -seq")


@pytest.mark.parametrize(
    ("number", "seed"), [(20, 0), *(pytest.param(100, seed, marks=pytest.mark.slow) for seed in (1, 2, 3))]
)
def test_three_hundred_forged_chains_are_found(number, seed, long_chain, tmp_path):
    source, head = long_chain
    draws, whole = random.Random(seed), sqlite3.connect(source)
    for at in range(number):
        path = tmp_path / "forged.sqlite"
        path.unlink(missing_ok=True)
        other = sqlite3.connect(path)
        whole.backup(other)
        done = tampered(other, draws)
        if at % 5 == 0 and done not in ("hash", "before"):  # else it would be what it was
            made_anew(other)
        other.commit()
        other.close()
        assert done == "refused" or soundness(ledger_of_file(path), head).breaks, done
    whole.close()


def test_a_chain_that_was_made_anew_has_not_the_head_that_was_printed(long_chain, tmp_path):
    source, head = long_chain
    path = tmp_path / "forged.sqlite"
    shutil.copy(source, path)
    other = sqlite3.connect(path)
    other.execute("update entries set by = 'Mallory' where seq = 700")
    made_anew(other)
    other.commit()
    other.close()
    assert soundness(ledger_of_file(path)).is_sound
    assert [one.kind for one in soundness(ledger_of_file(path), head).breaks] == [BreakKind.HEAD]
    assert soundness(ledger_of_file(source), head[:16]).is_sound


def ledger_of_file(path):
    return Ledger(engine_of_file(path), path.name)


def test_verify_finds_heads_that_were_printed_before(tmp_path, tables, plan):
    table = desk(tmp_path, tables)
    plan("store", "init", tmp_path)
    out, _ = plan("approve", tmp_path / "a.json", "--by", "Budi", "--instance", tables)
    head = next(line.split()[-1] for line in out.splitlines() if "Head" in line)
    note(table, "more")
    plan("event", "verify", tmp_path, "--head", head)
    plan("event", "verify", tmp_path / "a.json", "--head", head[:12].upper())
    plan("event", "verify", tmp_path, "--head", "0" * 12, code=4)
    plan("event", "verify", tmp_path, "--head", "zz", code=2)
    assert json.loads(plan("event", "verify", tmp_path, "--json")[0])["entries"] == 4


def test_erased_text_is_nowhere_any_more_and_the_chain_holds(tmp_path, tables, plan):
    table = desk(tmp_path, tables)
    plan("store", "init", tmp_path)
    secret = "Pak Rahasia"
    phone = "0812-3456-789"
    note(table, secret)
    contact = {"kind": "contact", "subject": "A", "value": f"{secret} {phone}"}
    note(table, "", **contact)
    head = soundness(ledger_of(tmp_path)).head
    rows = len(read_table(table, hub_plan.INSTANCE, hub_plan.PLAN).events)
    plan("store", "erase", "E0001", "E0002", "--by", "Budi", "--in", tmp_path)
    for path in tmp_path.iterdir():
        assert secret.encode() not in path.read_bytes(), path
        assert phone.encode() not in path.read_bytes(), path
    assert len(read_table(table, hub_plan.INSTANCE, hub_plan.PLAN).events) == rows
    assert soundness(ledger_of(tmp_path), head).is_sound
    assert told() == []
    with sqlite3.connect(tmp_path / place.STORE) as connection:
        connection.execute("update entries set private = null, salt = null where kind = 'approval'")
    kinds = [one.kind for one in soundness(ledger_of(tmp_path)).breaks]
    assert kinds == [BreakKind.LOST_TEXT]
    plan("store", "erase", "E0009", "--by", "Budi", "--in", tmp_path, code=2)
