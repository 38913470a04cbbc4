"""When trips that have not begun may be driven, by what people have decided of vehicles, places and hours."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence

from planner.base.clock import DAY_S
from planner.instance.decisions import Hour, Ruling, rulings_of
from planner.instance.schema import DecisionRule, Instance
from planner.network.calendars import Interval
from planner.plans.model import Trip
from planner.problem.visits import NEVER

__all__ = ["DecidedTrips", "with_together"]


class DecidedTrips:
    """What decisions leave of trips that go on as they do by themselves.

    Parameters
    ----------
    instance
        Its decisions hold.

    Notes
    -----
    What goes together is not looked at here: a search must see to that.
    """

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._rulings = rulings_of(instance)

    def after(self, trip: Trip, times: tuple[int, int, int], services: Sequence[Interval]) -> int | None:
        """The next moment at which a trip may begin to load; None: then; `NEVER`: it may not be driven.

        Parameters
        ----------
        trip
            A trip that has not begun.
        times, services
            When it would begin to load, depart and end, and serve its stops.
        """
        moments = [self._after(one, trip, times, services) for one in self._rulings]
        return max((one for one in moments if one is not None), default=None)

    def _after(
        self, one: Ruling, trip: Trip, times: tuple[int, int, int], services: Sequence[Interval]
    ) -> int | None:
        start_s, depart_s, end_s = times
        kind, _, number = trip.vehicle_id.rpartition("-")
        named = one.about_vehicle(kind, int(number))
        stops = [at for at, stop in enumerate(trip.stops) if stop.node_id in one.places]
        if one.bars_vehicles:
            return NEVER if named else None
        if one.rule is DecisionRule.LEAVE_OUT:
            brought = {item.region_id for stop in trip.stops for item in stop.deliveries}
            return None if brought.isdisjoint(one.regions) else NEVER
        if one.rule in (DecisionRule.USE, DecisionRule.NEVER_USE):
            barred = named is (one.rule is DecisionRule.NEVER_USE)
            return NEVER if barred and stops else None
        if one.rule is DecisionRule.DEPART_AT and (stops or named):
            return self._at_an_hour(one, start_s, depart_s)
        if one.rule is DecisionRule.DAY:
            spans = [services[at] for at in stops]
            if named:
                spans.append((start_s, end_s))
            later = [self._on_a_day(one, span) for span in spans]
            return max((start_s + wait_s for wait_s in later if wait_s), default=None)
        return None

    def _at_an_hour(self, one: Ruling, start_s: int, depart_s: int) -> int | None:
        moments = sorted(moment for hour in one.hours for moment in self._moments(hour))
        if depart_s in moments:
            return None
        return next((start_s + moment - depart_s for moment in moments if moment > depart_s), NEVER)

    def _moments(self, hour: Hour) -> Iterator[int]:
        if hour.moment_s is not None:
            yield hour.moment_s
            return
        clock = self._instance.clock
        first, last = clock.day(0).toordinal(), clock.day(self._instance.settings.horizon_s).toordinal()
        for number in range(first, last + 1):
            yield clock.at(clock.day(0).fromordinal(number), hour.clock_s or 0)

    def _on_a_day(self, one: Ruling, span: Interval) -> int:
        """By how much something must be later to lie on the days of a decision; 0: it does."""
        clock, begin, end = self._instance.clock, *span
        days: list[Interval] = []
        for day in one.days:
            low, high = clock.midnight(day), clock.at(day, DAY_S)
            if days and days[-1][1] == low:
                low = days.pop()[0]
            days.append((low, high))
        if any(low <= begin and end <= high for low, high in days):
            return 0
        return next((low - begin for low, _ in days if low > begin), NEVER)


def with_together(
    rulings: Sequence[Ruling], free: Mapping[str, Trip], lacking: Collection[str], names: Collection[str]
) -> frozenset[str]:
    """Trips, with those that carry what goes together by decision with what these carry or what lacks a trip.

    Parameters
    ----------
    rulings
        What people have decided.
    free
        Trips that may be searched anew, by their ids.
    lacking
        Regions for which goods have no trip.
    names
        Ids of the trips.
    """
    opened = set(names)
    groups = [set(one.regions) for one in rulings if one.rule is DecisionRule.TOGETHER]
    carried = {name: _regions_of(trip) for name, trip in free.items()} if groups else {}
    while groups:
        mine = {region for name in opened for region in carried.get(name, ())}.union(lacking)
        joined = {region for one in groups if one & mine for region in one}
        more = {name for name, regions in carried.items() if regions & joined} - opened
        if not more:
            break
        opened |= more
    return frozenset(opened)


def _regions_of(trip: Trip) -> frozenset[str]:
    """Regions to which a trip hands something over."""
    return frozenset(
        one.region_id for stop in trip.stops for one in stop.deliveries if one.region_id == stop.node_id
    )
