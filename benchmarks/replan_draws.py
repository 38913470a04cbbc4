"""Draws of what may happen while a plan is carried out: every kind of report, at every kind of moment.

`KINDS_DRAWN` names how each kind is drawn; a test holds that no kind of the program lacks there. What is
drawn is drawn by the share of trips and places, not by what is easy, and may be refused: the benchmark counts
that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from random import Random

from planner.events.schema import EventKind
from planner.instance.schema import Instance
from planner.plans.model import Plan, StepKind, Trip

__all__ = ["KINDS_DRAWN", "PHASES", "Drawn", "Scene", "confirmations", "draw", "moments", "scene_of"]

PHASES = ("before", "loading", "under_way", "serving", "between", "after", "end")
_HOUR_S = 3600
_MINUTE_S = 60


@dataclass(frozen=True)
class Drawn:
    """One report as a person would enter it, and what it may move.

    Parameters
    ----------
    cells
        Columns of the table, without `id`.
    begins_s
        What ended before this moment has nothing to do with it.
    vehicles
        Ids of vehicles that it is about; empty: see ``wide``.
    wide
        Whether it is about more than vehicles: ways, hours, places, fleets.
    warehouses
        Components that it may move; None: all.
    more, less
        By region: units that are needed besides at most, and that are not needed any more.
    stop
        Trip, node and end of service, where it confirms one stop.
    """

    cells: Mapping[str, str]
    begins_s: int
    vehicles: tuple[str, ...] = ()
    wide: bool = False
    warehouses: frozenset[str] | None = None
    more: Mapping[str, int] | None = None
    less: Mapping[str, int] | None = None
    stop: tuple[str, str, int] | None = None


@dataclass
class Scene:
    """Where and when something is drawn.

    Parameters
    ----------
    plan, instance
        The plan in force, and the tables.
    now_s
        Moment of the replan.
    trip
        The trip whose moment it is.
    told
        Reports that were taken so far, by id.
    """

    plan: Plan
    instance: Instance
    now_s: int
    trip: Trip
    random: Random
    told: dict[str, Drawn]

    def text(self, moment_s: int) -> str:
        """A moment as in tables."""
        return self.instance.clock.text(moment_s)

    def begun(self) -> list[Trip]:
        """Trips that should have begun."""
        return [one for one in self.plan.trips if one.load_start_s <= self.now_s]

    def ahead(self) -> list[Trip]:
        """Trips that should begin later."""
        return [one for one in self.plan.trips if one.load_start_s > self.now_s]

    def one_of(self, trips: list[Trip]) -> Trip:
        """The trip of the scene, mostly; else any of these."""
        if trips and self.random.random() < 0.3:
            return self.random.choice(trips)
        return self.trip

    def component(self, *, trip: Trip | None = None, region: str = "") -> frozenset[str]:
        """The component of a trip or region."""
        if region:
            return frozenset({self.instance.region_of[region].warehouse})
        kind = self.instance.vehicle_type_of.get((trip or self.trip).vehicle_type)
        return frozenset({kind.warehouse}) if kind else frozenset(w.id for w in self.instance.warehouses)

    def past(self) -> int:
        """A moment before now, of the day before at the earliest."""
        return max(0, self.now_s - self.random.choice((5, 20, 60, 180, 600, 1440)) * _MINUTE_S)

    def span(self, *, until: float = 0.7) -> tuple[dict[str, str], int]:
        """`from` and `until`, and when it begins."""
        begins_s, cells = self.now_s, {}
        draw = self.random.random()
        if draw < 0.35:
            begins_s = self.past()
        elif draw < 0.6:
            begins_s = self.now_s + self.random.randint(1, 24) * _HOUR_S // 2
        if draw < 0.6:
            cells["from"] = self.text(begins_s)
        if self.random.random() < until:
            ends_s = max(begins_s, self.now_s) + self.random.choice((20, 60, 120, 240, 600, 1440)) * _MINUTE_S
            cells["until"] = self.text(ends_s)
        return cells, begins_s


def moments(plan: Plan, phase: str, random: Random) -> tuple[int, Trip]:
    """A moment of a kind, in seconds from the plan's start, and the trip whose moment it is."""
    trip = random.choice([one for one in plan.trips if one.stops] or list(plan.trips))
    legs = [*(stop.leg for stop in trip.stops), *([trip.back] if trip.back is not None else [])]
    if phase == "before":
        now_s = trip.load_start_s - random.randint(1, 600) * _MINUTE_S
    elif phase == "loading":
        now_s = random.randint(trip.load_start_s, max(trip.load_start_s, trip.depart_s - 1))
    elif phase == "under_way" and legs:
        leg = random.choice(legs)
        now_s = random.randint(leg.depart_s, max(leg.depart_s, leg.arrive_s - 1))
    elif phase == "serving" and trip.stops:
        stop = random.choice(trip.stops)
        now_s = random.randint(stop.leg.arrive_s, max(stop.leg.arrive_s, stop.end_s))
    elif phase == "between":
        later = [one.load_start_s for one in plan.trips if one.vehicle_id == trip.vehicle_id]
        after = min((one for one in later if one >= trip.end_s), default=trip.end_s + 2 * _HOUR_S)
        now_s = random.randint(trip.end_s, max(trip.end_s, after))
    elif phase == "after":
        now_s = trip.end_s + random.randint(0, 24 * 60) * _MINUTE_S
    else:
        now_s = max(one.end_s for one in plan.trips) + random.randint(0, 60) * _MINUTE_S
    last_s = max(one.end_s for one in plan.trips) + 2 * _HOUR_S
    return min(max(0, now_s), last_s), trip


def scene_of(plan: Plan, instance: Instance, phase: str, random: Random, *, from_s: int = 0) -> Scene:
    """A scene at a drawn moment, not before ``from_s``."""
    for _ in range(50):
        now_s, trip = moments(plan, phase, random)
        if now_s >= from_s:
            break
    return Scene(plan, instance, max(now_s, from_s), trip, random, {})


def draw(kind: EventKind, scene: Scene) -> Drawn | None:
    """A report of a kind; None where the scene has nothing that it could be about."""
    found = KINDS_DRAWN[kind](scene)
    if found is None:
        return None
    told_s = scene.now_s
    if scene.random.random() < 0.4:  # told some time ago
        told_s = max(0, scene.now_s - scene.random.randint(1, 90) * _MINUTE_S)
        begins_s = found.begins_s
        if "from" not in found.cells:
            begins_s = min(begins_s, told_s)
        if found.stop is not None:
            told_s = max(told_s, found.stop[2])
        found = replace(found, begins_s=begins_s)
    cells = {"time": scene.text(told_s), "kind": kind.value, **found.cells}
    return replace(found, cells=cells)


def confirmations(scene: Scene, number: int) -> Iterator[Drawn]:
    """Single confirmations of stops that were due, a few minutes off the plan."""
    due = [
        (trip, stop)
        for trip in scene.plan.trips
        for stop in trip.stops
        if stop.end_s <= scene.now_s and any(one.region_id == stop.node_id for one in stop.deliveries)
    ]
    for trip, stop in scene.random.sample(due, min(number, len(due))):
        late_s = scene.random.choice((0, 0, 4, 9, 20)) * _MINUTE_S
        at_s = min(scene.now_s, stop.end_s + late_s)
        cells = {
            "time": scene.text(max(at_s, scene.now_s - scene.random.randint(0, 60) * _MINUTE_S)),
            "kind": EventKind.DELIVERED.value,
            "subject": trip.id,
            "from": scene.text(at_s),
            "place": stop.node_id,
        }
        yield Drawn(
            cells,
            min(at_s, trip.load_start_s),
            vehicles=(trip.vehicle_id,),
            warehouses=scene.component(trip=trip),
            stop=(trip.id, stop.node_id, at_s),
        )


# ---------------------------------------------------------------- one kind after another


def _on_the_way(
    scene: Scene, at: Callable[[Trip], list[tuple[str, int]]], *, region: bool = False
) -> Drawn | None:
    """A thing that happens on a trip: place and planned moment are drawn from what was due."""
    trip = scene.one_of(scene.begun())
    points = at(trip)
    due = [one for one in points if one[1] <= scene.now_s] or points[:1]
    if not due:
        return None
    place, planned_s = scene.random.choice(due)
    late_s = scene.random.choice((-5, 0, 0, 5, 15, 40, 120)) * _MINUTE_S
    at_s = max(0, min(scene.now_s, planned_s + late_s))
    subject = scene.random.choice((trip.id, trip.vehicle_id))
    cells = {"from": scene.text(at_s)}
    if region and place in scene.instance.region_of and scene.random.random() < 0.3:
        subject = place
    elif place and scene.random.random() < 0.7:
        cells["place"] = place
    return Drawn(
        {"subject": subject, **cells},
        min(at_s, trip.load_start_s),
        vehicles=tuple({trip.vehicle_id} | _serving(scene.plan, subject)),
        warehouses=scene.component(trip=trip),
    )


def _serving(plan: Plan, node: str) -> set[str]:
    """Vehicles that stop at a place."""
    return {one.vehicle_id for one in plan.trips for stop in one.stops if stop.node_id == node}


def _loaded(scene: Scene) -> Drawn | None:
    return _on_the_way(scene, lambda trip: [("", trip.depart_s)])


def _departed(scene: Scene) -> Drawn | None:
    return _on_the_way(
        scene, lambda trip: [("", trip.depart_s), *((stop.node_id, stop.end_s) for stop in trip.stops)]
    )


def _arrived(scene: Scene) -> Drawn | None:
    return _on_the_way(
        scene, lambda trip: [(stop.node_id, stop.leg.arrive_s) for stop in trip.stops], region=True
    )


def _delivered(scene: Scene) -> Drawn | None:
    return _on_the_way(scene, lambda trip: [(stop.node_id, stop.end_s) for stop in trip.stops], region=True)


def _not_as_ordered(scene: Scene) -> Drawn | None:
    """`skipped`, `refused` or `returned`: a stop that went otherwise."""
    return _on_the_way(scene, lambda trip: [(stop.node_id, stop.end_s) for stop in trip.stops], region=True)


def _partly(scene: Scene) -> Drawn | None:
    found = _on_the_way(
        scene,
        lambda trip: [
            (stop.node_id, stop.end_s) for stop in trip.stops if stop.node_id in scene.instance.region_of
        ],
        region=True,
    )
    if found is None:
        return None
    return replace(found, cells={**found.cells, "value": scene.random.choice(("1", "1", "2"))})


def _taken_over(scene: Scene) -> Drawn | None:
    """Another vehicle under way, or the next one that loads, has goods of a trip."""
    giver = scene.one_of([one for one in scene.begun() if one.stops])
    if not giver.stops:
        return None
    nodes = [stop.node_id for stop in giver.stops if stop.end_s > scene.now_s] or [giver.stops[-1].node_id]
    others = [one for one in scene.begun() if one.vehicle_id != giver.vehicle_id and one.end_s > scene.now_s]
    others = others or [trip for trip in scene.plan.trips if trip.vehicle_id != giver.vehicle_id]
    if not others:
        return None
    taker = scene.random.choice(others)
    cells = {
        "subject": scene.random.choice((taker.id, taker.vehicle_id)),
        "place": scene.random.choice(nodes),
    }
    at_s = scene.now_s
    if scene.random.random() < 0.5:
        at_s = max(min(giver.depart_s, scene.now_s), scene.now_s - 30 * _MINUTE_S)
        cells["from"] = scene.text(at_s)
    return Drawn(
        cells,
        min(at_s, giver.load_start_s, taker.load_start_s),
        vehicles=(giver.vehicle_id, taker.vehicle_id),
        warehouses=scene.component(trip=giver) | scene.component(trip=taker),
    )


def _fetched(scene: Scene) -> Drawn | None:
    fetching = [trip for trip in scene.begun() if any(stop.fetched for stop in trip.stops)]
    if not fetching:
        return None
    trip = scene.random.choice(fetching)
    stop = next(one for one in trip.stops if one.fetched)
    at_s = min(scene.now_s, stop.end_s)
    return Drawn(
        {"subject": trip.id, "from": scene.text(at_s), "place": stop.node_id},
        min(at_s, trip.load_start_s),
        vehicles=(trip.vehicle_id,),
        warehouses=scene.component(trip=trip),
    )


def _delay(scene: Scene) -> Drawn:
    trip = scene.one_of([*scene.begun(), *scene.ahead()])
    cells: dict[str, str] = {"subject": scene.random.choice((trip.id, trip.vehicle_id, trip.vehicle_id))}
    begins_s = scene.now_s
    if scene.random.random() < 0.3:
        begins_s = scene.past()
        cells["from"] = scene.text(begins_s)
    if scene.random.random() < 0.25:
        cells["until"] = scene.text(scene.now_s + scene.random.randint(1, 12) * _HOUR_S)
    else:
        cells["value"] = f"{scene.random.choice((10, 30, 60, 120, 240, 600))}min"
    if scene.random.random() < 0.25:
        cells["place"] = scene.random.choice(trip.stops).node_id
    begins_s = min(begins_s, max(0, trip.load_start_s)) if "place" in cells else begins_s
    return Drawn(cells, begins_s, vehicles=(trip.vehicle_id,), warehouses=scene.component(trip=trip))


def _breakdown(scene: Scene) -> Drawn:
    trip = scene.one_of(scene.begun())
    cells, begins_s = scene.span(until=0.5)
    return Drawn(
        {"subject": trip.vehicle_id, **cells},
        begins_s,
        vehicles=(trip.vehicle_id,),
        warehouses=scene.component(trip=trip),
    )


def _repaired(scene: Scene) -> Drawn:
    trip = scene.trip
    for one in scene.told.values():
        if one.cells["kind"] in (EventKind.BREAKDOWN, EventKind.VEHICLE_LOST):
            match = [trip for trip in scene.plan.trips if trip.vehicle_id == one.cells["subject"]]
            trip = match[0] if match else trip
    cells, begins_s = scene.span(until=0.0)
    return Drawn(
        {"subject": trip.vehicle_id, **cells},
        begins_s,
        vehicles=(trip.vehicle_id,),
        warehouses=scene.component(trip=trip),
    )


def _edge(scene: Scene) -> str | None:
    trip = scene.one_of([*scene.ahead(), *scene.begun()])
    legs = [stop.leg for stop in trip.stops]
    edges = sorted({_base(step.ref) for leg in legs for step in leg.path if step.kind is not StepKind.KNOWN})
    return scene.random.choice(edges) if edges else None


def _base(ref: str) -> str:
    """The edge of the tables that a step is on: while another speed holds it is driven over a double."""
    return ref.split("~E", 1)[0]


def _with_edge(scene: Scene, edge: str) -> frozenset[str]:
    """Components with trips over an edge."""
    return frozenset(
        name
        for trip in scene.plan.trips
        for leg in (*(stop.leg for stop in trip.stops), *((trip.back,) if trip.back else ()))
        if any(_base(step.ref) == edge for step in leg.path)
        for name in scene.component(trip=trip)
    )


def _closure(scene: Scene) -> Drawn | None:
    edge = _edge(scene)
    if edge is None:
        return None
    cells, begins_s = scene.span()
    return Drawn({"subject": edge, **cells}, begins_s, wide=True, warehouses=_with_edge(scene, edge))


def _opened(scene: Scene) -> Drawn | None:
    closed = [one.cells["subject"] for one in scene.told.values() if one.cells["kind"] == EventKind.CLOSURE]
    edge = scene.random.choice(closed) if closed else _edge(scene)
    if edge is None:
        return None
    cells, begins_s = scene.span(until=0.0)
    return Drawn({"subject": edge, **cells}, begins_s, wide=True)


def _speed(scene: Scene) -> Drawn | None:
    edge = _edge(scene)
    subject = scene.random.choice(
        (edge or scene.trip.vehicle_type, scene.trip.vehicle_type, *sorted(_modes(scene)))
    )
    cells, begins_s = scene.span()
    value = scene.random.choice(("40%", "60", "80%", "120%"))
    return Drawn({"subject": subject, "value": value, **cells}, begins_s, wide=True)


def _modes(scene: Scene) -> set[str]:
    return {str(one.mode) for one in scene.instance.edges}


def _region(scene: Scene) -> str:
    served = [goods.region_id for stop in scene.trip.stops for goods in stop.deliveries]
    if not served or scene.random.random() < 0.3:
        served = [region.region_id for region in scene.plan.regions]
    return scene.random.choice(served)


def _spoilt(scene: Scene) -> Drawn:
    region, number = _region(scene), scene.random.choice((1, 1, 2))
    cells = {"subject": region, "value": str(number)}
    unit_items = [one for one in scene.instance.items if one.per == scene.instance.settings.unit]
    if unit_items and scene.random.random() < 0.5:
        cells["item"] = scene.random.choice(unit_items).id
    parts = len({one.part for one in scene.instance.items})
    return Drawn(cells, scene.now_s, warehouses=scene.component(region=region), more={region: number * parts})


def _misdelivered(scene: Scene) -> Drawn:
    found = _spoilt(scene)
    place = {"place": _region(scene)} if scene.random.random() < 0.5 else {}
    return replace(found, cells={**found.cells, **place})


def _found(scene: Scene) -> Drawn:
    """What was missing or given to somebody else, where that was told; else of any region."""
    kinds = (EventKind.MISSING, EventKind.MISDELIVERED)
    lost = [one for one in scene.told.values() if one.cells["kind"] in kinds]
    if not lost:
        return replace(_spoilt(scene), more=None)
    other = scene.random.choice(lost)
    cells = {key: other.cells[key] for key in ("subject", "value", "item") if key in other.cells}
    return Drawn(cells, scene.now_s, warehouses=other.warehouses)


def _fewer(scene: Scene) -> Drawn:
    region, number = _region(scene), scene.random.choice((1, 1, 2))
    return Drawn(
        {"subject": region, "value": str(number)},
        scene.now_s,
        warehouses=scene.component(region=region),
        less={region: number},
    )


def _deadline(scene: Scene) -> Drawn:
    region = _region(scene)
    row = scene.instance.region_of[region]
    subject = scene.random.choice((region, region, row.area or region, row.hub or region))
    until_s = scene.now_s + scene.random.choice((-2, 2, 6, 24, 72)) * _HOUR_S
    return Drawn({"subject": subject, "until": scene.text(max(60, until_s))}, scene.now_s)


def _contact(scene: Scene) -> Drawn:
    subject = scene.random.choice((_region(scene), _place(scene), scene.trip.vehicle_id))
    cells = {"subject": subject, "value": "Pak Budi 0812-3456-789"}
    return Drawn(cells, scene.now_s, warehouses=frozenset())


def _demand(scene: Scene) -> Drawn:
    region, number = _region(scene), scene.random.choice((1, 2, 3))
    parts = len({one.part for one in scene.instance.items})
    return Drawn(
        {"subject": region, "value": str(number)},
        scene.now_s,
        warehouses=scene.component(region=region),
        more={region: number * parts},
    )


def _stock(scene: Scene) -> Drawn | None:
    if not scene.instance.stock:
        return None
    row = scene.random.choice(scene.instance.stock)
    value = scene.random.choice(("", "1000", "20", "-20", "-150", "-5"))
    cells, begins_s = scene.span(until=0.0)
    return Drawn(
        {"subject": row.warehouse, "item": row.item, "value": value, **cells},
        begins_s,
        wide=True,
        warehouses=frozenset({row.warehouse}),
    )


def _vehicle_added(scene: Scene) -> Drawn:
    kind = scene.instance.vehicle_type_of.get(scene.trip.vehicle_type) or scene.instance.vehicles[0]
    cells, begins_s = scene.span()
    cells |= {"subject": kind.id, "value": str(scene.random.choice((1, 2)))}
    warehouses = frozenset({kind.warehouse})
    if scene.random.random() < 0.3:
        place = scene.random.choice((*scene.instance.warehouses, *scene.instance.hubs)).id
        cells |= {"subject": place, "type": kind.id}
        warehouses |= _of_place(scene, place)
    return Drawn(cells, begins_s, wide=True, warehouses=warehouses)


def _vehicle_lost(scene: Scene) -> Drawn:
    cells, begins_s = scene.span()
    subject = scene.random.choice((scene.trip.vehicle_id, scene.trip.vehicle_id, scene.trip.vehicle_type))
    if subject == scene.trip.vehicle_type and scene.random.random() < 0.6:
        cells["value"] = "1"
    return Drawn(
        {"subject": subject, **cells}, begins_s, wide=True, warehouses=scene.component(trip=scene.trip)
    )


def _of_place(scene: Scene, place: str) -> frozenset[str]:
    """Components that a place belongs to."""
    own = {place} if place in scene.instance.warehouse_of else set()
    through = [trip for trip in scene.plan.trips if place in {trip.origin_id, *_nodes(trip)}]
    own = own.union(*(scene.component(trip=trip) for trip in through))
    return frozenset(own | {one.warehouse for one in scene.instance.regions if one.hub == place})


def _nodes(trip: Trip) -> set[str]:
    return {stop.node_id for stop in trip.stops}


def _place(scene: Scene) -> str:
    return scene.random.choice(
        [scene.trip.origin_id, *(stop.node_id for stop in scene.trip.stops
                                 if stop.node_id not in scene.instance.region_of)]
    )  # fmt: skip


def _escort(scene: Scene) -> Drawn:
    return Drawn({"subject": _place(scene), "value": "1"}, scene.now_s, wide=True)


def _dock(scene: Scene) -> Drawn:
    place = _place(scene)
    cells, begins_s = scene.span()
    cells |= {"subject": place, "value": str(scene.random.choice((0, 1, 2, 3)))}
    return Drawn(cells, begins_s, wide=True, warehouses=_of_place(scene, place))


def _warehouse(scene: Scene) -> Drawn:
    place = _place(scene)
    cells, begins_s = scene.span(until=0.8)
    cells |= {"subject": place, "value": scene.random.choice(("", "closed", "closed", "open"))}
    return Drawn(cells, begins_s, wide=True, warehouses=_of_place(scene, place))


def _calendar(scene: Scene) -> Drawn:
    names = sorted({one.calendar for one in scene.instance.calendars})
    subject = scene.random.choice((*names, _place(scene), _region(scene), scene.trip.vehicle_type))
    cells, begins_s = scene.span()
    cells |= {"subject": subject, "value": scene.random.choice(("07:00-15:00", "08:00-20:00", "closed"))}
    midnight_s = scene.instance.clock.midnight(scene.instance.clock.day(begins_s))
    return Drawn(cells, max(0, midnight_s), wide=True)


def _longest_delay(scene: Scene) -> Drawn:
    names = (_edge(scene) or scene.trip.vehicle_type, scene.trip.vehicle_type, *sorted(_modes(scene)))
    subject = scene.random.choice(names)
    value = scene.random.choice(("0%", "10%", "60%", "20 min", "15% + 30 min"))
    return Drawn({"subject": subject, "value": value}, scene.now_s, wide=True)


def _decision(scene: Scene) -> Drawn | None:
    """A decision of any rule that can be told, or the end of one."""
    held = [one.id for one in scene.instance.decisions]
    held += [name for name, one in scene.told.items() if one.cells["kind"] == EventKind.DECISION]
    if held and scene.random.random() < 0.3:
        return Drawn({"subject": scene.random.choice(held), "type": "lifted"}, scene.now_s, wide=True)
    region, other, trip = _region(scene), _region(scene), scene.one_of(scene.ahead())
    day = scene.instance.clock.day(min(trip.depart_s + 86_400 * scene.random.randint(0, 1), _last_s(scene)))
    hour = scene.text(trip.depart_s)[11:16]
    rule, subject, value = scene.random.choice(
        (
            ("use", region, trip.vehicle_type),
            ("use", region, trip.vehicle_id),
            ("never_use", trip.vehicle_id, ""),
            ("never_use", region, trip.vehicle_id),
            ("day", region, day.isoformat()),
            ("depart_at", region, hour),
            ("depart_at", trip.vehicle_id, hour),
            ("together", f"{region}+{other}", ""),
            ("leave_out", region, ""),
        )
    )
    less = None
    if rule == "leave_out":
        less = {region: scene.instance.region_of[region].counts.get(scene.instance.settings.unit, 0)}
    cells = {"subject": subject, "type": rule, "value": value}
    return Drawn(cells, scene.now_s, wide=True, less=less)


def _last_s(scene: Scene) -> int:
    return scene.instance.settings.horizon_s - 1


def _void(scene: Scene) -> Drawn | None:
    if not scene.told:
        return None
    name = scene.random.choice(sorted(scene.told))
    other = scene.told[name]
    return Drawn(
        {"subject": name},
        other.begins_s,
        other.vehicles,
        other.wide,
        other.warehouses,
        other.more,
        other.less,
    )


KINDS_DRAWN: Mapping[EventKind, Callable[[Scene], Drawn | None]] = {
    EventKind.LOADED: _loaded,
    EventKind.DEPARTED: _departed,
    EventKind.ARRIVED: _arrived,
    EventKind.DELIVERED: _delivered,
    EventKind.DAMAGED: _spoilt,
    EventKind.MISSING: _spoilt,
    EventKind.RECALL: _spoilt,
    EventKind.FETCHED: _fetched,
    EventKind.SKIPPED: _not_as_ordered,
    EventKind.REFUSED: _not_as_ordered,
    EventKind.PARTLY: _partly,
    EventKind.RETURNED: _not_as_ordered,
    EventKind.TAKEN_OVER: _taken_over,
    EventKind.MISDELIVERED: _misdelivered,
    EventKind.FOUND: _found,
    EventKind.FEWER: _fewer,
    EventKind.DELAY: _delay,
    EventKind.BREAKDOWN: _breakdown,
    EventKind.REPAIRED: _repaired,
    EventKind.CLOSURE: _closure,
    EventKind.OPENED: _opened,
    EventKind.SPEED: _speed,
    EventKind.DEMAND: _demand,
    EventKind.STOCK: _stock,
    EventKind.VEHICLE_ADDED: _vehicle_added,
    EventKind.VEHICLE_LOST: _vehicle_lost,
    EventKind.ESCORT: _escort,
    EventKind.DOCK: _dock,
    EventKind.WAREHOUSE: _warehouse,
    EventKind.CALENDAR: _calendar,
    EventKind.DEADLINE: _deadline,
    EventKind.CONTACT: _contact,
    EventKind.DECISION: _decision,
    EventKind.LONGEST_DELAY: _longest_delay,
    EventKind.VOID: _void,
}
