"""The pieces of a leg: what is driven at a stretch, and each edge that may be closed."""

from __future__ import annotations

from planner.instance.schema import VehicleType
from planner.plans.model import Leg, StepKind
from planner.proof.paths import step_s
from planner.proof.views import Piece
from planner.proof.world import World
from planner.proof.worst.delays import Delays

__all__ = ["pieces_of"]


def pieces_of(world: World, delays: Delays, kind: VehicleType, leg: Leg) -> tuple[Piece, ...]:
    """The pieces of a leg for a type of vehicle; its path can be followed.

    Parameters
    ----------
    world, delays
        Edges, known trips, and their largest delays.
    kind, leg
        Who drives what.
    """
    found = [Piece(0, 0, None)]
    for step in leg.path:
        if step.kind is StepKind.KNOWN:
            row = world.ways.known[step.ref]
            found.append(Piece(row.time_s, delays.of_known(kind, row), None))
            continue
        edge, forward = world.ways.edges[step.ref], step.kind is StepKind.FORWARD
        time_s = step_s(kind, edge, forward=forward)
        piece = Piece(time_s, delays.of_edge(kind, edge, forward=forward), None)
        if world.ways.timed(kind, edge):
            found.append(piece._replace(edge=edge))
        elif found[-1].edge is None:
            last = found.pop()
            found.append(Piece(last.time_s + piece.time_s, last.delay_s + piece.delay_s, None))
        else:
            found.append(piece)
    return tuple(piece for piece in found if piece.time_s or piece.delay_s or piece.edge is not None)
