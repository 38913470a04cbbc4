"""What click itself says, in both languages: none is missing, and no help has another."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import click
import every_verb
import pytest
from click.testing import CliRunner

from planner.base.text import catalogue_file, set_language
from planner.cli import VERBS, main
from planner.cli.terminal import asked


@pytest.fixture(autouse=True)
def english():
    yield
    set_language("en")


def words_of_click() -> Iterator[tuple[str, str]]:
    """Every text that click would have translated, with its file."""
    for file in sorted(Path(click.__file__).parent.glob("*.py")):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
                count = {"_": 1, "ngettext": 2}.get(node.func.id, 0)
                for one in node.args[:count]:
                    if isinstance(one, ast.Constant):
                        yield file.name, str(one.value)


# What nobody who uses this program can meet: completion, editors, colours, and mistakes of programmers.
OTHERS = {"shell_completion.py", "_termui_impl.py", "_winconsole.py", "utils.py"}
PROGRAMMERS = (
    *("Could not determine name", "No options defined", "Arguments take exactly", "Name '{name}' defined"),
    *("Boolean option {decl", "Unknown color", "Invalid start character", "Choice({choices})"),
)


def test_clicks_own_words_are_in_the_catalogue():
    known = dict(catalogue_file("en", "click"))
    met = {text for file, text in words_of_click() if file not in OTHERS and not text.startswith(PROGRAMMERS)}
    assert len(met) > 40
    assert met - set(known.values()) == set()
    assert all(text != catalogue_file("id", "click")[key] for key, text in known.items())


def test_help_is_indonesian_in_all_its_words(capsys):
    """No word of click, and no usual English one, in the help of any command."""
    english = r"usage|options|commands|default|required|exit|the|of|is|and|or|to|with"
    forms = "TEXT|INTEGER|FLOAT|PATH|FILE|BOOLEAN|NUMBER"
    set_language("id")
    for name in ("", *VERBS, *(verb for verb, _ in every_verb.leaves())):
        with pytest.raises(SystemExit) as left:
            main(["--lang", "id", *name.split(), "--help"])
        assert left.value.code == 0
        shown = " ".join(capsys.readouterr().out.split())
        assert shown.startswith("Pemakaian: plan")
        assert "Menampilkan teks ini, lalu selesai." in shown
        assert re.findall(rf"--[\w-]+ (?:{forms})\b", shown) == [], name
        mine = re.sub(r"(?<!\w)(--?[\w-]+|\[[\w,]+(\|[\w,]+)+\]|[\w/]+\.\w+)", "", shown)
        assert re.findall(rf"(?<![\w.'-])(?:{english})(?![\w'-])", mine, re.IGNORECASE) == [], name


@pytest.mark.parametrize(
    ("answer", "expected"),
    [("y", True), ("ya", True), ("Yes", True), ("t", False), ("tidak", False), ("n", False)],
)
def test_yes_and_no_are_understood_in_both_languages(answer, expected):
    @click.command
    def ask() -> None:
        click.echo(asked("Lanjut?"))

    set_language("id")
    done = CliRunner().invoke(ask, input=f"mungkin\n{answer}\n")
    assert "Lanjut? [y/t]" in done.stderr
    assert "isinya ya atau tidak" in done.stderr
    assert done.stdout.split() == [str(expected)]
