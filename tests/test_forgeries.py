"""Forged plans of many kinds: none is GUARANTEED or ON_TIME in which somebody does what nobody can."""

import forged_kinds
import forgeries
import hub_plan
import physics
import pytest
import small
from forged_kinds import KINDS
from forgeries import Case, cases_of, forged

from planner.plans.model import Status
from planner.proof.check import check_plan

GOOD = (Status.ON_TIME.value, Status.GUARANTEED.value)
CASES = [
    one
    for name, module in (("small", small), ("hub", hub_plan))
    for one in cases_of(name, module.PLAN, module.INSTANCE, moments=2)
]
EACH = 3  # forgeries of a kind
SEEDS = 2 * len(CASES)  # tries: not every kind fits every plan
HARMLESS = {  # what they change may be as true as what was there
    "another_dock", "another_vehicle", "departs_later", "moment_moved", "other_belief", "past_of_its_own",
    "report_left_out", "report_of_a_delay", "report_of_a_loading", "says_guaranteed", "swap_goods",
    "trip_is_later", "trip_is_sooner",
}  # fmt: skip


def test_there_are_sixty_kinds_and_more():
    assert len(KINDS) >= 60


@pytest.mark.parametrize("case", CASES, ids=lambda one: one.name)
def test_the_plans_that_are_forged_are_true(case):
    assert physics.faults(case.plan, case.instance) == []
    verdict = check_plan(case.plan, case.instance.clock, case.instance, previous=case.previous)
    assert verdict.passed and verdict.answer.value in GOOD
    assert bool(case.plan.replan) == bool(case.previous)


def draws(kind):
    """Some forgeries of a kind, each of another plan."""
    found = []
    for seed in range(SEEDS):
        case = CASES[(seed + len(kind)) % len(CASES)]
        one = forged(case, kind, seed)
        if one is not None:
            found.append((case, one))
        if len(found) == EACH:
            break
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_no_forged_plan_that_breaks_physics_is_good(kind):
    found = draws(kind)
    assert found, "the kind fits none of the plans"
    for case, one in found:
        if one.answer in GOOD:
            assert physics.faults(one.plan, case.instance) == [], (case.name, one)
            assert kind in HARMLESS, (case.name, one)
        if one.plan is not None and one.plan.replan is not None and not one.compared:
            assert one.answer not in GOOD, (case.name, one)


def test_the_ledger_finds_what_is_forged():
    """Forgeries that nobody could drive, by the ledger alone."""
    for kind in (
        "leg_takes_no_time",
        "deliver_twice",
        "all_had_begun_at_once",
        "service_is_none",
        "more_units",
    ):
        case, one = draws(kind)[0]
        assert physics.faults(one.plan, case.instance), kind


def test_a_draft_is_the_plan():
    for case in CASES:
        assert forgeries.plan_of(forgeries.draft_of(case.plan)) == case.plan


class Late:
    """No chance at all: the last of all, an hour."""

    def random(self):
        return 1.0

    def choice(self, some):
        return 3600 if 3600 in some else some[-1]


def test_claims_that_follow_are_made_true():
    """A forger who shifts a whole trip makes its receipts and costs right again: this one may be shifted."""
    case = Case("small", small.PLAN, small.INSTANCE)
    draft = forgeries.draft_of(case.plan)
    assert forged_kinds.trip_is_later(draft, Late(), small.INSTANCE)
    plan = forgeries.consistent(forgeries.plan_of(draft), small.INSTANCE)
    assert check_plan(plan, small.CLOCK, small.INSTANCE).passed
    assert plan != small.PLAN
