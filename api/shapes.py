"""What goes in and comes out beside the forms and records themselves: small frames around them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated, Any

from annotated_types import MaxLen, MinLen
from pydantic import Field

from complaints import forms
from complaints.commands import Command
from complaints.lifecycle import Stage
from complaints.org import Department
from complaints.policy import Policy
from complaints.records import Attachment, Clock, Escalation
from complaints.view import Answer, View
from complaints.vocabulary import Actor, Identifier, Instant, Reference, Role, Severity
from db.listing import Line
from db.policies import Activation

AT_ONCE = 100
"""As many commands at most are sent in one request."""


# --- in


@dataclass(frozen=True, kw_only=True)
class NewComplaint(forms.Registration):
    """A complaint that comes in. `received_at` may lie in the past: a letter, an outage of the source."""

    received_at: Instant | None = None


@dataclass(frozen=True, kw_only=True)
class BulkItem(forms.Form):
    """One command of several.

    Attributes:
        id: Its idempotency key; without one it is made from the request's and its place.
    """

    number: Reference
    command: Command
    id: Identifier | None = None
    received_at: Instant | None = None
    expected_seq: int | None = None


@dataclass(frozen=True, kw_only=True)
class LooseBulk(forms.Form):
    """Commands to several complaints, read so far that every item can be judged by itself."""

    commands: Annotated[tuple[dict[str, Any], ...], MinLen(1), MaxLen(AT_ONCE)]


# --- out


@dataclass(frozen=True, kw_only=True)
class PinnedPolicy:
    """The policy that a complaint goes by."""

    name: str
    version: str
    sha256: str


@dataclass(frozen=True, kw_only=True)
class StartedComplaint:
    """A complaint that was started; the same answer however often it is asked for."""

    number: str
    source: str
    reference: str
    received_at: datetime
    policy: PinnedPolicy


@dataclass(frozen=True, kw_only=True)
class Freshness:
    """How fresh an answer is.

    Attributes:
        seq: The last event that it knows of, and when that was decided.
        source: `records` is PostgreSQL; `workflow` is the complaint itself, asked while its records do not exist yet.
    """

    seq: int
    at: datetime | None
    source: str


@dataclass(frozen=True, kw_only=True)
class ShownClock(Clock):
    """A deadline, and how much time is left.

    Attributes:
        seconds_left: Negative once it is missed; empty while it stands still, and once it is settled.
    """

    seconds_left: int | None


@dataclass(frozen=True, kw_only=True)
class Next:
    """What the stage allows next.

    Attributes:
        commands: The types of command by which it is done.
        you: Whether you may.
    """

    act: str
    roles: tuple[Role, ...]
    commands: tuple[str, ...]
    you: bool


@dataclass(frozen=True, kw_only=True)
class ShownComplaint(View):
    """A complaint as it stands. Where the reporter is confidential and not shown to you, free text reads `…`.

    Attributes:
        hidden: Whether that is so.
        may: What may be done next, by whom, and whether by you.
    """

    as_of: Freshness
    hidden: bool
    clocks: Mapping[str, ShownClock]
    may: tuple[Next, ...]  # type: ignore[assignment]  # the same


@dataclass(frozen=True, kw_only=True)
class ShownEvent:
    """One event of the ledger.

    Attributes:
        at: When it was decided; `occurred_at` is when it took place.
        fact: What happened; its `type` names it, and its other members say what about it.
        previous: The hash of the event before.
    """

    seq: int
    at: datetime
    occurred_at: datetime
    actor: Actor
    command_id: str | None
    fact: Mapping[str, Any]
    previous: str
    hash: str


@dataclass(frozen=True, kw_only=True)
class AttachedFile(Attachment):
    """A file on a complaint, without its bytes. Where the reporter is confidential, its name reads `…` to most."""

    number: str


@dataclass(frozen=True, kw_only=True)
class FilePage:
    """The files of a complaint, those that were removed included."""

    attachments: tuple[AttachedFile, ...]
    as_of: Freshness


@dataclass(frozen=True, kw_only=True)
class Timeline:
    """A page of what happened. `next_after` is the `after` of the next page; empty on the last one."""

    number: str
    as_of: Freshness
    hidden: bool
    events: tuple[ShownEvent, ...]
    next_after: int | None


@dataclass(frozen=True, kw_only=True)
class ComplaintPage:
    """A page of complaints. `next_cursor` is the `cursor` of the next page; empty on the last one."""

    complaints: tuple[Line, ...]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class CommandAnswer(Answer):
    """The state after a command, straight from the workflow. A repeated command is answered like the first one.

    Attributes:
        created: The ids of what it created, such as `O1` for a prepared option.
    """

    created: tuple[str, ...] = ()  # type: ignore[assignment]  # a list to programs


@dataclass(frozen=True, kw_only=True)
class FieldProblem:
    """What is wrong with one field."""

    field: str
    rule: str


@dataclass(frozen=True, kw_only=True)
class ProblemDocument:
    """A problem as RFC 9457 has it.

    Attributes:
        type: Where it is explained.
        rule: The name of the broken rule; `possible` says what can be done instead.
        errors: Every wrong field.
    """

    type: str
    title: str
    status: int
    detail: str
    rule: str | None = None
    possible: tuple[str, ...] = ()
    errors: tuple[FieldProblem, ...] = ()


@dataclass(frozen=True, kw_only=True)
class BulkResult:
    """What became of one command: an answer, or a problem."""

    index: int
    number: str | None
    status: int
    answer: CommandAnswer | None = None
    problem: ProblemDocument | None = None


@dataclass(frozen=True, kw_only=True)
class BulkAnswer:
    """What became of each command, in the order in which they were sent."""

    results: tuple[BulkResult, ...]


@dataclass(frozen=True, kw_only=True)
class WaitingEscalation:
    """An escalation that waits for somebody, and the complaint that it is about."""

    number: str
    escalation: Escalation
    stage: Stage
    category: str
    severity: Severity
    handler: str | None


@dataclass(frozen=True, kw_only=True)
class EscalationPage:
    """A page of escalations, in the order in which they were called."""

    escalations: tuple[WaitingEscalation, ...]
    next_cursor: str | None


@dataclass(frozen=True, kw_only=True)
class PolicyList:
    """Every activation of a policy, the latest first. `otherwise` is used where none applies."""

    activations: tuple[Activation, ...]
    otherwise: str


@dataclass(frozen=True, kw_only=True)
class ShownPolicy:
    """A policy in full, and its fingerprint."""

    sha256: str
    policy: Policy


@dataclass(frozen=True, kw_only=True)
class ShownMember:
    """Somebody who works here; never how they are reached."""

    id: str
    name: str
    department: str
    roles: tuple[Role, ...]
    language: str
    deputy: str | None
    active: bool
    on_leave: bool


@dataclass(frozen=True, kw_only=True)
class ShownOrg:
    """The organisation as it was imported last. `version` is empty while nothing was."""

    version: int | None
    zone: str
    departments: tuple[Department, ...]
    members: tuple[ShownMember, ...]


@dataclass(frozen=True, kw_only=True)
class Alive:
    """The process answers."""

    alive: bool = True


@dataclass(frozen=True, kw_only=True)
class Readiness:
    """Whether requests can be served, and what stands in the way: a sentence for each part that is missing."""

    ready: bool
    missing: Mapping[str, str]


# --- Temporal's payloads

PAYLOADS_AT_ONCE = 1000

Base64 = Annotated[str, Field(pattern=r"^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$")]


@dataclass(frozen=True, kw_only=True)
class PayloadDocument:
    """A payload, as Temporal writes it in JSON: everything in base64. What is empty is left out."""

    metadata: Mapping[str, Base64] = field(default_factory=dict)
    data: Base64 = ""


@dataclass(frozen=True, kw_only=True)
class PayloadsDocument:
    """The JSON of `temporal.api.common.v1.Payloads`."""

    payloads: Annotated[tuple[PayloadDocument, ...], MaxLen(PAYLOADS_AT_ONCE)] = ()
