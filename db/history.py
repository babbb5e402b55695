"""What is known of a customer from earlier: the complaints that were made under the same contact.

Confidential reporters have no history that is shown or counted, in neither direction: to link one complaint of theirs
to another would say who they are. Nor have anonymous ones, who leave no contact.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from complaints.commands import Register
from complaints.forms import refill
from complaints.lifecycle import Stage
from complaints.policy import Policy
from complaints.view import is_confidential as is_confidential_reporter
from complaints.vocabulary import Outcome
from db.confidentiality import is_confidential
from db.key_tables import ContactRow
from db.keys import Keys
from db.scores import spent
from db.tables import ComplaintRow

SHOWN = 20
"""As many earlier complaints are shown, the latest first."""


@dataclass(frozen=True, kw_only=True)
class Earlier:
    """An earlier complaint of the same customer. `cost` is what it has cost so far, in minor units by currency."""

    number: str
    received_at: datetime
    category: str
    stage: Stage
    outcome: Outcome | None
    cost: Mapping[str, int]


def earlier_of(session: Session, keys: Keys, number: str) -> list[Earlier]:
    """List what the customer of a recorded complaint had complained of before it."""
    query = select(ComplaintRow).where(
        ComplaintRow.number == number, ~ComplaintRow.customer_anonymous, ~is_confidential()
    )
    row = session.scalar(query)
    if row is None or row.customer_contact is None:
        return []
    contact = keys.opened(row.customer_contact, number)
    return earlier(session, keys, contact, than=row.received_at, besides=number)


def earlier(session: Session, keys: Keys, contact: str, *, than: datetime, besides: str) -> list[Earlier]:
    """List what a customer had complained of before, the latest first.

    Args:
        than: When the complaint that is looked at was received.
        besides: Its number.
    """
    query = (
        select(ComplaintRow)
        .where(*_before(keys, contact, than, besides))
        .order_by(ComplaintRow.received_at.desc(), ComplaintRow.number)
        .limit(SHOWN)
    )
    rows = list(session.scalars(query))
    cost = spent(session, [row.number for row in rows])
    return [refill(Earlier, row, cost=cost[row.number]) for row in rows]


def count_earlier(session: Session, keys: Keys, contact: str, *, than: datetime, besides: str) -> int:
    """Count what a customer had complained of before; what was merged into another complaint counts once."""
    query = select(func.count()).select_from(ComplaintRow).where(*_before(keys, contact, than, besides))
    return session.scalar(query.where(or_(*_not_merged()))) or 0


def with_history(
    session: Session, keys: Keys, form: Register, policy: Policy, *, number: str, received_at: datetime
) -> Register:
    """Fill in how often this customer complained before, where our records know of more than the source does.

    The number comes from source and reference, so that starting the same complaint again stays the same.
    """
    contact = form.customer.contact
    if contact is None or form.customer.anonymous or is_confidential_reporter(form, policy):
        return form
    known = count_earlier(session, keys, contact, than=received_at, besides=number)
    return replace(form, earlier_complaints=min(max(form.earlier_complaints, known), 10_000))


def _before(keys: Keys, contact: str, than: datetime, besides: str) -> tuple[ColumnElement[bool], ...]:
    return (
        ComplaintRow.number.in_(select(ContactRow.number).where(keys.blind.has_contact(contact))),
        ComplaintRow.received_at < than,
        ComplaintRow.number != besides,
        ~ComplaintRow.customer_anonymous,
        ~is_confidential(),
    )


def _not_merged() -> tuple[ColumnElement[bool], ...]:
    return ComplaintRow.outcome.is_(None), ComplaintRow.outcome != Outcome.DUPLICATE
