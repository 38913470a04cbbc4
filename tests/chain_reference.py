"""What one vehicle's chain of trips does within given shifts, from scratch and by trying every choice.

It stands on the functions of ``tests/kernel_reference.py``, which knows no code of an engine. A *place* in a
chain is ``(trip, stop)``: stop -1 is the departure of a trip, the number of its stops its end.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

from planner.instance.schema import Overnight
from tests.kernel_reference import (
    _delays,
    _drive,
    _legs,
    _metres,
    _on_time,
    _service,
    _stops,
    _trip,
    _trip_broken,
)

__all__ = ["Course"]


@dataclass(frozen=True)
class Course:
    """A chain, each trip ``(fleet, consignments)``, and the shifts that its trips may use."""

    problem: object
    chain: tuple
    shifts: tuple

    @property
    def kind(self):
        return self.problem.fleet[self.chain[0][0]]

    @cached_property
    def _known(self):
        """What was worked out already, of what is asked again and again."""
        return {}

    def _once(self, find, *key):
        key = (find.__name__, *key)
        if key not in self._known:
            self._known[key] = find(*key[1:])
        return self._known[key]

    @cached_property
    def planned(self):
        """Each trip's times without delays, as early as can be; None where there are none."""
        return self._planned_after(0, 0)

    @cached_property
    def of_any_length(self):
        """The same chain, its trips as long as they want to be."""
        fleet = tuple(kind.of_any_length for kind in self.problem.fleet)
        return replace(self, problem=replace(self.problem, fleet=fleet))

    def _planned_after(self, first, free_s):
        found = []
        for trip in self.chain[first:]:
            times = _on_time(self.problem, *trip, free_s, self.shifts)
            if times is None:
                return None
            found.append(times)
            free_s = times.end_s
        return found

    def keeps(self):
        """Whether each trip keeps its rules, and all of them their times however gamma legs are late."""
        return self._once(self._keeps)

    def _keeps(self):
        if any(_trip_broken(self.problem, *trip) for trip in self.chain) or self.planned is None:
            return False
        loads = [one.load_s for one in self.planned]
        return all(self._run(late, loads) is not None for late in self._late(self.kind.gamma, 0, 0))

    def _late(self, gamma, trip, leg):
        """Every choice of at most gamma late legs, from a leg of a trip on."""
        legs = [
            (number, one)
            for number in range(trip, len(self.chain))
            for one, delay in enumerate(_delays(self.problem, *self.chain[number]))
            if delay > 0 and (number, one) >= (trip, leg)
        ]
        for size in range(min(gamma, len(legs)) + 1):
            yield from map(frozenset, combinations(legs, size))

    def _delays(self, trip, late):
        delays = _delays(self.problem, *self.chain[trip])
        return [one if (trip, leg) in late else 0 for leg, one in enumerate(delays)]

    def _run(self, late, loads, first=0, free_s=0):
        """Times of the trips from `first` on when these legs are late."""
        found = []
        for number in range(first, len(self.chain)):
            moment = max(free_s, loads[number - first])
            times = _trip(self.problem, *self.chain[number], moment, self.shifts, self._delays(number, late))
            if times is None:
                return None
            found.append(times)
            free_s = times.end_s
        return found

    def lasts(self, trip, stop):
        """Seconds of the service of a stop."""
        fleet, load = self.chain[trip]
        region, pieces = _stops(self.problem, load)[stop]
        return int(self.problem.handover_s[region]) + self.problem.fleet[fleet].unload_piece_s * pieces

    def worst_start(self, trip, stop, gamma):
        """When something begins at a place at the latest with at most gamma late legs before it."""
        return self._once(self._worst_start, trip, stop, gamma)

    def _worst_start(self, trip, stop, gamma):
        loads = [one.load_s for one in self.planned]
        before = [late for late in self._late(gamma, 0, 0) if all(leg <= (trip, stop) for leg in late)]
        return max(self._begins(self._run(late, loads), trip, stop, late) for late in before)

    def _begins(self, run, trip, stop, late):
        fleet, load = self.chain[trip]
        if stop == len(_stops(self.problem, load)):
            return run[trip].end_s
        if stop >= 0:
            return run[trip].receipts[stop] - self.lasts(trip, stop)
        kind = self.problem.fleet[fleet]
        pieces = sum(self.problem.consignments[idx].pieces for idx in load)
        return run[trip].load_s + kind.load_fixed_s + kind.load_piece_s * pieces

    def holds_from(self, trip, stop, moment, gamma, *, planned):
        """Whether all from a place on is in time when it begins there at or after a moment.

        That is for every choice of at most gamma late legs from there on. `planned` says whether nothing was
        late before, so that this moment decides when the later trips are planned.
        """
        return self._once(self._holds_from, trip, stop, moment, gamma, planned)

    def _holds_from(self, trip, stop, moment, gamma, planned):
        problem, (_, load) = self.problem, self.chain[trip]
        stops = _stops(problem, load)
        if 0 <= stop < len(stops):
            moment = _service(problem, self.kind, stops[stop], moment, self.shifts)
            if moment is None or moment >= problem.deadline_s[stops[stop][0]]:
                return False
        loads = [0] * (len(self.chain) - trip - 1)
        if planned:
            end_s = self._end(trip, stop, moment, frozenset())
            times = None if end_s is None else self._planned_after(trip + 1, end_s)
            if times is None:
                return False
            loads = [one.load_s for one in times]
        for late in self._late(gamma, trip, stop + 1):
            end_s = self._end(trip, stop, moment, late)
            if end_s is None or self._run(late, loads, trip + 1, end_s) is None:
                return False
        return True

    def _end(self, trip, stop, now, late):
        """When a trip ends that is done with a place at a moment, if it ends in time."""
        delays = self._delays(trip, late)
        driven = _drive(self.problem, *self.chain[trip], now, self.shifts, delays, begin=stop + 1)
        end_s = None if driven is None else driven[0]
        home = self.kind.overnight is Overnight.HOME  # also where no leg leads to the end
        return None if end_s is None or (home and end_s > self.shifts[-1][1]) else end_s

    def metres(self, trip):
        return _metres(self.problem, *self.chain[trip])

    def busy_s(self, trip):
        """Seconds of loading, legs and services of a trip."""
        return self._once(self._busy_s, trip)

    def _busy_s(self, trip):
        fleet, load = self.chain[trip]
        kind = self.problem.fleet[fleet]
        pieces = sum(self.problem.consignments[idx].pieces for idx in load)
        stops = range(len(_stops(self.problem, load)))
        legs = _legs(self.problem, fleet, load)
        return (
            kind.load_fixed_s
            + kind.load_piece_s * pieces
            + sum(self.lasts(trip, stop) for stop in stops)
            + sum(kind.time_between(*leg) for leg in legs)
        )

    def paid_s(self, trip):
        """Seconds within shifts of a trip that ends as early as it can and loads as late as that allows."""
        return self._once(self._paid_s, trip)

    def _paid_s(self, trip):
        times = self.planned[trip]
        delays = self._delays(trip, frozenset())
        loads = [one.load_s for one in self.planned]
        cases = list(self._late(self.kind.gamma, 0, 0)) if self.kind.gamma else []
        low, high = times.load_s, times.end_s
        while low < high:
            middle = (low + high + 1) // 2
            later = _trip(self.problem, *self.chain[trip], middle, self.shifts, delays)
            ends_so = later is not None and later.end_s == times.end_s
            if ends_so and cases:
                loads[trip] = later.load_s
                ends_so = all(self._run(late, loads) is not None for late in cases)
            if ends_so:
                low = later.load_s
            else:
                high = middle - 1
        return sum(max(0, min(end, times.end_s) - max(begin, low)) for begin, end in self.shifts)
