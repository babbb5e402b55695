"""The codec server decodes for the Temporal UI, and for nobody else."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from google.protobuf import json_format
from temporalio.api.common.v1 import Payload, Payloads

from api.codec import MAX_BYTES, make_app
from complaints.sealed import token
from db.masters import Masters
from workflows.converter import EncryptionCodec, generate_key

UI = "http://127.0.0.1:8233"
KEY = Masters([generate_key()])


async def ask(body: bytes | str, *, origin: str | None = UI) -> httpx.Response:
    headers = {"content-type": "application/json"} | ({"origin": origin} if origin else {})
    transport = httpx.ASGITransport(make_app(KEY, [UI]))
    async with httpx.AsyncClient(transport=transport, base_url="http://codec") as client:
        return await client.post("/decode", content=body, headers=headers)


async def encrypted(text: str, key: Masters = KEY) -> str:
    payload = Payload(metadata={"encoding": b"json/plain"}, data=text.encode())
    return json_format.MessageToJson(Payloads(payloads=await EncryptionCodec(key).encode([payload])))


async def test_the_ui_reads_in_clear_what_we_encrypted() -> None:
    answer = await ask(await encrypted('"电费计量"'))
    decoded: Any = json_format.Parse(answer.content, Payloads())
    assert decoded.payloads[0].data.decode() == '"电费计量"'
    assert answer.headers["access-control-allow-origin"] == UI


async def test_what_is_sealed_stays_sealed() -> None:
    """Nobody is asked who they are here."""
    sealed = f'"{token("crm-1", "A" * 40)}"'
    decoded: Any = json_format.Parse((await ask(await encrypted(sealed))).content, Payloads())
    assert decoded.payloads[0].data.decode() == sealed


@pytest.mark.parametrize("origin", [None, "http://evil.example", "http://127.0.0.1:9999"])
async def test_any_other_origin_is_refused(origin: str | None) -> None:
    assert (await ask(await encrypted('"secret"'), origin=origin)).status_code == 403


async def test_what_another_key_encrypted_comes_back_as_it_was() -> None:
    foreign = await encrypted('"x"', Masters([generate_key()]))
    answer = await ask(foreign)
    assert answer.status_code == 200
    assert json_format.Parse(answer.content, Payloads()) == json_format.Parse(foreign, Payloads())


@pytest.mark.parametrize("body", ["", "no json", '{"payloads": 7}', b"\xff\xfe"])
async def test_a_malformed_body_is_refused(body: bytes | str) -> None:
    assert (await ask(body)).status_code == 400


async def test_a_body_that_is_too_large_is_refused() -> None:
    assert (await ask(b" " * (MAX_BYTES + 1))).status_code == 413


async def test_nothing_can_be_encoded_here() -> None:
    transport = httpx.ASGITransport(make_app(KEY, [UI]))
    async with httpx.AsyncClient(transport=transport, base_url="http://codec") as client:
        assert (await client.post("/encode", content="{}")).status_code == 404
