"""How far off the modelled network is on published trips that its speeds were not fitted to.

    python benchmarks/calibration.py [--csv FILE]

Leaves out each trip of the fitting half in turn, fits the speeds to the others, and compares. The judging
half is not looked at: `plan network calibrate instances/kaltim` prints it. Positions, lengths, classes, kinds
of craft and first guesses are the same throughout; they are judgement, and no cross-validation tests them.
"""

from __future__ import annotations

import argparse
import sys
from dataclasses import replace
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT), str(ROOT / "scripts")]

import build_kaltim  # noqa: E402

from planner.instance.schema import CalibrationUse, Instance, Mode, Speed  # noqa: E402
from planner.network.calibrate import (  # noqa: E402
    CalibrationGroup,
    CalibrationReport,
    CalibrationRow,
    calibration_report,
    fit_speeds,
)
from planner.network.model import model_edges  # noqa: E402
from planner.network.report import calibration_csv  # noqa: E402

FIRST = "T"  # ids of the trips of the first collection; the others came later


def left_out(instance: Instance, free: list[Speed], *, only: str = "") -> CalibrationReport:
    """Each trip of the fitting half (or the one named) by speeds that are fitted to the others."""
    trips = [row for row in instance.calibration if row.use is CalibrationUse.FIT]
    rows: list[CalibrationRow] = []
    for trip in (one for one in trips if only in ("", one.id)):
        others = replace(instance, calibration=tuple(row for row in trips if row is not trip))
        guess = replace(others, speeds=fit_speeds(others, free=free))
        judged = replace(guess, edges=model_edges(guess), calibration=(trip,))
        rows += calibration_report(judged).rows
    return CalibrationReport(tuple(rows))


def groups_of(report: CalibrationReport) -> list[tuple[str, CalibrationGroup]]:
    """By modes, road and river in any combination, and all; each also of the first collection alone."""
    found: list[tuple[str, CalibrationGroup]] = []
    for name, rows in (
        ("", report.rows),
        (" (T)", tuple(row for row in report.rows if row.trip.id.startswith(FIRST))),
    ):
        part = CalibrationReport(rows)
        found += [("+".join(one.modes) + name, one) for one in part.groups() if one.modes]
        inland = tuple(row for row in rows if set(row.trip.modes) <= {Mode.ROAD, Mode.RIVER})
        found.append((f"road or river{name}", CalibrationGroup(CalibrationUse.FIT, (), inland)))
        found.append((f"all{name}", CalibrationGroup(CalibrationUse.FIT, (), rows)))
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--csv", type=Path, help="write the rows here")
    chosen = parser.parse_args()
    instance = build_kaltim.draft_instance()
    report = left_out(instance, build_kaltim.free_speeds(instance))
    names = instance.place_name_of
    print("trip  way, modes: published h, left out h, error, beyond the range")
    for row in report.rows:
        trip = row.trip
        modelled = "no way" if row.modelled_s is None else f"{row.modelled_s / 3600:6.2f}"
        print(
            f"{trip.id}  {names[trip.from_node]} - {names[trip.to_node]}, {'+'.join(trip.modes)}: "
            f"{trip.hours_min_s / 3600:.2f}-{trip.hours_max_s / 3600:.2f}, {modelled}, "
            f"{round(100 * (row.error or 0)):+d} %, {round(100 * (row.range_error or 0)):+d} %"
        )
    print("\ngroup  trips: median error, beyond the range, bias, inside the range")
    for name, group in groups_of(report):
        print(
            f"{name:18} {len(group.rows):2}: {100 * group.median_error:5.1f} %, "
            f"{100 * group.median_range_error:5.1f} %, {round(100 * (group.bias or 0)):+5d} %, "
            f"{100 * group.share_inside:3.0f} %"
        )
    if chosen.csv:
        chosen.csv.write_text(calibration_csv(instance, report), encoding="utf-8")


if __name__ == "__main__":
    main()
