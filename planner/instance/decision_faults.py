"""Validation: decisions that cannot be meant, and pairs of them that cannot both hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from planner.base.clock import DAY_S, Clock
from planner.base.errors import Fault
from planner.instance.decisions import Hour, Ruling, read_ruling
from planner.instance.draft import Draft
from planner.instance.schema import Chain, DecisionRule, Instance
from planner.instance.subjects import ALL_OF_TYPE, Subjects, Vehicles

__all__ = ["contradictions", "decision_faults"]

_TABLES = ("regions", "hubs", "vehicles", "warehouses", "nodes", "fleet")
_LONGEST_DAYS = 366
_Line = tuple[int, Ruling]


def decision_faults(draft: Draft) -> list[Fault]:
    """All errors of decisions; nothing where the tables that they name are not whole."""
    settings = draft.settings.settings
    if not draft.of("decisions") or settings is None or not draft.whole(*_TABLES):
        return []
    subjects = Subjects.of_rows(*(tuple(row for _, row in draft.of(table)) for table in _TABLES))
    faults: list[Fault] = []
    rulings: list[_Line] = []
    for line, row in draft.of("decisions"):
        ruling, unclear = read_ruling(row, subjects, settings.clock, settings.horizon_s)
        faults += [
            replace(draft.fault(one.code, "decisions", line, one.column), params=one.params)
            for one in unclear
        ]
        if ruling is not None:
            rulings.append((line, ruling))
    found = _Together(draft, subjects, settings.clock, settings.horizon_s, settings.chain, rulings)
    return faults + found.faults()


def contradictions(rulings: Sequence[_Line], instance: Instance, subjects: Subjects) -> list[Fault]:
    """What decisions cannot hold together or beside the tables of an instance; rows are their numbers.

    Parameters
    ----------
    rulings
        Decisions, each with its number.
    instance, subjects
        The tables, and what can be named.
    """
    settings, table = instance.settings, _Numbered()
    found = _Together(table, subjects, instance.clock, settings.horizon_s, settings.chain, rulings)
    return found.faults()


class _Places(Protocol):
    """Makes faults at lines of a table."""

    def fault(self, code: str, table: str, line: int | None = None, column: str | None = None) -> Fault:
        """A fault at a place of the table."""
        ...


class _Numbered:
    def fault(self, code: str, table: str, line: int | None = None, column: str | None = None) -> Fault:
        """A fault of a decision that stands in no file."""
        return Fault(code, table, line, column)


@dataclass(frozen=True)
class _Limit:
    """What one decision leaves of something: vehicles, days, moments."""

    line: int
    left: frozenset[object]


class _Together:
    """What several decisions say of the same places and vehicles."""

    def __init__(
        self,
        draft: _Places,
        subjects: Subjects,
        clock: Clock,
        horizon_s: int,
        chain: Chain,
        rulings: Sequence[_Line],
    ) -> None:
        self._draft = draft
        self._subjects = subjects
        self._clock = clock
        self._chained = chain is not Chain.NONE
        self._rulings = rulings
        self._days = _days(clock, horizon_s)
        self._of_rule: dict[DecisionRule, list[_Line]] = {}
        for line, ruling in rulings:
            self._of_rule.setdefault(ruling.rule, []).append((line, ruling))

    def faults(self) -> list[Fault]:
        """Each pair once, at the later of its lines."""
        found: list[Fault] = []
        rules: tuple[Callable[[], Iterator[Fault]], ...] = (
            self._own_warehouse,
            self._hubs_without_chain,
            self._no_vehicle,
            self._no_day,
            self._no_moment,
            self._left_out,
            self._nobody_first,
        )
        known: set[tuple[str, int | None, object]] = set()
        for rule in rules:
            for fault in rule():
                key = (fault.code, fault.row, fault.params.get("first"))
                if key not in known:
                    known.add(key)
                    found.append(fault)
        return found

    def _fault(self, code: str, line: int, column: str = "rule", **params: object) -> Fault:
        rule = next(ruling.rule.value for number, ruling in self._rulings if number == line)
        return replace(self._draft.fault(code, "decisions", line, column), params={"rule": rule} | params)

    def _pair(self, one: int, other: int) -> Fault:
        first, later = sorted((one, other))
        rule = next(ruling.rule.value for number, ruling in self._rulings if number == first)
        return self._fault("V211", later, first=first, first_rule=rule)

    def _of(self, rule: DecisionRule) -> list[_Line]:
        return self._of_rule.get(rule, [])

    # ---------------------------------------------------------------- one row against the other tables

    def _own_warehouse(self) -> Iterator[Fault]:
        """V210, V213: vehicles and places belong to one warehouse."""
        for line, ruling in self._of(DecisionRule.USE):
            owners = {self._warehouse(name) for name in ruling.regions}
            types = {kind for kind, _ in ruling.vehicles}
            mine = {self._subjects.types[kind].warehouse for kind in types}
            for other in sorted(owners - mine):
                yield self._fault("V210", line, "value", warehouse=other)
        for line, ruling in self._of(DecisionRule.TOGETHER):
            owners = {self._warehouse(name) for name in ruling.regions}
            if len(owners) > 1:
                yield self._fault("V213", line, "subject", warehouses=", ".join(sorted(owners)))

    def _warehouse(self, region: str) -> str:
        return self._subjects.regions[region].warehouse

    def _hubs_without_chain(self) -> Iterator[Fault]:
        """V214: where no goods pass hubs nothing is decided of them."""
        for line, ruling in self._rulings:
            if ruling.hubs and not self._chained:
                yield self._fault("V214", line, "subject", hub=ruling.hubs[0])

    # ---------------------------------------------------------------- pairs

    @property
    def _groups(self) -> list[tuple[str, ...]]:
        """Places that are limited as one: those of `together`, and every other place named by itself."""
        groups: list[set[str]] = []
        for _, ruling in self._of(DecisionRule.TOGETHER):
            mine = set(ruling.regions)
            apart = [one for one in groups if one.isdisjoint(mine)]
            for one in groups:
                if not one.isdisjoint(mine):
                    mine |= one
            groups = [*apart, mine]
        grouped = {name for one in groups for name in one}
        named = dict.fromkeys(name for _, ruling in self._rulings for name in ruling.places)
        singles = [(name,) for name in named if name not in grouped]
        return [*(tuple(sorted(one)) for one in groups), *singles]

    def _no_vehicle(self) -> Iterator[Fault]:
        """V211: of the vehicles that a place, or what goes with it, must use some is left."""
        barring = (DecisionRule.NEVER_USE, DecisionRule.LEAVE_OUT)
        for group in self._groups:
            uses = [pair for pair in self._of(DecisionRule.USE) if not set(group).isdisjoint(pair[1].places)]
            limits = [_Limit(line, self._single(ruling.vehicles)) for line, ruling in uses]
            every = frozenset(vehicle for one in limits for vehicle in one.left)
            for line, ruling in self._rulings if limits else ():
                about = ruling.bars_vehicles or not set(group).isdisjoint(ruling.places)
                if ruling.rule in barring and ruling.vehicles and about:
                    limits.append(_Limit(line, every - self._single(ruling.vehicles)))
            yield from self._conflict(limits)

    def _single(self, vehicles: Vehicles) -> frozenset[object]:
        """Vehicles one by one."""
        found: set[object] = set()
        for kind, number in vehicles:
            numbers = range(1, self._subjects.types[kind].number + 1) if number == ALL_OF_TYPE else (number,)
            found.update((kind, one) for one in numbers)
        return frozenset(found)

    def _conflict(self, limits: Sequence[_Limit]) -> Iterator[Fault]:
        """The first pair of limits that leave nothing together."""
        left: frozenset[object] | None = None
        for position, one in enumerate(limits):
            before = left
            left = one.left if left is None else left & one.left
            if before and not left:
                earlier = limits[:position]
                other = next((two for two in earlier if not two.left & one.left), earlier[-1])
                yield self._pair(other.line, one.line)
                return

    def _no_day(self) -> Iterator[Fault]:
        """V211: some day is left for each place and vehicle, and for a place with the vehicle it must use."""
        of_day = self._of(DecisionRule.DAY)
        names: dict[object, list[_Limit]] = {}
        for line, ruling in of_day:
            days = frozenset(ruling.days)
            for name in ruling.places:
                names.setdefault(name, []).append(_Limit(line, days))
            for vehicle in self._single(ruling.vehicles):
                names.setdefault(vehicle, []).append(_Limit(line, days))
        for limits in names.values():
            yield from self._conflict(limits)
        for _, ruling in self._of(DecisionRule.USE):
            mine = [names.get(vehicle, []) for vehicle in self._single(ruling.vehicles)]
            for name in ruling.places:
                for limit in names.get(name, []):
                    clashes = [[one for one in ones if not one.left & limit.left] for ones in mine]
                    if clashes and all(clashes):
                        yield self._pair(clashes[0][0].line, limit.line)

    def _no_moment(self) -> Iterator[Fault]:
        """V211: some moment is left at which to depart to each place, and with each vehicle."""
        names: dict[object, list[_Limit]] = {}
        for line, ruling in self._of(DecisionRule.DEPART_AT):
            moments = frozenset(moment for hour in ruling.hours for moment in self._moments(hour))
            for vehicle in self._single(ruling.vehicles):
                names.setdefault(vehicle, []).append(_Limit(line, moments))
            for group in self._groups:
                if not set(group).isdisjoint(ruling.places):
                    names.setdefault(group, []).append(_Limit(line, moments))
        for limits in names.values():
            yield from self._conflict(limits)

    def _moments(self, hour: Hour) -> Iterable[object]:
        if hour.moment_s is not None:
            return (hour.moment_s,)
        return (self._clock.at(day, hour.clock_s or 0) for day in self._days)

    def _left_out(self) -> Iterator[Fault]:
        """V211: nothing else is decided of places and vehicles all of which are left out."""
        for line, out in self._of(DecisionRule.LEAVE_OUT):
            gone, lost = set(out.regions), self._single(out.vehicles)
            for other, ruling in self._rulings:
                if ruling.rule in (DecisionRule.LEAVE_OUT, DecisionRule.NEVER_USE):
                    continue
                about = set(ruling.places)
                rest = about - gone
                few = len(rest) < 2 if ruling.rule is DecisionRule.TOGETHER else not rest
                after = set(ruling.after)
                vehicles = self._single(ruling.vehicles)
                no_vehicle = bool(vehicles) and bool(lost) and vehicles <= lost
                if (about & gone and few) or (after and after <= gone) or no_vehicle:
                    yield self._pair(line, other)

    def _nobody_first(self) -> Iterator[Fault]:
        """V212: nobody receives before itself, neither straight nor through others."""
        follows: dict[str, dict[str, int]] = {}
        for line, ruling in self._of(DecisionRule.BEFORE):
            for first in ruling.regions:
                for later in ruling.after:
                    follows.setdefault(first, {}).setdefault(later, line)
        for line, ruling in self._of(DecisionRule.BEFORE):
            for first in ruling.regions:
                circle = _way(follows, ruling.after, first)
                if circle:
                    yield self._fault("V212", line, "value", circle=" → ".join((first, *circle)))
                    break


def _way(follows: Mapping[str, Mapping[str, int]], starts: Iterable[str], goal: str) -> tuple[str, ...]:
    """A way from some places to a goal along what follows what; empty: there is none."""
    ways: list[tuple[str, ...]] = [(one,) for one in starts]
    seen = set(starts)
    while ways:
        way = ways.pop()
        if way[-1] == goal:
            return way
        for later in follows.get(way[-1], {}):
            if later not in seen or later == goal:
                seen.add(later)
                ways.append((*way, later))
    return ()


def _days(clock: Clock, horizon_s: int) -> list[date]:
    first = clock.day(0).toordinal()
    last = clock.day(min(horizon_s, _LONGEST_DAYS * DAY_S)).toordinal()
    return [clock.day(0).fromordinal(one) for one in range(first, last + 1)]
