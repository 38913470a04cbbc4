"""When a report says that something was, begins and ends: its cells `from` and `until`, a delay's `value`."""

from __future__ import annotations

from collections.abc import Sequence

from planner.events.kinds import HAPPENINGS, KINDS
from planner.events.moments import duration_text
from planner.events.schema import EventKind
from planner.messages.drafts import Context, Draft
from planner.messages.frames import Frame, Signal
from planner.messages.proposals import DoubtKind
from planner.messages.times import Role, Said, moment

__all__ = ["set_moment", "set_times"]


def set_times(draft: Draft, frame: Frame, context: Context) -> None:
    """Set the times of a report.

    Parameters
    ----------
    draft
        The report.
    frame, context
        The part of the sentence that tells it, and what was told before.
    """
    times = frame.times
    long = [one for one in times if one.long_s is not None and not one.ago]
    if draft.kind is EventKind.DELAY:
        _set_delay(draft, frame, context, long)
        return
    clocks = [one for one in times if one.hours or one.ago or one.now]
    if draft.kind in HAPPENINGS:
        _set_begin(draft, frame, context, clocks, past=True)
        return
    ends = [one for one in times if _is_end(one)]
    past = Signal.FUTURE not in frame.signals()
    days = [one for one in times if _is_day(one) and one not in ends]
    if days and not clocks:
        _set_days(draft, frame, context, days[0])
    else:
        _set_begin(draft, frame, context, [one for one in clocks if one not in ends], past=past)
    if "until" not in KINDS[draft.kind].columns:
        return
    if ends:
        _set_until(draft, frame, context, ends[0])
    elif len(long) == 1:
        from_s = context.sent_s
        if "T" in draft.cells.get("from", ""):
            from_s = context.seconds(draft.cells["from"])
        draft.cells["until"] = context.clock.text(from_s + (long[0].long_s or 0))


def _is_end(one: Said) -> bool:
    return one.role in (Role.UNTIL, Role.BEFORE) and one.long_s is None and not one.now


def _is_day(one: Said) -> bool:
    return not one.hours and (one.day is not None or one.weekday is not None)


def _set_begin(draft: Draft, frame: Frame, context: Context, clocks: Sequence[Said], *, past: bool) -> None:
    """When it was, or begins; without a time when the message was sent."""
    if len({(one.hours, one.day, one.long_s) for one in clocks}) > 1:
        draft.doubt(DoubtKind.MOMENT, "from", frame.sentence.text)
    if clocks:
        set_moment(draft, "from", clocks[0], frame, context, past=past)
    elif context.dated:
        draft.cells["from"] = context.clock.text(context.sent_s)
    elif draft.kind in HAPPENINGS or draft.kind is EventKind.BREAKDOWN:
        draft.doubt(DoubtKind.SENT, "from")


def _set_days(draft: Draft, frame: Frame, context: Context, said: Said) -> None:
    """A day without an hour: all of it, of today what is left; `since` a day only says when it begins."""
    told = moment(said, context.clock, context.sent_s, past=False)
    today = told.at_s is not None and context.clock.day(told.at_s) == context.clock.day(context.sent_s)
    if told.at_s is None:
        draft.doubt(DoubtKind.MOMENT, "from", frame.sentence.text)
        return
    day = context.clock.day(told.at_s).isoformat()
    draft.cells["from"] = context.clock.text(context.sent_s) if today else day
    if said.role is not Role.SINCE and "until" in KINDS[draft.kind].columns:
        draft.cells["until"] = day


def _set_delay(draft: Draft, frame: Frame, context: Context, long: Sequence[Said]) -> None:
    clocks = [one for one in frame.times if one.hours]
    if len(long) == 1:
        draft.cells["value"] = duration_text(long[0].long_s or 0)
    elif len(clocks) == 1 and not long:
        set_moment(draft, "until", clocks[0], frame, context, past=False)
    else:
        draft.doubt(DoubtKind.LACKING, "value")


def _set_until(draft: Draft, frame: Frame, context: Context, said: Said) -> None:
    if said.hours:
        set_moment(draft, "until", said, frame, context, past=False)
        return
    told = moment(said, context.clock, context.sent_s, past=False)
    if told.at_s is None:
        draft.doubt(DoubtKind.MOMENT, "until", frame.sentence.text)
    else:  # a day: its end
        if any(one.vague for one in frame.times):
            draft.doubt(DoubtKind.MOMENT, "until", frame.sentence.text)
        draft.cells["until"] = context.clock.day(told.at_s).isoformat()


def set_moment(draft: Draft, column: str, said: Said, frame: Frame, context: Context, *, past: bool) -> None:
    """Set a cell to a moment, and doubt it where another one may be meant.

    Parameters
    ----------
    draft, column
        The report, and the cell.
    said, frame, context
        The time as it was said, where, and after what.
    past
        Whether it has been.
    """
    told = moment(said, context.clock, context.sent_s, past=past)
    if told.at_s is not None:
        draft.cells[column] = context.clock.text(told.at_s)
    if told.at_s is None or told.doubtful:
        draft.doubt(DoubtKind.MOMENT, column, frame.sentence.plain[said.first : said.last].strip())
