"""A confidential reporter, at every door of the API: the roles that the policy names see them, and nobody else."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
import pytest_asyncio
from google.protobuf import json_format
from temporalio.api.common.v1 import Payloads, WorkflowExecution
from temporalio.api.workflowservice.v1 import GetWorkflowExecutionHistoryRequest

from complaints.permissions import TABLE, Right
from complaints.policy_file import builtin
from complaints.vocabulary import Actor, Role
from stack.postgres import Postgres
from tests.integration.api import complaint, fields, problem
from tests.integration.authorisation import CALLERS
from tests.integration.desk import Desk, workers
from tests.integration.real_api import RealApi, really_served

POLICY = "power-utility"
NAMED = frozenset(builtin(POLICY).reporter_seen_by)
WORDS = ("隐名客", "139-2031", "zebrafish", "okapi", "narwhal", "quokka")
"""What would give the reporter away: who they are, and something from each text."""


@dataclass
class Case:
    """One complaint, in the department of all callers, and what the reporter sent."""

    api: RealApi
    number: str
    attachment: str
    body: dict[str, Any]

    async def ask(self, role: Role, method: str, path: str, **request: Any) -> httpx.Response:
        return await self.api.ask(method, path, actor=CALLERS[role], **request)


@pytest_asyncio.fixture(loop_scope="session")
async def case(desk: Desk, postgres: Postgres, tmp_path: Path) -> AsyncIterator[Case]:
    async with workers(desk), really_served(desk, postgres, tmp_path, policy=POLICY) as api:
        body = complaint(
            confidential=True,
            customer={"name": "隐名客", "contact": "139-2031"},
            description="The meter reader keeps a zebrafish.",
            asked_remedy=None,
        )
        answer = await api.ask("POST", "/v1/complaints", actor=CALLERS[Role.DESK], json=body)
        assert answer.status_code == 201, answer.text
        number = answer.json()["number"]
        await api.do(number, "Assign", department="billing", handler="handler.one")
        await api.do(number, "AddNote", text="She keeps an okapi.")
        await api.do(number, "Escalate", reason="He has a narwhal.")
        file = {"file": ("quokka.txt", b"quokka", "text/plain")}
        attached = await api.ask("POST", f"/v1/complaints/{number}/attachments", files=file)
        assert attached.status_code == 201, attached.text
        seq = await api.do(number, "AddNote", text="The last word.")
        await api.recorded(number, seq)
        yield Case(api, number, attached.json()["id"], body)


def _with(right: Right) -> list[Role]:
    return [role for role in Role if right in TABLE[role]]


def _given_away(text: str) -> set[str]:
    return {word for word in WORDS if word in text}


@pytest.mark.parametrize(
    ("path", "shown"),
    [
        ("/v1/complaints/{number}", {"隐名客", "139-2031", "zebrafish", "narwhal", "quokka"}),
        ("/v1/complaints/{number}/timeline?limit=200", set(WORDS)),
        ("/v1/complaints/{number}/attachments", {"quokka"}),
        ("/v1/complaints/{number}/attachments/{attachment}/content", {"quokka"}),
        ("/v1/complaints", set()),
        ("/v1/escalations?mine=false", {"narwhal"}),
    ],
)
async def test_only_the_named_roles_read_who_complained(case: Case, path: str, shown: set[str]) -> None:
    place = path.format(number=case.number, attachment=case.attachment)
    found = {}
    for role in _with(Right.READ):
        answer = await case.ask(role, "GET", place)
        found[role] = _given_away(answer.text + str(answer.headers))
    assert found == {role: shown if role in NAMED else set() for role in found}


async def test_only_the_named_roles_find_it_by_its_words(case: Case) -> None:
    found = {
        role: len((await case.ask(role, "GET", "/v1/complaints?text=zebrafish")).json()["complaints"])
        for role in _with(Right.SEARCH)
    }
    assert found == {role: int(role in NAMED) for role in found}


async def test_only_the_named_roles_decode_it(case: Case) -> None:
    body = await _payloads(case)
    found = {}
    for role in _with(Right.DECODE):
        answer = await case.ask(role, "POST", "/v1/codec/decode", json=body)
        clear = json_format.Parse(answer.content, Payloads())
        text = " ".join(payload.data.decode(errors="replace") for payload in clear.payloads)
        assert POLICY in text  # it was decoded at all
        found[role] = _given_away(text)
    assert found == {role: set(WORDS) if role in NAMED else set() for role in found}


async def test_only_the_named_roles_hear_what_differs_from_it(case: Case) -> None:
    """Whoever hears it could guess until nothing differs."""
    guess = {**case.body, "customer": {"name": "隐名客", "contact": "139-0000"}}
    found = {
        role: fields(problem(await case.ask(role, "POST", "/v1/complaints", json=guess), 409))
        for role in _with(Right.REGISTER)
        if role != Role.SYSTEM  # it sent it
    }
    generic = {"reference"}
    assert found == {role: {"customer.contact"} if role in NAMED else generic for role in found}


async def test_an_idempotency_key_opens_no_other_way_to_it(case: Case) -> None:
    """A key that somebody else's complaint was asked for with tells no more about it."""
    headers = {"Idempotency-Key": "guess"}
    guess = {**case.body, "customer": {"name": "隐名客", "contact": "139-0000"}}
    for body in (guess, guess, {**guess, "reference": "another"}):
        answer = await case.ask(Role.HANDLER, "POST", "/v1/complaints", json=body, headers=headers)
        assert fields(problem(answer, 409)) == {"reference"}


async def test_another_department_hears_nothing_of_what_differs(case: Case) -> None:
    stranger = Actor(id="desk.two", role=Role.DESK, department="metering")
    guess = {**case.body, "description": "The meter reader keeps a goldfish."}
    answer = await case.api.ask("POST", "/v1/complaints", actor=stranger, json=guess)
    assert fields(problem(answer, 409)) == {"reference"}


@pytest.mark.parametrize(
    "command",
    [
        {"type": "AcceptOption", "option": "O9"},
        {"type": "AcknowledgeEscalation", "escalation": "E9"},
        {"type": "RemoveFile", "attachment": "F9", "reason": "x"},
    ],
)
async def test_refusals_tell_nothing_of_it(case: Case, command: dict[str, str]) -> None:
    for role in Role:
        answer = await case.ask(role, "POST", f"/v1/complaints/{case.number}/commands", json=command)
        assert answer.status_code in (403, 409)
        assert not _given_away(answer.text)


async def _payloads(case: Case) -> Any:
    """Fetch the payloads of the whole history as Temporal keeps them, encrypted."""
    client = case.api.desk.client
    request = GetWorkflowExecutionHistoryRequest(
        namespace=client.namespace, execution=WorkflowExecution(workflow_id=case.number)
    )
    history = (await client.workflow_service.get_workflow_execution_history(request)).history
    found = Payloads()
    for event in history.events:
        started = event.workflow_execution_started_event_attributes
        found.payloads.extend(started.input.payloads)
        accepted = event.workflow_execution_update_accepted_event_attributes
        found.payloads.extend(accepted.accepted_request.input.args.payloads)
        scheduled = event.activity_task_scheduled_event_attributes
        found.payloads.extend(scheduled.input.payloads)
    return json.loads(json_format.MessageToJson(found))
