"""CP-SAT picks trips, vehicles and hours for what a replan searches anew; all that stays is given.

Vehicles have their names from the start, since it matters to people which one comes. The objective is that of
``docs/concepts.md``, one stage after the other: what is late, which regions change, who must be called, cost.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property

from ortools.sat.python import cp_model

from planner.compose.rules import (
    cost,
    deadline,
    docks,
    exactly_once,
    hub_storage,
    split,
    stock,
    transfer,
    vehicle_overlap,
    work_limit,
)
from planner.compose.stages import cp_solver, stage_after_stage
from planner.network.calendars import days_between
from planner.replanning.driven import ChoiceOption, receipts
from planner.replanning.setting import Choice, LegId, Picked, Setting, timing_from, vehicle_id
from planner.replanning.value import hubs_of, is_near
from planner.replanning.work_clock import Work

__all__ = ["pick"]

_Literal = cp_model.IntVar
_LEAST_S = 0.05
# Of building a model, for each choice; of a stage, for each choice, and besides that.
_BUILDING_US, _STAGE_US, _SOLVING_US = 200, 30, 20_000


class _Model:
    """The model of one setting over some choices."""

    def __init__(self, setting: Setting, choices: Sequence[Choice]) -> None:
        self.setting = setting
        self.choices = list(choices)
        self.model = cp_model.CpModel()
        self.used = [self.model.new_bool_var(f"x{idx}") for idx in range(len(choices))]
        self.start = [
            self.model.new_int_var(one.low_s, one.high_s, f"s{idx}") for idx, one in enumerate(choices)
        ]
        self.options = [ChoiceOption(*one) for one in zip(self.choices, self.used, self.start, strict=True)]
        self.by: dict[tuple[int, int], _Literal] = {}  # choice and vehicle
        self._name_vehicles()
        self.missing = self._cover()
        self.ready: dict[LegId, cp_model.IntVar] = {}
        self._link_hubs()
        self._limit_vehicles()
        self._limit_docks()
        self._limit_rooms()
        self._limit_stock()
        split.one_day(self.model, setting.midnights, receipts(setting, self.options), setting.days)
        late = list(self._receipts())
        self.stages: list[cp_model.LinearExprT] = [
            *deadline.late_weights(self.model, late),
            deadline.lateness_min(self.model, late),
            self._changed_weight(),
            self._calls(),
            self._cost(),
        ]

    # ---------------------------------------------------------------- trips

    def _name_vehicles(self) -> None:
        for idx, one in enumerate(self.choices):
            mine = {number: self.model.new_bool_var(f"w{idx}v{number}") for number in one.vehicles}
            self.by |= {(idx, number): literal for number, literal in mine.items()}
            self.model.add(sum(mine.values()) == self.used[idx])

    def _cover(self) -> dict[LegId, _Literal]:
        """Each leg by one choice, or missing; what a trip under way goes on to do is done exactly once."""
        holders: dict[LegId, list[_Literal]] = {
            (origin, idx): []
            for origin, place in self.setting.places.items()
            for idx in range(len(place.legs))
        }
        rests: dict[str, list[_Literal]] = {}
        for used, one in zip(self.used, self.choices, strict=True):
            for idx in one.order:
                holders[one.origin_id, idx].append(used)
            if one.rest_of:
                rests.setdefault(one.rest_of, []).append(used)
        missing = exactly_once.once(self.model, holders, holders)
        for leg in self.setting.by_s:  # a trip that stays takes it on
            self.model.add(missing[leg] == 0)
        exactly_once.once(self.model, rests)
        return missing

    # ---------------------------------------------------------------- hubs

    def _link_hubs(self) -> None:
        """Nothing leaves a hub before it has come there and been transferred."""
        setting, model, lower_of = self.setting, self.model, self._lower_of
        for lower, upper in setting.upper.items():
            self.ready[lower] = model.new_int_var(0, setting.horizon_s, f"r{lower[0]}.{lower[1]}")
            model.add_implication(self.missing[upper], self.missing[lower])
        for origin, place in setting.places.items():
            mine = [one for one in self.options if one.choice.origin_id == origin]
            ways = range(len(place.legs))
            by: dict[int, transfer.Moment] = {
                idx: setting.by_s[origin, idx] for idx in ways if (origin, idx) in setting.by_s
            }
            by |= {idx: self.ready[lower_of[origin, idx]] for idx in ways if (origin, idx) in lower_of}
            transfer.bring_by(model, [one for option in mine for one in self._handovers(option)], by)
            ready: dict[int, transfer.Moment] = {idx: self.ready.get((origin, idx), 0) for idx in ways}
            transfer.load_after(model, [one for one in mine if not one.choice.rest_of], ready)

    @cached_property
    def _lower_of(self) -> Mapping[LegId, LegId]:
        """Of a leg to a hub, the leg that goes on from there."""
        return {upper: lower for lower, upper in self.setting.upper.items()}

    def _handovers(self, option: ChoiceOption) -> Iterator[transfer.Handover]:
        """What a choice unloads at hubs."""
        one, timing = option.choice, option.timing
        nodes = self.setting.places[one.origin_id].nodes
        services = zip(one.stops, timing.services, timing.sure_s, strict=True)
        for number, (stop, (_, end), sure) in enumerate(services):
            hub = self.setting.hubs.get(nodes[stop.region])
            if hub is not None:
                transfer_s = hub.transfer_s(stop.pieces)
                yield transfer.Handover(
                    option,
                    end - one.low_s,
                    sure - one.low_s + transfer_s,
                    stop.consignments,
                    number,
                    transfer_s,
                    is_sure=True,
                )

    # ---------------------------------------------------------------- vehicles and docks

    def _limit_vehicles(self) -> None:
        model = self.model
        mine: dict[str, list[ChoiceOption]] = {}
        for (idx, number), literal in self.by.items():
            name = vehicle_id(self.setting, self.choices[idx], number)
            mine.setdefault(name, []).append(replace(self.options[idx], used=literal))
        # By place: the type, and whether a vehicle of it is used on one more day, or at all.
        self.paid_days: dict[str, list[tuple[int, _Literal]]] = {}
        self.paid_fleet: dict[str, list[tuple[int, _Literal]]] = {}
        for name, options in mine.items():
            taken = [
                model.new_fixed_size_interval_var(begin, end - begin, f"t{name}{begin}")
                for begin, end in self.setting.taken.line(name).spans
            ]
            problem = self.setting.places[options[0].choice.origin_id].problem
            busy = vehicle_overlap.driving(model, problem, options, name)
            vehicle_overlap.at_once(model, [*taken, *busy], 1)
            self._limit_work(name, options)

    def _limit_work(self, name: str, options: Sequence[ChoiceOption]) -> None:
        """Working time of a vehicle by day; what each further day (and the vehicle) costs."""
        line, model, first = self.setting.taken.line(name), self.model, options[0].choice
        problem = self.setting.places[first.origin_id].problem
        kind = problem.fleet[first.fleet]
        on_day: dict[int, list[_Literal]] = {}
        work: dict[int, list[ChoiceOption]] = {}
        under_way: dict[int, int] = {}
        for one in options:
            for day in days_between(problem.midnights, one.timing.load_start_s, one.timing.end_s):
                on_day.setdefault(day, []).append(one.used)
            for day, part in one.timing.work:
                if one.choice.rest_of:  # it is under way whatever else is
                    under_way[day] = max(part, under_way.get(day, 0))
                else:
                    work.setdefault(day, []).append(one)
        for day, there in work.items():
            done_s = min(kind.work_s or 0, line.work.get(day, 0) + under_way.get(day, 0))
            work_limit.limit_work(model, kind, day, there, 1, done_s=done_s)
        for day, literals in on_day.items():
            if day not in line.days and kind.prices.day:
                var = model.new_bool_var(f"d{name}{day}")
                model.add_max_equality(var, literals)
                self.paid_days.setdefault(first.origin_id, []).append((first.fleet, var))
        if not line.days and kind.prices.vehicle:
            var = model.new_bool_var(f"u{name}")
            model.add_max_equality(var, [one.used for one in options])
            self.paid_fleet.setdefault(first.origin_id, []).append((first.fleet, var))

    def _limit_docks(self) -> None:
        for origin, place in self.setting.places.items():
            loading = [
                one
                for one in self.options
                if one.choice.origin_id == origin
                and not one.choice.rest_of
                and not one.choice.fetches
                and one.timing.depart_s > one.timing.load_start_s
            ]
            kept = self.setting.taken.docks[origin].in_use
            docks.limit_docks(self.model, place.problem, loading, kept=kept, from_s=self.setting.now_s)

    # ---------------------------------------------------------------- room and stock

    def _limit_rooms(self) -> None:
        """Where a hub has little room: from unloading to loading."""
        setting = self.setting
        for hub, room_cm3 in setting.room_cm3.items():
            stays = [
                hub_storage.Stay(f"{hub}k{idx}", one.volume_cm3, 1, one.from_s, one.until_s)
                for idx, one in enumerate(setting.stays)
                if one.hub == hub
            ]
            place = setting.places.get(hub)
            for position, leg in enumerate(() if place is None else place.legs):
                if leg.fetched_from:  # it has left the hub
                    continue
                lower = (hub, position)
                upper = setting.upper.get(lower)
                there: cp_model.LinearExprT = 1
                comes: hub_storage.Moments = setting.came_s.get(lower, 0)
                if upper is not None:
                    there = 1 - self.missing[upper]
                    comes = [
                        (self.used[idx], self.start[idx] + end_s) for idx, end_s in self._brought(upper, hub)
                    ]
                leaves: list[tuple[_Literal, cp_model.LinearExprT]] = [
                    (self.used[idx], self.start[idx])
                    for idx, one in enumerate(self.choices)
                    if one.origin_id == hub and position in one.order
                ]
                leaves.append((self.missing[lower], setting.horizon_s))
                stays.append(
                    hub_storage.Stay(f"{hub}c{position}", leg.goods.volume_cm3, there, comes, leaves)
                )
            for origin, other in setting.places.items():
                for position, leg in enumerate(other.legs):
                    by_s = setting.by_s.get((origin, position))
                    if leg.node_id == hub and by_s is not None:
                        comes = [
                            (self.used[idx], self.start[idx] + end_s)
                            for idx, end_s in self._brought((origin, position), hub)
                        ]
                        stays.append(
                            hub_storage.Stay(
                                f"{hub}u{origin}{position}", leg.goods.volume_cm3, 1, comes, by_s
                            )
                        )
            hub_storage.limit_storage(self.model, stays, room_cm3=room_cm3, horizon_s=setting.horizon_s)

    def _brought(self, leg: LegId, hub: str) -> Iterable[tuple[int, int]]:
        """Choices that bring goods to a hub, and when they are unloaded, after the start."""
        origin, position = leg
        nodes = self.setting.places[origin].nodes
        for idx, one in enumerate(self.choices):
            if one.origin_id == origin and position in one.order:
                for stop, (_, end) in zip(one.stops, one.timing.services, strict=True):
                    if position in stop.consignments and nodes[stop.region] == hub:
                        yield idx, end - one.low_s

    def _limit_stock(self) -> None:
        for (origin, item), left in self.setting.taken.stock.items():
            place = self.setting.places.get(origin)
            if place is None:
                continue
            needs = [leg.needs.get(item, 0) for leg in place.legs]
            for until_s, amount in left.levels(self.setting.horizon_s):
                terms = [
                    (sum(needs[position] for position in one.order), used)
                    for used, one in zip(self.used, self.choices, strict=True)
                    if one.origin_id == origin and one.low_s < until_s and not one.rest_of and not one.fetches
                ]
                stock.load_no_more(self.model, terms, max(0, amount))

    # ---------------------------------------------------------------- objective

    def _receipts(self) -> Iterable[deadline.Receipt]:
        """What makes each region late."""
        late: dict[str, list[deadline.Late]] = {}
        for idx, one in enumerate(self.choices):
            place = self.setting.places[one.origin_id]
            for position, stop in enumerate(one.stops):
                due_s = place.problem.region_deadlines[stop.region]
                over_s = one.timing.over_s(position, due_s)
                if over_s > 0:  # choices are cut where a stop becomes late
                    over = self.start[idx] - one.low_s + over_s
                    planned = one.timing.is_late(position, due_s)
                    for name in sorted({place.legs[leg].goods.region_id for leg in stop.consignments}):
                        late.setdefault(name, []).append(deadline.Late(self.used[idx], over, planned))
        for name, case in self.setting.regions.items():
            yield deadline.Receipt(
                name=name,
                weight=case.weight,
                counts=True,
                missing=[self.missing[leg] for leg in self._legs_of[name]],
                late=late.get(name, ()),
                over_s=case.kept_over_s,
                is_late=case.kept_over_s > 0,
                horizon_s=self.setting.horizon_s,
            )

    @cached_property
    def _legs_of(self) -> Mapping[str, list[LegId]]:
        found: dict[str, list[LegId]] = {name: [] for name in self.setting.regions}
        for origin, place in self.setting.places.items():
            for position, leg in enumerate(place.legs):
                found[leg.goods.region_id].append((origin, position))
        return found

    def _changed_weight(self) -> cp_model.LinearExprT:
        """Weight of the regions whose vehicle, day or arrival changes."""
        changed = {
            name: self.model.new_bool_var(f"c{name}")
            for name, case in self.setting.regions.items()
            if case.old.received_s is not None
        }
        reach: dict[str, list[_Literal]] = {name: [] for name in changed}
        coming: dict[tuple[str, str], list[_Literal]] = {}
        for idx, one in enumerate(self.choices):
            for name, end_s in self._receipts_of(one):
                if name not in changed:
                    continue
                case = self.setting.regions[name]
                if one.low_s + end_s > case.same_until_s:
                    self.model.add_implication(self.used[idx], changed[name])
                elif one.low_s + end_s >= case.same_from_s:
                    reach[name].append(self.used[idx])
                for number in one.vehicles:
                    vehicle = vehicle_id(self.setting, one, number)
                    if vehicle in case.old.vehicles:
                        coming.setdefault((name, vehicle), []).append(self.by[idx, number])
                    else:
                        self.model.add_implication(self.by[idx, number], changed[name])
        for name, var in changed.items():
            case = self.setting.regions[name]
            if not case.same_from_s <= case.kept_s <= case.same_until_s:
                self.model.add_bool_or([var, *reach[name]])
            if case.kept_s > case.same_until_s or not case.kept_vehicles <= case.old.vehicles:
                self.model.add(var == 1)
            for vehicle in sorted(case.old.vehicles - case.kept_vehicles):
                self.model.add_bool_or([var, *coming.get((name, vehicle), ())])
        self.changed = changed
        return sum(self.setting.regions[name].weight * var for name, var in changed.items())

    def _receipts_of(self, one: Choice) -> Iterable[tuple[str, int]]:
        """Regions that a choice brings something to, and when, after its start."""
        place = self.setting.places[one.origin_id]
        for stop, (_, end) in zip(one.stops, one.timing.services, strict=True):
            if any(place.legs[leg].goods.region_id == place.nodes[stop.region] for leg in stop.consignments):
                yield place.nodes[stop.region], end - one.low_s

    def _calls(self) -> cp_model.LinearExprT:
        """Drivers whose trips are others, and hubs that other trips reach or leave."""
        calls: dict[str, _Literal] = {}

        def call(name: str) -> _Literal:
            if name not in calls:
                calls[name] = self.model.new_bool_var(f"call{name}")
            return calls[name]

        kept: dict[str, list[_Literal]] = {name: [] for name in self.setting.opened}
        for (idx, number), literal in self.by.items():
            one = self.choices[idx]
            old = self.setting.opened.get(one.same_as)
            vehicle = vehicle_id(self.setting, one, number)
            near = old is not None and is_near(self.setting, one, one.low_s, old)
            if old is not None and near and old.vehicle_id == vehicle:
                kept[old.id].append(literal)
                continue
            if one.rest_of and one.same_as:
                continue
            for name in (vehicle, *hubs_of(self.setting, one)):
                self.model.add_implication(literal, call(name))
        for name, trip in self.setting.opened.items():
            for place in (trip.vehicle_id, trip.origin_id, *(stop.node_id for stop in trip.stops)):
                if place == trip.vehicle_id or place in self.setting.hubs:
                    self.model.add_bool_or([call(place), *kept[name]])
        return sum(calls.values())

    def _cost(self) -> cp_model.LinearExprT:
        return sum(
            cost.cost_of(
                place.problem,
                [one for one in self.options if one.choice.origin_id == origin],
                days=self.paid_days.get(origin, ()),
                vehicles=self.paid_fleet.get(origin, ()),
                missing={},
            )
            for origin, place in self.setting.places.items()
        )

    # ---------------------------------------------------------------- solutions

    def hint(self, picked: Sequence[Picked]) -> None:
        """Start from a solution of these choices."""
        self.model.clear_hints()  # type: ignore[no-untyped-call]
        wanted = {id(one.choice): one for one in picked}
        for idx, one in enumerate(self.choices):
            there = wanted.get(id(one))
            self.model.add_hint(self.used[idx], there is not None)
            self.model.add_hint(self.start[idx], one.low_s if there is None else there.timing.load_start_s)
            for number in one.vehicles:
                here = there is not None and there.vehicle == number
                self.model.add_hint(self.by[idx, number], here)
        covered = {(one.choice.origin_id, idx) for one in picked for idx in one.choice.order}
        for leg, missing in self.missing.items():
            self.model.add_hint(missing, leg not in covered)
        for option in self.options:
            there = wanted.get(id(option.choice))
            for handover in () if there is None else self._handovers(option):
                for position in handover.consignments:
                    lower = self._lower_of.get((option.choice.origin_id, position))
                    if lower is not None and there is not None:
                        self.model.add_hint(self.ready[lower], there.timing.load_start_s + handover.ready_s)

    def picked(self, solver: cp_model.CpSolver) -> list[Picked]:
        """What the solver chose."""
        found = []
        for (idx, number), literal in self.by.items():
            if solver.value(literal):
                one, start_s = self.choices[idx], solver.value(self.start[idx])
                found.append(Picked(one, timing_from(self.setting, one, start_s), number))
        return found


def pick(
    setting: Setting,
    choices: Sequence[Choice],
    hint: Sequence[Picked],
    *,
    work: Work,
    ends_s: float,
    seed: int,
    most_changes: int | None = None,
) -> list[Picked] | None:
    """The best choices found; None where none were.

    Parameters
    ----------
    setting, choices
        What may be chosen.
    hint
        Choices to start from.
    work, ends_s
        How much has been worked, and until when by that all stages together may last; what is done is
        entered.
    seed
        For CP-SAT.
    most_changes
        No more regions than this may change; None: any number.
    """
    model = _Model(setting, choices)
    work.count(_BUILDING_US * len(choices))
    if most_changes is not None:
        model.model.add(sum(model.changed.values()) <= most_changes)
    best: list[Picked] | None = None

    def search(number: int) -> int | None:
        nonlocal best
        model.hint(hint if best is None else best)
        left_s = (ends_s - work.worked_s) / min(2, len(model.stages) - number)
        solver = cp_solver(*work.granted(max(_LEAST_S, left_s)), seed)
        status = solver.solve(model.model)
        work.count(_STAGE_US * len(choices) + _SOLVING_US)
        work.count_solver(solver.response_proto.deterministic_time)
        if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
            return None
        best = model.picked(solver)
        return round(solver.objective_value) if work.worked_s < ends_s else None

    stage_after_stage(model.model, model.stages, search)
    return best
