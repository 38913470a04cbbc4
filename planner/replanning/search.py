"""The search of one component: first what is touched is opened, then its neighbours, then all."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from planner.plans.model import Trip
from planner.proof.world import World
from planner.replanning.case import Case, Opened
from planner.replanning.choices import choices_of
from planner.replanning.greedy import one_by_one
from planner.replanning.hopeless import Hopeless
from planner.replanning.judge import Judge, Judged, Worth
from planner.replanning.net import Candidates
from planner.replanning.rests import Rest
from planner.replanning.setting import Picked, Setting
from planner.replanning.trips import trips_of
from planner.replanning.work_clock import Work, WorkCount

__all__ = ["SearchLimits", "candidates_of", "still_of"]

_LOG = logging.getLogger(__name__)

# So many trips at once at most are opened as neighbours, and where all are.
_MOST_NEIGHBOURS, _MOST_OF_ALL = 24, 60
_LEAST_S = 0.1
_PUNCTUAL_S = 1.0  # so much longer than asked nobody calls longer
# So many candidates are kept, and so often everything is searched again where somebody is late still.
_CANDIDATES, _AGAIN = 3, 20
# What a violation may be about besides a trip.
_RESOURCES = ("vehicle", "region", "hub", "origin", "warehouse", "place")
_BUILDING_S = 0.0003  # of a model, for each choice
# How long it usually takes to make a choice, one where it matters when ways are driven, and to judge a trip.
_CHOICE_US, _TIMED_US, _JUDGED_US = 350, 1_400, 800
# Of what is left: for other orders of placing trips; and so often at most.
_GREEDY_SHARE, _TRIES = 0.25, 400
# Orders of goods that are tried: in all, and from each place at least and at most.
_ORDERS, _FEWEST_ORDERS, _MOST_ORDERS = 480, 24, 160


@dataclass(frozen=True, slots=True)
class SearchLimits:
    """How long and how a component is searched.

    Parameters
    ----------
    work
        How much has been worked.
    ends_s, longest_s
        When it must be over by that, in seconds: as long as nobody needs more, and at the latest.
    seed
        See `planner.search.echelon.SearchOptions`.
    most_changes
        No more regions may change than this; None: any number.
    """

    work: Work
    ends_s: float = 0.0
    longest_s: float = 0.0
    seed: int = 1
    most_changes: int | None = None

    def left_s(self, *, needed: bool = False) -> float:
        """Seconds of work that are left.

        Parameters
        ----------
        needed
            Whether somebody is late, or lost a guarantee.
        """
        return (max(self.ends_s, self.longest_s) if needed else self.ends_s) - self.work.worked_s


def candidates_of(
    case: Case,
    judge: Judge,
    limits: SearchLimits,
    files: Callable[[], World],
    forced: Iterable[str] = (),
    others: Iterable[Case] = (),
) -> Candidates:
    """The best trips found for a component, the next ones, and at last those that go on by themselves.

    Parameters
    ----------
    case, judge
        The component, and what trips are worth.
    limits
        How long.
    files
        Gives the checker's view of the files without the reports.
    forced
        Ids of trips that cannot stay as they are.
    others
        The same component where less goes on by itself: what waits there for something that comes back is
        searched anew.

    Notes
    -----
    Whatever goes wrong in the search, the last candidate is there: a fault of the search is no reason to
    leave people without a plan.
    """
    search = _Search(case, judge, limits, files, frozenset(forced))
    still = search.still()
    try:
        found = search.run(others)
    except Exception as error:  # said in the answer and the log
        _LOG.exception("The search of %s failed: all goes on there as it does by itself.", judge.component_id)
        return Candidates((still,), failed=f"{type(error).__name__}: {error}")
    if found and found[-1].trips == still.trips:
        found = found[:-1]
    return Candidates((*found, still), longer=search.longer)


def still_of(case: Case, judge: Judge, files: Callable[[], World]) -> Candidates:
    """A component in which nothing is searched: as it is, and without what would break rules.

    Parameters
    ----------
    case, judge, files
        See `candidates_of`.
    """
    still = _Search(case, judge, SearchLimits(WorkCount()), files, frozenset()).still()
    as_it_is = judge.judge(case.trips)
    return Candidates((still,) if still.trips == as_it_is.trips else (as_it_is, still))


class _Search:
    def __init__(
        self,
        case: Case,
        judge: Judge,
        limits: SearchLimits,
        files: Callable[[], World],
        forced: frozenset[str],
    ) -> None:
        self._files = files
        self._case = case
        self._judge = judge
        self._limits = limits
        self._forced = forced
        self._grades = (True, False) if any(case.gammas.values()) else (False,)
        self._still: Judged | None = None
        self._start: Judged
        self._found: list[Judged] = []
        self._levels_done = False
        self.longer = False

    def still(self) -> Judged:
        """All goes on as it does by itself, without what would break rules."""
        if self._still is None:
            start = self._judge.judge(self._case.trips)
            if start.not_guaranteed:
                start = self._judge.excuse(self._files(), start)
            self._start = start
            self._still = self._unbroken(start)
        return self._still

    def run(self, others: Iterable[Case]) -> tuple[Judged, ...]:
        """The best trips found and the next ones, the best first."""
        self._keep(self.still())
        first = self._case
        self._search(self._start)
        for case in others if self._needs_more() else ():
            self._case = case
            start = self._judge.judge(case.trips)
            if not start.worth.broken:
                self._keep(start)
            self._search(start)
        self._case = first
        again = 0
        while self._levels_done and self._needs_more() and not self._is_over() and again < _AGAIN:
            again += 1  # with other seeds
            before = self._best
            self._limits = replace(self._limits, seed=self._limits.seed + 1)
            self._search(self._start)
            if self._best is before:
                break
        self.longer = self._limits.left_s() < -_PUNCTUAL_S and self._needs_more()
        found = [one if not one.worth.broken else self._unbroken(one) for one in self._found]
        found.sort(key=self._rank)
        distinct = {one.trips: one for one in reversed(found)}
        return tuple(sorted(distinct.values(), key=self._rank))[:_CANDIDATES]

    @property
    def _best(self) -> Judged:
        return self._found[0]

    def _keep(self, found: Judged) -> None:
        """Enter a candidate; the best ones are kept."""
        self._found = sorted([*self._found, found], key=self._rank)[:_CANDIDATES]

    def _is_over(self) -> bool:
        """Whether no time is left; who is late, or lost a guarantee, gets more."""
        return self._limits.left_s() < _LEAST_S and (
            self._limits.left_s(needed=True) < _LEAST_S or not self._needs_more()
        )

    def _needs_more(self) -> bool:
        """Whether somebody is late, or lost a guarantee, whom another plan might help."""
        return _is_bad(self._best.worth) and not self._hopeless.is_settled(self._best)

    def _lightest(self) -> set[str]:
        """Where somebody goes without as there is too little for all: the regions that weigh least."""
        return set(self._hopeless.lightest) if _is_bad(self._best.worth) else set()

    @cached_property
    def _hopeless(self) -> Hopeless:
        return Hopeless(self._case, self._judge.world, self._judge.weights)

    def _search(self, start: Judged) -> None:
        seen: set[tuple[frozenset[str], tuple[str, ...]]] = set()
        self._levels_done = False
        for number, opened in enumerate(self._levels(start)):
            key = (opened.trips, tuple(rest.trip.id for rest in opened.rests))
            if key in seen or not (opened.trips or opened.rests or self._case.lacking):
                continue
            seen.add(key)
            must = self._best.worth.broken or (number == 0 and _is_bad(self._best.worth))
            if self._is_fine(self._best) or (self._is_over() and not must):
                return
            for sure in self._grades:
                for found in self._try(opened, start, sure=sure):
                    if self._is_allowed(found, self._start):
                        self._keep(found)
                if not self._needs_more() and (self._is_fine(self._best) or self._is_over()):
                    break
        self._levels_done = True

    def _unbroken(self, best: Judged) -> Judged:
        """Without trips that break rules, where the search ended before it found others; one by one."""
        while best.worth.broken:
            free = [
                trip
                for trip in best.trips
                if not (trip.begun or any(stop.items for stop in trip.stops)) and self._case.may_change(trip)
            ]
            gone = _at_fault(best, free) or {trip.id for trip in free}
            if not gone:
                break
            best = self._judge.judge([trip for trip in best.trips if trip.id not in gone])
        return best

    def _is_allowed(self, found: Judged, start: Judged) -> bool:
        """Whether no more regions change than may, or than change if nothing is done."""
        most, mine = self._limits.most_changes, len(found.changes.regions)
        within = most is None or mine <= max(most, len(start.changes.regions))
        return within and (found.worth < start.worth or start.worth.broken > 0)

    def _mosts(self, start: Judged) -> tuple[int | None, ...]:
        """How many regions may change, and where that cannot be, how many change if nothing is done."""
        most, by_itself = self._limits.most_changes, len(start.changes.regions)
        return (most,) if most is None or by_itself <= most else (most, by_itself)

    def _rank(self, found: Judged) -> tuple[bool, Worth]:
        """Smaller is better: who keeps to the number of changes comes first."""
        most = self._limits.most_changes
        return most is not None and len(found.changes.regions) > most, found.worth

    def _is_fine(self, best: Judged) -> bool:
        """Whether nothing can be better: nobody is late, nothing changes that had not yet happened."""
        return not _is_bad(best.worth) and not best.worth.changed and not best.worth.people

    # ---------------------------------------------------------------- what is opened

    def _levels(self, start: Judged) -> Iterator[Opened]:
        """What is opened, one after another, each with more."""
        case = self._case
        late = set(start.not_guaranteed) | {one.region_id for one in start.results if one.reason}
        broken = {name for one in start.violations for key, name in one.place.items() if key == "trip"}
        resources = {name for one in start.violations for key, name in one.place.items() if key in _RESOURCES}
        must = {name for name in (broken | self._forced) if name in case.free}
        must |= self._carrying(late | (resources & set(case.region_of)))
        must |= {
            name
            for name, trip in case.free.items()
            if not resources.isdisjoint(
                (trip.vehicle_id, trip.origin_id, *(stop.node_id for stop in trip.stops))
            )
        }
        rests = self._rests(late, broken)
        lacking = {leg.goods.region_id for leg in case.lacking}
        must |= self._carrying(lacking)
        if must or rests or case.lacking:
            yield Opened(case.with_together(must), rests)
        if lighter := self._carrying(self._lightest()) - must:  # what they have would help others
            yield Opened(case.with_together(must | lighter), rests)
        changed = set(start.changes.regions)
        hit = must | self._carrying(changed) | self._moved()
        if len(hit) <= _MOST_OF_ALL:
            yield Opened(case.with_together(hit), rests)
        near = self._neighbours(hit or must)
        yield Opened(case.with_together(near), self._rests(late | changed, broken))
        wider = self._neighbours(near)
        yield Opened(case.with_together(wider), self._rests(late | changed, broken))
        if len(case.free) <= _MOST_OF_ALL:
            yield Opened(case.with_together(case.free), self._rests(set(case.region_of), broken))

    def _carrying(self, regions: set[str]) -> set[str]:
        """Trips that have not begun and carry something for these regions."""
        return {
            name
            for name, trip in self._case.free.items()
            if any(one.region_id in regions for stop in trip.stops for one in stop.deliveries)
        }

    def _moved(self) -> set[str]:
        """Trips that go at other hours by themselves."""
        old = {trip.id: trip for trip in self._case.old}
        tolerance_s = self._case.tolerance_s
        found = set()
        for name, trip in self._case.free.items():
            before = old.get(name)
            if (
                before is None
                or abs(before.load_start_s - trip.load_start_s) > tolerance_s
                or any(
                    abs(one.end_s - other.end_s) > tolerance_s
                    for one, other in zip(before.stops, trip.stops, strict=False)
                )
            ):
                found.add(name)
        return found

    def _rests(self, regions: set[str], broken: set[str]) -> tuple[Rest, ...]:
        """Trips under way that carry something for these regions."""
        found = []
        for trip in self._case.trips:
            if trip.id in self._case.begun:
                rest = self._case.rest_of(trip)
                if rest is None:
                    continue
                mine = {one.region_id for stop in trip.stops[rest.done :] for one in stop.deliveries}
                if mine & regions or trip.id in broken:
                    found.append(rest)
        return tuple(found)

    def _neighbours(self, opened: set[str]) -> set[str]:
        """These trips, and those of the same vehicles, places and days, the nearest in time first."""
        free = self._case.free
        mine = [free[name] for name in sorted(opened)]
        if not mine and not self._case.lacking:
            return set()
        vehicles = {trip.vehicle_id for trip in mine}
        origins = {trip.origin_id for trip in mine} | {leg.origin_id for leg in self._case.lacking}
        goods = {one.consignment_id for trip in mine for stop in trip.stops for one in stop.deliveries}
        ranked: list[tuple[int, int, str]] = []
        for name, trip in free.items():
            if name in opened:
                continue
            held = {one.consignment_id for stop in trip.stops for one in stop.deliveries}
            rank = 0 if held & goods else 1 if trip.vehicle_id in vehicles else 2
            if rank == 2 and trip.origin_id not in origins:
                continue
            apart_s = min((abs(trip.load_start_s - one.load_start_s) for one in mine), default=0)
            ranked.append((rank, apart_s, name))
        room = max(0, max(_MOST_NEIGHBOURS, len(opened) + 8) - len(opened))
        return opened | {name for _, _, name in sorted(ranked)[:room]}

    # ---------------------------------------------------------------- one try

    def _try(self, opened: Opened, start: Judged, *, sure: bool) -> list[Judged]:
        case = self._case
        setting = case.setting(opened, sure=sure)
        projected = {name: case.free[name] for name in opened.trips}
        loose = self._loose(opened)
        orders = max(_FEWEST_ORDERS, min(_MOST_ORDERS, _ORDERS // max(1, len(setting.places))))
        if self._is_over():
            orders = _FEWEST_ORDERS
        choices = choices_of(setting, projected, opened.rests, loose, orders=orders)
        work = self._limits.work
        fleets = (kind for place in setting.places.values() for kind in place.problem.fleet)
        is_timed = any(kind.timed is not None for kind in fleets)
        work.count((_TIMED_US if is_timed else _CHOICE_US) * len(choices))
        dropped = {rest.trip.id for rest in opened.rests} - {one.rest_of for one in choices if one.same_as}
        assert not dropped  # each goes on as planned at least
        until_s = work.worked_s + _GREEDY_SHARE * max(0.0, self._left_s())
        seed = self._limits.seed
        hint = one_by_one(setting, choices, work=work, ends_s=until_s, tries=_TRIES, seed=seed)
        solving_s = max(_LEAST_S, self._left_s() / 2)
        picked = None
        if solving_s > _LEAST_S + _BUILDING_S * len(choices):
            from planner.replanning.model import pick  # heavy, and not needed where the time is over

            until_s = work.worked_s + solving_s
            for most in self._mosts(start):
                picked = picked or pick(
                    setting, choices, hint, work=work, ends_s=until_s, seed=seed, most_changes=most
                )
        return [self._judged(self._written(setting, opened, one)) for one in (hint, picked) if one]

    def _judged(self, trips: Sequence[Trip]) -> Judged:
        self._limits.work.count(_JUDGED_US * len(trips))
        return self._judge.judge(trips)

    def _left_s(self) -> float:
        """Seconds for what is tried now: of the usual time, then of what comes on top where it is needed."""
        left_s = self._limits.left_s()
        return left_s if left_s >= _LEAST_S else self._limits.left_s(needed=self._needs_more())

    def _written(self, setting: Setting, opened: Opened, picked: Sequence[Picked]) -> list[Trip]:
        case = self._case
        rests = {rest.trip.id: rest for rest in opened.rests}
        kept = [trip for trip in case.trips if trip.id not in opened.trips and trip.id not in rests]
        taken = (
            {trip.id for trip in kept}
            | set(rests)
            | ({trip.id for trip in case.old} - opened.trips - {trip.id for trip in case.gone})
            | case.given_up
        )
        new = trips_of(setting, picked, rests, taken, case.used_ids, self._judge.component_id)
        same = {trip.id: trip for trip in case.trips}
        new = tuple(_as_it_was(one, same.get(one.id)) for one in new)
        return sorted([*kept, *new], key=lambda one: (one.load_start_s, one.id))

    def _loose(self, opened: Opened) -> set[str]:
        """Goods that should travel otherwise: without a trip, or of trips that are late or moved."""
        found = {leg.goods.consignment_id for leg in self._case.lacking}
        moved = self._moved() | self._forced
        for name in opened.trips & moved:
            found |= {one.consignment_id for stop in self._case.free[name].stops for one in stop.deliveries}
        if lightest := self._lightest():
            for name in opened.trips:
                goods = (one for stop in self._case.free[name].stops for one in stop.deliveries)
                found |= {one.consignment_id for one in goods if one.region_id in lightest}
        return found


def _is_bad(worth: Worth) -> bool:
    """Whether somebody is late, or a rule is broken."""
    return any(worth[:4])


def _at_fault(best: Judged, free: Sequence[Trip]) -> set[str]:
    """For each violation one of some trips: the one that is named, else the last that has to do with it."""
    found = set()
    for one in best.violations:
        names = {one.place[key] for key in _RESOURCES if key in one.place}
        goods = one.place.get("consignment")
        ranked = [
            (
                trip.id == one.place.get("trip"),
                any(each.consignment_id == goods for stop in trip.stops for each in stop.deliveries),
                trip.load_start_s,
                trip.id,
            )
            for trip in free
            if trip.id == one.place.get("trip")
            or any(each.consignment_id == goods for stop in trip.stops for each in stop.deliveries)
            or not names.isdisjoint((trip.vehicle_id, trip.origin_id, *(stop.node_id for stop in trip.stops)))
        ]
        if ranked:
            found.add(max(ranked)[-1])
    return found


def _as_it_was(one: Trip, same: Trip | None) -> Trip:
    """A trip that goes as it would by itself is left as it is, to the byte."""
    if same is None or one.begun or same.begun:
        return one
    alike = (
        one.vehicle_id == same.vehicle_id
        and one.load_start_s == same.load_start_s
        and one.depart_s == same.depart_s
        and one.end_s == same.end_s
        and one.dock == same.dock
        and len(one.stops) == len(same.stops)
        and all(
            (mine.node_id, mine.start_s, mine.end_s) == (its.node_id, its.start_s, its.end_s)
            for mine, its in zip(one.stops, same.stops, strict=True)
        )
    )
    return same if alike else one
