"""Rules of decisions: each once kept and once broken, with the amount; and plans changed against them."""

from dataclasses import replace
from datetime import date

import pytest
import small

from planner.instance.digest import digest
from planner.instance.schema import Decision, DecisionRule
from planner.proof.check import check_plan
from planner.proof.verdict import Measure

HOUR, DAY = 3600, small.DAY


def decided(rule, subject, value="", name="D1"):
    return Decision(id=name, rule=DecisionRule(rule), subject=subject, value=value)


def verdict(*decisions, trips=None):
    """The check of the hand-made plan where these decisions hold."""
    instance = replace(small.INSTANCE, decisions=decisions)
    plan = replace(small.PLAN, instance_digest=digest(instance))
    if trips is not None:
        plan = replace(plan, trips=tuple(trips))
    return check_plan(plan, small.CLOCK, instance)


def kept(*decisions):
    """Every rule passes, that of the first decision with at least one case."""
    found = verdict(*decisions)
    assert found.violations == ()
    assert found.rules[decisions[0].rule.value].cases > 0


def broken(*decisions, trips=None):
    """Violations of the first decision's rule, which are all that there are unless trips were changed."""
    found = verdict(*decisions, trips=trips)
    rule = decisions[0].rule.value
    mine = [one for one in found.violations if one.rule == rule]
    assert mine
    assert trips is not None or len(mine) == len(found.violations)
    assert all(one.text and one.place["decision"] == decisions[0].id for one in mine)
    return mine


# A and B by TRUCK-01 (T1), A's other unit by TRUCK-01 (T5), C by the ship (T2), D by the jeep over three
# nights (T3), F by the boat on Saturday (T4)


def test_use_kept():
    kept(decided("use", "A", "TRUCK"))
    kept(decided("use", "A+B", "JEEP+TRUCK/1"))
    kept(decided("use", "64.01.01", "TRUCK-01"))


def test_use_broken():
    found = broken(decided("use", "A", "TRUCK/2"))
    assert [(one.place["trip"], one.claimed, one.expected) for one in found] == [
        ("T1", "TRUCK-01", "TRUCK-02"),
        ("T5", "TRUCK-01", "TRUCK-02"),
    ]
    assert len(broken(decided("use", "64.01", "TRUCK"))) == 3  # C, D and F


def test_never_use_kept():
    kept(decided("never_use", "A", "SHIP+TRUCK/2"))
    kept(decided("never_use", "TRUCK/2"))
    kept(decided("never_use", "TRUCK", "C"))


def test_never_use_broken():
    assert [one.place["trip"] for one in broken(decided("never_use", "TRUCK"))] == ["T1", "T5"]
    assert [one.place["trip"] for one in broken(decided("never_use", "B", "TRUCK-01"))] == ["T1"]
    assert [one.claimed for one in broken(decided("never_use", "SHIP", "C"))] == ["SHIP-01"]


def test_day_kept():
    kept(decided("day", "F", "2024-11-23"))
    kept(decided("day", "A", "2024-11-22+2024-11-24"))
    kept(decided("day", "TRUCK", "2024-11-22"))
    kept(decided("day", "JEEP", "2024-11-22+2024-11-23+2024-11-24+2024-11-25"))


def test_day_broken():
    [found] = broken(decided("day", "F", "2024-11-22"))
    assert (found.amount, found.measure) == (111_600 - DAY, Measure.SECONDS)
    [found] = broken(decided("day", "JEEP", "2024-11-22+2024-11-23"))  # back on Monday
    assert found.amount == 297_150 - 2 * DAY
    [found] = broken(decided("day", "D", "2024-11-22+2024-11-24"))  # served on Saturday, between the two
    assert found.amount == min(131_325 - DAY, 2 * DAY - (131_325 - 900))


def test_depart_at_kept():
    kept(decided("depart_at", "SHIP", "06:07"))  # 22,020 s
    kept(decided("depart_at", "C", "05:00+06:07"))
    kept(decided("depart_at", "VAN", "2024-11-22T00:05+08:00"))


def test_depart_at_broken():
    [found] = broken(decided("depart_at", "C", "06:00"))
    assert (found.amount, found.place["trip"]) == (420, "T2")
    found = broken(decided("depart_at", "TRUCK-01", "06:18"))
    assert [(one.place["trip"], one.amount) for one in found] == [("T5", 36_780 - 22_680)]
    [found] = broken(decided("depart_at", "VAN", "23:55"))  # ten minutes before, on the day before
    assert found.amount == 600


def test_together_kept():
    alone = decided("together", "B", "A")
    found = verdict(alone)
    assert [one.place["trip"] for one in found.violations] == ["T5"]  # A's other unit goes without B
    t1 = replace(small.T1, stops=small.T1.stops)
    found = verdict(alone, trips=[t1, small.T2, small.T3, small.T4, small.T6])
    assert found.rules["together"].passed
    assert found.rules["together"].cases == 1


def test_together_broken():
    found = broken(decided("together", "C+D"))
    assert [(one.place["trip"], one.place["region"], one.amount) for one in found] == [
        ("T2", "D", 1),
        ("T3", "C", 1),
    ]
    found = broken(decided("together", "64.01"))
    assert [one.amount for one in found] == [3, 4, 4, 4, 4]


def test_leave_out_kept():
    kept(decided("leave_out", "TRUCK/2"))


def test_leave_out_broken():
    found = broken(decided("leave_out", "G"))
    assert {one.place["region"] for one in found} == {"G"}
    assert [one.place["trip"] for one in broken(decided("leave_out", "BOAT"))] == ["T4"]


def test_who_is_left_out_is_no_part_of_what_goes_together():
    both = decided("together", "B+C+D"), decided("leave_out", "C", name="D2")
    found = [one for one in verdict(*both).violations if one.rule == "together"]
    assert [(one.place["trip"], one.expected) for one in found] == [("T1", "B+D"), ("T3", "B+D")]


@pytest.mark.parametrize(
    ("rule", "subject", "value"),
    [
        ("use", "A", "LORRY"),
        ("day", "A", "yesterday"),
        ("depart_at", "A", "25:00"),
        ("leave_out", "Z", ""),
        ("never_use", "TRUCK/3", ""),
        ("together", "A", ""),
    ],
)
def test_a_decision_that_cannot_be_meant_is_broken(rule, subject, value):
    broken(decided(rule, subject, value))


def _moved(trip, seconds):
    """A trip with every moment later."""
    stops = tuple(
        replace(
            one,
            leg=replace(one.leg, depart_s=one.leg.depart_s + seconds, arrive_s=one.leg.arrive_s + seconds),
            start_s=one.start_s + seconds,
            end_s=one.end_s + seconds,
        )
        for one in trip.stops
    )
    return replace(
        trip,
        load_start_s=trip.load_start_s + seconds,
        depart_s=trip.depart_s + seconds,
        stops=stops,
        end_s=trip.end_s + seconds,
    )


@pytest.mark.parametrize(
    ("decision", "change"),
    [
        (decided("use", "C", "SHIP"), lambda t: replace(t, vehicle_type="JEEP", vehicle_id="JEEP-01")),
        (decided("never_use", "BOAT"), lambda t: replace(t, vehicle_type="BOAT", vehicle_id="BOAT-01")),
        (decided("day", "C", str(date(2024, 11, 22))), lambda t: _moved(t, DAY)),
        (decided("day", "SHIP", str(date(2024, 11, 22))), lambda t: _moved(t, 16 * HOUR)),
        (decided("depart_at", "C", "06:07"), lambda t: _moved(t, 1)),
        (decided("leave_out", "SHIP/1"), lambda t: t),
    ],
)
def test_changed_against_a_decision(decision, change):
    """Trip T2, changed: the rule is named."""
    trips = [small.T1, change(small.T2), *small.PLAN.trips[2:]]
    if decision.id == "D1" and decision.rule is DecisionRule.NEVER_USE:
        trips = [one for one in trips if one.id != "T4"]
    assert {one.place["trip"] for one in broken(decision, trips=trips)} == {"T2"}
