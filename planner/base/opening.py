"""Opens every file that a person names: a regular one, not larger than its kind may be, and nothing else.

What is no regular file (a named pipe, a device, a socket) would hang the program or fill its memory; whoever
names one, or a folder that holds one, is told so.
"""

from __future__ import annotations

import errno
import os
import stat
from enum import IntEnum
from pathlib import Path
from typing import IO

from planner.base.text import words

__all__ = [
    "FileSort",
    "NotOpenedError",
    "content_of",
    "opened",
    "refuse_special",
    "system_words",
    "text_of_file",
]

_MIB = 2**20
_KNOWN = {
    errno.ENOENT: "not_there",
    errno.EISDIR: "is_folder",
    errno.ENOTDIR: "no_folder",
    errno.EACCES: "refused",
    errno.EPERM: "refused",
    errno.EROFS: "refused",
    errno.ENAMETOOLONG: "bad_name",
}


class FileSort(IntEnum):
    """What a file is, and how many bytes one may have at most."""

    SETTINGS = 1 * _MIB  # plan.toml
    TABLE = 256 * _MIB  # CSV
    ROUTES = 50 * _MIB
    REPORTS = 64 * _MIB  # events
    BOOK = 96 * _MIB  # a workbook, packed
    PLAN = 512 * _MIB
    CERTIFICATE = 256 * _MIB
    REGISTRY = 16 * _MIB  # in_force.json
    SCENARIOS = 8 * _MIB
    RESULT = 64 * _MIB  # of a batch
    GROUND = 128 * _MIB  # background of a map
    BENCHMARK = 191 * _MIB


class NotOpenedError(OSError):
    """A file that is there, but is none that the program opens; `strerror` says why, in words."""

    def __init__(self, path: Path, key: str, **params: object) -> None:
        super().__init__(errno.EINVAL, words(f"cli.file.{key}", **params), str(path))


def system_words(error: OSError) -> str:
    """What the system says about a file, in the language in force; its own words where the case is rare.

    Examples
    --------
    >>> system_words(FileNotFoundError(2, "No such file or directory"))
    'there is no such file or folder'
    """
    key = None if isinstance(error, NotOpenedError) else _KNOWN.get(error.errno or 0)
    return words(f"cli.file.{key}") if key else error.strerror or type(error).__name__


def refuse_special(path: Path) -> None:
    """Raise where a path is there and is neither a regular file nor a folder.

    Raises
    ------
    NotOpenedError
        Where it is a named pipe, a device or a socket.
    """
    try:
        mode = os.stat(path).st_mode
    except (OSError, ValueError):
        return  # whoever opens or writes it says why
    if not (stat.S_ISREG(mode) or stat.S_ISDIR(mode)):
        raise NotOpenedError(path, "special")


def opened(path: Path, sort: FileSort) -> IO[bytes]:
    """A regular file, open for reading.

    Parameters
    ----------
    path
        The file. A link counts as what it points to.
    sort
        What it is, which limits its size.

    Raises
    ------
    OSError
        Where it cannot be read; a `NotOpenedError` where it is no regular file, or too large.
    """
    try:
        # Without O_NONBLOCK a named pipe that nobody writes into would be waited for.
        handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    except ValueError as error:  # a name with a zero byte
        raise NotOpenedError(path, "bad_name") from error
    except OSError:
        refuse_special(path)  # a socket cannot even be opened
        raise
    try:
        found = os.fstat(handle)
        if stat.S_ISDIR(found.st_mode):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
        if not stat.S_ISREG(found.st_mode):
            raise NotOpenedError(path, "special")
        if found.st_size > sort:
            raise _too_large(path, found.st_size, sort)
        return os.fdopen(handle, "rb")
    except BaseException:
        os.close(handle)
        raise


def _too_large(path: Path, size: int, sort: FileSort) -> NotOpenedError:
    return NotOpenedError(path, "too_large", size=-(-size // _MIB), limit=sort // _MIB)


def content_of(path: Path, sort: FileSort) -> bytes:
    """The bytes of a regular file; raises as `opened`."""
    with opened(path, sort) as file:
        content = file.read(sort + 1)  # it may have grown meanwhile, or be one of /proc that tells no size
    if len(content) > sort:
        raise _too_large(path, len(content), sort)
    return content


def text_of_file(path: Path, sort: FileSort, encoding: str = "utf-8") -> str:
    """The text of a regular file, any line end as one sign; raises as `opened`, or UnicodeDecodeError."""
    return content_of(path, sort).decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
