"""Rule ``hub_storage``: what lies at a hub, from its unloading to its loading, has room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ortools.sat.python import cp_model

__all__ = ["Moments", "Stay", "limit_storage"]

Moments = int | Sequence[tuple[cp_model.IntVar, cp_model.LinearExprT]]


@dataclass(frozen=True, slots=True)
class Stay:
    """How long a consignment lies at a hub.

    Parameters
    ----------
    name
        For the names of variables.
    there
        Whether it comes (1) or not (0).
    comes, leaves
        When; or, under each of some conditions, when.
    """

    name: str
    volume_cm3: int
    there: cp_model.LinearExprT
    comes: Moments
    leaves: Moments


def limit_storage(model: cp_model.CpModel, stays: Sequence[Stay], *, room_cm3: int, horizon_s: int) -> None:
    """At no moment more than there is room for.

    Parameters
    ----------
    model
        What the rule is added to.
    stays
        What lies at the hub, and how long.
    room_cm3
        Room of the hub.
    horizon_s
        Last moment at which anything comes or leaves, in seconds.
    """
    intervals: list[cp_model.IntervalVar] = []
    for one in stays:
        come = model.new_int_var(0, horizon_s, f"come{one.name}")
        leave = model.new_int_var(0, horizon_s, f"leave{one.name}")
        lies = model.new_int_var(0, horizon_s, f"lies{one.name}")
        there = model.new_bool_var(f"there{one.name}")
        model.add(there == one.there)
        _happens(model, come, one.comes)
        _happens(model, leave, one.leaves)
        intervals.append(model.new_optional_interval_var(come, lies, leave, there, f"at{one.name}"))
    model.add_cumulative(intervals, [one.volume_cm3 for one in stays], room_cm3)


def _happens(model: cp_model.CpModel, moment: cp_model.IntVar, when: Moments) -> None:
    if isinstance(when, int):
        model.add(moment == when)
        return
    for condition, at in when:
        model.add(moment == at).only_enforce_if(condition)
