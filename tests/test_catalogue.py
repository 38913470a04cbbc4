"""Both languages hold the same texts with the same placeholders."""

from __future__ import annotations

import re
import string
import tomllib
from importlib.resources import files
from pathlib import Path

import pytest

from planner.base.errors import Fault, InputError
from planner.base.text import LANGUAGES, catalogue, set_language, words
from planner.instance.explain import column_note, setting_note, table_note
from planner.instance.schema import TABLES
from planner.instance.settings import KEYS
from planner.plans.file import plan_from_text, read_plan
from planner.proof.verdict import Measure, amount_text

ENGLISH, INDONESIAN = catalogue("en"), catalogue("id")
MEANINGS = {
    key: text for key, text in INDONESIAN.items() if key.startswith("tables.")
}  # in English: the schema


def placeholders(text: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(text) if name is not None}


def test_both_languages_have_the_same_files() -> None:
    names = [{one.name for one in files("planner.base.text").joinpath(code).iterdir()} for code in LANGUAGES]
    assert names[0] == names[1] - {"tables.toml"}
    assert "faults.toml" in names[0]


def test_both_languages_have_the_same_keys() -> None:
    assert set(ENGLISH) == set(INDONESIAN) - set(MEANINGS)


def test_every_table_column_and_setting_is_explained_in_indonesian() -> None:
    own = {f"tables.{name}.{column.name}" for name, table in TABLES.items() for column in table.columns}
    own |= {f"tables.{name}.table" for name in TABLES}
    keys = (re.sub(r"\[+(\w+)\]+ ", r"\1_", key.name) for key in KEYS)
    own |= {f"tables.plan_toml.{key}" for key in keys}
    assert set(MEANINGS) == own
    assert not [key for key, text in MEANINGS.items() if not text.strip() or "{" in text or "`" in text]
    set_language("id")
    try:
        assert setting_note(KEYS[3]) == MEANINGS["tables.plan_toml.start"]
        assert table_note("regions") == MEANINGS["tables.regions.table"]
        docks = next(one for one in TABLES["warehouses"].columns if one.name == "docks")
        assert column_note("warehouses", docks).startswith(MEANINGS["tables.warehouses.docks"])
    finally:
        set_language("en")


def test_indonesian_words_are_those_of_the_glossary() -> None:
    """What tables and columns mean uses one word for each thing; values stand in quotation marks."""
    others = (
        r"\b(region(nya)?|hub(nya)?|hitungan(nya)?|jalur|daerah(nya)?|kapasitas|jam kerja|simpul peralihan)\b"
    )
    for key, text in MEANINGS.items():
        assert not re.findall(others, re.sub("“[^”]*”", "", text.casefold())), key
    for column in ("area", "subarea", "area_name", "subarea_name"):
        assert column.removesuffix("_name") in MEANINGS[f"tables.regions.{column}"].casefold()
        assert "wilayah" not in MEANINGS[f"tables.regions.{column}"].casefold()
    everywhere = r"\b(simpul peralihan|hitungan(nya)?|(sub)?daerah|tempat transit)\b"
    assert not {key for key, text in INDONESIAN.items() if re.search(everywhere, text.casefold())}


@pytest.mark.parametrize("key", sorted(set(ENGLISH) & set(INDONESIAN)))
def test_placeholders(key: str) -> None:
    assert placeholders(ENGLISH[key]) == placeholders(INDONESIAN[key])
    assert "key" not in placeholders(ENGLISH[key])  # `words` has an argument of this name
    assert "" not in placeholders(ENGLISH[key])


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_fault_has_cause_and_action(code: str) -> None:
    content = tomllib.loads(files("planner.base.text").joinpath(code, "faults.toml").read_text("utf-8"))
    for fault, texts in content.items():
        assert set(texts) == {"cause", "action"}, fault
        assert all(text.strip() == text and text for text in texts.values()), fault


@pytest.mark.parametrize("code", LANGUAGES)
def test_words_are_in_the_language_in_force(code: str) -> None:
    set_language(code)
    try:
        assert words("faults.P102.cause", value="a", actual="b") == catalogue(code)[
            "faults.P102.cause"
        ].format(value="a", actual="b")
    finally:
        set_language("en")


def test_faults_differ_between_the_languages() -> None:
    assert not [key for key, text in ENGLISH.items() if key.startswith("faults.") and text == INDONESIAN[key]]


@pytest.mark.parametrize("code", LANGUAGES)
def test_plan_files_that_cannot_be_used_are_told(code: str, tmp_path: Path) -> None:
    """The plan file's faults have no more parameters than their texts need, and no fewer."""
    folder = tmp_path / "rencana é"
    folder.mkdir()
    (folder / "plan.json").write_text("{}", "utf-8")
    (folder / "latin.json").write_bytes(b"\xff{}")
    set_language(code)
    try:
        for name in ("none.json", "plan.json", "latin.json", "."):
            with pytest.raises(InputError) as raised:
                read_plan(folder / name)
            for fault in raised.value.faults:
                assert fault.cause
                assert fault.action
                assert "None" not in fault.cause
    finally:
        set_language("en")


@pytest.mark.parametrize(
    ("text", "english", "indonesian"),
    [
        ("{", "not JSON from line 1, column 2", "mulai baris 1, kolom 2"),
        ("[]", "its format is not plan/2, plan/1", "formatnya bukan plan/2, plan/1"),
        ('{"format": "plan/1"}', "missing in a part of it: start, time_zone", "start, time_zone"),
        ('{"format": "plan/1", "start": 5, "time_zone": "UTC"}', "where text is expected stands 5", "teks"),
        ('{"format": "plan/1", "start": "x", "time_zone": "UTC"}', "an instant such as", "waktu seperti"),
    ],
)
def test_why_a_text_is_no_plan_is_said_in_the_language_in_force(
    text: str, english: str, indonesian: str
) -> None:
    for code, expected in (("en", english), ("id", indonesian)):
        set_language(code)
        try:
            with pytest.raises(InputError) as raised:
                plan_from_text(text)
            (fault,) = raised.value.faults
            assert (fault.code, expected in fault.cause) == ("P101", True), fault.cause
            assert "Error" not in fault.cause
        finally:
            set_language("en")


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_there_is_not_to_say_is_left_out(code: str) -> None:
    set_language(code)
    try:
        without, given = (Fault("I208", "items", params={"unit": unit}) for unit in ("-", "kg"))
        assert given.action == without.action[:-1] + words("cli.faults.unit", unit="kg") + "."
        params = {"id": "x", "tables": "regions"}
        alone, similar = (Fault("I301", "edges", params=params | {"nearest": one}) for one in ("-", "y"))
        assert similar.action == alone.action + words("cli.faults.nearest", nearest="y")
        assert "-." not in without.action + alone.action
    finally:
        set_language("en")


def test_amounts_are_in_words_for_one_and_for_more() -> None:
    assert amount_text(1, Measure.CASES) == "1 case"
    assert amount_text(2, Measure.PIECES) == "2 pieces"
    assert amount_text(-1, Measure.UNITS) == "-1 unit"


GLOSSARY = Path(__file__).parents[1] / "docs" / "glossary.md"
OTHERS = {  # words that were once used for the same thing, by the term of the glossary
    "leg": r"\bruas\b",
    "deadline": r"\bbatas waktu\b",
    "margin": r"\bsisa waktu\b",
    "node": r"\btitik jaringan\b",
    "synthetic": r"\b(sintetis|sintetik|rekaan)\b",
    "stretch": r"\bkelonggaran\b",
}


@pytest.mark.parametrize("term", sorted(OTHERS))
def test_a_term_has_one_word_in_indonesian(term: str) -> None:
    """Where English speaks of one term alone, Indonesian has none of the words that are another's."""
    (said,) = re.findall(rf"^\| {term} \| ([^|]+) \|", GLOSSARY.read_text("utf-8"), re.MULTILINE)
    others = {"leg": r"\bedges?\b", "deadline": r"\btime limit\b", "stretch": r"\bmargins?\b"}.get(
        term, r"$^"
    )
    of_term = {
        key
        for key, text in ENGLISH.items()
        if re.search(rf"\b{term}(s|es)?\b", text.casefold()) and not re.search(others, text.casefold())
    }
    assert of_term
    assert not {key for key in of_term if re.search(OTHERS[term], INDONESIAN[key].casefold())}
    assert any(said in INDONESIAN[key].casefold() for key in of_term)
    assert not {key for key in INDONESIAN if re.search(r"\b(sub)?distrik\b", INDONESIAN[key].casefold())}
