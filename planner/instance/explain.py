"""What tables, columns and settings mean, in the language in force: for headings' notes and guides."""

from __future__ import annotations

import re

from planner.base.text import has_words, words
from planner.instance.cells import cell_text
from planner.instance.kinds import Column, Kind
from planner.instance.schema import TABLES
from planner.instance.settings import Key

__all__ = ["column_note", "setting_note", "table_note"]


def table_note(name: str) -> str:
    """What a table, or the sheet of settings or sources, holds."""
    if name not in TABLES:
        return words(f"book.sheet.{name}")
    key = f"tables.{name}.table"
    return words(key) if has_words(key) else TABLES[name].description


def column_note(table: str, column: Column) -> str:
    """What a column means, how it is written, whether it must be filled in, and its default."""
    lines = [_meaning(table, column), _writing(column)]
    if column.unit and column.unit != column.name:
        lines.append(words("book.note.unit", unit=column.unit))
    if column.required:
        lines.append(words("book.note.required"))
    else:
        default = cell_text(column, column.default)
        lines.append(words("book.note.default", default=default) if default else words("book.note.optional"))
    return "\n".join(line for line in lines if line)


def _meaning(table: str, column: Column) -> str:
    if not column.description:  # a count of the instance
        return words("book.note.count", count=column.name)
    key = f"tables.{table}.{column.name}"
    return (words(key) if has_words(key) else column.description).replace("`", "")


def _writing(column: Column) -> str:
    choices = ", ".join(str(one.value) for one in column.choices or ())
    refs = ", ".join(column.refs)
    if column.kind is Kind.REF and refs in ("network", "places"):
        return words(f"book.note.{refs}")
    return words(f"book.note.kind_{column.kind.value}", choices=choices, refs=refs)


def setting_note(key: Key) -> str:
    """What a key of the settings means."""
    name = re.sub(r"\[+(\w+)\]+ ", r"\1_", key.name)
    text = words(f"tables.plan_toml.{name}") if has_words(f"tables.plan_toml.{name}") else key.description
    return text.replace("`", "")
