"""The pages of the desk by their addresses; a GET changes nothing, a press carries the session's secret."""

from __future__ import annotations

import asyncio
import hmac
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from planner.base.errors import InputError
from planner.base.text import LANGUAGES, speaking, words
from planner.desk import overview
from planner.desk.gate import MOST_BYTES, Gate, Refused, Session, fields_of
from planner.desk.look import STATIC, page_text
from planner.desk.overview import Count
from planner.desk.picture import Keeper, Picture
from planner.outputs.figures import moment
from planner.outputs.now_what import tasks
from planner.outputs.status_text import status_lines

__all__ = ["application"]

_LOG = logging.getLogger(__name__)
_PRESS_S = 10.0  # so long may what is sent with a press take to come
_STREAM_S = 0.5  # so often a stream looks for a new picture
_PING_S = 15.0
_SHOWN = 30  # rows of a list on the overview


@dataclass
class Ask:
    """One request of somebody who came in.

    Parameters
    ----------
    query, form
        What stands in the address, and what was sent with a press.
    part
        Whether only the part is asked for that changes by itself.
    """

    keeper: Keeper
    session: Session
    query: Mapping[str, str]
    form: Mapping[str, str] = field(default_factory=dict)
    part: bool = False

    @property
    def picture(self) -> Picture:
        """What the desk knows."""
        return self.keeper.latest()

    def page(self, template: str, status: int = 200, **known: object) -> Response:
        """A page as an answer.

        Parameters
        ----------
        template
            Its template.
        status
            Of HTTP.
        known
            What the template speaks of, beside what all pages do.
        """
        picture = self.picture
        clock = picture.found.clock
        text = page_text(
            template,
            picture=picture,
            session=self.session,
            is_drill=self.keeper.clock.drill is not None,
            moment=partial(moment, clock=clock),
            **known,
        )
        return HTMLResponse(text, status_code=status)


Answer = Callable[[Ask], Response]


def application(keeper: Keeper, gate: Gate) -> Starlette:
    """Everything that is served."""
    desk = _Desk(keeper, gate)
    return Starlette(
        routes=[
            Route("/static/{name}", _static),
            Route("/enter", desk.enter, methods=["GET"]),
            Route("/enter", desk.came, methods=["POST"]),
            Route("/live", desk.live),
            Route("/", desk.shows(_overview)),
            Route("/language", desk.pressed(_language), methods=["POST"]),
            Route("/leave", desk.leave, methods=["POST"]),
        ],
        exception_handlers={404: _nowhere, 405: _nowhere},
    )


async def _static(request: Request) -> Response:
    found = STATIC.get(request.path_params["name"])
    if found is None:
        return await _nowhere(request, Refused(404, "nowhere"))
    path, kind = found
    return FileResponse(path, media_type=kind, headers={"cache-control": "no-cache"})


async def _nowhere(request: Request, error: Exception) -> Response:
    status = getattr(error, "status_code", 404)
    return HTMLResponse(page_text("refused.html", sentence=words("desk.refused.nowhere")), status_code=status)


class _Desk:
    """What all pages share."""

    def __init__(self, keeper: Keeper, gate: Gate) -> None:
        self._keeper, self._gate = keeper, gate

    def _session(self, request: Request) -> Session:
        return self._gate.session(request.cookies.get(self._gate.cookie))

    def shows(self, make: Answer) -> Callable[[Request], object]:
        """A page that only shows."""

        async def endpoint(request: Request) -> Response:
            try:
                session = self._session(request)
            except Refused as refused:
                return _refusal(refused)
            part = request.query_params.get("part") == "1"
            ask = Ask(self._keeper, session, dict(request.query_params), part=part)
            return await run_in_threadpool(_answered, make, ask)

        return endpoint

    def pressed(self, make: Answer) -> Callable[[Request], object]:
        """What is done by a press."""

        async def endpoint(request: Request) -> Response:
            try:
                session = self._session(request)
                form = await _form(request)
                if not hmac.compare_digest(
                    form.get("csrf", "").encode("utf-8"), session.csrf.encode("ascii")
                ):
                    raise Refused(403, "csrf")
            except Refused as refused:
                return _refusal(refused)
            ask = Ask(self._keeper, session, dict(request.query_params), form)
            return await run_in_threadpool(_answered, make, ask)

        return endpoint

    async def enter(self, request: Request) -> Response:
        """The page on which one says who one is; it uses nothing up, whoever opens it."""
        token = request.query_params.get("token", "")
        return HTMLResponse(page_text("enter.html", token=token, sentence=""))

    async def came(self, request: Request) -> Response:
        """Exchange the start token for a cookie."""
        try:
            form = await _form(request)
            chosen = form.get("language", "")
            with speaking(chosen):
                cookie = self._gate.enter(form.get("token", ""), form.get("name", ""))
        except Refused as refused:
            return _refusal(refused)
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(self._gate.cookie, cookie, httponly=True, samesite="strict", path="/")
        return answer

    async def leave(self, request: Request) -> Response:
        """End the session."""
        try:
            session = self._session(request)
            form = await _form(request)
            _refuse_forged(form, session)
        except Refused as refused:
            return _refusal(refused)
        self._gate.leave(request.cookies.get(self._gate.cookie))
        return HTMLResponse(page_text("refused.html", sentence=words("desk.left")))

    async def live(self, request: Request) -> Response:
        """The stream of events of one browser: the number of each new picture."""
        try:
            self._session(request)
        except Refused as refused:
            return _refusal(refused)
        return StreamingResponse(self._events(request), media_type="text/event-stream")

    async def _events(self, request: Request) -> AsyncIterator[str]:
        said, quiet_s = 0, 0.0
        yield "retry: 3000\n\n"
        while not self._keeper.ended and not await request.is_disconnected():
            number = self._keeper.latest().revision
            if number != said:
                said, quiet_s = number, 0.0
                yield f"event: changed\ndata: {number}\n\n"
            elif quiet_s >= _PING_S:
                quiet_s = 0.0
                yield ": still here\n\n"
            await asyncio.sleep(_STREAM_S)
            quiet_s += _STREAM_S


async def _form(request: Request) -> Mapping[str, str]:
    """What was sent with a press, bounded in size and time."""
    parts, size = [], 0
    try:
        async with asyncio.timeout(_PRESS_S):
            async for part in request.stream():
                size += len(part)
                if size > MOST_BYTES:
                    raise Refused(413, "size")
                parts.append(part)
    except TimeoutError:
        raise Refused(408, "slow") from None
    return fields_of(request.headers.get("content-type", ""), b"".join(parts))


def _refuse_forged(form: Mapping[str, str], session: Session) -> None:
    """Raise where a press does not carry the secret of its session."""
    if not hmac.compare_digest(form.get("csrf", "").encode("utf-8"), session.csrf.encode("ascii")):
        raise Refused(403, "csrf")


def _refusal(refused: Refused) -> Response:
    headers = {"connection": "close"} if refused.status in (408, 413) else None
    text = page_text("refused.html", sentence=refused.sentence())
    return HTMLResponse(text, status_code=refused.status, headers=headers)


def _answered(make: Answer, ask: Ask) -> Response:
    """An answer in the language of who asks; what is wrong is told, never a trace."""
    with speaking(ask.session.language):
        try:
            return make(ask)
        except Refused as refused:
            return _refusal(refused)
        except InputError as error:
            return ask.page("faults.html", 422, faults=error.faults)
        except Exception:
            _LOG.exception("A page could not be made.")
            return HTMLResponse(page_text("refused.html", sentence=words("desk.refused.broken")), 500)


def _unchanged(ask: Ask) -> bool:
    """Whether who asks for the part that changes has it already."""
    return ask.part and ask.query.get("rev") == str(ask.picture.revision)


def _overview(ask: Ask) -> Response:
    if _unchanged(ask):
        return Response(status_code=204)
    picture = ask.picture
    chosen = ask.query.get("count", "")
    count = Count(chosen) if chosen in list(Count) else Count.REGIONS
    unreported, due = overview.unreported(picture), overview.due(picture)
    return ask.page(
        "overview_part.html" if ask.part else "overview.html",
        count=count,
        sentences=list(status_lines(picture.standing, picture.found.path.name)),
        totals=[(kind, overview.total(picture, kind)) for kind in Count],
        lines=overview.areas(picture, count),
        tasks=tasks(picture.standing),
        unreported=unreported[:_SHOWN],
        unreported_more=max(0, len(unreported) - _SHOWN),
        due=due[:_SHOWN],
        due_more=max(0, len(due) - _SHOWN),
    )


def _language(ask: Ask) -> Response:
    chosen = ask.form.get("language", "")
    if chosen in LANGUAGES:
        ask.session.language = chosen
    return RedirectResponse(_back(ask.form.get("back", "")), status_code=303)


def _back(asked: str) -> str:
    """An address of this desk to go back to; nothing else is one."""
    inside = asked.startswith("/") and not asked.startswith(("//", "/\\")) and asked.isprintable()
    return asked if inside else "/"
