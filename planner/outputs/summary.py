"""The end of a solve: one sentence, a table by component, figures for machines."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass

from planner.base.clock import parse_instant
from planner.base.text import words
from planner.instance.chains import hub_of
from planner.instance.schema import Basis, Hub, Instance, Region
from planner.outputs.figures import day_text, duration, moment, money, number
from planner.outputs.knowledge import knowledge_clause
from planner.outputs.transfers import hubs_used, local_trips, trunk_trips
from planner.outputs.transshipments import transshipment_figures
from planner.plans.model import Component, Plan, RegionResult, RegionStatus, Trip
from planner.proof.knowledge import Knowledge
from planner.replanning.nights import NightPrices, PricedNights

__all__ = [
    "bound_line",
    "component_name",
    "cost_line",
    "hub_line",
    "late_lines",
    "night_line",
    "nights_of",
    "plan_figures",
    "reason_texts",
    "sentence",
    "summary_rows",
]

_DOUBTFUL = (Basis.SYNTHETIC, Basis.MODELLED, Basis.DEFAULT)


def plan_figures(plan: Plan, instance: Instance, *, wall_s: float, plan_path: str) -> dict[str, object]:
    """The object that ``plan solve --json`` prints; it tells of hubs only where goods pass them.

    Of transfers between warehouses it tells only where there are some, of nights with goods only where they
    have a price.

    Parameters
    ----------
    plan, instance
        The plan, and what it is for.
    wall_s, plan_path
        How long it took, and where the plan is.
    """
    figures: dict[str, object] = {
        "status": plan.status.value,
        "regions_total": len(plan.regions),
        "regions_on_time": plan.regions_on_time,
        "gamma": plan.gamma,
        "cost": plan.cost,
        "currency": plan.currency,
        "lower_bound": plan.lower_bound,
        "gap_percent": gap_percent(plan),
        "as_claimed": [] if plan.lower_bound is None else ["lower_bound", "gap_percent"],
        "smallest_margin_s": plan.smallest_margin_s,
        "vehicles_used": plan.vehicles_used,
        "trips": len(plan.trips),
        "distance_m": plan.distance_m,
        "wall_s": round(wall_s, 3),
        "plan_path": plan_path,
        "components": [
            {
                "id": one.id,
                "status": one.status.value,
                "stop_reason": one.stop_reason.value,
                "cost": one.cost,
                "lower_bound": one.lower_bound,
            }
            for one in plan.components
        ],
        "not_on_time": [
            {
                "region": one.region_id,
                "status": one.status.value,
                "reason": str(one.reason),
                "params": dict(one.params),
            }
            for one in plan.regions
            if one.status is not RegionStatus.ON_TIME
        ],
    }
    if hubs := hubs_used(plan):
        figures["chain"] = {
            "hubs_used": len(hubs),
            "trunk_trips": trunk_trips(plan),
            "local_trips": local_trips(plan),
        }
    places: list[Region | Hub] = [*instance.regions, *instance.hubs]
    if any(instance.price_night_of(one) for one in places):
        figures["nights"] = asdict(nights_of(plan, instance))
    if sent := transshipment_figures(plan):
        figures["between_warehouses"] = sent
    return figures


def hub_line(plan: Plan) -> str:
    """How many hubs goods pass, and which trips bring them there; empty where they pass none."""
    hubs = hubs_used(plan)
    if not hubs:
        return ""
    trunk, local = trunk_trips(plan), local_trips(plan)
    return words("report.hubs", hubs=number(len(hubs)), trunk=number(trunk), local=number(local))


def nights_of(plan: Plan, instance: Instance) -> PricedNights:
    """The nights with goods that a plan pays for."""
    return NightPrices(instance, hub_of(instance)).counted(plan.trips)


def night_line(plan: Plan, instance: Instance) -> str:
    """How many nights with goods are paid, and what they are of the cost; empty where none is."""
    found = nights_of(plan, instance)
    if not found.cost:
        return ""
    return words(
        "report.nights",
        regions=number(found.regions),
        hubs=number(found.hubs),
        cost=money(found.cost, plan.currency),
    )


def provenance(instance: Instance) -> str:
    """Where times and fleet come from, in words."""
    times = [edge.basis for edge in instance.edges] + [trip.basis for trip in instance.known_trips]
    fleets = [kind.basis for kind in instance.vehicles]
    return ", ".join((_basis("times", times), _basis("fleet", fleets)))


def _basis(what: str, bases: Sequence[Basis]) -> str:
    """Names what is not entered or measured; "partly" where that is the smaller part."""
    doubtful = [one for one in bases if one in _DOUBTFUL]
    if not doubtful:
        return words(f"report.basis.{what}_entered")
    key = "mostly" if 2 * len(doubtful) > len(bases) else "partly"
    most = max(_DOUBTFUL, key=doubtful.count)
    return words(f"report.basis.{what}_{key}", basis=words(f"report.basis.{most.value}"))


def gap_percent(plan: Plan) -> float | None:
    """How far the bound lies below the cost, in percent of the cost; None where one of them is missing.

    It measures the bound: the radial one is far below the cheapest plan where trips have many stops, vehicles
    are paid or docks and hours are short.
    """
    if plan.lower_bound is None or not plan.cost:
        return None
    return round(100 * (1 - plan.lower_bound / plan.cost), 1)


def cost_line(plan: Plan, instance: Instance) -> str:
    """What a plan costs, with the bound that the search claims and what the gap to it says."""
    cost, note = money(plan.cost, plan.currency), price_note(instance)
    if plan.lower_bound is None:
        return words("report.cost_unbounded", cost=cost, note=note)
    percent = gap_percent(plan)
    return words(
        "report.cost",
        cost=cost,
        note=note,
        bound=money(plan.lower_bound, plan.currency),
        gap="" if percent is None else words("report.gap", percent=number(round(percent))),
    )


def bound_line(plan: Plan) -> str:
    """The bound of a checked plan, which the check takes as it is claimed; empty where there is none."""
    if plan.lower_bound is None:
        return ""
    return words("report.bound_claimed", bound=money(plan.lower_bound, plan.currency))


def price_note(instance: Instance) -> str:
    """What stands beside a cost whose prices are not real ones; empty where they are."""
    bases = {kind.basis for kind in instance.vehicles}
    for one in _DOUBTFUL:
        if one in bases:
            return words("report.prices", basis=words(f"report.basis.{one.value}"))
    return ""


def sentence(plan: Plan, instance: Instance, known: Knowledge | None = None) -> str:
    """The answer in one sentence.

    Parameters
    ----------
    plan, instance
        The plan, and what it is for.
    known
        Of a replan, what is known and what only believed.
    """
    deadline = max((one.deadline_s for one in plan.regions), default=instance.settings.deadline_s)
    received = [one for one in plan.regions if one.margin_s is not None]
    tightest = min(received, key=lambda one: one.margin_s or 0, default=None)
    margin = "" if tightest is None else _tightest(tightest, instance)
    return words(
        "report.sentence",
        status=plan.status.value,
        on_time=number(plan.regions_on_time),
        total=number(len(plan.regions)),
        deadline=moment(deadline, instance.clock),
        known=knowledge_clause(known),
        tightest=margin,
        provenance=provenance(instance),
    )


def _tightest(one: RegionResult, instance: Instance) -> str:
    region = instance.region_of[one.region_id]
    name = f"{region.name} ({region.subarea_name})" if region.subarea_name else region.name
    return words("report.tightest", region=name, margin=duration(one.margin_s or 0))


@dataclass(frozen=True, slots=True)
class SummaryRow:
    """One component in the table: texts, ready to print."""

    cells: tuple[str, ...]


def summary_rows(plan: Plan, instance: Instance) -> list[SummaryRow]:
    """Rows of the table by area, the last one for all; the cells are those of ``report.column``."""
    results = {one.region_id: one for one in plan.regions}
    rows = []
    for component in plan.components:
        mine = [results[name] for name in component.regions]
        trips = [one for one in plan.trips if _component_of(one, instance) == component.id]
        rows.append(_row(plan, component, component_name(instance, component), mine, trips))
    total = (
        words("report.total"),
        number(len(plan.regions)),
        number(plan.regions_on_time),
        number(plan.vehicles_used),
        number(len(plan.trips)),
        number(plan.distance_m // 1000),
        money(plan.cost, plan.currency),
        "" if plan.smallest_margin_s is None else duration(plan.smallest_margin_s),
        plan.status.value,
    )
    return [*rows, SummaryRow(total)]


def _component_of(trip: Trip, instance: Instance) -> str:
    """Warehouse whose vehicle drives a trip, which may begin at a hub."""
    return instance.vehicle_type_of[trip.vehicle_type].warehouse


def _row(
    plan: Plan,
    component: Component,
    label: str,
    mine: Sequence[RegionResult],
    trips: Sequence[Trip],
) -> SummaryRow:
    margins = [one.margin_s for one in mine if one.margin_s is not None]
    return SummaryRow(
        (
            label,
            number(len(mine)),
            number(sum(one.status is RegionStatus.ON_TIME for one in mine)),
            number(len({trip.vehicle_id for trip in trips})),
            number(len(trips)),
            number(sum(trip.distance_m for trip in trips) // 1000),
            money(component.cost, plan.currency),
            duration(min(margins)) if margins else "",
            component.status.value,
        )
    )


def component_name(instance: Instance, component: Component) -> str:
    """Name of the component's area where it has one, else of its warehouse."""
    areas = {instance.region_of[name].area_name for name in component.regions}
    only = areas.pop() if len(areas) == 1 else ""
    return only or instance.warehouse_of[component.id].name


def reason_texts(one: RegionResult) -> tuple[str, str]:
    """Why a region is not on time, and what to do.

    Where only a hub's deadline is missed and the plan says why, that is told after it;
    and so are the limits in the tables without which it would be in time, where they are known.
    """
    keys = [one.reason, *([one.params["because"]] if "because" in one.params else [])]
    params = {name: _said(value) for name, value in one.params.items()}
    why = " ".join(words(f"reasons.{key}.why", **params) for key in keys)
    if "limits" not in one.params:
        return why, words(f"reasons.{keys[-1]}.action", **params)
    said, way = _limits_text(one.params)
    if one.params["limits_of"] == "region":  # what the reason asks for in general may not help
        return f"{why} {said}", words(f"limits.action.{way}")
    return f"{why} {said}", words(f"reasons.{keys[-1]}.action", **params)


def _limits_text(params: Mapping[str, str]) -> tuple[str, str]:
    """Which limits in the tables are in the way, and whether it is any one of them or all together."""
    way = "together" if "+" in params["limits"] else "any"
    names = params["limits"].replace("+", ",").split(",")
    listed = "; ".join(words(f"limits.limit.{one}", what=params[f"limit_{one}"]) for one in names)
    return words(f"limits.{params['limits_of']}.{way}", list=listed), way


def _said(value: str) -> str:
    """What a reason names, as people read it: moments as everywhere else."""
    try:
        at = parse_instant(value)
    except ValueError:
        return value
    return f"{day_text(at)} {at:%H:%M}"


def late_lines(plan: Plan, instance: Instance) -> list[str]:
    """A line for each region that is not on time: what, why, and what to do."""
    lines = []
    for one in plan.regions:
        if one.status is RegionStatus.ON_TIME:
            continue
        region = instance.region_of[one.region_id]
        late = "" if one.margin_s is None else duration(-one.margin_s)
        in_time = one.status is RegionStatus.LATE and one.margin_s is not None and one.margin_s > 0
        key = "late_at_hub" if in_time else one.status.value  # only a hub's deadline was missed
        what = words(f"report.region_{key}", late=late)
        why, action = reason_texts(one)
        place = ", ".join(part for part in (region.subarea_name, region.area_name) if part)
        name = f"{region.name} ({place})" if place else region.name
        lines.append(f"{one.region_id} {name}: {what} {why} {action}")
    return lines
