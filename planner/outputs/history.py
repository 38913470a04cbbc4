"""By what the history of a replan was judged, in words."""

from __future__ import annotations

from collections.abc import Iterator

from planner.base.text import words
from planner.events.apply import shortfalls
from planner.events.tellings import in_effect
from planner.outputs.figures import number
from planner.plans.file import short_digest
from planner.proof.news import Disputed, News, NotThere, Short
from planner.proof.verdict import Verdict
from planner.replanning.state import State

__all__ = ["history_lines", "news_lines", "news_of_state"]

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
    yield from news_lines(history.news)
    contradictions = sum(one.contradiction for one in history.overrides)
    if contradictions:
        yield words("history.contradictions", number=number(contradictions))
    if history.overrides:
        yield words("history.overrides", number=number(len(history.overrides)))
    for one in history.overrides[:_MOST_PLACES]:
        yield f"  {one.text}"
    if len(history.overrides) > _MOST_PLACES:
        yield "  " + words("history.more", number=number(len(history.overrides) - _MOST_PLACES))


def news_lines(news: News) -> Iterator[str]:
    """Lines of text: which reports are disputed or without effect, and what they change of what was believed.

    Parameters
    ----------
    news
        As the check found it.
    """
    for one in news.disputed:
        key = "history.disputed" if one.other else "history.without_effect"
        yield words(key, event=one.event, other=one.other)
    for gone in news.not_there:
        yield words("history.not_there", event=gone.event, trip=gone.trip)
    for short in news.short:
        yield words(
            "history.short",
            event=short.event,
            warehouse=short.warehouse,
            item=short.item,
            told=number(short.told),
            there=number(short.there),
        )
    if news.revised:
        yield words("history.revised", number=number(news.revised))
    if news.revised_bulk:
        yield words("history.revised_bulk", number=number(news.revised_bulk))


def news_of_state(state: State) -> News:
    """The same of the reports of a plan in force, before any replan.

    Parameters
    ----------
    state
        Where the plan stands.
    """
    held = in_effect(state.events, state.found)
    return News(
        disputed=tuple(Disputed(one.event.id, one.beside, one.code) for one in state.found.disputed),
        not_there=tuple(NotThere(one.event.id, one.trip) for one in state.found.gone),
        short=tuple(
            Short(loss.event.id, loss.warehouse, loss.event.item, loss.told, loss.there)
            for loss in shortfalls(state.instance, held, state.net)
        ),
    )
