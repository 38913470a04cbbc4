"""Rule ``chain``: what may go by its chain or straight goes one of both ways, on all its legs."""

from __future__ import annotations

from collections.abc import Iterable

from ortools.sat.python import cp_model

__all__ = ["one_way"]

Away = cp_model.IntVar | bool


def one_way(
    model: cp_model.CpModel, by_chain: cp_model.IntVar, *, chain: Iterable[Away], straight: Iterable[Away]
) -> None:
    """On the way that is chosen, and on no other.

    Parameters
    ----------
    model, by_chain
        Whether a consignment goes by its chain.
    chain, straight
        Whether it is away from each leg of its chain, and from the straight way.
    """
    for away in chain:
        model.add(by_chain == 1 - away)
    for away in straight:
        model.add(by_chain == away)
