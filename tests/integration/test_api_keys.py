"""API keys on a real PostgreSQL: what opens, what no longer does, and what goes on while the database is away."""

from __future__ import annotations

import string
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio
from sqlalchemy import Engine, text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.access import key_ring
from api.access.guard import Guard
from api.access.key_ring import KeyRing
from api.access.limits import Limit
from api.access.secret import Digests, Secret, make_secret, read_secret
from api.access.settings import load_access
from complaints.permissions import Right
from complaints.vocabulary import Actor, Role
from db import api_keys
from db.api_keys import ApiKey
from db.engine import make_engine
from tests.eventually import eventually
from tests.integration.door import bearer, calls, make_app

DIGESTS = Digests([bytes(range(32))])
NOW = datetime(2026, 3, 2, 9, tzinfo=UTC)
DAY = timedelta(days=1)


class Clocks:
    """Both clocks of the key ring, pushed together."""

    def __init__(self) -> None:
        self.passed = timedelta()

    def push(self, span: timedelta) -> None:
        self.passed += span

    def monotonic(self) -> float:
        return 1000 + self.passed.total_seconds()

    def now(self) -> datetime:
        return NOW + self.passed


@pytest.fixture
def clocks() -> Clocks:
    return Clocks()


@pytest.fixture
def guard(engine: Engine, clocks: Clocks) -> Guard:
    return guard_on(engine, clocks)


def guard_on(engine: Engine, clocks: Clocks, *, failures: int = 1000) -> Guard:
    ring = KeyRing(engine, DIGESTS, clock=clocks.monotonic, now=clocks.now)
    return Guard(
        ring,
        None,
        None,
        Limit(50, clock=clocks.monotonic),
        Limit(failures, clock=clocks.monotonic),
        clocks.monotonic,
    )


@pytest_asyncio.fixture(loop_scope="session")
async def client(guard: Guard) -> AsyncIterator[httpx.AsyncClient]:
    async with calls(make_app(guard)) as client:
        yield client
    await guard.close()


def added(engine: Engine, **other: Any) -> Secret:
    secret = make_secret()
    fields: dict[str, Any] = {
        "id": secret.id,
        "name": "the CRM",
        "actor": Actor(id="crm", role=Role.SYSTEM),
        "scopes": None,
        "created_at": NOW - DAY,
        "created_by": "wang.fang",
        "expires_at": NOW + 90 * DAY,
        **other,
    }
    with Session(engine) as session:
        api_keys.add(session, ApiKey(**fields), DIGESTS.of(secret))
        session.commit()
    return secret


async def asked(client: httpx.AsyncClient, secret: Secret | str, path: str = "/v1/me") -> httpx.Response:
    return await client.get(path, headers=bearer(secret if isinstance(secret, str) else secret.text))


# --- coming in


async def test_a_system_comes_in_by_its_key_in_either_header(
    client: httpx.AsyncClient, engine: Engine
) -> None:
    secret = added(engine)
    by_bearer = await asked(client, secret)
    by_header = await client.get("/v1/me", headers={"X-API-Key": secret.text})
    assert by_bearer.json() == by_header.json()
    assert by_bearer.json() == {"id": "crm", "role": "system", "department": None, "via": f"key:{secret.id}"}


async def test_only_the_whole_and_right_key_opens(client: httpx.AsyncClient, engine: Engine) -> None:
    secret, other = added(engine), make_secret()
    same_id = make_secret(secret.id)
    for wrong in (
        other.text,
        same_id.text,
        secret.text[:-1],
        secret.text.upper(),
        f"{secret.text}x",
        "rk_",
        "rk__",
    ):
        answer = await asked(client, wrong)
        assert answer.status_code == 401
        assert wrong not in answer.text or len(wrong) < 5


async def test_a_typing_error_is_told_from_an_unknown_key_without_asking_the_database() -> None:
    secret = make_secret()
    for place in range(len(secret.text)):
        for letter in ("0", "a", "Z"):
            typed = secret.text[:place] + letter + secret.text[place + 1 :]
            assert typed == secret.text or read_secret(typed) is None


async def test_keys_are_long_all_different_and_easy_to_scan_for() -> None:
    made = [make_secret() for _ in range(200)]
    assert len({each.id for each in made} | {each.text for each in made}) == 400
    for each in made:
        prefix, id_, rest = each.text.split("_")
        assert (prefix, len(id_), len(rest)) == ("rk", 12, 49)
        assert set(rest) <= set(string.ascii_letters + string.digits)
    assert made[0].text not in repr(made[0])


async def test_nothing_on_record_is_the_secret(engine: Engine) -> None:
    secret = added(engine)
    with engine.connect() as connection:
        row = str(connection.execute(text("SELECT to_jsonb(api_keys) FROM api_keys")).scalar_one())
    assert secret.id in row
    assert secret.text not in row
    assert secret.text.rpartition("_")[2] not in row


async def test_another_encryption_key_recognises_nothing_and_a_former_one_still_does() -> None:
    secret = make_secret()
    digest = DIGESTS.of(secret)
    assert not Digests([bytes(32)]).match(secret, digest)
    assert Digests([bytes(32), bytes(range(32))]).match(secret, digest)


# --- what it may do


async def test_a_keys_scopes_are_the_most_it_may_do(client: httpx.AsyncClient, engine: Engine) -> None:
    desk = Actor(id="wang.fang", role=Role.CUSTOMER_SERVICE)
    everything = added(engine, actor=desk)
    reading = added(engine, actor=desk, scopes=frozenset({Right.READ}))
    assert (await asked(client, everything, "/v1/keys")).status_code == 200
    refused = await asked(client, reading, "/v1/keys")
    assert (refused.status_code, refused.json()["possible"]) == (403, ["read"])


async def test_a_right_that_the_role_has_not_is_refused_and_says_who_has_it(
    client: httpx.AsyncClient, engine: Engine
) -> None:
    refused = await asked(client, added(engine), "/v1/keys")
    assert (refused.status_code, refused.json()["possible"]) == (403, ["customer_service"])


async def test_a_key_acts_in_its_own_role_alone(client: httpx.AsyncClient, engine: Engine) -> None:
    secret = added(engine)
    for role, code in (("system", 200), ("lead", 403)):
        answer = await client.get("/v1/me", headers=bearer(secret.text, **{"Redress-Role": role}))
        assert answer.status_code == code


# --- its life


async def test_an_expired_key_opens_nothing(
    client: httpx.AsyncClient, engine: Engine, clocks: Clocks
) -> None:
    secret = added(engine, expires_at=NOW + DAY)
    assert (await asked(client, secret)).status_code == 200
    clocks.push(DAY)
    assert (await asked(client, secret)).status_code == 401


async def test_a_revocation_takes_effect_within_a_quarter_of_a_minute(
    client: httpx.AsyncClient, engine: Engine, clocks: Clocks
) -> None:
    secret = added(engine)
    assert (await asked(client, secret)).status_code == 200
    with Session(engine) as session:
        assert api_keys.revoke(session, secret.id, at=NOW, by="wang.fang")
        session.commit()
    clocks.push(timedelta(seconds=key_ring.FRESH_SECONDS))
    assert (await asked(client, secret)).status_code == 401


async def test_after_a_rotation_both_secrets_open_for_a_while_and_then_the_new_one_alone(
    client: httpx.AsyncClient, engine: Engine, clocks: Clocks
) -> None:
    old = added(engine)
    new = make_secret(old.id)
    with Session(engine) as session:
        assert api_keys.rotate(
            session, old.id, DIGESTS.of(new), former_until=NOW + DAY, expires_at=NOW + 365 * DAY
        )
        session.commit()
    assert [(await asked(client, each)).status_code for each in (old, new)] == [200, 200]
    clocks.push(DAY)
    assert [(await asked(client, each)).status_code for each in (old, new)] == [401, 200]


async def test_a_revoked_key_is_not_rotated_and_remembers_who_revoked_it(engine: Engine) -> None:
    secret = added(engine)
    with Session(engine) as session:
        api_keys.revoke(session, secret.id, at=NOW, by="wang.fang")
        api_keys.revoke(session, secret.id, at=NOW + DAY, by="li.wei")
        assert not api_keys.rotate(session, secret.id, bytes(32), former_until=NOW, expires_at=NOW + DAY)
        kept = api_keys.find(session, secret.id)
    assert kept is not None
    assert (kept.key.revoked_at, kept.key.revoked_by) == (NOW, "wang.fang")


async def test_the_engine_itself_has_no_key(engine: Engine) -> None:
    with pytest.raises(IntegrityError, match="somebody_else_than_the_engine"):
        added(engine, actor=Actor(id="redress", role=Role.SYSTEM))


async def test_last_use_is_written_once_a_minute(
    client: httpx.AsyncClient, engine: Engine, clocks: Clocks, guard: Guard
) -> None:
    secret = added(engine)

    async def used_at(expected: datetime) -> None:
        with Session(engine) as session:
            kept = api_keys.find(session, secret.id)
        assert kept is not None
        assert kept.key.last_used_at == expected

    await asked(client, secret)
    await eventually(lambda: used_at(NOW))
    clocks.push(timedelta(seconds=59))
    await asked(client, secret)
    await guard.keys.close()
    await used_at(NOW)
    clocks.push(timedelta(seconds=1))
    await asked(client, secret)
    await eventually(lambda: used_at(NOW + timedelta(minutes=1)))


# --- without PostgreSQL


async def test_known_keys_open_for_a_minute_while_postgres_is_away(engine: Engine, clocks: Clocks) -> None:
    secret, unused = added(engine), added(engine)
    guard = guard_on(engine, clocks)
    async with calls(make_app(guard)) as client:
        assert (await asked(client, secret)).status_code == 200
        await guard.keys.close()
        guard.keys._engine = make_engine("postgresql://nobody@127.0.0.1:1/nothing")
        clocks.push(timedelta(seconds=59))
        assert (await asked(client, secret)).status_code == 200
        assert (await asked(client, unused)).status_code == 503
        clocks.push(timedelta(seconds=1))
        assert (await asked(client, secret)).status_code == 503
        guard.keys._engine = engine
        clocks.push(timedelta(seconds=2))
        assert (await asked(client, secret)).status_code == 200
    await guard.close()


# --- limits


async def test_each_key_has_a_limit_of_its_own_and_is_told_what_is_left(
    client: httpx.AsyncClient, engine: Engine, clocks: Clocks
) -> None:
    busy, quiet = added(engine), added(engine, actor=Actor(id="hotline", role=Role.SYSTEM))
    answers = [await asked(client, busy) for _ in range(51)]
    assert [each.status_code for each in answers] == [200] * 50 + [429]
    assert [answers[0].headers[f"RateLimit-{name}"] for name in ("Limit", "Remaining")] == ["50", "49"]
    assert answers[-1].headers["Retry-After"] == "60"
    assert answers[-1].headers["RateLimit-Remaining"] == "0"
    assert (await asked(client, quiet)).status_code == 200
    clocks.push(timedelta(minutes=1))
    assert (await asked(client, busy)).status_code == 200


async def test_an_address_that_keeps_failing_has_to_wait_and_others_have_not(
    engine: Engine, clocks: Clocks
) -> None:
    known, fresh = added(engine), added(engine)
    app = make_app(guard_on(engine, clocks, failures=5))
    async with calls(app) as there, calls(app, "198.51.100.7") as elsewhere:
        assert (await asked(there, known)).status_code == 200
        codes = [(await asked(there, make_secret())).status_code for _ in range(6)]
        assert codes == [401] * 5 + [429]
        assert (await asked(there, fresh)).status_code == 429
        assert (await asked(there, known)).status_code == 200  # a colleague behind the same address works on
        assert (await asked(elsewhere, fresh)).status_code == 200
        clocks.push(timedelta(minutes=1))
        assert (await asked(there, fresh)).status_code == 200
    await app.state.guard.close()


# --- every answer


async def test_every_answer_has_the_secure_headers(client: httpx.AsyncClient, engine: Engine) -> None:
    for answer in (
        await asked(client, added(engine)),
        await client.get("/v1/me"),
        await client.get("/nowhere"),
    ):
        assert answer.headers["X-Content-Type-Options"] == "nosniff"
        assert "frame-ancestors 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert "Strict-Transport-Security" not in answer.headers
        assert ("no-store" in answer.headers.get("Cache-Control", "")) is answer.url.path.startswith("/v1")
        assert "Access-Control-Allow-Origin" not in answer.headers


async def test_behind_https_browsers_are_told_to_stay_there(client: httpx.AsyncClient) -> None:
    answer = await client.get("https://redress.example/v1/me")
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"


async def test_pages_of_other_origins_may_ask_only_if_they_are_named(guard: Guard) -> None:
    app = make_app(guard, load_access(cors_origins="https://desk.example, https://hall.example:8443"))
    asking = {"Access-Control-Request-Method": "GET", "Access-Control-Request-Headers": "authorization"}
    async with calls(app) as client:
        for origin, allowed in (
            ("https://desk.example", True),
            ("https://hall.example:8443", True),
            ("https://desk.example.evil.example", False),
            ("http://desk.example", False),
            ("null", False),
        ):
            before = await client.options("/v1/me", headers={"Origin": origin, **asking})
            answer = await client.get("/v1/me", headers={"Origin": origin})
            for each in (before, answer):
                assert each.headers.get("Access-Control-Allow-Origin") == (origin if allowed else None)
                assert "Access-Control-Allow-Credentials" not in each.headers
                assert each.headers["X-Content-Type-Options"] == "nosniff"


async def test_unless_pages_are_named_none_may_ask(client: httpx.AsyncClient) -> None:
    answer = await client.get("/v1/me", headers={"Origin": "https://desk.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers
