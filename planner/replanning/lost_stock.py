"""What had been loaded before goods were reported to be gone from a warehouse."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from planner.events.amend import Amended
from planner.events.apply import effective, with_needs
from planner.events.loads import Net, is_loss, net_loaded
from planner.events.schema import Event
from planner.events.tellings import TripReports
from planner.instance.outages import with_closed_hours
from planner.instance.schema import Instance
from planner.proof.eras import Eras
from planner.proof.facts import PlanFacts
from planner.proof.world import World
from planner.proof.worst.policy import NEVER
from planner.replanning.projection import Broken, project

__all__ = ["net_of"]


def net_of(
    went: Amended,
    instance: Instance,
    held: Sequence[Event],
    reports: Mapping[str, TripReports],
    *,
    now_s: int,
    hold: bool,
    settled: Collection[str],
    broken: Broken,
) -> Net:
    """What trips had loaded, by what is believed of them, before each loss of goods began.

    Parameters
    ----------
    went, instance
        The plan in force as it went, and what its files say.
    held, reports
        Reports in effect, and what they say of the plan's trips.
    now_s, hold, settled, broken
        As for `planner.replanning.projection.project`.

    Notes
    -----
    One loss after another, for what the first one takes keeps trips from loading before the second one.
    """
    lost = [one for one in held if is_loss(one)]
    lost.sort(key=lambda event: (event.begins_s, *event.order))
    others = [one for one in held if not is_loss(one)]
    needs = with_needs(instance, held)
    net: dict[tuple[str, str], int] = {}
    for number, loss in enumerate(lost):
        known = [*others, *lost[:number]]
        world = World(with_closed_hours(effective(instance, known, net)))
        facts = PlanFacts(went, instance.clock, world)
        eras = Eras(facts, instance, known, now_s, net)
        times = project(facts, reports, eras, now_s=now_s, hold=hold, settled=settled, broken=broken)
        starts = {
            trip.id: times[trip.id].load_start_s if trip.id in times and times[trip.id].begun else NEVER
            for trip in went.plan.trips
        }
        net |= net_loaded(went.plan.trips, needs, [loss], starts)
    return net
