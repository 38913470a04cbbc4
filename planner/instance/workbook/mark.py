"""Writes an instance back as a workbook in which each faulty cell is coloured and says what to do.

A workbook is given back as it was, with its own looks; of CSV files one is made, each cell as text. The first
sheet lists all faults. The original is never changed.
"""

from __future__ import annotations

import csv
import io
import warnings
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from planner.base.errors import Fault, InputError, Severity
from planner.base.files import write_beside
from planner.base.opening import FileSort, content_of
from planner.base.text import words
from planner.instance.raw import FIELD_LIMIT, LONGEST_TITLE, header_at, separator_of
from planner.instance.schema import TABLES
from planner.instance.settings import PLAN_FILE
from planner.instance.sheet_names import REMARK, SETTINGS_SHEET, book_path, book_suffix
from planner.instance.workbook.grid import column_letters
from planner.instance.workbook.texts import LONGEST_TEXT
from planner.instance.workbook.write import MOST_ROWS

if TYPE_CHECKING:
    from openpyxl import Workbook
    from openpyxl.worksheet.worksheet import Worksheet

__all__ = ["FAULT_SHEET", "mark"]

FAULT_SHEET = f"{REMARK}faults"
_ERROR, _WARNING = "FFC7CE", "FFEB9C"
MOST_COLUMNS = 16_384  # of a sheet
_COLUMNS = ("code", "place", "value", "cause", "action")


def mark(origin: Path, faults: Sequence[Fault], target: Path) -> Path:
    """Write the marked workbook.

    Parameters
    ----------
    origin
        Folder or workbook that was read.
    faults
        What was found in it.
    target
        The workbook to write; another name beside it is taken where that is open in a program.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    InputError
        X351 if the target is the instance itself, X352 if it is not named like a workbook; and the faults
        of a workbook that cannot be opened at all.
    """
    origin_book = book_path(origin)
    if target.suffix.lower() != ".xlsx":
        raise InputError([Fault("X352", "--mark", value=str(target))])
    if origin_book is not None and target.exists() and target.samefile(origin_book):
        raise InputError([Fault("X351", "--mark", value=str(target))])
    book = _opened(origin_book, faults) if origin_book is not None else _of_folder(origin)
    sheets = {name.strip().lower(): name for name in book.sheetnames}
    notes: dict[tuple[str, int, int], list[Fault]] = {}
    for fault in faults:
        table = SETTINGS_SHEET if fault.table == PLAN_FILE else fault.table
        sheet = sheets.get(table.strip().lower())
        if sheet is not None:
            row, column = _cell(book[sheet], fault, is_settings=table == SETTINGS_SHEET)
            notes.setdefault((sheet, row, column), []).append(fault)
    for (sheet, row, column), found in notes.items():
        _note(book[sheet], row, column, found)
    _list(book, faults, sheets)
    content = io.BytesIO()
    book.save(content)
    return write_beside(target, content.getvalue())


def _opened(path: Path, faults: Sequence[Fault]) -> Workbook:
    """The workbook with its formulas and looks; what openpyxl does not keep (charts, pictures) is lost."""
    from openpyxl import load_workbook

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of openpyxl, about what it does not keep
            if not book_suffix(path):
                raise InputError(faults)
            return load_workbook(io.BytesIO(content_of(path, FileSort.BOOK)), keep_links=False)
    except InputError:
        raise
    except Exception as error:
        raise InputError(faults or [Fault("X301", PLAN_FILE, value=path.name)]) from error


def _of_folder(folder: Path) -> Workbook:
    """A workbook of CSV files, each row in the row of its line, each cell as the text that stands there."""
    from openpyxl import Workbook

    book = Workbook()
    if book.active is not None:
        book.remove(book.active)
    settings = book.create_sheet(SETTINGS_SHEET)
    plan = folder / PLAN_FILE
    text = content_of(plan, FileSort.SETTINGS).decode("utf-8", "replace") if plan.is_file() else ""
    for number, line in enumerate(text.splitlines(), start=1):
        _put(settings, number, 1, _legal(line))
    for path in sorted(folder.iterdir()):
        name = path.name[: -len(".csv")]
        if path.suffix.lower() != ".csv" or not path.is_file() or name not in TABLES:
            continue
        sheet = book.create_sheet(name)
        for row, cells in _all_rows(path):
            for column, cell in enumerate(cells[:MOST_COLUMNS], start=1):
                if cell and row <= MOST_ROWS:
                    _put(sheet, row, column, _legal(cell.strip()))
    return book


def _all_rows(path: Path) -> Iterator[tuple[int, list[str]]]:
    """The rows of a CSV file with their lines, also of one that cannot be read as a table."""
    text = content_of(path, FileSort.TABLE).decode("utf-8-sig", "replace").replace("\0", "\ufffd")
    separator, begin = separator_of(text)
    line = skipped = 1 if not begin else 2
    csv.field_size_limit(max(len(text), FIELD_LIMIT))
    reader = csv.reader(io.StringIO(text[begin:], newline=""), delimiter=separator)
    for cells in reader:
        yield line, cells
        line = reader.line_num + skipped


def _put(sheet: Worksheet, row: int, column: int, text: str) -> None:
    cell = sheet.cell(row, column)
    cell.value = text[:LONGEST_TEXT]
    cell.data_type = "s"  # also what begins with =, which is no formula in a CSV file
    cell.number_format = "@"


def _cell(sheet: Worksheet, fault: Fault, *, is_settings: bool) -> tuple[int, int]:
    """Row and column of a fault's cell; the header where it names no row."""
    if is_settings:
        row = fault.row or _setting_row(sheet, fault.column or "") or 1
        return row, 2 if sheet.cell(row, 2).value is not None else 1
    top = _header_row(sheet, fault.table)
    header = {
        str(cell.value).strip(): number
        for number, cell in enumerate(sheet[top], start=sheet.min_column)
        if cell.value is not None
    }
    column = header.get(fault.column or "", 0)
    if not column and fault.column and fault.column.isalpha() and fault.column.isupper():
        letters = {column_letters(number): number + 1 for number in range(sheet.max_column)}
        column = letters.get(fault.column, 0)
    return fault.row or top, column or 1


def _header_row(sheet: Worksheet, table: str) -> int:
    """The row that names the columns, perhaps below a title."""
    known = {one.name for one in TABLES[table].columns} if table in TABLES else set()
    rows = sheet.iter_rows(max_row=sheet.min_row + 2 * LONGEST_TITLE)
    filled = [cells for cells in rows if any(cell.value is not None for cell in cells)]
    texts = [[str(cell.value or "").strip() for cell in cells] for cells in filled[:LONGEST_TITLE]]
    return int(filled[header_at(texts, known)][0].row or 1) if filled else sheet.min_row


def _setting_row(sheet: Worksheet, key: str) -> int:
    """Row of a key: in the first column, alone or as a line of plan.toml."""
    for row in range(1, sheet.max_row + 1):
        text = str(sheet.cell(row, 1).value or "").strip()
        if text == key or text.partition("=")[0].strip() == key.rpartition(".")[2]:
            return row
    return 0


def _note(sheet: Worksheet, row: int, column: int, faults: Sequence[Fault]) -> None:
    from openpyxl.cell.cell import MergedCell
    from openpyxl.comments import Comment
    from openpyxl.styles import PatternFill

    cell = sheet.cell(row, column)
    if isinstance(cell, MergedCell):
        return
    is_error = any(fault.severity is Severity.ERROR for fault in faults)
    cell.fill = PatternFill("solid", fgColor=_ERROR if is_error else _WARNING)
    told = "\n\n".join(f"{fault.code}: {fault.cause}\n{fault.action}" for fault in faults)
    old = f"\n\n{cell.comment.text}" if cell.comment is not None and row == sheet.min_row else ""
    cell.comment = Comment(_legal(told + old), "plan", width=360, height=min(60 + len(told) // 2, 400))


def _list(book: Workbook, faults: Iterable[Fault], sheets: Mapping[str, str]) -> None:
    """The first sheet: all faults, each a link to its cell."""
    from openpyxl.styles import Font
    from openpyxl.worksheet.properties import PageSetupProperties

    if FAULT_SHEET in book.sheetnames:
        del book[FAULT_SHEET]
    sheet = book.create_sheet(FAULT_SHEET, 0)
    for at, name in enumerate(_COLUMNS, start=1):
        sheet.cell(1, at, words(f"book.mark.{name}")).font = Font(bold=True)
    for letter, width in zip("ABCDE", (8, 34, 30, 70, 70), strict=True):
        sheet.column_dimensions[letter].width = width
    for row, fault in enumerate(faults, start=2):
        table = SETTINGS_SHEET if fault.table == PLAN_FILE else fault.table
        place = fault.table
        if (its_sheet := sheets.get(table.strip().lower())) is not None:
            line, position = _cell(book[its_sheet], fault, is_settings=table == SETTINGS_SHEET)
            where = f"{column_letters(position - 1)}{line}"
            place = f"{its_sheet}!{where}" + (f" ({fault.column})" if fault.column else "")
            sheet.cell(row, 2).hyperlink = f"#'{its_sheet}'!{where}"
        texts = (fault.code, place, fault.value or "", fault.cause, fault.action)
        for number, text in enumerate(texts, start=1):
            _put(sheet, row, number, _legal(text))
    sheet.page_setup.orientation, sheet.page_setup.fitToHeight = "landscape", 0
    sheet.sheet_properties.pageSetUpPr = PageSetupProperties(fitToPage=True)
    book.active = 0


def _legal(text: str) -> str:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    return ILLEGAL_CHARACTERS_RE.sub("\ufffd", text)[:LONGEST_TEXT]
