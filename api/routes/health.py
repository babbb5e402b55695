"""Health: whether this process lives, and whether it can serve."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from starlette.responses import JSONResponse
from temporalio.api.enums.v1 import TaskQueueType
from temporalio.api.taskqueue.v1 import TaskQueue
from temporalio.api.workflowservice.v1 import DescribeNamespaceRequest, DescribeTaskQueueRequest
from temporalio.service import RPCError

from activities.names import COMPLAINTS_QUEUE
from api.doors import public
from api.routes.router import make_router
from api.services import Known, Services
from api.shapes import Alive, Readiness
from complaints.wire import plain
from db.migrate import has_current_tables

router = make_router(tags=["health"])

_PATIENCE = timedelta(seconds=3)
_POLLED_WITHIN = timedelta(seconds=75)
"""A worker asks again after a minute at the latest; the server remembers it for five."""


@router.get("/livez", **public(answers={200: Alive}))
async def livez() -> JSONResponse:
    """Say that the process answers."""
    return JSONResponse(plain(Alive()))


@router.get("/readyz", **public(answers={200: Readiness, 503: Readiness}))
async def readyz(services: Known) -> JSONResponse:
    """Say whether requests can be served; otherwise 503, with what is missing and why."""
    checks: dict[str, Callable[[Services], Awaitable[str | None]]] = {
        "postgresql": _postgresql,
        "temporal": _temporal,
    }
    faults = await asyncio.gather(*(_within(check(services)) for check in checks.values()))
    missing = {name: fault for name, fault in zip(checks, faults, strict=True) if fault}
    if "temporal" not in missing and (fault := await _within(_workers(services))):
        missing["workers"] = fault
    found = Readiness(ready=not missing, missing=missing)
    headers = {"Cache-Control": "no-store"} | ({"Retry-After": "5"} if missing else {})
    return JSONResponse(plain(found), 503 if missing else 200, headers)


async def _within(check: Awaitable[str | None]) -> str | None:
    try:
        async with asyncio.timeout(_PATIENCE.total_seconds()):
            return await check
    except TimeoutError:
        return "does not answer in time"


async def _postgresql(services: Services) -> str | None:
    try:
        await services.records.ask(_select_one)
        current = await asyncio.to_thread(has_current_tables, services.records.engine)
    except SQLAlchemyError:
        return "does not answer"
    return None if current else "its tables are not those of this version: redress migrate"


def _select_one(session: Session) -> None:
    session.execute(text("SELECT 1"))


async def _temporal(services: Services) -> str | None:
    client = services.client
    try:
        await client.workflow_service.describe_namespace(
            DescribeNamespaceRequest(namespace=client.namespace), timeout=_PATIENCE
        )
    except (RPCError, RuntimeError):  # a client that never got through raises the latter
        return "does not answer, or has no such namespace"
    return None


async def _workers(services: Services) -> str | None:
    client = services.client
    asked = DescribeTaskQueueRequest(
        namespace=client.namespace,
        task_queue=TaskQueue(name=COMPLAINTS_QUEUE),
        task_queue_type=TaskQueueType.TASK_QUEUE_TYPE_WORKFLOW,
    )
    try:
        described = await client.workflow_service.describe_task_queue(asked, timeout=_PATIENCE)
    except (RPCError, RuntimeError):
        return "Temporal does not say who works"
    since = datetime.now(UTC) - _POLLED_WITHIN
    at_work = [each for each in described.pollers if each.last_access_time.ToDatetime(UTC) > since]
    return None if at_work else "no worker asks for work"
