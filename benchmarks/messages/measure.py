"""How well messages in people's words are understood: each with its expected meaning, in a table.

    python benchmarks/messages/measure.py [FOLDER] [--plan PLAN] [--instance FOLDER] [--each]

reads all `*.txt` of a folder (without one, the development messages beside this file); README.md tells their
form. Nothing is written. The exit code is 0 if at least 70 % are understood unasked and at most 1 % wrong.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from planner.base.clock import Clock
from planner.base.errors import InputError
from planner.events.adding import tried_report
from planner.events.kinds import HAPPENINGS, KINDS
from planner.events.moments import duration_s, moment_s
from planner.events.names import Names
from planner.events.schema import EventKind
from planner.instance.read import read_instance
from planner.instance.schema import Instance
from planner.messages.chats import Message, split
from planner.messages.known import Known
from planner.messages.reading import read_message
from planner.plans.file import read_plan
from planner.plans.model import Plan

HERE = Path(__file__).resolve().parent
LEAST_UNDERSTOOD, MOST_WRONG = 70, 1  # percent

Meaning = tuple[tuple[str, object], ...]  # columns that count, in their order


@dataclass(frozen=True)
class Case:
    """One message, and what it means: reports as pairs of columns and values; none: it is no report."""

    where: str
    language: str
    message: Message
    now_s: int
    meant: frozenset[Meaning]


@dataclass(frozen=True)
class Result:
    """What was understood of a message: `understood`, `asked` or `wrong`, and the reports that are sure."""

    outcome: str
    sure: frozenset[Meaning]


def cases(folder: Path, instance: Instance, names: Names) -> Iterator[Case]:
    """All messages of the files of a folder."""
    for path in sorted(folder.glob("*.txt")):
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
            if not line.strip() or line.startswith("#"):
                continue
            where = f"{path.name}:{number}"
            try:
                yield _case(where, line, instance, names)
            except (ValueError, LookupError) as error:
                raise SystemExit(f"{where}: {error!r}\n{line}") from error


def _case(where: str, line: str, instance: Instance, names: Names) -> Case:
    language, when, sender, text, *meant = line.split("|")
    day, hour = when.split()
    clock = instance.clock
    sent_s = int(_moment(f"{int(day):02d}T{hour}", clock, 0))
    text = text.replace("\\n", "\n")
    message = next(iter(split(text, clock, sender=sender, sent_s=sent_s, now_s=sent_s)), Message(text=text))
    told = [one for one in meant if one.strip() not in ("", "-")]
    return Case(
        where,
        language,
        message,
        sent_s,
        frozenset(_meaning(one.strip(), clock, sent_s, names) for one in told),
    )


def _moment(text: str, clock: Clock, sent_s: int) -> int | str:
    """`14:20` on the day of the message, `25T14:20` on the 25th near the plan's start, `25`: all that day."""
    day, _, hour = text.partition("T")
    if not hour and ":" in day:
        return moment_s(day, clock, sent_s)
    start = clock.day(0)
    near = [start + timedelta(days=more) for more in range(-14, 15)]
    found = next(one for one in near if one.day == int(day)).isoformat()
    return moment_s(f"{found}T{hour}", clock) if hour else found


def _meaning(text: str, clock: Clock, sent_s: int, names: Names) -> Meaning:
    """`KIND SUBJECT[+SUBJECT]`, then in any order `@PLACE ~FROM until=TIME /ITEM !TYPE =VALUE`."""
    kind, _, rest = text.partition(" ")
    subject, *more = re.split(r" (?=@|~|/|!|=|until=)", rest)
    marks = {"@": "place", "~": "from", "/": "item", "!": "type", "=": "value", "u": "until"}
    cells: dict[str, object] = {
        marks[one[0]]: one.removeprefix("until=").lstrip("@~/!=").strip() for one in more
    }
    cells["kind"], rule = EventKind(kind).value, KINDS[EventKind(kind)]
    cells["subject"] = "+".join(names.find(one.strip(), rule.subjects)[1] for one in subject.split("+"))
    for column, kinds in (("place", rule.places), ("type", ("type",)), ("item", ("item",))):
        if column in cells:
            cells[column] = names.find(str(cells[column]), kinds)[1]
    if rule.may and "from" in rule.columns:
        cells.setdefault("from", clock.instant(sent_s).strftime("%H:%M"))
    for column in ("from", "until"):
        if column in cells:
            cells[column] = _moment(str(cells[column]), clock, sent_s)
    return _comparable(cells, clock)


def _comparable(cells: dict[str, object], clock: Clock) -> Meaning:
    """What must be the same: for what happens, and begins, also when; a delay's value as seconds."""
    kind = EventKind(str(cells["kind"]))
    found = {
        name: value
        for name, value in cells.items()
        if name in ("kind", "subject", "place", "value", "item", "until")
    }
    if kind in HAPPENINGS or kind in (EventKind.BREAKDOWN, EventKind.REPAIRED):
        found["from"] = cells.get("from")
    if kind is EventKind.DELAY and "value" in found:
        found["value"] = duration_s(str(found["value"]))
    if "subject" in found:
        found["subject"] = "+".join(sorted(str(found["subject"]).split("+")))
    return tuple(sorted((name, value) for name, value in found.items() if value not in ("", None)))


def result(case: Case, known: Known, plan: Plan, *, tried: bool) -> Result:
    """Read a message as `plan event paste` does; `tried`: what the table does not take is asked back."""
    instance = known.instance
    reading = read_message(case.message, known, instance.clock, case.now_s)
    sure = set()
    for number, one in enumerate(reading.proposals, 1):
        cells = {**one.cells, "time": instance.clock.text(case.now_s), "id": f"M.{number}"}
        if one.sure and (not tried or _is_taken(cells, instance, plan, case.now_s)):
            moments = {
                name: cell for name, cell in one.cells.items() if name in ("from", "until") and "T" in cell
            }
            seconds = {name: moment_s(cell, instance.clock) for name, cell in moments.items()}
            sure.add(_comparable({**one.cells, **seconds}, instance.clock))
    if sure - case.meant:
        return Result("wrong", frozenset(sure))
    return Result("understood" if sure == case.meant else "asked", frozenset(sure))


def _is_taken(cells: dict[str, str], instance: Instance, plan: Plan, now_s: int) -> bool:
    try:
        tried_report([], cells, instance, plan, now_s)
    except InputError:
        return False
    return True


def main() -> int:
    """Print the table."""
    parser = argparse.ArgumentParser(description="How well messages are understood.")
    parser.add_argument("folder", type=Path, nargs="?", default=HERE)
    parser.add_argument("--plan", type=Path, default=HERE / "plan.json")
    parser.add_argument("--instance", type=Path, default=HERE.parents[1] / "instances" / "mahulu")
    parser.add_argument("--each", action="store_true", help="print each message that is not understood")
    given = parser.parse_args()
    instance = read_instance(given.instance)
    plan = read_plan(given.plan)
    known, names = Known(instance, plan), Names(instance, plan)
    every = list(cases(given.folder, instance, names))
    passed = True
    for tried in (False, True):
        counts: Counter[tuple[str, str, str]] = Counter()
        for case in every:
            found = result(case, known, plan, tried=tried)
            counts[case.language, "reports" if case.meant else "no reports", found.outcome] += 1
            if given.each and found.outcome != "understood" and not tried:
                print(f"{found.outcome} {case.where}: {case.message.text}")
                print(f"    meant {sorted(case.meant)}\n    sure  {sorted(found.sure)}")
        print("with the plan and the table" if tried else "words alone")
        passed = _table(counts)
    return int(not passed)


def _table(counts: Counter[tuple[str, str, str]]) -> bool:
    """Print a row for each language and kind of message, and one for all; gives whether it is good enough."""
    names = ("understood", "asked", "wrong")
    print("| messages | number | understood unasked | asked back | wrong |\n|---|---:|---:|---:|---:|")
    rows = sorted({key[:2] for key in counts})
    for language, sort in rows:
        _row(f"{language}, {sort}", [counts[language, sort, name] for name in names])
    for sort in ("reports", "no reports"):
        _row(sort, [sum(n for key, n in counts.items() if key[1:] == (sort, name)) for name in names])
    right, asked, wrong = (sum(n for key, n in counts.items() if key[2] == name) for name in names)
    _row("all", [right, asked, wrong])
    total = right + asked + wrong
    return bool(total) and right * 100 >= LEAST_UNDERSTOOD * total and wrong * 100 <= MOST_WRONG * total


def _row(label: str, numbers: list[int]) -> None:
    total = sum(numbers)
    cells = (f"{one} ({100 * one / total:.1f} %)" if total else "0" for one in numbers)
    print(f"| {label} | {total} | {' | '.join(cells)} |")


if __name__ == "__main__":
    sys.exit(main())
