"""The rows of the walk-in complaint desk with a green channel (O), lived under the policy `telecom`."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as c
from complaints.errors import (
    AboveAuthority,
    StepMissing,
)
from complaints.lifecycle import Act, Stage
from complaints.policy_file import builtin
from complaints.records import Cause, Clock, Verdict
from complaints.vocabulary import Channel, Justified, Outcome, RemedyKind, Severity
from tests.lives import cny
from tests.rows.people import by, desk_of, lead_of
from tests.workflow.cases import Case
from tests.workflow.conftest import Opens

TELECOM = builtin("telecom")
CALM: dict[str, Any] = {"emotional_intensity": 2, "customer_type": "prepared"}


async def at_the_desk(open_case: Opens, **fields: Any) -> Case:
    """A customer at the counter: heard, and the way forward agreed."""
    given = {
        "policy": TELECOM,
        "channel": Channel.WALK_IN,
        "category": "billing",
        "description": "一月起每月多扣 20 元彩铃，我没订过。",
        "asked_remedy": "退钱，取消",
        "details": {"service_number": "000-0000-6201", "bill_month": "一月"},
    }
    case = await open_case(**(given | fields))
    await case.do(c.RecordFirstContact, channel=Channel.WALK_IN, agreed_next="查订购记录后当面答复", **CALM)
    return case


async def investigated(case: Case, severity: Severity = Severity.NORMAL) -> None:
    await case.do(c.Classify, category="billing", severity=severity, justified=Justified.UNKNOWN)
    await case.do(c.Assign, department="marketing")
    assert (await case.look()).stage == Stage.INVESTIGATION


async def test_O1_each_desk_has_its_limit_and_within_it_the_refund_is_immediate(open_case: Opens) -> None:
    """Named desks accept complaints on site; within a desk's own limit the money is back before the customer leaves."""
    refund: dict[str, Any] = {"kind": RemedyKind.REFUND, "what": "退还三个月彩铃费"}
    case = await at_the_desk(open_case)
    assert (await case.look()).registration is not None
    for desk, yuan in (("partner-shop", 51), ("district-hall", 201), ("flagship-hall", 501)):
        with pytest.raises(AboveAuthority):
            await by(case, desk_of(desk), c.ResolveAtFirstContact, **refund, compensation=cny(yuan))
    await by(case, desk_of("flagship-hall"), c.ResolveAtFirstContact, **refund, compensation=cny(500))
    view = await case.look()
    assert (view.stage, view.outcome) == (Stage.FOLLOW_UP, Outcome.RESOLVED_AT_FIRST_CONTACT)
    assert view.clocks["intake/1"].verdict == Verdict.MET
    answer = [clock for clock in view.clocks.values() if clock.subject == "answer"]
    assert [clock.verdict for clock in answer] == [Verdict.MET]


async def test_O4_who_is_asked_answers_by_name_and_by_the_clock(open_case: Opens) -> None:
    """A supporting department's answer has a clock and a name; while one is missing, nothing is offered."""
    case = await at_the_desk(open_case)
    await investigated(case)
    await case.do(c.RequestVerification, department="platform", question="彩铃是怎么订的？")
    await case.do(c.RequestVerification, department="roaming", question="二月的漫游费是哪国的？")
    await by(
        case, lead_of("platform"), c.AnswerVerification, verification="V1", answer="外呼订的，没有二次确认"
    )
    view = await case.look()
    first, second = view.verifications["V1"], view.verifications["V2"]
    assert (first.answered_by, first.answered_at is not None) == ("platform.lead", True)
    await case.do(c.RecordFindings, responsible_department="platform")
    await case.do(c.PrepareOption, compensation=cny(60))
    await case.do(c.PrepareOption, compensation=cny(60), order=2)
    with pytest.raises(StepMissing) as refusal:
        await case.do(c.OfferOption, option="O1")
    assert refusal.value.possible == (Act.ANSWER_VERIFICATION,)

    (late,) = [k for k in (await case.look()).clocks.values() if k.subject == second.id]
    await case.wait_until(late.due_at)
    escalation = await case.escalation(await watched(case, late.key))
    assert (escalation.cause, escalation.department) == (Cause.BREACH, "roaming")
    await by(case, lead_of("roaming"), c.AnswerVerification, verification="V2", answer="没有漫游，是系统串号")
    assert (await watched(case, late.key)).verdict == Verdict.BREACHED
    await case.do(c.OfferOption, option="O1")


async def watched(case: Case, key: str) -> Clock:
    return (await case.look()).clocks[key]
