"""The work of one process: some components, one after another."""

from __future__ import annotations

import logging
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace

from planner.building.stations import Given
from planner.instance.schema import Instance, Region
from planner.plans.model import Trip
from planner.reasons.outcome import Outcome
from planner.search.component import ComponentSearch, SearchOptions
from planner.search.warm_start import given_of

__all__ = ["Heard", "Job", "Listen", "Seconds", "work_through"]

_LOG = logging.getLogger(__name__)
_TELL_EVERY_S = 2.0
_MORE_LOOKS, _LOOKS_SHARE = 2, 0.5  # further looks, and the share of the time in which they begin
_LEAST_TURN_S = 0.5
_FURTHER_S = 30.0  # so long at most goes each round of further turns while somebody is late


@dataclass(frozen=True, slots=True)
class Job:
    """One component to search: its warehouse and regions, its share of the work, and trips to go on from.

    Parameters
    ----------
    fixed
        Ids of those of the trips that stay as they are.
    closed_vehicles
        Vehicles, by type and number, that get no further trips.
    absent
        Ids of regions that get nothing, as in the plan.
    view
        The instance as the component sees it, with what others send and ask for; None: as it is.
    is_draft
        Whether it is searched for what it asks of others: how late its trips could begin is told, too.
    """

    warehouse_id: str
    regions: tuple[Region, ...]
    size: int
    trips: tuple[Trip, ...] = ()
    fixed: frozenset[str] = frozenset()
    closed_vehicles: frozenset[tuple[str, int]] = frozenset()
    absent: tuple[str, ...] = ()
    view: Instance | None = None
    is_draft: bool = False

    @property
    def given(self) -> Given | None:
        """What its echelons take over from the trips; None where nothing has to stay."""
        if not (self.fixed or self.closed_vehicles or self.absent):
            return None
        return replace(given_of(self.trips, self.fixed, self.closed_vehicles), absent=self.absent)


@dataclass(frozen=True, slots=True)
class Seconds:
    """What searches may take.

    Parameters
    ----------
    time_s
        For all of them.
    more_s
        Beyond that, while somebody is late.
    is_kept
        Whether the end holds for first looks too: somebody has said how long it may take.
    """

    time_s: float
    more_s: float = 0.0
    is_kept: bool = True


@dataclass(frozen=True, slots=True)
class Heard:
    """Something a component told: an outcome, whether it is its last, or that there is none.

    Without an outcome its worker is lost, or, where ``failure`` says so, the search itself failed.
    """

    warehouse_id: str
    outcome: Outcome | None
    final: bool
    failure: str = ""


Listen = Callable[[Heard], None]


def work_through(
    instance: Instance,
    jobs: Sequence[Job],
    options: SearchOptions,
    seconds: Seconds | None,
    listen: Listen,
) -> None:
    """Search jobs one after another: by the clock each for a moment, then each with its share of the rest.

    A first look is measured in work. Those for which not everybody is on time are then looked at a few times
    more in turn, so that none waits for all the time of another, as long as that leaves half of the time; and
    they come first after. Small ones leave much of their share. At the end of it all, what is left is for
    those whose answer is not the asked one, again and again; and those where somebody is late then go on,
    where more time is given.
    Where the end is kept, it holds for first looks too: what has had none by then has no plan.

    A search that fails, which is a fault of the program, costs its own component only.

    Parameters
    ----------
    instance, jobs, options
        The instance, the components to search, and how.
    seconds
        What they may take; None: the options' effort says how long.
    listen
        Told of each outcome.
    """
    began = time.monotonic()
    deadline = None if seconds is None else began + seconds.time_s
    looks_end = None if seconds is None else began + _LOOKS_SHARE * seconds.time_s
    more_s, is_kept = (0.0, False) if seconds is None else (seconds.more_s, seconds.is_kept)
    waiting: deque[tuple[Job, ComponentSearch, _Teller]] = deque()

    def left_s() -> float | None:
        return max(0.0, deadline - time.monotonic()) if is_kept and deadline is not None else None

    for job in sorted(jobs, key=lambda job: job.size):  # small ones first: soon most have a plan
        if waiting and is_kept and deadline is not None and time.monotonic() >= deadline:
            break
        with _failing(job, listen):
            teller = _Teller(job.warehouse_id, listen)
            given = job.given
            search = ComponentSearch(
                job.view or instance,
                job.warehouse_id,
                job.regions,
                options=options,
                hear=teller.hear,
                given=given,
            )
            if given is not None:
                search.fix_trips(job.trips, job.fixed, job.closed_vehicles)
            if job.trips:
                search.start_from(job.trips)
            if deadline is not None:
                search.look(left_s())
            teller.catch_up()
            waiting.append((job, search, teller))
    for job, search, teller in [*waiting] * _MORE_LOOKS:
        may_look = looks_end is not None and time.monotonic() < looks_end
        if may_look and not search.incumbent.all_on_time:
            with _failing(job, listen):
                search.look(left_s())
                teller.catch_up()
    # who is late comes first
    turns = sorted(waiting, key=lambda one: one[1].incumbent.all_on_time)
    late = _take_turns(turns, deadline, listen, may_go_on=more_s > 0)
    last = None if deadline is None else deadline + more_s
    while late and last is not None:
        end = min(last, time.monotonic() + _FURTHER_S)
        late = _take_turns(late, end, listen, may_go_on=end < last, is_further=True)


def _take_turns(
    searches: Iterable[tuple[Job, ComponentSearch, _Teller]],
    deadline: float | None,
    listen: Listen,
    *,
    may_go_on: bool = False,
    is_further: bool = False,
) -> list[tuple[Job, ComponentSearch, _Teller]]:
    """Each with its share of the time, those whose answer is not the asked one until there is none left.

    Gives those where somebody is late at the end, where they may go on after it; all others are finished. In
    further turns one is finished as soon as nobody is late.
    """
    waiting, again = deque(searches), deque[tuple[Job, ComponentSearch, _Teller]]()
    late: list[tuple[Job, ComponentSearch, _Teller]] = []
    while waiting:
        left = sum(search.work for _, search, _ in (*waiting, *again))
        job, search, teller = waiting.popleft()
        time_s = None if deadline is None else (deadline - time.monotonic()) * search.work / left
        with _failing(job, listen):
            found = search.go_on(time_s, with_latest=job.is_draft)
            is_last = deadline is None or deadline - time.monotonic() < _LEAST_TURN_S
            goes_on = is_last and may_go_on and search.is_late
            enough = search.is_as_asked or (is_further and not search.is_late)
            final = enough or (is_last and not goes_on)
            listen(Heard(job.warehouse_id, found, final=final))
            if not final:
                (late if goes_on else again).append((job, search, teller))
        if not waiting:
            waiting, again = again, waiting
    return late


@contextmanager
def _failing(job: Job, listen: Listen) -> Iterator[None]:
    """Tell of a search that fails, and go on."""
    try:
        yield
    except Exception as error:
        failure = f"{type(error).__name__}: {error}"
        trace = bool(os.environ.get("PLAN_DEBUG"))
        _LOG.error("The search of %s failed: %s", job.warehouse_id, failure, exc_info=trace)
        listen(Heard(job.warehouse_id, None, final=True, failure=failure))


class _Teller:
    """Passes on better outcomes, not more often than every few seconds (the first one at once)."""

    def __init__(self, warehouse_id: str, listen: Listen) -> None:
        self._warehouse_id = warehouse_id
        self._listen = listen
        self._last = -_TELL_EVERY_S
        self._kept: Outcome | None = None

    def hear(self, outcome: Outcome) -> None:
        self._kept = outcome
        if time.monotonic() - self._last >= _TELL_EVERY_S:
            self.catch_up()

    def catch_up(self) -> None:
        """Pass on the latest."""
        if self._kept is not None:
            self._last = time.monotonic()
            self._listen(Heard(self._warehouse_id, self._kept, final=False))
            self._kept = None
