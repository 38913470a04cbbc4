"""``plan scan``: boxes that were scanned at a hand-over; what is wrong with them, and what it means."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from planner.base.errors import ExitCode, Fault, InputError, Severity
from planner.base.safe_text import label_text
from planner.base.text import words
from planner.cli.in_force import now_of, warn_of_another
from planner.cli.options import instance_option, json_option, path_option
from planner.cli.terminal import say, say_json

if TYPE_CHECKING:
    from planner.custody.ledger import Custody
    from planner.custody.lists import Act, ScanList
    from planner.custody.reading import Mapped, Row
    from planner.custody.ways import Ways
    from planner.events.names import Names
    from planner.events.schema import Event
    from planner.plans.locate import Found

__all__ = ["command"]

_STDIN = "-"
_TOLD = ("act", "place", "vehicle", "time", "by", "note")  # columns that an option gives for all rows
_PLACES = ("region", "hub", "warehouse", "node")
_APART_S = 3600  # between two lists of one hand-over's kind


def command() -> click.Command:
    """The verb."""
    options: list[click.Parameter] = [
        click.Argument(["source"], required=False),
        path_option("--plan", text="cli.scan.plan"),
        *(
            click.Option([f"--{name}"], default="", help=words(f"cli.scan.{name}"))
            for name in ("act", "place", "vehicle", "by", "time", "note")
        ),
        click.Option(["--code", "codes"], multiple=True, help=words("cli.scan.code")),
        click.Option(["--more"], is_flag=True, help=words("cli.scan.more")),
        path_option("--events", text="cli.event.events"),
        instance_option("cli.event.instance"),
        json_option(),
    ]
    return click.Command("scan", callback=_run, params=options, help=words("cli.scan.help"))


def _run(
    source: str | None,
    plan: Path | None,
    events: Path | None,
    folder: Path | None,
    *,
    codes: tuple[str, ...],
    more: bool,
    as_json: bool,
    **told: str,
) -> int:
    from planner.cli.printing import show_faults
    from planner.cli.store import make_store
    from planner.custody.desk import custody_of, fault_of, ways_of
    from planner.custody.lists import enter
    from planner.plans.locate import find
    from planner.store.place import has_store

    found = find(plan, folder, events)
    warn_of_another(found)
    ways = ways_of(found)
    table = source if source not in (None, _STDIN) else words("scan.typed")
    new = _lists(found, ways, _rows(source, codes, table, found, ways), told, table, is_whole=not more)
    if not has_store(found.path.parent):
        ledger, _ = make_store(found.path.parent)
        say(words("cli.scan.store", where=ledger.where), err=True)
    lists, fresh = enter(found.path.parent, new, found.clock)
    custody = custody_of(found)
    assert custody is not None
    reports, refused = _reported(found, custody, lists, told["time"])
    ids = {one.id for one in lists}
    findings = [one for one in custody.findings if one.list_id in ids]
    faults = [fault_of(one, custody, found.instance, one.list_id) for one in findings] + refused
    if as_json:
        say_json(_document(found, custody, lists, fresh, faults, reports))
    else:
        _say(found, custody, lists, fresh, reports)
        if faults:
            show_faults(faults)
    is_wrong = any(one.severity is Severity.ERROR for one in faults)
    return int(ExitCode.CHECK_FAILED if is_wrong else ExitCode.OK)


def _rows(
    source: str | None, codes: Sequence[str], table: str, found: Found, ways: Ways
) -> tuple[tuple[Row, ...], Mapped]:
    """What was scanned, row by row.

    Raises
    ------
    InputError
        If nothing was (H121), or it cannot be read.
    """
    from planner.custody.desk import is_label_of
    from planner.custody.reading import Row, read_mapped, read_rows
    from planner.instance.boxes import as_scanned

    mapped = read_mapped(found.folder)
    rows = tuple(Row(at, {"code": label_text(code).strip()}) for at, code in enumerate(codes, 1))
    if source is not None or not codes:
        read = read_rows(
            _text(source),
            table,
            mapped,
            lambda code: as_scanned(code) in ways.box_of,
            lambda code, line: is_label_of(ways, found.instance, code, line),
        )
        if read.left_out:
            say(words("cli.scan.left_out", columns=", ".join(read.left_out)), err=True)
        rows += read.rows
    if not rows:
        raise InputError([Fault("H121", table)])
    return rows, mapped


def _text(source: str | None) -> str:
    """What a file has, or what is typed or scanned into the terminal until its end."""
    from planner.base.opening import FileSort, content_of

    if source in (None, _STDIN):
        if sys.stdin.isatty():
            say(words("cli.scan.ready"), err=True)
        content = sys.stdin.buffer.read(FileSort.REPORTS + 1)
        if len(content) > FileSort.REPORTS:
            raise InputError([Fault("H121", _STDIN)])
    else:
        content = content_of(Path(str(source)), FileSort.REPORTS)
    return content.decode("utf-8-sig", errors="replace")


def _lists(
    found: Found,
    ways: Ways,
    read: tuple[tuple[Row, ...], Mapped],
    told: Mapping[str, str],
    table: str,
    *,
    is_whole: bool,
) -> list[ScanList]:
    """Lists of rows: those of one act, place, vehicle and person, no more than an hour apart.

    Raises
    ------
    InputError
        With everything that is wrong with a row or an option (H120 to H126, E908, E909).
    """
    from planner.custody.lists import Line, ScanList
    from planner.events.names import Names

    rows, mapped = read
    names, here_s = Names(found.instance, found.plan), now_of(found)
    faults: dict[tuple[str, str, str], Fault] = {}
    groups: dict[tuple[Act, str, str, str], list[tuple[int, Line, str]]] = {}
    meant: dict[tuple[str, ...], tuple[Act, str, str, str, int] | list[Fault]] = {}
    for row in rows:
        cells = tuple(told.get(name, "") or row.cells.get(name, "") for name in _TOLD)
        if cells not in meant:
            meant[cells] = _meant(
                dict(zip(_TOLD, cells, strict=True)), mapped, names, found, here_s, table, row
            )
        one = meant[cells]
        if isinstance(one, list):
            for fault in one:
                faults.setdefault((fault.code, fault.column or "", fault.value or ""), fault)
            continue
        is_broken = mapped.is_broken(row.cells.get("condition", ""))
        line = Line(row.cells["code"], row.cells.get("seal", ""), is_broken)
        groups.setdefault(one[:4], []).append((one[4], line, cells[-1]))
    if faults:
        raise InputError(faults.values())
    made = []
    for (act, place, vehicle, by), group in groups.items():
        for part in _apart(group):
            at_s = max(at for at, _, _ in part)
            notes = dict.fromkeys(note for _, _, note in part if note)
            lines = tuple(line for _, line, _ in part)
            made.append(ScanList(act, place, vehicle, at_s, by, lines, is_whole, "; ".join(notes)))
    return made


def _apart(group: Sequence[tuple[int, Any, str]]) -> list[list[tuple[int, Any, str]]]:
    """Rows in time, divided where nothing was scanned for an hour."""
    parts: list[list[tuple[int, Any, str]]] = []
    for one in sorted(group, key=lambda each: each[0]):
        if not parts or one[0] - parts[-1][-1][0] > _APART_S:
            parts.append([])
        parts[-1].append(one)
    return parts


def _meant(
    cells: Mapping[str, str], mapped: Mapped, names: Names, found: Found, here_s: int, table: str, row: Row
) -> tuple[Act, str, str, str, int] | list[Fault]:
    """What was done where, of which vehicle, by whom, when; or what is wrong with what is told of that."""
    from planner.custody.lists import Act, act_word

    faults: list[Fault] = []

    def wrong(code: str, name: str, **params: object) -> None:
        faults.append(Fault(code, table, row.line, name, cells[name], params))

    def named(name: str, kinds: Sequence[str]) -> str:
        from planner.events.names import UnknownNameError

        try:
            return names.find(cells[name], kinds)[1] if cells[name] else ""
        except UnknownNameError as error:
            params = {"kinds": ", ".join(words(f"events.thing.{kind}") for kind in kinds)}
            near = "; ".join(error.candidates) or "-"
            wrong("E909" if error.ambiguous else "E908", name, nearest=near, **params)
            return ""

    act = mapped.act(cells["act"])
    if act is None:
        wrong("H120", "act", known=", ".join(act_word(one) for one in Act))
    place, vehicle = named("place", _PLACES), named("vehicle", ("vehicle",))
    if not cells["place"]:
        wrong("H125", "place")
    if act is Act.LOADED and not cells["vehicle"]:
        wrong("H124", "vehicle")
    by = label_text(cells["by"]).strip()
    if not by:
        wrong("H126", "by")
    at_s = here_s
    try:
        at_s = now_of(found, cells["time"], here_s)
    except InputError as error:
        wrong(error.faults[0].code, "time", **error.faults[0].params)
    if at_s > here_s:
        wrong("H122", "time", now=found.clock.text(here_s))
    return faults if faults or act is None else (act, place, vehicle, by, at_s)


def _reported(
    found: Found, custody: Custody, lists: Sequence[ScanList], time: str
) -> tuple[list[Event], list[Fault]]:
    """Tell what lists mean for the plan; gives the new reports, and why others were not told."""
    from planner.custody.desk import place_text, receipts
    from planner.events.adding import add_report

    reports, faults = [], []
    for call, cells, lacking in receipts(custody, lists, found.instance):
        place = place_text(found.instance, call.place)
        params = {"trip": call.trip, "place": place, "boxes": lacking}
        if not cells:
            faults.append(Fault("H130", call.trip, None, None, call.place, params, Severity.WARNING))
            continue
        at = {"time": cells["from"]} if time else {}
        try:
            new = add_report(found.events, {**cells, **at}, found.instance, found.plan, now_of(found))
        except InputError as error:
            if any(one.code != "E961" for one in error.faults):  # that one was told before
                why = error.faults[0]
                params |= {"cause": f"{why.code}: {why.cause}"}
                faults.append(Fault("H131", call.trip, None, None, call.place, params, Severity.WARNING))
            continue
        reports.append(new.event)
    return reports, faults


def _say(
    found: Found, custody: Custody, lists: Sequence[ScanList], fresh: Sequence[bool], reports: Sequence[Event]
) -> None:
    from planner.cli.printing import desk_console, say_lines
    from planner.custody.desk import place_text, vehicle_text
    from planner.custody.lists import act_word
    from planner.events.kinds import kind_word
    from planner.outputs.figures import moment, number

    lines = []
    for one, is_new in zip(lists, fresh, strict=True):
        known = {line.code for line in one.lines}
        calls = custody.calls_of(one.id)
        lines.append(
            words(
                "scan.list" if is_new else "scan.known",
                id=one.id,
                boxes=number(len(known)),
                act=act_word(one.act),
                place=place_text(found.instance, one.place),
                vehicle=vehicle_text(found.instance, one.vehicle),
                at=moment(one.at_s, found.clock),
                by=one.by,
                expected=number(len({code for call in calls for code in custody.ways.expected(call)})),
            )
        )
    lines += [
        words(
            "scan.reported",
            id=one.id,
            kind=kind_word(one.kind),
            trip="+".join(one.subject),
            place=place_text(found.instance, one.place),
        )
        for one in reports
    ]
    say_lines(desk_console(), lines)


def _document(
    found: Found,
    custody: Custody,
    lists: Sequence[ScanList],
    fresh: Sequence[bool],
    faults: Sequence[Fault],
    reports: Sequence[Event],
) -> dict[str, object]:
    from planner.cli.failure import fault_document
    from planner.events.rows import cells_of

    listed = [
        {
            "id": one.id,
            "is_new": is_new,
            "act": one.act.value,
            "place": one.place,
            "vehicle": one.vehicle,
            "time": found.clock.text(one.at_s),
            "by": one.by,
            "codes": len(one.lines),
            "trips": [call.trip for call in custody.calls_of(one.id)],
        }
        for one, is_new in zip(lists, fresh, strict=True)
    ]
    ids = {one.id for one in lists}
    found_wrong = [
        {"kind": one.kind.value, "list": one.list_id, "boxes": list(one.codes), "about": one.about}
        for one in custody.findings
        if one.list_id in ids
    ]
    return {
        "lists": listed,
        "found": found_wrong,
        "faults": [fault_document(one) for one in faults],
        "reports": [cells_of(one, found.clock) for one in reports],
        "events_path": str(found.events),
    }
