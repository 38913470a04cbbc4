"""Results of a batch as tables of texts, for the terminal and for Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from planner.batch.results import Results
from planner.batch.summary import ScenarioFigures, scenario_figures
from planner.instance.schema import Instance
from planner.outputs.figures import duration, money, number
from planner.text import words

__all__ = ["TextTable", "loss_table", "scenario_table", "signed", "state_line"]

_MOST_NAMES = 4


@dataclass(frozen=True, slots=True)
class TextTable:
    """Headings, each with whether its column is one of numbers, and rows."""

    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]


def _columns(*names: str) -> tuple[tuple[str, bool], ...]:
    texts = {"scenario", "status", "loss", "how", "late_regions", "note", "changes", "region", "component"}
    return tuple((words(f"batch.column.{name}"), name not in texts) for name in names)


def scenario_table(results: Results, instance: Instance) -> TextTable:
    """A row for each scenario."""
    currency = instance.settings.currency
    names = (
        "scenario",
        "status",
        "on_time",
        "weight",
        "broken",
        "saved",
        "cost",
        "cost_change",
        "margin",
        "wall",
    )
    rows = tuple(_scenario(one, currency) for one in scenario_figures(results, instance))
    return TextTable(_columns(*names), rows)


def _scenario(one: ScenarioFigures, currency: str) -> tuple[str, ...]:
    if one.status is None:
        return (one.name, f"{words(f'batch.state.{one.state}')} {one.reason}".strip(), *[""] * 8)
    return (
        one.name,
        one.status.value,
        words("cli.progress.of", planned=number(one.on_time), total=number(one.regions)),
        number(one.weight),
        "" if one.broken_weight is None else number(one.broken_weight),
        "" if one.saved_weight is None else number(one.saved_weight),
        money(one.cost, currency),
        "" if one.cost_change is None else signed(one.cost_change),
        "" if one.margin_s is None else duration(one.margin_s),
        words("batch.seconds", number=f"{one.wall_s:.1f}"),
    )


def signed(value: int) -> str:
    """A difference with its sign."""
    return f"+{number(value)}" if value > 0 else number(value)


def loss_table(rows: Sequence[Mapping[str, Any]], instance: Instance) -> TextTable:
    """A row for each loss, as `planner.batch.lose_each.loss_rows` ranks them."""
    names = (
        "rank",
        "loss",
        "how",
        "status",
        "weight",
        "late_regions",
        "unsure",
        "kept",
        "cost_change",
        "margin",
    )
    return TextTable(_columns(*names), tuple(_loss(row, instance) for row in rows))


def _loss(row: Mapping[str, Any], instance: Instance) -> tuple[str, ...]:
    if row["state"] != "done":
        said = f"{words('batch.state.' + row['state'])} {row.get('reason', '')}".strip()
        return (str(row["rank"]), row["loss"], words(f"batch.how.{row['how']}"), said, *[""] * 6)
    margin = row["smallest_margin_s"]
    return (
        str(row["rank"]),
        row["loss"],
        words(f"batch.how.{row['how']}"),
        row["status"],
        number(row["weight"]),
        _names(row["newly_late"].split(), instance),
        number(row["weight_not_guaranteed"]),
        number(row["weight_if_kept"]),
        signed(row["cost_change"]),
        "" if margin is None else duration(margin),
    )


def _names(ids: Sequence[str], instance: Instance) -> str:
    names = [instance.region_of[one].name for one in ids[:_MOST_NAMES]]
    more = len(ids) - len(names)
    return ", ".join(names) + (words("batch.and_more", number=more) if more else "")


def state_line(results: Results) -> str:
    """How many are done, failed, open."""
    states = [one.state for one in results.entries]
    return words(
        "batch.states",
        done=number(states.count("done")),
        failed=number(states.count("failed")),
        open=number(states.count("open")),
    )
