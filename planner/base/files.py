"""Writing files whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from planner.base.opening import refuse_special

__all__ = [
    "give_back",
    "is_open_elsewhere",
    "reserve",
    "whole_folder",
    "write_beside",
    "write_bytes",
    "write_text",
]

_MOST_NAMES = 99  # tried beside one that is open elsewhere


def write_text(path: Path, text: str) -> Path:
    """Put a UTF-8 text file in the place of the old one; line ends stay as they are in the text.

    Whoever reads meanwhile sees one of the two whole; after a power cut one of the two is there. Folders
    that are missing are made.
    """
    return write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> Path:
    """Put a file in the place of the old one; as `write_text`.

    Raises
    ------
    NotOpenedError
        Where there is a pipe, a device or a socket of this name.
    PermissionError
        Among other reasons, where another program holds the old one open and the system (Windows) forbids it.
    """
    refuse_special(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".part")
    except OSError as error:
        _name(error, path)
        raise
    try:
        with os.fdopen(handle, "wb") as target:
            target.write(content)
            target.flush()
            os.fsync(target.fileno())
        if path.exists():
            os.chmod(name, path.stat().st_mode)
        else:
            os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException as error:
        Path(name).unlink(missing_ok=True)
        _name(error, path)
        raise
    return path


def _name(error: BaseException, path: Path) -> None:
    """Name the file that is meant where a system error names none, or the one written in its stead."""
    if isinstance(error, OSError):
        error.filename = str(path)


@contextmanager
def whole_folder(folder: Path) -> Iterator[None]:
    """Where the system refuses a file of several, take away those that were not there before.

    What was there and has been written over stays as it is written.
    """
    before = set(folder.rglob("*")) if folder.is_dir() else None
    try:
        yield
    except OSError:
        if before is None:
            shutil.rmtree(folder, ignore_errors=True)
        else:
            for one in set(folder.rglob("*")) - before:
                if one.is_file():
                    one.unlink(missing_ok=True)
        raise


def reserve(path: Path) -> bool:
    """Make an empty file of a name that nobody has, so that nobody else takes it; whether it was free.

    Of several processes that ask for one name at once, one gets it. Folders that are missing are made.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        path.open("x").close()
    except FileExistsError:
        return False
    return True


def give_back(path: Path) -> None:
    """Take away a reserved file into which nothing was written."""
    if path.is_file() and not path.stat().st_size:
        path.unlink(missing_ok=True)


def is_open_elsewhere(path: Path) -> bool:
    """Whether Excel or LibreOffice seem to have the file open: they lay a file of their own beside it."""
    return any((path.parent / name).exists() for name in (f"~${path.name}", f".~lock.{path.name}#"))


def write_beside(path: Path, content: bytes) -> Path:
    """Put a file in the place of the old one, or under another name where that is open in a program.

    Parameters
    ----------
    path
        The name wanted. If it is taken by a file that is open elsewhere, ``NAME (2)`` is written, or the next
        free or closed one.
    content
        What the file shall hold.

    Returns
    -------
    Path
        The file that was written.

    Raises
    ------
    OSError
        If it cannot be written for another reason.
    """
    for number in range(1, _MOST_NAMES):
        one = path if number == 1 else path.with_name(f"{path.stem} ({number}){path.suffix}")
        if is_open_elsewhere(one):
            continue
        try:
            return write_bytes(one, content)
        except PermissionError:
            if not one.exists() or not os.access(one.parent, os.W_OK):
                raise
    return write_bytes(path, content)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
