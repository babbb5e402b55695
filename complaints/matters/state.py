"""One matter as it stands, and the only way in which that changes."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from complaints import consequences
from complaints.copies import replace
from complaints.events import GENESIS
from complaints.forms import refill
from complaints.matters import facts
from complaints.matters.facts import Event
from complaints.matters.forms import Improvement, Opening, Status
from complaints.records import Notice, NoticeStatus

REMEMBERED_COMMANDS = 1000


@dataclass(frozen=True, kw_only=True)
class Note:
    """A remark, by whom and when."""

    text: str
    by: str
    at: datetime


@dataclass(frozen=True, kw_only=True)
class State:
    """One matter. Its id is all that is known before it is opened.

    Attributes:
        heard_at: When the last command was received.
        counted_from: When the date was set that holds now.
        warned: Whether its owner was reminded of this date; `missed_at` says when it was seen to be missed.
        steps: How many steps of the ladder were called for this date.
        late: Whether it was concluded after its date.
    """

    id: str
    opening: Opening | None = None
    status: Status = Status.OPEN
    seq: int = 0
    hash: str = GENESIS
    at: datetime | None = None
    heard_at: datetime | None = None
    opened_at: datetime | None = None
    ended_at: datetime | None = None
    department: str | None = None
    owner: str | None = None
    due_at: datetime | None = None
    counted_from: datetime | None = None
    warned: bool = False
    missed_at: datetime | None = None
    steps: int = 0
    late: bool = False
    cases: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()
    decisions: tuple[str, ...] = ()
    improvements: Mapping[str, Improvement] = field(default_factory=dict)
    notices: Mapping[str, Notice] = field(default_factory=dict)
    command_ids: tuple[str, ...] = ()

    @property
    def is_open(self) -> bool:
        """Whether somebody still has to do something about it."""
        return self.opening is not None and self.status == Status.OPEN

    def queued(self) -> list[Notice]:
        """List what somebody is still to be told."""
        return [notice for notice in self.notices.values() if notice.status == NoticeStatus.QUEUED]

    def unopened(self) -> list[Improvement]:
        """List the improvements that are no matters of their own yet."""
        return [each for each in self.improvements.values() if each.matter is None]


def evolve(state: State, event: Event) -> State:
    """Return the state after an event."""
    changed = _CHANGES[type(event.fact)](state, event, event.fact)
    ids = changed.command_ids
    if event.command_id is not None and event.command_id not in ids[-1:]:
        ids = (*ids, event.command_id)[-REMEMBERED_COMMANDS:]
    heard_at = state.heard_at if event.command_id is None else event.occurred_at
    return replace(changed, seq=event.seq, hash=event.hash, at=event.at, heard_at=heard_at, command_ids=ids)


def replayed(state: State, past: Iterable[Event]) -> State:
    """Return the state after many events."""
    for event in past:
        state = evolve(state, event)
    return state


def _opened(state: State, event: Event, fact: facts.Opened) -> State:
    return replace(
        state,
        opening=refill(Opening, fact),
        opened_at=event.occurred_at,
        department=fact.department,
        owner=fact.owner,
        due_at=fact.due_at,
        counted_from=event.occurred_at,
        cases=fact.cases,
    )


def _cases_added(state: State, _: Event, fact: facts.CasesAdded) -> State:
    return replace(state, cases=(*state.cases, *fact.cases))


def _note_added(state: State, event: Event, fact: facts.NoteAdded) -> State:
    note = Note(text=fact.text, by=event.actor.id, at=event.occurred_at)
    return replace(state, notes=(*state.notes, note))


def _handed_over(state: State, _: Event, fact: facts.HandedOver) -> State:
    return replace(state, department=fact.department, owner=fact.owner)


def _postponed(state: State, event: Event, fact: facts.Postponed) -> State:
    return replace(
        state,
        due_at=fact.until,
        counted_from=event.occurred_at,
        warned=False,
        missed_at=None,
        steps=0,
    )


def _concluded(state: State, event: Event, fact: facts.Concluded) -> State:
    return replace(
        state,
        status=Status.DONE,
        ended_at=event.occurred_at,
        decisions=fact.decisions,
        improvements={each.id: each for each in fact.improvements},
        late=fact.late,
    )


def _cancelled(state: State, event: Event, _: facts.Cancelled) -> State:
    return replace(state, status=Status.CANCELLED, ended_at=event.occurred_at)


def _due_soon(state: State, _: Event, __: facts.DueSoon) -> State:
    return replace(state, warned=True)


def _missed(state: State, _: Event, fact: facts.Missed) -> State:
    return replace(state, missed_at=fact.detected_at, warned=True)


def _climbed(state: State, _: Event, fact: facts.Climbed) -> State:
    return replace(state, steps=fact.step + 1)


def _improvement_opened(state: State, _: Event, fact: consequences.ImprovementOpened) -> State:
    opened = replace(state.improvements[fact.improvement], matter=fact.matter)
    return replace(state, improvements={**state.improvements, opened.id: opened})


# --- what somebody is told


def _with_notice(state: State, notice: Notice) -> State:
    return replace(state, notices={**state.notices, notice.id: notice})


def _queued(state: State, event: Event, fact: consequences.NoticeQueued) -> State:
    notice = refill(Notice, fact, id=fact.notice, queued_at=event.at, status=NoticeStatus.QUEUED)
    return _with_notice(state, notice)


def _routed(state: State, event: Event, fact: consequences.NoticeRouted) -> State:
    """One notice for each person, in the place of the one for the role."""
    notice = state.notices[fact.notice]
    is_routed = {"status": NoticeStatus.ROUTED, "channel": NoticeStatus.ROUTED.value}
    state = _with_notice(state, replace(notice, detail=fact.why.en, why=fact.why, **is_routed))  # type: ignore[arg-type]
    for found in fact.people:
        own = replace(
            notice,
            id=f"{notice.id}/{found.person}",
            audience=fact.audience,
            recipient=f"person:{found.person}",
            queued_at=event.at,
            why=fact.why,
            part_of=notice.id,
            not_before=found.not_before,
        )
        state = _with_notice(state, own)
    return state


def _deferred(state: State, _: Event, fact: consequences.NoticeDeferred) -> State:
    return _with_notice(state, replace(state.notices[fact.notice], not_before=fact.not_before))


def _withdrawn(state: State, _: Event, fact: consequences.NoticeWithdrawn) -> State:
    withdrawn = NoticeStatus.WITHDRAWN
    notice = replace(state.notices[fact.notice], status=withdrawn, channel=withdrawn.value)
    return _with_notice(state, notice)


def _delivered(state: State, _: Event, fact: consequences.NoticeDelivered) -> State:
    status = NoticeStatus.OUTBOX if fact.channel == NoticeStatus.OUTBOX.value else NoticeStatus.DELIVERED
    told = replace(
        state.notices[fact.notice],
        status=status,
        channel=fact.channel,
        delivered_at=fact.delivered_at,
        detail=fact.receipt,
    )
    return _with_notice(state, told)


def _failed(state: State, _: Event, fact: consequences.NoticeFailed) -> State:
    notice = replace(
        state.notices[fact.notice], status=NoticeStatus.FAILED, channel=fact.channel, detail=fact.reason
    )
    return _with_notice(state, notice)


_CHANGES: dict[type[Any], Callable[[State, Event, Any], State]] = {
    facts.Opened: _opened,
    facts.CasesAdded: _cases_added,
    facts.NoteAdded: _note_added,
    facts.HandedOver: _handed_over,
    facts.Postponed: _postponed,
    facts.Concluded: _concluded,
    facts.Cancelled: _cancelled,
    facts.DueSoon: _due_soon,
    facts.Missed: _missed,
    facts.Climbed: _climbed,
    consequences.ImprovementOpened: _improvement_opened,
    consequences.NoticeQueued: _queued,
    consequences.NoticeRouted: _routed,
    consequences.NoticeDeferred: _deferred,
    consequences.NoticeWithdrawn: _withdrawn,
    consequences.NoticeDelivered: _delivered,
    consequences.NoticeFailed: _failed,
}
