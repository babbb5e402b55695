"""Every night whoever no policy allows to be remembered is forgotten: the schedule, the server and the worker together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from pathlib import Path
from uuid import uuid4

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from complaints.forms import Closing, Imported
from complaints.lifecycle import Stage
from complaints.policy_file import builtin
from complaints.sealed import ERASED
from complaints.vocabulary import Outcome
from complaints.working_time import Budget, Unit
from db.key_tables import ErasureRow
from files.storage import Files
from tests.eventually import eventually
from tests.integration.desk import Desk, workers
from workflows import schedules
from workflows.schedules import PREFIX, Calendar, Recurring


async def test_the_schedule_forgets_whoever_ended_long_enough_ago_and_nobody_else(
    desk: Desk, engine: Engine, tmp_path: Path
) -> None:
    now = datetime.now(UTC)
    policy = replace(builtin(), retention=Budget(amount=30, unit=Unit.CALENDAR_DAYS))
    closed = Closing(at=now - timedelta(days=80), outcome=Outcome.RESOLVED, resolution="退款")
    past = Imported(at=now, origin="old.csv:2", closed=closed)
    nightly = Recurring(name=f"retention-{uuid4().hex}", when=Calendar(at=time(3)), retention=True)
    files = Files(str(tmp_path), desk.keys.data_key)
    async with workers(desk, files=str(tmp_path)):
        received_at = now - timedelta(days=85)
        old = await desk.open(policy, received_at=received_at, imported=past, source="crm")
        running = await desk.open(policy)
        for number in (old, running):
            await desk.agrees(number)
            await files.put(number, "a-1", photograph())
        assert (await desk.look(old)).stage == Stage.ENDED
        await schedules.apply(desk.client, nightly)
        try:
            await schedules.trigger(desk.client, nightly.name)
            await eventually(lambda: forgotten(engine, [old]), timeout=30)
        finally:
            await desk.client.get_schedule_handle(PREFIX + nightly.name).delete()
        desk.keys.forget([old, running])
        shown, others = await desk.read(old), await desk.read(running)
    assert shown.registration
    assert others.registration
    assert (shown.registration.customer.name, others.registration.customer.name) == (ERASED, "王秀英")
    assert [each.number async for each in files.stored()] == [running]


async def photograph() -> AsyncIterator[bytes]:
    yield b"her meter"


def forgotten(engine: Engine, numbers: list[str]) -> None:
    with Session(engine) as session:
        assert list(session.scalars(select(ErasureRow.number))) == numbers
