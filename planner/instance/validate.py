"""Validation: what the tables of an instance mean together. One function for each rule."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import replace

from planner.base.errors import Fault
from planner.instance.aliases import alias_faults
from planner.instance.cells import LONGEST_DAYS, WEEKDAYS
from planner.instance.chain_faults import chain_faults
from planner.instance.crews import fleet_faults
from planner.instance.decision_faults import decision_faults
from planner.instance.draft import Draft
from planner.instance.feasibility import warnings_of
from planner.instance.kits import PER_REGION, region_load
from planner.instance.outages import extra_faults, outage_faults
from planner.instance.references import NETWORK, known_ids, reference_faults
from planner.instance.schema import CalendarRow, Echelon, Instance, Mode
from planner.instance.settings import PLAN_FILE

__all__ = ["NO_TIMES", "errors_of", "warnings_of"]

NO_TIMES = "I417"  # code of the fault that there are no travel times
DAY_S = 86_400
MOST_UNITS = 100_000  # of one region
MOST_VEHICLES = 10_000  # of one type
MOST_LATE_LEGS = 99  # of each vehicle
MOST_DOCKS = 10_000  # of one warehouse or hub
LARGEST_LOAD = 10**15  # of one region, in g or cm³ or pieces
LONGEST_WAY_M = 40_075_000  # round the earth


def errors_of(draft: Draft) -> list[Fault]:
    """All errors of meaning; rows with a faulty cell are only searched for ids.

    Parameters
    ----------
    draft
        What was read.

    Returns
    -------
    list of Fault
        In no order.
    """
    faults = reference_faults(draft) + chain_faults(draft) + decision_faults(draft)
    for rule in (
        _horizon,
        _deadline,
        _not_before,
        _unit_and_weight,
        _deadline_rows,
        _deadlines_together,
        _deadline_places,
        _hours,
        _overlaps,
        _closed_and_open,
        _never_open,
        _per,
        _loops,
        _lengths,
        _upstream,
        _closures,
        _travel_times,
        _published_times,
        _numbers,
        _loads,
        outage_faults,
        extra_faults,
        fleet_faults,
        alias_faults,
    ):
        faults += rule(draft)
    return faults


def _horizon(draft: Draft) -> Iterator[Fault]:
    """I401, I425: the horizon ends after the start, and within a year."""
    horizon = draft.settings.seconds.get("horizon_end")
    if horizon is None:
        return
    if horizon <= 0:
        yield draft.fault("I401", PLAN_FILE, None, "horizon_end")
    elif horizon > LONGEST_DAYS * DAY_S:
        yield draft.fault("I425", PLAN_FILE, None, "horizon_end", days=LONGEST_DAYS)


def _deadline(draft: Draft) -> Iterator[Fault]:
    """I402, I403: the deadline lies between start and horizon."""
    seconds = draft.settings.seconds
    if "deadline" in seconds:
        yield from _in_horizon(draft, seconds["deadline"], PLAN_FILE, None)


def _in_horizon(draft: Draft, deadline: int, table: str, line: int | None) -> Iterator[Fault]:
    if deadline <= 0:
        yield draft.fault("I402", table, line, "deadline")
    elif deadline > draft.settings.seconds.get("horizon_end", deadline):
        yield draft.fault("I403", table, line, "deadline")


def _not_before(draft: Draft) -> Iterator[Fault]:
    """I404: there is time between `not_before` and the deadline."""
    seconds = draft.settings.seconds
    if "not_before" in seconds and "deadline" in seconds and seconds["not_before"] >= seconds["deadline"]:
        yield _no_time(draft, PLAN_FILE, None, "not_before", (seconds["not_before"], seconds["deadline"]))


def _unit_and_weight(draft: Draft) -> Iterator[Fault]:
    """I410: unit and weight are counts."""
    counts = draft.settings.counts
    for key in ("unit", "weight"):
        value = draft.settings.values.get(key)
        if counts is not None and value and value not in counts:
            yield draft.fault("I410", PLAN_FILE, None, key, counts=", ".join(counts))


def _deadline_rows(draft: Draft) -> Iterator[Fault]:
    """I402, I403, I404, I419, I447: each row of `deadlines` by itself."""
    if not draft.settings.seconds:
        return
    for line, row in draft.of("deadlines"):
        if row.deadline_s is None and row.not_before_s is None and row.release_s is None:
            yield draft.fault("I419", "deadlines", line)
        if row.release_s is not None and row.echelon is Echelon.HUB:
            yield draft.fault("I447", "deadlines", line, "release")
        if row.deadline_s is not None:
            yield from _in_horizon(draft, row.deadline_s, "deadlines", line)
            if row.not_before_s is not None and row.not_before_s >= row.deadline_s:
                yield _no_time(draft, "deadlines", line, "not_before", (row.not_before_s, row.deadline_s))


def _deadlines_together(draft: Draft) -> Iterator[Fault]:
    """I404, I446: rows that give the sides of one region leave time between them."""
    seconds = draft.settings.seconds
    if "deadline" not in seconds or not draft.of("deadlines") or not draft.whole("deadlines", "regions"):
        return
    rows = {row.place: (line, row) for line, row in draft.of("deadlines") if row.echelon is Echelon.REGION}
    reported: set[int] = set()
    late: set[int] = set()
    for _, region in draft.of("regions"):
        found: dict[str, tuple[int, int]] = {}
        for place in (region.id, region.subarea, region.area, ""):
            line, row = rows.get(place, (0, None))
            for side in ("deadline_s", "not_before_s", "release_s"):
                value = getattr(row, side, None)
                if value is not None:
                    found.setdefault(side, (value, line))
        deadline, line = found.get("deadline_s", (seconds["deadline"], 0))
        not_before, other = found.get("not_before_s", (seconds.get("not_before", 0), 0))
        if not_before >= deadline > 0 and line != other and (other or line) not in reported:
            reported.add(other or line)
            column = "not_before" if other else "deadline"
            yield _no_time(draft, "deadlines", other or line, column, (not_before, deadline))
        release, other = found.get("release_s", (0, 0))
        if release >= deadline > 0 and other not in late:
            late.add(other)
            texts = [draft.settings.clock.text(one) for one in (release, deadline)]
            yield draft.fault("I446", "deadlines", other, "release", release=texts[0], deadline=texts[1])


def _no_time(draft: Draft, table: str, line: int | None, column: str, sides: tuple[int, int]) -> Fault:
    not_before, deadline = (draft.settings.clock.text(side) for side in sides)
    return draft.fault("I404", table, line, column, not_before=not_before, deadline=deadline)


def _deadline_places(draft: Draft) -> Iterator[Fault]:
    """I420: a deadline's place is of its echelon."""
    ids = {table: {row.id for _, row in draft.of(table)} for table in NETWORK}
    areas = {name for _, row in draft.of("regions") for name in (row.area, row.subarea)}
    for line, row in draft.of("deadlines"):
        if row.place in areas:  # an area may share its id with its office, a hub
            continue
        allowed = "regions" if row.echelon is Echelon.REGION else "hubs"
        others = [table for table in NETWORK if table != allowed and row.place in ids[table]]
        if others:
            yield draft.fault("I420", "deadlines", line, "place", echelon=row.echelon.value, other=others[0])


def _hours(draft: Draft) -> Iterator[Fault]:
    """I405, I408: a window has two ends, the second after the first."""
    for line, row in draft.of("calendars"):
        if (row.opens_s is None) != (row.closes_s is None):
            yield draft.fault("I408", "calendars", line, "opens" if row.opens_s is None else "closes")
        elif row.opens_s is not None and row.closes_s <= row.opens_s:
            opens = draft.raw["calendars"].value(line, "opens")
            yield draft.fault("I405", "calendars", line, "closes", opens=opens)


def _day_keys(row: CalendarRow) -> tuple[str, ...]:
    return tuple(row.days.split("+"))


def _by_day(draft: Draft) -> dict[tuple[str, str], list[tuple[int, CalendarRow]]]:
    """Rows by calendar and single day (`daily`, a weekday or a date)."""
    groups: dict[tuple[str, str], list[tuple[int, CalendarRow]]] = defaultdict(list)
    for line, row in draft.of("calendars"):
        for day in _day_keys(row):
            groups[row.calendar, day].append((line, row))
    return groups


def _overlaps(draft: Draft) -> Iterator[Fault]:
    """I406: the windows of one day do not overlap."""
    reported: set[int] = set()
    for (_, day), rows in _by_day(draft).items():
        windows = sorted(
            (row.opens_s, row.closes_s, line, row.days)
            for line, row in rows
            if row.opens_s is not None and row.closes_s is not None and row.opens_s < row.closes_s
        )
        for before, after in zip(windows, windows[1:], strict=False):
            same_key = before[0] == after[0] and before[3] == after[3]  # that is I304
            if after[0] < before[1] and not same_key and after[2] not in reported:
                reported.add(after[2])
                yield draft.fault("I406", "calendars", after[2], "opens", day=day, first=before[2])


def _closed_and_open(draft: Draft) -> Iterator[Fault]:
    """I409: a day is not both closed and open."""
    reported: set[int] = set()
    for (_, day), rows in _by_day(draft).items():
        closed = [line for line, row in rows if row.opens_s is None and row.closes_s is None]
        opened = [line for line, row in rows if row.opens_s is not None]
        if closed and opened and closed[0] not in reported:
            reported.add(closed[0])
            yield draft.fault("I409", "calendars", closed[0], "days", day=day, other=opened[0])


def _never_open(draft: Draft) -> Iterator[Fault]:
    """I407: a calendar is open at some time of the horizon."""
    horizon = draft.settings.seconds.get("horizon_end", 0)
    if not 0 < horizon <= LONGEST_DAYS * DAY_S or not draft.whole("calendars"):
        return
    clock = draft.settings.clock
    groups = _by_day(draft)
    first_line: dict[str, int] = {}
    for line, row in draft.of("calendars"):
        first_line.setdefault(row.calendar, line)
    last = clock.day(horizon - 1).toordinal()
    days = [clock.day(0).fromordinal(one) for one in range(clock.day(0).toordinal(), last + 1)]
    midnights = [(day.isoformat(), WEEKDAYS[day.weekday()], clock.midnight(day)) for day in days]
    for calendar, line in first_line.items():
        for date, weekday, midnight in midnights:
            keys = ((calendar, key) for key in (date, weekday, "daily"))
            rows = next((groups[key] for key in keys if key in groups), [])
            if any(_opens_within(row, midnight, horizon) for _, row in rows):
                break
        else:
            yield draft.fault("I407", "calendars", line, "calendar")


def _opens_within(row: CalendarRow, midnight: int, horizon: int) -> bool:
    if row.opens_s is None or row.closes_s is None:
        return False
    return max(midnight + row.opens_s, 0) < min(midnight + row.closes_s, horizon)


def _per(draft: Draft) -> Iterator[Fault]:
    """I412: an item is for a count, or for the region."""
    counts = draft.settings.counts
    for line, item in draft.of("items"):
        if counts is not None and item.per not in (*counts, PER_REGION):
            yield draft.fault("I412", "items", line, "per", known=", ".join((*counts, PER_REGION)))


def _loops(draft: Draft) -> Iterator[Fault]:
    """I413: a way has two different ends."""
    for table in ("edges", "known_trips", "calibration"):
        for line, row in draft.of(table):
            if row.from_node == row.to_node:
                yield draft.fault("I413", table, line, "to")


def _lengths(draft: Draft) -> Iterator[Fault]:
    """I426: no way is longer than the way round the earth."""
    for table, column, attribute in (
        ("edges", "length_m", "length_m"),
        ("known_trips", "distance_km", "distance_m"),
        ("lines", "length_km", "length_m"),
    ):
        for line, row in draft.of(table):
            if (getattr(row, attribute) or 0) > LONGEST_WAY_M:
                yield draft.fault("I426", table, line, column, longest=LONGEST_WAY_M // 1000)


def _upstream(draft: Draft) -> Iterator[Fault]:
    """I432, I433: against the stream nothing is faster than with it, and there is a stream on rivers only."""
    for table in ("vehicles", "calibration"):
        for line, row in draft.of(table):
            if row.upstream_percent is None:
                continue
            usual = getattr(row, "river_percent", None) or row.speed_percent
            if Mode.RIVER not in row.modes:
                yield draft.fault("I433", table, line, "upstream_percent")
            elif row.upstream_percent > usual:
                yield draft.fault("I432", table, line, "upstream_percent", usual=usual)


def _closures(draft: Draft) -> Iterator[Fault]:
    """I416, I431: a closure ends after it begins, and bars vehicle types or modes that there are."""
    known = known_ids(draft, "vehicles")
    modes = {mode.value for mode in Mode}
    for line, row in draft.of("closures"):
        unknown = [] if known is None else [one for one in row.types if one not in known and one not in modes]
        if unknown:
            yield draft.fault("I431", "closures", line, "types", unknown=", ".join(unknown))
        if row.from_s is not None and row.until_s is not None and row.until_s <= row.from_s:
            yield draft.fault("I416", "closures", line, "until", begins=draft.settings.clock.text(row.from_s))


def _travel_times(draft: Draft) -> Iterator[Fault]:
    """I417: there is a source of travel times."""
    sources = ("edges", "known_trips")
    if not any(name in draft.unread or (name in draft.raw and draft.raw[name].rows) for name in sources):
        yield draft.fault(NO_TIMES, "edges")


def _published_times(draft: Draft) -> Iterator[Fault]:
    """I421: the longest published time is not shorter than the shortest."""
    for line, row in draft.of("calibration"):
        if row.hours_max_s < row.hours_min_s:
            shortest = draft.raw["calibration"].value(line, "hours_min")
            yield draft.fault("I421", "calibration", line, "hours_max", shortest=shortest)


def _numbers(draft: Draft) -> Iterator[Fault]:
    """I422, I424, I427, I430: numbers of units, vehicles, docks and late legs that a plan can hold."""
    unit = draft.settings.values.get("unit", "")
    for line, region in draft.of("regions"):
        if region.counts.get(unit, 0) > MOST_UNITS:
            yield draft.fault("I422", "regions", line, unit, largest=MOST_UNITS)
    for line, vehicle in draft.of("vehicles"):
        if vehicle.number > MOST_VEHICLES:
            yield draft.fault("I424", "vehicles", line, "number", largest=MOST_VEHICLES)
        if (vehicle.gamma or 0) > MOST_LATE_LEGS:
            yield draft.fault("I430", "vehicles", line, "gamma", largest=MOST_LATE_LEGS)
    if draft.settings.settings is not None and draft.settings.settings.guarantee > MOST_LATE_LEGS:
        yield draft.fault("I430", PLAN_FILE, None, "guarantee", largest=MOST_LATE_LEGS)
    for table in ("warehouses", "hubs"):
        for line, one in draft.of(table):
            if one.docks > MOST_DOCKS:
                yield draft.fault("I427", table, line, "docks", largest=MOST_DOCKS)


def _loads(draft: Draft) -> Iterator[Fault]:
    """I423: what a region needs is a weight of this world."""
    settings = draft.settings.settings
    if settings is None or settings.unit not in settings.counts or not draft.whole("items", "regions"):
        return
    items = tuple(item for _, item in draft.of("items"))
    if any(item.per not in (*settings.counts, PER_REGION) for item in items):
        return
    instance = Instance(settings=settings, warehouses=(), regions=(), vehicles=(), items=items)
    for line, region in draft.of("regions"):
        load = region_load(instance, region)
        if max(load.mass_g, load.volume_cm3, load.pieces) > LARGEST_LOAD:
            mass_kg, volume_dm3 = load.mass_g // 1000, load.volume_cm3 // 1000
            figures = {"mass_kg": mass_kg, "volume_dm3": volume_dm3, "pieces": load.pieces}
            yield replace(draft.fault("I423", "regions", line, "id"), params=figures)
