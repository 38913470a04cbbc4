"""A choice of a replan as the rules of `planner.compose.rules` see it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from ortools.sat.python import cp_model

from planner.compose.rules import split
from planner.problem.trip_times import Timing
from planner.replanning.setting import Choice, Setting

__all__ = ["ChoiceOption", "receipts"]


@dataclass(frozen=True, slots=True)
class ChoiceOption:
    """A choice in the model, for the rules; by one vehicle, where `used` says so."""

    choice: Choice
    used: cp_model.IntVar
    start: cp_model.IntVar

    @property
    def fleet(self) -> int:
        """Position of its vehicle type."""
        return self.choice.fleet

    @property
    def consignments(self) -> tuple[int, ...]:
        """Positions of what it carries."""
        return self.choice.order

    @property
    def timing(self) -> Timing:
        """Its times for its first start."""
        return self.choice.timing

    @property
    def price(self) -> int:
        """Its own price."""
        return self.choice.cost


def receipts(setting: Setting, options: Iterable[ChoiceOption]) -> Iterator[split.Receipt]:
    """What comes on the day of others."""
    for one in options:
        for lot, after_s in setting.receipts(one.choice):
            yield split.Receipt(lot, one.used, one.start, one.choice.low_s, one.choice.high_s, after_s)
