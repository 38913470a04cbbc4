"""What comes to a hub that has no room for it, when choices are made one after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.problem.ledger import Room
from planner.replanning.setting import LegId, Picked, Setting

__all__ = ["without_room"]


@dataclass(frozen=True, slots=True)
class _Lies:
    """Goods at a hub.

    `leg` is what brings them, where that may be left out; `counts` whether there must be room when they come.
    """

    from_s: int
    until_s: int
    volume_cm3: int
    counts: bool
    leg: LegId | None = None
    position: int = 0


def without_room(setting: Setting, picked: Sequence[Picked]) -> frozenset[LegId]:
    """Legs that bring goods to hubs where there is no room for them, the last to come first.

    What is under way, and what a trip that stays takes on, is not among them; for the former there need be no
    room either (see `planner.proof.rules.hub_storage.check_hub_storage`).
    """
    brought: dict[LegId, tuple[int, bool, int]] = {}
    loaded: dict[LegId, int] = {}
    for one in picked:
        choice = one.choice
        for position in choice.order:
            loaded[choice.origin_id, position] = one.timing.load_start_s
        for stop, (_, end_s) in zip(choice.stops, one.timing.services, strict=True):
            for position in stop.consignments:
                place = choice.order.index(position)
                brought[choice.origin_id, position] = (end_s, not choice.rest_of, place)
    needed = _needed(setting)
    left: set[LegId] = set()
    for hub, room_cm3 in setting.room_cm3.items():
        room, lying = Room(room_cm3), list(_lying(setting, hub, brought, loaded, needed))
        for goods in lying:
            if goods.from_s < goods.until_s:
                room.take(goods.from_s, goods.until_s, goods.volume_cm3)
        if room.overfull() is None:
            continue
        for moment_s in sorted({goods.from_s for goods in lying if goods.counts}):
            over_cm3 = room.most(moment_s, moment_s + 1) - room_cm3
            there = [goods for goods in lying if goods.from_s <= moment_s < goods.until_s]
            for goods in sorted(there, key=lambda goods: (-goods.from_s, -goods.position)):
                if over_cm3 > 0 and goods.leg is not None and goods.leg not in left:
                    over_cm3 -= goods.volume_cm3
                    room.take(goods.from_s, goods.until_s, -goods.volume_cm3)
                    left.add(goods.leg)
    return frozenset(left)


def _needed(setting: Setting) -> frozenset[LegId]:
    """Legs that trips which stay need, with all before them."""
    found = set(setting.by_s)
    for leg in setting.by_s:
        upper = setting.upper.get(leg)
        while upper is not None:
            found.add(upper)
            upper = setting.upper.get(upper)
    return frozenset(found)


def _lying(
    setting: Setting,
    hub: str,
    brought: Mapping[LegId, tuple[int, bool, int]],
    loaded: Mapping[LegId, int],
    needed: frozenset[LegId],
) -> Iterator[_Lies]:
    for stay in setting.stays:
        if stay.hub == hub:
            yield _Lies(stay.from_s, stay.until_s, stay.volume_cm3, counts=not stay.begun)
    place = setting.places.get(hub)
    for position, leg in enumerate(() if place is None else place.legs):
        if leg.fetched_from:
            continue
        lower = (hub, position)
        upper = setting.upper.get(lower)
        until_s = loaded.get(lower, setting.horizon_s)
        if upper is None:
            come_s = setting.came_s.get(lower, 0)
            yield _Lies(come_s, until_s, leg.goods.volume_cm3, counts=False)
        elif upper in brought:
            come_s, chosen, order = brought[upper]
            free = upper if chosen and upper not in needed else None
            yield _Lies(come_s, until_s, leg.goods.volume_cm3, counts=chosen, leg=free, position=order)
    for (origin, position), by_s in setting.by_s.items():
        leg = setting.places[origin].legs[position]
        if leg.node_id == hub and (origin, position) in brought:
            come_s, chosen, _ = brought[origin, position]
            yield _Lies(come_s, by_s, leg.goods.volume_cm3, counts=chosen)
