"""A plan on disk: one JSON file, versioned, self-contained, with its own digest.

``docs/plan_format.md`` describes it. Instants are ISO 8601 local time with offset, durations
whole seconds, lengths metres.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import astuple, dataclass
from pathlib import Path
from typing import Any

from planner.base.clock import Clock
from planner.base.errors import Fault, InputError
from planner.base.files import write_text
from planner.plans.model import (
    Broken,
    Component,
    Delivery,
    EventRow,
    Goods,
    Leg,
    Plan,
    Proof,
    ProofKind,
    RegionResult,
    RegionStatus,
    Replan,
    Status,
    Step,
    StepKind,
    Stop,
    StopReason,
    Trip,
)
from planner.base.strict_json import (
    FormError,
    instant,
    integer,
    list_of,
    pair_of,
    take,
    text_of,
    texts,
    truth,
    word,
)
from planner.base.text import words

__all__ = [
    "FORMAT",
    "FORMAT_1",
    "FileClaims",
    "by_clock",
    "claims_from_text",
    "plan_digest",
    "plan_from_text",
    "plan_to_text",
    "read_claims",
    "read_plan",
    "read_plan_clock",
    "write_plan",
]

FORMAT = "plan/2"
FORMAT_1 = "plan/1"  # knows no replans; still read
_EVENT_COLUMNS = ["id", "time", "kind", "subject", "from", "until", "value", "item", "type", "place", "note"]


@dataclass(frozen=True, slots=True)
class FileClaims:
    """What a plan file says beside the plan, and need not be true.

    Parameters
    ----------
    digest
        The digest that the file names.
    content_digest
        The digest of the file's content.
    margins
        ``margin_s`` of each region's result, in the order of the plan's regions.
    """

    digest: str
    content_digest: str
    margins: tuple[int | None, ...]


def plan_to_text(plan: Plan, clock: Clock) -> str:
    """JSON text of a plan, a line for each trip and region; the same plan gives the same text."""
    body = _Writer(clock).plan(plan)
    document = {"format": FORMAT, "digest": _digest(body)} | body
    keys = ",\n".join(f" {json.dumps(key)}: {_lines(value)}" for key, value in document.items())
    return f"{{\n{keys}\n}}\n"


def _lines(value: Any) -> str:  # noqa: ANN401
    """JSON text of a value, a list with a line for each of its own."""
    if not isinstance(value, list) or not value:
        return json.dumps(value, ensure_ascii=False)
    return "[\n" + ",\n".join(f"  {json.dumps(one, ensure_ascii=False)}" for one in value) + "\n ]"


def plan_digest(plan: Plan, clock: Clock) -> str:
    """The digest that a plan's file names."""
    return _digest(_Writer(clock).plan(plan))


def by_clock(plan: Plan, own: Clock, other: Clock) -> Plan:
    """The same plan with its seconds counted from the start of another clock."""
    return _Reader(other, replans=True).plan(_Writer(own).plan(plan))


def claims_from_text(text: str) -> tuple[Plan, Clock, FileClaims]:
    """Read a plan whose digest and margins need not be right, and what they are said to be.

    Raises
    ------
    InputError
        P101 if the text is no plan of a known format.
    """
    try:
        document, replans = _parsed(text)
        claimed = document.pop("digest", None)
        actual = _digest(document)
        if missing := {"start", "time_zone"} - set(document):
            raise FormError("missing", keys=", ".join(sorted(missing)))
        clock = Clock(instant(document["start"]), text_of(document["time_zone"]))
        reader = _Reader(clock, replans=replans)
        plan = reader.plan(document)
    except FormError as error:
        raise _no_plan(str(error)) from error
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        raise _no_plan(words("report.plan_file.form")) from error
    return plan, clock, FileClaims(str(claimed), actual, tuple(reader.margins))


def plan_from_text(text: str) -> tuple[Plan, Clock]:
    """Read a plan.

    Raises
    ------
    InputError
        P101 if the text is no plan of a known format, or a margin is not deadline less receipt; P102 if the
        plan's digest does not fit its content.
    """
    plan, clock, claims = claims_from_text(text)
    for result, margin_s in zip(plan.regions, claims.margins, strict=True):
        if margin_s != result.margin_s:
            raise _no_plan(words("report.plan_file.margin", region=result.region_id))
    if claims.digest != claims.content_digest:
        params = {"actual": claims.content_digest}
        raise InputError([Fault("P102", "plan", column="digest", value=claims.digest, params=params)])
    return plan, clock


def read_claims(path: Path) -> tuple[Plan, Clock, FileClaims]:
    """Read a plan file for a check: whether its digest and margins are right is left to the rules.

    Raises
    ------
    InputError
        P100 if there is no readable file, else as `claims_from_text`.
    """
    return claims_from_text(_read_text(path))


def read_plan_clock(path: Path) -> tuple[Plan, Clock]:
    """Read a plan file and the clock it is written in.

    Raises
    ------
    InputError
        P100 if there is no readable file, else as `plan_from_text`.
    """
    return plan_from_text(_read_text(path))


def read_plan(path: Path) -> Plan:
    """Read a plan file; raises as `read_plan_clock`."""
    return read_plan_clock(path)[0]


def write_plan(plan: Plan, clock: Clock, path: Path) -> None:
    """Write a plan file, whole or not at all."""
    write_text(path, plan_to_text(plan, clock))


def _read_text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, ValueError) as error:  # a ValueError for bytes that are no UTF-8, and for bad names
        known = {
            FileNotFoundError: "not_found",
            PermissionError: "no_permission",
            IsADirectoryError: "is_folder",
            UnicodeDecodeError: "not_utf8",
        }
        key = "is_folder" if path.is_dir() else known.get(type(error), "unreadable")
        what = words(f"report.plan_file.{key}")
        raise InputError([Fault("P100", str(path), params={"what": what})]) from error


def _parsed(text: str) -> tuple[dict[str, Any], bool]:
    """The document without its format, and whether that knows replans."""
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise FormError("json", line=error.lineno, column=error.colno) from error
    found = document.pop("format", None) if isinstance(document, dict) else None
    if found not in (FORMAT, FORMAT_1):
        raise FormError("format", format=f"{FORMAT}, {FORMAT_1}")
    return document, found == FORMAT


def _no_plan(what: str) -> InputError:
    return InputError([Fault("P101", "plan", params={"what": what})])


def _digest(body: Mapping[str, Any]) -> str:
    canonical = json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return "sha256:" + hashlib.sha256(canonical.encode("utf-8")).hexdigest()


class _Writer:
    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._texts: dict[int, str] = {}

    def _at(self, seconds: int) -> str:
        text = self._texts.get(seconds)
        if text is None:
            text = self._texts[seconds] = self._clock.text(seconds)
        return text

    def plan(self, plan: Plan) -> dict[str, Any]:
        replan = {} if plan.replan is None else {"replan": self._replan(plan.replan)}
        return {
            "instance": {"name": plan.instance_name, "digest": plan.instance_digest},
            "planner_version": plan.planner_version,
            "start": self._at(0),
            "time_zone": self._clock.time_zone,
            "options": dict(plan.options),
            "status": plan.status.value,
            "gamma": plan.gamma,
            "currency": plan.currency,
            "cost": plan.cost,
            "components": [self._component(one) for one in plan.components],
            "regions": [self._region(one) for one in plan.regions],
            "trips": [self._trip(one) for one in plan.trips],
        } | replan

    def _replan(self, one: Replan) -> dict[str, Any]:
        return {
            "now": self._at(one.now_s),
            "previous": one.previous_digest,
            "assume": one.assume,
            "tolerance_s": one.tolerance_s,
            "events": [dict(zip(_EVENT_COLUMNS, astuple(row), strict=True)) for row in one.events],
        }

    def _component(self, one: Component) -> dict[str, Any]:
        return {
            "id": one.id,
            "status": one.status.value,
            "stop_reason": one.stop_reason.value,
            "cost": one.cost,
            "lower_bound": one.lower_bound,
            "regions": list(one.regions),
            "proofs": [
                {
                    "kind": proof.kind.value,
                    "regions": list(proof.regions),
                    "edges": list(proof.edges),
                    "figures": dict(proof.figures),
                }
                for proof in one.proofs
            ],
        }

    def _region(self, one: RegionResult) -> dict[str, Any]:
        return {
            "id": one.region_id,
            "status": one.status.value,
            "received": None if one.received_s is None else self._at(one.received_s),
            "deadline": self._at(one.deadline_s),
            "margin_s": one.margin_s,
            "reason": one.reason,
            "params": dict(one.params),
        }

    def _trip(self, one: Trip) -> dict[str, Any]:
        more: dict[str, Any] = {"begun": True} if one.begun else {}
        if one.broken is not None:
            more["broken"] = self._broken(one.broken)
        return {
            "id": one.id,
            "vehicle": one.vehicle_id,
            "vehicle_type": one.vehicle_type,
            "origin": one.origin_id,
            "dock": one.dock,
            "load_start": self._at(one.load_start_s),
            "depart": self._at(one.depart_s),
            "stops": [self._stop(stop) for stop in one.stops],
            "back": None if one.back is None else self._leg(one.back),
            "end": self._at(one.end_s),
            "mass_g": one.mass_g,
            "volume_cm3": one.volume_cm3,
            "pieces": one.pieces,
            "distance_m": one.distance_m,
            "paid_s": one.paid_s,
            "cost": one.cost,
        } | more

    def _broken(self, one: Broken) -> dict[str, Any]:
        return {
            "at": self._at(one.at_s),
            "node": one.node_id,
            "leg": None if one.leg is None else self._leg(one.leg),
            "deliveries": [_delivery(item) for item in one.deliveries],
            "items": _goods(one.items),
        }

    def _stop(self, one: Stop) -> dict[str, Any]:
        more: dict[str, Any] = {"items": _goods(one.items)} if one.items else {}
        if one.fetched:
            more["fetched"] = [_delivery(item) for item in one.fetched]
        return {
            "node": one.node_id,
            "leg": self._leg(one.leg),
            "start": self._at(one.start_s),
            "end": self._at(one.end_s),
            "deliveries": [_delivery(item) for item in one.deliveries],
        } | more

    def _leg(self, one: Leg) -> dict[str, Any]:
        return {
            "from": one.from_node,
            "to": one.to_node,
            "depart": self._at(one.depart_s),
            "arrive": self._at(one.arrive_s),
            "distance_m": one.distance_m,
            "path": [[step.kind.value, step.ref] for step in one.path],
        }


def _delivery(one: Delivery) -> dict[str, Any]:
    return {
        "consignment": one.consignment_id,
        "region": one.region_id,
        "part": one.part,
        "first_unit": one.first_unit,
        "units": one.units,
        "mass_g": one.mass_g,
        "volume_cm3": one.volume_cm3,
        "pieces": one.pieces,
    }


def _goods(items: tuple[Goods, ...]) -> list[dict[str, Any]]:
    return [{"item": one.item_id, "quantity": one.quantity} for one in items]


class _Reader:
    """Reads strictly: a key that is missing, unknown or of the wrong type is an error."""

    def __init__(self, clock: Clock, *, replans: bool) -> None:
        self._clock = clock
        self._replans = replans
        self.margins: list[int | None] = []

    def _at(self, value: Any) -> int:  # noqa: ANN401 - what JSON gives
        return self._clock.seconds(instant(value))

    def plan(self, data: dict[str, Any]) -> Plan:
        top = take(
            data,
            "instance planner_version start time_zone options status gamma currency cost components"
            " regions trips",
            self._new("replan"),
        )
        instance = take(top["instance"], "name digest")
        return Plan(
            instance_name=text_of(instance["name"]),
            instance_digest=text_of(instance["digest"]),
            planner_version=text_of(top["planner_version"]),
            options=texts(top["options"]),
            status=word(Status, top["status"]),
            gamma=integer(top["gamma"]),
            currency=text_of(top["currency"]),
            cost=integer(top["cost"]),
            components=tuple(self._component(one) for one in list_of(top["components"])),
            trips=tuple(self._trip(one) for one in list_of(top["trips"])),
            regions=tuple(self._region(one) for one in list_of(top["regions"])),
            replan=self._replan(top["replan"]) if "replan" in top else None,
        )

    def _new(self, keys: str) -> str:
        """Keys that may be there in a format that knows replans."""
        return keys if self._replans else ""

    def _replan(self, data: Any) -> Replan:  # noqa: ANN401
        one = take(data, "now previous assume tolerance_s events")
        rows = (take(row, " ".join(_EVENT_COLUMNS)) for row in list_of(one["events"]))
        return Replan(
            now_s=self._at(one["now"]),
            previous_digest=text_of(one["previous"]),
            assume=text_of(one["assume"]),
            tolerance_s=integer(one["tolerance_s"]),
            events=tuple(EventRow(*(text_of(row[name]) for name in _EVENT_COLUMNS)) for row in rows),
        )

    def _component(self, data: Any) -> Component:  # noqa: ANN401
        one = take(data, "id status stop_reason cost lower_bound regions proofs")
        return Component(
            id=text_of(one["id"]),
            status=word(Status, one["status"]),
            stop_reason=word(StopReason, one["stop_reason"]),
            regions=tuple(text_of(item) for item in list_of(one["regions"])),
            cost=integer(one["cost"]),
            lower_bound=None if one["lower_bound"] is None else integer(one["lower_bound"]),
            proofs=tuple(self._proof(item) for item in list_of(one["proofs"])),
        )

    def _proof(self, data: Any) -> Proof:  # noqa: ANN401
        one = take(data, "kind regions edges figures")
        return Proof(
            kind=word(ProofKind, one["kind"]),
            regions=tuple(text_of(item) for item in list_of(one["regions"])),
            edges=tuple(text_of(item) for item in list_of(one["edges"])),
            figures=texts(one["figures"]),
        )

    def _region(self, data: Any) -> RegionResult:  # noqa: ANN401
        one = take(data, "id status received deadline margin_s reason params")
        result = RegionResult(
            region_id=text_of(one["id"]),
            status=word(RegionStatus, one["status"]),
            received_s=None if one["received"] is None else self._at(one["received"]),
            deadline_s=self._at(one["deadline"]),
            reason=text_of(one["reason"]),
            params=texts(one["params"]),
        )
        self.margins.append(None if one["margin_s"] is None else integer(one["margin_s"]))
        return result

    def _trip(self, data: Any) -> Trip:  # noqa: ANN401
        one = take(
            data,
            "id vehicle vehicle_type origin dock load_start depart stops back end mass_g volume_cm3 pieces"
            " distance_m paid_s cost",
            self._new("begun broken"),
        )
        return Trip(
            id=text_of(one["id"]),
            vehicle_id=text_of(one["vehicle"]),
            vehicle_type=text_of(one["vehicle_type"]),
            origin_id=text_of(one["origin"]),
            dock=integer(one["dock"]),
            load_start_s=self._at(one["load_start"]),
            depart_s=self._at(one["depart"]),
            stops=tuple(self._stop(item) for item in list_of(one["stops"])),
            back=None if one["back"] is None else self._leg(one["back"]),
            end_s=self._at(one["end"]),
            mass_g=integer(one["mass_g"]),
            volume_cm3=integer(one["volume_cm3"]),
            pieces=integer(one["pieces"]),
            distance_m=integer(one["distance_m"]),
            paid_s=integer(one["paid_s"]),
            cost=integer(one["cost"]),
            begun=truth(one.get("begun", False)),
            broken=None if one.get("broken") is None else self._broken(one["broken"]),
        )

    def _broken(self, data: Any) -> Broken:  # noqa: ANN401
        one = take(data, "at node leg deliveries items")
        return Broken(
            at_s=self._at(one["at"]),
            node_id=text_of(one["node"]),
            leg=None if one["leg"] is None else self._leg(one["leg"]),
            deliveries=tuple(self._delivery(item) for item in list_of(one["deliveries"])),
            items=tuple(self._goods(some) for some in list_of(one["items"])),
        )

    def _stop(self, data: Any) -> Stop:  # noqa: ANN401
        one = take(data, "node leg start end deliveries", "items" + self._new(" fetched"))
        return Stop(
            node_id=text_of(one["node"]),
            leg=self._leg(one["leg"]),
            start_s=self._at(one["start"]),
            end_s=self._at(one["end"]),
            deliveries=tuple(self._delivery(item) for item in list_of(one["deliveries"])),
            items=tuple(self._goods(some) for some in list_of(one.get("items", []))),
            fetched=tuple(self._delivery(item) for item in list_of(one.get("fetched", []))),
        )

    def _goods(self, data: Any) -> Goods:  # noqa: ANN401
        one = take(data, "item quantity")
        return Goods(item_id=text_of(one["item"]), quantity=integer(one["quantity"]))

    def _delivery(self, data: Any) -> Delivery:  # noqa: ANN401
        one = take(data, "consignment region part first_unit units mass_g volume_cm3 pieces")
        return Delivery(
            consignment_id=text_of(one["consignment"]),
            region_id=text_of(one["region"]),
            part=text_of(one["part"]),
            first_unit=integer(one["first_unit"]),
            units=integer(one["units"]),
            mass_g=integer(one["mass_g"]),
            volume_cm3=integer(one["volume_cm3"]),
            pieces=integer(one["pieces"]),
        )

    def _leg(self, data: Any) -> Leg:  # noqa: ANN401
        one = take(data, "from to depart arrive distance_m path")
        return Leg(
            from_node=text_of(one["from"]),
            to_node=text_of(one["to"]),
            depart_s=self._at(one["depart"]),
            arrive_s=self._at(one["arrive"]),
            distance_m=integer(one["distance_m"]),
            path=tuple(
                Step(word(StepKind, kind), text_of(ref)) for kind, ref in map(pair_of, list_of(one["path"]))
            ),
        )
