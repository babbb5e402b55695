"""The queue of webhooks, as those who send from it see it: claim a lane, take its first event, say what came of it.

A lane is what waits of one complaint for one subscriber. Only who holds its claim sends from it, and only its first
event: that is what keeps the order. No transaction is open while anything is sent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from sqlalchemy import Connection, and_, delete, exists, func, select, text, update
from sqlalchemy.dialects.postgresql import insert

from complaints.cloud_event import LedgerLine
from complaints.patience import GIVE_UP_AFTER, SPARED_AFTER
from complaints.vocabulary import Actor
from complaints.webhooks import Progress, WebhookAttempt, WebhookStatus
from db.tables import LedgerRow
from db.webhook_tables import AttemptRow, LaneRow, SubscriptionRow, WebhookDeliveryRow

ATTEMPTS_KEPT = 20
ACCEPTED_KEPT = timedelta(days=30)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """The right to send from one lane, until `leased_until`; and with what."""

    token: str
    subscription: str
    number: str
    url: str
    secret: bytes
    former_secret: bytes | None
    leased_until: datetime


@dataclass(frozen=True, kw_only=True)
class Waiting:
    """The first event of a lane. See `WebhookDeliveryRow`.

    Attributes:
        failing: Whether the receiver has not accepted the last that was sent to it.
    """

    line: LedgerLine
    queued_at: datetime
    attempts: int
    tries: int
    first_attempt_at: datetime | None
    failing: bool


@dataclass(frozen=True, kw_only=True)
class Failing:
    """How a subscription's receiver does as a whole."""

    failures: int
    since: datetime


def claim(connection: Connection, *, now: datetime, limit: int, each: int, lease: timedelta) -> list[Claim]:
    """Claim lanes that are due, the longest due first.

    Args:
        limit: How many at most.
        each: How many of one subscription at most, whoever holds them. Where nothing was accepted of late: one.
    """
    token = uuid4().hex
    rows = connection.execute(
        _CLAIM,
        {
            "now": now,
            "limit": limit,
            "each": each,
            "spared": SPARED_AFTER,
            "token": token,
            "leased_until": now + lease,
        },
    ).mappings()
    return [Claim(token=token, leased_until=now + lease, **row) for row in rows]


_CLAIM = text("""
    WITH served AS (
        SELECT id, url, secret, CASE WHEN former_until > :now THEN former_secret END AS former_secret,
            CASE WHEN failures >= :spared THEN 1 ELSE :each END
                - (SELECT count(*) FROM webhook_lanes AS held WHERE held.subscription = s.id AND held.leased_until > :now)
                AS room
        FROM webhook_subscriptions AS s
        WHERE status = 'active' AND (rests_until IS NULL OR rests_until <= :now)
    ), due AS (
        SELECT lane.* FROM served CROSS JOIN LATERAL (
            SELECT subscription, number, due_at FROM webhook_lanes
            WHERE subscription = served.id AND due_at <= :now AND (leased_until IS NULL OR leased_until <= :now)
            ORDER BY due_at LIMIT greatest(served.room, 0) FOR UPDATE SKIP LOCKED
        ) AS lane
        ORDER BY lane.due_at LIMIT :limit
    )
    UPDATE webhook_lanes AS lane SET claim = :token, leased_until = :leased_until
    FROM due JOIN served ON served.id = due.subscription
    WHERE lane.subscription = due.subscription AND lane.number = due.number
    RETURNING lane.subscription, lane.number, served.url, served.secret, served.former_secret
""")


def first(connection: Connection, claim: Claim) -> Waiting | None:
    """Read the event that is to be sent next; none where nothing waits, or the claim or the subscription is gone."""
    row = connection.execute(
        select(
            *(WebhookDeliveryRow.queued_at, WebhookDeliveryRow.attempts, WebhookDeliveryRow.tries),
            *(WebhookDeliveryRow.first_attempt_at, LedgerRow.number, LedgerRow.seq, LedgerRow.at),
            *(LedgerRow.occurred_at, LedgerRow.actor_id, LedgerRow.actor_role, LedgerRow.actor_department),
            *(LedgerRow.command_id, LedgerRow.fact, SubscriptionRow.failures),
        )
        .join(SubscriptionRow, SubscriptionRow.id == WebhookDeliveryRow.subscription)
        .join(
            LedgerRow,
            and_(LedgerRow.number == WebhookDeliveryRow.number, LedgerRow.seq == WebhookDeliveryRow.seq),
        )
        .where(
            WebhookDeliveryRow.subscription == claim.subscription,
            WebhookDeliveryRow.number == claim.number,
            WebhookDeliveryRow.progress == Progress.WAITING,
            exists().where(
                LaneRow.subscription == claim.subscription,
                LaneRow.number == claim.number,
                LaneRow.claim == claim.token,
            ),
            SubscriptionRow.status == WebhookStatus.ACTIVE,
        )
        .order_by(WebhookDeliveryRow.seq)
        .limit(1)
    ).first()
    if row is None:
        return None
    line = LedgerLine(
        number=row.number,
        seq=row.seq,
        at=row.at,
        occurred_at=row.occurred_at,
        actor=Actor(id=row.actor_id, role=row.actor_role, department=row.actor_department),
        command_id=row.command_id,
        fact=row.fact,
    )
    return Waiting(
        line=line,
        queued_at=row.queued_at,
        attempts=row.attempts,
        tries=row.tries,
        first_attempt_at=row.first_attempt_at,
        failing=row.failures > 0,
    )


def note(
    connection: Connection, claim: Claim, waiting: Waiting, attempt: WebhookAttempt, progress: Progress
) -> None:
    """Write down an attempt and what has become of the event by it.

    If the event was asked for again while it was being sent, it stays where it is in its lane.
    """
    seq = waiting.line.seq
    key = {"subscription": claim.subscription, "number": claim.number, "seq": seq}
    settled = (
        update(WebhookDeliveryRow)
        .where(
            *_is(WebhookDeliveryRow, claim, seq),
            WebhookDeliveryRow.progress == Progress.WAITING,
            WebhookDeliveryRow.queued_at == waiting.queued_at,
        )
        .values(
            progress=progress,
            attempts=WebhookDeliveryRow.attempts + 1,
            tries=WebhookDeliveryRow.tries + 1,
            first_attempt_at=func.coalesce(WebhookDeliveryRow.first_attempt_at, attempt.at),
            settled_at=None if progress == Progress.WAITING else attempt.at,
        )
        .cte("settled")
    )
    row = {name: getattr(attempt, name) for name in ("attempt", "at", "outcome", "status", "duration_ms")}
    connection.execute(insert(AttemptRow).values(key | row).on_conflict_do_nothing().add_cte(settled))
    if attempt.attempt > ATTEMPTS_KEPT:
        oldest = attempt.attempt - ATTEMPTS_KEPT
        connection.execute(
            delete(AttemptRow).where(*_is(AttemptRow, claim, seq), AttemptRow.attempt <= oldest)
        )


def _is(table: type[WebhookDeliveryRow | AttemptRow], claim: Claim, seq: int) -> Sequence[Any]:
    return (table.subscription == claim.subscription, table.number == claim.number, table.seq == seq)


def recover(connection: Connection, subscription: str, now: datetime) -> None:
    """Note that a receiver has accepted something: what waits to be sent again need not wait any longer."""
    was_failing = connection.execute(
        update(SubscriptionRow)
        .where(SubscriptionRow.id == subscription, SubscriptionRow.failures > 0)
        .values(failures=0, failing_since=None, rests_until=None)
        .returning(SubscriptionRow.id)
    ).first()
    if was_failing:
        hurry(connection, subscription, now)


def hurry(connection: Connection, subscription: str, now: datetime) -> None:
    """Have what waits to be sent again be sent at once."""
    connection.execute(
        update(LaneRow).where(LaneRow.subscription == subscription, LaneRow.due_at > now).values(due_at=now)
    )


def fail(connection: Connection, subscription: str, now: datetime) -> Failing:
    """Note that a receiver has not accepted something, and say since when it has not."""
    row = connection.execute(
        update(SubscriptionRow)
        .where(SubscriptionRow.id == subscription)
        .values(
            failures=SubscriptionRow.failures + 1,
            failing_since=func.coalesce(SubscriptionRow.failing_since, now),
        )
        .returning(SubscriptionRow.failures, SubscriptionRow.failing_since)
    ).first()
    if row is None or row.failing_since is None:
        return Failing(failures=1, since=now)
    return Failing(failures=row.failures, since=row.failing_since)


def rest(connection: Connection, subscription: str, until: datetime) -> None:
    """Leave a receiver alone for a while."""
    connection.execute(
        update(SubscriptionRow).where(SubscriptionRow.id == subscription).values(rests_until=until)
    )


def disable(connection: Connection, subscription: str, why: str) -> None:
    """Serve a subscription no more, until somebody has it go on."""
    connection.execute(
        update(SubscriptionRow)
        .where(SubscriptionRow.id == subscription, SubscriptionRow.status != WebhookStatus.DISABLED)
        .values(status=WebhookStatus.DISABLED, why=why)
    )


def park_overdue(connection: Connection, subscription: str, now: datetime) -> None:
    """Give up what has waited for three days for a receiver that has accepted nothing for as long."""
    connection.execute(
        update(WebhookDeliveryRow)
        .where(
            WebhookDeliveryRow.subscription == subscription,
            WebhookDeliveryRow.progress == Progress.WAITING,
            WebhookDeliveryRow.queued_at <= now - GIVE_UP_AFTER,
        )
        .values(progress=Progress.PARKED, settled_at=now)
    )


def give_back(connection: Connection, claim: Claim, *, due_at: datetime) -> None:
    """Give up a claim. A lane in which nothing waits is no more."""
    lane = (LaneRow.subscription == claim.subscription, LaneRow.number == claim.number)
    mine = (*lane, LaneRow.claim == claim.token)
    # Whoever records an event writes the lane, so from here on they wait; what they have queued is seen below.
    if connection.execute(select(LaneRow.number).where(*mine).with_for_update()).first() is None:
        return
    waits = select(WebhookDeliveryRow.seq).where(
        WebhookDeliveryRow.subscription == claim.subscription,
        WebhookDeliveryRow.number == claim.number,
        WebhookDeliveryRow.progress == Progress.WAITING,
    )
    if connection.execute(waits.limit(1)).first() is None:
        connection.execute(delete(LaneRow).where(*mine))
    else:
        free = {"due_at": due_at, "claim": None, "leased_until": None}
        connection.execute(update(LaneRow).where(*mine).values(**free))


def sweep(connection: Connection, now: datetime, at_most: int = 5000) -> bool:
    """Delete what was accepted long ago and what deleted subscriptions have left; say whether there may be more.

    Args:
        at_most: Events of one subscription.
    """
    limits = {"before": now - ACCEPTED_KEPT, "at_most": at_most}
    most = connection.execute(_SWEEP, limits).scalar()
    connection.execute(_SWEEP_SUBSCRIPTIONS)
    connection.execute(_SWEEP_STRAGGLERS)
    return most is not None and most >= at_most


_SWEEP = text("""
    WITH old AS (
        SELECT event.* FROM webhook_subscriptions AS s CROSS JOIN LATERAL (
            SELECT subscription, number, seq FROM webhook_deliveries
            WHERE subscription = s.id AND (s.status = 'deleted'
                OR (queued_at < :before AND progress = 'accepted' AND settled_at < :before))
            ORDER BY queued_at LIMIT :at_most FOR UPDATE SKIP LOCKED
        ) AS event
    ), gone AS (
        DELETE FROM webhook_deliveries AS delivery USING old
        WHERE (delivery.subscription, delivery.number, delivery.seq) = (old.subscription, old.number, old.seq)
    ), attempts AS (
        DELETE FROM webhook_attempts AS attempt USING old
        WHERE (attempt.subscription, attempt.number, attempt.seq) = (old.subscription, old.number, old.seq)
    )
    SELECT count(*) AS events FROM old GROUP BY subscription ORDER BY events DESC LIMIT 1
""")

_SWEEP_SUBSCRIPTIONS = text("""
    DELETE FROM webhook_subscriptions AS s
    WHERE status = 'deleted' AND NOT EXISTS (SELECT FROM webhook_deliveries WHERE subscription = s.id)
""")

_SWEEP_STRAGGLERS = text("""
    WITH stray AS (
        DELETE FROM webhook_lanes AS lane
        WHERE NOT EXISTS (SELECT FROM webhook_subscriptions WHERE id = lane.subscription)
        RETURNING subscription, number
    )
    DELETE FROM webhook_deliveries AS delivery USING stray
    WHERE (delivery.subscription, delivery.number) = (stray.subscription, stray.number)
""")
