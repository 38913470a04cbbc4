"""Other solvers on benchmark instances, each run as its makers would: an answer is routes and a claimed cost.

They are optional (`pip install .[bench]`) and used here alone. What they answer is judged by
`planner.benchmark.verify`, as our own solutions are.
"""

from __future__ import annotations

import math
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from planner.benchmark.read import SetInstance

Routes = list[tuple[int, list[int]]]


@dataclass(frozen=True)
class Answer:
    """What a solver says: the vehicles' numbers in the file with the places they visit, and the cost.

    Parameters
    ----------
    cost
        In the integers of the convention; None where the solver has no claim that can be compared.
    """

    routes: Routes
    cost: int | None
    iterations: int | None = None

    def text(self, instance: SetInstance) -> str:
        """As a solution file."""
        differ = len(instance.problem.fleet) > 1
        named = sorted(self.routes) if differ else self.routes
        lines = []
        for position, (vehicle, places) in enumerate(named):
            number = vehicle if differ else position
            lines.append(f"Route #{number + 1}: {' '.join(map(str, places))}")
        return "\n".join([*lines, *([] if self.cost is None else [f"Cost: {self.cost}"]), ""])


@dataclass(frozen=True)
class Peer:
    """A solver: its package, the classes it knows, and how it is run."""

    package: str
    classes: frozenset[str]
    solve: Callable[[SetInstance, int, float], Answer | None]

    @property
    def version(self) -> str:
        """Of the package."""
        return version(self.package)


# ---------------------------------------------------------------- PyVRP

_FORMS = {"round": "round", "dimacs/10": "dimacs", "exact/1000": "exact", "exact/1000, costs/100": "exact"}
# Its default, a hundred thousand for a unit of load, is less than a fixed cost of these sets in thousandths:
# overloading a vehicle is then cheaper than taking another one.
_MIXED_FLEET_PENALTY = 1e9


def pyvrp(instance: SetInstance, seed: int, seconds: float) -> Answer | None:
    """PyVRP with its defaults, reading the file itself."""
    import pyvrp as library
    from pyvrp.stop import MaxRuntime

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "instance.vrp"
        path.write_text(vrplib_text(instance.file.fields), encoding="utf-8")
        data = library.read(path, _FORMS[instance.convention.name])
    params = library.SolveParams()
    if instance.set_class == "HFVRP":
        params = library.SolveParams(penalty=library.PenaltyParams(max_penalty=_MIXED_FLEET_PENALTY))
    result = library.solve(
        data, MaxRuntime(seconds), seed=seed, collect_stats=False, display=False, params=params
    )
    free = [[int(one) for one in kind.name.split(",")] for kind in data.vehicle_types()]
    routes = [
        (free[route.vehicle_type()].pop(0), [_place(library, data, one) for one in route][1:-1])
        for route in result.best.routes()
    ]
    cost = result.cost()
    # without a feasible solution it claims no cost; the verifier is to say what is broken
    return Answer(routes, int(cost) if math.isfinite(cost) else None, result.num_iterations)


def _place(library: Any, data: Any, activity: Any) -> int:
    depot = activity.type == library.ActivityType.DEPOT
    return data.depot(activity.idx).location if depot else data.client(activity.idx).location


def vrplib_text(fields: Mapping[str, Any]) -> str:
    """Fields as a VRPLIB file, the only form that PyVRP reads."""
    heads, sections = [f"DIMENSION: {len(fields['demand'])}", "EDGE_WEIGHT_TYPE: EUC_2D"], []
    for name, value in fields.items():
        if name in ("name", "comment", "dimension", "edge_weight_type", "depot"):
            continue
        if np.ndim(value) == 0:
            heads.append(f"{name.upper()}: {value}")
            continue
        sections.append(f"{name.upper()}_SECTION")
        rows = np.asarray(value).reshape(len(value), -1).tolist()
        sections += [" ".join(map(str, (number, *row))) for number, row in enumerate(rows, start=1)]
    depots = [str(one + 1) for one in np.atleast_1d(fields.get("depot", 0)).tolist()]
    return "\n".join([*heads, *sections, "DEPOT_SECTION", *depots, "-1", "EOF", ""])


# ---------------------------------------------------------------- HGS-CVRP


def hygese(instance: SetInstance, seed: int, seconds: float) -> Answer | None:
    """HGS-CVRP with its defaults."""
    import hygese as library

    points = np.asarray(instance.file.fields["node_coord"], dtype=float)
    points -= points.min(axis=0)  # it refuses negative coordinates
    data = {
        "x_coordinates": points[:, 0],
        "y_coordinates": points[:, 1],
        "demands": np.array([0, *(one.mass_g for one in instance.problem.consignments)], dtype=float),
        "vehicle_capacity": instance.problem.fleet[0].mass_g,
    }
    parameters = library.AlgorithmParameters(timeLimit=seconds, seed=seed)
    result = library.Solver(parameters=parameters, verbose=False).solve_cvrp(data, rounding=True)
    routes = [(position, [int(one) for one in route]) for position, route in enumerate(result.routes)]
    return Answer(routes, round(result.cost))


# ---------------------------------------------------------------- OR-Tools routing


def ortools(instance: SetInstance, seed: int, seconds: float) -> Answer | None:
    """OR-Tools routing: parallel cheapest insertion, then guided local search. It takes no seed."""
    del seed
    from ortools.constraint_solver import pywrapcp, routing_enums_pb2

    problem, vehicles = instance.problem, _vehicles(instance)
    homes = [problem.fleet[fleet].origin for fleet, _ in vehicles]
    manager = pywrapcp.RoutingIndexManager(len(problem.places), len(vehicles), homes, homes)
    routing = pywrapcp.RoutingModel(manager)
    every = list(range(len(problem.places)))
    lengths = problem.fleet[0].distances(every, every)
    by_price: dict[int, int] = {}
    for number, (fleet, _) in enumerate(vehicles):
        prices = problem.fleet[fleet].prices
        each = prices.km // 1000
        if each not in by_price:
            by_price[each] = routing.RegisterTransitMatrix((lengths * each).tolist())
        routing.SetArcCostEvaluatorOfVehicle(by_price[each], number)
        routing.SetFixedCostOfVehicle(prices.trip, number)
    loads = [0] * problem.num_origins + [one.mass_g for one in problem.consignments]
    limits = [problem.fleet[fleet].mass_g for fleet, _ in vehicles]
    routing.AddDimensionWithVehicleCapacity(
        routing.RegisterUnaryTransitVector(loads), 0, limits, True, "load"
    )
    if "time_window" in instance.file.fields:
        _add_times(instance, vehicles, lengths, manager, routing)
    parameters = pywrapcp.DefaultRoutingSearchParameters()
    parameters.first_solution_strategy = routing_enums_pb2.FirstSolutionStrategy.PARALLEL_CHEAPEST_INSERTION
    parameters.local_search_metaheuristic = routing_enums_pb2.LocalSearchMetaheuristic.GUIDED_LOCAL_SEARCH
    parameters.time_limit.FromMilliseconds(int(seconds * 1000))
    found = routing.SolveWithParameters(parameters)
    if found is None:
        return None
    routes: Routes = []
    for number, (_, vehicle) in enumerate(vehicles):
        places, index = [], found.Value(routing.NextVar(routing.Start(number)))
        while not routing.IsEnd(index):
            places.append(manager.IndexToNode(index))
            index = found.Value(routing.NextVar(index))
        if places:
            routes.append((vehicle, places))
    return Answer(routes, found.ObjectiveValue())


def _vehicles(instance: SetInstance) -> list[tuple[int, int]]:
    """Type and number in the file of each vehicle; of the many that some sets offer, enough for all loads.

    A solver that makes a variable for each vehicle is slowed down by those that stay at home.
    """
    problem = instance.problem
    total = sum(one.mass_g for one in problem.consignments)
    found = []
    for fleet, (kind, numbers) in enumerate(zip(problem.fleet, instance.vehicles, strict=True)):
        limited = "time_window" in instance.file.fields  # windows may ask for more than loads do
        enough = len(numbers) if limited else math.ceil(1.3 * total / kind.mass_g) + 3
        found += [(fleet, number) for number in numbers[:enough]]
    return found


def _add_times(
    instance: SetInstance, vehicles: list[tuple[int, int]], lengths: np.ndarray, manager: Any, routing: Any
) -> None:
    problem = instance.problem
    service = np.concatenate([np.zeros(problem.num_origins, dtype=np.int64), problem.handover_s])
    spent = routing.RegisterTransitMatrix((lengths + service[:, None]).tolist())
    routing.AddDimension(spent, problem.horizon_s, problem.horizon_s, False, "time")
    times = routing.GetDimensionOrDie("time")
    for region, openings in enumerate(problem.region_openings):
        begin, end = openings.intervals[0]
        times.CumulVar(manager.NodeToIndex(problem.place(region))).SetRange(begin, end - 1)
    for number, (fleet, _) in enumerate(vehicles):
        kind = problem.fleet[fleet]
        for index in (routing.Start(number), routing.End(number)):
            times.CumulVar(index).SetRange(*kind.shifts.intervals[0])
            routing.AddVariableMinimizedByFinalizer(times.CumulVar(index))
        if kind.max_trip_s is not None:
            times.SetSpanUpperBoundForVehicle(kind.max_trip_s, number)


# ---------------------------------------------------------------- VROOM


def vroom(instance: SetInstance, seed: int, seconds: float) -> Answer | None:
    """VROOM at its highest level of exploration. It takes no seed."""
    del seed
    import vroom as library

    problem = instance.problem
    timed = "time_window" in instance.file.fields
    every = list(range(len(problem.places)))
    asked = library.Input()
    asked.set_durations_matrix("car", problem.fleet[0].distances(every, every))
    for identity, (fleet, _) in enumerate(vehicles := _vehicles(instance)):
        kind = problem.fleet[fleet]
        window = library.TimeWindow(*kind.shifts.intervals[0]) if timed else None
        costs = library.VehicleCosts(fixed=kind.prices.trip, per_hour=3600 * (kind.prices.km // 1000))
        asked.add_vehicle(
            library.Vehicle(
                identity,
                start=kind.origin,
                end=kind.origin,
                capacity=[kind.mass_g],
                time_window=window,
                costs=costs,
            )
        )
    for one in problem.consignments:
        begin, end = problem.region_openings[one.region].intervals[0]
        asked.add_job(
            library.Job(
                one.region,
                location=problem.place(one.region),
                default_service=int(problem.handover_s[one.region]),
                delivery=[one.mass_g],
                time_windows=[library.TimeWindow(begin, end - 1)] if timed else (),
            )
        )
    result = asked.solve(exploration_level=5, nb_threads=1, timeout=timedelta(seconds=seconds))
    found: dict[int, list[int]] = {}
    for row in result.routes.to_dict("records"):
        if row["type"] == "job":
            found.setdefault(int(row["vehicle_id"]), []).append(problem.place(int(row["id"])))
    return Answer([(vehicles[identity][1], places) for identity, places in found.items()], None)


PEERS = {
    "pyvrp": Peer("pyvrp", frozenset(_KNOWN := ("CVRP", "VRPTW", "MDVRPTW", "HFVRP", "MTVRPTWR")), pyvrp),
    "hygese": Peer("hygese", frozenset({"CVRP"}), hygese),
    # Several trips of a vehicle are not in its model.
    "ortools": Peer("ortools", frozenset(_KNOWN) - {"MTVRPTWR"}, ortools),
    # Nor in this one, and its limits hold for travel alone, not for waiting and service.
    "vroom": Peer("pyvroom", frozenset({"CVRP", "VRPTW", "HFVRP"}), vroom),
}
