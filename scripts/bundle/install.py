#!/usr/bin/env python3
"""Install the packages of this folder into an environment of its own, without network or administrator.

The syntax stays old on purpose: an outdated Python must get as far as the message that says so.
"""

import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
WHEELS = os.path.join(HERE, "wheels")
MARK = (
    "desa-planner-bundle.txt"  # inside the environment: made by this script; holds "ready" when all is done
)

HELP = """\
usage: install [FOLDER]

Makes a Python environment in FOLDER (if none is given, in the folder `environment` beside this script),
installs the packages of `wheels` into it and compiles the search kernel. Nothing else is changed, no network
and no administrator rights are needed. Deleting FOLDER undoes it all.
"""


class InstallError(Exception):
    """Something the user can put right; the text says how."""


def say(text):
    print(text, flush=True)


def read_facts():
    """What the bundle was made for: python, platform, version."""
    with open(os.path.join(HERE, "bundle.txt"), encoding="utf-8") as file:
        return dict(line.rstrip("\n").split("=", 1) for line in file if "=" in line)


def refuse_other_python(wanted, found=sys.version_info, largest=sys.maxsize):
    """Raise if this is not the Python whose packages lie here."""
    version = "{}.{}".format(*found[:2])
    if version != wanted:
        command = ("py -{} install.py" if os.name == "nt" else "python{} install.py").format(wanted)
        raise InstallError(
            f"This bundle is for Python {wanted}; this is Python {version}. If both are there: {command}\n"
            f"Bundel ini untuk Python {wanted}; ini Python {version}. Kalau keduanya ada: {command}"
        )
    if largest < 2**32:
        raise InstallError(
            "This Python has 32 bits; the packages need one of 64 bits.\n"
            "Python ini 32 bit; paketnya butuh yang 64 bit."
        )


def venv_python(folder):
    parts = ("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")
    return os.path.join(folder, *parts)


def state_of(folder):
    """What the mark in a folder says: "ready", "begun", or None where there is no environment of ours."""
    try:
        with open(os.path.join(folder, MARK), encoding="utf-8") as file:
            return file.read().strip()
    except OSError:
        return None


def write_state(folder, text):
    path = os.path.join(folder, MARK)
    with open(path + ".new", "w", encoding="utf-8") as file:
        file.write(text + "\n")
    os.replace(path + ".new", path)


def make_environment(folder):
    """A new environment without pip: some systems cannot make one with it, and pip lies among the wheels."""
    import shutil

    if os.path.isdir(folder) and state_of(folder) is not None:
        say("An installation there was not finished: making it anew.")
        shutil.rmtree(folder)
    if os.path.exists(folder) and not (os.path.isdir(folder) and not os.listdir(folder)):
        raise InstallError(
            f"{folder} is there already and was not made by this script: give another folder.\n"
            f"{folder} sudah ada dan tidak dibuat oleh skrip ini: berikan folder lain."
        )
    os.makedirs(folder, exist_ok=True)
    write_state(folder, "begun")
    run([base_python(), "-m", "venv", "--without-pip", folder])


def base_python():
    return getattr(sys, "_base_executable", None) or sys.executable


def install_packages(folder):
    pip = [name for name in os.listdir(WHEELS) if name.startswith("pip-") and name.endswith(".whl")]
    command = [venv_python(folder), os.path.join(WHEELS, pip[0], "pip"), "install"]
    command += ["--no-index", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--quiet"]
    command += ["--no-warn-script-location", "--disable-pip-version-check"]
    command += ["--find-links", WHEELS, "--requirement", os.path.join(HERE, "requirements.txt")]
    run(command)


def run(command):
    """Run a command without the user's own settings of pip and Python."""
    import subprocess

    environment = {key: text for key, text in os.environ.items() if not key.startswith(("PIP_", "PYTHON"))}
    environment["PIP_CONFIG_FILE"] = os.devnull
    code = subprocess.call(command, env=environment, cwd=HERE)
    if code != 0:
        raise InstallError(
            "This step failed; the reason is above: {}\nLangkah ini gagal; alasannya ada di atas.".format(
                " ".join(command[:4])
            )
        )


def write_launcher(folder):
    """A command that can be called from anywhere; gives its path."""
    if os.name == "nt":
        path = os.path.join(HERE, "plan.cmd")
        python = venv_python(folder)
        if folder.startswith(HERE + os.sep):  # %~dp0 is right in any code page
            python = "%~dp0" + python[len(HERE) + 1 :]
        text = f'@echo off\r\n"{python}" -P -c "{RUN_PLAN}" %*\r\n'
    else:
        path = os.path.join(HERE, "plan")
        python = venv_python(folder).replace("'", "'\\''")
        text = f'#!/bin/sh\nexec \'{python}\' -P -c "{RUN_PLAN}" "$@"\n'
    with open(path, "w", encoding="utf-8", newline="") as file:
        file.write(text)
    if os.name != "nt":
        os.chmod(path, 0o755)
    return path


RUN_PLAN = "import sys; from planner.cli import main; sys.argv[0] = 'plan'; sys.exit(main())"


def install(folder):
    import time

    began = time.time()
    refuse_other_python(read_facts()["python"])
    if state_of(folder) == "ready":
        say(f"Already installed in {folder}.")
    else:
        say(f"Making a Python environment in {folder} ...")
        make_environment(folder)
        say("Installing the packages, a minute or so ...")
        install_packages(folder)
        say("Compiling the search kernel, a minute or so ...")
        run([venv_python(folder), "-P", "-m", "planner.propose.sisr.kernel.compile"])
        write_state(folder, "ready")
        say(f"Installed in {time.time() - began:.0f} s.")
    launcher = write_launcher(folder)
    toy = os.path.join(HERE, "instances", "toy")
    say(f'Next:  "{launcher}" solve "{toy}"')


def main(arguments):
    if len(arguments) > 1 or any(one.startswith("-") for one in arguments):
        say(HELP)
        return 0 if arguments in (["-h"], ["--help"]) else 2
    folder = os.path.abspath(arguments[0] if arguments else os.path.join(HERE, "environment"))
    try:
        install(folder)
    except InstallError as error:
        print(error, file=sys.stderr)
        return 1
    except OSError as error:
        print(f"{error}\nThe folder must be writable, with enough room on the disk.", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("\nStopped. Run the same command again to go on.", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
