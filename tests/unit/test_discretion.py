"""Secrets stay out of logs, by name or by looks."""

from __future__ import annotations

import io
import json
import logging

import pytest
import structlog

from api.access.secret import make_secret
from workflows.discretion import WITHHELD, withhold_secrets, without_secrets

TOKEN = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJsaS53ZWkifQ.c2lnbmF0dXJl"
KEY = make_secret().text


@pytest.mark.parametrize(
    "secret",
    [KEY, TOKEN, f"Bearer {TOKEN}", "Basic cmVkcmVzczpzM2NyZXQ="],
    ids=["key", "token", "bearer", "basic"],
)
@pytest.mark.parametrize(
    "place",
    [
        lambda s: {"event": f"refused: {s}"},
        lambda s: {"headers": {"X-Anything": s}},
        lambda s: {"headers": [("x", s)]},
        lambda s: {"raw": s.encode()},
        lambda s: {"exception": f"Traceback\n  ... {s!r}"},
    ],
    ids=["words", "header", "pairs", "bytes", "trace"],
)
def test_what_looks_like_a_secret_is_withheld_wherever_it_stands(secret: str, place: object) -> None:
    line = json.dumps(withhold_secrets(None, "info", place(secret)))  # type: ignore[operator]  # a lambda of the above
    assert secret.rpartition(" ")[2] not in line
    assert WITHHELD in line


@pytest.mark.parametrize(
    "name", ["Authorization", "x-api-key", "set_cookie", "password", "client_secret", "apikey"]
)
def test_what_is_a_secret_by_its_name_is_withheld_whatever_it_looks_like(name: str) -> None:
    line = withhold_secrets(None, "info", {"event": "asked", name: "s3cret", "headers": {name: "s3cret"}})
    assert line == {"event": "asked", name: WITHHELD, "headers": {name: WITHHELD}}


def test_an_address_keeps_its_host_and_loses_its_password() -> None:
    assert without_secrets("postgresql://redress:s3cret@db:5432/x") == f"postgresql://{WITHHELD}@db:5432/x"


def test_ordinary_lines_stay_as_they_are() -> None:
    line = {"event": "answered", "path": "/v1/complaints/hotline-2031", "status": 200, "took_ms": 3.5}
    assert withhold_secrets(None, "info", dict(line)) == line


def test_lines_of_other_libraries_pass_through_it_too() -> None:
    said = io.StringIO()
    handler = logging.StreamHandler(said)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processor=structlog.processors.JSONRenderer(), foreign_pre_chain=[withhold_secrets]
        )
    )
    logger = logging.getLogger("tests.discretion")
    logger.addHandler(handler)
    logger.warning("GET /v1/me with %s", f"Bearer {KEY}")
    logger.removeHandler(handler)
    assert KEY not in said.getvalue()
    assert WITHHELD in said.getvalue()
