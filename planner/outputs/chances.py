"""What a simulation found, in words and as a table."""

from __future__ import annotations

from collections.abc import Sequence

from planner.base.text import language, words
from planner.instance.schema import Instance
from planner.outputs.figures import number
from planner.simulation.distributions import VERSION
from planner.simulation.result import Chance, Simulation

__all__ = ["chance_columns", "chance_lines", "chance_rows"]


def chance_lines(found: Simulation) -> Sequence[str]:
    """What was played, the chance of the plan, and how many regions are always on time."""
    always = sum(one.chance.count == one.chance.runs for one in found.regions)
    kind = "with" if found.breakdowns else "without"
    return (
        words(
            "report.chance.runs",
            runs=number(found.runs),
            seed=found.seed,
            breakdowns=words(f"report.chance.{kind}"),
            version=VERSION,
        ),
        words("report.chance.plan", share=_percent(found.plan.share), interval=_interval(found.plan)),
        words("report.chance.late", mean=_decimal(found.late_mean, 1), most=number(found.late_most)),
        words("report.chance.always", regions=number(always), total=number(len(found.regions))),
    )


def chance_columns() -> Sequence[tuple[str, bool]]:
    """Headings of the table, and whether each column holds numbers."""
    names = (("region", False), ("name", False), ("chance", True), ("interval", True), ("late_runs", True))
    return [(words(f"report.chance.{name}"), is_number) for name, is_number in names]


def chance_rows(found: Simulation, instance: Instance, most: int) -> Sequence[Sequence[str]]:
    """The regions that are least often on time; none that always is."""
    shown = [one for one in found.regions if one.chance.count < one.chance.runs][:most]
    return [
        (
            one.region_id,
            instance.region_of[one.region_id].name,
            _percent(one.chance.share),
            _interval(one.chance),
            number(one.chance.runs - one.chance.count),
        )
        for one in shown
    ]


def _interval(chance: Chance) -> str:
    return " – ".join(_percent(bound) for bound in chance.interval)


def _percent(share: float) -> str:
    """A share in percent; 0 and 100 only where it is exactly that."""
    hundredths = round(share * 10_000)
    if 0 < share < 1:
        hundredths = min(max(hundredths, 1), 9_999)
    return f"{_decimal(hundredths / 100, 2)} %"


def _decimal(value: float, places: int) -> str:
    text = f"{value:.{places}f}"
    return text if language() == "en" else text.replace(".", ",")
