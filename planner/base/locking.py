"""One writer at a time: a lock file that the system gives back when its process ends, however it ends."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

__all__ = ["LockedError", "locked"]

_PAUSE_S = 0.05


class LockedError(OSError):
    """Another process holds the lock for longer than one wants to wait."""


@contextmanager
def locked(path: Path, *, wait_s: float = 20.0) -> Iterator[None]:
    """Hold the lock of a file: nobody else who asks for it is inside meanwhile.

    Parameters
    ----------
    path
        The file that is to be written; the lock is ``.NAME.lock`` beside it, which stays there, empty.
    wait_s
        How long to wait for another one.

    Raises
    ------
    LockedError
        If the other one takes longer.

    Notes
    -----
    The lock is the operating system's (``msvcrt`` on Windows, ``fcntl`` elsewhere), so that a process that is
    killed leaves none behind. Programs that do not ask for it, a spreadsheet for instance, are not kept away.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle = os.open(path.parent / f".{path.name}.lock", os.O_RDWR | os.O_CREAT, 0o666)
    try:
        ends = time.monotonic() + wait_s
        while not _taken(handle):
            if time.monotonic() >= ends:
                raise LockedError(str(path))
            time.sleep(_PAUSE_S)
        try:
            yield
        finally:
            _give_back(handle)
    finally:
        os.close(handle)


if sys.platform == "win32":
    import msvcrt

    def _taken(handle: int) -> bool:
        os.lseek(handle, 0, os.SEEK_SET)
        try:
            msvcrt.locking(handle, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def _give_back(handle: int) -> None:
        os.lseek(handle, 0, os.SEEK_SET)
        msvcrt.locking(handle, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _taken(handle: int) -> bool:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return False
        return True

    def _give_back(handle: int) -> None:
        fcntl.flock(handle, fcntl.LOCK_UN)
