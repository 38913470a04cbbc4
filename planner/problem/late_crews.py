"""The worst case of a trip whose late crews may work only so long on a day.

By position and number of late legs it keeps all crews that may become the worst
(`planner.problem.late_work`).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from planner.instance.schema import Overnight
from planner.network.calendars import Interval, Openings
from planner.network.graph import Passage
from planner.problem.fleet import FleetType
from planner.problem.late_work import Crew, Crews, WorkingDays
from planner.problem.problem import Problem
from planner.problem.trip_times import Timing
from planner.problem.visits import NEVER, Visit

__all__ = ["LateCrews"]

_NOWHERE = Crew(NEVER)


class LateCrews:
    """A trip as it is planned, and what becomes of it when its crew is late.

    Parameters
    ----------
    problem, kind, stops, timing
        The trip as it is planned; crews of the type may work only so long when they are late.
    before
        The crew at the end of the trip before of its vehicle, as planned; None: it has done nothing.
    """

    def __init__(
        self,
        problem: Problem,
        kind: FleetType,
        stops: Sequence[Visit],
        timing: Timing,
        before: Crew | None = None,
    ) -> None:
        assert kind.late_work_s is not None
        self._problem, self._kind, self._stops, self._timing = problem, kind, stops, timing
        self._days = WorkingDays(problem.midnights, kind.shifts, kind.late_work_s)
        places = [kind.origin, *(problem.place(stop.region) for stop in stops)]
        places += [] if kind.open_end else [kind.origin]
        ways = timing.ways or (None,) * len(timing.legs)
        self._ways = [
            kind.pieces_between(here, there, way)
            for here, there, way in zip(places, places[1:], ways, strict=False)
        ]
        self._begins = before or Crew(timing.load_start_s)
        self._planned: list[Crew] = []  # as planned, after loading, and after each leg and service
        for pieces, end_s in self._plan():
            here = self._planned[-1] if self._planned else self._begins
            self._planned.append(self._days.done(here, pieces, end_s))

    @property
    def ended(self) -> Crew:
        """The crew at the end of the trip, as planned."""
        return self._planned[-1]

    def _plan(self) -> Iterator[tuple[Sequence[Interval], int]]:
        """Intervals of work of each step as planned, and its end."""
        timing = self._timing
        yield [(timing.load_start_s, timing.depart_s)], timing.depart_s
        for number, (depart_s, arrive_s) in enumerate(timing.legs):
            yield self._driving(number, depart_s, arrive_s), arrive_s
            if number < len(timing.services):
                yield [timing.services[number]], timing.services[number][1]

    def _driving(self, number: int, depart_s: int, arrive_s: int) -> Sequence[Interval]:
        """When a leg is driven as planned, with its pauses."""
        way = self._timing.ways[number] if self._timing.ways else None
        if way is not None:
            return way.pieces
        time_s = sum(piece.time_s for piece in self._ways[number])
        if time_s == arrive_s - depart_s or self._kind.work_s is None:
            return [(depart_s, arrive_s)]
        pieces: list[Interval] = []
        plan = WorkingDays(self._problem.midnights, self._kind.shifts, self._kind.work_s)
        plan.driven(plan.at(self._planned[-1], depart_s), time_s, pieces)
        return pieces

    def driven(self, ready: Sequence[Crews]) -> tuple[list[int], list[Crews], int]:
        """Drive it.

        Parameters
        ----------
        ready
            Crews that are there, by the number of late legs that the vehicle has had.

        Returns
        -------
        tuple
            Ends of the services in the worst case, crews at the end by the number of late legs so far, and by
            how much later it loads.
        """
        worst, timing = self._days.worst, self._timing
        crews = [worst(self._loaded(crew) for crew in there) for there in ready]
        late_by_s = crews[-1][-1].at_s - timing.depart_s
        services: list[int] = []
        for number in range(len(timing.legs)):
            crews = [
                worst(
                    [
                        *(self._arrived(number, crew, late=False) for crew in crews[late]),
                        *(self._arrived(number, crew, late=True) for crew in crews[late - 1] if late),
                    ]
                )
                for late in range(len(crews))
            ]
            if number < len(timing.services):
                crews = [worst(self._served(number, crew) for crew in there) for there in crews]
                services.append(crews[-1][-1].at_s)
        return services, crews, late_by_s

    def _loaded(self, crew: Crew) -> Crew:
        timing = self._timing
        openings = self._problem.origins[self._kind.origin].openings
        planned = timing.load_start_s, timing.depart_s
        return self._done(crew, openings, planned, self._begins, self._planned[0])

    def _served(self, number: int, crew: Crew) -> Crew:
        openings = self._problem.region_openings[self._stops[number].region]
        before, after = self._planned[2 * number + 1 : 2 * number + 3]
        return self._done(crew, openings, self._timing.services[number], before, after)

    def _done(
        self, crew: Crew, openings: Openings, planned: tuple[int, int], before: Crew, after: Crew
    ) -> Crew:
        """End of a loading or service: as planned, or as soon as hours, shift and working time allow."""
        now, duration_s = self._days.at(crew, max(crew.at_s, planned[0])), planned[1] - planned[0]
        if now.at_s >= NEVER or self._is_planned(now, before, planned[0]):
            return _NOWHERE if now.at_s >= NEVER else after
        start_s = self._first(now, openings, duration_s)
        if start_s >= NEVER:
            return _NOWHERE
        return self._days.latest(
            after, self._days.done(now, [(start_s, start_s + duration_s)], start_s + duration_s)
        )

    def _is_planned(self, now: Crew, before: Crew, moment_s: int) -> bool:
        """Whether a crew is there when it should be, and has worked no more that day than planned."""
        return now.at_s == moment_s and now.worked_s <= self._days.at(before, moment_s).worked_s

    def _first(self, now: Crew, openings: Openings, duration_s: int) -> int:
        """First moment at which hours, shift and working time allow something so long."""
        moment_s = now.at_s
        while True:
            fits_s = self._days.first_fitting(now, moment_s, duration_s)
            for one in (self._kind.shifts, openings):
                if fits_s < NEVER and not one.allows(fits_s, duration_s):
                    later = (begin for begin in one.begins_after(fits_s) if one.allows(begin, duration_s))
                    fits_s = next(later, NEVER)
            if fits_s in (moment_s, NEVER):
                return fits_s
            moment_s = fits_s

    def _arrived(self, number: int, crew: Crew, *, late: bool) -> Crew:
        depart_s, _ = self._timing.legs[number]
        now = self._days.at(crew, max(crew.at_s, depart_s))
        if now.at_s >= NEVER:
            return _NOWHERE
        if self._kind.overnight is Overnight.STOP:
            before = self._planned[2 * number]
            if not self._is_planned(now, before, depart_s):
                nominal_s = sum(piece.time_s for piece in self._ways[number])
                always = Openings(((now.at_s, NEVER),))
                now = self._days.at(now, self._first(now, always, nominal_s))
        for time_s, delay_s, passages in self._ways[number]:
            whole_s = time_s + delay_s if late else time_s
            if now.at_s < NEVER:
                if passages is None:
                    now = self._days.driven(now, whole_s)
                else:
                    now = self._passed(passages, now, whole_s)
        return self._days.latest(self._planned[2 * number + 1], now)

    def _passed(self, passages: Sequence[Passage], now: Crew, time_s: int) -> Crew:
        """End of an edge that is passed, all of it, on the first chance that there is."""
        for opens_s, closes_s, clear_by_s in passages:
            if now.at_s >= min(closes_s, NEVER):
                continue
            pieces: list[Interval] = []
            end = self._days.driven(self._days.at(now, max(now.at_s, opens_s)), time_s, pieces)
            begins_s = pieces[0][0] if pieces else end.at_s
            if begins_s < closes_s and end.at_s <= clear_by_s:
                return end
        return _NOWHERE
