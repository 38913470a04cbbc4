"""Reads plan.toml."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from planner.base.clock import Clock, parse_instant
from planner.base.errors import Fault, Severity
from planner.base.opening import FileSort, content_of, system_words
from planner.base.safe_text import has_control_signs, label_text
from planner.instance.cells import LARGEST, YEARS
from planner.instance.keywords import moment_text, zone_name
from planner.instance.number_formats import DATE_ORDERS, DECIMAL_SIGNS, is_number_format
from planner.instance.schema import NOTICE_MIN, TABLES, Chain, ModelSettings, Objective, Settings, Source

__all__ = [
    "FORMAT",
    "KEYS",
    "PLAN_FILE",
    "DraftSettings",
    "Key",
    "any_clock",
    "draft_of",
    "settings_content",
    "settings_from_mapping",
    "unread_settings",
]

FORMAT = "instance/1"
PLAN_FILE = "plan.toml"
_INSTANTS = ("horizon_end", "deadline", "not_before")
_LINE = re.compile(r"at line (\d+)")
_COUNT_NAME = re.compile(r"[a-z][a-z0-9_]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class Key:
    """One key of plan.toml."""

    name: str
    type: str
    required: bool
    default: str
    description: str


KEYS: tuple[Key, ...] = (
    Key("format", "text", True, "", f'Version of the format: `"{FORMAT}"`.'),
    Key("name", "text", True, "", "Name of the instance."),
    Key("time_zone", "text", True, "", "IANA time zone in which days begin, for instance `Asia/Makassar`."),
    Key("start", "instant", True, "", "Start of the plan; nothing happens before it."),
    Key("horizon_end", "instant", True, "", "End of the plan; what is late is still delivered until then."),
    Key(
        "deadline",
        "instant",
        True,
        "",
        "Every region must have received before this, unless `deadlines` says otherwise.",
    ),
    Key(
        "not_before",
        "instant",
        False,
        "`start`",
        "No region may receive before this, unless `deadlines` says otherwise.",
    ),
    Key("counts", "list of text", True, "", "Names of the counts; each is a column of `regions`."),
    Key("unit", "text", True, "", "The count that is never split."),
    Key("weight", "text", True, "", "The count by which regions matter."),
    Key(
        "guarantee", "whole number", False, "0", "How many late legs of each vehicle the plan must withstand."
    ),
    Key("objective", "one of " + ", ".join(Objective), False, "cost", "What counts after lateness."),
    Key(
        "chain",
        "one of " + ", ".join(Chain),
        False,
        "none",
        "Whether goods go straight (none), through their region's hubs (required), or either way (allowed).",
    ),
    Key(
        "price_night",
        "whole number",
        False,
        "0",
        "Price of a night with goods at a region or hub whose own row says none.",
    ),
    Key(
        "season",
        "text",
        False,
        "",
        "Rows of `delays` of this season hold too, of other seasons not; without it none that has one.",
    ),
    Key("currency", "text", False, "", "Currency of the prices, in its smallest unit as given here."),
    Key(
        "number_format",
        "text",
        False,
        "",
        "Language by which files with semicolons are read, and tables are exported with `--instance`, "
        "for instance `id`.",
    ),
    Key(
        "[model] neighbours",
        "whole number",
        False,
        "4",
        "A modelled network joins each place to so many neighbours.",
    ),
    Key(
        "[model] longest_join_km",
        "number",
        False,
        "60",
        "No modelled join is longer than this straight line.",
    ),
    Key(
        "[replan] notice_min",
        "whole number",
        False,
        "15",
        "Minutes that people must have before a departure that a replan orders anew.",
    ),
    Key("[replan] approvals", "whole number", False, "1", "1 or 2: how many people must approve a proposal."),
    Key("[[sources]] title", "text", True, "", "Title of a source (required in each `[[sources]]`)."),
    Key("[[sources]] address", "text", False, "", "Where it is found."),
    Key("[[sources]] licence", "text", False, "", "Its licence."),
    Key("[[sources]] note", "text", False, "", "Remark."),
)
_TOP = frozenset(key.name for key in KEYS if not key.name.startswith("[")) | {"model", "replan", "sources"}


@dataclass(frozen=True, slots=True)
class DraftSettings:
    """What could be read of plan.toml.

    Parameters
    ----------
    settings
        All of it, or ``None`` where something is wrong.
    clock
        The clock, or one that only serves to try the instants of the tables.
    counts
        Names of the counts, or ``None`` where they could not be read.
    values
        Texts by key, for the faults.
    seconds
        Seconds of `horizon_end`, `deadline` and `not_before`, those that could be read.
    """

    settings: Settings | None
    clock: Clock
    counts: tuple[str, ...] | None
    values: Mapping[str, str] = field(default_factory=dict)
    seconds: Mapping[str, int] = field(default_factory=dict)


def settings_content(path: Path) -> tuple[Mapping[str, Any], Fault | None]:
    """Keys and values of plan.toml as they stand there; none, and a fault, where it cannot be read.

    `settings_from_mapping` says what they mean.
    """
    fault: Fault | None = None
    try:
        return tomllib.loads(
            content_of(path, FileSort.SETTINGS).removeprefix(b"\xef\xbb\xbf").decode("utf-8")
        ), None
    except FileNotFoundError:
        fault = Fault("I120", PLAN_FILE)
    except OSError as error:
        fault = Fault("I108", PLAN_FILE, params={"file": PLAN_FILE, "reason": system_words(error)})
    except UnicodeDecodeError as error:
        line = error.object[: error.start].count(b"\n") + 1
        fault = Fault("I102", PLAN_FILE, line, value=f"0x{error.object[error.start]:02X}")
    except (ValueError, RecursionError, OverflowError) as error:
        found = _LINE.search(str(error))
        fault = Fault("I121", PLAN_FILE, int(found[1]) if found else None, params={"reason": str(error)})
    return {}, fault


def unread_settings() -> DraftSettings:
    """The draft of a plan.toml that cannot be read."""
    return DraftSettings(None, any_clock(), None)


def settings_from_mapping(content: Mapping[str, Any]) -> tuple[DraftSettings, list[Fault]]:
    """Make settings of the keys of plan.toml.

    Parameters
    ----------
    content
        Keys and values, as TOML gives them.

    Returns
    -------
    tuple
        What could be read, and all faults of the keys' types and values. Their meaning (a
        deadline after the horizon) is judged by `planner.instance.validate`.
    """
    reader = _Reader(content)
    reader.unknown("", content, _TOP)
    if (version := reader.text("format", required=True)) and version != FORMAT:
        reader.fault("I125", "format", version, known=FORMAT)
    clock = reader.clock()
    counts = reader.counts()
    read: dict[str, Any] = {
        "name": reader.text("name", required=True),
        "unit": reader.text("unit", required=True),
        "weight": reader.text("weight", required=True),
        "guarantee": reader.whole("guarantee", 0),
        "objective": reader.choice("objective", Objective, Objective.COST),
        "chain": reader.choice("chain", Chain, Chain.NONE),
        "season": reader.text("season"),
        "price_night": reader.whole("price_night", 0),
        "currency": reader.text("currency"),
        "number_format": reader.number_format(),
        "model": reader.model(),
        "notice_min": reader.notice_min(),
        "approvals": reader.approvals(),
        "sources": reader.sources(),
    }
    seconds = {
        key: (clock or any_clock()).seconds(instant)
        for key in _INSTANTS
        if (instant := reader.instant(key, required=key != "not_before", clock=clock))
    }
    read |= {f"{key.removesuffix('_end')}_s": seconds.get(key, 0) for key in _INSTANTS}
    settings = None
    if clock and counts is not None and not reader.faults:
        settings = Settings(clock=clock, counts=counts, **read)
    draft = DraftSettings(settings, clock or any_clock(), counts, reader.values, seconds if clock else {})
    return draft, [*reader.faults, *reader.warnings]


def draft_of(settings: Settings) -> DraftSettings:
    """Make the draft of settings that Python gives."""
    seconds = (settings.horizon_s, settings.deadline_s, settings.not_before_s)
    return DraftSettings(
        settings,
        settings.clock,
        settings.counts,
        {"unit": settings.unit, "weight": settings.weight}
        | {key: settings.clock.text(second) for key, second in zip(_INSTANTS, seconds, strict=True)},
        dict(zip(_INSTANTS, seconds, strict=True)),
    )


def any_clock() -> Clock:
    """A clock that only serves to try instants, where the instance's own cannot be read."""
    return Clock(parse_instant("2000-01-01T00:00+00:00"), "UTC", is_assumed=True)


class _Reader:
    """Takes keys by type and gathers the faults."""

    def __init__(self, content: Mapping[str, Any]) -> None:
        self.content = content
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.values = {key: _shown(value) for key, value in content.items()}

    def fault(self, code: str, key: str, value: object = None, **params: object) -> None:
        shown = None if value is None else _shown(value)
        self.faults.append(Fault(code, PLAN_FILE, None, key, shown, params))

    def unknown(self, prefix: str, found: Mapping[str, Any], known: frozenset[str]) -> None:
        for key in sorted(set(found) - known):
            self.fault("I123", prefix + key, found[key], known=", ".join(sorted(known)))

    def text(self, key: str, *, required: bool = False) -> str:
        value = self.content.get(key)
        if value is None or value == "":
            if required:
                self.fault("I122", key)
            return ""
        if not isinstance(value, str):
            self.fault("I124", key, value, expected="text")
            return ""
        if has_control_signs(value):
            self.warnings.append(Fault("W520", PLAN_FILE, None, key, _shown(value), {}, Severity.WARNING))
        cleaned = label_text(value).strip()
        if not cleaned and required:
            self.fault("I122", key)
        return cleaned

    def number_format(self) -> str:
        value = self.text("number_format")
        if value and not is_number_format(value):
            known = (*sorted(DECIMAL_SIGNS), *sorted(one for one in DATE_ORDERS if "-" in one))
            self.fault("I230", "number_format", value, known=", ".join(known))
        return value

    def whole(self, key: str, default: int) -> int:
        value = self.content.get(key, default)
        if isinstance(value, bool) or not isinstance(value, int) or not 0 <= value <= LARGEST:
            self.fault("I124", key, value, expected="0, 1, 2, …")
            return default
        return value

    def choice(self, key: str, choices: type[StrEnum], default: StrEnum) -> StrEnum:
        value = self.content.get(key, default.value)
        try:
            return choices(value)
        except (ValueError, TypeError):
            self.fault("I124", key, value, expected=" | ".join(choices))
            return default

    def instant(self, key: str, *, required: bool, clock: Clock | None = None) -> datetime | None:
        value = self.content.get(key)
        if value is None:
            if required:
                self.fault("I122", key)
            return None
        try:
            instant = parse_instant(
                value.isoformat() if isinstance(value, datetime) else moment_text(value, clock)
            )
        except (ValueError, TypeError):
            self.fault("I124", key, value, expected="2024-11-27T00:00+08:00")
            return None
        if not YEARS[0] <= instant.year <= YEARS[1]:
            self.fault("I124", key, value, expected=f"{YEARS[0]} … {YEARS[1]}")
            return None
        if clock is not None and (expected := clock.other_offset(instant)):
            self.fault("I229", key, value, zone=clock.time_zone, expected=expected)
            return None
        return instant

    def clock(self) -> Clock | None:
        start = self.instant("start", required=True)
        zone = zone_name(self.text("time_zone", required=True))
        if not zone:
            return None
        try:
            ZoneInfo(zone)
        except (KeyError, ValueError, OSError):
            self.fault("I126", "time_zone", zone)
            return None
        if start is None:
            return None
        clock = Clock(start, zone)
        if expected := clock.other_offset(start):
            self.fault("I229", "start", self.content["start"], zone=zone, expected=expected)
            return None
        return clock

    def counts(self) -> tuple[str, ...] | None:
        value = self.content.get("counts")
        if value is None or value == []:
            self.fault("I122", "counts")
            return None
        if not isinstance(value, list | tuple) or not all(isinstance(one, str) for one in value):
            self.fault("I124", "counts", value, expected='["households", "people"]')
            return None
        taken = {column.name for column in TABLES["regions"].columns} | {"region"}
        wrong = [one for one in value if one in taken or not _COUNT_NAME.fullmatch(one)]
        for one in wrong or ([value] if len(set(value)) < len(value) else []):
            self.fault("I127", "counts", one)
            return None
        return tuple(value)

    def model(self) -> ModelSettings:
        value = self.content.get("model", {})
        if not isinstance(value, Mapping):
            self.fault("I124", "model", value, expected="[model]")
            return ModelSettings()
        self.unknown("model.", value, frozenset({"neighbours", "longest_join_km"}))
        usual = ModelSettings()
        neighbours = value.get("neighbours", usual.neighbours)
        longest = value.get("longest_join_km", usual.longest_join_m / 1000)
        if isinstance(neighbours, bool) or not isinstance(neighbours, int) or not 0 <= neighbours <= 1000:
            self.fault("I124", "model.neighbours", neighbours, expected="0 … 1000")
            neighbours = usual.neighbours
        if isinstance(longest, bool) or not isinstance(longest, int | float) or not 0 <= longest <= 50_000:
            self.fault("I124", "model.longest_join_km", longest, expected="0 … 50000")
            longest = usual.longest_join_m / 1000
        return ModelSettings(neighbours, round(longest * 1000))

    def notice_min(self) -> int:
        value = self.content.get("replan", {})
        if not isinstance(value, Mapping):
            self.fault("I124", "replan", value, expected="[replan]")
            return NOTICE_MIN
        self.unknown("replan.", value, frozenset({"notice_min", "approvals"}))
        minutes = value.get("notice_min", NOTICE_MIN)
        if isinstance(minutes, bool) or not isinstance(minutes, int) or not 0 <= minutes <= 1440:
            self.fault("I124", "replan.notice_min", minutes, expected="0 … 1440")
            return NOTICE_MIN
        return minutes

    def approvals(self) -> int:
        value = self.content.get("replan", {})
        number = value.get("approvals", 1) if isinstance(value, Mapping) else 1
        if isinstance(number, bool) or number not in (1, 2):
            self.fault("I124", "replan.approvals", number, expected="1 … 2")
            return 1
        return int(number)

    def sources(self) -> tuple[Source, ...]:
        value = self.content.get("sources", [])
        if (
            isinstance(value, str)
            or not isinstance(value, Sequence)
            or not all(isinstance(one, Mapping) for one in value)
        ):
            self.fault("I124", "sources", value, expected="[[sources]]")
            return ()
        known = frozenset(one.name for one in fields(Source))
        for one in value:
            self.unknown("sources.", one, known)
            if not one.get("title"):
                self.fault("I122", "sources.title")
            for key in sorted(known & set(one)):
                if not isinstance(one[key], str):
                    self.fault("I124", f"sources.{key}", one[key], expected="text")
        if self.faults:
            return ()
        return tuple(Source(**{key: label_text(text) for key, text in one.items()}) for one in value)


def _shown(value: object) -> str:
    try:
        text = value.isoformat() if isinstance(value, datetime) else str(value)
    except (ValueError, RecursionError):  # an integer of thousands of digits
        return "…"
    return text if len(text) <= 200 else text[:200] + "…"
