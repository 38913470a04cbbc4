"""QR codes: plain texts as pictures of black and white squares, each read back before it is used."""

from __future__ import annotations

import io
from collections.abc import Sequence

from planner.base.errors import PlannerError

__all__ = ["UnreadableCodeError", "qr_png", "qr_text"]

_MOST_BYTES = 600  # more makes squares that a phone no longer tells apart at the size they are printed


class UnreadableCodeError(PlannerError):
    """A QR code was made that does not say what it should."""


def qr_text(lines: Sequence[str]) -> str:
    """Lines for a QR code; of very many the first, and how many more stand on the paper."""
    text = "\n".join(lines)
    kept = len(lines)
    while kept > 1 and len(text.encode()) > _MOST_BYTES:
        kept -= 1
        text = "\n".join([*lines[:kept], f"(+{len(lines) - kept})"])
    return text.encode()[: 2 * _MOST_BYTES].decode(errors="ignore")


def qr_png(text: str) -> bytes:
    """A QR code as PNG, one pixel for each of its squares, without a rim.

    Notes
    -----
    Error correction M: about 15 % of it may be dirty. What has been made is read again by a decoder before
    it is given away.

    Raises
    ------
    UnreadableCodeError
        If it does not read as the text.
    """
    import numpy as np
    import zxingcpp
    from PIL import Image

    made = zxingcpp.create_barcode(text, zxingcpp.BarcodeFormat.QRCode, ec_level="M")
    squares = made.to_image(scale=1, add_quiet_zones=False)
    picture = Image.fromarray(np.asarray(squares))
    rim = Image.new("L", (picture.width + 8, picture.height + 8), 255)
    rim.paste(picture, (4, 4))
    larger = rim.resize((3 * rim.width, 3 * rim.height), Image.Resampling.NEAREST)
    read = zxingcpp.read_barcodes(
        larger, formats=zxingcpp.BarcodeFormats([zxingcpp.BarcodeFormat.QRCode]), is_pure=True
    )
    if [code.text for code in read] != [text]:
        raise UnreadableCodeError(f"QR: {text[:40]!r}")
    target = io.BytesIO()
    picture.convert("1").save(target, "PNG")
    return target.getvalue()
