"""What the functions of `planner` take and give."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeAlias

from planner.base.errors import Fault, Severity
from planner.instance.schema import Instance
from planner.plans.model import Plan
from planner.proof.verdict import Answer, Verdict
from planner.solving.pipeline import SolveResult, is_as_asked

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CancelFlag", "PlanSource", "Result", "Rows", "Source", "Tables", "Validation", "need"]

Rows: TypeAlias = "pd.DataFrame | Sequence[Mapping[str, object]]"
Tables: TypeAlias = "Mapping[str, Rows]"
Source: TypeAlias = "str | Path | Tables"
PlanSource: TypeAlias = "Plan | Result | str | Path"


def need(given: object, kinds: tuple[type, ...], what: str) -> None:
    """Raise TypeError where something else is given than is meant.

    Parameters
    ----------
    given
        What a caller gave.
    kinds
        What it may be.
    what
        The same in words: the beginning of the sentence.
    """
    if not isinstance(given, kinds):
        msg = f"{what}, not {type(given).__name__}"
        raise TypeError(msg)


class CancelFlag(Protocol):
    """Something that says when to stop, such as a `threading.Event`."""

    def is_set(self) -> bool:
        """Whether to stop."""
        ...


@dataclass(frozen=True)
class Validation:
    """What the validation of an instance says.

    Parameters
    ----------
    instance
        The instance; None where there is any error.
    faults
        All errors and warnings, by table and row.
    """

    instance: Instance | None
    faults: tuple[Fault, ...]

    def __repr__(self) -> str:
        """What a notebook shows: how many faults there are."""
        errors = len(self.errors)
        return f"<Validation: {errors} errors, {len(self.faults) - errors} warnings>"

    @property
    def valid(self) -> bool:
        """Whether a solve can begin; warnings do not stop it."""
        return self.instance is not None

    @property
    def errors(self) -> tuple[Fault, ...]:
        """The faults that are no warnings."""
        return tuple(fault for fault in self.faults if fault.severity is Severity.ERROR)

    @property
    def table(self) -> pd.DataFrame:
        """The faults as a DataFrame; ``row`` is a file's line, in a DataFrame the position + 2."""
        from planner.api.dataframes import faults_frame

        return faults_frame(self.faults)


@dataclass(frozen=True)
class Result:
    """A plan with what the independent check says of it.

    Parameters
    ----------
    plan, verdict
        The plan, and the check of it.
    instance
        What it was made for, or checked against.
    wall_s
        Seconds that a solve took; 0 for a check.
    interrupted
        Whether somebody asked to stop before the end.
    """

    plan: Plan
    verdict: Verdict
    instance: Instance
    wall_s: float = 0.0
    interrupted: bool = False

    def __repr__(self) -> str:
        """What a notebook shows: the answer in a line, not all of the plan."""
        on_time, total = self.plan.regions_on_time, len(self.plan.regions)
        cost = f"{self.cost:,} {self.plan.currency}".strip()
        return f"<Result {self.status.value}: {on_time} of {total} regions on time, {cost}>"

    @property
    def status(self) -> Answer:
        """The answer as the check sees it; a plan that breaks a rule is none (``NOT_FOUND``).

        A replan whose history is only known by its own word is ``AS_REPORTED``, where it were good otherwise.
        """
        return self.verdict.answer

    @property
    def as_asked(self) -> bool:
        """Whether the plan keeps all rules and is as good as was asked for (``plan solve`` ends with 0)."""
        found = SolveResult(self.plan, self.verdict, self.wall_s, self.interrupted)
        return self.verdict.passed and not self.verdict.as_reported and is_as_asked(found)

    @property
    def cost(self) -> int:
        """Cost, as the check computes it, in the instance's currency."""
        return self.verdict.figures.cost

    @cached_property
    def trips(self) -> pd.DataFrame:
        """Trips stop by stop: the columns of ``trips.csv``."""
        from planner.api.dataframes import trips_frame

        return trips_frame(self.plan, self.instance.clock)

    @cached_property
    def deliveries(self) -> pd.DataFrame:
        """What each region receives, when and by which trip: the columns of ``deliveries.csv``."""
        from planner.api.dataframes import deliveries_frame

        return deliveries_frame(self.plan, self.instance.clock)

    @cached_property
    def transfers(self) -> pd.DataFrame:
        """What is transferred at hubs: the columns of ``transfers.csv``; no rows without hubs."""
        from planner.api.dataframes import transfers_frame

        return transfers_frame(self.plan, self.instance.clock)

    @cached_property
    def regions(self) -> pd.DataFrame:
        """One row for each region: status, receipt, deadline, margin, and where it is late, why."""
        from planner.api.dataframes import regions_frame

        return regions_frame(self.plan, self.verdict, self.instance)

    @cached_property
    def violations(self) -> pd.DataFrame:
        """Rules that the plan breaks, place by place, with the amount; no rows for a plan of a solve."""
        from planner.api.dataframes import violations_frame

        return violations_frame(self.verdict)
