"""What fails, and what users see of it: nothing is lost, nothing is done twice, and late is judged by the due time."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

from complaints import commands as c
from complaints.records import Clock, NoticeStatus, Verdict
from complaints.view import View
from stack.postgres import Postgres
from tests.eventually import eventually
from tests.integration.channel_servers import http_receiver
from tests.integration.desk import Desk, passes, workers
from tests.integration.worker_process import Starts
from tests.lives import example

A_MOMENT = timedelta(seconds=1)


def escalations_of(view: View, clock: Clock) -> list[str]:
    return [escalation.id for escalation in view.escalations.values() if escalation.clock == clock.key]


async def test_a_killed_worker_loses_no_command_and_no_deadline_and_repeats_neither(
    desk: Desk, start_worker: Starts
) -> None:
    """The server notices a dead worker after some ten seconds, so all of it is asked of one death."""
    first = await start_worker()
    number, watched = await desk.open(), await desk.open_due_in(8)
    clock = await desk.first_contact(watched)
    await desk.agrees(watched)
    envelopes = [desk.envelope(example(c.AddNote, text=f"note {i}"), command_id=f"n{i}") for i in range(40)]

    halfway = asyncio.Event()

    async def send_all() -> None:
        for envelope in envelopes:
            await desk.send(number, envelope, within=60)
            if envelope is envelopes[20]:
                halfway.set()

    sending = asyncio.create_task(send_all())
    await asyncio.wait_for(halfway.wait(), 20)
    first.kill()
    assert not sending.done()
    await passes(clock.due_at + A_MOMENT)
    restarted_at = datetime.now(UTC)
    await start_worker()
    await sending
    await desk.agrees(number, within=40)  # what was being recorded is given up after half a minute
    assert desk.recorded_commands(number) == ["registration", *(envelope.id for envelope in envelopes)]

    async def it_is_seen() -> None:
        assert (await desk.first_contact(watched)).breached_at is not None

    await eventually(it_is_seen, 20)
    view = await desk.agrees(watched)
    seen = view.clocks[clock.key]
    assert seen.due_at == clock.due_at
    assert seen.breached_at is not None
    assert seen.breached_at >= restarted_at
    assert len(escalations_of(view, seen)) == 1


async def test_a_command_received_in_time_counts_even_if_it_is_processed_late(desk: Desk) -> None:
    async with workers(desk):
        number = await desk.open_due_in(4)
        clock = await desk.first_contact(number)
        await desk.agrees(number)
    in_time = desk.envelope(example(c.RecordFirstContact))
    assert in_time.received_at < clock.due_at
    waiting = asyncio.create_task(desk.send(number, in_time))
    await passes(clock.due_at + A_MOMENT)
    assert not waiting.done()
    async with workers(desk):
        await waiting
        view = await desk.agrees(number)
        seen = await desk.first_contact(number)
    assert seen.verdict == Verdict.MET
    assert (seen.breached_at, escalations_of(view, seen)) == (None, [])


async def test_a_command_received_too_late_hides_no_breach(desk: Desk) -> None:
    async with workers(desk):
        number = await desk.open_due_in(3)
        clock = await desk.first_contact(number)
        await desk.agrees(number)
    await passes(clock.due_at)
    waiting = asyncio.create_task(desk.send(number, desk.envelope(example(c.RecordFirstContact))))
    async with workers(desk):
        await waiting
        view = await desk.agrees(number)
        seen = await desk.first_contact(number)
    assert (seen.verdict, seen.due_at) == (Verdict.BREACHED, clock.due_at)
    assert seen.breached_at is not None
    assert seen.breached_at > clock.due_at
    assert len(escalations_of(view, seen)) == 1


async def test_without_the_database_commands_deadlines_and_notices_go_on(
    desk: Desk, postgres: Postgres
) -> None:
    with http_receiver() as service:
        targets = {"customer_service": [service.target("webhook")]}
        async with workers(desk, targets):
            number = await desk.open_due_in(3)
            await desk.agrees(number)
            clock = await desk.first_contact(number)
            await asyncio.to_thread(postgres.stop)
            try:
                for i in range(5):
                    await desk.do(number, c.AddNote, text=f"written while the database is away: {i}")
                await passes(clock.due_at)

                def somebody_is_told() -> None:
                    assert [request.json["data"]["complaint"] for request in service.got] == [number]

                await eventually(somebody_is_told)
                assert (await desk.first_contact(number)).breached_at is not None
            finally:
                await asyncio.to_thread(postgres.start)
            view = await desk.agrees(number, within=30)
    assert len(service.got) == 1
    (notice,) = [n for n in view.notices.values() if n.clock == clock.key]
    assert (notice.status, notice.channel) == (NoticeStatus.DELIVERED, "webhook")
    assert len(desk.recorded_commands(number)) == 6
