"""What the check measures, and words for amounts, places and instants."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum

from planner.base.clock import Clock
from planner.base.text import language, words

__all__ = ["Measure", "amount_text", "instant_text", "place_text"]


class Measure(StrEnum):
    """What an amount counts."""

    SECONDS = "s"
    METRES = "m"
    GRAMS = "g"
    CUBIC_CM = "cm3"
    PIECES = "pieces"
    UNITS = "units"
    MONEY = "money"
    CASES = "cases"
    LEGS = "legs"


_COUNTED = (Measure.PIECES, Measure.UNITS, Measure.CASES, Measure.LEGS)  # their words are others for 1


def instant_text(seconds: int, clock: Clock) -> str:
    """Text of an instant; seconds beyond all calendars stay a number."""
    try:
        return clock.text(seconds)
    except (OverflowError, ValueError):
        return f"{seconds} s"


def place_text(place: Mapping[str, str]) -> str:
    """Words for a place, in the language in force."""
    shown = [words(f"rules.place.{kind}", id=value) for kind, value in place.items()]
    return ", ".join(shown) or words("rules.place.plan")


def amount_text(amount: int, measure: Measure) -> str:
    """Words for an amount, in the language in force."""
    if measure is not Measure.SECONDS:
        grouped = f"{amount:,}" if language() == "en" else f"{amount:,}".replace(",", ".")
        one = "one_" if abs(amount) == 1 and measure in _COUNTED else ""
        return f"{grouped} {words(f'rules.unit.{one}{measure.value}')}"
    sign, rest = ("-" if amount < 0 else ""), abs(amount)
    parts = ((rest // 3600, "h"), (rest // 60 % 60, "min"), (rest % 60, "s"))
    shown = [f"{number} {words(f'rules.unit.{unit}')}" for number, unit in parts if number]
    return sign + (" ".join(shown) or f"0 {words('rules.unit.s')}")
