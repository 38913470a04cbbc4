"""Names and call signs in tables: the same as ids; what names nothing is a fault."""

from __future__ import annotations

from pathlib import Path
from shutil import copytree

import pytest

from planner.base.errors import Severity
from planner.instance.decisions import rulings_of
from planner.instance.digest import digest
from planner.instance.read import read_tables

TOY = Path(__file__).resolve().parents[1] / "instances" / "toy"
CALLED = {  # an id, and what people write
    "van-01": ["van/1", "VAN1", "van1", "Van 1", "VAN 1"],
    "boat-01": ["boat/1", "boat1", "Boat 1"],
    "van": ["Van", "VAN"],
    "store": ["Medicine store", "medicine  STORE"],
    "elm": ["Elm hospital"],
}
NOTHING = ["nobody", "van-0", "Elm clinic", "van 9"]


def read(folder, **tables):
    """The toy with other tables, and its faults."""
    copytree(TOY, folder)
    for name, text in tables.items():
        (folder / f"{name}.csv").write_text(text, "utf-8")
    return read_tables(folder)


@pytest.mark.parametrize("name", CALLED)
def test_contacts_by_name_or_call_sign_are_those_of_the_id(name, tmp_path):
    for number, text in enumerate([name, *CALLED[name]]):
        instance, faults = read(tmp_path / str(number), contacts=f"place,name,phone\n{text},Budi,0812\n")
        assert [one.place for one in instance.contacts] == [name], text
        assert not [one for one in faults if one.table == "contacts"]


@pytest.mark.parametrize("text", NOTHING)
def test_a_contact_of_nobody_is_a_fault_that_stops_nothing(text, tmp_path):
    instance, faults = read(tmp_path / "i", contacts=f"place,name,phone\n{text},Budi,0812\nvan-07,Ali,0813\n")
    mine = [one for one in faults if one.table == "contacts"]
    assert [(one.code, one.row, one.column, one.value) for one in mine] == [("W515", 2, "place", text)]
    assert mine[0].severity is Severity.WARNING and text in mine[0].cause
    assert instance is not None


@pytest.mark.parametrize("name", [one for one in CALLED if one != "elm"])
def test_outages_by_name_or_call_sign_are_those_of_the_id(name, tmp_path):
    digests = set()
    for number, text in enumerate([name, *(one for one in CALLED[name] if "/" not in one)]):
        instance, _ = read(tmp_path / str(number), outages=f"id,subject\no1,{text}\n")
        assert [one.subject for one in instance.outages] == [name], text
        digests.add(digest(instance))
    assert len(digests) == 1


@pytest.mark.parametrize("text", NOTHING)
def test_an_outage_of_nothing_is_refused(text, tmp_path):
    instance, faults = read(tmp_path / "i", outages=f"id,subject\no1,{text}\n")
    assert instance is None
    assert [one.code for one in faults if one.severity is Severity.ERROR] == ["E981"]


@pytest.mark.parametrize("text", ["van-01", "van/1", "van1", "VAN1"])
def test_decisions_take_call_signs(text, tmp_path):
    instance, _ = read(tmp_path / "i", decisions=f"id,subject,rule,value\nd1,elm,use,{text}\n")
    (ruling,) = rulings_of(instance)
    assert ruling.vehicles == frozenset({("van", 1)})
