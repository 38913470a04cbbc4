"""Call signs: a short word for each vehicle, made by the program, for the telephone and the keyboard."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Mapping
from functools import cached_property

from planner.instance.schema import Instance, VehicleType

__all__ = ["CallSigns", "call_signs"]

_SHORTEST = 3  # letters of a word; a word of four is not cut
_WORD = re.compile(r"[a-z]+")
_SIGN = re.compile(r"([a-z]+)(\d+)([a-z]*)", re.ASCII)
_LETTERS = "abcdefghijklmnopqrstuvwxyz"


class CallSigns:
    """Call signs of vehicles.

    Parameters
    ----------
    types
        Vehicle types.
    words
        Ids and names of them and of all else that is called by a word.

    Notes
    -----
    A sign begins with the first letters of the first word of the type's id, as many as tell it from other
    words. Where one type only has this word, the vehicle's number follows (`van1`); where several have, the
    number of the type among them, in the order of their ids, and a letter for the vehicle (`lon2b`). So the
    order of rows changes no sign, nor do vehicles that are added.
    """

    def __init__(self, types: Iterable[VehicleType], words: Iterable[str]) -> None:
        self._types: Mapping[str, VehicleType] = {one.id: one for one in types}
        taken = {word.casefold() for word in words}
        matches = (_SIGN.fullmatch(one) for one in taken)
        self._starts_taken = frozenset(match[1] for match in matches if match is not None)

    @cached_property
    def _stems(self) -> Mapping[str, tuple[str, bool]]:
        """For each type the beginning of its signs, and whether letters follow."""
        by_word: dict[str, list[str]] = {}
        for name in sorted(self._types):
            found = _WORD.search(name.casefold()) or _WORD.search(self._types[name].name.casefold())
            by_word.setdefault("v" if found is None else found[0], []).append(name)
        stems: dict[str, tuple[str, bool]] = {}
        used: set[str] = set()
        for word, types in sorted(by_word.items()):
            start = self._start(word, used)
            used.add(start)
            for number, name in enumerate(types, 1):
                stems[name] = (start, False) if len(types) == 1 else (f"{start}{number}", True)
        return stems

    def _start(self, word: str, used: set[str]) -> str:
        """The first letters of a word, as many as make signs that nothing else is called by."""
        shortest = len(word) if len(word) <= _SHORTEST + 1 else _SHORTEST
        starts = [word[:length] for length in range(shortest, len(word) + 1)]
        starts += [word + "x" * more for more in range(1, len(self._starts_taken) + len(used) + 2)]
        return next(one for one in starts if one not in used and one not in self._starts_taken)

    def of(self, vehicle: str) -> str:
        """The call sign of a vehicle by its id in plans (`TYPE-03`); empty where its type is unknown.

        Vehicles beyond the number of their type have one too: some may have been added since.
        """
        name, _, number = vehicle.rpartition("-")
        if name not in self._types or not (
            number.isascii() and number.isdigit() and len(number) <= 9 and int(number)
        ):
            return ""
        start, lettered = self._stems[name]
        return start + (_letters(int(number)) if lettered else str(int(number)))

    def vehicle(self, sign: str) -> tuple[str, int] | None:
        """Type and number of the vehicle that is called so, in any case; None: none is.

        The number may be beyond that of the type.
        """
        match = _SIGN.fullmatch(sign.strip().casefold())
        if match is None:
            return None
        start, number, letters = match.groups()
        if letters:
            name = self._of_stem.get((f"{start}{int(number)}", True))
            return None if name is None else (name, _number(letters))
        name = self._of_stem.get((start, False))
        return None if name is None or not int(number) else (name, int(number))

    @cached_property
    def _of_stem(self) -> Mapping[tuple[str, bool], str]:
        return {stem: name for name, stem in self._stems.items()}


def _letters(number: int) -> str:
    """A number from 1 as letters: a to z, then aa, ab and so on."""
    found = ""
    while number:
        number, last = divmod(number - 1, len(_LETTERS))
        found = _LETTERS[last] + found
    return found


def _number(letters: str) -> int:
    """The number that letters stand for."""
    found = 0
    for one in letters:
        found = found * len(_LETTERS) + _LETTERS.index(one) + 1
    return found


_known: dict[int, CallSigns] = {}  # of instances that are still there, by identity


def call_signs(instance: Instance) -> CallSigns:
    """The call signs of an instance's vehicles, made once."""
    key = id(instance)
    if key not in _known:
        tables = (instance.regions, instance.hubs, instance.warehouses, instance.nodes, instance.vehicles)
        taken = [word for table in tables for one in table for word in (one.id, one.name)]
        _known[key] = CallSigns(instance.vehicles, taken)
        weakref.finalize(instance, _known.pop, key, None)
    return _known[key]
