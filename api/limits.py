"""Limits of every request: how large its body may be, and how long it may take. Plain ASGI, since every request pays."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from fnmatch import fnmatchcase

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.problems import TOO_LARGE, TOO_SLOW, UNAVAILABLE, Rejected, Said

MAX_BYTES = 2**20
PATIENCE = timedelta(seconds=20)
LINGER_BYTES = 64 * 2**20
LINGER = timedelta(seconds=5)
"""How much more of a body that is too large is thrown away, and for how long, before its sender is told so."""


@dataclass(frozen=True, kw_only=True)
class Allowance:
    """How many bytes a body may have, and how long a request may take from its first byte to the last of its answer."""

    bytes: int
    patience: timedelta


class Limits:
    """Refuses what is too large or takes too long.

    Args:
        larger: What is allowed under a path that looks so (`*` is anything), where it is more.
    """

    def __init__(
        self,
        app: ASGIApp,
        *,
        max_bytes: int = MAX_BYTES,
        patience: timedelta = PATIENCE,
        larger: dict[str, Allowance] | None = None,
    ) -> None:
        self._app = app
        self._usual = Allowance(bytes=max_bytes, patience=patience)
        self._larger = larger or {}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        allowed = self._allowed(scope["path"])
        seconds = allowed.patience.total_seconds()
        exchange = _Exchange(receive, send, allowed.bytes)
        if exchange.says_too_much(scope):
            await exchange.linger()
            await exchange.too_large().response()(scope, receive, send)
            return
        try:
            async with asyncio.timeout(seconds):
                await self._app(scope, exchange.receive, exchange.send)
        except TimeoutError:
            if exchange.answered:
                raise
            await exchange.too_late(seconds).response()(scope, receive, send)

    def _allowed(self, path: str) -> Allowance:
        return next((found for like, found in self._larger.items() if fnmatchcase(path, like)), self._usual)


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
                await self.linger()
                said = self.too_large()
                raise Rejected(said.kind, said.detail, headers=said.headers)
        return message

    async def linger(self) -> None:
        """Read on for a while: who is still sending when the line is closed does not get to read the answer."""
        until = self._bytes + min(self._limit * 2, LINGER_BYTES)
        with suppress(TimeoutError):
            async with asyncio.timeout(LINGER.total_seconds()):
                while not self._complete and self._bytes < until:
                    message = await self._receive()
                    self._complete = not message.get("more_body", False)
                    self._bytes += len(message.get("body", b""))

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
