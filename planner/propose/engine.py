"""The seam between the pipeline and whatever proposes trips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from planner.problem import Problem, Proposal

__all__ = ["ENGINES", "Budget", "Engine", "Report", "engine_named"]

Report = Callable[[Sequence[Proposal]], bool]

ENGINES = ("ortools",)


@dataclass(frozen=True, slots=True)
class Budget:
    """How long something may take: by the clock, or by effort (then it is repeatable).

    Parameters
    ----------
    time_s
        Seconds of wall clock; None: no such limit.
    effort
        Amount of work in the engine's own steps, scaled so that 1 is a quick run; None: no such limit.
    """

    time_s: float | None = None
    effort: int | None = None


class Engine(Protocol):
    """Proposes trips; orders and claims only, times and costs are computed elsewhere."""

    name: str

    def propose(self, problem: Problem, *, budget: Budget, seed: int, report: Report) -> None:
        """Call `report` with the trips of each better solution.

        `report` answers whether these trips, scheduled, have everybody on time. A solution's trips hold
        each served consignment at most once; what is missing found no place. An engine that knows hours says
        when each trip starts to load and which vehicle drives it; its schedule is kept where docks allow it.
        """
        ...


def engine_named(name: str) -> Engine:
    """An engine by its name.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    if name == "ortools":
        from planner.propose.ortools_routing import OrtoolsRouting  # heavy

        return OrtoolsRouting()
    msg = f"no engine named {name}; there are: {', '.join(ENGINES)}"
    raise ValueError(msg)
