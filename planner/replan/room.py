"""What comes to a hub that has no room for it, when choices are made one after another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.replan.setting import LegId, Picked, Setting

__all__ = ["without_room"]


@dataclass(frozen=True, slots=True)
class _Change:
    """Goods that come or leave, and by which choice they come; `picked` -1: by one that stays as it is."""

    moment_s: int
    volume_cm3: int
    picked: int = -1
    leg: LegId = ("", -1)


def without_room(setting: Setting, picked: Sequence[Picked]) -> frozenset[LegId]:
    """Legs of one choice, its last goods first, that have no room at a hub; none: all fits.

    What is under way, or what a trip that stays takes on, is not among them.
    """
    brought = {
        (one.choice.origin_id, position): (end_s, number)
        for number, one in enumerate(picked)
        for stop, (_, end_s) in zip(one.choice.stops, one.timing.services, strict=True)
        for position in stop.consignments
    }
    loaded = {
        (one.choice.origin_id, position): one.timing.load_start_s
        for one in picked
        for position in one.choice.order
    }
    for hub, room_cm3 in setting.room_cm3.items():
        found = _overflow(setting, picked, _changes(setting, hub, brought, loaded), room_cm3)
        if found:
            return found
    return frozenset()


def _changes(
    setting: Setting,
    hub: str,
    brought: Mapping[LegId, tuple[int, int]],
    loaded: Mapping[LegId, int],
) -> list[_Change]:
    found = []
    for stay in setting.stays:
        if stay.hub == hub:
            found += [_Change(stay.from_s, stay.volume_cm3), _Change(stay.until_s, -stay.volume_cm3)]
    place = setting.places.get(hub)
    for position, leg in enumerate(() if place is None else place.legs):
        lower = (hub, position)
        upper = setting.upper.get(lower)
        volume_cm3, until_s = leg.goods.volume_cm3, loaded.get(lower, setting.horizon_s)
        if upper is None:
            found.append(_Change(setting.came_s.get(lower, 0), volume_cm3))
        elif upper in brought:
            found.append(_Change(brought[upper][0], volume_cm3, brought[upper][1], upper))
        else:
            continue
        found.append(_Change(until_s, -volume_cm3))
    for leg_id, by_s in setting.by_s.items():
        leg = setting.places[leg_id[0]].legs[leg_id[1]]
        if leg.node_id == hub and leg_id in brought:
            found += [_Change(brought[leg_id][0], leg.goods.volume_cm3), _Change(by_s, -leg.goods.volume_cm3)]
    return found


def _overflow(
    setting: Setting, picked: Sequence[Picked], changes: list[_Change], room_cm3: int
) -> frozenset[LegId]:
    changes.sort(key=lambda one: (one.moment_s, one.volume_cm3 > 0, one.picked >= 0))
    lies_cm3 = 0
    for number, change in enumerate(changes):
        lies_cm3 += change.volume_cm3
        if lies_cm3 <= room_cm3 or change.picked < 0 or picked[change.picked].choice.rest_of:
            continue
        mine = [one for one in changes if one.picked == change.picked]
        over_cm3 = lies_cm3 + sum(one.volume_cm3 for one in changes[number + 1 :] if one in mine) - room_cm3
        order = list(picked[change.picked].choice.order)
        left: set[LegId] = set()
        for one in sorted(mine, key=lambda one: -order.index(one.leg[1])):
            if over_cm3 <= 0:
                break
            if one.leg not in setting.by_s:
                over_cm3 -= one.volume_cm3
                left.add(one.leg)
        if left:
            return frozenset(left)
    return frozenset()
