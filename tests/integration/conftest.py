"""Fixtures of the integration tests."""

import itertools
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
import pytest_asyncio
from sqlalchemy import Engine

from db.engine import make_engine
from stack.postgres import Postgres
from stack.temporal import TemporalServer
from tests.integration.api import Api, served
from tests.integration.desk import Desk, connect, workers
from tests.integration.owners import Owners
from tests.integration.real_api import RealApi, really_served
from tests.integration.worker_process import Starts, WorkerProcess, variables


@pytest.fixture
def own() -> Iterator[Owners]:
    """Starts processes that own servers; whatever is left of them is killed in the end."""
    owners = Owners()
    yield owners
    owners.kill()


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    """Connects to a migrated database of the test's own, from several threads if need be."""
    engine = make_engine(database_url, application_name="tests")
    yield engine
    engine.dispose()


@pytest_asyncio.fixture(loop_scope="session")
async def desk(temporal_server: TemporalServer, engine: Engine) -> AsyncIterator[Desk]:
    """A desk in front of the plain server; workers are the test's business."""
    desk = Desk(await connect(temporal_server.address), engine)
    yield desk
    await desk.close()


@pytest_asyncio.fixture(loop_scope="session")
async def api(desk: Desk) -> AsyncIterator[Api]:
    """The HTTP API on the desk's servers, with workers beside it."""
    async with workers(desk), served(desk) as api:
        yield api


@pytest_asyncio.fixture(loop_scope="session")
async def real_api(desk: Desk, postgres: Postgres, tmp_path: Path) -> AsyncIterator[RealApi]:
    """The HTTP API with its own guard, with workers beside it."""
    async with workers(desk), really_served(desk, postgres, tmp_path) as api:
        yield api


@pytest.fixture
def start_worker(
    desk: Desk, temporal_server: TemporalServer, database_url: str, tmp_path: Path
) -> Iterator[Starts]:
    """Starts worker processes on the desk's servers; those that are left are killed in the end."""
    started: list[WorkerProcess] = []
    numbers = itertools.count(1)

    async def start(*, wait: bool = True, **other: str) -> WorkerProcess:
        settings = {**variables(database_url, temporal_server.address), **other}
        worker = WorkerProcess(tmp_path / f"worker-{next(numbers)}.log", **settings)
        started.append(worker)
        if wait:
            await worker.ready()
        return worker

    yield start
    for worker in started:
        worker.kill()
