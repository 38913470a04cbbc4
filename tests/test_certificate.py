"""A certificate verified on another machine: saved anew it passes, changed anywhere it does not."""

import copy
import json
from dataclasses import replace

import pytest
import small

from planner.base.errors import InputError, Severity
from planner.base.text import set_language
from planner.cli import main
from planner.instance.digest import digest
from planner.instance.schema import Delay
from planner.outputs.robustness import robustness_lines
from planner.plans.file import claims_from_text, plan_to_text
from planner.plans.model import Status
from planner.proof.certificate import as_format_1, certificate, content_digest, document_of
from planner.proof.certificate_check import differences, read_certificate
from planner.proof.check import CHECKS, check_plan, checked
from planner.proof.worst.case import Failure, FailureKind, WorstCase
from planner.proof.worst.stretch import Stretch

INSTANCE = replace(
    small.INSTANCE, delays=(Delay(id="d", percent=30), Delay(id="g", edge="e8", fixed_s=343_800))
)
PLAN, VERDICT = checked(
    replace(small.PLAN, instance_digest=digest(INSTANCE), options={"guarantee": "1", "seed": "1"}),
    small.CLOCK,
    INSTANCE,
)
OWN = document_of(PLAN, small.CLOCK, INSTANCE, VERDICT)


def codes(claimed):
    return [one.code for one in differences(claimed, OWN)]


def leaves(value, path=()):
    """Paths of all leaves, and of empty lists and maps."""
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, dict | list) or not value:
        yield path
    for key, one in pairs:
        yield from leaves(one, (*path, key))


def changed(path):
    document = copy.deepcopy(OWN)
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    old = holder[path[-1]]
    holder[path[-1]] = not old if isinstance(old, bool) else old + 1 if isinstance(old, int) else "other"
    return document


PATHS = [path for path in leaves(OWN) if path not in {("format",)}]


def test_the_plan_says_of_itself_what_the_check_says():
    assert VERDICT.passed
    assert [one.status for one in PLAN.components] == [VERDICT.components["W"], VERDICT.components["V"]]
    assert (PLAN.gamma, PLAN.components[1].status, PLAN.status) == (1, Status.ON_TIME, Status.ON_TIME)
    failed = [one for one in OWN["worst_cases"] if one["failure"]]
    assert "G" in [one["region"] for one in failed]
    assert OWN["guarantee"]["not_guaranteed"] == [one["region"] for one in failed]
    by_region = {one["region"]: one for one in OWN["worst_cases"]}
    assert by_region["G"]["late_legs"] == [["T6", 1]]
    assert by_region["G"]["failure"]["kind"] == "late"
    assert by_region["G"]["margin_s"] == 0


def test_the_same_certificate_has_no_differences():
    assert codes(copy.deepcopy(OWN)) == []


def test_a_certificate_that_is_saved_anew_passes(tmp_path):
    path = tmp_path / "other.json"
    turned = json.loads(json.dumps(OWN), object_pairs_hook=lambda pairs: dict(reversed(pairs)))
    path.write_text("\ufeff" + json.dumps(turned, indent=4).replace("\n", "\r\n"), "utf-8")
    assert codes(read_certificate(path)) == []


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
def test_a_changed_figure_is_found_anywhere(path):
    found = differences(changed(path), OWN)
    expected = {"digest": {"P109"}, "versions": {"P109", "P106"}}.get(path[0], {"P109", "P106"})
    if path == ("versions", "checker"):
        expected = {"P109", "P110"}
    assert {one.code for one in found} == expected
    assert all(one.cause and one.action for one in found)


@pytest.mark.parametrize("path", PATHS, ids=lambda path: ".".join(map(str, path)))
def test_a_changed_figure_is_found_behind_a_digest_that_fits(path):
    document = changed(path)
    document["digest"] = content_digest(document)
    if path == ("digest",):
        assert codes(document) == []
    else:
        [one] = differences(document, OWN)
        assert one.code == ("P110" if path == ("versions", "checker") else "P106")
        assert (one.severity is Severity.WARNING) == (one.code == "P110")


def test_what_lacks_and_what_does_not_belong_is_named():
    document = copy.deepcopy(OWN)
    del document["stretch"]["percent"]
    document["rules"].pop()
    document["figures"]["luck"] = 7
    found = differences(document, OWN)
    assert [one.code for one in found] == ["P109", "P108", "P107", "P107"]
    assert [one.column for one in found[1:]] == [
        "figures.luck",
        "stretch.percent",
        f"rules[{len(CHECKS)} status]",
    ]


def test_the_format_before_is_still_verified():
    old = copy.deepcopy(as_format_1(OWN))
    assert old["format"] == "certificate/1"
    assert codes(copy.deepcopy(old)) == []
    old["figures"]["cost"] += 1
    [one] = differences(old, OWN)
    assert (one.code, one.column) == ("P106", "figures.cost")


def test_what_the_check_does_not_recompute_is_marked():
    claimed = ["plan.options", "versions.planner"]
    assert OWN["bounds"]["W"] is not None
    assert OWN["as_claimed"] == ["bounds", *claimed]
    components = tuple(replace(one, lower_bound=None) for one in PLAN.components)
    plan = replace(PLAN, components=components)
    assert document_of(plan, small.CLOCK, INSTANCE, VERDICT)["as_claimed"] == claimed
    for key in claimed:  # they are in the certificate
        table, column = key.split(".")
        assert column in OWN[table]


def test_a_certificate_of_before_claims_were_marked_is_still_verified():
    old = {key: value for key, value in OWN.items() if key != "as_claimed"}
    old["digest"] = content_digest(old)
    assert codes(old) == []
    assert codes({**OWN, "as_claimed": []}) == ["P109", *["P107"] * 3]


def test_what_is_no_certificate_is_refused(tmp_path):
    path = tmp_path / "other.json"
    for text in (
        "",
        "{",
        "[]",
        "{}",
        '{"format": "certificate/9"}',
        '{"format": "certificate/2", "a": 1, "a": 2}',
    ):
        path.write_text(text, "utf-8")
        with pytest.raises(InputError, match="P105"):
            read_certificate(path)
    path.write_bytes(b"\xff\xfe\x00")
    for one in (path, tmp_path, tmp_path / "nothing"):
        with pytest.raises(InputError, match="P104"):
            read_certificate(one)


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Folder of the instance, plan file, and certificate of another machine."""
    monkeypatch.setattr(
        "planner.instance.read.read_instance", lambda _: INSTANCE
    )  # its hours are no decimals
    (tmp_path / "folder").mkdir()
    plan, other = tmp_path / "plan.json", tmp_path / "other.json"
    plan.write_text(plan_to_text(PLAN, small.CLOCK), "utf-8")
    claims = claims_from_text(plan.read_text("utf-8"))[2]
    verdict = check_plan(PLAN, small.CLOCK, INSTANCE, claims)
    other.write_text(certificate(PLAN, small.CLOCK, INSTANCE, verdict, claims), "utf-8")
    return tmp_path / "folder", plan, other


def call(*arguments, language="en"):
    try:
        with pytest.raises(SystemExit) as end:
            main(["--lang", language, *map(str, arguments)])
    finally:
        set_language("en")
    return end.value.code


def test_check_verifies_a_certificate_and_writes_none(files, capsys):
    folder, plan, other = files
    before = sorted(plan.parent.iterdir())
    assert call("check", plan, "--instance", folder, "--certificate", other) == 0
    assert "says what the plan and the files say" in capsys.readouterr().out
    assert sorted(plan.parent.iterdir()) == before
    mine = plan.parent / "mine.json"
    assert call("check", plan, "--instance", folder, "--certificate", other, "--output", mine) == 0
    assert mine.read_bytes() == other.read_bytes()


def test_check_names_what_differs(files, capsys):
    folder, plan, other = files
    data = json.loads(other.read_text("utf-8"))
    data["stretch"]["minutes"] += 1
    other.write_text(json.dumps(data), "utf-8")
    assert call("check", plan, "--instance", folder, "--certificate", other) == 4
    shown = capsys.readouterr()
    assert "P106" in shown.err
    assert "stretch.minutes" in shown.err
    assert "Differences: 2" in shown.out
    assert call("check", plan, "--instance", folder, "--certificate", other, "--json") == 4
    found = json.loads(capsys.readouterr().out)["certificate_differences"]
    assert [(one["code"], one["place"]) for one in found] == [("P109", "digest"), ("P106", "stretch.minutes")]
    assert call("check", plan, "--instance", folder, "--certificate", folder) == 2
    assert "P104" in capsys.readouterr().err


def test_check_says_what_the_plan_withstands(files, capsys):
    folder, plan, _ = files
    assert call("check", plan, "--instance", folder) == 0
    shown = capsys.readouterr().out
    number = len(VERDICT.robustness.not_guaranteed)
    assert (
        "Not safe whichever legs are late (any 1 late leg of each vehicle). "
        f"Regions that are not guaranteed: {number} of 6." in shown
    )
    assert (
        "Desa G (G): receives 26 Nov 00:00 in the worst case, deadline 26 Nov 00:00; late: leg 1 of T6."
        in shown
    )
    assert f"all travel may take {VERDICT.robustness.stretch.percent} % longer" in shown
    assert "Not covered: breakdowns" in shown
    assert "a late service may slip to the next opening if the deadline still holds" in shown
    assert "Delay figures in the files: 2; of these defaults: 2, entered: 0, measured: 0." in shown
    assert call("check", plan, "--instance", folder, "--force", language="id") == 0
    assert (
        "Tidak selalu tahan, tergantung etape mana yang terlambat (1 etape terlambat"
        in capsys.readouterr().out
    )


def lines(found):
    return "\n".join(robustness_lines(found, INSTANCE))


def test_every_case_of_what_is_withstood_has_words():
    found = VERDICT.robustness
    kept = tuple(replace(one, failure=None) for one in found.worst)
    text = lines(replace(found, worst=kept, gamma=2, gammas={"TRUCK": 2, "BOAT": 3}, delay_figures={}))
    assert "Withstands any 2 late legs of each vehicle (3 by BOAT): everybody" in text
    assert "The files hold no delay figures" in text
    assert "guarantee = 0" in lines(replace(found, worst=(), delay_figures={"default": 1, "measured": 4}))
    assert "Nobody who is on time" in lines(replace(found, stretch=Stretch(None, None)))
    assert "any amount longer" in lines(replace(found, stretch=Stretch(None, 5)))
    assert "Late crews may work 2 h 0 min longer" in text
    by_type = lines(replace(found, work_late_s={"TRUCK": 7200, "JEEP": 7200, "BOAT": 5400}))
    assert "may work 2 h 0 min (1 h 30 min by BOAT) longer" in by_type
    assert "Late crews" not in lines(replace(found, work_late_s={}))
    place = {"hub": "J", "trip": "T1", "vehicle": "TRUCK-01"}
    failures = [Failure(kind, place, moment, 0) for kind in FailureKind for moment in (None, 7200)]
    worst = tuple(
        WorstCase("G", None, None, exact=False, failure=failure) for failure in failures for _ in range(2)
    )
    text = lines(replace(found, worst=worst))
    assert "Upper bounds, not exact" in text
    assert "never" in text
    assert "and 10 more" in text
