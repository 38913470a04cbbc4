"""Problems made directly, without an instance: points on a line or a plane, one second and metre per unit."""

import numpy as np

from planner.base.clock import Clock, parse_instant
from planner.instance.schema import Overnight
from planner.network.calendars import Openings
from planner.network.plane import PlaneTravel
from planner.problem.consignment import Consignment
from planner.problem.fleet import FleetType, Origin, Prices
from planner.problem.problem import Problem

CLOCK = Clock(parse_instant("2024-11-22T00:00+00:00"), "UTC")
DAY = 86_400


def origin(docks=9, opens_s=0, closes_s=DAY):
    return Origin(docks, Openings(((opens_s, closes_s),)))


def load(region, **more):
    more = {"mass_g": 1, "volume_cm3": 0, "pieces": 0} | more
    return Consignment(id=f"c{region}", region=region, part="main", first_unit=0, units=1, **more)


def kind(name="K", travel=None, **more):
    """A type with one vehicle that pays by the metre."""
    more = {
        "number": 1, "mass_g": 9, "volume_cm3": 9, "pieces": None, "load_fixed_s": 0, "load_piece_s": 0,
        "unload_piece_s": 0, "shifts": Openings(((0, DAY),)), "overnight": Overnight.HOME, "work_s": None,
        "open_end": False, "prices": Prices(0, 0, 0, 1000, 0), "serves": None,
    } | more  # fmt: skip
    return FleetType(id=name, travel=travel, **more)


def problem(points, *, origins=None, kinds=None, loads=None, deadline_s=DAY, travel=None, **more):
    """Origins at the first points (one, unless `origins` are given) and a region at each of the others.

    A point is a number (its place on a line) or a pair; `kinds` get the plane's travel unless they have one.
    """
    origins = (origin(),) if origins is None else tuple(origins)
    num_regions = len(points) - len(origins)
    pairs = np.array([point if isinstance(point, tuple) else (point, 0) for point in points], dtype=float)
    plane = travel or PlaneTravel(pairs[:, 0], pairs[:, 1])
    serves = np.ones(num_regions, dtype=bool)
    fleet = [
        FleetType(**({**vars(one)} | {"travel": one.travel or plane, "serves": serves}))
        for one in (kinds or [kind()])
    ]
    zeros = np.zeros(num_regions, dtype=np.int64)
    names = tuple(f"P{place}" for place in range(len(points)))
    data = {
        "id": "problem", "name": "Problem", "clock": CLOCK, "horizon_s": DAY, "midnights": (0, DAY, 2 * DAY),
        "places": names, "place_names": names, "origins": origins,
        "region_openings": (Openings(((0, DAY),)),) * num_regions,
        "deadline_s": np.full(num_regions, deadline_s), "not_before_s": zeros, "handover_s": zeros,
        "weight": zeros + 1, "fleet": tuple(fleet),
        "consignments": tuple(loads or [load(region) for region in range(num_regions)]),
        "unserved": frozenset(), "proofs": (),
    } | more  # fmt: skip
    return Problem(**data)
