"""How custody finds what is drawn: boxes exchanged, lost, scanned twice, at all hand-overs of a plan; a row.

    python benchmarks/custody.py PLAN --instance FOLDER [--percent 1] [--seed 1]

All of it goes through a store, one entry for each list. What is found is compared with what was drawn.
"""

import argparse
import random
import sys
import tempfile
import time
from collections import Counter
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from custody_worlds import drawn, misjudged, scanned, world_of  # noqa: E402

from planner.custody.ledger import Custody  # noqa: E402
from planner.custody.lists import enter, lists_of  # noqa: E402
from planner.instance.read import read_instance  # noqa: E402
from planner.papers.settings import read_letters  # noqa: E402
from planner.plans.file import read_plan  # noqa: E402
from planner.store.copying import soundness  # noqa: E402
from planner.store.ledger import begun  # noqa: E402


def main():
    """Draw, enter, look, compare."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--instance", type=Path, required=True)
    parser.add_argument("--percent", type=float, default=1.0)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    instance, plan = read_instance(asked.instance), read_plan(asked.plan)
    made = world_of(plan, instance, read_letters(asked.instance, instance).coded)
    each = round(len(made.home) * asked.percent / 100)
    draw = drawn(made, random.Random(asked.seed), each // 2, each, each)
    lists = scanned(made, draw)
    with tempfile.TemporaryDirectory() as name:
        ledger, clock = begun(Path(name)), instance.clock
        begin = time.perf_counter()
        for one in lists:
            enter(Path(name), [one], clock)
        entered_s = time.perf_counter() - begin
        begin = time.perf_counter()
        custody = Custody(made.ways, lists_of(Path(name), clock))
        read_s = time.perf_counter() - begin
        sound = soundness(ledger).is_sound
    stored = {f"S{at:04d}": one for at, one in enumerate(lists, 1)}  # as the store names them
    lists = [replace(one, id=name) for name, one in stored.items()]
    wrong = list(misjudged(made, draw, lists, custody))
    print(*wrong[:20], sep="\n", end="" if wrong else "", file=sys.stderr)
    print("boxes,lists,exchanged,lost,twice,misjudged,unaccounted,sound,entered_s,read_s")
    known = sum(Counter(custody.where().values()).values())
    row = (len(made.home), len(lists), 2 * len(draw.swapped), len(draw.lost), len(draw.twice), len(wrong))
    print(*row, len(made.ways.box_of) - known, sound, f"{entered_s:.1f}", f"{read_s:.1f}", sep=",")


if __name__ == "__main__":
    main()
