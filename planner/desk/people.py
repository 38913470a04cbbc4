"""People of a desk and their rights: a file beside the plans, in which links stand only as hashes."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Any

from planner.base.errors import Fault, InputError
from planner.base.files import write_text
from planner.base.locking import LockedError, locked
from planner.base.opening import FileSort, text_of_file
from planner.base.safe_text import label_text

__all__ = ["PEOPLE", "People", "Person", "Role", "add_person", "revoke"]

PEOPLE = "desk_people.json"
FORMAT = "desk_people/1"
_NAME_LONG = 80


class Role(StrEnum):
    """What somebody may do; each may all that those before may."""

    VIEWER = "viewer"
    REPORTER = "reporter"
    PLANNER = "planner"
    APPROVER = "approver"

    def may(self, needed: Role) -> bool:
        """Whether this is enough for what another one may do."""
        order = tuple(Role)
        return order.index(self) >= order.index(needed)


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a link to a desk.

    Parameters
    ----------
    areas
        Ids of areas and their parts of which a reporter may tell; empty: of all.
    link
        SHA-256 of the link's secret.
    made, expires
        When the link was made, and until when it opens the desk (ISO 8601 with offset).
    revoked
        When it was taken back; empty: it holds.
    """

    name: str
    role: Role
    areas: tuple[str, ...]
    link: str
    made: str
    expires: str
    revoked: str = ""

    @property
    def holds(self) -> bool:
        """Whether the link opens the desk now."""
        return not self.revoked and datetime.now(UTC) < datetime.fromisoformat(self.expires)


def _digest(secret: str) -> str:
    return hashlib.sha256(secret.encode("utf-8", "surrogatepass")).hexdigest()


class People:
    """The people of a folder, read again whenever the file changes.

    Parameters
    ----------
    folder
        Folder of plans.
    """

    def __init__(self, folder: Path) -> None:
        self._path = Path(folder) / PEOPLE
        self._stamp: object = None
        self._all: tuple[Person, ...] = ()

    @property
    def all(self) -> Sequence[Person]:
        """All of them, those with links that do not hold any more too.

        Raises
        ------
        InputError
            If the file cannot be read (K055).
        """
        try:
            found = self._path.stat()
            stamp: object = (found.st_mtime_ns, found.st_size, found.st_ino)
        except FileNotFoundError:
            self._stamp, self._all = None, ()
            return ()
        except OSError as error:
            raise _unreadable(self._path, str(error)) from None
        if stamp != self._stamp:
            self._all = _read(self._path)
            self._stamp = stamp
        return self._all

    def by_link(self, secret: str) -> Person | None:
        """Who has a link that holds; None: nobody."""
        return self._holding(_digest(secret))

    def again(self, link: str) -> Person | None:
        """Somebody who came in by a link, as he may now; None: the link does not hold any more."""
        return self._holding(link)

    def _holding(self, link: str) -> Person | None:
        return next((one for one in self.all if secrets.compare_digest(one.link, link) and one.holds), None)


def add_person(folder: Path, name: str, role: Role, areas: Sequence[str], days: float) -> tuple[Person, str]:
    """Add somebody; gives the person, and the secret of the link, which is kept nowhere.

    Parameters
    ----------
    folder
        Folder of plans.
    name
        Stands with every report; nobody else with a link that holds may have it.
    role, areas
        What the person may do, and where a reporter may tell.
    days
        After so many days the link does not open the desk any more.

    Raises
    ------
    InputError
        If nobody is named, or somebody else is called so (K054), or the file cannot be read.
    """
    called = label_text(name).strip()[:_NAME_LONG]
    secret = secrets.token_urlsafe(32)
    now = datetime.now(UTC).replace(microsecond=0)
    ends = (now + timedelta(days=days)).isoformat()
    new = Person(called, role, tuple(areas), _digest(secret), now.isoformat(), ends)
    path = Path(folder) / PEOPLE
    with _alone(path):
        there = _read(path) if path.exists() else ()
        if not called or any(one.name.casefold() == called.casefold() and one.holds for one in there):
            raise InputError([Fault("K054", "desk_people", value=called)])
        _write(path, (*there, new))
    return new, secret


def revoke(folder: Path, name: str) -> Person:
    """Take somebody's link back: from now on neither it nor what was opened by it is of any use.

    Raises
    ------
    InputError
        If nobody of this name has a link that holds (K056), or the file cannot be read.
    """
    path = Path(folder) / PEOPLE
    called = label_text(name).strip().casefold()
    with _alone(path):
        there = _read(path) if path.exists() else ()
        found = [one for one in there if one.name.casefold() == called and one.holds]
        if not found:
            known = ", ".join(one.name for one in there if one.holds) or "-"
            raise InputError([Fault("K056", "desk_people", value=name, params={"known": known})])
        now = datetime.now(UTC).isoformat(timespec="seconds")
        _write(path, [replace(one, revoked=now) if one in found else one for one in there])
    return found[0]


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Nobody else writes the file meanwhile."""
    try:
        with locked(path):
            yield
    except LockedError:
        raise InputError([Fault("E931", PEOPLE, value=str(path))]) from None


def _write(path: Path, people: Sequence[Person]) -> None:
    document = {"format": FORMAT, "people": [asdict(one) for one in people]}
    write_text(path, json.dumps(document, ensure_ascii=False, indent=1) + "\n")


def _read(path: Path) -> tuple[Person, ...]:
    try:
        document = json.loads(text_of_file(path, FileSort.SETTINGS))
        if document["format"] != FORMAT:
            raise _unreadable(path, str(document["format"]))
        return tuple(_person(one) for one in document["people"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError) as error:
        raise _unreadable(path, str(error)) from None


def _person(one: dict[str, Any]) -> Person:
    datetime.fromisoformat(one["expires"])
    return Person(**{**one, "role": Role(one["role"]), "areas": tuple(one["areas"])})


def _unreadable(path: Path, reason: str) -> InputError:
    return InputError([Fault("K055", PEOPLE, value=str(path), params={"reason": reason})])
