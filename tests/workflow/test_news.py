"""What the customer is told, on a real server and by a real service."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from complaints import commands as c
from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.policy import MetBy, Policy, StatutoryRule
from complaints.policy_file import builtin
from complaints.practices import Acknowledgement
from complaints.records import ClockName, NoticeKind, NoticeStatus, Verdict
from complaints.vocabulary import Channel
from tests.integration.channel_servers import Receiver
from tests.lives import days
from tests.workflow.cases import Case
from tests.workflow.conftest import Opens

SAID = Names(en="We have {number}. {deadlines}", zh="已收到 {number}。{deadlines}")
TELLING = replace(
    builtin(),
    acknowledgement=Acknowledgement(message=SAID),
    feedback=replace(builtin().feedback, automatic=True, quiet=None),
    statutory={
        "receipt": StatutoryRule(
            title=Names(en="Acknowledgement", zh="受理告知"),
            met_by=MetBy.ACKNOWLEDGED,
            source="Invented act",
            budget=days(3),
        )
    },
)


def messages(customers: Receiver, case: Case) -> list[Any]:
    """What the service was given for the customer of one complaint."""
    return [
        each
        for each in (request.json for request in customers.got)
        if each["data"]["complaint"] == case.number
    ]


async def test_the_customer_is_told_at_once_and_the_duty_is_met(
    open_case: Opens, customers: Receiver
) -> None:
    case = await open_case(TELLING)
    await case.settle()
    assert (await case.clock(ClockName.STATUTORY)).verdict == Verdict.MET
    (message,) = messages(customers, case)
    assert message["data"]["kind"] == NoticeKind.RECEIPT
    assert case.number in message["body"]
    assert "受理告知：最迟" in message["body"]


async def test_the_news_of_the_day_are_sent_by_themselves(open_case: Opens, customers: Receiver) -> None:
    case = await open_case(TELLING)
    await case.to(Stage.INVESTIGATION)
    await case.do(c.RequestVerification)
    await case.wait_until((await case.clock(ClockName.FEEDBACK)).due_at)
    await case.settle()
    view = await case.look()
    assert [entry.form.channel for entry in view.feedback.values()][-1] == Channel.SYSTEM
    assert not [
        clock for clock in view.clocks.values() if clock.name == ClockName.FEEDBACK and clock.breached_at
    ]
    assert "已向相关部门提出 1 项核实" in messages(customers, case)[-1]["body"]
    assert await case.is_running()


async def test_who_asks_for_peace_gets_no_more_messages(open_case: Opens, customers: Receiver) -> None:
    case = await open_case(_without_acknowledgement())
    await case.to(Stage.INVESTIGATION)
    await case.do(c.StopFeedback)
    await case.wait_until((await case.clock(ClockName.INVESTIGATION)).warn_at[0])
    await case.settle()
    assert messages(customers, case) == []
    kinds = {n.kind for n in (await case.look()).notices.values() if n.status != NoticeStatus.QUEUED}
    assert NoticeKind.NEWS not in kinds


def _without_acknowledgement() -> Policy:
    return replace(TELLING, acknowledgement=None, statutory={})
