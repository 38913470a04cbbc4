"""Papers: what stands on them, read back from the PDF; codes, their QR, files, what a change prints again."""

import io
import re
from dataclasses import replace
from pathlib import Path

import pytest

from planner.base.errors import InputError
from planner.instance.box_codes import box_code, check_sign, kinds_of
from planner.instance.read import read_instance
from planner.papers.filing import By, all_papers, changed_papers, filed
from planner.papers.model import Kind
from planner.papers.qr import qr_png, qr_text
from planner.papers.settings import Letters, letters_of, read_letters
from planner.papers.source import source_of
from planner.papers.typeset import pdf_bytes, printable
from planner.plans.model import RegionStatus
from tests.hub_plan import INSTANCE, PLAN

pypdf = pytest.importorskip("pypdf")
pytest.importorskip("typst")
pytest.importorskip("zxingcpp")

ROOT = Path(__file__).resolve().parents[1]
SIGNS = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
HOSTILE = "<script>alert(1)</script> #eval(1) \u202eabc\n\n\U0001f600 مرحبا " + "x" * 200


@pytest.fixture(scope="module")
def pair():
    return PLAN, INSTANCE


@pytest.fixture(scope="module")
def source(pair):
    plan, instance = pair
    return source_of(plan, instance, Letters())


PLAIN = Letters()


def is_whole(code):
    """Whether a code ends with its check sign."""
    body, _, last = code.rpartition("-")
    return bool(body) and last == check_sign(body)


def text_of(papers, letters=PLAIN):
    content = pdf_bytes(papers, letters, title="T", plan="abc")
    book = pypdf.PdfReader(io.BytesIO(content))
    return book, [re.sub(r"\s+", " ", page.extract_text()) for page in book.pages]


def test_any_wrong_sign_of_a_code_is_found():
    code = box_code("64.11.01.2001", "003", "B1")
    assert is_whole(code)
    wrong = [
        code[:at] + sign + code[at + 1 :]
        for at, now in enumerate(code)
        if now in SIGNS
        for sign in SIGNS
        if sign != now
    ]
    assert len(wrong) > 500
    assert not [each for each in wrong if is_whole(each)]


def test_the_check_sign_is_that_of_the_standard():
    assert check_sign("A12425GABC1234002") == "M"  # the example of ISO 7064 in the standard for GRid


def test_kinds_differ():
    for names in (["box", "bag"], ["box", "box2", "bo"], ["é", "ü", "ö"], ["a"]):
        assert len(set(kinds_of(names).values())) == len(names)


def test_every_code_of_kaltim_is_its_own():
    instance = read_instance(ROOT / "instances/kaltim")
    letters = read_letters(ROOT / "instances/kaltim", instance)
    from planner.instance.boxes import Boxes

    boxes = Boxes(instance, letters.coded)
    codes = [box.code for region in instance.regions for box in boxes.of_region(region)]
    assert len(codes) == len(set(codes)) == 2 * sum(region.counts["tps"] for region in instance.regions)
    assert len(codes) == 12548
    assert all(is_whole(code) for code in codes)


def test_a_qr_code_reads_as_its_text():
    import zxingcpp
    from PIL import Image

    for text in ("64.11.01.2001-003-B1-V\nTPS 003 Long Hurai", "é 漢 \U0001f600", "x" * 900):
        picture = Image.open(io.BytesIO(qr_png(text))).convert("L")
        larger = Image.new("L", (picture.width + 8, picture.height + 8), 255)
        larger.paste(picture, (4, 4))
        (read,) = zxingcpp.read_barcodes(larger.resize((4 * larger.width, 4 * larger.height)))
        assert read.text == text


def test_of_many_lines_the_qr_code_says_how_many_are_missing():
    lines = [f"line {at} " + "y" * 40 for at in range(50)]
    kept = qr_text(lines).split("\n")
    assert kept[:-1] == lines[: len(kept) - 1]
    assert kept[-1] == f"(+{50 - len(kept) + 1})"


def test_papers_say_what_the_plan_says(pair, source):
    plan, _ = pair
    papers = all_papers(source, Kind)
    stops = [(trip, stop) for trip in plan.trips for stop in trip.stops if stop.deliveries]
    for kind in (Kind.DELIVERY_NOTE, Kind.HANDOVER):
        mine = [paper for paper in papers if paper.kind is kind]
        assert len(mine) == len(stops) > 0
        book, pages = text_of(mine)
        whole = " ".join(pages)
        for trip, stop in stops:
            assert trip.id in whole
            assert trip.vehicle_id in whole.replace("- ", "-")
            for given in stop.deliveries:
                for box in source.boxes.of(given):
                    assert box.code in whole
    sheets = [paper for paper in papers if paper.kind is Kind.RUN_SHEET]
    assert {paper.key[0] for paper in sheets} == {trip.vehicle_id for trip in plan.trips}


def test_every_box_has_one_label_and_lists_name_all(pair, source):
    plan, instance = pair
    brought = [row.region_id for row in plan.regions if row.status is not RegionStatus.UNDELIVERED]
    want = sorted(box.code for name in brought for box in source.boxes.of_region(instance.region_of[name]))
    papers = all_papers(source, [Kind.LABELS])
    assert sorted(row["code"] for paper in papers for row in paper.body["labels"]) == want
    _, pages = text_of(papers)
    assert all(code in " ".join(pages) for code in want)


def test_a_pdf_is_tagged_and_has_its_fonts(source):
    book, _ = text_of(all_papers(source, [Kind.RUN_SHEET]))
    root = book.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    fonts = [font.get_object() for font in book.pages[0]["/Resources"]["/Font"].get_object().values()]
    inside = [font["/DescendantFonts"][0].get_object()["/FontDescriptor"].get_object() for font in fonts]
    assert all("/FontFile2" in one or "/FontFile3" in one for one in inside)


@pytest.mark.parametrize("language", ["en", "id"])
def test_hostile_names_break_nothing(pair, language):
    plan, instance = pair
    named = replace(
        instance,
        regions=tuple(replace(row, name=HOSTILE) for row in instance.regions),
        hubs=tuple(replace(row, name=HOSTILE) for row in instance.hubs),
    )
    source = source_of(plan, named, Letters(language=language))
    _, pages = text_of(all_papers(source, Kind), replace(source.letters, letterhead=(HOSTILE,)))
    whole = "".join(pages)
    assert "<script>alert(1)</script>" in whole
    assert "[U+1F600]" in whole
    assert "\u202e" not in whole


def test_letters_that_the_font_lacks_are_named():
    assert printable("a\U0001f600") == "a[U+1F600]"
    assert printable({"a": ["x\ny", 3]}) == {"a": ["x y", 3]}


def test_a_change_prints_only_what_it_changes(pair, source):
    plan, instance = pair
    trip = plan.trips[-1]
    later = replace(trip, load_start_s=trip.load_start_s + 60)
    other = source_of(replace(plan, trips=(*plan.trips[:-1], later)), instance, Letters())
    before, after = all_papers(source, Kind), all_papers(other, Kind)
    assert not changed_papers(before, before, -1).papers
    changed = changed_papers(before, after, -1)
    assert {paper.kind for paper in changed.papers} >= {Kind.RUN_SHEET, Kind.LOADING_LIST}
    assert Kind.LABELS not in {paper.kind for paper in changed.papers}
    assert len(changed.papers) < len(after)
    gone = source_of(replace(plan, trips=plan.trips[:-1]), instance, Letters())
    void = changed_papers(before, all_papers(gone, Kind), -1).void
    assert (Kind.DELIVERY_NOTE, trip.id) in {(paper.kind, paper.key[0]) for paper in void}


@pytest.mark.parametrize("by", By)
def test_each_paper_is_filed_once(source, by, tmp_path):
    papers = all_papers(source, Kind)
    files = filed(papers, by, source, tmp_path)
    assert sorted(map(repr, papers)) == sorted(repr(paper) for sheets in files for paper in sheets.papers)
    assert len({str(sheets.path).casefold() for sheets in files}) == len(files)


@pytest.mark.parametrize(
    ("document", "code"),
    [
        ({"letterhed": "x"}, "C741"),
        ({"place": 3}, "C742"),
        ({"label_rows": 99}, "C742"),
        ({"language": "fr"}, "C743"),
        ({"coded": ["no such"]}, "C743"),
        ({"columns": {"handover": ["colour"]}}, "C743"),
        ({"number": "{trip.id}"}, "C743"),
        ({"number": "{"}, "C743"),
        ({"titles": {"letter": "x"}}, "C741"),
        ({"titles": "x"}, "C742"),
    ],
)
def test_documents_toml_with_faults(pair, document, code):
    with pytest.raises(InputError) as raised:
        letters_of(document, pair[1])
    assert [fault.code for fault in raised.value.faults] == [code]


def test_the_example_is_read():
    instance = read_instance(ROOT / "instances/mahulu")
    letters = read_letters(ROOT / "instances/mahulu", instance)
    assert letters.titles[Kind.HANDOVER] == "BERITA ACARA SERAH TERIMA"
    assert letters.coded == ("box",)
