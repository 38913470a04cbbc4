"""Results of a batch as tables of texts, for the terminal and for Markdown."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from planner.base.text import words
from planner.batches.record import weight_of
from planner.batches.result_tables import loss_file_rows
from planner.batches.results import Results
from planner.batches.summary import Comparison, ScenarioFigures, scenario_figures
from planner.instance.schema import Instance
from planner.outputs.figures import duration, money, number

__all__ = ["TextTable", "loss_table", "region_names", "scenario_table", "state_line"]

_MOST_NAMES = 4


@dataclass(frozen=True, slots=True)
class TextTable:
    """Headings, each with whether its column is one of numbers, rows, and the columns that are spare."""

    columns: tuple[tuple[str, bool], ...]
    rows: tuple[tuple[str, ...], ...]
    spare: tuple[int, ...] = ()


def _columns(*names: str) -> tuple[tuple[str, bool], ...]:
    texts = {"scenario", "status", "loss", "how", "late_regions"}
    return tuple((words(f"batch.column.{name}"), name not in texts) for name in names)


def scenario_table(results: Results, instance: Instance, *, who: bool = False) -> TextTable:
    """A row for each scenario; `who` names who is late rather than giving the weight alone."""
    currency = instance.settings.currency
    late = "late_regions" if who else "weight"
    names = (
        "scenario",
        "status",
        "on_time",
        "broken",
        late,
        "saved",
        "cost",
        "cost_change",
        "margin",
        "wall",
    )
    rows = []
    for one in scenario_figures(results, instance):
        if one.status is None:
            said = f"{words(f'batch.state.{one.state}')} {one.reason}".strip()
            rows.append((one.name, said, *[""] * 8))
            continue
        if who:
            kept = "" if one.broken is None else _who(one.broken, instance)
            now = _who(one.late, instance) + ("" if one.is_settled else f" {words('batch.at_most')}")
        else:
            kept = "" if one.broken_weight is None else number(one.broken_weight)
            now = _weight(one)
        figures = (
            words("cli.progress.of", planned=number(one.on_time), total=number(one.regions)),
            kept,
            now,
            "" if one.saved_weight is None else number(one.saved_weight),
            money(one.cost, currency),
            _change(one.comparison),
            "" if one.margin_s is None else duration(one.margin_s),
            words("batch.seconds", number=number(max(1, round(one.wall_s)))),
        )
        rows.append((one.name, one.status.value, *figures))
    columns = [
        (title, is_number and not (who and name == "broken"))
        for name, (title, is_number) in zip(names, _columns(*names), strict=True)
    ]
    spare = tuple(map(names.index, ("wall", "saved", "cost", "broken", "margin")))
    return TextTable(tuple(columns), tuple(rows), spare)


def _who(ids: Sequence[str], instance: Instance) -> str:
    """How many regions, their weight, and where they are: their names, or of many those of the areas."""
    if not ids:
        return number(0)
    regions = [instance.region_of[one] for one in ids if one in instance.region_of]
    weight = sum(weight_of(instance, one.id) for one in regions)
    if len(ids) <= _MOST_NAMES:
        where = ", ".join(one.name for one in regions)
    else:
        areas = Counter(one.area_name or one.area for one in regions)
        where = ", ".join(f"{name} {number(many)}".strip() for name, many in areas.items())
    return words("batch.who", number=number(len(ids)), weight=number(weight), where=where)


def _weight(one: ScenarioFigures) -> str:
    """Weight that is late: by the best seed, and by the worst one; whether less may be possible."""
    text = number(one.weight)
    if one.weight_most > one.weight:
        text += f"–{number(one.weight_most)}"
    return text if one.is_settled else f"≤ {text}"


def _change(found: Comparison) -> str:
    """A difference of cost beside what seeds make; that it is none where it is less than that."""
    if found.change is None:
        return ""
    if found.spread is None:
        return _signed(found.change)
    if not found.is_different:
        return words("batch.no_difference", spread=number(found.spread))
    return f"{_signed(found.change)} (±{number(found.spread)})"


def _signed(value: int) -> str:
    """A difference with its sign."""
    return f"+{number(value)}" if value > 0 else number(value)


def loss_table(results: Results, instance: Instance, *, most: int | None = _MOST_NAMES) -> TextTable:
    """A row for each loss, as they are ranked in ``losses.csv``; at most so many names in each."""
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
    spare = tuple(map(names.index, ("margin", "unsure", "rank", "kept", "cost_change")))
    rows = tuple(_loss(row, instance, most) for row in loss_file_rows(results))
    return TextTable(_columns(*names), rows, spare)


def _loss(row: Mapping[str, str], instance: Instance, most: int | None) -> tuple[str, ...]:
    what = (row["rank"], row["loss"], words(f"batch.how.{row['how']}"))
    if row["state"] != "done":
        said = f"{words('batch.state.' + row['state'])} {row['reason']}".strip()
        return (*what, said, *[""] * 6)
    return (
        *what,
        row["status"],
        _range(row),
        region_names(row["newly_late"].split(), instance, most),
        number(int(row["weight_not_guaranteed"])),
        number(int(row["weight_if_kept"])),
        _change(Comparison(_int(row["cost_change"]), _int(row["cost_spread"]))),
        duration(int(row["smallest_margin_s"])) if row["smallest_margin_s"] else "",
    )


def _range(row: Mapping[str, str]) -> str:
    weight, most = int(row["weight"]), int(row["weight_most"] or row["weight"])
    text = number(weight) if most == weight else f"{number(weight)}–{number(most)}"
    return f"≤ {text}" if row["settled"] == "no" else text


def _int(cell: str) -> int | None:
    return int(cell) if cell else None


def region_names(ids: Sequence[str], instance: Instance, most: int | None) -> str:
    """Names of regions; of more than so many the first ones, and how many more there are."""
    shown = ids if most is None else ids[:most]
    names = [instance.region_of[one].name if one in instance.region_of else one for one in shown]
    more = len(ids) - len(shown)
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
