"""The whole API, every route × role × ownership: what is answered is what the one table says."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from pathlib import Path
from typing import Any

import pytest_asyncio

from complaints.lifecycle import Act
from complaints.vocabulary import Role
from stack.ports import choose_port
from stack.postgres import Postgres
from tests.integration.authorisation import CALLERS, OWNERSHIPS, Walk
from tests.integration.desk import Desk, workers
from tests.integration.real_api import RealApi, really_served

_OF = "POST /v1/complaints/{number}"
_HOOK = "/v1/webhooks/{name}"

ACTS = {
    f"{_OF}/commands": Act.ADD_NOTE,
    f"{_OF}/feedback": Act.GIVE_FEEDBACK,
    f"{_OF}/satisfaction": Act.CONFIRM_SATISFACTION,
    f"{_OF}/attachments": Act.ATTACH_FILE,
    f"{_OF}/attachments/{{attachment}}/remove": Act.REMOVE_FILE,
    f"{_OF}/escalations/{{escalation}}/acknowledge": Act.ACKNOWLEDGE_ESCALATION,
    f"{_OF}/escalations/{{escalation}}/reassign": Act.REASSIGN_ESCALATION,
    f"{_OF}/escalations/{{escalation}}/decline": Act.DECLINE_ESCALATION,
    f"{_OF}/escalations/{{escalation}}/resolve": Act.RESOLVE_ESCALATION,
}
FILE = ("读数.txt", b"4817", "text/plain")


def _draft() -> dict[str, Any]:
    """Subscribe to nothing, for a receiver that is away."""
    return {"url": f"http://127.0.0.1:{choose_port()}/", "types": ["Withdrawn"]}


@pytest_asyncio.fixture(loop_scope="session")
async def walk(desk: Desk, postgres: Postgres, tmp_path: Path) -> AsyncIterator[Walk]:
    private = {"webhook_allow_private": "127.0.0.0/8"}
    async with workers(desk), really_served(desk, postgres, tmp_path, **private) as api:
        numbers = {ownership: await _complaint(api, ownership) for ownership in OWNERSHIPS}
        made = {
            **dict.fromkeys(
                ("GET " + _OF[5:] + "/attachments/{attachment}/content", f"{_OF}/attachments/{{attachment}}/remove"),
                lambda number: _attached(api, number),
            ),
            **dict.fromkeys(
                (
                    f"GET {_HOOK}", f"DELETE {_HOOK}", f"POST {_HOOK}/pause", f"POST {_HOOK}/resume", f"POST {_HOOK}/ping",
                    f"POST {_HOOK}/secret", f"GET {_HOOK}/deliveries", f"POST {_HOOK}/replay",
                ),
                lambda _: _subscribed(api),
            ),
        }  # fmt: skip
        yield Walk(
            api.app,
            api.headers,
            numbers,
            paths={"name": "default", "escalation": "E1", "file": "docs.js", "slug": "not-found"},
            made=made,
            acts=ACTS,
            bodies={
                f"{_OF}/commands": {"type": "AddNote", "text": "客户耳背"},
                "POST /v1/webhooks": _draft(),
            },
            files={f"{_OF}/attachments": FILE},
            ruled_out=frozenset({f"{_OF}/satisfaction"}),  # none of them was settled yet
        )


async def test_every_route_answers_every_role_as_the_table_says(walk: Walk) -> None:
    assert await walk.findings() == []


async def _complaint(api: RealApi, ownership: str) -> str:
    """Open a complaint of this kind, with an escalation."""
    case = OWNERSHIPS[ownership]
    number = await api.start(source=case.source)
    seq = await api.do(number, "Escalate", reason="客户情绪激动")
    if case.departments:
        called = [{"department": each, "part": "associated"} for each in case.departments]
        seq = await api.do(number, "SummonDepartments", departments=called, what="一起核对电表")
    if case.handler:
        seq = await api.do(number, "Assign", department=case.department, handler=case.handler)
    await api.recorded(number, seq)
    return number


async def _attached(api: RealApi, number: str) -> Mapping[str, str]:
    answer = await api.ask("POST", f"/v1/complaints/{number}/attachments", files={"file": FILE})
    assert answer.status_code == 201, answer.text
    await api.recorded(number, answer.json().get("seq", 1))
    return {"attachment": answer.json()["id"]}


async def _subscribed(api: RealApi) -> Mapping[str, str]:
    """Subscribe anew; nobody may have many."""
    crm = CALLERS[Role.SYSTEM]
    for former in (await api.ask("GET", "/v1/webhooks", actor=crm)).json()["items"]:
        await api.ask("DELETE", f"/v1/webhooks/{former['id']}", actor=crm)
    answer = await api.ask("POST", "/v1/webhooks", actor=crm, json=_draft())
    assert answer.status_code == 201, answer.text
    return {"name": answer.json()["id"]}
