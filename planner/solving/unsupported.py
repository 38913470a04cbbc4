"""What an instance may hold but a solve does not obey yet: refused, never ignored."""

from __future__ import annotations

from collections.abc import Iterator

from planner.base.errors import Fault, RefusedError
from planner.instance.decisions import unclear_rows
from planner.instance.schema import DecisionRule, Instance, Objective
from planner.plans.model import Plan

__all__ = ["refuse", "would_refuse"]

_NOT_OBEYED = (DecisionRule.BEFORE,)


def refuse(instance: Instance, base: Plan | None = None) -> None:
    """Raise if a solve would have to ignore something.

    Parameters
    ----------
    instance
        What is to be planned.
    base
        The plan to go on from; without one nothing can be kept.

    Raises
    ------
    RefusedError
        With a fault (codes R601 to R610, V2xx) for each such row.
    """
    faults = would_refuse(instance)
    faults += _kept(instance) if base is None else ()
    if faults:
        raise RefusedError(faults)


def would_refuse(instance: Instance) -> list[Fault]:
    """What every solve will refuse, whatever it goes on from."""
    return [fault for rule in (_tables, _settings, _known_trips) for fault in rule(instance)]


def _tables(instance: Instance) -> Iterator[Fault]:
    for row, team in enumerate(instance.escorts, start=2):
        yield Fault("R601", "escorts", row=row, column="id", value=team.id)
    yield from unclear_rows(instance)
    for row, decision in enumerate(instance.decisions, start=2):
        if decision.rule in _NOT_OBEYED:
            params = {"rule": decision.rule.value}
            yield Fault("R602", "decisions", row=row, column="rule", value=decision.rule.value, params=params)


def _kept(instance: Instance) -> Iterator[Fault]:
    for row, decision in enumerate(instance.decisions, start=2):
        if decision.rule is DecisionRule.KEEP:
            yield Fault("V242", "decisions", row=row, column="rule", value=decision.rule.value)


def _settings(instance: Instance) -> Iterator[Fault]:
    settings = instance.settings
    if settings.objective is not Objective.COST:
        yield Fault("R607", "plan.toml", column="objective", value=settings.objective.value)


def _known_trips(instance: Instance) -> Iterator[Fault]:
    stops = instance.place_name_of.keys() - {one.id for one in instance.nodes}
    for row, one in enumerate(instance.known_trips, start=2):
        for column, place in (("from", one.from_node), ("to", one.to_node)):
            if place not in stops:
                yield Fault("R610", "known_trips", row=row, column=column, value=place)
