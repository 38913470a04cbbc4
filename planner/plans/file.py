"""A plan on disk: one JSON file, versioned, self-contained, with its own digest.

``docs/plan_format.md`` describes it. Instants are ISO 8601 local time with offset, durations
whole seconds, lengths metres.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from planner.base.clock import Clock
from planner.base.errors import Fault, InputError
from planner.base.files import write_text
from planner.base.opening import FileSort, text_of_file
from planner.base.strict_json import (
    FormError,
    instant,
    text_of,
)
from planner.base.text import words
from planner.plans.model import (
    Plan,
)
from planner.plans.reader import FileClaims, PlanReader
from planner.plans.writer import FORMAT, PlanWriter

__all__ = [
    "FORMAT_1",
    "by_clock",
    "claims_from_text",
    "plan_digest",
    "plan_from_text",
    "plan_to_text",
    "read_claims",
    "read_plan",
    "read_plan_clock",
    "short_digest",
    "write_plan",
]

_SHORT = 19
FORMAT_1 = "plan/1"  # knows no replans; still read


def plan_to_text(plan: Plan, clock: Clock) -> str:
    """JSON text of a plan, a line for each trip and region; the same plan gives the same text."""
    body = PlanWriter(clock).plan(plan)
    document = {"format": FORMAT, "digest": _digest(body)} | body
    keys = ",\n".join(f" {json.dumps(key)}: {_lines(value)}" for key, value in document.items())
    return f"{{\n{keys}\n}}\n"


def _lines(value: Any) -> str:  # noqa: ANN401
    """JSON text of a value, a list with a line for each of its own."""
    if not isinstance(value, list) or not value:
        return json.dumps(value, ensure_ascii=False)
    return "[\n" + ",\n".join(f"  {json.dumps(one, ensure_ascii=False)}" for one in value) + "\n ]"


def short_digest(digest: str) -> str:
    """The beginning of a digest: enough to find the plan.

    Examples
    --------
    >>> short_digest("sha256:0123456789abcdef")
    'sha256:0123456789ab'
    """
    return digest[:_SHORT]


def plan_digest(plan: Plan, clock: Clock) -> str:
    """The digest that a plan's file names."""
    return _digest(PlanWriter(clock).plan(plan))


def by_clock(plan: Plan, own: Clock, other: Clock) -> Plan:
    """The same plan with its seconds counted from the start of another clock, if it is another one."""
    if own == other:
        return plan
    return PlanReader(other, replans=True).plan(PlanWriter(own).plan(plan))


def claims_from_text(text: str) -> tuple[Plan, Clock, FileClaims]:
    """Read a plan whose digest and margins need not be right, and what they are said to be.

    Raises
    ------
    InputError
        P101 if the text is no plan of a known format.
    """
    try:
        document, replans = _parsed(text)
        claimed = document.pop("digest", None)
        actual = _digest(document)
        if missing := {"start", "time_zone"} - set(document):
            raise FormError("missing", keys=", ".join(sorted(missing)))
        clock = Clock(instant(document["start"]), _time_zone(document["time_zone"]))
        reader = PlanReader(clock, replans=replans)
        plan = reader.plan(document)
    except FormError as error:
        raise _no_plan(str(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise _no_plan(words("report.plan_file.form")) from error
    return plan, clock, FileClaims(str(claimed), actual, tuple(reader.margins))


def _time_zone(value: Any) -> str:  # noqa: ANN401
    """Name of a time zone that is known here."""
    name = text_of(value)
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError) as error:
        raise FormError("time_zone", found=name[:60]) from error
    return name


def plan_from_text(text: str) -> tuple[Plan, Clock]:
    """Read a plan.

    Raises
    ------
    InputError
        P101 if the text is no plan of a known format, or a margin is not deadline less receipt; P102 if the
        plan's digest does not fit its content.
    """
    plan, clock, claims = claims_from_text(text)
    for result, margin_s in zip(plan.regions, claims.margins, strict=True):
        if margin_s != result.margin_s:
            raise _no_plan(words("report.plan_file.margin", region=result.region_id))
    if claims.digest != claims.content_digest:
        params = {"actual": claims.content_digest}
        raise InputError([Fault("P102", "plan", column="digest", value=claims.digest, params=params)])
    return plan, clock


def read_claims(path: Path) -> tuple[Plan, Clock, FileClaims]:
    """Read a plan file for a check: whether its digest and margins are right is left to the rules.

    Raises
    ------
    InputError
        P100 if there is no readable file, else as `claims_from_text`.
    """
    return claims_from_text(_read_text(path))


def read_plan_clock(path: Path) -> tuple[Plan, Clock]:
    """Read a plan file and the clock it is written in.

    Raises
    ------
    InputError
        P100 if there is no readable file, else as `plan_from_text`.
    """
    return plan_from_text(_read_text(path))


def read_plan(path: Path) -> Plan:
    """Read a plan file; raises as `read_plan_clock`."""
    return read_plan_clock(path)[0]


def write_plan(plan: Plan, clock: Clock, path: Path) -> None:
    """Write a plan file, whole or not at all."""
    write_text(path, plan_to_text(plan, clock))


def _read_text(path: Path) -> str:
    try:
        return text_of_file(path, FileSort.PLAN)
    except (OSError, ValueError) as error:  # a ValueError for bytes that are no UTF-8, and for bad names
        known = {
            FileNotFoundError: "not_found",
            PermissionError: "no_permission",
            IsADirectoryError: "is_folder",
            UnicodeDecodeError: "not_utf8",
        }
        key = "is_folder" if path.is_dir() else known.get(type(error), "unreadable")
        what = words(f"report.plan_file.{key}")
        raise InputError([Fault("P100", str(path), params={"what": what})]) from error


def _parsed(text: str) -> tuple[dict[str, Any], bool]:
    """The document without its format, and whether that knows replans."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise FormError("json", line=error.lineno, column=error.colno) from error
    found = document.pop("format", None) if isinstance(document, dict) else None
    if found not in (FORMAT, FORMAT_1):
        raise FormError("format", format=f"{FORMAT}, {FORMAT_1}")
    return document, found == FORMAT


def _no_plan(what: str) -> InputError:
    return InputError([Fault("P101", "plan", params={"what": what})])


def _digest(body: Mapping[str, Any]) -> str:
    canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode("utf-8")).hexdigest()
