"""The kernel's functions as plain Python, not compiled: each can be called and looked into by itself."""

import sys
from contextlib import contextmanager
from importlib import import_module
from types import SimpleNamespace

import numpy as np

from planner.propose.sisr.kernel.arrays import State, new_state

__all__ = ["plain_kernel", "plain_state"]

PACKAGE = "planner.propose.sisr.kernel"
COMPILED = (
    "draws",
    "time_functions",
    "hours",
    "times",
    "propagation",
    "vehicles",
    "solution",
    "insertion_tests",
    "bundles",
    "insertion",
    "local_search",
    "vehicle_choice",
    "ruin",
    "recreate",
    "acceptance",
    "search",
)


@contextmanager
def _without_compiling():
    """Import afresh with numba switched off; afterwards everything is as it was."""
    import numba

    package = import_module(PACKAGE)
    names = [f"{PACKAGE}.{name}" for name in COMPILED]
    modules = {name: sys.modules.pop(name) for name in names if name in sys.modules}
    parts = {name: vars(package).pop(name) for name in COMPILED if name in vars(package)}
    before, numba.config.DISABLE_JIT = numba.config.DISABLE_JIT, True
    try:
        yield
    finally:
        numba.config.DISABLE_JIT = before
        for name in names:
            sys.modules.pop(name, None)
        for name in COMPILED:
            vars(package).pop(name, None)
        sys.modules.update(modules)
        vars(package).update(parts)


def plain_kernel():
    """All functions and constants of the kernel's compiled modules."""
    found = SimpleNamespace()
    with _without_compiling():
        for name in COMPILED:
            vars(found).update(vars(import_module(f"{PACKAGE}.{name}")))
    return found


def plain_state(data, trips, chains, seed):
    """An empty solution; whole numbers are of 64 bits, as compiled code computes with them."""
    state = new_state(data, trips, chains, seed)
    return State(*(one.astype(np.int64) if one.dtype == np.int32 else one for one in state))
