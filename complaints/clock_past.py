"""What the ledger knows of one clock and its record does not: what began it, and under which policy and severity."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from complaints.consequences import ClockMoved, ClockPaused, ClockSettled, ClockStarted
from complaints.copies import replace
from complaints.events import Event
from complaints.explanation import Began
from complaints.facts import CustomerAwaited
from complaints.records import Clock, ClockName, Move
from complaints.retrace import ANEW
from complaints.vocabulary import PauseOwner, Severity

_FOLLOWS = (
    "BreachWithdrawn",
    "RungCalled",
    "ClockMoved",
    "ClockPaused",
    "ClockSettled",
    "ClockStarted",
    "ClockWarned",
    "EscalationResolved",
    "NoticeQueued",
    "NoticeRouted",
    "SeverityScored",
    "DifficultyRecognised",
)
"""What comes with a turn of events, but is not what set a clock going."""

_ABOUT = ("clock", "escalation", "stage", "promise", "action", "verification", "approval")
"""Fields that name what a fact is about; none of them holds free text."""

_OF_STAGES = (
    ClockName.INTAKE,
    ClockName.INVESTIGATION,
    ClockName.SOLUTION,
    ClockName.EXECUTION,
    ClockName.FOLLOW_UP,
    ClockName.SECOND_CALL,
    ClockName.APPEAL,
)


@dataclass(frozen=True)
class Past:
    """One clock's past.

    Attributes:
        policy_sha256: The policy in force when its deadline was last laid out or moved.
        severity: Of the complaint when its budget was chosen.
        paused_at: Since when it stands still, or stood still when it was settled.
    """

    began: Began | None = None
    policy_sha256: str = ""
    severity: Severity = Severity.NORMAL
    paused_at: datetime | None = None
    waiting_for: PauseOwner | None = None

    @classmethod
    def of(cls, clock: Clock, ledger: Sequence[Event]) -> Past:
        """Read a clock's past out of the whole ledger of its complaint."""
        past, policy_sha256, severity, owner = cls(), "", Severity.NORMAL, None
        for index, event in enumerate(ledger):
            fact = event.fact
            policy_sha256 = getattr(fact, "policy_sha256", policy_sha256)
            severity = getattr(fact, "severity", severity)
            if isinstance(fact, CustomerAwaited):
                owner = fact.owner
            if getattr(fact, "clock", None) != clock.key:
                continue
            if isinstance(fact, ClockStarted):
                past = cls(_began(ledger, index, clock.name), policy_sha256, severity)
            elif isinstance(fact, ClockPaused):
                past = replace(past, paused_at=fact.since, waiting_for=owner)
            elif isinstance(fact, ClockMoved):
                past = replace(past, policy_sha256=policy_sha256)
                if fact.why in ANEW:
                    past = replace(past, severity=severity)
                if fact.why == Move.RESUMED:
                    past = replace(past, paused_at=None, waiting_for=None)
            elif isinstance(fact, ClockSettled):
                break
        return past


def _began(ledger: Sequence[Event], index: int, name: ClockName) -> Began | None:
    """Find what set a clock going: the last thing before it, in the same turn, from which such a duty follows."""
    start = ledger[index]
    causes = []
    for event in reversed(ledger[:index]):
        if (event.at, event.command_id) != (start.at, start.command_id):
            break
        if event.fact.type not in _FOLLOWS:
            causes.append(event)
    if not causes:
        return None
    event = next((cause for cause in causes if _may_begin(name, cause.fact.type)), causes[0])
    fields = _ABOUT[1:] if name == ClockName.ACKNOWLEDGEMENT else _ABOUT
    return Began(
        fact=event.fact.type,
        about=next((str(getattr(event.fact, field)) for field in fields if hasattr(event.fact, field)), ""),
        seq=event.seq,
        at=event.occurred_at,
        by=event.actor.id,
    )


def _may_begin(name: ClockName, fact: str) -> bool:
    """A stage begins its own clocks, an escalation its acknowledgement; the others begin with what people did."""
    if fact == "StageEntered":
        return name in _OF_STAGES
    if fact in ("EscalationOpened", "EscalationClimbed"):
        return name == ClockName.ACKNOWLEDGEMENT
    return name not in (*_OF_STAGES, ClockName.ACKNOWLEDGEMENT)
