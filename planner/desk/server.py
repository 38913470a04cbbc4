"""Serves a desk until it is stopped: takes the port, opens the browser, ends cleanly."""

from __future__ import annotations

import errno
import socket
import sys
import threading
import time
import webbrowser
from collections.abc import Callable
from contextlib import closing, suppress
from ipaddress import ip_address

import uvicorn

from planner.base.errors import Fault, InputError
from planner.desk.gate import Gate, Guard
from planner.desk.pages import application
from planner.desk.picture import Keeper

__all__ = ["refuse_beyond", "serve"]

_BACKLOG = 128
_GRACE_S = 2  # for answers under way when the desk is closed
_STARTS_S = 10.0


def refuse_beyond(host: str) -> None:
    """Raise where a desk would be open to other machines (K031): there are no people with rights yet."""
    try:
        inside = ip_address(host).is_loopback
    except ValueError:
        inside = host == "localhost"
    if not inside:
        raise InputError([Fault("K031", "--host", value=host)])


def _taken(host: str, port: int) -> socket.socket:
    """The port, taken.

    Raises
    ------
    InputError
        If somebody else has it (K032), or the machine gives none (K033).
    """
    refuse_beyond(host)
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
    *,
    host: str,
    port: int,
    browser: bool,
    close_after_s: float | None,
    say: Callable[[str], None],
) -> None:
    """Serve until Ctrl-C, or until the system asks to end.

    Parameters
    ----------
    keeper
        Of the folder.
    host, port
        Where: an address of this machine, and the port; 0: a free one.
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
    with closing(_taken(host, port)) as listening:
        keeper.begin()
        port = int(listening.getsockname()[1])
        gate = Gate(port)
        called = [f"127.0.0.1:{port}", f"localhost:{port}", f"[::1]:{port}"]
        app = Guard(application(keeper, gate), called)
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
        )
        server = uvicorn.Server(config)
        keeper.closing = lambda: bool(server.should_exit)
        shown = "[::1]" if ":" in host else "127.0.0.1"
        address = f"http://{shown}:{port}/enter?token={gate.token}"
        say(address)
        if browser:
            threading.Thread(target=_open, args=(server, address), daemon=True).start()
        if close_after_s is not None:
            threading.Thread(target=_close, args=(server, close_after_s), daemon=True).start()
        try:
            with suppress(KeyboardInterrupt):
                server.run(sockets=[listening])
        finally:
            keeper.end()


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
