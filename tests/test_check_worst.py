"""The worst case of the check against all sets of late legs, driven one by one."""

from functools import cache

import pytest
from late_legs import CLOCK, FAR, World

from planner.instance.schema import Overnight
from planner.proof.reckoning import Reckoning
from planner.proof.world import World as Files

MOST_SETS = 700
CASES = [
    *((overnight, docks, False) for overnight in (*Overnight, None) for docks in ("own", "shared")),
    (None, "own", True),
    (None, "shared", True),
]


@cache
def cases(overnight, docks, timed):
    """Random plans that can be driven, with everything that late legs do to them."""
    found = []
    for seed in range(60):
        world = World(seed, overnight=overnight, docks=docks, timed=timed)
        plan, sets = world.drive(), world.late_sets()
        if all(one.end < FAR for one in plan.values()) and len(sets) <= MOST_SETS:
            found.append((world, plan, {late: world.drive(plan, late) for late in sets}))
        if len(found) == 12:
            break
    assert len(found) == 12
    return found


def reckoning_of(world, plan):
    return Reckoning(world.plan_of(plan), CLOCK, Files(world.instance))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_without_late_legs_everything_is_as_planned(case):
    for world, plan, _ in cases(*case):
        assert world.drive(plan) == plan
        found = Reckoning(world.plan_of(plan, {"guarantee": "0"}), CLOCK, Files(world.instance)).worst
        received = world.received(plan)
        assert {name: one.received_s for name, one in found.items()} == {one: received[one] for one in "ABCD"}
        assert all(one.exact and one.late_legs == () for one in found.values())


@pytest.mark.parametrize("case", CASES, ids=str)
def test_no_set_of_late_legs_is_worse_than_the_worst_case(case):
    num_exact = num_bound = 0
    for world, plan, driven in cases(*case):
        found = reckoning_of(world, plan).worst
        for name, worst in found.items():
            true_s = max(world.received(times)[name] for times in driven.values())
            own_s = FAR if worst.received_s is None else worst.received_s
            if worst.exact:
                num_exact += 1
                assert own_s == min(true_s, FAR)
            else:
                num_bound += 1
                assert own_s >= min(true_s, FAR)
            if case[1] == "own":
                assert worst.exact
    assert num_exact > 20
    assert num_bound == 0 or case[1] == "shared"


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_late_legs_named_cause_the_worst_case(case):
    for world, plan, _ in cases(*case):
        for name, worst in reckoning_of(world, plan).worst.items():
            if worst.exact:
                times = world.drive(plan, {tuple(one) for one in worst.late_legs})
                received_s = world.received(times)[name]
                assert (None if received_s >= FAR else received_s) == worst.received_s


@pytest.mark.parametrize("case", CASES, ids=str)
def test_guaranteed_is_who_fails_in_no_set(case):
    num_guaranteed = num_failed = 0
    for world, plan, driven in cases(*case):
        for name, worst in reckoning_of(world, plan).worst.items():
            fails = any(world.fails(name, plan, times) for times in driven.values())
            num_guaranteed += worst.guaranteed
            num_failed += not worst.guaranteed
            if worst.guaranteed:
                assert not fails
            elif case[1] == "own":
                assert fails
    assert num_guaranteed > 3
    assert num_failed > 3


@pytest.mark.parametrize("case", CASES, ids=str)
def test_the_stretch_is_the_largest(case):
    """One more of each makes somebody late who was on time."""
    for world, plan, _ in cases(*case)[:6]:
        reckoning = reckoning_of(world, plan)
        on_time = [one for one in "ABCD" if not is_late(world, one, plan)]
        stretch = reckoning.stretch
        if not on_time:
            assert (stretch.percent, stretch.minutes) == (None, None)
            continue
        assert stretch.percent is not None
        assert stretch.minutes is not None
        for minutes in {stretch.minutes // 30 * 30, (stretch.minutes // 30 + 1) * 30}:
            driven = [world.drive(plan, slip=(draft.id, minutes * 60)) for draft in world.drafts]
            late = any(is_late(world, name, times) for name in on_time for times in driven)
            assert late == (minutes > stretch.minutes)
        for percent in {stretch.percent // 100 * 100, (stretch.percent // 100 + 1) * 100}:
            times = world.drive(plan, stretch=percent)  # whole steps only at whole hundreds
            assert any(is_late(world, name, times) for name in on_time) == (percent > stretch.percent)


def is_late(world, region, times):
    if world.received(times)[region] >= world.deadline(region):
        return True
    hub = next(row.deadline_s for row in world.instance.deadlines if row.place == "H")
    ends = [
        end
        for draft in world.drafts
        for (node, names), (_, end) in zip(draft.stops, times[draft.id].services, strict=True)
        if node == "H" and any(name[0] == region for name in names)
    ]
    return any(end >= hub for end in ends)
