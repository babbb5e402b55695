"""The embedded Temporal server: what runs in it outlives it."""

import asyncio
import json
import os
import signal
import socket
import time
import urllib.request
import uuid
from collections.abc import Callable
from pathlib import Path

import pytest
from temporalio import workflow
from temporalio.api.enums.v1 import IndexedValueType
from temporalio.api.operatorservice.v1 import ListSearchAttributesRequest
from temporalio.client import Client, WorkflowExecutionStatus
from temporalio.worker import UnsandboxedWorkflowRunner, Worker

from stack.errors import AlreadyRunning, NotInstalled
from stack.processes import Identity
from stack.temporal import TemporalServer, temporal_cli
from tests.eventually import eventually, eventually_sync
from tests.integration.owners import Owners

_DAY = 86_400.0


@workflow.defn
class Waiting:
    """Waits for a word or, without one, for its timer."""

    def __init__(self) -> None:
        self._word: str | None = None

    @workflow.run
    async def run(self, patience_seconds: float) -> str:
        try:
            await workflow.wait_condition(lambda: self._word is not None, timeout=patience_seconds)
        except TimeoutError:
            return "nobody came"
        return self._word or ""

    @workflow.signal
    def say(self, word: str) -> None:
        self._word = word


def _worker(client: Client, queue: str) -> Worker:
    return Worker(client, task_queue=queue, workflows=[Waiting], workflow_runner=UnsandboxedWorkflowRunner())


def _gone(pid: int) -> None:
    assert Identity.of(pid) is None


async def test_a_workflow_outlives_kill_9_of_the_server(
    fresh_temporal_server: Callable[..., TemporalServer],
) -> None:
    server = fresh_temporal_server()
    client = await Client.connect(server.address)
    queue = uuid.uuid4().hex
    waiting = await client.start_workflow(Waiting.run, 9 * _DAY, id=queue, task_queue=queue)
    async with _worker(client, queue):

        async def has_begun() -> None:
            assert (await waiting.describe()).history_length > 3

        await eventually(has_begun)
        address = server.address
        killed = server.pid or 0
        os.kill(killed, signal.SIGKILL)
        await eventually(lambda: _gone(killed))
        await asyncio.to_thread(server.start)
        assert server.pid not in (None, killed)
        assert server.address == address
        # The very client and worker that were connected before go on.
        await waiting.signal(Waiting.say, "投诉")
        assert await asyncio.wait_for(waiting.result(), 30) == "投诉"


async def test_a_timer_that_is_due_while_the_server_is_dead_fires_afterwards(
    fresh_temporal_server: Callable[..., TemporalServer],
) -> None:
    server = fresh_temporal_server()
    client = await Client.connect(server.address)
    queue = uuid.uuid4().hex
    waiting = await client.start_workflow(Waiting.run, 1.0, id=queue, task_queue=queue)
    async with _worker(client, queue):

        async def has_begun() -> None:
            assert (await waiting.describe()).history_length > 3

        await eventually(has_begun)
        begun = time.monotonic()
        server.kill()

        async def is_due() -> None:
            assert time.monotonic() > begun + 1.0

        await eventually(is_due)
        await asyncio.to_thread(server.start)
        assert await asyncio.wait_for(waiting.result(), 30) == "nobody came"


async def test_kill_9_of_its_owner_leaves_no_server_and_the_next_start_finds_the_workflow(
    tmp_path: Path, own: Owners
) -> None:
    owner = own("temporal", str(tmp_path))
    client = await Client.connect(owner.facts["address"])
    await client.start_workflow(Waiting.run, 9 * _DAY, id="outlives", task_queue="nobody")
    owner.kill()
    await eventually(lambda: _gone(owner.facts["server"]), timeout=15)
    server = TemporalServer(tmp_path, search_attributes={}, usual_port=None, usual_ui_port=None)
    await asyncio.to_thread(server.start)
    try:
        assert server.address == owner.facts["address"]
        again = await Client.connect(server.address)
        assert (
            await again.get_workflow_handle("outlives").describe()
        ).status == WorkflowExecutionStatus.RUNNING
    finally:
        server.kill()


async def test_search_attributes_are_known_also_those_added_later(
    fresh_temporal_server: Callable[..., TemporalServer], tmp_path: Path
) -> None:
    first = fresh_temporal_server(search_attributes={"Department": "Keyword"})
    first.kill()
    later = TemporalServer(
        tmp_path / "temporal-0",
        namespace="complaints",
        search_attributes={"Department": "Keyword", "Escalated": "Bool"},
        usual_port=None,
        usual_ui_port=None,
    )
    with later:
        client = await Client.connect(later.address, namespace="complaints")
        known = await client.operator_service.list_search_attributes(
            ListSearchAttributesRequest(namespace="complaints")
        )
    assert known.custom_attributes["Department"] == IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD
    assert known.custom_attributes["Escalated"] == IndexedValueType.INDEXED_VALUE_TYPE_BOOL


def test_taken_ports_are_left_to_their_owners_and_the_new_ones_are_kept(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken, socket.create_server(("127.0.0.1", 0)) as taken_too:
        usual, usual_ui = taken.getsockname()[1], taken_too.getsockname()[1]
        server = TemporalServer(
            tmp_path, search_attributes={}, ui=True, usual_port=usual, usual_ui_port=usual_ui
        )
        server.start()
        first = server.ports
        server.kill()
    assert {first.api, first.ui}.isdisjoint({usual, usual_ui})
    server.start()
    server.kill()
    assert server.ports == first


def test_a_second_owner_of_a_file_is_refused_and_told_who_is_first(
    fresh_temporal_server: Callable[..., TemporalServer], tmp_path: Path
) -> None:
    fresh_temporal_server()
    with pytest.raises(AlreadyRunning) as refused:
        TemporalServer(tmp_path / "temporal-0", search_attributes={}).start()
    assert refused.value.pid == os.getpid()


def test_the_web_ui_is_served_and_knows_where_payloads_are_decoded() -> None:
    codec = "http://127.0.0.1:9/codec"
    server = TemporalServer(
        None, search_attributes={}, ui=True, codec_endpoint=codec, usual_port=None, usual_ui_port=None
    )

    def settings() -> dict[str, dict[str, str]]:
        try:
            with urllib.request.urlopen(f"{server.ui_url}/api/v1/settings", timeout=5) as answer:
                known: dict[str, dict[str, str]] = json.loads(answer.read())
        except OSError as failure:
            raise AssertionError("the Web UI does not answer yet") from failure
        return known

    with server:
        assert eventually_sync(settings)["Codec"]["Endpoint"] == codec


def test_a_command_that_is_named_and_missing_is_an_error_not_a_search() -> None:
    with pytest.raises(NotInstalled, match="REDRESS_TEMPORAL_CLI"):
        temporal_cli({"REDRESS_TEMPORAL_CLI": "/nowhere/temporal"})
