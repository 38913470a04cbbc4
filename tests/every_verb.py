"""Every command of the program, each called once with what it can do and with what it cannot, in one folder.

The steps are done in their order, from a folder that holds copies of the instances. `GOOD` has what each
command answers, with its exit code; `BAD` what it must refuse, with the code of a fault and the exit code.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path

import click
import hub_plan
import tiny_sets

from planner.cli import VERBS
from planner.instance.write import write_instance
from planner.plans.file import write_plan

ROOT = Path(__file__).resolve().parents[1]
AT = "2025-03-03T%s+03:00"
SCENARIOS = """\
format = "scenarios/1"
base = "toy"
[scenarios]
less = ["drop vehicles van/1"]
"""


@dataclass(frozen=True)
class Step:
    """A command with its words; `code` is its exit code, `fault` the code of a fault that it tells."""

    verb: str
    words: tuple[str, ...]
    code: int = 0
    fault: str = ""

    @property
    def line(self) -> tuple[str, ...]:
        return (*self.verb.split(), *self.words)


def good(verb: str, line: str = "", code: int = 0) -> Step:
    return Step(verb, tuple(line.replace("~", "\0").split()) if line else (), code)


def spaced(step: Step) -> Step:
    """`~` in a word stands for a space."""
    return Step(step.verb, tuple(one.replace("\0", " ") for one in step.words), step.code, step.fault)


def bad(verb: str, line: str, fault: str, code: int = 2) -> Step:
    return Step(verb, tuple(line.replace("~", "\0").split()), code, fault)


GOOD = tuple(
    map(
        spaced,
        (
            good("init", "mine --from toy --area west"),
            good("init", "template"),
            good("validate", "toy"),
            good("validate", "wrong", 2),
            good("validate", "other/odd"),
            good("network model", "together --force"),
            good("network calibrate", "calibrated --output trips.csv"),
            good("solve", "toy --effort 1 --output toy.json --package package"),
            good("solve", "toy --effort 1 --output auto.json --guarantee auto"),
            good("solve", "toy --effort 1 --output front.json --tradeoff cost,margin --points 2"),
            good("solve", "other/late --effort 1 --output late.json", 3),
            good("export", "toy.json --format csv --output tables"),
            good("export", "toy.json --format xlsx --instance toy"),
            good("export", "hub.json --format svg --instance hub"),
            good("export", "toy.json --format png --instance toy --each area"),
            good("export", "hub.json --format geojson --instance hub"),
            good("export", "hub.json --format gpx --instance hub"),
            good("evaluate", "tables/trips.csv --instance toy --output told.json"),
            good("evaluate", "heavy.csv --instance toy --output heavy.json", 4),
            good("check", "toy.json --instance toy --simulate 20"),
            good("check", "auto.json --instance toy"),
            good("check", "hub.json --instance hub"),
            good("check", "hub.json --instance hub --certificate hub.certificate.json"),
            good("check", "heavy.json --instance toy", 4),
            good("show", "hub.json A H --instance hub"),
            good("papers", "toy.json --instance toy --output sheets --workers 1"),
            good("report", "hub.json --instance hub --simulate 20"),
            good("papers", "hub.json --instance hub --workers 1"),
            good("messages", "hub.json --instance hub --for sms --output told"),
            good("messages", "hub.json --instance hub --changed-since hub.json"),
            good("problem add", "toy No~fuel --area elm --responsible Sari --due 2025-03-04"),
            good("problem list", "toy"),
            good("bulletin", f"toy.json --instance toy --now {AT % '09:00'} --output news/one"),
            good(
                "bulletin",
                f"toy.json --instance toy --now {AT % '10:00'} --output news/two"
                " --since news/one.json --format md",
            ),
            good("problem close", "toy P001"),
            good("preparation add", "toy store box --needed 9 --received 4"),
            good("preparation list", "toy --all"),
            good("batch run", "few.toml --output runs --effort 1 --workers 1 --seeds 1"),
            good("batch run", "few.toml --output dry --dry-run"),
            good(
                "batch run",
                "toy.json --instance toy --lose-each vehicles --effort 1 --workers 1 --output lost",
            ),
            good("batch report", "runs"),
            good("batch report", "runs --markdown"),
            good("store init", "desk"),
            good("approve", "desk/toy.json --by Sari --instance toy"),
            good(
                "desk",
                f"desk --port 0 --no-browser --close-after 0.02 --clock {AT % '08:00'} --pace 60",
            ),
            good("approve", "heavy.json --by Sari --instance toy", 4),
            good("event list", "desk/toy.json"),
            good("event add", f"desk/toy.json delay van-01 20~min --note ferry --time {AT % '08:40'}"),
            good("event add", f"desk/toy.json delivered elm --from 08:55 --time {AT % '09:00'}"),
            good(
                "event confirm",
                f"desk/toy.json van-01 --by Sari --time {AT % '09:30'} --until {AT % '09:30'} --yes",
            ),
            good("event undo", f"desk/toy.json --time {AT % '09:31'} --yes"),
            good("event list", "desk/toy.json"),
            good("event check", "desk/toy.json"),
            good("event paste", f"desk/toy.json van-01~terlambat~20~menit --time {AT % '09:32'}"),
            good("event inbox", f"desk/toy.json --put-aside 1 --time {AT % '09:33'}"),
            good("event verify", "desk"),
            good(
                "scan",
                "--plan desk/toy.json --act loaded --place store --vehicle van-01 --by Sari --code x "
                f"--time {AT % '08:00'}",
                4,
            ),
            good("status", f"desk/toy.json --now {AT % '09:32'} --output status.csv"),
            good("status", f"desk/toy.json --now {AT % '09:32'} --now-what"),
            good(
                "replan",
                f"desk/toy.json --now {AT % '09:32'} --effort 1 --output desk/later.json --stability",
            ),
            good("check", "desk/later.json --instance toy"),
            good("approve", "desk/later.json --by Sari"),
            good("diff", "toy.json desk/later.json --instance toy --output calls.csv"),
            good("store verify", "--in desk"),
            good("store backup", "copy.store --in desk"),
            good("store export", "files --in desk"),
            good("store erase", "E0001 --by Sari --in desk"),
            good("store restore", "copy.store --in desk --force"),
            good("bench", "tiny.vrp --time-limit 1"),
        ),
    )
)

BAD = tuple(
    map(
        spaced,
        (
            bad("init", "template --area x", "X344"),
            bad("validate", "nowhere", "I100"),
            bad("network model", "nowhere", "I100"),
            bad("network calibrate", "wrong", "I202"),
            bad("solve", "wrong --output no.json", "I202"),
            bad("solve", "toy --effort none", "C720"),
            bad("solve", "toy --no-such", "C720"),
            bad("evaluate", "few.toml --instance toy", "V222"),
            bad("check", "few.toml --instance toy", "P101"),
            bad("check", "toy.json", "C720"),
            bad("show", "toy.json nobody --instance toy", "C707"),
            bad("approve", "toy.json --by ~", "E955"),
            bad("event add", "desk/toy.json delay nobody 20", "E908"),
            bad("event list", "nowhere.json", "P100"),
            bad("event check", "desk/toy.json --events few.toml", "E902"),
            bad("event verify", "mine", "K005"),
            bad(
                "event confirm",
                f"desk/toy.json nobody --by Sari --time {AT % '09:30'} --until {AT % '09:30'}",
                "E908",
            ),
            bad("event undo", "hub.json", "E971"),
            bad("scan", "--plan desk/toy.json --act thrown --place store --by Sari --code x", "H120"),
            bad("event paste", "desk/toy.json van-01 --confirm M9", "E992"),
            bad("event inbox", "hub.json", "K005"),
            bad("store init", "--no-such", "C720"),
            bad("store backup", "toy --in desk", "C703"),
            bad("store restore", "few.toml --in desk", "K001"),
            bad("store verify", "--in mine", "K005"),
            bad("store export", "files --in desk", "C702"),
            bad("store erase", "E0999 --by Sari --in desk", "K020"),
            bad("desk", "desk --host 0.0.0.0 --no-browser", "K031"),
            bad("status", "desk/toy.json --now never", "E906"),
            bad("replan", "nowhere.json", "P100"),
            bad("diff", "toy.json nowhere.json", "P100"),
            bad("batch run", "nowhere.toml", "S430"),
            bad("batch report", "mine", "S454"),
            bad("export", "toy.json --format svg", "C705"),
            bad("report", "toy.json --instance hub", "P103"),
            bad("papers", "toy.json --instance hub", "P103"),
            bad("papers", "toy.json --instance hub", "P103"),
            bad("messages", "toy.json --instance hub", "P103"),
            bad("bulletin", "nowhere.json", "P100"),
            bad("problem add", "toy x --area nobody", "C707"),
            bad("problem close", "toy P009", "C746"),
            bad("problem list", "nowhere", "I100"),
            bad("preparation add", "toy store box --needed 9 --date never", "I213"),
            bad("preparation list", "nowhere", "I100"),
            bad("bench", "nowhere.vrp", "B800"),
        ),
    )
)


def laid_out(folder: Path) -> Path:
    """A folder with all that the steps begin with."""
    shutil.copytree(ROOT / "instances" / "toy", folder / "toy")
    shutil.copytree(ROOT / "tests" / "cases" / "hours_2007", folder / "calibrated")
    shutil.copytree(ROOT / "tests" / "cases" / "together", folder / "together")
    write_instance(folder / "hub", hub_plan.INSTANCE)
    write_plan(hub_plan.PLAN, hub_plan.INSTANCE.clock, folder / "hub.json")
    for name, table, old, new in (
        ("wrong", "regions", ",10,4,160", ",10,many,160"),
        ("other/odd", "regions", "ash,Ash clinic,store,0.400", "ash,Ash clinic,store,-0.400"),
        ("other/late", "deadlines", "elm,2025-03-03T10:30", "elm,2025-03-03T08:30"),
    ):
        shutil.copytree(folder / "toy", folder / name)
        path = folder / name / f"{table}.csv"
        text = path.read_text("utf-8")
        assert old in text
        path.write_text(text.replace(old, new), "utf-8")
    (folder / "few.toml").write_text(SCENARIOS, "utf-8")
    (folder / "tiny.vrp").write_text(tiny_sets.CVRP, "utf-8")
    (folder / "heavy.csv").write_text(
        "vehicle,stop\nvan-01,ash\nvan-01,birch\nvan-01,cedar\nvan-01,elm\n", "utf-8"
    )
    (folder / "desk").mkdir()
    return folder


def leaves() -> Iterator[tuple[str, click.Command]]:
    """Every command that does something, by its words."""
    for verb in VERBS:
        command = import_module(f"planner.cli.{verb}").command()
        if isinstance(command, click.Group):
            for name, part in command.commands.items():
                yield f"{verb} {name}", part
        else:
            yield verb, command
