"""The codec of the API: what it seals and encrypts for systems, and what it shows to whom."""

from __future__ import annotations

import asyncio
import base64
import json
import subprocess
from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
import pytest_asyncio
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload

from api.payloads import DECODED_BYTES
from api.routes.codec import LARGER
from api.shapes import PAYLOADS_AT_ONCE as AT_MOST
from complaints import commands as c
from complaints.permissions import Right
from complaints.sealed import keys_in
from complaints.vocabulary import Actor, Role
from complaints.wire import plain
from stack.temporal import temporal_cli
from tests.integration import integrators
from tests.integration.api import fields, problem
from tests.integration.desk import Desk, workers
from tests.integration.integrators import CRM, SCOPES, Given, example, registration, surroundings
from tests.keys import MASTERS
from tests.lives import PEOPLE
from tests.lives import example as example_of
from workflows.converter import EncryptionCodec

UI = "https://temporal.example"
NAME = "欧阳倩倩"


@pytest_asyncio.fixture(loop_scope="session")
async def given(desk: Desk) -> AsyncIterator[Given]:
    async with integrators.given(desk, cors_origins=UI) as given:
        yield given


def payload(data: Any, encoding: str = "json/plain") -> dict[str, Any]:
    text = data if isinstance(data, bytes) else json.dumps(data).encode()
    return {"metadata": {"encoding": b64(encoding.encode())}, "data": b64(text)}


def encrypted(data: Any, workflow: str) -> dict[str, Any]:
    clear = Payload(metadata={"encoding": b"json/plain"}, data=json.dumps(data, ensure_ascii=False).encode())
    found = EncryptionCodec(MASTERS, workflow).encrypted(clear)
    return {"metadata": {name: b64(value) for name, value in found.metadata.items()}, "data": b64(found.data)}


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def clear(shown: dict[str, Any]) -> Any:
    """What a payload says, where it can be read."""
    assert shown["metadata"]["encoding"] == b64(b"json/plain"), "it is still encrypted"
    return json.loads(base64.b64decode(shown["data"]))


def started(**fields: Any) -> dict[str, Any]:
    reference = fields.pop("reference", "1")
    return {"number": f"crm-{reference}", "registration": registration(reference, **fields)}


async def ask(given: Given, what: str, *payloads: Any, key: str | None = None) -> httpx.Response:
    return await given.codec(what, {"payloads": list(payloads)}, key=key)


async def shown(given: Given, *payloads: Any, key: str | None = None) -> list[Any]:
    answer = await ask(given, "decode", *payloads, key=key)
    assert answer.status_code == 200, answer.text
    found: list[Any] = answer.json()["payloads"]
    return found


async def recorded(given: Given, reference: str, **fields: Any) -> tuple[str, dict[str, Any]]:
    """A complaint on record, and a payload of its workflow that holds its registration."""
    desk = given.desk
    async with workers(desk):
        number = await desk.open(source="crm", reference=reference, received_at=datetime.now(UTC), **fields)
        await desk.agrees(number)
        held = plain((await desk.look(number)).registration)
    return number, encrypted(held, number)


# --- encoding


def lies(sealed: dict[str, Any]) -> Any:
    """What lies below the encryption, for whoever has the master key."""
    payload = json_format.ParseDict(sealed, Payload())
    return json.loads(EncryptionCodec(MASTERS).decrypted(payload).data)


async def test_a_registration_is_sealed_and_encrypted_for_its_complaint(given: Given) -> None:
    answer = await ask(given, "encode", payload(started()))
    (sealed,) = answer.json()["payloads"]
    assert base64.b64decode(sealed["metadata"]["workflow"]) == b"crm-1"
    assert NAME not in json.dumps(lies(sealed), ensure_ascii=False)
    assert len(keys_in(lies(sealed))) == 1  # one letter
    (read,) = await shown(given, sealed)
    assert clear(read)["registration"]["command"]["customer"] is None  # nobody's yet, so people are left out


async def test_a_command_is_encrypted_for_the_complaint_that_is_named(given: Given) -> None:
    note = payload(example().envelope({"type": "AddNote", "text": "a word"}))
    (sealed,) = (await ask(given, "encode?workflow=crm-7", note)).json()["payloads"]
    assert base64.b64decode(sealed["metadata"]["workflow"]) == b"crm-7"
    assert lies(sealed)["command"]["text"].startswith("sealed:+")


@pytest.mark.parametrize(
    ("sent", "field"),
    [
        (started(channel="pigeon"), "payloads.0.registration.command.channel"),
        (started(customer={"nom": "x"}), "payloads.0.registration.command.customer.nom"),
        (started(description="sealed:crm-1:" + "A" * 40), "payloads.0.registration.command.description"),
        ({**started()["registration"], "received_at": "yesterday"}, "payloads.0.received_at"),
        ({"id": "1", "command": {"type": "Fly"}}, "payloads.0.command.type"),
        ({**started()["registration"], "actor": {"id": "li.wei", "role": "lead"}}, "payloads.0.actor"),
        (b"{", "payloads.0"),
        (b'"\\ud800"', "payloads.0"),
        (b"[" * 100_000, "payloads.0"),
    ],
)
async def test_a_wrong_field_is_named_with_its_path(given: Given, sent: Any, field: str) -> None:
    assert field in fields(problem(await ask(given, "encode", payload(sent)), 422))


async def test_a_system_encodes_registrations_of_its_own_source_only(given: Given) -> None:
    found = problem(await ask(given, "encode", payload(started(source="hotline"))), 403)
    assert found["rule"] == "NotYourSource"


async def test_a_key_that_may_only_register_encodes_no_command(given: Given) -> None:
    key = given.key_of(CRM, frozenset({Right.REGISTER}))
    note = payload(example().envelope({"type": "AddNote", "text": "a word"}))
    assert problem(await ask(given, "encode", note, key=key), 403)["rule"] == "NotYourRight"
    assert (await ask(given, "encode", payload(started()), key=key)).status_code == 200
    assert problem(await ask(given, "decode", note, key=key), 403)["rule"] == "NotYourRight"


async def test_what_is_none_of_ours_is_encrypted_as_it_is(given: Given) -> None:
    others = [
        payload([1, "two"]),
        payload(b"\x00\xff", "binary/plain"),
        {"metadata": {"encoding": b64(b"binary/null")}},
    ]
    sealed = (await ask(given, "encode?workflow=crm-1", *others)).json()["payloads"]
    assert {each["metadata"]["encoding"] for each in sealed} == {b64(b"binary/encrypted")}
    assert await shown(given, *sealed) == others


# --- what is no payload


@pytest.mark.parametrize("what", ["encode", "decode"])
@pytest.mark.parametrize(
    "body",
    ["", "no json", "[]", "7", '{"payloads": 7}', '{"a": 1}', "[" * 100_000],
)
async def test_a_malformed_body_is_refused(given: Given, what: str, body: str) -> None:
    headers = {"X-API-Key": given.key, "Content-Type": "application/json"}
    async with httpx.AsyncClient(base_url=given.url, headers=headers) as http:
        problem(await http.post(f"/v1/codec/{what}", content=body), 422)


@pytest.mark.parametrize("what", ["encode", "decode"])
async def test_more_than_a_thousand_are_refused(given: Given, what: str) -> None:
    assert (await ask(given, what, *[payload(1)] * AT_MOST)).status_code == 200
    found = problem(await ask(given, what, *[payload(1)] * (AT_MOST + 1)), 422)
    assert fields(found) == {"payloads"}


async def test_as_much_as_temporal_holds_comes_through_and_more_does_not(given: Given) -> None:
    (limit,) = LARGER.values()
    large = payload({"a": "x" * (2 * 2**20)})
    assert (await ask(given, "encode", large)).status_code == 200
    problem(await ask(given, "encode", payload({"a": "x" * limit.bytes})), 413)


async def test_little_that_would_become_much_is_refused(given: Given) -> None:
    size = 2 * 2**20
    bomb = encrypted("x" * size, "crm-1")
    found = problem(await ask(given, "decode", *[bomb] * (DECODED_BYTES // size + 1)), 422)
    assert fields(found) == {"payloads"}


# --- decoding, to whom


async def test_a_complaint_is_shown_to_whoever_may_see_it(given: Given) -> None:
    number, held = await recorded(given, "shown-1")
    for actor in (CRM, PEOPLE[Role.CUSTOMER_SERVICE], PEOPLE[Role.AUDITOR]):
        (read,) = await shown(given, held, key=given.key_of(actor))
        assert clear(read)["customer"]["name"] == example_of(c.Register).customer.name, (number, actor)


async def test_a_complaint_of_others_comes_back_as_it_was(given: Given) -> None:
    _, held = await recorded(given, "others-1")
    hotline = given.key_of(Actor(id="hotline", role=Role.SYSTEM), SCOPES)
    assert await shown(given, held, key=hotline) == [held]


async def test_a_confidential_reporter_stays_sealed_for_other_roles(given: Given) -> None:
    _, held = await recorded(given, "quiet-1", confidential=True)
    (read,) = await shown(given, held)
    assert clear(read)["customer"] is None
    (read,) = await shown(given, held, key=given.key_of(PEOPLE[Role.CUSTOMER_SERVICE]))
    assert not keys_in(clear(read))


async def test_a_token_in_another_complaints_payload_stays_closed(given: Given) -> None:
    _, held = await recorded(given, "quiet-2", confidential=True)
    mine, _ = await recorded(given, "mine-1")
    laundered = encrypted({"number": mine, "words": lies(held)}, mine)
    (found,) = await shown(given, laundered, key=given.key_of(PEOPLE[Role.CUSTOMER_SERVICE]))
    assert clear(found)["words"]["customer"]["name"] == "[sealed]"


@pytest.mark.parametrize("workflow", ["crm-2", "", "a\x00b", "\ud83d", "x" * 300])
async def test_another_workflows_name_opens_nothing(given: Given, workflow: str) -> None:
    held = encrypted({"a": 1}, "crm-1")
    held["metadata"]["workflow"] = b64(workflow.encode(errors="surrogatepass"))
    service = given.key_of(PEOPLE[Role.CUSTOMER_SERVICE])
    for key in (given.key, service):
        assert await shown(given, held, key=key) == [held]


async def test_what_others_encrypted_comes_back_as_it_was(given: Given) -> None:
    foreign = [payload({"a": 1}), payload(b"\x01" * 64, "binary/encrypted")]
    assert await shown(given, *foreign) == foreign


async def test_what_is_no_complaint_is_shown_to_those_who_see_everything(given: Given) -> None:
    matter = encrypted({"a": 1}, "incident.flood-7")
    (read,) = await shown(given, matter, key=given.key_of(PEOPLE[Role.AUDITOR]))
    assert clear(read) == {"a": 1}
    for actor in (CRM, PEOPLE[Role.LEAD]):
        assert await shown(given, matter, key=given.key_of(actor)) == [matter]


async def test_a_handler_decodes_nothing(given: Given) -> None:
    problem(await ask(given, "decode", payload(1), key=given.key_of(PEOPLE[Role.HANDLER])), 403)


# --- Temporal's own tools


async def test_the_temporal_command_shows_a_history_through_the_codec(given: Given) -> None:
    async with workers(given.desk):
        answer = await given.python("cli-1")
        await given.desk.agrees("crm-cli-1")
    assert answer["seq"]
    endpoint = f"{given.url}/v1/codec"
    service = given.key_of(PEOPLE[Role.CUSTOMER_SERVICE])
    through = await show(given, "--codec-endpoint", endpoint, "--codec-auth", f"Bearer {service}")
    assert "王女士" in through
    assert "客户说周末在家" in through
    without = await show(given)
    assert "王女士" not in without
    assert "sealed:" not in without


async def show(given: Given, *options: str) -> str:
    ran = await asyncio.create_subprocess_exec(
        temporal_cli(),
        *("workflow", "show", "--workflow-id", "crm-cli-1", "--address", given.address, "--output", "json"),
        *options,
        env=dict(surroundings()),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    out, err = await ran.communicate()
    assert ran.returncode == 0, err.decode()
    return "\n".join(_texts(json.loads(out)))


def _texts(shown: Any) -> Iterator[str]:
    """All payloads of a history, as far as they are text."""
    if isinstance(shown, dict):
        if isinstance(shown.get("data"), str):
            yield base64.b64decode(shown["data"]).decode(errors="replace")
        shown = list(shown.values())
    if isinstance(shown, list):
        for each in shown:
            yield from _texts(each)


@pytest.mark.parametrize(("origin", "allowed"), [(UI, UI), ("https://evil.example", None)])
async def test_the_web_ui_may_ask_from_an_origin_that_is_named(
    given: Given, origin: str, allowed: str | None
) -> None:
    preflight = {
        "Origin": origin,
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-namespace",
    }
    async with httpx.AsyncClient(base_url=given.url) as http:
        answer = await http.request("OPTIONS", "/v1/codec/decode", headers=preflight)
    assert answer.headers.get("access-control-allow-origin") == allowed
    assert (answer.status_code == 200) is (allowed is not None)
