"""Worker processes: they never run the caller's script again, and end with their parent."""

from __future__ import annotations

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from planner.solving.worker import read_message, write_message
from planner.solving.worker_pool import WorkerPool, new_process

ROOT = Path(__file__).resolve().parents[1]
TOY = ROOT / "instances" / "toy"

UNGUARDED = f"""\
import pathlib
with open("runs.txt", "a") as file:
    file.write("run\\n")
import planner
result = planner.solve({str(TOY)!r}, effort=1, workers=2)
print(result.status, result.cost)
"""

LOOP = f"""\
import asyncio, planner

async def main():
    direct = planner.solve({str(TOY)!r}, effort=1, workers=1)
    beside = asyncio.create_task(asyncio.sleep(0, "went on"))
    other = await asyncio.to_thread(planner.solve, {str(TOY)!r}, effort=1, workers=1)
    print(direct.cost, other.cost, await beside)

asyncio.run(main())
"""


def environment() -> dict[str, str]:
    places = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    return {**os.environ, "PYTHONPATH": places}


def run(command: list[str], folder: Path, text: str | None = None) -> str:
    done = subprocess.run(
        [sys.executable, *command],
        cwd=folder,
        env=environment(),
        input=text,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr == ""
    return done.stdout


def test_a_script_without_guard_runs_once(tmp_path):
    folder = tmp_path / "Skrip désa"
    folder.mkdir()
    (folder / "mine.py").write_text(UNGUARDED, "utf-8")
    assert run(["mine.py"], folder).split() == ["ON_TIME", "834000"]
    assert (folder / "runs.txt").read_text("utf-8").split() == ["run"]


def test_a_running_event_loop_does_not_matter(tmp_path):
    assert run(["-"], tmp_path, LOOP).split() == ["834000", "834000", "went", "on"]


def test_a_worker_imports_from_where_its_parent_does(tmp_path, monkeypatch):
    """Also where that is known to the parent's `sys.path` alone."""
    code = UNGUARDED.replace("import pathlib\n", f"import sys\nsys.path.insert(0, {str(ROOT)!r})\n")
    monkeypatch.delenv("PYTHONPATH", raising=False)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.stdout.split() == ["ON_TIME", "834000"], done.stderr


def test_messages_read_back_and_a_broken_one_is_none():
    stream = io.BytesIO()
    write_message(stream, b"one")
    write_message(stream, b"")
    whole = stream.getvalue()
    stream = io.BytesIO(whole)
    assert [read_message(stream) for _ in range(3)] == [b"one", b"", None]
    for length in range(1, 11):
        assert read_message(io.BytesIO(whole[:length])) is None


def test_spares_that_nobody_took_end(tmp_path):
    with WorkerPool(2, "ortools") as worker_pool:
        taken = worker_pool.take()
        assert taken is not None
        assert taken.process.is_alive()
        left = worker_pool._waiting[0]
    assert not left.process.is_alive()
    taken.process.terminate()
    taken.process.join()
    assert not taken.process.is_alive()


def test_work_for_a_process_that_ended_is_no_error():
    started = new_process("ortools")
    started.process.terminate()
    started.orders.send(b"x" * 1_000_000)
    started.process.join()
    assert started.results.empty()


@pytest.mark.skipif(os.name == "nt", reason="there a worker ends with the next thing that it tells")
def test_workers_end_when_their_parent_is_killed(tmp_path):
    code = (
        "import planner, sys\n"
        f"planner.solve({str(ROOT / 'instances' / 'mahulu')!r}, time_limit_s=600, workers=2, guarantee=0,\n"
        "    on_progress=lambda _: print('found', flush=True))\n"
    )
    parent = subprocess.Popen(
        [sys.executable, "-c", code], cwd=tmp_path, env=environment(), stdout=subprocess.PIPE, text=True
    )
    try:
        with parent.stdout as said:
            assert said.readline() == "found\n"
            workers = children(parent.pid)
            parent.send_signal(signal.SIGKILL)
            parent.wait()
        assert workers
        until = time.monotonic() + 30
        while any(alive(one) for one in workers) and time.monotonic() < until:
            time.sleep(0.05)
        assert [one for one in workers if alive(one)] == []
    finally:
        parent.kill()
        parent.wait()


def children(pid: int) -> list[int]:
    """Numbers of a process's children."""
    listed = subprocess.run(["ps", "-eo", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in listed.splitlines()]
    return [int(one) for one, its_parent in pairs if int(its_parent) == pid]


def alive(pid: int) -> bool:
    listed = subprocess.run(
        ["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False
    ).stdout
    return listed.strip() != "" and not listed.strip().startswith("Z")
