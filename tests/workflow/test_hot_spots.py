"""The watch for hot spots on real servers: what bursts becomes a matter, once, and takes up what comes in later."""

from __future__ import annotations

import itertools
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session
from temporalio.testing import WorkflowEnvironment

from complaints import commands as c
from complaints.hotspots import Cell, Watch
from complaints.matters.forms import Kind, Status
from complaints.matters.view import Head
from db import hot_spots, matters
from tests.eventually import eventually
from tests.integration.recorded import RecordedLife, write
from tests.lives import example
from tests.workflow.cases import QUEUE
from workflows import matters_client
from workflows.hot_spots import WatchHotSpots

DAY = timedelta(days=1)
_numbers = itertools.count(1)


def complain(engine: Engine, place: str, days_ago: float) -> str:
    """Put a complaint on record that came in so long ago."""
    reference = f"{place}-{next(_numbers)}"
    life = RecordedLife(number=f"spot-{reference}", start=datetime.now(UTC) - days_ago * DAY)
    life.do(example(c.Register, source="spot", reference=reference, category="noise", place=place))
    life.cut()
    write(engine, *life.batches)
    return life.state.number


async def look(env: WorkflowEnvironment) -> list[str]:
    """Let the watch look once, as its schedule does."""
    return await env.client.execute_workflow(
        WatchHotSpots.run, Watch(), id=f"look-{next(_numbers)}", task_queue=QUEUE
    )


@pytest.fixture
def burst(engine: Engine) -> tuple[str, list[str]]:
    """A place with one complaint a week for nine weeks, and nine more in the last days."""
    place = f"harbour-{next(_numbers)}"
    for week in range(1, 9):
        complain(engine, place, 7 * week + 3)
    complain(engine, place, 70)
    return place, [complain(engine, place, 0.1 + hour / 24) for hour in range(9)]


def spots(engine: Engine, cases: list[str]) -> list[Head]:
    with Session(engine) as session:
        return [
            head
            for head in matters.list_matters(session, kind=Kind.HOT_SPOT, case=cases[0])
            if head.status == Status.OPEN
        ]


async def test_a_burst_becomes_a_matter_of_the_customer_service_department_with_its_evidence(
    temporal_env: WorkflowEnvironment, engine: Engine, workers: None, burst: tuple[str, list[str]]
) -> None:
    place, cases = burst
    await look(temporal_env)

    head = await eventually(lambda: _one(spots(engine, cases)))
    assert place in head.title
    assert head.department is None
    seen = await matters_client.look(temporal_env.client, head.id)
    assert set(cases) <= set(seen.cases)
    assert seen.opening is not None
    assert "9 complaints in 7 days; 1.0 expected" in seen.opening.evidence[0]
    assert any(n.recipient.startswith("customer_service") for n in seen.notices.values())
    await temporal_env.client.get_workflow_handle(head.id).terminate("the test is over")


async def test_looking_again_opens_nothing_twice_and_adds_what_came_in_since(
    temporal_env: WorkflowEnvironment, engine: Engine, workers: None, burst: tuple[str, list[str]]
) -> None:
    place, cases = burst
    first = await look(temporal_env)
    opened = await eventually(lambda: _one(spots(engine, cases)))
    later = complain(engine, place, 0)
    assert opened.id in await look(temporal_env)
    assert opened.id in first

    async def added() -> None:
        assert later in (await matters_client.look(temporal_env.client, opened.id)).cases

    await eventually(added)
    assert len(spots(engine, cases)) == 1
    await temporal_env.client.get_workflow_handle(opened.id).terminate("the test is over")


async def test_an_ordinary_week_opens_nothing(
    temporal_env: WorkflowEnvironment, engine: Engine, workers: None
) -> None:
    place = f"market-{next(_numbers)}"
    cases = [complain(engine, place, 3 * step + 1) for step in range(21)]
    await look(temporal_env)
    assert spots(engine, cases) == []


def test_the_records_count_by_cell_and_week(engine: Engine, burst: tuple[str, list[str]]) -> None:
    place, _ = burst
    with Session(engine) as session:
        counts = hot_spots.counts(session, Watch(), datetime.now(UTC))
    assert counts[Cell(category="noise", place=place)] == [1, 1, 1, 1, 1, 1, 1, 1, 9]


def _one(found: list[Head]) -> Head:
    assert len(found) == 1
    return found[0]
