"""Webhooks over HTTP: what goes in, what comes out, and nothing that makes the server stumble."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import Engine

from api.routes.webhooks import router
from complaints.errors import Refusal
from complaints.permissions import Caller, Right
from complaints.webhooks import UnknownSubscription
from complaints.wire import Malformed
from tests.integration.recorded import registered, write
from tests.integration.webhook_world import HOTLINE, SERVICE, SHOP, World, receiving

CALLERS = {"service": SERVICE, "hotline": HOTLINE, "shop": SHOP}


@pytest.fixture
def world(engine: Engine) -> Iterator[World]:
    with receiving() as receiver:
        yield World(engine, receiver)


@pytest.fixture
def client(world: World) -> Iterator[httpx.Client]:
    """A client of a real server that has only these routes; errors sound as simple as can be."""
    app = FastAPI()

    async def authenticate(request: Request) -> Caller:
        return CALLERS[request.headers.get("x-test-caller", "service")]

    app.state.authenticate, app.state.webhooks = authenticate, world.desk
    app.include_router(router)
    for kind, status in ((Malformed, 422), (UnknownSubscription, 404), (Refusal, 409)):
        app.add_exception_handler(
            kind, lambda _request, error, status=status: JSONResponse({"detail": str(error)}, status)
        )
    with socket.create_server(("127.0.0.1", 0)) as listener:
        server = uvicorn.Server(uvicorn.Config(app, log_level="error", lifespan="off"))
        thread = threading.Thread(target=server.run, args=([listener],))
        thread.start()
        with httpx.Client(base_url=f"http://127.0.0.1:{listener.getsockname()[1]}") as client:
            yield client
        server.should_exit = True
        thread.join()


def created(client: httpx.Client, world: World, **draft: Any) -> dict[str, Any]:
    answer = client.post("/v1/webhooks", json={"url": f"{world.receiver.address}/hook", **draft})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_the_secret_is_shown_once(client: httpx.Client, world: World):
    subscription = created(client, world)
    assert subscription["secret"].startswith("whsec_")
    name = subscription["id"]
    assert "secret" not in client.get(f"/v1/webhooks/{name}").json()
    assert "whsec_" not in client.get("/v1/webhooks").text
    rotated = client.post(f"/v1/webhooks/{name}/secret").json()
    assert rotated["secret"] != subscription["secret"]


def test_a_subscription_lives_and_ends(client: httpx.Client, world: World):
    name = created(client, world, types=["Registered"])["id"]
    assert client.post(f"/v1/webhooks/{name}/pause").json()["status"] == "paused"
    assert client.post(f"/v1/webhooks/{name}/resume").json()["status"] == "active"
    assert client.post(f"/v1/webhooks/{name}/ping").json()["outcome"] == "accepted"
    assert client.delete(f"/v1/webhooks/{name}").status_code == 204
    assert client.get(f"/v1/webhooks/{name}").status_code == 404


def test_anothers_subscription_is_not_found(client: httpx.Client, world: World):
    name = created(client, world)["id"]
    for method, path in (
        ("GET", ""), ("DELETE", ""), ("POST", "/pause"), ("POST", "/resume"), ("POST", "/secret"), ("POST", "/ping"),
        ("GET", "/deliveries"),
    ):  # fmt: skip
        answer = client.request(method, f"/v1/webhooks/{name}{path}", headers={"x-test-caller": "shop"})
        assert answer.status_code == 404, (method, path)


def test_the_log_comes_page_by_page(client: httpx.Client, world: World):
    name = created(client, world)["id"]
    life = registered()
    write(world.engine, *life.batches)
    seen, cursor = [], None
    while True:
        parameters = {"limit": 2} | ({"cursor": cursor} if cursor else {})
        page = client.get(f"/v1/webhooks/{name}/deliveries", params=parameters).json()
        seen += [item["seq"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert sorted(seen) == [event.seq for event in life.events]


def test_events_are_sent_again_when_asked_for(client: httpx.Client, world: World):
    life = registered()
    write(world.engine, *life.batches)
    name = created(client, world)["id"]
    answer = client.post(f"/v1/webhooks/{name}/replay", json={"number": "hotline-2031", "from_seq": 2})
    assert (answer.status_code, answer.json()) == (202, {"queued": len(life.events) - 1})


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"null", b"{", b"\xff\xfe", b"{}", b'{"url": 1}', b'{"url": "https://crm.example/", "secret": "x"}',
        b'{"url": "\\u0000"}', b'{"url": "\\ud800"}', b'{"url": "https://\\ud800/"}', b"[" * 60_000, b'"' + b"x" * 70_000 + b'"',
    ],
)  # fmt: skip
def test_a_malformed_subscription_is_refused_and_nothing_stored(client: httpx.Client, body: bytes):
    assert client.post("/v1/webhooks", content=body).status_code == 422
    assert client.get("/v1/webhooks").json() == {"items": []}


@pytest.mark.parametrize(
    "cursor", ["x", "!", "W10=", "WyJ4IiwgIngiLCAxXQ==", "bnVsbA==", "WyIyMDI2LTAxLTAxIiwgIngiLCAxXQ=="]
)
def test_a_cursor_that_was_not_given_out_is_refused(client: httpx.Client, world: World, cursor: str):
    name = created(client, world)["id"]
    answer = client.get(f"/v1/webhooks/{name}/deliveries", params={"cursor": cursor})
    assert answer.status_code == 422


def test_a_number_that_none_could_have_is_refused(client: httpx.Client, world: World):
    name = created(client, world)["id"]
    assert client.get(f"/v1/webhooks/{name}/deliveries?number=%00").status_code == 422


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = ("url", "types", "department", "number", "from_seq", "since", "parked")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(st.sampled_from(_FIELDS), _JSON, max_size=4) | _JSON)
def test_no_body_is_a_fault(client: httpx.Client, world: World, body: Any):
    names = [item["id"] for item in client.get("/v1/webhooks").json()["items"]]
    name = names[0] if names else created(client, world)["id"]
    for path in ("", f"/{name}/replay"):
        answer = client.post(f"/v1/webhooks{path}", content=json.dumps(body).encode())
        assert answer.status_code in (202, 422), answer.text


def test_every_route_names_the_right_it_needs(client: httpx.Client):
    document = client.get("/openapi.json").json()
    routes = [route for path in document["paths"].values() for route in path.values()]
    assert len(routes) == 10
    assert {route["x-right"] for route in routes} == {Right.SUBSCRIBE.value}
