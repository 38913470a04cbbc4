"""A page as one HTML file: elements and document inside, nothing from outside, no script but its own."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from planner.base.safe_text import xml_text
from planner.base.text import language, words

__all__ = ["report_html"]

_WEB = Path(__file__).resolve().parents[1] / "web"
_SCRIPTS = (
    *("leaflet/leaflet.js", "page.js", "plan-map.js", "plan-table.js", "plan-gantt.js", "plan-chart.js"),
    "report.js",
)
_BESIDE = "plan-against.js"  # after the table, of a page with another plan
_STYLES = ("leaflet/leaflet.css", "report.css", "map.css")
_SECTIONS = {
    "map": "<plan-map></plan-map>",
    "against": "<plan-against></plan-against>",
    "late": '<div id="late"></div>',
    "table": "<plan-table></plan-table>",
    "gantt": "<plan-gantt></plan-gantt>",
    "charts": (
        '<div class="charts"><plan-chart kind="margins"></plan-chart>'
        '<plan-chart kind="costs" by="area"></plan-chart><plan-chart kind="costs" by="echelon"></plan-chart>'
        '<plan-chart kind="costs" by="day"></plan-chart><plan-chart kind="costs" by="type"></plan-chart>'
        '<plan-chart kind="fleet"></plan-chart><plan-chart kind="docks"></plan-chart></div>'
    ),
}

_PUBLIC = ("map", "table")  # the sections that a page for everybody has


def report_html(document: Mapping[str, Any]) -> str:
    """The report of a plan.

    Parameters
    ----------
    document
        As `planner.pages.document.page_document` makes it.

    Notes
    -----
    The policy in its head lets only the scripts and styles run whose hashes it names, and fetches nothing.
    What the document says is data: every ``<`` of it is escaped, and the scripts write it as text alone.
    """
    names = [*_SCRIPTS[:-1], _BESIDE, _SCRIPTS[-1]] if "against" in document else _SCRIPTS
    scripts = [_file(name) for name in names]
    style = "\n".join(_file(name) for name in _STYLES)
    policy = "; ".join(
        (
            "default-src 'none'",
            f"script-src {' '.join(_hash(one) for one in scripts)}",
            f"style-src {_hash(style)}",
            *("img-src data:", "base-uri 'none'", "form-action 'none'"),
        )
    )
    data = json.dumps(document, ensure_ascii=False, separators=(",", ":")).replace("<", "\\u003c")
    sections = "\n".join(
        f'<section aria-labelledby="head-{name}"><h2 id="head-{name}" data-text="web.section.{name}">'
        f"{xml_text(words(f'web.section.{name}'))}</h2>{inside}</section>"
        for name, inside in _SECTIONS.items()
        if _has(document, name)
    )
    lines = [
        "<!doctype html>",
        f'<html lang="{language()}">',
        "<head>",
        '<meta charset="utf-8">',
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">',
        '<meta name="viewport" content="width=device-width, initial-scale=1">',
        '<meta name="referrer" content="no-referrer">',
        f"<title>{xml_text(str(document['name']))}</title>",
        f"<style>{style}</style>",
        "</head>",
        "<body>",
        '<header><div id="languages"></div><h1 id="name"></h1><div id="answer"></div></header>',
        "<main>",
        f"<noscript><p>{xml_text(words('web.script'))}</p></noscript>",
        '<div id="filters" role="search"></div>',
        sections,
        "</main>",
        '<footer id="foot"></footer>',
        f'<script type="application/json" id="plan-data">{data}</script>',
        *(f"<script>{one}</script>" for one in scripts),
        "</body>",
        "</html>",
    ]
    return "\n".join(lines) + "\n"


def _has(document: Mapping[str, Any], section: str) -> bool:
    if section == "against" and section not in document:
        return False
    return section in _PUBLIC or not document.get("public")


def _file(name: str) -> str:
    """A script or style as it stands in the page: without what a browser would fetch beside it."""
    text = (_WEB / name).read_text("utf-8")
    text = re.sub(r"\n//# sourceMappingURL=.*", "", text)
    return re.sub(r"url\((?!data:)[^)]*\)", "none", text) if name.endswith(".css") else text


def _hash(text: str) -> str:
    digest = base64.b64encode(hashlib.sha256(text.encode("utf-8")).digest()).decode("ascii")
    return f"'sha256-{digest}'"
