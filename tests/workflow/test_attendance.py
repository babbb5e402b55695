"""Whoever has to come, help or be told, on the real server: departments, dangers, colleagues, two natures."""

from __future__ import annotations

from dataclasses import replace

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from audit.agreement import check
from complaints import commands as c
from complaints.errors import LeadMustAttend
from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.policy_file import builtin
from complaints.practices import Hazard, Joint, Mishandling
from complaints.records import Cause, ClockName, NoticeKind, NoticeStatus, Verdict
from complaints.vocabulary import Nature, Outcome, Role
from tests.lives import DAY, HOUR, Life, hours, with_clock, work_order
from tests.workflow.cases import Case
from tests.workflow.conftest import UNREACHABLE, Opens

VISITS = replace(
    with_clock(ClockName.ATTENDANCE, budget=hours(8)), joint=Joint(lead_attends_if_difficult=True)
)
DANGERS = replace(
    builtin(),
    hazards={
        "live_wire": Hazard(
            title=Names(en="Live wire", zh="导线带电"), words=("漏电",), on_site_within=hours(2)
        )
    },
)


async def agrees(case: Case, engine: Engine) -> bool:
    """Say whether ledger, read model and workflow tell the same of it."""
    await case.settle()
    await case.facts()
    with Session(engine) as session:
        return check(session, case.number, await case.look()) == []


async def test_a_department_that_does_not_come_is_escalated_to_its_own_lead(
    open_case: Opens, engine: Engine
) -> None:
    case = await open_case(VISITS)
    await case.to(Stage.INVESTIGATION)
    answer = await case.do(c.SummonDepartments)
    assert answer.created == "S1, S2"
    await case.settle()
    told = [n for n in (await case.look()).notices.values() if n.kind == NoticeKind.SUMMONS]
    # The one service refuses for good; the other department has no target.
    assert {n.recipient: n.status for n in told} == {
        f"lead:{UNREACHABLE}": NoticeStatus.FAILED,
        "lead:east": NoticeStatus.OUTBOX,
    }
    await case.wait(7 * HOUR)
    await case.do(c.SendSomeone, summons="S1")
    await case.wait_until((await case.clock(ClockName.ATTENDANCE)).due_at)
    view = await case.look()
    came, stayed_away = (k for k in view.clocks.values() if k.name == ClockName.ATTENDANCE)
    assert came.verdict == Verdict.MET
    escalation = await case.escalation(stayed_away)
    assert (escalation.audience, escalation.department) == (Role.LEAD, "east")
    assert await agrees(case, engine)


async def test_the_lead_comes_in_person_to_a_difficult_complaint(open_case: Opens) -> None:
    case = await open_case(VISITS)
    await case.to(Stage.INVESTIGATION)
    await case.do(c.Classify, difficult=True, difficult_reason="It is in the papers.")
    await case.do(c.SummonDepartments)
    with pytest.raises(LeadMustAttend):
        await case.do(c.SendSomeone, summons="S1")
    await case.do(c.SendSomeone, summons="S1", is_lead=True)
    assert (await case.look()).summons["S1"].sent == "qian.duo"


async def test_a_danger_is_raised_with_the_registration_and_stands_until_it_is_safe(
    open_case: Opens, engine: Engine
) -> None:
    case = await open_case(DANGERS, description="楼道里的电表箱漏电")
    view = await case.look()
    (raised,) = view.escalations.values()
    assert (raised.cause, raised.audience) == (Cause.HAZARD, Role.CUSTOMER_SERVICE)
    await case.wait(HOUR)
    await case.do(c.AttendEmergency, made_safe=False)
    assert (await case.clock(ClockName.EMERGENCY)).verdict == Verdict.MET
    assert (await case.look()).escalations[raised.id].is_open
    await case.do(c.AttendEmergency)
    assert not (await case.look()).escalations[raised.id].is_open
    assert await agrees(case, engine)


async def test_a_danger_that_nobody_looks_at_escalates_at_its_very_instant(open_case: Opens) -> None:
    case = await open_case(DANGERS, description="楼道里的电表箱漏电")
    clock = await case.clock(ClockName.EMERGENCY)
    await case.wait_until(clock.due_at)
    assert (await case.escalation(clock)).cause == Cause.BREACH


async def test_a_question_that_is_left_unanswered_becomes_a_complaint(
    open_case: Opens, engine: Engine
) -> None:
    case = await open_case(replace(builtin(), conversion=(Mishandling.BREACH,)))
    await case.do(c.RecordFirstContact, nature=Nature.COMMUNICATIVE)
    await case.do(c.Classify)
    await case.do(c.Assign)
    await case.wait(2 * DAY)
    view = await case.look()
    assert view.nature == Nature.VALID
    assert [e.cause for e in view.escalations.values()].count(Cause.CONVERTED) == 1
    assert (await case.facts()).count("NatureConverted") == 1
    assert await agrees(case, engine)


async def test_a_colleague_is_called_by_name_and_work_orders_go_out_with_the_judgement(case: Case) -> None:
    await case.to(Stage.SOLUTION)
    await case.do(c.CallForSupport, person="zhang.wei")
    assert [n.recipient for n in (await case.look()).notices.values()] == ["person:zhang.wei"]
    await case.do(c.ResolveEscalation, role=Role.HANDLER)
    await case.do(c.DisputeLiability)
    order = work_order(Life(start=await case.now()))
    await case.do(c.JudgeLiability, work_orders=(order,))
    await case.do(c.CompleteAction)
    await case.to(Stage.CLOSED)
    view = await case.look()
    assert (view.outcome, len(view.actions)) == (Outcome.RESOLVED, 2)
