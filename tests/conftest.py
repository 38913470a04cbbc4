"""One profile for all property tests, the same examples everywhere; searches that take less than usual."""

from contextlib import nullcontext
from dataclasses import replace

import pytest
from hypothesis import settings

settings.register_profile("same_everywhere", derandomize=True)
settings.load_profile("same_everywhere")


@pytest.fixture
def short_searches(monkeypatch):
    """The engine proposes for a moment only: where there are so few routes composition has them all."""
    monkeypatch.setattr("planner.propose.sisr.engine._PER_EFFORT", 500)
    monkeypatch.setattr("planner.propose.sisr.engine._PIECES", 20)


@pytest.fixture
def no_workers(monkeypatch):
    """Searches find here what they find on processes, each of which takes more than a second to start."""
    from planner.solving import dispatch

    def run_here(instance, jobs, *, options, workers, worker_pool=None, **more):
        threads = max(1, workers // max(1, min(workers, len(jobs))))
        dispatch.run_jobs(instance, jobs, options=replace(options, workers=threads), workers=0, **more)

    monkeypatch.setattr("planner.solving.pipeline.run_jobs", run_here)
    monkeypatch.setattr("planner.solving.worker_pool.WorkerPool", lambda number, engine: nullcontext())
