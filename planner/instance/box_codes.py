"""Codes of boxes: the place, its unit, what kind of box it is, and a check sign against slips."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

__all__ = ["box_code", "check_sign", "kinds_of"]

_SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS = _SIGNS[10:]
_BASE = len(_SIGNS)


def box_code(place: str, unit: str, kind: str) -> str:
    """The code of a box that no table gives one.

    Parameters
    ----------
    place, unit
        Id of the region, and number of its unit.
    kind
        Which box of the unit it is, for instance ``B2``.

    Examples
    --------
    >>> box_code("64.11.01.2001", "003", "B1")
    '64.11.01.2001-003-B1-V'
    """
    body = f"{place}-{unit}-{kind}"
    return f"{body}-{check_sign(body)}"


def check_sign(text: str) -> str:
    """The check sign of a text by ISO 7064, MOD 37,36; all but Latin letters and digits is skipped."""
    rest = _BASE
    for sign in text.upper():
        if sign in _SIGNS:
            rest = (rest + _SIGNS.index(sign)) % _BASE or _BASE
            rest = rest * 2 % (_BASE + 1)
    return _SIGNS[(_BASE + 1 - rest) % _BASE]


def kinds_of(items: Iterable[str]) -> Mapping[str, str]:
    """Capital letters for each item by its id: the shortest beginning that no other one of them has.

    Examples
    --------
    >>> kinds_of(["box", "bag", "lamp"])
    {'box': 'BO', 'bag': 'BA', 'lamp': 'L'}
    """
    words = {name: "".join(sign for sign in name.upper() if sign in _LETTERS) or "X" for name in items}
    found: dict[str, str] = {}
    for name, word in words.items():
        others = [other for each, other in words.items() if each != name]
        starts = [word[:length] for length in range(1, len(word) + 1)]
        free = [start for start in starts if not any(other.startswith(start) for other in others)]
        more = (word + letter * times for times in range(1, len(words) + 1) for letter in _LETTERS)
        taken = {*others, *found.values()}
        found[name] = free[0] if free else next(start for start in more if start not in taken)
    return found
