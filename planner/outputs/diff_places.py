"""What changes at a warehouse or hub, in words."""

from __future__ import annotations

from planner.base.clock import Clock
from planner.base.text import words
from planner.compare.changes import Calling, CallingPair
from planner.outputs.diff_names import DiffNames
from planner.outputs.figures import moment
from planner.proof.verdict import Measure, amount_text

__all__ = ["place_text"]


def place_text(pair: CallingPair, names: DiffNames, clock: Clock) -> str:
    """Which vehicle comes when for how much, and what of it is otherwise than before."""
    before, after = pair.before, pair.after
    if after is None:
        return "" if before is None else words("diff.place.drop", old=_whole(before, names, clock))
    if before is None:
        return words("diff.place.new", now=_whole(after, names, clock))
    now, old = _whole(after, names, clock), _otherwise(before, after, clock)
    told = [words("diff.place.instead", now=now, old=old) if old else now]
    more, less = (
        ", ".join(names.place(name) for name in one.regions if name not in other.regions)
        for one, other in ((after, before), (before, after))
    )
    told += [words("diff.place.also", regions=more)] if more else []
    told += [words("diff.place.without", regions=less)] if less else []
    return "; ".join(told)


def _whole(one: Calling, names: DiffNames, clock: Clock) -> str:
    return words(
        "diff.place.loads" if one.loads else "diff.place.unloads",
        vehicle=names.vehicle(one.vehicle_id, one.vehicle_type),
        pieces=amount_text(one.pieces, Measure.PIECES),
        time=moment(one.at_s, clock),
        dock=one.dock,
    )


def _otherwise(before: Calling, after: Calling, clock: Clock) -> str:
    told = []
    if before.pieces != after.pieces:
        told.append(amount_text(before.pieces, Measure.PIECES))
    if moment(before.at_s, clock) != moment(after.at_s, clock):
        told.append(moment(before.at_s, clock))
    if before.dock != after.dock:
        told.append(words("diff.place.dock", dock=before.dock))
    return ", ".join(told)
