"""One command's turn: the order in which time and a command are let in.

First time is brought up to the instant at which the command was received, then the command is decided, then time
goes on to now. So a duty is met or missed by when its fulfilment reached our door: an outage of ours neither
hides a breach nor invents one, and it does not matter whether the timer or the command is processed first. With an
imported complaint the past that it brings along has its turn after its registration.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from complaints.commands import Envelope
from complaints.decide import deliberate, effective_at
from complaints.elapse import let_pass
from complaints.errors import KeyReused, MovedOn
from complaints.events import Event
from complaints.request_ids import is_reused
from complaints.state import State
from complaints.taking_over import let_past_stand


@dataclass(frozen=True, kw_only=True)
class Turn:
    """The state after a turn, all events of it, and those that the command itself brought."""

    state: State
    events: tuple[Event, ...]
    brought: tuple[Event, ...]


def take_turn(state: State, envelope: Envelope, now: datetime) -> Turn:
    """Let a command have its turn.

    Raises:
        Refusal: A rule says no; nothing has happened.
    """
    if envelope.id in state.command_ids:
        return Turn(state=state, events=(), brought=())
    if is_reused(envelope.id, state.command_ids):
        raise KeyReused(
            f"this idempotency key stands for another command to complaint {state.number}",
            "send it under a key of its own",
        )
    if envelope.expected_seq is not None and envelope.expected_seq != state.seq:
        raise MovedOn(
            f"complaint {state.number} stands at event {state.seq}, not {envelope.expected_seq}",
            "read it again, and decide by what is there now",
        )
    before = let_pass(state, now, before=effective_at(state, envelope, now))
    decided = deliberate(before.state, envelope, now)
    past = let_past_stand(decided.state, envelope, now)
    after = let_pass(past.state, now)
    return Turn(
        state=after.state,
        events=(*before.events, *decided.events, *past.events, *after.events),
        brought=tuple(decided.events),
    )
