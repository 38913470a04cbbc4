#!/usr/bin/env python3
"""Install this project into .venv on first use, then run it. Standard library only.

The syntax stays old on purpose: an outdated Python must get as far as the message that says so.
"""

import os
import sys

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
OLDEST, NEWEST = (3, 11), (3, 14)  # NEWEST: the last one for which every locked package has a ready build

# Measured on Linux x86-64 with Python 3.11: megabytes to download and on disk (with pip and compiled files).
SIZES_MB = {"runtime": (213, 814), "test": (88, 310)}
(DOWNLOAD, DISK), (DOWNLOAD_TEST, DISK_TEST) = SIZES_MB["runtime"], SIZES_MB["test"]

HELP = f"""\
usage: python3 scripts/run.py COMMAND [ARGUMENTS]

  plan ...     run the planner, for example: plan solve instances/toy
  drop [PATH]  plan a folder or workbook and open the page of the plan; plan.cmd and plan.command do this
  test ...     run all checks; with arguments only pytest, with these arguments
  check        run the quick checks alone: style, types, import order, register of rules
  install      install only
  lock ...     renew locks/*.txt from pyproject.toml (--upgrade takes newer versions)
  bundle ...   make a zip that installs without a network (--platform win_amd64, --python 3.13, --output FILE)

The first run makes the folder .venv and downloads about {DOWNLOAD} MB into it ({DISK} MB on disk);
`test` adds about {DOWNLOAD_TEST} MB ({DISK_TEST} MB on disk). It can be stopped at any time and run again.
Later runs start at once and need no network. Deleting .venv undoes it all.
"""

STATE_FILE = "desa-planner-state.txt"  # inside .venv; its last version is written when all else is done

KERNEL = "planner.propose.sisr.kernel"

# What the installed command `plan` does, without its first line, which a moved folder makes wrong.
RUN_PLAN = "import sys; from planner.cli import main; sys.argv[0] = 'plan'; sys.exit(main())"

PYTEST = ["-m", "pytest", "-W", "error"]
ON_TWO_CORES = ("-n", "2", "--dist", "worksteal")
SEPARATE_TESTS = [
    ("import order", "tests/test_layers.py"),
    ("register of rules", "tests/test_rules.py"),
]
QUICK_STAGES = [
    ("ruff check", ["-m", "ruff", "check", "."]),
    ("ruff format", ["-m", "ruff", "format", "--check", "."]),
    ("mypy", ["-m", "mypy", "--strict", "planner"]),
    *((name, [*PYTEST, path]) for name, path in SEPARATE_TESTS),
]
STAGES = QUICK_STAGES + [
    ("pytest", [*PYTEST, *ON_TWO_CORES, *("--ignore=" + path for _, path in SEPARATE_TESTS)]),
    ("doctests", [*PYTEST, "--doctest-modules", "planner"]),
]


class SetupError(Exception):
    """Something the user can put right; the text says how."""


def say(text):
    print(text, file=sys.stderr, flush=True)


# ---------------------------------------------------------------- what is installed


def venv_dir(root=ROOT):
    return os.path.join(root, ".venv")


def venv_python(root=ROOT, windows=(os.name == "nt")):
    parts = ("Scripts", "python.exe") if windows else ("bin", "python")
    return os.path.join(venv_dir(root), *parts)


def digest(data):
    import hashlib

    return hashlib.sha256(data).hexdigest()


def lock_digest(name, root=ROOT):
    with open(os.path.join(root, "locks", name + ".txt"), "rb") as file:
        return digest(file.read().replace(b"\r\n", b"\n"))


def project_digest(root=ROOT):
    """Hash what pip reads of pyproject.toml, so that a change of a tool's settings reinstalls nothing."""
    with open(os.path.join(root, "pyproject.toml"), "rb") as file:
        text = file.read().replace(b"\r\n", b"\n")
    return digest(text.split(b"\n[tool.")[0])


def kernel_digest(root=ROOT):
    """Hash the sources of the search kernel, which are compiled as a part of the installation."""
    folder = os.path.join(root, *KERNEL.split("."))
    try:
        names = sorted(name for name in os.listdir(folder) if name.endswith(".py"))
    except FileNotFoundError:
        names = []
    parts = []
    for name in names:
        with open(os.path.join(folder, name), "rb") as file:
            parts.append(name + " " + digest(file.read().replace(b"\r\n", b"\n")))
    return digest("\n".join(parts).encode("utf-8"))


def read_state(root=ROOT):
    """Return what the state file says as a dict, empty if there is none that can be read."""
    path = os.path.join(venv_dir(root), STATE_FILE)
    try:
        with open(path, encoding="utf-8", errors="surrogateescape") as file:
            return dict(line.rstrip("\n").split("=", 1) for line in file)
    except (OSError, ValueError):
        return {}


def write_state(state, root=ROOT):
    path = os.path.join(venv_dir(root), STATE_FILE)
    with open(path + ".new", "w", encoding="utf-8", errors="surrogateescape") as file:
        file.writelines("{}={}\n".format(*item) for item in state.items())
        file.flush()
        os.fsync(file.fileno())
    os.replace(path + ".new", path)


def interpreter_path(root=ROOT):
    """Return the real path of the environment's Python, or None if it or the Python behind it is gone."""
    python = venv_python(root)
    if not os.access(python, os.X_OK):
        return None
    if os.name == "nt":  # python.exe in .venv only starts the one in `home`
        home = venv_config(root).get("home", "")
        python = os.path.join(home, "python.exe")
        if not os.path.isfile(python):
            return None
    return os.path.realpath(python)


def venv_config(root=ROOT):
    try:
        with open(os.path.join(venv_dir(root), "pyvenv.cfg"), encoding="utf-8") as file:
            pairs = [line.split("=", 1) for line in file if "=" in line]
    except (OSError, ValueError):
        return {}
    return {key.strip(): value.strip() for key, value in pairs}


def venv_is_usable(state, root=ROOT):
    """Tell whether packages may be added: made by us, its Python unchanged, and no installation cut short."""
    if state.get("stage") not in ("empty", "ready"):
        return False
    # A system upgrade may put another Python behind the same link; it would look for packages elsewhere.
    return state.get("interpreter") == interpreter_path(root) and state.get("python") == venv_version(root)


def venv_version(root=ROOT):
    return ".".join(venv_config(root).get("version", "").split(".")[:2])


def what_is_missing(want_test, state, root=ROOT):
    """List what must be done in a usable environment: "runtime", "test", "project", "kernel"."""
    missing = [
        name
        for name in ("runtime", "test")
        if (name == "runtime" or want_test) and state.get(name) != lock_digest(name, root)
    ]
    if missing or state.get("project") != project_digest(root) or state.get("root") != root:
        missing.append("project")
    if "runtime" in missing or state.get("kernel") != kernel_digest(root):
        missing.append("kernel")
    return missing


def is_ready(want_test=False, root=ROOT):
    state = read_state(root)
    return (
        state.get("stage") == "ready"
        and venv_is_usable(state, root)
        and not what_is_missing(want_test, state, root)
    )


# ---------------------------------------------------------------- installing


def version_problem(version):
    """Return why this Python cannot be used, in English and Indonesian, or None."""
    found = "{}.{}".format(*version[:2])
    wanted = "{}.{} - {}.{}".format(*(OLDEST + NEWEST))
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return None
    if tuple(version[:2]) < OLDEST:
        en, idn = "too old", "terlalu lama"
    else:
        en, idn = "too new (its libraries are not ready yet)", "terlalu baru (pustakanya belum tersedia)"
    return (
        f"This is Python {found}, which is {en}. Please use Python {wanted}, "
        "for example: python3.13 scripts/run.py ...\n"
        f"Ini Python {found}, {idn}. Gunakan Python {wanted}, misalnya: python3.13 scripts/run.py ..."
    )


def check_interpreter():
    from importlib.util import find_spec

    problem = version_problem(sys.version_info)
    if problem:
        raise SetupError(problem)
    if find_spec("venv") is None or find_spec("ensurepip") is None:
        raise SetupError(
            "This Python cannot make virtual environments. Debian, Ubuntu: sudo apt install python3-venv\n"
            "Python ini tidak dapat membuat lingkungan virtual. Debian, Ubuntu: sudo apt install python3-venv"
        )


class InstallLock:
    """Let one installation at a time work on .venv; the others wait, then find it done.

    The operating system frees the lock when its last holder ends. Children inherit it (not on Windows), so
    that a pip whose parent was killed is waited for as well.
    """

    def __enter__(self):
        self.fd = os.open(os.path.join(ROOT, ".venv.lock"), os.O_RDWR | os.O_CREAT, 0o666)
        told = False
        while not self._try():
            if not told:
                say("Another installation is at work here; waiting for it.")
                told = True
            import time

            time.sleep(0.2)
        return self

    def _try(self):
        try:
            if os.name == "nt":
                import msvcrt

                msvcrt.locking(self.fd, msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(self.fd, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.set_inheritable(self.fd, True)
        except (BlockingIOError, PermissionError):
            return False
        return True

    def __exit__(self, *_):
        os.close(self.fd)


def install(want_test):
    """Bring .venv up to date, from nothing if need be."""
    import time

    start = time.monotonic()
    with InstallLock():
        if is_ready(want_test):
            return
        state = read_state()
        if not venv_is_usable(state):
            check_interpreter()
            state = make_venv()
        install_missing(want_test, state)
    size = disk_size(venv_dir()) / 1e6
    say(f"Installed: .venv takes {size:.0f} MB; {time.monotonic() - start:.0f} s.")


def make_venv():
    path = venv_dir()
    clear_old_venv(path)
    os.mkdir(path)
    write_state({"stage": "creating"})  # marks the folder as ours from the start
    say("Making the Python environment .venv (nothing outside this folder is changed) ...")
    base = getattr(sys, "_base_executable", None) or sys.executable
    if call([base, "-m", "venv", path]) != 0:
        raise SetupError("The environment .venv could not be made; the reason is above.")
    version = "{}.{}".format(*sys.version_info[:2])
    state = {"stage": "empty", "python": version, "interpreter": interpreter_path()}
    write_state(state)
    return state


def clear_old_venv(path):
    """Delete an environment of ours; put one that somebody else made aside."""
    if os.path.islink(path) or os.path.isfile(path):
        os.remove(path)
    if not os.path.isdir(path):
        return
    if os.path.exists(os.path.join(path, STATE_FILE)) or not os.listdir(path):
        import shutil

        say("The environment .venv is incomplete or its Python is gone: making it anew.")
        shutil.rmtree(path)
        return
    number = 1
    while os.path.exists(f"{path}.old{number}"):
        number += 1
    os.rename(path, f"{path}.old{number}")
    say(f"A .venv that was not made by this script is now .venv.old{number}.")


def install_missing(want_test, state):
    """Download first, then install: without a network, what worked before goes on working."""
    import shutil

    missing = what_is_missing(want_test, state)
    locks = [name for name in missing if name in SIZES_MB]
    downloads = os.path.join(ROOT, ".venv.downloads")
    for name in locks:
        say("Downloading the {} packages, about {} MB ({} MB on disk) ...".format(name, *SIZES_MB[name]))
        pip(["download", "--dest", downloads, *lock_options(name)], NO_DOWNLOAD)
    if "project" in missing:
        if locks:
            say("Installing them (half a minute or more) ...")
        write_state(dict(state, stage="installing"))
        offline = ["install", "--no-index", "--no-deps"]
        for name in locks:
            pip([*offline, "--quiet", "--find-links", downloads, *lock_options(name)], NO_INSTALL)
        # flit_core, which this needs, is among the runtime packages.
        pip([*offline, "--quiet", "--no-build-isolation", "--editable", "."], NO_INSTALL)
        state = dict(state, **{name: lock_digest(name) for name in locks})
        state.update(stage="ready", project=project_digest(), root=ROOT)
        if "kernel" in missing:
            state.pop("kernel", None)
        write_state(state)
        shutil.rmtree(downloads, ignore_errors=True)
    if "kernel" in missing:
        compile_kernel(state)


def compile_kernel(state):
    """Compile the search kernel, which says so itself; what is compiled is kept beside its sources."""
    sources = kernel_digest()
    command = [venv_python(), "-P", "-m", KERNEL + ".compile"]
    if call(command, env=dict(os.environ, PYTHONPATH=import_path())) != 0:
        raise SetupError(NOT_COMPILED)
    write_state(dict(state, kernel=sources))


def import_path():
    """Put the folder before what the user has in PYTHONPATH.

    It is named here too because Python 3.11 on Windows misreads letters outside the code page in the file
    that an editable installation leaves.
    """
    return os.pathsep.join(filter(None, [ROOT, os.environ.get("PYTHONPATH")]))


def lock_options(name):
    path = os.path.join("locks", name + ".txt")
    return ["--no-deps", "--require-hashes", "--only-binary", ":all:", "--requirement", path]


NO_DOWNLOAD = (
    "The packages could not be downloaded; pip's reason is above. Check the network and, behind a proxy,\n"
    "HTTPS_PROXY or pip's own configuration, then run the same command again.\n"
    "Paket tidak dapat diunduh; alasan dari pip ada di atas. Periksa jaringan atau proxy, lalu jalankan\n"
    "perintah yang sama lagi."
)
NO_INSTALL = (
    "The packages could not be installed; pip's reason is above. Run the same command again.\n"
    "Paket tidak dapat dipasang; alasan dari pip ada di atas. Jalankan perintah yang sama lagi."
)

NOT_COMPILED = (
    "The search kernel could not be compiled; the reason is above. The packages are installed: run the same\n"
    "command again to compile only.\n"
    "Inti pencarian tidak dapat dikompilasi; alasannya ada di atas. Paket sudah terpasang: jalankan\n"
    "perintah yang sama lagi, hanya kompilasi yang diulang."
)


def pip(arguments, message):
    environment = dict(os.environ, PIP_DISABLE_PIP_VERSION_CHECK="1", PIP_USER="0")
    if call([venv_python(), "-m", "pip", *arguments], env=environment) != 0:
        raise SetupError(message)


def call(command, env=None):
    """Run a command in the project's folder, its output going to stderr, and return its exit code."""
    import subprocess

    return subprocess.call(command, cwd=ROOT, stdout=sys.stderr, env=env, close_fds=(os.name == "nt"))


def disk_size(path):
    """Add up the sizes of the files below a folder, in bytes."""
    total = 0
    for folder, _, files in os.walk(path):
        total += sum(os.lstat(os.path.join(folder, name)).st_size for name in files)
    return total


# ---------------------------------------------------------------- the commands


def run_plan(arguments):
    if not is_ready():
        install(want_test=False)
    os.environ["PYTHONPATH"] = import_path()
    os.environ.setdefault("PLAN_PROGRAM", called_as())  # for messages that can be copied
    # -P keeps the user's own folder out of the imports.
    command = [venv_python(), "-P", "-c", RUN_PLAN, *arguments]
    try:
        return replace_process(command)
    except OSError:  # the interpreter is there but cannot be started
        write_state({"stage": "broken"})
        install(want_test=False)
        return replace_process(command)


def called_as():
    """Return how the user calls the planner."""
    script = sys.argv[0]
    return "{} {} plan".format(
        "py" if os.name == "nt" else "python3", f'"{script}"' if " " in script else script
    )


def replace_process(command):
    if os.name != "nt":
        os.execv(command[0], command)
    return wait_for(command)


def wait_for(command):
    """Run a command and leave Ctrl-C to it (subprocess.call would kill it after a quarter of a second)."""
    import subprocess

    child = subprocess.Popen(command)
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            continue


PLAN_EXITS = (0, 3)  # a plan was made: all are on time, or not all; else what was wrong is said


def run_drop(arguments):
    """Plan what was dropped on plan.cmd or plan.command, and open the page; then wait until it was read."""
    import time

    try:
        path = dropped_path(arguments)
        if not is_ready():
            install(want_test=False)
        os.environ["PYTHONPATH"] = import_path()
        os.environ.setdefault("PLAN_PROGRAM", "python3 scripts/run.py plan" if os.name != "nt" else "plan")
        folder = "{}-plan-{}".format(
            path if os.path.isdir(path) else os.path.splitext(path)[0], time.strftime("%Y%m%d-%H%M%S")
        )
        output = os.path.join(folder, "plan.json")
        options = ["--package", folder, "--output", output, "--open"]
        code = wait_for([venv_python(), "-P", "-c", RUN_PLAN, "solve", path, *options])
        say("")
        if code in PLAN_EXITS:
            say(f"Everything is in the folder {folder}\nSemuanya ada di folder {folder}")
        return code
    finally:
        if sys.stdin is not None and sys.stdin.isatty():
            say("Press Enter to close this window. / Tekan Enter untuk menutup jendela ini.")
            sys.stdin.readline()


def dropped_path(arguments):
    """Return what was dropped, in full; asks for it where nothing was."""
    import shlex

    if len(arguments) > 1:
        raise SetupError("Drop one folder or workbook. / Lepaskan satu folder atau buku kerja.")
    if arguments:
        path = arguments[0]
    else:
        say(
            "Drag the folder or workbook of an instance into this window and press Enter.\n"
            "Seret folder atau buku kerja suatu instans ke jendela ini, lalu tekan Enter."
        )
        typed = sys.stdin.readline().strip()
        path = typed.strip('"') if os.name == "nt" else "".join(shlex.split(typed)[:1])
    path = os.path.abspath(path) if path else ""
    if not os.path.exists(path):
        raise SetupError(f"There is no file or folder {path}.\nTidak ada berkas atau folder {path}.")
    return path


def run_check(arguments):
    if arguments:
        raise SetupError("check takes no arguments.")
    return run_stages(QUICK_STAGES)


def run_test(arguments):
    return run_stages([("pytest", PYTEST + arguments)] if arguments else STAGES)


def run_stages(stages):
    if not is_ready(want_test=True):
        install(want_test=True)
    results = [(name, *run_stage(name, command)) for name, command in stages]
    say("")
    for name, code, seconds in results:
        say("{:20} {:>7.1f} s  {}".format(name, seconds, "passed" if code == 0 else f"FAILED (exit {code})"))
    return 1 if any(code for _, code, _ in results) else 0


def run_stage(name, command):
    import subprocess
    import time

    say(f"\n== {name}")
    start = time.monotonic()
    code = subprocess.call([venv_python(), *command], cwd=ROOT)
    seconds = time.monotonic() - start
    say("== {}: {} after {:.1f} s".format(name, "passed" if code == 0 else f"FAILED (exit {code})", seconds))
    return code, seconds


def run_lock(arguments):
    """Renew both lock files with uv, which is installed for this alone into a temporary environment."""
    import tempfile

    check_interpreter()
    with tempfile.TemporaryDirectory() as folder:
        if call([sys.executable, "-m", "venv", folder]) != 0:
            raise SetupError("The temporary environment could not be made; the reason is above.")
        python = os.path.join(folder, *(("Scripts", "python.exe") if os.name == "nt" else ("bin", "python")))
        if call([python, "-m", "pip", "install", "--quiet", "uv"]) != 0:
            raise SetupError(NO_DOWNLOAD)
        compile_locks(python, arguments)
    return 0


def compile_locks(python, arguments):
    import re
    import tomllib

    with open(os.path.join(ROOT, "pyproject.toml"), "rb") as file:
        build = tomllib.load(file)["build-system"]["requires"]
    command = [python, "-m", "uv", "pip", "compile", "--quiet", "--universal", "--generate-hashes"]
    # pip resolves an extra that is not pinned anew, and refuses what it finds for want of a hash
    command += ["--no-emit-index-url", "--no-header", "--no-strip-extras"]
    command += ["--python-version", "{}.{}".format(*OLDEST)]
    command += ["--fork-strategy", "fewest", *arguments]  # the same versions on every Python
    compile_one(command, "runtime", ["pyproject.toml", "--extra", "desk", "-"], "\n".join(build))
    with open(os.path.join(ROOT, "locks", "runtime.txt"), encoding="utf-8") as file:
        names = re.findall(r"^([a-z0-9-]+)(?:\[[a-z0-9,-]+\])?==", file.read(), re.MULTILINE)
    leave_out = [word for name in names for word in ("--no-emit-package", name)]
    compile_one(command, "test", ["--group", "test", "--constraints", "locks/runtime.txt", *leave_out])


def compile_one(command, name, sources, stdin=""):
    import subprocess

    target = os.path.join(ROOT, "locks", name + ".txt")
    output = ["--output-file", f"locks/{name}.txt"]
    done = subprocess.run(
        [*command, *sources, *output],
        check=False,
        cwd=ROOT,
        input=stdin,
        text=True,
        env=uv_environment(),
        stdout=sys.stderr,
    )
    if done.returncode != 0:
        raise SetupError(f"locks/{name}.txt could not be made; uv's reason is above.")
    with open(target, encoding="utf-8") as file:
        text = file.read()
    with open(target, "w", encoding="utf-8", newline="\n") as file:
        file.write(LOCK_HEADER[name] + text)
    say(f"locks/{name}.txt renewed.")


LOCK_HEADER = {
    "runtime": (
        "# What `plan` needs on Linux, Windows and macOS, and flit_core to install the project itself.\n"
        "# Made from pyproject.toml; renew with: python3 scripts/run.py lock\n"
    ),
    "test": (
        "# What `python3 scripts/run.py test` needs beyond runtime.txt.\n"
        "# Made from pyproject.toml; renew with: python3 scripts/run.py lock\n"
    ),
}


def uv_environment():
    """Tell uv, which does not read pip's settings, which registry pip is set to use."""
    import subprocess

    environment = dict(os.environ)
    asked = [sys.executable, "-m", "pip", "config", "get", "global.index-url"]
    configured = subprocess.run(asked, check=False, capture_output=True, text=True).stdout.strip()
    found = os.environ.get("PIP_INDEX_URL") or configured
    if found:
        environment.setdefault("UV_DEFAULT_INDEX", found)
    return environment


def run_install(arguments):
    if arguments:
        raise SetupError("install takes no arguments.")
    if is_ready():
        say("Already installed.")
    else:
        install(want_test=False)
    return 0


def run_bundle(arguments):
    check_interpreter()
    sys.path.insert(0, os.path.join(ROOT, "scripts"))
    import make_bundle

    return make_bundle.main(arguments)


def main(arguments):
    commands = {
        "plan": run_plan,
        "drop": run_drop,
        "check": run_check,
        "test": run_test,
        "install": run_install,
        "lock": run_lock,
        "bundle": run_bundle,
    }
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(HELP, end="")
        return 0
    if arguments[0] not in commands:
        say(f"Unknown command: {arguments[0]}\n\n{HELP}")
        return 2
    try:
        return commands[arguments[0]](arguments[1:])
    except SetupError as error:
        say(str(error))
    except KeyboardInterrupt:
        say("\nStopped. Run the same command again to go on.")
        return 130
    except OSError as error:
        say(f"{error}\nThe folder {ROOT} must be writable, with enough room on the disk.")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
