"""Forged plans by the thousand: none may be GUARANTEED or ON_TIME in which somebody does what nobody can.

python benchmarks/forgeries.py [PLAN INSTANCE ...] [--number 10000] [--seed 1]

Plans of the tests' small instances, those that are named, and replans of all of them (as planned, and with a
trip that left late) are made false in every way of `tests/forged_kinds.py`, in turn; half of the forgers make
all claims right again that follow, and replans are checked with or without the plans before them. What the
check calls good is judged by a ledger of its own (`tests/physics.py`). A row for each kind goes to
benchmarks/results/forgeries.csv; ends with 1 if a wrong one was called good.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

from common import ROOT, append_row, facts, say

sys.path.insert(0, str(ROOT / "tests"))

import hub_plan
import physics
import small
from forged_kinds import KINDS
from forgeries import Case, Forged, cases_of, forged

from planner.instance.read import read_instance
from planner.plans.file import read_plan

GOOD = ("GUARANTEED", "ON_TIME")
ANSWERS = ("refused", "unreadable", "AS_REPORTED", "LATE", "IMPOSSIBLE", "NOT_FOUND")


def all_cases(named: Sequence[Path]) -> list[Case]:
    """The true plans, each checked to be true by the ledger."""
    found = [
        *cases_of("small", small.PLAN, small.INSTANCE),
        *cases_of("hub", hub_plan.PLAN, hub_plan.INSTANCE),
    ]
    for plan, folder in zip(named[::2], named[1::2], strict=True):
        found += cases_of(folder.name, read_plan(plan), read_instance(folder))
    wrong = [one.name for one in found if physics.faults(one.plan, one.instance)]
    if wrong:
        raise SystemExit(f"The ledger finds faults in true plans: {', '.join(wrong)}")
    return found


def forge(cases: Sequence[Case], number: int, seed: int) -> Iterator[tuple[Case, Forged]]:
    """So many forgeries, kind after kind and plan after plan."""
    made, turn = 0, 0
    while made < number:
        for position, kind in enumerate(KINDS):
            case = cases[(turn + position) % len(cases)]
            one = forged(case, kind, seed * 1_000_000 + turn)
            if one is not None and made < number:
                made += 1
                yield case, one
        turn += 1


def main() -> int:
    """Forge, check and count."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("named", nargs="*", type=Path, metavar="PLAN INSTANCE")
    parser.add_argument("--number", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    if len(options.named) % 2:
        parser.error("each plan needs its instance")
    cases = all_cases(options.named)
    counts: Counter[tuple[str, str]] = Counter()
    begun = time.monotonic()
    for number, (case, one) in enumerate(forge(cases, options.number, options.seed), start=1):
        answer = one.answer
        if answer in GOOD:
            assert one.plan is not None
            broken = physics.faults(one.plan, case.instance)
            answer = "wrong" if broken else "harmless"
            if broken:
                say(case.name, one.kind, one.answer, broken[0])
        counts[one.kind, answer] += 1
        if number % 500 == 0:
            say(number, f"{time.monotonic() - begun:.0f} s")
    names = "+".join(dict.fromkeys(one.name.split(",")[0] for one in cases))
    same = facts() | {"instance": names, "plans": len(cases), "seed": options.seed}
    for kind in KINDS:
        numbers = {name.lower(): counts[kind, name] for name in (*ANSWERS, "harmless", "wrong")}
        append_row("forgeries", same | {"kind": kind, "forged": sum(numbers.values())} | numbers)
    wrong = sum(counts[kind, "wrong"] for kind in KINDS)
    say("forged", sum(counts.values()), "wrongly called good", wrong)
    return int(wrong > 0)


if __name__ == "__main__":
    raise SystemExit(main())
