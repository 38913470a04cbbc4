"""Spoils the bytes of a good file: as a slip of the pen does, as a broken disk does, and as malice does."""

from __future__ import annotations

import json
from random import Random
from typing import Any

NASTY = (
    "", "0", "-1", "1e999", "NaN", "9" * 13, "9" * 5000, "1,5", "x" * 2000, '"', "a\nb", "\v",
    "\x1b[31m", "\x9b2J",
    "\u202e", "\ufeff", "=HYPERLINK(\"x\")", "+1+1", "@SUM(1)", "<script>", "`x`", "$(touch pwned)",
    "{value}", "{0}",
    "%s", "A+B", "+", "../../x", "/dev/zero", "Asia/Nowhere", "2024-11-24T00:00+09:00",
    "9999-12-31T23:59:59+00:00",
    "24:00", "2024-02-30", "yes", "١٢٣", "é", "E0001", "A", "W", "a=" * 300, "-" * 500 + "1", ";", "\t",
)  # fmt: skip
WHOLE = (
    b"", b"\0", b"\n", b",,,\n", b"\xff\xfea\0", b"[" * 100_000, b"{" * 5000, b'{"a":' * 5000,
    b"a." * 1500 + b"a = 1\n",
    b"x = 0x" + b"f" * 20_000 + b"\n", b"PK\x03\x04", b" " * 100_000, b"a" * 100_000, b"null",
    b"1" * 5000, b'"x"',
    b"id,id,id\n1,2,3\n", b"\xef\xbb\xbf\xef\xbb\xbf", b"sep=;\n", b'"' * 1001,
)  # fmt: skip


def mutated(content: bytes, random: Random) -> bytes:
    """Another content than this one, in most cases."""
    made = random.choice((_bytes, _bytes, _cut, _lines, _cell, _cell, _cell, _json, _whole))(content, random)
    return made if made != content else _bytes(content, random)


def _bytes(content: bytes, random: Random) -> bytes:
    found = bytearray(content or b"x")
    for _ in range(random.choice((1, 1, 2, 8))):
        found[random.randrange(len(found))] = random.randrange(256)
    return bytes(found)


def _cut(content: bytes, random: Random) -> bytes:
    at = random.randrange(len(content) + 1)
    return content[:at] if random.random() < 0.7 else content[at:]


def _lines(content: bytes, random: Random) -> bytes:
    rows = content.split(b"\n")
    at, other = random.randrange(len(rows)), random.randrange(len(rows))
    act = random.randrange(4)
    if act == 0:
        del rows[at]
    elif act == 1:
        rows.insert(other, rows[at])
    elif act == 2:
        rows[at], rows[other] = rows[other], rows[at]
    else:
        rows[at] = rows[at].replace(b",", b";") if random.random() < 0.5 else rows[at] + b",1"
    return b"\n".join(rows)


def _cell(content: bytes, random: Random) -> bytes:
    """One cell, or one value behind a sign that ends words, becomes something nasty."""
    ends = [at for at, sign in enumerate(content) if sign in b',\n"=:[] {}']
    if len(ends) < 2:
        return content
    first = random.randrange(len(ends) - 1)
    nasty = random.choice(NASTY)
    if random.random() < 0.5:
        nasty = '"' + nasty.replace('"', '""') + '"'
    return content[: ends[first] + 1] + nasty.encode("utf-8", "replace") + content[ends[first + 1] :]


def _json(content: bytes, random: Random) -> bytes:
    """One value of a document of JSON becomes another one; of other files a cell does."""
    try:
        document = json.loads(content)
    except ValueError:
        return _cell(content, random)
    places: list[tuple[Any, Any]] = []

    def walk(node: Any) -> None:
        for key in node if isinstance(node, dict) else range(len(node)):
            places.append((node, key))
            if isinstance(node[key], dict | list):
                walk(node[key])

    if not isinstance(document, dict | list):
        return content
    walk(document)
    if not places:
        return content
    node, key = random.choice(places)
    if isinstance(node, dict) and random.random() < 0.3:
        del node[key]
        return json.dumps(document).encode()
    others = (None, True, 0, -1, 10**400, 1.5, 1e308, [], {}, [[]], "", {"a": 1}, *NASTY)
    node[key] = random.choice(others)
    return json.dumps(document).encode()


def _whole(_content: bytes, random: Random) -> bytes:
    return random.choice(WHOLE)
