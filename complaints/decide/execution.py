"""Execution: what was agreed becomes actions with an owner and a date; every promise is a clock."""

from __future__ import annotations

from datetime import datetime

from complaints import commands, facts
from complaints.draft import Draft
from complaints.errors import AlreadyDone, DueInThePast, UnknownItem
from complaints.forms import ActionPlan, refill
from complaints.lifecycle import Act, Stage
from complaints.records import ClockName


def plan_action(draft: Draft, command: commands.PlanAction) -> None:
    """Name who does what by when."""
    plan(draft, command, Act.PLAN_ACTION)


def plan(draft: Draft, planned: ActionPlan, act: Act) -> None:
    """Have an action done by its date; the clock watches it.

    Raises:
        DueInThePast: The date has passed; `act` may name another one.
    """
    _check_ahead(draft, planned.due_at, act)
    action = f"A{len(draft.state.actions) + 1}"
    draft.add(refill(facts.ActionPlanned, planned, action=action))
    draft.start_clock(ClockName.ACTION, action, due_at=planned.due_at)


def complete_action(draft: Draft, command: commands.CompleteAction) -> None:
    """Prove that it was done; the last one ends the execution."""
    action = draft.state.actions.get(command.action)
    if action is None:
        raise UnknownItem(f"there is no action {command.action}", Act.PLAN_ACTION, *draft.state.actions)
    if action.completed_at is not None:
        raise AlreadyDone(f"{command.action} was completed already", Act.ADD_NOTE)
    draft.add(refill(facts.ActionCompleted, command))
    draft.fulfil(ClockName.ACTION, command.action)
    _finish_when_done(draft)


def make_promise(draft: Draft, command: commands.MakePromise) -> None:
    """Promise the customer something; from now on a clock watches it."""
    _check_ahead(draft, command.due_at, Act.MAKE_PROMISE)
    promise = f"P{len(draft.state.promises) + 1}"
    draft.add(refill(facts.PromiseMade, command, promise=promise))
    draft.start_clock(ClockName.PROMISE, promise, due_at=command.due_at)


def keep_promise(draft: Draft, command: commands.KeepPromise) -> None:
    """Prove that it was kept, be it late."""
    promise = draft.state.promises.get(command.promise)
    if promise is None:
        raise UnknownItem(f"there is no promise {command.promise}", Act.MAKE_PROMISE, *draft.state.promises)
    if promise.kept_at is not None:
        raise AlreadyDone(f"{command.promise} was kept already", Act.ADD_NOTE)
    draft.add(refill(facts.PromiseKept, command))
    draft.fulfil(ClockName.PROMISE, command.promise)
    _finish_when_done(draft)


def _check_ahead(draft: Draft, due_at: datetime, act: Act) -> None:
    if due_at <= draft.occurred_at:
        raise DueInThePast(f"due_at {due_at.isoformat()} has passed already", act)


def _finish_when_done(draft: Draft) -> None:
    """Execution ends when something was done and nothing that was planned or promised is left."""
    state = draft.state
    planned = state.actions_of_round
    if state.stage != Stage.EXECUTION or not planned or state.open_promises:
        return
    if all(action.completed_at for action in planned):
        draft.follow(Act.FINISH_EXECUTION)
