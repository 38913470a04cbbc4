"""What of a replan is known and what is only believed, in words and as a table."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from planner.base.text import words
from planner.instance.call_signs import CallSigns, call_signs
from planner.instance.schema import Instance
from planner.outputs.figures import moment, number
from planner.proof.knowledge import Counts, Knowledge

__all__ = [
    "bulk_lines",
    "knowledge_clause",
    "knowledge_columns",
    "knowledge_lines",
    "knowledge_rows",
    "people_text",
    "silence_lines",
]

_MOST_SILENT = 8
_FIGURES = ("confirmed", "bulk", "assumed", "overdue", "future")


def knowledge_clause(known: Knowledge | None) -> str:
    """A part of the sentence of an answer; empty where nothing was due, or the plan is no replan."""
    if known is None or known.stops.future == _total(known.stops):
        return ""
    regions = known.regions
    return words(
        "knowledge.clause",
        confirmed=number(regions.confirmed),
        bulk=words("knowledge.in_bulk", bulk=number(regions.bulk)) if regions.bulk else "",
        assumed=number(regions.assumed + regions.overdue),
        future=number(regions.future),
        overdue=number(known.stops.overdue),
    )


def knowledge_lines(known: Knowledge | None, instance: Instance) -> Iterator[str]:
    """Yield what is known in a line, and who is silent; nothing where nothing was due."""
    clause = knowledge_clause(known)
    if clause:
        yield words("knowledge.line", clause=clause.removeprefix("; "))
    yield from bulk_lines(known)
    yield from silence_lines(known, instance)


def bulk_lines(known: Knowledge | None) -> Iterator[str]:
    """Yield who confirmed in bulk, and how many stops; nothing where nobody did."""
    if known is not None and known.bulk_by:
        yield words("knowledge.bulk_by", people=people_text(known.bulk_by))


def people_text(rows: Iterable[tuple[str, int]]) -> str:
    """Names with numbers: `Sari 10, Budi 2`."""
    return ", ".join(f"{by or '–'} {number(stops)}" for by, stops in rows)


def _total(counts: Counts) -> int:
    return sum(getattr(counts, name) for name in _FIGURES)


def knowledge_columns() -> list[tuple[str, bool]]:
    """Titles of the table, and whether a column is of numbers."""
    return [("", False), *((words(f"knowledge.column.{name}"), True) for name in _FIGURES)]


def knowledge_rows(known: Knowledge) -> list[tuple[str, ...]]:
    """Cells of the table: regions and stops, by how sure they are."""
    return [
        (words(f"knowledge.row.{name}"), *(number(getattr(counts, one)) for one in _FIGURES))
        for name, counts in (("regions", known.regions), ("stops", known.stops))
    ]


def silence_lines(known: Knowledge | None, instance: Instance) -> Iterator[str]:
    """Yield the line that names vehicles of which nothing is heard, the longest silent first."""
    if known is None or not known.silent:
        return
    rows, signs = known.silent[:_MOST_SILENT], call_signs(instance)
    named = [
        words(
            "knowledge.silent_since",
            vehicle=_called(one.vehicle, signs),
            since=moment(one.since_s, instance.clock),
        )
        for one in rows
    ]
    left = len(known.silent) - len(rows)
    more = words("knowledge.more", number=number(left)) if left else ""
    yield words("knowledge.silent", vehicles="; ".join(named) + more)


def _called(vehicle: str, signs: CallSigns) -> str:
    return signs.of(vehicle) or vehicle
