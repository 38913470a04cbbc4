"""The runs of a plan's losses, and the table that ranks them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from planner.base.errors import Fault, InputError
from planner.base.files import write_text
from planner.batches.apply import parse_changes
from planner.batches.changes import Change
from planner.batches.losses import Loss, LossKind, losses_of
from planner.batches.prepare import Batch, Setup
from planner.batches.record import weight_of
from planner.batches.result_tables import rows_text
from planner.batches.results import Results
from planner.batches.scenarios import AS_IT_IS, Scenario
from planner.batches.summary import compared
from planner.batches.task import Mode, Search, Task, files_digest, key_of
from planner.building.places import regions_in_area
from planner.instance.schema import Instance
from planner.plans.file import plan_digest
from planner.plans.model import Plan, RegionResult, RegionStatus

__all__ = ["LOSS_COLUMNS", "loss_rows", "prepare_losses", "write_losses"]

LOSS_COLUMNS = (
    "rank",
    "loss",
    "how",
    "components",
    "state",
    "status",
    "newly_late",
    "weight",
    "weight_most",
    "settled",
    "newly_not_guaranteed",
    "weight_not_guaranteed",
    "late_if_kept",
    "weight_if_kept",
    "cut_off",
    "cost_change",
    "cost_spread",
    "seeds",
    "smallest_margin_s",
    "checked",
    "wall_s",
    "key",
    "plan",
    "reason",
)


def prepare_losses(plan: Plan, path: Path, instance: Instance, kind: LossKind, setup: Setup) -> Batch:
    """Make the runs of all losses of a kind.

    Parameters
    ----------
    plan, path
        The plan, already checked, and its file.
    instance
        What the plan was made for.
    kind
        What is lost.
    setup
        How; its area limits the losses to components with regions there.

    Raises
    ------
    InputError
        S452 if the plan has begun to be carried out; C701 if the area is unknown; S453 if it has nothing
        of the kind to lose there.
    """
    if any(one.begun for one in plan.trips):
        raise InputError([Fault("S452", str(path))])
    try:
        asked = {one.warehouse for one in regions_in_area(instance, setup.area)}
    except KeyError as error:
        raise InputError([Fault("C701", "--area", value=str(error.args[0]))]) from error
    losses = [one for one in losses_of(kind, plan, instance) if asked & set(one.components)]
    if not losses:
        raise InputError([Fault("S453", "--lose-each", value=kind.value)])
    maker = _Maker(plan, path, instance, setup, files_digest(setup.folder), plan_digest(plan, instance.clock))
    first = maker.task(AS_IT_IS, (), Mode.KEEP, {}, plan.options.get("area", ""))
    tasks, named = [], [(Scenario(AS_IT_IS, (), first.area), first.key)]
    rows = []
    for loss in losses:
        area = maker.area_of(loss.components)
        task = maker.task(loss.name, loss.changes, loss.mode, loss.renamed, area)
        tasks.append(task)
        named.append((Scenario(loss.name, _changes(loss), area), task.key))
        rows.append({"how": loss.how.value, "components": list(loss.components)})
    more = {"losses": rows, "lost": kind.value, "plan": path.name}
    areas = {task.area for task in tasks if task.mode is Mode.SOLVE}
    references = {area: maker.task(AS_IT_IS, (), Mode.SOLVE, {}, area) for area in sorted(areas)}
    return Batch(plan.instance_name, first, tuple(tasks), tuple(tasks), tuple(named), references, more)


def _changes(loss: Loss) -> tuple[Change, ...]:
    changes, faults = parse_changes(loss.changes, loss.name)
    assert not faults, loss.changes
    return changes


@dataclass
class _Maker:
    """Makes the runs about one plan."""

    plan: Plan
    path: Path
    instance: Instance
    setup: Setup
    files: str
    digest: str
    areas: dict[tuple[str, ...], str] = field(default_factory=dict)  # by components

    def task(
        self,
        name: str,
        changes: Sequence[str],
        mode: Mode,
        renamed: Mapping[str, str],
        area: str,
    ) -> Task:
        """One run."""
        asked = self.plan.options.get("guarantee", "")
        search: Search = replace(self.setup.search, guarantee=int(asked) if asked else None)
        texts = (*self.setup.changes, *changes)
        mine = key_of(
            self.plan.instance_digest, texts, area, search, base=self.digest, mode=mode, renamed=renamed
        )
        return Task(
            key=mine,
            name=name,
            folder=str(self.setup.folder.resolve()),
            changes=texts,
            files=self.files,
            area=area,
            search=search,
            output=str(self.setup.output.resolve()),
            base=str(self.path.resolve()),
            from_base=True,
            mode=mode,
            renamed=dict(renamed),
            memory_mb=self.setup.memory_mb,
            fresh=False,
        )

    def area_of(self, components: tuple[str, ...]) -> str:
        """Ids of the plan's regions in these components and in those that send them goods or get some."""
        if components not in self.areas:
            linked = set(components)
            for trip in self.plan.trips:
                ends = {trip.origin_id, *(stop.node_id for stop in trip.stops if stop.items)}
                if len(ends) > 1 and ends & linked:
                    linked |= ends
            mine = [name for one in self.plan.components if one.id in linked for name in one.regions]
            self.areas[components] = ",".join(mine)
        return self.areas[components]


def loss_rows(results: Results, plan: Plan, instance: Instance) -> list[dict[str, Any]]:
    """A row for each loss, the worst first.

    They are ranked by the weight of the regions that become late, then by that of those no longer guaranteed,
    then by cost where that differs by more than seeds make.

    Parameters
    ----------
    results
        Of the losses.
    plan, instance
        The plan and what it was made for.
    """
    before = {one.region_id: one for one in plan.regions}
    base = results.base
    doubtful = {one["id"] for one in base["regions"] if not one["guaranteed"]} if base else set()
    cut_before = set(base["cut_off"]) if base else set()
    rows = []
    for entry, about in zip(results.entries[1:], results.manifest["losses"], strict=True):
        row: dict[str, Any] = {
            "loss": entry.name,
            "how": about["how"],
            "components": " ".join(about["components"]),
            "state": entry.state,
            "key": entry.about["key"],
            "plan": entry.plan,
        }
        result = entry.result
        if result is None:
            row["reason"] = entry.reason
            rows.append(row)
            continue
        late = _newly(
            [one["id"] for one in result["regions"] if one["status"] != RegionStatus.ON_TIME.value], before
        )
        unsure = [
            one["id"]
            for one in result["regions"]
            if not one["guaranteed"] and one["id"] not in doubtful and one["id"] not in late
        ]
        kept = result.get("kept", {"broken": (), "weight": 0})
        margins = [one["smallest_margin_s"] for one in result["components"]]
        tries = result.get("tries", ())
        weights = [
            sum(weight_of(instance, name) for name in _newly(one["late_regions"], before)) for one in tries
        ]
        planned = result["mode"] == Mode.SOLVE.value
        against = results.reference(str(entry.about["area"])) if planned else base
        cost = compared(result, against)
        row |= {
            "status": result["status"],
            "newly_late": " ".join(late),
            "weight": (weight := sum(weight_of(instance, name) for name in late)),
            "weight_most": max([weight, *weights]),
            "settled": "yes" if not tries or any(one["settled"] for one in tries) else "no",
            "newly_not_guaranteed": " ".join(unsure),
            "weight_not_guaranteed": sum(weight_of(instance, name) for name in unsure),
            "late_if_kept": " ".join(one["id"] for one in kept["broken"]),
            "weight_if_kept": kept["weight"],
            "cut_off": " ".join(name for name in result["cut_off"] if name not in cut_before),
            "cost_change": cost.change,
            "cost_spread": cost.spread,
            "seeds": len(tries) or None,
            "smallest_margin_s": min((one for one in margins if one is not None), default=None),
            "checked": "yes" if result["checked"] else "no",
            "wall_s": result["wall_s"],
        }
        rows.append(row)
    rows.sort(
        key=lambda row: (
            -row.get("weight", 0),
            -row.get("weight_not_guaranteed", 0),
            -_beyond_seeds(row),
            row["loss"],
        )
    )
    return [{"rank": rank} | row for rank, row in enumerate(rows, start=1)]


def _beyond_seeds(row: Mapping[str, Any]) -> int:
    """How much dearer a loss is; 0 where seeds alone make as much."""
    change = row.get("cost_change") or 0
    return change if abs(change) > (row.get("cost_spread") or 0) else 0


def _newly(late: Sequence[str], before: Mapping[str, RegionResult]) -> list[str]:
    """Those of some regions that were on time before."""
    return [name for name in late if before[name].status is RegionStatus.ON_TIME]


def write_losses(results: Results, rows: Sequence[Mapping[str, Any]]) -> Path:
    """Write ``losses.csv`` beside the manifest."""
    return write_text(results.folder / "losses.csv", rows_text(LOSS_COLUMNS, rows))
