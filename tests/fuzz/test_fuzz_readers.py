"""Whatever the files of people hold, each verb ends with an answer or with faults, soon, and steers nobody.

50,000 cases: `python benchmarks/fuzz.py`.
"""

import os

import pytest

from tests.fuzz.readers import READERS, Found, call, restored, run_case
from tests.fuzz.world import make_world

CASES = 2_000  # of all readers together


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = make_world(tmp_path_factory.mktemp("world"))
    here = os.getcwd()
    os.chdir(folder)
    call(("check", "plans/plan.json", "--instance", "instance", "--output", "certificate.json"))
    yield folder
    os.chdir(here)


@pytest.mark.parametrize("name", READERS)
def test_a_file_as_it_is_is_read(world, name):
    """Else nothing would be learnt of what comes after the first check of a file."""
    with restored(world, name):
        code, said = call(READERS[name].command)
    assert code in (0, 3, 4), said


@pytest.mark.parametrize("name", READERS)
def test_no_spoilt_file_is_unexpected(world, name):
    found = Found()
    for seed in range(CASES // len(READERS)):
        run_case(world, name, seed, found)
    assert not found.wrong, "\n".join(found.wrong[:5])
    assert found.ends["refused"] + found.ends["rejected"]
