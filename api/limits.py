"""Limits of every request: how large its body may be, and how long it may take. Plain ASGI, since every request pays."""

from __future__ import annotations

import asyncio
from datetime import timedelta

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import TOO_LARGE, TOO_SLOW, UNAVAILABLE, Rejected, Said

MAX_BYTES = 2**20
PATIENCE = timedelta(seconds=20)


class Limits:
    """Refuses what is too large or takes too long.

    Args:
        larger: How large a body may be under a path that begins so, where it may be larger.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_bytes: int = MAX_BYTES,
        patience: timedelta = PATIENCE,
        larger: dict[str, int] | None = None,
    ) -> None:
        self._app = app
        self._max_bytes = max_bytes
        self._larger = larger or {}
        self._seconds = patience.total_seconds()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(receive, send, self._limit(scope["path"]))
        if exchange.says_too_much(scope):
            await exchange.too_large().response()(scope, receive, send)
            return
        try:
            async with asyncio.timeout(self._seconds):
                await self._app(scope, exchange.receive, exchange.send)
        except TimeoutError:
            if exchange.answered:
                raise
            await exchange.too_late(self._seconds).response()(scope, receive, send)

    def _limit(self, path: str) -> int:
        return next(
            (limit for begin, limit in self._larger.items() if path.startswith(begin)), self._max_bytes
        )


class _Exchange:
    """One request, and how far it has come."""

    def __init__(self, receive: Receive, send: Send, limit: int) -> None:
        self._receive = receive
        self._send = send
        self._limit = limit
        self._bytes = 0
        self._complete = False
        self.answered = False

    def says_too_much(self, scope: Scope) -> bool:
        length = next((value for name, value in scope["headers"] if name == b"content-length"), b"")
        return length.isdigit() and (len(length) > 12 or int(length) > self._limit)

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.request":
            self._bytes += len(message.get("body", b""))
            self._complete = not message.get("more_body", False)
            if self._bytes > self._limit:
                said = self.too_large()
                raise Rejected(said.kind, said.detail, headers=said.headers)
        return message

    async def send(self, message: Message) -> None:
        self.answered = True
        await self._send(message)

    def too_large(self) -> Said:
        detail = f"the body may have {self._limit} bytes at most"
        return Said(kind=TOO_LARGE, detail=detail, headers={"Connection": "close"})

    def too_late(self, seconds: float) -> Said:
        if self._bytes and not self._complete:
            return Said(kind=TOO_SLOW, detail=f"the body did not arrive within {seconds:g} seconds")
        return Said(kind=UNAVAILABLE, detail=f"there was no answer within {seconds:g} seconds")
