"""Likely duplicates of a complaint: a bounded number of candidates from the records, compared by the rules."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, Select, or_, select, true
from sqlalchemy.orm import Session

from complaints.commands import Register
from complaints.forms import refill
from complaints.lifecycle import Stage
from complaints.likeness import NEAR, Gist, Likeness, likeness
from complaints.policy import Policy
from complaints.view import is_confidential as is_confidential_reporter
from complaints.vocabulary import Outcome
from db.confidentiality import is_confidential
from db.key_tables import ContactRow, SaidRow
from db.keys import Keys
from db.tables import ComplaintRow

CANDIDATES = 200
"""As many at most are compared for each thing that they could have in common, those received last."""


@dataclass(frozen=True, kw_only=True)
class Alike:
    """A complaint that is likely the same, how alike it is, and why."""

    number: str
    stage: Stage
    outcome: Outcome | None
    category: str
    received_at: datetime
    likeness: Likeness


def gist_of(form: Register, policy: Policy, received_at: datetime) -> Gist:
    """Say what a complaint that comes in is compared by."""
    hidden = form.customer.anonymous or is_confidential_reporter(form, policy)
    return Gist(
        contact=None if hidden else form.customer.contact,
        category=form.category,
        place=form.place,
        received_at=received_at,
        text=form.description,
    )


def recorded_gist(session: Session, keys: Keys, number: str) -> Gist | None:
    """Say what a recorded complaint is compared by; None if there is none of this number."""
    query = select(ComplaintRow, is_confidential()).where(ComplaintRow.number == number)
    line = session.execute(query).one_or_none()
    return _gist(*line, keys.opened(_personal(line[0]), number)) if line else None


def similar(
    session: Session,
    keys: Keys,
    gist: Gist,
    *,
    besides: str,
    limit: int = 5,
    only: ColumnElement[bool] | None = None,
) -> list[Alike]:
    """List the complaints that are likely the same, the most alike first; those that were merged already are left out.

    Args:
        besides: The number of the complaint itself.
        only: A further condition, such as `visibility.is_visible`.
    """
    query = select(ComplaintRow, is_confidential()).where(
        or_(*(ComplaintRow.number.in_(numbers) for numbers in _candidates(gist, keys))),
        ComplaintRow.number != besides,
        true() if only is None else only,
    )
    rows = session.execute(query).all()
    keys.remember([_personal(row) for row, _ in rows])
    opened = [keys.opened(_personal(row), row.number) for row, _ in rows]
    compared = (
        refill(Alike, row, likeness=likeness(gist, _gist(row, hidden, texts)))
        for (row, hidden), texts in zip(rows, opened, strict=True)
    )
    found = [each for each in compared if each.likeness.is_likely_the_same]
    found.sort(key=lambda each: (-each.likeness.degree, each.received_at, each.number))
    return found[:limit]


def _candidates(gist: Gist, keys: Keys) -> Iterator[Select[str]]:
    """Name those of the same customer, of the same category and place, of the same category, and of the same words."""
    if gist.contact:
        by_contact = select(ContactRow.number).where(keys.blind.has_contact(gist.contact))
        yield _near(gist).where(ComplaintRow.number.in_(by_contact))
    of_category = _near(gist).where(ComplaintRow.category == gist.category)
    if gist.place:
        yield of_category.where(ComplaintRow.place == gist.place)
    yield of_category
    yield _near(gist).where(
        ComplaintRow.number.in_(select(SaidRow.number).where(keys.blind.has_words(gist.text)))
    )


def _near(gist: Gist) -> Select[str]:
    return (
        select(ComplaintRow.number)
        .where(
            ComplaintRow.received_at.between(gist.received_at - NEAR, gist.received_at + NEAR),
            or_(ComplaintRow.outcome.is_(None), ComplaintRow.outcome != Outcome.DUPLICATE),
        )
        .order_by(ComplaintRow.received_at.desc())
        .limit(CANDIDATES)
    )


def _personal(row: ComplaintRow) -> list[str | None]:
    return [row.customer_contact, row.description]


def _gist(row: ComplaintRow, hidden: bool, opened: Sequence[str | None]) -> Gist:
    contact, text = opened
    return Gist(
        contact=None if hidden or row.customer_anonymous else contact,
        category=row.category,
        place=row.place,
        received_at=row.received_at,
        text=text or "",
    )
