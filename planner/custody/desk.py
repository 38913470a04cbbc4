"""Custody for a desk: a plan's boxes with what its store has of them, findings as faults, and receipts."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass

from planner.base.errors import Fault, Severity
from planner.base.nearest import folded
from planner.base.text import words
from planner.custody.ledger import Custody, Finding, FindingKind, Holding, Where
from planner.custody.lists import Act, ScanList, lists_of
from planner.custody.ways import Call, Ways
from planner.instance.boxes import as_scanned
from planner.instance.call_signs import call_signs
from planner.instance.schema import Instance
from planner.outputs.figures import moment, number
from planner.papers.settings import read_letters
from planner.papers.source import source_of
from planner.plans.locate import Found

__all__ = [
    "Problem",
    "boxes_document",
    "counts",
    "custody_of",
    "fault_of",
    "is_label_of",
    "place_text",
    "problems",
    "receipts",
    "seen_text",
    "vehicle_text",
    "ways_of",
]

CODES = {
    FindingKind.BAD_SIGN: "H101",
    FindingKind.UNKNOWN: "H102",
    FindingKind.TWICE: "H103",
    FindingKind.AGAIN: "H104",
    FindingKind.WRONG_VEHICLE: "H105",
    FindingKind.OTHER_TRIP: "H106",
    FindingKind.WRONG_PLACE: "H107",
    FindingKind.FURTHER: "H108",
    FindingKind.SEAL: "H109",
    FindingKind.BROKEN_SEAL: "H110",
    FindingKind.REFUSED: "H111",
    FindingKind.MISSING: "H112",
}
_WARNINGS = frozenset({FindingKind.TWICE, FindingKind.AGAIN})
_FEW = 5  # codes that a sentence names


@dataclass(frozen=True, slots=True)
class Problem:
    """A box that is not where it should be.

    Parameters
    ----------
    code, where
        The box, and how it is not.
    region
        Whose it is.
    lacked
        Where it lacked; a dash where it did not.
    seen
        Where it was by the last scan of it.
    """

    code: str
    where: Where
    region: str
    lacked: str
    seen: str


def ways_of(found: Found) -> Ways:
    """The boxes of a plan and their ways, with the tables as the plan's reports leave them."""
    letters = read_letters(found.folder, found.instance)
    return Ways(found.plan, source_of(found.plan, found.instance, letters).instance, letters.coded)


def custody_of(found: Found, until_s: int | None = None) -> Custody | None:
    """Who has each box by the store of a plan's folder; None: nothing was scanned yet.

    Parameters
    ----------
    found
        A plan with its tables.
    until_s
        Only what was scanned by this moment; None: all.
    """
    lists = [
        one for one in lists_of(found.path.parent, found.clock) if until_s is None or one.at_s <= until_s
    ]
    return Custody(ways_of(found), lists) if lists else None


def vehicle_text(instance: Instance, vehicle: str) -> str:
    """A vehicle as it is told: by its call sign, else its id."""
    return call_signs(instance).of(vehicle) or vehicle or "–"


def place_text(instance: Instance, place: str) -> str:
    """A place as it is told: by its name."""
    return instance.place_name_of.get(place, place) or "–"


def fault_of(one: Finding, custody: Custody, instance: Instance, table: str) -> Fault:
    """A finding as a fault, with what to do.

    Parameters
    ----------
    one, custody
        The finding, and what it is one of.
    instance
        Names places and vehicles.
    table
        What the list is called.
    """
    codes = [_as_given(custody, code) for code in one.codes]
    about = one.about
    if one.kind is FindingKind.WRONG_VEHICLE:
        about = vehicle_text(instance, about)
    elif one.kind in (FindingKind.WRONG_PLACE, FindingKind.REFUSED):
        about = place_text(instance, about)
    params: dict[str, object] = {
        "boxes": number(len(codes)),
        "codes": _few(codes),
        "about": about,
        "seen": seen_text(one.seen, instance),
        "list": one.list_id,
    }
    if one.kind is FindingKind.BAD_SIGN:
        near = {code: _near(code, custody.ways) for code in one.codes[:_FEW]}
        params["nearest"] = ", ".join(dict.fromkeys(each for ones in near.values() for each in ones)) or "-"
    severity = Severity.WARNING if one.kind in _WARNINGS else Severity.ERROR
    return Fault(CODES[one.kind], table, None, "code", codes[0], params, severity)


def _as_given(custody: Custody, code: str) -> str:
    box = custody.ways.box_of.get(code)
    return code if box is None else box.code


def _few(codes: Sequence[str]) -> str:
    shown = ", ".join(codes[:_FEW])
    more = len(codes) - _FEW
    return shown + (words("scan.more", number=number(more)) if more > 0 else "")


def seen_text(seen: Holding | None, instance: Instance) -> str:
    """Where a box was by the last scan of it."""
    if seen is None:
        return words("scan.seen.never")
    what = "place" if seen.place else "vehicle"
    return words(
        f"scan.seen.{what}",
        place=place_text(instance, seen.place),
        vehicle=vehicle_text(instance, seen.vehicle),
        since=moment(seen.since_s, instance.clock),
        list=seen.list_id,
    )


def _near(code: str, ways: Ways) -> list[str]:
    """Codes of boxes from which one differs in a single sign, or by two neighbours that changed places."""
    word = as_scanned(code)
    signs = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ-."
    if len(word) > 60:
        return []
    tried = [word[:at] + sign + word[at + 1 :] for at in range(len(word)) for sign in signs]
    tried += [word[:at] + sign + word[at:] for at in range(len(word) + 1) for sign in signs]
    tried += [word[:at] + word[at + 1 :] for at in range(len(word))]
    tried += [
        word[:at] + word[at + 1 : at + 2] + word[at : at + 1] + word[at + 2 :] for at in range(len(word))
    ]
    return [ways.box_of[one].code for one in dict.fromkeys(tried) if one in ways.box_of][:3]


def receipts(
    custody: Custody, lists: Sequence[ScanList], instance: Instance
) -> Iterator[tuple[Call, Mapping[str, str], int]]:
    """What lists of boxes mean for the plan: each hand-over with cells of a report, and how many boxes lack.

    A hand-over of which all boxes came is delivered; one of which some lack is so in part, by units that have
    all of theirs, where the list is whole and it is at a region. Else the cells are empty.
    """
    told: dict[Call, ScanList] = {}
    for one in lists:
        if one.act in (Act.RECEIVED, Act.HANDED_OVER):
            told |= dict.fromkeys((call for call in custody.calls_of(one.id) if call.stop is not None), one)
    for call, one in told.items():
        came = set(custody.handed_over(call))
        wanted = custody.ways.expected(call)
        cells = {
            "subject": call.trip,
            "place": call.place,
            "by": one.by,
            "from": instance.clock.text(one.at_s),
        }
        lacking = len(wanted) - len(came)
        if not lacking:
            yield call, {**cells, "kind": "delivered"}, 0
            continue
        units = _whole_units(custody.ways, wanted, came)
        is_region = call.place in instance.region_of
        part = (
            {**cells, "kind": "partly", "value": str(units)} if one.is_whole and is_region and units else {}
        )
        yield call, part, lacking


def _whole_units(ways: Ways, codes: Collection[str], came: Collection[str]) -> int:
    """Units of which all boxes came."""
    boxes = [(ways.box_of[code], code in came) for code in codes]
    keys = {(box.region_id, box.part, box.index) for box, _ in boxes}
    broken = {(box.region_id, box.part, box.index) for box, is_there in boxes if not is_there}
    return len(keys - broken)


def is_label_of(ways: Ways, instance: Instance, code: str, line: str) -> bool:
    """Whether a line stands on the label of a box beside its code: it names its region or its item.

    Parameters
    ----------
    ways, instance
        Boxes, and what regions and items are called.
    code, line
        Code of the box, and the line.
    """
    box = ways.box_of[as_scanned(code)]
    items = {row.id: row.name or row.id for row in instance.items}
    names = (instance.place_name_of.get(box.region_id, box.region_id), items.get(box.item_id, box.item_id))
    return any(folded(name) in folded(line) for name in names)


def counts(custody: Custody) -> Counter[Where]:
    """How many boxes are where."""
    return Counter(custody.where().values())


def problems(custody: Custody, instance: Instance) -> list[Problem]:
    """Boxes that are not where they should be."""
    missing = custody.missing()
    wrong = (Where.MISSING, Where.ASTRAY, Where.REFUSED)
    return [
        Problem(
            custody.ways.box_of[code].code,
            where,
            place_text(instance, custody.ways.box_of[code].region_id),
            place_text(instance, missing[code].place) if where is Where.MISSING else "–",
            seen_text(custody.holdings.get(code), instance),
        )
        for code, where in custody.where().items()
        if where in wrong
    ]


def boxes_document(custody: Custody, instance: Instance) -> dict[str, object]:
    """How many boxes are where, and those that are not where they should be, for machines."""
    found = counts(custody)
    wrong = [
        {"code": one.code, "how": one.where.value, "seen": one.seen, "lacked": one.lacked}
        for one in problems(custody, instance)
    ]
    return {"known": sum(found.values()), **{where.value: found[where] for where in Where}, "wrong": wrong}
