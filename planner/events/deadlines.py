"""Reports that a deadline was moved, or that somebody else is to be called, as rows of the tables."""

from __future__ import annotations

from dataclasses import replace

from planner.events.schema import Event
from planner.events.values import contact_of
from planner.instance.crews import with_driver
from planner.instance.schema import Contact, Deadline, Echelon, Instance

__all__ = ["with_contact", "with_deadline"]


def with_deadline(instance: Instance, event: Event) -> Instance:
    """`deadline`: a region, all of an area, or a hub must have received before `until`.

    Notes
    -----
    From when something may be received, or leave, stays; a more exact row of the table stays too.
    """
    hubs = {one.id for one in instance.hubs} - instance.region_of.keys()
    for name in event.subject:
        echelon = Echelon.HUB if name in hubs else Echelon.REGION
        mine = [row for row in instance.deadlines if (row.echelon, row.place) == (echelon, name)]
        own = mine[0] if mine else Deadline(echelon=echelon, place=name)
        row = replace(own, deadline_s=event.until_s, source="")
        others = tuple(one for one in instance.deadlines if one not in mine)
        instance = replace(instance, deadlines=(*others, row))
    return instance


def with_contact(instance: Instance, event: Event) -> Instance:
    """`contact`: at a place, or of a vehicle, this person is to be called instead of those known so far."""
    found = contact_of(event.value)
    if found is None:
        return instance
    name, phone = found
    for place in event.subject:
        role = next((one.role for one in instance.contacts if one.place == place), "")
        others = tuple(one for one in instance.contacts if one.place != place)
        contact = Contact(place=place, name=name, role=role, phone=phone)
        at_s = event.time_s if event.from_s is None else event.from_s
        driven = with_driver(instance, place, name, phone, at_s)
        instance = replace(driven, contacts=(*others, contact))
    return instance
