"""How pages are made of templates: what these may call, and nothing that a name holds steers a browser."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from planner.base.safe_text import label_text
from planner.base.text import LANGUAGES, language, words
from planner.desk.lookup import address, stop_address
from planner.desk.overview import Count
from planner.outputs.figures import duration, money, number
from planner.proof.knowledge import Sure

__all__ = ["STATIC", "page_text"]

_WEB = Path(__file__).resolve().parents[1] / "web"
STATIC: Mapping[str, tuple[Path, str]] = {
    name: (_WEB / where, "text/css" if name.endswith(".css") else "text/javascript")
    for name, where in {
        "htmx.js": "htmx/htmx.min.js",
        "sse.js": "htmx/sse.min.js",
        "desk.css": "desk.css",
        "desk.js": "desk.js",
        "leaflet.js": "leaflet/leaflet.js",
        "leaflet.css": "leaflet/leaflet.css",
        "map.css": "map.css",
        "page.js": "page.js",
        "plan-map.js": "plan-map.js",
        "desk-map.js": "desk-map.js",
    }.items()
}

_TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
_TEMPLATES.globals.update(
    t=words,
    number=number,
    duration=duration,
    money=money,
    Sure=Sure,
    Count=Count,
    languages=LANGUAGES,
    address=address,
    stop_address=stop_address,
)
_TEMPLATES.filters["label"] = label_text
_TEMPLATES.policies["json.dumps_kwargs"] = {"separators": (",", ":"), "ensure_ascii": False}


def page_text(template: str, **known: object) -> str:
    """A page.

    Parameters
    ----------
    template
        Name of its template.
    known
        What the template speaks of.
    """
    return str(_TEMPLATES.get_template(template).render(lang=language(), **known))
