"""What each command says with `--json`: the form of its object, as a JSON schema and as a page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from planner.benchmark.conventions import CONVENTIONS
from planner.instance.schema import TABLES, CalibrationUse, Mode
from planner.papers.model import Kind as PaperKind
from planner.papers.parts import Medium
from planner.replanning.net import TakenKind
from scripts.json_custody import BOX, PASTED, PERSON, SCANNED
from scripts.json_forms import OneOf, Shape, Told, or_null, schema_of, table_of, told
from scripts.json_parts import (
    ANSWER,
    CALLING,
    CERTIFICATE_FORM,
    CONTACT,
    COUNTED,
    DISPUTED,
    EVENT,
    FAILED,
    FAULTS,
    FIGURES,
    FIGURES_OF_AREA,
    KNOWLEDGE,
    SEARCHED,
    SHAPES,
    SOUNDNESS,
    STANDING,
    STATUS,
    STRETCH,
    TRIP,
    UNDERSTOOD,
    VIOLATIONS,
    VISITS,
    WHATS,
)

__all__ = ["ANSWERS", "page", "schema"]

POINT = {"cost": "int", "smallest_margin_s": "int?", "deadlines_earlier_s": "int: asked of the search"}

PROBLEM = dict.fromkeys(
    ("id", "date", "area", "kind?", "text", "responsible?", "action?", "due?", "closed?"), "text"
)
PREPARATION = {"date": "day", "warehouse": "text", "item": "text"}
PREPARED = ("needed", "received", "sorted", "packed")

ANSWERS: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "init": (
        {
            "path": "text: folder or workbook",
            "regions": "int",
            "synthetic": told(
                "rows with invented figures, by table", {f"{name}?": "int" for name in sorted(TABLES)}
            ),
            "counted": ["text: regions found in `--counts`"],
            "not_counted": ["text: regions that are not in it"],
        },
    ),
    "validate": ({"valid": "yes/no: no errors", "faults": FAULTS},),
    "network model": (
        {
            "places": "int",
            "edges": told("by mode", {f"{one}?": "int" for one in Mode}),
            "length_m": told("by mode", {f"{one}?": "int" for one in Mode}),
            "regions_apart": ["text: regions that the network does not reach"],
            "path": "text: file that was written",
            "faults": told("warnings of places that stay apart", FAULTS),
        },
    ),
    "network calibrate": (
        {
            "fit_error": "number?: median error of trips that speeds were fitted to, 0.2: a fifth",
            "judge_error": "number?: median error of all other trips",
            "groups": [
                {
                    "use": OneOf(tuple(CalibrationUse)),
                    "modes": [OneOf(tuple(Mode))],
                    "trips": "int",
                    "without_way": "int",
                    "median_error": "number?",
                    "median_range_error": "number?: of what lies outside the published range",
                    "bias": "number?",
                    "share_inside": "number?: of trips inside the published range",
                }
            ],
            "trips": [
                {
                    "id": "text",
                    "use": OneOf(tuple(CalibrationUse)),
                    "published_s": "int",
                    "published_min_s": "int",
                    "published_max_s": "int",
                    "modelled_s": "int?",
                    "error": "number?",
                    "range_error": "number?",
                }
            ],
            "list_path?": "text: only with `--output`",
        },
    ),
    "solve": (
        SEARCHED
        | {
            "not_guaranteed": ["text: regions late in the worst case"],
            "promises_given_up": told(
                "where the search promised less",
                [
                    {
                        "component": "text",
                        "regions": ["text"],
                        "late_s": told("by how much they are late, by region", COUNTED),
                    }
                ],
            ),
            "stretch": STRETCH,
            "went_on_s": "number: seconds beyond the default limit",
            "ended_by_clock": "yes/no: more time may bring more",
            "steps?": told(
                "only with `--guarantee auto`",
                [
                    {
                        "gamma": "int",
                        "status": STATUS,
                        "cost": "int",
                        "vehicles_used": "int",
                        "smallest_margin_s": "int?",
                        "chance": "number: that all are on time",
                    }
                ],
            ),
            "package_path": "text?: with `--package`",
        },
        SEARCHED
        | {
            "tradeoff": told(
                "with `--tradeoff`; the figures above are those of its cheapest plan",
                {
                    "points": [
                        POINT
                        | {
                            "status": STATUS,
                            "regions_on_time": "int",
                            "vehicles_used": "int",
                            "trips": "int",
                            "plan_path": "text",
                        }
                    ],
                    "no_better": [POINT],
                    "runs": "int",
                    "runs_failed": "int",
                    "runs_not_made": "int",
                    "margin_bound_s": "int?: no plan has a larger smallest margin",
                    "regions_not_counted": ["text: late in any plan"],
                    "picture_path": "text",
                },
            )
        },
    ),
    "evaluate": ({"status": STATUS} | FIGURES | {"violations": VIOLATIONS},),
    "check": (CERTIFICATE_FORM,),
    "show": (
        {
            "shown": [
                {
                    "id": "text: as it was asked for",
                    "heading": "text",
                    "columns": ["text"],
                    "rows": [["text"]],
                    "notes": ["text"],
                }
            ]
        },
        {"boxes": told("with `--box`", [BOX])},
    ),
    "approve": (
        {
            "approved": "yes/no",
            "plan": "text",
            "digest": "digest",
            "status": ANSWER,
            "by": "text",
            "at": "instant",
            "note": "text",
            "events_path": "text: where reports are told",
            "again": "yes/no: it was in force before",
            "replaces": or_null({"plan": "text", "digest": "digest", "by": "text", "at": "instant"}),
            "lost": told("what the plan before knew and this one does not", FAULTS),
            "head": "head?: of the store, where there is one",
            "violations": VIOLATIONS,
        },
        {
            "approved": told("false: the check rejects it", "yes/no"),
            "plan": "text",
            "violations": VIOLATIONS,
        },
    ),
    "event add": (EVENT | UNDERSTOOD | {"disputed": DISPUTED},),
    "event paste": (PASTED,),
    "event inbox": (PASTED,),
    "event list": (
        {
            "events": [EVENT | UNDERSTOOD],
            "taken_back": "int: not listed, without `--all`",
            "events_path": "text",
        },
    ),
    "event check": (
        {"valid": "yes/no", "faults": FAULTS, "events?": "int: only where valid", "disputed?": DISPUTED},
    ),
    "event confirm": (
        {
            "bulk": "text: id that all of them bear; empty: nothing was due",
            "confirmed": [EVENT],
            "events_path": "text",
        },
    ),
    "event undo": ({"id": "text: the new report", "taken_back": ["text: ids"]},),
    "event verify": (SOUNDNESS,),
    "store init": (
        {
            "where": "text: file or server",
            "approvals": "int: taken over",
            "reports": "int: taken over",
            "waiting": ["text: files with rows that cannot be read yet"],
        },
    ),
    "store backup": ({"path": "text"},),
    "store restore": ({"path": "text", "entries": "int", "lost": "int: entries not in the copy"},),
    "store people": (
        {"people": [{"name": "text", "since": "text", "until": "text: empty: still"}]},
        {"name": "text", "token": "text: said once"},
        {"name": "text", "revoked": "yes/no"},
    ),
    "store verify": (SOUNDNESS,),
    "store export": ({"path": "text", "files": "int"},),
    "store erase": ({"erased": "int: entries", "not_erased": ["text: files that are no mirrors"]},),
    "desk": ({"address": "text: of the page; said as soon as it can be opened"},),
    "problem add": ({"path": "text", "row": PROBLEM},),
    "problem close": ({"path": "text", "row": PROBLEM},),
    "problem list": ({"problems": [{name.removesuffix("?"): "text" for name in PROBLEM}]},),
    "preparation add": ({"path": "text", "row": PREPARATION | dict.fromkeys(PREPARED, "text")},),
    "preparation list": ({"preparation": [PREPARATION | dict.fromkeys(PREPARED, "int")]},),
    "bulletin": (
        {
            "files": told("by form", {"*": "text"}),
            "bulletin": told("see [bulletin](bulletin.md); its keys are not listed here", {"*": "any"}),
        },
    ),
    "people add": (PERSON | {"link": "text: said once"},),
    "people list": ({"people": [PERSON]},),
    "people revoke": (PERSON,),
    "scan": (SCANNED,),
    "status": (STANDING,),
    "replan": (
        SEARCHED
        | {
            "as_reported": "yes/no: good only if what is told is true",
            "plan_missing?": "digest?: only where `as_reported`",
            "events_only_told?": ["text"],
            "knowledge?": KNOWLEDGE,
            "not_guaranteed": ["text: regions"],
            "regions_hit": ["text: late or missing if nothing were planned anew"],
            "regions_changed": ["text"],
            "vehicles_called": ["text: whose drivers must be told"],
            "call_signs": told("of these vehicles", {"*": "text"}),
            "hubs_called": ["text"],
            "components_untouched": ["text"],
            "components_taken": told(
                "by component",
                {
                    "*": {
                        "taken": OneOf(tuple(TakenKind)),
                        "rejected": "int: better ones that the check rejects",
                        "rules": ["text: that they break"],
                        "failed": "text: a fault of the search",
                    }
                },
            ),
            "notice_min?": "int: notice before what is ordered anew",
            "worked_s": "number: seconds of work",
            "components_searched_longer": ["text"],
            "changes_over_max?": "int: only with `--max-changes`",
            "events_of_tables?": told("only with `--instance` of edited tables", [{"*": "text"}]),
            "stability?": told(
                "only with `--stability`",
                [
                    {
                        "allowed": "int?: regions that may change; null: any number",
                        "changed": "int",
                        "status": ANSWER,
                        "regions_on_time": "int",
                        "cost": "int",
                        "smallest_margin_s": "int?",
                    }
                ],
            ),
        },
    ),
    "diff": (
        {
            "a": Shape("plan_file"),
            "b": Shape("plan_file"),
            "same_instance": "yes/no",
            "from": "instant?: what lies before is over",
            "tolerance_s": "int",
            "regions_changed": ["text: ids, those that count"],
            "areas": told(
                "`id` is empty for all together",
                [{"id": "text", "name": "text", "before": FIGURES_OF_AREA, "after": FIGURES_OF_AREA}],
            ),
            "regions": [
                {
                    "id": "text",
                    "name": "text",
                    "what": WHATS,
                    "counts": "yes/no",
                    "past": "yes/no",
                    "before": or_null(VISITS),
                    "after": or_null(VISITS),
                }
            ],
            "vehicles": [
                {
                    "id": "text",
                    "type": "text",
                    "name": "text",
                    "call_sign": "text",
                    "what": WHATS,
                    "counts": "yes/no",
                    "before": [TRIP],
                    "after": [TRIP],
                }
            ],
            "places": told(
                "warehouses and hubs",
                [
                    {
                        "id": "text",
                        "name": "text",
                        "what": WHATS,
                        "counts": "yes/no",
                        "changes": [{"before": or_null(CALLING), "after": or_null(CALLING)}],
                    }
                ],
            ),
            "messages": [
                {
                    "recipient": OneOf(("driver", "hub", "region", "warehouse")),
                    "id": "text",
                    "name": "text",
                    "time": "instant?",
                    "what": WHATS,
                    "counts": "yes/no",
                    "text": "text",
                    "contacts": [CONTACT],
                }
            ],
            "list_path?": "text: only with `--output`",
        },
    ),
    "batch run": (
        {"done": "int: runs", "failed": "int", "open": "int", "files": ["text"]},
        {
            "scenarios": told(
                "only with `--dry-run`",
                [{"name": "text", "key": "text", "area": "text", "changes": ["text"]}],
            )
        },
    ),
    "batch report": ({"path": "text?", "markdown": "text?: with `--markdown`"},),
    "export": (
        {
            "format": OneOf(("csv", "xlsx", "svg", "png", "geojson", "gpx")),
            "files": ["text: what was written"],
        },
    ),
    "report": ({"path": "text", "passed": "yes/no: the check", "simulated": "yes/no"},),
    "papers": (
        {
            "plan": "text: the first digits of its digest",
            "files": [{"path": "text", "papers": "int", "pages": "int"}],
            "void": told(
                "papers of the old plan to be taken back",
                [{"kind": OneOf(tuple(PaperKind)), "key": ["text"]}],
            ),
        },
    ),
    "messages": (
        {
            "messages": [
                {
                    "vehicle": "text",
                    "call_sign": "text",
                    "day": "day?: null after a replan",
                    "driver": "text",
                    "phone": "text",
                    "language": "text",
                    "parts": ["text: one message each"],
                    "longer": ["int: numbers of parts that are too long for one message"],
                }
            ],
            "slight": "int: vehicles of which only moments change slightly",
            "medium": OneOf(tuple(Medium)),
        },
    ),
    "bench": (
        {
            "rows": [
                {
                    "class": "text?",
                    "instance": "text",
                    "n": "int?",
                    "seed": "int",
                    "seconds": "number: limit",
                    "cost": "number?",
                    "bks": "number?: best known cost",
                    "gap_percent": "number?",
                    "feasible": "yes/no",
                    "refused": "yes/no",
                    "wall_s": "number?",
                    "peak_rss_mb": "number?",
                    "read_s": "number?",
                    "search_s": "number?",
                    "iterations": "int?",
                    "engine": "text",
                    "workers": "int",
                    "version": "text",
                    "convention": Told(
                        OneOf(tuple(dict.fromkeys(one.name for one in CONVENTIONS.values()))), nullable=True
                    ),
                    "note": "text",
                    "history?": told("only with `--history`: seconds, cost", [["number"]]),
                }
            ]
        },
    ),
}


def schema() -> dict[str, Any]:
    """The JSON schema of all: a definition for each command, one for what any of them says when it fails."""
    definitions = {name: schema_of(form) for name, form in SHAPES.items()} | {"failed": schema_of(FAILED)}
    for name, forms in ANSWERS.items():
        either = [schema_of(one) for one in forms] + [{"$ref": "#/definitions/failed"}]
        definitions[f"plan {name}"] = {"anyOf": either}
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "What plan says with --json",
        "anyOf": [{"$ref": f"#/definitions/plan {name}".replace(" ", "%20")} for name in ANSWERS],
        "definitions": definitions,
    }


def page() -> str:
    """The page, but for the note that it is made."""
    parts = [_HEAD, "## Where a command has no answer\n", table_of(FAILED)]
    parts += [f"### {name}\n\n{table_of(form)}" for name, form in SHAPES.items()]
    for name, forms in ANSWERS.items():
        parts.append(f"## plan {name}\n")
        parts.append("\nor\n\n".join(map(table_of, forms)))
    return "\n".join(parts)


_HEAD = """\
# Answers for machines

Every command has `--json`: it then says exactly one object of JSON on stdout, on one line, whether it can do
what it is asked or not, and ends with the same exit code. Messages on the way still go to stderr. This page
lists the keys of each command; [json.schema.json](json.schema.json) has the same as a JSON schema
(draft 7, a definition `plan VERB` for each), against which answers of every command are tested.

- Keys are always there unless it says "may be absent"; others do not occur. Unknown is `null`.
- Instants are ISO 8601 with offset, durations are seconds (`…_s`), lengths metres (`…_m`), money whole
  numbers in the smallest unit of the instance's `currency`, shares from 0 to 1.
- Keys, ids, codes and the words of enumerations are the same in every language; `cause`, `action`, `text`
  and what `plan show` prints follow `--lang`.
- A key of a list's objects is written `list[].key`; `….key` is a key of each object by name.
"""
