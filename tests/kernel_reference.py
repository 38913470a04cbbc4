"""What a search of chains of trips must find: a slow, exhaustive reference, with no code of an engine.

`feasible` and `broken` say from scratch whether given chains keep all rules, `cost` what they cost,
`optimum` goes through every way of giving the consignments of a tiny problem to vehicles. It reads only the
numbers of a `Problem` (and `trip_cost`, the rounding), no scheduler.

What the rules mean
-------------------
A *chain* is all that one vehicle does: its trips in order, each ``(fleet, consignments)``, all of one type.
A type has one origin, where each of its trips loads and, unless its end is open, ends.

**Loading** starts when the vehicle is free (its trip before has ended), not before the release of any
consignment of the trip, and lies whole in one opening of the origin and whole in one shift. It lasts
``load_fixed_s + load_piece_s * pieces``. Docks are not looked at. The vehicle departs when loading ends.

**A leg** of ``home`` and ``stop`` vehicles starts at the first moment from which its time fits into one
shift; an ``anywhere`` vehicle travels within its shifts, pauses between them and goes on. A leg of no time
takes no time, also outside the shifts. No working time per day (``work_s``) is looked at.

**A stop** is a run of neighbouring consignments of one region in one trip. Its service lasts ``handover_s +
unload_piece_s * pieces``, lies whole in one shift, and whole in one opening of the region; in openings of
``starts_only`` only its start must lie. It starts as early as that allows, so that it ends not before
``not_before_s``. Its end is the receipt, which must be before the deadline.

**A trip** of a ``home`` vehicle lies in one shift from the start of loading to its end; others may take
several shifts. It ends with the way back, or after the last service where the end is open (such a vehicle
makes one trip only). Everything ends by the horizon; what must go on after the last shift never ends.
From the start of loading to the end it takes at most ``max_trip_s``; its legs together are at most
``max_trip_m`` long. One vehicle makes at most ``max_trips`` trips, one load is within the three capacities,
all legs are reachable, and the type serves all regions of the trip.

**The plan** of a chain is the start of loading of each trip. From there, everything happens as early as it
can; who wants to wait starts to load later, which may serve ``max_trip_s``, or the cost. In the *earliest*
plan each trip starts at the first moment from which it keeps all these rules. For a ``home`` vehicle the
shift in which a trip lies is free to choose, and within its shift each trip is the earliest.

**Gamma** of the type, where it is above 0: for every choice of at most gamma legs of the vehicle's whole
chain (all trips, ways back included) those legs take ``delay_s`` longer. Then loading starts at its planned
moment, or later if the vehicle is late: at the next moment that the opening and the shift allow. Whatever
follows is as early as possible; services that miss a window wait for the next opening. In each such case
every receipt must be before its deadline, every service in an opening, and a ``home`` vehicle must be back
before the end of the shift of its trip, which is the only one it has: it waits for no other. Whether a leg
of ``stop`` fits into a shift is decided by its time without delay; with a delay that runs over the end of
the shift it pauses and goes on in the next shifts. ``max_trip_s`` holds without delays only. As a ``home``
vehicle is back at the end of each shift in every case, no delay is carried over into another shift, and gamma
legs for the chain are the same as gamma legs for each shift.

**Cost**: the price of a vehicle for each one used, of a day for each local day that has a part of one of its
trips (loading's first second to the trip's last), and ``trip_cost`` of each trip (price of a trip, of metres
of all legs, and of the seconds from the start of loading to the end that lie in shifts). Optional
consignments left out cost their prize. There are two costs: of the *earliest* plan (for ``home``: the least
over the shifts of the trips), and the *least* over all plans.

**The optimum** leaves out as few required consignments as possible, and then costs as little as possible.
Consignments that no vehicle may carry (``unserved``) are not counted.
"""

import math
from dataclasses import dataclass, replace
from functools import cache
from itertools import combinations, permutations

from planner.instance.schema import Overnight
from planner.problem.visits import trip_cost

__all__ = ["Optimum", "broken", "chains_of", "cost", "feasible", "missing", "optimum", "plan_broken"]


@dataclass(frozen=True)
class Optimum:
    """The least (required consignments left out, cost); vehicles' chains, and their starts of loading."""

    missing: int
    cost: int
    chains: tuple
    starts: tuple


@dataclass(frozen=True)
class _Times:
    """One trip: when loading starts, when the trip ends, when each stop has received."""

    load_s: int
    end_s: int
    receipts: tuple


@dataclass(frozen=True)
class _Plan:
    """A chain with the start of loading of each trip, the shifts each trip may use, and its cost."""

    chain: tuple
    loads: tuple
    shifts: tuple
    cost: int


# ---- moments -------------------------------------------------------------------------------------------


def _whole(intervals, moment, duration, starts_only=()):
    """First moment, from this one on, from which an activity lies in one of the intervals; None if none."""
    for begin, end in intervals:
        start = max(moment, begin)
        if start < end if (begin, end) in starts_only else start + duration <= end:
            return start
    return None


def _both(first, second, moment):
    """First moment, from this one on, that two functions of this kind allow."""
    while moment is not None:
        once = first(moment)
        twice = None if once is None else second(once)
        if twice == once:
            return once
        moment = twice
    return None


def _worked(shifts, moment, seconds):
    """When this many seconds within shifts are over; None if there are not as many."""
    if seconds == 0:
        return moment
    for begin, end in shifts:
        start = max(moment, begin)
        if seconds <= end - start:
            return start + seconds
        seconds -= max(0, end - start)
    return None


# ---- one trip ------------------------------------------------------------------------------------------


def _stops(problem, consignments):
    """(region, pieces) of each stop."""
    found = []
    for idx in consignments:
        one = problem.consignments[idx]
        if found and found[-1][0] == one.region:
            found[-1] = (one.region, found[-1][1] + one.pieces)
        else:
            found.append((one.region, one.pieces))
    return found


def _legs(problem, fleet, consignments):
    """(from, to) of each leg, the way back included."""
    kind = problem.fleet[fleet]
    first = len(problem.origins)
    places = [kind.origin, *(first + region for region, _ in _stops(problem, consignments))]
    places += [] if kind.open_end else [kind.origin]
    return list(zip(places, places[1:], strict=False))


def _metres(problem, fleet, consignments):
    kind = problem.fleet[fleet]
    return sum(kind.distance_between(*leg) for leg in _legs(problem, fleet, consignments))


def _delays(problem, fleet, consignments):
    delay = getattr(problem.fleet[fleet].travel, "delay_s", None)
    return [0 if delay is None else int(delay[leg]) for leg in _legs(problem, fleet, consignments)]


def _trip_broken(problem, fleet, consignments):
    """The rule without times that a trip breaks, or an empty text."""
    kind = problem.fleet[fleet]
    loads = [problem.consignments[idx] for idx in consignments]
    legs = _legs(problem, fleet, consignments)
    rules = {
        "an empty trip": bool(loads),
        "not to be carried": not problem.unserved.intersection(consignments),
        "mass": sum(one.mass_g for one in loads) <= kind.mass_g,
        "volume": sum(one.volume_cm3 for one in loads) <= kind.volume_cm3,
        "pieces": kind.pieces is None or sum(one.pieces for one in loads) <= kind.pieces,
        "not served by the type": all(kind.serves[one.region] for one in loads),
        "no way": all(kind.reaches(*leg) for leg in legs),
        "max_trip_m": kind.max_trip_m is None or _metres(problem, fleet, consignments) <= kind.max_trip_m,
    }
    return next((rule for rule, kept in rules.items() if not kept), "")


def _trip(problem, fleet, consignments, moment, shifts, delays):
    """Times of a trip that loads as early as it can from a moment on; None where there are none.

    `shifts` are those that this trip may use; `delays` of each leg, 0 where it is on time.
    """
    kind = problem.fleet[fleet]
    loads = [problem.consignments[idx] for idx in consignments]
    loading = kind.load_fixed_s + kind.load_piece_s * sum(one.pieces for one in loads)
    opened = problem.origins[kind.origin].openings.intervals
    load_s = _both(
        lambda at: _whole(shifts, at, loading),
        lambda at: _whole(opened, at, loading),
        max([moment, *(one.release_s for one in loads)]),
    )
    if load_s is None:
        return None
    driven = _drive(problem, fleet, consignments, load_s + loading, shifts, delays)
    return None if driven is None else _Times(load_s, *driven)


def _drive(problem, fleet, consignments, now, shifts, delays, *, begin=0):
    """(end, receipts) of a trip from the departure, or from the end of the stop before leg `begin`."""
    kind = problem.fleet[fleet]
    stops = _stops(problem, consignments)
    legs = _legs(problem, fleet, consignments)
    receipts = []
    for number in range(begin, len(legs)):
        now = _leg(kind, legs[number], now, shifts, delays[number])
        if now is None:
            return None
        if number < len(stops):
            now = _service(problem, kind, stops[number], now, shifts)
            if now is None or now >= problem.deadline_s[stops[number][0]]:
                return None
            receipts.append(now)
    return None if now > problem.horizon_s else (now, tuple(receipts))


def _leg(kind, leg, now, shifts, delay):
    time_s = kind.time_between(*leg)
    if kind.overnight is not Overnight.ANYWHERE and time_s > 0:
        now = _whole(shifts, now, time_s)
    return None if now is None else _worked(shifts, now, time_s + delay)


def _service(problem, kind, stop, now, shifts):
    """When a service ends that may start at a moment."""
    region, pieces = stop
    lasts = int(problem.handover_s[region]) + kind.unload_piece_s * pieces
    hours = problem.region_openings[region]
    start = _both(
        lambda at: _whole(shifts, at, lasts),
        lambda at: _whole(hours.intervals, at, lasts, hours.starts_only),
        max(now, int(problem.not_before_s[region]) - lasts),
    )
    return None if start is None else start + lasts


def _on_time(problem, fleet, consignments, moment, shifts):
    """Times of a trip without delays that loads as early as `max_trip_s` and all else allow."""
    most = problem.fleet[fleet].max_trip_s
    delays = [0] * len(_legs(problem, fleet, consignments))
    while True:
        times = _trip(problem, fleet, consignments, moment, shifts, delays)
        if times is None or most is None or times.end_s - times.load_s <= most:
            return times
        moment = times.end_s - most  # from any moment before this one it ends no sooner, and lasts too long


# ---- chains --------------------------------------------------------------------------------------------


def _shift_choices(kind):
    """For each choice of what shifts one trip may use: those shifts."""
    intervals = kind.shifts.intervals
    return [(one,) for one in intervals] if kind.overnight is Overnight.HOME else [intervals]


def _days(problem, times):
    """Local days that a trip has a part of."""
    last = max(times.load_s, times.end_s - 1)
    ends = [*problem.midnights[1:], max(last, problem.midnights[-1]) + 1]
    days = zip(problem.midnights, ends, strict=True)
    return frozenset(day for day, (begin, end) in enumerate(days) if begin <= last and times.load_s < end)


def _trip_price(problem, fleet, consignments, times):
    kind = problem.fleet[fleet]
    paid_s = sum(
        max(0, min(end, times.end_s) - max(begin, times.load_s)) for begin, end in kind.shifts.intervals
    )
    return trip_cost(kind, _metres(problem, fleet, consignments), paid_s)


def _chain_cost(problem, chain, all_times):
    prices = problem.fleet[chain[0][0]].prices
    days = frozenset().union(*(_days(problem, times) for times in all_times))
    trips = sum(_trip_price(problem, *trip, times) for trip, times in zip(chain, all_times, strict=True))
    return prices.vehicle + prices.day * len(days) + trips


def _earliest_plans(problem, chain):
    """The earliest plan without delays, one for each choice of shifts; none where there is none."""
    found = []

    def go(done, all_times, all_shifts):
        if len(done) == len(chain):
            loads = tuple(times.load_s for times in all_times)
            found.append(_Plan(chain, loads, all_shifts, _chain_cost(problem, chain, all_times)))
            return
        trip = chain[len(done)]
        free_s = all_times[-1].end_s if all_times else 0
        for shifts in _shift_choices(problem.fleet[trip[0]]):
            times = _on_time(problem, *trip, free_s, shifts)
            if times is not None:
                go((*done, trip), (*all_times, times), (*all_shifts, shifts))

    go((), (), ())
    return found


def _withstands(problem, plan):
    """Whether a plan holds for every choice of at most gamma late legs."""
    delays = [_delays(problem, *trip) for trip in plan.chain]
    legs = [(trip, leg) for trip, row in enumerate(delays) for leg, delay in enumerate(row) if delay > 0]
    gamma = problem.fleet[plan.chain[0][0]].gamma
    return all(
        _holds(problem, plan, delays, frozenset(late))
        for size in range(min(gamma, len(legs)) + 1)
        for late in combinations(legs, size)
    )


def _holds(problem, plan, delays, late):
    free_s = 0
    for number, ((fleet, consignments), load_s) in enumerate(zip(plan.chain, plan.loads, strict=True)):
        extra = [one if (number, leg) in late else 0 for leg, one in enumerate(delays[number])]
        moment = max(free_s, load_s)
        times = _trip(problem, fleet, consignments, moment, plan.shifts[number], extra)
        if times is None:
            return False
        free_s = times.end_s
    return True


def _chain_broken(problem, chain):
    """The rule without times that a chain breaks, or an empty text."""
    if not chain or len({fleet for fleet, _ in chain}) != 1:
        return "a chain has trips of one type"
    kind = problem.fleet[chain[0][0]]
    if kind.max_trips is not None and len(chain) > kind.max_trips:
        return "max_trips"
    if kind.open_end and len(chain) > 1:
        return "an open end allows one trip"
    return next((rule for trip in chain if (rule := _trip_broken(problem, *trip))), "")


def _best_plan(problem, chain, *, least):
    """The plan of a chain that costs least and withstands gamma delays; None if there is none."""
    plans = _all_plans(problem, chain) if least else _earliest_plans(problem, chain)
    by_cost = sorted(plans, key=lambda plan: plan.cost)
    return next((plan for plan in by_cost if _withstands(problem, plan)), None)


# ---- all plans -----------------------------------------------------------------------------------------


def _moments(problem):
    """Starts of loading among which the best plan is.

    Every moment at which something becomes impossible is a sum of the numbers below plus or minus other such
    moments; deadlines and the ends of `starts_only` openings count from the last second before them. A best
    plan can be moved until each start is at such a moment.
    """
    last = {int(one) - 1 for one in problem.deadline_s}
    numbers = {problem.horizon_s, *problem.midnights, *problem.not_before_s, *problem.handover_s}
    numbers |= {one.release_s for one in problem.consignments}
    for hours in problem.region_openings:
        numbers |= {begin for begin, _ in hours.intervals}
        last |= {end - 1 for _, end in hours.starts_only}
        numbers |= {end for begin, end in hours.intervals if (begin, end) not in hours.starts_only}
    for kind in problem.fleet:
        numbers |= {moment for one in kind.shifts.intervals for moment in one}
        numbers |= {moment for one in problem.origins[kind.origin].openings.intervals for moment in one}
        numbers |= {kind.load_fixed_s, kind.load_piece_s, kind.unload_piece_s, kind.max_trip_s or 0}
        numbers |= set(kind.times(range(len(problem.places)), range(len(problem.places))).ravel())
        delay = getattr(kind.travel, "delay_s", None)
        numbers |= set() if delay is None else set(delay.ravel())
    step = math.gcd(*(int(one) for one in numbers)) or 1
    remainders = {0} | {one % step for one in last}
    return sorted(
        moment for remainder in remainders for moment in range(remainder, problem.horizon_s + 1, step)
    )


def _trip_options(problem, fleet, consignments):
    """(times, cost of the trip, days, shifts) of each start that may be worth it."""
    kind = problem.fleet[fleet]
    delays = [0] * len(_legs(problem, fleet, consignments))
    found = []
    for shifts in _shift_choices(kind):
        for moment in _moments(problem):
            times = _trip(problem, fleet, consignments, moment, shifts, delays)
            if times is None:
                break  # nor from a later one
            if times.load_s == moment and moment + (kind.max_trip_s or problem.horizon_s) >= times.end_s:
                price = _trip_price(problem, fleet, consignments, times)
                found.append((times, price, _days(problem, times), shifts))
    return found


def _worthwhile(options, free_s, gamma):
    """Options from a moment on, without those that another one beats in everything.

    Who starts earlier and costs no more is better in every case; without delays it is enough to end as early.
    """
    kept = []
    for option in options:  # they start, and end, later and later within the same shifts
        times, price, days, shifts = option
        if times.load_s < free_s:
            continue
        if gamma == 0:
            kept = [
                one
                for one in kept
                if not (one[0].end_s >= times.end_s and one[1] >= price and one[2] >= days)
            ]
        if not any(one[1] <= price and one[2] <= days and one[3] == shifts for one in kept):
            kept.append(option)
    return kept


def _all_plans(problem, chain, options_of=None):
    """Every plan that may be the one of least cost: all starts of loading, but those that others beat."""
    kind = problem.fleet[chain[0][0]]
    if kind.prices.hour == 0 and kind.prices.day == 0:
        return _earliest_plans(problem, chain)  # times have no price
    options_of = options_of or (lambda trip: _trip_options(problem, *trip))
    options = [options_of(trip) for trip in chain]
    found = []

    def go(number, chosen):
        if number == len(chain):
            all_times = [one[0] for one in chosen]
            loads = tuple(times.load_s for times in all_times)
            shifts = tuple(one[3] for one in chosen)
            found.append(_Plan(chain, loads, shifts, _chain_cost(problem, chain, all_times)))
            return
        free_s = chosen[-1][0].end_s if chosen else 0
        for option in _worthwhile(options[number], free_s, kind.gamma):
            go(number + 1, (*chosen, option))

    go(0, ())
    return found


# ---- what others ask -----------------------------------------------------------------------------------


def _frozen(chains):
    return [tuple((int(fleet), tuple(map(int, load))) for fleet, load in chain) for chain in chains]


def chains_of(proposals):
    """Chains from proposals: what each vehicle does, by its starts of loading."""
    found = {}
    for trip in sorted(proposals, key=lambda proposal: proposal.load_start_s):
        trips = found.setdefault((trip.route.fleet, trip.vehicle), [])
        trips.append((trip.route.fleet, tuple(trip.route.consignments)))
    return list(found.values())


def missing(problem, chains):
    """(number of required consignments left out, prizes of optional ones left out)."""
    there = {idx for chain in chains for _, load in chain for idx in load}
    out = [problem.consignments[idx] for idx in problem.served if idx not in there]
    prizes = [consignment.prize for consignment in out]
    return prizes.count(None), sum(prize or 0 for prize in prizes)


def broken(problem, chains):
    """What rule the chains break, or an empty text."""
    chains = _frozen(chains)
    carried = [idx for chain in chains for _, load in chain for idx in load]
    if len(set(carried)) < len(carried):
        return "a consignment is carried twice"
    for chain in chains:
        rule = _chain_broken(problem, chain)
        if not rule and _best_plan(problem, chain, least=False) is None:
            rule = "no plan keeps the times"
        if rule:
            return f"{chain}: {rule}"
    for fleet, kind in enumerate(problem.fleet):
        if sum(chain[0][0] == fleet for chain in chains) > kind.number:
            return f"more vehicles of {kind.id} than there are"
    return ""


def feasible(problem, chains):
    """Whether the chains keep all rules at their types' gamma."""
    return not broken(problem, chains)


def plan_broken(problem, chain, loads):
    """What rule a vehicle breaks that starts to load its trips at given moments, or an empty text."""
    (chain,) = _frozen([chain])
    if rule := _chain_broken(problem, chain):
        return rule
    kind = problem.fleet[chain[0][0]]
    choices = [_shift_choices(kind)] * len(chain)
    shifts, free_s = [], 0
    for trip, load_s, options in zip(chain, loads, choices, strict=True):
        for one in options:
            times = _on_time(problem, *trip, load_s, one)
            if times is not None and times.load_s == load_s >= free_s:
                shifts.append(one)
                free_s = times.end_s
                break
        else:
            return f"{trip} cannot start to load at {load_s}"
    plan = _Plan(chain, tuple(loads), tuple(shifts), 0)
    return "" if _withstands(problem, plan) else "late legs break a rule"


def cost(problem, chains, *, least=False):
    """What feasible chains cost, with the prizes of what is left out; see above for the two costs.

    Raises
    ------
    ValueError
        If the chains break a rule.
    """
    chains = _frozen(chains)
    if rule := broken(problem, chains):
        raise ValueError(rule)
    return missing(problem, chains)[1] + sum(_best_plan(problem, chain, least=least).cost for chain in chains)


# ---- the optimum ---------------------------------------------------------------------------------------


def _trips_of(problem, fleet):
    """All trips of a type that keep the rules without times, by their set of consignments."""
    return {
        frozenset(subset): trips
        for size in range(1, len(problem.served) + 1)
        for subset in combinations(problem.served, size)
        if (
            trips := [
                (fleet, order) for order in permutations(subset) if not _trip_broken(problem, fleet, order)
            ]
        )
    }


def _chains_by_load(problem, fleet):
    """Every chain of a type whose trips fit without delays, one after another, by its consignments."""
    kind = problem.fleet[fleet]
    most = 1 if kind.open_end else min(kind.max_trips or math.inf, len(problem.served))
    trips = _trips_of(problem, fleet)
    found = {}

    def go(chain, load, free_s):
        if chain:
            found.setdefault(load, []).append(chain)
        if len(chain) == most:
            return
        for more, orders in trips.items():
            if more & load:
                continue
            for trip in orders:
                ends = [
                    times.end_s
                    for shifts in _shift_choices(kind)
                    if (times := _on_time(problem, *trip, free_s, shifts)) is not None
                ]
                if ends:
                    go((*chain, trip), load | more, min(ends))

    go((), frozenset(), 0)
    return found


def _best_by_load(problem, fleet, *, least):
    """The best plan of one vehicle of a type for each set of consignments that it can carry."""
    options_of = cache(lambda trip: _trip_options(problem, *trip))
    best = {}
    for load, chains in _chains_by_load(problem, fleet).items():
        plans = []
        for chain in chains:
            plans += _all_plans(problem, chain, options_of) if least else _earliest_plans(problem, chain)
        plans.sort(key=lambda one: one.cost)
        plan = next((one for one in plans if _withstands(problem, one)), None)
        if plan is not None:
            best[load] = plan
    return best


def optimum(problem, *, least=False):
    """The best of all ways to give the consignments to the vehicles, by its earliest or its least cost."""
    best = [_best_by_load(problem, fleet, least=least) for fleet in range(len(problem.fleet))]

    @cache
    def go(left, numbers):
        """(missing, cost, plans) for the consignments left, with so many vehicles of each type."""
        if not left:
            return 0, 0, ()
        first = min(left)
        prize = problem.consignments[first].prize
        out, price, plans = go(left - {first}, numbers)
        found = (out + (prize is None), price + (prize or 0), plans)
        for fleet, number in enumerate(numbers):
            if number == 0:
                continue
            fewer = (*numbers[:fleet], number - 1, *numbers[fleet + 1 :])
            for load, plan in best[fleet].items():
                if first in load and load <= left:
                    out, price, plans = go(left - load, fewer)
                    found = min(found, (out, price + plan.cost, (plan, *plans)), key=lambda one: one[:2])
        return found

    out, price, plans = go(frozenset(problem.served), tuple(kind.number for kind in problem.fleet))
    return Optimum(out, price, tuple(plan.chain for plan in plans), tuple(plan.loads for plan in plans))


def at_gamma(problem, gamma):
    """The same problem with this gamma for every type."""
    return replace(problem, fleet=tuple(replace(kind, gamma=gamma) for kind in problem.fleet))
