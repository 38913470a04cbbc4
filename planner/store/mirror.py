"""Mirrors: files that show what the store has, and into which people may type; the store stays the truth.

What was typed into a mirror is taken over by the command that understands it. What was altered or removed
there is told, never obeyed: the mirror is written anew, and the file as it was found stays beside it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

from planner.base.errors import Fault, InputError, Severity
from planner.base.files import write_bytes
from planner.base.locking import LockedError, locked
from planner.base.opening import FileSort, content_of, system_words
from planner.store import place
from planner.store.chain import Entry
from planner.store.ledger import Ledger, Mirrored, New, Work, ledger_of

__all__ = ["Book", "Page", "Shelf", "adding", "compared", "mirror_content", "take_over"]

_MOST_NAMES = 10_000
_SHOWN = 200  # signs of a cell in a message


@dataclass(frozen=True, slots=True)
class Page:
    """What a mirror holds: rows of cells by column, and how it is written."""

    rows: list[dict[str, str]]
    layout: str


@dataclass(frozen=True, slots=True)
class Book:
    """A kind of mirror.

    Parameters
    ----------
    kind
        Of its entries.
    key
        The column by which rows are told apart; empty: their order does, and a row that is typed in counts
        at once.
    sort
        What the file is.
    read, write
        From bytes to rows (a ValueError where they are none), and back.
    private
        Which cells of a row are free text.
    """

    kind: str
    key: str
    sort: FileSort
    read: Callable[[bytes], Page]
    write: Callable[[Page], bytes]
    private: Callable[[Mapping[str, str]], frozenset[str]]

    def new(
        self, path: Path, number: int, cells: Mapping[str, str], more: Mapping[str, object] | None
    ) -> New:
        """A row as what is to be entered.

        Parameters
        ----------
        path, number
            The mirror, and the row's place in it.
        cells, more
            What it says, and what is kept beside its cells.
        """
        filled = {column: cell for column, cell in cells.items() if cell}
        name = filled.get(self.key, f"{self.kind}-{number:04d}")
        return New(self.kind, path.name, name, filled.get("by", ""), filled, self.private(filled), more)


@dataclass(frozen=True, slots=True)
class Compared:
    """How a mirror differs from the store.

    Parameters
    ----------
    typed
        Rows that the store does not have.
    altered
        Rows of the store, each with what stands there instead.
    removed
        Rows of the store that were there and are not any more.
    """

    typed: list[dict[str, str]]
    altered: list[tuple[dict[str, str], dict[str, str]]]
    removed: list[dict[str, str]]


def compared(
    kept: Sequence[tuple[dict[str, str], bool]], found: Sequence[dict[str, str]], key: str
) -> Compared:
    """Compare rows of the store with those of its mirror.

    Parameters
    ----------
    kept
        Rows of the store, each with whether the mirror had it.
    found
        Rows of the mirror.
    key
        The column by which rows are told apart; empty: their order does.
    """
    there: dict[frozenset[tuple[str, str]], list[int]] = {}
    for at, row in enumerate(found):
        there.setdefault(_filled(row), []).append(at)
    lacking, known = [], set()
    for row, had in kept:
        same = there.get(_filled(row))
        if same:
            known.add(same.pop(0))
        elif had:
            lacking.append(row)
    rest = {at: row for at, row in enumerate(found) if at not in known}
    altered, removed = [], []
    for row in lacking:
        other = next((at for at, one in rest.items() if not key or one.get(key) == row.get(key)), None)
        if other is None:
            removed.append(row)
        else:
            altered.append((row, rest.pop(other)))
    return Compared(list(rest.values()), altered, removed)


def _filled(row: Mapping[str, str]) -> frozenset[tuple[str, str]]:
    return frozenset((name, cell) for name, cell in row.items() if cell)


@dataclass
class Shelf:
    """A mirror that is being added to, while nobody else adds.

    Attributes
    ----------
    content
        The file, brought up to date; None: it is not there yet.
    rows
        Rows to be entered.
    text
        The file with them.
    more
        What is to be kept with them beside their cells.
    head
        Afterwards: the head of the chain.
    """

    work: Work
    content: bytes | None
    rows: list[dict[str, str]] = field(default_factory=list)
    text: bytes = b""
    more: Mapping[str, object] | None = None
    head: str = ""


_held: dict[Path, bytes | None] = {}  # mirrors that this process is adding to


def mirror_content(path: Path, book: Book) -> bytes | None:
    """A mirror as it should be, brought up to date in the folder; None: there is none.

    Parameters
    ----------
    path, book
        A file of a folder that has a store, and what it is.

    Raises
    ------
    InputError
        If the store cannot be read.
    """
    where = path.resolve()
    if where in _held:
        return _held[where]
    ledger = ledger_of(path.parent)
    content = _file(path, book)
    with ledger.reading() as work:
        current, none = _is_current(path, content, work), not work.last_of(path.name)
    if current or (content is None and none):
        return content
    with _lock(path):
        return _synced(path, book, ledger)


def _is_current(path: Path, content: bytes | None, work: Work) -> bool:
    """Whether a file is as it was written or read last, and nothing was entered since."""
    state = work.mirrored(path.name)
    if content is None or state is None or state.digest != _digest(content):
        return False
    return state.seq == work.last_of(path.name)


def _file(path: Path, book: Book) -> bytes | None:
    try:
        return content_of(path, book.sort)
    except FileNotFoundError:
        return None


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


@contextmanager
def _lock(path: Path, wait_s: float = 20.0) -> Iterator[None]:
    try:
        with locked(path, wait_s=wait_s):
            yield
    except LockedError:
        raise InputError([Fault("E931", path.stem, value=str(path))]) from None


def _synced(path: Path, book: Book, ledger: Ledger) -> bytes | None:
    """Bring a mirror up to date, while nobody else writes it."""
    with ledger.writing() as work:
        content, page, wanted = _differences(path, book, work)
        if wanted is None:
            return content
        seq = work.last_of(path.name)
    if wanted != content and not _written(path, wanted):
        return wanted
    with ledger.writing() as work:
        work.keep_mirrored(path.name, Mirrored(seq, _digest(wanted), page.layout))
    return wanted


def _differences(path: Path, book: Book, work: Work) -> tuple[bytes | None, Page, bytes | None]:
    """The file as it is, what it should hold, and its bytes; what was typed and needs no more is entered."""
    content = _file(path, book)
    state = work.mirrored(path.name)
    kept = work.entries(book.kind, path.name)
    if content is None and not kept:
        return None, Page([], ""), None
    page = _page(content, book)
    if page is None:
        if content is not None and not kept:
            return content, Page([], ""), None  # whoever reads it says what is wrong
        if content is not None:
            _told(path, [_fault("K011", path, kept=_kept_aside(path, content))])
        rows = [one.cells() for one in kept]
        page = Page(rows, state.layout if state is not None else "")
        return content, page, book.write(page)
    had = 0 if state is None else state.seq
    page = Page(_without_erased(page.rows, kept), page.layout)
    difference = compared([(one.cells(), one.seq <= had) for one in kept], page.rows, book.key)
    if not book.key and difference.typed:
        new = [book.new(path, len(kept) + at, row, None) for at, row in enumerate(difference.typed, 1)]
        kept = [*kept, *work.add(new, through="typed" if kept else "import")]
        difference = Compared([], difference.altered, difference.removed)
    if (difference.altered or difference.removed) and content is not None:
        _told(path, _faults(path, difference, book, _kept_aside(path, content)))
    wanted = Page([*(one.cells() for one in kept), *difference.typed], page.layout)
    found = () if content is None else book.read(content).rows
    same = list(map(_filled, found)) == list(map(_filled, wanted.rows))
    return content, wanted, content if same else book.write(wanted)


def _without_erased(rows: Sequence[dict[str, str]], kept: Sequence[Entry]) -> list[dict[str, str]]:
    """Rows of a mirror; in those whose free text was erased since, it is erased too."""
    silent: dict[frozenset[str], dict[frozenset[tuple[str, str]], Entry]] = {}
    for entry in kept:
        if columns := entry.erased():
            bare = {name: cell for name, cell in entry.cells().items() if name not in columns}
            silent.setdefault(columns, {})[_filled(bare)] = entry
    made = []
    for row in rows:
        erased = None
        for columns, by_cells in silent.items():
            bare = {name: cell for name, cell in row.items() if name not in columns}
            erased = erased or by_cells.get(_filled(bare))
        made.append(row if erased is None else erased.cells())
    return made


def _page(content: bytes | None, book: Book) -> Page | None:
    if content is None:
        return None
    try:
        return book.read(content)
    except (ValueError, KeyError, TypeError, RecursionError):
        return None


def _written(path: Path, content: bytes) -> bool:
    """Write a mirror; where that is not possible now the store has it all the same, and this is told."""
    try:
        write_bytes(path, content)
    except OSError as error:
        _told(path, [_fault("K012", path, reason=system_words(error))])
        return False
    return True


def _kept_aside(path: Path, content: bytes) -> str:
    """Keep a file as it was found; gives its name."""
    for number in range(1, _MOST_NAMES):
        other = path.with_name(f"{path.name}.as-found-{number}")
        if other.exists():
            with suppress(OSError):
                if content_of(other, FileSort.REPORTS) == content:
                    return other.name
            continue
        try:
            write_bytes(other, content)
        except OSError:
            break
        return other.name
    return "-"


def _fault(code: str, path: Path, **params: object) -> Fault:
    return Fault(code, path.name, value=str(path), params=params, severity=Severity.WARNING)


def _faults(path: Path, found: Compared, book: Book, aside: str) -> Iterator[Fault]:
    for row, other in found.altered:
        names = [name for name in {**row, **other} if row.get(name, "") != other.get(name, "")]
        for name in names:
            params = {"id": row.get(book.key, "-"), "kept": aside, "right": row.get(name, "")[:_SHOWN]}
            cell = other.get(name, "")[:_SHOWN]
            yield Fault("K009", path.name, None, name, cell, params, Severity.WARNING)
    for row in found.removed:
        told = ", ".join(cell for cell in row.values() if cell)[:_SHOWN]
        yield _fault("K010", path, row=told, kept=aside)


def _told(path: Path, faults: Sequence[Fault] | Iterator[Fault]) -> None:
    for one in faults:
        place.tell(one)


@contextmanager
def adding(path: Path, book: Book, wait_s: float = 20.0) -> Iterator[Shelf]:
    """Add rows to a mirror and its store: into the store whole or not at all, then into the file.

    Parameters
    ----------
    path, book
        A file of a folder that has a store, and what it is.
    wait_s
        How long to wait for others who are adding.

    Raises
    ------
    InputError
        If another one keeps it too long (E931), or the store cannot be written (K001, K006): then nothing
        was added.
    """
    ledger, where = ledger_of(path.parent), path.resolve()
    with _lock(path, wait_s):
        with ledger.reading() as work:
            current = _is_current(path, _file(path, book), work)
        if not current:
            _synced(path, book, ledger)
        with ledger.writing() as work:
            content = _file(path, book)
            if not _is_current(path, content, work):  # another machine has just added some
                there, _, wanted = _differences(path, book, work)
                content = there if wanted is None else wanted
            shelf = Shelf(work, content)
            _held[where] = shelf.content
            try:
                yield shelf
            finally:
                del _held[where]
            kept = len(work.entries(book.kind, path.name)) if not book.key else 0
            new = [book.new(path, kept + at, row, shelf.more) for at, row in enumerate(shelf.rows, 1)]
            work.add(new)
            seq, shelf.head = work.last_of(path.name), work.head()[1]
        if shelf.rows and _written(path, shelf.text):
            state = Mirrored(seq, _digest(shelf.text), book.read(shelf.text).layout)
            with ledger.writing() as work:
                work.keep_mirrored(path.name, state)


def take_over(path: Path, book: Book, names: Collection[str]) -> int:
    """Enter what was typed into a mirror, now that it is understood; gives how many rows that were.

    Parameters
    ----------
    path, book
        A file of a folder that has a store, and what it is.
    names
        Keys of the rows that are understood.
    """
    where = path.resolve()
    if where in _held:
        return 0
    ledger = ledger_of(path.parent)
    with _lock(path), ledger.writing() as work:
        content = _file(path, book)
        page = _page(content, book)
        if page is None:
            return 0
        kept = work.entries(book.kind, path.name)
        if len(page.rows) == len(kept):
            return 0
        typed = compared([(one.cells(), True) for one in kept], page.rows, book.key).typed
        new = [
            book.new(path, len(kept) + at, row, None)
            for at, row in enumerate(typed, 1)
            if row.get(book.key, "").strip() in names
        ]
        work.add(new, through="typed" if kept else "import")
        return len(new)
