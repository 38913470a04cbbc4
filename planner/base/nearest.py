"""Known words that are like an unknown one: whatever the case, and also where one holds the other."""

from __future__ import annotations

from collections.abc import Iterable

__all__ = ["folded", "nearest"]

_LONGEST = 60  # letters of a word for which similar ones are sought
_SHORTEST_PART = 3  # letters of a word that is sought inside others


def nearest(word: str, known: Iterable[str], *, most: int = 3) -> list[str]:
    """Known words like a word, the likeliest first.

    Parameters
    ----------
    word
        What was written.
    known
        Ids and names that there are.
    most
        How many are given at most.

    Examples
    --------
    >>> nearest("GUDANG-1", ["gudang-1", "gudang-2"], most=1)
    ['gudang-1']
    >>> nearest("northport", ["gudang-northport", "gudang-hilltown"])
    ['gudang-northport']
    >>> nearest("xyz", ["gudang-northport"])
    []
    """
    from difflib import get_close_matches

    wanted = folded(word)
    if not wanted or len(wanted) > _LONGEST:
        return []
    spelled: dict[str, list[str]] = {}
    for one in sorted(set(known)):
        spelled.setdefault(folded(one), []).append(one)
    same = [wanted] if wanted in spelled else []
    close = get_close_matches(wanted, list(spelled), n=most)
    inside = [] if len(wanted) < _SHORTEST_PART else [one for one in spelled if wanted in one]
    around = [one for one in spelled if len(one) >= _SHORTEST_PART and one in wanted]
    found = dict.fromkeys((*same, *close, *sorted(inside, key=len), *sorted(around, key=len, reverse=True)))
    return [one for key in found for one in spelled[key]][:most]


def folded(word: str) -> str:
    """A word as it is compared: whatever the case, with single spaces.

    Parameters
    ----------
    word
        What was written, or is known.
    """
    return " ".join(word.split()).casefold()
