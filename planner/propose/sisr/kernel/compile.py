"""Compile the kernel ahead of its first use: a step of the installation.

Without this step the first solve has to: ``if not is_compiled(): compile_all(say)``, in the process that
starts the workers, so that they find it done.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from importlib.util import find_spec

from planner.base.text import LANGUAGES, set_language, words
from planner.propose.sisr.kernel.cache import MARKER, cache_folder

__all__ = ["compile_all", "is_available", "is_compiled"]

ABOUT_S = 60  # measured on one core of two


def is_available() -> bool:
    """Whether numba is installed; for Macs with Intel processors there is none."""
    return find_spec("numba") is not None


def is_compiled() -> bool:
    """Whether nothing is left to compile: the cache is complete for the present sources, Python and numba."""
    if os.environ.get("NUMBA_DISABLE_JIT", "0") not in {"", "0"}:
        return True
    folder = cache_folder()
    return folder is not None and (folder / MARKER).exists() and any(folder.glob("*.nbi"))


def compile_all(say: Callable[[str], object]) -> None:
    """Compile what is not compiled yet, and say before and after what is done.

    Parameters
    ----------
    say
        Takes one line of text.
    """
    if is_compiled() or not is_available():
        return
    from planner.propose.sisr.kernel import search, start  # heavy

    say(words("kernel.compile.begun", seconds=ABOUT_S))
    begun = time.monotonic()
    search.warm_up()
    start.warm_up()
    folder = cache_folder()
    if folder is not None:
        (folder / MARKER).touch()
    say(words("kernel.compile.done", seconds=round(time.monotonic() - begun)))


def _say(text: str) -> None:
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


if __name__ == "__main__":
    if os.environ.get("PLAN_LANG") in LANGUAGES:
        set_language(os.environ["PLAN_LANG"])
    compile_all(_say)
