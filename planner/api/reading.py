"""Instances from files and DataFrames, and back: ``read``, ``validate``, ``frames``, ``init``, ``write``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from planner.api.objects import Rows, Source, Tables, Validation, need
from planner.background.read import validate_all
from planner.base.errors import Fault, InputError
from planner.instance.raw import RawTable
from planner.instance.read import read_instance, tables_from_rows
from planner.instance.schema import Instance, Settings
from planner.instance.settings import FORMAT

if TYPE_CHECKING:
    import pandas as pd

    from planner.starting.list_file import NamedList

__all__ = ["frames", "init", "instance_of", "read", "table_of", "tables_of_source", "validate", "write"]

_INSTANCE = "an instance is needed, as planner.read gives it"


def read(source: Source, settings: Settings | Mapping[str, Any] | None = None) -> Instance:
    """Read and validate an instance.

    Parameters
    ----------
    source
        Path of an instance, or its tables: DataFrames (or lists of mappings) by the name of the table, with
        the columns and units of ``docs/instance_format.md``. Missing values are empty cells.
    settings
        With tables: the keys of ``plan.toml`` (``format`` may be left out), or the settings of another
        instance.

    Returns
    -------
    Instance
        All of it, frozen.

    Raises
    ------
    InputError
        With every fault of the tables and settings.
    TypeError
        If settings are given with a path, or the source is no path and no tables.

    Examples
    --------
    >>> report = validate({"regions": [{"id": "ash"}]}, {"name": "Mine"})
    >>> "I101 The table warehouses is missing; there is no file warehouses.csv." in [
    ...     f"{fault.code} {fault.cause}" for fault in report.faults
    ... ]
    True
    """
    if isinstance(source, str | Path) and settings is None:
        return read_instance(Path(source))  # its background is for pictures alone
    found = validate(source, settings)
    if found.instance is None:
        raise InputError(found.errors)
    return found.instance


def validate(source: Source, settings: Settings | Mapping[str, Any] | None = None) -> Validation:
    """Validate an instance, of a path with the background beside it, without raising; see `read`.

    Returns
    -------
    Validation
        All faults, with the instance where there are none but warnings.
    """
    if isinstance(source, str | Path):
        if settings is not None:
            msg = "settings belong to tables; a path has its own"
            raise TypeError(msg)
        return Validation(*validate_all(Path(source)))
    need(source, (Mapping,), "an instance is a path or a mapping of tables by their names")
    return Validation(*tables_of_source(source, settings))


def tables_of_source(
    source: Tables, settings: Settings | Mapping[str, Any] | None, *, needs_times: bool = True
) -> tuple[Instance | None, tuple[Fault, ...]]:
    """An instance of tables in Python, None where there are errors, and all faults.

    Parameters
    ----------
    source, settings
        As for `read`.
    needs_times
        Whether an instance without any travel times is a fault.
    """
    rows: dict[str, RawTable | Sequence[Mapping[str, object]]] = {}
    faults: list[Fault] = []
    for name, table in source.items():
        rows[str(name)], more = table_of(str(name), table)
        faults += more
    if not isinstance(settings, Settings):
        settings = {"format": FORMAT, **(settings or {})}
    instance, found = tables_from_rows(settings, rows, needs_times=needs_times)
    every = sorted((*faults, *found), key=lambda fault: fault.sort_key)
    return None if faults else instance, tuple(every)


def table_of(name: str, table: Any) -> tuple[RawTable | Sequence[Mapping[str, object]], list[Fault]]:  # noqa: ANN401
    """A table in the form that reading takes."""
    import pandas as pd  # heavy

    from planner.api.dataframes import raw_from_frame

    is_list = isinstance(table, Sequence) and all(isinstance(row, Mapping) for row in table)
    if is_list and not table:
        return (), []
    if is_list:
        table = pd.DataFrame(table, dtype=object)
    if isinstance(table, pd.DataFrame):
        return raw_from_frame(name, table)
    return (), [Fault("A102", name, value=type(table).__name__)]


def frames(instance: Instance) -> dict[str, pd.DataFrame]:
    """Tables of an instance as DataFrames, which `read` takes again with ``instance.settings``.

    Examples
    --------
    >>> tables = frames(read("instances/toy"))
    >>> int(tables["regions"]["boxes"].sum())
    26
    """
    from planner.api.dataframes import instance_frames

    need(instance, (Instance,), _INSTANCE)
    return instance_frames(instance)


def instance_of(source: Instance | str | Path) -> Instance:
    """The instance itself, or what a path holds."""
    return source if isinstance(source, Instance) else read(source)


def init(
    source: Instance | str | Path | None = None,
    *,
    area: str = "",
    counts: str | Path | Rows | None = None,
    time_zone: str = "",
) -> Instance:
    """Begin an instance of one's own; `write` makes a folder or a workbook of it.

    Parameters
    ----------
    source
        What it is made from, or its path; None for the template, a tiny instance to be replaced row by row.
    area
        Comma-separated ids of areas, subareas or regions of the source: they alone, with all that they need
        beyond their border. Empty for all of it.
    counts
        Counts of regions by code or name: a pasted list's path, or a table. The first columns of ``id`` and
        ``name`` say whose they are, all others tell apart regions of the same name.
    time_zone
        IANA name of the template's zone; UTC if empty.

    Returns
    -------
    Instance
        Its invented figures have the basis ``synthetic`` or ``default``, those of a list ``entered``.

    Raises
    ------
    InputError
        If the source cannot be read, the area is unknown (X342), or a row of the list names no region, or
        several (X331 to X338).
    ValueError
        If an area or counts are given without a source, or a time zone with one.

    Examples
    --------
    >>> mine = init("instances/toy", area="elm", counts=[{"name": "Elm hospital", "boxes": 9, "patients": 5}])
    >>> mine.region_of["elm"].counts
    {'boxes': 9, 'patients': 5}
    """
    if source is None and (area or counts is not None):
        msg = "area and counts need a source"
        raise ValueError(msg)
    if source is not None and time_zone:
        msg = "a source has its own time zone"
        raise ValueError(msg)
    from planner.starting.begin import begin

    whole = None if source is None else instance_of(source)
    listed = None if whole is None or counts is None else _counts(counts, whole.settings.counts)
    return begin(whole, area=area, counts=listed, time_zone=time_zone).instance


def _counts(given: str | Path | Rows, counts: Sequence[str]) -> NamedList:
    """A list of counts from a file or a table."""
    from planner.starting.list_file import list_of, read_list

    if isinstance(given, str | Path):
        return read_list(Path(given), counts)
    table, faults = table_of("counts", given)
    if faults:
        raise InputError(faults)
    return list_of(
        table if isinstance(table, RawTable) else RawTable("counts", (), ()), counts, is_exact=True
    )


def write(instance: Instance, target: str | Path, *, all_columns: bool = False, force: bool = False) -> Path:
    """Write an instance as a folder of CSV files with a guide, or as one workbook.

    Parameters
    ----------
    instance
        What is written.
    target
        A folder, or a workbook if its name ends in ``.xlsx``.
    all_columns
        Write also tables and columns that hold nothing, for people to fill in.
    force
        Replace files of the same names.

    Returns
    -------
    Path
        What was written: a second name where the workbook is open in another program.

    Raises
    ------
    InputError
        X341 if something is there already, X343 if the workbook would lie in a folder that is an instance.
    """
    from planner.instance.sheet_names import book_suffix
    from planner.starting.folder import refuse_taken, write_new

    need(instance, (Instance,), _INSTANCE)
    path = Path(target)
    excel = book_suffix(path)
    refuse_taken(path, excel=excel, force=force)
    return write_new(path, instance, excel=excel, whole=all_columns)[1]
