"""Searches that take less of a test's time than usual, and find as much."""

from contextlib import nullcontext
from dataclasses import replace

from planner.solving import dispatch


def propose_shortly(patch):
    """The engine proposes for a moment only: where there are so few routes composition has them all."""
    patch.setattr("planner.propose.sisr.engine._PER_EFFORT", 500)
    patch.setattr("planner.propose.sisr.engine._PIECES", 20)


def search_here(patch):
    """Searches find in this process what they find on others, each of which takes over a second to start."""

    def run_here(instance, jobs, *, options, workers, worker_pool=None, **more):
        threads = max(1, workers // max(1, min(workers, len(jobs))))
        dispatch.run_jobs(instance, jobs, options=replace(options, workers=threads), workers=0, **more)

    patch.setattr("planner.solving.pipeline.run_jobs", run_here)
    patch.setattr("planner.solving.worker_pool.WorkerPool", lambda number, engine: nullcontext())
