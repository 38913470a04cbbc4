"""How the functions inside the kernel are compiled: into their callers, and not for Python."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba

# More of the compiler's passes take longer: 57 s in place of 41 when this was tried, for code no faster.
_config: Any = numba.config
_config.OPT = type(_config.OPT)(1)

_Function = TypeVar("_Function", bound=Callable[..., Any])


def inner(function: _Function) -> _Function:
    """Compile a function as a part of those that call it."""
    compiled: Any = numba.njit
    found: _Function = compiled(_nrt=False, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True)(
        function
    )
    return found


def inlined(function: _Function) -> _Function:
    """Compile a small function into the middle of those that call it."""
    compiled: Any = numba.njit
    found: _Function = compiled(
        _nrt=False, nogil=True, no_cpython_wrapper=True, no_cfunc_wrapper=True, forceinline=True
    )(function)
    return found
