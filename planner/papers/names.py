"""Who and what papers name: places, vehicles, drivers and their language, in one instance and plan."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from planner.base.text import LANGUAGES, language, words
from planner.instance.call_signs import call_signs
from planner.instance.crews import DRIVES, crew_of
from planner.instance.schema import Contact, Instance
from planner.outputs.diff_names import DiffNames
from planner.papers.model import Groups
from planner.papers.settings import Letters
from planner.plans.model import Trip

__all__ = ["Driver", "Names", "escorts"]

# Parts of words in roles; where a prefix swallows the k of "kawal", it is "pengawal".
_ESCORTING = ("escort", "kawal", "ngawal", "police", "polisi", "polri", "brimob", "tni", "tentara")


@dataclass(frozen=True, slots=True)
class Driver:
    """Who drives a vehicle; empty: not known, which is a blank on paper.

    Parameters
    ----------
    language
        In which the driver reads.
    """

    name: str
    phone: str
    plate: str
    language: str


class Names:
    """Names for papers.

    Parameters
    ----------
    instance
        As reports leave it.
    letters
        Says which language holds where nobody's own is known.
    """

    def __init__(self, instance: Instance, letters: Letters) -> None:
        self.instance = instance
        self._names = DiffNames(instance)
        written = instance.settings.number_format
        self.language = letters.language or (written if written in LANGUAGES else language())

    def place(self, node: str) -> str:
        """Name of a place."""
        return self._names.place(node)

    def sign(self, vehicle: str) -> str:
        """Call sign of a vehicle, else its id."""
        return call_signs(self.instance).of(vehicle) or vehicle

    def type_name(self, trip: Trip) -> str:
        """Name of a vehicle's type."""
        kind = self.instance.vehicle_type_of.get(trip.vehicle_type)
        return trip.vehicle_type if kind is None else kind.name or kind.id

    def driver(self, vehicle: str, at_s: int) -> Driver:
        """Who drives a vehicle at a moment: as `fleet` says, else its own contact."""
        row, people = crew_of(self.instance, vehicle, at_s), self.people(vehicle)
        plate, spoken = ("", self.language) if row is None else (row.plate, row.language or self.language)
        if row is not None and row.driver:
            return Driver(row.driver, row.phone, plate, spoken)
        people = [who for who in people if who.role != DRIVES]  # who drives at other times
        if not people:
            return Driver("", "", plate, spoken)
        return Driver(people[0].name, people[0].phone, plate, spoken)

    def people(self, place: str) -> Sequence[Contact]:
        """Who answers for a place or vehicle; nobody who escorts."""
        return [who for who in self._names.contacts(place) if not escorts(who)]

    def contact(self, place: str) -> str:
        """The first of them with a telephone number, in one line; empty: nobody is known."""
        people = self.people(place)
        return f"{people[0].name} {people[0].phone}".strip() if people else ""

    def area_of(self, region: str) -> str:
        """Id of a region's area."""
        row = self.instance.region_of.get(region)
        return "" if row is None else row.area

    def area_name(self, area: str) -> str:
        """Name of an area."""
        return self._area_names.get(area) or area or words("papers.no_area")

    @cached_property
    def _area_names(self) -> Mapping[str, str]:
        return {row.area: row.area_name for row in self.instance.regions}

    @cached_property
    def _areas(self) -> Mapping[str, str]:
        """The area most of whose regions a hub or warehouse supplies."""
        counts: dict[str, Counter[str]] = {}
        via = {hub.id: hub.via for hub in self.instance.hubs}
        for row in self.instance.regions:
            places, hub = [row.warehouse], row.hub
            while hub and hub not in places:
                places.append(hub)
                hub = via.get(hub, "")
            for place in places:
                counts.setdefault(place, Counter())[row.area] += 1
        return {place: found.most_common(1)[0][0] for place, found in counts.items()}

    def groups(self, place: str, vehicle: str = "") -> Groups:
        """How a paper of a place (and vehicle) is filed."""
        region = self.instance.region_of.get(place)
        if region is not None:
            return Groups(region.area, region.hub or region.warehouse, vehicle)
        return Groups(self._areas.get(place, ""), place, vehicle)


def escorts(who: Contact) -> bool:
    """Whether somebody's role is to escort: papers and messages name nobody of these."""
    role = who.role.casefold()
    return any(word in role for word in _ESCORTING)
