"""What everybody may know of a plan: which regions have received, nothing of how, by whom or when next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from planner.base.text import LANGUAGES, catalogue
from planner.outputs.map.scene import Scene

__all__ = ["public_document"]

_DONE = ("confirmed", "bulk")
_KEPT = (
    *("format", "name", "area", "planner", "instance_digest", "currency", "number_format", "modes"),
    *("ground", "ground_box", "unit", "texts"),
)
_OF_ANSWER = ("status", "checked", "modelled", "credits", "notices", "regions_total", "now_s")
_OF_REGION = ("area", "subarea", "status", "units", "weight")


def public_document(document: Mapping[str, Any], scene: Scene) -> dict[str, Any]:
    """A page's document without what is not for everybody.

    Parameters
    ----------
    document
        As `planner.pages.document.page_document` makes it.
    scene
        What it was made of.

    Notes
    -----
    What is kept is named here, key by key: something new is not public until it is named too. No trip,
    vehicle, hub, warehouse, price, deadline or planned moment is kept; of regions that are confirmed, when
    they received.
    """
    regions, places = [], []
    received = {} if scene.standing is None else scene.standing.state.received_s
    for number, row in enumerate(document["regions"]):
        place = document["places"][row["place"]]
        known = row.get("known", "future")
        done = known in _DONE
        places.append({key: place[key] for key in ("id", "name", "kind", "at")})
        regions.append(
            {key: row[key] for key in _OF_REGION}
            | {"place": number, "known": known if done else "future"}
            | {"received_s": received.get(place["id"]) if done else None}
            | dict.fromkeys(("deadline_s", "margin_s", "worst_margin_s"))
            | {"vehicles": [], "hubs": []}
        )
    confirmed = sum(row["known"] in _DONE for row in regions)
    now_s = document["answer"]["now_s"] or 0
    counts = {"number": confirmed, "total": len(regions)}
    nothing: dict[str, list[Any]] = {key: [] for key in ("trips", "vehicles", "types", "edges")}
    shared = ("lower_bound", "gap_percent", "smallest_margin_s", "runs", "chance", "gamma", "cost")
    return (
        {key: document[key] for key in _KEPT}
        | nothing
        | {
            "public": True,
            "answer": {key: document["answer"][key] for key in _OF_ANSWER}
            | dict.fromkeys(shared)
            | {"lines": {code: [] for code in LANGUAGES}, "regions_on_time": None}
            | {"sentence": {code: catalogue(code)["web.head.public"].format(**counts) for code in LANGUAGES}},
            "clock": {
                **{key: document["clock"][key] for key in ("start", "start_s", "offsets")},
                **{"first_s": now_s, "last_s": now_s, "days": []},
            },
            "regions": regions,
            "places": places,
            "colours": {"status": _classes(document, regions)},
            "costs": {"total": 0, "area": [], "echelon": [], "type": [], "day": []},
            "resources": {"types": [], "docks": []},
        }
    )


def _classes(document: Mapping[str, Any], regions: list[dict[str, Any]]) -> dict[str, Any]:
    """Who has received, and who is still to receive."""
    looks = {"confirmed": ("#6fb79c", "#0b4f40"), "future": ("#f1efe9", "#6b665c")}
    rows = []
    for key, (fill, ink) in looks.items():
        label = {code: catalogue(code)[f"map.class.{key}"] for code in LANGUAGES}
        mine = [at for at, row in enumerate(regions) if (row["known"] in _DONE) == (key == "confirmed")]
        look = {"fill": fill, "ink": ink, "mark": "circle", "is_alarm": False}
        rows.append({"key": key, "label": label, "regions": mine} | look)
    return {"title": document["colours"]["status"]["title"], "classes": rows}
