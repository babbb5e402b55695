"""A: after-sales service, under the policy of a retailer or manufacturer."""

from __future__ import annotations

from datetime import UTC, datetime, time
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from temporalio.testing import WorkflowEnvironment

from complaints import commands as c
from complaints.errors import MediationRequired, NotYourRole, StepMissing, UnknownTerm
from complaints.forms import ImprovementPlan, RestatedPoint
from complaints.lifecycle import Stage
from complaints.matters.commands import Conclude, Envelope
from complaints.matters.forms import Kind
from complaints.matters.reviews import Collected, ReviewPlan
from complaints.policy_file import builtin
from complaints.records import Cause, ClockName
from complaints.vocabulary import Channel, RemedyKind, Role, Severity
from db.matters import list_matters
from tests.eventually import eventually
from tests.lives import DAY, PEOPLE
from tests.rows.ways import heard, prepared
from tests.workflow.cases import QUEUE, Case
from tests.workflow.conftest import Opens
from workflows import matters_client, schedules
from workflows.schedules import Calendar, Recurring

SHOP = builtin("after-sales")
WASHER: dict[str, Any] = {
    "category": "repair_quality",
    "description": "洗衣机修了两次，脱水时还是乱跳。",
    "details": {"order": "D-88012", "model": "XQG100"},
}
POINTS = (
    RestatedPoint(said="脱水时机身移位", agreed=True),
    RestatedPoint(said="六周内修过两次", agreed=True),
)


async def washer(open_case: Opens) -> Case:
    return await open_case(policy=SHOP, **WASHER)


async def test_A1_five_steps_from_receiving_to_the_visit_afterwards(open_case: Opens) -> None:
    """Receive, confirm the problem, offer a repair, exchange, refund or compensation, carry it out, follow up and visit."""
    case = await washer(open_case)
    await heard(case, "repair_quality", kind="exchange")
    assert (await case.look()).stage == Stage.INTAKE  # nobody has confirmed what the problem is
    with pytest.raises(StepMissing, match="points_agreed"):
        await case.do(c.RecordFindings)
    disagreed = RestatedPoint(said="客户自己放歪了", agreed=False)
    await case.do(c.RecordFirstContact, points=(*POINTS, disagreed))
    assert (await case.look()).stage == Stage.INTAKE
    await case.do(c.RecordFirstContact, points=POINTS)
    assert (await case.look()).stage == Stage.INVESTIGATION

    await prepared(case)
    await case.do(c.OfferOption, option="O1")
    await case.do(c.AcceptOption, option="O1")
    for remedy in (RemedyKind.REPAIR, RemedyKind.EXCHANGE, RemedyKind.REFUND, RemedyKind.COMPENSATION):
        await case.do(c.PlanAction, kind=remedy)
    for number in range(1, 5):
        assert (await case.look()).stage == Stage.EXECUTION
        await case.do(c.CompleteAction, action=f"A{number}")
    follow_up = await case.clock(ClockName.FOLLOW_UP)
    assert follow_up.started_at > await case.now()  # it has to last a working day before anybody asks
    await case.wait_until(follow_up.started_at)
    await case.do(
        c.RecordFollowUp, satisfied=True, words="不跳了。", answers=(5, 5, 5, 4), channel=Channel.PHONE
    )
    visits = {k.name for k in (await case.look()).clocks.values() if k.is_open}
    assert {ClockName.SECOND_CALL, ClockName.AFTER_CLOSING} <= visits


async def test_A2_intensity_steers_the_priority_and_a_handler_calls_for_support(open_case: Opens) -> None:
    """The intensity that is noted decides how urgent it is; whoever meets it calls a superior or a colleague."""
    for intensity, severity in enumerate(
        (Severity.NORMAL, Severity.NORMAL, Severity.NORMAL, Severity.HIGH, Severity.CRITICAL), start=1
    ):
        case = await open_case(policy=SHOP, category="not_working", description="洗衣机不转了。")
        before = await case.clock(ClockName.INTAKE)
        await case.do(c.RecordFirstContact, emotional_intensity=intensity, customer_type="taciturn")
        assert (await case.look()).severity == severity
        now = await case.clock(ClockName.INTAKE)
        assert (now.due_at < before.due_at) is (severity in (Severity.HIGH, Severity.CRITICAL))

    case = await washer(open_case)
    await heard(case, "repair_quality", emotional_intensity=4, points=POINTS)
    with pytest.raises(NotYourRole):
        await case.do(c.CallForSupport, role=Role.AUDITOR)
    await case.do(c.CallForSupport, what="客户要求见负责人", person=None)
    await case.do(c.CallForSupport, what="请懂这款电机的同事一起听", person="sun.hao")
    view = await case.look()
    superior, colleague = view.escalations.values()
    assert (superior.cause, superior.audience) == (Cause.SUPPORT, Role.LEAD)
    assert (colleague.cause, colleague.person) == (Cause.SUPPORT, "sun.hao")
    assert {superior.id, colleague.id} <= {n.escalation for n in view.notices.values()}
    await case.do(c.AcknowledgeEscalation, role=Role.LEAD, escalation=superior.id)
    await case.wait_until((await case.clock(ClockName.ACKNOWLEDGEMENT)).due_at)
    answered = (await case.look()).escalations
    assert answered[superior.id].acknowledged_at is not None
    assert answered[colleague.id].audience == Role.CUSTOMER_SERVICE  # nobody came, so it climbed


async def test_A3_a_mediator_stands_between_both_sides_of_a_conflict(open_case: Opens) -> None:
    """After two rejections nobody offers anything before a mediator, who belongs to neither side, has mediated."""
    case = await washer(open_case)
    await heard(case, "repair_quality", points=POINTS)
    await prepared(case)
    await case.do(c.PrepareOption, order=3, compensation=None)
    for option in ("O1", "O2"):
        await case.do(c.OfferOption, option=option)
        await case.do(c.RejectOption, option=option)
    (conflict,) = [e for e in (await case.look()).escalations.values() if e.cause == Cause.MEDIATION]
    assert conflict.is_open
    with pytest.raises(MediationRequired):
        await case.do(c.OfferOption, option="O3")
    for side in (Role.HANDLER, Role.LEAD):
        with pytest.raises(NotYourRole):
            await case.do(c.Mediate, role=side)
    await case.do(c.Mediate, role=Role.MEDIATOR, summary="双方同意整机调换，旧机由我方拉走。")
    assert not (await case.look()).escalations[conflict.id].is_open
    await case.do(c.OfferOption, option="O3")
    await case.do(c.AcceptOption, option="O3")
    assert (await case.look()).stage == Stage.EXECUTION


async def test_A4_closed_conflicts_are_reviewed_by_the_calendar_and_end_in_improvements(
    temporal_env: WorkflowEnvironment, engine: Engine, open_case: Opens
) -> None:
    """A schedule collects closed conflicts into a review; its decisions and improvements go on by themselves."""
    client = temporal_env.client
    case = await washer(open_case)
    await case.do(c.RecordFirstContact)
    await case.do(c.Classify, difficult=True, difficult_reason="修了两次", category="repair_quality")
    await case.do(c.Withdraw)
    await case.settle()
    await case.facts()
    plan = ReviewPlan(topic="after-sales", title="售后冲突复盘", collects=Collected.CLOSED_CONFLICTS)
    monthly = Recurring(name=f"conflicts-{case.number}", when=Calendar(at=time(9), days=(1,)), review=plan)
    await schedules.apply(client, monthly, task_queue=QUEUE)
    await schedules.trigger(client, monthly.name)

    def opened() -> str:
        with Session(engine) as session:
            found = list_matters(session, kind=Kind.REVIEW, case=case.number)
        assert [each.topic for each in found] == ["after-sales"]
        return found[0].id

    review = await eventually(opened, 30)
    plans = (ImprovementPlan(what="同一台机器修两次就换新", department="repairs", owner="mei.lan"),)
    conclusion = Conclude(decisions=("根因：返修没有复检",), improvements=plans)
    await matters_client.execute(
        client,
        review,
        Envelope(
            id="conclusion",
            actor=PEOPLE[Role.CUSTOMER_SERVICE],
            received_at=datetime.now(UTC),
            command=conclusion,
        ),
    )

    async def improved() -> None:
        assert (await matters_client.look(client, review)).improvements["I1"].matter
        item = await matters_client.look(client, f"improvement.{review}.I1")
        assert (item.owner, item.opening and item.opening.sources) == ("mei.lan", (review,))
        assert case.number in item.cases

    await eventually(improved, 30)
    await client.get_schedule_handle(f"redress-{monthly.name}").delete()


async def test_A5_customers_are_surveyed_regularly_by_the_channel_they_use(open_case: Opens) -> None:
    """Satisfaction is asked for when it was done and again a month later, by phone, e-mail, chat or social media."""
    for channel in (Channel.PHONE, Channel.EMAIL, Channel.CHAT, Channel.SOCIAL):
        case = await open_case(policy=SHOP, channel=channel, **WASHER)
        await case.do(c.RecordFirstContact, points=POINTS, channel=channel)
        await case.do(
            c.ResolveAtFirstContact,
            role=Role.DESK,
            kind=RemedyKind.EXCHANGE,
            what="当场换了一台",
            compensation=None,
        )
        await case.do(c.RecordAttempt, channel=channel)
        await case.do(c.RecordFollowUp, satisfied=True, words="好用。", answers=(5, 5, 4, 5), channel=channel)
        asked = (await case.look()).follow_ups[-1].form
        assert (asked.channel, len(asked.answers)) == (channel, len(SHOP.follow_up.questions))

    survey = await case.clock(ClockName.AFTER_CLOSING)
    assert survey.due_at - survey.started_at >= 30 * DAY
    with pytest.raises(UnknownTerm):
        await case.do(c.RecordAfterClosing, contact="newsletter")
    await case.wait_until(survey.due_at)
    missed = await case.clock(ClockName.AFTER_CLOSING)
    assert missed.breached_at is not None
    assert (await case.escalation(missed)).audience == Role.LEAD
    await case.do(c.RecordAfterClosing, contact="survey", still_settled=False, words="又开始跳了")
    assert (await case.look()).stage == Stage.INVESTIGATION
