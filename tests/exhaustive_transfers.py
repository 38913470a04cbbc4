"""All plans of tiny worlds in which one warehouse needs boxes from another, with all sets of late legs.

W serves A, B and perhaps D, and has too few boxes, or has them too late; V serves C and has some to spare.
A plan is: which vehicle carries what on which trips, in which order, and how many boxes go from V to W on it.
Each trip starts as soon as vehicle and boxes are there as planned, loads in an order that is chosen; boxes go
out in that order. Nothing of the program is used but its tables.
"""

from dataclasses import dataclass
from itertools import combinations, permutations, product
from random import Random

from worlds import HOUR, road, store, truck, village, world

from planner.instance.schema import Deadline, Overnight, Stock

STEP = 1800
HANDOVER = STEP
FAR = 10**9


@dataclass(frozen=True)
class Trip:
    """Stops in order, and what each of them gets: a box of a region, or so many boxes for W."""

    vehicle: str
    stops: tuple[tuple[str, int], ...]


@dataclass(frozen=True, order=True)
class Answer:
    """Less is better: who is late as planned, who in some set of late legs, and the cost."""

    late: int
    unpromised: int
    cost: int


class Transfers:
    """A random world; so many legs of each vehicle may be late."""

    def __init__(self, seed, gamma):
        self.rng = rng = Random(f"transfers {seed} {gamma}")
        self.gamma = gamma
        self.own = "AB" + rng.choice(("", "", "D"))
        self.regions = [*self.own, "C"]
        self.numbers = {"T": 1, "S": rng.randint(1, 2)}
        self.room = {"T": rng.choice((1, 2, 3)), "S": rng.choice((1, 2, 3))}
        self.prices = {name: (rng.choice((0, 1000, 5000)), rng.choice((0, 10))) for name in "TS"}
        self.lacking = rng.randint(1, 2)
        self.late_row = rng.choice((0, 0, 8, 30)) * STEP  # what W lacks comes then, after all
        self.time, self.metres, self.delay = {}, {}, {}
        for pair in [*combinations(("W", *self.own), 2), *combinations(("V", "W", "C"), 2)]:
            self.metres[pair] = 1000 * rng.randint(20, 60)
            for way in (pair, pair[::-1]):
                self.time[way] = rng.randint(2, 3) * STEP
                self.delay[way] = rng.randrange(5) * STEP
        tight = rng.choice((1, 2, 3))
        self.deadline = {one: rng.randint(8, 12) * STEP * tight + 1 for one in self.regions}
        self.instance = self._instance()

    def _instance(self):
        edges = [
            road(
                a + b, a, b, self.time[a, b], back_s=self.time[b, a], length_m=self.metres[a, b],
                delay_max_s=self.delay[a, b], delay_back_max_s=self.delay[b, a],
            )
            for a, b in self.metres
        ]  # fmt: skip
        kinds = [
            truck(
                name, warehouse={"T": "W", "S": "V"}[name], number=self.numbers[name],
                mass_kg=10 * self.room[name], gamma=self.gamma, overnight=Overnight.ANYWHERE,
                price_vehicle=self.prices[name][0], price_trip=self.prices[name][1], price_km=1,
            )
            for name in "TS"
        ]  # fmt: skip
        stock = [("W", len(self.own) - self.lacking, None), ("V", 1 + self.lacking, None)]
        if self.late_row:
            stock.append(("W", self.lacking, self.late_row))
        return world(
            [village(one, handover_s=HANDOVER, warehouse="V" if one == "C" else "W") for one in self.regions],
            kinds,
            edges,
            warehouses=(store("W", docks=9), store("V", docks=9)),
            stock=tuple(Stock(warehouse=w, item="box", quantity=n, available_s=s) for w, n, s in stock),
            deadlines=tuple(Deadline(place=one, deadline_s=at) for one, at in self.deadline.items()),
            horizon_s=5 * 24 * HOUR,
        )

    # ------------------------------------------------------------ all plans

    def trips_from(self, kind, cargo):
        """Every way to carry a cargo (stops of one box each) by the vehicles of a type: trips in order."""
        if not cargo:
            yield ()
            return
        first = cargo[0]
        for size in range(1, min(self.room[kind], len(cargo)) + 1):
            for others in combinations(range(1, len(cargo)), size - 1):
                load = [first, *(cargo[idx] for idx in others)]
                rest = [one for idx, one in enumerate(cargo) if idx and idx not in others]
                names = sorted(set(load))
                for order in permutations(names):
                    stops = tuple((name, load.count(name)) for name in order)
                    for vehicle in range(1, self.numbers[kind] + 1):
                        for further in self.trips_from(kind, rest):
                            yield (Trip(f"{kind}-0{vehicle}", stops), *further)

    def plans(self, kind, cargo):
        """The same in every order of loading, each once."""
        found = {}
        for trips in self.trips_from(kind, cargo):
            for order in permutations(trips):
                found[order] = None
        return list(found)

    def best(self):
        """The best of all plans."""
        sent = [0, *range(1, self.lacking + 1)] if self.late_row else [self.lacking]
        best = None
        for boxes in sent:
            for giver, taker in product(
                self.plans("S", ["C", *["W"] * boxes]), self.plans("T", list(self.own))
            ):
                cost = self.cost((*giver, *taker))
                plan = self.driven(giver, taker)
                if plan is None:
                    continue
                late = sum(at >= self.deadline[one] for one, at in plan[0].items())
                if best is not None and (late, 0, cost) >= (best.late, best.unpromised, best.cost):
                    continue
                failed = set()
                for slow in self.late_sets((*giver, *taker)):
                    got = self.driven(giver, taker, slow, plan)[0]
                    failed |= {one for one, at in got.items() if at >= self.deadline[one]}
                here = Answer(late, len(failed), cost)
                best = here if best is None else min(best, here)
        return best

    def legs(self, trip):
        home = "W" if trip.vehicle[0] == "T" else "V"
        places = (home, *(name for name, _ in trip.stops), home)
        return list(zip(places, places[1:], strict=False))

    def cost(self, trips):
        found = sum(self.prices[name][0] for name, _ in {(one.vehicle[0], one.vehicle) for one in trips})
        for trip in trips:
            metres = sum(self.metres.get(leg) or self.metres[leg[::-1]] for leg in self.legs(trip))
            found += self.prices[trip.vehicle[0]][1] + metres // 1000
        return found

    def late_sets(self, trips):
        """All largest sets of legs that are late: so many of each vehicle."""
        if not self.gamma:
            return [frozenset()]
        legs = {}
        for number, trip in enumerate(trips):
            legs.setdefault(trip.vehicle, []).extend((number, leg) for leg in range(len(trip.stops) + 1))
        choices = [list(combinations(own, min(self.gamma, len(own)))) for own in legs.values()]
        return [frozenset(one for part in parts for one in part) for parts in product(*choices)]

    def driven(self, giver, taker, slow=frozenset(), plan=None):
        """Receipts, and when each trip loads and what comes to W; None where there are never enough boxes.

        With a plan nothing starts before it, and boxes are handed out in its order.
        """
        free, received, loads, come = {}, {}, [], []
        for number, trip in enumerate((*giver, *taker)):
            start = free.get(trip.vehicle, 0)
            if number >= len(giver):
                taken = sum(boxes for one in taker[: number - len(giver) + 1] for _, boxes in one.stops)
                there = self.there(taken, come, plan)
                if there is None:
                    return None
                start = max(start, there)
                if plan is None and number > len(giver):
                    start = max(start, loads[-1])  # loads in the order that is chosen
            elif plan is None and number:
                start = max(start, loads[-1])
            if plan is not None:
                start = max(start, plan[1][number])
            loads.append(start)
            now = start
            for leg, way in enumerate(self.legs(trip)):
                now += self.time[way] + self.delay[way] * ((number, leg) in slow)
                if leg < len(trip.stops):
                    name, boxes = trip.stops[leg]
                    if name == "W":
                        come.append((now, boxes))
                    else:
                        now += HANDOVER
                        received[name] = max(received.get(name, 0), now)
            free[trip.vehicle] = now
        return received, loads, come

    def there(self, taken, come, plan):
        """When so many boxes have come to W: of the first of them as planned, all."""
        rows = [(0, 0, len(self.own) - self.lacking)]
        if self.late_row:
            rows.append((self.late_row, self.late_row, self.lacking))
        planned = come if plan is None else plan[2]
        rows += [(was[0], now[0], now[1]) for was, now in zip(planned, come, strict=False)]
        total, last = 0, 0
        for _, now, boxes in sorted(rows):
            if total >= taken:
                break
            total, last = total + boxes, max(last, now)
        return last if total >= taken else None
