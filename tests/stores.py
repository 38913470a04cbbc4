"""Stores for tests: drawn histories, and PostgreSQL where Debian's is there."""

import os
import random
import shutil
import subprocess
import sys
from glob import glob
from pathlib import Path

import hub_plan

from planner.events.read import read_rows
from planner.events.table import add_row
from planner.plans.file import plan_digest, plan_to_text
from planner.plans.registry import Approval, add_approval
from planner.store import place
from planner.store.copying import soundness
from planner.store.ledger import ledger_of

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "benchmarks"))
from replan import tell
from replan_draws import KINDS_DRAWN, PHASES, scene_of

ROOT = Path(__file__).resolve().parents[1]
INITDB = next(iter(sorted(glob("/usr/lib/postgresql/*/bin/initdb"))), shutil.which("initdb"))


def desk(folder, tables):
    """A folder with the plan of a small chain with a hub in force; its table of reports is not there yet."""
    folder.mkdir(parents=True, exist_ok=True)
    plan, instance = hub_plan.PLAN, hub_plan.INSTANCE
    (folder / "a.json").write_text(plan_to_text(plan, instance.clock), "utf-8")
    digest = plan_digest(plan, instance.clock)
    where = Path(os.path.relpath(tables, folder)).as_posix()
    told = (instance.settings.name, where, "a.events.csv", "Sari", "2025-03-03T08:00:00+08:00")
    add_approval(folder, Approval("a.json", digest, *told, note="first"))
    return folder / "a.events.csv"


def history(table, seed, number=4):
    """Tell reports that are drawn; gives the moment at which they are told, and how many were accepted."""
    draws = random.Random(seed)
    scene = scene_of(hub_plan.PLAN, hub_plan.INSTANCE, draws.choice(PHASES), draws)
    told = tell(scene, draws.sample(list(KINDS_DRAWN), number), table)
    return scene.now_s, told


def told():
    found = []
    place.take_told(found.extend)
    return [one.code for one in found]


def kept(folder, kind="report"):
    with ledger_of(folder).reading() as work:
        return [one.cells() for one in work.entries(kind)]


def filled(path):
    return [{name: cell for name, cell in row.cells.items() if cell} for row in read_rows(path)[0]]


def note(table, text, **more):
    """Add a report that needs nothing of a plan; gives its id."""
    cells = {"time": "2024-11-22T01:00+08:00", "kind": "demand", "subject": "A", "value": "1"}
    cells |= {"note": text}
    return add_row(table, lambda name: cells | more | {"id": name}).ids[0]


ADDER = """
import sys
from pathlib import Path
from planner.events.table import add_row
from planner.store.place import use_database
table, name, number = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
use_database(sys.argv[4], explicit=False)
cells = {"time": "2024-11-22T01:00+08:00", "kind": "demand", "subject": "A", "value": "1"}
for at in range(number):
    new = add_row(table, lambda id: cells | {"id": id, "note": f"{name} {at}"}, wait_s=120)
    print(new.ids[0], flush=True)
"""


def started(*words):
    return subprocess.Popen(
        [sys.executable, "-c", ADDER, *map(str, words)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )


def several_add(table, processes, each, url=""):
    """Several processes add reports to one table; asserts that none is lost or doubled."""
    running = [started(table, f"p{one}", each, url) for one in range(processes)]
    ids = [name for one in running for name in one.communicate(timeout=240)[0].split()]
    assert [one.returncode for one in running] == [0] * processes
    assert sorted(ids) == [f"E{one:04d}" for one in range(1, processes * each + 1)]
    place.use_database(url, explicit=False)
    rows = kept(table.parent)
    wanted = sorted(f"p{one} {at}" for one in range(processes) for at in range(each))
    assert sorted(row["note"] for row in rows) == wanted
    assert filled(table) == rows
    assert soundness(ledger_of(table.parent)).is_sound
    assert told() == []


class Server:
    """A server of PostgreSQL of its own, as the user `postgres` where the tests run as root."""

    def __init__(self, folder, port):
        bin_folder = Path(INITDB).resolve().parent
        self.folder, self.port, self.number = folder, port, 0
        self.as_user = {}
        if os.geteuid() == 0:
            import pwd

            user = pwd.getpwnam("postgres")
            os.chown(folder, user.pw_uid, user.pw_gid)
            self.as_user = {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
        self.run(bin_folder / "initdb", "-D", folder / "data", "-A", "trust", "-U", "desk", "-N")
        options = f"-p {port} -k {folder} -c listen_addresses=127.0.0.1 -c max_connections=60"
        self.pg_ctl = bin_folder / "pg_ctl"
        self.run(self.pg_ctl, "-D", folder / "data", "-l", folder / "log", "-o", options, "-w", "start")

    def run(self, *words):
        subprocess.run(
            [str(one) for one in words], check=True, capture_output=True, cwd=self.folder, **self.as_user
        )

    def database(self, user="desk"):
        """The address of a new, empty database."""
        import psycopg

        self.number += 1
        name = f"desk{self.number}"
        with psycopg.connect(self.url("postgres", "desk"), autocommit=True) as connection:
            connection.execute(f"create database {name}")
        return self.url(name, user)

    def url(self, name, user):
        return f"postgresql://{user}:geheim%21@127.0.0.1:{self.port}/{name}"

    def stop(self):
        self.run(self.pg_ctl, "-D", self.folder / "data", "-m", "immediate", "stop")
