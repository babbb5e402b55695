"""What happened, in words: one sentence for every kind of event."""

from __future__ import annotations

from dataclasses import fields
from datetime import datetime
from typing import Any

from cli.printing import moment, words
from complaints import scoring
from complaints.consequences import DifficultyRecognised, NatureConverted, SeverityScored
from complaints.events import Event
from complaints.forms import Names, SummonedDepartment
from complaints.policy import Policy
from complaints.privacy import WITHHELD, private_fields
from complaints.records import Addressee
from complaints.vocabulary import ENGINE, Actor, Money
from complaints.working_time import Zone

SENTENCES = {
    "Registered": "registered from {source} by {channel}{imported_from}: {description}",
    "FirstContactRecorded": "heard the customer; restated, confirmed, understanding shown (intensity {emotional_intensity}/5)",
    "Classified": "classified as {category}, {severity}; justified: {justified}",
    "Assigned": "assigned to {handler} of {department}",
    "ResolvedAtFirstContact": "settled on the spot, by {kind}{money}: {what}",
    "Declined": "declined, and told so: {reason}",
    "Transferred": "transferred to {to}, and told so",
    "DuplicateLinked": "folded into {of}",
    "FormFilled": "form filled in: {details}",
    "Accepted": "report accepted: {grounds}",
    "InterestsRecorded": "asks: {asks}; needs: {needs}",
    "VerificationRequested": "{verification}: asked {department}: {question}",
    "VerificationAnswered": "{verification} answered: {answer}",
    "FindingsRecorded": "found: {root_cause} (justified: {justified}; responsible: {responsible_department})",
    "LiabilityDisputed": "liability disputed: {reason}",
    "LiabilityJudged": "liability judged, {responsible_department} is responsible: {reason}",
    "OptionPrepared": "option {option} prepared{money}: {what}; it rests on: {standard}",
    "OptionOffered": "option {option} offered to the customer, until {valid_until}",
    "OptionAccepted": "option {option} accepted by the customer",
    "OptionRejected": "option {option} rejected by the customer: {reason}",
    "CounterOffered": "option {option} countered; asks: {position}; needs: {interest}",
    "ApprovalRequested": "{approval}: {level} asked to approve option {option}",
    "Approved": "{approval}: option {option} approved",
    "ApprovalRefused": "{approval}: option {option} refused: {reason}",
    "Mediated": "mediated: {summary}",
    "UnsolvableAdmitted": "admitted that it cannot be solved: {reason}",
    "ExpectationsSet": "told the customer by {channel} what cannot be had: {said}",
    "Decided": "decided: {what}; it rests on: {standard}",
    "ActionPlanned": "action {action} for {owner}, due {due_at}: {what}",
    "ActionCompleted": "action {action} completed: {evidence}",
    "PromiseMade": "promise {promise} made, due {due_at}: {what}",
    "PromiseKept": "promise {promise} kept: {evidence}",
    "GoodwillGiven": "goodwill: {what}{money}",
    "FeedbackGiven": "told the customer by {channel}: {message}",
    "ReceiptAcknowledged": "told the customer by {channel} that we have it; deadlines stated: {states_deadlines}",
    "FeedbackStopped": "no more daily news: {reason}",
    "FeedbackResumed": "daily news again: {reason}",
    "CustomerAwaited": "waiting for {owner}, clocks stand still: {what}",
    "CustomerReplied": "an answer came, clocks go on: {message}",
    "Reassigned": "reassigned to {handler} of {department}: {reason}",
    "SeverityChanged": "severity now {severity}: {reason}",
    "SeverityScored": "severity now {severity}, by {points} points: {reasons}",
    "DifficultyRecognised": "recognised as difficult: {reasons}",
    "FirstResponsibleNamed": "{department} is first responsible",
    "HazardSuspected": "hints at a hazard: {hazard}",
    "NatureConverted": "a valid complaint from now on: {converted_by}",
    "EscalationAcknowledged": "escalation {escalation} acknowledged",
    "EscalationReassigned": "escalation {escalation} handed to {person_of}{department}: {reason}",
    "EscalationDeclined": "escalation {escalation} declined: {reason}",
    "DepartmentsSummoned": "{summons}: summoned {departments}: {what}",
    "SomeoneSent": "{summons}: sent {person}{in_person}",
    "EmergencyDeclared": "EMERGENCY {emergency} ({hazard}): {what}",
    "EmergencyAttended": "{emergency} attended; made safe: {made_safe}; {found}",
    "Recused": "{person} is kept out: {reason}",
    "PolicyMigrated": "goes on under policy {policy_name} {policy_version}, approved by {approver}: {reason}",
    "EscalationResolved": "escalation {escalation} resolved: {resolution}",
    "ExtensionGranted": "{clock} extended to {until}: {reason}",
    "ImprovementRaised": "{improvement} raised for {department}, due {due_at}: {what}",
    "ImprovementOpened": "{improvement} goes on as {matter}",
    "IncidentJoined": "one of the complaints of {incident}",
    "NoteAdded": "noted: {text}",
    "Withdrawn": "withdrawn by the customer: {reason}",
    "FollowUpRecorded": "followed up; satisfied: {satisfied}, score: {score}; {words}",
    "AttemptRecorded": "called by {channel}, nobody answered",
    "SecondCallRecorded": "called again; still settled: {still_settled}; {words}",
    "AfterClosingRecorded": "contacted after closing ({contact}); still settled: {still_settled}; {words}",
    "Reopened": "reopened: {reason}",
    "StageEntered": "→ {stage}{outcome_after}",
    "ClockStarted": "clock {clock} started, due {due_at}",
    "ClockPaused": "clock {clock} stands still",
    "ClockMoved": "clock {clock} ({why}): due {due_at} instead of {was_due_at}",
    "RungCalled": "the time of rung {rung} of {clock} has come",
    "ClockWarned": "warning: {percent} % of the time for {clock} is used up",
    "ClockBreached": "MISSED: {clock}, due {due_at}",
    "BreachWithdrawn": "{clock} was met in time after all; only the report came late",
    "ClockSettled": "clock {clock} settled: {verdict}",
    "EscalationOpened": "ESCALATION {escalation} to {audience} ({cause})",
    "EscalationClimbed": "ESCALATION {escalation} climbs to {audience}",
    "NoticeQueued": "notice to {recipient}: {kind} {clock}",
    "NoticeRouted": "notice {notice} goes to {people}: {why}",
    "NoticeDeferred": "notice {notice} waits for the end of quiet hours, {not_before}",
    "NoticeWithdrawn": "notice {notice} was not sent: the matter is settled",
    "NoticeDelivered": "notice delivered ({channel}): {notice}",
    "NoticeFailed": "NOTICE NOT DELIVERED ({channel}): {notice}: {reason}",
}

PLUMBING = frozenset(
    {
        "ClockStarted",
        "ClockSettled",
        "ClockPaused",
        "RungCalled",
        "NoticeQueued",
        "NoticeRouted",
        "NoticeDeferred",
        "NoticeWithdrawn",
        "NoticeDelivered",
    }
)
"""What people see elsewhere on the page, or do not need to see."""


def sentence(event: Event, zone: Zone | None, *, policy: Policy | None = None, private: bool = False) -> str:
    """Say what an event is about; with `private` the customer and all free text stay out.

    Args:
        policy: Whose words name its rules; without one, their paths do.
    """
    fact = event.fact
    values = {
        f.name: WITHHELD if private and f.name in private_fields() else _shown(getattr(fact, f.name), zone)
        for f in fields(fact)
    }
    worth = next((name for name in ("compensation", "cost") if getattr(fact, name, None)), None)
    values["money"] = f" ({values[worth]})" if worth else ""
    imported = getattr(fact, "imported", None)
    values["imported_from"] = f" (imported from {imported.origin})" if imported else ""
    values["outcome_after"] = f" ({values['outcome']})" if getattr(fact, "outcome", None) else ""
    if policy and isinstance(fact, SeverityScored | DifficultyRecognised | NatureConverted):
        values["reasons"] = ", ".join(_reason(policy, reason) for reason in fact.reasons)
    person = getattr(fact, "person", None)
    if isinstance(fact, NatureConverted):
        values["converted_by"] = values["reasons"] if fact.reasons else values["reason"]
    values["in_person"] = ", the lead" if getattr(fact, "is_lead", False) else ""
    hazard = policy.hazards.get(getattr(fact, "hazard", None) or "") if policy else None
    if hazard:
        values["hazard"] = hazard.title.en
    values["person_of"] = f"{person} of " if person else ""
    return SENTENCES[fact.type].format_map(values)


def _reason(policy: Policy, reason: str) -> str:
    """Name a rule of the policy, which may be followed by its points."""
    path, _, points = reason.partition(" ")
    return f"{scoring.named(policy, path).en} {points}".strip()


def who(actor: Actor) -> str:
    """Name who acted."""
    if actor == ENGINE:
        return "the clock"
    return f"{actor.id} ({words(actor.role)}{f', {actor.department}' if actor.department else ''})"


def _shown(value: Any, zone: Zone | None) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "no"
        case datetime():
            return moment(value, zone)
        case Money():
            return money(value)
        case tuple():
            return ", ".join(_shown(each, zone) for each in value) or "nobody"
        case Addressee():
            return value.person
        case SummonedDepartment():
            return f"{value.department} ({words(value.part)})"
        case Names():
            return value.en
        case str():
            return words(value) if type(value) is not str else value
        case _:
            return str(value)


def money(sum_: Money) -> str:
    """Write an amount with its currency; the ledger counts in hundredths."""
    return f"{sum_.currency} {sum_.amount_minor // 100}.{sum_.amount_minor % 100:02}"
