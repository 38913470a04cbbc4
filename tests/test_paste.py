"""Messages in people's words: what they become, and that none becomes a report before it is confirmed."""

from __future__ import annotations

import io
import json
import shutil
import sys
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from planner.base.errors import InputError
from planner.cli import main
from planner.events.kinds import KINDS, kind_of
from planner.events.names import Names
from planner.events.read import read_rows
from planner.events.schema import EventKind
from planner.instance.digest import digest
from planner.instance.read import read_instance
from planner.instance.workbook.write import write_workbook
from planner.instance.write import write_instance
from planner.messages.chats import Message, split
from planner.messages.inbox import Desk, chosen
from planner.messages.known import Known
from planner.messages.lexicon import lexicon
from planner.messages.reading import LONGEST, read_message
from planner.messages.times import moment, said_times
from planner.plans.file import read_plan
from planner.store.inbox import letters
from planner.store.ledger import begun

ROOT = Path(__file__).resolve().parents[1]
INSTANCE = read_instance(ROOT / "instances/mahulu")
PLAN = read_plan(ROOT / "benchmarks/messages/plan.json")
KNOWN, CLOCK = Known(INSTANCE, PLAN), INSTANCE.clock
FIRST = PLAN.trips[0]

# A sentence of each kind that one can tell, in both languages, with all cells that must be understood.
NAMED = {"V": "pickup-4x4-64.11-01", "R": "64.11.02.2003", "W": "gudang-64.11", "P": "ppk-64.11.03"}
SAID = {
    "loaded": ("pic1 selesai dimuat jam 9.30", "pic1 loaded at 9:30", {"subject": "V"}),
    "departed": (
        "pic1 berangkat dari gudang jam 9.30",
        "pic1 left the warehouse at 9:30",
        {"subject": "V", "place": "W"},
    ),
    "arrived": (
        "pic1 tiba di Lutan jam 9.30",
        "pic1 arrived at Lutan at 9:30",
        {"subject": "V", "place": "R"},
    ),
    "delivered": ("Lutan sudah terima jam 9.30", "Lutan received everything at 9:30", {"subject": "R"}),
    "damaged": (
        "2 kotak rusak di Lutan",
        "2 boxes damaged at Lutan",
        {"subject": "R", "value": "2", "item": "box"},
    ),
    "missing": (
        "2 kotak hilang di Lutan",
        "2 boxes missing at Lutan",
        {"subject": "R", "value": "2", "item": "box"},
    ),
    "recall": (
        "2 kotak di Lutan ditarik",
        "2 boxes at Lutan recalled",
        {"subject": "R", "value": "2", "item": "box"},
    ),
    "misdelivered": (
        "2 kotak Lutan salah kirim ke Matalibaq",
        "2 boxes of Lutan were misdelivered to Matalibaq",
        {"subject": "R", "value": "2", "item": "box", "place": "64.11.02.2004"},
    ),
    "found": (
        "2 kotak Lutan sudah ketemu",
        "2 boxes of Lutan turned up",
        {"subject": "R", "value": "2", "item": "box"},
    ),
    "fewer": ("Lutan kelebihan 1 TPS", "Lutan has 1 TPS too many", {"subject": "R", "value": "1"}),
    "fetched": ("pic1 jemput muatan jam 9.30", "pic1 picked up the goods at 9:30", {"subject": "V"}),
    "skipped": ("di Lutan tidak ada orang jam 9.30", "nobody was there at Lutan at 9:30", {"subject": "R"}),
    "refused": ("kotak ditolak di Lutan jam 9.30", "Lutan refused the boxes at 9:30", {"subject": "R"}),
    "partly": (
        "baru 1 TPS diserahkan di Lutan jam 9.30",
        "only 1 unit handed over at Lutan at 9:30",
        {"subject": "R", "value": "1"},
    ),
    "returned": (
        "pic1 kembali ke gudang jam 9.30",
        "pic1 returned to the warehouse at 9:30",
        {"subject": "V"},
    ),
    "taken_over": (
        "pic1 ambil alih muatan untuk Lutan jam 9.30",
        "pic1 took over the goods for Lutan at 9:30",
        {"subject": "V", "place": "R"},
    ),
    "delay": ("pic1 terlambat 2 jam", "pic1 is 2 hours late", {"subject": "V", "value": "2h"}),
    "breakdown": ("pic1 mogok jam 9.30", "pic1 broke down at 9:30", {"subject": "V"}),
    "repaired": ("pic1 selesai diperbaiki jam 9.30", "pic1 repaired at 9:30", {"subject": "V"}),
    "closure": (
        "jalan Long Bagun Ulu - Long Pahangai I longsor",
        "road Long Bagun Ulu - Long Pahangai I blocked",
        {"subject": "road:64.11.01.2008:64.11.05.2008"},
    ),
    "opened": (
        "jalan Long Bagun Ulu - Long Pahangai I sudah bisa dilewati",
        "road Long Bagun Ulu - Long Pahangai I open again",
        {"subject": "road:64.11.01.2008:64.11.05.2008"},
    ),
    "demand": ("Lutan butuh tambahan 1 TPS", "Lutan needs 1 more TPS", {"subject": "R", "value": "1"}),
    "vehicle_added": (
        "tambah 1 ketinting di PPK Laham",
        "one extra ketinting at PPK Laham",
        {"subject": "P", "value": "1", "type": "ketinting-ppk-64.11.03"},
    ),
    "vehicle_lost": ("pic1 tidak bisa dipakai", "pic1 out of service", {"subject": "V"}),
    "warehouse": ("PPK Laham tutup", "PPK Laham is closed", {"subject": "P", "value": "closed"}),
    "deadline": (
        "Lutan harus sudah terima sebelum 26 Nov jam 12.00",
        "Lutan must have its boxes before 26 Nov 12:00",
        {"subject": "R", "until": "2024-11-26T12:00:00+08:00"},
    ),
    "contact": (
        "nomor baru Lutan: Pak Hen 0812 3456 7890",
        "new number for Lutan: Pak Hen 0812 3456 7890",
        {"subject": "R", "value": "Pak Hen 0812 3456 7890"},
    ),
}
# Kinds that are only named: hours, decisions and the like are for the desk to say.
DOUBTED = {"speed", "dock", "stock", "calendar", "longest_delay", "decision", "void", "escort"}


def at(text):
    """A moment of November 2024."""
    return CLOCK.seconds(datetime.fromisoformat(f"2024-11-{text}+08:00"))


def understood(text, sent="25T10:00", sender=""):
    sent_s = at(sent)
    found = split(text, CLOCK, sender=sender, sent_s=sent_s, now_s=sent_s)
    return [one for message in found for one in read_message(message, KNOWN, CLOCK, sent_s).proposals]


def sure(text, sent="25T10:00", sender=""):
    return [dict(one.cells) for one in understood(text, sent, sender) if one.sure]


def doubts(text, sent="25T10:00"):
    return {doubt.kind.value for one in understood(text, sent) for doubt in one.doubts}


def test_each_kind_has_a_sentence_or_is_doubted():
    assert SAID.keys() | DOUBTED == {one.value for one in EventKind}
    assert not SAID.keys() & DOUBTED


@pytest.mark.parametrize("language", [0, 1])
@pytest.mark.parametrize("kind", sorted(SAID))
def test_each_kind_is_understood(kind, language):
    found = sure(SAID[kind][language])
    assert len(found) == 1, found
    cells = {"kind": kind, **{name: NAMED.get(one, one) for name, one in SAID[kind][2].items()}}
    told = {name: found[0].get(name) for name in cells}
    assert told == cells
    assert set(found[0]) - set(cells) <= {"from"}
    if "9.30" in SAID[kind][language] or "9:30" in SAID[kind][language]:
        assert found[0]["from"] == "2024-11-25T09:30:00+08:00"


@pytest.mark.parametrize("kind", sorted(one.value for one in KINDS))
def test_what_columns_a_kind_may_have(kind):
    """No proposal has a cell that its kind must leave empty."""
    for text in SAID.get(kind, ())[:2]:
        for one in understood(text):
            rule = KINDS[kind_of(one.cells["kind"])]
            assert set(one.cells) <= {"kind", "subject", *rule.columns}


NOT_SO = [
    "sudah sampai blm ya pic1?",
    "apakah pic1 sudah tiba di Lutan",
    "pic1 blm sampai Lutan",
    "pic1 tidak jadi berangkat jam 9.30",
    "Lutan belum terima kotak",
    "has pic1 arrived at Lutan?",
    "did Lutan receive everything at 9:30",
    "pic1 has not arrived at Lutan",
    "nobody has received anything at Lutan",
]
DOUBTFUL = {
    "kalau pic1 tiba di Lutan jam 9.30 kabari": "condition",
    "katanya pic1 tiba di Lutan jam 9.30": "hearsay",
    "Diteruskan: pic1 tiba di Lutan jam 9.30": "forwarded",
    "pic1 besok berangkat dari gudang jam 6": "future",
    "mungkin pic1 sudah tiba di Lutan jam 9.30": "hedge",
    "ralat: pic1 tiba di Lutan jam 9.30": "correction",
    "Long Penaneh sudah terima jam 9.30": "which",
    "perahu 99 tiba di Lutan jam 9.30": "lacking",
    "they say pic1 arrived at Lutan at 9:30": "hearsay",
    "pic1 will have arrived at Lutan at 11": "future",
    "if the road is open pic1 arrived at Lutan": "condition",
    "9 kotak diterima di Lutan jam 9.30": "amount",
    "jembatan Lutan banjir": "lacking",
}


@pytest.mark.parametrize("text", NOT_SO)
def test_a_question_or_a_denial_is_no_report(text):
    assert not understood(text)


@pytest.mark.parametrize("text", sorted(DOUBTFUL))
def test_what_is_doubted(text):
    assert not sure(text)
    assert DOUBTFUL[text] in doubts(text)


@pytest.mark.parametrize(
    ("text", "sent", "meant"),
    [
        ("Lutan terima 23.40", "26T00:20", "25T23:40"),
        ("Lutan sudah terima tadi malam jam 11", "26T06:00", "25T23:00"),
        ("Lutan sudah terima kemarin jam 16.10", "26T08:00", "25T16:10"),
        ("Lutan sudah terima jam setengah tiga", "25T15:00", "25T14:30"),
        ("Lutan sudah terima jam 2 siang", "25T15:00", "25T14:00"),
        ("Lutan sudah terima 2 jam lalu", "25T15:00", "25T13:00"),
        ("Lutan sudah terima barusan", "25T15:00", "25T15:00"),
        ("Lutan received everything an hour ago", "25T15:00", "25T14:00"),
        ("Lutan received everything at half past two", "25T15:00", "25T14:30"),
        ("Lutan received everything at 11 pm", "26T00:30", "25T23:00"),
        ("Lutan received everything yesterday at 4 pm", "26T08:00", "25T16:00"),
        ("Lutan sudah terima jam 14.20 WIB", "25T16:00", "25T15:20"),
    ],
)
def test_when(text, sent, meant):
    found = sure(text.replace("terima 23", "sudah terima 23"), sent)
    assert [one["from"] for one in found] == [CLOCK.text(at(meant))]


def test_hr_is_days_in_chats_and_hours_in_the_table():
    """`2 hr` of a chat is two days (hari); the table's own durations say hours."""
    assert [one.long_s for one in said_times("2 hari")] == [2 * 86_400]
    assert lexicon().abbreviations["hr"] == ("hari",)
    found = sure("pic1 mogok 2 hr")
    assert found[0]["until"] == CLOCK.text(at("27T10:00"))


@settings(max_examples=200)
@given(st.integers(0, 23), st.integers(0, 59), st.integers(0, 7 * 24 * 60 - 1))
def test_a_time_of_day_is_the_last_one_before(hour, minute, sent):
    """Of a clock time without a day, the moment is one of that time, and within a day before."""
    sent_s = sent * 60
    (said,) = said_times(f"jam {hour:02d}.{minute:02d}")
    told = moment(said, CLOCK, sent_s, past=True)
    then = CLOCK.instant(told.at_s)
    assert then.minute == minute
    assert then.hour % 12 == hour % 12
    assert sent_s - 86_400 < told.at_s <= sent_s + 300


EXPORTS = {
    "ios": "[24/11/24 14.20.11] Budi: {0}\n[24/11/24 14.25.11] ~ Rina: {1}",
    "ios_us": "[11/24/24, 2:20:11 PM] Budi: {0}\n[11/24/24, 2:25:11 PM] Rina: {1}",
    "android": "24/11/24 14.20 - Budi: {0}\n24/11/24 14.25 - Rina: {1}",
    "android_us": "11/24/24, 2:20 PM - Budi: {0}\n11/24/24, 2:25 PM - Rina: {1}",
    "desktop": "[14:20, 24/11/2024] Budi: {0}\n[14:25, 24/11/2024] Rina: {1}",
}


@pytest.mark.parametrize("form", sorted(EXPORTS))
def test_an_exported_chat(form):
    text = EXPORTS[form].format("Lutan sudah terima\nlengkap", "ok siap")
    if "us" not in form:
        text = f"24/11/24 09.00 - Messages and calls are end-to-end encrypted.\n{text}"
    found = split(text, CLOCK, now_s=at("25T10:00"))
    assert [(one.sender, one.text) for one in found] == [
        ("Budi", "Lutan sudah terima\nlengkap"),
        ("Rina", "ok siap"),
    ]
    assert [CLOCK.text(one.sent_s)[8:16] for one in found] == ["24T14:20", "24T14:25"]


def test_media_and_service_are_no_messages():
    text = "[24/11/24 14.20.11] Budi: image omitted\n[24/11/24 14.21.11] Budi menambahkan Rina\n"
    assert split(text, CLOCK, now_s=at("25T10:00")) == []


HOSTILE = [
    "pic1 tiba di Lutan jam 9.30 " * 40_000,
    "\x1b]0;pwned\x07pic1 tiba di Lutan \x00\x08 jam 9.30",
    "\u202epic1 tiba\u202c di \u2066Lutan\u2069 jam 9.30",
    '=HYPERLINK("http://x";"pic1 tiba di Lutan jam 9.30")',
    "@SUM(1+1) pic1 tiba di Lutan",
    "\ud800 pic1",
    "(" * 3_000,
    "1 " * 1_900,
    "jam " * 900,
    "Lutan " * 600,
    "Long " * 700,
    "a" * 3_999,
    ".5:5,5/5-5" * 390,
    "[24/11/24 14.20.11] : \n[99/99/99 99.99] a: b",
    "24/11/24 14.20 - " * 200,
    "",
    "\n\n\n",
    "?" * 3_000,
]


@pytest.mark.parametrize("number", range(len(HOSTILE)))
def test_hostile_texts_are_read_or_left(number):
    found = understood(HOSTILE[number])
    assert len(found) < 1_000


def test_what_is_too_long_is_not_read():
    message = Message(text="x" * (LONGEST + 1))
    found = read_message(message, KNOWN, CLOCK, 0)
    assert not found.proposals
    assert [one.kind.value for one in found.left] == ["long"]


@pytest.fixture
def desk(tmp_path):
    """A folder with a store, and the benchmark's plan."""
    begun(tmp_path)
    return Desk(tmp_path / "plan.events.csv", INSTANCE, PLAN, "Sari")


def test_messages_are_kept_and_confirmed(desk, tmp_path):
    sent_s = FIRST.depart_s + 600
    sign = next(iter(KNOWN.names.label("vehicle", FIRST.vehicle_id).split(" (")))
    text = f"{FIRST.vehicle_id} berangkat jam {CLOCK.instant(FIRST.depart_s):%H.%M}"
    assert sign
    messages = [
        Message(text=text, sender="Budi", sent_s=sent_s),
        Message(text="siap pak", sender="Rina", sent_s=sent_s),
    ]
    read = desk.take_in(messages, sent_s)
    assert not desk.path.exists()
    assert [one.letter.id for one in read] == ["M0001", "M0002"]
    (part,) = read[0].parts
    assert part.proposal.sure
    assert part.report is not None
    assert [one.is_open for one in read] == [True, True]
    new = desk.report(part, read[0].letter, sent_s)
    assert (new.event.id, new.event.by, new.event.time_s) == ("E0001", "Budi", sent_s)
    again = desk.take_in(messages, sent_s + 60)
    assert [one.is_open for one in again] == [False, True]
    assert [one.text for one in letters(tmp_path)] == [text, "siap pak"]
    assert chosen(again, ["all"]) == []
    desk.put_aside(again[1].letter)
    assert not any(one.is_open for one in desk.all(sent_s))


def test_the_same_told_twice_is_doubted(desk):
    sent_s = FIRST.depart_s + 600
    text = f"{FIRST.vehicle_id} berangkat jam {CLOCK.instant(FIRST.depart_s):%H.%M}"
    read = desk.take_in([Message(text=text, sender=one, sent_s=sent_s) for one in ("Budi", "Rina")], sent_s)
    assert [part.proposal.sure for one in read for part in one.parts] == [True, False]
    assert read[1].parts[0].proposal.doubts[-1].kind.value == "refused"


def test_what_contradicts_another_report_is_doubted(desk):
    sent_s = at("25T15:00")
    told = [f"lon1d sudah tiba di PPK Long Hubung pukul {hour}" for hour in ("14.35", "13.20")]
    read = desk.take_in([Message(text=one, sender="Budi", sent_s=sent_s) for one in told], sent_s)
    assert [part.proposal.sure for message in read for part in message.parts] == [True, False]
    assert read[1].parts[0].proposal.doubts[-1].kind.value == "disputed"


WORDS = sorted(
    {" ".join(one) for one in lexicon().cues}
    | {"pic1", "lon1d", "Lutan", "Long Penaneh", "2 kotak", "jam 9.30", "?", ".", "\n"}
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from(WORDS) | st.text(max_size=12), max_size=14))
def test_no_text_becomes_a_report_by_itself(tmp_path_factory, words):
    """Whatever is pasted: it is kept, and there is no row until something is confirmed; then there is one."""
    folder = tmp_path_factory.mktemp("desk")
    begun(folder)
    desk = Desk(folder / "plan.events.csv", INSTANCE, PLAN)
    text, now_s = " ".join(words), at("25T10:00")
    messages = split(text, CLOCK, sender="Budi", sent_s=now_s, now_s=now_s)
    read = desk.take_in(messages, now_s)
    assert not desk.path.exists()
    assert [letter.text for letter in letters(folder)] == [one.text for one in messages]
    ready = chosen(read, ["all"])
    for count, (message, part) in enumerate(ready[:1], 1):
        desk.report(part, message.letter, now_s)
        assert len(read_rows(desk.path)[0]) == count


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=300))
def test_any_text_is_read(text):
    for one in understood(text):
        assert one.cells["kind"] in {kind.value for kind in EventKind}


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder with the plan in force, in which commands run."""
    (tmp_path / "plan.json").write_bytes((ROOT / "benchmarks/messages/plan.json").read_bytes())
    monkeypatch.chdir(tmp_path)
    made_from = tmp_path / "mahulu"
    shutil.copytree(ROOT / "instances/mahulu", made_from)
    shutil.copy(ROOT / "benchmarks/messages/deadlines.csv", made_from)  # those that the plan was made by
    assert called("approve", "plan.json", "--by", "Sari", "--instance", str(made_from)) == 0
    return tmp_path


def called(*words):
    """A command's exit code."""
    try:
        return main([*words])
    except SystemExit as end:
        return end.code


def run(capsys, *words):
    capsys.readouterr()
    code = called(*words)
    said = capsys.readouterr()
    return code, said.out, said.err


TIME = ("--time", "2024-11-25 14:30")


def chat():
    first = CLOCK.instant(FIRST.depart_s)
    head = f"{first:%d/%m/%y} {first:%H.%M}"
    told = f"[{head}.11] Budi: {FIRST.vehicle_id} berangkat jam {first:%H.%M}"
    return f"{told}\n[{head}.30] Rina: Long Penaneh sudah terima"


@pytest.mark.parametrize("language", ["en", "id"])
def test_paste_without_a_store(folder, capsys, monkeypatch, language):
    (folder / "chat.txt").write_text(chat(), "utf-8")
    monkeypatch.setenv("PLAN_LANG", language)
    code, out, err = run(capsys, "event", "paste", "chat.txt", *TIME)
    assert code == 0
    assert "M0001.1: " in out
    assert ("Doubtful: M0002.1" if language == "en" else "Meragukan: M0002.1") in out
    assert "Long Penaneh III" in out
    assert "store" in err
    assert not (folder / "plan.events.csv").exists()
    code, out, err = run(capsys, "event", "paste", "chat.txt", "--confirm", "all", *TIME)
    assert (code, out[:6]) == (0, "E0001:")
    assert len(read_rows(folder / "plan.events.csv")[0]) == 1


def test_inbox(folder, capsys, monkeypatch):
    assert called(*["store", "init", "."]) == 0
    monkeypatch.setattr(
        sys, "stdin", type("", (), {"buffer": io.BytesIO(chat().encode()), "isatty": lambda _: False})()
    )
    code, out, _ = run(capsys, "event", "paste", "-", "--json", *TIME)
    document = json.loads(out)
    assert code == 0
    assert document["kept"]
    assert [[part["sure"] for part in one["parts"]] for one in document["messages"]] == [[True], [False]]
    code, out, _ = run(capsys, "event", "inbox", "--confirm", "M0002.1", *TIME)
    assert code == 2
    code, out, _ = run(
        capsys, "event", "inbox", "--confirm", "2.1", "--set", "subject=Long Penaneh II", *TIME
    )
    assert (code, out[:5]) == (0, "E0001") or code == 2  # as the plan has it there by then
    code, out, _ = run(capsys, "event", "inbox", "--confirm", "all", "--json", *TIME)
    assert code == 0
    assert [one["part"] for one in json.loads(out)["confirmed"]] == ["M0001.1"]
    code, out, _ = run(capsys, "event", "inbox", "--confirm", "M0009", *TIME)
    assert code == 2
    assert called(*["store", "verify"]) == 0
    assert called(*["store", "erase", "M0001", "--by", "Sari"]) == 0
    code, out, _ = run(capsys, "event", "inbox", "--all", *TIME)
    assert FIRST.vehicle_id + " berangkat" not in out
    assert "Budi" not in out
    assert called(*["store", "verify"]) == 0


def test_what_is_too_large_is_refused(folder, capsys):
    (folder / "chat.txt").write_bytes(b"x" * (10 * 2**20 + 1))
    code, _, err = run(capsys, "event", "paste", "chat.txt", *TIME)
    assert code == 2
    assert "E991" in err


ALIASES = "name,id\nSi Merah,pic1\nhulu,64.11.04\nbalai,Lutan\n"


def with_aliases(folder, text):
    """A folder with the instance and a table of aliases."""
    shutil.copytree(ROOT / "instances/mahulu", folder)
    (folder / "aliases.csv").write_text(text, "utf-8")
    return folder


def test_aliases_are_names_and_change_no_plan(tmp_path):
    instance = read_instance(with_aliases(tmp_path / "a", ALIASES))
    assert [(one.name, one.id) for one in instance.aliases] == [
        ("Si Merah", NAMED["V"]),
        ("hulu", "64.11.04"),
        ("balai", NAMED["R"]),
    ]
    assert digest(instance) == digest(INSTANCE)
    assert Names(instance).find("si merah", ("vehicle", "region")) == ("vehicle", NAMED["V"])
    known, message = (
        Known(instance, PLAN),
        Message(text="si merah tiba di balai jam 9.30", sent_s=at("25T10:00")),
    )
    (found,) = read_message(message, known, CLOCK, at("25T10:00")).proposals
    assert found.sure
    assert (found.cells["subject"], found.cells["place"]) == (NAMED["V"], NAMED["R"])
    write_instance(tmp_path / "copy", instance)
    write_workbook(tmp_path / "copy.xlsx", instance)
    for end in ("copy", "copy.xlsx"):
        assert read_instance(tmp_path / end).aliases == instance.aliases


@pytest.mark.parametrize(
    ("row", "code", "value"),
    [
        ("Si Merah,nobody", "I444", "nobody"),
        ("lutan,64.11.02.2004", "I445", "lutan"),
        ("PIC2,pic1", "I445", "PIC2"),
        ("si merah,64.11.02.2004\nSi Merah,pic1", "I445", "Si Merah"),
        (",pic1", "I201", ""),
    ],
)
def test_faults_of_aliases(tmp_path, row, code, value):
    with pytest.raises(InputError) as told:
        read_instance(with_aliases(tmp_path / "a", f"name,id\n{row}\n"))
    assert [(one.code, one.table, one.value or "") for one in told.value.faults] == [(code, "aliases", value)]


def test_of_many_candidates_it_is_said_how_many_more_there_are():
    (found,) = understood("perahu 1 mogok jam 9.30")
    (which,) = (one for one in found.doubts if one.kind.value == "which")
    assert len(which.candidates) == 5
    assert which.candidates[-1][1].startswith("… (+")
    assert "… (+" in which.text()


def test_a_part_of_a_plate_is_a_vehicle():
    rows = tuple(
        replace(one, plate="KT 8123 AB") if one.vehicle == NAMED["V"] else one for one in INSTANCE.fleet
    )
    known = Known(replace(INSTANCE, fleet=rows), PLAN)
    message = Message(text="truk KT 8123 mogok di km 38, 2 jam", sent_s=at("25T10:00"))
    (found,) = read_message(message, known, CLOCK, at("25T10:00")).proposals
    assert found.sure
    assert found.cells == {
        "kind": "breakdown",
        "subject": NAMED["V"],
        "from": "2024-11-25T10:00:00+08:00",
        "until": "2024-11-25T12:00:00+08:00",
    }


def test_a_driver_speaks_of_his_own_vehicle():
    driver = next(one for one in INSTANCE.fleet if one.vehicle == NAMED["V"])
    for sender in (driver.driver, driver.phone):
        assert sure("mogok, mesin mati", sender=sender)[0]["subject"] == NAMED["V"]
    assert not sure("mogok, mesin mati", sender="Budi")
    assert not sure("Fwd: mogok, mesin mati", sender=driver.driver)
