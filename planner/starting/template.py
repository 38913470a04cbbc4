"""The template: a tiny valid instance whose every row is to be replaced by one's own."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from planner.base.errors import InputError
from planner.base.text import words
from planner.instance.read import tables_from_rows
from planner.instance.schema import Basis, Instance
from planner.instance.settings import FORMAT

__all__ = ["template"]

DAYS_BEFORE, DAYS_AFTER = 3, 2  # of the horizon, before and after the deadline


def template(first_day: date, time_zone: str) -> Instance:
    """Make the template.

    Parameters
    ----------
    first_day
        Local day on which its plan begins.
    time_zone
        IANA name of the zone.

    Returns
    -------
    Instance
        One warehouse, two regions, one type of vehicle, two items, roads and hours; invented, and marked so.

    Raises
    ------
    InputError
        If the time zone is unknown.
    """
    instance, faults = tables_from_rows(_settings(first_day, time_zone), _rows())
    if instance is None:
        raise InputError(faults)
    return instance


def _settings(first_day: date, time_zone: str) -> Mapping[str, object]:
    try:
        zone = ZoneInfo(time_zone)
    except (KeyError, ValueError, OSError):
        zone = ZoneInfo("UTC")

    def midnight(day: date) -> str:
        return datetime(day.year, day.month, day.day, tzinfo=zone).isoformat()

    deadline = first_day + timedelta(days=DAYS_BEFORE)
    return {
        "format": FORMAT,
        "name": words("init.template.name"),
        "time_zone": time_zone,
        "start": midnight(first_day),
        "deadline": midnight(deadline),
        "horizon_end": midnight(deadline + timedelta(days=DAYS_AFTER)),
        "counts": ["households", "people"],
        "unit": "households",
        "weight": "people",
    }


def _rows() -> Mapping[str, Sequence[Mapping[str, object]]]:
    def text(key: str) -> str:
        return words(f"init.template.{key}")

    invented = {"basis": Basis.SYNTHETIC.value, "source": text("source")}
    regions = [
        {"id": "R-01", "name": text("region_1"), "lat": -0.42, "lon": 117.1, "households": 40, "people": 160},
        {"id": "R-02", "name": text("region_2"), "lat": -0.35, "lon": 117.2, "households": 25, "people": 90},
    ]
    shared = {"warehouse": "W-01", "area": "A-01", "area_name": text("area"), "calendar": "day"}
    edges = [
        {
            "id": "E-01",
            "from": "W-01",
            "to": "R-01",
            "length_m": 16_000,
            "time_s": 1_500,
            "time_back_s": 1_500,
        },
        {
            "id": "E-02",
            "from": "R-01",
            "to": "R-02",
            "length_m": 15_000,
            "time_s": 2_000,
            "time_back_s": 2_000,
        },
    ]
    items = [
        {"id": "parcel", "name": text("parcel"), "per": "households", "mass_g": 4_000, "volume_cm3": 12_000},
        {
            "id": "leaflet",
            "name": text("leaflet"),
            "per": "people",
            "mass_g": 10,
            "volume_cm3": 20,
            "pieces": 0,
        },
    ]
    return {
        "warehouses": [
            {"id": "W-01", "name": text("warehouse"), "lat": -0.5, "lon": 117.0, "calendar": "day"} | invented
        ],
        "regions": [one | shared | invented for one in regions],
        "vehicles": [
            {
                "id": "truck",
                "name": text("truck"),
                "warehouse": "W-01",
                "number": 1,
                "modes": "road",
                "mass_kg": 1_000,
                "volume_dm3": 4_000,
                "calendar": "day",
                "load_fixed_min": 15,
                "price_km": 0,
            }
            | invented
        ],
        "items": [one | invented for one in items],
        "edges": [one | {"mode": "road"} | invented for one in edges],
        "calendars": [{"calendar": "day", "days": "daily", "opens": "07:00", "closes": "18:00"}],
    }
