"""Rules `received`, `deadline` and `reasons`: when regions and hubs receive, who is late, and why."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from planner.base.text import LANGUAGES, catalogue
from planner.instance.schema import Region
from planner.plans.model import PlanReason, ProofKind, ReasonCode, RegionResult, RegionStatus
from planner.proof.facts import PlanFacts
from planner.proof.verdict import Measure, Recorder

__all__ = ["PROVEN", "check_deadline", "check_reasons", "check_received"]

# Reasons that say that it cannot be otherwise, and the proof that each of them needs.
PROVEN: Mapping[PlanReason, ProofKind] = {
    ReasonCode.CUT: ProofKind.CUT,
    ReasonCode.CUT_OFF: ProofKind.CUT,
    ReasonCode.EARLIEST_ARRIVAL: ProofKind.EARLIEST_ARRIVAL,
    ReasonCode.NEVER_RECEIVES: ProofKind.EARLIEST_ARRIVAL,
    ReasonCode.CAPACITY: ProofKind.CAPACITY,
    ReasonCode.STOCK: ProofKind.STOCK,
}


def _results(facts: PlanFacts) -> Iterator[tuple[RegionResult, Region]]:
    for result in facts.plan.regions:
        region = facts.world.instance.region_of.get(result.region_id)
        if region is not None:
            yield result, region


def check_received(facts: PlanFacts, found: Recorder) -> None:
    """Check that a region's receipt is the end of its last delivery; without all its units it has none."""
    for result, region in _results(facts):
        own_s = facts.received[region.id]
        claimed_s = result.received_s
        if claimed_s is not None and own_s is not None:
            found.same_instant(claimed_s, own_s, region=region.id)
        else:
            claimed = "" if claimed_s is None else found.at(claimed_s)
            own = "" if own_s is None else found.at(own_s)
            found.case(claimed_s is None and own_s is None, claimed, own, region=region.id)
        got = RegionStatus.UNDELIVERED not in {result.status, facts.status(region)}
        nothing = result.status is facts.status(region)
        found.case(got or nothing, result.status.value, facts.status(region).value, region=region.id)


def check_deadline(facts: PlanFacts, found: Recorder) -> None:
    """Check that deadlines are those of the files, and regions on time exactly where they receive before."""
    for result, region in _results(facts):
        deadline_s = facts.world.deadline_s(region)
        found.same_instant(result.deadline_s, deadline_s, region=region.id)
        received_s, own = facts.received[region.id], facts.status(region)
        if received_s is None:
            continue
        if result.status is RegionStatus.ON_TIME:
            found.near(deadline_s - received_s, Measure.SECONDS, region=region.id)
        late_hub = facts.late_hubs.get(region.id)
        if result.status is own or result.status is RegionStatus.UNDELIVERED:
            found.good()
        elif received_s < deadline_s and late_hub is not None:
            claimed, expected = found.at(late_hub.end_s), found.at(late_hub.deadline_s)
            amount, place = late_hub.end_s - late_hub.deadline_s, {"region": region.id, "hub": late_hub.hub}
            found.broken(claimed, expected, amount, Measure.SECONDS, **place)
        else:
            amount = abs(received_s - deadline_s)
            found.broken(
                found.at(received_s), found.at(deadline_s), amount, Measure.SECONDS, region=region.id
            )
    for view in facts.trips:
        for stop in view.stops:
            hub_s = None if stop.hub is None else facts.world.hub_deadline_s(stop.hub)
            if hub_s is not None and stop.stop.end_s < hub_s:
                found.near(hub_s - stop.stop.end_s, Measure.SECONDS, trip=view.trip.id, hub=stop.stop.node_id)


def check_reasons(facts: PlanFacts, found: Recorder) -> None:
    """Check that every region that is not on time has a reason with words; one that is on time has none."""
    known = catalogue(LANGUAGES[0])
    proven = {
        (name, proof.kind)
        for component in facts.plan.components
        for proof in component.proofs
        for name in proof.regions
    }
    for result in facts.plan.regions:
        if result.status is RegionStatus.ON_TIME:
            good = not result.reason
        else:
            keys = [result.reason, *([result.params["because"]] if "because" in result.params else [])]
            good = all(f"reasons.{key}.why" in known for key in keys) and _limits_known(result.params, known)
        found.case(good, result.reason, result.status.value, region=result.region_id)
        if (
            good and result.reason in PROVEN
        ):  # said to be proven: a proof that `check_proof` verifies names it
            kind = PROVEN[result.reason]
            found.case(
                (result.region_id, kind) in proven,
                result.reason,
                result.status.value,
                region=result.region_id,
            )
    _check_hub_reasons(facts, found)


def _limits_known(params: Mapping[str, str], known: Mapping[str, str]) -> bool:
    """Whether the limits that a reason names have words, and what these need."""
    if "limits" not in params:
        return True
    names = params["limits"].replace("+", ",").split(",")
    return f"limits.{params.get('limits_of')}.any" in known and all(
        f"limits.limit.{one}" in known and f"limit_{one}" in params for one in names
    )


def _check_hub_reasons(facts: PlanFacts, found: Recorder) -> None:
    """Check that who is late only because of a hub says so, and who says so is late at a hub."""
    for result, region in _results(facts):
        if result.status is not RegionStatus.LATE:
            continue
        received_s, late_hub = facts.received[region.id], facts.late_hubs.get(region.id)
        hub = {} if late_hub is None else {"hub": late_hub.hub}
        if late_hub is None and result.reason is ReasonCode.HUB_LATE:
            found.broken(result.reason, result.status.value, region=region.id)
        elif late_hub is not None and received_s is not None:
            only_there = received_s < facts.world.deadline_s(region)
            good = not only_there or result.reason is ReasonCode.HUB_LATE
            found.case(good, result.reason, result.status.value, region=region.id, **hub)
