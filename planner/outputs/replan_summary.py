"""What a replan says of itself: changes in a few lines, and figures for machines."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from planner.base.text import words
from planner.instance.call_signs import call_signs
from planner.instance.schema import Instance
from planner.outputs.figures import duration, moment, money, number
from planner.outputs.summary import plan_figures
from planner.proof.certificate import knowledge_document
from planner.replanning.net import TakenKind
from planner.replanning.pipeline import ReplanResult
from planner.replanning.stability import StabilityStep

__all__ = ["change_lines", "notice_line", "replan_figures", "search_lines", "step_columns", "step_rows"]


def replan_figures(
    result: ReplanResult,
    *,
    wall_s: float,
    plan_path: str,
    instance: Instance,
    events: Iterable[Mapping[str, str]] = (),
    steps: Sequence[StabilityStep] = (),
    most_changes: int | None = None,
    notice_s: int | None = None,
) -> dict[str, object]:
    """The object that ``plan replan --json`` prints.

    Parameters
    ----------
    result
        The replan.
    wall_s, plan_path
        How long it took, and where the plan is.
    instance
        What the plan is for.
    events
        Reports made of differences between tables.
    steps
        The curve of stability, where it was asked for.
    most_changes
        No more regions were to change than this; None: any number.
    notice_s
        Seconds of notice before what is ordered anew; None: it is not told.
    """
    figures = plan_figures(result.plan, instance, wall_s=wall_s, plan_path=plan_path)
    figures["status"] = result.verdict.answer.value
    figures["as_reported"] = result.verdict.as_reported
    history = result.verdict.history
    if history is not None and result.verdict.as_reported:
        figures["plan_missing"] = history.missing
        figures["events_only_told"] = list(history.only_told)
    if result.verdict.knowledge is not None:
        figures["knowledge"] = knowledge_document(result.verdict.knowledge, instance.clock)
    figures["not_guaranteed"] = list(result.verdict.robustness.not_guaranteed)
    figures["regions_hit"] = list(result.regions_hit)
    figures["regions_changed"] = list(result.regions_changed)
    figures["vehicles_called"] = sorted(result.changes.vehicles)
    figures["call_signs"] = {name: call_signs(instance).of(name) for name in sorted(result.changes.vehicles)}
    figures["hubs_called"] = sorted(result.changes.hubs)
    figures["components_untouched"] = list(result.untouched)
    figures["components_taken"] = {
        name: {
            "taken": one.kind.value,
            "rejected": one.rejected,
            "rules": list(one.rules),
            "failed": one.failed,
        }
        for name, one in result.taken.items()
    }
    if notice_s is not None:
        figures["notice_min"] = notice_s // 60
    figures["worked_s"] = round(result.worked_s, 3)
    figures["components_searched_longer"] = list(result.longer)
    if most_changes is not None:
        figures["changes_over_max"] = _over(result, most_changes)
    if events:
        figures["events_of_tables"] = [dict(one) for one in events]
    if steps:
        figures["stability"] = [
            {
                "allowed": one.allowed,
                "changed": one.changed,
                "status": one.result.verdict.answer.value,
                "regions_on_time": one.result.plan.regions_on_time,
                "cost": one.result.plan.cost,
                "smallest_margin_s": one.result.plan.smallest_margin_s,
            }
            for one in steps
        ]
    return figures


def _over(result: ReplanResult, most_changes: int) -> int:
    """How many more regions change than were to."""
    return max(0, len(result.changes.regions) - most_changes)


def change_lines(result: ReplanResult, most_changes: int | None = None) -> list[str]:
    """What is hit, what changes (and whether more than was allowed), who must be called."""
    hit, changed = len(result.regions_hit), len(result.regions_changed)
    if not hit and not result.changes.regions and not result.changes.people:
        return [words("replan.nothing")]
    over = 0 if most_changes is None else _over(result, most_changes)
    total = number(len(result.changes.regions))
    return [
        *([words("replan.over", total=total, most=number(most_changes or 0))] if over else []),
        words("replan.hit", hit=number(hit), total=number(len(result.plan.regions))),
        words("replan.changed", changed=number(changed)),
        words(
            "replan.called",
            vehicles=number(len(result.changes.vehicles)),
            hubs=number(len(result.changes.hubs)),
        ),
    ]


def notice_line(result: ReplanResult, notice_s: int, now_s: int, instance: Instance) -> str:
    """From when what is ordered anew begins; empty where nothing is, or people need no notice.

    Parameters
    ----------
    result
        The replan.
    notice_s, now_s
        The notice in seconds, and the moment of the replan.
    instance
        Has the clock.
    """
    if not notice_s or not result.changes.people:
        return ""
    earliest = moment(now_s + notice_s, instance.clock)
    return words("replan.noticed", notice=duration(notice_s), earliest=earliest)


def search_lines(result: ReplanResult, limit_s: float) -> list[str]:
    """Where not the best was taken, and why; and where it was searched longer than was asked.

    Parameters
    ----------
    result
        The replan.
    limit_s
        The time limit that was asked for, in seconds.
    """
    found = []
    for name, one in result.taken.items():
        why = words("replan.search_failed", what=one.failed) if one.failed else ", ".join(one.rules)
        if one.kind is TakenKind.NEXT:
            found.append(words("replan.taken_next", component=name, rejected=number(one.rejected), why=why))
        elif one.kind is TakenKind.BY_ITSELF:
            found.append(words("replan.taken_by_itself", component=name, why=why))
    if result.longer:
        worked, limit = f"{result.worked_s:.1f}", f"{limit_s:.1f}"
        components = ", ".join(result.longer)
        found.append(words("replan.longer", worked=worked, limit=limit, components=components))
    return found


def step_columns() -> list[tuple[str, bool]]:
    """Titles of the table of stability, and whether a column is of numbers."""
    names = ("allowed", "changes", "on_time", "cost", "margin", "status")
    return [(words(f"replan.column.{name}"), name != "status") for name in names]


def step_rows(steps: Sequence[StabilityStep], instance: Instance) -> list[tuple[str, ...]]:
    """Cells of the table of stability."""
    currency = instance.settings.currency
    found: list[tuple[str, ...]] = []
    for one in steps:
        plan = one.result.plan
        margin_s = plan.smallest_margin_s
        found.append(
            (
                words("replan.any") if one.allowed is None else number(one.allowed),
                number(one.changed),
                number(plan.regions_on_time),
                money(plan.cost, currency),
                "" if margin_s is None else duration(margin_s),
                one.result.verdict.answer.value,
            )
        )
    return found
