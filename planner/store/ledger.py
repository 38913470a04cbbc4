"""The ledger: what happened, added entry by entry, in transactions that are kept whole or not at all."""

from __future__ import annotations

import hashlib
import json
import secrets
import zlib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import Connection, Engine, func, insert, select, update
from sqlalchemy.exc import DBAPIError

from planner.base.errors import Fault, InputError
from planner.base.files import write_text
from planner.base.opening import FileSort, text_of_file
from planner.store import place
from planner.store.chain import ERASED, GENESIS, Entry, linked, salted, text_of_cells
from planner.store.folders import unfit
from planner.store.tables import (
    BLOBS,
    ENTRIES,
    META,
    METADATA,
    MIRRORS,
    SCHEMA,
    engine_of_file,
    engine_of_server,
    migrated,
    said_safely,
    schema_of,
    without_credentials,
)

__all__ = ["Ledger", "Mirrored", "New", "Work", "begun", "brought_up", "ledger_of"]


@dataclass(frozen=True, slots=True)
class New:
    """What is to be entered: cells by column, and which of them are free text."""

    kind: str
    book: str
    id: str
    by: str
    cells: Mapping[str, str]
    private: frozenset[str] = frozenset()
    more: Mapping[str, object] | None = None  # besides the cells: digests of files, lists

    @property
    def content(self) -> str:
        """What of it is part of the chain, as JSON text."""
        cells = {name: cell for name, cell in self.cells.items() if name not in self.private}
        order = {"order": list(self.cells)} if len(cells) < len(self.cells) else {}
        return text_of_cells({"cells": cells} | order | dict(self.more or {}))


@dataclass(frozen=True, slots=True)
class Mirrored:
    """What a mirror was when it was written or read last: up to which entry, its digest, its layout."""

    seq: int
    digest: str
    layout: str


class Work:
    """One transaction."""

    def __init__(self, connection: Connection, own_place: str) -> None:
        self._connection, self._place = connection, own_place

    def entries(self, kind: str | None = None, book: str | None = None, after: int = 0) -> list[Entry]:
        """Entries by their numbers: of all kinds, or of one; beyond `after`."""
        asked = select(ENTRIES).where(ENTRIES.c.seq > after).order_by(ENTRIES.c.seq)
        asked = asked if kind is None else asked.where(ENTRIES.c.kind == kind)
        asked = asked if book is None else asked.where(ENTRIES.c.book == book)
        return [Entry(*row) for row in self._connection.execute(asked)]

    def number_of(self, kind: str) -> int:
        """How many entries of a kind there are."""
        asked = select(func.count()).select_from(ENTRIES).where(ENTRIES.c.kind == kind)
        return self._connection.execute(asked).scalar() or 0

    def same(self, one: New) -> Entry | None:
        """An entry that says the same; None: there is none."""
        asked = select(ENTRIES).where(ENTRIES.c.kind == one.kind, ENTRIES.c.content == one.content).limit(1)
        found = self._connection.execute(asked).first()
        return None if found is None else Entry(*found)

    def last_of(self, book: str) -> int:
        """Number of the last entry of a mirror, or of what changed it since; 0: none."""
        mine = (ENTRIES.c.book == book) | (ENTRIES.c.kind == ERASED)
        return self._connection.execute(select(func.max(ENTRIES.c.seq)).where(mine)).scalar() or 0

    def head(self) -> tuple[int, str]:
        """Number and hash of the last entry."""
        asked = select(ENTRIES.c.seq, ENTRIES.c.hash).order_by(ENTRIES.c.seq.desc()).limit(1)
        found = self._connection.execute(asked).first()
        return (0, GENESIS) if found is None else (found.seq, found.hash)

    def add(self, new: Sequence[New], *, through: str = "") -> list[Entry]:
        """Enter things, one after another."""
        (seq, before), made = self.head(), []
        now = datetime.now(UTC).isoformat(timespec="milliseconds")
        for one in new:
            seq += 1
            private, salt, private_hash = salted(
                {name: cell for name, cell in one.cells.items() if name in one.private}
            )
            entry = linked(
                Entry(
                    *(seq, one.kind, one.book, one.id, now, one.by, through or place.channel()),
                    *(one.content, private, salt, private_hash, before),
                )
            )
            made.append(entry)
            before = entry.hash
        if made:
            self._connection.execute(insert(ENTRIES), [asdict(one) for one in made])
        return made

    def erase(self, entries: Sequence[Entry], by: str) -> None:
        """Delete the free text of entries, with its salt; that it was erased is an entry itself."""
        numbers = [one.seq for one in entries]
        silent = update(ENTRIES).where(ENTRIES.c.seq.in_(numbers)).values(private=None, salt=None)
        self._connection.execute(silent)
        name = f"X{self.head()[0] + 1}"
        self.add([New(ERASED, "", name, by, {}, more={"rows": numbers})])

    def mirrored(self, book: str) -> Mirrored | None:
        """What a mirror of this place was; None: it has not been written here."""
        mine = select(MIRRORS).where(MIRRORS.c.book == book)
        found = self._connection.execute(mine.where(MIRRORS.c.place == self._place)).first()
        if found is not None:
            return Mirrored(found.seq, found.digest, found.layout)
        other = self._connection.execute(mine.limit(1)).first()
        return None if other is None else Mirrored(0, "", other.layout)

    def keep_mirrored(self, book: str, state: Mirrored) -> None:
        """Keep what a mirror of this place is now."""
        key = {"place": self._place, "book": book}
        there = (MIRRORS.c.place == self._place) & (MIRRORS.c.book == book)
        done = self._connection.execute(update(MIRRORS).where(there).values(**asdict(state)))
        if not done.rowcount:
            self._connection.execute(insert(MIRRORS).values(**key, **asdict(state)))

    def keep_files(self, files: Mapping[str, bytes]) -> dict[str, str]:
        """Keep the bytes of files, each content once; gives their digests by name."""
        digests = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        known = select(BLOBS.c.digest).where(BLOBS.c.digest.in_(list(digests.values())))
        there = set(self._connection.execute(known).scalars())
        for name, digest in digests.items():
            if digest not in there:
                there.add(digest)
                self._connection.execute(
                    insert(BLOBS).values(digest=digest, packed=zlib.compress(files[name]))
                )
        return digests

    def file_digests(self) -> list[str]:
        """Digests of all contents that are kept."""
        return list(self._connection.execute(select(BLOBS.c.digest).order_by(BLOBS.c.digest)).scalars())

    def content_of(self, digest: str) -> bytes | None:
        """The bytes of a file; None where they are not there, or are others."""
        packed = self._connection.execute(select(BLOBS.c.packed).where(BLOBS.c.digest == digest)).scalar()
        try:
            content = zlib.decompress(packed or b"")
        except zlib.error:
            return None
        return content if hashlib.sha256(content).hexdigest() == digest else None

    @property
    def connection(self) -> Connection:
        """The database's own connection, for whoever copies whole stores."""
        return self._connection


class Ledger:
    """The store of one folder.

    Parameters
    ----------
    engine
        Its database.
    where
        What it is called in messages, without credentials.
    url
        The address of a server, with them; empty: it is a file.
    own_place
        By what the database knows the folder that the mirrors are in.
    """

    def __init__(self, engine: Engine, where: str, url: str = "", own_place: str = "") -> None:
        self.engine, self.where, self.url, self.place = engine, where, url, own_place

    @contextmanager
    def reading(self) -> Iterator[Work]:
        """Read what one moment has."""
        with said_safely(self.where, self.url), self.engine.connect() as connection, connection.begin():
            yield Work(connection, self.place)

    @contextmanager
    def writing(self) -> Iterator[Work]:
        """Write, all or nothing, while nobody else does."""
        with (
            said_safely(self.where, self.url),
            self.engine.connect().execution_options(writes=True) as connection,
            connection.begin(),
        ):
            yield Work(connection, self.place)

    def swept(self) -> None:
        """Leave nothing of what was deleted in the database's files."""
        with said_safely(self.where, self.url), self.engine.connect() as connection:
            if self.url:
                alone = connection.execution_options(isolation_level="AUTOCOMMIT")
                alone.exec_driver_sql("VACUUM FULL entries")
            else:
                connection.exec_driver_sql("COMMIT")  # the log cannot be cut within a transaction
                connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")


_ledgers: dict[tuple[Path, str], Ledger] = {}


def ledger_of(folder: Path) -> Ledger:
    """The store of a folder that has one (`planner.store.place.has_store`).

    Raises
    ------
    InputError
        If it cannot be opened (K001, K003), lies where no store may lie (K002), or is that of another folder
        (K016).
    """
    where = folder.resolve()
    key = (where, place.given())
    if key not in _ledgers:
        _ledgers[key] = _on_server(where) if (where / place.DESK).exists() else _in_file(where)
    return _ledgers[key]


def _in_file(folder: Path) -> Ledger:
    _refuse_unfit(folder)
    made = Ledger(engine_of_file(folder / place.STORE), str(folder / place.STORE))
    brought_up(made)
    return made


def _refuse_unfit(folder: Path) -> None:
    kind = unfit(folder)
    if kind:
        raise InputError([Fault("K002", place.STORE, value=str(folder), params={"kind": kind})])


def brought_up(ledger: Ledger) -> str:
    """Bring the tables of a store to the present schema; gives the id of the store.

    Raises
    ------
    InputError
        If it is none (K015), or a newer version made it (K003).
    """
    with ledger.reading() as work:
        found = schema_of(work.connection)
        desk = "" if not found else _meta(work, "desk")
    if not desk:
        raise InputError([Fault("K015", ledger.where, value=ledger.where)])
    if found != SCHEMA:
        with ledger.writing() as work:
            migrated(work.connection, ledger.where)
    return desk


def _meta(work: Work, key: str) -> str:
    return work.connection.execute(select(META.c.value).where(META.c.key == key)).scalar() or ""


def _on_server(folder: Path) -> Ledger:
    try:
        told = json.loads(text_of_file(folder / place.DESK, FileSort.SETTINGS))
        url, own, desk = (str(told[name]) for name in ("database", "place", "desk"))
    except (OSError, ValueError, KeyError, TypeError):
        raise InputError([Fault("K017", place.DESK, value=str(folder / place.DESK))]) from None
    url = place.given() or url
    made = Ledger(engine_of_server(url), without_credentials(url), url, own)
    if brought_up(made) != desk:
        raise InputError([Fault("K016", place.DESK, value=made.where)])
    return made


def begun(folder: Path, url: str = "") -> Ledger:
    """Make the store of a folder, or join that of a server.

    Parameters
    ----------
    folder
        Folder of plans, made where it is not there.
    url
        Address of a server; empty: SQLite's file in the folder.

    Raises
    ------
    InputError
        If the folder has a store (K004), may have none (K002), or the database cannot be made or reached.
    """
    folder = Path(folder)
    for name in (place.STORE, place.DESK):
        if (folder / name).exists():
            raise InputError([Fault("K004", name, value=str(folder / name))])
    if not url:
        _refuse_unfit(folder)
        folder.mkdir(parents=True, exist_ok=True)
        made = Ledger(engine_of_file(folder / place.STORE), str(folder / place.STORE))
        _made(made)
        return made
    own = secrets.token_hex(8)
    made = Ledger(engine_of_server(url), without_credentials(url), url, own)
    desk = _made(made)
    folder.mkdir(parents=True, exist_ok=True)
    document = {"format": "desk/1", "database": made.where, "desk": desk, "place": own}
    write_text(folder / place.DESK, json.dumps(document, indent=1) + "\n")
    return made


def _made(ledger: Ledger) -> str:
    """Make the tables where they are not there yet; gives the id of the store."""
    desk = secrets.token_hex(8)
    try:
        with said_safely(ledger.where, ledger.url), ledger.engine.begin() as connection:
            if schema_of(connection) == 0:
                METADATA.create_all(connection)
                rows = [{"key": "schema", "value": str(SCHEMA)}, {"key": "desk", "value": desk}]
                connection.execute(insert(META), rows)
    except InputError:
        try:  # another one made them just now
            return brought_up(ledger)
        except (InputError, DBAPIError):
            pass
        raise
    return brought_up(ledger)
