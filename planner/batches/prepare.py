"""From scenarios to runs: every scenario's instance is read and validated before any run begins."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from planner.base.errors import Fault, InputError, Severity
from planner.base.files import write_text
from planner.batches.apply import apply_changes, changed_instance, parse_changes
from planner.batches.record import versions
from planner.batches.scenarios import Scenario, Scenarios
from planner.batches.task import Mode, Search, Task, files_digest, key_of, plan_path
from planner.building.places import regions_in_area
from planner.instance.digest import digest
from planner.instance.read import RawInstance, raw_instance, tables_of
from planner.instance.schema import Instance
from planner.plans.file import plan_digest, read_plan
from planner.solving.unsupported import refuse

__all__ = ["MANIFEST", "Batch", "Setup", "prepare", "relative_to", "write_manifest"]

MANIFEST = "batch.json"
FORMAT = "batch/1"
_MOST_FAULTS = 200  # in one report


@dataclass(frozen=True, slots=True)
class Setup:
    """What holds for all runs of a batch.

    Parameters
    ----------
    folder
        The instance.
    output
        Folder of the batch.
    search
        How each run is searched.
    area
        What is planned where a scenario names nothing; empty: all.
    from_base
        Whether searches go on from the plan without changes.
    memory_mb
        Most memory of each process; None: no limit.
    changes
        Texts of changes that are made before those of each scenario.
    base
        File of a plan of the instance without changes, that all are compared with; None: it is planned first.
    """

    folder: Path
    output: Path
    search: Search
    area: str = ""
    from_base: bool = True
    memory_mb: int | None = None
    changes: tuple[str, ...] = ()
    base: Path | None = None


@dataclass(frozen=True, slots=True)
class Batch:
    """Runs that are ready to be done.

    Parameters
    ----------
    first
        The run without changes, which is done before the others; with `Mode.KEEP` it is a given plan's check.
    rest
        The others, which know its plan.
    alone
        The same without its plan, for when it fails.
    scenarios
        Each with the key of its run.
    references
        By the area of runs: one without changes that is searched as long as they are, from the same plan.
        Costs are compared with its own.
    """

    title: str
    first: Task
    rest: tuple[Task, ...]
    alone: tuple[Task, ...]
    scenarios: tuple[tuple[Scenario, str], ...]
    references: Mapping[str, Task] = field(default_factory=dict)
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class _Origin:
    """The instance without changes: its digest, and that of its files."""

    instance: str
    files: str


def prepare(scenarios: Scenarios, setup: Setup) -> Batch:
    """Make the runs of scenarios.

    Raises
    ------
    InputError
        With the faults of the instance as it is; else with those of all scenarios in one report; else P103
        or S452 where the base plan is of another instance or has begun to be carried out.
    """
    raw = raw_instance(setup.folder)
    instance, faults = tables_of(raw)
    if instance is None:
        raise InputError(one for one in faults if one.severity is Severity.ERROR)
    known: dict[tuple[str, ...], Search | list[Fault]] = {}
    always, wrong = parse_changes(setup.changes, "--change")
    meant: list[tuple[Scenario, Search]] = []
    for given in scenarios.scenarios:
        scenario = replace(given, changes=(*always, *given.changes))
        area = scenario.area or setup.area
        wrong += _area_faults(instance, scenario, area)
        texts = tuple(one.text for one in scenario.changes)
        if texts not in known:
            known[texts] = _search(raw, scenario, setup.search)
        found = known[texts]
        if isinstance(found, list):
            wrong += found
        else:
            meant.append((replace(scenario, area=area), found))
    if wrong:
        raise InputError(_not_too_many(wrong))
    origin = _Origin(digest(instance), files_digest(setup.folder))
    if setup.base is None:
        first = _task(*meant[0], setup, origin)
    else:
        first = _given(raw, *meant[0], setup, origin, setup.base)
    return _batch(scenarios, first, meant, setup, origin)


def _not_too_many(faults: list[Fault]) -> list[Fault]:
    """All faults; of more than a report can hold the first ones, and one that says so."""
    if len(faults) <= _MOST_FAULTS:
        return faults
    more = Fault("S451", "scenarios", value=str(len(faults) - _MOST_FAULTS))
    return [*faults[:_MOST_FAULTS], more]


def _area_faults(instance: Instance, scenario: Scenario, area: str) -> list[Fault]:
    try:
        regions_in_area(instance, area)
    except KeyError as error:
        return [Fault("C701", scenario.name, column="area", value=str(error.args[0]))]
    return []


def _search(raw: RawInstance, scenario: Scenario, search: Search) -> Search | list[Fault]:
    """How a scenario is searched, which its changes may say; its faults where it cannot be meant."""
    applied = apply_changes(raw, scenario.changes, Fault("", scenario.name))
    instance, faults = changed_instance(applied, scenario.name)
    if instance is None:
        return [one for one in faults if one.severity is Severity.ERROR]
    try:
        refuse(instance)
    except InputError as error:
        return [replace(one, table=f"{scenario.name}: {one.table}") for one in error.faults]
    seed = search.seed if applied.seed is None else applied.seed
    guarantee = search.guarantee if applied.guarantee is None else applied.guarantee
    return replace(search, seed=seed, guarantee=guarantee)


def _batch(
    asked: Scenarios, first: Task, meant: Sequence[tuple[Scenario, Search]], setup: Setup, origin: _Origin
) -> Batch:
    others = meant[1:]
    rest = tuple(_task(scenario, one, setup, origin, base=first) for scenario, one in others)
    alone = tuple(_task(scenario, one, setup, origin) for scenario, one in others)
    keys = [first.key, *(task.key for task in rest)]
    named = tuple((scenario, key) for (scenario, _), key in zip(meant, keys, strict=True))
    more = {"note": asked.note} | ({} if setup.base is None else {"plan": setup.base.name})
    as_it_is, search = meant[0]
    areas = dict.fromkeys(scenario.area for scenario, _ in others)
    references = {
        area: _task(replace(as_it_is, area=area), search, setup, origin, base=first) for area in areas
    }
    return Batch(asked.title, first, rest, alone, named, references, more)


def _given(
    raw: RawInstance, scenario: Scenario, search: Search, setup: Setup, origin: _Origin, path: Path
) -> Task:
    """The run that checks a given plan, which all others are compared with."""
    plan = read_plan(path)
    applied = apply_changes(raw, scenario.changes, Fault("", scenario.name))
    instance, _ = changed_instance(applied)
    assert instance is not None  # it was tried before
    if digest(instance) != plan.instance_digest:
        params = {"actual": digest(instance)}
        raise InputError([Fault("P103", str(path), value=plan.instance_digest, params=params)])
    if any(one.begun for one in plan.trips):
        raise InputError([Fault("S452", str(path))])
    asked = plan.options.get("guarantee", "")
    search = replace(search, guarantee=int(asked) if asked else None)
    task = _task(replace(scenario, area=plan.options.get("area", "")), search, setup, origin)
    given = plan_digest(plan, instance.clock)
    return replace(
        task,
        key=key_of(origin.instance, task.changes, task.area, search, base=given, mode=Mode.KEEP),
        mode=Mode.KEEP,
        base=str(path.resolve()),
        from_base=True,
    )


def _task(
    scenario: Scenario, search: Search, setup: Setup, origin: _Origin, *, base: Task | None = None
) -> Task:
    goes_on = base is not None and setup.from_base
    texts = tuple(one.text for one in scenario.changes)
    said = "" if base is None else f"{base.key}:{goes_on}"
    return Task(
        key=key_of(origin.instance, texts, scenario.area, search, base=said),
        name=scenario.name,
        folder=str(setup.folder.resolve()),
        changes=texts,
        files=origin.files,
        area=scenario.area,
        search=search,
        output=str(setup.output.resolve()),
        base="" if base is None else str(plan_path(setup.output.resolve(), base.key)),
        from_base=goes_on,
        memory_mb=setup.memory_mb,
    )


def relative_to(path: Path, folder: Path) -> str:
    """A path as seen from a folder, with slashes; absolute where there is no way (another drive)."""
    try:
        return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()
    except ValueError:
        return path.resolve().as_posix()


def write_manifest(batch: Batch, setup: Setup, source: Path) -> Path:
    """Write what the batch is about, by which a report finds its results.

    Parameters
    ----------
    batch, setup
        The batch.
    source
        The file it was made from.
    """
    document = {
        "format": FORMAT,
        "title": batch.title,
        "source": source.name,
        "instance": relative_to(setup.folder, setup.output),
        "base": batch.first.key,
        "search": asdict(setup.search),
        "from_base": setup.from_base,
        "all_changes": list(setup.changes),
        "versions": versions(),
        "scenarios": [
            {
                "name": one.name,
                "key": key,
                "area": one.area,
                "changes": [change.text for change in one.changes],
                "axes": dict(one.axes),
                "note": one.note,
                "source": one.source,
            }
            for one, key in batch.scenarios
        ],
        "references": {area: task.key for area, task in batch.references.items()},
        **batch.more,
    }
    text = json.dumps(document, ensure_ascii=False, indent=1) + "\n"
    return write_text(setup.output / MANIFEST, text)
