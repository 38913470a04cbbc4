"""Where the compiled kernel is kept: `njit` compiles with numba and keeps the result for the next process.

numba itself notices a change only in the file that holds a function, not in the files whose functions and
constants were compiled into it. Here the folder's name holds a digest of all files of the kernel and of the
versions of Python and numba, so that nothing stale can be found. What is compiled may therefore use only what
this package holds.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import sys
import tempfile
from collections.abc import Callable
from functools import cache
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar

__all__ = ["MARKER", "KernelCache", "cache_folder", "njit", "sources_digest", "user_folder"]

HERE = Path(__file__).resolve().parent
MARKER = "complete.txt"  # written into the folder when all of the kernel is compiled
_Function = TypeVar("_Function", bound=Callable[..., Any])


def njit(**options: object) -> Callable[[_Function], _Function]:
    """``numba.njit`` with a cache; where no folder can be written, each process compiles for itself."""
    import numba

    config: Any = numba.config
    compiled: Any = numba.njit

    def decorate(function: _Function) -> _Function:
        if cache_folder() is None:
            alone: _Function = compiled(**options)(function)
            return alone
        # numba reads this when a function is decorated; other users of numba in the process keep theirs.
        before = config.CACHE_LOCATOR_CLASSES
        config.CACHE_LOCATOR_CLASSES = f"{KernelCache.__module__}.{KernelCache.__name__}"
        try:
            kept: _Function = compiled(cache=True, **options)(function)
        finally:
            config.CACHE_LOCATOR_CLASSES = before
        return kept

    return decorate


class KernelCache:
    """Tells numba where to keep one function (a *cache locator*, see NUMBA_CACHE_LOCATOR_CLASSES)."""

    def __init__(self, line: int) -> None:
        self._line = line
        self._folder = str(cache_folder())

    @classmethod
    def from_function(cls, function: FunctionType, file: str) -> KernelCache:
        """Make it for a function of a file."""
        return cls(function.__code__.co_firstlineno)

    def ensure_cache_path(self) -> None:
        """Make the folder, which may have been deleted meanwhile."""
        os.makedirs(self._folder, exist_ok=True)

    def get_cache_path(self) -> str:
        """Name the folder."""
        return self._folder

    def get_source_stamp(self) -> str:
        """Tell the state of the sources; another one makes what is kept invalid."""
        return sources_digest()

    def get_disambiguator(self) -> str:
        """Tell functions of the same name and file apart."""
        return str(self._line)


@cache
def sources_digest() -> str:
    """Hash all that what is compiled depends on, the processor apart, which numba looks at itself."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        numba = version("numba")
    except PackageNotFoundError:
        numba = "none"
    total = hashlib.sha256(f"{sys.implementation.cache_tag} {numba}".encode())
    for path in sorted(HERE.glob("*.py")):
        text = path.read_bytes().replace(b"\r\n", b"\n")
        total.update(f"\0{path.name}\0{len(text)}\0".encode() + text)
    return total.hexdigest()


@cache
def cache_folder() -> Path | None:
    """Find a folder that can be written: beside the sources, else the user's own; None if there is none.

    NUMBA_CACHE_DIR comes before both. What was compiled where it can only be read is copied.
    """
    stem = f"kernel-{sys.implementation.cache_tag}-"
    name = stem + sources_digest()[:16]
    bases = _bases()
    for base in bases:
        folder = base / name
        if not _can_write(folder):
            continue
        for old in base.glob(stem + "*"):
            if old != folder:
                shutil.rmtree(old, ignore_errors=True)
        ready = [other / name for other in bases if (other / name / MARKER).exists()]
        if ready and folder not in ready:
            _copy(ready[0], folder)
        return folder
    return None


def _bases() -> list[Path]:
    """Folders to try, the best first."""
    bases = [HERE / "__pycache__"]
    if chosen := os.environ.get("NUMBA_CACHE_DIR"):
        bases.insert(0, Path(chosen).absolute())
    if (own := user_folder()) is not None:
        bases.append(own)
    return bases


def user_folder() -> Path | None:
    """Name the user's folder for what this program can make again; None where there is none."""
    if sys.platform == "win32":
        own = os.environ.get("LOCALAPPDATA", "")
    elif sys.platform == "darwin":
        own = os.path.expanduser("~/Library/Caches")
    else:
        own = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(own, "planner") if os.path.isabs(own) else None  # "~" stays where there is no home


def _can_write(folder: Path) -> bool:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except OSError:
        return False
    return True


def _copy(source: Path, target: Path) -> None:
    """Copy what is compiled, the marker last; without it the copy is not complete."""
    try:
        for path in sorted(source.iterdir(), key=lambda path: path.name == MARKER):
            shutil.copyfile(path, target / path.name)
    except OSError:
        (target / MARKER).unlink(missing_ok=True)
