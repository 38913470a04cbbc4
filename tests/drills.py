"""A drill: a day of reports to a desk with a store, its bulletins recomputed from the store by plain code.

`recomputed` reads SQLite, JSON and CSV alone: nothing of the program under test is asked.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import sqlite3
import zlib
from collections import defaultdict
from datetime import datetime, timedelta
from pathlib import Path

from planner.cli import main

TOLERANCE = timedelta(minutes=30)
SURE = ("confirmed", "bulk", "assumed", "overdue", "future")
COLUMNS = ("id", "time", "kind", "subject", "from", "place", "by", "bulk")


def run(*line):
    """What a command says on stdout; it must end well."""
    text = io.StringIO()
    with contextlib.redirect_stdout(text):
        try:
            main([*map(str, line)])
        except SystemExit as left:
            assert left.code == 0, (line, left.code)
    return text.getvalue()


def stops_of(plan):
    """All stops by time: when, trip, number from 1, node, deliveries."""
    found = [
        (datetime.fromisoformat(stop["end"]), trip["id"], number, stop["node"], stop["deliveries"])
        for trip in plan["trips"]
        for number, stop in enumerate(trip["stops"], 1)
    ]
    return sorted(found, key=lambda row: row[:3])


def moments(stops, number):
    """So many moments of a day, none within some minutes of when a stop is due or overdue."""
    ends = [one[0] for one in stops]
    found = []
    for share in range(1, number + 1):
        at = ends[(len(ends) - 1) * share // (number + 1)].replace(second=0) + timedelta(minutes=7)
        while any(abs(at - limit) < timedelta(minutes=2) for end in ends for limit in (end, end + TOLERANCE)):
            at += timedelta(minutes=1)
        found.append(max([at, *(one + timedelta(minutes=1) for one in found)]))
    return found


def tell(table, rows):
    """Type reports into the table, as people do with a spreadsheet."""
    known = list(csv.DictReader(io.StringIO(table.read_text("utf-8")))) if table.exists() else []
    header = list(dict.fromkeys([*(known[0] if known else ()), *COLUMNS]))
    text = io.StringIO()
    writer = csv.DictWriter(text, header, restval="", lineterminator="\n")
    writer.writeheader()
    writer.writerows([*known, *rows])
    table.write_text(text.getvalue(), "utf-8")


def due_reports(stops, told, until):
    """Reports of what is due and not told: of each five stops three alone, one with others, one not."""
    found = []
    for at, (end, trip, number, node, _) in enumerate(stops):
        if end > until or (trip, number) in told or at % 5 == 4:
            continue
        if sum(one[1] == trip and one[3] == node for one in stops) > 1:
            continue  # which of the two is meant cannot be said in few words
        told.add((trip, number))
        row = {"id": f"E{len(told):04d}", "time": until.isoformat(), "kind": "delivered", "subject": trip}
        row |= {"from": end.isoformat(), "place": node, "by": "Sari" if at % 5 == 3 else "Budi"}
        found.append(row | ({"bulk": "E0001"} if at % 5 == 3 else {}))
    return found


def stored(desk):
    """Reports of the store by trip and stop, all of them, its last entry, and the files that it keeps."""
    with contextlib.closing(sqlite3.connect(desk)) as base:
        entries = base.execute("select seq, kind, content, hash from entries order by seq").fetchall()
        blobs = {
            name: zlib.decompress(packed) for name, packed in base.execute("select digest, packed from blobs")
        }
    files = {}
    reports = []
    for _, kind, content, _ in entries:
        known = json.loads(content)
        if kind == "report":
            reports.append(known["cells"])
        files |= {name: blobs[digest] for name, digest in known.get("files", {}).items()}
    return reports, (entries[-1][0], entries[-1][3]), files


def rows_of(content):
    return list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))


def recomputed(desk, plan_name, now, unit, by):
    """The figures of a bulletin, from the store alone."""
    reports, head, files = stored(desk)
    regions = {row["id"]: row for row in rows_of(files["tables/regions.csv"])}
    units, lost = units_of(json.loads(files[plan_name]), reports, now)
    whats = ("regions", "units", "pieces")
    figures = defaultdict(lambda: {what: dict.fromkeys(("total", "planned", *SURE), 0) for what in whats})
    missing = defaultdict(int)
    for name, mine in units.items():
        by_number = defaultdict(list)
        for one in mine:
            by_number[one[0]].append(one)
        assert len(by_number) == int(regions[name][unit])
        for group in ("", regions[name][by]):
            for one in mine:
                count(figures[group]["pieces"], [one], one[3])
            for parts in by_number.values():
                count(figures[group]["units"], parts, 1)
            count(figures[group]["regions"], mine, 1)
            missing[group] += name in lost
    last = max((datetime.fromisoformat(row["time"]) for row in reports), default=None)
    return dict(figures), dict(missing), head, len(reports), last


def units_of(plan, reports, now):
    """Units by region: number, how sure, whether planned until now, pieces; and who lacks something."""
    told = {(row["subject"], row["place"]): row for row in reports if row["kind"] == "delivered"}
    broken = [row for row in reports if row["kind"] == "breakdown"]
    out_of = {row["subject"]: datetime.fromisoformat(row["time"]) for row in broken}
    vehicle_of = {trip["id"]: trip["vehicle"] for trip in plan["trips"]}
    found, lost = defaultdict(list), set()
    for end, trip, _, node, deliveries in stops_of(plan):
        report, out = told.get((trip, node)), out_of.get(vehicle_of[trip])
        fails = report is None and out is not None and end > out
        how = "future" if fails else how_sure(report, end, now)
        for one in deliveries:
            if one["region"] == node:
                numbers = range(one["first_unit"], one["first_unit"] + one["units"])
                pieces = one["pieces"] // one["units"]
                found[node] += [(number, how, end <= now, pieces) for number in numbers]
                lost |= {node} if fails else set()
    return found, lost


def how_sure(report, end, now):
    if report is not None:
        return "bulk" if report.get("bulk") else "confirmed"
    if end <= now - TOLERANCE:
        return "overdue"
    return "assumed" if end <= now else "future"


def count(figures, units, amount):
    figures[max((one[1] for one in units), key=SURE.index)] += amount
    figures["total"] += amount
    figures["planned"] += amount * all(one[2] for one in units)


def drilled(folder, tables, plan_path, unit, by, number=4):
    """A day with bulletins; gives each with the figures that it should have."""
    plans = folder / "plans"
    plans.mkdir()
    (plans / "p.json").write_bytes(Path(plan_path).read_bytes())
    run("approve", plans / "p.json", "--by", "Sari", "--instance", tables)
    run("store", "init", plans)
    run("approve", plans / "p.json", "--by", "Sari", "--instance", tables)  # the store keeps plan and tables
    plan = json.loads((plans / "p.json").read_text("utf-8"))
    stops = stops_of(plan)
    told, before = set(), ()
    for at, now in enumerate(moments(stops, number), 1):
        rows = due_reports(stops, told, now)
        if at == number:
            rows += breakdown(plan, now, len(told) + 1)
        tell(plans / "p.events.csv", rows)
        run("problem", "add", tables, f"problem {at}", "--date", now.date(), "--due", now.date())
        if at == 3:
            run("problem", "close", tables, "P001", "--date", now.date())
        base = plans / f"b{at}"
        run("bulletin", plans, "--now", now.isoformat(), "--output", base, *before)
        made = json.loads(base.with_suffix(".json").read_text("utf-8"))
        before = ("--since", base.with_suffix(".json"))
        yield made, recomputed(plans / "desk.sqlite", "p.json", now, unit, by), now


def breakdown(plan, now, number):
    """The vehicle breaks down that has most stops ahead of it, of those that bring goods to regions alone."""
    ahead, others = defaultdict(int), set()
    for trip in plan["trips"]:
        for stop in trip["stops"]:
            given = [one["region"] == stop["node"] for one in stop["deliveries"]]
            others |= set() if all(given) else {trip["vehicle"]}
            ahead[trip["vehicle"]] += datetime.fromisoformat(stop["end"]) > now
    vehicle = max(sorted(set(ahead) - others), key=ahead.get)
    return [{"id": f"E{number:04d}", "time": now.isoformat(), "kind": "breakdown", "subject": vehicle}]
