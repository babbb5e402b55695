"""What regulators in China, the United Kingdom and the United States ask for, lived under the policies that ship for it."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from complaints import commands as c
from complaints.errors import (
    ConflictOfInterest,
    DeadlinesNotStated,
    ExtensionTooLong,
    NotYourRole,
    StepMissing,
)
from complaints.policy_file import builtin
from complaints.records import ClockName, NoticeKind, Verdict
from complaints.vocabulary import Channel, Customer, Role
from complaints.working_time import add
from tests.integration.channel_servers import Receiver
from tests.lives import DAY, HOUR
from tests.rows.ways import agreed_and_done, heard, prepared, statutory
from tests.workflow.conftest import Opens

BANK, FCA, CFPB = builtin("banking"), builtin("fca-disp"), builtin("cfpb")
LOAN: dict[str, Any] = {
    "category": "loans",
    "description": "提前还款被收了违约金，签合同时客户经理说过不收。",
    "details": {"product": "个人住房贷款"},
}
ADA = Customer(name="Ada Placeholder", contact="ada@example.com", language="en-GB")


async def test_banking_whoever_is_named_is_kept_out(open_case: Opens) -> None:
    """Nobody handles a complaint about themselves, nor goes on with one in which they have an interest."""
    case = await open_case(policy=BANK, named=("wang.jun",), **LOAN)
    await case.do(c.RecordFirstContact)
    with pytest.raises(ConflictOfInterest):
        await case.do(c.Assign, handler="wang.jun")
    await case.do(c.Assign, handler="zhang.wei")
    await case.do(c.Recuse, person="zhang.wei", reason="办理过这笔贷款")
    assert {"wang.jun", "zhang.wei"} <= set((await case.look()).recused)
    with pytest.raises(ConflictOfInterest):
        await case.do(c.RecordInterests)
    await case.do(c.Reassign, handler="sun.hao", role=Role.LEAD)
    assert (await case.look()).handler == "sun.hao"


async def test_banking_fifteen_days_grow_to_thirty_and_sixty_by_approval(open_case: Opens) -> None:
    """The law's fifteen days are extended step by step, by whoever may, told to the customer, and no further."""
    case = await open_case(policy=BANK, **LOAN)
    await heard(case, "loans")
    decision = await statutory(case, "decision")
    assert timedelta(days=15) <= decision.due_at - decision.started_at <= timedelta(days=16)

    async def extend(role: Role, until: datetime) -> None:
        await case.do(
            c.GrantExtension,
            role=role,
            clock=decision.key,
            until=until,
            reason="需向总行核实",
            customer_told=True,
        )

    with pytest.raises(NotYourRole):
        await extend(Role.HANDLER, decision.due_at + 15 * DAY)
    with pytest.raises(ExtensionTooLong):
        await extend(Role.LEAD, decision.due_at + 16 * DAY)
    await extend(Role.LEAD, decision.due_at + 15 * DAY)
    with pytest.raises(NotYourRole):
        await extend(Role.LEAD, decision.due_at + 45 * DAY)
    await extend(Role.EXECUTIVE, decision.due_at + 45 * DAY)
    extended = await statutory(case, "decision")
    assert (extended.due_at - decision.due_at, extended.extensions) == (45 * DAY, 2)
    told = [n for n in (await case.look()).notices.values() if n.kind == NoticeKind.CUSTOMER]
    assert len(told) == 2


async def test_fca_disp_payments_have_fifteen_business_days_and_the_rest_eight_weeks(
    open_case: Opens,
) -> None:
    """A payment complaint is answered within 15 business days, 35 in exceptional circumstances; any other in 8 weeks."""
    other = await open_case(
        policy=FCA, category="savings", customer=ADA, description="The rate was not what the letter said."
    )
    eight_weeks = await statutory(other, "final_response")
    assert (
        timedelta(weeks=8) - HOUR
        <= eight_weeks.due_at - eight_weeks.started_at
        <= timedelta(weeks=8, days=1, hours=1)
    )

    case = await open_case(
        policy=FCA,
        category="savings",
        customer=ADA,
        description="A transfer I never made left my account.",
        details={"product": "Current account"},
    )
    await heard(case, "payments", kind="performance")
    assert (await statutory(case, "final_response")).verdict == Verdict.VOID
    limit = await statutory(case, "payment_response")
    rule, calendar = FCA.statutory["payment_response"], FCA.working_time(None)
    assert rule.budget is not None
    assert limit.due_at == add(limit.started_at, rule.budget, calendar)

    exceptional = add(limit.started_at, rule.extensions[0].budget, calendar)
    more: dict[str, Any] = {
        "clock": limit.key,
        "reason": "The other bank has not answered.",
        "customer_told": True,
    }
    with pytest.raises(NotYourRole):
        await case.do(c.GrantExtension, role=Role.LEAD, until=exceptional, **more)
    with pytest.raises(ExtensionTooLong):
        await case.do(c.GrantExtension, role=Role.CUSTOMER_SERVICE, until=exceptional + DAY, **more)
    await case.do(c.GrantExtension, role=Role.CUSTOMER_SERVICE, until=exceptional, **more)
    assert (await statutory(case, "payment_response")).due_at == exceptional

    await case.do(c.RequestVerification, department="payments_ops")
    with pytest.raises(StepMissing, match="questions_answered"):
        await case.do(c.RecordFindings)
    await case.do(c.AnswerVerification)
    await prepared(case, options=1)
    await case.do(c.OfferOption, option="O1")
    assert (await statutory(case, "payment_response")).verdict == Verdict.MET


async def test_fca_disp_a_prompt_acknowledgement_states_the_deadlines(
    open_case: Opens, customers: Receiver
) -> None:
    """On receipt the customer is told in writing that the firm has it, and by when it will be answered."""
    fee: dict[str, Any] = {
        "category": "credit_card",
        "customer": ADA,
        "description": "A fee I never agreed to.",
    }
    case = await open_case(policy=FCA, **fee)
    await case.settle()
    assert (await statutory(case, "acknowledgement")).verdict == Verdict.MET
    said = customers.got[-1].body.decode()
    assert case.number in said
    assert FCA.statutory["final_response"].title.en in said

    customers.answers(410, {"error": "no such mailbox"})
    bounced = await open_case(policy=FCA, **fee)
    await bounced.settle()
    customers.answers(200)
    assert (await statutory(bounced, "acknowledgement")).is_open
    with pytest.raises(DeadlinesNotStated):
        await bounced.do(c.AcknowledgeReceipt, channel=Channel.LETTER, states_deadlines=False)
    await bounced.do(c.AcknowledgeReceipt, channel=Channel.LETTER, states_deadlines=True)
    assert (await statutory(bounced, "acknowledgement")).verdict == Verdict.MET


async def test_cfpb_fifteen_days_to_respond_and_sixty_where_it_is_in_progress(open_case: Opens) -> None:
    """A response is due within 15 calendar days; said to be in progress before then, the final one within 60."""
    complaint: dict[str, Any] = {
        "category": "mortgage",
        "customer": ADA,
        "description": "The escrow was reckoned twice.",
        "details": {"issue": "Trouble during payment process", "cfpb_number": "000000-0000000"},
    }
    late = await open_case(policy=CFPB, **complaint)
    await heard(late, "mortgage")
    missed = await statutory(late, "response")
    await late.wait_until(missed.due_at)
    missed = await statutory(late, "response")
    assert missed.breached_at is not None
    assert (await late.escalation(missed)).audience == Role.EXECUTIVE

    case = await open_case(policy=CFPB, **complaint)
    await heard(case, "mortgage", kind="monetary")
    response = await statutory(case, "response")
    sixty = add(response.started_at, CFPB.statutory["response"].extensions[0].budget, CFPB.working_time(None))
    assert timedelta(days=60) - HOUR <= sixty - response.started_at <= timedelta(days=61, hours=1)
    more: dict[str, Any] = {
        "clock": response.key,
        "reason": "In progress: the servicer is asked.",
        "customer_told": True,
    }
    with pytest.raises(ExtensionTooLong):
        await case.do(c.GrantExtension, role=Role.LEAD, until=sixty + DAY, **more)
    await case.do(c.GrantExtension, role=Role.LEAD, until=sixty, **more)
    assert (await statutory(case, "response")).due_at == sixty
    await prepared(case, options=1)
    await agreed_and_done(case)
    assert (await statutory(case, "response")).verdict == Verdict.MET
    await case.do(
        c.RecordFollowUp,
        satisfied=True,
        words="You answered every issue.",
        channel=Channel.WEB,
        answers=(5, 5, 5),
    )
    window = await case.clock(ClockName.APPEAL)
    assert timedelta(days=59) < window.due_at - window.started_at < timedelta(days=61)
