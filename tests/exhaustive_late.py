"""Exhaustive search for the cheapest plan of a tiny world that withstands late legs.

Every plan: which vehicle carries what on which trips, in which order of trips and stops, in which order at
the docks, and which trips wait for a later moment of a grid. It is driven by `late_legs.World.drive` with
every set of late legs; nothing of the program is used. The cheapest in which nobody's guarantee fails in any
set is the best.

All times are multiples of half an hour. A trip that does not wait starts as soon as vehicle, dock and goods
are there as planned: by the policy nothing is later in any set of late legs for an earlier planned start,
and without paid waiting nothing costs more; so it need wait only for a further day that is not paid, or for
hours.
"""

from dataclasses import dataclass, field
from itertools import combinations, permutations, product
from random import Random

from late_legs import CLOCK, DAY, HOURS, START_ONLY, STEP, Draft, World

from planner.instance.schema import (
    CalendarRow,
    Chain,
    Deadline,
    Echelon,
    Edge,
    Hub,
    HubKind,
    Instance,
    Item,
    Mode,
    Overnight,
    Region,
    Settings,
    VehicleType,
    Warehouse,
    WindowRule,
)

BOX_KG = 10


@dataclass(frozen=True)
class Shape:
    """What a family of tiny worlds looks like.

    Parameters
    ----------
    regions, vehicles, locals_
        How many villages; how many vehicles at the warehouse, and at the hub (0: there is no hub).
    docks
        Of the warehouse; 0: as many as anybody wants.
    days
        Whether each day of a vehicle is paid, so that waiting for the next one may be cheaper.
    overnight
        The rule of vehicles with shifts; None: they have none.
    hurry
        So many times as early are the deadlines.
    work
        Whether crews may work only so long on a day, late ones for some hours more.
    """

    regions: int
    vehicles: int
    locals_: int = 0
    docks: int = 0
    days: bool = False
    overnight: Overnight | None = None
    hurry: int = field(default=1, repr=False)  # worlds differ by nothing else
    work: bool = field(default=False, repr=False)


class Tiny(World):
    """A random tiny world of a shape, where so many legs of each vehicle may be late."""

    def __init__(self, seed, shape, gamma):
        self.rng = rng = Random(f"tiny {seed} {shape} {gamma}")
        self.shape = shape
        self.calendar = "" if shape.overnight is None else rng.choice(("shift", "long"))
        self.kinds = {"T": self._type("T", "", shape.vehicles, gamma)}
        self.goods = "ABDEF"[: shape.regions]
        self.through = self.goods[: rng.randint(1, len(self.goods))] if shape.locals_ else ""
        straight = [one for one in self.goods if one not in self.through]
        self.edges = {}
        places = ("W", *straight, *("H" if self.through else ""))
        pairs = list(combinations(places, 2))
        if self.through:
            self.kinds["V"] = self._type("V", "H", shape.locals_, gamma)
            pairs += combinations(("H", *self.through), 2)
        for here, there in pairs:
            self.edges[here, there] = self._way(here, there)
        self.closures, self.known, self.delays, self.drafts = [], [], [], []
        self.gammas = {kind.id: kind.gamma for kind in self.kinds.values()}
        self.instance = self._tables()

    def _type(self, name, home, number, gamma):
        rng = self.rng
        own = Random(f"work {rng.random()}") if self.shape.work else None
        return VehicleType(
            id=name, name=name, warehouse="W", home=home, number=number, modes=(Mode.ROAD,),
            work_s=own and own.randint(7, 12) * STEP, work_late_s=own.randrange(4) * STEP if own else 7200,
            mass_kg=BOX_KG * rng.choice((1, 2, 2)), volume_dm3=1000, load_fixed_s=STEP,
            calendar=self.calendar, gamma=gamma, overnight=self.shape.overnight or Overnight.STOP,
            price_vehicle=rng.choice((0, 1000, 5000)), price_day=2000 if self.shape.days else 0,
            price_trip=rng.choice((0, 10)), price_km=1,
        )  # fmt: skip

    def _way(self, here, there):
        rng = self.rng  # any two ways together take longer than a third, so all legs are single edges
        return Edge(
            id=f"{here}{there}".lower(), from_node=here, to_node=there, mode=Mode.ROAD,
            length_m=1000 * rng.randint(20, 60),
            time_s=rng.randint(2, 3) * STEP, time_back_s=rng.randint(2, 3) * STEP,
            delay_max_s=rng.randrange(5) * STEP, delay_back_max_s=rng.randrange(5) * STEP,
        )  # fmt: skip

    def _tables(self):
        rng, shape = self.rng, self.shape
        lasts = 12 + 5 * len(self.goods) // (shape.vehicles + 1) + (8 if self.through else 0)
        far_s = 4 * DAY
        limit_s = {one: rng.randint(lasts // 2, 2 * lasts) // shape.hurry * STEP + 1 for one in self.goods}
        if shape.overnight is not None:
            limit_s = {one: rng.choice((10, 12, 14, 16, 36, 40)) * 2 * STEP + 1 for one in self.goods}
        hub = Hub(
            id="H", name="H", kind=HubKind.OFFICE, lat=0, lon=0, docks=9,
            transfer_fixed_s=STEP, transfer_piece_s=STEP,
        )  # fmt: skip
        return Instance(
            settings=Settings(
                name="tiny", clock=CLOCK, horizon_s=far_s, deadline_s=far_s, counts=("boxes",), unit="boxes",
                weight="boxes", chain=Chain.REQUIRED, currency="IDR",
            ),
            warehouses=(Warehouse(id="W", name="W", lat=0, lon=0, docks=shape.docks or 9),),
            hubs=(hub,) if self.through else (),
            regions=tuple(
                Region(
                    id=one, name=one, warehouse="W", hub="H" if one in self.through else "", lat=0, lon=0,
                    counts={"boxes": 1}, handover_s=STEP,
                )
                for one in self.goods
            ),
            vehicles=tuple(self.kinds.values()),
            items=(Item(id="box", name="Box", per="boxes", mass_g=BOX_KG * 1000, volume_cm3=1),),
            edges=tuple(self.edges.values()),
            deadlines=(
                *(Deadline(place=one, deadline_s=moment) for one, moment in limit_s.items()),
                *([Deadline(echelon=Echelon.HUB, place="H", deadline_s=far_s)] if self.through else []),
            ),
            calendars=tuple(
                CalendarRow(
                    calendar=name, opens_s=int(a * 2 * STEP), closes_s=int(b * 2 * STEP),
                    window=WindowRule.START if name in START_ONLY else WindowRule.WHOLE,
                )
                for name, hours in HOURS.items()
                for a, b in hours
            ),
        )  # fmt: skip

    # ------------------------------------------------------------ all plans

    def least(self):
        """Cost of the cheapest plan that withstands its late legs; None: there is none."""
        found = None
        for cost, lines in sorted(self._divisions(), key=lambda one: one[0]):
            if found is not None and cost >= found:
                break
            for drafts in self._orders(lines):
                self.drafts = drafts
                whole = self._least_by_waiting(cost)
                if whole is not None and (found is None or whole < found):
                    found = whole
                if found is not None and not self.shape.days:
                    break
        return found

    def fewest(self):
        """Fewest regions late as planned, and then fewest that a plan does not promise; where none waits."""
        best = None
        for _, lines in self._divisions():
            for drafts in self._orders(lines):
                self.drafts = drafts
                plan = self.drive()
                if all(one.end < 4 * DAY for one in plan.values()) and self._is_planned(plan):
                    late = {one for one in self.goods if self.fails(one, plan, plan)}
                    rank = len(late), len(late | self._unpromised(plan))
                    best = rank if best is None else min(best, rank)
        return best

    def _unpromised(self, plan):
        cases = [self.drive(plan, late) for late in self.late_sets()]
        return {one for one in self.goods if any(self.fails(one, plan, times) for times in cases)}

    @property
    def moments(self):
        """What a trip may wait for."""
        if self.shape.overnight is not None:
            return range(0, 2 * DAY + 1, 6 * STEP)
        return (0, DAY, 2 * DAY) if self.shape.days else (0,)

    def _least_by_waiting(self, cost):
        """Cost with the best moments to wait for; ``cost`` is without days."""
        best = None
        for wishes in product(self.moments, repeat=len(self.drafts)):
            for draft, wish in zip(self.drafts, wishes, strict=True):
                draft.wish = wish
            plan = self.drive()
            if any(one.end >= 4 * DAY for one in plan.values()) or not self._is_planned(plan):
                continue
            whole = cost + self._days(plan)
            if (best is None or whole < best) and self._withstands(plan):
                best = whole
                if not self.shape.days:
                    break
        return best

    def _is_planned(self, plan):
        """Whether a plan may be so: legs of those who are not under way overnight each in one shift."""
        for draft in self.drafts:
            kind, times = self.kinds[draft.vehicle[0]], plan[draft.id]
            if not kind.calendar or kind.overnight is Overnight.ANYWHERE:
                continue
            shifts = [
                (d * DAY + a * 2 * STEP, d * DAY + b * 2 * STEP)
                for d in range(9)
                for a, b in HOURS[kind.calendar]
            ]
            spans = [(times.load, times.end)] if kind.overnight is Overnight.HOME else times.legs
            if not all(any(a <= begin and end <= b for a, b in shifts) for begin, end in spans):
                return False
        return True

    def _days(self, plan):
        days = {
            (draft.vehicle, day)
            for draft in self.drafts
            for day in range(plan[draft.id].load // DAY, (plan[draft.id].end - 1) // DAY + 1)
        }
        return sum(self.kinds[vehicle[0]].price_day for vehicle, _ in days)

    def _withstands(self, plan):
        sets = self.late_sets()
        if any(self.fails(one, plan, plan) for one in self.goods):
            return False
        for late in sets:
            times = self.drive(plan, late)
            if any(self.fails(one, plan, times) for one in self.goods):
                return False
        return True

    def _divisions(self):
        """(cost without days, trips of each vehicle as lists of stops)."""
        straight = [one for one in self.goods if one not in self.through]
        below = list(all_lines(self.through, self.kinds["V"])) if self.through else [()]
        for above in all_lines([*straight, *self.through], self.kinds["T"]):
            trunk = with_hub(above, self.through)
            if trunk is None:
                continue
            for local in below:
                lines = [("T", "W", trips) for trips in trunk] + [("V", "H", trips) for trips in local]
                yield self._cost(lines), lines

    def _cost(self, lines):
        total = 0
        for name, origin, trips in lines:
            kind = self.kinds[name]
            total += kind.price_vehicle
            for stops in trips:
                nodes = [origin, *(node for node, _ in stops), origin]
                metres = sum(self.steps(*ends)[0].length_m for ends in zip(nodes, nodes[1:], strict=False))
                total += kind.price_trip + kind.price_km * metres // 1000
        return total

    def _orders(self, lines):
        """The trips with vehicles and docks, in every order of loading that matters."""
        numbers = {}
        queues = []
        for name, origin, trips in lines:
            numbers[name] = numbers.get(name, 0) + 1
            queues.append([(f"{name}-{numbers[name]:02d}", origin, stops) for stops in trips])
        upper = [one for one in queues if one[0][1] == "W"]
        lower = [trip for one in queues if one[0][1] != "W" for trip in one]
        for above in self.queues(upper):
            docks = range(1, self.shape.docks + 1) if self.shape.docks else (0,)
            for chosen in product(docks, repeat=len(above)):
                drafts = []
                for position, (vehicle, origin, stops) in enumerate([*above, *lower]):
                    dock = chosen[position] if origin == "W" and self.shape.docks else position + 1
                    goods = [(node, [f"{one}0" for one in names]) for node, names in stops]
                    drafts.append(Draft(f"T{position + 1}", vehicle, origin, dock, 0, goods))
                yield drafts

    def queues(self, upper):
        """The orders of loading at the warehouse that matter, of the trips of each vehicle."""
        return merged(upper) if self.shape.docks else ([trip for one in upper for trip in one],)


def all_lines(goods, kind):
    """All ways to give goods to vehicles of a type, as trips in order; a trip is an order of goods."""
    most = kind.mass_kg // BOX_KG
    seen = set()
    for order in permutations(goods):
        for cuts in product((0, 1, 2), repeat=max(0, len(order) - 1)):  # same trip, same vehicle, next one
            if cuts.count(2) >= kind.number:
                continue
            lines = [[[order[0]]]] if order else []
            for one, cut in zip(order[1:], cuts, strict=True):
                if cut == 0:
                    lines[-1][-1].append(one)
                elif cut == 1:
                    lines[-1].append([one])
                else:
                    lines.append([[one]])
            key = tuple(sorted(tuple(tuple(trip) for trip in line) for line in lines))
            if key not in seen and all(len(trip) <= most for line in lines for trip in line):
                seen.add(key)
                if len(lines) == len(key):
                    yield [[[(one, [one]) for one in trip] for trip in line] for line in key]


def with_hub(lines, through):
    """The same with one stop at the hub for all that goes through it; None where that would be two stops."""
    found = []
    for line in lines:
        trips = []
        for trip in line:
            stops = []
            for node, names in trip:
                if node not in through:
                    stops.append((node, names))
                elif stops and stops[-1][0] == "H":
                    if names[0] < stops[-1][1][-1]:
                        return None  # the same plan with its goods in another order
                    stops[-1] = ("H", [*stops[-1][1], *names])
                else:
                    stops.append(("H", names))
            if sum(node == "H" for node, _ in stops) > 1:
                return None
            trips.append(stops)
        found.append(trips)
    return found


def merged(queues):
    """All orders of several queues in one."""
    if not any(queues):
        yield []
        return
    for idx, queue in enumerate(queues):
        if queue:
            rest = [one if position != idx else one[1:] for position, one in enumerate(queues)]
            for tail in merged(rest):
                yield [queue[0], *tail]
