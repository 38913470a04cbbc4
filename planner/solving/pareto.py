"""Plans between the cheapest and the one with the largest smallest margin.

The epsilon-constraint method: every run asks for the cheapest plan in which everybody who can be on time is
so by at least some margin, that is, with all deadlines earlier by so much. Every other run pushes the margin
up, by bisection between the largest one found and a bound; the others fill the widest gaps. Between them
runs ask, as `planner.solving.price_of_robustness` does, for plans that withstand one more late leg: these
have larger margins, too. What each component is given on the way, in any run, is kept: the front is the best
that all of this makes together.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

from planner.base.clock import MINUTE_S
from planner.base.errors import CheckFailedError
from planner.building.places import deadline_of
from planner.instance.schema import Deadline, Echelon, Instance
from planner.plans.model import RegionStatus
from planner.proof.impossibility import earliest_receipt
from planner.proof.world import World
from planner.reasons.outcome import Outcome
from planner.solving.options import SolveOptions
from planner.solving.pareto_parts import Choice, Frame, Part, Shelf, Short, choices, parts_of, thinned
from planner.solving.pipeline import Progress, SolveResult, planned_regions, solve
from planner.solving.price_of_robustness import most_legs, withstands
from planner.solving.unsupported import refuse
from planner.solving.worker_pool import WorkerPool
from planner.transshipment.orders import may_come

__all__ = ["Front", "Point", "Seen", "Wish", "tightened", "tradeoff"]

# Margins that differ by less are not told apart.
_LEAST_GAP_S = 5 * MINUTE_S
# Of the time: at least for the cheapest plan, which all others are told from; at most for the last checks.
_FIRST_SHARE, _CHECK_SHARE = 1 / 2, 1 / 4
# No run is begun with less time than this, and none goes on for longer than so many times its share. Fewer
# are made than asked for where they would have less than so many times what the first one took to begin.
_LEAST_RUN_S, _PATIENCE, _FIRST_LOOKS = 1.0, 1.2, 2
_ENDS = 2


@dataclass(frozen=True, slots=True)
class Wish:
    """What a run asks for: deadlines earlier by so much, or so many late legs (None: as the first run)."""

    earlier_s: int = 0
    late_legs: int | None = None


@dataclass(frozen=True, slots=True)
class Point:
    """A checked plan of a trade-off.

    Parameters
    ----------
    asked_s
        By how much deadlines were earlier in the searches that found it, at most.
    margin_s
        Its smallest margin, of the regions that are on time in the cheapest plan; None where there are none.
    """

    result: SolveResult
    asked_s: int
    margin_s: int | None

    @property
    def cost(self) -> int:
        """Cost of the plan."""
        return self.result.plan.cost


@dataclass(frozen=True, slots=True)
class Seen:
    """What a search ended with: its cost, its smallest margin, and by how much deadlines were earlier."""

    cost: int
    margin_s: int | None
    asked_s: int


@dataclass(frozen=True)
class Front:
    """What a trade-off found.

    Parameters
    ----------
    points
        The plans of which none is both dearer and tighter than another, by cost.
    others
        What searches ended with and is not among these.
    runs
        Searches that were made.
    failed
        Searches whose plan had somebody late who is on time in the cheapest plan, or guaranteed less.
    not_run
        Searches for which no time was left.
    bound_s
        No plan has a larger smallest margin; None: not known.
    left_out
        Regions that are not on time in the cheapest plan; their margins do not count.
    """

    points: tuple[Point, ...]
    others: tuple[Seen, ...] = ()
    runs: int = 1
    failed: int = 0
    not_run: int = 0
    bound_s: int | None = None
    left_out: tuple[str, ...] = ()


def tradeoff(
    instance: Instance,
    options: SolveOptions,
    most: int,
    *,
    on_progress: Callable[[Progress], None] | None = None,
    on_run: Callable[[int, Wish], None] | None = None,
    worker_pool: WorkerPool | None = None,
) -> Front:
    """Find up to so many plans from the cheapest to the one with the largest smallest margin.

    Parameters
    ----------
    instance, options
        As for `planner.solving.pipeline.solve`; the limit holds for all runs together, an effort for each.
    most
        Runs, and plans, at most.
    on_progress, worker_pool
        See `planner.solving.pipeline.solve`.
    on_run
        Told of each run before it begins: its number from 1, and what it asks for.

    Raises
    ------
    InputError, CheckFailedError
        As `planner.solving.pipeline.solve` does.

    Notes
    -----
    Deadlines of hubs stay. Who is late in the cheapest plan keeps his own. A run after the first searches the
    components whose cheapest part has not the margin asked for, and goes on from the cheapest plan known that
    has it, so that it finds nothing worse. Every other run asks for one more late leg in place of a margin,
    as long as such plans are found. Where somebody is late and nothing proves that he must be, runs go
    on with that first, as long as it helps. Ctrl-C ends with what is there.

    By the clock, the first run has at least half of the time, and where the rest is too short for all
    others, fewer are made. With an effort only what runs end with counts: when they tell of more depends on
    the clock.
    """
    search = _Search(instance, options, most, on_progress, on_run, worker_pool)
    search.first()
    try:
        while (asked := search.next()) is not None:
            search.run(*asked)
    except KeyboardInterrupt:
        pass
    return search.front()


def tightened(instance: Instance, names: Collection[str], by_s: int) -> Instance:
    """The instance with the deadlines of some regions earlier by so much."""
    own = {row.place: row for row in instance.deadlines if row.echelon is Echelon.REGION}
    others = [
        row for row in instance.deadlines if row.echelon is not Echelon.REGION or row.place not in names
    ]
    rows = [
        replace(own.get(one.id, Deadline(place=one.id)), deadline_s=deadline_of(instance, one) - by_s)
        for one in instance.regions
        if one.id in names
    ]
    return replace(instance, deadlines=(*others, *rows))


class _Timing:
    """How the time is shared out; without a limit nothing is held back."""

    def __init__(self, limit_s: float | None) -> None:
        self._limit_s = limit_s
        self._began = time.monotonic()
        self.ready_s = 0.0  # until the first run had something of each component
        self.check_s = 0.0  # for the check of a whole plan

    @property
    def spent_s(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self._began

    @property
    def is_over(self) -> bool:
        """Whether nothing is left at all."""
        return self._limit_s is not None and self.spent_s >= self._limit_s

    def first_s(self, most: int) -> float | None:
        """Seconds for the first run; None: no limit."""
        return None if self._limit_s is None else self._limit_s * max(_FIRST_SHARE, 1 / most)

    def share_s(self, runs: int, most: int) -> float | None:
        """Seconds for the next run of so many, or of fewer where they need more; 0: none. None: no limit."""
        if self._limit_s is None:
            return None
        left_s = self._limit_s - self.spent_s - min(self.check_s * most, self._limit_s * _CHECK_SHARE)
        if left_s < _LEAST_RUN_S:
            return 0.0
        return left_s / max(1, min(runs, int(left_s / max(_FIRST_LOOKS * self.ready_s, _LEAST_RUN_S))))


@dataclass
class _Search:
    """The runs so far."""

    instance: Instance
    options: SolveOptions
    most: int
    on_progress: Callable[[Progress], None] | None
    on_run: Callable[[int, Wish], None] | None
    worker_pool: WorkerPool | None
    seen: list[Seen] = field(default_factory=list)
    asked: list[int] = field(default_factory=list)
    missed: list[int] = field(default_factory=list)  # what was asked for and not reached
    num_failed: int = 0
    num_not_run: int = 0
    is_over: bool = False
    _again: bool = True  # whether to search again for who is late
    _pushed: int = 0  # runs that asked for a margin
    _late_legs: int | None = None  # how many the next run for one more asks for; None: no further one

    def __post_init__(self) -> None:
        self._timing = _Timing(None if self.options.effort is not None else self.options.time_limit_s)

    def first(self) -> None:
        """The cheapest plan, and who is on time in it."""
        refuse(self.instance)
        regions = planned_regions(self.instance, self.options.area)
        heard: list[Outcome] = []
        self._together = bool(may_come(self.instance, regions))
        share_s = self._timing.first_s(self.most)
        self._result = self._solved(self.instance, self.options, Wish(), share_s, heard)
        limit = {"limit": self.options.as_text(self.instance.clock)["limit"]}
        plan = self._result.plan
        self._frame = Frame(self.instance, replace(plan, options={**plan.options, **limit}))
        began = time.monotonic()
        ended = [self._frame.own(one, 0) for one in parts_of(plan, self.instance, together=self._together)]
        parts = [one for part in ended if (one := self._frame.checked(part)) is not None]
        self._timing.check_s = time.monotonic() - began
        if len(parts) < len(ended):  # they need each other: the whole plan was accepted
            self._together, heard = True, []
            parts = [self._frame.own(one, 0) for one in parts_of(plan, self.instance, together=True)]
        self._shelves = {one.id: Shelf(one) for one in parts}
        self._sift(heard, 0)
        self._note(parts, (), 0)
        self._bound_s = self._bound_of(self._names)
        robustness = self._result.verdict.robustness
        self._ask_more_than(self._result, max((robustness.gamma, *robustness.gammas.values())))

    def _ask_more_than(self, found: SolveResult, late_legs: int) -> None:
        """Ask for one more late leg next where a plan withstands so many, and has more that may be late."""
        able = withstands(found, late_legs) and _has_delays(self.instance)
        more = able and late_legs < most_legs(found.plan)
        self._late_legs = late_legs + 1 if more else None

    @property
    def _names(self) -> frozenset[str]:
        """Regions whose margins count."""
        return frozenset(name for shelf in self._shelves.values() for name in shelf.names)

    def _bound_of(self, names: Collection[str]) -> int | None:
        """Least, over the regions, of the deadline less the earliest receipt in any plan."""
        world = World(self.instance)
        bounds = []
        for name in sorted(names):
            region = self.instance.region_of[name]
            earliest_s = earliest_receipt(world, region)
            if earliest_s is not None:
                bounds.append(world.deadline_s(region) - earliest_s)
        return min(bounds, default=None)

    def _solved(
        self,
        instance: Instance,
        options: SolveOptions,
        wish: Wish,
        share_s: float | None,
        heard: list[Outcome],
    ) -> SolveResult:
        """Search for so long; the first run at least until each component has something."""
        self.asked.append(wish.earlier_s)
        if self.on_run is not None:
            self.on_run(len(self.asked), wish)
        wanted = {one.warehouse for one in planned_regions(self.instance, options.area)}
        began, is_cut = time.monotonic(), False

        def listen(found: Outcome) -> None:
            heard.append(found)
            wanted.discard(found.component.id)
            if not wanted and not self._timing.ready_s:
                self._timing.ready_s = time.monotonic() - began

        def cancelled() -> bool:
            nonlocal is_cut
            late = share_s is not None and time.monotonic() - began > share_s * _PATIENCE
            is_first = len(self.asked) == 1
            is_cut = not (is_first and wanted) and (late or self._timing.is_over)
            return is_cut

        found = solve(
            instance,
            options if share_s is None else replace(options, time_limit_s=share_s),
            on_progress=self.on_progress,
            on_outcome=None if share_s is None or self._together else listen,
            cancelled=cancelled,
            worker_pool=self.worker_pool,
        )
        self.is_over = found.interrupted and not is_cut
        return found

    def _sift(self, heard: Sequence[Outcome], asked_s: int) -> None:
        """Keep what was told on the way and is better than what is there."""
        for outcome in sorted(heard, key=lambda one: one.component.cost):
            part = self._frame.from_outcome(outcome, asked_s)
            shelf = self._shelves[part.id]
            if shelf.takes(part) and not shelf.has_better(part):
                self._keep(part)

    def _keep(self, part: Part) -> bool:
        """Whether a part obeys all rules and nobody fares worse in it; then it is kept where it is better."""
        shelf, checked = self._shelves[part.id], self._frame.checked(part)
        if checked is None or not shelf.takes(checked):
            return False
        if not shelf.has_better(checked):
            shelf.add(checked)
        return True

    def _note(self, ended: Sequence[Part], others: Sequence[Part], asked_s: int) -> None:
        """What a search ended with, where it did not search as it was before."""
        margins = [one.margin_s(self._names) for one in (*ended, *others)]
        cost = sum(one.cost for one in (*ended, *others))
        self.seen.append(Seen(cost, min((one for one in margins if one is not None), default=None), asked_s))

    def run(self, wish: Wish, share_s: float | None) -> None:
        """Search for a margin where that may help (`Shelf.is_wanted`), or for more late legs."""
        asked_s, late_legs = wish.earlier_s, wish.late_legs
        shelves = self._shelves.values()
        base = [shelf.best_for(asked_s) for shelf in shelves]
        others = [one.cheapest for one in shelves if late_legs is None and not one.is_wanted(asked_s)]
        kept = {one.id for one in others}
        names = [one.region_id for part in base if part.id not in kept for one in part.regions]
        options = replace(
            self.options,
            area=",".join(names) if others else self.options.area,
            guarantee=self.options.guarantee if late_legs is None else late_legs,
            base=self._frame.plan(base),
            base_stays=False,
        )
        hard = tightened(self.instance, self._names, asked_s)
        heard: list[Outcome] = []
        lack = self._lack
        try:
            found = self._solved(hard, options, wish, share_s, heard)
        except CheckFailedError:  # a fault of the program; what is there already stays
            self.num_failed += 1
            self.missed += [asked_s] if late_legs is None else []
            self._late_legs = None if late_legs is not None else self._late_legs
            return
        if late_legs is not None:
            self._ask_more_than(found, late_legs)
        ended = [
            self._frame.own(one, asked_s)
            for one in parts_of(found.plan, self.instance, together=self._together)
        ]
        failed = [one for one in ended if not self._keep(one)]
        if failed:
            self.num_failed += 1
        else:
            self._note(ended, others, asked_s)
        self._sift(heard, asked_s)
        if self._largest_s < asked_s:
            self.missed.append(asked_s)
        if late_legs is None and not asked_s:
            self._bound_s = self._bound_of(self._names)
            self._again = self._lack < lack

    @property
    def _lack(self) -> list[Short]:
        """What each component lacks."""
        return [one.least.short for one in self._shelves.values()]

    @property
    def _largest_s(self) -> int:
        """The largest margin, in the worst case, that everybody can be given."""
        return choices(self._shelves.values(), held=True)[-1].margin_s or 0

    def next(self) -> tuple[Wish, float | None] | None:
        """What to ask for next, and for how long; None where there is no time or nothing between any more."""
        runs = self.most - len(self.asked)
        wish = None if self.is_over or runs <= 0 else self._next_wish()
        if wish is None:
            return None
        share_s = self._timing.share_s(runs, self.most)
        if share_s == 0:
            self.num_not_run = runs
            return None
        return wish, share_s

    def _next_wish(self) -> Wish | None:
        """In turn a margin and one more late leg, as long as there is anything to ask for."""
        if self._late_legs is not None and self._pushed * 2 > len(self.asked) - 1:
            return Wish(late_legs=self._late_legs)
        asked_s = self._next_s()
        if asked_s is not None:
            self._pushed += 1
            return Wish(asked_s)
        return None if self._late_legs is None else Wish(late_legs=self._late_legs)

    def _next_s(self) -> int | None:
        """What to ask for next, 0: the same for who is late; None where nothing lies between any more."""
        if self._again and any(one.is_wanted(0) for one in self._shelves.values()):
            return 0
        if self._bound_s is None:
            return None
        largest_s = self._largest_s
        above_s = min([self._bound_s, *(one for one in self.missed if one > largest_s)])
        if self._pushed % 2 == 0 and above_s - largest_s > _LEAST_GAP_S:
            return (largest_s + above_s + 1) // 2
        # what lies above the largest margin is less likely to be found than what lies between two
        spans = [*self._gaps(), (largest_s, (largest_s + above_s) // 2)]
        begin_s, end_s = max(spans, key=lambda span: span[1] - span[0])
        return (begin_s + end_s + 1) // 2 if end_s - begin_s > _LEAST_GAP_S else None

    def _gaps(self) -> Iterator[tuple[int, int]]:
        """Margins between neighbours of the front, up to what was asked for already."""
        front = choices(self._shelves.values(), held=True)
        for one, other in zip(front, front[1:], strict=False):
            begin, end = one.margin_s or 0, other.margin_s or 0
            end = min([end, *(asked for asked in self.asked if begin < asked)])
            if end - begin > _LEAST_GAP_S:
                yield begin, end

    def front(self) -> Front:
        """What was found, the plans checked as they are written; the ends first, should time be over."""
        names = self._names
        points: list[Point] = []
        for choice in islice(thinned(choices(self._shelves.values())), self.most):
            if len(points) >= _ENDS and self._timing.is_over:
                break
            point = self._point(choice)
            if point is not None:
                points.append(point)
        points = sorted(points, key=lambda one: one.cost) or [Point(self._result, 0, None)]
        same = {(one.cost, one.margin_s) for one in points}
        return Front(
            tuple(points),
            tuple(one for one in self.seen if (one.cost, one.margin_s) not in same),
            runs=len(self.asked),
            failed=self.num_failed,
            not_run=self.num_not_run,
            bound_s=self._bound_of(names),
            left_out=tuple(
                one.region_id
                for one in points[0].result.plan.regions
                if one.status is not RegionStatus.ON_TIME
            ),
        )

    def _point(self, choice: Choice) -> Point | None:
        """A choice as a whole plan; None where the check refuses it, or the worst case of the first one."""
        plan, verdict = self._frame.whole(choice.parts)
        less = set(verdict.robustness.not_guaranteed) - {
            name for shelf in self._shelves.values() for name in shelf.least.not_guaranteed
        }
        if verdict.violations or less:
            return None
        asked_s = max(one.asked_s for one in choice.parts)
        return Point(replace(self._result, plan=plan, verdict=verdict), asked_s, choice.margin_s)


def _has_delays(instance: Instance) -> bool:
    """Whether any leg may be late at all."""
    own = any(one.delay_max_s or one.delay_back_max_s for one in instance.edges)
    return own or any(row.percent or row.fixed_s for row in instance.delays)
