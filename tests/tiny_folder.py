"""A tiny valid instance, written by code: one warehouse, one jetty, three villages, a truck and a boat."""

from __future__ import annotations

from pathlib import Path

PLAN_TOML = """\
format = "instance/1"
name = "Tiny"
time_zone = "Asia/Makassar"
start = "2024-11-24T00:00+08:00"
horizon_end = "2024-11-29T00:00+08:00"
deadline = "2024-11-27T00:00+08:00"
counts = ["tps", "voters"]
unit = "tps"
weight = "voters"
currency = "IDR"

[model]
neighbours = 3

[[sources]]
title = "Invented"
"""

TABLES = {
    "warehouses": """\
id,name,lat,lon,calendar,docks
W1,Gudang Satu,-0.5,117.1,day,2
""",
    "hubs": """\
id,name,kind,lat,lon
J1,Dermaga,jetty,-0.4,117.0
""",
    "regions": """\
id,name,warehouse,lat,lon,area,area_name,subarea,subarea_name,handover_min,tps,voters
R1,Desa Satu,W1,-0.45,117.05,A1,Area,S1,Sub Satu,10,3,1000
R2,Desa Dua,W1,-0.35,116.95,A1,Area,S1,Sub Satu,10,2,601
R3,"Desa ""Tiga"", hulu",W1,-0.3,116.9,A1,Area,S2,Sub Dua,,1,200
""",
    "vehicles": """\
id,name,warehouse,number,modes,mass_kg,volume_dm3,calendar,overnight,work_h,price_km
truck,Truk,W1,2,road,4000,16000,day,home,8.5,4000
boat,Perahu beroda,W1,1,road+river,800,3000,day,stop,,9000
""",
    "items": """\
id,name,part,per,quantity,reserve_percent,rounding,mass_g,volume_cm3,pieces
box,Kotak suara,main,tps,2,,,2500,96000,1
ballot,Surat suara,main,voters,1,2.5,unit,10,0,0
forms,Formulir,late,region,1,,,3000,20000,1
""",
    "nodes": """\
id,name,lat,lon
N1,Simpang,-0.47,117.07
""",
    "edges": """\
id,from,to,mode,length_m,delay_back_max_s,time_s,time_back_s,delay_max_s
e1,W1,N1,road,8000,300,900,900,300
e2,N1,R1,road,5000,,600,600,
e3,N1,J1,road,12000,,1500,1500,
e4,J1,R2,river,9000,,2400,1800,
e5,R2,R3,river,9000,,2400,1800,
""",
    "known_trips": """\
id,from,to,vehicle,hours,distance_km
k1,W1,R1,truck,0.5,14.5
""",
    "closures": """\
id,edge,from,until
c1,e5,2024-11-24T00:00+08:00,2024-11-24T12:00+08:00
""",
    "stock": """\
warehouse,item,quantity,available
W1,box,20,
W1,ballot,3000,2024-11-24T06:00+08:00
W1,forms,3,
""",
    "calendars": """\
calendar,days,opens,closes,window
day,daily,06:00,12:00,
day,daily,12:00,18:00,
day,sun,08:00,12:00,
day,2024-11-26,,,
""",
    "deadlines": """\
echelon,place,deadline,not_before
region,S2,2024-11-26T00:00+08:00,2024-11-24T06:00+08:00
hub,J1,2024-11-26T00:00+08:00,
""",
    "units": """\
region,number,code
R1,001,K-1
R1,002,
R1,003,
""",
    "contacts": """\
place,name,phone
R1,Budi,0812
""",
}


def write_tiny(folder: Path, changes: dict[str, str | bytes | None] | None = None) -> Path:
    """Write the tiny instance; `changes` replaces or (with None) leaves out files by their names."""
    folder.mkdir(parents=True, exist_ok=True)
    files: dict[str, str | bytes | None] = {"plan.toml": PLAN_TOML}
    files |= {f"{name}.csv": text for name, text in TABLES.items()}
    files |= changes or {}
    for name, content in files.items():
        if content is not None:
            data = content if isinstance(content, bytes) else content.encode("utf-8")
            (folder / name).write_bytes(data)
    return folder


def changed(table: str, old: str, new: str) -> dict[str, str | bytes | None]:
    """The change of one table (or of plan.toml) in which `old` becomes `new`."""
    text = PLAN_TOML if table == "plan.toml" else TABLES[table]
    assert text.count(old) >= 1, old
    name = table if table == "plan.toml" else f"{table}.csv"
    return {name: text.replace(old, new, 1)}
