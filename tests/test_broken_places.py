"""Two hundred broken instances: a fault of each kind at a random place is told at that place.

What is broken is a copy of `instances/clinics`, as CSV files separated by commas or semicolons or as a
workbook that another program writes, with its columns shuffled, blank rows, and cells of two lines. The
place that must be told is known from how the file was made here, not from reading it.
"""

from __future__ import annotations

import csv
import io
import random
import re
import tomllib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

import openpyxl
import pytest

from planner.base.errors import ExitCode, Severity
from planner.cli import main
from planner.instance.kinds import Column, Kind
from planner.instance.read import read_tables
from planner.instance.schema import columns_of

CLINICS = Path(__file__).resolve().parents[1] / "instances" / "clinics"
COMMA, SEMICOLON, BOOK = "comma", "semicolon", "book"
FORMS = (COMMA, SEMICOLON, BOOK)
TEXTS = FORMS[:2]
NUMBERS = (Kind.COUNT, Kind.DECIMAL, Kind.MONEY)
PLACES = ("warehouses", "hubs", "regions")
# What follows from a fault elsewhere: an id is gone, or a column, or a pair is not a pair any more.
CONSEQUENCES = {"I110", "I301", "I305", "I306", "I307", "I403", "I404", "I408", "I420", "I428", "I429"}


def _clinics() -> dict[str, list[list[object]]]:
    found: dict[str, list[list[object]]] = {}
    for path in sorted(CLINICS.glob("*.csv")):
        with path.open(encoding="utf-8", newline="") as file:
            found[path.stem] = [list(row) for row in csv.reader(file)]
    return found


TABLES = _clinics()
TOML = (CLINICS / "plan.toml").read_text("utf-8").replace('number_format = "en"\n', "")
SETTINGS = {key: value for key, value in tomllib.loads(TOML).items() if key != "sources"}
COUNTS = tuple(SETTINGS["counts"])
COLUMNS = {name: {one.name: one for one in columns_of(name, COUNTS)} for name in TABLES}


@dataclass
class Cell:
    """A place in a table: row 0 is the header."""

    table: str
    row: int
    column: str

    @property
    def spec(self) -> Column:
        return COLUMNS[self.table][self.column]


@dataclass
class Broken:
    """An instance in the making."""

    rng: random.Random
    form: str
    tables: dict[str, list[list[object]]] = field(
        default_factory=lambda: {name: [list(row) for row in rows] for name, rows in TABLES.items()}
    )
    settings: dict[str, object] = field(default_factory=lambda: dict(SETTINGS))
    formats: dict[tuple[str, int, str], str] = field(default_factory=dict)
    merged: list[Cell] = field(default_factory=list)

    def __post_init__(self) -> None:
        for table, rows in self.tables.items():
            if "name" in rows[0] and COLUMNS[table]["name"].kind is COLUMNS["regions"]["name"].kind:
                at = rows[0].index("name")
                for row in self.rng.sample(rows[1:], len(rows) // 3):
                    row[at] = f"{row[at]}\nbaris dua"

    def cells(self, wanted: Callable[[Column], bool]) -> list[Cell]:
        return [
            Cell(table, row, str(name))
            for table, rows in self.tables.items()
            for name in rows[0]
            if wanted(COLUMNS[table][str(name)])
            for row in range(1, len(rows))
        ]

    def any_cell(self, wanted: Callable[[Column], bool]) -> Cell:
        return self.rng.choice(self.cells(wanted))

    def put(self, at: Cell, value: object, number_format: str = "") -> None:
        rows = self.tables[at.table]
        rows[at.row][rows[0].index(at.column)] = value
        if number_format:
            self.formats[at.table, at.row, at.column] = number_format

    def value(self, at: Cell) -> object:
        rows = self.tables[at.table]
        return rows[at.row][rows[0].index(at.column)]


Told = tuple[str, str, int | None, str | None]  # code, table, row of the table (0 the header), column
FAULTS: dict[str, tuple[Sequence[str], Callable[[Broken], Told]]] = {}


def fault(*forms: str) -> Callable[[Callable[[Broken], Told]], Callable[[Broken], Told]]:
    def keep(make: Callable[[Broken], Told]) -> Callable[[Broken], Told]:
        FAULTS[make.__name__] = (forms or FORMS, make)
        return make

    return keep


def put_any(broken: Broken, kinds: Iterable[Kind], value: object, code: str, form: str = "") -> Told:
    at = broken.any_cell(lambda one: one.kind in set(kinds))
    broken.put(at, value, form)
    return code, at.table, at.row, at.column


@fault()
def empty(broken: Broken) -> Told:
    at = broken.any_cell(lambda one: one.required and one.kind is not Kind.DAYS)
    broken.put(at, "")
    return "I201", at.table, at.row, at.column


@fault()
def word_for_a_number(broken: Broken) -> Told:
    at = broken.any_cell(lambda one: one.kind in (*NUMBERS, Kind.DEGREE))
    broken.put(at, "banyak")
    return "I202" if at.spec.kind in (Kind.COUNT, Kind.MONEY) else "I203", at.table, at.row, at.column


@fault()
def unit_beside_a_number(broken: Broken) -> Told:
    return put_any(broken, NUMBERS, f"{broken.rng.randint(1, 99)} kg", "I208")


@fault()
def negative(broken: Broken) -> Told:
    return put_any(broken, NUMBERS, f"-{broken.rng.randint(1, 99)}", "I204")


@fault()
def half_a_piece(broken: Broken) -> Told:
    half = "2,5" if broken.form == SEMICOLON else "2.5" if broken.form == COMMA else 2.5
    return put_any(broken, [Kind.COUNT, Kind.MONEY], half, "I202")


@fault()
def too_large(broken: Broken) -> Told:
    at = broken.any_cell(lambda one: one.kind in NUMBERS)
    broken.put(at, "9" * 15)
    return "I220" if at.spec.unit in ("s", "min", "h") else "I206", at.table, at.row, at.column


@fault()
def no_such_degree(broken: Broken) -> Told:
    return put_any(broken, [Kind.DEGREE], "190" if broken.form == BOOK else "250", "I217")


@fault()
def no_moment(broken: Broken) -> Told:
    return put_any(broken, [Kind.INSTANT], "lusa pagi", "I209")


@fault()
def no_hour(broken: Broken) -> Told:
    return put_any(broken, [Kind.HOUR], f"{broken.rng.randint(25, 99)}:30", "I211")


@fault()
def no_days(broken: Broken) -> Told:
    return put_any(broken, [Kind.DAYS], "seninn", "I212")


@fault()
def none_of_the_choices(broken: Broken) -> Told:
    return put_any(broken, [Kind.CHOICE, Kind.CHOICES], "kuda", "I214")


@fault()
def unknown_id(broken: Broken) -> Told:
    return put_any(broken, [Kind.REF], "tidak-ada", "I301")


@fault()
def id_twice(broken: Broken) -> Told:
    table = broken.rng.choice(
        [name for name, rows in broken.tables.items() if "id" in rows[0] and len(rows) > 2]
    )
    first, second = sorted(broken.rng.sample(range(1, len(broken.tables[table])), 2))
    broken.put(Cell(table, second, "id"), broken.value(Cell(table, first, "id")))
    return "I302", table, second, "id"


@fault()
def id_of_another_table(broken: Broken) -> Told:
    first, table = sorted(broken.rng.sample(PLACES, 2), key=PLACES.index)
    row = broken.rng.randrange(1, len(broken.tables[table]))
    given = broken.value(Cell(first, broken.rng.randrange(1, len(broken.tables[first])), "id"))
    broken.put(Cell(table, row, "id"), given)
    return "I303", table, row, "id"


@fault()
def plus_in_an_id(broken: Broken) -> Told:
    return put_any(broken, [Kind.ID], "a+b", "I219")


@fault()
def unknown_column(broken: Broken) -> Told:
    table = broken.rng.choice(sorted(broken.tables))
    header = broken.tables[table][0]
    header[broken.rng.randrange(len(header))] = "kolom lain"
    return "I111", table, 0, "kolom lain"


@fault()
def column_twice(broken: Broken) -> Told:
    table = broken.rng.choice(sorted(broken.tables))
    rows = broken.tables[table]
    at = broken.rng.randrange(len(rows[0]))
    for row in rows:
        row.append(row[at])
    return "I112", table, 0, str(rows[0][at])


@fault()
def unknown_table(broken: Broken) -> Told:
    broken.tables["vehicels"] = broken.tables["vehicles"]
    return "X312" if broken.form == BOOK else "I104", "vehicels", None, None


@fault()
def way_to_itself(broken: Broken) -> Told:
    row = broken.rng.randrange(1, len(broken.tables["edges"]))
    broken.put(Cell("edges", row, "to"), broken.value(Cell("edges", row, "from")))
    return "I413", "edges", row, "to"


@fault(COMMA, SEMICOLON)
def cell_too_many(broken: Broken) -> Told:
    table = broken.rng.choice(sorted(broken.tables))
    row = broken.rng.randrange(1, len(broken.tables[table]))
    broken.tables[table][row].append("lebih")
    return "I113", table, row, None


@fault(COMMA, SEMICOLON)
def cell_too_few(broken: Broken) -> Told:
    table = broken.rng.choice(sorted(name for name, rows in broken.tables.items() if len(rows[0]) > 2))
    row = broken.rng.randrange(1, len(broken.tables[table]))
    broken.tables[table][row].pop()
    return "I114", table, row, None


@fault(SEMICOLON, BOOK)
def ambiguous_dot(broken: Broken) -> Told:
    return put_any(broken, NUMBERS, f"{broken.rng.randint(1, 9)}.250", "X317")


@fault(SEMICOLON, BOOK)
def ambiguous_day(broken: Broken) -> Told:
    return put_any(broken, [Kind.INSTANT], "11/06/2026 08.00", "X319")


@fault(SEMICOLON, BOOK)
def day_without_time(broken: Broken) -> Told:
    return put_any(broken, [Kind.INSTANT], "13/06/2026", "X320")


@fault(BOOK)
def formula_never_computed(broken: Broken) -> Told:
    return put_any(broken, Kind, "=1+1", "X311")


@fault(BOOK)
def error_of_a_formula(broken: Broken) -> Told:
    return put_any(broken, Kind, "#N/A", "X315")


@fault(BOOK)
def code_that_became_a_number(broken: Broken) -> Told:
    return put_any(broken, [Kind.ID, Kind.REF], 64.1, "X313")


@fault(BOOK)
def code_that_became_a_day(broken: Broken) -> Told:
    return put_any(broken, [Kind.ID, Kind.REF], datetime(2026, 12, 1), "X314", "d-mmm")


@fault(BOOK)
def percentage(broken: Broken) -> Told:
    at = broken.any_cell(lambda one: one.kind in NUMBERS and one.unit != "%")
    broken.put(at, 0.25, "0%")
    return "X316", at.table, at.row, at.column


@fault(BOOK)
def day_for_a_number(broken: Broken) -> Told:
    return put_any(broken, [Kind.COUNT, Kind.MONEY], datetime(2026, 6, 11), "X325", "d/m/yyyy")


@fault(BOOK)
def merged_cells(broken: Broken) -> Told:
    at = broken.any_cell(lambda one: one.required)
    broken.merged.append(at)
    return "X327", at.table, at.row, at.column


@fault()
def setting(broken: Broken) -> Told:
    key, value, code = broken.rng.choice(
        [
            ("time_zone", "Mars/Phobos", "I126"),
            ("unit", "kotak", "I410"),
            ("weight", "orang", "I410"),
            ("horizon_end", "2026-06-09T00:00+03:00", "I401"),
            ("deadline", "2026-06-09T00:00+03:00", "I402"),
            ("chain", "maybe", "I124"),
            ("objective", "speed", "I124"),
        ]
    )
    broken.settings[key] = value
    return code, "settings" if broken.form == BOOK else "plan.toml", None, key


# ---- files ----------------------------------------------------------------------------------------


def dressed(broken: Broken) -> dict[str, list[int]]:
    """Shuffle the columns and put blank rows in; gives the row in the file of each row of the tables."""
    rng, line_of = broken.rng, {}
    for table, rows in broken.tables.items():
        order = rng.sample(range(len(rows[0])), len(rows[0]))
        for row in rows:  # cells beyond the header stay at the end
            row[:] = [row[at] for at in order if at < len(row)] + row[len(rows[0]) :]
        made: list[list[object]] = []
        line_of[table] = []
        for row in rows:
            if made and rng.random() < 0.1:
                made.append([""] * len(rows[0]))
            line_of[table].append(len(made) + 1)
            made.append(row)
        broken.tables[table] = made
    return line_of


def files(broken: Broken, folder: Path) -> tuple[Path, dict[str, list[int]]]:
    """Write the instance; gives its path and the row in the file of each row of each table."""
    rows_of = {table: list(rows) for table, rows in broken.tables.items()}
    places = {(at.table, at.row): rows_of[at.table][at.row] for at in broken.merged}
    line_of = dressed(broken)
    if broken.form == BOOK:
        return write_book(broken, folder, line_of, places), line_of
    write_texts(broken, folder, line_of)
    return folder, line_of


def write_texts(broken: Broken, folder: Path, line_of: dict[str, list[int]]) -> None:
    folder.mkdir()
    toml = "\n".join(
        f'{key} = "{broken.settings[key]}"'
        if (key := line.partition(" =")[0]) in broken.settings and line.endswith('"')
        else line
        for line in TOML.split("\n")
    )
    (folder / "plan.toml").write_text(toml, "utf-8")
    semicolons = broken.form == SEMICOLON
    for table, rows in broken.tables.items():
        text = io.StringIO()
        writer = csv.writer(text, delimiter=";" if semicolons else ",", lineterminator="\n")
        positions: list[int] = []
        for row in rows:
            positions.append(text.getvalue().count("\n") + 1)
            writer.writerow([_local(cell) if semicolons else cell for cell in row])
        line_of[table] = [positions[at - 1] for at in line_of[table]]
        (folder / f"{table}.csv").write_text(text.getvalue(), "utf-8")


def _local(cell: object) -> object:
    """A number with a decimal comma."""
    return (
        cell.replace(".", ",")
        if isinstance(cell, str) and re.fullmatch(r"-?\d+\.\d{1,2}|-?\d+\.\d{4,}", cell)
        else cell
    )


def write_book(
    broken: Broken, folder: Path, line_of: dict[str, list[int]], merged: dict[tuple[str, int], list[object]]
) -> Path:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = "settings"
    sheet.append(["key", "value"])
    for key, value in broken.settings.items():
        sheet.append([key, "+".join(value) if isinstance(value, list) else value])
    for table, rows in broken.tables.items():
        sheet = book.create_sheet(table)
        header = rows[0]
        for line, row in enumerate(rows, 1):
            for column, (name, cell) in enumerate(zip(header, row, strict=True), 1):
                if cell != "":
                    kind = getattr(COLUMNS.get(table, {}).get(str(name)), "kind", Kind.TEXT)
                    sheet.cell(line, column).value = (
                        _number(cell) if kind in (*NUMBERS, Kind.DEGREE) else cell
                    )
    for (table, row, name), number_format in broken.formats.items():
        header = broken.tables[table][0]
        book[table].cell(line_of[table][row], header.index(name) + 1).number_format = number_format
    for at in broken.merged:
        column, line = broken.tables[at.table][0].index(at.column) + 1, line_of[at.table][at.row]
        book[at.table].merge_cells(start_row=line, end_row=line + 1, start_column=column, end_column=column)
    path = folder.with_suffix(".xlsx")
    book.save(path)
    return path


def _number(cell: object) -> object:
    if isinstance(cell, str) and re.fullmatch(r"-?\d+(\.\d+)?", cell) and not re.fullmatch(r"\d\.250", cell):
        return float(cell) if "." in cell else int(cell)
    return cell


# ---- what is told ---------------------------------------------------------------------------------


CASES = [(name, form, seed) for seed in range(3) for name, (forms, _) in FAULTS.items() for form in forms]


def test_there_are_two_hundred():
    assert len(CASES) >= 200


@pytest.mark.parametrize("form", FORMS)
def test_what_is_not_broken_is_read(form, tmp_path):
    path, _ = files(Broken(random.Random(1), form), tmp_path / "utuh")
    instance, faults = read_tables(path)
    assert instance is not None, faults


@pytest.mark.parametrize(("name", "form", "seed"), CASES)
def test_a_fault_is_told_at_its_place(name, form, seed, tmp_path, capsys, no_workers):
    broken = Broken(random.Random(f"{name} {form} {seed}"), form)
    code, table, row, column = FAULTS[name][1](broken)
    path, line_of = files(broken, tmp_path / "rusak – é")
    line = None if row is None else line_of[table][row]
    if code and table == "settings":
        line = 2 + list(broken.settings).index(column)
    before = {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()}
    instance, faults = read_tables(path)
    errors = [one for one in faults if one.severity is Severity.ERROR]
    found = [(one.code, one.table, one.row, one.column) for one in errors]
    assert instance is None
    assert (code, table, line, column) in found
    more = {"I201"} if code == "X327" else set()  # the merged cell below holds nothing
    assert {one.code for one in errors} <= CONSEQUENCES | more | {code}
    for arguments in (["validate", str(path)], ["solve", str(path), "--output", str(tmp_path / "plan.json")]):
        with pytest.raises(SystemExit) as leaving:
            main(arguments)
        assert leaving.value.code == ExitCode.BAD_INPUT
        said = "".join(capsys.readouterr())
        assert code in said
        assert "Traceback" not in said
    assert {one: one.read_bytes() for one in tmp_path.rglob("*") if one.is_file()} == before
