"""A folder that one program at a time writes into; the system lets go of it however the program ends."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import IO

from planner.base.errors import Fault, InputError

__all__ = ["FolderLock"]

_NAME = ".lock"


class FolderLock:
    """Holds a folder while a batch runs in it.

    Raises
    ------
    InputError
        S450, if another program holds it.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._file: IO[bytes] | None = None

    def __enter__(self) -> FolderLock:
        self._folder.mkdir(parents=True, exist_ok=True)
        file = (self._folder / _NAME).open("a+b")
        try:
            _hold(file)
        except OSError:
            file.close()
            raise InputError([Fault("S450", "--output", value=str(self._folder))]) from None
        self._file = file
        return self

    def __exit__(self, *_error: object) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None


if sys.platform == "win32":  # pragma: no cover
    import msvcrt

    def _hold(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _hold(file: IO[bytes]) -> None:
        fcntl.flock(file.fileno(), fcntl.LOCK_EX | fcntl.LOCK_NB)
