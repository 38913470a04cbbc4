"""The store: imported, mirrored, chained, copied; whatever people do to its files, what was told counts."""

import json
import random
import sqlite3
import subprocess
import sys

import hub_plan
import pytest
from stores import ROOT, desk, filled, history, kept, note, told

from planner.base.errors import InputError
from planner.cli import main
from planner.events.read import read_table
from planner.plans.registry import Approval, add_approval, approvals
from planner.store import place
from planner.store.copying import soundness
from planner.store.folders import unfit
from planner.store.ledger import begun, ledger_of

pytestmark = pytest.mark.usefixtures("no_database")


# ------------------------------------------------------------------------------------------------- importing


@pytest.mark.parametrize(
    "seed", [pytest.param(one, marks=pytest.mark.slow) if one >= 8 else one for one in range(50)]
)
def test_a_drawn_history_is_the_same_after_it_was_taken_over(seed, tmp_path, tables, plan):
    table = desk(tmp_path / "desk", tables)
    now_s, tale = history(table, seed)
    files = {
        path.name: path.read_bytes() for path in table.parent.iterdir() if path.suffix in (".csv", ".json")
    }
    now = hub_plan.INSTANCE.clock.text(now_s)
    asked = ("status", table.parent / "a.json", "--json", "--now", now, "--instance", tables)
    before = plan(*asked)[0]
    plan("store", "init", table.parent)
    assert {name: (table.parent / name).read_bytes() for name in files} == files
    assert plan(*asked)[0] == before
    rows = filled(table) if table.exists() else []
    assert [one["id"] for one in kept(table.parent)] == [row["id"] for row in rows]
    assert len(rows) >= len(tale.taken)
    assert soundness(ledger_of(table.parent)).is_sound
    assert told() == []


@pytest.mark.parametrize("seed", range(4))
def test_reports_are_understood_alike_with_a_store_and_without(seed, tmp_path, tables):
    """The same is told in two desks: the same is accepted, and the tables are the same to the byte."""
    plain, stored = desk(tmp_path / "plain", tables), desk(tmp_path / "stored", tables)
    begun(stored.parent)
    taken = [history(table, seed)[1].taken for table in (plain, stored)]
    assert list(taken[0]) == list(taken[1])
    if plain.exists():
        assert plain.read_bytes() == stored.read_bytes()
        assert kept(stored.parent) == filled(plain)


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(50))
def test_a_replan_is_the_same_after_the_history_was_taken_over(seed, tmp_path, tables, plan):
    table = desk(tmp_path / "desk", tables)
    now_s, _ = history(table, seed)
    if not table.exists():
        return
    now = hub_plan.INSTANCE.clock.text(now_s)

    def replanned(name):
        with pytest.raises(SystemExit):
            main(
                ["replan", str(table.parent / "a.json"), "--now", now, "--effort", "1"]
                + ["--output", str(tmp_path / name)]
            )
        return (tmp_path / name).read_bytes() if (tmp_path / name).exists() else b""

    before = replanned("before.json")
    plan("store", "init", table.parent)
    assert replanned("after.json") == before


def test_what_cannot_be_understood_waits_until_it_is_mended(tmp_path, tables, plan):
    table = desk(tmp_path, tables)
    good = note(table, "good")
    text = table.read_text("utf-8")
    table.write_text(text + "E0002,2024-11-22T02:00+08:00,demand,nowhere,,,1,,,,,,,,,\n", "utf-8")
    _, err = plan("store", "init", tmp_path)
    assert "a.events.csv" in err
    assert kept(tmp_path) == []
    table.write_text(table.read_text("utf-8").replace("nowhere", "A"), "utf-8")
    plan("event", "check", tmp_path / "a.json", "--instance", tables)
    assert [one["id"] for one in kept(tmp_path)] == [good, "E0002"]


# ------------------------------------------------------------------------------------------------- mirroring


def test_people_who_type_alter_and_remove_rows(tmp_path, tables):
    """Drawn changes of the file: rows that were typed count, all others are as they were told."""
    table = desk(tmp_path, tables)
    begun(tmp_path)
    draws, right = random.Random(7), {}
    for step in range(40):
        if draws.random() < 0.5 or not right:
            name = note(table, f"told {step}")
            right[name] = f"told {step}"
            continue
        rows = filled(table)
        codes = set()
        for row in draws.sample(rows, min(len(rows), draws.randint(0, 2))):
            if draws.random() < 0.5:
                rows.remove(row)
                codes.add("K010")
            else:
                row["note"] = f"altered {step}"
                codes.add("K009")
        if draws.random() < 0.5:
            name = f"E{len(right) + 1 + 100 * step:04d}"
            typed = {"id": name, "time": "2024-11-22T02:00+08:00", "kind": "demand", "subject": "A"}
            typed |= {"value": "1", "note": f"typed {step}"}
            rows.insert(draws.randint(0, len(rows)), typed)
            right[name] = f"typed {step}"
        columns = list(dict.fromkeys(name for row in rows for name in row)) or [
            "id",
            "time",
            "kind",
            "subject",
        ]
        separator = draws.choice(",;")
        lines = [columns, *([row.get(name, "") for name in columns] for row in rows)]
        table.write_text("\r\n".join(map(separator.join, lines)) + "\r\n", "utf-8")
        assert {one["id"]: one["note"] for one in filled(table)} == right
        assert set(told()) == codes
        read_table(table, hub_plan.INSTANCE, hub_plan.PLAN)
        assert {one["id"]: one["note"] for one in kept(tmp_path)} == right
        assert {one["id"]: one["note"] for one in filled(table)} == right
        assert told() == []
    assert soundness(ledger_of(tmp_path)).is_sound


@pytest.mark.parametrize("content", [b"", b"\xff\xfe\x00", b"id,id\n", b'id,"time\n', b"what is this\n"])
def test_a_mirror_that_was_spoilt_or_removed_is_written_anew(content, tmp_path, tables):
    table = desk(tmp_path, tables)
    begun(tmp_path)
    note(table, "one")
    right = table.read_bytes()
    table.write_bytes(content)
    assert [one["note"] for one in filled(table)] == ["one"]
    assert told() == ["K011"]
    assert table.with_name("a.events.csv.as-found-1").read_bytes() == content
    table.unlink()
    assert [one["note"] for one in filled(table)] == ["one"]
    assert table.read_bytes() == right


def test_approvals_that_are_altered_or_removed_are_told_and_typed_ones_count(tmp_path, tables):
    desk(tmp_path, tables)
    begun(tmp_path)
    first = approvals(tmp_path)
    other = Approval(
        "b.json", "sha256:0", "one hub", ".", "a.events.csv", "Budi", "2025-03-03T09:00:00+08:00"
    )
    add_approval(tmp_path, other)
    path = tmp_path / "in_force.json"
    right = path.read_text("utf-8")
    path.write_text(right.replace("Budi", "Mallory"), "utf-8")
    assert approvals(tmp_path) == (*first, other)
    assert told() == ["K009"]
    assert path.read_text("utf-8") == right
    document = json.loads(right)
    path.write_text(json.dumps(document | {"approvals": document["approvals"][1:]}), "utf-8")
    assert approvals(tmp_path) == (*first, other)
    assert told() == ["K010"]
    document["approvals"].append(document["approvals"][0])
    path.write_text(json.dumps(document), "utf-8")
    assert approvals(tmp_path) == (*first, other, *first)
    assert approvals(tmp_path) == (*first, other, *first)
    assert told() == []


def test_what_cannot_be_mirrored_now_is_kept_all_the_same(tmp_path, tables, monkeypatch):
    table = desk(tmp_path, tables)
    begun(tmp_path)
    note(table, "one")

    def full(path, content):
        raise OSError(28, "No space left on device", str(path))

    with monkeypatch.context() as patch:
        patch.setattr("planner.store.mirror.write_bytes", full)
        note(table, "two")
        assert told() == ["K012"]
        assert [one["note"] for one in filled(table)] == ["one", "two"]
        note(table, "three")
    assert [one["note"] for one in filled(table)] == ["one", "two", "three"]
    assert filled(table) == kept(tmp_path)


def test_a_full_disk_loses_and_doubles_nothing(tmp_path, tables, monkeypatch):
    table = desk(tmp_path, tables)
    begun(tmp_path)
    note(table, "one")
    right = table.read_bytes()
    with ledger_of(tmp_path).engine.connect() as connection:
        pages = connection.exec_driver_sql("PRAGMA page_count").scalar()
    connect = sqlite3.connect

    def small(*words, **more):
        made = connect(*words, **more)
        made.execute(f"PRAGMA max_page_count={pages}")
        return made

    with monkeypatch.context() as patch:
        patch.setattr("sqlite3.dbapi2.connect", small)
        patch.setattr("sqlite3.connect", small)
        with pytest.raises(InputError) as found:
            for number in range(200):
                note(table, f"{number} " + "x" * 500)
        assert [one.code for one in found.value.faults] == ["K006"]
    notes = [one["note"].split()[0] for one in kept(tmp_path)]
    assert notes == ["one", *(str(one) for one in range(len(notes) - 1))]
    assert filled(table) == kept(tmp_path)
    assert table.read_bytes().startswith(right)
    note(table, "last")
    assert kept(tmp_path)[-1]["note"] == "last"
    assert soundness(ledger_of(tmp_path)).is_sound


# --------------------------------------------------------------------------------------------------- copies


def test_a_copy_put_back_has_all_that_stands_in_the_files_too(tmp_path, tables, plan):
    table = desk(tmp_path / "desk", tables)
    plan("store", "init", table.parent)
    note(table, "before")
    copy = tmp_path / "copy.sqlite"
    plan("store", "backup", copy, "--in", table.parent)
    note(table, "after")
    plan("store", "restore", copy, "--in", table.parent, code=2)
    (table.parent / place.STORE).unlink()
    plan("store", "restore", copy, "--in", table.parent)
    assert [one["note"] for one in filled(table)] == ["before", "after"]
    read_table(table, hub_plan.INSTANCE, hub_plan.PLAN)
    assert [one["note"] for one in kept(table.parent)] == ["before", "after"]
    assert soundness(ledger_of(table.parent)).is_sound
    plan("store", "restore", table, "--in", table.parent, code=2)


def test_all_that_is_kept_can_be_written_out(tmp_path, tables, plan):
    table = desk(tmp_path / "desk", tables)
    note(table, "one")
    plan("store", "init", table.parent)
    plan("approve", table.parent / "a.json", "--by", "Budi", "--instance", tables)
    plan("store", "export", tmp_path / "out", "--in", table.parent)
    lines = (tmp_path / "out" / "entries.jsonl").read_text("utf-8").splitlines()
    assert [json.loads(line)["seq"] for line in lines] == list(range(1, len(lines) + 1))
    plans = list((tmp_path / "out").rglob("a.json"))
    assert {one.read_bytes() for one in plans} == {(table.parent / "a.json").read_bytes()}
    regions = next((tmp_path / "out").rglob("regions.csv"))
    assert regions.read_bytes() == (tables / "regions.csv").read_bytes()
    plan("store", "export", tmp_path / "out", "--in", table.parent, code=2)


def test_a_store_of_a_newer_version_is_refused(tmp_path, tables, plan):
    desk(tmp_path, tables)
    begun(tmp_path)
    with sqlite3.connect(tmp_path / place.STORE) as connection:
        connection.execute("update meta set value = '999' where key = 'schema'")
    script = "from planner.cli import main; main()"
    words = [sys.executable, "-c", script, "store", "verify", "--in", str(tmp_path)]
    done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "K003" in done.stderr


# -------------------------------------------------------------------------------------------------- folders

MOUNTS = r"""
/dev/sda1 / ext4 rw 0 0
server:/share /mnt/nfs nfs4 rw 0 0
//server/x /mnt/with\040space cifs rw 0 0
user@host: /mnt/ssh fuse.sshfs rw 0 0
/dev/sdb1 /mnt/nfs/local ext4 rw 0 0
"""


@pytest.mark.parametrize(
    ("folder", "kind"),
    [
        ("/home/sari/plans", ""),
        ("/mnt/nfs/plans", "nfs4"),
        ("/mnt/nfsplans", ""),
        ("/mnt/nfs/local/plans", ""),
        ("/mnt/with space/a", "cifs"),
        ("/mnt/ssh", "fuse.sshfs"),
        ("\\\\server\\share\\plans", "UNC"),
        ("//server/share/plans", "UNC"),
        ("/home/sari/OneDrive - KPU Kaltim/plans", "OneDrive"),
        ("/home/sari/Dropbox/plans", "Dropbox"),
        ("/Users/sari/Library/CloudStorage/GoogleDrive-a@b.id/My Drive", "Google Drive"),
        ("/Users/sari/Library/Mobile Documents/plans", "iCloud"),
        ("/home/sari/toolbox/boxes", ""),
        ("/srv/kpu/plans", "OneDrive"),
    ],
)
def test_folders_where_no_store_may_lie(folder, kind):
    assert unfit(folder, mounts=MOUNTS, environ={"OneDriveCommercial": "/srv/kpu"}) == kind


def test_a_store_in_a_synchronised_folder_is_refused(tmp_path, plan):
    _, err = plan("store", "init", tmp_path / "OneDrive", code=2)
    assert "K002" in err
    assert not (tmp_path / "OneDrive").exists()


def test_without_a_store_the_library_of_databases_is_not_loaded():
    script = (
        "import sys; import planner.cli, planner.events.adding, planner.plans.locate, planner.cli.store\n"
    )
    script += "print('sqlalchemy' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "False"
