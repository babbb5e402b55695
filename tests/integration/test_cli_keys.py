"""`redress keys` and `redress token` on a real database, and what whoever is named on the command line may do."""

from __future__ import annotations

import base64
import io
import json
from contextlib import redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, text

from api.access.dev_login import make_key
from api.access.secret import Digests, read_secret
from api.access.token import take_apart
from cli.exits import Exit
from cli.main import run
from tests.conftest import ENCRYPTION_KEY
from tests.integration.recorded import eventful, write
from tests.keys import keys_of

WANG_FANG = "--as=customer_service:wang.fang"


@pytest.fixture(autouse=True)
def surroundings(monkeypatch: pytest.MonkeyPatch, database_url: str, tmp_path: Path) -> pytest.MonkeyPatch:
    monkeypatch.setenv("REDRESS_DATABASE_URL", database_url)
    monkeypatch.setenv("REDRESS_ENCRYPTION_KEY", base64.b64encode(ENCRYPTION_KEY).decode())
    monkeypatch.setenv("REDRESS_TEMPORAL_ADDRESS", "127.0.0.1:1")
    monkeypatch.setenv("REDRESS_HOME", str(tmp_path / "redress"))
    monkeypatch.delenv("REDRESS_AS", raising=False)
    return monkeypatch


def said(*arguments: str) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    with redirect_stdout(out), redirect_stderr(err):
        code = run(arguments)
    return code, out.getvalue(), err.getvalue()


def fine(*arguments: str) -> str:
    code, out, err = said(*arguments)
    assert (code, err) == (0, "")
    return out


def added(*more: str) -> dict[str, Any]:
    made: dict[str, Any] = json.loads(
        fine("keys", "add", "the CRM", "--for", "system:crm", WANG_FANG, "--json", *more)
    )
    return made


def listed() -> list[dict[str, Any]]:
    keys: list[dict[str, Any]] = json.loads(fine("keys", "list", "--json"))
    return keys


# --- keys


def test_a_secret_is_shown_once_and_opens() -> None:
    made = added("--scope", "read", "--scope", "register", "--days", "30")
    secret = read_secret(made["secret"])
    assert secret is not None
    assert secret.id == made["id"]
    [key] = listed()
    assert (key["scopes"], key["stands"], key["created_by"]) == (["read", "register"], "valid", "wang.fang")
    for page in (fine("keys", "list"), fine("keys", "list", "--json")):
        assert made["id"] in page
        assert made["secret"] not in page


def test_a_rotation_keeps_the_id_and_changes_the_secret(engine: Engine) -> None:
    first = added()
    second = json.loads(fine("keys", "rotate", first["id"], "--grace", "2", WANG_FANG, "--json"))
    assert second["id"] == first["id"]
    assert second["secret"] != first["secret"]
    digests = Digests([keys_of(engine).secret("access")])
    with engine.connect() as connection:
        kept = connection.execute(text("SELECT digest, former_digest FROM api_keys")).one()
    for made, digest in zip((second, first), kept, strict=True):
        secret = read_secret(made["secret"])
        assert secret is not None
        assert digests.match(secret, digest)


def test_a_revoked_key_stays_revoked() -> None:
    made = added()
    fine("keys", "revoke", made["id"], WANG_FANG)
    assert [key["stands"] for key in listed()] == ["revoked"]
    code, _, err = said("keys", "rotate", made["id"], WANG_FANG)
    assert (code, "revoked for good" in err) == (Exit.REFUSED, True)


@pytest.mark.parametrize("role", ["handler", "lead", "auditor", "executive", "system"])
def test_keys_are_managed_by_the_customer_service_department_alone(role: str) -> None:
    made = added()
    for arguments in (
        ("keys", "add", "x", "--for", "system:crm"),
        ("keys", "rotate", made["id"]),
        ("keys", "revoke", made["id"]),
    ):
        code, _, err = said(*arguments, f"--as={role}:somebody")
        assert (code, "customer_service" in err) == (Exit.REFUSED, True)


def test_nobody_is_an_auditor_and_something_else_by_two_keys() -> None:
    fine("keys", "add", "audit", "--for", "auditor:zhou.ping", WANG_FANG)
    code, _, err = said("keys", "add", "work", "--for", "handler:zhou.ping@billing", WANG_FANG)
    assert (code, "auditor and handler" in err) == (Exit.REFUSED, True)


@pytest.mark.parametrize("whom", ["system:redress", "system:The-CRM", "gardener:x", "crm"])
def test_a_key_acts_for_somebody_whom_complaints_can_name(whom: str) -> None:
    assert said("keys", "add", "x", "--for", whom, WANG_FANG)[0] == Exit.MALFORMED


def test_unknown_keys_and_rights_are_named() -> None:
    assert said("keys", "revoke", "nonesuch", WANG_FANG)[0] == Exit.NOT_FOUND
    code, _, err = said("keys", "add", "x", "--for", "system:crm", "--scope", "everything", WANG_FANG)
    assert (code, "read, search" in err) == (Exit.MALFORMED, True)


# --- the development login


def test_a_token_says_who_and_how_long(tmp_path: Path) -> None:
    (tmp_path / "redress").mkdir()
    make_key(tmp_path / "redress" / "dev-login.key")
    token = take_apart(fine("token", "--as", "handler:li.wei@billing").strip())
    assert (token.algorithm, token.issuer) == ("Ed25519", "redress-dev")


def test_without_an_embedded_stack_there_are_no_tokens() -> None:
    code, _, err = said("token", "--as", "handler:li.wei@billing")
    assert (code, "redress keys add" in err) == (Exit.AWAY, True)


# --- whoever is named is held to the table


@pytest.fixture
def number(engine: Engine) -> str:
    """A complaint of billing."""
    write(engine, *eventful().batches)
    return eventful().state.number


ELSEWHERE = "handler:qian.li@payroll"
AT_HOME = "handler:qian.li@billing"


def test_what_somebody_may_not_see_is_not_there_for_them(
    number: str, surroundings: pytest.MonkeyPatch
) -> None:
    for who, code in ((ELSEWHERE, Exit.NOT_FOUND), (AT_HOME, 0), ("auditor:zhou.ping", 0), ("", 0)):
        surroundings.setenv("REDRESS_AS", who)
        for command in (
            ("show",),
            ("explain",),
            ("similar",),
            ("scores", "--case"),
            ("verify", "--without-workflow"),
        ):
            ended, _, err = said(*command, number)
            assert ended == code, (who, command, err)
            assert not code or "no complaint" in err


def test_lists_hold_what_whoever_is_named_may_see(number: str, surroundings: pytest.MonkeyPatch) -> None:
    for who, sees in ((ELSEWHERE, False), (AT_HOME, True), ("system:payroll", False), ("", True)):
        surroundings.setenv("REDRESS_AS", who)
        for command in (("list",), ("escalations",), ("outbox",), ("search", "电费")):
            assert (number in fine(*command, "--json")) is sees, (who, command)
        assert bool(json.loads(fine("scores", "--json"))["scores"]) is sees


def test_whoever_is_asked_sees_it_though_it_is_not_theirs(
    number: str, surroundings: pytest.MonkeyPatch
) -> None:
    asked = next(iter(eventful().state.verifications.values())).department
    surroundings.setenv("REDRESS_AS", f"handler:qian.li@{asked}")
    assert number in fine("list", "--json")


def test_nobody_acts_on_what_they_may_not_see_and_an_auditor_on_nothing(number: str) -> None:
    note = ("do", number, "add-note", "--json", '{"text": "x"}')
    code, _, err = said(*note, f"--as={ELSEWHERE}")
    assert (code, "no complaint" in err) == (Exit.NOT_FOUND, True)
    code, _, err = said(*note, "--as=auditor:zhou.ping")
    assert (code, "act is for" in err) == (Exit.REFUSED, True)


def test_an_incident_is_answered_by_whoever_may_act_on_all_of_it(number: str, engine: Engine) -> None:
    with engine.begin() as connection:
        connection.execute(
            text("UPDATE complaints SET incident = 'incident.flood' WHERE number = :number"),
            {"number": number},
        )
    news = ("--json", '{"channel": "phone", "message": "Power is back."}')
    answer = ("incident", "answer", "incident.flood", *news)
    code, _, err = said(*answer, f"--as={ELSEWHERE}")
    assert (code, "1 complaints of incident.flood are for others" in err) == (Exit.REFUSED, True)
    assert said(*answer, f"--as={AT_HOME}")[0] == Exit.AWAY  # let on, to a Temporal that is not there


def test_a_system_starts_what_is_its_own(tmp_path: Path) -> None:
    form = {
        "source": "hotline", "reference": "1", "channel": "phone", "customer": {"name": "王秀英"},
        "category": "billing", "description": "三月电费比上月多了三倍。",
    }  # fmt: skip
    file = tmp_path / "complaint.json"
    file.write_text(json.dumps(form))
    code, _, err = said("start", str(file), "--as=system:crm")
    assert (code, "register" in err) == (Exit.REFUSED, True)


def test_who_works_here_is_written_by_the_customer_service_department(tmp_path: Path) -> None:
    code, _, err = said("org", "import", str(tmp_path / "org.yaml"), "--as=handler:li.wei")
    assert (code, "write_org is for customer_service" in err) == (Exit.REFUSED, True)
