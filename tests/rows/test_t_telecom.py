"""The rows of telecom network complaints (T), lived under the policy `telecom`."""

from __future__ import annotations

from typing import Any

import pytest

from complaints import commands as c
from complaints.errors import AnswerMissing, FirstContactMissing, StepMissing, UnknownField
from complaints.lifecycle import Act, Stage
from complaints.policy_file import builtin
from complaints.records import Cause, ClockName
from complaints.vocabulary import Channel, Justified, Role, Severity
from tests.lives import DAY
from tests.workflow.cases import Case
from tests.workflow.conftest import Opens

TELECOM = builtin("telecom")
FORM: dict[str, str] = {
    "service_number": "000-0000-6021",
    "since": "上周三晚上起",
    "seen": "九点后网页打不开",
}
SPOKEN: dict[str, Any] = {
    "channel": Channel.PHONE,
    "agreed_next": "今晚八点师傅上门测速",
    "emotional_intensity": 2,
    "customer_type": "taciturn",
}


async def slow_line(open_case: Opens, **fields: Any) -> Case:
    given = {
        "policy": TELECOM,
        "category": "coverage",
        "description": "家里宽带一到晚上九点就卡，打了两次电话都说线路正常。",
        "asked_remedy": "修好",
        "details": FORM,
    }
    return await open_case(**(given | fields))


async def classified(case: Case) -> None:
    await case.do(c.Classify, category="coverage", severity=Severity.NORMAL, justified=Justified.UNKNOWN)
    await case.do(c.Assign, department="network")


async def repaired(case: Case, option: str) -> None:
    """From findings to the work done, and as long as it has to last before the customer is asked."""
    await case.do(c.RecordFindings, responsible_department="network", root_cause="分光器端口过载")
    await case.do(c.PrepareOption, what="换端口并复测", compensation=None)
    await case.do(c.PrepareOption, what="换端口并减免一个月费用", compensation=None, order=2)
    await case.do(c.OfferOption, option=option)
    await case.do(c.AcceptOption, option=option)
    await case.do(c.PlanAction, what="换端口")
    await case.do(c.CompleteAction)


async def test_T1_the_opinion_form_captures_the_complaint_at_once(open_case: Opens) -> None:
    """The complaint stands on its form the moment it comes in, and is not worked on before the form is complete."""
    case = await slow_line(open_case, details={})
    view = await case.look()
    assert view.registration is not None
    assert "一到晚上九点就卡" in view.registration.description
    await case.do(c.RecordFirstContact, **SPOKEN)
    await classified(case)
    assert (await case.look()).stage == Stage.INTAKE
    with pytest.raises(StepMissing) as refusal:
        await case.do(c.RecordFindings)
    assert refusal.value.possible == (Act.FILL_FORM,)
    assert all(field in refusal.value.message for field in FORM)
    with pytest.raises(UnknownField):
        await case.do(c.FillForm, details={"shoe_size": "42"})

    await case.do(c.FillForm, details=FORM)
    view = await case.look()
    assert (view.details, view.stage) == (FORM, Stage.INVESTIGATION)


async def test_T2_the_customer_is_spoken_with_and_the_way_forward_agreed(open_case: Opens) -> None:
    """The handler speaks with the customer by phone or on site, explains, and agrees what happens next."""
    case = await slow_line(open_case)
    await classified(case)
    with pytest.raises(FirstContactMissing):
        await case.do(c.RecordFindings)
    await case.do(c.RecordFirstContact, **(SPOKEN | {"channel": Channel.CHAT}))  # a chat is no talk
    with pytest.raises(StepMissing, match="spoken_with"):
        await case.do(c.RecordFindings)
    await case.do(c.RecordFirstContact, **(SPOKEN | {"agreed_next": None}))  # nor one that leads nowhere
    with pytest.raises(StepMissing, match="next_step_agreed"):
        await case.do(c.RecordFindings)
    await case.do(c.RecordFirstContact, **(SPOKEN | {"channel": Channel.WALK_IN}))
    view = await case.look()
    assert view.stage == Stage.INVESTIGATION
    assert view.first_contact is not None
    assert view.first_contact.agreed_next == "今晚八点师傅上门测速"


async def test_T3_it_is_tracked_until_the_customer_is_satisfied_and_asked_once_more(open_case: Opens) -> None:
    """Nobody is taken for satisfied by silence; days after they said yes, one more call asks whether it still works."""
    case = await slow_line(open_case)
    await case.do(c.RecordFirstContact, **SPOKEN)
    await classified(case)
    await repaired(case, "O1")
    for _ in range(TELECOM.follow_up.attempts):
        await case.do(c.RecordAttempt)
    with pytest.raises(AnswerMissing):
        await case.do(c.RecordFollowUp, satisfied=None, words=None)
    await case.do(c.RecordFollowUp, satisfied=False, score=2, words="还是卡")
    view = await case.look()
    assert (view.stage, view.round) == (Stage.INVESTIGATION, 2)
    assert Cause.DISSATISFIED in {each.cause for each in view.escalations.values()}
    await repaired(case, "O3")
    await case.do(c.RecordFollowUp, satisfied=True, words="今晚不卡了")

    second = await case.clock(ClockName.SECOND_CALL)
    assert second.due_at - second.started_at == 7 * DAY
    await case.wait(6 * DAY)
    await case.do(c.RecordSecondCall, still_settled=False, words="又卡了")
    view = await case.look()
    assert (view.stage, view.cycle) == (Stage.INVESTIGATION, 2)
    assert (await case.clock(ClockName.OVERALL)).cycle == 2  # and it is watched anew


async def test_T3_only_customer_service_closes_without_an_answer(open_case: Opens) -> None:
    """Where nobody ever answers the phone, the customer service department alone may close, and by its own hand."""
    case = await slow_line(open_case)
    await case.do(c.RecordFirstContact, **SPOKEN)
    await classified(case)
    await repaired(case, "O1")
    with pytest.raises(AnswerMissing):  # nor may it before it has tried
        await case.do(c.RecordFollowUp, role=Role.CUSTOMER_SERVICE, satisfied=None, words=None)
    for _ in range(TELECOM.follow_up.attempts):
        await case.do(c.RecordAttempt)
    await case.do(c.RecordFollowUp, role=Role.CUSTOMER_SERVICE, satisfied=None, words=None)
    assert (await case.look()).stage == Stage.CLOSED
