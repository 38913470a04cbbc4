"""Who has each box: lists that were scanned, gone through in time, beside the ways that the plan has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from planner.custody.lists import Act, Line, ScanList
from planner.custody.ways import Call, Move, Ways
from planner.instance.box_codes import check_sign
from planner.instance.boxes import as_scanned

__all__ = ["Custody", "Finding", "FindingKind", "Holding", "Where"]


class FindingKind(StrEnum):
    """What may be wrong with a scanned box."""

    BAD_SIGN = "bad_sign"  # no box, and the check sign does not fit: a slip
    UNKNOWN = "unknown"  # no box of this plan
    TWICE = "twice"  # twice in one list
    AGAIN = "again"  # told before by another list
    WRONG_VEHICLE = "wrong_vehicle"
    OTHER_TRIP = "other_trip"  # of the same vehicle
    WRONG_PLACE = "wrong_place"
    FURTHER = "further"  # it had been further on its way before
    SEAL = "seal"  # another seal than the table has
    BROKEN_SEAL = "broken_seal"
    REFUSED = "refused"
    MISSING = "missing"


class Where(StrEnum):
    """Where a box is, for counts."""

    WAITING = "waiting"  # nothing was scanned of it
    ABOARD = "aboard"
    ON_THE_WAY = "on_the_way"  # at a place from which it goes on
    RECEIVED = "received"
    ASTRAY = "astray"  # at a place, or on a vehicle, to which the plan does not bring it
    REFUSED = "refused"
    MISSING = "missing"


@dataclass(frozen=True, slots=True)
class Finding:
    """Something that is wrong with boxes of a list, alike for all of them.

    Parameters
    ----------
    list_id
        The list by which it was found.
    codes
        Boxes by their codes as compared; of unknown ones what was scanned.
    about
        Ids: the list, vehicle or place that matters; for missing boxes the trip.
    seen
        Where the box was before, by an earlier list.
    """

    kind: FindingKind
    list_id: str
    codes: tuple[str, ...]
    about: str = ""
    seen: Holding | None = None


@dataclass(frozen=True, slots=True)
class Holding:
    """Who has a box.

    Parameters
    ----------
    place, vehicle
        Where it is, or on which vehicle (the other one is empty; both: aboard of one that nobody named).
    since_s, list_id, by, at
        By which list, scanned when, by whom, where.
    acts
        What was told of it since it is there.
    reached
        How far it has come: 0 at its origin, 1 on its first trip, 2 unloaded from that, and so on.
    is_astray
        Whether the plan does not bring it there.
    """

    place: str
    vehicle: str
    since_s: int
    list_id: str
    by: str
    at: str
    acts: frozenset[Act]
    reached: int
    is_astray: bool = False


class Custody:
    """Where all boxes are by what was scanned, and what was found.

    Parameters
    ----------
    ways
        Boxes and their ways by the plan in force.
    lists
        What was scanned, in any order.

    Attributes
    ----------
    findings
        What is wrong, in the order of the lists.
    holdings
        Who has each box that was scanned.
    tale
        Lists in which a box stands, in time.
    """

    def __init__(self, ways: Ways, lists: Iterable[ScanList]) -> None:
        self.ways = ways
        self.findings: list[Finding] = []
        self.holdings: dict[str, Holding] = {}
        self.tale: dict[str, list[tuple[ScanList, Line]]] = {}
        self._given: dict[tuple[Call, Act], dict[str, None]] = {}
        self._calls: dict[str, tuple[Call, ...]] = {}
        self._whole: dict[tuple[Call, Act], None] = {}
        for one in sorted(lists, key=lambda each: (each.at_s, each.seq)):
            self._take(one)

    # ------------------------------------------------------------------------------------------- one list

    def _take(self, one: ScanList) -> None:
        seen: dict[str, Line] = {}
        found: list[Finding] = []
        for line in one.lines:
            found += self._line(one, line, seen)
        calls = self._calls[one.id] = self._calls_of(one, seen)
        for code in seen:
            found += self._moved(one, code, calls)
        for call in calls:
            given = self._given.setdefault((call, one.act), {})
            given |= {code: None for code in seen if code in self.ways.expected(call)}
            if one.is_whole and one.act is not Act.REFUSED:
                self._whole[call, one.act] = None
                lacking = [code for code in self.ways.expected(call) if self._lacks(code, call, one.act)]
                if lacking:
                    found.append(Finding(FindingKind.MISSING, one.id, tuple(lacking), call.trip))
        self.findings += _grouped(found)

    def _line(self, one: ScanList, line: Line, seen: dict[str, Line]) -> Iterator[Finding]:
        code = as_scanned(line.code)
        box = self.ways.box_of.get(code)
        if box is None:
            body, _, sign = code.rpartition("-")
            fits = bool(body) and check_sign(body) == sign
            yield Finding(FindingKind.UNKNOWN if fits else FindingKind.BAD_SIGN, one.id, (line.code,))
            return
        if code in seen:
            yield Finding(FindingKind.TWICE, one.id, (code,))
        else:
            seen[code] = line
            self.tale.setdefault(code, []).append((one, line))
        if line.is_broken:
            yield Finding(FindingKind.BROKEN_SEAL, one.id, (code,))
        elif line.seal and box.seal and as_scanned(line.seal) != as_scanned(box.seal):
            yield Finding(FindingKind.SEAL, one.id, (code,), f"{line.seal} / {box.seal}")

    def _calls_of(self, one: ScanList, seen: Mapping[str, Line]) -> tuple[Call, ...]:
        """Hand-overs of the plan that a list is of.

        Of those at the place the one of which most boxes stand in the list; else the nearest in time. Where
        no vehicle is told, several may have unloaded: also those that are all in it, or half with two boxes.
        """
        calls = self.ways.calls(one.place, one.vehicle, loads=one.act is Act.LOADED)
        hits = {call: sum(code in self.ways.expected(call) for code in seen) for call in calls}
        if not any(hits.values()) and not one.vehicle:
            held = {self.holdings[code].vehicle for code in seen if code in self.holdings}
            calls = [call for call in calls if call.vehicle in held]
        size = {call: len(self.ways.expected(call)) for call in calls}
        best = sorted(
            calls,
            key=lambda call: (-hits[call], -hits[call] / size[call], abs(call.at_s - one.at_s), call.trip),
        )
        others = () if one.vehicle else best[1:]
        more = [
            call
            for call in others
            if hits[call] == size[call] or (hits[call] > 1 and 2 * hits[call] >= size[call])
        ]
        return (*best[:1], *more)

    def _lacks(self, code: str, call: Call, act: Act) -> bool:
        """Whether a box of a hand-over was not told of there, and is known nowhere further on its way."""
        told = (act, Act.REFUSED, *((Act.RECEIVED,) if act is Act.HANDED_OVER else ()))
        if any(code in self._given.get((call, one), ()) for one in told):
            return False
        holding = self.holdings.get(code)
        if holding is None or holding.is_astray:
            return True
        here = next(
            2 * at + (1 if call.stop is None else 2)
            for at, move in enumerate(self.ways.moves_of(code))
            if call in (move.load, move.unload)
        )
        is_told = act is Act.LOADED or act in holding.acts
        return holding.reached < here or (holding.reached == here and not is_told)

    # ------------------------------------------------------------------------------------------- one box

    def _moved(self, one: ScanList, code: str, calls: Sequence[Call]) -> Iterator[Finding]:
        """Move a box to where a list says that it is; gives what is wrong with that."""
        before = self.holdings.get(code)
        if one.act is Act.REFUSED:
            yield from self._refused(one, code, before)
            return
        if before is not None and _is_there(one, before):
            if one.act in before.acts:
                yield Finding(FindingKind.AGAIN, one.id, (code,), before.list_id)
            self.holdings[code] = replace(before, acts=before.acts | {one.act})
            return
        moves = self.ways.moves_of(code)
        step = (_loading if one.act is Act.LOADED else _unloading)(one, moves, before, calls)
        if step.kind is not None:
            yield Finding(step.kind, one.id, (code,), step.about, before)
        is_aboard = one.act is Act.LOADED
        known = 0 if before is None else before.reached
        self.holdings[code] = Holding(
            place="" if is_aboard else one.place,
            vehicle=one.vehicle if is_aboard else "",
            since_s=one.at_s,
            list_id=one.id,
            by=one.by,
            at=one.place,
            acts=frozenset({one.act}),
            reached=known if step.reached is None else step.reached,
            is_astray=step.reached is None,
        )

    def _refused(self, one: ScanList, code: str, before: Holding | None) -> Iterator[Finding]:
        """A box that was not taken: it stays aboard, or is aboard again."""
        moves = self.ways.moves_of(code)
        at = next((n for n, move in enumerate(moves) if move.unload and move.unload.place == one.place), None)
        if before is not None and Act.REFUSED in before.acts and before.at == one.place:
            yield Finding(FindingKind.AGAIN, one.id, (code,), before.list_id)
        elif at is not None:
            yield Finding(FindingKind.REFUSED, one.id, (code,), one.place, before)
        elif before is not None and before.vehicle:
            return  # rightly: it is for another place, and stays where it was
        vehicle = one.vehicle or ("" if before is None else before.vehicle)
        mine = next((n for n, move in enumerate(moves) if move.load.vehicle == vehicle), None)
        on = mine if at is None else at
        self.holdings[code] = Holding(
            place="",
            vehicle=vehicle,
            since_s=one.at_s,
            list_id=one.id,
            by=one.by,
            at=one.place,
            acts=frozenset({Act.LOADED} if at is None else {Act.REFUSED}),
            reached=(0 if before is None else before.reached) if on is None else 2 * on + 1,
            is_astray=on is None,
        )

    # ------------------------------------------------------------------------------------------- all of it

    def calls_of(self, list_id: str) -> tuple[Call, ...]:
        """Hand-overs that a list was of."""
        return self._calls[list_id]

    def handed_over(self, call: Call) -> Sequence[str]:
        """Boxes of a hand-over that came: as the receiver tells, else as whoever brought them does."""
        given = self._given.get((call, Act.RECEIVED)) or self._given.get((call, Act.HANDED_OVER), {})
        return [code for code in self.ways.expected(call) if code in given]

    def missing(self) -> dict[str, Call]:
        """Boxes that lacked where a list was whole and that were seen nowhere since, and where."""
        found: dict[str, Call] = {}
        for call, act in sorted(self._whole, key=lambda one: one[0].at_s):
            for code in self.ways.expected(call):
                holding = self.holdings.get(code)
                is_astray = holding is not None and holding.is_astray
                if not is_astray and self._lacks(code, call, act):
                    found.setdefault(code, call)
        return found

    def where(self) -> dict[str, Where]:
        """Where each box is."""
        missing = self.missing()
        return {code: Where.MISSING if code in missing else self._where(code) for code in self.ways.box_of}

    def where_of(self, code: str) -> Where:
        """Where one box is."""
        return Where.MISSING if code in self.missing() else self._where(code)

    def _where(self, code: str) -> Where:
        holding = self.holdings.get(code)
        if holding is None:
            return Where.WAITING
        if holding.is_astray:
            return Where.ASTRAY
        if Act.REFUSED in holding.acts:
            return Where.REFUSED
        if not holding.place:
            return Where.ABOARD
        if holding.reached == 0:
            return Where.WAITING
        return Where.RECEIVED if holding.place == self.ways.box_of[code].region_id else Where.ON_THE_WAY


@dataclass(frozen=True, slots=True)
class _Step:
    """How far a box has come (None: off its way), and what is wrong with that, about what."""

    reached: int | None
    kind: FindingKind | None = None
    about: str = ""


def _is_there(one: ScanList, before: Holding) -> bool:
    """Whether a box is already where a list brings it."""
    if Act.REFUSED in before.acts:
        return False
    if one.act is Act.LOADED:
        return before.vehicle == one.vehicle != "" and before.at == one.place
    return before.place == one.place


def _forward(reached: int, before: Holding | None) -> _Step:
    if before is None or before.is_astray or reached >= before.reached:
        return _Step(reached)
    return _Step(reached, FindingKind.FURTHER, before.list_id)


def _loading(one: ScanList, moves: Sequence[Move], before: Holding | None, calls: Sequence[Call]) -> _Step:
    here = [at for at, move in enumerate(moves) if move.load.place == one.place]
    mine = next((at for at in here if moves[at].load.vehicle == one.vehicle), None)
    if mine is not None:
        step = _forward(2 * mine + 1, before)
        if step.kind is None and moves[mine].load not in calls:
            return _Step(step.reached, FindingKind.OTHER_TRIP, moves[mine].load.trip)
        return step
    if here:
        return _Step(None, FindingKind.WRONG_VEHICLE, moves[here[0]].load.vehicle)
    if before is not None and before.is_astray and before.place == one.place:
        return _Step(None)  # it is taken away from where it should not have been
    return _Step(None, FindingKind.WRONG_PLACE, _next_place(moves, before))


def _unloading(one: ScanList, moves: Sequence[Move], before: Holding | None, calls: Sequence[Call]) -> _Step:
    here = [at for at, move in enumerate(moves) if move.unload is not None and move.unload.place == one.place]
    if not here:
        back = next((at for at, move in enumerate(moves) if move.load.place == one.place), None)
        if back is not None and before is not None and before.vehicle and before.reached <= 2 * back + 1:
            return _Step(2 * back)  # brought back to where it was loaded
        return _Step(None, FindingKind.WRONG_PLACE, _next_place(moves, before))
    planned = [moves[at].load.vehicle for at in here]
    mine = here[planned.index(one.vehicle)] if one.vehicle in planned else here[0]
    if not one.vehicle or (before is not None and before.vehicle == one.vehicle):
        return _forward(2 * mine + 2, before)
    if one.vehicle not in planned:
        return _Step(2 * mine + 2, FindingKind.WRONG_VEHICLE, planned[0])
    step = _forward(2 * mine + 2, before)
    if step.kind is None and before is None and moves[mine].unload not in calls:
        return _Step(step.reached, FindingKind.OTHER_TRIP, moves[mine].load.trip)
    return step


def _next_place(moves: Sequence[Move], before: Holding | None) -> str:
    """Where a box should come next; empty: nowhere."""
    reached = 0 if before is None else before.reached
    ends = [move.unload.place for move in moves[reached // 2 :] if move.unload is not None]
    return ends[0] if ends else next((one.unload.place for one in reversed(moves) if one.unload), "")


def _grouped(found: Sequence[Finding]) -> list[Finding]:
    """Findings that are alike as one, with all their boxes."""
    groups: dict[tuple[object, ...], list[Finding]] = {}
    for one in found:
        seen = one.seen
        was = None if seen is None else (seen.place, seen.vehicle, seen.list_id)
        groups.setdefault((one.kind, one.about, was), []).append(one)
    return [
        replace(group[0], codes=tuple(dict.fromkeys(code for one in group for code in one.codes)))
        for group in groups.values()
    ]
