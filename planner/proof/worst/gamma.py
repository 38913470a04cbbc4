"""How many late legs a plan was asked to withstand."""

from __future__ import annotations

from collections.abc import Iterable

from planner.instance.schema import Instance, VehicleType
from planner.plans.model import Plan

__all__ = ["asked_gamma", "gamma_of", "is_gamma", "smallest_gamma"]


def is_gamma(text: str) -> bool:
    """Whether an option `guarantee` means something: nothing, or a whole number."""
    return not text or (text.isascii() and text.isdigit() and len(text) < 10)


def asked_gamma(plan: Plan) -> int | None:
    """Late legs that the solve was asked for; None: as the files say."""
    text = plan.options.get("guarantee", "")
    return int(text) if text and is_gamma(text) else None


def gamma_of(plan: Plan, instance: Instance, kind: VehicleType) -> int:
    """Late legs that each vehicle of a type must withstand."""
    asked = asked_gamma(plan)
    if asked is not None:
        return asked
    return instance.settings.guarantee if kind.gamma is None else kind.gamma


def smallest_gamma(
    plan: Plan, instance: Instance, driving: Iterable[VehicleType], others: Iterable[VehicleType]
) -> int:
    """Late legs that vehicles of all these types must withstand; where none drives, of the others.

    Parameters
    ----------
    plan, instance
        What is asked for, and what the files say.
    driving, others
        Types of vehicles that drive, and those that count where none does.
    """
    kinds = list(driving) or list(others)
    own = (gamma_of(plan, instance, kind) for kind in kinds)
    asked = asked_gamma(plan)
    return min(own, default=instance.settings.guarantee if asked is None else asked)
