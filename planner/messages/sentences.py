"""Sentences of a message: their words, what each of them names or may mean, and where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field

from planner.messages.known import Hit, Known
from planner.messages.lexicon import lexicon, spelled, word_spans

__all__ = ["Cue", "Sentence", "sentences"]

_ENDS = re.compile(
    r"\n+|(?<=[.!?;])\s+|(?<=[!?;])(?=[^\s!?;])|[•●▪]\s*|(?:^|(?<=\n))\s*(?:[-*]|\d{1,2}[.)])\s+(?=\D)"
)
_LAST_WORD = re.compile(r"([^\W\d_]+)\.\s*$")
_CHUNK = re.compile(r"[^\s,;()\[\]{}<>\"“”*]+")
_DOUBLED = re.compile(r"([^\W\d_]{3,})2")
_MASK = "\u00a4"
_ENDINGS = ("nya", "lah", "kah")


@dataclass(frozen=True, slots=True)
class Cue:
    """Words that may mean something: numbers of the words, the last excluded, and what they may mean."""

    first: int
    last: int
    means: frozenset[str]


@dataclass(slots=True)
class Sentence:
    """One sentence, or one line of a list.

    Attributes
    ----------
    text
        As it was written.
    raw, words
        Its words as written (in the form in which they are compared), and in full instead of abbreviated.
    places
        Where each word stands in `plain`.
    hits, cues
        What names things, and what means something; no word is in two of them.
    plain
        The text with words in full, and with names replaced by signs that are no words.
    """

    text: str
    raw: list[str] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    spans: list[tuple[int, int]] = field(default_factory=list)
    places: list[tuple[int, int]] = field(default_factory=list)
    hits: list[Hit] = field(default_factory=list)
    cues: list[Cue] = field(default_factory=list)
    plain: str = ""

    @property
    def asks(self) -> bool:
        """Whether it ends as a question."""
        return "?" in self.text

    def word_at(self, position: int) -> int:
        """Number of the first word that ends after a position of `plain`."""
        return next((at for at, (_, end) in enumerate(self.places) if end > position), len(self.words))

    def between(self, first: int, last: int) -> str:
        """What stands between two words, the second of which is excluded, without the words."""
        if first >= last or last >= len(self.spans):
            return ""
        return "".join(
            self.text[self.spans[at][1] : self.spans[at + 1][0]]
            for at in range(first, last)
            if at + 1 < len(self.spans)
        )

    def covered(self) -> set[int]:
        """Numbers of words that name or mean something."""
        spans = [(one.first, one.last) for one in self.hits]
        spans += [(one.first, one.last) for one in self.cues]
        return {at for first, last in spans for at in range(first, last)}


def sentences(text: str, known: Known) -> list[Sentence]:
    """The sentences of a text.

    Parameters
    ----------
    text
        What a message says.
    known
        Names that there are.
    """
    return [_read(part, known) for part in _parts(text) if any(one.isalnum() for one in part)]


def _parts(text: str) -> Iterator[str]:
    """Pieces of a text that end as sentences do, or as lines; an abbreviation's full stop ends none."""
    held = ""
    dotted = {phrase[0] for phrase, means in lexicon().cues.items() if "small.dotted" in means}
    last = 0
    for match in _ENDS.finditer(text):
        held += text[last : match.start()]
        word = _LAST_WORD.search(held)
        last = match.end()
        if word is not None and "\n" not in match[0] and spelled(word[1]) in dotted:
            held += " "
            continue
        yield held.strip()
        held = ""
    yield (held + text[last:]).strip()


def _read(text: str, known: Known) -> Sentence:
    found = Sentence(text)
    for first, last in word_spans(text):
        raw = spelled(text[first:last])
        for word in _full(raw):
            found.raw.append(raw)
            found.words.append(word)
            found.spans.append((first, last))
    taken = _by_id(found, known)
    _by_name(found, known, taken)
    _by_part(found, known, taken)
    _write_plain(found)
    return found


def _full(raw: str) -> tuple[str, ...]:
    """A word in full: not abbreviated, not doubled by a digit, without an ending that changes no meaning."""
    lex = lexicon()
    if raw in lex.abbreviations:
        return lex.abbreviations[raw]
    doubled = _DOUBLED.fullmatch(raw)
    if doubled is not None and doubled[1] in lex.own:
        return (doubled[1], doubled[1])
    for ending in _ENDINGS:
        base = raw.removesuffix(ending)
        if base != raw and raw not in lex.own and base in lex.own:
            return (base,)
    return (raw,)


def _by_id(found: Sentence, known: Known) -> set[int]:
    """Ids, with their digits and signs, wherever they stand between spaces or brackets."""
    taken: set[int] = set()
    for match in _CHUNK.finditer(found.text):
        chunk = match[0].rstrip(".:!?")
        if chunk.isalpha() or not any(one in chunk for one in "-./:"):
            continue
        things = known.ids.get(spelled(chunk))
        if not things:
            continue
        inside = [
            at
            for at, (first, last) in enumerate(found.spans)
            if match.start() <= first and last <= match.start() + len(chunk)
        ]
        if inside:
            found.hits.append(Hit(inside[0], inside[-1] + 1, tuple(dict.fromkeys(things))))
            taken |= set(inside)
    return taken


def _by_name(found: Sentence, known: Known, taken: set[int]) -> None:
    """Whole names and phrases, the longest first from the left; of the same length the name."""
    lex, at, size = lexicon(), 0, len(found.words)
    while at < size:
        if at in taken:
            at += 1
            continue
        for end in range(min(size, at + max(known.longest, lex.longest)), at, -1):
            if taken & set(range(at, end)):
                continue
            things = known.at_word(found.raw, at, end)
            means = lex.cues.get(tuple(found.words[at:end]))
            if things and not _is_broken(found, at, end):
                found.hits.append(Hit(at, end, things))
            elif means is not None:
                found.cues.append(Cue(at, end, means))
            else:
                continue
            taken |= set(range(at, end))
            at = end - 1
            break
        at += 1
    found.hits.sort(key=lambda one: one.first)


def _is_broken(found: Sentence, first: int, last: int) -> bool:
    """Whether a name would go over the end of a part of the sentence."""
    return any(one in found.between(first, last - 1) for one in ",;:()\n")


def _by_part(found: Sentence, known: Known, taken: set[int]) -> None:
    """Parts of names, and what is like a name, among the words that are left."""
    at, size, lex = 0, len(found.words), lexicon()
    while at < size:
        end = at
        while end < size and end not in taken and end - at < known.longest:
            end += 1
        hit = _part(found, known, at, end) or _like(found, known, at, end, lex.own)
        if hit is None:
            at += 1
            continue
        found.hits.append(hit)
        taken |= set(range(hit.first, hit.last))
        at = hit.last
    found.hits.sort(key=lambda one: one.first)


def _part(found: Sentence, known: Known, at: int, end: int) -> Hit | None:
    for last in range(end, at, -1):
        things = known.by_part(found.raw, at, last)
        if (
            things
            and not _is_broken(found, at, last)
            and (last - at > 1 or _is_said_as_name(found, at) or all(kind == "type" for kind, _ in things))
        ):
            return Hit(at, last, things, sure=len(things) == 1)
    return None


def _is_said_as_name(found: Sentence, at: int) -> bool:
    """Whether a word is written as a name, or follows a word that a name follows."""
    named = ("small.at", "small.to", "small.from", "small.for", "small.place", "small.edge")
    before = next((one for one in found.cues if one.last == at), None)
    if before is not None and before.means.intersection(named):
        return True
    return at > 0 and found.text[found.spans[at][0]].isupper() and not found.text.isupper()


def _like(found: Sentence, known: Known, at: int, end: int, own: frozenset[str]) -> Hit | None:
    for last in range(min(end, at + 4), at, -1):
        told = found.raw[at:last]
        if _is_broken(found, at, last) or own.intersection(told) or all(one.isdecimal() for one in told):
            continue
        things, clear = known.nearly(" ".join(told))
        if things:
            return Hit(at, last, things if clear else (), sure=clear, near=() if clear else things)
    return None


def _write_plain(found: Sentence) -> None:
    """The text with all words in full and names as signs."""
    named = {at for one in found.hits for at in range(one.first, one.last)}
    end, pieces, length = 0, [], 0
    for at, (first, last) in enumerate(found.spans):
        again = at > 0 and found.spans[at - 1] == (first, last)
        gap = " " if again else found.text[end:first].casefold()
        word = _MASK * len(found.words[at]) if at in named else found.words[at]
        pieces += [gap, word]
        length += len(gap)
        found.places.append((length, length + len(word)))
        length += len(word)
        end = last
    found.plain = "".join([*pieces, found.text[end:].casefold()])
