"""What regions are coloured by: their answer, what is known of them, the day, the margin, the vehicle."""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from planner.base.clock import HOUR_S
from planner.base.text import words
from planner.instance.schema import Instance
from planner.outputs.figures import day_text, moment
from planner.outputs.status import Standing
from planner.plans.model import Plan, RegionResult, RegionStatus
from planner.proof.knowledge import Sure

__all__ = ["ClassRow", "Classes", "Colour", "Look", "class_of", "classes_of"]


class Colour(StrEnum):
    """What the colours of regions mean."""

    STATUS = "status"
    DAY = "day"
    MARGIN = "margin"
    VEHICLE = "vehicle"


@dataclass(frozen=True, slots=True)
class Look:
    """How a region is drawn, told apart without colours too.

    Parameters
    ----------
    fill
        Colour of its area.
    ink
        Colour of the pattern on it, and of the rim of its mark.
    pattern
        Which pattern lies on its area; empty: none.
    mark
        Form of its mark where no area is drawn.
    dot
        Colour of its mark; empty: that of the area.
    """

    fill: str
    ink: str
    pattern: str = ""
    mark: str = "circle"
    dot: str = ""


@dataclass(frozen=True, slots=True)
class ClassRow:
    """One class of regions.

    Parameters
    ----------
    key, label
        Its name in the file, and as people read it.
    look
        How it is drawn.
    regions
        Whose class it is.
    is_alarm
        Whether its regions have a mark whatever else is drawn.
    """

    key: str
    label: str
    look: Look
    regions: tuple[str, ...]
    is_alarm: bool = False


@dataclass(frozen=True, slots=True)
class Classes:
    """All classes, in the order of the legend, and what they are about."""

    title: str
    rows: Sequence[ClassRow]


# Colours of regions are light, so that ways and names stand out on them. Told apart by people who see no red
# or green (after Paul Tol's scheme "light"), and in grey by their patterns and marks.
_LIGHT = ("#8fbbe6", "#f2e3a0", "#7ccfb5", "#f2a68c", "#b5e5fb", "#cfdb70", "#fbc0cc", "#c3c257", "#e2e2e2")
_PATTERNS = ("", "rise", "dots", "level", "fall", "grid", "upright", "cross", "rings")
_MARKS = ("circle", "square", "triangle", "diamond", "plus", "drop", "circle", "square", "triangle")
_INK = "#3f4a52"
_SERIES = tuple(
    Look(fill, _INK, pattern, mark) for fill, pattern, mark in zip(_LIGHT, _PATTERNS, _MARKS, strict=True)
)
_ON_TIME = Look("#cfe8db", "#0b6e5a", dot="#4fb394")
_LATE = Look("#f08a00", "#5a3300", "rise", "triangle")
_EXPECTED_LATE = Look("#c2500a", "#3d1600", "grid", "triangle")
_UNDELIVERED = Look("#3b0a1e", "#ffffff", "cross", "square")
_PALE = Look("#f1efe9", "#8a857a", dot="#d4d0c6")
_SURE = {
    Sure.CONFIRMED: Look("#6fb79c", "#0b4f40", dot="#2f8f70"),
    Sure.BULK: Look("#a9d6c3", "#0b4f40", "level", "diamond"),
    Sure.ASSUMED: Look("#dfeee6", "#5f8f80", "dots", "square"),
    Sure.OVERDUE: Look("#f4b942", "#6b3f00", "rise", "hourglass"),
    Sure.FUTURE: _PALE,
}
# Hours up to which a margin is small; the last class has all above.
_MARGIN_HOURS = (3, 6, 12, 24)
_MARGINS = (
    Look("#cc4c02", "#4a1a00", "grid", "plus"),
    Look("#fb9a29", "#6b3300", "rise", "diamond"),
    Look("#fed976", "#7a5a00", "dots"),
    Look("#fff7d0", "#8a7a30"),
    Look("#dbe5da", "#5f7a68"),
)


def classes_of(
    colour: Colour, plan: Plan, instance: Instance, results: Sequence[RegionResult], standing: Standing | None
) -> Classes:
    """Classes of some regions of a plan.

    Parameters
    ----------
    colour
        What they are by.
    plan, instance
        For receipts and vehicles.
    results
        The regions that are drawn.
    standing
        What is known by reports, for colours by status; None: the plan is drawn as it was made.
    """
    if colour is Colour.STATUS:
        return _by_status(results) if standing is None else _by_reports(results, standing)
    if colour is Colour.DAY:
        return _by_day(plan, instance, results)
    if colour is Colour.MARGIN:
        return _by_margin(results)
    return _by_vehicle(plan, instance, results)


def _row(key: str, label: str, look: Look, names: Iterable[str], *, is_alarm: bool = False) -> ClassRow:
    return ClassRow(key, label, look, tuple(names), is_alarm)


def _by_status(results: Sequence[RegionResult]) -> Classes:
    looks = {
        RegionStatus.ON_TIME: _ON_TIME,
        RegionStatus.LATE: _LATE,
        RegionStatus.UNDELIVERED: _UNDELIVERED,
    }
    rows = [
        _row(
            status.value,
            words(f"map.class.{status.value}"),
            look,
            (item.region_id for item in results if item.status is status),
            is_alarm=status is not RegionStatus.ON_TIME,
        )
        for status, look in looks.items()
    ]
    return Classes(words("map.colour.status"), rows)


def _by_reports(results: Sequence[RegionResult], standing: Standing) -> Classes:
    """By what is known at the moment; who will be late or get nothing by it is a class of its own."""
    known, on_time = standing.sure_of_regions, standing.state.on_time
    expected = standing.state.received_s
    due = {item.region_id for item in results if known.get(item.region_id, Sure.FUTURE) is Sure.FUTURE}
    late = {name for name in due if not on_time.get(name, False)}
    rows = [
        _row(
            sure.value,
            words(f"map.class.{sure.value}"),
            look,
            (
                item.region_id
                for item in results
                if known.get(item.region_id, Sure.FUTURE) is sure and item.region_id not in late
            ),
            is_alarm=sure is Sure.OVERDUE,
        )
        for sure, look in _SURE.items()
    ]
    missing = {name for name in late if expected.get(name) is None}
    rows.append(
        _row("late", words("map.class.expected_late"), _EXPECTED_LATE, sorted(late - missing), is_alarm=True)
    )
    rows.append(
        _row("undelivered", words("map.class.expected_missing"), _UNDELIVERED, sorted(missing), is_alarm=True)
    )
    return Classes(
        words("map.colour.reports", moment=moment(standing.state.now_s, standing.state.instance.clock)), rows
    )


def _by_day(plan: Plan, instance: Instance, results: Sequence[RegionResult]) -> Classes:
    """By the local day of the last receipt; where there are more days than looks, the last ones share one."""
    clock = instance.clock
    days: dict[str, list[str]] = {}
    for item in sorted(plan.regions, key=lambda item: (item.received_s or 0, item.region_id)):
        if item.received_s is not None:
            day = day_text(clock.instant(item.received_s))
            days.setdefault(day, []).append(item.region_id)
    rows = [
        *_series(list(days.items()), {item.region_id for item in results}),
        *_without(results, {item for names in days.values() for item in names}),
    ]
    return Classes(words("map.colour.day"), rows)


def _without(results: Sequence[RegionResult], others: Container[str]) -> tuple[ClassRow, ClassRow]:
    """Of regions that are in no other class: those that should get something, and those that need nothing."""
    rest = [item for item in results if item.region_id not in others]
    missing = (item.region_id for item in rest if item.status is not RegionStatus.ON_TIME)
    done = (item.region_id for item in rest if item.status is RegionStatus.ON_TIME)
    return (
        _row("undelivered", words("map.class.undelivered"), _UNDELIVERED, missing, is_alarm=True),
        _row("unneeded", words("map.class.unneeded"), _PALE, done),
    )


def _series(groups: Sequence[tuple[str, list[str]]], shown: Container[str]) -> list[ClassRow]:
    """Classes of a whole plan in the order of its groups, with the regions of those that are shown.

    A group has the same look in every picture of the plan. Of more groups than looks those that are too many
    have the last one together, or, where only some are shown, what looks are free.
    """
    last = len(_SERIES) - 1
    kept = [(label, [name for name in names if name in shown]) for label, names in groups]
    own = dict(enumerate(kept[: last if len(kept) > len(_SERIES) else len(_SERIES)]))
    rest = [group for group in kept[len(own) :] if group[1]]
    free = [last, *(at for at in reversed(range(last)) if not own.get(at, ("", ()))[1])]
    if len(rest) > len(free):
        names = [name for _, some in rest for name in some]
        rest = [(words("map.class.others", number=len(rest)), names)]
    own |= dict(zip(free, rest, strict=False))
    return [_row(f"class-{at}", group[0], _SERIES[at], group[1]) for at, group in own.items()]


def _by_margin(results: Sequence[RegionResult]) -> Classes:
    limits = [hours * HOUR_S for hours in _MARGIN_HOURS]
    groups: list[list[str]] = [[] for _ in _MARGINS]
    late = [item.region_id for item in results if item.status is RegionStatus.LATE]  # also at a hub alone
    for item in results:
        margin = item.margin_s
        if margin is not None and item.status is RegionStatus.ON_TIME:
            groups[sum(margin >= limit for limit in limits)].append(item.region_id)
    hours = [str(number) for number in _MARGIN_HOURS]
    texts = [words("map.class.margin_below", hours=hours[0])]
    texts += [
        words("map.class.margin_between", least=least, most=most)
        for least, most in zip(hours, hours[1:], strict=False)
    ]
    texts.append(words("map.class.margin_above", hours=hours[-1]))
    missing, unneeded = _without(results, {*late, *(name for names in groups for name in names)})
    rows = [missing, _row("late", words("map.class.late"), _LATE, late, is_alarm=True)]
    rows += [
        _row(f"margin-{at}", text, look, names)
        for at, (text, look, names) in enumerate(zip(texts, _MARGINS, groups, strict=True))
    ]
    return Classes(words("map.colour.margin"), [*rows, unneeded])


def _by_vehicle(plan: Plan, instance: Instance, results: Sequence[RegionResult]) -> Classes:
    """By the kind of vehicle that brings the last of a region's goods; the kinds of most regions first."""
    wanted = {item.region_id for item in plan.regions if item.status is not RegionStatus.UNDELIVERED}
    last: dict[str, tuple[int, str]] = {}
    for trip in plan.trips:
        kind = instance.vehicle_type_of[trip.vehicle_type]
        for stop in trip.stops:
            if stop.node_id in wanted and any(given.region_id == stop.node_id for given in stop.deliveries):
                mine = (stop.end_s, kind.name or kind.id)
                last[stop.node_id] = max(mine, last.get(stop.node_id, mine))
    groups: dict[str, list[str]] = {}
    for item in plan.regions:
        if item.region_id in last:
            groups.setdefault(last[item.region_id][1], []).append(item.region_id)
    shown = {item.region_id for item in results}
    sizes = Counter({name: len(names) for name, names in groups.items()})
    ordered = sorted(groups.items(), key=lambda pair: (-sizes[pair[0]], pair[0]))
    return Classes(words("map.colour.vehicle"), [*_series(ordered, shown), *_without(results, last)])


def class_of(classes: Classes) -> Mapping[str, ClassRow]:
    """The class of each region."""
    return {name: row for row in classes.rows for name in row.regions}
