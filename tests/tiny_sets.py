"""Tiny benchmark files of every kind, with solutions whose costs are worked out by hand; and bad processes.

Nearly all ways are sides of triangles of 3, 4, 5, so that lengths can be checked by eye.
"""

from __future__ import annotations

import os

CVRP = """NAME : tiny
COMMENT : (by hand)
TYPE : CVRP
DIMENSION : 5
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
NODE_COORD_SECTION
1\t0\t0
2\t3\t4
3\t6\t8
4\t-3\t4
5\t1\t1
DEMAND_SECTION
1\t0
2\t4
3\t6
4\t5
5\t5
DEPOT_SECTION
1
-1
EOF
"""
# 0-1-2-0: 5 + 5 + 10; 0-3-4-0: 5 + 5 + 1 (the root of 2, rounded).
CVRP_SOLUTION = "Route #1: 1 2\nRoute #2: 3 4\nCost 31\n"

SOLOMON = """tiny

VEHICLE
NUMBER     CAPACITY
  2         10

CUSTOMER
CUST NO.   XCOORD.   YCOORD.    DEMAND   READY TIME   DUE DATE   SERVICE   TIME

    0       0         0          0          0         40          0
    1       3         4          4          9         12          2
    2       6         8          6          0         17          2
    3      -3         4          5          0         30          2
    4       1         1          5          1          2          2
"""
# In tenths: at 1 at 50, served from 90, at 2 at 160, home at 280; at 4 at 14, at 3 at 84, home at 154.
SOLOMON_SOLUTION = "Route #1: 1 2\nRoute #2: 4 3\nCost 31.4\n"

MANY_DEPOTS = """NAME : tiny
TYPE : MDVRPTW
DIMENSION : 5
VEHICLES : 3
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
VEHICLES_MAX_DURATION : 22
SERVICE_TIME : 2
NODE_COORD_SECTION
1\t0\t0
2\t6\t0
3\t-3\t4
4\t6\t8
5\t3\t4
DEMAND_SECTION
1\t0
2\t0
3\t5
4\t5
5\t5
TIME_WINDOW_SECTION
1\t0\t100
2\t0\t100
3\t0\t100
4\t50\t60
5\t57\t69
VEHICLES_DEPOT_SECTION
1\t1
2\t2
3\t2
DEPOT_SECTION
1
2
-1
EOF
"""
# 0-2-0: 10. 1-3-4-1: 8 + 5 + 5; leaving at 42 at 3 at 50, at 4 at 57, home at 64: 22 long.
MANY_DEPOTS_SOLUTION = "Route #1: 2\nRoute #2: 3 4\nRoute #3:\nCost: 28000\n"

MIXED_FLEET = """NAME : tiny
TYPE : HFVRP
DIMENSION : 4
VEHICLES : 3
EDGE_WEIGHT_TYPE : EUC_2D
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
4 -3 4
DEMAND_SECTION
1 0
2 4
3 6
4 5
CAPACITY_SECTION
1 5
2 10
3 10
VEHICLES_FIXED_COST_SECTION
1 100
2 300
3 300
VEHICLES_UNIT_DISTANCE_COST_SECTION
1 2
2 3
3 3
DEPOT_SECTION
1
-1
EOF
"""
# The small one to 3: 100,000 + 2 * 10,000; a large one to 1 and 2: 300,000 + 3 * 20,000.
MIXED_FLEET_SOLUTION = "Route #1: 3\nRoute #2: 1 2\nRoute #3:\nCost: 480000\n"

MANY_TRIPS = """NAME : tiny
TYPE : MTVRPTWR
DIMENSION : 5
VEHICLES : 1
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 10
SERVICE_TIME : 2
NODE_COORD_SECTION
1 0 0
2 3 4
3 6 8
4 -3 4
5 3 -4
DEMAND_SECTION
1 0
2 4
3 6
4 5
5 5
TIME_WINDOW_SECTION
1 0 50
2 0 50
3 0 18
4 30 31
5 0 50
RELEASE_TIME_SECTION
1 0
2 1
3 0
4 26
5 0
VEHICLES_RELOAD_DEPOT_SECTION
1 1
DEPOT_SECTION
1
-1
EOF
"""
# In tenths: released at 10, at 1 at 60, at 2 at 130, home at 250; released at 260, at 3 at 310, at 4 (100
# away) at 430, home at 500.
MANY_TRIPS_SOLUTION = "Route #1: 1 2 0 3 4\nCost: 400\n"

# By class: convention, instance, solution, its integer cost.
KINDS = {
    "CVRP": ("round", CVRP, CVRP_SOLUTION, 31),
    "VRPTW": ("dimacs/10", SOLOMON, SOLOMON_SOLUTION, 314),
    "MDVRPTW": ("exact/1000", MANY_DEPOTS, MANY_DEPOTS_SOLUTION, 28_000),
    "HFVRP": ("exact/1000, costs/100", MIXED_FLEET, MIXED_FLEET_SOLUTION, 480_000),
    "MTVRPTWR": ("dimacs/10", MANY_TRIPS, MANY_TRIPS_SOLUTION, 400),
}


def die(*_: object) -> None:
    """Work of a process that is killed."""
    os._exit(7)


def fail(*arguments: object) -> None:
    """Work of a process whose search breaks."""
    from planner.benchmark import run

    def broken(*_: object) -> None:
        msg = "the engine broke"
        raise RuntimeError(msg)

    run.run_once = broken
    run._child(*arguments)


def sleep(*_: object) -> None:
    """Work of a process that hangs."""
    import time

    time.sleep(600)
