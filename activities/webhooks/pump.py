"""The pump: sends what waits, in the order of each complaint, as often as it takes.

Several processes may pump at once: each lane is claimed by one of them (`db.webhook_queue`). A process that dies over
an event leaves its claim to run out; then the event is sent again, with the same id. Nothing is sent twice otherwise, and
no event overtakes another of its complaint on its way to one subscriber.
"""

from __future__ import annotations

import random
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine

from activities.webhooks.addresses import Addresses, NotAllowed, NotResolved
from activities.webhooks.line import ANSWER_WITHIN, Answer, Line
from activities.webhooks.secrets import Keys, unsealed
from activities.webhooks.signing import headers
from complaints.cloud_event import body_of, id_of
from complaints.patience import is_given_up, rest_after, wait_after
from complaints.webhooks import AttemptOutcome, Progress, WebhookAttempt
from db import webhook_queue as queue
from db.webhook_queue import Claim, Waiting

LEASE = timedelta(seconds=90)
TURN = timedelta(seconds=30)
"""So long one lane is sent from in one go, and then the others have their turn. Turn, name server and answer together
end well within the lease."""

EACH = 4
"""Lanes of one subscription at once, in all processes together: a slow receiver leaves room for the others."""

LOOK_EVERY = timedelta(seconds=0.5)
AFTER_TROUBLE = timedelta(seconds=5)
SWEEP_EVERY = timedelta(hours=1)

log = structlog.get_logger()


def _now() -> datetime:
    return datetime.now(UTC)


class Pump:
    """Sends from the queue, between `start` and `stop`, or in a single `step`.

    Args:
        engine: One connection for each of `threads`, and one more.
        keys: Open the secrets.
        threads: Events on their way at once.
        now: What the clock shows.
        chance: From 0 to 1, a new one each time.
        trusted: The certificates by which receivers are known; those of the system, unless given.
    """

    def __init__(
        self,
        engine: Engine,
        keys: Keys,
        addresses: Addresses,
        *,
        threads: int = 8,
        answer_within: timedelta = ANSWER_WITHIN,
        now: Callable[[], datetime] = _now,
        chance: Callable[[], float] = random.random,
        trusted: ssl.SSLContext | None = None,
    ) -> None:
        self._engine = engine
        self._keys = keys
        self._addresses = addresses
        self._threads = threads
        self._answer_within = answer_within
        self._now = now
        self._chance = chance
        self._trusted = trusted
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="webhooks")

    # --- running

    def start(self) -> None:
        """Begin to send, on threads of its own."""
        self._thread.start()

    def stop(self) -> None:
        """Let what is on its way arrive, and end."""
        self._stop.set()
        self._thread.join()

    def step(self) -> int:
        """Send all that is due, here and now; return how many attempts that took."""
        attempts = 0
        while lanes := self._claim(self._threads):
            attempts += sum(self._send_from(lane) for lane in lanes)
        return attempts

    def _run(self) -> None:
        swept_at = self._now() - SWEEP_EVERY
        with ThreadPoolExecutor(self._threads, "webhook") as pool:
            busy: set[Future[int]] = set()
            while not self._stop.is_set():
                busy = {future for future in busy if not future.done()}
                try:
                    free = self._threads - len(busy)
                    lanes = self._claim(free) if free else []
                    if self._now() - swept_at >= SWEEP_EVERY:
                        swept_at = self._now()
                        self._sweep()
                except Exception as error:  # noqa: BLE001 - an outage of the database ends; the pump goes on then
                    log.warning("webhooks wait", reason=type(error).__name__)
                    self._stop.wait(AFTER_TROUBLE.total_seconds())
                    continue
                busy |= {pool.submit(self._send_safely, lane) for lane in lanes}
                if len(busy) == self._threads or (busy and not lanes):
                    wait(busy, LOOK_EVERY.total_seconds(), FIRST_COMPLETED)
                elif not lanes:
                    self._stop.wait(LOOK_EVERY.total_seconds())

    def _claim(self, limit: int) -> list[Claim]:
        with self._engine.begin() as connection:
            return queue.claim(connection, now=self._now(), limit=limit, each=EACH, lease=LEASE)

    def _sweep(self) -> None:
        more = True
        while more and not self._stop.is_set():
            with self._engine.begin() as connection:
                more = queue.sweep(connection, self._now())

    # --- one lane

    def _send_safely(self, lane: Claim) -> int:
        try:
            return self._send_from(lane)
        except Exception as error:  # noqa: BLE001 - the claim runs out, and the lane is tried again
            log.warning("webhook lane left", subscription=lane.subscription, reason=type(error).__name__)
            return 0

    def _send_from(self, lane: Claim) -> int:
        """Send the events of a lane until one is not accepted, or its turn is over; return how many were tried."""
        began = self._now()
        with self._engine.begin() as connection:
            event = queue.first(connection, lane)
        if event is None:
            self._give_back(lane)
            return 0
        keys = unsealed(self._keys(), lane)
        try:
            destination = self._addresses.destination(lane.url)
        except NotResolved:
            self._settle(lane, event, Answer(outcome=AttemptOutcome.NOT_RESOLVED))
            return 1
        except NotAllowed:
            self._settle(lane, event, Answer(outcome=AttemptOutcome.NOT_ALLOWED))
            return 1
        tried = 0
        with Line(destination, within=self._answer_within, trusted=self._trusted) as line:
            while event is not None:
                at, message, body = self._now(), id_of(event.line.number, event.line.seq), body_of(event.line)
                answer = line.post(body, headers(message, body, at, keys), at)
                is_over = self._stop.is_set() or self._now() - began >= TURN
                event = self._settle(lane, event, answer, go_on=not is_over)
                tried += 1
        return tried

    def _give_back(self, lane: Claim) -> None:
        with self._engine.begin() as connection:
            queue.give_back(connection, lane, due_at=self._now())

    def _settle(self, lane: Claim, event: Waiting, answer: Answer, *, go_on: bool = False) -> Waiting | None:
        """Write down what came of an attempt, and return what is to be sent next; if there is nothing, the claim is over."""
        now, following = self._now(), None
        attempt = WebhookAttempt(
            attempt=event.attempts + 1,
            at=now,
            outcome=answer.outcome,
            status=answer.status,
            duration_ms=round(answer.took.total_seconds() * 1000),
        )
        with self._engine.begin() as connection:
            if answer.outcome != AttemptOutcome.ACCEPTED:
                self._put_off(connection, lane, event, attempt, answer.retry_after)
            else:
                if event.failing:
                    queue.recover(connection, lane.subscription, now)
                queue.note(connection, lane, event, attempt, Progress.ACCEPTED)
                following = queue.first(connection, lane) if go_on else None
                if following is None:
                    queue.give_back(connection, lane, due_at=now)
        log.info(
            "webhook sent" if answer.outcome == AttemptOutcome.ACCEPTED else "webhook not accepted",
            subscription=lane.subscription,
            complaint=lane.number,
            seq=event.line.seq,
            attempt=attempt.attempt,
            outcome=answer.outcome.value,
            status=answer.status,
            ms=attempt.duration_ms,
        )
        return following

    def _put_off(
        self,
        connection: Connection,
        lane: Claim,
        event: Waiting,
        attempt: WebhookAttempt,
        wish: timedelta | None,
    ) -> None:
        """Have the event tried again later, or give it up. All write the subscription first, then its events."""
        now, subscription = attempt.at, lane.subscription
        failing = queue.fail(connection, subscription, now)
        all_fail = is_given_up(failing.since, now)
        if attempt.outcome == AttemptOutcome.GONE:
            queue.disable(connection, subscription, "the receiver answered 410 Gone")
        given_up = is_given_up(event.first_attempt_at or now, now) or (
            all_fail and is_given_up(event.queued_at, now)
        )
        queue.note(connection, lane, event, attempt, Progress.PARKED if given_up else Progress.WAITING)
        # A receiver that rejects this event may take the next; one that is down takes none.
        if attempt.outcome != AttemptOutcome.REJECTED:
            if rest := rest_after(failing.failures, self._chance(), wish):
                queue.rest(connection, subscription, now + rest)
            if all_fail:
                queue.park_overdue(connection, subscription, now)
        again = timedelta(0) if given_up else wait_after(event.tries + 1, self._chance(), wish)
        queue.give_back(connection, lane, due_at=now + again)
