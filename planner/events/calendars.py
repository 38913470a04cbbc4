"""Reports of changed hours, as rows of `calendars` for single days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from planner.events.schema import Event
from planner.events.values import hours_of
from planner.instance.schema import CalendarRow, Instance, WindowRule

__all__ = ["with_calendar"]


def with_calendar(instance: Instance, event: Event) -> Instance:
    """`calendar`: on these days a calendar, or the hours of one place or vehicle type, are these.

    Notes
    -----
    The days are those of `from` to `until` (its day only where it is after midnight); without `until` all
    days to the horizon. A place or type whose hours change gets a calendar of its own.
    """
    for name in event.subject:
        instance = _changed(instance, event, name)
    return instance


def _changed(instance: Instance, event: Event, name: str) -> Instance:
    rows = [row for row in instance.calendars if row.calendar == name]
    if not rows:
        instance, name = _own(instance, name)
        rows = [row for row in instance.calendars if row.calendar == name]
    days = _days(instance, event)
    windows = [row.window for row in rows]
    window = (
        WindowRule.START if windows and all(one is WindowRule.START for one in windows) else WindowRule.WHOLE
    )
    kept = tuple(row for row in instance.calendars if row.calendar != name or row.days not in days)
    hours: tuple[tuple[int | None, int | None], ...] = hours_of(event.value) or ((None, None),)
    new = tuple(
        CalendarRow(calendar=name, days=day, opens_s=opens, closes_s=closes, window=window, note=event.note)
        for day in days
        for opens, closes in hours
    )
    return replace(instance, calendars=(*kept, *new))


def _days(instance: Instance, event: Event) -> tuple[str, ...]:
    clock, horizon_s = instance.clock, instance.settings.horizon_s
    first, last = clock.day(event.begins_s), clock.day(horizon_s)
    if event.until_s is not None:
        last = clock.day(max(event.begins_s, min(event.until_s - 1, horizon_s)))
    return tuple((first + timedelta(days=number)).isoformat() for number in range((last - first).days + 1))


def _own(instance: Instance, name: str) -> tuple[Instance, str]:
    """The instance in which a place or a vehicle type has a calendar of its own, and that calendar's id."""
    tables = ("warehouses", "hubs", "regions", "vehicles")
    own = f"{name}@hours"
    if any(row.calendar == own for row in instance.calendars):
        return instance, own
    changes: dict[str, tuple[object, ...]] = {}
    old = ""
    for table in tables:
        found = getattr(instance, table)
        if any(row.id == name for row in found):
            old = next(row.calendar for row in found if row.id == name)
            changes[table] = tuple(replace(row, calendar=own) if row.id == name else row for row in found)
            break
    copies = tuple(replace(row, calendar=own) for row in instance.calendars if row.calendar == old and old)
    if not copies:
        copies = (CalendarRow(calendar=own, opens_s=0, closes_s=86_400),)
    return replace(instance, **changes, calendars=(*instance.calendars, *copies)), own  # type: ignore[arg-type]
