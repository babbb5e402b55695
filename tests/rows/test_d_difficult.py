"""The rows of difficult complaints (D), lived under `telecom` with the overlay `difficult` laid over it."""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from complaints import commands as c
from complaints.errors import StepMissing, UnknownTerm
from complaints.forms import RestatedPoint
from complaints.lifecycle import Act, Stage
from complaints.playbook import guidance
from complaints.policy import Policy
from complaints.policy_file import read
from complaints.records import Cause
from complaints.view import View
from complaints.vocabulary import Channel, Justified, Role, Severity
from tests.lives import MINUTE, cny
from tests.workflow.cases import Case
from tests.workflow.conftest import Opens

TEXT = 'name: ours\nversion: "1"\ntitle: {en: Ours, zh: 我公司}\nextends: [telecom, difficult]\n'
POINTS = (
    RestatedPoint(said="合约里没写提前解约要付 600 元", agreed=True),
    RestatedPoint(said="营业员说“随时能退”", agreed=True),
)
SPOKEN: dict[str, Any] = {
    "channel": Channel.PHONE,
    "agreed_next": "周五前带着录音回电",
    "emotional_intensity": 3,
    "customer_type": "prepared",
}


@cache
def ours() -> Policy:
    return read(TEXT, name="ours.yaml")


async def complains(
    open_case: Opens, description: str = "提前解约要我付 600 元，不解决不走！", **fields: Any
) -> Case:
    given = {
        "policy": ours(),
        "category": "tariff",
        "description": description,
        "asked_remedy": "免了违约金",
        "details": {"service_number": "000-0000-6111"},
    }
    return await open_case(**(given | fields))


async def accepted(case: Case, kind: str = "tariff") -> None:
    """The first phase: restated and agreed point by point, its kind said, and somebody accountable."""
    await case.do(c.RecordFirstContact, points=POINTS, **SPOKEN)
    await case.do(
        c.Classify, category="tariff", kind=kind, severity=Severity.HIGH, justified=Justified.UNKNOWN
    )
    await case.do(c.Assign, department="marketing")


async def explained(case: Case) -> None:
    """The second and third phase: looked up, concluded and explained."""
    await case.do(c.RecordFindings, responsible_department="marketing", root_cause="办理时没有念解约条款")
    await case.do(c.GiveFeedback, message="录音里确实没有念到解约条款，合约第七条有。", explanation=True)


async def two_options(case: Case) -> None:
    await case.do(c.PrepareOption, what="免除违约金的一半", compensation=cny(300))
    await case.do(c.PrepareOption, what="改签低档套餐，不收违约金", compensation=None, order=2)


async def test_D1_accept_look_up_explain_and_propose_come_one_after_the_other(open_case: Opens) -> None:
    """Four phases: each holds up the next until it is done, and says which one it is."""
    case = await complains(open_case)
    await case.do(c.RecordFirstContact, points=(), **SPOKEN)
    await case.do(c.Classify, category="tariff", kind="tariff", severity=Severity.HIGH)
    await case.do(c.Assign, department="marketing")
    with pytest.raises(StepMissing, match="受理") as refusal:
        await case.do(c.RecordFindings)
    assert refusal.value.possible == (Act.RECORD_FIRST_CONTACT,)
    await case.do(c.RecordFirstContact, points=POINTS, **SPOKEN)

    await case.do(c.RequestVerification, department="marketing", question="办理录音里念条款了吗？")
    with pytest.raises(StepMissing, match="查询"):
        await case.do(c.RecordFindings)
    await case.do(c.AnswerVerification, answer="没有念")
    await case.do(c.RecordFindings, responsible_department="marketing")

    await two_options(case)
    await case.do(c.SetExpectations)
    with pytest.raises(StepMissing, match="解释澄清"):
        await case.do(c.OfferOption, option="O1")
    await case.do(c.GiveFeedback, message="录音里没有念到解约条款。", explanation=True)
    await case.do(c.OfferOption, option="O1")
    assert (await case.look()).stage == Stage.SOLUTION


async def test_D1_four_kinds_are_told_apart(open_case: Opens) -> None:
    """Quality, tariff, service and business process are told apart when it is classified, and no fifth is known."""
    assert [names.zh for names in ours().kinds.values()] == ["质量", "资费", "服务", "业务流程"]
    case = await complains(open_case)
    with pytest.raises(UnknownTerm) as refusal:
        await case.do(c.Classify, category="tariff", kind="weather")
    assert set(refusal.value.possible) == {"quality", "tariff", "service", "process"}
    for kind in refusal.value.possible:
        await case.do(c.Classify, category="tariff", kind=kind, severity=Severity.HIGH)
        classified = (await case.look()).classification
        assert classified is not None
        assert classified.kind == kind


async def test_D2_it_is_recognised_at_once_by_any_of_its_signs(open_case: Opens) -> None:
    """Severity, temperament, repeat, sum, press or regulator: any one of them raises it to customer service at once."""
    by_registration: dict[str, dict[str, Any]] = {
        "severity": {"description": "光缆掉下来，老人摔倒受伤"},
        "repeat": {"description": "又来了", "earlier_complaints": 1},
        "sum": {"description": "赔我损失", "claim": cny(10_000)},
        "press": {"description": "记者明天就到"},
        "regulator": {"description": "我已经打了 12300"},
        "threat": {"description": "跟你们没完"},
    }
    for fields in by_registration.values():
        view = await (await complains(open_case, **fields)).look()
        (raised,) = [each for each in view.escalations.values() if each.cause == Cause.DIFFICULT]
        assert raised.audience == Role.CUSTOMER_SERVICE
        assert raised.opened_at - view.clocks["overall/1"].started_at < MINUTE
        assert view.difficult
    for contact in ({"customer_type": "relentless"}, {"emotional_intensity": 4}):
        case = await complains(open_case, description="违约金太高")
        assert not (await case.look()).difficult
        await case.do(c.RecordFirstContact, points=POINTS, **(SPOKEN | contact))
        assert (await case.look()).difficult

    ordinary = await complains(open_case, description="想问问违约金怎么算")
    await ordinary.do(c.RecordFirstContact, **SPOKEN)
    view = await ordinary.look()
    assert not view.difficult
    assert not view.escalations


async def test_D3_scripts_of_the_kind_and_expectations_before_options(open_case: Opens) -> None:
    """Each kind has its script; expectations are lowered before options; satisfaction is assessed at the end."""
    shown: dict[str, set[str]] = {}
    for kind in ours().kinds:
        case = await complains(open_case)
        await accepted(case, kind)
        shown[kind] = scripts(await case.look())
    for kind, script in shown.items():
        others = {said for other in shown if other != kind for said in shown[other]}
        assert len(script - others) == 1

    await explained(case)
    await two_options(case)
    with pytest.raises(StepMissing, match="expectations_set"):
        await case.do(c.OfferOption, option="O1")
    await case.do(c.SetExpectations, said="合约期内解约，一分钱不付做不到。")
    await case.do(c.OfferOption, option="O1")
    await case.do(c.AcceptOption, option="O1")
    await case.do(c.PlanAction)
    await case.do(c.CompleteAction)

    asked = len(ours().follow_up.questions)
    with pytest.raises(StepMissing, match="survey_answered"):
        await case.do(c.RecordFollowUp, words="行吧", answers=())
    with pytest.raises(StepMissing, match="satisfaction_in_words"):
        await case.do(c.RecordFollowUp, words=None, answers=(4,) * asked)
    await case.do(c.RecordFollowUp, words="算解决了", answers=(4,) * asked)
    assert (await case.look()).stage == Stage.CLOSED


def scripts(view: View) -> set[str]:
    """What a handler is shown for the complaint as it stands."""
    contact, classified = view.first_contact, view.classification
    assert contact is not None
    assert classified is not None
    told = guidance(
        ours(),
        stage=view.stage,
        customer_type=contact.customer_type,
        intensity=contact.emotional_intensity,
        kind=classified.kind,
        category=view.category,
        difficult=view.difficult,
    )
    return {names.zh for names in told}
