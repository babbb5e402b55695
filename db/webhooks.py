"""Subscriptions to webhooks: kept, listed and changed for those they belong to. The caller commits."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, false, func, select, update
from sqlalchemy.dialects.postgresql import insert

from complaints.permissions import Caller, Reach, Right, reach
from complaints.vocabulary import Actor
from complaints.webhooks import (
    MOST_SUBSCRIPTIONS,
    Progress,
    Subscription,
    TooManySubscriptions,
    UnknownSubscription,
    WebhookDraft,
    WebhookStatus,
)
from db import webhook_queue as queue
from db.webhook_tables import SubscriptionRow, WebhookDeliveryRow


@dataclass(frozen=True, kw_only=True)
class Secrets:
    """The sealed secrets of a subscription, and where it sends to."""

    subscription: str
    url: str
    secret: bytes
    former_secret: bytes | None


def create(
    connection: Connection, caller: Caller, name: str, draft: WebhookDraft, *, secret: bytes, at: datetime
) -> None:
    """Add a subscription of the caller's.

    Args:
        secret: Sealed.

    Raises:
        TooManySubscriptions: The caller has so many.
    """
    actor = caller.actor
    of_owner = (
        SubscriptionRow.owner_id == actor.id,
        SubscriptionRow.owner_role == actor.role,
        SubscriptionRow.status != WebhookStatus.DELETED,
    )
    connection.execute(
        select(func.pg_advisory_xact_lock(func.hashtextextended(f"redress webhooks of {actor.id}", 0)))
    )
    if (connection.scalar(select(func.count()).where(*of_owner)) or 0) >= MOST_SUBSCRIPTIONS:
        raise TooManySubscriptions(
            f"{actor.id} has {MOST_SUBSCRIPTIONS} subscriptions, and nobody may have more",
            "delete one that is no longer needed",
        )
    connection.execute(
        insert(SubscriptionRow).values(
            id=name,
            owner_id=actor.id,
            owner_role=actor.role,
            owner_department=actor.department,
            url=draft.url,
            types=list(draft.types),
            department=draft.department,
            status=WebhookStatus.ACTIVE,
            created_at=at,
            secret=secret,
            failures=0,
        )
    )


def find(connection: Connection, caller: Caller) -> list[Subscription]:
    """List what the caller may see, the oldest first."""
    rows = connection.execute(
        _SHOWN.where(_is_theirs(caller)).order_by(SubscriptionRow.created_at, SubscriptionRow.id)
    ).all()
    return _shown(connection, rows)


def show(connection: Connection, caller: Caller, name: str) -> Subscription:
    """Read one.

    Raises:
        UnknownSubscription: There is none that the caller may see.
    """
    rows = connection.execute(_SHOWN.where(_is_theirs(caller), SubscriptionRow.id == name)).all()
    if not rows:
        raise UnknownSubscription(name)
    return _shown(connection, rows)[0]


def secrets(connection: Connection, caller: Caller, name: str, now: datetime) -> Secrets:
    """Read what it takes to sign for one."""
    row = _locked(connection, caller, name)
    former = row.former_secret if row.former_until is not None and row.former_until > now else None
    return Secrets(subscription=row.id, url=row.url, secret=row.secret, former_secret=former)


def pause(connection: Connection, caller: Caller, name: str) -> None:
    """Keep events for it, and send none."""
    row = _locked(connection, caller, name)
    if row.status == WebhookStatus.ACTIVE:
        _change(connection, name, status=WebhookStatus.PAUSED, why=None)


def resume(connection: Connection, caller: Caller, name: str, now: datetime) -> None:
    """Send what waits, and what comes; the three days of what waits begin anew."""
    row = _locked(connection, caller, name)
    if row.status == WebhookStatus.ACTIVE and row.failures == 0:
        return
    _change(
        connection,
        name,
        status=WebhookStatus.ACTIVE,
        why=None,
        failures=0,
        failing_since=None,
        rests_until=None,
    )
    connection.execute(
        update(WebhookDeliveryRow)
        .where(WebhookDeliveryRow.subscription == name, WebhookDeliveryRow.progress == Progress.WAITING)
        .values(tries=0, first_attempt_at=None)
    )
    queue.hurry(connection, name, now)


def remove(connection: Connection, caller: Caller, name: str) -> None:
    """Delete it. What waits for it is never sent, and swept up later (`db.webhook_queue.sweep`): there may be much."""
    _locked(connection, caller, name)
    _change(connection, name, status=WebhookStatus.DELETED)


def rotate(
    connection: Connection, caller: Caller, name: str, *, secret: bytes, former_until: datetime
) -> None:
    """Sign with another secret from now on, and with the one before it as well for a while."""
    row = _locked(connection, caller, name)
    _change(connection, name, secret=secret, former_secret=row.secret, former_until=former_until)


def _change(connection: Connection, name: str, **values: Any) -> None:
    connection.execute(update(SubscriptionRow).where(SubscriptionRow.id == name).values(**values))


def lock(connection: Connection, caller: Caller, name: str) -> None:
    """Have all others who write this subscription or its events wait.

    Raises:
        UnknownSubscription: There is none that the caller may see.
    """
    _locked(connection, caller, name)


def _locked(connection: Connection, caller: Caller, name: str) -> Any:
    row = connection.execute(
        select(*SubscriptionRow.__table__.columns)
        .where(SubscriptionRow.id == name, _is_theirs(caller))
        .with_for_update()
    ).first()
    if row is None:
        raise UnknownSubscription(name)
    return row


def _is_theirs(caller: Caller) -> ColumnElement[bool]:
    """Who sees all complaints sees all subscriptions; everybody else their own."""
    extent, actor = reach(caller, Right.SUBSCRIBE), caller.actor
    if extent == Reach.NONE:
        return false()
    there = SubscriptionRow.status != WebhookStatus.DELETED
    own = (SubscriptionRow.owner_id == actor.id) & (SubscriptionRow.owner_role == actor.role)
    return there if extent == Reach.ALL else there & own


_SHOWN = select(
    *(
        column
        for column in SubscriptionRow.__table__.columns
        if column.name not in ("secret", "former_secret")
    )
)


def _shown(connection: Connection, rows: Sequence[Any]) -> list[Subscription]:
    names = [row.id for row in rows]
    counted = connection.execute(
        select(WebhookDeliveryRow.subscription, WebhookDeliveryRow.progress, func.count().label("events"))
        .where(WebhookDeliveryRow.subscription.in_(names), WebhookDeliveryRow.progress == Progress.WAITING)
        .group_by(WebhookDeliveryRow.subscription, WebhookDeliveryRow.progress)
        .union_all(
            select(WebhookDeliveryRow.subscription, WebhookDeliveryRow.progress, func.count())
            .where(WebhookDeliveryRow.subscription.in_(names), WebhookDeliveryRow.progress == Progress.PARKED)
            .group_by(WebhookDeliveryRow.subscription, WebhookDeliveryRow.progress)
        )
    )
    counts = {(row.subscription, row.progress): row.events for row in counted}
    return [
        Subscription(
            id=row.id,
            owner=Actor(id=row.owner_id, role=row.owner_role, department=row.owner_department),
            url=row.url,
            types=tuple(row.types),
            department=row.department,
            status=row.status,
            why=row.why,
            created_at=row.created_at,
            former_secret_until=row.former_until,
            failures=row.failures,
            failing_since=row.failing_since,
            rests_until=row.rests_until,
            waiting=counts.get((row.id, Progress.WAITING), 0),
            parked=counts.get((row.id, Progress.PARKED), 0),
        )
        for row in rows
    ]
