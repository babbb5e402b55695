"""What a workflow hands to its activities. Stored in histories: fields are added, never renamed."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from complaints.changes import Changes
from complaints.forms import Names
from complaints.later import Later
from complaints.lifecycle import Stage
from complaints.matters.commands import Envelope
from complaints.matters.facts import Event
from complaints.matters.state import State
from complaints.matters.told import Said
from complaints.matters.view import Head
from complaints.policy import QuietHours
from complaints.records import Cause, ClockName, Notice
from complaints.vocabulary import Severity


@dataclass(frozen=True, kw_only=True)
class Batch:
    """Everything decided since the last batch.

    Attributes:
        policy: Comes with the batch that pins it: a resolved policy's text.
        earlier: Those that were pinned before it and left again, all since the last batch; the ledger names them.
    """

    changes: Changes
    policy: str | None = None
    earlier: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class NoticeWork:
    """A notice to deliver, with what its text needs. No personal data of the customer.

    A notice about a matter has no stage, severity or category; it says what `said` says.

    Attributes:
        number: Of the complaint, or the id of the matter.
        at: When its delivery began, on the workflow's clock.
        due_at: The deadline in question, in UTC; `due_local` is the same on the organisation's clocks.
        recused: Persons who must not be told: named in the complaint, or in conflict.
        channel: The channel that the rung prefers, such as `dingtalk`.
        can_wait: Whether it waits for the end of quiet hours: the recipient's own, else `quiet`, the policy's.
        language: The customer's, for what is meant for the customer.
        measure: What being called on this rung is, such as a written urge.
        why: Why this person is told; what is meant for the customer says so of what it tells.
    """

    number: str
    notice: Notice
    stage: Later[Stage | None] = None
    severity: Later[Severity | None] = None
    category: Later[Names | None] = None
    department: str | None
    at: datetime | None = None
    cause: Cause | None = None
    clock: ClockName | None = None
    due_at: datetime | None = None
    due_local: datetime | None = None
    zone: str = ""
    handler: str | None = None
    recused: tuple[str, ...] = ()
    channel: str | None = None
    can_wait: bool = False
    quiet: QuietHours | None = None
    language: str = "zh-CN"
    why: Names | None = None
    measure: Later[Names | None] = None
    said: Later[Said | None] = None


CONTINUE_MATTER_AFTER = 400
"""History events after which a matter continues as new."""


@dataclass(frozen=True, kw_only=True)
class MatterStart:
    """How a matter begins: by being opened, or with the state that an earlier run handed on."""

    id: str
    opening: Envelope | None = None
    state: State | None = None
    continue_after: int = CONTINUE_MATTER_AFTER


@dataclass(frozen=True, kw_only=True)
class MatterBatch:
    """Everything decided about a matter since the last batch."""

    head: Head
    events: tuple[Event, ...]
    cases: tuple[str, ...] = ()
