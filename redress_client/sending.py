"""How calls are sent: again where that may help, under the same idempotency key, and never differently."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import contextmanager, nullcontext
from pathlib import Path
from types import TracebackType
from typing import Any, Self, TypeVar

import httpx

from redress_client.calls import Call
from redress_client.errors import NoAnswer, error_of
from redress_client.waiting import Patience

T = TypeVar("T")
P = TypeVar("P")
Item = TypeVar("Item")


def _headers(key: str | None) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"} if key else {}


@contextmanager
def _request(client: httpx.Client | httpx.AsyncClient, call: Call[Any]) -> Iterator[httpx.Request]:
    """Make a request; its file is open as long as it is being sent."""
    given: dict[str, Any] = {"params": call.params, "headers": call.headers}
    if call.body is not None:
        given["json"] = call.body
    if call.file is None:
        yield client.build_request(call.method, call.path, **given)
        return
    name, kind, source = call.file
    with source.open("rb") if isinstance(source, Path) else nullcontext(source) as content:
        if not isinstance(content, bytes):
            content.seek(0)
        given["files"] = {"file": (name, content, kind or "application/octet-stream")}
        yield client.build_request(call.method, call.path, **given)


class Sender:
    """Sends calls, one at a time."""

    def __init__(
        self,
        base_url: str,
        credential: str | None = None,
        *,
        patience: Patience | None = None,
        timeout: float = 30.0,
        headers: Mapping[str, str] | None = None,
        transport: httpx.BaseTransport | None = None,
    ) -> None:
        """Make a client.

        Args:
            credential: An API key, or a person's token.
            timeout: Seconds for one attempt.
        """
        self._patience = patience or Patience()
        self._http = httpx.Client(
            base_url=base_url,
            headers={**_headers(credential), **(headers or {})},
            timeout=timeout,
            transport=transport,
        )

    def send(self, call: Call[T]) -> T:
        """Send a call until it is answered, or patience is at its end.

        Raises:
            ProblemError: The server says no; the class says how.
            NoAnswer: Nobody answered.
        """
        attempt = 0
        while True:
            attempt += 1
            answer, fault = None, ""
            try:
                with _request(self._http, call) as request:
                    answer = self._http.send(request)
            except httpx.TransportError as error:
                fault = type(error).__name__
            if answer is not None and answer.is_success:
                return call.read(answer)
            wait = self._patience.wait(attempt, answer)
            if wait is None:
                raise error_of(answer, call.key) if answer is not None else NoAnswer(fault, call.key)
            time.sleep(wait)

    def _pages(
        self,
        page: Callable[[Any], Call[P]],
        items: Callable[[P], list[Item]],
        following: Callable[[P], Any],
    ) -> Iterator[Item]:
        mark: Any = None
        while True:
            found = self.send(page(mark))
            yield from items(found)
            mark = following(found)
            if mark is None:
                return

    def close(self) -> None:
        """Close the connections."""
        self._http.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.close()


class AsyncSender:
    """Sends calls, as many at once as you like."""

    def __init__(
        self,
        base_url: str,
        credential: str | None = None,
        *,
        patience: Patience | None = None,
        timeout: float = 30.0,
        headers: Mapping[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
    ) -> None:
        """Make a client; see `Sender`."""
        self._patience = patience or Patience()
        self._http = httpx.AsyncClient(
            base_url=base_url,
            headers={**_headers(credential), **(headers or {})},
            timeout=timeout,
            transport=transport,
        )

    async def send(self, call: Call[T]) -> T:
        """Send a call until it is answered, or patience is at its end; see `Sender.send`."""
        attempt = 0
        while True:
            attempt += 1
            answer, fault = None, ""
            try:
                with _request(self._http, call) as request:
                    answer = await self._http.send(request)
            except httpx.TransportError as error:
                fault = type(error).__name__
            if answer is not None and answer.is_success:
                return call.read(answer)
            wait = self._patience.wait(attempt, answer)
            if wait is None:
                raise error_of(answer, call.key) if answer is not None else NoAnswer(fault, call.key)
            await asyncio.sleep(wait)

    async def _pages(
        self,
        page: Callable[[Any], Call[P]],
        items: Callable[[P], list[Item]],
        following: Callable[[P], Any],
    ) -> AsyncIterator[Item]:
        mark: Any = None
        while True:
            found = await self.send(page(mark))
            for each in items(found):
                yield each
            mark = following(found)
            if mark is None:
                return

    async def close(self) -> None:
        """Close the connections."""
        await self._http.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        await self.close()
