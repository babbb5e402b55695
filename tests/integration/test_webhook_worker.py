"""Webhooks end to end: a complaint in Temporal, a worker process, a receiver."""

from __future__ import annotations

import signal
from collections.abc import Iterator

import pytest

from activities.webhooks.addresses import Addresses
from activities.webhooks.desk import Webhooks
from complaints import commands as c
from complaints.webhooks import WebhookDraft
from tests.eventually import eventually
from tests.integration.desk import Desk
from tests.integration.webhook_world import LOOPBACK, SERVICE, Receiver, receiving
from tests.integration.worker_process import Starts
from tests.keys import keys_of


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


async def test_a_worker_tells_subscribers_what_happens_and_ends_in_peace(
    desk: Desk, start_worker: Starts, receiver: Receiver
):
    webhooks = Webhooks(desk.engine, lambda: keys_of(desk.engine).columns, Addresses(LOOPBACK))
    webhooks.create(SERVICE, WebhookDraft(url=f"{receiver.address}/hook?token=S3CRET"))
    worker = await start_worker(REDRESS_WEBHOOK_ALLOW_PRIVATE="127.0.0.0/8")
    number = await desk.open()
    await desk.do(number, c.RecordFirstContact)

    def told() -> None:
        types = [got.json["data"]["fact"]["type"] for got in receiver.accepted]
        assert types[:1] == ["Registered"]
        assert "FirstContactRecorded" in types

    await eventually(told, 30)
    seqs = receiver.seqs(number)
    assert seqs == list(range(1, len(seqs) + 1))
    worker.signal(signal.SIGTERM)
    assert await worker.end() == 0
    assert "webhook sent" in worker.log
    assert "S3CRET" not in worker.log
