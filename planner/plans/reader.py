"""From the tree of a JSON file to the plan that it is: every key known, none missing, each of its type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from planner.base.clock import Clock
from planner.base.strict_json import (
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
from planner.plans.model import (
    Broken,
    Component,
    Delivery,
    EventRow,
    Goods,
    Leg,
    Moved,
    Plan,
    PlanReason,
    Proof,
    ProofKind,
    ReasonCode,
    RegionResult,
    RegionStatus,
    Replan,
    Status,
    Step,
    StepKind,
    Stop,
    StopReason,
    Trip,
    UnknownReason,
)
from planner.plans.writer import EVENT_COLUMNS, EVENT_COLUMNS_LATER

__all__ = ["FileClaims"]


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


class PlanReader:
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
        instance = take(top["instance"], "name digest", "tables")
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
            instance_tables=texts(instance.get("tables", {})),
        )

    def _new(self, keys: str) -> str:
        """Keys that may be there in a format that knows replans."""
        return keys if self._replans else ""

    def _replan(self, data: Any) -> Replan:  # noqa: ANN401
        one = take(data, "now previous assume tolerance_s events", "moved")
        later = " ".join(EVENT_COLUMNS_LATER)
        rows = (take(row, " ".join(EVENT_COLUMNS), later) for row in list_of(one["events"]))
        columns = (*EVENT_COLUMNS, *EVENT_COLUMNS_LATER)
        return Replan(
            now_s=self._at(one["now"]),
            previous_digest=text_of(one["previous"]),
            assume=text_of(one["assume"]),
            tolerance_s=integer(one["tolerance_s"]),
            events=tuple(EventRow(*(text_of(row.get(name, "")) for name in columns)) for row in rows),
            moved=tuple(self._moved(item) for item in list_of(one.get("moved", []))),
        )

    def _moved(self, data: Any) -> Moved:  # noqa: ANN401
        one = take(data, "trip vehicle to")
        to = tuple(text_of(item) for item in list_of(one["to"]))
        return Moved(text_of(one["trip"]), text_of(one["vehicle"]), to)

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
            reason=_reason(text_of(one["reason"])),
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


def _reason(text: str) -> PlanReason:
    """A reason; that it is one of this program's is a rule for the check, and not for the reader."""
    if not text:
        return ""
    try:
        return ReasonCode(text)
    except ValueError:
        return UnknownReason(text)
