"""Puts a pasted list of counts, by code or by name, into the regions of an instance.

Nothing is guessed: a name that only resembles a region's is reported with the nearest ones.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from planner.base.errors import Fault, InputError, Severity
from planner.base.text import words
from planner.instance.cells import CellError, cell_reader
from planner.instance.kinds import Basis
from planner.instance.local import Notation, plain_text
from planner.instance.schema import Instance, Region, count_columns_of
from planner.starting.list_file import ListRow, NamedList

__all__ = ["Matched", "with_counts"]

MOST_CANDIDATES = 3
LEAST_SCORE = 60  # of 100, of a candidate that is named
_NOT_WORD = re.compile(r"[\W_]+")


@dataclass(frozen=True)
class Matched:
    """What came of a list.

    Parameters
    ----------
    instance
        With the list's counts in the place of the old ones; their basis is `entered` if the list has all.
    regions
        Ids of the regions that have counts of the list.
    without
        Ids of those that the list does not name; they keep what they had.
    warnings
        Rows of the list that are not used, and counts that it has no column of (X339).
    """

    instance: Instance
    regions: tuple[str, ...]
    without: tuple[str, ...]
    warnings: tuple[Fault, ...] = ()


def with_counts(instance: Instance, given: NamedList, beyond: Sequence[Region] = ()) -> Matched:
    """Put the counts of a list into an instance.

    Parameters
    ----------
    instance
        Whose regions get them.
    given
        The list; each row names a region by its code or its name, with its area's where names repeat.
    beyond
        Regions that may be in the list, too, but are not in the instance; their rows are left out.

    Returns
    -------
    Matched
        The instance with its new counts, and what was left out.

    Raises
    ------
    InputError
        With all that is wrong: X331 a row that names no region, X332 one that names several, X333 a region
        twice, X334 the list has no column of the counts or none of codes or names, I112 one twice, X335 a row
        without either, and the faults of its numbers.
    """
    matcher = _Matcher(instance, given, beyond)
    return matcher.result()


def plain_name(text: str) -> str:
    """A name without accents, capitals and signs, so that spellings of one name are the same."""
    bare = "".join(one for one in unicodedata.normalize("NFKD", text) if not unicodedata.combining(one))
    return _NOT_WORD.sub(" ", bare.casefold()).strip()


class _Matcher:
    """Takes the rows one by one and gathers the faults."""

    def __init__(self, instance: Instance, given: NamedList, beyond: Sequence[Region]) -> None:
        self.instance = instance
        self.given = given
        self.own = {one.id for one in instance.regions}
        regions = (*instance.regions, *(one for one in beyond if one.id not in self.own))
        self.by_id = {one.id: one for one in regions}
        self.by_name: dict[str, list[Region]] = {}
        for one in regions:
            self.by_name.setdefault(_joined(one.name), []).append(one)
        self.faults: list[Fault] = []
        self.warnings: list[Fault] = []
        self.counts: dict[str, dict[str, int]] = {}
        self.lines: dict[str, int] = {}

    def result(self) -> Matched:
        """Match all rows.

        Raises
        ------
        InputError
            As `with_counts`.
        """
        self._columns()
        if not self.faults:
            for row in self.given.rows:
                self._take(row)
        if self.faults:
            raise InputError(self.faults)
        all_given = not self._missing()
        source = words("init.counts.source", file=self.given.file)
        regions = tuple(
            replace(
                one,
                counts={**one.counts, **self.counts[one.id]},
                basis=Basis.ENTERED if all_given else one.basis,
                source=source if all_given else one.source,
            )
            if one.id in self.counts
            else one
            for one in self.instance.regions
        )
        without = tuple(one.id for one in self.instance.regions if one.id not in self.counts)
        return Matched(
            replace(self.instance, regions=regions),
            tuple(one for one in self.counts if one in self.own),
            without,
            tuple(self.warnings),
        )

    def _missing(self) -> tuple[str, ...]:
        """Counts of the instance that the list has no column of."""
        return tuple(one for one in self.instance.settings.counts if one not in self.given.count_columns)

    def _columns(self) -> None:
        counts = self.instance.settings.counts
        for name in self.given.twice:
            self.faults.append(Fault("I112", self.given.file, 1, name))
        if not set(counts) & set(self.given.count_columns):
            self._fault("X334", None, None, expected=", ".join(counts))
        elif not self.given.has_names:
            self._fault("X334", None, None, expected=words("init.counts.headings"))
        elif not self.given.rows:
            self._fault("I107", None, None)
        elif missing := self._missing():
            params = {"missing": ", ".join(missing)}
            self.warnings.append(Fault("X339", self.given.file, params=params, severity=Severity.WARNING))

    def _fault(self, code: str, row: ListRow | None, value: str | None, **params: object) -> None:
        line = row.line if row else None
        self.faults.append(Fault(code, self.given.file, line, None, value, params))

    def _take(self, row: ListRow) -> None:
        region = self._region(row)
        counts = self._numbers(row)
        if region is None or not counts:
            return
        if region.id in self.lines:
            self._fault("X333", row, row.shown, first=self.lines[region.id], id=region.id)
            return
        self.lines[region.id] = row.line
        if region.id not in self.own:
            self.warnings.append(
                Fault("X336", self.given.file, row.line, None, row.shown, {"id": region.id}, Severity.WARNING)
            )
            return
        self.counts[region.id] = counts

    # ------------------------------------------------------------------------------ which region

    def _region(self, row: ListRow) -> Region | None:
        if not row.code and not row.name:
            self._fault("X335", row, None)
            return None
        for code in (row.code, row.name):
            if code in self.by_id:
                return self._named_alike(row, self.by_id[code])
        if row.code and not row.name:
            self._fault("X331", row, row.code, nearest=self._nearest(row.code, by_code=True))
            return None
        found = self.by_name.get(_joined(row.name), [])
        fitting = [one for one in found if _lies_in(one, row.others)] if row.others else []
        if found and not fitting and self._names_another(row.others):
            self._fault("X331", row, row.shown, nearest=_candidates(found))
            return None
        found = fitting or found
        inside = [one for one in found if one.id in self.own]
        if len(found) == 1 or (len(inside) == 1 and fitting):
            return inside[0] if inside else found[0]
        if found:
            self._fault("X332", row, row.name, candidates=_candidates(found))
        else:
            self._fault("X331", row, row.shown, nearest=self._nearest(row.name, by_code=False))
        return None

    def _names_another(self, others: Sequence[str]) -> bool:
        """Whether a further cell is the name of an area or subarea, alone or after a word (Kec. Telen)."""
        names = {plain_name(at) for one in self.by_id.values() for at in (one.area_name, one.subarea_name)}
        texts = [plain_name(one) for one in others]
        return any({one, one.partition(" ")[2]} & (names - {""}) for one in texts)

    def _named_alike(self, row: ListRow, region: Region) -> Region:
        """Warn where a code is one region's and the name beside it resembles another name."""
        if row.code and row.name and _joined(row.name) != _joined(region.name):
            from rapidfuzz import fuzz

            if fuzz.ratio(plain_name(row.name), plain_name(region.name)) < LEAST_SCORE:
                params = {"id": region.id, "name": region.name}
                self.warnings.append(
                    Fault("X337", self.given.file, row.line, None, row.shown, params, Severity.WARNING)
                )
        return region

    def _nearest(self, text: str, *, by_code: bool) -> str:
        """The regions whose codes or names are most like a text, with what tells them apart."""
        from rapidfuzz import fuzz, process

        choices = {one.id: one.id if by_code else plain_name(one.name) for one in self.by_id.values()}
        found = process.extract(
            text if by_code else plain_name(text),
            choices,
            scorer=fuzz.ratio if by_code else fuzz.WRatio,
            limit=MOST_CANDIDATES,
            score_cutoff=LEAST_SCORE,
        )
        return _candidates(self.by_id[key] for _, _, key in found) or words("init.counts.none")

    # ------------------------------------------------------------------------------ its numbers

    def _numbers(self, row: ListRow) -> dict[str, int] | None:
        settings = self.instance.settings
        notation = Notation(
            settings.clock, settings.number_format, comma_is_decimal=self.given.comma_is_decimal
        )
        counts: dict[str, int] = {}
        for column in count_columns_of("regions", settings.counts):
            text = row.counts.get(column.name)
            if column.name not in self.given.count_columns:
                continue
            try:
                if not text:
                    raise CellError("I201")
                plain = text if self.given.is_exact else plain_text(text, column, notation)
                counts[column.name] = cell_reader(column, settings.clock)(plain)
            except CellError as error:
                fault = Fault(error.code, self.given.file, row.line, column.name, text or "", error.params)
                self.faults.append(fault)
                return None
        return counts


def _joined(name: str) -> str:
    """A plain name without spaces: people write Long Bagun and Longbagun."""
    return plain_name(name).replace(" ", "")


def _lies_in(region: Region, others: Sequence[str]) -> bool:
    """Whether a further cell of the row names the region's area or subarea."""
    names = {plain_name(one) for one in (region.area_name, region.subarea_name)} - {""}
    codes = {region.area, region.subarea} - {""}
    return any(
        text in codes or any(f" {name} " in f" {plain_name(text)} " for name in names) for text in others
    )


def _candidates(regions: Iterable[Region]) -> str:
    shown = []
    for one in regions:
        where = one.subarea_name or one.area_name or one.subarea or one.area
        shown.append(f"{one.name} ({one.id}{', ' + where if where else ''})")
    return "; ".join(shown[:10]) + ("; …" if len(shown) > 10 else "")
