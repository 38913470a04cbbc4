"""Names of sheets, and which files are workbooks."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

__all__ = [
    "BOOK_SUFFIXES",
    "GUIDE_SHEET",
    "OTHER_SUFFIXES",
    "REMARK",
    "SETTINGS_SHEET",
    "SOURCES_SHEET",
    "book_path",
    "book_suffix",
    "books_of",
    "is_spreadsheet",
]

SETTINGS_SHEET, SOURCES_SHEET = "settings", "sources"
REMARK = "_"  # sheets whose names begin so are not read
GUIDE_SHEET = f"{REMARK}guide"
BOOK_SUFFIXES = (".xlsx", ".xlsm")  # macros are never run, nor links followed: only values are read
OTHER_SUFFIXES = (".xls", ".xlsb", ".ods", ".numbers", ".xltx", ".xltm")


def book_suffix(path: Path) -> bool:
    """Whether a path is named like a workbook that can be read."""
    return path.suffix.lower() in BOOK_SUFFIXES


def is_spreadsheet(path: Path) -> bool:
    """Whether a path is a file that a spreadsheet program wrote, of a kind that can be read or not."""
    return path.suffix.lower() in (*BOOK_SUFFIXES, *OTHER_SUFFIXES) and not path.is_dir()


def book_path(place: Path) -> Path | None:
    """The workbook of a path: that file, or the only one of a folder without CSV files; None: neither."""
    if is_spreadsheet(place):
        return place if place.is_file() else None
    try:
        books = books_of(sorted(one.name for one in place.iterdir()))
    except OSError:
        return None
    return place / books[0] if len(books) == 1 else None


def books_of(names: Iterable[str]) -> tuple[str, ...]:
    """The workbooks of a folder that holds no instance as CSV files.

    What begins with ``~$`` is Excel's, of a workbook that is open.
    """
    names = list(names)
    if any(
        name == "plan.toml" or (name.lower().endswith(".csv") and not name.startswith(".")) for name in names
    ):
        return ()
    return tuple(name for name in names if book_suffix(Path(name)) and not name.startswith(("~$", ".")))
