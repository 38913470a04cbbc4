"""The register of rules: each rule of the world once, with where it is obeyed, checked and tested.

``docs/rules.md`` is made from it, and a test fails where it has gaps. The meaning of a rule is the
catalogue's text ``rules.ID.meaning``, the words of a broken one are ``rules.ID.broken``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["RULES", "Rule"]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule.

    Parameters
    ----------
    id
        Its name in engines, checker, reports and docs.
    planned
        Where a plan is made to obey it, as ``module:function``.
    checked
        The checker's function, as ``module:function``.
    satisfied, violated
        Its two tests, as ``tests/file.py::name``.
    """

    id: str
    planned: str
    checked: str
    satisfied: str
    violated: str


RULES: Mapping[str, Rule] = {}
