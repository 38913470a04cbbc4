"""Call signs: a short word for each vehicle, given or made, for the telephone and the keyboard."""

from __future__ import annotations

import re
import weakref
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property

from planner.base.nearest import folded
from planner.instance.schema import FleetRow, Instance, VehicleType

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
    fleet
        Call signs, plates and drivers that people have given to vehicles.

    Notes
    -----
    A sign begins with the first letters of the first word of the type's id, as many as tell it from other
    words. Where one type only has this word, the vehicle's number follows (`van1`); where several have, the
    number of the type among them, in the order of their ids, and a letter for the vehicle (`lon2b`). So the
    order of rows changes no sign, nor do vehicles that are added. A sign that is given is used instead; the
    one that was made is understood still.
    """

    def __init__(
        self, types: Iterable[VehicleType], words: Iterable[str], fleet: Iterable[FleetRow] = ()
    ) -> None:
        self._types: Mapping[str, VehicleType] = {one.id: one for one in types}
        taken = {word.casefold() for word in words}
        self._taken = {folded(word) for word in taken}
        self._fleet = tuple(fleet)
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
        return self._given.get(vehicle) or self.made(vehicle)

    def made(self, vehicle: str) -> str:
        """The call sign that a vehicle has where none is given; empty where its type is unknown."""
        name, _, number = vehicle.rpartition("-")
        if name not in self._types or not (
            number.isascii() and number.isdigit() and len(number) <= 9 and int(number)
        ):
            return ""
        start, lettered = self._stems[name]
        return start + (_letters(int(number)) if lettered else str(int(number)))

    def vehicle(self, sign: str) -> tuple[str, int] | None:
        """Type and number of the vehicle that is called so, in any case; None: none is, or several are.

        By the sign that is given, the one that is made, its plate, or who drives it. The number may be beyond
        that of the type.
        """
        word = folded(sign)
        if word in self._named:
            return self._named[word]
        made = self._of_made(word)
        if made is not None:
            return made
        found = self._called.get(word, set()) | self._called.get(_bare(word), set())
        return next(iter(found)) if len(found) == 1 else None

    def words_of(self, vehicle: str) -> Sequence[str]:
        """All that a vehicle is called by: its signs, plates and drivers that nothing else is called by."""
        rows = [row for row in self._fleet if row.vehicle == vehicle]
        plates = [word for row in rows for word in (row.plate, _bare(row.plate))]
        called = [
            word for word in (*plates, *(row.driver for row in rows)) if folded(word) not in self._taken
        ]
        return [word for word in dict.fromkeys((self.of(vehicle), self.made(vehicle), *called)) if word]

    @cached_property
    def _given(self) -> Mapping[str, str]:
        """Signs that are given, by vehicle."""
        return {row.vehicle: row.call_sign for row in reversed(self._fleet) if row.call_sign}

    @cached_property
    def _named(self) -> Mapping[str, tuple[str, int]]:
        """Vehicles by the sign that is given to them."""
        found = {folded(sign): self._split(vehicle) for vehicle, sign in self._given.items()}
        return {word: one for word, one in found.items() if one is not None}

    @cached_property
    def _called(self) -> Mapping[str, set[tuple[str, int]]]:
        """Vehicles by plates and drivers; not by what is the name of something else."""
        found: dict[str, set[tuple[str, int]]] = {}
        for row in self._fleet:
            one = self._split(row.vehicle)
            for word in () if one is None else (folded(row.plate), _bare(row.plate), folded(row.driver)):
                if one is not None and word and word not in self._taken:
                    found.setdefault(word, set()).add(one)
        return found

    def _split(self, vehicle: str) -> tuple[str, int] | None:
        name, _, number = vehicle.rpartition("-")
        known = name in self._types and number.isascii() and number.isdigit()
        return (name, int(number)) if known else None

    def _of_made(self, word: str) -> tuple[str, int] | None:
        match = _SIGN.fullmatch(word)
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


def _bare(plate: str) -> str:
    """A plate without the blanks and hyphens that people write differently."""
    return re.sub(r"[\s.\-]+", "", plate.casefold())


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
        _known[key] = CallSigns(instance.vehicles, taken, instance.fleet)
        weakref.finalize(instance, _known.pop, key, None)
    return _known[key]
