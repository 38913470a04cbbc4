"""Prints how the built instance compares with published trips, and what each vehicle type reaches."""

from __future__ import annotations

import math

from planner.instance import schema as s
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
    for name, error in (("fit", report.fit_error), ("judge", report.judge_error)):
        print(f"median absolute error, {name}: {math.nan if error is None else 100 * error:.1f} %")


def show_reach(instance: s.Instance) -> None:
    """For each vehicle type: regions reached, those it can serve alone, the slowest; then what is left."""
    served: set[str] = set()
    reached: set[str] = set()
    for kind in instance.vehicles:
        own = [one for one in instance.regions if one.warehouse == kind.warehouse]
        ways = travel(instance, kind, [kind.warehouse, *(one.id for one in own)])
        times = {one.id: int(ways.time_s[0, at]) for at, one in enumerate(own, 1) if ways.reachable[0, at]}
        back = {one.id: int(ways.time_s[at, 0]) for at, one in enumerate(own, 1) if ways.reachable[0, at]}
        alone = {place for place in times if fits(instance, kind, times[place], back[place])}
        served |= alone
        reached |= set(times)
        slowest = max(times, key=lambda place: (times[place], place), default="")
        print(
            f"  {kind.id:26} x{kind.number:<2} reaches {len(times):3} of {len(own):3}, "
            f"serves {len(alone):3}; slowest "
            + (f"{instance.region_of[slowest].name} {times[slowest] / 3600:.1f} h" if slowest else "-")
        )
    for name, found in (("reached by no type", reached), ("served by no type", served)):
        lacking = [f"{one.id} {one.name}" for one in instance.regions if one.id not in found]
        print(f"{name}: {len(lacking)} {', '.join(lacking[:60])}")


def fits(instance: s.Instance, kind: s.VehicleType, out_s: int, back_s: int) -> bool:
    """Whether a trip to one region with one unit keeps shift and working time."""
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
