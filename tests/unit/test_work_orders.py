"""Work orders: what a judgement on liability dispatches, whatever is agreed with the customer."""

from __future__ import annotations

import pytest

from complaints import commands as c
from complaints import facts
from complaints.errors import DueInThePast
from complaints.lifecycle import Stage
from complaints.records import Cause, ClockName, Verdict
from tests.lives import DAY, Life, at_stage, example, work_order


def judged(stage: Stage = Stage.SOLUTION, *, orders: int = 1) -> Life:
    life = at_stage(stage)
    life.do(example(c.DisputeLiability, life))
    life.do(example(c.JudgeLiability, life, work_orders=(work_order(life),) * orders))
    return life


def test_each_work_order_is_an_action_with_its_own_clock() -> None:
    life = judged(orders=2)
    assert [fact.action for fact in life.facts(facts.ActionPlanned)] == ["A1", "A2"]
    assert [clock.due_at for clock in life.clocks(ClockName.ACTION)] == [life.now + 3 * DAY] * 2


def test_a_judgement_without_any_dispatches_nothing() -> None:
    life = judged(orders=0)
    assert not life.state.actions


def test_a_work_order_lies_ahead() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.DisputeLiability, life))
    with pytest.raises(DueInThePast):
        life.do(example(c.JudgeLiability, life, work_orders=(work_order(life, due_at=life.now),)))
    assert life.state.disputed is not None


def test_a_work_order_is_done_while_the_solution_is_negotiated() -> None:
    life = judged()
    life.do(example(c.CompleteAction, life))
    assert life.state.stage == Stage.SOLUTION
    assert life.clock(ClockName.ACTION).verdict == Verdict.MET


def test_a_work_order_that_is_late_escalates() -> None:
    life = judged().wait(3 * DAY)
    assert Cause.BREACH in {e.cause for e in life.state.escalations.values() if e.clock == "action/1"}


def test_execution_waits_for_a_work_order_that_is_not_done() -> None:
    life = judged().to(Stage.EXECUTION)
    life.do(example(c.PlanAction, life))
    life.do(example(c.CompleteAction, life, action="A2"))
    waits_at = life.state.stage
    life.do(example(c.CompleteAction, life, action="A1"))
    assert (waits_at, life.state.stage) == (Stage.EXECUTION, Stage.FOLLOW_UP)


def test_execution_that_begins_with_all_of_them_done_goes_on_by_an_action_of_its_own() -> None:
    life = judged()
    life.do(example(c.CompleteAction, life))
    life.to(Stage.EXECUTION)
    waits_at = life.state.stage
    life.do(example(c.PlanAction, life))
    life.do(example(c.CompleteAction, life))
    assert (waits_at, life.state.stage) == (Stage.EXECUTION, Stage.FOLLOW_UP)


def test_a_work_order_of_what_cannot_be_solved_is_still_done() -> None:
    life = judged()
    life.do(example(c.AdmitUnsolvable, life))
    life.do(example(c.CompleteAction, life))
    assert (life.state.stage, life.clock(ClockName.ACTION).verdict) == (Stage.FOLLOW_UP, Verdict.MET)
