"""The rows of property management (M), lived under the policy `property`."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from complaints import commands as c
from complaints.errors import (
    AboveAuthority,
    CustomerNotTold,
    ExtensionTooLate,
    InvestigationRequired,
    NotAtFault,
    StepMissing,
    UnknownCategory,
    UnknownTerm,
)
from complaints.forms import Names
from complaints.lifecycle import Act, Stage
from complaints.playbook import guidance
from complaints.policy import Guidance
from complaints.policy_file import builtin
from complaints.records import Cause, Clock, ClockName, OptionStatus, Verdict
from complaints.vocabulary import Customer, Justified, Nature, Outcome, RemedyKind, Role, Severity
from db.history import earlier_of
from tests.keys import keys_for
from tests.lives import DAY, HOUR, MINUTE, cny
from tests.workflow.cases import Case
from tests.workflow.conftest import Opens

PROPERTY = builtin("property")


async def resident_complains(open_case: Opens, **fields: Any) -> Case:
    given: dict[str, Any] = {
        "policy": PROPERTY,
        "category": "quality",
        "description": "楼道一个星期没人打扫，垃圾堆在三楼转角。",
        "asked_remedy": "每天打扫",
        "details": {"home": "7 栋 1902"},
    }
    return await open_case(**(given | fields))


async def heard(case: Case, **fields: Any) -> None:
    """Listen, and agree on the next step."""
    given: dict[str, Any] = {"emotional_intensity": 3, "agreed_next": "今天下午保洁主管到场，明天中午前回话"}
    await case.do(c.RecordFirstContact, **(given | fields))


async def under_investigation(case: Case, **first_contact: Any) -> None:
    await heard(case, **first_contact)
    await case.do(c.Classify, category="quality", severity=Severity.NORMAL)
    await case.do(c.Assign)
    assert (await case.look()).stage == Stage.INVESTIGATION


async def statutory(case: Case, subject: str) -> Clock:
    clocks = (await case.look()).clocks.values()
    return [each for each in clocks if (each.name, each.subject) == (ClockName.STATUTORY, subject)][-1]


async def asked(open_case: Opens) -> Case:
    """A resident only asks when the fountain runs again."""
    case = await resident_complains(
        open_case, description="小区喷泉什么时候再开？孩子天天问。", asked_remedy="给个日期"
    )
    await heard(case, nature=Nature.COMMUNICATIVE, customer_type="sanguine", motive="respect")
    await case.do(c.Classify, category="quality", severity=Severity.NORMAL)
    await case.do(c.Assign, department="engineering")
    assert (await case.look()).nature == Nature.COMMUNICATIVE
    return case


async def test_M1_badly_handled_communicative_complaint_becomes_valid(open_case: Opens) -> None:
    """There are valid and communicative complaints; a communicative one that is handled badly becomes a valid one."""
    late = await asked(open_case)
    investigation = await late.clock(ClockName.INVESTIGATION)
    await late.wait_until(investigation.due_at)  # nobody has found out
    view = await late.look()
    assert view.nature == Nature.VALID
    assert view.converted_at == investigation.due_at
    [raised] = [each for each in view.escalations.values() if each.cause == Cause.CONVERTED]
    assert raised.audience == Role.CUSTOMER_SERVICE

    unhappy = await asked(open_case)
    await unhappy.to(Stage.FOLLOW_UP)
    assert (await unhappy.look()).nature == Nature.COMMUNICATIVE  # so far nothing went wrong
    await unhappy.do(c.RecordFollowUp, satisfied=False, score=2, words="说了开，又不开")
    assert (await unhappy.look()).nature == Nature.VALID

    well = await asked(open_case)
    await well.to(Stage.CLOSED)
    assert (await well.look()).nature == Nature.COMMUNICATIVE
    by_hand = await asked(open_case)
    await by_hand.do(c.ConvertNature, reason="前台答应回电，一直没有回")
    assert (await by_hand.look()).nature == Nature.VALID


async def test_M2_a_complaint_is_told_by_content_and_an_emergency_goes_first(open_case: Opens) -> None:
    """Complaints are equipment, service quality, attitude or emergencies, and nothing else is taken for one."""
    case = await resident_complains(open_case)
    with pytest.raises(UnknownCategory) as refusal:
        await case.do(c.Classify, category="billing")
    assert set(refusal.value.possible) == {"equipment", "quality", "attitude", "emergency", "other"}
    with pytest.raises(UnknownTerm):
        await case.do(c.Classify, category="equipment", kind="swimming_pool")
    await case.do(c.Classify, category="equipment", kind="lift", severity=Severity.NORMAL)
    assert (await case.look()).category == "equipment"
    urgent = await resident_complains(open_case, category="emergency", description="地下车库进水，越来越深。")
    assert (await urgent.look()).severity == Severity.HIGH
    due = [(await each.clock(ClockName.OVERALL)).due_at for each in (urgent, case)]
    assert due[1] - due[0] > 4 * DAY

    trapped = await resident_complains(
        open_case,
        category="emergency",
        description="我妈困在电梯里了！",
        details={"home": "2 栋", "spot": "2 号梯"},
    )
    arrival = await trapped.clock(ClockName.EMERGENCY)
    assert arrival.due_at - arrival.started_at == 15 * MINUTE
    assert Cause.HAZARD in {each.cause for each in (await trapped.look()).escalations.values()}
    await trapped.do(c.AttendEmergency, found="人已救出", made_safe=True)
    assert (await trapped.clock(ClockName.EMERGENCY)).verdict == Verdict.MET


async def test_M3_temperament_and_motive_choose_what_helps_the_handler(open_case: Opens) -> None:
    """Four temperaments and three motives are told apart, and each has guidance of its own."""
    case = await resident_complains(open_case)
    with pytest.raises(UnknownTerm) as refusal:
        await heard(case, customer_type="choleric", motive="revenge")
    assert set(refusal.value.possible) == {"venting", "respect", "remedy"}
    for temperament in PROPERTY.customer_types:
        for motive in PROPERTY.motives:
            await heard(case, customer_type=temperament, motive=motive)
            helps = await helpful(case)
            for own in (temperament, motive):
                assert any(entry.say in helps for entry in meant_for(own))
            for other in {*PROPERTY.customer_types, *PROPERTY.motives} - {temperament, motive}:
                assert not any(entry.say in helps for entry in meant_for(other))


def meant_for(term: str) -> list[Guidance]:
    """What the playbook says about one temperament or motive."""
    return [entry for entry in PROPERTY.playbook if term in (*entry.customer_types, *entry.motives)]


async def helpful(case: Case) -> list[Names]:
    """What the handler is shown at intake, and when it comes to a solution."""
    told = (await case.look()).first_contact
    assert told is not None
    return [
        say
        for stage in (Stage.INTAKE, Stage.SOLUTION)
        for say in guidance(
            PROPERTY,
            stage=stage,
            customer_type=told.customer_type,
            intensity=told.emotional_intensity,
            motive=told.motive,
        )
    ]


async def test_M4_within_24_hours_the_resident_knows_steps_and_time_and_delays_beforehand(
    open_case: Opens,
) -> None:
    """Reaction within 24 hours; steps, time and progress are known; a delay is explained before it happens."""
    case = await resident_complains(open_case)
    await heard(case, agreed_next=None)
    await case.do(c.Classify, category="quality", severity=Severity.NORMAL)
    await case.do(c.Assign)
    with pytest.raises(StepMissing) as refusal:  # nobody told them what happens next
        await case.do(c.RecordFindings)
    assert refusal.value.possible == (Act.RECORD_FIRST_CONTACT,)
    await heard(case)
    assert (await case.look()).stage == Stage.INVESTIGATION
    assert (await statutory(case, "reaction")).verdict == Verdict.MET

    clock = await case.clock(ClockName.INVESTIGATION)
    later: dict[str, Any] = {
        "clock": clock.key,
        "until": clock.due_at + 2 * DAY,
        "reason": "要等电梯公司的检测报告",
    }
    with pytest.raises(CustomerNotTold):
        await case.do(c.GrantExtension, role=Role.LEAD, customer_told=False, **later)
    await case.do(c.GrantExtension, role=Role.LEAD, customer_told=True, **later)
    assert (await case.clock(ClockName.INVESTIGATION)).due_at == clock.due_at + 2 * DAY

    await case.do(c.RequestVerification, department="engineering", question="电梯检测报告何时出？")
    clock = await case.clock(ClockName.VERIFICATION)
    await case.wait_until(clock.due_at)
    with pytest.raises(ExtensionTooLate):  # said afterwards, it is no explanation
        await case.do(
            c.GrantExtension,
            role=Role.LEAD,
            clock=clock.key,
            until=clock.due_at + DAY,
            reason="忘了说",
            customer_told=True,
        )

    silent = await resident_complains(open_case)
    reaction = await statutory(silent, "reaction")
    assert reaction.due_at - reaction.started_at == DAY
    await silent.wait_until(reaction.due_at)
    missed = await statutory(silent, "reaction")
    assert missed.breached_at is not None
    assert (await silent.escalation(missed)).audience in (Role.CUSTOMER_SERVICE, Role.EXECUTIVE)


async def test_M6_contact_goes_on_after_closing_to_win_the_resident_back(open_case: Opens) -> None:
    """Ten days after closing somebody contacts the resident again; what no longer holds is taken up again."""
    case = await resident_complains(open_case)
    await under_investigation(case)
    await case.to(Stage.CLOSED)
    visit = await case.clock(ClockName.AFTER_CLOSING)
    assert (visit.subject, visit.due_at - visit.started_at) == ("win_back", 10 * DAY)
    await case.wait_until(visit.due_at - HOUR)
    await case.do(
        c.RecordAfterClosing,
        contact="win_back",
        still_settled=False,
        words="又三天没人扫了",
        gesture="送一盆绿萝",
    )
    view = await case.look()
    assert (view.stage, view.cycle) == (Stage.INVESTIGATION, 2)
    await case.to(Stage.CLOSED)

    visit = await case.clock(ClockName.AFTER_CLOSING)
    await case.wait_until(visit.due_at)  # nobody went
    missed = await case.clock(ClockName.AFTER_CLOSING)
    assert missed.breached_at is not None
    assert (await case.escalation(missed)).audience == Role.LEAD
    await case.do(c.RecordAfterClosing, contact="win_back", still_settled=True, words="现在天天有人扫")
    assert (await case.look()).stage == Stage.CLOSED


async def test_M5_small_sums_are_paid_without_quarrel_and_large_ones_on_findings_and_with_the_history(
    open_case: Opens, engine: Engine
) -> None:
    """Small sums have the benefit of the doubt; large ones require an investigation, and the history is shown."""
    resident = Customer(name="严家（化名）", contact=f"000-{uuid4().hex[:12]}")
    small = await resident_complains(open_case, customer=resident)
    await heard(small, motive="remedy")
    await small.do(
        c.ResolveAtFirstContact,
        role=Role.DESK,
        kind=RemedyKind.COMPENSATION,
        what="赔洗衣费 200 元",
        compensation=cny(200),
    )
    assert (await small.look()).outcome == Outcome.RESOLVED_AT_FIRST_CONTACT

    await small.facts()  # it is on record
    large = await resident_complains(open_case, customer=resident)
    await heard(large, motive="remedy")
    with pytest.raises(InvestigationRequired):  # even a lead, who may grant so much
        await large.do(
            c.ResolveAtFirstContact,
            role=Role.LEAD,
            kind=RemedyKind.COMPENSATION,
            what="赔地毯 800 元",
            compensation=cny(800),
        )
    await large.do(c.Classify, category="quality", severity=Severity.NORMAL)
    await large.do(c.Assign)
    await large.do(c.RecordFindings, justified=Justified.NO, root_cause="自家洗衣机漏水")
    too_much = (await large.do(c.PrepareOption, what="赔地毯", compensation=cny(800))).created
    with pytest.raises(NotAtFault):
        await large.do(c.OfferOption, role=Role.LEAD, option=too_much)
    kindly = (await large.do(c.PrepareOption, what="帮忙清洗", compensation=cny(200))).created
    await large.do(c.OfferOption, option=kindly)
    await large.do(c.AcceptOption, option=kindly)
    assert (await large.look()).stage == Stage.EXECUTION

    ours = await resident_complains(open_case, customer=resident)
    await under_investigation(ours, motive="remedy")
    await ours.do(c.RecordFindings, justified=Justified.YES, root_cause="公共水管爆裂")
    fair = (await ours.do(c.PrepareOption, what="赔地毯", compensation=cny(800))).created
    with pytest.raises(AboveAuthority):
        await ours.do(c.OfferOption, option=fair)
    await ours.do(c.RequestApproval, option=fair)
    for each in (large, ours):
        await each.facts()
    with Session(engine) as session:  # what `redress show` puts before the lead who decides
        known = {each.number: each for each in earlier_of(session, keys_for(session), ours.number)}
    assert set(known) == {small.number, large.number}
    assert known[small.number].outcome == Outcome.RESOLVED_AT_FIRST_CONTACT
    assert known[small.number].cost == {"CNY": 200_00}
    await ours.do(c.Approve, role=Role.LEAD, option=fair)
    await ours.do(c.OfferOption, option=fair)
    assert (await ours.look()).options["O1"].status == OptionStatus.OFFERED
