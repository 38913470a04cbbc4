"""Results of regions and components, from trips: receipts, lateness with its reason, cost."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from planner.building.places import deadline_of, hub_limits
from planner.instance.chains import hub_of
from planner.instance.decisions import rulings_of
from planner.instance.kits import unit_loads
from planner.instance.schema import Chain, DecisionRule, Instance, Region
from planner.network.calendars import Openings, days_between, local_midnights, whole_intervals
from planner.plans.model import Delivery, PlanReason, ReasonCode, RegionResult, RegionStatus, Trip
from planner.problem.fleet import Prices
from planner.problem.visits import price_of
from planner.replanning.nights import NightPrices

__all__ = ["Results", "TripPrices"]


class TripPrices:
    """What trips cost, by the tables of an instance.

    Parameters
    ----------
    instance
        The one whose hours and prices hold.
    """

    def __init__(self, instance: Instance) -> None:
        self.instance = instance
        self._hubs = {} if instance.settings.chain is Chain.NONE else hub_of(instance)
        self._shifts: dict[str, Openings] = {}

    def priced(self, trip: Trip) -> Trip:
        """The trip with its paid time and cost, by its times."""
        kind = self.instance.vehicle_type_of[trip.vehicle_type]
        if kind.calendar not in self._shifts:
            self._shifts[kind.calendar] = whole_intervals(self.instance, kind.calendar)
        paid_s = self._shifts[kind.calendar].overlap_s(trip.load_start_s, trip.end_s)
        handled = sum(
            self._hubs[stop.node_id].price_piece * one.pieces
            for stop in trip.stops
            if stop.node_id in self._hubs
            for one in stop.deliveries
        )
        cost = price_of(Prices.of(kind), trip.distance_m, paid_s) + handled
        return replace(trip, paid_s=paid_s, cost=cost)


class Results:
    """What trips do for regions, by the tables of an instance.

    Parameters
    ----------
    instance
        The effective one.
    before
        Results of the plan in force: a reason that still holds is kept.
    """

    def __init__(self, instance: Instance, before: Mapping[str, RegionResult]) -> None:
        self._instance = instance
        self._before = before
        self._hubs = hub_of(instance) if instance.settings.chain is not Chain.NONE else {}
        self._hub_deadlines = {name: hub_limits(instance, name)[1] for name in self._hubs}
        self._midnights = local_midnights(instance)
        self._nights = NightPrices(instance, self._hubs)
        self._left_out = {
            name: one.id
            for one in rulings_of(instance)
            if one.rule is DecisionRule.LEAVE_OUT
            for name in one.regions
        }
        self._horizon_s = instance.settings.horizon_s

    def of(self, regions: Iterable[Region], trips: Sequence[Trip]) -> tuple[RegionResult, ...]:
        """Results of some regions, by all trips that bring them anything."""
        received: dict[str, int] = {}
        units: dict[tuple[str, str], set[int]] = {}
        late: dict[str, tuple[int, str, int]] = {}  # by how much, hub, arrival
        for trip in trips:
            for stop in trip.stops:
                never = trip.begun and stop.end_s >= self._horizon_s  # its way is closed for good, say
                for goods in stop.deliveries if not never else ():
                    name = goods.region_id
                    if stop.node_id == name:
                        if self._is_waived(goods):
                            continue
                        received[name] = max(received.get(name, 0), stop.end_s)
                        held = units.setdefault((name, goods.part), set())
                        held.update(range(goods.first_unit, goods.first_unit + goods.units))
                    elif stop.node_id in self._hub_deadlines:
                        over_s = stop.end_s - self._hub_deadlines[stop.node_id]
                        if over_s >= 0 and over_s > late.get(name, (-1,))[0]:
                            late[name] = (over_s, stop.node_id, stop.end_s)
        return tuple(self._result(region, received, units, late) for region in regions)

    def _is_waived(self, goods: Delivery) -> bool:
        """Whether nothing of a delivery is needed any more."""
        waived = self._instance.waived
        units = range(goods.first_unit, goods.first_unit + goods.units)
        return bool(waived) and all((goods.region_id, goods.part, unit) in waived for unit in units)

    def _result(
        self,
        region: Region,
        received: Mapping[str, int],
        units: Mapping[tuple[str, str], set[int]],
        late: Mapping[str, tuple[int, str, int]],
    ) -> RegionResult:
        name, deadline_s = region.id, deadline_of(self._instance, region)
        needs = {
            part: {unit for unit in range(len(mine)) if (name, part, unit) not in self._instance.waived}
            for part, mine in unit_loads(self._instance, region).items()
        }
        if not any(needs.values()):
            return RegionResult(name, RegionStatus.ON_TIME, None, deadline_s)
        whole = all(units.get((name, part), set()) >= wanted for part, wanted in needs.items())
        received_s = received.get(name) if whole else None
        if received_s is None and name in self._left_out:
            params = {"decision": self._left_out[name]}
            undelivered = RegionStatus.UNDELIVERED
            return RegionResult(name, undelivered, None, deadline_s, ReasonCode.LEFT_OUT, params)
        if received_s is None:
            missing = ReasonCode.AFTER_REPORTS_MISSING
            return self._kept(name, RegionStatus.UNDELIVERED, None, deadline_s, missing, {})
        if received_s >= deadline_s:
            params = {"received": self._instance.clock.text(received_s)}
            reason = ReasonCode.AFTER_REPORTS_LATE
            return self._kept(name, RegionStatus.LATE, received_s, deadline_s, reason, params)
        if name in late:
            _, hub, arrival_s = late[name]
            clock = self._instance.clock
            params = {
                "hub": hub,
                "hub_name": self._hubs[hub].name,
                "deadline": clock.text(self._hub_deadlines[hub]),
                "arrival": clock.text(arrival_s),
            }
            return RegionResult(name, RegionStatus.LATE, received_s, deadline_s, ReasonCode.HUB_LATE, params)
        return RegionResult(name, RegionStatus.ON_TIME, received_s, deadline_s)

    def _kept(
        self,
        name: str,
        status: RegionStatus,
        received_s: int | None,
        deadline_s: int,
        reason: PlanReason,
        params: Mapping[str, str],
    ) -> RegionResult:
        """A result with the reason that it had, where that is still the same one."""
        before = self._before.get(name)
        same = before is not None and (before.status, before.received_s) == (status, received_s)
        if before is not None and same and before.reason not in (ReasonCode.HUB_LATE, ReasonCode.LEFT_OUT):
            reason, params = before.reason, before.params
        return RegionResult(name, status, received_s, deadline_s, reason, params)

    def cost(self, trips: Iterable[Trip]) -> int:
        """Cost of trips with their vehicles, the local days on which these drive, and nights with goods."""
        trips = list(trips)
        total = self._nights.of(trips)
        days: dict[tuple[str, str], set[int]] = {}
        for trip in trips:
            total += trip.cost
            mine = days.setdefault((trip.vehicle_type, trip.vehicle_id), set())
            mine.update(days_between(self._midnights, trip.load_start_s, trip.end_s))
        kinds = self._instance.vehicle_type_of
        return total + sum(
            kinds[kind].price_vehicle + kinds[kind].price_day * len(used)
            for (kind, _), used in days.items()
            if kind in kinds
        )
