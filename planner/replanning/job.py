"""All that the components of one replan share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from planner.instance.schema import Instance, Region
from planner.plans.model import (
    Plan,
    Trip,
)
from planner.proof.evidence import Past
from planner.proof.world import World
from planner.replanning.options import ReplanOptions
from planner.replanning.results import Results
from planner.replanning.state import State

__all__ = ["ReplanJob"]


@dataclass
class ReplanJob:
    """All that the components of one replan share; `instance` is the effective one."""

    plan: Plan
    files: Instance
    instance: Instance
    now_s: int
    options: ReplanOptions
    state: State
    world: World
    past: Past | None
    frame: Plan
    results: Results
    begun: frozenset[str]
    owner: Mapping[str, str]  # the component of each vehicle type
    old: Mapping[str, list[Trip]]  # by component
    new: Mapping[str, list[Trip]]
    regions: Mapping[str, Region]
    concerned: set[str] = field(default_factory=set)  # regions whose goods are
    plain: list[World] = field(default_factory=list)  # the files without the reports, once it is asked for

    def world_of_files(self) -> World:
        """The checker's view of the files without the reports."""
        if not self.plain:
            self.plain.append(World(self.files))
        return self.plain[0]
