"""What a warehouse that has too little, or too late, asks of others: orders.

It is planned first as if all that others can spare came as soon as it could; what that draft loads, and how
late its trips could begin, says how much is asked for and until when. An order is goods for the component
that gives, like those of its regions: its vehicles bring them by trips like any others. The component that
receives is searched after that, with what comes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from planner.instance.kits import unit_loads
from planner.instance.schema import Instance, Item, Region
from planner.plans.model import Plan, Trip
from planner.problem.ledger import Stock
from planner.problem.supply import arrivals
from planner.proof.stocks import deliverable, direct_lag_s
from planner.proof.world import world_of
from planner.reasons.outcome import Outcome

__all__ = ["Arrival", "Lot", "Order", "may_come", "orders_between", "orders_of", "phases"]

# No item of an order is cut into more lots than this, unless vehicles are too small for such lots.
_MOST_LOTS = 64
# Nor is there more than this number of moments until when some of it is asked for.
_MOST_DUES = 8


@dataclass(frozen=True, slots=True)
class Arrival:
    """What comes to a warehouse from another one.

    Parameters
    ----------
    come_s, sure_s
        When it is unloaded as planned, and whatever legs are late.
    """

    warehouse: str
    item: str
    quantity: int
    come_s: int
    sure_s: int


@dataclass(frozen=True, slots=True)
class Lot:
    """So much of an item, which is never split; it should be unloaded before a moment."""

    item: str
    quantity: int
    due_s: int


@dataclass(frozen=True, slots=True)
class Order:
    """What one warehouse is to send to another.

    Parameters
    ----------
    giver, taker
        Ids of the warehouses.
    lots
        What, item after item.
    weight
        Weight of the regions that wait for it.
    """

    giver: str
    taker: str
    lots: tuple[Lot, ...]
    weight: int


def may_come(instance: Instance, regions: Sequence[Region]) -> dict[str, list[Arrival]]:
    """What could come at the soonest to warehouses that have too little for their regions, or have it late.

    Parameters
    ----------
    instance
        As read and validated.
    regions
        Those that are planned for. What a giver's other regions need is not given away either.
    """
    if len({row.warehouse for row in instance.stock}) < 2:
        return {}
    spares = _Spares(instance)
    found: dict[str, list[Arrival]] = {}
    for taker in instance.warehouses:
        mine = [one for one in regions if one.warehouse == taker.id]
        for item, (_, amounts) in arrivals(instance, taker.id).items():
            if sum(deliverable(spares.world, one).get(item, 0) for one in mine) > amounts[0]:
                for giver in spares.givers(taker.id, item):
                    for moment, number in spares.of(giver, taker.id, item):
                        come_s = moment + (spares.lag_s(giver, taker.id, item) or 0)
                        found.setdefault(taker.id, []).append(Arrival(taker.id, item, number, come_s, come_s))
    return found


def orders_between(instance: Instance, drafts: Mapping[str, Outcome]) -> tuple[Order, ...]:
    """What warehouses ask of others.

    Parameters
    ----------
    instance
        As read and validated.
    drafts
        For each warehouse of `may_come` what would be done if all that came, with the latest starts of trips.

    Notes
    -----
    Warehouses ask in the order of their table. A trip of the draft needs what is loaded until then beyond the
    own stock that has come by its latest start. It is asked first of those who can bring it until then, of
    these first of who can bring something soonest. What the regions of the giver need stays there. No
    warehouse gives to one from which it receives, by itself or through others.
    """
    spares = _Spares(instance)
    for warehouse in instance.warehouses:
        if warehouse.id in drafts:
            spares.ask(warehouse.id, drafts[warehouse.id])
    return tuple(spares.orders)


class _Spares:
    """What warehouses can spare, and orders as they are found."""

    def __init__(self, instance: Instance) -> None:
        self.world = world_of(instance)
        self.orders: list[Order] = []
        self._instance = instance
        self._items = {one.id: one for one in instance.items}
        self._curves = {one.id: arrivals(instance, one.id) for one in instance.warehouses}
        self._needs: dict[str, dict[str, int]] = {}
        self._lags: dict[tuple[str, str, str], int | None] = {}

    def ask(self, taker: str, draft: Outcome) -> None:
        """Order what the trips of a warehouse need beyond its own stock."""
        trips = sorted(
            (trip for trip in draft.trips if trip.origin_id == taker),
            key=lambda one: (one.load_start_s, one.id),
        )
        found: dict[str, list[Lot]] = {}
        waiting: set[str] = set()
        for item in self._curves[taker]:
            wanted = _in_steps(self._wanted(taker, item, trips, draft.latest_s, waiting))
            for giver, quantity, due_s in self._shared_out(taker, item, wanted):
                found.setdefault(giver, []).extend(self._cut(giver, taker, item, quantity, due_s))
        regions = self._instance.region_of
        weight = sum(self._instance.weight_of(regions[name]) for name in sorted(waiting))
        self.orders += [Order(giver, taker, tuple(lots), max(1, weight)) for giver, lots in found.items()]

    def _wanted(
        self,
        taker: str,
        item: str,
        trips: Sequence[Trip],
        latest_s: Mapping[str, int],
        waiting: set[str],
    ) -> list[tuple[int, int]]:
        """How much of an item trips need beyond the own stock, and until when; adds for which regions."""
        moments, amounts = self._curves[taker][item]
        found, taken, asked = [], 0, 0
        for trip in trips:
            taken += self._loaded(trip, item)
            until_s = latest_s.get(trip.id, trip.load_start_s)
            own = max(
                amount for moment, amount in zip(moments, amounts, strict=True) if moment <= max(0, until_s)
            )
            if taken - own > asked:
                found.append((taken - own - asked, until_s + 1))
                asked = taken - own
                waiting |= {one.region_id for stop in trip.stops for one in stop.deliveries}
        return found

    def _loaded(self, trip: Trip, item: str) -> int:
        """How much of an item is on a trip."""
        regions, total = self._instance.region_of, 0
        for stop in trip.stops:
            for one in stop.deliveries:
                units = unit_loads(self._instance, regions[one.region_id])[one.part]
                total += sum(
                    unit.items.get(item, 0) for unit in units[one.first_unit : one.first_unit + one.units]
                )
        return total

    # ---------------------------------------------------------------- who sends it

    def _shared_out(
        self, taker: str, item: str, wanted: Sequence[tuple[int, int]]
    ) -> list[tuple[str, int, int]]:
        """Who is asked for how much until when: for what can come in time first, then for the rest."""
        left = {giver: self.of(giver, taker, item) for giver in self.givers(taker, item)}
        open_, found = list(wanted), []
        for in_time in (True, False):
            rest = []
            for asked, due_s in open_:
                quantity = asked
                for giver, rows in left.items():
                    lag_s = self.lag_s(giver, taker, item) or 0
                    for number, (moment, there) in enumerate(rows):
                        part = min(quantity, there) if not in_time or moment + lag_s < due_s else 0
                        if part:
                            rows[number] = (moment, there - part)
                            quantity -= part
                            found.append((giver, part, due_s))
                rest.append((quantity, due_s))
            open_ = rest
        return found

    def givers(self, taker: str, item: str) -> list[str]:
        """Those who can send something of an item, the one first whose first piece arrives first."""
        firsts = []
        for position, other in enumerate(self._instance.warehouses):
            rows = self.of(other.id, taker, item)
            if rows:
                firsts.append((rows[0][0] + (self.lag_s(other.id, taker, item) or 0), position, other.id))
        return [name for _, _, name in sorted(firsts)]

    def of(self, giver: str, taker: str, item: str) -> list[tuple[int, int]]:
        """What a warehouse can send of an item beyond its own regions' need and other orders: from when."""
        curve = self._curves[giver].get(item)
        if curve is None or giver == taker or self.lag_s(giver, taker, item) is None:
            return []
        if self._receives(giver, taker):
            return []
        lots = (lot for one in self.orders if one.giver == giver for lot in one.lots)
        taken = self._need(giver, item) + sum(lot.quantity for lot in lots if lot.item == item)
        stock = Stock(*curve)
        stock.take(taken, 0)
        return stock.spare()

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
                    for name, number in deliverable(self.world, region).items():
                        self._needs[giver][name] = self._needs[giver].get(name, 0) + number
        return self._needs[giver].get(item, 0)

    def lag_s(self, giver: str, taker: str, item: str) -> int | None:
        """Least time on the way of one of an item by a vehicle of the giver; None: none brings it."""
        key = giver, taker, item
        if key not in self._lags:
            kinds = [kind for kind in self.world.types_of(giver) if kind.number]
            steps = [direct_lag_s(self.world, kind, taker, self._items[item]) for kind in kinds]
            self._lags[key] = min((step for step in steps if step is not None), default=None)
        return self._lags[key]

    def _cut(self, giver: str, taker: str, item_id: str, quantity: int, due_s: int) -> list[Lot]:
        """So much of an item in lots of which each fits every vehicle that may bring it."""
        item: Item = self._items[item_id]
        size = -(-quantity // _MOST_LOTS)
        for kind in self.world.types_of(giver):
            if kind.number and direct_lag_s(self.world, kind, taker, item) is not None:
                limits = (
                    (kind.mass_kg * 1000, item.mass_g),
                    (kind.volume_dm3 * 1000, item.volume_cm3),
                    (kind.pieces or quantity * item.pieces, item.pieces),
                )
                size = min(size, *(most // each for most, each in limits if each))
        size = max(1, size)
        return [Lot(item_id, min(size, quantity - done), due_s) for done in range(0, quantity, size)]


def _in_steps(wanted: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The same with few moments, none of them later."""
    found = sorted(wanted, key=lambda one: one[1])
    while len(found) > _MOST_DUES:
        gaps = [later[1] - earlier[1] for earlier, later in zip(found, found[1:], strict=False)]
        at = gaps.index(min(gaps))
        found[at : at + 2] = [(found[at][0] + found[at + 1][0], found[at][1])]
    return found


def orders_of(instance: Instance, plan: Plan) -> tuple[Order, ...]:
    """The transfers of a plan as orders: a lot for each item of each stop, in the order of its trips."""
    lots: dict[tuple[str, str], list[Lot]] = {}
    due_s = instance.settings.horizon_s
    for trip in plan.trips:
        for stop in trip.stops:
            if stop.items:
                mine = lots.setdefault((trip.origin_id, stop.node_id), [])
                mine += [Lot(one.item_id, one.quantity, due_s) for one in stop.items]
    position = {one.id: idx for idx, one in enumerate(instance.items)}
    return tuple(
        Order(
            giver,
            taker,
            tuple(sorted(mine, key=lambda lot: position[lot.item])),
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
