"""Which plan is in force: a small file beside the plans, to which every approval is added."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.base.errors import Fault, InputError
from planner.base.files import write_text
from planner.base.locking import LockedError, locked
from planner.base.opening import FileSort, text_of_file
from planner.store.place import has_store

if TYPE_CHECKING:
    from planner.store.mirror import Book

__all__ = ["REGISTRY", "Approval", "add_approval", "approvals", "in_force"]

REGISTRY = "in_force.json"
FORMAT = "in_force/1"


@dataclass(frozen=True, slots=True)
class Approval:
    """One approval of a plan.

    Parameters
    ----------
    plan
        Name of its file, in the folder of the registry.
    digest
        Of the plan's content.
    instance_name, instance
        What it is for, and the folder of the tables, relative to the registry's where that can be.
    events
        Name of the table of reports that belongs to it.
    by, at, note
        Who approved it, when (ISO 8601 with offset), and why.
    """

    plan: str
    digest: str
    instance_name: str
    instance: str
    events: str
    by: str
    at: str
    note: str = ""


def approvals(folder: Path) -> tuple[Approval, ...]:
    """All approvals in a folder, the first one first; none where there is no registry.

    Raises
    ------
    InputError
        If the registry cannot be read (E950).
    """
    path = Path(folder) / REGISTRY
    if has_store(path.parent):
        return _stored(path)
    try:
        text = text_of_file(path, FileSort.REGISTRY)
    except FileNotFoundError:
        return ()
    except (OSError, UnicodeDecodeError) as error:
        raise _unreadable(path, str(error)) from None
    try:
        document = json.loads(text)
        if document["format"] != FORMAT:
            raise _unreadable(path, str(document["format"]))
        return tuple(_approval(one) for one in document["approvals"])
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unreadable(path, str(error)) from None


def _stored(path: Path) -> tuple[Approval, ...]:
    """All approvals of a folder that has a store."""
    from planner.store.mirror import mirror_content

    book = _book()
    content = mirror_content(path, book)
    return () if content is None else tuple(Approval(**row) for row in book.read(content).rows)


def _book() -> Book:
    """The registry as a mirror of a store."""
    from planner.store.books import list_book

    return list_book("approval", FORMAT, "approvals", [field.name for field in fields(Approval)])


def _approval(one: dict[str, Any]) -> Approval:
    names = {field.name for field in fields(Approval)}
    if set(one) != names or not all(isinstance(value, str) for value in one.values()):
        msg = "approval"
        raise ValueError(msg)
    return Approval(**one)


def _unreadable(path: Path, reason: str) -> InputError:
    return InputError([Fault("E950", REGISTRY, value=str(path), params={"reason": reason})])


def in_force(folder: Path) -> tuple[Approval, ...]:
    """The plans in force: the last approval for each instance, the latest first."""
    last: dict[str, Approval] = {}
    for one in approvals(folder):
        last.pop(one.instance_name, None)
        last[one.instance_name] = one
    return tuple(reversed(last.values()))


def add_approval(
    folder: Path,
    approval: Approval,
    *,
    after: Sequence[Approval] | None = None,
    files: Mapping[str, bytes] | None = None,
    wait_s: float = 20.0,
) -> str:
    """Add an approval; what was approved before stays in the file.

    Parameters
    ----------
    folder, approval
        Where, and what.
    after
        All approvals when it was decided; None: whatever there are.
    files
        Bytes of the plan and of the tables it rests on, by name, which a store keeps.
    wait_s
        How long to wait for others who approve.

    Returns
    -------
    str
        The head of the store's chain, which has the approval; empty where there is no store.

    Raises
    ------
    InputError
        If the registry cannot be read, another process keeps it too long (E931), or another plan for the same
        instance was approved since (E976).
    """
    path = Path(folder) / REGISTRY
    if has_store(path.parent):
        return _add_to_store(path, approval, after, files or {}, wait_s)
    try:
        with locked(path, wait_s=wait_s):
            there = approvals(folder)
            _refuse_overtaken(there, approval, after)
            write_text(path, _text([*there, approval]))
    except LockedError:
        raise InputError([Fault("E931", REGISTRY, value=str(path))]) from None
    return ""


def _add_to_store(
    path: Path,
    approval: Approval,
    after: Sequence[Approval] | None,
    files: Mapping[str, bytes],
    wait_s: float,
) -> str:
    from planner.store.mirror import adding

    with adding(path, _book(), wait_s) as shelf:
        there = approvals(path.parent)
        _refuse_overtaken(there, approval, after)
        shelf.rows.append(asdict(approval))
        shelf.text = _text([*there, approval]).encode("utf-8")
        shelf.more = {"files": shelf.work.keep_files(files)}
    return shelf.head


def _refuse_overtaken(
    there: Sequence[Approval], approval: Approval, after: Sequence[Approval] | None
) -> None:
    """Raise where another plan was approved since it was decided."""
    for one in () if after is None else there[len(after) :]:
        if one.instance_name == approval.instance_name:
            params = {"by": one.by, "plan": one.plan}
            raise InputError([Fault("E976", REGISTRY, value=approval.plan, params=params)])


def _text(rows: Sequence[Approval]) -> str:
    document = {"format": FORMAT, "approvals": [asdict(one) for one in rows]}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
