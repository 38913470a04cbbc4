"""What a cell's number format says of its number: a day, a time of day, a duration, a percentage."""

from __future__ import annotations

import re
from dataclasses import dataclass
from xml.etree import ElementTree

__all__ = ["GENERAL", "Format", "format_of", "formats_of"]

# Numbers of formats that every spreadsheet program knows without their code (ECMA-376, part 1, 18.8.30;
# with those of East Asian editions).
_KNOWN = {
    9: "0%",
    10: "0.00%",
    **dict.fromkeys((14, 15, 16, 17), "yyyy-mm-dd"),
    **dict.fromkeys((18, 19, 20, 21), "h:mm"),
    22: "yyyy-mm-dd h:mm",
    **dict.fromkeys((*range(27, 32), 36, *range(50, 59)), "yyyy-mm-dd"),
    **dict.fromkeys((32, 33, 34, 35), "h:mm"),
    45: "mm:ss",
    46: "[h]:mm:ss",
    47: "mm:ss.0",
}
_TEXT = re.compile(r'"[^"]*"|\\.|_.|\*.')
_BRACKETS = re.compile(r"\[(?!(?:h+|m+|s+)\])[^\]]*\]", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Format:
    """Which parts of a moment a format shows, and whether it shows a percentage."""

    day: bool = False
    time: bool = False
    percent: bool = False


GENERAL = Format()


def format_of(code: str) -> Format:
    """What a format's code says; of several sections the first counts."""
    plain = _BRACKETS.sub("", _TEXT.sub("", code.split(";", maxsplit=1)[0])).lower()
    if "general" in plain or "standard" in plain:
        return GENERAL
    time = "h" in plain or "s" in plain
    day = "y" in plain or "d" in plain or ("m" in plain and not time)
    return Format(day, time, "%" in plain and not day and not time)


def formats_of(styles: ElementTree.Element) -> tuple[Format, ...]:
    """The format of each style that cells may name, by its number."""
    codes = dict(_KNOWN)
    found: list[Format] = []
    for node in styles:
        name = node.tag.rpartition("}")[2]
        if name == "numFmts":
            codes |= {_number(one, "numFmtId"): one.get("formatCode", "") for one in node}
        elif name == "cellXfs":
            found = [format_of(codes.get(_number(one, "numFmtId"), "")) for one in node]
    return tuple(found)


def _number(node: ElementTree.Element, key: str) -> int:
    text = node.get(key, "0")
    return int(text) if text.isdecimal() and len(text) <= 9 else 0
