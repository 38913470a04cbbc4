"""What has changed since another bulletin, by the two documents alone."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from planner.base.errors import Fault, InputError
from planner.base.opening import FileSort, text_of_file
from planner.papers.bulletin.counts import Count
from planner.papers.bulletin.document import FORMAT

__all__ = ["changed_since", "read_bulletin"]

_LISTS = ("late", "missing", "at_risk", "problems")


def read_bulletin(path: Path) -> Mapping[str, Any]:
    """The document of an earlier bulletin.

    Raises
    ------
    InputError
        If the file cannot be read, or is none (C747).
    """
    try:
        document = json.loads(text_of_file(path, FileSort.PLAN))
        if document["format"] != FORMAT:
            raise ValueError(str(document["format"]))
        changed_since(document, document)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        reason = str(getattr(error, "strerror", None) or error) or type(error).__name__
        raise InputError([Fault("C747", "--since", value=str(path), params={"reason": reason})]) from None
    return dict(document)


def changed_since(old: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """What a bulletin says that an earlier one did not.

    Parameters
    ----------
    old, new
        The documents of both.
    """
    before, after = old["total"], new["total"]
    plans = {one["name"]: one["digest"] for one in old["plans"]}
    known = {one["name"] for one in new["plans"]}
    return {
        "then": old["now"],
        **{count.value: _differences(before[count.value], after[count.value]) for count in Count},
        **{name: _came_and_went(old, new, name) for name in _LISTS},
        "reports": _reports(new) - _reports(old),
        "replaced": [
            one["plan"] for one in new["plans"] if plans.get(one["name"], one["digest"]) != one["digest"]
        ],
        "others": sorted(known ^ set(plans)),
    }


def _reports(document: Mapping[str, Any]) -> int:
    return sum(one["reports"] for one in document["plans"])


def _differences(before: Mapping[str, int], after: Mapping[str, int]) -> dict[str, int]:
    return {name: after[name] - before[name] for name in before}


def _came_and_went(old: Mapping[str, Any], new: Mapping[str, Any], which: str) -> dict[str, list[str]]:
    """Ids that are new, and those that are gone; the same id in two plans is two things."""
    then, now = (
        [(bulletin["plans"][row["plan"]]["name"], row["id"]) for row in bulletin[which]]
        for bulletin in (old, new)
    )
    return {
        "new": [name for plan, name in now if (plan, name) not in then],
        "gone": [name for plan, name in then if (plan, name) not in now],
    }
