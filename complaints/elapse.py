"""What the passing of time alone brings: warnings, breaches, rungs of the ladder, the end of the appeal window.

Clocks are judged by their due instants, in order, whenever they are looked at: after an outage every threshold
that passed meanwhile fires once, with its true due time.
"""

from __future__ import annotations

from datetime import datetime

from complaints import clocks, consequences, news
from complaints.clocks import Step
from complaints.draft import Draft
from complaints.events import Event
from complaints.lifecycle import Act
from complaints.policy import rung_of
from complaints.records import Cause, Clock, ClockName, Escalation, NoticeKind, NoticeStatus
from complaints.state import State
from complaints.vocabulary import ENGINE, Role


def elapse(state: State, now: datetime, *, before: datetime | None = None) -> list[Event]:
    """Return what time has brought up to and including `now`.

    Args:
        before: Only what fell due earlier than this. A command is judged by when it was received, so what fell due
            at that very instant or later must wait until the command has been decided.
    """
    return let_pass(state, now, before=before).events


def let_pass(state: State, now: datetime, *, before: datetime | None = None) -> Draft:
    """Let time pass, and return the draft, which holds the state that follows as well as the events."""
    draft = Draft(state, at=now, occurred_at=now, actor=ENGINE)
    while (first := _first(draft.state)) is not None:
        due, step, clock = first
        if due > now or (before is not None and due >= before):
            break
        draft.occurred_at = due
        _STEPS[step](draft, clock)
    return draft


def next_due(state: State) -> datetime | None:
    """Return the instant at which `elapse` would next bring something."""
    first = _first(state)
    return first[0] if first else None


def _first(state: State) -> tuple[datetime, Step, Clock] | None:
    """Return what comes first. Of several at one instant: the clock that was started first, then the key."""
    steps = [(*step, clock) for clock in state.clocks.values() if (step := clocks.next_step(clock))]
    return min(steps, key=lambda s: (s[0], s[2].started_at), default=None)


def _warn(draft: Draft, clock: Clock) -> None:
    percent = clock.warn_percent[clock.warned]
    draft.add(consequences.ClockWarned(clock=clock.key, percent=percent, warned_for=clock.due_at))
    if clock.name == ClockName.FEEDBACK and draft.state.policy.feedback.automatic:
        _send_news(draft, clock)
        return
    audience = Role.HANDLER if draft.state.handler else Role.CUSTOMER_SERVICE
    moved = len(clock.adjustments)  # after a move the same share is another warning
    draft.notify(
        NoticeKind.WARNING,
        audience,
        f"{clock.key}@{percent}" + (f".{moved}" if moved else ""),
        clock=clock.key,
    )


def _send_news(draft: Draft, clock: Clock) -> None:
    """Tell the customer; where that no longer arrives in time, or has not yet, somebody of ours has to."""
    about = (n for n in draft.state.notices.values() if n.clock == clock.key and n.kind == NoticeKind.NEWS)
    sent = next(about, None)
    if sent is None and draft.at < clock.due_at:
        message = news.daily(draft.state, draft.state.policy)
        draft.notify(NoticeKind.NEWS, Role.DESK, clock.key, clock=clock.key, why=message)
    elif sent is None or sent.status == NoticeStatus.QUEUED:
        draft.remind_of_news(clock)


def _call_rung(draft: Draft, clock: Clock) -> None:
    """A rung whose own time has come is called, whoever has acknowledged what below it."""
    rung = clock.call_rungs[clock.called]
    if draft.is_past:  # its time came elsewhere; who stands on it here was not called
        past = clock.call_at[clock.called]
        draft.add(consequences.RungCalled(clock=clock.key, rung=rung, called_for=past, escalation=None))
        return
    running = _running(draft.state, clock)
    opened = draft.next_escalation() if running is None else running.id
    draft.add(
        consequences.RungCalled(
            clock=clock.key, rung=rung, called_for=clock.call_at[clock.called], escalation=opened
        )
    )
    if running is None:
        cause = Cause.AT_RISK if clock.breached_at is None else Cause.BREACH
        said = "is about to be missed" if cause == Cause.AT_RISK else "was missed and is still open"
        audience, department = _answers_for(draft.state, clock)
        draft.escalate(
            cause,
            f"{clock.name} {said}",
            audience=audience,
            clock=clock.key,
            department=department,
            rung=rung,
        )
    elif running.rung < rung:
        draft.climb(running, f"{clock.name} is still open", to=rung)


def _running(state: State, clock: Clock) -> Escalation | None:
    """Return the escalation of a clock, if somebody still has to see to it."""
    escalation = state.escalations.get(clock.escalation or "")
    return escalation if escalation and escalation.is_open else None


def _let_due(draft: Draft, clock: Clock) -> None:
    _WHEN_DUE.get(clock.name, _breach)(draft, clock)
    draft.missed_duty(clock)


def _breach(draft: Draft, clock: Clock) -> None:
    running = _running(draft.state, clock)
    audience, department = _answers_for(draft.state, clock)
    if running is None:
        _record(draft, clock, draft.next_escalation())
        draft.escalate(
            Cause.BREACH,
            f"{clock.name} was missed",
            audience=audience,
            clock=clock.key,
            department=department,
        )
    else:  # somebody was called before it was due
        _record(draft, clock, running.id)
        ladder = draft.state.policy.ladder(clock.ladder)
        rung = max(rung_of(ladder, audience), running.rung + 1)
        # The last one was called for fear of this, and is told that it has happened.
        draft.climb(running, f"{clock.name} was missed", to=min(rung, len(ladder) - 1))


def _breach_feedback(draft: Draft, clock: Clock) -> None:
    """A day without feedback escalates; a second one in a row climbs instead of opening another.

    It climbs only if the present rung was told before the second day was over: days that passed during an outage
    of ours are all recorded, but nobody is passed over who could not have known.
    """
    missed = [c for c in draft.state.open_clocks(ClockName.FEEDBACK) if c.breached_at and c.escalation]
    running = draft.state.escalations.get(missed[-1].escalation or "") if missed else None
    if running and running.is_open:
        _record(draft, clock, running.id)
        if running.called_at < clock.due_at:
            draft.climb(running, "another day without feedback")
    else:
        _breach(draft, clock)
    # Of all days that another system let pass without a word, the first one stands for the rest.
    draft.start_feedback(draft.state.taken_over_at if draft.is_past else None)


def _breach_acknowledgement(draft: Draft, clock: Clock) -> None:
    _record(draft, clock, clock.subject)
    draft.miss(clock)
    draft.climb(draft.state.escalations[clock.subject], "nobody acknowledged it in time")


def _end_appeal(draft: Draft, clock: Clock) -> None:
    draft.void(clock)
    draft.follow(Act.LET_APPEAL_LAPSE)


def _record(draft: Draft, clock: Clock, escalation: str) -> None:
    draft.add(
        consequences.ClockBreached(
            clock=clock.key, due_at=clock.due_at, detected_at=draft.at, escalation=escalation
        )
    )


def _answers_for(state: State, clock: Clock) -> tuple[Role, str | None]:
    """Name who is told first: the superior of whoever missed it."""
    if clock.name == ClockName.VERIFICATION:
        return Role.LEAD, state.verifications[clock.subject].department
    if clock.name == ClockName.ATTENDANCE:
        return Role.LEAD, state.summons[clock.subject].department
    if clock.name == ClockName.APPROVAL:
        level = state.approvals[clock.subject].level
        return (Role.EXECUTIVE if level == Role.CUSTOMER_SERVICE else Role.CUSTOMER_SERVICE), None
    return Role.LEAD, None


_STEPS = {Step.WARNING: _warn, Step.CALL: _call_rung, Step.DUE: _let_due}

_WHEN_DUE = {
    ClockName.FEEDBACK: _breach_feedback,
    ClockName.ACKNOWLEDGEMENT: _breach_acknowledgement,
    ClockName.APPEAL: _end_appeal,
}
