"""Builders: one matter in memory, lived the way its workflow lives it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from complaints.matters import commands as m
from complaints.matters.commands import Envelope
from complaints.matters.decide import take_turn
from complaints.matters.elapse import elapse
from complaints.matters.facts import Event
from complaints.matters.forms import Kind, id_of
from complaints.matters.state import State, replayed
from complaints.vocabulary import Actor, Role
from tests.lives import PEOPLE

MONDAY = datetime(2026, 3, 2, 1, tzinfo=UTC)
DAY = timedelta(days=1)
OWNER = Actor(id="sun.li", role=Role.HANDLER, department="billing")

EXAMPLES: dict[str, dict[str, Any]] = {
    "Open": {
        "kind": Kind.IMPROVEMENT,
        "reference": "hotline-2031.I1",
        "title": "Read every meter twice",
        "department": "billing",
        "owner": OWNER.id,
        "due_at": MONDAY + 20 * DAY,
        "cases": ("hotline-2031",),
    },
    "AddCases": {"cases": ("hotline-2032",)},
    "AddNote": {"text": "The contractor has been told."},
    "HandOver": {"department": "metering", "owner": "wu.gang", "reason": "Their meters."},
    "Postpone": {"until": MONDAY + 30 * DAY, "reason": "The new meters come later."},
    "Conclude": {"decisions": ("Every meter is read twice since Monday.",)},
    "Cancel": {"reason": "The meters are replaced anyway."},
}


def sample(name: str, **fields: Any) -> Any:
    """A sensible example of a command, with some fields of one's own."""
    return m.COMMANDS[name](**{**EXAMPLES[name], **fields})


class Matter:
    """One matter; time passes as it is told."""

    def __init__(self, **opening: Any) -> None:
        command = sample("Open", **opening)
        self.now = MONDAY
        self.state = State(id=id_of(command.kind, command.reference))
        self.events: list[Event] = []
        self._commands = 0
        self.send(command, PEOPLE[Role.SYSTEM])

    def do(self, name: str, role: Role = Role.CUSTOMER_SERVICE, **fields: Any) -> tuple[str, ...]:
        """Have an example done by somebody; returns what it brought about, by name."""
        return self.send(sample(name, **fields), PEOPLE[role])

    def send(self, command: Any, actor: Actor, **given: Any) -> tuple[str, ...]:
        self._commands += 1
        envelope = Envelope(
            **{
                "id": f"c{self._commands}",
                "actor": actor,
                "received_at": self.now,
                "command": command,
                **given,
            }
        )
        turn = take_turn(self.state, envelope, self.now)
        self.state = turn.state
        self.events += turn.events
        return tuple(event.fact.type for event in turn.brought)

    def wait(self, span: timedelta) -> tuple[str, ...]:
        """Let time pass; returns what it brought about, by name."""
        self.now += span
        fresh = elapse(self.state, self.now)
        self.state = replayed(self.state, fresh)
        self.events += fresh
        return tuple(event.fact.type for event in fresh)

    def told(self) -> list[str]:
        """Who was to be told, in order."""
        return [notice.recipient for notice in self.state.notices.values()]
