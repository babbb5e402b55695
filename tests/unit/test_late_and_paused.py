"""What was received in time counts, whichever was processed first; and what the customer says ends a wait for them."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as c
from complaints import facts
from complaints.lifecycle import Stage
from complaints.records import ClockName
from complaints.vocabulary import Channel, PauseOwner, Role
from tests.lives import DAY, HOUR, MINUTE, MONDAY, Life, at_stage, example


def test_a_wait_received_before_the_deadline_takes_its_breach_back() -> None:
    life = at_stage(Stage.INVESTIGATION)
    clock = life.clock(ClockName.INVESTIGATION)
    life.wait_until(clock.due_at + HOUR)
    assert life.state.clocks[clock.key].breached_at is not None
    life.do(example(c.AwaitCustomer, life), received_at=clock.due_at - MINUTE)
    paused = life.state.clocks[clock.key]
    assert paused.breached_at is None
    assert paused.paused_at == clock.due_at - MINUTE
    assert not [e for e in life.state.open_escalations() if e.clock == clock.key]


def test_an_extension_granted_in_time_takes_a_breach_back() -> None:
    life = at_stage(Stage.INVESTIGATION)
    clock = life.clock(ClockName.INVESTIGATION)
    life.wait_until(clock.due_at + HOUR)
    longer = c.GrantExtension(
        clock=clock.key, until=clock.due_at + 2 * DAY, reason="表计送检", customer_told=True
    )
    life.do(longer, role=Role.LEAD, received_at=clock.due_at - MINUTE)
    assert life.state.clocks[clock.key].is_ticking
    assert life.state.clocks[clock.key].due_at == clock.due_at + 2 * DAY


@pytest.mark.parametrize("answer", [c.AcceptOption, c.RejectOption, c.CounterOffer])
def test_an_answer_to_an_offer_ends_a_wait_for_the_customer(answer: Any) -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.PrepareOption, life))
    life.do(example(c.OfferOption, life))
    life.do(example(c.AwaitCustomer, life))
    life.do(example(answer, life))
    assert life.state.pause is None
    assert life.facts(facts.CustomerReplied)
    assert not life.state.open_clocks(ClockName.WAITING)


def test_the_follow_up_ends_a_wait_for_the_customer() -> None:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.AwaitCustomer, life))
    life.do(c.RecordFollowUp(satisfied=False, words="还是跳闸"))
    assert life.state.pause is None
    assert life.state.stage == Stage.INVESTIGATION


@pytest.mark.parametrize("owner", [PauseOwner.VENDOR, PauseOwner.US])
def test_the_customer_hears_daily_while_we_wait_for_others(owner: PauseOwner) -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.AwaitCustomer, life, owner=owner))
    assert life.state.open_clocks(ClockName.FEEDBACK)
    life.do(c.GiveFeedback(message="备件在途", channel=Channel.PHONE), after=DAY)
    assert life.state.pause is not None
    assert [clock for clock in life.state.open_clocks(ClockName.FEEDBACK) if clock.is_ticking]


def _declined_and_reopened() -> Life:
    life = Life()
    life.do(example(c.Register, life))
    life.do(c.MakePromise(what="周五前回电", due_at=MONDAY + 9 * DAY), role=Role.HANDLER)
    life.do(example(c.Decline, life))
    life.do(example(c.Reopen, life), after=DAY)
    return life


def test_a_reopened_customer_whom_nobody_heard_is_heard_by_a_clock() -> None:
    life = _declined_and_reopened()
    assert [clock.cycle for clock in life.state.open_clocks(ClockName.FIRST_CONTACT)] == [2]


def test_a_promise_still_ahead_is_watched_again_after_reopening() -> None:
    life = _declined_and_reopened()
    assert [clock.due_at for clock in life.state.open_clocks(ClockName.PROMISE)] == [
        life.state.promises["P1"].due_at
    ]


def test_rejecting_an_option_of_an_earlier_round_counts_towards_mediation() -> None:
    life = at_stage(Stage.SOLUTION)
    life.do(example(c.PrepareOption, life))
    life.do(example(c.PrepareOption, life))
    life.do(example(c.OfferOption, life, option="O1"))
    life.do(c.AcceptOption(option="O1"))
    life.do(example(c.PlanAction, life))
    life.do(example(c.CompleteAction, life))
    life.do(c.RecordFollowUp(satisfied=False))
    life.do(example(c.RecordFindings, life))
    life.do(example(c.OfferOption, life, option="O2"))
    life.do(example(c.RejectOption, life, option="O2"))
    assert life.state.rejections == 1
