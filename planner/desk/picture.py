"""What a desk knows: the plan in force, its reports, where it stands; made anew when something is told."""

from __future__ import annotations

import logging
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from planner.background.read import read_background
from planner.background.schema import NO_BACKGROUND, Background
from planner.base.clock import HOUR_S
from planner.base.errors import Fault, InputError
from planner.desk.lookup import Hit, index_of
from planner.desk.now import DeskClock
from planner.events.clocks import now_among
from planner.events.names import Names
from planner.events.read import Reading, names_for, read_rows, read_table
from planner.events.schema import Event
from planner.instance.call_signs import CallSigns, call_signs
from planner.instance.schema import Instance
from planner.outputs.map.scene import scene_of
from planner.outputs.status import Standing, StopRow
from planner.pages.document import page_document
from planner.papers.bulletin.counts import Count, Figures, counts_of_regions
from planner.plans.locate import Found, find
from planner.plans.model import Plan
from planner.plans.registry import REGISTRY, Approval, in_force
from planner.replanning.state import Known, State, state_of
from planner.store.ledger import ledger_of
from planner.store.place import has_store, take_told
from planner.store.reports import has_reports

__all__ = ["Keeper", "Picture"]

_LOG = logging.getLogger(__name__)
_LITTLE_S = HOUR_S  # a margin below this is little
_LOOK_S = 1.0  # so often the desk looks whether others have told something
_MOST_TOLD = 5
_SHARE = 4  # of the time at most 1 / (1 + this) goes into pictures that only the clock asks for


@dataclass(frozen=True)
class Picture:
    """Everything at one moment.

    Parameters
    ----------
    revision
        Counts the pictures of this server.
    found, reading, standing
        The plan in force, its reports, and where it stands.
    faults
        Why the reports cannot be read; then those are shown that were read before.
    told
        What people must hear of the store's mirrors.
    ground
        What lies behind a map.
    """

    revision: int
    found: Found
    reading: Reading
    standing: Standing
    faults: tuple[Fault, ...] = ()
    told: tuple[Fault, ...] = ()
    ground: Background = NO_BACKGROUND

    @property
    def state(self) -> State:
        """Where the plan stands."""
        return self.standing.state

    @property
    def plan(self) -> Plan:
        """The plan in force, as it was approved."""
        return self.found.plan

    @property
    def instance(self) -> Instance:
        """What it was made for."""
        return self.found.instance

    @property
    def now_s(self) -> int:
        """Its moment."""
        return self.state.now_s

    @cached_property
    def signs(self) -> CallSigns:
        """What vehicles are called."""
        return call_signs(self.instance)

    @cached_property
    def names(self) -> Names:
        """Everything that reports may be about."""
        rows = read_rows(self.found.events)[0] if has_reports(self.found.events) else ()
        return names_for(rows, self.instance, self.plan)[0]

    @cached_property
    def reports(self) -> Sequence[Event]:
        """All reports that hold, with effect or without, the oldest first."""
        aside = [one.event for one in self.reading.aside]
        return sorted((*self.state.events, *aside), key=lambda one: one.order)

    @cached_property
    def rows_of_trip(self) -> Mapping[str, Sequence[StopRow]]:
        """Stops of each trip in their order."""
        found: dict[str, list[StopRow]] = {}
        for row in sorted(self.standing.stops, key=lambda one: one.number):
            found.setdefault(row.trip.planned.id, []).append(row)
        return found

    @cached_property
    def counts(self) -> Mapping[str, Mapping[Count, Figures]]:
        """What each region has received."""
        return counts_of_regions(self.plan, self.standing)

    @cached_property
    def at_risk(self) -> frozenset[str]:
        """Regions that are expected in time and may not stay so.

        Notes
        -----
        Not confirmed, and either less than an hour is left between expected receipt and deadline, or a
        vehicle that brings something has a stop overdue, or is silent.
        """
        standing, state = self.standing, self.state
        deadlines = {result.region_id: result.deadline_s for result in state.plan.regions}
        unheard = {row.row.trip.planned.vehicle_id for row in standing.overdue}
        unheard |= {row.vehicle for row in standing.vehicles if row.silent_since_s is not None}
        found = set()
        for row in standing.stops:
            name = row.stop.node_id
            if name not in deadlines or not state.on_time.get(name, False) or row.known is Known.CONFIRMED:
                continue
            expected_s = state.received_s.get(name)
            little = expected_s is not None and deadlines[name] - expected_s < _LITTLE_S
            if little or row.trip.planned.vehicle_id in unheard:
                found.add(name)
        return frozenset(found)

    def index(self, *, with_people: bool) -> Sequence[Hit]:
        """Everything that can be looked for."""
        return self._index if with_people else self._index_without

    @cached_property
    def _index(self) -> Sequence[Hit]:
        return index_of(self.instance, self.plan)

    @cached_property
    def _index_without(self) -> Sequence[Hit]:
        return index_of(self.instance, self.plan, with_people=False)

    @cached_property
    def map_document(self) -> Mapping[str, Any]:
        """The plan as it is driven, for a map (`docs/page_format.md`)."""
        scene = scene_of(self.state.projected, self.instance, ground=self.ground, standing=self.standing)
        return page_document(scene)

    def place(self, name: str) -> str:
        """What a place is called."""
        return self.instance.place_name_of.get(name, name)

    def sign(self, vehicle: str) -> str:
        """What a vehicle is called."""
        return self.signs.of(vehicle) or vehicle


class Keeper:
    """Keeps the picture of a folder, and makes it anew in a thread of its own.

    Parameters
    ----------
    folder
        Folder of plans.
    clock
        The desk's.

    Attributes
    ----------
    telling
        Held by whoever tells something, so that one of this server's people tells after the other.
    closing
        Says whether the server is about to end.
    """

    def __init__(self, folder: Path, clock: DeskClock) -> None:
        self.folder, self.clock = folder, clock
        self.telling = threading.Lock()
        self.closing: Callable[[], bool] = lambda: False
        self._making = threading.Lock()
        self._wake, self._ended = threading.Event(), threading.Event()
        self._key: object = None
        self._found: tuple[tuple[Approval, ...], Found] | None = None
        self._ground = NO_BACKGROUND
        self._picture: Picture | None = None
        self._took_s, self._touched = 0.0, 0
        self._told: deque[Fault] = deque(maxlen=_MOST_TOLD)
        self._thread = threading.Thread(target=self._watch, name="desk-picture", daemon=True)

    def begin(self) -> None:
        """Make the first picture, then go on in the background.

        Raises
        ------
        InputError
            If there is none: no plan in force, a moment that is not in its time, reports with faults.
        """
        picture = self.renewed()
        if picture.faults:
            raise InputError(picture.faults)
        self._thread.start()

    @property
    def mark(self) -> str:
        """What is other whenever a page may show something else."""
        return f"{self.latest().revision}.{self._touched}"

    def touch(self) -> None:
        """Have all pages look again: something changed beside the reports."""
        self._touched += 1

    def end(self) -> None:
        """Stop."""
        self._ended.set()
        self._wake.set()

    @property
    def ended(self) -> bool:
        """Whether the desk is being closed."""
        return self._ended.is_set() or self.closing()

    def latest(self) -> Picture:
        """The last picture."""
        return self.renewed() if self._picture is None else self._picture

    def renewed(self) -> Picture:
        """The picture of now, with all that is told."""
        with self._making:
            key = self._state_key()
            if self._picture is None or key != self._key:
                began = time.monotonic()
                self._picture = self._made()
                self._took_s = time.monotonic() - began
                self._key = self._state_key() if self._key is None else key
            return self._picture

    def after(self, tell: Callable[[], None]) -> Picture:
        """Tell something while nobody else of this server does; gives the picture with it."""
        with self.telling:
            tell()
        return self.renewed()

    def _watch(self) -> None:
        while not self._ended.is_set():
            self._wake.wait(max(_LOOK_S, _SHARE * self._took_s))
            self._wake.clear()
            if self._ended.is_set():
                return
            try:
                self.renewed()
            except Exception:
                _LOG.exception("The picture could not be made anew.")

    def _state_key(self) -> object:
        """What changes when something is told, here or elsewhere, or a minute has passed."""
        head = 0
        if has_store(self.folder):
            with ledger_of(self.folder).reading() as work:
                head = work.head()[0]
        files = [self.folder / REGISTRY]
        minute = 0
        if self._picture is not None:
            files.append(self._picture.found.events)
            minute = self.clock.seconds(self._picture.found.clock) // 60
        return (head, tuple(_stamp(path) for path in files), minute)

    def _plan(self) -> Found:
        """The plan in force; read again where another one is."""
        current = in_force(self.folder)
        if self._found is None or self._found[0] != current:
            found = find(self.folder)
            self._ground = read_background(found.folder)
            self._found = (current, found)
        return self._found[1]

    def _made(self) -> Picture:
        before = self._picture
        found = self._plan()
        now_s = self.clock.within(found.instance)
        reading = Reading()
        faults: tuple[Fault, ...] = ()
        if has_reports(found.events):
            try:
                reading = read_table(found.events, found.instance, found.plan, now_s)
            except InputError as error:
                faults = error.faults
                reading = reading if before is None else before.reading
        take_told(self._told.extend)
        state = state_of(
            found.plan,
            found.instance,
            reading.events,
            now_among(reading.events, now_s),
            aside=reading.aside,
        )
        number = 1 if before is None else before.revision + 1
        told = tuple(self._told)
        return Picture(number, found, reading, Standing(state), faults, told, self._ground)


def _stamp(path: Path) -> tuple[int, int]:
    try:
        found = path.stat()
    except OSError:
        return (0, 0)
    return (found.st_mtime_ns, found.st_size)
