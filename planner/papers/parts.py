"""Long messages as numbered parts that a telephone takes, never broken inside what belongs together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from planner.base.safe_text import label_text

__all__ = ["Medium", "Part", "parts_of"]

_WHATSAPP = 4096  # what its interface for programs takes; a person may type more
_SMS, _WIDE = 160, 70  # signs of a short message: of the GSM alphabet, and where any other sign is in it
# GSM 03.38: the alphabet, and what takes two places.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
_TWICE = frozenset("^{}\\[~]|€")
# Signs of our own texts that would make a whole message wide.
_PLAIN = str.maketrans(
    {"–": "-", "—": "-", "·": "-", "“": '"', "”": '"', "‘": "'", "’": "'", "…": "...", "\u00a0": " "}
)
_MOST = (1, 9, 99, 999, 9999)


class Medium(StrEnum):
    """What carries a message."""

    WHATSAPP = "whatsapp"
    SMS = "sms"


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a message.

    Parameters
    ----------
    single
        Whether the medium takes it as one message. Else one block alone is longer than that.
    """

    text: str
    single: bool = True


def parts_of(head: str, blocks: Sequence[str], medium: Medium) -> list[Part]:
    """A message as parts.

    Parameters
    ----------
    head
        Stands on top of each part, followed by its number where there are several.
    blocks
        Lines of which none is broken. One that is longer than a part may be has a part of its own.
    """
    head, *lines = [_line(text, medium) for text in (head, *blocks)]
    for most in _MOST:
        found = _packed(head, lines, most, medium)
        if len(found) <= most:
            break
    told = [_headed(head, at, len(found)) for at in range(1, len(found) + 1)]
    return [_part("\n".join((top, *mine)), medium) for top, mine in zip(told, found, strict=True)]


def _line(text: str, medium: Medium) -> str:
    shown = label_text(text)
    return shown.translate(_PLAIN) if medium is Medium.SMS else shown


def _headed(head: str, at: int, parts: int) -> str:
    return head if parts == 1 else f"{head} ({at}/{parts})"


def _packed(head: str, lines: Sequence[str], most: int, medium: Medium) -> list[list[str]]:
    """Lines of each part, where heads tell of as many parts as `most`."""
    top = _headed(head, most, most)
    found: list[list[str]] = [[]]
    for line in lines:
        if found[-1] and not _part("\n".join((top, *found[-1], line)), medium).single:
            found.append([])
        found[-1].append(line)
    return found


def _part(text: str, medium: Medium) -> Part:
    if medium is Medium.WHATSAPP:
        return Part(text, _utf16(text) <= _WHATSAPP)
    size, wide = _sms_size(text)
    return Part(text, size <= (_WIDE if wide else _SMS))


def _sms_size(text: str) -> tuple[int, bool]:
    """How long a text is as a short message, and whether it has signs beyond the GSM alphabet."""
    if all(sign in _GSM or sign in _TWICE for sign in text):
        return len(text) + sum(sign in _TWICE for sign in text), False
    return _utf16(text), True


def _utf16(text: str) -> int:
    return len(text.encode("utf-16-le", "surrogatepass")) // 2
