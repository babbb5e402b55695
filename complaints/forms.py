"""The forms people fill in. A command and the event it leads to share one form, and state keeps the filled ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Annotated, Any, ClassVar, TypeVar

from annotated_types import MinLen

from complaints.later import Later
from complaints.vocabulary import (
    Channel,
    ComplaintType,
    Count,
    Customer,
    Identifier,
    Instant,
    Justified,
    Line,
    Money,
    Nature,
    Outcome,
    Part,
    PauseOwner,
    Personal,
    Reference,
    RemedyKind,
    Score,
    Severity,
    Source,
    Text,
)


class Form:
    """Base of all forms: an unknown field is refused by name at the door."""

    __slots__ = ()
    __pydantic_config__: ClassVar[Mapping[str, Any]] = {"extra": "forbid"}


@dataclass(frozen=True, kw_only=True)
class Names(Form):
    """One term, or one sentence, in both languages."""

    en: Text
    zh: Text


F = TypeVar("F")


def refill(form: type[F], filled: object, /, **extra: object) -> F:
    """Copy the fields that two forms share, and add what only the new one has."""
    names = [each.name for each in fields(form) if each.name != "type"]  # type: ignore[arg-type]  # all forms are dataclasses
    shared = {name: getattr(filled, name) for name in names if name not in extra and hasattr(filled, name)}
    return form(**shared, **extra)


@dataclass(frozen=True, kw_only=True)
class ImprovementPlan(Form):
    """What has to change, who sees to it, and by when.

    Attributes:
        owner: Who answers for it; the lead of the department where nobody is named.
        due_at: Empty where the rules say how long it may take.
    """

    what: Text
    department: Identifier
    owner: Identifier | None = None
    due_at: Instant | None = None


@dataclass(frozen=True, kw_only=True)
class Membership(Form):
    """The mass incident that a complaint is one of."""

    incident: Reference


# --- intake


@dataclass(frozen=True, kw_only=True)
class Registration(Form):
    """The customer-opinion form. `source` and `reference` together name the complaint for ever.

    Attributes:
        organisation: Which part of the company it concerns, where several share one installation.
        claim: The sum that is at stake for the customer.
        earlier_complaints: How many this customer made before, as the source knows it.
        named: Members of staff whom it is about: they neither handle nor approve anything in it.
        confidential: The reporter is seen by the roles that the policy names, and nobody else.
        place: Where it happened, in the organisation's own words: a district, a branch, a building.
        details: What the policy's form asks for, by the name of the field.
        heard: What the door heard in the customer's words before it sealed them: the policy's groups of words and
            hazards that they mention, such as `words.media`. Whatever a sender says here, a door says it anew.
        imported: Where it was begun in another system: what that one knows of it.
    """

    source: Source
    reference: Identifier
    channel: Channel
    customer: Customer
    category: Identifier
    description: Text
    asked_remedy: Text | None = None
    organisation: Identifier | None = None
    claim: Money | None = None
    earlier_complaints: Count = 0
    named: tuple[Identifier, ...] = ()
    confidential: bool = False
    place: Later[Line | None] = None
    details: Later[Mapping[Identifier, Personal]] = field(default_factory=dict)
    heard: Later[tuple[Line, ...]] = ()
    imported: Later[Imported | None] = None


@dataclass(frozen=True, kw_only=True)
class Imported(Form):
    """What another system knows of a complaint that is taken over from it.

    Attributes:
        at: When it was taken over. What fell due before is history: it is recorded, and nobody is told.
        origin: Where it was read, such as a file and its line.
        severity: As it was judged there, which counts from the first.
        assigned: Who answered for it there.
        first_contact_at: When the customer was heard first.
        closed: Empty where it is still open.
    """

    at: Instant
    origin: Line
    severity: Severity | None = None
    assigned: Assignment | None = None
    first_contact_at: Instant | None = None
    closed: Closing | None = None


@dataclass(frozen=True, kw_only=True)
class Closing(Form):
    """How and when it ended in the system that it comes from."""

    at: Instant
    outcome: Outcome
    resolution: Text | None = None


@dataclass(frozen=True, kw_only=True)
class RestatedPoint(Form):
    """One point of what the customer said, in the handler's words, and whether the customer agreed to it."""

    said: Text
    agreed: bool


@dataclass(frozen=True, kw_only=True)
class FirstContact(Form):
    """Feelings first, then the matter. `customer_type` is a term of the policy, such as `overbearing`; so is `motive`.

    Attributes:
        points: What was restated, point by point.
        agreed_next: The way forward that was agreed.
    """

    listened: bool
    restated: bool
    customer_confirmed: bool
    apology_or_understanding: bool
    emotional_intensity: Score
    customer_type: Identifier | None = None
    nature: Nature = Nature.VALID
    complaint_type: ComplaintType = ComplaintType.RATIONAL
    channel: Later[Channel | None] = None
    motive: Later[Identifier | None] = None
    points: Later[tuple[RestatedPoint, ...]] = ()
    agreed_next: Later[Text | None] = None


@dataclass(frozen=True, kw_only=True)
class FormValues(Form):
    """Fields of the policy's form, by name. A value that is given again replaces the one before."""

    details: Annotated[Mapping[Identifier, Personal], MinLen(1)]


@dataclass(frozen=True, kw_only=True)
class Acceptance(Form):
    """On what grounds a report is taken up."""

    grounds: Text


@dataclass(frozen=True, kw_only=True)
class Interests(Form):
    """What they ask (position) and what they need (interest), apart."""

    asks: Text
    needs: Text


@dataclass(frozen=True, kw_only=True)
class Classification(Form):
    """What kind of complaint it is. A difficult one says why and goes to the customer service department at once.

    `kind` is a term of the policy, such as `tariff`.
    """

    category: Identifier
    severity: Severity
    justified: Justified = Justified.UNKNOWN
    difficult: bool = False
    difficult_reason: Text | None = None
    kind: Later[Identifier | None] = None


@dataclass(frozen=True, kw_only=True)
class Assignment(Form):
    """Who answers for the complaint."""

    department: Identifier
    handler: Identifier


@dataclass(frozen=True, kw_only=True)
class Reassignment(Assignment):
    """A change of who answers for it."""

    reason: Text


@dataclass(frozen=True, kw_only=True)
class Remedy(Form):
    """What was done on the spot."""

    kind: RemedyKind
    what: Text
    compensation: Money | None = None


@dataclass(frozen=True, kw_only=True)
class Reason(Form):
    """Why, in words."""

    reason: Text


@dataclass(frozen=True, kw_only=True)
class ToldReason(Reason):
    """Why, and whether the customer was told so."""

    customer_told: bool


@dataclass(frozen=True, kw_only=True)
class Handover(Form):
    """The complaint lives on elsewhere."""

    to: Line
    customer_told: bool


@dataclass(frozen=True, kw_only=True)
class Duplicate(Form):
    """The complaint is already being handled under another number."""

    of: Identifier


# --- investigation


@dataclass(frozen=True, kw_only=True)
class VerificationRequest(Form):
    """A question another department has to answer."""

    department: Identifier
    question: Text


@dataclass(frozen=True, kw_only=True)
class VerificationAnswer(Form):
    """The department's answer."""

    verification: Identifier
    answer: Text


@dataclass(frozen=True, kw_only=True)
class Findings(Form):
    """What the investigation found."""

    root_cause: Text
    justified: Justified
    responsible_department: Identifier
    evidence: Text


@dataclass(frozen=True, kw_only=True)
class Judgement(Form):
    """Who is liable in the end, and on what grounds."""

    responsible_department: Identifier
    reason: Text


# --- solution


@dataclass(frozen=True, kw_only=True)
class Expectations(Form):
    """What the customer was told cannot be had, before options were shown."""

    said: Text
    channel: Channel


@dataclass(frozen=True, kw_only=True)
class Decision(Form):
    """What the organisation decides by its office, and the objective standard it rests on."""

    what: Text
    standard: Text


@dataclass(frozen=True, kw_only=True)
class OptionDraft(Form):
    """A way to settle it, and the objective standard it rests on. The lowest `order` is offered first."""

    what: Text
    standard: Text
    compensation: Money | None = None
    order: Score = 1


@dataclass(frozen=True, kw_only=True)
class Offer(Form):
    """An option put to the customer."""

    option: Identifier
    customer_told: bool
    valid_until: Instant


@dataclass(frozen=True, kw_only=True)
class OptionChoice(Form):
    """The option that is meant."""

    option: Identifier


@dataclass(frozen=True, kw_only=True)
class OptionRejection(OptionChoice):
    """Why the customer, or an approver, says no to an option."""

    reason: Text


@dataclass(frozen=True, kw_only=True)
class CounterPosition(Form):
    """What the customer asks instead (position), and what they need (interest)."""

    option: Identifier
    position: Text
    interest: Text


@dataclass(frozen=True, kw_only=True)
class Mediation(Form):
    """What the customer service department worked out between both sides."""

    summary: Text


# --- execution


@dataclass(frozen=True, kw_only=True)
class ActionPlan(Form):
    """Something to be done, by whom and until when."""

    what: Text
    kind: RemedyKind
    owner: Identifier
    due_at: Instant


@dataclass(frozen=True, kw_only=True)
class Completion(Form):
    """Proof that an action was done."""

    action: Identifier
    evidence: Text


@dataclass(frozen=True, kw_only=True)
class PromiseDraft(Form):
    """What the customer was promised, and by when."""

    what: Text
    due_at: Instant


@dataclass(frozen=True, kw_only=True)
class PromiseKeeping(Form):
    """How a promise was kept."""

    promise: Identifier
    evidence: Text


@dataclass(frozen=True, kw_only=True)
class Goodwill(Form):
    """Something beyond what was agreed, and what it costs."""

    what: Text
    cost: Money | None = None


# --- any open stage


@dataclass(frozen=True, kw_only=True)
class Feedback(Form):
    """What the customer was told. "No progress yet" is a valid message.

    Attributes:
        explanation: It explained the findings.
        answer: It was the full answer to the complaint.
    """

    message: Text
    channel: Channel
    explanation: bool = False
    answer: Later[bool] = False


@dataclass(frozen=True, kw_only=True)
class Receipt(Form):
    """How the customer was told that we have the complaint, and whether the statutory deadlines were stated."""

    channel: Channel
    states_deadlines: bool


@dataclass(frozen=True, kw_only=True)
class Awaiting(Form):
    """What we wait for, and on whom."""

    what: Text
    owner: PauseOwner = PauseOwner.CUSTOMER


@dataclass(frozen=True, kw_only=True)
class Reply(Form):
    """What the customer answered."""

    message: Text


@dataclass(frozen=True, kw_only=True)
class SeverityChange(Form):
    """A new severity, and why."""

    severity: Severity
    reason: Text


@dataclass(frozen=True, kw_only=True)
class EscalationChoice(Form):
    """The escalation that is meant."""

    escalation: Identifier


@dataclass(frozen=True, kw_only=True)
class EscalationRefusal(EscalationChoice):
    """Why somebody does not take an escalation up."""

    reason: Text


@dataclass(frozen=True, kw_only=True)
class EscalationHandover(EscalationRefusal):
    """Who takes an escalation up instead: the lead of a department, or one person."""

    department: Identifier
    person: Identifier | None = None


@dataclass(frozen=True, kw_only=True)
class EscalationResolution(EscalationChoice):
    """What was done about the cause."""

    resolution: Text


@dataclass(frozen=True, kw_only=True)
class SummonedDepartment(Form):
    """A department that is called, and why it."""

    department: Identifier
    part: Part


@dataclass(frozen=True, kw_only=True)
class JointSummons(Form):
    """Departments that are called together, and what for.

    Attributes:
        lead_attends: Their leads come in person.
    """

    departments: Annotated[tuple[SummonedDepartment, ...], MinLen(1)]
    what: Text
    lead_attends: bool = False


@dataclass(frozen=True, kw_only=True)
class Attendance(Form):
    """Whom a department sends. `is_lead` says that it is its lead."""

    summons: Identifier
    person: Identifier
    is_lead: bool = False


@dataclass(frozen=True, kw_only=True)
class EmergencyReport(Form):
    """A danger on site. `hazard` is a term of the policy, such as `live_wire`; empty for one that it does not name."""

    hazard: Identifier | None = None
    what: Text


@dataclass(frozen=True, kw_only=True)
class OnSite(Form):
    """What was found on site, and whether it is safe now."""

    emergency: Identifier
    found: Text
    made_safe: bool


@dataclass(frozen=True, kw_only=True)
class SupportCall(Form):
    """What help is needed for. Without a person it is asked of the lead."""

    what: Text
    person: Identifier | None = None


@dataclass(frozen=True, kw_only=True)
class Extension(Form):
    """More time for one clock. The actor is the approver."""

    clock: Line
    until: Instant
    reason: Text
    customer_told: bool


@dataclass(frozen=True, kw_only=True)
class Recusal(Form):
    """Who may no longer act in a complaint, and why."""

    person: Identifier
    reason: Text


@dataclass(frozen=True, kw_only=True)
class Migration(Form):
    """Why a complaint goes on under another policy, and who approved it; never the one who does it."""

    reason: Text
    approver: Identifier


@dataclass(frozen=True, kw_only=True)
class Note(Form):
    """A remark for the file."""

    text: Text


# --- follow-up


@dataclass(frozen=True, kw_only=True)
class FollowUp(Form):
    """What the customer said when asked. `satisfied` is empty for someone who cannot be reached.

    Attributes:
        answers: To the policy's survey questions, in their order.
    """

    satisfied: bool | None
    score: Score | None = None
    words: Text | None = None
    goodwill: Text | None = None
    answers: tuple[Score, ...] = ()
    channel: Later[Channel | None] = None


@dataclass(frozen=True, kw_only=True)
class Attempt(Form):
    """A call that nobody answered."""

    channel: Channel


@dataclass(frozen=True, kw_only=True)
class SecondCall(Form):
    """What the customer said some days after closing: whether it is still settled."""

    still_settled: bool
    words: Text


@dataclass(frozen=True, kw_only=True)
class ContactAfterClosing(Form):
    """What the customer said when contacted after closing. `contact` is a term of the policy, such as `win_back`."""

    contact: Identifier
    still_settled: bool
    words: Text
    gesture: Text | None = None
