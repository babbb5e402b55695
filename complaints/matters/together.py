"""One answer to many complaints, and what came of it for each."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from complaints.commands import Envelope
from complaints.copies import replace

LONGEST_ID = 100


@dataclass(frozen=True, kw_only=True)
class Together:
    """A command that goes to many complaints.

    Attributes:
        envelope: The command as each of them gets it, under an id of its own.
        numbers: To whom; empty means every open complaint that has joined the incident.
    """

    incident: str
    envelope: Envelope
    numbers: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Item:
    """What came of it for one complaint: done, or refused by a rule."""

    number: str
    rule: str | None = None
    why: str | None = None


@dataclass(frozen=True, kw_only=True)
class Share:
    """Some of the complaints, which one activity sees to."""

    envelope: Envelope
    numbers: tuple[str, ...]


def for_one(envelope: Envelope, number: str) -> Envelope:
    """Return the command as one complaint gets it: repeated, it has the same id, and acts once."""
    own = f"{envelope.id}-{number}"
    return replace(envelope, id=own if len(own) <= LONGEST_ID else hashlib.sha256(own.encode()).hexdigest())


def shares(envelope: Envelope, numbers: tuple[str, ...], size: int) -> list[Share]:
    """Divide the work."""
    return [
        Share(envelope=envelope, numbers=numbers[start : start + size])
        for start in range(0, len(numbers), size)
    ]
