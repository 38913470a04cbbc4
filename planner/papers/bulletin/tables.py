"""What a bulletin tells beside its figures: preparation, problems that people noted, what reports show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from planner.events.names import Names, UnknownNameError
from planner.instance.schema import Contact, Instance, Problem
from planner.outputs.now_what import tasks
from planner.outputs.preparation import latest
from planner.papers.bulletin.situation import Situation
from planner.papers.names import escorts

__all__ = ["found_rows", "preparation_rows", "problem_rows"]

_PLACES = ("area", "region", "hub", "warehouse")
_STEPS = ("needed", "received", "sorted", "packed")


def preparation_rows(situation: Situation, day: date) -> Iterator[dict[str, Any]]:
    """The last report of each warehouse and item until a day, in the order of the tables."""
    instance = situation.found.instance
    names = {one.id: one.name or one.id for one in instance.warehouses}
    names_of_items = {one.id: one.name or one.id for one in instance.items}
    for row in latest(instance.preparation, day.isoformat()):
        yield {
            "warehouse": row.warehouse,
            "warehouse_name": names[row.warehouse],
            "item": row.item,
            "item_name": names_of_items[row.item],
            "date": row.date,
            **{step: getattr(row, step) for step in _STEPS},
        }


def problem_rows(situation: Situation, day: date) -> Iterator[dict[str, Any]]:
    """Problems that were seen until a day and not settled then: past due first, then by due date."""
    instance = situation.found.instance
    today = day.isoformat()
    names = Names(instance)
    open_ones = [
        one for one in instance.problems if one.date <= today and (not one.closed or one.closed > today)
    ]
    for one in sorted(open_ones, key=_urgency):
        yield {**_cells(one), "place": _place(names, one.area), "past_due": bool(one.due) and one.due < today}


def _urgency(one: Problem) -> tuple[str, str, str]:
    return (one.due or "9999", one.date, one.id)


def _cells(one: Problem) -> Mapping[str, str]:
    columns = ("id", "date", "area", "kind", "text", "responsible", "action", "due")
    return {name: getattr(one, name) for name in columns}


def _place(names: Names, word: str) -> str:
    """A place as it is called; as it was written where that names nothing, or several things."""
    try:
        kind, name = names.find(word, _PLACES)
    except UnknownNameError:
        return word
    return names.label(kind, name).removesuffix(f" ({name})")


def found_rows(situation: Situation) -> Iterator[dict[str, Any]]:
    """What the program finds by plan and reports, what harms most first; who escorts is not named."""
    standing = situation.standing
    instance = standing.state.instance
    for one in tasks(standing):
        people = [who for who in one.contacts if not escorts(who)]
        yield {
            "act": one.act.value,
            "text": one.text,
            "weight": one.weight,
            "regions": list(one.regions),
            "names": [_name(instance, region) for region in one.regions],
            "contacts": [_person(who) for who in people],
        }


def _name(instance: Instance, region: str) -> str:
    return instance.place_name_of.get(region, region)


def _person(who: Contact) -> dict[str, str]:
    return {"name": who.name, "phone": who.phone}
