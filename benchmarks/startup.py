"""How long the short commands take: `plan --help`, `plan validate`, `plan check`.

python benchmarks/startup.py instances/kaltim [--plan PLAN] [--repeats 9]

Each round runs every command once, so that what else the machine does meets all alike. A bare
`python -c "import click"` is in each round too; every figure is also given as a ratio to it.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from common import append_row, environment, facts, instance_digest, measure, plan_command, say

BARE = "import click"


def main() -> int:
    """Measure, and append one row for each command."""
    options = arguments()
    with tempfile.TemporaryDirectory() as name:
        plan = options.plan or made_plan(options.folder, Path(name), options.time_limit)
        commands = {
            BARE: [sys.executable, "-c", BARE],
            "plan --help": plan_command("--help"),
            "plan validate": plan_command("validate", options.folder),
            "plan check": plan_command(
                "check", plan, "--instance", options.folder, "--output", Path(name) / "c.json", "--force"
            ),
        }
        seconds: dict[str, list[float]] = {one: [] for one in commands}
        for round_ in range(options.repeats + 1):  # the first one warms the disk and does not count
            for one, command in commands.items():
                took = timed(command)
                if round_:
                    seconds[one].append(took)
            say(f"round {round_} of {options.repeats}")
    record(seconds, options)
    return 0


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--plan", type=Path, help="plan to check; without it one is made first")
    parser.add_argument("--repeats", type=int, default=9)
    parser.add_argument("--time-limit", type=float, default=45, help="seconds for the plan that is made")
    return parser.parse_args()


def made_plan(folder: Path, where: Path, time_limit: float) -> Path:
    """A plan to be checked."""
    path = where / "plan.json"
    say(f"solving {folder} for {time_limit:g} s")
    measure(plan_command("solve", folder, "--time-limit", time_limit, "--output", path, "--quiet"))
    return path


def timed(command: list[str]) -> float:
    """Wall seconds of one run, which must succeed."""
    began = time.perf_counter()
    subprocess.run(command, env=environment(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, check=True)
    return time.perf_counter() - began


def record(seconds: dict[str, list[float]], options: argparse.Namespace) -> None:
    """Append the rows and print them."""
    bare = statistics.median(seconds[BARE])
    head = facts() | {"instance": options.folder.name, "instance_digest": instance_digest(options.folder)}
    for name, some in seconds.items():
        median = statistics.median(some)
        row = {
            "command": name,
            "repeats": len(some),
            "median_s": f"{median:.3f}",
            "least_s": f"{min(some):.3f}",
            "most_s": f"{max(some):.3f}",
            "ratio": f"{median / bare:.2f}",
        }
        append_row("startup", head | row)
        print(*(f"{key}={value}" for key, value in row.items()))


if __name__ == "__main__":
    sys.exit(main())
