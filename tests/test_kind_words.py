"""Kinds of reports by their words in the language in force, and days and hours as people type them."""

from __future__ import annotations

import re
import string

import pytest
import small
from click.testing import CliRunner
from test_events import IMPOSSIBLE, at, faults, read

from planner.base.text import LANGUAGES, catalogue, set_language
from planner.cli.event import _is_no_plan, command
from planner.events.goods import SPOILT
from planner.events.kinds import KINDS, kind_of, kind_word, kind_words
from planner.events.names import Names
from planner.events.schema import COLUMNS, EventKind
from planner.instance.schema import TABLES
from planner.outputs.event_words import event_in_words

CLOCK = small.CLOCK
SAID = [one for one in EventKind if one is not EventKind.ESCORT]
# Words of kinds that are names of tables, columns or options too, or words of the other language.
ALSO = {*COLUMNS, *TABLES, *(column.name for table in TABLES.values() for column in table.columns), "found"}


@pytest.fixture(autouse=True)
def english():
    yield
    set_language("en")


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_word_that_is_shown_is_read(code):
    set_language(code)
    shown = [kind_word(one) for one in EventKind]
    assert [kind_of(one) for one in shown] == list(EventKind)
    assert (shown == list(EventKind)) == (code == "en")


def test_no_indonesian_text_has_an_english_word_of_a_kind():
    """Texts name kinds by placeholders or by the words of their language."""
    own = "|".join(sorted({*EventKind} - ALSO))
    wrong = {
        key: found
        for key, text in catalogue("id").items()
        if not key.startswith("tables.") and key != "cli.event.add"  # which says that English is read too
        for part in ["".join(said for said, *_ in string.Formatter().parse(text))]
        if (found := re.findall(rf"(?<![\w/.-])(?:{own})(?![\w/-])", part))
    }
    assert not wrong


@pytest.mark.parametrize("case", [name for name, (_, row) in IMPOSSIBLE.items() if row["kind"] in [*SAID]])
def test_faults_name_kinds_by_their_word(case, tmp_path):
    """An Indonesian fault has the Indonesian word wherever the English one has the English word."""
    row = IMPOSSIBLE[case][1]
    kind = EventKind(row["kind"])
    found = {}
    for language in LANGUAGES:
        set_language(language)
        (tmp_path / language).mkdir()
        told = faults(tmp_path / language, row)
        found[language] = " ".join(f"{one.cause} {one.action}" for one in told)
        word = kind_word(kind)
    if f"{kind.value} is reported" in found["en"] or f"for which {kind.value} " in found["en"]:
        assert re.search(rf"\b{word}\b", found["id"])
    if kind.value not in ALSO:
        assert not re.search(rf"\b{kind.value}\b", found["id"])


@pytest.mark.parametrize("code", LANGUAGES)
def test_what_lists_kinds_lists_all_of_them(code, tmp_path):
    """The help, an unknown kind, and units that are gone: from the register, in the language in force."""
    set_language(code)
    told = " ".join(CliRunner().invoke(command(), ["add", "--help"]).output.split())
    assert kind_words(EventKind).split(", ") == [kind_word(one) for one in SAID]
    assert all(re.search(rf"\b{kind_word(one)}\b", told) for one in SAID)
    (one,) = faults(tmp_path, {"kind": "xyzzy", "subject": "A"})
    assert all(kind_word(each) in one.action for each in SAID)
    (one,) = faults(tmp_path, {"kind": "missing", "subject": "B", "value": "2"})
    assert all(re.search(rf"\b{kind_word(each)}\b", one.cause) for each in SPOILT)
    (one,) = faults(tmp_path, {"kind": "arrived", "subject": "TRUCK-01", "place": "Desa D"})
    assert one.code == "E922"
    assert kind_word(EventKind.TAKEN_OVER) in one.action


# ---------------------------------------------------------------- days and hours

DAYS = {  # as typed on 22 November: from, until and how it is told
    ("2024-11-25", ""): "from 25 Nov on",
    ("2024-11-25", "2024-11-25"): "on 25 Nov",
    ("2024-11-25", "2024-11-26"): "from 25 Nov to 26 Nov",
    ("25 Nov", "26 November"): "from 25 Nov to 26 Nov",
    ("25 nopember 2024", "26/11"): "from 25 Nov to 26 Nov",
    ("25/11/2024", "26-Nov-2024"): "from 25 Nov to 26 Nov",
    ("besok", "besok"): "on 23 Nov",
    ("today", "tomorrow"): "from 22 Nov to 23 Nov",
    ("tomorrow 00:00", "tomorrow 24.00"): "on 23 Nov",
    ("25 Nov 06:00", "25 Nov 18.00"): "on 25 Nov",
}
HOURS = {
    "07:00-15:00": "hours 07:00-15:00",
    "7-15": "hours 07:00-15:00",
    "07.00 - 15.00": "hours 07:00-15:00",
    "07.00 s.d. 15.00": "hours 07:00-15:00",
    "7 sampai 12 + 13 sampai 15": "hours 07:00-12:00+13:00-15:00",
    "closed": "closed",
    "Tutup": "closed",
    "libur": "closed",
    "open": "open the whole day",
    "buka": "open the whole day",
    "24 jam": "open the whole day",
    "00:00-24:00": "open the whole day",
}


@pytest.mark.parametrize("kind", ["hours", "jam_buka", "calendar"])
@pytest.mark.parametrize("typed", DAYS)
def test_hours_of_days_need_no_hours_in_from_and_until(typed, kind, tmp_path):
    row = {"kind": kind, "subject": "W", "value": "closed", "from": typed[0], "until": typed[1]}
    (event,) = read(tmp_path, row)
    assert event_in_words(event, Names(small.INSTANCE), small.INSTANCE).endswith(f": closed {DAYS[typed]}.")


@pytest.mark.parametrize("typed", HOURS)
def test_hours_are_read_as_people_write_them(typed, tmp_path):
    (event,) = read(tmp_path, {"kind": "hours", "subject": "W", "value": typed, "from": "25 Nov"})
    told = event_in_words(event, Names(small.INSTANCE), small.INSTANCE)
    assert told.endswith(f": {HOURS[typed]} from 25 Nov on.")


@pytest.mark.parametrize("kind", [one for one in SAID if {"from", "until"} & {*KINDS[one].columns}])
@pytest.mark.parametrize("column", ["from", "until"])
def test_a_day_is_a_whole_day_or_a_fault_that_says_what_to_type(kind, column, tmp_path):
    """`from` is its beginning, `until` its end; where an hour is needed, what the fault says is read."""
    rule = KINDS[kind]
    if column not in rule.columns:
        return
    subject = {"vehicle": "TRUCK-01", "edge": "e1", "mode": "road", "region": "A", "warehouse": "W"}
    subject |= {"type": "TRUCK", "calendar": "office"}
    name = next(subject[one] for one in rule.subjects if one in subject)
    values = {"percent": "50", "hours": "closed", "level": "1", "change": "-1", "number": "1", "counts": "1"}
    more = {"value": values[rule.value]} if rule.value in values and "value" in rule.needs else {}
    more |= {"item": "box"} if "item" in rule.needs else {}
    row = {"kind": kind.value, "subject": name, column: "2024-11-25", "time": at("12:00"), **more}
    if column in rule.days:
        try:
            (event,) = read(tmp_path, row)
        except Exception as error:
            assert not {one.code for one in error.faults} & {"E906", "E987"}
            return
        wanted = "2024-11-25T00:00+08:00" if column == "from" else "2024-11-26T00:00+08:00"
        assert CLOCK.text({"from": event.from_s, "until": event.until_s}[column])[:16] == wanted[:16]
        return
    found = [one for one in faults(tmp_path, row) if one.code == "E987"]
    assert [one.column for one in found] == [column]
    for typed in re.findall(r"2024-11-25 \d\d:\d\d", found[0].action):
        try:
            read(tmp_path, row | {column: typed})
        except Exception as error:
            assert not {one.code for one in error.faults} & {"E906", "E987"}


# ---------------------------------------------------------------- the command


@pytest.mark.parametrize(
    ("words", "no_plan"),
    [
        (["delay", "van1", "2h"], True),
        (["terlambat", "van1", "2 jam"], True),
        (["delayd", "van1", "2h"], True),  # a mistyped kind is told as one
        (["toy", "delay", "van1", "2h"], False),  # so is a plan that is not there
        (["toy.json", "delayd", "van1"], False),
        (["--help"], False),
    ],
)
def test_what_stands_first_is_a_plan_or_a_kind(words, no_plan):
    assert _is_no_plan(words[0], words[1:]) is no_plan
