"""Writes a new instance: a folder of CSV files with a guide, or one workbook."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from planner.background.schema import FOLDER, NO_BACKGROUND, Background, own_folder
from planner.background.write import write_background
from planner.base.errors import Fault, InputError
from planner.base.files import whole_folder, write_text
from planner.base.text import words
from planner.instance.explain import column_note, setting_note, table_note
from planner.instance.schema import TABLES, Basis, Instance, Region, columns_of
from planner.instance.settings import KEYS, PLAN_FILE
from planner.instance.sheet_names import BOOK_SUFFIXES, book_suffix
from planner.instance.workbook.write import write_workbook
from planner.instance.write import settings_text, table_text, write_instance, writes_commas

__all__ = ["GUIDE_FILE", "refuse_taken", "refuse_taken_background", "synthetic_rows", "write_new"]

GUIDE_FILE = "GUIDE.md"


def refuse_taken(target: Path, *, excel: bool, force: bool) -> None:
    """Refuse a place where something lies already.

    Raises
    ------
    InputError
        X341 if the folder is not empty or the file is there, and `force` is not given; X343 if a workbook is
        to be written into a folder that holds an instance as CSV files, which would be read instead of it.
    """
    if target.exists() and not target.is_dir() and not (excel and book_suffix(target)):
        raise InputError([Fault("X341", "FOLDER", value=str(target))])
    taken = target.is_file() or (target.is_dir() and any(target.iterdir()))
    if taken and not force:
        raise InputError([Fault("X341", "FOLDER", value=str(target))])
    if excel and target.is_dir() and (target / PLAN_FILE).exists():
        raise InputError([Fault("X343", "FOLDER", value=str(target))])


def refuse_taken_background(target: Path, background: Background, *, force: bool) -> None:
    """Refuse a background beside a workbook where another one lies already: it may be another workbook's.

    Raises
    ------
    InputError
        X341 if files of its names are there, and `force` is not given.
    """
    beside = own_folder(target) if book_suffix(target) else target / FOLDER
    taken = [beside / one.file for one in background.sheets if one.features and (beside / one.file).exists()]
    if taken and not force:
        raise InputError([Fault("X341", "FOLDER", value=str(one)) for one in taken])


def write_new(
    target: Path, instance: Instance, *, excel: bool, whole: bool, background: Background = NO_BACKGROUND
) -> tuple[Path, Path]:
    """Write an instance.

    Parameters
    ----------
    target
        Folder; or a workbook if it is named like one.
    instance
        What is written.
    excel
        Whether one workbook is written; it is named like its folder.
    whole
        Whether all tables and columns are written, also those that hold nothing: a template.
    background
        What lies behind its pictures; goes into its folder beside the tables or the workbook.

    Returns
    -------
    tuple of Path
        What was to be written, and what was: they differ where a workbook is open in another program.

    Raises
    ------
    InputError, ValueError
        As for `planner.instance.workbook.write.write_workbook`; a folder only ValueError.
    """
    with whole_folder(target if not book_suffix(target) else own_folder(target)):
        return _written(target, instance, excel=excel, whole=whole, background=background)


def _written(
    target: Path, instance: Instance, *, excel: bool, whole: bool, background: Background
) -> tuple[Path, Path]:
    if excel:
        wanted = target if book_suffix(target) else target / f"{_stem(target)}{BOOK_SUFFIXES[0]}"
        written = write_workbook(wanted, instance, all_tables=whole)
        write_background(own_folder(written), background)
        return wanted, written
    if whole:
        _write_whole(target, instance)
    else:
        write_instance(target, instance, commas=writes_commas(instance.settings))
    write_text(target / GUIDE_FILE, guide(instance))
    write_background(target / FOLDER, background)
    return target, target


def _stem(target: Path) -> str:
    return target.resolve().name or "instance"


def _write_whole(folder: Path, instance: Instance) -> None:
    settings = instance.settings
    write_text(folder / PLAN_FILE, settings_text(settings))
    for name, table in TABLES.items():
        rows = getattr(instance, name)
        if rows or table.affects_plan or (folder / f"{name}.csv").exists():
            counts = settings.counts if table.row is Region else ()
            text = table_text(name, rows, counts, clock=settings.clock, all_columns=True)
            write_text(folder / f"{name}.csv", text)


def synthetic_rows(instance: Instance) -> dict[str, int]:
    """How many rows of each table hold invented or default figures."""
    found: Counter[str] = Counter()
    for name in TABLES:
        for row in getattr(instance, name):
            if getattr(row, "basis", None) in (Basis.SYNTHETIC, Basis.DEFAULT):
                found[name] += 1
    return dict(found)


def guide(instance: Instance) -> str:
    """The page that explains every table and column, as Markdown."""
    lines = [f"# {instance.settings.name}", "", words("init.guide.head").strip(), ""]
    if invented := synthetic_rows(instance):
        lines += [words("init.guide.synthetic"), ""]
        lines += [
            f"- {words('init.guide.rows', table=name, number=number)}" for name, number in invented.items()
        ]
        lines.append("")
    lines += [f"## {PLAN_FILE}", ""]
    lines += [f"- `{key.name}`: {setting_note(key)}" for key in KEYS]
    for name in TABLES:
        lines += ["", f"## {name}.csv", "", table_note(name), ""]
        for column in columns_of(name, instance.settings.counts):
            lines.append(f"- `{column.name}`: {' '.join(column_note(name, column).split(chr(10)))}")
    return "\n".join(lines) + "\n"
