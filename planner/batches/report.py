"""A batch as one page that needs nothing else: tables and plots."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from planner.base.safe_text import xml_text
from planner.base.text import language, words
from planner.batches.plots import Bar, Cell, Series, bars, grid, lines
from planner.batches.result_tables import loss_file_rows
from planner.batches.results import Results
from planner.batches.summary import (
    ScenarioFigures,
    broken_regions,
    cost_lines,
    scenario_figures,
    type_uses,
    worst_first,
)
from planner.batches.text_tables import TextTable, loss_table, region_names, scenario_table, state_line
from planner.instance.schema import Instance
from planner.outputs.figures import money, number

__all__ = ["html_report"]

_MOST_BARS, _MOST_REGIONS, _MOST_TYPES, _MOST_LINES, _MOST_LOSSES = 60, 40, 30, 7, 60
_LONG = 100  # letters of a cell that is given a wide column
_FONTS = 'system-ui,"Segoe UI",Roboto,"DejaVu Sans",sans-serif'
_STYLE = f"""
body{{font:15px/1.5 {_FONTS};color:#222;margin:0 auto;max-width:1100px;padding:24px}}
h1{{font-size:1.6rem;margin:0 0 4px}}h2{{font-size:1.2rem;margin:36px 0 6px}}
p{{margin:4px 0 12px;max-width:75ch}}h1,h2,p{{overflow-wrap:anywhere}}
.scroll{{overflow-x:auto}}table{{border-collapse:collapse;font-size:13px}}
th,td{{padding:4px 10px;text-align:left;border-bottom:1px solid #e3e3e3;vertical-align:top}}
th{{position:sticky;top:0;background:#fff;border-bottom:2px solid #222}}
td:not(.n){{min-width:9em}}td.long{{min-width:34em}}td.n,th.n{{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}}
svg{{max-width:none;font:12px {_FONTS}}}
.key{{display:inline-block;width:12px;height:12px;margin:0 6px 0 0;vertical-align:-1px}}
.faint{{color:#666;font-size:13px}}
@media print{{body{{max-width:none}}.scroll{{overflow:visible}}}}
"""


def html_report(results: Results, instance: Instance) -> str:
    """The page, in the language in force.

    Parameters
    ----------
    results
        The batch, which need not be complete.
    instance
        The instance without the scenarios' changes, for names and weights.
    """
    title = str(results.manifest["title"] or instance.settings.name)
    parts = list(
        _losses(results, instance) if "losses" in results.manifest else _scenarios(results, instance)
    )
    versions = ", ".join(f"{name} {value}" for name, value in results.manifest["versions"].items() if value)
    note = str(results.manifest.get("note", ""))
    head = (
        f"<h1>{xml_text(title)}</h1><p>{xml_text(note)}</p><p>{xml_text(state_line(results))}</p>"
        f'<p class="faint">{xml_text(instance.settings.name)} · {xml_text(versions)}</p>'
    )
    return (
        f'<!doctype html>\n<html lang="{language()}"><head><meta charset="utf-8">'
        f'<meta name="viewport" content="width=device-width"><title>{xml_text(title)}</title>'
        f"<style>{_STYLE}</style></head><body>{head}{''.join(parts)}</body></html>\n"
    )


def _section(key: str, content: str, **params: object) -> str:
    about = words(f"batch.page.{key}_about", **params)
    title = xml_text(words(f"batch.page.{key}"))
    return f'<h2>{title}</h2><p>{xml_text(about)}</p><div class="scroll">{content}</div>'


def _table(found: TextTable) -> str:
    def cells(tag: str, texts: Iterable[str]) -> str:
        return "".join(
            f"<{tag}{' class=n' if is_number else ' class=long' if len(text) > _LONG else ''}>"
            f"{xml_text(text)}</{tag}>"
            for text, (_, is_number) in zip(texts, found.columns, strict=True)
        )

    rows = "".join(f"<tr>{cells('td', row)}</tr>" for row in found.rows)
    head = cells("th", [name for name, _ in found.columns])
    return f"<table><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>"


# ------------------------------------------------------------------ scenarios


def _scenarios(results: Results, instance: Instance) -> Iterable[str]:
    figures = scenario_figures(results, instance)
    columns = words("batch.markdown.columns")
    yield _section("table", _table(scenario_table(results, instance, who=True)), columns=columns)
    worst = [one for one in worst_first(figures) if one.state == "done"]
    if any(one.weight or one.broken_weight for one in worst):
        shown = [one for one in worst if one.weight or one.broken_weight][:_MOST_BARS]
        yield _section("harm", _harm(shown), number=len(shown))
        yield _section("map", _map(worst[:_MOST_BARS], instance))
    yield from _regions(results, instance)
    yield from _types(results, instance)
    yield from _costs(results, instance)


def _harm(shown: Sequence[ScenarioFigures]) -> str:
    rows = [
        Bar(
            one.name,
            one.weight,
            words("batch.page.harm_said", kept=number(one.broken_weight or 0), now=number(one.weight)),
            one.broken_weight,
        )
        for one in shown
    ]
    key = (
        f'<p><span class="key" style="background:#E69F00"></span>{xml_text(words("batch.page.harm_kept"))} '
        f'<span class="key" style="background:#0072B2;margin-left:14px"></span>'
        f"{xml_text(words('batch.page.harm_now'))}</p>"
    )
    return key + bars(rows, words("batch.page.harm"))


def _map(shown: Sequence[ScenarioFigures], instance: Instance) -> str:
    names = {one.id: one.name for one in instance.warehouses}
    areas: dict[str, set[str]] = {}
    for region in instance.regions:
        areas.setdefault(region.warehouse, set()).add(region.area_name)
    columns = [one.id for one in instance.warehouses if one.id in areas]
    said = {
        name: only[0] if len(only := sorted(areas[name])) == 1 and only[0] else names[name]
        for name in columns
    }
    cells = []
    for one in shown:
        mine = one.by_component or {}
        row = []
        for name in columns:
            if name not in mine:
                row.append(Cell(None, words("batch.page.not_planned")))
                continue
            late, weight, status = mine[name]
            text = f"{one.name} – {said[name]}: {status.value}, {number(late)} / {number(weight)}"
            row.append(
                Cell(late / max(1, weight), text, f"{100 * late / max(1, weight):.0f}" if late else "")
            )
        cells.append(row)
    return grid([one.name for one in shown], [said[name] for name in columns], cells, words("batch.page.map"))


def _regions(results: Results, instance: Instance) -> Iterable[str]:
    found = broken_regions(results, instance)
    if not found:
        return
    columns = tuple(
        (words(f"batch.column.{name}"), name in ("times", "weight_of"))
        for name in ("region", "component", "weight_of", "times", "scenarios")
    )
    names = {one.id: one.name for one in instance.warehouses}
    rows = tuple(
        (
            one.name,
            names[one.component],
            number(one.weight),
            number(len(one.scenarios)),
            "; ".join(one.scenarios),
        )
        for one in found[:_MOST_REGIONS]
    )
    yield _section("regions", _table(TextTable(columns, rows)), shown=len(rows), number=len(found))


def _types(results: Results, instance: Instance) -> Iterable[str]:
    found = type_uses(results, instance)
    if not found:
        return
    columns = tuple(
        (words(f"batch.column.{name}"), name not in ("type", "component"))
        for name in ("type", "component", "vehicles", "full", "late_weight")
    )
    names = {one.id: one.name for one in instance.warehouses}
    rows = tuple(
        (
            one.id,
            names[instance.vehicle_type_of[one.id].warehouse],
            number(one.number),
            words("cli.progress.of", planned=number(one.full), total=number(one.plans)),
            number(one.late_weight),
        )
        for one in found[:_MOST_TYPES]
    )
    yield _section("types", _table(TextTable(columns, rows)), shown=len(rows), number=len(found))


def _costs(results: Results, instance: Instance) -> Iterable[str]:
    found = cost_lines(results)
    if not found:
        return
    currency = instance.settings.currency
    series = [
        Series(
            one.name or words("batch.page.as_it_is"),
            [(at, cost, f"{at}: {money(cost, currency)}, {status.value}") for at, cost, status in one.points],
        )
        for one in found[:_MOST_LINES]
    ]
    plot = lines(series, words("batch.page.costs"), words("batch.page.late_legs"), currency)
    yield _section("costs", plot, shown=len(series), number=len(found))


# ------------------------------------------------------------------ losses


def _losses(results: Results, instance: Instance) -> Iterable[str]:
    rows = loss_file_rows(results)
    hurting = [row for row in rows if int(row["weight"] or 0) > 0]
    if hurting:
        shown = [
            Bar(row["loss"], int(row["weight"]), _loss_said(row, instance)) for row in hurting[:_MOST_LOSSES]
        ]
        yield _section(
            "loss_bars", bars(shown, words("batch.page.loss_bars")), shown=len(shown), number=len(rows)
        )
    table = _table(loss_table(results, instance, most=None))
    yield _section("losses", table, harmless=number(len(rows) - len(hurting)))


def _loss_said(row: dict[str, str], instance: Instance) -> str:
    names = region_names(row["newly_late"].split(), instance, 2)
    return f"{number(int(row['weight']))} ({names})"
