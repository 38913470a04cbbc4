"""By what the history of a replan was judged, in words."""

from __future__ import annotations

from collections.abc import Iterator

from planner.base.text import words
from planner.outputs.figures import number
from planner.plans.file import short_digest
from planner.proof.verdict import Verdict

__all__ = ["history_lines"]

_MOST_PLACES = 20


def history_lines(verdict: Verdict) -> Iterator[str]:
    """Lines of text: whether the answer is only as reported, why, and where reports stand against plans.

    Parameters
    ----------
    verdict
        As the independent check found it; of a plan that is no replan nothing is said.
    """
    history = verdict.history
    if history is None or not verdict.passed:
        return
    if verdict.as_reported:
        yield words("history.as_reported", status=verdict.status.value)
    for digest in history.failed:
        yield words("history.failed", digest=short_digest(digest))
    if history.missing is not None and not history.failed:
        key = "history.missing_older" if history.compared else "history.missing"
        yield words(key, digest=short_digest(history.missing))
    if history.only_told:
        yield words("history.only_told", events=", ".join(history.only_told))
    if history.compared and history.missing is None:
        yield words("history.compared", number=number(len(history.compared)))
    contradictions = sum(one.contradiction for one in history.overrides)
    if contradictions:
        yield words("history.contradictions", number=number(contradictions))
    if history.overrides:
        yield words("history.overrides", number=number(len(history.overrides)))
    for one in history.overrides[:_MOST_PLACES]:
        yield f"  {one.text}"
    if len(history.overrides) > _MOST_PLACES:
        yield "  " + words("history.more", number=number(len(history.overrides) - _MOST_PLACES))
