"""The composition root: reads the settings, connects, registers, runs until it is told to stop.

SIGTERM or SIGINT lets work in flight finish; a second one stops at once.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AsyncExitStack
from datetime import timedelta
from importlib.metadata import version

import structlog
from sqlalchemy import Engine
from temporalio.client import Client
from temporalio.runtime import (
    LogForwardingConfig,
    LoggingConfig,
    PrometheusConfig,
    Runtime,
    TelemetryConfig,
    TelemetryFilter,
)
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner, SandboxRestrictions

from activities.bundles import Bundles
from activities.duty import Duty
from activities.hot_spots import HotSpots
from activities.intake import Intake
from activities.matter_records import MatterRecords
from activities.names import COMPLAINTS_QUEUE, NOTICES_QUEUE
from activities.notices import Notices
from activities.opening import Openings
from activities.records import Records
from activities.retention import Retention
from activities.targets import Targets, TargetsError
from activities.together import Together
from activities.webhooks.addresses import Addresses
from activities.webhooks.pump import Pump
from activities.work import Batch, MatterBatch, MatterStart, NoticeWork
from complaints.commands import Envelope
from complaints.delivery import Delivery
from complaints.matters import commands as matter_commands
from complaints.matters import view as matter_view
from complaints.policy_file import named
from complaints.view import Answer, View
from db.engine import make_engine
from db.keys import Keys
from files.forgetting import forget_files
from workflows.client import Unavailable, connect, register_search_attributes
from workflows.complaint import Complaint, Start
from workflows.converter import prepare
from workflows.hot_spots import WatchHotSpots
from workflows.logs import configure_logs
from workflows.matter import Matter
from workflows.retention import KeepRetention
from workflows.sealed_only import SealedOnly
from workflows.settings import Settings, SettingsError, load_settings, networks
from workflows.together import AnswerTogether, CollectReview

OURS = ("activities", "complaints", "db", "workflows", "annotated_types", "cryptography", "structlog", "yaml")
"""Modules that the sandbox shares with us instead of importing them anew for every complaint."""

BUILD = "redress-" + version("redress")
"""Named here, or every worker would hash all modules it has loaded."""

log = structlog.get_logger()


def complaint_worker(
    client: Client,
    engine: Engine,
    settings: Settings,
    *,
    queue: str = COMPLAINTS_QUEUE,
    sealed_only: bool = True,
) -> Worker:
    """Make the worker that runs complaints and matters, and writes their records, each on a thread of its own.

    Args:
        sealed_only: Turn away commands whose personal values come in clear.
    """
    prepare(Start, Envelope, Answer, View, Batch, NoticeWork, Delivery)
    prepare(MatterStart, MatterBatch, matter_commands.Envelope, matter_view.Answer, matter_view.View)
    keys = Keys(engine, settings.masters)
    together = Together(client, engine, keys)
    hot_spots = HotSpots(engine, client)
    return Worker(
        client,
        task_queue=queue,
        build_id=BUILD,
        workflows=[Complaint, Matter, AnswerTogether, CollectReview, WatchHotSpots, KeepRetention],
        activities=[
            Records(engine, keys).record,
            MatterRecords(engine).record_matter,
            Openings(client).open,
            together.list_children,
            together.tell,
            together.collect,
            hot_spots.find,
            hot_spots.add,
            Retention(engine, lambda numbers: _forget_files(settings, keys, numbers)).forget_due,
            Intake(engine, keys, lambda: named(settings.policy)).take_in,
        ],
        activity_executor=ThreadPoolExecutor(settings.activities, "record"),
        max_concurrent_activities=settings.activities,
        max_concurrent_workflow_tasks=settings.workflow_tasks,
        max_cached_workflows=settings.cached_complaints,
        interceptors=[SealedOnly()] if sealed_only else [],
        workflow_runner=_sandbox() if settings.sandbox else UnsandboxedWorkflowRunner(),
        graceful_shutdown_timeout=timedelta(seconds=settings.shutdown_seconds),
    )


def _forget_files(settings: Settings, keys: Keys, numbers: Sequence[str]) -> None:
    forget_files(settings.files, keys.data_key, numbers)


def _sandbox() -> SandboxedWorkflowRunner:
    """The SDK's watch over workflow code, for tests: lint and strict replay guard what is shipped."""
    return SandboxedWorkflowRunner(SandboxRestrictions.default.with_passthrough_modules(*OURS))


def notice_worker(
    client: Client,
    targets: Targets,
    settings: Settings,
    *,
    engine: Engine | None = None,
    queue: str = NOTICES_QUEUE,
) -> Worker:
    """Make the worker that delivers notices, apart from all else.

    Args:
        engine: Where the organisation stands, and what was sent. Without one, notices go to the targets of their
            roles, each alone.
    """
    bundles = Bundles(engine, gap=timedelta(seconds=settings.bundle_seconds))
    duty = Duty(engine, _columns(engine, settings)) if engine else None
    opens = Keys(engine, settings.masters).opened if engine else None
    notices = Notices(targets, settings.language, bundles=bundles, duty=duty, opens=opens)
    return Worker(
        client,
        task_queue=queue,
        build_id=BUILD,
        activities=[notices.deliver],
        activity_executor=ThreadPoolExecutor(settings.deliveries, "deliver"),
        max_concurrent_activities=settings.deliveries,
        graceful_shutdown_timeout=timedelta(seconds=settings.shutdown_seconds),
    )


def webhook_pump(engine: Engine, settings: Settings) -> Pump:
    """Make the pump that sends webhooks, on threads of its own: a receiver that hangs holds up nothing else."""
    addresses = Addresses(networks(settings.webhook_allow_private))
    return Pump(engine, _columns(engine, settings), addresses, threads=settings.webhooks)


def _columns(engine: Engine, settings: Settings) -> Callable[[], Sequence[bytes]]:
    keys = Keys(engine, settings.masters)
    return lambda: keys.columns


async def run(settings: Settings, stop: asyncio.Event) -> None:
    """Run both workers, and the pump of webhooks, until `stop` is set, then let them finish what they hold."""
    url = settings.database_url.get_secret_value()
    engine = make_engine(url, pool_size=settings.activities)
    for_notices = make_engine(url, pool_size=settings.deliveries, application_name="redress notices")
    targets = Targets.read(settings.targets_file)
    client = await connect(settings, runtime=make_runtime(settings))
    await register_search_attributes(client)
    for_webhooks = make_engine(url, pool_size=settings.webhooks + 1, application_name="redress webhooks")
    async with AsyncExitStack() as workers:
        workers.callback(engine.dispose)
        workers.callback(for_notices.dispose)
        workers.callback(for_webhooks.dispose)
        await workers.enter_async_context(notice_worker(client, targets, settings, engine=for_notices))
        await workers.enter_async_context(complaint_worker(client, engine, settings))
        if settings.webhooks:
            pump = webhook_pump(for_webhooks, settings)
            pump.start()
            workers.push_async_callback(asyncio.to_thread, pump.stop)
        log.info("worker ready", temporal=settings.temporal_address, namespace=settings.temporal_namespace)
        await stop.wait()
        log.info("worker stops", seconds=settings.shutdown_seconds)


def make_runtime(settings: Settings) -> Runtime:
    """One runtime a process: the SDK's metrics for Prometheus, the words of its core among our own logs."""
    metrics = (
        PrometheusConfig(bind_address=settings.metrics_address, counters_total_suffix=True, unit_suffix=True)
        if settings.metrics_address
        else None
    )
    words = LoggingConfig(
        filter=TelemetryFilter(core_level="WARN", other_level="ERROR"),
        forwarding=LogForwardingConfig(logger=logging.getLogger("temporalio.core")),
    )
    return Runtime(telemetry=TelemetryConfig(logging=words, metrics=metrics))


def _stop_on_signals(stop: asyncio.Event) -> None:
    def on_signal() -> None:
        if stop.is_set():
            os._exit(130)
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, on_signal)


async def _main() -> int:
    try:
        settings = load_settings()
        configure_logs(settings)
        stop = asyncio.Event()
        _stop_on_signals(stop)
        await run(settings, stop)
    except (SettingsError, TargetsError, Unavailable) as error:
        sys.stderr.write(f"worker: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    code = asyncio.run(_main())
    sys.stderr.flush()
    os._exit(code)  # the SDK may abort in the interpreter's own shutdown (sdk-python issue 300)
