"""Reads and writes what was sent and what waits. The caller holds the connection, and commits.

Whoever sends to a lane holds its lock from the look at what waits until what was sent is written down, so that no
two messages tell the same notice.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, delete, exists, func, select, update
from sqlalchemy.dialects.postgresql import insert

from db.delivery_tables import DeliveryRow, WaitingRow

TOGETHER_AT_MOST = 500
"""More notices than anybody reads in one message; the rest come with the next."""


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """A notice that waits, with all that is needed to tell it; see `WaitingRow`."""

    notice: str
    lane: str
    subject: str
    body: str
    line: str
    data: Mapping[str, Any]
    since: datetime


@dataclass(frozen=True, kw_only=True)
class Sealed:
    """Notices that are sent with one message, and with no other."""

    message: str
    notices: tuple[Waiting, ...]


@dataclass(frozen=True, kw_only=True)
class Sending:
    """What came of a notice; see `DeliveryRow`."""

    notice: str
    lane: str
    message: str
    channel: str
    receipt: str
    failed: bool
    sent_at: datetime


def sending_of(connection: Connection, notice: str) -> Sending | None:
    """Return what came of a notice, if it was sent."""
    row = connection.execute(_columns(DeliveryRow).where(DeliveryRow.notice == notice)).mappings().first()
    return Sending(**row) if row else None


def last_sent_at(connection: Connection, lane: str) -> datetime | None:
    """Return when this lane was last told anything."""
    return connection.scalar(
        select(func.max(DeliveryRow.sent_at)).where(DeliveryRow.lane == lane, ~DeliveryRow.failed)
    )


def wait(connection: Connection, notice: Waiting) -> datetime:
    """Have a notice wait, and return since when the one that waits longest in its lane does."""
    connection.execute(insert(WaitingRow).values(asdict(notice)).on_conflict_do_nothing())
    since = connection.scalar(select(func.min(WaitingRow.since)).where(WaitingRow.lane == notice.lane))
    return since or notice.since  # sent and gone in this very moment


def lock(connection: Connection, lane: str) -> bool:
    """Take the lane's lock until `unlock`, or the end of the connection; say whether it was free."""
    return bool(connection.scalar(select(func.pg_try_advisory_lock(_key(lane)))))


def unlock(connection: Connection, lane: str) -> None:
    """Give the lane's lock back."""
    connection.execute(select(func.pg_advisory_unlock(_key(lane))))


def _key(lane: str) -> Any:
    return func.hashtextextended(f"redress notices {lane}", 0)


def seal(connection: Connection, lane: str) -> Sealed | None:
    """Settle which notices go with the lane's next message. Needs its lock.

    A message that was settled before, and perhaps sent by somebody who died over it, comes first and unchanged:
    sent again it is the same to its receiver.
    """
    of_lane = WaitingRow.lane == lane
    sent = exists().where(DeliveryRow.notice == WaitingRow.notice)
    connection.execute(delete(WaitingRow).where(of_lane, sent))
    message = connection.scalar(
        select(WaitingRow.message).where(of_lane, WaitingRow.message.is_not(None)).limit(1)
    )
    if message is None:
        order = (WaitingRow.since, WaitingRow.notice)
        chosen = connection.scalars(
            select(WaitingRow.notice).where(of_lane).order_by(*order).limit(TOGETHER_AT_MOST)
        ).all()
        message = chosen[0] if len(chosen) == 1 else f"bundle/{uuid4()}"
        connection.execute(update(WaitingRow).where(WaitingRow.notice.in_(chosen)).values(message=message))
    rows = connection.execute(
        _columns(WaitingRow)
        .where(WaitingRow.message == message)
        .order_by(WaitingRow.since, WaitingRow.notice)
    ).mappings()
    notices = tuple(Waiting(**{k: v for k, v in row.items() if k != "message"}) for row in rows)
    return Sealed(message=message, notices=notices) if notices else None


def write_down(connection: Connection, sendings: Sequence[Sending]) -> None:
    """Record what was sent; none of it waits any longer. What is recorded already stays as it is."""
    if not sendings:
        return
    connection.execute(insert(DeliveryRow).on_conflict_do_nothing(), [asdict(each) for each in sendings])
    connection.execute(delete(WaitingRow).where(WaitingRow.notice.in_([each.notice for each in sendings])))


def _columns(table: type[DeliveryRow | WaitingRow]) -> Any:
    return select(*table.__table__.columns)
