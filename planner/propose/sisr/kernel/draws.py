"""Random numbers of the kernel."""

from __future__ import annotations

import math

import numpy as np

from planner.propose.sisr.kernel.arrays import (
    BLINK,
)
from planner.propose.sisr.kernel.inner import inlined, inner

__all__ = ["blinks", "draw", "draw_below"]


@inlined
def draw(state):
    """A random number in [0, 1), xorshift128+."""
    one, two = state.random[0], state.random[1]
    state.random[0] = two
    one ^= one << np.uint64(23)
    one ^= one >> np.uint64(17)
    one ^= two ^ (two >> np.uint64(26))
    state.random[1] = one
    return np.float64((one + two) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@inlined
def draw_below(state, limit):
    """A random whole number below a limit."""
    return np.int64(draw(state) * limit)


@inner
def next_blink(state, rate):
    """After how many places the next one is overlooked."""
    if rate <= 0.0:
        return np.int64(1_000_000)
    return 1 + np.int64(math.log(1.0 - draw(state)) / math.log(1.0 - rate))


@inner
def blinks(state, rate):
    """Whether this place is overlooked; the next time is drawn ahead."""
    state.number[BLINK] -= 1
    if state.number[BLINK] > 0:
        return False
    state.number[BLINK] = next_blink(state, rate)
    return True
