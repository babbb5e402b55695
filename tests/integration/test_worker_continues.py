"""Continue-as-new in the middle of a life: nobody notices, and nothing is done twice."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest_asyncio
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.testing import WorkflowEnvironment

from complaints import commands as c
from complaints.records import NoticeStatus
from db.masters import Masters
from stack.temporal import temporal_cli
from stack.temporal_knobs import server_options
from tests.conftest import ENCRYPTION_KEY, SEARCH_ATTRIBUTES
from tests.eventually import eventually
from tests.integration.channel_servers import http_receiver
from tests.integration.desk import Desk, passes, workers
from tests.lives import example
from workflows import client as door
from workflows.converter import data_converter

SOON = 25
"""History events after which these complaints continue as new."""


async def run_of(client: Client, number: str) -> str:
    return (await client.get_workflow_handle(number).describe()).run_id


async def runs(desk: Desk, number: str, at_least: int) -> None:
    """Wait until a complaint has had so many runs."""

    async def check() -> None:
        found = [run async for run in desk.client.list_workflows(f"WorkflowId = '{number}'")]
        assert len(found) >= at_least

    await eventually(check, 20)


async def test_a_life_of_several_runs_is_one_ledger(desk: Desk) -> None:
    async with workers(desk):
        number = await desk.open(continue_after=SOON)
        for run in (2, 3):
            for i in range(6):
                await desk.do(number, c.AddNote, text=f"note {i}")
            await runs(desk, number, run)
        await desk.agrees(number)
    assert desk.recorded_commands(number) == ["registration", *(f"c{i + 1}" for i in range(12))]


async def test_a_command_from_before_is_recognised_after(desk: Desk) -> None:
    async with workers(desk):
        number = await desk.open(continue_after=SOON)
        promise = desk.envelope(example(c.MakePromise, due_at=(await desk.first_contact(number)).due_at))
        first = await desk.send(number, promise)
        for i in range(6):
            await desk.do(number, c.AddNote, text=f"note {i}")
        await runs(desk, number, 2)
        seq = (await desk.look(number)).seq
        again = await desk.send(number, replace(promise))
        view = await desk.agrees(number)
    assert first.created == "P1"
    assert (again.facts, again.seq) == ((), seq)
    assert list(view.promises) == ["P1"]


async def test_a_deadline_survives(desk: Desk) -> None:
    async with workers(desk):
        number = await desk.open_due_in(4, continue_after=SOON)
        clock = await desk.first_contact(number)
        before = await run_of(desk.client, number)
        for i in range(6):
            await desk.do(number, c.AddNote, text=f"note {i}")
        await runs(desk, number, 2)
        assert (await desk.first_contact(number)).breached_at is None
        assert await run_of(desk.client, number) != before
        await passes(clock.due_at)

        async def it_is_seen() -> None:
            assert (await desk.first_contact(number)).breached_at is not None

        await eventually(it_is_seen)
        seen = await desk.first_contact(number)
        view = await desk.agrees(number)
    assert seen.breached_at is not None
    assert seen.breached_at - clock.due_at < timedelta(seconds=3)
    assert len([e for e in view.escalations.values() if e.clock == clock.key]) == 1


@pytest_asyncio.fixture(loop_scope="session")
async def impatient_desk(engine: Engine) -> AsyncIterator[Desk]:
    """A server that asks for continue-as-new after 60 events instead of thousands, whatever is under way."""
    options = ["--dynamic-config-value", "limit.historyCount.suggestContinueAsNew=60"]
    environment = await WorkflowEnvironment.start_local(
        data_converter=data_converter(Masters([ENCRYPTION_KEY])),
        dev_server_existing_path=str(temporal_cli()),
        dev_server_log_level="error",
        dev_server_extra_args=[*server_options(SEARCH_ATTRIBUTES), *options],
    )
    async with environment:
        yield Desk(environment.client, engine)


async def test_a_notice_that_nobody_takes_survives_and_is_delivered_in_the_end(impatient_desk: Desk) -> None:
    desk = impatient_desk
    with http_receiver() as service:
        service.answers(503)
        async with workers(desk, {"customer_service": [service.target("webhook")]}):
            number = await desk.open()
            before = await run_of(desk.client, number)
            await desk.do(number, c.Escalate)
            for i in range(10):
                await desk.do(number, c.AddNote, text=f"note {i}")

            async def it_continued() -> None:
                assert await run_of(desk.client, number) != before

            await eventually(it_continued, 20)
            assert [n.status for n in (await desk.look(number)).notices.values()] == [NoticeStatus.QUEUED]
            service.answers(200, {})

            async def it_is_delivered() -> None:
                view = await door.look(desk.client, number)
                assert [n.status for n in view.notices.values()] == [NoticeStatus.DELIVERED]

            await eventually(it_is_delivered, 20)
            await desk.agrees(number)
    assert len({request.json["id"] for request in service.got}) == 1
