"""Which moment it is at a desk: the present one, or that of a drill."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime

from planner.base.clock import Clock
from planner.base.errors import Fault, InputError
from planner.instance.schema import Instance

__all__ = ["DeskClock"]


@dataclass(frozen=True, slots=True)
class DeskClock:
    """The clock of a desk.

    Parameters
    ----------
    drill
        The moment at which a drill begins; None: it is no drill.
    pace
        How many times as fast as clocks the drill's goes.
    began_s
        When it was started, by the machine's steady clock.
    """

    drill: datetime | None = None
    pace: float = 1.0
    began_s: float = field(default_factory=time.monotonic)

    def seconds(self, clock: Clock) -> int:
        """Now, in seconds from a plan's start."""
        if self.drill is None:
            return clock.seconds(datetime.now(UTC).replace(microsecond=0))
        return clock.seconds(self.drill) + int((time.monotonic() - self.began_s) * self.pace)

    def within(self, instance: Instance) -> int:
        """Now, where it lies in the time of an instance's plans.

        Raises
        ------
        InputError
            Else (K030).
        """
        clock, horizon_s = instance.clock, instance.settings.horizon_s
        now_s = self.seconds(clock)
        if not -horizon_s <= now_s <= horizon_s:
            params = {"start": clock.text(0), "end": clock.text(horizon_s)}
            raise InputError([Fault("K030", "--clock", value=clock.text(now_s), params=params)])
        return now_s
