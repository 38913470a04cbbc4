"""What a search may spend: seconds, or effort, and parts of them; or a first look."""

from __future__ import annotations

import time

from planner.propose.engine import Budget

__all__ = ["SearchClock"]

_LEAST_SEARCH_S = 0.01


class SearchClock:
    """Time or effort that may be spent, and parts of it.

    Parameters
    ----------
    time_s
        Seconds; None: no such limit.
    effort
        The engine's steps, where no seconds are given.
    is_first_look
        Whether each step is to find something soon (see `Budget`); seconds are then those left at all.
    """

    def __init__(
        self, time_s: float | None, effort: int | None = None, *, is_first_look: bool = False
    ) -> None:
        self._ends = None if time_s is None else time.monotonic() + time_s
        self._effort = effort
        self._is_first_look = is_first_look

    def left(self, share: float) -> Budget:
        """A share of what is left, for one step."""
        if self._is_first_look:
            return Budget(time_s=None if self._ends is None else self.left_s(1.0), is_first_look=True)
        if self._ends is None:
            return Budget(effort=self._effort or 1)
        return Budget(time_s=max(_LEAST_SEARCH_S, (self._ends - time.monotonic()) * share))

    @property
    def is_over(self) -> bool:
        """Whether nothing is left; a first look never has more than its steps."""
        return self._is_first_look or (self._ends is not None and time.monotonic() >= self._ends)

    def left_s(self, share: float) -> float:
        """Seconds of a share of what is left; without use where effort is spent."""
        return 0.0 if self._ends is None else max(0.0, self._ends - time.monotonic()) * share

    def at_least(self, time_s: float) -> SearchClock:
        """What is left, or so many seconds where less is left."""
        enough = self._ends is None or self._is_first_look or self.left_s(1.0) >= time_s
        return self if enough else SearchClock(time_s)

    def part(self, share: float, least_s: float = 0.0) -> SearchClock:
        """A share of what is left, for several steps, of so much at least while anything is left."""
        if self._ends is None or self._is_first_look:
            return self
        left_s = max(0.0, self._ends - time.monotonic())
        return SearchClock(max(left_s * share, min(left_s, least_s)))
