"""The rows of hotels and restaurants (R), lived under the policy `hospitality`."""

from __future__ import annotations

import asyncio
import re
from typing import Any

import pytest

from complaints import commands as c
from complaints.errors import CustomerNotTold, StepMissing, UnknownItem
from complaints.lifecycle import Act, Stage
from complaints.matters.commands import Conclude, Envelope
from complaints.matters.forms import Status
from complaints.policy_file import builtin
from complaints.records import Cause, Clock, ClockName, NoticeKind, Verdict
from complaints.vocabulary import Actor, Outcome, Role, Severity
from tests.integration.channel_servers import Receiver
from tests.lives import DAY, HOUR, MINUTE, cny
from tests.workflow.cases import Case
from tests.workflow.conftest import Opens
from workflows import matters_client

HOSPITALITY = builtin("hospitality")


async def guest_complains(open_case: Opens, **fields: Any) -> Case:
    given: dict[str, Any] = {
        "policy": HOSPITALITY,
        "category": "waiting",
        "description": "纪念日晚餐，主菜等了一个半小时，上来是凉的。",
        "asked_remedy": "给个说法",
        "details": {"place_in_house": "12 号桌", "visit_on": "2026-11-20"},
    }
    return await open_case(**(given | fields))


async def taken_down(case: Case) -> None:
    """Heard, classified and assigned; no time was told yet."""
    await case.do(
        c.RecordFirstContact,
        emotional_intensity=3,
        customer_type="disappointed",
        agreed_next="经理先问后厨，再回到您桌旁",
    )
    await case.do(c.Classify, category="waiting", severity=Severity.NORMAL)
    await case.do(c.Assign, department="restaurant")


async def under_investigation(case: Case) -> None:
    await taken_down(case)
    soon = await case.now() + HOUR
    promise = (await case.do(c.MakePromise, what="一小时内回到桌旁", due_at=soon)).created
    await case.do(c.KeepPromise, promise=promise, evidence="经理到桌")


async def promise_clock(case: Case, promise: str | None) -> Clock:
    clocks = (await case.look()).clocks.values()
    [found] = [each for each in clocks if each.name == ClockName.PROMISE and each.subject == promise]
    return found


async def test_R1_the_guest_is_told_a_concrete_time_and_it_is_kept(open_case: Opens) -> None:
    """The customer is told a concrete time; whether it is kept is watched to the minute."""
    case = await guest_complains(open_case)
    await taken_down(case)
    with pytest.raises(StepMissing) as refusal:  # "as soon as possible" is no time
        await case.do(c.RecordFindings)
    assert refusal.value.possible == (Act.MAKE_PROMISE,)
    now = await case.now()
    kept = (await case.do(c.MakePromise, what="八点一刻前回到您桌旁", due_at=now + 15 * MINUTE)).created
    broken = (await case.do(c.MakePromise, what="明早十点前总经理来电", due_at=now + 10 * HOUR)).created
    assert (await case.look()).stage == Stage.INVESTIGATION

    await case.do(c.KeepPromise, promise=kept, evidence="经理 20:12 到桌")
    assert (await promise_clock(case, kept)).verdict == Verdict.MET
    with pytest.raises(UnknownItem):  # a time that was told is not moved
        await case.do(
            c.GrantExtension,
            role=Role.LEAD,
            clock=(await promise_clock(case, broken)).key,
            until=now + 20 * HOUR,
            reason="忙",
            customer_told=True,
        )
    await case.wait_until(now + 8 * HOUR)  # four fifths of the time: it can still be kept
    warning = await case.escalation(await promise_clock(case, broken))
    assert warning.cause == Cause.AT_RISK
    await case.wait_until(now + 10 * HOUR)
    missed = await promise_clock(case, broken)
    assert missed.breached_at is not None
    assert (await case.escalation(missed)).audience != Role.LEAD
    await case.do(c.KeepPromise, promise=broken, evidence="总经理 10:20 致电道歉")
    assert (await promise_clock(case, broken)).verdict == Verdict.BREACHED


async def test_R2_the_guest_hears_every_day_even_without_progress(
    open_case: Opens, customers: Receiver
) -> None:
    """Where many departments are involved and no answer is near, the guest hears at least once a day all the same."""
    case = await guest_complains(open_case)
    await under_investigation(case)
    for department in ("kitchen", "housekeeping", "engineering"):
        await case.do(c.RequestVerification, department=department, question="那天谁在场？")
    days = 3
    for _ in range(days):
        await case.wait_until((await case.clock(ClockName.FEEDBACK)).due_at)
        await case.settle()
    view = await case.look()
    watched = [each for each in view.clocks.values() if each.name == ClockName.FEEDBACK]
    assert [each.verdict for each in watched[:days]] == [Verdict.MET] * days
    got = (request.json for request in customers.got)
    news = [
        each["body"]
        for each in got
        if each["data"]["complaint"] == case.number and each["data"]["kind"] == NoticeKind.NEWS
    ]
    assert len(news) == days
    assert re.search("3 .*核实", news[0])
    assert all("还没有最终结果" in body for body in news[1:])  # nobody has answered yet

    tomorrow = (await case.clock(ClockName.FEEDBACK)).due_at
    await case.wait_until(tomorrow - 8 * HOUR)
    await case.do(c.GiveFeedback, message="后厨说单子压在两桌宴席之间，明天给您方案。")
    await case.wait_until(tomorrow)
    told = (await case.look()).feedback
    assert len(told) == days + 1  # whoever heard from a person is not written to as well


async def test_R3_what_was_agreed_is_followed_by_something_beyond_it(open_case: Opens) -> None:
    """A solution the customer agreed to is followed by a goodwill gesture, which is recorded."""
    case = await guest_complains(open_case)
    await under_investigation(case)
    await case.do(c.RecordFindings)
    for what in ("这桌免单", "主菜重做并退款"):
        await case.do(c.PrepareOption, what=what, standard="本店服务承诺第三条", compensation=cny(680))
    await case.do(c.OfferOption, option="O1")
    await case.do(c.AcceptOption, option="O1")
    await case.to(Stage.FOLLOW_UP)
    with pytest.raises(StepMissing) as refusal:
        await case.do(c.RecordFollowUp, satisfied=True)
    assert refusal.value.possible == (Act.GIVE_GOODWILL,)
    await case.do(c.GiveGoodwill, what="手写卡片，送上当晚没吃成的甜点", cost=cny(60))
    await case.do(c.RecordFollowUp, satisfied=True, words="谢谢你们还记得")
    view = await case.look()
    assert (view.stage, view.outcome) == (Stage.CLOSED, Outcome.RESOLVED)
    assert [entry.form.what for entry in view.goodwill] == ["手写卡片，送上当晚没吃成的甜点"]


async def test_R4_what_cannot_be_solved_is_admitted_as_soon_as_it_is_known(open_case: Opens) -> None:
    """What cannot be solved is acknowledged during the investigation already, to the customer, with the reason."""
    case = await guest_complains(
        open_case,
        category="belongings",
        description="戒指忘在客房，客房部说没有见到。",
        details={"place_in_house": "1204", "visit_on": "2026-11-20", "article": "银戒指"},
    )
    await case.do(c.RecordFirstContact, emotional_intensity=3, agreed_next="先查门锁记录和布草间")
    await case.do(c.Classify, category="belongings", severity=Severity.NORMAL)
    await case.do(c.Assign, department="front_office")
    promise = (await case.do(c.MakePromise, what="两小时内告知", due_at=await case.now() + 2 * HOUR)).created
    with pytest.raises(CustomerNotTold):
        await case.do(c.AdmitUnsolvable, reason="门锁、监控、布草间都查过，没有找到", customer_told=False)
    await case.do(c.AdmitUnsolvable, reason="门锁、监控、布草间都查过，没有找到", customer_told=True)
    view = await case.look()
    answer = next(each for each in view.clocks.values() if each.subject == "answer")
    assert (view.stage, answer.verdict) == (Stage.FOLLOW_UP, Verdict.MET)
    assert answer.settled_at is not None
    assert answer.due_at - answer.settled_at > 2 * DAY
    await case.do(c.KeepPromise, promise=promise, evidence="已致电说明")
    await case.do(
        c.RecordFollowUp, satisfied=True, words="至少没有拖着我"
    )  # nothing was agreed: no gesture is owed
    assert (await case.look()).outcome == Outcome.UNSOLVABLE


async def test_R5_a_weak_link_found_on_the_way_has_an_owner_and_a_date(open_case: Opens) -> None:
    """Weak links found on the way become improvement items with an owner and a date, and one that is late escalates."""
    case = await guest_complains(open_case)
    await under_investigation(case)
    due_at = await case.now() + 20 * DAY
    raised = await case.do(
        c.RaiseImprovement,
        what="散台等候过三十分钟由系统提醒领班",
        department="restaurant",
        owner="lao.fan",
        due_at=due_at,
    )
    assert raised.created == "I1"
    await case.settle()
    item = str((await case.look()).improvements["I1"].matter)
    client = case.env.client
    matter = await matters_client.look(client, item)
    assert (matter.owner, matter.due_at, matter.cases) == ("lao.fan", due_at, (case.number,))

    handle = client.get_workflow_handle(item)  # nobody does anything about it
    behind = due_at - await case.env.get_current_time(handle) + 4 * DAY
    await asyncio.wait_for(case.env.fast_forward(handle, behind), 30)
    late = await matters_client.look(client, item)
    assert late.missed_at is not None
    told = [notice.recipient for notice in late.notices.values()]
    assert told[-2:] == ["lead:restaurant", "customer_service"]
    done = Envelope(
        id="done",
        actor=Actor(id="lao.fan", role=Role.HANDLER, department="restaurant"),
        received_at=await case.env.get_current_time(handle),
        command=Conclude(decisions=("系统提醒已上线",)),
    )
    await matters_client.execute(client, item, done)
    assert (await matters_client.look(client, item)).status == Status.DONE
