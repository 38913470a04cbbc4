"""Tiny worlds in which goods of some regions may leave the store only later, and the best of all plans.

As `exhaustive_stock`: all goods lie in the store from the start, but those of a region may be loaded only
from a moment of its own on, so that who shares a trip with it waits with it.
"""

from dataclasses import replace

from exhaustive_stock import LateStock
from late_legs import STEP


class Releases(LateStock):
    """A tiny world of a shape where goods of some regions may leave the store only later."""

    def _come(self, random):
        names = list(self.goods)
        self.release_s = {one: random.choice((0, 0, 4, 8, 12, 16)) * STEP for one in names}
        self.release_s[random.choice(names)] = random.choice((4, 8, 12, 16)) * STEP
        self._give_time(sum(self.release_s.values()) // (2 * len(names)) // STEP * STEP)
        rows = tuple(
            replace(one, release_s=self.release_s.get(one.place) or None) for one in self.instance.deadlines
        )
        self.instance = replace(self.instance, deadlines=rows)

    def ready_s(self, loaded, goods):
        """When the last of a trip's goods may leave."""
        return max(self.release_s[name[0]] for name in goods)
