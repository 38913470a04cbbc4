"""The trips that a replan may choose from: other orders, vehicles, hours; rests of trips; goods fetched."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from planner.compose.variants import Variant, variants_of_one
from planner.instance.subjects import vehicle_id
from planner.plans.model import Trip
from planner.problem.fleet import FleetType
from planner.problem.problem import Problem, Route
from planner.problem.robust_trip import worst_case
from planner.problem.trip_times import Timing, schedule_rest
from planner.problem.visits import UNPROMISED_S, Visit, fits_capacity, trip_cost, visits
from planner.propose.alternatives import on_every_way, on_one_choice
from planner.propose.pool import AskedTimes, Candidate, Points
from planner.replanning.places import Place
from planner.replanning.rests import Rest, as_planned, price_of_rest, stops_of
from planner.replanning.routes import Order, orders_of, orders_of_rest
from planner.replanning.setting import Choice, RegionCase, Setting

__all__ = ["choices_of"]

_VEHICLES_OF_TYPE = 4
_VARIANTS, _LATE_VARIANTS = 6, 6
_MOST_MOMENTS, _FURTHER_SHIFTS = 16, 3
_FETCH_DAYS = 3


def choices_of(
    setting: Setting,
    projected: Mapping[str, Trip],
    rests: Sequence[Rest],
    loose: Iterable[str],
    *,
    orders: int,
) -> list[Choice]:
    """All choices for a setting.

    Parameters
    ----------
    setting
        What is searched.
    projected
        The opened trips as they would go by themselves, by their ids.
    rests
        Trips under way whose order may change.
    loose
        Consignments that should travel otherwise.
    orders
        So many orders are tried from each place.
    """
    return list(_Maker(setting, projected, rests, frozenset(loose), orders).all())


class _NoPoints(Points):
    """In place of all further starts of a trip, which are many: only those that are asked for matter here."""

    def __init__(self) -> None:
        super().__init__(iter(()))


class _Maker:
    def __init__(
        self,
        setting: Setting,
        projected: Mapping[str, Trip],
        rests: Sequence[Rest],
        loose: frozenset[str],
        orders: int,
    ) -> None:
        self._setting = setting
        self._projected = projected
        self._rests = rests
        self._loose = loose
        self._orders = orders
        # By type, its vehicles and the old trip's one.
        self._numbers: dict[tuple[str, tuple[int, ...], str], tuple[int, ...]] = {}

    def all(self) -> Iterator[Choice]:
        aboard = {
            (rest.trip.origin_id, goods.consignment_id)
            for rest in self._rests
            for stop in rest.trip.stops[rest.done :]
            for goods in stop.deliveries
        }
        for origin, place in self._setting.places.items():
            free = [
                position
                for position, leg in enumerate(place.legs)
                if not leg.fetched_from and leg.key not in aboard
            ]
            if free:
                yield from self._loaded(origin, place, free)
            yield from self._fetched(origin, place)
        for rest in self._rests:
            yield from self._continued(rest)

    # ---------------------------------------------------------------- trips of their own

    def _loaded(self, origin: str, place: Place, free: Sequence[int]) -> Iterator[Choice]:
        names = {place.legs[position].goods.consignment_id: position for position in free}
        olds: dict[Order, Trip] = {}
        for trip in self._setting.opened.values():
            order = tuple(
                names[goods.consignment_id]
                for stop in trip.stops
                for goods in stop.deliveries
                if goods.consignment_id in names
            )
            if trip.origin_id == origin and order and not any(stop.fetched for stop in trip.stops):
                olds.setdefault(order, trip)
        loose = [names[name] for name in names if name in self._loose]
        tight = {place.position[hub] for hub in self._setting.room_cm3 if hub in place.position}
        for order in orders_of(place, list(olds), free, loose, self._orders, tight=tight):
            old = olds.get(order)
            for fleet in range(len(place.problem.fleet)):
                ways = on_one_choice if old is None else on_every_way
                for one in self._candidates(place, ways(place.problem, Route(fleet, order))):
                    yield from self._variants(origin, place, one, old)

    def _candidates(self, place: Place, routes: Iterable[Route]) -> list[Candidate]:
        return list({id(one): one for one in place.pool.add(routes) if one is not None}.values())

    def _variants(self, origin: str, place: Place, one: Candidate, old: Trip | None) -> Iterator[Choice]:
        problem = place.problem
        kind = problem.fleet[one.route.fleet]
        one = replace(one, lazy_points=_NoPoints(), asked=AskedTimes())
        for moment_s in self._moments(place, kind, one, old):
            one.timing_at(problem, moment_s)
        for variant in self._worth_trying(one, place, old):
            for low_s, high_s, vehicles in self._noticed(place, one, variant, old):
                timing = variant.timing if low_s == variant.low_s else one.rigid_timing(problem, low_s)
                yield Choice(
                    origin_id=origin,
                    fleet=one.route.fleet,
                    order=one.route.consignments,
                    stops=one.stops,
                    timing=timing,
                    low_s=low_s,
                    high_s=high_s,
                    cost=one.cost(kind, timing),
                    vehicles=vehicles,
                    candidate=one,
                    same_as="" if old is None else old.id,
                )

    def _worth_trying(self, one: Candidate, place: Place, old: Trip | None) -> list[Variant]:
        """Its variants: those around the planned hour, then the first ones; few of those that are late."""
        wished = set() if old is None else {old.load_start_s}
        if old is not None and old.id in self._projected:
            wished.add(self._projected[old.id].load_start_s)

        def rank(variant: Variant) -> tuple[bool, bool, int, int]:
            around = any(variant.low_s <= moment <= variant.high_s for moment in wished)
            return (not around, bool(variant.late), variant.low_s, variant.high_s)

        found = [
            variant
            for variant in sorted(variants_of_one(place.problem, one, 0), key=rank)
            if variant.high_s >= self._setting.first_s or not rank(variant)[0]
        ]
        good = [variant for variant in found if not variant.late][:_VARIANTS]
        late = [variant for variant in found if variant.late][:_LATE_VARIANTS]
        return good + late

    def _moments(self, place: Place, kind: FleetType, one: Candidate, old: Trip | None) -> list[int]:
        """Starts to try where a trip cannot start at any moment: as planned, or when something gets free."""
        released = max((stop.release_s for stop in one.stops), default=0)
        moments = {released, max(released, self._setting.first_s)}
        if old is not None:
            moments.add(old.load_start_s)
            if old.id in self._projected:
                moments.add(self._projected[old.id].load_start_s)
        for number in kind.vehicle_numbers:
            for _, end_s in self._setting.taken.line(vehicle_id(kind.id, number)).busy:
                moments.add(end_s)
        for trip in self._projected.values():
            if trip.vehicle_type == kind.id:
                moments.add(trip.end_s)
            for stop in trip.stops:
                if stop.node_id == place.problem.id:
                    pieces = sum(goods.pieces for goods in stop.deliveries)
                    moments.add(stop.end_s + self._setting.hubs[stop.node_id].transfer_s(pieces))
        wished = sorted(moment for moment in moments if moment >= released)[:_MOST_MOMENTS]
        wished += list(kind.shifts.begins_after(released))[:_FURTHER_SHIFTS]
        return wished + self._decided(place, kind, one, released)

    def _decided(self, place: Place, kind: FleetType, one: Candidate, released: int) -> list[int]:
        """Starts from which it departs when people have decided that it does."""
        stops = [stop.region for stop in one.stops]
        departures = place.problem.fixings.departures(one.route.fleet, stops) or ()
        load_s = kind.load_fixed_s + kind.load_piece_s * sum(stop.pieces for stop in one.stops)
        first_s = max(released, self._setting.now_s)
        return sorted(moment - load_s for moment in departures if moment - load_s >= first_s)[:_MOST_MOMENTS]

    def _noticed(
        self, place: Place, one: Candidate, variant: Variant, old: Trip | None
    ) -> Iterator[tuple[int, int, tuple[int, ...]]]:
        """Yield its starts of which people have notice, with the vehicles, and that of going by itself."""
        kind = place.problem.fleet[one.route.fleet]
        own = None if old is None else self._projected.get(old.id)
        first_s, same_s = self._setting.first_s, None if own is None else own.load_start_s
        if own is not None and own.vehicle_type == kind.id and same_s is not None and same_s < first_s:
            number = int(own.vehicle_id.removeprefix(f"{kind.id}-")) - 1
            if variant.low_s <= same_s <= variant.high_s and number + 1 in kind.vehicle_numbers:
                yield same_s, same_s, (number,)
        vehicles = self._vehicles(kind, old)
        for low_s, high_s in self._cut(place, one, variant, old):
            if high_s >= first_s:
                yield max(low_s, first_s), high_s, vehicles

    def _cut(
        self, place: Place, one: Candidate, variant: Variant, old: Trip | None
    ) -> Iterator[tuple[int, int]]:
        """The starts of a variant, cut where a region's arrival begins or ceases to be the same."""
        if variant.low_s == variant.high_s:
            yield variant.low_s, variant.high_s
            return
        cuts: set[int] = set()
        for stop, (_, end) in zip(one.stops, variant.timing.services, strict=True):
            case = self._case(place.nodes[stop.region])
            if case is not None:
                offset_s = end - variant.low_s
                cuts |= {case.same_from_s - offset_s, case.same_until_s + 1 - offset_s}
        if old is not None:  # where its driver would see no difference
            tolerance_s = self._setting.tolerance_s
            cuts |= {old.load_start_s - tolerance_s, old.load_start_s + tolerance_s + 1}
        begin = variant.low_s
        for moment in sorted(cuts):
            if begin < moment <= variant.high_s:
                yield begin, moment - 1
                begin = moment
        yield begin, variant.high_s

    def _case(self, node: str) -> RegionCase | None:
        case = self._setting.regions.get(node)
        return None if case is None or case.old.received_s is None else case

    def _vehicles(self, kind: FleetType, old: Trip | None) -> tuple[int, ...]:
        """Numbers of the vehicles worth trying: those of opened trips, then those that are free most."""
        own = "" if old is None else old.vehicle_id
        key = (kind.id, tuple(kind.vehicle_numbers), own)
        if key not in self._numbers:
            opened = (trip for trip in self._setting.opened.values() if trip.vehicle_type == kind.id)
            first = [*((own,) if own else ()), *(trip.vehicle_id for trip in opened)]
            names = {vehicle_id(kind.id, number): number - 1 for number in kind.vehicle_numbers}
            busy = sorted(names, key=lambda name: (self._busy_s(name), name))
            chosen = [name for name in dict.fromkeys([*first, *busy]) if name in names]
            most = max(_VEHICLES_OF_TYPE, len(set(first)))
            self._numbers[key] = tuple(sorted(names[name] for name in chosen[:most]))
        return self._numbers[key]

    def _busy_s(self, vehicle: str) -> int:
        """How long a vehicle has something to do from now on, by trips that stay."""
        now_s = self._setting.now_s
        return sum(
            end - max(begin, now_s) for begin, end in self._setting.taken.line(vehicle).busy if end > now_s
        )

    # ---------------------------------------------------------------- trips under way

    def _continued(self, rest: Rest) -> Iterator[Choice]:
        """Orders in which a trip under way may go on; its planned one first."""
        place = self._setting.places[rest.trip.origin_id]
        problem, trip = place.undecided, rest.trip
        names = {leg.goods.consignment_id: position for position, leg in enumerate(place.legs)}
        order = tuple(
            names[goods.consignment_id] for stop in trip.stops[rest.done :] for goods in stop.deliveries
        )
        number = int(trip.vehicle_id.removeprefix(f"{trip.vehicle_type}-")) - 1
        fleet = place.fleet_position(trip.vehicle_type, number + 1)
        kind = next(one for one in problem.fleet if one.id == trip.vehicle_type)
        assert fleet is not None  # what drives nothing by decision is no rest
        here = problem.place(place.position[rest.here])
        for tried in orders_of_rest(place, order):
            stops = visits(problem, tried)
            if tried == order:
                timing = as_planned(kind, rest)
                stops = stops_of(place, rest, names)
            else:
                found = schedule_rest(
                    problem,
                    kind,
                    stops,
                    here=here,
                    moment_s=rest.moment_s,
                    load_start_s=trip.load_start_s,
                    work=rest.work,
                )
                if found is None:
                    continue
                timing = self._sure(problem, kind, rest, here, stops, found)
            yield Choice(
                origin_id=trip.origin_id,
                fleet=fleet,
                order=tried,
                stops=stops,
                timing=timing,
                low_s=trip.load_start_s,
                high_s=trip.load_start_s,
                cost=trip.cost if tried == order else price_of_rest(problem, kind, rest, here, timing, stops),
                vehicles=(number,),
                same_as=trip.id if tried == order else "",
                rest_of=trip.id,
            )

    def _sure(
        self, problem: Problem, kind: FleetType, rest: Rest, here: int, stops: Sequence[Visit], timing: Timing
    ) -> Timing:
        """With the ends that can be promised, though the leg under way or others are late."""
        if kind.gamma == 0:
            return timing
        cases = [self._promised(problem, kind, rest, here, stops, rest.moment_s)]
        if rest.worst_s > rest.moment_s:  # the leg under way is one of the late ones
            fewer = replace(kind, gamma=kind.gamma - 1)
            cases.append(self._promised(problem, fewer, rest, here, stops, rest.worst_s))
        known = [one for one in cases if one is not None]
        if len(known) < len(cases):
            ends = tuple(end + UNPROMISED_S for _, end in timing.services)
            return replace(timing, worst_ends_s=ends, worst_end_s=timing.end_s)
        worst_s = [max(moments) for moments in zip(*known, strict=True)]
        never = [moment >= UNPROMISED_S for moment in worst_s]
        ends = tuple(
            end + UNPROMISED_S if gone else moment
            for (_, end), moment, gone in zip(timing.services, worst_s, never, strict=True)
        )
        back_s = 0 if kind.open_end else timing.end_s - timing.services[-1][1]
        return replace(
            timing,
            worst_ends_s=ends,
            worst_end_s=timing.end_s if never[-1] else max(timing.end_s, worst_s[-1] + back_s),
        )

    def _promised(
        self, problem: Problem, kind: FleetType, rest: Rest, here: int, stops: Sequence[Visit], moment_s: int
    ) -> tuple[int, ...] | None:
        """Worst ends of the services of a rest that goes on at a moment; None: it cannot."""
        later = schedule_rest(
            problem,
            kind,
            stops,
            here=here,
            moment_s=moment_s,
            load_start_s=rest.trip.load_start_s,
            work=rest.work,
        )
        if later is None:
            return None
        if kind.gamma == 0:
            return tuple(end for _, end in later.services)
        return worst_case(problem, replace(kind, origin=here, open_end=True), stops, later).ends_s

    # ---------------------------------------------------------------- goods fetched

    def _fetched(self, origin: str, place: Place) -> Iterator[Choice]:
        """Trips that take over goods from a vehicle that has broken down."""
        by_node: dict[str, list[int]] = {}
        for position, leg in enumerate(place.legs):
            if leg.fetched_from:
                by_node.setdefault(leg.fetched_from, []).append(position)
        for node, mine in by_node.items():
            for order in _loads(place, tuple(mine)):
                for fleet in range(len(place.problem.fleet)):
                    if fits_capacity(place.problem, Route(fleet, order)):
                        yield from self._fetching(origin, place, node, fleet, order)

    def _fetching(self, origin: str, place: Place, node: str, fleet: int, order: Order) -> Iterator[Choice]:
        problem, kind = place.problem, place.problem.fleet[fleet]
        there = place.position[node]
        goods = visits(problem, order)
        pieces = sum(stop.pieces for stop in goods)
        same_as = self._fetching_before(place, node, order)
        vehicles = self._vehicles(kind, None)
        moments = {self._setting.first_s}
        same_s = None if same_as not in self._projected else self._projected[same_as].load_start_s
        moments |= set() if same_s is None else {same_s}
        for number in vehicles:
            name = vehicle_id(kind.id, number + 1)
            moments |= {end for _, end in self._setting.taken.line(name).busy}
        moments |= set(list(kind.shifts.begins_after(self._setting.now_s))[:_FETCH_DAYS])
        for moment_s in sorted(
            moment for moment in moments if moment >= self._setting.first_s or moment == same_s
        )[:_MOST_MOMENTS]:
            first = _visit(there)
            timing = schedule_rest(
                problem,
                kind,
                (*first, *goods),
                here=kind.origin,
                moment_s=moment_s,
                load_start_s=moment_s,
                lasts_s={0: kind.load_fixed_s + kind.load_piece_s * pieces},
            )
            if timing is None or not kind.shifts.allows(moment_s, 0):
                continue
            timing = replace(timing, load_start_s=moment_s, depart_s=moment_s)
            if not _is_decided_so(problem, fleet, (*first, *goods), timing):
                continue
            if kind.gamma:
                worst = worst_case(problem, kind, (*first, *goods), timing)
                gone = any(moment >= UNPROMISED_S for moment in worst.ends_s)
                timing = replace(
                    timing,
                    worst_ends_s=tuple(
                        end + UNPROMISED_S if gone else moment
                        for (_, end), moment in zip(timing.services, worst.ends_s, strict=True)
                    ),
                    worst_end_s=timing.end_s if gone else worst.end_s,
                )
            places = [kind.origin, *(problem.place(stop.region) for stop in (*first, *goods))]
            places += [] if kind.open_end else [kind.origin]
            metres = sum(kind.distance_between(*ends) for ends in zip(places, places[1:], strict=False))
            yield Choice(
                origin_id=origin,
                fleet=fleet,
                order=order,
                stops=(*first, *goods),
                timing=timing,
                low_s=moment_s,
                high_s=moment_s,
                cost=problem.handling(order) + trip_cost(kind, metres + timing.further_m, timing.paid_s),
                vehicles=vehicles,
                same_as=same_as,
                fetches=node,
            )

    def _fetching_before(self, place: Place, node: str, order: Order) -> str:
        """Id of the trip of the plan in force that fetches the same goods there; empty: none does."""
        wanted = [place.legs[position].goods.consignment_id for position in order]
        for trip in self._setting.opened.values():
            fetches = any(stop.fetched and stop.node_id == node for stop in trip.stops)
            goods = [one.consignment_id for stop in trip.stops for one in stop.deliveries]
            if trip.origin_id == place.problem.id and fetches and goods == wanted:
                return trip.id
        return ""


def _is_decided_so(problem: Problem, fleet: int, stops: Sequence[Visit], timing: Timing) -> bool:
    """Whether decisions allow a trip at these times, by a type of vehicle."""
    places = [stop.region for stop in stops]
    times = (timing.depart_s, timing.services, timing.end_s)
    return problem.fixings.allows(fleet, places) and (
        not problem.fixings.limits_times or problem.fixings.fits(fleet, places, timing.load_start_s, times)
    )


def _visit(region: int) -> tuple[Visit, ...]:
    """A stop at which nothing is handed over."""
    return (Visit(region, 0, ()),)


def _loads(place: Place, mine: Order) -> list[Order]:
    """Goods of one vehicle, all at once, as full as each type allows, and one by one."""
    found: dict[Order, None] = {mine: None}
    for fleet in range(len(place.problem.fleet)):
        load: Order = ()
        for position in mine:
            if load and not fits_capacity(place.problem, Route(fleet, (*load, position))):
                found.setdefault(load)
                load = ()
            load = (*load, position)
        found.setdefault(load)
    found.update({(position,): None for position in mine})
    return [one for one in found if one]
