"""Whole stores: copies in one file, whatever the database; what is wrong with one; all of it as files."""

from __future__ import annotations

import json
import os
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Table, delete, insert, select

from planner.base.errors import Fault, InputError
from planner.base.files import write_bytes
from planner.store.chain import Break, breaks
from planner.store.ledger import Ledger, Work, brought_up
from planner.store.tables import BLOBS, ENTRIES, META, METADATA, MIRRORS, PEOPLE, engine_of_file

__all__ = ["Soundness", "copied_to", "export_files", "opened_copy", "restored", "soundness"]

_AT_ONCE = 500  # rows
_TOLD = (META, ENTRIES, BLOBS, MIRRORS)


@dataclass(frozen=True)
class Soundness:
    """What a store is found to be.

    Parameters
    ----------
    entries
        How many it has.
    head
        Hash of the last one.
    breaks
        Where its chain is broken.
    lost
        Digests of files that entries name and that are not there, or are others.
    """

    entries: int
    head: str
    breaks: tuple[Break, ...]
    lost: tuple[str, ...]

    @property
    def is_sound(self) -> bool:
        """Whether nothing is wrong."""
        return not self.breaks and not self.lost


def soundness(ledger: Ledger, head: str = "") -> Soundness:
    """Look through a whole store.

    Parameters
    ----------
    ledger
        The store.
    head
        A head that was printed before, or its beginning; empty: none is looked for.
    """
    with ledger.reading() as work:
        entries = work.entries()
        seq, last = work.head()
        named = {digest for one in entries for digest in json.loads(one.content).get("files", {}).values()}
        lost = tuple(one for one in sorted({*named, *work.file_digests()}) if work.content_of(one) is None)
    return Soundness(seq, last, tuple(breaks(entries, head)), lost)


def copied_to(ledger: Ledger, path: Path) -> None:
    """Copy a store into one file of SQLite, as it is at one moment, whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    os.close(handle)
    try:
        other = Ledger(engine_of_file(Path(name)), path.name)
        with ledger.reading() as source, other.writing() as target:
            METADATA.create_all(target.connection)
            _copy(source, target, (*_TOLD, PEOPLE))
        with other.engine.connect() as connection:  # one file, without a log beside it
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("PRAGMA journal_mode=DELETE")
        with open(name, "rb+") as copy:
            os.fsync(copy.fileno())
        os.replace(name, path)
    finally:
        for end in ("", "-wal", "-shm"):
            Path(name + end).unlink(missing_ok=True)


def _copy(source: Work, target: Work, tables: Sequence[Table]) -> None:
    for one in tables:
        rows = source.connection.execute(select(one).execution_options(yield_per=_AT_ONCE)).mappings()
        for part in rows.partitions(_AT_ONCE):
            target.connection.execute(insert(one), [dict(row) for row in part])


@contextmanager
def opened_copy(path: Path) -> Iterator[Ledger]:
    """A store that was copied into a file, which stays as it is.

    Raises
    ------
    InputError
        If the file is none (K015), or its chain is broken (K013).
    """
    if not path.is_file():
        raise InputError([Fault("K015", path.name, value=str(path))])
    with tempfile.TemporaryDirectory() as folder:
        made = Ledger(engine_of_file(Path(shutil.copy(path, folder))), path.name)
        brought_up(made)
        if not soundness(made).is_sound:
            raise InputError([Fault("K013", path.name, value=str(path))])
        yield made


def restored(ledger: Ledger, copy: Ledger, *, force: bool) -> int:
    """Put a copy in the place of what a store has; gives how many entries the store had beyond it.

    Parameters
    ----------
    ledger, copy
        The store, and what was copied of it before.
    force
        Whether entries may be lost by that, or the copy may be one of another store.

    Raises
    ------
    InputError
        If the copy does not continue what the store has (K014).
    """
    with copy.reading() as source, ledger.writing() as target:
        kept, new = target.entries(), source.entries()
        hashes = {one.hash for one in new}
        lost = sum(one.hash not in hashes for one in kept)
        if lost and not force:
            raise InputError([Fault("K014", ledger.where, params={"number": lost})])
        desk = select(META.c.value).where(META.c.key == "desk")
        own = target.connection.execute(desk).scalar()
        # Who may approve stays as it is: an older copy would give back tokens that were taken away.
        is_new = target.connection.execute(select(PEOPLE.c.name).limit(1)).first() is None
        for one in _TOLD:
            target.connection.execute(delete(one))
        _copy(source, target, (*_TOLD, PEOPLE) if is_new else _TOLD)
        target.connection.execute(META.update().where(META.c.key == "desk").values(value=own))
        return lost


def export_files(ledger: Ledger, folder: Path) -> Iterator[Path]:
    """Write all that a store has into a folder: entries as lines of JSON, and each approval's files."""
    with ledger.reading() as work:
        entries = work.entries()
        lines = [
            json.dumps(
                {"seq": one.seq, "kind": one.kind, "in": one.book, "id": one.id, "at": one.at, "by": one.by}
                | {"through": one.through, "cells": one.cells(), "before": one.before, "hash": one.hash},
                ensure_ascii=False,
            )
            for one in entries
        ]
        yield write_bytes(folder / "entries.jsonl", "".join(f"{line}\n" for line in lines).encode("utf-8"))
        for one in entries:
            for name, digest in json.loads(one.content).get("files", {}).items():
                content = work.content_of(digest)
                if content is not None and ".." not in Path(name).parts:
                    yield write_bytes(folder / f"{one.kind}-{one.seq}" / name, content)
