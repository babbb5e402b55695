"""Why a deadline lies where it lies: start, budget, the days on the way, and everything that moved it.

An explanation is a proof: it goes the way again, and says whether it comes out at the deadline on record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from complaints import working_time
from complaints.clock_past import Past
from complaints.copies import replace
from complaints.events import Event
from complaints.explanation import Began, Explanation, Moved, Rule, Standing, Told, Warned
from complaints.forms import refill
from complaints.policy import DEFAULT_LADDER, Policy, StatutoryRule, fingerprint
from complaints.records import (
    Adjustment,
    Clock,
    ClockName,
    Move,
    Notice,
)
from complaints.retrace import days_add_up, length, retrace
from complaints.state import State
from complaints.timeline import Day, Standstill, timeline
from complaints.vocabulary import PauseOwner, Severity
from complaints.working_time import Calendar


def explain(
    policy: Policy,
    clock: Clock,
    *,
    now: datetime,
    severity: Severity | None = None,
    began: Began | None = None,
    waiting_for: PauseOwner | None = None,
    notices: Sequence[Notice] = (),
) -> Explanation:
    """Explain one deadline by the policy that gave it.

    Args:
        severity: Of the complaint when the budget was chosen.
        waiting_for: On whose account it stands still, or stood still when it was settled.
        notices: All of the complaint; those that concern this clock are picked.
    """
    calendar = policy.working_time(clock.calendar)
    way = retrace(clock, calendar)
    days: tuple[Day, ...] = ()
    used = None
    if clock.budget is not None:
        until = min(clock.paused_at or clock.due_at, clock.due_at)
        days = timeline(clock.started_at, until, clock.budget, calendar, _standstills(clock))
        used = sum((day.used for day in days), timedelta())
    left = None
    if clock.is_open or clock.paused_at is not None:
        left = working_time.remaining(clock.paused_at or now, clock.due_at, clock.budget, calendar)
    return Explanation(
        clock=clock.key,
        name=clock.name,
        subject=clock.subject,
        cycle=clock.cycle,
        round=clock.round,
        rule=_rule(policy, clock, severity),
        standing=_standing(clock, now),
        started_at=clock.started_at,
        began=began,
        budget=clock.budget,
        calendar=calendar.name,
        zone=calendar.zone.name,
        first_due_at=way.first_due_at,
        days=days,
        moves=tuple(_moved(clock, move, calendar) for move in clock.adjustments),
        allowed=way.allowed,
        used=used,
        adds_up=way.due_at == clock.due_at and days_add_up(clock, calendar, days, way),
        due_at=clock.due_at,
        provisional=clock.provisional,
        paused_at=clock.paused_at,
        has_target=clock.has_target,
        waiting_for=waiting_for if clock.paused_at else None,
        left=left,
        warnings=tuple(
            Warned(percent=percent, at=at, is_sent=index < clock.warned)
            for index, (percent, at) in enumerate(zip(clock.warn_percent, clock.warn_at, strict=True))
        ),
        detected_at=clock.breached_at,
        delivered_at=clock.delivered_at,
        settled_at=clock.settled_at,
        ladder=clock.ladder,
        told=tuple(_told(notice) for notice in notices if notice.clock == clock.key),
    )


def of_complaint(
    state: State,
    ledger: Sequence[Event],
    *,
    now: datetime,
    policies: Mapping[str, Policy] | None = None,
) -> tuple[Explanation, ...]:
    """Explain all clocks of a complaint, in the order in which they began.

    Args:
        policies: By their SHA-256: those the complaint lived under, so that a deadline that was laid out before it
            was moved to another policy is explained by the one that gave it.
    """
    notices = tuple(state.notices.values())
    explained = []
    for clock in state.clocks.values():
        past = Past.of(clock, ledger)
        explained.append(
            explain(
                (policies or {}).get(past.policy_sha256, state.policy),
                replace(clock, paused_at=past.paused_at or clock.paused_at),
                now=now,
                severity=past.severity,
                began=past.began,
                waiting_for=past.waiting_for,
                notices=notices,
            )
        )
    return tuple(explained)


# --- moves


def _standstills(clock: Clock) -> list[Standstill]:
    return [
        Standstill(since=move.since, until=move.at, owner=move.owner)
        for move in clock.adjustments
        if move.why == Move.RESUMED and move.since is not None
    ]


def _moved(clock: Clock, move: Adjustment, calendar: Calendar) -> Moved:
    left = stood_still = None
    if move.since is not None:
        left = length(clock, move.since, move.was_due_at, calendar)
        stood_still = move.at - move.since
    return refill(Moved, move, left=left, stood_still=stood_still)


# --- where it is written, what began it, who was told


def _rule(policy: Policy, clock: Clock, severity: Severity | None) -> Rule:
    rule = policy.rule(clock.name, clock.subject)
    statutory = rule if isinstance(rule, StatutoryRule) else None
    own = severity if severity in rule.by_severity else None
    path = _path(policy, clock)
    return Rule(
        path=path,
        place=_place(policy, f"{path}.by_severity.{own}") if own else _place(policy, path),
        title=statutory.title if statutory else None,
        source=statutory.source if statutory else None,
        severity=own,
        policy_name=policy.name,
        policy_version=policy.version,
        policy_sha256=fingerprint(policy),
    )


def _path(policy: Policy, clock: Clock) -> str:
    match clock.name:
        case ClockName.STATUTORY:
            return f"statutory.{clock.subject}"
        case ClockName.FEEDBACK:
            return "feedback"
        case ClockName.ACKNOWLEDGEMENT:
            return f"ladders.{clock.ladder or DEFAULT_LADDER}"
        case ClockName.SECOND_CALL:
            return "follow_up.second_call"
        case ClockName.WAITING:
            limits = (owner for owner, rule in policy.pauses.items() if rule.at_most == clock.budget)
            return f"pauses.{next(limits, '')}".rstrip(".")
        case ClockName.EMERGENCY:
            given = [name for name, hazard in policy.hazards.items() if hazard.on_site_within == clock.budget]
            return f"hazards.{given[0]}" if len(given) == 1 else "hazards"
        case _:
            return f"clocks.{clock.name}"


def _place(policy: Policy, path: str) -> str | None:
    """Find the nearest rule around a path whose place is known."""
    while path:
        if path in policy.places:
            return policy.places[path]
        path = path.rpartition(".")[0]
    return None


def _told(notice: Notice) -> Told:
    return refill(Told, notice)


def _standing(clock: Clock, now: datetime) -> Standing:
    if clock.verdict is not None:
        return Standing(clock.verdict.value)
    if clock.paused_at is not None:
        return Standing.PAUSED
    if clock.breached_at is not None or clock.due_at < now:
        return Standing.OVERDUE
    return Standing.RUNNING
