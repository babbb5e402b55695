"""What happens by the calendar, on the real server."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import time
from typing import Any
from uuid import uuid4

import pytest
import pytest_asyncio
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from temporalio.client import WorkflowExecutionStatus
from temporalio.testing import WorkflowEnvironment

from complaints import commands as c
from complaints.hotspots import Watch
from complaints.lifecycle import Stage
from complaints.matters.forms import Kind
from complaints.matters.reviews import Collected, ReviewPlan
from complaints.wire import Malformed, parse
from db.matters import list_matters
from tests.eventually import eventually
from tests.workflow.cases import QUEUE, Case
from workflows import schedules
from workflows.schedules import PREFIX, Calendar, Recurrences, Recurring, UnknownSchedule

PLAN = ReviewPlan(topic="session", title="Liability session", collects=Collected.DISPUTED_LIABILITY)


@pytest_asyncio.fixture(loop_scope="session")
async def weekly(temporal_env: WorkflowEnvironment) -> AsyncIterator[Recurring]:
    name = f"liability-{uuid4().hex}"
    yield Recurring(name=name, when=Calendar(at=time(9), weekdays=(1,)), review=PLAN)
    await temporal_env.client.get_schedule_handle(PREFIX + name).delete()


async def test_a_schedule_is_applied_as_often_as_one_likes(
    temporal_env: WorkflowEnvironment, weekly: Recurring
) -> None:
    client = temporal_env.client
    assert await schedules.apply(client, weekly, task_queue=QUEUE)
    await client.get_schedule_handle(PREFIX + weekly.name).pause(note="holidays")
    moved = replace(weekly, when=Calendar(at=time(8, 30), days=(1,), zone="Europe/Berlin"))
    assert not await schedules.apply(client, moved, task_queue=QUEUE)
    described = (await client.get_schedule_handle(PREFIX + weekly.name).describe()).schedule
    assert described.spec.time_zone_name == "Europe/Berlin"
    assert described.state.paused

    async def listed() -> None:
        (found,) = [each for each in await schedules.standing(client) if each.name == weekly.name]
        assert (found.workflow, found.paused) == ("CollectReview", True)

    await eventually(listed)


async def test_a_schedule_opens_a_review_of_what_waits(
    temporal_env: WorkflowEnvironment, engine: Engine, weekly: Recurring, case: Case
) -> None:
    await case.to(Stage.SOLUTION)
    await case.do(c.DisputeLiability)
    await case.settle()
    await case.facts()
    await schedules.apply(temporal_env.client, weekly, task_queue=QUEUE)
    await schedules.trigger(temporal_env.client, weekly.name)

    def opened() -> None:
        with Session(engine) as session:
            found = list_matters(session, kind=Kind.REVIEW, case=case.number)
        assert [each.topic for each in found] == ["session"]

    await eventually(opened, 30)


async def test_a_schedule_does_one_thing(temporal_env: WorkflowEnvironment) -> None:
    when = Calendar(at=time(9))
    for recurring in (
        Recurring(name="nothing", when=when),
        Recurring(name="two", when=when, review=PLAN, hot_spots=Watch()),
    ):
        with pytest.raises(Malformed, match="must have exactly one of"):
            await schedules.apply(temporal_env.client, recurring)


async def test_an_unknown_schedule_is_named(temporal_env: WorkflowEnvironment) -> None:
    with pytest.raises(UnknownSchedule, match="never"):
        await schedules.trigger(temporal_env.client, "never")


@pytest.mark.parametrize(
    ("field", "when"),
    [
        ("weekdays", {"at": "09:00", "weekdays": [8]}),
        ("at", {"at": "soon"}),
        ("hour", {"at": "09:00", "hour": 9}),
    ],
)
def test_a_calendar_that_makes_no_sense_is_refused_by_field(field: str, when: dict[str, Any]) -> None:
    review = {"topic": "t", "title": "T", "collects": "closed_conflicts"}
    with pytest.raises(Malformed, match=field):
        parse(Recurrences, {"schedules": [{"name": "n", "when": when, "review": review}]})


async def test_a_schedule_looks_for_hot_spots(
    temporal_env: WorkflowEnvironment, workers: None, weekly: Recurring
) -> None:
    watching = replace(weekly, review=None, hot_spots=Watch())
    await schedules.apply(temporal_env.client, watching, task_queue=QUEUE)
    await schedules.trigger(temporal_env.client, watching.name)

    async def looked() -> None:
        found = [
            each.status
            async for each in temporal_env.client.list_workflows(
                f"WorkflowType = 'WatchHotSpots' AND WorkflowId STARTS_WITH 'scheduled.{watching.name}'"
            )
        ]
        assert found == [WorkflowExecutionStatus.COMPLETED]

    await eventually(looked)
