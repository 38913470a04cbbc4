"""The report in a real browser, offline: tables, vehicles, filters, languages, keys, hostile names, sizes."""

from __future__ import annotations

import random
import re
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import browser
import hub_plan
import pytest
import small

from planner.instance.schema import Mode
from planner.outputs.itineraries import shown
from planner.outputs.map.scene import scene_of
from planner.pages.against import with_other
from planner.pages.document import page_document
from planner.pages.html import report_html
from planner.plans.model import Leg, Plan, Stop, Trip
from planner.proof.check import check_plan

browser.needed()

HOSTILE = (
    "<script>window.hacked = 1</script>",
    "</script><img src=x onerror=alert(1)>",
    "\u202eabc \u05e9\u05dc\u05d5\u05dd \u0645\u0631\u062d\u0628\u0627",
    "X" * 200,
    "\U0001f6a4\U0001f3fd\u200d Desa \U0001f1ee\U0001f1e9",
    "\"'`&amp;${1}{number}\\u003c",
    "__proto__",
)


def apart(instance):
    """With regions and warehouses apart from each other."""
    rows = tuple(
        replace(row, lat=0.1 * at, lon=117 + 0.07 * at * at) for at, row in enumerate(instance.regions)
    )
    houses = tuple(replace(row, lat=0.2 * at + 0.1) for at, row in enumerate(instance.warehouses))
    return replace(instance, regions=rows, warehouses=houses)


PLANS = {"small": (small.PLAN, apart(small.INSTANCE)), "hub": (hub_plan.PLAN, hub_plan.INSTANCE)}


@pytest.fixture(scope="module")
def opened():
    with browser.opened() as found:
        yield found


@pytest.fixture(scope="module")
def pages(opened, tmp_path_factory):
    """The reports of both plans, opened once; filters are taken back before each test."""
    folder, found = tmp_path_factory.mktemp("pages"), {}
    for name, (plan, instance) in PLANS.items():
        verdict = check_plan(plan, instance.clock, instance)
        path = folder / f"{name}.html"
        path.write_text(report_html(page_document(scene_of(plan, instance), verdict=verdict)), "utf-8")
        found[name] = opened(path)
    return found


@pytest.fixture(params=PLANS)
def page(request, pages):
    found = pages[request.param]
    found.evaluate("PlanPage.change({ area: '', day: '', type: '', search: '', language: 'en' })")
    found.pair = PLANS[request.param]
    yield found
    assert found.trouble == []


def rows(page):
    return page.evaluate(
        "[...document.querySelectorAll('plan-table tbody tr')]"
        ".map(row => [...row.children].map(cell => cell.textContent))"
    )


def local(clock, text):
    """Seconds of a moment such as 22 Nov 07:10 (the year is the start's)."""
    at = datetime.strptime(f"{clock.start.year} {text}", "%Y %d %b %H:%M").replace(tzinfo=clock.zone)
    return clock.seconds(at)


def test_the_table_has_what_the_plan_says(page):
    plan, instance = page.pair
    found = {row[1]: row for row in rows(page)}
    assert set(found) == {item.region_id for item in plan.regions}
    for item in plan.regions:
        row = found[item.region_id]
        assert row[0] == instance.region_of[item.region_id].name
        assert local(instance.clock, row[5]) == item.received_s // 60 * 60
        assert local(instance.clock, row[6]) == item.deadline_s
        units = sum(
            one.units
            for trip in plan.trips
            for stop in trip.stops
            for one in stop.deliveries
            if stop.node_id == one.region_id == item.region_id
        )
        assert int(row[9]) == units


def test_headings_sort_the_table(page):
    plan, _ = page.pair
    page.click("plan-table th button[data-key=received]")
    moments = [item.received_s for item in plan.regions]
    order = {item.region_id: item.received_s for item in plan.regions}
    assert [order[row[1]] for row in rows(page)] == sorted(moments)
    page.click("plan-table th button[data-key=received]")
    assert [order[row[1]] for row in rows(page)] == sorted(moments, reverse=True)
    assert page.get_attribute("plan-table th:has(button[data-key=received])", "aria-sort") == "descending"


def shown_at(plan, instance, vehicle, second):
    """By `plan show`: what a vehicle does at a moment, and where; None where it is on no trip."""
    clock, table = instance.clock, shown(plan, instance, vehicle)

    def at(cell):
        return local(clock, cell) if cell else None

    trips = {}
    for trip, place, *cells in table.rows:
        trips.setdefault(trip, []).append((place.split()[0], *map(at, cells[:4])))
    for stops in trips.values():
        (origin, _, load, loaded, leaves), *rest = stops
        ends = max(moment for stop in stops for moment in stop[1:] if moment is not None)
        if not load <= second < ends:
            continue
        if second < leaves:
            return ("load" if second < loaded else "wait"), origin, origin
        before = origin
        for place, arrives, begins, done, leaves in rest:
            if second < arrives:
                return "drive", before, place
            if leaves is None or second < leaves:
                serves = begins is not None and done is not None and begins <= second < done
                return ("serve" if serves else "wait"), place, place
            before = place
    return None


def test_vehicles_are_where_plan_show_says_at_drawn_moments(page):
    plan, instance = page.pair
    draw = random.Random(7)
    first = min(trip.load_start_s for trip in plan.trips)
    last = max(trip.end_s for trip in plan.trips)
    minutes = {moment // 60 for trip in plan.trips for moment in instants(trip)}  # `plan show` has no seconds
    told = """([second]) => { PlanPage.change({ time: second }); const { doc } = PlanPage;
        return doc.trips.map(trip => [doc.vehicles[trip.vehicle].id, PlanPage.position(trip, second)])
          .filter(([, found]) => found)
          .map(([id, at]) => [id, at.does, doc.places[at.from].id, doc.places[at.to].id, at.where]) }"""
    seen = set()
    for _ in range(20):
        second = draw.choice([at for at in range(first // 60, last // 60) if at not in minutes]) * 60 + 30
        found = {row[0]: row[1:] for row in page.evaluate(told, [second])}
        for vehicle in {trip.vehicle_id for trip in plan.trips}:
            expected = shown_at(plan, instance, vehicle, second)
            assert (vehicle in found) == (expected is not None), (vehicle, second)
            if expected is not None:
                assert tuple(found[vehicle][:3]) == expected, (vehicle, second)
                seen.add(expected[0])
                assert found[vehicle][3] == pytest.approx(where(plan, instance, vehicle, second), abs=1e-4)
        assert str(sum(row[0] == "drive" for row in found.values())) in page.inner_text("plan-map output")
    assert "drive" in seen
    for trip in plan.trips:
        for stop in trip.stops:
            found = {row[0]: row[1:] for row in page.evaluate(told, [(stop.start_s + stop.end_s) // 2])}
            assert found[trip.vehicle_id][:3] == ["serve", stop.node_id, stop.node_id]


def instants(trip):
    """All moments of a trip."""
    yield from (trip.load_start_s, trip.depart_s, trip.end_s)
    for leg in [*(stop.leg for stop in trip.stops), *([trip.back] if trip.back else [])]:
        yield from (leg.depart_s, leg.arrive_s)
    for stop in trip.stops:
        yield from (stop.start_s, stop.end_s)


def where(plan, instance, vehicle, second):
    """Latitude and longitude by the plan alone: on a leg as far as the share of its edges' seconds."""
    spots = {
        row.id: (row.lat, row.lon)
        for row in (*instance.nodes, *instance.hubs, *instance.regions, *instance.warehouses)
    }
    edges = {edge.id: edge for edge in instance.edges}
    (trip,) = (
        one for one in plan.trips if one.vehicle_id == vehicle and one.load_start_s <= second < one.end_s
    )
    at = trip.origin_id
    for leg in [*(stop.leg for stop in trip.stops), *([trip.back] if trip.back else [])]:
        if second < leg.depart_s:
            break
        if second < leg.arrive_s:
            pieces = []
            for step in leg.path:
                if step.kind.value == "known":
                    pieces.append((leg.from_node, leg.to_node, 1))
                elif step.kind.value == "forward":
                    edge = edges[step.ref]
                    pieces.append((edge.from_node, edge.to_node, edge.time_s))
                else:
                    edge = edges[step.ref]
                    pieces.append((edge.to_node, edge.from_node, edge.time_back_s))
            rest = sum(one[2] for one in pieces) * (second - leg.depart_s) / (leg.arrive_s - leg.depart_s)
            for start, end, takes in pieces:
                if rest <= takes:
                    share = rest / takes
                    return [a + (b - a) * share for a, b in zip(spots[start], spots[end], strict=True)]
                rest -= takes
        at = leg.to_node
    return list(spots[at])


def test_filters_and_search_leave_what_they_say(page):
    plan, instance = page.pair
    everything = len(plan.regions)
    name = instance.region_of["A"].name
    page.fill("#filter-search", name.upper())
    assert [row[0] for row in rows(page)] == [name]
    assert page.inner_text("plan-table p[role=status]") == f"1 of {everything} regions"
    page.fill("#filter-search", "")
    day = page.evaluate("PlanPage.dayKey(PlanPage.doc.regions[0].received_s)")
    page.select_option("#filter-day", day)
    expected = [
        item.region_id for item in plan.regions if instance.clock.day(item.received_s).isoformat() == day
    ]
    assert sorted(row[1] for row in rows(page)) == sorted(expected)
    page.select_option("#filter-day", "")
    kind = page.evaluate("PlanPage.typeName(0)")
    page.select_option("#filter-type", kind)
    by_kind = {
        stop.node_id
        for trip in plan.trips
        for stop in trip.stops
        if instance.vehicle_type_of[trip.vehicle_type].name == kind
    }
    assert {row[1] for row in rows(page)} == by_kind & {item.region_id for item in plan.regions}


def test_ways_are_coloured_by_mode_day_or_kind_of_vehicle(page):
    legend = "plan-map .legend div:nth-child(2) li"
    plan, instance = page.pair
    kinds = {instance.vehicle_type_of[trip.vehicle_type].name for trip in plan.trips}
    days = {instance.clock.day(trip.load_start_s) for trip in plan.trips}
    for by, labels in (("type", kinds), ("day", {f"{day.day} {day:%b}" for day in days})):
        page.select_option("plan-map .controls label:nth-of-type(2) select", by)
        told = page.eval_on_selector_all(legend, "rows => rows.map(row => row.textContent)")
        assert set(told) - {"several of these"} == labels
    page.select_option("plan-map .controls label:nth-of-type(2) select", "mode")
    page.click("#languages button[lang=id]")
    told = page.eval_on_selector_all(legend, "rows => rows.map(row => row.textContent)")
    assert set(told) <= {"Darat", "Sungai", "Laut", "Udara", "Jalan kaki", "Jalan"}, told


def test_both_languages(page):
    page.click("#languages button[lang=id]")
    assert page.get_attribute("html", "lang") == "id"
    assert page.inner_text("#head-late") == "Siapa yang terlambat, dan mengapa"
    assert page.evaluate("document.activeElement.lang") == "id"
    text = page.inner_text("body")
    assert "web." not in text
    assert not re.search(r"\{\w+\}", text)
    page.click("#languages button[lang=en]")
    text = page.inner_text("body")
    assert "web." not in text
    assert not re.search(r"\{\w+\}", text)


def test_everything_is_reached_and_used_by_keyboard(page):
    page.evaluate("document.activeElement.blur(); window.scrollTo(0, 0)")
    seen = []
    for _ in range(60):
        page.keyboard.press("Tab")
        seen.append(
            page.evaluate(
                "(e => e.id || e.dataset.key || e.className.split(' ')[0] || '')(document.activeElement)"
            )
        )
        if "plan-time" in seen and seen[-1] == "plan-time":
            before = page.evaluate("PlanPage.state.time")
            page.keyboard.press("ArrowRight")
            assert page.evaluate("PlanPage.state.time") > before
    for name in ("filter-search", "map", "plan-time", "margin", "scroll", "gantt"):
        assert name in seen, name


def test_the_slider_plays_and_stops(page):
    page.evaluate("PlanPage.change({ time: PlanPage.doc.clock.first_s })")
    page.click("plan-map .time button")
    for _ in range(100):  # no predicate of playwright's: the page's policy lets nothing evaluate texts
        if page.evaluate("PlanPage.state.time > PlanPage.doc.clock.first_s + 600"):
            break
        page.wait_for_timeout(30)
    page.click("plan-map .time button")
    time = page.evaluate("PlanPage.state.time")
    page.wait_for_timeout(150)
    assert page.evaluate("PlanPage.state.time") == time


@pytest.mark.parametrize("width", [360, 800, 1600])
def test_nothing_is_wider_than_the_screen(page, width):
    page.set_viewport_size({"width": width, "height": 900})
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.set_viewport_size({"width": 1200, "height": 900})


def test_it_prints_whole(page):
    plan, _ = page.pair
    page.evaluate("window.dispatchEvent(new Event('beforeprint'))")
    page.emulate_media(media="print")
    assert len(rows(page)) == len(plan.regions)
    assert not page.is_visible("#filters")
    page.emulate_media(media="screen")
    page.evaluate("window.dispatchEvent(new Event('afterprint'))")


@pytest.mark.parametrize("page", ["hub"], indirect=True)
@pytest.mark.parametrize(("code", "width"), [("en", 360), ("id", 1200)])
def test_nothing_keeps_people_from_using_it(page, code, width):
    package = pytest.importorskip("axe_playwright_python")
    page.set_viewport_size({"width": width, "height": 900})
    page.click(f"#languages button[lang={code}]")
    page.evaluate("PlanPage.change({ chosen: 0 })")
    page.evaluate((Path(package.__file__).parent / "axe.min.js").read_text("utf-8"))
    levels = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22a", "wcag22aa"]
    found = page.evaluate("levels => axe.run(document, { runOnly: levels })", levels)
    assert found["passes"]
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
    page.evaluate("PlanPage.change({ language: 'en', chosen: -1 })")
    page.set_viewport_size({"width": 1200, "height": 900})


@pytest.mark.parametrize(("code", "width"), [("en", 360), ("id", 1200)])
def test_another_plan_stands_beside_it(opened, tmp_path, code, width):
    package = pytest.importorskip("axe_playwright_python")
    plan, instance = PLANS["hub"]
    late = replace(plan.regions[0], received_s=plan.regions[0].received_s + 7200)
    other = replace(plan, regions=(late, *plan.regions[1:]), cost=plan.cost + 5)
    scene = scene_of(plan, instance)
    path = tmp_path / "beside.html"
    path.write_text(report_html(with_other(page_document(scene), scene, other, HOSTILE[0])), "utf-8")
    page = opened(path)
    page.set_viewport_size({"width": width, "height": 900})
    page.click(f"#languages button[lang={code}]")
    cells = "rows => rows.map(row => [...row.children].map(cell => cell.textContent))"
    areas = page.eval_on_selector_all("plan-against .low tbody tr", cells)
    assert re.sub(r"\D", "", areas[0][5]) == str(plan.cost)
    assert re.sub(r"\D", "", areas[0][6]) == str(plan.cost + 5)
    assert page.inner_text("plan-against").count(HOSTILE[0]) == 1
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.fill("#filter-search", "nobody is called so")
    assert page.query_selector_all("plan-against [data-region]") == []
    page.fill("#filter-search", "")
    page.evaluate((Path(package.__file__).parent / "axe.min.js").read_text("utf-8"))
    found = page.evaluate("axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa'] })")
    assert [(rule["id"], rule["nodes"][0]["html"]) for rule in found["violations"]] == []
    assert page.trouble == []


def test_hostile_names_are_names(opened, tmp_path):
    regions = tuple(
        replace(
            row, name=HOSTILE[at % len(HOSTILE)], area_name=HOSTILE[-1 - at % len(HOSTILE)], area=f"a{at}"
        )
        for at, row in enumerate(apart(small.INSTANCE).regions)
    )
    instance = replace(
        apart(small.INSTANCE),
        regions=regions,
        warehouses=tuple(replace(row, name=HOSTILE[0]) for row in apart(small.INSTANCE).warehouses),
        vehicles=tuple(replace(row, name=HOSTILE[1]) for row in small.INSTANCE.vehicles),
        settings=replace(small.INSTANCE.settings, name=HOSTILE[0] + HOSTILE[2]),
    )
    path = tmp_path / "hostile.html"
    path.write_text(report_html(page_document(scene_of(small.PLAN, instance))), "utf-8")
    page = opened(path, width=360)
    assert {row[0] for row in rows(page)} == {row.name for row in regions}
    assert page.inner_text("#name bdi") == instance.settings.name
    for row in range(len(regions)):
        page.evaluate(f"PlanPage.change({{ chosen: {row} }})")
    page.click("plan-gantt p.choose button >> nth=1")
    assert page.evaluate("window.hacked") is None
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert (
        page.evaluate("document.querySelectorAll('img, iframe, object, body > script:not([type])').length")
        == 7
    )
    assert page.trouble == []


def many(stops=10, trips=1000):
    """A plan of as many stops as all trips have, spread over a province, two trips for each vehicle."""
    base = small.INSTANCE
    draw = random.Random(3)
    warehouse = replace(base.warehouses[0], lat=0.0, lon=117.0)
    kind = replace(base.vehicles[0], number=trips, warehouse=warehouse.id, modes=(Mode.ROAD,))
    regions, made, results = [], [], []
    for trip in range(trips):
        start = 3600 + (trip % 2) * 30_000
        at, moment, its_stops = warehouse.id, start + 600, []
        for _ in range(stops):
            name = f"R{len(regions)}"
            spot = {"lat": draw.uniform(-2, 2), "lon": draw.uniform(115, 119)}
            regions.append(
                replace(base.regions[0], id=name, name=f"Desa {name}", warehouse=warehouse.id, **spot)
            )
            leg = Leg(at, name, moment, moment + 1800, 20_000, (small.PLAN.trips[-1].stops[0].leg.path[:0]))
            its_stops.append(Stop(name, leg, moment + 1800, moment + 2400, ()))
            results.append(replace(small.PLAN.regions[0], region_id=name, received_s=moment + 2400))
            at, moment = name, moment + 2400
        old: Trip = small.PLAN.trips[0]
        made.append(
            replace(
                old,
                id=f"T{trip}",
                vehicle_id=f"{kind.id}-{trip // 2 + 1:02d}",
                vehicle_type=kind.id,
                origin_id=warehouse.id,
                load_start_s=start,
                depart_s=start + 600,
                stops=tuple(its_stops),
                back=None,
                end_s=moment,
            )
        )
    instance = replace(
        base,
        regions=tuple(regions),
        warehouses=(warehouse,),
        vehicles=(kind,),
        edges=(),
        known_trips=(),
        **{"hubs": (), "deadlines": (), "closures": (), "stock": ()},
    )
    plan: Plan = replace(small.PLAN, trips=tuple(made), regions=tuple(results), components=())
    return plan, instance


@pytest.mark.slow
def test_ten_thousand_stops_open_and_move(opened, tmp_path):
    path = tmp_path / "many.html"
    path.write_text(report_html(page_document(scene_of(*many()))), "utf-8")
    page = opened(path)
    frames = page.evaluate(
        """async () => { const took = []; let time = PlanPage.doc.clock.first_s;
          for (let at = 0; at < 60; at++) { const start = performance.now(); time += 600;
            PlanPage.change({ time }); await new Promise(requestAnimationFrame);
            took.push(performance.now() - start); }
          took.sort((a, b) => a - b); return took; }"""
    )
    print(f"10,000 stops: median frame {frames[30]:.0f} ms, slowest {frames[-1]:.0f} ms")
    assert frames[30] < 200
    assert page.trouble == []
