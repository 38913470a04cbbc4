"""Scenarios: named lists of changes, from a TOML file or a CSV table, crossed into a grid or sampled."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import product
from math import prod
from pathlib import Path
from random import Random
from typing import Any

from planner.base.errors import Fault, InputError
from planner.base.opening import FileSort, content_of, system_words
from planner.batches.changes import Change, nearest, parse_change
from planner.instance.cells import LARGEST
from planner.instance.raw import raw_from_path

__all__ = ["AS_IT_IS", "MOST_SCENARIOS", "Scenario", "Scenarios", "read_scenarios"]

FORMAT = "scenarios/1"
AS_IT_IS = "base"  # the scenario without any change
NOTHING = "-"  # on an axis of a grid: no change
MOST_SCENARIOS = 100_000
_TOP = frozenset({"format", "title", "note", "base", "area", "changes", "scenarios", "grid", "sample"})
_CSV = ("scenario", "change", "area", "note")


@dataclass(frozen=True, slots=True)
class Scenario:
    """Changes of an instance under one name.

    Parameters
    ----------
    name
        Its name; `AS_IT_IS` where nothing changes.
    changes
        One after another.
    area
        Ids of areas, subareas or regions that are planned; empty: all.
    axes
        What it takes of each axis of the grid.
    note, source
        For people.
    """

    name: str
    changes: tuple[Change, ...]
    area: str = ""
    axes: Mapping[str, str] = field(default_factory=dict)
    note: str = ""
    source: str = ""


@dataclass(frozen=True, slots=True)
class Scenarios:
    """Everything a scenario file asks for; `base` is the folder of the instance, None where none is named."""

    title: str
    base: Path | None
    scenarios: tuple[Scenario, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class _Named:
    """A change of the file: one or several lines under a name."""

    changes: tuple[Change, ...]
    area: str = ""
    note: str = ""
    source: str = ""


def read_scenarios(path: Path) -> Scenarios:
    """Read scenarios from a TOML file or, if it ends in .csv, from a table.

    Parameters
    ----------
    path
        See ``docs/scenarios_format.md``.

    Raises
    ------
    InputError
        With all faults of the file (S401 to S405, S430 to S441). Whether its changes fit the instance is
        another question.

    Notes
    -----
    The scenario `AS_IT_IS` comes first, whether it is named or not, since all others are compared with it.
    """
    if path.suffix.lower() == ".csv":
        found, faults = _from_table(path)
    else:
        reader = _Reader(path)
        found, faults = reader.scenarios(), reader.faults
    faults += [
        Fault("S438", path.name, column=AS_IT_IS, value=AS_IT_IS)
        for one in found.scenarios
        if one.name == AS_IT_IS and one.changes
    ]
    if not faults and not found.scenarios:
        faults.append(Fault("S440", path.name))
    if faults:
        raise InputError(faults)
    first = [one for one in found.scenarios if one.name == AS_IT_IS]
    areas = list(dict.fromkeys(one.area for one in found.scenarios))
    usual = "" if "" in areas else ",".join(dict.fromkeys(",".join(areas).split(",")))
    rest = tuple(one for one in found.scenarios if one.name != AS_IT_IS)
    return replace(found, scenarios=(*(first or [Scenario(AS_IT_IS, (), usual)]), *rest))


# ------------------------------------------------------------------ table


def _from_table(path: Path) -> tuple[Scenarios, list[Fault]]:
    table, faults = raw_from_path(path.name, path)
    if table is None:
        return Scenarios("", None, ()), faults
    missing = [name for name in ("scenario", "change") if name not in table.index]
    faults += [Fault("S439", path.name, 1, name, None, {"known": ", ".join(_CSV)}) for name in missing]
    unknown = [name for name in table.header if name and name not in _CSV]
    faults += [Fault("S439", path.name, 1, name, name, {"known": ", ".join(_CSV)}) for name in unknown]
    if faults:
        return Scenarios("", None, ()), faults
    names: dict[str, list[Change]] = {}
    texts: dict[tuple[str, str], str] = {}
    for row in table.rows:
        cells = {name: table.value(row.line, name) or "" for name in _CSV}
        name = cells["scenario"]
        if not _is_name(name):
            faults.append(Fault("S438", path.name, row.line, "scenario", name))
            continue
        mine = names.setdefault(name, [])
        if cells["change"]:
            change, more = parse_change(cells["change"], Fault("", path.name, row.line, "change"))
            faults += more
            mine += [] if change is None else [change]
        for key in ("area", "note"):
            held = texts.setdefault((name, key), cells[key])
            if cells[key] and held and held != cells[key]:
                faults.append(Fault("S441", path.name, row.line, key, cells[key], {"other": held}))
            texts[name, key] = held or cells[key]
    scenarios = tuple(
        Scenario(name, tuple(mine), texts[name, "area"], {}, texts[name, "note"])
        for name, mine in names.items()
    )
    return Scenarios("", None, scenarios), faults


def _is_name(name: str) -> bool:
    return bool(name) and name.isprintable() and len(name) <= 200


# ------------------------------------------------------------------ TOML


class _Reader:
    """Takes the parts of a scenario file and gathers the faults."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._table = path.name
        self.faults: list[Fault] = []
        self._content = self._read()
        self._area = ""

    def _read(self) -> Mapping[str, Any]:
        try:
            return tomllib.loads(
                content_of(self._path, FileSort.SCENARIOS).removeprefix(b"\xef\xbb\xbf").decode("utf-8")
            )
        except OSError as error:
            reason = system_words(error)
        except (ValueError, RecursionError) as error:
            reason = str(error)
        self.faults.append(Fault("S430", self._table, value=str(self._path), params={"reason": reason}))
        return {}

    def wrong(self, code: str, key: str, value: object = None, **params: object) -> None:
        """Note a fault at a key."""
        shown = None if value is None else _shown(value)
        self.faults.append(Fault(code, self._table, None, key, shown, params))

    def scenarios(self) -> Scenarios:
        """All that the file asks for."""
        if self.faults:
            return Scenarios("", None, ())
        self._known("", self._content, _TOP)
        if (version := self._content.get("format")) != FORMAT:
            self.wrong("S432" if version is None else "S431", "format", version, expected=f'"{FORMAT}"')
        base = self._text("base")
        self._area = self._text("area")
        named = self._changes()
        listed = self._listed(named)
        crossed = self._grid(named)
        if not listed and not crossed and "scenarios" not in self._content and "grid" not in self._content:
            listed = [self._scenario(name, [one], {}) for name, one in named.items()]
        names: set[str] = set()
        for one in (*listed, *crossed):
            if one.name in names:
                self.wrong("S436", "scenarios", one.name)
            names.add(one.name)
        folder = self._path.parent / base if base else None
        return Scenarios(self._text("title"), folder, (*listed, *crossed), self._text("note"))

    def _known(self, prefix: str, found: Mapping[str, Any], known: frozenset[str]) -> None:
        for key in sorted(set(found) - known):
            self.wrong("S433", prefix + key, found[key], nearest=nearest(key, list(known)))

    def _text(self, key: str, held: Mapping[str, Any] | None = None, prefix: str = "") -> str:
        value = (self._content if held is None else held).get(key, "")
        if isinstance(value, str):
            return value.strip()
        self.wrong("S431", prefix + key, value, expected='"…"')
        return ""

    def _part(self, key: str) -> Mapping[str, Any]:
        value = self._content.get(key, {})
        if isinstance(value, Mapping):
            return value
        self.wrong("S431", key, value, expected=f"[{key}]")
        return {}

    def _changes(self) -> dict[str, _Named]:
        found = {}
        for name, value in self._part("changes").items():
            key = f"changes.{name}"
            if not _is_name(name) or name == NOTHING:
                self.wrong("S438", key, name)
            one = value if isinstance(value, Mapping) else {"do": value}
            self._known(f"{key}.", one, frozenset({"do", "area", "note", "source"}))
            if "do" not in one:
                self.wrong("S432", f"{key}.do", expected='["…"]')
            found[name] = _Named(
                self._lines(one.get("do", []), key),
                self._text("area", one, f"{key}."),
                self._text("note", one, f"{key}."),
                self._text("source", one, f"{key}."),
            )
        return found

    def _lines(self, value: object, key: str) -> tuple[Change, ...]:
        """One change or a list of changes, as text."""
        lines = [value] if isinstance(value, str) else value
        if not isinstance(lines, list) or not all(isinstance(one, str) for one in lines):
            self.wrong("S431", key, value, expected='"…" | ["…", "…"]')
            return ()
        changes = []
        for line in lines:
            change, faults = parse_change(line, Fault("", self._table, None, key))
            self.faults += faults
            changes += [] if change is None else [change]
        return tuple(changes)

    def _scenario(self, name: str, parts: Sequence[_Named], axes: Mapping[str, str]) -> Scenario:
        """The parts' changes one after another, in all their areas together."""
        areas = [one.area or self._area for one in parts if one.changes]
        area = "" if "" in areas else ",".join(dict.fromkeys(",".join(areas).split(",")))
        return Scenario(
            name,
            tuple(change for one in parts for change in one.changes),
            area if areas else self._area,
            axes,
            " ".join(one.note for one in parts if one.note),
            " ".join(one.source for one in parts if one.source),
        )

    def _named(self, named: Mapping[str, _Named], value: object, key: str) -> list[_Named]:
        """Changes by their names, or by their lines where they have none."""
        names = [value] if isinstance(value, str) else value
        if not isinstance(names, list) or not all(isinstance(one, str) for one in names):
            self.wrong("S431", key, value, expected='["…", "…"]')
            return []
        found = []
        for name in names:
            if name in named:
                found.append(named[name])
            elif " " in name.strip():
                found.append(_Named(self._lines(name, key)))
            elif name != NOTHING:
                self.wrong("S434", key, name, nearest=nearest(name, list(named)) or NOTHING)
        return found

    def _listed(self, named: Mapping[str, _Named]) -> list[Scenario]:
        found = []
        for name, value in self._part("scenarios").items():
            if not _is_name(name):
                self.wrong("S438", f"scenarios.{name}", name)
            found.append(self._scenario(name, self._named(named, value, f"scenarios.{name}"), {}))
        return found

    # -------------------------------------------------------------- grid

    def _grid(self, named: Mapping[str, _Named]) -> list[Scenario]:
        """All combinations of the axes, or a sample of them."""
        grid, sample = self._part("grid"), self._part("sample")
        self._known("sample.", sample, frozenset({"number", "seed"}))
        number = self._whole(sample, "sample.number", 1) if sample else None
        start = self._whole({"seed": 1} | dict(sample), "sample.seed")
        if sample and not grid:
            self.wrong("S432", "grid", expected="[grid]")
        axes = [_Axis(self, named, name, value) for name, value in grid.items()]
        if not axes or self.faults:
            return []
        if any(axis.is_range for axis in axes) and number is None:
            self.wrong("S432", "sample", expected="[sample]")
            return []
        total = prod(len(axis) for axis in axes)
        if (total if number is None else number) > MOST_SCENARIOS:
            self.wrong("S435", "grid", total if number is None else number, most=MOST_SCENARIOS)
            return []
        if number is None:
            picks = [[axis.at(idx) for axis, idx in zip(axes, places, strict=True)] for places in _all(axes)]
        elif any(axis.is_range for axis in axes):
            random = Random(start)
            picks = [[axis.drawn(random) for axis in axes] for _ in range(number)]
        elif number > total:
            self.wrong("S437", "sample.number", number, total=total)
            return []
        else:
            picks = [
                [axis.at(idx) for axis, idx in zip(axes, _places(axes, one), strict=True)]
                for one in _without_repeats(Random(start), number, total)
            ]
        return [self._crossed(axes, pick, at, number is not None) for at, pick in enumerate(picks, start=1)]

    def _whole(self, held: Mapping[str, Any], key: str, least: int = 0) -> int:
        value = held.get(key.split(".")[1])
        if isinstance(value, bool) or not isinstance(value, int) or not least <= value < 10**9:
            self.wrong("S431", key, value, expected="1, 2, 3, …")
            return 0
        return value

    def _crossed(
        self, axes: Sequence[_Axis], pick: Sequence[tuple[str, _Named]], at: int, drawn: bool
    ) -> Scenario:
        taken = {axis.name: said for axis, (said, _) in zip(axes, pick, strict=True)}
        name = ", ".join(f"{key}={said}" for key, said in taken.items() if said != NOTHING) or AS_IT_IS
        repeated = drawn and any(axis.is_range for axis in axes)
        return self._scenario(f"{at}: {name}" if repeated else name, [one for _, one in pick], taken)


class _Axis:
    """One axis of a grid: names of changes, or one change with a figure to be put in."""

    def __init__(self, reader: _Reader, named: Mapping[str, _Named], name: str, value: object) -> None:
        self.name = name
        self._reader = reader
        self._key = f"grid.{name}"
        self._text = ""
        self._limits: tuple[float, float] | None = None
        self._digits = 0
        self._choices: list[tuple[str, _Named]] = []
        if isinstance(value, Mapping):
            self._take_figures(value)
        elif isinstance(value, list) and value and all(isinstance(one, str) for one in value):
            for one in value:
                found = reader._named(named, one, self._key)
                self._choices.append((one, found[0] if found else _Named(())))
        else:
            reader.wrong("S431", self._key, value, expected='["-", "…"] | {do = "… {}", values = […]}')
        said = [text for text, _ in self._choices]
        for twice in sorted({text for text in said if said.count(text) > 1}):
            reader.wrong("S436", self._key, twice)

    def _take_figures(self, value: Mapping[str, Any]) -> None:
        reader = self._reader
        reader._known(f"{self._key}.", value, frozenset({"do", "values", "from", "to", "digits"}))
        self._text = reader._text("do", value, f"{self._key}.")
        if "{}" not in self._text:
            reader.wrong("S431", f"{self._key}.do", value.get("do"), expected='"… {} …"')
            return
        values = value.get("values")
        if isinstance(values, list) and values and all(_is_figure(one) for one in values):
            self._choices = [(_shown(one), self._with(_shown(one))) for one in values]
            return
        limits, places = (value.get("from"), value.get("to")), value.get("digits", 2)
        numbers = all(_is_limit(one) for one in limits)
        digits = isinstance(places, int) and not isinstance(places, bool) and 0 <= places <= 6
        if values is not None or not numbers or not digits or not limits[0] <= limits[1]:  # type: ignore[operator]
            reader.wrong(
                "S431", self._key, dict(value), expected="values = […] | from = …, to = …, digits = 2"
            )
            return
        self._digits = places
        self._limits = (float(limits[0]), float(limits[1]))  # type: ignore[arg-type]
        self._with(self._figure(self._limits[0]))

    @property
    def is_range(self) -> bool:
        """Whether its figures are drawn from between two limits."""
        return self._limits is not None

    def __len__(self) -> int:
        return len(self._choices)

    def at(self, place: int) -> tuple[str, _Named]:
        """A choice by its place: what it is called, and the change."""
        return self._choices[place]

    def drawn(self, random: Random) -> tuple[str, _Named]:
        """A choice drawn by chance."""
        if self._limits is None:
            return self._choices[int(random.random() * len(self._choices))]
        low, high = self._limits
        said = self._figure(low + (high - low) * random.random())
        return said, self._with(said)

    def _figure(self, value: float) -> str:
        return f"{value:.{self._digits}f}"

    def _with(self, figure: str) -> _Named:
        return _Named(self._reader._lines(self._text.replace("{}", figure), self._key))


def _is_limit(value: object) -> bool:
    """Whether a number may be a limit of a range: of a size that figures of tables can have."""
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) <= LARGEST


def _shown(value: object) -> str:
    """A value as text; of one that Python does not write (nested too deeply, thousands of digits) a sign."""
    try:
        return str(value)
    except (ValueError, RecursionError):
        return "…"


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float | str) and not isinstance(value, bool)


def _all(axes: Sequence[_Axis]) -> product[tuple[int, ...]]:
    return product(*(range(len(axis)) for axis in axes))


def _places(axes: Sequence[_Axis], number: int) -> list[int]:
    """The places on the axes of a combination by its number, the last axis quickest."""
    found = []
    for axis in reversed(axes):
        number, place = divmod(number, len(axis))
        found.append(place)
    return found[::-1]


def _without_repeats(random: Random, number: int, total: int) -> list[int]:
    """So many different numbers below a total, drawn by chance, in ascending order.

    Only `Random.random` is used, whose numbers Python promises to keep; the rest is Fisher and Yates.
    """
    moved: dict[int, int] = {}
    found = []
    for taken in range(number):
        place = taken + int(random.random() * (total - taken))
        found.append(moved.get(place, place))
        moved[place] = moved.get(taken, taken)
    return sorted(found)
