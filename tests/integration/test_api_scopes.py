"""What a key is for: its scopes bound what its system may do, whatever the rules allow the system itself."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest

from api.examples import command
from complaints.permissions import Right
from complaints.vocabulary import Actor, Role
from tests.integration.api import complaint, problem
from tests.integration.real_api import RealApi

CRM = Actor(id="crm", role=Role.SYSTEM)
START = "/v1/complaints"


async def asked(api: RealApi, secret: str, method: str, path: str, **request: Any) -> httpx.Response:
    answer = await api.client.request(method, path, headers={"X-API-Key": secret}, **request)
    if answer.status_code == 201:
        api.desk.opened.append(answer.json()["number"])
    return answer


def imported() -> dict[str, Any]:
    now = datetime.now(UTC)
    known = {"at": now.isoformat(), "origin": "old-crm.csv:7", "severity": "high"}
    return complaint(received_at=(now - timedelta(days=9)).isoformat(), imported=known)


async def test_a_key_that_is_not_for_importing_imports_nothing(real_api: RealApi) -> None:
    secret = real_api.key(CRM, [Right.REGISTER, Right.READ])
    body = imported()
    found = problem(await asked(real_api, secret, "POST", START, json=body), 403)
    assert "import" in found["detail"]
    problem(await asked(real_api, secret, "GET", f"{START}/crm-{body['reference']}"), 404)


async def test_a_key_that_is_for_importing_imports(real_api: RealApi) -> None:
    secret = real_api.key(CRM, [Right.REGISTER, Right.IMPORT])
    assert (await asked(real_api, secret, "POST", START, json=imported())).status_code == 201


async def test_a_person_who_may_not_import_does_not(real_api: RealApi) -> None:
    problem(await real_api.ask("POST", START, role=Role.HANDLER, json=imported()), 403)


@pytest.mark.parametrize(
    ("scope", "name"),
    [(Right.ACT, "AttachFile"), (Right.ATTACH, "AddNote"), (Right.SEARCH, "AddNote")],
)
async def test_a_key_sends_only_the_commands_that_it_is_for(
    real_api: RealApi, scope: Right, name: str
) -> None:
    number = await real_api.start()
    secret = real_api.key(CRM, [Right.READ, scope])
    path = f"{START}/{number}/commands"
    problem(await asked(real_api, secret, "POST", path, json=command(name)), 403)
