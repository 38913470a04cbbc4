"""Tiny worlds with edges that have hours and ways round: what a solve answers against every plan there is.

python benchmarks/hours_worlds.py [--first 0] [--number 300] [--time-limit SECONDS]

By default with --effort 1 (and little of the engine, since composition has every trip), else by the clock.
The reference is that of `tests/exhaustive_hours.py`, which uses nothing of the program; what is guaranteed
the independent checker says. It prints a line for each world in which the answer differs, and counts at the
end: who is late as planned comes first, then who is not promised, then, where nobody is late, the cost.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1]), str(Path(__file__).parents[1] / "tests")]

from exhaustive_hours import HoursWorld  # noqa: E402
from test_hours_family import answer_of  # noqa: E402

from planner.propose.sisr import engine  # noqa: E402
from planner.solving.options import SolveOptions  # noqa: E402
from planner.solving.pipeline import solve  # noqa: E402

NEAR = 1.03


def main() -> int:
    """Go through the worlds; 1: some answer is worse than the best."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--number", type=int, default=300)
    parser.add_argument("--time-limit", type=float, default=None)
    asked = parser.parse_args()
    options = SolveOptions(effort=1, workers=0)
    if asked.time_limit is None:
        engine._PER_EFFORT = 500
    else:
        options = SolveOptions(time_limit_s=asked.time_limit, workers=0)
    same, near, dear, worse, better = 0, 0, 0, 0, 0
    for seed in range(asked.first, asked.first + asked.number):
        world = HoursWorld(seed)
        best, found = world.best(), answer_of(solve(world.instance, options))
        kept, ranks = best.late == 0, ((found.late, found.unpromised), (best.late, best.unpromised))
        if ranks[0] != ranks[1]:
            worse, better = worse + (ranks[0] > ranks[1]), better + (ranks[0] < ranks[1])
        elif not kept or found.cost == best.cost:
            same += 1
        else:
            near, dear = near + (found.cost <= NEAR * best.cost), dear + (found.cost > NEAR * best.cost)
        if ranks[0] != ranks[1] or (kept and found.cost != best.cost):
            print(seed, world.kind.overnight.value, f"gamma {world.gamma}", best, found, flush=True)
    print(f"same {same}, within 3 % {near}, dearer {dear}, worse answer {worse}, better answer {better}")
    return int(worse > 0)


if __name__ == "__main__":
    sys.exit(main())
