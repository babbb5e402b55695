"""What the API answers while PostgreSQL, Temporal or the workers are away; and as a process of its own."""

from __future__ import annotations

import asyncio
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import httpx
import pytest
import uvicorn
from sqlalchemy import Engine
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from temporalio.client import Client

from api.limits import Limits
from db.engine import make_engine
from db.masters import Masters
from stack.ports import choose_port
from stack.temporal import TemporalServer
from tests.conftest import ENCRYPTION_KEY
from tests.eventually import eventually, eventually_sync
from tests.integration.api import HANDLER, Api, complaint, problem, served
from tests.integration.desk import Desk, connect, workers
from tests.integration.worker_process import ROOT, variables
from workflows.converter import data_converter


def nowhere() -> str:
    """An address at which nobody listens."""
    return f"127.0.0.1:{choose_port()}"


async def test_without_postgres_reads_are_503_and_commands_go_on(api: Api) -> None:
    number = await api.start()
    gone = make_engine(f"postgresql://x:y@{nowhere()}/x")
    async with served(Desk(api.desk.client, gone)) as cut_off:
        answer = await cut_off.get(f"/v1/complaints/{number}")
        problem(answer, 503)
        assert answer.headers["retry-after"]
        problem(await cut_off.get("/v1/complaints"), 503)
        problem(await cut_off.post("/v1/complaints", complaint()), 503)
        assert (await cut_off.send(number, "Classify")).status_code == 200
        assert (await cut_off.send(number, "Assign", role=HANDLER)).status_code == 200
        # What people write is sealed with a key that this process would have to ask PostgreSQL for.
        problem(await cut_off.send(number, "AddNote"), 503)
        answer = await cut_off.client.get("/readyz")
        assert answer.status_code == 503
        assert set(answer.json()["missing"]) == {"postgresql"}
    gone.dispose()


async def test_without_temporal_commands_are_503_and_reads_go_on(api: Api) -> None:
    number = await api.start()
    await api.recorded(number)
    lost = await Client.connect(
        nowhere(), data_converter=data_converter(Masters([ENCRYPTION_KEY])), lazy=True
    )
    async with served(Desk(lost, api.desk.engine)) as cut_off:
        assert (await cut_off.get(f"/v1/complaints/{number}")).status_code == 200
        assert (await cut_off.get("/v1/complaints")).status_code == 200
        for answer in await asyncio.gather(
            cut_off.send(number, "AddNote"),
            cut_off.post("/v1/complaints", complaint()),
            cut_off.get("/v1/complaints/crm-unknown"),
        ):
            problem(answer, 503)
            assert answer.headers["retry-after"]
        many = {"commands": [{"number": number, "command": {"type": "AddNote", "text": "x"}}]}
        results = (await cut_off.post("/v1/commands", many)).json()["results"]
        assert [each["status"] for each in results] == [503]
        answer = await cut_off.client.get("/readyz")
        assert set(answer.json()["missing"]) == {"temporal"}


async def test_without_workers_it_is_not_ready_and_says_so(
    fresh_temporal_server: Callable[..., TemporalServer], engine: Engine
) -> None:
    alone = Desk(await connect(fresh_temporal_server().address), engine)
    async with served(alone) as api:
        answer = await api.client.get("/readyz")
        assert answer.status_code == 503
        assert answer.json()["missing"] == {"workers": "no worker asks for work"}


async def test_it_serves_as_a_process_and_ends_in_order(
    desk: Desk, temporal_server: TemporalServer, database_url: str, tmp_path: Path
) -> None:
    port = choose_port()
    settings = variables(database_url, temporal_server.address) | {"REDRESS_API_ADDRESS": f"127.0.0.1:{port}"}
    log = tmp_path / "api.log"
    with log.open("wb") as written:
        process = subprocess.Popen(  # noqa: ASYNC220 - it returns at once
            [sys.executable, "-m", "api"], cwd=ROOT, env={"PATH": "/usr/bin", **settings}, stderr=written
        )
    try:
        async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}") as client, workers(desk):

            async def ready() -> httpx.Response:
                assert process.poll() is None, log.read_text()
                try:
                    answer = await client.get("/readyz")
                except httpx.ConnectError:
                    raise AssertionError from None
                assert answer.status_code == 200, answer.text
                return answer

            await eventually(ready, 40)
            docs = await client.get("/docs")
            assert "script-src 'self'" in docs.headers["content-security-policy"]
            assert "<script>" not in docs.text
            for file in ("swagger-ui-bundle.js", "swagger-ui.css", "docs.js"):
                assert (await client.get(f"/docs/{file}")).status_code == 200
            assert (await client.get("/openapi.json")).json()["openapi"].startswith("3.1")
            problem(await client.get("/v1/complaints"), 401)
            explained = await client.get("/problems/first-contact-missing")
            assert "Feelings first" in explained.text
        process.send_signal(signal.SIGTERM)
        assert await asyncio.to_thread(process.wait, 20) in (0, -signal.SIGTERM)  # the server raises it again
    finally:
        process.kill()


@pytest.mark.parametrize("address", ["here", "127.0.0.1", "example.com:80"])
def test_a_wrong_address_is_named(address: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "api"],
        cwd=ROOT,
        env={
            "PATH": "/usr/bin",
            **variables("postgresql://x:y@z/w", nowhere()),
            "REDRESS_API_ADDRESS": address,
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.returncode == 2
    assert "REDRESS_API_ADDRESS" in done.stderr


def test_a_body_that_never_comes_ends_with_the_time_limit() -> None:
    """Against a real socket: the client sends a part of the body, and then nothing."""

    async def read(request: Request) -> PlainTextResponse:
        return PlainTextResponse(str(len(await request.body())))

    port = choose_port()
    limited = Limits(Starlette(routes=[Route("/", read, methods=["POST"])]), patience=timedelta(seconds=0.3))
    server = uvicorn.Server(uvicorn.Config(limited, port=port, log_config=None))
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        eventually_sync(lambda: _check(server.started))
        with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
            client.sendall(b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\nhalf")
            assert client.recv(4096).startswith(b"HTTP/1.1 408")
    finally:
        server.should_exit = True
        thread.join()


def _check(true: bool) -> None:
    assert true
