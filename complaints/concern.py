"""Whom a complaint concerns, as its workflow shows it; `db.visibility` says the same of the records."""

from __future__ import annotations

from complaints.permissions import Case
from complaints.view import View


def case_of(view: View) -> Case:
    """Return what of a complaint decides who may see it."""
    assert view.registration is not None  # a complaint begins with it
    escalations = view.escalations.values()
    departments = (
        *(asked.department for asked in view.verifications.values()),
        *(called.department for called in escalations),
        *(called.department for called in view.summons.values()),
    )
    people = (
        *(
            name
            for called in escalations
            if called.is_open
            for name in (called.person, called.acknowledged_by)
        ),
        *(action.plan.owner for action in view.actions.values()),
    )
    return Case(
        source=view.registration.source,
        department=view.department,
        handler=view.handler,
        departments=frozenset(name for name in departments if name is not None),
        people=frozenset(name for name in people if name is not None),
    )
