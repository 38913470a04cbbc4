"""Parts of plans, one for each component, and the cheapest plans that they make together for each margin."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from planner.building.places import component_of, deadline_of
from planner.instance.schema import Instance
from planner.plans.model import Component, Plan, RegionResult, RegionStatus, Status, Trip
from planner.proof.check import checked
from planner.proof.verdict import Verdict
from planner.reasons.outcome import Outcome

__all__ = ["Choice", "Frame", "Part", "Shelf", "Short", "choices", "parts_of", "thinned"]

# How many get nothing, are late, are not guaranteed, and by how many seconds the late ones are late.
Short = tuple[int, int, int, int]


@dataclass(frozen=True, slots=True)
class Part:
    """What was found for one component, or for all of them where they share stock.

    Parameters
    ----------
    components, trips, regions
        As they stand in a plan.
    asked_s
        By how much deadlines were earlier in its search.
    held
        Margin in the worst case, of the regions that are to withstand something; empty before the check.
    not_guaranteed
        Regions that fail in the worst case, as the check says.
    """

    components: tuple[Component, ...]
    trips: tuple[Trip, ...]
    regions: tuple[RegionResult, ...]
    asked_s: int = 0
    held: Mapping[str, int] = field(default_factory=dict)
    not_guaranteed: frozenset[str] = frozenset()

    @property
    def id(self) -> str:
        """Of its first component."""
        return self.components[0].id

    @property
    def cost(self) -> int:
        """Cost of its components."""
        return sum(one.cost for one in self.components)

    @property
    def on_time(self) -> frozenset[str]:
        """Regions that receive something, on time."""
        return frozenset(
            one.region_id
            for one in self.regions
            if one.status is RegionStatus.ON_TIME and one.received_s is not None
        )

    @property
    def short(self) -> Short:
        """What it lacks, the worst first."""
        statuses = [one.status for one in self.regions]
        lateness_s = (max(0, -one.margin_s) for one in self.regions if one.margin_s is not None)
        undelivered, late = statuses.count(RegionStatus.UNDELIVERED), statuses.count(RegionStatus.LATE)
        return undelivered, late, len(self.not_guaranteed), sum(lateness_s)

    def margin_s(self, names: Collection[str]) -> int | None:
        """Smallest margin as planned of some regions; None where none of them is here."""
        return min(
            (one.margin_s for one in self.regions if one.region_id in names and one.margin_s is not None),
            default=None,
        )

    def held_s(self, names: Collection[str]) -> int | None:
        """The same in the worst case that is to be withstood; as planned for who is not guaranteed."""
        margins = (
            self.held.get(one.region_id, one.margin_s) for one in self.regions if one.region_id in names
        )
        return min((one for one in margins if one is not None), default=None)


def parts_of(plan: Plan, instance: Instance, *, together: bool) -> tuple[Part, ...]:
    """A plan's components, each by itself or all together."""
    if together:
        return (Part(plan.components, plan.trips, plan.regions),)
    regions = {one.region_id: one for one in plan.regions}
    return tuple(
        Part(
            (one,),
            tuple(trip for trip in plan.trips if component_of(instance, trip) == one.id),
            tuple(regions[name] for name in one.regions),
        )
        for one in plan.components
    )


class Shelf:
    """Parts of one component that are as good as its first plan, save for cost and margin."""

    def __init__(self, first: Part) -> None:
        self.least = first  # what lacks least
        self.parts = [first]

    @property
    def names(self) -> frozenset[str]:
        """Regions whose margins count."""
        return self.least.on_time

    def takes(self, part: Part) -> bool:
        """Whether nobody fares worse in it: on time, guaranteed, and less late if late."""
        return part.short <= self.least.short and part.on_time >= self.names

    def add(self, part: Part) -> None:
        """Keep a part; where it lacks less than all before, those go."""
        if part.short < self.least.short:
            self.least = part
            self.parts = [one for one in self.parts if self.takes(one)]
        self.parts.append(part)

    def has_better(self, part: Part) -> bool:
        """Whether one that costs no more has as large a margin, in the worst case too once that is known."""
        if part.short < self.least.short:
            return False
        names = self.names
        margin_s = part.margin_s(names) or 0
        held_s = (part.held_s(names) or 0) if part.held else 0
        return any(
            one.cost <= part.cost
            and _reaches(one.margin_s(names), margin_s)
            and (not part.held or _reaches(one.held_s(names), held_s))
            for one in self.parts
        )

    @property
    def cheapest(self) -> Part:
        """The cheapest part; of equal ones that with the largest margin in the worst case."""
        return min(self.parts, key=lambda one: (one.cost, -(one.held_s(self.names) or 0)))

    def is_wanted(self, asked_s: int) -> bool:
        """Whether a search for such a margin may help: 0 for who is late, or fails in the worst case."""
        if asked_s:
            return not self.reaches(self.cheapest, asked_s)
        proven = {name for one in self.least.components for proof in one.proofs for name in proof.regions}
        late = {one.region_id for one in self.least.regions if one.status is not RegionStatus.ON_TIME}
        return bool((late | self.least.not_guaranteed) - proven)

    def reaches(self, part: Part, asked_s: int) -> bool:
        """Whether a part has such a margin, in the worst case."""
        return _reaches(part.held_s(self.names), asked_s)

    def best_for(self, asked_s: int) -> Part:
        """The cheapest part with such a margin in the worst case, or the one that comes nearest to it."""
        reaching = [one for one in self.parts if self.reaches(one, asked_s)]
        if reaching:
            return min(reaching, key=lambda one: one.cost)
        return max(self.parts, key=lambda one: (one.held_s(self.names) or 0, -one.cost))


@dataclass(frozen=True, slots=True)
class Choice:
    """A part of each component, and the smallest margin of them all (None: nobody has one)."""

    parts: tuple[Part, ...]
    margin_s: int | None

    @property
    def cost(self) -> int:
        """Cost of the whole."""
        return sum(one.cost for one in self.parts)


def choices(shelves: Collection[Shelf], *, held: bool = False) -> tuple[Choice, ...]:
    """All choices of which none is both dearer and tighter than another, the cheapest first.

    Parameters
    ----------
    shelves
        The parts of each component.
    held
        Whether margins in the worst case are meant, rather than as planned.

    Notes
    -----
    Costs add up and the smallest margin counts, so for each margin that some part has the cheapest part of
    each component that reaches it is best: these choices are all that can be better than others.
    """
    rated = [[(_measure(shelf, one, held=held), one) for one in shelf.parts] for shelf in shelves]
    margins = sorted({margin_s for row in rated for margin_s, _ in row if margin_s is not None}) or [0]
    found: list[Choice] = []
    for least_s in margins:
        reaching = [[pair for pair in row if _reaches(pair[0], least_s)] for row in rated]
        if not all(reaching):
            break
        best = [min(row, key=lambda pair: (pair[1].cost, -(pair[0] or 0))) for row in reaching]
        smallest_s = min((margin_s for margin_s, _ in best if margin_s is not None), default=None)
        found.append(Choice(tuple(one for _, one in best), smallest_s))
    return _undominated(found)


def _measure(shelf: Shelf, part: Part, *, held: bool) -> int | None:
    return part.held_s(shelf.names) if held else part.margin_s(shelf.names)


def _reaches(margin_s: int | None, least_s: int) -> bool:
    return margin_s is None or margin_s >= least_s


def _undominated(found: Sequence[Choice]) -> tuple[Choice, ...]:
    kept: list[Choice] = []
    for one in sorted(found, key=lambda choice: (choice.cost, -(choice.margin_s or 0))):
        if not kept or (one.margin_s or 0) > (kept[-1].margin_s or 0):
            kept.append(one)
    return tuple(kept)


def thinned(front: Sequence[Choice]) -> Iterator[Choice]:
    """The choices of a front, those first without which most would be lost.

    Yields
    ------
    Choice
        The two ends, and then what lay in the front longest while, again and again, that one was taken out
        that had the smallest rectangle to itself between its neighbours.
    """
    left, out = list(front), []
    while len(left) > 2:
        areas = [
            ((one.margin_s or 0) - (below.margin_s or 0)) * (above.cost - one.cost)
            for below, one, above in zip(left, left[1:], left[2:], strict=False)
        ]
        out.append(left.pop(1 + areas.index(min(areas))))
    yield from left
    yield from reversed(out)


class Frame:
    """What parts of plans are put into: the first plan, with its proofs and what it was asked for."""

    def __init__(self, instance: Instance, first: Plan) -> None:
        self._instance = instance
        self._first = first
        self._proofs = {one.id: one for one in first.components}

    def own(self, part: Part, asked_s: int) -> Part:
        """A part found for earlier deadlines, by those of the instance."""
        regions = tuple(self._result(one) for one in part.regions)
        results = {one.region_id: one for one in regions}
        components = tuple(self._component(one, results, part.trips) for one in part.components)
        return Part(components, part.trips, regions, asked_s)

    def from_outcome(self, found: Outcome, asked_s: int) -> Part:
        """The same from what a search told on its way."""
        return self.own(Part((found.component,), found.trips, found.regions), asked_s)

    def checked(self, part: Part) -> Part | None:
        """A part with what the check says of its worst case; None where it breaks a rule."""
        area = ",".join(one.region_id for one in part.regions)
        _, verdict = self.whole((part,), area=area if len(part.regions) < len(self._first.regions) else None)
        if verdict.violations:
            return None
        robustness = verdict.robustness
        held = {one.region: one.margin_s for one in robustness.worst if one.margin_s is not None}
        failed = frozenset(robustness.not_guaranteed)
        held = {name: margin_s for name, margin_s in held.items() if name not in failed}
        return replace(part, held=held, not_guaranteed=failed)

    def whole(self, parts: Sequence[Part], area: str | None = None) -> tuple[Plan, Verdict]:
        """The plan that parts make, and what the check says of it."""
        clock = self._instance.clock
        return checked(self.plan(parts, area), clock, self._instance)

    def plan(self, parts: Sequence[Part], area: str | None = None) -> Plan:
        """The plan that parts make, before any check."""
        components = tuple(one for part in parts for one in part.components)
        regions = {one.region_id: one for part in parts for one in part.regions}
        asked_s = max(one.asked_s for one in parts)
        options = dict(self._first.options)
        if area is not None:
            options["area"] = area
        if asked_s:
            options["deadlines_earlier"] = f"{asked_s} s"
        return replace(
            self._first,
            options=options,
            status=Status.worst_of(one.status for one in components),
            cost=sum(one.cost for one in components),
            components=components,
            trips=tuple(trip for part in parts for trip in part.trips),
            regions=tuple(regions[one.region_id] for one in self._first.regions if one.region_id in regions),
        )

    def _result(self, one: RegionResult) -> RegionResult:
        """A region's result against its own deadline; who is late at a hub stays so."""
        deadline_s = deadline_of(self._instance, self._instance.region_of[one.region_id])
        at_hub = one.status is RegionStatus.LATE and one.margin_s is not None and one.margin_s > 0
        if one.received_s is None or one.received_s >= deadline_s or at_hub:
            return replace(one, deadline_s=deadline_s)
        return RegionResult(one.region_id, RegionStatus.ON_TIME, one.received_s, deadline_s)

    def _component(
        self, one: Component, results: Mapping[str, RegionResult], trips: Sequence[Trip]
    ) -> Component:
        """A component with the first plan's proofs and bound, which are about the instance itself."""
        first = self._proofs.get(one.id, one)
        statuses = {results[name].status for name in one.regions}
        if statuses <= {RegionStatus.ON_TIME}:
            status = Status.ON_TIME
        elif first.proofs:
            status = Status.IMPOSSIBLE
        else:
            drives = any(component_of(self._instance, trip) == one.id for trip in trips)
            status = Status.LATE if drives else Status.NOT_FOUND
        bound = None if RegionStatus.UNDELIVERED in statuses else first.lower_bound
        return replace(
            one, status=status, stop_reason=first.stop_reason, proofs=first.proofs, lower_bound=bound
        )
