"""Which papers a plan gives, in which file each lies, and which of them another plan has changed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from pathlib import Path

from planner.base.text import words
from planner.papers.handovers import delivery_notes, records
from planner.papers.lists import labels, loading_lists, receiving_lists
from planner.papers.model import Kind, Paper
from planner.papers.run_sheets import run_sheets
from planner.papers.source import Source
from planner.papers.typeset import Sheets
from planner.papers.words import file_stem, spoken

__all__ = ["By", "Changed", "all_papers", "changed_papers", "filed"]

_MAKERS: Mapping[Kind, Callable[[Source], Iterator[Paper]]] = {
    Kind.RUN_SHEET: run_sheets,
    Kind.LOADING_LIST: loading_lists,
    Kind.DELIVERY_NOTE: delivery_notes,
    Kind.HANDOVER: records,
    Kind.RECEIVING_LIST: receiving_lists,
    Kind.LABELS: labels,
}
_MOST = 40  # papers of a file: more takes too much memory at once


class By(StrEnum):
    """What has a folder of its own."""

    AREA = "area"
    HUB = "hub"
    VEHICLE = "vehicle"


@dataclass(frozen=True, slots=True)
class Changed:
    """What another plan changes.

    Parameters
    ----------
    papers
        That are new or other than before, and not over.
    void
        That were valid before and are not any more.
    """

    papers: tuple[Paper, ...]
    void: tuple[Paper, ...]


def all_papers(source: Source, kinds: Iterable[Kind], day: date | None = None) -> tuple[Paper, ...]:
    """Papers of some kinds; of a day those that are used on it (labels belong to no day)."""
    return tuple(
        paper for kind in kinds for paper in _MAKERS[kind](source) if day is None or paper.day == day
    )


def changed_papers(before: Iterable[Paper], after: Iterable[Paper], from_s: int) -> Changed:
    """Papers that say something else than before.

    Parameters
    ----------
    before, after
        Of both plans.
    from_s
        What is over by then is not printed again.
    """
    old = {(paper.kind, paper.key): paper for paper in before}
    new = {(paper.kind, paper.key): paper for paper in after}
    other = (paper for name, paper in new.items() if _said(paper) != _said(old.get(name)))
    return Changed(
        tuple(paper for paper in other if paper.until_s > from_s),
        tuple(paper for name, paper in old.items() if name not in new and paper.until_s > from_s),
    )


def _said(paper: Paper | None) -> object:
    return None if paper is None else (paper.language, paper.body)


def filed(papers: Iterable[Paper], by: By, source: Source, folder: Path) -> list[Sheets]:
    """The files of papers: by area and hub one for each kind in a folder, by vehicle one for each vehicle.

    Parameters
    ----------
    papers
        In any order.
    by
        Whose folders there are. What belongs to no vehicle is filed by its place.
    source
        Knows the names.
    folder
        Of all files.
    """
    groups: dict[tuple[str, str], list[Paper]] = {}
    for paper in papers:
        name = getattr(paper.groups, by) or paper.groups.hub
        stem = paper.kind.value if by is not By.VEHICLE or not paper.groups.vehicle else ""
        groups.setdefault((name, stem), []).append(paper)
    found: list[Sheets] = []
    taken: set[str] = set()
    for (name, stem), mine in groups.items():
        label = _label(source, by, name)
        for at, some in enumerate(_cut(mine)):
            path = _path(folder, label, stem, at, taken)
            with spoken(source.names.language):
                what = words(f"papers.title.{mine[0].kind}") if stem else ""
            title = " · ".join(part for part in (what, label, source.instance.settings.name) if part)
            found.append(Sheets(path, title, tuple(some)))
    return found


def _cut(papers: Sequence[Paper]) -> Iterator[Sequence[Paper]]:
    """As many at once as a file may have; labels count by their sheets."""
    some: list[Paper] = []
    size = 0
    for paper in papers:
        sheet = paper.body["columns"] * paper.body["rows"] if paper.kind is Kind.LABELS else 1
        weight = -(-len(paper.body["labels"]) // sheet) if paper.kind is Kind.LABELS else 1
        if some and size + weight > _MOST:
            yield some
            some, size = [], 0
        some.append(paper)
        size += weight
    yield some


def _label(source: Source, by: By, name: str) -> str:
    if by is By.AREA:
        return f"{name} {source.names.area_name(name)}".strip()
    if name in source.trips_of:
        return f"{source.names.sign(name)} {name}"
    return f"{name} {source.names.place(name)}"


def _path(folder: Path, label: str, stem: str, at: int, taken: set[str]) -> Path:
    """A name that every system takes, and no other file here has."""
    safe = file_stem(label)
    more = "" if not at else f"-{at + 1}"
    for again in range(1, 10_000):
        own = safe if again == 1 else f"{safe}~{again}"
        path = folder / own / f"{stem}{more}.pdf" if stem else folder / f"{own}{more}.pdf"
        if str(path).casefold() not in taken:
            break
    taken.add(str(path).casefold())
    return path
