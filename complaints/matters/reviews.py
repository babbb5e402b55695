"""What is collected into a review, and the review that it becomes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from complaints.forms import Form, Names
from complaints.matters.commands import Envelope, Open
from complaints.matters.forms import Days, Kind, Rules
from complaints.vocabulary import ENGINE, Identifier, Line


class Collected(StrEnum):
    """Which complaints a review is about."""

    CLOSED_CONFLICTS = (
        "closed_conflicts"  # closed, and mediated, reopened, difficult, or the customer was dissatisfied
    )
    DISPUTED_LIABILITY = "disputed_liability"  # the liability is contested, and waits to be judged


class Sign(StrEnum):
    """Why a complaint is looked at."""

    MEDIATED = "mediated"
    DISSATISFIED = "dissatisfied"
    REOPENED = "reopened"
    DIFFICULT = "difficult"
    DISPUTED = "disputed"


SIGNS = {
    Sign.MEDIATED: Names(en="mediated", zh="经过调解"),
    Sign.DISSATISFIED: Names(en="the customer was dissatisfied", zh="客户不满意"),
    Sign.REOPENED: Names(en="reopened", zh="重新受理"),
    Sign.DIFFICULT: Names(en="difficult", zh="疑难投诉"),
    Sign.DISPUTED: Names(en="the liability is contested", zh="责任有争议"),
}


RULES = Rules(improvement_days=30)
"""How a review is watched unless its plan says otherwise."""


@dataclass(frozen=True, kw_only=True)
class ReviewPlan(Form):
    """What a review collects, and who holds it by when.

    Attributes:
        topic: Names the series of reviews; a complaint is collected once in each.
        reach_days: How long ago a complaint may have been closed.
        due_days: By when the review is to be ended.
    """

    topic: Identifier
    title: Line
    collects: Collected
    reach_days: Days = 92
    due_days: Days = 14
    department: Identifier | None = None
    owner: Identifier | None = None
    rules: Rules = RULES


@dataclass(frozen=True, kw_only=True)
class Found:
    """A complaint that is to be looked at, and why."""

    number: str
    signs: tuple[Sign, ...]


def opening(plan: ReviewPlan, found: tuple[Found, ...], now: datetime) -> Envelope:
    """Return the command that opens a review of what was found."""
    command = Open(
        kind=Kind.REVIEW,
        reference=f"{plan.topic}.{now:%Y-%m-%d.%H%M}",
        title=plan.title,
        topic=plan.topic,
        department=plan.department,
        owner=plan.owner,
        due_at=now + timedelta(days=plan.due_days),
        cases=tuple(each.number for each in found),
        evidence=tuple(_line(each) for each in found),
        rules=plan.rules,
    )
    return Envelope(id="opening", actor=ENGINE, received_at=now, command=command)


def _line(found: Found) -> str:
    english = ", ".join(SIGNS[sign].en for sign in found.signs)
    chinese = "、".join(SIGNS[sign].zh for sign in found.signs)
    return f"{found.number}: {english} ({chinese})"
