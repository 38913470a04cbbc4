"""`plan init`: templates, parts of instances, and lists of counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path

import openpyxl
import pytest
from tiny_folder import write_tiny

from planner.base.errors import InputError
from planner.base.text import LANGUAGES, set_language
from planner.instance.chains import chain_of
from planner.instance.read import read_instance, read_tables
from planner.instance.schema import TABLES, Basis, Instance, Stock
from planner.network.travel import travel
from planner.starting.counts import plain_name, with_counts
from planner.starting.example import example
from planner.starting.folder import GUIDE_FILE, refuse_taken, synthetic_rows, write_new
from planner.starting.list_file import read_list
from planner.starting.part import part_of, regions_of
from planner.starting.template import template

ROOT = Path(__file__).resolve().parents[1]
DAY = date(2026, 3, 1)


@pytest.fixture
def tiny(tmp_path: Path) -> Instance:
    return read_instance(write_tiny(tmp_path / "asal – é"))


@pytest.fixture(scope="module")
def kaltim() -> Instance:
    return read_instance(ROOT / "instances" / "kaltim")


# ---- templates ------------------------------------------------------------------------------------


@pytest.mark.parametrize("excel", [False, True])
@pytest.mark.parametrize("language", LANGUAGES)
def test_the_template_is_valid_and_explains_itself(tmp_path: Path, language: str, excel: bool) -> None:
    set_language(language)
    try:
        made = template(DAY, "Asia/Makassar")
        target = tmp_path / "milik sendiri – é"
        _, written = write_new(target, made, excel=excel, whole=True)
        instance, faults = read_tables(target)
        assert (instance, faults) == (made, ())
        assert synthetic_rows(made) == {"warehouses": 1, "regions": 2, "vehicles": 1, "items": 2, "edges": 2}
        if excel:
            book = openpyxl.load_workbook(written)
            assert set(TABLES) <= set(book.sheetnames)
            for name, table in TABLES.items():
                heads = {cell.value: cell.comment for cell in next(book[name].iter_rows(max_row=1))}
                assert {one.name for one in table.columns} <= set(heads)
                assert all(comment is not None and comment.text for comment in heads.values()), name
        else:
            page = (target / GUIDE_FILE).read_text("utf-8")
            for name, table in TABLES.items():
                section = page.split(f"## {name}.csv")[1].split("\n## ")[0]
                assert all(f"- `{one.name}`: " in section for one in table.columns)
                if table.affects_plan:
                    header = (target / f"{name}.csv").read_text("utf-8").splitlines()[0].split(",")
                    assert {one.name for one in table.columns} <= set(header)
    finally:
        set_language("en")


def test_the_example_is_the_toy() -> None:
    toy = ROOT / "instances" / "toy"
    packed = ROOT / "planner" / "starting" / "toy"
    files = {path.name: path.read_bytes() for path in toy.iterdir()}
    assert {path.name: path.read_bytes() for path in packed.iterdir()} == files
    assert example() == read_instance(toy)


def test_what_is_there_is_left_alone(tmp_path: Path) -> None:
    target = tmp_path / "penuh"
    refuse_taken(target, excel=False, force=False)
    target.mkdir()
    refuse_taken(target, excel=False, force=False)
    (target / "x.txt").write_text("x", "utf-8")
    for excel in (False, True):
        with pytest.raises(InputError) as raised:
            refuse_taken(target, excel=excel, force=False)
        assert raised.value.faults[0].code == "X341"
        refuse_taken(target, excel=excel, force=True)
    (target / "plan.toml").write_text("", "utf-8")
    with pytest.raises(InputError) as raised:
        refuse_taken(target, excel=True, force=True)
    assert raised.value.faults[0].code == "X343"
    file = tmp_path / "berkas"
    file.write_text("x", "utf-8")
    with pytest.raises(InputError):
        refuse_taken(file, excel=False, force=True)


def test_a_workbook_marks_what_is_invented(tmp_path: Path) -> None:
    _, written = write_new(tmp_path / "x.xlsx", template(DAY, "UTC"), excel=True, whole=True)
    book = openpyxl.load_workbook(written)
    assert book["regions"]["B2"].fill.fgColor.rgb == "FFFFF2CC"
    assert book["calendars"]["B2"].fill.fgColor.rgb != "FFFFF2CC"
    rules = book["regions"].data_validations.dataValidation
    assert any("warehouses!" in (rule.formula1 or "") for rule in rules)


# ---- areas ----------------------------------------------------------------------------------------


def test_an_area_with_what_lies_beyond(kaltim: Instance, tmp_path: Path) -> None:
    """The far end of this area is reached by land only through the neighbour."""
    made = part_of(kaltim, "64.08")
    write_new(tmp_path / "own", made, excel=False, whole=False)
    read, faults = read_tables(tmp_path / "own")
    assert read == made
    assert {one.severity.value for one in faults} <= {"warning"}
    assert {region.id for region in made.regions} == {
        region.id for region in kaltim.regions if region.area == "64.08"
    }
    beyond = {node.id for node in made.nodes}
    assert beyond & {one.id for one in kaltim.regions if one.area == "64.03"}
    own = sorted({*(place.id for place in (*made.regions, *made.hubs)), "gudang-64.08"})
    for kind in made.vehicles:
        if kind.warehouse != "gudang-64.08":
            continue
        before, after = (travel(one, kind, own) for one in (kaltim, made))
        assert (before.reachable == after.reachable).all()
        assert (before.time_s == after.time_s).all()
        assert abs(before.distance_m - after.distance_m).max() <= 10  # of equally quick ways another one


def test_the_chain_of_each_region_is_whole(kaltim: Instance) -> None:
    made = part_of(kaltim, "64.08")
    for one in made.regions:
        assert [hub.id for hub in chain_of(made, one)] == [hub.id for hub in chain_of(kaltim, one)]


def test_areas_subareas_and_regions(tiny: Instance) -> None:
    assert [one.id for one in regions_of(tiny, "S1")] == ["R1", "R2"]
    assert [one.id for one in regions_of(tiny, "S2, R1")] == ["R1", "R3"]
    assert len(regions_of(tiny, "A1")) == 3
    with pytest.raises(InputError) as raised:
        regions_of(tiny, "S1,S9,x")
    assert [(one.code, one.value) for one in raised.value.faults] == [("X342", "S9"), ("X342", "x")]


def test_a_part_keeps_what_concerns_it(tiny: Instance, tmp_path: Path) -> None:
    made = part_of(tiny, "R1")
    assert {one.id for one in made.edges} == {"e1", "e2"}
    assert made.closures == ()
    assert [one.id for one in made.nodes] == ["N1"]
    assert [(one.region, one.number) for one in made.units] == [("R1", "001"), ("R1", "002"), ("R1", "003")]
    write_new(tmp_path / "own", made, excel=False, whole=False)
    assert read_instance(tmp_path / "own") == made


def test_who_could_send_stock_comes_along(tiny: Instance) -> None:
    second = replace(tiny.warehouses[0], id="W2", name="Gudang Dua")
    truck = replace(tiny.vehicles[0], id="truck2", warehouse="W2")
    edge = replace(tiny.edges[0], id="e9", from_node="W2", to_node="N1")
    other = replace(
        tiny.regions[0],
        id="R9",
        warehouse="W2",
        area="A2",
        subarea="S9",
        subarea_name="",
        area_name="",
        counts={"tps": 2, "voters": 10},
    )
    stock = (
        Stock(warehouse="W1", item="box", quantity=3),
        Stock(warehouse="W2", item="box", quantity=1),
        Stock(warehouse="W2", item="box", quantity=20, available_s=3600),
    )
    whole = replace(
        tiny,
        warehouses=(*tiny.warehouses, second),
        vehicles=(*tiny.vehicles, truck),
        edges=(*tiny.edges, edge),
        regions=(*tiny.regions, other),
        stock=stock,
    )
    made = part_of(whole, "A1")
    assert {one.id for one in made.warehouses} == {"W1", "W2"}
    assert "truck2" in {one.id for one in made.vehicles}
    assert [(row.warehouse, row.quantity) for row in made.stock] == [("W1", 3), ("W2", 0), ("W2", 17)]
    enough = replace(whole, stock=(Stock(warehouse="W1", item="box", quantity=99), *stock[1:]))
    assert {one.id for one in part_of(enough, "A1").warehouses} == {"W1"}


# ---- lists of counts ------------------------------------------------------------------------------


def listed(tmp_path: Path, text: str | bytes, name: str = "daftar.txt") -> Path:
    path = tmp_path / name
    path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8"))
    return path


def counted(tiny: Instance, path: Path) -> dict[str, dict[str, int]]:
    made = with_counts(tiny, read_list(path, tiny.settings.counts))
    return {one.id: dict(one.counts) for one in made.instance.regions}


@pytest.mark.parametrize("separator", ["\t", ";", ","])
def test_a_list_by_code_and_name(tmp_path: Path, tiny: Instance, separator: str) -> None:
    rows = [
        ("Kode", "NAMA", "tps", "voters"),
        ("R1", "Desa Satu", "7", "1500"),
        ("", "desa  dúa", "4", "800"),
    ]
    path = listed(tmp_path, "\r\n".join(separator.join(row) for row in rows))
    made = with_counts(tiny, read_list(path, tiny.settings.counts))
    assert [one.counts for one in made.instance.regions] == [
        {"tps": 7, "voters": 1500},
        {"tps": 4, "voters": 800},
        {"tps": 1, "voters": 200},
    ]
    assert made.without == ("R3",)
    first, _, third = made.instance.regions
    assert (first.basis, first.source) == (Basis.ENTERED, "List daftar.txt")
    assert third == tiny.regions[2]


def test_a_list_in_a_workbook(tmp_path: Path, tiny: Instance) -> None:
    book = openpyxl.Workbook()
    for row in (["id", "voters"], ["R1", 1250], ["R2", 600.0]):
        book.active.append(row)
    book.save(tmp_path / "x.xlsx")
    found = counted(tiny, tmp_path / "x.xlsx")
    assert (found["R1"]["voters"], found["R1"]["tps"], found["R2"]["voters"]) == (1250, 3, 600)


def codes(tiny: Instance, path: Path) -> list[tuple[str, int | None]]:
    with pytest.raises(InputError) as raised:
        with_counts(tiny, read_list(path, tiny.settings.counts))
    assert all(one.cause and one.action for one in raised.value.faults)
    return [(one.code, one.row) for one in raised.value.faults]


def test_all_that_is_wrong_is_said_together(tmp_path: Path, tiny: Instance) -> None:
    path = listed(
        tmp_path,
        "nama;tps;voters\nDesa Satu;1;2\nDesa Sattu;1;2\nDesa Satu;3;4\n;1;2\nDesa Dua;x;5\nR3;;7\n",
    )
    assert codes(tiny, path) == [("X331", 3), ("X333", 4), ("X335", 5), ("I202", 6), ("I201", 7)]


def test_nearest_names_are_told(tmp_path: Path, tiny: Instance) -> None:
    path = listed(tmp_path, "nama\ttps\nDesa Sattu\t1\n")
    with pytest.raises(InputError) as raised:
        with_counts(tiny, read_list(path, tiny.settings.counts))
    (fault,) = raised.value.faults
    assert "Desa Satu (R1, Sub Satu)" in fault.action


def test_names_of_several_regions(tmp_path: Path, tiny: Instance) -> None:
    alike = replace(
        tiny, regions=(tiny.regions[0], *(replace(one, name="Muara") for one in tiny.regions[1:]))
    )
    assert codes(alike, listed(tmp_path, "nama\ttps\nMuara\t1\n")) == [("X332", 2)]
    path = listed(tmp_path, "nama\tdi\ttps\nMUARA\tKec. Sub Dua\t9\n")
    assert counted(alike, path)["R3"]["tps"] == 9


def test_rows_beyond_the_area_are_left_out(tmp_path: Path, tiny: Instance) -> None:
    inside = replace(tiny, regions=tiny.regions[:1])
    path = listed(tmp_path, "id,tps,voters\nR1,9,90\nR2,9,90\n")
    made = with_counts(inside, read_list(path, ("tps", "voters")), tiny.regions)
    assert [(one.code, one.row) for one in made.warnings] == [("X336", 3)]
    assert made.instance.regions[0].counts["tps"] == 9


def test_a_code_beside_another_name(tmp_path: Path, tiny: Instance) -> None:
    path = listed(tmp_path, "id,name,tps,voters\nR1,Tanjung Harapan,9,90\n")
    made = with_counts(tiny, read_list(path, tiny.settings.counts))
    assert [one.code for one in made.warnings] == ["X337"]


def test_a_count_that_the_list_lacks_is_said_and_stays_what_it_was(tmp_path: Path, tiny: Instance) -> None:
    path = listed(tmp_path, "nama;tps;DPT\nDesa Satu;9;1500\n")
    invented = replace(
        tiny, regions=(replace(tiny.regions[0], basis=Basis.SYNTHETIC, source="drawn"), *tiny.regions[1:])
    )
    made = with_counts(invented, read_list(path, tiny.settings.counts))
    assert [(one.code, "voters" in one.cause) for one in made.warnings] == [("X339", True)]
    first, before = made.instance.regions[0], tiny.regions[0]
    assert first.counts == before.counts | {"tps": 9}
    assert (first.basis, first.source) == (Basis.SYNTHETIC, "drawn")


def test_a_count_twice_in_the_list(tmp_path: Path, tiny: Instance) -> None:
    assert codes(tiny, listed(tmp_path, "id;tps;TPS;voters\nR1;9;8;90\n")) == [("I112", 1)]


def test_a_name_beside_the_subarea_of_another_region(tmp_path: Path, tiny: Instance) -> None:
    path = listed(tmp_path, "nama;kecamatan;tps;voters\nDesa Satu;Sub Dua;1;2\n")
    assert codes(tiny, path) == [("X331", 2)]
    path = listed(tmp_path, "nama;catatan;tps;voters\nDesa Satu;lewat sungai;1;2\n")
    assert counted(tiny, path)["R1"] == {"tps": 1, "voters": 2}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("nama;jumlah\nDesa Satu;1\n", "X334"),
        ("tps;voters\n1;2\n", "X334"),
        ("", "I106"),
        ("id;tps\n", "I107"),
        (b"\xff\xfei\0d\0", "I102"),
    ],
)
def test_lists_that_cannot_be_used(tmp_path: Path, tiny: Instance, text: str | bytes, code: str) -> None:
    with pytest.raises(InputError) as raised:
        with_counts(tiny, read_list(listed(tmp_path, text), tiny.settings.counts))
    assert [one.code for one in raised.value.faults] == [code]


def test_thousands_are_never_guessed(tmp_path: Path, tiny: Instance) -> None:
    path = listed(tmp_path, "id;voters\nR1;1.250\n")
    assert codes(tiny, path) == [("X317", 2)]
    indonesian = replace(tiny, settings=replace(tiny.settings, number_format="id"))
    assert counted(indonesian, path)["R1"]["voters"] == 1250


def test_spellings() -> None:
    assert plain_name("  Désa  Long-Bagun (Hulu)") == "desa long bagun hulu"


def test_a_part_of_the_whole_is_the_whole(tiny: Instance) -> None:
    """No table is forgotten: what concerns all regions stays."""
    made = part_of(tiny, "A1", name=tiny.settings.name)
    for name in TABLES:
        if name not in ("access", "speeds", "lines", "barriers", "calibration", "nodes"):
            kept, given = getattr(made, name), getattr(tiny, name)
            assert set(map(str, kept)) <= set(map(str, given)), name
    assert made.regions == tiny.regions
    assert made.vehicles == tiny.vehicles
    assert made.stock == tiny.stock
    assert made.deadlines[0] == tiny.deadlines[0]
    assert made.units == tiny.units
    assert made.contacts == tiny.contacts
