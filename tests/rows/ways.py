"""Short ways that several stories take to where theirs begins."""

from __future__ import annotations

from typing import Any

from complaints import commands as c
from complaints.records import Clock, ClockName
from complaints.vocabulary import Justified, Severity
from tests.workflow.cases import Case


async def heard(case: Case, category: str, *, kind: str | None = None, **contact: Any) -> None:
    """Hear the customer, classify what was said, and name who answers for it."""
    await case.do(c.RecordFirstContact, **contact)
    await case.do(
        c.Classify, category=category, severity=Severity.NORMAL, justified=Justified.UNKNOWN, kind=kind
    )
    await case.do(c.Assign)


async def prepared(case: Case, *, options: int = 2) -> None:
    """Conclude the investigation, and have so many options ready."""
    await case.do(c.RecordFindings)
    for order in range(1, options + 1):
        await case.do(c.PrepareOption, order=order, compensation=None)


async def agreed_and_done(case: Case, option: str = "O1") -> None:
    """Offer an option, have it accepted, and carry it out."""
    await case.do(c.OfferOption, option=option)
    await case.do(c.AcceptOption, option=option)
    await case.do(c.PlanAction)
    await case.do(c.CompleteAction)


async def statutory(case: Case, subject: str) -> Clock:
    """The clock of a statutory duty."""
    clocks = (await case.look()).clocks.values()
    (found,) = [k for k in clocks if k.name == ClockName.STATUTORY and k.subject == subject]
    return found
