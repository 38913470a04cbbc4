"""What a solve is asked for."""

from __future__ import annotations

from dataclasses import dataclass

from planner.base.clock import Clock
from planner.plans.file import plan_digest
from planner.plans.model import Plan
from planner.propose.engines import DEFAULT_ENGINE

__all__ = ["DEFAULT_TIME_LIMIT_S", "MOST_TIMES_AS_LONG", "SolveOptions"]

DEFAULT_TIME_LIMIT_S = 45
MOST_TIMES_AS_LONG = 4  # as the default limit, while somebody is late


@dataclass(frozen=True, slots=True)
class SolveOptions:
    """What a solve is asked for.

    Parameters
    ----------
    time_limit_s
        Seconds of search; not used with an effort.
    most_s
        Seconds until which the search goes on beyond that limit while somebody is late and that is not proven
        unavoidable; 0: the limit holds for all.
    effort
        Repeatable amount of work in place of time.
    seed, engine
        See `planner.search.component.SearchOptions`.
    workers
        Processes; 0 searches in this one.
    area
        Comma-separated ids of areas, subareas or regions; empty for all.
    guarantee
        Late legs that each vehicle must withstand; None: as the files say.
    base
        A plan whose trips the search goes on from; of this instance, or of one that differs a little.
    base_stays
        Whether what lies outside the area, and what decisions keep, stays as it is in `base`. If not, the
        plan is for the area alone, and decisions that keep something are refused.
    changes
        What was changed in the instance after it was read, for the plan to tell.
    """

    time_limit_s: float = DEFAULT_TIME_LIMIT_S
    most_s: float = 0.0
    effort: int | None = None
    seed: int = 1
    engine: str = DEFAULT_ENGINE
    workers: int = 2
    area: str = ""
    guarantee: int | None = None
    base: Plan | None = None
    base_stays: bool = True
    changes: tuple[str, ...] = ()

    @property
    def goes_on(self) -> bool:
        """Whether the search may go on beyond its limit."""
        return self.effort is None and self.most_s > self.time_limit_s

    def as_text(self, clock: Clock) -> dict[str, str]:
        """For the plan: all that affects it."""
        limit = f"{self.time_limit_s:g} s" if self.effort is None else f"effort {self.effort}"
        if self.goes_on:
            limit += f", {self.most_s:g} s while late"
        changes = {"changes": "\n".join(self.changes)} if self.changes else {}
        return (
            changes
            | {
                "engine": self.engine,
                "seed": str(self.seed),
                "limit": limit,
                "workers": str(self.workers),
                "area": self.area,
                "guarantee": "" if self.guarantee is None else str(self.guarantee),
            }
            | ({} if self.base is None else {"base": plan_digest(self.base, clock)})
        )
