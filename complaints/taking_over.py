"""The past of an imported complaint: what another system did stands, each thing at its own instant.

Clocks run from when it was really received, and whatever fell due before it was taken over is on record with its true
due time. Nobody is told of it (`draft.Draft.is_past`), since nobody could act on it then.

Of a complaint that was closed there it is known when it was received and closed, and perhaps when the customer was heard.
Only what these dates decide is judged: the rest may have been done in time or late, and counts as neither.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from complaints.commands import Envelope, Register
from complaints.draft import Draft
from complaints.draft.stages import DUTY_FELL_AWAY
from complaints.elapse import let_pass
from complaints.events import Event
from complaints.forms import Closing, Imported
from complaints.lifecycle import Act
from complaints.policy import MetBy
from complaints.records import Clock, ClockName
from complaints.state import State

_BY_THE_END = (MetBy.ANSWER, MetBy.SETTLED, MetBy.CLOSED)
"""What was done at the latest when it was closed."""

_AFTER_THE_END = (ClockName.SECOND_CALL, ClockName.AFTER_CLOSING)


@dataclass(frozen=True, kw_only=True)
class Past:
    """What came before the take-over, and the state that it leads to."""

    state: State
    events: tuple[Event, ...] = ()


def let_past_stand(state: State, envelope: Envelope, now: datetime) -> Past:
    """Go through the past that a registration brought along; there is none where a complaint begins here."""
    if not isinstance(envelope.command, Register) or state.registration is None:
        return Past(state=state)
    imported = state.registration.imported
    if imported is None:
        return Past(state=state)
    events: list[Event] = []
    for at, step in _steps(state, imported):
        passed = let_pass(state, now, before=at)
        draft = Draft(passed.state, at=now, occurred_at=at, actor=envelope.actor, command_id=envelope.id)
        step(draft, imported)
        events += [*passed.events, *draft.events]
        state = draft.state
    return Past(state=state, events=tuple(events))


_Step = Callable[[Draft, Imported], None]


def _steps(state: State, imported: Imported) -> list[tuple[datetime, _Step]]:
    """List what is known, in the order in which it took place."""
    assert state.received_at is not None  # it has just been registered
    steps: list[tuple[datetime, _Step]] = []
    if imported.closed is not None:
        steps.append((state.received_at, _judge_only_what_is_known))
    if imported.first_contact_at is not None:
        steps.append((imported.first_contact_at, _let_first_contact_stand))
    if imported.closed is not None:
        steps.append((imported.closed.at, _let_closing_stand))
    return steps


def _judge_only_what_is_known(draft: Draft, imported: Imported) -> None:
    for key in list(draft.state.clocks):
        clock = draft.state.clocks[key]
        if clock.is_open and not _is_decided(draft, clock, heard=imported.first_contact_at is not None):
            draft.void(clock)


def _is_decided(draft: Draft, clock: Clock, *, heard: bool) -> bool:
    """Say whether the dates that are known tell when a duty was fulfilled."""
    rule = draft.state.policy.statutory.get(clock.subject)
    if clock.name == ClockName.STATUTORY and rule is not None:
        return rule.met_by in _BY_THE_END or (heard and rule.met_by == MetBy.FIRST_CONTACT)
    return clock.name == ClockName.OVERALL or (heard and clock.name == ClockName.FIRST_CONTACT)


def _let_first_contact_stand(draft: Draft, imported: Imported) -> None:
    """The duty was fulfilled. Whether each step of it was done nobody can say, so whoever goes on hears them again."""
    draft.fulfil(ClockName.FIRST_CONTACT)
    draft.fulfil_statutory(MetBy.FIRST_CONTACT)
    if imported.closed is None:
        draft.customer_heard()


def _let_closing_stand(draft: Draft, imported: Imported) -> None:
    closed = imported.closed
    assert isinstance(closed, Closing)
    if closed.outcome not in DUTY_FELL_AWAY:
        draft.fulfil(ClockName.OVERALL)
        draft.fulfil_statutory(*_BY_THE_END)
    draft.follow(Act.LET_CLOSING_STAND, closed.outcome)
    for name in _AFTER_THE_END:
        for clock in draft.open(name):
            if clock.due_at <= imported.at:  # called or not, who knows
                draft.void(clock)
