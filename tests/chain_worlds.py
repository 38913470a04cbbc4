"""Tiny random chains of hubs with chosen features; all times are whole hours, deadlines a second more.

Warehouse W supplies A (and with luck B) through the hub H, B or C through another hub, or C straight. Trucks
are at home at W, boats at the hubs.
"""

from dataclasses import replace
from random import Random

from planner.instance.schema import (
    CalendarRow,
    Chain,
    Closure,
    Deadline,
    Echelon,
    Hub,
    HubKind,
    Mode,
    Overnight,
    Stock,
)
from tests.worlds import BOX, DAY, HOUR, road, store, truck, village, world

FEATURES = (
    "transfer",
    "via",
    "docks",
    "hours",
    "storage",
    "stock",
    "stop",
    "anywhere",
    "work",
    "edge_hours",
    "closure",
    "hub_deadline",
    "not_before",
    "price_piece",
    "types",
    "deadlines",
)
DETOURS = "detours"  # beside these: a longer way round on each edge
CALENDARS = (
    CalendarRow(calendar="shift", opens_s=6 * HOUR, closes_s=18 * HOUR),
    CalendarRow(calendar="office", opens_s=8 * HOUR, closes_s=12 * HOUR),
    CalendarRow(calendar="office", opens_s=14 * HOUR, closes_s=17 * HOUR),
    CalendarRow(calendar="tide", opens_s=7 * HOUR, closes_s=10 * HOUR),
    CalendarRow(calendar="tide", opens_s=13 * HOUR, closes_s=16 * HOUR),
)


def chain_world(features, seed, *, chain=Chain.REQUIRED, large=False):
    """A tiny instance with these features; `large` has one region more."""
    return _Maker(frozenset(features), Random(f"{sorted(features)} {seed}"), large).instance(chain)


class _Maker:
    def __init__(self, features, random, large):
        self.features, self.random, self.large = features, random, large

    def has(self, name):
        return name in self.features

    def instance(self, chain):
        pick = self.random.choice
        two_hubs = self.has("via") or pick([True, False])
        names = ["H", "J"] if two_hubs else ["H"]
        via = {"H": "", "J": "H" if self.has("via") else ""}
        homes = {"A": "H", "B": names[-1], "C": pick(["", "", *names])}
        regions = "ABC" if self.large or not (two_hubs or self.has("types")) else "AB"
        self.homes = {name: homes[name] for name in regions}
        hubs = tuple(self._hub(name, via[name]) for name in names)
        horizon = 2 * DAY if not self.has("via") else 3 * DAY
        deadline = pick([22, 34, 40, 46]) * HOUR + 1
        return world(
            [self._region(name) for name in regions],
            self._vehicles(names),
            self._edges(names, via),
            horizon_s=horizon,
            deadline_s=deadline if not self.has("via") else deadline + 6 * HOUR,
            warehouses=(self._store(),),
            hubs=hubs,
            calendars=CALENDARS,
            closures=self._closures(names),
            deadlines=tuple(self._deadlines(names)),
            stock=self._stock(len(regions)),
            settings={"chain": chain},
        )

    def _store(self):
        calendar = self.random.choice(["office", "tide", "shift"]) if self.has("hours") else ""
        return store(calendar=calendar, docks=self.random.choice([1, 2]) if self.has("docks") else 9)

    def _hub(self, name, via):
        pick = self.random.choice
        return Hub(
            id=name,
            name=name,
            kind=HubKind.JETTY,
            lat=0.0,
            lon=117.0,
            via=via,
            calendar=pick(["office", "tide", "shift"]) if self.has("hours") else "",
            docks=1 if self.has("docks") else 9,
            storage_dm3=pick([10, 15, 20]) if self.has("storage") else None,
            transfer_fixed_s=pick([0, 1, 2]) * HOUR if self.has("transfer") else 0,
            transfer_piece_s=pick([0, 1]) * HOUR if self.has("transfer") else 0,
            price_piece=pick([30, 200]) if self.has("price_piece") else 0,
        )

    def _region(self, name):
        return village(
            name,
            people=self.random.choice([1, 2, 5]),
            hub=self.homes[name],
            handover_s=HOUR * self.random.choice([0, 1, 1]),
            calendar="office" if self.has("hours") and self.random.random() < 0.3 else "",
        )

    def _vehicles(self, hubs):
        kinds = [self._kind("T", "", Mode.ROAD)]
        if self.has("types") and not self.large:
            kinds.append(self._kind("T2", "", Mode.ROAD))
        for name in hubs:
            kinds.append(self._kind(f"B{name}", name, Mode.RIVER))
            if self.has("types"):
                kinds.append(self._kind(f"B{name}2", name, Mode.RIVER))
        return kinds

    def _kind(self, name, home, mode):
        pick = self.random.choice
        stays = [one for one in ("stop", "anywhere") if self.has(one)]
        overnight = Overnight(pick([*stays, *stays, "home"])) if stays else Overnight.HOME
        return truck(
            name,
            home=home,
            modes=(mode,),
            number=pick([1, 1, 2]),
            mass_kg=pick([10, 20, 30]),
            calendar="shift",
            overnight=overnight,
            work_s=pick([7, 9]) * HOUR if self.has("work") else None,
            load_fixed_s=HOUR if self.has("docks") else HOUR * pick([0, 0, 1]),
            unload_piece_s=HOUR * pick([0, 0, 1]) if self.has("transfer") else 0,
            price_vehicle=pick([0, 300]),
            price_day=pick([0, 0, 500]),
            price_trip=pick([10, 100]),
            price_km=pick([1, 4]),
            price_hour=pick([0, 36]),
        )

    def _way(self, longest=4):
        return {
            "time_s": HOUR * self.random.randint(1, longest),
            "length_m": 1000 * self.random.randint(5, 60),
        }

    def _edges(self, hubs, via):
        nights = self.has("stop") or self.has("anywhere")
        edges = [road(f"w{name}", via[name] or "W", name, **self._way(3)) for name in hubs]
        edges = [replace(one, mode=Mode.RIVER) if one.from_node == "H" else one for one in edges]
        for name, home in self.homes.items():
            way = self._way(9 if nights and self.random.random() < 0.5 else 4)
            edges.append(road(f"r{name}", home or "W", name, mode=Mode.RIVER if home else Mode.ROAD, **way))
        edges += [road(f"s{name}", "W", name, **self._way()) for name, home in self.homes.items() if home]
        if self.homes["A"] == self.homes["B"]:
            edges.append(road("AB", "A", "B", mode=Mode.RIVER, **self._way(3)))
        if len(hubs) == 2 and via["J"] == "":
            edges.append(road("HJ", "H", "J", **self._way(3)))
        hours = ["tide", "office", "", ""] if self.has("edge_hours") else [""]
        edges = [replace(one, calendar=self.random.choice(hours)) for one in edges]
        return [*edges, *map(self._detour, edges)] if self.has(DETOURS) else edges

    def _detour(self, edge):
        way = self._way(3)
        time_s, length_m = edge.time_s + way["time_s"], edge.length_m + way["length_m"]
        more = {"time_s": time_s, "time_back_s": time_s, "length_m": length_m}
        return replace(edge, id=f"d{edge.id}", calendar="", **more)

    def _closures(self, hubs):
        if not self.has("closure"):
            return ()
        names = [f"w{hubs[0]}", *(f"r{name}" for name in self.homes)]
        found = []
        for number, name in enumerate(self.random.sample(names, 2)):
            begin = self.random.randint(4, 30)
            more = {"from_s": begin * HOUR, "until_s": (begin + self.random.randint(2, 9)) * HOUR}
            found.append(Closure(id=f"c{number}", edge=name, **more))
        return tuple(found)

    def _deadlines(self, hubs):
        pick = self.random.choice
        if self.has("deadlines"):
            yield Deadline(place=pick("AB"), deadline_s=pick([16, 20, 30]) * HOUR + 1)
        if self.has("hub_deadline"):
            yield Deadline(echelon=Echelon.HUB, place="", deadline_s=pick([12, 16, 30]) * HOUR + 1)
        if self.has("not_before"):
            row = {"echelon": Echelon.HUB, "place": pick(hubs), "not_before_s": pick([10, 26]) * HOUR}
            yield Deadline(**row)

    def _stock(self, number):
        if not self.has("stock"):
            return ()
        first = self.random.randint(0, number - 1)
        later = Stock(
            warehouse="W",
            item=BOX.id,
            quantity=number - first,
            available_s=HOUR * self.random.choice([7, 12, 26]),
        )
        return (Stock(warehouse="W", item=BOX.id, quantity=first), later)
