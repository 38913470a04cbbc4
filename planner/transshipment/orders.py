"""What a warehouse that has too little, or too late, asks of others: orders, before any search.

An order is goods for the component that gives, like those of its regions: its vehicles bring them to the
other warehouse by trips like any others. The component that receives is searched after that, with what comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from planner.building.places import deadline_of
from planner.building.shortage import regions_to_leave
from planner.instance.schema import Instance, Item, Region
from planner.plans.model import Plan
from planner.problem.supply import arrivals
from planner.proof.stocks import deliverable, direct_lag_s
from planner.proof.world import World, world_of

__all__ = ["Lot", "Order", "orders_between", "orders_of", "phases"]

# No item of an order is cut into more lots than this, unless vehicles are too small for such lots.
_MOST_LOTS = 64


@dataclass(frozen=True, slots=True)
class Lot:
    """So much of an item, which is never split."""

    item: str
    quantity: int


@dataclass(frozen=True, slots=True)
class Order:
    """What one warehouse is to send to another.

    Parameters
    ----------
    giver, taker
        Ids of the warehouses.
    lots
        What, item after item.
    due_s
        It should be unloaded before this moment, in seconds.
    weight
        Weight of the regions that wait for it.
    """

    giver: str
    taker: str
    lots: tuple[Lot, ...]
    due_s: int
    weight: int


@dataclass(frozen=True, slots=True)
class _Need:
    """A region that is to receive, when its goods must leave its warehouse at the latest, and its items."""

    region: Region
    due_s: int
    items: Mapping[str, int]


def orders_between(instance: Instance, regions: Sequence[Region]) -> tuple[Order, ...]:
    """What warehouses ask of others for some of their regions.

    Parameters
    ----------
    instance
        As read and validated.
    regions
        Those that are planned for. What a warehouse's other regions need is not given away either.

    Notes
    -----
    Warehouses ask in the order of their table, each first of who can bring something first. Asked for is what
    lets further regions receive; and, where own stock comes so late that some region would be late whatever
    vehicles there are, what can be there before. What the regions of the giver need stays there. No warehouse
    gives to one from which it receives, by itself or through others.
    """
    if len({row.warehouse for row in instance.stock}) < 2:
        return ()
    found = _Orders(instance)
    for warehouse in instance.warehouses:
        found.ask(warehouse.id, [one for one in regions if one.warehouse == warehouse.id])
    return tuple(found.orders)


class _Orders:
    """Orders as they are found, warehouse by warehouse."""

    def __init__(self, instance: Instance) -> None:
        self._instance = instance
        self._world: World = world_of(instance)
        self._items = {one.id: one for one in instance.items}
        self._curves = {one.id: arrivals(instance, one.id) for one in instance.warehouses}
        self._needs: dict[str, dict[str, int]] = {}
        self._lags: dict[tuple[str, str, str], int | None] = {}
        self.orders: list[Order] = []

    def ask(self, taker: str, regions: Sequence[Region]) -> None:
        """Order what one warehouse lacks for some of its regions."""
        own = self._curves[taker]
        needs = self._to_supply(taker, regions)
        wanted, due_s, waiting = self._lacking(taker, needs)
        weight = sum(self._instance.weight_of(needs[idx].region) for idx in waiting)
        for giver in self._givers(taker, wanted):
            lots: list[Lot] = []
            for item in own:
                spare = sum(number for _, number in self._spare(giver, taker, item))
                part = min(wanted.get(item, 0), spare)
                if part > 0:
                    wanted[item] -= part
                    lots += self._cut(giver, taker, self._items[item], part)
            if lots:
                self.orders.append(Order(giver, taker, tuple(lots), due_s, weight))

    def _to_supply(self, taker: str, regions: Sequence[Region]) -> list[_Need]:
        """Regions that can receive with what others could send, those first whose goods must leave first."""
        have = {item: curve[1][-1] for item, curve in self._curves[taker].items()}
        needs = [{item: deliverable(self._world, one).get(item, 0) for item in have} for one in regions]
        weights = [self._instance.weight_of(one) for one in regions]
        left = regions_to_leave(needs, weights, have)
        if left:
            most = {item: quantity + self._surplus(taker, item) for item, quantity in have.items()}
            with_others = regions_to_leave(needs, weights, most)
            if sum(weights[idx] for idx in with_others) < sum(weights[idx] for idx in left):
                left = with_others
        found = [
            _Need(region, self._due_s(region), need)
            for idx, (region, need) in enumerate(zip(regions, needs, strict=True))
            if idx not in left
        ]
        return sorted(found, key=lambda one: one.due_s)

    def _surplus(self, taker: str, item: str) -> int:
        givers = (one.id for one in self._instance.warehouses)
        return sum(sum(number for _, number in self._spare(giver, taker, item)) for giver in givers)

    def _lacking(self, taker: str, needs: Sequence[_Need]) -> tuple[dict[str, int], int, set[int]]:
        """How much of each item to ask for, until when, and positions of the regions that wait for it."""
        wanted: dict[str, int] = {}
        due_s, waiting = self._instance.settings.horizon_s, set[int]()
        for item, (moments, amounts) in self._curves[taker].items():
            from_others = sorted(
                (moment + lag_s, number)
                for giver in self._instance.warehouses
                if (lag_s := self._lag_s(giver.id, taker, item)) is not None
                for moment, number in self._spare(giver.id, taker, item)
            )
            taken, most = 0, amounts[-1]
            for idx, need in enumerate(needs):
                taken += need.items[item]
                here = zip(moments, amounts, strict=True)
                own = max((amount for moment, amount in here if moment < need.due_s), default=0)
                come = sum(number for moment, number in from_others if moment < need.due_s)
                short = max(min(taken - own, come), taken - most)
                if need.items[item] and short > 0:
                    wanted[item] = max(wanted.get(item, 0), short)
                    due_s = min(due_s, need.due_s)
                    waiting.add(idx)
        return wanted, due_s, waiting

    def _due_s(self, region: Region) -> int:
        """When goods for a region must leave its warehouse at the latest, however they go."""
        world = self._world
        places = world.places(region.warehouse)
        kinds = world.types_of(region.warehouse)
        if world.chained:
            ways = [world.ways.pooled_times(region.warehouse, kinds, places).get(region.id)]
        else:
            ways = [world.ways.least_times(kind, places).get(region.id) for kind in kinds]
        return deadline_of(self._instance, region) - min((way for way in ways if way is not None), default=0)

    # ---------------------------------------------------------------- who sends it

    def _givers(self, taker: str, wanted: Mapping[str, int]) -> list[str]:
        """Those who can send something, the one first whose first piece arrives first."""
        firsts = []
        for position, other in enumerate(self._instance.warehouses):
            come = [
                spare[0][0] + lag_s
                for item in wanted
                if (spare := self._spare(other.id, taker, item))
                and (lag_s := self._lag_s(other.id, taker, item)) is not None
            ]
            if come:
                firsts.append((min(come), position, other.id))
        return [name for _, _, name in sorted(firsts)]

    def _spare(self, giver: str, taker: str, item: str) -> list[tuple[int, int]]:
        """What a warehouse can send of an item beyond its own regions' need and other orders: from when."""
        curve = self._curves[giver].get(item)
        if curve is None or giver == taker or self._lag_s(giver, taker, item) is None:
            return []
        if self._receives(giver, taker):
            return []
        taken = self._need(giver, item)
        taken += sum(
            lot.quantity for one in self.orders if one.giver == giver for lot in one.lots if lot.item == item
        )
        found = []
        for moment, amount in zip(*curve, strict=True):
            if amount > taken:
                found.append((moment, amount - taken))
                taken = amount
        return found

    def _receives(self, warehouse: str, giver: str) -> bool:
        """Whether a warehouse receives from another one, by itself or through others."""
        return any(
            one.giver == giver or self._receives(one.giver, giver)
            for one in self.orders
            if one.taker == warehouse
        )

    def _need(self, giver: str, item: str) -> int:
        if giver not in self._needs:
            self._needs[giver] = {}
            for region in self._instance.regions:
                if region.warehouse == giver:
                    for name, number in deliverable(self._world, region).items():
                        self._needs[giver][name] = self._needs[giver].get(name, 0) + number
        return self._needs[giver].get(item, 0)

    def _lag_s(self, giver: str, taker: str, item: str) -> int | None:
        """Least time on the way of one of an item by a vehicle of the giver; None: none brings it."""
        key = giver, taker, item
        if key not in self._lags:
            kinds = [kind for kind in self._world.types_of(giver) if kind.number]
            steps = [direct_lag_s(self._world, kind, taker, self._items[item]) for kind in kinds]
            self._lags[key] = min((step for step in steps if step is not None), default=None)
        return self._lags[key]

    def _cut(self, giver: str, taker: str, item: Item, quantity: int) -> list[Lot]:
        """So much of an item in lots of which each fits every vehicle that may bring it."""
        size = -(-quantity // _MOST_LOTS)
        for kind in self._world.types_of(giver):
            if kind.number and direct_lag_s(self._world, kind, taker, item) is not None:
                limits = (
                    (kind.mass_kg * 1000, item.mass_g),
                    (kind.volume_dm3 * 1000, item.volume_cm3),
                    (kind.pieces or quantity * item.pieces, item.pieces),
                )
                size = min(size, *(most // each for most, each in limits if each))
        size = max(1, size)
        return [Lot(item.id, min(size, quantity - done)) for done in range(0, quantity, size)]


def orders_of(instance: Instance, plan: Plan) -> tuple[Order, ...]:
    """The transfers of a plan as orders: a lot for each item of each stop, in the order of its trips."""
    lots: dict[tuple[str, str], list[Lot]] = {}
    for trip in plan.trips:
        for stop in trip.stops:
            if stop.items:
                mine = lots.setdefault((trip.origin_id, stop.node_id), [])
                mine += [Lot(one.item_id, one.quantity) for one in stop.items]
    position = {one.id: idx for idx, one in enumerate(instance.items)}
    return tuple(
        Order(
            giver,
            taker,
            tuple(sorted(mine, key=lambda lot: position[lot.item])),
            instance.settings.horizon_s,
            max(1, sum(instance.weight_of(one) for one in instance.regions if one.warehouse == taker)),
        )
        for (giver, taker), mine in lots.items()
    )


def phases(orders: Sequence[Order], warehouses: Iterable[str]) -> list[list[str]]:
    """Warehouses in groups: who gives comes before who receives from it; who gives nothing comes last.

    Parameters
    ----------
    orders
        Nobody gives to one from which it receives.
    warehouses
        Ids; all that give something are among them.
    """
    names = list(warehouses)
    givers = {one.giver for one in orders}
    level = dict.fromkeys([*names, *givers], 0)
    for _ in givers:
        for one in orders:
            level[one.taker] = max(level.get(one.taker, 0), level[one.giver] + 1)
    last = max(level.values(), default=0)
    found: list[list[str]] = [[] for _ in range(last + 1)]
    for name in names:
        found[level[name] if name in givers else last].append(name)
    return [group for group in found if group]
