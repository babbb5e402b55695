"""Starts by HTTP: what was started under which name, so that the same request is known again and another is told apart."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from complaints.canonical import canonical
from complaints.forms import refill
from db.start_tables import StartKeyRow, StartRow
from db.tables import ComplaintRow


@dataclass(frozen=True, kw_only=True)
class Start:
    """A start as it was answered the first time."""

    number: str
    digests: Mapping[str, str]
    received_at: datetime
    policy_name: str
    policy_version: str
    policy_sha256: str


@dataclass(frozen=True, kw_only=True)
class Known:
    """What is known of a request before it is let in.

    Attributes:
        keyed_number: The complaint that its idempotency key was used for.
        start: The start of that complaint, else of the one that the request names.
        recorded: Whether the complaint that it names is on record, however it came in.
    """

    keyed_number: str | None
    start: Start | None
    recorded: bool


def digests_of(fields: Mapping[str, Any], number: str, key: bytes) -> dict[str, str]:
    """Make a digest of each field; the same value has another one in another complaint, and none without the key."""
    return {
        name: hmac.digest(key, canonical([number, name, value]).encode(), "sha256").hex()
        for name, value in fields.items()
    }


def digest_key(encryption_key: bytes) -> bytes:
    """Derive the key of all digests; who learns one of the two keys by its use learns nothing of the other."""
    return hmac.digest(encryption_key, b"redress: digests of starts", "sha256")


def look_up(session: Session, number: str, caller: str, key: str | None) -> Known:
    """Say what is known of a request, and claim its idempotency key if nobody has."""
    keyed = None
    if key is not None:
        values = {"caller": caller, "key": key, "number": number}
        session.execute(insert(StartKeyRow).values(values).on_conflict_do_nothing())
        keyed = session.scalars(
            select(StartKeyRow.number).where(StartKeyRow.caller == caller, StartKeyRow.key == key)
        ).one_or_none()
    row = session.get(StartRow, keyed or number)
    recorded = session.scalar(select(ComplaintRow.number).where(ComplaintRow.number == number)) is not None
    return Known(keyed_number=keyed, start=refill(Start, row) if row else None, recorded=recorded)


def find(session: Session, number: str) -> Start | None:
    """Return how a complaint was started by HTTP."""
    row = session.get(StartRow, number)
    return refill(Start, row) if row else None


def release(session: Session, caller: str, key: str, number: str) -> None:
    """Free a key whose request was refused."""
    session.execute(
        delete(StartKeyRow).where(
            StartKeyRow.caller == caller, StartKeyRow.key == key, StartKeyRow.number == number
        )
    )


def record(session: Session, start: Start) -> Start:
    """Remember a start; of several the first one counts, and is returned to all."""
    values = {**vars(start), "digests": dict(start.digests)}
    session.execute(insert(StartRow).values(values).on_conflict_do_nothing())
    return refill(Start, session.get_one(StartRow, start.number))
