"""The table of a batch as a page of Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from planner.base.safe_text import markdown_code, markdown_text
from planner.base.text import words
from planner.batches.results import Results
from planner.batches.summary import broken_regions
from planner.batches.text_tables import TextTable, loss_table, scenario_table, state_line
from planner.instance.schema import Instance

__all__ = ["markdown_report"]

_MOST_REGIONS = 20


def markdown_report(results: Results, instance: Instance) -> str:
    """What each scenario is, what it breaks, what planning anew saves, and which regions break most often."""
    manifest = results.manifest
    about = _options(manifest)
    losses = "losses" in manifest
    found = loss_table(results, instance) if losses else scenario_table(results, instance, who=True)
    lines = [
        f"# {markdown_text(str(manifest['title'] or instance.settings.name))}",
        "",
        words("batch.markdown.about", source=markdown_code(str(manifest["source"])), options=about),
        "",
        *([markdown_text(str(manifest["note"])), ""] if manifest.get("note") else []),
        state_line(results),
        "",
        *_table(found),
        "",
    ]
    if losses:
        return "\n".join(lines).rstrip() + "\n"
    lines += [
        words("batch.markdown.columns"),
        "",
        f"## {words('batch.markdown.scenarios')}",
        "",
    ]
    for entry in results.entries:
        if not entry.about["changes"]:
            continue
        note, source = entry.about["note"], entry.about["source"]
        lines.append(f"### {markdown_text(entry.name)}")
        lines += ["", markdown_text(note)] if note else []
        lines += ["", words("batch.markdown.source", source=markdown_text(source))] if source else []
        lines += ["", *(f"- {markdown_code(one)}" for one in entry.about["changes"])]
        lines.append("")
    broken = broken_regions(results, instance)
    if broken:
        lines += [f"## {words('batch.markdown.regions')}", ""]
        columns = tuple(
            (words(f"batch.column.{name}"), name == "times") for name in ("region", "times", "scenarios")
        )
        rows = tuple(
            (f"{one.name} ({one.id})", str(len(one.scenarios)), "; ".join(one.scenarios))
            for one in broken[:_MOST_REGIONS]
        )
        lines += [*_table(TextTable(columns, rows)), ""]
        if len(broken) > len(rows):
            lines += [words("batch.more", number=len(broken) - len(rows)), ""]
    return "\n".join(lines).rstrip() + "\n"


def _options(manifest: Mapping[str, object]) -> str:
    search = manifest["search"]
    assert isinstance(search, Mapping)
    if search["effort"] is not None:
        limit = f"--effort {search['effort']}"
    else:
        limit = f"--time-limit {search['time_limit_s']:g}"
    late_legs = "" if search["guarantee"] is None else f" --guarantee {search['guarantee']}"
    plan = f" --base {manifest['plan']}" if manifest.get("plan") else ""
    seeds = f"--seed {search['seed']} --seeds {search.get('seeds', 1)}"
    return markdown_code(f"{limit} {seeds}{late_legs}{plan}")


def _table(found: TextTable) -> Sequence[str]:
    head = "| " + " | ".join(markdown_text(name) for name, _ in found.columns) + " |"
    rule = "|" + "|".join("---:" if is_number else "---" for _, is_number in found.columns) + "|"
    return [head, rule, *("| " + " | ".join(map(markdown_text, row)) + " |" for row in found.rows)]
