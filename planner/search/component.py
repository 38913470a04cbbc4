"""Solving one component: plans that withstand late legs; where somebody stays late, less is promised."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from functools import partial

from planner.bounds.radial import radial_bound
from planner.building.echelons import build_echelons
from planner.building.stations import Given
from planner.compose.component_solution import ComponentSolution
from planner.instance.schema import Instance, Overnight, Region
from planner.plans.model import StopReason, Trip
from planner.problem.echelons import Echelons
from planner.reasons.outcome import Outcome, outcome_of
from planner.search.echelon import SearchOptions
from planner.search.rounds import EchelonRounds
from planner.search.search_clock import SearchClock
from planner.search.warm_start import with_fixed

__all__ = ["ComponentSearch", "SearchOptions"]

Hear = Callable[[Outcome], None]

_LEAST_S = 0.5
# No component is searched longer than this, plus so much for each of its consignments; where the answer is
# not the asked one it gets further turns, each so many times longer than the one before.
_MOST_S, _MOST_S_EACH = 2.0, 0.5
_LONGER = 2
_SEEDS_APART = 15_485_863  # those of turns
# Consignments' worth of work that even the smallest component takes, and where vehicles stay away overnight.
_WORK_OF_ANY, _WORK_OF_NIGHTS = 100, 200
# Where somebody is late as planned: share of the time for plans that are to withstand their late legs, and of
# the rest for those that need not.
_PROMISED_SHARE, _UNPROMISED_SHARE = 0.35, 0.5


class ComponentSearch:
    """The search of one warehouse and its regions: a first look, then turn after turn.

    Parameters
    ----------
    instance, warehouse_id, regions
        The component.
    options
        How to search.
    hear
        Told of each better outcome on the way.
    given
        What its echelons take over from a plan.
    """

    def __init__(
        self,
        instance: Instance,
        warehouse_id: str,
        regions: Sequence[Region],
        *,
        options: SearchOptions,
        hear: Hear,
        given: Given | None = None,
    ) -> None:
        self._instance = instance
        self._regions = regions
        self._options = options
        self._given = given
        self._fixed_trips: tuple[Sequence[Trip], Collection[str], Collection[tuple[str, int]]] | None = None
        self._hear = hear
        self._bound: int | None = None
        self._turns = 0
        self._less_promised: ComponentSolution | None = None  # the best plan of those that promise less
        echelons = build_echelons(instance, warehouse_id, regions, options.guarantee, given)
        self._rounds = self._rounds_of(echelons, self._tell)

    @property
    def incumbent(self) -> ComponentSolution:
        """The best solution until now."""
        other, found = self._less_promised, self._rounds.incumbent
        return found if other is None or not _is_less_late(other, found) else other

    @property
    def is_as_asked(self) -> bool:
        """Whether all are promised to be on time of whom the contrary is not proven."""
        return self._rounds.incumbent.all_on_time

    @property
    def is_late(self) -> bool:
        """Whether somebody goes without or is late as planned of whom it is not proven to be unavoidable."""
        return any(self.incumbent.score[:2])

    @property
    def _echelons(self) -> Echelons:
        return self._rounds.echelons

    def _rounds_of(self, echelons: Echelons, hear: Callable[[ComponentSolution], None]) -> EchelonRounds:
        seed = self._options.seed + _SEEDS_APART * max(0, self._turns - 1)
        return EchelonRounds(echelons, replace(self._options, seed=seed), hear)

    @property
    def work(self) -> int:
        """Its share of the work of several components, about: in consignments."""
        each = self._echelons.each
        away = any(kind.overnight is not Overnight.HOME for echelon in each for kind in echelon.problem.fleet)
        return self._echelons.num_consignments + _WORK_OF_ANY + (_WORK_OF_NIGHTS if away else 0)

    def fix_trips(
        self, trips: Sequence[Trip], fixed: Collection[str], closed_vehicles: Collection[tuple[str, int]]
    ) -> None:
        """Keep trips of a plan as they are, and vehicles from further trips.

        Raises
        ------
        ValueError
            Naming trips that cannot be driven as they are.
        """
        self._fixed_trips = trips, fixed, closed_vehicles
        self._rounds = self._rounds_of(with_fixed(self._echelons, trips, fixed, closed_vehicles), self._tell)

    def start_from(self, trips: Sequence[Trip]) -> None:
        """Go on from the trips of a plan, as far as they can be driven; nothing worse is found after."""
        self._rounds.start_from(trips)

    def look(self, time_s: float | None = None) -> None:
        """Find something soon; see `EchelonRounds.look`."""
        self._rounds.look(time_s)

    def go_on(self, time_s: float | None, *, with_latest: bool = False) -> Outcome:
        """One more turn of the search; gives the best outcome until then.

        Parameters
        ----------
        time_s
            Seconds for it, of which a small component takes only a part, in each turn a larger one; None with
            an effort. Where none is left, or next to none for a plan in which everybody is on time, what is
            there is enough.
        with_latest
            Whether to say how late trips could begin.
        """
        served = any(echelon.problem.served for echelon in self._echelons.each)
        begun = any(part.assignments for part in self.incumbent.parts)
        good = begun and self.incumbent.all_on_time
        enough = time_s is not None and begun and time_s <= (_LEAST_S if good else 0.0)
        clock = SearchClock(
            None if time_s is None or self._options.effort is not None else self._turn_s(time_s),
            self._options.effort,
        )
        self._turns += 1
        # other warehouses may get their goods otherwise, too
        own = [one for one in self._regions if one.id not in self._instance.transfer_weights]
        self._bound = radial_bound(self._instance, self._echelons, own)
        if served and not enough:
            self._search_all(clock)
        reason = StopReason.EFFORT if self._options.effort is not None else StopReason.TIME_LIMIT
        reason = reason if served else StopReason.COMPLETE
        found = outcome_of(
            self.incumbent, stop_reason=reason, lower_bound=self._bound, with_latest=with_latest
        )
        if self.incumbent is self._rounds.incumbent:
            return found
        promising = outcome_of(self._rounds.incumbent, stop_reason=reason, lower_bound=self._bound)
        return replace(found, promising=promising)

    def _turn_s(self, time_s: float) -> float:
        """How long the next turn takes of so many seconds: a further one all, where little would be left."""
        most_s = _MOST_S + _MOST_S_EACH * self._echelons.num_consignments
        for _ in range(self._turns):
            most_s *= _LONGER
        if self._turns and time_s < (1 + _LONGER) * most_s:
            most_s = time_s
        return min(max(_LEAST_S, time_s), most_s)

    def _tell(self, found: ComponentSolution) -> None:
        if self._less_promised is None or not _is_less_late(self._less_promised, found):
            self._hear(outcome_of(found, stop_reason=StopReason.INTERRUPTED, lower_bound=self._bound))

    def _search_all(self, clock: SearchClock) -> None:
        """Search the echelons; where somebody stays late as planned, also with less that is promised.

        By the clock the search for plans that withstand their late legs goes on after that.
        """
        if not self._late_legs or not any(self.incumbent.score[:2]):
            self._rounds.rounds(clock)
            return
        self._rounds.rounds(clock.part(_PROMISED_SHARE))
        if any(self.incumbent.score[:2]):
            self._less_promised = self._with_less_promised(clock.part(_UNPROMISED_SHARE))
        if self._options.effort is None:
            self._rounds.rounds(clock)

    def _with_less_promised(self, clock: SearchClock) -> ComponentSolution:
        """The best plan if nothing is promised to who is late, then to anybody, then as if no legs were late.

        What is not promised leaves when goods and vehicle are there as planned, not only when they are so in
        the worst case. The plan is the one that is known already where fewer late ones cannot be had.
        """
        kept = self.incumbent
        late = {name for name, got in kept.received.items() if got.is_late or got.received_s is None}
        ways: list[Callable[[], Echelons]] = [
            lambda: self._echelons.without_promise(late),
            lambda: self._echelons.without_promise(kept.received),
            self._without_late_legs,
        ]
        for number, way in enumerate(ways):
            rounds = self._rounds_of(way(), partial(self._tell_if_less_late, than=kept))
            trips = outcome_of(kept, stop_reason=StopReason.INTERRUPTED, lower_bound=None).trips
            rounds.start_from(trips)
            rounds.rounds(clock.part(1 / (len(ways) - number)))
            if _is_less_late(rounds.incumbent, kept):
                kept = rounds.incumbent
            if not any(kept.score[:2]):
                break
        return kept

    def _tell_if_less_late(self, found: ComponentSolution, than: ComponentSolution) -> None:
        if _is_less_late(found, than):
            self._hear(outcome_of(found, stop_reason=StopReason.INTERRUPTED, lower_bound=self._bound))

    @property
    def _late_legs(self) -> bool:
        """Whether any vehicle must withstand late legs."""
        return any(kind.gamma for echelon in self._echelons.each for kind in echelon.problem.fleet)

    def _without_late_legs(self) -> Echelons:
        """The component as if no legs could be late."""
        echelons = build_echelons(self._instance, self._echelons.root.id, self._regions, 0, self._given)
        return echelons if self._fixed_trips is None else with_fixed(echelons, *self._fixed_trips)


def _is_less_late(found: ComponentSolution, than: ComponentSolution) -> bool:
    """Whether less is not delivered, or late as planned."""
    return found.score[:2] < than.score[:2]
