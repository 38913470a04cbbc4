"""What a replan is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from planner.instance.schema import Instance
from planner.replanning.state import Assume

__all__ = ["DEFAULT_TIME_LIMIT_S", "LONGEST_S", "ReplanOptions"]

DEFAULT_TIME_LIMIT_S = 3.5
LONGEST_S = 10.0


@dataclass(frozen=True, slots=True)
class ReplanOptions:
    """What a replan is asked for.

    Parameters
    ----------
    time_limit_s
        Seconds of work (`planner.replanning.work_clock`) for all of it where the machine is quick: what must
        be tried is tried even so, and the plan is checked; not used with an effort.
    longest_s
        So long at most it goes on while somebody is late, or has lost a guarantee; None: 10 s, but where
        another time limit was asked for, that one.
    effort, seed
        See `planner.solving.options.SolveOptions`.
    tolerance_s
        An arrival that moves by no more is no change.
    assume
        What is believed of things that are due and not reported.
    area
        Comma-separated ids: nothing else may change; empty for all.
    guarantee
        Late legs that each vehicle must withstand; None: as the plan in force was asked.
    most_changes
        No more regions may change than this; None: any number.
    notice_s
        No trip that is ordered anew begins sooner after now; None: as the instance says.
    only_told
        Ids of reports that nothing but plans tells: what rests on them is only as reported.
    checks_folder
        Where is remembered which plans keep all rules (`planner.replanning.known_checks`); None: nowhere, and
        each plan before is judged each time.
    """

    time_limit_s: float = DEFAULT_TIME_LIMIT_S
    longest_s: float | None = None
    effort: int | None = None
    seed: int = 1
    tolerance_s: int = 1800
    assume: Assume = Assume.PLANNED
    area: str = ""
    guarantee: int | None = None
    most_changes: int | None = None
    notice_s: int | None = None
    only_told: frozenset[str] = frozenset()
    checks_folder: Path | None = None

    def notice_of(self, instance: Instance) -> int:
        """Seconds of notice before what is ordered anew: as asked, else as the instance says."""
        return 60 * instance.settings.notice_min if self.notice_s is None else self.notice_s

    @property
    def most_s(self) -> float:
        """How long at most it goes on."""
        if self.longest_s is not None:
            return self.longest_s
        return LONGEST_S if self.time_limit_s == DEFAULT_TIME_LIMIT_S else self.time_limit_s
