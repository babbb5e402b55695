"""What a command brings about in a matter, or the rule that says no."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from complaints import consequences
from complaints.errors import (
    AlreadyClosed,
    AlreadyDone,
    AlreadyRegistered,
    DueInThePast,
    DueMissing,
    ExtensionNotLater,
    NobodyAccountable,
    NotAtThisStage,
    NotYourMatter,
    NotYourRole,
    OwnApproval,
    TimeOutOfBounds,
)
from complaints.forms import refill
from complaints.improvements import dated
from complaints.matters import commands, facts
from complaints.matters.commands import Envelope
from complaints.matters.elapse import elapse
from complaints.matters.facts import Event
from complaints.matters.forms import Improvement, Kind
from complaints.matters.page import Page
from complaints.matters.state import State, replayed
from complaints.vocabulary import ENGINE, Role

CLOCK_SKEW = timedelta(seconds=60)
"""How far a door's clock may run ahead of the engine's before its word is doubted."""

MASTERS = (Role.LEAD, Role.CUSTOMER_SERVICE, Role.EXECUTIVE)
"""Who decides about matters; a lead about those of the own department."""

MAY: dict[type[Any], tuple[Role, ...]] = {
    commands.Open: (*MASTERS, Role.SYSTEM),
    commands.AddCases: (*MASTERS, Role.SYSTEM),
    commands.AddNote: (*MASTERS, Role.SYSTEM, Role.MEDIATOR),
    commands.HandOver: MASTERS,
    commands.Postpone: MASTERS,
    commands.Conclude: MASTERS,
    commands.Cancel: MASTERS,
}
OPEN_TO_THE_OWNER = (commands.AddNote, commands.AddCases, commands.Conclude)
"""What whoever owns a matter may do in any role but that of an auditor."""


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The state after a turn, all events of it, and those that the command itself brought."""

    state: State
    events: tuple[Event, ...]
    brought: tuple[Event, ...]


def take_turn(state: State, envelope: Envelope, now: datetime) -> Turn:
    """Let a command have its turn: time up to when it was received, the command, time up to now.

    Raises:
        Refusal: A rule says no; nothing has happened.
    """
    if envelope.id in state.command_ids:
        return Turn(state=state, events=(), brought=())
    received = _effective_at(state, envelope, now)
    before = elapse(state, now, before=received)
    page = _decided(replayed(state, before), envelope, now, received)
    after = elapse(page.state, now)
    return Turn(
        state=replayed(page.state, after),
        events=(*before, *page.events, *after),
        brought=tuple(page.events),
    )


def improvement_opened(state: State, improvement: str, matter: str, now: datetime) -> list[Event]:
    """Return the event that an improvement is a matter of its own; none if that was known."""
    if state.improvements[improvement].matter is not None:
        return []
    page = Page(state, at=now, occurred_at=now)
    page.add(consequences.ImprovementOpened(improvement=improvement, matter=matter))
    return page.events


def _effective_at(state: State, envelope: Envelope, now: datetime) -> datetime:
    received_at = envelope.received_at
    if received_at > now + CLOCK_SKEW and envelope.actor != ENGINE:  # our own word is not doubted
        raise TimeOutOfBounds(
            f"received_at {received_at.isoformat()} lies in the future", "send the true instant"
        )
    return max(min(received_at, now), state.heard_at or received_at)


def _decided(state: State, envelope: Envelope, now: datetime, received: datetime) -> Page:
    command = envelope.command
    is_opening = isinstance(command, commands.Open)
    if is_opening and state.opening is not None:
        raise AlreadyRegistered(f"{state.id} is open already", "AddCases", "AddNote")
    if not is_opening and state.opening is None:
        raise NotAtThisStage(f"{state.id} is not open yet", "Open")
    if not is_opening and not state.is_open:
        raise AlreadyClosed(f"{state.id} is {state.status}", "open another matter")
    _check_role(state, envelope)
    page = Page(state, at=now, occurred_at=received, actor=envelope.actor, command_id=envelope.id)
    _DECISIONS[type(command)](page, command)
    return page


def _check_role(state: State, envelope: Envelope) -> None:
    actor, kind = envelope.actor, type(envelope.command)
    is_owner = state.owner == actor.id and actor.role != Role.AUDITOR
    if is_owner and kind in OPEN_TO_THE_OWNER:
        return
    if actor.role not in MAY[kind]:
        raise NotYourRole(f"{kind.__name__} belongs to {', '.join(MAY[kind])}", "AddNote")
    department = getattr(envelope.command, "department", None) if kind is commands.Open else state.department
    if actor.role == Role.LEAD and department != actor.department:
        raise NotYourMatter(
            f"it belongs to {department or 'the customer service department'}",
            "let its own lead, or the customer service department, do it",
        )


def _open(page: Page, command: commands.Open) -> None:
    if command.kind == Kind.IMPROVEMENT:
        if command.department is None:
            raise NobodyAccountable("an improvement has a department that answers for it", "name department")
        if command.due_at is None:
            raise DueMissing("nobody says by when it has to be improved", "name due_at")
    if command.due_at is not None and command.due_at <= page.occurred_at:
        raise DueInThePast(f"{command.due_at.isoformat()} has gone by", "name a later date")
    cases = tuple(dict.fromkeys(command.cases))
    page.add(refill(facts.Opened, command, matter=page.state.id, cases=cases))
    page.tell_owner("opened")


def _add_cases(page: Page, command: commands.AddCases) -> None:
    known = set(page.state.cases)
    fresh = tuple(dict.fromkeys(case for case in command.cases if case not in known))
    if not fresh:
        raise AlreadyDone("all of them belong to it already", "AddNote")
    page.add(facts.CasesAdded(cases=fresh))


def _add_note(page: Page, command: commands.AddNote) -> None:
    page.add(refill(facts.NoteAdded, command))


def _hand_over(page: Page, command: commands.HandOver) -> None:
    state = page.state
    if (command.department, command.owner) == (state.department, state.owner):
        raise AlreadyDone("they answer for it already", "AddNote")
    if command.department is None and state.opening and state.opening.kind == Kind.IMPROVEMENT:
        raise NobodyAccountable("an improvement has a department that answers for it", "name department")
    page.add(refill(facts.HandedOver, command))
    page.tell_owner("handed-over")


def _postpone(page: Page, command: commands.Postpone) -> None:
    state = page.state
    if page.actor.id == state.owner:
        raise OwnApproval("who owes it does not give it more time", "let somebody else grant it")
    if command.until <= page.occurred_at:
        raise DueInThePast(f"{command.until.isoformat()} has gone by", "name a later date")
    if state.due_at is not None and command.until <= state.due_at:
        raise ExtensionNotLater(f"it is due at {state.due_at.isoformat()} anyway", "name a later date")
    page.add(refill(facts.Postponed, command, was_due_at=state.due_at))
    page.call_off()


def _conclude(page: Page, command: commands.Conclude) -> None:
    state = page.state
    assert state.opening is not None
    days = state.opening.rules.improvement_days
    otherwise = page.occurred_at + timedelta(days=days) if days else None
    plans = [dated(plan, page.occurred_at, otherwise) for plan in command.improvements]
    page.add(
        facts.Concluded(
            decisions=command.decisions,
            improvements=tuple(Improvement(id=f"I{n}", plan=plan) for n, plan in enumerate(plans, 1)),
            late=state.due_at is not None and page.occurred_at > state.due_at,
        )
    )
    page.call_off()


def _cancel(page: Page, command: commands.Cancel) -> None:
    page.add(refill(facts.Cancelled, command))
    page.call_off()


_DECISIONS: dict[type[Any], Callable[[Page, Any], None]] = {
    commands.Open: _open,
    commands.AddCases: _add_cases,
    commands.AddNote: _add_note,
    commands.HandOver: _hand_over,
    commands.Postpone: _postpone,
    commands.Conclude: _conclude,
    commands.Cancel: _cancel,
}
