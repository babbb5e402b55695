"""Where the lives are played: a real Temporal server whose clocks jump, a real PostgreSQL, the real workers.

Everything is on loopback and ends with us.

    home/postgres    the database's folder, kept because making one takes seconds; the database in it is new every time
    home/demo.log    what the workers say, with the notices that nobody is there to receive
    home/*.yaml      the rules and the people of an invented town, with the dates of this time
"""

from __future__ import annotations

import asyncio
import base64
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from sqlalchemy import Engine
from sqlalchemy.orm import Session
from temporalio.client import Client
from temporalio.testing import TimeSkipper, TimeSkippingConfig

from activities.targets import Targets
from cli.demo import rules
from complaints.org import Org
from complaints.policy import Policy
from complaints.policy_file import builtin
from complaints.working_time import Zone, local_time
from db import org as stored
from db.engine import make_engine
from db.keys import Keys
from db.migrate import upgrade
from stack.postgres import Postgres
from stack.temporal import TemporalServer
from worker import complaint_worker, make_runtime, notice_worker
from workflows import client as door
from workflows import names
from workflows.converter import generate_key
from workflows.logs import configure_logs
from workflows.settings import Settings, load_settings

DATABASE = "demo"

_USUAL_POLICY = "default"

_ACTIVITIES = 8
_HELD_BACK = TimeSkippingConfig(
    enabled=False,  # until asked for: on, a complaint would live its whole life before anybody has said a word
    max_session_skip_count=100_000,  # the server's default is 200 jumps, after which it waits for ever
)


@dataclass(frozen=True)
class Stage:
    """What runs, and when day 1 is.

    Attributes:
        policies: By name, see `cli.demo.rules`.
        monday: Day 1 of every life, in local time: the next one that has not begun.
        seconds: How long it took to set up.
    """

    client: Client
    keys: Keys
    skipper: TimeSkipper
    engine: Engine
    policies: Mapping[str, Policy]
    monday: date
    seconds: float

    @property
    def zone(self) -> Zone:
        """The zone whose clocks hang on the organisation's walls."""
        return self.policies[_USUAL_POLICY].zone


@asynccontextmanager
async def set_up(home: Path) -> AsyncIterator[Stage]:
    """Start everything, and stop it in the end, however that comes.

    Raises:
        StackError: One of the servers cannot be started.
    """
    began = time.monotonic()
    database = Postgres(home / "postgres", durable=False, usual_port=None)
    server = TemporalServer(
        None,
        search_attributes=names.SEARCH_ATTRIBUTES,
        time_skipping=True,
        usual_port=None,
        usual_ui_port=None,
    )
    async with AsyncExitStack() as running:
        running.callback(server.stop)
        running.callback(database.stop)
        _, url = await asyncio.gather(asyncio.to_thread(server.start), asyncio.to_thread(_fresh, database))
        settings = _settings(url, server)
        log = running.enter_context((home / "demo.log").open("w", encoding="utf-8"))
        configure_logs(settings, log)
        client = await door.connect(settings, runtime=make_runtime(settings))
        skipper = TimeSkipper(client, config=_HELD_BACK)
        engine = make_engine(url, pool_size=2 * _ACTIVITIES + 1, application_name="redress-demo")
        running.callback(engine.dispose)
        monday = _next_monday(builtin(_USUAL_POLICY).zone, datetime.now().astimezone())
        policies = await asyncio.to_thread(rules.policies, home, monday)
        keys = Keys(engine, settings.masters)
        await asyncio.to_thread(_employ, engine, rules.people(home, monday), keys)
        workers = (
            notice_worker(skipper.client, Targets(), settings, engine=engine),
            complaint_worker(skipper.client, engine, settings),
        )
        for worker in workers:
            await running.enter_async_context(worker)
        yield Stage(skipper.client, keys, skipper, engine, policies, monday, time.monotonic() - began)


def _fresh(database: Postgres) -> str:
    """Start it with an empty database that has our tables, and return its address."""
    database.start()
    database.drop_database(DATABASE)
    database.create_database(DATABASE)
    url = database.url(DATABASE)
    upgrade(url)
    return url


def _employ(engine: Engine, org: Org, keys: Keys) -> None:
    """Store who works here: notices find their people by it."""
    with Session(engine) as session:
        stored.replace(session, org, by="demo", at=datetime.now(UTC), key=keys.columns)
        session.commit()


def _settings(url: str, server: TemporalServer) -> Settings:
    """Nothing comes from the environment: the demonstration must not meet the servers of a real installation."""
    return load_settings(
        database_url=url,
        encryption_key=base64.b64encode(generate_key()).decode(),
        temporal_address=server.address,
        temporal_namespace=server.namespace,
        temporal_tls=False,
        temporal_api_key=None,
        policy=_USUAL_POLICY,
        targets_file=None,
        language="zh",
        metrics_address=None,
        activities=_ACTIVITIES,
        deliveries=_ACTIVITIES,
        workflow_tasks=12,
        cached_complaints=2000,
        shutdown_seconds=5,
    )


def _next_monday(zone: Zone, now: datetime) -> date:
    today = local_time(zone, now).date()
    return today + timedelta(days=7 - today.weekday())
