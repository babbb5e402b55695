"""What subscribers do with their subscriptions, whichever door they come through. Each act is one transaction."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import uuid4

from sqlalchemy import Connection, Engine

from activities.webhooks.addresses import Addresses, NotAllowed, NotResolved
from activities.webhooks.line import Answer, Line
from activities.webhooks.secrets import Keys, sealed, unsealed
from activities.webhooks.signing import headers, new_secret
from complaints.cloud_event import ping_of
from complaints.errors import NotYourRole
from complaints.permissions import TABLE, Caller, Right, may
from complaints.vocabulary import is_identifier
from complaints.webhooks import (
    AttemptOutcome,
    Progress,
    Replay,
    Subscription,
    UnknownSubscription,
    WebhookDelivery,
    WebhookDraft,
    check,
    check_replay,
)
from complaints.wire import Malformed, Problem
from db import webhook_log as events
from db import webhooks as subscriptions
from db.webhook_log import Mark

BOTH_SECRETS_FOR = timedelta(hours=24)
"""So long a receiver has to learn the new one."""


def _now() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Ping:
    """What came of a test."""

    outcome: AttemptOutcome
    status: int | None
    duration_ms: int


class Webhooks:
    """The desk. One a process; any thread may use it.

    Args:
        keys: Seal and open the secrets.
        addresses: Judges where may be sent.
    """

    def __init__(
        self, engine: Engine, keys: Keys, addresses: Addresses, *, now: Callable[[], datetime] = _now
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._addresses = addresses
        self._now = now

    def create(self, caller: Caller, draft: WebhookDraft) -> tuple[Subscription, str]:
        """Subscribe, from now on; return the secret too, which is never shown again.

        Raises:
            Malformed: An event type is unknown, or the URL is none that we send to.
            TooManySubscriptions: The caller has so many.
        """
        _check_right(caller)
        check(draft)
        self._addresses.check(draft.url)
        name, secret = f"wh_{uuid4().hex[:20]}", new_secret()
        kept = sealed(self._keys(), name, secret)
        with self._transaction() as connection:
            subscriptions.create(
                connection,
                caller,
                name,
                draft,
                secret=kept,
                at=self._now(),
            )
            return subscriptions.show(connection, caller, name), secret

    def find(self, caller: Caller) -> list[Subscription]:
        """List the caller's, and those of everybody for who sees everything."""
        _check_right(caller)
        with self._transaction() as connection:
            return subscriptions.find(connection, caller)

    def show(self, caller: Caller, name: str) -> Subscription:
        """Read one. This and all below raise UnknownSubscription where it is not the caller's."""
        _check(caller, name)
        with self._transaction() as connection:
            return subscriptions.show(connection, caller, name)

    def pause(self, caller: Caller, name: str) -> Subscription:
        """Keep events for it, and send none. One that is disabled stays so."""
        _check(caller, name)
        with self._transaction() as connection:
            subscriptions.pause(connection, caller, name)
            return subscriptions.show(connection, caller, name)

    def resume(self, caller: Caller, name: str) -> Subscription:
        """Send what waits, and what comes."""
        _check(caller, name)
        with self._transaction() as connection:
            subscriptions.resume(connection, caller, name, self._now())
            return subscriptions.show(connection, caller, name)

    def remove(self, caller: Caller, name: str) -> None:
        """Delete it, with all that waits for it."""
        _check(caller, name)
        with self._transaction() as connection:
            subscriptions.remove(connection, caller, name)

    def rotate(self, caller: Caller, name: str) -> tuple[Subscription, str]:
        """Sign with a new secret, and for a day with the one before it as well."""
        _check(caller, name)
        secret = new_secret()
        kept = sealed(self._keys(), name, secret)
        with self._transaction() as connection:
            subscriptions.rotate(
                connection,
                caller,
                name,
                secret=kept,
                former_until=self._now() + BOTH_SECRETS_FOR,
            )
            return subscriptions.show(connection, caller, name), secret

    def deliveries(
        self,
        caller: Caller,
        name: str,
        *,
        progress: Progress | None = None,
        number: str | None = None,
        after: Mark | None = None,
        limit: int = 50,
    ) -> list[WebhookDelivery]:
        """List what became of events, the newest first."""
        _check(caller, name)
        if number is not None and not is_identifier(number):
            raise Malformed(Problem(field="number", rule="is no number that a complaint could have"))
        with self._transaction() as connection:
            subscriptions.show(connection, caller, name)
            return events.deliveries(
                connection, name, progress=progress, number=number, after=after, limit=limit
            )

    def replay(self, caller: Caller, name: str, what: Replay) -> int:
        """Send events again, and return how many. A complaint that the owner may not see any more has none.

        Raises:
            Malformed: Not exactly one thing is asked for.
            ReplayTooLong: They are more than are sent at once.
        """
        _check(caller, name)
        check_replay(what)
        with self._transaction() as connection:
            subscriptions.lock(connection, caller, name)
            return events.replay(connection, name, what, self._now())

    def ping(self, caller: Caller, name: str) -> Ping:
        """Send a test event now, whatever the subscription's status, and say what came of it. Nothing is kept of it."""
        _check(caller, name)
        now = self._now()
        with self._transaction() as connection:
            row = subscriptions.secrets(connection, caller, name, now)
        message = f"ping/{uuid4().hex}"
        body = ping_of(name, message, now)
        try:
            with Line(self._addresses.destination(row.url)) as line:
                answer = line.post(body, headers(message, body, now, unsealed(self._keys(), row)), now)
        except NotResolved:
            answer = Answer(outcome=AttemptOutcome.NOT_RESOLVED)
        except NotAllowed:
            answer = Answer(outcome=AttemptOutcome.NOT_ALLOWED)
        milliseconds = round(answer.took.total_seconds() * 1000)
        return Ping(outcome=answer.outcome, status=answer.status, duration_ms=milliseconds)

    def _transaction(self) -> AbstractContextManager[Connection]:
        return self._engine.begin()


def _check_right(caller: Caller) -> None:
    if not may(caller, Right.SUBSCRIBE):
        who = ", ".join(role.value for role in TABLE if Right.SUBSCRIBE in TABLE[role])
        raise NotYourRole(f"webhooks are for {who}, with a key that has the right to subscribe")


def _check(caller: Caller, name: str) -> None:
    _check_right(caller)
    if not is_identifier(name):
        raise UnknownSubscription(name)
