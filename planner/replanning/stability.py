"""What further changes bring: the best plans with no more than so many regions changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from planner.replanning.pipeline import ReplanResult, replan
from planner.replanning.request import ReplanRequest

__all__ = ["StabilityStep", "curve"]

_STEPS = (0, 1, 2, 4, 8, 16, 32)


@dataclass(frozen=True, slots=True)
class StabilityStep:
    """A replan that changes no more regions than allowed; None: any number."""

    allowed: int | None
    result: ReplanResult

    @property
    def changed(self) -> int:
        """Regions that change."""
        return len(self.result.changes.regions)


def curve(asked: ReplanRequest, written: ReplanResult) -> tuple[StabilityStep, ...]:
    """Replans with more and more changes allowed, until more are of no use; the last has no limit.

    Parameters
    ----------
    asked
        What was asked for.
    written
        What came of it: it stands in the row of as many changes as were allowed.

    Notes
    -----
    What changes by itself (a vehicle that is late) counts too; so the first steps may change more than they
    are allowed to, as little as can be.
    """
    return tuple(_steps(asked, written))


def _steps(asked: ReplanRequest, written: ReplanResult) -> Iterator[StabilityStep]:
    own = asked.options.most_changes
    free = written if own is None else _replan(asked, None)
    most = len(free.changes.regions)
    seen = set()
    for allowed in sorted({*_STEPS, *(() if own is None else (own,))}):
        if allowed >= most and allowed != own:
            continue
        found = written if allowed == own else _replan(asked, allowed)
        key = (len(found.changes.regions), found.plan.regions_on_time, found.plan.cost)
        if key not in seen or allowed == own:
            seen.add(key)
            yield StabilityStep(allowed, found)
    yield StabilityStep(None, free)


def _replan(asked: ReplanRequest, allowed: int | None) -> ReplanResult:
    return replan(
        asked.plan,
        asked.instance,
        asked.events,
        asked.now_s,
        replace(asked.options, most_changes=allowed),
        previous=asked.previous,
    )
