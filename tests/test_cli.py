"""The command line as a user meets it: help, exit codes, files, languages, consoles, Ctrl-C, garbage."""

from __future__ import annotations

import csv
import json
import os
import shlex
import shutil
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from importlib import import_module
from pathlib import Path

import click
import pytest
import small
import tiny_folder

import planner
from planner.base.text import LANGUAGES, set_language
from planner.base.version import __version__
from planner.cli import VERBS, main
from planner.cli.progress import ProgressView
from planner.instance.read import read_instance
from planner.plans.file import read_plan
from planner.solving.pipeline import Progress

ROOT = Path(__file__).resolve().parents[1]
KALTIM = ROOT / "instances" / "kaltim"
TOY = ROOT / "instances" / "toy"
FIGURES = [
    "status",
    "regions_total",
    "regions_on_time",
    "gamma",
    "cost",
    "currency",
    "lower_bound",
    "gap_percent",
    "as_claimed",
    "smallest_margin_s",
    "vehicles_used",
    "trips",
    "distance_m",
    "wall_s",
    "plan_path",
]
RUN = "from planner.cli import main; main()"


@pytest.fixture(autouse=True)
def english():
    set_language("en")
    yield
    set_language("en")


def command(*arguments: object, **environment: str) -> dict:
    """What `subprocess` needs to run the command line."""
    env = {key: value for key, value in os.environ.items() if not key.startswith(("PLAN_", "PYTHONIOENC"))}
    env |= {"PYTHONPATH": str(ROOT), "PYTHONIOENCODING": "utf-8"} | environment
    return {"args": [sys.executable, "-c", RUN, *map(str, arguments)], "env": env}


def run(*arguments: object, cwd: Path | None = None, **environment: str) -> subprocess.CompletedProcess[str]:
    code = environment.get("PYTHONIOENCODING", "utf-8")
    done = subprocess.run(
        **command(*arguments, **environment),
        capture_output=True,
        check=False,
        cwd=cwd,
        encoding=code,
        timeout=120,
    )
    assert "Traceback" not in done.stdout + done.stderr, done.stderr
    return done


def call(*arguments: object) -> int:
    """Exit code of the command line in this process."""
    with pytest.raises(SystemExit) as left:
        main([str(one) for one in arguments])
    assert left.value.code is None or isinstance(left.value.code, int)
    return left.value.code or 0


@pytest.fixture
def here(capsys, no_workers, short_searches):
    """As `run`, but in this process: where what the process itself says and does is not the question."""

    def run_here(*arguments: object) -> subprocess.CompletedProcess[str]:
        capsys.readouterr()
        code = call(*arguments)
        shown = capsys.readouterr()
        assert "Traceback" not in shown.out + shown.err
        return subprocess.CompletedProcess(arguments, code, shown.out, shown.err)

    return run_here


def toy(folder: Path, **changes: tuple[str, str]) -> Path:
    """A copy of the toy in which texts are replaced; plan.toml is named `plan`."""
    shutil.copytree(TOY, folder)
    for table, (old, new) in changes.items():
        path = folder / ("plan.toml" if table == "plan" else f"{table}.csv")
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
    return folder


@pytest.fixture(scope="module")
def solved(tmp_path_factory) -> tuple[Path, subprocess.CompletedProcess[str]]:
    """A plan of the toy, and what the command line said."""
    path = tmp_path_factory.mktemp("solved") / "toy.json"
    return path, run("solve", TOY, "--effort", 1, "--output", path, "--json")


@pytest.fixture
def plan(solved, tmp_path) -> Path:
    """A copy of the toy's plan in a folder of its own."""
    return Path(shutil.copy(solved[0], tmp_path / "plan.json"))


# ---------------------------------------------------------------- help


def commands(code: str) -> dict[str, click.Command]:
    set_language(code)
    found = {verb: import_module(f"planner.cli.{verb}").command() for verb in VERBS}
    for name, one in list(found.items()):
        if isinstance(one, click.Group):
            found |= {f"{name} {part}": below for part, below in one.commands.items()}
    return found


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_command_and_option_has_a_help(code, capsys):
    for name, one in commands(code).items():
        assert one.help, name
        assert call("--lang", code, *name.split(), "--help") == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert " ".join(one.help.split())[:40] in shown
        for option in one.params:
            if isinstance(option, click.Option):
                assert option.help, (name, option.name)
                assert option.opts[0] in shown


def test_helps_differ_between_the_languages():
    english, indonesian = commands("en"), commands("id")
    for name, one in english.items():
        assert one.help != indonesian[name].help
        for mine, other in zip(one.params, indonesian[name].params, strict=True):
            if isinstance(mine, click.Option):
                assert mine.name == other.name
                assert mine.help != other.help, (name, mine.name)


def test_the_first_help_names_every_verb(capsys):
    assert call("--help") == 0
    lines = capsys.readouterr().out.splitlines()
    for verb in VERBS:
        assert any(line.split()[:1] == [verb] and len(line.split()) > 2 for line in lines), verb


def test_the_first_help_loads_nothing_heavy():
    code = (
        "import sys\nfrom planner.cli import main\n"
        "try: main(['--help'])\nexcept SystemExit: pass\n"
        "heavy = {'numba', 'numpy', 'pandas', 'ortools', 'rich', 'networkx', 'scipy'}\n"
        "print('LOADED', *heavy & set(sys.modules))"
    )
    ready = command()
    done = subprocess.run(
        [sys.executable, "-c", code], env=ready["env"], capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[-1] == "LOADED"


def test_version(capsys):
    assert call("--version") == 0
    assert __version__ in capsys.readouterr().out


@pytest.mark.parametrize(
    "arguments",
    [["nonsense"], ["solve"], ["solve", "x", "--nonsense"], ["solve", "x", "--effort", "0"], ["export", "x"]],
)
def test_wrong_usage_ends_with_2(arguments, capsys):
    assert call(*arguments) == 2
    assert capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "english", "indonesian"),
    [
        (["nonsense"], "There is no command nonsense", "Tidak ada perintah nonsense"),
        (["network", "nonsense"], "There is no command nonsense", "Tidak ada perintah nonsense"),
        (["solve"], "FOLDER is missing", "FOLDER belum diisi"),
        (["check", "x"], "--instance is missing", "--instance belum diisi"),
        (["solve", "x", "--sed", "1"], "no option --sed. Similar: --seed", "Tidak ada opsi --sed"),
        (["solve", "x", "--effort", "0"], "--effort: it takes a whole number", "paling sedikit 1"),
        (["solve", "x", "--seed", "y"], "--seed: it takes a whole number", "bilangan bulat"),
        (["solve", "x", "--engine", "y"], "it takes one of: sisr, ortools", "salah satu dari: sisr, ortools"),
        (["solve", "x", "--seed"], "--seed is used in a wrong way", "Opsi --seed dipakai"),
        (["solve", "x", "y"], "This is too much: y", "Ini berlebih: y"),
    ],
)
def test_wrong_usage_is_said_in_the_language_in_force(arguments, english, indonesian, capsys):
    for code, expected in (("en", english), ("id", indonesian)):
        assert call("--lang", code, *arguments) == 2
        shown = capsys.readouterr().err
        assert expected in shown
        assert "--help" in shown


# ---------------------------------------------------------------- languages


def test_language_of_the_environment(monkeypatch, capsys):
    monkeypatch.setenv("PLAN_LANG", "id")
    assert call("validate", TOY) == 0
    assert "Sah:" in capsys.readouterr().out


@pytest.mark.parametrize("arguments", [["--lang", "id"], ["--lang=id"]])
def test_language_of_the_option_wins_wherever_it_stands(arguments, monkeypatch, capsys):
    monkeypatch.setenv("PLAN_LANG", "en")
    assert call("validate", TOY, *arguments) == 0
    assert "Sah:" in capsys.readouterr().out


@pytest.mark.parametrize("where", ["option", "environment"])
def test_unknown_language(where, monkeypatch, capsys):
    if where == "environment":
        monkeypatch.setenv("PLAN_LANG", "fr")
    assert call("validate", TOY, *(["--lang", "fr"] if where == "option" else [])) == 2
    assert "fr" in capsys.readouterr().err


# ---------------------------------------------------------------- solve


def test_solve_prints_one_object_with_its_figures(solved):
    path, done = solved
    assert done.returncode == 0
    figures = json.loads(done.stdout)
    assert set(FIGURES) <= set(figures)
    assert (figures["status"], figures["regions_total"], figures["regions_on_time"]) == ("ON_TIME", 7, 7)
    assert (figures["gamma"], figures["currency"]) == (0, "UGX")
    assert figures["plan_path"] == str(path)
    assert figures["lower_bound"] <= figures["cost"]
    assert figures["as_claimed"] == ["lower_bound", "gap_percent"]
    assert figures["cost"] == 834_000  # docs/toy.md
    assert figures["smallest_margin_s"] > 0
    plan = read_plan(path)
    assert (figures["trips"], figures["distance_m"]) == (len(plan.trips), plan.distance_m)


def test_solve_says_at_once_what_it_does(solved):
    said = solved[1].stderr.splitlines()
    assert "regions: 7" in "".join(said[:2])
    assert "warehouses: 1" in "".join(said[:2])


def test_progress_without_a_terminal_has_labels_in_both_languages(tmp_path, here):
    for code, labels in (
        ("en", ("7 of 7 regions, cost UGX", ", smallest margin ")),
        ("id", ("7 dari 7 wilayah, biaya UGX", ", kelonggaran terkecil ")),
    ):
        done = here("--lang", code, "solve", TOY, "--effort", 1, "--output", tmp_path / f"{code}.json")
        lines = [line for line in done.stderr.splitlines() if labels[0] in line]
        assert lines, done.stderr
        assert labels[1] in lines[-1]
        assert lines[-1].index(": 7") > 2  # the warehouse's name stands in front


def test_a_line_of_progress_comes_soon_where_all_regions_are_planned_at_last(capsys):
    view = ProgressView(small.INSTANCE, quiet=False)
    for planned, cost in ((1, 10), (1, 9), (2, 12), (2, 11)):
        view.show(Progress("w", "Store", planned, 2, cost, None, 9.0, final=False))
    lines = capsys.readouterr().err.splitlines()
    assert [line.partition(" regions")[0] for line in lines] == ["Store: 1 of 2", "Store: 2 of 2"]


def test_the_same_effort_gives_the_same_plan(solved, tmp_path):
    again = tmp_path / "again.json"
    done = run("solve", TOY, "--effort", 1, "--output", again, "--quiet")
    assert done.returncode == 0
    assert done.stdout.startswith("ON_TIME: 7 of 7")
    assert not done.stderr
    assert again.read_bytes() == solved[0].read_bytes()


def test_a_new_dated_name_and_commands_to_copy(tmp_path, here, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("PLAN_PROGRAM", raising=False)
    done = here("--lang", "id", "solve", TOY, "--effort", 1, "--area", "lake")
    assert done.returncode == 0
    assert "ON_TIME: 2 dari 2" in done.stdout
    (path,) = (tmp_path / "plans").iterdir()
    assert datetime.strptime(path.stem, "toy-%Y%m%d-%H%M%S")
    lines = [line for line in done.stdout.splitlines() if line.startswith("  plan ")]
    words = [[word.strip('"') for word in shlex.split(line, posix=False)] for line in lines]
    assert [line[1] for line in words] == ["check", "export", "export"]
    for line in words:
        assert here(*line[1:]).returncode == 0
    made = {one.suffix for one in (tmp_path / "plans").iterdir()}
    assert made == {".json", "", ".svg"}  # the plan and its certificate, a folder of tables, a map


def test_solves_of_the_same_second_take_different_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    class Still(datetime):
        @classmethod
        def now(cls, tz=None):
            return datetime(2024, 11, 27, 8, tzinfo=UTC)

    monkeypatch.setattr("planner.cli.solve.datetime", Still)
    from planner.cli import solve

    with solve._new_name(TOY) as one, solve._new_name(TOY) as other:
        assert one.exists()
        assert other.stem == f"{one.stem}-2"
        one.write_text("a plan", "utf-8")
    assert (one.exists(), other.exists()) == (True, False)


def test_a_name_is_given_back_where_no_plan_is_written(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert call("solve", TOY, "--area", "nowhere") == 2
    assert "C701" in capsys.readouterr().err
    assert not (tmp_path / "plans").exists()


@pytest.mark.parametrize("limit", ["inf", "nan", "0", "-3", "604801", "soon"])
def test_a_time_limit_has_an_end(limit, capsys):
    assert call("solve", TOY, "--time-limit", limit) == 2
    assert "604800" in capsys.readouterr().err


def test_late_ends_with_3_and_says_why(tmp_path, here):
    folder = toy(tmp_path / "late", plan=("T12:00", "T09:05"), deadlines=("T10:30", "T09:05"))
    done = here("solve", folder, "--effort", 1, "--output", tmp_path / "p.json", "--json")
    assert done.returncode == 3, done.stderr
    figures = json.loads(done.stdout)
    assert figures["status"] in ("LATE", "IMPOSSIBLE")
    assert figures["regions_on_time"] < 7
    assert len(figures["not_on_time"]) == 7 - figures["regions_on_time"]
    assert all(one["reason"] for one in figures["not_on_time"])
    assert {one["status"] for one in figures["not_on_time"]} == {"late"}
    checked = here("check", tmp_path / "p.json", "--instance", folder)
    assert checked.returncode == 0, checked.stderr


@pytest.mark.parametrize(("how", "reason"), [("removed", "cut_off"), ("closed", "cut")])
def test_a_cut_way_is_impossible_and_the_others_are_served(how, reason, tmp_path, here):
    edge = next(line for line in (TOY / "edges.csv").read_text("utf-8").splitlines() if "holly" in line)
    folder = toy(tmp_path / "cut", **({"edges": (edge + "\n", "")} if how == "removed" else {}))
    if how == "closed":
        (folder / "closures.csv").write_text(f"id,edge\nflood,{edge.split(',')[0]}\n", "utf-8")
    done = here("solve", folder, "--effort", 1, "--output", tmp_path / "p.json")
    assert done.returncode == 3
    assert "IMPOSSIBLE: 6 of 7" in done.stdout
    assert any(line.startswith("holly Holly clinic: not delivered.") for line in done.stdout.splitlines())
    results = {one.region_id: one for one in read_plan(tmp_path / "p.json").regions}
    assert [name for name, one in results.items() if one.status.value != "on_time"] == ["holly"]
    assert results["holly"].reason == reason
    assert results["holly"].params["edges"] == ("-" if how == "removed" else "gum-holly")


def test_unknown_area(tmp_path, capsys):
    assert call("solve", TOY, "--area", "east,nowhere", "--output", tmp_path / "p.json") == 2
    shown = capsys.readouterr().err
    assert "C701" in shown
    assert "nowhere" in shown
    assert not (tmp_path / "p.json").exists()


def test_what_is_there_is_not_overwritten(plan, capsys):
    before = plan.read_bytes()
    assert call("solve", TOY, "--output", plan) == 2
    assert "C702" in capsys.readouterr().err
    assert plan.read_bytes() == before


def with_ferry(folder: Path, opens: str, closes: str) -> Path:
    """The toy whose boat to Gum may leave only in some hours, and whose road to Elm is flooded early."""
    lake = "store-gum,store,gum,river,10000,1200,1800"
    changes = {
        "calendars": ("day,daily,08:00,13:00", f"day,daily,08:00,13:00\nlake,daily,{opens},{closes}"),
        "edges": (lake, lake + ",lake"),
    }
    toy(folder, **changes)
    header, *rows = (folder / "edges.csv").read_text("utf-8").splitlines()
    rows = [row if row.endswith(",lake") else row + "," for row in rows]
    (folder / "edges.csv").write_text("\n".join([header + ",calendar", *rows]) + "\n", "utf-8")
    flood = "flood,store-elm,2025-03-03T00:00+03:00,2025-03-03T08:45+03:00"
    (folder / "closures.csv").write_text(f"id,edge,from,until\n{flood}\n", "utf-8")
    return folder


def test_hours_and_floods_are_planned_and_checked(tmp_path, here):
    folder = with_ferry(tmp_path / "lake", "09:10", "12:30")
    done = here("solve", folder, "--effort", 1, "--output", tmp_path / "p.json")
    assert done.returncode == 0, done.stderr
    assert "ON_TIME: 7 of 7" in done.stdout
    checked = here("check", tmp_path / "p.json", "--instance", folder)
    assert checked.returncode == 0, checked.stderr
    trips = read_plan(tmp_path / "p.json").trips
    legs = [leg for trip in trips for leg in (*(stop.leg for stop in trip.stops), trip.back)]
    crossings = [leg for leg in legs if {leg.from_node, leg.to_node} == {"store", "gum"}]
    assert crossings  # one way or the other
    assert all(leg.arrive_s >= 9 * 3600 + 10 * 60 + 1200 for leg in crossings)
    flooded = toy(tmp_path / "toy")  # without the hours: the plan holds there too, but for the digest
    other = here("check", tmp_path / "p.json", "--instance", flooded)
    assert other.returncode == 4


def test_hours_of_edges_and_stock_that_comes_later_hold_together(tmp_path, here):
    folder = with_ferry(tmp_path / "lake", "09:10", "12:30")
    rows = ("store,box,15,", "store,box,15,2025-03-03T09:30+03:00", "store,leaflet,1300,")
    (folder / "stock.csv").write_text("\n".join(("warehouse,item,quantity,available", *rows, "")), "utf-8")
    done = here("solve", folder, "--effort", 1, "--output", tmp_path / "p.json")
    assert done.returncode == 0, done.stderr
    assert "ON_TIME: 7 of 7" in done.stdout
    checked = here("check", tmp_path / "p.json", "--instance", folder)
    assert checked.returncode == 0, checked.stderr
    loaded = [trip.load_start_s for trip in read_plan(tmp_path / "p.json").trips]
    assert min(loaded) < 9.5 * 3600 <= max(loaded)


@pytest.mark.parametrize(
    ("language", "said"), [("en", "if store-gum were always open"), ("id", "store-gum selalu terbuka")]
)
def test_hours_that_make_late_are_named(language, said, tmp_path, here):
    folder = with_ferry(tmp_path / "lake", "11:50", "13:00")
    done = here("--lang", language, "solve", folder, "--effort", 1, "--output", tmp_path / "p.json")
    assert done.returncode == 3, done.stderr
    assert "IMPOSSIBLE" in done.stdout
    assert said in done.stdout
    late = {one.region_id for one in read_plan(tmp_path / "p.json").regions if one.reason == "edge_hours"}
    assert late == {"gum", "holly"}
    checked = here("check", tmp_path / "p.json", "--instance", folder)
    assert checked.returncode == 0, checked.stderr


def test_a_folder_is_no_output(tmp_path, capsys):
    assert call("solve", TOY, "--output", tmp_path, "--force") == 2
    assert "C703" in capsys.readouterr().err


def test_what_is_not_obeyed_is_refused(tmp_path, capsys):
    folder = tiny_folder.write_tiny(tmp_path / "tiny")
    settings = folder / "plan.toml"
    settings.write_text('objective = "vehicles"\n' + settings.read_text("utf-8"), "utf-8")
    assert call("solve", folder, "--output", tmp_path / "p.json") == 2
    shown = capsys.readouterr().err
    assert "R607" in shown  # another objective
    assert not (tmp_path / "p.json").exists()


def test_any_folder_name_line_end_mark_and_console(tmp_path):
    folder = toy(tmp_path / "désa ünit 中", regions=("Ash clinic", "Klinik Ŵaru 中"))
    for file in folder.iterdir():
        lines = file.read_bytes().replace(b"\n", b"\r\n")
        file.write_bytes(lines if file.suffix == ".toml" else b"\xef\xbb\xbf" + lines)
    path = tmp_path / "désa ünit 中" / "my plan.json"
    asked = ("--effort", 1, "--workers", 1, "--output", path)
    done = run("solve", folder, *asked, PYTHONIOENCODING="cp1252")
    assert done.returncode == 0, done.stderr
    assert "ON_TIME: 7 of 7" in done.stdout
    checked = run("check", path, "--instance", folder, PYTHONIOENCODING="cp1252")
    assert checked.returncode == 0, checked.stderr
    assert run("validate", folder, PYTHONIOENCODING="cp1252", PLAN_LANG="id").returncode == 0
    assert run("export", path, "--format", "csv", PYTHONIOENCODING="cp1252").returncode == 0
    assert (folder / "my plan" / "deliveries.csv").exists()


@pytest.mark.skipif(os.name == "nt", reason="no SIGINT to a process group")
def test_ctrl_c_ends_with_a_checked_plan(tmp_path):
    path = tmp_path / "stopped.json"
    ready = command("solve", TOY, "--time-limit", 100, "--output", path, "--json")
    child = subprocess.Popen(
        **ready, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, start_new_session=True
    )
    timer = threading.Timer(90, child.kill)
    timer.start()
    said = []
    for line in child.stderr:
        said.append(line)
        if "7 of 7" in line:
            break
    os.killpg(child.pid, signal.SIGINT)
    out, rest = child.communicate()
    timer.cancel()
    assert "Traceback" not in rest, "".join(said) + rest
    assert child.returncode == 0, rest
    figures = json.loads(out)
    assert (figures["status"], figures["regions_on_time"]) == ("ON_TIME", 7)
    assert figures["wall_s"] < 60
    assert {one["stop_reason"] for one in figures["components"]} <= {"interrupted", "complete"}
    assert call("check", path, "--instance", TOY) == 0


# ---------------------------------------------------------------- check


def test_check_writes_a_certificate(plan, capsys):
    assert call("check", plan, "--instance", TOY) == 0
    shown = capsys.readouterr().out
    assert "ON_TIME" in shown
    assert "as claimed by the search; not recomputed by the check" in shown
    text = plan.with_suffix(".certificate.json").read_text("utf-8")
    assert json.loads(text)["passed"] is True


def test_check_prints_the_certificate(plan, tmp_path, capsys):
    path = tmp_path / "proof.json"
    assert call("check", plan, "--instance", TOY, "--json", "--output", path) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown.pop("certificate_path") == str(path)
    assert shown == json.loads(path.read_text("utf-8"))
    assert call("check", plan, "--instance", TOY, "--output", path) == 2
    assert "C702" in capsys.readouterr().err
    assert call("check", plan, "--instance", TOY, "--output", tmp_path) == 2
    assert "C703" in capsys.readouterr().err


def test_a_broken_rule_ends_with_4(plan, capsys):
    data = json.loads(plan.read_text("utf-8"))
    data["trips"][0]["cost"] += 1
    plan.write_text(small.signed(data), "utf-8")
    assert call("check", plan, "--instance", TOY) == 4
    assert "cost" in capsys.readouterr().err
    assert json.loads(plan.with_suffix(".certificate.json").read_text("utf-8"))["passed"] is False


def test_an_older_certificate_is_kept(plan, tmp_path, capsys):
    usual = plan.with_suffix(".certificate.json")
    assert call("check", plan, "--instance", TOY) == 0
    before = usual.read_bytes()
    assert call("check", plan, "--instance", TOY) == 0  # of the same content: nothing to keep
    assert list(plan.parent.glob("*.certificate*")) == [usual]
    folder = toy(tmp_path / "other", vehicles=("30000", "30001"))
    capsys.readouterr()
    for _ in range(2):
        assert call("check", plan, "--instance", folder) == 4
        shown = capsys.readouterr()
        assert "stays" in shown.err
        assert "plan.certificate-2.json" in shown.out
    assert usual.read_bytes() == before
    assert len(list(plan.parent.glob("*.certificate*"))) == 2
    assert call("check", plan, "--instance", folder, "--force") == 4
    assert usual.read_bytes() == plan.with_suffix(".certificate-2.json").read_bytes() != before


def test_another_instance_ends_with_4(plan, tmp_path, capsys):
    folder = toy(tmp_path / "other", vehicles=("30000", "30001"))
    assert call("check", plan, "--instance", folder) == 4
    assert "instance_digest" in capsys.readouterr().err


def test_a_changed_plan_ends_with_4_and_is_exported_by_nobody(plan, capsys):
    data = json.loads(plan.read_text("utf-8"))
    data["cost"] += 1
    data["regions"][0]["margin_s"] += 60
    plan.write_text(json.dumps(data), "utf-8")
    assert call("check", plan, "--instance", TOY) == 4
    shown = capsys.readouterr().err
    assert {line.split(":")[0] for line in shown.splitlines()} == {"plan_digest", "cost", "margin"}
    proof = json.loads(plan.with_suffix(".certificate.json").read_text("utf-8"))
    assert proof["passed"] is False
    amounts = {one["rule"]: one["amount"] for one in proof["violations"]}
    assert amounts == {"plan_digest": 1, "cost": 1, "margin": 60}
    broken = next(one for one in proof["violations"] if one["rule"] == "plan_digest")
    assert (broken["claimed"], broken["expected"]) == (data["digest"], proof["plan"]["digest"])
    assert call("export", plan, "--format", "csv") == 2


def test_a_plan_of_another_digest_is_not_exported(plan, capsys):
    plan.write_text(plan.read_text("utf-8").replace('"cost": 834000', '"cost": 834001', 1), "utf-8")
    assert call("export", plan, "--format", "csv") == 2
    assert "P102" in capsys.readouterr().err


# ---------------------------------------------------------------- export


def rows(path: Path) -> tuple[list[str], list[dict[str, str]]]:
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        found = list(reader)
    return list(reader.fieldnames or ()), found


def test_deliveries_have_exactly_their_columns_and_all_units(plan, tmp_path):
    assert call("export", plan, "--format", "csv", "--output", tmp_path / "tables") == 0
    names, found = rows(tmp_path / "tables" / "deliveries.csv")
    assert names == [
        "region_id",
        "consignment_id",
        "part",
        "units",
        "vehicle_id",
        "trip_id",
        "origin_id",
        "load_start",
        "depart",
        "arrive",
        "received",
        "deadline",
        "margin_s",
    ]
    units: dict[str, int] = {}
    for row in found:
        if row["part"] == "main":
            units[row["region_id"]] = units.get(row["region_id"], 0) + int(row["units"])
        moments = [
            datetime.fromisoformat(row[name]) for name in ("load_start", "depart", "arrive", "received")
        ]
        assert moments == sorted(moments)
        assert all(one.utcoffset().total_seconds() == 3 * 3600 for one in moments)
        deadline = datetime.fromisoformat(row["deadline"])
        assert (deadline - moments[-1]).total_seconds() == int(row["margin_s"]) > 0
    instance = read_instance(TOY)
    assert units == {one.id: one.counts["boxes"] for one in instance.regions}


def test_trips_have_exactly_their_columns_and_rows(plan, capsys):
    assert call("export", plan, "--format", "csv") == 0
    assert str(plan.with_suffix("") / "trips.csv") in capsys.readouterr().out
    names, found = rows(plan.with_suffix("") / "trips.csv")
    assert names == (
        [
            "trip_id",
            "vehicle_id",
            "origin_id",
            "stop_index",
            "node_id",
            "arrive",
            "start",
            "depart",
            "mass_kg",
            "volume_dm3",
            "dock",
            "consignments",
        ]
    )
    for trip in read_plan(plan).trips:
        mine = [row for row in found if row["trip_id"] == trip.id]
        assert [int(row["stop_index"]) for row in mine] == list(range(len(trip.stops) + 2))
        assert [row["node_id"] for row in mine] == ["store", *(one.node_id for one in trip.stops), "store"]
        assert (mine[0]["arrive"], mine[-1]["start"], mine[-1]["depart"]) == ("", "", "")
        assert (mine[-1]["mass_kg"], mine[-1]["volume_dm3"]) == ("", "")
        assert float(mine[0]["mass_kg"]) == trip.mass_g / 1000
        given = sum(round(float(row["mass_kg"]) * 1000) for row in mine[1:-1])
        assert given == trip.mass_g


def test_export_overwrites_only_when_told(plan, tmp_path, capsys):
    assert call("export", plan, "--format", "csv") == 0
    assert call("export", plan, "--format", "csv") == 2
    assert "C702" in capsys.readouterr().err
    assert call("export", plan, "--format", "csv", "--force") == 0
    file = tmp_path / "file"
    file.write_text("x")
    assert call("export", plan, "--format", "csv", "--output", file, "--force") == 2
    assert "C704" in capsys.readouterr().err


def test_tables_are_exported_as_the_instance_writes_numbers(plan, tmp_path):
    local = toy(tmp_path / "local")
    settings = local / "plan.toml"
    settings.write_text('number_format = "id"\n' + settings.read_text("utf-8"), "utf-8")
    for name, folder, separator in (("a", local, ";"), ("b", TOY, ",")):
        out = tmp_path / name
        assert call("export", plan, "--format", "csv", "--instance", folder, "--output", out) == 0
        assert separator in (out / "trips.csv").read_text("utf-8-sig").splitlines()[0]
    other = toy(tmp_path / "other", vehicles=("30000", "30001"))
    assert call("export", plan, "--format", "csv", "--instance", other, "--force") == 2


def test_a_map(plan, tmp_path, capsys):
    assert call("export", plan, "--format", "svg", "--instance", TOY) == 0
    assert plan.with_suffix(".svg").read_text("utf-8").startswith("<svg ")
    assert call("export", plan, "--format", "svg", "--instance", TOY) == 2
    assert "C702" in capsys.readouterr().err
    assert call("export", plan, "--format", "svg", "--instance", TOY, "--output", tmp_path) == 2
    assert "C703" in capsys.readouterr().err
    assert call("export", plan, "--format", "svg") == 2
    assert "C705" in capsys.readouterr().err
    other = toy(tmp_path / "other", vehicles=("30000", "30001"))
    assert call("export", plan, "--format", "svg", "--instance", other, "--force") == 2
    assert "P103" in capsys.readouterr().err


def test_a_map_of_how_it_stands(plan, tmp_path, capsys):
    events, drawn = tmp_path / "events.csv", tmp_path / "map.svg"
    events.write_text("id,time,kind,subject\n", encoding="utf-8")
    asked = ["export", plan, "--format", "svg", "--instance", TOY, "--events", events, "--output", drawn]
    assert call(*asked, "--now", "2025-03-03T09:00") == 0
    text = drawn.read_text("utf-8")
    assert "by reports until 3 Mar 09:00" in text
    moment = datetime.fromisoformat("2025-03-03T09:00+03:00")
    again = tmp_path / "again.svg"
    planner.export(plan, again, format="svg", instance=TOY, events=events, now=moment)
    assert again.read_text("utf-8") == text
    assert call(*asked, "--force", "--now", "noon or so") == 2
    assert "E906" in capsys.readouterr().err
    assert call(*asked, "--force", "--now", "2031-03-03T09:00") == 2
    assert "E956" in capsys.readouterr().err


# ---------------------------------------------------------------- validate and network


def test_validate_as_an_object(tmp_path, capsys):
    assert call("validate", TOY, "--json") == 0
    assert json.loads(capsys.readouterr().out) == {"valid": True, "faults": []}
    folder = toy(tmp_path / "bad", regions=("ash,Ash clinic,store", "ash,Ash clinic,nowhere"))
    assert call("validate", folder, "--json") == 2
    shown = json.loads(capsys.readouterr().out)
    assert shown["valid"] is False
    fault = next(one for one in shown["faults"] if one["value"] == "nowhere")
    assert (fault["table"], fault["row"], fault["column"]) == ("regions", 2, "warehouse")
    assert all(one["cause"] and one["action"] for one in shown["faults"])


ROADS = {
    "access.csv": "place,mode,class\n"
    + "".join(f"{one},road,asphalt\n" for one in ("store", "ash", "birch")),
    "speeds.csv": "mode,class,direction,speed_kmh,circuity\nroad,asphalt,both,40,1.3\n",
}


def test_entered_edges_are_not_lost_to_a_model(tmp_path, capsys):
    folder = toy(tmp_path / "toy")
    before = (folder / "edges.csv").read_bytes()
    for arguments in ([], ["--force"]):
        assert call("network", "model", folder, *arguments) == 2
        assert "access, speeds, lines" in capsys.readouterr().err
    for name, text in ROADS.items():
        (folder / name).write_text(text, "utf-8")
    assert call("network", "model", folder) == 2
    shown = capsys.readouterr().err
    assert "C706" in shown
    assert "store-ash" in shown
    assert (folder / "edges.csv").read_bytes() == before
    assert call("network", "model", folder, "--force") == 0
    assert b"store-ash" not in (folder / "edges.csv").read_bytes() != before
    assert call("network", "model", folder) == 0  # what is modelled may be modelled again


def test_a_model_with_entered_lines_is_made_again_unasked(tmp_path):
    folder = tmp_path / "kaltim"
    shutil.copytree(KALTIM, folder)
    before = (folder / "edges.csv").read_bytes()
    assert call("network", "model", folder) == 0
    assert (folder / "edges.csv").read_bytes() == before


def test_network_model_and_calibrate(tmp_path, capsys):
    folder = tiny_folder.write_tiny(tmp_path / "tiny")
    (folder / "edges.csv").unlink()
    (folder / "closures.csv").unlink()
    (folder / "access.csv").write_text("place,mode\nR1,road\nR2,road\nR3,road\n", "utf-8")
    (folder / "speeds.csv").write_text("mode,speed_kmh\nroad,40\n", "utf-8")
    assert call("network", "model", folder, "--json") == 0
    assert json.loads(capsys.readouterr().out)["path"] == str(folder / "edges.csv")
    assert (folder / "edges.csv").exists()
    assert call("network", "calibrate", folder) == 0
    assert call("network", "calibrate", folder, "--json") == 0


def test_a_latitude_without_its_point_makes_no_long_road_and_is_named(tmp_path, capsys):
    """-55.12 for -0.27 made a road of thousands of kilometres, and all was valid."""
    folder = toy(tmp_path / "toy")
    (folder / "edges.csv").unlink()
    for name, text in ROADS.items():
        (folder / name).write_text(text, "utf-8")
    regions = (folder / "regions.csv").read_text("utf-8")
    (row,) = (line for line in regions.splitlines() if line.startswith("birch,"))
    cells = row.split(",")
    cells[regions.splitlines()[0].split(",").index("lat")] = "-55.12"
    (folder / "regions.csv").write_text(regions.replace(row, ",".join(cells)), "utf-8")
    assert call("network", "model", folder) == 0
    shown = capsys.readouterr().err
    assert "W550" in shown
    assert "lines" in shown
    assert call("network", "model", folder, "--json") == 0
    told = json.loads(capsys.readouterr().out)
    codes = {one["value"]: one["code"] for one in told["faults"]}
    assert list(codes) == told["regions_apart"]
    assert codes.pop("birch") == "W550"
    assert set(codes.values()) == {"W551"}  # the others have no row of access
    assert call("validate", folder) == 0
    assert "W501" in capsys.readouterr().err


# ---------------------------------------------------------------- garbage


GARBAGE = {
    "empty": b"",
    "no object": b"[1, 2]",
    "null": b"null",
    "only a format": b'{"format": "plan/1"}',
    "another format": b'{"format": "plan/9"}',
    "deep": b"[" * 100_000,
    "not UTF-8": b"\xff\xfe\x00",
    "cut off": b'{"format": "plan/2", "digest": "sha256:',
    "numbers": b'{"format": "plan/1", "start": 1e999, "time_zone": 5}',
    "no such zone": b'{"format": "plan/1", "start": "2024-01-01T00:00+00:00", "time_zone": "../etc"}',
}


@pytest.mark.parametrize("name", GARBAGE)
@pytest.mark.parametrize("verb", ["check", "csv", "svg"])
def test_garbage_is_no_plan(name, verb, tmp_path, capsys):
    path = tmp_path / "plan.json"
    path.write_bytes(GARBAGE[name])
    assert on_plan(verb, path) == 2
    shown = capsys.readouterr().err
    assert "P10" in shown
    assert "Traceback" not in shown


def on_plan(verb: str, path: Path) -> int:
    if verb == "check":
        return call("check", path, "--instance", TOY)
    return call("export", path, "--format", verb, "--instance", TOY)


@pytest.mark.parametrize("verb", ["check", "csv", "svg"])
def test_no_plan_at_all(verb, tmp_path, capsys):
    assert on_plan(verb, tmp_path / "none.json") == 2
    assert "P100" in capsys.readouterr().err
    (tmp_path / "folder").mkdir()
    assert on_plan(verb, tmp_path / "folder") == 2


FOLDER_VERBS = [["validate"], ["solve"], ["network", "model"], ["network", "calibrate"]]


@pytest.mark.parametrize("verb", FOLDER_VERBS, ids=" ".join)
@pytest.mark.parametrize("kind", ["missing", "file", "empty", "bytes", "no toml"])
def test_garbage_is_no_folder(verb, kind, tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    folder = tmp_path / "garbage"
    if kind == "file":
        folder.write_bytes(b"\x00\x01")
    elif kind != "missing":
        folder.mkdir()
    if kind == "bytes":
        for name in ("plan.toml", "regions.csv", "vehicles.csv", "warehouses.csv", "edges.csv", "items.csv"):
            (folder / name).write_bytes(bytes(range(256)))
    if kind == "no toml":
        (folder / "plan.toml").write_text("name = [[[", "utf-8")
    assert call(*verb, folder) == 2
    shown = capsys.readouterr().err
    assert "I1" in shown
    assert "Traceback" not in shown


def test_no_instance_to_check_against(plan, tmp_path, capsys):
    assert call("check", plan, "--instance", tmp_path / "nowhere") == 2
    assert "I100" in capsys.readouterr().err


@pytest.mark.skipif(os.name == "nt", reason="pipes end otherwise there")
def test_a_reader_that_has_gone(solved):
    end, start = os.pipe()
    os.close(end)
    try:
        done = subprocess.run(
            **command(
                "check", solved[0], "--instance", TOY, "--json", "--output", solved[0].with_name("pipe.json")
            ),
            stdout=start,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    finally:
        os.close(start)
    assert "Traceback" not in done.stderr
    assert "Exception ignored" not in done.stderr
    assert done.returncode != 0


def test_check_simulates(plan, tmp_path, capsys):
    path = tmp_path / "proof.json"
    asked = ("check", plan, "--instance", TOY, "--output", path, "--force", "--simulate", "3000")
    assert call(*asked, "--seed", "7") == 0
    shown = capsys.readouterr().out
    assert "runs: 3,000; seed 7; with breakdowns; distributions simulation/1" in shown
    assert "95 % interval" in shown
    assert "Regions that are least often on time" in shown
    found = json.loads(path.read_text("utf-8"))["simulation"]
    assert (found["runs"], found["seed"], found["breakdowns"]) == (3000, 7, True)
    assert len(found["regions"]) == 7
    assert call(*asked, "--no-breakdowns", "--json") == 0
    data = json.loads(capsys.readouterr().out)["simulation"]
    assert data["plan"] | {"low": 0} == {"on_time": 3000, "late": 0, "chance": 1.0, "low": 0, "high": 1.0}
    assert data["seed"] == 1
    assert call("--lang", "id", *asked, "--no-breakdowns") == 0
    shown = capsys.readouterr().out
    assert "Peluang semua wilayah tepat waktu: 100,00 % (selang 95 % 99,87 % – 100,00 %)" in shown
    assert call("check", plan, "--instance", TOY, "--simulate", "0") == 2
    assert "--simulate" in capsys.readouterr().err


def test_a_certificate_is_verified_whatever_else_is_simulated(plan, tmp_path, capsys):
    path = tmp_path / "proof.json"
    check = ("check", plan, "--instance", TOY)
    assert call(*check, "--output", path, "--simulate", "200", "--seed", "7") == 0
    capsys.readouterr()
    other = tmp_path / "other.json"
    further = ("--simulate", "300", "--no-breakdowns", "--output", other)
    assert call(*check, "--certificate", path, *further) == 0  # what it drew is drawn again, to be compared
    shown = capsys.readouterr().out
    assert "says what the plan and the files say" in shown
    assert "runs: 300; seed 1; without breakdowns" in shown
    assert json.loads(other.read_text("utf-8"))["simulation"]["runs"] == 300
    assert call(*check, "--output", path, "--force") == 0
    assert call(*check, "--certificate", path, *further, "--force") == 0  # which has no simulation at all
    data = json.loads(other.read_text("utf-8"))
    assert data["simulation"]["runs"] == 300
    data["simulation"]["plan"]["late"] += 1
    other.write_text(json.dumps(data), "utf-8")
    capsys.readouterr()
    assert call(*check, "--certificate", other, "--simulate", "100") == 4
    assert "P106" in capsys.readouterr().err


@pytest.mark.parametrize("option", [("--seed", "3"), ("--no-breakdowns",)])
def test_options_of_a_simulation_are_refused_without_one(plan, capsys, option):
    assert call("check", plan, "--instance", TOY, *option) == 2
    assert f"{option[0]} says how --simulate N draws" in capsys.readouterr().err
    assert call("--lang", "id", "check", plan, "--instance", TOY, *option) == 2
    assert f"{option[0]} mengatur undian" in capsys.readouterr().err


@pytest.mark.slow
def test_a_row_of_searches_says_that_the_time_is_for_each(tmp_path, capsys):
    folder = toy(tmp_path / "toy")
    output = tmp_path / "plan.json"
    assert call("solve", folder, "--effort", 1, "--guarantee", "auto", "--output", output) in (0, 3)
    assert "as long as effort 1 takes, for each number of late legs" in capsys.readouterr().err


def test_a_plan_that_breaks_rules_is_not_simulated(plan, capsys):
    data = json.loads(plan.read_text("utf-8"))
    data["trips"][0]["cost"] += 1
    plan.write_text(small.signed(data), "utf-8")
    assert call("check", plan, "--instance", TOY, "--simulate", "5") == 4
    assert "Not simulated" in capsys.readouterr().err
    assert json.loads(plan.with_suffix(".certificate.json").read_text("utf-8"))["simulation"] is None
