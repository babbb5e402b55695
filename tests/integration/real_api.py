"""The HTTP API as it is served, its own guard included: whoever asks proves who they are.

People bring a token of the development login, systems an API key.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import AsyncIterator, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
from fastapi import FastAPI
from sqlalchemy.orm import Session

from api.access.dev_login import make_key, sign
from api.access.secret import Digests, make_secret
from api.access.settings import load_access
from api.app import make_app
from complaints.permissions import Right
from complaints.vocabulary import Actor, Role
from db import api_keys
from db.api_keys import ApiKey
from stack.postgres import Postgres
from tests.eventually import eventually
from tests.integration.api import complaint
from tests.integration.desk import Desk, settings_for
from tests.lives import PEOPLE

PLENTY = {"rate_per_minute": 1_000_000, "failures_per_minute": 100_000}
"""As many requests as a test likes."""


@dataclass
class RealApi:
    """The application in this process, a client in front of it, and the credentials of everybody."""

    app: FastAPI
    client: httpx.AsyncClient
    desk: Desk
    login: Path
    _systems: dict[str, str] = field(default_factory=dict)

    def headers(self, actor: Actor) -> Mapping[str, str]:
        """Say who somebody is, in a way that can be checked."""
        if actor.role == Role.SYSTEM:
            if actor.id not in self._systems:
                self._systems[actor.id] = self.key(actor)
            return {"Authorization": f"Bearer {self._systems[actor.id]}"}
        return {"Authorization": f"Bearer {sign(self.login, actor, now=time.time())}"}

    def key(self, actor: Actor, scopes: Iterable[Right] | None = None) -> str:
        """Make an API key; returns its secret."""
        secret, now = make_secret(), datetime.now(UTC)
        key = ApiKey(
            id=secret.id,
            name=f"tests {secret.id}",
            actor=actor,
            scopes=None if scopes is None else frozenset(scopes),
            created_at=now,
            created_by="tests",
            expires_at=now + timedelta(days=1),
        )
        digests = Digests(lambda: [self.desk.keys.secret("access")])
        with Session(self.desk.engine) as session:
            api_keys.add(session, key, digests.of(secret))
            session.commit()
        return secret.text

    async def ask(
        self,
        method: str,
        path: str,
        *,
        role: Role = Role.CUSTOMER_SERVICE,
        actor: Actor | None = None,
        headers: Mapping[str, str] | None = None,
        **request: Any,
    ) -> httpx.Response:
        who = self.headers(actor or PEOPLE[role])
        answer = await self.client.request(method, path, headers={**who, **(headers or {})}, **request)
        if answer.status_code == 201 and path == "/v1/complaints":
            self.desk.opened.append(answer.json()["number"])
        return answer

    async def start(self, *, role: Role = Role.CUSTOMER_SERVICE, **fields: Any) -> str:
        """Start a complaint, and return its number."""
        answer = await self.ask("POST", "/v1/complaints", role=role, json=complaint(**fields))
        assert answer.status_code == 201, answer.text
        return str(answer.json()["number"])

    async def do(self, number: str, name: str, *, role: Role = Role.CUSTOMER_SERVICE, **fields: Any) -> int:
        """Have a command done, and return the sequence after it."""
        path, body = f"/v1/complaints/{number}/commands", {"type": name, **fields}
        answer = await self.ask("POST", path, role=role, json=body)
        assert answer.status_code == 200, answer.text
        return int(answer.json()["seq"])

    async def recorded(self, number: str, seq: int = 1) -> None:
        """Wait until the records have an event."""

        async def check() -> None:
            found = (await self.ask("GET", f"/v1/complaints/{number}")).json()
            assert found["as_of"]["source"] == "records"
            assert found["seq"] >= seq

        await eventually(check)


@contextlib.asynccontextmanager
async def really_served(
    desk: Desk, postgres: Postgres, folder: Path, **settings: Any
) -> AsyncIterator[RealApi]:
    """Serve the API on a desk's servers, in this process, beside a database that counts as the embedded one.

    Args:
        folder: Where the key of the development login and the attachments lie.
    """
    login = folder / "dev-login.key"
    make_key(login)
    url = desk.engine.url.render_as_string(hide_password=False)
    read = settings_for(url, files=str(folder / "files"), **settings)
    access = load_access(dev_login=login, embedded_database=postgres.data, **PLENTY)
    app = make_app(desk.client, desk.engine, read, access=access)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://api.test", timeout=30) as client:
        yield RealApi(app, client, desk, login)
    await app.state.guard.close()
