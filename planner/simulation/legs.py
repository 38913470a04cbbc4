"""Legs as they are played: their time, largest delay and edges with hours, stretch by stretch."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from planner.instance.schema import Edge, Instance, Mode, VehicleType
from planner.plans.model import StepKind
from planner.proof.facts import LegView
from planner.proof.paths import step_s
from planner.proof.world import World
from planner.proof.worst.delays import Delays
from planner.simulation.hours import Gate, Hours

__all__ = ["LegWay", "Stretch", "leg_way"]


@dataclass(slots=True)
class Stretch:
    """A part of a leg: an edge with hours, or edges in a row without; the first of a leg has no gate."""

    time_s: int = 0
    largest_s: dict[Mode, int] = field(default_factory=dict)  # largest delay by mode
    gate: Gate | None = None

    def add(self, mode: Mode, time_s: int, largest_s: int) -> None:
        """Go on by an edge."""
        self.time_s += time_s
        if largest_s:
            self.largest_s[mode] = self.largest_s.get(mode, 0) + largest_s


@dataclass(frozen=True, slots=True)
class LegWay:
    """The way of a leg, and its nominal time by mode."""

    stretches: tuple[Stretch, ...]
    time_of: Mapping[Mode, int]

    @property
    def time_s(self) -> int:
        """Nominal time without waiting."""
        return sum(self.time_of.values())

    @property
    def modes(self) -> frozenset[Mode]:
        """Modes in which the leg may be late."""
        return frozenset(mode for one in self.stretches for mode in one.largest_s)


def leg_way(world: World, delays: Delays, hours: Hours, kind: VehicleType, view: LegView) -> LegWay:
    """The way of a claimed leg of a plan that passed the check.

    Parameters
    ----------
    world, delays, hours
        What the files say: ways, largest delays, and gates of edges with hours.
    kind
        The vehicle type.
    view
        The leg.
    """
    stretches = [Stretch()]
    time_of: dict[Mode, int] = {}
    for mode, time_s, largest_s, edge in _steps(world, delays, kind, view):
        gate = hours.gate(kind, edge) if edge is not None and world.ways.timed(kind, edge) else None
        if gate is not None or stretches[-1].gate is not None:
            stretches.append(Stretch(gate=gate))
        stretches[-1].add(mode, time_s, largest_s)
        time_of[mode] = time_of.get(mode, 0) + time_s
    return LegWay(tuple(stretches), time_of)


def _steps(
    world: World, delays: Delays, kind: VehicleType, view: LegView
) -> Iterator[tuple[Mode, int, int, Edge | None]]:
    """Yield mode, time, largest delay and edge of each step of a way."""
    for step in view.leg.path:
        if step.kind is StepKind.KNOWN:
            row = world.ways.known[step.ref]
            yield _mode(world.instance, kind, row.time_s), row.time_s, delays.of_known(kind, row), None
            continue
        edge = world.ways.edges[step.ref]
        forward = step.kind is StepKind.FORWARD
        time_s = step_s(kind, edge, forward=forward)
        yield edge.mode, time_s, delays.of_edge(kind, edge, forward=forward), edge


def _mode(instance: Instance, kind: VehicleType, time_s: int) -> Mode:
    """Mode of a known trip: that of the row that gives its largest delay."""
    best, mode = 0, kind.modes[0]
    seasons = ("", instance.settings.season)
    for row in instance.delays:
        fits = (row.mode is None or row.mode in kind.modes) and not row.edge and row.season in seasons
        largest_s = (2 * row.percent * time_s + 100) // 200 + row.fixed_s
        if fits and row.vehicle in ("", kind.id) and largest_s > best:
            best, mode = largest_s, row.mode or kind.modes[0]
    return mode
