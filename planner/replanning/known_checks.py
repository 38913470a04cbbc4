"""Plans that this program has found to keep all rules before: a day of replans judges each plan once.

Only replans use it, for the plans before the one in force; `plan check` judges all of them each time.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

from planner.base.files import write_text
from planner.base.opening import FileSort, text_of_file
from planner.instance.digest import digest
from planner.instance.schema import Instance
from planner.proof.measures import Measure
from planner.proof.verdict import Override
from planner.propose.sisr.kernel.cache import user_folder

__all__ = ["KnownChecks", "folder_of_user"]

_JUDGES = ("base", "events", "instance", "plans", "proof")  # folders of the program that a check runs through
_MOST = 500  # files kept


def folder_of_user() -> Path | None:
    """Where plans that keep all rules are remembered for a user; None where nothing can be."""
    own = user_folder()
    return None if own is None else own / "checks"


class KnownChecks:
    """What was found of plans, as small files, one for each plan and what it was judged by.

    Parameters
    ----------
    instance
        What the files say: another one makes everything unknown. So does another program.
    folder
        Where the files are; None: nothing is known, and nothing is kept.
    """

    def __init__(self, instance: Instance, folder: Path | None) -> None:
        self._folder = folder
        self._world = "" if folder is None else f"{_program()}\n{digest(instance)}\n{instance.decisions!r}"

    def find(self, plan: str, before: Sequence[str]) -> tuple[Override, ...] | None:
        """Where reports stand against a plan that keeps all rules; None where that is not known.

        Parameters
        ----------
        plan, before
            Digests of the plan, and of those before it that count, the oldest first.
        """
        path = self._path(plan, before)
        if path is None:
            return None
        try:
            rows = json.loads(text_of_file(path, FileSort.REGISTRY))
            return tuple(
                Override(**{**row, "measure": Measure(row["measure"]), "events": tuple(row["events"])})
                for row in rows
            )
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None

    def keep(self, plan: str, before: Sequence[str], overrides: Sequence[Override]) -> None:
        """Remember that a plan keeps all rules; where nothing can be written, it is not remembered."""
        path = self._path(plan, before)
        if path is None:
            return
        with suppress(OSError):
            write_text(path, json.dumps([asdict(one) for one in overrides]))
            files = sorted(path.parent.glob("*.json"), key=lambda one: one.stat().st_mtime)
            for old in files[: max(0, len(files) - _MOST)]:
                old.unlink(missing_ok=True)

    def _path(self, plan: str, before: Sequence[str]) -> Path | None:
        if self._folder is None:
            return None
        text = "\n".join((self._world, plan, *before))
        return self._folder / f"{hashlib.sha256(text.encode()).hexdigest()}.json"


def _program() -> str:
    """What tells one state of the program's judging parts from another: names, sizes and dates of files."""
    root = Path(__file__).resolve().parents[1]
    files = (path for name in _JUDGES for path in sorted((root / name).rglob("*.py")))
    stats = ((path.relative_to(root).as_posix(), path.stat()) for path in files)
    text = "\n".join(f"{name} {stat.st_size} {stat.st_mtime_ns}" for name, stat in stats)
    return f"{root}\n{hashlib.sha256(text.encode()).hexdigest()}"
