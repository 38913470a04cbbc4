"""Exhaustive search over every division of tiny needs into units, with nothing of the program but its tables.

Trips are added in the order of their loading, each as early as its vehicle and the stock allow. Nothing is
gained by waiting where no hours are closed, nothing is paid by the hour or the day, and docks are plenty:
other instances are not for this. All units of a region and part are alike, each part has one item, and every
leg is one edge.
"""

from functools import cache
from itertools import permutations, product


def least(instance, warehouse="W"):
    """Least (weight undelivered, weight late, weighted lateness, cost) of all plans of a warehouse."""
    search = _Search(instance, warehouse)
    search.add(search.whole, {kind.id: [0] * kind.number for kind in search.kinds}, {}, 0, {}, 0)
    return search.best


class _Search:
    def __init__(self, instance, warehouse):
        self.instance, self.warehouse, self.best = instance, warehouse, None
        self.regions = {
            one.id: one for one in instance.regions if one.warehouse == warehouse and one.counts["boxes"]
        }
        self.kinds = [one for one in instance.vehicles if one.warehouse == warehouse]
        self.item_of = {item.part: item for item in instance.items}
        self.keys = [(name, part) for name in self.regions for part in sorted(self.item_of)]
        self.whole = tuple(self.regions[name].counts["boxes"] for name, _ in self.keys)
        self.ways = {}
        for edge in instance.edges:
            way = edge.time_s, edge.length_m
            self.ways[edge.from_node, edge.to_node] = self.ways[edge.to_node, edge.from_node] = way
        self.rows = [row for row in instance.stock if row.warehouse == warehouse]
        self.rounds = cache(self._rounds)

    def come_s(self, taken):
        """First moment at which so much of each item has come."""
        latest = 0
        for item, number in taken.items():
            mine = [(row.available_s or 0, row.quantity) for row in self.rows if row.item == item]
            enough = [
                moment
                for moment, _ in mine
                if sum(quantity for other, quantity in mine if other <= moment) >= number
            ]
            latest = max(latest, min(enough, default=10**9)) if mine else latest
        return latest

    def _rounds(self, names):
        """For each order of stops: moments of receipt after the start, seconds and metres."""
        found = []
        for order in permutations(names):
            places = (self.warehouse, *order, self.warehouse)
            legs = [self.ways.get(leg) for leg in zip(places, places[1:], strict=False)]
            if None in legs:
                continue
            now, receipts = 0, {}
            for name, (seconds, _) in zip(order, legs, strict=False):
                now += seconds + self.regions[name].handover_s
                receipts[name] = now
            found.append((receipts, now + legs[-1][0], sum(metres for _, metres in legs)))
        return found

    def score(self, left, receipts, cost):
        weight = {name: max(1, one.counts["people"]) for name, one in self.regions.items()}
        missing = {name for (name, _), number in zip(self.keys, left, strict=True) if number}
        limit = self.instance.settings.deadline_s
        late = {
            name: end + 1 - limit for name, end in receipts.items() if end >= limit and name not in missing
        }
        return (
            sum(weight[name] for name in missing),
            sum(weight[name] for name in late),
            sum(weight[name] * seconds for name, seconds in late.items()),
            cost,
        )

    def loads(self, left, kind):
        """What a vehicle may take of what is left: numbers of units."""
        for load in product(*(range(number + 1) for number in left)):
            pairs = zip(self.keys, load, strict=True)
            mass = sum(number * self.item_of[part].mass_g for (_, part), number in pairs)
            if any(load) and mass <= kind.mass_kg * 1000:
                yield load

    def add(self, left, free, taken, since, receipts, cost):
        """Add every trip that there is."""
        if not any(left):
            here = self.score(left, receipts, cost)
            self.best = here if self.best is None else min(self.best, here)
        elif self.best is None or self.score((0,) * len(left), receipts, cost) < self.best:
            for kind in self.kinds:
                for load in self.loads(left, kind):
                    self._with(left, free, taken, since, receipts, cost, kind, load)

    def _with(self, left, free, taken, since, receipts, cost, kind, load):
        names, more = set(), dict(taken)
        for (name, part), number in zip(self.keys, load, strict=True):
            if number:
                names.add(name)
                more[self.item_of[part].id] = more.get(self.item_of[part].id, 0) + number
        ready = max(since, self.come_s(more))
        rest = tuple(have - gone for have, gone in zip(left, load, strict=True))
        mine = free[kind.id]
        for vehicle in {mine.index(moment) for moment in mine}:
            start = max(ready, mine[vehicle])
            for ends, seconds, metres in self.rounds(tuple(sorted(names))):
                if start + seconds <= self.instance.settings.horizon_s:
                    got = receipts | {
                        name: max(receipts.get(name, 0), start + end) for name, end in ends.items()
                    }
                    busy = free | {kind.id: [*mine[:vehicle], start + seconds, *mine[vehicle + 1 :]]}
                    price = kind.price_trip + kind.price_km * metres // 1000
                    price += 0 if mine[vehicle] else kind.price_vehicle
                    self.add(rest, busy, more, start, got, cost + price)
