"""Mirrors as files: tables of CSV as spreadsheets write them, and lists of JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence

from planner.base.opening import FileSort
from planner.base.safe_text import csv_text
from planner.store.mirror import Book, Page

__all__ = ["REPORTS", "list_book"]

_BOM = "\ufeff"
_FREE = frozenset({"note"})
_PEOPLE = ("contact", "kontak")  # reports whose value is a name and a telephone number


def _private(cells: Mapping[str, str]) -> frozenset[str]:
    is_person = cells.get("kind", "").strip().casefold() in _PEOPLE
    return _FREE | {"value"} if is_person else _FREE


def _table(content: bytes) -> Page:
    """Rows of a table, and its mark, separator, line ends and header; cells are as they stand there."""
    text = content.decode("utf-8")
    mark, text = (_BOM, text[1:]) if text.startswith(_BOM) else ("", text)
    head = next((line for line in text.splitlines() if line.strip()), "")
    separator = ";" if head.count(";") > head.count(",") else ","
    end = "\r\n" if "\r\n" in text else "\n"
    try:
        rows = [
            row
            for row in csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=True)
            if any(row)
        ]
    except csv.Error as error:
        raise ValueError(str(error)) from error
    header = [name.strip() for name in rows[0]] if rows else []
    if len(set(header)) < len(header) or "id" not in header:
        msg = "header"
        raise ValueError(msg)
    layout = json.dumps({"mark": mark, "separator": separator, "end": end, "header": rows[0]})
    return Page([dict(zip(header, row, strict=False)) for row in rows[1:]], layout)


def _table_bytes(page: Page) -> bytes:
    """The table with all columns that its rows have, the ones of the header first."""
    layout = {"mark": "", "separator": ",", "end": "\n", "header": []} | json.loads(page.layout or "{}")
    header = list(layout["header"])
    known = {name.strip() for name in header}
    header += dict.fromkeys(name for row in page.rows for name in row if name not in known)
    rows = ([row.get(name.strip(), "") for name in header] for row in page.rows)
    text = csv_text((header, *rows), separator=layout["separator"], line_end=layout["end"], as_is=True)
    return f"{layout['mark']}{text}".encode()


REPORTS = Book("report", "id", FileSort.REPORTS, _table, _table_bytes, _private)


def list_book(kind: str, form: str, key: str, columns: Sequence[str]) -> Book:
    """A mirror that is a list in a JSON file.

    Parameters
    ----------
    kind
        Of its entries.
    form
        What its `format` says.
    key
        Where the list stands.
    columns
        What each of its rows has, all of them texts.
    """

    def read(content: bytes) -> Page:
        document = json.loads(content.decode("utf-8"))
        rows = document[key]
        right = document["format"] == form and all(
            set(row) == set(columns) and all(isinstance(cell, str) for cell in row.values()) for row in rows
        )
        if not right:
            raise ValueError(form)
        return Page(rows, "")

    def write(page: Page) -> bytes:
        rows = [{name: row.get(name, "") for name in columns} for row in page.rows]
        return (json.dumps({"format": form, key: rows}, ensure_ascii=False, indent=1) + "\n").encode("utf-8")

    return Book(kind, "", FileSort.REGISTRY, read, write, lambda _: _FREE)
