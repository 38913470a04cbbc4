"""What changes do to an instance that is there as text; reading and validation follow as for files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from planner.base.errors import Fault, InputError, Severity
from planner.batches import conveniences, edits
from planner.batches.changes import Change, Verb, parse_change
from planner.batches.workbench import Workbench
from planner.instance.read import RawInstance, raw_instance, tables_of
from planner.instance.schema import Instance

__all__ = ["Applied", "Changed", "apply_changes", "changed_instance", "parse_changes", "read_changed"]

_VERBS: Mapping[Verb, Callable[[Workbench, Change], None]] = {
    Verb.SET: edits.set_cells,
    Verb.SCALE: edits.scale_cells,
    Verb.SHIFT: edits.shift_cells,
    Verb.DROP: edits.drop_rows,
    Verb.ADD: edits.add_row,
    Verb.SETTING: edits.set_settings,
    Verb.CLOSE: conveniences.close,
    Verb.WEATHER: conveniences.weather,
    Verb.SPEED: conveniences.speed,
    Verb.LATE: conveniences.late,
    Verb.FEWER: conveniences.fewer,
    Verb.DEADLINE: conveniences.deadline,
    Verb.GUARANTEE: conveniences.guarantee,
    Verb.SEED: conveniences.seed,
}


@dataclass(frozen=True, slots=True)
class Applied:
    """An instance with changes made.

    Parameters
    ----------
    raw
        The instance as text.
    guarantee, seed
        What the changes ask of a solve; None where they ask nothing.
    faults
        Of the changes themselves (S406 to S421).
    """

    raw: RawInstance
    guarantee: int | None
    seed: int | None
    faults: tuple[Fault, ...]


def parse_changes(texts: Sequence[str], table: str) -> tuple[tuple[Change, ...], list[Fault]]:
    """Read several changes; `table` is where they stand, a change's number its row."""
    changes: list[Change] = []
    faults: list[Fault] = []
    for row, text in enumerate(texts, start=1):
        change, more = parse_change(text, Fault("", table, row))
        faults += more
        if change is not None:
            changes.append(change)
    return tuple(changes), faults


def apply_changes(raw: RawInstance, changes: Sequence[Change], place: Fault) -> Applied:
    """Make changes one after another, each on what those before it left.

    Parameters
    ----------
    raw
        The instance as text.
    changes
        The changes.
    place
        A fault whose table, row and column say where the changes stand.
    """
    bench = Workbench(raw, place)
    for change in changes:
        _VERBS[change.verb](bench, change)
    return Applied(bench.result, bench.guarantee, bench.seed, tuple(bench.faults))


def changed_instance(applied: Applied, scenario: str = "") -> tuple[Instance | None, tuple[Fault, ...]]:
    """Understand and validate a changed instance; the faults name the scenario before the table."""
    if applied.faults:
        return None, applied.faults
    instance, faults = tables_of(applied.raw)
    if scenario:
        faults = tuple(replace(one, table=f"{scenario}: {one.table}") for one in faults)
    return instance, faults


@dataclass(frozen=True, slots=True)
class Changed:
    """An instance that was read with changes made.

    Parameters
    ----------
    instance
        The instance.
    texts
        The changes in their canonical form.
    guarantee, seed
        What they ask of a solve; None where they ask nothing.
    """

    instance: Instance
    texts: tuple[str, ...]
    guarantee: int | None
    seed: int | None


def read_changed(folder: Path, texts: Sequence[str], *, option: str = "--change") -> Changed:
    """Read an instance with changes made.

    Parameters
    ----------
    folder
        The instance.
    texts
        The changes.
    option
        Where they stand, for the faults.

    Raises
    ------
    InputError
        With all faults of the instance as it is and of the changes' wording; where there are none, of what
        the changes do, or of the instance with them.
    """
    raw = raw_instance(folder)
    changes, wrong = parse_changes(texts, option)
    instance, faults = tables_of(raw)
    errors = [one for one in faults if one.severity is Severity.ERROR]
    if errors or wrong or instance is None:
        raise InputError([*errors, *wrong])
    if not changes:
        return Changed(instance, (), None, None)
    applied = apply_changes(raw, changes, Fault("", option))
    found, faults = changed_instance(applied, option)
    if found is None:
        raise InputError(one for one in faults if one.severity is Severity.ERROR)
    return Changed(found, tuple(one.text for one in changes), applied.guarantee, applied.seed)
