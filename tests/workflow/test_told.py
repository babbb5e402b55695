"""What customers are told by ourselves, on the real server, with a real service in front of the customer."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace

import pytest
import pytest_asyncio
from sqlalchemy import Engine
from temporalio.testing import WorkflowEnvironment

from activities.targets import CUSTOMER, Targets
from complaints import commands as c
from complaints.forms import Names
from complaints.lifecycle import Stage
from complaints.policy import MetBy, Policy, StatutoryRule
from complaints.practices import Acknowledgement
from complaints.records import ClockName, NoticeKind, NoticeStatus, Verdict
from tests.conftest import ENCRYPTION_KEY
from tests.eventually import eventually
from tests.integration.channel_servers import Receiver, http_receiver
from tests.lives import DAY, daily_policy, days
from tests.workflow.cases import QUEUE, Case
from tests.workflow.conftest import Opens
from worker import complaint_worker, notice_worker
from workflows.settings import load_settings


def policy() -> Policy:
    """A receipt that the law asks for, and the day's message sent by itself at 15:00."""
    given = daily_policy(spread_minutes=0)
    receipt = StatutoryRule(
        title=Names(en="Written receipt", zh="书面告知受理"),
        met_by=MetBy.ACKNOWLEDGED,
        budget=days(5),
        source="The instrument, article 15",
    )
    message = Names(
        en="We have your complaint {number}. {deadlines}", zh="您的投诉 {number} 已受理。{deadlines}"
    )
    return replace(
        given,
        feedback=replace(given.feedback, automatic=True),
        statutory={"receipt": receipt},
        acknowledgement=Acknowledgement(message=message),
    )


@pytest.fixture(scope="module")
def gateway() -> Iterator[Receiver]:
    """The service that knows the customers by the number of their complaint."""
    with http_receiver() as service:
        yield service


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def workers(
    temporal_env: WorkflowEnvironment, engine: Engine, gateway: Receiver
) -> AsyncIterator[None]:
    settings = load_settings(
        database_url=engine.url.render_as_string(hide_password=False),
        encryption_key=base64.b64encode(ENCRYPTION_KEY).decode(),
        sandbox=True,
        shutdown_seconds=1,
    )
    targets = Targets({CUSTOMER: [gateway.target("webhook")]})
    async with (
        notice_worker(temporal_env.client, targets, settings),
        complaint_worker(temporal_env.client, engine, settings, queue=QUEUE),
    ):
        yield


def letters(gateway: Receiver, case: Case, kind: NoticeKind) -> list[str]:
    """What the gateway got for a customer, in order."""
    got = [request.body.decode() for request in gateway.got]
    return [text for text in got if f'"{kind}"' in text and case.number in text]


async def recorded(case: Case, fact: str) -> None:
    async def check() -> None:
        await case.settle()
        assert fact in await case.facts()

    await eventually(check, 10)


async def test_whoever_complains_is_told_at_once_and_the_duty_is_met(
    open_case: Opens, gateway: Receiver
) -> None:
    case = await open_case(policy())
    await recorded(case, "ReceiptAcknowledged")
    duty = await case.clock(ClockName.STATUTORY)
    assert (duty.subject, duty.verdict) == ("receipt", Verdict.MET)
    (letter,) = letters(gateway, case, NoticeKind.RECEIPT)
    assert "王秀英" not in letter


async def test_the_news_of_the_day_is_delivered_and_is_its_feedback(
    open_case: Opens, gateway: Receiver
) -> None:
    case = await open_case(policy())
    await case.to(Stage.INVESTIGATION)
    await case.do(c.RequestVerification)
    first = await case.clock(ClockName.FEEDBACK)
    await case.wait_until(first.warn_at[0])
    await recorded(case, "FeedbackGiven")
    view = await case.look()
    assert view.clocks[first.key].verdict == Verdict.MET
    assert (await case.clock(ClockName.FEEDBACK)).due_at == first.due_at + DAY
    assert "1 项核实" in view.feedback["F1"].form.message
    assert len(letters(gateway, case, NoticeKind.NEWS)) == 1


async def test_news_that_is_refused_is_left_to_the_handler_before_the_day_ends(
    open_case: Opens, gateway: Receiver
) -> None:
    case = await open_case(policy())
    await case.to(Stage.INVESTIGATION)
    first = await case.clock(ClockName.FEEDBACK)
    gateway.answers(410, {"error": "this customer has no such line"})
    try:
        await case.wait_until(first.warn_at[0])

        async def check() -> None:
            notices = {n.kind: n for n in (await case.look()).notices.values() if n.clock == first.key}
            assert notices[NoticeKind.NEWS].status == NoticeStatus.FAILED
            assert notices[NoticeKind.WARNING].recipient == "handler:zhang.wei"

        await eventually(check)
    finally:
        gateway.answers(200, {})
    assert (await case.look()).clocks[first.key].is_open


async def test_a_customer_who_is_left_in_peace_is_sent_nothing(open_case: Opens, gateway: Receiver) -> None:
    case = await open_case(policy())
    await case.to(Stage.INVESTIGATION)
    await case.do(c.StopFeedback)
    await case.wait(3 * DAY)
    assert letters(gateway, case, NoticeKind.NEWS) == []
    assert (await case.clock(ClockName.FEEDBACK)).verdict == Verdict.VOID
