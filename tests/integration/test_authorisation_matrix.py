"""Every route × role × ownership: the walker finds what is wrong, and nothing where nothing is."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any

import pytest
from fastapi import APIRouter, FastAPI

from api import access
from api.access import ANYBODY, KNOWN, PUBLIC, Caller, Right, declares, needs, see
from api.access.dev_login import DevLogin, _read, make_key, sign
from api.access.guard import Guard
from api.access.key_ring import KeyRing
from api.access.limits import Limit
from api.access.secret import Digests
from complaints.vocabulary import Actor
from db.engine import make_engine
from tests.integration.authorisation import OWNERSHIPS, Walk
from tests.integration.door import make_app

NUMBERS = {ownership: f"c-{ownership}" for ownership in OWNERSHIPS}
CASES = {NUMBERS[ownership]: case for ownership, case in OWNERSHIPS.items()}


@pytest.fixture(scope="module")
def key(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("matrix") / "dev-login.key"
    make_key(file)
    return file


@pytest.fixture
def app(key: Path) -> Iterator[FastAPI]:
    """An app in order, with a route of each kind."""
    engine = make_engine("postgresql://nobody@127.0.0.1:1/nothing")
    plenty = Limit(1_000_000)
    guard = Guard(KeyRing(engine, Digests([bytes(32)])), None, DevLogin(_read(key)), plenty, plenty)
    app = make_app(guard)
    router = APIRouter(prefix="/v1")

    @app.get("/livez", openapi_extra=declares(PUBLIC))
    async def livez() -> str:
        return "alive"

    @router.get("/complaints", openapi_extra=declares(Right.SEARCH))
    async def search(_: Annotated[Caller, needs(Right.SEARCH)]) -> list[str]:
        return []

    @router.get("/complaints/{number}", openapi_extra=declares(Right.READ))
    async def read(number: str, caller: Annotated[Caller, needs(Right.READ)]) -> str:
        see(caller, number, CASES.get(number))
        return number

    @router.post("/complaints/{number}/commands", openapi_extra=declares(Right.ACT))
    async def act(number: str, body: dict[str, str], caller: Annotated[Caller, needs(Right.ACT)]) -> str:
        see(caller, number, CASES.get(number), Right.ACT)
        return body["type"]

    app.include_router(router)
    yield app
    engine.dispose()


@pytest.fixture
def walk(app: FastAPI, key: Path) -> Walk:
    def headers(actor: Actor) -> Mapping[str, str]:
        return {"Authorization": f"Bearer {sign(key, actor, now=time.time())}"}

    pages = frozenset({"/openapi.json", "/docs", "/docs/oauth2-redirect", "/redoc"})
    bodies = {"POST /v1/complaints/{number}/commands": {"type": "AddNote"}}
    return Walk(app, headers, NUMBERS, bodies=bodies, open_to_all=pages)


async def test_where_all_is_in_order_nothing_is_found(walk: Walk) -> None:
    assert await walk.findings() == []


async def test_a_route_that_nobody_declared_is_found(app: FastAPI, walk: Walk) -> None:
    @app.get("/v1/everything")
    async def everything() -> str:
        return "for everybody"

    assert await walk.findings() == ["GET /v1/everything: says not what it needs (x-right)"]


async def test_a_route_that_needs_what_is_no_right_is_found(app: FastAPI, walk: Walk) -> None:
    @app.get("/v1/everything", openapi_extra=declares("everything"))
    async def everything() -> str:
        return "for everybody"

    assert await walk.findings() == ["GET /v1/everything: needs 'everything', which is no right"]


async def test_a_route_that_asks_nobody_who_they_are_is_found(app: FastAPI, walk: Walk) -> None:
    @app.delete("/v1/keys/{key}", openapi_extra=declares(Right.MANAGE_KEYS))
    async def revoke(key: str) -> str:
        return key

    found = await walk.findings()
    assert found[0] == "DELETE /v1/keys/{key}: answers 200 to somebody unknown"
    assert "DELETE /v1/keys/{key}: answers 200 to auditor, who must not (own)" in found


async def test_a_route_that_looks_at_the_right_and_not_at_the_complaint_is_found(
    app: FastAPI, walk: Walk
) -> None:
    @app.get("/v1/complaints/{number}/timeline", openapi_extra=declares(Right.READ))
    async def timeline(number: str, _: Annotated[Caller, needs(Right.READ)]) -> str:
        return number

    found = await walk.findings()
    assert "GET /v1/complaints/{number}/timeline: answers 200 to handler, who must not (other)" in found
    assert not any("(own)" in line or "(unassigned)" in line for line in found if "system" not in line)


async def test_a_route_that_keeps_out_who_may_come_in_is_found(app: FastAPI, walk: Walk) -> None:
    @app.get("/v1/policies", openapi_extra=declares(Right.READ_RULES))
    async def policies(_: Annotated[Caller, needs(Right.ERASE)]) -> str:
        return "rules"

    assert "GET /v1/policies: answers 403 to handler, who may (own)" in await walk.findings()


async def test_a_route_that_serves_nobody_is_found(app: FastAPI, walk: Walk) -> None:
    @app.get("/v1/calendars", openapi_extra=declares(Right.READ_RULES))
    async def calendars(year: int, _: Annotated[Caller, needs(Right.READ_RULES)]) -> int:
        return year

    found = ["GET /v1/calendars: answered nobody as they wished; the last one 422"]
    assert await walk.findings() == found


async def test_a_fault_is_found_whoever_meets_it(app: FastAPI, walk: Walk) -> None:
    @app.get("/v1/broken", openapi_extra=declares(ANYBODY))
    async def broken(_: Annotated[Caller, KNOWN]) -> str:
        raise ZeroDivisionError

    assert len([line for line in await walk.findings() if "answers 500" in line]) == 8


async def test_routes_of_a_mounted_app_are_walked_too(app: FastAPI, walk: Walk) -> None:
    inner = FastAPI(openapi_url=None)

    @inner.get("/everything")
    async def everything() -> str:
        return "for everybody"

    app.mount("/inner", inner)
    assert any("says not what it needs" in line for line in await walk.findings())


def test_what_a_route_declares_stands_in_the_document(app: FastAPI) -> None:
    operation: dict[str, Any] = app.openapi()["paths"]["/v1/complaints/{number}"]["get"]
    assert operation["x-right"] == "read"
    assert {name for each in operation["security"] for name in each} == {"HTTPBearer", "APIKeyHeader"}
    assert access.PUBLIC == "public"
