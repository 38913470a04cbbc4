"""Which folders have a store, and through what it is written; needs no library of databases."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from planner.base.errors import Fault, InputError

__all__ = [
    "DESK",
    "STORE",
    "as_channel",
    "channel",
    "given",
    "has_store",
    "take_told",
    "tell",
    "use_database",
]

STORE = "desk.sqlite"
DESK = "desk.json"  # names the server that has the store of a folder


class _Asked:
    """What this process was asked for, and what it has to say."""

    def __init__(self) -> None:
        self.database, self.explicit, self.channel = "", False, "python"
        self.told: list[Fault] = []


_asked = _Asked()


def use_database(url: str, *, explicit: bool = True) -> None:
    """Take a database, for folders whose store is kept on a server.

    Parameters
    ----------
    url
        ``postgresql://…``; empty: what the folder names.
    explicit
        Whether it was asked for by a person: then a folder whose store is another one is a fault.
    """
    _asked.database, _asked.explicit = url, explicit and bool(url)


def given() -> str:
    """The database that was asked for; empty: none was."""
    return _asked.database


def as_channel(name: str) -> None:
    """Say through what is written from now on; each entry of a store has it."""
    _asked.channel = name


def channel() -> str:
    """Through what is written: a command, or `python`."""
    return _asked.channel


def has_store(folder: Path) -> bool:
    """Whether a folder of plans has a store.

    Raises
    ------
    InputError
        If a database was asked for, and the folder's store is not there (K007).
    """
    if (folder / DESK).exists():
        return True
    if _asked.explicit:
        raise InputError([Fault("K007", "--database", value=str(folder))])
    return (folder / STORE).exists()


def tell(fault: Fault) -> None:
    """Keep something that whoever runs the program must hear, though the work goes on."""
    _asked.told.append(fault)


def take_told(show: Callable[[Sequence[Fault]], None]) -> None:
    """Show what was to be told, once."""
    told, _asked.told = _asked.told, []
    if told:
        show(told)
