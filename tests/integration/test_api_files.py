"""Files over HTTP: up, listed, down, away; and everything that is refused on the way."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import os
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import httpx
import pytest
import pytest_asyncio

from api.examples import command
from complaints import commands as c
from complaints.permissions import Right
from complaints.policy_file import builtin
from complaints.vocabulary import Actor, Role
from tests.integration.api import fields
from tests.integration.desk import Desk, workers
from tests.integration.served_files import Guest, served

PNG = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR"
MIB = 1024 * 1024


@pytest_asyncio.fixture(loop_scope="session")
async def guest(desk: Desk, tmp_path: Path) -> AsyncIterator[Guest]:
    async with workers(desk), served(desk, tmp_path / "files", file_max_bytes=3 * MIB) as guest:
        yield guest


def problem(answer: httpx.Response, status: int) -> dict[str, Any]:
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    found: dict[str, Any] = answer.json()
    return found


async def test_what_went_up_comes_down_to_be_saved_and_never_shown(guest: Guest) -> None:
    number = await guest.desk.open()
    data = PNG + os.urandom(2 * MIB)
    answer = await guest.attach(number, data)
    assert answer.status_code == 201
    file = answer.json()
    assert (file["number"], file["file_name"], file["media_type"]) == (number, "读数.png", "image/png")
    assert file["sha256"] == hashlib.sha256(data).hexdigest()
    found = await guest.http.get(answer.headers["location"], headers={"X-As": "auditor:inspector"})
    assert found.content == data
    heads = found.headers
    assert heads["content-type"] == "image/png"
    assert heads["content-length"] == str(len(data))
    assert heads["content-disposition"].startswith("attachment; ")
    assert unquote(heads["content-disposition"].rpartition("UTF-8''")[2]) == "读数.png"
    assert heads["x-content-type-options"] == "nosniff"
    assert heads["content-security-policy"] == "sandbox; default-src 'none'"
    digest = base64.b64decode(heads["repr-digest"].removeprefix("sha-256=:").removesuffix(":"))
    assert digest == hashlib.sha256(data).digest()


async def test_the_same_twice_is_answered_alike(guest: Guest) -> None:
    number = await guest.desk.open()
    first = await guest.attach(number, PNG, key="k1")
    second = await guest.attach(number, PNG, key="k1")
    assert (first.status_code, second.status_code) == (201, 200)
    assert first.json() == second.json()
    assert len(guest.objects()) == 1


async def test_another_file_under_the_same_key_is_refused(guest: Guest) -> None:
    number = await guest.desk.open()
    await guest.attach(number, PNG, key="k1")
    found = problem(await guest.attach(number, PNG + b"x", key="k1"), 409)
    assert found["type"] == "/problems/another-body"
    assert "SHA-256" in found["detail"]


async def test_twenty_at_once_with_one_key_are_one_file(guest: Guest) -> None:
    number = await guest.desk.open()
    answers = await asyncio.gather(*(guest.attach(number, PNG, key="k1") for _ in range(20)))
    assert sorted(answer.status_code for answer in answers) == [200] * 19 + [201]
    assert len({answer.text for answer in answers}) == 1
    assert len(guest.objects()) == 1


@pytest.mark.parametrize(
    ("data", "declared", "status", "slug"),
    [
        (b"", "image/png", 422, "malformed"),
        (b"<html></html>", "text/html", 415, "wrong-kind-of-file"),
        (PNG, "application/pdf", 415, "wrong-kind-of-file"),
        (PNG + bytes(3 * MIB), "image/png", 413, "too-large"),
        (PNG + bytes(4 * MIB), "image/png", 413, "too-large"),
        (b"MZ\x90\x00" + bytes(500), "", 415, "wrong-kind-of-file"),
    ],
)
async def test_what_is_not_taken_is_named_and_not_kept(
    guest: Guest, data: bytes, declared: str, status: int, slug: str
) -> None:
    number = await guest.desk.open()
    found = problem(await guest.attach(number, data, "a.png", declared), status)
    assert found["type"] == f"/problems/{slug}"
    assert guest.objects() == []


async def test_a_lie_is_named_with_what_is_true(guest: Guest) -> None:
    number = await guest.desk.open()
    found = problem(await guest.attach(number, PNG, "a.pdf", "application/pdf"), 415)
    assert found["detail"] == "the file is declared as application/pdf, and its bytes are image/png"
    assert "image/png" in found["possible"]


async def test_an_empty_file_names_its_field(guest: Guest) -> None:
    number = await guest.desk.open()
    assert problem(await guest.attach(number, b""), 422)["errors"] == [{"field": "file", "rule": "is empty"}]


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("../../etc/passwd.png", "passwd.png"),
        ("a\r\nX-Evil: 1.png", "aX-Evil: 1.png"),
        ('say "hi".png', 'say "hi".png'),
        ("photo\u202egnp.exe", "photognp.exe"),
        ("😀𠮷.png", "😀𠮷.png"),
        ("x" * 300 + ".png", "x" * 196 + ".png"),
    ],
)
async def test_whatever_it_is_called_the_name_is_clean(guest: Guest, given: str, name: str) -> None:
    number = await guest.desk.open()
    body = _form(given.replace("\r", "%0D").replace("\n", "%0A").replace('"', "%22"), PNG)
    answer = await guest.ask("POST", f"{number}/attachments", **body)
    assert answer.status_code == 201, answer.text
    assert answer.json()["file_name"] == name
    down = await guest.content(number, answer.json()["id"])
    assert down.content == PNG
    assert unquote(down.headers["content-disposition"].rpartition("UTF-8''")[2]).startswith(name)


def _form(name: str, data: bytes, *, field: str = "file", after: bytes = b"") -> dict[str, Any]:
    disposition = f'Content-Disposition: form-data; name="{field}"; filename="{name}"'.encode()
    body = (
        b"--B\r\n"
        + disposition
        + b"\r\nContent-Type: image/png\r\n\r\n"
        + data
        + b"\r\n"
        + after
        + b"--B--\r\n"
    )
    return {"content": body, "headers": {"Content-Type": "multipart/form-data; boundary=B"}}


ANOTHER_PART = b'--B\r\nContent-Disposition: form-data; name="file"; filename="b"\r\n\r\nb\r\n'


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (_form("a", PNG, field="picture"), "picture"),
        (_form("a", PNG, after=ANOTHER_PART), "file"),
        ({**_form("a", PNG), "content": _form("a", PNG)["content"][:-9]}, ""),
        ({**_form("a", PNG), "content": b"--B--\r\n"}, "file"),
        ({**_form("a", PNG), "content": b""}, ""),
        ({**_form("a", PNG), "content": b"no form at all"}, ""),
        ({**_form("a", PNG), "content": b"--B\r\n" + b"A: b\r\n" * 100_000}, ""),
    ],
)
async def test_a_body_that_is_no_such_form_is_refused_by_name(
    guest: Guest, body: dict[str, Any], field: str
) -> None:
    number = await guest.desk.open()
    found = problem(await guest.ask("POST", f"{number}/attachments", **body), 422)
    assert [each["field"] for each in found["errors"]] == [field]
    assert guest.objects() == []


@pytest.mark.parametrize(
    "kind",
    [
        "application/json",
        "multipart/form-data",
        "multipart/mixed; boundary=B",
        "",
        "multipart/form-data; boundary=",
    ],
)
async def test_a_body_of_another_type_is_not_read(guest: Guest, kind: str) -> None:
    number = await guest.desk.open()
    answer = await guest.ask("POST", f"{number}/attachments", content=b"{}", headers={"Content-Type": kind})
    problem(answer, 415)


async def test_a_body_without_a_length_is_counted_and_never_held_whole(guest: Guest) -> None:
    """Sixty-four megabytes are on offer; what is read of them stays near the limit, and so does the memory."""
    number = await guest.desk.open()
    await guest.attach(number, PNG + bytes(2 * MIB))
    before, given = _resident(), 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal given
        yield _form("a.png", PNG)["content"][: -len(b"\r\n--B--\r\n")]
        for _ in range(64 * 16):
            given += 65_536
            yield bytes(65_536)

    try:
        answer = await guest.ask(
            "POST",
            f"{number}/attachments",
            content=endless(),
            headers={"Content-Type": "multipart/form-data; boundary=B"},
        )
        problem(answer, 413)
    except (
        httpx.WriteError,
        httpx.ReadError,
        httpx.RemoteProtocolError,
    ):  # the server hung up in the middle, as it may
        pass
    assert given < 20 * MIB
    assert _resident() - before < 25 * MIB
    assert len(guest.objects()) == 1


def _resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def test_files_are_listed_in_the_order_they_came(guest: Guest) -> None:
    number = await guest.desk.open()
    made = [(await guest.attach(number, PNG + bytes([n]))).json() for n in range(3)]
    await guest.desk.agrees(number)
    found = (await guest.ask("GET", f"{number}/attachments", role=Role.AUDITOR)).json()
    assert found["attachments"] == made
    assert found["as_of"]["source"] == "records"


async def test_a_removed_file_is_gone_and_its_digest_stays(guest: Guest) -> None:
    number = await guest.desk.open()
    file = (await guest.attach(number, PNG)).json()
    answer = await guest.ask(
        "POST", f"{number}/attachments/{file['id']}/remove", json={"reason": "附错了"}, key="r1"
    )
    again = await guest.ask(
        "POST", f"{number}/attachments/{file['id']}/remove", json={"reason": "附错了"}, key="r1"
    )
    assert answer.status_code == again.status_code == 200
    assert answer.json() == again.json()
    assert (answer.json()["reason"], answer.json()["sha256"]) == ("附错了", file["sha256"])
    assert problem(await guest.content(number, file["id"]), 404)["rule"] == "FileGone"
    assert guest.objects() == []


async def test_removing_what_others_brought_is_refused_by_the_rule(guest: Guest) -> None:
    number = await guest.desk.open()
    file = (await guest.attach(number, PNG)).json()
    path = f"{number}/attachments/{file['id']}/remove"
    found = problem(await guest.ask("POST", path, json={"reason": "no"}, role=Role.DESK), 409)
    assert found["rule"] == "NotYourFile"
    problem(await guest.ask("POST", path, json={}), 422)
    problem(await guest.ask("POST", path, json={"reason": "x", "attachment": "y"}), 422)


async def test_damaged_bytes_are_named_and_nothing_of_them_is_given_out(guest: Guest) -> None:
    number = await guest.desk.open()
    file = (await guest.attach(number, PNG + bytes(200_000))).json()
    path = guest.folder / number / file["id"]
    data = bytearray(path.read_bytes())
    data[-5] ^= 1
    path.write_bytes(data)
    answer = await guest.content(number, file["id"])
    assert problem(answer, 502)["type"] == "/problems/file-damaged"
    assert PNG not in answer.content


async def test_lost_bytes_are_named(guest: Guest) -> None:
    number = await guest.desk.open()
    file = (await guest.attach(number, PNG)).json()
    (guest.folder / number / file["id"]).unlink()
    assert problem(await guest.content(number, file["id"]), 502)["rule"] == "FileMissing"


async def test_a_file_that_is_kept_elsewhere_is_not_found_here(guest: Guest) -> None:
    number = await guest.desk.open()
    answer = await guest.ask("POST", f"{number}/commands", json=command("AttachFile"))
    assert answer.status_code == 200, answer.text
    assert problem(await guest.content(number, "dms-4711"), 404)["rule"] == "KeptElsewhere"


async def test_nobody_says_that_a_file_is_kept_here_but_by_sending_it(guest: Guest) -> None:
    number = await guest.desk.open()
    body = {**command("AttachFile"), "attachment": "5f70bf18a0860070-16e948b04aed3b82"}
    answer = await guest.ask("POST", f"{number}/commands", json=body)
    assert fields(problem(answer, 422)) == {"attachment"}


async def test_a_storage_that_is_away_is_unavailable(guest: Guest) -> None:
    number = await guest.desk.open()
    (guest.folder / number).parent.mkdir(exist_ok=True)
    (guest.folder / number).write_text("in the way")
    answer = await guest.attach(number, PNG)
    assert problem(answer, 503)["type"] == "/problems/unavailable"


# --- who


async def test_who_may_not_see_a_complaint_finds_neither_it_nor_its_files(guest: Guest) -> None:
    number = await guest.desk.open()
    await guest.desk.do(number, c.RecordFirstContact)
    await guest.desk.do(number, c.Classify)
    await guest.desk.do(number, c.Assign)
    file = (await guest.attach(number, PNG)).json()
    stranger = Actor(id="lao.wu", role=Role.HANDLER, department="elsewhere")
    await guest.desk.agrees(number)
    unknown = await guest.attach("case-none", PNG, actor=stranger)
    for answer in (
        await guest.attach(number, PNG, actor=stranger),
        await guest.ask("GET", f"{number}/attachments", actor=stranger),
        await guest.content(number, file["id"], actor=stranger),
        await guest.ask(
            "POST", f"{number}/attachments/{file['id']}/remove", json={"reason": "x"}, actor=stranger
        ),
    ):
        assert problem(answer, 404) == problem(unknown, 404)


async def test_auditors_read_and_attach_nothing(guest: Guest) -> None:
    number = await guest.desk.open()
    problem(await guest.attach(number, PNG, role=Role.AUDITOR), 403)
    assert guest.objects() == []


async def test_a_key_for_commands_alone_attaches_nothing_by_whatever_door(guest: Guest) -> None:
    number = await guest.desk.open(source="crm")
    scopes = {"X-Scopes": f"{Right.ACT} {Right.READ}"}
    problem(await guest.attach(number, PNG, role=Role.SYSTEM, headers=scopes), 403)
    command = {
        "type": "AttachFile",
        "attachment": "x",
        "file_name": "x",
        "media_type": "image/png",
        "size_bytes": 1,
    }
    answer = await guest.ask(
        "POST", f"{number}/commands", json={**command, "sha256": 64 * "a"}, role=Role.SYSTEM, headers=scopes
    )
    problem(answer, 403)


async def test_files_of_a_confidential_reporter_are_for_those_who_may_know_them(guest: Guest) -> None:
    policy = replace(builtin(), reporter_seen_by=(Role.CUSTOMER_SERVICE,))
    number = await guest.desk.open(policy, confidential=True)
    await guest.desk.agrees(number)
    file = (await guest.attach(number, PNG, role=Role.CUSTOMER_SERVICE)).json()
    assert file["file_name"] == "读数.png"
    await guest.desk.agrees(number)
    listed = (await guest.ask("GET", f"{number}/attachments", role=Role.HANDLER)).json()["attachments"]
    assert [each["file_name"] for each in listed] == ["…"]
    problem(await guest.content(number, file["id"], role=Role.HANDLER), 404)
    assert (await guest.content(number, file["id"], role=Role.CUSTOMER_SERVICE)).content == PNG


async def test_nobody_is_let_in_without_a_name(guest: Guest) -> None:
    number = await guest.desk.open()
    answer = await guest.http.post(f"/v1/complaints/{number}/attachments", files={"file": ("a", PNG)})
    problem(answer, 401)


async def test_a_client_that_hangs_up_leaves_nothing(guest: Guest) -> None:
    number = await guest.desk.open()
    url = guest.http.base_url
    _, writer = await asyncio.open_connection(url.host, url.port)
    body = _form("a.png", PNG + bytes(100_000))["content"]
    writer.write(
        f"POST /v1/complaints/{number}/attachments HTTP/1.1\r\nHost: x\r\nX-As: handler:zhang.wei@billing\r\n"
        f"Content-Type: multipart/form-data; boundary=B\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        + body[:50_000]
    )
    await writer.drain()
    writer.close()
    answer = await guest.attach(number, PNG, key="after")
    assert answer.status_code == 201
    assert guest.objects() == [f"{number}/{answer.json()['id']}"]
