"""Answers for machines about boxes (a list of scans, the way of a box) and about pasted messages."""

from __future__ import annotations

from planner.custody.ledger import FindingKind, Where
from planner.custody.lists import Act
from scripts.json_forms import OneOf, told
from scripts.json_parts import EVENT, FAULTS

__all__ = ["BOX", "PASTED", "PERSON", "SCANNED"]

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
DOUBT = {
    "kind": "text",
    "column": "text?",
    "text": "text",
    "candidates": [{"id": "text", "name": "text"}],
}
PASTED = {
    "messages": [
        {
            "id": "text",
            "sender": "text",
            "sent": "text?",
            "text": "text",
            "parts": [
                {
                    "part": "text",
                    "cells": told("of the report that is proposed", {"*": "text"}),
                    "understood": "text?",
                    "sure": "yes/no",
                    "doubts": [DOUBT],
                    "state": OneOf(("reported", "open", "aside")),
                    "report": "text?: its id, once it is one",
                }
            ],
            "left": told("what is not understood", [DOUBT]),
        }
    ],
    "older": "int: messages that are not shown",
    "kept": "yes/no: whether messages are kept in a store",
    "confirmed": [{"part": "text", "id": "text", "understood": "text"}],
    "events_path": "text",
}
PERSON = {
    "name": "text",
    "role": "text",
    "areas": ["text"],
    "expires": "text",
    "state": "text",
}
