"""What goes over the wire, as the OpenAPI document has it. Written by `python -m cli.client_models`; not by hand."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal, TypeAlias

from pydantic import BaseModel, ConfigDict, Field


class Form(BaseModel):
    """What is sent: a field that is spelt wrong is found here, and not by the server."""

    model_config = ConfigDict(extra="forbid")


class Record(BaseModel):
    """What is answered: fields that you do not know may join, and are kept."""

    model_config = ConfigDict(extra="allow")


Progress: TypeAlias = Literal["waiting", "accepted", "parked"] | str
"""How far an event has come on its way to one subscriber."""

Severity: TypeAlias = Literal["low", "normal", "high", "critical"] | str
"""How much is at stake for the customer, in ascending order."""

Sort: TypeAlias = (
    Literal["received_at", "-received_at", "next_due_at", "-next_due_at", "severity", "-severity"] | str
)
"""By what a list is sorted; a minus for the greatest first. What has no deadline comes last either way."""

Stage: TypeAlias = (
    Literal["new", "intake", "investigation", "solution", "execution", "follow_up", "closed", "ended"] | str
)
"""Where a complaint stands."""

Act: TypeAlias = (
    Literal[
        "register",
        "record_first_contact",
        "classify",
        "assign",
        "resolve_at_first_contact",
        "decline",
        "transfer",
        "link_duplicate",
        "fill_form",
        "accept",
        "record_interests",
        "request_verification",
        "answer_verification",
        "record_findings",
        "dispute_liability",
        "judge_liability",
        "prepare_option",
        "offer_option",
        "accept_option",
        "reject_option",
        "counter_offer",
        "request_approval",
        "approve",
        "refuse_approval",
        "mediate",
        "admit_unsolvable",
        "set_expectations",
        "decide",
        "plan_action",
        "complete_action",
        "make_promise",
        "keep_promise",
        "give_goodwill",
        "give_feedback",
        "acknowledge_receipt",
        "stop_feedback",
        "resume_feedback",
        "await_customer",
        "customer_replied",
        "reassign",
        "change_severity",
        "escalate",
        "acknowledge_escalation",
        "resolve_escalation",
        "reassign_escalation",
        "decline_escalation",
        "summon_departments",
        "send_someone",
        "declare_emergency",
        "attend_emergency",
        "call_for_support",
        "convert_nature",
        "recuse",
        "migrate_policy",
        "grant_extension",
        "raise_improvement",
        "join_incident",
        "add_note",
        "withdraw",
        "confirm_satisfaction",
        "report_dissatisfaction",
        "record_attempt",
        "record_second_call",
        "record_after_closing",
        "reopen",
        "attach_file",
        "remove_file",
        "begin_investigation",
        "finish_execution",
        "let_appeal_lapse",
        "let_closing_stand",
    ]
    | str
)
"""What can be done to a complaint. The last four are done by the engine itself, never by a command."""

ApprovalStatus: TypeAlias = Literal["requested", "approved", "refused"] | str
"""What became of a request for approval."""

AttemptOutcome: TypeAlias = (
    Literal[
        "accepted",
        "redirected",
        "rejected",
        "gone",
        "slow_down",
        "failed",
        "timed_out",
        "unreachable",
        "untrusted",
        "garbled",
        "not_resolved",
        "not_allowed",
    ]
    | str
)
"""What came of one attempt. Only the first lets the next event go."""

Cause: TypeAlias = (
    Literal[
        "breach",
        "at_risk",
        "configuration",
        "by_hand",
        "difficult",
        "disputed",
        "mediation",
        "dissatisfied",
        "recusal",
        "hazard",
        "support",
        "converted",
    ]
    | str
)
"""Why somebody has to act."""

Channel: TypeAlias = Literal["phone", "e-mail", "web", "chat", "social", "letter", "walk-in", "system"] | str
"""How something reached us or the customer."""

ClockName: TypeAlias = (
    Literal[
        "first_contact",
        "intake",
        "investigation",
        "solution",
        "execution",
        "follow_up",
        "overall",
        "feedback",
        "verification",
        "approval",
        "action",
        "promise",
        "waiting",
        "acknowledgement",
        "statutory",
        "second_call",
        "appeal",
        "admission",
        "next_offer",
        "attendance",
        "emergency",
        "after_closing",
    ]
    | str
)
"""What a clock watches."""

ComplaintType: TypeAlias = Literal["emotional", "rational", "structural"] | str
"""What drives the complaint."""

Ends: TypeAlias = Literal["same_time", "close", "midnight"] | str
"""At which moment of its last day a budget of days is used up."""

FeedbackDays: TypeAlias = Literal["every_day", "working_days"] | str
"""On which days the customer must have heard from us."""

Justified: TypeAlias = Literal["yes", "no", "unknown"] | str
"""Whether the organisation is at fault."""

MetBy: TypeAlias = Literal["first_contact", "acknowledged", "admission", "answer", "settled", "closed"] | str
"""What fulfils a statutory duty."""

Mishandling: TypeAlias = Literal["breach", "dissatisfied", "reopened", "difficult"] | str
"""What turns a communicative complaint into a valid one."""

Move: TypeAlias = Literal["resumed", "extended", "severity", "migrated"] | str
"""Why a deadline is no longer where it was."""

Nature: TypeAlias = Literal["valid", "communicative"] | str
"""What the customer is after."""

NoticeKind: TypeAlias = Literal["warning", "escalation", "customer", "receipt", "news", "summons"] | str
"""What a notice is about."""

NoticeStatus: TypeAlias = Literal["queued", "routed", "delivered", "withdrawn", "outbox", "failed"] | str
"""How far a notice has come."""

OptionStatus: TypeAlias = Literal["prepared", "offered", "accepted", "rejected"] | str
"""Where an option stands between us and the customer."""

Outcome: TypeAlias = (
    Literal[
        "resolved",
        "resolved_at_first_contact",
        "unsolvable",
        "declined",
        "transferred",
        "duplicate",
        "withdrawn",
    ]
    | str
)
"""How a complaint left the open stages."""

Part: TypeAlias = Literal["responsible", "local", "associated", "first_handling"] | str
"""Why a department is called to a complaint."""

PauseOwner: TypeAlias = Literal["customer", "vendor", "us"] | str
"""On whom we wait while clocks stand still."""

RemedyKind: TypeAlias = (
    Literal["apology", "explanation", "correction", "repair", "exchange", "refund", "compensation", "service"]
    | str
)
"""What was done for the customer. An apology alone never closes a complaint."""

Role: TypeAlias = (
    Literal["system", "desk", "handler", "mediator", "lead", "customer_service", "executive", "auditor"] | str
)
"""Who may act. The order of authority stands in `AUTHORITY_ORDER`."""

Step: TypeAlias = (
    Literal[
        "spoken_with",
        "time_told",
        "points_agreed",
        "next_step_agreed",
        "form_complete",
        "accepted",
        "interests_recorded",
        "expectations_set",
        "explained",
        "full_answer",
        "departments_came",
        "questions_answered",
        "liability_settled",
        "goodwill_shown",
        "satisfaction_in_words",
        "survey_answered",
    ]
    | str
)
"""Something that has been done, or has not. `complaints.steps` says how it is told."""

Unit: TypeAlias = (
    Literal["business_minutes", "business_hours", "business_days", "calendar_hours", "calendar_days"] | str
)
"""What a budget is counted in."""

Verdict: TypeAlias = Literal["met", "breached", "void"] | str
"""How a clock ended."""

WebhookStatus: TypeAlias = Literal["active", "paused", "disabled", "deleted"] | str
"""Whether a subscription is served."""


class Accept(Form):
    """Take a report up, where every report is judged first. Who may: customer_service, desk, handler, lead."""

    grounds: str
    type: Literal["Accept"] = "Accept"


class AcceptOption(Form):
    """The customer agrees. Who may: customer_service, desk, handler, lead, system."""

    option: str
    type: Literal["AcceptOption"] = "AcceptOption"


class Acceptance(Form):
    """On what grounds a report is taken up."""

    grounds: str


class AcknowledgeEscalation(Form):
    """Say: I have it. Who may: customer_service, desk, executive, handler, lead, mediator."""

    escalation: str
    type: Literal["AcknowledgeEscalation"] = "AcknowledgeEscalation"


class AcknowledgeReceipt(Form):
    """Record that the customer was told that we have the complaint, and by when they are answered. Who may: customer_service, desk, handler, lead, system."""

    channel: Channel
    states_deadlines: bool
    type: Literal["AcknowledgeReceipt"] = "AcknowledgeReceipt"


class Acknowledgement(Form):
    """What every customer who can be reached is told at once when a complaint is registered."""

    message: Names | None


class ActionItem(Record):
    """Something that somebody does by a date."""

    id: str
    cycle: int
    round: int
    plan: ActionPlan
    completed_at: datetime | None = None
    evidence: str | None = None


class ActionPlan(Form):
    """Something to be done, by whom and until when."""

    what: str
    kind: RemedyKind
    owner: str
    due_at: datetime


class Activation(Record):
    """A decision that a version applies: to whom, from when on, and who took it."""

    name: str
    version: str
    sha256: str
    organisation: str | None
    categories: list[str]
    received_from: datetime
    activated_at: datetime
    activated_by: str


class Actor(Record):
    """Who acts, in which role, for which department."""

    id: str
    role: Role
    department: str | None = None


class AddNote(Form):
    """Put a remark on file. Who may: customer_service, desk, handler, lead, mediator, system."""

    text: str
    type: Literal["AddNote"] = "AddNote"


class Adjustment(Form):
    """One move of a deadline."""

    why: Move
    at: datetime
    since: datetime | None = None
    owner: PauseOwner | None = None
    was_due_at: datetime
    due_at: datetime
    by: str


class AdmitUnsolvable(Form):
    """Say early that it cannot be solved, and why. Who may: customer_service, desk, handler, lead."""

    reason: str
    customer_told: bool
    type: Literal["AdmitUnsolvable"] = "AdmitUnsolvable"


class AfterClosing(Form):
    """A contact after closing: does it still work, would they come back?"""

    title: Names | None
    after: Budget
    outcomes: list[Outcome] | None = None


class Alive(Record):
    """The process answers."""

    alive: bool | None = None


class AnswerVerification(Form):
    """Answer such a question. Who may: customer_service, desk, handler, lead, system."""

    verification: str
    answer: str
    type: Literal["AnswerVerification"] = "AnswerVerification"


class Approval(Record):
    """A request to spend more than one's own authority. `level` is the lowest role whose authority suffices."""

    id: str
    option: str
    level: Role
    requested_by: str
    requested_at: datetime
    status: ApprovalStatus | None = None
    decided_by: str | None = None
    decided_at: datetime | None = None
    reason: str | None = None


class Approve(Form):
    """Grant it. Who may: customer_service, executive, lead."""

    option: str
    type: Literal["Approve"] = "Approve"


class Assign(Form):
    """Name the department and the person who answer for it. Who may: customer_service, desk, handler, lead."""

    department: str
    handler: str
    type: Literal["Assign"] = "Assign"


class Assignment(Form):
    """Who answers for the complaint."""

    department: str
    handler: str


class AttachFile(Form):
    """Put a file on the complaint, whose bytes are stored already. Doors that take files in send this themselves. Who may: customer_service, desk, handler, lead, mediator, system."""

    attachment: str
    file_name: str
    media_type: str
    size_bytes: int
    sha256: str
    type: Literal["AttachFile"] = "AttachFile"


class AttachedFile(Record):
    """A file on a complaint, without its bytes. Where the reporter is confidential, its name reads `…` to most."""

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
    number: str


class Attachment(Record):
    """A file on the complaint, without its bytes."""

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


class AttendEmergency(Form):
    """Record that somebody is on site, and what they found. Who may: customer_service, desk, handler, lead."""

    emergency: str
    found: str
    made_safe: bool
    type: Literal["AttendEmergency"] = "AttendEmergency"


class AwaitCustomer(Form):
    """Wait for an answer; the clocks that may pause stand still. Who may: customer_service, desk, handler, lead."""

    what: str
    owner: PauseOwner = "customer"
    type: Literal["AwaitCustomer"] = "AwaitCustomer"


class Budget(Form):
    """An amount of time with its unit."""

    amount: int
    unit: Unit
    ends: Ends = "same_time"
    counts_first_day: bool = False


class BulkAnswer(Record):
    """What became of each command, in the order in which they were sent."""

    results: list[BulkResult]


class BulkItem(Form):
    """One command of several."""

    number: str
    command: Command
    id: str | None = None
    received_at: datetime | None = None
    expected_seq: int | None = None


class BulkResult(Record):
    """What became of one command: an answer, or a problem."""

    index: int
    number: str | None
    status: int
    answer: CommandAnswer | None = None
    problem: ProblemDocument | None = None


class Calendar(Form):
    """When an organisation works, resolved: no later release of any database changes it."""

    name: str
    zone: Zone
    week: list[list[Interval]]
    special: list[SpecialDay] | None = None
    known_until: date | None = None


class CallForSupport(Form):
    """Call the lead or a colleague for help. Who may: customer_service, desk, handler, lead, mediator."""

    what: str
    person: str | None = None
    type: Literal["CallForSupport"] = "CallForSupport"


class ChangeSeverity(Form):
    """Raise or lower what is at stake. Who may: customer_service, desk, handler, lead."""

    severity: Severity
    reason: str
    type: Literal["ChangeSeverity"] = "ChangeSeverity"


class Classification(Form):
    """What kind of complaint it is. A difficult one says why and goes to the customer service department at once. `kind` is a term of the policy, such as `tariff`."""

    category: str
    severity: Severity
    justified: Justified = "unknown"
    difficult: bool = False
    difficult_reason: str | None = None
    kind: str | None = None


class Classify(Form):
    """Give the complaint its category and severity. Who may: customer_service, desk, handler, lead."""

    category: str
    severity: Severity
    justified: Justified = "unknown"
    difficult: bool = False
    difficult_reason: str | None = None
    kind: str | None = None
    type: Literal["Classify"] = "Classify"


class ClockRule(Form):
    """How long a duty may take."""

    budget: Budget | None = None
    by_severity: dict[str, Budget] | None = None
    warn_percent: list[int] | None = None
    calendar: str | None = None
    ladder: str | None = None


class Closing(Form):
    """How and when it ended in the system that it comes from."""

    at: datetime
    outcome: Outcome
    resolution: str | None = None


class CommandAnswer(Record):
    """The state after a command, straight from the workflow. A repeated command is answered like the first one."""

    number: str
    seq: int
    stage: Stage
    outcome: Outcome | None
    handler: str | None
    next_due_at: datetime | None
    facts: list[str] = []
    created: list[str] = []


class ComplaintPage(Record):
    """A page of complaints. `next_cursor` is the `cursor` of the next page; empty on the last one."""

    complaints: list[Line]
    next_cursor: str | None


class CompleteAction(Form):
    """Prove that it was done. Who may: customer_service, desk, handler, lead."""

    action: str
    evidence: str
    type: Literal["CompleteAction"] = "CompleteAction"


class ConvertNature(Form):
    """Take a communicative complaint for a valid one, since it was handled badly. Who may: customer_service, desk, handler, lead."""

    reason: str
    type: Literal["ConvertNature"] = "ConvertNature"


class CounterOffer(Form):
    """The customer asks for something else. Who may: customer_service, desk, handler, lead, system."""

    option: str
    position: str
    interest: str
    type: Literal["CounterOffer"] = "CounterOffer"


class Customer(Form):
    """Who complains. Personal data: sealed at the door, never logged."""

    name: str | None = None
    contact: str | None = None
    language: str = "zh-CN"
    anonymous: bool = False
    account: str | None = None


class CustomerReplied(Form):
    """The answer is there; the clocks go on. Who may: customer_service, desk, handler, lead, system."""

    message: str
    type: Literal["CustomerReplied"] = "CustomerReplied"


class Decide(Form):
    """Decide without the customer's consent, where that is the organisation's office. Who may: customer_service, desk, handler, lead."""

    what: str
    standard: str
    type: Literal["Decide"] = "Decide"


class Decision(Form):
    """What the organisation decides by its office, and the objective standard it rests on."""

    what: str
    standard: str


class DeclareEmergency(Form):
    """Raise a danger on site at once. Who may: customer_service, desk, handler, lead, system."""

    hazard: str | None = None
    what: str
    type: Literal["DeclareEmergency"] = "DeclareEmergency"


class Decline(Form):
    """Turn the complaint down; the customer has to be told why. Who may: customer_service, desk, handler, lead."""

    reason: str
    customer_told: bool
    type: Literal["Decline"] = "Decline"


class DeclineEscalation(Form):
    """Say that it is not yours; it climbs at once. Who may: customer_service, desk, executive, handler, lead, mediator."""

    escalation: str
    reason: str
    type: Literal["DeclineEscalation"] = "DeclineEscalation"


class DeliveryPage(Record):
    """Events on their way, the newest first. `next` is the cursor of the page after this one, if there is one."""

    items: list[WebhookDelivery]
    next: str | None


class Department(Form):
    """A part of the organisation. One that is no longer active is as good as unknown."""

    id: str
    name: Names
    parent: str | None = None
    calendar: str | None = None
    active: bool = True


class Desk(Form):
    """A desk that accepts complaints on site, and the most it may grant alone, in minor units. The name of the entry is the department of whoever acts there in the role of a desk."""

    title: Names | None
    authority: dict[str, int]


class DifficultRule(Form):
    """What makes a complaint difficult: any one of these. Whatever is empty makes none difficult."""

    severity: Severity | None = None
    intensity: int | None = None
    earlier_complaints: int | None = None
    claims: list[Money] | None = None
    words: list[str] | None = None
    customer_types: list[str] | None = None


class DisputeLiability(Form):
    """Contest the finding on who is liable. Who may: customer_service, desk, handler, lead."""

    reason: str
    type: Literal["DisputeLiability"] = "DisputeLiability"


class Emergency(Record):
    """A danger on site, and whether it is one still."""

    id: str
    hazard: str | None
    what: str | None
    escalation: str
    declared_at: datetime
    attended_at: datetime | None = None
    found: str | None = None
    made_safe: bool | None = None


class Escalate(Form):
    """Raise it to the customer service department by hand. Who may: customer_service, desk, handler, lead."""

    reason: str
    type: Literal["Escalate"] = "Escalate"


class Escalation(Record):
    """A matter that a superior has to take up."""

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
    ladder: str | None = None
    person: str | None = None
    calls: int | None = None
    resolved_at: datetime | None = None
    resolution: str | None = None


class EscalationPage(Record):
    """A page of escalations, in the order in which they were called."""

    escalations: list[WaitingEscalation]
    next_cursor: str | None


class Expectations(Form):
    """What the customer was told cannot be had, before options were shown."""

    said: str
    channel: Channel


class ExtensionRule(Form):
    """More time: who may grant it, for which clocks, how often each, and how much at a time."""

    roles: list[Role]
    clocks: list[ClockName]
    per_clock: int
    at_most: Budget


class Feedback(Form):
    """What the customer was told. 'No progress yet' is a valid message."""

    message: str
    channel: Channel
    explanation: bool = False
    answer: bool | None = None


class FeedbackEntry(Record):
    """What the customer was told, when and how."""

    id: str
    form: Feedback
    given_by: str
    given_at: datetime


class FeedbackRule(Form):
    """When the customer must have heard from us at the latest, each day."""

    due_at: str
    remind_at: str
    spread_minutes: int = 0
    days: FeedbackDays = "every_day"
    quiet: QuietHours | None = None
    message: Names | None = None
    automatic: bool = False


class FieldProblem(Record):
    """What is wrong with one field."""

    field: str
    rule: str


class FilePage(Record):
    """The files of a complaint, those that were removed included."""

    attachments: list[AttachedFile]
    as_of: Freshness


class FileRemoval(Form):
    """Which file goes, and why."""

    attachment: str
    reason: str


class FillForm(Form):
    """Fill in the customer-opinion form, together with the customer. Who may: customer_service, desk, handler, lead."""

    details: dict[str, str]
    type: Literal["FillForm"] = "FillForm"


class Findings(Form):
    """What the investigation found."""

    root_cause: str
    justified: Justified
    responsible_department: str
    evidence: str


class FirstContact(Form):
    """Feelings first, then the matter. `customer_type` is a term of the policy, such as `overbearing`; so is `motive`."""

    listened: bool
    restated: bool
    customer_confirmed: bool
    apology_or_understanding: bool
    emotional_intensity: int
    customer_type: str | None = None
    nature: Nature = "valid"
    complaint_type: ComplaintType = "rational"
    channel: Channel | None = None
    motive: str | None = None
    points: list[RestatedPoint] | None = None
    agreed_next: str | None = None


class FollowUp(Form):
    """What the customer said when asked. `satisfied` is empty for someone who cannot be reached."""

    satisfied: bool | None
    score: int | None = None
    words: str | None = None
    goodwill: str | None = None
    answers: list[int] | None = None
    channel: Channel | None = None


class FollowUpEntry(Record):
    """What the customer said when asked."""

    cycle: int
    round: int
    form: FollowUp
    asked_by: str
    asked_at: datetime


class FollowUpRule(Form):
    """How the customer is asked afterwards."""

    delay: Budget | None = None
    attempts: int = 3
    questions: list[Names] | None = None
    second_call: Budget | None = None


class FormField(Form):
    """A field of the customer-opinion form, beside what every complaint has."""

    title: Names | None
    required: bool = True
    categories: list[str] | None = None


class Freshness(Record):
    """How fresh an answer is."""

    seq: int
    at: datetime | None
    source: str


class Gate(Form):
    """What must have been done before an act; without it the act is refused, and says what is missing."""

    before: Act
    needs: list[Step] | None
    difficult: bool = False
    categories: list[str] | None = None
    from_sum: list[Money] | None = None
    why: Names | None = None


class GiveFeedback(Form):
    """Tell the customer how it goes. Who may: customer_service, desk, handler, lead, mediator."""

    message: str
    channel: Channel
    explanation: bool = False
    answer: bool = False
    type: Literal["GiveFeedback"] = "GiveFeedback"


class GiveGoodwill(Form):
    """Give something beyond what was agreed. Who may: customer_service, desk, handler, lead."""

    what: str
    cost: Money | None = None
    type: Literal["GiveGoodwill"] = "GiveGoodwill"


class Goodwill(Form):
    """Something beyond what was agreed, and what it costs."""

    what: str
    cost: Money | None = None


class GoodwillEntry(Record):
    """What was given beyond what was agreed."""

    cycle: int
    form: Goodwill
    given_by: str
    given_at: datetime


class GrantExtension(Form):
    """Give one clock more time, before it runs out. Who may: customer_service, executive, lead."""

    clock: str
    until: datetime
    reason: str
    customer_told: bool
    type: Literal["GrantExtension"] = "GrantExtension"


class Guidance(Form):
    """What helps a handler at this moment."""

    say: Names
    stages: list[Stage] | None = None
    customer_types: list[str] | None = None
    intensity: int = 1
    kinds: list[str] | None = None
    motives: list[str] | None = None
    categories: list[str] | None = None
    difficult: bool = False


class Hazard(Form):
    """A danger that a complaint may hint at."""

    title: Names | None
    words: list[str] | None = None
    tell: Role = "customer_service"
    on_site_within: Budget | None = None


class Imported(Form):
    """What another system knows of a complaint that is taken over from it."""

    at: datetime
    origin: str
    severity: Severity | None = None
    assigned: Assignment | None = None
    first_contact_at: datetime | None = None
    closed: Closing | None = None


class Improvement(Record):
    """An improvement that was raised, here or in a complaint. `matter` is set once it is a matter of its own."""

    id: str
    plan: ImprovementPlan
    matter: str | None = None
    raised_at: datetime | None = None


class ImprovementPlan(Form):
    """What has to change, who sees to it, and by when."""

    what: str
    department: str
    owner: str | None = None
    due_at: datetime | None = None


class Improvements(Form):
    """How improvement items are raised from complaints."""

    within: Budget
    from_structural: bool = False


class Interests(Form):
    """What they ask (position) and what they need (interest), apart."""

    asks: str
    needs: str


class Interval(Form):
    """Working hours without a break, in minutes after local midnight. Past 1440 they belong to the day they began on."""

    start: int
    end: int


class JoinIncident(Form):
    """Say that it is one of the many complaints of a mass incident, and answered with them. Who may: customer_service, desk, handler, lead, system."""

    incident: str
    type: Literal["JoinIncident"] = "JoinIncident"


class Joint(Form):
    """Departments that are called together."""

    lead_attends_if_difficult: bool = False


class JudgeLiability(Form):
    """Decide a disputed liability, and dispatch what follows from it. Who may: customer_service."""

    responsible_department: str
    reason: str
    work_orders: list[ActionPlan] | None = None
    type: Literal["JudgeLiability"] = "JudgeLiability"


class KeepPromise(Form):
    """Prove that a promise was kept. Who may: customer_service, desk, handler, lead."""

    promise: str
    evidence: str
    type: Literal["KeepPromise"] = "KeepPromise"


class Line(Record):
    """One complaint of a list. No personal data."""

    number: str
    source: str
    reference: str
    stage: Stage
    outcome: Outcome | None
    category: str
    severity: Severity
    department: str | None
    handler: str | None
    cycle: int
    round: int
    received_at: datetime
    closed_at: datetime | None
    paused_since: datetime | None
    next_due_at: datetime | None
    overdue: bool
    open_escalations: int
    seq: int


class LinkDuplicate(Form):
    """Fold it into the complaint that is already being handled. Who may: customer_service, desk, handler, lead."""

    of: str
    type: Literal["LinkDuplicate"] = "LinkDuplicate"


class LooseBulk(Form):
    """Commands to several complaints, read so far that every item can be judged by itself."""

    commands: list[dict[str, Any]]


class MakePromise(Form):
    """Promise the customer something by a date; every promise is a clock. Who may: customer_service, desk, handler, lead."""

    what: str
    due_at: datetime
    type: Literal["MakePromise"] = "MakePromise"


class Mediate(Form):
    """Mediate between customer and department. Who may: customer_service, mediator."""

    summary: str
    type: Literal["Mediate"] = "Mediate"


class MigratePolicy(Form):
    """Let the complaint go on under another policy; what was missed stays missed. Who may: customer_service, executive."""

    reason: str
    approver: str
    policy: str
    type: Literal["MigratePolicy"] = "MigratePolicy"


class Money(Form):
    """An amount in the currency's minor unit (fen, cent)."""

    amount_minor: int
    currency: str


class Names(Form):
    """One term, or one sentence, in both languages."""

    en: str
    zh: str


class NewComplaint(Form):
    """A complaint that comes in. `received_at` may lie in the past: a letter, an outage of the source."""

    source: str
    reference: str
    channel: Channel
    customer: Customer
    category: str
    description: str
    asked_remedy: str | None = None
    organisation: str | None = None
    claim: Money | None = None
    earlier_complaints: int = 0
    named: list[str] | None = None
    confidential: bool = False
    place: str | None = None
    details: dict[str, str] | None = None
    heard: list[str] | None = None
    imported: Imported | None = None
    received_at: datetime | None = None


class Next(Record):
    """What the stage allows next."""

    act: str
    roles: list[Role]
    commands: list[str]
    you: bool


class Notice(Record):
    """Something somebody is to be told, once. Its id names complaint, clock, rung and recipient."""

    id: str
    kind: NoticeKind
    audience: Role
    recipient: str
    clock: str | None
    escalation: str | None
    rung: int | None = None
    queued_at: datetime
    part_of: str | None = None
    why: Names | None = None
    not_before: datetime | None = None
    status: NoticeStatus | None = None
    channel: str | None = None
    delivered_at: datetime | None = None
    detail: str | None = None


class OfferOption(Form):
    """Put an option to the customer. Who may: customer_service, desk, handler, lead."""

    option: str
    customer_told: bool
    valid_until: datetime
    type: Literal["OfferOption"] = "OfferOption"


class Offset(Form):
    """From `since` (UTC) on, local time is this many minutes ahead of UTC."""

    since: datetime
    minutes: int


class Option(Record):
    """A prepared way to settle the complaint."""

    id: str
    cycle: int
    round: int
    draft: OptionDraft
    prepared_by: str
    status: OptionStatus | None = None
    valid_until: datetime | None = None
    reason: str | None = None


class OptionDraft(Form):
    """A way to settle it, and the objective standard it rests on. The lowest `order` is offered first."""

    what: str
    standard: str
    compensation: Money | None = None
    order: int = 1


class Pause(Record):
    """Since when clocks stand still, and on whose account."""

    owner: PauseOwner
    what: str
    since: datetime


class PauseRule(Form):
    """What stands still while we wait for somebody, and for how long at most."""

    stops: list[ClockName]
    at_most: Budget


class PayloadDocument(Record):
    """A payload, as Temporal writes it in JSON: everything in base64. What is empty is left out."""

    metadata: dict[str, str] = {}
    data: str | None = None


class PayloadsDocument(Record):
    """The JSON of `temporal.api.common.v1.Payloads`."""

    payloads: list[PayloadDocument]


class Ping(Record):
    """What came of a test."""

    outcome: AttemptOutcome
    status: int | None
    duration_ms: int


class PinnedPolicy(Record):
    """The policy that a complaint goes by."""

    name: str
    version: str
    sha256: str


class PlanAction(Form):
    """Turn what was agreed into something somebody does by a date. Who may: customer_service, desk, handler, lead."""

    what: str
    kind: RemedyKind
    owner: str
    due_at: datetime
    type: Literal["PlanAction"] = "PlanAction"


class Policy(Form):
    """Everything that decides how a complaint is handled. Two readings are compared by `fingerprint`. The rituals of a trade stand in `Practices`."""

    kinds: dict[str, Names] | None = None
    motives: dict[str, Names] | None = None
    form: dict[str, FormField] | None = None
    admission: bool = False
    confidential: bool = False
    gates: list[Gate] | None = None
    doubt: dict[str, int] | None = None
    desks: dict[str, Desk] | None = None
    acknowledgement: Acknowledgement | None = None
    hazards: dict[str, Hazard] | None = None
    joint: Joint | None = None
    decided_by: list[Role] | None = None
    after_closing: dict[str, AfterClosing] | None = None
    until_satisfied: bool = False
    conversion: list[Mishandling] | None = None
    improvements: Improvements | None = None
    first_responsible: str | None = None
    name: str
    version: str
    title: Names | None
    calendars: dict[str, Calendar]
    calendar: str
    categories: dict[str, Names]
    customer_types: dict[str, Names] | None = None
    clocks: dict[str, ClockRule]
    statutory: dict[str, StatutoryRule] | None = None
    pauses: dict[str, PauseRule]
    extensions: ExtensionRule
    ladders: dict[str, list[Rung]]
    quiet: QuietHours | None = None
    feedback: FeedbackRule
    severity: Scoring
    difficult: DifficultRule | None = None
    authority: dict[str, dict[str, int]]
    options_prepared: int = 1
    rejections_before_mediation: int
    follow_up: FollowUpRule | None = None
    playbook: list[Guidance] | None = None
    reporter_seen_by: list[Role]
    retention: Budget
    backdating: Budget
    places: dict[str, str] | None = None


class PolicyList(Record):
    """Every activation of a policy, the latest first. `otherwise` is used where none applies."""

    activations: list[Activation]
    otherwise: str


class PrepareOption(Form):
    """Prepare a way to settle it, before it is needed. Who may: customer_service, desk, handler, lead, mediator."""

    what: str
    standard: str
    compensation: Money | None = None
    order: int = 1
    type: Literal["PrepareOption"] = "PrepareOption"


class ProblemDocument(Record):
    """A problem as RFC 9457 has it."""

    type: str
    title: str
    status: int
    detail: str
    rule: str | None = None
    possible: list[str] = []
    errors: list[FieldProblem] = []


class Promise(Record):
    """What the customer was promised."""

    id: str
    what: str
    due_at: datetime
    made_by: str
    made_at: datetime
    kept_at: datetime | None = None
    evidence: str | None = None


class Queued(Record):
    """How many events are sent again."""

    queued: int


class QuietHours(Form):
    """Local times of day between which nobody is disturbed who need not be; `start` may lie after `end`."""

    start: str
    end: str


class RaiseImprovement(Form):
    """Say what has to change, whoever complains next; it becomes a matter of its own. Who may: customer_service, desk, handler, lead, mediator."""

    what: str
    department: str
    owner: str | None = None
    due_at: datetime | None = None
    type: Literal["RaiseImprovement"] = "RaiseImprovement"


class Readiness(Record):
    """Whether requests can be served, and what stands in the way: a sentence for each part that is missing."""

    ready: bool
    missing: dict[str, str]


class Reassign(Form):
    """Let somebody else answer for it. Who may: customer_service, executive, lead."""

    department: str
    handler: str
    reason: str
    type: Literal["Reassign"] = "Reassign"


class ReassignEscalation(Form):
    """Let somebody else of the same rank take it up. Who may: customer_service, executive, lead."""

    escalation: str
    reason: str
    department: str
    person: str | None = None
    type: Literal["ReassignEscalation"] = "ReassignEscalation"


class RecordAfterClosing(Form):
    """Record a contact after closing; what no longer holds is taken up again. Who may: customer_service, desk, handler, lead."""

    contact: str
    still_settled: bool
    words: str
    gesture: str | None = None
    type: Literal["RecordAfterClosing"] = "RecordAfterClosing"


class RecordAttempt(Form):
    """Record that the customer was called and nobody answered. Who may: customer_service, desk, handler, lead."""

    channel: Channel
    type: Literal["RecordAttempt"] = "RecordAttempt"


class RecordFindings(Form):
    """Conclude the investigation. Who may: customer_service, desk, handler, lead."""

    root_cause: str
    justified: Justified
    responsible_department: str
    evidence: str
    type: Literal["RecordFindings"] = "RecordFindings"


class RecordFirstContact(Form):
    """Record the first contact; all four steps must have been done. Who may: customer_service, desk, handler, lead."""

    listened: bool
    restated: bool
    customer_confirmed: bool
    apology_or_understanding: bool
    emotional_intensity: int
    customer_type: str | None = None
    nature: Nature = "valid"
    complaint_type: ComplaintType = "rational"
    channel: Channel | None = None
    motive: str | None = None
    points: list[RestatedPoint] | None = None
    agreed_next: str | None = None
    type: Literal["RecordFirstContact"] = "RecordFirstContact"


class RecordFollowUp(Form):
    """Record what the customer said after execution. Who may: customer_service, desk, handler, lead, system."""

    satisfied: bool | None
    score: int | None = None
    words: str | None = None
    goodwill: str | None = None
    answers: list[int] | None = None
    channel: Channel | None = None
    type: Literal["RecordFollowUp"] = "RecordFollowUp"


class RecordInterests(Form):
    """Write down apart what they ask and what they need. Who may: customer_service, desk, handler, lead."""

    asks: str
    needs: str
    type: Literal["RecordInterests"] = "RecordInterests"


class RecordSecondCall(Form):
    """Record the call some days after closing; what no longer works is taken up again. Who may: customer_service, desk, handler, lead."""

    still_settled: bool
    words: str
    type: Literal["RecordSecondCall"] = "RecordSecondCall"


class Recuse(Form):
    """Keep somebody out who is named in it, or in conflict. Who may: customer_service, desk, executive, handler, lead, mediator."""

    person: str
    reason: str
    type: Literal["Recuse"] = "Recuse"


class RefuseApproval(Form):
    """Refuse it. Who may: customer_service, executive, lead."""

    option: str
    reason: str
    type: Literal["RefuseApproval"] = "RefuseApproval"


class Register(Form):
    """Take a complaint in. Its `received_at` may lie in the past (a letter, an outage of the source). Who may: customer_service, desk, handler, lead, system."""

    source: str
    reference: str
    channel: Channel
    customer: Customer
    category: str
    description: str
    asked_remedy: str | None = None
    organisation: str | None = None
    claim: Money | None = None
    earlier_complaints: int = 0
    named: list[str] | None = None
    confidential: bool = False
    place: str | None = None
    details: dict[str, str] | None = None
    heard: list[str] | None = None
    imported: Imported | None = None
    type: Literal["Register"] = "Register"


class Registration(Form):
    """The customer-opinion form. `source` and `reference` together name the complaint for ever."""

    source: str
    reference: str
    channel: Channel
    customer: Customer | None
    category: str
    description: str
    asked_remedy: str | None = None
    organisation: str | None = None
    claim: Money | None = None
    earlier_complaints: int = 0
    named: list[str] | None = None
    confidential: bool = False
    place: str | None = None
    details: dict[str, str] | None = None
    heard: list[str] | None = None
    imported: Imported | None = None


class RejectOption(Form):
    """The customer says no. Who may: customer_service, desk, handler, lead, system."""

    option: str
    reason: str
    type: Literal["RejectOption"] = "RejectOption"


class Remedy(Form):
    """What was done on the spot."""

    kind: RemedyKind
    what: str
    compensation: Money | None = None


class RemoveFile(Form):
    """Take a file away: its bytes are deleted, what was written down of it stays. Who may: customer_service, desk, handler, lead, mediator, system."""

    attachment: str
    reason: str
    type: Literal["RemoveFile"] = "RemoveFile"


class Reopen(Form):
    """Take a closed complaint up again, within the appeal window. Who may: customer_service, desk, handler, lead, system."""

    reason: str
    type: Literal["Reopen"] = "Reopen"


class Replay(Form):
    """What is to be sent again: exactly one of a complaint, everything since an instant, all that is parked."""

    number: str | None = None
    from_seq: int = 1
    since: datetime | None = None
    parked: bool = False


class RequestApproval(Form):
    """Ask for compensation above one's own authority. Who may: customer_service, desk, handler, lead."""

    option: str
    type: Literal["RequestApproval"] = "RequestApproval"


class RequestVerification(Form):
    """Ask another department; its answer has a clock. Who may: customer_service, desk, handler, lead."""

    department: str
    question: str
    type: Literal["RequestVerification"] = "RequestVerification"


class ResolveAtFirstContact(Form):
    """Settle it on the spot, within the desk's authority (green channel). Who may: customer_service, desk, handler, lead."""

    kind: RemedyKind
    what: str
    compensation: Money | None = None
    type: Literal["ResolveAtFirstContact"] = "ResolveAtFirstContact"


class ResolveEscalation(Form):
    """Say what was done about it. Who may: customer_service, desk, executive, handler, lead, mediator."""

    escalation: str
    resolution: str
    type: Literal["ResolveEscalation"] = "ResolveEscalation"


class RestatedPoint(Form):
    """One point of what the customer said, in the handler's words, and whether the customer agreed to it."""

    said: str
    agreed: bool


class ResumeFeedback(Form):
    """Tell the customer every day again. Who may: customer_service, desk, handler, lead, system."""

    reason: str
    type: Literal["ResumeFeedback"] = "ResumeFeedback"


class Rung(Form):
    """One step of a ladder: who has to act. The first rung is called when the deadline is missed; a later one when the rung before it did not acknowledge in time, declined, or when its own time has come."""

    audience: Role
    percent: int | None = None
    after_due: Budget | None = None
    acknowledge_within: Budget | None = None
    calendar: str | None = None
    channel: str | None = None
    keeps_quiet: bool = False
    measure: Names | None = None


class Scoring(Form):
    """How the severity is reckoned: points add up, and each severity begins at its own sum."""

    thresholds: dict[str, int]
    intensity: dict[str, int] | None = None
    customer_types: dict[str, int] | None = None
    categories: dict[str, int] | None = None
    sums: list[SumPoints] | None = None
    per_earlier_complaint: int = 0
    words: dict[str, WordPoints] | None = None


class SendSomeone(Form):
    """Say whom a department that was summoned sends. Who may: customer_service, desk, handler, lead."""

    summons: str
    person: str
    is_lead: bool = False
    type: Literal["SendSomeone"] = "SendSomeone"


class SetExpectations(Form):
    """Say what cannot be had, before options are shown. Who may: customer_service, desk, handler, lead."""

    said: str
    channel: Channel
    type: Literal["SetExpectations"] = "SetExpectations"


class ShownClock(Form):
    """A deadline, and how much time is left."""

    budget: Budget | None
    calendar: str
    ladder: str
    due_at: datetime
    warn_percent: list[int]
    warn_at: list[datetime]
    call_rungs: list[int] | None = None
    call_at: list[datetime] | None = None
    provisional: bool = False
    key: str
    name: ClockName
    subject: str
    cycle: int
    round: int
    started_at: datetime
    warned: int = 0
    called: int = 0
    paused_at: datetime | None = None
    adjustments: list[Adjustment] | None = None
    extensions: int = 0
    breached_at: datetime | None = None
    escalation: str | None = None
    delivered_at: datetime | None = None
    settled_at: datetime | None = None
    verdict: Verdict | None = None
    seconds_left: int | None


class ShownComplaint(Record):
    """A complaint as it stands. Where the reporter is confidential and not shown to you, free text reads `…`."""

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
    recused: list[str]
    policy_name: str
    policy_version: str
    policy_sha256: str
    received_at: datetime | None
    closed_at: datetime | None
    next_due_at: datetime | None
    pause: Pause | None
    registration: Registration | None
    first_contact: FirstContact | None
    classification: Classification | None
    remedy: Remedy | None
    findings: Findings | None
    disputed: str | None
    clocks: dict[str, ShownClock]
    escalations: dict[str, Escalation]
    notices: dict[str, Notice]
    verifications: dict[str, Verification]
    options: dict[str, Option]
    approvals: dict[str, Approval]
    actions: dict[str, ActionItem]
    promises: dict[str, Promise]
    feedback: dict[str, FeedbackEntry]
    follow_ups: list[FollowUpEntry]
    may: list[Next]
    details: dict[str, str] | None = None
    accepted: Acceptance | None = None
    interests: Interests | None = None
    expectations: Expectations | None = None
    decision: Decision | None = None
    answered: bool | None = None
    acknowledged: bool | None = None
    feedback_stopped: bool | None = None
    goodwill: list[GoodwillEntry] | None = None
    incident: str | None = None
    nature: Nature | None = None
    converted_at: datetime | None = None
    first_responsible: str | None = None
    summons: dict[str, Summons] = {}
    emergencies: dict[str, Emergency] = {}
    improvements: dict[str, Improvement] = {}
    attachments: dict[str, Attachment] = {}
    as_of: Freshness
    hidden: bool


class ShownEvent(Record):
    """One event of the ledger."""

    seq: int
    at: datetime
    occurred_at: datetime
    actor: Actor
    command_id: str | None
    fact: dict[str, Any]
    previous: str
    hash: str


class ShownMember(Record):
    """Somebody who works here; never how they are reached."""

    id: str
    name: str
    department: str
    roles: list[Role]
    language: str
    deputy: str | None
    active: bool
    on_leave: bool


class ShownOrg(Record):
    """The organisation as it was imported last. `version` is empty while nothing was."""

    version: int | None
    zone: str
    departments: list[Department]
    members: list[ShownMember]


class ShownPolicy(Record):
    """A policy in full, and its fingerprint."""

    sha256: str
    policy: Policy


class SpecialDay(Form):
    """A day that is not as its weekday says: a holiday (no hours), a make-up working day, a half day."""

    on: date
    hours: list[Interval]
    name: Names


class StartedComplaint(Record):
    """A complaint that was started; the same answer however often it is asked for."""

    number: str
    source: str
    reference: str
    received_at: datetime
    policy: PinnedPolicy


class StatutoryExtension(Form):
    """One more step of a statutory duty, granted before the one before it runs out, and told to the customer."""

    budget: Budget
    roles: list[Role]
    source: str


class StatutoryRule(Form):
    """A duty that the law, a regulator or a public promise sets."""

    budget: Budget | None = None
    by_severity: dict[str, Budget] | None = None
    warn_percent: list[int] | None = None
    calendar: str | None = None
    ladder: str | None = None
    title: Names | None
    met_by: MetBy
    source: str
    categories: list[str] | None = None
    extensions: list[StatutoryExtension] | None = None


class StopFeedback(Form):
    """Leave the customer in peace, as they asked; no more daily news. Who may: customer_service, desk, handler, lead, system."""

    reason: str
    type: Literal["StopFeedback"] = "StopFeedback"


class Subscription(Record):
    """What a subscriber is told, and how it goes. The secret is not part of it: it is shown once."""

    id: str
    owner: Actor
    url: str
    types: list[str]
    department: str | None
    status: WebhookStatus
    why: str | None
    created_at: datetime
    former_secret_until: datetime | None
    failures: int
    failing_since: datetime | None
    rests_until: datetime | None
    waiting: int
    parked: int


class SubscriptionList(Record):
    """Subscriptions, the oldest first."""

    items: list[Subscription]


class SubscriptionWithSecret(Record):
    """A subscription, and the secret that verifies what is sent to it. It is shown this once."""

    id: str
    owner: Actor
    url: str
    types: list[str]
    department: str | None
    status: WebhookStatus
    why: str | None
    created_at: datetime
    former_secret_until: datetime | None
    failures: int
    failing_since: datetime | None
    rests_until: datetime | None
    waiting: int
    parked: int
    secret: str


class SumPoints(Form):
    """Points for a claim of at least this much."""

    at_least: Money
    points: int


class SummonDepartments(Form):
    """Call departments together; each has to send somebody. Who may: customer_service, desk, handler, lead."""

    departments: list[SummonedDepartment]
    what: str
    lead_attends: bool = False
    type: Literal["SummonDepartments"] = "SummonDepartments"


class SummonedDepartment(Form):
    """A department that is called, and why it."""

    department: str
    part: Part


class Summons(Record):
    """A department that was called, and whom it sent."""

    id: str
    department: str
    part: Part
    what: str
    lead_attends: bool
    summoned_at: datetime
    sent: str | None = None
    sent_at: datetime | None = None


class Timeline(Record):
    """A page of what happened. `next_after` is the `after` of the next page; empty on the last one."""

    number: str
    as_of: Freshness
    hidden: bool
    events: list[ShownEvent]
    next_after: int | None


class Transfer(Form):
    """Hand it to another organisation; the customer has to be told. Who may: customer_service, desk, handler, lead."""

    to: str
    customer_told: bool
    type: Literal["Transfer"] = "Transfer"


class Verification(Record):
    """A question to another department, and its answer."""

    id: str
    department: str
    question: str
    asked_by: str
    asked_at: datetime
    answer: str | None = None
    answered_by: str | None = None
    answered_at: datetime | None = None


class WaitingEscalation(Record):
    """An escalation that waits for somebody, and the complaint that it is about."""

    number: str
    escalation: Escalation
    stage: Stage
    category: str
    severity: Severity
    handler: str | None


class WebhookAttempt(Record):
    """One attempt. `status` is empty where no HTTP answer came."""

    attempt: int
    at: datetime
    outcome: AttemptOutcome
    status: int | None
    duration_ms: int


class WebhookDelivery(Record):
    """One event on its way to one subscriber."""

    number: str
    seq: int
    type: str
    progress: Progress
    queued_at: datetime
    attempts: int
    first_attempt_at: datetime | None
    settled_at: datetime | None
    log: list[WebhookAttempt]


class WebhookDraft(Form):
    """What a subscriber asks for."""

    url: str
    types: list[str] | None = None
    department: str | None = None


class Withdraw(Form):
    """The customer no longer pursues it. Who may: customer_service, desk, handler, lead, system."""

    reason: str
    type: Literal["Withdraw"] = "Withdraw"


class WordPoints(Form):
    """Points for words in what the customer said: the press, a regulator, a danger. Case does not matter."""

    name: Names
    words: list[str] | None
    points: int


class Zone(Form):
    """A time zone as pinned data; `offsets` is sorted and not empty. Before its first entry, that entry holds."""

    name: str
    offsets: list[Offset]


Command: TypeAlias = Annotated[
    Register
    | RecordFirstContact
    | Classify
    | Assign
    | ResolveAtFirstContact
    | Decline
    | Transfer
    | LinkDuplicate
    | FillForm
    | Accept
    | RecordInterests
    | RequestVerification
    | AnswerVerification
    | RecordFindings
    | DisputeLiability
    | JudgeLiability
    | PrepareOption
    | OfferOption
    | AcceptOption
    | RejectOption
    | CounterOffer
    | RequestApproval
    | Approve
    | RefuseApproval
    | Mediate
    | AdmitUnsolvable
    | SetExpectations
    | Decide
    | PlanAction
    | CompleteAction
    | MakePromise
    | KeepPromise
    | GiveGoodwill
    | GiveFeedback
    | AcknowledgeReceipt
    | StopFeedback
    | ResumeFeedback
    | AwaitCustomer
    | CustomerReplied
    | Reassign
    | ChangeSeverity
    | Escalate
    | AcknowledgeEscalation
    | ResolveEscalation
    | ReassignEscalation
    | DeclineEscalation
    | SummonDepartments
    | SendSomeone
    | DeclareEmergency
    | AttendEmergency
    | CallForSupport
    | ConvertNature
    | Recuse
    | MigratePolicy
    | GrantExtension
    | RaiseImprovement
    | JoinIncident
    | AddNote
    | Withdraw
    | RecordFollowUp
    | RecordAttempt
    | RecordSecondCall
    | RecordAfterClosing
    | Reopen
    | AttachFile
    | RemoveFile,
    Field(discriminator="type"),
]

Accept.model_rebuild()
AcceptOption.model_rebuild()
Acceptance.model_rebuild()
AcknowledgeEscalation.model_rebuild()
AcknowledgeReceipt.model_rebuild()
Acknowledgement.model_rebuild()
ActionItem.model_rebuild()
ActionPlan.model_rebuild()
Activation.model_rebuild()
Actor.model_rebuild()
AddNote.model_rebuild()
Adjustment.model_rebuild()
AdmitUnsolvable.model_rebuild()
AfterClosing.model_rebuild()
Alive.model_rebuild()
AnswerVerification.model_rebuild()
Approval.model_rebuild()
Approve.model_rebuild()
Assign.model_rebuild()
Assignment.model_rebuild()
AttachFile.model_rebuild()
AttachedFile.model_rebuild()
Attachment.model_rebuild()
AttendEmergency.model_rebuild()
AwaitCustomer.model_rebuild()
Budget.model_rebuild()
BulkAnswer.model_rebuild()
BulkItem.model_rebuild()
BulkResult.model_rebuild()
Calendar.model_rebuild()
CallForSupport.model_rebuild()
ChangeSeverity.model_rebuild()
Classification.model_rebuild()
Classify.model_rebuild()
ClockRule.model_rebuild()
Closing.model_rebuild()
CommandAnswer.model_rebuild()
ComplaintPage.model_rebuild()
CompleteAction.model_rebuild()
ConvertNature.model_rebuild()
CounterOffer.model_rebuild()
Customer.model_rebuild()
CustomerReplied.model_rebuild()
Decide.model_rebuild()
Decision.model_rebuild()
DeclareEmergency.model_rebuild()
Decline.model_rebuild()
DeclineEscalation.model_rebuild()
DeliveryPage.model_rebuild()
Department.model_rebuild()
Desk.model_rebuild()
DifficultRule.model_rebuild()
DisputeLiability.model_rebuild()
Emergency.model_rebuild()
Escalate.model_rebuild()
Escalation.model_rebuild()
EscalationPage.model_rebuild()
Expectations.model_rebuild()
ExtensionRule.model_rebuild()
Feedback.model_rebuild()
FeedbackEntry.model_rebuild()
FeedbackRule.model_rebuild()
FieldProblem.model_rebuild()
FilePage.model_rebuild()
FileRemoval.model_rebuild()
FillForm.model_rebuild()
Findings.model_rebuild()
FirstContact.model_rebuild()
FollowUp.model_rebuild()
FollowUpEntry.model_rebuild()
FollowUpRule.model_rebuild()
FormField.model_rebuild()
Freshness.model_rebuild()
Gate.model_rebuild()
GiveFeedback.model_rebuild()
GiveGoodwill.model_rebuild()
Goodwill.model_rebuild()
GoodwillEntry.model_rebuild()
GrantExtension.model_rebuild()
Guidance.model_rebuild()
Hazard.model_rebuild()
Imported.model_rebuild()
Improvement.model_rebuild()
ImprovementPlan.model_rebuild()
Improvements.model_rebuild()
Interests.model_rebuild()
Interval.model_rebuild()
JoinIncident.model_rebuild()
Joint.model_rebuild()
JudgeLiability.model_rebuild()
KeepPromise.model_rebuild()
Line.model_rebuild()
LinkDuplicate.model_rebuild()
LooseBulk.model_rebuild()
MakePromise.model_rebuild()
Mediate.model_rebuild()
MigratePolicy.model_rebuild()
Money.model_rebuild()
Names.model_rebuild()
NewComplaint.model_rebuild()
Next.model_rebuild()
Notice.model_rebuild()
OfferOption.model_rebuild()
Offset.model_rebuild()
Option.model_rebuild()
OptionDraft.model_rebuild()
Pause.model_rebuild()
PauseRule.model_rebuild()
PayloadDocument.model_rebuild()
PayloadsDocument.model_rebuild()
Ping.model_rebuild()
PinnedPolicy.model_rebuild()
PlanAction.model_rebuild()
Policy.model_rebuild()
PolicyList.model_rebuild()
PrepareOption.model_rebuild()
ProblemDocument.model_rebuild()
Promise.model_rebuild()
Queued.model_rebuild()
QuietHours.model_rebuild()
RaiseImprovement.model_rebuild()
Readiness.model_rebuild()
Reassign.model_rebuild()
ReassignEscalation.model_rebuild()
RecordAfterClosing.model_rebuild()
RecordAttempt.model_rebuild()
RecordFindings.model_rebuild()
RecordFirstContact.model_rebuild()
RecordFollowUp.model_rebuild()
RecordInterests.model_rebuild()
RecordSecondCall.model_rebuild()
Recuse.model_rebuild()
RefuseApproval.model_rebuild()
Register.model_rebuild()
Registration.model_rebuild()
RejectOption.model_rebuild()
Remedy.model_rebuild()
RemoveFile.model_rebuild()
Reopen.model_rebuild()
Replay.model_rebuild()
RequestApproval.model_rebuild()
RequestVerification.model_rebuild()
ResolveAtFirstContact.model_rebuild()
ResolveEscalation.model_rebuild()
RestatedPoint.model_rebuild()
ResumeFeedback.model_rebuild()
Rung.model_rebuild()
Scoring.model_rebuild()
SendSomeone.model_rebuild()
SetExpectations.model_rebuild()
ShownClock.model_rebuild()
ShownComplaint.model_rebuild()
ShownEvent.model_rebuild()
ShownMember.model_rebuild()
ShownOrg.model_rebuild()
ShownPolicy.model_rebuild()
SpecialDay.model_rebuild()
StartedComplaint.model_rebuild()
StatutoryExtension.model_rebuild()
StatutoryRule.model_rebuild()
StopFeedback.model_rebuild()
Subscription.model_rebuild()
SubscriptionList.model_rebuild()
SubscriptionWithSecret.model_rebuild()
SumPoints.model_rebuild()
SummonDepartments.model_rebuild()
SummonedDepartment.model_rebuild()
Summons.model_rebuild()
Timeline.model_rebuild()
Transfer.model_rebuild()
Verification.model_rebuild()
WaitingEscalation.model_rebuild()
WebhookAttempt.model_rebuild()
WebhookDelivery.model_rebuild()
WebhookDraft.model_rebuild()
Withdraw.model_rebuild()
WordPoints.model_rebuild()
Zone.model_rebuild()
