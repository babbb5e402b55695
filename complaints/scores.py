"""Scores of handlers and departments: one published formula, the same for everyone, computed from the ledger alone.

A case falls apart into contributions: each is one thing that counts, shown by one event, for whoever answered for the
complaint when it happened. Figures add contributions up, and the formula makes a score of figures. So every score can
be taken back to the single case. Rewards and penalties are not decided here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import datetime
from enum import StrEnum
from fractions import Fraction

from complaints import consequences, facts
from complaints.events import FACTS, Event
from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.records import ClockName, Verdict
from complaints.vocabulary import Money, Outcome, Role


class Measure(StrEnum):
    """What a score is made of."""

    ATTAINMENT = "attainment"  # deadlines that were met
    SATISFACTION = "satisfaction"  # what the customer said when asked, 1 to 5
    PROMISES = "promises"  # promises that were kept
    FIRST_CONTACT = "first_contact"  # settled on the spot, and closed so
    LASTING = "lasting"  # solutions that were neither rejected afterwards nor taken up again


WEIGHTS: Mapping[Measure, int] = {
    Measure.ATTAINMENT: 40,
    Measure.SATISFACTION: 20,
    Measure.PROMISES: 20,
    Measure.FIRST_CONTACT: 10,
    Measure.LASTING: 10,
}
"""How much each measure weighs. One that nothing is known of is left out, and its weight with it."""

TITLES: Mapping[Measure, Names] = {
    Measure.ATTAINMENT: Names(en="deadlines met", zh="按时率"),
    Measure.SATISFACTION: Names(en="satisfaction", zh="满意度"),
    Measure.PROMISES: Names(en="promises kept", zh="承诺兑现率"),
    Measure.FIRST_CONTACT: Names(en="first-contact resolution", zh="首次接触解决率"),
    Measure.LASTING: Names(en="lasting solutions", zh="一次办结率"),
}


class What(StrEnum):
    """What a contribution says."""

    MET = "met"
    MISSED = "missed"
    RATED = "rated"
    KEPT = "kept"
    BROKEN = "broken"
    AT_FIRST_CONTACT = "at_first_contact"
    LATER = "later"
    LASTED = "lasted"
    REOPENED = "reopened"
    DISSATISFIED = "dissatisfied"
    RESOLVED = "resolved"  # a case that cost can be divided by
    SPENT = "spent"


@dataclass(frozen=True, kw_only=True)
class Party:
    """For whom something counts. Either may be unknown: nobody answers for a complaint before it is assigned."""

    handler: str | None = None
    department: str | None = None


@dataclass(frozen=True, kw_only=True)
class Contribution:
    """One thing that counts.

    Attributes:
        seq: The event of the ledger that shows it.
        at: When it happened; for a missed deadline when it was due.
        subject: What it is about: a clock, a promise, an option; empty where it is the whole complaint.
        rating: Of 1 to 5, where the customer gave one.
    """

    number: str
    seq: int
    at: datetime
    what: What
    party: Party
    subject: str = ""
    rating: int | None = None
    money: Money | None = None


@dataclass(frozen=True, kw_only=True)
class CaseFigures:
    """What contributions add up to, of one case or of many. `cost` is in minor units, by currency."""

    met: int = 0
    missed: int = 0
    rated: int = 0
    ratings: int = 0
    kept: int = 0
    broken: int = 0
    at_first_contact: int = 0
    later: int = 0
    lasted: int = 0
    reopened: int = 0
    dissatisfied: int = 0
    resolved: int = 0
    cost: Mapping[str, int] = field(default_factory=dict)

    def share(self, measure: Measure) -> Fraction | None:
        """Return how much of a measure was reached, from 0 to 1; None where nothing is known of it."""
        reached, of = self._counted(measure)
        return Fraction(reached, of) if of else None

    def _counted(self, measure: Measure) -> tuple[int, int]:
        match measure:
            case Measure.ATTAINMENT:
                return self.met, self.met + self.missed
            case Measure.SATISFACTION:  # 1 of 5 is nothing, 5 of 5 is all
                return self.ratings - self.rated, 4 * self.rated
            case Measure.PROMISES:
                return self.kept, self.kept + self.broken
            case Measure.FIRST_CONTACT:
                return self.at_first_contact, self.at_first_contact + self.later
            case Measure.LASTING:
                return self.lasted, self.lasted + self.reopened + self.dissatisfied

    @property
    def mean_rating(self) -> Fraction | None:
        """What customers gave on average, of 1 to 5."""
        return Fraction(self.ratings, self.rated) if self.rated else None

    @property
    def cost_per_resolved(self) -> dict[str, Fraction]:
        """What a resolved case cost on average, by currency; empty where none was resolved."""
        return {c: Fraction(cost, self.resolved) for c, cost in self.cost.items()} if self.resolved else {}


def score(figures: CaseFigures) -> Fraction | None:
    """Return the score, from 0 to 100: the weighted mean of the measures that something is known of; None if none."""
    known = {m: share for m in Measure if (share := figures.share(m)) is not None}
    weight = sum(WEIGHTS[measure] for measure in known)
    return 100 * sum((WEIGHTS[m] * s for m, s in known.items()), Fraction()) / weight if known else None


def add_up(contributions: Iterable[Contribution]) -> CaseFigures:
    """Add contributions up, whoever they count for."""
    counts = dict.fromkeys(_COUNTED, 0)
    cost: dict[str, int] = {}
    for each in contributions:
        if each.what in counts:
            counts[each.what] += 1
        if each.rating is not None:
            counts["ratings"] += each.rating
        if each.money is not None:
            cost[each.money.currency] = cost.get(each.money.currency, 0) + each.money.amount_minor
    return CaseFigures(**counts, cost=dict(sorted(cost.items())))


_COUNTED = [f.name for f in fields(CaseFigures) if f.name != "cost"]


# --- from a ledger

NOT_COUNTED = (ClockName.ACKNOWLEDGEMENT, ClockName.APPEAL, ClockName.WAITING, ClockName.PROMISE)
"""Clocks that are no duty of whoever answers for it: a superior's, the customer's, a wait. Promises count by themselves."""

_RESOLVED = (Outcome.RESOLVED, Outcome.RESOLVED_AT_FIRST_CONTACT)
_COULD_BE_RESOLVED = (*_RESOLVED, Outcome.UNSOLVABLE)
_ANSWERED = (*_COULD_BE_RESOLVED, Outcome.DECLINED)

_SUMS = ("compensation", "cost")
"""Fields of facts that say what the company gave. A prepared option gives nothing until it is accepted."""


def contributions(number: str, ledger: Iterable[Event]) -> tuple[Contribution, ...]:
    """Take a case apart. Only what is settled counts, so an open complaint counts with a part of itself.

    Args:
        ledger: Its events in order; those whose kind is not in `KINDS` may be left out.
    """
    case = _Case(number)
    for event in ledger:
        case.read(event)
    return tuple(case.found)


@dataclass
class _Watched:
    """A clock, as far as it matters here."""

    name: ClockName
    subject: str
    started_at: datetime
    due_at: datetime


class _Case:
    """Reads a ledger once, from the first event to the last."""

    def __init__(self, number: str) -> None:
        self.number = number
        self.found: list[Contribution] = []
        self._answering: list[tuple[datetime, Party]] = []
        self._clocks: dict[str, _Watched] = {}
        self._asked: dict[str, str] = {}
        self._approved_by: dict[str, Role] = {}
        self._options: dict[str, Money | None] = {}
        self._cycle = 1
        self._closed: tuple[Party, Outcome | None] | None = None
        self._was_closed = False
        self._was_resolved = False

    def read(self, event: Event) -> None:
        """Take in one event."""
        fact = event.fact
        match fact:
            case facts.Assigned() | facts.Reassigned():
                party = Party(handler=fact.handler, department=fact.department)
                self._answering.append((event.occurred_at, party))
            case facts.VerificationRequested():
                self._asked[fact.verification] = fact.department
            case facts.DepartmentsSummoned():
                departments = (each.department for each in fact.departments)
                self._asked |= dict(zip(fact.summons, departments, strict=True))
            case facts.ApprovalRequested():
                self._approved_by[fact.approval] = fact.level
            case facts.OptionPrepared():
                self._options[fact.option] = fact.compensation
            case facts.OptionAccepted():
                self._spend(event, self._options.get(fact.option), fact.option)
            case facts.FollowUpRecorded():
                self._follow_up(event, fact)
            case consequences.ClockStarted():
                self._clocks[fact.clock] = _Watched(fact.name, fact.subject, fact.started_at, fact.due_at)
            case consequences.ClockMoved():
                self._clocks[fact.clock].due_at = fact.due_at
            case consequences.ClockSettled():
                self._settled(event, fact)
            case consequences.StageEntered():
                self._entered(event, fact)
            case _:
                self._give(event)

    def _answering_at(self, instant: datetime) -> Party:
        """Return who answered for it then: the last one who had been named by that time."""
        return next((party for since, party in reversed(self._answering) if since <= instant), Party())

    def _count(
        self,
        event: Event,
        what: What,
        subject: str = "",
        *,
        at: datetime | None = None,
        party: Party | None = None,
        rating: int | None = None,
        money: Money | None = None,
    ) -> None:
        at = at or event.occurred_at
        self.found.append(
            Contribution(
                number=self.number,
                seq=event.seq,
                at=at,
                what=what,
                party=party or self._answering_at(at),
                subject=subject,
                rating=rating,
                money=money,
            )
        )

    def _give(self, event: Event) -> None:
        for name in _SUMS:
            self._spend(event, getattr(event.fact, name, None))

    def _spend(self, event: Event, money: object, subject: str = "") -> None:
        if isinstance(money, Money) and money.amount_minor:
            self._count(event, What.SPENT, subject, money=money)

    def _follow_up(self, event: Event, fact: facts.FollowUpRecorded) -> None:
        if fact.score is not None:
            self._count(event, What.RATED, rating=fact.score)
        if fact.satisfied is False:
            self._count(event, What.DISSATISFIED)

    def _settled(self, event: Event, fact: consequences.ClockSettled) -> None:
        clock = self._clocks[fact.clock]
        if fact.verdict == Verdict.VOID or clock.due_at <= clock.started_at:
            return  # the duty fell away, or the policy had no target for it, which is nobody's doing
        in_time = fact.verdict == Verdict.MET
        at = fact.settled_at if in_time else clock.due_at
        if clock.name == ClockName.PROMISE:
            self._count(event, What.KEPT if in_time else What.BROKEN, clock.subject, at=at)
        elif clock.name not in NOT_COUNTED:
            party = self._owing(clock, at)
            self._count(event, What.MET if in_time else What.MISSED, fact.clock, at=at, party=party)

    def _owing(self, clock: _Watched, at: datetime) -> Party:
        """Say whose duty it was: an answer is owed by the department that was asked, presence by the one that was summoned."""
        answering = self._answering_at(at)
        if clock.name in (ClockName.VERIFICATION, ClockName.ATTENDANCE):
            return Party(department=self._asked.get(clock.subject))
        if clock.name == ClockName.APPROVAL:  # by a superior, never by the handler
            by_lead = self._approved_by.get(clock.subject) == Role.LEAD
            return Party(department=answering.department if by_lead else None)
        return answering

    def _entered(self, event: Event, fact: consequences.StageEntered) -> None:
        if fact.cycle > self._cycle:  # it counts for whoever closed it, not for whoever takes it up again
            self._cycle = fact.cycle
            self._count(event, What.REOPENED, party=self._closed[0] if self._closed else None)
            self._closed = None
        if fact.stage == Stage.CLOSED:
            self._close(event, fact.outcome)
        elif fact.stage == Stage.ENDED and self._closed is not None:
            party, outcome = self._closed
            if outcome in _ANSWERED:
                self._count(event, What.LASTED, party=party)

    def _close(self, event: Event, outcome: Outcome | None) -> None:
        self._closed = self._answering_at(event.occurred_at), outcome
        if outcome in _COULD_BE_RESOLVED and not self._was_closed:
            at_once = outcome == Outcome.RESOLVED_AT_FIRST_CONTACT
            self._count(event, What.AT_FIRST_CONTACT if at_once else What.LATER)
        if outcome in _RESOLVED and not self._was_resolved:
            self._was_resolved = True
            self._count(event, What.RESOLVED)
        self._was_closed = True


_READ = (
    facts.Assigned,
    facts.Reassigned,
    facts.VerificationRequested,
    facts.DepartmentsSummoned,
    facts.ApprovalRequested,
    facts.OptionPrepared,
    facts.OptionAccepted,
    facts.FollowUpRecorded,
    consequences.ClockStarted,
    consequences.ClockMoved,
    consequences.ClockSettled,
    consequences.StageEntered,
)

KINDS: Sequence[str] = (
    *(kind.__name__ for kind in _READ),
    *(
        name
        for name, kind in FACTS.items()
        if kind not in _READ and any(f.name in _SUMS for f in fields(kind))
    ),
)
"""The kinds of facts that scores are computed from."""
