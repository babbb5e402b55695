"""The rows of online retail (E), and the surveys of after-sales service (A5), lived under the policy `retail`."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as c
from complaints.errors import StepMissing, UnknownField
from complaints.forms import RestatedPoint
from complaints.lifecycle import Act, Stage
from complaints.policy_file import builtin
from complaints.records import Clock, ClockName, NoticeKind, Verdict
from complaints.vocabulary import Channel, Outcome, RemedyKind, Role, Severity
from tests.integration.channel_servers import Receiver
from tests.lives import HOUR, cny
from tests.workflow.cases import Case
from tests.workflow.conftest import Opens

RETAIL = builtin("retail")
LEAKS = "花 2680 元买的椅子，气杆漏油，弄脏了新铺的地板。"
FORM = {"order": "D88012", "item": "人体工学椅 黑色", "bought_at": "官方旗舰店", "fault": "到货当天气杆漏油"}
POINTS = ("气杆漏油，要求退货", "地板弄脏了，要求赔偿")


async def shopper_complains(open_case: Opens, **fields: Any) -> Case:
    given: dict[str, Any] = {
        "policy": RETAIL,
        "category": "quality",
        "description": LEAKS,
        "asked_remedy": "退货，并赔偿地板",
    }
    return await open_case(**(given | fields))


async def restate(case: Case, *agreed: bool) -> None:
    points = tuple(RestatedPoint(said=said, agreed=yes) for said, yes in zip(POINTS, agreed, strict=True))
    await case.do(c.RecordFirstContact, emotional_intensity=3, customer_type="prepared", points=points)


async def statutory(case: Case, subject: str) -> Clock:
    clocks = (await case.look()).clocks.values()
    [found] = [each for each in clocks if (each.name, each.subject) == (ClockName.STATUTORY, subject)]
    return found


def messages(customers: Receiver, case: Case) -> list[Any]:
    """What the service was given for the customer of one complaint."""
    got = (request.json for request in customers.got)
    return [each for each in got if each["data"]["complaint"] == case.number]


async def in_follow_up(case: Case) -> None:
    await restate(case, True, True)
    await case.do(c.Classify, category="quality", severity=Severity.NORMAL)
    await case.do(c.Assign)
    await case.do(c.FillForm, details=FORM)
    await case.do(c.RecordFindings)
    for what in ("退货退款", "换一把新的"):
        await case.do(c.PrepareOption, what=what, standard="《消费者权益保护法》第二十四条")
    await case.do(c.OfferOption, option="O1")
    await case.do(c.AcceptOption, option="O1")
    await case.to(Stage.FOLLOW_UP)


async def test_E2_the_form_is_complete_and_every_point_agreed_before_anything_is_investigated(
    open_case: Opens,
) -> None:
    """A formal form is filled in with the customer, and restated point by point until the customer agrees."""
    case = await shopper_complains(open_case)
    await restate(case, True, False)
    with pytest.raises(StepMissing) as refusal:  # not even on the spot
        await case.do(
            c.ResolveAtFirstContact, kind=RemedyKind.REFUND, what="退 200 元", compensation=cny(200)
        )
    assert refusal.value.possible == (Act.RECORD_FIRST_CONTACT,)
    await case.do(c.Classify, category="quality", severity=Severity.NORMAL)
    await case.do(c.Assign)
    with pytest.raises(StepMissing) as refusal:
        await case.do(c.RecordFindings)
    assert set(refusal.value.possible) == {Act.FILL_FORM, Act.RECORD_FIRST_CONTACT}
    assert all(field in refusal.value.message for field in FORM)

    with pytest.raises(UnknownField):
        await case.do(c.FillForm, details={"colour": "black"})
    await case.do(c.FillForm, details=FORM)
    assert (await case.look()).stage == Stage.INTAKE  # one point is still open
    await restate(case, True, True)
    view = await case.look()
    assert view.stage == Stage.INVESTIGATION
    assert view.details == FORM
    await case.do(c.RecordFindings)


async def test_A5_every_question_of_the_survey_is_asked_and_asked_again_later(open_case: Opens) -> None:
    """Satisfaction is surveyed in full when it is done, by any channel, and once more after some days."""
    case = await shopper_complains(open_case)
    await in_follow_up(case)
    with pytest.raises(StepMissing) as refusal:
        await case.do(c.RecordFollowUp, satisfied=True, answers=(5, 4))
    assert refusal.value.possible == (Act.CONFIRM_SATISFACTION,)
    await case.do(c.RecordFollowUp, satisfied=True, answers=(5, 5, 4, 4, 3), channel=Channel.CHAT)
    view = await case.look()
    assert (view.stage, view.follow_ups[-1].form.channel) == (Stage.CLOSED, Channel.CHAT)

    survey = await case.clock(ClockName.AFTER_CLOSING)
    await case.wait_until(survey.due_at - HOUR)
    await case.do(
        c.RecordAfterClosing, contact="survey", still_settled=True, words="椅子好用，地板也看不出来了"
    )
    await case.wait_until((await case.clock(ClockName.APPEAL)).due_at)
    assert (await case.result()).outcome == Outcome.RESOLVED
    assert not (await case.clock(ClockName.AFTER_CLOSING)).breached_at


async def test_A5_somebody_who_does_not_answer_cannot_be_surveyed(open_case: Opens) -> None:
    """Three calls in vain stand for an answer; the survey does not keep the complaint open for ever."""
    case = await shopper_complains(open_case)
    await in_follow_up(case)
    for channel in (Channel.PHONE, Channel.CHAT, Channel.EMAIL):
        await case.do(c.RecordAttempt, channel=channel)
    await case.do(c.RecordFollowUp, satisfied=None, score=None, words=None)
    assert (await case.look()).stage == Stage.CLOSED


async def test_E1_the_complaint_is_recorded_and_the_customer_told_at_once(
    open_case: Opens, customers: Receiver
) -> None:
    """Immediate reaction: it is recorded, and the customer told that it is being handled now."""
    case = await shopper_complains(open_case)
    await case.settle()
    assert "Registered" in await case.facts()
    [message] = messages(customers, case)
    assert message["data"]["kind"] == NoticeKind.RECEIPT
    assert case.number in message["body"]
    assert "正在处理" in message["body"]
    assert "10 个工作日内答复：最迟" in message["body"]
    assert (await statutory(case, "acknowledged")).verdict == Verdict.MET

    contact = await case.clock(ClockName.FIRST_CONTACT)
    await case.wait_until(contact.due_at)  # and it has to be true: somebody sets about it
    missed = await case.clock(ClockName.FIRST_CONTACT)
    assert missed.breached_at is not None
    # it has no department yet
    assert (await case.escalation(missed)).audience == Role.CUSTOMER_SERVICE
