"""When an improvement is due, and when one is raised by itself. Complaints and matters share the rule."""

from __future__ import annotations

from datetime import datetime

from complaints.copies import replace
from complaints.errors import DueInThePast, DueMissing
from complaints.forms import ImprovementPlan


def dated(plan: ImprovementPlan, received: datetime, otherwise: datetime | None) -> ImprovementPlan:
    """Give an improvement its date: the one that is named, or the one that the rules give.

    Raises:
        DueMissing: Neither is there.
        DueInThePast: It has gone by.
    """
    due_at = plan.due_at or otherwise
    if due_at is None:
        raise DueMissing("nobody says by when it has to be improved", "name due_at")
    if due_at <= received:
        raise DueInThePast(f"{due_at.isoformat()} has gone by", "name a later date")
    return replace(plan, due_at=due_at)
