"""The HTTP API on a port of its own, and guests who attach files to complaints; each is believed who they say they are."""

from __future__ import annotations

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import uvicorn
from fastapi import HTTPException, Request

from api.access.settings import load_access
from api.app import make_app
from complaints.permissions import Caller, Right
from complaints.vocabulary import Actor, Role
from tests.integration.desk import Desk, settings_for
from tests.lives import PEOPLE


class Believing:
    """A guard that takes a guest's word: `role:id@department`, and with which scopes."""

    async def admit(self, request: Request) -> Caller:
        said = request.headers.get("x-as")
        if said is None:
            raise HTTPException(401, "say who you are", {"WWW-Authenticate": "Bearer"})
        role, _, rest = said.partition(":")
        person, _, department = rest.partition("@")
        scopes = request.headers.get("x-scopes")
        return Caller(
            actor=Actor(id=person, role=Role(role), department=department or None),
            scopes=frozenset(map(Right, scopes.split())) if scopes else None,
        )


@dataclass
class Guest:
    """Somebody in front of the served API."""

    http: httpx.AsyncClient
    desk: Desk
    folder: Path

    async def ask(
        self,
        method: str,
        path: str,
        *,
        role: Role = Role.HANDLER,
        actor: Actor | None = None,
        key: str | None = None,
        headers: dict[str, str] | None = None,
        **request: Any,
    ) -> httpx.Response:
        who = actor or PEOPLE[role]
        said = {"X-As": f"{who.role}:{who.id}" + (f"@{who.department}" if who.department else "")}
        if key is not None:
            said["Idempotency-Key"] = key
        return await self.http.request(
            method, f"/v1/complaints/{path}", headers={**said, **(headers or {})}, **request
        )

    async def attach(
        self, number: str, data: bytes, name: str = "读数.png", declared: str = "image/png", **more: Any
    ) -> httpx.Response:
        return await self.ask("POST", f"{number}/attachments", files={"file": (name, data, declared)}, **more)

    async def content(self, number: str, attachment: str, **more: Any) -> httpx.Response:
        return await self.ask("GET", f"{number}/attachments/{attachment}/content", **more)

    def objects(self) -> list[str]:
        return [str(each.relative_to(self.folder)) for each in self.folder.rglob("*") if each.is_file()]


@contextlib.asynccontextmanager
async def served(desk: Desk, folder: Path, **settings: Any) -> AsyncIterator[Guest]:
    """Serve on a free port of this machine."""
    url = desk.engine.url.render_as_string(hide_password=False)
    app = make_app(
        desk.client, desk.engine, settings_for(url, files=str(folder), **settings), access=load_access()
    )
    app.state.guard = Believing()
    listening = socket.create_server(("127.0.0.1", 0))
    port = listening.getsockname()[1]
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False, lifespan="off"))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", timeout=60) as http:
            yield Guest(http, desk, folder)
    finally:
        server.should_exit = True
        await serving
        listening.close()
