"""Who cannot be on time any more, whatever is planned: no search needs to go on for them."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from enum import Enum
from functools import cached_property

from planner.building.places import deadline_of
from planner.building.shortage import least_weight_to_leave, regions_to_leave
from planner.instance.schema import Region
from planner.plans.model import RegionStatus
from planner.proof.world import World
from planner.replanning.case import Case, Opened
from planner.replanning.goods import GoodsLeg
from planner.replanning.judge import Judged, lacks

__all__ = ["Fate", "Hopeless"]


class Fate(Enum):
    """What is left for a region."""

    OPEN = "open"  # it may be on time
    LATE = "late"  # it can get all it needs, but not before its deadline
    WITHOUT = "without"  # there is too little for it alone, no way is left, or it may not change


class Hopeless:
    """What no plan of a component can do any more.

    Parameters
    ----------
    case
        The component.
    world
        The checker's view of the instance with the reports applied; its least times are proven.
    weights
        Weight of each region.

    Notes
    -----
    What is aboard is taken to come at once. What is not travels the least way from where it lies, by whatever
    vehicles, docks and notice left out; of what is short at a warehouse all counts that may ever come, less
    what has been loaded.
    """

    def __init__(self, case: Case, world: World, weights: Mapping[str, int]) -> None:
        self._case, self._world, self._weights = case, world, weights
        self._legs: dict[str, list[GoodsLeg]] = defaultdict(list)
        for leg in (*case.legs(Opened(frozenset(case.free))), *case.lacking):
            self._legs[leg.goods.region_id].append(leg)
        self._left = _left(case, [leg for mine in self._legs.values() for leg in mine])
        self._known: dict[str, Fate] = {}

    def is_settled(self, best: Judged) -> bool:
        """Whether nobody is late, undelivered or without a promise whom another plan might help.

        Parameters
        ----------
        best
            Trips that break no rule, and what they are worth.
        """
        if best.worth.broken:
            return False
        on_time = {one.region_id for one in best.results if one.status is RegionStatus.ON_TIME}
        late = {one.region_id for one in best.results if one.status is RegionStatus.LATE}
        if any(self._fate(name) is Fate.OPEN for name in late | (best.not_guaranteed & on_time)):
            return False
        without = {one.region_id for one in best.results if lacks(one)}
        more = {name for name in without if self._fate(name) is not Fate.WITHOUT}
        return not more or sum(self._weights.get(name, 0) for name in more) <= self._short[1]

    @property
    def lightest(self) -> frozenset[str]:
        """Regions that might go without as there is too little for all: those that weigh least."""
        return self._short[0]

    def _fate(self, name: str) -> Fate:
        if name not in self._known:
            self._known[name] = self._worked_out(name)
        return self._known[name]

    def _worked_out(self, name: str) -> Fate:
        case, mine = self._case, self._legs.get(name, [])
        region = case.region_of.get(name)
        if region is None or (case.inside is not None and name not in case.inside):
            return Fate.WITHOUT
        moments = [_soonest_s(case, self._world, region, leg) for leg in mine]
        if None in moments or not _is_there(mine, self._left):
            return Fate.WITHOUT
        deadline_s = deadline_of(case.instance, region)
        late = any(one is not None and one >= deadline_s for one in (*moments, *_received(case, name)))
        return Fate.LATE if late else Fate.OPEN

    @cached_property
    def _short(self) -> tuple[frozenset[str], int]:
        """Who may go without what there is too little of, and what whoever does weighs at least."""
        names = [name for name, mine in self._legs.items() if _is_there(mine, self._left)]
        loads = [_loaded(self._legs[name]) for name in names]
        stock = {" ".join(key): number for key, number in self._left.items()}
        needs = [{" ".join(key): load[key] for key in self._left} for load in loads]
        weights = [self._weights.get(name, 0) for name in names]
        gone = frozenset(names[position] for position in regions_to_leave(needs, weights, stock))
        return gone, least_weight_to_leave(needs, weights, stock)


def _soonest_s(case: Case, world: World, region: Region, leg: GoodsLeg) -> int | None:
    """Nothing of a leg's goods is at its region sooner; None: no way is left."""
    start = leg.fetched_from or leg.origin_id
    kinds, places = world.types_of(region.warehouse), world.places(region.warehouse)
    least_s = world.ways.pooled_times(start, kinds, places).get(region.id)
    return None if least_s is None else max(case.now_s, leg.free_s) + least_s + region.handover_s


def _received(case: Case, name: str) -> Iterator[int]:
    """Yield when a region received, or receives at the soonest, what has been loaded for it."""
    for trip in case.trips:
        if trip.id in case.begun:
            for stop in trip.stops:
                if stop.node_id == name and any(one.region_id == name for one in stop.deliveries):
                    yield stop.end_s if stop.start_s <= case.now_s else case.now_s


def _left(case: Case, legs: Collection[GoodsLeg]) -> Mapping[tuple[str, str], int]:
    """What may still be loaded of each item at each warehouse, where there is too little for all."""
    kept = [trip for trip in case.trips if trip.id not in case.free]
    horizon_s = case.instance.settings.horizon_s
    return {key: one.levels(horizon_s)[-1][1] for key, one in case.stock_left(legs, kept).items()}


def _loaded(legs: Iterable[GoodsLeg]) -> Counter[tuple[str, str]]:
    """What legs take of each item from each place."""
    found: Counter[tuple[str, str]] = Counter()
    for leg in legs:
        if not leg.fetched_from:
            found.update({(leg.origin_id, item): number for item, number in leg.needs.items()})
    return found


def _is_there(legs: Iterable[GoodsLeg], left: Mapping[tuple[str, str], int]) -> bool:
    return all(number <= left[key] for key, number in _loaded(legs).items() if key in left)
