"""What a batch has found so far: its manifest and the results that are there."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from planner.base.errors import Fault, InputError
from planner.base.opening import FileSort, text_of_file
from planner.batches.failure import Reason
from planner.batches.prepare import FORMAT, MANIFEST
from planner.batches.scenarios import AS_IT_IS
from planner.batches.task import failure_path, plan_path, result_path

__all__ = ["Entry", "Results", "read_results", "reference_name"]


_KEY = re.compile(r"[0-9a-f]{8,64}")
_OF_MANIFEST = {"title": str, "source": str, "instance": str, "base": str, "versions": dict}
_OF_SCENARIO = {"name": str, "key": str, "area": str, "changes": list, "note": str, "source": str}
_OF_SEARCH = ("effort", "time_limit_s", "seed", "guarantee")


@dataclass(frozen=True, slots=True)
class Entry:
    """A scenario or loss of the manifest, with its result or its failure, or neither yet."""

    about: Mapping[str, Any]
    result: Mapping[str, Any] | None
    failure: Mapping[str, Any] | None
    plan: str

    @property
    def name(self) -> str:
        """Its name."""
        return str(self.about["name"])

    @property
    def reason(self) -> str:
        """Why it failed, each attempt's reason after the other, what was said several times only once."""
        reasons = [Reason.from_json(one).text for one in (self.failure or {}).get("reasons", ())]
        return " | ".join(
            f"{number} × {one}" if (number := reasons.count(one)) > 1 else one
            for one in dict.fromkeys(reasons)
        )

    @property
    def state(self) -> str:
        """``done``, ``failed`` or ``open``."""
        return "done" if self.result is not None else "failed" if self.failure is not None else "open"


@dataclass(frozen=True, slots=True)
class Results:
    """All of a batch."""

    folder: Path
    manifest: Mapping[str, Any]
    entries: tuple[Entry, ...]

    @property
    def base(self) -> Mapping[str, Any] | None:
        """The result of what is as it is; None where it failed or is not there."""
        return _read(result_path(self.folder, str(self.manifest["base"])))

    def reference(self, area: str) -> Mapping[str, Any] | None:
        """What runs of an area are compared with: no changes, searched as long; else what is as it is."""
        key = self.manifest.get("references", {}).get(area)
        found = None if key is None else _read(result_path(self.folder, str(key)))
        return self.base if found is None else found

    def references(self) -> Sequence[tuple[str, Mapping[str, Any]]]:
        """Those that are there, each with its area."""
        areas = self.manifest.get("references", {})
        found = [(area, _read(result_path(self.folder, str(key)))) for area, key in areas.items()]
        return [(area, result) for area, result in found if result is not None]

    def done(self) -> Sequence[tuple[Entry, Mapping[str, Any]]]:
        """Entries with a result."""
        return [(one, one.result) for one in self.entries if one.result is not None]


def reference_name(area: str) -> str:
    """How a run without changes is called that others of an area are compared with."""
    return f"{AS_IT_IS}+ {area}".strip()


def read_results(folder: Path) -> Results:
    """Read a batch's folder.

    Raises
    ------
    InputError
        S454, if it is no folder of a batch.
    """
    manifest = _read(folder / MANIFEST)
    if manifest is None or manifest.get("format") != FORMAT or not _is_whole(manifest):
        raise InputError([Fault("S454", str(folder), value=MANIFEST)])
    entries = []
    for about in manifest["scenarios"]:
        key = str(about["key"])
        result = _read(result_path(folder, key))
        failure = None if result is not None else _read(failure_path(folder, key))
        plan = plan_path(folder, key)
        entries.append(Entry(about, result, failure, plan.relative_to(folder).as_posix()))
    return Results(folder, manifest, tuple(entries))


def _is_whole(manifest: Mapping[str, Any]) -> bool:
    """Whether a manifest has all that reports are made of, each of its type."""
    about = manifest.get("scenarios")
    search = manifest.get("search")
    losses = manifest.get("losses", [])
    return (
        all(isinstance(manifest.get(name), kind) for name, kind in _OF_MANIFEST.items())
        and isinstance(about, list)
        and all(_has(one, _OF_SCENARIO) and _texts(one["changes"]) and _is_key(one["key"]) for one in about)
        and _has(search, dict.fromkeys(_OF_SEARCH, object))
        and _is_key(manifest["base"])
        and _are_keys(manifest.get("references", {}))
        and _texts(manifest.get("all_changes", []))
        and isinstance(manifest.get("note", ""), str)
        and isinstance(losses, list)
        and all(_has(one, {"how": str, "components": list}) and _texts(one["components"]) for one in losses)
    )


def _has(held: object, wanted: Mapping[str, type]) -> bool:
    return isinstance(held, dict) and all(
        name in held and isinstance(held[name], kind) for name, kind in wanted.items()
    )


def _texts(held: object) -> bool:
    return isinstance(held, list) and all(isinstance(one, str) for one in held)


def _are_keys(held: object) -> bool:
    return isinstance(held, dict) and all(map(_is_key, held.values()))


def _is_key(name: object) -> bool:
    """Whether a text can name a run: its files lie in the folder of the batch."""
    return isinstance(name, str) and _KEY.fullmatch(name) is not None


def _read(path: Path) -> Mapping[str, Any] | None:
    """A JSON object; None where there is none."""
    try:
        found = json.loads(text_of_file(path, FileSort.RESULT))
    except (OSError, ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
