"""`scripts/run.py` without a network: what it takes as installed, what it says, what it locks."""

import ast
import importlib.util
import io
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
SCRIPT = ROOT / "scripts" / "run.py"
LOCKS = ("runtime", "test")


def load_script():
    spec = importlib.util.spec_from_file_location("run_script", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


run = load_script()


def make_checkout(root, *, stage="ready", test=False):
    """Lay out a folder that looks like a finished installation, and return its path as text."""
    (root / "locks").mkdir()
    for name in LOCKS:
        (root / "locks" / f"{name}.txt").write_text(f"{name}==1\n", encoding="utf-8")
    (root / "pyproject.toml").write_text('[project]\nname = "x"\n\n[tool.ruff]\n', encoding="utf-8")
    folder = str(root)
    kernel = Path(folder, *run.KERNEL.split("."))
    kernel.mkdir(parents=True)
    (kernel / "search.py").write_text("x = 1\n", encoding="utf-8")
    python = Path(run.venv_python(folder))
    python.parent.mkdir(parents=True)
    version = "{}.{}".format(*sys.version_info[:2])
    home = Path(sys._base_executable).parent
    config = f"home = {home}\nversion = {version}.1\n"
    (root / ".venv" / "pyvenv.cfg").write_text(config, encoding="utf-8")
    link_python(python)
    state = {"stage": stage, "python": version, "interpreter": run.interpreter_path(folder), "root": folder}
    state["project"] = run.project_digest(folder)
    state["runtime"] = run.lock_digest("runtime", folder)
    state["kernel"] = run.kernel_digest(folder)
    if test:
        state["test"] = run.lock_digest("test", folder)
    run.write_state(state, folder)
    return folder


def link_python(python):
    if sys.platform == "win32":
        python.write_bytes(b"")
    else:
        python.symlink_to(sys._base_executable)


@pytest.fixture(params=["plain", "with space", "désa-中"])
def checkout(tmp_path, request):
    root = tmp_path / request.param
    root.mkdir()
    return make_checkout(root)


# ---------------------------------------------------------------- the state of the environment


def test_finished_installation_is_ready_for_plan_but_not_for_test(checkout):
    assert run.is_ready(root=checkout)
    assert not run.is_ready(want_test=True, root=checkout)
    assert run.what_is_missing(True, run.read_state(checkout), checkout) == ["test", "project"]


def test_installation_with_test_tools_is_ready_for_both(tmp_path):
    folder = make_checkout(tmp_path, test=True)
    assert run.is_ready(root=folder)
    assert run.is_ready(want_test=True, root=folder)


def test_nothing_installed_is_not_ready(tmp_path):
    assert run.read_state(str(tmp_path)) == {}
    assert not run.is_ready(root=str(tmp_path))


@pytest.mark.parametrize("stage", ["creating", "installing", "broken", ""])
def test_installation_cut_short_is_made_anew(tmp_path, stage):
    folder = make_checkout(tmp_path, stage=stage)
    assert not run.is_ready(root=folder)
    assert not run.venv_is_usable(run.read_state(folder), folder)


def test_environment_without_packages_is_usable_but_not_ready(tmp_path):
    folder = make_checkout(tmp_path, stage="empty")
    assert run.venv_is_usable(run.read_state(folder), folder)
    assert not run.is_ready(root=folder)


@pytest.mark.parametrize("content", [b"", b"no equals sign", b"\xff\xfe\x00", b"stage=ready\n"])
def test_unreadable_state_is_not_ready(tmp_path, content):
    folder = make_checkout(tmp_path)
    Path(run.venv_dir(folder), run.STATE_FILE).write_bytes(content)
    assert not run.is_ready(root=folder)


def test_changed_lock_is_installed(checkout):
    Path(checkout, "locks", "runtime.txt").write_text("runtime==2\n", encoding="utf-8")
    assert not run.is_ready(root=checkout)
    assert run.what_is_missing(False, run.read_state(checkout), checkout) == ["runtime", "project", "kernel"]


def test_line_ends_of_a_lock_do_not_matter(checkout):
    Path(checkout, "locks", "runtime.txt").write_bytes(b"runtime==1\r\n")
    assert run.is_ready(root=checkout)


def test_project_is_reinstalled_for_its_own_table_only(checkout):
    pyproject = Path(checkout, "pyproject.toml")
    text = pyproject.read_text(encoding="utf-8")
    pyproject.write_text(text + "line-length = 90\n", encoding="utf-8")
    assert run.is_ready(root=checkout)
    pyproject.write_text(text.replace('"x"', '"y"'), encoding="utf-8")
    assert run.what_is_missing(False, run.read_state(checkout), checkout) == ["project"]


def test_project_is_reinstalled_after_the_folder_moved(checkout):
    moved = checkout + "-moved"
    Path(checkout).rename(moved)
    state = run.read_state(moved)
    assert run.venv_is_usable(state, moved)
    assert run.what_is_missing(False, state, moved) == ["project"]


def test_kernel_is_compiled_again_when_its_sources_change(checkout):
    kernel = Path(checkout, *run.KERNEL.split("."))
    (kernel / "__pycache__").mkdir()
    (kernel / "search.py").write_bytes(b"x = 1\r\n")
    assert run.is_ready(root=checkout)
    (kernel / "other.py").write_text("", encoding="utf-8")
    assert not run.is_ready(root=checkout)
    state = run.read_state(checkout)
    assert run.venv_is_usable(state, checkout)
    assert run.what_is_missing(False, state, checkout) == ["kernel"]


def install_with(monkeypatch, folder, code):
    """Install what is missing with programs that only end with a code; return what was called."""
    called = []

    def call(command, env=None):
        called.append((command[1:], env))
        return code if run.KERNEL + ".compile" in command else 0

    for name in (
        "is_ready",
        "what_is_missing",
        "write_state",
        "kernel_digest",
        "lock_digest",
        "project_digest",
    ):
        monkeypatch.setattr(run, name, rooted(getattr(run, name), folder))
    monkeypatch.setattr(run, "ROOT", folder)
    monkeypatch.setattr(run, "call", call)
    state = run.read_state(folder)
    try:
        run.install_missing(False, state)
    except run.SetupError as error:
        return called, str(error)
    return called, None


def rooted(function, folder):
    """Let a function take a folder in place of its default, which was fixed when the script was loaded."""

    def with_root(*arguments, root=folder, **named):
        return function(*arguments, root=root, **named) if root not in arguments else function(*arguments)

    return with_root


def test_only_the_kernel_is_compiled_when_only_it_is_missing(checkout, monkeypatch):
    Path(checkout, *run.KERNEL.split("."), "search.py").write_text("x = 2\n", encoding="utf-8")
    called, problem = install_with(monkeypatch, checkout, 0)
    assert problem is None
    ((command, environment),) = called
    assert command == ["-P", "-m", "planner.propose.sisr.kernel.compile"]
    assert environment["PYTHONPATH"].split(run.os.pathsep)[0] == checkout
    assert run.is_ready(root=checkout)


def test_new_packages_have_the_kernel_compiled_again(checkout, monkeypatch, capsys):
    Path(checkout, "locks", "runtime.txt").write_text("runtime==2\n", encoding="utf-8")
    called, problem = install_with(monkeypatch, checkout, 0)
    assert problem is None
    assert [command[:3] for command, _ in called][-1] == ["-P", "-m", "planner.propose.sisr.kernel.compile"]
    assert [command[1] for command, _ in called][:-1] == ["pip"] * 3
    assert run.is_ready(root=checkout)
    assert "Downloading the runtime packages" in capsys.readouterr().err


def test_failed_compilation_is_told_and_leaves_the_packages_installed(checkout, monkeypatch, capsys):
    Path(checkout, "locks", "runtime.txt").write_text("runtime==2\n", encoding="utf-8")
    _, problem = install_with(monkeypatch, checkout, 1)
    assert "could not be compiled" in problem
    assert "tidak dapat dikompilasi" in problem
    assert not run.is_ready(root=checkout)
    state = run.read_state(checkout)
    assert run.venv_is_usable(state, checkout)
    assert run.what_is_missing(False, state, checkout) == ["kernel"]
    assert capsys.readouterr().err


def test_write_state_leaves_no_temporary_file(checkout):
    run.write_state({"stage": "empty", "root": checkout}, checkout)
    assert run.read_state(checkout) == {"stage": "empty", "root": checkout}
    assert not list(Path(run.venv_dir(checkout)).glob("*.new"))


# ---------------------------------------------------------------- a broken interpreter


def test_removed_interpreter_is_noticed(checkout):
    Path(run.venv_python(checkout)).unlink()
    assert run.interpreter_path(checkout) is None
    assert not run.is_ready(root=checkout)


@pytest.mark.skipif(sys.platform == "win32", reason="environments on Windows hold no links")
def test_dangling_or_changed_link_is_noticed(checkout):
    python = Path(run.venv_python(checkout))
    python.unlink()
    python.symlink_to(Path(checkout, "gone"))
    assert not run.is_ready(root=checkout)
    other = Path(checkout, "python3.99")
    other.write_text("#!/bin/sh\n", encoding="utf-8")
    other.chmod(0o755)
    python.unlink()
    python.symlink_to(other)
    assert run.interpreter_path(checkout) == str(other.resolve())
    assert not run.is_ready(root=checkout)


def test_other_version_in_the_configuration_is_noticed(checkout):
    config = Path(run.venv_dir(checkout), "pyvenv.cfg")
    config.write_text("home = x\nversion = 3.99.0\n", encoding="utf-8")
    assert not run.is_ready(root=checkout)


def test_own_environment_is_deleted_and_a_foreign_one_kept_aside(checkout, capsys):
    venv = Path(run.venv_dir(checkout))
    run.clear_old_venv(str(venv))
    assert not venv.exists()
    venv.mkdir()
    (venv / "somebody's").touch()
    run.clear_old_venv(str(venv))
    assert not venv.exists()
    assert Path(f"{venv}.old1", "somebody's").exists()
    assert ".venv.old1" in capsys.readouterr().err


# ---------------------------------------------------------------- messages


@pytest.mark.parametrize("version", [(3, 11), (3, 12, 4), (3, 13), (3, 14, 0, "final", 0)])
def test_supported_python_has_no_problem(version):
    assert run.version_problem(version) is None


@pytest.mark.parametrize(
    ("version", "english", "indonesian"),
    [((3, 10), "too old", "terlalu lama"), ((2, 7), "too old", "terlalu lama"), ((3, 15), "too new", "baru")],
)
def test_unsupported_python_is_told_in_two_languages(version, english, indonesian):
    text = run.version_problem(version)
    assert english in text
    assert indonesian in text
    assert "{}.{}".format(*version) in text
    assert "3.11" in text


def test_oldest_python_is_that_of_pyproject():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["requires-python"] == ">={}.{}".format(*run.OLDEST)


def test_script_parses_on_an_old_python_so_that_it_can_complain():
    ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 6))


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_names_every_command(arguments, capsys):
    assert run.main(arguments) == 0
    text = capsys.readouterr().out
    for word in ("plan", "test", "install", "lock", " MB", "stopped at any time"):
        assert word in text


def test_unknown_command_is_a_usage_error(capsys):
    usage_error = 2
    assert run.main(["frob"]) == usage_error
    captured = capsys.readouterr()
    assert captured.out == ""
    assert "Unknown command: frob" in captured.err


def test_setup_error_becomes_a_message_and_an_exit_code(monkeypatch, capsys):
    def fail(**_):
        raise run.SetupError(run.NO_DOWNLOAD)

    monkeypatch.setattr(run, "is_ready", lambda *_, **__: False)
    monkeypatch.setattr(run, "install", fail)
    assert run.main(["plan"]) == 1
    text = capsys.readouterr().err
    assert "could not be downloaded" in text
    assert "tidak dapat diunduh" in text


# ---------------------------------------------------------------- stages


def test_stages_run_to_the_end_and_a_failed_one_fails_all(monkeypatch, capsys):
    codes = {"mypy": 1, "pytest": 5}  # 5: pytest found no test
    monkeypatch.setattr(run, "is_ready", lambda *_, **__: True)
    monkeypatch.setattr(run, "run_stage", lambda name, _: (codes.get(name, 0), 1.25))
    assert run.main(["test"]) == 1
    text = capsys.readouterr().err
    for name, _ in run.STAGES:
        assert re.search(rf"^{name} +1\.2 s  {'FAILED' if name in codes else 'passed'}", text, re.MULTILINE)
    codes.clear()
    assert run.main(["test"]) == 0


def test_arguments_of_test_go_to_pytest_alone(monkeypatch):
    seen = []
    monkeypatch.setattr(run, "is_ready", lambda *_, **__: True)
    monkeypatch.setattr(run, "run_stage", lambda _, command: seen.append(command) or (0, 0.0))
    assert run.main(["test", "-k", "deadline"]) == 0
    assert seen == [["-m", "pytest", "-W", "error", "-k", "deadline"]]


def test_separate_tests_are_not_run_twice():
    whole = dict(run.STAGES)["pytest"]
    for name, path in run.SEPARATE_TESTS:
        assert path in dict(run.STAGES)[name]
        assert f"--ignore={path}" in whole


def test_exit_code_of_the_child_is_passed_on():
    code = 7
    assert run.wait_for([sys.executable, "-c", f"raise SystemExit({code})"]) == code


# ---------------------------------------------------------------- lock files


def lock_entries(name):
    """Split a lock file into {package: (version, entry)}."""
    text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    entries = re.split(r"^(?=[a-z0-9])", text, flags=re.MULTILINE)[1:]
    return {
        re.split(r"[=\[]", entry)[0]: (re.split(r"[ \\]", entry.split("==")[1])[0], entry)
        for entry in entries
    }


@pytest.mark.parametrize("name", LOCKS)
def test_every_locked_package_has_a_version_and_hashes(name):
    entries = lock_entries(name)
    assert entries
    for package, (version, entry) in entries.items():
        assert re.fullmatch(r"[a-z0-9-]+", package)
        assert re.fullmatch(r"[0-9][0-9a-z.]*", version), package
        assert re.search(r"--hash=sha256:[0-9a-f]{64}", entry), package


@pytest.mark.parametrize("name", LOCKS)
def test_lock_names_no_registry_and_no_folder(name):
    text = (ROOT / "locks" / f"{name}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    assert "--index" not in text
    assert not re.search(r"(^|\s)(/|[A-Za-z]:\\)", text)
    assert "scripts/run.py lock" in text.splitlines()[1]


def test_locks_hold_what_pyproject_asks_for():
    pyproject = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = {
        "runtime": pyproject["project"]["dependencies"] + pyproject["build-system"]["requires"],
        "test": pyproject["dependency-groups"]["test"],
    }
    for name, requirements in asked.items():
        names = {re.match(r"[A-Za-z0-9_-]+", text).group().lower().replace("_", "-") for text in requirements}
        assert names <= set(lock_entries(name))


def test_test_lock_only_adds_to_the_runtime_lock():
    assert not set(lock_entries("runtime")) & set(lock_entries("test"))


@pytest.mark.parametrize(
    ("script", "shown"), [("scripts/run.py", "scripts/run.py"), ("my tools/run.py", '"my tools/run.py"')]
)
def test_messages_name_the_command_as_the_user_gives_it(script, shown, monkeypatch):
    monkeypatch.setattr(run, "is_ready", lambda: True)
    monkeypatch.setattr(run, "replace_process", lambda command: command)
    monkeypatch.setattr(sys, "argv", [script, "plan", "solve", "x"])
    monkeypatch.setenv("PYTHONPATH", "")
    monkeypatch.setenv("PLAN_PROGRAM", "")  # so that it is put back
    monkeypatch.delenv("PLAN_PROGRAM")
    command = run.run_plan(["solve", "x"])
    assert command[-2:] == ["solve", "x"]
    assert run.os.environ["PLAN_PROGRAM"] == f"{'py' if sys.platform == 'win32' else 'python3'} {shown} plan"


# ---------------------------------------------------------------- what is dropped


@pytest.fixture
def solved(monkeypatch):
    """Plans nothing: keeps the commands, which end with the codes that stand here."""
    monkeypatch.setattr(run, "is_ready", lambda: True)
    monkeypatch.setenv("PYTHONPATH", "")
    monkeypatch.setenv("PLAN_PROGRAM", "")
    commands, codes = [], [0]
    monkeypatch.setattr(run, "wait_for", lambda command: (commands.append(command), codes[0])[1])
    return commands, codes


@pytest.mark.parametrize("name", ["toy", "my toy.xlsx", "v1.2 kabupaten"])
@pytest.mark.parametrize("code", [0, 3, 2])
def test_what_is_dropped_is_planned_beside_it_and_opened(name, code, solved, tmp_path, capsys):
    commands, codes = solved
    codes[0] = code
    path = tmp_path / name
    path.write_bytes(b"") if path.suffix == ".xlsx" else path.mkdir()
    assert run.main(["drop", str(path)]) == code
    (command,) = commands
    rest = command[command.index("solve") + 2 : -1]
    options = dict(zip(rest[::2], rest[1::2], strict=True))
    folder = Path(options["--package"])
    assert command[command.index("solve") + 1] == str(path)
    assert command[-1] == "--open"
    assert folder.parent == tmp_path
    assert re.fullmatch(re.escape(name.removesuffix(".xlsx")) + r"-plan-\d{8}-\d{6}", folder.name)
    assert Path(options["--output"]).parent == folder
    assert (str(folder) in capsys.readouterr().err) is (code in (0, 3))


@pytest.mark.parametrize("typed", ["{}\n", '"{}"\n', " {} \n"])
def test_where_nothing_is_dropped_it_is_asked_for(typed, solved, tmp_path, monkeypatch, capsys):
    (tmp_path / "toy").mkdir()
    monkeypatch.setattr(sys, "stdin", io.StringIO(typed.format(tmp_path / "toy")))
    assert run.main(["drop"]) == 0
    assert solved[0][0][solved[0][0].index("solve") + 1] == str(tmp_path / "toy")
    assert "Seret" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["{}/nothing"], ["{}", "{}"], []])
def test_what_cannot_be_planned_is_said(arguments, solved, tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    assert run.main(["drop", *(one.format(tmp_path) for one in arguments)]) == 1
    assert solved[0] == []
    assert re.search("no file|Drop one", capsys.readouterr().err)


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_plan_command_hands_over_what_it_gets(tmp_path):
    python = tmp_path / "python"
    python.write_text('#!/bin/sh\nprintf "%s\\n" "$@"\n', encoding="utf-8")
    python.chmod(0o755)
    command = ["sh", str(ROOT / "plan.command"), "/a folder/toy x"]
    done = subprocess.run(
        command, env={"PYTHON": str(python), "PATH": "/usr/bin:/bin"}, capture_output=True, check=True
    )
    assert done.stdout.decode("utf-8").splitlines() == [str(SCRIPT), "drop", "/a folder/toy x"]


def test_plan_cmd_names_its_own_folder_and_is_kept_with_the_ends_of_windows():
    text = (ROOT / "plan.cmd").read_text("utf-8")
    assert '"%~dp0scripts\\run.py" drop %*' in text
    assert text.isascii()
    assert "*.cmd text eol=crlf" in (ROOT / ".gitattributes").read_text("utf-8")
