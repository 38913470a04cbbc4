"""A bulletin as one side of A4: as many rows of its tables as have room, and how many more there are."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from planner.base.text import language, words
from planner.outputs.figures import number
from planner.papers.bulletin.sheet import Sheet, SheetTable, cut
from planner.papers.settings import Letters
from planner.papers.typeset import num_pages, printable, typst_pdf

__all__ = ["bulletin_pdf"]

# Rows of a table and signs of a cell, tried in turn as long as more need a second side.
_TRIES = (
    *((rows, 400) for rows in (40, 25, 18, 14, 12, 10, 9, 8, 7, 6, 5, 4, 3)),
    *((rows, 120) for rows in (12, 8, 6, 4, 3, 2, 1)),
    *((rows, 60) for rows in (4, 2, 1)),
)


def bulletin_pdf(sheet: Sheet, picture: str, alternative: str, letters: Letters) -> bytes:
    """One side, tagged, fonts inside.

    Parameters
    ----------
    sheet
        The bulletin in words, with all rows.
    picture, alternative
        Its map, as SVG and in words.
    letters
        Letterhead.

    Notes
    -----
    What has no room is counted below its table. Where even three rows need a second side (very many areas,
    very long texts) texts are shortened, and if that is not enough either there are two sides.
    """
    made = b""
    for most, long in _TRIES:
        made = _made(_shortened(cut(sheet, most), long), picture, alternative, letters)
        if num_pages(made) == 1:
            break
    return made


def _shortened(sheet: Sheet, long: int) -> Sheet:
    def short(text: str) -> str:
        return text if len(text) <= long else f"{text[:long]}…"

    return replace(
        sheet,
        title=short(sheet.title),
        tables=tuple(
            replace(one, rows=tuple(tuple(map(short, row)) for row in one.rows)) for one in sheet.tables
        ),
        names=tuple((heading, short(names)) for heading, names in sheet.names),
    )


def _made(sheet: Sheet, picture: str, alternative: str, letters: Letters) -> bytes:
    head = {"letterhead": letters.letterhead, "address": letters.address, "place": letters.place}
    body = {
        "title": sheet.title,
        "subtitle": sheet.subtitle,
        "lines": [{"text": text, "note": sheet.number(note)} for text, note in sheet.lines],
        "tables": [_table(sheet, table) for table in sheet.tables],
        "names": [list(each) for each in sheet.names],
        "notes": list(sheet.notes.values()),
        "sources": words("bulletin.sources"),
        "map": {"text": words("bulletin.map"), "note": sheet.number("confirmed"), "alt": alternative},
    }
    document = {
        "language": language(),
        "letters": printable(head),
        "body": printable(body),
        "picture": picture,
    }
    return typst_pdf("bulletin.typ", document)


def _table(sheet: Sheet, table: SheetTable) -> dict[str, Any]:
    return {
        "key": table.key,
        "title": table.title,
        "note": sheet.number(table.note) if table.note else 0,
        "columns": [
            {
                "heading": one.heading,
                "note": sheet.number(one.note) if one.note else 0,
                "number": one.is_number,
            }
            for one in table.columns
        ],
        "rows": [list(row) for row in table.rows],
        "more": words("bulletin.more", number=number(table.left_out)) if table.left_out else "",
        "empty": table.empty,
    }
