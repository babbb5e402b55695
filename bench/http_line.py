"""HTTP for a driver that must not be what is measured: one connection, one request after the other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self


@dataclass(frozen=True)
class Reply:
    """What a server answered."""

    status: int
    body: bytes

    def json(self) -> Any:
        """Read the body."""
        return json.loads(self.body)


class Connection:
    """A line to a server, open as long as it is entered."""

    def __init__(self, address: str) -> None:
        self._address = address

    async def __aenter__(self) -> Self:
        """Open it."""
        host, _, port = self._address.rpartition(":")
        self._reader, self._writer = await asyncio.open_connection(host, int(port))
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, raised: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Hang up."""
        self._writer.close()

    async def post(self, path: str, body: object, headers: Mapping[str, str]) -> Reply:
        """Send JSON, and wait for the answer."""
        content = json.dumps(body, ensure_ascii=False).encode()
        more = {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}
        return await self._ask("POST", path, more, content)

    async def get(self, path: str) -> Reply:
        """Ask for something."""
        return await self._ask("GET", path, {}, b"")

    async def _ask(self, method: str, path: str, headers: Mapping[str, str], content: bytes) -> Reply:
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._address}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        self._writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        return Reply(int(head.split(" ", 2)[1]), await self._reader.readexactly(length))
