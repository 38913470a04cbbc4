"""What a guarantee costs and brings: each area planned without late legs and with those of the tables.

python benchmarks/guarantee.py FOLDER [--time-limit S] [--runs N] [--areas 64.11,64.74]   adds rows
python benchmarks/tables.py                                                          writes the page
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from common import append_row, facts, instance_digest, measure, plan_command, say

from planner.instance.read import read_instance

LEVELS = ("0", "")  # none, and as the files say


def main() -> int:
    """Plan, check and simulate each area at each level."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--time-limit", type=float, default=20)
    parser.add_argument("--runs", type=int, default=10_000)
    parser.add_argument("--areas", help="only these")
    options = parser.parse_args()
    instance = read_instance(options.folder)
    areas = list(dict.fromkeys(region.area for region in instance.regions))
    names = {region.area: region.area_name for region in instance.regions}
    if options.areas:
        areas = [one for one in areas if one in options.areas.split(",")]
    for area in areas:
        for level in LEVELS:
            row = one_run(options, area, level)
            same = {"instance": options.folder.name, "instance_digest": instance_digest(options.folder)}
            append_row("kaltim_guarantee", facts() | same | {"area": area, "name": names[area]} | row)
            say(area, level or "as the files say", row["status"], row["cost"], row["chance"])
    return 0


def one_run(options: argparse.Namespace, area: str, level: str) -> Mapping[str, object]:
    """A plan's figures, by the command line alone."""
    with tempfile.TemporaryDirectory() as folder:
        plan, certificate = Path(folder) / "plan.json", Path(folder) / "certificate.json"
        asked = ["--guarantee", level] if level else []
        solved = measure(
            plan_command(
                *("solve", options.folder, "--area", area, "--time-limit", options.time_limit),
                *("--output", plan, "--json", "--quiet", *asked),
            )
        )
        row: dict[str, object] = {
            "level": level,
            "time_limit_s": options.time_limit,
            "runs": options.runs,
            "exit_code": solved.code,
            "wall_s": f"{solved.wall_s:.1f}",
            "status": solved.figures.get("status", ""),
            "gamma": solved.figures.get("gamma", ""),
            "cost": solved.figures.get("cost", ""),
            "vehicles": solved.figures.get("vehicles_used", ""),
            "smallest_margin_s": solved.figures.get("smallest_margin_s", ""),
        }
        row |= {
            "stretch_percent": "",
            "stretch_min": "",
            "worst_margin_s": "",
            "chance": "",
            "low": "",
            "high": "",
        }
        row |= {"chance_no_breakdowns": ""}
        if not plan.exists():
            return row
        check = ("check", plan, "--instance", options.folder, "--simulate", options.runs, "--json")
        measure(plan_command(*check, "--output", certificate))
        found = json.loads(certificate.read_text("utf-8"))
        margins = [one["margin_s"] for one in found["worst_cases"] if one["margin_s"] is not None]
        drawn = found["simulation"]["plan"]
        row |= {
            "stretch_percent": found["stretch"]["percent"],
            "stretch_min": found["stretch"]["minutes"],
            "worst_margin_s": min(margins, default=""),
            "chance": drawn["chance"],
            "low": drawn["low"],
            "high": drawn["high"],
        }
        measure(plan_command(*check, "--no-breakdowns", "--output", certificate, "--force"))
        found = json.loads(certificate.read_text("utf-8"))
        return row | {"chance_no_breakdowns": found["simulation"]["plan"]["chance"]}


if __name__ == "__main__":
    sys.exit(main())
