"""A second field: vaccines for clinics, with other counts, parts, money and hours; code names no field."""

from __future__ import annotations

import csv
import json
import re
from collections import Counter
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

import planner
from planner.plans.file import plan_to_text
from planner.plans.model import Status

ROOT = Path(__file__).resolve().parents[1]
CLINICS = ROOT / "instances" / "clinics"


@pytest.fixture(scope="module")
def clinics():
    return planner.read(CLINICS)


@pytest.fixture(scope="module")
def solved(clinics):
    return planner.solve(clinics, time_limit_s=6, workers=0)


def hours(text):
    return datetime.fromisoformat(text).strftime("%H:%M")


def test_it_is_valid_and_marked_as_invented(clinics, plan):
    assert json.loads(plan("validate", CLINICS, "--json")[0]) == {"valid": True, "faults": []}
    rows = (*clinics.warehouses, *clinics.hubs, *clinics.regions, *clinics.vehicles, *clinics.items)
    assert {one.basis.value for one in rows} == {"synthetic"}
    assert {one.basis.value for one in clinics.edges} == {"modelled"}
    assert {one.basis.value for one in clinics.delays} == {"default"}
    assert "Invented" in clinics.settings.sources[0].title


def test_it_differs_from_the_other_field_in_what_the_program_must_not_know(clinics):
    other = planner.read(ROOT / "instances" / "mahulu")
    assert not set(clinics.settings.counts) & set(other.settings.counts)
    assert clinics.settings.currency != other.settings.currency
    assert clinics.clock.time_zone != other.clock.time_zone
    assert {one.part for one in clinics.items} == {"cold", "dry"}
    assert {mode.value for kind in clinics.vehicles for mode in kind.modes} == {
        "road",
        "foot",
        "river",
        "sea",
    }


def test_everybody_is_guaranteed(solved, clinics):
    assert solved.status is Status.GUARANTEED
    assert solved.regions["guaranteed"].all()
    assert len(solved.regions) == len(clinics.regions) == 24
    assert solved.as_asked
    again = planner.check(solved.plan, CLINICS)
    assert again.verdict.passed
    assert again.cost == solved.cost


def test_each_clinic_has_all_parts(solved, clinics):
    units = Counter()
    for row in solved.deliveries.itertuples():
        units[row.region_id, row.part] += row.units
    wanted = {
        (region.id, part): region.counts["cold_boxes"]
        for region in clinics.regions
        for part in ("cold", "dry")
    }
    assert units == wanted


def test_the_island_is_reached_over_two_hubs(solved, clinics):
    island = solved.deliveries[solved.deliveries["region_id"].isin(["kisiwa", "mnara", "mawe", "pwezi"])]
    assert set(island["hubs"]) == {"jetty+landing"}
    assert set(solved.transfers["hub_id"]) == {"jetty", "landing"}
    ready = solved.transfers.dropna(subset=["load_start"])
    assert (ready["load_start"] >= ready["unloaded"]).all()


def test_vaccine_is_not_loaded_before_it_has_come(solved):
    cold = solved.deliveries[solved.deliveries["part"] == "cold"]
    came = datetime.fromisoformat("2026-06-11T06:00+03:00")
    assert (cold["load_start"] >= came).all()


def test_tidal_channels_are_driven_while_they_have_water(solved, clinics):
    tidal = {edge.id: edge for edge in clinics.edges if edge.calendar == "tide"}
    assert len(tidal) == 3
    slow = planner.frames(clinics)
    slow["calendars"].loc[slow["calendars"]["calendar"] == "tide", "opens"] = ["16:00", "16:30"]
    slow["calendars"].loc[slow["calendars"]["calendar"] == "tide", "closes"] = ["16:10", "16:40"]
    narrow = planner.read(slow, clinics.settings)
    broken = planner.check(replace(solved.plan), narrow)
    used = {step.ref for trip in solved.plan.trips for stop in trip.stops for step in stop.leg.path}
    assert used & set(tidal)
    assert "closed_edge" in set(broken.violations["rule"])


def test_a_plan_that_breaks_a_rule_is_rejected(solved, clinics):
    trips = list(solved.plan.trips)
    trips[0] = replace(trips[0], mass_g=trips[0].mass_g + 1)
    found = planner.check(replace(solved.plan, trips=tuple(trips)), clinics)
    assert found.status is Status.NOT_FOUND
    assert set(found.violations["rule"]) == {"mass"}


def test_more_late_legs_than_can_be_withstood_are_not_promised(solved, clinics):
    """The asked number is proven or denied region by region; nothing is guaranteed that is not."""
    tables = planner.frames(clinics)
    tables["delays"]["percent"] = 600
    tables["delays"]["fixed_min"] = 2000
    tables["edges"]["delay_max_s"] = 300_000
    result = planner.check(solved.plan, planner.read(tables, clinics.settings))
    assert result.verdict.robustness.not_guaranteed


def test_it_is_exported_with_its_own_words(solved, tmp_path):
    paths = planner.export(solved, tmp_path)
    assert [path.name for path in paths] == ["deliveries.csv", "trips.csv", "transfers.csv"]
    with (tmp_path / "deliveries.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert {row["part"] for row in rows} == {"cold", "dry"}
    assert all(row["received"].endswith("+03:00") for row in rows)
    posts = {
        "kijijini",
        "njiani",
        "jiwe",
        "mtoni",
        "tambarare",
        "mchanga",
        "chumvi",
        "mnara",
        "mawe",
        "pwezi",
    }
    for row in rows:
        if row["region_id"] in posts:  # one nurse, who is away from 12 to 1
            assert "08:00" <= hours(row["received"]) <= "12:00" or "13:00" < hours(row["received"]) <= "16:00"
    (drawn,) = planner.export(solved, tmp_path / "map.svg", format="svg")
    assert "Kisiwa" in drawn.read_text("utf-8")
    assert "KES" not in plan_to_text(solved.plan, solved.instance.clock).replace('"currency": "KES"', "")


# ---------------------------------------------------------------- no word of any field

# Words of the example's field and place, in both languages. `gudang` is the Indonesian word for a warehouse,
# `desa` and `kelurahan` are those for villages and quarters, `kecamatan` and `kabupaten` for the areas they
# lie in: Indonesian texts may have them.
FIELD = re.compile(
    r"(?<![a-z])(elections?|voters?|votes?|voting|ballots?|polling|tps|ppk|pps|kpu|bawaslu|pilkada|pemilu"
    r"|pemilih|surat suara|kotak suara|kaltim|kalimantan|samarinda|mahakam|mahulu|berau|kutai|desa|kelurahan"
    r"|kecamatan|kabupaten|vaccines?|clinics?|vaksin|klinik)(?![a-z])",
    re.IGNORECASE,
)
EXAMPLE = ROOT / "planner" / "starting" / "toy"  # an instance: data
SOURCES = sorted(
    path
    for ending in ("*.py", "*.toml")
    for path in (ROOT / "planner").rglob(ending)
    if EXAMPLE not in path.parents
)


@pytest.mark.parametrize("path", SOURCES, ids=lambda path: path.relative_to(ROOT / "planner").as_posix())
def test_no_line_of_the_program_knows_a_field(path):
    """Comments, docstrings and examples included."""
    text = path.read_text("utf-8")
    if path.parent.name == "id":
        text = re.sub(r"\b(desa|kelurahan|kecamatan|kabupaten)\b", "", text)
    lines = enumerate(text.splitlines(), start=1)
    assert [(number, line) for number, line in lines if FIELD.search(line)] == []


def test_the_search_for_words_finds_them():
    for text in ("voters = 3", "Kotak suara", "TPS", "one ballot", "KPU's", "a clinic"):
        assert FIELD.search(text), text
    for text in ("candidates", "https", "appks", "vaccinate"):
        assert not FIELD.search(text), text
