"""The language of changes: ``VERB WORD… [NAME=VALUE…] [where CONDITION…]``, one change on a line.

``docs/scenarios_format.md`` describes it for users. Here a line becomes a `Change`; what it does to the
tables of an instance is in `planner.batches.apply`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fnmatch import fnmatchcase
from fractions import Fraction
from typing import Protocol

from planner.base.clock import DAY_S, HOUR_S, MINUTE_S
from planner.base.errors import Fault

__all__ = [
    "USAGE",
    "Change",
    "Condition",
    "Verb",
    "duration_of",
    "factor_of",
    "made_with",
    "nearest",
    "number_of",
    "parse_change",
]


class Verb(StrEnum):
    """What a change does."""

    SET = "set"
    SCALE = "scale"
    SHIFT = "shift"
    DROP = "drop"
    ADD = "add"
    SETTING = "setting"
    CLOSE = "close"
    WEATHER = "weather"
    SPEED = "speed"
    LATE = "late"
    FEWER = "fewer"
    DEADLINE = "deadline"
    GUARANTEE = "guarantee"
    SEED = "seed"


# How many words each verb takes before its values: least and most (None: any number).
_WORDS: dict[Verb, tuple[int, int | None]] = {
    Verb.SET: (1, None),
    Verb.SCALE: (1, None),
    Verb.SHIFT: (1, None),
    Verb.DROP: (1, None),
    Verb.ADD: (1, 1),
    Verb.SETTING: (0, 0),
    Verb.CLOSE: (1, None),
    Verb.WEATHER: (2, None),
    Verb.SPEED: (2, 2),
    Verb.LATE: (1, None),
    Verb.FEWER: (1, None),
    Verb.DEADLINE: (1, 1),
    Verb.GUARANTEE: (1, 1),
    Verb.SEED: (1, 1),
}
USAGE: dict[Verb, str] = {
    Verb.SET: "set TABLE [ID…] COLUMN=VALUE… [where CONDITION…]",
    Verb.SCALE: "scale TABLE [ID…] COLUMN=FACTOR… [where CONDITION…]",
    Verb.SHIFT: "shift TABLE [ID…] COLUMN=DURATION… [where CONDITION…]",
    Verb.DROP: "drop TABLE ID… | drop TABLE where CONDITION…",
    Verb.ADD: "add TABLE COLUMN=VALUE…",
    Verb.SETTING: "setting KEY=VALUE…",
    Verb.CLOSE: "close edges [ID…] [from=INSTANT] [until=INSTANT] [where CONDITION…]",
    Verb.WEATHER: "weather DATE MODE… [from=HH:MM] [until=HH:MM] [where CONDITION…]",
    Verb.SPEED: "speed MODE FACTOR [where CONDITION…]",
    Verb.LATE: "late ITEM… by=DURATION | until=INSTANT [where CONDITION…]",
    Verb.FEWER: "fewer vehicles [ID…] by=SHARE | NUMBER [where CONDITION…]",
    Verb.DEADLINE: "deadline INSTANT | DURATION",
    Verb.GUARANTEE: "guarantee NUMBER",
    Verb.SEED: "seed NUMBER",
}
# Verbs whose values are required, and those that take none or only these.
_NEEDS_VALUES = frozenset({Verb.SET, Verb.SCALE, Verb.SHIFT, Verb.ADD, Verb.SETTING, Verb.LATE, Verb.FEWER})
_VALUES_OF: dict[Verb, frozenset[str]] = {
    Verb.DROP: frozenset(),
    Verb.CLOSE: frozenset({"from", "until"}),
    Verb.WEATHER: frozenset({"from", "until"}),
    Verb.SPEED: frozenset(),
    Verb.LATE: frozenset({"by", "until"}),
    Verb.FEWER: frozenset({"by"}),
    Verb.DEADLINE: frozenset(),
    Verb.GUARANTEE: frozenset(),
    Verb.SEED: frozenset(),
}
_NO_WHERE = frozenset({Verb.ADD, Verb.SETTING, Verb.DEADLINE, Verb.GUARANTEE, Verb.SEED})

_TOKEN = re.compile(r"""(?:[^\s"']|"[^"\n]*"|'[^'\n]*')+""")
_COMPARISON = re.compile(r"(!=|>=|<=|=|>|<)")
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?", re.ASCII)
_FACTOR = re.compile(r"([0-9]+(?:\.[0-9]+)?)(?:\s*/\s*([0-9]+)|(%))?", re.ASCII)
_SPAN = re.compile(r"([0-9]+(?:\.[0-9]+)?)(d|h|min|s)", re.ASCII)
_SECONDS = {"d": DAY_S, "h": HOUR_S, "min": MINUTE_S, "s": 1}
_MOST_LETTERS = 2000  # of one change


class _Wrong(Protocol):
    """Notes a fault at the change's place."""

    def __call__(self, code: str, value: str | None = None, **params: object) -> None: ...


@dataclass(frozen=True, slots=True)
class Condition:
    """What a cell must be: `column` `sign` `value`; ``=``, ``!=`` know ``*``, ``?``, ``[ab]`` and ``a|b``."""

    column: str
    sign: str
    value: str

    def holds(self, text: str) -> bool:
        """Whether the text of a cell meets it."""
        if self.sign in ("=", "!="):
            found = any(fnmatchcase(text, pattern) for pattern in self.value.split("|"))
            return found is (self.sign == "=")
        here, there = number_of(text), number_of(self.value)
        left, right = (here, there) if here is not None and there is not None else (text, self.value)
        if left == right:
            return self.sign in (">=", "<=")
        less = (left, right) == tuple(sorted((left, right)))
        return less is self.sign.startswith("<") and text != ""


@dataclass(frozen=True, slots=True)
class Change:
    """One change, as it is written.

    Parameters
    ----------
    text
        The line itself, with single spaces.
    verb
        What it does.
    words
        What stands before the values: the table and ids, or what the verb asks for.
    values
        Names and values.
    where
        Conditions on the rows; all must hold.
    """

    text: str
    verb: Verb
    words: tuple[str, ...]
    values: tuple[tuple[str, str], ...] = ()
    where: tuple[Condition, ...] = ()

    def value(self, name: str) -> str | None:
        """The value of a name; None where it is not given."""
        return dict(self.values).get(name)


def made_with(options: Mapping[str, str]) -> tuple[str, ...]:
    """Changes that a plan was made with, by its options."""
    return tuple(options.get("changes", "").splitlines())


def parse_change(text: str, place: Fault) -> tuple[Change | None, list[Fault]]:
    """Read one change.

    Parameters
    ----------
    text
        ``set hubs docks=2 where kind=jetty`` and the like.
    place
        A fault whose table, row and column say where the text stands; its code does not matter.

    Returns
    -------
    tuple
        The change, or ``None``, and the faults (S401 to S405).
    """
    faults: list[Fault] = []

    def wrong(code: str, value: str | None = None, **params: object) -> None:
        said = {"change": text} | params
        faults.append(Fault(code, place.table, place.row, place.column, value or text, said))

    if len(text) > _MOST_LETTERS:
        wrong("S405", text[:40] + "…", what=f"> {_MOST_LETTERS}")
        return None, faults
    if _TOKEN.sub("", text).strip():
        wrong("S402")
        return None, faults
    tokens = _TOKEN.findall(text)
    if not tokens:
        wrong("S405", what="…")
        return None, faults
    try:
        verb = Verb(_plain(tokens[0]).lower())
    except ValueError:
        wrong("S401", _plain(tokens[0]), nearest=nearest(_plain(tokens[0]), list(Verb)))
        return None, faults
    words, values, where = _parts(tokens[1:], wrong)
    _judge(verb, words, values, where, wrong)
    if faults:
        return None, faults
    return Change(" ".join(tokens), verb, words, values, where), []


def _parts(
    tokens: list[str], wrong: _Wrong
) -> tuple[tuple[str, ...], tuple[tuple[str, str], ...], tuple[Condition, ...]]:
    words: list[str] = []
    values: list[tuple[str, str]] = []
    where: list[Condition] = []
    conditional, wanting = False, False
    for token in tokens:
        if token.lower() == "where" and not conditional:
            conditional = wanting = True
            continue
        parts = _COMPARISON.split(token, maxsplit=1) if token[0] not in "\"'" else [token]
        if conditional:
            wanting = False
            if len(parts) == 3 and parts[0]:
                where.append(Condition(parts[0], parts[1], _plain(parts[2])))
            else:
                wrong("S405", token, what="where COLUMN=VALUE")
        elif len(parts) == 3 and parts[0] and parts[1] == "=":
            values.append((parts[0], _plain(parts[2])))
        elif len(parts) == 1 and not values:
            words.append(_plain(token))
        else:
            wrong("S405", token, what="NAME=VALUE")
    if wanting:
        wrong("S405", what="where COLUMN=VALUE")
    return tuple(words), tuple(values), tuple(where)


def _judge(
    verb: Verb,
    words: tuple[str, ...],
    values: tuple[tuple[str, str], ...],
    where: tuple[Condition, ...],
    wrong: _Wrong,
) -> None:
    """Whether a verb has what it needs, and nothing that it would have to ignore."""
    least, most = _WORDS[verb]
    if len(words) < least or (most is not None and len(words) > most):
        wrong("S403", usage=USAGE[verb])
        return
    if verb in _NEEDS_VALUES and not values:
        wrong("S403", usage=USAGE[verb])
    known = _VALUES_OF.get(verb)
    names = [name for name, _ in values]
    for name in names:
        if known is not None and name not in known:
            wrong("S404", name, usage=USAGE[verb])
    for name in sorted({name for name in names if names.count(name) > 1}):
        wrong("S405", name, what=f"{name}=…")
    if where and verb in _NO_WHERE:
        wrong("S404", "where", usage=USAGE[verb])


def _plain(token: str) -> str:
    """A token without its quotation marks."""
    return re.sub(r"""\"([^"]*)\"|'([^']*)'""", lambda found: found[1] or found[2] or "", token)


def nearest(word: str, known: list[str]) -> str:
    """Known words like one, or all of them."""
    from difflib import get_close_matches

    close = get_close_matches(word.lower()[:60], sorted(known), n=1, cutoff=0.6)
    return close[0] if close else ", ".join(sorted(known))


def number_of(text: str) -> Fraction | None:
    """The number that a text is; None where it is none."""
    return Fraction(text) if _NUMBER.fullmatch(text) and len(text) <= 40 else None


def factor_of(text: str) -> Fraction | None:
    """A factor or share: ``1.5``, ``2/3`` or ``150%``; None where the text is none.

    Examples
    --------
    >>> factor_of("150%"), factor_of("2/3"), factor_of("two")
    (Fraction(3, 2), Fraction(2, 3), None)
    """
    found = _FACTOR.fullmatch(text)
    if found is None or len(text) > 40 or (found[2] is not None and int(found[2]) == 0):
        return None
    return Fraction(found[1]) / (int(found[2]) if found[2] else 100 if found[3] else 1)


def duration_of(text: str) -> int | None:
    """Whole seconds of ``24h``, ``1d6h``, ``-90min``, ``+30s``; None where the text is no duration.

    Examples
    --------
    >>> duration_of("1d6h"), duration_of("-90min"), duration_of("24")
    (108000, -5400, None)
    """
    body = text.removeprefix("+").removeprefix("-")
    parts = _SPAN.findall(body)
    if not parts or "".join(number + unit for number, unit in parts) != body or len(text) > 40:
        return None
    total = sum(Fraction(number) * _SECONDS[unit] for number, unit in parts)
    if total.denominator != 1:
        return None
    return -int(total) if text.startswith("-") else int(total)
