"""A benchmark file as a problem.

What is not understood is refused, never ignored: each field is either read here, or listed as one that says
nothing about the problem, or a fault. Travel takes as much time as its length says; in a file that knows no
hours it takes none (but in instances of so many places that no matrices are kept).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.sparse.csgraph import csgraph_from_dense, dijkstra

from planner.base.clock import DAY_S, Clock
from planner.base.errors import Fault, InputError
from planner.benchmark.conventions import Convention, convention_of, set_class
from planner.benchmark.files import SetFile
from planner.instance.schema import Overnight
from planner.network.calendars import Openings
from planner.network.plane import PlaneTravel
from planner.network.travel import Travel
from planner.problem.consignment import Consignment
from planner.problem.fleet import FleetType, Origin, Prices
from planner.problem.problem import Problem

__all__ = ["SetInstance", "read_instance"]

_MOST_IN_MATRICES = 2000  # places
_FAR = 400_000_000  # lengths and times from here on are cut off by the search: `FAR` of the kernel's layout
_HUGE = 2**53  # all other numbers stay below, so that they are whole however they are read
_LABELS = {"name", "comment", "type", "dimension", "node_coord_type", "display_data_type", "display_data"}
_READ = {
    "edge_weight_type",
    "edge_weight_format",
    "edge_weight",
    "node_coord",
    "capacity",
    "demand",
    "depot",
    "time_window",
    "service_time",
    "release_time",
    "vehicles",
    "vehicles_depot",
    "vehicles_reload_depot",
    "vehicles_max_reloads",
    "vehicles_max_duration",
    "vehicles_max_distance",
    "vehicles_fixed_cost",
    "vehicles_unit_distance_cost",
}
_EACH_PLACE = ("node_coord", "demand", "time_window", "service_time", "release_time")
_HOURS = ("time_window", "release_time", "vehicles_max_duration")
_TIMES = ("edge_weight", "time_window", "service_time", "release_time")
_IN_PAIRS = ("node_coord", "time_window")
_LOADED = ("CVRP", "VRPTW", "HFVRP", "MDVRPTW", "MTVRPTWR")  # classes whose vehicles hold so much
_LEAST = {
    "time_window": 0,
    "service_time": 0,
    "release_time": 0,
    "edge_weight": 0,
    "vehicles_fixed_cost": 0,
    "vehicles_max_duration": 1,
    "vehicles_max_distance": 1,
}
_EACH_VEHICLE = tuple(
    sorted({"capacity"} | {name for name in _READ if name.startswith("vehicles_") and name != "vehicles"})
)


@dataclass(frozen=True)
class SetInstance:
    """A benchmark instance.

    Parameters
    ----------
    set_class
        Class of problems, such as ``CVRP``.
    vehicles
        By vehicle type of the problem: the numbers, from 0, that its vehicles have in the file.
    """

    file: SetFile
    set_class: str
    convention: Convention
    problem: Problem
    vehicles: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class _Kind:
    """What vehicles of one type have in common, in the file's values."""

    depot: int
    capacity: int
    fixed: int
    per_distance: int
    duration: int | None
    distance: int | None
    trips: int | None


def read_instance(file: SetFile, convention: Convention | None = None) -> SetInstance:
    """The problem that a file states.

    Parameters
    ----------
    file
        Its fields.
    convention
        In place of the one of its class.

    Raises
    ------
    InputError
        If it holds something that no problem of ours can express, or does not fit together.
    """
    _refuse(file)
    rule = convention or convention_of(file)
    _refuse_far(file, rule)
    kinds, vehicles = _kinds(file, rule)
    windows = _windows(file, rule)
    service, release = (_each_place(file, name, rule) for name in ("service_time", "release_time"))
    demand = _integers(file, "demand", _column(file, "demand", file.num_places))
    _refuse_loads(file, demand, kinds)
    first = file.num_depots
    problem = _problem(file, rule, kinds, [len(one) for one in vehicles], demand, service, release, windows)
    assert problem.num_regions == file.num_places - first
    return SetInstance(file, set_class(file), rule, problem, vehicles)


def _refuse(file: SetFile) -> None:
    """Fields that nobody reads, and lengths that do not fit."""
    faults = []
    fields = file.fields
    for name in sorted(fields.keys() - _READ - _LABELS):
        faults.append(Fault("B804", file.name, column=name.upper(), value=_short(fields[name])))
    sizes = dict.fromkeys(_EACH_PLACE, file.num_places) | dict.fromkeys(_EACH_VEHICLE, _num_vehicles(file))
    for name, size in sizes.items():
        value: Any = fields.get(name, 0)
        if isinstance(value, list) or np.ndim(value) > (2 if name in _IN_PAIRS else 1) or _is_text(value):
            faults.append(Fault("B804", file.name, column=name.upper(), value=""))
        elif np.ndim(value) > 0 and len(value) != size:
            params = {"found": len(value), "wanted": size}
            faults.append(Fault("B805", file.name, column=name.upper(), params=params))
    kind = str(fields.get("edge_weight_type", "EUC_2D"))
    known = "edge_weight" in fields if kind == "EXPLICIT" else kind == "EUC_2D" and "node_coord" in fields
    if not known:
        faults.append(Fault("B804", file.name, column="EDGE_WEIGHT_TYPE", value=kind))
    depots = np.atleast_1d(fields.get("depot", np.array([0])))
    if depots.tolist() != list(range(len(depots))):
        faults.append(Fault("B806", file.name, column="DEPOT_SECTION"))
    if len(depots) > 1 and "vehicles_depot" not in fields:
        faults.append(Fault("B820", file.name, params={"number": len(depots)}))
    faults += _odd_numbers(file)
    needed = ["DEMAND_SECTION", "DEPOT_SECTION"]  # a file that was cut off lacks the last
    if "capacity" not in fields and set_class(file) in _LOADED:
        needed.append("CAPACITY")
    for name in needed[:1] if file.solomon else needed:
        if name.removesuffix("_SECTION").lower() not in fields:
            faults.append(Fault("B802", file.name, column=name, value=""))
    if faults:
        raise InputError(faults)


def _odd_numbers(file: SetFile) -> Iterator[Fault]:
    """Windows that end before they begin, what a depot has but nobody plans, and numbers below the least."""
    values = {name: np.asarray(one) for name, one in file.fields.items() if not isinstance(one, list)}
    values = {name: one for name, one in values.items() if one.dtype.kind in "iuf"}
    windows = values.get("time_window", np.zeros(0))
    if windows.ndim == 2 and windows.shape[1] == 2:
        for place in np.flatnonzero(windows[:, 1] < windows[:, 0]).tolist():
            yield Fault("B822", file.name, value=str(place if file.solomon else place + 1))
    for name in ("service_time", "demand", "release_time"):
        depots = values[name][: file.num_depots] if np.ndim(values.get(name, 0)) == 1 else np.zeros(0)
        if np.any(depots > 0):
            column = f"{name.upper()}{'' if file.solomon else '_SECTION'}"
            yield Fault("B823", file.name, column=column, value=str(depots.max()))
    for name, least in _LEAST.items():
        one = values.get(name, np.zeros(0))
        if one.size and one.min() < least:
            yield Fault("B825", file.name, column=name.upper(), value=str(one.min()), params={"least": least})


def _refuse_far(file: SetFile, rule: Convention) -> None:
    """Lengths, times and other numbers that are too large for the search, which would cut them off."""
    params = {"convention": rule.name, "most": f"{_FAR:,}"}
    faults = []
    if "edge_weight" not in file.fields:
        largest = _largest_distance(np.asarray(file.fields["node_coord"], dtype=np.float64), rule.scale)
        if not largest < _FAR:
            value = f"{largest:,.0f}"
            faults.append(Fault("B818", file.name, column="NODE_COORD_SECTION", value=value, params=params))
    for name in sorted(_READ & file.fields.keys() - {"node_coord"}):
        values = file.fields[name]
        if np.ndim(values) == 0 and _is_text(values):
            continue
        most, scale = (_FAR, rule.scale) if name in _TIMES else (_HUGE, 1)
        largest = scale * float(np.max(np.abs(np.asarray(values, dtype=np.float64)), initial=0.0))
        if not largest < most:
            told = params | {"most": f"{most:,}"}
            faults.append(Fault("B819", file.name, column=name.upper(), value=f"{largest:,.0f}", params=told))
    if faults:
        raise InputError(faults)


def _largest_distance(points: NDArray[np.float64], scale: int) -> float:
    """Between any two places, scaled; where the box around them is small enough, its diagonal will do."""
    x, y = points[:, 0], points[:, 1]
    with np.errstate(over="ignore", invalid="ignore"):
        across = scale * float(np.hypot(np.ptp(x), np.ptp(y)))
        if across < _FAR or not np.isfinite(across):
            return across
        return scale * max(float(np.hypot(x - u, y - v).max()) for u, v in points.tolist())


def _is_text(value: Any) -> bool:  # noqa: ANN401
    return np.asarray(value).dtype.kind not in "iuf"


def _short(value: Any) -> str:  # noqa: ANN401
    return str(value) if np.ndim(value) == 0 else ""


def _num_vehicles(file: SetFile) -> int:
    """Vehicles there are; where the file sets no limit, one for each customer."""
    return int(file.fields.get("vehicles", file.num_customers))


def _column(file: SetFile, name: str, size: int, default: ArrayLike = 0) -> NDArray[Any]:
    """One value for each place or vehicle; a single one in the file holds for all."""
    return np.broadcast_to(np.asarray(file.fields.get(name, default)), (size,))


def _integers(file: SetFile, name: str, values: NDArray[Any]) -> NDArray[np.int64]:
    """Values that are not scaled, and must therefore be whole."""
    if values.dtype.kind not in "iuf" or np.any(values != np.round(values)) or np.any(values < 0):
        raise InputError([Fault("B807", file.name, column=name.upper())])
    return values.astype(np.int64)


def _each_place(file: SetFile, name: str, rule: Convention) -> NDArray[np.int64]:
    """Times of the places in the convention's integers; none at depots."""
    found = rule.whole(_column(file, name, file.num_places)).copy()
    found[: file.num_depots] = 0
    return found


def _windows(file: SetFile, rule: Convention) -> NDArray[np.int64] | None:
    """First and last moment of each place; int64, shape (places, 2)."""
    rows = file.fields.get("time_window")
    return None if rows is None else rule.whole(rows)


def _kinds(file: SetFile, rule: Convention) -> tuple[list[_Kind], tuple[tuple[int, ...], ...]]:
    """Vehicles grouped into types, in the order of the file."""
    size = _num_vehicles(file)
    fields = file.fields
    reloads, trips = _trips(file, size)
    depots = _integers(file, "vehicles_depot", _column(file, "vehicles_depot", size, 1)) - 1
    elsewhere = (reloads >= 0) & (reloads != depots)
    if np.any(depots < 0) or np.any(depots >= file.num_depots) or np.any(elsewhere):
        raise InputError([Fault("B808", file.name)])
    loads = _integers(file, "capacity", _column(file, "capacity", size, 2**40))
    fixed = rule.whole(_column(file, "vehicles_fixed_cost", size))
    per_distance = _integers(
        file,
        "vehicles_unit_distance_cost",
        _column(file, "vehicles_unit_distance_cost", size, 1),
    )
    limits: list[list[int | None]] = []
    for name in ("vehicles_max_duration", "vehicles_max_distance"):
        known = name in fields
        limits.append(rule.whole(_column(file, name, size)).tolist() if known else [None] * size)
        if known and trips.count(1) < size:  # limits of ours are a trip's, theirs a vehicle's
            raise InputError([Fault("B809", file.name, column=name.upper())])
    found: dict[_Kind, list[int]] = {}
    columns = (depots.tolist(), loads.tolist(), fixed.tolist(), per_distance.tolist(), *limits, trips)
    for number, values in enumerate(zip(*columns, strict=True)):
        found.setdefault(_Kind(*values), []).append(number)
    return list(found), tuple(tuple(one) for one in found.values())


def _trips(file: SetFile, size: int) -> tuple[NDArray[np.int64], list[int | None]]:
    """Depot at which each vehicle reloads (-1: nowhere), and trips it may make."""
    name = "vehicles_reload_depot"
    if name not in file.fields:
        return np.full(size, -1), [1] * size
    depots = _integers(file, name, _column(file, name, size)) - 1
    again = _integers(file, "vehicles_max_reloads", _column(file, "vehicles_max_reloads", size))
    limited = "vehicles_max_reloads" in file.fields
    return depots, [
        1 if depot < 0 else more + 1 if limited else None
        for depot, more in zip(depots.tolist(), again.tolist(), strict=True)
    ]


def _refuse_loads(file: SetFile, demand: NDArray[np.int64], kinds: Sequence[_Kind]) -> None:
    most = max((kind.capacity for kind in kinds), default=0)
    heavy = np.flatnonzero(demand[file.num_depots :] > most)
    if len(heavy):
        params = {"most": most, "demand": int(demand[file.num_depots + heavy[0]])}
        raise InputError(
            [Fault("B810", file.name, value=str(int(heavy[0]) + file.num_depots), params=params)]
        )


def _problem(  # noqa: PLR0917
    file: SetFile,
    rule: Convention,
    kinds: Sequence[_Kind],
    numbers: Sequence[int],
    demand: NDArray[np.int64],
    service: NDArray[np.int64],
    release: NDArray[np.int64],
    windows: NDArray[np.int64] | None,
) -> Problem:
    first, size = file.num_depots, file.num_places
    travel = _travel(file.fields, rule, size, timed=any(name in file.fields for name in _HOURS))
    horizon_s = _horizon_s(travel, service, release, windows)
    names = tuple(str(place) for place in range(size))
    whole = Openings(((0, horizon_s + 1),))
    fleet = []
    for position, (kind, number) in enumerate(zip(kinds, numbers, strict=True)):
        opens, closes = (0, horizon_s) if windows is None else windows[kind.depot].tolist()
        fleet.append(
            _fleet_type(
                position,
                number,
                kind,
                (opens, closes),
                travel,
                _serves(file, kind, demand, (service, release), travel, windows),
            )
        )
    return Problem(
        id=file.name,
        name=file.name,
        clock=Clock(datetime(2000, 1, 1, tzinfo=UTC), "UTC"),
        horizon_s=horizon_s,
        midnights=(0, horizon_s + 1),  # one day, however long
        places=names,
        place_names=names,
        origins=tuple(
            Origin(_num_vehicles(file), _openings(windows, depot, whole)) for depot in range(first)
        ),
        region_openings=tuple(_openings(windows, place, whole) for place in range(first, size)),
        deadline_s=np.full(size - first, horizon_s + 1, dtype=np.int64),
        not_before_s=np.zeros(size - first, dtype=np.int64),
        handover_s=service[first:],
        weight=np.ones(size - first, dtype=np.int64),
        fleet=tuple(fleet),
        consignments=tuple(
            Consignment(name, region, "", 0, 1, load, 0, 1, released)
            for region, (name, load, released) in enumerate(
                zip(names[first:], demand[first:].tolist(), release[first:].tolist(), strict=True)
            )
        ),
        unserved=frozenset(),
        proofs=(),
    )


def _fleet_type(
    position: int,
    number: int,
    kind: _Kind,
    hours: tuple[int, int],
    travel: Travel | PlaneTravel,
    serves: NDArray[np.bool_],
) -> FleetType:
    once = kind.trips == 1
    return FleetType(
        id=str(position),
        number=number,
        mass_g=kind.capacity,
        volume_cm3=0,
        pieces=None,
        load_fixed_s=0,
        load_piece_s=0,
        unload_piece_s=0,
        shifts=Openings((hours,)),  # back home at the last moment of the depot is in time
        overnight=Overnight.HOME,
        work_s=None,
        open_end=False,
        # A thousand for each kilometre: a cost for each unit of distance.
        prices=Prices(0 if once else kind.fixed, 0, kind.fixed if once else 0, 1000 * kind.per_distance, 0),
        travel=travel,
        serves=serves,
        origin=kind.depot,
        max_trips=kind.trips,
        max_trip_s=kind.duration,
        max_trip_m=kind.distance,
    )


def _travel(fields: Mapping[str, Any], rule: Convention, size: int, *, timed: bool) -> Travel | PlaneTravel:
    if "edge_weight" in fields:
        lengths = rule.whole(fields["edge_weight"])
    else:
        points = np.asarray(fields["node_coord"], dtype=np.float64)
        plane = PlaneTravel(points[:, 0].copy(), points[:, 1].copy(), rule.rounding, rule.scale)
        if size > _MOST_IN_MATRICES:
            return plane
        lengths = plane.block(range(size), range(size))
    names = tuple(str(place) for place in range(size))
    times = lengths if timed else np.zeros_like(lengths)
    return Travel(names, times, lengths, np.ones(lengths.shape, dtype=bool))


def _horizon_s(
    travel: Travel | PlaneTravel,
    service: NDArray[np.int64],
    release: NDArray[np.int64],
    windows: NDArray[np.int64] | None,
) -> int:
    """Latest closing of a depot, or what one vehicle would need at most for everything."""
    if windows is not None:
        return int(windows[:, 1].max())
    if isinstance(travel, Travel):
        longest = int(travel.time_s.max())
    else:
        across = np.hypot(np.ptp(travel.x), np.ptp(travel.y))
        longest = int(travel.scale * across) + 1
    return 2 * longest * len(service) + int(service.sum()) + int(release.max()) + DAY_S


def _openings(windows: NDArray[np.int64] | None, place: int, whole: Openings) -> Openings:
    """Moments at which a service may start; the last one of the file is one of them."""
    if windows is None:
        return whole
    begin, end = windows[place].tolist()
    interval = (begin, end + 1)
    return Openings((interval,), frozenset((interval,)))


def _serves(
    file: SetFile,
    kind: _Kind,
    demand: NDArray[np.int64],
    times: tuple[NDArray[np.int64], NDArray[np.int64]],
    travel: Travel | PlaneTravel,
    windows: NDArray[np.int64] | None,
) -> NDArray[np.bool_]:
    """Customers whose load fits, and to whom the way there and back does, if need be by way of others.

    Rounded lengths, and lengths that a file lists, may be longer than the way round; without matrices only
    loads are looked at.
    """
    service, release = times
    customers = np.arange(file.num_depots, file.num_places)
    found: NDArray[np.bool_] = demand[customers] <= kind.capacity
    if not isinstance(travel, Travel):
        return found
    there, back = (
        dijkstra(csgraph_from_dense(ways.astype(np.float64), null_value=-1), indices=[kind.depot])[
            0, customers
        ]
        for ways in (travel.distance_m, travel.distance_m.T)
    )
    if kind.distance is not None:
        found &= there + back <= kind.distance
    if not travel.time_s.any():
        there, back = np.zeros_like(there), np.zeros_like(back)
    if windows is not None:
        leaves = np.maximum(windows[kind.depot, 0], release[customers])
        begins = np.maximum(leaves + there, windows[customers, 0])
        ends = begins + service[customers] + back
        found &= (begins <= windows[customers, 1]) & (ends <= windows[kind.depot, 1])
    if kind.duration is not None:
        found &= there + service[customers] + back <= kind.duration
    return found
