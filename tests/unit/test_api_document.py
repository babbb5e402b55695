"""The API's document is complete: a right and an example for all, and pages that say what the code does."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any
from unittest.mock import NonCallableMock

import pytest
from fastapi.routing import APIRoute
from sqlalchemy import Engine
from temporalio.client import Client

from api import reference
from api.access.settings import load_access
from api.app import ROUTERS, make_app
from api.examples import COMMANDS as EXAMPLES
from api.examples import COMPLAINT, command
from api.explained import explained
from api.rights import PUBLIC
from api.shapes import NewComplaint
from complaints.commands import COMMANDS, Command
from complaints.permissions import Right
from complaints.wire import parse, plain, read
from tests.integration.desk import settings_for

VIEWER = Path(__file__).parents[2] / "api" / "viewer"
ROUTES = [route for router in ROUTERS for route in router.routes if isinstance(route, APIRoute)]


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    nobody = NonCallableMock(spec=Client), NonCallableMock(spec=Engine)  # neither is asked anything
    settings = settings_for("postgresql://a:b@127.0.0.1/x")
    return make_app(*nobody, settings, access=load_access()).openapi()


@pytest.mark.parametrize("route", ROUTES, ids=lambda route: f"{min(route.methods)} {route.path}")
def test_every_route_declares_its_right(route: APIRoute) -> None:
    assert (route.openapi_extra or {})["x-right"] in {PUBLIC, *Right}


def test_it_is_openapi_3_1_with_both_ways_to_sign_in(document: dict[str, Any]) -> None:
    assert document["openapi"].startswith("3.1")
    assert set(document["components"]["securitySchemes"]) == {"bearer", "apiKey"}


def test_every_command_has_a_schema_and_an_example(document: dict[str, Any]) -> None:
    body = document["paths"]["/v1/complaints/{number}/commands"]["post"]["requestBody"]
    media = body["content"]["application/json"]
    union = document["components"]["schemas"]["Command"]["discriminator"]["mapping"]
    assert set(union) == set(COMMANDS)
    assert set(media["examples"]) == set(COMMANDS) - {"Register"}


@pytest.mark.parametrize("name", COMMANDS)
def test_every_example_is_a_command(name: str) -> None:
    kind: Any = Command
    found = read(kind, json.dumps(command(name)).encode())
    assert type(found) is COMMANDS[name]
    assert set(EXAMPLES[name]) <= set(plain(found))


def test_the_example_of_a_complaint_is_one() -> None:
    assert parse(NewComplaint, COMPLAINT).source == "crm"


def test_whatever_is_referred_to_is_there(document: dict[str, Any]) -> None:
    referred = set(re.findall(r'"#/components/(\w+)/([^"]+)"', json.dumps(document)))
    for section, name in referred:
        assert name in document["components"][section]


def test_names_that_the_database_cannot_hold_are_excluded_by_the_schema(document: dict[str, Any]) -> None:
    note = document["components"]["schemas"]["AddNote"]["properties"]["text"]
    assert re.match(note["pattern"], "好的")
    assert not re.match(note["pattern"], " ")
    assert not re.match(note["pattern"], "a\x00")


@pytest.mark.parametrize("page", reference.pages())
def test_the_page_is_as_the_code_would_write_it(page: str) -> None:
    written = (reference.DOCS / page).read_text(encoding="utf-8")
    assert written == reference.pages()[page], "python -m api.reference writes it anew"


def test_no_two_problems_have_one_address() -> None:
    slugs = [each.slug for each in explained()]
    assert len(set(slugs)) == len(slugs)


def test_the_viewer_is_as_it_was_released() -> None:
    listed = re.findall(r"^([0-9a-f]{64})  (\S+)$", (VIEWER / "README.md").read_text(), re.MULTILINE)
    assert len(listed) == 5
    for digest, name in listed:
        assert hashlib.sha256((VIEWER / name).read_bytes()).hexdigest() == digest
