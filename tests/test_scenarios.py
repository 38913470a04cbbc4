"""Files of scenarios: names, grids, samples, tables, and all their faults."""

from __future__ import annotations

from itertools import product

import pytest

from planner.base.errors import InputError
from planner.base.text import set_language
from planner.batches.scenarios import MOST_SCENARIOS, read_scenarios

FULL = """
format = "scenarios/1"
title = "What may happen"
base = "../tiny"
area = "A1"
[changes]
slow = "speed road 0.5"
[changes.no-boat]
do = ["drop vehicles boat", "setting guarantee=0"]
area = "S2"
note = "No boat."
source = "Somebody"
[scenarios]
both = ["slow", "no-boat", "deadline -1h"]
[grid]
roads = ["-", "slow"]
fleet = ["-", "no-boat"]
seed = { do = "seed {}", values = [1, 2] }
"""


V = 'format = "scenarios/1"\n'


def read(tmp_path, text, name="s.toml"):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    return read_scenarios(path)


def faults(tmp_path, text, name="s.toml"):
    with pytest.raises(InputError) as error:
        read(tmp_path, text, name)
    for code in ("id", "en"):
        set_language(code)
        assert all(one.cause and one.action for one in error.value.faults)
    return [(one.code, one.column) for one in error.value.faults]


def test_names_areas_notes_and_the_grid(tmp_path):
    found = read(tmp_path, FULL)
    assert (found.title, found.base) == ("What may happen", tmp_path / "../tiny")
    by_name = {one.name: one for one in found.scenarios}
    assert list(by_name)[:2] == ["base", "both"]
    assert [one.text for one in by_name["both"].changes] == [
        "speed road 0.5",
        "drop vehicles boat",
        "setting guarantee=0",
        "deadline -1h",
    ]
    assert (by_name["both"].area, by_name["both"].note, by_name["both"].source) == (
        "A1,S2",
        "No boat.",
        "Somebody",
    )
    expected = [
        ", ".join(
            f"{key}={one}" for key, one in zip(("roads", "fleet", "seed"), taken, strict=True) if one != "-"
        )
        for taken in product(("-", "slow"), ("-", "no-boat"), ("1", "2"))
    ]
    assert list(by_name)[2:] == expected
    assert by_name["fleet=no-boat, seed=2"].axes == {"roads": "-", "fleet": "no-boat", "seed": "2"}
    assert by_name["base"].changes == ()


def test_without_more_every_change_is_a_scenario_and_base_comes_first(tmp_path):
    found = read(tmp_path, V + 'changes = { a = "seed 1", b = ["seed 2", "guarantee 1"] }\n')
    assert [one.name for one in found.scenarios] == ["base", "a", "b"]
    assert found.base is None


def names(scenarios):
    return [one.name for one in scenarios]


def test_a_sample_is_the_same_each_time_and_has_nothing_twice(tmp_path):
    text = (
        V
        + "[grid]\na = {{ do = 'seed {{}}', values = [{}] }}\n"
        + "b = {{ do = 'guarantee {{}}', values = [0, 1, 2] }}\n[sample]\nnumber = 30\nseed = {}\n"
    )
    values = ", ".join(map(str, range(100)))
    first, again, other = (read(tmp_path, text.format(values, seed)).scenarios[1:] for seed in (5, 5, 6))
    assert names(first) == names(again) != names(other)
    assert len({one.name for one in first}) == 30
    whole = read(tmp_path, text.format("1, 2, 3, 4, 5, 6, 7, 8, 9, 10", 3)).scenarios[1:]
    assert len({one.name for one in whole}) == 30  # all there are


def test_figures_are_drawn_between_limits(tmp_path):
    text = (
        V
        + "[grid]\nrain = { do = 'speed road {}', from = 0.5, to = 0.9, digits = 3 }\n"
        + "fleet = ['-', 'drop vehicles boat']\n[sample]\nnumber = 40\nseed = 1\n"
    )
    found = read(tmp_path, text).scenarios[1:]
    figures = [float(one.axes["rain"]) for one in found]
    assert len(found) == 40
    assert 0.5 <= min(figures) < 0.6
    assert 0.8 < max(figures) <= 0.9
    assert {one.axes["fleet"] for one in found} == {"-", "drop vehicles boat"}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("format = ", [("S430", None)]),
        ("", [("S432", "format")]),
        ('format = "scenarios/9"\nchanges = { a = "seed 1" }', [("S431", "format")]),
        ('format = "scenarios/1"', [("S440", None)]),
        (V + 'colour = 1\nchanges = { a = "seed 1" }', [("S433", "colour")]),
        (V + 'base = 1\nchanges = { a = "seed 1" }', [("S431", "base")]),
        (V + 'changes = { a = "seed" , b = 2 }', [("S403", "changes.a"), ("S431", "changes.b")]),
        (V + '[changes.a]\nnote = "x"\nwhy = "y"', [("S432", "changes.a.do"), ("S433", "changes.a.why")]),
        (V + 'scenarios = { a = ["b"] }', [("S434", "scenarios.a")]),
        (V + 'scenarios = { a = 1 }', [("S431", "scenarios.a")]),
        (V + 'scenarios = { base = ["seed 1"] }', [("S438", "base")]),
        (V + 'changes = { base = "seed 1" }', [("S438", "base")]),
        (V + 'grid = { a = ["seed 1"] }\nsample = { number = 0 }', [("S431", "sample.number")]),
        (V + 'changes = { "-" = "seed 1" }', [("S438", "changes.-")]),
        (V + 'grid = { a = [] }', [("S431", "grid.a")]),
        (V + 'grid = { a = ["-", "-"] }', [("S436", "grid.a")]),
        (V + 'grid = { a = { do = "seed 1", values = [1] } }', [("S431", "grid.a.do")]),
        (V + 'grid = { a = { do = "seed {}", values = [true] } }', [("S431", "grid.a")]),
        (V + 'grid = { a = { do = "speed road {}", from = 0.5, to = 1 } }', [("S432", "sample")]),
        (V + 'grid = { a = { do = "speed road {}", from = 2, to = 1 } }', [("S431", "grid.a")]),
        (V + 'sample = { number = 1 }', [("S432", "grid")]),
        (V + 'grid = { a = ["-"] }\nsample = { number = -1 }', [("S431", "sample.number")]),
        (V + 'grid = { a = ["-"] }\nsample = { number = 2 }', [("S437", "sample.number")]),
    ],
)  # fmt: skip
def test_faults(tmp_path, text, expected):
    assert faults(tmp_path, text) == expected


def test_a_grid_that_is_too_large_is_refused_and_never_cut(tmp_path):
    values = list(range(400))
    axes = "\n".join(f'{name} = {{ do = "seed {{}}", values = {values} }}' for name in "ab")
    assert faults(tmp_path, V + f"[grid]\n{axes}") == [("S435", "grid")]
    assert len(values) ** 2 > MOST_SCENARIOS


def test_a_missing_file(tmp_path):
    with pytest.raises(InputError) as error:
        read_scenarios(tmp_path / "none.toml")
    assert [one.code for one in error.value.faults] == ["S430"]


def test_a_table(tmp_path):
    text = "scenario,change,area,note\nslow,speed road 0.5,A1,Rain\nslow,guarantee 1,,\n none,,,Nothing\n"
    found = read(tmp_path, text, "s.csv").scenarios
    assert [(one.name, [change.text for change in one.changes]) for one in found] == [
        ("base", []),
        ("slow", ["speed road 0.5", "guarantee 1"]),
        ("none", []),
    ]
    assert (found[1].area, found[1].note) == ("A1", "Rain")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("scenario,changes\na,seed 1\n", [("S439", "change"), ("S439", "changes")]),
        ("scenario,change\nbase,seed 1\n", [("S438", "base")]),
        ("scenario,change\n,seed 1\na,seed\n", [("S438", "scenario"), ("S403", "change")]),
        ("scenario,change,area\na,seed 1,A1\na,seed 2,A2\n", [("S441", "area")]),
        ("scenario,change\n", [("S440", None)]),
    ],
)
def test_faults_of_a_table(tmp_path, text, expected):
    assert faults(tmp_path, text, "s.csv") == expected
