"""Largest delays of edges, known trips and whole legs, as the files give them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from planner.instance.schema import Basis, Delay, Edge, Instance, KnownTrip, VehicleType
from planner.proof.paths import step_s

__all__ = ["Delays", "delay_figures"]


class Delays:
    """What the table `delays` and the edges say.

    Parameters
    ----------
    instance
        Its delays are used.

    Notes
    -----
    Rows with a season are used where the settings name it.
    """

    def __init__(self, instance: Instance) -> None:
        self._rows: dict[str, list[Delay]] = {}
        for row in _rows_in_season(instance):
            self._rows.setdefault(row.edge, []).append(row)
        self._edges: dict[tuple[str, str, bool], int] = {}

    def of_edge(self, kind: VehicleType, edge: Edge, *, forward: bool) -> int:
        """Largest delay of an edge for a type, in the direction driven."""
        key = (kind.id, edge.id, forward)
        if key not in self._edges:
            rows = (*self._rows.get("", ()), *self._rows.get(edge.id, ()))
            fitting = (row for row in rows if row.mode in (None, edge.mode) and row.vehicle in ("", kind.id))
            own_s = edge.delay_max_s if forward else edge.delay_back_max_s
            self._edges[key] = max(own_s, _largest(fitting, step_s(kind, edge, forward=forward)))
        return self._edges[key]

    def of_known(self, kind: VehicleType, row: KnownTrip) -> int:
        """Largest delay of a known trip for a type."""
        fitting = (
            one
            for one in self._rows.get("", ())
            if (one.mode is None or one.mode in kind.modes) and one.vehicle in ("", kind.id)
        )
        return _largest(fitting, row.time_s)


def _rows_in_season(instance: Instance) -> list[Delay]:
    return [row for row in instance.delays if not row.season or row.season == instance.settings.season]


def _largest(rows: Iterable[Delay], time_s: int) -> int:
    return max(((row.percent * time_s + 50) // 100 + row.fixed_s for row in rows), default=0)


def delay_figures(instance: Instance) -> Mapping[str, int]:
    """How many figures of delays the files hold, by where they come from.

    Notes
    -----
    Each row of `delays` that is used is one, and each edge with a delay of its own.
    """
    found = Counter(row.basis for row in _rows_in_season(instance))
    found.update(edge.basis for edge in instance.edges if edge.delay_max_s or edge.delay_back_max_s)
    return {basis.value: found[basis] for basis in Basis if found[basis]}
