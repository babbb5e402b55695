"""How an event changes state: the only way it ever does. Nothing is decided here, and nothing refused."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

from complaints import consequences, facts, forms
from complaints.copies import replace
from complaints.events import Event
from complaints.lifecycle import Stage
from complaints.policy import Policy
from complaints.records import (
    ActionItem,
    Adjustment,
    Approval,
    ApprovalStatus,
    Clock,
    Course,
    Escalation,
    FeedbackEntry,
    FollowUpEntry,
    Move,
    Notice,
    NoticeKind,
    NoticeStatus,
    Option,
    OptionStatus,
    Pause,
    Promise,
    Verification,
)
from complaints.state import REMEMBERED_COMMANDS, State

V = TypeVar("V")


def evolve(state: State, event: Event) -> State:
    """Return the state after an event."""
    change = _CHANGES.get(type(event.fact))
    changed = change(state, event, event.fact) if change else state
    ids = changed.command_ids
    if event.command_id is not None and event.command_id not in ids[-1:]:
        ids = (*ids, event.command_id)[-REMEMBERED_COMMANDS:]
    heard_at = state.heard_at if event.command_id is None else event.occurred_at
    return replace(changed, seq=event.seq, hash=event.hash, at=event.at, heard_at=heard_at, command_ids=ids)


def replayed(state: State, past: Iterable[Event], policies: Mapping[str, Policy] | None = None) -> State:
    """Return the state after many events.

    Args:
        policies: By fingerprint; those that the complaint was migrated to, if it was.
    """
    for event in past:
        if isinstance(event.fact, facts.PolicyMigrated) and policies is not None:
            state = replace(state, policy=policies[event.fact.policy_sha256])
        state = evolve(state, event)
    return state


def rebuilt(number: str, ledger: Sequence[Event], policies: Mapping[str, Policy]) -> State:
    """Return a complaint as its whole ledger leaves it.

    Args:
        policies: By fingerprint: every one that `pins` names.

    Raises:
        KeyError: One of them is missing.
    """
    return replayed(State(number=number, policy=policies[pins(ledger)[0]]), ledger, policies)


def pins(ledger: Sequence[Event]) -> tuple[str, ...]:
    """Name the policies that a complaint went by, in order, by fingerprint."""
    kinds = (facts.Registered, facts.PolicyMigrated)
    return tuple(event.fact.policy_sha256 for event in ledger if isinstance(event.fact, kinds))


def _set(items: Mapping[str, V], key: str, value: V) -> dict[str, V]:
    return {**items, key: value}


def _alter(items: Mapping[str, V], key: str, **changes: object) -> dict[str, V]:
    changed: V = replace(items[key], **changes)  # type: ignore[type-var]  # all records are dataclasses
    return {**items, key: changed}


# --- people


def _registered(state: State, _: Event, fact: facts.Registered) -> State:
    registration = forms.refill(forms.Registration, fact)
    return replace(
        state,
        registration=registration,
        category=fact.category,
        received_at=fact.received_at,
        recused=registration.named,
    )


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
    return replace(state, verifications=_set(state.verifications, asked.id, asked))


def _verification_answered(state: State, event: Event, fact: facts.VerificationAnswered) -> State:
    answered = {"answer": fact.answer, "answered_by": event.actor.id, "answered_at": event.occurred_at}
    return replace(state, verifications=_alter(state.verifications, fact.verification, **answered))


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
    return replace(state, options=_set(state.options, option.id, option))


def _option_offered(state: State, _: Event, fact: facts.OptionOffered) -> State:
    offered = {"status": OptionStatus.OFFERED, "valid_until": fact.valid_until}
    return replace(state, options=_alter(state.options, fact.option, **offered))


def _option_accepted(state: State, _: Event, fact: facts.OptionAccepted) -> State:
    return replace(state, options=_alter(state.options, fact.option, status=OptionStatus.ACCEPTED))


def _option_rejected(state: State, _: Event, fact: facts.OptionRejected) -> State:
    rejected = {"status": OptionStatus.REJECTED, "reason": fact.reason}
    options = _alter(state.options, fact.option, **rejected)
    return replace(state, options=options, rejections=state.rejections + 1)


def _counter_offered(state: State, _: Event, fact: facts.CounterOffered) -> State:
    rejected = {"status": OptionStatus.REJECTED, "reason": fact.position}
    options = _alter(state.options, fact.option, **rejected)
    return replace(state, options=options, rejections=state.rejections + 1)


def _approval_requested(state: State, event: Event, fact: facts.ApprovalRequested) -> State:
    asked = Approval(
        id=fact.approval,
        option=fact.option,
        level=fact.level,
        requested_by=event.actor.id,
        requested_at=event.occurred_at,
    )
    return replace(state, approvals=_set(state.approvals, asked.id, asked))


def _approval_decided(state: State, event: Event, fact: facts.Approved | facts.ApprovalRefused) -> State:
    refused = isinstance(fact, facts.ApprovalRefused)
    decided = {
        "status": ApprovalStatus.REFUSED if refused else ApprovalStatus.APPROVED,
        "decided_by": event.actor.id,
        "decided_at": event.occurred_at,
        "reason": fact.reason if isinstance(fact, facts.ApprovalRefused) else None,
    }
    return replace(state, approvals=_alter(state.approvals, fact.approval, **decided))


def _mediated(state: State, _: Event, __: facts.Mediated) -> State:
    return replace(state, mediations=state.mediations + 1)


def _action_planned(state: State, _: Event, fact: facts.ActionPlanned) -> State:
    plan = forms.refill(forms.ActionPlan, fact)
    action = ActionItem(id=fact.action, cycle=state.cycle, round=state.round, plan=plan)
    return replace(state, actions=_set(state.actions, action.id, action))


def _action_completed(state: State, event: Event, fact: facts.ActionCompleted) -> State:
    completed = {"completed_at": event.occurred_at, "evidence": fact.evidence}
    return replace(state, actions=_alter(state.actions, fact.action, **completed))


def _promise_made(state: State, event: Event, fact: facts.PromiseMade) -> State:
    promise = Promise(
        id=fact.promise, what=fact.what, due_at=fact.due_at, made_by=event.actor.id, made_at=event.occurred_at
    )
    return replace(state, promises=_set(state.promises, promise.id, promise))


def _promise_kept(state: State, event: Event, fact: facts.PromiseKept) -> State:
    kept = {"kept_at": event.occurred_at, "evidence": fact.evidence}
    return replace(state, promises=_alter(state.promises, fact.promise, **kept))


def _feedback_given(state: State, event: Event, fact: facts.FeedbackGiven) -> State:
    entry = FeedbackEntry(
        id=fact.feedback,
        form=forms.refill(forms.Feedback, fact),
        given_by=event.actor.id,
        given_at=event.occurred_at,
    )
    return replace(state, feedback=_set(state.feedback, entry.id, entry))


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


# --- pauses belong to the complaint, not to a clock


def _customer_awaited(state: State, event: Event, fact: facts.CustomerAwaited) -> State:
    return replace(state, pause=Pause(owner=fact.owner, what=fact.what, since=event.occurred_at))


def _customer_replied(state: State, _: Event, __: facts.CustomerReplied) -> State:
    return replace(state, pause=None)


# --- stages and clocks


def _stage_entered(state: State, event: Event, fact: consequences.StageEntered) -> State:
    new_attempt = (fact.cycle, fact.round) != (state.cycle, state.round)
    moved = replace(state, stage=fact.stage, outcome=fact.outcome, cycle=fact.cycle, round=fact.round)
    if new_attempt:  # what was done before did not settle it
        moved = replace(
            moved, findings=None, remedy=None, disputed=None, rejections=0, mediations=0, attempts=0
        )
    if fact.stage in (Stage.CLOSED, Stage.ENDED):
        return replace(moved, pause=None, closed_at=state.closed_at or event.occurred_at)
    return replace(moved, closed_at=None)


def _clock_started(state: State, _: Event, fact: consequences.ClockStarted) -> State:
    clock = forms.refill(Clock, fact, key=fact.clock, cycle=state.cycle, round=state.round)
    return replace(state, clocks=_set(state.clocks, clock.key, clock))


def _clock_paused(state: State, _: Event, fact: consequences.ClockPaused) -> State:
    return replace(state, clocks=_alter(state.clocks, fact.clock, paused_at=fact.since))


_LAID_ANEW = (*(field.name for field in fields(Course)), "warned", "called")


def _clock_moved(state: State, event: Event, fact: consequences.ClockMoved) -> State:
    clock = state.clocks[fact.clock]
    move = Adjustment(
        why=fact.why,
        at=fact.at,
        since=fact.since,
        owner=fact.owner,
        was_due_at=fact.was_due_at,
        due_at=fact.due_at,
        by=event.actor.id,
    )
    moved = {
        **{name: getattr(fact, name) for name in _LAID_ANEW},
        "adjustments": (*clock.adjustments, move),
        "extensions": clock.extensions + (fact.why == Move.EXTENDED),
        "paused_at": None if fact.why == Move.RESUMED else clock.paused_at,
    }
    return replace(state, clocks=_alter(state.clocks, fact.clock, **moved))


def _clock_warned(state: State, _: Event, fact: consequences.ClockWarned) -> State:
    return replace(state, clocks=_alter(state.clocks, fact.clock, warned=state.clocks[fact.clock].warned + 1))


def _clock_breached(state: State, _: Event, fact: consequences.ClockBreached) -> State:
    missed = {"breached_at": fact.detected_at, "escalation": fact.escalation}
    return replace(state, clocks=_alter(state.clocks, fact.clock, **missed))


def _breach_withdrawn(state: State, _: Event, fact: consequences.BreachWithdrawn) -> State:
    return replace(state, clocks=_alter(state.clocks, fact.clock, breached_at=None))


def _clock_settled(state: State, _: Event, fact: consequences.ClockSettled) -> State:
    settled = {"settled_at": fact.settled_at, "verdict": fact.verdict, "paused_at": None}
    return replace(state, clocks=_alter(state.clocks, fact.clock, **settled))


def _rung_called(state: State, _: Event, fact: consequences.RungCalled) -> State:
    clock = state.clocks[fact.clock]
    called = {"called": clock.called + 1, "escalation": fact.escalation or clock.escalation}
    return replace(state, clocks=_alter(state.clocks, fact.clock, **called))


# --- escalations and notices


def _escalation_opened(state: State, event: Event, fact: consequences.EscalationOpened) -> State:
    opened = Escalation(
        id=fact.escalation,
        cause=fact.cause,
        clock=fact.clock,
        rung=fact.rung,
        audience=fact.audience,
        department=fact.department,
        reason=fact.reason,
        ladder=fact.ladder,
        opened_at=event.at,
        called_at=event.at,
    )
    return replace(state, escalations=_set(state.escalations, opened.id, opened))


def _escalation_climbed(state: State, event: Event, fact: consequences.EscalationClimbed) -> State:
    climbed = {
        "rung": fact.rung,
        "audience": fact.audience,
        "person": None,
        **_called_again(state, event, fact.escalation),
    }
    return replace(state, escalations=_alter(state.escalations, fact.escalation, **climbed))


def _escalation_reassigned(state: State, event: Event, fact: facts.EscalationReassigned) -> State:
    handed = {
        "department": fact.department,
        "person": fact.person,
        **_called_again(state, event, fact.escalation),
    }
    return replace(state, escalations=_alter(state.escalations, fact.escalation, **handed))


def _called_again(state: State, event: Event, escalation: str) -> dict[str, object]:
    calls = state.escalations[escalation].calls + 1
    return {"called_at": event.at, "calls": calls, "acknowledged_at": None, "acknowledged_by": None}


def _escalation_acknowledged(state: State, event: Event, fact: facts.EscalationAcknowledged) -> State:
    called_at = state.escalations[fact.escalation].called_at
    heard = {"acknowledged_at": max(event.occurred_at, called_at), "acknowledged_by": event.actor.id}
    return replace(state, escalations=_alter(state.escalations, fact.escalation, **heard))


def _escalation_resolved(state: State, event: Event, fact: facts.EscalationResolved) -> State:
    opened_at = state.escalations[fact.escalation].opened_at
    solved = {"resolved_at": max(event.occurred_at, opened_at), "resolution": fact.resolution}
    return replace(state, escalations=_alter(state.escalations, fact.escalation, **solved))


def _notice_queued(state: State, event: Event, fact: consequences.NoticeQueued) -> State:
    notice = Notice(
        id=fact.notice,
        kind=fact.kind,
        audience=fact.audience,
        recipient=fact.recipient,
        clock=fact.clock,
        escalation=fact.escalation,
        rung=fact.rung,
        queued_at=event.at,
        why=fact.why,
    )
    return replace(state, notices=_set(state.notices, notice.id, notice))


def _notice_routed(state: State, event: Event, fact: consequences.NoticeRouted) -> State:
    """One notice for each person, in the place of the one for the role."""
    notice = state.notices[fact.notice]
    passed_on = {
        "status": NoticeStatus.ROUTED,
        "channel": NoticeStatus.ROUTED.value,
        "detail": fact.why.en,
        "why": fact.why,
    }
    notices = _alter(state.notices, notice.id, **passed_on)
    for found in fact.people:
        own = replace(
            notice,
            id=f"{notice.id}/{found.person}",
            audience=fact.audience,
            recipient=f"person:{found.person}",
            queued_at=event.at,
            why=fact.why,
            part_of=notice.id,
            not_before=found.not_before,
        )
        notices = _set(notices, own.id, own)
    return replace(state, notices=notices)


def _notice_deferred(state: State, _: Event, fact: consequences.NoticeDeferred) -> State:
    return replace(state, notices=_alter(state.notices, fact.notice, not_before=fact.not_before))


def _notice_withdrawn(state: State, _: Event, fact: consequences.NoticeWithdrawn) -> State:
    withdrawn = {"status": NoticeStatus.WITHDRAWN, "channel": NoticeStatus.WITHDRAWN.value}
    return replace(state, notices=_alter(state.notices, fact.notice, **withdrawn))


def _notice_delivered(state: State, _: Event, fact: consequences.NoticeDelivered) -> State:
    status = NoticeStatus.OUTBOX if fact.channel == "outbox" else NoticeStatus.DELIVERED
    told = {
        "status": status,
        "channel": fact.channel,
        "delivered_at": fact.delivered_at,
        "detail": fact.receipt,
    }
    changed = replace(state, notices=_alter(state.notices, fact.notice, **told))
    clock = _breach_told_by(state, state.notices[fact.notice])
    if clock is None or clock.delivered_at is not None or status == NoticeStatus.OUTBOX:
        return changed  # what lies in the outbox has told nobody yet
    return replace(changed, clocks=_alter(changed.clocks, clock.key, delivered_at=fact.delivered_at))


def _breach_told_by(state: State, notice: Notice) -> Clock | None:
    """Return the missed clock of which a notice tells; one that was queued before told only of the risk."""
    clock = state.clocks.get(notice.clock or "")
    if clock is None or clock.breached_at is None or notice.kind != NoticeKind.ESCALATION:
        return None
    origin = state.notices.get(notice.part_of or "", notice)
    return clock if origin.queued_at >= clock.breached_at else None


def _notice_failed(state: State, _: Event, fact: consequences.NoticeFailed) -> State:
    failed = {"status": NoticeStatus.FAILED, "channel": fact.channel, "detail": fact.reason}
    return replace(state, notices=_alter(state.notices, fact.notice, **failed))


_CHANGES: dict[type[Any], Callable[[State, Event, Any], State]] = {
    facts.Registered: _registered,
    facts.FirstContactRecorded: _first_contact,
    facts.Classified: _classified,
    facts.Assigned: _assigned,
    facts.Reassigned: _assigned,
    facts.ResolvedAtFirstContact: _resolved_at_first_contact,
    facts.SeverityChanged: _severity_changed,
    consequences.SeverityScored: _severity_changed,
    consequences.DifficultyRecognised: _difficulty_recognised,
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
    facts.FollowUpRecorded: _follow_up,
    facts.AttemptRecorded: _attempt,
    facts.Recused: _recused,
    facts.CustomerAwaited: _customer_awaited,
    facts.CustomerReplied: _customer_replied,
    consequences.StageEntered: _stage_entered,
    consequences.ClockStarted: _clock_started,
    consequences.ClockPaused: _clock_paused,
    consequences.ClockMoved: _clock_moved,
    consequences.RungCalled: _rung_called,
    consequences.ClockWarned: _clock_warned,
    consequences.ClockBreached: _clock_breached,
    consequences.BreachWithdrawn: _breach_withdrawn,
    consequences.ClockSettled: _clock_settled,
    consequences.EscalationOpened: _escalation_opened,
    consequences.EscalationClimbed: _escalation_climbed,
    facts.EscalationReassigned: _escalation_reassigned,
    facts.EscalationAcknowledged: _escalation_acknowledged,
    facts.EscalationResolved: _escalation_resolved,
    consequences.NoticeQueued: _notice_queued,
    consequences.NoticeRouted: _notice_routed,
    consequences.NoticeDeferred: _notice_deferred,
    consequences.NoticeWithdrawn: _notice_withdrawn,
    consequences.NoticeDelivered: _notice_delivered,
    consequences.NoticeFailed: _notice_failed,
}
"""Facts that are not named here (declined, withdrawn, a note …) stand in the ledger and change nothing else."""
