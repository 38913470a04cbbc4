"""The pages of the desk by their addresses; a GET changes nothing, a press carries the session's secret."""

from __future__ import annotations

import asyncio
import hmac
from collections.abc import AsyncIterator, Callable, Mapping

from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from planner.base.text import LANGUAGES, speaking, words
from planner.desk import deciding, showing, telling
from planner.desk.ask import Answer, Ask, answered, inside, refusal
from planner.desk.gate import MOST_BYTES, Gate, Refused, Session, fields_of
from planner.desk.look import STATIC, page_text
from planner.desk.people import Role
from planner.desk.picture import Keeper
from planner.desk.proposals import Proposals

__all__ = ["application"]

_PRESS_S = 10.0  # so long may what is sent with a press take to come
_STREAM_S = 0.5  # so often a stream looks for a new picture
_PING_S = 15.0
_MOST_STREAMS = 3  # of one session: a browser opens at most six connections to one server

_SHOWN: Mapping[str, Answer] = {
    "/": showing.home,
    "/area": showing.area,
    "/map": showing.map_page,
    "/map/data": showing.map_data,
    "/place": showing.place,
    "/region": showing.region,
    "/search": showing.search,
    "/confirm": telling.confirm_page,
    "/reports": telling.reports_page,
    "/stop": telling.stop_page,
    "/decide": deciding.decide_page,
    "/proposal": deciding.proposal_page,
    "/proposals": deciding.proposals_page,
    "/vehicle": showing.vehicle,
}


def application(keeper: Keeper, proposals: Proposals, gate: Gate) -> Starlette:
    """Everything that is served."""
    desk = _Desk(keeper, proposals, gate)
    pressed: Mapping[str, tuple[Answer, Role]] = {
        "/approve": (deciding.approved, Role.APPROVER),
        "/confirm": (telling.confirmed, Role.REPORTER),
        "/discard": (deciding.discarded, Role.PLANNER),
        "/language": (_language, Role.VIEWER),
        "/stop-trying": (deciding.stopped, Role.PLANNER),
        "/tell": (telling.told, Role.REPORTER),
        "/try": (deciding.tried, Role.PLANNER),
        "/undo": (telling.taken_back, Role.REPORTER),
    }
    return Starlette(
        routes=[
            Route("/static/{name}", _static),
            Route("/enter", desk.enter, methods=["GET"]),
            Route("/enter", desk.came, methods=["POST"]),
            Route("/live", desk.live),
            Route("/leave", desk.leave, methods=["POST"]),
            *(Route(path, desk.shows(make)) for path, make in _SHOWN.items()),
            *(
                Route(path, desk.pressed(make, role), methods=["POST"])
                for path, (make, role) in pressed.items()
            ),
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

    def __init__(self, keeper: Keeper, proposals: Proposals, gate: Gate) -> None:
        self._keeper, self._proposals, self._gate = keeper, proposals, gate

    def _session(self, request: Request) -> Session:
        session = self._gate.session(request.cookies.get(self._gate.cookie))
        request.state.who = session.name
        return session

    def shows(self, make: Answer) -> Callable[[Request], object]:
        """A page that only shows."""

        async def endpoint(request: Request) -> Response:
            try:
                session = self._session(request)
            except Refused as refused:
                return refusal(refused)
            ask = Ask(self._keeper, self._proposals, session, dict(request.query_params), request.url.path)
            return await run_in_threadpool(answered, make, ask)

        return endpoint

    def pressed(self, make: Answer, role: Role) -> Callable[[Request], object]:
        """What is done by a press of those who may."""

        async def endpoint(request: Request) -> Response:
            try:
                session, form = await self._press(request, role)
            except Refused as refused:
                return refusal(refused)
            ask = Ask(
                *(self._keeper, self._proposals, session, dict(request.query_params)),
                *(request.url.path, form),
            )
            return await run_in_threadpool(answered, make, ask)

        return endpoint

    async def _press(self, request: Request, role: Role = Role.VIEWER) -> tuple[Session, Mapping[str, str]]:
        """Who presses, and what is sent with it; refused where it does not carry the session's secret."""
        session = self._session(request)
        session.need(role)
        session.press()
        form = await _form(request)
        if not hmac.compare_digest(form.get("csrf", "").encode("utf-8"), session.csrf.encode("ascii")):
            raise Refused(403, "csrf")
        return session, form

    async def enter(self, request: Request) -> Response:
        """The page on which one says who one is; it uses nothing up, whoever opens it."""
        token = request.query_params.get("token", "")
        link = request.query_params.get("link", "")
        asked = request.headers.get("accept-language", "")[:2].lower()
        with speaking(asked):
            return HTMLResponse(page_text("enter.html", token=token, link=link, sentence=""))

    async def came(self, request: Request) -> Response:
        """Exchange the start token for a cookie."""
        try:
            form = await _form(request)
            chosen = form.get("language", "")
            with speaking(chosen):
                if form.get("link"):
                    cookie = await run_in_threadpool(self._gate.enter_by_link, form["link"])
                else:
                    cookie = self._gate.enter(form.get("token", ""), form.get("name", ""))
        except Refused as refused:
            return refusal(refused)
        answer = RedirectResponse("/", status_code=303)
        answer.set_cookie(
            *(self._gate.cookie, cookie), httponly=True, samesite="strict", path="/", secure=self._gate.secure
        )
        return answer

    async def leave(self, request: Request) -> Response:
        """End the session."""
        try:
            await self._press(request)
        except Refused as refused:
            return refusal(refused)
        self._gate.leave(request.cookies.get(self._gate.cookie))
        return HTMLResponse(page_text("refused.html", sentence=words("desk.left")))

    async def live(self, request: Request) -> Response:
        """The stream of events of one browser: the number of each new picture."""
        try:
            session = self._session(request)
        except Refused as refused:
            return refusal(refused)
        if session.streams >= _MOST_STREAMS:
            return Response(status_code=204)  # such a page asks by itself every half minute
        return StreamingResponse(self._events(request, session), media_type="text/event-stream")

    async def _events(self, request: Request, session: Session) -> AsyncIterator[str]:
        said, quiet_s = "", 0.0
        session.streams += 1
        try:
            yield "retry: 3000\n\n"
            while not self._keeper.ended and not await request.is_disconnected():
                mark = self._keeper.mark
                if mark != said:
                    said, quiet_s = mark, 0.0
                    yield f"event: changed\ndata: {mark}\n\n"
                elif quiet_s >= _PING_S:
                    quiet_s = 0.0
                    yield ": still here\n\n"
                await asyncio.sleep(_STREAM_S)
                quiet_s += _STREAM_S
        finally:
            session.streams -= 1


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


def _language(ask: Ask) -> Response:
    chosen = ask.form.get("language", "")
    if chosen in LANGUAGES:
        ask.session.language = chosen
    return RedirectResponse(inside(ask.form.get("back", "")), status_code=303)
