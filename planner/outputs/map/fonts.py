"""How wide texts are in the letters that pictures are written in, read from the font files themselves."""

from __future__ import annotations

import math
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from pathlib import Path

__all__ = [
    "ASCENT", "FAMILY", "Face", "fitted", "font_files", "fonts_folder", "has_letter", "line_width", "wrapped",
]  # fmt: skip

FAMILY = "Open Sans"
ASCENT = 0.74  # of the size: how far letters without accents rise above the base line, with a little air
_FOLDER = Path(__file__).parent / "fonts"


class Face(StrEnum):
    """One of the font files."""

    REGULAR = "OpenSans-Regular.ttf"
    SEMIBOLD = "OpenSans-Semibold.ttf"
    ITALIC = "OpenSans-Italic.ttf"


@dataclass(frozen=True, slots=True)
class _Widths:
    """Advance of each letter, in units of which `per_em` make the size of the letters."""

    per_em: int
    of: Mapping[int, int]


def font_files() -> list[str]:
    """Paths of all font files, for what draws pictures."""
    return [str(_FOLDER / face.value) for face in Face]


def fonts_folder() -> Path:
    """Where they lie."""
    return _FOLDER


def has_letter(letter: str) -> bool:
    """Whether all faces can show a letter."""
    return letter == "\u200b" or all(ord(letter) in _widths(face).of for face in Face)


def line_width(text: str, size: float, face: Face = Face.REGULAR, *, spacing: float = 0.0) -> float:
    """Width of a line of text.

    Parameters
    ----------
    text
        What is written; letters that the font lacks count as broad ones.
    size
        Of the letters, in the unit of the result.
    face
        The font file.
    spacing
        Added after each letter.
    """
    widths = _widths(face)
    units = sum(widths.of.get(ord(letter), widths.per_em) for letter in text)
    return units * size / widths.per_em + spacing * len(text)


def fitted(text: str, size: float, face: Face = Face.REGULAR, *, most: float = math.inf) -> str:
    """Attributes that give a line its width whatever font a viewer has: another one is drawn out or squeezed.

    Parameters
    ----------
    text, size, face
        As for `line_width`.
    most
        What it may not exceed: longer words are squeezed.
    """
    wide = min(most, line_width(text, size, face))
    return f'textLength="{wide:.1f}" lengthAdjust="spacingAndGlyphs"'


def wrapped(text: str, width: float, size: float, face: Face = Face.REGULAR) -> list[str]:
    """Lines of a text that are no wider than asked, as far as its words allow.

    Parameters
    ----------
    text
        What is written.
    width, size
        Of a line, and of the letters, in the same unit.
    face
        The font file.
    """
    lines: list[str] = []
    for word in text.split():
        if lines and line_width(f"{lines[-1]} {word}", size, face) <= width:
            lines[-1] = f"{lines[-1]} {word}"
        else:
            lines.append(word)
    return lines


@cache
def _widths(face: Face) -> _Widths:
    data = (_FOLDER / face.value).read_bytes()
    tables = {}
    for at in range(struct.unpack_from(">H", data, 4)[0]):
        tag, _, start, _ = struct.unpack_from(">4sIII", data, 12 + 16 * at)
        tables[tag] = start
    per_em = struct.unpack_from(">H", data, tables[b"head"] + 18)[0]
    metrics = struct.unpack_from(">H", data, tables[b"hhea"] + 34)[0]
    advances = [struct.unpack_from(">H", data, tables[b"hmtx"] + 4 * at)[0] for at in range(metrics)]
    glyphs = _glyphs(data, tables[b"cmap"])
    return _Widths(per_em, {code: advances[min(glyph, metrics - 1)] for code, glyph in glyphs.items()})


def _glyphs(data: bytes, cmap: int) -> dict[int, int]:
    """Glyph of each letter: the first subtable, which is of format 4 in all our files."""
    start = cmap + struct.unpack_from(">I", data, cmap + 8)[0]
    half = struct.unpack_from(">H", data, start + 6)[0]  # twice the number of segments
    ends, starts = start + 14, start + 16 + half
    shifts, offsets = starts + half, starts + 2 * half
    found = {}
    for at in range(0, half, 2):
        last, first, shift, offset = (
            struct.unpack_from(">H", data, base + at)[0] for base in (ends, starts, shifts, offsets)
        )
        for code in range(first, min(last, 0xFFFE) + 1):
            glyph = code
            if offset:
                glyph = struct.unpack_from(">H", data, offsets + at + offset + 2 * (code - first))[0]
            if glyph or not offset:
                found[code] = (glyph + shift) & 0xFFFF
    return found
