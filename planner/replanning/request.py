"""What a replan is asked for on the command line, read from its files."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from planner.base.errors import Fault, InputError
from planner.base.files import reserve
from planner.base.text import words
from planner.events.clocks import AHEAD_S, ahead_s, now_among
from planner.events.kinds import kind_word
from planner.events.moments import duration_text, moment_s
from planner.events.read import Reading, events_of, read_table
from planner.events.schema import Event
from planner.events.tellings import Dispute
from planner.instance.read import read_instance
from planner.instance.schema import Instance
from planner.plans.lineage import plans_before
from planner.plans.locate import Found, find
from planner.plans.model import Plan
from planner.replanning.edits import OF_TABLES, events_between
from planner.replanning.moment import moment_after
from planner.replanning.options import ReplanOptions
from planner.replanning.state import Assume
from planner.store.reports import has_reports

__all__ = ["Files", "ReplanRequest", "kept_of", "request_of"]


@dataclass(frozen=True)
class ReplanRequest:
    """A replan that is asked for.

    Parameters
    ----------
    path, folder
        Where the plan in force is, and the tables that it was made for.
    instance
        These tables.
    added
        Reports made of differences between tables, as cells by column.
    notes
        What was understood, in words.
    """

    plan: Plan
    path: Path
    folder: Path
    instance: Instance
    events: tuple[Event, ...]
    now_s: int
    options: ReplanOptions
    previous: tuple[Plan, ...]
    output: Path
    added: tuple[Mapping[str, str], ...]
    notes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Files:
    """Files of a replan, as they are named on the command line.

    Parameters
    ----------
    plan
        None: the plan in force.
    folder
        Tables that the plan was made for, or an edited copy of them; None: looked for.
    base
        Where that is an edited copy: the tables that the plan was made for; None: looked for.
    events
        None: those of the plan in force, else beside the plan.
    previous
        Plans before it, the oldest first.
    output
        None: the next free name beside the plan.
    """

    plan: Path | None = None
    folder: Path | None = None
    base: Path | None = None
    events: Path | None = None
    previous: tuple[Path, ...] = ()
    output: Path | None = None


def request_of(files: Files, now: str | None, options: Mapping[str, Any], *, force: bool) -> ReplanRequest:
    """Read everything.

    Parameters
    ----------
    files
        Where it is.
    now
        The moment of the replan; None: the present one.
    options
        Those of `ReplanOptions`.
    force
        Whether a file of the output's name may be there.

    Returns
    -------
    ReplanRequest
        Its output is reserved, as an empty file that no other process takes; who makes no plan of it gives it
        back (`planner.base.files.give_back`).

    Raises
    ------
    InputError
        With what is wrong with plan, instance, reports or options (D80x, E9xx, C7xx).
    """
    found, edited = _found(files)
    plan, instance = found.plan, found.instance
    _refuse_taken(files.output, force=force)
    asked_s = _now(now, instance)
    now_s = moment_after(plan, instance, asked_s)
    rows = () if plan.replan is None else events_of(plan.replan.events, instance, plan)
    reading = Reading()
    if files.events is not None or has_reports(found.events):
        reading = read_table(found.events, instance, plan, now_s)
    elif edited is None and not rows:
        raise InputError([Fault("D801", "--events", value=str(found.events))])
    read = reading.events
    ahead, now_s = ahead_s(read, now_s), now_among(read, now_s)
    kept = kept_of(rows, reading, str(found.events) if has_reports(found.events) else "")
    more: tuple[Event, ...] = ()
    if edited is not None:
        taken = {one.id for one in (*read, *kept)}
        more = events_between(instance, edited, [*read, *kept], now_s, taken)
    every = tuple(sorted((*read, *kept, *more), key=lambda one: one.order))
    return ReplanRequest(
        plan=plan,
        path=found.path,
        folder=found.folder,
        instance=instance,
        events=every,
        now_s=now_s,
        options=ReplanOptions(
            **{**options, "assume": Assume(options["assume"])},
            only_told=frozenset(one.id for one in kept),
        ),
        previous=plans_before(found.path, plan, found.clock, files.previous),
        output=_reserved(found.path, files.output, force=force),
        added=tuple(_cells(one, instance) for one in more),
        notes=(
            *_notes(found, every, None if edited is None else more, asked_s, now_s),
            *_ahead(ahead),
            *_aside(reading.aside),
        ),
    )


def kept_of(rows: Sequence[Event], reading: Reading, path: str) -> list[Event]:
    """Reports that the plan in force believed and that no table holds.

    Parameters
    ----------
    rows
        All that it believed.
    reading
        What the table says.
    path
        What the table is called; empty: there is none.

    Raises
    ------
    InputError
        D802 if a table is there and lacks one that was not made of edited tables.
    """
    kept = [one for one in rows if one.id not in reading.ids]
    lost = [one.id for one in kept if not one.id.startswith(OF_TABLES)]
    if lost and path:
        raise InputError([Fault("D802", "--events", value=", ".join(lost[:10]), params={"path": path})])
    return kept


def _found(files: Files) -> tuple[Found, Instance | None]:
    """The plan with the tables that it was made for; and the edited tables, if such are given."""
    if files.folder is None or files.base is not None:
        found = find(files.plan, files.base, files.events)
        return found, None if files.folder is None else read_instance(files.folder)
    try:
        return find(files.plan, files.folder, files.events), None
    except InputError as error:
        if [one.code for one in error.faults] != ["P103"]:
            raise
    try:
        found = find(files.plan, None, files.events)
    except InputError as error:
        if [one.code for one in error.faults] != ["E954"]:
            raise
        raise InputError([Fault("D803", "--instance", value=str(files.folder))]) from error
    return found, read_instance(files.folder)


def _cells(event: Event, instance: Instance) -> Mapping[str, str]:
    from planner.events.rows import cells_of

    return cells_of(event, instance.clock)


def _notes(
    found: Found, events: Sequence[Event], more: Sequence[Event] | None, asked_s: int, now_s: int
) -> tuple[str, ...]:
    instance = found.instance
    lines = []
    if found.other is not None:
        lines.append(words("replan.another", plan=found.path.name, other=found.other.plan))
    if asked_s < now_s:
        asked, now = (instance.clock.text(one) for one in (asked_s, now_s))
        lines.append(words("replan.moment", asked=asked, now=now))
    lines.append(words("replan.reading", number=len(events), now=instance.clock.text(now_s)))
    if more is not None:
        number = Counter(kind_word(one.kind) for one in more for _ in one.subject)
        kinds = ", ".join(
            words("replan.told_kind", kind=kind, number=count) for kind, count in number.items()
        )
        lines.append(words("replan.told_by_tables", kinds=kinds) if kinds else words("replan.told_nothing"))
    for one in more or ():
        cells = {name: text for name, text in _cells(one, instance).items() if text}
        cells["kind"] = kind_word(one.kind)
        lines.append(
            words("replan.from_table", event=", ".join(f"{name} {text}" for name, text in cells.items()))
        )
    return tuple(lines)


def _aside(aside: Sequence[Dispute]) -> Iterator[str]:
    """Reports that are without effect beside all that hold."""
    for one in aside:
        key = "history.disputed" if one.beside else "history.without_effect"
        key = "history.overruled" if one.event.bulk and one.beside else key
        yield words(key, event=one.event.id, other=one.beside)


def _ahead(seconds: int) -> Sequence[str]:
    """That the last report is after now by this desk's clock."""
    if not seconds:
        return ()
    return (words("cli.event.ahead", ahead=duration_text(seconds), most=AHEAD_S // 60),)


def _now(text: str | None, instance: Instance) -> int:
    """The moment of the replan: as given, else the present one."""
    clock, horizon_s = instance.clock, instance.settings.horizon_s
    present_s = clock.seconds(datetime.now(UTC).replace(microsecond=0))
    try:
        now_s = present_s if text is None else moment_s(text, clock, present_s)
    except ValueError as error:
        raise InputError([Fault("D804", "--now", value=text or "")]) from error
    if not 0 <= now_s < horizon_s:
        params = {"start": clock.text(0), "end": clock.text(horizon_s)}
        raise InputError([Fault("D805", "--now", value=clock.text(now_s), params=params)])
    return now_s


def _refuse_taken(output: Path | None, *, force: bool) -> None:
    if output is not None and output.is_dir():
        raise InputError([Fault("C703", "--output", value=str(output))])
    if output is not None and output.exists() and not force:
        raise InputError([Fault("C702", "--output", value=str(output))])


def _reserved(plan: Path, output: Path | None, *, force: bool) -> Path:
    """Where the new plan goes: as asked, else the next free name beside the old one; it is taken."""
    if output is not None:
        if not reserve(output) and not force:
            raise InputError([Fault("C702", "--output", value=str(output))])
        return output
    stem, number = plan.stem, 2
    head, mark, tail = stem.rpartition("-v")
    if mark and tail.isascii() and tail.isdigit():
        stem, number = head, int(tail) + 1
    while not reserve(path := plan.with_name(f"{stem}-v{number}.json")):
        number += 1
    return path
