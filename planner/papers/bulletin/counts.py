"""How much has been received and how surely: regions, units and pieces, of all and by area."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from planner.instance.kits import unit_loads
from planner.instance.schema import Region
from planner.outputs.status import Standing
from planner.papers.bulletin.situation import Situation
from planner.plans.model import Plan
from planner.proof.knowledge import Sure

__all__ = ["By", "Count", "Figures", "Group", "counts_of_regions", "figures_of", "groups_of"]

_ORDER = tuple(Sure)  # the surest first


class Count(StrEnum):
    """What is counted."""

    REGIONS = "regions"
    UNITS = "units"
    PIECES = "pieces"


class By(StrEnum):
    """Of what there is a row each."""

    AREA = "area"
    SUBAREA = "subarea"


@dataclass(slots=True)
class Figures:
    """So much of one thing.

    Parameters
    ----------
    sure
        How much is how sure to have been received.
    planned
        How much should have been received until now, by the plan in force.
    """

    sure: dict[Sure, int] = field(default_factory=lambda: dict.fromkeys(Sure, 0))
    planned: int = 0

    @property
    def total(self) -> int:
        """All of it."""
        return sum(self.sure.values())

    def add(self, amount: int, sure: Sure, *, planned: bool) -> None:
        """Count some more."""
        self.sure[sure] += amount
        self.planned += amount if planned else 0

    def join(self, other: Figures) -> None:
        """Count what others have counted."""
        self.planned += other.planned
        for sure, amount in other.sure.items():
            self.sure[sure] += amount


@dataclass
class Group:
    """What is known of some regions.

    Parameters
    ----------
    id, name
        Of the area or part of one.
    regions
        Those that need something.
    late, missing, at_risk
        Those that are late or expected late; lack something that nobody brings; are expected in time without
        a guarantee from now on (None: no late legs were asked for).
    last_report_s
        The last report about a vehicle that brings something there; None: there is none.
    """

    id: str
    name: str
    regions: list[Region] = field(default_factory=list)
    counts: dict[Count, Figures] = field(default_factory=lambda: {count: Figures() for count in Count})
    late: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    at_risk: list[str] | None = None
    last_report_s: int | None = None


@dataclass(frozen=True, slots=True)
class _Unit:
    """A unit of a part of a region's goods: its pieces, how sure it is, and whether it should be there."""

    part: str
    number: int
    pieces: int
    sure: Sure
    planned: bool


def groups_of(situation: Situation, by: By) -> Sequence[Group]:
    """A row for each area, or part of one, that a plan supplies, in the order of the regions."""
    state = situation.standing.state
    counts = counts_of_regions(situation.found.plan, situation.standing)
    found: dict[str, Group] = {}
    for result in state.plan.regions:
        region = state.effective.region_of.get(result.region_id)
        if region is None or region.id not in counts:
            continue
        name, label = _whose(region, by)
        group = found.setdefault(name, Group(name, label or name))
        group.regions.append(region)
        for count, figures in counts[region.id].items():
            group.counts[count].join(figures)
        if not state.on_time.get(region.id, False):
            nobody = state.received_s.get(region.id) is None
            (group.missing if nobody else group.late).append(region.id)
        if situation.risk is not None:
            group.at_risk = [*(group.at_risk or ()), *({region.id} & situation.risk)]
    for row in situation.standing.stops:
        mine = found.get(row.area if by is By.AREA else row.subarea)
        at_s = row.trip.last_report_s
        if mine is not None and at_s is not None:
            mine.last_report_s = max(at_s, mine.last_report_s or at_s)
    return tuple(found.values())


def counts_of_regions(plan: Plan, standing: Standing) -> Mapping[str, Mapping[Count, Figures]]:
    """What each region that needs something has received.

    Parameters
    ----------
    plan
        As it was approved: says what should have been received by now.
    standing
        Where it stands.
    """
    units, found = _units(plan, standing), {}
    for name, mine in units.items():
        found[name] = {count: Figures() for count in Count}
        extra = {row.id for row in standing.state.effective.extra_of.get(name, ())}
        _count(found[name], mine, extra)
    return found


def _whose(region: Region, by: By) -> tuple[str, str]:
    if by is By.AREA:
        return region.area, region.area_name
    return region.subarea, region.subarea_name


def _count(counts: Mapping[Count, Figures], units: Sequence[_Unit], extra: Collection[str]) -> None:
    """Count a region: it has received when all of its units have, a unit when all of its parts have.

    What was asked for beside its kit (`extra`) has pieces, but no units of its own.
    """
    sure, planned = _least(units)
    counts[Count.REGIONS].add(1, sure, planned=planned)
    by_number: dict[int, list[_Unit]] = {}
    for one in units:
        counts[Count.PIECES].add(one.pieces, one.sure, planned=one.planned)
        if one.part not in extra:
            by_number.setdefault(one.number, []).append(one)
    for parts in by_number.values():
        sure, planned = _least(parts)
        counts[Count.UNITS].add(1, sure, planned=planned)


def _least(units: Iterable[_Unit]) -> tuple[Sure, bool]:
    rows = list(units)
    surest = max((row.sure for row in rows), key=_ORDER.index)
    return surest, all(row.planned for row in rows)


def _units(plan: Plan, standing: Standing) -> Mapping[str, Sequence[_Unit]]:
    """All units that regions need, by region; what nobody brings is still to come."""
    state = standing.state
    planned = _planned(plan, state.now_s)
    sure: dict[tuple[str, str, int], Sure] = {}
    for row in standing.stops:
        for given in row.stop.deliveries:
            if given.region_id == row.stop.node_id:
                for number in range(given.first_unit, given.first_unit + given.units):
                    key = (given.region_id, given.part, number)
                    sure[key] = min(sure.get(key, row.sure), row.sure, key=_ORDER.index)
    waived = state.effective.waived
    found: dict[str, Sequence[_Unit]] = {}
    for region in state.effective.regions:
        rows = [
            _Unit(part, number, load.pieces, sure.get(key, Sure.FUTURE), key in planned)
            for part, loads in unit_loads(state.effective, region).items()
            for number, load in enumerate(loads)
            if (key := (region.id, part, number)) not in waived
        ]
        if rows:
            found[region.id] = rows
    return found


def _planned(plan: Plan, now_s: int) -> set[tuple[str, str, int]]:
    """What should have been handed over until a moment."""
    return {
        (given.region_id, given.part, number)
        for trip in plan.trips
        for stop in trip.stops
        if stop.end_s <= now_s
        for given in stop.deliveries
        if given.region_id == stop.node_id
        for number in range(given.first_unit, given.first_unit + given.units)
    }


def figures_of(groups: Iterable[Group]) -> Mapping[Count, Figures]:
    """The figures of several groups together."""
    total = {count: Figures() for count in Count}
    for group in groups:
        for count, mine in group.counts.items():
            total[count].join(mine)
    return total
