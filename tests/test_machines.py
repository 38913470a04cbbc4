"""One of each machine: what is booked, built and worked out in one place stays there."""

import pytest

from scripts.machines import BOOKED, FORMULAS, counts

FOUND = counts()
AT_HOME = {
    # an engine's moments of loading are a first guess; hubs with little room are given turns before any trip
    "booked: vehicles and docks": {"problem.ledger", "propose.loading_moments"},
    "booked: working time": {"problem.ledger"},
    "booked: stock": {"problem.ledger"},
    "booked: room at hubs": {"problem.ledger", "search.hub_capacity"},
    "Problem( built of tables": {"building.problems"},
    "formula: the time of a transfer": {"instance.rows"},
    "formula: a region's weight": {"instance.schema"},
    "formula: the days of a trip": {"network.calendars"},
    "formula: the id of a vehicle": {"instance.subjects"},
}


def test_every_resource_and_formula_is_counted():
    assert {f"booked: {name}" for name in BOOKED} < set(AT_HOME)
    assert {f"formula: {name}" for name in FORMULAS} < set(AT_HOME)


@pytest.mark.parametrize("what", AT_HOME)
def test_each_stands_where_it_is_at_home_alone(what):
    assert set(FOUND[what]) == AT_HOME[what]
