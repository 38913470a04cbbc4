"""An SVG picture as pixels, with the program's own letters: the same on every machine, offline."""

from __future__ import annotations

from planner.outputs.map.fonts import FAMILY, font_files

__all__ = ["png_bytes"]


def png_bytes(svg: str) -> bytes:
    """A picture as PNG, in the size that the SVG says.

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
    return bytes(drawn)
