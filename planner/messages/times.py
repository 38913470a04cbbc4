"""Times in a sentence as people write them: clock times, days, times of day, how long, how long ago."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from functools import cache

from planner.base.clock import DAY_S, HOUR_S, MINUTE_S, Clock
from planner.events.clocks import AHEAD_S
from planner.events.moments import day_of
from planner.messages.lexicon import lexicon

__all__ = ["Role", "Said", "Told", "moment", "said_times"]

_RECENT_S = 4 * HOUR_S  # so far back a clock time that may be two is the later one
_HALF_DAY_S = 12 * HOUR_S
_FIRST_HOUR = 5  # of a day's work
_MOST_WORDS = 200


class Role(StrEnum):
    """What a time is the time of."""

    AT = "at"
    SINCE = "since"
    UNTIL = "until"
    BEFORE = "before"


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """A time as it was said.

    Parameters
    ----------
    first, last
        Where it stands in the text.
    role
        What it is the time of.
    hours
        Seconds after midnight that a clock time may mean; empty: none was said.
    day
        The day, where it was said: a number of days from the message's, or a date.
    weekday
        As `day`: 0 for Monday.
    long_s
        How long something lasts; None: not said.
    ago
        Whether it was as long ago.
    vague
        Whether only a time of day was said (`this morning`).
    now
        Whether just now was said.
    zone_h
        Hours from UTC of a zone that was said.
    """

    first: int
    last: int
    role: Role = Role.AT
    hours: tuple[int, ...] = ()
    day: int | date | None = None
    weekday: int | None = None
    long_s: int | None = None
    ago: bool = False
    vague: bool = False
    now: bool = False
    zone_h: int | None = None


@dataclass(frozen=True, slots=True)
class Told:
    """A moment in seconds from the plan's start, and whether another one might be meant."""

    at_s: int | None
    doubtful: bool


def _any(words: object) -> str:
    return "|".join(re.escape(one).replace("\\ ", r"\s+") for one in sorted(words, key=len, reverse=True))  # type: ignore[call-overload]


@cache
def _patterns() -> dict[str, re.Pattern[str]]:
    lex = lexicon()
    small = {
        name: _any([" ".join(phrase) for phrase, means in lex.cues.items() if f"small.{name}" in means])
        for name in ("until", "since", "before", "ago", "and")
    }
    clock = _any(lex.moments["clock"])
    periods, zones = _any(lex.periods), _any(lex.zones)
    number = rf"(?:\d+(?:[.,]\d+)?|{_any(lex.numbers)})"
    whole = rf"(?:\d{{1,2}}|{_any(lex.numbers)})"
    half_day = rf"(?:\s*(?P<period>(?:{periods}|[ap]\.\s?m\.?))\b)?"
    tail = rf"(?:\s*(?P<zone>{zones})\b)?{half_day}(?:\s*(?P<zone2>{zones})\b)?"
    units = _any(lex.durations)
    months = (
        r"jan\w*|feb\w*|peb\w*|mar\w*|apr\w*|may|mei|jun\w*|jul\w*|aug\w*|agu\w*|agt|sep\w*|oct\w*|okt\w*"
        r"|nov\w*|nop\w*|dec\w*|des(?:ember)?"
    )
    return {
        "date": re.compile(
            r"\b(?P<iso>\d{4}-\d{2}-\d{2})\b"
            rf"|\b(?:tanggal\s+)?(?P<named>\d{{1,2}}[ -]?(?:{months})(?:[ -]\d{{4}})?)\b"
            r"|\b(?P<numbers>\d{1,2}/\d{1,2}(?:/\d{2,4})?)\b|\btanggal\s+(?P<alone>\d{1,2})\b"
        ),
        "day": re.compile(rf"\b(?P<day>{_any(lex.days)})\b"),
        "weekday": re.compile(rf"\b(?:hari\s+)?(?P<weekday>{_any(lex.weekdays)})\b"),
        "half": re.compile(
            rf"(?:\b(?:{clock})\s+)?\b(?:(?P<before>{_any(lex.moments['half_before'])})"
            rf"|(?P<after>{_any(lex.moments['half_after'])}))\s+(?P<hour>{whole})\b(?!\s*(?:{units})\b){tail}"
        ),
        "clock": re.compile(
            rf"(?:\b(?P<said>{clock})\s*\.?\s*)?(?<![\d.,:/-])(?P<hour>\d{{1,2}})[.:](?P<minute>[0-5]\d)"
            rf"(?:[.:][0-5]\d)?(?![\d%]|[.,:]\d)(?!\s*(?:{units}|km|kg|m|ton)\b){tail}"
        ),
        "hour": re.compile(
            rf"\b(?:{clock})\s+(?P<hour>{whole})\b(?![.,:/]\d)(?!\s*(?:{units}|km|kg|%)\b)"
            rf"(?:\s+(?:(?P<past>{_any(lex.moments['past'])})|(?P<short>{_any(lex.moments['short'])}))\s+(?P<minutes>\d{{1,2}})\b(?!\s*\w*(?:kotak|box)))?{tail}"
        ),
        "oclock": re.compile(
            rf"(?<![\d.,:/-])\b(?P<hour>\d{{1,2}})\s*(?P<period>(?:{periods}|[ap]\.\s?m\.?))\b(?:\s*(?P<zone>{zones})\b)?(?P<zone2>)"
        ),
        "fixed": re.compile(
            rf"\b(?:(?P<noon>{_any(lex.moments['noon'])})|(?P<midnight>{_any(lex.moments['midnight'])}))\b"
        ),
        "long": re.compile(
            rf"(?<![\d.,:/])\b(?P<pieces>(?:(?:{number}|setengah|half\s+an?|an?|se)\s*-?\s*(?:{units})\b(?:\s*(?:{small['and']})?\s*)?)+(?P<half>setengah|a\s+half)?)"
            rf"(?P<more>\s*(?:lagi))?\s*(?:(?P<ago>{small['ago']})\b)?"
        ),
        "period": re.compile(rf"\b(?:tadi\s+|this\s+)?(?P<period>{periods})\b(?:\s+(?:tadi|ini)\b)?"),
        "now": re.compile(rf"\b(?:{_any(lex.moments['now'])})\b"),
        "role": re.compile(
            rf"(?:\b(?P<until>{small['until']})|\b(?P<before>{small['before']})|\b(?P<since>{small['since']}))\s*$"
        ),
        "piece": re.compile(rf"(?P<number>{number}|setengah|half\s+an?|an?|se)\s*-?\s*(?P<unit>{units})\b"),
    }


def said_times(text: str) -> list[Said]:
    """All times of a text, in their order; a day joins the clock time that stands beside it.

    Parameters
    ----------
    text
        With words in full, and names replaced by signs (`planner.messages.sentences.Sentence.plain`).
    """
    found: list[Said] = []
    left = text
    for name in (
        "date",
        "long",
        "half",
        "clock",
        "hour",
        "oclock",
        "fixed",
        "day",
        "weekday",
        "period",
        "now",
    ):
        for match in list(_patterns()[name].finditer(left)):
            if not match[0].strip():
                continue
            one = _said(name, match, left)
            if one is None:
                continue
            found.append(one)
            left = left[: one.first] + "\0" * (one.last - one.first) + left[one.last :]
    return _with_days(sorted(found, key=lambda one: one.first), text)


def _said(name: str, match: re.Match[str], text: str) -> Said | None:
    first, last = match.span()
    role_of = _patterns()["role"].search(text[:first] + match[0][: _clock_word(name, match)])
    role = Role.AT
    if role_of is not None:
        role = Role(next(key for key in ("until", "before", "since") if role_of[key]))
    values = _VALUES[name](match)
    if values is None:
        return None
    return Said(first=first, last=last, role=role, **values)  # type: ignore[arg-type]


def _clock_word(name: str, match: re.Match[str]) -> int:
    """How much of a clock time is the word before it: `until 3` is said as `at 3` is."""
    return match.start("hour") - match.start() if name in ("clock", "hour", "half") else 0


def _hour(text: str) -> int:
    return int(text) if text.isdecimal() else lexicon().numbers[text]


def _zone(match: re.Match[str]) -> int | None:
    told = match["zone"] or match["zone2"]
    return lexicon().zones[told] if told else None


def _of_period(hour: int, minute: int, period: str | None, *, written: str) -> tuple[int, ...] | None:
    """Seconds after midnight that a clock time may mean, with a time of day, or without."""
    if hour > 24 or minute > 59:
        return None
    both = (hour, hour + 12) if 1 <= hour <= 11 else ((0, 12) if hour == 12 else (hour,))
    if period:
        plain = re.sub(r"[\s.]", "", period)
        first, last = lexicon().periods["".join(plain) if plain in lexicon().periods else period]
        fits = [one for one in (*both, 24) if first <= one <= last or first <= one + 24 <= last]
        if hour > 12:
            fits = [hour]
        return tuple(one * HOUR_S + minute * MINUTE_S for one in fits[:1]) or None
    if len(written) == 2 and (written[0] == "0" or hour > 12):
        both = (hour,)
    if hour == 12:
        both = (12,)
    return tuple(one * HOUR_S + minute * MINUTE_S for one in both)


def _clock(match: re.Match[str]) -> dict[str, object] | None:
    hours = _of_period(int(match["hour"]), int(match["minute"]), match["period"], written=match["hour"])
    return None if hours is None else {"hours": hours, "zone_h": _zone(match)}


def _hour_alone(match: re.Match[str]) -> dict[str, object] | None:
    hours = _of_period(_hour(match["hour"]), 0, match["period"], written="")
    if hours is None:
        return None
    shift = 0
    if "minutes" in match.re.groupindex and match["minutes"]:
        shift = int(match["minutes"]) * MINUTE_S * (1 if match["past"] else -1)
    return {"hours": tuple(one + shift for one in hours), "zone_h": _zone(match)}


def _half(match: re.Match[str]) -> dict[str, object] | None:
    hours = _of_period(_hour(match["hour"]), 0, match["period"], written="")
    shift = -HOUR_S // 2 if match["before"] else HOUR_S // 2
    return None if hours is None else {"hours": tuple(one + shift for one in hours), "zone_h": _zone(match)}


def _long(match: re.Match[str]) -> dict[str, object] | None:
    lex, total = lexicon(), 0.0
    last = 0
    for piece in _patterns()["piece"].finditer(match["pieces"]):
        number, last = piece["number"], lex.durations[piece["unit"]]
        if number == "setengah" or number.startswith("half"):
            size = 0.5
        elif number in ("a", "an", "se"):
            size = 1.0
        else:
            size = float(lex.numbers[number]) if number in lex.numbers else float(number.replace(",", "."))
        total += size * last
    if match["half"]:
        total += last / 2
    return {"long_s": round(total), "ago": bool(match["ago"])}


def _date(match: re.Match[str]) -> dict[str, object] | None:
    text = match["iso"] or match["named"] or match["numbers"]
    if match["alone"]:
        return {"day": _Alone(int(match["alone"]))}
    return {"day": _Written(text)}


class _Written(str):
    """A date as it was written, which is read where the plan's year is known."""

    __slots__ = ()


class _Alone(int):
    """The day of a month that is not said."""

    __slots__ = ()


def _fixed(match: re.Match[str]) -> dict[str, object]:
    return {"hours": (12 * HOUR_S,) if match["noon"] else (0, DAY_S)}


_VALUES: dict[str, Callable[[re.Match[str]], dict[str, object] | None]] = {
    "date": _date,
    "long": _long,
    "half": _half,
    "clock": _clock,
    "hour": _hour_alone,
    "oclock": _hour_alone,
    "fixed": _fixed,
    "day": lambda match: {"day": lexicon().days[" ".join(match["day"].split())]},
    "weekday": lambda match: {"weekday": lexicon().weekdays[match["weekday"]]},
    "period": lambda match: {"vague": True},
    "now": lambda match: {"now": True},
}


def _with_days(found: list[Said], text: str) -> list[Said]:
    """Clock times with the day that stands next to them."""
    made: list[Said] = []
    days = [one for one in found if one.day is not None or one.weekday is not None]
    vague = [one for one in found if one.vague]
    clocks = [one for one in found if one.hours]
    used: set[int] = set()
    for one in found:
        if not one.hours:
            continue
        near = sorted(days, key=lambda day: min(abs(day.last - one.first), abs(one.last - day.first)))
        near = [
            day
            for day in near
            if min(abs(day.last - one.first), abs(one.last - day.first)) < 14 or len(clocks) == 1
        ]
        full = one
        if near:
            used.add(id(near[0]))
            role = one.role if one.role is not Role.AT else near[0].role
            full = replace(one, day=near[0].day, weekday=near[0].weekday, role=role)
        if vague and len(one.hours) > 1:
            first, last = _span_of(text[vague[0].first : vague[0].last])
            fits = tuple(
                at for at in one.hours if first <= at // HOUR_S <= last or first <= at // HOUR_S + 24 <= last
            )
            full = replace(full, hours=fits or full.hours)
        used |= {id(each) for each in vague}
        made.append(full)
    rest = [one for one in found if not one.hours and id(one) not in used]
    if made:
        rest = [one for one in rest if not one.now]
    return sorted([*made, *rest], key=lambda one: one.first)


def _span_of(text: str) -> tuple[int, int]:
    periods = lexicon().periods
    return next(
        (span for name, span in periods.items() if re.search(rf"\b{re.escape(name)}\b", text)), (0, 36)
    )


def moment(said: Said, clock: Clock, sent_s: int, *, past: bool) -> Told:
    """The moment that is meant.

    Parameters
    ----------
    said
        As it was said.
    clock, sent_s
        The plan's clock, and when the message was sent.
    past
        Whether it is about what has happened: then it is the last such time before the message.
    """
    if said.now:
        return Told(sent_s, doubtful=False)
    if said.long_s is not None:
        return Told(sent_s - said.long_s if said.ago else sent_s + said.long_s, doubtful=False)
    day = _day(said, clock, sent_s, past=past)
    if not said.hours:
        return Told(None if day is None else clock.midnight(day), doubtful=True)
    if day is not None:
        return _on_day(said, day, clock, sent_s, past=past)
    return _nearest(said, clock, sent_s, past=past)


def _on_day(said: Said, day: date, clock: Clock, sent_s: int, *, past: bool) -> Told:
    """A clock time on a day that was said."""
    shift = _shift(said, clock, sent_s)
    every = [clock.at(day, at) + shift for at in said.hours]
    fits = [at for at in every if (at <= sent_s + AHEAD_S) == past] or every
    if len(fits) > 1 and not past:
        fits = [at for at in fits if _is_daylight(at, clock)] or fits
    return Told(fits[-1] if past else fits[0], doubtful=len(fits) > 1 and not _is_plain(fits, clock))


def _nearest(said: Said, clock: Clock, sent_s: int, *, past: bool) -> Told:
    """A clock time without a day: the last one before the message, or the next one after it."""
    shift = _shift(said, clock, sent_s)
    today = clock.day(sent_s)
    every = sorted(
        clock.at(today + timedelta(days=more), at) + shift for more in (-1, 0, 1) for at in said.hours
    )
    if not past:
        after = [at for at in every if at > sent_s]
        return Told(after[0], doubtful=after[0] - sent_s > _HALF_DAY_S)
    before = [at for at in every if at <= sent_s + AHEAD_S]
    at = before[-1]
    same = clock.day(at) == today and clock.instant(at).hour >= _FIRST_HOUR
    near = sent_s - at <= (_RECENT_S if len(said.hours) > 1 else _HALF_DAY_S)
    return Told(at, doubtful=not (same or near))


def _is_daylight(at: int, clock: Clock) -> bool:
    return _FIRST_HOUR <= clock.instant(at).hour < 20


def _is_plain(fits: list[int], clock: Clock) -> bool:
    """Whether only one of several moments lies in a day's work."""
    return sum(_is_daylight(at, clock) for at in fits) == 1 and _is_daylight(fits[-1], clock)


def _shift(said: Said, clock: Clock, sent_s: int) -> int:
    if said.zone_h is None:
        return 0
    offset = clock.instant(sent_s).utcoffset()
    return 0 if offset is None else round(offset.total_seconds()) - said.zone_h * HOUR_S


def _day(said: Said, clock: Clock, sent_s: int, *, past: bool) -> date | None:
    today = clock.day(sent_s)
    told: object = said.day
    if isinstance(told, _Written):
        text = re.sub(r"/(\d{2})$", r"/20\1", str(told))
        return day_of(text, clock, sent_s)
    if isinstance(told, _Alone):
        near = [today + timedelta(days=more) for more in range(-20, 21)]
        fits = [one for one in near if one.day == int(told)]
        return min(fits, key=lambda one: abs(one - today), default=None)
    if isinstance(told, int):
        return today + timedelta(days=told)
    if said.weekday is not None:
        back = (today.weekday() - said.weekday) % 7
        return today - timedelta(days=back) if past else today + timedelta(days=(7 - back) % 7)
    return None
