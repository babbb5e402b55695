"""What follows from it, and what time alone brings: facts that nobody filled in a form for."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from complaints.forms import Form, Names
from complaints.later import Later
from complaints.lifecycle import Stage
from complaints.records import Addressee, Cause, ClockName, Course, Move, NoticeKind, Verdict
from complaints.vocabulary import Outcome, PauseOwner, Role, Severity


@dataclass(frozen=True, kw_only=True)
class SeverityScored(Form):
    """What is known adds up to a higher severity than it had. `reasons` name what gave how many points."""

    severity: Severity
    points: int
    reasons: tuple[str, ...]
    type: Literal["SeverityScored"] = "SeverityScored"


@dataclass(frozen=True, kw_only=True)
class DifficultyRecognised(Form):
    """The policy calls such a complaint difficult, and why."""

    reasons: tuple[str, ...]
    type: Literal["DifficultyRecognised"] = "DifficultyRecognised"


@dataclass(frozen=True, kw_only=True)
class FirstResponsibleNamed(Form):
    """This department answers for it from now on, since it is difficult."""

    department: str
    type: Literal["FirstResponsibleNamed"] = "FirstResponsibleNamed"


@dataclass(frozen=True, kw_only=True)
class HazardSuspected(Form):
    """What the customer said hints at a danger that the policy knows.

    Attributes:
        emergency: Where somebody has to be on site.
    """

    hazard: str
    escalation: str
    emergency: str | None
    type: Literal["HazardSuspected"] = "HazardSuspected"


@dataclass(frozen=True, kw_only=True)
class NatureConverted(Form):
    """A communicative complaint was handled badly, and is a valid one from now on.

    Attributes:
        reasons: The rules of the policy by which it is, such as `conversion.breach`; empty where somebody judged so.
        reason: That person's own words.
    """

    reasons: tuple[str, ...]
    reason: str | None = None
    type: Literal["NatureConverted"] = "NatureConverted"


@dataclass(frozen=True, kw_only=True)
class ImprovementOpened(Form):
    """An improvement has become a matter of its own."""

    improvement: str
    matter: str
    type: Literal["ImprovementOpened"] = "ImprovementOpened"


@dataclass(frozen=True, kw_only=True)
class StageEntered(Form):
    """It moved on. `round` counts attempts, `cycle` reopenings."""

    stage: Stage
    outcome: Outcome | None = None
    cycle: int
    round: int
    type: Literal["StageEntered"] = "StageEntered"


@dataclass(frozen=True, kw_only=True)
class ClockStarted(Course):
    """A deadline came into being."""

    clock: str
    name: ClockName
    subject: str
    started_at: datetime
    type: Literal["ClockStarted"] = "ClockStarted"


@dataclass(frozen=True, kw_only=True)
class ClockPaused(Form):
    """A clock stands still from `since` on."""

    clock: str
    since: datetime
    type: Literal["ClockPaused"] = "ClockPaused"


@dataclass(frozen=True, kw_only=True)
class ClockMoved(Course):
    """A deadline moved, and with it what still lies before it.

    Attributes:
        at: From when on it holds; for a pause its end, and `since` its beginning.
        left_seconds: What is left at `at`, in working time where the budget counts that.
    """

    clock: str
    why: Move
    at: datetime
    since: datetime | None = None
    owner: PauseOwner | None = None
    was_due_at: datetime
    left_seconds: int
    warned: int
    called: int
    type: Literal["ClockMoved"] = "ClockMoved"


@dataclass(frozen=True, kw_only=True)
class RungCalled(Form):
    """The time of a rung has come, whoever acknowledged what before."""

    clock: str
    rung: int
    called_for: datetime
    escalation: str | None
    type: Literal["RungCalled"] = "RungCalled"


@dataclass(frozen=True, kw_only=True)
class ClockWarned(Form):
    """A share of the time is used up."""

    clock: str
    percent: int
    warned_for: datetime
    type: Literal["ClockWarned"] = "ClockWarned"


@dataclass(frozen=True, kw_only=True)
class ClockBreached(Form):
    """A deadline was missed: when it was due, when that was seen, and what was opened for it."""

    clock: str
    due_at: datetime
    detected_at: datetime
    escalation: str
    type: Literal["ClockBreached"] = "ClockBreached"


@dataclass(frozen=True, kw_only=True)
class BreachWithdrawn(Form):
    """The duty turned out to have been met in time; only its report came late."""

    clock: str
    fulfilled_at: datetime
    type: Literal["BreachWithdrawn"] = "BreachWithdrawn"


@dataclass(frozen=True, kw_only=True)
class ClockSettled(Form):
    """A clock stopped for good."""

    clock: str
    verdict: Verdict
    settled_at: datetime
    type: Literal["ClockSettled"] = "ClockSettled"


@dataclass(frozen=True, kw_only=True)
class EscalationOpened(Form):
    """Somebody has to act; `person` is who was called by name."""

    escalation: str
    cause: Cause
    clock: str | None
    rung: int
    audience: Role
    department: str | None
    reason: str
    ladder: str
    person: Later[str | None] = None
    type: Literal["EscalationOpened"] = "EscalationOpened"


@dataclass(frozen=True, kw_only=True)
class EscalationClimbed(Form):
    """Nobody answered, so the next rung is told."""

    escalation: str
    rung: int
    audience: Role
    reason: str
    type: Literal["EscalationClimbed"] = "EscalationClimbed"


@dataclass(frozen=True, kw_only=True)
class NoticeQueued(Form):
    """Somebody is to be told. `why` is said with it, in the words of whoever decided it."""

    notice: str
    kind: NoticeKind
    audience: Role
    recipient: str
    clock: str | None
    escalation: str | None
    rung: int | None = None
    why: Names | None = None
    type: Literal["NoticeQueued"] = "NoticeQueued"


@dataclass(frozen=True, kw_only=True)
class NoticeRouted(Form):
    """These people were found for the role that a notice was meant for, and why they. Each has a notice of their own.

    Attributes:
        audience: As what they were found: where nobody answers for a role it is another one's duty.
    """

    notice: str
    people: tuple[Addressee, ...]
    audience: Role
    why: Names
    type: Literal["NoticeRouted"] = "NoticeRouted"


@dataclass(frozen=True, kw_only=True)
class NoticeDeferred(Form):
    """Whoever is to be told keeps quiet until then."""

    notice: str
    not_before: datetime
    type: Literal["NoticeDeferred"] = "NoticeDeferred"


@dataclass(frozen=True, kw_only=True)
class NoticeWithdrawn(Form):
    """What somebody was to be told after their quiet hours is settled."""

    notice: str
    type: Literal["NoticeWithdrawn"] = "NoticeWithdrawn"


@dataclass(frozen=True, kw_only=True)
class NoticeDelivered(Form):
    """The service said that they were told. `channel` is `outbox` where no target is configured."""

    notice: str
    channel: str
    delivered_at: datetime
    receipt: str
    type: Literal["NoticeDelivered"] = "NoticeDelivered"


@dataclass(frozen=True, kw_only=True)
class NoticeFailed(Form):
    """The service refused for good."""

    notice: str
    channel: str
    reason: str
    type: Literal["NoticeFailed"] = "NoticeFailed"
