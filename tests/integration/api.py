"""Guests of the HTTP API: each says in a header who they are, and is believed."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Any

import httpx
from fastapi import FastAPI, HTTPException, Request

from api.access.settings import load_access
from api.app import make_app
from api.examples import COMPLAINT, command
from complaints.permissions import Caller
from complaints.vocabulary import Actor, Role
from tests.eventually import eventually
from tests.integration.desk import Desk, settings_for
from tests.lives import PEOPLE

_numbers = itertools.count(1)

SYSTEM, DESK, HANDLER, LEAD = Role.SYSTEM, Role.DESK, Role.HANDLER, Role.LEAD
CUSTOMER_SERVICE, AUDITOR, EXECUTIVE = Role.CUSTOMER_SERVICE, Role.AUDITOR, Role.EXECUTIVE


class Believing:
    """A guard that takes a guest's word, which is their token: `role:id@department`."""

    async def admit(self, request: Request) -> Caller:
        scheme, _, said = request.headers.get("authorization", "").partition(" ")
        role, _, rest = said.partition(":")
        if scheme != "Bearer" or role not in set(Role):
            raise HTTPException(401, "say who you are", {"WWW-Authenticate": "Bearer"})
        person, _, department = rest.partition("@")
        return Caller(actor=Actor(id=person, role=Role(role), department=department or None), via="test")


def said_by(actor: Actor) -> str:
    return f"{actor.role}:{actor.id}" + (f"@{actor.department}" if actor.department else "")


@dataclass
class Api:
    """The application in this process, and a client in front of it."""

    app: FastAPI
    client: httpx.AsyncClient
    desk: Desk

    async def ask(
        self,
        method: str,
        path: str,
        *,
        role: Role = Role.CUSTOMER_SERVICE,
        actor: Actor | None = None,
        headers: dict[str, str] | None = None,
        **request: Any,
    ) -> httpx.Response:
        who = {"Authorization": f"Bearer {said_by(actor or PEOPLE[role])}"}
        answer = await self.client.request(method, path, headers={**who, **(headers or {})}, **request)
        if answer.status_code == 201:
            self.desk.opened.append(answer.json()["number"])
        return answer

    async def get(self, path: str, **more: Any) -> httpx.Response:
        return await self.ask("GET", path, **more)

    async def post(self, path: str, json: Any, **more: Any) -> httpx.Response:
        return await self.ask("POST", path, json=json, **more)

    async def start(self, *, role: Role = Role.SYSTEM, **fields: Any) -> str:
        """Start a complaint, and return its number."""
        answer = await self.post("/v1/complaints", complaint(**fields), role=role)
        assert answer.status_code == 201, answer.text
        return str(answer.json()["number"])

    async def do(
        self,
        number: str,
        name: str,
        *,
        role: Role = Role.CUSTOMER_SERVICE,
        headers: Any = None,
        **fields: Any,
    ) -> dict[str, Any]:
        """Have a command done, and return the answer."""
        answer = await self.send(number, name, role=role, headers=headers, **fields)
        assert answer.status_code == 200, answer.text
        found: dict[str, Any] = answer.json()
        return found

    async def send(
        self,
        number: str,
        name: str,
        *,
        role: Role = Role.CUSTOMER_SERVICE,
        actor: Actor | None = None,
        headers: Any = None,
        **fields: Any,
    ) -> httpx.Response:
        body = {**command(name), **fields}
        path = f"/v1/complaints/{number}/commands"
        return await self.post(path, body, role=role, actor=actor, headers=headers)

    async def recorded(self, number: str, seq: int = 1) -> dict[str, Any]:
        """Wait until the records have an event, and return what they say."""

        async def check() -> dict[str, Any]:
            answer = await self.get(f"/v1/complaints/{number}")
            assert answer.status_code == 200, answer.text
            found: dict[str, Any] = answer.json()
            assert found["as_of"]["source"] == "records"
            assert found["seq"] >= seq
            return found

        return await eventually(check)


def complaint(**fields: Any) -> dict[str, Any]:
    """A complaint that comes in from the CRM, with a reference of its own."""
    return {**COMPLAINT, "reference": f"n{next(_numbers)}", **fields}


@contextlib.asynccontextmanager
async def served(desk: Desk, **settings: Any) -> AsyncIterator[Api]:
    """Serve the API on a desk's servers, in this process."""
    url = desk.engine.url.render_as_string(hide_password=False)
    app = make_app(desk.client, desk.engine, settings_for(url, **settings), access=load_access())
    app.state.guard = Believing()
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test", timeout=30) as client:
        yield Api(app, client, desk)


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    """The problem that an answer holds."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    assert found["status"] == status
    assert found["type"].startswith("/problems/")
    return found


def fields(found: dict[str, Any]) -> set[str]:
    return {each["field"] for each in found["errors"]}
