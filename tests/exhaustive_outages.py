"""Tiny worlds where vehicles and docks of the store are out of use for a time; the best of all plans.

As `exhaustive_late`: every plan is driven with every set of late legs. As planned nothing is used while it is
out of use, so a trip may also wait until that is over; who is late waits, or stands still on his way.
"""

from dataclasses import replace
from itertools import permutations, product
from random import Random

from exhaustive_late import Shape, Tiny, merged
from exhaustive_stock import Best
from late_legs import DAY, STEP

from planner.instance.schema import Outage, Overnight

SHAPES = {
    "plain": Shape(3, 2),
    "one": Shape(3, 1),
    "hub": Shape(2, 2, 1),
    "dock": Shape(3, 2, docks=1),
    "home": Shape(2, 2, overnight=Overnight.HOME),
    "anywhere": Shape(2, 2, overnight=Overnight.ANYWHERE),
    "tight": Shape(3, 2, hurry=2),
    "tight hub": Shape(2, 1, 1, hurry=2),
}


class OutOfUse(Tiny):
    """A tiny world of a shape with one or two outages."""

    def __init__(self, seed, shape, gamma):
        super().__init__(seed, shape, gamma)
        rng = Random(f"outages {seed} {shape} {gamma}")
        first = 6 * 2 * STEP if shape.overnight else 0
        subjects = [f"{kind.id}-{number:02d}" for kind in self.kinds.values() for number in (1, kind.number)]
        rows, self.out = [], {}
        for subject in rng.sample(sorted({*subjects, "W"}), rng.randint(1, 2)):
            begin = first + rng.randrange(12) * STEP
            until = begin + rng.randint(2, 12) * STEP
            number = (shape.docks or 9) if subject == "W" else None
            rows.append(
                Outage(id=f"o{len(rows)}", subject=subject, from_s=begin, until_s=until, number=number)
            )
            keys = [("W", dock) for dock in range(10)] if subject == "W" else [subject]
            self.out |= dict.fromkeys(keys, (begin, until))
        self.instance = replace(self.instance, outages=tuple(rows))

    @property
    def moments(self):
        """A trip may wait until an outage is over, or for another day."""
        ends = {until for _, until in self.out.values()}
        return sorted({*super().moments, *ends, *({DAY} if self.shape.overnight else ())})

    def _is_planned(self, plan):
        free = all(
            not self.meets(draft.vehicle, plan[draft.id].load, plan[draft.id].end)
            and not self.meets((draft.origin, draft.dock), plan[draft.id].load, plan[draft.id].depart)
            for draft in self.drafts
        )
        return free and super()._is_planned(plan)

    def _orders(self, lines):
        """Every order of loading, and every choice of the vehicles of a type."""
        for drafts in super()._orders(lines):
            used = sorted({draft.vehicle for draft in drafts})
            for named in self._named(used):
                yield [replace(draft, vehicle=named[draft.vehicle]) for draft in drafts]

    def _named(self, used):
        found = [{}]
        for kind in self.kinds.values():
            mine = [one for one in used if one[0] == kind.id]
            names = [f"{kind.id}-{number:02d}" for number in range(1, kind.number + 1)]
            found = [
                known | dict(zip(mine, chosen, strict=True))
                for known in found
                for chosen in permutations(names, len(mine))
            ]
        return found

    def queues(self, upper):
        """Every order of loading at the store."""
        return merged(upper)

    def best(self):
        """The best of all plans; who may be late is looked at only where not all can be promised."""
        cost = self.least()
        if cost is not None:
            return Best(0, 0, cost)
        found = self.fewest()
        return None if found is None else Best(*found, None)

    def least(self):
        """Cost of the cheapest plan that withstands its late legs; None: there is none."""
        found = None
        for cost, lines in sorted(self._divisions(), key=lambda one: one[0]):
            if found is not None and cost >= found:
                break
            for drafts in self._orders(lines):
                self.drafts = drafts
                whole = self._least_by_waiting(cost)
                if whole is not None:
                    found = whole if found is None else min(found, whole)
                    break
        return found

    def fewest(self):
        """Fewest regions late as planned, and then fewest that a plan does not promise; trips may wait."""
        best = None
        for _, lines in self._divisions():
            for drafts in self._orders(lines):
                self.drafts = drafts
                for plan in self._waiting():
                    late = {one for one in self.goods if self.fails(one, plan, plan)}
                    if best is None or (len(late), 0) < best:
                        rank = len(late), len(late | self._unpromised(plan))
                        best = rank if best is None else min(best, rank)
        return best

    def _waiting(self):
        """The plans of these trips, each of them as soon as can be or after an outage."""
        ends = (0, *sorted({until for _, until in self.out.values()}))
        for wishes in product(ends, repeat=len(self.drafts)):
            for draft, wish in zip(self.drafts, wishes, strict=True):
                draft.wish = wish
            plan = self.drive()
            if all(one.end < 4 * DAY for one in plan.values()) and self._is_planned(plan):
                yield plan
        for draft in self.drafts:
            draft.wish = 0
