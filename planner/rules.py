"""The register of rules: each rule of the world once, with where it is obeyed, checked and tested.

``docs/rules.md`` is made from it, and a test fails where it has gaps. The meaning of a rule is the
catalogue's text ``rules.ID.meaning``, the words of a broken one are ``rules.ID.broken``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["RULES", "Rule"]


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
    "chain_rules": "tests/test_check_chain.py",
    "history_rules": "tests/test_check_replan.py",
    "replan_rules": "tests/test_check_replan.py",
    "decision_rules": "tests/test_check_decisions.py",
    "keep_rules": "tests/test_rebase.py",
}


def _rule(name: str, planned: str, checked: str, composed: str | None = None) -> Rule:
    tests = _TESTS_OF.get(checked, _TESTS)
    return Rule(
        name,
        planned,
        f"planner.proof.{checked}:check_{name}",
        f"{tests}::test_{name}_kept",
        f"{tests}::test_{name}_broken",
        composed and f"planner.compose.rules.{name}:{composed}",
    )


RULES: Mapping[str, Rule] = {
    rule.id: rule
    for rule in (
        _rule("plan_digest", "planner.plan_file:plan_to_text", "file_rules"),
        _rule("instance_digest", "planner.instance.digest:digest", "answer_rules"),
        _rule("header", "planner.solve:solve", "answer_rules"),
        _rule("regions_complete", "planner.assemble:regions_in_area", "answer_rules"),
        _rule("trip_id", "planner.outcome:outcome", "trip_rules"),
        _rule("begun", "planner.replan.state:state_of", "replan_rules"),
        _rule("history", "planner.replan.state:state_of", "history_rules"),
        _rule("fetched", "planner.replan.state:state_of", "replan_rules"),
        _rule("fleet", "planner.compose.naming:name_resources", "trip_rules"),
        _rule("own_warehouse", "planner.assemble:build_problem", "trip_rules"),
        _rule("stop_node", "planner.schedule:visits", "trip_rules"),
        _rule("chain", "planner.assemble:build_chain", "chain_rules", "one_way"),
        _rule("path", "planner.network.travel:travel", "trip_rules"),
        _rule("modes", "planner.network.travel:travel", "trip_rules"),
        _rule("known_trip", "planner.network.travel:known_trips_of", "trip_rules"),
        _rule("closed_edge", "planner.network.graph:limited_edges", "trip_rules"),
        _rule("travel_time", "planner.schedule:schedule_trip", "trip_rules"),
        _rule("distance", "planner.schedule:trip_distance_m", "trip_rules"),
        _rule("loading_time", "planner.schedule:schedule_trip", "trip_rules"),
        _rule("service_time", "planner.schedule:schedule_trip", "trip_rules"),
        _rule("order", "planner.schedule:schedule_trip", "trip_rules"),
        _rule("warehouse_hours", "planner.schedule:schedule_trip", "hour_rules"),
        _rule("vehicle_shift", "planner.schedule:schedule_trip", "hour_rules"),
        _rule("region_hours", "planner.schedule:schedule_trip", "hour_rules"),
        _rule("overnight", "planner.schedule:schedule_trip", "hour_rules"),
        _rule("work_limit", "planner.compose.model:compose", "hour_rules", "limit_work"),
        _rule("horizon", "planner.schedule:schedule_trip", "hour_rules"),
        _rule("not_before", "planner.schedule:schedule_trip", "hour_rules"),
        _rule("transfer", "planner.compose.chained:unloadings", "chain_rules", "load_after"),
        _rule("vehicle_overlap", "planner.compose.naming:name_resources", "shared_rules", "at_once"),
        _rule("docks", "planner.compose.naming:name_resources", "shared_rules", "limit_docks"),
        _rule("outage", "planner.compose.roster:schedule_all", "outages", "limit_vehicles"),
        _rule("hub_storage", "planner.compose.joint:join", "chain_rules", "limit_storage"),
        _rule("stock", "planner.compose.model:compose", "shared_rules", "limit_loads"),
        _rule("mass", "planner.schedule:fits_capacity", "shared_rules"),
        _rule("volume", "planner.schedule:fits_capacity", "shared_rules"),
        _rule("pieces", "planner.schedule:fits_capacity", "shared_rules"),
        _rule("exactly_once", "planner.compose.model:compose", "shared_rules", "cover"),
        _rule("use", "planner.by_decision:as_decided", "decision_rules"),
        _rule("never_use", "planner.by_decision:as_decided", "decision_rules"),
        _rule("day", "planner.by_decision:as_decided", "decision_rules"),
        _rule("depart_at", "planner.propose.pool:candidate", "decision_rules"),
        _rule("together", "planner.propose.bundles:mended", "decision_rules"),
        _rule("leave_out", "planner.assemble:build_chain", "decision_rules"),
        _rule("keep", "planner.rebase:rebase", "keep_rules"),
        _rule("received", "planner.outcome:outcome", "answer_rules"),
        _rule("deadline", "planner.compose.model:compose", "answer_rules", "late_weights"),
        _rule("margin", "planner.plan_file:plan_to_text", "file_rules"),
        _rule("reasons", "planner.reasons:reason_for", "answer_rules"),
        _rule("trip_cost", "planner.schedule:trip_cost", "answer_rules"),
        _rule("cost", "planner.compose.solution:fleet_cost", "answer_rules", "cost_of"),
        _rule("bound", "planner.bounds.radial:radial_bound", "answer_rules"),
        _rule("guarantee", "planner.worst:worst_case", "answer_rules"),
        _rule("proof", "planner.assemble:build_problem", "answer_rules"),
        _rule("status", "planner.outcome:outcome", "answer_rules"),
    )
}
