"""Serves a desk until it is stopped: takes the port, opens the browser, ends cleanly."""

from __future__ import annotations

import errno
import signal
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path
from ssl import Purpose, create_default_context
from urllib.parse import urlsplit

import uvicorn

from planner.base.errors import Fault, InputError
from planner.desk.gate import Gate, Guard
from planner.desk.pages import application
from planner.desk.people import People
from planner.desk.picture import Keeper
from planner.desk.proposals import Proposals

__all__ = ["Door", "serve"]

_BACKLOG = 128
_MOST_HEAD = 16 * 1024  # bytes of the head of a request
_GRACE_S = 2  # for answers under way when the desk is closed
_STARTS_S = 10.0


@dataclass(frozen=True, slots=True)
class Door:
    """Where a desk is served, and how.

    Parameters
    ----------
    host, port
        An address of this machine, and the port; 0: a free one.
    address
        By which browsers call it, where that is another one: behind a proxy, or under a name of its own.
    certificate, key
        Files for TLS; None: it serves without.
    insecure_lan
        Whether it may be open to other machines without TLS; then nobody's telephone is shown.
    """

    host: str = "127.0.0.1"
    port: int = 0
    address: str = ""
    certificate: Path | None = None
    key: Path | None = None
    insecure_lan: bool = False

    @property
    def is_inside(self) -> bool:
        """Whether only this machine gets there."""
        try:
            return ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    @property
    def shows_people(self) -> bool:
        """Whether people and their telephones may be shown."""
        return self.is_inside or self.certificate is not None

    def check(self) -> None:
        """Refuse what would be open to everybody on the way.

        Raises
        ------
        InputError
            If other machines could come without TLS and nobody asked for that (K031), a file is missing or
            not readable as certificate and key (K057), or the address is none (K058).
        """
        if not self.is_inside and self.certificate is None and not self.insecure_lan:
            raise InputError([Fault("K031", "--host", value=self.host)])
        if (self.certificate is None) != (self.key is None):
            raise InputError([Fault("K057", "--certificate", params={"reason": "--certificate, --key"})])
        if self.certificate is not None and self.key is not None:
            try:
                create_default_context(Purpose.CLIENT_AUTH).load_cert_chain(self.certificate, self.key)
            except (OSError, ValueError) as error:
                params = {"reason": str(error)}
                raise InputError(
                    [Fault("K057", "--certificate", value=str(self.certificate), params=params)]
                ) from None
        if self.address:
            parts = urlsplit(self.address)
            if parts.scheme not in ("http", "https") or not parts.hostname or not parts.netloc.isascii():
                raise InputError([Fault("K058", "--address", value=self.address)])

    def called(self, port: int) -> tuple[str, list[str]]:
        """The scheme and the names by which browsers may call it, the first of them the one to be told."""
        scheme = "http" if self.certificate is None else "https"
        names = [f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"]
        if ":" in self.host:
            names = [names[2], *names[:2]]
        if not self.is_inside:
            names = [f"{self.host}:{port}"] if self.host not in ("0.0.0.0", "::") else names
        if self.address:
            parts = urlsplit(self.address)
            return parts.scheme, [parts.netloc]
        return scheme, names


def _taken(host: str, port: int) -> socket.socket:
    """The port, taken.

    Raises
    ------
    InputError
        If somebody else has it (K032), or the machine gives none (K033).
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        if sys.platform != "win32":  # there it would let two desks have one port
            found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind(("127.0.0.1" if host == "localhost" else host, port))
        found.listen(_BACKLOG)
    except OSError as error:
        found.close()
        code = "K032" if error.errno == errno.EADDRINUSE else "K033"
        params = {"reason": error.strerror or type(error).__name__}
        raise InputError([Fault(code, "--port", value=str(port), params=params)]) from None
    return found


def serve(
    keeper: Keeper,
    door: Door,
    *,
    browser: bool,
    close_after_s: float | None,
    say: Callable[[str], None],
) -> None:
    """Serve until Ctrl-C, or until the system asks to end.

    Parameters
    ----------
    keeper
        Of the folder.
    door
        Where, and how.
    browser
        Whether to open the browser.
    close_after_s
        After so many seconds it ends by itself; None: it does not.
    say
        Is told the address at which to come in.

    Raises
    ------
    InputError
        If there is no picture, or the port cannot be taken.
    """
    door.check()
    with closing(_taken(door.host, door.port)) as listening:
        keeper.begin()
        port = int(listening.getsockname()[1])
        scheme, called = door.called(port)
        people = People(keeper.folder)
        people.all  # noqa: B018 - a file that cannot be read is told before anybody comes
        secure = scheme == "https"
        gate = Gate(port, people, secure=secure, shows_people=door.shows_people)
        proposals = Proposals(keeper)
        app = Guard(application(keeper, proposals, gate), called, scheme)
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            lifespan="off",
            ws="none",
            http="h11",
            loop="asyncio",
            timeout_graceful_shutdown=_GRACE_S,
            ssl_certfile=door.certificate,
            ssl_keyfile=door.key,
            proxy_headers=False,
            h11_max_incomplete_event_size=_MOST_HEAD,
        )
        server = uvicorn.Server(config)

        def close(*_: object) -> None:
            server.should_exit = True

        # Before anybody knows the address: a KeyboardInterrupt would be lost in the middle of an import.
        before = {one: signal.signal(one, close) for one in (signal.SIGINT, signal.SIGTERM)}
        keeper.closing = lambda: bool(server.should_exit)
        address = f"{scheme}://{called[0]}/enter?token={gate.token}"
        say(address)
        if browser:
            threading.Thread(target=_open, args=(server, address), daemon=True).start()
        if close_after_s is not None:
            threading.Thread(target=_close, args=(server, close_after_s), daemon=True).start()
        try:
            server.run(sockets=[listening])
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)
            keeper.end()
            proposals.end()


def _open(server: uvicorn.Server, address: str) -> None:
    """Open the browser as soon as the server answers."""
    until_s = time.monotonic() + _STARTS_S
    while not server.started and time.monotonic() < until_s:
        time.sleep(0.05)
    webbrowser.open(address)


def _close(server: uvicorn.Server, after_s: float) -> None:
    """Ask the server to end when its time is over."""
    time.sleep(after_s)
    server.should_exit = True
