"""The seam between the pipeline and whatever proposes trips."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypeAlias

from planner.base.text import words

if TYPE_CHECKING:
    from planner.problem.problem import Problem, Proposal

__all__ = ["ENGINES", "Budget", "Engine", "Report", "engine_named", "made_ready", "warm_up"]

Report: TypeAlias = "Callable[[Sequence[Proposal]], bool]"

ENGINES = ("sisr", "ortools")


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
        """Call `report` with the trips of each better solution, on at most so many threads.

        An engine may begin from the trips of `start`, as far as they can still be driven.

        `report` answers whether these trips, scheduled, have everybody on time. A solution's trips hold
        each served consignment at most once; what is missing found no place. An engine that knows hours says
        when each trip starts to load and which vehicle drives it; its schedule is kept where docks allow it.
        """
        ...


def made_ready(name: str, say: Callable[[str], object]) -> str:
    """Compile what an engine needs, before processes are started; gives the name of the one to use.

    Parameters
    ----------
    name
        The engine that is asked for; where what it needs is not installed another one stands in.
    say
        Takes a line of text for each thing that is done.
    """
    if name != "sisr":
        return name
    from planner.propose.sisr.kernel.compile import compile_all, is_available

    if not is_available():
        say(words("kernel.compile.unavailable"))
        return "ortools"
    compile_all(say)
    return name


def warm_up(name: str) -> None:
    """Load what an engine needs, so that its first search begins at once."""
    engine_named(name)
    if name == "sisr":
        from planner.propose.sisr.kernel import search, start

        search.warm_up()
        start.warm_up()


def engine_named(name: str) -> Engine:
    """An engine by its name; see `made_ready`.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    if name == "sisr":
        from planner.propose.sisr.engine import Sisr  # heavy

        return Sisr()
    if name == "ortools":
        from planner.propose.ortools import OrtoolsRouting  # heavy

        return OrtoolsRouting()
    msg = f"no engine named {name}; there are: {', '.join(ENGINES)}"
    raise ValueError(msg)
