"""Reports about goods: more demand, replacements, stock, as rows of the tables."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from planner.events.loads import Net, is_loss, losses
from planner.events.schema import Event, EventKind
from planner.events.values import counts_of
from planner.instance.kits import Load, unit_loads
from planner.instance.schema import Extra, Instance, Item, Region, Rounding

__all__ = [
    "ASKING",
    "SPOILT",
    "Spoilt",
    "demand_counts",
    "lost_before",
    "more_found",
    "not_taken_back",
    "too_much_spoilt",
    "with_demand",
    "with_fewer",
    "with_found",
    "with_replacement",
    "with_stock",
    "with_taken_back",
]

SPOILT = (EventKind.DAMAGED, EventKind.MISSING, EventKind.RECALL, EventKind.MISDELIVERED)
ASKING = (*SPOILT, EventKind.DEMAND)
_LOST = (EventKind.MISSING, EventKind.MISDELIVERED)  # what may be found again

_PER_REGION = "region"
_NOTHING: Net = {}


def with_stock(instance: Instance, event: Event, net: Net = _NOTHING) -> Instance:
    """`stock`: an item comes, is gone, or comes later than was said.

    Parameters
    ----------
    instance, event
        The tables, and the report.
    net
        What had been loaded when goods were lost: that cannot be lost there any more.

    Notes
    -----
    A positive value comes besides (at `from`), a negative one is taken from what lies there then and has not
    been loaded, what came last first; if less than that lies there, all of it is gone, and no more. Without
    a value, what was not there yet when it was reported comes at `from` instead.
    """
    gone = (
        {one.warehouse: min(one.told, one.there) for one in losses(instance, event, net)}
        if is_loss(event)
        else {}
    )
    for name in event.subject:
        instance = _stock_at(instance, event, name, gone.get(name, 0))
    return instance


def _stock_at(instance: Instance, event: Event, warehouse: str, gone: int) -> Instance:
    key = (warehouse, event.item)
    rows = list(instance.stock)
    mine = [at for at, row in enumerate(rows) if (row.warehouse, row.item) == key]
    change = int(event.value) if event.value else 0
    if not event.value:
        for at in mine:
            if (rows[at].available_s or 0) > event.time_s:
                rows[at] = replace(rows[at], available_s=event.begins_s)
    elif change > 0:
        row = replace(rows[mine[0]], quantity=change, available_s=event.begins_s)
        rows.append(row)
    else:
        left = gone
        there = [at for at in mine if (rows[at].available_s or 0) <= event.begins_s]
        for at in sorted(there, key=lambda one: -(rows[one].available_s or 0)):
            taken = min(left, rows[at].quantity)
            rows[at] = replace(rows[at], quantity=rows[at].quantity - taken)
            left -= taken
    return replace(instance, stock=tuple(rows))


def demand_counts(instance: Instance, region: Region, value: str) -> Mapping[str, int]:
    """Counts that are added to a region; those not named as its units have on average, rounded up."""
    settings, named = instance.settings, dict(counts_of(value))
    units = named.pop("", None)
    if units is not None:
        named[settings.unit] = units
    units, there = named[settings.unit], region.counts.get(settings.unit, 0)
    for name in settings.counts:
        if name not in named and there:
            named[name] = -(-region.counts.get(name, 0) * units // there)
    return {name: named.get(name, 0) for name in settings.counts}


def with_demand(instance: Instance, event: Event) -> Instance:
    """`demand`: further units of the kit, or so many of one item; each part of the kit travels as before."""
    rows: list[Extra] = []
    for name in event.subject:
        region = instance.region_of[name]
        if event.item:
            item = next(one for one in instance.items if one.id == event.item)
            rows += _item_rows(instance, event, region, item, int(event.value))
            continue
        counts = demand_counts(instance, region, event.value)
        kit = tuple(one for one in instance.items if one.per != _PER_REGION)
        bare = replace(instance, items=kit, extra=())
        for part, loads in unit_loads(bare, replace(region, counts=counts)).items():
            rows += _rows(instance, event, name, part, loads)
    return replace(instance, extra=(*instance.extra, *rows))


def with_replacement(instance: Instance, event: Event) -> Instance:
    """`damaged`, `missing`, `recall`: as many units again, or so many of one item, from stock.

    Notes
    -----
    Which unit it was is not known: each replacement is as large as the region's largest unit, without what is
    counted once for the region. ``type`` names the part; empty: all parts.
    """
    rows: list[Extra] = []
    for name in event.subject:
        region = instance.region_of[name]
        if event.item:
            item = next(one for one in instance.items if one.id == event.item)
            rows += _item_rows(instance, event, region, item, int(event.value))
            continue
        kit = tuple(
            one for one in instance.items if one.per != _PER_REGION and one.rounding is not Rounding.REGION
        )
        bare = replace(instance, items=kit, extra=())
        for part, loads in unit_loads(bare, region).items():
            if event.type in ("", part):
                rows += _rows(instance, event, name, part, loads[:1] * int(event.value))
    return replace(instance, extra=(*instance.extra, *rows))


def with_fewer(instance: Instance, event: Event) -> Instance:
    """`fewer`: so many units of the kit are not needed any more, those with the highest numbers."""
    waived = set(instance.waived)
    for name in event.subject:
        region = instance.region_of[name]
        for part, loads in unit_loads(replace(instance, extra=()), region).items():
            left = [unit for unit in range(len(loads)) if (name, part, unit) not in waived]
            waived |= {(name, part, unit) for unit in left[-int(event.value) :]}
    return replace(instance, waived=frozenset(waived))


def with_found(instance: Instance, event: Event, events: Sequence[Event]) -> Instance:
    """`found`: so many replacements of what had been missing are not needed any more, the last first."""
    waived = set(instance.waived)
    for name in event.subject:
        for part in dict.fromkeys(one.part for one in instance.items if event.type in ("", one.part)):
            left = int(event.value)
            for lost in lost_before(event, name, events):
                goods = {row.id for row in instance.extra if row.region == name}
                own = goods & (
                    {_part(instance, lost, part)} if not lost.item else {_part(instance, lost, "")}
                )
                rows = [row for row in instance.extra if row.region == name and row.id in own]
                for unit in sorted({row.unit for row in rows}, reverse=True):
                    size = sum(row.quantity for row in rows if row.unit == unit) if event.item else 1
                    key = (name, next(iter(own)), unit)
                    if key not in waived and size <= left:
                        waived.add(key)
                        left -= size
            if event.item:
                break
    return replace(instance, waived=frozenset(waived))


def with_taken_back(instance: Instance, event: Event, events: Sequence[Event]) -> Instance:
    """`void` of what a plan has believed: what it asked for is not needed; a trip may still bring it."""
    parts = {one.part for one in instance.items}
    gone = {
        _part(instance, one, part)
        for one in events
        if one.id in event.subject and one.kind in ASKING
        for part in ("", *parts)
    }
    waived = {(row.region, row.id, row.unit) for row in instance.extra if row.id in gone}
    return replace(instance, waived=instance.waived | waived)


def not_taken_back(events: Sequence[Event]) -> list[Event]:
    """Reports that hold, without those that hold on only since a plan has believed them."""
    gone = {name for one in events if one.kind is EventKind.VOID for name in one.subject}
    return [one for one in events if one.id not in gone]


def lost_before(event: Event, region: str, events: Sequence[Event]) -> list[Event]:
    """Reports that goods of a region were missing, of what is found again; the last one first."""
    found = [
        one
        for one in events
        if one.kind in _LOST
        and region in one.subject
        and one.item == event.item
        and (not event.type or one.type in ("", event.type))
        and one.begins_s <= event.begins_s
    ]
    return sorted(found, key=lambda one: one.order, reverse=True)


@dataclass(frozen=True, slots=True)
class Spoilt:
    """So many units, or of an item, are reported for a region by a report and those before it; too many."""

    event: Event
    region_id: str
    what: str  # the item, or the count of units
    reported: int
    there: int


def too_much_spoilt(
    instance: Instance, events: Sequence[Event], settled: Collection[str]
) -> Iterator[Spoilt]:
    """Yield reports by which more is damaged, missing and called back than a region has.

    Parameters
    ----------
    settled
        Ids of reports after which a plan has sent again what they ask for, so that it can be spoilt anew;
        each of these is looked at for itself.

    Notes
    -----
    What is reported as units counts for an item with what the smallest units hold of it.
    """
    demands = [one for one in events if one.kind is EventKind.DEMAND]
    grown = instance
    for one in demands:
        grown = with_demand(grown, one)
    together: tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]] = (Counter(), Counter())
    for event in events:
        if event.kind is EventKind.FOUND:
            _found_again(instance, event, together)
        if event.kind not in SPOILT:
            continue
        units, items = (Counter(), Counter()) if event.id in settled else together
        for name in event.subject:
            loads = unit_loads(grown, grown.region_of[name])
            if event.item:
                items[name, event.item] += int(event.value)
            parts = {one.part for one in instance.items if not event.item and event.type in ("", one.part)}
            units.update({(name, part): int(event.value) for part in parts})
            there = _units(instance, name, demands)
            reported = max((units[name, part] for part in parts), default=0)
            if reported > there:
                yield Spoilt(event, name, instance.settings.unit, reported, there)
            for region, item in [one for one in items if one[0] == name]:
                held = {part: [one.items.get(item, 0) for one in rows] for part, rows in loads.items()}
                there = sum(sum(one) for one in held.values())
                reported = items[region, item] + sum(
                    sum(sorted(one)[: units[name, part]]) for part, one in held.items()
                )
                if reported > there:
                    yield Spoilt(event, name, item, reported, there)


def _found_again(
    instance: Instance,
    event: Event,
    counted: tuple[Counter[tuple[str, str]], Counter[tuple[str, str]]],
) -> None:
    """What is found again counts as if it had not been missing."""
    units, items = counted
    for name in event.subject:
        if event.item:
            items[name, event.item] -= min(items[name, event.item], int(event.value))
        for part in {one.part for one in instance.items if not event.item and event.type in ("", one.part)}:
            units[name, part] -= min(units[name, part], int(event.value))


def more_found(event: Event, region: str, events: Sequence[Event]) -> tuple[int, int] | None:
    """How much was found by a report and those before it, and was missing; None: no more than that."""
    missing = sum(int(one.value) for one in lost_before(event, region, events))
    same = [
        one
        for one in events
        if one.kind is EventKind.FOUND
        and region in one.subject
        and (one.item, one.type) == (event.item, event.type)
        and one.order <= event.order
    ]
    found = sum(int(one.value) for one in same)
    return (found, missing) if found > missing else None


def _units(instance: Instance, region: str, demands: Iterable[Event]) -> int:
    """Units of a region, with those that are asked for besides."""
    unit, row = instance.settings.unit, instance.region_of[region]
    more = [one.value for one in demands if region in one.subject and not one.item]
    return row.counts.get(unit, 0) + sum(demand_counts(instance, row, one)[unit] for one in more)


def _item_rows(instance: Instance, event: Event, region: Region, item: Item, number: int) -> Iterator[Extra]:
    """Rows of one item, in units of as many as a unit of the kit holds where it is counted by units."""
    size = item.quantity if item.per == instance.settings.unit and item.quantity else number
    for unit in range(-(-number // size)):
        quantity = min(size, number - unit * size)
        yield Extra(
            id=_part(instance, event, ""),
            region=region.id,
            unit=unit,
            item=item.id,
            quantity=quantity,
            note=event.note,
        )


def _rows(
    instance: Instance, event: Event, region: str, part: str, loads: tuple[Load, ...]
) -> Iterator[Extra]:
    for unit, load in enumerate(loads):
        for item, quantity in load.items.items():
            yield Extra(
                id=_part(instance, event, part),
                region=region,
                unit=unit,
                item=item,
                quantity=quantity,
                note=event.note,
            )


def _part(instance: Instance, event: Event, part: str) -> str:
    """Name of the goods of a report; with the part where the kit has several."""
    several = part and len({item.part for item in instance.items}) > 1
    name = f"{event.id}.{part}" if several else event.id
    while any(item.part == name for item in instance.items):
        name += "'"
    return name
