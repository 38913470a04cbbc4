"""The seam between the pipeline and whatever proposes trips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from planner.problem.problem import Problem, Proposal

__all__ = ["Budget", "Engine", "Report"]

Report: TypeAlias = "Callable[[Sequence[Proposal]], bool]"


@dataclass(frozen=True, slots=True)
class Budget:
    """How long something may take: by the clock, or by effort (then it is repeatable), or a first look.

    Parameters
    ----------
    time_s
        Seconds of wall clock; None: no such limit.
    effort
        Amount of work in the engine's own steps, scaled so that 1 is a quick run; None: no such limit.
    is_first_look
        Whether so many of the engine's own steps are enough as find something soon, by the size of the
        problem: as many on a busy machine as on a quiet one. Seconds that are given as well are those left at
        all; only where they could be too few for the steps, they count.
    """

    time_s: float | None = None
    effort: int | None = None
    is_first_look: bool = False


class Engine(Protocol):
    """Proposes trips; orders and claims only, times and costs are computed elsewhere."""

    name: str

    def propose(
        self,
        problem: Problem,
        *,
        budget: Budget,
        seed: int,
        report: Report,
        workers: int = 1,
        start: Sequence[Proposal] = (),
    ) -> None:
        """Call `report` with the trips of each better solution.

        A solution's trips hold each served consignment at most once; what is missing found no place. An
        engine that knows hours says when each trip starts to load and which vehicle drives it; its schedule
        is kept where docks allow it.

        Parameters
        ----------
        problem
            One echelon.
        budget
            How long it may take.
        seed
            Of all that is drawn at random.
        report
            Called with a solution's trips; answers whether these, scheduled, have everybody on time.
        workers
            Threads at most.
        start
            Trips from which it may begin, as far as they can still be driven.
        """
        ...
