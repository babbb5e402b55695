"""What docs/webhooks.md shows is what is sent, and the receiver it shows receives."""

from __future__ import annotations

import json
import re
import threading
from datetime import UTC, datetime
from http.server import HTTPServer
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from complaints.webhooks import AttemptOutcome, WebhookDraft
from tests.integration.recorded import registered, write
from tests.integration.webhook_world import SERVICE, Receiver, World, receiving

PAGE = (Path(__file__).parents[2] / "docs" / "webhooks.md").read_text(encoding="utf-8")


def part(name: str) -> str:
    found = re.search(rf"<!-- {name} -->\n```\w+\n(.*?)```\n<!-- /{name} -->", PAGE, re.DOTALL)
    assert found is not None
    return found[1]


def without_policy(event: dict[str, Any]) -> dict[str, Any]:
    """Leave out which edition of the default policy it was registered under: that one goes on."""
    for name in ("policy_version", "policy_sha256"):
        assert event["data"]["fact"].pop(name)
    return event


def test_the_event_on_the_page_is_what_is_sent(engine: Engine):
    with receiving() as receiver:
        world = World(engine, receiver)
        world.subscribe()
        write(engine, *registered().batches)
        world.pump().step()
        assert without_policy(receiver.got[0].json) == without_policy(json.loads(part("event")))


def test_the_receiver_on_the_page_accepts_what_is_signed_and_nothing_else(engine: Engine):
    kept: dict[str, Any] = {}
    names: dict[str, Any] = {"keep": kept.setdefault}
    written, _, serving = part("receiver").partition("\n\nHTTPServer(")
    assert serving
    exec(compile(written, "docs/webhooks.md", "exec"), names)
    names["Receiver"].log_message = lambda *_: None
    with HTTPServer(("127.0.0.1", 0), names["Receiver"]) as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        try:
            world = World(engine, Receiver())
            world.clock.now = datetime.now(UTC)
            draft = WebhookDraft(url=f"http://127.0.0.1:{server.server_port}/hook")
            subscription, names["SECRET"] = world.desk.create(SERVICE, draft)
            write(engine, *registered().batches)
            world.pump().step()
            assert list(kept) == [f"hotline-2031/{event.seq}" for event in registered().events]
            names["SECRET"] = "whsec_" + "A" * 32
            assert world.desk.ping(SERVICE, subscription.id).outcome == AttemptOutcome.REJECTED
        finally:
            server.shutdown()
            thread.join()
