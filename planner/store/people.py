"""People of a desk and their tokens, of which the store keeps hashes alone; who was added is in the chain."""

from __future__ import annotations

import hashlib
import os
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import insert, select, update

from planner.base.errors import Fault, InputError
from planner.base.nearest import folded
from planner.store.ledger import Ledger, New, Work, ledger_of
from planner.store.tables import PEOPLE

__all__ = ["TOKEN", "Person", "add_person", "checked_person", "people_of", "revoke_person"]

TOKEN = "PLAN_TOKEN"  # the variable of the environment that has one's own
_KIND = "person"
_BYTES = 24


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who has, or had, a token; `until` is empty while it holds."""

    name: str
    since: str
    until: str


def people_of(ledger: Ledger) -> Sequence[Person]:
    """All who have or had a token, in the order in which they were added."""
    with ledger.reading() as work:
        return _people(work)


def _people(work: Work) -> Sequence[Person]:
    rows = work.connection.execute(select(PEOPLE).order_by(PEOPLE.c.since, PEOPLE.c.name))
    return [Person(row.name, row.since, row.until) for row in rows]


def add_person(ledger: Ledger, name: str, by: str) -> str:
    """Give somebody a token; it is nowhere but in the answer.

    Parameters
    ----------
    ledger
        The store.
    name, by
        Who gets it, and who gives it.

    Raises
    ------
    InputError
        If somebody of this name has one that holds (K042).
    """
    token = secrets.token_urlsafe(_BYTES)
    with ledger.writing() as work:
        if _holding(work, name):
            raise InputError([Fault("K042", "people", value=name)])
        row = {"digest": _digest(token), "name": name, "since": _now(), "until": ""}
        work.connection.execute(insert(PEOPLE).values(**row))
        _enter(work, name, by, "added")
    return token


def revoke_person(ledger: Ledger, name: str, by: str) -> None:
    """Take somebody's token back.

    Parameters
    ----------
    ledger
        The store.
    name, by
        Whose it is, and who takes it back.

    Raises
    ------
    InputError
        If nobody of this name has one that holds (K043).
    """
    with ledger.writing() as work:
        names = _holding(work, name)
        if not names:
            known = ", ".join(one.name for one in _people(work) if not one.until) or "-"
            raise InputError([Fault("K043", "people", value=name, params={"known": known})])
        holds = PEOPLE.c.name.in_(names) & (PEOPLE.c.until == "")
        work.connection.execute(update(PEOPLE).where(holds).values(until=_now()))
        _enter(work, names[0], by, "revoked")


def checked_person(folder: Path, by: str) -> str:
    """Who approves in a folder: by the token of PLAN_TOKEN where its store keeps people, else as typed.

    Raises
    ------
    InputError
        If people are kept, and the token is nobody's, or does not hold (K040), or is another one's (K041).
    """
    with ledger_of(folder).reading() as work:
        if not _people(work):
            return by
        digest = _digest(os.environ.get(TOKEN, ""))
        mine = (PEOPLE.c.digest == digest) & (PEOPLE.c.until == "")
        found = work.connection.execute(select(PEOPLE.c.name).where(mine)).scalar()
    if found is None:
        raise InputError([Fault("K040", "people", value=by)])
    if folded(found) != folded(by):
        raise InputError([Fault("K041", "people", value=by, params={"name": found})])
    return str(found)


def _holding(work: Work, name: str) -> list[str]:
    """Names, as they were added, of those whose token holds and who are called so."""
    return [one.name for one in _people(work) if not one.until and folded(one.name) == folded(name)]


def _enter(work: Work, name: str, by: str, what: str) -> None:
    number = work.number_of(_KIND) + 1
    work.add([New(_KIND, "", f"P{number:04d}", by, {"name": name, "what": what, "by": by})])


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds")
