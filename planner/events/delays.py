"""Reports of how late legs may be at most, as rows of the table of delays: what guarantees withstand."""

from __future__ import annotations

from dataclasses import replace

from planner.events.schema import Event
from planner.events.values import margin_of
from planner.instance.kinds import Basis, Mode
from planner.instance.schema import Delay, Instance

__all__ = ["with_longest_delay"]


def with_longest_delay(instance: Instance, event: Event) -> Instance:
    """`longest_delay`: edges, all edges of a mode, or a vehicle type may be late by this at most.

    Notes
    -----
    What rows about just the same said in this season, and what an edge says of itself, holds no more; of rows
    about more or less the largest delay holds still.
    """
    percent, fixed_s = margin_of(event.value)
    for name in event.subject:
        own = {one.id for one in instance.edges if name in (one.id, one.double_of)}
        mode = Mode(name) if name in {one.value for one in Mode} else None
        keys = [(mode, edge, "") for edge in sorted(own)] if own else [(mode, "", "" if mode else name)]
        seasons = ("", instance.settings.season)
        left = [
            row
            for row in instance.delays
            if row.season not in seasons or (row.mode, row.edge, row.vehicle) not in keys
        ]
        for number, key in enumerate(keys if percent or fixed_s else ()):
            left.append(
                Delay(
                    id=f"{event.id}:{name}:{number}",
                    mode=key[0],
                    edge=key[1],
                    vehicle=key[2],
                    percent=percent,
                    fixed_s=fixed_s,
                    basis=Basis.ENTERED,
                    source=event.note,
                )
            )
        edges = tuple(
            replace(one, delay_max_s=0, delay_back_max_s=0) if one.id in own else one
            for one in instance.edges
        )
        instance = replace(instance, delays=tuple(left), edges=edges)
    return instance
