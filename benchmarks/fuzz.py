"""Spoilt files by the ten thousand: what each reader makes of them, in processes with 2 GB each.

    PYTHONPATH=. python benchmarks/fuzz.py [CASES] [PROCESSES]

prints a row for each reader: tried, refused (exit 2), rejected (exit 4), accepted (exit 0 or 3), unexpected,
longest seconds, most MB of its process; and what broke the oracle (no traceback, no hang above 20 s, nothing
that steers a terminal, no file changed that is only read).
"""

from __future__ import annotations

import os
import resource
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

from tests.fuzz.readers import READERS, Found, call, run_case
from tests.fuzz.world import make_world

MOST_BYTES = 2 * 2**30  # of memory beyond what libraries have reserved without using it
RESERVED_BYTES = 2 * 2**30


def cases_of(name: str, number: int) -> tuple[str, Found, int]:
    """Cases of one reader in a world of its own; and the most MB that its process has held."""
    limit = MOST_BYTES + RESERVED_BYTES
    resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
    found = Found()
    with tempfile.TemporaryDirectory() as folder:
        world = make_world(Path(folder))
        os.chdir(world)
        call(("check", "plans/plan.json", "--instance", "instance", "--output", "certificate.json"))
        for seed in range(number):
            run_case(world, name, 1_000_000 + seed, found)
        os.chdir("/")
    return name, found, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> int:
    """Run all; 1 where something broke the oracle."""
    number = int(sys.argv[1]) if len(sys.argv) > 1 else 50_000
    processes = int(sys.argv[2]) if len(sys.argv) > 2 else 2
    each = -(-number // len(READERS))
    wrong: list[str] = []
    print("| reader | tried | refused | rejected | accepted | unexpected | longest s | MB |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    with ProcessPoolExecutor(processes, max_tasks_per_child=1) as pool:
        for name, found, megabytes in pool.map(cases_of, READERS, [each] * len(READERS)):
            ends = [found.ends[one] for one in ("refused", "rejected", "accepted", "unexpected")]
            row = (name, each, *ends, f"{found.longest_s:.1f}", megabytes)
            print("| " + " | ".join(map(str, row)) + " |", flush=True)
            wrong += found.wrong
    print("\n".join(wrong))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
