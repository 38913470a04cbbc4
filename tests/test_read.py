"""Reading folders and rows."""

from __future__ import annotations

import pickle
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

import pytest
from tiny_folder import PLAN_TOML, TABLES, changed, write_tiny

from planner.base.clock import Clock, parse_instant
from planner.base.errors import InputError
from planner.instance.cells import CellError, cell_reader, cell_text
from planner.instance.read import read_instance, read_tables, tables_from_rows
from planner.instance.schema import TABLES as SCHEMA
from planner.instance.schema import Chain, Mode, Objective, Overnight, WindowRule
from planner.instance.write import table_text

CLOCK = Clock(parse_instant("2024-11-24T00:00+08:00"), "Asia/Makassar")
SETTINGS = {
    "format": "instance/1",
    "name": "Rows",
    "time_zone": "Asia/Makassar",
    "start": "2024-11-24T00:00+08:00",
    "horizon_end": datetime.fromisoformat("2024-11-29T00:00+08:00"),
    "deadline": "2024-11-27T00:00+08:00",
    "counts": ["tps"],
    "unit": "tps",
    "weight": "tps",
}
ROWS = {
    "warehouses": [{"id": "W1", "name": "Gudang", "lat": -0.5, "lon": 117}],
    "regions": [{"id": "R1", "name": "Desa", "warehouse": "W1", "lat": -0.4, "lon": 117.1, "tps": 2}],
    "vehicles": [
        {
            "id": "truck",
            "name": "Truk",
            "warehouse": "W1",
            "number": 1,
            "modes": "road",
            "mass_kg": 1000,
            "volume_dm3": 8000,
            "open_end": True,
            "pieces": None,
        }
    ],
    "items": [{"id": "box", "name": "Kotak", "per": "tps", "mass_g": 1, "volume_cm3": 1}],
    "edges": [
        {
            "id": "e",
            "from": "W1",
            "to": "R1",
            "mode": "road",
            "length_m": 16000,
            "time_s": 900.0,
            "time_back_s": 900,
        }
    ],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "Kabupaten Satu – désa"


def test_the_tiny_instance(folder: Path) -> None:
    instance = read_instance(write_tiny(folder))
    settings = instance.settings
    assert settings.clock == CLOCK
    assert (settings.horizon_s, settings.deadline_s, settings.not_before_s) == (5 * 86_400, 3 * 86_400, 0)
    assert (settings.counts, settings.unit, settings.weight) == (("tps", "voters"), "tps", "voters")
    assert (settings.guarantee, settings.objective, settings.chain) == (0, Objective.COST, Chain.NONE)
    assert settings.model.neighbours == 3
    assert settings.model.longest_join_m == 60_000
    assert settings.sources[0].title == "Invented"
    truck, boat = instance.vehicles
    assert (truck.work_s, truck.overnight, truck.modes) == (30_600, Overnight.HOME, (Mode.ROAD,))
    assert boat.modes == (Mode.ROAD, Mode.RIVER)
    assert boat.work_s is None
    third = instance.region_of["R3"]
    assert (third.name, third.handover_s, third.counts) == (
        'Desa "Tiga", hulu',
        900,
        {"tps": 1, "voters": 200},
    )
    assert instance.items[1].reserve_bp == 250
    assert instance.known_trips[0].time_s == 1800
    assert instance.known_trips[0].distance_m == 14_500
    assert (instance.closures[0].from_s, instance.closures[0].until_s) == (0, 43_200)
    closed = instance.calendars[3]
    assert (closed.days, closed.opens_s, closed.window) == ("2024-11-26", None, WindowRule.WHOLE)
    assert instance.deadlines[0].not_before_s == 21_600
    assert instance.edges[4].time_back_s == 1800
    assert instance.access == ()


def test_csv_in_other_dresses(folder: Path) -> None:
    expected = read_instance(write_tiny(folder))
    changes: dict[str, str | bytes | None] = {
        f"{name}.csv": b"\xef\xbb\xbf" + text.replace("\n", "\r\n").replace(",road", " , ROAD ").encode()
        for name, text in TABLES.items()
    }
    changes["plan.toml"] = b"\xef\xbb\xbf" + PLAN_TOML.replace("\n", "\r\n").encode()
    assert read_instance(write_tiny(folder, changes)) == expected


def test_what_is_no_table_is_left_alone(folder: Path) -> None:
    write_tiny(folder)
    (folder / "old").mkdir()
    (folder / "old" / "regions.csv").write_text("x", "utf-8")
    (folder / "folder.csv").mkdir()
    (folder / "README.md").write_text("x", "utf-8")
    (folder / ".regions.csv.part").write_text("x", "utf-8")
    (folder / ".~lock.csv").write_text("x", "utf-8")
    assert read_tables(folder)[1] == ()


def test_columns_without_name_or_value_are_left_alone(folder: Path) -> None:
    text = "\n".join(f"{line},," for line in TABLES["hubs"].splitlines())
    assert read_tables(write_tiny(folder, {"hubs.csv": text}))[1] == ()


def test_optional_tables_may_have_no_rows(folder: Path) -> None:
    instance = read_instance(write_tiny(folder, {"stock.csv": "warehouse,item,quantity\n"}))
    assert instance.stock == ()


def test_instants_of_toml(folder: Path) -> None:
    text = PLAN_TOML.replace('"2024-11-27T00:00+08:00"', "2024-11-27T00:00:00+08:00")
    assert read_instance(write_tiny(folder, {"plan.toml": text})).settings.deadline_s == 3 * 86_400


def test_rows_from_python() -> None:
    instance, faults = tables_from_rows(SETTINGS, ROWS)
    assert faults == ()
    assert instance is not None
    assert instance.vehicles[0].open_end
    assert instance.edges[0].time_s == 900
    again, _ = tables_from_rows(instance.settings, ROWS | {"hubs": []})
    assert again == instance


def test_faults_of_rows_from_python() -> None:
    rows = ROWS | {"regions": [ROWS["regions"][0], ROWS["regions"][0] | {"tps": -1}], "villages": []}
    instance, faults = tables_from_rows(SETTINGS | {"weight": "men"}, rows)
    assert instance is None
    assert [(fault.code, fault.table, fault.row) for fault in faults] == [
        ("I410", "plan.toml", None),
        ("I302", "regions", 3),
        ("I204", "regions", 3),
        ("I104", "villages", None),
    ]


def test_input_errors_travel_between_processes(folder: Path) -> None:
    with pytest.raises(InputError, match="I202 regions") as raised:
        read_instance(write_tiny(folder, changed("regions", "601", "many")))
    again = pickle.loads(pickle.dumps(raised.value))
    assert again.faults == raised.value.faults
    assert str(again) == str(raised.value)


def column(table: str, name: str):
    return next(one for one in SCHEMA[table].columns if one.name == name)


@pytest.mark.parametrize(
    ("table", "name", "text", "value"),
    [
        ("calendars", "opens", "6:05", 21_900),
        ("calendars", "opens", "06:05:30", 21_930),
        ("calendars", "closes", "24:00", 86_400),
        ("calendars", "days", "TUE+mon", "mon+tue"),
        ("calendars", "days", "Daily", "daily"),
        ("vehicles", "work_h", "8.5", 30_600),
        ("vehicles", "work_h", "0.01", 36),
        ("vehicles", "open_end", "YES", True),
        ("regions", "lat", "-0.0", 0.0),
        ("regions", "handover_min", "007", 420),
        ("speeds", "circuity", "1.25", 1250),
        ("closures", "from", "2024-11-23T16:00Z", 0),
    ],
)
def test_cells(table: str, name: str, text: str, value: object) -> None:
    read = cell_reader(column(table, name), CLOCK)(text)
    assert read == value
    assert str(read) == str(value)
    assert cell_reader(column(table, name), CLOCK)(cell_text(column(table, name), read, CLOCK)) == value


@pytest.mark.parametrize(
    ("table", "name", "text", "code"),
    [
        ("regions", "handover_min", "1e3", "I208"),
        ("regions", "handover_min", "+5", "I202"),
        ("regions", "handover_min", "1.000", "I202"),
        ("regions", "handover_min", "١٢", "I202"),
        ("regions", "lat", "nan", "I203"),
        ("regions", "lat", "-90.001", "I217"),
        ("regions", "lat", "9" * 400, "I203"),
        ("vehicles", "work_h", "8 jam", "I208"),
        ("vehicles", "work_h", "8.5h", "I208"),
        ("vehicles", "work_h", "-1", "I204"),
        ("vehicles", "work_h", "0", "I205"),
        ("items", "reserve_percent", "2.5%", "I208"),
        ("calendars", "opens", "24:01", "I211"),
        ("calendars", "opens", "06:60", "I211"),
        ("calendars", "opens", "6", "I211"),
        ("calendars", "days", "mon-xyz", "I212"),
        ("calendars", "days", "mon+mon", "I215"),
        ("closures", "from", "2024-11-24", "I209"),
        ("closures", "from", "2024-11-24T00:00:00.5+08:00", "I209"),
        ("closures", "from", "2024-13-24T00:00+08:00", "I209"),
        ("closures", "from", "0001-01-01T00:00+08:00", "I210"),
        ("vehicles", "modes", "road++river", "I214"),
        ("vehicles", "modes", "road+road", "I215"),
    ],
)
def test_cells_that_cannot_be_read(table: str, name: str, text: str, code: str) -> None:
    with pytest.raises(CellError) as raised:
        cell_reader(column(table, name), CLOCK)(text)
    assert raised.value.code == code


def test_a_rounded_number_is_proposed() -> None:
    with pytest.raises(CellError) as raised:
        cell_reader(column("vehicles", "work_h"), CLOCK)("0.3333")
    nearest = str(raised.value.params["nearest"])
    assert cell_reader(column("vehicles", "work_h"), CLOCK)(nearest) == 1188


def big_folder(folder: Path) -> Path:
    """1,038 regions, 4,000 edges, ten warehouses with four vehicle types each."""
    warehouses = [f"W{number}" for number in range(10)]
    places = [*warehouses, *(f"64.{number}" for number in range(1038))]
    rows = {
        "warehouses": [{"id": one, "name": one, "lat": -0.5, "lon": 117.1} for one in warehouses],
        "regions": [
            {
                "id": f"64.{number}",
                "name": f"Desa {number}",
                "warehouse": f"W{number % 10}",
                "lat": round(-0.5 + number / 1000, 3),
                "lon": 117,
                "area": f"A{number % 10}",
                "subarea": f"S{number % 10}-{number % 100 // 10}",
                "tps": 1 + number % 11,
                "voters": 300 + number,
                "source": "shares of the published total of the kabupaten",
            }
            for number in range(1038)
        ],
        "vehicles": [
            {
                "id": f"{one}-{kind}",
                "name": kind,
                "warehouse": one,
                "number": 5,
                "modes": "road+river" if kind in "ab" else "road",
                "mass_kg": 1000 + ord(kind),
                "volume_dm3": 8000,
            }
            for one in warehouses
            for kind in "abcd"
        ],
        "edges": [
            {
                "id": f"e{number}",
                "from": places[number % len(places)],
                "to": places[(number * 7 + number // len(places) + 1) % len(places)],
                "mode": "river" if number % 5 == 0 else "road",
                "length_m": 1000 + number,
                "time_s": 100 + number,
                "time_back_s": 100 + number,
                "basis": "modelled",
            }
            for number in range(4000)
            if number % len(places) != (number * 7 + number // len(places) + 1) % len(places)
        ],
    }
    others = ("hubs", "nodes", "known_trips", "closures", "stock", "deadlines", "units", "contacts")
    changes: dict[str, str | bytes | None] = {f"{name}.csv": None for name in others}
    for name, its_rows in rows.items():
        counts = ("tps", "voters") if name == "regions" else ()
        changes[f"{name}.csv"] = table_text(name, its_rows, counts)
    return write_tiny(folder, changes)


def test_a_province_is_read_within_a_second(folder: Path) -> None:
    big_folder(folder)
    seconds = []
    for _ in range(2):
        begun = time.perf_counter()
        instance, _ = read_tables(folder)
        seconds.append(time.perf_counter() - begun)
        assert instance is not None
        assert len(instance.regions) == 1038
    assert min(seconds) < 1.0


def test_reading_imports_no_heavy_package() -> None:
    code = "import sys, planner.instance.read, planner.instance.digest, planner.instance.write\n"
    code += "print({'numba', 'pandas', 'numpy', 'networkx', 'scipy', 'ortools'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
