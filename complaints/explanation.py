"""What an explanation of a deadline consists of."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from complaints.forms import Names
from complaints.records import ClockName, Move, NoticeKind, NoticeStatus
from complaints.timeline import Day
from complaints.vocabulary import PauseOwner, Severity
from complaints.working_time import Budget


class Standing(StrEnum):
    """How a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    OVERDUE = "overdue"
    MET = "met"
    BREACHED = "breached"
    VOID = "void"


@dataclass(frozen=True, kw_only=True)
class Rule:
    """Where it is written how long the duty may take.

    Attributes:
        path: The rule's dotted path in the policy, such as `clocks.solution`; `place` is its file and line.
        title: Of a statutory duty, as is `source`, the instrument it stands in.
        severity: Whose budget it is, where the rule gives each severity its own.
    """

    path: str
    place: str | None
    title: Names | None
    source: str | None
    severity: Severity | None
    policy_name: str
    policy_version: str
    policy_sha256: str


@dataclass(frozen=True, kw_only=True)
class Began:
    """What set the clock going, and who brought it about.

    Attributes:
        fact: Its name in the ledger; `seq` is its number there.
        about: Which stage, promise, question, escalation it was about; empty where the fact says it all.
    """

    fact: str
    about: str
    seq: int
    at: datetime
    by: str


@dataclass(frozen=True, kw_only=True)
class Moved:
    """One move of the deadline, as it is on record.

    Attributes:
        left: What was left of the time when a pause began, and so when it ended.
        stood_still: How long the pause was on the wall.
    """

    why: Move
    at: datetime
    since: datetime | None
    owner: PauseOwner | None
    by: str
    was_due_at: datetime
    due_at: datetime
    left: timedelta | None
    stood_still: timedelta | None


@dataclass(frozen=True, kw_only=True)
class Warned:
    """A share of the time, when it is used up, and whether the warning went out."""

    percent: int
    at: datetime
    is_sent: bool


@dataclass(frozen=True, kw_only=True)
class Told:
    """Somebody who was, or is to be, told of this clock."""

    recipient: str
    kind: NoticeKind
    status: NoticeStatus
    channel: str | None
    queued_at: datetime
    delivered_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """Everything that made one deadline.

    Attributes:
        began: Empty where the ledger was not at hand.
        budget: Empty where the deadline itself was named, as for a promise; then there are no `days` either.
        zone: In which its days begin and end.
        first_due_at: Where the budget alone leads, before any move.
        days: From the start to the deadline; of a clock that stands still, to where it stopped.
        allowed: What the budget and every extension come to: working time for business units, else time on the wall.
        used: What the days add up to.
        adds_up: Whether the start, the budget and the moves lead to `due_at`, and the days to the same.
        detected_at: When the breach was seen; `delivered_at` is when the first of those told was told.
        has_target: Whether the policy gave the duty any time at all; without, it was missed from the first.
        paused_at: Since when it stands still, or stood still when it was settled.
        left: What is left, in the budget's own reckoning; negative when overdue; empty once it is settled, unless it
            stood still then.
    """

    clock: str
    name: ClockName
    subject: str
    cycle: int
    round: int
    rule: Rule
    standing: Standing
    started_at: datetime
    began: Began | None
    budget: Budget | None
    calendar: str
    zone: str
    first_due_at: datetime
    days: tuple[Day, ...]
    moves: tuple[Moved, ...]
    allowed: timedelta | None
    used: timedelta | None
    adds_up: bool
    due_at: datetime
    provisional: bool
    has_target: bool
    paused_at: datetime | None
    waiting_for: PauseOwner | None
    left: timedelta | None
    warnings: tuple[Warned, ...]
    detected_at: datetime | None
    delivered_at: datetime | None
    settled_at: datetime | None
    ladder: str
    told: tuple[Told, ...]
