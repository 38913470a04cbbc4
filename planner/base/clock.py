"""Local time in files, integer seconds from the plan's start inside."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

__all__ = ["DAY_S", "HOUR_S", "MINUTE_S", "Clock", "parse_instant"]

MINUTE_S = 60
HOUR_S = 3600
DAY_S = 86_400


def parse_instant(text: str) -> datetime:
    """Read an ISO 8601 instant that carries its offset.

    Raises
    ------
    ValueError
        If the text is no such instant, has no offset, or has parts of a second.

    Examples
    --------
    >>> parse_instant("2024-11-27T00:00+08:00").isoformat()
    '2024-11-27T00:00:00+08:00'
    """
    instant = datetime.fromisoformat(text)
    if instant.tzinfo is None or instant.microsecond or "T" not in text:
        msg = "an instant needs date, T, time of whole seconds, and offset"
        raise ValueError(msg)
    return instant


@dataclass(frozen=True, slots=True)
class Clock:
    """Turns instants into seconds from the plan's start, and back.

    Parameters
    ----------
    start
        The plan's second 0.
    time_zone
        IANA name, in which days begin and texts are written.

    Examples
    --------
    >>> clock = Clock(parse_instant("2024-11-22T00:00+08:00"), "Asia/Makassar")
    >>> clock.seconds(parse_instant("2024-11-22T06:30+08:00"))
    23400
    >>> clock.text(23400)
    '2024-11-22T06:30:00+08:00'
    """

    start: datetime
    time_zone: str
    is_assumed: bool = False  # nobody has said a zone: it only serves to try instants

    @property
    def zone(self) -> ZoneInfo:
        """The time zone itself."""
        return ZoneInfo(self.time_zone)

    def other_offset(self, instant: datetime) -> str:
        """The time zone's offset at an instant that has another one; empty where it has the same, or UTC's.

        Examples
        --------
        >>> clock = Clock(parse_instant("2024-11-22T00:00+08:00"), "Asia/Makassar")
        >>> clock.other_offset(parse_instant("2024-11-22T06:30+07:00"))
        '+08:00'
        >>> clock.other_offset(parse_instant("2024-11-22T06:30Z"))
        ''
        """
        local = instant.astimezone(self.zone)
        if self.is_assumed or instant.utcoffset() in (local.utcoffset(), timedelta(0)):
            return ""
        return local.isoformat()[-6:]

    def seconds(self, instant: datetime) -> int:
        """Whole seconds from the plan's start to an instant."""
        return round((instant - self.start).total_seconds())

    def instant(self, seconds: int) -> datetime:
        """The instant, in local time, of a second."""
        return (self.start + timedelta(seconds=seconds)).astimezone(self.zone)

    def text(self, seconds: int) -> str:
        """ISO 8601 local time with offset."""
        return self.instant(seconds).isoformat(timespec="seconds")

    def day(self, seconds: int) -> date:
        """Local date of a second."""
        return self.instant(seconds).date()

    def midnight(self, day: date) -> int:
        """Second at which a local day begins."""
        return self.at(day, 0)

    def at(self, day: date, clock_s: int) -> int:
        """Second of a local day at which clocks show so many seconds after midnight (24:00: the next day)."""
        days, rest = divmod(clock_s, DAY_S)
        then = datetime.combine(day + timedelta(days=days), datetime.min.time(), tzinfo=self.zone)
        return self.seconds(then + timedelta(seconds=rest))  # same zone: this adds wall-clock time
