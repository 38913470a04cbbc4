"""How the functions inside the kernel are compiled: into their callers, and not for Python.

numba makes machine code of each function that it compiles, and lets the compiler's passes go over it again in
every function that it is linked into. Of functions that nobody calls from outside both are done in vain: here
they are kept as they came, and all is optimised once in the function that is called. This takes 33 s in place
of 56.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

import numba
from numba.core.codegen import JITCodeLibrary
from numba.core.compiler import CompilerBase, DefaultPassBuilder
from numba.core.compiler_machinery import FunctionPass, register_pass
from numba.core.untyped_passes import TranslateByteCode

_Function = TypeVar("_Function", bound=Callable[..., Any])


class _Part(JITCodeLibrary):
    """Code that is only ever linked into other code."""

    @property
    def codegen(self) -> _WithoutMachineCode:
        """Makes code, for the rest of the compilation."""
        return _WithoutMachineCode(self._codegen)

    def get_pointer_to_function(self, name: str) -> int:
        """None, as for what is not defined."""
        self._ensure_finalized()  # type: ignore[no-untyped-call]
        return 0

    def _optimize_final_module(self) -> None:
        """Left to those that it is linked into."""

    def _finalize_final_module(self) -> None:
        """Ready to be linked; it is not handed over to be run."""
        self._finalize_dynamic_globals()  # type: ignore[no-untyped-call]
        self._finalized = True


class _WithoutMachineCode:
    """Another maker of code, for what is not in memory to be run."""

    def __init__(self, codegen: Any) -> None:  # noqa: ANN401
        self._codegen = codegen

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401
        return getattr(self._codegen, name)

    def set_env(self, name: str, env: object) -> None:
        """Nothing: there is no place for it."""


@register_pass(mutates_CFG=False, analysis_only=True)  # type: ignore[no-untyped-call]
class _AsPart(FunctionPass):
    """Keep what is compiled as a part of other code."""

    _name = "planner_as_part"

    def __init__(self) -> None:
        """Keeps nothing."""

    def run_pass(self, state: Any) -> bool:  # noqa: ANN401
        """Give the function a library of its own kind; tells that its code is as it was."""
        library: Any = _Part
        state.library = library(state.targetctx.codegen(), state.func_id.func_qualname)
        return False


class _PartCompiler(CompilerBase):
    """numba's usual passes, for a part of other code."""

    def define_pipelines(self) -> list[Any]:
        """The one way to compile it."""
        builder: Any = DefaultPassBuilder
        passes = builder.define_nopython_pipeline(self.state)
        passes.add_pass_after(_AsPart, TranslateByteCode)
        passes.finalize()
        return [passes]


def _as_part(function: _Function, **options: object) -> _Function:
    compiled: Any = numba.njit
    found: _Function = compiled(
        _nrt=False,
        nogil=True,
        no_cpython_wrapper=True,
        no_cfunc_wrapper=True,
        pipeline_class=_PartCompiler,
        **options,
    )(function)
    return found


def inner(function: _Function) -> _Function:
    """Compile a function as a part of those that call it."""
    return _as_part(function)


def inlined(function: _Function) -> _Function:
    """Compile a small function into the middle of those that call it."""
    return _as_part(function, forceinline=True)
