"""Prints how the built instance compares with published trips, and what each type reaches from its home."""

from __future__ import annotations

import math
from collections import defaultdict
from itertools import pairwise

from planner.instance import schema as s
from planner.instance.chains import chain_of, home_of
from planner.network.calibrate import calibration_report
from planner.network.travel import travel


def show(instance: s.Instance) -> None:
    print(f"{len(instance.regions)} regions, {len(instance.edges)} edges")
    for row in instance.speeds:
        print(
            f"  {row.mode.value:6} {row.class_:10} {row.direction.value:5} "
            f"{row.speed_m_per_h / 1000:6.1f} km/h  x{row.circuity_milli / 1000}"
        )
    show_calibration(instance)
    show_reach(instance)


def show_calibration(instance: s.Instance) -> None:
    report = calibration_report(instance)
    for row in report.rows:
        modelled = math.nan if row.modelled_s is None else row.modelled_s / 3600
        error = math.nan if row.error is None else 100 * row.error
        print(
            f"  {row.trip.id} {row.trip.use.value:5} {'+'.join(row.trip.modes):10} {row.trip.from_node:>20} "
            f"{row.trip.to_node:20} published {row.published_s / 3600:6.2f} h, "
            f"modelled {modelled:6.2f} h {error:+6.0f} %"
        )
    for group in report.groups():
        modes = "+".join(group.modes) or "all"
        print(
            f"  {group.use.value:5} {modes:10} {len(group.rows):2} trips: median error "
            f"{100 * group.median_error:.1f} %, beyond the range {100 * group.median_range_error:.1f} %, "
            f"bias {100 * (group.bias or 0):+.0f} %, inside {100 * group.share_inside:.0f} %"
        )


def show_reach(instance: s.Instance) -> None:
    """For each vehicle type: stops of its home that it reaches, those it can serve alone, the slowest."""
    stages = stages_of(instance)
    served: dict[str, set[str]] = defaultdict(set)
    names = instance.place_name_of
    for kind in instance.vehicles:
        home = home_of(kind)
        stops = sorted(stages.get(home, ()))
        ways = travel(instance, kind, [home, *stops])
        times = {
            stop: (int(ways.time_s[0, at]), int(ways.time_s[at, 0]))
            for at, stop in enumerate(stops, 1)
            if ways.reachable[0, at] and ways.reachable[at, 0]
        }
        alone = {stop for stop, (out_s, back_s) in times.items() if fits(instance, kind, out_s, back_s)}
        served[home] |= alone
        slowest = max(times, key=lambda stop: (times[stop], stop), default="")
        print(
            f"  {kind.id:32} x{kind.number:<2} reaches {len(times):3} of {len(stops):3}, "
            f"serves {len(alone):3}; slowest "
            + (f"{names[slowest]} {times[slowest][0] / 3600:.1f} h" if slowest else "-")
        )
    lacking = [f"{home} > {stop}" for home, stops in stages.items() for stop in sorted(stops - served[home])]
    print(f"served by no type: {len(lacking)} {', '.join(lacking[:60])}")


def stages_of(instance: s.Instance) -> dict[str, set[str]]:
    """Places where goods are loaded, and the next stops on the chains from there."""
    stages: dict[str, set[str]] = defaultdict(set)
    for place in instance.regions:
        stops = (place.warehouse, *(hub.id for hub in chain_of(instance, place)), place.id)
        for here, after in pairwise(stops):
            stages[here].add(after)
    return stages


def fits(instance: s.Instance, kind: s.VehicleType, out_s: int, back_s: int) -> bool:
    """Whether a trip to one stop with one unit keeps shift and working time."""
    opens_s, closes_s = next(
        (row.opens_s, row.closes_s) for row in instance.calendars if row.calendar == kind.calendar
    )
    day_s = min(closes_s - opens_s, kind.work_s)
    load_s, service_s = kind.load_fixed_s + 3 * kind.load_piece_s, 900 + 3 * kind.unload_piece_s
    if kind.overnight is s.Overnight.HOME:
        return load_s + out_s + service_s + back_s <= day_s
    if kind.overnight is s.Overnight.STOP:
        return max(out_s, back_s) <= day_s
    return True
