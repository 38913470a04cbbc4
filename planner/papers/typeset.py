"""Papers as PDF: tagged, fonts inside, set by typst from the templates beside this module."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from planner.base.files import write_bytes
from planner.base.safe_text import label_text
from planner.base.text import catalogue, words
from planner.outputs.map.fonts import fonts_folder, has_letter
from planner.papers.model import Kind, Paper
from planner.papers.qr import qr_png
from planner.papers.settings import Letters
from planner.papers.words import spoken

__all__ = ["Made", "Sheets", "num_pages", "pdf_bytes", "printable", "typst_pdf", "write_sheets"]

_TEMPLATES = Path(__file__).parent / "templates"
_LONG = 24  # letters of a word without a place to break it
_WORD = re.compile(rf"[^\s\-–/.,;:+]{{{_LONG},}}")
_NO_BREAK = "\u200b"
_PAGE = re.compile(rb"/Type\s*/Page\b")


@dataclass(frozen=True, slots=True)
class Sheets:
    """The papers of one file.

    Parameters
    ----------
    path
        Where it is written.
    title
        Of the document.
    """

    path: Path
    title: str
    papers: tuple[Paper, ...]


@dataclass(frozen=True, slots=True)
class Made:
    """A file that has been written.

    Parameters
    ----------
    pages
        How many it has.
    """

    path: Path
    papers: int
    pages: int


def printable(value: Any) -> Any:  # noqa: ANN401
    """Texts on one line, in letters that the font has; others stand as ``[U+1F600]``.

    Very long words may be broken. Other values, and what lists and objects hold, likewise.
    """
    if isinstance(value, str):
        text = label_text(value)
        if not (text.isascii() and len(text) < _LONG):
            shown = "".join(sign if has_letter(sign) else f"[U+{ord(sign):04X}]" for sign in text)
            text = _WORD.sub(_breakable, shown)
        return text
    if isinstance(value, Mapping):
        return {key: printable(each) for key, each in value.items()}
    if isinstance(value, list | tuple):
        return [printable(each) for each in value]
    return value


def _breakable(match: re.Match[str]) -> str:
    word = match[0]
    return _NO_BREAK.join(word[at : at + _LONG // 2] for at in range(0, len(word), _LONG // 2))


def pdf_bytes(papers: Iterable[Paper], letters: Letters, *, title: str, plan: str) -> bytes:
    """Papers as one PDF of the kind PDF/UA-1; who makes it refuses what could not be shown or read aloud.

    Parameters
    ----------
    papers
        In the order of their pages.
    letters
        Letterhead and place.
    title
        Of the document.
    plan
        Stands at the foot of each page: which plan it was made from.
    """
    rows = [_data(paper, plan) for paper in papers]
    document = {
        "title": printable(title),
        "author": "plan",
        "language": rows[0]["language"] if rows else "en",
        "texts": {code: _texts(code) for code in dict.fromkeys(row["language"] for row in rows)},
        "letters": printable(
            {"letterhead": letters.letterhead, "address": letters.address, "place": letters.place}
        ),
        "papers": rows,
    }
    return typst_pdf("main.typ", document)


def typst_pdf(template: str, document: Mapping[str, Any]) -> bytes:
    """A PDF of one of the templates beside this module.

    Parameters
    ----------
    template
        Name of its file.
    document
        What it arranges; texts are `printable`.
    """
    import typst

    made = typst.compile(
        str(_TEMPLATES / template),
        root=str(_TEMPLATES),
        sys_inputs={"data": json.dumps(document)},
        font_paths=[str(fonts_folder())],
        ignore_system_fonts=True,
        pdf_standards=["ua-1"],
    )
    return bytes(made)


def num_pages(content: bytes) -> int:
    """How many pages a PDF has that was made here."""
    return len(_PAGE.findall(content))


def _texts(code: str) -> Mapping[str, str]:
    start = "papers.sheet."
    return {key.removeprefix(start): text for key, text in catalogue(code).items() if key.startswith(start)}


def _data(paper: Paper, plan: str) -> dict[str, Any]:
    body = printable(paper.body)
    if paper.kind is Kind.LABELS:
        for label, said in zip(body["labels"], paper.body["labels"], strict=True):
            text = _label_text(paper.body, said)
            label["qr"], label["qr_text"] = [*qr_png(text)], printable(text)
    with spoken(paper.language):
        title = words(f"papers.title.{paper.kind}")
    whose = printable(body.get("number") or " · ".join(paper.key))
    return {
        "kind": paper.kind.value,
        "language": paper.language,
        "body": body,
        "footer": f"{title} · {whose} · {printable(plan)}",
        "qr": [*qr_png(paper.qr)] if paper.qr else [],
        "qr_text": printable(paper.qr),
    }


def _label_text(body: Mapping[str, Any], label: Mapping[str, str]) -> str:
    """What a label's QR code says: the code alone on the first line, so that programs read it too."""
    where = f"{label['region']}, {label['where']}"
    return f"{label['code']}\n{body['unit']} {label['unit']} {where}\n{label['item']}"


def _make(sheets: Sheets, letters: Letters, plan: str) -> Made:
    content = pdf_bytes(sheets.papers, letters, title=sheets.title, plan=plan)
    return Made(write_bytes(sheets.path, content), len(sheets.papers), num_pages(content))


def write_sheets(files: Sequence[Sheets], letters: Letters, *, plan: str, workers: int) -> Iterator[Made]:
    """Write files, several at once; each is given as soon as it and those before it are there.

    Parameters
    ----------
    files
        What is written where.
    letters, plan
        As for `pdf_bytes`.
    workers
        Processes; 1: none but this one.
    """
    if workers == 1 or len(files) < 2 * workers:
        for sheets in files:
            yield _make(sheets, letters, plan)
        return
    # What typst remembers of a file stays in its memory: a process makes a few, then the next one begins.
    # ProcessPoolExecutor hangs where its processes end after some tasks (CPython issue 115634, 3.11).
    with get_context("spawn").Pool(workers, maxtasksperchild=2) as pool:
        yield from pool.imap(_make_job, [(sheets, letters, plan) for sheets in files])


def _make_job(job: tuple[Sheets, Letters, str]) -> Made:
    return _make(*job)
