"""Duties for which nobody set a time: other products count them as met.

DIGIT CCRS #1028: a kind of complaint without a target was counted among those answered in time. Here it is a fault of
the policy, which the customer service department is told of at once, and it is never met.
"""

from __future__ import annotations

from dataclasses import replace

import pytest

from complaints import commands as c
from complaints.lifecycle import Stage
from complaints.policy import Policy
from complaints.policy_file import builtin
from complaints.records import Cause, ClockName, NoticeStatus, Verdict
from complaints.vocabulary import Role
from tests.eventually import eventually
from tests.lives import DAY, Life, at_stage, example, hours, with_clock
from tests.workflow.conftest import Opens

NO_TARGET = with_clock(ClockName.OVERALL, budget=None)


def without_the_rule() -> Policy:
    clocks = dict(builtin().clocks)
    del clocks[ClockName.OVERALL]
    return replace(builtin(), clocks=clocks)


@pytest.mark.parametrize("policy", [NO_TARGET, without_the_rule()], ids=["no budget", "no rule"])
def test_digit_ccrs_1028_a_duty_without_a_target_is_missed_from_the_first(policy: Policy) -> None:
    life = at_stage(Stage.INTAKE, policy)
    clock = life.clock(ClockName.OVERALL)
    assert (clock.has_target, clock.breached_at) == (False, life.now)


def test_digit_ccrs_1028_the_customer_service_department_is_told_that_the_policy_is_at_fault() -> None:
    escalation = at_stage(Stage.INTAKE, NO_TARGET).escalation()
    assert (escalation.cause, escalation.audience) == (Cause.CONFIGURATION, Role.CUSTOMER_SERVICE)
    assert "no target for overall" in escalation.reason


def test_digit_ccrs_1028_doing_it_at_once_does_not_make_it_met() -> None:
    life = at_stage(Stage.CLOSED, NO_TARGET)
    assert life.clock(ClockName.OVERALL).verdict == Verdict.BREACHED


def test_digit_ccrs_1028_falling_away_does_not_clear_it() -> None:
    life = at_stage(Stage.INTAKE, NO_TARGET)
    life.do(example(c.LinkDuplicate, life), after=DAY)
    assert life.clock(ClockName.OVERALL).verdict == Verdict.BREACHED


def test_digit_ccrs_1028_a_severity_without_a_target_is_a_fault_of_its_own() -> None:
    """Only the critical were given a time; an ordinary complaint has none."""
    life = Life(with_clock(ClockName.OVERALL, budget=None, by_severity={"critical": hours(8)}))
    life.do(example(c.Register, life))
    assert life.escalation().cause == Cause.CONFIGURATION


async def test_digit_ccrs_1028_on_the_server_the_fault_is_told_when_the_complaint_comes_in(
    open_case: Opens,
) -> None:
    case = await open_case(NO_TARGET)
    escalation = await case.escalation(await case.clock(ClockName.OVERALL))

    async def told() -> None:
        (notice,) = [n for n in (await case.look()).notices.values() if n.escalation == escalation.id]
        assert (notice.recipient, notice.status) == ("customer_service", NoticeStatus.OUTBOX)

    await eventually(told)
