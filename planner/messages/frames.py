"""Parts of a sentence that each tell one thing: their kinds of report, and what keeps them from being one."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from planner.messages.known import Hit
from planner.messages.lexicon import lexicon
from planner.messages.sentences import Cue, Sentence
from planner.messages.times import Said, said_times

__all__ = ["Frame", "Signal", "frames_of", "kinds_of"]


class Signal(StrEnum):
    """Why a sentence is no plain report of what is so."""

    QUESTION = "question"
    NEGATION = "negation"
    CONDITION = "condition"
    FUTURE = "future"
    UNDERWAY = "underway"
    HEARSAY = "hearsay"
    HEDGE = "hedge"
    REQUEST = "request"
    PROGRESS = "progress"
    CORRECTION = "correction"


_OF_ALL = (Signal.CONDITION, Signal.HEARSAY, Signal.CORRECTION)  # these are about a whole sentence
_LASTING = frozenset(
    [
        "breakdown",
        "closure",
        "delay",
        "vehicle_lost",
        "warehouse",
        "dock",
        "speed",
        "calendar",
        "deadline",
        "vehicle_added",
        "stock",
    ]
)

# Of several kinds in one part, the first says it all and the others tell how it came, or are told by it.
_WITHIN: dict[str, tuple[str, ...]] = {
    "void": ("*",),
    "decision": ("*",),
    "deadline": ("delivered", "arrived"),
    "refused": ("delivered", "skipped", "arrived"),
    "partly": ("delivered", "arrived"),
    "misdelivered": ("delivered", "missing", "arrived"),
    "found": ("missing",),
    "taken_over": ("breakdown", "fetched"),
    "returned": ("arrived", "recall"),
    "delivered": ("arrived", "loaded"),
    "departed": ("loaded",),
    "skipped": ("arrived",),
    "opened": ("closure", "warehouse_open"),
    "repaired": ("breakdown", "delay"),
    "breakdown": ("delay", "vehicle_lost", "closure"),
    "demand": ("missing",),
    "delay": ("arrived", "closure"),
}
_JOINED = (  # parts with these belong together, where the later one names nothing
    frozenset({"breakdown", "vehicle_lost", "delay", "repaired", "closure"}),
    frozenset({"refused", "skipped"}),
    frozenset({"closure", "opened"}),
    frozenset({"returned"}),
    frozenset({"fewer"}),
    frozenset({"missing", "found"}),
    frozenset({"delay", "arrived"}),
)


@dataclass(frozen=True)
class Frame:
    """A part of a sentence, from one word to another, the last excluded, that tells one thing."""

    sentence: Sentence
    first: int
    last: int
    times: tuple[Said, ...]

    @property
    def hits(self) -> list[Hit]:
        """What is named in it."""
        return [one for one in self.sentence.hits if self.first <= one.first < self.last]

    @property
    def cues(self) -> list[Cue]:
        """What means something in it, beside times."""
        spans = [(one.first, one.last) for one in self.sentence_times]
        return [
            one
            for one in self.sentence.cues
            if self.first <= one.first < self.last and not self._in_time(one, spans)
        ]

    @property
    def sentence_times(self) -> tuple[Said, ...]:
        """Times in it."""
        return self.times

    def _in_time(self, cue: Cue, spans: Sequence[tuple[int, int]]) -> bool:
        start, end = self.sentence.places[cue.first][0], self.sentence.places[cue.last - 1][1]
        return any(first <= start and end <= last for first, last in spans)

    def means(self, name: str) -> list[Cue]:
        """Its cues that may mean something."""
        return [one for one in self.cues if name in one.means]

    def signals(self) -> set[Signal]:
        """What keeps it from being plainly so."""
        found = {one for one in Signal if self.means(f"signals.{one.value}")}
        every = {name for cue in self.sentence.cues for name in cue.means}
        found |= {one for one in _OF_ALL if f"signals.{one.value}" in every}
        if _is_question(self.sentence):
            found.add(Signal.QUESTION)
        return found

    def unknown(self) -> list[str]:
        """Words of which nothing is known."""
        covered, own = self.sentence.covered(), lexicon().own
        spans = [(one.first, one.last) for one in self.times]
        return [
            self.sentence.raw[at]
            for at in range(self.first, self.last)
            if at not in covered and self.sentence.words[at] not in own
            if len(self.sentence.raw[at]) > 2 and not self.sentence.raw[at].isdecimal()
            if not any(first <= self.sentence.places[at][0] < last for first, last in spans)
        ]


def _is_question(sentence: Sentence) -> bool:
    """Whether a sentence asks."""
    if sentence.asks or any("signals.question" in one.means for one in sentence.cues):
        return True
    first = next((one for one in sentence.cues if one.first == 0), None)
    if first is None:
        return False
    if "signals.asking" in first.means:
        return True
    return "signals.auxiliary" in first.means and any(one.first == first.last for one in sentence.hits)


def frames_of(sentence: Sentence) -> list[Frame]:
    """The parts of a sentence, each with one thing to tell; at least one."""
    times = said_times(sentence.plain)
    ranges = _ranges(sentence)
    every = [_frame(sentence, first, last, times) for first, last in ranges]
    telling = [at for at, one in enumerate(every) if _cue_kinds(one)]
    if not telling:
        return [_frame(sentence, 0, len(sentence.words), times)]
    groups: list[list[int]] = []
    for at, one in enumerate(every):
        if at in telling and groups and telling.index(at) > 0:
            if _belongs(every[groups[-1][0]], every[groups[-1][-1]], one):
                groups[-1].append(at)
            else:
                groups.append([at])
        elif not groups:
            groups.append([at])
        elif at not in telling and _stands_apart(one, every[telling[0]]):
            continue
        elif _leads(every, at, telling):
            groups.append([at])
        else:
            groups[-1].append(at)
    made = [_frame(sentence, ranges[some[0]][0], ranges[some[-1]][1], times) for some in groups]
    return _without_heads(made)


def _without_heads(frames: list[Frame]) -> list[Frame]:
    """Names in front of what is told of them belong to it."""
    found: list[Frame] = []
    start: Frame | None = None
    for one in frames:
        if not _cue_kinds(one) and one is not frames[-1]:
            start = start or one
            continue
        found.append(
            one if start is None else _frame(one.sentence, start.first, one.last, (*start.times, *one.times))
        )
        start = None
    return found


def _ranges(sentence: Sentence) -> list[tuple[int, int]]:
    """Words between commas and words such as `but`."""
    starts = [0]
    but = {one.first for one in sentence.cues if "small.but" in one.means}
    spans = [(one.first, one.last) for one in sentence.hits]
    spans += [(one.first, one.last) for one in sentence.cues]
    inside = {at for first, last in spans for at in range(first + 1, last)}
    for at in range(1, len(sentence.words)):
        gap = sentence.text[sentence.spans[at - 1][1] : sentence.spans[at][0]]
        number = sentence.words[at - 1].isdecimal() and sentence.words[at].isdecimal() and len(gap) == 1
        if at not in inside and (at in but or (any(one in gap for one in ",;") and not number)):
            starts.append(at)
    return list(zip(starts, [*starts[1:], len(sentence.words)], strict=True))


def _frame(sentence: Sentence, first: int, last: int, times: Iterable[Said]) -> Frame:
    mine = tuple(one for one in times if first <= sentence.word_at(one.first) < last)
    return Frame(sentence, first, last, mine)


def _cue_kinds(frame: Frame) -> set[str]:
    return {name for cue in frame.cues for name in cue.means if name.startswith("kinds.")}


def _belongs(start: Frame, before: Frame, frame: Frame) -> bool:
    """Whether a part goes on with what the one before tells, and names nothing itself."""
    if frame.hits:
        return False
    kinds = {name.removeprefix("kinds.") for one in (start, before, frame) for name in _cue_kinds(one)}
    mine = {name.removeprefix("kinds.") for name in _cue_kinds(frame)}
    theirs = {name.removeprefix("kinds.") for name in _cue_kinds(before)}
    return bool(kinds) and (
        any(some & mine and some & theirs for some in _JOINED)
        or bool(mine & theirs)
        or (mine <= {"arrived"} and bool(theirs & _LASTING))
    )


def _stands_apart(frame: Frame, telling: Frame) -> bool:
    """Whether a part that tells no kind is about something else, or about later."""
    later = bool(frame.means("signals.future")) and not any(one.hours for one in frame.times)
    other = bool(frame.means("signals.negation")) and bool(frame.hits) and bool(telling.hits)
    return later or other


def _leads(every: Sequence[Frame], at: int, telling: Sequence[int]) -> bool:
    """Whether a part that only names things belongs to the next one, which names none."""
    after = at + 1
    return after in telling and bool(every[at].hits) and not every[after].hits and bool(every[at - 1].hits)


def kinds_of(frame: Frame, things: set[str], *, counted: bool) -> list[str]:
    """The kinds that a part tells, as far as what it is about allows; pseudo-kinds are those of the lexicon.

    Parameters
    ----------
    frame
        The part.
    things
        What is named in it, or goes with it: `vehicle`, `region`, `hub`, `warehouse`, `edge`, `area`, `type`.
    counted
        Whether goods are counted in it.
    """
    found: dict[str, None] = {}
    for cue in frame.cues:
        names = [one.removeprefix("kinds.") for one in sorted(cue.means) if one.startswith("kinds.")]
        if names:
            found.update(dict.fromkeys(_chosen(names, things, counted=counted)))
    if "arrived" in found and len(found) > 1 and _LASTING & set(found) and not (found.keys() & {"delivered"}):
        until = frame.means("small.until")
        if all(one in until for one in frame.means("kinds.arrived")):
            del found["arrived"]
    if (
        "breakdown" in found
        and "repaired" in found
        and (frame.means("signals.future") or any(one.long_s and not one.ago for one in frame.times))
    ):
        del found["repaired"]
    for kind, others in _WITHIN.items():
        if kind in found:
            for other in list(found) if others == ("*",) else others:
                if other != kind:
                    found.pop(other, None)
    return list(found)


def _chosen(names: Sequence[str], things: set[str], *, counted: bool) -> list[str]:
    """Of kinds that a phrase may mean, those that go with what it is about."""
    if len(names) == 1:
        return list(names)
    vehicle = "vehicle" in things and not counted
    store = bool(things & {"hub", "warehouse"}) and "edge" not in things
    choices = (
        ("breakdown", "damaged", vehicle),
        ("vehicle_lost", "recall", vehicle),
        ("warehouse", "closure", store),
        ("warehouse_open", "opened", store),
        ("demand", "vehicle_added", counted),
    )
    for one, other, is_one in choices:
        if {one, other} <= set(names):
            return [one if is_one else other]
    return list(names)
