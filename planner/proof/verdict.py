"""What the check says: rules, cases, violations, figures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from planner.base.clock import Clock
from planner.base.text import catalogue, language, words
from planner.events.kinds import kind_word
from planner.events.schema import EventKind
from planner.plans.model import Status
from planner.proof.knowledge import Knowledge
from planner.proof.measures import Measure, amount_text, instant_text, place_text
from planner.proof.news import News
from planner.proof.worst.case import WorstCase
from planner.proof.worst.stretch import Stretch

__all__ = [
    "Answer",
    "AsReported",
    "Figures",
    "History",
    "Measure",
    "Override",
    "Recorder",
    "Robustness",
    "RuleResult",
    "Tightest",
    "Verdict",
    "Violation",
    "amount_text",
    "instant_text",
]


@dataclass(frozen=True, slots=True)
class Violation:
    """A rule that a plan breaks, at one place.

    Parameters
    ----------
    rule
        Id in the register of rules.
    place
        Where: ids by kind (trip, stop, region, vehicle, …).
    amount
        By how much, in ``measure``; at least 1.
    claimed, expected
        What the plan says and what the files say, as text.
    """

    rule: str
    place: Mapping[str, str]
    amount: int
    measure: Measure
    claimed: str = ""
    expected: str = ""

    @property
    def params(self) -> Mapping[str, str]:
        """What the catalogue's text ``rules.RULE.broken`` needs."""
        return {
            "place": place_text(self.place),
            "amount": amount_text(self.amount, self.measure),
            "claimed": _in_words(self.claimed),
            "expected": _in_words(self.expected),
        }

    @property
    def text(self) -> str:
        """What is wrong, in the language in force."""
        key = f"rules.{self.rule}.broken"
        known = catalogue(language())
        special = [f"{key}_{one}" for one in (self.measure.value, *self.place) if f"{key}_{one}" in known]
        return words(special[0] if special else key, **self.params)


def _in_words(told: str) -> str:
    """What is claimed or expected, as people read it: a kind of report by its word."""
    return kind_word(EventKind(told)) if told in set(EventKind) else told or "–"


@dataclass(frozen=True, slots=True)
class Override:
    """A place of a replan's history where reports stand against what would hold without them.

    Parameters
    ----------
    rule
        The rule that would be broken there (``history``: earlier than by the plan before).
    place, amount, measure, claimed, expected
        As of a `Violation`.
    events
        Ids of the reports.
    contradiction
        Whether it cannot be so whatever is reported, as goods that left before they came: then a belief that
        nobody has reported is wrong. Else only less time has passed than was planned, or than is usual.
    """

    rule: str
    place: Mapping[str, str]
    amount: int
    measure: Measure
    claimed: str
    expected: str
    events: tuple[str, ...]
    contradiction: bool = False

    @property
    def text(self) -> str:
        """What stands against what, in the language in force."""
        return words(
            "history.against" if self.contradiction else "history.sooner",
            rule=self.rule,
            place=place_text(self.place),
            amount=amount_text(self.amount, self.measure),
            claimed=_in_words(self.claimed),
            expected=_in_words(self.expected),
            events=", ".join(self.events) or "–",
        )


@dataclass(frozen=True, slots=True)
class History:
    """By what the history of a replan was judged beside physics.

    Parameters
    ----------
    compared
        Digests of the plans before it that count, the last one last.
    missing
        Digest of the plan that came before these and is not there; None where none is missing.
    failed
        Digests of plans that were given and break rules themselves: they do not count.
    overrides
        Places where reports stand against the plan before, or against least times.
    only_told
        Ids of reports on which the answer rests and that nothing but plans tells.
    news
        Reports that are disputed, or without effect, and what they change of what was believed.
    """

    compared: tuple[str, ...] = ()
    missing: str | None = None
    failed: tuple[str, ...] = ()
    overrides: tuple[Override, ...] = ()
    only_told: tuple[str, ...] = ()
    news: News = News()

    @property
    def as_reported(self) -> bool:
        """Whether what has happened is not known but by the plan's own word."""
        contradicts = any(one.contradiction for one in self.overrides)
        return self.missing is not None or bool(self.only_told) or contradicts


class AsReported(StrEnum):
    """The answer where the trips show a good one, and history is only as the plan itself reports it."""

    AS_REPORTED = "AS_REPORTED"


Answer = Status | AsReported
"""What a check answers: never ``GUARANTEED`` or ``ON_TIME`` where history is only as reported."""


@dataclass(frozen=True, slots=True)
class Tightest:
    """The case of a rule that is nearest to breaking it; a negative amount breaks it."""

    place: Mapping[str, str]
    amount: int
    measure: Measure


@dataclass(frozen=True, slots=True)
class RuleResult:
    """Outcome of one rule."""

    rule: str
    cases: int
    broken: int
    tightest: Tightest | None

    @property
    def passed(self) -> bool:
        """Whether no case breaks the rule."""
        return not self.broken


@dataclass(frozen=True, slots=True)
class Figures:
    """The checker's own figures of a plan."""

    cost: int
    distance_m: int
    trips: int
    vehicles_used: int
    regions_total: int
    regions_on_time: int
    smallest_margin_s: int | None
    smallest_margin_region: str


@dataclass(frozen=True, slots=True)
class Robustness:
    """What a plan withstands, in the checker's own facts.

    Parameters
    ----------
    gamma
        Late legs of each vehicle that the plan was asked to withstand; 0: none.
    gammas
        The same for each vehicle type that drives.
    guaranteed
        Regions that withstand them.
    not_guaranteed
        The other regions; both are empty where no vehicle was asked to withstand any.
    worst
        Worst case of each region; empty likewise.
    stretch
        How much longer all travel, how much later a single trip may be.
    delay_figures
        How many figures of delays the files hold, by their basis.
    work_late_s
        For each vehicle type that drives and has a working time: so much longer may late crews work on a day.
    """

    gamma: int
    gammas: Mapping[str, int]
    guaranteed: tuple[str, ...]
    not_guaranteed: tuple[str, ...]
    worst: tuple[WorstCase, ...]
    stretch: Stretch
    delay_figures: Mapping[str, int]
    work_late_s: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the check found.

    Parameters
    ----------
    status
        What the trips show, if what has happened is as they say; a plan that breaks a rule is no plan, hence
        ``NOT_FOUND``. The only authority is ``answer``.
    components
        Status of each component as the checker sees it, by component id.
    proven
        Regions for which a proof of impossibility was verified.
    robustness
        What the plan withstands.
    history
        By what the history of a replan was judged; None for a plan that is none.
    knowledge
        What of a replan is known, and what only believed; None for a plan that is none.
    """

    status: Status
    rules: Mapping[str, RuleResult]
    violations: tuple[Violation, ...]
    figures: Figures
    robustness: Robustness
    components: Mapping[str, Status] = field(default_factory=dict)
    proven: tuple[str, ...] = ()
    history: History | None = None
    knowledge: Knowledge | None = None

    @property
    def passed(self) -> bool:
        """Whether no rule is broken."""
        return not self.violations

    @property
    def as_reported(self) -> bool:
        """Whether no rule is broken, but what has happened is only known by the plan's own word."""
        return self.passed and self.history is not None and self.history.as_reported

    @property
    def answer(self) -> Answer:
        """The answer: the status, but of a good one only what history allows."""
        return self.answer_of(self.status)

    def answer_of(self, status: Status) -> Answer:
        """The same of a component's status."""
        good = status in (Status.GUARANTEED, Status.ON_TIME)
        return AsReported.AS_REPORTED if good and self.as_reported else status


def _which(place: Mapping[str, str], claimed: str) -> tuple[frozenset[tuple[str, str]], str]:
    """What one case of a rule is known by: where it is, and what the plan says there."""
    return frozenset(place.items()), claimed


class Recorder:
    """Collects the cases of one rule.

    Parameters
    ----------
    rule
        Id of the rule.
    clock
        In which instants are written.
    before
        Where reports that are still believed explained what the plans before said of their history: what this
        one says of it, word for word, they still explain, though goods or trips that told so are gone since.
    """

    def __init__(self, rule: str, clock: Clock, before: Iterable[Override] = ()) -> None:
        self.rule = rule
        self.violations: list[Violation] = []
        self.overrides: list[Override] = []
        self._clock = clock
        self._before = {_which(one.place, one.claimed): one for one in before if one.rule == rule}
        self._cases = 0
        self._slack: int | None = None
        self._tightest: Tightest | None = None

    @property
    def result(self) -> RuleResult:
        """Outcome so far."""
        return RuleResult(self.rule, self._cases, len(self.violations), self._tightest)

    def good(self) -> None:
        """Count a case that keeps the rule."""
        self._cases += 1

    def broken(
        self,
        claimed: str,
        expected: str,
        amount: int = 1,
        measure: Measure = Measure.CASES,
        /,
        **place: str | int,
    ) -> None:
        """Count a case that breaks the rule.

        Parameters
        ----------
        claimed, expected
            What the plan says, and what it should, as texts.
        amount, measure
            By how much the rule is broken, at least 1, and of what.
        place
            Where: kinds of things, and their ids.
        """
        where = {key: str(value) for key, value in place.items()}
        before = self._before.get(_which(where, claimed))
        if before is not None and before.measure is measure and amount <= before.amount:
            said = claimed, expected, amount, measure, before.events
            self._override(*said, contradiction=before.contradiction, place=place)
            return
        self._cases += 1
        self.violations.append(Violation(self.rule, where, max(1, amount), measure, claimed, expected))

    def reported(
        self,
        claimed: str,
        expected: str,
        amount: int,
        measure: Measure,
        events: tuple[str, ...],
        /,
        **place: str | int,
    ) -> None:
        """Count a case of history that holds only by reports; without any it breaks the rule.

        Parameters
        ----------
        claimed, expected, amount, measure, place
            As for `broken`.
        events
            Ids of the reports that explain it.
        """
        if events:
            self._override(claimed, expected, amount, measure, events, contradiction=False, place=place)
        else:
            self.broken(claimed, expected, amount, measure, **place)

    def contradicted(
        self,
        claimed: str,
        expected: str,
        amount: int,
        measure: Measure,
        events: tuple[str, ...] | None,
        /,
        **place: str | int,
    ) -> None:
        """Count a case of history that cannot be, by what reports say and what is believed of the rest.

        Parameters
        ----------
        claimed, expected, amount, measure, place
            As for `broken`.
        events
            Ids of the reports; empty where it was believed that nothing had happened that nobody reported.
            None: nothing explains it, and the rule is broken.
        """
        if events is None:
            self.broken(claimed, expected, amount, measure, **place)
        else:
            self._override(claimed, expected, amount, measure, events, contradiction=True, place=place)

    def _override(
        self,
        claimed: str,
        expected: str,
        amount: int,
        measure: Measure,
        events: tuple[str, ...],
        /,
        *,
        contradiction: bool,
        place: Mapping[str, str | int],
    ) -> None:
        self._cases += 1
        where = {key: str(value) for key, value in place.items()}
        self.overrides.append(
            Override(self.rule, where, max(1, amount), measure, claimed, expected, events, contradiction)
        )

    def case(self, holds: bool, claimed: str, expected: str, **place: str | int) -> None:
        """Count a case that holds or not.

        Parameters
        ----------
        holds
            Whether the rule is kept.
        claimed, expected, place
            As for `broken`.
        """
        if holds:
            self._cases += 1
        else:
            self.broken(claimed, expected, **place)

    def same(self, claimed: int, own: int, measure: Measure, **place: str | int) -> None:
        """Count a case in which the plan's figure must be the checker's own.

        Parameters
        ----------
        claimed, own
            Both figures.
        measure, place
            As for `broken`.
        """
        if claimed == own:
            self._cases += 1
        else:
            self.broken(str(claimed), str(own), abs(claimed - own), measure, **place)

    def same_instant(self, claimed_s: int, own_s: int, **place: str | int) -> None:
        """Count a case in which the plan's instant must be the checker's own."""
        if claimed_s == own_s:
            self._cases += 1
        else:
            self.broken(self.at(claimed_s), self.at(own_s), abs(claimed_s - own_s), Measure.SECONDS, **place)

    def at_most(self, value: int, limit: int, measure: Measure, **place: str | int) -> None:
        """Count a case in which a figure must not exceed a limit.

        Parameters
        ----------
        value, limit
            The figure and the limit.
        measure, place
            As for `broken`.
        """
        self.near(limit - value, measure, **place)
        if value > limit:
            self.broken(str(value), str(limit), value - limit, measure, **place)
        else:
            self._cases += 1

    def not_before(self, instant_s: int, earliest_s: int, **place: str | int) -> None:
        """Count a case in which an instant must not lie before another."""
        self.near(instant_s - earliest_s, Measure.SECONDS, **place)
        if instant_s < earliest_s:
            self.broken(
                self.at(instant_s), self.at(earliest_s), earliest_s - instant_s, Measure.SECONDS, **place
            )
        else:
            self._cases += 1

    def near(self, slack: int, measure: Measure, **place: str | int) -> None:
        """Remember the tightest case."""
        if self._slack is None or slack < self._slack:
            self._slack = slack
            where = {key: str(value) for key, value in place.items()}
            self._tightest = Tightest(where, slack, measure)

    def at(self, seconds: int) -> str:
        """Text of an instant; seconds beyond all calendars stay a number."""
        return instant_text(seconds, self._clock)
