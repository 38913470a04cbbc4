"""One of each machine: what is booked, built and worked out in one place stays there (`scripts/machines.py`)."""

import pytest

from scripts.machines import FORMULAS, counts

FOUND = counts()
AT_HOME = {
    "Problem( built of tables": {"building.problems"},
    "formula: the time of a transfer": {"instance.rows"},
    "formula: a region's weight": {"instance.schema"},
    "formula: the days of a trip": {"network.calendars"},
    "formula: the id of a vehicle": {"instance.subjects"},
}


def test_every_formula_is_counted():
    assert {f"formula: {name}" for name in FORMULAS} < set(AT_HOME)


@pytest.mark.parametrize("what", AT_HOME)
def test_each_stands_where_it_is_at_home_alone(what):
    assert set(FOUND[what]) == AT_HOME[what]
