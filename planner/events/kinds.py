"""Which columns each kind of report needs and may have, and what it may be about."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from planner.base.text import language
from planner.events.schema import EventKind

__all__ = [
    "HAPPENINGS",
    "KEYWORDS",
    "KINDS",
    "MEANING_KINDS",
    "ON_THE_WAY",
    "PLACES",
    "KindRule",
    "ValueKind",
    "kind_of",
    "kind_word",
    "kind_words",
]

PLACES = ("region", "hub", "warehouse", "node")
_DRIVING = ("vehicle", "trip")
_STORES = ("warehouse", "hub")


class ValueKind:
    """How a kind's value is read."""

    NONE = "none"
    DURATION = "duration"  # `2h`; seconds inside
    PERCENT = "percent"  # `60` or `60%`
    NUMBER = "number"  # a whole number, at least 1
    LEVEL = "level"  # a whole number, at least 0
    CHANGE = "change"  # a whole number with its sign
    COUNTS = "counts"  # `NAME=NUMBER …`, or a number of the item or of units
    HOURS = "hours"  # `closed`, or `06:00-18:00`, several joined by `+`
    OPEN = "open"  # `open` or `closed`
    CONTACT = "contact"  # a name and a telephone number
    MARGIN = "margin"  # a percentage, a duration, or both joined by `+`
    TEXT = "text"  # as the rule of a decision wants


@dataclass(frozen=True, slots=True)
class KindRule:
    """What a kind of report needs.

    Parameters
    ----------
    subjects
        What it may be about.
    value
        How its value is read.
    needs, may
        Columns beside `id`, `time`, `kind`, `subject` and `note`; other columns must be empty.
    places
        What `place` may name.
    days
        Columns in which a day alone is enough: `from` its beginning, `until` its end.
    """

    subjects: tuple[str, ...]
    value: str = ValueKind.NONE
    needs: tuple[str, ...] = ()
    may: tuple[str, ...] = ()
    places: tuple[str, ...] = PLACES
    days: tuple[str, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        """Columns that it may have."""
        return (*self.needs, *self.may)


_WHOLE_DAYS = ("from", "until")
_STOPPED = KindRule(("region", "hub", *_DRIVING), may=("from", "place"), places=("region", "hub"))
_SPOILT = KindRule(("region",), ValueKind.COUNTS, ("value",), ("item", "type"))

KINDS: Mapping[EventKind, KindRule] = {
    EventKind.LOADED: KindRule(_DRIVING, may=("from",)),
    EventKind.DEPARTED: KindRule(_DRIVING, may=("from", "place")),
    EventKind.ARRIVED: KindRule((*_DRIVING, "region"), may=("from", "place")),
    EventKind.DELIVERED: KindRule((*_DRIVING, "region"), may=("from", "place")),
    EventKind.DAMAGED: _SPOILT,
    EventKind.MISSING: _SPOILT,
    EventKind.RECALL: _SPOILT,
    EventKind.MISDELIVERED: KindRule(("region",), ValueKind.COUNTS, ("value",), ("item", "type", "place")),
    EventKind.FOUND: _SPOILT,
    EventKind.FEWER: KindRule(("region",), ValueKind.NUMBER, ("value",)),
    EventKind.FETCHED: KindRule(_DRIVING, may=("from", "place")),
    EventKind.SKIPPED: _STOPPED,
    EventKind.REFUSED: _STOPPED,
    EventKind.PARTLY: KindRule(
        ("region", *_DRIVING), ValueKind.NUMBER, ("value",), ("from", "place"), ("region",)
    ),
    EventKind.RETURNED: _STOPPED,
    EventKind.TAKEN_OVER: KindRule(_DRIVING, needs=("place",), may=("from",), places=("region", "hub")),
    EventKind.DELAY: KindRule(_DRIVING, ValueKind.DURATION, may=("value", "from", "until", "place")),
    EventKind.BREAKDOWN: KindRule(("vehicle",), may=("from", "until", "place"), days=("until",)),
    EventKind.REPAIRED: KindRule(("vehicle",), may=("from",), days=_WHOLE_DAYS),
    EventKind.CLOSURE: KindRule(("edge",), may=("from", "until"), days=_WHOLE_DAYS),
    EventKind.OPENED: KindRule(("edge",), may=("from",), days=_WHOLE_DAYS),
    EventKind.SPEED: KindRule(
        ("mode", "type", "edge"), ValueKind.PERCENT, ("value",), ("from", "until"), days=_WHOLE_DAYS
    ),
    EventKind.DEMAND: KindRule(("region",), ValueKind.COUNTS, ("value",), ("item",)),
    EventKind.STOCK: KindRule(
        ("warehouse",), ValueKind.CHANGE, ("item",), ("value", "from"), days=_WHOLE_DAYS
    ),
    EventKind.VEHICLE_ADDED: KindRule(
        ("type", *_STORES), ValueKind.NUMBER, may=("value", "type", "from", "until"), days=_WHOLE_DAYS
    ),
    EventKind.VEHICLE_LOST: KindRule(
        ("vehicle", "type"), ValueKind.NUMBER, may=("value", "from", "until"), days=_WHOLE_DAYS
    ),
    EventKind.ESCORT: KindRule(_STORES, ValueKind.CHANGE, may=("value", "from", "until")),
    EventKind.DOCK: KindRule(_STORES, ValueKind.LEVEL, ("value",), ("from", "until"), days=_WHOLE_DAYS),
    EventKind.WAREHOUSE: KindRule(_STORES, ValueKind.OPEN, may=("value", "from", "until"), days=_WHOLE_DAYS),
    EventKind.CALENDAR: KindRule(
        ("calendar", *_STORES, "region", "type"),
        ValueKind.HOURS,
        ("value",),
        ("from", "until"),
        days=_WHOLE_DAYS,
    ),
    EventKind.DEADLINE: KindRule(("region", "hub", "area"), needs=("until",)),
    EventKind.CONTACT: KindRule(("region", *_STORES, "vehicle"), ValueKind.CONTACT, ("value",)),
    EventKind.LONGEST_DELAY: KindRule(("mode", "type", "edge"), ValueKind.MARGIN, ("value",)),
    EventKind.DECISION: KindRule(
        ("region", "area", "hub", "vehicle", "type", "event"), ValueKind.TEXT, ("type",), ("value",)
    ),
    EventKind.VOID: KindRule(("event",)),
}

# What has happened on the way of a vehicle: `from` is when, and not after the report.
HAPPENINGS = (
    EventKind.LOADED,
    EventKind.DEPARTED,
    EventKind.ARRIVED,
    EventKind.DELIVERED,
    EventKind.FETCHED,
    EventKind.SKIPPED,
    EventKind.REFUSED,
    EventKind.PARTLY,
    EventKind.RETURNED,
    EventKind.TAKEN_OVER,
)

# What is about a trip of a vehicle, and keeps which one and which stop of it was meant.
ON_THE_WAY = (
    *(kind for kind in HAPPENINGS if kind is not EventKind.TAKEN_OVER),
    EventKind.DELAY,
    EventKind.BREAKDOWN,
)
# What keeps which trip, and which stop of it, was meant; who took over: by which trip, and from which stop.
MEANING_KINDS = (*ON_THE_WAY, EventKind.TAKEN_OVER)

# What kinds are called besides, in Indonesian and English; the first Indonesian word stands in the docs.
_CALLED: Mapping[EventKind, str] = {
    EventKind.LOADED: "dimuat selesai_dimuat",
    EventKind.DEPARTED: "berangkat",
    EventKind.ARRIVED: "sampai tiba",
    EventKind.DELIVERED: "diterima diserahkan terkirim",
    EventKind.DAMAGED: "rusak",
    EventKind.MISSING: "hilang kurang",
    EventKind.RECALL: "ditarik",
    EventKind.FETCHED: "diambil",
    EventKind.SKIPPED: "dilewati terlewat",
    EventKind.REFUSED: "ditolak",
    EventKind.PARTLY: "sebagian diterima_sebagian",
    EventKind.RETURNED: "kembali dibawa_kembali",
    EventKind.TAKEN_OVER: "diambil_alih pindah_kendaraan",
    EventKind.MISDELIVERED: "salah_serah salah_alamat",
    EventKind.FOUND: "ditemukan ketemu",
    EventKind.FEWER: "berkurang dikurangi",
    EventKind.DELAY: "terlambat tertunda",
    EventKind.BREAKDOWN: "mogok",
    EventKind.REPAIRED: "diperbaiki",
    EventKind.CLOSURE: "ditutup jalan_ditutup",
    EventKind.OPENED: "dibuka jalan_dibuka",
    EventKind.SPEED: "kecepatan",
    EventKind.DEMAND: "bertambah kebutuhan",
    EventKind.STOCK: "stok persediaan",
    EventKind.VEHICLE_ADDED: "kendaraan_tambahan tambah_kendaraan",
    EventKind.VEHICLE_LOST: "kendaraan_berkurang kendaraan_hilang",
    EventKind.ESCORT: "pengawalan",
    EventKind.DOCK: "tempat_muat",
    EventKind.WAREHOUSE: "gudang",
    EventKind.CALENDAR: "jam_buka jam_kerja kalender hours",
    EventKind.DEADLINE: "tenggat batas_waktu",
    EventKind.CONTACT: "kontak",
    EventKind.DECISION: "keputusan",
    EventKind.LONGEST_DELAY: "keterlambatan_terbesar",
    EventKind.VOID: "batal dibatalkan",
}
KEYWORDS: Mapping[str, EventKind] = {
    **{word: kind for kind, words in _CALLED.items() for word in words.split()},
    **{kind.value: kind for kind in EventKind},
}


def kind_of(text: str) -> EventKind | None:
    """The kind that a word names, in any case, with spaces, hyphens or underscores; None: it names none.

    Examples
    --------
    >>> kind_of("Vehicle lost"), kind_of("diambil-alih")
    (<EventKind.VEHICLE_LOST: 'vehicle_lost'>, <EventKind.TAKEN_OVER: 'taken_over'>)
    """
    return KEYWORDS.get("_".join(text.casefold().replace("-", " ").replace("_", " ").split()))


def kind_word(kind: EventKind) -> str:
    """The word of a kind in the language in force; `kind_of` reads it, whatever the language.

    Examples
    --------
    >>> kind_word(EventKind.TAKEN_OVER)
    'taken_over'
    """
    return kind.value if language() == "en" else _CALLED[kind].split()[0]


def kind_words(kinds: Iterable[EventKind]) -> str:
    """Words of several kinds in one line; those of reports that are always refused are left out."""
    return ", ".join(kind_word(kind) for kind in kinds if kind is not EventKind.ESCORT)
