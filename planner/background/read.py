"""Reads the background of pictures, ``background/*.geojson`` beside the tables, and finds all its faults."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.background.geometry import Box, bounds_of, polygonal
from planner.background.meridian import ground_beside, middle_of, run_on
from planner.background.schema import (
    FOLDER,
    KINDS,
    Background,
    Feature,
    Form,
    GroundKind,
    KindRule,
    Sheet,
    own_folder,
)
from planner.base.errors import Fault, InputError, Severity
from planner.base.opening import FileSort, content_of, system_words

if TYPE_CHECKING:
    from planner.instance.schema import Instance

__all__ = [
    "ENDING",
    "MOST_BYTES",
    "MOST_POSITIONS",
    "background_folder",
    "read_background",
    "scan_background",
    "validate_all",
]

ENDING = ".geojson"
MOST_BYTES = 12_000_000  # of all files together
MOST_POSITIONS = 300_000  # of all files together
_NEAR = 1.0  # degrees between a background and the places of its instance that are no cause to wonder
_SHOWN = 60
_TYPES: Mapping[Form, Mapping[str, int]] = {  # geometries of each form, and how deep their positions lie
    Form.AREA: {"Polygon": 2, "MultiPolygon": 3},
    Form.LINE: {"LineString": 1, "MultiLineString": 2},
    Form.POINT: {"Point": 0},
}
_CODED = {GroundKind.AREA: "area", GroundKind.SUBAREA: "subarea", GroundKind.REGION: "id"}
_FEWEST = {Form.AREA: 4, Form.LINE: 2, Form.POINT: 1}  # positions of a ring, a line, a point


def background_folder(source: Path) -> Path:
    """Where the background of an instance lies: in its folder, or beside its workbook.

    Of ``name.xlsx`` it is ``name.background``, else ``background``, which workbooks share; of a folder that
    holds a workbook alone, that workbook's.
    """
    shared = (source if source.is_dir() else source.parent) / FOLDER
    own = own_folder(source)
    if source.is_dir() and not shared.exists():
        beside = [path for path in source.glob(f"*.{FOLDER}") if path.is_dir()]
        own = beside[0] if len(beside) == 1 else own
    return own if own.exists() else shared


def read_background(source: Path) -> Background:
    """Read the background beside an instance; without a folder of that name it is empty.

    Parameters
    ----------
    source
        Folder of the instance, or its workbook.

    Raises
    ------
    InputError
        With every fault of the files (B501 to B514).
    """
    background, faults = scan_background(source)
    if background is None:
        raise InputError(fault for fault in faults if fault.severity is Severity.ERROR)
    return background


def scan_background(
    source: Path, instance: Instance | None = None
) -> tuple[Background | None, tuple[Fault, ...]]:
    """Read the background beside an instance without raising.

    Parameters
    ----------
    source
        Folder of the instance, or its workbook.
    instance
        The instance, if it can be read: whether both lie in the same part of the world.

    Returns
    -------
    tuple
        The background, or None if there is any error; and all faults, sorted by file and place.
    """
    folder = background_folder(Path(source))
    if not folder.exists():
        return Background(), ()
    try:
        paths = sorted(path for path in folder.iterdir() if path.name.lower().endswith(ENDING))
        sizes = {path: path.stat().st_size for path in paths if not path.name.startswith(".")}
    except OSError as error:
        return None, (_unopened(folder, FOLDER, error),)
    if sum(sizes.values()) > MOST_BYTES:
        largest = max(sizes, key=lambda path: sizes[path])
        params = {"found": f"{sum(sizes.values()):,}", "most": f"{MOST_BYTES:,}", "what": "B"}
        return None, (Fault("B513", _table(largest), value=f"{sizes[largest]:,} B", params=params),)
    reader = _Reader()
    sheets = [reader.sheet(path) for path in sizes]
    faults = sorted(reader.faults, key=lambda fault: fault.sort_key)
    if reader.positions > MOST_POSITIONS:
        params = {"found": f"{reader.positions:,}", "most": f"{MOST_POSITIONS:,}", "what": "positions"}
        faults.append(Fault("B513", FOLDER, params=params))
    if faults:
        return None, tuple(faults)
    background = Background(tuple(sheet for sheet in sheets if sheet is not None))
    return (background, ()) if instance is None else _beside(background, instance, folder.name)


def _beside(
    background: Background, instance: Instance, table: str
) -> tuple[Background | None, tuple[Fault, ...]]:
    """A background whose files can be read, against the places of its instance."""
    places: Sequence[Any] = (*instance.warehouses, *instance.regions)
    lons = run_on(place.lon for place in places)
    own = bounds_of(zip(lons, (place.lat for place in places), strict=True))
    beside = ground_beside(background, middle_of(lons))
    if turned := tuple(_turned(beside, own, table)):
        return None, turned
    return background, (*_far_away(beside, own, table), *_strange_codes(background, instance, table))


def validate_all(source: Path) -> tuple[Instance | None, tuple[Fault, ...]]:
    """Read and validate an instance and its background without raising.

    Returns
    -------
    tuple
        The instance, or None if there is any error, also of the background; and all faults of both.
    """
    from planner.instance.read import read_tables

    instance, faults = read_tables(source)
    background, more = scan_background(source, instance)
    every = sorted((*faults, *more), key=lambda fault: fault.sort_key)
    return None if background is None else instance, tuple(every)


def _table(path: Path) -> str:
    return f"{path.parent.name}/{path.name}"


def _unopened(path: Path, table: str, error: OSError) -> Fault:
    reason = system_words(error)
    return Fault("B501", table, value=str(path), params={"reason": reason})


class _Reader:
    """Reads file after file, and gathers what is wrong in them."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []
        self.positions = 0
        self._seen: dict[tuple[GroundKind, str], str] = {}

    def sheet(self, path: Path) -> Sheet | None:
        """The features of a file without a fault; None where it is no collection of features."""
        table = _table(path)
        before = len(self.faults)
        document = self._document(path, table)
        if len(self.faults) > before:
            return None
        if not isinstance(document, dict) or document.get("type") != "FeatureCollection":
            self._add("B504", table)
            return None
        document = {key: value for key, value in document.items() if value is not None}
        rows = document.get("features")
        if not isinstance(rows, list):
            self._add("B504", table, "features")
            return None
        shared = {key: document[key] for key in ("kind", "source", "licence", "rank") if key in document}
        found = [self._feature(table, f"features[{at}]", row, shared) for at, row in enumerate(rows)]
        notice = document.get("notice", "")
        if not isinstance(notice, str):
            self._add("B512", table, "notice", notice)
        known = self._known(table, document.get("bbox"))
        return Sheet(path.name, tuple(item for item in found if item is not None), str(notice), known)

    def _document(self, path: Path, table: str) -> Any:  # noqa: ANN401
        try:
            text = content_of(path, FileSort.GROUND).decode("utf-8-sig")
        except OSError as error:
            self.faults.append(_unopened(path, table, error))
            return None
        except UnicodeDecodeError as error:
            self._add("B502", table, value=f"byte {error.start + 1}")
            return None
        try:
            return json.loads(text)
        except json.JSONDecodeError as error:
            params = {"line": error.lineno, "position": error.colno}
            self.faults.append(Fault("B503", table, error.lineno, params=params))
        except (RecursionError, ValueError):  # nested too deeply, or a number of too many digits
            self._add("B517", table)
        return None

    def _add(
        self,
        code: str,
        table: str,
        column: str | None = None,
        value: object = None,
        **params: object,
    ) -> None:
        shown = None if value is None else value if isinstance(value, str) else _shown(value)
        self.faults.append(Fault(code, table, column=column, value=shown, params=params))

    def _known(self, table: str, box: Any) -> Box | None:  # noqa: ANN401
        if box is None:
            return None
        if not (isinstance(box, list) and len(box) in (4, 6) and all(_is_number(value) for value in box)):
            self._add("B508", table, "bbox", box)
            return None
        lower, upper = box[: len(box) // 2], box[len(box) // 2 :]
        (west, south), (east, north) = lower[:2], upper[:2]
        wrong = next(filter(None, (_wrong_position(corner) for corner in (lower, upper))), None)
        is_wide = west < east or west - east > 180  # where west is larger it crosses the 180th meridian
        if wrong is not None or not is_wide or south >= north:
            self._add("B508" if wrong is None else wrong[0], table, "bbox", box)
            return None
        return float(west), float(south), float(east), float(north)

    def _feature(self, table: str, place: str, row: Any, shared: Mapping[str, Any]) -> Feature | None:  # noqa: ANN401
        if not isinstance(row, dict) or row.get("type") != "Feature":
            self._add("B505", table, place, row)
            return None
        own = row.get("properties") or {}
        if not isinstance(own, dict) or not isinstance(row.get("geometry"), dict):
            self._add("B505", table, place, "")
            return None
        properties = {**shared, **{key: value for key, value in own.items() if value is not None}}
        before = len(self.faults)
        texts = self._texts(table, place, properties)
        rank = properties.get("rank", 1)
        if not isinstance(rank, int) or isinstance(rank, bool) or rank < 1:
            self._add("B512", table, f"{place}.rank", rank)
        if not texts.get("kind"):
            self._add("B511", table, f"{place}.kind", texts.get("name", ""), property="kind")
            return None
        if texts["kind"] not in list(GroundKind):
            self._add("B506", table, f"{place}.kind", texts["kind"], nearest=_nearest(texts["kind"]))
            return None
        kind = GroundKind(texts["kind"])
        rule = KINDS[kind]
        self._missing(table, place, texts, rule)
        self._twice(table, place, kind, texts.get("code", ""))
        geometry = self._geometry(table, f"{place}.geometry", row["geometry"], rule.form, kind)
        if len(self.faults) > before or geometry is None:
            return None
        del texts["kind"]
        return Feature(kind=kind, geometry=geometry, rank=rank, **texts)

    def _texts(self, table: str, place: str, properties: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        for key in ("kind", "name", "code", "source", "licence"):
            value = properties.get(key, "")
            if isinstance(value, str):
                found[key] = value.strip()
            else:
                self._add("B512", table, f"{place}.{key}", value)
        return found

    def _missing(self, table: str, place: str, texts: Mapping[str, str], rule: KindRule) -> None:
        wanted = ["source", "licence"]
        wanted += ["name"] * rule.is_named + ["code"] * rule.is_coded
        for key in wanted:
            if texts.get(key) == "":
                self._add("B511", table, f"{place}.{key}", texts.get("name", ""), property=key)

    def _twice(self, table: str, place: str, kind: GroundKind, code: str) -> None:
        if not KINDS[kind].is_coded or not code:
            return
        if (kind, code) in self._seen:
            self._add("B514", table, f"{place}.code", code, kind=kind.value, other=self._seen[kind, code])
        self._seen.setdefault((kind, code), f"{table} {place}")

    def _geometry(
        self, table: str, place: str, given: Mapping[str, Any], form: Form, kind: GroundKind
    ) -> Any:  # noqa: ANN401
        """The shape; None after a fault."""
        from shapely.geometry import shape

        name, known = str(given.get("type")), _TYPES[form]
        if name not in known:
            params = {"kind": kind.value, "expected": ", ".join(known)}
            self._add("B507", table, place, name, **params)
            return None
        coordinates = given.get("coordinates")
        wrong = self._wrong(coordinates, known[name], form)
        if wrong is not None:
            code, value = wrong
            self._add(code, table, place, _shown(value))
            return None
        found = shape({"type": name, "coordinates": _without_heights(coordinates, known[name])})
        if form is not Form.AREA:
            return found
        areas = polygonal(found)
        if areas.is_empty:  # all positions of its rings on a line
            self._add("B510", table, place, _shown(coordinates))
            return None
        return areas

    def _wrong(self, given: Any, depth: int, form: Form) -> tuple[str, Any] | None:  # noqa: ANN401
        """The first fault of coordinates: its code and value."""
        if depth == 0:
            self.positions += 1
            return _wrong_position(given)
        if not isinstance(given, list) or not given:
            return "B508", given
        for part in given:
            if wrong := self._wrong(part, depth - 1, form):
                return wrong
        is_string = depth == 1
        if is_string and (len(given) < _FEWEST[form] or (form is Form.AREA and given[0] != given[-1])):
            return "B510", given[:2]
        return None


def _wrong_position(given: Any) -> tuple[str, Any] | None:  # noqa: ANN401
    """What is wrong with a position: longitude, latitude, perhaps a height."""
    if (
        not isinstance(given, list)
        or not 2 <= len(given) <= 3
        or not all(_is_number(value) for value in given)
    ):
        return "B508", given
    lon, lat = given[:2]
    if abs(lon) <= 180 and abs(lat) <= 90:
        return None
    return ("B509" if abs(lon) <= 90 and abs(lat) <= 180 else "B508"), given


def _without_heights(given: Any, depth: int) -> Any:  # noqa: ANN401
    """Coordinates that are right, each position longitude and latitude alone: some may have heights."""
    return given[:2] if depth == 0 else [_without_heights(part, depth - 1) for part in given]


def _is_number(value: Any) -> bool:  # noqa: ANN401
    """Whether it is a number that can be a float: JSON knows whole ones that are larger."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= sys.float_info.max


def _shown(value: Any) -> str:  # noqa: ANN401
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "…"


def _nearest(word: str) -> str:
    from difflib import get_close_matches

    known = [kind.value for kind in GroundKind]
    close = get_close_matches(word.lower()[:_SHOWN], known, n=1, cutoff=0.6)
    return close[0] if close else ", ".join(known)


def _turned(background: Background, own: Box, folder: str) -> Iterable[Fault]:
    """B509: features far from all places that lie near them once latitude and longitude are turned round."""
    for sheet in background.sheets:
        for item in sheet.features:
            west, south, east, north = item.geometry.bounds
            if _apart((west, south, east, north), own) > _NEAR >= _apart((south, west, north, east), own):
                yield Fault(
                    "B509",
                    f"{folder}/{sheet.file}",
                    column=item.name or item.code or item.kind.value,
                    value=f"[{west:.4f}, {south:.4f}]",
                )


def _far_away(background: Background, own: Box, folder: str) -> Iterable[Fault]:
    """B515: files of which nothing lies near a place of the instance."""
    for sheet in background.sheets:
        if not sheet.features:
            continue
        box = bounds_of((), (item.geometry for item in sheet.features))
        if _apart(box, own) > _NEAR:
            where = ", ".join(f"{value:.1f}" for value in box)
            yield Fault("B515", f"{folder}/{sheet.file}", value=where, severity=Severity.WARNING)


def _apart(one: Box, other: Box) -> float:
    """Degrees between two boxes, along the axis where they are farther apart; negative where they meet."""
    return max(one[0] - other[2], other[0] - one[2], one[1] - other[3], other[1] - one[3])


def _strange_codes(background: Background, instance: Instance, folder: str) -> Iterable[Fault]:
    """B516: borders with a code that no table has, in which places without a border of their own lie."""
    from shapely import STRtree, points

    tree = STRtree(points([(place.lon, place.lat) for place in instance.regions]))
    for kind, attribute in _CODED.items():
        codes = [str(getattr(place, attribute)) for place in instance.regions]
        drawn = {item.code for item in background.of(kind)}
        for sheet, item in _of_kind(background, kind):
            if item.code in codes:
                continue
            inside = {codes[at] for at in tree.query(item.geometry, predicate="contains")} - {"", *drawn}
            if inside:
                some = ", ".join(sorted(inside)[:3])
                params = {"kind": kind.value, "name": item.name or "–", "inside": some}
                table = f"{folder}/{sheet.file}"
                yield Fault("B516", table, value=item.code, params=params, severity=Severity.WARNING)


def _of_kind(background: Background, kind: GroundKind) -> Iterable[tuple[Sheet, Feature]]:
    return ((sheet, item) for sheet in background.sheets for item in sheet.features if item.kind is kind)
