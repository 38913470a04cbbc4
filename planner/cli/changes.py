"""The option ``--change``, and an instance read with changes made."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.base.safe_text import shell_word
from planner.base.text import words
from planner.cli.terminal import say

if TYPE_CHECKING:
    from planner.instance.schema import Instance
    from planner.plans.model import Plan

__all__ = ["change_option", "change_words", "instance_with", "tell_of_changes"]


def change_option() -> click.Option:
    """``--change TEXT``, which may be given several times."""
    return click.Option(["--change", "changes"], multiple=True, help=words("batch.change_option"))


def instance_with(folder: Path, changes: Sequence[str]) -> Instance:
    """Read an instance with changes made; what these ask of a solve does not matter here."""
    if not changes:
        from planner.instance.read import read_instance

        return read_instance(folder)
    from planner.batches.apply import read_changed

    return read_changed(folder, changes).instance


def tell_of_changes(plan: Plan, changes: Sequence[str]) -> None:
    """Say so where a plan was made with other changes than are given."""
    from planner.batches.changes import made_with

    its_own = made_with(plan.options)
    if list(its_own) != list(changes):
        said = change_words(its_own).strip() or words("batch.no_changes")
        say(words("batch.made_with", changes=said), err=True)


def change_words(changes: Sequence[str]) -> str:
    """The changes as options of a command that can be copied, with a space before each."""
    return "".join(f" --change {shell_word(one)}" for one in changes)
