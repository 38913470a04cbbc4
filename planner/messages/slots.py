"""What a part of a sentence is about: vehicles, places, ways and goods, as far as names and plan tell."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from planner.messages.frames import Frame
from planner.messages.known import PLACES, Hit, Known
from planner.messages.lexicon import lexicon, words_of

__all__ = ["Count", "Mention", "Slots", "slots_of"]

_LIST = re.compile(r"[\s,&+/]*")
_TELEPHONE = re.compile(r"\+?\d[\d ()./-]{6,}\d")
_PERCENT = re.compile(r"(\d{1,4})\s*(?:%|persen|percent)")
_ADJACENT = 2  # words between a way's two ends, `to` and the like
_LONGEST_ITEM = 3  # words


@dataclass(frozen=True, slots=True)
class Mention:
    """One thing that is spoken of: what it may be, where it stands, and what is said before it."""

    first: int
    last: int
    ids: tuple[str, ...]
    role: str = ""  # `from`, `to`, `at`, `for`, `by`, `near`, or nothing
    sure: bool = True
    near: tuple[str, ...] = ()  # what is like it, where it is nobody's name
    also: tuple[str, ...] = ()  # what it may be called by a part of its name


@dataclass(frozen=True, slots=True)
class Count:
    """A number of goods: of an item, of units (`item` is empty), or of nobody knows what (None)."""

    at: int
    number: int
    item: str | None
    of: int | None = None  # of how many
    items: tuple[str, ...] = ()  # where the words may be several


@dataclass
class Slots:
    """All that a part of a sentence is about."""

    vehicles: list[Mention] = field(default_factory=list)
    places: list[Mention] = field(default_factory=list)
    areas: list[Mention] = field(default_factory=list)
    types: list[Mention] = field(default_factory=list)
    edges: list[Mention] = field(default_factory=list)
    counts: list[Count] = field(default_factory=list)
    like: list[Mention] = field(default_factory=list)

    def kinds(self, known: Known) -> set[str]:
        """What things it is about, by their kinds."""
        found = {"vehicle"} if self.vehicles else set()
        found |= {"edge"} if self.edges else set()
        found |= {"type"} if self.types else set()
        for one in self.places:
            found |= {kind for kind in PLACES for name in one.ids if known.names.knows(kind, name)}
        return found


def slots_of(frame: Frame, known: Known) -> Slots:
    """What a part of a sentence is about."""
    found = Slots()
    hits = frame.hits
    for at, hit in enumerate(hits):
        role = _role(frame, hit)
        if hit.near:
            found.like.append(_mention(hit, role, hit.near, near=True))
        vehicles, types, edges = hit.of("vehicle"), hit.of("type"), hit.of("edge")
        places, areas = hit.of(*PLACES), hit.of("area")
        if vehicles:
            found.vehicles.append(Mention(hit.first, hit.last, vehicles, role, hit.sure))
        elif types:
            _add_type(found, frame, known, hit, hits[at + 1] if at + 1 < len(hits) else None, role)
        elif edges:
            found.edges.append(Mention(hit.first, hit.last, edges, role, hit.sure))
        if places:
            also = known.by_part(frame.sentence.raw, hit.first, hit.last)
            names = tuple(name for kind, name in also if kind in ("hub", "warehouse"))
            ids = _preferred(places, known)
            found.places.append(Mention(hit.first, hit.last, ids, role, hit.sure, also=names))
        if areas and not places:
            found.areas.append(Mention(hit.first, hit.last, areas, role, hit.sure))
        elif areas:
            found.areas.append(Mention(hit.first, hit.last, areas, role, sure=False))
    _add_numbered(found, frame, known)
    _add_ways(found, frame, known)
    _add_warehouse(found, frame, known)
    found.counts = _counts(frame, known)
    return found


def _mention(hit: Hit, role: str, things: Sequence[tuple[str, str]], *, near: bool) -> Mention:
    ids = tuple(name for kind, name in things if kind != "area")
    return Mention(hit.first, hit.last, () if near else ids, role, sure=False, near=ids)


def _preferred(places: tuple[str, ...], known: Known) -> tuple[str, ...]:
    """Regions, hubs and warehouses before nodes on the way."""
    first = tuple(one for one in places if not known.names.knows("node", one))
    return first or places


def _role(frame: Frame, hit: Hit) -> str:
    """What is said right before a name, beside words such as `village`."""
    at = hit.first
    before = {one.last: one for one in frame.sentence.cues}
    while (
        at in before
        and before[at].means & {"small.place", "small.area", "small.edge"}
        and not (before[at].means & {"small.from", "small.to", "small.at"})
    ):
        at = before[at].first
    cue = before.get(at)
    if cue is None or cue.first < frame.first:
        return ""
    if "small.near" in cue.means:
        return "near"
    roles = ("from", "to", "at", "for", "by")
    found = [one for one in roles if f"small.{one}" in cue.means]
    inner = before.get(cue.first)
    if found and inner is not None and "small.near" in inner.means:
        return "near"
    return found[0] if found else ""


def _add_type(found: Slots, frame: Frame, known: Known, hit: Hit, after: Hit | None, role: str) -> None:
    """A vehicle type: with a number it is a vehicle; before a vehicle's own name it only says what it is."""
    if after is not None and after.first == hit.last and after.of("vehicle"):
        return
    number, last = _number_after(frame, hit.last, known)
    types = hit.of("type")
    mention = Mention(hit.first, last, types, role, hit.sure)
    if number is not None:
        vehicles = known.vehicles_of(types, number)
        if vehicles:
            found.vehicles.append(replace(mention, ids=vehicles))
            return
    found.types.append(replace(mention, last=hit.last))


def _number_after(frame: Frame, at: int, known: Known) -> tuple[int | None, int]:
    """A number that follows, with `number` before it perhaps, and the word after it."""
    words, cues = frame.sentence.words, {one.first: one for one in frame.sentence.cues}
    if at in cues and "small.number" in cues[at].means:
        at = cues[at].last
    if at >= frame.last or not words[at].isdecimal() or len(words[at]) > 3:
        return None, at
    taken = any(
        one.first <= frame.sentence.places[at][0] < one.last and (one.hours or one.long_s is not None)
        for one in frame.times
    )
    follows = at + 1 < len(words) and _item_at(frame, at + 1, known) is not None
    return (None, at) if taken or follows else (int(words[at]), at + 1)


def _add_numbered(found: Slots, frame: Frame, known: Known) -> None:
    """`boat 3`: a word for what moves by a mode, and a number."""
    for cue in frame.cues:
        modes = {one.removeprefix("modes.") for one in cue.means if one.startswith("modes.")}
        number, last = _number_after(frame, cue.last, known) if modes else (None, 0)
        if number is None:
            continue
        vehicles = known.vehicles_of(known.types_of_mode(modes), number)
        if not any(one.first in range(cue.first, last + 1) for one in found.vehicles):
            found.vehicles.append(Mention(cue.first, last, vehicles, "", sure=len(vehicles) == 1))
    found.vehicles.sort(key=lambda one: one.first)


def _add_ways(found: Slots, frame: Frame, known: Known) -> None:
    """Two places next to each other with a way between them, if a way is spoken of or a line joins them."""
    if found.edges or len(found.places) < 2:
        return
    spoken = bool(frame.means("small.edge"))
    for one, other in zip(found.places, found.places[1:], strict=False):
        gap = frame.sentence.text[
            frame.sentence.spans[one.last - 1][1] : frame.sentence.spans[other.first][0]
        ]
        joined = gap.strip() in ("-", "–", "—", "/", "")
        if not (spoken or joined) or other.first - one.last > _ADJACENT:
            continue
        ends = [set(one.ids) | set(one.also), set(other.ids) | set(other.also)]
        ids = tuple(
            edge.id
            for edge in known.instance.edges
            if (edge.from_node in ends[0] and edge.to_node in ends[1])
            or (edge.from_node in ends[1] and edge.to_node in ends[0])
        )
        if ids:
            found.edges.append(Mention(one.first, other.last, ids, "", sure=len(ids) == 1))
            found.places = [each for each in found.places if each not in (one, other)]
            return


def _add_warehouse(found: Slots, frame: Frame, known: Known) -> None:
    """`the warehouse`, where there is one only."""
    if len(known.instance.warehouses) != 1 or found.places:
        return
    cue = next(iter(frame.means("small.warehouse")), None)
    if cue is not None:
        only = known.instance.warehouses[0].id
        role = _role(frame, Hit(cue.first, cue.last, ()))
        found.places.append(Mention(cue.first, cue.last, (only,), role))


def _counts(frame: Frame, known: Known) -> list[Count]:
    """Numbers of goods, and numbers of nobody knows what."""
    sentence, lex = frame.sentence, lexicon()
    named = {at for one in sentence.hits for at in range(one.first, one.last)}
    found: list[Count] = []
    at = frame.first
    while at < frame.last:
        word = sentence.words[at]
        number = int(word) if word.isdecimal() and len(word) < 6 else lex.numbers.get(word)
        timed = any(one.first <= sentence.places[at][0] < one.last for one in frame.times)
        if number is None or at in named or timed or _is_marked(frame, at):
            at += 1
            continue
        of, next_at = _of(frame, at + 1)
        items = _item_at(frame, next_at, known)
        if (
            items is None
            and next_at < frame.last
            and "small.unit" in _means(frame, next_at)
            or (
                items is None
                and next_at < frame.last
                and sentence.words[next_at] == known.instance.settings.unit
            )
        ):
            found.append(Count(at, number, "", of))
        elif items:
            found.append(Count(at, number, items[0] if len(items) == 1 else None, of, items))
        else:
            found.append(Count(at, number, None, of))
        at = next_at
    return _with_item(found, frame, known)


def _is_marked(frame: Frame, at: int) -> bool:
    """Whether a number is that of a kilometre, a page, a telephone or a part of a larger sign."""
    sentence = frame.sentence
    before = sentence.words[at - 1] if at else ""
    start, end = sentence.spans[at]
    text = sentence.text
    glued = (start > 0 and text[start - 1] in "./-:,+" and start > 1 and text[start - 2].isdecimal()) or (
        end + 1 < len(text) and text[end] in "./-:%" and text[end + 1].isdecimal()
    )
    return (
        before in ("km", "kilometer", "kilometre", "rt", "rw", "tanggal")
        or glued
        or text[end : end + 1] == "%"
    )


def _of(frame: Frame, at: int) -> tuple[int | None, int]:
    """`of 6` after a number, and the word after it."""
    words = frame.sentence.words
    if at + 1 < frame.last and words[at] in ("of", "dari") and words[at + 1].isdecimal():
        return int(words[at + 1]), at + 2
    return None, at


def _means(frame: Frame, at: int) -> frozenset[str]:
    return next((one.means for one in frame.sentence.cues if one.first == at), frozenset())


def _item_at(frame: Frame, at: int, known: Known) -> tuple[str, ...] | None:
    """Items that the words from one on name; None: none."""
    words = frame.sentence.words
    for last in range(min(frame.last, at + _LONGEST_ITEM), at, -1):
        told = words[at:last]
        items = known.items(told)
        if items:
            return items
    return None


def _with_item(counts: list[Count], frame: Frame, known: Known) -> list[Count]:
    """A number whose goods stand elsewhere in the part: `boxes at …: 2 broken`."""
    bare = [one for one in counts if one.item is None and not one.items]
    if len(bare) != 1 or len(counts) != 1:
        return [one for one in counts if one.item is not None or one.items] or counts
    sentence = frame.sentence
    for at in range(frame.first, frame.last):
        if any(one.first <= at < one.last for one in sentence.hits):
            continue
        items = _item_at(frame, at, known)
        if (
            items
            and len(items) == 1
            and (sentence.words[at] in words_of(known.names.label("item", items[0])))
        ):
            return [replace(bare[0], item=items[0])]
        if sentence.words[at] == known.instance.settings.unit:
            return [replace(bare[0], item="")]
    return counts


def telephone_of(text: str) -> re.Match[str] | None:
    """A telephone number in a text."""
    return next((one for one in _TELEPHONE.finditer(text) if sum(map(str.isdecimal, one[0])) > 7), None)


def percent_of(text: str) -> str:
    """A percentage in a text; empty: none."""
    found = _PERCENT.search(text)
    return f"{found[1]}%" if found else ""


def is_list(frame: Frame, mentions: Sequence[Mention]) -> bool:
    """Whether names follow each other with nothing but commas, `and` and the like between them."""
    sentence, cues = frame.sentence, {one.first: one for one in frame.sentence.cues}
    for one, other in zip(mentions, mentions[1:], strict=False):
        between = range(one.last, other.first)
        fits = all(at in cues and cues[at].means & {"small.and", "small.place"} for at in between)
        if not fits:
            return False
        if not between and not _LIST.fullmatch(
            sentence.text[sentence.spans[one.last - 1][1] : sentence.spans[other.first][0]]
        ):
            return False
    return True


def labels(known: Known, ids: Iterable[str], kinds: Sequence[str]) -> tuple[tuple[str, str], ...]:
    """Candidates by id and by what people call them."""
    found = []
    for name in ids:
        kind = next((one for one in kinds if known.names.knows(one, name)), "")
        found.append((name, known.names.label(kind, name) if kind else name))
    return tuple(found)
