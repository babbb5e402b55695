"""How state changes by stages that are entered, and by clocks."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from complaints import consequences, forms
from complaints.copies import replace
from complaints.events import Event
from complaints.evolve.change import Change, altered, with_item
from complaints.lifecycle import Stage
from complaints.records import (
    Adjustment,
    Clock,
    Course,
    Move,
)
from complaints.state import State


def _stage_entered(state: State, event: Event, fact: consequences.StageEntered) -> State:
    new_attempt = (fact.cycle, fact.round) != (state.cycle, state.round)
    moved = replace(state, stage=fact.stage, outcome=fact.outcome, cycle=fact.cycle, round=fact.round)
    if new_attempt:  # what was done before did not settle it
        moved = replace(
            moved,
            findings=None,
            remedy=None,
            disputed=None,
            rejections=0,
            mediations=0,
            attempts=0,
            expectations=None,
            decision=None,
            answered=False,
        )
    if fact.stage in (Stage.CLOSED, Stage.ENDED):
        return replace(moved, pause=None, closed_at=state.closed_at or event.occurred_at)
    return replace(moved, closed_at=None)


def _clock_started(state: State, _: Event, fact: consequences.ClockStarted) -> State:
    clock = forms.refill(Clock, fact, key=fact.clock, cycle=state.cycle, round=state.round)
    return replace(state, clocks=with_item(state.clocks, clock.key, clock))


def _clock_paused(state: State, _: Event, fact: consequences.ClockPaused) -> State:
    return replace(state, clocks=altered(state.clocks, fact.clock, paused_at=fact.since))


_LAID_ANEW = (*(field.name for field in fields(Course)), "warned", "called")


def _clock_moved(state: State, event: Event, fact: consequences.ClockMoved) -> State:
    clock = state.clocks[fact.clock]
    move = Adjustment(
        why=fact.why,
        at=fact.at,
        since=fact.since,
        owner=fact.owner,
        was_due_at=fact.was_due_at,
        due_at=fact.due_at,
        by=event.actor.id,
    )
    moved = {
        **{name: getattr(fact, name) for name in _LAID_ANEW},
        "adjustments": (*clock.adjustments, move),
        "extensions": clock.extensions + (fact.why == Move.EXTENDED),
        "paused_at": None if fact.why == Move.RESUMED else clock.paused_at,
    }
    return replace(state, clocks=altered(state.clocks, fact.clock, **moved))


def _clock_warned(state: State, _: Event, fact: consequences.ClockWarned) -> State:
    return replace(
        state, clocks=altered(state.clocks, fact.clock, warned=state.clocks[fact.clock].warned + 1)
    )


def _clock_breached(state: State, _: Event, fact: consequences.ClockBreached) -> State:
    missed = {"breached_at": fact.detected_at, "escalation": fact.escalation}
    return replace(state, clocks=altered(state.clocks, fact.clock, **missed))


def _breach_withdrawn(state: State, _: Event, fact: consequences.BreachWithdrawn) -> State:
    return replace(state, clocks=altered(state.clocks, fact.clock, breached_at=None))


def _clock_settled(state: State, _: Event, fact: consequences.ClockSettled) -> State:
    settled = {"settled_at": fact.settled_at, "verdict": fact.verdict, "paused_at": None}
    return replace(state, clocks=altered(state.clocks, fact.clock, **settled))


def _rung_called(state: State, _: Event, fact: consequences.RungCalled) -> State:
    clock = state.clocks[fact.clock]
    called = {"called": clock.called + 1, "escalation": fact.escalation or clock.escalation}
    return replace(state, clocks=altered(state.clocks, fact.clock, **called))


CHANGES: dict[type[Any], Change] = {
    consequences.StageEntered: _stage_entered,
    consequences.ClockStarted: _clock_started,
    consequences.ClockPaused: _clock_paused,
    consequences.ClockMoved: _clock_moved,
    consequences.RungCalled: _rung_called,
    consequences.ClockWarned: _clock_warned,
    consequences.ClockBreached: _clock_breached,
    consequences.BreachWithdrawn: _breach_withdrawn,
    consequences.ClockSettled: _clock_settled,
}
