"""The rules an organisation sets for itself, as data. A complaint keeps the policy it was registered under.

Files are read and resolved by `policy_file`; here stands what a resolved policy is, and what it answers.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from enum import StrEnum
from functools import lru_cache
from typing import Annotated

from annotated_types import Ge, Le, MinLen, Predicate

from complaints.canonical import canonical
from complaints.forms import Form, Names
from complaints.later import Later
from complaints.lifecycle import Stage
from complaints.practices import Practices, StatutoryExtension
from complaints.records import ClockName
from complaints.vocabulary import (
    AUTHORITY_ORDER,
    Currency,
    Identifier,
    Line,
    Money,
    PauseOwner,
    Role,
    Score,
    Severity,
    Text,
)
from complaints.working_time import Budget, Calendar, Zone


def is_whole_minute(at: time) -> bool:
    """Say whether a time of day can stand on a rota: local, and without seconds."""
    return at.tzinfo is None and not at.second and not at.microsecond


TimeOfDay = Annotated[time, Predicate(is_whole_minute)]
Percent = Annotated[int, Ge(1), Le(99)]
Points = Annotated[int, Ge(-100), Le(100)]

DEFAULT_LADDER = "default"
"""The ladder of every clock that names no other."""


# --- clocks


@dataclass(frozen=True, kw_only=True)
class ClockRule(Form):
    """How long a duty may take.

    Attributes:
        budget: Empty for clocks whose deadline people name themselves (promises, actions).
        by_severity: What a severity is allowed instead of `budget`.
        warn_percent: At which shares of the time a warning goes out, in ascending order.
        calendar: Whose working time counts; empty means the policy's own.
        ladder: Who is told when it is missed; empty means the default ladder.
    """

    budget: Budget | None = None
    by_severity: Mapping[Severity, Budget] = field(default_factory=dict)
    warn_percent: tuple[Percent, ...] = ()
    calendar: Identifier | None = None
    ladder: Identifier | None = None

    def budget_for(self, severity: Severity) -> Budget | None:
        """Return what a severity is allowed."""
        return self.by_severity.get(severity, self.budget)


class MetBy(StrEnum):
    """What fulfils a statutory duty."""

    FIRST_CONTACT = "first_contact"  # the customer was heard
    ACKNOWLEDGED = "acknowledged"  # the customer was told that we have it, and by when they will be answered
    ADMISSION = "admission"  # it was accepted, transferred or declined
    ANSWER = "answer"  # the customer was told the outcome: an offer, a refusal, a handover, an admission
    SETTLED = "settled"  # what was agreed has been done
    CLOSED = "closed"  # the complaint is closed


@dataclass(frozen=True, kw_only=True)
class StatutoryRule(ClockRule):
    """A duty that the law, a regulator or a public promise sets.

    Attributes:
        met_by: What fulfils it; it runs from receipt.
        source: Where it is written: the instrument, its number and article.
        categories: The duty arises in these categories only; empty means in all.
        extensions: Steps by which it may be extended, each counted from where the duty began.
    """

    title: Names
    met_by: MetBy
    source: Text
    categories: Later[tuple[Identifier, ...]] = ()
    extensions: Later[tuple[StatutoryExtension, ...]] = ()


@dataclass(frozen=True, kw_only=True)
class PauseRule(Form):
    """What stands still while we wait for somebody, and for how long at most."""

    stops: tuple[ClockName, ...]
    at_most: Budget


@dataclass(frozen=True, kw_only=True)
class ExtensionRule(Form):
    """More time: who may grant it, for which clocks, how often each, and how much at a time."""

    roles: tuple[Role, ...]
    clocks: tuple[ClockName, ...]
    per_clock: Annotated[int, Ge(0)]
    at_most: Budget


# --- ladders


@dataclass(frozen=True, kw_only=True)
class Rung(Form):
    """One step of a ladder: who has to act.

    The first rung is called when the deadline is missed; a later one when the rung before it did not acknowledge in
    time, declined, or when its own time has come.

    Attributes:
        percent: It is called before the deadline already, at this share of the time.
        after_due: It is called so long after the deadline if the duty is still open, acknowledged or not.
        acknowledge_within: How long they have to say "I have it"; business units count in `calendar`.
        calendar: The working time of this audience; empty means the policy's own.
        channel: The channel that is tried first, such as `dingtalk`; empty means the recipient's own order.
        keeps_quiet: Whether the notice waits for the end of quiet hours. Detection never waits.
        measure: What being called on this rung is, such as a written urge or a notice of criticism.
    """

    audience: Role
    percent: Percent | None = None
    after_due: Budget | None = None
    acknowledge_within: Budget | None = None
    calendar: Identifier | None = None
    channel: Identifier | None = None
    keeps_quiet: bool = False
    measure: Later[Names | None] = None


@dataclass(frozen=True, kw_only=True)
class QuietHours(Form):
    """Local times of day between which nobody is disturbed who need not be; `start` may lie after `end`."""

    start: TimeOfDay
    end: TimeOfDay


# --- customers


class FeedbackDays(StrEnum):
    """On which days the customer must have heard from us."""

    EVERY_DAY = "every_day"
    WORKING_DAYS = "working_days"


@dataclass(frozen=True, kw_only=True)
class FeedbackRule(Form):
    """When the customer must have heard from us at the latest, each day.

    Attributes:
        due_at: Local time of day. A day without feedback escalates at this minute, never later.
        remind_at: Local time of day at which the handler is reminded.
        spread_minutes: Reminders of different complaints are spread over this many minutes before `remind_at`.
        quiet: When no message is sent to a customer.
        message: What may be said on a day without progress; {number} and {stage} are filled in.
        automatic: Whether the day's message is sent by itself at `remind_at`, unless somebody has told the customer
            before. Otherwise it is put before the handler.
    """

    due_at: TimeOfDay
    remind_at: TimeOfDay
    spread_minutes: Annotated[int, Ge(0), Le(600)] = 0
    days: FeedbackDays = FeedbackDays.EVERY_DAY
    quiet: QuietHours | None = None
    message: Names | None = None
    automatic: Later[bool] = False


@dataclass(frozen=True, kw_only=True)
class FollowUpRule(Form):
    """How the customer is asked afterwards.

    Attributes:
        delay: How long what was done must have lasted before the customer is asked.
        attempts: How many calls that nobody answers stand for an answer.
        questions: What is asked, each answered by 1 to 5.
        second_call: How long after closing the customer is called once more; none if empty.
    """

    delay: Budget | None = None
    attempts: Annotated[int, Ge(1), Le(20)] = 3
    questions: tuple[Names, ...] = ()
    second_call: Budget | None = None


@dataclass(frozen=True, kw_only=True)
class Guidance(Form):
    """What helps a handler at this moment.

    Attributes:
        stages: Where it applies; empty means at every stage.
        customer_types: For whom; empty means for everybody.
        intensity: From which emotional intensity on.
        kinds: For these kinds of complaint; empty means for all. So do `motives` and `categories`.
        difficult: For difficult complaints only.
    """

    say: Names
    stages: tuple[Stage, ...] = ()
    customer_types: tuple[Identifier, ...] = ()
    intensity: Score = 1
    kinds: Later[tuple[Identifier, ...]] = ()
    motives: Later[tuple[Identifier, ...]] = ()
    categories: Later[tuple[Identifier, ...]] = ()
    difficult: Later[bool] = False


# --- what is at stake


@dataclass(frozen=True, kw_only=True)
class SumPoints(Form):
    """Points for a claim of at least this much."""

    at_least: Money
    points: Points


@dataclass(frozen=True, kw_only=True)
class WordPoints(Form):
    """Points for words in what the customer said: the press, a regulator, a danger. Case does not matter."""

    name: Names
    words: Annotated[tuple[Line, ...], MinLen(1)]
    points: Points


@dataclass(frozen=True, kw_only=True)
class Scoring(Form):
    """How the severity is reckoned: points add up, and each severity begins at its own sum.

    Attributes:
        per_earlier_complaint: Points for each earlier complaint of this customer, up to five of them.
        thresholds: From how many points on a severity applies; below all of them it is low.
    """

    thresholds: Mapping[Severity, Points]
    intensity: Mapping[Score, Points] = field(default_factory=dict)
    customer_types: Mapping[Identifier, Points] = field(default_factory=dict)
    categories: Mapping[Identifier, Points] = field(default_factory=dict)
    sums: tuple[SumPoints, ...] = ()
    per_earlier_complaint: Points = 0
    words: Mapping[Identifier, WordPoints] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class DifficultRule(Form):
    """What makes a complaint difficult: any one of these. Whatever is empty makes none difficult."""

    severity: Severity | None = None
    intensity: Score | None = None
    earlier_complaints: Annotated[int, Ge(1)] | None = None
    claims: tuple[Money, ...] = ()
    words: tuple[Identifier, ...] = ()
    customer_types: tuple[Identifier, ...] = ()


# --- the whole


@dataclass(frozen=True, kw_only=True, eq=False)
class Policy(Practices, Form):
    """Everything that decides how a complaint is handled. Two readings are compared by `fingerprint`.

    The rituals of a trade stand in `Practices`.

    Attributes:
        name: What it is called; the file is called the same.
        version: Whose content never changes once it was activated.
        title: What people call it.
        calendars: By name, resolved.
        calendar: The calendar that counts where none is named. Days begin and end in its zone.
        categories: What a complaint can be about, by name.
        customer_types: The temperaments a handler can tell apart, by name; they steer the playbook and the severity.
        clocks: What each stage and each duty may take.
        statutory: What the law, a regulator or a public promise sets, by name. These run beside the other clocks.
        pauses: What stands still while we wait, by the owner of the wait.
        extensions: Who may grant more time, for what, how often and how much.
        ladders: Who is told of a missed deadline, by name; the one named `default` serves every clock that names no
            other.
        quiet: When nobody of ours is disturbed by a rung that keeps quiet.
        feedback: When the customer must have heard from us, each day.
        severity: How much is at stake, by points.
        difficult: What sends a complaint to the customer service department at once.
        authority: By currency, the most each role may grant alone, in minor units. A role or currency that is not
            named may grant nothing, except that the last word is always the customer service department's.
        options_prepared: How many options must stand ready before the first is offered.
        rejections_before_mediation: After how many rejected options the customer service department mediates.
        follow_up: How the customer is asked afterwards.
        playbook: What helps a handler, by stage, customer type and intensity.
        reporter_seen_by: Which roles may see who complained, where the reporter is confidential.
        retention: How long personal data is kept after the end.
        backdating: How far in the past a command's `received_at` may lie.
        places: Where a rule stands: its dotted path, and the file and line it was read from.
    """

    name: Identifier
    version: Identifier
    title: Names
    calendars: Annotated[Mapping[Identifier, Calendar], MinLen(1)]
    calendar: Identifier
    categories: Annotated[Mapping[Identifier, Names], MinLen(1)]
    customer_types: Mapping[Identifier, Names] = field(default_factory=dict)
    clocks: Mapping[ClockName, ClockRule]
    statutory: Mapping[Identifier, StatutoryRule] = field(default_factory=dict)
    pauses: Mapping[PauseOwner, PauseRule]
    extensions: ExtensionRule
    ladders: Annotated[Mapping[Identifier, Annotated[tuple[Rung, ...], MinLen(1)]], MinLen(1)]
    quiet: QuietHours | None = None
    feedback: FeedbackRule
    severity: Scoring
    difficult: DifficultRule = field(default_factory=DifficultRule)
    authority: Mapping[Currency, Mapping[Role, Annotated[int, Ge(0)]]]
    options_prepared: Annotated[int, Ge(1), Le(10)] = 1
    rejections_before_mediation: Annotated[int, Ge(1)]
    follow_up: FollowUpRule = field(default_factory=FollowUpRule)
    playbook: tuple[Guidance, ...] = ()
    reporter_seen_by: tuple[Role, ...]
    retention: Budget
    backdating: Budget
    places: Mapping[Text, Text] = field(default_factory=dict)

    @property
    def zone(self) -> Zone:
        """The zone in which this organisation's days begin and end."""
        return self.calendars[self.calendar].zone

    def working_time(self, name: str | None) -> Calendar:
        """Return a calendar, or the policy's own where none, or none that is known, is named."""
        return self.calendars.get(name or self.calendar, self.calendars[self.calendar])

    def rule(self, name: ClockName, subject: str = "") -> ClockRule:
        """Return the rule for a clock; one that the policy does not name has no budget and no warning."""
        if name == ClockName.STATUTORY and subject in self.statutory:
            return self.statutory[subject]
        return self.clocks.get(name, ClockRule())

    def ladder(self, name: str | None) -> tuple[Rung, ...]:
        """Return a ladder, or the default one where none, or none that is known, is named."""
        return self.ladders.get(name or DEFAULT_LADDER, self.ladders[DEFAULT_LADDER])

    def may_grant(self, role: Role, sum_: Money | None, department: str | None = None) -> bool:
        """Say whether a role may spend this much without asking anybody; a desk with a limit of its own has that one."""
        if sum_ is None or sum_.amount_minor == 0:
            return True
        limit = self.authority.get(sum_.currency, {}).get(role, 0)
        desk = self.desks.get(department or "") if role == Role.DESK else None
        if desk is not None:
            limit = desk.authority.get(sum_.currency, 0)
        return role in (Role.CUSTOMER_SERVICE, Role.EXECUTIVE) or sum_.amount_minor <= limit

    def approver_of(self, sum_: Money | None) -> Role:
        """Name the lowest superior who may grant a sum alone; a handler offers what is theirs, and approves nothing."""
        superiors = AUTHORITY_ORDER[AUTHORITY_ORDER.index(Role.LEAD) :]
        return next(role for role in superiors if self.may_grant(role, sum_))


def rung_of(ladder: tuple[Rung, ...], audience: Role) -> int:
    """Find the rung on which a role is told of what was missed; where it has none, the one above, or the last."""
    rank = AUTHORITY_ORDER.index(audience)
    fitting = (
        index
        for index, rung in enumerate(ladder)
        if rung.percent is None and AUTHORITY_ORDER.index(rung.audience) >= rank
    )
    return next(fitting, len(ladder) - 1)


@lru_cache(maxsize=256)
def text_of(policy: Policy) -> str:
    """Write a resolved policy as the one JSON text that is pinned and hashed."""
    return canonical(policy)


@lru_cache(maxsize=256)
def fingerprint(policy: Policy) -> str:
    """Return the SHA-256 of a resolved policy's text."""
    return hashlib.sha256(text_of(policy).encode()).hexdigest()
