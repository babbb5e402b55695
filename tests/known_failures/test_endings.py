"""What is over is over, and what begins anew begins anew: clocks that other products leave running."""

from __future__ import annotations

from dataclasses import replace

import pytest

from complaints import commands as c
from complaints import consequences
from complaints.elapse import next_due
from complaints.errors import AlreadyClosed
from complaints.lifecycle import Stage
from complaints.policy_file import builtin
from complaints.records import ClockName, Verdict
from complaints.vocabulary import Outcome
from tests.lives import DAY, HOUR, INSTANT, Life, at_stage, example
from tests.workflow.cases import Case
from tests.workflow.conftest import Opens

# --- chatwoot #10178: the clock for the next answer starts with every message of the customer, and went on after the
# conversation had been resolved. Customers who answer every goodbye with another were "missed" for ever.


def closed_after_the_customers_last_word() -> Life:
    life = at_stage(Stage.FOLLOW_UP)
    life.do(example(c.AwaitCustomer, life))
    life.do(example(c.CustomerReplied, life, message="好的,谢谢"), after=HOUR)
    life.do(example(c.RecordFollowUp, life))
    return life


def test_chatwoot_10178_closing_settles_every_clock_though_the_customer_spoke_last() -> None:
    life = closed_after_the_customers_last_word()
    assert [clock.name for clock in life.state.clocks.values() if clock.is_open] == [ClockName.APPEAL]


def test_chatwoot_10178_closing_settles_even_a_question_that_nobody_answered() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.RequestVerification, life))
    life.do(example(c.Withdraw, life), after=HOUR)
    assert life.clock(ClockName.VERIFICATION).verdict == Verdict.VOID
    assert [clock.name for clock in life.state.clocks.values() if clock.is_open] == [ClockName.APPEAL]


def test_chatwoot_10178_an_eternal_goodbye_starts_no_clock_and_calls_nobody() -> None:
    life = closed_after_the_customers_last_word()
    appeal, told = life.clock(ClockName.APPEAL), dict(life.state.notices)
    clocks = set(life.state.clocks)
    for words in ("再见!", "谢谢,再见!", "祝您生活愉快,再见!"):
        life.do(example(c.AddNote, life, text=words), after=DAY)
    assert set(life.state.clocks) == clocks
    assert life.clock(ClockName.APPEAL) == appeal
    life.wait(30 * DAY)
    assert life.state.notices == told
    assert life.state.stage == Stage.ENDED


def test_chatwoot_10178_a_verdict_does_not_change_after_closing() -> None:
    life = closed_after_the_customers_last_word()
    verdicts = {key: clock.verdict for key, clock in life.state.clocks.items() if not clock.is_open}
    life.do(example(c.AddNote, life, text="再见!"), after=DAY)
    life.wait(30 * DAY)
    assert {key: life.state.clocks[key].verdict for key in verdicts} == verdicts
    assert Verdict.BREACHED not in verdicts.values()


@pytest.mark.parametrize("kind", [c.Reopen, c.AddNote])
def test_chatwoot_10178_after_the_appeal_window_nothing_wakes_a_complaint(kind: type) -> None:
    life = Life(builtin()).to(Stage.ENDED)
    with pytest.raises(AlreadyClosed):
        life.do(example(kind, life))


async def test_chatwoot_10178_on_the_server_a_goodbye_does_not_keep_a_complaint_alive(case: Case) -> None:
    await case.to(Stage.CLOSED)
    appeal = await case.clock(ClockName.APPEAL)
    told = set((await case.look()).notices)
    await case.wait(DAY)
    await case.do(c.AddNote, text="谢谢,再见!")
    await case.wait_until(appeal.due_at)
    await case.result()
    view = await case.look()
    assert (view.stage, set(view.notices)) == (Stage.ENDED, told)
    assert not [clock for clock in view.clocks.values() if clock.is_open or clock.breached_at]


# --- zammad #904: a ticket that had been merged into another stood among the escalated ones, until somebody touched it.


def test_zammad_904_a_duplicate_leaves_no_clock_and_no_escalation_open() -> None:
    life = at_stage(Stage.INVESTIGATION).wait(5 * DAY + HOUR)
    assert life.state.open_escalations()
    life.do(example(c.LinkDuplicate, life))
    assert not [clock for clock in life.state.clocks.values() if clock.is_open]
    assert not life.state.open_escalations()
    assert next_due(life.state) is None


def test_zammad_904_what_was_missed_before_stays_missed_and_the_rest_falls_away() -> None:
    life = at_stage(Stage.INVESTIGATION).wait(5 * DAY + HOUR)
    life.do(example(c.LinkDuplicate, life))
    assert life.clock(ClockName.INVESTIGATION).verdict == Verdict.BREACHED
    assert life.clock(ClockName.OVERALL).verdict == Verdict.VOID


def test_zammad_904_nobody_is_told_of_a_duplicate_any_more() -> None:
    life = at_stage(Stage.INVESTIGATION).wait(5 * DAY + HOUR)
    life.do(example(c.LinkDuplicate, life))
    told, facts = dict(life.state.notices), len(life.events)
    life.wait(60 * DAY)
    assert (life.state.notices, len(life.events)) == (told, facts)


def test_zammad_904_a_duplicate_that_was_waiting_for_the_customer_does_not_wake_up() -> None:
    life = at_stage(Stage.INVESTIGATION)
    life.do(example(c.AwaitCustomer, life))
    life.do(example(c.LinkDuplicate, life), after=DAY)
    assert next_due(life.state) is None
    assert not life.facts(consequences.ClockBreached)


async def test_zammad_904_on_the_server_a_duplicate_ends_with_nobody_called_afterwards(
    open_case: Opens,
) -> None:
    case = await open_case(replace(builtin(), quiet=None))  # what was told before is told whatever the hour
    clock = await case.clock(ClockName.FIRST_CONTACT)
    await case.wait_until(clock.due_at)
    escalation = await case.escalation(clock)
    await case.do(c.LinkDuplicate)
    result = await case.result()
    assert (result.stage, result.outcome) == (Stage.ENDED, Outcome.DUPLICATE)
    view = await case.look()
    assert not view.escalations[escalation.id].is_open
    assert not [clock for clock in view.clocks.values() if clock.is_open]
    assert not [n for n in view.notices.values() if n.queued_at > escalation.opened_at]
    assert not await case.is_running()


# --- osTicket #5955: a ticket was solved in time. Reopened after its old due date, it mailed "overdue" at once.


def reopened_after_every_old_deadline() -> Life:
    life = at_stage(Stage.CLOSED)
    life.wait(15 * DAY - INSTANT)
    assert life.now > life.clock(ClockName.INVESTIGATION).due_at
    life.do(example(c.Reopen, life))
    return life


def test_osticket_5955_reopening_tells_nobody() -> None:
    life = at_stage(Stage.CLOSED)
    life.wait(15 * DAY - INSTANT)
    told = set(life.state.notices)
    life.do(example(c.Reopen, life))
    life.look()
    assert set(life.state.notices) == told
    assert not life.state.open_escalations()


def test_osticket_5955_reopening_starts_a_fresh_cycle_from_the_reopening() -> None:
    life = reopened_after_every_old_deadline()
    fresh = [clock for clock in life.state.clocks.values() if clock.is_open]
    assert {(clock.cycle, clock.started_at) for clock in fresh} == {(2, life.now)}
    assert life.clock(ClockName.INVESTIGATION).due_at == life.now + 5 * DAY


def test_osticket_5955_after_reopening_nothing_comes_before_a_share_of_the_new_time_is_used() -> None:
    life = reopened_after_every_old_deadline()
    due = next_due(life.state)
    assert due is not None
    assert due == min(at for clock in life.state.clocks.values() if clock.is_open for at in clock.warn_at)
    assert due > life.now


def test_osticket_5955_the_old_verdicts_stand() -> None:
    life = reopened_after_every_old_deadline()
    life.wait(30 * DAY)
    first, second = life.clocks(ClockName.INVESTIGATION)
    assert (first.verdict, second.breached_at is not None) == (Verdict.MET, True)


async def test_osticket_5955_on_the_server_the_new_deadline_is_the_first_to_be_missed(case: Case) -> None:
    await case.to(Stage.CLOSED)
    appeal = await case.clock(ClockName.APPEAL)
    await case.wait_until(appeal.due_at - DAY)
    await case.do(c.Reopen)
    view = await case.look()
    assert (view.notices, view.escalations) == ({}, {})
    clock = await case.clock(ClockName.FEEDBACK)
    await case.wait_until(clock.warn_at[0] - HOUR)
    assert (await case.look()).notices == {}
    await case.wait_until(clock.due_at)
    assert (await case.escalation(clock)).opened_at >= clock.due_at
