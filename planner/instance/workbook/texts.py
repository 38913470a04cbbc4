"""Puts texts into cells so that they come back as they are."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from planner.instance.workbook.package import unescaped

if TYPE_CHECKING:
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

__all__ = ["LONGEST_TEXT", "can_be_put", "put_text"]

LONGEST_TEXT = 32_767  # of a cell (specification of Excel)
_ESCAPE = re.compile("(_x[0-9a-fA-F]{4}_)")
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\ufffe\uffff]")


def put_text(sheet: Worksheet, row: int, column: int, text: str, look: Format | None = None) -> None:
    """Write a text as it is.

    Where xlsxwriter would take it for a formatted text (``<r>…</r>``), or escapes that touch each other
    would be read wrongly (``_x0041_x0042_``), it is written in several runs, in none of which that happens.

    Parameters
    ----------
    sheet, row, column
        Which cell; rows and columns are numbered from 0.
    text
        One that `can_be_put`.
    look
        Format of the cell; None: it has none.
    """
    if _is_plain(text):
        sheet.write_string(row, column, text, look)
    else:
        sheet.write_rich_string(row, column, *_runs(text), *([look] if look else []))


def can_be_put(text: str) -> bool:
    """Whether a text is short enough and comes back as it is."""
    if len(text) > LONGEST_TEXT:
        return False
    return _is_plain(text) or all(unescaped(_escaped(_escaped(run))) == run for run in _runs(text))


def _is_plain(text: str) -> bool:
    return not (text.startswith("<r>") and text.endswith("</r>")) and unescaped(_escaped(text)) == text


def _runs(text: str) -> list[str]:
    """At least three parts of a text, none of which holds an escape."""
    return [text[:1], text[1:2], *(one for one in re.split("(?<=_)(?=x)", text[2:]) if one)]


def _escaped(text: str) -> str:
    """What xlsxwriter makes of a text (of one in runs twice)."""
    return _CONTROL.sub(lambda match: f"_x{ord(match[0]):04X}_", _ESCAPE.sub(r"_x005F\1", text))
