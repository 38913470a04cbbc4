"""What may overlap in a model: trips that begin before the one before them is over in the worst case.

See `planner.compose.delay_propagation`. Where there are few options any of them may overlap, else
those that already are; every other trip has all late legs of its vehicle before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from ortools.sat.python import cp_model

from planner.compose.delay_propagation import is_unpromised, known_pairs, may_overlap
from planner.compose.options import Driven, Option
from planner.compose.solution import Solution
from planner.network.calendars import Interval
from planner.problem.problem import Problem
from planner.problem.robust_trip import firm_starts, worst_case
from planner.problem.visits import NEVER

__all__ = ["DelayModel"]

# Beyond so many options, or pairs of them, only those overlap that already do.
_MOST_OPTIONS, _MOST_LINKS = 1000, 1000


class _Reach(NamedTuple):
    """Of an option, by the number of late legs on it: when it ends and each service ends, after its start.

    ``latest_s`` is the latest moment at which it may begin for all of it to be promised; empty: it may not be
    one that overlaps.
    """

    ends_s: tuple[int, ...]
    served_s: tuple[tuple[int, ...], ...]
    latest_s: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class _Link:
    """One option that directly follows another on its vehicle, overlapping it."""

    before: int
    after: int
    used: cp_model.IntVar


class DelayModel:
    """Which trips may overlap in a model, and what that means for vehicles, docks and hubs.

    Parameters
    ----------
    model, problem, options
        What may be driven.
    base
        A solution: what overlaps in it may do so again, however many options there are.
    for_each
        How often the model says something of each pair of options; 0: nothing more overlaps.
    """

    def __init__(
        self,
        model: cp_model.CpModel,
        problem: Problem,
        options: Sequence[Option],
        base: Solution | None,
        *,
        for_each: int = 1,
    ) -> None:
        self._most = _MOST_LINKS // for_each if for_each else -1
        self._model, self._problem, self._options = model, problem, options
        self._position = {id(one): idx for idx, one in enumerate(options)}
        self._firm: dict[int, tuple[_Reach, list[list[Interval]]] | None] = {}
        self._reach: dict[int, _Reach | None] = {}
        self._known = () if base is None else known_pairs(base)
        self.links: list[_Link] = []
        self.busy_until: dict[int, cp_model.IntVar] = {}  # of options that are in a link
        self._begins: dict[int, list[cp_model.LinearExprT]] = {}  # of those that may overlap
        if any(kind.gamma for kind in problem.fleet):
            self._link()

    # ---------------------------------------------------------------- which

    def _link(self) -> None:
        model = self._model
        for before, after in self._pairs():
            used = model.new_bool_var(f"c{before}-{after}")
            self.links.append(_Link(before, after, used))
        followers: dict[int, list[_Link]] = {}
        leaders: dict[int, list[_Link]] = {}
        for link in self.links:
            leaders.setdefault(link.after, []).append(link)
            followers.setdefault(link.before, []).append(link)
        for idx, mine in leaders.items():
            model.add_at_most_one(link.used for link in mine)
            self._begins[idx] = list(self._may_be_late(idx))
        for link in self.links:
            self._propagate(link)
        for idx in {**leaders, **followers}:
            self._keep_busy(idx, followers.get(idx, []))

    def _pairs(self) -> list[tuple[int, int]]:
        """Options of which one may follow another, overlapping it."""
        few = [
            idx
            for idx, one in enumerate(self._options)
            if may_overlap(self._problem, self._problem.fleet[one.fleet])
            and not self._problem.fleet[one.fleet].open_end
        ]
        known = list(self._known_pairs(few))
        if len(few) > _MOST_OPTIONS or self._most < 0:
            return known
        of_fleet: dict[int, list[int]] = {}
        for idx in few:
            of_fleet.setdefault(self._options[idx].fleet, []).append(idx)
        goods = {idx: sum(1 << one for one in self._options[idx].consignments) for idx in few}
        found: list[tuple[int, int]] = []
        for before in few:
            one, early = self._options[before], self._reach_of(before)
            if early is None:
                continue
            free_s = max(early.ends_s) + (max(early.latest_s) if early.latest_s else one.variant.high_s)
            soonest_s = one.variant.low_s + early.ends_s[0]
            for after in of_fleet[one.fleet]:
                other = self._options[after]
                if (
                    goods[before] & goods[after] == 0
                    and soonest_s <= other.variant.high_s
                    and other.variant.low_s < free_s
                    and self._may_follow(one.variant.low_s, early, after)
                ):
                    found.append((before, after))
            if len(found) > self._most:
                return known
        return found

    def _known_pairs(self, few: Sequence[int]) -> Iterator[tuple[int, int]]:
        """Options that hold what overlaps in the base."""
        of_trip: dict[int, list[int]] = {}
        for idx in few if self._known else ():
            of_trip.setdefault(id(self._options[idx].trip), []).append(idx)
        for pair in self._known:
            before, after = (
                [
                    idx
                    for idx in of_trip.get(trip, ())
                    if self._options[idx].variant.low_s <= start_s <= self._options[idx].variant.high_s
                ]
                for trip, start_s in pair
            )
            yield from (
                (one, other)
                for one in before
                for other in after
                if (early := self._reach_of(one)) is not None
                and self._may_follow(self._options[one].variant.low_s, early, other)
            )

    def _may_follow(self, low_s: int, early: _Reach, after: int) -> bool:
        late = self._reach_of(after)
        if late is None or not late.latest_s:
            return False
        return all(
            low_s + end_s <= latest_s
            for end_s, latest_s in zip(early.ends_s, reversed(late.latest_s), strict=True)
        )

    def _reach_of(self, idx: int) -> _Reach | None:
        if idx not in self._reach:
            self._reach[idx] = self._made_reach(self._options[idx])
        return self._reach[idx]

    def _made_reach(self, one: Option) -> _Reach | None:
        """None where a trip by itself is not promised, or not the same from all starts."""
        timing, low_s, high_s = one.variant.timing, one.variant.low_s, one.variant.high_s
        if is_unpromised(timing) or timing.late_by_s:
            return None
        firm = self._firm_of(one)
        if firm is not None and any(low <= low_s and high_s <= high for low, high in firm[1][-1]):
            offsets, starts = firm
            highs = [max(high for low, high in mine if low <= high_s <= high) for mine in starts]
            if self._problem.unsure.issuperset(one.consignments):  # it begins as late as it may run through
                return offsets._replace(latest_s=tuple(highs))
            latest = tuple(
                min(high, *(stop.due_s - 1 - end for stop, end in zip(one.trip.stops, ends, strict=True)))
                for high, ends in zip(highs, offsets.served_s, strict=True)
            )
            return offsets._replace(latest_s=latest if not one.variant.late else ())
        if low_s < high_s:
            return None
        kind = self._problem.kind_of(one.trip.route)
        free_s = worst_case(self._problem, kind, one.trip.stops, timing).free_s
        if max(free_s) >= NEVER:
            return None
        return _Reach(tuple(moment - low_s for moment in free_s), (), ())

    def _firm_of(self, one: Option) -> tuple[_Reach, list[list[Interval]]] | None:
        """Of a trip that runs through: its offsets, and from when it does with so many late legs."""
        trip = one.trip
        if id(trip) not in self._firm:
            found: tuple[_Reach, list[list[Interval]]] | None = None
            if trip.offsets is not None:
                kind, ends, served, starts = self._problem.kind_of(trip.route), [], [], []
                for late in range(kind.gamma + 1):
                    some, offsets = firm_starts(
                        self._problem, replace(kind, gamma=late), trip.stops, trip.offsets, trip.starts
                    )
                    starts.append(some)
                    ends.append(offsets.worst_end_s)
                    served.append(offsets.worst_ends_s)
                found = _Reach(tuple(ends), tuple(served), ()), starts
            self._firm[id(trip)] = found
        return self._firm[id(trip)]

    # ---------------------------------------------------------------- what that means

    def _may_be_late(self, idx: int) -> Iterator[cp_model.LinearExprT]:
        """Begins of an option by the number of late legs before, each in time for as many as are left."""
        one, reach = self._options[idx], self._reach_of(idx)
        assert reach is not None
        yield one.start
        for late in range(1, len(reach.latest_s)):
            most_s = max(one.variant.low_s, reach.latest_s[-1 - late])
            begin = self._model.new_int_var(one.variant.low_s, most_s, f"b{idx}l{late}")
            self._model.add(begin >= one.start).only_enforce_if(one.used)
            yield begin

    def _begin(self, idx: int, late: int) -> cp_model.LinearExprT:
        return self._begins[idx][late] if idx in self._begins else self._options[idx].start

    def _ends(self, idx: int) -> Iterator[tuple[int, cp_model.LinearExprT]]:
        """Ends of an option with each number of late legs so far: not before each of these."""
        reach = self._reach_of(idx)
        assert reach is not None
        for late, end_s in enumerate(reach.ends_s):
            if idx not in self._begins:
                yield late, self._options[idx].start + end_s
                continue
            for before, begin in enumerate(self._begins[idx][: late + 1]):
                yield late, begin + reach.ends_s[late - before]

    def _propagate(self, link: _Link) -> None:
        model, before, after = self._model, self._options[link.before], self._options[link.after]
        model.add_implication(link.used, before.used)
        model.add_implication(link.used, after.used)
        for late, end in self._ends(link.before):
            model.add(self._begin(link.after, late) >= end).only_enforce_if(link.used)

    def _keep_busy(self, idx: int, followers: Sequence[_Link]) -> None:
        """Of a vehicle: until an overlapping trip begins, else until it is there for sure."""
        model, one, reach = self._model, self._options[idx], self._reach_of(idx)
        assert reach is not None
        last_s = max([one.variant.high_s, *reach.latest_s]) + max(reach.ends_s)
        last_s = max(last_s, *(self._options[link.after].variant.high_s for link in followers), 0)
        until = self.busy_until[idx] = model.new_int_var(one.variant.low_s, last_s, f"u{idx}")
        if followers:
            model.add_at_most_one(link.used for link in followers)
        none = [link.used.negated() for link in followers]
        for link in followers:
            model.add(until == self._options[link.after].start).only_enforce_if(link.used)
        for late, end in self._ends(idx):
            if late == len(reach.ends_s) - 1:
                model.add(until >= end).only_enforce_if([one.used, *none])

    def loaded_until(self, idx: int) -> cp_model.LinearExprT | None:
        """When an option has loaded for sure; None where that is as planned."""
        if idx not in self._begins:
            return None
        timing = self._options[idx].variant.timing
        return self._begins[idx][-1] + (timing.depart_s - timing.load_start_s)

    def served(self, option: Driven, stop: int) -> Iterator[cp_model.LinearExprT]:
        """Not before each of these the service at a stop has ended for sure, where a trip may overlap."""
        idx = self._position.get(id(option), -1)
        reach = self._reach_of(idx) if idx in self._begins else None
        for late, ends_s in enumerate(reversed(reach.served_s) if reach is not None else ()):
            yield self._begin(idx, late) + ends_s[stop]

    # ---------------------------------------------------------------- solutions

    def hint(self, starts: Mapping[int, int], solution: Solution) -> None:
        """Start from a solution, of whose options the starts are given."""
        pairs = known_pairs(solution) if self.links else ()
        for link in self.links:
            pair = tuple((id(self._options[idx].trip), starts.get(idx)) for idx in (link.before, link.after))
            self._model.add_hint(link.used, pair in pairs)

    def follows(self, solver: cp_model.CpSolver | cp_model.CpSolverSolutionCallback) -> dict[int, int]:
        """Of each option that the solver lets overlap, the one before it."""
        return {link.after: link.before for link in self.links if solver.value(link.used)}
