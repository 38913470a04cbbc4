"""A modelled network is written where it will be read, and as people there write tables."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import openpyxl
import pytest
from pages import assert_true, blocks, commands, follow, run

from planner.instance.digest import digest
from planner.instance.read import read_instance, read_tables
from planner.network.model import model_edges
from planner.starting.folder import write_new

ROOT = Path(__file__).resolve().parents[1]
PAGE = "workbooks.md"


def test_every_command_of_the_page_ends_and_says_as_it_shows(tmp_path):
    (tmp_path / "instances").symlink_to(ROOT / "instances")
    texts = [text for kind, _, text in blocks(PAGE) if kind == "console"]
    page = (ROOT / "docs" / PAGE).read_text("utf-8")
    assert sum(len(commands(text)) for text in texts) == page.count("\n$ plan ")
    assert "\nplan " not in page
    assert_true(follow(PAGE, tmp_path))


@pytest.fixture
def folder(tmp_path):
    """An instance of CSV files whose network is not modelled yet."""
    for _, name, text in blocks(PAGE):
        if name:
            path = tmp_path / name
            path.parent.mkdir(exist_ok=True)
            path.write_text(text, "utf-8")
    return tmp_path / "ladang"


def modelled(place):
    code, said = run(["network", "model", str(place), "--json"])
    assert code == 0, said
    return Path(json.loads(said)["path"])


def book_of(folder, target):
    """A workbook of it, as openpyxl saves it, with a column of formulas and a sheet of people's own."""
    write_new(target, read_instance(folder, needs_times=False), excel=True, whole=False)
    book = openpyxl.load_workbook(target)
    book.create_sheet("_catatan")["A1"] = "milik kami"
    book.save(target)
    return target


def test_a_workbook_stays_and_a_new_one_has_the_network(folder, tmp_path):
    book = book_of(folder, tmp_path / "buku.xlsx")
    before, whole = book.read_bytes(), read_instance(book, needs_times=False)
    made = [modelled(book) for _ in range(2)]
    made.append(modelled(made[0]))
    assert [one.name for one in made] == [
        "buku-network.xlsx",
        "buku-network-2.xlsx",
        "buku-network-3.xlsx",
    ]
    assert book.read_bytes() == before
    for one in made:
        instance = read_instance(one)
        assert instance.edges == model_edges(whole) != ()
        assert digest(instance) != digest(whole)
        assert (instance.regions, instance.settings) == (whole.regions, whole.settings)


@pytest.mark.parametrize("named", ["milik", "."])
def test_a_folder_that_holds_a_workbook_stays_one(folder, tmp_path, monkeypatch, named):
    (tmp_path / "milik").mkdir()
    book_of(folder, tmp_path / "milik" / "buku.xlsx")
    monkeypatch.chdir(tmp_path / "milik" if named == "." else tmp_path)
    made = modelled(named).resolve()
    assert made == tmp_path / "buku-network.xlsx"
    assert [one.name for one in (tmp_path / "milik").glob("*.[cx]*")] == ["buku.xlsx"]
    assert read_instance(made).edges
    assert read_tables(tmp_path / "milik", needs_times=False)[1] == ()


def test_the_background_comes_along(folder, tmp_path):
    from planner.background.read import read_background

    (tmp_path / "milik").mkdir()
    book_of(folder, tmp_path / "milik" / "buku.xlsx")
    shutil.copytree(ROOT / "instances/mahulu/background", tmp_path / "milik/background")
    made = modelled(tmp_path / "milik")
    assert read_background(made) == read_background(tmp_path / "milik")
    assert read_background(made)
    inside = modelled(tmp_path / "milik" / "buku.xlsx")
    assert not inside.with_name("buku-network.background").exists()  # it shares the folder's


@pytest.mark.parametrize("number_format", ["id", "en", ""])
def test_semicolons_stay_semicolons(folder, number_format):
    plain = model_edges(read_instance(folder, needs_times=False))
    for path in folder.glob("*.csv"):
        text = path.read_text("utf-8").replace(",", ";")
        path.write_text(text.replace(".", ",") if number_format != "en" else text, "utf-8")
    settings = folder / "plan.toml"
    line = f'number_format = "{number_format}"' if number_format else ""
    settings.write_text(settings.read_text("utf-8").replace('number_format = "id"', line), "utf-8")
    for _ in range(2):  # the second time its own table says how
        path = modelled(folder)
        assert path.read_text("utf-8-sig").splitlines()[0].startswith("id;from;to;mode;")
        assert read_instance(folder).edges == plain


def test_commas_stay_commas_and_a_name_stays_as_it_is_written(folder):
    (folder / "edges.CSV").write_text("id,from,to,mode,length_m,time_s,basis\n", "utf-8")
    assert modelled(folder).name == "edges.CSV"
    assert not (folder / "edges.csv").exists()
    assert (folder / "edges.CSV").read_bytes().startswith(b"id,from,to,mode,")
    assert read_instance(folder).edges


@pytest.mark.parametrize("name", ["clinics", "mahulu", "toy"])
def test_what_is_begun_from_a_workbook_is_written_as_its_number_format_says(tmp_path, name):
    first = read_instance(ROOT / "instances" / name)
    book = tmp_path / "buku.xlsx"
    write_new(book, first, excel=True, whole=False)
    assert run(["init", str(tmp_path / "baru"), "--from", str(book)])[0] == 0
    again = read_instance(tmp_path / "baru")
    assert again == first
    header = (tmp_path / "baru" / "regions.csv").read_text("utf-8").splitlines()[0]
    is_indonesian = first.settings.number_format == "id"
    assert (";" in header, "," in header) == (is_indonesian, not is_indonesian)
    assert header.startswith("\ufeff") == is_indonesian
