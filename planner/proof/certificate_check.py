"""A certificate of another machine against the plan and the files: every difference, named."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from planner.base.errors import Fault, InputError, Severity
from planner.base.opening import FileSort, text_of_file
from planner.base.text import words
from planner.proof.certificate import FORMAT, FORMAT_1, LATER_IN_2, as_before, as_format_1, content_digest

__all__ = ["differences", "read_certificate"]

_TABLE = "certificate"
_CHECKER = "versions.checker"
_MOST_SHOWN = 80


def read_certificate(path: Path) -> dict[str, Any]:
    """Read a certificate file, of this format or the one before.

    Raises
    ------
    InputError
        P104 if there is no readable file, P105 if it is no certificate.
    """
    try:
        text = text_of_file(path, FileSort.CERTIFICATE, "utf-8-sig")
    except (OSError, ValueError) as error:
        key = "is_folder" if path.is_dir() else "unreadable" if path.exists() else "not_found"
        params = {"what": words(f"report.plan_file.{key}")}
        raise InputError([Fault("P104", str(path), params=params)]) from error
    try:
        document = json.loads(text, object_pairs_hook=_once_each)
    except json.JSONDecodeError as error:
        raise _none(words("report.plan_file.json", line=error.lineno, column=error.colno)) from error
    except (ValueError, RecursionError) as error:
        raise _none(words("report.plan_file.form")) from error
    if not isinstance(document, dict) or document.get("format") not in (FORMAT, FORMAT_1):
        raise _none(words("report.plan_file.format", format=f"{FORMAT}, {FORMAT_1}"))
    return document


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError
    return found


def _none(what: str) -> InputError:
    return InputError([Fault("P105", _TABLE, params={"what": what})])


def differences(claimed: Mapping[str, Any], own: Mapping[str, Any]) -> list[Fault]:
    """Name every difference between a certificate and what the check says itself.

    Parameters
    ----------
    claimed
        The certificate to be verified.
    own
        The certificate of the same plan and files, made here (`certificate.document_of`).

    Returns
    -------
    list of Fault
        P106 to P109; a mere difference of the check's version is the warning P110.
    """
    expected = as_format_1(own) if claimed["format"] == FORMAT_1 else dict(own)
    found: list[Fault] = []
    if claimed["format"] == FORMAT:
        digest = content_digest(claimed)
        if claimed.get("digest") != digest:
            value = _shown(claimed.get("digest"))
            found.append(Fault("P109", _TABLE, column="digest", value=value, params={"actual": digest}))
        for key in LATER_IN_2:
            if key not in claimed:
                del expected[key]
        expected |= {"digest": claimed.get("digest")}  # that of the content differs where anything does
        expected = as_before(expected, claimed)
    found += _compare(dict(claimed), expected, "")
    return found


def _compare(claimed: Any, own: Any, path: str) -> Iterator[Fault]:  # noqa: ANN401 - what JSON gives
    if isinstance(claimed, dict) and isinstance(own, dict):
        for key in (*own, *(key for key in claimed if key not in own)):
            yield from _one(claimed, own, key, f"{path}.{key}" if path else key)
    elif isinstance(claimed, list) and isinstance(own, list):
        rows = dict(enumerate(claimed)), dict(enumerate(own))
        for number in range(max(len(claimed), len(own))):
            yield from _one(*rows, number, f"{path}[{_label(own, number)}]")
    elif not _same(claimed, own):
        value, params = _shown(claimed), {"actual": _shown(own)}
        if path == _CHECKER:
            yield Fault("P110", _TABLE, column=path, value=value, params=params, severity=Severity.WARNING)
        else:
            yield Fault("P106", _TABLE, column=path, value=value, params=params)


def _one(claimed: Mapping[Any, Any], own: Mapping[Any, Any], key: str | int, path: str) -> Iterator[Fault]:
    if key not in claimed:
        yield Fault("P107", _TABLE, column=path, params={"actual": _shown(own[key])})
    elif key not in own:
        yield Fault("P108", _TABLE, column=path, value=_shown(claimed[key]))
    else:
        yield from _compare(claimed[key], own[key], path)


def _label(rows: list[Any], number: int) -> str:
    """Number of a row, and what it is about."""
    row = rows[number] if number < len(rows) else None
    name = (row.get("rule") or row.get("region")) if isinstance(row, dict) else None
    return f"{number + 1}" if name is None else f"{number + 1} {name}"


def _same(claimed: object, own: object) -> bool:
    return claimed == own and isinstance(claimed, bool) == isinstance(own, bool)


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False).encode("utf-8", "replace").decode("utf-8")
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"
