"""Whatever ends a command otherwise than it was asked: as faults, as text, as one object of JSON."""

from __future__ import annotations

import errno
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from planner.base.errors import CheckFailedError, ExitCode, Fault, InputError, PlannerError
from planner.base.opening import NotOpenedError, system_words
from planner.cli.terminal import program, say, say_json
from planner.cli.usage import usage_fault

if TYPE_CHECKING:
    from planner.proof.verdict import Violation

__all__ = ["exit_code_of", "fault_document", "is_expected", "say_failure", "violation_document"]

_NO_ROOM = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_REFUSED = frozenset({errno.EACCES, errno.EPERM, errno.EROFS})


def exit_code_of(error: BaseException) -> ExitCode:
    """What the command line ends with after an error."""
    if isinstance(error, PlannerError):
        return error.exit_code
    is_input = isinstance(error, click.ClickException | OSError)
    return ExitCode.BAD_INPUT if is_input else ExitCode.UNEXPECTED


def is_expected(error: BaseException) -> bool:
    """Whether it is no fault of the program."""
    return isinstance(error, PlannerError | OSError | click.ClickException | click.Abort | KeyboardInterrupt)


def _faults(error: BaseException) -> tuple[Fault, ...]:
    """All that is wrong, each with its cause and what to do; at least one."""
    if isinstance(error, InputError):
        return error.faults
    if isinstance(error, click.ClickException):
        return (usage_fault(error, program()),)
    if isinstance(error, click.Abort | KeyboardInterrupt):
        return (Fault("C727", "plan"),)
    if isinstance(error, CheckFailedError):
        return _rejected(error)
    if isinstance(error, OSError):
        return (_of_system(error),)
    known = isinstance(error, PlannerError)
    what = str(error) if known else f"{type(error).__name__}: {error}"
    return (Fault("C730" if known else "C728", "plan", params={"what": what}),)


def _rejected(error: CheckFailedError) -> tuple[Fault, ...]:
    """The check rejects what was found; of a replan that is none, component by component."""
    rules = getattr(error, "rules", {})
    each = (
        Fault("C731", "plan", value=component or "*", params={"rules": ", ".join(broken)})
        for component, broken in rules.items()
    )
    return tuple(each) or (Fault("C729", "plan"),)


def _of_system(error: OSError) -> Fault:
    """What the system refuses, and what to do about it."""
    path = error.filename2 or error.filename
    name = None if path is None else str(path)
    if isinstance(error, NotOpenedError):
        return Fault("C725", "files", value=name, params={"what": system_words(error)})
    if error.errno in _NO_ROOM:
        return Fault("C724", "files", value=name or "?")
    if name is not None and error.errno in _REFUSED:
        folder = _closed_folder(Path(name), is_read_only=error.errno == errno.EROFS)
        if folder is not None:
            return Fault("C721", "files", value=name, params={"folder": folder})
        return Fault("C723", "files", value=name)
    return Fault("C726", "files", value=name, params={"what": error})


def _closed_folder(path: Path, *, is_read_only: bool) -> Path | None:
    """The folder in which nothing can be written, where that is why a file cannot be."""
    parents = (one for one in path.absolute().parents if one.is_dir())
    folder = next(parents, None)
    if folder is None or path.is_file() and not is_read_only and os.access(folder, os.W_OK):
        return None
    return folder if is_read_only or not os.access(folder, os.W_OK) else None


def fault_document(fault: Fault) -> dict[str, object]:
    """A fault as an object of JSON."""
    return {
        "code": fault.code,
        "severity": fault.severity.value,
        "table": fault.table,
        "row": fault.row,
        "column": fault.column,
        "value": fault.value,
        "cause": fault.cause,
        "action": fault.action,
    }


def violation_document(one: Violation) -> dict[str, object]:
    """A broken rule as an object of JSON."""
    return {
        "rule": one.rule,
        "place": dict(one.place),
        "amount": one.amount,
        "unit": one.measure.value,
        "claimed": one.claimed,
        "expected": one.expected,
        "text": one.text,
    }


def _document(error: BaseException) -> dict[str, object]:
    """What a command says with ``--json`` where it has no answer."""
    broken: Sequence[Violation] = getattr(error, "violations", ())
    return {
        "exit_code": int(exit_code_of(error)),
        "faults": [fault_document(one) for one in _faults(error)],
        "violations": [violation_document(one) for one in broken],
    }


def say_failure(error: BaseException, *, as_json: bool) -> None:
    """Say it: for people on stderr, for machines as the one object on stdout."""
    if as_json:
        say_json(_document(error))
        return
    if isinstance(error, InputError):
        from planner.cli.printing import show_faults

        show_faults(error.faults)
        return
    for one in _faults(error):
        say(f"{one.cause}\n{one.action}", err=True)
    if broken := getattr(error, "violations", ()):
        from planner.cli.printing import show_violations

        show_violations(broken)
