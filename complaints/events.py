"""What happened, in the past tense: the ledger.

Each event carries the SHA-256 of the one before it. The chain is computed here, in the core, so it is part of the
workflow's own history as well as of the ledger in PostgreSQL, and either can prove the other.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, TypeAlias, get_args

from pydantic import Discriminator

from complaints import consequences, facts
from complaints.canonical import canonical
from complaints.vocabulary import Actor

Fact: TypeAlias = Annotated[
    facts.Registered
    | facts.FirstContactRecorded
    | facts.Classified
    | facts.Assigned
    | facts.ResolvedAtFirstContact
    | facts.Declined
    | facts.Transferred
    | facts.DuplicateLinked
    | facts.FormFilled
    | facts.Accepted
    | facts.InterestsRecorded
    | facts.VerificationRequested
    | facts.VerificationAnswered
    | facts.FindingsRecorded
    | facts.LiabilityDisputed
    | facts.LiabilityJudged
    | facts.OptionPrepared
    | facts.OptionOffered
    | facts.OptionAccepted
    | facts.OptionRejected
    | facts.CounterOffered
    | facts.ApprovalRequested
    | facts.Approved
    | facts.ApprovalRefused
    | facts.Mediated
    | facts.UnsolvableAdmitted
    | facts.ExpectationsSet
    | facts.Decided
    | facts.ActionPlanned
    | facts.ActionCompleted
    | facts.PromiseMade
    | facts.PromiseKept
    | facts.GoodwillGiven
    | facts.FeedbackGiven
    | facts.ReceiptAcknowledged
    | facts.FeedbackStopped
    | facts.FeedbackResumed
    | facts.CustomerAwaited
    | facts.CustomerReplied
    | facts.Reassigned
    | facts.SeverityChanged
    | consequences.SeverityScored
    | consequences.DifficultyRecognised
    | consequences.FirstResponsibleNamed
    | consequences.HazardSuspected
    | consequences.NatureConverted
    | facts.EscalationAcknowledged
    | facts.EscalationResolved
    | facts.EscalationReassigned
    | facts.EscalationDeclined
    | facts.DepartmentsSummoned
    | facts.SomeoneSent
    | facts.EmergencyDeclared
    | facts.EmergencyAttended
    | facts.Recused
    | facts.PolicyMigrated
    | facts.ExtensionGranted
    | facts.ImprovementRaised
    | consequences.ImprovementOpened
    | facts.IncidentJoined
    | facts.NoteAdded
    | facts.Withdrawn
    | facts.FollowUpRecorded
    | facts.AttemptRecorded
    | facts.SecondCallRecorded
    | facts.AfterClosingRecorded
    | facts.Reopened
    | consequences.StageEntered
    | consequences.ClockStarted
    | consequences.ClockPaused
    | consequences.ClockMoved
    | consequences.ClockWarned
    | consequences.RungCalled
    | consequences.ClockBreached
    | consequences.BreachWithdrawn
    | consequences.ClockSettled
    | consequences.EscalationOpened
    | consequences.EscalationClimbed
    | consequences.NoticeQueued
    | consequences.NoticeRouted
    | consequences.NoticeDeferred
    | consequences.NoticeWithdrawn
    | consequences.NoticeDelivered
    | consequences.NoticeFailed
    | facts.FileAttached
    | facts.FileRemoved,
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


def digest_of(previous: str, body: Mapping[str, Any]) -> str:
    """Return the hash of an event that follows the one whose hash is `previous`."""
    return hashlib.sha256((previous + canonical(body)).encode()).hexdigest()


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
    digest = digest_of(previous, body)
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
