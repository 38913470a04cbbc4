"""One zip with everything that `plan` needs, to be installed offline; called by ``run.py bundle``."""

from __future__ import annotations

import argparse
import hashlib
import os
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ROOT / "scripts" / "bundle"
# The oldest C library that every locked package has a build for, and the oldest macOS.
USUAL = {
    "linux": "manylinux_2_28_{machine}",
    "darwin": "macosx_14_0_{machine}",
    "win32": "win_{machine}",
}
_PLATFORM = re.compile(r"(win|manylinux_2_\d+|macosx_\d+_\d+)_(amd64|x86_64|aarch64|arm64)", re.ASCII)
# What belongs to the zip beside packages and scripts.
FOLDERS = ("docs", "instances")
_EPOCH = (1980, 1, 1, 0, 0, 0)  # the same zip whenever it is made


class BundleError(Exception):
    """Something the user can put right; the text says how."""


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


# ---------------------------------------------------------------- platforms


def this_platform() -> str:
    """Name of the platform that this runs on, as `--platform` takes it."""
    import platform

    machine = platform.machine().lower()
    return USUAL[sys.platform].format(machine=machine)


def tags(platform: str) -> list[str]:
    """Every platform tag whose packages run on a platform; pip knows the older macOS ones itself.

    >>> tags("win_amd64")
    ['win_amd64']
    >>> tags("manylinux_2_18_x86_64")[:3]
    ['manylinux_2_18_x86_64', 'manylinux_2_17_x86_64', 'manylinux2014_x86_64']
    """
    found = re.fullmatch(r"manylinux_2_(\d+)_(\w+)", platform)
    if not found:
        return [platform]
    newest, machine = int(found[1]), found[2]
    names = []
    for minor in range(newest, 4, -1):
        names.append(f"manylinux_2_{minor}_{machine}")
        alias = {17: "manylinux2014", 12: "manylinux2010", 5: "manylinux1"}.get(minor)
        if alias:
            names.append(f"{alias}_{machine}")
    return names


def markers(platform: str, python: str) -> dict[str, str]:
    """What the conditions of a lock file ask for, on a platform (PEP 508)."""
    system, machine = platform.split("_", maxsplit=1)[0], _PLATFORM.fullmatch(platform)[2]  # type: ignore[index]
    if system == "win":
        names = {"os_name": "nt", "sys_platform": "win32", "platform_system": "Windows"}
        machine = {"amd64": "AMD64", "arm64": "ARM64"}[machine]
    elif system.startswith("macosx"):
        names = {"os_name": "posix", "sys_platform": "darwin", "platform_system": "Darwin"}
    else:
        names = {"os_name": "posix", "sys_platform": "linux", "platform_system": "Linux"}
    return names | {
        "platform_machine": machine,
        "python_version": python,
        "python_full_version": f"{python}.0",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
        "extra": "",
    }


# ---------------------------------------------------------------- lock files


def entries(text: str) -> Iterator[tuple[str, str, str]]:
    """Requirement, condition (or nothing) and hashes of each package of a lock file."""
    joined = text.replace("\\\n", " ")
    for text_line in joined.splitlines():
        line = text_line.split(" #")[0].strip()
        if not line or line.startswith("#"):
            continue
        requirement, *hashes = re.split(r"\s+(?=--hash=)", line)
        name, _, condition = requirement.partition(";")
        yield name.strip(), condition.strip(), " ".join(one.strip() for one in hashes)


def wanted(text: str, python: Python, environment: dict[str, str]) -> list[str]:
    """Lines of a lock file that hold on a platform, without their conditions.

    pip would judge these by the machine that it runs on.
    """
    every = list(entries(text))
    holds = python.judge([condition for _, condition, _ in every if condition], environment)
    return [f"{name} {hashes}" for name, condition, hashes in every if not condition or holds[condition]]


# ---------------------------------------------------------------- making


class Python:
    """A Python environment for this alone, with pip."""

    def __init__(self, folder: Path) -> None:
        self._run([sys.executable, "-m", "venv", str(folder)], "The temporary environment could not be made.")
        parts = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
        self._python = str(folder.joinpath(*parts))

    def pip(self, *arguments: str) -> None:
        """Run pip."""
        self._run(
            [self._python, "-m", "pip", "--disable-pip-version-check", *arguments],
            "The packages could not be had; pip's reason is above. Check the network, platform and Python.",
        )

    def judge(self, conditions: Sequence[str], environment: dict[str, str]) -> dict[str, bool]:
        """Which conditions hold; pip brings the library that knows."""
        import json

        code = (
            "import json, sys; from pip._vendor.packaging.markers import Marker; "
            "conditions, environment = json.load(sys.stdin); "
            "print(json.dumps({one: Marker(one).evaluate(environment) for one in conditions}))"
        )
        done = subprocess.run(
            [self._python, "-c", code],
            input=json.dumps([list(conditions), environment]),
            capture_output=True,
            text=True,
            check=True,
        )
        found: dict[str, bool] = json.loads(done.stdout)
        return found

    def _run(self, command: list[str], problem: str) -> None:
        if subprocess.call(command, cwd=ROOT, stdout=sys.stderr) != 0:
            raise BundleError(problem)


def make(platform: str, python: str, output: Path | None) -> Path:
    """Download, build and pack; gives the path of the zip."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        tool = Python(folder / "python")
        wheels = folder / "wheels"
        wheels.mkdir()
        say(f"Downloading the packages for {platform}, Python {python} ...")
        lock = (ROOT / "locks" / "runtime.txt").read_text("utf-8")
        lines = wanted(lock, tool, markers(platform, python))
        (folder / "lock.txt").write_text("\n".join(lines) + "\n", "utf-8")
        tool.pip("download", *_target(platform, python), "--require-hashes", *_into(folder, wheels))
        tool.pip("download", "--no-deps", "--only-binary", ":all:", "--dest", str(wheels), "pip")
        say("Building the project's own package ...")
        builder = next(line for line in lines if line.startswith("flit-core=="))
        (folder / "builder.txt").write_text(builder + "\n", "utf-8")
        offline = ("--no-index", "--no-deps", "--find-links", str(wheels))
        tool.pip("install", "--quiet", *offline, "--require-hashes", "-r", str(folder / "builder.txt"))
        tool.pip("wheel", "--quiet", *offline, "--no-build-isolation", "--wheel-dir", str(wheels), str(ROOT))
        lines.remove(builder)  # nobody builds on the target
        next(wheels.glob("flit_core-*.whl")).unlink()
        own = next(wheels.glob("desa_planner-*.whl"))
        version = own.name.split("-")[1]
        lines.append(f"desa-planner=={version} --hash=sha256:{hashlib.sha256(own.read_bytes()).hexdigest()}")
        stem = f"desa-planner-{version}-{platform}-python{python}"
        target = output or ROOT / f"{stem}.zip"
        _pack(target, stem, wheels, lines, {"python": python, "platform": platform, "version": version})
    return target


def _target(platform: str, python: str) -> list[str]:
    digits = python.replace(".", "")
    options = ["--no-deps", "--only-binary", ":all:", "--implementation", "cp", "--python-version", python]
    for abi in (f"cp{digits}", "abi3", "none"):
        options += ["--abi", abi]
    for tag in tags(platform):
        options += ["--platform", tag]
    return options


def _into(folder: Path, wheels: Path) -> list[str]:
    return ["--dest", str(wheels), "--requirement", str(folder / "lock.txt")]


def _pack(target: Path, stem: str, wheels: Path, lines: list[str], facts: dict[str, str]) -> None:
    """Write the zip beside its place, then put it there."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f".{target.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as file:
            for path in sorted(wheels.iterdir()):  # they are packed already
                _add(file, f"{stem}/wheels/{path.name}", path.read_bytes(), compress=zipfile.ZIP_STORED)
            texts = {"requirements.txt": "\n".join(lines) + "\n"}
            texts["bundle.txt"] = "".join(f"{key}={value}\n" for key, value in facts.items())
            for name, text in texts.items():
                _add(file, f"{stem}/{name}", text.encode("utf-8"))
            windows = facts["platform"].startswith("win")
            for path in sorted(PARTS.iterdir()):
                if path.is_file() and path.suffix != (".sh" if windows else ".cmd"):
                    _add(file, f"{stem}/{path.name}", _part(path, facts, windows=windows), mode=0o755)
            _add(file, f"{stem}/LICENSE", (ROOT / "LICENSE").read_bytes())
            for folder in FOLDERS:
                for path in sorted((ROOT / folder).rglob("*")):
                    if path.is_file() and not path.name.startswith("."):
                        _add(file, f"{stem}/{path.relative_to(ROOT).as_posix()}", path.read_bytes())
        os.replace(part, target)
    except BaseException:
        part.unlink(missing_ok=True)
        raise


def _part(path: Path, facts: dict[str, str], *, windows: bool) -> bytes:
    """A script or the page, with the line ends of its system."""
    text = path.read_bytes().decode("utf-8").replace("\r\n", "\n")
    if path.name == "README.txt":
        text = text.format(**facts)
    return text.replace("\n", "\r\n" if windows and path.suffix != ".py" else "\n").encode("utf-8")


def _add(
    file: zipfile.ZipFile, name: str, data: bytes, *, compress: int = zipfile.ZIP_DEFLATED, mode: int = 0o644
) -> None:
    info = zipfile.ZipInfo(name, _EPOCH)
    info.compress_type = compress
    info.external_attr = mode << 16
    file.writestr(info, data)


# ---------------------------------------------------------------- the command


def arguments(texts: Sequence[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="run.py bundle", description=__doc__)
    parser.add_argument(
        "--platform",
        help="for instance win_amd64, manylinux_2_28_x86_64, macosx_14_0_arm64 (default: this machine's)",
    )
    parser.add_argument(
        "--python",
        default="{}.{}".format(*sys.version_info[:2]),
        help="version of Python on the target, for instance 3.11 (default: this one's)",
    )
    parser.add_argument("--output", type=Path, help="name of the zip")
    found = parser.parse_args(texts)
    found.platform = found.platform or this_platform()
    if not _PLATFORM.fullmatch(found.platform):
        parser.error(f"--platform {found.platform}: no such platform; see --help")
    if not re.fullmatch(r"3\.\d+", found.python):
        parser.error(f"--python {found.python}: a version such as 3.11 is expected")
    return found


def main(texts: Sequence[str]) -> int:
    """Make a bundle."""
    asked = arguments(texts)
    try:
        path = make(asked.platform, asked.python, asked.output)
    except BundleError as error:
        say(str(error))
        return 1
    say(f"{path}: {path.stat().st_size / 1e6:.0f} MB")
    print(path)
    return 0
