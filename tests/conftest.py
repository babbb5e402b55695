"""Real servers for the tests: started when a test asks for them, shared where sharing hides nothing.

    postgres               the server                    one per run, not durable
    database_url           an empty, migrated database   one per test
    temporal_env           clocks that jump              one per run: `client`, `fast_forward(handle, timedelta)`
    temporal_server        clocks that do not            one per run, in memory
    fresh_temporal_server  a factory, on a file          for tests that kill it

All take any free port, so that a stack of the developer's own is left in peace.
"""

import gc
import os
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from stack.postgres import Postgres
from stack.temporal import TemporalServer, temporal_cli
from stack.temporal_knobs import server_options
from tests.databases import Databases
from tests.keys import ENCRYPTION_KEY as ENCRYPTION_KEY  # noqa: PLC0414 - re-exported
from tests.keys import MASTERS

os.environ.pop(
    "COLUMNS", None
)  # what commands print is tested at the width of a pipe, whoever runs the tests

SEARCH_ATTRIBUTES = {
    "ComplaintStage": "Keyword",
    "Department": "Keyword",
    "Severity": "Keyword",
    "Escalated": "Bool",
}


@pytest.fixture(scope="session")
def postgres(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    with Postgres(tmp_path_factory.mktemp("postgres"), durable=False, usual_port=None) as server:
        yield server


@pytest.fixture(scope="session")
def databases(postgres: Postgres) -> Databases:
    return Databases(postgres)


@pytest.fixture
def database_url(databases: Databases) -> Iterator[str]:
    with databases.migrated() as url:
        yield url


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def temporal_env() -> AsyncIterator[WorkflowEnvironment]:
    """A server whose workflows each have a clock of their own, which stands until a test pushes it.

    Go to a deadline *and a little*, never across continue-as-new, and put a limit on the wait: a workflow that
    fails its task never gets there.
    """
    from workflows.converter import data_converter

    environment = await WorkflowEnvironment.start_time_skipping_v2(
        # Off until asked for: on, a complaint would live its whole life before the test has said a word.
        # The default limit of jumps is 200, after which fast_forward never returns.
        ts_config=TimeSkippingConfig(enabled=False, max_session_skip_count=100_000),
        data_converter=data_converter(MASTERS),
        dev_server_existing_path=str(temporal_cli()),
        dev_server_log_level="error",
        dev_server_extra_args=server_options(SEARCH_ATTRIBUTES, time_skipping=True),
    )
    async with environment:
        yield environment


@pytest.fixture(scope="session")
def temporal_server() -> Iterator[TemporalServer]:
    with TemporalServer(
        None, search_attributes=SEARCH_ATTRIBUTES, usual_port=None, usual_ui_port=None
    ) as server:
        yield server


@pytest.fixture
def fresh_temporal_server(tmp_path: Path) -> Iterator[Callable[..., TemporalServer]]:
    """Makes servers on a file of the test's own, started; keyword arguments go to TemporalServer."""
    made: list[TemporalServer] = []

    def make(**options: Any) -> TemporalServer:
        options = {
            "usual_port": None,
            "usual_ui_port": None,
            "search_attributes": SEARCH_ATTRIBUTES,
            **options,
        }
        server = TemporalServer(tmp_path / f"temporal-{len(made)}", **options)
        made.append(server)
        server.start()
        return server

    yield make
    for server in made:
        server.kill()


@pytest.hookimpl(trylast=True)
def pytest_unconfigure() -> None:
    """Let the SDK's threads finish: at exit they may otherwise abort the process (sdk-python issue 300)."""
    gc.collect()
    time.sleep(0.3)
