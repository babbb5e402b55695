"""How state changes by escalations and notices."""

from __future__ import annotations

from typing import Any

from complaints import consequences, facts
from complaints.copies import replace
from complaints.events import Event
from complaints.evolve.change import Change, altered, with_item
from complaints.records import (
    Clock,
    Escalation,
    Notice,
    NoticeKind,
    NoticeStatus,
)
from complaints.state import State


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
        person=fact.person,
        opened_at=event.at,
        called_at=event.at,
    )
    return replace(state, escalations=with_item(state.escalations, opened.id, opened))


def _escalation_climbed(state: State, event: Event, fact: consequences.EscalationClimbed) -> State:
    climbed = {
        "rung": fact.rung,
        "audience": fact.audience,
        "person": None,
        **_called_again(state, event, fact.escalation),
    }
    return replace(state, escalations=altered(state.escalations, fact.escalation, **climbed))


def _escalation_reassigned(state: State, event: Event, fact: facts.EscalationReassigned) -> State:
    handed = {
        "department": fact.department,
        "person": fact.person,
        **_called_again(state, event, fact.escalation),
    }
    return replace(state, escalations=altered(state.escalations, fact.escalation, **handed))


def _called_again(state: State, event: Event, escalation: str) -> dict[str, object]:
    calls = state.escalations[escalation].calls + 1
    return {"called_at": event.at, "calls": calls, "acknowledged_at": None, "acknowledged_by": None}


def _escalation_acknowledged(state: State, event: Event, fact: facts.EscalationAcknowledged) -> State:
    called_at = state.escalations[fact.escalation].called_at
    heard = {"acknowledged_at": max(event.occurred_at, called_at), "acknowledged_by": event.actor.id}
    return replace(state, escalations=altered(state.escalations, fact.escalation, **heard))


def _escalation_resolved(state: State, event: Event, fact: facts.EscalationResolved) -> State:
    opened_at = state.escalations[fact.escalation].opened_at
    solved = {"resolved_at": max(event.occurred_at, opened_at), "resolution": fact.resolution}
    return replace(state, escalations=altered(state.escalations, fact.escalation, **solved))


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
    return replace(state, notices=with_item(state.notices, notice.id, notice))


def _notice_routed(state: State, event: Event, fact: consequences.NoticeRouted) -> State:
    """One notice for each person, in the place of the one for the role."""
    notice = state.notices[fact.notice]
    passed_on = {
        "status": NoticeStatus.ROUTED,
        "channel": NoticeStatus.ROUTED.value,
        "detail": fact.why.en,
        "why": fact.why,
    }
    notices = altered(state.notices, notice.id, **passed_on)
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
        notices = with_item(notices, own.id, own)
    return replace(state, notices=notices)


def _notice_deferred(state: State, _: Event, fact: consequences.NoticeDeferred) -> State:
    return replace(state, notices=altered(state.notices, fact.notice, not_before=fact.not_before))


def _notice_withdrawn(state: State, _: Event, fact: consequences.NoticeWithdrawn) -> State:
    withdrawn = {"status": NoticeStatus.WITHDRAWN, "channel": NoticeStatus.WITHDRAWN.value}
    return replace(state, notices=altered(state.notices, fact.notice, **withdrawn))


def _notice_delivered(state: State, _: Event, fact: consequences.NoticeDelivered) -> State:
    status = NoticeStatus.OUTBOX if fact.channel == "outbox" else NoticeStatus.DELIVERED
    told = {
        "status": status,
        "channel": fact.channel,
        "delivered_at": fact.delivered_at,
        "detail": fact.receipt,
    }
    changed = replace(state, notices=altered(state.notices, fact.notice, **told))
    clock = _breach_told_by(state, state.notices[fact.notice])
    if clock is None or clock.delivered_at is not None or status == NoticeStatus.OUTBOX:
        return changed  # what lies in the outbox has told nobody yet
    return replace(changed, clocks=altered(changed.clocks, clock.key, delivered_at=fact.delivered_at))


def _breach_told_by(state: State, notice: Notice) -> Clock | None:
    """Return the missed clock of which a notice tells; one that was queued before told only of the risk."""
    clock = state.clocks.get(notice.clock or "")
    if clock is None or clock.breached_at is None or notice.kind != NoticeKind.ESCALATION:
        return None
    origin = state.notices.get(notice.part_of or "", notice)
    return clock if origin.queued_at >= clock.breached_at else None


def _notice_failed(state: State, _: Event, fact: consequences.NoticeFailed) -> State:
    failed = {"status": NoticeStatus.FAILED, "channel": fact.channel, "detail": fact.reason}
    return replace(state, notices=altered(state.notices, fact.notice, **failed))


CHANGES: dict[type[Any], Change] = {
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
