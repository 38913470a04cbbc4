"""Pasted text as messages: exported chats of several senders, copied bubbles, or one message by itself."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from planner.base.clock import DAY_S, Clock

__all__ = ["Message", "split"]

_MARKS = dict.fromkeys(map(ord, "\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff"))
_SPACES = {ord(one): " " for one in "\u00a0\u202f\u2007\u2009"}
_DATE = r"(?P<a>\d{1,4})[./-](?P<b>\d{1,2})[./-](?P<c>\d{2,4})"
_TIME = r"(?P<h>\d{1,2})[.:](?P<m>\d{2})(?:[.:](?P<s>\d{2}))?(?:\s?(?P<half>[AaPp])\.?\s?[Mm]\.?)?"
_HEADS = tuple(
    re.compile(one, re.ASCII)
    for one in (
        rf"\[{_DATE},?\s+{_TIME}\]\s*(?P<rest>.*)",  # exported on iOS
        rf"\[{_TIME},\s*{_DATE}\]\s*(?P<rest>.*)",  # copied from a desktop
        rf"{_DATE},?\s+{_TIME}\s+[-–]\s+(?P<rest>.*)",  # exported on Android
    )
)
_SENDER = re.compile(r"~?\s*(?P<sender>[^:]{1,80}?):(?:\s+(?P<text>.*)|)", re.DOTALL)
_EDITED = re.compile(r"\s*<[^<>]*(?:edited|diedit)[^<>]*>\s*$", re.IGNORECASE)
_MEDIA = re.compile(
    r"<?(?:(?:image|video|audio|sticker|gif|document|media|photo|gambar|foto|stiker|dokumen|media|kontak"
    r"|contact card|video note)\b.{0,40}?(?:omitted|tidak disertakan|dihilangkan|disembunyikan)"
    r"|(?:attached|terlampir|lampiran)\s*:\s*\S+)>?"
    r"|\S+\.\w{2,4}\s+\((?:file attached|file terlampir|berkas terlampir)\)",
    re.IGNORECASE,
)
_SILENT = re.compile(
    r"(?:this message was deleted|you deleted this message|pesan ini (?:telah )?dihapus"
    r"|anda menghapus pesan ini|null|missed (?:voice|video) call.*|panggilan (?:suara|video) tak terjawab.*"
    r"|messages and calls are end-to-end encrypted.*|pesan dan panggilan (?:di|ter)?enkripsi.*"
    r"|waiting for this message.*|menunggu pesan ini.*)\.?",
    re.IGNORECASE | re.DOTALL,
)
_FORWARDED = re.compile(
    r"\s*[»>↪*_\[]*\s*(?:forwarded|diteruskan|fwd?)\b[^\n]{0,30}?[:\]*_]*(?:\n|:|$)", re.IGNORECASE
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One message.

    Parameters
    ----------
    text
        What it says, without marks of media.
    sender
        Who wrote it, as the chat calls them; empty: it is not said.
    sent_s
        When it was sent, in seconds from the plan's start; None: it is not said.
    forwarded
        Whether it passes on what somebody else wrote, at a time that is not said.
    """

    text: str
    sender: str = ""
    sent_s: int | None = None
    forwarded: bool = False


@dataclass(frozen=True, slots=True)
class _Head:
    numbers: tuple[int, int, int]
    clock_s: int
    rest: str


def split(
    text: str, clock: Clock, *, sender: str = "", sent_s: int | None = None, now_s: int
) -> list[Message]:
    """Take a pasted text apart into its messages, without lines of media and of the service itself.

    Parameters
    ----------
    text
        What was pasted.
    clock
        The plan's, in whose zone the times of a chat are taken.
    sender, sent_s
        Of a text that does not say so itself.
    now_s
        Now: no message is from later.

    Examples
    --------
    >>> from planner.base.clock import parse_instant
    >>> clock = Clock(parse_instant("2024-11-22T00:00+08:00"), "Asia/Makassar")
    >>> found = split("[24/11/24 14.20.11] Budi: sudah sampai", clock, now_s=300_000)
    >>> [(one.sender, one.text, clock.text(one.sent_s)[:16]) for one in found]
    [('Budi', 'sudah sampai', '2024-11-24T14:20')]
    """
    lines = text.translate(_MARKS).translate(_SPACES).replace("\r\n", "\n").replace("\r", "\n").split("\n")
    heads = [_head(line) for line in lines]
    if not any(heads):
        whole = _message("\n".join(lines), sender, sent_s)
        return [] if whole is None else [whole]
    days = _days([one for one in heads if one is not None], clock, now_s)
    found: list[Message | None] = []
    before = lines[: next(at for at, one in enumerate(heads) if one is not None)]
    found.append(_message("\n".join(before), sender, sent_s))
    for head, told in _grouped(lines, heads):
        match = _SENDER.fullmatch(told)
        if match is None:  # said by the service
            continue
        day = days[head.numbers]
        at_s = None if day is None else clock.at(day, head.clock_s)
        found.append(_message(match["text"] or "", match["sender"].strip(), at_s))
    return [one for one in found if one is not None]


def _grouped(lines: Sequence[str], heads: Sequence[_Head | None]) -> Iterator[tuple[_Head, str]]:
    """Each head with its text, up to the next one."""
    starts = [at for at, one in enumerate(heads) if one is not None]
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        head = heads[start]
        if head is not None:
            yield head, "\n".join([head.rest, *lines[start + 1 : end]])


def _head(line: str) -> _Head | None:
    for pattern in _HEADS:
        match = pattern.match(line.strip())
        if match is None:
            continue
        hour, minute = int(match["h"]), int(match["m"])
        if match["half"]:
            if not 1 <= hour <= 12:
                return None
            hour = hour % 12 + 12 * (match["half"] in "Pp")
        if hour > 23 or minute > 59 or int(match["s"] or 0) > 59:
            return None
        numbers = (int(match["a"]), int(match["b"]), int(match["c"]))
        return _Head(numbers, hour * 3600 + minute * 60 + int(match["s"] or 0), match["rest"])
    return None


def _days(heads: Sequence[_Head], clock: Clock, now_s: int) -> dict[tuple[int, int, int], date | None]:
    """The day of each date, in the one order of day, month and year in which all of them can be read.

    Of several the one is taken in which messages follow each other and lie in the time of the plan; a date
    that can be read in none is unknown.
    """
    best: tuple[tuple[int, int, int], dict[tuple[int, int, int], date | None]] | None = None
    for rank, order in enumerate(("dmy", "mdy", "ymd")):
        found = {one.numbers: _day(one.numbers, order) for one in heads}
        at = [(day, one.clock_s) for one in heads if (day := found[one.numbers]) is not None]
        wrong = sum(day is None for day in found.values())
        backwards = sum(one > other for one, other in zip(at, at[1:], strict=False))
        outside = sum(not -90 * DAY_S <= clock.at(day, one_s) <= now_s + 3600 for day, one_s in at)
        key = (wrong, outside + backwards, rank)
        if best is None or key < best[0]:
            best = key, found
    return {} if best is None else best[1]


def _day(numbers: tuple[int, int, int], order: str) -> date | None:
    told = dict(zip(order, numbers, strict=True))
    year = told["y"] + (2000 if told["y"] < 100 else 0)
    try:
        return date(year, told["m"], told["d"]) if 2000 <= year < 2100 else None
    except ValueError:
        return None


def _message(text: str, sender: str, sent_s: int | None) -> Message | None:
    """A message without what stands for media; None: nothing is left of it."""
    text = _EDITED.sub("", text).strip()
    if _SILENT.fullmatch(text):
        return None
    text = _MEDIA.sub("", text).strip()
    forwarded = _FORWARDED.match(text)
    if forwarded is not None:
        text = text[forwarded.end() :].strip()
    if not text:
        return None
    return Message(text=text, sender=sender, sent_s=sent_s, forwarded=forwarded is not None)
