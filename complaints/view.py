"""What people and programs get to see of a complaint: its state, and what may be done next and by whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from complaints import consequences, facts, forms
from complaints.elapse import next_due
from complaints.events import Event
from complaints.forms import refill
from complaints.later import Later
from complaints.lifecycle import WHO_MAY, Act, Stage, acts_at
from complaints.matters.forms import Improvement
from complaints.policy import Policy, fingerprint
from complaints.records import (
    ActionItem,
    Approval,
    Attachment,
    Clock,
    Emergency,
    Escalation,
    FeedbackEntry,
    FollowUpEntry,
    GoodwillEntry,
    Notice,
    Option,
    Pause,
    Promise,
    Summons,
    Verification,
)
from complaints.state import State
from complaints.vocabulary import Justified, Nature, Outcome, Role, Severity


@dataclass(frozen=True, kw_only=True)
class Possible:
    """An act that the lifecycle allows now, and the roles that may do it."""

    act: Act
    roles: tuple[Role, ...]


@dataclass(frozen=True, kw_only=True)
class View:
    """The whole complaint, without its policy. Contains personal data."""

    number: str
    seq: int
    hash: str
    stage: Stage
    outcome: Outcome | None
    cycle: int
    round: int
    category: str
    severity: Severity
    justified: Justified
    department: str | None
    handler: str | None
    difficult: bool
    attempts: int
    recused: tuple[str, ...]
    policy_name: str
    policy_version: str
    policy_sha256: str
    received_at: datetime | None
    closed_at: datetime | None
    next_due_at: datetime | None
    pause: Pause | None
    registration: forms.Registration | None
    first_contact: forms.FirstContact | None
    classification: forms.Classification | None
    remedy: forms.Remedy | None
    findings: forms.Findings | None
    disputed: str | None
    clocks: Mapping[str, Clock]
    escalations: Mapping[str, Escalation]
    notices: Mapping[str, Notice]
    verifications: Mapping[str, Verification]
    options: Mapping[str, Option]
    approvals: Mapping[str, Approval]
    actions: Mapping[str, ActionItem]
    promises: Mapping[str, Promise]
    feedback: Mapping[str, FeedbackEntry]
    follow_ups: tuple[FollowUpEntry, ...]
    may: tuple[Possible, ...]
    details: Later[Mapping[str, str]] = field(default_factory=dict)
    accepted: Later[forms.Acceptance | None] = None
    interests: Later[forms.Interests | None] = None
    expectations: Later[forms.Expectations | None] = None
    decision: Later[forms.Decision | None] = None
    answered: Later[bool] = False
    acknowledged: Later[bool] = False
    feedback_stopped: Later[bool] = False
    goodwill: Later[tuple[GoodwillEntry, ...]] = ()
    incident: Later[str | None] = None
    nature: Later[Nature | None] = None
    converted_at: Later[datetime | None] = None
    first_responsible: Later[str | None] = None
    summons: Later[Mapping[str, Summons]] = field(default_factory=dict)
    emergencies: Later[Mapping[str, Emergency]] = field(default_factory=dict)
    improvements: Later[Mapping[str, Improvement]] = field(default_factory=dict)
    attachments: Later[Mapping[str, Attachment]] = field(default_factory=dict)


def view(state: State) -> View:
    """Show a complaint as it stands."""
    policy = state.policy
    return refill(
        View,
        state,
        next_due_at=next_due(state),
        may=possible(state),
        policy_name=policy.name,
        policy_version=policy.version,
        policy_sha256=fingerprint(policy),
    )


def shows_reporter(view: View, policy: Policy, role: Role | None) -> bool:
    """Say whether whoever looks may see who complained; where the reporter is confidential, nobody unnamed may."""
    return not is_confidential(view.registration, policy) or role in policy.reporter_seen_by


def is_confidential(registration: forms.Registration | None, policy: Policy) -> bool:
    """Say whether a reporter is confidential, by their own wish or by the policy."""
    return policy.confidential or (registration is not None and registration.confidential)


def possible(state: State) -> tuple[Possible, ...]:
    """List what the lifecycle allows now; conditions of the moment are the business of `decide`."""
    acts = [act for act in acts_at(state.stage) if not (act == Act.ASSIGN and state.handler)]
    return tuple(Possible(act=act, roles=tuple(sorted(WHO_MAY[act]))) for act in acts)


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a command is answered with. No personal data.

    Attributes:
        facts: What it brought about, by name; empty for a repeated command.
        created: The id of what it created, such as `O1` for a prepared option; several of a kind as `S1, S2`.
    """

    number: str
    seq: int
    stage: Stage
    outcome: Outcome | None
    handler: str | None
    next_due_at: datetime | None
    facts: tuple[str, ...] = ()
    created: str | None = None


_CREATED = {
    facts.OptionPrepared: "option",
    facts.ActionPlanned: "action",
    facts.PromiseMade: "promise",
    facts.VerificationRequested: "verification",
    facts.ApprovalRequested: "approval",
    facts.FeedbackGiven: "feedback",
    facts.DepartmentsSummoned: "summons",
    facts.EmergencyDeclared: "emergency",
    facts.ImprovementRaised: "improvement",
    facts.FileAttached: "attachment",
    consequences.EscalationOpened: "escalation",
}


def answer(state: State, brought: Sequence[Event]) -> Answer:
    """Answer a command that brought these events about."""
    created = [
        getattr(event.fact, _CREATED[type(event.fact)]) for event in brought if type(event.fact) in _CREATED
    ]
    return refill(
        Answer,
        state,
        next_due_at=next_due(state),
        facts=tuple(event.fact.type for event in brought),
        created=_named(created[0]) if created else None,
    )


def _named(created: str | tuple[str, ...]) -> str:
    return created if isinstance(created, str) else ", ".join(created)
