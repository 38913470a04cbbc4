"""Who has each box: drawn histories against a ledger kept apart, hostile codes, and two who scan at once."""

import json
import random
import subprocess
import sys
from collections import Counter
from dataclasses import replace

import hub_plan
import pytest
from custody_worlds import drawn, misjudged, scanned, spoilt, world
from stores import ROOT, desk, kept

from planner.custody.desk import receipts
from planner.custody.ledger import Custody, FindingKind, Where
from planner.custody.lists import Act, Line, act_of, lists_of
from planner.custody.reading import Mapped, read_rows
from planner.store.copying import soundness
from planner.store.ledger import begun, ledger_of

pytestmark = pytest.mark.usefixtures("no_database")


@pytest.mark.parametrize("seed", range(40))
def test_drawn_histories_are_found_where_they_show_first_and_nothing_else(seed):
    made, draws = world(seed), random.Random(seed)
    draw = drawn(made, draws, draws.randint(0, 3), draws.randint(0, 3), draws.randint(0, 2))
    lists = scanned(made, draw)
    custody = Custody(made.ways, lists)
    assert list(misjudged(made, draw, lists, custody)) == []
    assert Counter(custody.where().values()).total() == len(made.home)


@pytest.mark.parametrize("seed", range(20))
def test_who_has_each_box_after_each_list(seed):
    """After each list a box is where the last list that holds it says, whatever order they are entered in."""
    made, draws = world(seed, 6), random.Random(seed)
    lists = scanned(made, drawn(made, draws, 1, 2, 1))
    holder = {}
    for number, one in enumerate(lists, 1):
        for line in one.lines:
            is_aboard = one.act is Act.LOADED
            holder[line.code.upper()] = ("", one.vehicle) if is_aboard else (one.place, "")
        some = lists[:number]
        draws.shuffle(some)
        custody = Custody(made.ways, some)
        found = {code: (one.place, one.vehicle) for code, one in custody.holdings.items()}
        assert found == holder
        assert {code: entries[-1][0].id for code, entries in custody.tale.items()} == {
            code: [one.id for one in lists[:number] if any(line.code.upper() == code for line in one.lines)][
                -1
            ]
            for code in holder
        }


@pytest.mark.parametrize("seed", range(10))
def test_a_hand_over_in_parts_is_as_one(seed):
    """A list that is divided, all parts but the last told to go on, finds the same missing boxes."""
    made, draws = world(seed), random.Random(seed)
    lists = scanned(made, drawn(made, draws, 0, 4, 0))
    whole = Custody(made.ways, lists)
    parts = []
    for one in lists:
        at = draws.randint(0, len(one.lines))
        first = replace(one, lines=one.lines[:at], is_whole=False, id=f"{one.id}a", seq=10 * one.seq)
        last = replace(one, lines=one.lines[at:], seq=10 * one.seq + 1)
        parts += [first, last]
    divided = Custody(made.ways, parts)
    found = [[(one.list_id, one.kind, set(one.codes)) for one in way.findings] for way in (divided, whole)]
    assert found[0] == found[1]
    assert divided.where() == whole.where()


def first_call(made, act):
    return next(call for call in made.calls if call[0] is act)


def test_misread_codes_are_told_with_what_was_meant():
    made, draws = world(1), random.Random(1)
    lists = scanned(made, drawn(made, draws, 0, 0, 0))
    code = lists[0].lines[0].code
    wrong = spoilt(code, draws)
    while wrong in made.ways.box_of:
        wrong = spoilt(code, draws)
    custody = Custody(made.ways, [replace(lists[0], lines=(Line(wrong), *lists[0].lines[1:]))])
    assert {(one.kind, one.codes) for one in custody.findings} == {
        (FindingKind.BAD_SIGN, (wrong,)),
        (FindingKind.MISSING, (code.upper(),)),
    }


def test_seals_are_compared_and_broken_ones_told():
    made = world(2)
    lists = scanned(made, drawn(made, random.Random(2), 0, 0, 0))
    box = made.ways.box_of[lists[0].lines[0].code.upper()]
    made.ways.box_of[box.code.upper()] = replace(box, seal="A 12")
    for seal, broken, wanted in (
        ("a12", False, []),
        ("A13", False, [FindingKind.SEAL]),
        ("", False, []),
        ("A12", True, [FindingKind.BROKEN_SEAL]),
    ):
        one = replace(lists[0], lines=(Line(box.code, seal, broken), *lists[0].lines[1:]))
        assert [found.kind for found in Custody(made.ways, [one]).findings] == wanted


def test_what_was_wrong_and_is_put_right_is_no_new_fault():
    """Loaded on the wrong truck, taken off, loaded on the right one: told once; then all is as planned."""
    made = world(3)
    lists = scanned(made, drawn(made, random.Random(3), 0, 0, 0))
    own, other = [one for one in lists if one.act is Act.LOADED and one.place == "W"][:2]
    code = own.lines[0].code
    mistaken = replace(other, lines=(Line(code),), at_s=0, is_whole=False, id="S0900")
    off = replace(mistaken, act=Act.RECEIVED, at_s=1, id="S0901")
    for steps in ([mistaken], [mistaken, off]):
        custody = Custody(made.ways, [*steps, *lists])
        assert [(one.kind, one.list_id) for one in custody.findings] == [(FindingKind.WRONG_VEHICLE, "S0900")]
        assert set(custody.where().values()) == {Where.RECEIVED}


def test_two_boxes_with_one_code_are_found():
    """Received in its village, and then loaded at the warehouse: it had been further."""
    made = world(4)
    lists = scanned(made, drawn(made, random.Random(4), 0, 0, 0))
    last = max(lists, key=lambda one: one.at_s)
    code = last.lines[0].code
    load = next(one for one in lists if one.act is Act.LOADED and Line(code) in one.lines)
    again = replace(load, lines=(Line(code),), at_s=last.at_s + 9, is_whole=False, id="S0900", seq=900)
    assert [one.kind for one in Custody(made.ways, [*lists, again]).findings] == [FindingKind.FURTHER]


def test_refused_boxes_stay_aboard_and_are_not_missing():
    made = world(5)
    lists = scanned(made, drawn(made, random.Random(5), 0, 0, 0))
    at = next(n for n, one in enumerate(lists) if one.act is Act.RECEIVED and one.place.startswith("v"))
    box = lists[at].lines[0]
    refused = replace(lists[at], act=Act.REFUSED, lines=(box,), at_s=lists[at].at_s - 1, id="S0900")
    lists[at] = replace(lists[at], lines=lists[at].lines[1:])
    custody = Custody(made.ways, [*lists, refused])
    assert [(one.kind, one.codes) for one in custody.findings] == [(FindingKind.REFUSED, (box.code.upper(),))]
    assert custody.where_of(box.code.upper()) is Where.REFUSED
    assert custody.holdings[box.code.upper()].vehicle == refused.vehicle


def test_both_sides_may_tell_of_one_hand_over():
    """What driver and receiver tell is no double; what the receiver's list lacks is missing."""
    made = world(6)
    lists = scanned(made, drawn(made, random.Random(6), 0, 0, 0))
    both = [
        replace(one, act=Act.HANDED_OVER, at_s=one.at_s - 5, id=f"{one.id}d", seq=one.seq)
        for one in lists
        if one.act is Act.RECEIVED
    ]
    assert Custody(made.ways, [*lists, *both]).findings == []
    at = next(n for n, one in enumerate(lists) if one.act is Act.RECEIVED and one.place.startswith("v"))
    lacking = lists[at].lines[0].code.upper()
    lists[at] = replace(lists[at], lines=lists[at].lines[1:])
    custody = Custody(made.ways, [*lists, *both])
    assert [(one.kind, one.codes) for one in custody.findings] == [(FindingKind.MISSING, (lacking,))]
    assert custody.where_of(lacking) is Where.MISSING


# -------------------------------------------------------------------------------------------------- reading


def read(text, codes, mapped=None):
    is_label = lambda code, line: "Desa" in line or "Kotak" in line  # noqa: E731
    return read_rows(text, "x", mapped or Mapped(), lambda word: word.upper() in codes, is_label)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("K-1\nK-2\n", ["K-1", "K-2"]),
        ("\ufeffK-1\r\n\r\n  k-2  \r\n", ["K-1", "k-2"]),
        ("K-1, K-2;K-3", ["K-1", "K-2", "K-3"]),
        ("K-1\nTPS 001 Desa A, X, Y\nKotak 1/2\nK-2\n", ["K-1", "K-2"]),
        ("K-1\nnonsense here\n", ["K-1", "nonsense here"]),
        ("Kode;Merk\nK-1;x\nK-9;y\n", ["K-1", "K-9"]),
        ("sep=;\nkode box;segel\nK-1;12\n", ["K-1"]),
        ("", []),
    ],
)
def test_lines_and_tables_are_read(text, wanted):
    found = read(text, {"K-1", "K-2", "K-3"})
    assert [row.cells["code"] for row in found.rows] == wanted


def test_seal_and_condition_stand_behind_a_code():
    rows = read("K-1;77;rusak\nK-2\t78\n", {"K-1", "K-2"}).rows
    assert [dict(row.cells) for row in rows] == [
        {"code": "K-1", "seal": "77", "condition": "rusak"},
        {"code": "K-2", "seal": "78"},
    ]


@pytest.mark.parametrize("word", ["Dimuat", "LOADED", "muat"])
def test_acts_have_words_in_both_languages(word):
    assert act_of(word) is Act.LOADED


# ------------------------------------------------------------------------------------------------- the desk


@pytest.fixture
def at(tmp_path, tables):
    """A desk with a store whose plan moves four boxes: A (two), B and C."""
    made = tmp_path / "hub"
    made.mkdir()
    for path in tables.iterdir():
        (made / path.name).write_bytes(path.read_bytes())
    (made / "documents.toml").write_text('coded = ["box"]', "utf-8")
    table = desk(tmp_path / "plans", made)
    begun(table.parent)
    return table.parent


CODES = ("A-001-B1-9", "A-002-B1-1", "B-001-B1-F", "C-001-B1-T")


def scan(plan, at, act, place, codes, time, vehicle="tru1", code=0, more=()):
    typed = [word for one in codes for word in ("--code", one)]
    asked = ["--act", act, "--place", place, "--by", "Sari", "--time", f"2024-11-22T{time}", "--json", *more]
    asked += ["--vehicle", vehicle] if vehicle else []
    out, err = plan("scan", "--plan", at / "a.json", *asked, *typed, code=code)
    return json.loads(out), err


def kinds(document):
    return [one["kind"] for one in document["found"]]


def test_from_the_warehouse_to_the_village(at, plan):
    first, _ = scan(plan, at, "dimuat", "W", CODES, "06:20")
    assert (kinds(first), first["lists"][0]["id"]) == ([], "S0001")
    hub, _ = scan(plan, at, "received", "Kantor H", CODES[:3], "07:00")
    assert [(one["kind"], one["subject"], one["place"]) for one in hub["reports"]] == [
        ("delivered", "T1", "H")
    ]
    wrong, _ = scan(plan, at, "received", "Desa C", CODES[2:3], "07:30", code=4)
    assert sorted(kinds(wrong)) == ["further", "missing", "wrong_place"][1:]
    right, _ = scan(plan, at, "received", "Desa C", CODES[3:], "07:35")
    assert [one["kind"] for one in right["reports"]] == ["delivered"]
    again, _ = scan(plan, at, "received", "Desa C", CODES[3:], "07:35")
    assert (again["lists"][0]["is_new"], again["reports"]) == (False, [])
    out, _ = plan("status", at / "a.json", "--now", "2024-11-22T07:40+08:00", "--json")
    boxes = json.loads(out)["boxes"]
    assert (boxes["received"], boxes["on_the_way"], boxes["astray"], boxes["missing"]) == (1, 2, 1, 0)
    shown = json.loads(plan("show", at / "a.json", "--box", "b-001-b1-f", "--json")[0])["boxes"][0]
    assert [one["list"] for one in shown["scanned"]] == ["S0001", "S0002", "S0003"]
    assert (shown["where"], shown["place"]) == ("astray", "C")
    assert [one["trip"] for one in shown["planned"]] == ["T1", "T2"]
    ledger = ledger_of(at)
    assert len(kept(at, "scan")) == 4
    assert soundness(ledger).is_sound


def test_a_box_that_is_not_the_one_is_told_with_the_likely_code(at, plan):
    two, _ = scan(plan, at, "received", "Desa B", ["B-001-B1-X"], "08:10", "van1", code=4)
    assert sorted(kinds(two)) == ["bad_sign", "missing"]
    assert [one["code"] for one in two["faults"]] == ["H101", "H112", "H130"]
    assert "B-001-B1-F" in two["faults"][0]["cause"]


def test_receipts_are_whole_in_part_or_none():
    """By units that have all their boxes; a hub gets a receipt only when all of them are there."""
    made = next(world(seed) for seed in range(9) if any(len(one[4]) > 2 for one in world(seed).calls))
    lists = scanned(made, drawn(made, random.Random(1), 0, 0, 0))
    village = next(one for one in lists if one.place.startswith("v") and len(one.lines) > 2)
    hub = next(one for one in lists if one.place == "H" and one.act is Act.RECEIVED)
    for one, lines, is_whole, wanted in (
        (village, village.lines, True, ("delivered", None)),
        (village, village.lines[1:], True, ("partly", str(len(village.lines) // 2 - 1))),
        (village, village.lines[1:], False, (None, None)),
        (village, (village.lines[0], *village.lines[2::2]), True, (None, None)),
        (hub, hub.lines, True, ("delivered", None)),
        (hub, hub.lines[1:], True, (None, None)),
    ):
        told = replace(one, lines=lines, is_whole=is_whole)
        found = list(receipts(Custody(made.ways, [told]), [told], made.instance))
        assert [(cells.get("kind"), cells.get("value")) for _, cells, _ in found] == [wanted]


@pytest.mark.parametrize(
    ("asked", "code"),
    [
        ({"--act": "thrown"}, "H120"),
        ({"--place": ""}, "H125"),
        ({"--place": "nowhere"}, "E908"),
        ({"--vehicle": ""}, "H124"),
        ({"--vehicle": "nobody"}, "E908"),
        ({"--by": " "}, "H126"),
        ({"--time": "2199-01-01T00:00+08:00"}, "H122"),
        ({"--time": "never"}, "E906"),
    ],
    ids=lambda one: next(iter(one)) if isinstance(one, dict) else one,
)
def test_what_is_told_wrongly_enters_nothing(at, plan, asked, code):
    told = {
        "--act": "loaded",
        "--place": "W",
        "--vehicle": "tru1",
        "--by": "Sari",
        "--time": "2024-11-22T06:20",
    }
    words = [word for pair in (told | asked).items() for word in pair]
    _, err = plan("scan", "--plan", at / "a.json", *words, "--code", CODES[0], code=2)
    assert code in err
    assert kept(at, "scan") == []


HOSTILE = [
    "=HYPERLINK(0)", "\x1b[31mA-001", "A-001-B1-9\u202e", "'; drop table entries; --", "\ud800", "K" * 5000,
    "\u0000", "%s{0}{code}", "<script>", "../../etc/passwd", "6.41E+12", "A-001-B1-９",
    "😀" * 40, "null", '"', "{",
]  # fmt: skip


def test_hostile_codes_are_kept_as_text_and_steer_nothing(at, plan, tmp_path):
    path = tmp_path / "list.csv"
    path.write_bytes("\n".join(["code", *HOSTILE]).encode("utf-8", "surrogatepass"))
    told = [
        "--act",
        "loaded",
        "--place",
        "W",
        "--vehicle",
        "tru1",
        "--by",
        "\x1b[2JSari",
        "--time",
        "2024-11-22T06:20",
    ]
    for language in ("en", "id"):
        out, err = plan("scan", path, "--plan", at / "a.json", *told, "--lang", language, code=4)
        assert "\x1b" not in out + err
        assert "\u202e" not in out + err
    entry = lists_of(at, hub_plan.INSTANCE.clock)[0]
    assert all(len(line.code) <= 200 for line in entry.lines)
    assert len(kept(at, "scan")) == 1
    assert soundness(ledger_of(at)).is_sound
    out, err = plan("status", at / "a.json", "--now", "2024-11-22T07:40+08:00")
    assert "\x1b[31m" not in out + err


def test_a_table_of_another_system_is_mapped_once(at, plan, tmp_path):
    path = tmp_path / "export.csv"
    head = "No Kotak;Aksi;Lokasi;Mobil;Jam;Petugas;Merk\n"
    rows = [f"{code};NAIK;W;tru1;2024-11-22T06:{10 + at}+08:00;Budi;x\n" for at, code in enumerate(CODES)]
    path.write_text(head + "".join(rows), "utf-8")
    _, err = plan("scan", path, "--plan", at / "a.json", code=2)
    assert "H123" in err
    (tmp_path / "hub" / "scan.toml").write_text(
        '[columns]\ncode = "No Kotak"\nact = "aksi"\nplace = ["Lokasi"]\nvehicle = "Mobil"\n'
        'time = "Jam"\nby = "Petugas"\n[acts]\nloaded = "naik"\n',
        "utf-8",
    )
    out, err = plan("scan", path, "--plan", at / "a.json", "--json")
    document = json.loads(out)
    assert [(one["act"], one["codes"], one["by"]) for one in document["lists"]] == [("loaded", 4, "Budi")]
    assert "Merk" in err
    (tmp_path / "hub" / "scan.toml").write_text('[colours]\nred = "x"\n', "utf-8")
    assert "H128" in plan("scan", path, "--plan", at / "a.json", code=2)[1]
    (tmp_path / "hub" / "scan.toml").write_text("[", "utf-8")
    assert "H127" in plan("scan", path, "--plan", at / "a.json", code=2)[1]


def test_two_scan_at_once(at):
    """Two processes enter lists at one time: each list is one entry, none is lost, none doubled."""
    words = [
        sys.executable,
        "-c",
        "from planner.cli import main; main()",
        "scan",
        "--plan",
        str(at / "a.json"),
    ]
    words += ["--act", "received", "--place", "Desa A", "--vehicle", "van1", "--more", "--json"]
    running = [
        subprocess.Popen(
            [*words, "--by", f"p{one}", "--time", f"2024-11-22T07:{30 + step}", "--code", CODES[0]],
            cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        )
        for step in range(3)
        for one in range(2)
    ]  # fmt: skip
    told = [json.loads(one.communicate(timeout=240)[0])["lists"][0]["id"] for one in running]
    assert sorted(told) == [f"S{one:04d}" for one in range(1, 7)]
    assert len(kept(at, "scan")) == 6
    assert sum(row["kind"] == "delivered" for row in kept(at)) == 1
    assert soundness(ledger_of(at)).is_sound


def test_an_unknown_box_is_not_shown(at, plan):
    assert "H129" in plan("show", at / "a.json", "--box", "K-1", code=2)[1]
    assert "--box" in plan("show", at / "a.json", code=2)[1]
