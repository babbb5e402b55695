"""Webhooks: what systems of others ask to be told, and what becomes of each event that they are.

Which complaints a subscription reaches follows from its owner's rights (`permissions`); what of an event is told, from
`disclosure`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from annotated_types import Ge, Le, MaxLen, MinLen

from complaints.errors import Refusal
from complaints.events import FACTS
from complaints.forms import Form
from complaints.vocabulary import Actor, Identifier, Instant, Reference
from complaints.wire import Malformed, Problem


class WebhookStatus(StrEnum):
    """Whether a subscription is served."""

    ACTIVE = "active"
    PAUSED = "paused"  # events are kept for it, and sent when it goes on
    DISABLED = "disabled"  # its receiver said that it is gone: nothing more is kept for it
    DELETED = "deleted"  # nobody sees it any more; what is left of it is being swept up


class Progress(StrEnum):
    """How far an event has come on its way to one subscriber."""

    WAITING = "waiting"  # to be sent, or sent again
    ACCEPTED = "accepted"
    PARKED = "parked"  # given up; it is sent again when somebody asks for it


class AttemptOutcome(StrEnum):
    """What came of one attempt. Only the first lets the next event go."""

    ACCEPTED = "accepted"  # 2xx
    REDIRECTED = "redirected"  # 3xx, which is never followed
    REJECTED = "rejected"  # 4xx
    GONE = "gone"  # 410: the receiver wants no more
    SLOW_DOWN = "slow_down"  # 429
    FAILED = "failed"  # 5xx
    TIMED_OUT = "timed_out"  # no answer in time
    UNREACHABLE = "unreachable"  # no connection, or it broke
    UNTRUSTED = "untrusted"  # its certificate does not prove who it is
    GARBLED = "garbled"  # what came back is not HTTP
    NOT_RESOLVED = "not_resolved"  # its name leads nowhere
    NOT_ALLOWED = "not_allowed"  # its name leads to an address that we do not call


@dataclass(frozen=True, kw_only=True)
class WebhookDraft(Form):
    """What a subscriber asks for.

    Attributes:
        url: Where events are sent: https, without user name and password.
        types: Which facts of the ledger; empty for all.
        department: Only what this department answers for, or is named in; empty for all that the owner may see.
    """

    url: Annotated[str, MinLen(1), MaxLen(2000)]
    types: Annotated[tuple[str, ...], MaxLen(200)] = ()
    department: Identifier | None = None


@dataclass(frozen=True, kw_only=True)
class Subscription:
    """What a subscriber is told, and how it goes. The secret is not part of it: it is shown once.

    Attributes:
        why: Why it is disabled.
        failing_since: Since when its receiver has accepted nothing; `failures` counts the attempts since.
        rests_until: Until when nothing is sent, to spare a receiver that is down or has asked for it.
        waiting: How many events are on their way; `parked` is how many were given up.
    """

    id: str
    owner: Actor
    url: str
    types: tuple[str, ...]
    department: str | None
    status: WebhookStatus
    why: str | None
    created_at: datetime
    former_secret_until: datetime | None
    failures: int
    failing_since: datetime | None
    rests_until: datetime | None
    waiting: int
    parked: int


@dataclass(frozen=True, kw_only=True)
class WebhookAttempt:
    """One attempt. `status` is empty where no HTTP answer came."""

    attempt: int
    at: datetime
    outcome: AttemptOutcome
    status: int | None
    duration_ms: int


@dataclass(frozen=True, kw_only=True)
class WebhookDelivery:
    """One event on its way to one subscriber.

    Attributes:
        queued_at: When it was recorded, or asked for again.
        attempts: All there ever were; the newest are in `log`.
    """

    number: str
    seq: int
    type: str
    progress: Progress
    queued_at: datetime
    attempts: int
    first_attempt_at: datetime | None
    settled_at: datetime | None
    log: tuple[WebhookAttempt, ...]


@dataclass(frozen=True, kw_only=True)
class Replay(Form):
    """What is to be sent again: exactly one of a complaint, everything since an instant, all that is parked.

    Attributes:
        number: A complaint's number; `from_seq` is the first event of it that is sent.
        since: By the instant at which events were decided.
    """

    number: Reference | None = None
    from_seq: Annotated[int, Ge(1), Le(2**31 - 1)] = 1
    since: Instant | None = None
    parked: bool = False


LONGEST_REPLAY = 100_000
MOST_SUBSCRIPTIONS = 50


class UnknownSubscription(Exception):
    """There is no such subscription, or it is not this caller's."""

    def __init__(self, name: str) -> None:
        super().__init__(f"there is no webhook subscription {name!r}")
        self.name = name


class TooManySubscriptions(Refusal):
    """One owner has a bounded number of subscriptions: each costs every event a look."""


class ReplayTooLong(Refusal):
    """What is sent again at once is bounded."""


def check(draft: WebhookDraft) -> None:
    """Raise Malformed where a type of event is unknown, or named twice."""
    problems = [*_check_types(draft.types)]
    if problems:
        raise Malformed(*problems)


def _check_types(types: Iterable[str]) -> Iterable[Problem]:
    seen: set[str] = set()
    for index, name in enumerate(types):
        if name not in FACTS:
            yield Problem(field=f"types.{index}", rule=f"{name[:80]!r} is none of {', '.join(FACTS)}")
        elif name in seen:
            yield Problem(field=f"types.{index}", rule=f"{name!r} is named twice")
        seen.add(name)


def check_replay(replay: Replay) -> None:
    """Raise Malformed unless exactly one thing is asked for."""
    asked = [replay.number is not None, replay.since is not None, replay.parked]
    if sum(asked) != 1:
        raise Malformed(Problem(field="", rule="name one of number (with from_seq), since, or parked"))
    if replay.number is None and replay.from_seq != 1:
        raise Malformed(Problem(field="from_seq", rule="goes with a number"))
