"""Worlds of boxes for tests of custody: drawn plans, what becomes of each box in truth, and who scans what.

Nothing here asks the program: where a box is, and what a list should have, is kept by the drawing itself.
"""

import random
from dataclasses import dataclass, field, replace

import hub_plan

from planner.custody.ledger import FindingKind, Where
from planner.custody.lists import Act, Line, ScanList
from planner.custody.ways import Ways
from planner.instance.boxes import as_scanned
from planner.instance.schema import Item, Region
from planner.plans.model import Delivery, Leg, Stop, Trip

BOX = ("box",)
HUBS, SPEED_S = ("H", "X"), 3600


def leg(start, end, depart_s, arrive_s):
    return Leg(from_node=start, to_node=end, depart_s=depart_s, arrive_s=arrive_s, distance_m=1, path=())


def trip(name, vehicle, origin, load_s, stops):
    """A trip of stops (place, [(region, first unit, units)]), an hour from each to the next one."""
    at, made, here = load_s + 600, [], origin
    for place, given in stops:
        goods = tuple(
            Delivery(f"{region}-{first}", region, "main", first, units, 1, 1, units * 2)
            for region, first, units in given
        )
        made.append(Stop(place, leg(here, place, at, at + SPEED_S), at + SPEED_S, at + SPEED_S + 60, goods))
        at, here = at + SPEED_S + 60, place
    return Trip(
        id=name, vehicle_id=vehicle, vehicle_type=vehicle.split("-")[0], origin_id=origin, dock=1,
        load_start_s=load_s, depart_s=load_s + 600, stops=tuple(made), back=None, end_s=at, mass_g=1,
        volume_cm3=1, pieces=1, distance_m=1, paid_s=1, cost=0,
    )  # fmt: skip


@dataclass
class World:
    """A drawn plan, and what is true of its boxes.

    Attributes
    ----------
    calls
        Hand-overs in time: act, place, vehicle, moment, boxes that should be there.
    home
        Village of each box.
    """

    instance: object
    plan: object
    ways: Ways
    calls: list
    home: dict
    lists: list = field(default_factory=list)


def world(seed, villages=10):
    """Villages of one to three units of two boxes; trunks to two hubs, vans from there, one direct truck."""
    draws = random.Random(seed)
    names = [f"v{at:02d}" for at in range(villages)]
    regions, of_hub, direct = [], {hub: [] for hub in HUBS}, []
    for at, name in enumerate(names):
        units = draws.randint(1, 3)
        counts = {"tps": units, "voters": units}
        hub = "" if at % 5 == 4 else HUBS[at % 2]
        regions.append(
            Region(id=name, name=f"Desa {name}", warehouse="W", lat=0.0, lon=117.0, hub=hub, counts=counts)
        )
        (of_hub[hub] if hub else direct).append((name, units))
    item = Item(id="box", name="Kotak", per="tps", quantity=2, mass_g=5000, volume_cm3=100_000)
    instance = replace(hub_plan.INSTANCE, regions=tuple(regions), items=(item,), edges=(), deadlines=())
    trips = []
    for number, hub in enumerate(HUBS):
        goods = [(name, 0, units) for name, units in of_hub[hub]]
        trips.append(trip(f"T{number}", f"TRUCK-0{number + 1}", "W", number * 1200, [(hub, goods)]))
        half = len(goods) // 2
        for van, part in enumerate((goods[:half], goods[half:])):
            stops = [(name, [(name, first, units)]) for name, first, units in part]
            name = f"VAN-{number}{van}"
            trips.append(trip(f"L{number}{van}", name, hub, 20_000 + 600 * van, stops))
    stops = [(name, [(name, 0, units)]) for name, units in direct]
    trips.append(trip("D", "TRUCK-03", "W", 3000, stops))
    return world_of(replace(hub_plan.PLAN, trips=tuple(trips)), instance, BOX)


def world_of(plan, instance, coded=()):
    """The world of a plan: which boxes each of its hand-overs should have."""
    ways = Ways(plan, instance, coded)
    units, home = {}, {}
    for code, box in ways.box_of.items():
        units.setdefault((box.region_id, box.part, box.index), []).append(code)

    def boxes_of(stop):
        for given in stop.deliveries:
            for at in range(given.first_unit, given.first_unit + given.units):
                yield from units.get((given.region_id, given.part, at), ())

    calls = []
    for one in plan.trips:
        aboard = tuple(code for stop in one.stops for code in boxes_of(stop))
        calls.append((Act.LOADED, one.origin_id, one.vehicle_id, one.load_start_s + 1, aboard))
        for stop in one.stops:
            calls.append((Act.RECEIVED, stop.node_id, one.vehicle_id, stop.end_s, tuple(boxes_of(stop))))
    calls = [one for one in calls if one[4]]
    calls.sort(key=lambda one: (one[3], one[0] is Act.LOADED, one[1]))
    home = {code: ways.box_of[code].region_id for call in calls for code in call[4]}
    return World(instance, plan, ways, calls, home)


@dataclass
class Draw:
    """What happens to boxes: pairs that are exchanged at the start, and what is lost before which call."""

    swapped: list = field(default_factory=list)
    lost: dict = field(default_factory=dict)
    twice: set = field(default_factory=set)


def drawn(made, draws, swaps, losses, doubles):
    """Draw troubles: pairs of boxes of different villages, boxes lost before a hand-over, doubles."""
    codes = list(made.home)
    draws.shuffle(codes)
    found = Draw()
    while len(found.swapped) < swaps:
        one = codes.pop()
        other = next(code for code in codes if made.home[code] != made.home[one])
        codes.remove(other)
        found.swapped.append((one, other))
    for _ in range(losses):
        code = codes.pop()
        mine = [at for at, call in enumerate(made.calls) if code in call[4]]
        found.lost[code] = draws.choice(mine)
    for _ in range(doubles):
        found.twice.add(codes.pop())
    return found


def scanned(made, draw):
    """Lists of all hand-overs as things went: a swapped box travels in the place of the other one."""
    instead = {one: other for pair in draw.swapped for one, other in (pair, pair[::-1])}
    lists = []
    for number, (act, place, vehicle, at_s, boxes) in enumerate(made.calls):
        there = [instead.get(code, code) for code in boxes]
        there = [code for code in there if draw.lost.get(code, len(made.calls)) > number]
        there += [code for code in there if code in draw.twice]
        lines = tuple(Line(made.ways.box_of[code].code) for code in there)
        lists.append(ScanList(act, place, vehicle, at_s, "Sari", lines, id=f"S{number:04d}", seq=number + 1))
    return lists


def spoilt(code, draws):
    """A code as a tired person or a bad scanner gives it."""
    at = draws.randrange(len(code))
    return as_scanned(code[:at] + draws.choice("QXZ59") + code[at + 1 :])


WRONG = {FindingKind.WRONG_PLACE, FindingKind.WRONG_VEHICLE, FindingKind.OTHER_TRIP}


def misjudged(made, draw, lists, custody):
    """What custody found otherwise than it was drawn: a sentence for each box."""
    found, where = {}, custody.where()
    for one in custody.findings:
        for code in one.codes:
            found.setdefault(code, []).append((one.list_id, one.kind))
    pairs = {code for pair in draw.swapped for code in pair}
    for code in sorted(made.home):
        mine = found.get(code, [])
        if code in pairs:
            first = first_seen_wrong(made, lists, code)
            present = any(as_scanned(line.code) == code for line in first.lines)
            kinds = {kind for name, kind in mine if name == first.id}
            is_right = bool(kinds & (WRONG if present else {FindingKind.MISSING}))
        elif code in draw.lost:
            name = lists[draw.lost[code]].id
            is_right = mine[:1] == [(name, FindingKind.MISSING)] and where[code] is Where.MISSING
        else:
            kinds = {kind for _, kind in mine}
            is_right = where[code] is Where.RECEIVED
            is_right &= kinds == ({FindingKind.TWICE} if code in draw.twice else set())
        if not is_right:
            yield f"{code}: found {mine}, {where[code]}"


def first_seen_wrong(made, lists, code):
    """The first list in which a box stands and should not, or does not and should."""
    for one, call in zip(lists, made.calls, strict=True):
        if any(as_scanned(line.code) == code for line in one.lines) != (code in call[4]):
            return one
    raise AssertionError(code)
