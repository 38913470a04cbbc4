"""The whole way of one box: where it is, who had it when, and by which trips it is planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.base.text import words
from planner.custody.desk import place_text, seen_text, vehicle_text
from planner.custody.ledger import Custody
from planner.custody.lists import act_word
from planner.instance.schema import Instance
from planner.outputs.figures import moment

__all__ = ["BoxWay", "box_way"]

Table = tuple[str, Sequence[tuple[str, bool]], Sequence[Sequence[str]]]


@dataclass(frozen=True, slots=True)
class BoxWay:
    """A box as people and as machines read of it.

    Parameters
    ----------
    heading, now
        What it is, and where.
    tables
        Title, columns and rows: what was scanned, and what is planned.
    document
        The same for machines.
    """

    heading: str
    now: str
    tables: Sequence[Table]
    document: Mapping[str, object]


def box_way(custody: Custody, instance: Instance, code: str) -> BoxWay:
    """The way of a box.

    Parameters
    ----------
    custody
        Who has each box.
    instance
        Names places, vehicles and items.
    code
        Of the box, as codes are compared.
    """
    box, clock = custody.ways.box_of[code], instance.clock
    where = custody.where_of(code)
    items = {row.id: row.name or row.id for row in instance.items}
    holding = custody.holdings.get(code)
    now = words(f"scan.where.{where.value}", seen=seen_text(holding, instance))
    heading = words(
        "scan.box",
        code=box.code,
        unit=box.unit,
        item=f"{items.get(box.item_id, box.item_id)} {box.number}",
        region=place_text(instance, box.region_id),
        seal=box.seal or "–",
    )
    tale = custody.tale.get(code, [])
    scanned = [
        (
            moment(one.at_s, clock), act_word(one.act), place_text(instance, one.place),
            vehicle_text(instance, one.vehicle), one.by, one.id, line.seal,
        )
        for one, line in tale
    ]  # fmt: skip
    moves = custody.ways.moves_of(code)
    planned = [
        (
            vehicle_text(instance, move.load.vehicle), move.load.trip, place_text(instance, move.load.place),
            moment(move.load.at_s, clock),
            "–" if move.unload is None else place_text(instance, move.unload.place),
            "–" if move.unload is None else moment(move.unload.at_s, clock),
        )
        for move in moves
    ]  # fmt: skip
    tables = (
        (
            words("scan.title.scanned"),
            _columns("at", "act", "place", "vehicle", "by", "list", "seal"),
            scanned,
        ),
        (words("scan.title.planned"), _columns("vehicle", "trip", "from", "load", "to", "due"), planned),
    )
    document: dict[str, object] = {
        "code": box.code, "region": box.region_id, "unit": box.unit, "item": box.item_id,
        "number": box.number, "seal": box.seal, "where": where.value,
        "place": "" if holding is None else holding.place,
        "vehicle": "" if holding is None else holding.vehicle,
        "since": None if holding is None else clock.text(holding.since_s),
        "scanned": [
            {
                "list": one.id, "time": clock.text(one.at_s), "act": one.act.value, "place": one.place,
                "vehicle": one.vehicle, "by": one.by, "seal": line.seal, "seal_broken": line.is_broken,
            }
            for one, line in tale
        ],
        "planned": [
            {
                "trip": move.load.trip, "vehicle": move.load.vehicle, "from": move.load.place,
                "load": clock.text(move.load.at_s),
                "to": None if move.unload is None else move.unload.place,
                "due": None if move.unload is None else clock.text(move.unload.at_s),
            }
            for move in moves
        ],
        "found": [[one.list_id, one.kind.value] for one in custody.findings if code in one.codes],
    }  # fmt: skip
    return BoxWay(heading, now, tables, document)


def _columns(*names: str) -> Sequence[tuple[str, bool]]:
    return [(words(f"scan.column.{name}"), False) for name in names]
