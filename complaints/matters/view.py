"""What people and programs get to see of a matter, and what has to be written down of it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from complaints.forms import refill
from complaints.matters import facts
from complaints.matters.elapse import next_due
from complaints.matters.facts import Event
from complaints.matters.forms import Improvement, Kind, Opening, Status
from complaints.matters.state import Note, State
from complaints.records import Notice


@dataclass(frozen=True, kw_only=True)
class View:
    """The whole matter."""

    id: str
    opening: Opening | None
    status: Status
    seq: int
    hash: str
    opened_at: datetime | None
    ended_at: datetime | None
    department: str | None
    owner: str | None
    due_at: datetime | None
    missed_at: datetime | None
    late: bool
    next_due_at: datetime | None
    cases: tuple[str, ...]
    notes: tuple[Note, ...]
    decisions: tuple[str, ...]
    improvements: Mapping[str, Improvement]
    notices: Mapping[str, Notice]


def view(state: State) -> View:
    """Show a matter as it stands."""
    return refill(View, state, next_due_at=next_due(state))


@dataclass(frozen=True, kw_only=True)
class Answer:
    """What a command is answered with.

    Attributes:
        facts: What it brought about, by name; empty for a repeated command.
        created: The ids of the improvements that it raised.
    """

    id: str
    seq: int
    status: Status
    next_due_at: datetime | None
    facts: tuple[str, ...] = ()
    created: tuple[str, ...] = ()


def answer(state: State, brought: Sequence[Event]) -> Answer:
    """Answer a command that brought these events about."""
    created = [
        each.id
        for event in brought
        if isinstance(event.fact, facts.Concluded)
        for each in event.fact.improvements
    ]
    return refill(
        Answer,
        state,
        next_due_at=next_due(state),
        facts=tuple(event.fact.type for event in brought),
        created=tuple(created),
    )


@dataclass(frozen=True, kw_only=True)
class Head:
    """The matter's own row of the read model."""

    id: str
    kind: Kind
    title: str
    topic: str | None
    status: Status
    department: str | None
    owner: str | None
    due_at: datetime | None
    missed_at: datetime | None
    late: bool
    opened_at: datetime
    ended_at: datetime | None
    next_due_at: datetime | None
    sources: tuple[str, ...]
    decisions: tuple[str, ...]
    seq: int
    hash: str


def head(state: State) -> Head:
    """Summarise an open or ended matter."""
    assert state.opening is not None  # nothing is recorded before it is opened
    opening = state.opening
    return refill(
        Head,
        state,
        kind=opening.kind,
        title=opening.title,
        topic=opening.topic,
        sources=opening.sources,
        next_due_at=next_due(state),
    )
