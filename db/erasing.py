"""Forgetting people: their keys are destroyed, and with them all that was sealed, in every copy there is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, delete, select, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from complaints.forgetting import check, is_due
from complaints.lifecycle import Stage
from complaints.sealed import is_sealed
from complaints.vocabulary import Actor
from db import queries
from db.key_tables import ContactRow, ErasureRow
from db.keys import Keys, destroy
from db.start_tables import StartKeyRow, StartRow
from db.tables import ComplaintRow

_BATCH = 500


@dataclass(frozen=True, kw_only=True)
class Concerned:
    """A complaint whose people may be forgotten.

    Attributes:
        clear: It was recorded before there were keys: its words stand in the ledger, and no key can take them back.
    """

    number: str
    stage: Stage
    closed_at: datetime | None
    clear: bool


def of_customer(session: Session, keys: Keys, contact: str) -> list[Concerned]:
    """List the complaints that were made under a telephone number, an address or an account, in any spelling."""
    made_by = select(ContactRow.number).where(keys.blind.has_contact(contact))
    return _concerned(session, ComplaintRow.number.in_(made_by))


def of_numbers(session: Session, numbers: Sequence[str]) -> list[Concerned]:
    """List complaints by number; unknown ones are left out."""
    return _concerned(session, ComplaintRow.number.in_(numbers))


def due(session: Session, now: datetime) -> Iterator[Concerned]:
    """List the complaints that were kept for as long as their policy says."""
    forgotten = select(ErasureRow.number).where(ErasureRow.number == ComplaintRow.number).exists()
    query = (
        select(ComplaintRow)
        .where(ComplaintRow.stage == Stage.ENDED, ComplaintRow.closed_at < now, ~forgotten)
        .order_by(ComplaintRow.closed_at, ComplaintRow.number)
        .execution_options(yield_per=_BATCH)
    )
    for row in session.scalars(query):
        policy = queries.policy(session, row.policy_sha256)
        if policy is not None and is_due(policy, row.stage, row.closed_at, now):
            yield _one(row)


def erase(
    session: Session, concerned: Sequence[Concerned], actor: Actor, reason: str, at: datetime
) -> list[str]:
    """Forget whoever made these complaints, and return the ids of the keys that are gone. The caller commits.

    Doing it again changes nothing. It takes turns with whoever records one of them just now: what that one makes
    findable is deleted here, or is not written any more (`db.findable`).

    Raises:
        StillOpen: One of them is being worked on; nobody is forgotten then.
    """
    numbers = [each.number for each in concerned]
    if not numbers:
        return []
    stages = select(ComplaintRow.number, ComplaintRow.stage).where(ComplaintRow.number.in_(numbers))
    for number, stage in session.execute(stages.order_by(ComplaintRow.number).with_for_update()):
        check(number, stage)
    rows = [
        {"number": n, "at": at, "actor_id": actor.id, "actor_role": actor.role, "reason": reason}
        for n in numbers
    ]
    session.execute(insert(ErasureRow).on_conflict_do_nothing(), rows)
    # Whoever has the installation's key could try telephone numbers at these digests until one fits.
    session.execute(delete(StartRow).where(StartRow.number.in_(numbers)))
    session.execute(delete(StartKeyRow).where(StartKeyRow.number.in_(numbers)))
    return destroy(session, numbers, at)


def sweep(engine: Engine) -> None:
    """Have PostgreSQL take what was deleted out of its pages: until then the old rows lie there.

    Its log of changes, copies of its files and backups keep them for as long as they are kept themselves.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM keys, said, contacts, starts, start_keys"))


def _concerned(session: Session, condition: object) -> list[Concerned]:
    query = select(ComplaintRow).where(condition).order_by(ComplaintRow.received_at, ComplaintRow.number)  # type: ignore[arg-type]  # made above
    return [_one(row) for row in session.scalars(query)]


def _one(row: ComplaintRow) -> Concerned:
    said = (row.customer_name, row.customer_contact, row.customer_account, row.description)
    return Concerned(
        number=row.number,
        stage=row.stage,
        closed_at=row.closed_at,
        clear=any(text is not None and not is_sealed(text) for text in said),
    )
