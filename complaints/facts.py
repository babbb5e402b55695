"""What people did, in the past tense. Each is the form that they filled in, and what it was given on the way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from complaints import forms
from complaints.vocabulary import Role


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
class FormFilled(forms.FormValues):
    """The form was filled in, with the customer."""

    type: Literal["FormFilled"] = "FormFilled"


@dataclass(frozen=True, kw_only=True)
class Accepted(forms.Acceptance):
    """The report was taken up."""

    type: Literal["Accepted"] = "Accepted"


@dataclass(frozen=True, kw_only=True)
class InterestsRecorded(forms.Interests):
    """Position and interest were written down apart."""

    type: Literal["InterestsRecorded"] = "InterestsRecorded"


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
class ExpectationsSet(forms.Expectations):
    """The customer was told what cannot be had."""

    type: Literal["ExpectationsSet"] = "ExpectationsSet"


@dataclass(frozen=True, kw_only=True)
class Decided(forms.Decision):
    """The organisation decided by its office."""

    type: Literal["Decided"] = "Decided"


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
class GoodwillGiven(forms.Goodwill):
    """Something beyond what was agreed was given."""

    type: Literal["GoodwillGiven"] = "GoodwillGiven"


@dataclass(frozen=True, kw_only=True)
class FeedbackGiven(forms.Feedback):
    """The customer was told how it goes."""

    feedback: str
    type: Literal["FeedbackGiven"] = "FeedbackGiven"


@dataclass(frozen=True, kw_only=True)
class ReceiptAcknowledged(forms.Receipt):
    """The customer was told that we have the complaint."""

    type: Literal["ReceiptAcknowledged"] = "ReceiptAcknowledged"


@dataclass(frozen=True, kw_only=True)
class FeedbackStopped(forms.Reason):
    """The customer asked to be left in peace."""

    type: Literal["FeedbackStopped"] = "FeedbackStopped"


@dataclass(frozen=True, kw_only=True)
class FeedbackResumed(forms.Reason):
    """The customer is told every day again."""

    type: Literal["FeedbackResumed"] = "FeedbackResumed"


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
class DepartmentsSummoned(forms.JointSummons):
    """Departments were called together. `summons` are the ids of the calls, in the order of the departments."""

    summons: tuple[str, ...]
    type: Literal["DepartmentsSummoned"] = "DepartmentsSummoned"


@dataclass(frozen=True, kw_only=True)
class SomeoneSent(forms.Attendance):
    """A department that was called has sent somebody."""

    type: Literal["SomeoneSent"] = "SomeoneSent"


@dataclass(frozen=True, kw_only=True)
class EmergencyDeclared(forms.EmergencyReport):
    """Somebody saw a danger; `escalation` tells of it."""

    emergency: str
    escalation: str
    type: Literal["EmergencyDeclared"] = "EmergencyDeclared"


@dataclass(frozen=True, kw_only=True)
class EmergencyAttended(forms.OnSite):
    """Somebody was on site."""

    type: Literal["EmergencyAttended"] = "EmergencyAttended"


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
class ImprovementRaised(forms.ImprovementPlan):
    """Something has to change."""

    improvement: str
    type: Literal["ImprovementRaised"] = "ImprovementRaised"


@dataclass(frozen=True, kw_only=True)
class IncidentJoined(forms.Membership):
    """It is one of many."""

    type: Literal["IncidentJoined"] = "IncidentJoined"


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
class AfterClosingRecorded(forms.ContactAfterClosing):
    """The customer was contacted after closing."""

    type: Literal["AfterClosingRecorded"] = "AfterClosingRecorded"


@dataclass(frozen=True, kw_only=True)
class Reopened(forms.Reason):
    """A closed complaint was taken up again."""

    type: Literal["Reopened"] = "Reopened"


@dataclass(frozen=True, kw_only=True)
class FileAttached(forms.AttachedFile):
    """A file was put on the complaint."""

    type: Literal["FileAttached"] = "FileAttached"


@dataclass(frozen=True, kw_only=True)
class FileRemoved(forms.FileRemoval):
    """A file was taken away again."""

    type: Literal["FileRemoved"] = "FileRemoved"
