"""Sends notices once each, and those of one recipient together.

A notice waits a moment for companions; whoever of them comes first sends one message for all, and the others find
themselves told. A recipient who has just had a message gets what follows together, a while later: a storm of missed
deadlines is one message, not hundreds. What was sent stands in `deliveries`, so that a notice whose activity died
after sending is not sent again.

PostgreSQL makes this better and is not needed: while it is away each notice is sent alone. Between a service's "yes"
and our own record of it somebody may die; then the same message goes out again, with the same id and words.
"""

from __future__ import annotations

import contextlib
import threading
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog
from sqlalchemy import Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from temporalio.exceptions import ApplicationError, ApplicationErrorCategory

from activities import texts
from activities.channels import Message, Sender, SendFailed, Sent
from db import deliveries
from db.deliveries import Sealed, Sending, Waiting

GATHER = timedelta(seconds=1)
"""How long a notice waits for companions."""

GAP = timedelta(seconds=30)
"""How long after one message a recipient gets the next."""

AWAY = timedelta(seconds=10)
"""How long PostgreSQL is left alone after it did not answer: asking may take seconds, and notices are waiting."""

REMEMBERED = 20_000
"""How many sendings this process knows by heart, for when PostgreSQL could not write them down."""

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Letter:
    """A notice, ready to be sent.

    Attributes:
        lane: Who it goes to, and by which channel first: letters of one lane may share a message.
        line: What stands for it among others; empty for a letter that never shares one.
        private: It quotes somebody. A service's answer may quote it in turn, so of that answer no word is kept.
    """

    lane: str
    language: str
    message: Message
    line: str = ""
    private: bool = False

    @property
    def notice(self) -> str:
        """The id of the notice, which is its message's as long as it is alone."""
        return self.message.id

    def waiting(self, since: datetime) -> Waiting:
        """Return it as it waits."""
        m = self.message
        return Waiting(
            notice=m.id,
            lane=self.lane,
            subject=m.subject,
            body=m.body,
            line=self.line,
            data=dict(m.data),
            since=since,
        )


def later(why: str, delay: timedelta) -> ApplicationError:
    """Make the answer of a notice whose time has not come; it takes no thread while it waits, and alarms nobody."""
    return ApplicationError(
        why,
        type="Waits",
        next_retry_delay=max(delay, timedelta(milliseconds=50)),
        category=ApplicationErrorCategory.BENIGN,
    )


class Untold(Exception):
    """No sender of a recipient accepted a message.

    Attributes:
        failure: The one to name: the first after which waiting may help, else the first.
    """

    def __init__(self, failures: Sequence[SendFailed]) -> None:
        self.failure = next((each for each in failures if each.retryable), failures[0])
        super().__init__(str(self.failure))

    def as_application_error(self, reason: str) -> ApplicationError:
        """Return what the engine is told; it tries again if that may help."""
        return ApplicationError(
            reason,
            type=self.failure.channel,
            non_retryable=not self.failure.retryable,
            next_retry_delay=self.failure.retry_after,
        )


class Bundles:
    """Shared by the threads of a worker; keep one for its life, for it knows what it has sent."""

    def __init__(
        self, engine: Engine | None = None, *, gather: timedelta = GATHER, gap: timedelta = GAP
    ) -> None:
        self._engine = engine
        self._gather = gather
        self._gap = gap
        self._lock = threading.Lock()
        self._sent: OrderedDict[str, Sending] = OrderedDict()
        self._unwritten: dict[str, Sending] = {}
        self._refusing: dict[str, tuple[datetime, str]] = {}
        self._away_until = _now()

    def deliver(self, letter: Letter, senders: Sequence[Sender]) -> Sent:
        """Tell one recipient of one notice; what has been told is answered without telling it again.

        Raises:
            ApplicationError: Its time has not come, or no sender accepted it; its type then names the channel.
        """
        sending = self._recalled(letter) or self._found_or_told(letter, senders)
        if sending.failed:
            raise ApplicationError(sending.receipt, type=sending.channel, non_retryable=True)
        return Sent(sending.channel, sending.receipt)

    def _found_or_told(self, letter: Letter, senders: Sequence[Sender]) -> Sending:
        for is_last in (False, True):  # after an outage the first use fails and clears the pool
            if self._engine is None or _now() < self._away_until:
                break
            try:
                return self._together(self._engine, letter, senders)
            except SQLAlchemyError as fault:
                log.warning("notices go without the database", fault=type(fault).__name__, again=not is_last)
                if told := self._recalled(letter):
                    return told
                if is_last:
                    self._away_until = _now() + AWAY
        (sending,) = self._send(_alone(letter), letter, senders)
        return sending

    # --- with the database

    def _together(self, engine: Engine, letter: Letter, senders: Sequence[Sender]) -> Sending:
        with engine.connect() as connection:
            self._write_down(connection)
            since = _now()
            with connection.begin():
                if found := deliveries.sending_of(connection, letter.notice):
                    return found
                if letter.line:
                    since = deliveries.wait(connection, letter.waiting(since))
            with connection.begin():  # another one: that it waits is to stay, even if its time has not come
                self._check_time(connection, letter, since)
            with self._turn(connection, letter.lane):
                return self._tell_lane(connection, letter, senders, since)

    @contextlib.contextmanager
    def _turn(self, connection: Connection, lane: str) -> Iterator[None]:
        """Hold the lane's lock; it also ends with the connection, and so with this process."""
        with connection.begin():
            is_ours = deliveries.lock(connection, lane)
        if not is_ours:
            raise later("another worker is telling this recipient", self._gather)
        try:
            yield
        finally:
            try:
                with connection.begin():
                    deliveries.unlock(connection, lane)
            except SQLAlchemyError:
                connection.invalidate()

    def _tell_lane(
        self, connection: Connection, letter: Letter, senders: Sequence[Sender], since: datetime
    ) -> Sending:
        """Send what waits, message by message, until this notice is told or it is too soon for the next."""
        while True:
            with connection.begin():
                if found := deliveries.sending_of(connection, letter.notice):
                    return found
                self._check_time(connection, letter, since)
                sealed = deliveries.seal(connection, letter.lane) if letter.line else _alone(letter)
            if sealed is None:
                raise later("its companions have just been told", self._gather)
            self._send(sealed, letter, senders)
            self._write_down(connection)

    def _check_time(self, connection: Connection, letter: Letter, since: datetime) -> None:
        now = _now()
        if not letter.line:
            return
        until, by = self._refusing.get(letter.lane, (now, ""))
        if until > now and by != letter.notice:
            raise later("the service of this recipient does not take messages now", until - now)
        last = deliveries.last_sent_at(connection, letter.lane)
        due_at = max(since + self._gather, last + self._gap) if last else since + self._gather
        if due_at > now:
            raise later("it waits to be told together with others", due_at - now)

    def _write_down(self, connection: Connection) -> None:
        with self._lock:
            sendings = list(self._unwritten.values())
        if not sendings:
            return
        with connection.begin():
            deliveries.write_down(connection, sendings)
        with self._lock:
            for each in sendings:
                self._unwritten.pop(each.notice, None)

    # --- sending

    def _send(self, sealed: Sealed, letter: Letter, senders: Sequence[Sender]) -> list[Sending]:
        """Send one message, and know from now on what came of each of its notices."""
        message = _message(sealed, letter)
        bound = log.bind(message=message.id, notices=len(sealed.notices))
        try:
            sent = tell(message, senders)
        except Untold as untold:
            reason = "not accepted" if letter.private else untold.failure.reason
            bound.warning("not delivered", channel=untold.failure.channel, reason=reason)
            if untold.failure.retryable:
                pause = max(self._gap, untold.failure.retry_after or self._gap)
                self._refusing[letter.lane] = (_now() + pause, letter.notice)
                raise untold.as_application_error(reason) from None
            return self._remember(sealed, letter.lane, untold.failure.channel, reason, failed=True)
        bound.info("delivered", channel=sent.channel)
        self._refusing.pop(letter.lane, None)
        count = len(sealed.notices)
        answered = "accepted" if letter.private else sent.receipt
        receipt = answered if count == 1 else f"{sent.receipt}; one of {count} in {message.id}"
        return self._remember(sealed, letter.lane, sent.channel, receipt, failed=False)

    def _remember(
        self, sealed: Sealed, lane: str, channel: str, receipt: str, *, failed: bool
    ) -> list[Sending]:
        sendings = [
            Sending(
                notice=each.notice,
                lane=lane,
                message=sealed.message,
                channel=channel,
                receipt=receipt,
                failed=failed,
                sent_at=_now(),
            )
            for each in sealed.notices
        ]
        with self._lock:
            for sending in sendings:
                self._sent[sending.notice] = sending
                if self._engine is not None:
                    self._unwritten[sending.notice] = sending
            while len(self._sent) > REMEMBERED:
                self._sent.popitem(last=False)
        return sendings

    def _recalled(self, letter: Letter) -> Sending | None:
        with self._lock:
            return self._sent.get(letter.notice)


def tell(message: Message, senders: Sequence[Sender]) -> Sent:
    """Try the senders in order until one accepts.

    Raises:
        Untold: None did.
    """
    failures: list[SendFailed] = []
    for sender in senders:
        try:
            return sender.send(message)
        except SendFailed as failure:
            failures.append(failure)
    raise Untold(failures)


def _alone(letter: Letter) -> Sealed:
    return Sealed(message=letter.notice, notices=(letter.waiting(_now()),))


def _message(sealed: Sealed, letter: Letter) -> Message:
    """Write a message from what was kept, so that it is the same when it is sent again."""
    if len(sealed.notices) == 1:
        (only,) = sealed.notices
        return Message(id=sealed.message, subject=only.subject, body=only.body, data=only.data)
    lines = [(each.line, each.data) for each in sealed.notices]
    return texts.bundle(sealed.message, lines, letter.language)


def _now() -> datetime:
    return datetime.now(UTC)
