"""Writes a background as GeoJSON: a feature on each line, what its features share once."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.background.geometry import polygonal
from planner.background.schema import Background, Feature, Sheet
from planner.base.files import write_text

if TYPE_CHECKING:
    from shapely.geometry.base import BaseGeometry

__all__ = ["DIGITS", "sheet_text", "write_background"]

DIGITS = 4  # of a degree: 11 m
_SHARED = ("kind", "source", "licence")


def write_background(folder: Path, background: Background) -> tuple[Path, ...]:
    """Write the files of a background into its folder.

    Parameters
    ----------
    folder
        Of the background, as `planner.background.schema.own_folder` says.
    background
        What is written; of a sheet without features no file, of an area that vanishes when its positions
        are rounded nothing.

    Returns
    -------
    tuple of Path
        The files.
    """
    sheets = [
        replace(sheet, features=tuple(item for item in sheet.features if _is_seen(item.geometry)))
        for sheet in background.sheets
    ]
    return tuple(write_text(folder / sheet.file, sheet_text(sheet)) for sheet in sheets if sheet.features)


def _is_seen(geometry: BaseGeometry) -> bool:
    """Whether something is left of a shape as it is written: what encloses nothing would be refused."""
    from shapely.geometry import shape

    return "Polygon" not in geometry.geom_type or not polygonal(shape(_geometry(geometry))).is_empty


def sheet_text(sheet: Sheet) -> str:
    """Text of a file; the same sheet gives the same text."""
    head: dict[str, Any] = {"type": "FeatureCollection"}
    if sheet.known is not None:
        head["bbox"] = [round(value, DIGITS) for value in sheet.known]
    shared = {key: value for key in _SHARED if (value := _common(sheet.features, key))}
    head |= shared
    if sheet.notice:
        head["notice"] = sheet.notice
    lines = ",\n".join(_json(_row(item, shared)) for item in sheet.features)
    return f'{_json(head)[:-1]},"features":[\n{lines}\n]}}\n'


def _common(features: Sequence[Feature], key: str) -> str:
    values = {str(getattr(item, key)) for item in features}
    return values.pop() if len(values) == 1 else ""


def _row(item: Feature, shared: dict[str, str]) -> dict[str, Any]:
    texts = {key: str(getattr(item, key)) for key in ("kind", "name", "code", "source", "licence")}
    own: dict[str, Any] = {key: text for key, text in texts.items() if text and key not in shared}
    if item.rank != 1:
        own["rank"] = item.rank
    return {"type": "Feature", "properties": own, "geometry": _geometry(item.geometry)}


def _geometry(shape: BaseGeometry) -> dict[str, Any]:
    from shapely.geometry import mapping

    found = mapping(shape)
    return {"type": found["type"], "coordinates": _rounded(found["coordinates"])}


def _rounded(value: Any) -> Any:  # noqa: ANN401
    if isinstance(value, tuple | list):
        return [_rounded(part) for part in value]
    return round(value, DIGITS)


_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
