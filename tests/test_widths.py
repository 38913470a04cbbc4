"""Every command at 80 columns, in both languages, with colours and without: not too wide, nothing broken."""

from __future__ import annotations

import contextlib
import io
import re
import shutil

import every_verb
import pytest
from rich.cells import cell_len

from planner.base.text import set_language
from planner.cli import main, printing, progress

STEPS = (*every_verb.GOOD, *every_verb.BAD)
FRAME = re.compile(r"[┏┃┡│└├╇┳┴]")
COLOURS = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]")
ENGLISH = {
    *("the", "of", "is", "are", "was", "were", "not", "and", "with", "which", "has", "have", "must", "been"),
    *("this", "that", "its", "usage", "error", "options", "missing", "invalid", "no such", "try"),
}
NAMES = ("Toy: seven clinics on a lake", "Crew of Van", "Crew of Boat")


@pytest.fixture(scope="module", params=["en plain", "en colours", "id plain", "id colours"])
def said(request, tmp_path_factory):
    """What each step says, and the words of the cells of its tables; the language, whether in a terminal."""
    from tests.quick_searches import propose_shortly, search_here

    language, looks = request.param.split()
    folder = every_verb.laid_out(tmp_path_factory.mktemp("width"))
    found = {}
    with pytest.MonkeyPatch.context() as patch:
        propose_shortly(patch)
        search_here(patch)
        patch.chdir(folder)
        patch.setenv("PLAN_LANG", language)
        patch.setenv("COLUMNS", "80")
        if looks == "colours":
            patch.setenv("FORCE_COLOR", "1")
        cells: set[str] = set()
        plain_table = printing.table

        def noted(title, columns, rows, **options):
            rows = [tuple(row) for row in rows]
            for row in ([title], [name for name, _ in columns], *rows):
                cells.update(word for cell in row for word in cell.split())
            return plain_table(title, columns, rows, **options)

        patch.setattr(printing, "table", noted)
        patch.setattr(progress, "table", noted)
        for step in STEPS:
            if step.verb == "store init" and not step.fault:
                shutil.copy("toy.json", "desk/toy.json")
            cells.clear()
            found[step] = (*_run(step), set(cells))
    set_language("en")
    return language, looks == "colours", found


def _run(step):
    text = io.StringIO()
    to_text = (contextlib.redirect_stdout(text), contextlib.redirect_stderr(text))
    with to_text[0], to_text[1], pytest.raises(SystemExit) as left:
        main([*step.line])
    return COLOURS.sub("", text.getvalue()), left.value.code


def _id(step):
    return " ".join(step.line)[:60]


@pytest.mark.parametrize("step", STEPS, ids=_id)
def test_no_table_is_wider_than_80_columns_and_none_breaks_a_word(said, step):
    _, _, found = said
    text, code, cells = found[step]
    assert code == step.code, text
    framed = [line for line in text.splitlines() if FRAME.search(line)]
    assert [line for line in framed if cell_len(line) > 80] == []
    inside = {word for line in framed for word in re.sub(r"[^\w\s]*[━─┏┃┡│└├╇┳┴┓┩┤┘┼╋]+", " ", line).split()}
    assert inside <= {re.sub(r"[┃│]", "", word) for word in cells}, inside - cells


@pytest.mark.parametrize("step", STEPS, ids=_id)
def test_in_a_terminal_lines_are_broken_between_words(said, step):
    _, in_terminal, found = said
    if in_terminal and "--markdown" not in step.words:
        lines = found[step][0].replace("\r", "\n").splitlines()
        long = [one for one in lines if cell_len(one) > 80 and not one.startswith("  plan ")]
        assert [one for one in long if " " in one.strip()] == []


@pytest.mark.parametrize("step", STEPS, ids=_id)
def test_no_english_is_left_in_indonesian(said, step):
    language, _, found = said
    text = found[step][0]
    for name in NAMES:
        text = text.replace(name, "")
    if language == "id":
        plain = " ".join(re.sub(r"[┃│]", " ", text).split()).lower()
        assert [one for one in sorted(ENGLISH) if re.search(rf"(?<![\w.-]){one}(?![\w-])", plain)] == [], text


def test_wide_shows_all_columns(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    set_language("en")
    folder = every_verb.laid_out(tmp_path)
    line = ["show", str(folder / "hub.json"), "A", "--instance", str(folder / "hub")]
    headings = []
    for more in ((), ("--wide",)):
        with pytest.raises(SystemExit):
            main([*line, *more])
        headings.append(capsys.readouterr().out)
    assert "Not shown: " in headings[0] and "Not shown: " not in headings[1]
    assert max(map(len, headings[0].splitlines())) <= 80 < max(map(len, headings[1].splitlines()))
    assert "Units" in headings[1] and "Consignment" in headings[1]
