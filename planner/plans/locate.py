"""Which plan, tables and reports are meant where the command line does not say."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from planner.base.clock import Clock
from planner.base.errors import Fault, InputError
from planner.base.opening import FileSort, content_of
from planner.base.text import words
from planner.instance.digest import digest, table_digests
from planner.instance.read import read_instance
from planner.instance.schema import TABLES, Instance
from planner.instance.settings import PLAN_FILE
from planner.instance.sheet_names import book_path, book_suffix
from planner.plans.file import plan_digest, read_plan_clock
from planner.plans.model import Plan
from planner.plans.registry import REGISTRY, Approval, approvals, in_force

__all__ = ["Found", "events_path", "files_of", "find", "find_any"]

FOLDERS = (".", "plans")


@dataclass(frozen=True)
class Found:
    """A plan with what belongs to it.

    Parameters
    ----------
    path, plan, clock
        The plan.
    folder, instance
        The tables it was made for.
    events
        Its table of reports, which need not be there yet.
    approval
        The approval by which it is in force; None: it is not.
    other
        The plan in force instead of it, for the same instance; None: there is none.
    """

    path: Path
    plan: Plan
    clock: Clock
    folder: Path
    instance: Instance
    events: Path
    approval: Approval | None
    other: Approval | None


def find(plan: Path | None, folder: Path | None = None, events: Path | None = None) -> Found:
    """The plan that is meant, with its tables and reports.

    Parameters
    ----------
    plan
        Its file; None, or a folder: the plan in force there (in this folder or in ``plans``).
    folder
        Folder of the tables; None: that of the approval, else one near the plan with the plan's digest.
    events
        The table of reports; None: that of the approval, else ``PLAN.events.csv`` beside the plan.

    Raises
    ------
    InputError
        If no plan is in force (E951) or several are (E952), it was changed since (E953), the tables are not
        found (E954), or a file cannot be read.
    """
    path = _in_force(plan) if plan is None or plan.is_dir() else plan
    found = find_any(path, folder, events)
    if found.approval is not None and found.approval.digest != plan_digest(found.plan, found.clock):
        params = {"by": found.approval.by, "at": found.approval.at}
        raise InputError([Fault("E953", path.name, value=str(path), params=params)])
    return found


def find_any(path: Path, folder: Path | None = None, events: Path | None = None) -> Found:
    """A plan with its tables and reports, though it was changed since it was approved."""
    found, clock = read_plan_clock(path)
    mine = [one for one in approvals(path.parent) if one.instance_name == found.instance_name]
    last = mine[-1] if mine else None
    own = last if last is not None and last.plan == path.name else None
    said = None if last is None else path.parent / last.instance
    where, instance = _tables(path, found, folder, said)
    return Found(
        path=path,
        plan=found,
        clock=clock,
        folder=where,
        instance=instance,
        events=events if events is not None else events_path(path, last),
        approval=own,
        other=None if own is not None else last,
    )


def files_of(found: Found) -> dict[str, bytes]:
    """The bytes of a plan and of the tables it rests on, by name."""
    place, book = found.folder, book_path(found.folder)
    names = [] if book is not None else sorted(entry.name for entry in os.scandir(place))
    paths = [place / name for name in names if name == PLAN_FILE or name.removesuffix(".csv") in TABLES]
    paths += [] if book is None else [book]
    tables_by_name = {f"tables/{path.name}": content_of(path, FileSort.TABLE) for path in paths}
    return {found.path.name: content_of(found.path, FileSort.PLAN), **tables_by_name}


def events_path(plan: Path, approval: Approval | None = None) -> Path:
    """The table of reports of a plan: that of the plan in force, else one with the plan's own name."""
    if approval is not None:
        return plan.parent / approval.events
    return plan.with_name(f"{plan.stem}.events.csv")


def _in_force(folder: Path | None) -> Path:
    places = [Path(one) for one in FOLDERS] if folder is None else [folder]
    for place in places:
        found = in_force(place)
        if len(found) > 1:
            names = ", ".join(sorted(one.plan for one in found))
            raise InputError([Fault("E952", REGISTRY, value=str(place / REGISTRY), params={"plans": names})])
        if found:
            return place / found[0].plan
    raise InputError([Fault("E951", REGISTRY, value=str(places[-1]))])


def _tables(path: Path, plan: Plan, folder: Path | None, said: Path | None) -> tuple[Path, Instance]:
    """The folder of the tables; given ones may have changed only where `find` is not asked to compare."""
    if folder is not None:
        instance = read_instance(folder)
        if digest(instance) != plan.instance_digest:
            params = {"actual": digest(instance)}
            raise InputError([Fault("P103", str(path), value=plan.instance_digest, params=params)])
        return folder, instance
    seen: set[Path] = set()
    changed: list[tuple[Path, Instance]] = []
    for place in _near(path, said):
        where = place.resolve()
        if where in seen or not ((place / PLAN_FILE).is_file() or book_path(place)):
            continue
        seen.add(where)
        try:
            instance = read_instance(place)
        except InputError:
            continue
        if digest(instance) == plan.instance_digest:
            return place, instance
        if instance.settings.name == plan.instance_name:
            changed.append((place, instance))
    raise InputError(
        [Fault("E954", path.name, value=plan.instance_name, params={"why": _why(plan, changed)})]
    )


def _why(plan: Plan, changed: Sequence[tuple[Path, Instance]]) -> str:
    """Why the tables of a plan are not found: which of them were changed, as far as the plan tells."""
    if not changed:
        return words("replan.tables_nowhere")
    folder, instance = changed[0]
    now, then = table_digests(instance), plan.instance_tables
    names = [name for name in dict.fromkeys((*then, *now)) if then and then.get(name) != now.get(name)]
    files = [PLAN_FILE if name == "settings" else f"{name}.csv" for name in names]
    if not files:
        return words("replan.tables_changed", folder=folder)
    return words("replan.tables_named", folder=folder, tables=", ".join(files))


def _near(path: Path, said: Path | None) -> Iterator[Path]:
    """Folders in which the tables of a plan may be, the likeliest first."""
    if said is not None:
        yield said
    yield from (path.parent, path.parent.parent, Path("."))
    for place in (path.parent, path.parent.parent, Path(".")):
        for folder in (place, place / "instances"):
            if folder.is_dir():
                inside = sorted(os.scandir(folder), key=lambda entry: entry.name)
                places = [Path(entry.path) for entry in inside]
                yield from (one for one in places if one.is_dir() or book_suffix(one))
