"""What can be done about a matter, in the imperative."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Literal, TypeAlias, get_args

from pydantic import Discriminator

from complaints.matters import forms
from complaints.vocabulary import Actor, Identifier, Instant


@dataclass(frozen=True, kw_only=True)
class Open(forms.Opening):
    """Begin it."""

    type: Literal["Open"] = "Open"


@dataclass(frozen=True, kw_only=True)
class AddCases(forms.MoreCases):
    """Say which complaints belong to it as well."""

    type: Literal["AddCases"] = "AddCases"


@dataclass(frozen=True, kw_only=True)
class AddNote(forms.Remark):
    """Put a remark, or a piece of evidence, on file."""

    type: Literal["AddNote"] = "AddNote"


@dataclass(frozen=True, kw_only=True)
class HandOver(forms.NewOwner):
    """Let somebody else answer for it."""

    type: Literal["HandOver"] = "HandOver"


@dataclass(frozen=True, kw_only=True)
class Postpone(forms.NewDate):
    """Give it more time; not by who owes it."""

    type: Literal["Postpone"] = "Postpone"


@dataclass(frozen=True, kw_only=True)
class Conclude(forms.Conclusion):
    """End it with what was decided or done; each improvement becomes a matter of its own."""

    type: Literal["Conclude"] = "Conclude"


@dataclass(frozen=True, kw_only=True)
class Cancel(forms.Abandonment):
    """Do not pursue it."""

    type: Literal["Cancel"] = "Cancel"


Command: TypeAlias = Annotated[
    Open | AddCases | AddNote | HandOver | Postpone | Conclude | Cancel, Discriminator("type")
]

COMMANDS: dict[str, type[Any]] = {kind.__name__: kind for kind in get_args(get_args(Command)[0])}
"""All commands by their wire name."""


@dataclass(frozen=True, kw_only=True)
class Envelope:
    """A command on its way in.

    Attributes:
        id: The sender's idempotency key; the same id never acts twice.
        received_at: When it reached our door, in UTC. What is late is late by this instant.
    """

    id: Identifier
    actor: Actor
    received_at: Instant
    command: Command
