"""A paper as data: what stands on it, apart from how it is drawn."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any

__all__ = ["Groups", "Kind", "Paper"]


class Kind(StrEnum):
    """What a paper is; its value names files and keys of documents.toml."""

    RUN_SHEET = "run_sheet"
    LOADING_LIST = "loading_list"
    DELIVERY_NOTE = "delivery_note"
    HANDOVER = "handover"
    RECEIVING_LIST = "receiving_list"
    LABELS = "labels"


@dataclass(frozen=True, slots=True)
class Groups:
    """Under which name a paper is filed: by area, by the hub or warehouse that uses it, by vehicle.

    Parameters
    ----------
    vehicle
        Empty: the paper belongs to a place.
    """

    area: str
    hub: str
    vehicle: str = ""


@dataclass(frozen=True, slots=True)
class Paper:
    """One paper of one language.

    Parameters
    ----------
    kind, key
        What it is, and whose: the same in another plan where it is the same paper.
    language
        Of all its words.
    day
        Local day on which it is used; None: any.
    until_s
        When all that it tells is over.
    groups
        How it is filed.
    body
        What its template arranges: texts, numbers and lists of these.
    qr
        Plain text of its QR code; empty: it has none of its own.
    """

    kind: Kind
    key: tuple[str, ...]
    language: str
    day: date | None
    until_s: int
    groups: Groups
    body: Mapping[str, Any]
    qr: str = ""
