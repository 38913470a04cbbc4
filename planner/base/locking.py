"""One writer at a time: a lock file that the system gives back when its process ends, however it ends."""

from __future__ import annotations

import os
import random
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

__all__ = ["LockedError", "locked"]

_PAUSE_S = 0.05
_NEXT_PAUSE_S = 0.005  # for the one who is next


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

    It is fair as far as chance is: whoever wants it goes through a gate (``.NAME.gate``), in which one waits
    alone for it. So whoever gives it back cannot take it again before one of those who wait. Who of them is
    next in the gate is drawn, the sooner the longer one has waited. Without the gate one that works on and on
    keeps out all others, who look only now and then.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    begin = time.monotonic()
    with ExitStack() as held:
        with _held(path.parent / f".{path.name}.gate", _PAUSE_S, begin, wait_s):
            held.enter_context(_held(path.parent / f".{path.name}.lock", _NEXT_PAUSE_S, begin, wait_s))
        yield


@contextmanager
def _held(path: Path, pause_s: float, begin: float, wait_s: float) -> Iterator[None]:
    """Hold one lock file; it is looked at again after a pause that gets shorter as one waits."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
    try:
        while not _taken(handle):
            waited = time.monotonic() - begin
            if waited >= wait_s:
                raise LockedError(str(path))
            time.sleep(random.uniform(0.5, 1.5) * pause_s / (1 + waited))
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
