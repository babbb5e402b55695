"""What became of events on their way to subscribers, and sending them again. The caller commits."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    and_,
    func,
    literal,
    literal_column,
    select,
    tuple_,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from complaints.webhooks import (
    LONGEST_REPLAY,
    Progress,
    Replay,
    ReplayTooLong,
    WebhookAttempt,
    WebhookDelivery,
)
from db.tables import ComplaintRow, LedgerRow, table_of
from db.webhook_fan_out import QUEUED, call, is_told
from db.webhook_tables import AttemptRow, SubscriptionRow, WebhookDeliveryRow


@dataclass(frozen=True, kw_only=True)
class Mark:
    """Where a list goes on: after this event."""

    queued_at: datetime
    number: str
    seq: int


def deliveries(
    connection: Connection,
    subscription: str,
    *,
    progress: Progress | None = None,
    number: str | None = None,
    after: Mark | None = None,
    limit: int = 50,
) -> list[WebhookDelivery]:
    """List events, the newest first, each with its newest attempts."""
    order = (WebhookDeliveryRow.queued_at, WebhookDeliveryRow.number, WebhookDeliveryRow.seq)
    query = (
        select(*WebhookDeliveryRow.__table__.columns)
        .where(WebhookDeliveryRow.subscription == subscription)
        .order_by(*(column.desc() for column in order))
        .limit(limit)
    )
    if progress is not None:
        query = query.where(WebhookDeliveryRow.progress == progress)
    if number is not None:
        query = query.where(WebhookDeliveryRow.number == number)
    if after is not None:
        query = query.where(
            tuple_(*order) < tuple_(literal(after.queued_at), literal(after.number), literal(after.seq))
        )
    rows = connection.execute(query).all()
    logs = _logs(connection, subscription, [(row.number, row.seq) for row in rows])
    return [
        WebhookDelivery(
            number=row.number,
            seq=row.seq,
            type=row.type,
            progress=row.progress,
            queued_at=row.queued_at,
            attempts=row.attempts,
            first_attempt_at=row.first_attempt_at,
            settled_at=row.settled_at,
            log=tuple(logs[row.number, row.seq]),
        )
        for row in rows
    ]


def _logs(
    connection: Connection, subscription: str, events: Sequence[tuple[str, int]]
) -> dict[tuple[str, int], list[WebhookAttempt]]:
    logs: dict[tuple[str, int], list[WebhookAttempt]] = defaultdict(list)
    if not events:
        return logs
    found = connection.execute(
        select(*AttemptRow.__table__.columns)
        .where(
            AttemptRow.subscription == subscription,
            tuple_(AttemptRow.number, AttemptRow.seq).in_(events),
        )
        .order_by(AttemptRow.attempt)
    )
    for row in found:
        attempt = WebhookAttempt(
            attempt=row.attempt,
            at=row.at,
            outcome=row.outcome,
            status=row.status,
            duration_ms=row.duration_ms,
        )
        logs[row.number, row.seq].append(attempt)
    return logs


def replay(connection: Connection, subscription: str, what: Replay, now: datetime) -> int:
    """Queue events again, and return how many. Needs the subscription's lock (`db.webhooks.lock`).

    Raises:
        ReplayTooLong: They are more than are sent at once.
    """
    queued = _park_undone(subscription, now) if what.parked else _again(subscription, what, now)
    table = table_of(WebhookDeliveryRow)
    rows = queued.returning(table.c.subscription, table.c.number, table.c.queued_at).cte("queued")
    lanes = call(rows, now).cte("lanes")
    count = connection.execute(select(func.count()).select_from(rows).add_cte(lanes)).scalar_one()
    if count > LONGEST_REPLAY:
        raise ReplayTooLong(
            f"these are more than {LONGEST_REPLAY} events",
            "name a later instant",
            "send again complaint by complaint",
        )
    return int(count)


def _park_undone(subscription: str, now: datetime) -> Any:
    return (
        update(WebhookDeliveryRow)
        .where(
            WebhookDeliveryRow.subscription == subscription, WebhookDeliveryRow.progress == Progress.PARKED
        )
        .values(_fresh(now))
    )


def _again(subscription: str, what: Replay, now: datetime) -> Any:
    ledger = table_of(LedgerRow)
    asked = (
        select(ledger.c.number, ledger.c.seq, ledger.c.type, ledger.c.fact)
        .where(*_asked(ledger, what))
        .subquery("asked")
    )
    wanted = (
        select(
            SubscriptionRow.id,
            asked.c.number,
            asked.c.seq,
            asked.c.type,
            literal_column("'waiting'"),
            literal(now),
            literal_column("0"),
            literal_column("0"),
        )
        .select_from(asked)
        .join(ComplaintRow, ComplaintRow.number == asked.c.number)
        .join(SubscriptionRow, and_(SubscriptionRow.id == subscription, is_told(asked)))
        .limit(LONGEST_REPLAY + 1)
    )
    statement = insert(WebhookDeliveryRow).from_select(list(QUEUED), wanted)
    return statement.on_conflict_do_update(index_elements=["subscription", "number", "seq"], set_=_fresh(now))


def _fresh(now: datetime) -> dict[str, Any]:
    return {
        "progress": Progress.WAITING,
        "queued_at": now,
        "tries": 0,
        "first_attempt_at": None,
        "settled_at": None,
    }


def _asked(ledger: Any, what: Replay) -> list[ColumnElement[bool]]:
    if what.number is not None:
        return [ledger.c.number == what.number, ledger.c.seq >= what.from_seq]
    return [ledger.c.at >= what.since]
