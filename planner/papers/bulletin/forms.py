"""A bulletin as HTML, as Markdown and as a short text for telephones."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from planner.base.safe_text import label_text, markdown_text, xml_text
from planner.base.text import language, words
from planner.outputs.figures import number
from planner.papers.bulletin.sheet import Column, Sheet, SheetTable

__all__ = ["html_text", "markdown_form", "short_text"]

_MOST_SHORT = 12  # names in a line of the short text
_STYLE = Path(__file__).resolve().parents[2] / "web" / "bulletin.css"


def html_text(sheet: Sheet, picture: str, letters: Sequence[str] = ()) -> str:
    """One HTML file without a script; nothing is fetched. Each figure leads to the note it rests on.

    Parameters
    ----------
    sheet
        The bulletin in words, with all rows.
    picture
        Its map, as SVG.
    letters
        Lines of a letterhead.
    """
    style = _STYLE.read_text("utf-8")
    policy = f"default-src 'none'; style-src {_hash(style)}; base-uri 'none'; form-action 'none'"
    lines = [
        "<!doctype html>",
        f'<html lang="{language()}"><head><meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{_safe(sheet.title)}</title>",
        f"<style>{style}</style></head><body>",
        *(f'<p class="letters"><strong>{_safe(line)}</strong></p>' for line in letters),
        f"<h1>{_safe(sheet.title)}</h1>",
        f"<p>{_safe(sheet.subtitle)}</p>",
        '<div class="top"><div>',
        *(f"<p>{_safe(text)}{_link(sheet, note)}</p>" for text, note in sheet.lines),
        f'</div><figure>{picture}<figcaption class="soft">{_safe(words("bulletin.map"))}'
        f"{_link(sheet, 'confirmed')}</figcaption></figure></div>",
    ]
    for table in sheet.tables:
        lines += _html_table(sheet, table)
    for heading, names in sheet.names:
        lines.append(f"<details open><summary>{_safe(heading)}</summary><p>{_safe(names)}</p></details>")
    lines.append(f"<h2>{_safe(words('bulletin.sources'))}</h2><ol>")
    lines += [f'<li id="note-{name}">{_safe(text)}</li>' for name, text in sheet.notes.items()]
    lines.append("</ol></body></html>")
    return "\n".join(lines) + "\n"


def _safe(text: str) -> str:
    return xml_text(label_text(text))


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode('utf-8')).digest()).decode('ascii')}'"


def _link(sheet: Sheet, note: str) -> str:
    return f'<sup><a href="#note-{note}">{sheet.number(note)}</a></sup>' if note else ""


def _html_table(sheet: Sheet, table: SheetTable) -> Iterator[str]:
    yield f"<h2>{_safe(table.title)}{_link(sheet, table.note)}</h2>"
    if not table.rows:
        yield f"<p>{_safe(table.empty)}</p>"
        return
    yield '<div class="scroll"><table><thead><tr>'
    for column in table.columns:
        yield f'<th scope="col"{_class(column)}>{_safe(column.heading)}{_link(sheet, column.note)}</th>'
    yield "</tr></thead><tbody>"
    for row in table.rows:
        cells = zip(table.columns, row, strict=True)
        inside = "".join(f"<td{_class(column)}><bdi>{_safe(cell)}</bdi></td>" for column, cell in cells)
        yield f"<tr>{inside}</tr>"
    yield "</tbody></table></div>"


def _class(column: Column) -> str:
    return ' class="number"' if column.is_number else ""


def markdown_form(sheet: Sheet, letters: Sequence[str] = ()) -> str:
    """The same as Markdown, with tables as GitHub writes them; notes stand as numbers in brackets.

    Parameters
    ----------
    sheet
        The bulletin in words, with all rows.
    letters
        Lines of a letterhead.
    """

    def noted(text: str, note: str) -> str:
        return f"{_plain(text)} [{sheet.number(note)}]" if note else _plain(text)

    lines = [f"**{_plain(line)}**  " for line in letters]
    lines += ["", f"# {_plain(sheet.title)}", "", _plain(sheet.subtitle), ""]
    lines += [f"- {noted(text, note)}" for text, note in sheet.lines]
    for table in sheet.tables:
        lines += ["", f"## {noted(table.title, table.note)}", ""]
        if not table.rows:
            lines.append(_plain(table.empty))
            continue
        lines.append(_row(noted(one.heading, one.note) for one in table.columns))
        lines.append(_row("---:" if one.is_number else "---" for one in table.columns))
        lines += [_row(map(_plain, row)) for row in table.rows]
    for heading, names in sheet.names:
        lines += ["", f"**{_plain(heading)}:** {_plain(names)}"]
    lines += ["", f"## {_plain(words('bulletin.sources'))}", ""]
    lines += [f"{at}. {_plain(text)}" for at, text in enumerate(sheet.notes.values(), 1)]
    return "\n".join(lines).lstrip("\n") + "\n"


def _plain(text: str) -> str:
    return markdown_text(label_text(text))


def _row(cells: Iterator[str] | map[str]) -> str:
    return f"| {' | '.join(cells)} |"


def short_text(document: Mapping[str, Any], sheet: Sheet) -> str:
    """A few lines for WhatsApp: figures, who is late or at risk, problems; the whole stands elsewhere.

    Parameters
    ----------
    document, sheet
        The bulletin as data, and in words.
    """
    lines = [f"*{label_text(sheet.title)}*", f"{sheet.subtitle}", *(text for text, _ in sheet.lines)]
    for name in ("late", "missing", "at_risk"):
        rows = [row["name"] for row in document[name]]
        if rows:
            more = len(rows) - _MOST_SHORT
            left = words("bulletin.short.more", number=number(more)) if more > 0 else ""
            heading = words(f"bulletin.column.{name}")
            lines.append(f"{heading}: {', '.join(rows[:_MOST_SHORT])}{left}")
    past = sum(row["past_due"] for row in document["problems"])
    figures = {"number": number(len(document["problems"])), "past": number(past)}
    lines.append(words("bulletin.short.problems", **figures))
    lines += [f"- {row['id']} {row['text']}" for row in document["problems"][:_MOST_SHORT]]
    if len(document["problems"]) > _MOST_SHORT:
        lines.append(words("bulletin.short.more", number=number(len(document["problems"]) - _MOST_SHORT)))
    lines.append(words("bulletin.short.found", number=number(len(document["found"]))))
    heads = [one["chain"]["head"] for one in document["plans"] if one["chain"] is not None]
    lines += [words("bulletin.short.head", head=head[:12]) for head in dict.fromkeys(heads)]
    return "\n".join(label_text(line) for line in lines) + "\n"
