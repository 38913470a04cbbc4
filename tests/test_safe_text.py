"""Whatever names hold, nothing of them steers who reads them; nobody goes around the functions for that."""

import ast
import csv
import io
import os
import shlex
import socket
import subprocess
from pathlib import Path
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.base.errors import Fault, Severity
from planner.base.files import write_bytes, write_text
from planner.base.opening import FileSort, NotOpenedError, content_of
from planner.base.safe_text import (
    csv_text,
    from_spreadsheet,
    has_control_signs,
    json_text,
    label_text,
    markdown_code,
    markdown_text,
    shell_word,
    spreadsheet_text,
    terminal_text,
    xml_text,
)
from planner.cli.printing import show_faults

ROOT = Path(__file__).resolve().parents[1]
SIGNS = st.characters(codec=None) | st.sampled_from(
    "=+-@'\"`$<>&|;\t\n\r\v\x1b\x07\x7f\x9b\u202e\u2028\ud800%"
)
TEXTS = st.text(SIGNS, max_size=30)
STEERING = {*map(chr, (*range(9), *range(11, 32), *range(127, 160), *range(0x2028, 0x202F)))} | {
    "\u2066",
    "\ufeff",
}


# ---------------------------------------------------------------- each way out


@given(TEXTS)
def test_nothing_steers_a_terminal(text):
    shown = terminal_text(text)
    assert not set(shown) & STEERING
    assert terminal_text(shown) == shown
    assert len(shown) == len(text)


@given(TEXTS)
def test_a_label_is_one_line(text):
    label = label_text(text)
    assert not set(label) & (STEERING | {"\n", "\t"})
    assert label_text(label) == label
    assert (label == text) or has_control_signs(text, or_lines=True)


@given(TEXTS)
def test_json_says_the_same_without_steering(text):
    import json

    said = json_text({text: [text]})
    assert not set(said) & STEERING
    assert json.loads(said) == {text: [text]}


@given(TEXTS)
def test_xml_is_read_back(text):
    node = ElementTree.fromstring(f"<a b=\"{xml_text(text)}\" c='{xml_text(text)}'>{xml_text(text)}</a>")
    whole = " ".join((node.text or "").replace("\n", " ").split())
    assert whole == " ".join(node.get("b", "").split()) == " ".join(node.get("c", "").split())
    assert not set(node.text or "") & STEERING


@given(st.lists(st.lists(TEXTS.filter(lambda one: "\0" not in one), min_size=1, max_size=4), max_size=4))
def test_cells_come_back_as_they_were(rows):
    text = csv_text(rows)
    read = [[from_spreadsheet(cell) for cell in row] for row in csv.reader(io.StringIO(text, newline=""))]
    assert [row for row in read if row] == [row for row in rows if row]


@pytest.mark.parametrize("lead", ["=", "+", "-", "@", "\t=", " =", "'=", "''-", "\uff1d", "\r+"])
def test_no_cell_is_computed(lead):
    text = f"{lead}HYPERLINK(0)"
    assert spreadsheet_text(text).startswith("'")
    assert from_spreadsheet(spreadsheet_text(text)) == text


@given(TEXTS.filter(lambda one: "\0" not in one and not any("\ud800" <= sign <= "\udfff" for sign in one)))
def test_a_word_of_a_shell_is_that_word(text):
    assert shlex.split(f"plan {shell_word(text, shell='posix')}") == ["plan", text]


HOSTILE_WORDS = [
    "x$(touch pwned)",
    "`touch pwned`",
    "a b;c",
    "it's",
    '"',
    "~",
    "*",
    "!!",
    "a\nb",
    "-rf",
    "#",
    "\\",
]


def test_a_real_shell_takes_them_as_they_are(tmp_path):
    line = " ".join(shell_word(one, shell="posix") for one in HOSTILE_WORDS)
    done = subprocess.run(
        ["/bin/sh", "-c", f"for one in {line}; do printf '%s\\0' \"$one\"; done"],
        cwd=tmp_path,
        capture_output=True,
        check=True,
    )
    assert done.stdout.decode().split("\0")[:-1] == HOSTILE_WORDS
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("word", "powershell", "cmd"),
    [
        ("plans\\a.json", "plans\\a.json", "plans\\a.json"),
        ("a b", "'a b'", '^"a b^"'),
        ("it's $(x)", "'it''s $(x)'", '^"it\'s $^(x^)^"'),
        ("\u2019; x", "'\u2019\u2019; x'", '^"\u2019; x^"'),
        ("%PATH%", "'%PATH%'", '^"^%PATH^%^"'),
        ('a"b&c', "'a\\\"b&c'", '^"a\\^"b^&c^"'),
        ("a b\\", "'a b\\'", '^"a b\\\\^"'),
    ],
)
def test_words_for_windows(word, powershell, cmd):
    assert shell_word(word, shell="powershell") == powershell
    assert shell_word(word, shell="cmd") == cmd


@given(TEXTS)
def test_markdown_stays_on_its_line(text):
    for made in (markdown_text(text), markdown_code(text)):
        assert not set(made) & (STEERING | {"\n", "\t"})
    plain = markdown_text(text).replace("\\\\", "")
    for sign in "<>[]|`":
        assert plain.count(sign) == plain.count(f"\\{sign}")


# ---------------------------------------------------------------- files


def test_a_pipe_a_device_and_a_socket_are_not_opened(tmp_path):
    pipe, plug = tmp_path / "pipe", tmp_path / "plug"
    os.mkfifo(pipe)
    with socket.socket(socket.AF_UNIX) as held:
        held.bind(str(plug))
        for path in (pipe, plug, Path("/dev/zero"), Path("/dev/null"), Path("/dev/stdin")):
            if path.exists():
                with pytest.raises(NotOpenedError):
                    content_of(path, FileSort.TABLE)
                with pytest.raises(NotOpenedError):
                    write_text(path, "x")
    with pytest.raises(IsADirectoryError):
        content_of(tmp_path, FileSort.TABLE)
    with pytest.raises(NotOpenedError):
        content_of(Path("a\0b"), FileSort.TABLE)


def test_a_file_larger_than_its_kind_is_not_read(tmp_path):
    path = tmp_path / "plan.toml"
    with path.open("wb") as file:
        file.truncate(FileSort.SETTINGS + 1)
    with pytest.raises(NotOpenedError, match="MB"):
        content_of(path, FileSort.SETTINGS)
    write_bytes(path, b"x" * 10)
    assert content_of(path, FileSort.SETTINGS) == b"x" * 10


# ---------------------------------------------------------------- nobody goes around them

OPENING = {"base/opening", "base/files", "base/locking", "base/text/__init__", "batches/lock"}
OWN_FILES = {
    "messages/lexicon",
    "outputs/map/fonts",
    "outputs/map/png",
    "pages/html",
    "papers/bulletin/forms",
    "propose/sisr/kernel/cache",
}  # its own
SAYING = {"cli/terminal"}
FORBIDDEN_CALLS = {
    "read_bytes": OPENING | OWN_FILES,
    "read_text": OPENING | OWN_FILES | {"benchmark/run", "store/folders"},  # of /proc/self
    "open": OPENING
    | OWN_FILES
    | {"instance/workbook/package", "cli/__init__", "solving/worker", "store/copying"}
    | {"desk/server", "cli/package"},  # a browser
    "echo": SAYING,
    "secho": SAYING,
    "confirm": SAYING,
    "prompt": SAYING,
    "print": {f"cli/{path.stem}" for path in (ROOT / "planner/cli").glob("*.py")},  # of a SafeConsole
    "write_bytes": {"base/files", "outputs/map/files", "papers/typeset", "store/copying", "store/mirror"},
    "Console": set(),
    "writer": {"base/safe_text"},
    "DictWriter": {"base/safe_text"},
    "escape": {"base/safe_text", "propose/sisr/kernel/cache"},
    "quoteattr": set(),
    "quote": {"base/safe_text"},
}


def _name(call: ast.Call) -> str:
    return call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")


FILES = {
    path.relative_to(ROOT / "planner").with_suffix("").as_posix(): path
    for path in sorted((ROOT / "planner").rglob("*.py"))
}


@pytest.mark.parametrize("module", FILES)
def test_nobody_goes_around(module):
    """Files of people are opened, and texts said and written, by one helper each."""
    tree = ast.parse(FILES[module].read_text("utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            allowed = FORBIDDEN_CALLS.get(_name(node))
            regular = isinstance(node.func, ast.Attribute) and getattr(node.func.value, "id", "") == "re"
            assert allowed is None or module in allowed or regular, f"{module}:{node.lineno}: {_name(node)}"
            if _name(node) == "print":
                assert isinstance(node.func, ast.Attribute), f"{module}:{node.lineno}"
        if isinstance(node, ast.ImportFrom) and node.module in ("html", "xml.sax.saxutils", "shlex"):
            assert module == "base/safe_text", f"{module}:{node.lineno}"


def test_of_very_many_faults_the_first_are_printed_and_all_counted(capsys):
    faults = [Fault("I201", "regions", row, "name", "", {}, Severity.WARNING) for row in range(2, 3000)]
    show_faults([*faults, Fault("I201", "regions", 3000, "id", "")])
    said = capsys.readouterr().err
    assert said.count("I201") == 500
    assert "3000" in said
    assert "not shown here: 2499" in said
    assert "Errors: 1; warnings: 2998." in said
