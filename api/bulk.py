"""Several commands at once: each complaint's in their order, several complaints beside each other, each item answered."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import structlog

from api.bodies import Heading
from api.problems import Said, is_expected, said
from api.sending import send
from api.services import Services
from api.shapes import BulkAnswer, BulkItem, BulkResult, ProblemDocument
from complaints.permissions import Caller
from complaints.wire import parse, read
from workflows.client import Unavailable

log = structlog.get_logger()

_BESIDES = 8
"""How many complaints are worked on at once, so that one request leaves room for others."""

_SECONDS = 15.0
"""After that long what is left is answered as unavailable; to send all again with the same key does it once."""


async def run(
    services: Services, caller: Caller, items: Sequence[Mapping[str, Any]], key: str | None
) -> BulkAnswer:
    """Send all of them, and say what became of each."""
    until = asyncio.get_running_loop().time() + _SECONDS
    room = asyncio.Semaphore(_BESIDES)
    results: dict[int, BulkResult] = {}
    threads: dict[str, list[int]] = {}
    for index, item in enumerate(items):
        threads.setdefault(str(item.get("number")), []).append(index)

    async def follow(indices: Sequence[int]) -> None:
        async with room:
            for index in indices:
                results[index] = await _one(services, caller, items[index], index, key, until)

    async with asyncio.TaskGroup() as group:
        for indices in threads.values():
            group.create_task(follow(indices))
    return BulkAnswer(results=tuple(results[index] for index in range(len(items))))


async def _one(
    services: Services, caller: Caller, item: Mapping[str, Any], index: int, key: str | None, until: float
) -> BulkResult:
    number = item.get("number")
    shown = number if isinstance(number, str) else None
    try:
        wanted = read(BulkItem, json.dumps(item).encode())
        heading = Heading(
            key=wanted.id or _name(key, index),
            received_at=wanted.received_at or datetime.now(UTC),
            expected_seq=wanted.expected_seq,
        )
        async with asyncio.timeout_at(until):
            answer = await send(services, caller, wanted.number, heading, wanted.command)
    except TimeoutError:
        return _refused(index, shown, said(Unavailable("there was no time left for it")))
    except Exception as error:  # noqa: BLE001 - the others have nothing to do with it
        if not is_expected(error):
            log.error("a command of several failed", kind=type(error).__qualname__)  # noqa: TRY400 - its words are private
        return _refused(index, shown, said(error))
    return BulkResult(index=index, number=wanted.number, status=200, answer=answer)


def _name(key: str | None, index: int) -> str | None:
    return f"{key}.{index}" if key else None


def _refused(index: int, number: str | None, problem: Said) -> BulkResult:
    document = parse(ProblemDocument, problem.document())
    return BulkResult(index=index, number=number, status=problem.kind.status.value, problem=document)
