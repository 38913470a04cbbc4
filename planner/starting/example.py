"""The example that is part of the package: the toy, worked out in docs/toy.md."""

from __future__ import annotations

from pathlib import Path

from planner.instance.read import read_instance
from planner.instance.schema import Instance

__all__ = ["example"]


def example() -> Instance:
    """Read the example."""
    return read_instance(Path(__file__).parent / "toy")
