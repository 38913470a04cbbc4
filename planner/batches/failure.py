"""Why an attempt of a run failed: kept as data, told in the language of who reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any

from planner.base.text import words

__all__ = ["FailureKind", "Reason"]


class FailureKind(StrEnum):
    """What went wrong; each has its words in the catalogue (``batch.failure``)."""

    SIGNAL = "signal"
    EXIT_CODE = "exit_code"
    NO_ANSWER = "no_answer"
    MEMORY = "memory"
    INPUT = "input"
    FILES_CHANGED = "files_changed"
    SEARCH_FAILED = "search_failed"
    NOT_SEARCHED = "not_searched"
    ERROR = "error"
    EXECUTOR = "executor"


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an attempt failed.

    Parameters
    ----------
    kind
        What went wrong.
    what
        The number of the signal or exit code, or the seconds without an answer; empty for other kinds.
    said
        What a library or the process said, as it did; empty: nothing.
    memory_mb
        The limit of memory, which may be why a process failed, whatever its last words are.
    """

    kind: FailureKind
    what: str = ""
    said: str = ""
    memory_mb: int | None = None

    @property
    def text(self) -> str:
        """In words of the language in force."""
        told = words(f"batch.failure.{self.kind}", what=self.what)
        if self.said:
            told = f"{told}: {self.said}"
        if self.memory_mb is not None:
            told = f"{told} {words('batch.failure.limit', number=self.memory_mb)}"
        return told

    def as_json(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self)

    @staticmethod
    def from_json(data: Mapping[str, Any]) -> Reason:
        """Read what `as_json` wrote."""
        return Reason(**{**data, "kind": FailureKind(data["kind"])})
