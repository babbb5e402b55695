"""HTTP for a driver that must not be what is measured: one connection, kept open, one request after the other."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Reply:
    """What a server answered."""

    status: int
    body: bytes

    def json(self) -> Any:
        """Read the body."""
        return json.loads(self.body)


class Connection:
    """One client's line to a server, opened with its first request."""

    def __init__(self, address: str) -> None:
        self._address = address
        self._line: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def post(self, path: str, body: object, headers: Mapping[str, str]) -> Reply:
        """Send JSON, and wait for the answer."""
        content = json.dumps(body, ensure_ascii=False).encode()
        more = {"Content-Type": "application/json", "Content-Length": str(len(content)), **headers}
        return await self._ask("POST", path, more, content)

    async def get(self, path: str) -> Reply:
        """Ask for something."""
        return await self._ask("GET", path, {}, b"")

    async def _ask(self, method: str, path: str, headers: Mapping[str, str], content: bytes) -> Reply:
        if self._line is None or self._line[0].at_eof():  # a server hangs up on who says nothing for a while
            host, _, port = self._address.rpartition(":")
            self._line = await asyncio.open_connection(host, int(port))
        reader, writer = self._line
        lines = [f"{method} {path} HTTP/1.1", f"Host: {self._address}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
        length = int(head.partition("content-length:")[2].partition("\r\n")[0])
        reply = Reply(int(head.split(" ", 2)[1]), await reader.readexactly(length))
        if "connection: close" in head:
            self.close()
        return reply

    def close(self) -> None:
        """Hang up; the next request opens it anew."""
        if self._line is not None:
            self._line[1].close()
            self._line = None
