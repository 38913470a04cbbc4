"""What has no room at a hub is left out, the last to come first, and nothing that must come there."""

from types import SimpleNamespace as Some

from planner.replanning.hub_capacity import without_room
from planner.replanning.setting import Stay

HORIZON = 100


def leg(node_id="H", volume_cm3=1, fetched_from=""):
    return Some(node_id=node_id, fetched_from=fetched_from, goods=Some(volume_cm3=volume_cm3))


def setting(num_legs=3, **given):
    """Goods 0, 1, … that go from W to H, and on from there; room for two."""
    places = {
        "W": Some(legs=[leg() for _ in range(num_legs)]),
        "H": Some(legs=[leg("R") for _ in range(num_legs)]),
    }
    return Some(
        **{
            "room_cm3": {"H": 2},
            "stays": (),
            "places": places,
            "upper": {("H", idx): ("W", idx) for idx in range(num_legs)},
            "came_s": {},
            "by_s": {},
            "horizon_s": HORIZON,
        }
        | given
    )


def brings(order, end_s, rest_of=""):
    """A trip from W that unloads these at H."""
    choice = Some(origin_id="W", order=order, stops=[Some(consignments=order)], rest_of=rest_of, same_as="")
    return Some(choice=choice, timing=Some(load_start_s=0, services=[(end_s - 1, end_s)]))


def takes(order, load_start_s):
    """A trip that loads these at H."""
    choice = Some(origin_id="H", order=order, stops=[Some(consignments=order)], rest_of="", same_as="")
    services = [(load_start_s + 1, load_start_s + 2)]
    return Some(choice=choice, timing=Some(load_start_s=load_start_s, services=services))


def test_what_fits_stays():
    assert without_room(setting(), [brings((0, 1), 10)]) == frozenset()
    assert without_room(setting(), [brings((0, 1), 10), takes((0,), 20), brings((2,), 20)]) == frozenset()
    assert without_room(setting(room_cm3={}), [brings((0, 1, 2), 10)]) == frozenset()


def test_the_last_goods_of_a_trip_are_left_out_and_of_trips_the_last():
    assert without_room(setting(), [brings((2, 0, 1), 10)]) == {("W", 1)}
    assert without_room(setting(), [brings((1, 2), 30), brings((0,), 10)]) == {("W", 2)}
    assert without_room(setting(), [brings((0, 1), 10), takes((0,), 21), brings((2,), 20)]) == {("W", 2)}


def test_every_excess_is_found_at_once():
    found = without_room(setting(6), [brings((0, 1, 2), 10), takes((0, 1), 20), brings((3, 4, 5), 30)])
    assert found == {("W", 2), ("W", 5)}


def test_what_must_come_there_is_not_left_out_and_what_came_before_makes_room_for_it():
    kept = Stay("H", 2, 20, 40)
    assert without_room(setting(stays=(kept,)), [brings((0,), 10)]) == {("W", 0)}
    assert without_room(setting(stays=(kept,)), [brings((0,), 40)]) == frozenset()
    under_way = Stay("H", 2, 20, 40, begun=True)
    assert without_room(setting(stays=(under_way,)), [brings((0,), 10)]) == frozenset()
    assert without_room(setting(stays=(under_way,)), [brings((0,), 30)]) == {("W", 0)}
    assert without_room(setting(), [brings((0, 1, 2), 10, rest_of="T")]) == frozenset()
    places = {"W": Some(legs=[leg() for _ in range(3)]), "H": Some(legs=[leg("R"), leg("R")])}
    upper = {("H", 0): ("W", 0), ("H", 1): ("W", 2)}
    taken_on = setting(places=places, upper=upper, by_s={("W", 1): 50})
    assert without_room(taken_on, [brings((0, 2, 1), 10)]) == {("W", 2)}


def test_what_a_vehicle_that_broke_down_took_along_does_not_lie_there():
    places = {
        "W": Some(legs=[leg() for _ in range(3)]),
        "H": Some(legs=[leg("R"), leg("R"), leg("R", fetched_from="N")]),
    }
    upper = {("H", 0): ("W", 0), ("H", 1): ("W", 1)}
    assert without_room(setting(places=places, upper=upper), [brings((0, 1), 10)]) == frozenset()


def test_legs_before_those_that_a_kept_trip_needs_are_not_left_out_either():
    places = {
        "W": Some(legs=[leg() for _ in range(3)]),
        "H": Some(legs=[leg("J") for _ in range(3)]),
        "J": Some(legs=[]),
    }
    asked = setting(places=places, by_s={("H", 2): 50})
    assert without_room(asked, [brings((0, 1, 2), 10)]) == {("W", 1)}
