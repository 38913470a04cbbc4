"""Who calls a public function of four or more parameters can read what each of them means.

A function's "Parameters" section names them all, those of one text with commas between, and nothing else.
Functions of the compiled kernel have the same parameters again and again: the docstring of `arrays` explains
these for all of them, so that only what is called from elsewhere has a full section of its own.
"""

import ast
from itertools import pairwise
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "planner"
KERNEL = PACKAGE / "propose" / "sisr" / "kernel"
IN_KERNEL = sorted(KERNEL.glob("*.py"))
OTHERS = sorted(set(PACKAGE.rglob("*.py")).difference(IN_KERNEL))
COMMON = KERNEL / "arrays.py"
WHOLE = {"search", "start_from", "best_place", "ruin", "recreate", "decide"}
MANY = 4


def functions(node, within=""):
    """Public functions, and methods of public classes, each with the names of its parameters."""
    for one in node.body:
        if isinstance(one, ast.ClassDef) and not one.name.startswith("_"):
            yield from functions(one, f"{within}{one.name}.")
        elif isinstance(one, ast.FunctionDef | ast.AsyncFunctionDef) and not one.name.startswith("_"):
            given = one.args
            names = [each.arg for each in (*given.posonlyargs, *given.args)]
            if within and not any(getattr(each, "id", "") == "staticmethod" for each in one.decorator_list):
                del names[0]
            names += [each.arg for each in (given.vararg, *given.kwonlyargs, given.kwarg) if each is not None]
            yield within + one.name, one, names
        elif isinstance(one, ast.If | ast.Try):
            yield from functions(one, within)


def explained(node):
    """Names that the "Parameters" section of a docstring has, with some text below them."""
    lines = (ast.get_docstring(node) or "").splitlines()
    pairs = list(pairwise([*lines, ""]))
    heads = [at for at, (line, below) in enumerate(pairs) if line.strip() and below.startswith("---")]
    begin = next((at for at in heads if lines[at] == "Parameters"), None)
    if begin is None:
        return set()
    end = next((at for at in heads if at > begin), len(lines))
    return {
        name.strip(" *")
        for line, below in pairs[begin + 2 : end]
        if line[:1].strip() and below.startswith("    ")
        for name in line.split(":")[0].split(",")
    }


def faults(source, common=frozenset(), whole=frozenset()):
    """Parameters that are not explained, and what is explained as one and is none."""
    found = []
    for name, node, parameters in functions(ast.parse(source)):
        mine = explained(node)
        known = mine if name in whole else mine | common
        if len(parameters) >= MANY:
            found += [f"{name}: {one} is not explained" for one in parameters if one not in known]
        found += [f"{name}: {one} is no parameter" for one in sorted(mine.difference(parameters))]
    return found


@pytest.mark.parametrize("path", OTHERS, ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_all_parameters_are_explained(path):
    assert faults(path.read_text("utf-8")) == []


@pytest.mark.parametrize("path", IN_KERNEL, ids=lambda path: path.stem)
def test_all_parameters_of_the_kernel_are_explained_there_or_for_all(path):
    common = explained(ast.parse(COMMON.read_text("utf-8")))
    assert {"data", "state", "trip", "veh_type", "job"} <= common
    assert faults(path.read_text("utf-8"), common, WHOLE) == []


def test_what_others_call_in_the_kernel_is_there():
    names = {name for path in IN_KERNEL for name, *_ in functions(ast.parse(path.read_text("utf-8")))}
    assert names >= WHOLE


SOURCE = '''
def load(vehicle, goods, *more, dock=0, **rest):
    """Load.

    Parameters
    ----------
    vehicle, goods
        What is loaded, and on what.
    *more
        Further goods.
    dock
        Where; 0: the first.
    **rest
        Not used.

    Returns
    -------
    bool
        Whether it fits.
    """


class Fleet:
    def send(self, vehicle, place, moment, why):
        """Send.

        Parameters
        ----------
        vehicle, place, moment
            Whom, where to, and when.
        why
            The reason.
        """

    @staticmethod
    def count(types, out, lost, new):
        """Count.

        Parameters
        ----------
        types, out, lost, new
            All numbers.
        """

    def short(self, one, two, three):
        """Need not say."""


class _Own:
    def hidden(self, one, two, three, four):
        """Need not say."""


def _hidden(one, two, three, four):
    def inside(one, two, three, four):
        pass
'''


def test_the_check_passes_what_is_explained():
    assert faults(SOURCE) == []
    assert [name for name, *_ in functions(ast.parse(SOURCE))] == [
        "load",
        "Fleet.send",
        "Fleet.count",
        "Fleet.short",
    ]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("vehicle, goods\n", "vehicle\n", "load: goods is not explained"),
        ("    dock\n        Where; 0: the first.\n", "", "load: dock is not explained"),
        ("        Where; 0: the first.\n", "", "load: dock is not explained"),
        ("    **rest\n        Not used.\n", "", "load: rest is not explained"),
        ("        why\n            The reason.\n", "", "Fleet.send: why is not explained"),
        ("types, out, lost, new\n", "types, out, lost\n", "Fleet.count: new is not explained"),
        ("    dock\n", "    dock, door\n", "load: door is no parameter"),
        ("one, two, three):", "one, two, three, four):", "Fleet.short: four is not explained"),
    ],
)
def test_the_check_finds_what_is_not(old, new, said):
    assert said in faults(SOURCE.replace(old, new, 1))


def test_a_section_by_another_name_explains_nothing():
    assert len(faults(SOURCE.replace("Parameters\n    -", "Attributes\n    -"))) == 5


def test_the_kernel_may_leave_out_what_is_explained_for_all():
    source = "def load(data, state, trip, job): ..."
    assert faults(source, {"data", "state"}) == [
        "load: trip is not explained",
        "load: job is not explained",
    ]
    assert faults(source, {"data", "state", "trip", "job"}) == []
    assert len(faults(source, {"data", "state", "trip", "job"}, {"load"})) == 4
