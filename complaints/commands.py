"""What the doors ask for, in the imperative. A command is a form with a name; the envelope says who and when."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import Discriminator

from complaints import forms
from complaints.later import Later
from complaints.lifecycle import Act
from complaints.vocabulary import Actor, Identifier, Instant, PolicyText

# --- intake


@dataclass(frozen=True, kw_only=True)
class Register(forms.Registration):
    """Take a complaint in. Its `received_at` may lie in the past (a letter, an outage of the source)."""

    type: Literal["Register"] = "Register"


@dataclass(frozen=True, kw_only=True)
class RecordFirstContact(forms.FirstContact):
    """Record the first contact; all four steps must have been done."""

    type: Literal["RecordFirstContact"] = "RecordFirstContact"


@dataclass(frozen=True, kw_only=True)
class Classify(forms.Classification):
    """Give the complaint its category and severity."""

    type: Literal["Classify"] = "Classify"


@dataclass(frozen=True, kw_only=True)
class Assign(forms.Assignment):
    """Name the department and the person who answer for it."""

    type: Literal["Assign"] = "Assign"


@dataclass(frozen=True, kw_only=True)
class ResolveAtFirstContact(forms.Remedy):
    """Settle it on the spot, within the desk's authority (green channel)."""

    type: Literal["ResolveAtFirstContact"] = "ResolveAtFirstContact"


@dataclass(frozen=True, kw_only=True)
class Decline(forms.ToldReason):
    """Turn the complaint down; the customer has to be told why."""

    type: Literal["Decline"] = "Decline"


@dataclass(frozen=True, kw_only=True)
class Transfer(forms.Handover):
    """Hand it to another organisation; the customer has to be told."""

    type: Literal["Transfer"] = "Transfer"


@dataclass(frozen=True, kw_only=True)
class LinkDuplicate(forms.Duplicate):
    """Fold it into the complaint that is already being handled."""

    type: Literal["LinkDuplicate"] = "LinkDuplicate"


@dataclass(frozen=True, kw_only=True)
class FillForm(forms.FormValues):
    """Fill in the customer-opinion form, together with the customer."""

    type: Literal["FillForm"] = "FillForm"


@dataclass(frozen=True, kw_only=True)
class Accept(forms.Acceptance):
    """Take a report up, where every report is judged first."""

    type: Literal["Accept"] = "Accept"


@dataclass(frozen=True, kw_only=True)
class RecordInterests(forms.Interests):
    """Write down apart what they ask and what they need."""

    type: Literal["RecordInterests"] = "RecordInterests"


# --- investigation


@dataclass(frozen=True, kw_only=True)
class RequestVerification(forms.VerificationRequest):
    """Ask another department; its answer has a clock."""

    type: Literal["RequestVerification"] = "RequestVerification"


@dataclass(frozen=True, kw_only=True)
class AnswerVerification(forms.VerificationAnswer):
    """Answer such a question."""

    type: Literal["AnswerVerification"] = "AnswerVerification"


@dataclass(frozen=True, kw_only=True)
class RecordFindings(forms.Findings):
    """Conclude the investigation."""

    type: Literal["RecordFindings"] = "RecordFindings"


@dataclass(frozen=True, kw_only=True)
class DisputeLiability(forms.Reason):
    """Contest the finding on who is liable."""

    type: Literal["DisputeLiability"] = "DisputeLiability"


@dataclass(frozen=True, kw_only=True)
class JudgeLiability(forms.Judgement):
    """Decide a disputed liability, and dispatch what follows from it.

    Attributes:
        work_orders: Each becomes an action with its own clock, before anything is agreed with the customer.
    """

    work_orders: Later[tuple[forms.ActionPlan, ...]] = ()
    type: Literal["JudgeLiability"] = "JudgeLiability"


# --- solution


@dataclass(frozen=True, kw_only=True)
class PrepareOption(forms.OptionDraft):
    """Prepare a way to settle it, before it is needed."""

    type: Literal["PrepareOption"] = "PrepareOption"


@dataclass(frozen=True, kw_only=True)
class OfferOption(forms.Offer):
    """Put an option to the customer."""

    type: Literal["OfferOption"] = "OfferOption"


@dataclass(frozen=True, kw_only=True)
class AcceptOption(forms.OptionChoice):
    """The customer agrees."""

    type: Literal["AcceptOption"] = "AcceptOption"


@dataclass(frozen=True, kw_only=True)
class RejectOption(forms.OptionRejection):
    """The customer says no."""

    type: Literal["RejectOption"] = "RejectOption"


@dataclass(frozen=True, kw_only=True)
class CounterOffer(forms.CounterPosition):
    """The customer asks for something else."""

    type: Literal["CounterOffer"] = "CounterOffer"


@dataclass(frozen=True, kw_only=True)
class RequestApproval(forms.OptionChoice):
    """Ask for compensation above one's own authority."""

    type: Literal["RequestApproval"] = "RequestApproval"


@dataclass(frozen=True, kw_only=True)
class Approve(forms.OptionChoice):
    """Grant it."""

    type: Literal["Approve"] = "Approve"


@dataclass(frozen=True, kw_only=True)
class RefuseApproval(forms.OptionRejection):
    """Refuse it."""

    type: Literal["RefuseApproval"] = "RefuseApproval"


@dataclass(frozen=True, kw_only=True)
class Mediate(forms.Mediation):
    """Mediate between customer and department."""

    type: Literal["Mediate"] = "Mediate"


@dataclass(frozen=True, kw_only=True)
class AdmitUnsolvable(forms.ToldReason):
    """Say early that it cannot be solved, and why."""

    type: Literal["AdmitUnsolvable"] = "AdmitUnsolvable"


@dataclass(frozen=True, kw_only=True)
class SetExpectations(forms.Expectations):
    """Say what cannot be had, before options are shown."""

    type: Literal["SetExpectations"] = "SetExpectations"


@dataclass(frozen=True, kw_only=True)
class Decide(forms.Decision):
    """Decide without the customer's consent, where that is the organisation's office."""

    type: Literal["Decide"] = "Decide"


# --- execution


@dataclass(frozen=True, kw_only=True)
class PlanAction(forms.ActionPlan):
    """Turn what was agreed into something somebody does by a date."""

    type: Literal["PlanAction"] = "PlanAction"


@dataclass(frozen=True, kw_only=True)
class CompleteAction(forms.Completion):
    """Prove that it was done."""

    type: Literal["CompleteAction"] = "CompleteAction"


@dataclass(frozen=True, kw_only=True)
class MakePromise(forms.PromiseDraft):
    """Promise the customer something by a date; every promise is a clock."""

    type: Literal["MakePromise"] = "MakePromise"


@dataclass(frozen=True, kw_only=True)
class KeepPromise(forms.PromiseKeeping):
    """Prove that a promise was kept."""

    type: Literal["KeepPromise"] = "KeepPromise"


@dataclass(frozen=True, kw_only=True)
class GiveGoodwill(forms.Goodwill):
    """Give something beyond what was agreed."""

    type: Literal["GiveGoodwill"] = "GiveGoodwill"


# --- any open stage


@dataclass(frozen=True, kw_only=True)
class GiveFeedback(forms.Feedback):
    """Tell the customer how it goes."""

    type: Literal["GiveFeedback"] = "GiveFeedback"


@dataclass(frozen=True, kw_only=True)
class AcknowledgeReceipt(forms.Receipt):
    """Record that the customer was told that we have the complaint, and by when they are answered."""

    type: Literal["AcknowledgeReceipt"] = "AcknowledgeReceipt"


@dataclass(frozen=True, kw_only=True)
class StopFeedback(forms.Reason):
    """Leave the customer in peace, as they asked; no more daily news."""

    type: Literal["StopFeedback"] = "StopFeedback"


@dataclass(frozen=True, kw_only=True)
class ResumeFeedback(forms.Reason):
    """Tell the customer every day again."""

    type: Literal["ResumeFeedback"] = "ResumeFeedback"


@dataclass(frozen=True, kw_only=True)
class AwaitCustomer(forms.Awaiting):
    """Wait for an answer; the clocks that may pause stand still."""

    type: Literal["AwaitCustomer"] = "AwaitCustomer"


@dataclass(frozen=True, kw_only=True)
class CustomerReplied(forms.Reply):
    """The answer is there; the clocks go on."""

    type: Literal["CustomerReplied"] = "CustomerReplied"


@dataclass(frozen=True, kw_only=True)
class Reassign(forms.Reassignment):
    """Let somebody else answer for it."""

    type: Literal["Reassign"] = "Reassign"


@dataclass(frozen=True, kw_only=True)
class ChangeSeverity(forms.SeverityChange):
    """Raise or lower what is at stake."""

    type: Literal["ChangeSeverity"] = "ChangeSeverity"


@dataclass(frozen=True, kw_only=True)
class Escalate(forms.Reason):
    """Raise it to the customer service department by hand."""

    type: Literal["Escalate"] = "Escalate"


@dataclass(frozen=True, kw_only=True)
class AcknowledgeEscalation(forms.EscalationChoice):
    """Say: I have it."""

    type: Literal["AcknowledgeEscalation"] = "AcknowledgeEscalation"


@dataclass(frozen=True, kw_only=True)
class ResolveEscalation(forms.EscalationResolution):
    """Say what was done about it."""

    type: Literal["ResolveEscalation"] = "ResolveEscalation"


@dataclass(frozen=True, kw_only=True)
class ReassignEscalation(forms.EscalationHandover):
    """Let somebody else of the same rank take it up."""

    type: Literal["ReassignEscalation"] = "ReassignEscalation"


@dataclass(frozen=True, kw_only=True)
class DeclineEscalation(forms.EscalationRefusal):
    """Say that it is not yours; it climbs at once."""

    type: Literal["DeclineEscalation"] = "DeclineEscalation"


@dataclass(frozen=True, kw_only=True)
class SummonDepartments(forms.JointSummons):
    """Call departments together; each has to send somebody."""

    type: Literal["SummonDepartments"] = "SummonDepartments"


@dataclass(frozen=True, kw_only=True)
class SendSomeone(forms.Attendance):
    """Say whom a department that was summoned sends."""

    type: Literal["SendSomeone"] = "SendSomeone"


@dataclass(frozen=True, kw_only=True)
class DeclareEmergency(forms.EmergencyReport):
    """Raise a danger on site at once."""

    type: Literal["DeclareEmergency"] = "DeclareEmergency"


@dataclass(frozen=True, kw_only=True)
class AttendEmergency(forms.OnSite):
    """Record that somebody is on site, and what they found."""

    type: Literal["AttendEmergency"] = "AttendEmergency"


@dataclass(frozen=True, kw_only=True)
class CallForSupport(forms.SupportCall):
    """Call the lead or a colleague for help."""

    type: Literal["CallForSupport"] = "CallForSupport"


@dataclass(frozen=True, kw_only=True)
class ConvertNature(forms.Reason):
    """Take a communicative complaint for a valid one, since it was handled badly."""

    type: Literal["ConvertNature"] = "ConvertNature"


@dataclass(frozen=True, kw_only=True)
class Recuse(forms.Recusal):
    """Keep somebody out who is named in it, or in conflict."""

    type: Literal["Recuse"] = "Recuse"


@dataclass(frozen=True, kw_only=True)
class MigratePolicy(forms.Migration):
    """Let the complaint go on under another policy; what was missed stays missed.

    Attributes:
        policy: The text of the resolved policy, as `redress policy show --json` prints it.
    """

    policy: PolicyText
    type: Literal["MigratePolicy"] = "MigratePolicy"


@dataclass(frozen=True, kw_only=True)
class GrantExtension(forms.Extension):
    """Give one clock more time, before it runs out."""

    type: Literal["GrantExtension"] = "GrantExtension"


@dataclass(frozen=True, kw_only=True)
class RaiseImprovement(forms.ImprovementPlan):
    """Say what has to change, whoever complains next; it becomes a matter of its own."""

    type: Literal["RaiseImprovement"] = "RaiseImprovement"


@dataclass(frozen=True, kw_only=True)
class JoinIncident(forms.Membership):
    """Say that it is one of the many complaints of a mass incident, and answered with them."""

    type: Literal["JoinIncident"] = "JoinIncident"


@dataclass(frozen=True, kw_only=True)
class AddNote(forms.Note):
    """Put a remark on file."""

    type: Literal["AddNote"] = "AddNote"


@dataclass(frozen=True, kw_only=True)
class Withdraw(forms.Reason):
    """The customer no longer pursues it."""

    type: Literal["Withdraw"] = "Withdraw"


# --- follow-up


@dataclass(frozen=True, kw_only=True)
class RecordFollowUp(forms.FollowUp):
    """Record what the customer said after execution."""

    type: Literal["RecordFollowUp"] = "RecordFollowUp"


@dataclass(frozen=True, kw_only=True)
class RecordAttempt(forms.Attempt):
    """Record that the customer was called and nobody answered."""

    type: Literal["RecordAttempt"] = "RecordAttempt"


@dataclass(frozen=True, kw_only=True)
class RecordSecondCall(forms.SecondCall):
    """Record the call some days after closing; what no longer works is taken up again."""

    type: Literal["RecordSecondCall"] = "RecordSecondCall"


@dataclass(frozen=True, kw_only=True)
class RecordAfterClosing(forms.ContactAfterClosing):
    """Record a contact after closing; what no longer holds is taken up again."""

    type: Literal["RecordAfterClosing"] = "RecordAfterClosing"


@dataclass(frozen=True, kw_only=True)
class Reopen(forms.Reason):
    """Take a closed complaint up again, within the appeal window."""

    type: Literal["Reopen"] = "Reopen"


# --- files


@dataclass(frozen=True, kw_only=True)
class AttachFile(forms.AttachedFile):
    """Put a file on the complaint, whose bytes are stored already. Doors that take files in send this themselves."""

    type: Literal["AttachFile"] = "AttachFile"


@dataclass(frozen=True, kw_only=True)
class RemoveFile(forms.FileRemoval):
    """Take a file away: its bytes are deleted, what was written down of it stays."""

    type: Literal["RemoveFile"] = "RemoveFile"


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
    Discriminator("type"),
]

COMMANDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(get_args(Command)[0])}
"""All commands by their wire name, in the order of a complaint's life."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A command on its way in.

    Attributes:
        id: The sender's idempotency key; the same id never acts twice.
        actor: Who asks for it.
        received_at: When it reached our door, in UTC. Duties are met or missed by this instant.
        expected_seq: The event that must still be the last one, for somebody who acts on what they saw.
    """

    id: Identifier
    actor: Actor
    received_at: Instant
    command: Command
    expected_seq: Later[int | None] = None


def act_of(command: Command) -> Act:
    """Name the row of the lifecycle table that a command asks for."""
    if isinstance(command, RecordFollowUp):
        return Act.REPORT_DISSATISFACTION if command.satisfied is False else Act.CONFIRM_SATISFACTION
    return _ACTS[type(command)]


def acts_of(kind: type[Any]) -> tuple[Act, ...]:
    """Name the rows that a kind of command may ask for."""
    if kind is RecordFollowUp:
        return Act.CONFIRM_SATISFACTION, Act.REPORT_DISSATISFACTION
    return (_ACTS[kind],)


_ACTS: dict[type[Any], Act] = {
    command: Act[name]
    for name, command in (
        ("".join(f"_{c}" if c.isupper() else c.upper() for c in key).lstrip("_"), kind)
        for key, kind in COMMANDS.items()
    )
    if command is not RecordFollowUp
}
