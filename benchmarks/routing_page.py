"""The part of docs/benchmarks.md on routing: tables from the rows that benchmarks/routing records."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from statistics import mean

from common import read_rows

Row = Mapping[str, str]

OURS = "sisr"
NAMES = {
    OURS: "ours",
    "pyvrp": "PyVRP",
    "hygese": "HGS-CVRP",
    "ortools": "OR-Tools routing",
    "vroom": "VROOM",
}
# Groups of instances: class, and least and most customers.
GROUPS = {
    "CVRP, fewer than 400": ("CVRP", 0, 399),
    "CVRP, 400 and more": ("CVRP", 400, 10**9),
    "VRPTW, 100 customers": ("VRPTW", 0, 100),
    "VRPTW, 200 customers": ("VRPTW", 101, 200),
    "VRPTW, 400 to 1,000": ("VRPTW", 201, 10**9),
    "several depots with windows": ("MDVRPTW", 0, 10**9),
    "mixed fleet": ("HFVRP", 0, 10**9),
    "several trips with releases": ("MTVRPTWR", 0, 10**9),
}
NOTE = """Public instances; mean gap to the best known cost in percent. Every solution passed a verifier that
shares no arithmetic with any solver; runs without a feasible solution are counted apart. How it is measured
stands in [benchmarks/routing/README.md](../benchmarks/routing/README.md), and so does what was tried where
others are better. **Bold**: better than ours. –: a class that the solver does not know.

A cost is a distance, with a mixed fleet fixed costs plus distance times the vehicle's cost, in the form of
each set's best known values: CVRP rounded to whole numbers; VRPTW and several trips cut off to tenths;
several depots and mixed fleet rounded to thousandths."""


def routing(results: Path) -> list[str]:
    """The section's lines."""
    rows = newest(read_rows("routing", results))
    lines = ["## Routing against other solvers", ""]
    if not rows:
        return [*lines, "No rows yet.", "", *ablation(results), *scaling(results)]
    lines += [NOTE, "", versions(rows), "", busy(rows), ""]
    for seconds in sorted({float(row["seconds"]) for row in rows}):
        mine = [row for row in rows if float(row["seconds"]) == seconds]
        lines += [*one_core(mine, f"{seconds:g}"), *two_cores(mine, f"{seconds:g}")]
    return [*lines, *ablation(results), *scaling(results)]


def newest(rows: Sequence[Row]) -> list[Row]:
    """Rows of each solver's newest version; of the same run the last one."""
    version = {row["solver"]: row["solver_version"] for row in rows}
    same = [row for row in rows if row["solver_version"] == version[row["solver"]]]
    keys = ("instance", "solver", "seed", "seconds", "used_cores", "variant")
    return list({tuple(row.get(key, "") for key in keys): row for row in same}.values())


def versions(rows: Sequence[Row]) -> str:
    """What was measured, with what."""
    told = [f"{NAMES[name]} {version}" for name, version in used(rows).items()]
    last = rows[-1]
    machine = f"Python {last['python']}, {last['system']}, {last['cores']} cores; {last['date'][:10]}"
    return f"{'; '.join(told)}; {machine}."


def busy(rows: Sequence[Row]) -> str:
    """How busy the machine was: with two runs side by side and nothing else the load is 2."""
    told = []
    for name in used(rows):
        loads = [float(row["load"]) for row in rows if row["solver"] == name and row.get("load")]
        if loads:
            told.append(f"{NAMES[name]} {mean(loads):.1f}")
    if not told:
        return "How busy the machine was is not known."
    return (
        f"Mean load of the machine in these runs: {', '.join(told)}; 2 is a machine with nothing else to do."
    )


def used(rows: Sequence[Row]) -> dict[str, str]:
    """Solvers in the order of their names here, with their versions."""
    found = {row["solver"]: row["solver_version"] for row in rows}
    return {name: found[name] for name in NAMES if name in found}


# ---------------------------------------------------------------- tables


def one_core(rows: Sequence[Row], seconds: str) -> list[str]:
    """Means of each group, and each instance."""
    single = [row for row in rows if row["used_cores"] == "1"]
    solvers = list(used(single))
    if OURS not in solvers:
        return []
    lines = [f"### {seconds} s on one core", "", *means(single, solvers)]
    lines += [losses(single), "", *each_instance(single, solvers)]
    return lines


def means(rows: Sequence[Row], solvers: Sequence[str]) -> list[str]:
    """A line for each group: mean gap, and how many runs found nothing."""
    lines = header(["group", "instances", *(NAMES[name] for name in solvers)])
    for title, (kind, least, most) in GROUPS.items():
        mine = [row for row in rows if row["class"] == kind and least <= int(row["n"]) <= most]
        if mine:
            number = len({row["instance"] for row in mine})
            lines.append(line([title, str(number), *cells(mine, solvers)]))
    return [*lines, ""]


def each_instance(rows: Sequence[Row], solvers: Sequence[str]) -> list[str]:
    """A line for each instance: mean gap over the seeds."""
    lines = header(["class", "instance", "customers", "best known", *(NAMES[name] for name in solvers)])
    by_name: dict[tuple[str, int, str], list[Row]] = {}
    for row in rows:
        by_name.setdefault((row["class"], int(row["n"]), row["instance"]), []).append(row)
    for (kind, number, name), mine in sorted(by_name.items()):
        bks = mine[0]["bks"].removesuffix(".0")
        lines.append(line([kind, name, f"{number:,}", bks, *cells(mine, solvers)]))
    return [*lines, ""]


def cells(rows: Sequence[Row], solvers: Sequence[str]) -> list[str]:
    """Mean gap of each solver over the same rows' instances, and its failures."""
    own = gap_of(rows, OURS)
    found = []
    for name in solvers:
        mine = [row for row in rows if row["solver"] == name]
        failed = sum(row["feasible"] != "True" for row in mine)
        gap = gap_of(rows, name)
        text = "" if gap is None else f"{gap:.2f}"
        if name != OURS and gap is not None and (own is None or round(gap, 2) < round(own, 2)):
            text = f"**{text}**"
        if failed:
            text = f"{text} ({failed} of {len(mine)} without)".strip()
        found.append(text if mine else "–")
    return found


def gap_of(rows: Iterable[Row], solver: str) -> float | None:
    """Mean over instances of the mean over seeds."""
    by_name: dict[str, list[float]] = {}
    for row in rows:
        if row["solver"] == solver and row["gap_percent"]:
            by_name.setdefault(row["instance"], []).append(float(row["gap_percent"]))
    return mean(mean(gaps) for gaps in by_name.values()) if by_name else None


def losses(rows: Sequence[Row]) -> str:
    """On how many instances each other solver is better than ours."""
    told = []
    names = sorted({row["instance"] for row in rows})
    for solver in used(rows):
        pairs = []
        for name in names:
            mine = [row for row in rows if row["instance"] == name]
            pairs.append((name, gap_of(mine, OURS), gap_of(mine, solver)))
        both = [(name, own, other) for name, own, other in pairs if other is not None]
        better = [name for name, own, other in both if own is None or round(other, 2) < round(own, 2)]
        if solver != OURS and both:
            listed = f" ({', '.join(better)})" if better else ""
            told.append(f"{NAMES[solver]} is better on {len(better)} of {len(both)} instances{listed}")
    return "; ".join(told) + "." if told else ""


def two_cores(rows: Sequence[Row], seconds: str) -> list[str]:
    """Ours on two cores; of PyVRP the better one of seeds 1 and 2, each on a core."""
    ours = [row for row in rows if row["solver"] == OURS and row["used_cores"] == "2"]
    if not ours:
        return []
    lines = [f"### {seconds} s on two cores", ""]
    lines += header(["group", "instances", "ours, one core", "ours, two cores", "PyVRP, better of two seeds"])
    for title, (kind, least, most) in GROUPS.items():
        names = [row["instance"] for row in ours if row["class"] == kind and least <= int(row["n"]) <= most]
        if not names:
            continue
        here = [row for row in rows if row["instance"] in names]
        single = gap_of([row for row in here if row["used_cores"] == "1" and row["seed"] == "1"], OURS)
        double = gap_of([row for row in here if row["used_cores"] == "2"], OURS)
        best = {}
        for row in here:
            if row["solver"] == "pyvrp" and row["seed"] in ("1", "2") and row["gap_percent"]:
                gap = float(row["gap_percent"])
                best[row["instance"]] = min(gap, best.get(row["instance"], gap))
        other = mean(best.values()) if best else None
        shown = ["" if gap is None else f"{gap:.2f}" for gap in (single, double, other)]
        if other is not None and (double is None or round(other, 2) < round(double, 2)):
            shown[-1] = f"**{shown[-1]}**"
        failed = sum(row["feasible"] != "True" for row in ours if row["instance"] in names)
        shown[1] += f" ({failed} without)" if failed else ""
        lines.append(line([title, str(len(names)), *shown]))
    return [*lines, ""]


def ablation(results: Path) -> list[str]:
    """Ours with one thing changed: mean gaps."""
    rows = newest(read_rows("routing_ablation", results))
    if not rows:
        return []
    kinds = list(dict.fromkeys(row["class"] for row in rows))
    names = [f"{kind} ({len({row['instance'] for row in rows if row['class'] == kind})})" for kind in kinds]
    lines = [
        "### What each part is worth",
        "",
        f"Ours with one thing changed, {rows[-1]['seconds']} s on one core, seed {rows[-1]['seed']}: "
        f"mean gap in percent, by class (so many instances); {versions(rows)}",
        "One seed: differences of a few tenths say nothing.",
        "",
        *header(["changed", *names, "all"]),
    ]
    for variant in dict.fromkeys(row["variant"] for row in rows):
        mine = [row for row in rows if row["variant"] == variant]
        gaps = [gap_of([row for row in mine if row["class"] == kind], OURS) for kind in kinds]
        failed = sum(row["feasible"] != "True" for row in mine)
        shown = ["–" if gap is None else f"{gap:.2f}" for gap in (*gaps, gap_of(mine, OURS))]
        shown[-1] += f" ({failed} of {len(mine)} without)" if failed else ""
        lines.append(line([variant, *shown]))
    return [*lines, ""]


def scaling(results: Path) -> list[str]:
    """Generated instances of many stops."""
    rows = newest(read_rows("routing_scaling", results))
    if not rows:
        return []
    lines = [
        "### Many stops",
        "",
        f"Generated instances (`planner.benchmark.generate`, seed 1); {versions(rows)}",
        "",
    ]
    names = ("class", "customers", "cores", "s", "whole run s", "iterations a second", "peak MB")
    lines += header([*names, "cost over time"])
    for row in sorted(rows, key=lambda one: (one["class"], int(one["n"]), one["used_cores"])):
        spent = float(row["search_s"] or row["seconds"])
        rate = f"{float(row['iterations']) / spent:,.0f}" if row["iterations"] else ""
        shown = [row["class"], f"{int(row['n']):,}", row["used_cores"], row["seconds"], row["wall_s"], rate]
        lines.append(line([*shown, row["peak_rss_mb"], over_time(row) or row["note"]]))
    return [*lines, ""]


def over_time(row: Row) -> str:
    """Costs at moments, in words."""
    pairs = [one.split(":") for one in row["costs"].split()]
    return ", ".join(f"{moment} s {float(cost):,.0f}" for moment, cost in pairs)


def header(names: Sequence[str]) -> list[str]:
    """First lines of a table."""
    return [line(names), "|" + "---|" * len(names)]


def line(texts: Sequence[str]) -> str:
    """A line of a table."""
    return f"| {' | '.join(texts)} |"
