"""What answers for machines are made of: forms that several commands say, or that are large."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner.base.errors import ExitCode, Severity
from planner.compare.changes import What
from planner.events.schema import COLUMNS as EVENT_COLUMNS
from planner.outputs.now_what import Act
from planner.plans.model import RegionStatus, Status, StopReason
from planner.proof.certificate import FORMAT as CERTIFICATE
from planner.proof.measures import Measure
from planner.proof.verdict import AsReported
from planner.proof.worst.case import FailureKind
from planner.replanning.projection import Stuck
from planner.replanning.state import Assume, Known
from planner.store.chain import BreakKind
from scripts.json_forms import OneOf, Shape, Told, or_null, told

__all__ = [
    "ANSWER",
    "CALLING",
    "CERTIFICATE_FORM",
    "CONTACT",
    "COUNTED",
    "DISPUTED",
    "EVENT",
    "FAILED",
    "FAULTS",
    "FIGURES",
    "FIGURES_OF_AREA",
    "KNOWLEDGE",
    "SEARCHED",
    "SHAPES",
    "SOUNDNESS",
    "STANDING",
    "STATUS",
    "STRETCH",
    "SURE",
    "TRIP",
    "UNDERSTOOD",
    "VIOLATIONS",
    "VISITS",
    "WHATS",
]

STATUS = OneOf(tuple(Status))
ANSWER = OneOf((*Status, AsReported.AS_REPORTED))
RULE = "text: a rule, see [rules](rules.md)"
STRETCH = {
    "percent": "int?: by how many percent all travel may lengthen; null: by any",
    "minutes": "int?: by how many minutes any one trip may start later; null: by any",
}
SURE = {
    "confirmed": "int: by reports of their own",
    "bulk": "int: by confirmations of many at once",
    "assumed": "int: due, no report",
    "overdue": "int: due since longer than the tolerance, no report",
    "future": "int: not due yet",
}
DISPUTED = told(
    "reports without effect",
    [
        {
            "id": "text: the report",
            "other": "text: what contradicts it",
            "code": "text: a code of faults",
            "cause": "text: why, in the language in force",
        }
    ],
)
PLACE = told("what it is about: trip, vehicle, region, …", {"*": "text"})
VIOLATION = {
    "rule": RULE,
    "place": PLACE,
    "amount": "int: by how much",
    "unit": told("of `amount`", OneOf(tuple(Measure))),
    "claimed": "text: what the plan says",
    "expected": "text: what the check finds",
}
OVERRIDE = VIOLATION | {
    "events": ["text"],
    "contradiction": "yes/no: whether reports contradict each other",
}
EVENT = dict.fromkeys(EVENT_COLUMNS, "text")
UNDERSTOOD = {"understood": "text: the report in a sentence", "events_path": "text: file of reports"}

FIGURES = {
    "regions_total": "int: regions of the plan",
    "regions_on_time": "int: of these on time",
    "gamma": "int: late legs of each vehicle that the plan withstands, 0: none",
    "cost": "int: in the smallest unit of `currency`",
    "currency": "text",
    "lower_bound": "int?: no plan is cheaper, as the search claims",
    "gap_percent": "number?: how far the bound lies below the cost",
    "as_claimed": told("keys here that the check has not recomputed", ["text"]),
    "smallest_margin_s": "int?: seconds between the tightest receipt and its deadline; below 0: late",
    "vehicles_used": "int",
    "trips": "int",
    "distance_m": "int: of all legs, empty ones too",
    "plan_path": "text: file of the plan",
    "components": told(
        "parts that share no vehicle, dock, team, stock or hub",
        [
            {
                "id": "text",
                "status": STATUS,
                "stop_reason": told("why the search ended", OneOf(tuple(StopReason))),
                "cost": "int",
                "lower_bound": "int?",
            }
        ],
    ),
    "not_on_time": told(
        "regions that are late or get nothing",
        [
            {
                "region": "text: id",
                "status": OneOf(tuple(one for one in RegionStatus if one is not RegionStatus.ON_TIME)),
                "reason": "text: key of the reason",
                "params": told("what the reason names", {"*": "text"}),
            }
        ],
    ),
    "chain?": told(
        "only where goods pass hubs",
        {"hubs_used": "int", "trunk_trips": "int: to hubs", "local_trips": "int"},
    ),
    "nights?": told(
        "nights with goods that are paid; only where nights have a price",
        {"regions": "int: nights", "hubs": "int: nights", "cost": "int"},
    ),
    "between_warehouses?": told(
        "only where goods go from one warehouse to another",
        [{"trip": "text", "from": "text", "to": "text", "item": "text", "quantity": "int"}],
    ),
}
SEARCHED = {"status": ANSWER} | FIGURES | {"wall_s": "number: seconds of the whole command"}
KNOWLEDGE = {
    "regions": told("by the least sure of the stops that bring a region something", SURE),
    "stops": told("by their end of service", SURE),
    "bulk_by": told("who confirmed in bulk", [{"by": "text", "stops": "int"}]),
    "silent": told(
        "vehicles of which nothing was heard for longer than the tolerance",
        [{"vehicle": "text", "since": "instant", "overdue": "int: stops"}],
    ),
}
LEGS = [["text or int"]]
WORST = {
    "region": "text: id",
    "received": "instant?: in the worst case",
    "margin_s": "int?",
    "exact": "yes/no: else a bound on the safe side",
    "late_legs": told("trip and leg of each", LEGS),
    "failure": or_null(
        {
            "kind": OneOf(tuple(FailureKind)),
            "place": PLACE,
            "moment": "instant?",
            "limit": "instant?",
            "late_legs": LEGS,
        }
    ),
}
CHANCE = {
    "on_time": "int: runs",
    "late": "int: runs",
    "chance": "number: share of runs",
    "low": "number: its interval",
    "high": "number",
}
HISTORY = {
    "now": "instant: the moment of the replan",
    "assume": OneOf(tuple(Assume)),
    "tolerance_s": "int",
    "events": "int: reports in the plan",
    "previous": "digest: the plan before",
    "compared": told("plans before that were there", ["digest"]),
    "missing": "digest?: the first one that was not",
    "failed": ["text: components"],
    "as_reported": "yes/no: whether the answer rests on what is only told",
    "only_told": ["text: ids of reports"],
    "overrides": told("rules that reports overrule", [OVERRIDE]),
    "disputed": [{"event": "text", "other": "text", "code": "text"}],
    "not_there": [{"event": "text", "trip": "text"}],
    "short": [{"event": "text", "warehouse": "text", "item": "text", "told": "int", "there": "int"}],
    "revised": "int: stops whose times reports changed",
    "revised_bulk": "int: of these by confirmations of many at once",
    "knowledge": or_null(KNOWLEDGE),
}
CONTACT = {"name": "text", "role": "text", "phone": "text"}
FIGURES_OF_AREA = {
    "regions": "int",
    "on_time": "int",
    "vehicles": "int",
    "cost": "int?: null where vehicles are shared with other areas",
    "smallest_margin_s": "int?",
    "stretch": or_null(STRETCH),
}
VISITS = {
    "status": Told(OneOf(tuple(RegionStatus)), nullable=True),
    "received": "instant?",
    "deadline": "instant?",
    "visits": [
        {
            "vehicle": "text",
            "trip": "text",
            "origin": "text: where it was loaded",
            "arrive": "instant",
            "end": "instant: of unloading",
            "units": told("by part of the goods", {"*": "int"}),
        }
    ],
}
TRIP = {
    "id": "text",
    "origin": "text",
    "dock": "int?",
    "load_start": "instant",
    "depart": "instant",
    "stops": [
        {
            "node": "text",
            "name": "text",
            "depart": "instant: from the place before",
            "arrive": "instant",
            "start": "instant: of service",
            "end": "instant",
            "deliveries": told("each: consignment, region, part, first unit, units", [["text or int"]]),
            "fetched": ["text: consignments"],
            "items": told("between warehouses: pieces by item", {"*": "int"}),
        }
    ],
    "back": told("departure and arrival; null: it ends where it is", or_null(["instant"])),
    "end": "instant",
    "broken": "text?: where it broke down",
}
CALLING = {
    "vehicle": "text",
    "trip": "text",
    "loads": "yes/no: else it unloads",
    "at": "instant",
    "end": "instant",
    "dock": "int?",
    "pieces": "int",
    "regions": ["text"],
}
WHATS = [OneOf(tuple(What))]

SHAPES: Mapping[str, Any] = {
    "fault": {
        "code": "text: see [errors](errors.md)",
        "severity": OneOf(tuple(Severity)),
        "table": "text: table, file, option or command",
        "row": "int?: line of the file",
        "column": "text?",
        "value": "text?: what stands there, as it was typed",
        "cause": "text: in the language in force (`--lang`)",
        "action": "text: likewise",
    },
    "violation": VIOLATION | {"text": "text: the same in a sentence"},
    "plan_file": {"path": "text", "digest": "digest", "instance_digest": "digest", "status": STATUS},
}
_EXITS = [f"{one.value} {one.name.lower().replace('_', ' ')}" for one in ExitCode]
FAULTS = [Shape("fault")]
VIOLATIONS = [Shape("violation")]
FAILED: Mapping[str, Any] = {
    "exit_code": told(
        "as the command ends: " + ", ".join(f"{one.value} {one.name.lower()}" for one in ExitCode), "int"
    ),
    "faults": FAULTS,
    "violations": told("rules that what was made breaks", VIOLATIONS),
}
SOUNDNESS = {
    "sound": "yes/no",
    "entries": "int",
    "head": "head: of the chain of entries",
    "breaks": [{"seq": "int", "kind": OneOf(tuple(BreakKind))}],
    "lost_files": ["text: digests"],
}
COUNTED = {"*": "int"}
CERTIFICATE_FORM = {
    "format": OneOf((CERTIFICATE,)),
    "digest": "digest: of the certificate",
    "instance": {"name": "text", "digest": "digest"},
    "plan": {
        "digest": "digest",
        "status": told("as the plan says", STATUS),
        "gamma": "int",
        "options": told("how it was made, as it says", {"*": "text"}),
    },
    "versions": {"planner": "text: that made the plan", "checker": "text"},
    "passed": "yes/no: whether no rule is broken",
    "status": told("what the check finds", ANSWER),
    "components": {"*": ANSWER},
    "proven_impossible": told("regions whose proof the check has verified", ["text"]),
    "bounds": told("lower bounds by component, as claimed", {"*": "int?"}),
    "as_claimed": ["text: keys here that the check does not recompute"],
    "figures": {
        "cost": "int",
        "distance_m": "int",
        "trips": "int",
        "vehicles_used": "int",
        "regions_total": "int",
        "regions_on_time": "int",
        "smallest_margin_s": "int?",
        "smallest_margin_region": "text",
    },
    "guarantee": {
        "gamma": "int",
        "vehicle_types": told("late legs of each vehicle, by type", COUNTED),
        "guaranteed": "int: regions",
        "not_guaranteed": ["text: regions"],
        "work_late_s": told("longer work in the worst case, by vehicle type", COUNTED),
    },
    "stretch": STRETCH,
    "delay_figures": told("figures of delays, by where they come from", COUNTED),
    "worst_cases": [WORST],
    "rules": [
        {
            "rule": RULE,
            "passed": "yes/no",
            "cases": "int: how many were looked at",
            "tightest": or_null({"place": PLACE, "amount": "int", "unit": OneOf(tuple(Measure))}),
        }
    ],
    "violations": [VIOLATION],
    "simulation": or_null(
        {
            "distributions": "text",
            "runs": "int",
            "seed": "int",
            "breakdowns": "yes/no",
            "plan": CHANCE,
            "late_regions": {"mean": "number", "most": "int"},
            "regions": [{"region": "text"} | CHANCE],
        }
    ),
    "replan?": told("only of a replan", HISTORY),
    "certificate_path?": "text: where it was written; only where it was",
    "certificate_differences?": told(
        "only with `--certificate`: where the other one differs",
        [{"code": "text", "place": "text?", "claimed": "text?", "own": "text?"}],
    ),
}
STANDING = {
    "plan": "text",
    "events_path": "text",
    "now": "instant",
    "assume": OneOf(tuple(Assume)),
    "tolerance_s": "int",
    "reports": "int",
    "disputed": [{"event": "text", "other": "text"}],
    "without_trip": [{"event": "text", "trip": "text"}],
    "lost_less": [{"event": "text", "warehouse": "text", "told": "int", "there": "int"}],
    "last_report": "instant?",
    "stops": SURE,
    "regions": {"on_time": "int", "late": "int", "missing": "int: will get nothing"},
    "bulk_by": told("stops by who confirmed them in bulk", COUNTED),
    "received": told("regions", SURE),
    "areas": [
        {
            "id": "text",
            "name": "text",
            "stops": SURE,
            "regions": {"on_time": "int", "late": "int", "missing": "int"},
            "last_report": "instant?",
        }
    ],
    "arrivals": [
        {
            "region": "text",
            "name": "text",
            "planned": "instant?",
            "expected": "instant?: null: never",
            "deadline": "instant",
            "on_time": "yes/no",
            "state": OneOf(tuple(Known)),
            "why": "text: why otherwise than planned",
        }
    ],
    "overdue": [
        {
            "trip": "text",
            "vehicle": "text",
            "call_sign": "text",
            "place": "text",
            "due": "instant",
            "last_report": "instant?",
            "contacts": [{"place": "text"} | CONTACT],
        }
    ],
    "vehicles": [
        {
            "vehicle": "text",
            "call_sign": "text",
            "trip": "text",
            "next": "text: place",
            "arrives": "instant?",
            "overdue": "int: stops",
            "last_report": "instant?",
            "silent_since": "instant?",
        }
    ],
    "broken": [
        {
            "vehicle": "text",
            "trip": "text",
            "at": "instant",
            "place": "text",
            "consignments": ["text"],
        }
    ],
    "stuck": told("vehicles that cannot go on, and why", {"*": OneOf(tuple(Stuck))}),
    "now_what": told(
        "whom to call and what to decide, the most pressing first",
        [
            {
                "act": OneOf(tuple(Act)),
                "weight": "int: of the regions it is about",
                "subject": "text",
                "regions": ["text"],
                "text": "text",
                "contacts": [{"place": "text"} | CONTACT],
            }
        ],
    ),
}
