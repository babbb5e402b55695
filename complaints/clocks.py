"""The arithmetic of one clock: its course through warnings and rungs to the deadline, and what moves it.

Pauses and extensions stay with the clock as a list of moves, so that a change of severity or policy can lay out the
course anew without forgetting any of them.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum

from complaints import working_time
from complaints.copies import replace
from complaints.policy import ClockRule, Policy, Rung
from complaints.records import Adjustment, Clock, ClockName, Course, Move, Verdict
from complaints.working_time import Budget, Calendar, Unit

_CALLS_NOBODY_BY_TIME = (ClockName.FEEDBACK, ClockName.ACKNOWLEDGEMENT, ClockName.APPEAL)
"""A day without feedback climbs with the next one, an acknowledgement is itself a rung's limit, a window owes nothing."""


def course(
    policy: Policy,
    name: ClockName,
    rule: ClockRule,
    *,
    started_at: datetime,
    budget: Budget | None,
    due_at: datetime,
) -> Course:
    """Lay out a clock's course to a deadline that is known."""
    calendar = policy.working_time(rule.calendar)
    rungs = () if name in _CALLS_NOBODY_BY_TIME else policy.ladder(rule.ladder)
    calls = sorted(
        (at, index)
        for index, rung in enumerate(rungs)
        if (at := _called_at(policy, rung, started_at, due_at, budget, calendar)) is not None
    )
    return Course(
        budget=budget,
        calendar=rule.calendar or policy.calendar,
        ladder=rule.ladder or "",
        due_at=due_at,
        warn_percent=rule.warn_percent,
        warn_at=tuple(
            working_time.share(started_at, due_at, percent, budget, calendar) for percent in rule.warn_percent
        ),
        call_rungs=tuple(index for _, index in calls),
        call_at=tuple(at for at, _ in calls),
        provisional=working_time.is_provisional(due_at, calendar) if budget is not None else False,
    )


def _called_at(
    policy: Policy,
    rung: Rung,
    started_at: datetime,
    due_at: datetime,
    budget: Budget | None,
    calendar: Calendar,
) -> datetime | None:
    """Return when a rung is called by time alone; most wait until the one before them gave no answer."""
    if rung.percent is not None:
        return working_time.share(started_at, due_at, rung.percent, budget, calendar)
    if rung.after_due is not None:
        return working_time.add(due_at, rung.after_due, policy.working_time(rung.calendar))
    return None


def moved_by_pause(policy: Policy, clock: Clock, until: datetime) -> Course:
    """Let a clock that stood still go on: what was left when it stopped is left at `until`."""
    assert clock.paused_at is not None
    calendar = policy.working_time(clock.calendar)
    since, until = clock.paused_at, max(clock.paused_at, until)

    def later(instant: datetime) -> datetime:
        return working_time.shifted(instant, since, until, clock.budget, calendar)

    due_at = max(later(clock.due_at), until)  # it stopped in time, so nothing was missed while it stood
    warn_at = tuple(max(later(at), until) for at in clock.warn_at)
    return _kept(policy, clock, due_at, warn_at, since, until)


def extended(policy: Policy, clock: Clock, until: datetime, now: datetime) -> Course:
    """Give a clock until `until`; what is still to come before the deadline moves along.

    So does a warning that was told of the old deadline, where the new one can still be warned of as long before.
    """
    moved = tuple(_as_long_before(policy, clock, at, until) for at in clock.warn_at)
    told = zip(clock.warn_at[: clock.warned], moved, strict=False)
    again = tuple(anew if anew > now else at for at, anew in told)
    return replace(_kept(policy, clock, until, clock.warn_at), warn_at=again + moved[clock.warned :])


def _as_long_before(policy: Policy, clock: Clock, at: datetime, due_at: datetime) -> datetime:
    """Return the instant that lies as long before another deadline as `at` does before this one, in the clock's unit."""
    if clock.budget is None or not clock.budget.unit.startswith("business"):
        return at + (due_at - clock.due_at)
    calendar = policy.working_time(clock.calendar)
    gained = working_time.elapsed(clock.due_at, due_at, calendar) // timedelta(minutes=1)
    more = Budget(amount=gained, unit=Unit.BUSINESS_MINUTES)
    return working_time.add(at, more, calendar) if gained else at


def _kept(
    policy: Policy,
    clock: Clock,
    due_at: datetime,
    warn_at: tuple[datetime, ...],
    since: datetime | None = None,
    until: datetime | None = None,
) -> Course:
    """Move what lies ahead; warnings and calls that have been made stay where they were."""
    calendar = policy.working_time(clock.calendar)
    ladder = policy.ladder(clock.ladder)
    made = called_early(ladder, clock.call_rungs[: clock.called])
    call_at = []
    for index, (rung, at) in enumerate(zip(clock.call_rungs, clock.call_at, strict=True)):
        after_due = ladder[rung].after_due if rung < len(ladder) else None
        if index < made:
            call_at.append(at)
        elif after_due is not None:
            call_at.append(working_time.add(due_at, after_due, policy.working_time(ladder[rung].calendar)))
        elif since is not None and until is not None:
            call_at.append(max(working_time.shifted(at, since, until, clock.budget, calendar), until))
        else:
            call_at.append(_as_long_before(policy, clock, at, due_at))
    return Course(
        budget=clock.budget,
        calendar=clock.calendar,
        ladder=clock.ladder,
        due_at=due_at,
        warn_percent=clock.warn_percent,
        warn_at=clock.warn_at[: clock.warned] + warn_at[clock.warned :],
        call_rungs=clock.call_rungs,
        call_at=tuple(call_at),
        provisional=working_time.is_provisional(due_at, calendar) if clock.budget else False,
    )


def called_early(ladder: tuple[Rung, ...], called: Iterable[int]) -> int:
    """Count the calls that were made ahead of a deadline; those after it were for one that no longer holds."""
    return sum(rung < len(ladder) and ladder[rung].percent is not None for rung in called)


def laid_anew(policy: Policy, clock: Clock, budget: Budget, not_before: datetime) -> Course:
    """Lay out a clock's course with another budget or by another policy; its pauses and extensions stay.

    Args:
        not_before: The new deadline lies no earlier: what is asked of people begins when it is asked.
    """
    rule = policy.rule(clock.name, clock.subject)
    calendar = policy.working_time(rule.calendar)
    due_at = working_time.add(clock.started_at, budget, calendar)
    for past in clock.adjustments:
        due_at = _moved_again(due_at, past, budget, calendar)
    due_at = max(due_at, not_before)
    return course(policy, clock.name, rule, started_at=clock.started_at, budget=budget, due_at=due_at)


def _moved_again(due_at: datetime, past: Adjustment, budget: Budget, calendar: Calendar) -> datetime:
    if past.why == Move.RESUMED and past.since is not None:
        return working_time.shifted(due_at, past.since, past.at, budget, calendar)
    if past.why == Move.EXTENDED:
        return max(due_at, past.due_at)
    return due_at  # an earlier change of budget, which this one replaces


def after_pauses(clock: Clock, instant: datetime, budget: Budget, calendar: Calendar) -> datetime:
    """Put an instant that was counted from where a clock began off by all that it has stood still since."""
    for past in clock.adjustments:
        if past.why == Move.RESUMED:
            instant = _moved_again(instant, past, budget, calendar)
    return instant


def verdict(clock: Clock, fulfilled_at: datetime) -> Verdict:
    """Judge a duty by the instant at which it was fulfilled. On the deadline is in time; without a target nothing is."""
    if not clock.has_target:
        return Verdict.BREACHED
    stopped_at = min(fulfilled_at, clock.paused_at) if clock.paused_at else fulfilled_at
    return Verdict.MET if stopped_at <= clock.due_at else Verdict.BREACHED


class Step(StrEnum):
    """What time brings for a clock. At one instant they come in this order."""

    WARNING = "warning"
    CALL = "call"
    DUE = "due"


_ORDER = {step: index for index, step in enumerate(Step)}


def next_step(clock: Clock) -> tuple[datetime, Step] | None:
    """Return what time brings next for this clock, and when."""
    if not clock.is_open or clock.paused_at is not None:
        return None
    steps = []
    if clock.called < len(clock.call_at):
        steps.append((clock.call_at[clock.called], Step.CALL))
    if clock.breached_at is None:
        steps.append((clock.due_at, Step.DUE))
        if clock.warned < len(clock.warn_at) and clock.warn_at[clock.warned] < clock.due_at:
            steps.append((clock.warn_at[clock.warned], Step.WARNING))
    return min(steps, key=lambda step: (step[0], _ORDER[step[1]]), default=None)


def time_left(policy: Policy, clock: Clock, now: datetime) -> timedelta:
    """Return what is left, in working time where the budget counts that; negative when overdue.

    A clock that stands still keeps what it had.
    """
    calendar = policy.working_time(clock.calendar)
    return working_time.remaining(clock.paused_at or now, clock.due_at, clock.budget, calendar)
