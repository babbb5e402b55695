"""The rows of the walk-in complaint desk with a green channel (O), lived under the policy `telecom`."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from complaints import commands as c
from complaints.errors import (
    AboveAuthority,
    LeadMustAttend,
    NotYourEscalation,
    NotYourRole,
    NotYourSummons,
    StepMissing,
)
from complaints.forms import ActionPlan, SummonedDepartment
from complaints.lifecycle import Act, Stage
from complaints.policy_file import builtin
from complaints.records import Cause, Clock, ClockName, NoticeKind, Verdict
from complaints.scores import Measure, What, add_up
from complaints.vocabulary import Channel, Justified, Outcome, Part, RemedyKind, Role, Severity
from db.scores import contributions
from tests.lives import DAY, HOUR, MINUTE, cny
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


# --- difficult ones, and those that many have to come for


async def difficult(open_case: Opens) -> Case:
    return await at_the_desk(open_case, description="多扣了半年，你们不退我就打 12300。")


async def test_O2_a_difficult_one_goes_straight_to_the_department_of_first_responsibility(
    open_case: Opens,
) -> None:
    """A difficult complaint is with the customer service department at once, which answers first and cannot pass it by."""
    case = await difficult(open_case)
    view = await case.look()
    assert view.first_responsible == "service-centre"
    (escalation,) = [each for each in view.escalations.values() if each.cause == Cause.DIFFICULT]
    assert (escalation.audience, escalation.department) == (Role.CUSTOMER_SERVICE, "service-centre")
    with pytest.raises(NotYourEscalation):  # nobody below takes it off their hands
        await by(case, lead_of("marketing"), c.AcknowledgeEscalation, escalation=escalation.id)
    await case.wait(3 * HOUR)  # and it does not lie: unanswered it climbs
    climbed = (await case.look()).escalations[escalation.id]
    assert climbed.audience == Role.EXECUTIVE

    other = await difficult(open_case)
    await other.do(c.AcknowledgeEscalation, role=Role.CUSTOMER_SERVICE, escalation=escalation.id)
    await other.wait(3 * HOUR)
    taken = (await other.look()).escalations[escalation.id]
    assert (taken.audience, taken.acknowledged_by) == (Role.CUSTOMER_SERVICE, "liu.min")


PARTS = {
    "marketing": Part.RESPONSIBLE,
    "north": Part.LOCAL,
    "platform": Part.ASSOCIATED,
    "district-hall": Part.FIRST_HANDLING,
}


async def summon(case: Case) -> None:
    called = tuple(SummonedDepartment(department=name, part=part) for name, part in PARTS.items())
    await case.do(
        c.SummonDepartments, departments=called, what="明早九点在北区营业厅当面说清", lead_attends=False
    )


async def findings_and_options(case: Case) -> None:
    await case.do(c.RecordFindings, responsible_department="marketing")
    await case.do(c.PrepareOption, compensation=None)
    await case.do(c.PrepareOption, compensation=None, order=2)


async def test_O3_the_departments_are_called_together_and_each_must_send_someone(open_case: Opens) -> None:
    """Responsible, local, associated and first-handling departments are told in one go; each sends somebody or is called on."""
    case = await at_the_desk(open_case)
    await investigated(case)
    await summon(case)
    view = await case.look()
    assert {each.department: each.part for each in view.summons.values()} == PARTS
    told = {each.recipient for each in view.notices.values() if each.kind == NoticeKind.SUMMONS}
    assert told == {f"lead:{department}" for department in PARTS}
    with pytest.raises(NotYourSummons):  # nobody answers for another department
        await by(case, lead_of("platform"), c.SendSomeone, summons="S1", person="qian.duo")
    for summons, department in (("S1", "marketing"), ("S2", "north"), ("S4", "district-hall")):
        await by(case, lead_of(department), c.SendSomeone, summons=summons, person=f"{department}.one")
    await findings_and_options(case)
    with pytest.raises(StepMissing, match="departments_came"):
        await case.do(c.OfferOption, option="O1")

    (waiting,) = [
        k for k in (await case.look()).clocks.values() if k.name == ClockName.ATTENDANCE and k.is_open
    ]
    await case.wait_until(waiting.due_at)
    escalation = await case.escalation(await watched(case, waiting.key))
    assert (escalation.cause, escalation.audience, escalation.department) == (
        Cause.BREACH, Role.LEAD, "platform",
    )  # fmt: skip
    await by(case, lead_of("platform"), c.SendSomeone, summons="S3", person="qian.duo")
    assert (await watched(case, waiting.key)).verdict == Verdict.BREACHED
    await case.do(c.OfferOption, option="O1")
    sent = {each.department: each.sent for each in (await case.look()).summons.values()}
    assert sent["platform"] == "qian.duo"


async def test_O3_where_it_is_needed_the_lead_comes_in_person(open_case: Opens) -> None:
    """In a difficult complaint nobody but the lead of each department will do."""
    case = await difficult(open_case)
    await investigated(case, Severity.HIGH)
    await summon(case)
    with pytest.raises(LeadMustAttend):
        await by(case, lead_of("marketing"), c.SendSomeone, summons="S1", person="an.assistant")
    await by(case, lead_of("marketing"), c.SendSomeone, summons="S1", person="marketing.lead", is_lead=True)
    assert (await case.look()).summons["S1"].sent == "marketing.lead"


async def test_O5_an_emergency_at_the_desk_has_somebody_there_within_the_hour(open_case: Opens) -> None:
    """An emergency declared on site reaches the lead at once, and somebody has to be there; it stands until it is safe."""
    case = await at_the_desk(open_case)
    await case.do(c.Assign, department="north")
    await by(
        case, desk_of("north"), c.DeclareEmergency, hazard="desk_incident", what="两位客户在柜台前打起来了"
    )
    view = await case.look()
    (raised,) = [each for each in view.escalations.values() if each.cause == Cause.HAZARD]
    assert raised.audience == Role.LEAD
    clock = await case.clock(ClockName.EMERGENCY)
    assert clock.due_at - clock.started_at == HOUR
    await case.wait(30 * MINUTE)
    await case.do(c.AttendEmergency, found="已分开，一人手擦伤", made_safe=False)
    assert (await case.clock(ClockName.EMERGENCY)).verdict == Verdict.MET
    assert (await case.look()).escalations[raised.id].is_open
    await case.do(c.AttendEmergency, found="双方已和解离开", made_safe=True)
    assert not (await case.look()).escalations[raised.id].is_open

    alone = await at_the_desk(open_case)
    await alone.do(c.DeclareEmergency, hazard="desk_incident", what="老人晕倒")
    await alone.wait(HOUR + MINUTE)  # nobody came
    assert (await alone.clock(ClockName.EMERGENCY)).breached_at is not None


async def test_O5_a_complaint_that_hints_at_a_hazard_warns_at_once(open_case: Opens) -> None:
    """What a customer mentions in passing is seen: the customer service department knows before anybody has read it."""
    case = await open_case(
        policy=TELECOM,
        category="network_town",
        description="网不好就算了，楼下光缆垂到地上，小孩天天踩。",
        details={"service_number": "000-0000-6205", "since": "上周", "seen": "时断时续"},
    )
    view = await case.look()
    (warned,) = [each for each in view.escalations.values() if each.cause == Cause.HAZARD]
    assert warned.audience == Role.CUSTOMER_SERVICE
    assert [each.hazard for each in view.emergencies.values()] == ["cable"]
    quiet = await at_the_desk(open_case)
    assert not (await quiet.look()).escalations


async def test_O6_liability_is_judged_on_schedule_and_work_orders_follow_from_it(open_case: Opens) -> None:
    """Contested liability is judged by customer service, in time, before anything is agreed; each work order has its clock."""
    case = await at_the_desk(open_case)
    await investigated(case)
    await findings_and_options(case)
    await case.do(c.DisputeLiability, reason="外呼是第三方做的")
    await case.do(c.OfferOption, option="O1")
    with pytest.raises(StepMissing, match="liability_settled"):
        await case.do(c.AcceptOption, option="O1")
    (dispute,) = [e for e in (await case.look()).escalations.values() if e.cause == Cause.DISPUTED]
    assert dispute.audience == Role.CUSTOMER_SERVICE
    await case.wait(3 * HOUR)  # the session was not held in time
    assert (await case.look()).escalations[dispute.id].audience == Role.EXECUTIVE
    with pytest.raises(NotYourRole):
        await case.do(c.JudgeLiability, role=Role.LEAD)

    now = await case.now()
    orders = tuple(
        ActionPlan(what=what, kind=kind, owner=owner, due_at=now + 2 * DAY)
        for what, kind, owner in (
            ("停掉该外呼公司的订购权限", RemedyKind.CORRECTION, "marketing.lead"),
            ("清查同批订购并退费", RemedyKind.REFUND, "platform.lead"),
        )
    )
    await case.do(c.JudgeLiability, responsible_department="marketing", work_orders=orders)
    view = await case.look()
    assert not view.escalations[dispute.id].is_open
    watching = [k for k in view.clocks.values() if k.name == ClockName.ACTION]
    assert {k.subject for k in watching} == set(view.actions) == {"A1", "A2"}
    assert {k.due_at for k in watching} == {now + 2 * DAY}
    await case.do(c.AcceptOption, option="O1")
    await case.do(c.CompleteAction, action="A1")
    assert (await case.look()).stage == Stage.EXECUTION  # the other order is still out
    await case.do(c.CompleteAction, action="A2")
    assert (await case.look()).stage == Stage.FOLLOW_UP


async def test_O7_it_is_measured_by_first_contact_resolution_and_timeliness(
    open_case: Opens, engine: Engine
) -> None:
    """How many were settled at the first contact, and how many deadlines were met, is read from the ledger."""
    at_once, later = await at_the_desk(open_case), await at_the_desk(open_case)
    await by(at_once, desk_of("district-hall"), c.ResolveAtFirstContact, compensation=cny(60))
    await investigated(later)
    await later.do(c.RequestVerification, department="platform")
    (asked,) = [k for k in (await later.look()).clocks.values() if k.name == ClockName.VERIFICATION]
    await later.wait_until(asked.due_at)  # the platform's answer comes too late
    await by(later, lead_of("platform"), c.AnswerVerification)
    await findings_and_options(later)
    await later.do(c.OfferOption, option="O1")
    await later.do(c.AcceptOption, option="O1")
    await later.do(c.PlanAction)
    await later.do(c.CompleteAction)
    for case in (at_once, later):
        await case.do(c.RecordFollowUp)
        await case.facts()
    with Session(engine) as session:
        found = list(contributions(session, numbers=[at_once.number, later.number]))
    figures = add_up(found)
    assert figures.share(Measure.FIRST_CONTACT) == Fraction(1, 2)
    assert figures.share(Measure.ATTAINMENT) == Fraction(figures.met, figures.met + figures.missed)
    late = [each for each in found if each.what == What.MISSED]
    assert [(each.number, each.party.department) for each in late] == [(later.number, "platform")]
