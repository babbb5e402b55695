"""Whatever is sent, the answer is a problem that helps, and never a fault of ours. See test_api_fuzz for many more."""

from __future__ import annotations

from typing import Any

import pytest

from tests.integration.api import Api, fields, problem

JSON = {"Content-Type": "application/json"}
START, COMMAND = "/v1/complaints", "/v1/complaints/crm-1/commands"


@pytest.mark.parametrize("path", [START, COMMAND, "/v1/commands", "/v1/complaints/crm-1/feedback"])
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"nul",
        b"{",
        b"[]",
        b'"text"',
        b"\xff\xfe",
        b"\xef\xbb\xbf{}",
        b"{}",
        b'{"type": "AddNote", "text": "\\ud800"}',
        b'{"type": "AddNote", "text": NaN}',
        b'{"type": "AddNote", "text": 1e999}',
        b'{"type": "AddNote", "text": "x", "text": "y"}',
        b'{"type": "AddNote", "text": "\\u0000"}',
        b'{"type": "AddNote", "text": ' + b"9" * 5000 + b"}",
        b'{"type": ["AddNote"]}',
        b'{"type": {"AddNote": 1}}',
        b'{"commands": {}}',
        b'{"commands": []}',
        b'{"commands": [1, 2]}',
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b'{"source": "crm", "reference": "1", "customer": []}',
    ],
)
async def test_a_malformed_body_is_422(api: Api, path: str, content: bytes) -> None:
    answer = await api.ask("POST", path, content=content, headers=JSON)
    assert problem(answer, 422)["errors"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Content-Type": "text/plain"},
        {"Content-Type": "application/x-www-form-urlencoded"},
        {"Content-Type": "application/json; charset=gbk"},
        {"Content-Type": "application/json", "Content-Encoding": "gzip"},
    ],
)
async def test_a_body_of_another_type_is_415(api: Api, headers: dict[str, str]) -> None:
    problem(await api.ask("POST", START, content=b"{}", headers=headers), 415)


async def test_utf_8_may_be_said(api: Api) -> None:
    for said in ("application/json; charset=utf-8", 'application/json;charset="UTF-8"'):
        answer = await api.ask("POST", START, content=b"{}", headers={"Content-Type": said})
        problem(answer, 422)


async def test_a_body_that_is_too_large_is_413(api: Api) -> None:
    content = b'{"x": "' + b"x" * 2**20 + b'"}'
    problem(await api.ask("POST", START, content=content, headers=JSON), 413)


async def test_a_body_that_does_not_say_how_large_it_is_is_counted(api: Api) -> None:
    async def endless() -> Any:
        for _ in range(40):
            yield b" " * 2**16

    problem(await api.ask("POST", START, content=endless(), headers=JSON), 413)


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [
        ("DELETE", START, "GET, POST"),
        ("PATCH", "/v1/complaints/crm-1", "GET"),
        ("TRACE", COMMAND, "POST"),
        ("POST", "/livez", "GET"),
        ("FOO", "/docs", "GET"),
    ],
)
async def test_a_method_that_is_not_there_is_405_and_says_which_are(
    api: Api, method: str, path: str, allowed: str
) -> None:
    answer = await api.ask(method, path)
    problem(answer, 405)
    assert answer.headers["allow"] == allowed


@pytest.mark.parametrize(
    "number", ["crm%00", "%ff%fe", "%ED%A0%80", "a" * 300, "%20", "..%2f..", "é", "crm-1%0a", "%zz", "crm"]
)
async def test_a_number_that_none_could_have_is_404(api: Api, number: str) -> None:
    problem(await api.get(f"/v1/complaints/{number}"), 404)
    problem(await api.get(f"/v1/complaints/{number}/timeline"), 404)
    problem(await api.send(number, "AddNote"), 404)


@pytest.mark.parametrize(
    "path", ["/", "/v1", "/v1/nothing", "/v1/complaints/", "/v1/complaints/crm-1/x", "//"]
)
async def test_an_address_that_is_not_there_is_404(api: Api, path: str) -> None:
    problem(await api.get(path), 404)


@pytest.mark.parametrize(
    ("query", "wrong"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=99999999999999999999999999", "limit"),
        ("stage=limbo", "stage.0"),
        ("sort=colour", "sort"),
        ("text=%00", "text"),
        ("text=%20", "text"),
        ("department=a%20b", "department"),
        ("handler=%ff", "handler"),
        ("received_from=yesterday", "received_from"),
        ("received_from=2026-03-01T09:00:00", "received_from"),
        ("received_from=9999-12-31T23:59:59-14:00", "received_from"),
        ("overdue=perhaps", "overdue"),
    ],
)
async def test_a_wrong_parameter_is_named(api: Api, query: str, wrong: str) -> None:
    assert fields(problem(await api.get(f"/v1/complaints?{query}"), 422)) == {wrong}


@pytest.mark.parametrize("min_seq", ["0", "-1", "x", "1e3", "99999999999999999999"])
async def test_a_sequence_that_none_could_be_is_422(api: Api, min_seq: str) -> None:
    problem(await api.get(f"/v1/complaints/crm-1?min_seq={min_seq}"), 422)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("Idempotency-Key", "a b"),
        ("Idempotency-Key", "a" * 101),
        ("Idempotency-Key", ""),
        ("If-Match", "W/x"),
        ("If-Match", '"99999999999999999999"'),
        ("Received-At", "soon"),
        ("Received-At", "\xff"),
    ],
)
async def test_a_wrong_header_is_named(api: Api, name: str, value: str) -> None:
    answer = await api.ask(
        "POST",
        COMMAND,
        content=b'{"type": "AddNote", "text": "x"}',
        headers={**JSON, name: value.encode("latin-1")},  # type: ignore[dict-item]  # bytes, as they may come
    )
    assert {each.lower() for each in fields(problem(answer, 422))} == {name.lower()}
