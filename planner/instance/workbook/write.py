"""Writes an instance as a workbook that reads back as the same, made to be filled in.

Codes are cells of text, so that no spreadsheet program takes zeros from them; hours and days are real ones;
each heading carries what its column means as a note; choices and ids of other sheets are drop-downs. The
same instance gives the same bytes.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.base.clock import DAY_S
from planner.base.errors import Fault, InputError
from planner.base.files import write_beside
from planner.base.text import words
from planner.instance.cells import cell_text
from planner.instance.explain import column_note, setting_note, table_note
from planner.instance.kinds import Basis, Chain, Column, Kind
from planner.instance.schema import TABLES, Instance, columns_of
from planner.instance.settings import KEYS
from planner.instance.sheet_names import GUIDE_SHEET, SETTINGS_SHEET, SOURCES_SHEET
from planner.instance.workbook.settings_sheet import (
    SETTING_COLUMNS,
    SOURCE_COLUMNS,
    setting_key,
    settings_values,
)
from planner.instance.workbook.texts import LONGEST_TEXT, can_be_put, put_text
from planner.instance.workbook.values import number_text, serial_of

if TYPE_CHECKING:
    from xlsxwriter import Workbook
    from xlsxwriter.format import Format
    from xlsxwriter.worksheet import Worksheet

__all__ = ["LONGEST_TEXT", "MOST_ROWS", "workbook_bytes", "write_workbook"]

MOST_ROWS = 1_048_576
_FIRST_DAY = date(1900, 3, 1)  # days before it are counted in two ways
_NUMBERS = frozenset({Kind.COUNT, Kind.DECIMAL, Kind.MONEY, Kind.DEGREE})
_FREE_ROWS = 1000  # below the last row, in which drop-downs work too
_LONGEST_OFFER = 255  # characters of a drop-down that is no range
_A4 = 9  # by the numbers of the format
_NO_EXACT_TARGET = frozenset({"network", "places"})
_TO_REPLACE = frozenset({Basis.SYNTHETIC, Basis.DEFAULT})


@dataclass
class _Looks:
    """The formats of a workbook, each made once."""

    book: Workbook
    made: dict[tuple[str, bool], Format] = field(default_factory=dict)

    def of(self, number_format: str, *, marked: bool = False) -> Format:
        key = (number_format, marked)
        if key not in self.made:
            look = {"num_format": number_format} | ({"bg_color": "#FFF2CC"} if marked else {})
            self.made[key] = self.book.add_format(look)
        return self.made[key]


def write_workbook(path: Path, instance: Instance, *, all_tables: bool = False) -> Path:
    """Write an instance as a workbook; see `workbook_bytes`.

    Returns
    -------
    Path
        The file; another name beside it where the file is open in another program.
    """
    return write_beside(path, workbook_bytes(instance, all_tables=all_tables))


def workbook_bytes(instance: Instance, *, all_tables: bool = False) -> bytes:
    """Make a workbook of an instance.

    Parameters
    ----------
    instance
        The instance.
    all_tables
        Whether tables without rows have a sheet, too.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    InputError
        X324 for each text that is too long for a cell, X328 for a table with too many rows.
    ValueError
        If a value cannot be written exactly in its column's unit.
    """
    target = io.BytesIO()
    book = _new_book(target)
    looks = _Looks(book)
    tables = [
        name for name, table in TABLES.items() if all_tables or table.required or getattr(instance, name)
    ]
    faults: list[Fault] = []
    _guide(book, tables)
    _settings(book, looks, instance)
    for name in tables:
        faults += _Sheet(book, looks, instance, name, frozenset(tables)).write()
    _sources(book, looks, instance)
    faults += _settings_faults(instance)
    if faults:
        raise InputError(faults)
    book.close()
    return target.getvalue()


def _new_book(target: io.BytesIO) -> Workbook:
    """An empty workbook whose bytes depend on its content alone."""
    from xlsxwriter import Workbook

    book = Workbook(target, {"in_memory": True, "strings_to_urls": False})
    book.set_properties({"created": datetime(2000, 1, 1)})
    return book


def _new_sheet(book: Workbook, name: str) -> Worksheet:
    """An empty sheet that is printed on A4, as wide as one page, its first row on each."""
    sheet = book.add_worksheet(name)
    sheet.set_paper(_A4)
    sheet.set_landscape()
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    return sheet


@dataclass
class _Sheet:
    """Writes the sheet of one table."""

    book: Workbook
    looks: _Looks
    instance: Instance
    name: str
    tables: frozenset[str]

    def write(self) -> list[Fault]:
        columns = columns_of(self.name, self.instance.settings.counts)
        rows: Sequence[Any] = getattr(self.instance, self.name)
        if len(rows) >= MOST_ROWS:
            return [Fault("X328", self.name, params={"found": len(rows), "largest": MOST_ROWS - 1})]
        sheet = _new_sheet(self.book, self.name)
        self._head(sheet, columns, len(rows))
        faults: list[Fault] = []
        widths = [len(column.name) + 4 for column in columns]
        for number, row in enumerate(rows, start=1):
            marked = getattr(row, "basis", None) in _TO_REPLACE
            for position, (column, value) in enumerate(zip(columns, _values(row, columns), strict=True)):
                text = cell_text(column, value, self.instance.clock)
                if not can_be_put(text):
                    code = "X324" if len(text) > LONGEST_TEXT else "X329"
                    params = {"found": len(text), "largest": LONGEST_TEXT}
                    faults.append(Fault(code, self.name, number + 1, column.name, text, params))
                    continue
                self._cell(sheet, (number, position), column, value, text, marked=marked)
                widths[position] = max(widths[position], min(len(text) + 1, 40))
        for position, column in enumerate(columns):
            sheet.set_column(position, position, widths[position], self.looks.of(_format(column)))
        return faults

    def _cell(
        self,
        sheet: Worksheet,
        place: tuple[int, int],
        column: Column,
        value: object,
        text: str,
        *,
        marked: bool,
    ) -> None:
        number, shown = self._number(column, value, text)
        if text == "":
            if marked:
                sheet.write_blank(*place, None, self.looks.of(_format(column), marked=marked))
        elif number is None:
            put_text(sheet, *place, text, self.looks.of("@", marked=marked))
        else:
            sheet.write_number(*place, number, self.looks.of(shown, marked=marked))

    def _number(self, column: Column, value: Any, text: str) -> tuple[float | None, str]:  # noqa: ANN401
        """The number that stands for a value, and its format; None where a text must give it back exactly."""
        if column.kind in _NUMBERS and text:
            return (float(text) if number_text(text) == text else None), _format(column)
        if value is None:
            return None, ""
        if column.kind is Kind.HOUR:
            return value / DAY_S, "[hh]:mm:ss" if value % 60 else "[hh]:mm"
        if column.kind is Kind.INSTANT:
            clock = self.instance.clock
            return serial_of(clock.instant(value), clock), _moment_format(value)
        if column.kind is Kind.DATE and text:
            day = date.fromisoformat(text)
            return (float((day - date(1899, 12, 30)).days) if day >= _FIRST_DAY else None), "yyyy-mm-dd"
        return None, ""

    def _head(self, sheet: Worksheet, columns: Sequence[Column], number: int) -> None:
        must = self.book.add_format({"bold": True, "bg_color": "#BDD7EE", "num_format": "@"})
        may = self.book.add_format({"bold": True, "bg_color": "#EDEDED", "num_format": "@"})
        last = min(number + _FREE_ROWS, MOST_ROWS - 1)
        sheet.freeze_panes(1, 1)
        sheet.autofilter(0, 0, max(number, 1), len(columns) - 1)
        for position, column in enumerate(columns):
            sheet.write_string(0, position, column.name, must if column.required else may)
            note = column_note(self.name, column)
            size = {"x_scale": 2.2, "y_scale": 0.4 + 0.25 * (1 + note.count("\n") + len(note) // 40)}
            sheet.write_comment(0, position, note, {"author": ""} | size)
            if rule := self._drop_down(column):
                sheet.data_validation(1, position, last, position, rule)

    def _drop_down(self, column: Column) -> dict[str, object]:
        """What a cell offers."""
        if column.kind is Kind.CHOICE and column.choices is not None:
            return _offered([str(one.value) for one in column.choices])
        if column.kind is Kind.YESNO:
            return _offered(["yes", "no"])
        if (
            column.kind is Kind.REF
            and not set(column.refs) & _NO_EXACT_TARGET
            and column.refs[0] in self.tables
        ):
            target = column.refs[0]
            last = len(getattr(self.instance, target)) + _FREE_ROWS + 1
            return _offered(f"={target}!$A$2:$A${min(last, MOST_ROWS)}")
        return {}


def _offered(source: object) -> dict[str, object]:
    """A drop-down; it warns and does not forbid, since the program judges what it reads."""
    return {"validate": "list", "error_type": "warning", "ignore_blank": True, "source": source}


def _values(row: Any, columns: Iterable[Column]) -> Iterable[object]:  # noqa: ANN401
    counts: Mapping[str, int] = getattr(row, "counts", {})
    for column in columns:
        yield counts[column.attribute] if column.attribute in counts else getattr(row, column.attribute)


def _format(column: Column) -> str:
    """Number format of a column's cells; text for all that is no number, day or hour."""
    if column.kind in _NUMBERS:
        return "General"
    return {Kind.HOUR: "[hh]:mm", Kind.INSTANT: "yyyy-mm-dd hh:mm", Kind.DATE: "yyyy-mm-dd"}.get(
        column.kind, "@"
    )


def _moment_format(seconds: int) -> str:
    return "yyyy-mm-dd hh:mm:ss" if seconds % 60 else "yyyy-mm-dd hh:mm"


def _settings(book: Workbook, looks: _Looks, instance: Instance) -> None:
    sheet = _new_sheet(book, SETTINGS_SHEET)
    bold = book.add_format({"bold": True, "bg_color": "#BDD7EE"})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    for position, name in enumerate(SETTING_COLUMNS):
        sheet.write_string(0, position, name, bold)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, 0, 24, looks.of("@"))
    sheet.set_column(1, 1, 30, looks.of("@"))
    sheet.set_column(2, 2, 90)
    keys = {setting_key(key.name): key for key in KEYS}
    clock = instance.clock
    instants = {
        "start": 0,
        "horizon_end": instance.settings.horizon_s,
        "deadline": instance.settings.deadline_s,
        "not_before": instance.settings.not_before_s,
    }
    counts = list(instance.settings.counts)
    choices = {"chain": [one.value for one in Chain]}
    if len(",".join(counts)) <= _LONGEST_OFFER:
        choices |= {"unit": counts, "weight": counts}
    for row, (name, value) in enumerate(settings_values(instance.settings), start=1):
        if name in choices:
            sheet.data_validation(row, 1, row, 1, _offered(choices[name]))
        put_text(sheet, row, 0, name, looks.of("@"))
        put_text(sheet, row, 2, setting_note(keys[name]), wrapped)
        serial = serial_of(clock.instant(instants[name]), clock) if name in instants and value else None
        if serial is not None:
            sheet.write_number(row, 1, serial, looks.of(_moment_format(instants[name])))
        elif isinstance(value, str):
            put_text(sheet, row, 1, value, looks.of("@"))
        else:
            sheet.write_number(row, 1, value, looks.of("General"))


def _settings_faults(instance: Instance) -> Iterator[Fault]:
    """Texts of the settings and sources that cannot be put into cells."""
    settings = instance.settings
    texts: list[tuple[str, int | None, str, object]] = []
    texts += [(SETTINGS_SHEET, None, key, value) for key, value in settings_values(settings)]
    texts += [
        (SOURCES_SHEET, row, name, getattr(source, name))
        for row, source in enumerate(settings.sources, start=2)
        for name in SOURCE_COLUMNS
    ]
    for sheet, row, column, text in texts:
        if isinstance(text, str) and not can_be_put(text):
            params = {"found": len(text), "largest": LONGEST_TEXT}
            code = "X324" if len(text) > LONGEST_TEXT else "X329"
            yield Fault(code, sheet, row, column, text, params)


def _sources(book: Workbook, looks: _Looks, instance: Instance) -> None:
    sheet = _new_sheet(book, SOURCES_SHEET)
    bold = book.add_format({"bold": True, "bg_color": "#BDD7EE"})
    for position, name in enumerate(SOURCE_COLUMNS):
        sheet.write_string(0, position, name, bold)
        sheet.set_column(position, position, 40, looks.of("@"))
    for row, source in enumerate(instance.settings.sources, start=1):
        for position, name in enumerate(SOURCE_COLUMNS):
            if text := str(getattr(source, name)):
                put_text(sheet, row, position, text, looks.of("@"))


def _guide(book: Workbook, tables: Sequence[str]) -> None:
    """The first sheet, which is not read: what each sheet is for."""
    sheet = _new_sheet(book, GUIDE_SHEET)
    bold = book.add_format({"bold": True})
    wrapped = book.add_format({"text_wrap": True, "valign": "top"})
    sheet.set_column(0, 0, 18)
    sheet.set_column(1, 1, 110)
    row = 0
    for line in words("book.guide.lines").strip().splitlines():
        sheet.write_string(row, 0, line)
        row += 1
    row += 1
    write: Callable[..., object] = sheet.write_string
    for name in (SETTINGS_SHEET, *tables, SOURCES_SHEET):
        sheet.write_url(row, 0, f"internal:'{name}'!A1", bold, name)
        write(row, 1, table_note(name), wrapped)
        row += 1
