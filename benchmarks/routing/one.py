"""One run of one solver on one instance, in this process; prints one JSON object.

python benchmarks/routing/one.py FILE --solver pyvrp --seed 1 --seconds 10 --cpus 0 [--solutions FOLDER]
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))
sys.path.insert(0, str(Path(__file__).resolve().parent))


def main() -> int:
    """Pin, run, judge, print."""
    options = arguments()
    if options.cpus and hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(
            0, {int(one) for one in options.cpus.split(",")}
        )  # before any library counts them
    row = ours(options) if options.solver in ("sisr", "planner-ortools") else peer(options)
    from planner.benchmark.run import peak_rss_mb

    print(json.dumps(row | {"peak_rss_mb": peak_rss_mb()}))
    return 0


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("file", type=Path)
    parser.add_argument("--solver", required=True)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--cpus", default="")
    parser.add_argument("--solutions", type=Path)
    parser.add_argument("--variant", default="", help="ours with one thing changed; see variants.py")
    return parser.parse_args()


def ours(options: argparse.Namespace) -> dict:
    """An engine of the planner, as `plan bench` runs it."""
    from planner.benchmark.run import BenchOptions, run_once

    if options.variant:
        from variants import VARIANTS

        VARIANTS[options.variant]()
    workers = max(1, len(options.cpus.split(",")))
    engine = "ortools" if options.solver == "planner-ortools" else options.solver
    asked = BenchOptions(engine, options.seconds, workers, solutions=options.solutions, history=True)
    return run_once(options.file, options.seed, asked)


def peer(options: argparse.Namespace) -> dict:
    """Another solver."""
    from peers import PEERS

    from planner.benchmark.files import read_file
    from planner.benchmark.read import read_instance
    from planner.benchmark.run import judged

    began = time.monotonic()
    instance = read_instance(read_file(options.file))
    read_s = time.monotonic() - began
    began = time.monotonic()
    answer = PEERS[options.solver].solve(instance, options.seed, options.seconds)
    row = {"search_s": round(time.monotonic() - began, 2), "read_s": round(read_s, 2)}
    row["class"], row["instance"] = instance.set_class, options.file.stem
    row["n"], row["convention"] = instance.problem.num_regions, instance.convention.name
    if answer is None:
        return row | {"feasible": False, "cost": None, "note": "nothing found"}
    text = answer.text(instance)
    if options.solutions is not None:
        options.solutions.mkdir(parents=True, exist_ok=True)
        path = options.solutions / f"{options.file.stem}.{options.solver}.{options.seed}.sol"
        path.write_text(text, encoding="utf-8")
    return row | judged(instance, text) | {"iterations": answer.iterations}


if __name__ == "__main__":
    sys.exit(main())
