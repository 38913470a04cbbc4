"""A bulletin in words: head lines, tables and notes in the language in force, the same for all its forms."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

from planner.base.text import words
from planner.outputs.figures import day_text, duration, number
from planner.papers.bulletin.choropleth import percent
from planner.papers.words import day_title

__all__ = ["Cell", "Column", "Sheet", "SheetTable", "cut", "sheet_of"]

_SHORT_HASH = 16
_MOST_CALLED = 3
_FIXED = "\u00a0"  # a space at which no line ends


@dataclass(frozen=True, slots=True)
class Column:
    """A heading; `note` names what it rests on, empty: nothing needs to be said."""

    heading: str
    note: str = ""
    is_number: bool = False


Cell = str


@dataclass(frozen=True, slots=True)
class SheetTable:
    """A table of a bulletin; `left_out` rows are not shown."""

    key: str
    title: str
    note: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    left_out: int = 0
    empty: str = ""


@dataclass(frozen=True, slots=True)
class Sheet:
    """All that is read.

    Parameters
    ----------
    lines
        Sentences below the title, each with the note that it rests on.
    names
        Lists of regions behind figures: a heading, and the names.
    notes
        By name, in the order of their numbers.
    """

    title: str
    subtitle: str
    lines: tuple[tuple[str, str], ...]
    tables: tuple[SheetTable, ...]
    names: tuple[tuple[str, str], ...]
    notes: Mapping[str, str]

    def number(self, note: str) -> int:
        """The number of a note."""
        return list(self.notes).index(note) + 1


def cut(sheet: Sheet, most: int) -> Sheet:
    """The sheet with so many rows of each table but that of areas, and how many are left out of each."""
    tables = (
        one
        if one.key == "areas" or len(one.rows) <= most
        else replace(one, rows=one.rows[:most], left_out=len(one.rows) - most)
        for one in sheet.tables
    )
    return replace(sheet, tables=tuple(tables))


def sheet_of(document: Mapping[str, Any]) -> Sheet:
    """A bulletin in words.

    Parameters
    ----------
    document
        As `planner.papers.bulletin.document.bulletin_document` makes it.
    """
    moment = datetime.fromisoformat(document["now"])
    zones = dict.fromkeys(one["time_zone"] for one in document["plans"])
    subtitle = words(
        "bulletin.subtitle",
        day=day_title(moment.date()),
        hour=f"{moment:%H:%M}",
        zone=f"{moment:%z}"[:3] + ":" + f"{moment:%z}"[3:] + " " + ", ".join(zones),
    )
    names = ", ".join(dict.fromkeys(one["name"] for one in document["plans"]))
    return Sheet(
        words("bulletin.title", name=names),
        subtitle,
        tuple(_lines(document, moment)),
        tuple(_tables(document)),
        tuple(_names(document)),
        dict(_notes(document)),
    )


# ------------------------------------------------------------ lines


def _lines(document: Mapping[str, Any], now: datetime) -> Iterator[tuple[str, str]]:
    total = document["total"]
    shares = [
        words("bulletin.share", what=what, confirmed=number(one["confirmed"]), total=number(one["total"]))
        + f" ({percent(one['confirmed'], one['total'])} %)"
        for what, one in _counted(document, total)
    ]
    yield words("bulletin.line.received", shares="; ".join(shares)), "confirmed"
    planned = [
        words("bulletin.share", what=what, confirmed=number(one["planned"]), total=number(one["total"]))
        for what, one in _counted(document, total)
    ]
    yield words("bulletin.line.planned", shares="; ".join(planned)), "planned"
    regions = total["regions"]
    rest = {name: number(regions[name]) for name in ("bulk", "assumed", "overdue", "future")}
    yield words("bulletin.line.rest", **rest), "assumed"
    if total["at_risk"] is None:
        late = {name: number(total[name]) for name in ("late", "missing")}
        yield words("bulletin.line.late_only", **late), "late"
    else:
        late = {name: number(total[name]) for name in ("late", "missing", "at_risk")}
        yield words("bulletin.line.late", **late), "late"
    reports = number(sum(one["reports"] for one in document["plans"]))
    yield _last_line(total["last_report"], reports, now), "reports"
    yield from ((line, "since") for line in _since_lines(document))


def _last_line(last: str | None, reports: str, now: datetime) -> str:
    if last is None:
        return words("bulletin.line.no_report")
    return words("bulletin.line.reports", number=reports, last=_at(last), age=_age(last, now))


def _counted(document: Mapping[str, Any], row: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, int]]]:
    yield words("bulletin.count.regions"), row["regions"]
    yield document["unit"].upper(), row["units"]
    yield words("bulletin.count.pieces"), row["pieces"]


def _at(text: str | None) -> str:
    if text is None:
        return "–"
    moment = datetime.fromisoformat(text)
    return f"{day_text(moment)} {moment:%H:%M}"


def _age(text: str | None, now: datetime) -> str:
    if text is None:
        return "–"
    return duration(max(0, int((now - datetime.fromisoformat(text)).total_seconds())))


def _day(text: str) -> str:
    return day_text(date.fromisoformat(text)) if text else ""


def _since_lines(document: Mapping[str, Any]) -> Iterator[str]:
    since = document["since"]
    if since is None:
        return
    news = [
        f"{what} {_signed(since[name]['confirmed'])}"
        for name, what in (
            ("regions", words("bulletin.count.regions")),
            ("units", document["unit"].upper()),
            ("pieces", words("bulletin.count.pieces")),
        )
    ]
    figures = {
        name: _signed(len(since[name]["new"]) - len(since[name]["gone"])) for name in ("late", "missing")
    }
    yield words(
        "bulletin.line.since",
        then=_at(since["then"]),
        confirmed=", ".join(news),
        reports=_signed(since["reports"]),
        **figures,
    )
    named = _region_names(document)
    for name in ("late", "missing", "at_risk"):
        if since[name]["new"]:
            listed = ", ".join(named.get(one, one) for one in since[name]["new"])
            yield words(f"bulletin.line.new_{name}", names=listed)
    if since["problems"]["new"] or since["problems"]["gone"]:
        yield words(
            "bulletin.line.problems",
            new=", ".join(since["problems"]["new"]) or "–",
            gone=", ".join(since["problems"]["gone"]) or "–",
        )
    if since["replaced"]:
        yield words("bulletin.line.replaced", plans=", ".join(since["replaced"]))
    if since["others"]:
        yield words("bulletin.line.others", plans=", ".join(since["others"]))


def _signed(value: int) -> str:
    return f"+{number(value)}" if value > 0 else number(value)


def _region_names(document: Mapping[str, Any]) -> Mapping[str, str]:
    return {row["id"]: row["name"] for name in ("late", "missing", "at_risk") for row in document[name]}


# ------------------------------------------------------------ tables


def _tables(document: Mapping[str, Any]) -> Iterator[SheetTable]:
    yield _areas(document)
    if document["late"] or document["missing"]:
        yield _late(document)
    yield _preparation(document)
    yield _problems(document)
    yield _found(document)


def _columns(
    *names: str, numbers: Iterable[str] = (), notes: Mapping[str, str] | None = None
) -> tuple[Column, ...]:
    notes = notes or {}
    return tuple(
        Column(words(f"bulletin.column.{name}"), notes.get(name, ""), name in numbers) for name in names
    )


def _areas(document: Mapping[str, Any]) -> SheetTable:
    now = datetime.fromisoformat(document["now"])
    figures = ("planned", "bulk", "assumed", "overdue", "future", "late", "missing", "at_risk")
    columns = (
        *_columns("number", "area"),
        *(Column(what, "confirmed", is_number=True) for what, _ in _counted(document, document["total"])),
        *_columns(
            *figures,
            "report",
            numbers=figures,
            notes={name: name for name in (*figures[:4], *figures[5:])} | {"report": "reports"},
        ),
    )
    rows = [
        (str(at), row["name"] or "–", *_area_cells(document, row, now))
        for at, row in enumerate(document["groups"], 1)
    ]
    if len(rows) > 1:
        rows.append(("", words("bulletin.total"), *_area_cells(document, document["total"], now)))
    title = words(f"bulletin.table.areas_{document['by']}")
    return SheetTable("areas", title, "", columns, tuple(rows))


def _area_cells(document: Mapping[str, Any], row: Mapping[str, Any], now: datetime) -> Iterator[str]:
    for _, one in _counted(document, row):
        share = percent(one["confirmed"], one["total"])
        yield f"{number(one['confirmed'])}/{number(one['total'])}{_FIXED}{share}{_FIXED}%"
    yield from (number(row["regions"][name]) for name in ("planned", "bulk", "assumed", "overdue", "future"))
    yield number(row["late"])
    yield number(row["missing"])
    yield "–" if row["at_risk"] is None else number(row["at_risk"])
    yield "–" if row["last_report"] is None else words("status.ago", duration=_age(row["last_report"], now))


def _late(document: Mapping[str, Any]) -> SheetTable:
    rows = tuple(
        (
            f"{row['name']} ({row['part']})" if row["part"] else row["name"],
            words("status.never") if row["expected"] is None else _at(row["expected"]),
            _at(row["deadline"]),
            row["why"],
        )
        for row in (*document["missing"], *document["late"])
    )
    columns = _columns("region", "expected", "deadline", "why")
    return SheetTable("late", words("bulletin.table.late"), "late", columns, rows)


def _preparation(document: Mapping[str, Any]) -> SheetTable:
    steps = ("needed", "received", "sorted", "packed")
    rows = tuple(
        (
            row["warehouse_name"],
            row["item_name"],
            _day(row["date"]),
            number(row["needed"]),
            *(
                f"{number(row[step])}{_FIXED}{percent(min(row[step], row['needed']), row['needed'])}{_FIXED}%"
                if row["needed"]
                else number(row[step])
                for step in steps[1:]
            ),
        )
        for row in document["preparation"]
    )
    columns = _columns("warehouse", "item", "day", *steps, numbers=steps)
    empty = words("bulletin.table.no_preparation")
    return SheetTable(
        "preparation", words("bulletin.table.preparation"), "preparation", columns, rows, 0, empty
    )


def _problems(document: Mapping[str, Any]) -> SheetTable:
    rows = tuple(
        (
            row["id"],
            row["place"],
            f"{row['kind']}: {row['text']}" if row["kind"] else row["text"],
            row["responsible"],
            row["action"],
            words("bulletin.past_due", day=_day(row["due"])) if row["past_due"] else _day(row["due"]),
        )
        for row in document["problems"]
    )
    columns = _columns("id", "where", "problem", "responsible", "action", "due")
    empty = words("bulletin.table.no_problems")
    return SheetTable("problems", words("bulletin.table.problems"), "problems", columns, rows, 0, empty)


def _found(document: Mapping[str, Any]) -> SheetTable:
    rows = tuple(
        (
            words(f"status.act.{row['act']}"),
            row["text"],
            number(len(row["regions"])),
            _called(row["contacts"]),
        )
        for row in document["found"]
    )
    columns = _columns("act", "about", "regions", "call", numbers=("regions",))
    empty = words("bulletin.table.no_found")
    return SheetTable("found", words("bulletin.table.found"), "found", columns, rows, 0, empty)


def _called(people: Sequence[Mapping[str, str]]) -> str:
    """Whom to call first, and how many more there are."""
    named = "; ".join(f"{who['name']} {who['phone']}".strip() for who in people[:_MOST_CALLED])
    more = len(people) - _MOST_CALLED
    return named + (words("status.task.more", more=number(more)) if more > 0 else "")


def _names(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Who is behind the figures of regions at risk: those that are late stand in a table of their own."""
    if document["at_risk"]:
        listed = ", ".join(
            f"{row['name']} ({row['part']})" if row["part"] else row["name"] for row in document["at_risk"]
        )
        yield words("bulletin.column.at_risk"), listed


# ------------------------------------------------------------ notes


def _notes(document: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    plans, total = document["plans"], document["total"]
    unit = document["unit"].upper()
    events = _joined(one["events"] for one in plans)
    yield "confirmed", words("bulletin.note.confirmed", events=events, unit=unit)
    names = ", ".join(f"{one['plan']} ({_digest(one['digest'])}{_approved(one)})" for one in plans)
    yield "planned", words("bulletin.note.planned", plans=names)
    people: dict[str, int] = {}
    for one in plans:
        for who, many in one["bulk_by"].items():
            people[who] = people.get(who, 0) + many
    said = ", ".join(f"{who} {number(many)}" for who, many in sorted(people.items()))
    yield "bulk", words("bulletin.note.bulk", people=said or "–")
    believed = {one["assume"] for one in plans}
    assumed = "planned" if believed == {"planned"} else "nothing"
    yield "assumed", words(f"bulletin.note.assumed_{assumed}")
    minutes = _joined(number(one["tolerance_s"] // 60) for one in plans)
    yield "overdue", words("bulletin.note.overdue", minutes=minutes)
    yield "late", words("bulletin.note.late")
    yield "missing", words("bulletin.note.missing")
    key = "no_guarantee" if total["at_risk"] is None else "at_risk"
    yield "at_risk", words(f"bulletin.note.{key}")
    yield "reports", words("bulletin.note.reports", events=events, chain=_chains(plans))
    yield "preparation", words("bulletin.note.preparation")
    yield "problems", words("bulletin.note.problems")
    yield "found", words("bulletin.note.found")
    if document["since"] is not None:
        yield "since", words("bulletin.note.since", then=_at(document["since"]["then"]))


def _joined(texts: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(texts))


def _digest(text: str) -> str:
    return text.removeprefix("sha256:")[:12]


def _approved(plan: Mapping[str, Any]) -> str:
    if plan["approved"] is None:
        return f", {words('bulletin.not_approved')}"
    return f", {words('bulletin.approved', by=plan['approved']['by'], at=_at(plan['approved']['at']))}"


def _chains(plans: Sequence[Mapping[str, Any]]) -> str:
    return _joined(
        words("bulletin.no_chain", plan=one["plan"])
        if one["chain"] is None
        else words(
            "bulletin.chain", entries=number(one["chain"]["entries"]), head=one["chain"]["head"][:_SHORT_HASH]
        )
        for one in plans
    )
