"""A network for any region, modelled from coordinates, access modes, a speed table, lines and barriers."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from planner.base.errors import ExitCode, Fault, InputError, PlannerError
from planner.base.text import words
from planner.instance.schema import (
    Barrier,
    Basis,
    Delay,
    Direction,
    Edge,
    Hub,
    Instance,
    Line,
    Mode,
    ModelSettings,
    Node,
    Region,
    Speed,
    Warehouse,
)
from planner.network.geometry import NO_WALLS, Floats, Pair, forest, great_circle_m, near_pairs, nearest

__all__ = ["NetworkModelError", "model_edges", "replace_edges"]

_LAND = (Mode.ROAD, Mode.FOOT)
_WATER = (Mode.RIVER, Mode.SEA)
_MOST_NAMED = 5


class NetworkModelError(PlannerError):
    """The tables do not say enough to model a network."""

    exit_code = ExitCode.BAD_INPUT


def model_edges(instance: Instance) -> tuple[Edge, ...]:
    """Model the edges of a network.

    Lines are joined first, in their order; their places need no access row for it. Then places with
    road (or foot) access are joined to their nearest neighbours and by a spanning forest, without
    crossing a barrier; places with river (or sea) access off every line are joined to the nearest place on a
    line of that mode, to near ones of their subarea, and by a spanning forest. Aircraft fly along lines only.
    Only a line joins places further apart than ``settings.model.longest_join_m``.

    Parameters
    ----------
    instance
        Uses warehouses, hubs, regions, nodes, access, speeds, lines, barriers, delays and
        ``settings.model``; its edges are ignored.

    Returns
    -------
    tuple of Edge
        At most one edge for each mode and pair of places, in a stable order. A river runs from
        ``from`` to ``to``.

    Raises
    ------
    NetworkModelError
        If the speed table lacks a class that a place or line has, or a line names an unknown place.

    Notes
    -----
    Length is what a line enters, else the great circle times the circuity of the class, downstream; the class
    of a join is the slower one of its two ends. Minutes that a line enters hold both ways. Off a line, away
    from it is upstream.
    Barriers are compared in the plane of longitude and latitude, so that a region across the 180th meridian
    or at a pole is not served. A join that touches a barrier counts as crossing it. A mode of water without
    any line is joined like roads, but over barriers.
    """
    model = _Model(
        places=_places(instance),
        speeds=_Speeds(instance.speeds),
        walls=_walls(instance.barriers),
        settings=instance.settings.model,
    )
    joins = _line_joins(model, instance.lines)
    for mode in _LAND:
        joins += _land_joins(model, mode, [join for join in joins if join.mode is mode])
    for mode in _WATER:
        joins += _water_joins(model, mode, [join for join in joins if join.mode is mode])
    return _edges(model, joins, instance.delays)


def replace_edges(instance: Instance, *, force: bool = False) -> tuple[Edge, ...]:
    """Model the edges that are to replace the instance's own.

    Parameters
    ----------
    instance
        As for `model_edges`.
    force
        Replace entered and measured edges too.

    Raises
    ------
    NetworkModelError
        As `model_edges`, and if there would be no edge at all.
    InputError
        C706 if edges that are entered or measured would be lost, that is, the model makes none of their id.
    """
    edges = model_edges(instance)
    if not edges:
        needed = {"access": instance.access, "speeds": instance.speeds, "lines": instance.lines}
        missing = ", ".join(name for name, rows in needed.items() if not rows)
        key = "no_rows" if missing else "no_edges"
        raise NetworkModelError(words(f"network.model.{key}", tables=missing))
    made = {edge.id for edge in edges}
    lost = [
        edge.id
        for edge in instance.edges
        if edge.basis in (Basis.ENTERED, Basis.MEASURED) and edge.id not in made
    ]
    if lost and not force:
        named = ", ".join(lost[:_MOST_NAMED]) + (" …" if len(lost) > _MOST_NAMED else "")
        raise InputError([Fault("C706", "edges", params={"number": len(lost), "ids": named})])
    return edges


@dataclass(frozen=True, slots=True)
class _Place:
    """A node of the network, with the class of speed for each mode it has access to."""

    id: str
    lat: float
    lon: float
    subarea: str
    classes: Mapping[Mode, str]


@dataclass(frozen=True, slots=True)
class _Join:
    """Two places to be joined, by their positions; ``upper`` is upstream where that matters."""

    upper: int
    lower: int
    mode: Mode
    class_: str
    entered_s: int | None = None
    source: str = ""
    length_m: int | None = None


class _Speeds:
    """The speed table by mode, class and direction."""

    def __init__(self, rows: Iterable[Speed]) -> None:
        self._rows = {(row.mode, row.class_, row.direction): row for row in rows}

    def row(self, mode: Mode, class_: str, direction: Direction) -> Speed:
        """Row of a direction; the row for both directions stands in where there is none."""
        for wanted in (direction, Direction.BOTH):
            found = self._rows.get((mode, class_, wanted))
            if found is not None:
                return found
        raise NetworkModelError(words("network.model.no_speed", mode=mode.value, class_=class_))

    def slower(self, mode: Mode, one: str, other: str) -> str:
        """Class that is slower upstream; the first in the alphabet where they are equal."""
        return min((self.row(mode, each, Direction.UP).speed_m_per_h, each) for each in (one, other))[1]


@dataclass(frozen=True, slots=True)
class _Model:
    """What the joins are made of."""

    places: Sequence[_Place]
    speeds: _Speeds
    walls: Floats
    settings: ModelSettings

    def points(self, members: Iterable[int]) -> Floats:
        """Latitude and longitude of some places, a row each."""
        rows = [(self.places[idx].lat, self.places[idx].lon) for idx in members]
        return np.array(rows, dtype=np.float64).reshape(-1, 2)

    def near(self, members: Sequence[int], walls: Floats) -> set[tuple[int, int]]:
        """Pairs of neighbours, by their positions among the members."""
        return near_pairs(self.points(members), self.settings.neighbours, self.settings.longest_join_m, walls)

    def forest(self, members: Sequence[int], known: list[Pair], walls: Floats) -> set[Pair]:
        """Pairs that connect what the known ones leave apart, by their positions among the members."""
        return forest(self.points(members), known, self.settings.longest_join_m, walls)

    def join(self, upper: int, lower: int, mode: Mode) -> _Join:
        """Join two places by the slower class of the two, or of the one that has the mode."""
        classes = [
            self.places[idx].classes[mode] for idx in (upper, lower) if mode in self.places[idx].classes
        ]
        return _Join(upper, lower, mode, self.speeds.slower(mode, classes[0], classes[-1]))


def _places(instance: Instance) -> list[_Place]:
    """Make all places, each with the access rows of the most exact place that has any."""
    access: dict[str, dict[Mode, str]] = defaultdict(dict)
    for row in instance.access:
        access[row.place][row.mode] = row.class_
    rows: tuple[Warehouse | Hub | Region | Node, ...] = (
        *instance.warehouses,
        *instance.hubs,
        *instance.regions,
        *instance.nodes,
    )
    places = []
    for one in rows:
        subarea, area = (one.subarea, one.area) if isinstance(one, Region) else ("", "")
        classes = next((access[key] for key in (one.id, subarea, area) if key and key in access), {})
        places.append(_Place(one.id, one.lat, one.lon, subarea, classes))
    return places


def _walls(barriers: Iterable[Barrier]) -> Floats:
    """Segments of all barriers, each (lat, lon, lat, lon)."""
    by_barrier: dict[str, list[Barrier]] = defaultdict(list)
    for row in barriers:
        by_barrier[row.barrier].append(row)
    segments = [
        (a.lat, a.lon, b.lat, b.lon)
        for rows in by_barrier.values()
        for a, b in pairwise(sorted(rows, key=lambda row: row.seq))
    ]
    return np.array(segments, dtype=np.float64).reshape(-1, 4)


def _line_joins(model: _Model, lines: Iterable[Line]) -> list[_Join]:
    """Join the places of each line in their order."""
    index = {place.id: idx for idx, place in enumerate(model.places)}
    by_line: dict[str, list[Line]] = defaultdict(list)
    for row in lines:
        if row.node not in index:
            raise NetworkModelError(words("network.model.no_node", line=row.line, node=row.node))
        by_line[row.line].append(row)
    return [
        _Join(
            index[here.node],
            index[after.node],
            here.mode,
            here.class_,
            here.minutes_s,
            here.source,
            here.length_m,
        )
        for rows in by_line.values()
        for here, after in pairwise(sorted(rows, key=lambda row: row.seq))
    ]


def _land_joins(model: _Model, mode: Mode, lines: Iterable[_Join]) -> list[_Join]:
    """Join places with the mode to their neighbours, and by what a spanning forest lacks."""
    members = [idx for idx, place in enumerate(model.places) if mode in place.classes]
    local = {idx: at for at, idx in enumerate(members)}
    known = [
        (local[join.upper], local[join.lower])
        for join in lines
        if join.upper in local and join.lower in local
    ]
    pairs = model.near(members, model.walls) | model.forest(members, known, model.walls)
    return [model.join(members[one], members[other], mode) for one, other in sorted(pairs)]


def _water_joins(model: _Model, mode: Mode, lines: Iterable[_Join]) -> list[_Join]:
    """Join places off the lines to the nearest place on one, and to near ones of their subarea."""
    on_line = sorted({idx for join in lines for idx in (join.upper, join.lower)})
    off_line = [
        idx for idx, place in enumerate(model.places) if mode in place.classes and idx not in set(on_line)
    ]
    if not on_line or not off_line:
        return _still_water_joins(model, mode, off_line)
    points = model.points(off_line)
    gates = [on_line[int(at)] for at in nearest(points, model.points(on_line))]
    gate_m = great_circle_m(points, model.points(gates)).tolist()
    inland_m = dict.fromkeys(on_line, 0.0) | dict(zip(off_line, gate_m, strict=True))
    pairs = {
        (one, gate)
        for one, gate in zip(off_line, gates, strict=True)
        if inland_m[one] <= model.settings.longest_join_m
    }
    by_subarea: dict[str, list[int]] = defaultdict(list)
    for idx in off_line:
        by_subarea[model.places[idx].subarea or model.places[idx].id].append(idx)
    for members in by_subarea.values():
        pairs |= {
            _downstream(members[one], members[other], inland_m)
            for one, other in model.near(members, NO_WALLS)
        }
    pairs |= _water_forest(model, [*on_line, *off_line], len(on_line), pairs, inland_m)
    return [model.join(upper, lower, mode) for upper, lower in sorted(pairs)]


def _downstream(one: int, other: int, inland_m: Mapping[int, float]) -> Pair:
    """The one further from the lines first."""
    return (other, one) if inland_m[one] < inland_m[other] else (one, other)


def _water_forest(
    model: _Model,
    members: Sequence[int],
    num_on_line: int,
    known: Iterable[Pair],
    inland_m: Mapping[int, float],
) -> set[Pair]:
    """Join to the lines, over places between, what is too far from them; no line to another."""
    local = {idx: at for at, idx in enumerate(members)}
    pairs = list(pairwise(range(num_on_line))) + [(local[one], local[other]) for one, other in known]
    found = model.forest(members, pairs, NO_WALLS)
    return {_downstream(members[one], members[other], inland_m) for one, other in sorted(found)}


def _still_water_joins(model: _Model, mode: Mode, members: Sequence[int]) -> list[_Join]:
    """Without any line of the mode nothing says where it flows: neighbours and a spanning tree."""
    pairs = model.near(members, NO_WALLS) | model.forest(members, [], NO_WALLS)
    return [model.join(members[one], members[other], mode) for one, other in sorted(pairs)]


def _edges(model: _Model, joins: Iterable[_Join], delays: Sequence[Delay]) -> tuple[Edge, ...]:
    """Edges of the joins; the first join of a mode and pair counts."""
    first: dict[tuple[Mode, int, int], _Join] = {}
    for join in joins:
        if join.upper != join.lower:
            key = (join.mode, min(join.upper, join.lower), max(join.upper, join.lower))
            first.setdefault(key, join)
    kept = list(first.values())
    straight_m = great_circle_m(
        model.points(join.upper for join in kept), model.points(join.lower for join in kept)
    )
    return tuple(
        _edge(model, join, float(metres), delays) for join, metres in zip(kept, straight_m, strict=True)
    )


def _edge(model: _Model, join: _Join, straight_m: float, delays: Iterable[Delay]) -> Edge:
    upper, lower = model.places[join.upper].id, model.places[join.lower].id
    down = model.speeds.row(join.mode, join.class_, Direction.DOWN)
    up = model.speeds.row(join.mode, join.class_, Direction.UP)
    length_m = join.length_m
    if length_m is None:
        length_m = int(straight_m * down.circuity_milli / 1000 + 0.5)
    time_s = _time(length_m, down) if join.entered_s is None else join.entered_s
    back_s = _time(length_m, up) if join.entered_s is None else join.entered_s
    return Edge(
        id=f"{join.mode.value}:{upper}:{lower}",
        from_node=upper,
        to_node=lower,
        mode=join.mode,
        class_=join.class_,
        length_m=length_m,
        time_s=time_s,
        time_back_s=back_s,
        delay_max_s=_delay(delays, join.mode, time_s),
        delay_back_max_s=_delay(delays, join.mode, back_s),
        basis=Basis.MODELLED if join.entered_s is None else Basis.ENTERED,
        source=_source(join, down, up),
    )


def _time(length_m: int, row: Speed) -> int:
    """Seconds for a length, rounded half up, at least one."""
    return max(1, (2 * length_m * 3600 + row.speed_m_per_h) // (2 * row.speed_m_per_h))


def _delay(delays: Iterable[Delay], mode: Mode, time_s: int) -> int:
    """Largest delay of the rows that hold for every edge of the mode."""
    rows = (row for row in delays if row.mode in (None, mode) and not (row.edge or row.vehicle or row.season))
    return max((-(-time_s * row.percent // 100) + row.fixed_s for row in rows), default=0)


def _source(join: _Join, down: Speed, up: Speed) -> str:
    if join.entered_s is not None:
        return join.source
    directions = down.direction.value if down is up else f"{down.direction.value}, {up.direction.value}"
    return " ".join(filter(None, ["speeds:", join.mode.value, join.class_, f"({directions})"]))
