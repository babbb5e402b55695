"""What has to be written down: the difference between the state last recorded and the state now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from complaints.elapse import next_due
from complaints.events import Event
from complaints.forms import refill
from complaints.later import Later
from complaints.lifecycle import Stage
from complaints.policy import fingerprint
from complaints.records import (
    ActionItem,
    Approval,
    Clock,
    Escalation,
    FeedbackEntry,
    Notice,
    Option,
    Promise,
    Verification,
)
from complaints.state import State
from complaints.vocabulary import Channel, Customer, Justified, Outcome, PauseOwner, Severity

V = TypeVar("V")


@dataclass(frozen=True, kw_only=True)
class Head:
    """The complaint's own row of the read model."""

    number: str
    source: str
    reference: str
    channel: Channel
    customer: Customer
    category: str
    severity: Severity
    description: str
    asked_remedy: str | None
    stage: Stage
    outcome: Outcome | None
    cycle: int
    round: int
    justified: Justified
    difficult: bool
    department: str | None
    handler: str | None
    received_at: datetime
    closed_at: datetime | None
    paused_since: datetime | None
    pause_owner: PauseOwner | None
    satisfied: bool | None
    score: int | None
    next_due_at: datetime | None
    policy_name: str
    policy_version: str
    policy_sha256: str
    seq: int
    hash: str
    place: Later[str | None] = None
    kind: Later[str | None] = None
    incident: Later[str | None] = None
    converted_at: Later[datetime | None] = None
    imported_at: Later[datetime | None] = None


@dataclass(frozen=True, kw_only=True)
class Changes:
    """One batch for the records: the events since the last one, and the rows that they changed."""

    head: Head
    events: tuple[Event, ...]
    clocks: tuple[Clock, ...] = ()
    escalations: tuple[Escalation, ...] = ()
    notices: tuple[Notice, ...] = ()
    verifications: tuple[Verification, ...] = ()
    options: tuple[Option, ...] = ()
    approvals: tuple[Approval, ...] = ()
    actions: tuple[ActionItem, ...] = ()
    promises: tuple[Promise, ...] = ()
    feedback: tuple[FeedbackEntry, ...] = ()


def changes(before: State, after: State, events: Sequence[Event]) -> Changes:
    """Return what changed between two states; `events` are those that lead from one to the other."""
    return Changes(
        head=head(after),
        events=tuple(events),
        clocks=_changed(before.clocks, after.clocks),
        escalations=_changed(before.escalations, after.escalations),
        notices=_changed(before.notices, after.notices),
        verifications=_changed(before.verifications, after.verifications),
        options=_changed(before.options, after.options),
        approvals=_changed(before.approvals, after.approvals),
        actions=_changed(before.actions, after.actions),
        promises=_changed(before.promises, after.promises),
        feedback=_changed(before.feedback, after.feedback),
    )


def head(state: State) -> Head:
    """Summarise a registered complaint."""
    assert state.registration is not None  # nothing is recorded before the first event
    last = state.follow_ups[-1].form if state.follow_ups else None
    return refill(
        Head,
        state,
        source=state.registration.source,
        reference=state.registration.reference,
        channel=state.registration.channel,
        customer=state.registration.customer,
        description=state.registration.description,
        asked_remedy=state.registration.asked_remedy,
        paused_since=state.pause.since if state.pause else None,
        pause_owner=state.pause.owner if state.pause else None,
        satisfied=last.satisfied if last else None,
        score=last.score if last else None,
        next_due_at=next_due(state),
        place=state.registration.place,
        imported_at=state.taken_over_at,
        kind=state.classification.kind if state.classification else None,
        policy_name=state.policy.name,
        policy_version=state.policy.version,
        policy_sha256=fingerprint(state.policy),
    )


def _changed(before: Mapping[str, V], after: Mapping[str, V]) -> tuple[V, ...]:
    return tuple(value for key, value in after.items() if before.get(key) is not value)
