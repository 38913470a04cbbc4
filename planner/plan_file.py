"""A plan on disk: one JSON file, versioned, self-contained, with its own digest.

``docs/plan_format.md`` describes it. Instants are ISO 8601 local time with offset, durations
whole seconds, lengths metres.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from planner.clock import Clock, parse_instant
from planner.errors import Fault, InputError
from planner.files import write_text
from planner.plan import (
    Component,
    Delivery,
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

__all__ = [
    "FORMAT",
    "plan_from_text",
    "plan_to_text",
    "read_plan",
    "read_plan_clock",
    "write_plan",
]

FORMAT = "plan/1"


def plan_to_text(plan: Plan, clock: Clock) -> str:
    """JSON text of a plan, ending with a line end; the same plan gives the same text."""
    body = _Writer(clock).plan(plan)
    document = {"format": FORMAT, "digest": _digest(body)} | body
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"


def plan_from_text(text: str) -> tuple[Plan, Clock]:
    """Read a plan.

    Raises
    ------
    InputError
        P101 if the text is no plan of a known format, P102 if the plan's digest does not fit its content.
    """
    try:
        document = json.loads(text)
        if not isinstance(document, dict) or document.pop("format", None) != FORMAT:
            raise InputError([Fault("P101", "plan", params={"what": f"format is not {FORMAT}"})])
        claimed = document.pop("digest", None)
        actual = _digest(document)
        clock = Clock(parse_instant(document["start"]), str(document["time_zone"]))
        plan = _Reader(clock).plan(document)
    except InputError:
        raise
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, OverflowError) as error:
        what = f"{type(error).__name__}: {error}"
        raise InputError([Fault("P101", "plan", params={"what": what})]) from error
    if claimed != actual:
        raise InputError(
            [Fault("P102", "plan", column="digest", value=str(claimed), params={"actual": actual})]
        )
    return plan, clock


def read_plan_clock(path: Path) -> tuple[Plan, Clock]:
    """Read a plan file and the clock it is written in.

    Raises
    ------
    InputError
        P100 if there is no readable file, else as `plan_from_text`.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise InputError([Fault("P100", str(path), params={"what": str(error)})]) from error
    return plan_from_text(text)


def read_plan(path: Path) -> Plan:
    """Read a plan file; raises as `read_plan_clock`."""
    return read_plan_clock(path)[0]


def write_plan(plan: Plan, clock: Clock, path: Path) -> None:
    """Write a plan file, whole or not at all."""
    write_text(path, plan_to_text(plan, clock))


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
        }

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

    def _at(self, value: Any) -> int:  # noqa: ANN401 - what JSON gives
        return self._clock.seconds(parse_instant(_text(value)))

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
            status=Status(top["status"]),
            gamma=_int(top["gamma"]),
            currency=_text(top["currency"]),
            cost=_int(top["cost"]),
            components=tuple(self._component(one) for one in top["components"]),
            trips=tuple(self._trip(one) for one in top["trips"]),
            regions=tuple(self._region(one) for one in top["regions"]),
        )

    def _component(self, data: Any) -> Component:  # noqa: ANN401
        one = _take(data, "id status stop_reason cost lower_bound regions proofs")
        return Component(
            id=_text(one["id"]),
            status=Status(one["status"]),
            stop_reason=StopReason(one["stop_reason"]),
            regions=tuple(_text(item) for item in one["regions"]),
            cost=_int(one["cost"]),
            lower_bound=None if one["lower_bound"] is None else _int(one["lower_bound"]),
            proofs=tuple(self._proof(item) for item in one["proofs"]),
        )

    def _proof(self, data: Any) -> Proof:  # noqa: ANN401
        one = _take(data, "kind regions edges figures")
        return Proof(
            kind=ProofKind(one["kind"]),
            regions=tuple(_text(item) for item in one["regions"]),
            edges=tuple(_text(item) for item in one["edges"]),
            figures=_texts(one["figures"]),
        )

    def _region(self, data: Any) -> RegionResult:  # noqa: ANN401
        one = _take(data, "id status received deadline margin_s reason params")
        result = RegionResult(
            region_id=_text(one["id"]),
            status=RegionStatus(one["status"]),
            received_s=None if one["received"] is None else self._at(one["received"]),
            deadline_s=self._at(one["deadline"]),
            reason=_text(one["reason"]),
            params=_texts(one["params"]),
        )
        if one["margin_s"] != result.margin_s:
            msg = f"margin_s of region {result.region_id} is not deadline minus received"
            raise ValueError(msg)
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
            stops=tuple(self._stop(item) for item in one["stops"]),
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
        one = _take(data, "node leg start end deliveries")
        return Stop(
            node_id=_text(one["node"]),
            leg=self._leg(one["leg"]),
            start_s=self._at(one["start"]),
            end_s=self._at(one["end"]),
            deliveries=tuple(self._delivery(item) for item in one["deliveries"]),
        )

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
            path=tuple(Step(StepKind(kind), _text(ref)) for kind, ref in one["path"]),
        )


def _take(data: Any, keys: str) -> dict[str, Any]:  # noqa: ANN401
    expected = set(keys.split())
    if not isinstance(data, dict) or set(data) != expected:
        found = sorted(data) if isinstance(data, dict) else type(data).__name__
        msg = f"expected the keys {sorted(expected)}, found {found}"
        raise ValueError(msg)
    return data


def _int(value: Any) -> int:  # noqa: ANN401
    if isinstance(value, bool) or not isinstance(value, int):
        msg = f"expected an integer, found {value!r}"
        raise TypeError(msg)
    return value


def _text(value: Any) -> str:  # noqa: ANN401
    if not isinstance(value, str):
        msg = f"expected text, found {value!r}"
        raise TypeError(msg)
    return value


def _texts(value: Any) -> dict[str, str]:  # noqa: ANN401
    if not isinstance(value, dict):
        msg = f"expected an object, found {value!r}"
        raise TypeError(msg)
    return {_text(key): _text(item) for key, item in value.items()}
