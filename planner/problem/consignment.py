"""What is carried: consignments of regions, and items of which more comes later."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

__all__ = ["Consignment", "Supply"]


@dataclass(frozen=True, slots=True)
class Consignment:
    """A run of units of one part of one region that travels together.

    Parameters
    ----------
    release_s
        Loading may not begin before.
    prize
        What leaving it out costs, in the currency's smallest unit; None: it must be delivered.
    for_region
        Id of the region that gets it in the end, where it is handed over at a hub; else empty.
    due_s
        It must be handed over before, if that is earlier than the deadline of its region (or hub).
    """

    id: str
    region: int
    part: str
    first_unit: int
    units: int
    mass_g: int
    volume_cm3: int
    pieces: int
    release_s: int = 0
    prize: int | None = None
    for_region: str = ""
    due_s: int | None = None


@dataclass(frozen=True, slots=True)
class Supply:
    """An item that is not all there at the start.

    Parameters
    ----------
    moments
        When some of it comes, rising; the first is 0.
    amounts
        How much has come in all, from each of these moments on.
    needs
        How much of it each consignment holds.
    sure
        How much can be counted on from each of these moments on, whatever legs of transfers are late.

    Notes
    -----
    At no moment has more been loaded than has come. When something is loaded that is promised, all that has
    been loaded until then can be counted on. Only problems of one origin have supplies.
    """

    item: str
    moments: tuple[int, ...]
    amounts: tuple[int, ...]
    needs: tuple[int, ...]
    sure: tuple[int, ...]

    @property
    def is_sure(self) -> bool:
        """Whether all of it can be counted on when it is planned to come."""
        return self.sure == self.amounts

    def need_of(self, consignments: Iterable[int]) -> int:
        """How much of it some consignments hold together."""
        return sum(self.needs[idx] for idx in consignments)
