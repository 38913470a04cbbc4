"""How a store holds under many hands: processes that add reports at once while replans run; a row.

    python benchmarks/store.py [--processes 16] [--reports 5000] [--postgresql]

Each report is told, then looked for: none may be lost, none doubled, and the chain must hold.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

import hub_plan  # noqa: E402
from stores import Server, desk, kept, started  # noqa: E402

from planner.instance.write import write_instance  # noqa: E402
from planner.store import place  # noqa: E402
from planner.store.copying import soundness  # noqa: E402
from planner.store.ledger import begun, ledger_of  # noqa: E402

PLAN = [sys.executable, "-c", "from planner.cli import main; main()"]


def replanning(table, url, stop):
    """Replan again and again until all is told; gives how many replans came to an end."""
    number, failed = 0, []
    while not stop():
        asked = ["replan", table.parent / "a.json", "--effort", "1"]
        asked += ["--now", "2024-11-22T03:00+08:00", "--output", table.parent / f"r{number}.json"]
        done = subprocess.run(
            [*PLAN, *map(str, asked)],
            cwd=ROOT,
            env=os.environ | {"PLAN_DATABASE": url},
            check=False,
            capture_output=True,
            text=True,
        )
        if done.returncode in (0, 3):
            number += 1
        else:
            failed.append(done.stderr)
    print(*failed, sep="\n", end="", file=sys.stderr)
    return number


def measured(name, folder, processes, reports, url=""):
    """Let processes add reports, and print what came of it."""
    tables = folder / "hub"
    if not tables.exists():
        write_instance(tables, hub_plan.INSTANCE)
    table = desk(folder / name, tables)
    place.use_database(url, explicit=False)
    begun(table.parent, url)
    each = -(-reports // processes)
    begin = time.perf_counter()
    running = [started(table, f"p{at}", each, url) for at in range(processes)]
    replans = replanning(table, url, lambda: all(one.poll() is not None for one in running))
    told = [line for one in running for line in one.communicate()[0].split()]
    seconds = time.perf_counter() - begin
    rows = [row["id"] for row in kept(table.parent)]
    lost, doubled = len(set(told) - set(rows)), len(rows) - len(set(rows)) + len(told) - len(set(told))
    sound = soundness(ledger_of(table.parent)).is_sound
    words = (name, processes, each * processes, len(told), lost, doubled, sound, replans, round(seconds, 1))
    print(",".join(map(str, words)), flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--processes", type=int, default=16)
    parser.add_argument("--reports", type=int, default=5000)
    parser.add_argument("--postgresql", action="store_true")
    asked = parser.parse_args()
    print("store,processes,reports,told,lost,doubled,sound,replans,seconds", flush=True)
    with tempfile.TemporaryDirectory(dir="/tmp") as name:
        folder = Path(name)
        folder.chmod(0o755)
        if not asked.postgresql:
            measured("sqlite", folder, asked.processes, asked.reports)
            return
        server_folder = folder / "server"
        server_folder.mkdir()
        server = Server(server_folder, 54_329)
        try:
            measured("postgresql", folder, asked.processes, asked.reports, server.database())
        finally:
            server.stop()


if __name__ == "__main__":
    main()
