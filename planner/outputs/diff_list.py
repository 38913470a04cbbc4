"""The change list: one row for each recipient and contact, in the order of time, for a spreadsheet."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planner.base.clock import Clock
from planner.base.safe_text import csv_text
from planner.base.text import words
from planner.outputs.diff_names import DiffNames
from planner.outputs.diff_words import Message

__all__ = ["COLUMNS", "change_list"]

COLUMNS = ("recipient", "id", "name", "area", "contact", "phone", "time", "change", "message")
_MARK = "\ufeff"  # tells spreadsheets that the text is UTF-8


def change_list(told: Sequence[Message], names: DiffNames, clock: Clock) -> str:
    """CSV text of what must be told; who has several contacts has several rows, without any one row.

    Notes
    -----
    Local time without offset, which spreadsheets understand; telephone numbers in groups, which they leave as
    they are.
    A cell that a spreadsheet would take for a formula begins with an apostrophe.
    """
    rows = [tuple(words(f"diff.list.{name}") for name in COLUMNS)]
    for one in told:
        if not one.counts:
            continue
        areas = dict.fromkeys(area for region in one.regions if (area := names.area(region)))
        people = [(who.name, grouped(who.phone)) for who in names.contacts(*one.called)] or [("", "")]
        for name, phone in people:
            row = (
                words(f"diff.list.{one.recipient}"),
                one.id,
                one.name,
                ", ".join(areas),
                name,
                phone,
                f"{clock.instant(one.at_s):%Y-%m-%d %H:%M}",
                ", ".join(words(f"diff.what.{what.value}") for what in one.what),
                one.text,
            )
            rows.append(row)
    return _MARK + csv_text(rows, separator=names.separator, line_end="\r\n")


def grouped(phone: str) -> str:
    """A telephone number in groups of four, so that no leading zero or plus is lost.

    Examples
    --------
    >>> grouped("081234567890")
    '0812 3456 7890'
    >>> grouped("+6281234567890")
    '+62 8123 4567 890'
    >>> grouped("0541 123456")
    '0541 123456'
    """
    if not re.fullmatch(r"\+?\d{6,}", phone):
        return phone
    head, rest = (phone[:3], phone[3:]) if phone.startswith("+") else ("", phone)
    groups = [rest[at : at + 4] for at in range(0, len(rest), 4)]
    return " ".join(part for part in (head, *groups) if part)
