"""What a plan withstands and what not, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from planner.base.text import words
from planner.instance.schema import Basis, Instance
from planner.outputs.figures import duration, moment, number
from planner.proof.verdict import Robustness
from planner.proof.worst.case import FailureKind, LateLeg, WorstCase
from planner.solving.promises import GivenUp

__all__ = ["given_up_lines", "robustness_lines"]

_MOST_REGIONS = 10
_ALWAYS_TOLD = (Basis.DEFAULT, Basis.ENTERED, Basis.MEASURED)  # be there any or none


def robustness_lines(found: Robustness, instance: Instance) -> list[str]:
    """Lines of text: late legs, regions that fail, longer travel and later starts, what is not covered.

    Parameters
    ----------
    found
        As the independent check found it.
    instance
        For names and the clock.
    """
    return [
        *_late_legs(found, instance),
        *_late_work(found, instance),
        _stretch(found),
        words("guarantee.not_covered"),
        *_figures(found),
    ]


def given_up_lines(found: Iterable[GivenUp], instance: Instance) -> list[str]:
    """A line for each component in which promises were given up: for how many, and for whose sake."""
    lines = []
    for one in found:
        shown = [
            words("guarantee.without", region=_named(region, instance))
            if late_s is None
            else words("guarantee.late_by", region=_named(region, instance), late=duration(late_s))
            for region, late_s in list(one.late_s.items())[:_MOST_REGIONS]
        ]
        if len(one.late_s) > _MOST_REGIONS:
            shown.append(words("guarantee.others", number=number(len(one.late_s) - _MOST_REGIONS)))
        key = "given_up_one" if len(one.regions) == 1 else "given_up"
        lines.append(words(f"guarantee.{key}", number=number(len(one.regions)), late=", ".join(shown)))
    return lines


def _named(region: str, instance: Instance) -> str:
    return f"{instance.region_of[region].name or region} ({region})"


def _late_legs(found: Robustness, instance: Instance) -> Iterator[str]:
    if not found.worst:
        yield words("guarantee.none_asked")
        return
    asked = _asked(found, instance)
    failed = [one for one in found.worst if not one.guaranteed]
    if not failed:
        yield words("guarantee.withstands", legs=asked)
    else:
        params = {"number": number(len(failed)), "total": number(len(found.worst))}
        yield words("guarantee.does_not", legs=asked, **params)
        for one in failed[:_MOST_REGIONS]:
            yield f"  {_failed(one, instance)}"
        if len(failed) > _MOST_REGIONS:
            yield "  " + words("guarantee.more", number=number(len(failed) - _MOST_REGIONS))
    bounds = sum(not one.exact for one in found.worst)
    if bounds:
        yield words("guarantee.bounds", number=number(bounds), total=number(len(found.worst)))


def _late_work(found: Robustness, instance: Instance) -> Iterator[str]:
    """How much longer late crews work, where their types have a working time."""
    if not found.work_late_s:
        return
    names = {kind.id: kind.name or kind.id for kind in instance.vehicles}
    usual = Counter(found.work_late_s.values()).most_common(1)[0][0]
    others = {names[kind]: late_s for kind, late_s in found.work_late_s.items() if late_s != usual}
    shown = [
        words("guarantee.work_late_by_type", late=duration(late_s), name=name)
        for name, late_s in others.items()
    ]
    late = f"{duration(usual)} ({', '.join(shown)})" if shown else duration(usual)
    yield words("guarantee.work_late", late=late)


def _asked(found: Robustness, instance: Instance) -> str:
    """How many late legs: of each vehicle, and of those that must withstand more."""
    names = {kind.id: kind.name or kind.id for kind in instance.vehicles}
    others = {names[kind]: gamma for kind, gamma in found.gammas.items() if gamma != found.gamma}
    shown = [words("guarantee.by_type", gamma=gamma, name=name) for name, gamma in others.items()]
    key = {0: "any_some", 1: "any_one"}.get(found.gamma, "any_many")
    text = words(f"guarantee.{key}", gamma=found.gamma)
    return f"{text} ({', '.join(shown)})" if shown else text


def _failed(one: WorstCase, instance: Instance) -> str:
    failure = one.failure
    assert failure is not None
    region = _named(one.region, instance)
    if failure.kind is FailureKind.UNDELIVERED:
        return words("guarantee.undelivered", region=region)
    clock, never = instance.clock, words("guarantee.never")
    place = {key: failure.place.get(key, "") for key in ("hub", "trip", "vehicle")}
    text = words(
        f"guarantee.{failure.kind.value}",
        region=region,
        moment=never if failure.moment_s is None else moment(failure.moment_s, clock),
        limit=never if failure.limit_s is None else moment(failure.limit_s, clock),
        **place,
    )
    return text + _caused_by(failure.late_legs)


def _caused_by(legs: Iterable[LateLeg]) -> str:
    shown = ", ".join(words("guarantee.leg", trip=one.trip, leg=one.leg) for one in legs)
    return words("guarantee.caused_by", legs=shown) if shown else "."


def _stretch(found: Robustness) -> str:
    stretch = found.stretch
    if stretch.percent is None and stretch.minutes is None:
        return words("guarantee.no_stretch")
    any_ = words("guarantee.any_amount")
    percent = any_ if stretch.percent is None else f"{number(stretch.percent)} %"
    minutes = any_ if stretch.minutes is None else f"{number(stretch.minutes)} {words('report.unit.minute')}"
    return words("guarantee.stretch", percent=percent, minutes=minutes)


def _figures(found: Robustness) -> Iterator[str]:
    total = sum(found.delay_figures.values())
    if not total:
        yield words("guarantee.no_figures")
        return
    shown = [
        words(f"guarantee.basis_{basis.value}", number=number(count))
        for basis in (Basis.DEFAULT, Basis.ENTERED, Basis.MEASURED, Basis.MODELLED, Basis.SYNTHETIC)
        if (count := found.delay_figures.get(basis.value, 0)) or basis in _ALWAYS_TOLD
    ]
    yield words("guarantee.figures", total=number(total), shown=", ".join(shown))
