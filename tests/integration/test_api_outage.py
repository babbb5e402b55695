"""The API while Temporal, PostgreSQL or the workers go away under it, hang, and come back: nobody restarts it."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import httpx
import pytest
import pytest_asyncio

from api.__main__ import TRIES_FOR
from api.examples import command
from db.engine import make_engine
from db.migrate import upgrade
from stack.postgres import Postgres
from stack.temporal import TemporalServer
from tests.eventually import eventually
from tests.integration.api import complaint, problem
from tests.integration.desk import Desk, settings_for, workers
from tests.integration.real_api import RealApi, really_served
from workflows.client import connect

A_FEW_SECONDS = 7.0
ALL_OF_IT = 22.0
"""A request ends by the time limit at the latest."""


@pytest.fixture
def own_postgres(tmp_path: Path) -> Iterator[Postgres]:
    """A database that a test may kill."""
    with Postgres(tmp_path / "postgres", usual_port=None) as server:
        upgrade(server.url())
        yield server


@pytest.fixture
def own_temporal(fresh_temporal_server: Callable[..., TemporalServer]) -> TemporalServer:
    return fresh_temporal_server()


@pytest_asyncio.fixture(loop_scope="session")
async def own_api(
    own_postgres: Postgres, own_temporal: TemporalServer, tmp_path: Path
) -> AsyncIterator[RealApi]:
    """The API on servers of the test's own; workers are its business."""
    engine = make_engine(own_postgres.url(), application_name="tests")
    settings = settings_for(own_postgres.url(), temporal_address=own_temporal.address)
    desk = Desk(await connect(settings, tries_for=TRIES_FOR), engine)
    async with really_served(desk, own_postgres, tmp_path) as api:
        yield api
    engine.dispose()


async def send(api: RealApi, number: str, name: str, key: str | None = None) -> httpx.Response:
    headers = {} if key is None else {"Idempotency-Key": key}
    path = f"/v1/complaints/{number}/commands"
    return await api.ask("POST", path, json=command(name), headers=headers)


async def within(seconds: float, *answers: Awaitable[httpx.Response]) -> list[httpx.Response]:
    """Ask all at once; each has to be answered by then."""
    began = time.monotonic()
    found = await asyncio.gather(*answers)
    assert time.monotonic() - began < seconds
    return list(found)


def unavailable(answer: httpx.Response) -> None:
    problem(answer, 503)
    assert int(answer.headers["retry-after"]) > 0


@contextlib.contextmanager
def hanging(pid: int | None) -> Iterator[None]:
    """Let a process and its children stand still."""
    assert pid is not None
    family = [pid, *_children(pid)]
    for each in family:
        os.kill(each, signal.SIGSTOP)
    try:
        yield
    finally:
        for each in family:
            os.kill(each, signal.SIGCONT)


def _children(pid: int) -> list[int]:
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [each for child in map(int, found) for each in (child, *_children(child))]


# --- Temporal


async def test_while_temporal_is_down_reads_go_on_and_it_recovers_by_itself(
    own_api: RealApi, own_temporal: TemporalServer
) -> None:
    api = own_api
    async with workers(api.desk):
        number = await api.start()
        await api.recorded(number, 2)
        own_temporal.kill()
        refused = await within(
            A_FEW_SECONDS,
            send(api, number, "AddNote", "again"),
            api.ask("POST", "/v1/complaints", json=complaint()),
        )
        for answer in refused:
            unavailable(answer)
        read = await within(
            A_FEW_SECONDS,
            api.ask("GET", f"/v1/complaints/{number}"),
            api.ask("GET", f"/v1/complaints/{number}/timeline"),
            api.ask("GET", "/v1/complaints?text=电费"),
            api.ask("GET", "/v1/escalations"),
        )
        assert {answer.status_code for answer in read} == {200}
        own_temporal.start()

        async def acts() -> None:
            assert (await send(api, number, "AddNote", "again")).status_code == 200

        await eventually(acts, 60)
        await acts()
    assert api.desk.recorded_commands(number).count("again") <= 1


async def test_while_temporal_hangs_nothing_hangs_with_it(
    own_api: RealApi, own_temporal: TemporalServer
) -> None:
    api = own_api
    async with workers(api.desk):
        number = await api.start()
        await api.recorded(number, 2)
        with hanging(own_temporal.pid):
            asked = asyncio.gather(
                send(api, number, "AddNote"), api.ask("POST", "/v1/complaints", json=complaint())
            )
            (read,) = await within(A_FEW_SECONDS, api.ask("GET", f"/v1/complaints/{number}"))
            assert read.status_code == 200
            for answer in await asyncio.wait_for(asked, ALL_OF_IT):
                unavailable(answer)

        async def acts() -> None:
            assert (await send(api, number, "AddNote")).status_code == 200

        await eventually(acts, 60)


# --- PostgreSQL


async def test_while_postgres_is_down_commands_go_on_and_the_records_catch_up(
    own_api: RealApi, own_postgres: Postgres
) -> None:
    api = own_api
    async with workers(api.desk):
        number = await api.start()
        await api.recorded(number, 2)
        own_postgres.kill()
        for answer in await within(
            A_FEW_SECONDS,
            api.ask("GET", f"/v1/complaints/{number}"),
            api.ask("GET", "/v1/complaints"),
            api.ask("GET", "/v1/escalations"),
            api.ask("GET", "/v1/policies"),
            api.ask("POST", "/v1/complaints", json=complaint()),
        ):
            unavailable(answer)
        (sent,) = await within(A_FEW_SECONDS, send(api, number, "Classify"))
        assert sent.status_code == 200, sent.text
        own_postgres.start()

        async def caught_up() -> None:
            found = await api.ask("GET", f"/v1/complaints/{number}")
            assert found.status_code == 200
            assert found.json()["seq"] >= sent.json()["seq"]
            assert found.json()["as_of"]["source"] == "records"

        await eventually(caught_up, 60)


async def test_while_postgres_hangs_nothing_hangs_with_it(own_api: RealApi, own_postgres: Postgres) -> None:
    api = own_api
    async with workers(api.desk):
        number = await api.start()
        await api.recorded(number, 2)
        with hanging(own_postgres.pid):
            asked = [api.ask("GET", "/v1/complaints") for _ in range(20)]
            for answer in await within(
                ALL_OF_IT, *asked, api.ask("POST", "/v1/complaints", json=complaint())
            ):
                unavailable(answer)
            assert (await within(A_FEW_SECONDS, api.client.get("/livez")))[0].status_code == 200

        async def reads() -> None:
            assert (await api.ask("GET", f"/v1/complaints/{number}")).status_code == 200

        await eventually(reads, 60)


# --- the workers


async def test_while_no_worker_works_commands_are_503_and_act_once_afterwards(own_api: RealApi) -> None:
    api = own_api
    async with workers(api.desk):
        number = await api.start()
        await api.recorded(number, 2)
    started, read, sent = await within(
        ALL_OF_IT,
        api.ask("POST", "/v1/complaints", json=complaint()),
        api.ask("GET", f"/v1/complaints/{number}"),
        send(api, number, "AddNote", "once"),
    )
    assert (started.status_code, read.status_code) == (201, 200)
    unavailable(sent)
    async with workers(api.desk):

        async def acts() -> None:
            answer = await send(api, number, "AddNote", "once")
            assert answer.status_code == 200, answer.text

        await eventually(acts, 40)
        await api.desk.agrees(number)
    recorded = [each for each in api.desk.recorded_commands(number) if each.startswith("once.")]
    assert len(recorded) == 1
