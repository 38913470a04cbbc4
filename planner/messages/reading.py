"""A message as proposed reports: each part of a sentence by its kinds, with all that speaks against it."""

from __future__ import annotations

from dataclasses import replace

from planner.base.clock import Clock
from planner.events.kinds import HAPPENINGS
from planner.events.schema import EventKind
from planner.messages.chats import Message
from planner.messages.drafts import Context, Draft
from planner.messages.frames import Frame, Signal, frames_of, kinds_of
from planner.messages.known import Known
from planner.messages.proposals import Doubt, DoubtKind, Proposal, Reading
from planner.messages.report_cells import drafts_of
from planner.messages.sentences import sentences
from planner.messages.slots import Slots, slots_of

__all__ = ["LONGEST", "read_message"]

LONGEST = 4_000  # characters of a message that is read
_NEVER = {Signal.QUESTION: DoubtKind.QUESTION, Signal.NEGATION: DoubtKind.NEGATION}
_DOUBTED = {
    Signal.CONDITION: DoubtKind.CONDITION,
    Signal.HEARSAY: DoubtKind.HEARSAY,
    Signal.HEDGE: DoubtKind.HEDGE,
    Signal.CORRECTION: DoubtKind.CORRECTION,
    Signal.REQUEST: DoubtKind.REQUEST,
    Signal.PROGRESS: DoubtKind.PROGRESS,
    Signal.FUTURE: DoubtKind.FUTURE,
    Signal.UNDERWAY: DoubtKind.FUTURE,
}
_ASKS = {EventKind.DEADLINE, EventKind.DEMAND, EventKind.CONTACT, EventKind.VEHICLE_ADDED}  # said as requests
_BEFORE_THE_WAY = {EventKind.LOADED, EventKind.DEPARTED}
_MOST_UNKNOWN = 3  # words, and they are at least so many of all: one in
_UNKNOWN_SHARE = 3


def read_message(message: Message, known: Known, clock: Clock, now_s: int) -> Reading:
    """What a message reports.

    Parameters
    ----------
    message
        What was written, by whom, when.
    known, clock
        Names, and the plan's clock.
    now_s
        Now: when a message was sent that does not say so.
    """
    if len(message.text) > LONGEST:
        return Reading(left=(Doubt(DoubtKind.LONG, told=str(LONGEST)),))
    sender = known.contact_of(message.sender) if message.sender and not message.forwarded else None
    sent_s = now_s if message.sent_s is None else min(message.sent_s, now_s)
    context = Context(known, clock, sent_s, message.sent_s is not None, sender or ("", ""))
    found: list[Proposal] = []
    left: list[Doubt] = []
    for sentence in sentences(message.text, known):
        for frame in frames_of(sentence):
            slots = slots_of(frame, known)
            made = _joined_to_last(frame, slots, found, context)
            if made is not None:
                found[-1] = made
                continue
            proposals, why = _of_frame(frame, slots, context, message)
            found += proposals
            left += why
            _remember(slots, context)
    return Reading(tuple(_once(found)), tuple(dict.fromkeys(left)))


def _of_frame(
    frame: Frame, slots: Slots, context: Context, message: Message
) -> tuple[list[Proposal], list[Doubt]]:
    things = slots.kinds(context.known)
    counted = any(one.item is not None for one in slots.counts)
    kinds = _fitting(kinds_of(frame, things, counted=counted), frame, slots)
    if not kinds:
        kinds = _standing(frame, slots)
    if not kinds:
        return [], []
    signals = frame.signals()
    never = [Doubt(kind, told=frame.sentence.text) for signal, kind in _NEVER.items() if signal in signals]
    if never:
        return [], never[:1]
    drafts = [one for kind in kinds for one in drafts_of(kind, frame, slots, context)]
    for one in drafts:
        _doubt_signals(one, signals, message)
        if len(kinds) > 1:
            one.doubt(DoubtKind.SEVERAL, told=frame.sentence.text)
        unknown = frame.unknown()
        if len(unknown) > _MOST_UNKNOWN and len(unknown) * _UNKNOWN_SHARE > frame.last - frame.first:
            one.doubt(DoubtKind.UNKNOWN, told=" ".join(unknown))
    return [_proposal(one) for one in drafts], []


def _proposal(draft: Draft) -> Proposal:
    return Proposal({"kind": draft.kind.value, **draft.cells}, tuple(draft.doubts))


def _fitting(kinds: list[str], frame: Frame, slots: Slots) -> list[str]:
    """Kinds without those that what is counted or named excludes."""
    counted = any(one.item is not None for one in slots.counts)
    only = any("small.only" in cue.means for cue in frame.cues)
    found = []
    for kind in kinds:
        if kind in ("demand", "vehicle_added") and slots.types and not counted:
            kind = "vehicle_added"  # noqa: PLW2901
        elif kind == "vehicle_added" and not slots.types:
            continue
        elif kind == "delivered" and any(
            one.item == "" and (only or (one.of is not None and one.number < one.of)) for one in slots.counts
        ):
            kind = "partly"  # noqa: PLW2901
        elif kind == "missing" and "stock" in kinds:
            continue
        found.append(kind)
    return list(dict.fromkeys(found))


def _standing(frame: Frame, slots: Slots) -> list[str]:
    """A vehicle that is at a place, with the time, and nothing else said of it, has arrived there."""
    at = [one for one in slots.places if one.role == "at"]
    timed = any(one.hours or one.now or one.ago for one in frame.times)
    return ["arrived"] if len(slots.vehicles) == 1 and len(at) == 1 and timed else []


def _doubt_signals(draft: Draft, signals: set[Signal], message: Message) -> None:
    happens = draft.kind in HAPPENINGS
    for signal, kind in _DOUBTED.items():
        if signal not in signals:
            continue
        if signal in (Signal.FUTURE, Signal.UNDERWAY, Signal.PROGRESS) and not happens:
            continue
        if signal is Signal.UNDERWAY and draft.kind in _BEFORE_THE_WAY:
            continue
        if signal in (Signal.REQUEST, Signal.HEDGE) and draft.kind in _ASKS:
            continue
        draft.doubt(kind)
    if message.forwarded:
        draft.doubt(DoubtKind.FORWARDED)


def _joined_to_last(frame: Frame, slots: Slots, found: list[Proposal], context: Context) -> Proposal | None:
    """The last proposal with how long it lasts, where the next sentence says only that."""
    if not found or slots.vehicles or slots.places or slots.edges:
        return None
    last = found[-1]
    kinds = set(kinds_of(frame, set(), counted=False))
    long = [one.long_s for one in frame.times if one.long_s is not None and not one.ago]
    if last.cells["kind"] not in ("breakdown", "closure") or "until" in last.cells or len(long) != 1:
        return None
    if not kinds <= {"repaired", "delay", "opened", "breakdown"} or Signal.NEGATION in frame.signals():
        return None
    from_s = context.seconds(last.cells["from"]) if "from" in last.cells else context.sent_s
    return replace(last, cells={**last.cells, "until": context.clock.text(from_s + (long[0] or 0))})


def _remember(slots: Slots, context: Context) -> None:
    """What later parts are about, where they name nothing."""
    vehicles = {one.ids for one in slots.vehicles}
    if vehicles:
        context.vehicle = next(iter(vehicles)) if len(vehicles) == 1 else ()
    places = [one for one in slots.places if one.role != "near"]
    if places:
        context.places = places[0].ids if len(places) == 1 and len(places[0].ids) == 1 else ()


def _once(found: list[Proposal]) -> list[Proposal]:
    """Proposals without those that say less than another one of the same kind about the same thing."""

    def says_less(one: Proposal, other: Proposal) -> bool:
        mine, theirs = dict(one.cells), dict(other.cells)
        return mine.items() <= theirs.items() and (other.sure or not one.sure)

    unique: list[Proposal] = []
    for one in found:
        if not any(one.cells == other.cells and (other.sure or not one.sure) for other in unique):
            unique.append(one)
    return [one for one in unique if not any(other is not one and says_less(one, other) for other in unique)]
