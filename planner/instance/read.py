"""Reads an instance: a folder of CSV files and plan.toml, a workbook, or rows given by Python."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from planner.base.clock import Clock
from planner.base.errors import Fault, InputError, Severity
from planner.base.opening import system_words
from planner.base.safe_text import has_control_signs
from planner.instance.box_faults import box_faults
from planner.instance.called import with_ids
from planner.instance.cells import CellError, cell_reader
from planner.instance.draft import Draft
from planner.instance.kinds import Kind
from planner.instance.local import Notation, localised
from planner.instance.raw import (
    NOTHING_READ,
    SEMICOLON,
    RawInstance,
    RawRow,
    RawTable,
    raw_from_path,
    raw_from_rows,
)
from planner.instance.schema import (
    TABLES,
    Column,
    Instance,
    Region,
    Settings,
    columns_of,
    count_columns_of,
)
from planner.instance.settings import (
    PLAN_FILE,
    DraftSettings,
    draft_of,
    settings_content,
    settings_from_mapping,
    unread_settings,
)
from planner.instance.sheet_names import books_of, is_spreadsheet
from planner.instance.split_faults import split_faults
from planner.instance.validate import NO_TIMES, errors_of, warnings_of

__all__ = ["RawInstance", "raw_instance", "read_instance", "read_tables", "tables_from_rows", "tables_of"]

LONGEST_VALUE = 200  # letters of a cell that a fault shows
_NEW = object()


@dataclass(frozen=True, slots=True)
class _Reader:
    """Reads one column's cells, and remembers what its texts mean."""

    column: Column
    position: int
    read: Callable[[str], Any]
    seen: dict[str, Any] = field(default_factory=dict)


def read_instance(folder: Path, *, needs_times: bool = True) -> Instance:
    """Read and validate an instance.

    Parameters
    ----------
    folder
        Folder with ``plan.toml`` and ``TABLE.csv`` for each table (see ``docs/instance_format.md``), or
        a workbook with the same tables as sheets, or a folder that holds such a workbook alone.
    needs_times
        As for `read_tables`.

    Returns
    -------
    Instance
        All tables, parsed. Warnings are not raised; `read_tables` gives them.

    Raises
    ------
    InputError
        If anything in the folder cannot be read or meant; carries all faults.
    """
    instance, faults = read_tables(folder, needs_times=needs_times, with_warnings=False)
    if instance is None:
        raise InputError(fault for fault in faults if fault.severity is Severity.ERROR)
    return instance


def read_tables(
    folder: Path, *, needs_times: bool = True, with_warnings: bool = True
) -> tuple[Instance | None, tuple[Fault, ...]]:
    """Read and validate an instance without raising.

    Parameters
    ----------
    folder
        As for `read_instance`.
    needs_times
        Whether an instance without any travel times is a fault (it is none before its network is modelled).
    with_warnings
        Whether warnings are looked for, which takes a while.

    Returns
    -------
    tuple
        The instance, or ``None`` if there is any error; and all faults, errors and warnings,
        sorted by table and row.
    """
    return tables_of(raw_instance(folder), needs_times=needs_times, with_warnings=with_warnings)


def raw_instance(folder: Path) -> RawInstance:
    """Read the files of an instance as text; see `read_tables`."""
    folder = Path(folder)
    if is_spreadsheet(folder):
        return _raw_book(folder)
    try:
        entries = sorted((entry.name, entry.is_dir()) for entry in folder.iterdir())
    except OSError as error:
        reason = system_words(error)
        none = Fault("I100", PLAN_FILE, value=str(folder), params={"reason": reason})
        return RawInstance(None, {}, (none,), NOTHING_READ)
    names = [name for name, is_folder in entries if not is_folder]
    if books := books_of(names):
        if len(books) > 1:
            return RawInstance(None, {}, (Fault("X306", PLAN_FILE, value=", ".join(books)),), NOTHING_READ)
        return _raw_book(folder / books[0])
    settings, fault = settings_content(folder / PLAN_FILE)
    faults = [] if fault is None else [fault]
    faults += [
        Fault("I129", PLAN_FILE if name == PLAN_FILE else name[: -len(".csv")], value=name)
        for name, is_folder in entries
        if is_folder and (name == PLAN_FILE or (_is_table(name) and name[: -len(".csv")] in TABLES))
    ]
    raw: dict[str, RawTable] = {}
    unread: set[str] = set()
    files: dict[str, str] = {}
    for name in names:
        if not _is_table(name):
            continue
        table = name[: -len(".csv")]
        if table not in TABLES:
            faults.append(Fault("I104", table, value=name, params={"nearest": _nearest(table, TABLES)}))
            continue
        if (other := files.setdefault(table, name)) != name:
            faults.append(Fault("I128", table, value=f"{other}, {name}"))
            continue
        found, more = raw_from_path(table, folder / name)
        faults += more
        if found is None:
            unread.add(table)
        else:
            raw[table] = found
    return RawInstance(settings if fault is None else None, raw, tuple(faults), frozenset(unread))


def _is_table(name: str) -> bool:
    return name.lower().endswith(".csv") and not name.startswith(".")


def tables_of(
    raw: RawInstance, *, needs_times: bool = True, with_warnings: bool = True
) -> tuple[Instance | None, tuple[Fault, ...]]:
    """Understand and validate an instance that is there as text; as `read_tables`."""
    if raw.unread == NOTHING_READ:
        return None, raw.faults
    faults = list(raw.faults)
    settings = unread_settings()
    if raw.settings is not None:
        settings, more = settings_from_mapping(raw.settings)
        told = {fault.column for fault in raw.faults}  # a key whose cell is faulty is not missing, too
        faults += [fault for fault in more if not (fault.code == "I122" and fault.column in told)]
    instance, found = _read(
        settings,
        dict(raw.tables),
        faults,
        raw.unread,
        needs_times=needs_times,
        with_warnings=with_warnings,
        no_table="I101" if raw.setting_rows is None else "X307",
    )
    return instance, tuple(sorted(map(raw.placed, found), key=lambda fault: fault.sort_key))


def _raw_book(path: Path) -> RawInstance:
    from planner.instance.workbook.read import read_workbook

    return read_workbook(path)


def tables_from_rows(
    settings: Settings | Mapping[str, Any],
    rows: Mapping[str, RawTable | Sequence[Mapping[str, object]]],
    *,
    needs_times: bool = True,
) -> tuple[Instance | None, tuple[Fault, ...]]:
    """Make and validate an instance of rows that are already in memory.

    Parameters
    ----------
    settings
        Settings, or the keys and values of plan.toml.
    rows
        Rows by table; each a mapping from the column's name in the file to its text (numbers,
        booleans, dates and ``None`` are taken as their text). Or whole tables of text.
    needs_times
        As for `read_tables`.

    Returns
    -------
    tuple
        As `read_tables`. Row *i* (from 0) is reported as row *i* + 2, as in a file.
    """
    faults: list[Fault] = []
    if isinstance(settings, Settings):
        draft = draft_of(settings)
    else:
        draft, faults = settings_from_mapping(settings)
    raw: dict[str, RawTable] = {}
    for table, its_rows in rows.items():
        if table not in TABLES:
            faults.append(Fault("I104", table, value=table, params={"nearest": _nearest(table, TABLES)}))
        elif isinstance(its_rows, RawTable):
            raw[table] = its_rows
        elif its_rows:
            raw[table] = raw_from_rows(table, its_rows)
    return _read(draft, raw, faults, frozenset(), needs_times=needs_times)


def _read(
    settings: DraftSettings,
    raw: dict[str, RawTable],
    faults: list[Fault],
    unread: frozenset[str],
    *,
    needs_times: bool = True,
    with_warnings: bool = True,
    no_table: str = "I101",
) -> tuple[Instance | None, tuple[Fault, ...]]:
    rows: dict[str, tuple[tuple[int, Any], ...]] = {}
    for name, table in list(raw.items()):
        faults += _header_faults(table, settings.counts)
        if table.separator == SEMICOLON:
            notation = Notation(
                settings.clock, settings.values.get("number_format", ""), comma_is_decimal=True
            )
            raw[name], more = localised(table, columns_of(name, settings.counts or ()), notation)
            faults += more
        rows[name], more = _parse(raw[name], settings.clock, settings.counts)
        faults += more
    faults += _missing_tables(raw, unread, no_table)
    draft = with_ids(Draft(settings, raw, rows, unread))
    faults += [fault for fault in errors_of(draft) if needs_times or fault.code != NO_TIMES]
    instance = None
    if settings.settings is not None and not any(one.severity is Severity.ERROR for one in faults):
        parsed: dict[str, Any] = {
            name: tuple(row for _, row in its_rows) for name, its_rows in draft.rows.items()
        }
        instance = Instance(settings=settings.settings, **parsed)
        faults += warnings_of(instance, draft) if needs_times and with_warnings else ()
        never_whole = [*split_faults(instance, draft), *box_faults(instance, draft)]
        if never_whole:
            faults, instance = [*faults, *never_whole], None
    shown = (_shortened(_as_typed(fault, raw)) for fault in faults)
    return instance, tuple(sorted(shown, key=lambda fault: fault.sort_key))


def _as_typed(fault: Fault, raw: Mapping[str, RawTable]) -> Fault:
    """Show what people see in the cell, not what it was read as."""
    table = raw.get(fault.table)
    if table is None or fault.value is None or not table.typed:
        return fault
    typed = table.typed.get((fault.row or 0, fault.column or ""))
    if typed is None or fault.value != table.value(fault.row, fault.column):
        return fault
    return replace(fault, value=typed)


def _shortened(fault: Fault) -> Fault:
    """Keep a report readable where a cell holds a page of text."""
    if fault.value is None or len(fault.value) <= LONGEST_VALUE:
        return fault
    return replace(fault, value=fault.value[:LONGEST_VALUE] + "…")


def _missing_tables(raw: Mapping[str, RawTable], unread: frozenset[str], code: str) -> list[Fault]:
    faults = []
    for table in TABLES.values():
        if not table.required or table.name in unread:
            continue
        if table.name not in raw:
            faults.append(Fault(code, table.name, params={"file": f"{table.name}.csv"}))
        elif not raw[table.name].rows and raw[table.name].complete:
            faults.append(Fault("I107", table.name))
    return faults


def _header_faults(raw: RawTable, counts: tuple[str, ...] | None) -> list[Fault]:
    """Unknown, repeated, unnamed and missing columns."""
    table = TABLES[raw.name]
    required = [column.name for column in table.columns if column.required]
    known = {column.name for column in table.columns}
    if table.row is Region:
        required += counts or ()
        known |= set(counts or ())
    line = raw.header_line
    faults = []
    for position, name in enumerate(raw.header):
        if not name:
            if any(row.cells[position] for row in raw.rows):
                faults.append(Fault("I115", raw.name, line, None, None, {"position": position + 1}))
        elif raw.index[name] != position:
            faults.append(Fault("I112", raw.name, line, name))
        elif name not in known and (table.row is not Region or counts is not None):
            faults.append(Fault("I111", raw.name, line, name, None, {"nearest": _nearest(name, known)}))
    faults += [Fault("I110", raw.name, line, name) for name in required if name not in raw.index]
    return faults


def _nearest(word: str, known: Mapping[str, object] | set[str]) -> str:
    """Known names like a word, or all of them."""
    from difflib import get_close_matches

    close = get_close_matches(word.lower()[:60], sorted(known), n=1, cutoff=0.6)
    return close[0] if close else ", ".join(sorted(known))


def _parse(
    raw: RawTable, clock: Clock, counts: tuple[str, ...] | None
) -> tuple[tuple[tuple[int, Any], ...], list[Fault]]:
    """Read every cell; keep the rows without a fault."""
    table = TABLES[raw.name]
    readers = _readers(raw, table.columns, clock)
    count_columns = count_columns_of(table.name, counts or ())
    count_readers = _readers(raw, count_columns, clock)
    wanted = {column.attribute for column in table.columns if column.required}
    lacking = not wanted <= {one.column.attribute for one in readers} or len(count_readers) < len(
        count_columns
    )
    rows: list[tuple[int, Any]] = []
    faults: list[Fault] = []
    for row in raw.rows:
        before = len(faults)
        known = raw.faulty_of.get(row.line, frozenset())
        values = _row_values(raw.name, row, readers, known, faults)
        if table.row is Region:
            values["counts"] = _row_values(raw.name, row, count_readers, known, faults)
        faults[before:] = (_perhaps_swapped(fault, values) for fault in faults[before:])
        wrong = any(one.severity is Severity.ERROR for one in faults[before:])
        if not wrong and not lacking and not known:
            rows.append((row.line, table.row(**values)))
    return tuple(rows), faults


def _perhaps_swapped(fault: Fault, values: Mapping[str, Any]) -> Fault:
    """Say so where a latitude beyond the pole stands beside a longitude that would do as one."""
    lon = values.get("lon")
    if fault.code != "I217" or fault.column != "lat" or lon is None or abs(lon) > 90:
        return fault
    if fault.value and abs(float(fault.value)) <= 180:
        return replace(fault, code="I218", params={"lon": lon})
    return fault


def _readers(raw: RawTable, columns: Sequence[Column], clock: Clock) -> list[_Reader]:
    return [
        _Reader(column, raw.index[column.name], cell_reader(column, clock))
        for column in columns
        if column.name in raw.index
    ]


def _row_values(
    table: str, row: RawRow, readers: Sequence[_Reader], known: frozenset[str], faults: list[Fault]
) -> dict[str, Any]:
    """Values by attribute, without those of empty and of faulty cells; `known` have their fault already."""
    values: dict[str, Any] = {}
    for reader in readers:
        column = reader.column
        if column.name in known:
            continue
        text = row.cells[reader.position]
        if not text:
            if column.required:
                faults.append(Fault("I201", table, row.line, column.name, ""))
            continue
        value = reader.seen.get(text, _NEW)
        if value is _NEW:
            try:
                value = reader.seen[text] = reader.read(text)
            except CellError as error:
                faults.append(Fault(error.code, table, row.line, column.name, text, error.params))
                continue
            if column.kind is Kind.TEXT and has_control_signs(text):
                faults.append(Fault("W520", table, row.line, column.name, text, {}, Severity.WARNING))
        values[column.attribute] = value
    return values
