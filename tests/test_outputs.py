"""What people and other programs get: figures, sentence, table, late lines, CSV, map."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import replace

import pytest
import small

from planner.base.text import LANGUAGES, catalogue, set_language
from planner.instance.schema import Basis
from planner.outputs.figures import duration, moment, money, number
from planner.outputs.summary import (
    bound_line,
    cost_line,
    late_lines,
    plan_figures,
    price_note,
    provenance,
    sentence,
    summary_rows,
)
from planner.outputs.tables import deliveries_text, trips_text, write_tables
from planner.plans.model import ReasonCode, RegionResult, RegionStatus, Status

PLAN, INSTANCE, CLOCK = small.PLAN, small.INSTANCE, small.CLOCK
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(autouse=True)
def english():
    set_language("en")
    yield
    set_language("en")


def with_results(*results: RegionResult, status: Status = Status.LATE):
    changed = {one.region_id: one for one in results}
    return replace(
        PLAN, status=status, regions=tuple(changed.get(one.region_id, one) for one in PLAN.regions)
    )


def late(name: str, reason: ReasonCode = ReasonCode.FLEET_FULL, **params: str) -> RegionResult:
    deadline = small.DEADLINE
    return RegionResult(name, RegionStatus.LATE, deadline + 5400, deadline, reason, params)


def undelivered(name: str, reason: ReasonCode = ReasonCode.CUT, **params: str) -> RegionResult:
    return RegionResult(name, RegionStatus.UNDELIVERED, None, small.DEADLINE, reason, params)


# ---------------------------------------------------------------- figures


@pytest.mark.parametrize(
    ("code", "texts"),
    [
        ("en", ["0", "999", "1,038", "-12,345,678", "IDR 1,250,000", "12", "27 Nov 00:00", "23 May 13:05"]),
        ("id", ["0", "999", "1.038", "-12.345.678", "IDR 1.250.000", "12", "27 Nov 00:00", "23 Mei 13:05"]),
    ],
)
def test_numbers_money_and_moments(code, texts):
    set_language(code)
    may = CLOCK.seconds(CLOCK.start.replace(month=5, day=23, hour=13, minute=5))
    found = [number(one) for one in (0, 999, 1038, -12_345_678)]
    found += [money(1_250_000, "IDR"), money(12, ""), moment(5 * small.DAY, CLOCK), moment(may, CLOCK)]
    assert found == texts


@pytest.mark.parametrize(
    ("code", "seconds", "text"),
    [
        ("en", 0, "0 min"),
        ("en", 59, "0 min"),
        ("en", 3599, "59 min"),
        ("en", 3600, "1 h 0 min"),
        ("en", 86_399, "23 h 59 min"),
        ("en", 86_400, "1 d 0 h"),
        ("en", -60, "-1 min"),
        ("en", -90_000, "-1 d 1 h"),
        ("id", 24_460, "6 j 47 mnt"),
        ("id", -90_000, "-1 h 1 j"),
    ],
)
def test_durations_are_rounded_down(code, seconds, text):
    set_language(code)
    assert duration(seconds) == text


# ---------------------------------------------------------------- the answer


def test_the_sentence_names_the_tightest_region():
    text = sentence(PLAN, INSTANCE)
    assert text.startswith("ON_TIME: 6 of 6 before 26 Nov 00:00; tightest Desa D, 11 h 31 min; ")
    set_language("id")
    assert sentence(PLAN, INSTANCE).startswith("ON_TIME: 6 dari 6 sebelum 26 Nov 00:00; paling ketat Desa D")


def test_the_sentence_of_nothing_has_no_tightest():
    nothing = replace(PLAN, regions=tuple(undelivered(one.region_id) for one in PLAN.regions), trips=())
    assert "tightest" not in sentence(nothing, INSTANCE)


@pytest.mark.parametrize(
    ("edges", "fleet", "text", "note"),
    [
        (Basis.ENTERED, Basis.ENTERED, "entered travel times, entered fleet", ""),
        (Basis.MEASURED, Basis.DEFAULT, "entered travel times, default fleet", " (default prices)"),
        (Basis.MODELLED, Basis.SYNTHETIC, "modelled roads, synthetic fleet", " (synthetic prices)"),
    ],
)
def test_where_figures_come_from(edges, fleet, text, note):
    changed = replace(
        INSTANCE,
        edges=tuple(replace(one, basis=edges) for one in INSTANCE.edges),
        vehicles=tuple(replace(one, basis=fleet) for one in INSTANCE.vehicles),
    )
    assert provenance(changed) == text
    assert price_note(changed) == note
    first, *others = INSTANCE.edges
    one = replace(changed, edges=(replace(first, basis=Basis.MODELLED), *others))
    assert provenance(one).startswith("partly modelled roads")


def with_bounds(*bounds):
    components = [replace(one, lower_bound=found) for one, found in zip(PLAN.components, bounds, strict=True)]
    return replace(PLAN, components=tuple(components))


@pytest.mark.parametrize(
    "language, claim, measures",
    [
        ("en", "as claimed by the search", "which measures the bound"),
        ("id", "menurut klaim pencarian", "yang mengukur batas itu"),
    ],
)
def test_a_bound_is_told_as_claimed_and_the_gap_as_the_bounds(language, claim, measures):
    set_language(language)
    cost = PLAN.cost
    line = cost_line(with_bounds(cost // 4, 0), INSTANCE)
    assert claim in line
    assert f"75 %, {measures}" in line
    assert claim in bound_line(with_bounds(cost // 4, 0))
    none = cost_line(with_bounds(cost // 4, None), INSTANCE)
    assert claim not in none
    assert "%" not in none
    assert bound_line(with_bounds(cost // 4, None)) == ""
    free = replace(with_bounds(0, 0), cost=0)
    assert "%" not in cost_line(free, INSTANCE)  # nothing is no share of nothing


def test_the_gap_is_that_to_the_cost_of_all_components():
    figures = plan_figures(
        with_bounds(PLAN.cost // 2, PLAN.cost // 4), INSTANCE, wall_s=0, plan_path="p.json"
    )
    assert figures["gap_percent"] == 25.0
    assert figures["as_claimed"] == ["lower_bound", "gap_percent"]


def test_figures_for_machines():
    plan = with_results(late("A"), undelivered("B", edges="e1", warehouse="W"))
    figures = plan_figures(plan, INSTANCE, wall_s=1.23456, plan_path="p.json")
    assert figures["regions_total"] == 6
    assert figures["regions_on_time"] == 4
    assert figures["smallest_margin_s"] == -5400
    assert figures["lower_bound"] is figures["gap_percent"] is None  # one component has none
    assert figures["as_claimed"] == []
    assert figures["vehicles_used"] == 5
    assert figures["trips"] == 6
    assert figures["distance_m"] == sum(trip.distance_m for trip in plan.trips)
    assert figures["wall_s"] == 1.235
    assert figures["not_on_time"] == [
        {"region": "A", "status": "late", "reason": "fleet_full", "params": {}},
        {
            "region": "B",
            "status": "undelivered",
            "reason": "cut",
            "params": {"edges": "e1", "warehouse": "W"},
        },
    ]


def test_the_last_row_is_the_sum():
    *rows, total = [row.cells for row in summary_rows(PLAN, INSTANCE)]
    assert [row[0] for row in rows] == ["Gudang W", "Gudang V"]

    def figure(text: str) -> int:
        return int(re.sub(r"\D", "", text))

    for column in (1, 2, 3, 4, 5, 6):
        assert figure(total[column]) == sum(figure(row[column]) for row in rows), column
    assert figure(total[6]) == PLAN.cost
    assert total[-1] == "ON_TIME"


def test_a_component_is_called_after_its_area():
    regions = tuple(replace(one, area_name="Kabupaten Paser") for one in INSTANCE.regions)
    rows = summary_rows(PLAN, replace(INSTANCE, regions=regions))
    assert [row.cells[0] for row in rows[:-1]] == ["Kabupaten Paser", "Kabupaten Paser"]


def params_of(reason: ReasonCode) -> dict[str, str]:
    texts = catalogue("en")[f"reasons.{reason}.why"] + catalogue("en")[f"reasons.{reason}.action"]
    return {name: f"<{name}>" for name in re.findall(r"{(\w+)}", texts)}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("reason", ReasonCode)
def test_every_reason_has_a_line_with_cause_and_action(reason, code):
    set_language(code)
    params = params_of(reason)
    lines = late_lines(
        with_results(late("A", reason, **params), undelivered("B", reason, **params)), INSTANCE
    )
    assert len(lines) == 2
    texts = catalogue(code)
    for line, name in zip(lines, "AB", strict=True):
        assert line.startswith(f"{name} Desa {name}")
        assert "()" not in line
        assert texts[f"reasons.{reason}.why"].format(**params) in line
        assert texts[f"reasons.{reason}.action"].format(**params) in line
    assert duration(5400) in lines[0]
    assert texts["report.region_undelivered"] in lines[1]


def test_a_line_says_where_the_region_is():
    regions = tuple(replace(one, area_name="Paser", subarea_name="Batu Sopang") for one in INSTANCE.regions)
    (line,) = late_lines(with_results(late("A", ReasonCode.WORKER_LOST)), replace(INSTANCE, regions=regions))
    assert line.startswith("A Desa A (Batu Sopang, Paser): 1 h 30 min late.")


def test_nobody_late_has_no_lines():
    assert late_lines(PLAN, INSTANCE) == []


# ---------------------------------------------------------------- CSV


def test_deliveries_of_the_small_plan():
    rows = list(csv.DictReader(io.StringIO(deliveries_text(PLAN, CLOCK))))
    assert len(rows) == sum(len(stop.deliveries) for trip in PLAN.trips for stop in trip.stops)
    assert [row["region_id"] for row in rows] == sorted(row["region_id"] for row in rows)
    first = next(row for row in rows if row["consignment_id"] == "A-main-0")
    assert first == {
        "region_id": "A",
        "consignment_id": "A-main-0",
        "part": "main",
        "units": "1",
        "vehicle_id": "TRUCK-01",
        "trip_id": "T1",
        "origin_id": "W",
        "load_start": "2024-11-22T06:00:00+08:00",
        "depart": "2024-11-22T06:18:00+08:00",
        "arrive": "2024-11-22T07:03:00+08:00",
        "received": "2024-11-22T07:20:00+08:00",
        "deadline": "2024-11-26T00:00:00+08:00",
        "margin_s": str(small.DEADLINE - 26_400),
    }


def test_trips_of_the_small_plan():
    rows = list(csv.reader(io.StringIO(trips_text(PLAN, CLOCK))))[1:]
    assert [row for row in rows if row[0] == "T4"] == [  # it stays where its last stop is
        ["T4", "BOAT-01", "W", "0", "W", "", "2024-11-23T06:00:00+08:00", "2024-11-23T06:04:00+08:00"]
        + ["10.309", "289.500", "1", ""],
        [
            "T4",
            "BOAT-01",
            "W",
            "1",
            "F",
            "2024-11-23T06:44:00+08:00",
            "2024-11-23T06:44:00+08:00",
            "",
            "10.309",
            "289.500",
            "",
            "F-main-0:1-1+F-late-0:1-1",
        ],
    ]
    assert [row[3:6] for row in rows if row[0] == "T2"] == [
        ["0", "W", ""],
        ["1", "C", "2024-11-22T07:37:00+08:00"],
        ["2", "W", "2024-11-22T09:53:20+08:00"],
    ]


def test_tables_are_utf8_with_unix_line_ends(tmp_path):
    for path in write_tables(PLAN, CLOCK, tmp_path / "tábel"):
        assert b"\r" not in path.read_bytes()
