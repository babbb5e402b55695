"""Fixtures of the workflow tests: our workers on the server whose clocks jump, and complaints on it."""

from __future__ import annotations

import base64
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import pytest_asyncio
from sqlalchemy import Engine
from temporalio.service import RPCError
from temporalio.testing import WorkflowEnvironment

from activities.targets import CUSTOMER, Targets
from complaints.commands import Envelope, Register
from complaints.policy import Policy
from complaints.policy_file import builtin
from complaints.vocabulary import Role
from db.engine import make_engine
from tests.conftest import ENCRYPTION_KEY
from tests.databases import Databases
from tests.integration.channel_servers import Receiver, http_receiver
from tests.lives import PEOPLE, example
from tests.workflow.cases import QUEUE, Case
from worker import complaint_worker, notice_worker
from workflows.client import start
from workflows.settings import load_settings

Opens = Callable[..., Awaitable[Case]]

NEVER = 1_000_000
"""Clocks that jump are wrong across continue-as-new; that is tested on ones that do not."""

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def engine(databases: Databases) -> Iterator[Engine]:
    """One database for all workflow tests of a folder; their complaints have numbers of their own."""
    with databases.migrated() as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


UNREACHABLE = "metering"
"""A department whose lead's service refuses every notice for good. Customers have a service; all others have no target."""


@pytest.fixture(scope="module")
def customers() -> Iterator[Receiver]:
    """The service that takes messages to customers, and what it was given."""
    with http_receiver() as service:
        yield service


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def workers(
    temporal_env: WorkflowEnvironment, engine: Engine, customers: Receiver
) -> AsyncIterator[None]:
    """What runs in production, put together the same way."""
    settings = load_settings(
        database_url=engine.url.render_as_string(hide_password=False),
        encryption_key=base64.b64encode(ENCRYPTION_KEY).decode(),
        sandbox=True,
        shutdown_seconds=1,
    )
    client = temporal_env.client
    with http_receiver() as service:
        service.answers(410, {"error": "this hook was removed"})
        targets = Targets(
            {
                f"lead:{UNREACHABLE}": [service.target("webhook")],
                CUSTOMER: [customers.target("webhook")],
            }
        )
        async with (
            notice_worker(client, targets, settings),
            complaint_worker(client, engine, settings, queue=QUEUE, sealed_only=False),
        ):
            yield


@pytest_asyncio.fixture(loop_scope="session")
async def open_case(temporal_env: WorkflowEnvironment, engine: Engine, workers: None) -> AsyncIterator[Opens]:
    """Opens complaints with some fields of the test's own; those that still run are ended with the test."""
    opened: list[Case] = []

    async def open_one(policy: Policy | None = None, **fields: Any) -> Case:
        given = {"source": "case", "reference": str(next(_numbers)), **fields}
        registration = Envelope(
            id="registration",
            actor=PEOPLE[Role.SYSTEM],
            received_at=datetime.now(UTC),
            command=example(Register, **given),
        )
        handle, is_new = await start(
            temporal_env.client,
            registration,
            policy or builtin(),
            task_queue=QUEUE,
            continue_after=NEVER,
        )
        assert is_new
        opened.append(Case(temporal_env, handle, engine))
        return opened[-1]

    yield open_one
    for case in opened:
        with contextlib.suppress(RPCError):  # it has ended by itself
            await case.handle.terminate("the test is over")


@pytest_asyncio.fixture(loop_scope="session")
async def case(open_case: Opens) -> Case:
    """王秀英's electricity bill, just registered under the built-in policy."""
    return await open_case()
