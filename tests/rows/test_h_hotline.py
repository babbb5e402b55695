"""The rows of a public hotline for reports of violations (H), lived under the policy `hotline`."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from complaints import commands as c
from complaints.errors import CustomerNotTold, NotAccepted, StepMissing, UnknownCategory
from complaints.forms import Names
from complaints.hotspots import Cell, Watch, find, windows_of
from complaints.lifecycle import Act, Stage
from complaints.policy import ClockRule, text_of
from complaints.policy_file import builtin
from complaints.records import ClockName, Escalation, Verdict
from complaints.view import shows_reporter
from complaints.vocabulary import Channel, Customer, Outcome, Role, Severity
from complaints.working_time import Budget, Unit, add
from db.search import search
from db.tables import ComplaintRow
from tests.keys import keys_for
from tests.lives import HOUR, MINUTE
from tests.workflow.cases import Case
from tests.workflow.conftest import Opens

HOTLINE = builtin("hotline")
SIGNED: dict[str, Any] = {"customer_type": "signed", "emotional_intensity": 2}


async def report(open_case: Opens, **fields: Any) -> Case:
    given = {
        "policy": HOTLINE,
        "category": "land_occupation",
        "description": "石桥村东头鱼塘被填平，正在盖厂房。",
        "asked_remedy": None,
        "place": "石桥村",
        "details": {"offender": "不详", "fact": "填塘建厂房，约三亩"},
    }
    return await open_case(**(given | fields))


async def heard_and_sent(case: Case) -> None:
    """Its reporter heard where there is a way to, and sent to the patrol."""
    registration = (await case.look()).registration
    assert registration is not None
    if registration.customer.reachable:
        await case.do(c.RecordFirstContact, **SIGNED)
    await case.do(c.Classify, category="land_occupation", severity=Severity.NORMAL)
    await case.do(c.Assign, department="enforcement", handler="zhang.wei")


async def dispatched(case: Case) -> None:
    """Judged and taken up as well."""
    await case.do(c.Accept, grounds="土地违法线索，属本局职责")
    await heard_and_sent(case)


async def decided(case: Case) -> None:
    await case.do(c.RecordFindings, root_cause="未经批准占用三亩鱼塘", responsible_department="enforcement")
    await case.do(c.Decide, what="责令停工，限期恢复原状", standard="《土地管理法》第七十七条")
    await case.do(c.PlanAction, what="拆除并恢复")
    await case.do(c.CompleteAction)


async def test_H1_letter_mail_and_phone_are_taken_in_unnamed_too_and_named_ones_stay_hidden(
    open_case: Opens,
) -> None:
    """Phone, letter and mail are taken in; who stays unnamed may; who gives a name is seen by named roles only."""
    for channel in (Channel.PHONE, Channel.LETTER, Channel.EMAIL):
        case = await report(open_case, channel=channel, customer=Customer(anonymous=True))
        await dispatched(case)  # nobody is asked for a name, nobody is waited for
        view = await case.look()
        assert view.stage == Stage.INVESTIGATION
        owed = {clock.name for clock in view.clocks.values()}
        assert not owed & {ClockName.FIRST_CONTACT, ClockName.FEEDBACK}

    case = await report(open_case, confidential=False)  # it is confidential whatever the form says
    view = await case.look()
    seen_by = {role for role in Role if shows_reporter(view, HOTLINE, role)}
    assert seen_by == {Role.DESK, Role.CUSTOMER_SERVICE, Role.AUDITOR}
    assert not shows_reporter(view, HOTLINE, None)


async def test_H2_a_report_is_judged_before_anything_else(open_case: Opens) -> None:
    """Early handled: nothing is worked on before somebody accepts it, hands it over or declines it with a reason."""
    case = await report(open_case)
    await heard_and_sent(case)
    assert (await case.look()).stage == Stage.INTAKE
    with pytest.raises(NotAccepted) as refusal:
        await case.do(c.RecordFindings)
    assert refusal.value.possible == (Act.ACCEPT, Act.TRANSFER, Act.DECLINE)
    await case.do(c.Accept)
    view = await case.look()
    assert (view.stage, view.department) == (Stage.INVESTIGATION, "enforcement")
    assert (await case.clock(ClockName.ADMISSION)).verdict == Verdict.MET

    declined = await report(open_case, description="两家争宅基地界线")
    with pytest.raises(CustomerNotTold):  # no report is dropped behind its reporter's back
        await declined.do(c.Decline, reason="权属争议，不属违法线索", customer_told=False)
    await declined.do(c.Decline, reason="权属争议，请向乡镇申请调处", customer_told=True)
    assert (await declined.look()).outcome == Outcome.DECLINED

    handed_over = await report(open_case, description="工厂夜里偷排污水")
    await handed_over.do(c.Transfer, to="市生态环境局", customer_told=True)
    assert (await handed_over.look()).outcome == Outcome.TRANSFERRED
    for each in (declined, handed_over):
        notice = [k for k in (await each.look()).clocks.values() if k.subject == "notice"]
        assert [clock.verdict for clock in notice] == [Verdict.MET]


async def test_H2_the_reporter_is_answered_in_full_and_called_the_day_after(open_case: Opens) -> None:
    """The office decides without negotiating; it closes only once the reporter was answered in full, and calls back."""
    case = await report(open_case)
    await dispatched(case)
    await decided(case)
    with pytest.raises(StepMissing, match="full_answer"):
        await case.do(c.RecordFollowUp, words="没人告诉我结果")
    await case.do(c.GiveFeedback, message="已依法处理。", channel=Channel.PHONE)
    with pytest.raises(StepMissing, match="full_answer"):  # a phrase is no answer
        await case.do(c.RecordFollowUp)
    await case.do(
        c.GiveFeedback,
        message="占地三亩属实，未批先建；厂房已拆，下月复垦。",
        channel=Channel.PHONE,
        answer=True,
    )
    await case.do(c.RecordFollowUp, words="清楚了")

    call = await case.clock(ClockName.AFTER_CLOSING)
    after = HOTLINE.after_closing["return_call"].after
    assert call.due_at == add(call.started_at, after, HOTLINE.working_time(None))
    await case.do(c.RecordAfterClosing, contact="return_call", still_settled=False, words="又在夜里拉砖")
    view = await case.look()
    assert (view.stage, view.cycle) == (Stage.INVESTIGATION, 2)


async def supervised(case: Case) -> tuple[Escalation, str]:
    """The escalation of the judgement that is due, and the measure of the rung it has reached."""
    escalation = await case.escalation(await case.clock(ClockName.ADMISSION))
    measure = HOTLINE.ladder(escalation.ladder)[escalation.rung].measure
    assert measure is not None
    return escalation, measure.zh


async def test_H2_who_lets_it_lie_is_urged_in_writing_and_criticised(open_case: Opens) -> None:
    """Urged before it is due, told when it is overdue, urged in writing the day after, criticised after five working days."""
    case = await report(open_case)
    await case.do(c.Assign, department="enforcement")
    clock = await case.clock(ClockName.ADMISSION)
    await case.wait_until(clock.call_at[0])
    assert (await supervised(case))[1] == "到期前催办"
    await case.wait_until(clock.due_at)
    assert (await supervised(case))[1] == "逾期提醒"
    _, _, written, criticised = HOTLINE.ladder("supervision")
    for rung, role, measure in (
        (written, Role.CUSTOMER_SERVICE, "书面催办"),
        (criticised, Role.EXECUTIVE, "通报批评"),
    ):
        assert rung.after_due is not None
        called_at = add(clock.due_at, rung.after_due, HOTLINE.working_time(None))
        await case.wait_until(called_at - HOUR)
        assert (await supervised(case))[1] != measure
        await case.wait_until(called_at)
        escalation, reached = await supervised(case)
        assert (escalation.audience, reached) == (role, measure)
    await case.do(c.Accept)  # and even then it is judged
    assert (await case.clock(ClockName.ADMISSION)).verdict == Verdict.BREACHED


RIVER = Cell(category="sand", place="青沙河下湾", department="enforcement")
WEEK = timedelta(days=7)


async def report_sand(open_case: Opens, said: str) -> Case:
    case = await report(
        open_case,
        category="sand",
        place=RIVER.place,
        description=said,
        customer=Customer(anonymous=True),
        details={"offender": "不详", "fact": "盗采河砂", "mineral": "河砂"},
    )
    await case.do(c.Accept)
    await case.do(c.Classify, category="sand", severity=Severity.HIGH)
    await case.do(c.Assign, department=RIVER.department, handler="zhang.wei")
    return case


async def test_H3_hot_spots_are_found_in_the_records_and_reported_with_their_evidence(
    open_case: Opens, engine: Engine
) -> None:
    """Where more reports come in than chance would bring is found, with counts, what was expected, and the cases behind it."""
    said = (
        "夜里有船抽砂",
        "抽砂船又来了",
        "三条抽砂船",
        "抽砂抽到堤脚",
        "半夜抽砂吵醒全村",
        "抽砂船天亮前走",
    )
    cases = [await report_sand(open_case, each) for each in said]
    elsewhere = await report(open_case)  # one report of something else is no hot spot
    for case in (*cases, elsewhere):
        await case.facts()  # what is analysed stands on record
    until = await cases[-1].now() + MINUTE
    with Session(engine) as session:
        rows = session.execute(
            select(
                ComplaintRow.category, ComplaintRow.place, ComplaintRow.department, ComplaintRow.received_at
            ).where(ComplaintRow.number.in_([case.number for case in (*cases, elsewhere)]))
        ).all()
        alike = search(session, keys_for(session), ["抽砂"], category="sand", limit=50)
    received = [(Cell(category=row[0], place=row[1] or "", department=row[2] or ""), row[3]) for row in rows]
    watch = Watch()
    counts = windows_of(received, watch, until=until, since=until - (watch.windows + 1) * WEEK)

    (evidence,) = find(counts, watch)
    assert (evidence.cell, evidence.count, evidence.expected) == (RIVER, len(said), 0)
    assert evidence.past == (0,) * watch.windows
    assert evidence.p_value < evidence.threshold
    assert {case.number for case in cases} <= {each.number for each in alike}  # and each can be read


async def test_H4_rules_are_amended_without_disturbing_what_is_under_way(open_case: Opens) -> None:
    """New rules hold for new reports; what runs keeps its rules and deadlines until somebody moves it on purpose."""
    old = await report(open_case)
    was_due = (await old.clock(ClockName.ADMISSION)).due_at
    quick = ClockRule(budget=Budget(amount=2, unit=Unit.CALENDAR_HOURS), ladder="supervision")
    amended = replace(
        HOTLINE,
        version="2",
        categories={**HOTLINE.categories, "solar": Names(en="Panels on farmland", zh="农用地光伏")},
        clocks={**HOTLINE.clocks, ClockName.ADMISSION: quick},
    )
    new = await report(open_case, policy=amended, category="solar")
    admission = await new.clock(ClockName.ADMISSION)
    assert admission.budget == quick.budget
    assert (await new.look()).policy_version == "2"

    assert (await old.look()).policy_version == "1"
    assert (await old.clock(ClockName.ADMISSION)).due_at == was_due
    with pytest.raises(UnknownCategory):
        await old.do(c.Classify, category="solar")
    await old.do(c.MigratePolicy, policy=text_of(amended), reason="新情况：农用地光伏", approver="he.ping")
    assert (await old.look()).policy_version == "2"
    moved = await old.clock(ClockName.ADMISSION)
    assert moved.budget == quick.budget
    assert moved.adjustments[-1].was_due_at == was_due
