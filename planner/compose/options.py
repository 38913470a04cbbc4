"""What a model may choose: a timed variant of a trip, whether it is driven, and when it begins."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from ortools.sat.python import cp_model

from planner.compose.variants import Variant
from planner.problem.problem import Problem
from planner.problem.trip_times import Timing
from planner.propose.pool import Candidate

__all__ = ["Driven", "Option", "options_of"]


class Driven(Protocol):
    """What a rule asks of something that may be driven."""

    @property
    def used(self) -> cp_model.IntVar:
        """Whether it is driven."""
        ...

    @property
    def start(self) -> cp_model.IntVar:
        """When its loading starts."""
        ...

    @property
    def fleet(self) -> int:
        """Position of its vehicle type."""
        ...

    @property
    def consignments(self) -> tuple[int, ...]:
        """Positions of what it carries."""
        ...

    @property
    def timing(self) -> Timing:
        """Its times for its first start; offsets are the same from every other."""
        ...

    @property
    def price(self) -> int:
        """Its own price, without its vehicle and days."""
        ...


@dataclass(frozen=True, slots=True)
class Option:
    """A variant of a trip in a model.

    Parameters
    ----------
    trip, variant
        What is driven; all offsets hold from every start of the variant.
    used
        Whether it is driven (by the vehicle that the option is for, where vehicles have names).
    start
        When its loading starts; without meaning where it is not driven.
    """

    trip: Candidate
    variant: Variant
    used: cp_model.IntVar
    start: cp_model.IntVar

    @property
    def fleet(self) -> int:
        """Position of its vehicle type."""
        return self.trip.route.fleet

    @property
    def consignments(self) -> tuple[int, ...]:
        """Positions of what it carries."""
        return self.trip.route.consignments

    @property
    def timing(self) -> Timing:
        """Its times for its first start."""
        return self.variant.timing

    @property
    def price(self) -> int:
        """Its own price."""
        return self.variant.cost

    def timing_from(self, problem: Problem, start_s: int) -> Timing:
        """Its times for one of its starts."""
        same = start_s == self.variant.low_s
        if problem.fleet[self.fleet].late_work_s is not None:  # it may promise more than all its starts do
            same = same and self.variant.low_s == self.variant.high_s
        return self.variant.timing if same else self.trip.rigid_timing(problem, start_s)


def options_of(
    model: cp_model.CpModel, trips: Sequence[Candidate], variants: Sequence[Variant]
) -> list[Option]:
    """An option for each variant of these trips."""
    used = [model.new_bool_var(f"x{idx}") for idx in range(len(variants))]
    starts = [model.new_int_var(one.low_s, one.high_s, f"s{idx}") for idx, one in enumerate(variants)]
    return [
        Option(trips[one.candidate], one, var, start)
        for one, var, start in zip(variants, used, starts, strict=True)
    ]
