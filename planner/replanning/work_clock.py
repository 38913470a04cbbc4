"""How long a replan has worked: by the processor where the machine is busy with other things."""

from __future__ import annotations

import time
from dataclasses import dataclass

__all__ = ["WorkClock"]


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
