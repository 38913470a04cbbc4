"""Kinds of features of a background, and the frozen background itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING

from planner.background.geometry import Box

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = [
    "FOLDER",
    "KINDS",
    "NO_BACKGROUND",
    "Background",
    "Feature",
    "Form",
    "GroundKind",
    "KindRule",
    "Sheet",
    "own_folder",
    "place_of",
]

FOLDER = "background"  # beside the tables; of a workbook `name.background`


def own_folder(source: Path) -> Path:
    """Folder of an instance's own background: in its folder, or named like its workbook, beside it."""
    return source / FOLDER if source.is_dir() else source.with_name(f"{source.stem}.{FOLDER}")


class Form(StrEnum):
    """What a feature is on the ground."""

    AREA = "area"
    LINE = "line"
    POINT = "point"


class GroundKind(StrEnum):
    """What a feature is for a picture; the words are those of the files."""

    LAND = "land"
    LAKE = "lake"
    AREA = "area"
    SUBAREA = "subarea"
    REGION = "region"
    RIVER = "river"
    ROAD = "road"
    SEAT = "seat"
    TOWN = "town"
    SEA = "sea"
    NEIGHBOUR = "neighbour"


@dataclass(frozen=True, slots=True)
class KindRule:
    """What a feature of a kind must have.

    Parameters
    ----------
    form
        Area, line or point.
    is_named, is_coded
        Whether it must have a name, and the id of what it is in the tables.
    """

    form: Form
    is_named: bool = False
    is_coded: bool = False


KINDS: Mapping[GroundKind, KindRule] = {
    GroundKind.LAND: KindRule(Form.AREA),
    GroundKind.LAKE: KindRule(Form.AREA),
    GroundKind.AREA: KindRule(Form.AREA, is_named=True, is_coded=True),
    GroundKind.SUBAREA: KindRule(Form.AREA, is_named=True, is_coded=True),
    GroundKind.REGION: KindRule(Form.AREA, is_coded=True),
    GroundKind.RIVER: KindRule(Form.LINE),
    GroundKind.ROAD: KindRule(Form.LINE),
    GroundKind.SEAT: KindRule(Form.POINT, is_named=True),
    GroundKind.TOWN: KindRule(Form.POINT, is_named=True),
    GroundKind.SEA: KindRule(Form.POINT, is_named=True),
    GroundKind.NEIGHBOUR: KindRule(Form.POINT, is_named=True),
}


@dataclass(frozen=True, slots=True)
class Feature:
    """One thing on the ground.

    Parameters
    ----------
    kind
        What it is.
    geometry
        Its course or border: longitude and latitude in degrees (WGS 84).
    name
        As people call it; empty: it has none.
    code
        The id that it has in the tables; empty: it stands in none.
    rank
        1 for the largest river or the most important town, and upwards.
    source, licence
        Where it comes from, and what may be done with it.
    """

    kind: GroundKind
    geometry: BaseGeometry
    name: str = ""
    code: str = ""
    rank: int = 1
    source: str = ""
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """The features of one file.

    Parameters
    ----------
    file
        Its name.
    features
        In the order of the file.
    notice
        What must travel with them, for instance the whole text of a licence.
    known
        Where the file knows land from water (west, south, east, north in degrees; west is larger than east
        where that crosses the 180th meridian); None: wherever asked.
    """

    file: str
    features: tuple[Feature, ...]
    notice: str = ""
    known: Box | None = None


@dataclass(frozen=True, slots=True)
class Background:
    """All that is known of the ground; no plan depends on it."""

    sheets: tuple[Sheet, ...] = ()

    def __bool__(self) -> bool:
        return any(sheet.features for sheet in self.sheets)

    def of(self, *kinds: GroundKind) -> Iterator[Feature]:
        """Features of some kinds, in the order of the files."""
        return (item for sheet in self.sheets for item in sheet.features if item.kind in kinds)

    @property
    def known(self) -> Box | None:
        """Where land is told from water: within all boxes of sheets with land; None: wherever asked."""
        boxes = [
            sheet.known
            for sheet in self.sheets
            if sheet.known and any(item.kind is GroundKind.LAND for item in sheet.features)
        ]
        if not boxes:
            return None
        west, south, east, north = zip(*boxes, strict=True)
        return max(west), max(south), min(east), min(north)


NO_BACKGROUND = Background()


def place_of(item: Feature) -> tuple[float, float]:
    """Longitude and latitude of a feature that is a point."""
    west, south, _, _ = item.geometry.bounds
    return west, south
