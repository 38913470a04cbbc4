"""A status as sentences and tables for people, narrow enough for 80 columns."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from planner.base.clock import Clock
from planner.base.text import words
from planner.instance.call_signs import call_signs
from planner.instance.schema import Contact, Instance
from planner.outputs.figures import duration, moment, number
from planner.outputs.history import news_lines, news_of_state
from planner.outputs.knowledge import people_text
from planner.outputs.now_what import BETWEEN_PEOPLE, Act, contacts_text, tasks
from planner.outputs.status import Arrival, Standing
from planner.proof.knowledge import Sure
from planner.replanning.state import Assume

__all__ = ["Table", "status_lines", "status_tables", "tasks_table"]

_FEW = 15
_MOST_CALLED = 3


@dataclass(frozen=True, slots=True)
class Table:
    """A table to be printed; each column has a heading and whether it is a number.

    Parameters
    ----------
    vehicles
        Ids of the vehicles that stand in it by their call signs.
    left_out
        So many rows are not shown.
    note
        A line below it.
    """

    title: str
    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    vehicles: tuple[str, ...] = ()
    left_out: int = 0
    note: str = ""


def status_lines(standing: Standing, plan: str) -> Iterator[str]:
    """The sentences before the tables."""
    state, clock = standing.state, standing.state.instance.clock
    counts = {sure.value: number(many) for sure, many in standing.counts.items()}
    bulk = words("status.in_bulk", bulk=counts["bulk"]) if standing.counts[Sure.BULK] else ""
    yield words("status.sentence", plan=plan, now=moment(state.now_s, clock), **{**counts, "bulk": bulk})
    late = [name for name, on_time in state.on_time.items() if not on_time]
    missing = sum(state.received_s[name] is None for name in late)
    yield words(
        "status.expected",
        on_time=number(len(state.on_time) - len(late)),
        regions=number(len(state.on_time)),
        late=number(len(late) - missing),
        missing=number(missing),
    )
    if standing.bulk_by:
        yield words("knowledge.bulk_by", people=people_text(standing.bulk_by))
    got = standing.received
    yield words(
        "status.received",
        confirmed=number(got[Sure.CONFIRMED]),
        bulk=words("status.in_bulk", bulk=number(got[Sure.BULK])) if got[Sure.BULK] else "",
        assumed=number(got[Sure.ASSUMED] + got[Sure.OVERDUE]),
        future=number(got[Sure.FUTURE]),
    )
    yield words("status.assume" if state.assume is Assume.PLANNED else "status.assume_nothing")
    if state.events:
        last = max(one.time_s for one in state.events)
        yield words("status.reports", number=len(state.events), age=duration(state.now_s - last))
    else:
        yield words("status.no_reports")
    yield from news_lines(news_of_state(state))


def status_tables(standing: Standing, *, everything: bool = False) -> Iterator[Table]:
    """The tables, each with its first rows only unless everything is asked for; at last the call signs."""
    yield from (_stops_by_area(standing), _regions_by_area(standing))
    shown: list[str] = []
    for table in (
        _arrivals(standing),
        _overdue(standing),
        _vehicles(standing),
        _broken(standing),
        _stuck(standing),
    ):
        if table.rows:
            one = table if everything else _first(table)
            shown += one.vehicles
            yield one
    if shown:
        yield _signs(standing.state.instance, shown)


def tasks_table(standing: Standing, *, everything: bool = False) -> Iterator[Table]:
    """What to do now, what harms most first, and the call signs in it; nothing where there is nothing."""
    found = tasks(standing)
    vehicles = tuple(one.subject if one.act is Act.CALL else "" for one in found)
    rows = tuple(
        (
            words(f"status.act.{one.act.value}"),
            one.text,
            number(one.weight),
            number(len(one.regions)),
            _called(one.contacts),
        )
        for one in found
    )
    columns = _columns("act", "about", "weight", "regions", "call", numbers=("weight", "regions"))
    calls = [one.act is Act.CALL for one in found]
    table = _with_contacts(Table(words("status.title.now_what"), columns, rows, vehicles), calls)
    if rows:
        one = table if everything else _first(table)
        yield one
        if any(one.vehicles):
            yield _signs(standing.state.instance, one.vehicles)


def _first(table: Table) -> Table:
    """A table with its first rows only."""
    kept = table.rows[:_FEW]
    return replace(table, rows=kept, vehicles=table.vehicles[:_FEW], left_out=len(table.rows) - len(kept))


def _called(contacts: Sequence[Contact]) -> str:
    """Those who are to be called first, and how many more there are."""
    more = len(contacts) - _MOST_CALLED
    left = words("status.task.more", more=number(more)) if more > 0 else ""
    return contacts_text(contacts[:_MOST_CALLED]) + left


def _with_contacts(table: Table, calls: Sequence[bool] = ()) -> Table:
    """A table whose last column says whom to call; where nobody is known that is said once, below it.

    Parameters
    ----------
    calls
        For each row whether somebody is to be called; empty: for each of them.
    """
    without = sum(
        not row[-1] for row, call in zip(table.rows, calls or [True] * len(table.rows), strict=True) if call
    )
    if not without:
        return _named_once(table)
    if any(row[-1] for row in table.rows):
        return _named_once(replace(table, note=words("status.no_contact", number=number(without))))
    rows = tuple(row[:-1] for row in table.rows)
    return replace(table, columns=table.columns[:-1], rows=rows, note=words("status.no_contacts"))


def _named_once(table: Table) -> Table:
    """A table that names each person where he stands first only."""
    seen: dict[str, None] = {}
    rows = []
    for row in table.rows:
        people = row[-1].split(BETWEEN_PEOPLE) if row[-1] else []
        new = [one for one in people if one not in seen]
        seen.update(dict.fromkeys(new))
        rows.append((*row[:-1], BETWEEN_PEOPLE.join(new) or (words("status.above") if people else "")))
    return replace(table, rows=tuple(rows))


def _signs(instance: Instance, vehicles: Iterable[str]) -> Table:
    """What call signs mean."""
    signs = call_signs(instance)
    names = {one.id: one.name for one in instance.vehicles}
    rows = tuple(
        (signs.of(one), one, names.get(one.rpartition("-")[0], ""))
        for one in sorted(set(vehicles) - {""})
        if signs.of(one)
    )
    return Table(words("status.title.signs"), _columns("sign", "vehicle", "kind"), rows)


def _columns(*names: str, numbers: Sequence[str] = ()) -> tuple[tuple[str, bool], ...]:
    return tuple((words(f"status.column.{name}"), name in numbers) for name in names)


def _ago(standing: Standing, moment_s: int | None) -> str:
    if moment_s is None:
        return "–"
    return words("status.ago", duration=duration(max(0, standing.state.now_s - moment_s)))


def _at(moment_s: int | None, clock: Clock) -> str:
    return words("status.never") if moment_s is None else moment(moment_s, clock)


def _stops_by_area(standing: Standing) -> Table:
    rows = tuple(
        (
            one.name or "–",
            *(number(one.stops[sure]) for sure in Sure),
            _ago(standing, one.last_report_s),
        )
        for one in standing.areas
    )
    figures = tuple(sure.value for sure in Sure)
    return Table(words("status.title.stops"), _columns("area", *figures, "report", numbers=figures), rows)


def _regions_by_area(standing: Standing) -> Table:
    figures = ("on_time", "late", "missing")
    rows = tuple(
        (one.name or "–", number(one.on_time), number(one.late), number(one.missing))
        for one in standing.areas
    )
    return Table(words("status.title.regions"), _columns("area", *figures, numbers=figures), rows)


def _region_name(one: Arrival) -> str:
    part = one.region.subarea_name or one.region.subarea
    return f"{one.region.name} ({part})" if part else one.region.name


def _arrivals(standing: Standing) -> Table:
    clock = standing.state.instance.clock
    rows: tuple[tuple[str, ...], ...] = tuple(
        (
            _region_name(one),
            _at(one.expected_s, clock),
            moment(one.deadline_s, clock),
            words("status.state", time=_in_time(one), known=words(f"status.known.{one.known.value}")),
            one.why,
        )
        for one in standing.arrivals
    )
    columns = _columns("region", "expected", "deadline", "state", "why")
    if any(row[-1] for row in rows):
        return Table(words("status.title.arrivals"), columns, rows)
    return Table(words("status.title.arrivals"), columns[:-1], tuple(row[:-1] for row in rows))


def _in_time(one: Arrival) -> str:
    return words("status.column.on_time" if one.on_time else "status.column.late").lower()


def _name(instance: Instance, node: str) -> str:
    return instance.place_name_of.get(node, node)


def _sign(instance: Instance, vehicle: str) -> str:
    return call_signs(instance).of(vehicle) or vehicle


def _overdue(standing: Standing) -> Table:
    instance = standing.state.instance
    rows = tuple(
        (
            _sign(instance, one.row.trip.planned.vehicle_id),
            _name(instance, one.row.stop.node_id),
            f"{moment(one.since_s, instance.clock)}, {_ago(standing, one.since_s)}",
            _ago(standing, one.row.trip.last_report_s),
            contacts_text(one.contacts),
        )
        for one in standing.overdue
    )
    columns = _columns("vehicle", "place", "since", "report", "call")
    vehicles = tuple(one.row.trip.planned.vehicle_id for one in standing.overdue)
    return _with_contacts(Table(words("status.title.overdue"), columns, rows, vehicles))


def _vehicles(standing: Standing) -> Table:
    instance = standing.state.instance
    rows = tuple(
        (
            _sign(instance, one.vehicle),
            _name(instance, one.next_place),
            _at(one.next_s, instance.clock),
            number(one.overdue),
            _heard(standing, one.last_report_s, one.silent_since_s),
        )
        for one in standing.vehicles
    )
    columns = _columns("vehicle", "next", "arrives", "overdue", "heard", numbers=("overdue",))
    return Table(
        words("status.title.vehicles"), columns, rows, tuple(one.vehicle for one in standing.vehicles)
    )


def _heard(standing: Standing, report_s: int | None, silent_s: int | None) -> str:
    if silent_s is not None:
        return words("status.silent", since=moment(silent_s, standing.state.instance.clock))
    return _ago(standing, report_s)


def _broken(standing: Standing) -> Table:
    instance = standing.state.instance
    rows = tuple(
        (
            _sign(instance, one.vehicle_id),
            one.trip_id,
            _name(instance, one.node_id),
            moment(one.at_s, instance.clock),
            ", ".join(dict.fromkeys(_name(instance, item.region_id) for item in one.deliveries)),
        )
        for one in standing.state.broken
    )
    columns = _columns("vehicle", "trip", "stands", "stopped", "aboard")
    vehicles = tuple(one.vehicle_id for one in standing.state.broken)
    return Table(words("status.title.broken"), columns, rows, vehicles)


def _stuck(standing: Standing) -> Table:
    instance = standing.state.instance
    of_trip = {one.planned.id: one.planned for one in standing.state.trips}
    vehicles = tuple(of_trip[name].vehicle_id for name in standing.state.stuck)
    rows = tuple(
        (
            _sign(instance, vehicle),
            name,
            words(f"status.stuck.{why.value}", trip=name, vehicle=_sign(instance, vehicle)),
        )
        for vehicle, (name, why) in zip(vehicles, standing.state.stuck.items(), strict=True)
    )
    return Table(words("status.title.stuck"), _columns("vehicle", "trip", "why"), rows, vehicles)
