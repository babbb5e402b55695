"""From a role to a person on clocks that jump: who is told, when, and what stands in the ledger of it.

These have a server and a database of their own: an organisation changes who is told in every complaint.
"""

from __future__ import annotations

import base64
import contextlib
import itertools
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, time, timedelta

import pytest
import pytest_asyncio
from sqlalchemy import Engine
from temporalio.service import RPCError
from temporalio.testing import TimeSkippingConfig, WorkflowEnvironment

from activities.targets import Targets
from complaints import commands as c
from complaints.commands import Envelope, Register
from complaints.lifecycle import Stage
from complaints.policy import ClockRule, Policy, QuietHours, Rung
from complaints.policy_file import builtin
from complaints.records import Clock, ClockName, Notice, NoticeStatus
from complaints.vocabulary import Role
from complaints.working_time import Budget, Unit, local_time
from db.engine import make_engine
from db.masters import Masters
from stack.temporal import temporal_cli
from stack.temporal_knobs import server_options
from tests.conftest import ENCRYPTION_KEY, SEARCH_ATTRIBUTES
from tests.databases import Databases
from tests.eventually import eventually
from tests.integration.channel_servers import Receiver, http_receiver
from tests.integration.staff import member, take_on
from tests.lives import PEOPLE, example, hours
from tests.workflow.cases import QUEUE, Case
from worker import complaint_worker, notice_worker
from workflows.client import start
from workflows.converter import data_converter
from workflows.settings import load_settings

Opens = Callable[..., Awaitable[Case]]

NIGHT = QuietHours(start=time(22), end=time(7))
_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def engine(databases: Databases) -> Iterator[Engine]:
    with databases.migrated() as url:
        engine = make_engine(url)
        yield engine
        engine.dispose()


@pytest.fixture(scope="module")
def service() -> Iterator[Receiver]:
    with http_receiver() as receiver:
        yield receiver


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def env(engine: Engine, service: Receiver) -> AsyncIterator[WorkflowEnvironment]:
    """Our workers, with the organisation that they find in the database."""
    take_on(
        engine,
        member("zhang.wei", Role.HANDLER, service=service),
        member("chen.jing", Role.LEAD, service=service),
        member("liu.min", Role.CUSTOMER_SERVICE, service=service, department="service"),
    )
    settings = load_settings(
        database_url=engine.url.render_as_string(hide_password=False),
        encryption_key=base64.b64encode(ENCRYPTION_KEY).decode(),
        shutdown_seconds=1,
        bundle_seconds=0,
    )
    environment = await WorkflowEnvironment.start_time_skipping_v2(
        ts_config=TimeSkippingConfig(enabled=False, max_session_skip_count=100_000),
        data_converter=data_converter(Masters([ENCRYPTION_KEY])),
        dev_server_existing_path=str(temporal_cli()),
        dev_server_log_level="error",
        dev_server_extra_args=server_options(SEARCH_ATTRIBUTES, time_skipping=True),
    )
    async with (
        environment,
        notice_worker(environment.client, Targets(), settings, engine=engine),
        complaint_worker(environment.client, engine, settings, queue=QUEUE, sealed_only=False),
    ):
        yield environment


@pytest_asyncio.fixture(loop_scope="session")
async def open_case(env: WorkflowEnvironment, engine: Engine) -> AsyncIterator[Opens]:
    opened: list[Case] = []

    async def open_one(policy: Policy) -> Case:
        registration = Envelope(
            id="registration",
            actor=PEOPLE[Role.SYSTEM],
            received_at=datetime.now(UTC),
            command=example(Register, source="routing", reference=str(next(_numbers))),
        )
        handle, _ = await start(env.client, registration, policy, task_queue=QUEUE, continue_after=1_000_000)
        opened.append(Case(env, handle, engine))
        return opened[-1]

    yield open_one
    for case in opened:
        with contextlib.suppress(RPCError):
            await case.handle.terminate("the test is over")


def due_at_night(*, keeps_quiet: bool) -> Policy:
    """The investigation is due between two and three in the morning; all else has time."""
    policy = builtin()
    now = local_time(policy.zone, datetime.now(UTC))
    budget = Budget(amount=(26 - now.hour) % 24 or 24, unit=Unit.CALENDAR_HOURS)
    rung = Rung(audience=Role.LEAD, acknowledge_within=hours(2), keeps_quiet=keeps_quiet)
    late = ClockRule(budget=Budget(amount=60, unit=Unit.CALENDAR_DAYS))
    clocks: dict[ClockName, ClockRule] = {**policy.clocks}
    clocks.update({name: late for name in policy.clocks if name != ClockName.APPEAL})
    clocks[ClockName.INVESTIGATION] = ClockRule(budget=budget)
    return replace(
        policy,
        clocks=clocks,
        ladders={"default": (rung, Rung(audience=Role.EXECUTIVE))},
        quiet=NIGHT,
    )


async def missed_at_night(open_case: Opens, *, keeps_quiet: bool) -> tuple[Case, Clock]:
    case = await open_case(due_at_night(keeps_quiet=keeps_quiet))
    await case.to(Stage.INVESTIGATION)
    await case.wait_until((await case.clock(ClockName.INVESTIGATION)).due_at)
    return case, await case.clock(ClockName.INVESTIGATION)


async def own_notice(case: Case, clock: Clock, status: NoticeStatus) -> Notice:
    """The notice of the person who was found, once it has come so far."""

    async def look() -> Notice:
        notices = (await case.look()).notices.values()
        found = [n for n in notices if n.clock == clock.key and n.part_of and n.audience == Role.LEAD]
        assert [n.status for n in found] == [status]
        return found[0]

    return await eventually(look, 20)


async def test_a_missed_deadline_reaches_the_lead_in_person(open_case: Opens, service: Receiver) -> None:
    case, clock = await missed_at_night(open_case, keeps_quiet=False)
    told = await own_notice(case, clock, NoticeStatus.DELIVERED)
    assert told.recipient == "person:chen.jing"
    assert service.got[-1].path == "/chen.jing"
    settled = await case.clock(ClockName.INVESTIGATION)
    assert settled.delivered_at == told.delivered_at


async def test_who_was_found_and_why_stands_in_the_ledger(open_case: Opens) -> None:
    case, clock = await missed_at_night(open_case, keeps_quiet=False)
    await own_notice(case, clock, NoticeStatus.DELIVERED)
    facts = await case.facts()
    routed = [name for name in facts if name.startswith("Notice")]
    assert routed[-3:] == ["NoticeQueued", "NoticeRouted", "NoticeDelivered"]


async def test_quiet_hours_move_the_notice_and_nothing_else(open_case: Opens, service: Receiver) -> None:
    case, clock = await missed_at_night(open_case, keeps_quiet=True)
    waiting = await own_notice(case, clock, NoticeStatus.QUEUED)
    assert waiting.not_before is not None
    assert local_time(builtin().zone, waiting.not_before).time() == time(7)
    breached = await case.clock(ClockName.INVESTIGATION)
    assert breached.breached_at is not None
    assert breached.breached_at - breached.due_at < timedelta(seconds=2)
    answer = await case.clock(ClockName.ACKNOWLEDGEMENT)
    assert answer.due_at - breached.breached_at == timedelta(hours=2)
    await case.wait_until(waiting.not_before)
    told = await own_notice(case, clock, NoticeStatus.DELIVERED)
    own = [request for request in service.got if request.json["id"] == told.id]
    assert len(own) == 1
    assert told.delivered_at is not None
    assert timedelta() <= told.delivered_at - waiting.not_before < timedelta(minutes=1)


async def test_what_is_settled_before_the_morning_wakes_nobody(open_case: Opens, service: Receiver) -> None:
    case, clock = await missed_at_night(open_case, keeps_quiet=True)
    waiting = await own_notice(case, clock, NoticeStatus.QUEUED)
    await case.do(c.LinkDuplicate)
    await own_notice(case, clock, NoticeStatus.WITHDRAWN)
    await case.result()  # and it does not wait for the morning either
    assert not [request for request in service.got if request.json["id"] == waiting.id]
