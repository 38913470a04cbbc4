"""The problem's own arithmetic: places, ways on a plane or by matrices, what must be delivered."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from planner.network.plane import PlaneTravel, RoundingRule
from planner.network.travel import Travel
from tests.problems import kind, load, origin, problem


def plane(points, **more):
    pairs = np.array(points, dtype=float)
    return PlaneTravel(pairs[:, 0], pairs[:, 1], **more)


@pytest.mark.parametrize(
    ("rule", "scale", "length", "expected"),
    [
        (RoundingRule.NEAREST, 1, 2.5, 3),
        (RoundingRule.NEAREST, 1, 2.4999, 2),
        (RoundingRule.TRUNCATED, 10, 0.2999, 2),
        (RoundingRule.TRUNCATED, 10, 0.3125, 3),
        (RoundingRule.TRUNCATED, 1, 3, 3),
    ],
)
def test_lengths_on_a_plane_are_scaled_then_rounded(rule, scale, length, expected):
    ways = plane([(0, 0), (length, 0)], rounding=rule, scale=scale)
    assert ways.pair(0, 1) == ways.pair(1, 0) == expected
    assert ways.pair(1, 1) == 0


@given(
    st.lists(st.tuples(*[st.floats(-1e4, 1e4)] * 2), min_size=1, max_size=6),
    st.sampled_from(RoundingRule),
    st.sampled_from([1.0, 10.0, 1000.0]),
)
def test_a_pair_and_a_block_agree(points, rule, scale):
    ways = plane(points, rounding=rule, scale=scale)
    every = range(len(points))
    pairs = [[ways.pair(i, j) for j in every] for i in every]
    assert ways.block(every, every).tolist() == pairs
    for i in every:
        for j in every:
            exact = scale * math.dist(points[i], points[j])
            assert -1 - 1e-6 < pairs[i][j] - exact < 1 + 1e-6


def matrices_of(ways):
    """The same ways as whole matrices."""
    every = np.arange(len(ways.x))
    lengths = ways.block(every, every)
    return Travel(tuple(map(str, every)), lengths, lengths, np.ones(lengths.shape, dtype=bool))


@pytest.mark.parametrize("by_matrix", [False, True])
def test_a_type_reads_its_ways_whatever_they_are(by_matrix):
    ways = plane([(0, 0), (3, 4), (6, 8)])
    one = kind(travel=matrices_of(ways) if by_matrix else ways)
    assert (one.time_between(1, 2), one.distance_between(0, 2), one.reaches(0, 1)) == (5, 10, True)
    assert one.times([0, 1], [2]).tolist() == one.distances([0, 1], [2]).tolist() == [[10], [5]]
    assert one.reach([0], [1, 2]).tolist() == [[True, True]]
    assert one.path(0, 1) == ()


def test_matrices_from_elsewhere_may_have_gaps():
    times = np.array([[0, 7], [0, 0]])
    one = kind(travel=Travel(("a", "b"), times, 2 * times, np.array([[True, True], [False, True]])))
    assert (one.time_between(0, 1), one.distance_between(0, 1)) == (7, 14)
    assert (one.reaches(0, 1), one.reaches(1, 0)) == (True, False)
    with pytest.raises(ValueError, match="no way from b to a"):
        one.path(1, 0)


def test_places_are_the_origins_and_then_the_regions():
    found = problem([0, 100, 10, 20, 30], origins=(origin(), origin()))
    assert (found.num_origins, found.num_regions) == (2, 3)
    assert [found.place(region) for region in range(3)] == [2, 3, 4]


def test_the_shortest_way_to_a_region_is_that_from_the_nearest_origin_at_least_a_minute():
    kinds = [kind(origin=0), kind("L", origin=1)]
    found = problem([0, 1000, 10, 400, 800], origins=(origin(), origin()), kinds=kinds)
    assert found.shortest_ways_s == (60, 400, 200)


def test_what_has_a_prize_is_not_required_and_gives_no_region_up():
    loads = [load(0), load(1, prize=5), load(2, prize=7), load(3)]
    found = problem([0, 1, 2, 3, 4], loads=loads, unserved=frozenset({2, 3}))
    assert found.required == {0}
    assert found.prizes == {1: 5, 2: 7}
    assert found.given_up == {3}
