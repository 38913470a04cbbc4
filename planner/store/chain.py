"""The chain: each entry holds the hash of the one before it, and of its free text only a salted hash."""

from __future__ import annotations

import hashlib
import json
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum

__all__ = ["GENESIS", "Break", "BreakKind", "Entry", "breaks", "linked", "salted", "text_of_cells"]

GENESIS = "0" * 64
_SALT_BYTES = 32
ERASED = "erased"  # the kind of entries that say whose free text was erased


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, as the store keeps it; entries are added and never changed.

    Parameters
    ----------
    seq
        Its number in the store, from 1 without gaps.
    kind, book, id
        What it is (`report`, `approval`, …), in which mirror it stands, and its name there.
    at, by, through
        When it came into the store (ISO 8601, UTC), who told it, and through what.
    content
        What it says, as JSON text.
    private
        Free text and telephone numbers, as JSON text: outside of the chain; None: erased.
    salt, private_hash
        Hash of a long random salt and `private`; empty where there is no free text.
    before, hash
        Of the entry before it, and its own.
    """

    seq: int
    kind: str
    book: str
    id: str
    at: str
    by: str
    through: str
    content: str
    private: str | None
    salt: str | None
    private_hash: str
    before: str
    hash: str = ""

    def cells(self) -> dict[str, str]:
        """Cells by column; free text that was erased is `-`."""
        content = json.loads(self.content)
        every: dict[str, str] = content["cells"] | (json.loads(self.private) if self.private else {})
        return {name: every.get(name, "-") for name in content.get("order", every)}

    def erased(self) -> frozenset[str]:
        """Columns whose free text was erased."""
        if self.private is not None or not self.private_hash:
            return frozenset()
        content: dict[str, dict[str, str]] = json.loads(self.content)
        return frozenset(content["order"]).difference(content["cells"])


class BreakKind(StrEnum):
    """How a chain is not what it should be."""

    CHANGED = "changed"  # an entry is not what its hash says
    FREE_TEXT = "free_text"  # its free text is not what its hash says
    LOST_TEXT = "lost_text"  # its free text is gone, and nobody erased it
    LINK = "link"  # it does not follow the entry before it
    GAP = "gap"  # entries before it are missing
    HEAD = "head"  # the chain has not the head that was printed: it was cut, or made anew


@dataclass(frozen=True, slots=True)
class Break:
    """A place at which a chain is broken: an entry's number, and how."""

    seq: int
    kind: BreakKind


def text_of_cells(cells: Mapping[str, object]) -> str:
    """JSON text of something, the same for the same content in the same order."""
    return json.dumps(cells, ensure_ascii=False, separators=(",", ":"))


def salted(private: Mapping[str, str]) -> tuple[str | None, str | None, str]:
    """Free text as JSON text, a fresh salt, and the hash of both; nothing where there is no free text."""
    if not private:
        return None, None, ""
    text, salt = text_of_cells(private), secrets.token_hex(_SALT_BYTES)
    return text, salt, _private_hash(text, salt)


def _private_hash(text: str, salt: str) -> str:
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def linked(entry: Entry) -> Entry:
    """The entry with its own hash."""
    return replace(entry, hash=_hash(entry))


def _hash(one: Entry) -> str:
    parts = (one.seq, one.kind, one.book, one.id, one.at, one.by, one.through, one.content)
    text = json.dumps((*parts, one.private_hash, one.before), ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def breaks(entries: Iterable[Entry], head: str = "") -> Iterator[Break]:
    """Where a chain is broken.

    Parameters
    ----------
    entries
        All of a store, by their numbers.
    head
        A head that was printed before, or its beginning; empty: none is looked for.
    """
    before, last, seen = GENESIS, 0, not head
    silent: set[int] = set()
    for one in entries:
        if one.seq != last + 1:
            yield Break(one.seq, BreakKind.GAP)
        elif one.before != before:
            yield Break(one.seq, BreakKind.LINK)
        if _hash(one) != one.hash:
            yield Break(one.seq, BreakKind.CHANGED)
        elif one.private is not None or one.salt is not None:
            if not one.salt or _private_hash(one.private or "", one.salt) != one.private_hash:
                yield Break(one.seq, BreakKind.FREE_TEXT)
        elif one.private_hash:
            silent.add(one.seq)
        if one.kind == ERASED and one.hash == _hash(one):
            silent -= set(json.loads(one.content)["rows"])
        seen = seen or one.hash.startswith(head.casefold())
        before, last = one.hash, one.seq
    for seq in sorted(silent):
        yield Break(seq, BreakKind.LOST_TEXT)
    if not seen:
        yield Break(last, BreakKind.HEAD)
