"""Execution: actions with an owner and a date, and promises, each of which is a clock."""

import pytest

from complaints import commands as c
from complaints.errors import AlreadyDone, DueInThePast, UnknownItem
from complaints.lifecycle import OPEN, Stage
from complaints.records import ClockName, Verdict
from complaints.vocabulary import Role
from tests.lives import DAY, HOUR, INSTANT, at_stage, example


@pytest.mark.parametrize(
    ("kind", "name"), [(c.PlanAction, ClockName.ACTION), (c.MakePromise, ClockName.PROMISE)]
)
def test_what_is_planned_or_promised_is_watched_until_the_date_that_was_named(
    kind: type, name: ClockName
) -> None:
    life = at_stage(Stage.EXECUTION)
    life.do(example(kind, life, due_at=life.now + 10 * HOUR))
    clock = life.clock(name)
    assert clock.due_at == life.now + 10 * HOUR
    assert clock.warn_at == (life.now + 8 * HOUR,)
    assert clock.budget is None


@pytest.mark.parametrize("kind", [c.PlanAction, c.MakePromise])
def test_what_is_planned_or_promised_lies_ahead(kind: type) -> None:
    life = at_stage(Stage.EXECUTION)
    with pytest.raises(DueInThePast):
        life.do(example(kind, life, due_at=life.now))
    assert life.do(example(kind, life, due_at=life.now + INSTANT))


def test_execution_ends_with_the_last_action() -> None:
    life = at_stage(Stage.EXECUTION)
    life.do(example(c.PlanAction, life))
    life.do(example(c.PlanAction, life))
    life.do(example(c.CompleteAction, action="A2"))
    assert life.clock(ClockName.EXECUTION).is_open
    life.do(example(c.CompleteAction, action="A1"))
    assert life.state.stage == Stage.FOLLOW_UP


def test_execution_does_not_end_before_the_promises_are_kept() -> None:
    life = at_stage(Stage.EXECUTION)
    life.do(example(c.MakePromise, life))
    life.do(example(c.PlanAction, life))
    life.do(example(c.CompleteAction, life))
    assert life.clock(ClockName.EXECUTION).is_open
    life.do(example(c.KeepPromise, life))
    assert life.state.stage == Stage.FOLLOW_UP


def test_keeping_promises_alone_does_not_end_an_execution_with_nothing_planned() -> None:
    life = at_stage(Stage.EXECUTION)
    life.do(example(c.MakePromise, life))
    life.do(example(c.KeepPromise, life))
    assert life.state.stage == Stage.EXECUTION


@pytest.mark.parametrize("stage", OPEN)
def test_a_promise_can_be_made_and_kept_at_every_open_stage(stage: Stage) -> None:
    life = at_stage(stage)
    life.do(example(c.MakePromise, life))
    life.do(example(c.KeepPromise, life), after=HOUR)
    assert life.clock(ClockName.PROMISE).verdict == Verdict.MET
    assert life.state.stage == stage


def test_a_broken_promise_escalates_and_stays_broken_when_kept_late() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.MakePromise, life))
    life.do(example(c.KeepPromise, life), after=DAY + INSTANT)
    assert life.clock(ClockName.PROMISE).verdict == Verdict.BREACHED
    assert life.escalation().clock == "promise/1"
    assert life.escalation().audience == Role.LEAD
    assert life.state.promises["P1"].kept_at == life.now
    assert not life.escalation().is_open


def test_a_promise_kept_on_the_dot_is_kept() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.MakePromise, life))
    life.do(example(c.KeepPromise, life), after=DAY)
    assert life.clock(ClockName.PROMISE).verdict == Verdict.MET
    assert not life.state.escalations


@pytest.mark.parametrize(
    ("make", "finish"), [(c.PlanAction, c.CompleteAction), (c.MakePromise, c.KeepPromise)]
)
def test_what_was_done_is_not_done_again(make: type, finish: type) -> None:
    life = at_stage(Stage.EXECUTION)
    life.do(example(c.PlanAction, life))
    life.do(example(make, life))
    life.do(example(finish, life))
    with pytest.raises(AlreadyDone):
        life.do(example(finish, life))


@pytest.mark.parametrize("kind", [c.CompleteAction, c.KeepPromise])
def test_what_nobody_planned_or_promised_is_unknown(kind: type) -> None:
    life = at_stage(Stage.EXECUTION)
    with pytest.raises(UnknownItem):
        life.do(example(kind, life))
