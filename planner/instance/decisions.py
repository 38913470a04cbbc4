"""What decisions mean: their rows with the places, vehicles, days and hours that they name."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date

from planner.base.clock import DAY_S, Clock, parse_instant
from planner.base.errors import Fault
from planner.instance.schema import Decision, DecisionRule, Instance
from planner.instance.subjects import ALL_OF_TYPE, Named, Subjects, Vehicles

__all__ = ["Hour", "Ruling", "Unclear", "read_ruling", "rulings_of", "unclear_rows"]

_HOUR = re.compile(r"(\d{1,2})[:.](\d{2})")


@dataclass(frozen=True, slots=True)
class Hour:
    """When something is to happen: at an hour of any day, or at one moment.

    Parameters
    ----------
    clock_s
        What clocks show, in seconds after midnight; None where it is one moment.
    moment_s
        Seconds from the plan's start; None where it is an hour of any day.
    """

    clock_s: int | None = None
    moment_s: int | None = None


@dataclass(frozen=True)
class Ruling:
    """A decision as it is meant.

    Parameters
    ----------
    id, rule
        Which decision it is.
    text
        What was written: rule, subject and value.
    regions, hubs
        Places that it is about; of `together` and `before` also those of its value.
    vehicles
        Vehicles that it is about, or that its value names.
    after
        Of `before` alone: regions that receive after `regions`.
    days
        Local days of `day`.
    hours
        Of `depart_at`.
    """

    id: str
    rule: DecisionRule
    text: str
    regions: tuple[str, ...] = ()
    hubs: tuple[str, ...] = ()
    vehicles: Vehicles = frozenset()
    after: tuple[str, ...] = ()
    days: tuple[date, ...] = ()
    hours: tuple[Hour, ...] = ()

    @property
    def places(self) -> tuple[str, ...]:
        """Regions and hubs that it is about."""
        return (*self.regions, *self.hubs)

    @property
    def bars_vehicles(self) -> bool:
        """Whether its vehicles drive nothing at all."""
        rules = (DecisionRule.NEVER_USE, DecisionRule.LEAVE_OUT)
        return self.rule in rules and bool(self.vehicles) and not self.places

    def about_vehicle(self, kind: str, number: int) -> bool:
        """Whether a vehicle is among those that it names."""
        return (kind, number) in self.vehicles or (kind, ALL_OF_TYPE) in self.vehicles


@dataclass(frozen=True)
class Unclear:
    """What of a row cannot be meant: a fault's code, its column, and what its text needs."""

    code: str
    column: str
    params: Mapping[str, object] = field(default_factory=dict)


def rulings_of(instance: Instance) -> tuple[Ruling, ...]:
    """Decisions of an instance, in the order of their table; rows that cannot be meant are left out.

    Notes
    -----
    `unclear_rows` finds those; validation and a solve report them.
    """
    subjects = Subjects.of(instance) if instance.decisions else None
    found = []
    for row in instance.decisions:
        assert subjects is not None
        ruling, _ = read_ruling(row, subjects, instance.clock, instance.settings.horizon_s)
        if ruling is not None:
            found.append(ruling)
    return tuple(found)


def unclear_rows(instance: Instance) -> Iterator[Fault]:
    """Faults of rows that cannot be meant, for instances that no reader has validated."""
    subjects = Subjects.of(instance) if instance.decisions else None
    for line, row in enumerate(instance.decisions, start=2):
        assert subjects is not None
        _, faults = read_ruling(row, subjects, instance.clock, instance.settings.horizon_s)
        for one in faults:
            value = row.subject if one.column == "subject" else row.value
            yield Fault(one.code, "decisions", line, one.column, value, one.params)


def read_ruling(
    row: Decision, subjects: Subjects, clock: Clock, horizon_s: int
) -> tuple[Ruling | None, list[Unclear]]:
    """What a row means.

    Parameters
    ----------
    row
        A row of the table.
    subjects
        What can be named.
    clock, horizon_s
        For days and hours.

    Returns
    -------
    tuple
        The decision, or None with all that is unclear.
    """
    reading = _Reading(row, subjects, clock, horizon_s)
    ruling = _READERS[row.rule](reading)
    return (None, reading.unclear) if reading.unclear else (ruling, [])


class _Reading:
    """One row as it is read, with what is unclear."""

    def __init__(self, row: Decision, subjects: Subjects, clock: Clock, horizon_s: int) -> None:
        self.row = row
        self.unclear: list[Unclear] = []
        self._subjects = subjects
        self._clock = clock
        self._horizon_s = horizon_s

    def ruling(self, **meant: object) -> Ruling:
        """The decision with what was found."""
        text = " ".join(part for part in (self.row.rule.value, self.row.subject, self.row.value) if part)
        return Ruling(self.row.id, self.row.rule, text, **meant)  # type: ignore[arg-type]

    def report(self, code: str, column: str, **params: object) -> None:
        """Something cannot be meant."""
        self.unclear.append(Unclear(code, column, {"rule": self.row.rule.value} | params))

    def names(self, column: str) -> list[Named]:
        """What a column names."""
        text = self.row.subject if column == "subject" else self.row.value
        found = []
        for part in self._subjects.split(text):
            named = self._subjects.named(part)
            if named.beyond is not None:
                self.report("V208", column, part=part, number=named.beyond)
            elif named.ambiguous:
                self.report("V202", column, part=part, choices=", ".join(named.nearest))
            elif not named.something:
                self.report("V201", column, part=part, nearest=", ".join(named.nearest) or "-")
            found.append(named)
        if not found:
            self.report("V204", column)
        return found

    def places(self, column: str, *, hubs: bool) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """Regions and hubs that a column names, and nothing else."""
        named = self.names(column)
        if any(name.vehicles or (name.hubs and not hubs) for name in named):
            self.report("V203", column)
        return _joined(name.regions for name in named), _joined(name.hubs for name in named)

    def vehicles(self, column: str) -> Vehicles:
        """Vehicles that a column names, and nothing else."""
        named = self.names(column)
        if any(one.regions or one.hubs for one in named):
            self.report("V203", column)
        return frozenset(vehicle for one in named for vehicle in one.vehicles)

    def either(self, *, hubs: bool = True) -> dict[str, object]:
        """What the subject names: places or vehicles, not both."""
        named = self.names("subject")
        found_regions = _joined(name.regions for name in named)
        found_hubs = _joined(name.hubs for name in named)
        vehicles = frozenset(vehicle for name in named for vehicle in name.vehicles)
        if (vehicles and (found_regions or found_hubs)) or (found_hubs and not hubs):
            self.report("V203", "subject")
        return {"regions": found_regions, "hubs": found_hubs, "vehicles": vehicles}

    def no_value(self) -> None:
        """The rule takes no value."""
        if self.row.value.strip():
            self.report("V205", "value")

    def days(self) -> tuple[date, ...]:
        """Days of the value."""
        found = []
        for part in _parts(self.row.value):
            try:
                day = date.fromisoformat(part)
            except ValueError:
                self.report("V206", "value", part=part)
                continue
            if self._clock.at(day, DAY_S) <= 0 or self._clock.midnight(day) >= self._horizon_s:
                self._outside(part)
            found.append(day)
        if not _parts(self.row.value):
            self.report("V204", "value")
        return tuple(sorted(set(found)))

    def hours(self) -> tuple[Hour, ...]:
        """Hours and moments of the value."""
        found = []
        for part in _parts(self.row.value):
            hour = self._hour(part)
            if hour is None:
                self.report("V207", "value", part=part)
            elif hour.moment_s is not None and not 0 <= hour.moment_s < self._horizon_s:
                self._outside(part)
            else:
                found.append(hour)
        if not _parts(self.row.value):
            self.report("V204", "value")
        return tuple(found)

    def _outside(self, part: str) -> None:
        ends = self._clock.text(self._horizon_s)
        self.report("V209", "value", part=part, starts=self._clock.text(0), ends=ends)

    def _hour(self, part: str) -> Hour | None:
        match = _HOUR.fullmatch(part)
        if match is not None:
            hours, minutes = int(match[1]), int(match[2])
            return Hour(clock_s=3600 * hours + 60 * minutes) if hours < 24 and minutes < 60 else None
        try:
            moment = parse_instant(part)
        except ValueError:
            return None
        if expected := self._clock.other_offset(moment):
            self.report("I229", "value", part=part, zone=self._clock.time_zone, expected=expected)
        return Hour(moment_s=self._clock.seconds(moment))


def _parts(text: str) -> list[str]:
    """Parts joined by ``+``; the ``+`` of an offset (``T08:00+08:00``) joins nothing."""
    found: list[str] = []
    for part in (one.strip() for one in text.split("+")):
        if found and "T" in found[-1] and "+" not in found[-1] and _HOUR.fullmatch(part):
            found[-1] += f"+{part}"
        elif part:
            found.append(part)
    return found


def _joined(parts: Iterator[tuple[str, ...]]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for part in parts for name in part))


def _use(reading: _Reading) -> Ruling:
    regions, hubs = reading.places("subject", hubs=True)
    return reading.ruling(regions=regions, hubs=hubs, vehicles=reading.vehicles("value"))


def _never_use(reading: _Reading) -> Ruling:
    meant = reading.either()
    if reading.unclear:
        return reading.ruling()
    if meant["vehicles"]:
        if not reading.row.value.strip():
            return reading.ruling(vehicles=meant["vehicles"])
        regions, hubs = reading.places("value", hubs=True)
        return reading.ruling(regions=regions, hubs=hubs, vehicles=meant["vehicles"])
    meant["vehicles"] = reading.vehicles("value")
    return reading.ruling(**meant)


def _day(reading: _Reading) -> Ruling:
    return reading.ruling(**reading.either(), days=reading.days())


def _depart_at(reading: _Reading) -> Ruling:
    return reading.ruling(**reading.either(), hours=reading.hours())


def _together(reading: _Reading) -> Ruling:
    first, _ = reading.places("subject", hubs=False)
    others: tuple[str, ...] = ()
    if reading.row.value.strip():
        others, _ = reading.places("value", hubs=False)
    regions = tuple(dict.fromkeys((*first, *others)))
    if len(regions) < 2 and not reading.unclear:
        reading.report("V204", "value")
    return reading.ruling(regions=regions)


def _before(reading: _Reading) -> Ruling:
    first, _ = reading.places("subject", hubs=False)
    after, _ = reading.places("value", hubs=False)
    return reading.ruling(regions=first, after=after)


def _leave_out(reading: _Reading) -> Ruling:
    reading.no_value()
    return reading.ruling(**reading.either(hubs=False))


def _keep(reading: _Reading) -> Ruling:
    reading.no_value()
    return reading.ruling(**reading.either(hubs=False))


_READERS: Mapping[DecisionRule, Callable[[_Reading], Ruling]] = {
    DecisionRule.USE: _use,
    DecisionRule.NEVER_USE: _never_use,
    DecisionRule.DAY: _day,
    DecisionRule.DEPART_AT: _depart_at,
    DecisionRule.TOGETHER: _together,
    DecisionRule.BEFORE: _before,
    DecisionRule.LEAVE_OUT: _leave_out,
    DecisionRule.KEEP: _keep,
}
