"""The net beneath a replan: what cannot be checked gives way, component by component, to what can.

The best of each component is checked with all others in one plan. Where that breaks a rule, the components at
fault take their next candidate; the last one is that all goes on there as it does by itself. No other
component is touched by it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from planner.instance.schema import Instance
from planner.plans.model import Plan, Trip
from planner.proof.verdict import Verdict, Violation
from planner.replanning.judge import Judged
from planner.solving.pipeline import RejectedPlanError

__all__ = ["Candidates", "NoPlanError", "Taken", "TakenKind", "first_checked"]

_Checked = tuple[Plan, Verdict]


class TakenKind(StrEnum):
    """Which of its candidates a component took."""

    BEST = "best"  # the best one
    NEXT = "next"  # the next one that can be checked
    BY_ITSELF = "by_itself"  # all goes on there as it does by itself


@dataclass(frozen=True, slots=True)
class Candidates:
    """What a component may take, the best first.

    Parameters
    ----------
    found
        Candidates; the last one is that all goes on as it does by itself.
    failed
        What went wrong in the search, where it did; empty: nothing.
    longer
        Whether it was searched longer than was asked, as somebody was late or lost a guarantee.
    """

    found: tuple[Judged, ...]
    failed: str = ""
    longer: bool = False


@dataclass(frozen=True, slots=True)
class Taken:
    """What a component took, and why.

    Parameters
    ----------
    kind
        Which.
    rejected
        How many candidates before it could not be checked.
    rules
        The rules that these break.
    failed
        See `Candidates`.
    """

    kind: TakenKind
    rejected: int = 0
    rules: tuple[str, ...] = ()
    failed: str = ""


class NoPlanError(RejectedPlanError):
    """Not even that all goes on as it does by itself can be checked.

    Parameters
    ----------
    verdict
        What the check said of the last try.
    rules
        The rules that each component breaks, by its id; under an empty one what is no component's.
    """

    def __init__(self, verdict: Verdict, rules: Mapping[str, tuple[str, ...]]) -> None:
        super().__init__(verdict)
        self.rules = rules
        self.args = ("; ".join(f"{name or '*'}: {', '.join(mine)}" for name, mine in rules.items()),)


def first_checked(
    candidates: Mapping[str, Candidates],
    check: Callable[[Mapping[str, Judged]], _Checked],
    late: Callable[[str], Candidates],
    owners: Mapping[str, str],
    instance: Instance,
) -> tuple[Plan, Verdict, Mapping[str, Taken]]:
    """The first plan that can be checked, of the best candidates that there are.

    Parameters
    ----------
    candidates
        Of each component that was searched.
    check
        Puts a candidate of each of them into a plan, and checks that.
    late
        Candidates of a component that was not searched, as nothing seemed to concern it.
    owners
        The component of each vehicle type.
    instance
        The effective one.

    Raises
    ------
    NoPlanError
        Where no candidates are left.
    """
    mine = dict(candidates)
    at = dict.fromkeys(mine, 0)
    broken: dict[str, dict[str, None]] = {}
    while True:
        chosen = {name: mine[name].found[number] for name, number in at.items()}
        plan, verdict = check(chosen)
        if not verdict.violations:
            return plan, verdict, {name: _taken(mine[name], at[name], broken.get(name, ())) for name in mine}
        fault = _at_fault(verdict.violations, chosen, plan.trips, owners, instance)
        for name in fault.keys() - mine.keys() - {""}:
            mine[name], at[name] = late(name), 0
        able = [name for name in mine if at[name] + 1 < len(mine[name].found)]
        steps = [name for name in able if name in fault] or able
        if not steps:
            raise NoPlanError(verdict, {name: tuple(sorted(rules)) for name, rules in sorted(fault.items())})
        for name in steps:
            at[name] += 1
            rules = fault.get(name) or {rule for each in fault.values() for rule in each}
            broken.setdefault(name, {}).update(dict.fromkeys(sorted(rules)))


def _taken(mine: Candidates, number: int, rules: Iterable[str]) -> Taken:
    last = number + 1 == len(mine.found)
    kind = TakenKind.BEST if not number and not mine.failed else TakenKind.NEXT
    if last and (number or mine.failed):
        kind = TakenKind.BY_ITSELF
    return Taken(kind, number, tuple(rules), mine.failed)


def _at_fault(
    violations: Sequence[Violation],
    chosen: Mapping[str, Judged],
    trips: Sequence[Trip],
    owners: Mapping[str, str],
    instance: Instance,
) -> dict[str, set[str]]:
    """Rules broken, by the component that has to do with the place; under an empty id what none has."""
    trip_of = {trip.id: name for name, one in chosen.items() for trip in one.trips}
    about: dict[str, set[str]] = {region.id: {region.warehouse} for region in instance.regions}
    for trip in trips:
        owner = trip_of.get(trip.id) or owners.get(trip.vehicle_type, trip.origin_id)
        names = {trip.id, trip.vehicle_id, trip.vehicle_type, trip.origin_id}
        for stop in trip.stops:
            names |= {stop.node_id, *(one.consignment_id for one in stop.deliveries)}
        for name in names:
            about.setdefault(name, set()).add(owner)
    about |= {warehouse.id: {warehouse.id} for warehouse in instance.warehouses}
    found: dict[str, set[str]] = {}
    for one in violations:
        trip_id = one.place.get("trip")
        known = [name for name in one.place.values() if name in about]
        own = [trip_id] if trip_id is not None and trip_id in about else known
        for component in {owner for name in own for owner in about[name]} or {""}:
            found.setdefault(component, set()).add(one.rule)
    return found
