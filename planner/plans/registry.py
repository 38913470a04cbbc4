"""Which plan is in force: a small file beside the plans, to which every approval is added."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from planner.base.errors import Fault, InputError
from planner.base.files import write_text
from planner.base.locking import LockedError, locked
from planner.base.opening import FileSort, text_of_file

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
    folder: Path, approval: Approval, *, after: Sequence[Approval] | None = None, wait_s: float = 20.0
) -> Path:
    """Add an approval; what was approved before stays in the file.

    Parameters
    ----------
    folder, approval
        Where, and what.
    after
        All approvals when it was decided; None: whatever there are.
    wait_s
        How long to wait for others who approve.

    Raises
    ------
    InputError
        If the registry cannot be read, another process keeps it too long (E931), or another plan for the same
        instance was approved since (E976).
    """
    path = Path(folder) / REGISTRY
    try:
        with locked(path, wait_s=wait_s):
            there = approvals(folder)
            since = () if after is None else there[len(after) :]
            for one in since:
                if one.instance_name == approval.instance_name:
                    params = {"by": one.by, "plan": one.plan}
                    raise InputError([Fault("E976", REGISTRY, value=approval.plan, params=params)])
            return write_text(path, _text([*there, approval]))
    except LockedError:
        raise InputError([Fault("E931", REGISTRY, value=str(path))]) from None


def _text(rows: Sequence[Approval]) -> str:
    document = {"format": FORMAT, "approvals": [asdict(one) for one in rows]}
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
