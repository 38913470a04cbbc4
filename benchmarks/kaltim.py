"""The main job, measured: `plan solve FOLDER` as a whole, with a halved fleet, and with a way cut.

python benchmarks/kaltim.py instances/kaltim [--seeds 1,2,3] [--time-limit 45] [--workers 2]
python benchmarks/kaltim.py instances/kaltim --halve [--areas 64.01,64.08] [--keep 1]
python benchmarks/kaltim.py instances/kaltim --cut [--region ID]
python benchmarks/kaltim.py instances/kaltim --engines [--time-limit 60]
python benchmarks/kaltim.py instances/kaltim --composition [--plan PLAN]

Wherever `--area 64.11` is given too, only that part is planned.

Rows that are there for the same commit, instance and options are not measured again (--again does).
"""

from __future__ import annotations

import argparse
import csv
import json
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from common import (
    Measured,
    append_row,
    facts,
    first_complete_s,
    first_guaranteed_s,
    instance_digest,
    is_done,
    measure,
    plan_command,
    reasons_of,
    say,
)

Row = dict[str, str]

ENGINES = ("sisr", "ortools")


def main() -> int:
    """Measure what was asked for; one row for each run."""
    options = arguments()
    modes = {"halve": halve, "cut": cut, "engines": engines, "composition": composition}
    mode = next((one for name, one in modes.items() if getattr(options, name)), whole)
    for seed in options.seeds.split(","):
        mode(options, int(seed))
    return 0


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--seeds", default="1")
    parser.add_argument("--time-limit", type=float, default=45)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--halve", action="store_true", help="halve the fleet of each area in turn")
    parser.add_argument("--areas", default="", help="with --halve: only these, separated by commas")
    parser.add_argument(
        "--keep", type=int, default=0, help="with --halve: at least so many of each type stay"
    )
    parser.add_argument("--cut", action="store_true", help="take away the only edge of a region, a river")
    parser.add_argument("--engines", action="store_true", help="each engine, and what each component costs")
    parser.add_argument("--composition", action="store_true", help="a plan's own trips, scheduled greedily")
    parser.add_argument("--plan", type=Path, help="with --composition: this plan; without it one is made")
    parser.add_argument("--area", default="", help="plan only this part")
    parser.add_argument("--region", default="", help="with --cut: this region")
    parser.add_argument("--again", action="store_true", help="measure what has a row already")
    return parser.parse_args()


def whole(options: argparse.Namespace, seed: int) -> None:
    """The instance as it is."""
    key = key_of(options, seed)
    if skip("kaltim", key, options):
        return
    with tempfile.TemporaryDirectory() as name:
        run, checked = solved(options, options.folder, seed, Path(name) / "plan.json")
    record("kaltim", key | row_of(run) | {"checked": checked})


def halve(options: argparse.Namespace, seed: int) -> None:
    """The whole instance, with half the vehicles of each type (rounded down) of one area's warehouses.

    Theirs are also the vehicles that are at home at a hub, often one alone: without it nobody beyond the
    hub gets anything. With ``--keep 1`` it stays.
    """
    regions = read(options.folder, "regions")
    wanted = [one for one in options.areas.split(",") if one]
    for area in wanted or sorted({one["area"] for one in regions}):
        key = key_of(options, seed) | {"area": area, "keep": options.keep}
        if skip("kaltim_halve", key, options):
            continue
        mine = [one for one in regions if one["area"] == area]
        houses = {one["warehouse"] for one in mine}

        def change(row: Row, houses: set[str] = houses) -> Row:
            number = int(row["number"])
            left = max(number // 2, min(number, options.keep))
            return row | {"number": str(left)} if row["warehouse"] in houses else row

        with tempfile.TemporaryDirectory() as name:
            folder = copied(options.folder, Path(name), "vehicles", change)
            run, checked = solved(options, folder, seed, Path(name) / "plan.json")
        record("kaltim_halve", key | row_of(run) | {"checked": checked} | sides(run, mine, regions))


def sides(run: Measured, mine: list[Row], regions: list[Row]) -> dict[str, object]:
    """How the regions of the changed part fare, and all others."""
    late = {one["region"]: one for one in run.figures.get("not_on_time", ())}
    here = [late[one["id"]] for one in mine if one["id"] in late]
    return {
        "area_regions": len(mine),
        "area_late": sum(one["status"] == "late" for one in here),
        "area_undelivered": sum(one["status"] == "undelivered" for one in here),
        "area_without_reason": sum(not one["reason"] for one in here),
        "reasons": reasons_of(run.figures),
        "others_regions": len(regions) - len(mine),
        "others_not_on_time": len(late) - len(here),
    }


def cut(options: argparse.Namespace, seed: int) -> None:
    """One region loses its only edge, which is a river."""
    region, edge = leaf(options)
    key = key_of(options, seed) | {"region": region, "edge": edge}
    if skip("kaltim_cut", key, options):
        return
    with tempfile.TemporaryDirectory() as name:
        folder = copied(options.folder, Path(name), "edges", lambda row: None if row["id"] == edge else row)
        run, checked = solved(options, folder, seed, Path(name) / "plan.json")
    others = [one for one in run.figures.get("not_on_time", ()) if one["region"] != region]
    own = next((one for one in run.figures.get("not_on_time", ()) if one["region"] == region), {})
    figures = {"region_status": own.get("status"), "region_reason": own.get("reason")}
    record(
        "kaltim_cut", key | row_of(run) | {"checked": checked, "others_not_on_time": len(others)} | figures
    )


def engines(options: argparse.Namespace, seed: int) -> None:
    """The instance with each engine; one row for each component."""
    for engine in ENGINES:
        key = key_of(options, seed) | {"engine": engine}
        if skip("kaltim_engines", key, options):
            continue
        with tempfile.TemporaryDirectory() as name:
            run, checked = solved(options, options.folder, seed, Path(name) / "plan.json", "--engine", engine)
        whole = row_of(run) | {"checked": checked}
        kept = ("exit_code", "wall_s", "first_complete_s", "regions_on_time", "regions_total", "checked")
        for one in run.figures.get("components", ()):
            figures = {"component": one["id"], "status": one["status"], "cost": one["cost"]}
            record("kaltim_engines", key | {name: whole[name] for name in kept} | figures)


def composition(options: argparse.Namespace, seed: int) -> None:
    """The trips of a plan as they are, and scheduled greedily; one row for each component."""
    from composition import compared, figures

    from planner.instance.read import read_instance
    from planner.plans.file import read_plan

    key = key_of(options, seed)
    if options.plan is None and skip("kaltim_composition", key, options):
        return
    with tempfile.TemporaryDirectory() as name:
        path = options.plan or Path(name) / "plan.json"
        if options.plan is None:
            solved(options, options.folder, seed, path)
        plan = read_plan(path)
        key["plan"] = json.loads(path.read_text("utf-8"))["digest"].removeprefix("sha256:")[:12]
    asked = plan.options
    key |= {name: asked[name] for name in ("seed", "workers")} | {"time_limit_s": asked["limit"].split()[0]}
    key["only"] = asked["area"]
    for one in compared(read_instance(options.folder), plan):
        row: dict[str, object] = key | {"component": one.component}
        for side, found in (("plan", one.plan), ("greedy", one.greedy), ("told", one.told)):
            row |= {f"{side}_{name}": value for name, value in figures(found).items()}
        answers = {"against_greedy": one.against(one.greedy), "against_told": one.against(one.told)}
        record("kaltim_composition", row | answers)


def leaf(options: argparse.Namespace) -> tuple[str, str]:
    """The first region (by id) that has one edge alone, a river; and that edge."""
    ends: dict[str, list[Row]] = {}
    for edge in read(options.folder, "edges"):
        for end in (edge["from"], edge["to"]):
            ends.setdefault(end, []).append(edge)
    known = {row[end] for row in read(options.folder, "known_trips") for end in ("from", "to")}
    for region in sorted(one["id"] for one in read(options.folder, "regions")):
        mine = ends.get(region, [])
        alone = len(mine) == 1 and mine[0]["mode"] == "river" and region not in known
        if alone and options.region in ("", region):
            return region, mine[0]["id"]
    sys.exit("no region has one edge alone that is a river")


def read(folder: Path, table: str) -> list[Row]:
    """Rows of a table; none where there is no file."""
    path = folder / f"{table}.csv"
    if not path.exists():
        return []
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def copied(folder: Path, where: Path, table: str, change: Callable[[Row], Row | None]) -> Path:
    """A copy of an instance with each row of one table changed, or left out where nothing comes back."""
    copy = where / folder.resolve().name
    shutil.copytree(folder, copy)
    rows = read(folder, table)
    with (copy / f"{table}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(row for row in map(change, rows) if row is not None)
    return copy


def key_of(options: argparse.Namespace, seed: int) -> dict[str, object]:
    """What makes a row the same as another, dates and versions apart."""
    return {
        "commit": facts()["commit"],
        "instance": options.folder.resolve().name,
        "instance_digest": instance_digest(options.folder),
        "seed": seed,
        "time_limit_s": f"{options.time_limit:g}",
        "workers": options.workers,
        "only": options.area,
    }


def skip(name: str, key: dict[str, object], options: argparse.Namespace) -> bool:
    """Whether this was measured already."""
    if options.again or not is_done(name, key):
        say("measuring", *(f"{one}={value}" for one, value in key.items()))
        return False
    say("there already:", *key.values())
    return True


def solved(
    options: argparse.Namespace, folder: Path, seed: int, path: Path, *more: str
) -> tuple[Measured, str]:
    """One run of `plan solve`, and what `plan check` says of its plan."""
    asked = ["--seed", seed, "--time-limit", options.time_limit, "--workers", options.workers]
    asked += ["--area", options.area] if options.area else []
    run = measure(plan_command("solve", folder, *asked, "--output", path, "--json", *more))
    check = measure(plan_command("check", path, "--instance", folder, "--json"))
    if not run.figures:
        say(*(line for _, line in run.said[-20:]), sep="\n")
    return run, "passed" if check.figures.get("passed") else "failed"


def row_of(run: Measured) -> dict[str, object]:
    """What a run shows; a run that fails has a row too."""
    figures = run.figures
    names = ("status", "regions_on_time", "regions_total", "cost", "currency", "lower_bound")
    names += ("smallest_margin_s", "vehicles_used", "trips", "distance_m")
    return {
        "exit_code": run.code,
        "wall_s": f"{run.wall_s:.1f}",
        "first_complete_s": first_complete_s(run.said, figures.get("regions_total", 10**9)),
        "first_guaranteed_s": first_guaranteed_s(run.said),
        "peak_rss_mb": run.peak_rss_mb,
    } | {name: figures.get(name) for name in names}


def record(name: str, row: dict[str, object]) -> None:
    """Append a row and print it."""
    append_row(name, facts() | row)
    print(*(f"{key}={value}" for key, value in row.items()))


if __name__ == "__main__":
    sys.exit(main())
