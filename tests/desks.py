"""Desks for tests: a server of its own, as people start it, and somebody who asks it by hand."""

import contextlib
import http.client
import os
import re
import signal
import subprocess
import sys
import time
from html import unescape
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from stores import desk

ROOT = Path(__file__).resolve().parents[1]
START = "import sys; from planner.cli import main; sys.argv[0] = 'plan'; sys.exit(main())"


def laid_out(folder, tables):
    """A folder with the plan of a small chain with a hub in force, and a store."""
    from planner.store.ledger import begun

    table = desk(folder, tables)
    begun(folder)
    return table


def listening(pid):
    """The port at which a process listens, by the system's own tables."""
    inodes = set()
    for entry in Path(f"/proc/{pid}/fd").iterdir():
        with contextlib.suppress(OSError):
            inodes.update(re.findall(r"socket:\[(\d+)\]", os.readlink(entry)))
    for line in Path(f"/proc/{pid}/net/tcp").read_text().splitlines()[1:]:
        cells = line.split()
        if cells[3] == "0A" and cells[9] in inodes:
            return int(cells[1].rpartition(":")[2], 16)
    raise AssertionError(pid)


class Served:
    """A desk that is served by a process of its own, and its address."""

    def __init__(self, folder, *words):
        self.folder = folder
        line = [sys.executable, "-c", START, "desk", folder, "--port", "0", "--no-browser", *words]
        self.process = subprocess.Popen(
            [str(one) for one in line],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
        said = self.process.stdout.readline()
        found = re.search(r"https?://\S+", said)
        if not found:
            raise AssertionError(said + self.process.communicate(timeout=60)[1])
        self.address = found[0]
        parts = urlsplit(self.address)
        self.host, self.port = parts.hostname, parts.port
        if self.port is None:  # behind a proxy: where it listens, by /proc
            self.host, self.port = "127.0.0.1", listening(self.process.pid)
        self.origin = f"http://{self.host}:{self.port}"
        self.token = parse_qs(parts.query)["token"][0]

    def stop(self):
        """Ctrl-C; gives the exit code and what was said on stderr."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        _, err = self.process.communicate(timeout=60)
        return self.process.returncode, err


@contextlib.contextmanager
def served(folder, *words):
    found = Served(folder, *words)
    try:
        yield found
    finally:
        found.stop()


class Answer:
    def __init__(self, answer, body):
        self.status, self.headers, self.text = answer.status, answer.headers, body.decode("utf-8")

    @property
    def where(self):
        """The address it leads to."""
        return self.headers["location"]


class Person:
    """Somebody with a browser: keeps the cookie, presses what stands on a page."""

    def __init__(self, desk, name="Sari", language="en", come_in=True):
        self.desk, self.cookie, self.csrf = desk, "", ""
        if come_in:
            fields = {"token": desk.token, "name": name, "language": language}
            answer = self.post("/enter", fields)
            assert answer.status == 303, answer.text
            self.cookie = answer.headers["set-cookie"].split(";")[0]
            self.csrf = re.search(r'name="csrf" value="([^"]+)"', self.get("/").text)[1]

    def ask(self, method, path, body=None, **headers):
        """One request; headers with None as their value are left out."""
        every = {"Host": f"{self.desk.host}:{self.desk.port}", "Cookie": self.cookie or None}
        if method == "POST":
            every |= {"Origin": self.desk.origin, "Content-Type": "application/x-www-form-urlencoded"}
        every |= {name.replace("_", "-").title(): value for name, value in headers.items()}
        connection = http.client.HTTPConnection(self.desk.host, self.desk.port, timeout=60)
        try:
            connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
            for name, value in every.items():
                if value is not None:
                    connection.putheader(name, value)
            content = body.encode("utf-8") if isinstance(body, str) else body
            if content is not None and "Content-Length" not in every:
                connection.putheader("Content-Length", str(len(content)))
            connection.endheaders()
            if content is not None:
                with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                    connection.send(content)
            answer = connection.getresponse()
            return Answer(answer, answer.read())
        finally:
            connection.close()

    def get(self, path, **headers):
        return self.ask("GET", path, **headers)

    def post(self, path, fields, **headers):
        return self.ask("POST", path, urlencode(fields), **headers)

    def press(self, path, **fields):
        """Press a button: with the secret of the session."""
        return self.post(path, {"csrf": self.csrf, **fields})


def by_link(desk, name, role, **more):
    """Somebody who comes in by a link, as from another machine."""
    from planner.desk.people import Role, add_person

    _, secret = add_person(desk.folder, name, Role(role), more.get("areas", ()), more.get("days", 1))
    who = Person(desk, name, come_in=False)
    answer = who.post("/enter", {"link": secret, "language": "en"})
    assert answer.status == 303, answer.text
    who.cookie = answer.headers["set-cookie"].split(";")[0]
    who.csrf = re.search(r'name="csrf" value="([^"]+)"', who.get("/").text)[1]
    who.secret = secret
    return who


def words_of(answer):
    """The text of a page, without marks."""
    plain = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", answer.text, flags=re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", plain)).split())


def until(check, seconds=20):
    """Wait until something holds."""
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        found = check()
        if found:
            return found
        time.sleep(0.1)
    raise AssertionError(f"not within {seconds} s: {check}")
