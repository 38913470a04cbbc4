"""Nobody is served before his first moment, though stops before him go otherwise than ordered."""

import random
from dataclasses import replace

import pytest
from test_otherwise import toy

from planner.base.errors import InputError
from planner.evaluation.pipeline import evaluate
from planner.evaluation.read import routes_from_text
from planner.events.adding import add_report
from planner.events.read import read_events
from planner.instance.schema import Deadline, Echelon
from planner.replanning import pipeline
from planner.replanning.options import ReplanOptions
from planner.replanning.search import still_of

HOUR = 3600


def waiting(draws):
    """A plan of the toy in which the second trip waits for a drawn moment at one of its stops."""
    _, instance = toy()
    order = draws.sample(["cedar", "birch", "ash"], 3)
    late = draws.choice(order[1:])
    first_s = draws.randint(10, 20) * HOUR
    row = Deadline(echelon=Echelon.REGION, place=late, not_before_s=first_s, deadline_s=40 * HOUR)
    instance = replace(instance, deadlines=(*instance.deadlines, row))
    trips = {"van/1,1": ["fig", "elm"], "van/1,2": order, "boat,1": ["gum", "holly"]}
    rows = [f"{trip},{at},{stop}" for trip, stops in trips.items() for at, stop in enumerate(stops, 1)]
    given = routes_from_text("\n".join(["vehicle,trip,order,stop", *rows]), instance)
    return evaluate(instance, given).plan, instance, late, first_s


@pytest.mark.parametrize("seed", range(25))
def test_nobody_is_served_before_his_first_moment(seed, tmp_path, monkeypatch):
    def still(case, judge, limits, files, forced=(), others=()):
        found = still_of(case, judge, files)
        return replace(found, found=found.found[-1:])

    monkeypatch.setattr(pipeline, "candidates_of", still)
    draws = random.Random(seed)
    plan, instance, late, first_s = waiting(draws)
    trip = next(one for one in plan.trips if any(stop.node_id == late for stop in one.stops))
    before = [stop for stop in trip.stops if stop.end_s < first_s and stop.node_id != late]
    stop = draws.choice(before or trip.stops[:1])
    at_s = stop.end_s - draws.choice([0, 60, 600])
    cells = {
        "kind": draws.choice(["refused", "skipped", "returned"]),
        "subject": trip.id,
        "place": stop.node_id,
    }
    now_s = at_s + draws.choice([60, HOUR, 3 * HOUR])
    text = instance.clock.text
    path = tmp_path / "told.csv"
    try:
        add_report(path, {**cells, "from": text(at_s), "time": text(now_s)}, instance, plan, now_s)
    except InputError:
        pytest.skip("that cannot be told")
    found = pipeline.replan(
        plan, instance, tuple(read_events(path, instance, plan, now_s)), now_s, ReplanOptions()
    )
    received = [stop.end_s for one in found.plan.trips for stop in one.stops if stop.node_id == late]
    assert received and min(received) >= first_s
