"""What happened to a matter, in the past tense, chained by hash like the ledger of a complaint."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import Discriminator

from complaints import consequences
from complaints.events import digest_of
from complaints.forms import Form
from complaints.matters import forms
from complaints.vocabulary import Actor, Role


@dataclass(frozen=True, kw_only=True)
class Opened(forms.Opening):
    """It began."""

    matter: str
    type: Literal["Opened"] = "Opened"


@dataclass(frozen=True, kw_only=True)
class CasesAdded(forms.MoreCases):
    """More complaints belong to it."""

    type: Literal["CasesAdded"] = "CasesAdded"


@dataclass(frozen=True, kw_only=True)
class NoteAdded(forms.Remark):
    """A remark was put on file."""

    type: Literal["NoteAdded"] = "NoteAdded"


@dataclass(frozen=True, kw_only=True)
class HandedOver(forms.NewOwner):
    """Somebody else answers for it."""

    type: Literal["HandedOver"] = "HandedOver"


@dataclass(frozen=True, kw_only=True)
class Postponed(forms.NewDate):
    """It was given more time."""

    was_due_at: datetime | None
    type: Literal["Postponed"] = "Postponed"


@dataclass(frozen=True, kw_only=True)
class Concluded(Form):
    """It ended with decisions, and with improvements that have to be made.

    Attributes:
        late: It was received after the date.
    """

    decisions: tuple[str, ...]
    improvements: tuple[forms.Improvement, ...]
    late: bool
    type: Literal["Concluded"] = "Concluded"


@dataclass(frozen=True, kw_only=True)
class Cancelled(forms.Abandonment):
    """It is not pursued."""

    type: Literal["Cancelled"] = "Cancelled"


@dataclass(frozen=True, kw_only=True)
class DueSoon(Form):
    """Its date comes near."""

    due_at: datetime
    type: Literal["DueSoon"] = "DueSoon"


@dataclass(frozen=True, kw_only=True)
class Missed(Form):
    """Its date went by: when it was due, and when that was seen."""

    due_at: datetime
    detected_at: datetime
    type: Literal["Missed"] = "Missed"


@dataclass(frozen=True, kw_only=True)
class Climbed(Form):
    """The time of a step of its ladder has come."""

    step: int
    audience: Role
    type: Literal["Climbed"] = "Climbed"


Fact: TypeAlias = Annotated[
    Opened
    | CasesAdded
    | NoteAdded
    | HandedOver
    | Postponed
    | Concluded
    | Cancelled
    | DueSoon
    | Missed
    | Climbed
    | consequences.ImprovementOpened
    | consequences.NoticeQueued
    | consequences.NoticeRouted
    | consequences.NoticeDeferred
    | consequences.NoticeWithdrawn
    | consequences.NoticeDelivered
    | consequences.NoticeFailed,
    Discriminator("type"),
]

FACTS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(get_args(Fact)[0])}
"""All facts by their wire name."""


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of a matter's own ledger; the fields are those of `complaints.events.Event`."""

    seq: int
    at: datetime
    occurred_at: datetime
    actor: Actor
    command_id: str | None
    fact: Fact
    previous: str
    hash: str


def chained(previous: str, **body: Any) -> Event:
    """Make the event that follows the one whose hash is `previous`."""
    return Event(previous=previous, hash=digest_of(previous, body), **body)


def is_authentic(event: Event) -> bool:
    """Say whether an event is what its hash says."""
    body = {name: value for name, value in vars(event).items() if name not in ("previous", "hash")}
    return digest_of(event.previous, body) == event.hash
