"""The store on a server: Debian's PostgreSQL, started for these tests; loudly left out without it."""

import importlib.util
import json
import os
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from stores import INITDB, ROOT, Server, desk, filled, kept, note, several_add, told

from planner.events.read import read_table
from planner.plans.registry import approvals
from planner.store import place
from planner.store.copying import soundness
from planner.store.ledger import begun, ledger_of
from planner.store.tables import without_credentials

pytestmark = [
    pytest.mark.usefixtures("no_database"),
    pytest.mark.skipif(INITDB is None, reason="POSTGRESQL (initdb) IS NOT INSTALLED: NOT TRIED"),
    pytest.mark.skipif(
        importlib.util.find_spec("psycopg") is None, reason="psycopg IS NOT INSTALLED: POSTGRESQL NOT TRIED"
    ),
]
SECRET = "geheim"


@pytest.fixture(scope="module")
def server():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        os.chmod(name, 0o755)
        made = Server(Path(name), port)
        yield made
        made.stop()


@pytest.fixture
def at(server, tmp_path, tables):
    """A desk whose store is on the server: its table of reports, and the database's address."""
    url = server.database()
    table = desk(tmp_path / "first", tables)
    place.use_database(url, explicit=False)
    begun(table.parent, url)
    assert len(approvals(table.parent)) == 1
    return table, url


def test_a_desk_on_a_server_works_as_one_in_a_file(at, plan, tmp_path, tables):
    table, url = at
    for number in range(3):
        note(table, f"note {number}")
    read_table(table, *_of_hub())
    assert kept(table.parent) == filled(table)
    out = json.loads(plan("event", "verify", table.parent, "--json", "--database", url)[0])
    assert (out["sound"], out["entries"]) == (True, 4)
    copy = tmp_path / "copy.sqlite"
    plan("store", "backup", copy, "--in", table.parent, "--database", url)
    note(table, "later")
    plan("store", "restore", copy, "--in", table.parent, "--database", url, code=2)
    plan("store", "restore", copy, "--in", table.parent, "--database", url, "--force")
    read_table(table, *_of_hub())
    assert [one["note"] for one in kept(table.parent)] == ["note 0", "note 1", "note 2", "later"]
    plan("store", "erase", "E0001", "--by", "Sari", "--in", table.parent, "--database", url)
    assert [one["note"] for one in filled(table)] == ["-", "note 1", "note 2", "later"]
    assert soundness(ledger_of(table.parent)).is_sound
    assert told() == []


def _of_hub():
    import hub_plan

    return hub_plan.INSTANCE, hub_plan.PLAN


def test_two_machines_share_one_desk(at, tmp_path, tables):
    """The second folder joins empty, and gets what the first one has; each sees what the other one tells."""
    first, url = at
    note(first, "from the first")
    second = tmp_path / "second" / first.name
    second.parent.mkdir()
    begun(second.parent, url)
    assert approvals(second.parent) == approvals(first.parent)
    assert [one["note"] for one in filled(second)] == ["from the first"]
    for number in range(4):
        note((first, second)[number % 2], f"turn {number}")
    assert filled(first) == filled(second) == kept(first.parent)
    second.write_text(second.read_text("utf-8").replace("turn 1", "turned"), "utf-8")
    assert filled(second) == filled(first)
    assert told() == ["K009"]


def test_several_processes_add_at_once(at):
    several_add(at[0], 4, 6, at[1])


def test_two_machines_add_at_once(at, tmp_path):
    """Two folders without a common lock file: only the server keeps their reports apart."""
    first, url = at
    second = tmp_path / "second" / first.name
    second.parent.mkdir()
    begun(second.parent, url)
    from stores import started

    running = [started(table, f"p{at}", 8, url) for at, table in enumerate((first, second))]
    ids = [name for one in running for name in one.communicate(timeout=240)[0].split()]
    assert [one.returncode for one in running] == [0, 0]
    assert sorted(ids) == [f"E{one:04d}" for one in range(1, 17)]
    assert filled(first) == filled(second) == kept(first.parent)
    assert told() == []


def test_credentials_are_in_no_file_and_no_message(server, at, tmp_path, plan, monkeypatch):
    table, url = at
    asked = ("--in", table.parent, "--database")
    said = []
    said += plan("store", "verify", *asked, url)
    said += plan("store", "verify", *asked, url.replace("/desk", "/nothing"), code=2)
    said += plan("store", "verify", *asked, url.replace(f":{server.port}", ":1"), code=2)
    said += plan("store", "verify", *asked, url.replace("desk:", f"nobody_{SECRET}:"), code=2)
    said += plan("store", "verify", *asked, f"postgresql://desk:{SECRET}@[half", code=2)
    said += plan("store", "verify", *asked, f"mysql://desk:{SECRET}@host/x", code=2)
    said += plan("store", "verify", *asked, f"{url}?password={SECRET}&nonsense={SECRET}", code=2)
    said += plan("store", "init", tmp_path / "new", "--database", url)
    said += plan("status", "--database", url, tmp_path, code=2)
    for text in said:
        assert SECRET not in text
    for path in (*table.parent.iterdir(), *(tmp_path / "new").iterdir()):
        assert SECRET.encode() not in path.read_bytes(), path
    with ledger_of(table.parent).reading() as work:
        assert all(SECRET not in str(one) for one in work.entries())
    monkeypatch.setenv("PLAN_DEBUG", "1")
    words = [sys.executable, "-c", "from planner.cli import main; main()", "store", "verify", "--in"]
    done = subprocess.run(
        [*words, str(table.parent), "--database", url.replace(f":{server.port}", ":1")],
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert SECRET not in done.stdout + done.stderr


@pytest.mark.parametrize(
    "url",
    [
        f"postgresql://desk:{SECRET}@host/x",
        f"postgresql://{SECRET}@host/x",
        f"postgresql://desk:a@{SECRET}/b@host/x",
        f"postgresql://host/x?user={SECRET}&password={SECRET}",
    ],
)
def test_an_address_without_credentials(url):
    assert without_credentials(url) == "postgresql://host/x"


def test_another_desks_database_is_refused(server, at, plan):
    table, _ = at
    other = server.database()
    plan("store", "verify", "--in", table.parent, "--database", other, code=2)
    begun(table.parent.parent / "other", other)
    _, err = plan("store", "verify", "--in", table.parent, "--database", other, code=2)
    assert "K016" in err
