"""Text that crosses the border of the program: into labels, a terminal, XML, cells, Markdown, a shell.

Names, notes and paths come from files and people whom nobody knows. Each way out has one function here, and
all who write that way use it; `tests/test_safe_text.py` holds that nobody goes around them.
"""

from __future__ import annotations

import csv
import io
import json
import os
import re
import shlex
from collections.abc import Iterable
from xml.sax.saxutils import escape

__all__ = [
    "csv_text",
    "from_spreadsheet",
    "has_control_signs",
    "json_text",
    "label_text",
    "markdown_code",
    "markdown_text",
    "shell_word",
    "spreadsheet_text",
    "terminal_text",
    "xml_text",
]

# Signs that nobody sees and that steer who shows them: C0, C1, DEL, ends of lines and paragraphs, what turns
# the direction of text (CVE-2021-42574), marks of byte order, half characters, and no characters at all.
_STEERING = (
    "\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\ufffe\uffff"
)
_CONTROL = re.compile(f"[{_STEERING}]")
_IN_LABEL = re.compile(f"[{_STEERING}\t\n]")
_SPACES = re.compile("[\t-\r\x1c-\x1f\x85\u2028\u2029]+")
_NO_SIGN = "\ufffd"

# What a spreadsheet takes for a formula (OWASP, CSV injection), with its wide forms.
_FORMULA = "=+\\-@\t\r\uff1d\uff0b\uff0d\uff20"
_MEANT_FOR_FORMULA = re.compile(f"\\s*'*[{_FORMULA}]")
_QUOTED_FORMULA = re.compile(f"'\\s*'*[{_FORMULA}]")
_FIGURE = re.compile(r"[+-]?\d[\d .,:]*|-")


def has_control_signs(text: str, *, or_lines: bool = False) -> bool:
    """Whether a text has signs that no name needs; tabs and line ends count as such only where asked."""
    found = _IN_LABEL if or_lines else _CONTROL
    return found.search(text.replace("\r\n", "\n")) is not None


def label_text(text: str) -> str:
    r"""A name or note on one line: tabs and line ends are spaces, signs that steer are left out.

    Examples
    --------
    >>> label_text("Long \x1b[31mBagun\u202e\vHilir")
    'Long [31mBagun Hilir'
    """
    if not _IN_LABEL.search(text):
        return text
    return _IN_LABEL.sub("", _SPACES.sub(" ", text)).strip()


def terminal_text(text: str) -> str:
    r"""A text as a terminal may get it: lines and tabs as they are, what would steer it to be seen.

    Examples
    --------
    >>> terminal_text("Long\x1b]0;x\x07\u202e")
    'Long␛]0;x␇\ufffd'
    """
    return _CONTROL.sub(_picture, text)


def _picture(match: re.Match[str]) -> str:
    code = ord(match[0])
    return chr(0x2400 + code) if code < 0x20 else "\u2421" if code == 0x7F else _NO_SIGN


def json_text(document: object, *, indent: int | None = None) -> str:
    r"""JSON text in which letters stand as they are, and signs that would steer a terminal as ``\uXXXX``."""
    text = json.dumps(document, ensure_ascii=False, indent=indent)
    return _CONTROL.sub(lambda match: f"\\u{ord(match[0]):04x}", text)


def xml_text(text: str) -> str:
    r"""A text for XML, SVG and HTML: in an element, or in an attribute between double or single quotes.

    Examples
    --------
    >>> xml_text("<b>\v'A' & \"B\"")
    '&lt;b&gt;\ufffd&#x27;A&#x27; &amp; &quot;B&quot;'
    """
    return escape(_CONTROL.sub(_NO_SIGN, text), {'"': "&quot;", "'": "&#x27;"})


def spreadsheet_text(text: str) -> str:
    """A text for a cell of CSV, with an apostrophe before it where a spreadsheet would compute it.

    Examples
    --------
    >>> (
    ...     spreadsheet_text("=HYPERLINK(0)"),
    ...     spreadsheet_text("-28800"),
    ...     spreadsheet_text("+62 8123 4567"),
    ...     spreadsheet_text("-"),
    ...     spreadsheet_text("'=1"),
    ... )
    ("'=HYPERLINK(0)", '-28800', '+62 8123 4567', '-', "''=1")
    """
    if _MEANT_FOR_FORMULA.match(text) and not _FIGURE.fullmatch(text):
        return f"'{text}"
    return text


def from_spreadsheet(text: str) -> str:
    """The text of which `spreadsheet_text` has made a cell.

    Examples
    --------
    >>> from_spreadsheet("'=HYPERLINK(0)"), from_spreadsheet("''=1"), from_spreadsheet("'t Hooft")
    ('=HYPERLINK(0)', "'=1", "'t Hooft")
    """
    return text[1:] if text.startswith("'") and _QUOTED_FORMULA.match(text) else text


def csv_text(
    rows: Iterable[Iterable[object]], *, separator: str = ",", line_end: str = "\n", as_is: bool = False
) -> str:
    """Rows as CSV.

    Parameters
    ----------
    rows
        Texts, numbers, and None for nothing; texts are written by `spreadsheet_text`.
    separator, line_end
        What stands between cells, and after each row.
    as_is
        Whether the texts are cells of another file already, to be written as they stand there.
    """
    target = io.StringIO(newline="")
    plain = csv.writer(target, delimiter=separator, lineterminator=line_end)
    quoted = csv.writer(target, delimiter=separator, lineterminator=line_end, quoting=csv.QUOTE_ALL)
    for row in rows:
        cells = [spreadsheet_text(one) if isinstance(one, str) and not as_is else one for one in row]
        ends = any(isinstance(one, str) and ("\r" in one or "\n" in one) for one in cells)
        (quoted if ends else plain).writerow(cells)  # Python 3.11 leaves some ends of lines without quotes
    return target.getvalue()


_MARKUP = re.compile(r"([\\`*_{}\[\]<>|~$]|&(?=#?\w+;))")
_MARKUP_AT_START = re.compile(r"(?:[#=:!]|[+\-](?!\d)|\d+(?=[.)]))")
_LINK = re.compile(r"(:(?=//)|(?<=www)\.)", re.IGNORECASE)


def markdown_text(text: str) -> str:
    r"""A text for a line of Markdown: none of it is markup, HTML, a link, or ends a cell of a table.

    Notes
    -----
    Any sign of punctuation may have a backslash before it (CommonMark, 2.4). Round brackets make no link
    without square ones, and an exclamation mark no picture.

    Examples
    --------
    >>> print(markdown_text("<script> [a](javascript:b) | 08:00"), markdown_text("1. http://a"))
    \<script\> \[a\](javascript:b) \| 08:00 1\. http\://a
    """
    text = _LINK.sub(r"\\\1", _MARKUP.sub(r"\\\1", _CONTROL.sub(_NO_SIGN, _SPACES.sub(" ", text).strip())))
    if start := _MARKUP_AT_START.match(text):
        at = start.end() if start[0].isdecimal() else 0
        return f"{text[:at]}\\{text[at:]}"
    return text


def markdown_code(text: str) -> str:
    """A text as code in a line of Markdown, outside of tables."""
    text = _CONTROL.sub(_NO_SIGN, _SPACES.sub(" ", text))
    fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
    space = " " if "`" in text or not text.strip() else ""
    return f"{fence}{space}{text}{space}{fence}"


_PLAIN_WORD = re.compile(r"[\w@%+=:,./\\~-]*", re.ASCII)
_CMD = re.compile(r'([()%!^"<>&|])')


def shell_word(text: object, *, shell: str = "") -> str:
    """A word of a command that a person copies, quoted for the shell that will run it.

    Parameters
    ----------
    text
        A path, a name, a value.
    shell
        ``posix``, ``powershell`` or ``cmd``; empty: the one that the program was started from.

    Notes
    -----
    On Windows it is told by the variable PROMPT, which ``cmd`` sets and PowerShell does not.

    Examples
    --------
    >>> shell_word("plans/a.json"), shell_word("x$(touch y)", shell="posix")
    ('plans/a.json', "'x$(touch y)'")
    >>> print(shell_word("it's $x", shell="powershell"), shell_word("a b&c", shell="cmd"))
    'it''s $x' ^"a b^&c^"
    """
    word, kind = str(text), shell or _shell()
    if kind == "posix":
        return shlex.quote(word)
    if word and _PLAIN_WORD.fullmatch(word) and not set(word) & {"%", "~", "@", ","}:
        return word
    slashed = re.sub(r'(\\*)"', r'\1\1\\"', word)  # as programs on Windows take their words apart
    if kind == "powershell":
        return "'" + re.sub("(['\u2018\u2019\u201a\u201b])", r"\1\1", slashed) + "'"
    slashed = re.sub(r"(\\+)$", r"\1\1", slashed)
    return _CMD.sub(r"^\1", f'"{slashed}"')


def _shell() -> str:
    if os.name != "nt":
        return "posix"
    return "cmd" if "PROMPT" in os.environ else "powershell"
