"""Days as they are asked for on the command line."""

from __future__ import annotations

from datetime import date

from planner.base.errors import Fault, InputError

__all__ = ["day_of"]


def day_of(text: str | None) -> date | None:
    """A local day as it is asked for; None: all days.

    Raises
    ------
    InputError
        If it is none (C744).
    """
    if text is None:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InputError([Fault("C744", "--day", value=text)]) from None
