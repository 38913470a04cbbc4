"""Rule ``transfer``: what leaves a hub has come there, and its transfer is over."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass

from ortools.sat.python import cp_model

from planner.compose.options import Driven, Option
from planner.problem.echelons import EchelonProblem

__all__ = ["Handover", "Moment", "bring_by", "handovers", "load_after", "only_what_comes"]

Moment = cp_model.IntVar | int


@dataclass(frozen=True, slots=True)
class Handover:
    """What an option unloads at one stop at a hub.

    Parameters
    ----------
    end_s, ready_s
        End of the unloading and, for sure, of the transfer, after the option's start.
    consignments
        Their positions in the option's echelon, the one above the hub's.
    stop, transfer_s
        Its number in the trip, and how long the transfer takes.
    is_sure
        Whether they can be counted on in the worst case.
    """

    option: Driven
    end_s: int
    ready_s: int
    consignments: tuple[int, ...]
    stop: int
    transfer_s: int
    is_sure: bool


def handovers(echelon: EchelonProblem, above: Iterable[Option]) -> Iterator[Handover]:
    """What the options of the echelon above unload at the hub of an echelon."""
    for one in above:
        timing, low_s = one.variant.timing, one.variant.low_s
        services = zip(one.trip.stops, timing.services, timing.sure_s, strict=True)
        for number, (stop, (_, end), sure) in enumerate(services):
            if stop.region != echelon.stop:
                continue
            transfer_s = echelon.transfer_s(stop.pieces)
            for is_sure, mine in echelon.by_promise(stop.consignments):
                ready_s = (sure if is_sure else end) - low_s + transfer_s
                yield Handover(one, end - low_s, ready_s, mine, number, transfer_s, is_sure)


def bring_by(
    model: cp_model.CpModel,
    brought: Iterable[Handover],
    by: Mapping[int, Moment],
    served: Callable[[Driven, int], Iterable[cp_model.LinearExprT]] = lambda *_: (),
) -> None:
    """What is unloaded has been transferred by the moment that is given for it, if one is.

    Parameters
    ----------
    model
        What the rule is added to.
    brought
        What options of the echelon above unload at the hub.
    by
        Moment in seconds for a consignment, by its position in the echelon above.
    served
        Gives, for an option and the number of a stop, moments before each of which the service there has not
        ended for sure; by default none.
    """
    for one in brought:
        latest = _split([by[idx] for idx in one.consignments if idx in by])
        for moment in (*latest[0], *([min(latest[1])] if latest[1] else ())):
            model.add(one.option.start + one.ready_s <= moment).only_enforce_if(one.option.used)
            for end in served(one.option, one.stop) if one.is_sure else ():
                model.add(end + one.transfer_s <= moment).only_enforce_if(one.option.used)


def load_after(model: cp_model.CpModel, below: Iterable[Driven], ready: Mapping[int, Moment]) -> None:
    """Nothing is loaded before it is ready; what has no moment does not come, and is not loaded."""
    for one in below:
        if any(idx not in ready for idx in one.consignments):
            model.add(one.used == 0)
            continue
        earliest = _split([ready[idx] for idx in one.consignments])
        for moment in (*earliest[0], *([max(earliest[1])] if earliest[1] else ())):
            model.add(one.start >= moment).only_enforce_if(one.used)


def only_what_comes(
    model: cp_model.CpModel,
    echelon: EchelonProblem,
    above: Mapping[int, cp_model.IntVar],
    below: Mapping[int, cp_model.IntVar],
    taken: Collection[int] = (),
) -> None:
    """What does not come to a hub does not leave it.

    Parameters
    ----------
    model, echelon
        The hub's.
    above, below
        Whether consignments of the echelon above are missing, and of this one, of what may be.
    taken
        What leaves in any case.
    """
    for idx, source in enumerate(echelon.source):
        if source not in above:
            continue
        if idx in taken:
            model.add(above[source] == 0)
        elif idx in below:
            model.add_implication(above[source], below[idx])


def _split(moments: Iterable[Moment]) -> tuple[list[cp_model.IntVar], list[int]]:
    """Moments that are searched, and those that are fixed."""
    searched: list[cp_model.IntVar] = []
    fixed: list[int] = []
    for one in moments:
        if isinstance(one, int):
            fixed.append(one)
        else:
            searched.append(one)
    return searched, fixed
