"""What happened, in the past tense: the ledger.

Each event carries the SHA-256 of the one before it. The chain is computed here, in the core, so it is part of the
workflow's own history as well as of the ledger in PostgreSQL, and either can prove the other.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import Discriminator

from complaints import forms
from complaints.canonical import canonical
from complaints.forms import Form, Names
from complaints.lifecycle import Stage
from complaints.records import Addressee, Cause, ClockName, Course, Move, NoticeKind, Verdict
from complaints.vocabulary import Actor, Outcome, PauseOwner, Role, Severity

# --- What people did


@dataclass(frozen=True, kw_only=True)
class Registered(forms.Registration):
    """A complaint was taken in under the policy whose SHA-256 is named here."""

    number: str
    language: str
    policy_name: str
    policy_version: str
    policy_sha256: str
    received_at: datetime
    type: Literal["Registered"] = "Registered"


@dataclass(frozen=True, kw_only=True)
class FirstContactRecorded(forms.FirstContact):
    """The customer was heard, and confirmed so."""

    type: Literal["FirstContactRecorded"] = "FirstContactRecorded"


@dataclass(frozen=True, kw_only=True)
class Classified(forms.Classification):
    """It was given its category and severity."""

    type: Literal["Classified"] = "Classified"


@dataclass(frozen=True, kw_only=True)
class Assigned(forms.Assignment):
    """Somebody answers for it."""

    type: Literal["Assigned"] = "Assigned"


@dataclass(frozen=True, kw_only=True)
class ResolvedAtFirstContact(forms.Remedy):
    """It was settled on the spot."""

    type: Literal["ResolvedAtFirstContact"] = "ResolvedAtFirstContact"


@dataclass(frozen=True, kw_only=True)
class Declined(forms.ToldReason):
    """It was turned down."""

    type: Literal["Declined"] = "Declined"


@dataclass(frozen=True, kw_only=True)
class Transferred(forms.Handover):
    """It was handed to another organisation."""

    type: Literal["Transferred"] = "Transferred"


@dataclass(frozen=True, kw_only=True)
class DuplicateLinked(forms.Duplicate):
    """It goes on under another number."""

    type: Literal["DuplicateLinked"] = "DuplicateLinked"


@dataclass(frozen=True, kw_only=True)
class VerificationRequested(forms.VerificationRequest):
    """Another department was asked."""

    verification: str
    type: Literal["VerificationRequested"] = "VerificationRequested"


@dataclass(frozen=True, kw_only=True)
class VerificationAnswered(forms.VerificationAnswer):
    """The department answered."""

    type: Literal["VerificationAnswered"] = "VerificationAnswered"


@dataclass(frozen=True, kw_only=True)
class FindingsRecorded(forms.Findings):
    """The investigation was concluded."""

    type: Literal["FindingsRecorded"] = "FindingsRecorded"


@dataclass(frozen=True, kw_only=True)
class LiabilityDisputed(forms.Reason):
    """The liability was contested."""

    type: Literal["LiabilityDisputed"] = "LiabilityDisputed"


@dataclass(frozen=True, kw_only=True)
class LiabilityJudged(forms.Judgement):
    """The liability was decided."""

    type: Literal["LiabilityJudged"] = "LiabilityJudged"


@dataclass(frozen=True, kw_only=True)
class OptionPrepared(forms.OptionDraft):
    """A way to settle it stands ready."""

    option: str
    type: Literal["OptionPrepared"] = "OptionPrepared"


@dataclass(frozen=True, kw_only=True)
class OptionOffered(forms.Offer):
    """An option was put to the customer."""

    type: Literal["OptionOffered"] = "OptionOffered"


@dataclass(frozen=True, kw_only=True)
class OptionAccepted(forms.OptionChoice):
    """The customer agreed."""

    type: Literal["OptionAccepted"] = "OptionAccepted"


@dataclass(frozen=True, kw_only=True)
class OptionRejected(forms.OptionRejection):
    """The customer said no."""

    type: Literal["OptionRejected"] = "OptionRejected"


@dataclass(frozen=True, kw_only=True)
class CounterOffered(forms.CounterPosition):
    """The customer asked for something else."""

    type: Literal["CounterOffered"] = "CounterOffered"


@dataclass(frozen=True, kw_only=True)
class ApprovalRequested(forms.OptionChoice):
    """An approval was asked for."""

    approval: str
    level: Role
    type: Literal["ApprovalRequested"] = "ApprovalRequested"


@dataclass(frozen=True, kw_only=True)
class Approved(forms.OptionChoice):
    """It was granted."""

    approval: str
    type: Literal["Approved"] = "Approved"


@dataclass(frozen=True, kw_only=True)
class ApprovalRefused(forms.OptionRejection):
    """It was refused."""

    approval: str
    type: Literal["ApprovalRefused"] = "ApprovalRefused"


@dataclass(frozen=True, kw_only=True)
class Mediated(forms.Mediation):
    """The customer service department mediated."""

    type: Literal["Mediated"] = "Mediated"


@dataclass(frozen=True, kw_only=True)
class UnsolvableAdmitted(forms.ToldReason):
    """It was said that it cannot be solved."""

    type: Literal["UnsolvableAdmitted"] = "UnsolvableAdmitted"


@dataclass(frozen=True, kw_only=True)
class ActionPlanned(forms.ActionPlan):
    """Somebody is to do something."""

    action: str
    type: Literal["ActionPlanned"] = "ActionPlanned"


@dataclass(frozen=True, kw_only=True)
class ActionCompleted(forms.Completion):
    """It was done."""

    type: Literal["ActionCompleted"] = "ActionCompleted"


@dataclass(frozen=True, kw_only=True)
class PromiseMade(forms.PromiseDraft):
    """The customer was promised something."""

    promise: str
    type: Literal["PromiseMade"] = "PromiseMade"


@dataclass(frozen=True, kw_only=True)
class PromiseKept(forms.PromiseKeeping):
    """The promise was kept."""

    type: Literal["PromiseKept"] = "PromiseKept"


@dataclass(frozen=True, kw_only=True)
class FeedbackGiven(forms.Feedback):
    """The customer was told how it goes."""

    feedback: str
    type: Literal["FeedbackGiven"] = "FeedbackGiven"


@dataclass(frozen=True, kw_only=True)
class CustomerAwaited(forms.Awaiting):
    """We wait; clocks that may pause stand still."""

    type: Literal["CustomerAwaited"] = "CustomerAwaited"


@dataclass(frozen=True, kw_only=True)
class CustomerReplied(forms.Reply):
    """The wait is over; clocks go on."""

    type: Literal["CustomerReplied"] = "CustomerReplied"


@dataclass(frozen=True, kw_only=True)
class Reassigned(forms.Reassignment):
    """Somebody else answers for it."""

    type: Literal["Reassigned"] = "Reassigned"


@dataclass(frozen=True, kw_only=True)
class SeverityChanged(forms.SeverityChange):
    """What is at stake was judged anew."""

    type: Literal["SeverityChanged"] = "SeverityChanged"


@dataclass(frozen=True, kw_only=True)
class EscalationAcknowledged(forms.EscalationChoice):
    """Somebody said: I have it."""

    type: Literal["EscalationAcknowledged"] = "EscalationAcknowledged"


@dataclass(frozen=True, kw_only=True)
class EscalationResolved(forms.EscalationResolution):
    """The cause was dealt with, or is gone."""

    type: Literal["EscalationResolved"] = "EscalationResolved"


@dataclass(frozen=True, kw_only=True)
class EscalationReassigned(forms.EscalationHandover):
    """Somebody else of the same rank was called."""

    type: Literal["EscalationReassigned"] = "EscalationReassigned"


@dataclass(frozen=True, kw_only=True)
class EscalationDeclined(forms.EscalationRefusal):
    """Whoever was called did not take it up."""

    type: Literal["EscalationDeclined"] = "EscalationDeclined"


@dataclass(frozen=True, kw_only=True)
class Recused(forms.Recusal):
    """Somebody was kept out."""

    type: Literal["Recused"] = "Recused"


@dataclass(frozen=True, kw_only=True)
class PolicyMigrated(forms.Migration):
    """It goes on under another policy; every deadline that moved says so itself."""

    policy_name: str
    policy_version: str
    policy_sha256: str
    was_sha256: str
    type: Literal["PolicyMigrated"] = "PolicyMigrated"


@dataclass(frozen=True, kw_only=True)
class ExtensionGranted(forms.Extension):
    """One clock was given more time."""

    was_due_at: datetime
    type: Literal["ExtensionGranted"] = "ExtensionGranted"


@dataclass(frozen=True, kw_only=True)
class NoteAdded(forms.Note):
    """A remark was put on file."""

    type: Literal["NoteAdded"] = "NoteAdded"


@dataclass(frozen=True, kw_only=True)
class Withdrawn(forms.Reason):
    """The customer no longer pursues it."""

    type: Literal["Withdrawn"] = "Withdrawn"


@dataclass(frozen=True, kw_only=True)
class FollowUpRecorded(forms.FollowUp):
    """The customer was asked."""

    type: Literal["FollowUpRecorded"] = "FollowUpRecorded"


@dataclass(frozen=True, kw_only=True)
class AttemptRecorded(forms.Attempt):
    """The customer was called, and nobody answered."""

    type: Literal["AttemptRecorded"] = "AttemptRecorded"


@dataclass(frozen=True, kw_only=True)
class SecondCallRecorded(forms.SecondCall):
    """The customer was asked whether it still works."""

    type: Literal["SecondCallRecorded"] = "SecondCallRecorded"


@dataclass(frozen=True, kw_only=True)
class Reopened(forms.Reason):
    """A closed complaint was taken up again."""

    type: Literal["Reopened"] = "Reopened"


# --- What follows from it, and what time brings


@dataclass(frozen=True, kw_only=True)
class SeverityScored(Form):
    """What is known adds up to a higher severity than it had. `reasons` name what gave how many points."""

    severity: Severity
    points: int
    reasons: tuple[str, ...]
    type: Literal["SeverityScored"] = "SeverityScored"


@dataclass(frozen=True, kw_only=True)
class DifficultyRecognised(Form):
    """The policy calls such a complaint difficult, and why."""

    reasons: tuple[str, ...]
    type: Literal["DifficultyRecognised"] = "DifficultyRecognised"


@dataclass(frozen=True, kw_only=True)
class StageEntered(Form):
    """It moved on. `round` counts attempts, `cycle` reopenings."""

    stage: Stage
    outcome: Outcome | None = None
    cycle: int
    round: int
    type: Literal["StageEntered"] = "StageEntered"


@dataclass(frozen=True, kw_only=True)
class ClockStarted(Course):
    """A deadline came into being."""

    clock: str
    name: ClockName
    subject: str
    started_at: datetime
    type: Literal["ClockStarted"] = "ClockStarted"


@dataclass(frozen=True, kw_only=True)
class ClockPaused(Form):
    """A clock stands still from `since` on."""

    clock: str
    since: datetime
    type: Literal["ClockPaused"] = "ClockPaused"


@dataclass(frozen=True, kw_only=True)
class ClockMoved(Course):
    """A deadline moved, and with it what still lies before it.

    Attributes:
        at: From when on it holds; for a pause its end, and `since` its beginning.
        left_seconds: What is left at `at`, in working time where the budget counts that.
    """

    clock: str
    why: Move
    at: datetime
    since: datetime | None = None
    owner: PauseOwner | None = None
    was_due_at: datetime
    left_seconds: int
    warned: int
    called: int
    type: Literal["ClockMoved"] = "ClockMoved"


@dataclass(frozen=True, kw_only=True)
class RungCalled(Form):
    """The time of a rung has come, whoever acknowledged what before."""

    clock: str
    rung: int
    called_for: datetime
    escalation: str | None
    type: Literal["RungCalled"] = "RungCalled"


@dataclass(frozen=True, kw_only=True)
class ClockWarned(Form):
    """A share of the time is used up."""

    clock: str
    percent: int
    warned_for: datetime
    type: Literal["ClockWarned"] = "ClockWarned"


@dataclass(frozen=True, kw_only=True)
class ClockBreached(Form):
    """A deadline was missed: when it was due, when that was seen, and what was opened for it."""

    clock: str
    due_at: datetime
    detected_at: datetime
    escalation: str
    type: Literal["ClockBreached"] = "ClockBreached"


@dataclass(frozen=True, kw_only=True)
class BreachWithdrawn(Form):
    """The duty turned out to have been met in time; only its report came late."""

    clock: str
    fulfilled_at: datetime
    type: Literal["BreachWithdrawn"] = "BreachWithdrawn"


@dataclass(frozen=True, kw_only=True)
class ClockSettled(Form):
    """A clock stopped for good."""

    clock: str
    verdict: Verdict
    settled_at: datetime
    type: Literal["ClockSettled"] = "ClockSettled"


@dataclass(frozen=True, kw_only=True)
class EscalationOpened(Form):
    """Somebody has to act."""

    escalation: str
    cause: Cause
    clock: str | None
    rung: int
    audience: Role
    department: str | None
    reason: str
    ladder: str
    type: Literal["EscalationOpened"] = "EscalationOpened"


@dataclass(frozen=True, kw_only=True)
class EscalationClimbed(Form):
    """Nobody answered, so the next rung is told."""

    escalation: str
    rung: int
    audience: Role
    reason: str
    type: Literal["EscalationClimbed"] = "EscalationClimbed"


@dataclass(frozen=True, kw_only=True)
class NoticeQueued(Form):
    """Somebody is to be told. `why` is said with it, in the words of whoever decided it."""

    notice: str
    kind: NoticeKind
    audience: Role
    recipient: str
    clock: str | None
    escalation: str | None
    rung: int | None = None
    why: Names | None = None
    type: Literal["NoticeQueued"] = "NoticeQueued"


@dataclass(frozen=True, kw_only=True)
class NoticeRouted(Form):
    """These people were found for the role that a notice was meant for, and why they. Each has a notice of their own.

    Attributes:
        audience: As what they were found: where nobody answers for a role it is another one's duty.
    """

    notice: str
    people: tuple[Addressee, ...]
    audience: Role
    why: Names
    type: Literal["NoticeRouted"] = "NoticeRouted"


@dataclass(frozen=True, kw_only=True)
class NoticeDeferred(Form):
    """Whoever is to be told keeps quiet until then."""

    notice: str
    not_before: datetime
    type: Literal["NoticeDeferred"] = "NoticeDeferred"


@dataclass(frozen=True, kw_only=True)
class NoticeWithdrawn(Form):
    """What somebody was to be told after their quiet hours is settled."""

    notice: str
    type: Literal["NoticeWithdrawn"] = "NoticeWithdrawn"


@dataclass(frozen=True, kw_only=True)
class NoticeDelivered(Form):
    """The service said that they were told. `channel` is `outbox` where no target is configured."""

    notice: str
    channel: str
    delivered_at: datetime
    receipt: str
    type: Literal["NoticeDelivered"] = "NoticeDelivered"


@dataclass(frozen=True, kw_only=True)
class NoticeFailed(Form):
    """The service refused for good."""

    notice: str
    channel: str
    reason: str
    type: Literal["NoticeFailed"] = "NoticeFailed"


Fact: TypeAlias = Annotated[
    Registered
    | FirstContactRecorded
    | Classified
    | Assigned
    | ResolvedAtFirstContact
    | Declined
    | Transferred
    | DuplicateLinked
    | VerificationRequested
    | VerificationAnswered
    | FindingsRecorded
    | LiabilityDisputed
    | LiabilityJudged
    | OptionPrepared
    | OptionOffered
    | OptionAccepted
    | OptionRejected
    | CounterOffered
    | ApprovalRequested
    | Approved
    | ApprovalRefused
    | Mediated
    | UnsolvableAdmitted
    | ActionPlanned
    | ActionCompleted
    | PromiseMade
    | PromiseKept
    | FeedbackGiven
    | CustomerAwaited
    | CustomerReplied
    | Reassigned
    | SeverityChanged
    | SeverityScored
    | DifficultyRecognised
    | EscalationAcknowledged
    | EscalationResolved
    | EscalationReassigned
    | EscalationDeclined
    | Recused
    | PolicyMigrated
    | ExtensionGranted
    | NoteAdded
    | Withdrawn
    | FollowUpRecorded
    | AttemptRecorded
    | SecondCallRecorded
    | Reopened
    | StageEntered
    | ClockStarted
    | ClockPaused
    | ClockMoved
    | ClockWarned
    | RungCalled
    | ClockBreached
    | BreachWithdrawn
    | ClockSettled
    | EscalationOpened
    | EscalationClimbed
    | NoticeQueued
    | NoticeRouted
    | NoticeDeferred
    | NoticeWithdrawn
    | NoticeDelivered
    | NoticeFailed,
    Discriminator("type"),
]

FACTS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(get_args(Fact)[0])}
"""All facts by their wire name."""

GENESIS = "0" * 64
"""What the first event of a complaint names as the hash before it."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of the ledger.

    Attributes:
        seq: Counts from 1 without a gap.
        at: When it was decided, in UTC; never decreases.
        occurred_at: When it took place: a command's `received_at`, or the instant that a deadline fell due.
        command_id: The envelope's id; empty for what time alone brought about.
    """

    seq: int
    at: datetime
    occurred_at: datetime
    actor: Actor
    command_id: str | None
    fact: Fact
    previous: str
    hash: str


def chained(
    *,
    seq: int,
    at: datetime,
    occurred_at: datetime,
    actor: Actor,
    command_id: str | None,
    fact: Fact,
    previous: str,
) -> Event:
    """Make the event that follows the one whose hash is `previous`."""
    body = {
        "seq": seq,
        "at": at,
        "occurred_at": occurred_at,
        "actor": actor,
        "command_id": command_id,
        "fact": fact,
    }
    digest = hashlib.sha256((previous + canonical(body)).encode()).hexdigest()
    return Event(
        seq=seq,
        at=at,
        occurred_at=occurred_at,
        actor=actor,
        command_id=command_id,
        fact=fact,
        previous=previous,
        hash=digest,
    )


def is_authentic(event: Event) -> bool:
    """Say whether an event is what its hash says."""
    again = chained(
        seq=event.seq,
        at=event.at,
        occurred_at=event.occurred_at,
        actor=event.actor,
        command_id=event.command_id,
        fact=event.fact,
        previous=event.previous,
    )
    return again.hash == event.hash
