"""The offline bundle: what is chosen for a platform, what the installer says; all of it without network."""

from __future__ import annotations

import ast
import importlib.util
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PARTS = ROOT / "scripts" / "bundle"


def load(path):
    spec = importlib.util.spec_from_file_location(path.stem + "_script", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


make_bundle = load(ROOT / "scripts" / "make_bundle.py")
install = load(PARTS / "install.py")

LOCK = """\
# a comment
always==1.0 \\
    --hash=sha256:aa \\
    --hash=sha256:bb
    # via something
windows==2 ; sys_platform == 'win32' \\
    --hash=sha256:cc
kernel==3 ; platform_machine != 'x86_64' or sys_platform != 'darwin' \\
    --hash=sha256:dd
old==4 ; python_full_version < '3.13' \\
    --hash=sha256:ee
"""


class Judge:
    """Stands for the environment with pip; pip's own library judges."""

    @staticmethod
    def judge(conditions, environment):
        markers = pytest.importorskip("packaging.markers")
        return {one: markers.Marker(one).evaluate(environment) for one in conditions}


@pytest.mark.parametrize(
    ("platform", "python", "names"),
    [
        ("win_amd64", "3.13", {"always", "windows", "kernel"}),
        ("manylinux_2_28_x86_64", "3.11", {"always", "kernel", "old"}),
        ("macosx_14_0_x86_64", "3.13", {"always"}),
        ("macosx_14_0_arm64", "3.12", {"always", "kernel", "old"}),
    ],
)
def test_conditions_are_those_of_the_target(platform, python, names):
    lines = make_bundle.wanted(LOCK, Judge, make_bundle.markers(platform, python))
    assert {line.split("==")[0] for line in lines} == names
    assert all(";" not in line and "--hash=sha256:" in line for line in lines)
    assert lines[0] == "always==1.0 --hash=sha256:aa --hash=sha256:bb"


def test_every_package_of_the_lock_is_understood():
    text = (ROOT / "locks" / "runtime.txt").read_text("utf-8")
    found = list(make_bundle.entries(text))
    assert len(found) == sum(line[:1].isalnum() for line in text.splitlines())
    assert all("==" in name and hashes.startswith("--hash=") for name, _, hashes in found)


def test_older_builds_run_on_newer_systems():
    tags = make_bundle.tags("manylinux_2_28_aarch64")
    assert tags[0] == "manylinux_2_28_aarch64"
    assert {"manylinux_2_17_aarch64", "manylinux2014_aarch64", "manylinux1_aarch64"} <= set(tags)
    assert "manylinux_2_29_aarch64" not in tags
    assert make_bundle.tags("win_amd64") == ["win_amd64"]


def test_this_platform_is_one_that_can_be_asked_for():
    assert make_bundle.arguments([]).platform == make_bundle.this_platform()


@pytest.mark.parametrize(
    "wrong",
    [["--platform", "amiga"], ["--platform", "win_amd64/../x"], ["--python", "2.7"], ["--python", "3"]],
)
def test_wrong_words_are_usage_errors(wrong, capsys):
    with pytest.raises(SystemExit) as leaving:
        make_bundle.arguments(wrong)
    assert leaving.value.code == 2
    assert wrong[1] in capsys.readouterr().err


def test_no_script_names_a_registry():
    parts = [path for path in PARTS.iterdir() if path.is_file()]  # beside them python keeps its compiled ones
    for path in (ROOT / "scripts" / "make_bundle.py", *parts):
        text = path.read_text("utf-8")
        assert "://" not in text
        assert "index-url" not in text


# ---------------------------------------------------------------- the installer


def test_installer_parses_on_an_old_python_so_that_it_can_complain():
    ast.parse((PARTS / "install.py").read_text("utf-8"), feature_version=(3, 6))


def test_another_python_is_told_in_two_languages():
    install.refuse_other_python("3.11", found=(3, 11, 4))
    with pytest.raises(install.InstallError) as error:
        install.refuse_other_python("3.11", found=(3, 12, 0))
    assert "for Python 3.11; this is Python 3.12" in str(error.value)
    assert "untuk Python 3.11" in str(error.value)
    with pytest.raises(install.InstallError, match="32 bits"):
        install.refuse_other_python("3.11", found=(3, 11), largest=2**31 - 1)


def test_a_folder_of_somebody_else_is_left_alone(tmp_path):
    folder = tmp_path / "mine"
    folder.mkdir()
    (folder / "letter.txt").write_text("dear", "utf-8")
    with pytest.raises(install.InstallError, match="give another folder"):
        install.make_environment(str(folder))
    assert (folder / "letter.txt").read_text("utf-8") == "dear"


def test_an_unfinished_environment_is_made_anew(tmp_path, monkeypatch):
    folder = tmp_path / "environment"
    folder.mkdir()
    install.write_state(str(folder), "begun")
    (folder / "half").touch()
    commands = []
    monkeypatch.setattr(install, "run", commands.append)
    install.make_environment(str(folder))
    assert not (folder / "half").exists()
    assert install.state_of(str(folder)) == "begun"
    assert commands[0][1:] == ["-m", "venv", "--without-pip", str(folder)]


@pytest.mark.parametrize(("words", "code"), [(["--help"], 0), (["--fast"], 2), (["a", "b"], 2)])
def test_installer_explains_itself(words, code, capsys):
    assert install.main(words) == code
    assert "usage: install [FOLDER]" in capsys.readouterr().out


@pytest.mark.skipif(os.name == "nt", reason="a script of sh")
def test_without_the_right_python_the_script_says_so(tmp_path):
    for name in ("install.sh", "install.py"):
        shutil.copy(PARTS / name, tmp_path)
    (tmp_path / "bundle.txt").write_text("python=3.99\nplatform=x\nversion=1\n", "utf-8")
    command = ["sh", str(tmp_path / "install.sh")]
    environment = {**os.environ, "PYTHON": sys.executable}
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert run.returncode == 1
    assert "for Python 3.99" in run.stderr
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bundle.txt", "install.py", "install.sh"]


# ---------------------------------------------------------------- all of it


@pytest.mark.slow  # needs a network to make it, and some minutes
@pytest.mark.skipif(os.name == "nt", reason="the network is taken away by means of Linux")
def test_a_bundle_installs_and_plans_without_network(tmp_path):
    script = [sys.executable, str(ROOT / "scripts" / "run.py"), "bundle", "--output", str(tmp_path / "b.zip")]
    subprocess.run(script, check=True)
    folder = tmp_path / "folder dengan spasi"
    with zipfile.ZipFile(tmp_path / "b.zip") as file:
        assert not [name for name in file.namelist() if "__pycache__" in name]
        file.extractall(folder)
    (unpacked,) = folder.iterdir()
    alone = ["unshare", "-rn"] if can_be_alone() else []
    environment = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "PYTHON": sys.executable}
    environment |= dict.fromkeys(("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "http:" + "//127.0.0.1:9")
    subprocess.run([*alone, "sh", str(unpacked / "install.sh")], env=environment, check=True)
    plan = [*alone, str(unpacked / "plan")]
    toy = str(unpacked / "instances" / "toy")
    output = str(tmp_path / "plan.json")
    solve = [*plan, "solve", toy, "--effort", "1", "--output", output, "--quiet"]
    done = subprocess.run(solve, env=environment, check=True, capture_output=True, text=True, cwd=tmp_path)
    assert done.stdout.startswith("ON_TIME: 7 of 7")
    subprocess.run([*plan, "check", output, "--instance", toy], env=environment, check=True, cwd=tmp_path)


def can_be_alone():
    """Whether this system lets a process have no network."""
    if shutil.which("unshare") is None:
        return False
    return subprocess.run(["unshare", "-rn", "true"], check=False, capture_output=True).returncode == 0
