"""Proposals: new plans that are tried one after another in a process of their own, and what each changes."""

from __future__ import annotations

import json
import logging
import os
import queue
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from enum import StrEnum
from multiprocessing.spawn import get_executable
from pathlib import Path
from typing import Any

from planner.base.errors import Fault, InputError
from planner.base.files import give_back
from planner.compare.changes import Differences
from planner.compare.comparison import differences
from planner.desk.picture import Keeper, Picture
from planner.desk.trial import faults_of
from planner.events.read import read_table
from planner.papers.messages import Message, change_messages
from planner.papers.parts import Medium, parts_of
from planner.papers.settings import read_letters
from planner.papers.source import source_of
from planner.plans.locate import find_any
from planner.plans.model import Plan, RegionStatus
from planner.replanning.options import DEFAULT_TIME_LIMIT_S, LONGEST_S
from planner.replanning.state import TOLERANCE_S, state_of
from planner.store.place import given
from planner.store.reports import has_reports

__all__ = ["Outcome", "Progress", "Proposal", "Proposals", "no_longer_held"]

_LOG = logging.getLogger(__name__)
_MOST = 200  # proposals that are remembered
_ENDS_S = 5.0
_START = "import sys; sys.path[:] = sys.argv[1:]; from planner.desk.trial import main; main()"


class Progress(StrEnum):
    """How far a proposal is."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    STOPPED = "stopped"
    APPROVED = "approved"
    DISCARDED = "discarded"


@dataclass(frozen=True)
class Outcome:
    """What a new plan changes.

    Parameters
    ----------
    answer
        What the check says of it.
    late_before, late_after
        Ids of regions that are late or go without: by the plan in force and the reports, by the new plan.
    cost_before, cost_after
        Of the plan in force as it is driven, and of the new one.
    changes
        All that changes.
    messages
        What each driver is told, in that driver's language, as one text.
    expires_s
        After this moment it cannot be approved any more, since people would have too little notice.
    """

    plan: Plan
    answer: str
    late_before: tuple[str, ...]
    late_after: tuple[str, ...]
    cost_before: int
    cost_after: int
    changes: Differences
    messages: tuple[tuple[Message, str], ...]
    now_s: int
    expires_s: int


@dataclass
class Proposal:
    """A new plan that is tried.

    Parameters
    ----------
    by, asked_s
        Who asked for it, and when by the desk's clock.
    path
        Its file; None: there is none yet.
    consents, approvers
        Names of those who have approved it so far, and what tells them apart.
    """

    number: int
    by: str
    asked_s: int
    progress: Progress = Progress.WAITING
    began_s: float = 0.0
    path: Path | None = None
    faults: tuple[Fault, ...] = ()
    outcome: Outcome | None = None
    consents: list[str] = field(default_factory=list)
    approvers: set[str] = field(default_factory=set)

    @property
    def seconds(self) -> int:
        """How long it has been tried."""
        return int(time.monotonic() - self.began_s) if self.began_s else 0


class Proposals:
    """All proposals of a desk; one is tried at a time, others wait.

    Parameters
    ----------
    keeper
        Of the folder.
    """

    limit_s = LONGEST_S  # of one search, told beside its progress

    def __init__(self, keeper: Keeper) -> None:
        self._keeper = keeper
        self._all: dict[int, Proposal] = {}
        self._last = 0
        self._waiting: queue.Queue[Proposal | None] = queue.Queue()
        self._process: subprocess.Popen[str] | None = None
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._work, name="desk-proposals", daemon=True)
        self._thread.start()

    @property
    def all(self) -> Sequence[Proposal]:
        """The latest first."""
        return list(self._all.values())[::-1]

    def of(self, number: str) -> Proposal | None:
        """The proposal of a number as it stands in an address."""
        return (
            self._all.get(int(number)) if number.isascii() and number.isdigit() and len(number) < 9 else None
        )

    def ask(self, by: str) -> Proposal:
        """Try a new plan by what is reported now, as soon as nothing else is tried."""
        with self._lock:
            self._last += 1
            one = Proposal(self._last, by, self._keeper.latest().now_s)
            self._all[one.number] = one
            while len(self._all) > _MOST:
                del self._all[next(iter(self._all))]
        self._waiting.put(one)
        self._keeper.touch()
        return one

    def stop(self, one: Proposal) -> None:
        """Stop trying; what is not being tried yet is not begun."""
        with self._lock:
            was, one.progress = one.progress, Progress.STOPPED
            if was is Progress.RUNNING and self._process is not None:
                self._process.kill()
        self._keeper.touch()

    def end(self) -> None:
        """Stop everything: the desk is closed."""
        self._waiting.put(None)
        with self._lock:
            if self._process is not None:
                self._process.kill()
        self._thread.join(_ENDS_S)

    def _work(self) -> None:
        while (one := self._waiting.get()) is not None:
            if one.progress is not Progress.WAITING or self._keeper.ended:
                continue
            try:
                self._try(one)
            except InputError as error:
                one.faults, one.progress = error.faults, Progress.FAILED
            except Exception:
                _LOG.exception("A proposal could not be made.")
                one.progress = Progress.FAILED
            self._keeper.touch()

    def _try(self, one: Proposal) -> None:
        picture = self._keeper.renewed()
        with self._lock:
            if one.progress is not Progress.WAITING:
                return
            process = self._started(picture)
            one.progress, one.began_s = Progress.RUNNING, time.monotonic()
        self._keeper.touch()
        told: Mapping[str, Any] = {}
        assert process.stdout is not None
        try:
            for line in process.stdout:
                told = json.loads(line)
                if "path" in told:
                    one.path = Path(told["path"])
        finally:
            self._close(process)
        if one.progress is Progress.STOPPED or told.get("told") != "done":
            if one.path is not None:
                give_back(one.path)  # an empty file that was kept for it
            if one.progress is not Progress.STOPPED:
                one.progress = Progress.FAILED
                one.faults = faults_of(dict(told)) if told.get("told") == "failed" else ()
            return
        assert one.path is not None
        one.outcome = _outcome(self._keeper.renewed(), one.path, str(told["answer"]))
        one.progress = Progress.DONE

    def _started(self, picture: Picture) -> subprocess.Popen[str]:
        """The process, with its order."""
        found = picture.found
        order = {
            "plan": str(found.path.resolve()),
            "events": str(found.events.resolve()) if has_reports(found.events) else "",
            "now": found.clock.text(picture.now_s),
            "time_limit_s": DEFAULT_TIME_LIMIT_S,
            "tolerance_s": TOLERANCE_S,
            "database": given(),
        }
        places = [os.path.abspath(place) for place in sys.path]
        process = subprocess.Popen(
            [os.fsdecode(get_executable()), "-P", "-c", _START, *places],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            encoding="utf-8",
            start_new_session=True,  # Ctrl-C is the server's to handle
        )
        self._process = process
        assert process.stdin is not None
        with suppress(OSError):
            process.stdin.write(json.dumps(order) + "\n")
            process.stdin.flush()
        return process

    def _close(self, process: subprocess.Popen[str]) -> None:
        with self._lock:
            self._process = None
        if process.poll() is None:
            process.kill()
        process.wait()
        for stream in (process.stdin, process.stdout):
            if stream is not None:
                with suppress(OSError):
                    stream.close()


def _outcome(picture: Picture, path: Path, answer: str) -> Outcome:
    """What a new plan changes against the one in force, by what is reported."""
    new, instance = find_any(path).plan, picture.instance
    source = source_of(new, instance, read_letters(picture.found.folder, instance))
    changes = differences(picture.plan, new, picture.found.clock)
    messages = tuple(
        (one, "\n\n".join(part.text for part in parts_of(one.head, one.blocks, Medium.WHATSAPP)))
        for one in change_messages(source, changes)
    )
    now_s = picture.now_s if new.replan is None else new.replan.now_s
    return Outcome(
        plan=new,
        answer=answer,
        late_before=tuple(name for name, is_on_time in picture.state.on_time.items() if not is_on_time),
        late_after=tuple(one.region_id for one in new.regions if one.status is not RegionStatus.ON_TIME),
        cost_before=picture.state.projected.cost,
        cost_after=new.cost,
        changes=changes,
        messages=messages,
        now_s=now_s,
        expires_s=now_s + 60 * instance.settings.notice_min,
    )


def no_longer_held(plan: Plan, picture: Picture, now_s: int) -> tuple[str, ...]:
    """What all reports make of a proposal that knew fewer of them: who is late now, which trips cannot go.

    Parameters
    ----------
    plan
        The proposal.
    picture
        Says which reports there are.
    now_s
        The moment.

    Returns
    -------
    tuple of str
        Ids of regions that the proposal has on time and that would not be, and of trips that cannot be
        driven as it says; empty: it holds.
    """
    reading = read_table(picture.found.events, picture.instance, plan, now_s)
    state = state_of(plan, picture.instance, reading.events, now_s, aside=reading.aside)
    late = [
        one.region_id
        for one in plan.regions
        if one.status is RegionStatus.ON_TIME and not state.on_time.get(one.region_id, False)
    ]
    return (*late, *state.stuck)
