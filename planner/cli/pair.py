"""A plan together with the folder it was made from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from planner.base.errors import Fault, InputError
from planner.cli.changes import instance_with, tell_of_changes

if TYPE_CHECKING:
    from planner.instance.schema import Instance
    from planner.plans.model import Plan

__all__ = ["read_pair"]


def read_pair(plan: Path, folder: Path, changes: Sequence[str] = ()) -> tuple[Plan, Instance]:
    """Read a plan and its instance, with the changes that the plan was made with.

    Raises
    ------
    InputError
        Where one of them cannot be read, or the plan was made for other files (P103).
    """
    from planner.instance.digest import digest
    from planner.plans.file import read_plan

    found = read_plan(plan)
    instance = instance_with(folder, changes)
    tell_of_changes(found, changes)
    if digest(instance) != found.instance_digest:
        params = {"actual": digest(instance)}
        raise InputError([Fault("P103", str(plan), value=found.instance_digest, params=params)])
    return found, instance
