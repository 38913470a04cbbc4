"""``change`` and ``network_model``: another instance made of one."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.api.objects import Source, need
from planner.api.reading import instance_of, tables_of_source
from planner.base.errors import Fault, InputError
from planner.batches.apply import apply_changes, changed_instance, parse_changes
from planner.instance.raw import RawInstance, RawTable, raw_from_bytes
from planner.instance.read import read_instance, tables_of
from planner.instance.schema import TABLES, Instance, Settings
from planner.instance.write import settings_text, table_text
from planner.network.apart import places_apart
from planner.network.model import replace_edges

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["change", "network_model", "places_left_apart"]


def change(instance: Instance | str | Path, *changes: str) -> Instance:
    """Make changes as scenarios have them, on a copy of an instance.

    Parameters
    ----------
    instance
        The instance, or its path.
    changes
        One or several, each on what those before it left, in the words of ``docs/scenarios_format.md``.

    Returns
    -------
    Instance
        Validated; the given one stays as it is.

    Raises
    ------
    InputError
        With every fault of the changes (S4xx), else of the instance with them.
    ValueError
        If a change asks something of a solve (``guarantee``, ``seed``): `solve` has arguments for that.

    Examples
    --------
    >>> fewer = change("instances/toy", "set vehicles van number=1", "deadline -30min")
    >>> fewer.vehicle_type_of["van"].number
    1
    """
    raw = _raw(instance_of(instance))
    parsed, wrong = parse_changes(changes, "changes")
    if wrong:
        raise InputError(wrong)
    applied = apply_changes(raw, parsed, Fault("", "changes"))
    if applied.guarantee is not None or applied.seed is not None:
        msg = "guarantee and seed are arguments of planner.solve, no changes of an instance"
        raise ValueError(msg)
    found, faults = changed_instance(applied)
    if found is None:
        raise InputError(faults)
    return found


def _raw(instance: Instance) -> RawInstance:
    """The text of an instance, as its files would have it."""
    tables: dict[str, RawTable] = {}
    for name in TABLES:
        rows = getattr(instance, name)
        if rows:
            counts = instance.settings.counts if name == "regions" else ()
            text = table_text(name, rows, counts, clock=instance.clock)
            table, _ = raw_from_bytes(name, text.encode("utf-8"))
            assert table is not None, name
            tables[name] = table
    return RawInstance(tomllib.loads(settings_text(instance.settings)), tables, (), frozenset())


def network_model(
    source: Instance | Source, settings: Settings | Mapping[str, Any] | None = None, *, force: bool = False
) -> Instance:
    """Model the network of an instance, which may have no travel times yet.

    Parameters
    ----------
    source
        The instance, its path, or its tables as for `read`.
    settings
        With tables: the keys of ``plan.toml``.
    force
        Replace edges that people have entered or measured, too.

    Returns
    -------
    Instance
        With modelled edges in place of its own; which places they leave apart says `places_left_apart`.

    Raises
    ------
    InputError
        With every fault of the tables; C706 where entered edges would be lost.
    PlannerError
        Where the tables do not say enough to model a network.
    """
    if isinstance(source, Instance):
        bare = source
    elif isinstance(source, str | Path) and settings is None:
        bare = read_instance(Path(source), needs_times=False)
    else:
        if isinstance(source, str | Path):
            msg = "settings belong to tables; a path has its own"
            raise TypeError(msg)
        need(source, (Mapping,), "an instance is an instance, a path or a mapping of tables by their names")
        found, faults = tables_of_source(source, settings, needs_times=False)
        if found is None:
            raise InputError(faults)
        bare = found
    made = replace(bare, edges=replace_edges(bare, force=force))
    whole, faults = tables_of(_raw(made), with_warnings=False)
    if whole is None:
        raise InputError(faults)
    return whole


def places_left_apart(instance: Instance) -> pd.DataFrame:
    """Places that no edges join to the others, as faults (W550, W551), one row for each."""
    from planner.api.dataframes import faults_frame

    need(instance, (Instance,), "an instance is needed, as planner.read gives it")
    return faults_frame(places_apart(instance, instance.edges))
