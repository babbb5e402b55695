"""C: complaint management as a practice, under the policy of a bank."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from temporalio.testing import WorkflowEnvironment

from complaints import commands as c
from complaints.commands import Envelope
from complaints.errors import (
    FirstContactIncomplete,
    StepMissing,
    UnknownTerm,
)
from complaints.lifecycle import Stage
from complaints.policy_file import builtin
from complaints.records import ClockName, NoticeKind
from complaints.vocabulary import Channel, ComplaintType, Outcome, Role
from db.search import search
from tests.keys import keys_for
from tests.lives import DAY, HOUR, PEOPLE, example
from tests.rows.ways import agreed_and_done, heard, prepared
from tests.workflow.cases import QUEUE, Case
from tests.workflow.conftest import Opens
from workflows.client import start

BANK = builtin("banking")
LOAN: dict[str, Any] = {
    "category": "loans",
    "description": "提前还款被收了违约金，签合同时客户经理说过不收。",
    "details": {"product": "个人住房贷款", "contract": "HT-0071"},
}


async def early_repayment(open_case: Opens) -> Case:
    return await open_case(policy=BANK, **LOAN)


async def test_C2_five_steps_listen_apologise_understand_solve_track(open_case: Opens) -> None:
    """Listen, apologise, understand, solve, track: each step is asked for before the next is possible."""
    case = await early_repayment(open_case)
    for skipped in ("listened", "apology_or_understanding", "restated"):
        left_out: dict[str, Any] = {skipped: False}
        with pytest.raises(FirstContactIncomplete, match=skipped):
            await case.do(c.RecordFirstContact, **left_out)
    await heard(case, "loans", kind="expectation")
    await prepared(case)
    with pytest.raises(StepMissing, match="interests_recorded"):
        await case.do(c.OfferOption, option="O1")
    await case.do(c.RecordInterests, asks="退违约金", needs="按当时说好的来")
    await agreed_and_done(case)
    await case.do(c.RecordFollowUp, satisfied=True, score=4, words="违约金退了，就这样吧。")
    view = await case.look()
    assert view.stage == Stage.CLOSED
    call = await case.clock(ClockName.SECOND_CALL)
    assert timedelta(days=14) < call.due_at - call.started_at <= timedelta(days=15, hours=1)
    await case.wait_until(call.due_at - DAY)
    await case.do(c.RecordSecondCall, still_settled=False, words="这个月又扣了一次")
    assert (await case.look()).stage == Stage.INVESTIGATION


async def test_C3_social_media_and_crm_feed_complaints_in_around_the_clock(
    open_case: Opens, temporal_env: WorkflowEnvironment
) -> None:
    """Systems hand complaints in at any hour, a repeated delivery makes no second one, and the clocks run at once."""
    case = await open_case(policy=BANK, source="weibo", channel=Channel.SOCIAL, **LOAN)
    heard_by = await case.clock(ClockName.FIRST_CONTACT)
    assert heard_by.due_at - heard_by.started_at == 24 * HOUR  # on a Sunday, on a holiday, at night
    view = await case.look()
    assert view.registration is not None
    assert (view.stage, view.registration.channel) == (Stage.INTAKE, Channel.SOCIAL)
    assert [n.kind for n in view.notices.values()] == [NoticeKind.RECEIPT]  # told at once
    again = Envelope(
        id="delivered-once-more",
        actor=PEOPLE[Role.SYSTEM],
        received_at=datetime.now(UTC),
        command=example(
            c.Register, source="weibo", reference=view.registration.reference, channel=Channel.SOCIAL, **LOAN
        ),
    )
    handle, is_new = await start(temporal_env.client, again, BANK, task_queue=QUEUE)
    assert (handle.id, is_new) == (case.number, False)
    from_crm = await open_case(policy=BANK, source="crm", channel=Channel.SYSTEM, **LOAN)
    assert from_crm.number != case.number
    assert (await from_crm.look()).stage == Stage.INTAKE


async def test_C1_sources_and_types_are_told_apart(open_case: Opens) -> None:
    """Where it comes from and what drives it are told apart; a structural one raises an improvement item by itself."""
    case = await early_repayment(open_case)
    await case.do(c.RecordFirstContact, complaint_type=ComplaintType.STRUCTURAL)
    with pytest.raises(UnknownTerm) as refused:
        await case.do(c.Classify, category="loans", kind="weather")
    assert set(refused.value.possible) == {"quality", "communication", "expectation", "after_sales"}
    await case.do(c.Classify, category="loans", kind="communication")
    await case.do(c.Assign)
    await case.do(c.RecordFindings, responsible_department="loans_center")
    view = await case.look()
    assert view.classification is not None
    assert view.classification.kind == "communication"
    assert view.first_contact is not None
    assert view.first_contact.complaint_type == ComplaintType.STRUCTURAL
    (raised,) = view.improvements.values()
    assert raised.plan.department == "loans_center"


async def settled_fee(case: Case) -> None:
    """Settle it, with words that colleagues would search for."""
    await case.do(c.RecordInterests, asks="退三年的费", needs="不再被悄悄收费")
    await case.do(c.RecordFindings, root_cause="开户时默认勾选了收费短信，没有提示")
    for order in (1, 2):
        await case.do(
            c.PrepareOption,
            what="退还提醒费，改为免费推送",
            standard="服务价格公示",
            order=order,
            compensation=None,
        )
    await agreed_and_done(case)
    await case.do(c.RecordFollowUp, satisfied=True, words="退了，以后不收了，满意。", answers=(5, 5, 5, 5))


async def test_C4_past_cases_are_found_again_by_what_they_were_about(
    open_case: Opens, engine: Engine
) -> None:
    """A settled case is found again, for training, by what was said, what was found and how it was settled."""
    settled = await open_case(
        policy=BANK,
        category="fees",
        description="短信提醒费扣了三年，从来没有人告诉过我要收费。",
        details={"product": "账户变动提醒"},
    )
    await heard(settled, "fees", kind="communication")
    await settled_fee(settled)
    under_way = await open_case(policy=BANK, category="fees", description="账户变动提醒收费，没有告诉我。")
    await settled.facts()
    await under_way.facts()
    with Session(engine) as session:
        by_cause = search(session, keys_for(session), ["默认勾选"], over=True)
        by_remedy = search(
            session, keys_for(session), ["提醒费"], over=True, category="fees", outcome=Outcome.RESOLVED
        )
        elsewhere = search(session, keys_for(session), ["默认勾选"], over=True, category="loans")
    assert [found.number for found in by_cause] == [settled.number]
    assert (by_cause[0].field, "默认勾选" in by_cause[0].passage) == ("root_cause", True)
    assert [found.number for found in by_remedy] == [settled.number]
    assert elsewhere == []
