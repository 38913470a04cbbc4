"""Pages of single things at the desk: they say what plan and state say, and all links lead somewhere."""

import json
import re
import shutil
from html import unescape

import hub_plan
import pytest
from desks import Person, laid_out, served, words_of

from planner.instance.boxes import Boxes
from planner.outputs.figures import moment
from planner.outputs.map.scene import scene_of
from planner.outputs.status import Standing
from planner.pages.document import page_document
from planner.replanning.state import state_of

pytest.importorskip("starlette")

CLOCK = hub_plan.INSTANCE.clock
CONTACTS = """place,name,role,phone
H,Budi <script>alert(1)</script>,petugas,0812 1
A,Citra,PPS,javascript:alert(1)
W,Dewi,gudang,0812 3
"""
FLEET = """vehicle,call_sign,plate,driver,phone,language
VAN-01,kijang,KT 8123 AB,Eko Contoh,0812 4,id
"""


@pytest.fixture(scope="module")
def desk(tmp_path_factory, tables):
    """At seven in the morning: the truck is on its way back, the van is not back at the hub yet."""
    folder = tmp_path_factory.mktemp("desk-pages")
    named = shutil.copytree(tables, folder / "tables")
    (named / "contacts.csv").write_text(CONTACTS, "utf-8")
    (named / "fleet.csv").write_text(FLEET, "utf-8")
    laid_out(folder / "desk", named)
    with served(folder / "desk", "--clock", "2024-11-22T07:30", "--pace", "0.1") as found:
        yield found


@pytest.fixture(scope="module")
def sari(desk):
    return Person(desk)


def links(answer):
    """Addresses inside the desk to which a page leads."""
    found = [unescape(one) for one in re.findall(r'<a [^>]*href="([^"]*)"', answer.text)]
    return [one for one in found if not one.startswith(("#", "tel:"))]


def said_at(seconds):
    return moment(seconds, CLOCK)


def state():
    return state_of(hub_plan.PLAN, hub_plan.INSTANCE, (), CLOCK.seconds(CLOCK.instant(27_000)))


def test_all_links_lead_to_pages_of_the_desk(sari):
    seen, left = set(), ["/"]
    while left:
        path = left.pop()
        if path in seen:
            continue
        seen.add(path)
        assert path.startswith("/") and not path.startswith("//"), path
        answer = sari.get(path)
        assert answer.status == 200, path
        left += links(answer)
    assert {"/", "/map", "/search", "/region?id=A", "/vehicle?id=VAN-01", "/place?id=H"} <= seen


def test_a_region_tells_the_whole_way_of_its_goods(sari):
    said = words_of(sari.get("/region?id=A"))
    now = state()
    assert f"Receipt {said_at(now.received_s['A'])} to come" in said
    assert f"Deadline {said_at(hub_plan.DEADLINE)}" in said
    for trip in (hub_plan.T1, hub_plan.T2, hub_plan.T3):
        assert f"leaves {said_at(trip.depart_s)}" in said
    assert "Citra" in said and "Dewi" in said and "Eko Contoh" in said
    for box in Boxes(hub_plan.INSTANCE).of_region(hub_plan.INSTANCE.region_of["A"]):
        assert box.code in said


def test_what_is_confirmed_shows_at_region_vehicle_and_place(desk, sari, plan, tmp_path, tables):
    laid_out(tmp_path / "desk", tables)
    with served(tmp_path / "desk", "--clock", "2024-11-22T12:00") as own:
        budi = Person(own)
        assert "overdue" in words_of(budi.get("/region?id=C"))
        plan("event", "add", own.folder / "a.json", "delivered", "C", "--time", "2024-11-22T08:00+08:00")
        from desks import until

        until(lambda: "Receipt 22 Nov 08:00 confirmed" in words_of(budi.get("/region?id=C")))
        assert "C" in words_of(budi.get("/region?id=C")).split("Reports", 1)[1]
        assert "confirmed" in words_of(budi.get("/vehicle?id=TRUCK-01"))


def test_a_vehicle_tells_its_stops_in_their_order_and_who_drives_it(sari):
    answer = sari.get("/vehicle?id=VAN-01")
    said = words_of(answer)
    assert "kijang" in said and "KT 8123 AB" in said and "Eko Contoh" in said
    stops = [stop for trip in (hub_plan.T2, hub_plan.T3) for stop in trip.stops]
    ends = [said.index(said_at(stop.end_s)) for stop in stops]
    assert ends == sorted(ends)
    assert "Trip 2 of 2" in said


def test_a_hub_tells_what_comes_and_what_leaves(sari):
    said = words_of(sari.get("/place?id=H"))
    comes, leaves = said.split("What comes here")[1].split("What leaves here")
    assert said_at(hub_plan.T1.stops[0].end_s) in comes and "Desa A , Desa B" in comes
    assert said_at(hub_plan.T2.depart_s) in leaves and said_at(hub_plan.T3.depart_s) in leaves


def test_what_was_due_in_the_state_shows_as_due(sari):
    standing = Standing(state())
    due = [row for row in standing.stops if row.planned_s < 27_000]
    assert due  # the truck was at the hub and at C
    assert words_of(sari.get("/")).count("overdue") + words_of(sari.get("/")).count("assumed") >= len(due)


@pytest.mark.parametrize(
    ("text", "label"),
    [
        ("desa b", "Desa B"),
        ("b", "Desa B"),
        ("KANTOR", "Kantor H"),
        ("gudang w", "Gudang W"),
        ("kijang", "kijang"),
        ("van1", "kijang"),
        ("KT8123AB", "kijang"),
        ("contoh eko", "kijang"),
        ("8123", "kijang"),
        ("B-001-B1-", None),
    ],
)
def test_search_finds_by_whatever_things_are_called(sari, text, label):
    answer = sari.ask("GET", "/search?q=" + text.replace(" ", "+"))
    hits = answer.text.split('class="hits"')
    if label is None:
        assert "Nothing is called so." in words_of(answer)
    else:
        assert label in words_of(type(answer)(_Like(answer), hits[1].encode("utf-8")))


class _Like:
    def __init__(self, answer):
        self.status, self.headers = answer.status, answer.headers


def test_search_finds_the_region_of_a_box(sari):
    for region in hub_plan.INSTANCE.regions:
        for box in Boxes(hub_plan.INSTANCE).of_region(region):
            answer = sari.get(f"/search?q={box.code.lower()}")
            assert links(answer).count(f"/region?id={region.id}") == 1


def test_search_says_what_is_like_a_slip(sari):
    answer = sari.get("/search?q=kantr+h")
    assert "Kantor H" in words_of(answer)


@pytest.mark.parametrize(
    "path", ["/region?id=ZZ", "/region", "/vehicle?id=..%2F..%2Fetc", "/place?id=%00", "/area?id=x"]
)
def test_what_is_not_there_is_a_sentence(sari, path):
    answer = sari.get(path)
    assert answer.status == 404
    assert "nothing of this id" in words_of(answer)


def test_the_map_has_the_document_of_the_plan_as_it_is_driven(sari):
    answer = sari.get("/map")
    text = re.search(r'<script type="application/json" id="plan-data">(.*?)</script>', answer.text, re.S)[1]
    document = json.loads(text)
    now = state_of(hub_plan.PLAN, hub_plan.INSTANCE, (), document["answer"]["now_s"])
    scene = scene_of(now.projected, hub_plan.INSTANCE, standing=Standing(now))
    expected = json.loads(json.dumps(page_document(scene)))
    given = {vehicle.pop("sign") for vehicle in document["vehicles"]}
    assert given == {"truck1", "kijang"} or "kijang" in given
    for vehicle in expected["vehicles"]:
        vehicle.pop("sign")
    assert document == expected


def test_the_map_asks_only_for_what_changes(sari):
    revision = re.search(r'data-revision="([\d.]+)"', sari.get("/map").text)[1]
    answer = sari.get(f"/map/data?part=1&rev={revision}")
    assert answer.status in (200, 204)
    told = json.loads(sari.get("/map/data?part=1&rev=none").text)
    assert not {"ground", "texts"} & set(told["document"])
    assert told["document"]["trips"]


def test_names_are_text_on_every_page(sari):
    for path in ("/", "/region?id=A", "/place?id=H", "/vehicle?id=VAN-01", "/search?q=H"):
        text = sari.get(path).text
        assert "<script>alert" not in text
        assert 'href="javascript:' not in text
    assert "tel:javascript%3Aalert%281%29" in sari.get("/region?id=A").text
