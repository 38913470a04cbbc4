"""Published trips beside the model, and speeds fitted to half of them."""

from __future__ import annotations

from dataclasses import replace

import pytest
from test_network_model import ROW, line, made

from planner.instance.schema import Calibration, CalibrationUse, Direction, Instance, Mode, Speed
from planner.network.calibrate import calibration_report, fit_speeds
from planner.network.model import model_edges

USES = {"f": CalibrationUse.FIT, "j": CalibrationUse.JUDGE, "n": CalibrationUse.NONE}
TRUE = {"good": 45_000, "bad": 16_000}


def trip(
    name: str, start: str, end: str, hours: float, mode: Mode = Mode.ROAD, percent: int = 100
) -> Calibration:
    seconds = round(hours * 3600)
    return Calibration(
        id=name,
        from_node=start,
        to_node=end,
        modes=(mode,),
        speed_percent=percent,
        hours_min_s=seconds,
        hours_max_s=seconds,
        use=USES[name[0]],
    )


def roads() -> Instance:
    access = {place: (Mode.ROAD, "bad" if place in "cd" else "good") for place in ROW}
    instance = made(ROW, access)
    return replace(instance, edges=model_edges(instance))


def published(instance: Instance, speeds: dict[str, int]) -> Instance:
    """The instance with trips that hold exactly at other speeds."""
    changed = tuple(
        replace(row, speed_m_per_h=speeds.get(row.class_, row.speed_m_per_h)) for row in instance.speeds
    )
    asked = tuple(trip(f"f{a}{b}", a, b, 1) for a, b in ("wa", "wb", "cd", "bd", "ac"))
    truth = replace(instance, speeds=changed, calibration=asked)
    report = calibration_report(replace(truth, edges=model_edges(truth)))
    rows = (replace(row.trip, hours_min_s=row.modelled_s, hours_max_s=row.modelled_s) for row in report.rows)
    return replace(instance, calibration=tuple(rows))


def test_report_compares_least_times_with_the_middle_of_the_published_ones():
    instance = roads()
    asked = replace(trip("j1", "w", "b", 1), hours_min_s=1000, hours_max_s=2000)
    (row,) = calibration_report(replace(instance, calibration=(asked,))).rows
    expected = sum(edge.time_s for edge in instance.edges if edge.id in ("road:w:a", "road:a:b"))
    assert row.published_s == 1500
    assert row.modelled_s == pytest.approx(expected, abs=1)
    assert row.error == pytest.approx(row.modelled_s / 1500 - 1)


def test_slow_craft_take_longer():
    asked = (trip("j1", "w", "b", 1), trip("j2", "w", "b", 1, percent=50))
    fast, slow = calibration_report(replace(roads(), calibration=asked)).rows
    assert slow.modelled_s == pytest.approx(2 * fast.modelled_s, abs=1)


def test_only_the_trips_modes_are_used_and_no_way_counts_as_an_error_of_all():
    asked = (trip("j1", "w", "b", 1, Mode.SEA), trip("n1", "w", "b", 9))
    report = calibration_report(replace(roads(), calibration=asked))
    assert (report.rows[0].modelled_s, report.rows[0].error) == (None, None)
    assert report.group(CalibrationUse.JUDGE).median_error == 1
    assert report.group(CalibrationUse.FIT) is None


def test_medians_are_of_their_half():
    instance = roads()
    hours = next(edge.time_s for edge in instance.edges if edge.id == "road:w:a") / 3600
    asked = [trip(f"f{at}", "w", "a", hours / (1 + error)) for at, error in enumerate((0.1, 0.2, -0.5))]
    asked += [trip(f"j{at}", "w", "a", hours / (1 + error)) for at, error in enumerate((0.3, 0.3, 0.9))]
    report = calibration_report(replace(instance, calibration=tuple(asked)))
    assert report.group(CalibrationUse.FIT).median_error == pytest.approx(0.2, abs=0.01)
    assert report.group(CalibrationUse.JUDGE).median_error == pytest.approx(0.3, abs=0.01)


def test_rivers_are_compared_up_and_down():
    instance = made(ROW, {}, lines=line("river", Mode.RIVER, "river", "d c b a w"))
    asked = (trip("j1", "d", "w", 1, Mode.RIVER), trip("j2", "w", "d", 1, Mode.RIVER))
    down, up = calibration_report(replace(instance, edges=model_edges(instance), calibration=asked)).rows
    assert up.modelled_s == pytest.approx(2 * down.modelled_s, abs=4)


def test_fit_finds_the_speeds_that_the_trips_were_made_with():
    instance = published(roads(), TRUE)
    fitted = {row.class_: row for row in fit_speeds(instance)}
    for class_, speed in TRUE.items():
        assert fitted[class_].speed_m_per_h == pytest.approx(speed, rel=0.03)
        assert fitted[class_].source.startswith("fitted to 5 published trips; first guess")


def test_one_odd_trip_does_not_govern():
    instance = published(roads(), TRUE)
    odd = replace(instance, calibration=(*instance.calibration, trip("fodd", "w", "a", 40)))
    fitted = {row.class_: row.speed_m_per_h for row in fit_speeds(odd)}
    assert fitted["good"] == pytest.approx(TRUE["good"], rel=0.05)


def test_fit_does_not_look_at_the_judges():
    instance = published(roads(), TRUE)
    judges = tuple(replace(trip("jx", "w", "d", 77), id=f"j{at}") for at in range(9))
    assert fit_speeds(replace(instance, calibration=instance.calibration + judges)) == fit_speeds(instance)


def test_only_free_rows_change():
    instance = published(roads(), TRUE)
    bad = next(row for row in instance.speeds if row.class_ == "bad")
    fitted = fit_speeds(instance, free=[bad])
    assert [row for row in fitted if row.class_ != "bad"] == [
        row for row in instance.speeds if row.class_ != "bad"
    ]


def test_speeds_stay_plausible_and_keep_their_order():
    instance = published(roads(), {"good": 900_000, "bad": 900_000})
    fitted = {row.class_: row.speed_m_per_h for row in fit_speeds(instance)}
    assert 60_000 < fitted["good"] <= 60_000 * 1.71
    assert 20_000 < fitted["bad"] <= 20_000 * 1.71


def test_fitting_again_gives_the_same():
    instance = published(roads(), TRUE)
    assert fit_speeds(instance) == fit_speeds(instance)


def test_rows_for_one_direction_are_fitted_by_themselves():
    instance = made(ROW, {}, lines=line("river", Mode.RIVER, "river", "d c b a w"))
    asked = (trip("f1", "d", "w", 1.2, Mode.RIVER), trip("f2", "w", "d", 2.4, Mode.RIVER))
    fitted = fit_speeds(replace(instance, calibration=asked))
    rows: dict[Direction, Speed] = {row.direction: row for row in fitted if row.mode is Mode.RIVER}
    assert rows[Direction.DOWN].speed_m_per_h > 1.8 * rows[Direction.UP].speed_m_per_h
    report = calibration_report(
        replace(
            instance, speeds=fitted, edges=model_edges(replace(instance, speeds=fitted)), calibration=asked
        )
    )
    assert report.group(CalibrationUse.FIT).median_error < 0.02
