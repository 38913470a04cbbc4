"""Names of an instance in running text: whole ones, parts that are one thing's alone, what is like one."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

from rapidfuzz import fuzz, process

from planner.events.names import Name, Names
from planner.instance.crews import people_of
from planner.instance.schema import Instance
from planner.instance.subjects import vehicle_id
from planner.messages.lexicon import lexicon, spelled, words_of
from planner.plans.model import Plan

__all__ = ["PLACES", "Hit", "Known"]

PLACES = ("region", "hub", "warehouse", "node")
_KINDS = ("region", "hub", "warehouse", "area", "vehicle", "type", "node", "edge")
_ROMAN = {"1": "i", "2": "ii", "3": "iii", "4": "iv", "5": "v", "6": "vi", "7": "vii", "8": "viii", "9": "ix"}
_PLATE_DIGITS = 3
_MOST = 8  # things that a part of a name may be of, to mean any of them
_SHORTEST_PART = 4  # letters of a part of a name by which a thing is called
_CLEAR, _CLOSER, _LIKE, _SHORTEST_LIKE = 88, 8, 76, 5  # percent of likeness, and letters


@dataclass(frozen=True, slots=True)
class Hit:
    """What some words of a text may name.

    Parameters
    ----------
    first, last
        Numbers of the words, `last` excluded.
    things
        What they may mean, each by its kind and id.
    sure
        Whether they are these things' own name, or a part that no other has.
    near
        What is like the words, the likeliest first, where they are nobody's name.
    """

    first: int
    last: int
    things: tuple[Name, ...]
    sure: bool = True
    near: tuple[Name, ...] = ()

    def of(self, *kinds: str) -> tuple[str, ...]:
        """Ids of the things of some kinds."""
        return tuple(name for kind, name in self.things if kind in kinds)


class Known:
    """Names of an instance, for finding them in texts.

    Parameters
    ----------
    instance, plan
        Whose names; the plan says where vehicles go.
    """

    def __init__(self, instance: Instance, plan: Plan | None = None) -> None:
        self.instance, self.plan = instance, plan
        self.names = Names(instance, plan)
        self.ids: dict[str, list[Name]] = defaultdict(list)
        self._whole: dict[tuple[str, ...], dict[Name, None]] = defaultdict(dict)
        self._vehicles: dict[tuple[str, ...], dict[Name, None]] = defaultdict(dict)
        self._parts: dict[tuple[str, ...], dict[Name, None]] = defaultdict(dict)
        self._like: dict[str, dict[Name, None]] = defaultdict(dict)
        for kind in _KINDS:
            for called, ids in self.names.called(kind):
                self._enter(kind, called, ids)
        self._given = {tuple(sorted(words_of(row.name))) for row in instance.aliases}
        self._enter_plates()
        self.longest = max(map(len, (*self._whole, *self._vehicles)), default=1)

    def _enter(self, kind: str, called: str, ids: Iterable[str]) -> None:
        found, own = words_of(called), lexicon().own
        for one in ids:
            thing = (kind, one)
            self.ids[spelled(one)].append(thing)
            if not found:
                continue
            for form in _forms(found):
                key = form if kind == "vehicle" else tuple(sorted(form))  # `1 boat` is no `boat 1`
                (self._vehicles if kind == "vehicle" else self._whole)[key][thing] = None
                if kind == "edge":
                    continue
                if kind != "vehicle":
                    self._like[" ".join(form)][thing] = None
                    for part in _parts_of(form):
                        if not own.issuperset(part):
                            self._parts[tuple(sorted(part))][thing] = None

    def _enter_plates(self) -> None:
        """Parts of plates: `KT 8123` of `KT 8123 AB`."""
        for row in self.instance.fleet:
            plate = words_of(row.plate)
            for part in _parts_of(plate):
                if len(part) > 1 and any(one.isdecimal() and len(one) >= _PLATE_DIGITS for one in part):
                    self._parts[tuple(sorted(part))]["vehicle", row.vehicle] = None

    def at_word(self, words: Sequence[str], first: int, last: int) -> tuple[Name, ...]:
        """Things whose whole name these words are, in any order."""
        if last - first > self.longest:
            return ()
        key = tuple(sorted(words[first:last]))
        if last - first == 1 and key[0] in lexicon().own and key not in self._given:
            return ()  # a word of the language, unless somebody says that it is a name
        return (*self._vehicles.get(tuple(words[first:last]), ()), *self._whole.get(key, ()))

    def by_part(self, words: Sequence[str], first: int, last: int) -> tuple[Name, ...]:
        """Things of whose names these words are a part; none where too many have it."""
        told = words[first:last]
        if sum(map(len, told)) < _SHORTEST_PART or (last - first == 1 and told[0] in lexicon().own):
            return ()
        found = tuple(self._parts.get(tuple(sorted(told)), ()))
        return found if len(found) <= _MOST else ()

    def nearly(self, text: str) -> tuple[tuple[Name, ...], bool]:
        """What is like a text, the likeliest first, and whether the first is so alone."""
        plain = " ".join(words_of(text))
        if len(plain) < _SHORTEST_LIKE:
            return (), False
        found = process.extract(plain, list(self._like), scorer=fuzz.ratio, score_cutoff=_LIKE, limit=4)
        digits = re.findall(r"\d+", plain)
        found = [one for one in found if re.findall(r"\d+", one[0]) == digits]
        if not found:
            return (), False
        best, score = found[0][0], found[0][1]
        first = tuple(self._like[best])
        others = [one for one in found[1:] if not set(self._like[one[0]]) <= set(first)]
        clear = score >= _CLEAR and all(score - one[1] >= _CLOSER for one in others)
        near = tuple(dict.fromkeys(thing for one in found for thing in self._like[one[0]]))
        return (first if clear else near), clear

    def vehicles_of(self, types: Iterable[str], number: int | None) -> tuple[str, ...]:
        """Vehicles of some types: the one of a number in each, or all."""
        known = self.instance.vehicle_type_of
        return tuple(
            vehicle_id(name, at)
            for name in types
            for at in range(1, known[name].number + 1)
            if number in (None, at)
        )

    def types_of_mode(self, modes: Iterable[str]) -> tuple[str, ...]:
        """Vehicle types that move by some mode."""
        wanted = set(modes)
        return tuple(one.id for one in self.instance.vehicles if wanted & {mode.value for mode in one.modes})

    @cached_property
    def goes_to(self) -> dict[str, frozenset[str]]:
        """Places at which each vehicle is, by the plan."""
        found: dict[str, set[str]] = defaultdict(set)
        for trip in () if self.plan is None else self.plan.trips:
            found[trip.vehicle_id] |= {trip.origin_id, *(stop.node_id for stop in trip.stops)}
        return {name: frozenset(places) for name, places in found.items()}

    @cached_property
    def needs(self) -> dict[str, dict[str, set[int]]]:
        """By region and item how much all of it and each delivery of it may be."""
        items = [one for one in self.instance.items if not one.reserve_bp]
        found: dict[str, dict[str, set[int]]] = {}
        unit = self.instance.settings.unit
        shares: dict[str, set[int]] = defaultdict(set)
        for region in self.instance.regions:
            shares[region.id].add(int(region.counts.get(unit, 0)))
        for trip in () if self.plan is None else self.plan.trips:
            for stop in trip.stops:
                for one in stop.deliveries:
                    shares[one.region_id].add(one.units)
        for region in self.instance.regions:
            found[region.id] = {
                one.id: {units * one.quantity for units in shares[region.id]}
                for one in items
                if one.per == unit
            }
            found[region.id][""] = shares[region.id]
        return found

    def items(self, words: Sequence[str]) -> tuple[str, ...]:
        """Items in whose names these words stand, in the singular or plural; none of words too short."""
        told = {_singular(one) for one in words}
        return tuple(name for name, own in self._items.items() if told and told <= own)

    @cached_property
    def _items(self) -> dict[str, frozenset[str]]:
        return {one.id: frozenset(map(_singular, words_of(one.name))) for one in self.instance.items}

    def contact_of(self, sender: str) -> Name | None:
        """The one thing whose contact has this name or telephone number; None: none, or several."""
        plain, digits = spelled(sender).strip(" ~"), _telephone(sender)
        found = {
            one.place
            for one in people_of(self.instance)
            if (plain and spelled(one.name) == plain) or (len(digits) > 6 and _telephone(one.phone) == digits)
        }
        if len(found) != 1:
            return None
        place = found.pop()
        return next(
            (
                (kind, place)
                for kind in ("region", "hub", "warehouse", "vehicle")
                if self.names.knows(kind, place)
            ),
            None,
        )


def _singular(word: str) -> str:
    """An English plural as its singular; others may lose an end too, on both sides of a comparison."""
    return re.sub(r"(?<=[^aeiou\W])es$|(?<=..)s$", "", word) if len(word) > 3 else word


def _telephone(text: str) -> str:
    """Digits of a telephone number, without what stands for the country or the long-distance 0."""
    digits = re.sub(r"\D", "", text)
    return re.sub(r"^(?:62|0)", "", digits)


def _forms(found: tuple[str, ...]) -> list[tuple[str, ...]]:
    """A name, and the same with its last Roman number as a digit."""
    digit = next((digit for digit, roman in _ROMAN.items() if found[-1] == roman), None)
    return [found] if digit is None or len(found) < 2 else [found, (*found[:-1], digit)]


def _parts_of(form: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Runs of words of a name that are less than all of it."""
    size = len(form)
    return [form[at:end] for at in range(size) for end in range(at + 1, size + 1) if end - at < size]
