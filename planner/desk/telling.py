"""Telling by a press: what happened at one stop, all that was due at once, and taking back."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from urllib.parse import urlencode

from starlette.responses import Response

from planner.base.errors import Fault, InputError
from planner.base.safe_text import label_text
from planner.desk.ask import Ask, inside
from planner.desk.gate import Refused
from planner.desk.lookup import stop_address
from planner.desk.people import Role
from planner.desk.picture import Picture
from planner.desk.subjects import in_words
from planner.events.adding import add_report
from planner.events.bulk import add_confirmation
from planner.events.kinds import KINDS
from planner.events.schema import EventKind
from planner.replanning.due import Due, due_things
from planner.replanning.state import TripState, state_of

__all__ = ["Spot", "confirm_page", "confirmed", "reports_page", "stop_page", "taken_back", "told"]

_MOST_SHOWN = 200
_NOTE_LONG = 500
_VALUE_LONG = 40
_STOP = (EventKind.ARRIVED, EventKind.DELIVERED, EventKind.PARTLY, EventKind.REFUSED, EventKind.SKIPPED)
_ALWAYS = (EventKind.DELAY, EventKind.BREAKDOWN)


@dataclass(frozen=True, slots=True)
class Spot:
    """A place on a trip of which something can be told.

    Parameters
    ----------
    at
        0: where it loads; then its stops; one more than there are: where it comes back to.
    kinds
        What can be told of it.
    planned_s, expected_s
        When it should be over; None: it is not expected any more.
    """

    trip: TripState
    at: int
    node: str
    kinds: tuple[EventKind, ...]
    planned_s: int
    expected_s: int | None


def _spot(picture: Picture, trip: str, at: str) -> Spot:
    one = next((found for found in picture.state.trips if found.planned.id == trip), None)
    if one is None or not (at.isascii() and at.isdigit()) or int(at) > len(one.planned.stops) + 1:
        raise Refused(404, "unknown")
    planned, now, number = one.planned, one.trip, int(at)
    kinds: tuple[EventKind, ...]
    expected_s: int | None
    if number == 0:
        kinds = (EventKind.LOADED, EventKind.DEPARTED, *_ALWAYS)
        return Spot(one, 0, planned.origin_id, kinds, planned.depart_s, now.depart_s)
    if number <= len(planned.stops):
        stop = planned.stops[number - 1]
        expected_s = now.stops[number - 1].end_s if number <= len(now.stops) else None
        kinds = _kinds_at(picture, stop.node_id, fetches=bool(stop.fetched) and not stop.deliveries)
        return Spot(one, number, stop.node_id, kinds, stop.end_s, expected_s)
    if planned.back is None:
        raise Refused(404, "unknown")
    back_s = None if now.back is None else now.back.arrive_s
    kinds = (EventKind.ARRIVED, *_ALWAYS)
    return Spot(one, number, planned.back.to_node, kinds, planned.back.arrive_s, back_s)


def _kinds_at(picture: Picture, node: str, *, fetches: bool) -> tuple[EventKind, ...]:
    if fetches:
        return (EventKind.ARRIVED, EventKind.FETCHED, *_ALWAYS)
    instance = picture.instance
    thing = "region" if node in instance.region_of else "hub"
    if thing == "hub" and node in instance.warehouse_of:
        thing = "warehouse"
    return (*(kind for kind in _STOP if thing in KINDS[kind].places), *_ALWAYS)


def _areas(picture: Picture, trip: TripState, node: str) -> frozenset[str]:
    """Areas that something is about: at a region its own, else all for which the trip has goods."""
    known = picture.instance.region_of
    names = {given.region_id for stop in trip.planned.stops for given in (*stop.deliveries, *stop.fetched)}
    rows = [known[one] for one in ({node} if node in known else names) if one in known]
    return frozenset(name for row in rows for name in (row.id, row.area, row.subarea) if name)


def _may(ask: Ask, one: Due) -> bool:
    """Whether who asks may confirm something."""
    trip = next(found for found in ask.picture.state.trips if found.trip.id == one.trip)
    try:
        ask.session.need_one_of(_areas(ask.picture, trip, one.node))
    except Refused:
        return False
    return True


def stop_page(ask: Ask) -> Response:
    """What can be told of one place on a trip."""
    spot = _spot(ask.picture, ask.query.get("trip", ""), ask.query.get("at", ""))
    trip = spot.trip.planned
    mine = [
        one
        for one in ask.reports
        if trip.id in (*one.subject, *one.trip.split("+")) or trip.vehicle_id in one.subject
    ]
    return ask.page(
        "stop.html",
        here_address=stop_address(trip.id, spot.at),
        spot=spot,
        vehicle=trip.vehicle_id,
        reports=[(one, in_words(ask.picture, one)) for one in mine[::-1][:_MOST_SHOWN]],
        new=_new(ask),
        key=ask.session.new_key(),
    )


def _new(ask: Ask) -> Sequence[tuple[str, str]]:
    """Ids and meanings of reports that were told just now."""
    ids = ask.query.get("told", "").split("+")
    found = [one for one in ask.reports if one.id in ids]
    return [(one.id, in_words(ask.picture, one)) for one in found]


def told(ask: Ask) -> Response:
    """Tell what happened at one place of a trip."""
    form = ask.form
    spot = _spot(ask.picture, form.get("trip", ""), form.get("at", ""))
    ask.session.need_one_of(_areas(ask.picture, spot.trip, spot.node))
    kind = next((one for one in spot.kinds if one.value == form.get("what", "")), None)
    if kind is None:
        raise Refused(400, "form")
    cells = _cells(ask, spot, kind)
    return ask.once(partial(_tell, ask, spot, cells))


def _tell(ask: Ask, spot: Spot, cells: Mapping[str, str]) -> str:
    found = ask.picture.found
    now_s = ask.keeper.clock.within(found.instance)
    new = add_report(found.events, cells, found.instance, found.plan, now_s)
    return stop_address(spot.trip.planned.id, spot.at, told=new.event.id)


def _cells(ask: Ask, spot: Spot, kind: EventKind) -> Mapping[str, str]:
    """The report as a person would write it."""
    form, rule = ask.form, KINDS[kind]
    trip = spot.trip.planned
    cells = {
        "kind": kind.value,
        "subject": trip.vehicle_id if kind is EventKind.BREAKDOWN else trip.id,
        "note": form.get("note", "")[:_NOTE_LONG],
        "by": ask.session.name,
    }
    if kind is not EventKind.DELAY:
        cells["from"] = form.get("from", "")[:_VALUE_LONG]
    if "place" in rule.columns and kind is not EventKind.BREAKDOWN:
        cells["place"] = spot.node
    if kind is EventKind.PARTLY:
        cells["value"] = form.get("units", "")[:_VALUE_LONG]
    if kind is EventKind.DELAY:
        cells["value"] = form.get("late", "")[:_VALUE_LONG]
    return cells


# --------------------------------------------------------------------------------------------- all at once


def _due(picture: Picture, subject: str, until_s: int) -> Sequence[Due]:
    state = picture.state
    then = state_of(picture.plan, picture.instance, state.events, until_s, aside=picture.reading.aside)
    return due_things(then, (subject,), until_s)


def _digest(due: Sequence[Due]) -> str:
    """What tells one list of things from another."""
    text = "\n".join(f"{one.trip}\t{one.kind.value}\t{one.node}\t{one.at_s}" for one in due)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def confirm_page(ask: Ask) -> Response:
    """What one press would confirm: all that was due of a vehicle, at a place or in an area."""
    picture, name = ask.picture, ask.query.get("id", "")
    due = [one for one in _due(picture, name, picture.now_s) if _may(ask, one)]
    return ask.page(
        "confirm.html",
        here_address=f"/confirm?{urlencode({'id': name})}",
        name=name,
        due=due,
        until_s=picture.now_s,
        digest=_digest(due),
        back=inside(ask.query.get("back", "/")),
        key=ask.session.new_key(),
    )


def confirmed(ask: Ask) -> Response:
    """Confirm just what the page showed."""
    form = ask.form
    until = form.get("until", "")
    if not until.removeprefix("-").isascii() or not until.removeprefix("-").isdigit():
        raise Refused(400, "form")
    return ask.once(partial(_confirm, ask, form.get("id", ""), int(until)))


def _confirm(ask: Ask, subject: str, until_s: int) -> str:
    picture = ask.keeper.renewed()
    found = picture.found
    now_s = ask.keeper.clock.within(found.instance)
    if until_s > now_s:
        raise Refused(400, "form")
    due = [one for one in _due(picture, subject, until_s) if _may(ask, one)]
    if not due or _digest(due) != ask.form.get("digest", ""):
        raise InputError([Fault("K037", "confirm", value=subject)])
    cells = [
        {"kind": one.kind.value, "subject": one.trip, "place": one.node, "from": found.clock.text(one.at_s)}
        for one in due
    ]
    by = label_text(ask.session.name)
    new = add_confirmation(found.events, cells, by, found.instance, found.plan, now_s)
    return f"/reports?{urlencode({'told': '+'.join(one.id for one in new.events)})}"


# ------------------------------------------------------------------------------------- all reports, and back


def reports_page(ask: Ask) -> Response:
    """All reports, the latest first."""
    every = ask.reports
    aside = {one.event.id for one in ask.picture.state.found.disputed}
    return ask.page(
        "reports.html",
        here="reports",
        here_address="/reports",
        reports=[(one, in_words(ask.picture, one)) for one in every[::-1][:_MOST_SHOWN]],
        more=max(0, len(every) - _MOST_SHOWN),
        aside=aside,
        new=_new(ask),
        key=ask.session.new_key(),
    )


def taken_back(ask: Ask) -> Response:
    """Take reports back: one, or all of one confirmation of many."""
    ids = [one for one in ask.form.get("ids", "").split("+") if one]
    known = {one.id: one for one in ask.picture.reports}
    if not ids or not set(ids) <= set(known):
        raise InputError([Fault("K038", "undo", value=", ".join(ids)[:_NOTE_LONG])])
    if not ask.session.role.may(Role.PLANNER) and any(known[one].by != ask.session.name for one in ids):
        raise Refused(403, "others")
    return ask.once(partial(_take_back, ask, ids))


def _take_back(ask: Ask, ids: Sequence[str]) -> str:
    found = ask.picture.found
    now_s = ask.keeper.clock.within(found.instance)
    cells = {"kind": EventKind.VOID.value, "subject": "+".join(ids), "by": ask.session.name}
    add_report(found.events, cells, found.instance, found.plan, now_s)
    back = inside(ask.form.get("back", "/reports"))
    return f"{back}{'&' if '?' in back else '?'}{urlencode({'undone': '+'.join(ids)})}"
