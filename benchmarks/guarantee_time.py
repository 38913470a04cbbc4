"""What late legs cost the search: the same iterations of the engine without them and with them.

python benchmarks/guarantee_time.py FOLDER [--effort 1] [--repeat 3]

For each warehouse the engine searches its own trips and those of the hub with most consignments, first all as
if no leg could be late, then as the files say, in turn, in one process on one thread; the least time of the
repeats counts. Rows go to benchmarks/results/guarantee_time.csv.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

from common import append_row, facts, instance_digest, say

from planner.building.echelons import build_echelons
from planner.instance.read import read_instance
from planner.instance.schema import Instance
from planner.problem.problem import Problem
from planner.propose.engine import Budget
from planner.propose.engines import engine_named, warm_up


def problems_of(instance: Instance, warehouse: str, guarantee: int | None) -> list[Problem]:
    """The echelons of a warehouse that are searched: its own, and that of the hub with most consignments."""
    regions = [one for one in instance.regions if one.warehouse == warehouse]
    first, *others = (
        echelon.problem for echelon in build_echelons(instance, warehouse, regions, guarantee).each
    )
    return [first, *sorted(others, key=lambda one: -len(one.consignments))[:1]]


def search_s(problem: Problem, effort: int) -> float:
    """Seconds of processor for so much effort."""
    began = time.process_time()
    engine_named("sisr").propose(problem, budget=Budget(effort=effort), seed=1, report=lambda _found: True)
    return time.process_time() - began


def main() -> int:
    """Measure each warehouse and write its row."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--effort", type=int, default=1)
    parser.add_argument("--repeat", type=int, default=3)
    options = parser.parse_args()
    instance = read_instance(options.folder)
    warm_up("sisr")
    same = {"instance": options.folder.name, "instance_digest": instance_digest(options.folder)}
    for warehouse in instance.warehouses:
        plain, late = problems_of(instance, warehouse.id, 0), problems_of(instance, warehouse.id, None)
        pairs = [
            [
                (search_s(without, options.effort), search_s(with_late, options.effort))
                for _ in range(options.repeat)
            ]
            for without, with_late in zip(plain, late, strict=True)
        ]
        row = {
            "warehouse": warehouse.id,
            "consignments": sum(len(one.served) for one in late),
            "gamma": max(kind.gamma for one in late for kind in one.fleet),
            "effort": options.effort,
            "repeats": options.repeat,
            "plain_cpu_s": f"{sum(min(one for one, _ in times) for times in pairs):.2f}",
            "late_cpu_s": f"{sum(min(two for _, two in times) for times in pairs):.2f}",
        }
        append_row("guarantee_time", facts() | same | row)
        say(warehouse.id, row["plain_cpu_s"], row["late_cpu_s"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
