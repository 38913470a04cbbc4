"""How much a replan has worked: seconds of a clock, or what was done, counted, which is repeatable."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import Protocol

from planner.propose.engine import Budget

__all__ = ["Work", "WorkClock", "WorkCount"]

# What CP-SAT counts as a second of its own is so long here, in models like those of a replan.
_SOLVER_S = 25


class Work(Protocol):
    """How much has been worked, in seconds or what stands for them."""

    @property
    def worked_s(self) -> float:
        """Seconds of work so far."""
        ...

    def count(self, work_us: int) -> None:
        """Enter something that was done.

        Parameters
        ----------
        work_us
            How long that usually takes, in microseconds.
        """
        ...

    def count_solver(self, solver_s: float) -> None:
        """Enter what CP-SAT worked.

        Parameters
        ----------
        solver_s
            Seconds as it counts them (its deterministic time).
        """
        ...

    def granted(self, work_s: float) -> tuple[Budget, float]:
        """A budget for CP-SAT, and the share of it that is so much work.

        Parameters
        ----------
        work_s
            Seconds of work.
        """
        ...


@dataclass(frozen=True, slots=True)
class WorkClock:
    """Counts from a moment on what passes, or what the processor works of it, whichever is less.

    On a quiet machine both are the same; on a busy one work goes on though more time passes. Several threads
    work more than passes.

    Parameters
    ----------
    began_s
        The moment, as `time.monotonic` has it.
    processor_s
        Seconds that the process had worked by then.
    """

    began_s: float
    processor_s: float

    @classmethod
    def started(cls) -> WorkClock:
        """One that counts from now on."""
        return cls(time.monotonic(), time.process_time())

    @classmethod
    def of_process(cls) -> WorkClock:
        """One that counts what starting the process took, too."""
        return cls(time.monotonic() - time.process_time(), 0.0)

    @property
    def worked_s(self) -> float:
        """Seconds of work so far."""
        return min(time.monotonic() - self.began_s, time.process_time() - self.processor_s)

    def count(self, work_us: int) -> None:
        """Nothing: the clock runs by itself; see `Work`."""

    def count_solver(self, solver_s: float) -> None:
        """Nothing: the clock runs by itself; see `Work`."""

    def granted(self, work_s: float) -> tuple[Budget, float]:
        """A budget of so many seconds; see `Work`."""
        return Budget(time_s=work_s), 1.0


@dataclass(slots=True)
class WorkCount:
    """Counts what is done instead of time: the same on every machine, busy or not.

    Parameters
    ----------
    work_us
        What was done so far, in microseconds that it usually takes.
    """

    work_us: int = 0

    @property
    def worked_s(self) -> float:
        """Seconds of work so far, as they are counted."""
        return self.work_us / 1_000_000

    def count(self, work_us: int) -> None:
        """Enter something that was done; see `Work`."""
        self.work_us += work_us

    def count_solver(self, solver_s: float) -> None:
        """Enter what CP-SAT worked; see `Work`."""
        self.work_us += round(1_000_000 * _SOLVER_S * solver_s)

    def granted(self, work_s: float) -> tuple[Budget, float]:
        """A budget that CP-SAT counts itself; see `Work`."""
        return Budget(effort=1), work_s / _SOLVER_S
