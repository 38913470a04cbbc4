"""Where the compiled kernel is kept, and that nothing stale is found there."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from planner.propose.sisr.kernel import cache, compile

ROOT = Path(__file__).resolve().parents[1]
pytestmark = pytest.mark.skipif(find_spec("numba") is None, reason="no numba for this computer")

# `search` compiles a function of `other` into its own.
SEARCH = """from planner.propose.sisr.kernel.cache import njit
from planner.propose.sisr.kernel.other import inner


@njit(nogil=True)
def outer(x):
    return inner(x) + 1


def warm_up():
    outer(1)
"""
OTHER = "from planner.propose.sisr.kernel.cache import njit\n\n\n@njit()\n"
OTHER += "def inner(x):\n    return x * {}\n"
RUN = (
    "from planner.propose.sisr.kernel import search\n"
    "print(search.outer(10), dict(search.outer.stats.cache_hits))"
)


@pytest.fixture
def package(tmp_path):
    """A small copy of the package with a kernel of few files."""
    root = tmp_path / "désa 中"
    for name in ("__init__.py", "propose/__init__.py", "propose/sisr/__init__.py", "base/__init__.py"):
        (root / "planner" / name).parent.mkdir(parents=True, exist_ok=True)
        (root / "planner" / name).write_text("", encoding="utf-8")
    shutil.copytree(ROOT / "planner" / "base" / "text", root / "planner" / "base" / "text")
    kernel = root / "planner" / "propose" / "sisr" / "kernel"
    kernel.mkdir()
    for name in ("__init__.py", "cache.py", "compile.py"):
        text = (ROOT / "planner" / "propose" / "sisr" / "kernel" / name).read_bytes()
        (kernel / name).write_bytes(text)
    (kernel / "search.py").write_text(SEARCH, encoding="utf-8")
    (kernel / "start.py").write_text("def warm_up():\n    pass\n", encoding="utf-8")
    (kernel / "other.py").write_text(OTHER.format(2), encoding="utf-8")
    return root


def python(root, *arguments, home=None, **more):
    home = home or root.parent / "home"
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in {"NUMBA_CACHE_DIR", "NUMBA_DISABLE_JIT", "PLAN_LANG", "XDG_CACHE_HOME"}
    }
    environment |= {"PYTHONPATH": str(root), "HOME": str(home), "LOCALAPPDATA": str(home), **more}
    done = subprocess.run(
        [sys.executable, "-P", *arguments],
        cwd=root,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip(), done.stderr


def compile_kernel(root, **more):
    return python(root, "-m", "planner.propose.sisr.kernel.compile", **more)[1]


def compiled(root):
    return sorted((root / "planner/propose/sisr/kernel/__pycache__").glob("kernel-*/*.nbi"))


def test_compiled_once_told_and_found_by_the_next_process(package):
    said = compile_kernel(package).splitlines()
    assert len(said) == 2
    assert said[0].startswith("Compiling the search kernel (once, about ")
    assert said[1].startswith("Compiled: ")
    assert len(compiled(package)) == 2
    assert compile_kernel(package) == ""
    result, _ = python(package, "-c", RUN)
    assert result.startswith("21 {(int64,): 1}")


def test_a_change_of_a_called_function_is_seen_and_the_old_code_removed(package):
    compile_kernel(package)
    before = compiled(package)
    # Longer than before: Python's own cache tells files of one second apart by their length.
    (package / "planner/propose/sisr/kernel/other.py").write_text(OTHER.format("30 // 10"), encoding="utf-8")
    assert python(package, "-c", RUN)[0].startswith("31 ")  # numba's own cache says 21
    assert "Mengompilasi" in compile_kernel(package, PLAN_LANG="id")
    assert len(compiled(package)) == 2
    assert not set(compiled(package)) & set(before)


def test_a_folder_that_can_only_be_read_is_used_by_way_of_a_copy(package, tmp_path):
    compile_kernel(package)
    code = (
        "from planner.propose.sisr.kernel import cache, compile\n"
        "usual = cache._can_write\n"
        "cache._can_write = lambda folder: folder.parts[-2] != '__pycache__' and usual(folder)\n"
        "assert compile.is_compiled()\n" + RUN
    )
    result, _ = python(package, "-c", code, home=tmp_path / "other home")
    assert result.startswith("21 {(int64,): 1}")
    kept = list((tmp_path / "other home").rglob("*.nbi"))
    assert len(kept) == 2


def test_without_any_folder_each_process_compiles(package):
    code = "from planner.propose.sisr.kernel import cache\ncache._can_write = lambda folder: False\n" + RUN
    result, _ = python(package, "-c", code)
    assert result == "21 {}"
    assert not compiled(package)


def test_is_compiled_asks_for_the_marker_and_an_index(tmp_path, monkeypatch):
    monkeypatch.delenv("NUMBA_DISABLE_JIT", raising=False)
    monkeypatch.setattr(compile, "cache_folder", lambda: tmp_path)
    assert not compile.is_compiled()
    (tmp_path / cache.MARKER).touch()
    assert not compile.is_compiled()
    (tmp_path / "f-1.py311.nbi").touch()
    assert compile.is_compiled()
    monkeypatch.setattr(compile, "cache_folder", lambda: None)
    assert not compile.is_compiled()


def test_nothing_is_compiled_where_numba_is_told_not_to(monkeypatch):
    monkeypatch.setenv("NUMBA_DISABLE_JIT", "1")
    said = []
    assert compile.is_compiled()
    compile.compile_all(said.append)
    assert said == []


def test_asking_imports_no_numba():
    code = "import sys\nfrom planner.propose.sisr.kernel.compile import is_compiled\nis_compiled()\n"
    assert python(ROOT, "-c", code + "print('numba' in sys.modules)")[0] == "False"


def test_the_digest_changes_with_numba_and_not_with_line_ends(package, monkeypatch):
    kernel = package / "planner/propose/sisr/kernel"
    monkeypatch.setattr(cache, "HERE", kernel)
    digest = cache.sources_digest.__wrapped__
    first = digest()
    (kernel / "other.py").write_bytes(OTHER.format(2).replace("\n", "\r\n").encode())
    assert digest() == first
    monkeypatch.setattr("importlib.metadata.version", lambda _: "0.99")
    assert digest() != first


def test_a_part_of_the_kernel_is_linked_and_not_made_ready_to_be_called():
    import numba

    from planner.propose.sisr.kernel.inner import inner

    def double(number):
        return 2 * number

    part = inner(double)

    @numba.njit
    def outer(number):
        return part(number) + 1

    assert outer(20) == 41
    (compiled,) = part.overloads.values()
    (whole,) = outer.overloads.values()
    name = compiled.fndesc.llvm_func_name
    assert compiled.library.get_pointer_to_function(name) == 0
    assert whole.library.get_pointer_to_function(whole.fndesc.llvm_func_name) != 0
