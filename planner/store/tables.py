"""Tables of the store, and how it is opened: SQLite's file in the folder, or PostgreSQL on a server."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import (
    URL,
    BigInteger,
    Column,
    Connection,
    Engine,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    create_engine,
    event,
    inspect,
    make_url,
    select,
    update,
)
from sqlalchemy.exc import ArgumentError, DBAPIError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from planner.base.errors import Fault, InputError
from planner.base.text import words
from planner.store.place import STORE

__all__ = [
    "BLOBS",
    "ENTRIES",
    "META",
    "METADATA",
    "MIRRORS",
    "PEOPLE",
    "SCHEMA",
    "engine_of_file",
    "engine_of_server",
    "migrated",
    "said_safely",
    "schema_of",
    "without_credentials",
]

SCHEMA = 2
_BUSY_S = 30
METADATA = MetaData()
META = Table("meta", METADATA, Column("key", Text, primary_key=True), Column("value", Text, nullable=False))
ENTRIES = Table(
    "entries",
    METADATA,
    Column("seq", BigInteger().with_variant(Integer, "sqlite"), primary_key=True, autoincrement=False),
    *(
        Column(name, Text, nullable=False)
        for name in ("kind", "book", "id", "at", "by", "through", "content")
    ),
    Column("private", Text),
    Column("salt", Text),
    *(Column(name, Text, nullable=False) for name in ("private_hash", "before", "hash")),
    UniqueConstraint("kind", "book", "id"),
)
BLOBS = Table(
    "blobs",
    METADATA,
    Column("digest", Text, primary_key=True),  # SHA-256 of what is packed
    Column("packed", LargeBinary, nullable=False),  # by zlib
)
MIRRORS = Table(
    "mirrors",
    METADATA,
    Column("place", Text, primary_key=True),  # folder that holds the file
    Column("book", Text, primary_key=True),
    Column("seq", BigInteger, nullable=False),  # the last entry that it was written with
    Column("digest", Text, nullable=False),  # of the file as it was written or read last
    Column("layout", Text, nullable=False),
)
PEOPLE = Table(  # since schema 2
    "people",
    METADATA,
    Column("digest", Text, primary_key=True),  # SHA-256 of a token, which is long and random
    *(Column(name, Text, nullable=False) for name in ("name", "since", "until")),
)
# From a schema to the next one.
_STEPS: dict[int, Callable[[Connection], None]] = {1: PEOPLE.create}


def engine_of_file(path: Path) -> Engine:
    """SQLite's file: write-ahead log, and nothing is said to be kept before it is on the disk."""
    made = create_engine(
        URL.create("sqlite", database=str(path)),
        poolclass=NullPool,
        hide_parameters=True,
        connect_args={"timeout": _BUSY_S},
    )

    @event.listens_for(made, "connect")
    def _prepare(connection: Any, record: object) -> None:  # noqa: ANN401
        connection.isolation_level = None  # the module begins no transactions of its own
        mode = connection.execute("PRAGMA journal_mode=WAL").fetchone()[0]
        if mode != "wal":
            connection.close()
            raise InputError([Fault("K002", STORE, value=str(path.parent), params={"kind": mode})])
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA secure_delete=ON")

    @event.listens_for(made, "begin")
    def _begin(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return made


def engine_of_server(url: str) -> Engine:
    """PostgreSQL; whoever writes waits for the others.

    Raises
    ------
    InputError
        If it is no address of such a database, or psycopg is not installed (K008).
    """
    try:
        found = make_url(url)
        if found.get_backend_name() != "postgresql":
            raise ArgumentError
        found = found.set(drivername="postgresql+psycopg")
        made = create_engine(
            found,
            poolclass=NullPool,
            hide_parameters=True,
            isolation_level="REPEATABLE READ",
            connect_args={"connect_timeout": 10},
        )
    except ImportError:
        raise InputError([Fault("K008", "--database", value="psycopg")]) from None
    except (SQLAlchemyError, ValueError):
        raise InputError([Fault("K018", "--database", value=without_credentials(url))]) from None

    @event.listens_for(made, "begin")
    def _begin(connection: Connection) -> None:
        if connection.get_execution_options().get("writes", False):
            # As the first statement, so that what is read then is what the one before has written.
            connection.exec_driver_sql("LOCK TABLE entries IN EXCLUSIVE MODE")

    return made


def without_credentials(url: str) -> str:
    """An address that anybody may read: of what stands before the host, and of its options, nothing."""
    bare = re.sub(r"//.*@", "//", url, flags=re.DOTALL)
    return bare.split("?", 1)[0].split("#", 1)[0]


@contextmanager
def said_safely(where: str, url: str = "") -> Iterator[None]:
    """Failures of a database as faults that name no user, no password and no content.

    Parameters
    ----------
    where
        What to call the database.
    url
        Its address, of which nothing but host and name may be told.

    Raises
    ------
    InputError
        If it cannot be read or written (K001), or its disk is full (K006).
    """
    try:
        yield
    except DBAPIError as error:
        reason = str(error.orig).strip().splitlines()[0] if str(error.orig).strip() else "-"
        if "is full" in reason or "No space left" in reason:
            raise InputError([Fault("K006", where)]) from None
        if "locked" in reason:
            raise InputError([Fault("E931", where, value=where)]) from None
        said = words("cli.file.no_database") if "not a database" in reason else _scrubbed(reason, url)
        raise InputError([Fault("K001", where, params={"reason": said})]) from None


def _scrubbed(reason: str, url: str) -> str:
    """A reason without user and password, as they are or as they stand in the address."""
    known = [os.environ.get("PGPASSWORD", ""), os.environ.get("PGUSER", "")]
    if url:
        made = make_url(url)
        known += [str(made.password or ""), str(made.username or "")]
        known += [str(one) for one in made.query.values()]
        known += (re.search(r"//(.*)@", url) or [""])[0].strip("/@").split(":")
    for word in sorted(filter(None, known), key=len, reverse=True):
        reason = re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", "***", reason)
    return reason


def schema_of(connection: Connection) -> int:
    """The schema of a store; 0: there is none."""
    if not inspect(connection).has_table(META.name):
        return 0
    found = connection.execute(select(META.c.value).where(META.c.key == "schema")).scalar()
    return int(found or 0)


def migrated(connection: Connection, where: str) -> None:
    """Bring a store's tables to the present schema.

    Raises
    ------
    InputError
        If a newer version made it (K003).
    """
    found = schema_of(connection)
    if found > SCHEMA:
        raise InputError([Fault("K003", where, params={"schema": found, "known": SCHEMA})])
    for number in range(found, SCHEMA):
        _STEPS[number](connection)
    if found < SCHEMA:
        connection.execute(update(META).where(META.c.key == "schema").values(value=str(SCHEMA)))
