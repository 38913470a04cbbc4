"""Who may come in: a start token exchanged for a cookie, sessions, and what every request must keep."""

from __future__ import annotations

import hashlib
import hmac
import logging
import secrets
import threading
import time
from collections import deque
from collections.abc import Awaitable, Callable, Collection, MutableMapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl

from planner.base.safe_text import label_text
from planner.base.text import language, words
from planner.desk.people import People, Person, Role

__all__ = ["AUDIT", "MOST_BYTES", "Gate", "Guard", "Refused", "Session", "fields_of"]

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

_LOG = logging.getLogger(__name__)
MOST_BYTES = 64 * 1024  # of what is sent with a press
_MOST_FIELDS = 200
_MOST_SESSIONS = 1000
_MOST_KEYS = 10_000
_LASTS_S = 3 * 86_400
_NAME_LONG = 80
_SHOWN = 200  # signs of an address in the log
_LINES_A_MINUTE = 60
_PRESSES_A_MINUTE = 240
AUDIT = logging.getLogger("planner.desk.audit")
_FORM = b"application/x-www-form-urlencoded"

_POLICY = "; ".join(
    (
        *("default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:"),
        *("connect-src 'self'", "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'"),
    )
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode("ascii")),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"same-origin"),  # `no-referrer` would take the Origin from our own presses
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=()"),
)


class Refused(Exception):
    """A request that is not obeyed: with a status of HTTP and the key of a sentence."""

    def __init__(self, status: int, key: str) -> None:
        super().__init__(key)
        self.status, self.key = status, key

    def sentence(self) -> str:
        """Why, in the language in force."""
        return words(f"desk.refused.{self.key}")


@dataclass
class Session:
    """Somebody who came in.

    Parameters
    ----------
    name
        By whom reports are told.
    language
        Code of the language of the pages.
    person
        Who came by a link, as he may now; None: whoever started the desk, who may everything.
    csrf
        What every press of this session's pages carries.
    keys
        Presses that were done, each with where its answer stands: one that comes again is not done again.
    streams
        How many streams of events are open.
    shows_people
        Whether people with their telephones are shown.
    pressed
        When something was pressed in the last minute.
    """

    name: str
    language: str
    person: Person | None = None
    csrf: str = field(default_factory=lambda: secrets.token_urlsafe(24))
    began_s: float = field(default_factory=time.monotonic)
    keys: dict[str, str] = field(default_factory=dict)
    streams: int = 0
    shows_people: bool = True
    pressed: deque[float] = field(default_factory=deque)

    @property
    def role(self) -> Role:
        """What this session may do."""
        return Role.APPROVER if self.person is None else self.person.role

    @property
    def who(self) -> str:
        """What tells people apart who approve; whoever has the start token is one person, however called."""
        return "" if self.person is None else self.person.link

    def may(self, role: str) -> bool:
        """Whether this session may do what a role may."""
        return self.role.may(Role(role))

    def need(self, role: Role) -> None:
        """Refuse where this session may not do what a role may."""
        if not self.role.may(role):
            raise Refused(403, "role")

    def need_one_of(self, areas: Collection[str]) -> None:
        """Refuse where a reporter's areas are others."""
        mine = () if self.person is None or self.role is not Role.REPORTER else self.person.areas
        if mine and not set(mine) & set(areas):
            raise Refused(403, "area")

    def press(self) -> None:
        """Refuse where so much is pressed that nobody can be doing it by hand."""
        now_s = time.monotonic()
        while self.pressed and now_s - self.pressed[0] > 60:
            self.pressed.popleft()
        if len(self.pressed) >= _PRESSES_A_MINUTE:
            raise Refused(429, "fast")
        self.pressed.append(now_s)

    def new_key(self) -> str:
        """What a press carries so that it is done once."""
        return secrets.token_urlsafe(12)

    def keep(self, key: str, where: str) -> None:
        """Keep where the answer to a press stands."""
        self.keys[key] = where
        while len(self.keys) > _MOST_KEYS:
            del self.keys[next(iter(self.keys))]


class Gate:
    """The start token and the sessions; neither is ever written down.

    Parameters
    ----------
    port
        Of the server: cookies of two desks on one machine have two names.
    people
        Of the folder.
    secure
        Whether the cookie goes over encrypted connections alone.
    shows_people
        Whether people with their telephones are shown.
    """

    def __init__(self, port: int, people: People, *, secure: bool = False, shows_people: bool = True) -> None:
        self.token = secrets.token_urlsafe(32)
        self.secure, self.shows_people = secure, shows_people
        self.cookie = f"__Host-desk_{port}" if secure else f"desk_{port}"
        self._people = people
        self._sessions: dict[str, Session] = {}
        self._lock = threading.Lock()

    def enter(self, token: str, name: str) -> str:
        """The cookie of a new session.

        Raises
        ------
        Refused
            If the token is not the start token, or nobody says who comes.
        """
        if not hmac.compare_digest(token.encode("utf-8"), self.token.encode("ascii")):
            raise Refused(403, "token")
        name = label_text(name).strip()[:_NAME_LONG]
        if not name:
            raise Refused(422, "name")
        AUDIT.info("came in with the start token: %s", name)
        return self._begun(Session(name, language(), shows_people=self.shows_people))

    def enter_by_link(self, secret: str) -> str:
        """The cookie of a new session of somebody with a link.

        Raises
        ------
        Refused
            If no link that holds has this secret.
        """
        person = self._people.by_link(secret)
        if person is None:
            raise Refused(403, "link")
        AUDIT.info("came in by a link: %s (%s)", person.name, person.role.value)
        return self._begun(Session(person.name, language(), person, shows_people=self.shows_people))

    def _begun(self, session: Session) -> str:
        cookie = secrets.token_urlsafe(32)
        with self._lock:
            self._sessions[_digest(cookie)] = session
            while len(self._sessions) > _MOST_SESSIONS:
                del self._sessions[next(iter(self._sessions))]
        return cookie

    def session(self, cookie: str | None) -> Session:
        """The session of a cookie.

        Raises
        ------
        Refused
            If there is none, or it is too old.
        """
        found = self._sessions.get(_digest(cookie or ""))
        if found is None or time.monotonic() - found.began_s > _LASTS_S:
            raise Refused(401, "nobody")
        if found.person is not None:
            found.person = self._people.again(found.person.link)
            if found.person is None:
                self.leave(cookie)
                raise Refused(401, "over")
        return found

    def leave(self, cookie: str | None) -> None:
        """End a session."""
        with self._lock:
            self._sessions.pop(_digest(cookie or ""), None)


def _digest(cookie: str) -> str:
    return hashlib.sha256(cookie.encode("utf-8", "surrogatepass")).hexdigest()


def fields_of(content_type: str, body: bytes) -> dict[str, str]:
    """What a form says; of a field that stands twice, the first.

    Raises
    ------
    Refused
        If it is no form, or one of too many fields.
    """
    if content_type.split(";", maxsplit=1)[0].strip().lower().encode("latin-1", "replace") != _FORM:
        raise Refused(415, "form")
    try:
        pairs = parse_qsl(
            body.decode("ascii"), keep_blank_values=True, max_num_fields=_MOST_FIELDS, errors="strict"
        )
    except (ValueError, UnicodeDecodeError):
        raise Refused(400, "form") from None
    found: dict[str, str] = {}
    for key, value in pairs:
        found.setdefault(key, value)
    return found


class Guard:
    """Lets a request through that keeps what all must; everything else is refused, and written in the log.

    Parameters
    ----------
    app
        What answers.
    hosts
        Names and ports by which this server may be called; anything else may be another site that has the
        browser call us by its own name.
    scheme
        `http` or `https`: how browsers call it.

    Notes
    -----
    A press (POST) needs an Origin of ours; a request by GET changes nothing anywhere, so that a link that a
    messenger opens for its preview does no harm.
    """

    def __init__(
        self,
        app: Callable[[Scope, Receive, Send], Awaitable[None]],
        hosts: Sequence[str],
        scheme: str = "http",
    ) -> None:
        self._app = app
        self._hosts = frozenset(host.encode("ascii") for host in hosts)
        self._origins = frozenset(f"{scheme}://{host}".encode("ascii") for host in hosts)
        self._minute, self._lines, self._unsaid = 0, 0, 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers: list[tuple[bytes, bytes]] = scope["headers"]

        async def answer(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                own = {name for name, _ in message["headers"]}
                message["headers"] = [*message["headers"], *(one for one in _HEADERS if one[0] not in own)]
                if b"cache-control" not in own:
                    message["headers"].append((b"cache-control", b"no-store"))
                if message["status"] >= 400:
                    self._note(scope, message["status"])
            await send(message)

        try:
            self._check(scope["method"], headers)
        except Refused as refused:
            await _refuse(refused, answer)
            return
        await self._app(scope, receive, answer)

    def _check(self, method: str, headers: Sequence[tuple[bytes, bytes]]) -> None:
        if [value for name, value in headers if name == b"host"][:2] not in [[host] for host in self._hosts]:
            raise Refused(421, "host")
        if method not in ("GET", "HEAD", "POST"):
            raise Refused(405, "method")
        if method != "POST":
            return
        origins = [value for name, value in headers if name == b"origin"]
        if len(origins) != 1 or origins[0] not in self._origins:
            raise Refused(403, "origin")
        if any(
            value not in (b"same-origin", b"none") for name, value in headers if name == b"sec-fetch-site"
        ):
            raise Refused(403, "origin")
        lengths = [value for name, value in headers if name == b"content-length"]
        if any(not value.isdigit() or int(value) > MOST_BYTES for value in lengths):
            raise Refused(413, "size")

    def _note(self, scope: Scope, status: int) -> None:
        """Write a refusal into the log of the desk; in the terminal so many a minute, then how many more."""
        path, method = (
            label_text(str(scope.get("path", "")))[:_SHOWN],
            label_text(str(scope.get("method", ""))),
        )
        AUDIT.info("refused: %s %s (%d) %s", method, path, status, scope.get("state", {}).get("who", "-"))
        minute = int(time.monotonic() // 60)
        if minute != self._minute:
            if self._unsaid:
                _LOG.warning("%d more were refused in the minute before.", self._unsaid)
            self._minute, self._lines, self._unsaid = minute, 0, 0
        self._lines += 1
        if self._lines > _LINES_A_MINUTE:
            self._unsaid += 1
            return
        _LOG.warning("refused: %s %s (%d)", method, path, status)


async def _refuse(refused: Refused, send: Send) -> None:
    body = refused.sentence().encode("utf-8")
    start = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode())]
    head = {"type": "http.response.start", "status": refused.status}
    await send({**head, "headers": [*start, (b"connection", b"close")]})
    await send({"type": "http.response.body", "body": body})
