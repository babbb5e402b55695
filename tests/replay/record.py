"""Records the histories that every later release must replay: `make record-histories`.

Real complaints live on a real Temporal server with a real PostgreSQL and a real service that takes or refuses
notices; what the server wrote down goes to `tests/replay/VERSION/`, VERSION being pyproject.toml's. Run it once when a
release is made. Before the first release also after every change of what the workflow does; the histories of a
release that is out are never recorded again, since they are what its users have.

The key beside this file encrypts nothing but these invented complaints.
"""

from __future__ import annotations

import asyncio
import logging
import os
import shutil
import sys
import tempfile
import tomllib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import AsyncExitStack, ExitStack, asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path

import structlog
from sqlalchemy.orm import Session
from temporalio.client import Client
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from activities.targets import CUSTOMER, Targets
from audit.export import dump, fetch
from complaints.org_file import load
from db import org as organisation
from db.engine import make_engine
from db.keys import Keys
from db.migrate import upgrade
from stack.postgres import Postgres
from stack.temporal import TemporalServer, temporal_cli
from stack.temporal_knobs import server_options
from tests.integration.channel_servers import http_receiver
from tests.replay.matters import MATTERS, RecordedMatter
from tests.replay.scripts import HURRYING, JUMPING, Recorded
from worker import complaint_worker, notice_worker
from workflows import names
from workflows.client import connect
from workflows.converter import data_converter
from workflows.settings import Settings, load_settings

HERE = Path(__file__).parent
KEY = HERE / "key.txt"
Script = Callable[[Recorded], Awaitable[None]]


async def main(folder: Path) -> None:
    """Record every life, then put the new histories in the place of the old ones."""
    with ExitStack() as stack:
        scratch = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        postgres = stack.enter_context(Postgres(scratch / "postgres", durable=False, usual_port=None))
        postgres.create_database("recording")
        upgrade(postgres.url("recording"))
        told, refuses = (stack.enter_context(http_receiver()) for _ in range(2))
        refuses.answers(404)
        targets = Targets(
            {
                "lead": [told.target("webhook")],
                "customer_service": [refuses.target("webhook")],
                CUSTOMER: [told.target("webhook")],
            }
        )
        settings = load_settings(
            database_url=postgres.url("recording"),
            encryption_key=KEY.read_text().split()[-1],
            bundle_seconds=0,  # in seconds of the wall, which here are days
        )
        employ(settings)
        histories = await _jumping(settings, targets) + await _hurrying(settings, targets)
    _replace(folder, histories)


def _replace(folder: Path, histories: Iterable[tuple[str, str]]) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    (folder / "matters").mkdir()
    for name, text in histories:
        (folder / f"{name}.json").write_text(text, encoding="utf-8")
        print(f"{name:28} {len(text) // 1024:5} kB")


async def _jumping(settings: Settings, targets: Targets) -> list[tuple[str, str]]:
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False, max_session_skip_count=100_000),
        data_converter=data_converter(settings.masters),
        dev_server_existing_path=str(temporal_cli()),
        dev_server_log_level="error",
        dev_server_extra_args=server_options(names.SEARCH_ATTRIBUTES, time_skipping=True),
    )
    async with environment:
        lived = await _lived(environment.client, settings, targets, JUMPING, environment)
        return [*lived, *await matters(environment, settings, targets)]


async def matters(
    environment: WorkflowEnvironment, settings: Settings, targets: Targets
) -> list[tuple[str, str]]:
    """Record the lives of matters, one after the other."""
    histories = []
    async with workers(environment.client, settings, targets):
        for script in MATTERS:
            life = RecordedMatter(environment, script.__name__)
            await asyncio.wait_for(script(life), 120)
            history = await environment.client.get_workflow_handle(life.id).fetch_history()
            histories.append((f"matters/{life.name}", f"{history.to_json()}\n"))
    return histories


async def _hurrying(settings: Settings, targets: Targets) -> list[tuple[str, str]]:
    server = TemporalServer(
        None, search_attributes=names.SEARCH_ATTRIBUTES, usual_port=None, usual_ui_port=None
    )
    with server:
        client = await connect(settings.model_copy(update={"temporal_address": server.address}))
        return await _lived(client, settings, targets, HURRYING, None)


async def _lived(
    client: Client,
    settings: Settings,
    targets: Targets,
    scripts: Iterable[Script],
    environment: WorkflowEnvironment | None,
) -> list[tuple[str, str]]:
    async def live(script: Script) -> tuple[str, str]:
        life = Recorded(client, keys, script.__name__, environment)
        await asyncio.wait_for(script(life), 60)
        await life.rest()
        return life.name, dump(life.number, await fetch(client, life.number))

    engine = make_engine(settings.database_url.get_secret_value(), application_name="recording")
    keys = Keys(engine, settings.masters)
    async with workers(client, settings, targets), asyncio.TaskGroup() as lives:
        tasks = [lives.create_task(live(script), name=script.__name__) for script in scripts]
    engine.dispose()
    return [task.result() for task in tasks]


def employ(settings: Settings) -> None:
    """Store who works here: notices go to the people who answer for them."""
    engine = make_engine(settings.database_url.get_secret_value(), pool_size=1)
    with Session(engine) as session:
        org = load(HERE / "people.yaml")
        organisation.replace(
            session, org, by="recorder", at=datetime.now(UTC), key=Keys(engine, settings.masters).columns
        )
        session.commit()
    engine.dispose()


@asynccontextmanager
async def workers(client: Client, settings: Settings, targets: Targets) -> AsyncIterator[None]:
    engine = make_engine(
        settings.database_url.get_secret_value(), pool_size=settings.activities + settings.deliveries
    )
    async with AsyncExitStack() as stack:
        stack.callback(engine.dispose)
        await stack.enter_async_context(notice_worker(client, targets, settings, engine=engine))
        await stack.enter_async_context(complaint_worker(client, engine, settings))
        yield


if __name__ == "__main__":
    logging.disable()
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    version = tomllib.loads((HERE.parents[1] / "pyproject.toml").read_text())["project"]["version"]
    asyncio.run(main(Path(sys.argv[1]) if len(sys.argv) > 1 else HERE / version))
    sys.stdout.flush()
    os._exit(0)  # the SDK may abort in the interpreter's own shutdown (sdk-python issue 300)
