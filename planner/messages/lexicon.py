"""Words of reports in all languages of the program, as its tables in `words/*/words.toml` have them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

__all__ = ["Lexicon", "Phrase", "lexicon", "spelled", "word_spans", "words_of"]

_FOLDER = Path(__file__).with_name("words")
_WORD = re.compile(r"[^\W\d_]+\d+[^\W\d_]*|[^\W\d_]+(?:['’‘`´ʼ][^\W\d_]+)*|\d+")
_APOSTROPHES = re.compile(r"['’‘`´ʼ]")

Phrase = tuple[str, ...]


def spelled(text: str) -> str:
    """A text as words of it are compared: whatever the case, without apostrophes."""
    return _APOSTROPHES.sub("", text).casefold()


def words_of(text: str) -> Phrase:
    """The words of a text as they are compared; digits are words of their own, but in call signs."""
    return tuple(_WORD.findall(spelled(text)))


def word_spans(text: str) -> list[tuple[int, int]]:
    """Where the words of a text begin and end."""
    return [match.span() for match in _WORD.finditer(text)]


@dataclass(frozen=True)
class Lexicon:
    """Words of reports.

    Parameters
    ----------
    cues
        What phrases may mean: `kinds.NAME`, `signals.NAME`, `small.NAME`, `modes.NAME`, …
    abbreviations
        Words by what is written for them.
    numbers, days, weekdays, durations, periods, zones
        As in the tables.
    moments
        Phrases of clock times, by what they mean.
    longest
        Words of the longest phrase.
    own
        All single words of the languages: no name is guessed from one.
    """

    cues: Mapping[Phrase, frozenset[str]]
    abbreviations: Mapping[str, Phrase]
    numbers: Mapping[str, int]
    days: Mapping[str, int]
    weekdays: Mapping[str, int]
    durations: Mapping[str, int]
    periods: Mapping[str, tuple[int, int]]
    zones: Mapping[str, int]
    moments: Mapping[str, tuple[str, ...]]
    longest: int
    own: frozenset[str]


@cache
def lexicon() -> Lexicon:
    """The words of all languages together, read once."""
    tables = [tomllib.loads(path.read_text("utf-8")) for path in sorted(_FOLDER.glob("*/words.toml"))]
    cues: dict[Phrase, set[str]] = {}
    for table in tables:
        for group in ("kinds", "signals", "small", "modes"):
            for name, phrases in table[group].items():
                for phrase in phrases:
                    cues.setdefault(words_of(phrase), set()).add(f"{group}.{name}")
    moments: dict[str, tuple[str, ...]] = {}
    for table in tables:
        for name, phrases in table["moments"].items():
            moments[name] = (*moments.get(name, ()), *phrases)
    own = {word for phrase in cues for word in phrase}
    for group in ("abbreviations", "numbers", "days", "weekdays", "durations", "periods", "zones"):
        own |= {word for text in _joined(tables, group) for word in text.split()}
    own |= {word for phrases in moments.values() for text in phrases for word in text.split()}
    return Lexicon(
        cues={phrase: frozenset(names) for phrase, names in cues.items()},
        abbreviations={
            short: words_of(full) for table in tables for short, full in table["abbreviations"].items()
        },
        numbers=_joined(tables, "numbers"),
        days=_joined(tables, "days"),
        weekdays=_joined(tables, "weekdays"),
        durations=_joined(tables, "durations"),
        periods={name: (first, last) for name, (first, last) in _joined(tables, "periods").items()},
        zones=_joined(tables, "zones"),
        moments=moments,
        longest=max(map(len, cues)),
        own=frozenset(own),
    )


def _joined(tables: Iterable[Mapping[str, Any]], name: str) -> dict[str, Any]:
    return {key: value for table in tables for key, value in table[name].items()}
