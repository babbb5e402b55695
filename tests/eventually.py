"""Assertions on what becomes true in its own time."""

import asyncio
import inspect
import time
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar, overload

T = TypeVar("T")

_FIRST_PAUSE_SECONDS = 0.01
_LONGEST_PAUSE_SECONDS = 0.25


@overload
async def eventually(check: Callable[[], Awaitable[T]], timeout: float = 10) -> T: ...


@overload
async def eventually(check: Callable[[], T], timeout: float = 10) -> T: ...


async def eventually(check: Callable[[], Any], timeout: float = 10) -> Any:
    """Repeat `check`, a plain or an async function, until it raises no AssertionError; its answer is ours.

    Any other exception ends the wait at once. When `timeout` seconds have passed the last AssertionError is raised.
    """
    deadline = time.monotonic() + timeout
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            answer = check()
            return await answer if inspect.isawaitable(answer) else answer
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        await asyncio.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)


def eventually_sync(check: Callable[[], T], timeout: float = 10) -> T:
    """`eventually` for tests without an event loop; do not block one with it."""
    deadline = time.monotonic() + timeout
    pause = _FIRST_PAUSE_SECONDS
    while True:
        try:
            return check()
        except AssertionError:
            if time.monotonic() > deadline:
                raise
        time.sleep(pause)
        pause = min(2 * pause, _LONGEST_PAUSE_SECONDS)
