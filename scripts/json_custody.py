"""Answers for machines about boxes: what a list of scans says, and the way of a box."""

from __future__ import annotations

from planner.custody.ledger import FindingKind, Where
from planner.custody.lists import Act
from scripts.json_forms import OneOf, told
from scripts.json_parts import EVENT, FAULTS

__all__ = ["BOX", "SCANNED"]

BOX = {
    "code": "text",
    "region": "text",
    "unit": "text",
    "item": "text",
    "number": "text or int",
    "seal": "text",
    "where": OneOf(tuple(Where)),
    "place": "text",
    "vehicle": "text",
    "since": "instant?",
    "scanned": [
        {
            "list": "text",
            "time": "instant",
            "act": OneOf(tuple(Act)),
            "place": "text",
            "vehicle": "text",
            "by": "text",
            "seal": "text",
            "seal_broken": "yes/no",
        }
    ],
    "planned": [
        {
            "trip": "text",
            "vehicle": "text",
            "from": "text",
            "load": "instant",
            "to": "text?",
            "due": "instant?",
        }
    ],
    "found": told("list and kind of what is wrong", [["text"]]),
}
SCANNED = {
    "lists": [
        {
            "id": "text",
            "is_new": "yes/no",
            "act": OneOf(tuple(Act)),
            "place": "text",
            "vehicle": "text",
            "time": "instant",
            "by": "text",
            "codes": "int",
            "trips": ["text"],
        }
    ],
    "found": told(
        "what is wrong",
        [{"kind": OneOf(tuple(FindingKind)), "list": "text", "boxes": ["text"], "about": "text"}],
    ),
    "faults": FAULTS,
    "reports": told("made of receipts", [EVENT]),
    "events_path": "text",
}
