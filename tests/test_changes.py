"""Changes of an instance: what each verb does to the tables, what is refused, and `plan solve --change`."""

from __future__ import annotations

import json
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import pytest
from tiny_folder import write_tiny

from planner.base.errors import Fault, InputError
from planner.base.safe_text import shell_word
from planner.base.text import set_language
from planner.batches.apply import apply_changes, parse_changes, read_changed
from planner.batches.changes import USAGE, Condition, Verb, duration_of, factor_of, parse_change
from planner.cli import main
from planner.instance.digest import digest
from planner.instance.read import raw_instance, read_instance, tables_of
from planner.plans.file import read_plan

ROOT = Path(__file__).resolve().parents[1]
TOY = ROOT / "instances" / "toy"
HOUR, DAY = 3600, 86_400


@pytest.fixture(autouse=True)
def english():
    set_language("en")


@pytest.fixture
def tiny(tmp_path):
    return write_tiny(tmp_path / "tiny")


def changed(folder, *texts):
    return read_changed(folder, texts).instance


def refused(folder, *texts):
    with pytest.raises(InputError) as found:
        read_changed(folder, texts)
    return [(one.code, one.value) for one in found.value.faults]


# ------------------------------------------------------------------ verbs


def test_set_changes_the_rows_meant_and_no_others(tiny):
    before, after = read_instance(tiny), changed(tiny, "set vehicles truck number=5")
    assert [one.number for one in after.vehicles] == [5, 1]
    assert replace(after, vehicles=before.vehicles) == before


def test_set_takes_conditions_patterns_and_columns_that_the_file_lacks(tiny):
    after = changed(tiny, 'set regions handover_min=7 calendar="day" where subarea=S1|S3 id=R*')
    assert [(one.id, one.handover_s, one.calendar) for one in after.regions] == [
        ("R1", 420, "day"),
        ("R2", 420, "day"),
        ("R3", 900, ""),
    ]


def test_an_empty_value_empties_the_cell(tiny):
    assert changed(tiny, "set vehicles truck work_h=").vehicles[0].work_s is None


@pytest.mark.parametrize(
    ("condition", "meant"),
    [
        ("tps>2", ["R1"]),
        ("tps>=2", ["R1", "R2"]),
        ("tps<2", ["R3"]),
        ("voters<=601", ["R2", "R3"]),
        ("id!=R2", ["R1", "R3"]),
        ("handover_min!=15", ["R1", "R2"]),
        ('name="Desa Satu"', ["R1"]),
        ("name=*Tiga*", ["R3"]),
        ("id=R1 subarea=S2", None),
    ],
)
def test_conditions(tiny, condition, meant):
    text = f"set regions handover_min=99 where {condition}"
    if meant is None:
        assert [code for code, _ in refused(tiny, text)] == ["S410"]
    else:
        assert [one.id for one in changed(tiny, text).regions if one.handover_s == 99 * 60] == meant


def test_brackets_in_a_condition_are_one_of_their_letters():
    assert Condition("name", "=", "Van [6 t]").holds("Van 6")
    assert not Condition("name", "=", "Van [6 t]").holds("Van [6 t]")
    assert Condition("name", "=", "Van [[]6 t]").holds("Van [6 t]")


def test_a_condition_knows_what_an_empty_cell_means(tiny):
    after = changed(tiny, "set vehicles number=4 where load_fixed_min=0 speed_percent=100 overnight=home")
    assert [one.number for one in after.vehicles] == [4, 1]


def test_at_means_either_end_of_an_edge(tiny):
    after = changed(tiny, "set edges time_s=77 where at=N1 mode=road")
    assert {one.id for one in after.edges if one.time_s == 77} == {"e1", "e2", "e3"}
    after = changed(tiny, "set edges time_s=77 where at!=N1")
    assert {one.id for one in after.edges if one.time_s == 77} == {"e4", "e5"}


def test_scale_rounds_half_up_keeps_empty_cells_and_obeys_the_least_value(tiny):
    after = changed(tiny, "scale edges time_s=1/1000 delay_max_s=150% where mode=road")
    assert [(one.time_s, one.delay_max_s) for one in after.edges[:3]] == [(1, 450), (1, 0), (2, 0)]
    after = changed(tiny, "scale vehicles work_h=2/3 price_km=1.1 speed_percent=0.5")
    assert [one.work_s for one in after.vehicles] == [20_403, None]  # 5.666… h as near as the file can say it
    assert [one.price_km for one in after.vehicles] == [4400, 9900]
    assert [one.speed_percent for one in after.vehicles] == [50, 50]  # of the default, where none is given


def test_scale_takes_counts(tiny):
    assert [one.counts["voters"] for one in changed(tiny, "scale regions voters=1.5").regions] == [
        1500,
        902,
        300,
    ]


def test_shift_moves_instants_and_hours_and_what_is_there_from_the_start(tiny):
    after = changed(tiny, "shift stock available=+24h")
    assert [one.available_s for one in after.stock] == [DAY, 30 * HOUR, DAY]
    after = changed(tiny, "shift calendars opens=1h closes=-30min where days=daily opens=06:00")
    assert [(one.opens_s, one.closes_s) for one in after.calendars][:2] == [
        (7 * HOUR, 11 * HOUR + 1800),
        (12 * HOUR, 18 * HOUR),
    ]
    after = changed(tiny, "shift closures from=1d until=1d")
    assert [(one.from_s, one.until_s) for one in after.closures] == [(DAY, DAY + 12 * HOUR)]


def test_drop_takes_rows_by_id_and_by_condition(tiny):
    assert [one.id for one in changed(tiny, "drop vehicles boat").vehicles] == ["truck"]
    assert changed(tiny, "drop stock where item=ballot").stock[0].item == "box"
    assert changed(tiny, "drop closures where edge=e5").closures == ()


def test_drop_takes_single_vehicles(tiny):
    assert [one.number for one in changed(tiny, "drop vehicles truck-02").vehicles] == [1, 1]
    assert [one.number for one in changed(tiny, "drop vehicles truck/1 truck-02 boat-01").vehicles] == [0, 0]
    assert [one.id for one in changed(tiny, "drop vehicles truck-01 boat").vehicles] == ["truck"]


def test_add_makes_a_row_even_of_a_new_table(tiny):
    after = changed(
        tiny,
        "add vehicles id=van name=Van warehouse=W1 number=1 modes=road mass_kg=500 volume_dm3=900",
        "add delays id=d1 mode=road percent=30",
    )
    assert [one.id for one in after.vehicles] == ["truck", "boat", "van"]
    assert after.delays[0].percent == 30


def test_settings_take_their_types(tiny):
    after = changed(
        tiny, "setting guarantee=2 name='Other name' model.neighbours=7 model.longest_join_km=1.5"
    )
    assert (after.settings.guarantee, after.settings.name) == (2, "Other name")
    assert (after.settings.model.neighbours, after.settings.model.longest_join_m) == (7, 1500)


def test_close_and_weather_write_closures(tiny):
    after = changed(tiny, "close edges e1 e2 until=2024-11-25T00:00+08:00", "weather 2024-11-26 river")
    assert [(one.edge, one.from_s, one.until_s) for one in after.closures[1:]] == [
        ("e1", None, DAY),
        ("e2", None, DAY),
        ("e4", 2 * DAY, 3 * DAY),
        ("e5", 2 * DAY, 3 * DAY),
    ]
    after = changed(tiny, "weather 2024-11-26 river from=06:00 until=12:30 where id=e4", "close edges e4")
    assert [(one.id, one.from_s, one.until_s) for one in after.closures[1:]] == [
        ("change-1:e4", 2 * DAY + 6 * HOUR, 2 * DAY + 12 * HOUR + 1800),
        ("change-2:e4", None, None),
    ]


def test_speed_changes_times_and_delays_of_a_mode_and_known_trips_of_it_alone(tiny):
    after = changed(tiny, "speed road 0.5")
    assert [one.time_s for one in after.edges] == [1800, 1200, 3000, 2400, 2400]
    assert after.edges[0].delay_max_s == 600
    assert after.known_trips[0].time_s == 3600  # the truck has roads only
    assert changed(tiny, "speed road 0.5 where id=e1").known_trips[0].time_s == 1800
    assert changed(tiny, "speed river 2").edges[4].time_back_s == 900


def test_late_by_and_until(tiny):
    after = changed(tiny, "late box ballot by=1d where warehouse=W1")
    assert [one.available_s for one in after.stock] == [DAY, 30 * HOUR, None]
    after = changed(tiny, "late b* until=2024-11-24T03:00+08:00")
    assert [one.available_s for one in after.stock] == [
        3 * HOUR,
        6 * HOUR,
        None,
    ]  # what comes later anyway stays
    after = changed(tiny, "late box ballot until=2024-11-24T06:00+08:00", "late * by=1h")
    assert [(one.item, one.available_s, one.quantity) for one in after.stock] == [
        ("box", 7 * HOUR, 20),
        ("ballot", 7 * HOUR, 3000),
        ("forms", HOUR, 3),
    ]
    # What then comes at one moment stands in one row, else the tables would have it twice.
    add = "add stock warehouse=W1 item=box quantity=5 available=2024-11-24T02:00:00Z"
    after = changed(tiny, add, "late box until=2024-11-24T10:00+08:00")
    assert [(one.item, one.available_s, one.quantity) for one in after.stock] == [
        ("box", 10 * HOUR, 25),
        ("ballot", 6 * HOUR, 3000),
        ("forms", None, 3),
    ]


def test_fewer_vehicles_are_shared_out_by_largest_remainders(tiny):
    texts = [
        f"add vehicles id=v{n} name=v warehouse=W1 number={n} modes=road mass_kg=9 volume_dm3=9"
        for n in (3, 5)
    ]
    after = changed(tiny, *texts, "fewer vehicles by=1/3 where id=v*")
    assert {one.id: one.number for one in after.vehicles} == {"truck": 2, "boat": 1, "v3": 2, "v5": 3}
    after = changed(tiny, "fewer vehicles by=2")
    assert sum(one.number for one in after.vehicles) == 1


def test_deadline_as_an_instant_and_as_a_shift(tiny):
    after = changed(tiny, "deadline 2024-11-26T12:00+08:00")
    assert after.settings.deadline_s == 2 * DAY + 12 * HOUR
    after = changed(tiny, "deadline -12h")
    assert after.settings.deadline_s == 2 * DAY + 12 * HOUR
    assert [one.deadline_s for one in after.deadlines] == [36 * HOUR, 36 * HOUR]


def test_guarantee_and_seed_are_wishes_for_the_search(tiny):
    found = read_changed(tiny, ["guarantee 2", "seed 7", "guarantee 1"])
    assert (found.guarantee, found.seed) == (1, 7)
    assert digest(found.instance) == digest(read_instance(tiny))


def test_changes_work_on_what_those_before_them_left(tiny):
    after = changed(tiny, "scale edges e1 time_s=2", "scale edges e1 time_s=2", "drop vehicles boat")
    assert after.edges[0].time_s == 3600


# ------------------------------------------------------------------ refusals


@pytest.mark.parametrize(
    ("text", "faults"),
    [
        ("remove vehicles boat", [("S401", "remove")]),
        ("set vehicles name='x", [("S402", "set vehicles name='x")]),
        ("add", [("S403", "add")]),
        ("guarantee", [("S403", "guarantee")]),
        ("set vehicles boat", [("S403", "set vehicles boat")]),
        ("drop vehicles boat number=2", [("S404", "number")]),
        ("close edges e1 to=x", [("S404", "to")]),
        ("seed 3 where id=2", [("S404", "where")]),
        ("set vehicles number=2 where id", [("S405", "id")]),
        ("set vehicles number=2 boat", [("S405", "boat")]),
        ("set vehicles number=2 number=3", [("S405", "number")]),
        ("drop vehicles", [("S405", "drop vehicles")]),
        ("late box by=1h until=2024-11-25T00:00+08:00", [("S405", None)]),
        ("set lorries number=2", [("S406", "lorries")]),
        ("close hubs J1", [("S406", "hubs")]),
        ("set vehicles nummer=2 colour=red", [("S407", "nummer"), ("S407", "colour")]),
        ("set vehicles number=2 where colour=red", [("S407", "colour")]),
        ("set stock box quantity=2", [("S408", "box")]),
        ("drop vehicles boot", [("S409", "boot")]),
        ("scale edges time_s=2 where mode=air", [("S410", None)]),
        ("scale edges time_s=fast", [("S411", "fast")]),
        ("speed river 0", [("S411", "0")]),
        ("scale vehicles name=2", [("S412", "name")]),
        ("shift stock available=24", [("S413", "24")]),
        ("shift vehicles number=1h", [("S414", "number")]),
        ("shift calendars closes=12h where opens=12:00", [("S415", "18:00")]),
        ("drop vehicles truck-03", [("S416", "truck-03")]),
        ("setting deadlines=x", [("S417", "deadlines")]),
        ("weather 2024-11-31 river", [("S418", "2024-11-31 00:00")]),
        ("weather 2024-11-30 lake", [("S419", "lake")]),
        ("fewer vehicles by=4", [("S420", "4")]),
        ("fewer vehicles by=1.5", [("S420", "1.5")]),
        ("guarantee many", [("S421", "many")]),
    ],
)
def test_what_cannot_be_meant_is_refused_in_both_languages(tiny, text, faults):
    found = refused(tiny, text)
    assert [code for code, _ in found] == [code for code, _ in faults]
    assert all(value in (None, said) for (_, said), (_, value) in zip(found, faults, strict=True))
    for code in ("en", "id"):
        set_language(code)
        with pytest.raises(InputError) as error:
            read_changed(tiny, [text])
        assert all(one.cause and one.action for one in error.value.faults)


def test_a_value_given_twice_is_told_how_to_write_it(tiny):
    with pytest.raises(InputError) as error:
        read_changed(tiny, ["set vehicles number=2 number=3"])
    assert error.value.faults[0].action.endswith(": number=…")


def test_every_verb_is_written_as_its_usage_says():
    assert set(USAGE) == set(Verb)
    assert all(text.startswith(verb.value) for verb, text in USAGE.items())


def test_all_faults_come_in_one_report_with_their_places(tiny):
    texts = ["drop vehicles boot", "set hubs J1 docks=2", "sett hubs"]
    with pytest.raises(InputError) as error:
        read_changed(tiny, texts)
    assert [(one.code, one.table, one.row) for one in error.value.faults] == [("S401", "--change", 3)]
    with pytest.raises(InputError) as error:
        read_changed(tiny, ["drop vehicles boot", "scale edges time_s=x"])
    assert [one.code for one in error.value.faults] == ["S409", "S411"]


def test_what_the_changed_instance_may_not_be_is_told_with_scenario_table_row_and_column(tiny):
    with pytest.raises(InputError) as error:
        read_changed(tiny, ["set vehicles number=many where id=boat", "drop regions R1"])
    found = [(one.code, one.table, one.row, one.column, one.value) for one in error.value.faults]
    assert ("I202", "--change: vehicles", 3, "number", "many") in found
    assert any(table == "--change: known_trips" for _, table, *_ in found)  # it led to R1


def test_faults_of_the_files_themselves_come_first(tiny):
    (tiny / "hubs.csv").write_text("id,name,kind,lat,lon\nJ1,J,jetty,x,117\n")
    with pytest.raises(InputError) as error:
        read_changed(tiny, ["drop vehicles boot"])
    assert [(one.code, one.table) for one in error.value.faults] == [("I203", "hubs")]


def test_nothing_changes_in_place(tiny):
    raw = raw_instance(tiny)
    before = tables_of(raw)
    changes, _ = parse_changes(["setting guarantee=9", "drop vehicles boat", "scale edges time_s=2"], "x")
    apply_changes(raw, changes, Fault("", "x"))
    assert tables_of(raw) == before


@pytest.mark.parametrize(
    "text", ["", "   ", "where", "set where a=b", "=", "set =3", "set vehicles ''", "a" * 3000]
)
def test_senseless_lines_are_faults_and_no_crash(tiny, text):
    change, faults = parse_change(text, Fault("", "x"))
    if change is not None:
        faults = apply_changes(raw_instance(tiny), [change], Fault("", "x")).faults
    assert faults


def test_factors_and_durations():
    assert [factor_of(one) for one in ("1.5", "150%", "3/2", "1/0", "-1", "")] == [
        *[Fraction(3, 2)] * 3,
        None,
        None,
        None,
    ]
    assert [duration_of(one) for one in ("1d6h", "+30min", "-90s", "1h1h", "0.5h", "1.0001s", "h", "")] == [
        108_000,
        1800,
        -90,
        7200,
        1800,
        None,
        None,
        None,
    ]


# ------------------------------------------------------------------ plan solve --change


def run(*arguments):
    with pytest.raises(SystemExit) as left:
        main([str(one) for one in arguments])
    return int(left.value.code or 0)


def test_solve_with_changes_tells_of_them_and_check_wants_them(tmp_path, capsys, no_workers):
    plan = tmp_path / "plan.json"
    change = "scale edges time_s=1.1 time_back_s=1.1"
    assert (
        run("solve", TOY, "--effort", 1, "--workers", 1, "--output", plan, "--change", change, "--json") == 0
    )
    assert read_plan(plan).options["changes"] == change
    capsys.readouterr()
    assert run("check", plan, "--instance", TOY) == 4
    assert f"--change {shell_word(change)}" in capsys.readouterr().err
    assert run("check", plan, "--instance", TOY, "--change", change) == 0
    assert "other changes" not in capsys.readouterr().err
    assert run("show", plan, "elm", "--instance", TOY) == 2  # made for other files
    assert run("show", plan, "elm", "--instance", TOY, "--change", change) == 0
    target = tmp_path / "map.svg"
    assert (
        run("export", plan, "--format", "svg", "--instance", TOY, "--change", change, "--output", target) == 0
    )


def test_solve_takes_guarantee_and_seed_from_changes(tmp_path, capsys, no_workers):
    plan = tmp_path / "plan.json"
    asked = ("--change", "guarantee 1", "--change", "seed 5")
    run("solve", TOY, "--effort", 1, "--workers", 1, "--output", plan, *asked, "--json")
    options = read_plan(plan).options
    assert (options["guarantee"], options["seed"]) == ("1", "5")
    assert json.loads(capsys.readouterr().out)["status"]


def test_solve_refuses_a_wrong_change(tmp_path, capsys):
    assert run("solve", TOY, "--effort", 1, "--change", "drop vehicles vans", "--output", tmp_path / "x") == 2
    assert "S409" in capsys.readouterr().err
