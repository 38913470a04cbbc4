"""What every command about a plan in force says first: now by this desk's clock, and which plan is meant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from planner.base.errors import Fault, InputError
from planner.base.text import words
from planner.cli.terminal import say

if TYPE_CHECKING:
    from planner.base.clock import Clock
    from planner.events.schema import Event
    from planner.events.tellings import Dispute
    from planner.instance.schema import Instance
    from planner.outputs.status import Standing
    from planner.plans.locate import Found
    from planner.plans.model import Plan

__all__ = [
    "disputed_document",
    "moment_within",
    "now_by",
    "now_of",
    "say_ahead",
    "say_disputed",
    "say_of_table",
    "standing_by",
    "warn_of_another",
    "within",
]


def moment_within(found: Found, text: str | None, here_s: int | None = None) -> int:
    """`now_of`, where it lies in the time of the plan.

    Raises
    ------
    InputError
        Else (E956).
    """
    return within(found.instance, now_of(found, text, here_s))


def within(instance: Instance, now_s: int) -> int:
    """A moment that lies in the time of an instance's plans.

    Raises
    ------
    InputError
        Else (E956).
    """
    clock, horizon_s = instance.clock, instance.settings.horizon_s
    if not -horizon_s <= now_s <= horizon_s:
        params = {"start": clock.text(0), "end": clock.text(horizon_s)}
        raise InputError([Fault("E956", "--now", value=clock.text(now_s), params=params)])
    return now_s


def now_of(found: Found, text: str | None = None, here_s: int | None = None) -> int:
    """`now_by` the clock of a plan."""
    return now_by(found.clock, text, here_s)


def now_by(clock: Clock, text: str | None = None, here_s: int | None = None) -> int:
    """Now, in seconds from the plan's start; of a text, what it says (seen from `here_s`, else from now).

    Raises
    ------
    InputError
        If the text is no moment (E906, E987).
    """
    from planner.events.moments import DayAloneError, moment_s

    here = clock.seconds(datetime.now(UTC).replace(microsecond=0)) if here_s is None else here_s
    if not text:
        return here
    try:
        return moment_s(text, clock, here)
    except DayAloneError as error:
        raise InputError([Fault("E987", "--now", value=text, params={"day": error.day})]) from None
    except ValueError:
        raise InputError([Fault("E906", "--now", value=text)]) from None


def warn_of_another(found: Found) -> None:
    """Say on stderr that another plan is in force."""
    if found.other is not None:
        path, other = found.path, found.path.parent / found.other.plan
        say(words("cli.event.another", plan=path, other=other, by=found.other.by), err=True)


def say_ahead(events: Iterable[Event], now_s: int) -> None:
    """Say on stderr that the last report is after now by this desk's clock, which is taken for its moment."""
    from planner.events.clocks import AHEAD_S, ahead_s
    from planner.outputs.figures import duration

    ahead = ahead_s(events, now_s)
    if ahead:
        say(words("cli.event.ahead", ahead=duration(ahead), most=AHEAD_S // 60), err=True)


def say_of_table(faults: Sequence[Fault], torn: str) -> None:
    """Say on stderr what adding to a table found in it: a torn line, and faults of other rows."""
    from planner.cli.printing import show_faults

    if torn:
        say(words("cli.event.torn", line=torn), err=True)
    if faults:
        say(words("cli.event.others"), err=True)
        show_faults(faults)


def disputed_document(found: Found, disputes: Iterable[Dispute]) -> list[dict[str, str]]:
    """Reports without effect, and why, for machines."""
    return [
        {"id": one.event.id, "other": one.beside, "code": one.code, "cause": one.fault(found.clock).cause}
        for one in disputes
    ]


def say_disputed(found: Found, disputes: Iterable[Dispute]) -> None:
    """Say on stderr which reports are without effect, and why."""
    for one in disputes:
        if one.event.bulk:
            text = words("history.overruled", event=one.event.id, other=one.beside)
        else:
            key = "cli.event.disputed" if one.beside else "cli.event.without_effect"
            cause = one.fault(found.clock).cause
            text = words(key, id=one.event.id, other=one.beside, cause=cause)
        say(text, err=True)


def standing_by(plan: Plan, instance: Instance, events: Path, now: str | None) -> Standing:
    """What is known of a plan by a table of reports.

    Parameters
    ----------
    plan, instance
        A plan, and what it was made for.
    events
        The table.
    now
        The moment that is shown; None: now.
    """
    from planner.outputs.map.files import standing_at

    return standing_at(plan, instance, events, within(instance, now_by(instance.clock, now)))
