"""Reports about ways: closures, openings and speeds, as rows of the tables."""

from __future__ import annotations

from dataclasses import replace

from planner.events.schema import Event
from planner.instance.schema import Closure, Edge, Instance

__all__ = ["with_closure", "with_opening", "with_speed"]


def with_closure(instance: Instance, event: Event) -> Instance:
    """`closure`: edges closed for a time, or for good."""
    rows = tuple(
        Closure(
            id=f"{event.id}:{edge}", edge=edge, from_s=event.begins_s, until_s=event.until_s, note=event.note
        )
        for name in event.subject
        for edge in _same(instance, name)
    )
    return replace(instance, closures=(*instance.closures, *rows))


def with_opening(instance: Instance, event: Event) -> Instance:
    """`opened`: closures of the edges that hold then end, and later ones that are known fall away."""
    edges = {edge for name in event.subject for edge in _same(instance, name)}
    rows = []
    for row in instance.closures:
        if row.edge in edges and (row.until_s is None or row.until_s > event.begins_s):
            if (row.from_s or 0) >= event.begins_s:
                continue
            rows.append(replace(row, until_s=event.begins_s))
        else:
            rows.append(row)
    return replace(instance, closures=tuple(rows))


def _same(instance: Instance, name: str) -> tuple[str, ...]:
    """An edge, and its double with another speed."""
    return tuple(one.id for one in instance.edges if name in (one.id, one.double_of))


def with_speed(instance: Instance, event: Event) -> Instance:
    """`speed`: edges, all edges of a mode, or a vehicle type are slower or faster by a percentage.

    Notes
    -----
    Without `from` and `until` it holds throughout. Else an edge gets a double with the other speed, and
    each of the two is closed while the other holds: whoever is on the way when the speed changes must have
    entered so early that he passes it at the speed of then. Of a type the edges of its modes have doubles
    that only it may take, and must while they hold. Whether for a time or throughout, a type takes the same
    seconds: its speed is multiplied by all that is told, and the time of an edge is rounded once.
    """
    percent = int(event.value)
    edges = [
        one for one in instance.edges if not {one.id, one.double_of, one.mode.value}.isdisjoint(event.subject)
    ]
    if event.begins_s <= event.time_s and event.until_s is None:
        vehicles = tuple(
            replace(one, told_percents=(*one.told_percents, percent)) if one.id in event.subject else one
            for one in instance.vehicles
        )
        return _everywhere(replace(instance, vehicles=vehicles), edges, percent)
    instance = _for_a_time(instance, event, edges, percent) if edges else instance
    for kind in instance.vehicles:
        if kind.id in event.subject:
            mine = [one for one in instance.edges if one.mode in kind.modes]
            instance = _for_a_time(instance, event, mine, percent, only=kind.id)
    return instance


def _everywhere(instance: Instance, edges: list[Edge], percent: int) -> Instance:
    wanted = {one.id for one in edges}
    rows = tuple(_at_speed(one, percent) if one.id in wanted else one for one in instance.edges)
    return replace(instance, edges=rows)


def _for_a_time(
    instance: Instance, event: Event, edges: list[Edge], percent: int, *, only: str = ""
) -> Instance:
    """Edges with doubles that hold from `from` until `until`: for all, or only for a vehicle type."""
    doubles, closures = [], []
    types = (only,) if only else ()
    others = tuple(one.id for one in instance.vehicles if only and one.id != only)
    begins_s = None if event.begins_s <= event.time_s else event.begins_s
    taken = {one.id for one in instance.edges}
    for one in edges:
        name = f"{one.id}~{event.id}"
        while name in taken:  # somebody has called another edge so
            name += "~"
        slower = (
            replace(one, told_percents=(*one.told_percents, percent)) if only else _at_speed(one, percent)
        )
        double = replace(slower, id=name, double_of=one.double_of or one.id)
        doubles.append(double)
        closures += [
            replace(row, id=f"{row.id}~{event.id}", edge=double.id)
            for row in instance.closures
            if row.edge == one.id
        ]
        closures.append(
            Closure(
                id=f"{event.id}:{one.id}:usual",
                edge=one.id,
                from_s=begins_s,
                until_s=event.until_s,
                types=types,
            )
        )
        if others:
            closures.append(Closure(id=f"{event.id}:{one.id}:others", edge=double.id, types=others))
        if begins_s is not None:
            closures.append(Closure(id=f"{event.id}:{one.id}:before", edge=double.id, until_s=begins_s))
        if event.until_s is not None:
            closures.append(Closure(id=f"{event.id}:{one.id}:after", edge=double.id, from_s=event.until_s))
    return replace(instance, edges=(*instance.edges, *doubles), closures=(*instance.closures, *closures))


def _at_speed(edge: Edge, percent: int) -> Edge:
    """The edge with its times at a speed, rounded up to a second; its largest delays stay."""
    back = edge.time_back_s
    return replace(
        edge,
        time_s=max(1, -(-edge.time_s * 100 // percent)),
        time_back_s=None if back is None else max(1, -(-back * 100 // percent)),
    )
