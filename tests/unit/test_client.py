"""The Python client: it knows every route and command, keeps its idempotency key, and repeats only what may help."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import httpx
import pytest

from cli import client_methods, client_models
from complaints.commands import COMMANDS
from redress_client import AsyncRedress, NoAnswer, Patience, Redress, calls, errors, models
from redress_client.waiting import retry_after

ROOT = Path(__file__).parents[2]
ANSWER = {
    "number": "crm-1",
    "seq": 2,
    "stage": "intake",
    "outcome": None,
    "handler": None,
    "next_due_at": None,
}
ANSWER |= {"facts": ["NoteAdded"], "created": []}
NOTE = models.AddNote(text="客户耳背")
AT_ONCE = Patience(attempts=4, first_seconds=0)
PAGES = {"/docs", "/problems", "/openapi.json"}


@pytest.fixture(scope="module")
def openapi() -> dict[str, Any]:
    return client_models.openapi()


def client(answer: Callable[[httpx.Request], httpx.Response], patience: Patience = AT_ONCE) -> Redress:
    return Redress("http://redress.test", "rk_x", patience=patience, transport=httpx.MockTransport(answer))


def says(status: int, **document: Any) -> httpx.Response:
    body = {"type": "/problems/x", "title": "x", "status": status, "detail": "x", **document}
    return httpx.Response(status, json=body, headers={"content-type": "application/problem+json"})


# --- that it is whole


def test_every_route_has_a_call(openapi: dict[str, Any]) -> None:
    routes = {
        (method.upper(), path)
        for path, operations in openapi["paths"].items()
        for method in operations
        if not any(path.startswith(page) for page in PAGES)
    }
    assert routes - set(calls.ROUTES.values()) == set()


def test_every_command_has_a_model(openapi: dict[str, Any]) -> None:
    union = [kind.__name__ for kind in get_args(get_args(models.Command)[0])]
    assert union == list(COMMANDS)
    assert set(union) <= set(openapi["components"]["schemas"])


def test_every_filter_of_a_list_is_an_argument(openapi: dict[str, Any]) -> None:
    for name, (method, path) in calls.ROUTES.items():
        operation = openapi["paths"].get(path, {}).get(method.lower(), {})
        asked = {each["name"] for each in operation.get("parameters", ()) if each["in"] == "query"}
        assert asked <= set(getattr(calls, name).__annotations__), name


def test_the_models_are_those_of_the_document(openapi: dict[str, Any]) -> None:
    found = client_models.formatted(client_models.written(openapi))
    assert client_models.DOCUMENT.read_text(encoding="utf-8") == found, "run python -m cli.client_models"


def test_the_methods_are_those_of_the_calls() -> None:
    found = client_models.formatted(client_methods.written())
    assert client_methods.DOCUMENT.read_text(encoding="utf-8") == found, "run python -m cli.client_methods"


def test_everything_that_the_document_refers_to_is_there(openapi: dict[str, Any]) -> None:
    def refers(schema: Any) -> set[str]:
        if isinstance(schema, list):
            return {name for each in schema for name in refers(each)}
        if not isinstance(schema, dict):
            return set()
        own = {schema["$ref"]} if isinstance(schema.get("$ref"), str) else set()
        return own | {name for each in schema.values() for name in refers(each)}

    for name in refers(openapi):
        place: Any = openapi
        for part in name.removeprefix("#/").split("/"):
            place = place[part]


def test_it_works_where_nothing_else_of_ours_is_installed(tmp_path: Path) -> None:
    (tmp_path / "redress_client").symlink_to(ROOT / "redress_client")
    script = "import redress_client, sys; print([m for m in ('complaints', 'api', 'temporalio') if m in sys.modules])"
    environment = {"PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=tmp_path,
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.strip() == "[]"


# --- how it repeats


def test_one_call_has_one_key_however_often_it_is_sent() -> None:
    keys: list[str] = []

    def busy(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        return says(503) if len(keys) < 3 else httpx.Response(200, json=ANSWER)

    with client(busy) as redress:
        assert redress.send_command("crm-1", NOTE).facts == ["NoteAdded"]
        redress.send_command("crm-1", NOTE)
    assert keys[0] == keys[1] == keys[2] != keys[3]


def test_a_key_of_ones_own_is_used() -> None:
    with client(
        lambda request: httpx.Response(200, json={**ANSWER, "stage": request.headers["idempotency-key"]})
    ) as r:
        assert r.send_command("crm-1", NOTE, key="mine").stage == "mine"


@pytest.mark.parametrize("status", [400, 401, 403, 404, 408, 409, 412, 413, 415, 422, 500])
def test_what_would_be_answered_the_same_again_is_asked_once(status: int) -> None:
    asked: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return says(status)

    with client(refuse) as redress, pytest.raises(errors.ProblemError):
        redress.read_complaint("crm-1")
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("status", "kind"), [(429, errors.TooMany), (503, errors.Unavailable), (502, errors.Unavailable)]
)
def test_patience_ends(status: int, kind: type[Exception]) -> None:
    asked: list[httpx.Request] = []

    def refuse(request: httpx.Request) -> httpx.Response:
        asked.append(request)
        return says(status)

    with client(refuse) as redress, pytest.raises(kind):
        redress.read_complaint("crm-1")
    assert len(asked) == AT_ONCE.attempts


def test_where_nobody_answers_the_key_is_told() -> None:
    def dead(request: httpx.Request) -> httpx.Response:
        raise httpx.ConnectError("refused", request=request)

    with client(dead) as redress, pytest.raises(NoAnswer) as nobody:
        redress.send_command("crm-1", NOTE, key="k1")
    assert nobody.value.key == "k1"


def test_retry_after_is_waited_for_and_not_beyond_ones_patience() -> None:
    patience = Patience(longest_seconds=10)
    assert patience.wait(1, httpx.Response(429, headers={"retry-after": "7"})) == 7
    assert patience.wait(1, httpx.Response(503, headers={"retry-after": "11"})) is None
    assert patience.wait(5, httpx.Response(503)) is None


def test_without_it_the_wait_doubles_and_is_spread() -> None:
    patience = Patience(first_seconds=1, longest_seconds=4, attempts=9)
    for attempt, (least, most) in enumerate([(0.5, 1), (1, 2), (2, 4), (2, 4)], start=1):
        wait = patience.wait(attempt, None)
        assert wait is not None
        assert least <= wait <= most


@pytest.mark.parametrize(
    ("said", "seconds"), [("5", 5.0), ("", None), ("soon", None), ("Mon, 02 Mar 2020 09:00:00 GMT", 0.0)]
)
def test_retry_after_is_read_as_seconds_or_a_date(said: str, seconds: float | None) -> None:
    assert retry_after(httpx.Response(503, headers={"retry-after": said})) == seconds


def test_a_file_is_sent_whole_each_time() -> None:
    bodies: list[bytes] = []

    def busy(request: httpx.Request) -> httpx.Response:
        bodies.append(
            request.read().replace(request.headers["content-type"].rpartition("=")[2].encode(), b"")
        )
        return says(503) if len(bodies) < 2 else httpx.Response(201, json=FILE)

    with client(busy) as redress:
        assert redress.attach_file("crm-1", io.BytesIO(b"bytes"), file_name="a.txt").id == "f-1"
    assert bodies[0] == bodies[1]
    assert b"bytes" in bodies[0]


FILE = {
    "number": "crm-1",
    "id": "f-1",
    "file_name": "a.txt",
    "media_type": "text/plain",
    "size_bytes": 5,
    "sha256": 64 * "a",
    "attached_by": "crm",
    "attached_at": "2026-03-02T01:00:00Z",
    "removed_by": None,
    "removed_at": None,
    "reason": None,
}


# --- what it says


def test_a_broken_rule_says_what_is_possible() -> None:
    refuse = says(409, rule="NotClassified", possible=["classify"])
    with client(lambda _: refuse) as redress, pytest.raises(errors.RuleBroken) as refused:
        redress.send_command("crm-1", NOTE)
    assert (refused.value.rule, refused.value.possible) == ("NotClassified", ["classify"])


def test_another_body_is_no_broken_rule() -> None:
    with (
        client(lambda _: says(409, type="/problems/another-body")) as redress,
        pytest.raises(errors.AnotherBody),
    ):
        redress.send_command("crm-1", NOTE)


def test_wrong_fields_are_named() -> None:
    wrong = [{"field": "text", "rule": "is missing"}]
    with client(lambda _: says(422, errors=wrong)) as redress, pytest.raises(errors.Malformed) as refused:
        redress.send_command("crm-1", {"type": "AddNote"})
    assert [(each.field, each.rule) for each in refused.value.errors] == [("text", "is missing")]


def test_what_a_proxy_says_is_a_problem_as_well() -> None:
    with (
        client(lambda _: httpx.Response(404, text="<html>")) as redress,
        pytest.raises(errors.NotFound) as refused,
    ):
        redress.read_complaint("crm-1")
    assert refused.value.problem.status == 404


def test_fields_that_join_later_are_kept_and_values_taken() -> None:
    with client(lambda _: httpx.Response(200, json={**ANSWER, "stage": "limbo", "mood": "good"})) as redress:
        answer = redress.send_command("crm-1", NOTE)
    assert answer.stage == "limbo"
    assert answer.model_extra == {"mood": "good"}


def test_a_field_that_is_spelt_wrong_is_found_before_it_is_sent() -> None:
    with pytest.raises(ValueError, match="txet"):
        models.AddNote.model_validate({"text": "a", "txet": "b"})


def test_names_in_addresses_are_escaped() -> None:
    assert calls.read_complaint("a/../b?c").path == "/v1/complaints/a%2F..%2Fb%3Fc"


# --- pages, and the other manner


def paged(request: httpx.Request) -> httpx.Response:
    after = int(request.url.params.get("after", 0))
    events = [{**EVENT, "seq": after + 1}, {**EVENT, "seq": after + 2}]
    page = {"number": "crm-1", "as_of": {"seq": 6, "at": None, "source": "records"}, "hidden": False}
    return httpx.Response(
        200, json={**page, "events": events, "next_after": after + 2 if after < 4 else None}
    )


EVENT = {
    "at": "2026-03-02T01:00:00Z",
    "occurred_at": "2026-03-02T01:00:00Z",
    "actor": {"id": "crm", "role": "system", "department": None},
    "command_id": None,
    "fact": {"type": "NoteAdded"},
    "previous": 64 * "0",
    "hash": 64 * "1",
}


def test_pages_are_gone_through() -> None:
    with client(paged) as redress:
        assert [event.seq for event in redress.timeline("crm-1")] == [1, 2, 3, 4, 5, 6]


async def test_so_they_are_without_blocking() -> None:
    async with AsyncRedress("http://redress.test", transport=httpx.MockTransport(paged)) as redress:
        assert [event.seq async for event in redress.timeline("crm-1")] == [1, 2, 3, 4, 5, 6]


async def test_without_blocking_a_call_is_repeated_alike() -> None:
    keys: list[str] = []

    def busy(request: httpx.Request) -> httpx.Response:
        keys.append(request.headers["idempotency-key"])
        return says(503) if len(keys) < 3 else httpx.Response(200, json=ANSWER)

    async with AsyncRedress("http://x", patience=AT_ONCE, transport=httpx.MockTransport(busy)) as redress:
        await redress.send_command("crm-1", NOTE)
    assert len(keys) == 3
    assert len(set(keys)) == 1


def test_nobody_reached_is_said_by_an_empty_answer() -> None:
    sent: list[Any] = []

    def take(request: httpx.Request) -> httpx.Response:
        sent.append(json.loads(request.content))
        return httpx.Response(200, json=ANSWER)

    with client(take) as redress:
        redress.record_satisfaction("crm-1", models.RecordFollowUp(satisfied=None))
    assert sent == [{"satisfied": None}]
