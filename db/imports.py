"""What an import asks of the records: which complaints are there already, and when policies took turns."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.policy_tables import PolicyActivationRow
from db.tables import ComplaintRow


def recorded(session: Session, numbers: Sequence[str]) -> set[str]:
    """Return those of the numbers that are on record."""
    return set(session.scalars(select(ComplaintRow.number).where(ComplaintRow.number.in_(numbers))))


def turns(session: Session) -> list[datetime]:
    """Return the instants of receipt from which on another policy may be in force, in ascending order."""
    row = PolicyActivationRow
    return list(session.scalars(select(row.received_from).distinct().order_by(row.received_from)))
