"""An SVG picture as pixels, with the program's own letters: the same on every machine, offline."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Mapping
from typing import cast

from planner.outputs.map.fonts import FAMILY, font_files

__all__ = ["png_bytes"]


_HEAD = 8 + 25  # bytes: the signature, and the chunk that comes first
_COLOURS, _COMMON = 256, 128  # of the palette, and those of them that are exact


def png_bytes(svg: str, texts: Mapping[str, str] | None = None) -> bytes:
    """A picture as PNG, in the size that the SVG says.

    Parameters
    ----------
    svg
        The picture.
    texts
        By keyword, texts that the file carries (chunks ``iTXt``), for instance those of licences.

    Notes
    -----
    Letters that the program's fonts lack are taken from the fonts of the machine, if it has them.
    """
    import resvg_py

    drawn = resvg_py.svg_to_bytes(
        svg_string=svg,
        background="#ffffff",
        font_files=font_files(),
        font_family=FAMILY,
        sans_serif_family=FAMILY,
    )
    png = _with_palette(bytes(drawn))
    chunks = b"".join(_text_chunk(keyword, text) for keyword, text in (texts or {}).items() if text)
    return png[:_HEAD] + chunks + png[_HEAD:]


def _with_palette(png: bytes) -> bytes:
    """A picture with a palette: its commonest colours as they are, and shades that are near to all others."""
    from PIL import Image

    with Image.open(io.BytesIO(png)) as drawn:
        full = drawn.convert("RGB")
    counted = cast("list[tuple[int, tuple[int, int, int]]]", full.getcolors(full.width * full.height))
    counted.sort(key=lambda pair: (-pair[0], pair[1]))
    common = [value for _, shade in counted[:_COMMON] for value in shade]
    shades = full.quantize(_COLOURS - _COMMON, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    palette = Image.new("P", (1, 1))
    palette.putpalette([*common, *(shades.getpalette() or ())])
    few = full.quantize(palette=palette, dither=Image.Dither.NONE)
    file = io.BytesIO()
    few.save(file, "PNG", optimize=True)
    return file.getvalue()


def _text_chunk(keyword: str, text: str) -> bytes:
    """A text in UTF-8, compressed (PNG specification, 11.3.3.4)."""
    data = keyword.encode("latin-1") + b"\0\1\0\0\0" + zlib.compress(text.encode("utf-8"), 9)
    body = b"iTXt" + data
    return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))
