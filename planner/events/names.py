"""What people call things: by id or by name, in any case, and what is like a word that is none of them."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property

from planner.base.nearest import folded
from planner.instance.aliases import aliases_of
from planner.instance.call_signs import call_signs
from planner.instance.kinds import Mode
from planner.instance.schema import Instance
from planner.instance.subjects import vehicle_id
from planner.plans.model import Plan

__all__ = ["Name", "Names", "UnknownNameError", "edge_label"]

_MOST_SIMILAR = 3
_LONGEST = 60  # letters of a word for which similar ones are sought

Name = tuple[str, str]  # what it is (`vehicle`, `region`, …) and its id


class UnknownNameError(Exception):
    """A word that names nothing, or more than one thing.

    Parameters
    ----------
    candidates
        What it may have been; of an unknown word, what is like it.
    """

    def __init__(self, word: str, candidates: Sequence[str], *, ambiguous: bool) -> None:
        super().__init__(word)
        self.word = word
        self.candidates = tuple(candidates)
        self.ambiguous = ambiguous


class _Pool:
    """Things of one kind, by id and by what else they are called."""

    def __init__(self, kind: str, rows: Iterable[tuple[str, Sequence[str], str]]) -> None:
        self.kind = kind
        self.label: dict[str, str] = {}
        self.called: dict[str, dict[str, None]] = {}
        for name, others, label in rows:
            self.label[name] = label
            for word in (name, *others):
                if word:
                    self.called.setdefault(folded(word), {})[name] = None


class Names:
    """Everything that a report may be about.

    Parameters
    ----------
    instance
        Its rows, with their ids and names.
    plan
        Its trips; None: trips have no names.
    """

    def __init__(self, instance: Instance, plan: Plan | None = None) -> None:
        self._instance = instance
        self._plan = plan
        self._pools: dict[str, _Pool] = {}
        self._aliases = aliases_of(instance)

    def find(self, word: str, kinds: Sequence[str]) -> Name:
        """The thing of one of these kinds that a word names: by its id, else by its name.

        Raises
        ------
        UnknownNameError
            If there is no such thing, or more than one.
        """
        pools = [self._pool(kind) for kind in kinds]
        for pool in pools:
            if word in pool.label:
                return (pool.kind, word)
        key = folded(word)
        found = [(pool.kind, name) for pool in pools for name in pool.called.get(key, ())]
        if len(found) == 1:
            return found[0]
        if found:
            labels = [self._pool(kind).label[name] for kind, name in found]
            raise UnknownNameError(word, labels, ambiguous=True)
        one = call_signs(self._instance).vehicle(word) if "vehicle" in kinds else None
        if one is not None and one[1] <= self._instance.vehicle_type_of[one[0]].number:
            return ("vehicle", vehicle_id(*one))  # a plate with other hyphens
        raise UnknownNameError(word, self._similar(key, pools), ambiguous=False)

    def knows(self, kind: str, name: str) -> bool:
        """Whether there is a thing of this id."""
        return name in self._pool(kind).label

    def label(self, kind: str, name: str) -> str:
        """How a thing is told to people: its name, and its id where that is another."""
        return self._pool(kind).label.get(name, name)

    def called(self, kind: str) -> Iterator[tuple[str, Collection[str]]]:
        """Words by which things of a kind are called, each with the ids of these things."""
        yield from self._pool(kind).called.items()

    def _similar(self, key: str, pools: Sequence[_Pool]) -> list[str]:
        from difflib import get_close_matches

        words = {
            word: (pool, name) for pool in pools for word, names in pool.called.items() for name in names
        }
        close = get_close_matches(key[:_LONGEST], sorted(words), n=_MOST_SIMILAR, cutoff=0.5)
        return list(dict.fromkeys(words[word][0].label[words[word][1]] for word in close))

    def _pool(self, kind: str) -> _Pool:
        if kind not in self._pools:
            rows = self._rows[kind]
            self._pools[kind] = _Pool(
                kind,
                ((name, (*others, *self._aliases.get(name, ())), label) for name, others, label in rows()),
            )
        return self._pools[kind]

    @cached_property
    def _rows(self) -> Mapping[str, Callable[[], Iterable[tuple[str, Sequence[str], str]]]]:
        return {
            "vehicle": self._vehicles,
            "trip": self._trips,
            "type": lambda: (
                (one.id, (one.name,), _both(one.name, one.id)) for one in self._instance.vehicles
            ),
            "region": self._regions,
            "area": self._areas,
            "warehouse": lambda: (
                (one.id, (one.name,), _both(one.name, one.id)) for one in self._instance.warehouses
            ),
            "hub": lambda: ((one.id, (one.name,), _both(one.name, one.id)) for one in self._instance.hubs),
            "node": lambda: ((one.id, (one.name,), _both(one.name, one.id)) for one in self._instance.nodes),
            "item": lambda: ((one.id, (one.name,), _both(one.name, one.id)) for one in self._instance.items),
            "edge": self._edges,
            "mode": lambda: ((one.value, (), one.value) for one in Mode),
            "calendar": lambda: (
                (name, (), name) for name in dict.fromkeys(row.calendar for row in self._instance.calendars)
            ),
        }

    def _vehicles(self) -> Iterable[tuple[str, Sequence[str], str]]:
        signs = call_signs(self._instance)
        for kind in self._instance.vehicles:
            for number in range(1, kind.number + 1):
                called = (f"{kind.id}/{number}", f"{kind.name} {number}", f"{kind.name} {number:02d}")
                name = vehicle_id(kind.id, number)
                yield name, (*called, f"{kind.id}-{number}", *signs.words_of(name)), _both(called[1], name)

    def _trips(self) -> Iterable[tuple[str, Sequence[str], str]]:
        if self._plan is None:
            return
        known = {trip.id for trip in self._plan.trips}
        for trip in self._plan.trips:
            yield trip.id, (), f"{trip.id} ({trip.vehicle_id})"
        for moved in () if self._plan.replan is None else self._plan.replan.moved:
            if moved.trip not in known:  # told of while there was such a trip
                yield moved.trip, (), f"{moved.trip} ({moved.vehicle})"

    def _regions(self) -> Iterable[tuple[str, Sequence[str], str]]:
        for one in self._instance.regions:
            part = one.subarea_name or one.subarea
            label = f"{one.name}, {part} ({one.id})" if part else _both(one.name, one.id)
            yield one.id, (one.name, f"{one.name}, {part}", f"{one.name} ({part})"), label

    def _areas(self) -> Iterable[tuple[str, Sequence[str], str]]:
        """Areas of regions and their parts."""
        named: dict[str, str] = {}
        for one in self._instance.regions:
            for name, label in ((one.area, one.area_name), (one.subarea, one.subarea_name)):
                if name:
                    named[name] = named.get(name) or label
        return ((name, (label,), _both(label, name)) for name, label in named.items())

    def _edges(self) -> Iterable[tuple[str, Sequence[str], str]]:
        names = self._instance.place_name_of
        for one in self._instance.edges:
            ends = (names.get(one.from_node, one.from_node), names.get(one.to_node, one.to_node))
            called = [
                form.format(first, last)
                for first, last in (
                    ends,
                    ends[::-1],
                    (one.from_node, one.to_node),
                    (one.to_node, one.from_node),
                )
                for form in ("{} - {}", "{} – {}")
            ]
            yield one.id, called, f"{edge_label(self._instance, one.id, ends)}"


def edge_label(instance: Instance, edge: str, ends: tuple[str, str] | None = None) -> str:
    """An edge as people know it: the places that it joins, and its id."""
    if ends is None:
        row = next((one for one in instance.edges if one.id == edge), None)
        if row is None:
            return edge
        names = instance.place_name_of
        ends = (names.get(row.from_node, row.from_node), names.get(row.to_node, row.to_node))
    return f"{ends[0]} – {ends[1]} ({edge})"


def _both(name: str, one: str) -> str:
    return f"{name} ({one})" if name and name != one else one
