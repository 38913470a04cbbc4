"""The one tree of exceptions, and the faults that bad input is reported with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum

from planner.base.text import words

__all__ = [
    "CheckFailedError",
    "ExitCode",
    "Fault",
    "InputError",
    "PlannerError",
    "RefusedError",
    "Severity",
]


class ExitCode(IntEnum):
    """What the command line ends with; see ``docs/concepts.md``."""

    OK = 0
    UNEXPECTED = 1
    BAD_INPUT = 2
    NOT_ON_TIME = 3
    CHECK_FAILED = 4


class Severity(StrEnum):
    """Whether a fault stops the work."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong in the input, at its place.

    Parameters
    ----------
    code
        Documented in ``docs/errors.md``; never reused. Its texts are the keys
        ``faults.CODE.cause`` and ``faults.CODE.action`` of the catalogue.
    table
        Table (file name without ``.csv``) or ``plan.toml``.
    row
        Line of the file, counted from 1 for the header; ``None`` for the whole table.
    column
        Column or key; ``None`` for the whole row.
    value
        The text found there; ``None`` where there is none.
    params
        What the texts need beside the place.
    severity
        A warning does not stop the work.
    """

    code: str
    table: str
    row: int | None = None
    column: str | None = None
    value: str | None = None
    params: Mapping[str, object] = field(default_factory=dict)
    severity: Severity = Severity.ERROR

    @property
    def cause(self) -> str:
        """What is wrong, in the language in force."""
        return words(f"faults.{self.code}.cause", **self._all_params())

    @property
    def action(self) -> str:
        """What to do about it, in the language in force."""
        return words(f"faults.{self.code}.action", **self._all_params())

    def _all_params(self) -> dict[str, object]:
        place = {"table": self.table, "row": self.row, "column": self.column, "value": self.value}
        given = place | dict(self.params)
        return given | {f"{name}_note": _note(name, given.get(name)) for name in ("unit", "nearest")}

    @property
    def sort_key(self) -> tuple[str, int, str, str]:
        """Order of a report: by table, row, column, code."""
        return (self.table, self.row or 0, self.column or "", self.code)


def _note(name: str, value: object) -> str:
    """A remark for the texts of faults; empty where there is nothing to say."""
    return words(f"cli.faults.{name}", **{name: value}) if value not in (None, "", "-") else ""


class PlannerError(Exception):
    """Base of all errors that this package raises on purpose."""

    exit_code = ExitCode.UNEXPECTED


class InputError(PlannerError):
    """The input cannot be read or meant; carries every fault that was found.

    Parameters
    ----------
    faults
        At least one; kept sorted by table and row.
    """

    exit_code = ExitCode.BAD_INPUT

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults, key=lambda fault: fault.sort_key))
        super().__init__("; ".join(f"{fault.code} {fault.table}: {fault.cause}" for fault in self.faults[:3]))

    def __reduce__(self) -> tuple[type[InputError], tuple[tuple[Fault, ...]]]:
        return (type(self), (self.faults,))


class RefusedError(InputError):
    """The instance asks for something that this version does not obey yet."""


class CheckFailedError(PlannerError):
    """The independent check rejected a plan."""

    exit_code = ExitCode.CHECK_FAILED
