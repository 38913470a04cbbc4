"""Makes docs/benchmarks.md, and the tables of docs/realism.md, from the rows in benchmarks/results.

python benchmarks/tables.py           writes the pages
python benchmarks/tables.py --check   ends with 1 if one is out of date
"""

from __future__ import annotations

import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import cache
from pathlib import Path

import realism
from common import RESULTS, ROOT, instance_digest, read_rows
from routing_page import routing

PAGE = ROOT / "docs" / "benchmarks.md"
Row = Mapping[str, str]

HEAD = """<!-- Made by benchmarks/tables.py from benchmarks/results; change those, not this page. -->

# Benchmarks

How they are measured stands in [benchmarks/README.md](../benchmarks/README.md). Every row that was recorded
is kept in `benchmarks/results`; here stand the newest ones of each kind, good or bad. A commit with + had
changes that were not committed. Rows of commit 7e722d3 and before were made with the OR-Tools engine, which
was the default then.
"""

# Most that is asked for: seconds of the short commands, and seconds and megabytes of the whole job.
STARTUP_S = {"plan --help": 0.150, "plan validate": 3.0, "plan check": 5.0}
WHOLE_S, WHOLE_MB, SOON_S = 60.0, 2048.0, 15.0
SOON = f"""The same with so short a limit that all is over, the check and the writing too, after about
{SOON_S:g} s. Asked: guaranteed by then."""
SIDES = ("plan", "greedy", "told")
COMPOSITION = """The trips of a plan (vehicle type, goods, order of stops) keep their goods and get other
hours: *greedy*, one after another from the warehouse down, the most urgent first, each on time at the least
further price and then as early as it can, with the hubs' published deadlines; *told*, the same by somebody
who knows from the plan when its hubs need the goods. Asked: composition wins or ties everywhere, in the
order of the objective (not delivered, late, not promised, lateness, cost, smallest relative margin; in
brackets what decides). Costs as multiples of the plan's; late: weight (voters) of those late or without
goods; vehicles and margins: plan · greedy · told. Where greedy trips overfill a hub even after waiting they
are no plan (`hub_storage`)."""

GUARANTEE = """Each area planned without late legs · with as many as the tables ask of each vehicle (1, by
river 2). Smallest margin: as planned; worst margin: with the worst late legs, of the second plan. Stretch: by
how many percent all travel may lengthen, by how many minutes one trip may start later, before a region is
late. Chance: that all regions of the area are on time, by `plan check --simulate` (with breakdowns; most
distributions are judgement), in percent. What is guaranteed is that so many legs may have their largest
delay, not that many may have small ones, or that nothing breaks down: a cheap plan that happens to have
wide margins can be the likelier one."""


GUARANTEE_TIME = 1.5
GUARANTEE_TIMES = f"""Seconds of processor of the engine for the same iterations, without late legs and with
as many as the tables ask for: a warehouse's own trips, and those of its hub with most consignments
(`benchmarks/guarantee_time.py`). Asked: at most {GUARANTEE_TIME:g} times as long with one late leg."""


REPLAN_MEDIAN_S, REPLAN_WORST_S = 4.0, 12.0
REPLANS = f"""Two drawn kinds of reports at a drawn moment, with confirmations, doubles and corrections, one
case of three replanned once more later (`benchmarks/replan.py`; `none`: nothing reported). The replan is the
whole command in a fresh process. Wrong: cases without a plan, with a broken rule, with goods lost or doubled,
with history changed that no report is about, with a stop otherwise than confirmed, with components moved
that no report is about, by a ledger that imports nothing of the program; asked: none. Of `kaltim` at most
{REPLAN_MEDIAN_S:g} s in the median and {REPLAN_WORST_S:g} s at worst."""
DESKS = """Some sixty true reports of one day told by two desks whose clocks differ by two minutes, in any
order, some twice, some wrongly first, some contradicted by the other desk; then the false ones are taken back
(`benchmarks/replan_day.py`). Asked: each fact that was told is known at its true moment, and all trips are
as after the true reports alone."""
ANEW = """The same cases, each beside the tables with the reports applied and solved anew, as if nothing had
been driven yet (`plan solve`, 45 s): replan · anew. Changed: all regions whose vehicle, day or
arrival is another."""
WEEKS = """Weeks drawn from the distributions of [simulation](simulation.md) (`benchmarks/rolling_week.py`),
all that has taken place reported, and which trips come late to their next stop, and the plan
replanned every 12 hours. Regions on time in truth,
of all weeks: replanned · the first plan as it is · a plan made for no late legs. Rejected: chains
of plans that the checker does not pass; asked: none."""


FORGED = """Plans and replans made false in many ways, each with a digest that fits, half of them with all
claims made right again that follow (`benchmarks/forgeries.py`; the rows by kind are in
`benchmarks/results/forgeries.csv`). What the check calls `GUARANTEED` or `ON_TIME` is judged by a ledger
apart, which knows nothing but the tables: least times, capacity, stock, docks, transfers, each unit once,
deadlines. Good, and nothing wrong: what was changed is as true as what was there (another free dock, a delay
that nobody feels). Asked: none good but wrong."""


def page(results: Path = RESULTS) -> str:
    """The page's text."""
    parts = [
        startup,
        whole,
        engines,
        composition,
        guarantee,
        guarantee_times,
        replans,
        desks,
        anew,
        weeks,
        forgeries,
        halve,
        cut,
        kills,
        throughput,
        losses,
        cuts,
        routing,
    ]
    return "\n".join([HEAD, *(line for part in parts for line in part(results))])


def newest(
    name: str,
    keys: Sequence[str],
    results: Path,
    alike: Sequence[str] = ("commit", "instance_digest"),
    having: str = "",
) -> list[Row]:
    """The last row for each key, among those that are like the newest one: of its commit and instance.

    Rows without what they must be `having` do not count.
    """
    rows = [row for row in read_rows(name, results) if not having or row.get(having)]
    if not rows:
        return []
    same = [row for row in rows if all(row[key] == rows[-1][key] for key in alike)]
    return list({tuple(row.get(key, "") for key in keys): row for row in same}.values())


def startup(results: Path) -> list[str]:
    """Short commands."""
    rows = newest("startup", ("command",), results)
    columns: dict[str, Callable[[Row], str]] = {
        "command": lambda row: f"`{row['command']}`",
        "runs": lambda row: row["repeats"],
        "median s": lambda row: row["median_s"],
        "least – most s": lambda row: f"{row['least_s']} – {row['most_s']}",
        "÷ bare import of click": lambda row: row["ratio"],
        "asked s": lambda row: str(STARTUP_S.get(row["command"], "")),
        "kept": lambda row: kept(row["command"] in STARTUP_S, row_startup_kept(row)),
    }
    return section("Short commands", rows, columns)


def row_startup_kept(row: Row) -> bool:
    """Whether the median is within what is asked."""
    return float(row["median_s"]) <= STARTUP_S.get(row["command"], float("inf"))


def whole(results: Path) -> list[str]:
    """The main job, and how soon there is a plan that is guaranteed."""
    rows = newest("kaltim", ("seed", "time_limit_s", "workers"), results)
    short = [row for row in rows if float(row["time_limit_s"]) < SOON_S]
    rows = [row for row in rows if row not in short]
    columns: dict[str, Callable[[Row], str]] = {
        "seed": lambda row: row["seed"],
        "limit s": lambda row: row["time_limit_s"],
        "wall s": lambda row: row["wall_s"],
        "first complete plan s": lambda row: row["first_complete_s"] or "none",
        "first guaranteed plan s": lambda row: row.get("first_guaranteed_s") or "–",
        "peak MB": lambda row: row["peak_rss_mb"],
        "answer": lambda row: row["status"] or "none",
        "on time": lambda row: f"{row['regions_on_time']} of {row['regions_total']}",
        "cost": lambda row: money(row["cost"]),
        "bound, as claimed": lambda row: money(row["lower_bound"]) or "none",
        "gap of the bound %": gap,
        "check": lambda row: row["checked"],
        "kept": lambda row: kept(True, row_whole_kept(row)),
    }
    note = (
        f"Asked: all on time, checked, at most {WHOLE_S:g} s and {WHOLE_MB:g} MB on two cores. The bound is "
        "as the search claims it; the gap measures the bound, which is weak, rather than the plan."
    )
    lines = [*section("The whole job", rows, columns, note), *spread(rows)]
    if not short:
        return lines
    columns["kept"] = lambda row: kept(True, row_soon_kept(row))
    failed = sum(not row_soon_kept(row) for row in short)
    told = f"{len(short)} runs, {failed} of them short of what is asked."
    return [*lines, *section("How soon a plan is guaranteed", short, columns, SOON), told, ""]


def row_soon_kept(row: Row) -> bool:
    """Whether a plan is guaranteed, checked and written as soon as is asked."""
    in_time = float(row["wall_s"]) <= SOON_S
    return in_time and row["status"] == "GUARANTEED" and row["checked"] == "passed"


def row_whole_kept(row: Row) -> bool:
    """Whether a run does all that is asked."""
    quick = float(row["wall_s"]) <= WHOLE_S and float(row["peak_rss_mb"] or 0) <= WHOLE_MB
    good = row["status"] in ("ON_TIME", "GUARANTEED") and row["checked"] == "passed"
    return quick and good


def spread(rows: Sequence[Row]) -> list[str]:
    """How many runs failed, and how far costs are apart."""
    if not rows:
        return []
    failed = sum(not row_whole_kept(row) for row in rows)
    costs = [int(row["cost"]) for row in rows if row["cost"] and row_whole_kept(row)]
    told = f"{len(rows)} runs, {failed} of them short of what is asked."
    if len(costs) > 1:
        told += f" Costs of the others lie {100 * (max(costs) / min(costs) - 1):.1f} % apart."
    return [told, ""]


def engines(results: Path) -> list[str]:
    """Both engines, component by component."""
    rows = newest("kaltim_engines", ("engine", "component", "seed", "time_limit_s"), results)
    cost = {(row["engine"], row["component"]): int(row["cost"]) for row in rows}
    mine = [row for row in rows if row["engine"] == "sisr" and ("ortools", row["component"]) in cost]
    columns: dict[str, Callable[[Row], str]] = {
        "component": lambda row: row["component"],
        "ours": lambda row: money(row["cost"]),
        "OR-Tools engine": lambda row: money(str(cost["ortools", row["component"]])),
        "ours ÷ OR-Tools": lambda row: f"{int(row['cost']) / cost['ortools', row['component']]:.3f}",
        "cheaper": lambda row: kept(True, int(row["cost"]) < cost["ortools", row["component"]]),
    }
    lines = section(
        "Both engines", mine, columns, "Cost of each component's plan; asked: ours cheaper in each."
    )
    if not mine:
        return lines
    total = {name: sum(cost[name, row["component"]] for row in mine) for name in ("sisr", "ortools")}
    sides = [next(row for row in rows if row["engine"] == name) for name in total]
    told = [
        f"{name}: {total[row['engine']]:,} in all, "
        f"{row['regions_on_time']} of {row['regions_total']} on time, limit {row['time_limit_s']} s, "
        f"{row['wall_s']} s wall time, check {row['checked']}"
        for name, row in zip(("Ours", "the OR-Tools engine"), sides, strict=True)
    ]
    return [*lines, f"{'; '.join(told)}.", ""]


def composition(results: Path) -> list[str]:
    """A plan's own trips, as they are and scheduled greedily."""
    rows = newest("kaltim_composition", ("component", "plan"), results)
    rows = [row for row in rows if row["plan"] == rows[-1]["plan"]]
    columns: dict[str, Callable[[Row], str]] = {
        "component": lambda row: row["component"],
        "trips": lambda row: row["plan_trips"],
        "cost": lambda row: money(row["plan_cost"]),
        "greedy": lambda row: beside(row, "greedy"),
        "told": lambda row: beside(row, "told"),
        "vehicles": lambda row: " · ".join(row[f"{side}_vehicles"] for side in SIDES),
        "smallest margin h": lambda row: " · ".join(
            hours(row[f"{side}_smallest_margin_s"]) for side in SIDES
        ),
        "against greedy": lambda row: loud(row["against_greedy"]),
        "against told": lambda row: loud(row["against_told"]),
    }
    lines = section("Composition against the same trips scheduled greedily", rows, columns, COMPOSITION)
    if not rows:
        return lines
    losses = [sum(row[one].startswith("loses") for row in rows) for one in ("against_greedy", "against_told")]
    return [
        *lines,
        f"Seed {rows[-1]['seed']}, limit {rows[-1]['time_limit_s']} s. Composition loses against greedy in "
        f"{losses[0]} of {len(rows)} components, against told in {losses[1]}.",
        "",
    ]


def beside(row: Row, side: str) -> str:
    """Cost beside the plan's, and voters who are late or without goods."""
    ratio = f"{int(row[f'{side}_cost']) / int(row['plan_cost']):.3f}" if int(row["plan_cost"]) else ""
    late = row.get(f"{side}_unpromised") or row[f"{side}_late"]  # the latter held both until 29 November
    bad = int(late) + int(row[f"{side}_undelivered"])
    return f"× {ratio}, {bad:,} late" if bad else f"× {ratio}"


def hours(text: str) -> str:
    """Seconds as hours."""
    return f"{int(text) / 3600:.1f}" if text else "–"


def loud(text: str) -> str:
    """A loss in bold."""
    return f"**{text}**" if text.startswith("loses") else text


def guarantee(results: Path) -> list[str]:
    """Each area without late legs, and with those that the tables ask for."""
    rows = newest("kaltim_guarantee", ("area", "level"), results)
    pairs = {row["area"]: row for row in rows if row["level"] == "0"}
    both = [
        {f"plain_{key}": value for key, value in pairs[row["area"]].items()} | dict(row)
        for row in rows
        if row["level"] == "" and row["area"] in pairs
    ]

    def beside(key: str, show: Callable[[str], str] = str) -> Callable[[Row], str]:
        return lambda row: f"{show(row[f'plain_{key}'])} · {show(row[key])}"

    columns: dict[str, Callable[[Row], str]] = {
        "area": lambda row: row["name"],
        "answer": beside("status"),
        "cost": lambda row: money(row["plain_cost"]),
        "price of the guarantee": lambda row: dearer(row["plain_cost"], row["cost"]),
        "vehicles": beside("vehicles"),
        "smallest margin h": beside("smallest_margin_s", hours),
        "stretch %": beside("stretch_percent"),
        "stretch min": beside("stretch_min"),
        "worst margin h": lambda row: hours(row["worst_margin_s"]),
        "chance": beside("chance", percent),
        "without breakdowns": beside("chance_no_breakdowns", percent),
    }
    lines = section("What a guarantee costs and brings", both, columns, GUARANTEE)
    if not both:
        return lines
    last = both[-1]
    return [
        *lines,
        f"Seed 1, limit {last['time_limit_s']} s for each area, {last['runs']} runs of the simulation.",
        "",
    ]


def guarantee_times(results: Path) -> list[str]:
    """How much longer the same iterations take with late legs."""
    rows = newest("guarantee_time", ("warehouse",), results)

    def ratio(row: Row) -> float:
        return float(row["late_cpu_s"]) / max(0.01, float(row["plain_cpu_s"]))

    columns: dict[str, Callable[[Row], str]] = {
        "warehouse": lambda row: row["warehouse"],
        "consignments": lambda row: row["consignments"],
        "late legs": lambda row: row["gamma"],
        "without s": lambda row: row["plain_cpu_s"],
        "with s": lambda row: row["late_cpu_s"],
        "with ÷ without": lambda row: f"{ratio(row):.2f}",
        "kept": lambda row: kept(row["gamma"] == "1", ratio(row) <= GUARANTEE_TIME),
    }
    return section("What late legs cost the search", rows, columns, GUARANTEE_TIMES)


def dearer(plain: str, other: str) -> str:
    """By how much a cost is above another, in percent."""
    return f"{100 * (int(other) / int(plain) - 1):+.1f} %" if plain and other and int(plain) else ""


def percent(text: str) -> str:
    """A share as percent."""
    return f"{100 * float(text):.1f}" if text else "–"


WRONG = ("no_plan", "violations", "broken", "goods", "history", "confirmed", "disturbed")


def replans(results: Path) -> list[str]:
    """Replans after drawn reports, by instance, those without any report apart."""
    rows = newest("replans", ("instance", "seed", "case"), results, alike=("commit",))
    groups: dict[tuple[str, bool], list[Row]] = {}
    for row in rows:
        groups.setdefault((row["instance"], row["kinds"] == "none"), []).append(row)

    def mine(row: Row) -> list[Row]:
        return groups[row["instance"], row["kinds"] == "none"]

    def walls(row: Row) -> list[float]:
        return sorted(float(one["wall_s"]) for one in mine(row))

    def wrong(row: Row, names: Sequence[str] = WRONG) -> int:
        return sum(not set(names).isdisjoint(one["wrong"].split("+")) for one in mine(row))

    def good(row: Row) -> bool:
        middle, most = statistics.median(walls(row)), walls(row)[-1]
        quick = row["instance"] != "kaltim" or (middle <= REPLAN_MEDIAN_S and most <= REPLAN_WORST_S)
        return quick and not wrong(row)

    def counted(*names: str) -> Callable[[Row], str]:
        return lambda row: str(wrong(row, names))

    columns: dict[str, Callable[[Row], str]] = {
        "instance": lambda row: row["instance"],
        "reports": lambda row: "none" if row["kinds"] == "none" else "drawn",
        "cases": lambda row: str(len(mine(row))),
        "replans": lambda row: str(sum(int(one["replans"]) for one in mine(row))),
        "told": lambda row: str(sum(int(one["told"]) for one in mine(row))),
        "no plan": counted("no_plan"),
        "rules": counted("violations", "broken"),
        "goods": counted("goods"),
        "history": counted("history"),
        "confirmed": counted("confirmed"),
        "disturbed": counted("disturbed"),
        "wall s: median": lambda row: f"{statistics.median(walls(row)):.2f}",
        "worst": lambda row: f"{walls(row)[-1]:.2f}",
        "kept": lambda row: kept(True, good(row)),
    }
    return section("Replans", [group[-1] for group in groups.values()], columns, REPLANS)


def desks(results: Path) -> list[str]:
    """Days told by two desks, by instance."""
    rows = newest("replan_day", ("instance", "seed"), results, alike=("commit",))
    groups: dict[str, list[Row]] = {}
    for row in rows:
        groups.setdefault(row["instance"], []).append(row)

    def total(*names: str) -> Callable[[Row], str]:
        return lambda row: str(sum(int(one[name]) for one in groups[row["instance"]] for name in names))

    columns: dict[str, Callable[[Row], str]] = {
        "instance": lambda row: row["instance"],
        "days": lambda row: str(len(groups[row["instance"]])),
        "facts": total("facts"),
        "twice": total("twice"),
        "corrected": total("corrected"),
        "contradicted": total("contradicted"),
        "disputed": total("disputed"),
        "not known in the end": total("untrue"),
        "trips unlike": total("unlike"),
        "kept": lambda row: kept(
            True, all(one["untrue"] == one["unlike"] == "0" for one in groups[row["instance"]])
        ),
    }
    return section("A day at two desks", [group[-1] for group in groups.values()], columns, DESKS)


def anew(results: Path) -> list[str]:
    """Some replans beside the whole solved anew."""
    rows = newest("replans", ("seed", "case"), results, having="anew_cost")
    rows = rows or newest("replan", ("seed", "plan_cost"), results, having="anew_cost")
    columns: dict[str, Callable[[Row], str]] = {
        "seed": lambda row: row["seed"],
        "events": lambda row: row["kinds"].replace("+", ", "),
        "wall s": lambda row: f"{row['wall_s']} · {row['anew_wall_s']}",
        "on time": lambda row: f"{row['on_time']} · {row['anew_on_time']}",
        "changed": lambda row: f"{row['all_changed']} · {row['anew_changed']}",
        "to be called": lambda row: f"{row['called']} · {row['anew_called']}",
        "cost": lambda row: f"{money(row['cost'])} · {money(row['anew_cost'])}",
    }
    return section("Replans beside solving anew", rows, columns, ANEW)


def weeks(results: Path) -> list[str]:
    """Simulated weeks, by area."""
    rows = newest("rolling_week", ("area", "seed"), results)
    by_area: dict[str, list[Row]] = {}
    for row in rows:
        by_area.setdefault(row["area"], []).append(row)

    def share(key: str) -> Callable[[Row], str]:
        def shown(row: Row) -> str:
            mine = by_area[row["area"]]
            total = sum(int(one["regions"]) for one in mine)
            return f"{100 * sum(int(one[key]) for one in mine) / total:.2f} %"

        return shown

    def total(key: str) -> Callable[[Row], str]:
        return lambda row: str(sum(int(one[key]) for one in by_area[row["area"]]))

    columns: dict[str, Callable[[Row], str]] = {
        "area": lambda row: row["name"],
        "weeks": lambda row: str(len(by_area[row["area"]])),
        "regions": lambda row: row["regions"],
        "replanned": share("on_time"),
        "first plan": share("first_plan"),
        "plan for no late legs": share("plan_of_gamma_0"),
        "replans": total("replans"),
        "regions changed": total("changed"),
        "rejected": total("failed_checks"),
    }
    return section("Simulated weeks", [mine[-1] for mine in by_area.values()], columns, WEEKS)


def halve(results: Path) -> list[str]:
    """Half a fleet."""
    rows = newest("kaltim_halve", ("area", "keep", "seed"), results)
    columns: dict[str, Callable[[Row], str]] = {
        "area": lambda row: row["area"],
        "kept of each type": lambda row: row.get("keep") or "0",
        "seed": lambda row: row["seed"],
        "answer": lambda row: row["status"] or "none",
        "regions": lambda row: row["area_regions"],
        "late": lambda row: row["area_late"],
        "undelivered": lambda row: row["area_undelivered"],
        "without reason": lambda row: row["area_without_reason"],
        "reasons": lambda row: row["reasons"],
        "others not on time": lambda row: row["others_not_on_time"],
        "check": lambda row: row["checked"],
        "wall s": lambda row: row["wall_s"],
    }
    note = (
        "Half the vehicles of each type, rounded down but at least as many as said, at one area's warehouse "
        "and its hubs; the whole instance is solved."
    )
    return section("Half a fleet", rows, columns, note)


def cut(results: Path) -> list[str]:
    """A way cut."""
    rows = newest("kaltim_cut", ("region", "seed"), results)
    columns: dict[str, Callable[[Row], str]] = {
        "region": lambda row: row["region"],
        "edge taken away": lambda row: f"`{row['edge']}`",
        "answer": lambda row: row["status"] or "none",
        "its status": lambda row: row["region_status"] or "none",
        "its reason": lambda row: row["region_reason"] or "none",
        "on time": lambda row: f"{row['regions_on_time']} of {row['regions_total']}",
        "others not on time": lambda row: row["others_not_on_time"],
        "check": lambda row: row["checked"],
        "wall s": lambda row: row["wall_s"],
    }
    return section("The only way cut", rows, columns, "The only edge of one region, a river, is taken away.")


def kills(results: Path) -> list[str]:
    """A batch whose workers and parent are killed."""
    rows = newest("batch_kill", ("area", "scenarios", "time_limit_s"), results)
    columns: dict[str, Callable[[Row], str]] = {
        "area": lambda row: row["area"],
        "scenarios": lambda row: row["scenarios"],
        "limit s": lambda row: row["time_limit_s"],
        "workers killed": lambda row: row["workers_killed"],
        "there when the parent was killed": lambda row: row["before_the_kill"],
        "processes left behind": lambda row: row["orphans_alive"],
        "results": lambda row: row["results"],
        "twice": lambda row: row["twice"],
        "done again": lambda row: row["done_again"],
        "failed": lambda row: row["failed"],
        "half files": lambda row: row["half_files"],
        "wall s": lambda row: row["wall_s"],
        "kept": lambda row: kept(True, row_kill_kept(row)),
    }
    note = """Workers are ended by `kill -9` while the batch runs, the parent when half is done; then the same
command runs once more. Asked: each scenario has its result once, nothing done again, nothing left behind."""
    return section("A batch that is killed", rows, columns, note)


def row_kill_kept(row: Row) -> bool:
    """Whether nothing was lost or doubled."""
    none = ("orphans_alive", "twice", "done_again", "failed", "half_files", "exit_code")
    return row["results"] == row["scenarios"] and all(row[name] == "0" for name in none)


def throughput(results: Path) -> list[str]:
    """The same scenarios one after another and with several workers."""
    rows = newest("batch_throughput", ("area", "scenarios", "workers", "time_limit_s"), results)
    alone = {
        (row["area"], row["scenarios"], row["time_limit_s"]): row for row in rows if row["workers"] == "1"
    }

    def times(row: Row) -> str:
        one = alone.get((row["area"], row["scenarios"], row["time_limit_s"]))
        return "" if one is None else f"{float(one['wall_s']) / float(row['wall_s']):.2f}"

    columns: dict[str, Callable[[Row], str]] = {
        "area": lambda row: row["area"],
        "scenarios": lambda row: row["scenarios"],
        "limit s": lambda row: row["time_limit_s"],
        "workers": lambda row: row["workers"],
        "results": lambda row: row["results"],
        "wall s": lambda row: row["wall_s"],
        "peak MB": lambda row: row["peak_rss_mb"],
        "scenarios an hour": lambda row: row["per_hour"],
        "times one after another": times,
    }
    return section("Throughput of batches", rows, columns)


LOSSES_S = 600.0


def losses(results: Path) -> list[str]:
    """Every loss of a plan."""
    rows = newest("batch_lose", ("area", "kind", "time_limit_s", "workers"), results)
    columns: dict[str, Callable[[Row], str]] = {
        "lost in turn": lambda row: row["kind"],
        "limit s": lambda row: row["time_limit_s"],
        "losses": lambda row: row["losses"],
        "different runs": lambda row: row["runs"],
        "planned anew": lambda row: row["planned"],
        "an idle one takes over": lambda row: row["spare"],
        "not used": lambda row: row["unused"],
        "failed": lambda row: row["failed"],
        "checked": lambda row: row["checked"],
        "by `plan check` apart": lambda row: row["checked_apart"],
        "make somebody late": lambda row: row["hurting"],
        "worst (weight)": lambda row: row["worst"],
        "solved apart s": lambda row: row.get("apart_s") or "",
        "rank correlation": lambda row: row.get("spearman") or "",
        "late apart": lambda row: row.get("late_apart") or "",
        "overstated": lambda row: row.get("overstated") or "",
        "wall s": lambda row: row["wall_s"],
        "peak MB": lambda row: row["peak_rss_mb"],
        "kept": lambda row: kept(row["kind"] == "vehicles", row_losses_kept(row)),
    }
    note = f"""Asked: all vehicles within {LOSSES_S:g} s on two cores, ranked, each row checked. Where each
loss was solved apart, from nothing, on the edited tables: the correlation of ranks (asked: 0.9), how many
make somebody late there, rows that say more than the spread of their seeds above it (asked: none)."""
    return section("Every loss of a plan", rows, columns, note)


def row_losses_kept(row: Row) -> bool:
    """Whether all losses were tried in time, ranked and checked."""
    complete = row["failed"] == "0" and row["checked"] == row["losses"] and row["ranked"] == "yes"
    passed, _, tried = row["checked_apart"].partition(" of ")
    return complete and passed == tried and float(row["wall_s"]) <= LOSSES_S


def cuts(results: Path) -> list[str]:
    """Edges and places lost, against networkx."""
    rows = newest("batch_cuts", ("instance", "kind"), results, alike=("commit",))
    columns: dict[str, Callable[[Row], str]] = {
        "instance": lambda row: row["instance"],
        "lost in turn": lambda row: row["kind"],
        "how many": lambda row: row["lost"],
        "cut somebody off": lambda row: row["cutting"],
        "regions cut off, summed": lambda row: row["cut_off"],
        "agree": lambda row: row["agree"],
        "differ": lambda row: row["differ"] or "none",
        "wall s": lambda row: row["wall_s"],
        "kept": lambda row: kept(True, row["agree"] == row["lost"]),
    }
    note = """`--lose-each edges`, and scenarios that close all edges at one place. Who is cut off by the
plans' proofs must be who is cut off by the bridges and cut nodes that networkx finds in the network of each
vehicle type, hop by hop."""
    return section("Ways that cut off", rows, columns, note)


def forgeries(results: Path) -> list[str]:
    """Forged plans, all kinds together."""
    rows = newest("forgeries", ("kind",), results, ("commit", "instance", "seed"))

    def total(*keys: str) -> Callable[[Row], str]:
        return lambda _: f"{sum(int(row[key]) for row in rows for key in keys):,}"

    columns: dict[str, Callable[[Row], str]] = {
        "kinds": lambda _: str(len(rows)),
        "plans": lambda row: row["plans"],
        "forged": total("forged"),
        "refused": total("refused", "unreadable"),
        "as reported": total("as_reported"),
        "late, impossible, not found": total("late", "impossible", "not_found"),
        "good, and nothing wrong": total("harmless"),
        "good, but wrong": total("wrong"),
    }
    return section("Forged plans", rows[-1:], columns, FORGED)


@cache
def digest_now(folder: Path) -> str:
    """Digest of an instance as it is today."""
    return instance_digest(folder)


def as_then(row: Row) -> str:
    """That the instance of a row has become another one since; empty where it has not, or is unknown."""
    folder = ROOT / "instances" / row["instance"]
    measured = row.get("instance_digest", "")
    if not measured or not folder.is_dir() or measured == digest_now(folder):
        return ""
    return f" as it was then ({measured}; today's instance is another)"


def section(
    title: str, rows: Sequence[Row], columns: Mapping[str, Callable[[Row], str]], note: str = ""
) -> list[str]:
    """A heading, what was measured with what, and a table; nothing without rows."""
    lines = [f"## {title}", ""]
    if not rows:
        return [*lines, "No rows yet.", ""]
    last = rows[-1]
    lines += [note, ""] if note else []
    lines += [
        f"`{last['instance']}`{as_then(last)}; commit {last['commit'] or 'unknown'}, "
        f"planner {last['planner']}, "
        f"Python {last['python']}, ortools {last['ortools']}, {last['system']}, {last['cores']} cores; "
        f"{last['date'][:10]}.",
        "",
        f"| {' | '.join(columns)} |",
        f"|{'---|' * len(columns)}",
    ]
    lines += [f"| {' | '.join(show(row) for show in columns.values())} |" for row in rows]
    return [*lines, ""]


def kept(asked: bool, good: bool) -> str:
    """Whether a target was met; blank where there is none."""
    return ("yes" if good else "**no**") if asked else ""


def money(text: str) -> str:
    """A sum with separators."""
    return f"{int(text):,}" if text else ""


def gap(row: Row) -> str:
    """Cost above the bound, in percent of the cost."""
    if not row["cost"] or not row["lower_bound"] or not int(row["cost"]):
        return ""
    return f"{100 * (1 - int(row['lower_bound']) / int(row['cost'])):.1f}"


def main(arguments: list[str]) -> int:
    """Write the pages, or compare them."""
    old = realism.PAGE.read_text(encoding="utf-8")
    stale = False
    for path, text in ((PAGE, page()), (realism.PAGE, realism.page_text(old))):
        if "--check" not in arguments:
            path.write_text(text, encoding="utf-8", newline="\n")
        elif not path.exists() or path.read_text(encoding="utf-8") != text:
            print(f"docs/{path.name} is out of date: run python benchmarks/tables.py")
            stale = True
    return int(stale)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
