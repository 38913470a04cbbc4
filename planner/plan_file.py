"""A plan on disk: one JSON file, versioned, self-contained, with its own digest.

``docs/plan_format.md`` describes it. Instants are ISO 8601 local time with offset, durations
whole seconds, lengths metres.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any, TypeVar

from planner.clock import Clock, parse_instant
from planner.errors import Fault, InputError
from planner.files import write_text
from planner.plan import (
    Component,
    Delivery,
    Goods,
    Leg,
    Plan,
    Proof,
    ProofKind,
    RegionResult,
    RegionStatus,
    Status,
    Step,
    StepKind,
    Stop,
    StopReason,
    Trip,
)
from planner.text import words

__all__ = [
    "FORMAT",
    "FileClaims",
    "claims_from_text",
    "plan_digest",
    "plan_from_text",
    "plan_to_text",
    "read_claims",
    "read_plan",
    "read_plan_clock",
    "write_plan",
]

FORMAT = "plan/1"
_MOST_SHOWN = 60


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


class _NoPlanError(ValueError):
    """Says in the language in force why a text is no plan."""

    def __init__(self, key: str, **params: object) -> None:
        super().__init__(words(f"report.plan_file.{key}", **params))


def plan_to_text(plan: Plan, clock: Clock) -> str:
    """JSON text of a plan, ending with a line end; the same plan gives the same text."""
    body = _Writer(clock).plan(plan)
    document = {"format": FORMAT, "digest": _digest(body)} | body
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def plan_digest(plan: Plan, clock: Clock) -> str:
    """The digest that a plan's file names."""
    return _digest(_Writer(clock).plan(plan))


def claims_from_text(text: str) -> tuple[Plan, Clock, FileClaims]:
    """Read a plan whose digest and margins need not be right, and what they are said to be.

    Raises
    ------
    InputError
        P101 if the text is no plan of a known format.
    """
    try:
        document = _parsed(text)
        claimed = document.pop("digest", None)
        actual = _digest(document)
        if missing := {"start", "time_zone"} - set(document):
            raise _NoPlanError("missing", keys=", ".join(sorted(missing)))
        clock = Clock(_instant(document["start"]), _text(document["time_zone"]))
        reader = _Reader(clock)
        plan = reader.plan(document)
    except _NoPlanError as error:
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


def _parsed(text: str) -> dict[str, Any]:
    try:
        document = json.loads(text)
    except json.JSONDecodeError as error:
        raise _NoPlanError("json", line=error.lineno, column=error.colno) from error
    if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
        raise _NoPlanError("format", format=FORMAT)
    return document


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
        }

    def _stop(self, one: Stop) -> dict[str, Any]:
        goods = [{"item": some.item_id, "quantity": some.quantity} for some in one.items]
        return {
            "node": one.node_id,
            "leg": self._leg(one.leg),
            "start": self._at(one.start_s),
            "end": self._at(one.end_s),
            "deliveries": [
                {
                    "consignment": item.consignment_id,
                    "region": item.region_id,
                    "part": item.part,
                    "first_unit": item.first_unit,
                    "units": item.units,
                    "mass_g": item.mass_g,
                    "volume_cm3": item.volume_cm3,
                    "pieces": item.pieces,
                }
                for item in one.deliveries
            ],
        } | ({"items": goods} if goods else {})

    def _leg(self, one: Leg) -> dict[str, Any]:
        return {
            "from": one.from_node,
            "to": one.to_node,
            "depart": self._at(one.depart_s),
            "arrive": self._at(one.arrive_s),
            "distance_m": one.distance_m,
            "path": [[step.kind.value, step.ref] for step in one.path],
        }


class _Reader:
    """Reads strictly: a key that is missing, unknown or of the wrong type is an error."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self.margins: list[int | None] = []

    def _at(self, value: Any) -> int:  # noqa: ANN401 - what JSON gives
        return self._clock.seconds(_instant(value))

    def plan(self, data: dict[str, Any]) -> Plan:
        top = _take(
            data,
            "instance planner_version start time_zone options status gamma currency cost components"
            " regions trips",
        )
        instance = _take(top["instance"], "name digest")
        return Plan(
            instance_name=_text(instance["name"]),
            instance_digest=_text(instance["digest"]),
            planner_version=_text(top["planner_version"]),
            options=_texts(top["options"]),
            status=_word(Status, top["status"]),
            gamma=_int(top["gamma"]),
            currency=_text(top["currency"]),
            cost=_int(top["cost"]),
            components=tuple(self._component(one) for one in _list(top["components"])),
            trips=tuple(self._trip(one) for one in _list(top["trips"])),
            regions=tuple(self._region(one) for one in _list(top["regions"])),
        )

    def _component(self, data: Any) -> Component:  # noqa: ANN401
        one = _take(data, "id status stop_reason cost lower_bound regions proofs")
        return Component(
            id=_text(one["id"]),
            status=_word(Status, one["status"]),
            stop_reason=_word(StopReason, one["stop_reason"]),
            regions=tuple(_text(item) for item in _list(one["regions"])),
            cost=_int(one["cost"]),
            lower_bound=None if one["lower_bound"] is None else _int(one["lower_bound"]),
            proofs=tuple(self._proof(item) for item in _list(one["proofs"])),
        )

    def _proof(self, data: Any) -> Proof:  # noqa: ANN401
        one = _take(data, "kind regions edges figures")
        return Proof(
            kind=_word(ProofKind, one["kind"]),
            regions=tuple(_text(item) for item in _list(one["regions"])),
            edges=tuple(_text(item) for item in _list(one["edges"])),
            figures=_texts(one["figures"]),
        )

    def _region(self, data: Any) -> RegionResult:  # noqa: ANN401
        one = _take(data, "id status received deadline margin_s reason params")
        result = RegionResult(
            region_id=_text(one["id"]),
            status=_word(RegionStatus, one["status"]),
            received_s=None if one["received"] is None else self._at(one["received"]),
            deadline_s=self._at(one["deadline"]),
            reason=_text(one["reason"]),
            params=_texts(one["params"]),
        )
        self.margins.append(None if one["margin_s"] is None else _int(one["margin_s"]))
        return result

    def _trip(self, data: Any) -> Trip:  # noqa: ANN401
        one = _take(
            data,
            "id vehicle vehicle_type origin dock load_start depart stops back end mass_g volume_cm3 pieces"
            " distance_m paid_s cost",
        )
        return Trip(
            id=_text(one["id"]),
            vehicle_id=_text(one["vehicle"]),
            vehicle_type=_text(one["vehicle_type"]),
            origin_id=_text(one["origin"]),
            dock=_int(one["dock"]),
            load_start_s=self._at(one["load_start"]),
            depart_s=self._at(one["depart"]),
            stops=tuple(self._stop(item) for item in _list(one["stops"])),
            back=None if one["back"] is None else self._leg(one["back"]),
            end_s=self._at(one["end"]),
            mass_g=_int(one["mass_g"]),
            volume_cm3=_int(one["volume_cm3"]),
            pieces=_int(one["pieces"]),
            distance_m=_int(one["distance_m"]),
            paid_s=_int(one["paid_s"]),
            cost=_int(one["cost"]),
        )

    def _stop(self, data: Any) -> Stop:  # noqa: ANN401
        one = _take(data, "node leg start end deliveries", "items")
        return Stop(
            node_id=_text(one["node"]),
            leg=self._leg(one["leg"]),
            start_s=self._at(one["start"]),
            end_s=self._at(one["end"]),
            deliveries=tuple(self._delivery(item) for item in _list(one["deliveries"])),
            items=tuple(self._goods(some) for some in _list(one.get("items", []))),
        )

    def _goods(self, data: Any) -> Goods:  # noqa: ANN401
        one = _take(data, "item quantity")
        return Goods(item_id=_text(one["item"]), quantity=_int(one["quantity"]))

    def _delivery(self, data: Any) -> Delivery:  # noqa: ANN401
        one = _take(data, "consignment region part first_unit units mass_g volume_cm3 pieces")
        return Delivery(
            consignment_id=_text(one["consignment"]),
            region_id=_text(one["region"]),
            part=_text(one["part"]),
            first_unit=_int(one["first_unit"]),
            units=_int(one["units"]),
            mass_g=_int(one["mass_g"]),
            volume_cm3=_int(one["volume_cm3"]),
            pieces=_int(one["pieces"]),
        )

    def _leg(self, data: Any) -> Leg:  # noqa: ANN401
        one = _take(data, "from to depart arrive distance_m path")
        return Leg(
            from_node=_text(one["from"]),
            to_node=_text(one["to"]),
            depart_s=self._at(one["depart"]),
            arrive_s=self._at(one["arrive"]),
            distance_m=_int(one["distance_m"]),
            path=tuple(
                Step(_word(StepKind, kind), _text(ref)) for kind, ref in map(_pair, _list(one["path"]))
            ),
        )


def _take(data: Any, keys: str, optional: str = "") -> dict[str, Any]:  # noqa: ANN401
    expected = set(keys.split())
    if not isinstance(data, dict):
        raise _wrong_type("object", data)
    if missing := expected - set(data):
        raise _NoPlanError("missing", keys=", ".join(sorted(missing)))
    if unknown := set(data) - expected - set(optional.split()):
        raise _NoPlanError("unknown", keys=", ".join(sorted(unknown)))
    return data


def _wrong_type(expected: str, found: object) -> _NoPlanError:
    return _NoPlanError("type", expected=words(f"report.plan_file.{expected}"), found=_shown(found))


def _shown(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= _MOST_SHOWN else text[:_MOST_SHOWN] + "…"


def _int(value: Any) -> int:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int):
        raise _wrong_type("integer", value)
    return value


def _text(value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, str):
        raise _wrong_type("text", value)
    return value


def _list(value: Any) -> list[Any]:  # noqa: ANN401
    if not isinstance(value, list):
        raise _wrong_type("list", value)
    return value


def _pair(value: Any) -> tuple[Any, Any]:  # noqa: ANN401
    if not isinstance(value, list) or len(value) != 2:
        raise _wrong_type("pair", value)
    return value[0], value[1]


def _instant(value: Any) -> datetime:  # noqa: ANN401
    try:
        return parse_instant(_text(value))
    except _NoPlanError:
        raise
    except ValueError as error:
        raise _wrong_type("instant", value) from error


_W = TypeVar("_W", bound=StrEnum)


def _word(kind: type[_W], value: Any) -> _W:  # noqa: ANN401
    try:
        return kind(_text(value))
    except _NoPlanError:
        raise
    except ValueError as error:
        choices = ", ".join(one.value for one in kind)
        raise _NoPlanError("choice", found=_shown(value), choices=choices) from error


def _texts(value: Any) -> dict[str, str]:  # noqa: ANN401
    if not isinstance(value, dict):
        raise _wrong_type("object", value)
    return {_text(key): _text(item) for key, item in value.items()}
