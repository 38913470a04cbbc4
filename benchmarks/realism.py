"""The days that a plan chooses beside the days that were published.

python benchmarks/realism.py PLAN [--instance FOLDER] [--ablate S] [--seeds N] [--plans FOLDER]
                              adds rows, writes the page; plans that lie in --plans FOLDER are not made again
python benchmarks/tables.py   writes the page again from the rows
"""

from __future__ import annotations

import argparse
import csv
import json
import math
import re
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import combinations
from pathlib import Path

from common import RESULTS, ROOT, append_row, facts, instance_digest, measure, plan_command, read_rows, say
from kaltim import copied
from realism_figures import area_rows, figure_lines, load_rows, rho_lines, rho_rows

from planner.building.places import deadline_of, not_before_of, release_of
from planner.instance.chains import chain_of
from planner.instance.read import read_instance
from planner.instance.schema import Echelon, HubKind, Instance, Region, Warehouse
from planner.plans.file import read_plan
from planner.plans.model import Plan

PUBLISHED = ROOT / "scripts" / "data" / "kaltim" / "published_days.csv"
PAGE = ROOT / "docs" / "realism.md"
STEPS = ("dispatch", "office", "region")
Row = Mapping[str, str]
AS_IT_IS = "as it is"
EARTH_KM = 6371.0
DAY_S = 86_400
NOTE = """First – median – last day of the desa's goods, by the last of them. *Sooner, kept, later*: how many
desa beside the published day, of leaving the warehouse unless the row says PPK or desa. *The tables leave*:
days on which the PPK (or the desa) may receive by the instance's own `deadlines`, and not before its
warehouse opens, which were made of the same reports; where they are the published ones (*put in*), keeping
them shows only that the plan obeys.

Pairs of desa of one kabupaten, one at least half as far again from the warehouse as the other (straight
line): does the farther's last load leave on an earlier day?"""
BEGIN, END = "<!-- made by benchmarks/realism.py -->", "<!-- end -->"


@dataclass(frozen=True)
class Times:
    """When the last goods of a region leave the warehouse, are at its office, and are there."""

    region: Region
    moments: Mapping[str, int]  # by step
    far_km: float


def main() -> int:
    """Read a plan, add its rows, write the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("plan", type=Path)
    parser.add_argument("--instance", type=Path, default=ROOT / "instances" / "kaltim")
    parser.add_argument("--ablate", type=float, default=0, help="seconds: solve with other tables too")
    parser.add_argument("--plans", type=Path, help="keep plans of --ablate there, and take them from there")
    parser.add_argument("--seeds", type=int, default=5, help="of each of them, and as it is")
    parser.add_argument("--page", type=Path, default=PAGE, help="write the tables there")
    options = parser.parse_args()
    instance, plan = read_instance(options.instance), read_plan(options.plan)
    name = json.loads(options.plan.read_text("utf-8"))["digest"].removeprefix("sha256:")[:12]
    head = facts() | {
        "instance": options.instance.resolve().name,
        "instance_digest": instance_digest(options.instance),
        "plan": name,
        "status": plan.status.value,
        "on_time": plan.regions_on_time,
        "regions": len(plan.regions),
        "limit": plan.options["limit"],
    }
    times = times_of(instance, plan)
    far_km = {one.region.id: one.far_km for one in times}
    rows = [*day_rows(instance, times), *area_rows(instance, plan, far_km), *load_rows(instance, plan)]
    rows += [row | {"tables": AS_IT_IS} for row in [order_row(instance, times), *far_rows(instance, times)]]
    rows += seeded(options, instance) if options.ablate else []
    for row in rows:
        append_row("kaltim_days", head | row)
    write(options.page)
    return 0


def seeded(options: argparse.Namespace, instance: Instance) -> list[dict[str, object]]:
    """Whether the farthest goes first, over seeds, as it is and with other tables."""
    rows = []
    for view in VIEWS:
        for seed in range(1, options.seeds + 1):
            plan = solved(options, view, seed)
            far_km = {one.region.id: one.far_km for one in times_of(instance, plan)}
            rows += rho_rows(instance, plan, far_km, view, seed)
            if seed == 1 and view != AS_IT_IS:
                times = times_of(instance, plan)
                told = {"tables": view, "ablated_on_time": plan.regions_on_time}
                rows += [row | told for row in [order_row(instance, times), *far_rows(instance, times)]]
    return rows


def solved(options: argparse.Namespace, view: str, seed: int) -> Plan:
    """A plan of the instance with other tables; the one that is kept, where there is one."""
    with tempfile.TemporaryDirectory() as name:
        folder = VIEWS[view](options.instance, Path(name))
        path = (options.plans or Path(name)) / f"{view.replace(' ', '-')}-{seed}.json"
        if not path.exists():
            limits = ("--time-limit", options.ablate, "--seed", seed)
            run = measure(plan_command("solve", folder, *limits, "--output", path, "--json"))
            if not path.exists():
                sys.exit("\n".join(line for _, line in run.said[-20:]))
        plan = read_plan(path)
        if plan.options["seed"] != str(seed) or plan.options["limit"] != f"{options.ablate:g} s":
            sys.exit(f"{path} is of seed {plan.options['seed']}, {plan.options['limit']}")
        say(view, seed, plan.status.value, plan.regions_on_time, plan.cost)
        return plan


def as_it_is(folder: Path, _where: Path) -> Path:
    """The instance itself."""
    return folder


def without_first_days(folder: Path, where: Path) -> Path:
    """Nothing leaves or comes too early, as far as the warehouses are open."""

    def change(row: dict[str, str]) -> dict[str, str] | None:
        return row | {"not_before": "", "release": ""} if row["deadline"] else None

    return copied(folder, where, "deadlines", change)


def without_price(folder: Path, where: Path) -> Path:
    """Goods that wait over night cost nothing."""
    copy = copied(folder, where, "deadlines", lambda row: row)
    settings = copy / "plan.toml"
    text, found = re.subn(r"(?m)^price_night = \d+$", "price_night = 0", settings.read_text("utf-8"))
    if found != 1:
        sys.exit(f"{folder / 'plan.toml'}: {found} lines price_night")
    settings.write_text(text, encoding="utf-8", newline="\n")
    return copy


VIEWS: dict[str, Callable[[Path, Path], Path]] = {
    AS_IT_IS: as_it_is,
    "without first days": without_first_days,
    "without the price of nights": without_price,
}


def times_of(instance: Instance, plan: Plan) -> list[Times]:
    """Moments of every region that receives."""
    warehouses = {one.id: one for one in instance.warehouses}
    offices = {
        one.id: {hub.id for hub in chain_of(instance, one) if hub.kind is HubKind.OFFICE}
        for one in instance.regions
    }
    found: dict[str, dict[str, int]] = {}
    for trip in plan.trips:
        for stop in trip.stops:
            for name in {one.region_id for one in stop.deliveries}:
                mine = found.setdefault(name, {})
                steps = {"dispatch": trip.depart_s} if trip.origin_id in warehouses else {}
                steps |= {"office": stop.end_s} if stop.node_id in offices[name] else {}
                steps |= {"region": stop.end_s} if stop.node_id == name else {}
                for step, moment in steps.items():
                    mine[step] = max(mine.get(step, 0), moment)
    regions = {one.id: one for one in instance.regions}
    return [
        Times(regions[name], moments, straight_km(regions[name], warehouses[regions[name].warehouse]))
        for name, moments in found.items()
        if "region" in moments
    ]


def straight_km(here: Region, there: Warehouse) -> float:
    """Straight line between two places."""
    lat, lon, other, far = (math.radians(x) for x in (here.lat, here.lon, there.lat, there.lon))
    part = math.sin((other - lat) / 2) ** 2
    part += math.cos(lat) * math.cos(other) * math.sin((far - lon) / 2) ** 2
    return 2 * EARTH_KM * math.asin(math.sqrt(part))


def day_rows(instance: Instance, times: Sequence[Times]) -> list[dict[str, object]]:
    """One row for each published day: the plan's own, and how many regions keep to it."""
    rows = []
    for one in published():
        mine = [time for time in times if is_in(time.region, one["places"])]
        row: dict[str, object] = {"kind": "day", "id": one["id"], "desa": len(mine)}
        for step in STEPS:
            moments = sorted(time.moments[step] for time in mine if step in time.moments)
            for name, at in (("first", 0), ("median", len(moments) // 2), ("last", len(moments) - 1)):
                row[f"{step}_{name}"] = day(instance, moments[at]) if moments else ""
        days = [day(instance, time.moments[one["step"]]) for time in mine if one["step"] in time.moments]
        if one["first"] or one["last"]:
            row["sooner"] = sum(bool(one["first"]) and this < one["first"] for this in days)
            row["later"] = sum(bool(one["last"]) and this > one["last"] for this in days)
            row["kept"] = len(days) - int(str(row["sooner"])) - int(str(row["later"]))
        rows.append(row | allowed(instance, mine, one["step"]))
    return rows


def order_row(instance: Instance, times: Sequence[Times]) -> dict[str, object]:
    """Pairs of desa whose kecamatan have different places in the published order."""
    order: list[tuple[int, str]] = []
    for one in published():
        if one["place_in_order"]:
            mine = (time for time in times if is_in(time.region, one["places"]))
            order += [(int(one["place_in_order"]), day(instance, time.moments["dispatch"])) for time in mine]
    signs = [
        (there[1] > here[1]) - (there[1] < here[1])
        for here, there in combinations(sorted(order, key=lambda pair: pair[0]), 2)
        if there[0] > here[0]
    ]
    return {
        "kind": "order",
        "id": "kukar-2020",
        "name": "Kutai Kartanegara, order of 2020",
        "desa": len(order),
    } | counts(signs)


def far_rows(instance: Instance, times: Sequence[Times]) -> list[dict[str, object]]:
    """Of each kabupaten, pairs of desa of which one is half as far again: which leaves first."""
    rows = []
    for area in sorted({one.region.area for one in times}):
        here = [one for one in times if one.region.area == area]
        mine = [(one.far_km, day(instance, one.moments["dispatch"])) for one in here]
        signs = [
            (near[1] > far[1]) - (near[1] < far[1])
            for far, near in combinations(sorted(mine, reverse=True), 2)
            if far[0] > 1.5 * near[0]
        ]
        row = {"kind": "far", "id": area, "name": here[0].region.area_name, "desa": len(mine)}
        rows.append(row | counts(signs))
    return rows


def counts(signs: Sequence[int]) -> dict[str, object]:
    """Pairs as published (or the farther first), on one day, and the other way round."""
    names = {"pairs_so": 1, "pairs_same_day": 0, "pairs_reversed": -1}
    return {name: sum(one == sign for one in signs) for name, sign in names.items()}


def allowed(instance: Instance, mine: Sequence[Times], step: str) -> dict[str, object]:
    """First and last day that the tables leave for receipt, at these regions or at their offices."""
    limits = [(not_before_of(instance, one.region), deadline_of(instance, one.region)) for one in mine]
    if step != "region":
        offices = {
            hub.id for one in mine for hub in chain_of(instance, one.region) if hub.kind is HubKind.OFFICE
        }
        limits = [hub_limits(instance, one) for one in offices]
    if not limits:
        return {}
    first, last = min(first for first, _ in limits), max(last for _, last in limits)
    leave = (
        max(opens_s(instance, one.warehouse), release_of(instance, one)) for one in (at.region for at in mine)
    )
    first = max(first, min(leave))
    return {"allowed_first": day(instance, first), "allowed_last": day(instance, last - 1)}


def opens_s(instance: Instance, warehouse: str) -> int:
    """Midnight before the first day on which a warehouse is not closed by a row of its calendar."""
    calendar = next(one.calendar for one in instance.warehouses if one.id == warehouse)
    closed = {row.days for row in instance.calendars if row.calendar == calendar and row.opens_s is None}
    return next(at for at in range(0, instance.settings.horizon_s, DAY_S) if day(instance, at) not in closed)


def hub_limits(instance: Instance, hub: str) -> tuple[int, int]:
    """Not before and deadline of a hub: its own row's, else that for all."""
    rows = {row.place: row for row in instance.deadlines if row.echelon is Echelon.HUB}
    both = [rows[place] for place in (hub, "") if place in rows]
    firsts = [row.not_before_s for row in both if row.not_before_s is not None]
    lasts = [row.deadline_s for row in both if row.deadline_s is not None]
    return next(iter(firsts), 0), next(iter(lasts), instance.settings.horizon_s)


def is_in(region: Region, places: str) -> bool:
    """Whether a region lies in some of these places (codes joined by +)."""
    return any((region.id + ".").startswith(f"{one}.") for one in places.split("+"))


def day(instance: Instance, moment_s: int) -> str:
    """Local date of a moment."""
    return instance.clock.day(moment_s).isoformat()


def published() -> list[Row]:
    """The published days."""
    with PUBLISHED.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---------------------------------------------------------------- the page


def tables(results: Path = RESULTS) -> list[str]:
    """What stands between the page's marks."""
    rows = read_rows("kaltim_days", results)
    if not rows:
        return ["No rows yet.", ""]
    last = rows[-1]
    mine = [row for row in rows if (row["plan"], row["date"]) == (last["plan"], last["date"])]
    said = {one["id"]: one for one in published()}
    lines = [
        f"Plan `{last['plan']}` of `{last['instance']}`: {last['status']}, {last['on_time']} of "
        f"{last['regions']} on time, limit {last['limit']}; commit {last['commit'] or 'unknown'}, "
        f"{last['date'][:10]}.",
        "",
        "| published for | when | published | desa | leaves the warehouse | at the PPK | at the desa "
        "| sooner | kept | later | the tables leave | so |",
        f"|{'---|' * 12}",
    ]
    lines += [day_line(row, said[row["id"]]) for row in mine if row["kind"] == "day"]
    lines += ["", *NOTE.splitlines(), "", *figure_lines(mine)]
    far = [row for row in mine if row["kind"] in ("order", "far")]
    views = list(dict.fromkeys(row["tables"] for row in far))
    on_time = {row["tables"]: row.get("ablated_on_time") or row["on_time"] for row in far}
    heads = [f"{view} ({on_time[view]} on time)" for view in views]
    lines += [
        f"| farther (or published) first – same day – reversed, % of pairs | desa | {' | '.join(heads)} |",
        f"|{'---|' * (2 + len(views))}",
    ]
    for row in [one for one in far if one["tables"] == views[0]]:
        beside = {one["tables"]: one for one in far if (one["kind"], one["id"]) == (row["kind"], row["id"])}
        shares = [share(beside[view]) if view in beside else "" for view in views]
        lines.append(f"| {row['name']} | {row['desa']} | {' | '.join(shares)} |")
    return [*lines, "", *rho_lines(mine)]


def day_line(row: Row, said: Row) -> str:
    """A row of the first table."""
    step = {"office": " (at the PPK)", "region": " (at the desa)"}.get(said["step"], "")
    days = short(said["first"], said["last"]) if said["first"] or said["last"] else "–"
    if said["place_in_order"]:
        days = f"place {said['place_in_order']}"
    cells = [said["group"], said["when"], days + step if days != "–" else "–", row["desa"]]
    cells += [
        " – ".join(short(row[f"{one}_{at}"], row[f"{one}_{at}"]) for at in ("first", "median", "last"))
        if row[f"{one}_first"]
        else ""
        for one in STEPS
    ]
    cells += [row["sooner"], row["kept"], row["later"], left_by(row), verdict(row, said)]
    return f"| {' | '.join(cells)} |"


def verdict(row: Row, said: Row) -> str:
    """Whether the plan agrees, and whether it could do otherwise."""
    if not row["kept"] or not int(row["desa"]):
        return ""
    kept, desa = int(row["kept"]), int(row["desa"])
    word = "agrees" if kept == desa else "partly" if 2 * kept >= desa else "**disagrees**"
    inside = (not said["first"] or row["allowed_first"] >= said["first"]) and (
        not said["last"] or row["allowed_last"] <= said["last"]
    )
    return f"{word} (put in)" if inside and word == "agrees" else word


def left_by(row: Row) -> str:
    """Days that the instance's own rows leave."""
    return short(row["allowed_first"], row["allowed_last"]) if row["allowed_first"] else ""


def share(row: Row) -> str:
    """Pairs in percent."""
    pairs = [int(row[name]) for name in ("pairs_so", "pairs_same_day", "pairs_reversed")]
    return " – ".join(f"{100 * one / sum(pairs):.0f}" for one in pairs) if sum(pairs) else "no pairs"


def short(first: str, last: str) -> str:
    """Days of November as people write them."""
    ends = [f"{date.fromisoformat(one).day} {date.fromisoformat(one):%b}" for one in (first, last) if one]
    if not first:
        return f"by {ends[0]}"
    if not last or first == last:
        return ends[0]
    return f"{ends[0].split()[0]}–{ends[1]}"


def page_text(text: str, results: Path = RESULTS) -> str:
    """The page with its tables made anew."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    return "\n".join([before + BEGIN, "", *tables(results), END + after])


def write(path: Path) -> None:
    """Write the page."""
    path.write_text(page_text(path.read_text("utf-8")), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    sys.exit(main())
