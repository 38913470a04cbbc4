"""Every fault: a broken instance, and where and how it is reported in both languages."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import NamedTuple

import pytest
from tiny_folder import PLAN_TOML, TABLES, changed, write_tiny

from planner.base.errors import Fault, InputError, Severity
from planner.base.text import catalogue, set_language
from planner.instance.box_codes import check_sign
from planner.instance.read import read_instance, read_tables


class Case(NamedTuple):
    """A change of the tiny instance, the fault it makes, and words of its cause in both languages."""

    code: str
    changes: dict[str, str | bytes | None]
    table: str
    row: int | None
    column: str | None
    value: str | None
    english: str
    indonesian: str


def cell(code, table, old, new, row, column, value, english, indonesian):
    return Case(code, changed(table, old, new), table, row, column, value, english, indonesian)


def elsewhere(table, case):
    return case._replace(table=table)


def key(code, old, new, column, value, english, indonesian):
    return Case(code, changed("plan.toml", old, new), "plan.toml", None, column, value, english, indonesian)


def delayed(delays, back_s="900"):
    """The first edge with these largest delays of its two ways, and a time back."""
    there_s, other_s = delays.split(",")
    return changed("edges", "8000,300,900,900,300", f"8000,{other_s},900,{back_s},{there_s}")


REGIONS = TABLES["regions"]
LONG = "a" * 500
THROUGH_J1 = """\
id,name,warehouse,hub,lat,lon,area,subarea,tps,voters
R1,Desa Satu,W1,J1,-0.45,117.05,A1,S1,3,1000
R2,Desa Dua,W1,J1,-0.35,116.95,A1,S1,2,601
R3,Desa Tiga,W1,J1,-0.3,116.9,A1,S2,1,200
"""
AT_HOME_AT_J1: dict[str, str | bytes | None] = {
    "vehicles.csv": """\
id,name,warehouse,number,modes,home,mass_kg,volume_dm3
truck,Truk,W1,2,road,,4000,16000
boat,Perahu,W1,1,river,J1,800,3000
"""
}

SMALL_J1 = """\
id,name,kind,lat,lon,storage_dm3,transfer_fixed_min
J1,Dermaga,jetty,-0.4,117.0,50,10
"""

BOXES = "code,region,unit,item\n"
NOON = "2024-11-24T12:00+08:00"
K12 = check_sign("K-1-B2")
TRIPS = "id,from,to,modes,upstream_percent,hours_min,hours_max,use\n"
CASES = [
    # files
    Case("I101", {"items.csv": None}, "items", None, None, None, "no file items.csv", "berkas items.csv"),
    Case(
        "I102",
        {"regions.csv": REGIONS.replace("Desa Dua", "Désa Dua").encode("cp1252")},
        "regions",
        3,
        None,
        "0xE9 (Désa)",
        "not UTF-8; line 3",
        "bukan UTF-8; baris 3",
    ),
    Case(
        "I102",
        {"regions.csv": REGIONS.encode("utf-16")},
        "regions",
        1,
        None,
        "UTF-16",
        "not UTF-8",
        "bukan UTF-8",
    ),
    Case(
        "I102",
        {"plan.toml": PLAN_TOML.replace("Tiny", "Tíny").encode("cp1252")},
        "plan.toml",
        2,
        None,
        "0xED",
        "line 2 holds 0xED",
        "baris 2 berisi 0xED",
    ),
    cell(
        "I103",
        "regions",
        '"Desa ""Tiga"", hulu"',
        '"Desa Tiga',
        4,
        None,
        None,
        "from line 4",
        "mulai baris 4",
    ),
    cell("I103", "regions", "Desa Dua", '"Desa" Dua', 3, None, None, "from line 3", "mulai baris 3"),
    Case(
        "I104",
        {"vehicle.csv": TABLES["vehicles"]},
        "vehicle",
        None,
        None,
        "vehicle.csv",
        "is no table",
        "bukan tabel",
    ),
    Case(
        "I105",
        {"hubs.csv": TABLES["hubs"].replace(",", "\t")},
        "hubs",
        1,
        None,
        "id\tname\tkind\tlat\tlon",
        "“TAB” instead of commas",
        "“TAB”, bukan koma",
    ),
    Case(
        "I128",
        {"hubs.CSV": TABLES["hubs"]},
        "hubs",
        None,
        None,
        "hubs.CSV, hubs.csv",
        "are both the table hubs",
        "keduanya adalah tabel hubs",
    ),
    Case("I106", {"nodes.csv": "\n \n"}, "nodes", 1, None, None, "is empty", "kosong"),
    Case(
        "I107",
        {"items.csv": TABLES["items"].splitlines()[0]},
        "items",
        None,
        None,
        None,
        "items has no rows",
        "items tidak memiliki",
    ),
    Case("I109", {"hubs.csv": "id,name\nJ\0,x\n"}, "hubs", 2, None, None, "no text", "bukan teks"),
    Case(
        "I110",
        changed("items", "mass_g", "basis") | {},
        "items",
        1,
        "mass_g",
        None,
        "mass_g is missing",
        "mass_g tidak ada",
    ),
    cell("I111", "hubs", "lat", "latt", 1, "latt", None, "latt is unknown", "latt tidak dikenal"),
    cell("I112", "hubs", "name", "kind", 1, "kind", None, "stands there twice", "muncul dua kali"),
    cell("I113", "hubs", "117.0\n", "117.0,more\n", 2, None, None, "has 6 cells", "memiliki 6 sel"),
    cell("I114", "hubs", ",117.0\n", "\n", 2, None, None, "has 4 cells", "memiliki 4 sel"),
    cell("I115", "units", "number,code", "number,", 1, None, None, "number 3", "nomor 3"),
    # plan.toml
    Case("I120", {"plan.toml": None}, "plan.toml", None, None, None, "no plan.toml", "Tidak ada plan.toml"),
    Case("I121", changed("plan.toml", '"Tiny"', "Tiny"), "plan.toml", 2, None, None, "line 2", "line 2"),
    Case("I121", {"plan.toml": "a = " + "[" * 9999}, "plan.toml", None, None, None, "cannot", "tidak dapat"),
    key("I122", "unit =", "# =", "unit", None, "unit is missing", "unit tidak ada"),
    key("I122", 'counts = ["tps", "voters"]', "counts = []", "counts", None, "counts is", "counts tidak"),
    key("I122", 'title = "Invented"', 'note = "x"', "sources.title", None, "title is", "title tidak"),
    key("I123", "currency", "curency", "curency", "IDR", "curency is unknown", "curency tidak dikenal"),
    key("I123", "neighbours", "neighbors", "model.neighbors", "3", "is unknown", "tidak dikenal"),
    key("I124", '"Tiny"', "5", "name", "5", "name = 5 is not", "name = 5 tidak"),
    key("I124", "29T00:00+08:00", "29T00:00", "horizon_end", "2024-11-29T00:00", "not what", "tidak sesuai"),
    key("I124", "currency", "guarantee = -1\ncurrency", "guarantee", "-1", "= -1", "= -1"),
    key("I124", "currency", 'objective = "speed"\ncurrency', "objective", "speed", "= speed", "= speed"),
    key("I124", "neighbours = 3", "longest_join_km = inf", "model.longest_join_km", "inf", "= inf", "= inf"),
    key(
        "I125",
        "instance/1",
        "instance/9",
        "format",
        "instance/9",
        "instance/9 is unknown",
        "instance/9 tidak",
    ),
    key("I126", "Asia/Makassar", "Asia/Nowhere", "time_zone", "Asia/Nowhere", "Nowhere is", "Nowhere tidak"),
    key(
        "I230",
        'currency = "IDR"',
        'currency = "IDR"\nnumber_format = "indonesia"',
        "number_format",
        "indonesia",
        "is no number_format",
        "bukan number_format",
    ),
    key(
        "I229",
        'start = "2024-11-24T00:00+08:00',
        'start = "2024-11-24T00:00+07:00',
        "start",
        "2024-11-24T00:00+07:00",
        "not that of Asia/Makassar at that moment, +08:00",
        "Asia/Makassar saat itu, yaitu +08:00",
    ),
    key(
        "I229",
        'deadline = "2024-11-27T00:00+08:00',
        'deadline = "2024-11-27T00:00+07:00',
        "deadline",
        "2024-11-27T00:00+07:00",
        "at that moment, +08:00",
        "yaitu +08:00",
    ),
    cell(
        "I229",
        "stock",
        "T06:00+08:00",
        "T06:00+09:00",
        3,
        "available",
        "2024-11-24T06:00+09:00",
        "that of Asia/Makassar at that moment, +08:00",
        "yaitu +08:00",
    ),
    key("I127", '"voters"]', '"name"]', "counts", "name", "name cannot be used", "name tidak dapat dipakai"),
    # cells
    cell("I201", "regions", "R2,Desa Dua", "R2,", 3, "name", "", "name is required", "name wajib diisi"),
    cell("I201", "regions", "10,2,601", "10,,601", 3, "tps", "", "tps is required", "tps wajib"),
    cell("I202", "regions", "601", "many", 3, "voters", "many", "“many” is not", "“many” bukan"),
    cell("I202", "regions", "601", "601.5", 3, "voters", "601.5", "whole number", "bilangan bulat"),
    cell("I203", "known_trips", "0.5", '"0,5"', 2, "hours", "0,5", "“0,5” is not a number", "“0,5” bukan"),
    cell("I203", "hubs", "-0.4", "x", 2, "lat", "x", "is not a number", "bukan bilangan"),
    cell("I204", "regions", "601", "-601", 3, "voters", "-601", "is negative", "negatif"),
    cell("I205", "warehouses", "day,2", "day,0", 2, "docks", "0", "0 is too small", "0 terlalu kecil"),
    cell("I206", "regions", "601", "9" * 13, 3, "voters", "9" * 13, "too large", "terlalu besar"),
    cell("I206", "edges", "8000", "9" * 99, 2, "length_m", "9" * 99, "too large", "terlalu besar"),
    cell("I220", "edges", "1500,1500", "31622401,1500", 4, "time_s", "31622401", "366 days", "366 hari"),
    cell(
        "I220", "regions", ",10,3", ",527041,3", 2, "handover_min", "527041", "(unit: min)", "(satuan: min)"
    ),
    cell("I220", "known_trips", "0.5", "8784.5", 2, "hours", "8784.5", "(unit: h)", "(satuan: h)"),
    cell("I220", "edges", "1500,1500", "9" * 99 + ",1500", 4, "time_s", "9" * 99, "366 days", "366 hari"),
    cell("I207", "known_trips", "0.5", "0.3333", 2, "hours", "0.3333", "decimal places", "angka desimal"),
    cell(
        "I208",
        "vehicles",
        "4000,16000",
        "4000 kg,16000",
        2,
        "mass_kg",
        "4000 kg",
        "holds a unit",
        "memuat satuan",
    ),
    cell(
        "I209",
        "closures",
        "24T12:00+08:00",
        "24T12:00",
        2,
        "until",
        "2024-11-24T12:00",
        "with offset",
        "selisih zona",
    ),
    cell(
        "I210",
        "closures",
        "2024-11-24T12",
        "9924-11-24T12",
        2,
        "until",
        "9924-11-24T12:00+08:00",
        "year",
        "Tahun",
    ),
    cell("I211", "calendars", "18:00", "25:00", 3, "closes", "25:00", "not a time of day", "bukan jam"),
    cell(
        "I212", "calendars", "sun", "sunday", 4, "days", "sunday", "does not name days", "tidak menyebut hari"
    ),
    cell("I212", "calendars", "2024-11-26", "2024-02-30", 5, "days", "2024-02-30", "days", "hari"),
    Case(
        "I213",
        {"preparation.csv": "warehouse,item,date,needed\nW1,box,1.2.24,5\n"},
        "preparation",
        2,
        "date",
        "1.2.24",
        "not a date",
        "bukan tanggal",
    ),
    cell(
        "I214",
        "vehicles",
        "2,road,",
        "2,rail,",
        2,
        "modes",
        "rail",
        "none of the possible",
        "nilai yang mungkin",
    ),
    cell("I215", "vehicles", "2,road,", "2,road+road,", 2, "modes", "road+road", "twice", "dua kali"),
    Case(
        "I216",
        {"vehicles.csv": TABLES["vehicles"].replace("price_km", "open_end").replace("9000\n", "YES\n")},
        "vehicles",
        2,
        "open_end",
        "4000",
        "neither yes nor no",
        "bukan yes dan bukan no",
    ),
    cell("I217", "hubs", "117.0", "217.0", 2, "lon", "217.0", "do not exist", "derajat tidak ada"),
    cell("I218", "hubs", "-0.4,117.0", "117.0,-0.4", 2, "lat", "117.0", "swapped", "tertukar"),
    cell("I219", "nodes", "N1,", "N+1,", 2, "id", "N+1", "cannot be an id", "tidak dapat menjadi id"),
    # ids
    cell("I301", "regions", "Dua,W1", "Dua,W9", 3, "warehouse", "W9", "W9 is unknown", "W9 tidak dikenal"),
    cell("I301", "edges", "e4,J1", "e4,J7", 5, "from", "J7", "J7 is unknown", "J7 tidak"),
    cell("I301", "warehouses", "day", "dag", 2, "calendar", "dag", "dag is unknown", "dag tidak"),
    cell("I301", "deadlines", "S2", "S9", 2, "place", "S9", "S9 is unknown", "S9 tidak"),
    cell("I302", "edges", "e2,", "e1,", 3, "id", "e1", "first in row 2", "pertama di baris 2"),
    cell("I303", "nodes", "N1,", "R1,", 2, "id", "R1", "regions too", "tabel regions"),
    cell(
        "I304",
        "stock",
        "W1,ballot,3000,2024-11-24T06:00+08:00",
        "W1,box,5,",
        3,
        None,
        None,
        "row 2",
        "baris 2",
    ),
    cell("I305", "regions", "A1", "R2", 2, "area", "R2", "also an id in regions", "merupakan id di regions"),
    cell("I305", "regions", "S2,", "A1,", 4, "subarea", "A1", "regions.area", "regions.area"),
    cell("I306", "regions", "16.95,A1,Area", "16.95,A2,Other", 3, "subarea", "S1", "in row 2", "baris 2"),
    cell("I307", "regions", "16.9,A1,Area", "16.9,A1,Arena", 4, "area_name", "Arena", "“Area”", "“Area”"),
    # meaning
    key(
        "I401",
        "2024-11-29",
        "2024-11-23",
        "horizon_end",
        "2024-11-23T00:00+08:00",
        "not after",
        "tidak sesudah",
    ),
    key(
        "I402", "2024-11-27", "2024-11-24", "deadline", "2024-11-24T00:00+08:00", "not after", "tidak sesudah"
    ),
    key(
        "I403",
        "2024-11-27",
        "2024-11-30",
        "deadline",
        "2024-11-30T00:00+08:00",
        "after the end",
        "sesudah akhir",
    ),
    cell(
        "I402",
        "deadlines",
        "S2,2024-11-26",
        "S2,2024-11-20",
        2,
        "deadline",
        "2024-11-20T00:00+08:00",
        "start",
        "awal",
    ),
    cell(
        "I403",
        "deadlines",
        "J1,2024-11-26",
        "J1,2024-12-26",
        3,
        "deadline",
        "2024-12-26T00:00+08:00",
        "end of",
        "akhir",
    ),
    key(
        "I404",
        "counts",
        'not_before = "2024-11-27T00:00+08:00"\ncounts',
        "not_before",
        "2024-11-27T00:00+08:00",
        "must have received before 2024-11-27T00:00:00+08:00",
        "harus sudah diterima sebelum 2024-11-27T00:00:00+08:00",
    ),
    cell(
        "I404",
        "deadlines",
        "2024-11-24T06:00",
        "2024-11-26T00:00",
        2,
        "not_before",
        "2024-11-26T00:00+08:00",
        "before 2024-11-26",
        "sebelum 2024-11-26",
    ),
    cell(
        "I404",
        "deadlines",
        "S2,2024-11-26T00:00+08:00,2024-11-24T06:00+08:00",
        "A1,,2024-11-28T00:00+08:00",
        2,
        "not_before",
        "2024-11-28T00:00+08:00",
        "received before 2024-11-27",
        "diterima sebelum 2024-11-27",
    ),
    cell(
        "I405",
        "calendars",
        "06:00,12:00",
        "12:00,06:00",
        2,
        "closes",
        "06:00",
        "opens at 12:00",
        "buka pukul 12:00",
    ),
    cell("I406", "calendars", "12:00,18:00", "11:59,18:00", 3, "opens", "11:59", "row 2", "baris 2"),
    Case(
        "I407",
        {"calendars.csv": "calendar,days,opens,closes\nday,,06:00,18:00\nnow,2024-12-24,06:00,18:00\n"},
        "calendars",
        3,
        "calendar",
        "now",
        "now is closed",
        "now tutup",
    ),
    cell("I408", "calendars", "08:00,12:00", "08:00,", 4, "closes", "", "closes is empty", "closes kosong"),
    cell("I409", "calendars", "2024-11-26", "daily", 5, "days", "daily", "row 2", "baris 2"),
    key("I410", 'unit = "tps"', 'unit = "box"', "unit", "box", "box is none", "box tidak termasuk"),
    key("I410", 'weight = "voters"', 'weight = "men"', "weight", "men", "men is none", "men tidak termasuk"),
    cell(
        "I412",
        "items",
        "main,voters",
        "main,votes",
        3,
        "per",
        "votes",
        "votes is no count",
        "votes bukan cacahan",
    ),
    cell("I413", "edges", "N1,R1", "N1,N1", 3, "to", "N1", "same place", "tempat yang sama"),
    cell("I413", "known_trips", "W1,R1", "W1,W1", 2, "to", "W1", "same place", "tempat yang sama"),
    cell(
        "I416",
        "closures",
        "2024-11-24T12:00",
        "2024-11-23T12:00",
        2,
        "until",
        "2024-11-23T12:00+08:00",
        "begins",
        "mulainya",
    ),
    Case(
        "I417",
        {"edges.csv": None, "known_trips.csv": None, "closures.csv": None},
        "edges",
        None,
        None,
        None,
        "no travel times",
        "Tidak ada waktu tempuh",
    ),
    cell("I419", "deadlines", "J1,2024-11-26T00:00+08:00,", "J1,,", 3, None, None, "neither", "tidak memuat"),
    cell(
        "I446",
        "deadlines",
        "deadline,not_before\nregion,S2,2024-11-26T00:00+08:00,2024-11-24T06:00+08:00",
        "deadline,release\nregion,S2,2024-11-26T00:00+08:00,2024-11-26T00:00+08:00",
        2,
        "release",
        "2024-11-26T00:00+08:00",
        "loaded before 2024-11-26",
        "dimuat sebelum 2024-11-26",
    ),
    cell(
        "I447",
        "deadlines",
        "deadline,not_before\nregion,S2,2024-11-26T00:00+08:00",
        "deadline,release\nhub,J1,2024-11-26T00:00+08:00",
        2,
        "release",
        "2024-11-24T06:00+08:00",
        "row is of hubs",
        "untuk titik alih",
    ),
    cell("I420", "deadlines", "hub,J1", "hub,R1", 3, "place", "R1", "echelon hub", "eselon hub"),
    cell("I420", "deadlines", "region,S2", "region,W1", 2, "place", "W1", "echelon region", "eselon region"),
    Case(
        "I421",
        {"calibration.csv": "id,from,to,modes,hours_min,hours_max,use\nt,W1,R1,road,2,1.5,fit\n"},
        "calibration",
        2,
        "hours_max",
        "1.5",
        "shortest, 2",
        "tersingkat, 2",
    ),
    cell("I422", "regions", ",2,601", ",200000,601", 3, "tps", "200000", "200000 units", "200000 unit"),
    elsewhere(
        "regions",
        cell("I423", "items", "10,0,0", f"{10**12},0,0", 2, "id", "R1", "cannot be right", "tidak mungkin"),
    ),
    cell("I424", "vehicles", "W1,2,", "W1,20000,", 2, "number", "20000", "20000 vehicles", "20000 kendaraan"),
    key("I425", "2024-11-29", "2026-11-29", "horizon_end", "2026-11-29T00:00+08:00", "366 days", "366 hari"),
    cell(
        "I426", "edges", "12000", "120000000", 4, "length_m", "120000000", "round the earth", "keliling bumi"
    ),
    Case(
        "I426",
        {"lines.csv": "line,seq,node,mode,length_km\na,1,W1,road,99999\na,2,R1,road,\n"},
        "lines",
        2,
        "length_km",
        "99999",
        "round the earth",
        "keliling bumi",
    ),
    Case(
        "I205",
        {"lines.csv": "line,seq,node,mode,length_km\na,1,W1,road,0\na,2,R1,road,\n"},
        "lines",
        2,
        "length_km",
        "0",
        "0 is too small",
        "0 terlalu kecil",
    ),
    Case(
        "I432",
        {"calibration.csv": f"{TRIPS}t,W1,R1,river,300,2,3,fit\n"},
        "calibration",
        2,
        "upstream_percent",
        "300",
        "more than 100 % with it",
        "daripada 100 % searah arus",
    ),
    Case(
        "I433",
        {"calibration.csv": f"{TRIPS}t,W1,R1,road,30,2,3,fit\n"},
        "calibration",
        2,
        "upstream_percent",
        "30",
        "river is not among the modes",
        "river tidak ada",
    ),
    Case(
        "I434",
        {
            "regions.csv": TABLES["regions"]
            .replace("handover_min,", "handover_min,split,")
            .replace("10,3,", "10,never,3,")
            .replace("10,2,", "10,never,2,")
            .replace(",,1,200", ",,,1,200"),
            "vehicles.csv": TABLES["vehicles"].replace("16000", "500").replace("3000", "400"),
        },
        "regions",
        2,
        "split",
        "never",
        "part main (26 kg, 576 dm³, 6 pieces) fits into no vehicle; the largest is truck",
        "bagian main (26 kg, 576 dm³, 6 koli) tidak muat di kendaraan mana pun; yang terbesar truck",
    ),
    Case(
        *("I444", {"aliases.csv": "name,id\nhulu,nothing\n"}, "aliases", 2, "id", "nothing"),
        *("is nothing that has an id", "bukan id apa pun"),
    ),
    Case(
        *("I445", {"aliases.csv": "name,id\nw1,R1\n"}, "aliases", 2, "name", "w1"),
        *("is what W1 is called already", "sudah menjadi nama W1"),
    ),
    cell("I427", "warehouses", "day,2", "day,10001", 2, "docks", "10001", "10001 docks", "10001 tempat muat"),
    Case(
        "I427",
        {"hubs.csv": "id,name,kind,lat,lon,docks\nJ1,Dermaga,jetty,-0.4,117.0,99999\n"},
        "hubs",
        2,
        "docks",
        "99999",
        "99999 docks",
        "99999 tempat muat",
    ),
    Case(
        "I428",
        {"hubs.csv": "id,name,kind,lat,lon,via\nJ1,Dermaga,jetty,-0.4,117.0,J1\n"},
        "hubs",
        2,
        "via",
        "J1",
        "supplied through itself: J1 ← J1",
        "dipasok melalui dirinya sendiri: J1 ← J1",
    ),
    Case(
        "I429",
        changed("plan.toml", "currency", 'chain = "required"\ncurrency')
        | {"warehouses.csv": TABLES["warehouses"] + "W2,Gudang Dua,-0.5,117.1,day,1\n"}
        | {"regions.csv": THROUGH_J1.replace("Tiga,W1", "Tiga,W2")},
        "regions",
        4,
        "hub",
        "J1",
        "for the warehouse W2 here, and for W1 in row 2 of regions",
        "untuk gudang W2, sedangkan di baris 2 pada regions untuk W1",
    ),
    key(
        "I430",
        'currency = "IDR"',
        'currency = "IDR"\nguarantee = 100',
        "guarantee",
        "100",
        "100 late legs",
        "100 etape",
    ),
    Case(
        "I431",
        {"closures.csv": "id,edge,types\nc1,e5,boat+barge+sea\n"},
        "closures",
        2,
        "types",
        "boat+barge+sea",
        "barge is neither a vehicle type nor a mode",
        "barge bukan jenis kendaraan",
    ),
    *(
        Case(code, {f"{table}.csv": text}, table, row, column, value, english, indonesian)
        for code, table, text, row, column, value, english, indonesian in (
            (
                "I435",
                "fleet",
                "vehicle\ntruk-99\n",
                2,
                "vehicle",
                "truk-99",
                "is no vehicle",
                "bukan kendaraan",
            ),
            (
                *("I436", "fleet", f"vehicle,from\ntruck-01,\ntruck-01,{NOON}\n"),
                *(3, "vehicle", "truck-01", "for which row 2", "baris 2"),
            ),
            (
                *("I437", "fleet", "vehicle,call_sign\ntruck-01,R1\n", 2, "call_sign", "R1"),
                *("is that of R1", "sudah milik R1"),
            ),
            (
                *("I438", "fleet", "vehicle,plate\ntruck-01,KT 1\ntruck-02,KT 1\n", 3, "plate", "KT 1"),
                *("stands at row 2", "ada di baris 2"),
            ),
            (
                *("I439", "fleet", "vehicle,language\ntruck-01,xx\n", 2, "language", "xx"),
                *("no language of papers", "bukan bahasa dokumen"),
            ),
            (
                *("I440", "boxes", f"{BOXES}X1,R1,001,box\nx 1,R1,002,box\n", 3, "code", "x 1"),
                *("from that of row 2", "dari baris 2"),
            ),
            (
                *("I441", "boxes", f"{BOXES}X1,R1,9,box\n", 2, "unit", "9"),
                *("whose units are 001–003", "unitnya 001–003"),
            ),
            (
                *("I442", "boxes", BOXES + "".join(f"X{at},R1,001,box\n" for at in range(1, 4)), 4, "item"),
                *("box", "It is box 3 with box of unit 001", "kotak ke-3"),
            ),
            (
                *("I443", "boxes", f"{BOXES}K-1-B2-{K12},R1,001,box\n", 2, "code", f"K-1-B2-{K12}"),
                *("is made for another box", "untuk kotak lain"),
            ),
        )
    ),
]

ROWS = "".join(
    [
        *(f"R{at},Desa {at},W1,-0.3{at},116.9{at},A1,{2 + at},{300 * (2 + at)}\n" for at in range(1, 6)),
        *(f"Q{at},Desa Q{at},W1,-1.3{at},116.9,A2,2,600\n" for at in range(1, 6)),
    ]
)
TEN = "id,name,warehouse,lat,lon,area,tps,voters\n" + ROWS


def ten(code, old, new, row, column, value, english, indonesian):
    """A slip in one of ten regions of two areas."""
    assert old in TEN
    without = ("deadlines", "units", "contacts", "known_trips", "closures")
    others = dict.fromkeys(f"{name}.csv" for name in without)
    edges = {"edges.csv": "id,from,to,mode,length_m,time_s,time_back_s\n" + "e1,W1,R1,road,9000,900,900\n"}
    text = {"regions.csv": TEN.replace(old, new)}
    return Case(code, others | edges | text, "regions", row, column, value, english, indonesian)


WARNINGS = [
    ten("W521", "116.91", "-116.91", 2, "lon", "-116.91", "the sign of lon", "tanda lon salah: 116.91"),
    ten("W522", "-0.31,", "-3.1,", 2, "lat", "-3.1", "decimal point of lat", "-0.31?"),
    ten("W523", "-0.31,116.91", "-33.31,11.9", 2, "lat", "-33.31", "much further than", "lebih jauh"),
    ten(
        "W524",
        "-0.31,116.91,A1",
        "-0.31,116.91,A2",
        2,
        "area",
        "A2",
        "midst of the area A1",
        "di tengah area A1",
    ),
    ten(
        "W526",
        "A1,3,900",
        "A1,900,3",
        2,
        "voters",
        "3",
        "900 tps and 3 voters seem to be swapped",
        "tertukar",
    ),
    ten("W527", "A1,3,900", "A1,3,9000", 2, "voters", "9000", "a digit too many", "angka yang lebih"),
    cell("W525", "items", "2500,96000", "3,96000", 2, "mass_g", "3", "may be in kg", "dalam kg"),
    cell("W525", "items", "2500,96000", "2500,96", 2, "volume_cm3", "96", "may be in dm³", "dalam dm³"),
    cell("W525", "vehicles", "4000,16000", "4,16000", 2, "mass_kg", "4", "may be in t,", "dalam t,"),
    cell("W525", "vehicles", "4000,16000", "4000,16", 2, "volume_dm3", "16", "may be in m³", "dalam m³"),
    elsewhere(
        "regions",
        cell(
            "W501",
            "edges",
            "e5,R2,R3,river",
            "e5,R2,R3,foot",
            4,
            "id",
            "R3",
            "No vehicle type",
            "Tidak ada jenis",
        ),
    ),
    elsewhere(
        "regions",
        cell("W501", "edges", "2400,1800,\n", "2400,,\n", 3, "id", "R2", "can reach R2", "mencapai R2"),
    ),
    cell("W502", "stock", "box,20", "box,11", 2, "quantity", "11", "need 12 of box, but only 11", "12 box"),
    cell(
        "W502",
        "stock",
        "box,20,\n",
        "box,8,\nW1,box,12,2024-11-29T00:00+08:00\n",
        2,
        "quantity",
        "8",
        "but only 8",
        "hanya 8",
    ),  # what comes when the horizon ends
    elsewhere(
        "regions",
        cell(
            "W503", "items", "2500,96000", "2500000,96000", 2, "id", "R1", "has 5004 kg", "memiliki 5004 kg"
        ),
    ),
    cell("W504", "regions", ",2,601", ",0,601", 3, "tps", "0", "no units", "tidak memiliki unit"),
    Case(
        "W505",
        changed("hubs", "-0.4,117.0", "60,10")
        | {"nodes.csv": "id,name,lat,lon\nN1,Simpang,10,60\n"}
        | {
            "regions.csv": REGIONS.replace("-0.45,117.05", "60,10")
            .replace("-0.35,116.95", "60,10")
            .replace("-0.3,116.9", "60,10")
        }
        | {"warehouses.csv": TABLES["warehouses"].replace("-0.5,117.1", "60,10")},
        "nodes",
        2,
        "lat",
        "10",
        "seem to be swapped",
        "tertukar",
    ),
    Case(
        "W506",
        {"vehicles.csv": TABLES["vehicles"].replace("W1,2,", "W1,0,").replace("W1,1,", "W1,0,")},
        "warehouses",
        2,
        "id",
        "W1",
        "has no vehicles",
        "tidak memiliki kendaraan",
    ),
    Case(
        "W507",
        changed("plan.toml", "currency", 'chain = "required"\ncurrency') | AT_HOME_AT_J1,
        "vehicles",
        3,
        "home",
        "J1",
        "through which no region of W1 is supplied",
        "tidak ada wilayah W1 yang dipasok melaluinya",
    ),
    Case(
        "W508",
        changed("plan.toml", "currency", 'chain = "required"\ncurrency') | {"regions.csv": THROUGH_J1},
        "hubs",
        2,
        "id",
        "J1",
        "(for instance R1) pass the hub J1",
        "(misalnya R1) melewati titik alih J1",
    ),
    Case("W509", AT_HOME_AT_J1, "vehicles", 3, "home", "J1", "the chain is none", "chain adalah none"),
    Case(
        "W510",
        changed("plan.toml", "currency", 'chain = "required"\ncurrency')
        | {"regions.csv": THROUGH_J1}
        | AT_HOME_AT_J1,
        "regions",
        2,
        "id",
        "R1",
        "no vehicle type at home at J1 can reach R1",
        "berpangkalan di J1 yang dapat mencapai R1",
    ),
    Case(
        "W511",
        {"delays.csv": "id,season,percent\nd1,,5\nd2,wet,9\nd3,dry,7\n"},
        "delays",
        3,
        "season",
        "wet",
        "(dry, wet) do not hold, since plan.toml names none: rows 2",
        "2 baris",
    ),
    Case(
        "W512",
        changed("plan.toml", "currency", 'season = "wett"\ncurrency')
        | {"delays.csv": "id,season,percent\nd1,,5\nd2,wet,9\n"},
        "plan.toml",
        None,
        "season",
        "wett",
        "the season wett",
        "musim wett",
    ),
    Case(
        "W513",
        changed("plan.toml", "currency", 'chain = "required"\ncurrency')
        | {"regions.csv": THROUGH_J1.replace("Satu,W1,J1", "Satu,W1,"), "hubs.csv": SMALL_J1}
        | AT_HOME_AT_J1,
        "hubs",
        2,
        "storage_dm3",
        "50",
        "a unit of R2 takes 192 dm³",
        "satu unit untuk R2 memerlukan 192 dm³",
    ),
    Case(
        "W514",
        delayed("900,"),
        "edges",
        2,
        "delay_back_max_s",
        "",
        "the two-way edge e1 the largest delay is given one way only",
        "Pada ruas dua arah e1",
    ),
    Case(
        "W514", delayed(",900"), "edges", 2, "delay_max_s", "", "Rows like this: 1.", "Baris seperti ini: 1."
    ),
    Case(
        "W516",
        {"fleet.csv": "vehicle,driver\ntruck-01,Budi\ntruck-02,Budi\n"},
        *("fleet", 3, "driver", "Budi"),
        *("also that of truck-01", "juga milik truck-01"),
    ),
    Case(
        "W517",
        {"units.csv": "region,number\nR1,001\n"},
        *("units", 2, "region", "R1"),
        *("has 1 rows in units, but 3", "punya 1 baris di units"),
    ),
    Case(
        "W528",
        {"problems.csv": "id,date,text,area\nP1,2024-11-24,x,R9\n"},
        *("problems", 2, "area", "R9"),
        *("no area is told of this problem", "tidak disampaikan untuk area mana pun"),
    ),
    Case(
        "W529",
        {"problems.csv": "id,date,text,due\nP1,2024-11-24,x,2024-11-23\n"},
        *("problems", 2, "due", "2024-11-23"),
        *("is before 2024-11-24", "mendahului 2024-11-24"),
    ),
    Case(
        "W530",
        {"preparation.csv": "warehouse,item,date,needed,received,sorted\nW1,box,2024-11-24,9,4,5\n"},
        *("preparation", 2, "sorted", "5"),
        *("more than received says (4)", "melebihi angka received (4)"),
    ),
    Case(
        "W515",
        {"contacts.csv": "place,name,phone\nR9,Budi,0812\n"},
        "contacts",
        2,
        "place",
        "R9",
        "nobody is called for it",
        "tidak ada yang ditelepon untuknya",
    ),
    *(
        Case(code, changed("edges", old, new), "edges", 2, column, value, text, indonesian)
        for code, old, new, column, value, text, indonesian in (
            ("W540", "900,900", "1,1", "time_s", "1", "at 28800.0 km/h", "dengan 28800.0 km/jam"),
            ("W541", "900,900", "15,15", "time_s", "15", "seem to be in minutes", "dalam menit"),
            ("W542", "8000,", "8,", "time_s", "900", "seems to be in kilometres", "dalam kilometer"),
            (
                "W543",
                "8000,300,900,900",
                "900,300,8000,8000",
                "time_s",
                "8000",
                "changed about",
                "tertukar",
            ),
            (
                "W544",
                "8000,",
                "4000,",
                "length_m",
                "4000",
                "straight line between its ends (4718 m)",
                "lurus",
            ),
            ("W544", "8000,", "0,", "length_m", "0", "has 0 m", "e1 0 m"),
        )
    ),
    cell(
        "W545",
        "edges",
        "e2,N1,R1,road",
        "e6,N1,W1,road,9000,,700,,\ne2,N1,R1,road",
        3,
        "id",
        "e6",
        "leads where that of row 2 leads",
        "tempat yang sama dengan baris 2",
    ),
    Case(
        "W546",
        {
            f"{name}.csv": re.sub(r"-0\.\d+,11[67]\.\d+", "0,0", TABLES[name])
            for name in ("warehouses", "hubs", "regions", "nodes")
        },
        "regions",
        2,
        "lat",
        "0",
        "All 3 regions and all other places lie at one point",
        "berada di satu titik",
    ),
    cell("W548", "nodes", "N1,S", "j1,Kota,-0.4,117.0\nN1,S", 2, "id", "j1", "j1 and J1 differ", "j1 dan J1"),
    cell("W560", "regions", "id,name", "Daftar\n\nid,name", 1, None, "Daftar", "row 3", "baris 3"),
    cell(
        "W549",
        "stock",
        "W1,forms,3,\n",
        "",
        2,
        "item",
        "box",
        "but no row for forms, which its regions need (3)",
        "tidak ada baris untuk forms",
    ),
    Case(
        "W520",
        changed("regions", "Desa Dua", "Desa\x0bDua\x1b[31m\u202e"),
        "regions",
        3,
        "name",
        "Desa\x0bDua\x1b[31m\u202e",
        "holds control signs",
        "memuat tanda kendali",
    ),
]


@pytest.mark.parametrize(
    "changes",
    [
        delayed("900,0"),
        delayed("0,900"),
        delayed("900,600"),
        delayed(","),
        delayed("900,", back_s=""),
        delayed("900,") | {"delays.csv": "id,mode,fixed_min\nd1,,5\n"},
    ],
)
def test_a_delay_one_way_is_no_matter_where_the_other_way_has_one_or_is_none(changes, folder: Path) -> None:
    assert "W514" not in [one.code for one in read_tables(write_tiny(folder, changes))[1]]


@pytest.mark.parametrize("name", ["kaltim", "mahulu", "berau", "toy", "clinics"])
def test_our_own_instances_give_delays_both_ways(name: str) -> None:
    found = read_tables(Path(__file__).resolve().parents[1] / "instances" / name)[1]
    assert "W514" not in [one.code for one in found]


@pytest.fixture(autouse=True)
def _english():
    yield
    set_language("en")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "Kalimantan Timür – ujian"


@pytest.mark.parametrize("name", ["hubs.csv", "plan.toml"])
def test_a_folder_named_like_a_table_is_not_passed_over(name: str, folder: Path) -> None:
    write_tiny(folder, {name: None})
    (folder / name).mkdir()
    instance, faults = read_tables(folder)
    assert instance is None
    assert ("I129", name) in [(one.code, one.value) for one in faults]


@pytest.mark.parametrize("name", ["kaltim", "mahulu", "berau", "toy", "clinics"])
def test_our_own_instances_have_no_slips(name: str) -> None:
    found = read_tables(Path(__file__).resolve().parents[1] / "instances" / name)[1]
    assert [one.code for one in found if "W540" <= one.code <= "W549"] == []


def assert_reported(case: Case, found: list[Fault]) -> None:
    (fault,) = found
    place = (fault.table, fault.row, fault.column, fault.value)
    assert place == (case.table, case.row, case.column, case.value)
    for code, words in (("en", case.english), ("id", case.indonesian)):
        set_language(code)
        assert words in fault.cause
        assert fault.action
        assert "{" not in fault.cause + fault.action


@pytest.mark.parametrize("case", CASES, ids=[f"{one.code}-{n}" for n, one in enumerate(CASES)])
def test_error(case: Case, folder: Path) -> None:
    write_tiny(folder, case.changes)
    instance, faults = read_tables(folder)
    assert instance is None
    assert all(fault.severity is Severity.ERROR for fault in faults)
    assert_reported(case, [fault for fault in faults if fault.code == case.code])
    with pytest.raises(InputError) as raised:
        read_instance(folder)
    assert raised.value.faults == faults


@pytest.mark.parametrize("case", WARNINGS, ids=[f"{one.code}-{n}" for n, one in enumerate(WARNINGS)])
def test_warning(case: Case, folder: Path) -> None:
    write_tiny(folder, case.changes)
    instance, faults = read_tables(folder)
    assert instance is not None
    assert all(fault.severity is Severity.WARNING for fault in faults)
    assert_reported(
        case, [fault for fault in faults if fault.code == case.code and fault.value == case.value]
    )
    assert read_instance(folder) == instance


def test_the_valid_instance_has_no_fault(folder: Path) -> None:
    assert read_tables(write_tiny(folder))[1] == ()


def test_a_missing_folder(folder: Path) -> None:
    (fault,) = read_tables(folder)[1]
    assert (fault.code, fault.table, fault.value) == ("I100", "plan.toml", str(folder))
    assert "cannot be read" in fault.cause
    set_language("id")
    assert "tidak dapat dibaca" in fault.cause


def test_a_file_that_cannot_be_opened(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_tiny(folder)
    opened = os.open

    def refuse(path: Path, flags: int, *more: int) -> int:
        if str(path).endswith(("hubs.csv", "stock.csv")):
            raise PermissionError(13, "Permission denied")
        return opened(path, flags, *more)

    monkeypatch.setattr(os, "open", refuse)
    faults = read_tables(folder)[1]
    assert [(fault.code, fault.table) for fault in faults] == [("I108", "hubs"), ("I108", "stock")]
    assert "hubs.csv cannot be opened (it may not be read or written)" in faults[0].cause


def test_every_code_of_the_input_has_a_case() -> None:
    tested = {case.code for case in CASES + WARNINGS} | {"I100", "I108", "I129"}
    tested |= {"W550", "W551"}  # of a network that is modelled: tests/test_network_model.py
    documented = {key.split(".")[1] for key in catalogue("en") if re.match(r"faults\.[IW]", key)}
    assert documented == tested


def test_codes_in_the_source_are_documented() -> None:
    source = "".join(path.read_text("utf-8") for path in Path("planner").rglob("*.py"))
    used = set(re.findall(r'"([IWRP]\d{3})"', source))
    documented = {key.split(".")[1] for key in catalogue("en") if key.startswith("faults.")}
    assert used <= documented


def test_all_faults_are_reported_together_and_sorted(folder: Path) -> None:
    changes = changed("regions", "601", "many")
    changes |= changed("edges", "e4,J1", "e4,J7")
    changes |= changed("plan.toml", 'unit = "tps"', 'unit = "box"')
    changes |= changed("calendars", "18:00", "25:00")
    changes |= {"vehicle.csv": "id\n"}
    faults = read_tables(write_tiny(folder, changes))[1]
    found = [(fault.table, fault.row, fault.code) for fault in faults]
    assert found == [
        ("calendars", 3, "I211"),
        ("edges", 5, "I301"),
        ("plan.toml", None, "I410"),
        ("regions", 3, "I202"),
        ("vehicle", None, "I104"),
    ]


def test_one_fault_brings_no_others_with_it(folder: Path) -> None:
    """An unreadable table does not make all its ids unknown, nor a wrong clock all instants."""
    changes: dict[str, str | bytes | None] = {"warehouses.csv": b"\xff", "calendars.csv": b"\xff"}
    changes |= changed("plan.toml", "Asia/Makassar", "Nowhere")
    found = [(fault.table, fault.code) for fault in read_tables(write_tiny(folder, changes))[1]]
    assert found == [("calendars", "I102"), ("plan.toml", "I126"), ("warehouses", "I102")]


def test_lines_count_quoted_line_breaks_and_blank_lines(folder: Path) -> None:
    text = (
        REGIONS.replace("Desa Satu", '"Desa\r\nSatu"')
        .replace("R2,", "\n,,,,,,,,,,,\nR2,")
        .replace("601", "x")
    )
    (fault,) = read_tables(write_tiny(folder, {"regions.csv": text}))[1]
    assert (fault.code, fault.row) == ("I202", 6)


def test_a_page_of_text_in_a_cell_is_shown_in_part(folder: Path) -> None:
    (fault,) = read_tables(write_tiny(folder, changed("regions", "601", LONG)))[1]
    assert fault.value == LONG[:200] + "…"


def test_a_known_trip_is_a_way(folder: Path) -> None:
    changes = changed("edges", "e5,R2,R3,river,9000,,2400,1800,\n", "")
    changes["closures.csv"] = None
    changes["known_trips.csv"] = TABLES["known_trips"] + "k2,R2,R3,boat,0.5,14.5\nk3,R3,W1,,2,14.5\n"
    assert read_tables(write_tiny(folder, changes))[1] == ()


def test_a_closure_of_the_whole_horizon_cuts_a_way(folder: Path) -> None:
    changes = {"closures.csv": "id,edge\nc1,e5\n"}
    assert [fault.code for fault in read_tables(write_tiny(folder, changes))[1]] == ["W501"]


def test_a_vehicle_that_ends_anywhere_need_not_come_back(folder: Path) -> None:
    changes = changed("edges", "e5,R2,R3,river,9000,,2400,1800,", "e5,R2,R3,river,9000,,2400,,")
    assert [fault.code for fault in read_tables(write_tiny(folder, changes))[1]] == ["W501"]
    text = (
        TABLES["vehicles"]
        .replace(",price_km", ",open_end")
        .replace("4000\n", "no\n")
        .replace("9000\n", "yes\n")
    )
    assert read_tables(write_tiny(folder, changes | {"vehicles.csv": text}))[1] == ()


def test_a_boat_stops_only_where_its_modes_lead(folder: Path) -> None:
    text = TABLES["vehicles"].replace("road+river", "river")
    faults = read_tables(write_tiny(folder, {"vehicles.csv": text}))[1]
    assert [(fault.code, fault.value) for fault in faults] == [("W501", "R2"), ("W501", "R3")]


def test_an_office_may_have_the_id_of_its_subarea(folder: Path) -> None:
    files = {name: text.replace("J1", "S2") for name, text in TABLES.items()}
    assert read_tables(write_tiny(folder, {f"{name}.csv": text for name, text in files.items()}))[1] == ()
