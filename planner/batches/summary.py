"""What the results of a batch show, as figures: the tables and plots of a report are made of these."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from planner.batches.record import weight_of
from planner.batches.results import Results, reference_name
from planner.instance.schema import Instance
from planner.plans.model import RegionStatus, Status

__all__ = [
    "BrokenRegion",
    "Comparison",
    "Line",
    "ScenarioFigures",
    "TypeUse",
    "broken_regions",
    "compared",
    "cost_lines",
    "scenario_figures",
    "type_uses",
]


@dataclass(frozen=True, slots=True)
class Comparison:
    """Costs of a run against the run without changes that was searched as long.

    Parameters
    ----------
    change
        Difference; None where not the same regions are planned.
    spread
        By how much costs of either run differ by the seed alone; None with one seed.
    """

    change: int | None
    spread: int | None

    @property
    def is_different(self) -> bool:
        """Whether it is more than seeds make."""
        return self.change is not None and abs(self.change) > (self.spread or 0)


def compared(result: Mapping[str, Any], reference: Mapping[str, Any] | None) -> Comparison:
    """Compare a run's cost with that of its reference, component by component."""
    base = _components(reference)
    mine = result["components"]
    known = [base.get(one["id"]) for one in mine]
    same = all(
        old is not None and old["regions"] == one["regions"] for old, one in zip(known, mine, strict=True)
    )
    change = result["cost"] - sum(one["cost"] for one in known if one) if same else None
    spreads = [_spread(one) for one in (result, reference or {})]
    return Comparison(change, max((one for one in spreads if one is not None), default=None))


def _spread(result: Mapping[str, Any]) -> int | None:
    """By how much the costs of seeds differ that leave as many late as the best one."""
    tries = result.get("tries", ())
    if len(tries) < 2:
        return None
    least = min((one["undelivered"], one["late"]) for one in tries)
    costs: list[int] = [one["cost"] for one in tries if (one["undelivered"], one["late"]) == least]
    return max(costs) - min(costs)


@dataclass(frozen=True, slots=True)
class ScenarioFigures:
    """One scenario.

    Parameters
    ----------
    name, state, reason
        What it is, and whether it has a result (else why not).
    status
        The worst of its components'; None without a result.
    regions, on_time
        Numbers.
    late, weight, weight_most
        Regions that are not on time in the new plan, and their weight; the most of any seed.
    is_settled
        Whether longer searches found nothing better where somebody is late.
    broken, broken_weight, saved_weight
        Regions that are on time in the base plan, but would not be if it were kept, their weight, and that of
        those among them that are on time in the new plan. None where that was not worked out.
    cost, comparison
        Of the new plan, and against no changes.
    margin_s, wall_s
        Smallest margin; seconds it took.
    by_component
        Weight not on time, and weight, by component.
    """

    name: str
    state: str
    reason: str
    status: Status | None = None
    regions: int = 0
    on_time: int = 0
    late: tuple[str, ...] = ()
    weight: int = 0
    weight_most: int = 0
    is_settled: bool = True
    broken: tuple[str, ...] | None = None
    broken_weight: int | None = None
    saved_weight: int | None = None
    cost: int = 0
    comparison: Comparison = Comparison(None, None)
    margin_s: int | None = None
    wall_s: float = 0.0
    by_component: Mapping[str, tuple[int, int, Status]] | None = None


def scenario_figures(results: Results, instance: Instance) -> list[ScenarioFigures]:
    """Figures of each scenario, in the order of the manifest; after the first those it is compared with.

    Parameters
    ----------
    results, instance
        The batch, and its instance without changes.
    """
    found = []
    for number, entry in enumerate(results.entries):
        if entry.result is None:
            found.append(ScenarioFigures(entry.name, entry.state, entry.reason))
        else:
            against = results.reference(str(entry.about["area"])) if number else None
            found.append(_figures(entry.name, entry.result, against))
        if number == 0:
            for area, result in results.references():
                found.append(_figures(reference_name(area), result, None))
    return found


def _figures(name: str, result: Mapping[str, Any], reference: Mapping[str, Any] | None) -> ScenarioFigures:
    mine = result["components"]
    margins = [one["smallest_margin_s"] for one in mine if one["smallest_margin_s"] is not None]
    weight, tries = sum(one["weight_not_on_time"] for one in mine), result.get("tries", ())
    return replace(
        _kept(result),
        name=name,
        state="done",
        status=Status(result["status"]),
        regions=sum(one["regions"] for one in mine),
        on_time=sum(one["on_time"] for one in mine),
        late=tuple(sorted(_late(result))),
        weight=weight,
        weight_most=max([weight, *(one["undelivered"] + one["late"] for one in tries)]),
        is_settled=any(one["settled"] for one in tries) or not weight or not tries,
        cost=result["cost"],
        comparison=compared(result, reference),
        margin_s=min(margins, default=None),
        wall_s=result["wall_s"],
        by_component={
            one["id"]: (one["weight_not_on_time"], one["weight"], Status(one["status"])) for one in mine
        },
    )


def _components(result: Mapping[str, Any] | None) -> Mapping[str, Mapping[str, Any]]:
    return {} if result is None else {one["id"]: one for one in result["components"]}


def _kept(result: Mapping[str, Any]) -> ScenarioFigures:
    """What breaks if the base plan is kept, and what of it the new plan saves; nothing else yet."""
    empty = ScenarioFigures("", "", "")
    if "kept" not in result:
        return empty
    late = _late(result)
    broken = result["kept"]["broken"]
    return replace(
        empty,
        broken=tuple(one["id"] for one in broken),
        broken_weight=sum(one["weight"] for one in broken),
        saved_weight=sum(one["weight"] for one in broken if one["id"] not in late),
    )


@dataclass(frozen=True, slots=True)
class BrokenRegion:
    """A region, and the scenarios in whose plans it is not on time although it is in the base plan."""

    id: str
    name: str
    component: str
    weight: int
    scenarios: tuple[str, ...]


def broken_regions(results: Results, instance: Instance) -> list[BrokenRegion]:
    """Regions by the number of scenarios that break them, then by weight."""
    base = results.base
    before = _late(base) if base is not None else set()
    broken: dict[str, list[str]] = {}
    for entry, result in results.done():
        for name in sorted(_late(result) - before):
            broken.setdefault(name, []).append(entry.name)
    found = [
        BrokenRegion(
            name,
            instance.region_of[name].name,
            instance.region_of[name].warehouse,
            weight_of(instance, name),
            tuple(scenarios),
        )
        for name, scenarios in broken.items()
        if name in instance.region_of
    ]
    return sorted(found, key=lambda one: (-len(one.scenarios), -one.weight, one.id))


def _late(result: Mapping[str, Any]) -> set[str]:
    return {one["id"] for one in result["regions"] if one["status"] != RegionStatus.ON_TIME.value}


@dataclass(frozen=True, slots=True)
class TypeUse:
    """A vehicle type: in how many of the plans that use it all of its vehicles drive.

    ``late_weight`` is what is not on time, on average, in the components of those plans.
    """

    id: str
    number: int
    plans: int
    full: int
    late_weight: int


def type_uses(results: Results, instance: Instance) -> list[TypeUse]:
    """Vehicle types that are used up in some plan, the most critical first.

    Notes
    -----
    That a type is used up does not say that its loss hurts; `planner.batches.losses` tries that.
    """
    plans: dict[str, int] = {}
    full: dict[str, list[int]] = {}
    numbers: dict[str, int] = {}
    for _, result in results.done():
        late = {one["id"]: one["weight_not_on_time"] for one in result["components"]}
        for one in result["fleet"]:
            kind = instance.vehicle_type_of.get(one["id"])
            if kind is None:
                continue
            plans[one["id"]] = plans.get(one["id"], 0) + 1
            numbers[one["id"]] = max(numbers.get(one["id"], 0), one["number"])
            if one["used"] >= one["number"]:
                full.setdefault(one["id"], []).append(late.get(kind.warehouse, 0))
    found = [
        TypeUse(
            name,
            numbers[name],
            plans[name],
            len(weights),
            sum(weights) // len(weights),
        )
        for name, weights in full.items()
    ]
    return sorted(found, key=lambda one: (-one.late_weight, -one.full, -one.plans, one.id))


@dataclass(frozen=True, slots=True)
class Line:
    """Costs of scenarios that differ in nothing but the late legs asked for."""

    name: str
    points: tuple[tuple[int, int, Status], ...]  # late legs, cost, status


def cost_lines(results: Results) -> list[Line]:
    """What each further late leg costs; only where there are at least two numbers of them."""
    groups: dict[tuple[str, ...], dict[int, tuple[int, Status]]] = {}
    for entry, result in results.done():
        changes = tuple(one for one in entry.about["changes"] if not one.startswith("guarantee "))
        asked = result["options"].get("guarantee", "")
        late_legs = int(asked) if asked else int(result["gamma"])
        key = (*changes, str(entry.about["area"]))
        held = groups.setdefault(key, {})
        new = (result["cost"], Status(result["status"]))
        held[late_legs] = min(held.get(late_legs, new), new, key=lambda one: (one[1].rank, one[0]))
    return [
        Line("; ".join(key[:-1]), tuple((at, cost, status) for at, (cost, status) in sorted(held.items())))
        for key, held in groups.items()
        if len(held) > 1
    ]


def worst_first(found: Sequence[ScenarioFigures]) -> list[ScenarioFigures]:
    """Scenarios by harm: those that failed, then by weight not on time, by what breaks if kept, by cost."""
    return sorted(
        found,
        key=lambda one: (
            one.state == "done",
            -one.weight,
            -(one.broken_weight or 0),
            -(one.comparison.change or 0),
        ),
    )
