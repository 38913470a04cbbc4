"""Bulletins: figures recomputed by plain code, forms that say the same, harmless names, what is cut."""

from __future__ import annotations

import io
import json
import random
import re
from dataclasses import fields, replace
from html.parser import HTMLParser
from pathlib import Path

import drills
import hub_plan
import pytest
import small
from replans import replanned, row
from test_keeps_guarantee import pair, twin

from planner.base.errors import InputError
from planner.base.text import set_language
from planner.events.read import Reading, events_of
from planner.instance.digest import digest
from planner.instance.schema import Contact, Instance, Preparation, Problem
from planner.instance.write import write_instance
from planner.outputs.status import Standing
from planner.papers.bulletin.choropleth import choropleth
from planner.papers.bulletin.document import bulletin_document
from planner.papers.bulletin.made import made_forms
from planner.papers.bulletin.pdf import bulletin_pdf
from planner.papers.bulletin.sheet import cut, sheet_of
from planner.papers.bulletin.since import changed_since, read_bulletin
from planner.papers.bulletin.situation import Situation, plans_meant, refuse_twice
from planner.papers.settings import Letters
from planner.plans.file import write_plan
from planner.plans.locate import Found
from planner.proof.check import check_plan
from planner.replanning.outlook import at_risk
from planner.replanning.state import Assume, state_of

pypdf = pytest.importorskip("pypdf")

MAHULU = Path(__file__).resolve().parents[1] / "instances" / "mahulu"
HOSTILE = "=1+1 <script>alert(1)</script> [x](y) | \u202eabc\n\n\U0001f600 مرحبا " + "x" * 200
FORMS = ("html", "pdf", "md")


@pytest.fixture(autouse=True)
def english():
    yield
    set_language("en")


def situation(plan, instance, rows=(), now_s=0, assume="planned"):
    """What a bulletin is made of, without files."""
    events = events_of(rows, instance, plan, now_s)
    state = state_of(plan, instance, events, now_s, Assume(assume))
    where = MAHULU.parent / "nowhere"
    found = Found(where / "p.json", plan, instance.clock, where, instance, where / "p.events.csv", None, None)
    return Situation(found, Reading(events), Standing(state), None, at_risk(state))


# ------------------------------------------------------------ figures


def agrees(made, expected, now):
    figures, missing, head, reports, last = expected
    assert made["now"] == now.isoformat()
    for group in made["groups"]:
        whose = group["id"]
        assert {what: group[what] for what in figures[whose]} == figures[whose], (now, whose)
        assert group["missing"] == missing[whose]
    total = made["total"]
    assert {what: total[what] for what in figures[""]} == figures[""], now
    assert (total["late"], total["missing"]) == (0, missing[""])
    assert total["last_report"] == (last and last.isoformat())
    (plan,) = made["plans"]
    assert (plan["chain"]["entries"], plan["chain"]["head"], plan["reports"]) == (*head, reports)


def drill_agrees(folder, tables, plan, unit, by):
    before, seen = None, 0
    for at, (made, expected, now) in enumerate(drills.drilled(folder, tables, plan, unit, by), 1):
        agrees(made, expected, now)
        noted = {f"P{number:03d}" for number in range(1, at + 1)} - ({"P001"} if at >= 3 else set())
        assert {one["id"] for one in made["problems"]} == noted
        since = made["since"]
        assert (since is None) is (before is None)
        if before is not None:
            for what in ("regions", "units", "pieces"):
                for name, value in since[what].items():
                    assert value == made["total"][what][name] - before["total"][what][name]
            assert since["problems"]["gone"] == (["P001"] if at == 3 else [])
            assert since["reports"] == made["plans"][0]["reports"] - before["plans"][0]["reports"]
        seen += made["total"]["regions"]["confirmed"] + made["total"]["regions"]["bulk"]
        before = made
    assert at == 4
    assert seen
    assert before["total"]["missing"]


def test_a_drill_of_a_small_chain(tmp_path):
    instance, plan = hub_plan.INSTANCE, hub_plan.PLAN
    regions = [replace(one, area="1", subarea=f"1.{at % 2}") for at, one in enumerate(instance.regions)]
    write_instance(tmp_path / "tables", replace(instance, regions=tuple(regions)))
    instance = replace(instance, regions=tuple(regions))
    write_plan(replace(plan, instance_digest=digest(instance)), instance.clock, tmp_path / "p.json")
    stops = drills.stops_of(json.loads((tmp_path / "p.json").read_text("utf-8")))
    assert len(stops) == 5
    rows = drills.drilled(tmp_path, tmp_path / "tables", tmp_path / "p.json", "tps", "subarea", number=2)
    for made, expected, _ in rows:
        figures, missing, *_ = expected
        assert {what: made["total"][what] for what in figures[""]} == figures[""]
        assert made["total"]["missing"] == missing[""]


@pytest.mark.slow
def test_a_drill_of_a_day_in_mahakam_ulu(tmp_path):
    """Four bulletins; each figure recomputed from the store alone."""
    from shutil import copytree

    tables = copytree(MAHULU, tmp_path / "tables")
    line = ("--effort", 1, "--workers", 1, "--quiet", "--output", tmp_path / "p.json")
    drills.run("solve", tables, *line)
    drill_agrees(tmp_path, tables, tmp_path / "p.json", "tps", "subarea")


def test_who_is_at_risk_is_whom_the_check_does_not_guarantee():
    """As in a replan that changes nothing, at all moments, with delays and without."""
    instance, plan, sure = pair(50, 1)
    risky, draw = 0, random.Random(3)
    for now_s in range(20_000, 34_000, 700):
        for number in (0, 1, 2, 3):
            ahead = [one for one in plan.trips if one.end_s > now_s]
            trips = draw.sample(ahead, min(number, len(ahead)))
            vehicles = dict.fromkeys(trip.vehicle_id for trip in trips)
            rows = tuple(
                row(f"E{at}", now_s, "delay", name, instance.clock, value=f"{draw.randint(1, 900)} min")
                for at, name in enumerate(vehicles, 1)
            )
            state = situation(plan, instance, rows, now_s).standing.state
            verdict = check_plan(
                replanned(plan, instance, rows, now_s), instance.clock, instance, previous=[plan]
            )
            open_ones = {
                name
                for name, at_s in state.received_s.items()
                if state.on_time[name] and at_s is not None and at_s > now_s
            }
            expected = set(verdict.robustness.not_guaranteed) & open_ones
            assert at_risk(state) == expected, (now_s, rows)
            assert number or not (expected & sure)
            risky += len(expected)
    assert risky


def test_where_no_late_legs_are_asked_for_nobody_is_counted_at_risk():
    made = bulletin_document([situation(small.PLAN, small.INSTANCE)])
    assert made["total"]["at_risk"] is None
    assert "at risk" not in sheet_of(made).lines[3][0]


def test_goods_at_a_hub_are_not_received_and_a_region_counts_when_all_of_it_is():
    plan, instance = hub_plan.PLAN, hub_plan.INSTANCE
    first, second, third = plan.trips
    rows = [
        row(
            "E1",
            first.stops[0].end_s,
            "delivered",
            "T1",
            instance.clock,
            from_time=first.stops[0].end_s,
            place="H",
        )
    ]
    made = bulletin_document([situation(plan, instance, tuple(rows), first.stops[0].end_s + 60)])
    assert made["total"]["units"]["confirmed"] == made["total"]["pieces"]["confirmed"] == 0
    at_s = second.stops[0].end_s + 60
    rows.append(row("E2", at_s, "delivered", "A", instance.clock, from_time=second.stops[0].end_s))
    made = bulletin_document([situation(plan, instance, tuple(rows), at_s)])
    assert made["total"]["units"]["confirmed"] == made["total"]["pieces"]["confirmed"] == 1
    assert made["total"]["regions"]["confirmed"] == 0
    at_s = third.stops[0].end_s + 60
    rows.append(row("E3", at_s, "delivered", "A", instance.clock, from_time=third.stops[0].end_s))
    made = bulletin_document([situation(plan, instance, tuple(rows), at_s)])
    assert (made["total"]["units"]["confirmed"], made["total"]["regions"]["confirmed"]) == (2, 1)


def test_who_lacks_something_has_not_received():
    plan, instance = hub_plan.PLAN, hub_plan.INSTANCE
    at_s = plan.trips[0].end_s
    told = plan.trips[0].stops[1].end_s
    rows = (
        row("E1", at_s, "delivered", "C", instance.clock, from_time=told),
        row("E2", at_s, "refused", "C", instance.clock, from_time=told),
    )
    with_all = bulletin_document([situation(plan, instance, rows[:1], at_s)])
    assert with_all["total"]["regions"]["confirmed"] == 1
    refused = bulletin_document([situation(plan, instance, rows[1:], at_s)])
    assert refused["total"]["regions"]["confirmed"] == 0
    assert refused["total"]["regions"]["total"] == 3


# ------------------------------------------------------------ several plans, and an earlier bulletin


def laid_out(folder):
    """Two offices with a plan each, in one folder."""
    plan, instance = hub_plan.PLAN, hub_plan.INSTANCE
    for name, ours in {"hub": lambda one: one, "other": twin}.items():
        tables = {
            part.name: ours(value)
            for part in fields(Instance)
            if isinstance(value := getattr(instance, part.name), tuple) and part.name != "items"
        }
        made = replace(instance, settings=replace(instance.settings, name=name), **tables)
        write_instance(folder / name, made)
        told = replace(ours(plan), instance_name=name, instance_digest=digest(made))
        write_plan(told, instance.clock, folder / "plans" / f"{name}.json")


def test_two_plans_that_supply_the_same_region_are_refused():
    one, other = (situation(hub_plan.PLAN, hub_plan.INSTANCE).found for _ in range(2))
    with pytest.raises(InputError) as refused:
        refuse_twice([one, replace(other, path=Path("q.json"))])
    assert [fault.code for fault in refused.value.faults] == ["C748"]


def test_several_plans_stand_on_one_page():
    instance, plan, _ = pair(50, 1)
    names = {one.id for one in hub_plan.INSTANCE.regions}
    parts = []
    for mine in (True, False):
        regions = tuple(one for one in plan.regions if (one.region_id in names) is mine)
        trips = tuple(one for one in plan.trips if (one.id in {"T1", "T2", "T3"}) is mine)
        parts.append(replace(plan, regions=regions, trips=trips))
    now_s = 28_000
    whole = bulletin_document([situation(plan, instance, (), now_s)])
    two = bulletin_document([situation(part, instance, (), now_s) for part in parts])
    for what in ("regions", "pieces"):
        both = [sum(group[what][name] for group in two["groups"]) for name in whole["total"][what]]
        assert [*two["total"][what].values()] == both
    assert len(two["groups"]) == len(two["plans"]) == 2
    assert two["total"]["regions"]["planned"] == whole["total"]["regions"]["planned"]


def test_a_folder_means_all_plans_in_force_there(tmp_path):
    laid_out(tmp_path)
    for name in ("hub", "other"):
        drills.run(
            "approve", tmp_path / "plans" / f"{name}.json", "--by", "Ani", "--instance", tmp_path / name
        )
    found = plans_meant([tmp_path / "plans"])
    assert {one.path.name for one in found} == {"hub.json", "other.json"}
    assert [one.path.name for one in plans_meant([tmp_path / "plans" / "hub.json"])] == ["hub.json"]
    with pytest.raises(InputError) as refused:
        plans_meant([tmp_path / "plans"], tmp_path / "hub")
    assert [fault.code for fault in refused.value.faults] == ["C749"]


def test_what_is_new_and_what_is_gone_is_told():
    plan, instance = hub_plan.PLAN, hub_plan.INSTANCE
    problem = Problem(id="P001", date="2024-11-22", text="x")
    before = bulletin_document([situation(plan, replace(instance, problems=(problem,)), (), 0)])
    broken = (row("E1", 100, "vehicle_lost", "VAN-01", instance.clock, from_time=100),)
    after = bulletin_document([situation(plan, instance, broken, 200)])
    since = changed_since(before, after)
    assert since["problems"] == {"new": [], "gone": ["P001"]}
    assert since["missing"] == {"new": ["A", "B"], "gone": []}
    assert since["reports"] == 1
    assert since["replaced"] == since["others"] == []
    after["since"] = since
    said = " ".join(text for text, _ in sheet_of(after).lines)
    assert "Newly with something missing: Desa A, Desa B." in said
    back = changed_since(after, before)
    assert back["missing"] == {"new": [], "gone": ["A", "B"]}
    other = json.loads(json.dumps(after))
    other["plans"][0]["digest"] = "sha256:0"
    assert changed_since(before, other)["replaced"] == ["p.json"]


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"format": "bulletin/9"}', '{"format": "bulletin/1", "total": 3}', "\x00", "[" * 9000],
)
def test_what_is_no_bulletin_is_refused(tmp_path, text):
    path = tmp_path / "old.json"
    path.write_text(text, "utf-8")
    with pytest.raises(InputError) as refused:
        read_bulletin(path)
    assert [fault.code for fault in refused.value.faults] == ["C747"]


# ------------------------------------------------------------ forms


class Visible(HTMLParser):
    """The words of a page, its elements, and where its links lead."""

    def __init__(self):
        super().__init__()
        self.words, self.tags, self.ids, self.links = [], set(), set(), set()

    def handle_starttag(self, tag, attrs):
        self.tags.add(tag)
        named = dict(attrs)
        self.ids |= {named["id"]} if "id" in named else set()
        self.links |= {named["href"]} if "href" in named else set()

    def handle_data(self, data):
        self.words += data.split()


def read_back(content):
    book = pypdf.PdfReader(io.BytesIO(content))
    return len(book.pages), " ".join(" ".join(page.extract_text() for page in book.pages).split())


def busy(name=None):
    """A situation with something in each table, perhaps with the same strange text everywhere."""
    plan, instance = hub_plan.PLAN, hub_plan.INSTANCE
    label = name or "Lake"
    text = name or "No ferry"
    regions = tuple(
        replace(one, area="1", area_name=label, name=name or one.name) for one in instance.regions
    )
    people = (
        Contact(place="VAN-01", name=name or "Budi", role="driver", phone="0812"),
        Contact(place="VAN-01", name="Secretman", role="escort", phone="0999"),
    )
    instance = replace(
        instance,
        regions=regions,
        contacts=people,
        warehouses=tuple(replace(one, name=label) for one in instance.warehouses),
        items=tuple(replace(one, name=label) for one in instance.items),
        problems=(
            Problem(
                id="P001",
                date="2024-11-21",
                text=text,
                area="1",
                responsible=text,
                action=text,
                due="2024-11-21",
            ),
            Problem(id="P002", date="2024-11-21", text="closed", closed="2024-11-21"),
            Problem(id="P003", date="2024-11-29", text="not seen yet"),
        ),
        preparation=(Preparation(warehouse="W", item="box", date="2024-11-21", needed=4, received=3),),
    )
    plan = replace(plan, instance_digest=digest(instance))
    rows = (row("E1", 29_000, "breakdown", "VAN-01", instance.clock, from_time=29_000),)
    return situation(plan, instance, rows, 60_000)


@pytest.mark.parametrize("code", ["en", "id"])
@pytest.mark.parametrize("name", [None, HOSTILE])
def test_all_forms_say_the_same_and_nothing_in_names_steers_them(code, name):
    set_language(code)
    one = busy(name)
    document = bulletin_document([one])
    made = made_forms(document, [one], FORMS)
    page = Visible()
    page.feed(made["html"].decode("utf-8"))
    num_pages, printed = read_back(made["pdf"])
    assert num_pages == 1
    assert page.tags & {"script", "img", "iframe", "b", "a"} == {"a"}
    assert page.links == {f"#{one}" for one in page.ids}
    sheet = sheet_of(document)
    total = document["total"]
    assert (total["missing"], total["regions"]["total"]) == (2, 3)
    assert len(document["problems"]) == 1 and document["problems"][0]["past_due"]
    assert document["found"]
    markdown, short = made["md"].decode("utf-8"), made["txt"].decode("utf-8")
    for text, _ in sheet.lines[:5]:
        if name is None:
            assert " ".join(text.split()) in " ".join(short.split())
            assert " ".join(text.split()) in printed.replace("- ", "-") or text.split()[0] in printed
        figures = re.findall(r"\d+", text)
        assert all(figure in short and figure in printed and figure in markdown for figure in figures)
        assert all(figure in " ".join(page.words) for figure in figures)
    everything = "".join(text.decode("utf-8") for form, text in made.items() if form != "pdf") + printed
    assert "Secretman" not in everything and "0999" not in everything
    assert "\u202e" not in everything
    assert "<script" not in made["html"].decode("utf-8") and not re.search(r"(?<!\\)<script", markdown)
    tables = [line for line in markdown.splitlines() if line.startswith("|")]
    cells = {len(re.findall(r"(?<!\\)\|", line)) for line in tables}
    assert cells <= {len(table.columns) + 1 for table in sheet.tables}
    if name is None:
        assert "0812" in printed and "P001" in printed and "75 %" in printed


def test_tables_that_are_not_there_are_said_to_be_empty():
    one = situation(hub_plan.PLAN, hub_plan.INSTANCE)
    made = made_forms(bulletin_document([one]), [one], FORMS)
    printed = read_back(made["pdf"])[1]
    for text in (made["md"].decode(), made["html"].decode(), printed):
        assert "Nothing is reported about preparation." in text
        assert "No open problems are noted." in text
        assert "No reports yet." in text
    assert "has no store" in printed


def test_what_has_no_room_on_one_side_is_counted():
    one = busy()
    instance = one.found.instance
    many = tuple(
        Problem(id=f"P{at:03d}", date="2024-11-21", text=f"problem number {at}") for at in range(1, 121)
    )
    found = replace(one.found, instance=replace(instance, problems=many))
    document = bulletin_document([replace(one, found=found)])
    sheet = sheet_of(document)
    num_pages, printed = read_back(
        bulletin_pdf(sheet, "<svg xmlns='http://www.w3.org/2000/svg'/>", "map", Letters())
    )
    shown = len(re.findall(r"problem number \d+", printed))
    assert num_pages == 1
    assert 5 < shown < 120
    assert f"… and {120 - shown} more" in printed
    assert made_forms(document, [one], ["md"])["md"].decode().count("problem number") == 120


def test_very_many_areas_and_long_texts_are_still_shown_in_whole_numbers():
    document = bulletin_document([busy()])
    (group,) = document["groups"]
    document["groups"] = [{**group, "id": str(at), "name": f"Area {at}"} for at in range(45)]
    sheet = cut(sheet_of(document), 3)
    num_pages, printed = read_back(
        bulletin_pdf(sheet, "<svg xmlns='http://www.w3.org/2000/svg'/>", "map", Letters())
    )
    assert num_pages <= 2
    assert all(f"Area {at} " in printed for at in range(45))


def test_the_map_has_each_area_once_in_its_shade():
    one = busy()
    document = bulletin_document([one])
    (group,) = document["groups"]
    from planner.background.schema import NO_BACKGROUND

    shades = {}
    for confirmed, total in ((0, 9), (1, 99), (50, 100), (99, 100), (100, 100)):
        group["regions"] |= {"confirmed": confirmed, "total": total}
        text = choropleth(document, [one], [NO_BACKGROUND])
        assert f"1: {100 * confirmed // total} %" in text
        shades[confirmed] = re.search(r'<circle[^>]* fill="([^"]+)"', text)[1]
    assert len(set(shades.values())) == 5
    assert shades[0] == "#ffffff"


def test_mahulu_has_its_borders_on_the_map(tmp_path):
    from planner.background.read import read_background

    ground = read_background(MAHULU)
    one = busy()
    document = bulletin_document([one])
    document["by"] = "subarea"
    codes = ["64.11.01", "64.11.02", "64.11.03"]
    rows = dict(zip("ABC", codes, strict=True))
    instance = one.found.instance
    regions = tuple(replace(each, subarea=rows[each.id]) for each in instance.regions)
    moved = replace(one, found=replace(one.found, instance=replace(instance, regions=regions)))
    document["groups"] = [{**document["groups"][0], "id": code, "name": code} for code in codes]
    text = choropleth(document, [moved], [ground])
    assert len(re.findall(r'<path d="[^"]+" fill="#', text)) == 3
    assert len(re.findall(r"<text ", text)) == 3


def test_a_command_writes_all_forms_and_the_next_one_compares(tmp_path):
    laid_out(tmp_path)
    plan = tmp_path / "plans" / "hub.json"
    line = ("bulletin", plan, "--instance", tmp_path / "hub", "--now", "2024-11-22T12:00+08:00")
    said = drills.run(*line, "--output", tmp_path / "a")
    assert (tmp_path / "a.txt").read_text("utf-8") == said
    assert {path.suffix for path in tmp_path.glob("a.*")} == {".json", ".html", ".pdf", ".md", ".txt"}
    answer = json.loads(drills.run(*line, "--since", tmp_path / "a.json", "--format", "md", "--json"))
    assert sorted(answer["files"]) == ["json", "md"]
    assert answer["bulletin"]["since"]["then"] == "2024-11-22T12:00:00+08:00"
    assert Path(answer["files"]["md"]).name == "bulletin-20241122-1200.md"
