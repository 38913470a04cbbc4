"""The cells of one report: which thing, how many, as far as a part of a sentence tells; else a doubt."""

from __future__ import annotations

import re
from collections.abc import Sequence

from planner.events.kinds import HAPPENINGS
from planner.events.schema import EventKind
from planner.instance.chains import home_of
from planner.instance.schema import Mode
from planner.messages.drafts import Context, Draft
from planner.messages.frames import Frame
from planner.messages.proposals import DoubtKind
from planner.messages.report_times import set_moment, set_times
from planner.messages.slots import Count, Mention, Slots, is_list, labels, percent_of, telephone_of

__all__ = ["drafts_of"]

_STORES = ("hub", "warehouse")
_STOPS = ("region", *_STORES)
_GOODS = ("damaged", "missing", "recall", "misdelivered", "found", "fewer", "demand")
_AT_REGIONS = ("delivered", "skipped", "refused", "partly", "returned", "arrived")
_ON_VEHICLES = (
    "delay",
    "breakdown",
    "repaired",
    "vehicle_lost",
    "loaded",
    "departed",
    "fetched",
    "taken_over",
)
_WAYS = ("closure", "opened", "speed")
_NAME_BEFORE = re.compile(r"[^\n:;]{0,60}$")


def drafts_of(name: str, frame: Frame, slots: Slots, context: Context) -> list[Draft]:
    """The reports that a part of a sentence makes of one kind: several where it names several things.

    Parameters
    ----------
    name
        The kind, or a pseudo-kind of the lexicon.
    frame, slots
        The part, and what it is about.
    context
        What was told before it.
    """
    kind = EventKind(name.removesuffix("_passive").removesuffix("_open"))
    cells = _Cells(name, kind, frame, slots, context)
    if kind.value in _GOODS:
        return cells.of_goods()
    if kind in HAPPENINGS or kind.value in _ON_VEHICLES:
        return cells.on_the_way()
    if kind.value in _WAYS:
        return [cells.of_way()]
    return [cells.of_place()]


class _Cells:
    def __init__(self, name: str, kind: EventKind, frame: Frame, slots: Slots, context: Context) -> None:
        self.name, self.kind, self.frame, self.slots, self.context = name, kind, frame, slots, context
        self.known = context.known

    def of_goods(self) -> list[Draft]:
        """Goods of a region, counted."""
        first = Draft(self.kind)
        mentions = [
            one
            for one in self._places(("region",))
            if one.role != "to" or self.kind is not EventKind.MISDELIVERED
        ]
        if not mentions and self.kind is EventKind.MISDELIVERED:
            mentions = self._places(("region",))
        self._set_regions(first, mentions)
        if "+" in first.cells.get("subject", ""):
            first.doubt(DoubtKind.SEVERAL, "subject", self._told(mentions))
        if self.kind is EventKind.MISDELIVERED:
            other = [one for one in self._places(_STOPS) if one.role == "to" and one not in mentions[:1]]
            self._set_place(first, other)
        counts = [one for one in self.slots.counts if one.item is not None or one.items] or self.slots.counts
        if self.kind in (EventKind.FEWER, EventKind.DEMAND):
            counts = self._without_repeated(counts)
        if not counts:
            first.doubt(DoubtKind.LACKING, "value")
        return [self._counted(first, one) for one in counts] or [first]

    def _without_repeated(self, counts: Sequence[Count]) -> list[Count]:
        """Counts; a number that is told again (`1 too many, 1 less`) counts once."""
        return list(counts[:1]) if len({one.number for one in counts}) == 1 else list(counts)

    def _counted(self, draft: Draft, count: Count) -> Draft:
        made = Draft(draft.kind, {**draft.cells, "value": str(count.number)}, list(draft.doubts))
        if count.number < 1:
            made.doubt(DoubtKind.AMOUNT, "value", str(count.number))
        if count.item is None:
            made.doubt(
                DoubtKind.LACKING, "item", str(count.number), labels(self.known, count.items, ("item",))
            )
        elif count.item:
            if self.kind is EventKind.FEWER:
                made.doubt(DoubtKind.AMOUNT, "value", str(count.number))
            made.cells["item"] = count.item
        return made

    def on_the_way(self) -> list[Draft]:
        """What a vehicle did, or what happened to it; for some kinds a region or hub may stand alone."""
        kind = self.kind.value
        first = Draft(self.kind)
        set_times(first, self.frame, self.context)
        vehicles = self._vehicles()
        if kind == "partly":
            self._set_units(first)
        if kind in ("delay", "breakdown", "vehicle_lost", "repaired"):
            places = [one for one in self._places(_STOPS) if one.role == "to"] if kind == "delay" else []
        elif kind == "loaded" or (kind == "returned" and vehicles):
            places = []
        else:
            places = self._stops()
        if not vehicles and kind in _AT_REGIONS and (places or self.context.places):
            return self._at_regions(first, places)
        made = []
        for ids, told, sure in self._vehicle_choices(first, vehicles, places):
            for spot in (
                [[one] for one in places] if len(places) > 1 and is_list(self.frame, places) else [places]
            ):
                one = Draft(first.kind, dict(first.cells), list(first.doubts))
                self._set_vehicle(one, ids, told, spot, sure=sure)
                self._set_place(one, spot, ids)
                made.append(one)
        return made

    def _at_regions(self, draft: Draft, places: list[Mention]) -> list[Draft]:
        wanted = ("region",) if self.kind.value in ("delivered", "partly", "arrived") else ("region", "hub")
        self._set_regions(draft, places, wanted)
        self._compare_counts(draft, draft.cells.get("subject", ""))
        return [draft]

    def _stops(self) -> list[Mention]:
        """Places that a happening may be at."""
        kind, found = self.kind.value, self._places((*_STOPS, "node"))
        if kind == "departed":
            return [one for one in found if one.role not in ("to", "for", "near")][:1]
        if kind == "taken_over":
            return [one for one in found if one.role in ("for", "to")] or found
        if kind == "returned":
            return [one for one in found if not (one.role == "to" or self._is(one, ("warehouse",)))]
        if kind in ("arrived", "delivered"):
            there = [one for one in found if one.role not in ("from", "near")]
            if len(there) < 2 or is_list(self.frame, there):
                return there
            return [one for one in there if one.role != "for"] or there
        return [one for one in found if one.role not in ("from", "near")]

    def _places(self, kinds: Sequence[str]) -> list[Mention]:
        return [one for one in self.slots.places if one.role != "near" and self._is(one, kinds)]

    def _is(self, mention: Mention, kinds: Sequence[str]) -> bool:
        names = (*mention.ids, *mention.also)
        return any(self.known.names.knows(kind, name) for kind in kinds for name in names)

    def _vehicles(self) -> list[Mention]:
        found = list(self.slots.vehicles)
        if self.kind is EventKind.TAKEN_OVER and len(found) > 1:
            takers = ("by", "to") if self.name.endswith("_passive") else ("", "by")
            return [one for one in found if one.role in takers][:1] or found[:1]
        return found

    def _vehicle_choices(
        self, draft: Draft, mentions: Sequence[Mention], places: Sequence[Mention]
    ) -> list[tuple[tuple[str, ...], str, bool]]:
        """The vehicles that it is about, each by what it may be, how it was called, and whether surely so."""
        if mentions:
            several = len({one.ids for one in mentions}) > 1
            if several and not is_list(self.frame, mentions):
                draft.doubt(DoubtKind.SEVERAL, "subject", self._told(mentions))
                mentions = mentions[:1]
            unique = {one.ids: one for one in mentions}
            return [(one.ids, self._told([one]), one.sure) for one in unique.values()]
        if self.slots.types and self.kind is EventKind.VEHICLE_LOST:
            one = self.slots.types[0]
            return [(one.ids, self._told([one]), one.sure)]
        if self.context.vehicle:
            return [(self.context.vehicle, "", True)]
        if self.context.sender[0] == "vehicle":
            return [((self.context.sender[1],), "", True)]
        types = [kind for one in self.slots.types for kind in one.ids]
        return [(self.known.vehicles_of(types, None), self._told(self.slots.types), True)]

    def _set_vehicle(
        self, draft: Draft, ids: tuple[str, ...], told: str, places: Sequence[Mention], *, sure: bool
    ) -> None:
        there = {name for one in places for name in (*one.ids, *one.also)}
        if len(ids) > 1 and there:
            ids = tuple(one for one in ids if there & self.known.goes_to.get(one, frozenset())) or ids
        if len(ids) == 1:
            draft.cells["subject"] = ids[0]
        elif ids:
            draft.doubt(DoubtKind.WHICH, "subject", told, labels(self.known, ids, ("vehicle", "type")))
        else:
            draft.doubt(DoubtKind.LACKING, "subject", told, self._like(("vehicle",)))
        if not sure and len(ids) == 1 and not there:
            draft.doubt(DoubtKind.WHICH, "subject", told)

    def _set_place(self, draft: Draft, mentions: Sequence[Mention], vehicle: Sequence[str] = ()) -> None:
        """The place of a report about a vehicle; of several of a name those where it goes."""
        if not mentions:
            if self.kind in (EventKind.TAKEN_OVER, EventKind.MISDELIVERED) and not self.context.places:
                if self.kind is EventKind.TAKEN_OVER:
                    draft.doubt(DoubtKind.LACKING, "place", "", self._like(_STOPS))
            elif self.kind is EventKind.TAKEN_OVER or (self.kind in HAPPENINGS and self._carries_place()):
                draft.cells["place"] = self.context.places[0]
            elif self._like(_STOPS) and self.kind in HAPPENINGS:
                draft.doubt(DoubtKind.LIKE, "place", self._told(self.slots.like), self._like(_STOPS))
            return
        if len(mentions) > 1:
            draft.doubt(DoubtKind.SEVERAL, "place", self._told(mentions))
        one = mentions[0]
        ids, goes = one.ids, {place for name in vehicle for place in self.known.goes_to.get(name, ())}
        if goes and not goes.intersection(ids):
            ids = tuple(name for name in (*ids, *one.also) if name in goes) or ids
        elif len(ids) > 1:
            ids = tuple(name for name in ids if name in goes) or ids
        if len(ids) == 1:
            draft.cells["place"] = ids[0]
            self._compare_counts(draft, ids[0])
        else:
            kinds = (*_STOPS, "node")
            draft.doubt(DoubtKind.WHICH, "place", self._told([one]), labels(self.known, ids, kinds))

    def _carries_place(self) -> bool:
        """Whether a place that was told before is meant where none is told."""
        alike = self.kind in (EventKind.DELIVERED, EventKind.PARTLY, EventKind.REFUSED, EventKind.SKIPPED)
        return alike and len(self.context.places) == 1

    def _set_regions(
        self, draft: Draft, mentions: Sequence[Mention], kinds: Sequence[str] = ("region",)
    ) -> None:
        """What regions it is about, joined; what was spoken of before where none is named."""
        chosen: list[str] = []
        mentions = [one for one in mentions if one.role != "near"]
        if len(mentions) > 1 and not is_list(self.frame, mentions):
            draft.doubt(DoubtKind.SEVERAL, "subject", self._told(mentions))
            mentions = mentions[:1]
        for one in mentions:
            ids = [name for name in one.ids if any(self.known.names.knows(kind, name) for kind in kinds)]
            if len(ids) == 1 and one.sure:
                chosen.append(ids[0])
            else:
                near = labels(self.known, ids or one.ids, _STOPS)
                draft.doubt(DoubtKind.WHICH, "subject", self._told([one]), near)
        if not mentions:
            chosen = [
                one for one in self.context.places if any(self.known.names.knows(kind, one) for kind in kinds)
            ]
            if not chosen and self.context.sender[0] in kinds and not self.slots.like:
                chosen = [self.context.sender[1]]
            if len(chosen) > 1:
                draft.doubt(DoubtKind.SEVERAL, "subject")
        if chosen:
            draft.cells["subject"] = "+".join(dict.fromkeys(chosen))
        elif not draft.doubts or not mentions:
            near = self._like(kinds)
            kind = DoubtKind.LIKE if near else DoubtKind.LACKING
            draft.doubt(kind, "subject", self._told(self.slots.like), near)

    def _like(self, kinds: Sequence[str]) -> tuple[tuple[str, str], ...]:
        ids = [
            name
            for one in self.slots.like
            for name in one.near
            if any(self.known.names.knows(kind, name) for kind in kinds)
        ]
        return labels(self.known, ids, kinds)

    def _compare_counts(self, draft: Draft, place: str) -> None:
        """Doubt numbers of goods of which so many are not expected there."""
        needs = self.known.needs.get(place)
        if needs is None or self.kind is not EventKind.DELIVERED:
            return
        for one in self.slots.counts:
            expected = needs.get(one.item) if one.item is not None else None
            if expected and one.number not in expected:
                told = f"{one.number} ({', '.join(map(str, sorted(expected)))})"
                draft.doubt(DoubtKind.AMOUNT, "value", told)

    def _set_units(self, draft: Draft) -> None:
        counts = [one for one in self.slots.counts if one.item == ""] or self.slots.counts
        if len(counts) != 1:
            draft.doubt(DoubtKind.LACKING, "value")
            return
        draft.cells["value"] = str(counts[0].number)
        if counts[0].item != "":
            draft.doubt(DoubtKind.AMOUNT, "value", str(counts[0].number))

    def of_way(self) -> Draft:
        """A way that is closed, open again, or slower."""
        draft = Draft(self.kind)
        set_times(draft, self.frame, self.context)
        ids = [name for one in self.slots.edges for name in one.ids]
        if self.kind is EventKind.SPEED and not ids:
            ids = [name for one in self.slots.types for name in one.ids]
        if len(ids) == 1:
            draft.cells["subject"] = ids[0]
            if self._is_of_another_mode(ids[0]):
                draft.doubt(DoubtKind.WHICH, "subject", self._told(self.slots.edges))
        elif ids:
            draft.doubt(
                DoubtKind.WHICH, "subject", self._told(self.slots.edges), labels(self.known, ids, ("edge",))
            )
        else:
            ends = {name for one in self.slots.places for name in (*one.ids, *one.also)}
            near = [one.id for one in self.known.instance.edges if ends & {one.from_node, one.to_node}]
            draft.doubt(DoubtKind.LACKING, "subject", "", labels(self.known, near, ("edge",)))
        if self.kind is EventKind.SPEED:
            draft.cells["value"] = percent_of(self.frame.sentence.text)
            if not draft.cells["value"]:
                draft.doubt(DoubtKind.LACKING, "value")
        return draft

    def _is_of_another_mode(self, name: str) -> bool:
        """Whether a river is spoken of and the way is a road, or the other way round."""
        way = next((one for one in self.known.instance.edges if one.id == name), None)
        water, land = (bool(self.frame.means(f"small.{one}")) for one in ("water", "land"))
        return way is not None and ((water and way.mode is Mode.ROAD) or (land and way.mode is Mode.RIVER))

    def of_place(self) -> Draft:
        """Places, people, deadlines and the like; of what needs more than a message says only the kind."""
        draft = Draft(self.kind)
        maker = {
            EventKind.WAREHOUSE: self._warehouse,
            EventKind.DOCK: self._dock,
            EventKind.DEADLINE: self._deadline,
            EventKind.CONTACT: self._contact,
            EventKind.VEHICLE_ADDED: self._vehicle_added,
            EventKind.STOCK: self._stock,
        }.get(self.kind)
        if maker is None:
            draft.doubt(DoubtKind.LACKING, "value")
        else:
            maker(draft)
        return draft

    def _warehouse(self, draft: Draft) -> None:
        set_times(draft, self.frame, self.context)
        self._set_regions(draft, self._places(_STORES), _STORES)
        draft.cells["value"] = "open" if self.name.endswith("_open") else "closed"

    def _dock(self, draft: Draft) -> None:
        set_times(draft, self.frame, self.context)
        self._set_regions(draft, self._places(_STORES), _STORES)
        self._set_number(draft)

    def _set_number(self, draft: Draft) -> None:
        numbers = {one.number for one in self.slots.counts}
        if len(numbers) == 1:
            draft.cells["value"] = str(numbers.pop())
        else:
            draft.doubt(DoubtKind.LACKING, "value")

    def _deadline(self, draft: Draft) -> None:
        if self._places(("region", "hub")) or not self.slots.areas:
            self._set_regions(draft, self._places(("region", "hub")), ("region", "hub"))
        else:
            self._set_area(draft)
        times = [one for one in self.frame.times if one.hours]
        if len(times) != 1:
            draft.doubt(DoubtKind.LACKING, "until")
        else:
            set_moment(draft, "until", times[0], self.frame, self.context, past=False)

    def _set_area(self, draft: Draft) -> None:
        ids = {name for one in self.slots.areas for name in one.ids}
        if len(ids) == 1:
            draft.cells["subject"] = ids.pop()
        else:
            near = labels(self.known, sorted(ids), ("area",))
            draft.doubt(DoubtKind.WHICH, "subject", self._told(self.slots.areas), near)

    def _contact(self, draft: Draft) -> None:
        if self.slots.vehicles:
            ids, told, sure = self._vehicle_choices(draft, self._vehicles(), ())[0]
            self._set_vehicle(draft, ids, told, (), sure=sure)
        else:
            self._set_regions(draft, self._places(_STOPS)[:1], _STOPS)
        text = self.frame.sentence.text
        phone = telephone_of(text)
        name = "" if phone is None else (_NAME_BEFORE.search(text[: phone.start()]) or [""])[0].strip(" ,-()")
        if phone is None or not name or len(name.split()) > 4:
            draft.doubt(DoubtKind.LACKING, "value")
        if phone is not None:
            draft.cells["value"] = f"{name} {phone[0]}".strip()

    def _vehicle_added(self, draft: Draft) -> None:
        set_times(draft, self.frame, self.context)
        types = [one for mention in self.slots.types for one in mention.ids]
        places = [one for one in self._places(_STORES) if one.role != "to"]
        there = {name for one in places for name in (*one.ids, *one.also)}
        fits = [one for one in types if home_of(self.known.instance.vehicle_type_of[one]) in there] or types
        if places:
            self._set_regions(draft, places, _STORES)
        column = "type" if places else "subject"
        if len(fits) == 1:
            draft.cells[column] = fits[0]
        elif fits:
            draft.doubt(
                DoubtKind.WHICH, column, self._told(self.slots.types), labels(self.known, fits, ("type",))
            )
        else:
            draft.doubt(DoubtKind.LACKING, column)
        self._set_number(draft)

    def _stock(self, draft: Draft) -> None:
        set_times(draft, self.frame, self.context)
        self._set_regions(draft, self._places(("warehouse",)), ("warehouse",))
        counts = [one for one in self.slots.counts if one.item]
        if len(counts) != 1 or counts[0].item is None:
            draft.doubt(DoubtKind.LACKING, "item")
            return
        draft.cells |= {"item": counts[0].item, "value": str(counts[0].number)}
        draft.doubt(DoubtKind.AMOUNT, "value", str(counts[0].number))  # more, fewer, or so many in all

    def _told(self, mentions: Sequence[Mention]) -> str:
        """The words by which things were called."""
        sentence = self.frame.sentence
        return "; ".join(
            sentence.text[sentence.spans[one.first][0] : sentence.spans[one.last - 1][1]] for one in mentions
        )
