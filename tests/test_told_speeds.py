"""The seconds of a type on an edge are the same whether a report of its speed holds for a time or throughout.

What is to come is driven over doubles of edges, what was is judged by tables in which the speed holds
throughout; a way over many edges must not differ by a second for each of them.
"""

import random
from dataclasses import replace
from fractions import Fraction

import pytest
from test_otherwise import CASES

from planner.events.apply import effective
from planner.events.schema import Event, EventKind
from planner.instance.closures import bars
from planner.instance.schema import Mode
from planner.network.graph import edge_times_s
from planner.proof.paths import step_s


def drawn(seed):
    """Tables, reports of speeds, and a moment after all are told."""
    draws = random.Random(seed)
    _, instance = CASES[draws.choice([name for name, (_, one) in CASES.items() if one.edges])]
    speeds = {"speed_percent": draws.randint(1, 300), "upstream_percent": draws.choice([None, 37, 80])}
    instance = replace(
        instance,
        vehicles=tuple(replace(one, **speeds) for one in instance.vehicles),
        edges=tuple(replace(one, time_s=draws.randint(1, 9000)) for one in instance.edges),
        closures=(),
    )
    subjects = [one.id for one in (*instance.vehicles, *instance.edges)]
    subjects += [one.mode for one in instance.edges]
    events = []
    for number in range(draws.randint(1, 4)):
        begins_s = draws.randint(0, 1000)
        until_s = draws.choice([None, draws.randint(begins_s + 1, 2000)])
        time_s = draws.choice([begins_s, draws.randint(0, begins_s)])
        value = str(draws.choice([draws.randint(1, 200), 33, 70, 100]))
        events.append(
            Event(
                id=f"E{number}",
                time_s=time_s,
                kind=EventKind.SPEED,
                subject=(str(draws.choice(subjects)),),
                from_s=begins_s,
                until_s=until_s,
                value=value,
            )
        )
    return instance, events, draws.randint(max(one.time_s for one in events), 2000)


def by_hand(kind, edge, time_s, against, told):
    """Seconds of a type on an edge: edges are rounded up with each report, types once, half up."""
    speed = Fraction(kind.upstream_percent if against and kind.upstream_percent else kind.speed_percent, 100)
    for one in sorted(told, key=lambda event: event.order):
        factor = Fraction(int(one.value), 100)
        if one.subject[0] in (edge.id, edge.mode):
            time_s = -(-time_s // factor)
        elif one.subject[0] == kind.id:
            speed *= factor
    return int(time_s / speed + Fraction(1, 2))


@pytest.mark.parametrize("seed", range(150))
def test_a_speed_for_a_time_is_that_of_throughout(seed):
    instance, events, moment_s = drawn(seed)
    later = effective(instance, events)
    told = [one for one in events if one.begins_s <= moment_s < (one.until_s or 10**9)]
    then = effective(instance, [replace(one, from_s=None, until_s=None) for one in told])
    for usual, slower in zip(later.vehicles, then.vehicles, strict=True):
        shut = {
            one.edge
            for one in later.closures
            if bars(one, usual) and (one.from_s or 0) <= moment_s < (one.until_s or 10**9)
        }
        for edge in then.edges:
            if edge.mode not in usual.modes:
                continue
            doubles = [
                one for one in later.edges if edge.id in (one.id, one.double_of) and one.id not in shut
            ]
            assert len(doubles) == 1
            kind = instance.vehicle_type_of[usual.id]
            base = next(one for one in instance.edges if one.id == edge.id)
            there_s = by_hand(kind, base, base.time_s, False, told)
            assert step_s(usual, doubles[0], forward=True) == step_s(slower, edge, forward=True) == there_s
            assert edge_times_s(usual, doubles[0]) == edge_times_s(slower, edge)
            assert edge_times_s(slower, edge)[0] == there_s
            if base.time_back_s is not None:
                back_s = by_hand(kind, base, base.time_back_s, base.mode is Mode.RIVER, told)
                assert step_s(usual, doubles[0], forward=False) == back_s == edge_times_s(slower, edge)[1]
                assert step_s(slower, edge, forward=False) == back_s
