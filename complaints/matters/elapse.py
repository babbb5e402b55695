"""What time alone brings to a matter: a reminder, the missed date, and one step of the ladder after the other."""

from __future__ import annotations

from datetime import datetime, timedelta

from complaints.matters import facts
from complaints.matters.facts import Event
from complaints.matters.page import Page
from complaints.matters.state import State
from complaints.records import NoticeKind


def next_due(state: State) -> datetime | None:
    """Return when time will bring about the next thing; None if it never will."""
    if not state.is_open or state.due_at is None or state.opening is None:
        return None
    if state.missed_at is None:
        warning = _warning_at(state)
        return state.due_at if warning is None else warning
    ladder = state.opening.rules.ladder
    if state.steps >= len(ladder):
        return None
    return state.due_at + timedelta(hours=ladder[state.steps].after_hours)


def elapse(state: State, now: datetime, *, before: datetime | None = None) -> list[Event]:
    """Return what has become due up to now, in order.

    Args:
        before: Only what fell due earlier: what is done on the date is in time.
    """
    events: list[Event] = []
    while (due := next_due(state)) is not None and due <= now and (before is None or due < before):
        page = Page(state, at=now, occurred_at=due)
        _fire(page)
        events += page.events
        state = page.state
    return events


def _warning_at(state: State) -> datetime | None:
    """Return when its owner is reminded; a date that was set nearer than that needs no reminder."""
    assert state.opening is not None
    assert state.due_at is not None
    assert state.counted_from is not None
    hours = state.opening.rules.warn_hours
    at = state.due_at - timedelta(hours=hours)
    return None if state.warned or not hours or at <= state.counted_from else at


def _fire(page: Page) -> None:
    state = page.state
    assert state.opening is not None
    assert state.due_at is not None
    if state.missed_at is not None:
        audience = state.opening.rules.ladder[state.steps].audience
        page.add(facts.Climbed(step=state.steps, audience=audience))
        page.tell(NoticeKind.ESCALATION, audience, "overdue")
    elif page.occurred_at < state.due_at:
        page.add(facts.DueSoon(due_at=state.due_at))
        page.tell_owner("due-soon")
    else:
        page.add(facts.Missed(due_at=state.due_at, detected_at=page.at))
        if state.owner is not None or not state.opening.rules.ladder:  # else the ladder begins with its lead
            page.tell_owner("missed")
