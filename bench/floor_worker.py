"""The floor's worker process, with the same sizes and settings as ours.

`--sandbox` runs its workflows in the SDK's sandbox, which is what a worker does unless told otherwise.
"""

from __future__ import annotations

import asyncio
import os
import signal
import sys
from concurrent.futures import ThreadPoolExecutor

from psycopg_pool import ConnectionPool
from temporalio.worker import UnsandboxedWorkflowRunner, Worker
from temporalio.worker.workflow_sandbox import SandboxedWorkflowRunner

import worker
from bench.floor import QUEUE, Floor, Lines, conninfo
from workflows.client import connect
from workflows.settings import load_settings


async def _main(*, sandbox: bool) -> None:
    settings = load_settings()
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    client = await connect(settings)
    with ConnectionPool(
        conninfo(settings), min_size=settings.activities, max_size=settings.activities
    ) as pool:
        async with Worker(
            client,
            task_queue=QUEUE,
            workflows=[Floor],
            activities=[Lines(pool).write],
            activity_executor=ThreadPoolExecutor(settings.activities, "write"),
            max_concurrent_activities=settings.activities,
            max_concurrent_workflow_tasks=settings.workflow_tasks,
            max_cached_workflows=settings.cached_complaints,
            build_id=worker.BUILD,
            workflow_runner=SandboxedWorkflowRunner() if sandbox else UnsandboxedWorkflowRunner(),
        ):
            await stop.wait()


if __name__ == "__main__":
    asyncio.run(_main(sandbox="--sandbox" in sys.argv))
    os._exit(0)  # the SDK may abort in the interpreter's own shutdown
