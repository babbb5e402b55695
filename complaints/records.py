"""What a complaint consists of besides its forms: clocks, escalations, options and the other things with an id.

All are values: a change is a new value. The read model in PostgreSQL has one table for each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from complaints import forms
from complaints.vocabulary import Part, PauseOwner, Role
from complaints.working_time import Budget


class ClockName(StrEnum):
    """What a clock watches."""

    FIRST_CONTACT = "first_contact"
    INTAKE = "intake"
    INVESTIGATION = "investigation"
    SOLUTION = "solution"
    EXECUTION = "execution"
    FOLLOW_UP = "follow_up"
    OVERALL = "overall"  # from receipt until the solution is carried out
    FEEDBACK = "feedback"  # one for every day; a local time of day
    VERIFICATION = "verification"
    APPROVAL = "approval"
    ACTION = "action"
    PROMISE = "promise"
    WAITING = "waiting"  # a pause that nobody ends would lose a complaint
    ACKNOWLEDGEMENT = "acknowledgement"
    STATUTORY = "statutory"  # what the law or a public promise sets; the subject names the rule
    SECOND_CALL = "second_call"  # some days after closing: does it still work?
    APPEAL = "appeal"  # a window rather than a duty: when it ends, the complaint does
    ADMISSION = "admission"  # a report is judged: accepted, transferred or declined
    NEXT_OFFER = "next_offer"  # after a rejection, until the next option is put to the customer
    ATTENDANCE = "attendance"  # a department that was summoned sends somebody
    EMERGENCY = "emergency"  # somebody is on site
    AFTER_CLOSING = "after_closing"  # a contact after closing; the subject names the policy's entry


class Verdict(StrEnum):
    """How a clock ended."""

    MET = "met"
    BREACHED = "breached"
    VOID = "void"  # the duty fell away


class Move(StrEnum):
    """Why a deadline is no longer where it was."""

    RESUMED = "resumed"  # a pause is over; what was left then is left now
    EXTENDED = "extended"
    SEVERITY = "severity"  # another severity, another budget
    MIGRATED = "migrated"  # another policy, or a calendar that knows more


@dataclass(frozen=True, kw_only=True)
class Adjustment:
    """One move of a deadline.

    Attributes:
        at: When it took effect; for a pause its end, and `since` its beginning.
        by: Who brought it about.
    """

    why: Move
    at: datetime
    since: datetime | None = None
    owner: PauseOwner | None = None
    was_due_at: datetime
    due_at: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class Course(forms.Form):
    """Where a clock is heading.

    Attributes:
        budget: Empty where the deadline itself was named, by people or by the feedback rule.
        calendar: The policy's calendar in which the budget counts; `ladder` names who is told when it is missed.
        warn_at: When each of `warn_percent` is used up.
        call_at: When each of `call_rungs` of the ladder is called by time alone.
        provisional: It reaches into days whose holidays are not known yet.
    """

    budget: Budget | None
    calendar: str
    ladder: str
    due_at: datetime
    warn_percent: tuple[int, ...]
    warn_at: tuple[datetime, ...]
    call_rungs: tuple[int, ...] = ()
    call_at: tuple[datetime, ...] = ()
    provisional: bool = False


@dataclass(frozen=True, kw_only=True)
class Clock(Course):
    """One deadline, whatever it watches.

    Attributes:
        key: Unique within the complaint, such as `promise/2`.
        subject: The id of what it watches, or empty where it watches the complaint itself.
        due_at: The deadline as it stands. While `paused_at` is set the clock stands still, and resuming moves it.
        warned: How many of the warnings have been told; `called` counts the rungs.
        adjustments: Every move of the deadline since it began, in order.
        breached_at: When a missed deadline was seen; the deadline itself no longer moves then.
        delivered_at: When a service first confirmed that somebody was told of the breach.
        settled_at: When the duty was fulfilled or fell away; from then on nothing about this clock changes.
    """

    key: str
    name: ClockName
    subject: str
    cycle: int
    round: int
    started_at: datetime
    warned: int = 0
    called: int = 0
    paused_at: datetime | None = None
    adjustments: tuple[Adjustment, ...] = ()
    extensions: int = 0
    breached_at: datetime | None = None
    escalation: str | None = None
    delivered_at: datetime | None = None
    settled_at: datetime | None = None
    verdict: Verdict | None = None

    @property
    def has_target(self) -> bool:
        """Whether the policy had a budget for it; without one it is due when it begins, and cannot be met."""
        return self.due_at > self.started_at

    @property
    def is_open(self) -> bool:
        """Whether the duty still stands."""
        return self.settled_at is None

    @property
    def is_ticking(self) -> bool:
        """Whether time can still bring a warning or a breach."""
        return self.settled_at is None and self.paused_at is None and self.breached_at is None


class Cause(StrEnum):
    """Why somebody has to act."""

    BREACH = "breach"
    AT_RISK = "at_risk"  # a rung that is called before the deadline
    CONFIGURATION = "configuration"  # the policy has no target for a duty
    BY_HAND = "by_hand"
    DIFFICULT = "difficult"
    DISPUTED = "disputed"
    MEDIATION = "mediation"
    DISSATISFIED = "dissatisfied"
    RECUSAL = "recusal"  # whoever answers for it may not
    HAZARD = "hazard"  # what was said hints at a danger, or somebody declared one
    SUPPORT = "support"  # a handler calls for a superior or a colleague
    CONVERTED = "converted"  # a communicative complaint that was handled badly


@dataclass(frozen=True, kw_only=True)
class Escalation:
    """A matter that a superior has to take up.

    Attributes:
        rung: Counts from 0 up its ladder; `called_at` is when this rung was reached.
        person: Who it was handed to by name; empty while it waits for whoever is on duty.
        calls: How often somebody was called, by climbing or by being handed on.
    """

    id: str
    cause: Cause
    clock: str | None
    rung: int
    audience: Role
    department: str | None
    reason: str
    opened_at: datetime
    called_at: datetime
    acknowledged_at: datetime | None = None
    acknowledged_by: str | None = None
    ladder: str = ""
    person: str | None = None
    calls: int = 1
    resolved_at: datetime | None = None
    resolution: str | None = None

    @property
    def is_open(self) -> bool:
        """Whether it still waits for somebody."""
        return self.resolved_at is None


class NoticeKind(StrEnum):
    """What a notice is about."""

    WARNING = "warning"
    ESCALATION = "escalation"
    CUSTOMER = "customer"  # a message to the customer: that it takes longer, and why
    RECEIPT = "receipt"  # a message to the customer: that we have the complaint
    NEWS = "news"  # a message to the customer: how it goes
    SUMMONS = "summons"  # a department has to send somebody


TO_CUSTOMER = (NoticeKind.CUSTOMER, NoticeKind.RECEIPT, NoticeKind.NEWS)
"""What is meant for the customer alone. It holds what the customer may read, and shares no message with others."""


class NoticeStatus(StrEnum):
    """How far a notice has come."""

    QUEUED = "queued"
    ROUTED = "routed"  # people were found for the role it was meant for; each has a notice of their own
    DELIVERED = "delivered"  # the service said so
    WITHDRAWN = "withdrawn"  # the matter was settled while it waited for the end of quiet hours
    OUTBOX = "outbox"  # no target is configured; it lies where people can read it
    FAILED = "failed"  # the service refused for good


@dataclass(frozen=True, kw_only=True)
class Notice:
    """Something somebody is to be told, once. Its id names complaint, clock, rung and recipient.

    Attributes:
        recipient: A role (`lead:billing`, `customer_service`), or a person (`person:chen.jing`).
        rung: The one that was called by it, whichever the escalation has reached since.
        part_of: The notice to a role that this person was found for.
        not_before: The end of this person's quiet hours; empty means at once.
        why: Why these people were found for the role.
        detail: The receipt, or the reason of a failure.
    """

    id: str
    kind: NoticeKind
    audience: Role
    recipient: str
    clock: str | None
    escalation: str | None
    rung: int | None = None
    queued_at: datetime
    part_of: str | None = None
    why: forms.Names | None = None
    not_before: datetime | None = None
    status: NoticeStatus = NoticeStatus.QUEUED
    channel: str | None = None
    delivered_at: datetime | None = None
    detail: str | None = None


@dataclass(frozen=True, kw_only=True)
class Addressee:
    """Somebody who was found for a role. `not_before` is the end of their quiet hours; empty means at once."""

    person: str
    not_before: datetime | None = None


class OptionStatus(StrEnum):
    """Where an option stands between us and the customer."""

    PREPARED = "prepared"
    OFFERED = "offered"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True, kw_only=True)
class Option:
    """A prepared way to settle the complaint."""

    id: str
    cycle: int
    round: int
    draft: forms.OptionDraft
    prepared_by: str
    status: OptionStatus = OptionStatus.PREPARED
    valid_until: datetime | None = None
    reason: str | None = None


class ApprovalStatus(StrEnum):
    """What became of a request for approval."""

    REQUESTED = "requested"
    APPROVED = "approved"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class Approval:
    """A request to spend more than one's own authority. `level` is the lowest role whose authority suffices."""

    id: str
    option: str
    level: Role
    requested_by: str
    requested_at: datetime
    status: ApprovalStatus = ApprovalStatus.REQUESTED
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, kw_only=True)
class Verification:
    """A question to another department, and its answer."""

    id: str
    department: str
    question: str
    asked_by: str
    asked_at: datetime
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Summons:
    """A department that was called, and whom it sent.

    Attributes:
        lead_attends: Its lead was asked to come in person.
    """

    id: str
    department: str
    part: Part
    what: str
    lead_attends: bool
    summoned_at: datetime
    sent: str | None = None
    sent_at: datetime | None = None


@dataclass(frozen=True, kw_only=True)
class Emergency:
    """A danger on site, and whether it is one still.

    Attributes:
        hazard: As the policy names it; empty for one that it does not name.
        what: In the words of whoever declared it; empty where it was found in what the customer said.
        escalation: The one that tells of it.
        attended_at: When somebody was on site first; `found` is what the last of them found.
    """

    id: str
    hazard: str | None
    what: str | None
    escalation: str
    declared_at: datetime
    attended_at: datetime | None = None
    found: str | None = None
    made_safe: bool = False


@dataclass(frozen=True, kw_only=True)
class ActionItem:
    """Something that somebody does by a date."""

    id: str
    cycle: int
    round: int
    plan: forms.ActionPlan
    completed_at: datetime | None = None
    evidence: str | None = None


@dataclass(frozen=True, kw_only=True)
class Promise:
    """What the customer was promised."""

    id: str
    what: str
    due_at: datetime
    made_by: str
    made_at: datetime
    kept_at: datetime | None = None
    evidence: str | None = None


@dataclass(frozen=True, kw_only=True)
class FeedbackEntry:
    """What the customer was told, when and how."""

    id: str
    form: forms.Feedback
    given_by: str
    given_at: datetime


@dataclass(frozen=True, kw_only=True)
class FollowUpEntry:
    """What the customer said when asked."""

    cycle: int
    round: int
    form: forms.FollowUp
    asked_by: str
    asked_at: datetime


@dataclass(frozen=True, kw_only=True)
class GoodwillEntry:
    """What was given beyond what was agreed."""

    cycle: int
    form: forms.Goodwill
    given_by: str
    given_at: datetime


@dataclass(frozen=True, kw_only=True)
class Pause:
    """Since when clocks stand still, and on whose account."""

    owner: PauseOwner
    what: str
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Attachment:
    """A file on the complaint, without its bytes.

    Attributes:
        sha256: Of the bytes as they came; it stays when they are gone.
        reason: Why it was removed.
    """

    id: str
    file_name: str
    media_type: str
    size_bytes: int
    sha256: str
    attached_by: str
    attached_at: datetime
    removed_by: str | None = None
    removed_at: datetime | None = None
    reason: str | None = None
