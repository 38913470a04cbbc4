"""Tiny worlds with decisions of every kind, and pairs of these: what a solve finds against all plans.

python benchmarks/decisions.py [--worlds 200] [--larger 35] [--effort 1]   adds rows
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from common import append_row, facts, say

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from planner.plans.model import Status
from planner.solving.options import SolveOptions
from planner.solving.pipeline import solve
from tests.exhaustive_decisions import PAIRS, DecidedWorld, drawn

_MOST_DEARER, _SHARE = 0.03, 0.95  # at most so much dearer, in so many worlds


def main() -> int:
    """Solve and search exhaustively; exit code 1 where the search falls short of what is asked."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--worlds", type=int, default=200, help="with three to five villages")
    parser.add_argument("--larger", type=int, default=35, help="with six")
    parser.add_argument("--effort", type=int, default=1)
    options = parser.parse_args()
    found = []
    for name, world in _worlds(options.worlds, options.larger):
        row = _one_world(world, options.effort)
        append_row("decisions", facts() | {"world": name, "effort": options.effort} | row)
        say(name, "+".join(world.kinds), row["status"], row["found"], row["best"], row["verdict"])
        found.append(row)
    worse = sum(row["verdict"] in ("worse", "wrong", "illegal") for row in found)
    cheap = sum(row["verdict"] in ("equal", "better") for row in found)
    say("worlds:", len(found), "worse or wrong:", worse, f"at most {_MOST_DEARER:.0%} dearer:", cheap)
    return int(worse > 0 or cheap < _SHARE * len(found))


def _worlds(small: int, larger: int) -> Iterator[tuple[str, DecidedWorld]]:
    for number in range(small):
        yield f"small {number}", drawn(number)
    for number in range(larger):
        yield f"larger {number}", DecidedWorld(number, PAIRS[number * 7 % len(PAIRS)], villages=6)


def _one_world(world: DecidedWorld, effort: int) -> Mapping[str, object]:
    """Ranks of both plans, and which is better: `dearer` means by more than is allowed."""
    best, plan = world.best()
    solved = solve(world.instance, SolveOptions(effort=effort, workers=0, guarantee=world.gamma)).plan
    mine = world.as_planned(solved)
    rank = world.rank(mine)
    if not (world.is_legal(plan) and world.is_legal(mine)):
        verdict = "illegal"
    elif solved.status is Status.GUARANTEED and not world.withstands(mine):
        verdict = "wrong"
    elif rank[:4] > best[:4]:
        verdict = "worse"
    elif rank[:4] == best[:4] and rank[4] > best[4] * (1 + _MOST_DEARER):
        verdict = "dearer"
    else:
        verdict = "better" if rank < best else "equal"
    ranks = {"found": "/".join(map(str, rank)), "best": "/".join(map(str, best))}
    figures = {"kinds": "+".join(world.kinds), "gamma": world.gamma, "villages": len(world.names)}
    return figures | {"status": solved.status.value} | ranks | {"verdict": verdict}


if __name__ == "__main__":
    sys.exit(main())
