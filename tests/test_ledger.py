"""The ledger of vehicles, working time, docks, stock and room against brute force, second by second."""

from hypothesis import given
from hypothesis import strategies as st

from planner.network.calendars import Openings
from planner.problem.fleet import Origin
from planner.problem.ledger import Claim, Docks, Ledger, Line, Resource, Room, Stock

END = 24  # of the world, in seconds
HOURS = Openings(((0, END),))
DAY_S = 12
MOMENTS = st.integers(0, END - 8)


@st.composite
def worlds(draw):
    """Two vehicles, two docks, an item that comes in turn; and trips booked whatever that breaks."""
    out = tuple(sorted(draw(st.lists(st.tuples(MOMENTS, st.integers(1, 3)), max_size=1))))
    docks_out = draw(st.lists(st.tuples(MOMENTS, st.integers(1, 4), st.integers(0, 2)), max_size=1))
    more = draw(st.lists(st.tuples(st.integers(1, END - 1), st.integers(0, 3)), max_size=2))
    curve = {0: draw(st.integers(0, 4))}
    for moment, number in more:
        curve[moment] = curve.get(moment, 0) + number
    return out, docks_out, curve, draw(st.lists(claims(), max_size=5)), draw(claims())


@st.composite
def claims(draw):
    start_s, load_s = draw(MOMENTS), draw(st.integers(0, 2))
    lasts_s = load_s + draw(st.integers(1, 5))
    work = ((start_s // DAY_S, draw(st.integers(0, 4))),)
    return Claim(
        draw(st.sampled_from("AB")), start_s, start_s + lasts_s, work, draw(st.sampled_from([None, 5])),
        place="W", loaded_s=start_s + load_s, dock=draw(st.sampled_from([None, 0, 1])),
        goods=((("W", "box"), draw(st.integers(0, 3))),),
    )  # fmt: skip


def ledger_of(out, docks_out, curve):
    moments = sorted(curve)
    amounts = [sum(number for when, number in curve.items() if when <= moment) for moment in moments]
    origin = Origin(2, HOURS, out=tuple((begin, begin + lasts, number) for begin, lasts, number in docks_out))
    return Ledger(
        {"A": Line(out=tuple((begin, begin + lasts) for begin, lasts in out))},
        {"W": Docks(origin)},
        {("W", "box"): Stock(moments, amounts)},
    )


class Plain:
    """What is taken of everything in each second."""

    def __init__(self, out, docks_out, curve):
        self.out = {moment for begin, lasts in out for moment in range(begin, begin + lasts)}
        self.docks_out = [
            sum(number for begin, lasts, number in docks_out if begin <= moment < begin + lasts)
            for moment in range(2 * END)
        ]
        self.curve, self.booked = curve, []

    def busy(self, vehicle, moment):
        mine = any(one.start_s <= moment < one.end_s for one, _ in self.booked if one.vehicle == vehicle)
        return mine or (vehicle == "A" and moment in self.out)

    def at_dock(self, dock, moment):
        return any(one.start_s <= moment < one.loaded_s for one, at in self.booked if at == dock)

    def dock_of(self, claim):
        span = range(claim.start_s, claim.loaded_s)
        if not span:
            return 0
        if any(sum(self.at_dock(dock, at) for dock in (0, 1)) >= 2 - self.docks_out[at] for at in span
               if self.docks_out[at]):  # fmt: skip
            return None
        able = [dock for dock in (0, 1) if not any(self.at_dock(dock, at) for at in span)]
        return claim.dock if claim.dock in able else min(able, default=None)

    def stock_left(self, moment):
        come = sum(number for when, number in self.curve.items() if when <= moment)
        return come - sum(one.goods[0][1] for one, _ in self.booked if one.start_s <= moment)

    def refuses(self, claim):
        """All resources that refuse a trip."""
        if any(self.busy(claim.vehicle, moment) for moment in range(claim.start_s, claim.end_s)):
            yield Resource.VEHICLE
        for day, part in claim.work:
            done = sum(work for one, _ in self.booked if one.vehicle == claim.vehicle
                       for other, work in one.work if other == day)  # fmt: skip
            if claim.work_s is not None and done + part > claim.work_s:
                yield Resource.WORK
        if any(self.stock_left(moment) < claim.goods[0][1] for moment in range(claim.start_s, 2 * END)):
            yield Resource.STOCK
        if self.dock_of(claim) is None:
            yield Resource.DOCK


def moved(claim, start_s):
    by_s = start_s - claim.start_s
    return Claim(
        claim.vehicle, start_s, claim.end_s + by_s, claim.work, claim.work_s, place="W",
        loaded_s=claim.loaded_s + by_s, dock=claim.dock, goods=claim.goods,
    )  # fmt: skip


@given(worlds())
def test_who_refuses_and_when_a_trip_fits_first_are_those_of_brute_force(world):
    out, docks_out, curve, booked, asked = world
    ledger, plain = ledger_of(out, docks_out, curve), Plain(out, docks_out, curve)
    for one in booked:
        dock = plain.dock_of(one)
        assert ledger.book(one) == (dock or 0)
        plain.booked.append((one, dock or 0))
    refusals = list(plain.refuses(asked))
    first = next((at for at in range(asked.start_s, END) if not any(plain.refuses(moved(asked, at)))), None)
    refusal = ledger.why_not(asked)
    assert (None if refusal is None else refusal.resource) == (refusals[0] if refusals else None)
    if refusal is not None and refusal.until_s is not None and first is not None:
        assert asked.start_s < refusal.until_s <= first
    line = ledger.line(asked.vehicle)
    moments = {asked.start_s, *line.ends, *ledger.docks["W"].ends, *ledger.stock["W", "box"].moments}
    found = ledger.earliest(lambda at: moved(asked, at), (at for at in moments if asked.start_s <= at < END))
    assert (None if found is None else found.start_s) == first


@given(worlds())
def test_what_is_released_was_never_there(world):
    out, docks_out, curve, booked, asked = world
    ledger, fresh = ledger_of(out, docks_out, curve), ledger_of(out, docks_out, curve)
    kept = [(one, ledger.book(one), number % 2) for number, one in enumerate(booked)]
    for one, dock, gone in reversed(kept):
        if gone:
            ledger.release(one, dock)
    for one, dock, gone in kept:
        if not gone:
            fresh.line(one.vehicle).occupy(one.start_s, one.end_s)
            fresh.line(one.vehicle).works(one.work, ())
            if one.loaded_s > one.start_s:
                fresh.docks["W"].keep(dock, one.start_s, one.loaded_s)
            fresh.stock["W", "box"].take(one.goods[0][1], one.start_s)
    assert ledger.why_not(asked) == fresh.why_not(asked)
    assert sorted(ledger.docks["W"].in_use) == sorted(fresh.docks["W"].in_use)


@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, END), st.integers(0, 4)), max_size=6),
    st.integers(0, 4),
    st.integers(0, END),
)
def test_what_comes_besides_counts_from_its_moment_on(steps, need, from_s):
    stock, told = Stock([0, 10], [3, 5]), [(True, 0, 3), (True, 10, 2)]
    for comes, moment, number in steps:
        if comes:
            stock.bring(moment, number)
        else:
            stock.take(number, moment)
        told.append((comes, moment, number))

    def left(moment):
        return sum(number if comes else -number for comes, when, number in told if when <= moment)

    def allows(start_s):
        return all(left(moment) >= need for moment in range(start_s, END + 1))

    assert stock.allows(need, from_s) == allows(from_s)
    assert stock.earliest(need, from_s) == next((at for at in range(from_s, END + 1) if allows(at)), None)


@given(
    st.lists(st.tuples(MOMENTS, st.integers(0, 8), st.integers(0, 5)), max_size=6), MOMENTS, st.integers(1, 8)
)
def test_room_is_what_lies_there_in_each_second(stays, from_s, lasts_s):
    room = Room(6)
    for begin, length, volume in stays:
        room.take(begin, begin + length, volume)
    lies = [
        sum(volume for begin, length, volume in stays if begin <= moment < begin + length)
        for moment in range(END + 1)
    ]
    assert room.most(from_s, from_s + lasts_s) == max(lies[from_s : from_s + lasts_s])
    assert room.overfull() == next((moment for moment in range(END + 1) if lies[moment] > 6), None)
