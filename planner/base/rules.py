"""The register of rules: each rule of the world once, with where it is obeyed, checked and tested.

``docs/rules.md`` is made from it, and a test fails where it has gaps. The meaning of a rule is the
catalogue's text ``rules.ID.meaning``, the words of a broken one are ``rules.ID.broken``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["CLAIMED", "RULES", "Rule", "claimed_rules"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Parameters
    ----------
    id
        Its name in engines, checker, reports and docs.
    planned
        Where a plan is made to obey it, as ``module:function``.
    checked
        The checker's function, as ``module:function``.
    satisfied, violated
        Its two tests, as ``tests/file.py::name``.
    composed
        The constraint of the models of composition, as ``module:function``; None where they have none.
    """

    id: str
    planned: str
    checked: str
    satisfied: str
    violated: str
    composed: str | None = None


_TESTS = "tests/test_check_rules.py"
_TESTS_OF = {  # where they are not with the others
    "chain": "tests/test_check_chain.py",
    "transfer": "tests/test_check_chain.py",
    "hub_storage": "tests/test_check_chain.py",
    "history": "tests/test_check_replan.py",
    "executed": "tests/test_check_replan.py",
    "replan": "tests/test_check_replan.py",
    "decisions": "tests/test_check_decisions.py",
    "keep": "tests/test_partial.py",
    "split": "tests/test_split.py",
}


def _rule(name: str, planned: str, checked: str, composed: str | None = None) -> Rule:
    tests = _TESTS_OF.get(checked, _TESTS)
    return Rule(
        name,
        planned,
        f"planner.proof.rules.{checked}:check_{name}",
        f"{tests}::test_{name}_kept",
        f"{tests}::test_{name}_broken",
        composed and f"planner.compose.rules.{name}:{composed}",
    )


RULES: Mapping[str, Rule] = {
    rule.id: rule
    for rule in (
        _rule("plan_digest", "planner.plans.file:plan_to_text", "file"),
        _rule("instance_digest", "planner.instance.digest:digest", "header"),
        _rule("header", "planner.solving.pipeline:solve", "header"),
        _rule("regions_complete", "planner.building.places:regions_in_area", "header"),
        _rule("trip_id", "planner.reasons.outcome:outcome_of", "trip"),
        _rule("begun", "planner.replanning.state:state_of", "replan"),
        _rule("history", "planner.replanning.state:state_of", "history"),
        _rule("executed", "planner.replanning.state:state_of", "executed"),
        _rule("fetched", "planner.replanning.choices:choices_of", "replan"),
        _rule("fleet", "planner.compose.vehicle_naming:name_resources", "trip"),
        _rule("own_warehouse", "planner.building.echelons:build_echelons", "trip"),
        _rule("stop_node", "planner.problem.visits:visits", "trip"),
        _rule("chain", "planner.building.echelons:build_echelons", "chain", "one_way"),
        _rule("path", "planner.network.travel:travel", "trip"),
        _rule("modes", "planner.network.travel:travel", "trip"),
        _rule("known_trip", "planner.network.travel:known_trips_of", "trip"),
        _rule("closed_edge", "planner.network.graph:limited_edges", "trip"),
        _rule("travel_time", "planner.problem.trip_times:schedule_trip", "trip"),
        _rule("distance", "planner.problem.visits:trip_distance_m", "trip"),
        _rule("loading_time", "planner.problem.trip_times:schedule_trip", "trip"),
        _rule("service_time", "planner.problem.trip_times:schedule_trip", "trip"),
        _rule("order", "planner.problem.trip_times:schedule_trip", "trip"),
        _rule("warehouse_hours", "planner.problem.trip_times:schedule_trip", "hours"),
        _rule("vehicle_shift", "planner.problem.trip_times:schedule_trip", "hours"),
        _rule("region_hours", "planner.problem.trip_times:schedule_trip", "hours"),
        _rule("overnight", "planner.problem.trip_times:schedule_trip", "hours"),
        _rule("work_limit", "planner.compose.master:compose", "work_limit", "limit_work"),
        _rule("horizon", "planner.problem.trip_times:schedule_trip", "hours"),
        _rule("not_before", "planner.problem.trip_times:schedule_trip", "hours"),
        _rule("release", "planner.problem.trip_times:schedule_trip", "hours"),
        _rule("transfer", "planner.compose.component_solution:unloadings", "transfer", "load_after"),
        _rule(
            "vehicle_overlap", "planner.compose.vehicle_naming:name_resources", "vehicle_overlap", "at_once"
        ),
        _rule("docks", "planner.compose.vehicle_naming:name_resources", "docks", "limit_docks"),
        _rule("outage", "planner.compose.list_scheduling:schedule_all", "outage", "limit_vehicles"),
        _rule("hub_storage", "planner.compose.joint_model:join", "hub_storage", "limit_storage"),
        _rule("stock", "planner.compose.master:compose", "stock", "limit_loads"),
        _rule("mass", "planner.problem.visits:fits_capacity", "capacity"),
        _rule("volume", "planner.problem.visits:fits_capacity", "capacity"),
        _rule("pieces", "planner.problem.visits:fits_capacity", "capacity"),
        _rule("exactly_once", "planner.compose.master:compose", "exactly_once", "cover"),
        _rule("split", "planner.compose.list_scheduling:schedule_all", "split", "one_day"),
        _rule("use", "planner.building.decisions:with_fixings", "decisions"),
        _rule("never_use", "planner.building.decisions:with_fixings", "decisions"),
        _rule("day", "planner.building.decisions:with_fixings", "decisions"),
        _rule("depart_at", "planner.propose.pool:candidate", "decisions"),
        _rule("together", "planner.propose.bundles:mended", "decisions"),
        _rule("leave_out", "planner.building.decisions:left_out", "decisions"),
        _rule("keep", "planner.solving.partial:rebase", "keep"),
        _rule("received", "planner.reasons.outcome:outcome_of", "deadline"),
        _rule("deadline", "planner.compose.master:compose", "deadline", "late_weights"),
        _rule("margin", "planner.plans.file:plan_to_text", "file"),
        _rule("reasons", "planner.reasons.regions:reason_for", "deadline"),
        _rule("trip_cost", "planner.problem.visits:trip_cost", "cost"),
        _rule("cost", "planner.compose.solution:fleet_cost", "cost", "cost_of"),
        _rule("bound", "planner.bounds.radial:radial_bound", "cost"),
        _rule("guarantee", "planner.problem.robust_trip:worst_case", "answer"),
        _rule("proof", "planner.building.echelons:build_echelons", "answer"),
        _rule("status", "planner.reasons.outcome:outcome_of", "answer"),
    )
}

CLAIMED = ("split",)
"""Rules that plans of earlier versions need not keep: a plan names those that it was made by."""


def claimed_rules(options: Mapping[str, str]) -> frozenset[str]:
    """Of these the ones that a plan was made by, as its options say."""
    return frozenset(options.get("rules", "").split())
