"""Pieces of a way: times, largest delays and hours of its edges, for one type of vehicles."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import NamedTuple

from planner.network.graph import Passage
from planner.plans.model import Step

__all__ = ["PathDelays", "Piece"]


class Piece(NamedTuple):
    """A part of a way: an edge that is closed at times and its chances, or all before the next such one."""

    time_s: int
    delay_s: int
    passages: tuple[Passage, ...] | None


class PathDelays:
    """Times and largest delays of a type along ways over edges that are closed at times.

    Parameters
    ----------
    of_step
        Time, delay and chances of one step.

    Attributes
    ----------
    known_ends
        Ends of legs over hours by what decides them, as far as somebody has asked for them.
    """

    def __init__(self, of_step: Callable[[Step], Piece]) -> None:
        self._of_step = of_step
        self._known: dict[tuple[Step, ...], tuple[Piece, ...]] = {}
        self.known_ends: dict[Hashable, int] = {}

    def pieces(self, path: tuple[Step, ...]) -> tuple[Piece, ...]:
        """Pieces of a way, in order."""
        if path not in self._known:
            self._known[path] = tuple(self._pieces(path))
        return self._known[path]

    def _pieces(self, path: tuple[Step, ...]) -> list[Piece]:
        found: list[Piece] = []
        for step in path:
            piece = self._of_step(step)
            if piece.passages is None and found and found[-1].passages is None:
                last = found.pop()
                piece = Piece(last.time_s + piece.time_s, last.delay_s + piece.delay_s, None)
            found.append(piece)
        return found
