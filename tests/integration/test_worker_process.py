"""The worker as operators see it: how it starts, what it says, how it ends."""

from __future__ import annotations

import json
import signal
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpx
import pytest
from sqlalchemy import text
from temporalio.api.enums.v1 import EventType

from complaints import commands as c
from complaints.vocabulary import Customer
from tests.eventually import eventually
from tests.integration.channel_servers import closed_port
from tests.integration.desk import Desk
from tests.integration.worker_process import Starts, WorkerProcess

MARKERS = ("欧阳明月", "139-5550-7788", "水表倒转", "赔我两千", "门牌七号")
"""Words that occur in one complaint only: name, contact, description, remedy, a note."""


class HesitantHook:
    """A service that answers when it is told to."""

    def __init__(self) -> None:
        self.asked = threading.Event()
        self.may_answer = threading.Event()
        hook = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                self.rfile.read(int(self.headers["Content-Length"]))
                hook.asked.set()
                hook.may_answer.wait(30)
                self.send_response(200)
                self.send_header("Content-Length", "0")
                self.end_headers()

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        class Server(ThreadingHTTPServer):
            def handle_error(self, *args: object) -> None:
                """Whoever asked may be gone."""

        self.server = Server(("127.0.0.1", 0), Handler)
        self.target = f"webhook+http://127.0.0.1:{self.server.server_port}/?timeout=30"

    async def is_asked(self) -> None:
        def check() -> None:
            assert self.asked.is_set()

        await eventually(check, 20)


@pytest.fixture
def hook() -> Iterator[HesitantHook]:
    hook = HesitantHook()
    thread = threading.Thread(target=hook.server.serve_forever, args=(0.01,))
    thread.start()
    yield hook
    hook.may_answer.set()
    hook.server.shutdown()
    thread.join()
    hook.server.server_close()


def targets_file(folder: Path, target: str) -> str:
    path = folder / "targets.yaml"
    path.write_text(json.dumps({"default": [target]}))
    return str(path)


async def deliveries_completed(desk: Desk, number: str) -> int:
    events = (await desk.client.get_workflow_handle(number).fetch_history()).events
    scheduled = {
        e.event_id
        for e in events
        if e.activity_task_scheduled_event_attributes.activity_type.name == "deliver"
    }
    return sum(
        e.event_type == EventType.EVENT_TYPE_ACTIVITY_TASK_COMPLETED
        and e.activity_task_completed_event_attributes.scheduled_event_id in scheduled
        for e in events
    )


async def test_wrong_settings_are_named_line_by_line_and_never_shown(start_worker: Starts) -> None:
    worker = await start_worker(
        wait=False, REDRESS_ENCRYPTION_KEY="s3cret-but-wrong", REDRESS_LOG_LEVEL="s3cret-loud"
    )
    assert await worker.end() == 2
    first, second = worker.log.splitlines()
    assert first.startswith("worker: REDRESS_ENCRYPTION_KEY: ")
    assert second.startswith("REDRESS_LOG_LEVEL: ")
    assert "s3cret" not in worker.log


async def test_a_wrong_targets_file_is_named(start_worker: Starts, tmp_path: Path) -> None:
    worker = await start_worker(wait=False, REDRESS_TARGETS_FILE=targets_file(tmp_path, "pigeon://S3CRET"))
    assert await worker.end() == 2
    assert worker.log.startswith("worker: default: unknown scheme")
    assert "S3CRET" not in worker.log


async def test_a_server_that_does_not_answer_is_named(start_worker: Starts) -> None:
    address = f"127.0.0.1:{closed_port()}"
    worker = await start_worker(wait=False, REDRESS_TEMPORAL_ADDRESS=address)
    assert await worker.end() == 2
    assert worker.log.splitlines()[-1] == f"worker: no Temporal server answers at {address}"
    assert "Traceback" not in worker.log


async def test_work_in_flight_is_finished_after_sigterm_and_none_is_waited_for_after_a_second(
    desk: Desk, start_worker: Starts, hook: HesitantHook, tmp_path: Path
) -> None:
    settings = {
        "REDRESS_TARGETS_FILE": targets_file(tmp_path, hook.target),
        "REDRESS_BUNDLE_SECONDS": "0",  # the second notice follows the first closely
    }
    worker = await start_worker(**settings)
    number = await desk.open()
    await desk.do(number, c.Escalate)
    await hook.is_asked()
    worker.signal(signal.SIGTERM)
    await says(worker, "worker stops")
    assert worker.code is None  # the notice is still on its way
    assert await deliveries_completed(desk, number) == 0
    hook.may_answer.set()
    assert await worker.end() == 0
    assert await deliveries_completed(desk, number) == 1

    hook.asked.clear()
    hook.may_answer.clear()
    worker = await start_worker(**settings)
    await desk.do(number, c.Escalate)
    await hook.is_asked()
    worker.signal(signal.SIGTERM)
    await says(worker, "worker stops")
    worker.signal(signal.SIGTERM)
    assert await worker.end(within=3) == 130
    assert not hook.may_answer.is_set()


async def says(worker: WorkerProcess, words: str) -> None:
    def check() -> None:
        assert words in worker.log

    await eventually(check, 20)


@pytest.mark.parametrize("form", ["text", "json"])
async def test_a_life_is_logged_and_measured_without_a_word_about_the_customer(
    desk: Desk, start_worker: Starts, form: str
) -> None:
    """With a database that quotes the row it refuses, and a fault that quotes what it could not read."""
    metrics = f"127.0.0.1:{closed_port()}"
    worker = await start_worker(
        REDRESS_LOG_FORMAT=form, REDRESS_METRICS_ADDRESS=metrics, REDRESS_LOG_LEVEL="debug"
    )
    with desk.engine.begin() as connection:
        connection.execute(
            text("ALTER TABLE complaints ADD CONSTRAINT stubborn CHECK (number NOT LIKE 'desk-%')")
        )
    name, contact, description, remedy, note = MARKERS
    number = await desk.open(
        customer=Customer(name=name, contact=contact), description=description, asked_remedy=remedy
    )
    await desk.do(number, c.AddNote, text=note)
    await says(worker, "stubborn")
    with desk.engine.begin() as connection:
        connection.execute(text("ALTER TABLE complaints DROP CONSTRAINT stubborn"))
    await desk.do(number, c.Escalate)
    broken = await desk.client.start_workflow(
        "Complaint",
        {"number": "desk-broken", "registration": {"customer": dict.fromkeys(MARKERS, name)}},
        id="desk-broken",
        task_queue="redress-complaints",
    )
    desk.opened.append(broken.id)
    await says(worker, "desk-broken")
    view = await desk.agrees(number)
    async with httpx.AsyncClient(trust_env=False) as browser:
        measured = (await browser.get(f"http://{metrics}/metrics")).text
    worker.signal(signal.SIGTERM)
    assert await worker.end() == 0
    for marker in MARKERS:
        assert marker not in worker.log
        assert marker.encode("unicode_escape").decode() not in worker.log
        assert marker not in measured
    assert "temporal_activity_succeed" in measured
    (notice,) = view.notices
    if form == "text":
        assert number in worker.log
        return
    lines = [json.loads(line) for line in worker.log.splitlines()]
    assert all({"event", "level", "timestamp"} <= set(line) for line in lines)
    named = [line for line in lines if line.get("complaint") == number]
    assert {"recorded", "not recorded", "outbox"} <= {line["event"] for line in named}
    assert [line["notice"] for line in named if line["event"] == "outbox"] == [notice]
    nameless = {line["event"] for line in lines if "complaint" not in line}
    ours = {event for event in nameless if not event.startswith("[sdk_core")}  # which knows runs only
    assert ours == {"worker ready", "worker stops"}
