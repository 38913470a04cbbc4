"""The document of a page: all that its elements show, as numbers, names and texts in both languages."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planner.base.clock import HOUR_S
from planner.base.text import LANGUAGES, catalogue, speaking
from planner.instance.call_signs import call_signs
from planner.instance.schema import Mode
from planner.outputs.map.classes import Classes, Colour, classes_of
from planner.outputs.map.legend import note_of
from planner.outputs.map.page import credits_of, notices_of
from planner.outputs.map.scene import Scene
from planner.outputs.robustness import robustness_lines
from planner.outputs.summary import cost_line, gap_percent, hub_line, night_line, reason_texts, sentence
from planner.outputs.transfers import hauls, is_trunk
from planner.pages.money import costs_document, resources_document
from planner.pages.shapes import UNIT, encoded, ground_document
from planner.plans.model import Leg, RegionResult, RegionStatus, StepKind, Trip
from planner.proof.verdict import Verdict
from planner.simulation.result import Simulation

__all__ = ["FORMAT", "both", "page_document"]

FORMAT = "page/1"
_AROUND = 0.8  # of the size of what is shown: so much of the ground lies around it
_TEXTS = ("web.", "report.months", "report.unit.", "report.mode.", "map.class.")


def page_document(
    scene: Scene, *, verdict: Verdict | None = None, simulation: Simulation | None = None
) -> dict[str, Any]:
    """What a page tells of a plan; `docs/page_format.md` explains each key.

    Parameters
    ----------
    scene
        The plan, what it was made for, its ground, what is asked for and perhaps what is known by reports.
    verdict
        What the independent check found; None: it did not check.
    simulation
        Chances by drawn delays; None: nothing was drawn.

    Notes
    -----
    The same arguments give the same document, whatever language is in force. It holds no contacts.
    """
    return _Document(scene, verdict, simulation).whole()


def both(make: Callable[[], str]) -> Mapping[str, str]:
    """A text in all languages."""
    return {code: lines[0] for code, lines in _all(lambda: [make()]).items()}


def _all(make: Callable[[], Sequence[str]]) -> Mapping[str, Sequence[str]]:
    """Texts in all languages."""
    found = {}
    for code in LANGUAGES:
        with speaking(code):
            found[code] = [*make()]
    return found


class _Numbers:
    """Ids by the order in which they are first asked for."""

    def __init__(self) -> None:
        self.of: dict[str, int] = {}

    def __call__(self, name: str) -> int:
        return self.of.setdefault(name, len(self.of))


@dataclass(frozen=True, slots=True)
class _Edge:
    """What is driven along: two nodes, a mode, and seconds in both directions (0: not that way)."""

    start: str
    end: str
    mode: Mode
    time_s: int
    back_s: int


class _Document:
    def __init__(self, scene: Scene, verdict: Verdict | None, simulation: Simulation | None) -> None:
        self._scene, self._verdict, self._simulation = scene, verdict, simulation
        self._places, self._vehicles, self._types, self._edges = (_Numbers() for _ in range(4))
        self._edge_rows: list[_Edge] = []
        self._signs = call_signs(scene.instance)

    def whole(self) -> dict[str, Any]:
        scene, plan = self._scene, self._scene.plan
        numbers = {item.region_id: at for at, item in enumerate(scene.results)}
        regions = self._regions()
        for name in (*scene.warehouses, *scene.hubs):
            self._places(name)
        trips = [self._trip(trip) for trip in scene.trips]
        return {
            "format": FORMAT,
            "name": scene.instance.settings.name,
            "area": scene.asked.area,
            "planner": plan.planner_version,
            "instance_digest": plan.instance_digest,
            "answer": self._answer(),
            "clock": self._clock(),
            "currency": plan.currency,
            "number_format": scene.instance.settings.number_format,
            "regions": regions,
            "trips": trips,
            "vehicles": self._vehicle_rows(),
            "types": self._type_rows(),
            "edges": [self._edge_row(edge) for edge in self._edge_rows],
            "places": self._place_rows(),
            "modes": [mode.value for mode in Mode],
            "colours": {colour.value: self._colour(colour, numbers) for colour in Colour},
            "costs": costs_document(scene),
            "resources": resources_document(scene),
            "ground": ground_document(scene.ground, self._box()),
            "ground_box": [round(side, 4) for side in self._box()],
            "unit": UNIT,
            "texts": {
                code: {key: text for key, text in catalogue(code).items() if key.startswith(_TEXTS)}
                for code in LANGUAGES
            },
        }

    def _answer(self) -> dict[str, Any]:
        """What is said on top."""
        scene, plan, verdict = self._scene, self._scene.plan, self._verdict

        def told() -> list[str]:
            lines = [cost_line(plan, scene.instance), night_line(plan, scene.instance), hub_line(plan)]
            if verdict is not None and verdict.passed:
                lines += robustness_lines(verdict.robustness, scene.instance)
            return [line for line in lines if line]

        standing = scene.standing
        return {
            "status": plan.status.value if verdict is None else verdict.answer.value,
            "checked": None if verdict is None else verdict.passed,
            "sentence": both(lambda: sentence(plan, scene.instance)),
            "lines": _all(told),
            "modelled": both(lambda: note_of(scene)),
            "credits": _all(lambda: credits_of(scene)),
            "notices": notices_of(scene),
            "regions_total": len(scene.results),
            "regions_on_time": sum(item.status is RegionStatus.ON_TIME for item in scene.results),
            "gamma": plan.gamma,
            "cost": plan.cost,
            "lower_bound": plan.lower_bound,
            "gap_percent": gap_percent(plan),
            "smallest_margin_s": plan.smallest_margin_s,
            "now_s": None if standing is None else standing.state.now_s,
            "runs": None if self._simulation is None else self._simulation.runs,
            "chance": None if self._simulation is None else round(self._simulation.plan.share, 6),
        }

    def _clock(self) -> dict[str, Any]:
        """Second 0, and how far local time is from UTC from which second on."""
        clock, trips = self._scene.instance.clock, self._scene.trips
        ends = [trip.end_s for trip in trips] + [item.deadline_s for item in self._scene.results]
        first = min((trip.load_start_s for trip in trips), default=0)
        last = max(ends, default=HOUR_S)
        offsets: list[tuple[int, int]] = []
        for at in range(0, max(last, 0) + 2 * HOUR_S, HOUR_S):
            shift = clock.instant(at).utcoffset()
            offset = 0 if shift is None else round(shift.total_seconds())
            if not offsets or offsets[-1][1] != offset:
                offsets.append((at, offset))
        return {
            "start": clock.text(0),
            "start_s": round(clock.instant(0).timestamp()),
            "offsets": offsets,
            "first_s": first,
            "last_s": last,
            "days": self._days(first, last),
        }

    def _days(self, first: int, last: int) -> list[str]:
        clock = self._scene.instance.clock
        return list(dict.fromkeys(clock.day(at).isoformat() for at in (*range(first, last, HOUR_S), last)))

    # ------------------------------------------------------------ regions

    def _regions(self) -> list[dict[str, Any]]:
        scene = self._scene
        units, vehicles, hubs = self._brought()
        worst = {} if self._verdict is None else {one.region: one for one in self._verdict.robustness.worst}
        drawn = () if self._simulation is None else self._simulation.regions
        chances = {one.region_id: round(one.chance.share, 6) for one in drawn}
        rows = []
        for item in scene.results:
            name, region = item.region_id, scene.instance.region_of[item.region_id]
            its_worst = worst.get(name)
            row: dict[str, Any] = {
                "place": self._places(name),
                "area": region.area_name or region.area,
                "subarea": region.subarea_name or region.subarea,
                "status": item.status.value,
                "received_s": item.received_s,
                "deadline_s": item.deadline_s,
                "margin_s": item.margin_s,
                "worst_margin_s": None if its_worst is None else its_worst.margin_s,
                "units": units.get(name, 0),
                "weight": scene.instance.weight_of(region),
                "vehicles": [self._vehicles(one) for one in vehicles.get(name, ())],
                "hubs": [self._places(one) for one in hubs.get(name, ())],
            }
            if name in chances:
                row["chance"] = chances[name]
            if scene.standing is not None:
                row["known"] = scene.standing.sure_of_regions[name].value
            if item.status is not RegionStatus.ON_TIME and item.reason:
                row |= self._reason(item)
            rows.append(row)
        return rows

    def _reason(self, item: RegionResult) -> dict[str, Mapping[str, str]]:
        return {
            "why": both(lambda: reason_texts(item)[0]),
            "action": both(lambda: reason_texts(item)[1]),
        }

    def _brought(self) -> tuple[dict[str, int], dict[str, list[str]], dict[str, list[str]]]:
        """Units that each region receives, the vehicles that hand them over, the hubs that they passed."""
        units: dict[str, int] = {}
        vehicles: dict[str, dict[str, None]] = {}
        hubs: dict[str, dict[str, None]] = {}
        for (region, _), its_hauls in hauls(self._scene.plan).items():
            for haul in its_hauls:
                if haul.ends_at_hub:
                    hubs.setdefault(region, {})[haul.stop.node_id] = None
                else:
                    units[region] = units.get(region, 0) + haul.delivery.units
                    vehicles.setdefault(region, {})[haul.trip.vehicle_id] = None
        return (
            units,
            {key: [*one] for key, one in vehicles.items()},
            {key: [*one] for key, one in hubs.items()},
        )

    def _colour(self, colour: Colour, numbers: Mapping[str, int]) -> dict[str, Any]:
        """Classes of regions: what each is called, how it looks, and which regions it has."""
        scene = self._scene

        def made() -> Classes:
            return classes_of(colour, scene.plan, scene.instance, scene.results, scene.standing)

        labels = _all(lambda: [row.label for row in made().rows])
        rows = [
            {
                "key": row.key,
                "label": {code: labels[code][at] for code in LANGUAGES},
                "fill": row.look.fill,
                "ink": row.look.ink,
                "mark": row.look.mark,
                "is_alarm": row.is_alarm,
                "regions": [numbers[name] for name in row.regions],
            }
            for at, row in enumerate(made().rows)
        ]
        return {"title": both(lambda: made().title), "classes": rows}

    # ------------------------------------------------------------ trips and their ways

    def _trip(self, trip: Trip) -> dict[str, Any]:
        legs = [stop.leg for stop in trip.stops]
        if trip.broken is not None and trip.broken.leg is not None:
            legs.append(trip.broken.leg)
        if trip.back is not None:
            legs.append(trip.back)
        stops = [
            {
                "place": self._places(stop.node_id),
                "start_s": stop.start_s,
                "end_s": stop.end_s,
                "units": sum(given.units for given in stop.deliveries),
                "regions": len({given.region_id for given in stop.deliveries}),
            }
            for stop in trip.stops
        ]
        return {
            "id": trip.id,
            "vehicle": self._vehicles(trip.vehicle_id),
            "origin": self._places(trip.origin_id),
            "dock": trip.dock,
            "load_s": trip.load_start_s,
            "depart_s": trip.depart_s,
            "end_s": trip.end_s,
            "cost": trip.cost,
            "distance_m": trip.distance_m,
            "mass_g": trip.mass_g,
            "is_trunk": is_trunk(trip),
            "stops": stops,
            "legs": [self._leg(leg, trip) for leg in legs],
        }

    def _leg(self, leg: Leg, trip: Trip) -> dict[str, Any]:
        return {
            "to": self._places(leg.to_node),
            "depart_s": leg.depart_s,
            "arrive_s": leg.arrive_s,
            "way": [*self._way(leg, trip)],
        }

    def _way(self, leg: Leg, trip: Trip) -> Iterable[int]:
        """Edges of a leg, numbered from 1, negative where they are driven from their end to their start."""
        for step in leg.path:
            if step.kind is StepKind.KNOWN:
                mode = self._scene.instance.vehicle_type_of[trip.vehicle_type].modes[0]
                one = _Edge(leg.from_node, leg.to_node, mode, 1, 1)
                yield 1 + self._edge(f"known:{mode.value}:{leg.from_node}:{leg.to_node}", one)
                continue
            edge = self._scene.edge_of[step.ref]
            own = _Edge(edge.from_node, edge.to_node, edge.mode, edge.time_s, edge.time_back_s or 0)
            number = 1 + self._edge(edge.id, own)
            yield number if step.kind is StepKind.FORWARD else -number

    def _edge(self, name: str, edge: _Edge) -> int:
        number = self._edges(name)
        if number == len(self._edge_rows):
            self._edge_rows.append(edge)
        return number

    def _edge_row(self, edge: _Edge) -> list[int]:
        modes = list(Mode)
        ends = [self._places(edge.start), self._places(edge.end)]
        return [*ends, modes.index(edge.mode), edge.time_s, edge.back_s]

    # ------------------------------------------------------------ what is named

    def _vehicle_rows(self) -> list[dict[str, Any]]:
        kinds = {trip.vehicle_id: trip.vehicle_type for trip in self._scene.plan.trips}
        return [
            {"id": name, "sign": self._signs.of(name), "type": self._types(kinds[name])}
            for name in self._vehicles.of
        ]

    def _type_rows(self) -> list[dict[str, Any]]:
        modes = list(Mode)
        kinds = (self._scene.instance.vehicle_type_of[name] for name in self._types.of)
        return [
            {
                "id": kind.id,
                "name": kind.name or kind.id,
                "modes": [modes.index(one) for one in kind.modes],
                "home": kind.warehouse,
            }
            for kind in kinds
        ]

    def _place_rows(self) -> list[dict[str, Any]]:
        scene, instance = self._scene, self._scene.instance
        kinds: dict[str, str] = dict.fromkeys((region.id for region in instance.regions), "region")
        kinds |= dict.fromkeys((hub.id for hub in instance.hubs), "hub")
        kinds |= dict.fromkeys((house.id for house in instance.warehouses), "warehouse")
        return [
            {
                "id": name,
                "name": instance.place_name_of.get(name, name),
                "kind": kinds.get(name, "node"),
                "at": encoded([scene.places[name]]),
            }
            for name in self._places.of
        ]

    def _box(self) -> tuple[float, float, float, float]:
        west, south, east, north = self._scene.bounds
        more = _AROUND * max(east - west, north - south, 0.02)
        wide = (west - more, south - more, east + more, north + more)
        known = self._scene.ground.known
        if known is None:
            return wide
        return max(wide[0], known[0]), max(wide[1], known[1]), min(wide[2], known[2]), min(wide[3], known[3])
