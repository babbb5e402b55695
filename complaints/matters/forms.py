"""The forms of matters, and the words that they are made of. Values are stored: none ever changes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, Le, MinLen

from complaints.forms import Form, ImprovementPlan
from complaints.later import Later
from complaints.vocabulary import Identifier, Instant, Line, Reference, Role, Text

Hours = Annotated[int, Ge(0), Le(24 * 366)]
Days = Annotated[int, Ge(1), Le(366)]


class Kind(StrEnum):
    """What a matter is."""

    IMPROVEMENT = "improvement"  # something has to change
    REVIEW = "review"  # closed conflicts, or disputed liability, are looked at together
    HOT_SPOT = "hot_spot"  # more complaints of a kind and place than chance would bring
    INCIDENT = "incident"  # one event that many complain of, answered together


class Status(StrEnum):
    """Where a matter stands."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


@dataclass(frozen=True, kw_only=True)
class Step(Form):
    """Who is told so many hours after the date was missed."""

    after_hours: Hours
    audience: Role


@dataclass(frozen=True, kw_only=True)
class Rules(Form):
    """How a matter is watched. Hours are those of the wall.

    Attributes:
        warn_hours: How long before its date whoever owns it is reminded; 0 for never.
        ladder: Who is told once the date is missed, in order.
        improvement_days: How long what it ends in may take, where nobody names a date; empty means that one is named.
    """

    warn_hours: Hours = 72
    ladder: tuple[Step, ...] = (
        Step(after_hours=0, audience=Role.LEAD),
        Step(after_hours=72, audience=Role.CUSTOMER_SERVICE),
        Step(after_hours=168, audience=Role.EXECUTIVE),
    )
    improvement_days: Days | None = None


@dataclass(frozen=True, kw_only=True)
class Opening(Form):
    """What a matter is about, and who answers for it.

    Attributes:
        reference: With the kind it names the matter: the same ones, the same matter.
        department: Whose it is; empty for the customer service department.
        owner: Who answers for it by name.
        due_at: Empty for a matter that nobody waits for.
        topic: What kind of review or hot spot it is, for whoever looks for those before it.
        sources: The matters that it came from; `cases` are the complaints.
        evidence: Why it was opened, line by line.
    """

    kind: Kind
    reference: Reference
    title: Line
    about: Text | None = None
    department: Identifier | None = None
    owner: Identifier | None = None
    due_at: Instant | None = None
    topic: Identifier | None = None
    sources: tuple[Reference, ...] = ()
    cases: tuple[Reference, ...] = ()
    evidence: tuple[Text, ...] = ()
    rules: Rules = Rules()


@dataclass(frozen=True, kw_only=True)
class MoreCases(Form):
    """Complaints that belong to it as well."""

    cases: Annotated[tuple[Reference, ...], MinLen(1)]


@dataclass(frozen=True, kw_only=True)
class Remark(Form):
    """Something to know about it."""

    text: Text


@dataclass(frozen=True, kw_only=True)
class NewOwner(Form):
    """Who answers for it from now on."""

    department: Identifier | None = None
    owner: Identifier | None = None
    reason: Text


@dataclass(frozen=True, kw_only=True)
class NewDate(Form):
    """By when it is to be done instead."""

    until: Instant
    reason: Text


@dataclass(frozen=True, kw_only=True)
class Conclusion(Form):
    """What was decided or done, and what follows."""

    decisions: Annotated[tuple[Text, ...], MinLen(1)]
    improvements: tuple[ImprovementPlan, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Abandonment(Form):
    """Why it is not pursued."""

    reason: Text


@dataclass(frozen=True, kw_only=True)
class Improvement:
    """An improvement that was raised, here or in a complaint. `matter` is set once it is a matter of its own."""

    id: str
    plan: ImprovementPlan
    matter: Later[str | None] = None
    raised_at: Later[datetime | None] = None


def id_of(kind: Kind, reference: str) -> str:
    """Return a matter's id, which is its workflow id.

    It has a dot before any hyphen, as no number of a complaint has.

    >>> id_of(Kind.INCIDENT, "flood-7")
    'incident.flood-7'
    """
    return f"{kind}.{reference}"


def title_of(text: str) -> str:
    r"""Make the one line by which a matter is listed of a longer text.

    >>> title_of("Read meters twice.\nThen ask.")
    'Read meters twice. Then ask.'
    """
    line = " ".join(text.split())
    return line if len(line) <= 200 else line[:199] + "…"
