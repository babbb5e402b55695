"""Everything the rules need to know of one complaint. Only `evolve` makes a new one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from complaints import forms
from complaints.events import GENESIS
from complaints.later import Later
from complaints.lifecycle import OPEN, Stage
from complaints.matters.forms import Improvement
from complaints.policy import Policy
from complaints.records import (
    ActionItem,
    Approval,
    ApprovalStatus,
    Clock,
    ClockName,
    Emergency,
    Escalation,
    FeedbackEntry,
    FollowUpEntry,
    GoodwillEntry,
    Notice,
    NoticeKind,
    Option,
    Pause,
    Promise,
    Summons,
    Verification,
)
from complaints.vocabulary import Justified, Nature, Outcome, RemedyKind, Severity

REMEMBERED_COMMANDS = 1000
"""How many command ids are kept against repetition; a complaint rarely sees a tenth of that."""


@dataclass(frozen=True, kw_only=True)
class State:
    """One complaint as it stands.

    Attributes:
        seq: The number of the last event; `hash` is its hash and `at` its instant.
        heard_at: The `received_at` of the last command: an earlier one is no longer accepted.
        disputed: The grounds on which the liability is contested, while it is.
        rejections: How often the customer said no in this round; `mediations` how often somebody stepped between.
        attempts: How often nobody answered when the customer was to be asked, in this round.
        recused: Who may not act in it: named in the complaint, or in conflict.
        cycle: Counts reopenings, from 1. `round` counts attempts within a cycle, from 1.
        details: The form as it is filled in. `accepted` says on what grounds a report was taken up.
        expectations: What was said before options were shown, in this round; so do `decision` and `answered`.
        acknowledged: Whether the customer was told that we have it.
        feedback_stopped: Whether the customer asked to be left in peace.
        goodwill: What was given beyond what was agreed, in all cycles.
        incident: The mass incident that it belongs to, and is answered with.
        converted_at: When a communicative complaint that was handled badly became a valid one.
        improvements: What has to change; each becomes a matter of its own.
        first_responsible: The department that answers for it since it was recognised as difficult.
    """

    number: str
    policy: Policy
    seq: int = 0
    hash: str = GENESIS
    at: datetime | None = None
    heard_at: datetime | None = None
    stage: Stage = Stage.NEW
    outcome: Outcome | None = None
    cycle: int = 1
    round: int = 1
    registration: forms.Registration | None = None
    received_at: datetime | None = None
    closed_at: datetime | None = None
    first_contact: forms.FirstContact | None = None
    classification: forms.Classification | None = None
    category: str = ""
    severity: Severity = Severity.NORMAL
    difficult: bool = False
    department: str | None = None
    handler: str | None = None
    remedy: forms.Remedy | None = None
    findings: forms.Findings | None = None
    disputed: str | None = None
    rejections: int = 0
    mediations: int = 0
    attempts: int = 0
    recused: tuple[str, ...] = ()
    pause: Pause | None = None
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    escalations: Mapping[str, Escalation] = field(default_factory=dict)
    notices: Mapping[str, Notice] = field(default_factory=dict)
    verifications: Mapping[str, Verification] = field(default_factory=dict)
    options: Mapping[str, Option] = field(default_factory=dict)
    approvals: Mapping[str, Approval] = field(default_factory=dict)
    actions: Mapping[str, ActionItem] = field(default_factory=dict)
    promises: Mapping[str, Promise] = field(default_factory=dict)
    feedback: Mapping[str, FeedbackEntry] = field(default_factory=dict)
    follow_ups: tuple[FollowUpEntry, ...] = ()
    command_ids: tuple[str, ...] = ()
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
    converted_at: Later[datetime | None] = None
    first_responsible: Later[str | None] = None
    summons: Later[Mapping[str, Summons]] = field(default_factory=dict)
    emergencies: Later[Mapping[str, Emergency]] = field(default_factory=dict)
    improvements: Later[Mapping[str, Improvement]] = field(default_factory=dict)

    @property
    def is_open(self) -> bool:
        """Whether there is still work to do."""
        return self.stage in OPEN

    @property
    def is_ended(self) -> bool:
        """Whether nothing more can happen."""
        return self.stage == Stage.ENDED

    @property
    def taken_over_at(self) -> datetime | None:
        """When it was taken over from another system; None where it began here."""
        imported = self.registration.imported if self.registration else None
        return imported.at if imported else None

    @property
    def reachable(self) -> bool:
        """Whether the customer can be told anything."""
        return self.registration is not None and self.registration.customer.reachable

    @property
    def nature(self) -> Nature | None:
        """What the customer is after, by the first contact and by what became of it; None before they were heard."""
        if self.first_contact is None:
            return None
        return self.first_contact.nature if self.converted_at is None else Nature.VALID

    @property
    def justified(self) -> Justified:
        """Whether the organisation is at fault, by the latest word on it."""
        if self.findings is not None:
            return self.findings.justified
        return self.classification.justified if self.classification else Justified.UNKNOWN

    @property
    def explained(self) -> bool:
        """Whether the customer was told why it came to this."""
        told = any(entry.form.explanation for entry in self.feedback.values())
        shown = any(a.completed_at and a.plan.kind == RemedyKind.EXPLANATION for a in self.actions.values())
        on_the_spot = self.remedy is not None and self.remedy.kind == RemedyKind.EXPLANATION
        return told or shown or on_the_spot

    @property
    def something_was_done(self) -> bool:
        """Whether more than an apology was given in this round."""
        done = [a.plan.kind for a in self.actions_of_round if a.completed_at]
        if self.remedy is not None:
            done.append(self.remedy.kind)
        return any(kind != RemedyKind.APOLOGY for kind in done)

    @property
    def actions_of_round(self) -> list[ActionItem]:
        """The actions of the present attempt."""
        attempt = (self.cycle, self.round)
        return [action for action in self.actions.values() if (action.cycle, action.round) == attempt]

    @property
    def unopened_improvements(self) -> list[Improvement]:
        """What has to change and is no matter of its own yet."""
        return [each for each in self.improvements.values() if each.matter is None]

    @property
    def open_promises(self) -> list[Promise]:
        """What was promised and not yet kept."""
        return [promise for promise in self.promises.values() if promise.kept_at is None]

    def open_clocks(self, name: ClockName, subject: str | None = None) -> list[Clock]:
        """List the unsettled clocks of a name, and of one subject if that is given."""
        return [
            clock
            for clock in self.clocks.values()
            if clock.is_open and clock.name == name and (subject is None or clock.subject == subject)
        ]

    def open_escalations(self, clock: str | None = None) -> list[Escalation]:
        """List the escalations that wait for somebody, or only those that one clock caused."""
        return [e for e in self.escalations.values() if e.is_open and (clock is None or e.clock == clock)]

    def department_of(self, notice: Notice) -> str | None:
        """Name the department that a notice is about."""
        if notice.escalation is not None:
            return self.escalations[notice.escalation].department
        if (
            notice.kind == NoticeKind.SUMMONS
        ):  # the one that is called, not the one that answers for the complaint
            to_the_lead = self.notices.get(notice.part_of or "", notice)
            return to_the_lead.recipient.partition(":")[2]
        return self.department

    def is_approved(self, option: str) -> bool:
        """Say whether the money in an option was granted by somebody with the authority."""
        return any(
            a.option == option and a.status == ApprovalStatus.APPROVED for a in self.approvals.values()
        )

    def pending_approval(self, option: str) -> Approval | None:
        """Return the request that waits for a decision on an option."""
        waiting = (
            a for a in self.approvals.values() if a.option == option and a.status == ApprovalStatus.REQUESTED
        )
        return next(waiting, None)
