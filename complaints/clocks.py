"""The arithmetic of one clock: when it warns, when it is due, what a pause or an extension does to it."""

from __future__ import annotations

from datetime import datetime, timedelta

from complaints.copies import replace
from complaints.records import Clock, Verdict


def shares(started_at: datetime, due_at: datetime, percents: tuple[int, ...]) -> tuple[datetime, ...]:
    """Return the instants at which these shares of the time are used up."""
    return tuple(started_at + (due_at - started_at) * percent / 100 for percent in percents)


def paused(clock: Clock, at: datetime) -> Clock:
    """Stop a clock. One that stands still, is over or was missed already stays as it is."""
    return replace(clock, paused_at=at) if clock.pausable and clock.is_ticking else clock


def resumed(clock: Clock, at: datetime) -> Clock:
    """Let a stopped clock go on: what was left when it stopped is left now.

    A reply may have been received before a clock that was started meanwhile; that one has lost nothing.
    """
    if clock.paused_at is None or not clock.is_open:
        return clock
    return replace(_moved(clock, max(at - clock.paused_at, timedelta())), paused_at=None)


def extended(clock: Clock, until: datetime) -> Clock:
    """Give a clock until `until`; the warnings that are still to come move along."""
    return replace(_moved(clock, until - clock.due_at), extensions=clock.extensions + 1)


def verdict(clock: Clock, fulfilled_at: datetime) -> Verdict:
    """Judge a duty by the instant at which it was fulfilled. On the deadline is in time."""
    stopped_at = min(fulfilled_at, clock.paused_at) if clock.paused_at else fulfilled_at
    return Verdict.MET if stopped_at <= clock.due_at else Verdict.BREACHED


def next_at(clock: Clock) -> datetime | None:
    """Return when time next brings something for this clock."""
    if not clock.is_ticking:
        return None
    return (
        min(clock.warn_at[clock.warned], clock.due_at) if clock.warned < len(clock.warn_at) else clock.due_at
    )


def time_left(clock: Clock, now: datetime) -> timedelta:
    """Return what is left; negative when overdue. A clock that stands still keeps what it had."""
    return clock.due_at - (clock.paused_at or now)


def _moved(clock: Clock, by: timedelta) -> Clock:
    warn_at = tuple(at + by if index >= clock.warned else at for index, at in enumerate(clock.warn_at))
    return replace(clock, due_at=clock.due_at + by, warn_at=warn_at)
