"""Arrays of the kernel: what each field holds.

All of it is flat, so that it passes into compiled code as a named tuple and copies quickly. A *job* is a
consignment, a *vehicle type* is a row of `Data.fleet` (of `home` types: one for each shift), a *journey* is
what one vehicle does, trip after trip, and every trip has a start and an end node around its jobs. Nodes are
numbered jobs first, then start and end of trip 0, of trip 1, …

These parameters mean the same in all functions of the kernel that do not say otherwise; what such a function
lists itself is only what is not here.

Parameters
----------
data, state
    `Data` and `State`: the problem, and the solution that is looked at or changed.
veh_type
    Number of a vehicle type: its row in `Data.fleet` and `Data.price`.
job
    Number of a job: its row in `Data.job`, and its node.
trip, journey
    Numbers of a trip and of a journey: their rows in `State.trip` and `State.journey`. Journey -1: a new one.
node
    `State.node`.
here, there
    Nodes: rows of `State.node`. Of two, `there` comes after `here`.
before, after
    Nodes of a trip between which a job stands, or would.
until
    Node that a change reached: beyond it recomputing stops where a node's times stay as they were.
row
    Row of `Data.window`: that of a vehicle type.
span, first, last
    Intervals ``span[first : last]`` of `Data.span`, in order.
moment, start, begin, end, departure
    Moments, in seconds from the instance's start; from `FAR` on: never.
seconds
    How long a leg is driven, or a trip is loaded.
late
    How many of the legs before (or after) a node are late, from 0.
length
    Metres of a leg, or by which a trip gets longer.
rate
    Share of the possible places that are overlooked, from 0 to 1.
heat
    Temperature of the annealing: a price, in the currency's smallest unit.
stamp
    Number of a change, larger than those before: what the change touches is marked with it.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["FAR", "Data", "State", "empty_data", "new_state"]

Ints = NDArray[np.int32]
Longs = NDArray[np.int64]
Floats = NDArray[np.float64]

# Times and lengths stay below this, so that a sum of a few fits an int32.
FAR = 400_000_000

# Columns of `State.node`; then, where durations are tested, least duration and latest begin of what lies
# before a node, and least duration and earliest begin of what lies after it; or, where legs are late, worst
# starts for 1 … gamma late legs before and latest starts for as many after. A row should fill 64 bytes.
NXT, PRV, TRIP, PLACE, DN, TN, START, LATEST, OPEN, SHUT, SERVE, DELAY = range(12)
PRE_D, PRE_L, SUF_D, SUF_E = range(12, 16)
LATE = 12
# Columns of `State.trip`: what each place in a trip is judged by lies in 64 bytes; then more loads, the
# seconds of waiting that are paid, its set of departures, and 1 + the slot that it departs in (0: none).
JOURNEY, VEH_TYPE, NEXT, PREV, SIZE, RELEASE, LENGTH, LOAD = range(8)
MAX_LOADS = 3
WAIT = LOAD + MAX_LOADS
HOURS = WAIT + 1
SLOT = HOURS + 1
TRIP_FIELDS = SLOT + 1
# Columns of `State.journey`; the last two are days that are paid, and seconds that stood for them.
FIRST, LAST, COUNT, OF_VEH_TYPE, WORK, DAYS, PAID = range(7)
JOURNEY_FIELDS = 7
# Entries of `State.number`: sizes of the lists, and (`SLOWER`) whether taking a job out has made a way longer
# in this iteration; how many trips of the list ORDER were ruined, and in which iteration; the vehicle type
# that a new trip tries first; how many bundles were tried; then the vehicles used of each vehicle type, and
# those kept.
(
    N_ABSENT,
    N_TOUCHED,
    N_FREE_TRIPS,
    N_FREE_JOURNEYS,
    N_OPENED,
    N_CLOSED,
    N_TRIPS_TOUCHED,
    N_NODES_TOUCHED,
    BLINK,
    N_ABSENT_BEST,
    UNSAVED,
    SLOWER,
    N_RUINED,
    RUINED_WHEN,
    FIRST_VEH_TYPE,
    TRIED,
    USED,
) = range(17)
# Entries of `State.cost` that say how places are judged.
EAGER, RIGID, ROOMY = 4, 5, 6
# Rows of `State.lists`; `IS_TOUCHED` holds for each journey the iteration that touched it last,
# `IS_RUINED` for each trip that of its last ruin, `VEHICLE` for each journey which of its type's drives it,
# `IS_TRIED` for each trip the bundle that was tried in it last.
(
    ABSENT,
    ABSENT_KEPT,
    FREE_TRIPS,
    FREE_JOURNEYS,
    OPENED,
    CLOSED,
    TOUCHED,
    IS_TOUCHED,
    NODES_TOUCHED,
    TRIPS_TOUCHED,
    ORDER,
    ABSENCES,
    IS_RUINED,
    VEHICLE,
    IS_TRIED,
) = range(15)
NUM_LISTS = 15
# Columns of `Data.fleet`: numbers of each vehicle type; the capacities follow. `DAY` is the local day where
# its type has other shifts on it (else -1), `SHARED` says whether its type's shifts share a number of trips,
# `LEG_HOURS` and `LEG_HOURS_LATE` are planes of `Data.ways` with the function of each leg whose time depends
# on its departure (0: it does not), as planned and when it is late; -1: there is none. `HOURS_OF` is its set
# of departures, and of `DOCKS_OF` one is needed to load.
(
    MODE,
    ROW,
    ORIGIN,
    HOME,
    LENGTHS,
    TIMES,
    LENGTHS_TO,
    TIMES_TO,
    DELAYS,
    NUMBER,
    MAX_TRIPS,
    MAX_TIME,
    MAX_LENGTH,
    LOAD_FIXED,
    LOAD_PIECE,
    END,
    MAX_WORK,
    GROUP,
    FLEET_TYPE,
    GAMMA,
    DAY,
    SHARED,
    LEG_HOURS,
    LEG_HOURS_LATE,
    HOURS_OF,
    DOCKS_OF,
    CAP,
) = range(27)
FLEET_FIELDS = CAP + MAX_LOADS
# Columns of `Data.price`. `PER_TIME` holds what stands for days until they are counted, `PER_DAY_S` a second.
PER_LENGTH, PER_TIME, PER_TRIP, PER_JOURNEY, PER_VEHICLE, ROOM, PER_DAY, PER_DAY_S = range(8)
PRICE_FIELDS = 8
# Columns of `Data.job`, `Data.decided`, `Data.worth` and (last axis) `Data.window`.
AT_PLACE, FROM_S, LOADS = range(3)
SET_OF, MATE = range(2)
PRIZE, WEIGHT, WAY = range(3)
OPENS, SHUTS, SERVES = range(3)
# What happens at the end of a shift; where the time of some leg depends on its departure, `BY_HOURS` more.
PLAIN, STOP, ANYWHERE = range(3)
BY_HOURS = 4


class Data(NamedTuple):
    """One problem, as the compiled code sees it. Few arrays, since each call passes them all.

    Parameters
    ----------
    ways
        int32, shape (planes, places, places): lengths, times, both turned (so that what is read together lies
        together) and delays; `fleet` says which plane of each vehicle type is which. Planes of functions
        hold numbers of lists in `span`.
    job
        int64, shape (jobs, 2 + loads): place, release, loads; the pieces are last.
    worth
        float64, shape (jobs, 3): prize (negative: it must be delivered), weight, length of the way there.
    window
        int32, shape (rows, jobs, 3): first and last begin of service (-1: not at all), its seconds.
    at, span
        Lists of intervals: list i is ``span[at[i] : at[i + 1]]``. First the windows of row r and job j at
        r * jobs + j, where `general`; from `shifts` on the half-open shifts of each vehicle type; from
        `docks` on the half-open intervals in which its loading lies whole; then a list has the local days;
        from `hours` on the sets of departures, and all of them: each moment, with its number; then functions
        from departure to arrival where edges have hours, piece by piece: the first departure, and the arrival
        if that is constant, or -1 less the seconds that the way takes.
    fleet, price
        Of each vehicle type, see the columns.
    near
        int32, shape (jobs, 2 * width + more): jobs that a job best follows, jobs that best follow it, and
        jobs around it, nearest first.
    decided
        int32, shape (jobs, 2): set of departures (0: whenever one likes), and the next of the jobs that go
        on the same trip, in a ring (-1: none).
    meet
        int32, shape (sets, sets): the set of departures that two of them have in common.
    moments
        How many moments of departure are decided.
    bundled
        Whether any jobs go on the same trip by decision.
    gamma
        So many legs are late, of the vehicle type with the most.
    general
        Whether calendars, several windows or late legs matter.
    segments
        Whether durations are tested, and waiting depends on one window each (else they are looked at leg by
        leg).
    limited
        Whether a trip's time or length, or a day's work, has a limit.
    grouped
        Whether trips may pass from one vehicle type to another.
    mixed
        Whether vehicle types differ in how much they hold.
    timed
        Whether anything can be late at all.
    stays
        Whether days of vehicles that stay out have a price.
    """

    ways: Ints
    job: Longs
    worth: Floats
    window: Ints
    at: Ints
    span: Ints
    decided: Ints
    meet: Ints
    fleet: Longs
    price: Floats
    near: Ints
    width: int
    loads: int
    shifts: int
    docks: int
    hours: int
    moments: int
    bundled: bool
    gamma: int
    general: bool
    segments: bool
    limited: bool
    grouped: bool
    mixed: bool
    timed: bool
    stays: bool


class State(NamedTuple):
    """A solution being changed, and what is needed to take a change back.

    `alone` says whether a trip with one job alone is possible with a vehicle type: -1 unknown, 0 no, 1 yes.

    `cost` holds the present cost, the best with prizes, the weight of the jobs that are absent now though
    they must be delivered, and in the best; then what a new trip seems to cost (EAGER), as a share, and
    whether trips keep their vehicle types now (RIGID).

    `slots` holds how many trips depart at each origin and decided moment, now and kept.
    """

    node: Ints
    node_kept: Ints
    trip: Longs
    trip_kept: Longs
    journey: Longs
    journey_kept: Longs
    number: Longs
    lists: Ints
    key: Floats
    cost: Floats
    scratch: Longs
    alone: Ints
    slots: Ints
    random: NDArray[np.uint64]


def empty_data() -> Data:
    """A problem with one job and nothing in it: what a function needs to be compiled for."""
    return Data(
        ways=np.zeros((1, 1, 1), dtype=np.int32),
        job=np.zeros((1, 4), dtype=np.int64),
        worth=np.zeros((1, 4)),
        window=np.zeros((1, 1, 3), dtype=np.int32),
        at=np.zeros(8, dtype=np.int32),
        span=np.zeros((0, 2), dtype=np.int32),
        decided=np.zeros((1, 2), dtype=np.int32),
        meet=np.zeros((1, 1), dtype=np.int32),
        fleet=np.zeros((1, FLEET_FIELDS), dtype=np.int64),
        price=np.zeros((1, PRICE_FIELDS)),
        near=np.zeros((1, 4), dtype=np.int32),
        width=1,
        loads=1,
        shifts=1,
        docks=2,
        hours=4,
        moments=0,
        bundled=False,
        gamma=0,
        general=False,
        segments=False,
        limited=False,
        grouped=False,
        mixed=False,
        timed=False,
        stays=False,
    )


def _aligned(rows: int, columns: int) -> Ints:
    """Rows of -1, each beginning on a line of the processor's cache where `columns` is a multiple of 16."""
    buffer = np.full(rows * columns + 16, -1, dtype=np.int32)
    skip = (-buffer.ctypes.data % 64) // 4
    return buffer[skip : skip + rows * columns].reshape(rows, columns)


def _aligned_copy(source: Ints) -> Ints:
    target = _aligned(*source.shape)
    target[:] = source
    return target


def new_state(data: Data, trips: int, journeys: int, seed: int) -> State:
    """An empty solution: every job is absent.

    Parameters
    ----------
    data
        The problem.
    trips, journeys
        So many of each may be in use at once.
    seed
        Of its random numbers, from 0.
    """
    jobs, veh_types = len(data.job), len(data.fleet)
    nodes = jobs + 2 * trips
    fields = LATE + 2 * data.gamma if data.gamma else SUF_E + 1 if data.segments else DELAY + 1
    node = _aligned(nodes, -16 * (-fields // 16))
    node[:jobs, PLACE] = data.job[:, AT_PLACE]
    trip = np.full((trips, TRIP_FIELDS), -1, dtype=np.int64)
    journey = np.full((journeys, JOURNEY_FIELDS), -1, dtype=np.int64)
    number = np.zeros(USED + 2 * veh_types, dtype=np.int64)
    number[N_ABSENT], number[N_FREE_TRIPS], number[N_FREE_JOURNEYS] = jobs, trips, journeys
    number[BLINK], number[RUINED_WHEN] = 50, -1
    lists = np.zeros((NUM_LISTS, max(nodes, journeys + 1)), dtype=np.int32)
    lists[ABSENT, :jobs] = lists[ABSENT_KEPT, :jobs] = np.arange(jobs)
    lists[FREE_TRIPS, :trips] = np.arange(trips)[::-1]
    lists[FREE_JOURNEYS, :journeys] = np.arange(journeys)[::-1]
    slots = (int(data.fleet[:, ORIGIN].max(initial=0)) + 1) * data.moments
    required = data.worth[data.worth[:, PRIZE] < 0, WEIGHT].sum()
    return State(
        node=node,
        node_kept=_aligned_copy(node),
        trip=trip,
        trip_kept=trip.copy(),
        journey=journey,
        journey_kept=journey.copy(),
        number=number,
        lists=lists,
        key=np.zeros(max(1, jobs)),
        cost=np.array([0.0, np.inf, required, np.inf, 1.0, 0.0, 0.0]),
        scratch=np.zeros(data.gamma + 1, dtype=np.int64),
        alone=np.full((veh_types, max(1, jobs)), -1, dtype=np.int32),
        slots=np.zeros((2, max(1, slots)), dtype=np.int32),
        random=np.random.SeedSequence(seed).generate_state(2, np.uint64) | np.uint64(1),
    )
