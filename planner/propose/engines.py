"""The engines there are, in one table: what each is made of, and what it needs before its first search.

Importing this is quick; an engine's own packages are imported when it is made.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from planner.base.text import words
from planner.propose.engine import Engine

__all__ = ["DEFAULT_ENGINE", "ENGINES", "EngineEntry", "engine_named", "entry_of", "made_ready", "warm_up"]


def _nothing() -> None:
    """Load nothing."""


def _always_ready(_say: Callable[[str], object]) -> bool:
    return True


@dataclass(frozen=True, slots=True)
class EngineEntry:
    """One engine of the table.

    Parameters
    ----------
    make
        Makes it.
    ready
        Prepares what it needs on this machine, telling of it line by line; False where it cannot run here.
    warm_up
        Loads what it needs, so that its first search begins at once.
    fallback
        The engine that stands in where this one cannot run here; empty: none does.
    package
        The package whose release results depend on, beside the program's own version; empty: none.
    """

    make: Callable[[], Engine]
    ready: Callable[[Callable[[str], object]], bool] = _always_ready
    warm_up: Callable[[], None] = _nothing
    fallback: str = ""
    package: str = ""


def _sisr() -> Engine:
    from planner.propose.sisr.engine import Sisr

    return Sisr()


def _sisr_ready(say: Callable[[str], object]) -> bool:
    from planner.propose.sisr.kernel.compile import compile_all, is_available

    if not is_available():
        say(words("kernel.compile.unavailable", engine=ENGINES["sisr"].fallback))
        return False
    compile_all(say)
    return True


def _warm_sisr() -> None:
    from planner.propose.sisr.kernel import search, start

    search.warm_up()
    start.warm_up()


def _ortools() -> Engine:
    from planner.propose.ortools import OrtoolsRouting

    return OrtoolsRouting()


# The first one is taken where none is asked for.
ENGINES: Mapping[str, EngineEntry] = {
    "sisr": EngineEntry(_sisr, _sisr_ready, _warm_sisr, fallback="ortools"),
    "ortools": EngineEntry(_ortools, package="ortools"),
}
DEFAULT_ENGINE = next(iter(ENGINES))


def made_ready(name: str, say: Callable[[str], object]) -> str:
    """Prepare an engine before processes are started; gives the name of the one to use.

    Parameters
    ----------
    name
        The engine that is asked for; where what it needs is not installed its `fallback` stands in.
    say
        Takes a line of text for each thing that is done.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    entry = entry_of(name)
    return name if entry.ready(say) or not entry.fallback else made_ready(entry.fallback, say)


def warm_up(name: str) -> None:
    """Load what an engine needs, so that its first search begins at once."""
    engine_named(name)
    entry_of(name).warm_up()


def engine_named(name: str) -> Engine:
    """An engine by its name; see `made_ready`.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    return entry_of(name).make()


def entry_of(name: str) -> EngineEntry:
    """An engine's entry in the table.

    Raises
    ------
    ValueError
        If there is none of this name.
    """
    if name not in ENGINES:
        msg = f"no engine named {name!r}; there are: {', '.join(ENGINES)}"
        raise ValueError(msg)
    return ENGINES[name]
