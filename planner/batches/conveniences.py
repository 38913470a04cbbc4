"""Verbs that say in one line what would take several changes of tables."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from fractions import Fraction
from zoneinfo import ZoneInfo

from planner.base.clock import parse_instant
from planner.batches.changes import Change, Condition, duration_of, factor_of, nearest
from planner.batches.edits import scale_rows, shift_rows
from planner.batches.text_sheet import text_of, with_cells, with_row, without
from planner.batches.workbench import Workbench
from planner.instance.raw import RawRow, RawTable
from planner.instance.schema import Mode

__all__ = ["close", "deadline", "fewer", "guarantee", "late", "seed", "speed", "weather"]

_TIMES = ("time_s", "time_back_s", "delay_max_s", "delay_back_max_s")
_MOST_LATE_LEGS = 99


def close(bench: Workbench, change: Change) -> None:
    """``close edges [ID…] [from=INSTANT] [until=INSTANT] [where …]``: rows of closures."""
    if change.words[0] != "edges":
        bench.wrong("S406", change, change.words[0], nearest="edges")
        return
    edges = bench.table(change, "edges")
    if edges is not None:
        rows = bench.rows(change, edges, change.words[1:], change.where)
        _add_closures(bench, change, [text_of(edges, row, "id") for row in rows], dict(change.values))


def weather(bench: Workbench, change: Change) -> None:
    """``weather DATE MODE… [from=HH:MM] [until=HH:MM] [where …]``: these modes' edges are closed that day."""
    day, *modes = change.words
    if not _are_modes(bench, change, modes):
        return
    try:
        zone = ZoneInfo(str(bench.settings.get("time_zone", "")))
    except (KeyError, ValueError, OSError):
        return  # reading says so
    limits: dict[str, str] = {}
    for name, usual in (("from", "00:00"), ("until", "24:00")):
        text = change.value(name) or usual
        try:
            limits[name] = _instant_of(date.fromisoformat(day), text, zone)
        except (ValueError, OverflowError):
            bench.wrong("S418", change, f"{day} {text}")
            return
    edges = bench.table(change, "edges")
    if edges is not None:
        where = (*change.where, Condition("mode", "=", "|".join(modes)))
        rows = bench.rows(change, edges, (), where)
        _add_closures(bench, change, [text_of(edges, row, "id") for row in rows], limits)


def _instant_of(day: date, text: str, zone: ZoneInfo) -> str:
    hours, minutes = text.split(":")
    if not (hours.isdecimal() and minutes.isdecimal() and int(minutes) < 60 and int(hours) <= 24):
        raise ValueError(text)
    span = timedelta(days=int(hours) // 24, hours=int(hours) % 24, minutes=int(minutes))
    then = datetime.combine(day + timedelta(days=span.days), datetime.min.time(), tzinfo=zone)
    return (then + timedelta(seconds=span.seconds)).isoformat(timespec="seconds")


def _are_modes(bench: Workbench, change: Change, modes: list[str]) -> bool:
    wrong = [one for one in modes if one not in list(Mode)]
    for one in wrong:
        bench.wrong("S419", change, one, nearest=nearest(one, list(Mode)))
    return not wrong


def _add_closures(bench: Workbench, change: Change, edges: list[str], limits: dict[str, str]) -> None:
    closures = bench.table(change, "closures")
    if closures is None:
        return
    taken = {text_of(closures, row, "id") for row in closures.rows}
    for edge in edges:
        number = 1
        while (name := f"change-{number}:{edge}") in taken:
            number += 1
        taken.add(name)
        closures = with_row(closures, {"id": name, "edge": edge} | limits | {"note": change.text})
    if edges:
        bench.put(closures)


def speed(bench: Workbench, change: Change) -> None:
    """``speed MODE FACTOR [where …]``: times and largest delays of its edges ÷ factor.

    Without conditions also known trips of vehicle types that have no other mode.
    """
    mode, text = change.words
    factor = factor_of(text)
    if factor is None or factor <= 0:
        bench.wrong("S411", change, text)
        return
    edges = bench.table(change, "edges")
    if not _are_modes(bench, change, [mode]) or edges is None:
        return
    rows = bench.rows(change, edges, (), (*change.where, Condition("mode", "=", mode)))
    bench.put(scale_rows(edges, rows, dict.fromkeys(_TIMES, 1 / factor)))
    vehicles, known = bench.table(change, "vehicles"), bench.table(change, "known_trips")
    if not change.where and vehicles is not None and known is not None and known.rows:
        only = {
            text_of(vehicles, row, "id") for row in vehicles.rows if text_of(vehicles, row, "modes") == mode
        }
        mine = [row for row in known.rows if text_of(known, row, "vehicle") in only]
        bench.put(scale_rows(known, mine, {"hours": 1 / factor}))


def late(bench: Workbench, change: Change) -> None:
    """``late ITEM… by=DURATION|until=INSTANT [where …]``: stock comes so much later, or not before."""
    stock = bench.table(change, "stock")
    by, until = change.value("by"), change.value("until")
    if stock is None:
        return
    if (by is None) is (until is None):
        bench.wrong("S405", change, what="late ITEM… by=24h | until=INSTANT")
        return
    where = (Condition("item", "=", "|".join(change.words)), *change.where)
    if by is not None:
        span_s = duration_of(by)
        if span_s is None:
            bench.wrong("S413", change, by)
            return
        rows = bench.rows(change, stock, (), where)
        shift_rows(bench, change, stock, rows, {"available": span_s})
    else:
        rows = bench.rows(change, stock, (), where)
        later = [row for row in rows if _is_before(text_of(stock, row, "available"), until or "")]
        bench.put(with_cells(stock, {row.line: {"available": until or ""} for row in later}))
    bench.put(_joined(bench.tables["stock"]))


def _joined(stock: RawTable) -> RawTable:
    """The table with all that comes to a warehouse at the same moment in one row for each item."""
    first: dict[tuple[object, ...], RawRow] = {}
    total: dict[int, int] = {}
    gone = []
    for row in stock.rows:
        warehouse, item, available, quantity = (
            text_of(stock, row, name) for name in ("warehouse", "item", "available", "quantity")
        )
        if not quantity.isdecimal():
            continue  # reading says so
        try:
            moment: object = available and parse_instant(available)
        except ValueError:
            moment = available  # reading says so
        held = first.setdefault((warehouse, item, moment), row)
        total[held.line] = total.get(held.line, 0) + int(quantity)
        gone += [row] if held is not row else []
    cells = {line: {"quantity": str(number)} for line, number in total.items()}
    return without(with_cells(stock, cells), gone) if gone else stock


def _is_before(text: str, until: str) -> bool:
    """Whether what comes at a time comes before another; what cannot be read is left to the reading."""
    try:
        return not text or parse_instant(text) < parse_instant(until)
    except ValueError:
        return True


def fewer(bench: Workbench, change: Change) -> None:
    """``fewer vehicles [ID…] by=SHARE|NUMBER [where …]``: of all that are meant, so many are gone."""
    if change.words[0] != "vehicles":
        bench.wrong("S406", change, change.words[0], nearest="vehicles")
        return
    vehicles = bench.table(change, "vehicles")
    text = change.value("by") or ""
    share = factor_of(text)
    if vehicles is None:
        return
    rows = bench.rows(change, vehicles, change.words[1:], change.where)
    numbers = {row.line: _whole(text_of(vehicles, row, "number")) for row in rows}
    total = sum(numbers.values())
    is_number = text.isdecimal()
    if share is None or share > (total if is_number else 1):
        if rows or share is None:
            bench.wrong("S420", change, text, number=total)
        return
    lost = int(share) if is_number else int((2 * share * total + 1) // 2)
    gone = _shared_out(numbers, lost)
    bench.put(with_cells(vehicles, {line: {"number": str(numbers[line] - gone[line])} for line in numbers}))


def _whole(text: str) -> int:
    return int(text) if text.isdecimal() and len(text) < 13 else 0


def _shared_out(numbers: dict[int, int], lost: int) -> dict[int, int]:
    """So many of each as is its share, rounded down; the rest by the largest remainders, then by order."""
    total = sum(numbers.values())
    if not total:
        return dict.fromkeys(numbers, 0)
    shares = {line: Fraction(lost * number, total) for line, number in numbers.items()}
    found = {line: int(share) for line, share in shares.items()}
    order = sorted(shares, key=lambda line: found[line] - shares[line])
    for line in order[: lost - sum(found.values())]:
        found[line] += 1
    return found


def deadline(bench: Workbench, change: Change) -> None:
    """``deadline INSTANT`` sets that of plan.toml; ``deadline -24h`` moves it and all rows of deadlines."""
    text = change.words[0]
    span_s = duration_of(text)
    if span_s is None:
        bench.settings["deadline"] = text  # reading says where it is no instant
        return
    try:
        held = bench.settings.get("deadline")
        moved = (held if isinstance(held, datetime) else parse_instant(str(held))) + timedelta(seconds=span_s)
        bench.settings["deadline"] = moved.isoformat(timespec="seconds")
    except (ValueError, OverflowError):
        return  # reading says so
    rows = bench.table(change, "deadlines")
    if rows is not None and rows.rows:
        shift_rows(bench, change, rows, rows.rows, {"deadline": span_s})


def guarantee(bench: Workbench, change: Change) -> None:
    """``guarantee NUMBER``: late legs that each vehicle must withstand, as ``--guarantee`` asks."""
    text = change.words[0]
    if not text.isdecimal() or int(text) > _MOST_LATE_LEGS:
        bench.wrong("S421", change, text, most=_MOST_LATE_LEGS)
        return
    bench.guarantee = int(text)


def seed(bench: Workbench, change: Change) -> None:
    """``seed NUMBER``: the start of all random numbers, as ``--seed``."""
    text = change.words[0]
    if not text.isdecimal() or len(text) > 9:
        bench.wrong("S421", change, text, most=999_999_999)
        return
    bench.seed = int(text)
