"""Webhooks over HTTP: what goes in, what comes out, and nothing that makes the server stumble."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Iterator
from typing import Any

import httpx
import pytest
import pytest_asyncio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from complaints.permissions import Right
from complaints.vocabulary import Actor, Role
from tests.integration.api import Api, problem, said_by, served
from tests.integration.desk import Desk
from tests.integration.recorded import registered, write
from tests.integration.webhook_world import HOTLINE, SERVICE, SHOP, Receiver, receiving
from tests.lives import PEOPLE


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with receiving() as receiver:
        yield receiver


@pytest_asyncio.fixture(loop_scope="session")
async def api(desk: Desk) -> AsyncIterator[Api]:
    """The application, which may send to this machine; no worker is needed."""
    async with served(desk, webhook_allow_private="127.0.0.0/8") as api:
        yield api


async def ask(
    api: Api, method: str, path: str = "", *, actor: Actor = SERVICE.actor, **request: Any
) -> httpx.Response:
    who = {"Authorization": f"Bearer {said_by(actor)}", "Content-Type": "application/json"}
    return await api.client.request(method, f"/v1/webhooks{path}", headers=who, **request)


async def created(api: Api, receiver: Receiver, **draft: Any) -> dict[str, Any]:
    answer = await ask(api, "POST", json={"url": f"{receiver.address}/hook", **draft})
    assert answer.status_code == 201, answer.text
    found: dict[str, Any] = answer.json()
    return found


async def test_the_secret_is_shown_once(api: Api, receiver: Receiver) -> None:
    subscription = await created(api, receiver)
    assert subscription["secret"].startswith("whsec_")
    name = subscription["id"]
    assert "secret" not in (await ask(api, "GET", f"/{name}")).json()
    assert "whsec_" not in (await ask(api, "GET")).text
    rotated = (await ask(api, "POST", f"/{name}/secret")).json()
    assert rotated["secret"] != subscription["secret"]


async def test_a_subscription_lives_and_ends(api: Api, receiver: Receiver) -> None:
    name = (await created(api, receiver, types=["Registered"]))["id"]
    assert (await ask(api, "POST", f"/{name}/pause")).json()["status"] == "paused"
    assert (await ask(api, "POST", f"/{name}/resume")).json()["status"] == "active"
    assert (await ask(api, "POST", f"/{name}/ping")).json()["outcome"] == "accepted"
    assert (await ask(api, "DELETE", f"/{name}")).status_code == 204
    problem(await ask(api, "GET", f"/{name}"), 404)


@pytest.mark.parametrize(
    ("method", "path"),
    [
        *(("GET", ""), ("DELETE", ""), ("POST", "/pause"), ("POST", "/resume"), ("POST", "/secret")),
        *(("POST", "/ping"), ("GET", "/deliveries")),
    ],
)
async def test_anothers_subscription_is_not_found(
    api: Api, receiver: Receiver, method: str, path: str
) -> None:
    name = (await created(api, receiver))["id"]
    problem(await ask(api, method, f"/{name}{path}", actor=SHOP.actor), 404)


@pytest.mark.parametrize("role", [Role.HANDLER, Role.LEAD, Role.AUDITOR])
async def test_who_may_not_subscribe_is_told_so(api: Api, role: Role) -> None:
    problem(await ask(api, "GET", actor=PEOPLE[role]), 403)


async def test_a_system_subscribes(api: Api, receiver: Receiver) -> None:
    answer = await ask(api, "POST", json={"url": receiver.address}, actor=HOTLINE.actor)
    assert answer.json()["owner"] == {"id": "hotline", "role": "system", "department": None}


async def test_the_log_comes_page_by_page(api: Api, receiver: Receiver) -> None:
    name = (await created(api, receiver))["id"]
    life = registered()
    write(api.desk.engine, *life.batches)
    seen, cursor = [], None
    while True:
        parameters = {"limit": "2"} | ({"cursor": cursor} if cursor else {})
        page = (await ask(api, "GET", f"/{name}/deliveries", params=parameters)).json()
        seen += [item["seq"] for item in page["items"]]
        if (cursor := page["next"]) is None:
            break
    assert sorted(seen) == [event.seq for event in life.events]


async def test_events_are_sent_again_when_asked_for(api: Api, receiver: Receiver) -> None:
    life = registered()
    write(api.desk.engine, *life.batches)
    name = (await created(api, receiver))["id"]
    answer = await ask(api, "POST", f"/{name}/replay", json={"number": "hotline-2031", "from_seq": 2})
    assert (answer.status_code, answer.json()) == (202, {"queued": len(life.events) - 1})


@pytest.mark.parametrize(
    "body",
    [
        *(b"", b"[]", b"null", b"{", b"\xff\xfe", b"{}", b'{"url": 1}', b'{"url": "\\u0000"}'),
        *(b'{"url": "https://crm.example/", "secret": "x"}', b'{"url": "\\ud800"}'),
        *(b'{"url": "https://\\ud800/"}', b"[" * 60_000, b'"' + b"x" * 70_000 + b'"'),
    ],
)
async def test_a_malformed_subscription_is_refused_and_nothing_stored(api: Api, body: bytes) -> None:
    problem(await ask(api, "POST", content=body), 422)
    assert (await ask(api, "GET")).json() == {"items": []}


@pytest.mark.parametrize(
    ("question", "status"),
    [
        ("cursor=x", 404),
        ("cursor=W10", 404),
        ("number=%00", 422),
        ("number=%E7%8E%8B", 422),
        ("progress=x", 422),
    ],
)
async def test_a_question_that_makes_no_sense_is_refused(
    api: Api, receiver: Receiver, question: str, status: int
) -> None:
    name = (await created(api, receiver))["id"]
    problem(await ask(api, "GET", f"/{name}/deliveries?{question}"), status)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_FIELDS = ("url", "types", "department", "number", "from_seq", "since", "parked")


@settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(body=st.dictionaries(st.sampled_from(_FIELDS), _JSON, max_size=4) | _JSON)
async def test_no_body_is_a_fault(api: Api, receiver: Receiver, body: Any) -> None:
    items = (await ask(api, "GET")).json()["items"]
    name = items[0]["id"] if items else (await created(api, receiver))["id"]
    for path in ("", f"/{name}/replay"):
        answer = await ask(api, "POST", path, content=json.dumps(body).encode())
        assert answer.status_code in (202, 422), answer.text


async def test_pings_at_once_leave_the_rest_of_the_api_alone(api: Api, receiver: Receiver) -> None:
    """Twelve pings hang at a receiver that does not answer; a list is answered all the same."""
    name = (await created(api, receiver))["id"]
    receiver.hold()
    pings = [asyncio.create_task(ask(api, "POST", f"/{name}/ping")) for _ in range(12)]
    assert (await asyncio.wait_for(ask(api, "GET"), 5)).status_code == 200
    receiver.closing.set()
    assert {answer.status_code for answer in await asyncio.gather(*pings)} == {200}


async def test_every_route_names_the_right_it_needs(api: Api) -> None:
    document = (await api.client.get("/openapi.json")).json()
    paths = [path for name, path in document["paths"].items() if name.startswith("/v1/webhooks")]
    routes = [route for path in paths for route in path.values()]
    assert len(routes) == 10
    assert {route["x-right"] for route in routes} == {Right.SUBSCRIBE.value}
