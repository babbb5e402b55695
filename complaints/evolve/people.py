"""How state changes by what people did. A pause belongs to the complaint, not to a clock."""

from __future__ import annotations

from typing import Any

from complaints import consequences, facts, forms
from complaints.copies import replace
from complaints.events import Event
from complaints.evolve.change import Change, altered, with_item
from complaints.records import (
    ActionItem,
    Approval,
    ApprovalStatus,
    FeedbackEntry,
    FollowUpEntry,
    GoodwillEntry,
    Option,
    OptionStatus,
    Pause,
    Promise,
    Verification,
)
from complaints.state import State


def _registered(state: State, _: Event, fact: facts.Registered) -> State:
    registration = forms.refill(forms.Registration, fact)
    return replace(
        state,
        registration=registration,
        category=fact.category,
        received_at=fact.received_at,
        recused=registration.named,
        details=registration.details,
    )


def _form_filled(state: State, _: Event, fact: facts.FormFilled) -> State:
    return replace(state, details={**state.details, **fact.details})


def _accepted(state: State, _: Event, fact: facts.Accepted) -> State:
    return replace(state, accepted=forms.refill(forms.Acceptance, fact))


def _interests(state: State, _: Event, fact: facts.InterestsRecorded) -> State:
    return replace(state, interests=forms.refill(forms.Interests, fact))


def _expectations(state: State, _: Event, fact: facts.ExpectationsSet) -> State:
    return replace(state, expectations=forms.refill(forms.Expectations, fact))


def _decided(state: State, _: Event, fact: facts.Decided) -> State:
    return replace(state, decision=forms.refill(forms.Decision, fact))


def _goodwill(state: State, event: Event, fact: facts.GoodwillGiven) -> State:
    entry = GoodwillEntry(
        cycle=state.cycle,
        form=forms.refill(forms.Goodwill, fact),
        given_by=event.actor.id,
        given_at=event.occurred_at,
    )
    return replace(state, goodwill=(*state.goodwill, entry))


def _first_contact(state: State, _: Event, fact: facts.FirstContactRecorded) -> State:
    return replace(state, first_contact=forms.refill(forms.FirstContact, fact))


def _classified(state: State, _: Event, fact: facts.Classified) -> State:
    form = forms.refill(forms.Classification, fact)
    return replace(
        state,
        classification=form,
        category=form.category,
        severity=form.severity,
        difficult=state.difficult or form.difficult,
    )


def _difficulty_recognised(state: State, _: Event, __: consequences.DifficultyRecognised) -> State:
    return replace(state, difficult=True)


def _first_responsible(state: State, _: Event, fact: consequences.FirstResponsibleNamed) -> State:
    return replace(state, first_responsible=fact.department)


def _nature_converted(state: State, event: Event, _: consequences.NatureConverted) -> State:
    return replace(state, converted_at=event.occurred_at)


def _assigned(state: State, _: Event, fact: facts.Assigned | facts.Reassigned) -> State:
    return replace(state, department=fact.department, handler=fact.handler)


def _resolved_at_first_contact(state: State, _: Event, fact: facts.ResolvedAtFirstContact) -> State:
    return replace(state, remedy=forms.refill(forms.Remedy, fact))


def _severity_changed(
    state: State, _: Event, fact: facts.SeverityChanged | consequences.SeverityScored
) -> State:
    return replace(state, severity=fact.severity)


def _verification_requested(state: State, event: Event, fact: facts.VerificationRequested) -> State:
    asked = Verification(
        id=fact.verification,
        department=fact.department,
        question=fact.question,
        asked_by=event.actor.id,
        asked_at=event.occurred_at,
    )
    return replace(state, verifications=with_item(state.verifications, asked.id, asked))


def _verification_answered(state: State, event: Event, fact: facts.VerificationAnswered) -> State:
    answered = {"answer": fact.answer, "answered_by": event.actor.id, "answered_at": event.occurred_at}
    return replace(state, verifications=altered(state.verifications, fact.verification, **answered))


def _findings(state: State, _: Event, fact: facts.FindingsRecorded) -> State:
    return replace(state, findings=forms.refill(forms.Findings, fact))


def _liability_disputed(state: State, _: Event, fact: facts.LiabilityDisputed) -> State:
    return replace(state, disputed=fact.reason)


def _liability_judged(state: State, _: Event, fact: facts.LiabilityJudged) -> State:
    assert state.findings is not None  # only a finding can be disputed
    findings = replace(state.findings, responsible_department=fact.responsible_department)
    return replace(state, findings=findings, disputed=None)


def _option_prepared(state: State, event: Event, fact: facts.OptionPrepared) -> State:
    draft = forms.refill(forms.OptionDraft, fact)
    option = Option(
        id=fact.option, cycle=state.cycle, round=state.round, draft=draft, prepared_by=event.actor.id
    )
    return replace(state, options=with_item(state.options, option.id, option))


def _option_offered(state: State, _: Event, fact: facts.OptionOffered) -> State:
    offered = {"status": OptionStatus.OFFERED, "valid_until": fact.valid_until}
    return replace(state, options=altered(state.options, fact.option, **offered))


def _option_accepted(state: State, _: Event, fact: facts.OptionAccepted) -> State:
    return replace(state, options=altered(state.options, fact.option, status=OptionStatus.ACCEPTED))


def _option_rejected(state: State, _: Event, fact: facts.OptionRejected) -> State:
    rejected = {"status": OptionStatus.REJECTED, "reason": fact.reason}
    options = altered(state.options, fact.option, **rejected)
    return replace(state, options=options, rejections=state.rejections + 1)


def _counter_offered(state: State, _: Event, fact: facts.CounterOffered) -> State:
    rejected = {"status": OptionStatus.REJECTED, "reason": fact.position}
    options = altered(state.options, fact.option, **rejected)
    return replace(state, options=options, rejections=state.rejections + 1)


def _approval_requested(state: State, event: Event, fact: facts.ApprovalRequested) -> State:
    asked = Approval(
        id=fact.approval,
        option=fact.option,
        level=fact.level,
        requested_by=event.actor.id,
        requested_at=event.occurred_at,
    )
    return replace(state, approvals=with_item(state.approvals, asked.id, asked))


def _approval_decided(state: State, event: Event, fact: facts.Approved | facts.ApprovalRefused) -> State:
    refused = isinstance(fact, facts.ApprovalRefused)
    decided = {
        "status": ApprovalStatus.REFUSED if refused else ApprovalStatus.APPROVED,
        "decided_by": event.actor.id,
        "decided_at": event.occurred_at,
        "reason": fact.reason if isinstance(fact, facts.ApprovalRefused) else None,
    }
    return replace(state, approvals=altered(state.approvals, fact.approval, **decided))


def _mediated(state: State, _: Event, __: facts.Mediated) -> State:
    return replace(state, mediations=state.mediations + 1)


def _action_planned(state: State, _: Event, fact: facts.ActionPlanned) -> State:
    plan = forms.refill(forms.ActionPlan, fact)
    action = ActionItem(id=fact.action, cycle=state.cycle, round=state.round, plan=plan)
    return replace(state, actions=with_item(state.actions, action.id, action))


def _action_completed(state: State, event: Event, fact: facts.ActionCompleted) -> State:
    completed = {"completed_at": event.occurred_at, "evidence": fact.evidence}
    return replace(state, actions=altered(state.actions, fact.action, **completed))


def _promise_made(state: State, event: Event, fact: facts.PromiseMade) -> State:
    promise = Promise(
        id=fact.promise, what=fact.what, due_at=fact.due_at, made_by=event.actor.id, made_at=event.occurred_at
    )
    return replace(state, promises=with_item(state.promises, promise.id, promise))


def _promise_kept(state: State, event: Event, fact: facts.PromiseKept) -> State:
    kept = {"kept_at": event.occurred_at, "evidence": fact.evidence}
    return replace(state, promises=altered(state.promises, fact.promise, **kept))


def _feedback_given(state: State, event: Event, fact: facts.FeedbackGiven) -> State:
    entry = FeedbackEntry(
        id=fact.feedback,
        form=forms.refill(forms.Feedback, fact),
        given_by=event.actor.id,
        given_at=event.occurred_at,
    )
    told = with_item(state.feedback, entry.id, entry)
    return replace(state, feedback=told, answered=state.answered or entry.form.answer)


def _acknowledged(state: State, _: Event, __: facts.ReceiptAcknowledged) -> State:
    return replace(state, acknowledged=True)


def _feedback_stopped(state: State, _: Event, __: facts.FeedbackStopped) -> State:
    return replace(state, feedback_stopped=True)


def _feedback_resumed(state: State, _: Event, __: facts.FeedbackResumed) -> State:
    return replace(state, feedback_stopped=False)


def _follow_up(state: State, event: Event, fact: facts.FollowUpRecorded) -> State:
    entry = FollowUpEntry(
        cycle=state.cycle,
        round=state.round,
        form=forms.refill(forms.FollowUp, fact),
        asked_by=event.actor.id,
        asked_at=event.occurred_at,
    )
    return replace(state, follow_ups=(*state.follow_ups, entry))


def _attempt(state: State, _: Event, __: facts.AttemptRecorded) -> State:
    return replace(state, attempts=state.attempts + 1)


def _recused(state: State, _: Event, fact: facts.Recused) -> State:
    return replace(state, recused=(*state.recused, fact.person))


def _customer_awaited(state: State, event: Event, fact: facts.CustomerAwaited) -> State:
    return replace(state, pause=Pause(owner=fact.owner, what=fact.what, since=event.occurred_at))


def _customer_replied(state: State, _: Event, __: facts.CustomerReplied) -> State:
    return replace(state, pause=None)


CHANGES: dict[type[Any], Change] = {
    facts.Registered: _registered,
    facts.FormFilled: _form_filled,
    facts.Accepted: _accepted,
    facts.InterestsRecorded: _interests,
    facts.ExpectationsSet: _expectations,
    facts.Decided: _decided,
    facts.GoodwillGiven: _goodwill,
    facts.FirstContactRecorded: _first_contact,
    facts.Classified: _classified,
    facts.Assigned: _assigned,
    facts.Reassigned: _assigned,
    facts.ResolvedAtFirstContact: _resolved_at_first_contact,
    facts.SeverityChanged: _severity_changed,
    consequences.SeverityScored: _severity_changed,
    consequences.DifficultyRecognised: _difficulty_recognised,
    consequences.FirstResponsibleNamed: _first_responsible,
    consequences.NatureConverted: _nature_converted,
    facts.VerificationRequested: _verification_requested,
    facts.VerificationAnswered: _verification_answered,
    facts.FindingsRecorded: _findings,
    facts.LiabilityDisputed: _liability_disputed,
    facts.LiabilityJudged: _liability_judged,
    facts.OptionPrepared: _option_prepared,
    facts.OptionOffered: _option_offered,
    facts.OptionAccepted: _option_accepted,
    facts.OptionRejected: _option_rejected,
    facts.CounterOffered: _counter_offered,
    facts.ApprovalRequested: _approval_requested,
    facts.Approved: _approval_decided,
    facts.ApprovalRefused: _approval_decided,
    facts.Mediated: _mediated,
    facts.ActionPlanned: _action_planned,
    facts.ActionCompleted: _action_completed,
    facts.PromiseMade: _promise_made,
    facts.PromiseKept: _promise_kept,
    facts.FeedbackGiven: _feedback_given,
    facts.ReceiptAcknowledged: _acknowledged,
    facts.FeedbackStopped: _feedback_stopped,
    facts.FeedbackResumed: _feedback_resumed,
    facts.FollowUpRecorded: _follow_up,
    facts.AttemptRecorded: _attempt,
    facts.Recused: _recused,
    facts.CustomerAwaited: _customer_awaited,
    facts.CustomerReplied: _customer_replied,
}
