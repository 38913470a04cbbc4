"""All forms of a bulletin, as bytes of files."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from planner.background.read import read_background
from planner.base.safe_text import json_text
from planner.papers.bulletin.choropleth import alternative, choropleth
from planner.papers.bulletin.forms import html_text, markdown_form, short_text
from planner.papers.bulletin.pdf import bulletin_pdf
from planner.papers.bulletin.sheet import sheet_of
from planner.papers.bulletin.situation import Situation
from planner.papers.settings import Letters, read_letters

__all__ = ["made_forms"]


def made_forms(
    document: Mapping[str, Any], situations: Sequence[Situation], forms: Collection[str]
) -> dict[str, bytes]:
    """The files of a bulletin by their endings: always `json` and `txt`, and those that are asked for.

    Parameters
    ----------
    document, situations
        The bulletin, and the plans that it is of.
    forms
        Of `html`, `pdf` and `md`.
    """
    sheet = sheet_of(document)
    letters = _letters(situations)
    made = {"json": json_text(document, indent=1) + "\n", "txt": short_text(document, sheet)}
    content = {name: text.encode("utf-8") for name, text in made.items()}
    if "md" in forms:
        content["md"] = markdown_form(sheet, letters.letterhead).encode("utf-8")
    if {"html", "pdf"} & set(forms):
        grounds = [read_background(one.found.folder) for one in situations]
        picture = choropleth(document, situations, grounds)
        if "html" in forms:
            content["html"] = html_text(sheet, picture, letters.letterhead).encode("utf-8")
        if "pdf" in forms:
            content["pdf"] = bulletin_pdf(sheet, picture, alternative(document), letters)
    return content


def _letters(situations: Sequence[Situation]) -> Letters:
    """The letterhead of the plans; none where they have several."""
    found = [read_letters(one.found.folder, one.found.instance) for one in situations]
    heads = {(one.letterhead, one.address) for one in found}
    return found[0] if len(heads) == 1 else Letters()
